"""Checks of day 1, notebook 4: a yield, and how sure one may be of it.

Each check makes batches that the learner has not seen, by the plant that ``plant_seed``
drives, and judges by their true titres. What a batch is asked for is known at its infection.

The history's harvests are all planned for one hour, so it holds no confounding of MOI and
harvest hour. `pilot_series` makes one: its plan gives batches with a low MOI more time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from sklearn.base import BaseEstimator, RegressorMixin

from vaxlab import figures
from vaxlab.checks.exercise import Answers, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, named, number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.plant import assays, campaign, equipment, faults, lots, making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Recipe

CERTIFIED = {
    "serum": ["serum_hemoglobin", "serum_total_protein", "serum_growth_promotion"],
    "carrier": ["carrier_swelling_volume", "carrier_d50"],
    "trypsin": ["trypsin_activity", "trypsin_months_to_expiry"],
    "seed": ["seed_tcid50", "seed_ha"],
}
"""Lines of the certificates that the notebook's table holds."""

NEXT_LOTS, NEXT_A_LOT = 40, 6
"""New seed lots that the plant tries, and batches made from each."""
NEXT_LOTS_DIFFER = 1.5
"""How much more the lots of a new seed bank differ than those of the history."""

PILOT_H = {3e-5: 60.0, 1e-4: 52.5, 3e-4: 45.0, 1e-3: 37.5}
"""MOI to the hour after infection for which the pilot series planned the harvest."""
PILOT_SHIFT_H = 4.0
"""SD of how far the crew came early or late, whatever the batch."""
PILOT_LONGEST_H = 72.0
SLOT_H = 45.0
"""The harvest hour that the plan keeps when the team acts on the pilot series."""

CARRIERS_G_PER_L = (2.0, 2.5, 3.0, 3.5, 4.0)
"""The history has the first two."""

# Calibrated on ten seeds of the plant, see tests/lessons/day1/test_how_sure.py for the table.
R2_TOLERANCE, R2_TRUTH_TOLERANCE = 0.005, 0.04
SLOPE_TOLERANCE = 0.02
FLOOR_RATIO, BESIDE_RIDGE = 1.5, 1.1
COVERED = (0.87, 0.93)
COVERED_NEW_LOTS = (0.78, 0.99)
LEVEL = 0.9


# Tables -----------------------------------------------------------------------------------


def known_at_infection(tables: Any) -> pd.DataFrame:
    """Lay out what is known of each batch when it is infected.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``certificates``, ``genealogy`` and ``seed_train`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; set points, lines of the certificates, hours from detachment to
        inoculation, passages of the cells, cells counted at infection, days since the trypsin lot
        was first used,
        and ``seed_lot`` (text).
    """
    batches = tables["batches"].set_index("batch_id")
    table = batches[[*campaign.SET_POINTS, "cells_at_infection_per_ml"]].astype(float)
    last = tables["seed_train"].query("stage == 'N-1'").set_index("batch_id")["detached_at"]
    table["hold_h"] = (batches["started_at"] - last).dt.total_seconds() / 3600
    table["passage"] = tables["genealogy"].set_index("batch_id")["passage"].astype(float)
    opened = batches.groupby("trypsin_lot")["started_at"].transform("min")
    table["trypsin_days"] = (batches["started_at"] - opened).dt.days.astype(float)
    certificates = tables["certificates"].set_index("lot")
    for kind, lines in CERTIFIED.items():
        for line in lines:
            table[f"certified_{line}"] = batches[f"{kind}_lot"].map(certificates[line])
    return table.assign(seed_lot=batches["seed_lot"])


