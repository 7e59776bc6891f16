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


def fronts(
    table: pd.DataFrame, more: Sequence[str], less: Sequence[str]
) -> list[tuple[np.ndarray, str]]:
    """Return other layers of a table, and what is wrong with them."""
    both = [*more, *less]
    first = table[both].rank(ascending=False, method="first").mean(axis=1).rank(method="first")
    return [
        (
            material._layers(table, both, []).to_numpy(),
            f"More counts as better in every column here. Of {', '.join(less)} less is better.",
        ),
        (
            material._layers(table, less, more).to_numpy(),
            "Upside down: your first layer holds the candidates that are worst at everything. A "
            "routine that *minimises* wants the columns of `more` with a minus sign.",
        ),
        (
            material._layers(table, [], both).to_numpy(),
            f"Less counts as better in every column here. Of {', '.join(more)} more is better.",
        ),
        (
            first.to_numpy(),
            "This is a ranking by one sum or mean. A layer holds all that are beaten by nobody.",
        ),
    ]
