"""What day 1, notebook 4 lays out: tables, batches that the plant makes for it, figures.

What a batch is asked for is known at its infection. The history's harvests are all planned for one
hour, so it holds no confounding of MOI and harvest hour. `pilot_series` makes one: its plan gives
batches with a low MOI more time.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from sklearn.base import BaseEstimator

from vaxlab import figures
from vaxlab.plant import assays, campaign, equipment, faults, lots, making, seedtrain
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
RECIPE = list(campaign.SET_POINTS)
"""Columns that stand on the recipe's sheet."""
TARGETS = ["ha", "log_doses"]

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


# What the history knows ---------------------------------------------------------------------


def known_at_infection(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Lay out what is known of each batch when it is infected.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``certificates``, ``genealogy`` and ``seed_train`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; set points, cells counted at infection (1/mL), hours from detachment
        to inoculation, passages of the cells, days since the trypsin lot was first used, lines of
        the certificates, and ``seed_lot`` (text).
    """
    batches = tables["batches"].set_index("batch_id")
    table = batches[[*RECIPE, "cells_at_infection_per_ml"]].astype(float)
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
    """Return the released batches as `known_at_infection` has them, with ``ha``.

    Returns
    -------
    DataFrame
        ``ha``: the mean of four assays, log10 HA units / 100 µL.
    """
    ha = four_readings(plant_seed).mean(axis=1)
    return _every_batch(plant_seed).loc[ha.index].assign(ha=ha)


@lru_cache(maxsize=4)
def releases(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the released batches as `known_at_infection` has them, with ``log_doses``.

    Returns
    -------
    DataFrame
        ``log_doses``: log10 of the doses that were filled, by the measured potency.
    """
    doses = _released_doses(plant_seed)
    return _every_batch(plant_seed).loc[doses.index].assign(log_doses=np.log10(doses))


def four_readings(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the quality laboratory's readings of released batches, columns 1 to 4.

    Readings below the limit of detection count as the limit.
    """
    readings = campaign.run(seed=plant_seed).tables["harvest_assays"]
    table = readings.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    return table.loc[_released_doses(plant_seed).index].fillna(VALUES["lod_HA"])


@lru_cache(maxsize=4)
def predictions(plant_seed: int = HISTORY_SEED) -> pd.Series:
    """Return what ten models say of the HA of released batches that they had not seen."""
    table = history(plant_seed)
    return table["ha"] - misses(_model(), table)


@lru_cache(maxsize=4)
def _every_batch(plant_seed: int) -> pd.DataFrame:
    return known_at_infection(campaign.run(seed=plant_seed).tables)


def _released_doses(plant_seed: int) -> pd.Series:
    doses = campaign.run(seed=plant_seed).tables["release"].set_index("batch_id")["doses"]
    return doses[doses > 0]


# What the plant makes for it ----------------------------------------------------------------


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
        Of recipes, lots, hands, faults, assays and what chance does downstream.

    Returns
    -------
    DataFrame
        Columns as `history`, of all batches; ``doses`` (filled, by the measured potency; 0 where
        the batch was rejected); and two that no plant has: ``true_ha``; ``usual_ha``, that of the
        same recipe and lots when all hands do what is usual.
    """
    plant = campaign.run(seed=plant_seed)
    rng = np.random.default_rng([plant_seed, seed])
    n = NEXT_LOTS * NEXT_A_LOT
    rows = rng.integers(len(plant.circumstances), size=n)
    table = _every_batch(plant_seed).iloc[rows].reset_index(drop=True)
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
    set_points = {name: values[rows] for name, values in plant.plan.set_points.items()}
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
        doses=np.where(made.release.released, made.release.doses_filled, 0.0),
        true_ha=true_ha,
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
        Columns as `history`, and ``true_ha``.
    """
    plant = campaign.run(seed=plant_seed)
    rows = np.random.default_rng([plant_seed, 14]).integers(len(plant.circumstances), size=n)
    parts = []
    for grams in CARRIERS_G_PER_L:
        rng = np.random.default_rng([plant_seed, 15])
        made = _make_like(plant, rows, rng, carrier_g_per_l=np.full(n, grams))
        cells = made.batches.at_infection["attached_cells_per_ml"]
        parts.append(
            _every_batch(plant_seed)
            .iloc[rows]
            .assign(
                carrier_g_per_l=grams,
                cells_at_infection_per_ml=assays.count(cells, rng),
                true_ha=made.batches.at_harvest["ha_log10_per_100ul"],
            )
        )
    return pd.concat(parts, ignore_index=True)


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


def _make_like(
    plant: campaign.Campaign,
    rows: np.ndarray,
    rng: np.random.Generator,
    infection_h: float = campaign.INFECTION_H,
    **changed: np.ndarray,
) -> making.Made:
    """Make batches of the history again, with some set points changed, as long as is asked."""
    meant = {name: values[rows] for name, values in plant.plan.set_points.items()} | changed
    then = plant.circumstances
    factors = {name: values[rows] for name, values in then.lot_factors.items()}
    fitted = equipment.take(then.fitted, rows)
    wait, passage = then.hold_h[rows], then.passage[rows]
    sound = faults.none(len(rows))
    hour = np.full(len(rows), infection_h)
    return _make(rng, meant, factors, wait, passage, fitted, sound, hour)


def _make(
    rng: np.random.Generator | None,
    set_points: Mapping[str, np.ndarray],
    factors: Mapping[str, np.ndarray],
    hold_h: np.ndarray,
    passage: np.ndarray,
    fitted: equipment.Fitted,
    plan: faults.Plan,
    infection_h: np.ndarray | None = None,
) -> making.Made:
    """Make batches; without ``rng`` all hands do what is usual.

    Without ``infection_h`` (h) the crew comes when it can, as in the history.
    """
    n = len(hold_h)
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
        age_h=seedtrain.draw(rng, n)[1] if rng else VALUES["age_best"],
    )
    if infection_h is None:
        most = campaign.INFECTION_MOST_H
        late_h = np.clip(campaign.INFECTION_SD_H * draw(n), -most, most)
        infection_h = campaign.INFECTION_H + late_h + faults.handling(plan)["harvest_h"]
    points = dict(set_points) | {"infection_duration_h": infection_h}
    recipes = [
        Recipe(
            growth_time_h=campaign.GROWTH_H,
            **dict(zip(points, map(float, values), strict=True)),
        )
        for values in zip(*points.values(), strict=True)
    ]
    return making.make(recipes, circumstances)


def _read(true_ha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the mean of four assays of each harvest."""
    four = np.repeat(true_ha[:, None], campaign.HA_REPLICATES, axis=1)
    readings = assays.HA.read(four, rng)
    return np.where(np.isnan(readings), VALUES["lod_HA"], readings).mean(axis=1)


# Figures ------------------------------------------------------------------------------------


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


def doses_figure(plant_seed: int = HISTORY_SEED) -> go.Figure:
    """Draw the doses of released batches against HA, and what a fixed number a unit would give."""
    ha, log_doses = history(plant_seed)["ha"], releases(plant_seed)["log_doses"]
    ends = np.array([ha.min(), ha.max()])
    figure = go.Figure()
    figure.add_scatter(
        x=ha,
        y=10**log_doses,
        name="a released batch",
        mode="markers",
        marker={"color": figures.BLUE, "size": 6, "opacity": 0.8},
        text=ha.index,
        hovertemplate="%{text}<br>HA %{x:.2f}: %{y:,.0f} doses<extra></extra>",
    )
    figure.add_scatter(
        x=ends,
        y=10 ** (ends + (log_doses - ha).median()),
        name="the usual doses for a unit of HA",
        mode="lines",
        line={"color": figures.VERMILLION, "dash": "dash", "width": 3},
    )
    return figure.update_layout(
        title="From harvest to doses",
        xaxis_title="HA of the harvest, mean of four (log10 units / 100 µL)",
        yaxis_title="doses released",
        yaxis_type="log",
        height=440,
        legend={"orientation": "h", "y": 1.08},
    )


# Models -------------------------------------------------------------------------------------


def misses(model: BaseEstimator, table: pd.DataFrame, lots_apart: bool = False) -> pd.Series:
    """Return measured less predicted, each by a model that had not seen the batch.

    Parameters
    ----------
    model : estimator
        Not trained.
    table : DataFrame
        From `history` or `releases`.
    lots_apart : bool
        Whether whole seed lots are left out; ten random folds otherwise.
    """
    from sklearn.base import clone
    from sklearn.model_selection import KFold, LeaveOneGroupOut
    from tqdm import tqdm

    X, y = split(table)
    folds = LeaveOneGroupOut() if lots_apart else KFold(10, shuffle=True, random_state=0)
    lots_ = X["seed_lot"] if lots_apart else None
    said = pd.Series(0.0, index=y.index)
    parts = list(folds.split(X, y, lots_))
    # nbgrader gives nothing for a check that writes to stderr.
    bar = tqdm(parts, desc="Models trained", delay=5, leave=False, file=sys.stdout)
    for seen, unseen in bar:
        trained = clone(model).fit(X.iloc[seen], y.iloc[seen])
        said.iloc[unseen] = np.ravel(trained.predict(X.iloc[unseen]))
    return y - said


@lru_cache(maxsize=8)
def our_misses(plant_seed: int = HISTORY_SEED, lots_apart: bool = False) -> pd.Series:
    """Return `misses` of the course's own model, on `releases`."""
    return misses(_model(), releases(plant_seed), lots_apart)


@lru_cache(maxsize=4)
def foretold(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the HA that two models trained on `history` foretell of like `next_batches`.

    Returns
    -------
    DataFrame
        ``race``: by the ridge regression of the notebook's race; ``ours``: by a model of the whole
        row.
    """
    X, y = split(history(plant_seed))
    like = next_batches(False, plant_seed)[X.columns]
    rivals = {"race": _recipe_model(), "ours": _model()}
    said = {name: model.fit(X, y).predict(like) for name, model in rivals.items()}
    return pd.DataFrame(said, index=like.index)


def split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return what is known of the batches of a table, and what is to be foretold."""
    target = next(name for name in TARGETS if name in table)
    return table.drop(columns=target), table[target]


def _model() -> BaseEstimator:
    """Return a plain model of the whole row: numbers on one scale, one column a seed lot, ridge."""
    from sklearn.compose import make_column_selector
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    return _ridge(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), ["seed_lot"]),
    )


def _recipe_model() -> BaseEstimator:
    """Return the ridge regression of the notebook's race, which reads the recipe only."""
    from sklearn.preprocessing import StandardScaler

    return _ridge((StandardScaler(), RECIPE))


def _ridge(*columns: tuple) -> BaseEstimator:
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline

    return make_pipeline(make_column_transformer(*columns), RidgeCV(np.logspace(-1, 3, 9)))


def _half_width(deviations: pd.Series, level: float) -> float:
    """Return the ceil((n + 1) · level)-th smallest size; infinite where there are too few."""
    size = np.sort(np.abs(np.asarray(deviations, dtype=float)))
    place = int(np.ceil((len(size) + 1) * level))
    return float(size[place - 1]) if place <= len(size) else np.inf
