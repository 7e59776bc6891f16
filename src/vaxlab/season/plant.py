"""The season itself: round by round the policy is asked, and three batches are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.plant import deploy, making, rules
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Recipe
from vaxlab.season.asking import HARVEST, LICENCES, Asked, Policy, asked_recipe
from vaxlab.season.chance import (
    CAPACITANCE_SD,
    HIGH_PH,
    LOW_PH,
    REACTORS,
    ROUNDS,
    SEEN_FROM_H,
    UPTAKE_GAIN_SD,
    UPTAKE_SD,
    USUAL_DOSES,
    USUAL_H,
    VISIT,
    Season,
    drawn,
    paid_for,
)
from vaxlab.season.laboratory import tried


@dataclass(frozen=True)
class Played:
    """What came of a policy in a season.

    Attributes
    ----------
    record : DataFrame
        What the plant showed, one row a batch, as the policy's functions see it.
    runs : DataFrame
        The experiments.
    truth : DataFrame
        One row a batch: ``worth`` (true doses that were released and not called back, in usual
        batches, less visits), ``recalled``, ``true_ph``, ``drifts``.
    """

    record: pd.DataFrame
    runs: pd.DataFrame
    truth: pd.DataFrame

    @property
    def score(self) -> float:
        """Return the season's worth, in usual batches."""
        return float(self.truth["worth"].sum())


def play(policy: Policy, seeds: Sequence[int]) -> list[Played]:
    """Play seasons on a policy, side by side.

    Parameters
    ----------
    policy : Policy
    seeds : sequence of int
        Of the seasons. What comes of one does not depend on the others.

    Returns
    -------
    list of Played
        One for each seed.

    Raises
    ------
    CourseError
        A function of the policy stopped, returned something else than it should, or left the
        licence: the message names it, the batch, what came and what is expected. Or all of them
        together took more than `LIMIT_S`.
    """
    for name in (field.name for field in fields(Policy)):
        function = getattr(policy, name)
        if function is not None and not callable(function):
            raise CourseError(f"`{name}` is {rules.short(function)}; expected a function.")
    asked = Asked(policy)
    seasons = [drawn(int(seed)) for seed in seeds]
    tries = tried(asked, seasons)
    plants = [_Plant(season, runs) for season, runs in zip(seasons, tries, strict=True)]
    for round_ in range(ROUNDS):
        _played_round(asked, plants, round_)
    return [plant.played() for plant in plants]


class _Plant:
    """A season on its way."""

    def __init__(self, season: Season, runs: pd.DataFrame) -> None:
        self.season, self.runs = season, runs
        self.rows: list[dict[str, Any]] = []
        self.truth: list[dict[str, Any]] = []
        self.mended = False

    def record(self) -> pd.DataFrame:
        """Return what the plant has shown of the rounds before."""
        return pd.DataFrame(self.rows, columns=RECORD)

    def played(self) -> Played:
        """Return what came of it all."""
        return Played(self.record(), self.runs, pd.DataFrame(self.truth))


RECORD = [
    "batch", "round", "reactor", "product", "seed_lot", "checked",
    *(field.name for field in fields(Recipe) if field.name != HARVEST), rules.CONDUCTIVITY,
    "harvest_h", "ph_gap", "cells_1e6_per_ml", "worth", "reason",
]  # fmt: skip
"""Columns of a record. ``checked``: whether the probe was before the batch; ``harvest_h``: after
infection; ``ph_gap``: pH on the bench less that of the probe, one sample at infection; ``worth``:
doses as the tests count them, over those of a usual batch, 0 if rejected; ``reason``: of that."""


@dataclass(frozen=True)
class _Wish:
    """A batch as the policy wants it."""

    recipe: Recipe
    conductivity: float
    checked: bool
    ph_error: float
    drifts: bool


def _played_round(asked: Asked, plants: Sequence[_Plant], round_: int) -> None:
    """Ask for, make, harvest and test the three batches of a round in every season."""
    rows = np.arange(len(REACTORS)) + round_ * len(REACTORS)
    wanted = [[_wish(asked, plant, b) for b in rows] for plant in plants]
    parts, recipes = [], []
    for plant, batches in zip(plants, wanted, strict=True):
        met = plant.season.met.of(rows)
        error = np.array([one.ph_error for one in batches])
        met = replace(met, fitted=replace(met.fitted, ph_error=error))
        parts.append(deploy.with_conductivity(met, np.array([b.conductivity for b in batches])))
        recipes += [deploy.cut_at(one.recipe, LAST_H) for one in batches]
    made = making.make(recipes, making.joined(parts))
    for p, (plant, batches) in enumerate(zip(plants, wanted, strict=True)):
        here = p * len(REACTORS) + np.arange(len(REACTORS))
        hours = [
            _harvest_h(asked, plant.season, made, int(row), int(b))
            for row, b in zip(here, rows, strict=True)
        ]
        _finished(plant, batches, made, here, np.array(hours), parts[p])


LAST_H = float(max(max(licence.harvest_hours) for licence in LICENCES.values()))


