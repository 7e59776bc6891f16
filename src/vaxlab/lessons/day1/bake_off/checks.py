"""Checks of day 1, notebook 2: which batches will be weak, a day after infection.

*Weak* is a bulk of fewer than `WEAK_DOSES` doses by the potency test at release, whatever
was decided about it: 7 to 11 % of all batches. A release limit alone would leave fifteen rejected
batches in some histories, too few to judge a model by.

The plant does not allow what one would wish for, an area of 0.85 and 80 % found at one alarm in
ten. The true titre of the harvest ranks weak batches with an area of 0.98, but a day after
infection the virus has only begun to spread; a linear model trained on 12 histories reaches 0.85
and 44 %, one trained on a single history 0.80 and 39 % on the next.
So learners are not judged by an absolute area, but beside `reference`, a plain linear model,
on the same batches of another six years. tests/lessons/day1/test_bake_off.py has the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, named, number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.plant import campaign

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

WEAK_DOSES = 8_000
ALARM_SHARE = 0.1
KS_P = 0.01
NOBODY = "nobody"
UG_PER_DOSE = 15
NEXT = 1
"""What is added to a plant's seed for the next six years."""

# Calibrated on twelve seeds of the plant, see tests/lessons/day1/test_bake_off.py for the table.
AUC_BELOW_REFERENCE = 0.15
RECALL_OF_REFERENCE = 0.5
TAME_TRAINING_AUC = 0.985
AUC_LOST_BY_TAMING = 0.04
CAUSES_WANTED = 3

CAUSES = (
    "moi",
    "inoculum_cells_per_ml",
    "carrier_g_per_l",
    "growth_temperature_c",
    "infection_temperature_c",
    "ph",
    "do_percent",
    "trypsin_bu_per_ml",
    "wait_h",
    "serum_growth_promotion",
    "carrier_swelling_volume",
    "trypsin_activity",
    "seed_tcid50",
)
"""Variables that move the plant, or that stand on the certificate for what does."""
IDLE = (
    "serum_igg",
    "carrier_charge",
    "medium_ph",
    "trypsin_protein",
    "n1_fold",
    "n1_viability",
    "n1_confluence",
    "started_hour",
    "started_weekday",
)
"""Variables without any effect."""
SYMPTOMS = (
    "cells_before",
    "glucose_before",
    "lactate_before",
    "cells_24h",
    "viability_24h",
    "glucose_24h",
    "lactate_24h",
)
"""What is measured in the batch itself: it shows what happened and causes nothing."""

_SAMPLED_H = {"before": (-6, 0), "24h": (18, 30)}
_ANALYTES = {
    "viable_cells": "cells",
    "viability": "viability",
    "glucose": "glucose",
    "lactate": "lactate",
}


