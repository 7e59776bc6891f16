"""The tables that exercises 2 and 4 ask about, and what is right of each, made once a plant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from vaxlab.lessons.day1.next_month import material
from vaxlab.lessons.day1.next_month.material import FOLDS, LAST

# Calibrated on many plants: tests/lessons/day1/test_next_month.py has the table.
SPLIT_TOLERANCE = 0.04
FORWARD_TOLERANCE = 0.005
GROUPED_TOLERANCE = 0.02
NAMES_TOLERANCE = 0.01

LOTS, LOT_SIZE, LOT_SHORT, TURNED = 10, 36, 12, 2
"""The table of a probe: how many lots of how many batches, how many of these are short, and in how
many lots the probe reads the other way round."""


def only_names(seed_lot: pd.Series, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Make a table that holds the names of the lots and nothing else, and answers that go by lot.

    Parameters
    ----------
    seed_lot : Series
        The lot of each batch.
    seed : int

    Returns
    -------
    tuple of DataFrame and Series
        A column of 0 and 1 for each lot, and answers: in every other lot most batches are short.
        Of a lot that was left out nothing can be known, so its area is exactly 0.5.
    """
    rng = np.random.default_rng(seed)
    lots = rng.permutation(seed_lot.unique())
    chance = seed_lot.map({lot: 0.9 if k % 2 else 0.1 for k, lot in enumerate(lots)})
    short = pd.Series(rng.random(len(seed_lot)) < chance, index=seed_lot.index, name="short")
    return pd.get_dummies(seed_lot, dtype=float), short


@dataclass(frozen=True)
class Exam:
    """A table that three scores are asked of: the lowest and highest that is right of each."""

    name: str
    model: BaseEstimator
    known: pd.DataFrame
    short: pd.Series
    lot: pd.Series
    right: Mapping[str, tuple[float, float]]


@lru_cache(maxsize=4)
def exams(plant_seed: int) -> tuple[Exam, ...]:
    """Return the history, a table that holds the names of its lots alone, and one with a probe.

    On the history many ways to leave lots out are right, and each gives another area, 0.5 among
    them. On the names all of them give 0.5, and a way that cuts through lots gives 0.8 or more. On
    the probe all of them give much the same, well above 0.5, but a single fold does not, nor do
    five answers of yes and no.
    """
    batches = material.history(plant_seed)
    history = material.in_time(batches), batches["short"], batches["seed_lot"]
    names, by_lot = only_names(history[2], plant_seed)
    # Scaled, rounding would rank the batches of lots that are unknown alike. And it reads the
    # first three names only: whoever takes a model of their own gets other areas.
    first = ColumnTransformer([("first", "passthrough", [0, 1, 2])])
    plain = make_pipeline(first, LogisticRegression())
    of_names = (0.5 - NAMES_TOLERANCE, 0.5 + NAMES_TOLERANCE)
    table = names, _of_both_kinds(by_lot, history[2]), history[2]
    return (
        _exam("the history", material.model(), *history),
        _exam("the names", plain, *table, of_names),
        _exam("the probe", LogisticRegression(), *turned_probe(plant_seed)),
    )


def _exam(
    name: str,
    model: BaseEstimator,
    known: pd.DataFrame,
    short: pd.Series,
    lot: pd.Series,
    grouped: tuple[float, float] | None = None,
) -> Exam:
    """Work out what is right on a table; of the split by lot where nobody knows it beforehand."""
    bare = known.to_numpy()  # a third less work than with a table
    random = np.mean([material.auc(model, bare, short, material.shuffled(k)) for k in range(4)])
    first = clone(model).fit(known[:-LAST], short[:-LAST])
    forward = roc_auc_score(short[-LAST:], first.predict_proba(known[-LAST:])[:, 1])
    if grouped is None:
        ways = _ways(lot.nunique())
        areas = [material.auc(model, bare, short, way, groups=lot) for way in ways]
        grouped = min(areas) - GROUPED_TOLERANCE, max(areas) + GROUPED_TOLERANCE
    right = {
        "random": (random - SPLIT_TOLERANCE, random + SPLIT_TOLERANCE),
        "grouped": grouped,
        "forward": (forward - FORWARD_TOLERANCE, forward + FORWARD_TOLERANCE),
    }
    return Exam(name, model, known, short, lot, right)


