"""Run batches: a recipe in, trajectories out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.errors import CourseError
from vaxlab.plant import assays
from vaxlab.plant.course import Course
from vaxlab.plant.hybrid import hook
from vaxlab.plant.integrate import SIDE_BY_SIDE, Array, Backend
from vaxlab.plant.kinetics import STATES
from vaxlab.plant.marching import OBSERVED, kept_steps, two_phases
from vaxlab.plant.parameters import ECLIPSE_STAGES, VALUES
from vaxlab.plant.phases import (  # noqa: F401  (some only to be found here as well)
    GROWTH_STEP_H,
    INFECTION_STEP_H,
    Phase,
    of_numpy,
    phase,
    start_of_growth,
    start_of_infection,
    step_ends,
)
from vaxlab.plant.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 2048
"""Batches that are run side by side at a time: enough to hide what a call costs, few enough for
the processor's cache."""


@dataclass(frozen=True)
class Factors:
    """What lots and handling do to a batch, as factors on the nominal plant; 1 is nominal.

    Numbers, or arrays (B,) with one element a batch; tensors for `trajectories` on torch.

    Attributes
    ----------
    growth, attachment : number or array
        On the growth rate, and on how fast cells attach.
    area : number or array
        On the carriers' area.
    entry, infectious, release : number or array
        On how well virus enters a cell, on its infectious share, on what a cell releases.
    moi, inoculum : number or array
        On the virus and on the cells that are truly added.
    defective : number or array
        On the defective particles that the seed lot brings along.
    trypsin : number or array
        On the activity of the trypsin that is added.
    exchange : number or array
        On the share of the medium that the exchange replaces, 1 or less.
    appetite : number or array
        On the glucose that cells take up.
    bicarbonate : number or array
        On the bicarbonate of fresh medium.
    """

    growth: np.ndarray | float = 1.0
    attachment: np.ndarray | float = 1.0
    area: np.ndarray | float = 1.0
    entry: np.ndarray | float = 1.0
    infectious: np.ndarray | float = 1.0
    release: np.ndarray | float = 1.0
    moi: np.ndarray | float = 1.0
    inoculum: np.ndarray | float = 1.0
    defective: np.ndarray | float = 1.0
    trypsin: np.ndarray | float = 1.0
    exchange: np.ndarray | float = 1.0
    bicarbonate: np.ndarray | float = 1.0
    appetite: np.ndarray | float = 1.0


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
            In the unit that the name ends in.

        Raises
        ------
        ValueError
            No state has this name.
        """
        if name not in self.states:
            near = difflib.get_close_matches(name, self.states, n=1, cutoff=0.0)[0]
            raise ValueError(f"Batches: there is no state {name!r}; the nearest one is {near!r}.")
        out = np.empty(len(hours))
        for b in np.unique(batch):
            values = self.states[name][b]
            ends = (0.0, self.at_infection), (self.recipes[b].infection_duration_h, self.at_harvest)
            for grown, (end_h, at_end) in zip((True, False), ends, strict=True):
                during = ~np.isnan(values) & ((self.time_h < 0) == grown) & (self.time_h < end_h)
                rows = np.flatnonzero((batch == b) & ((hours < 0) == grown))
                out[rows] = np.interp(
                    hours[rows],
                    np.append(self.time_h[during], end_h),
                    np.append(values[during], at_end[name][b]),
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
        B = as many as recipes; `Batches.states` holds arrays (B, T), whose T moments are every
        1 h of growth and every 0.5 h after infection (`Batches.time_h`, h); units stand in the
        names of the states.

    Raises
    ------
    ValueError
        No recipe is given, or something that is no `Recipe`; the seed is no whole number from
        0 on. (A recipe out of range is refused when it is written down: see `Recipe`.)

    Notes
    -----
    Fixed steps of 1 h in growth and 0.25 h after infection: the maximum of every state agrees
    within 1e-3 with LSODA at a relative tolerance of 1e-8 (``tests/plant/test_integrate.py``).
    Controllers hold temperature, pH and dissolved oxygen at their set points within what jacket,
    base, carbon dioxide and gas mixer can do. Equations and sources:
    `vaxlab.plant.kinetics`, after Moehler et al. 2005, Biotechnol Bioeng 90:46; constants:
    `vaxlab.plant.parameters`; how near it comes to published runs: ``docs/fidelity.md``.
    """
    if isinstance(recipes, Recipe):
        recipes = (recipes,)
    elif isinstance(recipes, Iterable):
        recipes = tuple(recipes)
    else:
        raise ValueError(
            f"simulate: recipes is {recipes!r}; expected a Recipe or several, such as "
            "[Recipe(), Recipe(moi=0.01)]."
        )
    checked_seed("simulate", seed)
    if not recipes:
        raise ValueError("simulate: recipes is empty; expected at least one Recipe.")
    for recipe in recipes:
        if not isinstance(recipe, Recipe):
            raise ValueError(
                f"simulate: recipes holds {recipe!r}; expected Recipe objects, such as "
                "Recipe(moi=0.01)."
            )
    return run(recipes, Factors(), seed=seed)


