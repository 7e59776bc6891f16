"""Answers to day 4, notebook 4 that go wrong in a way with a name: what they give, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import cases, material

Known = list[tuple[Sequence[Any], str]]

BLIND = {
    "one value changed in its last digit": " Rounding or a sum hides it: `to_csv` without a format "
    "writes all digits of each value.",
    "another name of one column": " Names of columns belong to the data.",
    "the names of two columns swapped": " Names of columns belong to the data.",
    "the names of two batches swapped": " The index, which names the batches, belongs to the data.",
    "another name of one batch": " The index, which names the batches, belongs to the data.",
    "the names of two settings swapped": " The keys of the settings belong to them.",
    "another name of one setting": " The keys of the settings belong to them.",
    "a line of the code indented": " Where a line begins decides what Python does with it.",
}
"""What a fingerprint does not see, as `cases.small` names it, and why."""
MOVED = {
    "another order of the batches": " `sort_index` brings them into one order, and `to_csv` writes "
    "them. (`pickle` also keeps how a table lies in memory.)",
    "another order of the columns": " `sort_index(axis=1)` brings them into one order.",
    "another order of the settings": " `json.dumps(settings, sort_keys=True)` has one order.",
}
"""After what a fingerprint is another one and should not be, and why."""


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
    called = [cases.procedures(p) for p in ps]
    others = [
        ("single", "These are all with p ≤ 0.05. Of twenty sound sensors one is among them by "
         "luck: Benjamini and Hochberg's limit grows with the rank, from 0.05 / m on."),
        ("bonferroni", "These are those with p ≤ 0.05 / m (Bonferroni). It is more strict than "
         "was asked: the k-th smallest p may be up to 0.05 · k / m."),
        ("dependent", "These are what Benjamini and Yekutieli call. Their limits are smaller than "
         "those asked for, 0.05 · k / m."),
        ("first above", "This stops at the first p above its limit. The last one below counts, "
         "wherever that lies."),
        ("each alone", "Here each p is held against its own limit alone. All columns up to the "
         "last one below are called, also those that lie above a limit of their own."),
        ("from 0", "The limits begin at 0 here: the smallest p has the limit 0.05 / m, so k "
         "counts from 1."),
    ]  # fmt: skip
    known = [([sets[name] for sets in called], said) for name, said in others]
    sound = [set(p.index) - set(material._discoveries(p)) for p in ps]
    return [*known, (sound, "These are the columns that have not changed.")]


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
    from scipy.stats import ttest_ind, ttest_rel

    def words(better: Sequence[bool]) -> list[str]:
        return ["promote" if yes else "keep" for yes in better]

    def better_mean(pair: tuple[np.ndarray, np.ndarray]) -> bool:
        return pair[1].mean() < pair[0].mean()

    apart = [ttest_ind(*pair) for pair in pairs]
    paired = [ttest_rel(*pair) for pair in pairs]
    swapped = [material._verdict(new, old) == "promote" for old, new in pairs]
    same = "always the same word here, whatever the misses are"
    return [
        (["keep"] * len(pairs), f"`keep` is {same}."),
        (["promote"] * len(pairs), f"`promote` is {same}."),
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
            words([t.pvalue < 0.1 and t.statistic > 0 for t in paired]),
            "This is what an interval of 90 % says: one of 95 % leaves 2.5 % on each side.",
        ),
        (
            words(swapped),
            "The sign: these are misses, so the challenger should have the smaller ones.",
        ),
    ]
