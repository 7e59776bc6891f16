"""What day 2, notebook 4 lays out: 24 runs, and the plant with a network in it.

Only the growth of cells on their carriers is looked at, before there is any virus. What is asked of
a model is the course of five quantities (`MEASURED`), from the recipe alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from vaxlab.plant import HOOK_FEATURES, Factors, Recipe, assays, making, tensors, trajectories
from vaxlab.plant.batch import run
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.kinetics import ARRAYS, INDEX, growth_by_temperature
from vaxlab.plant.parameters import VALUES

MEASURED = {
    "cells": "uninfected_cells_per_ml",
    "glucose": "glucose_mmol_per_l",
    "glutamine": "glutamine_mmol_per_l",
    "lactate": "lactate_mmol_per_l",
    "ammonium": "ammonium_mmol_per_l",
}
"""What a sample is measured for, in the order of the tables' last axis: cells on carriers, 1/mL,
and mmol/L."""
UNITS = {name: "1/mL" if name == "cells" else "mmol/L" for name in MEASURED}
_ROWS = [INDEX[state] for state in MEASURED.values()]

INSIDE = {
    "inoculum_cells_per_ml": (1.5e5, 4.5e5),
    "carrier_g_per_l": (1.5, 3.0),
    "glucose_mmol_per_l": (18.0, 36.0),
    "glutamine_mmol_per_l": (2.0, 5.0),
}
"""Set point to its range in the 24 runs."""
OUTSIDE = {
    "inoculum_cells_per_ml": (3e5, 6e5),
    "carrier_g_per_l": (3.0, 4.5),
    "glucose_mmol_per_l": (12.0, 20.0),
    "glutamine_mmol_per_l": (1.5, 3.0),
}
"""More carriers and cells than ever before, in leaner medium."""
RUNS, EXAM_RUNS = 24, 40
INSIDE_H, OUTSIDE_H = 96.0, 120.0
"""How long cells grow, h."""
SAMPLE_H = 24.0
GAPS = 0.06
"""Share of the readings that are missing."""

MEMBERS = 6
"""Networks that are trained side by side; each one leaves another sixth of the runs out."""
TRAIN_STEP_H, PREDICT_STEP_H = 4.0, 1.0
"""Integration steps, h. At 4 h the maxima of the 24 runs are right to 0.3 %, and an epoch costs a
quarter; where glucose runs out, steps have to be short."""
_VIRUS_H, _VIRUS_STEP_H = 6.0, 3.0  # the shortest infection that a recipe may have: not looked at

SCALES = dict(zip(HOOK_FEATURES, (30.0, 4.0, 30.0, 3.0, 1e6, 60.0, 7.2, 37.0, 1.0), strict=True))
"""What each feature of a network is divided by: its usual size."""
SEEN = [HOOK_FEATURES.index(name) for name in HOOK_FEATURES[:4] + HOOK_FEATURES[-1:]]
"""Columns of the features that the network reads: the medium, and the free share of the surface."""
GROWTH_MOST, UPTAKE_MOST = 0.06, 0.4
"""Bounds of the learned rates: 1/h, pmol/cell/h. No MDCK cell is faster."""


_HIDDEN = 8


ROUNDING = 0.02
"""How far below zero, in mmol/L, a quantity may be by the rounding of an integration step."""


# The runs -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Runs:
    """Some runs of the growth phase.

    Attributes
    ----------
    recipes : DataFrame
        One row a run; columns as `INSIDE`.
    hours : array (T,)
        When samples were drawn, h after inoculation.
    values : array (B, T, 5)
        `MEASURED` of each; NaN where a reading is missing.
    """

    recipes: pd.DataFrame
    hours: np.ndarray
    values: np.ndarray

    def table(self) -> pd.DataFrame:
        """Return one row a sample: run, hours, the recipe, and what was measured."""
        long = self.recipes.loc[self.recipes.index.repeat(len(self.hours))]
        hours = np.tile(self.hours, len(self.recipes))
        measured = pd.DataFrame(self.values.reshape(-1, len(MEASURED)), columns=list(MEASURED))
        long = long.rename_axis("run").reset_index().assign(hours=hours)
        return pd.concat([long, measured], axis=1)


@cache
def runs(plant_seed: int = HISTORY_SEED) -> Runs:
    """Make the 24 runs: `INSIDE`, with the plant's hands, and measured with its errors."""
    return _make(INSIDE, RUNS, INSIDE_H, np.random.default_rng([plant_seed, 41]), GAPS)


