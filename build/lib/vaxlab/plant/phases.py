"""Growth or infection of batches, ready to be integrated: where they start, what holds when."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from operator import attrgetter, is_
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.errors import CourseError
from vaxlab.plant.course import Course
from vaxlab.plant.integrate import ONE, SIDE_BY_SIDE, Array, Backend
from vaxlab.plant.kinetics import INDEX, STATES, Coefficients, Conditions, coefficients
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Profile, Recipe

if TYPE_CHECKING:
    from vaxlab.plant.batch import Factors

GROWTH_STEP_H = 1.0
INFECTION_STEP_H = 0.25

Known = float | np.ndarray
"""What is known without any backend: a number if all batches share it, else an array (B,)."""


@dataclass
class Phase:
    """Growth or infection of batches: how long its steps are, and what holds in each.

    Attributes
    ----------
    steps : list of T rows
        Length of every step, h.
    targets : list of T numbers or arrays (B,) of numpy
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
    end_c : number or array (B,) of numpy
        Temperature at the end, °C.
    """

    steps: list[Array]
    targets: list[Known]
    temperatures: list[tuple[Array, Array, Array]]
    fixed: Mapping[str, Array]
    varying: Mapping[str, list[Array]]
    alike: list[int]
    virus: bool
    grows: bool
    backend: Backend
    end_c: Known
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
    start_c: Known | None = None,
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
    start_c : number or array (B,) of numpy, optional
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
    count = len(grid) - 1
    lengths = _lengths(recipes, grid, infected)
    temperature = "infection_temperature_c" if infected else "growth_temperature_c"
    target = _profile(recipes, temperature, grid) + course["temperature_offset_c"]
    tables = _tables(recipes, course, grid)
    changes = {name: _changes(values, count) for name, values in tables.items()}
    changes["temperature_c"] = _changes(target, count)
    changed = np.any(list(changes.values()), axis=0)
    alike = np.maximum.accumulate(np.where(changed, np.arange(count), 0)).tolist()

    def column(values: Array) -> Array:
        return backend.column(values, n)

    fixed = {k: column(v[:, 0]) for k, v in tables.items() if v.shape[1] == 1}
    varying = {
        name: _step_by_step(values, changes[name], column)
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
        "appetite_factor": column(factors.appetite),
        "infectious_factor": column(factors.infectious),
        "release_factor": column(factors.release),
    }
    shared = functools.cache(column)  # hardly any step is longer or shorter than the others
    steps = [shared(h) if isinstance(h, float) else column(h) for h in lengths]
    targets = _step_by_step(target, changes["temperature_c"], _known)
    triples, end_c = _lagging(targets, lengths, start_c, n)
    temperatures = _rows_of(triples, column)
    return Phase(
        steps, targets, temperatures, fixed, varying, alike, infected, grows, backend, end_c
    )


def _tables(
    recipes: Sequence[Recipe], course: Mapping[str, np.ndarray], grid: np.ndarray
) -> dict[str, np.ndarray]:
    """Return fields of `Conditions`, (B, 1) or (B, T), but for temperature, serum and factors."""
    feed = _field(recipes, "feed_mmol_per_l_h")[:, None]
    agitation = _field(recipes, "agitation_rpm")[:, None]
    return {
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


def _changes(table: np.ndarray, count: int) -> np.ndarray:
    """Return at which of the steps, (T,), a table (B, 1) or (B, T) has other values than before."""
    changes = np.zeros(count, dtype=bool)
    changes[0] = True
    if table.shape[1] > 1:
        changes[1:] = (table[:, 1:] != table[:, :-1]).any(axis=0)
    return changes


def _step_by_step(
    table: np.ndarray, changes: np.ndarray, column: Callable[[np.ndarray], Array]
) -> list[Array]:
    """Return a row a step, the same object as long as nothing changes."""
    rows: list[Array] = []
    for i, changed in enumerate(changes.tolist()):
        rows.append(column(table[:, i]) if changed else rows[-1])
    return rows


def _known(values: np.ndarray) -> Known:
    """Return the one number that all of them are, or an array of them."""
    return float(values[0]) if (values == values[0]).all() else values


def _lengths(recipes: Sequence[Recipe], grid: np.ndarray, infected: bool) -> list[Known]:
    """Return the length of every step, h: 0 where a batch has not begun or has ended."""
    if infected:
        begin, end = np.zeros(1), _field(recipes, "infection_duration_h")
    else:
        begin, end = -_field(recipes, "growth_time_h"), np.zeros(1)
    all_from, all_to = begin.max(), end.min()
    return [
        high - low
        if all_from <= low and high <= all_to
        else _known(np.maximum(np.minimum(high, end) - np.maximum(low, begin), 0.0))
        for low, high in pairwise(grid.tolist())
    ]


def _lagging(
    targets: Sequence[Known], lengths: Sequence[Known], start_c: Known | None, n: int
) -> tuple[list[tuple[Known, Known, Known]], Known]:
    """Follow the jacket with a first-order lag, exactly; settled below a millionth of a degree.

    Set points and steps are known without the backend, so nobody has to wait for a graphics
    card to say what has settled.
    """
    exp = of_numpy(n).xp.exp
    now = targets[0] if start_c is None else start_c
    triples = []
    for target, h in zip(targets, lengths, strict=True):
        away = now - target
        if np.all(abs(away) < 1e-6):
            triples.append((target, target, target))
        else:
            half = exp(h * (-0.5 / VALUES["tau_T"]))
            triples.append((now, target + away * half, target + away * half * half))
        now = triples[-1][2]
    return triples, now


def _rows_of(
    triples: Sequence[tuple[Known, Known, Known]], column: Callable[[Known], Array]
) -> list[tuple[Array, Array, Array]]:
    """Return rows of the backend, the same one three times where the temperature has settled."""
    rows: list[tuple[Array, Array, Array]] = []
    latest = None
    for triple in triples:
        if triple[0] is not triple[2]:
            rows.append(tuple(column(values) for values in triple))
        else:
            rows.append(rows[-1] if triple[2] is latest else (column(triple[2]),) * 3)
        latest = triple[2] if triple[0] is triple[2] else None
    return rows


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

    What sits on the carriers stays; of all else the exchange leaves its share. Cells that are
    still afloat are drawn off: after days without a hold they would not attach any more. The seed
    brings the particles that are not infectious along with those that are.
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
    rows[INDEX["suspended_cells_per_ml"]] = column(0.0)
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
    ph = _values(recipes, "ph")
    if tuple in set(map(type, ph)):
        ph = [_value(one, at_h) for one in ph]
    ratio = 10 ** (np.array(ph, dtype=float) - VALUES["pK_CO2"])
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


def _values(recipes: Sequence[Recipe], name: str) -> list[Profile]:
    """Return a field of every recipe; of one, if all are the same object: 100,000 take a while."""
    if all(map(is_, recipes, repeat(recipes[0]))):
        recipes = recipes[:1]
    return list(map(attrgetter(name), recipes))


def _field(recipes: Sequence[Recipe], name: str) -> np.ndarray:
    """Return a field of the recipes that is no profile, (B,), or (1,) if all are the same."""
    return np.array(_values(recipes, name), dtype=float)


def _profile(recipes: Sequence[Recipe], name: str, grid: np.ndarray) -> np.ndarray:
    """Return a set point in every interval of a grid, (B, T - 1), or (B, 1) if none has a profile.

    Where a set point changes within an interval, its mean there. One row if all are the same.
    """
    values = _values(recipes, name)
    if tuple not in set(map(type, values)):
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


def step_ends(
    recipes: Sequence[Recipe],
    growth_step_h: float = GROWTH_STEP_H,
    infection_step_h: float = INFECTION_STEP_H,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the integration steps of growth and of infection, h after infection.

    Parameters
    ----------
    recipes : sequence of Recipe
        The longest growth and the longest infection, in whole hours, set how many there are.
    growth_step_h, infection_step_h : float
        Length of a step, h.

    Raises
    ------
    CourseError
        A step is no positive number, or does not divide its phase evenly.
    """
    growth_h = float(np.ceil(_field(recipes, "growth_time_h").max()))
    infection_h = float(np.ceil(_field(recipes, "infection_duration_h").max()))
    growth_steps = _count("growth_step_h", growth_step_h, growth_h)
    infection_steps = _count("infection_step_h", infection_step_h, infection_h)
    return (
        np.linspace(-growth_h, 0.0, growth_steps + 1),
        np.linspace(0.0, infection_h, infection_steps + 1),
    )


def _count(name: str, step_h: float, phase_h: float) -> int:
    """Return how many steps a phase has."""
    number = isinstance(step_h, int | float | np.number) and not isinstance(step_h, bool)
    if number and 0 < step_h <= phase_h:
        steps = round(phase_h / step_h)
        if abs(steps * step_h - phase_h) < 1e-9 * phase_h:
            return steps
        near = f"such as {phase_h / steps:.6g} h"
    else:
        near = f"such as {GROWTH_STEP_H if name == 'growth_step_h' else INFECTION_STEP_H:g} h"
    raise CourseError(
        f"Integration: {name} = {step_h!r} h; expected a step that divides the {phase_h:g} h of "
        f"the longest {name.split('_')[0]} evenly, {near}."
    )


def of_numpy(n: int) -> Backend:
    """Return the faster backend of numpy for n batches."""
    return ONE if n == 1 else SIDE_BY_SIDE
