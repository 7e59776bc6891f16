"""One batch from recipe to doses: what was meant, what it meets, what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from vaxlab.plant import downstream, equipment, faults, seedtrain
from vaxlab.plant.batch import Batches, Factors, step_hours
from vaxlab.plant.batch import run as run_batches
from vaxlab.plant.course import Course
from vaxlab.plant.instruments import VOLUME_L, ProbeCondition
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import LIMITS, Profile, Recipe

HANDLING_SD: dict[str, float] = {
    "moi": VALUES["sd_MOI"] * np.log(10),
    "inoculum": VALUES["sd_inoculum"],
    "growth": VALUES["sd_hand_growth"],
    "release": VALUES["sd_hand_release"],
    "appetite": VALUES["sd_hand_appetite"],
    "temperature_c": VALUES["sd_hand_T"],
}
"""What differs between batches of one recipe: SD of the logarithm of a factor, or, for the
temperature, of the difference between true value and set point."""
HANDLING_FACTORS = ("moi", "inoculum", "growth", "release", "appetite")

SEED_FACTORS = ("inoculum", "attachment", "growth")
"""Factors that the seed train has a part in."""

DIPS_MOST = 5
"""Dips of dissolved oxygen that room is kept for."""


@dataclass(frozen=True)
class Circumstances:
    """All that B batches meet besides their recipe.

    Attributes
    ----------
    lot_factors : dict of str to array (B,)
        Field of `Factors` to what the lots multiply it by; ``trypsin_activity``: of the lot,
        its age in the store included.
    handling : dict of str to array (B,)
        Keys of `HANDLING_SD`: factors, and ``temperature_c`` as a difference.
    hold_h : array (B,)
        From the detachment of the seed culture to inoculation.
    dips : array (B, K, 2)
        Start (h after infection) and length (h) of dips of the oxygen supply.
    fitted : equipment.Fitted
    faults : faults.Plan
    luck_seed : int
        Of downstream's steps and tests: the same luck whatever the recipe.
    passage : number or array (B,)
        Splits since the cell bank.
    age_h : number or array (B,)
        That the last seed vessel grew before its cells were detached.
    """

    lot_factors: Mapping[str, np.ndarray]
    handling: Mapping[str, np.ndarray]
    hold_h: np.ndarray
    dips: np.ndarray
    fitted: equipment.Fitted
    faults: faults.Plan
    luck_seed: int
    passage: np.ndarray | float = VALUES["passage_first"]
    age_h: np.ndarray | float = VALUES["age_best"]

    def __len__(self) -> int:
        return len(self.hold_h)

    def of(self, rows: np.ndarray) -> "Circumstances":
        """Return what some of the batches meet, each as often as it is named."""
        n = len(self)
        return Circumstances(
            lot_factors={name: values[rows] for name, values in self.lot_factors.items()},
            handling={name: values[rows] for name, values in self.handling.items()},
            hold_h=self.hold_h[rows],
            dips=self.dips[rows],
            fitted=equipment.take(self.fitted, rows),
            faults=faults.take(self.faults, rows),
            luck_seed=self.luck_seed,
            passage=np.broadcast_to(self.passage, n)[rows],
            age_h=np.broadcast_to(self.age_h, n)[rows],
        )


@dataclass(frozen=True)
class Made:
    """What became of B batches, without measuring error except in the release tests.

    Attributes
    ----------
    batches : Batches
    harvest : downstream.Harvest
    equipment : downstream.Equipment
    purified : downstream.Purified
    release : downstream.Release
    """

    batches: Batches
    harvest: downstream.Harvest
    equipment: downstream.Equipment
    purified: downstream.Purified
    release: downstream.Release


def joined(parts: Sequence[Circumstances]) -> Circumstances:
    """Put what batches of several plants meet side by side; the first one's luck is kept."""

    def tables(name: str) -> dict[str, np.ndarray]:
        first = getattr(parts[0], name)
        return {key: np.concatenate([getattr(c, name)[key] for c in parts]) for key in first}

    def all_of(things: Sequence[Any]) -> dict[str, np.ndarray]:
        return {key: np.concatenate([vars(one)[key] for one in things]) for key in vars(things[0])}

    return Circumstances(
        lot_factors=tables("lot_factors"),
        handling=tables("handling"),
        hold_h=np.concatenate([c.hold_h for c in parts]),
        dips=np.concatenate([c.dips for c in parts]),
        fitted=equipment.Fitted(**all_of([c.fitted for c in parts])),
        faults=faults.Plan(**all_of([c.faults for c in parts])),
        luck_seed=parts[0].luck_seed,
        passage=np.concatenate([np.broadcast_to(c.passage, len(c)) for c in parts]),
        age_h=np.concatenate([np.broadcast_to(c.age_h, len(c)) for c in parts]),
    )