def _wish(asked: Asked, plant: _Plant, b: int) -> _Wish:
    """Ask about a batch, and say what its probe will read too high."""
    season, drift = plant.season, plant.season.drift
    known, where = season.known[b], f"for batch {b}"
    round_, reactor = known["round"], known["reactor"]
    checked = False
    if asked.policy.maintain is not None:
        checked = asked.flag("maintain", dict(known), plant.record(), where=where)
    off = drift.at(round_) if reactor == drift.reactor and not plant.mended else 0.0
    if checked and off:
        plant.mended, off = True, 0.0
    answer = asked("recipe", dict(known), plant.record(), plant.runs.copy(), where=where)
    licence = LICENCES[known["product"]]
    recipe, conductivity = asked_recipe("recipe", answer, licence, season.planned[b], where)
    error = float(season.met.fitted.ph_error[b]) + off
    return _Wish(recipe, conductivity, checked, error, bool(off))


def _harvest_h(asked: Asked, season: Season, made: Made, row: int, b: int) -> float:
    """Return when the policy harvests a batch, h after infection."""
    known = season.known[b]
    if asked.policy.harvest is None:
        return USUAL_H[known["product"]]
    seen = seen_of(season, made, row, b)
    hours = LICENCES[known["product"]].harvest_hours
    for hour in hours[:-1]:
        where = f"for batch {b} at {hour} h"
        if asked.flag("harvest", dict(known), seen.loc[:hour].copy(), where=where):
            return float(hour)
    return float(hours[-1])


def seen_of(season: Season, made: Made, row: int, b: int) -> pd.DataFrame:
    """Return what the probes show of a batch, hour by hour to the last."""
    hours = np.arange(SEEN_FROM_H, int(LAST_H) + 1)
    at = np.searchsorted(made.batches.time_h, hours - 1e-6)
    volume = made.batches.states["biovolume_ul_per_ml"][row, at]
    uptake = made.batches.states["our_mmol_per_l_h"][row, at]
    noise = season.noise
    gain = np.exp(VALUES["sd_pF_gain"] * noise["gain"][b])
    zero = VALUES["sd_pF_zero"] * noise["zero"][b]
    first, second = noise["hours"][b, :, : len(hours)]
    table = {
        "capacitance_pf_per_cm": VALUES["pF_biovolume"] * volume * gain
        + zero
        + CAPACITANCE_SD * first,
        "oxygen_uptake_mmol_per_l_h": uptake
        * np.exp(UPTAKE_GAIN_SD * noise["uptake"][b] + UPTAKE_SD * second),
    }
    return pd.DataFrame(table, index=pd.Index(hours, name="hour"))


def _finished(
    plant: _Plant,
    batches: Sequence[_Wish],
    made: Made,
    here: np.ndarray,
    hours: np.ndarray,
    met: Circumstances,
) -> None:
    """Harvest and test the three batches of a season's round, and write them down."""
    season, n = plant.season, len(here)
    at = np.searchsorted(made.batches.time_h, hours - 1e-6)
    state = {name: values[here, at] for name, values in made.batches.states.items()}
    kept = replace(made.batches, recipes=tuple(made.batches.recipes[row] for row in here))
    first = len(plant.rows)
    own = replace(met, luck_seed=met.luck_seed + first)
    one = making.finish(kept, state, own, hours)
    paid = {product: paid_for(product, one, own) for product in set(REACTORS.values())}
    cells = made.batches.at_infection["attached_cells_per_ml"][here]
    for k in range(n):
        b = first + k
        known, wish = season.known[b], batches[k]
        product, recipe = known["product"], wish.recipe
        days = recipe.growth_time_h / 24
        true_ph = float(recipe.ph - wish.ph_error - met.fitted.ph_drift_per_day[k] * days)
        gap = true_ph - recipe.ph + VALUES["bias_bench_pH"]
        gap += VALUES["sd_bench_pH"] * season.noise["ph"][b]
        counted = 1e-6 * cells[k] * np.exp(VALUES["sd_count"] * season.noise["cells"][b])
        points = asdict(recipe)
        points.pop(HARVEST)
        row = {name: known[name] for name in ("batch", "round", "reactor", "product", "seed_lot")}
        row |= points | {"checked": wish.checked, rules.CONDUCTIVITY: wish.conductivity}
        read = paid[product]
        plant.rows.append(
            row
            | {
                "harvest_h": float(hours[k]),
                "ph_gap": round(float(gap), 2),
                "cells_1e6_per_ml": round(float(counted), 2),
                "worth": round(float(read["read"][k]) / USUAL_DOSES[product], 3),
                "reason": deploy.REASONS_OF[product].get(str(read["reason"][k]), ""),
            }
        )
        recalled = not LOW_PH <= true_ph <= HIGH_PH
        doses = 0.0 if recalled else float(read["true"][k])
        plant.truth.append(
            {
                "batch": b,
                "product": product,
                "worth": doses / USUAL_DOSES[product] - VISIT * wish.checked,
                "recalled": recalled and bool(read["released"][k]),
                "true_ph": true_ph,
                "drifts": wish.drifts,
            }
        )
