"""Six years of the plant's history: batches, assays, LIMS samples, and the truth behind them.

The truth never leaves this module as a file: `vaxlab.data` writes `Campaign.tables` only.
"""

import datetime as dt
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from vaxlab.plant import assays, dirt, lots
from vaxlab.plant.batch import Batches, Factors
from vaxlab.plant.batch import run as run_batches
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Recipe

HISTORY_SEED = 2033
"""Of the history that ``datasets/`` holds."""

HA_SD_LOG10 = VALUES["sd_HA"]
HA_STEP_LOG10 = VALUES["step_HA"]
HA_REPLICATES = 4

FIRST_DAY = dt.date(2019, 1, 7)
DAYS = 6 * 365
REACTORS, OPERATORS = ("R1", "R2", "R3"), ("OP1", "OP2", "OP3", "OP4", "OP5", "OP6")

SET_POINTS: dict[str, tuple[tuple[float, float], ...]] = {
    "moi": ((0.01, 0.25), (0.025, 0.5), (0.05, 0.25)),
    "inoculum_cells_per_ml": ((2.0e5, 0.2), (2.5e5, 0.6), (3.0e5, 0.2)),
    "carrier_g_per_l": ((2.0, 0.75), (2.5, 0.25)),
    "growth_temperature_c": ((36.5, 0.25), (37.0, 0.75)),
    "infection_temperature_c": ((36.0, 0.2), (37.0, 0.65), (37.5, 0.15)),
    "ph": ((7.1, 0.2), (7.2, 0.6), (7.3, 0.2)),
    "do_percent": ((40.0, 0.3), (50.0, 0.3), (60.0, 0.4)),
    "trypsin_bu_per_ml": ((4.0, 0.2), (5.0, 0.6), (6.0, 0.2)),
}
"""Set points in use: field of the recipe to (value, share of batches)."""

HANDLING_SD: dict[str, float] = {
    "moi": 0.3 * math.log(10),
    "inoculum": 0.08,
    "growth": 0.02,
    "release": 0.05,
    "ph": 0.04,
    "temperature_c": 0.15,
}
"""What differs between batches of one recipe: SD of the logarithm of a factor, or, for pH and
temperature, of the difference between true value and set point (a biased probe)."""
HANDLING_FACTORS = ("moi", "inoculum", "growth", "release")

WEAK_SHARE = 0.03
WEAK = {"inoculum": 0.45, "attachment": 0.5, "release": 0.75}
"""A few batches start with badly treated cells; factors on top of the others."""

TWIN_EVERY = 15
"""Of every so many batches two are twins: same recipe, same lots, same week."""

WEEKEND_LOW, WEEKEND_HIGH = 0.04, 0.96
"""Chance that the lone week-end shift takes the day-2 sample of a bad and of a good batch."""
WEEKEND_CENTRE, WEEKEND_SCALE_LOG10 = 0.55, 0.015
"""Where the one passes into the other: quantile of the true HA among all batches, and width."""

FAIR_CALENDAR_LOG10 = 0.01
"""Starts are drawn until batches with a week-end day-2 sample are truly as good as the others."""

SAMPLE_HOURS = (-91.0, -72.0, -48.0, -24.0, -1.5, 24.0, 48.0)
"""Nominal sampling times after infection; one more sample is taken at harvest."""
CONTROL_SLOT, DAY_2_SLOT, HARVEST_SLOT = 4, 6, 7
LOST_SHARE = 0.01
"""Samples that get lost on any day, for no reason."""


@dataclass(frozen=True)
class Plan:
    """What was meant to be done: set points, lots and what the lots do, one element a batch."""

    set_points: Mapping[str, np.ndarray]
    lot_numbers: Mapping[str, np.ndarray]
    lot_effects: Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Campaign:
    """A history.

    Attributes
    ----------
    seed : int
    tables : dict of str to DataFrame
        What the plant's people see; see ``datasets/cards``.
    truth : dict of str to DataFrame
        ``batches``: one row a batch (true HA, lots' and handling's factors); ``errors``: one
        row for every wrong row of ``samples`` and ``samples_tidy``: row_id, kind,
        original_row_id (of duplicates), sample_id, analyte.
    plan : Plan
    """

    seed: int
    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]
    plan: Plan