def draw_handling(draw, n: int) -> dict[str, np.ndarray]:
    """Return what hands do to n batches, in the terms of `HANDLING_SD`.

    Parameters
    ----------
    draw : callable
        Number to as many standard normal scores.
    n : int
    """
    differences = {name: sd * draw(n) for name, sd in HANDLING_SD.items()}
    return differences | {name: np.exp(differences[name]) for name in HANDLING_FACTORS}


def draw_hold_h(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return hours from the detachment of the seed culture to inoculation (n,)."""
    hours = rng.gamma(VALUES["hold_shape"], VALUES["hold_mean"] / VALUES["hold_shape"], size=n)
    return np.round(np.minimum(hours, VALUES["hold_most"]), 1)


def draw_dips(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return dips of the oxygen supply, (n, K, 2): start in h after infection, length in h."""
    count = np.minimum(rng.poisson(VALUES["dips"], size=n), DIPS_MOST)
    start = rng.uniform(VALUES["dip_first"], VALUES["dip_last"], size=(n, DIPS_MOST))
    hours = rng.exponential(VALUES["dip_mean"], size=(n, DIPS_MOST))
    hours[np.arange(DIPS_MOST) >= count[:, None]] = 0.0
    return np.stack([start, np.minimum(hours, VALUES["dip_most"])], axis=2)


def make(
    recipes: Sequence[Recipe],
    circumstances: Circumstances,
    repaired_h: np.ndarray | float = np.inf,
) -> Made:
    """Make batches.

    Parameters
    ----------
    recipes : sequence of Recipe
        As written, and for times as the clock says.
    circumstances : Circumstances
        Of as many batches.
    repaired_h : array (B,) or number
        From when on (h after infection) faults and pH probes have been mended.
    """
    done = recipes_done(recipes, circumstances)
    batches = run_batches(done, factors(circumstances), course(done, circumstances, repaired_h))
    return finish(batches, batches.at_harvest, circumstances, _durations(done))


def finish(
    batches: Batches,
    state: Mapping[str, np.ndarray],
    circumstances: Circumstances,
    harvest_h: np.ndarray,
    luck: bool = True,
) -> Made:
    """Take cultures in a given state downstream.

    Parameters
    ----------
    batches : Batches
    state : mapping of str to array (B,)
        As `Batches.at_harvest`.
    circumstances : Circumstances
    harvest_h : array (B,)
        H after infection.
    luck : bool
        Whether steps differ by chance, too.
    """
    plan, fitted = circumstances.faults, circumstances.fitted
    off = faults.downstream(plan)
    harvest = downstream.Harvest(
        volume_l=_harvest_l(batches.recipes),
        total_virions_per_ml=state["total_virions_per_ml"],
        infectious_virions_per_ml=state["infectious_virions_per_ml"],
        dna_ug_per_ml=state["dna_ug_per_ml"],
        hcp_ug_per_ml=state["hcp_ug_per_ml"],
        cells_per_ml=state["viable_cells_per_ml"] + state["dead_cells_per_ml"],
        viability_percent=state["viability_percent"],
        germs_per_100ml=faults.germs_per_100ml(plan, harvest_h),
        mycoplasma=off["mycoplasma"],
    )
    tools = downstream.Equipment(
        conductivity_ms_per_cm=fitted.conductivity_ms_per_cm * off["conductivity"],
        column_cycles=fitted.column_cycles,
        filter_clogged=off["filter_clogged"],
        filter_broken=off["filter_broken"],
    )
    steps, tests = np.random.default_rng(circumstances.luck_seed).spawn(2)
    purified = downstream.purify(harvest, tools, steps if luck else None)
    released = downstream.release(purified, harvest, tools, fitted.reagent_bias, tests)
    return Made(batches, harvest, tools, purified, released)


def best_harvest_h(
    recipes: Sequence[Recipe], circumstances: Circumstances, longest_h: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return when a harvest would give most doses, and how many a litre; arrays (B,).

    Without downstream's luck; h after infection.
    """
    longer = [replace(recipe, infection_duration_h=longest_h) for recipe in recipes]
    done = recipes_done(longer, circumstances)
    batches = run_batches(done, factors(circumstances), course(done, circumstances))
    hours = [k for k in np.flatnonzero(batches.time_h >= 18) if batches.time_h[k] % 1 == 0]
    doses = np.stack(
        [
            finish(
                batches,
                {name: values[:, k] for name, values in batches.states.items()},
                circumstances,
                np.full(len(circumstances), batches.time_h[k]),
                luck=False,
            ).purified.doses_per_litre
            for k in hours
        ],
        axis=1,
    )
    rows, best = np.arange(len(doses)), doses.argmax(axis=1).clip(1, len(hours) - 2)
    left, top, right = (doses[rows, best + step] for step in (-1, 0, 1))
    # The top of the parabola through the best hour and its neighbours.
    shift = 0.5 * (left - right) / (left - 2 * top + right)
    shift = np.where(np.abs(shift) < 1, shift, 0.0)
    return batches.time_h[np.array(hours)[best]] + shift, top - 0.25 * (left - right) * shift


def recipes_done(recipes: Sequence[Recipe], circumstances: Circumstances) -> list[Recipe]:
    """Return what was truly done: biased temperature, trypsin as active as it is."""
    bias = circumstances.handling["temperature_c"]
    fault = faults.handling(circumstances.faults)
    activity = circumstances.lot_factors["trypsin_activity"] * fault["trypsin_activity"]
    return [
        replace(
            recipe,
            growth_temperature_c=_shifted(recipe, "growth_temperature_c", float(bias[b])),
            infection_temperature_c=_shifted(recipe, "infection_temperature_c", float(bias[b])),
            trypsin_bu_per_ml=_within(
                "trypsin_bu_per_ml", recipe.trypsin_bu_per_ml * float(activity[b])
            ),
        )
        for b, recipe in enumerate(recipes)
    ]


def factors(circumstances: Circumstances) -> Factors:
    """Multiply what lots, hands, the seed train and faults do."""
    fault = faults.handling(circumstances.faults)
    combined = {}
    for field in fields(Factors):
        name = field.name
        combined[name] = np.ones(len(circumstances))
        for part in (circumstances.lot_factors, circumstances.handling, fault):
            combined[name] = combined[name] * part.get(name, 1.0)
    cells = seedtrain.inoculum(circumstances.passage, circumstances.age_h, circumstances.hold_h)
    for name in SEED_FACTORS:
        combined[name] = combined[name] * getattr(cells, name)
    return Factors(**combined)


def course(
    recipes: Sequence[Recipe],
    circumstances: Circumstances,
    repaired_h: np.ndarray | float = np.inf,
) -> Course:
    """Return what happens to batches on the way: faults, drifting pH probes, dips of oxygen."""
    time_h = step_hours(recipes)
    course = faults.course(circumstances.faults, time_h, repaired_h)
    fitted = circumstances.fitted
    growth_h = np.array([recipe.growth_time_h for recipe in recipes])
    days = (time_h[None, :] + growth_h[:, None]).clip(0) / 24
    error = fitted.ph_error[:, None] + fitted.ph_drift_per_day[:, None] * days
    calibrated = time_h[None, :] >= np.broadcast_to(repaired_h, len(recipes))[:, None]
    start, hours = circumstances.dips[:, :, 0, None], circumstances.dips[:, :, 1, None]
    dipping = ((time_h >= start) & (time_h < start + hours)).any(axis=1)
    return replace(
        course,
        ph_probe_error=np.where(calibrated, 0.0, course.ph_probe_error + error),
        do_factor=np.where(dipping, VALUES["dip_DO"], 1.0),
    )


def probes(circumstances: Circumstances) -> ProbeCondition:
    """Return in what state the batches' probes are."""
    fitted = circumstances.fitted
    return ProbeCondition(
        ph_error=fitted.ph_error,
        ph_drift_per_day=fitted.ph_drift_per_day,
        ph_age_days=fitted.ph_probe_age_days,
        do_error_percent=fitted.do_error_percent,
        do_drift_percent_per_day=fitted.do_drift_percent_per_day,
        # The controller holds the Pt100 at the set point, whatever the culture has.
        temperature_error_c=-circumstances.handling["temperature_c"],
    )


def _shifted(recipe: Recipe, name: str, by: float) -> Profile:
    set_point = getattr(recipe, name)
    if isinstance(set_point, tuple):
        return tuple((hour, _within(name, value + by)) for hour, value in set_point)
    return _within(name, set_point + by)


def _within(name: str, value: float) -> float:
    """Return what is truly done of a set point: no hand takes it where no recipe may lie."""
    return min(max(value, LIMITS[name].low), LIMITS[name].high)


def _harvest_l(recipes: Sequence[Recipe]) -> np.ndarray:
    """Return what can be drawn off, L: settled carriers keep some of the medium back."""
    carriers = np.array([recipe.carrier_g_per_l for recipe in recipes])
    return VOLUME_L * (1 - VALUES["swell_mc"] * carriers)


def trypsin_activity(recipes: Sequence[Recipe]) -> np.ndarray:
    """Return the active trypsin of batches as done, over the published dose, (B,)."""
    usual = Recipe().trypsin_bu_per_ml
    return np.array([recipe.trypsin_bu_per_ml for recipe in recipes]) / usual


def _durations(recipes: Sequence[Recipe]) -> np.ndarray:
    return np.array([recipe.infection_duration_h for recipe in recipes])
