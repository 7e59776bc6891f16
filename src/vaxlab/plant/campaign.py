"""Six years of the plant's history: batches, assays, LIMS samples, and the truth behind them.

The truth never leaves this module as a file: `vaxlab.data` writes `Campaign.tables` only.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from vaxlab import cohort
from vaxlab.plant import (
    asked,
    assays,
    dirt,
    equipment,
    faults,
    instruments,
    lots,
    making,
    records,
    seedtrain,
    spectra,
    variables,
)
from vaxlab.plant.batch import Batches, checked_seed
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import LIMITS, Recipe

HISTORY_SEED = cohort.current().history_seed
"""Of the history that ``datasets/`` holds."""

HA_SD_LOG10 = VALUES["sd_HA"]
HA_STEP_LOG10 = VALUES["step_HA"]
HA_REPLICATES = 4

FIRST_DAY = dt.date(2019, 1, 7)
DAYS = 6 * 365
DAYS_A_BATCH = DAYS / 360

SET_POINTS: dict[str, tuple[tuple[float, float], ...]] = {
    "moi": ((3e-5, 0.25), (6e-5, 0.5), (1.2e-4, 0.25)),
    "inoculum_cells_per_ml": ((2.0e5, 0.2), (2.5e5, 0.6), (3.0e5, 0.2)),
    "carrier_g_per_l": ((2.0, 0.75), (2.5, 0.25)),
    "growth_temperature_c": ((36.5, 0.25), (37.0, 0.75)),
    "infection_temperature_c": ((36.0, 0.3), (36.5, 0.4), (37.2, 0.3)),
    "ph": ((7.1, 0.25), (7.2, 0.5), (7.3, 0.25)),
    "do_percent": ((40.0, 0.3), (50.0, 0.3), (60.0, 0.4)),
    "trypsin_bu_per_ml": ((3.5, 0.3), (5.0, 0.4), (6.5, 0.3)),
    "glucose_mmol_per_l": ((23.0, 0.25), (30.0, 0.5), (37.0, 0.25)),
    "feed_mmol_per_l_h": ((0.05, 0.25), (0.1, 0.5), (0.15, 0.25)),
}
"""Set points in use: field of the recipe to (value, share of batches)."""

GROWTH_H, INFECTION_H = 96.0, 56.0
INFECTION_SD_H, INFECTION_MOST_H = 2.0, 5.0
"""Harvest is planned for a fixed time; the crew comes when it can."""
LONGEST_INFECTION_H = 96.0

TWIN_EVERY = 15
"""Of every so many batches two are twins: same recipe, same lots, same week."""

WEEKEND_LOW, WEEKEND_HIGH = 0.04, 0.96
"""Chance that the lone week-end shift takes the day-2 sample of a bad and of a good batch."""
WEEKEND_CENTRE, WEEKEND_SCALE_LOG10 = 0.6, 0.015
"""Where the one passes into the other: quantile of the true HA among all batches, and width."""

FAIR_CALENDAR_LOG10 = 0.01
"""Starts are drawn until batches with a week-end day-2 sample are truly as good as the others."""
FAIR_FROM_BATCHES, CALENDARS_MOST = 60, 500
"""Fewer batches cannot be that fair, and a few that are far off may keep any number from it."""


@dataclass(frozen=True)
class Driver:
    """One of the nine causes that are planted in the yield.

    Attributes
    ----------
    what : str
    sign : int
        Of its effect on the doses, over the range that the history covers.
    shows_in : tuple of str
        Columns of the table ``variables`` that tell something about it.
    """

    what: str
    sign: int
    shows_in: tuple[str, ...]


DRIVERS: dict[str, Driver] = {
    "hold_h": Driver(
        "time to inoculation: cells wait detached",
        -1,
        ("seed_hours_to_inoculation", "seed_n1_viability"),
    ),
    "carrier_area_factor": Driver(
        "area of the carrier lot", 1, ("coa_carrier_swelling_volume", "coa_carrier_d50")
    ),
    "serum_growth_factor": Driver(
        "growth promotion of the serum lot",
        1,
        ("coa_serum_growth_promotion", "coa_serum_hemoglobin"),
    ),
    "infection_temperature_c": Driver(
        "temperature after infection", -1, ("recipe_infection_temperature_c",)
    ),
    "true_ph": Driver(
        "true pH, which no probe shows: drifted probes hold it too low",
        1,
        (
            "calendar_ph_calibrated_days",
            "calendar_ph_probe_age_days",
            "sample_ph_48h_before",
            "sample_ph_before",
            "sample_ph_24h",
            "recipe_ph",
        ),
    ),
    "dip_hours": Driver(
        "hours of dips of dissolved oxygen after infection",
        -1,
        ("trend_do_percent_infection_min", "trend_do_percent_infection_sd"),
    ),
    "trypsin_activity": Driver(
        "active trypsin: set point, lot and age",
        1,
        ("recipe_trypsin_bu_per_ml", "coa_trypsin_activity", "calendar_trypsin_lot_days"),
    ),
    "seed_passage": Driver(
        "passages of the cells: old ones grow more slowly", -1, ("seed_passage",)
    ),
    "conductivity_ms_per_cm": Driver(
        "conductivity of the feed at capture", -1, ("dsp_capture_conductivity_ms_per_cm",)
    ),
}
"""Planted causes: column of ``truth["drivers"]`` to what it is."""

SAMPLE_HOURS = (-91.0, -72.0, -48.0, -24.0, -1.5, 24.0, 48.0)
"""Nominal sampling times after infection; one more sample is taken at harvest."""
CONTROL_SLOT, DAY_2_SLOT, HARVEST_SLOT = 4, 6, 7
FITTED = ("ph_probe_age_days", "ph_calibrated_days", "do_probe_age_days", "column_cycles")
"""What people know of a batch's equipment."""
SPECTRA_BATCHES = 12
LOST_SHARE = 0.01
"""Samples that get lost on any day, for no reason."""


