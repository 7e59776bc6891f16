"""Checks of day 1, notebook 3: whether a model still works on next month's lot.

The question of all exercises: at infection, will this batch be *short*, that is, give fewer
than `PLAN_DOSES` doses? About half of all batches are, so an AUC has as little noise as a few
hundred batches allow.

How the truth is made: `futures` lets `vaxlab.plant.campaign.run` make three more stretches of
six years, with lots that no history has seen, and cuts three times 100 batches in a row out of
each. A promise is judged by the mean of these nine. A single hundred batches hold three or four
seed lots, and their area varies with a standard deviation of 0.03 to 0.15, so nobody can promise
it within 0.03. Random minus grouped varies between histories with one of 0.05; it is compared
with its mean over 24 years. tests/lessons/day1/test_next_month.py has the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vaxlab import figures
from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, named, number
from vaxlab.checks.result import Outcome, Part
from vaxlab.plant import campaign

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLAN_DOSES = 14_000
"""What a batch is planned to give; one that gives less is short."""
SPARES = 30
"""Spare batches that the team can book for a hundred batches."""
LAST = 100
"""Batches at the end of a history that the forward split tests on."""
FOLDS = 5

FUTURE_SEEDS = (5101, 5102, 5103)
FUTURE_STARTS = (0, 130, 260)

# Calibrated on twelve seeds of the plant: tests/lessons/day1/test_next_month.py has the table.
MOST_THROWN_AWAY = 12
SPLIT_TOLERANCE = 0.03
GAP_TOLERANCE = 0.10
LEAK = 0.04
CHANCE_TOLERANCE = 0.07
INSIDE_TOLERANCE = 0.10
SIGNAL_TOLERANCE = 0.06
PROMISE_TOLERANCE = 0.10
CHOICE_TOLERANCE = 0.03

_LOTS = ("serum", "carrier", "medium", "trypsin", "seed")
_AGES = {name: f"{name}_lot_days" for name in ("serum", "trypsin", "seed")}
_HARVEST = (
    "viability_at_harvest_percent",
    "glucose_at_harvest_mmol_per_l",
    "lactate_at_harvest_mmol_per_l",
    "ha_at_harvest_log10_per_100ul",
    "tcid50_at_harvest_log10_per_ml",
)

PROCESS = (*campaign.SET_POINTS, "hold_h", "cells_at_infection_per_ml")
"""Columns that say what was done in this batch, up to infection."""
_PURIFICATION = ("antigen_fed_mg", "capture_recovery_percent", "sterile_filter_pressure_bar")
_RELEASE = ("dna_ng_per_dose", "hcp_ug_per_ug_ha", "days_to_release")
_LATE = {
    "harvest": (*_HARVEST, "infection_h"),
    "purification": _PURIFICATION,
    "release": _RELEASE,
    "mean over the whole history": ("seed_lot_mean_doses",),
}
"""What exists only after infection, by the step that brings it."""

_SAID = {
    "moi": ("batch record", "infectious virus added for each cell"),
    "inoculum_cells_per_ml": ("batch record", "cells at the start, set point"),
    "carrier_g_per_l": ("batch record", "carriers, set point"),
    "growth_temperature_c": ("batch record", "set point before infection"),
    "infection_temperature_c": ("batch record", "set point after infection"),
    "ph": ("batch record", "set point"),
    "do_percent": ("batch record", "dissolved oxygen, set point"),
    "trypsin_bu_per_ml": ("batch record", "set point"),
    "glucose_mmol_per_l": ("batch record", "glucose of the medium, set point"),
    "feed_mmol_per_l_h": ("batch record", "glucose fed, set point"),
    "hold_h": ("seed train", "wait of the seed cells before the reactor was inoculated"),
    "cells_at_infection_per_ml": ("batch record", "cells, counted just before the virus"),
    "infection_h": ("batch record", "hours from infection to harvest, by the clock"),
    "viability_at_harvest_percent": ("batch record", "living cells"),
    "glucose_at_harvest_mmol_per_l": ("batch record", "glucose left"),
    "lactate_at_harvest_mmol_per_l": ("batch record", "lactate made"),
    "ha_at_harvest_log10_per_100ul": ("batch record", "virus, one routine assay"),
    "tcid50_at_harvest_log10_per_ml": ("batch record", "infectious virus"),
    "antigen_fed_mg": ("purification", "antigen that went into the first step"),
    "capture_recovery_percent": ("purification", "antigen kept by the capture column"),
    "sterile_filter_pressure_bar": ("purification", "highest before the last filter"),
    "dna_ng_per_dose": ("release", "DNA of the host cells"),
    "hcp_ug_per_ug_ha": ("release", "protein of the host cells"),
    "days_to_release": ("release", "days from harvest to the last test"),
    "seed_lot_mean_doses": ("spreadsheet", "mean doses of all batches of this seed lot"),
    "serum_lot_days": ("stores", "days since the lot was first used"),
    "trypsin_lot_days": ("stores", "days since the lot was first used"),
    "seed_lot_days": ("stores", "days since the lot was first used"),
}


def table(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Join what the notebook looks at, one row a batch, in order of start.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``certificates``, ``seed_train``, ``downstream`` and ``release`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; ``started_at``, ``seed_lot``, ``doses`` (that the bulk's measured
        potency gives, whatever was decided at release), ``short`` (fewer than `PLAN_DOSES`),
        and the columns that `columns` explains.
    """
    batches = tables["batches"].set_index("batch_id").sort_values("started_at", kind="stable")
    ids = batches.index
    release = tables["release"].set_index("batch_id").loc[ids]
    doses = 1000 * release["potency_ug_per_ml"] * release["bulk_l"] / 15
    out = batches[["started_at", "seed_lot"]].assign(
        doses=doses.round().astype(int), short=doses < PLAN_DOSES
    )
    seeds = tables["seed_train"].query("stage == 'N-1'").set_index("batch_id").loc[ids]
    hour = pd.Timedelta(hours=1)
    known = batches[[*campaign.SET_POINTS]].assign(
        hold_h=((batches["started_at"] - seeds["detached_at"]) / hour).round(2),
        cells_at_infection_per_ml=batches["cells_at_infection_per_ml"],
    )
    certificates = tables["certificates"].set_index("lot")
    lots = {}
    for name in _LOTS:
        of_batch = certificates.loc[batches[f"{name}_lot"]]
        for column in of_batch.columns[of_batch.columns.str.startswith(f"{name}_")]:
            lots[f"{column}_coa"] = of_batch[column].to_numpy()
    for name, column in _AGES.items():
        first = batches.groupby(f"{name}_lot")["started_at"].transform("min")
        lots[column] = (batches["started_at"] - first).dt.days.to_numpy()
    steps = tables["downstream"].pivot(index="batch_id", columns="name").loc[ids]
    late = batches[[*_HARVEST]].assign(
        infection_h=((batches["harvested_at"] - batches["infected_at"]) / hour).round(2),
        antigen_fed_mg=steps["antigen_in_mg", "clarification"],
        capture_recovery_percent=steps["recovery_percent", "capture"],
        sterile_filter_pressure_bar=steps["pressure_bar", "sterile_filtration"],
        dna_ng_per_dose=release["dna_ng_per_dose"],
        hcp_ug_per_ug_ha=release["hcp_ug_per_ug_ha"],
        days_to_release=(release["tested_at"] - batches["harvested_at"]).dt.days,
        seed_lot_mean_doses=doses.groupby(batches["seed_lot"]).transform("mean").round(1),
    )
    return pd.concat([out, known, pd.DataFrame(lots, index=ids), late], axis=1)