@functools.lru_cache(maxsize=8)
def run(seed: int = HISTORY_SEED, n_batches: int = 360) -> Campaign:
    """Make a history.

    Parameters
    ----------
    seed : int
        Drives everything that is random: lots, set points, handling, calendar, assays, dirt.
    n_batches : int
        At least 60.

    Returns
    -------
    Campaign
        Cached: do not write into its tables.

    Raises
    ------
    ValueError
        Too few batches.
    """
    if n_batches < 60:
        raise ValueError(
            f"campaign.run: n_batches = {n_batches} batches; expected 60 or more, so that lots "
            "change and errors find a place."
        )
    # One stream of random numbers a topic: a change in one leaves the others as they are.
    streams = np.random.default_rng(seed).spawn(6)
    plan_rng, handling_rng, calendar_rng, assay_rng, lims_rng, dirt_rng = streams

    first_of_twins = np.arange(3, n_batches - 1, TWIN_EVERY)
    plan = _plan(plan_rng, n_batches, first_of_twins)
    handling = _handling(functools.partial(lots.normal_scores, handling_rng), n_batches)
    weak = np.zeros(n_batches, dtype=bool)
    weak[handling_rng.choice(n_batches, round(WEAK_SHARE * n_batches), replace=False)] = True
    # Minutes of the clock, so that the record's times give the recipe's times exactly.
    growth_min = 96 * 60 + 5 * calendar_rng.integers(-18, 19, size=n_batches)
    infection_min = 72 * 60 + 5 * calendar_rng.integers(-18, 19, size=n_batches)
    recipes = _recipes(plan, handling, growth_min / 60, infection_min / 60)
    factors = _factors(plan, handling, weak)
    batches = run_batches(recipes, factors)
    ha = batches.at_harvest["ha_log10_per_100ul"]

    started = _calendar(calendar_rng, n_batches, first_of_twins, growth_min, ha)
    infected = started + growth_min.astype("timedelta64[m]")
    harvested = infected + infection_min.astype("timedelta64[m]")

    batch_ids = np.array([f"B{i + 1:03d}" for i in range(n_batches)])
    replicates = assays.HA.read(np.repeat(ha[:, None], HA_REPLICATES, axis=1), assay_rng)
    samples = _sample(lims_rng, batches, batch_ids, infected, harvested)
    readings = _read(assay_rng, batches, samples, replicates[:, 0])
    dirty = dirt.make(dirt_rng, readings)
    at_harvest = readings[readings["slot"] == HARVEST_SLOT].pivot(
        index="batch_id", columns="analyte", values="value"
    )

    record = {
        "batch_id": batch_ids,
        "reactor": np.array(REACTORS)[np.arange(n_batches) % len(REACTORS)],
        "operator": np.array(OPERATORS)[lims_rng.integers(len(OPERATORS), size=n_batches)],
        "started_at": started,
        "infected_at": infected,
        "harvested_at": harvested,
    }
    for name, kind in lots.LOT_KINDS.items():
        record[f"{name}_lot"] = [f"{kind.prefix}-{i + 1:02d}" for i in plan.lot_numbers[name]]
    cells = assays.count(batches.at_infection["attached_cells_per_ml"], assay_rng)
    record |= plan.set_points
    record |= {
        "inoculum_cells_per_ml": plan.set_points["inoculum_cells_per_ml"].astype(int),
        "cells_at_infection_per_ml": 1000 * np.round(cells / 1000).astype(int),
        "viability_at_harvest_percent": at_harvest["viability"].to_numpy(),
        "glucose_at_harvest_mmol_per_l": at_harvest["glucose"].to_numpy(),
        "lactate_at_harvest_mmol_per_l": at_harvest["lactate"].to_numpy(),
        "ha_at_harvest_log10_per_100ul": replicates[:, 0],
        "tcid50_at_harvest_log10_per_ml": at_harvest["tcid50"].to_numpy(),
    }
    routine = readings[(readings["slot"] == HARVEST_SLOT) & (readings["analyte"] == "ha")]
    first = routine.sort_values("batch_id")["analysed_at"].to_numpy()
    assayed = first[:, None] + np.array((0, 24, 26, 48), dtype="timedelta64[h]")
    harvest_assays = {
        "batch_id": np.repeat(batch_ids, HA_REPLICATES),
        "replicate": np.tile(np.arange(1, HA_REPLICATES + 1), n_batches),
        "assayed_at": assayed.ravel(),
        "ha_log10_per_100ul": replicates.ravel(),
    }
    truth = {
        "batch_id": batch_ids,
        "ha_at_harvest_log10_per_100ul": ha,
        "ha_peak_log10_per_100ul": batches.summary()["peak_ha_log10_per_100ul"].to_numpy(),
        "true_ha_48h": batches.at(
            "ha_log10_per_100ul", np.arange(n_batches), np.full(n_batches, 48.0)
        ),
        "cells_at_infection_per_ml": batches.at_infection["attached_cells_per_ml"],
        "weak": weak,
        "twin_of": _twin_names(batch_ids, first_of_twins),
        "day_2_on_weekend": _on_weekend(infected),
    }
    for name, per_lot in plan.lot_effects.items():
        for field, values in per_lot.items():
            truth[f"{name}_lot_{field}_factor"] = values[plan.lot_numbers[name]]
    truth |= {f"handling_{name}": values for name, values in handling.items()}
    return Campaign(
        seed=seed,
        tables={
            name: _as_loaded(table)
            for name, table in (
                ("batches", pd.DataFrame(record)),
                ("harvest_assays", pd.DataFrame(harvest_assays)),
                ("samples", dirty.samples),
                ("samples_tidy", dirty.tidy),
            )
        },
        truth={"batches": pd.DataFrame(truth), "errors": dirty.errors},
        plan=plan,
    )


