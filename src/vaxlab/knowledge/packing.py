"""What the page and the notebook get to see of a graph: plain tables and sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.knowledge.atlas import DIMENSIONS, STANCES, Atlas
from vaxlab.knowledge.paths import BEST, DENIED, HELD, OPEN, WORST, Path, Paths
from vaxlab.knowledge.view import View

_MOST_SENTENCES = 40
"""So many sentences of each stance go to the page; the others are counted."""
_MOST_LETTERS = 600


def view(
    atlas: Atlas,
    shown: View,
    opened: Collection[int],
    hidden: Mapping[str, Collection[str]],
) -> dict[str, Any]:
    """Return what is shown, as the page takes it.

    Nodes are [id, name, kind (number), right, down, neighbours not shown, brought some along];
    edges are [number, head, tail (places in nodes), relation, sources, for, against, unsure].
    """
    place = {node: k for k, node in enumerate(shown.nodes)}
    nodes = [
        [
            *(atlas.ids[node], atlas.names[node], int(atlas.kind[node]), *shown.places[node]),
            *(shown.beyond[node], node in opened),
        ]
        for node in shown.nodes
    ]
    edges = [
        [
            *(e, place[int(atlas.head[e])], place[int(atlas.tail[e])]),
            *(atlas.relations[atlas.relation[e]], sources_of(atlas, e)),
            *atlas.counts[:, e].tolist(),
        ]
        for e in shown.edges
    ]
    return {
        "nodes": nodes,
        "edges": edges,
        "edgesLeft": shown.edges_left,
        "kinds": atlas.kinds,
        "sources": atlas.sources,
        "boxes": {name: _boxes(atlas, shown, name, hidden[name]) for name in DIMENSIONS},
    }


def _boxes(atlas: Atlas, shown: View, dimension: str, hidden: Collection[str]) -> list[list]:
    """Return a box for each value: [value, is on, shown of it, in the whole graph]."""
    here, all_ = _counted(atlas, dimension, shown), _counted(atlas, dimension)
    return [
        [value, value not in hidden, int(here[k]), int(all_[k])]
        for k, value in enumerate(atlas.values(dimension))
    ]


def _counted(atlas: Atlas, dimension: str, shown: View | None = None) -> np.ndarray:
    """Count the nodes of each kind, or the edges of each relation or source."""
    if dimension == "kind":
        kind = atlas.kind if shown is None else atlas.kind[shown.nodes]
        return np.bincount(kind, minlength=len(atlas.kinds))
    edges = slice(None) if shown is None else np.array(shown.edges, dtype=int)
    if dimension == "relation":
        return np.bincount(atlas.relation[edges], minlength=len(atlas.relations))
    return atlas.from_source[:, edges].sum(axis=1)


def sources_of(atlas: Atlas, edge: int) -> list[str]:
    """Return the sources of an edge."""
    return [s for s, has in zip(atlas.sources, atlas.from_source[:, edge], strict=True) if has]


def counted(number: int, word: str) -> str:
    """Return ``1 path``, ``2 paths``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def tally_words(counts: Collection[int]) -> str:
    """Return ``3 for, 1 against, 0 unsure``."""
    return ", ".join(f"{n:,} {stance}" for n, stance in zip(counts, STANCES, strict=True))


def sentences(atlas: Atlas, edge: int) -> dict[str, Any]:
    """Return the sentences of an edge, by stance: document, number, year and text of each."""
    rows = atlas.sentences(edge)
    counts = atlas.counts[:, edge].tolist()
    years = rows["year"] if "year" in rows else pd.Series(pd.NA, index=rows.index)
    groups = {}
    for stance in STANCES:
        some = rows[rows["stance"] == stance].head(_MOST_SENTENCES)
        groups[stance] = [
            {
                "document": str(row.document),
                "sentence": str(row.sentence),
                "year": "" if pd.isna(years[row.Index]) else f"{years[row.Index]:g}",
                "text": _cut(str(row.text)),
            }
            for row in some.itertuples()
        ]
    said = f"{atlas.words(edge)}: sentences {tally_words(counts)}."
    if not sum(counts):
        said = f"{atlas.words(edge)}: no sentence is kept for this edge."
    return {
        "edge": edge,
        "words": atlas.words(edge),
        "sources": sources_of(atlas, edge),
        "counts": counts,
        "groups": groups,
        "said": said,
    }


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]} …"


# Theories ---------------------------------------------------------------------------------------


def in_words(atlas: Atlas, path: Path) -> str:
    """Return a path in words, each step with its relation and the way in which it points."""
    said = atlas.names[path.nodes[0]]
    for a, b, step in zip(path.nodes, path.nodes[1:], path.steps, strict=False):
        edge = step.edges[0]
        relation = atlas.relations[atlas.relation[edge]].replace("_", " ")
        more = f" (+{len(step.edges) - 1})" if len(step.edges) > 1 else ""
        arrow = f"—{relation}{more}→" if atlas.head[edge] == a else f"←{relation}{more}—"
        said += f" {arrow} {atlas.names[b]}"
    return said


def table_of(atlas: Atlas, found: Paths) -> pd.DataFrame:
    """Return one row a path, as `Explorer.theory` says."""
    rows = [
        (
            *(in_words(atlas, path), len(path.steps), path.verdict),
            *(sum(step.counts[k] for step in path.steps) for k in range(len(STANCES))),
        )
        for path in found.paths
    ]
    counts = [f"sentences_{stance}" for stance in STANCES]
    return pd.DataFrame(rows, columns=["path", "steps", "verdict", *counts])


def theory(
    atlas: Atlas, asked: tuple[int, int, int], found: Paths, left_out: str
) -> dict[str, Any]:
    """Return a theory as the page takes it: its ends, its tally in words, and its paths."""
    a, b, longest = asked
    paths = [
        {
            "words": in_words(atlas, path),
            "verdict": path.verdict,
            "steps": [
                {
                    "edges": [[edge, atlas.words(edge)] for edge in step.edges],
                    "tally": tally_words(step.counts),
                    "verdict": step.verdict,
                }
                for step in path.steps
            ],
        }
        for path in found.shown()
    ]
    return {
        "head": atlas.ids[a],
        "tail": atlas.ids[b],
        "labels": [atlas.label(a), atlas.label(b)],
        "longest": longest,
        "paths": paths,
        "said": _told(atlas, asked, found, left_out),
    }


def _told(atlas: Atlas, asked: tuple[int, int, int], found: Paths, left_out: str) -> str:
    """Say how many paths there are, how they stand, and what was not looked at."""
    a, b, longest = asked
    pair = f"{atlas.label(a)} and {atlas.label(b)}"
    hint = f" Hidden meanwhile: {left_out}." if left_out else ""
    if not found.paths:
        return f"No path of up to {counted(longest, 'step')} joins {pair}.{hint}"
    n = len(found.paths)
    verdicts = [path.verdict for path in found.paths]
    standing = ", ".join(f"{verdicts.count(v):,} {v}" for v in (HELD, DENIED, OPEN))
    said = f"{counted(n, 'path')} of up to {counted(longest, 'step')} between {pair}: {standing}."
    if not found.is_complete:
        said = f"There are more paths between {pair} than can be looked at. Of the first {n:,}: "
        said += f"{standing}. Take fewer steps, or shrink the graph, to see all."
    if n > len(found.shown()):
        said += f" Shown are the best {BEST}, and the {WORST} whose weakest step is denied most."
    return f"{said} Sentences of all steps: {tally_words(found.tally(atlas))}.{hint}"