def columns(batches: pd.DataFrame) -> pd.DataFrame:
    """Say of each column that a model could use where it comes from and what it holds.

    Parameters
    ----------
    batches : DataFrame
        From `table`.

    Returns
    -------
    DataFrame
        ``column``, ``record`` and ``meaning``.
    """
    rows = []
    for name in batches.columns.drop(["started_at", "seed_lot", "doses", "short"]):
        if name.endswith("_coa"):
            kind, line = name.removesuffix("_coa").split("_", 1)
            rows.append((name, "certificate", f"{line.replace('_', ' ')}, from the {kind}'s maker"))
        else:
            rows.append((name, *_SAID[name]))
    return pd.DataFrame(rows, columns=["column", "record", "meaning"])


def in_time(batches: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `table` that are known at infection, and nothing else."""
    late = [name for names in _LATE.values() for name in names]
    return batches.drop(columns=["started_at", "seed_lot", "doses", "short", *late]).astype(float)


@lru_cache(maxsize=4)
def _history(plant_seed: int) -> pd.DataFrame:
    return table(campaign.run(seed=plant_seed).tables)


@lru_cache(maxsize=1)
def _stretches() -> tuple[pd.DataFrame, ...]:
    return tuple(table(campaign.run(seed=seed).tables) for seed in FUTURE_SEEDS)


def futures() -> list[pd.DataFrame]:
    """Let the plant make nine times 100 batches in a row, with lots that nobody has seen.

    Returns
    -------
    list of DataFrame
        Each as from `table`.
    """
    return [part.iloc[k : k + LAST] for part in _stretches() for k in FUTURE_STARTS]


def model() -> BaseEstimator:
    """Return the plain model of this notebook, untrained: scaling and a logistic regression."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def column_sets(known: pd.DataFrame) -> dict[str, list[str]]:
    """Return the three sets of columns between which exercise 5 chooses."""
    return {
        "recipe": [*campaign.SET_POINTS],
        "process": [*PROCESS],
        "everything": list(known.columns),
    }


def _auc(estimator: BaseEstimator, known: pd.DataFrame, short: pd.Series, cv: Any, **more) -> float:
    """Return the mean area of the folds; folds with one kind of batch only do not count."""
    scores = cross_val_score(estimator, known, short, cv=cv, scoring="roc_auc", **more)
    return float(np.nanmean(scores))


def _shuffled(seed: int = 0) -> KFold:
    return KFold(FOLDS, shuffle=True, random_state=seed)


def _area(value: Any, name: str) -> float:
    """Read an area. NaN comes of a fold with one kind of batch, such as a small lot by itself."""
    if isinstance(value, float | np.floating) and np.isnan(value):
        raise Stop(
            Outcome.NOT_YET,
            f"`{name}` should give a finite number here. A fold whose batches are all short, or "
            "none of them, has no area, and a mean with it is NaN. `GroupKFold(5)` puts small "
            "lots together with others.",
            got=describe(value),
        )
    return number(value, name)


# Exercise 1 -------------------------------------------------------------------------------

_KINDS = {
    "harvest": (
        "what the harvest brings",
        1.5,
        "The batch record is filled in until the harvest, two days or more after infection. "
        "Which of its lines are written last?",
    ),
    "purification": ("what purification brings", 1.0, "Purification starts after the harvest."),
    "release": ("what release brings", 1.0, "Release takes weeks. The decision is at infection."),
    "mean over the whole history": (
        "the column that looks into the future by itself",
        0.5,
        "One column is a mean over batches that were not made yet, this one among them. Who "
        "could have known it?",
    ),
}


@exercise("Exercise 1 · What nobody knew yet", points=5)
def late(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``late_columns``: named by when they exist, not by how well they predict."""
    function = answers.function("late_columns")
    card = columns(_history(plant_seed)).sample(frac=1, random_state=plant_seed % 1000)
    card = card.reset_index(drop=True)
    chosen = _names(function(card.copy(), shown="columns"), card)
    all_late = {name for names in _LATE.values() for name in names}
    innocent = sorted(chosen - all_late)
    many = len(innocent) > MOST_THROWN_AWAY
    found = len(chosen & all_late)
    for kind, (label, points, look_at) in _KINDS.items():
        missed = [name for name in _LATE[kind] if name not in chosen]
        share = 1 - len(missed) / len(_LATE[kind])
        if many:
            text = "This counts once fewer columns are thrown away in vain."
            yield not_yet(label, points, text)
        elif not missed:
            yield passed(label, points, "All named.")
        else:
            yield not_yet(
                label,
                points,
                f"{len(missed)} of {len(_LATE[kind])} not named.",
                earned=points / 2 if share >= 0.5 else 0.0,
                look_at=look_at,
            )
    label = "nothing thrown away that is known in time"
    if not innocent and found >= len(all_late) / 2:
        yield passed(label, 1.0)
    elif not innocent:
        yield not_yet(label, 1.0, "That counts once at least half of the late columns are named.")
    else:
        record = card.set_index("column")["record"]
        why = "They are known at infection."
        if any(record[name] == "certificate" for name in innocent):
            why = (
                "A certificate comes with its lot, before the batch. It may mislead a model, as "
                "you will see, but not by coming late."
            )
        elif any(name in campaign.SET_POINTS for name in innocent):
            why = "Set points are decided before the batch starts, and the record begins with them."
        elif any(name in PROCESS for name in innocent):
            why = (
                "A column is not late because it predicts well. The wait of the seed cells and "
                "the count at infection are known when the virus goes in."
            )
        yield not_yet(label, 1.0, why, got=", ".join(innocent[:4]))


def _names(answer: Any, card: pd.DataFrame) -> set[str]:
    """Read names of columns: a list or set of them, flags on the card's rows, or its rows."""
    if isinstance(answer, pd.DataFrame):
        answer = answer.get("column", answer.index)
    try:
        items = list(answer) if not isinstance(answer, str) else [answer]
    except TypeError:
        items = []
    if len(items) == len(card) and all(isinstance(item, bool | np.bool_) for item in items):
        flags = answer.reindex(card.index) if isinstance(answer, pd.Series) else items
        items = list(card.loc[np.asarray(flags, dtype=bool), "column"])
    if not items or not all(isinstance(item, str) for item in items):
        raise Stop(
            Outcome.NOT_YET, "`late_columns` should give names of columns.", got=describe(answer)
        )
    unknown = sorted(set(items) - set(card["column"]))
    if unknown:
        raise Stop(
            Outcome.NOT_YET,
            "Some names are not in the list of columns. Is one misspelt?",
            got=", ".join(unknown[:3]),
        )
    return set(items)


# Exercise 2 -------------------------------------------------------------------------------

_ACCURACY = (
    "This is the share of right answers, the default of scikit-learn's classifiers. Ask for the "
    'area: `scoring="roc_auc"`.'
)


@dataclass(frozen=True)
class _Scores:
    """What the three splits give on one plant, and what slips give."""

    random: float
    grouped: tuple[float, ...]
    forward: float
    wrong: tuple[dict[float, str], dict[float, str], dict[float, str]]


@lru_cache(maxsize=4)
def _scores(plant_seed: int) -> _Scores:
    batches = _history(plant_seed)
    x, y, lot = in_time(batches), batches["short"], batches["seed_lot"]

    def score(cv: Any, **more: Any) -> float:
        return _auc(model(), x, y, cv, **more)

    def accuracy(cv: Any, **more: Any) -> float:
        return float(cross_val_score(model(), x, y, cv=cv, **more).mean())

    random = float(np.mean([score(_shuffled(k)) for k in range(4)]))
    ways = [GroupKFold(FOLDS), StratifiedGroupKFold(FOLDS), GroupKFold(lot.nunique())]
    for seed in (0, 1, 42):
        ways.append(GroupKFold(FOLDS, shuffle=True, random_state=seed))
        ways.append(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed))
    grouped = tuple(score(way, groups=lot) for way in ways)
    first = model().fit(x[:-LAST], y[:-LAST])
    forward = roc_auc_score(y[-LAST:], first.predict_proba(x[-LAST:])[:, 1])
    fitted = model().fit(x, y)
    back = model().fit(x[LAST:], y[LAST:])
    pooled = cross_val_predict(
        model(), x, y, cv=GroupKFold(FOLDS), groups=lot, method="predict_proba"
    )[:, 1]
    in_order = (
        "These folds are not shuffled: each is a stretch of time. For the random split shuffle "
        "the batches, `KFold(5, shuffle=True, random_state=0)`."
    )
    trained = "These batches were in the training: the model has seen the answers."
    # Where just half are short, both slips give the same number.
    yes_and_no = (
        "You ranked by yes and no, or counted right answers. The area needs the probability: "
        "`roc_auc_score` with `predict_proba(...)[:, 1]`."
    )
    wrong_random = {
        score(KFold(FOLDS)): in_order,
        score(StratifiedKFold(FOLDS)): in_order,
        accuracy(_shuffled()): _ACCURACY,
        roc_auc_score(y, fitted.predict_proba(x)[:, 1]): trained,
    }
    wrong_grouped = {
        accuracy(GroupKFold(FOLDS), groups=lot): _ACCURACY,
        roc_auc_score(y, pooled): "You pooled the predictions of five models into one area. Each "
        "model has its own idea of what is high. Take the area of each fold, then the mean.",
        score(KFold(FOLDS)): "These folds cut right through the lots. Give the lots to "
        "`groups=`, with `GroupKFold`.",
    }
    wrong_forward = {
        float(first.score(x[-LAST:], y[-LAST:])): yes_and_no,
        roc_auc_score(y[-LAST:], first.predict(x[-LAST:])): yes_and_no,
        roc_auc_score(y[-LAST:], fitted.predict_proba(x[-LAST:])[:, 1]): trained,
        roc_auc_score(y[:-LAST], first.predict_proba(x[:-LAST])[:, 1]): trained,
        roc_auc_score(y[:LAST], back.predict_proba(x[:LAST])[:, 1]): "You trained on the last "
        "batches and tested on the first: that is backward in time.",
    }
    return _Scores(random, grouped, float(forward), (wrong_random, wrong_grouped, wrong_forward))


def _random_minus_grouped(batches: pd.DataFrame) -> float:
    x, y = in_time(batches), batches["short"]
    grouped = _auc(model(), x, y, GroupKFold(FOLDS), groups=batches["seed_lot"])
    return _auc(model(), x, y, _shuffled()) - grouped


@lru_cache(maxsize=1)
def _gaps_of_stretches() -> tuple[float, ...]:
    return tuple(_random_minus_grouped(batches) for batches in _stretches())


@lru_cache(maxsize=4)
def _long_run_gap(plant_seed: int) -> float:
    """Return random minus grouped, mean over this history and the three other stretches."""
    return float(np.mean([_random_minus_grouped(_history(plant_seed)), *_gaps_of_stretches()]))


@exercise("Exercise 2 · Three scores", points=6)
def splits(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``three_scores``: random, by lot, forward in time; and the gap in the long run."""
    function = answers.function("three_scores")
    batches = _history(plant_seed)
    x, y, lot = in_time(batches), batches["short"], batches["seed_lot"]
    answer = function(model(), x.copy(), y.copy(), lot.copy(), shown="model, X, y, seed_lot")
    values = list(answer.values()) if isinstance(answer, dict) else list(np.ravel(answer))
    if len(values) != 3:
        yield not_yet(
            "three numbers",
            6,
            "`three_scores` should give three areas: random, grouped, forward. Of five folds, "
            "take the mean.",
            got=describe(answer),
        )
        return
    random, grouped, forward = (_area(value, function.name) for value in values)
    seen = _scores(plant_seed)
    leaks = (
        "Batches of one lot stand on both sides of the split. Give the lots to `groups=`; "
        "`KFold` pays no heed to them, `GroupKFold` does."
    )
    rows = [
        ("random split", 1.5, random, (seen.random,), seen.wrong[0], ""),
        ("grouped by seed lot", 2.0, grouped, seen.grouped, seen.wrong[1], leaks),
        ("forward in time", 1.0, forward, (seen.forward,), seen.wrong[2], ""),
    ]
    right = {}
    for label, points, value, truths, wrong, as_random in rows:
        message = named(value, wrong, "", rtol=0.0, atol=1e-4)
        near = min(abs(value - truth) for truth in truths)
        # Where the splits differ little, the same score twice is still one split, not two.
        if as_random and not message and value == random:
            message = as_random
        right[label] = not message and near <= SPLIT_TOLERANCE
        if right[label]:
            yield passed(label, points, f"An area of {value:.2f}.")
            continue
        if not message and as_random and abs(value - seen.random) <= SPLIT_TOLERANCE:
            message = as_random
        yield not_yet(
            label, points, message or "Not the area that this split gives.", got=f"{value:.3f}"
        )
    label = "random minus grouped"
    long_run = _long_run_gap(plant_seed)
    text = f"{random - grouped:+.2f}; in the long run {long_run:+.2f}."
    if not (right["random split"] and right["grouped by seed lot"]):
        yield not_yet(label, 1.5, "This counts once both scores are right.")
    elif abs(random - grouped - long_run) <= GAP_TOLERANCE:
        yield passed(label, 1.5, text)
    else:
        yield not_yet(label, 1.5, text + " Use five folds in both.")


# Exercise 3 -------------------------------------------------------------------------------


def idle_columns(n_batches: int, seed: int) -> pd.DataFrame:
    """Make 400 columns that have nothing to do with any batch, standard normal."""
    values = np.random.default_rng(seed).standard_normal((n_batches, 400))
    return pd.DataFrame(values, columns=[f"building_{k + 1:03d}" for k in range(400)])


@exercise("Exercise 3 · Choose inside the fold", points=4)
def inside(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``honest_score``: columns are chosen in each fold anew, without its test batches."""
    function = answers.function("honest_score")
    batches = _history(plant_seed)
    y = batches["short"].reset_index(drop=True)
    idle = idle_columns(len(y), plant_seed)
    value = number(function(idle.copy(), y.copy(), shown="building, y"), function.name)
    truth, leak = _chosen_inside(idle, y), _chosen_before(idle, y)
    label = "400 columns in which there is nothing"
    is_right = abs(value - 0.5) <= INSIDE_TOLERANCE or abs(value - truth) <= INSIDE_TOLERANCE / 2
    if is_right:
        yield passed(label, 2, f"An area of {value:.2f}: chance, as it must be.")
    else:
        message = "Nothing can be predicted from these columns, so an honest area is near 0.5."
        if value > (truth + leak) / 2:
            message += (
                " Yours is higher: some step saw the test batches. Choosing columns is part of "
                "training; put it into the pipeline, and give the pipeline to the cross-validation."
            )
        yield not_yet(label, 2, message, got=f"{value:.2f}", expected="about 0.50")
    label = "the same, with the process columns among them"
    both = pd.concat([in_time(batches)[[*PROCESS]].reset_index(drop=True), idle], axis=1)
    value = number(function(both.copy(), y.copy(), shown="building and process, y"), function.name)
    truth = _chosen_inside(both, y)
    if not is_right:
        yield not_yet(label, 2, "This counts once the first part is right.", got=f"{value:.2f}")
    elif abs(value - truth) <= SIGNAL_TOLERANCE:
        yield passed(label, 2, f"An area of {value:.2f}.")
    else:
        yield not_yet(
            label,
            2,
            "Not what choosing ten columns, scaling and a logistic regression give.",
            got=f"{value:.2f}",
            expected=f"about {truth:.2f}",
        )


def _chosen_inside(x: pd.DataFrame, y: pd.Series) -> float:
    chooser = make_pipeline(SelectKBest(k=10), StandardScaler(), LogisticRegression(max_iter=1000))
    return float(np.mean([_auc(chooser, x, y, _shuffled(k)) for k in range(2)]))


def _chosen_before(x: pd.DataFrame, y: pd.Series) -> float:
    return _auc(model(), SelectKBest(k=10).fit_transform(x, y), y, _shuffled())


# Exercise 4 -------------------------------------------------------------------------------

_SHUFFLES = 6
_FEW = 120
_RULES = 40


def rules(batches: pd.DataFrame, seed: int, good: bool = False) -> pd.DataFrame:
    """Make forty rules of thumb: for each batch the risk that a rule gives it.

    Parameters
    ----------
    batches : DataFrame
        From `table`.
    seed : int
    good : bool
        Whether one of the rules knows something: long waits and few cells are a risk.

    Returns
    -------
    DataFrame
        ``rule_01`` to ``rule_40``, standard normal where a rule knows nothing.
    """
    rng = np.random.default_rng(seed)
    risk = rng.standard_normal((len(batches), _RULES))
    if good:
        known = batches[["hold_h", "cells_at_infection_per_ml"]]
        scaled = (known - known.mean()) / known.std()
        k = rng.integers(_RULES)
        risk[:, k] = scaled["hold_h"] - scaled["cells_at_infection_per_ml"]
    return pd.DataFrame(risk, columns=[f"rule_{k + 1:02d}" for k in range(_RULES)])


def areas(rules: pd.DataFrame, short: pd.Series) -> pd.Series:
    """Return the area under the ROC curve of every rule, all at once.

    Parameters
    ----------
    rules : DataFrame (B, R)
        The risk that each rule gives each batch.
    short : Series (B,) of bool

    Returns
    -------
    Series (R,)
        Share of the pairs of a short and another batch that a rule ranks rightly.
    """
    is_short = np.asarray(short, dtype=bool)
    n, ranks = is_short.sum(), rules.rank()
    won = ranks[is_short].sum() - n * (n + 1) / 2
    return won / (n * (len(is_short) - n))


@exercise("Exercise 4 · The best of forty", points=4)
def best_of_many(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``nested_score``: the rule is chosen in each fold anew."""
    function = answers.function("nested_score")
    batches = _history(plant_seed)
    y = batches["short"].reset_index(drop=True)
    few = y[:_FEW]
    got, best, seen = [], [], []
    for k in range(_SHUFFLES):
        lucky = rules(batches[:_FEW], 100 * plant_seed + k)
        value = function(lucky.copy(), few.copy(), shown="rules, y")
        got.append(number(value, function.name))
        best.append(areas(lucky, few).max())
        folds = [test for _, test in _shuffled().split(few)]
        seen.append(np.mean([areas(lucky.iloc[test], few.iloc[test]).max() for test in folds]))
    value = float(np.mean(got))
    label = "six times forty rules that know nothing"
    is_right = abs(value - 0.5) <= CHANCE_TOLERANCE
    if is_right:
        yield passed(label, 2.5, f"An area of {value:.2f} on average: chance, as it must be.")
    else:
        message = "These rules know nothing, so an honest area is near 0.5."
        if abs(value - np.mean(best)) < 0.02:
            message = (
                "This is the best of forty areas. The highest of forty lucky numbers is a very "
                "lucky number. Choose on four fifths of the batches, judge on the fifth."
            )
        elif abs(value - np.mean(seen)) < 0.03:
            message = (
                "You chose on the test batches of each fold. Choose on the other four fifths; "
                "the test batches only judge."
            )
        yield not_yet(label, 2.5, message, got=f"{value:.2f}", expected="about 0.50")
    label = "forty rules of which one knows something"
    known = rules(batches, plant_seed, good=True)
    value = number(function(known.copy(), y.copy(), shown="rules, y"), function.name)
    truth = areas(known, y).max()
    if not is_right:
        yield not_yet(label, 1.5, "This counts once the first part is right.", got=f"{value:.2f}")
    elif abs(value - truth) <= SIGNAL_TOLERANCE:
        yield passed(label, 1.5, f"An area of {value:.2f}.")
    else:
        message = "One of these rules is good, and choosing on four fifths finds it in each fold."
        yield not_yet(label, 1.5, message, got=f"{value:.2f}", expected=f"about {truth:.2f}")


# Exercise 5 -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Delivered:
    """What a model gave in the nine times 100 batches, on average.

    Attributes
    ----------
    area : float
        Under the ROC curve.
    right_alarms : float
        Short batches among the `SPARES` of the highest risk.
    missing_doses : float
        Below plan in a hundred batches, where each of those `SPARES` is made good by a spare.
    """

    area: float
    right_alarms: float
    missing_doses: float


def deliver(batches: pd.DataFrame, names: list[str]) -> Delivered:
    """Train the plain model on a history's columns, and let the plant make batches.

    Parameters
    ----------
    batches : DataFrame
        From `table`.
    names : list of str
        Columns that the model sees.
    """
    fitted = model().fit(in_time(batches)[names], batches["short"])
    return Delivered(*np.mean([_outcome(fitted, names, future) for future in futures()], axis=0))


def _outcome(
    fitted: BaseEstimator, names: list[str], future: pd.DataFrame
) -> tuple[float, float, float]:
    risk = fitted.predict_proba(in_time(future)[names])[:, 1]
    spared = np.argsort(-risk, kind="stable")[:SPARES]
    below = (PLAN_DOSES - future["doses"].to_numpy()).clip(0)
    short = future["short"].to_numpy()
    missing = below.sum() - below[spared].sum()
    return roc_auc_score(short, risk), short[spared].sum(), missing


@lru_cache(maxsize=8)
def _candidates(plant_seed: int) -> dict[str, tuple[float, float, float]]:
    """Return of each set of columns: random score, score by lot, area delivered."""
    batches = _history(plant_seed)
    x, y = in_time(batches), batches["short"]
    return {
        name: (
            float(np.mean([_auc(model(), x[names], y, _shuffled(k)) for k in range(3)])),
            _auc(model(), x[names], y, GroupKFold(FOLDS), groups=batches["seed_lot"]),
            deliver(batches, names).area,
        )
        for name, names in column_sets(x).items()
    }


@exercise("Exercise 5 · A promise for next month", points=5)
def promise(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``choose``: the set of columns that works on new lots, and an honest promise."""
    function = answers.function("choose")
    name, promised = _choice(function, _history(plant_seed))
    seen = _candidates(plant_seed)
    random, grouped, delivered = seen[name]
    best = max(area for _, _, area in seen.values())
    by_random = max(seen, key=lambda key: seen[key][0])
    label = "the choice"
    leaks = name == by_random and random - grouped > LEAK and delivered < best
    if delivered >= best - CHOICE_TOLERANCE and not leaks:
        yield passed(label, 2, f"`{name}` gives {delivered:.2f} on lots that nobody has seen.")
    elif leaks:
        yield not_yet(
            label,
            2,
            f"`{name}` is best where batches of one lot stand on both sides. The lines of a "
            "certificate are the same for all batches of a lot: to the model they are the lot's "
            "name. Next month's lot has a name that it never saw.",
            got=f"{delivered:.2f} on new lots",
            expected=f"{best:.2f}",
        )
    else:
        yield not_yet(
            label,
            2,
            "Another set does better on new lots.",
            got=f"{delivered:.2f} on new lots",
            expected=f"{best:.2f}",
        )
    label = "the promise against nine times 100 new batches"
    as_random = abs(promised - random) < SPLIT_TOLERANCE and random - grouped > LEAK
    # Named first: a leaking promise is wrong also where luck brings it near the truth.
    if as_random:
        message = (
            "This is the score of the random split: its test batches share their lots with the "
            "training. Promise what the split by lot gives."
        )
    elif abs(promised - delivered) <= PROMISE_TOLERANCE:
        yield passed(label, 3, f"Promised {promised:.2f}, the plant gave {delivered:.2f}.")
        return
    else:
        message = "Too far from what the plant gave."
        if promised > 0.9:
            message += " Was it scored on the batches it was trained on?"
    yield not_yet(
        label,
        3,
        message,
        got=f"{promised:.2f}",
        expected=f"{delivered:.2f} ± {PROMISE_TOLERANCE}",
    )


def _choice(function: Function, batches: pd.DataFrame) -> tuple[str, float]:
    """Ask for a set of columns and a promise."""
    known, lot = in_time(batches), batches["seed_lot"]
    sets = column_sets(known)
    answer = function(
        model(), known.copy(), batches["short"].copy(), lot.copy(), sets, shown="model, X, y, …"
    )
    try:
        name, promised = answer.values() if isinstance(answer, dict) else answer
    except (TypeError, ValueError):
        name, promised = None, None
    if not isinstance(name, str) or name not in sets:
        raise Stop(
            Outcome.NOT_YET,
            "`choose` should give two things: the name of one of the sets, and a number.",
            got=describe(answer),
            look_at=f"the names are {', '.join(sets)}",
        )
    return name, _area(promised, "choose")


# Let the plant run ------------------------------------------------------------------------


def delivery(namespace: Mapping[str, Any]) -> tuple[go.Figure, str]:
    """Set what was promised beside what nine times 100 new batches give.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `choose` is put to work where it gives an answer.

    Returns
    -------
    tuple of Figure and str
        Bars of areas, and a sentence that says the same.
    """
    seen = _candidates(campaign.HISTORY_SEED)
    random, _, delivered = seen["everything"]
    bars = {
        "everything: promised<br>by the random split": random,
        "everything:<br>delivered": delivered,
    }
    own = " Your own bars will stand beside these once `choose` gives an answer."
    parts = list(guarded("", 1, _chosen(namespace)))
    if parts[0].outcome is Outcome.PASSED:
        name, promised = parts[0].label, float(parts[0].message)
        bars[f"{name}: promised<br>by you"] = promised
        bars[f"{name}:<br>delivered to you"] = seen[name][2]
        own = f" You promised {promised:.2f} with {name}, and the plant gave {seen[name][2]:.2f}."
    figure = figures.bars(
        pd.Series(bars), title="The next lots", axis_title="area under the ROC curve"
    ).update_yaxes(range=[0, 1])
    sentence = f"The random split promised {random:.2f}, the plant gave {delivered:.2f}.{own}"
    return figure, sentence


def _chosen(namespace: Mapping[str, Any]) -> Iterator[Part]:
    name, promised = _choice(Answers(namespace).function("choose"), _history(campaign.HISTORY_SEED))
    yield passed(name, 1, str(promised))
