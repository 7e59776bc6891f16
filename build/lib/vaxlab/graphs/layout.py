"""Where the variables of a graph stand: causes above their effects, long edges led around."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import networkx as nx

Point = tuple[float, float]

COLUMNS = 5
_BEND_WIDTH = 0.25
"""What an edge that passes a row takes of it; a variable takes 1."""
_SWEEPS = 8
_PULL = 0.75
"""Below 1, what hangs together loosely draws near to the middle instead of drifting apart."""


@dataclass(frozen=True)
class Layout:
    """Places in slots across (0 in the middle) and rows down.

    Attributes
    ----------
    places : dict
        Variable: its place.
    bends : dict
        Edge that passes rows: a place between other variables in each of them.
    width : float
        Slots of the widest row.
    height : int
        Number of rows.
    """

    places: dict[str, Point]
    bends: dict[tuple[str, str], list[Point]]
    width: float
    height: int


def layered(graph: nx.DiGraph, columns: int = COLUMNS) -> Layout:
    """Lay out a graph without cycles in rows, each cause above its effects (Sugiyama's method).

    Parameters
    ----------
    columns : int
        So many variables stand in a row at the most; longer rows are broken.
    """
    alone = list(nx.isolates(graph))
    rows = _broken(_layers(graph), columns)
    row_of = {node: k for k, row in enumerate(rows) for node in row}
    over: dict[object, list] = {}
    under: dict[object, list] = {}
    passing = {}
    for edge in graph.edges:
        passing[edge] = [(edge, k) for k in range(row_of[edge[0]] + 1, row_of[edge[1]])]
        for _, k in passing[edge]:
            rows[k].append((edge, k))
        for a, b in itertools.pairwise([edge[0], *passing[edge], edge[1]]):
            under.setdefault(a, []).append(b)
            over.setdefault(b, []).append(a)
    x = {item: k - (len(row) - 1) / 2 for row in rows for k, item in enumerate(row)}
    for _ in range(_SWEEPS):
        for neighbours, order in ((over, rows), (under, rows[::-1])):
            for row in order:
                _place(row, neighbours, x)
    left = min((x[item] - _half(item) for item in x), default=0.0)
    right = max((x[item] + _half(item) for item in x), default=0.0)
    x = {item: at - (left + right) / 2 for item, at in x.items()}
    for row in _broken([alone], columns):
        x.update((node, k - (len(row) - 1) / 2) for k, node in enumerate(row))
        row_of.update(dict.fromkeys(row, len(rows)))
        rows.append(row)
    return Layout(
        places={node: (round(x[node], 3), row_of[node]) for node in graph},
        bends={e: [(round(x[b], 3), b[1]) for b in by] for e, by in passing.items() if by},
        width=max(right - left, min(len(alone), columns)),
        height=len(rows),
    )


def _broken(layers: list[list[str]], columns: int) -> list[list]:
    """Break the layers that are too long for a row into several rows of about one length."""
    rows = []
    for layer in filter(None, layers):
        number = -(-len(layer) // columns)
        length = -(-len(layer) // number)
        rows += [layer[k : k + length] for k in range(0, len(layer), length)]
    return rows


def _layers(graph: nx.DiGraph) -> list[list[str]]:
    """Return the variables that have edges, by the longest way to them."""
    joined = [node for node in graph if graph.degree(node)]
    level = {n: k for k, layer in enumerate(nx.topological_generations(graph)) for n in layer}
    for node in joined:
        # A first cause stands right above the first of its effects, not at the top of the page.
        if not graph.in_degree(node):
            level[node] = min(level[effect] for effect in graph[node]) - 1
    layers: dict[int, list[str]] = {}
    for node in joined:
        layers.setdefault(level[node], []).append(node)
    return [layers[k] for k in sorted(layers)]


def _half(item: object) -> float:
    return (_BEND_WIDTH if isinstance(item, tuple) else 1.0) / 2


def _place(row: list, neighbours: dict[object, list], x: dict[object, float]) -> None:
    """Sort a row by the mean place of what its items hang on, and move them there, side by side."""
    wish = {}
    for item in row:
        near = neighbours.get(item)
        wish[item] = _PULL * (sum(x[n] for n in near) / len(near) if near else x[item])
    row.sort(key=lambda item: (wish[item], x[item]))
    for before, item in itertools.pairwise([None, *row]):
        least = -float("inf") if before is None else x[before] + _half(before) + _half(item)
        x[item] = max(wish[item], least)
    shift = sum(wish[item] - x[item] for item in row) / len(row)
    for item in row:
        x[item] += shift
