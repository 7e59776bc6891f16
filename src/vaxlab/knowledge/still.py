"""What is shown of a graph as a picture that needs no widget: for graders, print, other pages."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from vaxlab.figures import COLOURS, DASHES, template
from vaxlab.knowledge.atlas import Atlas
from vaxlab.knowledge.view import View

_GREY = "#767676"
_SYMBOLS = (
    *("circle", "square", "diamond", "triangle-up", "hexagon", "star"),
    *("pentagon", "triangle-down", "cross", "hourglass", "bowtie", "x"),
)
_MARGIN = 90.0
"""Room for names at the sides, in the view's own measure."""
_MOST_TOLD = 30


def still(atlas: Atlas, view: View, title: str) -> go.Figure:
    """Draw what is shown: nodes by kind, edges by their first source."""
    figure = go.Figure()
    for source in range(len(atlas.sources)):
        some = [e for e in view.edges if int(atlas.from_source[:, e].argmax()) == source]
        ends = [(view.places[int(atlas.head[e])], view.places[int(atlas.tail[e])]) for e in some]
        figure.add_scatter(
            x=[x for a, b in ends for x in (a[0], b[0], None)],
            y=[y for a, b in ends for y in (a[1], b[1], None)],
            mode="lines",
            name=f"{atlas.sources[source]} edge",
            line={"color": _GREY, "width": 1.5, "dash": DASHES[source % len(DASHES)]},
            hoverinfo="skip",
        )
    for kind, name in enumerate(atlas.kinds):
        some = [node for node in view.nodes if atlas.kind[node] == kind]
        if not some:
            continue
        figure.add_scatter(
            x=[view.places[node][0] for node in some],
            y=[view.places[node][1] for node in some],
            mode="markers+text",
            name=name,
            text=[escape(atlas.names[node]) for node in some],
            textposition="bottom center",
            hovertext=[escape(atlas.label(node)) for node in some],
            hoverinfo="text",
            marker={
                "symbol": _SYMBOLS[kind % len(_SYMBOLS)],
                "color": COLOURS[kind % len(COLOURS)],
                "size": 14,
            },
        )
    across = [x for x, _ in view.places.values()]
    down = [y for _, y in view.places.values()]
    hidden = {"visible": False, "fixedrange": True}
    return figure.update_layout(
        template=template(),
        title=escape(title),
        height=620,
        xaxis=hidden | {"range": [min(across) - _MARGIN, max(across) + _MARGIN]},
        yaxis=hidden | {"range": [max(down) + _MARGIN, min(down) - _MARGIN]},
    )


def words(atlas: Atlas, view: View) -> str:
    """Say in words what is shown, the best-evidenced edges first."""
    told = [atlas.words(e) for e in view.edges[:_MOST_TOLD]]
    rest = len(view.edges) + view.edges_left - len(told)
    if rest:
        told.append(f"and {rest:,} more edges")
    nodes = f"{len(view.nodes)} {'node' if len(view.nodes) == 1 else 'nodes'}"
    return f"{nodes}. {'; '.join(told) or 'No edge is shown'}."
