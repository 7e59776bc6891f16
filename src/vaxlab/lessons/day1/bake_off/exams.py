"""Tables and years on which the exercises of notebook 2 are judged, made once for a plant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vaxlab.lessons.day1.bake_off.material import (
    ALARM_SHARE,
    CAUSES,
    HISTORIES,
    IDLE,
    SYMPTOMS,
    WEAK_DOSES,
    YEARS,
    History,
    history,
    together,
)

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


# Exercise 2 ----------------------------------------------------------------------------------


def scored(seed: int) -> list[tuple[pd.Series, pd.Series]]:
    """Return weak or not and a score, for some of a history's batches, three times.

    No score reaches 0.5, as with any model of few failures, and some weak batches look best of
    all. Sizes are multiples of ten; each has its own share of weak ones.
    """
    plant = history(seed)
    rng = np.random.default_rng(seed)
    noisy = -plant.true_doses + 0.3 * WEAK_DOSES * rng.standard_normal(len(plant.weak))
    score = 0.4 * noisy.rank(pct=True) ** 3
    lucky = rng.choice(plant.weak.index[plant.weak], 3, replace=False)
    score[lucky] = score.min() - rng.random(3) / 100
    fine = plant.weak.index[~plant.weak]
    sets = []
    for size in rng.permutation([120, 160, 210]):
        good = rng.choice(fine, size - plant.weak.sum(), replace=False)
        index = plant.weak.index[plant.weak | plant.weak.index.isin(good)]
        sets.append((plant.weak[index], _weak_at_the_edge(plant.weak[index], score[index])))
    return sets


def _weak_at_the_edge(weak: pd.Series, score: pd.Series) -> pd.Series:
    """Let the last of the tenth be weak, the next too, one before fine: a miscount changes shares.

    Scores change places with the nearest such batch.
    """
    score, n = score.copy(), len(score) // 10
    for place, wanted in ((n - 1, True), (n, True), (n - 2, False)):
        order = score.sort_values(ascending=False).index
        others = [k for k in range(len(order)) if weak[order[k]] == wanted and k not in (n - 1, n)]
        if weak[order[place]] != wanted:
            other = order[min(others, key=lambda k: abs(k - place))]
            score[[order[place], other]] = score[[other, order[place]]].to_numpy()
    return score


# Exercise 3 ----------------------------------------------------------------------------------

_METHODS = ("cuts", "likelihood", "Fisher", "k-NN", "SVM", "network", "deep network", "trees")
# Area on unseen rows, gap, the two p-values. The first is the one to name. Of the others with
# evidence one is best on training rows, one has the smallest p-value, one is worst on unseen rows.
OVERTRAINING = {
    "evidence, and the widest gap": [
        (0.71, 0.20, 0.0021, 0.0007),
        (0.83, 0.13, 0.0030, 0.0060),
        (0.75, 0.12, 0.0004, 0.0002),
        (0.64, 0.11, 0.0050, 0.0040),
        (0.68, 0.24, 0.03, 0.2),  # the widest gap
        (0.60, 0.03, 0.4, 0.3),  # the worst on unseen rows
        (0.945, 0.04, 0.2, 0.06),  # the best on training rows
        (0.82, 0.02, 0.6, 0.7),
    ],
    "either of the two p-values": [
        (0.71, 0.18, 0.2, 0.0042),
        (0.84, 0.11, 0.0060, 0.0050),
        (0.75, 0.09, 0.0003, 0.0008),
        (0.65, 0.10, 0.3, 0.0070),
        (0.69, 0.22, 0.09, 0.04),
        (0.61, 0.02, 0.5, 0.9),
        (0.945, 0.04, 0.3, 0.1),
        (0.80, 0.03, 0.3, 0.6),
    ],
    "none with evidence": [
        (0.81, 0.07, 0.3, 0.2),
        (0.80, 0.04, 0.2, 0.04),
        (0.70, 0.21, 0.06, 0.3),
        (0.65, 0.02, 0.9, 0.3),
        (0.93, 0.05, 0.015, 0.8),
        (0.79, 0.01, 0.5, 0.8),
    ],
}


def overtraining_tables(
    numbers: Sequence, rng: np.random.Generator
) -> Iterator[tuple[pd.DataFrame, str]]:
    """Yield five tables of one case, as ``result.overtraining`` is, and the name of the first."""
    columns = ["auc_test", "gap", "ks_signal_p", "ks_background_p"]
    for turned in (False, True, False, True, False):
        names = rng.choice(_METHODS, len(numbers), replace=False)
        table = pd.DataFrame(numbers, index=pd.Index(names, name="method"), columns=columns)
        table *= rng.uniform(0.99, 1.01, table.shape)
        if turned:
            table = table.rename(columns=dict(zip(columns[2:], columns[:1:-1], strict=True)))
        table["auc_train"] = table["auc_test"] + table["gap"]
        first = str(names[0])
        yield table[["auc_train", *columns]].sample(frac=1, random_state=rng.integers(2**31)), first


# Exercises 4 and 6 ---------------------------------------------------------------------------


def reference() -> BaseEstimator:
    """Return the plain linear model beside which answers are judged, not yet trained."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    linear = LogisticRegression(C=0.05)
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), linear)