@cache
def exam_runs(outside: bool, plant_seed: int = HISTORY_SEED, n: int = EXAM_RUNS) -> Runs:
    """Make 40 more by the book: no hand differs, and nothing is measured wrongly."""
    box, hours = (OUTSIDE, OUTSIDE_H) if outside else (INSIDE, INSIDE_H)
    return _make(box, n, hours, np.random.default_rng([plant_seed, 42 + outside]))


@cache
def next_runs(outside: bool, plant_seed: int = HISTORY_SEED) -> Runs:
    """Make 40 more with hands and errors, as the 24."""
    box, hours = (OUTSIDE, OUTSIDE_H) if outside else (INSIDE, INSIDE_H)
    return _make(box, EXAM_RUNS, hours, np.random.default_rng([plant_seed, 44 + outside]), 0.0)


def _make(
    box: Mapping[str, tuple[float, float]],
    n: int,
    growth_h: float,
    rng: np.random.Generator,
    gaps: float | None = None,
) -> Runs:
    """Make runs spread evenly over a box; by the book where ``gaps`` is None."""
    recipes = spread(box, n, rng)
    factors = Factors()
    if gaps is not None:
        hands = making.draw_handling(rng.standard_normal, n)
        factors = Factors(**{name: hands[name] for name in ("inoculum", "growth", "appetite")})
    batches = run(_recipes(recipes, growth_h), factors)
    hours = np.arange(SAMPLE_H, growth_h + 1, SAMPLE_H)
    moments = [int(np.flatnonzero(batches.time_h + growth_h == hour)[0]) for hour in hours[:-1]]
    values = np.stack(
        [
            np.column_stack([batches.states[state][:, moments], batches.at_infection[state]])
            for state in MEASURED.values()
        ],
        axis=-1,
    )
    if gaps is not None:
        cells, medium = values[..., :1], values[..., 1:]
        read = [assays.count(cells, rng), assays.metabolite(medium, rng)]
        values = np.concatenate(read, axis=-1)
        values[rng.random(values.shape) < gaps] = np.nan
    return Runs(recipes, hours, values)