@dataclass(frozen=True)
class Plan:
    """What was meant to be done: set points, lots and what the lots do, one element a batch.

    ``day`` is the nominal start, days from `FIRST_DAY`: season, services of the probes and ages
    of lots go by it, so that nothing in a batch depends on the day of the week. ``growth_h`` and
    ``infection_h`` are what the crew aims at.
    """

    set_points: Mapping[str, np.ndarray]
    lot_numbers: Mapping[str, np.ndarray]
    lot_effects: Mapping[str, Mapping[str, np.ndarray]]
    day: np.ndarray
    growth_h: np.ndarray
    infection_h: np.ndarray


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name; the big ones are made when they are first asked for.

    Parameters
    ----------
    made : mapping of str to DataFrame
    to_make : mapping of str to callable
        That returns the table.
    """

    def __init__(
        self,
        made: Mapping[str, pd.DataFrame],
        to_make: Mapping[str, Callable[[], pd.DataFrame]],
    ) -> None:
        self._made, self._to_make = dict(made), dict(to_make)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made and name in self._to_make:
            self._made[name] = self._to_make[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*(n for n in self._made if n not in self._to_make), *self._to_make])

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(frozen=True)
class Campaign:
    """A history.

    Attributes
    ----------
    seed : int
    tables : Tables
        What the plant's people see; see ``datasets/cards``. ``historian``,
        ``historian_minutes``, ``spectra`` and ``variables`` take seconds when they are first
        asked for.
    truth : Tables
        ``batches``: one row a batch (true HA and doses, fault, lots' and handling's factors);
        ``drivers``: one row a batch, the true values of `DRIVERS`; ``errors``: one row for
        every wrong row of ``samples`` and ``samples_tidy``: row_id, kind, original_row_id (of
        duplicates), sample_id, analyte; ``failures``: one row for every tag of a batch that the
        historian did not record as it was: batch_id, failing_tag, failing_kind, failing_from_h,
        failing_until_h (h after infection), failing_size (in the tag's unit); ``best_harvest``:
        one row a batch, best_harvest_h (h after infection) and best_doses_per_litre, made when it
        is first asked for.
    plan : Plan
    circumstances : Circumstances
    made : Made
    """

    seed: int
    tables: Tables
    truth: Mapping[str, pd.DataFrame]
    plan: Plan
    circumstances: Circumstances
    made: Made


@dataclass(frozen=True)
class Drawn:
    """What chance gives a history before anything is made.

    Attributes
    ----------
    plan : Plan
    circumstances : Circumstances
    growth_min, infection_min : int array (B,)
        From inoculation to infection and from there to harvest, as the crew does it, min.
    streams : sequence of Generator
        For calendar, assays, LIMS, dirt, records and failing instruments.
    """

    plan: Plan
    circumstances: Circumstances
    growth_min: np.ndarray
    infection_min: np.ndarray
    streams: Sequence[np.random.Generator]


def draw(
    seed: int,
    n_batches: int,
    days: int = DAYS,
    first: int = 0,
    *,
    set_points: Mapping[str, np.ndarray] | None = None,
    forced: Sequence[faults.Forced] = (),
    sound: bool = False,
    shares: Mapping[str, float] | None = None,
) -> Drawn:
    """Draw plan, lots, equipment, handling and faults.

    Parameters
    ----------
    seed : int
    n_batches : int
    days : int
        That the batches are spread over.
    first : int
        Days from `FIRST_DAY` to the first batch.
    set_points : mapping of str to array (B,), optional
        Field of `Recipe` to what it shall be, instead of what chance gives.
    forced : sequence of Forced
        Faults that batches shall have; from `faults.checked`.
    sound : bool
        Whether there are no other faults.
    shares : mapping of str to float, optional
        Fault to its share of the batches, where it is another than in `faults.FAULTS`.

    Raises
    ------
    CourseError
        A forced fault does not fit its batch.
    """
    # One stream of random numbers a topic: a change in one leaves the others as they are.
    streams = np.random.default_rng(seed).spawn(13)
    plan_rng, handling_rng, calendar_rng, assay_rng, lims_rng, dirt_rng = streams[:6]
    equipment_rng, fault_rng, record_rng = streams[6:9]
    plan = _plan(plan_rng, n_batches, days, first, dict(set_points or {}))
    plan.lot_effects["medium"]["bicarbonate"] = lots.bicarbonate(
        streams[10], plan.lot_numbers["medium"]
    )
    passage, age_h = seedtrain.draw(streams[12], n_batches)
    circumstances = Circumstances(
        lot_factors=_lot_factors(plan),
        handling=making.draw_handling(
            functools.partial(lots.normal_scores, handling_rng), n_batches
        ),
        hold_h=making.draw_hold_h(handling_rng, n_batches),
        dips=making.draw_dips(handling_rng, n_batches),
        fitted=equipment.fit(
            equipment_rng, plan.day, day_of_year(plan.day + first), plan.lot_numbers["serum"]
        ),
        faults=faults.none(n_batches) if sound else faults.draw(fault_rng, n_batches, shares),
        luck_seed=int(streams[9].integers(2**32)),
        passage=passage,
        age_h=age_h,
    )
    growth_min = _minutes("growth_time_h", plan.growth_h, calendar_rng.integers(-18, 19, n_batches))
    late_h = INFECTION_SD_H * lots.normal_scores(calendar_rng, n_batches)
    late_h = np.clip(late_h, -INFECTION_MOST_H, INFECTION_MOST_H)
    harvest_h = _minutes("infection_duration_h", plan.infection_h, np.round(12 * late_h)) / 60
    fed = plan.set_points.get("feed_mmol_per_l_h", np.zeros(n_batches))
    wrong = faults.force(circumstances.faults, forced, growth_min / 60, harvest_h, fed)
    circumstances = replace(circumstances, faults=wrong)
    late_h = late_h + faults.handling(wrong)["harvest_h"]
    infection_min = _minutes("infection_duration_h", plan.infection_h, np.round(12 * late_h))
    later = (calendar_rng, assay_rng, lims_rng, dirt_rng, record_rng, streams[11])
    return Drawn(plan, circumstances, growth_min, infection_min, later)


def _minutes(name: str, planned_h: np.ndarray, late_5_min: np.ndarray) -> np.ndarray:
    """Return minutes of the clock, so that the record's times give the recipe's times exactly."""
    minutes = np.round(60 * planned_h).astype(int) + 5 * late_5_min.astype(int)
    return np.clip(minutes, int(60 * LIMITS[name].low), int(60 * LIMITS[name].high))


def run(
    seed: int = HISTORY_SEED,
    n_batches: int = 360,
    *,
    forced: Iterable[faults.Forced] = (),
    set_points: asked.SetPoints | None = None,
    sound: bool = False,
) -> Campaign:
    """Make a history.

    Parameters
    ----------
    seed : int
        Drives everything that is random: lots, set points, handling, calendar, assays, dirt.
    n_batches : int
        From 1 on; 60 are a year of the plant.
    forced : iterable of Forced
        Faults that batches shall have: ``Forced(batch=3, fault="F2", onset_h=12, severity=0.5)``.
        All other batches have the faults that chance gives them.
    set_points : mapping, optional
        Field of `Recipe` to a number for all batches, or to a sequence with one for each, instead
        of the plant's own choice (`SET_POINTS`); units and ranges as for `Recipe`. Those that are
        not in `SET_POINTS` get a column of their own in ``batches``; of ``growth_time_h`` and
        ``infection_duration_h`` the crew is as early or late as ever.
    sound : bool
        True leaves out all faults that are not forced.

    Returns
    -------
    Campaign
        Cached: do not write into its tables.

    Raises
    ------
    ValueError
        What is no seed or no number of batches.
    CourseError
        A forced fault or a set point that cannot be: the message says which, and what could be.

    Notes
    -----
    From 60 batches on, starts are drawn until batches whose day-2 sample falls on a week-end are
    truly as good as the others; fewer batches leave that to chance. A handful of batches may be
    without an error in the LIMS, a change of lots, or twins.
    """
    checked_seed("campaign.run", seed)
    n = asked.checked_length(n_batches)
    wanted = asked.checked_set_points(set_points, n)
    # Only what can be a key is remembered.
    key = tuple((name, tuple(values.tolist())) for name, values in sorted(wanted.items()))
    return _run(int(seed), n, faults.checked(forced, n), key, bool(sound))


@functools.lru_cache(maxsize=8)
def _run(
    seed: int,
    n_batches: int,
    forced: tuple[faults.Forced, ...],
    set_points: tuple[tuple[str, tuple[float, ...]], ...],
    sound: bool,
) -> Campaign:
    drawn = draw(
        seed,
        n_batches,
        max(1, round(n_batches * DAYS_A_BATCH)),
        set_points={name: np.array(values) for name, values in set_points},
        forced=forced,
        sound=sound,
    )
    plan, circumstances = drawn.plan, drawn.circumstances
    growth_min, infection_min = drawn.growth_min, drawn.infection_min
    calendar_rng, assay_rng, lims_rng, dirt_rng, record_rng, failure_rng = drawn.streams
    first_of_twins = _first_of_twins(n_batches)
    recipes = recipes_meant(plan, growth_min / 60, infection_min / 60)
    made = making.make(recipes, circumstances)
    batches = made.batches
    ha = batches.at_harvest["ha_log10_per_100ul"]

    started = _calendar(calendar_rng, plan.day, first_of_twins, growth_min, ha)
    infected = started + growth_min.astype("timedelta64[m]")
    harvested = infected + infection_min.astype("timedelta64[m]")

    # As many digits for all, because tables are sorted by this name.
    digits = max(3, len(str(n_batches)))
    batch_ids = np.array([f"B{i + 1:0{digits}d}" for i in range(n_batches)])
    replicates = assays.HA.read(np.repeat(ha[:, None], HA_REPLICATES, axis=1), assay_rng)
    samples = _sample(lims_rng, batches, batch_ids, started, infected, harvested)
    readings = _read(assay_rng, batches, samples, replicates[:, 0])
    dirty = dirt.make(dirt_rng, readings)
    at_harvest = readings[readings["slot"] == HARVEST_SLOT].pivot(
        index="batch_id", columns="analyte", values="value"
    )

    record = {
        "batch_id": batch_ids,
        "reactor": circumstances.fitted.reactor,
        "operator": circumstances.fitted.operator,
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
    drivers = _drivers(plan, circumstances, made)
    truth = {
        "batch_id": batch_ids,
        "ha_at_harvest_log10_per_100ul": ha,
        "ha_peak_log10_per_100ul": batches.summary()["peak_ha_log10_per_100ul"].to_numpy(),
        "true_ha_48h": batches.at(
            "ha_log10_per_100ul", np.arange(n_batches), np.full(n_batches, 48.0)
        ),
        "cells_at_infection_per_ml": batches.at_infection["attached_cells_per_ml"],
        "true_doses": made.purified.doses,
        "true_doses_per_litre": made.purified.doses_per_litre,
        "true_dna_ng_per_dose": made.purified.dna_ng_per_dose,
        "fault_id": circumstances.faults.fault,
        "fault_onset_h": circumstances.faults.onset_h,
        "fault_until_h": np.fmin(
            circumstances.faults.onset_h + circumstances.faults.hours,
            np.where(np.isnan(circumstances.faults.onset_h), np.nan, infection_min / 60),
        ),
        "fault_severity": circumstances.faults.severity,
        "twin_of": _twin_names(batch_ids, first_of_twins),
        "day_2_on_weekend": _on_weekend(infected),
        "ph_probe_error_at_start": circumstances.fitted.ph_error,
        "reagent_bias": circumstances.fitted.reagent_bias,
    }
    for step, share in made.purified.recovery.items():
        truth[f"true_recovery_{step}"] = share
    for name, per_lot in plan.lot_effects.items():
        for field, values in per_lot.items():
            truth[f"{name}_lot_{field}_factor"] = values[plan.lot_numbers[name]]
    truth |= {f"handling_{name}": values for name, values in circumstances.handling.items()}
    batch_table = pd.DataFrame(record)
    seeds = records.seed_train(record_rng, batch_ids, circumstances, started)
    tables = {
        "batches": batch_table,
        "harvest_assays": pd.DataFrame(harvest_assays),
        "samples": dirty.samples,
        "samples_tidy": dirty.tidy,
        "certificates": records.certificates(
            record_rng, plan.lot_numbers, plan.lot_effects, started
        ),
        "genealogy": records.genealogy(record_rng, batch_ids, circumstances, batch_table, seeds),
        "seed_train": seeds,
        "downstream": records.purification(record_rng, batch_ids, circumstances, made, harvested),
        "release": records.released(record_rng, batch_ids, circumstances, made, harvested),
        "deviations": records.deviations(
            record_rng, batch_ids, circumstances, started, infected, harvested
        ),
    }
    loaded = {name: _as_loaded(table) for name, table in tables.items()}
    historian_seed, spectra_seed, wide_seed = record_rng.integers(2**32, size=3)
    failures = instruments.draw_failures(failure_rng, started, infected, harvested)

    def historian(every_min: int, only: Sequence[int] | None = None) -> pd.DataFrame:
        table = instruments.historian(
            batches,
            making.probes(circumstances),
            np.random.default_rng(historian_seed),
            every_min,
            course=making.course(batches.recipes, circumstances),
            failures=failures,
            only=only,
        )
        return _as_loaded(instruments.stamped(table, batch_ids, started))

    def spectra_() -> pd.DataFrame:
        which = np.unique(np.linspace(0, n_batches - 1, SPECTRA_BATCHES).astype(int))
        table = spectra.measure(batches, np.random.default_rng(spectra_seed), which)
        return _as_loaded(instruments.stamped(table, batch_ids, started))

    def wide() -> pd.DataFrame:
        return _as_loaded(
            variables.table(
                np.random.default_rng(wide_seed),
                shown,
                readings,
                {
                    name: np.where(
                        (hour >= -growth_min / 60) & (hour <= infection_min / 60),
                        batches.at("ph", np.arange(n_batches), np.full(n_batches, hour)),
                        np.nan,
                    )
                    for name, hour in variables.OFFLINE_PH_H.items()
                },
                {name: getattr(circumstances.fitted, name) for name in FITTED},
            )
        )

    def best_harvest() -> pd.DataFrame:
        longest_h = max(LONGEST_INFECTION_H, np.ceil(infection_min.max() / 60))
        hours, doses = making.best_harvest_h(recipes, circumstances, longest_h)
        found = {"batch_id": batch_ids, "best_harvest_h": hours, "best_doses_per_litre": doses}
        return pd.DataFrame(found)

    shown = Tables(
        loaded,
        {
            "historian": lambda: historian(15),
            "historian_minutes": lambda: historian(1, _minute_batches(circumstances)),
            "spectra": spectra_,
            "variables": wide,
        },
    )
    return Campaign(
        seed=seed,
        tables=shown,
        truth=Tables(
            {
                "batches": pd.DataFrame(truth),
                "drivers": pd.DataFrame({"batch_id": batch_ids} | drivers),
                "errors": dirty.errors,
                "failures": _failures(failures, batch_ids),
            },
            {"best_harvest": best_harvest},
        ),
        plan=plan,
        circumstances=circumstances,
        made=made,
    )


run.cache_clear, run.cache_info = _run.cache_clear, _run.cache_info


def run_again(
    campaign: Campaign, batch_ids: Sequence[str], *, n: int = 1, seed: int
) -> pd.DataFrame:
    """Make batches again: same set points, lots, cells and equipment, new hands, new assays.

    No faults this time.

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
    plan, then = campaign.plan, campaign.circumstances
    n_again = len(rows)
    again = Circumstances(
        lot_factors={name: values[rows] for name, values in then.lot_factors.items()},
        handling=making.draw_handling(rng.standard_normal, n_again),
        hold_h=making.draw_hold_h(rng, n_again),
        dips=making.draw_dips(rng, n_again),
        fitted=equipment.take(then.fitted, rows),
        faults=faults.none(n_again),
        luck_seed=int(rng.integers(2**32)),
        passage=then.passage[rows],
        age_h=seedtrain.draw(rng.spawn(1)[0], n_again)[1],
    )
    recipes = [
        Recipe(
            growth_time_h=float(plan.growth_h[row]),
            infection_duration_h=float(plan.infection_h[row]),
            **{name: float(values[row]) for name, values in plan.set_points.items()},
        )
        for row in rows
    ]
    ha = making.make(recipes, again).batches.at_harvest["ha_log10_per_100ul"]
    readings = assays.HA.read(np.repeat(ha[:, None], HA_REPLICATES, axis=1), rng)
    return pd.DataFrame(
        {
            "batch_id": np.repeat(np.asarray(batch_ids, dtype=object), n),
            "repeat": np.tile(np.arange(1, n + 1), len(batch_ids)),
            "ha_log10_per_100ul": readings.mean(axis=1).round(4),
            "true_ha_log10_per_100ul": ha,
        }
    )


def _first_of_twins(n: int) -> np.ndarray:
    return np.arange(3, n - 1, TWIN_EVERY)


def _plan(
    rng: np.random.Generator, n: int, days: int, first: int, asked_for: dict[str, np.ndarray]
) -> Plan:
    first_of_twins = _first_of_twins(n)
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
    day = np.floor(np.arange(n) * days / n).astype(int)
    effects = lots.effects(
        numbers, equipment.season(day_of_year(day + first)), lambda k: lots.normal_scores(rng, k)
    )
    growth_h = asked_for.pop("growth_time_h", np.full(n, GROWTH_H))
    infection_h = asked_for.pop("infection_duration_h", np.full(n, INFECTION_H))
    return Plan(set_points | asked_for, numbers, effects, day, growth_h, infection_h)


def day_of_year(day: np.ndarray) -> np.ndarray:
    """Return the day of the year, 1 to 366, of days counted from `FIRST_DAY`."""
    dates = np.datetime64(FIRST_DAY, "D") + day.astype("timedelta64[D]")
    return pd.DatetimeIndex(dates).day_of_year.to_numpy()


def recipes_meant(plan: Plan, growth_h: np.ndarray, infection_h: np.ndarray) -> list[Recipe]:
    """Return recipes as written, with the times of the clock."""
    meant = plan.set_points | {"growth_time_h": growth_h, "infection_duration_h": infection_h}
    return [
        Recipe(**dict(zip(meant, map(float, row), strict=True)))
        for row in zip(*meant.values(), strict=True)
    ]


def _lot_factors(plan: Plan) -> dict[str, np.ndarray]:
    """Multiply what the lots of every batch do; trypsin ages from a lot's first use on."""
    combined: dict[str, np.ndarray] = {}
    for kind, per_lot in plan.lot_effects.items():
        for name, values in per_lot.items():
            combined[name] = combined.get(name, 1.0) * values[plan.lot_numbers[kind]]
    age = lot_age_days(plan, "trypsin")
    combined["trypsin_activity"] = combined["trypsin_activity"] * np.exp(
        -VALUES["trypsin_store"] * age
    )
    return combined


def lot_age_days(plan: Plan, kind: str) -> np.ndarray:
    """Return the days (B,) since the first batch with the same lot."""
    numbers = plan.lot_numbers[kind]
    first = np.array([plan.day[numbers == lot].min() for lot in range(numbers.max() + 1)])
    return plan.day - first[numbers]


def _drivers(plan: Plan, circumstances: Circumstances, made: Made) -> dict[str, np.ndarray]:
    """Return the true value (B,) of every one of `DRIVERS`."""
    recipes, fitted = made.batches.recipes, circumstances.fitted
    ph = np.array([recipe.ph for recipe in recipes]) - fitted.ph_error
    drift = fitted.ph_drift_per_day * np.array([recipe.growth_time_h for recipe in recipes]) / 24
    dips = np.clip(circumstances.dips[:, :, 1], 0, None).sum(axis=1)
    return {
        "hold_h": circumstances.hold_h,
        "carrier_area_factor": circumstances.lot_factors["area"],
        "serum_growth_factor": plan.lot_effects["serum"]["growth"][plan.lot_numbers["serum"]],
        "infection_temperature_c": np.array([r.infection_temperature_c for r in recipes]),
        "true_ph": ph - drift,
        "dip_hours": dips,
        "trypsin_activity": making.trypsin_activity(recipes),
        "seed_passage": circumstances.passage,
        "conductivity_ms_per_cm": made.equipment.conductivity_ms_per_cm,
    }


def _calendar(
    rng: np.random.Generator,
    nominal: np.ndarray,
    first_of_twins: np.ndarray,
    growth_min: np.ndarray,
    true_ha: np.ndarray,
) -> np.ndarray:
    """Return the start of every batch, datetime64 in minutes.

    Nothing in a batch depends on the day of the week, so days may be drawn after the batch
    is known; they are drawn until week-ends are fair, or as fair as many draws make them.
    """
    n = len(nominal)
    fairest, least_gap = None, np.inf
    for _ in range(CALENDARS_MOST if n >= FAIR_FROM_BATCHES else 1):
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
        if n < FAIR_FROM_BATCHES:
            return started
        weekend = _on_weekend(started + growth_min.astype("timedelta64[m]"))
        gap = abs(true_ha[weekend].mean() - true_ha[~weekend].mean())
        if gap < FAIR_CALENDAR_LOG10:
            return started
        if fairest is None or gap < least_gap:
            fairest, least_gap = started, gap
    return fairest


def _on_weekend(infected: np.ndarray) -> np.ndarray:
    """Tell which batches are due for their day-2 sample on a Saturday or Sunday."""
    return pd.DatetimeIndex(infected + np.timedelta64(48, "h")).day_of_week.to_numpy() >= 5


def _sample(
    rng: np.random.Generator,
    batches: Batches,
    batch_ids: np.ndarray,
    started: np.ndarray,
    infected: np.ndarray,
    harvested: np.ndarray,
) -> pd.DataFrame:
    """Return one row a sample that was truly taken, in order of time."""
    n, slots = len(batch_ids), len(SAMPLE_HOURS) + 1
    nominal = np.array([*SAMPLE_HOURS, 0.0]) * 60
    jitter = 5 * rng.integers(-9, 10, size=(n, slots))
    times = infected[:, None] + (nominal + jitter).astype("timedelta64[m]")
    times[:, HARVEST_SLOT] = harvested
    last = np.arange(slots) == HARVEST_SLOT

    ha_48h = batches.at("ha_log10_per_100ul", np.arange(n), np.full(n, 48.0))
    better = (ha_48h - np.quantile(ha_48h, WEEKEND_CENTRE)) / WEEKEND_SCALE_LOG10
    looks = 1 / (1 + np.exp(-np.clip(better, -50, 50)))
    chance = np.full((n, slots), 1 - LOST_SHARE)
    chance[:, HARVEST_SLOT] = 1.0
    weekend = _on_weekend(infected)
    chance[weekend, DAY_2_SLOT] = (WEEKEND_LOW + (WEEKEND_HIGH - WEEKEND_LOW) * looks)[weekend]
    # Where a batch is shorter than usual there is nothing to sample.
    there = (times > started[:, None]) & ((times < harvested[:, None]) | last)
    taken = (rng.random((n, slots)) < chance) & there

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


def _minute_batches(circumstances: Circumstances) -> list[int]:
    """Return the batches of which every minute is kept: three sound ones, three with a fault."""
    fault = circumstances.faults.fault
    sound = np.flatnonzero(fault == "")
    kept = sound[[10, 100, 200]] if len(fault) > 300 and len(sound) > 200 else sound[:3]
    bad = [np.flatnonzero(fault == name)[:1] for name in ("F1", "F2", "F5")]
    return sorted({*map(int, kept), *(int(b[0]) for b in bad if len(b))})


def _failures(failures: Sequence[instruments.Failure], batch_ids: np.ndarray) -> pd.DataFrame:
    fields = ("tag", "kind", "from_h", "until_h", "size")
    table = {"batch_id": [batch_ids[failure.batch] for failure in failures]}
    table |= {f"failing_{name}": [getattr(f, name) for f in failures] for name in fields}
    return pd.DataFrame(table)


def _twin_names(batch_ids: np.ndarray, first_of_twins: np.ndarray) -> np.ndarray:
    names = np.full(len(batch_ids), "", dtype=object)
    names[first_of_twins] = batch_ids[first_of_twins + 1]
    names[first_of_twins + 1] = batch_ids[first_of_twins]
    return names


def _as_loaded(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table the types that reading its file gives."""
    times = {name: "datetime64[s]" for name in table if name.endswith("_at")}
    texts = {name: "str" for name in table if table[name].dtype == object}
    whole = {name: "int64" for name in table if table[name].dtype == np.int32}
    return table.astype(times | texts | whole)