@lru_cache(maxsize=4)
def history(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the history as `known_at_infection` has it, with ``ha``: the mean of four assays.

    Readings below the limit of detection count as the limit.
    """
    tables = campaign.run(seed=plant_seed).tables
    return known_at_infection(tables).assign(ha=four_readings(plant_seed).mean(axis=1))


@lru_cache(maxsize=8)
def next_batches(
    new_seed_lots: bool, plant_seed: int = HISTORY_SEED, seed: int = 7
) -> pd.DataFrame:
    """Make the next batches of a plant.

    Parameters
    ----------
    new_seed_lots : bool
        Whether they come from seed lots that the history does not have; otherwise recipes and
        lots are those of batches of the history.
    plant_seed : int
        Of the history.
    seed : int
        Of recipes, lots, hands, faults and assays.

    Returns
    -------
    DataFrame
        Columns as `history`, and three that no plant has: ``true_ha``; ``usual_ha``, the truth
        of the same recipe and lots when all hands do what is usual; ``sound``, no fault.
    """
    plant = campaign.run(seed=plant_seed)
    rng = np.random.default_rng([plant_seed, seed])
    n = NEXT_LOTS * NEXT_A_LOT
    rows = rng.integers(len(plant.circumstances), size=n)
    table = history(plant_seed).iloc[rows].reset_index(drop=True)
    factors = {name: values[rows] for name, values in plant.circumstances.lot_factors.items()}
    if new_seed_lots:
        lot = np.repeat(np.arange(NEXT_LOTS), NEXT_A_LOT)
        new = {
            field: np.exp(NEXT_LOTS_DIFFER * sd * lots.normal_scores(rng, NEXT_LOTS))
            for field, sd in lots.LOT_KINDS["seed"].sd.items()
        }
        factors |= {field: values[lot] for field, values in new.items()}
        printed = lots.certificates(rng, {**plant.plan.lot_effects, "seed": new})["seed"]
        for line in CERTIFIED["seed"]:
            table[f"certified_{line}"] = printed[line.removeprefix("seed_")][lot]
        table["seed_lot"] = [f"SEED-{90 + k - NEXT_LOTS + 1}" for k in lot]
    hold_h = making.draw_hold_h(rng, n)
    fitted = equipment.take(plant.circumstances.fitted, rows)
    set_points = [
        {name: float(values[row]) for name, values in plant.plan.set_points.items()} for row in rows
    ]
    wrong = faults.draw(rng, n)
    passage = plant.circumstances.passage[rows]
    made = _make(rng, set_points, factors, hold_h, passage, fitted, wrong)
    usual = _make(None, set_points, factors, hold_h, passage, fitted, faults.none(n))
    true_ha = made.batches.at_harvest["ha_log10_per_100ul"]
    cells = made.batches.at_infection["attached_cells_per_ml"]
    return table.assign(
        hold_h=hold_h,
        cells_at_infection_per_ml=1000 * np.round(assays.count(cells, rng) / 1000),
        ha=_read(true_ha, rng),
        true_ha=true_ha,
        sound=wrong.fault == "",
        usual_ha=usual.batches.at_harvest["ha_log10_per_100ul"],
    )


@lru_cache(maxsize=4)
def pilot_series(plant_seed: int = HISTORY_SEED, n: int = 360) -> pd.DataFrame:
    """Make batches whose harvest was planned by their MOI: the slow ones got more time.

    Parameters
    ----------
    plant_seed : int
        Of the plant whose lots they use.
    n : int
        Batches.

    Returns
    -------
    DataFrame
        ``moi``, ``harvest_h`` (h after infection), ``ha`` (mean of four assays).
    """
    plant = campaign.run(seed=plant_seed)
    rng = np.random.default_rng([plant_seed, 11])
    rows = rng.integers(len(plant.circumstances), size=n)
    moi = rng.permutation(np.resize(list(PILOT_H), n))
    made = _make_like(plant, rows, rng, PILOT_LONGEST_H, moi=moi)
    planned = np.array([PILOT_H[value] for value in moi])
    hour = np.round(planned + PILOT_SHIFT_H * rng.standard_normal(n).clip(-2, 2), 1)
    ha = made.batches.at("ha_log10_per_100ul", np.arange(n), hour)
    return pd.DataFrame({"moi": moi, "harvest_h": hour, "ha": _read(ha, rng)})


@lru_cache(maxsize=4)
def one_slot(plant_seed: int = HISTORY_SEED, n: int = 100) -> pd.Series:
    """Make the same batches with each MOI of the pilot series, all harvested at ``SLOT_H``.

    Returns
    -------
    Series
        MOI to the mean true antigen, as a share of that of the highest MOI.
    """
    plant = campaign.run(seed=plant_seed)
    rows = np.random.default_rng([plant_seed, 12]).integers(len(plant.circumstances), size=n)
    antigen = {}
    for moi in PILOT_H:
        rng = np.random.default_rng([plant_seed, 13])  # the same hands for each
        made = _make_like(plant, rows, rng, PILOT_LONGEST_H, moi=np.full(n, moi))
        ha = made.batches.at("ha_log10_per_100ul", np.arange(n), np.full(n, SLOT_H))
        antigen[moi] = float((10**ha).mean())
    return pd.Series(antigen) / antigen[max(PILOT_H)]


@lru_cache(maxsize=2)
def more_carriers(plant_seed: int = HISTORY_SEED, n: int = 60) -> pd.DataFrame:
    """Make the same batches with ever more carriers, up to twice what the history has.

    Returns
    -------
    DataFrame
        Columns as `next_batches`.
    """
    plant = campaign.run(seed=plant_seed)
    rows = np.random.default_rng([plant_seed, 14]).integers(len(plant.circumstances), size=n)
    parts = []
    for grams in CARRIERS_G_PER_L:
        rng = np.random.default_rng([plant_seed, 15])
        made = _make_like(plant, rows, rng, carrier_g_per_l=np.full(n, grams))
        cells = made.batches.at_infection["attached_cells_per_ml"]
        parts.append(
            history(plant_seed)
            .iloc[rows]
            .assign(
                carrier_g_per_l=grams,
                cells_at_infection_per_ml=assays.count(cells, rng),
                true_ha=made.batches.at_harvest["ha_log10_per_100ul"],
            )
        )
    return pd.concat(parts, ignore_index=True)


def carriers_figure(lines: pd.DataFrame) -> go.Figure:
    """Draw what the plant and some models say of more carriers.

    Parameters
    ----------
    lines : DataFrame
        Index: carriers in g/L; one column each for the plant and the models, gain in log10.
    """
    figure = go.Figure()
    for k, name in enumerate(lines):
        figure.add_scatter(
            x=lines.index,
            y=lines[name],
            name=name,
            mode="lines+markers",
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k], "width": 3},
            marker={"symbol": figures.MARKERS[k], "size": 10},
        )
    return figure.update_layout(
        title="More carriers than ever before",
        xaxis_title="carriers (g/L); the history has 2.0 and 2.5",
        yaxis_title="gain in HA (log10)",
        height=420,
    )


def doses_per_antigen(plant_seed: int = HISTORY_SEED) -> float:
    """Return the doses that the plant usually gets from a batch, per unit of 10 ** HA."""
    release = campaign.run(seed=plant_seed).tables["release"].set_index("batch_id")["doses"]
    return float((release / 10 ** history(plant_seed)["ha"]).median())


def _make_like(
    plant: campaign.Campaign,
    rows: np.ndarray,
    rng: np.random.Generator,
    infection_h: float = campaign.INFECTION_H,
    **changed: np.ndarray,
) -> making.Made:
    """Make batches of the history again, with some set points changed, as long as is asked."""
    meant = {name: values[rows] for name, values in plant.plan.set_points.items()} | changed
    set_points = [
        dict(zip(meant, map(float, values), strict=True))
        for values in zip(*meant.values(), strict=True)
    ]
    then = plant.circumstances
    factors = {name: values[rows] for name, values in then.lot_factors.items()}
    fitted = equipment.take(then.fitted, rows)
    wait, passage = then.hold_h[rows], then.passage[rows]
    sound = faults.none(len(rows))
    return _make(rng, set_points, factors, wait, passage, fitted, sound, infection_h)


def _make(
    rng: np.random.Generator | None,
    set_points: list[dict[str, float]],
    factors: dict[str, np.ndarray],
    hold_h: np.ndarray,
    passage: np.ndarray,
    fitted: equipment.Fitted,
    plan: faults.Plan,
    infection_h: float = campaign.INFECTION_H,
) -> making.Made:
    """Make batches; without ``rng`` all hands do what is usual."""
    n = len(set_points)
    draw = rng.standard_normal if rng else np.zeros
    circumstances = making.Circumstances(
        lot_factors=factors,
        handling=making.draw_handling(draw, n),
        hold_h=hold_h,
        passage=passage,
        dips=making.draw_dips(rng, n) if rng else np.zeros((n, making.DIPS_MOST, 2)),
        fitted=fitted,
        faults=plan,
        luck_seed=int(rng.integers(2**32)) if rng else 0,
    )
    recipes = [
        Recipe(growth_time_h=campaign.GROWTH_H, infection_duration_h=infection_h, **points)
        for points in set_points
    ]
    return making.make(recipes, circumstances)


def _read(true_ha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the mean of four assays of each harvest."""
    four = np.repeat(true_ha[:, None], campaign.HA_REPLICATES, axis=1)
    readings = assays.HA.read(four, rng)
    return np.where(np.isnan(readings), VALUES["lod_HA"], readings).mean(axis=1)


# What the checks measure with ----------------------------------------------------------------


def ridge() -> BaseEstimator:
    """Return a plain model: standardised numbers, one column a seed lot, ridge regression."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), ["seed_lot"]),
    )
    return make_pipeline(columns, RidgeCV(np.logspace(-1, 3, 9)))


@lru_cache(maxsize=4)
def predictions(plant_seed: int = HISTORY_SEED) -> pd.Series:
    """Return what ten ridge models say of batches of the history that they had not seen."""
    from sklearn.model_selection import KFold, cross_val_predict

    table = history(plant_seed)
    folds = KFold(10, shuffle=True, random_state=0)
    said = cross_val_predict(ridge(), table.drop(columns="ha"), table["ha"], cv=folds)
    return pd.Series(said, index=table.index)


def four_readings(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the quality laboratory's readings: one row a batch, columns 1 to 4."""
    readings = campaign.run(seed=plant_seed).tables["harvest_assays"]
    table = readings.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    return table.fillna(VALUES["lod_HA"])


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · R² against what?", points=4)
def scores(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``three_scores``: R² against one assay, the mean of four, and the truth."""
    function = answers.function("three_scores")
    predicted, readings = predictions(plant_seed), four_readings(plant_seed)
    answer = function(predicted.copy(), readings.copy(), shown="predicted, readings")
    values = _numbers(answer, 3, "`three_scores` should give three numbers: one, four, truth.")
    one, four = _r2(readings[1], predicted), _r2(readings.mean(axis=1), predicted)
    plant = campaign.run(seed=plant_seed).truth["batches"].set_index("batch_id")
    truth = _r2(plant["ha_at_harvest_log10_per_100ul"], predicted)
    assay = readings.var(axis=1).mean()
    mean = readings.mean(axis=1)
    square = ((mean - predicted) ** 2).mean()
    unmixed = float(1 - (square - assay / 4) / (mean.var() - assay / 4))
    without = 1 - square / (mean.var() - assay / 4)
    correlation = {
        np.corrcoef(readings[1], predicted)[0, 1] ** 2: "This is the squared correlation. It "
        "forgives a wrong slope and a wrong level; R² does not.",
        np.corrcoef(mean, predicted)[0, 1] ** 2: "This is the squared correlation. It forgives "
        "a wrong slope and a wrong level; R² does not.",
        _r2(predicted, readings[1]): "Prediction and measurement changed places: the variance "
        "below the line is that of what was measured.",
        _r2(predicted, mean): "Prediction and measurement changed places: the variance below "
        "the line is that of what was measured.",
    }
    for label, value, right in (("one assay", values[0], one), ("mean of four", values[1], four)):
        # Named first: on some histories a squared correlation comes close.
        known = named(value, correlation, "", rtol=1e-6)
        if not known and abs(value - right) <= R2_TOLERANCE:
            yield passed(f"against {label}", 1, f"{value:.2f}.")
        else:
            message = known or "Not the R² that was asked for."
            yield not_yet(f"against {label}", 1, message, got=f"{value:.3f}")
    wrong = {
        four: "This is the R² against the mean of four again. A quarter of the assay's variance "
        "is still in the mean of four: take it off.",
        without: "The assay's share was taken from the spread of the harvests only. It is in the "
        "squared deviations, too: take it off above and below the line.",
        1 - square / assay: "The assay's variance alone does not belong below the line.",
        four + assay / 4: "Variances are taken off before the division, not after it.",
    }
    label = "against the truth"
    known = named(values[2], wrong, "", rtol=0.0, atol=0.001)
    if not known and abs(values[2] - unmixed) <= R2_TRUTH_TOLERANCE:
        yield passed(label, 2, f"{values[2]:.2f}; the plant's truth says {truth:.2f}.")
    else:
        yield not_yet(
            label,
            2,
            known or "Not what the formula gives.",
            got=f"{values[2]:.3f}",
        )


def _r2(target: pd.Series, predicted: pd.Series) -> float:
    predicted = predicted.reindex(target.index)
    return float(1 - ((target - predicted) ** 2).mean() / target.var(ddof=0))


def _numbers(answer: Any, n: int, message: str) -> list[float]:
    """Read n numbers from a tuple, an array, a Series or a dict."""
    try:
        values = list(answer.values()) if isinstance(answer, dict) else list(np.ravel(answer))
    except (TypeError, ValueError):
        values = []
    if len(values) != n:
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return [number(value, "each of them") for value in values]


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · Slow batches", points=4)
def slopes(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``moi_slopes``: of all batches together, and at one harvest hour."""
    function = answers.function("moi_slopes")
    table = pilot_series(plant_seed)
    answer = function(table.copy(), shown="pilot")
    values = _numbers(answer, 2, "`moi_slopes` should give two numbers: together, same_hour.")
    together, same_hour = _slopes(table)
    wrong = {
        np.polyfit(table["moi"], table["ha"], 1)[0]: "This is the slope on the MOI itself. Asked "
        "is the change for ten times the MOI: use its log10.",
        np.polyfit(np.log(table["moi"]), table["ha"], 1)[0]: "This is the slope on the natural "
        "logarithm. Ten times the MOI is one step of log10.",
        np.polyfit(np.log10(table["moi"]), table["harvest_h"], 1)[0]: "This is the slope of the "
        "hours. Asked is that of the HA.",
        float(np.corrcoef(np.log10(table["moi"]), table["ha"])[0, 1]): "This is a correlation. "
        "Asked is a slope: log10 of HA for ten times the MOI.",
    }
    label = "all batches together"
    if abs(values[0] - together) <= SLOPE_TOLERANCE / 4:
        yield passed(label, 1, f"{values[0]:+.3f} log10 for ten times the MOI.")
    else:
        message = named(values[0], wrong, "Not the slope of a straight line through all batches.")
        yield not_yet(label, 1, message, got=f"{values[0]:+.3f}")
    label = "at the same harvest hour"
    if abs(values[1] - same_hour) <= 2 * SLOPE_TOLERANCE and values[1] > 0:
        yield passed(label, 3, f"{values[1]:+.3f}: the sign has turned.")
        return
    hour = np.polyfit(table["harvest_h"], table["ha"], 1)[0]
    wrong |= {
        together: "This is the slope of all batches together again. Batches with a low MOI were "
        "given more hours: compare batches of one hour.",
        hour: "This is the slope on the hour. Asked is that on the MOI, with the hour held.",
    }
    message = named(values[1], wrong, "Not the slope with the hour held fixed.")
    yield not_yet(label, 3, message, got=f"{values[1]:+.3f}")


def _slopes(table: pd.DataFrame) -> tuple[float, float]:
    x, one = np.log10(table["moi"]), np.ones(len(table))
    together = np.linalg.lstsq(np.c_[one, x], table["ha"], rcond=None)[0]
    same_hour = np.linalg.lstsq(np.c_[one, x, table["harvest_h"]], table["ha"], rcond=None)[0]
    return float(together[1]), float(same_hour[1])


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · Close to the floor", points=5)
def model(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``make_model``: trained on the history, judged on the next batches."""
    from vaxlab.checks import models

    function = answers.function("make_model")
    made = models.estimator(function, models.BorrowedRegressor, "a scikit-learn regressor")
    table = history(plant_seed)
    trained = _Trained(made, table)
    like, new = next_batches(False, plant_seed), next_batches(True, plant_seed)
    said = trained.predict(like)
    label = "predicts log10 HA"
    if said.between(0.5, 4).all():
        yield passed(label, 1)
    elif said.median() > 10:
        yield not_yet(
            label,
            5,
            "These look like antigen, not its logarithm. Train on `ha` as it is; where you "
            "transform the target, transform the predictions back.",
            got=f"a median of {said.median():.3g}",
        )
        return
    else:
        yield not_yet(
            label,
            1,
            "Some predictions are no possible titre. What does your model do far from what it "
            "has seen?",
            got=f"{said.min():.2f} to {said.max():.2f}",
        )
    trained.predict(new)
    sound = like["sound"]  # nobody can foretell a fault on the morning of infection
    said, like = said[sound], like[sound]
    yield passed("predicts batches of a seed lot that it has never seen", 1)
    rmse, floor = _rmse(said, like), noise_floor(like)
    label = "close to the noise floor"
    text = f"RMSE {rmse:.3f}, floor {floor:.3f} log10: {rmse / floor:.2f} times."
    beside = ridge().fit(table.drop(columns="ha"), table["ha"])
    plain = _rmse(pd.Series(beside.predict(like[table.columns.drop("ha")]), like.index), like)
    most = max(FLOOR_RATIO, BESIDE_RIDGE * plain / floor)
    if rmse <= most * floor:
        yield passed(label, 3, text)
        return
    if said.std() < 0.01:
        why = " It says nearly the same of every batch: what does it read of the table?"
    elif _rmse(trained.predict(table.assign(true_ha=table["ha"])), table, assayed=False) < 0.03:
        why = " It knows its own training batches by heart, their assay's luck included."
    else:
        why = " Are the numbers on one scale, and does the model know the seed lot?"
    yield not_yet(label, 3, text + why, expected=f"at most {most:.2f} times the floor")


def noise_floor(batches: pd.DataFrame) -> float:
    """Return the RMSE against four assays of someone who knows all lots, but no hands to come.

    Parameters
    ----------
    batches : DataFrame
        From `next_batches`.

    Returns
    -------
    float
        In log10: the spread of the truth around what the same recipe and lots usually give,
        and half of one assay's SD.
    """
    by_hands = (batches["true_ha"] - batches["usual_ha"]).var()
    return float(np.sqrt(by_hands + campaign.HA_SD_LOG10**2 / campaign.HA_REPLICATES))


def _rmse(said: pd.Series, batches: pd.DataFrame, *, assayed: bool = True) -> float:
    """Return the RMSE that is to be expected against four new assays of these batches."""
    truth = batches["true_ha"] if assayed else batches["ha"]
    noise = campaign.HA_SD_LOG10**2 / campaign.HA_REPLICATES if assayed else 0.0
    return float(np.sqrt(((said - truth) ** 2).mean() + noise))


class _Trained:
    """A learner's model, trained on a history."""

    def __init__(self, made: BaseEstimator, table: pd.DataFrame) -> None:
        self._columns = list(table.columns.drop("ha"))
        self._model = made.fit(table[self._columns], table["ha"])

    def predict(self, batches: pd.DataFrame) -> pd.Series:
        said = np.ravel(self._model.predict(batches[self._columns]))
        said = series(said, batches.index).astype(float)
        if not np.isfinite(said).all():
            raise Stop(Outcome.NOT_YET, "Some predictions are not finite.", got=describe(said))
        return said


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Half a width", points=4)
def width(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``half_width``: the coverage of its intervals, over many draws."""
    function = answers.function("half_width")
    pool = (history(plant_seed)["ha"] - predictions(plant_seed)).to_numpy()
    for label, points, n, level in (
        ("90 %, from many batches", 1, 199, 0.9),
        ("90 %, from 19 batches", 2, 19, 0.9),
        ("80 %, from 99 batches", 1, 99, 0.8),
    ):
        rng = np.random.default_rng([plant_seed, n])
        covered, first = [], None
        for _ in range(200):
            order = rng.permutation(len(pool))
            known, rest = pool[order[:n]], pool[order[n:]]
            half = number(function(known.copy(), level, shown=f"deviations, {level}"), "half_width")
            first = (known, half) if first is None else first
            covered.append(np.mean(np.abs(rest) <= half))
        share = float(np.mean(covered))
        tolerance = (COVERED[1] - COVERED[0]) / 2 if n > 19 else 0.02
        text = f"{share:.1%} of other batches lie inside."
        known = _width_named(*first, level)
        if not known and abs(share - level) <= tolerance:
            yield passed(label, points, text)
        else:
            yield not_yet(label, points, f"{text} {known}".strip(), expected=f"{level:.0%}")


def _width_named(deviations: np.ndarray, half: float, level: float) -> str:
    """Return what is known to be wrong about a half-width."""
    size, n = np.abs(deviations), len(deviations)
    wrong = {
        float(np.quantile(deviations, level)): "This is a quantile of the signed deviations: it "
        "leaves out the batches on one side only, and all of the others. Take sizes first.",
        float(np.quantile(deviations, (1 + level) / 2)): "This is a quantile of the signed "
        "deviations. Take their sizes first.",
        float(np.quantile(size, 1 - level)): "That is the other end: this share lies *outside*.",
    }
    for factor in (1.645, 1.96, 2.0):
        for ddof in (0, 1):
            spread = deviations.std(ddof=ddof)
            wrong[factor * spread] = (
                "A multiple of the standard deviation supposes a bell curve, and says nothing "
                "of how few batches there were. Count instead."
            )
    if n < 50:
        wrong[float(np.quantile(size, level))] = (
            "The quantile of the batches you have forgets that the next one is one more: "
            "ask for the ceil((n + 1) · level)-th smallest."
        )
    return named(half, wrong, "", rtol=1e-6, atol=1e-9)


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · A lot nobody has seen", points=5)
def new_lot(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``new_lot_deviations``: no lot on both sides, and intervals that hold."""
    function = answers.function("new_lot_deviations")
    table = history(plant_seed)
    said = _deviations(function(Watched(), table.copy(), shown="model, table"), table)
    known, itself = Watched.read(said)
    own = table["seed_lot"].map(Watched.bit)
    apart = False
    label = "every lot is foretold by a model that has not seen it"
    if not known.any():
        yield not_yet(label, 3, "The model that came in was never asked. Use `model`.")
    elif itself.any():
        yield not_yet(
            label,
            3,
            "Some batches were foretold by a model that was trained on those very batches. What "
            "is left is smaller than the truth.",
        )
    elif (known & own).any():
        yield not_yet(
            label,
            3,
            "The batch was left out, its seed lot was not: the model knew sisters of it. Leave "
            "out whole lots: `groups=` together with a splitter that uses them, such as "
            "`LeaveOneGroupOut`.",
        )
    elif (said % Watched.STEP == 0).all():
        yield not_yet(
            label, 3, "These are not deviations: take `ha` minus what was predicted.", earned=1
        )
    else:
        apart = True
        yield passed(label, 3, f"{known.nunique()} models, {len(table)} batches.")
    if not apart:
        message = "Looked at once lots are kept apart."
        yield not_yet("intervals hold on new seed lots", 2, message)
        return
    deviations = _deviations(function(ridge(), table.copy(), shown="model, table"), table)
    new = next_batches(True, plant_seed)
    columns = table.columns.drop("ha")
    said = ridge().fit(table[columns], table["ha"]).predict(new[columns])
    off = (new["ha"] - said).abs()
    naive = off <= half_width(table["ha"] - predictions(plant_seed), LEVEL)
    mended = float((off <= half_width(deviations, LEVEL)).mean())
    text = (
        f"On new seed lots, intervals from random folds cover {naive.mean():.0%}, yours cover "
        f"{mended:.0%}."
    )
    low, high = COVERED_NEW_LOTS
    if low <= mended <= high and mended > naive.mean():
        yield passed("intervals hold on new seed lots", 2, text)
    else:
        yield not_yet("intervals hold on new seed lots", 2, text, expected="about 90 %")


def half_width(deviations: pd.Series, level: float) -> float:
    """Return the ceil((n + 1) · level)-th smallest size of some deviations."""
    size = np.sort(np.abs(np.asarray(deviations)))
    return float(size[min(int(np.ceil((len(size) + 1) * level)), len(size)) - 1])


def _deviations(answer: Any, table: pd.DataFrame) -> pd.Series:
    deviations = series(answer, table.index)
    try:
        deviations = deviations.astype(float)
    except (TypeError, ValueError):
        deviations = pd.Series(np.nan, index=table.index)
    if not np.isfinite(deviations).all():
        raise Stop(
            Outcome.NOT_YET,
            "`new_lot_deviations` should give a finite number for each batch.",
            got=describe(answer),
        )
    return deviations


class Watched(RegressorMixin, BaseEstimator):
    """A regressor whose predictions tell what it was trained on, and nothing else.

    It predicts `STEP` times a number: one bit for each seed lot that it has seen, and one for the
    very batch. HA is far smaller than a step, so the number can be read off a deviation.
    """

    STEP = 16.0
    ITSELF = 2**40

    def fit(self, X: Any, y: Any) -> Watched:
        """Note lots and batches."""
        if not isinstance(X, pd.DataFrame) or "seed_lot" not in X:
            raise ValueError("the model needs the columns of the table, seed_lot among them")
        self.known_, self.lots_ = set(X.index), sum(map(self.bit, set(X["seed_lot"])))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Tell of each batch what was seen before."""
        itself = np.array([label in self.known_ for label in X.index])
        return self.STEP * (self.lots_ + self.ITSELF * itself)

    @staticmethod
    def bit(lot: str) -> int:
        """Return the bit of a lot, such as ``SEED-03``."""
        return 2 ** (int(lot.rpartition("-")[2]) % 40)

    @classmethod
    def read(cls, deviations: pd.Series) -> tuple[pd.Series, pd.Series]:
        """Return of each batch the bits of the lots that were seen, and whether it was itself."""
        number = (deviations.abs() / cls.STEP).round().clip(upper=2.0**50).astype(np.int64)
        return number % cls.ITSELF, number >= cls.ITSELF