def turned_probe(seed: int) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Make a table of one probe, which two of ten lots turn round, its answers and its lots.

    Every lot is as large, and has as many short batches: so whichever lots make a fold, the mean of
    five folds is much the same. One fold holds a few lots, and tells far more or far less.

    Parameters
    ----------
    seed : int

    Returns
    -------
    tuple of DataFrame, Series and Series
        The reading of each batch, whether it is short, and its lot.
    """
    rng = np.random.default_rng([seed, 3])
    turn = np.repeat(rng.permutation([-1] * TURNED + [1] * (LOTS - TURNED)), LOT_SIZE)
    short = np.concatenate([rng.permutation(np.arange(LOT_SIZE) < LOT_SHORT) for _ in range(LOTS)])
    read = rng.standard_normal(len(short)) + 1.1 * turn * np.where(short, 1, -1)
    ids = pd.Index([f"B{k + 1:03d}" for k in range(len(short))], name="batch_id")
    lots = np.repeat([f"SEED-{k + 1:02d}" for k in range(LOTS)], LOT_SIZE)
    return (
        pd.DataFrame({"probe": read}, index=ids),
        pd.Series(short, index=ids, name="short"),
        pd.Series(lots, index=ids, name="seed_lot"),
    )


def _of_both_kinds(short: pd.Series, lot: pd.Series) -> pd.Series:
    """Let each lot hold batches of both kinds: a fold of one kind only has no area."""
    mixed = short.copy()
    for _, own in short.groupby(lot):
        if own.nunique() == 1:
            mixed[own.index[0]] = not own.iloc[0]
    return mixed


def _ways(lots: int) -> list[Any]:
    """Return ways to leave whole lots out."""
    ways: list[Any] = [GroupKFold(FOLDS), StratifiedGroupKFold(FOLDS), GroupKFold(lots)]
    ways += [StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed) for seed in (0, 1, 42)]
    ways += [GroupKFold(FOLDS, shuffle=True, random_state=seed) for seed in (*range(12), 42)]
    return ways


RULE_TABLES, RULE_BATCHES = 8, 100
"""In exercise 4: tables in which one rule is good, and how many batches each holds."""


@dataclass(frozen=True)
class Forty:
    """Forty rules of which one knows something, and what choosing in each fold anew gives."""

    rules: pd.DataFrame
    short: pd.Series
    area: float


@lru_cache(maxsize=4)
def good_rules(plant_seed: int) -> tuple[Forty, ...]:
    """Return tables so small that four fifths of the batches find the good rule, and a fifth not.

    And one fold has so few batches that its area is far from the mean of five, on some of them.
    """
    rng, batches, tables = np.random.default_rng([plant_seed, 4]), material.history(plant_seed), []
    for _ in range(RULE_TABLES):
        few = batches.iloc[np.sort(rng.choice(len(batches), RULE_BATCHES, replace=False))]
        rules, short = material.rules(few, rng.integers(2**60), good=True), few["short"]
        areas = [nested(rules, short, shuffle) for shuffle in (7, 8, 9)]
        tables.append(Forty(rules, short, float(np.mean(areas))))
    return tuple(tables)


def nested(rules: pd.DataFrame, short: pd.Series, shuffle: int) -> float:
    """Return the mean area of the rule that is chosen in each fold anew."""
    chosen = [
        (material.areas(rules.iloc[train], short.iloc[train]).idxmax(), test)
        for train, test in material.shuffled(shuffle).split(rules)
    ]
    own = [material.areas(rules.iloc[k][[name]], short.iloc[k])[name] for name, k in chosen]
    return float(np.mean(own))
