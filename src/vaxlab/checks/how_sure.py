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

from vaxlab.checks.exercise import Answers, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, named, number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.plant import assays, campaign, equipment, faults, lots, making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.recipe import Recipe

CERTIFIED = {
    "serum": ["serum_hemoglobin", "serum_total_protein", "serum_growth_promotion"],
    "carrier": ["carrier_swelling_volume", "carrier_d50"],
    "trypsin": ["trypsin_activity", "trypsin_months_to_expiry"],
    "seed": ["seed_tcid50", "seed_ha"],
}
"""Lines of the certificates that the notebook's table holds."""

NEXT_LOTS, NEXT_A_LOT = 12, 12
"""New seed lots that the plant tries, and batches made from each."""

PILOT_H = {0.003: 46.0, 0.01: 41.0, 0.03: 36.0, 0.1: 31.0}
"""MOI to the hour after infection for which the pilot series planned the harvest."""
PILOT_SHIFT_H = 4.0
"""SD of how far the crew came early or late, whatever the batch."""


# Tables -----------------------------------------------------------------------------------


def known_at_infection(tables: Any) -> pd.DataFrame:
    """Lay out what is known of each batch when it is infected.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``certificates`` and ``seed_train`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; set points, lines of the certificates, hours from detachment to
        inoculation, cells counted at infection, days since the trypsin lot was first used,
        and ``seed_lot`` (text).
    """
    batches = tables["batches"].set_index("batch_id")
    table = batches[[*campaign.SET_POINTS, "cells_at_infection_per_ml"]].astype(float)
    last = tables["seed_train"].query("stage == 'N-1'").set_index("batch_id")["detached_at"]
    table["hold_h"] = (batches["started_at"] - last).dt.total_seconds() / 3600
    opened = batches.groupby("trypsin_lot")["started_at"].transform("min")
    table["trypsin_days"] = (batches["started_at"] - opened).dt.days.astype(float)
    certificates = tables["certificates"].set_index("lot")
    for kind, lines in CERTIFIED.items():
        for line in lines:
            table[f"certified_{line}"] = batches[f"{kind}_lot"].map(certificates[line])
    return table.assign(seed_lot=batches["seed_lot"])


@lru_cache(maxsize=4)
def history(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the history as `known_at_infection` has it, with ``ha``: the mean of four assays."""
    tables = campaign.run(seed=plant_seed).tables
    readings = tables["harvest_assays"].groupby("batch_id")["ha_log10_per_100ul"].mean()
    return known_at_infection(tables).assign(ha=readings)


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
        Columns as `history`, and two that no plant has: ``true_ha`` and ``true_doses``.
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
            field: np.exp(sd * rng.standard_normal(NEXT_LOTS))
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
        {name: float(values[row]) for name, values in plant.plan.set_points.items()}
        for row in rows
    ]
    made = _make(rng, set_points, factors, hold_h, fitted, np.full(n, campaign.INFECTION_H), True)
    true_ha = made.batches.at_harvest["ha_log10_per_100ul"]
    cells = made.batches.at_infection["attached_cells_per_ml"]
    return table.assign(
        hold_h=hold_h,
        cells_at_infection_per_ml=1000 * np.round(assays.count(cells, rng) / 1000),
        ha=_read(true_ha, rng),
        true_ha=true_ha,
        true_doses=made.purified.doses,
    )


@lru_cache(maxsize=4)
def pilot_series(plant_seed: int = HISTORY_SEED, n: int = 160) -> pd.DataFrame:
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
    made = _pilot(plant, rng, rows, moi)
    planned = np.array([PILOT_H[value] for value in moi])
    hour = np.round(planned + PILOT_SHIFT_H * rng.standard_normal(n).clip(-2, 2), 1)
    ha = made.batches.at("ha_log10_per_100ul", np.arange(n), hour)
    return pd.DataFrame({"moi": moi, "harvest_h": hour, "ha": _read(ha, rng)})


def _make(rng, set_points, factors, hold_h, fitted, infection_h, with_faults):
    n = len(set_points)
    circumstances = making.Circumstances(
        lot_factors=factors,
        handling=making.draw_handling(rng.standard_normal, n),
        hold_h=hold_h,
        dips=making.draw_dips(rng, n),
        fitted=fitted,
        faults=faults.draw(rng, n) if with_faults else faults.none(n),
        luck_seed=int(rng.integers(2**32)),
    )
    recipes = [
        Recipe(growth_time_h=campaign.GROWTH_H, infection_duration_h=float(hours), **points)
        for points, hours in zip(set_points, infection_h, strict=True)
    ]
    return making.make(recipes, circumstances)


def _pilot(plant, rng, rows, moi):
    set_points = [
        {name: float(values[row]) for name, values in plant.plan.set_points.items()}
        | {"moi": float(value)}
        for row, value in zip(rows, moi, strict=True)
    ]
    then = plant.circumstances
    factors = {name: values[rows] for name, values in then.lot_factors.items()}
    fitted = equipment.take(then.fitted, rows)
    hours = np.full(len(rows), campaign.INFECTION_H)
    return _make(rng, set_points, factors, then.hold_h[rows], fitted, hours, False)


def _read(true_ha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the mean of four assays of each harvest."""
    four = np.repeat(true_ha[:, None], campaign.HA_REPLICATES, axis=1)
    return assays.HA.read(four, rng).mean(axis=1)