def unpruned() -> BaseEstimator:
    """Return boosted trees that nothing holds back, not yet trained."""
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    trees = GradientBoostingClassifier(max_depth=6, learning_rate=0.3, random_state=0)
    return make_pipeline(SimpleImputer(strategy="median"), trees)


@lru_cache(maxsize=4)
def crossed(seed: int) -> list[tuple[History, History]]:
    """Return each history beside the others together."""
    all_of_them = [history(seed + k) for k in range(HISTORIES)]
    return [
        (one, together([other for other in all_of_them if other is not one])) for one in all_of_them
    ]


def areas_of_six_years(model: BaseEstimator, seed: int) -> tuple[float, float]:
    """Train on each history: return the mean area on its rows, and on those of the others."""
    from sklearn.base import clone
    from sklearn.metrics import roc_auc_score

    from vaxlab.bakeoff.model import respond

    areas = []
    for one, others in crossed(seed):
        trained = clone(model).fit(one.early, one.weak)
        areas.append(
            [roc_auc_score(years.weak, respond(trained, years.early)) for years in (one, others)]
        )
    seen, unseen = np.mean(areas, axis=0)
    return float(seen), float(unseen)


@lru_cache(maxsize=8)
def area_of_wild_trees(seed: int) -> float:
    """Return their mean area on the histories that they were not trained on."""
    return areas_of_six_years(unpruned(), seed)[1]


def judged(score: pd.Series, years: History) -> np.ndarray:
    """Return area, share of the weak found at one alarm in ten, and doses that it saves a year."""
    from sklearn.metrics import roc_auc_score

    ranked = score.sort_values(ascending=False, kind="stable")
    chosen = ranked.index[: round(ALARM_SHARE * len(score))]
    by_chance = len(chosen) * years.true_doses.mean()
    return np.array(
        [
            roc_auc_score(years.weak, score),
            years.weak[chosen].sum() / years.weak.sum(),
            (by_chance - years.true_doses[chosen].sum()) / YEARS,
        ]
    )


@lru_cache(maxsize=8)
def linear_model(seed: int) -> np.ndarray:
    """Return what `judged` says of the reference, trained on the other histories, mean of all."""
    rows = []
    for one, others in crossed(seed):
        trained = reference().fit(others.early, others.weak)
        score = trained.predict_proba(one.early)[:, 1]
        rows.append(judged(pd.Series(score, one.early.index), one))
    return np.mean(rows, axis=0)


@lru_cache(maxsize=8)
def best_column(seed: int) -> tuple[str, float]:
    """Return the single column that is best on the batches judged on, and its mean area."""
    from sklearn.metrics import roc_auc_score

    areas = pd.DataFrame(
        [
            {
                name: roc_auc_score(one.weak, column.fillna(column.median()))
                for name, column in one.early.items()
            }
            for one, _ in crossed(seed)
        ]
    ).mean()
    either_way = np.maximum(areas, 1 - areas)
    return str(either_way.idxmax()), float(either_way.max())


# Exercise 5 ----------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def blinded(seed: int) -> list[tuple[pd.DataFrame, pd.Series, dict[str, str]]]:
    """Return three tables of twelve years under code names, and what the names stand for.

    Each variable that is no symptom has a copy in it whose rows are shuffled: it does nothing.
    Each column has a unit of its own, and 0 is its mean.
    """
    rng = np.random.default_rng(seed)
    tables = []
    for pair in ((0, 1), (2, 3), (4, 0)):
        years = together([history(seed + k) for k in pair])
        shuffled = {
            f"shuffled {name}": rng.permutation(years.early[name]) for name in (*CAUSES, *IDLE)
        }
        X = years.early.assign(**shuffled)
        X = X[rng.permutation(X.columns)]
        X = _in_other_units(X, np.random.default_rng([seed, *pair]), wide=pair == (2, 3))
        endings = ["_" + name.split("_")[1] if name in SYMPTOMS else "" for name in X]
        names = [f"v{k:02d}{ending}" for k, ending in enumerate(endings, start=1)]
        tables.append((X.set_axis(names, axis=1), years.weak, dict(zip(names, X, strict=True))))
    return tables


def _in_other_units(X: pd.DataFrame, rng: np.random.Generator, *, wide: bool) -> pd.DataFrame:
    """Return the columns in units of their own, counted from their means.

    What does nothing has narrow spreads in some tables and wide ones in others, the causes the
    reverse: unscaled weights are large for the narrow, and unscaled models hear the wide.
    """
    idle = [name not in (*CAUSES, *SYMPTOMS) for name in X]
    spread = np.where(np.array(idle) == wide, 1000.0, 10.0) * rng.uniform(0.7, 1.4, X.shape[1])
    return (X - X.mean()) / X.std() * spread