def early(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Lay out what is known of each batch a day after infection.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``seed_train``, ``certificates`` and ``samples_tidy`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; the columns `CAUSES`, `IDLE` and `SYMPTOMS`, all numbers. MOI is
        a log10, cells in 1e6/mL, metabolites in mmol/L. NaN where a sample was lost.

    Notes
    -----
    HA is left out: a day after infection it is below the test's limit in every batch. So is
    the infectious titre, which would raise the area by 0.06: reading it takes days. So are the
    two set points of the sugar, which move the yield by 2 % at most.
    """
    batches = tables["batches"].set_index("batch_id")
    found = batches[list(CAUSES[:8])].assign(moi=np.log10(batches["moi"]))
    seeds = tables["seed_train"].query("stage == 'N-1'").set_index("batch_id")
    wait = batches["started_at"] - seeds["detached_at"]
    found["wait_h"] = wait / pd.Timedelta(hours=1)
    certificates = tables["certificates"].set_index("lot")
    for name in (*CAUSES[9:], *IDLE[:4]):
        lot = batches[f"{name.split('_')[0]}_lot"]
        found[name] = lot.map(certificates[name])
    found["n1_fold"] = seeds["cells_out_1e6"] / seeds["cells_in_1e6"]
    found["n1_viability"] = seeds["viability_percent"]
    found["n1_confluence"] = seeds["confluence_percent"]
    found["started_hour"] = batches["started_at"].dt.hour
    found["started_weekday"] = batches["started_at"].dt.day_of_week
    samples = tables["samples_tidy"]
    for when, (first, last) in _SAMPLED_H.items():
        rows = samples[samples["hours_after_infection"].between(first, last)]
        usual = rows.groupby("analyte")["value"].transform("median")
        # The errors of notebook 1: off by a factor.
        sound = (rows["value"] / usual).between(1 / 4, 4)
        one = rows[sound].groupby(["batch_id", "analyte"])["value"].first().unstack()
        for analyte, short in _ANALYTES.items():
            if f"{short}_{when}" in SYMPTOMS:
                found[f"{short}_{when}"] = one[analyte]
    return found[[*CAUSES, *IDLE, *SYMPTOMS]].astype(float)


def doses_by_potency(release: pd.DataFrame) -> pd.Series:
    """Return the doses that the measured potency gives, whatever was decided (batch_id)."""
    table = release.set_index("batch_id")
    return table["potency_ug_per_ml"] * 1000 * table["bulk_l"] / UG_PER_DOSE


def next_six_years(seed: int = campaign.HISTORY_SEED) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Let the plant run on: return `early`, weak or not, and true doses of new batches."""
    after = _plant(seed + NEXT)
    return after.early.copy(), after.weak.copy(), after.true_doses.copy()


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

    trees = GradientBoostingClassifier(
        n_estimators=100, max_depth=6, learning_rate=0.3, random_state=0
    )
    return make_pipeline(SimpleImputer(strategy="median"), trees)


@dataclass(frozen=True)
class _Plant:
    """One history as the checks need it."""

    release: pd.DataFrame
    early: pd.DataFrame
    weak: pd.Series
    true_doses: pd.Series


@lru_cache(maxsize=32)
def _plant(seed: int) -> _Plant:
    made = campaign.run(seed=seed)
    truth = made.truth["batches"].set_index("batch_id")
    doses = doses_by_potency(made.tables["release"])
    return _Plant(
        made.tables["release"], early(made.tables), doses < WEAK_DOSES, truth["true_doses"]
    )


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · Name the weak", points=3)
def weak(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``is_weak``: few doses by potency, not the decision on the batch."""
    function = answers.function("is_weak")
    release = _plant(plant_seed).release
    answer = _flags(function(release.copy(), shown="release"), release.index, "is_weak")
    doses = doses_by_potency(release).to_numpy()
    truth = doses < WEAK_DOSES
    wrong = [
        (
            release["doses"] < WEAK_DOSES,
            "You took the column `doses`. It is 0 for every rejected batch, also for one with "
            "germs and plenty of antigen. A model would learn germs as low yield.",
        ),
        (
            release["decision"] == "rejected",
            "These are the rejected batches. Some were rejected for germs, and some that were "
            "released held too little to pay.",
        ),
        (
            release["reason"] == "potency",
            "These are the batches below the limit of release. Those between the limit and "
            f"{WEAK_DOSES:,} doses are missing.",
        ),
        (doses >= WEAK_DOSES, "This is turned round: True should stand for the weak ones."),
        (
            np.ones(len(doses), dtype=bool),
            "Every batch is called weak. Doses are potency times volume, by the antigen of one "
            "dose. One litre has 1000 mL: here the potency is in µg per mL and the volume in "
            "litres.",
        ),
    ]
    known = next((why for rows, why in wrong if (answer == np.asarray(rows)).all()), "")
    other = (release["decision"] == "rejected") & ~truth
    near = np.abs(doses - WEAK_DOSES) < 1  # rounding of the potency
    right = (answer == truth) | near
    if right.all():
        yield passed("few doses by potency", 2, f"{truth.sum()} of {len(truth)} batches.")
        yield passed("rejected for another reason", 1, f"{int(other.sum())} are not weak.")
        return
    yield not_yet(
        "few doses by potency",
        2,
        known or "Not the batches whose potency gives fewer than the doses asked for.",
        got=f"{int(answer.sum())} batches",
        expected=f"{int(truth.sum())} of {len(truth)}",
    )
    if right[other].all() and answer.any():
        yield passed("rejected for another reason", 1, "Not called weak.")
    else:
        yield not_yet(
            "rejected for another reason", 1, "A batch with germs and many doses is not weak."
        )


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · One alarm in ten", points=3)
def alarms(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``at_ten_percent``: recall, precision, and the accuracy of doing nothing."""
    function = answers.function("at_ten_percent")
    plant = _plant(plant_seed)
    truth = plant.weak
    rng = np.random.default_rng(plant_seed)
    # No score reaches 0.5, as with any model of few failures.
    noisy = -plant.true_doses + 0.3 * WEAK_DOSES * rng.standard_normal(len(truth))
    score = 0.4 * noisy.rank(pct=True) ** 3
    answer = function(truth.copy(), score.copy(), shown="weak, score")
    values = list(answer.values()) if isinstance(answer, dict) else answer
    if np.size(values) != 3:
        yield not_yet(
            "three numbers",
            3,
            "`at_ten_percent` should give three numbers: recall, precision, idle accuracy.",
            got=describe(answer),
        )
        return
    got = [number(value, "at_ten_percent") for value in np.ravel(values)]
    alarm = score >= score.nlargest(round(ALARM_SHARE * len(score))).min()
    hits = float((alarm & truth).sum())
    recall, precision = hits / truth.sum(), hits / alarm.sum()
    accuracy = float((alarm == truth).mean())
    shared = {
        accuracy: "This is the accuracy of the alarms. It counts the many easy ones.",
        0.0: "No weak batch is among your alarms. Either no alarm was raised, for these scores "
        "never reach one half, or the lowest scores were taken: high means weak.",
    }
    parts = [
        (
            "recall: of the weak, how many were alarmed",
            recall,
            {precision: "This is the precision: of the alarms, how many were weak."} | shared,
        ),
        (
            "precision: of the alarms, how many were weak",
            precision,
            {recall: "This is the recall: of the weak, how many were alarmed."} | shared,
        ),
        (
            "idle: the accuracy of a model that never raises an alarm",
            1 - float(truth.mean()),
            {
                float(truth.mean()): "This is the share of weak batches. A model that is "
                "never alarmed is right about all the others.",
                accuracy: "This is the accuracy of your alarms. Asked is that of no alarm at all.",
            },
        ),
    ]
    for (label, right, wrong), value in zip(parts, got, strict=True):
        if abs(value - right) < 0.004 or (abs(value - right) < 0.03 and "idle" not in label):
            yield passed(label, 1, f"{value:.0%}.")
        else:
            if value > 1.5:
                message = "Give shares between 0 and 1."
            else:
                message = named(value, wrong, "Not the share that was asked for.", atol=0.003)
            yield not_yet(label, 1, message, got=f"{value:.3f}")


# Exercise 3 -------------------------------------------------------------------------------


def _made_tables(seed: int) -> list[tuple[str, pd.DataFrame, str]]:
    """Return tables of overtraining, what each asks, and the method that has it."""
    names = ["cuts", "Fisher", "k-NN", "network", "trees"]
    order = list(np.random.default_rng(seed).permutation(names))
    columns = ["auc_train", "auc_test", "ks_signal_p", "ks_background_p"]
    rows = {
        "one learnt by heart, another is just poor": (
            [
                (0.99, 0.72, 0.0, 0.0002),
                (0.66, 0.61, 0.4, 0.3),
                (0.995, 0.93, 0.2, 0.05),
                (0.84, 0.82, 0.6, 0.7),
                (0.9, 0.83, 0.3, 0.004),
            ],
            0,
        ),
        "a wide gap that chance explains": (
            [
                (0.92, 0.7, 0.3, 0.2),
                (0.97, 0.84, 0.5, 0.001),
                (0.81, 0.79, 0.9, 0.4),
                (0.86, 0.8, 0.008, 0.3),
                (0.7, 0.69, 0.5, 0.6),
            ],
            1,
        ),
        "none with evidence": (
            [
                (0.88, 0.81, 0.3, 0.2),
                (0.84, 0.8, 0.2, 0.04),
                (0.9, 0.78, 0.06, 0.3),
                (0.77, 0.75, 0.9, 0.3),
                (0.8, 0.79, 0.5, 0.8),
            ],
            None,
        ),
    }
    made = []
    for asks, (numbers, which) in rows.items():
        table = pd.DataFrame(numbers, index=pd.Index(order, name="method"), columns=columns)
        table.insert(2, "gap", table["auc_train"] - table["auc_test"])
        made.append((asks, table, NOBODY if which is None else order[which]))
    return made


@exercise("Exercise 3 · Who learnt by heart?", points=3)
def overtraining(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``overtrained``: the widest gap among those with evidence, else nobody."""
    function = answers.function("overtrained")
    for label, table, right in _made_tables(plant_seed):
        got = function(table.copy(), shown="a table like result.overtraining")
        if isinstance(got, list | tuple | pd.Index | np.ndarray) and len(got) == 1:
            got = got[0]
        if not isinstance(got, str):
            yield not_yet(
                label, 1, "`overtrained` should give one name, as text.", got=describe(got)
            )
            continue
        if got.strip().lower() == right.lower():
            yield passed(label, 1, f"{right}.")
            continue
        if right == NOBODY:
            why = "No p-value is below 0.01 here: nobody can be accused."
        elif got == table["auc_test"].idxmin():
            why = "This one is the worst on unseen rows. Poor is not overtrained."
        elif got == table["auc_train"].idxmax():
            why = "This one is best on training rows, and good on unseen ones too."
        elif got == table["gap"].idxmax():
            why = "This gap is the widest, but its p-values say that chance may have made it."
        elif got == NOBODY:
            why = "There is one with a p-value below 0.01. Look at both columns of p-values."
        else:
            why = "Of those with a p-value below 0.01, which has the widest gap?"
        yield not_yet(label, 1, why, got=got, expected=right)


# Exercise 4 -------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _unpruned_auc(seed: int) -> float:
    from vaxlab.bakeoff import bakeoff

    plant = _plant(seed)
    result = bakeoff({"trees": unpruned()}, plant.early, plant.weak)
    return float(result.summary["auc"].iloc[0])


@exercise("Exercise 4 · Tame the trees", points=4)
def tame(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``tamed``: boosted trees that treat unseen rows as they treat training rows."""
    from vaxlab.bakeoff import bakeoff
    from vaxlab.checks import models
    from vaxlab.errors import CourseError

    function = answers.function("tamed")
    what = "an estimator of scikit-learn, or a pipeline"
    estimator = models.estimator(function, models.BorrowedClassifier, what)
    boosted = [name for name in models.within(estimator) if "Boost" in name]
    if not boosted:
        yield not_yet(
            "boosted trees",
            4,
            "There are no boosted trees in it. A forest averages trees that know nothing of "
            "each other; boosting adds trees that mend what the others got wrong.",
            got=describe(estimator.model),
            expected="GradientBoosting…, HistGradientBoosting… or AdaBoostClassifier",
        )
        return
    plant = _plant(plant_seed)
    try:
        result = bakeoff({"yours": estimator}, plant.early, plant.weak)
    except CourseError as error:
        called = "bakeoff({'yours': tamed()}, X, weak)"
        raise Stop(Outcome.NOT_YET, str(error), called=called) from None
    yield passed("boosted trees", 1, f"{boosted[0]}.")
    row = result.overtraining.loc["yours"]
    p = min(row["ks_signal_p"], row["ks_background_p"])
    seen, unseen = row["auc_train"], row["auc_test"]
    figures = f"Area {seen:.3f} on training rows, {unseen:.3f} on unseen ones; p = {p:.2g}."
    if seen <= TAME_TRAINING_AUC and p >= KS_P:
        yield passed("not learnt by heart", 2, figures)
    else:
        why = " It still knows its training rows by heart: take fewer, smaller or slower trees."
        yield not_yet(
            "not learnt by heart",
            2,
            figures + why,
            earned=0.5 if seen < 0.9995 else 0.0,
            expected=f"at most {TAME_TRAINING_AUC} on training rows, both p-values {KS_P} or more",
            look_at="max_depth, n_estimators, learning_rate, subsample, min_samples_leaf",
        )
    wild = _unpruned_auc(plant_seed)
    if unseen >= wild - AUC_LOST_BY_TAMING and unseen > 0.6:
        yield passed("as good on unseen rows", 1, f"{unseen:.3f}; the wild trees have {wild:.3f}.")
    else:
        yield not_yet(
            "as good on unseen rows",
            1,
            "Tamed too far: it has learnt almost nothing.",
            got=f"{unseen:.3f}",
            expected=f"about {wild:.3f}, as the wild trees, or more",
        )


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · Causes, not symptoms", points=4)
def causes(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``top_five``: at least three planted causes, no symptom."""
    function = answers.function("top_five")
    plant = _plant(plant_seed)
    answer = function(plant.early.copy(), plant.weak.copy(), shown="X, weak")
    index = getattr(answer, "index", None)
    if isinstance(index, pd.Index) and set(map(str, index)) <= set(plant.early.columns):
        answer = index
    try:
        names = [str(name) for name in answer]
    except TypeError:
        names = []
    if len(set(names)) != 5 or not set(names) <= set(plant.early.columns):
        yield not_yet(
            "five names",
            4,
            "`top_five` should give five different names of columns of `X`.",
            got=describe(answer),
        )
        return
    symptoms = [name for name in names if name in SYMPTOMS]
    if symptoms:
        yield not_yet(
            "no symptoms",
            2,
            "These are measured in the batch itself. They say *that* it is weak, not why, and "
            "they crowd out the causes. Leave them out before you rank.",
            got=", ".join(symptoms),
        )
    else:
        yield passed("no symptoms", 2)
    found = [name for name in names if name in CAUSES]
    if len(found) >= CAUSES_WANTED:
        yield passed("at least three causes", 2, f"{len(found)} of five act in the plant.")
    else:
        idle = [name for name in names if name in IDLE]
        why = f"Without any effect: {', '.join(idle)}." if idle else "Too few causes among them."
        yield not_yet(
            "at least three causes",
            2,
            why,
            got=f"{len(found)} of five act in the plant",
            expected=f"{CAUSES_WANTED} or more",
        )


# Exercise 6 -------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _reference_scores(seed: int) -> np.ndarray:
    plant, after = _plant(seed), _plant(seed + NEXT)
    return reference().fit(plant.early, plant.weak).predict_proba(after.early)[:, 1]


@exercise("Exercise 6 · The alarm", points=6)
def alarm(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``alarm``: its scores of another six years, beside a plain linear model's."""
    function = answers.function("alarm")
    plant, after = _plant(plant_seed), _plant(plant_seed + NEXT)
    score = _scores(function, plant, after)
    if score.nunique() < 5:
        found = int((after.weak & (score == score.max())).sum()) if score.nunique() > 1 else 0
        yield not_yet(
            "scores to rank by",
            6,
            "These are answers, not scores: yes or no, cut at one half. With few failures one "
            f"half is hardly ever reached; it finds {found} of {int(after.weak.sum())} weak "
            "batches. Give a number that ranks: `predict_proba(...)[:, 1]` or "
            "`decision_function(...)`.",
            got=f"{score.nunique()} different values",
        )
        return
    area, recall, saved = judged(score, after.weak, after.true_doses)
    linear = pd.Series(_reference_scores(plant_seed), index=after.weak.index)
    area_linear, recall_linear, saved_linear = judged(linear, after.weak, after.true_doses)
    text = f"{area:.2f}; a plain linear model gets {area_linear:.2f}."
    if area >= area_linear - AUC_BELOW_REFERENCE:
        yield passed("area on the next six years", 2, text)
    elif 1 - area >= area_linear - AUC_BELOW_REFERENCE:
        yield not_yet(
            "area on the next six years",
            2,
            "Upside down: your high scores stand for good batches.",
            got=f"{area:.2f}",
        )
    else:
        yield not_yet(
            "area on the next six years",
            2,
            f"{text} Are the variables on one scale? Is the model too free for some thirty weak "
            "batches?",
            expected=f"{area_linear - AUC_BELOW_REFERENCE:.2f} or more",
        )
    n = round(ALARM_SHARE * len(score))
    text = f"{recall:.0%} of the weak batches are among the {n} alarms."
    if recall >= RECALL_OF_REFERENCE * recall_linear:
        yield passed("found at one alarm in ten", 2, text)
    else:
        yield not_yet(
            "found at one alarm in ten",
            2,
            text,
            expected=f"{RECALL_OF_REFERENCE * recall_linear:.0%} or more, half of what a plain "
            "linear model finds",
        )
    if saved >= saved_linear / 2:
        yield passed("doses", 2, f"{saved:,.0f} doses more than by chance in six years.")
    else:
        yield not_yet(
            "doses",
            2,
            f"{saved:,.0f} doses more than by chance in six years.",
            expected=f"{saved_linear / 2:,.0f} or more",
        )


def judged(score: pd.Series, weak: pd.Series, true_doses: pd.Series) -> tuple[float, float, float]:
    """Say what an alarm is worth, if the tenth with the highest scores is not purified.

    Parameters
    ----------
    score, weak, true_doses : Series
        One value a batch, on one index; high scores stand for weak.

    Returns
    -------
    area, recall : float
        Under the ROC curve, and of the weak batches the share among the alarms.
    saved : float
        Doses that this loses less than leaving out a tenth by chance.
    """
    from sklearn.metrics import roc_auc_score

    chosen = score.sort_values(ascending=False, kind="stable").index[
        : round(ALARM_SHARE * len(score))
    ]
    by_chance = len(chosen) * true_doses.mean()
    return (
        float(roc_auc_score(weak, score)),
        float(weak[chosen].sum() / weak.sum()),
        float(by_chance - true_doses[chosen].sum()),
    )


def _scores(function: Function, plant: _Plant, after: _Plant) -> pd.Series:
    answer = function(
        plant.early.copy(), plant.weak.copy(), after.early.copy(), shown="X, weak, new"
    )
    values = np.asarray(answer)
    if values.ndim == 2 and values.shape == (len(after.early), 2):
        raise Stop(
            Outcome.NOT_YET,
            "`alarm` gives two columns, one a class. Take the one of the weak: `[:, 1]`.",
            got=describe(answer),
        )
    score = series(answer, after.early.index)
    score = pd.to_numeric(score, errors="coerce").astype(float)
    if score.isna().any():
        raise Stop(
            Outcome.NOT_YET,
            "Each new batch needs a score, a number. Some are missing or no number.",
            got=f"{int(score.isna().sum())} without a number",
        )
    return score


def _flags(answer: Any, index: pd.Index, name: str) -> np.ndarray:
    """Read one True or False a row."""
    flags = series(answer, index)
    if not set(flags.dropna().unique()) <= {True, False} or flags.isna().any():
        raise Stop(
            Outcome.NOT_YET,
            f"`{name}` should give one True or False a batch.",
            got=describe(answer),
        )
    return flags.astype(bool).to_numpy()
