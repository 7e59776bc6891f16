"""Run batches: a recipe in, trajectories out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant import assays
from vaxlab.plant.course import Course
from vaxlab.plant.integrate import runge_kutta
from vaxlab.plant.kinetics import INDEX, STATES, Coefficients, Conditions, coefficients, rates
from vaxlab.plant.parameters import ECLIPSE_STAGES, VALUES
from vaxlab.plant.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

GROWTH_STEP_H = 0.5
INFECTION_STEP_H = 0.25
_KEPT = 2
"""Of every so many steps one is kept: 1 h of growth, 0.5 h of infection."""


@dataclass(frozen=True)
class Factors:
    """What lots and handling do to a batch, as factors on the nominal plant; 1 is nominal.

    Numbers, or arrays with one element a batch.
    """

    growth: np.ndarray | float = 1.0
    attachment: np.ndarray | float = 1.0
    area: np.ndarray | float = 1.0
    entry: np.ndarray | float = 1.0
    infectious: np.ndarray | float = 1.0
    release: np.ndarray | float = 1.0
    moi: np.ndarray | float = 1.0
    inoculum: np.ndarray | float = 1.0


@dataclass(frozen=True)
class Batches:
    """Trajectories of B batches without any measuring error.

    Attributes
    ----------
    recipes : tuple of Recipe
        One a batch.
    time_h : array (T,)
        Hours after infection, negative during growth; shared by all batches.
    states : dict of str to array (B, T)
        NaN before a batch starts and after it is harvested. The medium exchange happens at
        0 h: the value at 0 h is that after it. Names carry their units; beside the states of
        the equations there are ``eclipse_cells_per_ml``, ``productive_cells_per_ml``,
        ``attached_cells_per_ml`` (living, on carriers), ``viable_cells_per_ml`` (the same and
        those not yet attached), ``viability_percent``, ``ha_log10_per_100ul``,
        ``tcid50_log10_per_ml`` (both -inf where there is no virus), ``dna_ug_per_ml`` and
        ``hcp_ug_per_ml``.
    at_infection, at_harvest : dict of str to array (B,)
        The same names just before the medium exchange, and at the moment of harvest.
    seed : int
        Of the two readings in `summary`.
    """

    recipes: tuple[Recipe, ...]
    time_h: np.ndarray
    states: Mapping[str, np.ndarray]
    at_infection: Mapping[str, np.ndarray]
    at_harvest: Mapping[str, np.ndarray]
    seed: int

    def __len__(self) -> int:
        return len(self.recipes)

    def at(self, name: str, batch: np.ndarray, hours: np.ndarray) -> np.ndarray:
        """Return a state at any moments, linearly interpolated.

        Parameters
        ----------
        name : str
            A key of `states`.
        batch : int array (K,)
            Which batch, from 0.
        hours : array (K,)
            Hours after its infection. Below 0 the medium is the old one.

        Returns
        -------
        array (K,)
        """
        out = np.empty(len(hours))
        for b in np.unique(batch):
            values = self.states[name][b]
            ends = (0.0, self.at_infection), (self.recipes[b].infection_duration_h, self.at_harvest)
            for grown, (end_h, at_end) in zip((True, False), ends, strict=True):
                phase = ~np.isnan(values) & ((self.time_h < 0) == grown) & (self.time_h < end_h)
                rows = np.flatnonzero((batch == b) & ((hours < 0) == grown))
                out[rows] = np.interp(
                    hours[rows],
                    np.append(self.time_h[phase], end_h),
                    np.append(values[phase], at_end[name][b]),
                )
        return out

    def summary(self) -> pd.DataFrame:
        """Return one row a batch.

        Returns
        -------
        DataFrame
            Without measuring error: ``cells_at_infection_per_ml``,
            ``peak_ha_log10_per_100ul``, ``time_to_95pct_ha_h`` (hours after infection at which
            95 % of the peak's HA units are there), ``ha_rise_h`` (HA passes 0.5),
            ``peak_tcid50_log10_per_ml``, ``peak_tcid50_h``, ``virions_per_cell`` (peak of all
            virions over cells at infection), and at harvest ``ha_at_harvest_log10_per_100ul``,
            ``tcid50_at_harvest_log10_per_ml``, ``viability_at_harvest_percent``,
            ``dna_at_harvest_ug_per_ml``. With measuring error, drawn from the seed:
            ``ha_reading_log10_per_100ul``, ``tcid50_reading_log10_per_ml``, one assay each at
            harvest (NaN below the limit of detection).
        """
        import pandas as pd

        after = self.time_h >= 0
        hours = self.time_h[after]
        total = self.states["total_virions_per_ml"][:, after]
        infectious = self.states["infectious_virions_per_ml"][:, after]
        peak = np.nanmax(total, axis=1)
        peak_infectious = np.nanmax(infectious, axis=1)
        cells = self.at_infection["attached_cells_per_ml"]
        rng = np.random.default_rng(self.seed)
        ha = self.at_harvest["ha_log10_per_100ul"]
        tcid50 = self.at_harvest["tcid50_log10_per_ml"]
        return pd.DataFrame(
            {
                "cells_at_infection_per_ml": cells,
                "peak_ha_log10_per_100ul": np.log10(peak / VALUES["c_HA"]),
                "time_to_95pct_ha_h": _first_passage(hours, total, 0.95 * peak),
                "ha_rise_h": _first_passage(
                    hours, total, np.full(len(self), VALUES["c_HA"] * 10 ** VALUES["lod_HA"])
                ),
                "peak_tcid50_log10_per_ml": np.log10(peak_infectious),
                "peak_tcid50_h": hours[np.nanargmax(infectious, axis=1)],
                "virions_per_cell": peak / cells,
                "ha_at_harvest_log10_per_100ul": ha,
                "tcid50_at_harvest_log10_per_ml": tcid50,
                "viability_at_harvest_percent": self.at_harvest["viability_percent"],
                "dna_at_harvest_ug_per_ml": self.at_harvest["dna_ug_per_ml"],
                "ha_reading_log10_per_100ul": assays.HA.read(ha, rng),
                "tcid50_reading_log10_per_ml": assays.TCID50.read(tcid50, rng),
            }
        )


def simulate(recipes: Recipe | Iterable[Recipe], *, seed: int = 0) -> Batches:
    """Run one batch for every recipe, side by side.

    Parameters
    ----------
    recipes : Recipe or iterable of Recipe
        What to run.
    seed : int
        Drives the measuring error of the two assay readings in `Batches.summary`, and nothing
        else: lots and handling are nominal here, so the trajectories are the same for every
        seed.

    Returns
    -------
    Batches
        Trajectories every 1 h of growth and every 0.5 h after infection.

    Raises
    ------
    ValueError
        No recipe is given, or something that is no `Recipe`.

    Notes
    -----
    Fixed steps of 0.5 h and 0.25 h: the maximum of every state agrees within 1e-3 with LSODA at
    a relative tolerance of 1e-8 (``tests/plant/test_integrate.py``). pH, dissolved oxygen and
    temperature are held at their set points; the temperature switches at infection.
    """
    recipes = (recipes,) if isinstance(recipes, Recipe) else tuple(recipes)
    if not recipes:
        raise ValueError("simulate: recipes is empty; expected at least one Recipe.")
    for recipe in recipes:
        if not isinstance(recipe, Recipe):
            raise ValueError(
                f"simulate: recipes holds {recipe!r}; expected Recipe objects, such as "
                "Recipe(moi=0.01)."
            )
    return run(recipes, Factors(), seed=seed)


def step_hours(recipes: Sequence[Recipe]) -> np.ndarray:
    """Return the start of every integration step, hours after infection, (S,): see `Course`."""
    table = set_points(recipes)
    growth_grid, infection_grid = _grids(table)
    return np.concatenate([growth_grid[:-1], infection_grid[:-1]])


def _grids(table: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the integration steps of growth and of infection, h after infection."""
    first, last = (
        np.ceil(table["growth_time_h"].max()),
        np.ceil(table["infection_duration_h"].max()),
    )
    return (
        np.arange(-first, GROWTH_STEP_H / 2, GROWTH_STEP_H),
        np.arange(0, last + INFECTION_STEP_H / 2, INFECTION_STEP_H),
    )


def run(
    recipes: Sequence[Recipe], factors: Factors, course: Course | None = None, *, seed: int = 0
) -> Batches:
    """Run batches whose lots, handling and fate are not nominal; otherwise as `simulate`.

    Parameters
    ----------
    recipes : sequence of Recipe
    factors : Factors
        What lots and handling do.
    course : Course, optional
        What happens on the way: faults, drifting probes.
    seed : int
    """
    table = set_points(recipes)
    growth_h, infection_h = table["growth_time_h"], table["infection_duration_h"]
    growth_grid, infection_grid = _grids(table)
    steps = len(growth_grid) + len(infection_grid) - 2
    (course or Course()).checked(len(recipes), steps)
    first = start_of_growth(table, factors)
    growth = phase(table, factors, infected=False)
    growing = runge_kutta(
        lambda y: rates(y, growth, VALUES, np), first, _steps(growth_grid, -growth_h, 0 * growth_h)
    )

    infected = start_of_infection(growing[-1], table, factors)
    virus = phase(table, factors, infected=True)
    making = runge_kutta(
        lambda y: rates(y, virus, VALUES, np),
        infected,
        _steps(infection_grid, 0 * infection_h, infection_h),
        vanishing=INDEX["uninfected_cells_per_ml"],
    )

    time_h = np.concatenate([growth_grid[:-1:_KEPT], infection_grid[::_KEPT]])
    path = np.stack(
        [first, *growing[_KEPT - 1 : -1 : _KEPT], infected, *making[_KEPT - 1 :: _KEPT]], axis=2
    )
    # The last grid point before a batch starts holds its start, and the first one after its
    # harvest holds its harvest: neither is a moment of the batch, unless it falls on the grid.
    outside = (time_h < -growth_h[:, None]) | (time_h > infection_h[:, None])
    path[:, outside] = np.nan
    return Batches(
        recipes=tuple(recipes),
        time_h=time_h,
        states=_named(path),
        at_infection=_named(growing[-1]),
        at_harvest=_named(making[-1]),
        seed=seed,
    )


def set_points(recipes: Sequence[Recipe]) -> dict[str, np.ndarray]:
    """Return every field of the recipes as an array (B,)."""
    return {
        field.name: np.array([getattr(recipe, field.name) for recipe in recipes])
        for field in fields(Recipe)
    }


def phase(table: Mapping[str, np.ndarray], factors: Factors, *, infected: bool) -> Coefficients:
    """Return what `rates` needs for the growth or the infection of batches.

    Parameters
    ----------
    table : mapping of str to array (B,)
        From `set_points`.
    factors : Factors
    infected : bool
        Infection runs at its own temperature and in serum-free medium.
    """
    temperature = "infection_temperature_c" if infected else "growth_temperature_c"
    conditions = Conditions(
        temperature_c=table[temperature],
        ph=table["ph"],
        do_percent=table["do_percent"],
        carrier_g_per_l=table["carrier_g_per_l"],
        trypsin_bu_per_ml=table["trypsin_bu_per_ml"],
        serum=0.0 if infected else 1.0,
        growth_factor=factors.growth,
        attachment_factor=factors.attachment,
        area_factor=factors.area,
        entry_factor=factors.entry,
        infectious_factor=factors.infectious,
        release_factor=factors.release,
    )
    return coefficients(conditions, VALUES, np)


def start_of_growth(table: Mapping[str, np.ndarray], factors: Factors) -> np.ndarray:
    """Return the state (18, B) at inoculation: cells afloat in fresh medium."""
    return _state(
        len(table["moi"]),
        suspended_cells_per_ml=table["inoculum_cells_per_ml"] * factors.inoculum,
        glucose_mmol_per_l=table["glucose_mmol_per_l"],
        glutamine_mmol_per_l=table["glutamine_mmol_per_l"],
    )


def start_of_infection(
    grown: np.ndarray, table: Mapping[str, np.ndarray], factors: Factors
) -> np.ndarray:
    """Return the state (18, B) after the exchange to serum-free medium, with virus in it.

    What sits on the carriers stays, all else is washed out. The seed brings the particles
    that are not infectious along with those that are.
    """
    cells = grown[INDEX["uninfected_cells_per_ml"]]
    virus = table["moi"] * factors.moi * cells
    return _state(
        len(cells),
        uninfected_cells_per_ml=cells,
        dead_cells_per_ml=grown[INDEX["dead_cells_per_ml"]],
        infectious_virions_per_ml=virus,
        total_virions_per_ml=virus / VALUES["f_inf"],
        glucose_mmol_per_l=table["glucose_mmol_per_l"],
        glutamine_mmol_per_l=table["glutamine_mmol_per_l"],
    )


def _state(n: int, **rows: np.ndarray) -> np.ndarray:
    y = np.zeros((len(STATES), n))
    for name, values in rows.items():
        y[INDEX[name]] = values
    return y


def _steps(grid: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the part of every grid interval that lies between begin and end, (T - 1, B)."""
    left = np.maximum(grid[:-1, None], begin)
    right = np.minimum(grid[1:, None], end)
    return np.maximum(right - left, 0.0)


def _named(path: np.ndarray) -> dict[str, np.ndarray]:
    """Name the rows of a state array (S, B, ...) and add what follows from them."""
    named = dict(zip(STATES, path, strict=True))
    stages = [name for name in STATES if name.startswith(("eclipse_", "productive_"))]
    eclipse = sum(named.pop(name) for name in stages[:ECLIPSE_STAGES])
    productive = sum(named.pop(name) for name in stages[ECLIPSE_STAGES:])
    attached = named["uninfected_cells_per_ml"] + eclipse + productive
    viable = attached + named["suspended_cells_per_ml"]
    with np.errstate(divide="ignore"):
        ha = np.log10(named["total_virions_per_ml"] / VALUES["c_HA"])
        tcid50 = np.log10(named["infectious_virions_per_ml"])
    lysed = named["lysed_cells_per_ml"]
    return named | {
        "eclipse_cells_per_ml": eclipse,
        "productive_cells_per_ml": productive,
        "attached_cells_per_ml": attached,
        "viable_cells_per_ml": viable,
        "viability_percent": 100 * viable / (viable + named["dead_cells_per_ml"]),
        "ha_log10_per_100ul": ha,
        "tcid50_log10_per_ml": tcid50,
        "dna_ug_per_ml": VALUES["DNA_cell"] * 1e-6 * lysed,
        "hcp_ug_per_ml": VALUES["HCP_cell"] * 1e-6 * lysed,
    }


def _first_passage(hours: np.ndarray, values: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return when every row of ``values`` (B, T) first reaches its level (B,), NaN if never."""
    reached = values >= level[:, None]
    rows = np.arange(len(values))
    right = reached.argmax(axis=1)
    left = np.maximum(right - 1, 0)
    low, high = values[rows, left], values[rows, right]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (level - low) / (high - low), 0.0)
    passage = hours[left] + share * (hours[right] - hours[left])
    return np.where(reached.any(axis=1), passage, np.nan)
