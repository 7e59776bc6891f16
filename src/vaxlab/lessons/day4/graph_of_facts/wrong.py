"""Wrong answers that people give to day 4, notebook 2, and what to say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.graph_of_facts import material

Rows = list[tuple[str, ...]]


# Ids ------------------------------------------------------------------------------------------


def canonical(table: pd.DataFrame) -> list[tuple[dict[str, str], str]]:
    """Return ids as they come of following mappings wrongly."""
    once = dict(zip(table["alias"], table["entity"], strict=True))
    twice = {alias: once.get(entity, entity) for alias, entity in once.items()}
    turned = {entity: alias for alias, entity in once.items()}
    passed: dict[str, str] = {}
    for alias, entity in once.items():
        passed[alias] = passed.get(entity, entity)
    first = "An entity may be an alias itself, in another row. Go on until there is no further row."
    return [
        (once, f"Followed one step only. {first}"),
        (twice, f"Followed two steps, and there are longer ways. {first}"),
        (passed, f"This depends on the order of the rows. {first}"),
        (turned, "The two columns are turned round: the alias is the key."),
    ]


# Edges ----------------------------------------------------------------------------------------


_EXCHANGED = "The two are exchanged: affirmed speaks for an edge, negated against it."


def dropped(found: pd.DataFrame, table: pd.DataFrame) -> str:
    """Say which columns alone were compared when rows were dropped as standing twice, or nothing.

    Parameters
    ----------
    found : DataFrame
        Counts of an answer, by edge.
    table : DataFrame
        Clean assertions with a source, in the order in which they were given.
    """
    edge = ["head", "relation", "tail"]
    documents = table[["document", "source"]].drop_duplicates()
    for columns, why in (
        (["document", "sentence"], "one sentence may say several things"),
        (["document", *edge], "a document may say the same in several sentences"),
        (edge, "an edge may have many sentences"),
    ):
        for keep in ("first", "last"):
            left = table.drop_duplicates(columns, keep=keep)
            edges = material._edges_from(left.drop(columns="source"), documents)
            edges = edges.set_index(material.EDGE)
            if edges.astype(float).sort_index().equals(found.sort_index()):
                return (
                    f"Rows that share {', '.join(columns)} were dropped, but {why}. Only rows that "
                    "are equal in all columns are one."
                )
    return ""


def counts(table: pd.DataFrame) -> dict[str, list[tuple[pd.Series, str]]]:
    """Return wrong counts of a clean table with a source, by the column that they are for.

    Each is a Series by edge, zeros left out.
    """
    hedged, negated = table["certainty"] == "hedged", table["polarity"] == "negated"
    firm = table[~hedged & ~negated]
    documents = firm.drop_duplicates([*material.EDGE, "document"])

    def size(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby(material.EDGE).size()

    return {
        "n_for": [
            (size(table[~hedged & negated]), _EXCHANGED),
            (size(table), "Each sentence that names the two counts here, also those that deny it."),
            (size(table[~negated]), "A hedged sentence speaks neither for an edge nor against it."),
            (size(table[~hedged]), "Denied sentences count here as well: they speak against it."),
            (size(documents), "These are documents. Count sentences: a document may have several."),
        ],
        "n_against": [
            (size(firm), _EXCHANGED),
            (
                size(table[negated]),
                "What is denied with a hedge ('probably not') is unsure, not against.",
            ),
        ],
        "n_unsure": [
            (
                size(table[hedged & ~negated]),
                "What is denied with a hedge ('probably not') is unsure as well.",
            ),
            (size(table[hedged | negated]), "What is plainly denied counts against the edge."),
        ],
    }


# Scores ---------------------------------------------------------------------------------------

Formula = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _halves(x: np.ndarray) -> np.ndarray:
    return x[:, : x.shape[1] // 2] + 1j * x[:, x.shape[1] // 2 :]


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (np.abs(a[:, None] - b[None]) ** 2).sum(axis=-1)


def _turned(h: np.ndarray, angle: np.ndarray) -> np.ndarray:
    return _halves(h) * np.exp(1j * angle)


_SIGN = "The sign: near must score high, so take the distance with a minus."
_ROOT = "This is the distance itself: it is asked for without the root."
FORMULAS: dict[str, list[tuple[Formula, str]]] = {
    "transe": [
        (lambda h, r, t: -_apart(h + r, t), ""),
        (lambda h, r, t: _apart(h + r, t), _SIGN),
        (lambda h, r, t: -np.sqrt(_apart(h + r, t)), _ROOT),
        (lambda h, r, t: -_apart(h - r, t), "The relation is added to the head: h + r."),
        (
            lambda h, r, t: -np.abs((h + r)[:, None] - t[None]).sum(-1),
            "These are absolute differences: square them.",
        ),
    ],
    "distmult": [
        (lambda h, r, t: (h * r) @ t.T, ""),
        (lambda h, r, t: (h + r) @ t.T, "Head and relation are multiplied, not added."),
        (lambda h, r, t: h @ t.T, "The relation is left out."),
        (lambda h, r, t: -((h * r) @ t.T), "The sign: more is likelier."),
    ],
    "complex_": [
        (lambda h, r, t: ((_halves(h) * _halves(r)) @ _halves(t).conj().T).real, ""),
        (
            lambda h, r, t: ((_halves(h) * _halves(r)) @ _halves(t).T).real,
            "Take the conjugate of the tail: its imaginary half with a minus. Without it head and "
            "tail could change places, as in DistMult.",
        ),
        (
            lambda h, r, t: ((_halves(h) * _halves(r)) @ _halves(t).conj().T).imag,
            "This is the imaginary part: the real one is asked for.",
        ),
        (
            lambda h, r, t: (h * r) @ t.T,
            "This is DistMult: real numbers, each by itself. Here the second half is imaginary.",
        ),
    ],
    "rotate": [
        (lambda h, a, t: -_apart(_turned(h, a), _halves(t)), ""),
        (lambda h, a, t: _apart(_turned(h, a), _halves(t)), _SIGN),
        (lambda h, a, t: -np.sqrt(_apart(_turned(h, a), _halves(t))), _ROOT),
        (
            lambda h, a, t: -_apart(_turned(h, -a), _halves(t)),
            "It turns the wrong way: (a + bi)(cos + i sin) has the real half a cos - b sin.",
        ),
    ],
}
"""Function to formulas: the right one first, then wrong ones with what to say of them."""


# Ranks ----------------------------------------------------------------------------------------


def ranks(
    scores: np.ndarray, right: np.ndarray, others: list[list[int]]
) -> list[tuple[np.ndarray, str]]:
    """Return ranks as they come of counting wrongly."""
    from vaxlab.knowledge import embed

    good = embed.rank(scores, right, others)
    struck = scores.copy()
    for row, several in enumerate(others):
        struck[row, several] = -np.inf
    middle = "Where several score the same, take the middle of their places."
    return [
        (good - 1, "Places are counted from 1."),
        (
            embed.rank(-scores, right, others),
            "More is likelier: this counts from the lowest score.",
        ),
        (
            embed.rank(struck, right),
            "The right one itself may be among `others`, and was left out with them.",
        ),
        (
            embed.rank(scores, right),
            "Other right answers are still its rivals: leave out those in `others`.",
        ),
        (
            embed.rank(scores, right, others, ties="optimistic"),
            f"The right one got the best place of those that score the same. {middle}",
        ),
        (
            embed.rank(scores, right, others, ties="pessimistic"),
            f"The right one got the last place of those that score the same. {middle}",
        ),
        (good + 0.5, "The right one ties with itself here, and loses half a place by it."),
    ]


# The leak -------------------------------------------------------------------------------------


def same_way(table: pd.DataFrame) -> set[frozenset[str]]:
    """Return pairs of relations of which most edges of the rarer stand in the other, unturned."""
    pairs = {
        relation: set(zip(rows["head"], rows["tail"], strict=True))
        for relation, rows in table.groupby("relation")
    }
    return {
        frozenset((a, b))
        for a in pairs
        for b in pairs
        if a < b
        and min(len(pairs[a]), len(pairs[b])) >= material.FEWEST
        and len(pairs[a] & pairs[b]) >= material.LEAST * min(len(pairs[a]), len(pairs[b]))
    }


def pairs_named(found: set, right: set, table: pd.DataFrame) -> str:
    """Say what is wrong with pairs of relations, where it is certain."""
    sizes = table["relation"].value_counts()
    more = found - right
    if more and more <= same_way(table):
        return "These join the same entities the same way round: they are copies, not inverses."
    if more and all(min(sizes.get(name, 0) for name in pair) < material.FEWEST for pair in more):
        return f"Leave out relations with fewer than {material.FEWEST} edges: chance is enough."
    if more:
        return (
            f"Some of these are no inverses: {material.LEAST:.0%} of the rarer one's edges must "
            "stand turned round in the other."
        )
    return (
        f"{len(right - found)} of {len(right)} pairs are missing. {_missing(right - found, table)}"
    )


def _missing(missing: set, table: pd.DataFrame) -> str:
    """Say what a missing pair shares."""
    sizes = table.drop_duplicates()["relation"].value_counts()
    rarer, other = sorted(min(missing, key=sorted), key=lambda name: (sizes[name], name))
    pairs = {
        name: set(zip(rows["head"], rows["tail"], strict=True))
        for name, rows in table[table["relation"].isin([rarer, other])].groupby("relation")
    }
    shared = sum((tail, head) in pairs[other] for head, tail in pairs[rarer])
    return (
        f"One is {rarer} / {other}: {shared} of the {len(pairs[rarer])} edges of {rarer}, the "
        f"rarer one, stand turned round in {other}. That is {shared / len(pairs[rarer]):.0%} of "
        f"the rarer one's edges, and {shared / len(pairs[other]):.0%} of the other's."
    )


def split_named(table: pd.DataFrame, in_test: np.ndarray) -> str:
    """Say how the answer leaks into training."""
    train, test = table[~in_test], table[in_test]
    forward = set(zip(train["head"], train["tail"], strict=True))
    same = [pair in forward for pair in zip(test["head"], test["tail"], strict=True)]
    turned = [(b, a) in forward for a, b in zip(test["head"], test["tail"], strict=True)]
    if not any(same) and any(turned):
        return "Edges that stand turned round in training are left: the pair counts, either way."
    if not any(turned):
        return "The two entities are joined by another relation in training."
    return (
        f"{np.mean(turned):.1%} of the test stand turned round in training, {np.mean(same):.1%} "
        "the same way round under another name. All edges that join two entities belong on one "
        "side, whatever the relation."
    )


def describe_pairs(pairs: Iterable[frozenset[str]]) -> str:
    """Write pairs of relations down."""
    return ", ".join(" / ".join(sorted(pair)) for pair in sorted(pairs, key=sorted)) or "none"
