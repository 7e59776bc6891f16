"""A graph as a picture that needs no widget: for graders, print and other front ends."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape

import networkx as nx
import plotly.graph_objects as go

from vaxlab.errors import CourseError
from vaxlab.figures import VERMILLION, template
from vaxlab.graphs.layout import Layout, Point, layered
from vaxlab.graphs.text import Edge, listed, words

_GREY = "#767676"
_LETTERS = 13
"""So many go on a line of a label."""
_LINE_PX, _GAP_PX = 16, 46
"""Height of a line, and the room for arrows between two rows."""
_LEAST_WIDTH = 4.0
"""Slots across, so that a chain of variables is not drawn in boxes as wide as the page."""
_HALF_BOX = 0.44
"""Half a box, in slots."""


def picture(
    graph: nx.DiGraph, *, title: str = "", highlighted: Collection[str | Edge] = ()
) -> tuple[go.Figure, str]:
    """Draw a graph without cycles in layers, each cause above its effects.

    Parameters
    ----------
    graph : networkx.DiGraph
        Such as `read` returns.
    title : str
        Of the figure.
    highlighted : collection of str or (str, str)
        Variables and edges that are drawn thicker, and named in the sentence.

    Returns
    -------
    Figure, str
        And the sentence that says in words what it shows, for `vaxlab.figures.show`.

    Raises
    ------
    CourseError
        The graph has a cycle, or lacks what should be highlighted.
    """
    if not nx.is_directed_acyclic_graph(graph):
        cycle = [edge[0] for edge in nx.find_cycle(graph)]
        raise CourseError(
            f"This graph has a cycle, {' → '.join(map(str, [*cycle, cycle[0]]))}, so no cause can "
            "stand above its effect. Take one of these edges away."
        )
    marked = _marked(graph, highlighted)
    layout = layered(graph)
    labels = {node: _wrapped(str(node)) for node in graph}
    box_px = _LINE_PX * max((len(lines) for lines in labels.values()), default=1) + 12
    row_px = box_px + _GAP_PX
    half = box_px / row_px / 2
    figure = go.Figure()
    _draw_edges(figure, _lines(graph, layout, half), marked)
    for node, (x, y) in layout.places.items():
        is_marked = node in marked
        figure.add_shape(
            type="rect",
            x0=x - _HALF_BOX,
            x1=x + _HALF_BOX,
            y0=y - half,
            y1=y + half,
            line={"color": VERMILLION if is_marked else _GREY, "width": 4 if is_marked else 1.5},
        )
        text = "<br>".join(map(escape, labels[node]))
        figure.add_annotation(
            x=x, y=y, text=f"<b>{text}</b>" if is_marked else text, showarrow=False, font_size=12
        )
    across = max(layout.width, _LEAST_WIDTH) / 2
    top = 50 if title else 10
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        template=template(),
        title=escape(title) or None,
        height=max(layout.height, 1) * row_px + top + 10,
        autosize=True,
        showlegend=False,
        margin={"l": 5, "r": 5, "t": top, "b": 10},
        xaxis=hidden | {"range": [-across, across]},
        yaxis=hidden | {"range": [max(layout.height, 1) - 0.5, -0.5]},
    )
    said = words(graph)
    if marked:
        names = [item if item in graph else " → ".join(map(str, item)) for item in marked]
        said += f" Highlighted: {listed(names)}."
    return figure, said


def _marked(graph: nx.DiGraph, highlighted: Collection[str | Edge]) -> list[str | Edge]:
    """Return what is highlighted, each a variable or an edge of the graph."""
    items = [highlighted] if isinstance(highlighted, str) else list(highlighted)
    marked = [tuple(item) if isinstance(item, list) else item for item in items]
    for item in marked:
        if item not in [*graph, *graph.edges]:
            raise CourseError(
                f"{item!r} cannot be highlighted: it is neither a variable nor an edge of this "
                'graph. An edge is written ("cause", "effect").'
            )
    return marked


def _wrapped(name: str) -> list[str]:
    """Break a name into lines: at blanks, and behind the joints of names like ``glucose_24h``."""
    lines = [""]
    for part in re.findall(rf"\s*[^\s_/-]{{0,{_LETTERS - 1}}}(?:[_/-]|[^\s_/-]|$)", name):
        if lines[-1] and len(lines[-1] + part) > _LETTERS:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return lines


def _lines(graph: nx.DiGraph, layout: Layout, half: float) -> dict[Edge, list[Point]]:
    """Return the way of each edge, from under its cause to above its effect.

    Edges that meet at a box meet it side by side, in the order in which they come.
    """
    ways = {}
    for edge in graph.edges:
        # Straight down beside the boxes of each row that it passes.
        by = [(x, y + side) for x, y in layout.bends.get(edge, []) for side in (-half, half)]
        ways[edge] = [layout.places[edge[0]], *by, layout.places[edge[1]]]
    for node, (x, y) in layout.places.items():
        out = sorted(graph.out_edges(node), key=lambda e: ways[e][1][0])
        into = sorted(graph.in_edges(node), key=lambda e: ways[e][-2][0])
        for edges, end, height in ((out, 0, y + half), (into, -1, y - half)):
            step = min(0.16, 1.4 * _HALF_BOX / max(len(edges), 1))
            for k, edge in enumerate(edges):
                ways[edge][end] = (x + (k - (len(edges) - 1) / 2) * step, height)
    return ways


def _draw_edges(figure: go.Figure, ways: dict[Edge, list[Point]], marked: list[str | Edge]) -> None:
    """Draw all plain edges as one line, and all highlighted ones as another."""
    for is_marked in (False, True):
        points = [
            point
            for edge, way in ways.items()
            if (edge in marked) is is_marked
            for point in [*((*p, 0) for p in way[:-1]), (*way[-1], 14), (None, None, 0)]
        ]
        if points:
            colour = VERMILLION if is_marked else _GREY
            x, y, size = zip(*points, strict=True)
            figure.add_scatter(
                x=x,
                y=y,
                mode="lines+markers",
                line={"color": colour, "width": 4 if is_marked else 1.5},
                marker={
                    "symbol": "arrow",
                    "angleref": "previous",
                    "size": size,
                    "color": colour,
                    "opacity": 1,
                    "line": {"width": 0},
                },
                hoverinfo="skip",
            )
