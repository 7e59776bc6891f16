"""Answers to day 4, notebook 4 that go wrong in a way with a name: what they give, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import material

Known = list[tuple[Sequence[Any], str]]


def indices(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> Known:
    """Return what other ways to count a stability index give."""

    def index(edges: np.ndarray, pair: tuple[np.ndarray, np.ndarray], half: float = 0.5) -> Any:
        counts = [np.bincount(np.searchsorted(edges, v, side="right"), minlength=10) for v in pair]
        old, new = ((c + half) / (c.sum() + half * len(c)) for c in counts)
        with np.errstate(divide="ignore", invalid="ignore"):
            return old, new, np.log(new / old)

    def total(old: np.ndarray, new: np.ndarray, log: np.ndarray) -> float:
        return float(((new - old) * log).sum())

    inner = np.arange(1, 10) / 10
    own = [np.quantile(reference, inner) for reference, _ in pairs]
    theirs = [np.quantile(new, inner) for _, new in pairs]
    wide = [np.linspace(reference.min(), reference.max(), 11)[1:-1] for reference, _ in pairs]
    parts = [index(*given) for given in zip(own, pairs, strict=True)]
    bare = [index(*given, half=1e-12) for given in zip(own, pairs, strict=True)]
    return [
        (
            [total(*index(*given)) for given in zip(theirs, pairs, strict=True)],
            "The deciles are those of the new batches: take those of the reference, which is what "
            "is usual.",
        ),
        (
            [total(*index(*given)) for given in zip(wide, pairs, strict=True)],
            "Bins of equal width: most of them are nearly empty. Take the deciles of the "
            "reference.",
        ),
        (
            [float((new * log).sum()) for _, new, log in parts],
            "This is new · ln(new / old). The index takes (new − old) · ln(new / old).",
        ),
        (
            [-total(*part) for part in parts],
            "The sign: an index of stability is never below 0. ln(new / old) with new − old.",
        ),
        (
            [total(*part) / math.log(10) for part in parts],
            "In decades: take the natural logarithm, `np.log`.",
        ),
        (
            [total(*part) for part in bare],
            "Without the half batch in each bin: an empty bin then makes the index infinite.",
        ),
    ]


def found(tables: Sequence[tuple[pd.DataFrame, pd.DataFrame]]) -> list[tuple[list[set], str]]:
    """Return which columns other procedures call drifted."""
    ps = [material._p_values(*pair) for pair in tables]
    return [
        (
            [set(p.index[p <= 0.05]) for p in ps],
            "These are all with p ≤ 0.05. Of twenty sound sensors one is among them by luck: "
            "Benjamini and Hochberg's limit grows with the rank, from 0.05 / m on.",
        ),
        (
            [set(p.index[p <= 0.05 / len(p)]) for p in ps],
            "These are those with p ≤ 0.05 / m (Bonferroni). It is more strict than was asked: "
            "the k-th smallest p may be up to 0.05 · k / m.",
        ),
        (
            [set(p.index) - set(material._discoveries(p)) for p in ps],
            "These are the columns that have not changed.",
        ),
    ]


def shares(tables: Sequence[pd.DataFrame], limits: Sequence[float]) -> Known:
    """Return what other ways to the share of poor batches give."""
    pairs = [
        (table, table[material.TARGET] < limit) for table, limit in zip(tables, limits, strict=True)
    ]
    done = [(table[table["finished"]], poor[table["finished"]]) for table, poor in pairs]
    return [
        (
            [poor.mean() for _, poor in done],
            "This is the share among finished batches. The model has picked them: of the others "
            "only one in five was finished, and each of these stands for five.",
        ),
        (
            [poor[table["chance"] == 1].mean() for table, poor in pairs],
            "These are the batches that the model let through: it shows the model's own choice.",
        ),
        (
            [poor.mean() for _, poor in pairs],
            "A batch that was not finished is counted as a good one here: NaN is below nothing.",
        ),
        (
            [(table["chance"] * poor).sum() / table["chance"].sum() for table, poor in done],
            "Weighted by the chance: a batch that is rarely finished then counts less. It has to "
            "count more: 1 / chance.",
        ),
        (
            [(table["predicted"] < limit).mean() for (table, _), limit in zip(pairs, limits,
                                                                             strict=True)],
            "This is what the model predicts, not what came of the batches.",
        ),
        ([1 - material._fair_share(*pair) for pair in zip(tables, limits, strict=True)],
         "This is the share of good batches."),
    ]  # fmt: skip


def verdicts(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[tuple[list[str], str]]:
    """Return what other rules say of pairs of misses, champion's and challenger's."""
    from scipy.stats import ttest_ind

    def words(better: Sequence[bool]) -> list[str]:
        return ["promote" if yes else "keep" for yes in better]

    def better_mean(pair: tuple[np.ndarray, np.ndarray]) -> bool:
        return pair[1].mean() < pair[0].mean()

    apart = [ttest_ind(*pair) for pair in pairs]
    swapped = [material._verdict(new, old) == "promote" for old, new in pairs]
    return [
        (
            words([better_mean(pair) for pair in pairs]),
            "The better mean wins here, also where luck explains it. Ask whether 0 lies in the "
            "interval of the differences.",
        ),
        (
            words([t.pvalue < 0.05 and t.statistic > 0 for t in apart]),
            "This compares two groups of batches. Both models saw the same batches: take the "
            "difference batch by batch, and the interval of these.",
        ),
        (
            words(swapped),
            "The sign: these are misses, so the challenger should have the smaller ones.",
        ),
    ]
