"""Ways to recommend in the course's library: the course's own, and the learner's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.top_ten import material
from vaxlab.lessons.day4.top_ten.material import LIBRARY_SEED

Names = Mapping[str, Any]


def today() -> material.Today:
    """Return what is known today in the course's library."""
    return material._today(LIBRARY_SEED)


@cache
def known() -> pd.DataFrame:
    """Return the pairs that the graph holds: gene, disease."""
    return material._known(today().edges)


@cache
def held() -> np.ndarray:
    """Tell which pairs the graph holds: genes by diseases."""
    return material._matrix(known(), today().genes, today().diseases).to_numpy() == 1


@cache
def found() -> np.ndarray:
    """Tell which pairs are found later: genes by diseases."""
    later = material._later(LIBRARY_SEED)
    return material._matrix(later, today().genes, today().diseases).to_numpy() == 1


def hits(scores: pd.DataFrame) -> pd.Series:
    """Return how many of the ten of the highest scores are found later, by disease."""
    return material._hits(material._lists(scores, known()), material._later(LIBRARY_SEED))


def called(namespace: Names, name: str, *given: Any) -> Any:
    """Return what a learner's function gives, or None where it does not work yet."""
    try:
        answer = namespace.get(name)(*given)
    except Exception:  # whatever an unfinished answer does
        return None
    return None if answer is ... else answer


def chance() -> float:
    """Return the share of ten open genes, drawn by lot, that is found later."""
    return float((found().sum(axis=0) / (~held()).sum(axis=0)).mean())


def scores_of(way: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Return what a way of the course gives, genes by diseases."""
    now = today()
    return way(now.edges, now.genes, now.diseases)


def by_genetics() -> pd.DataFrame:
    """Return z, genes by diseases."""
    now = today()
    table = now.genetics.pivot(index="gene", columns="disease", values="z")
    return table.loc[now.genes, now.diseases]


@cache
def ways() -> dict[str, pd.DataFrame]:
    """Return the course's scores by the way that they are made."""
    return {
        "degree list": scores_of(material._degrees),
        "genetics alone": by_genetics(),
        "content": scores_of(material._alike),
        "collaborative": scores_of(material._recommend),
        "graph": scores_of(material._walk),
    }


class Unreadable(ValueError):
    """Scores that are none; ``got`` says what was seen, if it is not the answer itself."""

    def __init__(self, message: str, got: str = "") -> None:
        super().__init__(message)
        self.got = got


def scores_read(answer: Any, now: material.Today, known: pd.DataFrame) -> pd.DataFrame:
    """Read scores: a table of genes by diseases in any order, or an array of that shape.

    What is said of known pairs does not count, and infinity is only more than all else.

    Raises
    ------
    Unreadable
        With what to do, in words.
    """
    try:
        value = answer if not isinstance(answer, pd.DataFrame) else _in_order(answer, now)
        array = np.array(value, dtype=float)
    except (TypeError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        array = np.empty(0)
    if array.shape != (len(now.genes), len(now.diseases)):
        raise Unreadable("Give a table of scores, one row a gene and one column a disease.")
    free = material._matrix(known, now.genes, now.diseases).to_numpy() == 0
    missing = int((np.isnan(array) & free).sum())
    if missing:
        raise Unreadable(
            "Some pairs that are not known have NaN as a score. Is something divided by the "
            "length of an empty row?",
            got=f"{missing} NaN",
        )
    finite = array[np.isfinite(array)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    array[np.isnan(array)] = low
    array = np.clip(array, low - 1, high + 1)
    return pd.DataFrame(array, index=now.genes, columns=now.diseases)


def _in_order(table: pd.DataFrame, now: material.Today) -> pd.DataFrame:
    """Return a table's rows and columns as the genes and the diseases stand."""
    if not table.index.is_unique or not table.columns.is_unique:
        raise Unreadable("The same gene or disease stands in your table more than once.")
    if set(now.diseases) <= set(table.index):
        table = table.T
    missing = [one for one in now.genes if one not in table.index]
    missing += [one for one in now.diseases if one not in table.columns]
    if missing:
        raise Unreadable(
            f"`{missing[0]}` has no score. Give a table with each gene of `genes` as a row and "
            "each disease of `diseases` as a column, `.reindex(index=…, columns=…)`."
        )
    return table.loc[now.genes, now.diseases]


def own_scores(namespace: Names) -> tuple[pd.DataFrame, bool]:
    """Return the learner's scores, or the course's where they can not be read."""
    now = today()
    answer = called(namespace, "recommend", now.edges.copy(), list(now.genes), list(now.diseases))
    try:
        table = scores_read(answer, now, known())
        if np.ptp(table.to_numpy()) > 0:
            return table, True
    except Exception:  # whatever an unfinished answer does
        pass
    return ways()["collaborative"], False


def wins(table: pd.DataFrame, among_equals: bool) -> float:
    """Return how often a pair that is found later scores above one of its disease that is not.

    Parameters
    ----------
    table : DataFrame
        Scores, genes by diseases.
    among_equals : bool
        Whether a gene meets only those with as many known diseases.
    """
    values, degree, won = table.to_numpy(), held().sum(axis=1), []
    for d in range(values.shape[1]):
        others = np.flatnonzero(~found()[:, d] & ~held()[:, d])
        for gene in np.flatnonzero(found()[:, d]):
            met = others[degree[others] == degree[gene]] if among_equals else others
            if len(met):
                apart = values[gene, d] - values[met, d]
                won.append((apart > 0).mean() + (apart == 0).mean() / 2)
    return float(np.mean(won))
