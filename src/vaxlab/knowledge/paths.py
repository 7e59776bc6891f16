"""Short paths between two nodes, and what their sentences say for and against each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vaxlab.knowledge.atlas import Atlas

MOST_PATHS, MOST_LOOKS = 1000, 4000
"""So many paths are counted, and so many nodes looked around from, before the search ends."""
LONGEST = 4
BEST, WORST = 12, 8
"""Of many paths so many are shown: who saw the best ones alone would find any theory confirmed."""
HELD, OPEN, DENIED = "held", "open", "denied"


@dataclass(frozen=True)
class Step:
    """One step of a path: two nodes, and all that joins them.

    Attributes
    ----------
    edges : tuple of int
        Numbers of the edges, the best-evidenced first.
    counts : tuple of int
        Sentences for, against and unsure.
    verdict : str
        ``denied`` where more sentences speak against it than for it; ``held`` where more speak for
        it, or a curated source lists it and none speaks against it; else ``open``.
    """

    edges: tuple[int, ...]
    counts: tuple[int, int, int]
    verdict: str

    @property
    def net(self) -> int:
        """Sentences for, less those against."""
        return self.counts[0] - self.counts[1]


@dataclass(frozen=True)
class Path:
    """A way from one node to another; no node stands twice on it."""

    nodes: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def verdict(self) -> str:
        """``denied`` if a step is, ``held`` if all steps are, else ``open``."""
        verdicts = {step.verdict for step in self.steps}
        if DENIED in verdicts:
            return DENIED
        return HELD if verdicts == {HELD} else OPEN

    @property
    def weakest(self) -> int:
        """Sentences for less those against, of the weakest step."""
        return min(step.net for step in self.steps)


@dataclass(frozen=True)
class Paths:
    """All short paths between two nodes, the best first.

    Attributes
    ----------
    paths : list of Path
        Shorter ones first, then those whose weakest step is the strongest.
    is_complete : bool
        Whether all were looked at; else there are too many of them.
    """

    paths: list[Path]
    is_complete: bool

    def shown(self) -> list[Path]:
        """Return the paths, or of many the best ones and then those that speak most against."""
        if len(self.paths) <= BEST + WORST:
            return self.paths
        rest = sorted(self.paths[BEST:], key=lambda path: path.weakest)
        return self.paths[:BEST] + rest[:WORST]

    def tally(self, atlas: Atlas) -> tuple[int, int, int]:
        """Return the sentences for, against and unsure of all steps, each counted once."""
        edges = sorted({e for path in self.paths for step in path.steps for e in step.edges})
        return tuple(int(n) for n in atlas.counts[:, edges].sum(axis=1))


def paths_between(atlas: Atlas, a: int, b: int, longest: int, allowed: np.ndarray) -> Paths:
    """Find the paths of up to so many steps, whichever way the edges point.

    Parameters
    ----------
    atlas : Atlas
    a, b : int
        Two different nodes.
    longest : int
        Steps at the most.
    allowed : ndarray of bool, (E,)
        Edges that may be used.
    """
    search = _Search(atlas, b, longest, allowed)
    found, is_complete = [], True
    for nodes in search.ways(a):
        if nodes is None or len(found) == MOST_PATHS:
            is_complete = False
            break
        found.append(nodes)
    steps = {}
    paths = []
    for nodes in found:
        pairs = list(zip(nodes, nodes[1:], strict=False))
        for pair in pairs:
            if pair not in steps:
                steps[pair] = step_between(atlas, *pair, allowed)
        paths.append(Path(nodes, tuple(steps[pair] for pair in pairs)))
    paths.sort(key=lambda path: (len(path.steps), -path.weakest))
    return Paths(paths, is_complete)


def step_between(atlas: Atlas, a: int, b: int, allowed: np.ndarray) -> Step:
    """Return what joins two neighbours."""
    edges = atlas.between(a, b, allowed)
    counts = tuple(int(n) for n in atlas.counts[:, edges].sum(axis=1))
    is_listed = "curated" in atlas.sources and bool(
        atlas.from_source[atlas.sources.index("curated"), edges].any()
    )
    if counts[1] > counts[0]:
        verdict = DENIED
    elif counts[0] > counts[1] or (is_listed and not counts[1]):
        verdict = HELD
    else:
        verdict = OPEN
    return Step(tuple(int(e) for e in edges), counts, verdict)


class _Search:
    """Looks for ways to one node, and only where the node is near enough."""

    def __init__(self, atlas: Atlas, goal: int, longest: int, allowed: np.ndarray) -> None:
        self._atlas, self._goal, self._longest, self._allowed = atlas, goal, longest, allowed
        self._looks = 0
        self._near: dict[int, np.ndarray] = {}
        head, tail = atlas.head[allowed], atlas.tail[allowed]
        self._distance = np.full(len(atlas.ids), longest + 1)
        self._distance[goal] = 0
        for steps in range(1, longest + 1):
            for a, b in ((head, tail), (tail, head)):
                reached = b[self._distance[a] == steps - 1]
                self._distance[reached] = np.minimum(self._distance[reached], steps)

    def ways(self, start: int) -> Iterator[tuple[int, ...] | None]:
        """Yield the ways, shorter ones first; None when the search has lasted too long."""
        for length in range(int(self._distance[start]), self._longest + 1):
            yield from self._ways((start,), length)

    def _ways(self, way: tuple[int, ...], left: int) -> Iterator[tuple[int, ...] | None]:
        if left == 1:
            if self._distance[way[-1]] == 1:
                yield (*way, self._goal)
            return
        if way[-1] not in self._near:
            self._near[way[-1]] = self._atlas.neighbours(way[-1], self._allowed)
        self._looks += 1
        if self._looks > MOST_LOOKS:
            yield None
            return
        near = self._near[way[-1]]
        for node in near[self._distance[near] < left].tolist():
            if node != self._goal and node not in way:
                yield from self._ways((*way, node), left - 1)