def run_again(
    campaign: Campaign, batch_ids: Sequence[str], *, n: int = 1, seed: int
) -> pd.DataFrame:
    """Make batches of the history again: same set points and lots, new hands, new assays.

    Parameters
    ----------
    campaign : Campaign
    batch_ids : sequence of str
    n : int
        How often each is made.
    seed : int
        Drives handling and assays.

    Returns
    -------
    DataFrame
        len(batch_ids) · n rows: ``batch_id``, ``repeat`` (1…n), ``ha_log10_per_100ul`` (mean of
        four readings at harvest), ``true_ha_log10_per_100ul``.

    Raises
    ------
    ValueError
        A batch that the history does not have, or n below 1.
    """
    known = {name: i for i, name in enumerate(campaign.tables["batches"]["batch_id"])}
    unknown = [name for name in batch_ids if name not in known]
    if unknown or n < 1:
        raise ValueError(
            f"run_again: unknown batches {unknown}, n = {n}; expected batch_id of the history "
            f"({next(iter(known))} to {list(known)[-1]}) and n of 1 or more."
        )
    rows = np.repeat([known[name] for name in batch_ids], n)
    if not rows.size:
        rows = np.zeros(0, dtype=int)
    rng = np.random.default_rng(seed)
    plan = Plan(
        {name: values[rows] for name, values in campaign.plan.set_points.items()},
        {name: values[rows] for name, values in campaign.plan.lot_numbers.items()},
        campaign.plan.lot_effects,
    )
    handling = _handling(rng.standard_normal, len(rows))
    weak = rng.random(len(rows)) < WEAK_SHARE
    hours = np.full(len(rows), 96.0), np.full(len(rows), 72.0)
    batches = run_batches(_recipes(plan, handling, *hours), _factors(plan, handling, weak))
    ha = batches.at_harvest["ha_log10_per_100ul"]
    readings = assays.HA.read(np.repeat(ha[:, None], HA_REPLICATES, axis=1), rng)
    return pd.DataFrame(
        {
            "batch_id": np.repeat(np.asarray(batch_ids, dtype=object), n),
            "repeat": np.tile(np.arange(1, n + 1), len(batch_ids)),
            "ha_log10_per_100ul": readings.mean(axis=1).round(4),
            "true_ha_log10_per_100ul": ha,
        }
    )


