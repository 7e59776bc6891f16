"""Run growth and infection one after the other, and keep what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant.hybrid import Hook
from vaxlab.plant.integrate import Array, Backend, runge_kutta
from vaxlab.plant.kinetics import CHAIN, INDEX, Coefficients, rates, surroundings
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.phases import Phase, phase, start_of_growth, start_of_infection
from vaxlab.plant.recipe import Recipe

if TYPE_CHECKING:
    from vaxlab.plant.batch import Factors

_KEPT_H = (1.0, 0.5)
"""A state is kept so often, of growth and of infection."""

OBSERVED = (
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
class Path:
    """A phase that was run: states and `OBSERVED` at its start and after every kept step."""

    states: list[Array]
    observed: list[Array]


def kept_steps(grids: tuple[np.ndarray, np.ndarray]) -> tuple[int, int]:
    """Return of how many steps of growth, and of infection, one is kept."""
    kept = []
    for grid, hours in zip(grids, _KEPT_H, strict=True):
        ratio = hours / (grid[1] - grid[0])
        kept.append(max(round(ratio), 1) if abs(ratio - round(ratio)) < 1e-9 else 1)
    return kept[0], kept[1]


def two_phases(
    recipes: Sequence[Recipe],
    factors: Factors,
    inputs: Mapping[str, np.ndarray],
    grids: tuple[np.ndarray, np.ndarray],
    backend: Backend,
    *,
    by: Hook | None = None,
    observing: bool = True,
    every: tuple[int, int] | None = None,
) -> tuple[Path, Path]:
    """Run growth, the exchange of the medium, and infection.

    Parameters
    ----------
    recipes : sequence of Recipe
    factors : Factors
    inputs : mapping of str to array (B, 1) or (B, S)
        From `Course.checked`.
    grids : pair of arrays
        From `vaxlab.plant.phases.step_ends`.
    backend : Backend
    by : Hook, optional
        From `vaxlab.plant.hybrid.hook`.
    observing : bool
        Whether to keep `OBSERVED` as well.
    every : pair of int, optional
        One of so many steps of growth, and of infection, is kept; `kept_steps` if not given.
    """
    kept = every or kept_steps(grids)
    common = {"inputs": inputs, "grids": grids, "backend": backend}
    growth = phase(recipes, factors, infected=False, **common)
    start = start_of_growth(recipes, factors, backend)
    grown = _march(growth, start, every=kept[0], by=by, observing=observing)
    infection = phase(recipes, factors, infected=True, start_c=growth.end_c, **common)
    last = list(backend.rows(grown.states[-1]))
    virus = start_of_infection(last, recipes, factors, backend)
    healthy = INDEX["uninfected_cells_per_ml"]
    return grown, _march(
        infection, virus, every=kept[1], vanishing=healthy, by=by, observing=observing
    )


def _march(
    phase: Phase,
    start: Sequence[Array],
    *,
    every: int,
    vanishing: int | None = None,
    by: Hook | None = None,
    observing: bool = True,
) -> Path:
    backend = phase.backend
    if backend.recorded and by is None and not observing:
        path = backend.recorded(phase, start, every=every, vanishing=vanishing)
        if path is not None:
            return Path([backend.pack(start), *path], [])
    observed = []

    def slope(y: Sequence[Array], step: int, moment: int) -> list[Array]:
        k = phase.at(step, moment)
        change = rates(y, k, VALUES, backend.xp, by)
        if observing and moment == 0 and step % every == 0:
            observed.append(backend.pack(_seen(y, k, change, backend)))
        return change

    path = runge_kutta(slope, start, phase.steps, vanishing=vanishing, backend=backend, every=every)
    if observing:
        last, k = list(backend.rows(path[-1])), phase.at(len(phase.steps) - 1, 2)
        change = rates(last, k, VALUES, backend.xp)
        observed.append(backend.pack(_seen(last, k, change, backend)))
    return Path([backend.pack(start), *path], observed)


def _seen(
    y: Sequence[Array], k: Coefficients, change: Sequence[Array], backend: Backend
) -> tuple[Array, ...]:
    """Return the rows of `OBSERVED`."""
    living = y[INDEX["uninfected_cells_per_ml"]] + sum(y[CHAIN])
    bicarbonate = y[INDEX["bicarbonate_mmol_per_l"]]
    s = surroundings(living, bicarbonate, k, VALUES, backend.xp)
    # What the gas must hold for the transfer to meet the uptake.
    gas = s.do_percent + 100 / VALUES["C_O2"] * s.our_mmol_per_l_h / k.kla
    return (
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
