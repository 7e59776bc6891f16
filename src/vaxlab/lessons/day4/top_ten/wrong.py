"""Answers to day 4, notebook 3 that go wrong in a way with a name: what they give, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.top_ten import material

Table = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""Scores, known pairs, found pairs."""


def precisions(tables: Sequence[Table]) -> list[tuple[list[float], str]]:
    """Return what other ways to count give, one value a table, and what to say of them."""
    ways = (
        (
            _known_take_places,
            "Known pairs were taken out after the ten had been drawn, so fewer than ten are left. "
            "Take them out first.",
        ),
        (
            _known_stay,
            "Known pairs are among your ten, or have taken their places in it. They are no "
            "recommendation: everybody knows them. Take them out before the ten are cut off.",
        ),
        (
            _known_count,
            "Known pairs count as hits here. Only what is *found later* is a hit.",
        ),
        (
            _recall,
            "This is the share of what was found that stands in the ten (recall). Divide by ten.",
        ),
        (
            _pooled,
            "This is one list of ten for all diseases together. Each disease has its own ten.",
        ),
        (_lowest, "These are the ten of the *lowest* scores."),
        (_sums, "This is a number of hits. Divide it by ten."),
        (
            _twice,
            "A pair whose row comes twice counts as two hits here. Each gene of a ten is found or "
            "it is not.",
        ),
        (
            _of_the_found,
            "This is the mean of those diseases only for which something is found. Where nothing "
            "is found a list of ten has no hit, and counts as well.",
        ),
        (
            _of_the_known,
            "This is the mean of those diseases only of which something is known. The others have "
            "a list of ten as well: all columns of `scores` count.",
        ),
    )
    return [([way(*table) for table in tables], said) for way, said in ways]


def _none(known: pd.DataFrame) -> pd.DataFrame:
    return known.iloc[:0]


def _known_take_places(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    held = set(known.itertuples(index=False, name=None))
    lists = material._lists(scores, _none(known))
    left = {d: [g for g in ten if (g, d) not in held] for d, ten in lists.items()}
    hits = material._hits(left, found)
    return float((hits / [max(len(ten), 1) for ten in left.values()]).mean())


def _known_stay(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    return material._precision_at_10(scores, _none(known), found)


def _known_count(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    both = pd.concat([known, found])
    return material._precision_at_10(scores, _none(known), both)


def _recall(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    hits = material._hits(material._lists(scores, known), found)
    there = found.drop_duplicates()
    there = there[there["gene"].isin(scores.index)]["disease"].value_counts()
    return float((hits / there.reindex(hits.index).fillna(1)).mean())


def _pooled(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    held = material._matrix(known, list(scores.index), list(scores.columns)) == 1
    best = scores.mask(held).stack().nlargest(material.TOP).index
    later = set(found.itertuples(index=False, name=None))
    return sum(pair in later for pair in best) / material.TOP


def _lowest(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    return material._precision_at_10(-scores, known, found)


def _sums(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    return float(material._hits(material._lists(scores, known), found).mean())


def _twice(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    lists = material._lists(scores, known)
    rows = [found.loc[found["disease"] == d, "gene"].isin(ten).sum() for d, ten in lists.items()]
    return float(np.mean(rows) / material.TOP)


def _of_the_found(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    hits = material._hits(material._lists(scores, known), found)
    return float(hits[hits.index.isin(found["disease"])].mean() / material.TOP)


def _of_the_known(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    hits = material._hits(material._lists(scores, known), found)
    there = hits[hits.index.isin(known["disease"])] if len(known) else hits
    return float(there.mean() / material.TOP)


Candidates = tuple[pd.DataFrame, list[str], list[str]]
"""Table, columns of which more is better, columns of which less is better."""


def front_slip(pairs: Sequence[tuple[np.ndarray, Candidates]]) -> str:
    """Return what went wrong in the same way in each table, or nothing.

    Parameters
    ----------
    pairs : sequence of (ndarray, Candidates)
        The layers that were found, and of what.
    """
    if all(found.min() == 0 and np.array_equal(found + 1, material._layers(*case))
           for found, case in pairs):  # fmt: skip
        return "Your layers begin at 0: the front is layer 1."
    known = [fronts(*case) for _, case in pairs]
    for k, (_, said) in enumerate(known[-1]):
        if all(np.array_equal(found == 1, slips[k][0] == 1)
               for (found, _), slips in zip(pairs, known, strict=True)):  # fmt: skip
            return said
    return ""


def strict(table: pd.DataFrame, more: Sequence[str], less: Sequence[str]) -> np.ndarray:
    """Return 1 where no candidate is better in every column, else 2."""
    values = np.column_stack([table[list(more)], -table[list(less)]])
    return 1 + (values[None] > values[:, None]).all(axis=2).any(axis=1)


def _knocked_out(table: pd.DataFrame, more: Sequence[str], less: Sequence[str]) -> np.ndarray:
    """Return 1 where no other candidate is nowhere worse, else 2."""
    values = np.column_stack([table[list(more)], -table[list(less)]])
    return 1 + ((values[None] >= values[:, None]).all(axis=2).sum(axis=1) > 1)


def fronts(
    table: pd.DataFrame, more: Sequence[str], less: Sequence[str]
) -> list[tuple[np.ndarray, str]]:
    """Return other layers of a table, and what is wrong with them."""
    both = [*more, *less]
    of_less, of_more = ", ".join(less), ", ".join(more)
    first = table[both].rank(ascending=False, method="first").mean(axis=1).rank(method="first")
    return [
        (
            material._layers(table, both, []).to_numpy(),
            f"More counts as better in every column here. Of {of_less} less is better.",
        ),
        (
            material._layers(table, less, more).to_numpy(),
            "Upside down: your first layer holds the candidates that are worst at everything. A "
            "routine that *minimises* wants the columns of `more` with a minus sign.",
        ),
        (
            material._layers(table, [], both).to_numpy(),
            f"Less counts as better in every column here. Of {of_more} more is better.",
        ),
        (
            _knocked_out(table, more, less),
            "Two candidates that are equal in everything knocked each other out. One dominates "
            "another if it is nowhere worse *and* somewhere better.",
        ),
        (
            strict(table, more, less),
            "In your front stands one that another candidate dominates. To dominate it need not be "
            "better in every column: nowhere worse and somewhere better is enough.",
        ),
        (
            first.to_numpy(),
            "This is a ranking by one sum or mean. A layer holds all that are beaten by nobody.",
        ),
    ]
