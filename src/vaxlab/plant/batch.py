"""Run batches: a recipe in, trajectories out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant import assays
from vaxlab.plant.course import Course
from vaxlab.plant.integrate import ONE, SIDE_BY_SIDE, Array, Backend, runge_kutta
from vaxlab.plant.kinetics import (
    CHAIN,
    INDEX,
    STATES,
    Coefficients,
    Conditions,
    coefficients,
    rates,
    surroundings,
)
from vaxlab.plant.parameters import ECLIPSE_STAGES, VALUES
from vaxlab.plant.recipe import Profile, Recipe

if TYPE_CHECKING:
    import pandas as pd

GROWTH_STEP_H = 1.0
INFECTION_STEP_H = 0.25
_KEPT = 2
"""Every step of growth is kept, and one of so many steps of infection."""

_CHUNK = 2048
"""Batches that are run side by side at a time: enough to hide what a call costs, few enough for
the processor's cache."""

_OBSERVED = (
    "temperature_c",
    "do_percent",
    "ph",
    "dissolved_co2_mmol_per_l",
    "our_mmol_per_l_h",
    "cer_mmol_per_l_h",
    "kla_per_h",
    "gas_o2_fraction",
    "base_rate_mmol_per_l_h",
    "feed_rate_mmol_per_l_h",
)
"""What the culture and its controllers settle at, beside the states of the equations."""


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
    time_h = np.concatenate([grids[0][:-1], grids[1][::_KEPT]])
    states: dict[str, np.ndarray] = {}
    moments: tuple[dict[str, np.ndarray], ...] = ({}, {})

    for begin in range(0, n, _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        some = recipes[chunk]
        inputs = {name: values[chunk] for name, values in table.items()}
        growth, infection = _two_phases(some, _part(factors, chunk, n), inputs, grids, _backend(n))
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

    Returns
    -------
    growth, infection : lists of array (23, B)
        States in the order of `vaxlab.plant.kinetics.STATES`, at the start and after every hour
        of growth and every half hour of infection.
    """
    recipes = tuple(recipes)
    grids = step_ends(recipes)
    inputs = (course or Course()).checked(len(recipes), len(grids[0]) + len(grids[1]) - 2)
    growth, infection = _two_phases(recipes, factors, inputs, grids, backend)
    return growth.states, infection.states


@dataclass(frozen=True)
class _Path:
    """A phase that was run: states and `_OBSERVED` at its start and after every kept step."""

    states: list[Array]
    observed: list[Array]


def _two_phases(
    recipes: Sequence[Recipe],
    factors: Factors,
    inputs: Mapping[str, np.ndarray],
    grids: tuple[np.ndarray, np.ndarray],
    backend: Backend,
) -> tuple[_Path, _Path]:
    growth = phase(recipes, factors, infected=False, inputs=inputs, grids=grids, backend=backend)
    grown = _march(growth, start_of_growth(recipes, factors, backend), every=1)
    infection = phase(
        recipes,
        factors,
        infected=True,
        inputs=inputs,
        grids=grids,
        backend=backend,
        start_c=growth.temperatures[-1][2],
    )
    last = list(backend.rows(grown.states[-1]))
    virus = start_of_infection(last, recipes, factors, backend)
    healthy = INDEX["uninfected_cells_per_ml"]
    return grown, _march(infection, virus, every=_KEPT, vanishing=healthy)


def _march(
    phase: Phase, start: Sequence[Array], *, every: int, vanishing: int | None = None
) -> _Path:
    backend = phase.backend
    observed = []

    def observe(y: Sequence[Array], k: Coefficients, change: Sequence[Array]) -> None:
        living = y[INDEX["uninfected_cells_per_ml"]] + sum(y[CHAIN])
        bicarbonate = y[INDEX["bicarbonate_mmol_per_l"]]
        s = surroundings(living, bicarbonate, k, VALUES, backend.xp)
        # What the gas must hold for the transfer to meet the uptake.
        gas = s.do_percent + 100 / VALUES["C_O2"] * s.our_mmol_per_l_h / k.kla
        seen = (
            k.temperature,
            s.do_percent,
            s.ph,
            s.dissolved_co2_mmol_per_l,
            s.our_mmol_per_l_h,
            s.cer_mmol_per_l_h,
            k.kla,
            VALUES["O2_air"] / 100 * gas,
            change[INDEX["base_mmol_per_l"]],
            k.feed,
        )
        observed.append(backend.pack(seen))

    def slope(y: Sequence[Array], step: int, moment: int) -> list[Array]:
        k = phase.at(step, moment)
        change = rates(y, k, VALUES, backend.xp)
        if moment == 0 and step % every == 0:
            observe(y, k, change)
        return change

    def attaching(y: Sequence[Array], change: Sequence[Array]) -> Array:
        afloat = INDEX["suspended_cells_per_ml"]
        return backend.xp.positive(-change[afloat] - VALUES["k_lossS"] * y[afloat])

    # A whole exchange leaves no cell afloat that could attach afterwards, as it leaves no serum.
    feeding = attaching if vanishing is not None and phase.grows else None
    path = runge_kutta(
        slope, start, phase.steps, vanishing=vanishing, feeding=feeding, backend=backend
    )
    last, k = list(backend.rows(path[-1])), phase.at(len(phase.steps) - 1, 2)
    observe(last, k, rates(last, k, VALUES, backend.xp))
    return _Path([backend.pack(start), *path][::every], observed)


@dataclass
class Phase:
    """Growth or infection of batches: how long its steps are, and what holds in each.

    Attributes
    ----------
    steps : list of T rows
        Length of every step, h.
    targets : list of T rows
        What the temperature is driven to, °C.
    temperatures : list of T triples of rows
        At the start, the middle and the end of every step, °C.
    fixed : dict of str to row
        Fields of `Conditions` that are the same all the time.
    varying : dict of str to list of T rows
        Those that are not.
    alike : list of T ints
        The first step whose conditions are those of this one.
    virus, grows : bool
        Whether there is any, and whether any batch has serum.
    backend : Backend
    """

    steps: list[Array]
    targets: list[Array]
    temperatures: list[tuple[Array, Array, Array]]
    fixed: Mapping[str, Array]
    varying: Mapping[str, list[Array]]
    alike: list[int]
    virus: bool
    grows: bool
    backend: Backend
    _key: tuple[int, int] | None = None
    _latest: Coefficients | None = None

    def at(self, step: int, moment: int) -> Coefficients:
        """Return what `rates` needs at the start (0), middle (1) or end (2) of a step."""
        triple = self.temperatures[step]
        settled = triple[0] is triple[2]
        key = (self.alike[step], -1) if settled else (step, moment)
        if self._key != key:
            c = self.conditions(step, triple[moment])
            self._key, self._latest = key, coefficients(c, VALUES, self.backend.xp)
        return self._latest

    def conditions(self, step: int, temperature_c: Array) -> Conditions:
        """Return what surrounds the cells in a step, at a temperature."""
        now = {name: values[step] for name, values in self.varying.items()}
        return Conditions(temperature_c, **self.fixed, **now, virus=self.virus, grows=self.grows)


def phase(
    recipes: Sequence[Recipe],
    factors: Factors,
    *,
    infected: bool,
    inputs: Mapping[str, np.ndarray] | None = None,
    grids: tuple[np.ndarray, np.ndarray] | None = None,
    backend: Backend = SIDE_BY_SIDE,
    start_c: Array | None = None,
) -> Phase:
    """Return the growth or the infection of batches, ready to be integrated.

    Parameters
    ----------
    recipes : sequence of Recipe
    factors : Factors
    infected : bool
        Infection has its own temperature and hardly any serum.
    inputs : mapping of str to array (B, 1) or (B, S), optional
        From `Course.checked`; S steps of growth and infection together.
    grids : pair of arrays, optional
        Ends of the steps of growth and of infection; from the recipes if not given.
    backend : Backend
    start_c : row, optional
        Temperature before, °C; at its first set point if not given.
    """
    n = len(recipes)
    growth_grid, infection_grid = grids or step_ends(recipes)
    grid = infection_grid if infected else growth_grid
    inputs = inputs or Course().checked(n, len(growth_grid) + len(infection_grid) - 2)
    own = slice(len(growth_grid) - 1, None) if infected else slice(len(growth_grid) - 1)
    course = {
        name: values if values.shape[1] == 1 else values[:, own] for name, values in inputs.items()
    }
    begin, end = (
        (0.0, _field(recipes, "infection_duration_h"))
        if infected
        else (-_field(recipes, "growth_time_h"), 0.0)
    )
    lengths = np.maximum(np.minimum(grid[1:, None], end) - np.maximum(grid[:-1, None], begin), 0.0)
    temperature = "infection_temperature_c" if infected else "growth_temperature_c"
    target = _profile(recipes, temperature, grid) + course["temperature_offset_c"]
    feed = _field(recipes, "feed_mmol_per_l_h")[:, None]
    agitation = _field(recipes, "agitation_rpm")[:, None]
    tables = {
        "ph": _profile(recipes, "ph", grid) - course["ph_probe_error"],
        "do_percent": _profile(recipes, "do_percent", grid) * course["do_factor"],
        "agitation_rpm": agitation * course["agitation_factor"],
        "feed_mmol_per_l_h": feed * course["feed_pump"],
        "growth_factor": course["growth_factor"],
        "entry_factor": course["entry_factor"],
        "carrier_g_per_l": _field(recipes, "carrier_g_per_l")[:, None],
        "kla_factor": course["kla_factor"],
        "base_pump": course["base_pump"],
        "contaminant_our_mmol_per_l_h": course["contaminant_our_mmol_per_l_h"],
        "contaminant_acid_mmol_per_l_h": course["contaminant_acid_mmol_per_l_h"],
    }

    changes = np.zeros(len(lengths), dtype=bool)
    changes[0] = True
    for values in (target, *tables.values()):
        if values.shape[1] > 1:
            changes[1:] |= (values[:, 1:] != values[:, :-1]).any(axis=0)
    alike = np.maximum.accumulate(np.where(changes, np.arange(len(lengths)), 0)).tolist()

    def column(values: np.ndarray) -> Array:
        return backend.column(values, n)

    fixed = {k: column(v[:, 0]) for k, v in tables.items() if v.shape[1] == 1}
    varying = {
        name: [column(values[:, i]) for i in range(len(lengths))]
        for name, values in tables.items()
        if values.shape[1] > 1
    }
    for name, own in (("growth_factor", factors.growth), ("entry_factor", factors.entry)):
        of_batch = column(own)
        if name in fixed:
            fixed[name] = fixed[name] * of_batch
        else:
            varying[name] = [row * of_batch for row in varying[name]]
    serum = 1 - _exchanged(recipes, factors, backend) if infected else column(1.0)
    grows = bool((serum > 0).any()) if n > 1 else bool(serum > 0)
    fixed |= {
        "serum": serum,
        "attachment_factor": column(factors.attachment),
        "area_factor": column(factors.area),
        "infectious_factor": column(factors.infectious),
        "release_factor": column(factors.release),
    }
    steps = [column(row) for row in lengths]
    targets = [column(target[:, min(i, target.shape[1] - 1)]) for i in range(len(steps))]
    temperatures = _lagging(targets, steps, start_c, backend)
    return Phase(steps, targets, temperatures, fixed, varying, alike, infected, grows, backend)


def _lagging(
    targets: Sequence[Array], steps: Sequence[Array], start_c: Array | None, backend: Backend
) -> list[tuple[Array, Array, Array]]:
    """Follow the jacket with a first-order lag, exactly; settled below a millionth of a degree."""
    xp, now = backend.xp, targets[0] if start_c is None else start_c
    triples = []
    for target, h in zip(targets, steps, strict=True):
        away = now - target
        if bool(np.all(abs(np.asarray(away)) < 1e-6)):
            triples.append((target, target, target))
        else:
            half = xp.exp(h * (-0.5 / VALUES["tau_T"]))
            triples.append((now, target + away * half, target + away * half * half))
        now = triples[-1][2]
    return triples


def start_of_growth(
    recipes: Sequence[Recipe], factors: Factors, backend: Backend = SIDE_BY_SIDE
) -> list[Array]:
    """Return the 23 rows at inoculation: cells afloat in fresh medium."""
    n = len(recipes)
    cells = backend.column(_field(recipes, "inoculum_cells_per_ml"), n)
    return _state(
        backend,
        n,
        suspended_cells_per_ml=cells * backend.column(factors.inoculum, n),
        **_fresh_medium(recipes, factors, backend, at_h=-np.inf),
    )


def start_of_infection(
    grown: Sequence[Array],
    recipes: Sequence[Recipe],
    factors: Factors,
    backend: Backend = SIDE_BY_SIDE,
) -> list[Array]:
    """Return the 23 rows after the exchange to serum-free medium, with virus and trypsin in it.

    What sits on the carriers stays; of all else the exchange leaves its share. The seed brings
    the particles that are not infectious along with those that are.
    """
    n = len(recipes)

    def column(values: np.ndarray | float) -> Array:
        return backend.column(values, n)

    fresh = _state(backend, n, **_fresh_medium(recipes, factors, backend, at_h=0.0))
    share = _exchanged(recipes, factors, backend)
    rows = [share * new + (1 - share) * old for new, old in zip(fresh, grown, strict=True)]
    on_carriers = ("uninfected_cells_per_ml", "dead_cells_per_ml")
    for name in on_carriers:
        rows[INDEX[name]] = grown[INDEX[name]]
    virus = column(_field(recipes, "moi")) * column(factors.moi) * rows[INDEX[on_carriers[0]]]
    defective = VALUES["dip_seed"] * column(factors.defective) * virus
    added = {
        "infectious_virions_per_ml": virus,
        "total_virions_per_ml": virus / VALUES["f_inf"] + defective,
        "defective_virions_per_ml": defective,
        "trypsin_bu_per_ml": column(_field(recipes, "trypsin_bu_per_ml")) * column(factors.trypsin),
    }
    for name, values in added.items():
        rows[INDEX[name]] = values
    return rows


def _fresh_medium(
    recipes: Sequence[Recipe], factors: Factors, backend: Backend, *, at_h: float
) -> dict[str, Array]:
    """Return the states of fresh medium, brought to its pH before it is used."""
    ratio = 10 ** (np.array([_value(recipe.ph, at_h) for recipe in recipes]) - VALUES["pK_CO2"])
    bicarbonate = np.clip(
        VALUES["HCO3_fresh"], ratio * VALUES["CO2_least"], ratio * VALUES["CO2_most"]
    )
    table = {
        "glucose_mmol_per_l": _field(recipes, "glucose_mmol_per_l"),
        "glutamine_mmol_per_l": _field(recipes, "glutamine_mmol_per_l"),
        "bicarbonate_mmol_per_l": bicarbonate,
    }
    rows = {name: backend.column(values, len(recipes)) for name, values in table.items()}
    own = backend.column(factors.bicarbonate, len(recipes))
    return rows | {"bicarbonate_mmol_per_l": rows["bicarbonate_mmol_per_l"] * own}


def _exchanged(recipes: Sequence[Recipe], factors: Factors, backend: Backend) -> Array:
    n = len(recipes)
    share = backend.column(_field(recipes, "exchanged_share"), n)
    return share * backend.column(factors.exchange, n)


def _state(backend: Backend, n: int, **rows: Array) -> list[Array]:
    nothing = backend.column(0.0, n)
    return [rows.get(name, nothing) for name in STATES]


def _field(recipes: Sequence[Recipe], name: str) -> np.ndarray:
    """Return a field of the recipes that is no profile, (B,)."""
    return np.array([getattr(recipe, name) for recipe in recipes], dtype=float)


def _profile(recipes: Sequence[Recipe], name: str, grid: np.ndarray) -> np.ndarray:
    """Return a set point in every interval of a grid, (B, T - 1), or (B, 1) if none has a profile.

    Where a set point changes within an interval, its mean there.
    """
    values = [getattr(recipe, name) for recipe in recipes]
    if not any(isinstance(value, tuple) for value in values):
        return np.array(values, dtype=float)[:, None]
    table = np.empty((len(values), len(grid) - 1))
    for row, value in zip(table, values, strict=True):
        pairs = value if isinstance(value, tuple) else ((0.0, value),)
        row[:] = pairs[0][1]
        for (_, before), (hour, after) in zip(pairs[:-1], pairs[1:], strict=True):
            width = np.where(np.diff(grid) > 0, np.diff(grid), 1.0)
            row += (after - before) * np.clip((grid[1:] - hour) / width, 0.0, 1.0)
    return table


def _value(profile: Profile, hour: float) -> float:
    """Return a set point at an hour after infection."""
    if not isinstance(profile, tuple):
        return profile
    return next((value for time, value in reversed(profile) if time <= hour), profile[0][1])


def step_ends(recipes: Sequence[Recipe]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the integration steps of growth and of infection, h after infection."""
    first = np.ceil(_field(recipes, "growth_time_h").max())
    last = np.ceil(_field(recipes, "infection_duration_h").max())
    return (
        np.arange(-first, GROWTH_STEP_H / 2, GROWTH_STEP_H),
        np.arange(0, last + INFECTION_STEP_H / 2, INFECTION_STEP_H),
    )


def _backend(n: int) -> Backend:
    return ONE if n == 1 else SIDE_BY_SIDE


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
    named = dict(zip(STATES, path, strict=True)) | dict(zip(_OBSERVED, seen, strict=True))
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