def spread(
    box: Mapping[str, tuple[float, float]], n: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return recipes spread evenly over a box, one row each."""
    places = np.argsort(rng.random((len(box), n)), axis=1) + rng.random((len(box), n))
    return pd.DataFrame(
        {
            name: low + (high - low) * place / n
            for (name, (low, high)), place in zip(box.items(), places, strict=True)
        }
    )


def _recipes(table: pd.DataFrame, growth_h: float | np.ndarray, **more: float) -> list[Recipe]:
    hours = np.broadcast_to(growth_h, len(table)).tolist()
    fields = {"infection_duration_h": _VIRUS_H} | more
    return [
        Recipe(**row, growth_time_h=hour, **fields)
        for row, hour in zip(table.to_dict("records"), hours, strict=True)
    ]


# The plant with a network in it -------------------------------------------------------------

Rates = Callable[["torch.Tensor"], tuple["torch.Tensor", "torch.Tensor"]]
"""Features (B, 9) → growth rate (B,), 1/h, and glucose uptake (B,), pmol/cell/h."""


def simulate(rates: Rates, some: Runs, step_h: float = TRAIN_STEP_H) -> torch.Tensor:
    """Run the plant's own equations with learned rates in them, from the recipes alone.

    Parameters
    ----------
    rates : callable
        Features (B, 9) in the order of `vaxlab.plant.HOOK_FEATURES` → growth rate, 1/h, and
        glucose uptake, pmol/cell/h, each (B,). Attachment, death, glutamine, lactate, ammonium,
        oxygen and pH stay the plant's.
    some : Runs
        Whose recipes are run, and at whose hours the states are kept.
    step_h : float
        Length of the integration's steps, h; a divisor of 24 h.

    Returns
    -------
    tensor (M, B, T, 5)
        `MEASURED` of each network (M, `Networks`) and run; gradients reach the networks.

    Raises
    ------
    CourseError
        The rates are no rates, as `vaxlab.plant.hybrid.hook` says.
    """
    path = course(rates, some, step_h)
    return path[:, :, round(SAMPLE_H / step_h) :: round(SAMPLE_H / step_h)]


def course(rates: Rates, some: Runs, step_h: float = PREDICT_STEP_H) -> torch.Tensor:
    """Return the same after every step, (M, B, steps + 1, 5)."""
    members = getattr(rates, "members", 1)
    growth_h = float(some.hours[-1])
    latest: list[Any] = [None, None]

    def both(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if latest[0] is not features:  # the plant asks for one rate after the other
            latest[:] = features, rates(features)
        return latest[1]

    grown, _ = trajectories(
        _recipes(some.recipes, growth_h) * members,
        Factors(),
        backend=tensors(torch.float32),
        rates_by={
            "growth_rate_per_h": lambda features: both(features)[0],
            "glucose_uptake_pmol_per_cell_h": lambda features: both(features)[1],
        },
        growth_step_h=step_h,
        infection_step_h=_VIRUS_STEP_H,
    )
    path = torch.stack(grown)[:, _ROWS]  # steps, states, members and runs
    return path.permute(2, 0, 1).reshape(members, len(some.recipes), len(grown), len(_ROWS))


class Networks(nn.Module):
    """Small networks side by side: all are trained in one run of the plant.

    Parameters
    ----------
    members : int
        How many. The rows of what they see are cut into as many equal parts, one for each.
    seed : int
        Of their first weights.
    """

    def __init__(self, members: int = MEMBERS, seed: int = 0) -> None:
        super().__init__()
        dice = torch.Generator().manual_seed(seed)
        self.members = members
        self.first = nn.Parameter(torch.randn(members, len(SEEN), _HIDDEN, generator=dice) / 2)
        self.first_bias = nn.Parameter(torch.zeros(members, 1, _HIDDEN))
        self.last = nn.Parameter(torch.randn(members, _HIDDEN, 2, generator=dice) / 30)
        self.last_bias = nn.Parameter(torch.zeros(members, 1, 2))
        self.register_buffer("scales", torch.tensor(list(SCALES.values()))[SEEN])

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return two raw numbers a row, (B, 2), of any size and sign."""
        seen = (features[:, SEEN] / self.scales).reshape(self.members, -1, len(SEEN))
        hidden = torch.tanh(seen @ self.first + self.first_bias)
        return (hidden @ self.last + self.last_bias).reshape(-1, 2)


class Hybrid(nn.Module):
    """Networks behind a seam: what the plant asks for its rates.

    Parameters
    ----------
    seam : callable
        Raw numbers (B, 2) and features (B, 9) → growth rate (B,), 1/h, and glucose uptake (B,),
        pmol/cell/h.
    members : int
    seed : int
    """

    def __init__(self, seam: Callable[..., Any], members: int = MEMBERS, seed: int = 0) -> None:
        super().__init__()
        self.networks = Networks(members, seed)
        self.members = members
        self._seam = seam

    def extra_repr(self) -> str:
        """Say whose seam is at work."""
        if self._seam is _seam:
            return "behind the course's seam: yours is not there, or lets no gradient through"
        return "behind your seam"

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return growth and uptake of each row."""
        return self._seam(self.networks(features), features)


def _seam(raw: torch.Tensor, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Bound the rates; no growth on full carriers, and nothing comes of nothing."""
    glucose, glutamine = features[:, 0].clamp(min=0), features[:, 1].clamp(min=0)
    fed = glucose / (glucose + 1)
    growth = GROWTH_MOST * torch.sigmoid(raw[:, 0]) * features[:, 8] * fed
    uptake = UPTAKE_MOST * torch.sigmoid(raw[:, 1]) * fed
    return growth * glutamine / (glutamine + 0.2), uptake


def left_out(some: Runs, members: int = MEMBERS) -> torch.Tensor:
    """Return the measured values once for each network, (members, B, T, 5), float32.

    NaN stands for a missing reading, and for runs that a network is not to learn from.
    """
    values = np.repeat(some.values[None], members, axis=0)
    values[_fold(len(some.recipes), members), np.arange(len(some.recipes))] = np.nan
    return torch.tensor(values, dtype=torch.float32)


def _fold(n: int, members: int) -> np.ndarray:
    """Return the network that leaves each run out."""
    return np.random.default_rng(0).permutation(n) % members


def by_differences(some: Runs, members: int = MEMBERS) -> tuple[torch.Tensor, torch.Tensor]:
    """Estimate rates from neighbouring samples: rough, but without any integrator.

    Returns
    -------
    features, rates : tensors (members · N, 9) and (members · N, 2)
        In the middle between two samples, and what was found there: growth, 1/h, and uptake,
        pmol/cell/h, within the bounds; NaN for the runs that a network is not to learn from.
        Pairs with a missing reading are left out.
    """
    recipes = some.recipes
    zero = np.zeros(len(recipes))
    start = [recipes["inoculum_cells_per_ml"], recipes["glucose_mmol_per_l"]]
    first = np.column_stack([*start, recipes["glutamine_mmol_per_l"], zero, zero])
    values = np.concatenate([first[:, None], some.values], axis=1)
    before, after = values[:, :-1], values[:, 1:]
    hours = np.diff(np.append(0.0, some.hours))
    risen = np.log(after[..., 0] / before[..., 0])
    cells = (after[..., 0] - before[..., 0]) / risen  # the mean of an exponential
    uptake = 1e6 * (before[..., 1] - after[..., 1]) / hours / cells
    middle = np.concatenate([cells[..., None], ((before + after) / 2)[..., 1:]], axis=-1)
    features = _features(Runs(recipes, some.hours, middle))
    found = np.stack([risen / hours, uptake], axis=-1)
    found = np.clip(found, 0.02 * _MOST, 0.98 * _MOST)
    whole = np.isfinite(features).all(-1) & np.isfinite(found).all(-1)
    each = np.repeat(found[None], members, axis=0)
    each[_fold(len(recipes), members), np.arange(len(recipes))] = np.nan
    parts = np.tile(features[whole], (members, 1)), each[:, whole].reshape(-1, 2)
    return tuple(torch.tensor(part, dtype=torch.float32) for part in parts)


_MOST = np.array([GROWTH_MOST, UPTAKE_MOST])


def _true_rates(features: np.ndarray) -> np.ndarray:
    """Return the plant's own rates, (..., 2): growth, 1/h, and glucose uptake, pmol/cell/h."""
    seen = dict(zip(HOOK_FEATURES, np.moveaxis(np.asarray(features, float), -1, 0), strict=True))
    glucose, oxygen, ph = (seen[k] for k in ("glucose_mmol_per_l", "do_percent", "ph"))
    width = np.where(ph < VALUES["pH_opt"], VALUES["s_pH_growth_low"], VALUES["s_pH_high"])
    glutamine, lactate = seen["glutamine_mmol_per_l"], seen["lactate_mmol_per_l"]
    growth = (
        VALUES["mu_max"]
        * growth_by_temperature(seen["temperature_c"], VALUES, ARRAYS)
        * seen["free_surface_share"]
        * np.exp(-0.5 * ((ph - VALUES["pH_opt"]) / width) ** 2)
        * oxygen
        / (VALUES["K_O"] + oxygen)
        * glucose
        / (VALUES["K_G"] + glucose)
        * glutamine
        / (VALUES["K_Q"] + glutamine)
        * VALUES["K_IL"]
        / (VALUES["K_IL"] + lactate)
        * VALUES["K_IN"]
        / (VALUES["K_IN"] + seen["ammonium_mmol_per_l"])
    )
    kept_up = VALUES["m_G"] * glucose / (VALUES["K_mG"] + glucose)
    return np.stack([growth, 1e6 * (growth / VALUES["Y_XG"] + kept_up)], axis=-1)


def _features(some: Runs) -> np.ndarray:
    """Return what a network would see in some runs at their samples, (B, T, 9).

    In true states; temperature, oxygen and pH are what the controllers hold.
    """
    shape = some.values.shape[:2]
    full = VALUES["sigma"] * VALUES["a_mc"] / 1000 * some.recipes["carrier_g_per_l"].to_numpy()
    held = [np.full(shape, value) for value in (60.0, 7.2, 37.0)]
    cells = some.values[..., 0]
    # What is dead still covers its place, so this is a little too much.
    free = np.clip(1 - cells / full[:, None], 0, 1)
    medium = np.moveaxis(some.values[..., 1:], -1, 0)
    return np.stack([*medium, cells, *held, free], axis=-1)


# What the exercises ask for ------------------------------------------------------------------

LACTATE_YIELD = VALUES["Y_LG"]
"""Lactate for each glucose, mol/mol."""


def _balances(state: torch.Tensor, growth: torch.Tensor, uptake: torch.Tensor) -> torch.Tensor:
    """Return the rates of change of cells, glucose and lactate, (B, 3), per hour."""
    cells = state[:, 0]
    used = 1e-6 * uptake * cells
    return torch.stack([growth * cells, -used, LACTATE_YIELD * used], dim=1)


def _rk4_step(slope: Callable[..., Any], state: torch.Tensor, h: float) -> torch.Tensor:
    """Return the state after one step of the classical Runge-Kutta method."""
    k1 = slope(state)
    k2 = slope(state + h / 2 * k1)
    k3 = slope(state + h / 2 * k2)
    k4 = slope(state + h * k3)
    return state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _told_apart(slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard errors of the logarithms of constants, (P,), and correlations (P, P)."""
    covariance = np.linalg.inv(slopes.T @ slopes)
    errors = np.sqrt(np.diag(covariance))
    return errors, covariance / np.outer(errors, errors)


def _rank(sizes: np.ndarray, level: float) -> float:
    """Return the ceil((n + 1) · level)-th smallest size; infinite where there are too few."""
    ordered = np.sort(np.asarray(sizes, dtype=float))
    place = int(np.ceil((len(ordered) + 1) * level))
    return float(ordered[place - 1]) if place <= len(ordered) else np.inf


def _interval(
    predicted: np.ndarray,
    spread: np.ndarray,
    misses: np.ndarray,
    spreads: np.ndarray,
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of intervals as wide as misses were in units of their spread."""
    half = _rank(np.abs(misses) / spreads, level) * spread
    return predicted - half, predicted + half


# How far a model misses ----------------------------------------------------------------------


def scale(plant_seed: int = HISTORY_SEED) -> np.ndarray:
    """Return how much each of `MEASURED` varies in the 24 runs: its SD, (5,)."""
    return np.nanstd(runs(plant_seed).values, axis=(0, 1))


def miss(predicted: np.ndarray, some: Runs, plant_seed: int = HISTORY_SEED) -> float:
    """Return the root mean squared miss of some runs, in SDs of the 24 runs."""
    return float(np.sqrt(np.nanmean(((predicted - some.values) / scale(plant_seed)) ** 2)))