def _plan(rng: np.random.Generator, n: int, first_of_twins: np.ndarray) -> Plan:
    set_points = {}
    for name, choices in SET_POINTS.items():
        values, shares = np.array(choices).T
        # Shares are kept exactly, as far as n allows, for the spread to be that of every seed.
        picks = np.searchsorted(np.cumsum(shares), (np.arange(n) + 0.5) / n)
        set_points[name] = values[rng.permutation(picks)]
    numbers = {name: lots.assign(rng, kind, n) for name, kind in lots.LOT_KINDS.items()}
    for table in (set_points, numbers):
        for values in table.values():
            values[first_of_twins + 1] = values[first_of_twins]
    numbers = {k: np.unique(v, return_inverse=True)[1] for k, v in numbers.items()}
    return Plan(set_points, numbers, lots.effects(numbers, lambda k: lots.normal_scores(rng, k)))


def _handling(draw: Callable[[int], np.ndarray], n: int) -> dict[str, np.ndarray]:
    """Return what differs from batch to batch, in the terms of `HANDLING_SD`."""
    differences = {name: sd * draw(n) for name, sd in HANDLING_SD.items()}
    return differences | {name: np.exp(differences[name]) for name in HANDLING_FACTORS}


def _recipes(
    plan: Plan, handling: Mapping[str, np.ndarray], growth_h: np.ndarray, infection_h: np.ndarray
) -> list[Recipe]:
    """Return what was truly done: set points with their probes' bias, times of the clock."""
    done = dict(plan.set_points)
    done["ph"] = done["ph"] + handling["ph"]
    for phase in ("growth_temperature_c", "infection_temperature_c"):
        done[phase] = done[phase] + handling["temperature_c"]
    done |= {"growth_time_h": growth_h, "infection_duration_h": infection_h}
    return [
        Recipe(**dict(zip(done, map(float, row), strict=True)))
        for row in zip(*done.values(), strict=True)
    ]


def _factors(plan: Plan, handling: Mapping[str, np.ndarray], weak: np.ndarray) -> Factors:
    """Multiply what lots, hands and bad luck do."""
    combined = {field.name: np.ones(len(weak)) for field in fields(Factors)}
    for kind, per_lot in plan.lot_effects.items():
        for name, values in per_lot.items():
            combined[name] = combined[name] * values[plan.lot_numbers[kind]]
    for name in combined.keys() & handling.keys():
        combined[name] = combined[name] * handling[name]
    for name, factor in WEAK.items():
        combined[name] = np.where(weak, combined[name] * factor, combined[name])
    return Factors(**combined)


def _calendar(
    rng: np.random.Generator,
    n: int,
    first_of_twins: np.ndarray,
    growth_min: np.ndarray,
    true_ha: np.ndarray,
) -> np.ndarray:
    """Return the start of every batch, datetime64 in minutes.

    Nothing in a batch depends on the day of the week, so days may be drawn after the batch
    is known; they are drawn until week-ends are fair.
    """
    nominal = np.floor(np.arange(n) * DAYS / n).astype(int)
    while True:
        days = nominal + rng.integers(0, 4, size=n)
        minutes = 8 * 60 + 5 * rng.integers(0, 37, size=n)
        for i in first_of_twins:
            # In one week, Monday to Sunday (day 0 is a Monday), the second not before the first.
            days[i + 1] = days[i] + min(rng.integers(0, 3), 6 - days[i] % 7)
            minutes[i + 1] = max(minutes[i : i + 2])
        started = (
            np.datetime64(FIRST_DAY, "m")
            + days.astype("timedelta64[D]")
            + minutes.astype("timedelta64[m]")
        )
        weekend = _on_weekend(started + growth_min.astype("timedelta64[m]"))
        gap = true_ha[weekend].mean() - true_ha[~weekend].mean()
        if abs(gap) < FAIR_CALENDAR_LOG10:
            return started


def _on_weekend(infected: np.ndarray) -> np.ndarray:
    """Tell which batches are due for their day-2 sample on a Saturday or Sunday."""
    return pd.DatetimeIndex(infected + np.timedelta64(48, "h")).day_of_week.to_numpy() >= 5


