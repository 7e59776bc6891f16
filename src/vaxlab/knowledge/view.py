"""What of a graph is shown, and where: a neighbourhood in rings, or paths in columns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vaxlab.knowledge.atlas import Atlas
from vaxlab.knowledge.paths import Path

MOST_NODES, MOST_EDGES = 150, 300
"""More than these nobody reads, whatever the computer could draw."""
_ARC, _RING = 84.0, 125.0
"""Room for a node along its ring, and from ring to ring, px."""
_ROWS = 3
"""A crowded ring stands in so many rows, one behind the other."""
_ROW = 58.0
_PULL = 0.6
"""Below 1, branches with few leaves keep some room beside those with many."""
_STRETCH = 1.3
"""Rings are wider than tall, as pages are."""
_COLUMN, _LINE = 150.0, 84.0
_TALLEST = 8
"""A longer column is broken into several, side by side."""

Place = tuple[float, float]


@dataclass(frozen=True)
class View:
    """A part of the graph that fits a page.

    Attributes
    ----------
    nodes : list of int
        In the order in which they came.
    edges : list of int
        Those between them, the best-evidenced first.
    places : dict of int to (float, float)
        Where each node stands, px right and down.
    beyond : dict of int to int
        Node: how many neighbours it has that are not shown, though nothing hides them.
    edges_left : int
        Edges between the nodes shown that are too many to draw.
    """

    nodes: list[int]
    edges: list[int]
    places: dict[int, Place]
    beyond: dict[int, int]
    edges_left: int


def neighbourhood(atlas: Atlas, start: int, opened: Mapping[int, int], allowed: np.ndarray) -> View:
    """Show a node, its neighbours, and those of the neighbours that were opened.

    Parameters
    ----------
    atlas : Atlas
    start : int
        The node in the middle.
    opened : mapping of int to int
        Node to the number of neighbours that it brings along, the best-evidenced ones. One that
        is not shown itself, as its kind is hidden, brings none.
    allowed : ndarray of bool, (E,)
        Edges that are not hidden.
    """
    children: dict[int, list[int]] = {start: []}
    waiting = dict(opened)
    while ready := [node for node in waiting if node in children]:
        at = ready[0]
        room = min(waiting.pop(at), MOST_NODES - len(children))
        new = [n for n in atlas.neighbours(at, allowed).tolist() if n not in children][:room]
        children[at] = new
        children.update((node, []) for node in new)
    return _between(atlas, list(children), allowed, rings(start, children))


def along(atlas: Atlas, paths: Sequence[Path], ends: tuple[int, int], allowed: np.ndarray) -> View:
    """Show the nodes of paths, from the left to the right, and the edges along the paths."""
    places = columns(paths, ends)
    on_path = np.zeros(len(allowed), dtype=bool)
    on_path[[edge for path in paths for step in path.steps for edge in step.edges]] = True
    return _between(atlas, list(places), allowed, places, on_path)


def _between(
    atlas: Atlas,
    nodes: list[int],
    allowed: np.ndarray,
    places: dict[int, Place],
    drawn: np.ndarray | bool = True,
) -> View:
    """Find the edges among some nodes, and count what lies beyond them."""
    is_in = np.zeros(len(atlas.ids), dtype=bool)
    is_in[nodes] = True
    head_in, tail_in = is_in[atlas.head], is_in[atlas.tail]
    inside = np.flatnonzero(allowed & head_in & tail_in & drawn)
    inside = inside[np.argsort(-atlas.rank[inside], kind="stable")]
    leaving = allowed & (head_in != tail_in)
    near = np.where(head_in, atlas.head, atlas.tail)[leaving]
    far = np.where(head_in, atlas.tail, atlas.head)[leaving]
    pairs = np.unique(near.astype(np.int64) * len(atlas.ids) + far)
    beyond = np.bincount(pairs // len(atlas.ids), minlength=len(atlas.ids))
    return View(
        nodes=nodes,
        edges=inside[:MOST_EDGES].tolist(),
        places=places,
        beyond={node: int(beyond[node]) for node in nodes},
        edges_left=max(len(inside) - MOST_EDGES, 0),
    )


# Places -----------------------------------------------------------------------------------------


def rings(start: int, children: Mapping[int, Sequence[int]]) -> dict[int, Place]:
    """Place a tree in rings around its root; a branch with more leaves gets a wider sector.

    Parameters
    ----------
    start : int
        The root.
    children : mapping of int to sequence of int
        Every node to those that it brought along.
    """
    levels = [[start]]
    weight: dict[int, float] = {}
    within: dict[int, float] = {}
    while below := [child for node in levels[-1] for child in children[node]]:
        levels.append(below)
    for level in reversed(levels):
        for node in level:
            within[node] = sum(weight[child] for child in children[node])
            weight[node] = max(within[node], 1.0) ** _PULL
    sector = {start: (-math.pi / 2, 2 * math.pi)}
    places: dict[int, Place] = {start: (0.0, 0.0)}
    radius = 0.0
    for level in levels[:-1]:
        for node in level:
            first, width = sector[node]
            for child in children[node]:
                part = width * weight[child] / within[node]
                sector[child] = (first, part)
                first += part
        ring = [child for node in level for child in children[node]]
        turns = [sector[child][0] + sector[child][1] / 2 for child in ring]
        turns.append(turns[0] + 2 * math.pi)
        tightest = min(b - a for a, b in itertools.pairwise(turns))
        rows = 1
        while rows < _ROWS and _ARC / (tightest * rows) > radius + _RING:
            rows += 1
        radius = max(radius + _RING, _ARC / (tightest * rows))
        for k, child in enumerate(ring):
            out = radius + k % rows * _ROW
            places[child] = (
                round(_STRETCH * out * math.cos(turns[k]), 1),
                round(out * math.sin(turns[k]), 1),
            )
        radius += (rows - 1) * _ROW
    return places


def columns(paths: Sequence[Path], ends: tuple[int, int]) -> dict[int, Place]:
    """Place the nodes of paths in columns, by the first step on which each is met."""
    column = {ends[0]: 0}
    for path in paths:
        for k, node in enumerate(path.nodes):
            column[node] = min(k, column.get(node, k))
    column[ends[1]] = max((len(path.steps) for path in paths), default=2)
    members: dict[int, list[int]] = {}
    for node, k in column.items():
        members.setdefault(k, []).append(node)
    places, right = {}, 0.0
    for k in sorted(members):
        parts = -(-len(members[k]) // _TALLEST)
        for part in range(parts):
            some = members[k][part::parts]
            # Side by side, but half a line lower, so that edges pass between the names.
            down = (part - (parts - 1) / 2) / parts - (len(some) - 1) / 2
            for row, node in enumerate(some):
                places[node] = (right, round(_LINE * (row + down), 1))
            right += _COLUMN if part == parts - 1 else _COLUMN * 0.6
    return places