def checked_seed(who: str, seed: object) -> None:
    """Refuse what is no seed.

    Raises
    ------
    ValueError
        It is no whole number from 0 on.
    """
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise ValueError(f"{who}: seed = {seed!r}; expected a whole number from 0 on.")


def step_hours(recipes: Sequence[Recipe]) -> np.ndarray:
    """Return the start of every integration step, hours after infection, (S,): see `Course`."""
    growth, infection = step_ends(recipes)
    return np.concatenate([growth[:-1], infection[:-1]])


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

    Returns
    -------
    Batches

    Raises
    ------
    ValueError
        A field of the course has a wrong shape or is out of range.
    """
    recipes = tuple(recipes)
    n = len(recipes)
    grids = step_ends(recipes)
    growth_steps = len(grids[0]) - 1
    table = (course or Course()).checked(n, growth_steps + len(grids[1]) - 1)
    time_h = np.concatenate([grids[0][:-1], grids[1][:: kept_steps(grids)[1]]])
    states: dict[str, np.ndarray] = {}
    moments: tuple[dict[str, np.ndarray], ...] = ({}, {})

    for begin in range(0, n, _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        some = recipes[chunk]
        inputs = {name: values[chunk] for name, values in table.items()}
        growth, infection = two_phases(some, _part(factors, chunk, n), inputs, grids, of_numpy(n))
        path = np.stack([*growth.states[:-1], *infection.states], axis=-1)
        seen = np.stack([*growth.observed[:-1], *infection.observed], axis=-1)
        shape = (-1, len(some), len(time_h))
        named = _named(path.reshape(shape), seen.reshape(shape))
        # The last grid point before a batch starts holds its start, and the first one after its
        # harvest holds its harvest: neither is a moment of the batch, unless it is on the grid.
        growth_h, infection_h = (
            np.array([[getattr(recipe, name)] for recipe in some])
            for name in ("growth_time_h", "infection_duration_h")
        )
        outside = (time_h < -growth_h) | (time_h > infection_h)
        ragged = outside.any()
        for name, values in named.items():
            if ragged:
                values[outside] = np.nan
            states.setdefault(name, np.empty((n, len(time_h))))[chunk] = values
        for moment, end in zip(moments, (growth, infection), strict=True):
            shape = (-1, len(some))
            last = _named(end.states[-1].reshape(shape), end.observed[-1].reshape(shape))
            for name, values in last.items():
                moment.setdefault(name, np.empty(n))[chunk] = values

    return Batches(
        recipes=recipes,
        time_h=time_h,
        states=states,
        at_infection=moments[0],
        at_harvest=moments[1],
        seed=seed,
    )


def trajectories(
    recipes: Sequence[Recipe],
    factors: Factors,
    course: Course | None = None,
    *,
    backend: Backend,
    rates_by: Mapping[str, Callable[[Array], Array]] | None = None,
    growth_step_h: float = GROWTH_STEP_H,
    infection_step_h: float = INFECTION_STEP_H,
) -> tuple[list[Array], list[Array]]:
    """Run the same batches on another array library, such as torch with gradients.

    Parameters
    ----------
    recipes : sequence of Recipe
    factors : Factors
        Its fields may be tensors (B,) that want a gradient.
    course : Course, optional
    backend : Backend
        Such as `vaxlab.plant.integrate.tensors`.
    rates_by : mapping of str to callable, optional
        Networks in place of rates; with tensors only. Keys: `vaxlab.plant.hybrid.HOOK_RATES`,
        which tells units and meaning. A network gets a tensor (B, F) whose columns are
        `vaxlab.plant.hybrid.HOOK_FEATURES`, in the backend's dtype and raw units: scaling is
        its own business. It returns the rate, (B,) or (B, 1).
    growth_step_h, infection_step_h : float
        Length of the integration's steps, h. Longer ones make training quicker: 2 h and 0.5 h,
        even 0.75 h, change no state's maximum of the base case by 1 %. Beyond (from 3 h, 1 h)
        controllers and the stages of infected cells go wrong first, by some percent, and near
        8 h and 2 h nothing holds. Dense cultures and much virus ask for more: see
        `step_errors`.

    Returns
    -------
    growth, infection : lists of array (23, B)
        States in the order of `vaxlab.plant.kinetics.STATES`, at the start and after every hour
        of growth and every half hour of infection; after every step where those are longer, or
        do not fit into it.

    Raises
    ------
    CourseError
        A step does not divide its phase evenly, or is so long that a state leaves the finite
        numbers; ``rates_by`` has an unknown key, or a network returned what is no rate.
    ValueError
        A field of the course has a wrong shape or is out of range.
    """
    recipes = tuple(recipes)
    grids = step_ends(recipes, growth_step_h, infection_step_h)
    inputs = (course or Course()).checked(len(recipes), len(grids[0]) + len(grids[1]) - 2)
    by = hook(rates_by, backend) if rates_by else None
    growth, infection = two_phases(recipes, factors, inputs, grids, backend, by=by, observing=False)
    if (growth_step_h, infection_step_h) != (GROWTH_STEP_H, INFECTION_STEP_H):
        _check_finite(infection.states[-1], growth_step_h, infection_step_h)
    return growth.states, infection.states


def _check_finite(last: Array, growth_step_h: float, infection_step_h: float) -> None:
    """Refuse what steps that were too long have made."""
    wrong = [name for name, row in zip(STATES, last, strict=True) if not _is_finite(row)]
    if wrong:
        raise CourseError(
            f"trajectories: {wrong[0]} is no finite number at harvest, with growth_step_h = "
            f"{growth_step_h:g} h and infection_step_h = {infection_step_h:g} h; expected finite "
            f"states. Take shorter steps, such as {GROWTH_STEP_H:g} h and {INFECTION_STEP_H:g} h."
        )


def _is_finite(values: Array) -> bool:
    return bool(np.inf > abs(values).max())


def step_errors(
    recipes: Recipe | Sequence[Recipe], growth_step_h: float, infection_step_h: float
) -> dict[str, float]:
    """Return what longer steps cost, before a model is trained with them.

    Parameters
    ----------
    recipes : Recipe or sequence of Recipe
        What to try it with.
    growth_step_h, infection_step_h : float
        Lengths of steps, h, as for `trajectories`.

    Returns
    -------
    dict of str to float
        For every one of the 23 states, by how much the maximum of a batch differs from that at
        the default steps of 1 h and 0.25 h, relative; of all batches the largest. NaN or
        infinite where the steps are so long that the integration blows up.

    Raises
    ------
    CourseError
        A step does not divide its phase evenly.
    """
    recipes = (recipes,) if isinstance(recipes, Recipe) else tuple(recipes)

    def maxima(*steps_h: float) -> np.ndarray:
        grids = step_ends(recipes, *steps_h)
        inputs = Course().checked(len(recipes), len(grids[0]) + len(grids[1]) - 2)
        with np.errstate(all="ignore"):  # steps that blow up are reported, not warned of
            paths = two_phases(
                recipes, Factors(), inputs, grids, SIDE_BY_SIDE, observing=False, every=(1, 1)
            )
            return np.max([state for path in paths for state in path.states], axis=0)

    right = maxima()
    found = maxima(growth_step_h, infection_step_h)
    errors = np.abs(found - right) / np.maximum(right, np.finfo(float).tiny)
    return dict(zip(STATES, errors.max(axis=1).tolist(), strict=True))


def _part(factors: Factors, chunk: slice, n: int) -> Factors:
    """Return the factors of some of n batches."""
    return Factors(
        **{
            field.name: np.broadcast_to(getattr(factors, field.name), (n,))[chunk]
            for field in fields(Factors)
        }
    )


def _named(path: np.ndarray, seen: np.ndarray) -> dict[str, np.ndarray]:
    """Name the rows of states (23, B, ...) and of what was observed, and add what follows."""
    named = dict(zip(STATES, path, strict=True)) | dict(zip(OBSERVED, seen, strict=True))
    stages = [name for name in STATES if name.startswith(("eclipse_", "productive_"))]
    eclipse = sum(named.pop(name) for name in stages[:ECLIPSE_STAGES])
    productive = sum(named.pop(name) for name in stages[ECLIPSE_STAGES:])
    attached = named["uninfected_cells_per_ml"] + eclipse + productive
    viable = attached + named["suspended_cells_per_ml"]
    dead = named["dead_cells_per_ml"]
    swollen = VALUES["swell_E"] * eclipse + VALUES["swell_I"] * productive
    healthy = viable - eclipse - productive
    with np.errstate(divide="ignore"):
        ha = np.log10(named["total_virions_per_ml"] / VALUES["c_HA"])
        tcid50 = np.log10(named["infectious_virions_per_ml"])
    lysed = named["lysed_cells_per_ml"]
    return named | {
        "eclipse_cells_per_ml": eclipse,
        "productive_cells_per_ml": productive,
        "attached_cells_per_ml": attached,
        "viable_cells_per_ml": viable,
        "viability_percent": 100 * viable / (viable + dead),
        "biovolume_ul_per_ml": VALUES["v_cell"]
        * 1e-6
        * (healthy + swollen + VALUES["swell_A"] * dead),
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