def _sample(
    rng: np.random.Generator,
    batches: Batches,
    batch_ids: np.ndarray,
    infected: np.ndarray,
    harvested: np.ndarray,
) -> pd.DataFrame:
    """Return one row a sample that was truly taken, in order of time."""
    n, slots = len(batch_ids), len(SAMPLE_HOURS) + 1
    nominal = np.array([*SAMPLE_HOURS, 0.0]) * 60
    jitter = 5 * rng.integers(-9, 10, size=(n, slots))
    times = infected[:, None] + (nominal + jitter).astype("timedelta64[m]")
    times[:, HARVEST_SLOT] = harvested

    ha_48h = batches.at("ha_log10_per_100ul", np.arange(n), np.full(n, 48.0))
    better = (ha_48h - np.quantile(ha_48h, WEEKEND_CENTRE)) / WEEKEND_SCALE_LOG10
    looks = 1 / (1 + np.exp(-np.clip(better, -50, 50)))
    chance = np.full((n, slots), 1 - LOST_SHARE)
    chance[:, HARVEST_SLOT] = 1.0
    weekend = _on_weekend(infected)
    chance[weekend, DAY_2_SLOT] = (WEEKEND_LOW + (WEEKEND_HIGH - WEEKEND_LOW) * looks)[weekend]
    taken = rng.random((n, slots)) < chance

    batch, slot = np.nonzero(taken)
    samples = pd.DataFrame(
        {
            "batch": batch,
            "batch_id": batch_ids[batch],
            "slot": slot,
            "sampled_at": times[taken],
            "infected_at": infected[batch],
            "terminal": rng.choice(["T1", "T2", "T3"], size=len(batch)),
            "analyst": rng.choice(["AN1", "AN2", "AN3", "AN4", "AN5"], size=len(batch)),
        }
    ).sort_values(["sampled_at", "batch_id"], ignore_index=True)
    samples.insert(0, "sample_id", [f"S{i + 1:05d}" for i in range(len(samples))])
    return samples


def _read(
    rng: np.random.Generator, batches: Batches, samples: pd.DataFrame, harvest_ha: np.ndarray
) -> pd.DataFrame:
    """Measure every sample: one row a sample and analyte, NaN below the limit of detection."""
    batch = samples["batch"].to_numpy()
    hours = ((samples["sampled_at"] - samples["infected_at"]) / np.timedelta64(1, "h")).to_numpy()
    harvest = (samples["slot"] == HARVEST_SLOT).to_numpy()
    has_virus = (samples["slot"] >= CONTROL_SLOT).to_numpy()
    tables = []

    def truth(name: str) -> np.ndarray:
        return batches.at(name, batch, hours)

    def add(analyte: str, values: np.ndarray, where: np.ndarray | slice = slice(None)) -> None:
        tables.append(samples[where].assign(analyte=analyte, value=values[where]))

    add("viable_cells", assays.count(truth("viable_cells_per_ml") / 1e6, rng).round(3))
    add("viability", assays.viability(truth("viability_percent"), rng).round(1))
    add("glucose", assays.metabolite(truth("glucose_mmol_per_l"), rng).round(1))
    add("lactate", assays.metabolite(truth("lactate_mmol_per_l"), rng).round(1))
    ha = assays.HA.read(truth("ha_log10_per_100ul"), rng)
    ha[harvest] = harvest_ha[batch[harvest]]  # one reading, known to batch record and LIMS
    add("ha", ha, has_virus)
    add("tcid50", assays.TCID50.read(truth("tcid50_log10_per_ml"), rng), has_virus)
    table = pd.concat(tables, ignore_index=True)
    wait = rng.integers(15, 51, size=len(table)).astype("timedelta64[m]")
    return table.assign(analysed_at=table["sampled_at"] + wait).drop(columns="batch")


def _twin_names(batch_ids: np.ndarray, first_of_twins: np.ndarray) -> np.ndarray:
    names = np.full(len(batch_ids), "", dtype=object)
    names[first_of_twins] = batch_ids[first_of_twins + 1]
    names[first_of_twins + 1] = batch_ids[first_of_twins]
    return names


def _as_loaded(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table the types that reading its file gives."""
    times = {name: "datetime64[s]" for name in table if name.endswith("_at")}
    texts = {name: "str" for name in table if table[name].dtype == object}
    return table.astype(times | texts)
