"""The same equations, solved by somebody else: scipy's LSODA, batch by batch."""

from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp

from vaxlab.plant import Recipe
from vaxlab.plant.batch import (
    Factors,
    Phase,
    phase,
    start_of_growth,
    start_of_infection,
    step_ends,
)
from vaxlab.plant.course import Course
from vaxlab.plant.integrate import ONE
from vaxlab.plant.kinetics import coefficients, rates
from vaxlab.plant.parameters import VALUES


def lsoda(
    recipe: Recipe,
    hours: np.ndarray,
    course: Course | None = None,
    *,
    factors: Factors | None = None,
    rtol: float = 1e-8,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the state at infection (23,), and at given hours (K,) after it (23, K).

    Solved in plain floats, the fastest that scipy can be given for one batch. A temperature
    that is on its way is one more state here, not the known solution that the plant uses.
    """
    factors = factors or Factors()
    ends = step_ends([recipe])
    inputs = (course or Course()).checked(1, len(ends[0]) + len(ends[1]) - 2)

    def prepare(infected: bool, start_c: float | None = None) -> Phase:
        return phase(
            [recipe],
            factors,
            infected=infected,
            inputs=inputs,
            grids=ends,
            backend=ONE,
            start_c=start_c,
        )

    growth = prepare(False)
    first = [*start_of_growth([recipe], factors, ONE), growth.temperatures[0][0]]
    at_zero = np.array([0.0])
    grown = _solve(growth, first, -recipe.growth_time_h, at_zero, rtol)[:, -1]
    virus = start_of_infection(grown[:-1].tolist(), [recipe], factors, ONE)
    path = _solve(prepare(True, float(grown[-1])), [*virus, grown[-1]], 0.0, hours, rtol)
    return grown[:-1], path[:-1]


def _solve(k: Phase, y: list[float], begin: float, wanted: np.ndarray, rtol: float) -> np.ndarray:
    """Integrate from one change of the conditions to the next; the last row is the temperature."""
    ends = begin + np.cumsum(k.steps)
    changes = [*np.flatnonzero(k.alike == np.arange(len(k.alike))), len(k.alike)]
    found = []
    now = begin
    for first, beyond in pairwise(changes):
        until = ends[beyond - 1]
        if until == now:
            continue
        target = k.targets[first]
        settled = abs(y[-1] - target) < 1e-6
        constant = coefficients(k.conditions(first, target), VALUES, ONE.xp)

        def change(_, y, first=first, target=target, settled=settled, constant=constant):
            *state, t = y.tolist()
            if settled:
                return [*rates(state, constant, VALUES, ONE.xp), 0.0]
            now = coefficients(k.conditions(first, t), VALUES, ONE.xp)
            return [*rates(state, now, VALUES, ONE.xp), (target - t) / VALUES["tau_T"]]

        here = wanted[(wanted >= now) & ((wanted < until) | (until == ends[-1]))]
        at = np.unique([*here, until])
        solution = solve_ivp(
            change, (now, until), y, method="LSODA", t_eval=at, rtol=rtol, atol=rtol
        )
        assert solution.success
        found.append(solution.y[:, np.searchsorted(at, here)])
        y, now = solution.y[:, -1], until
    return np.concatenate(found, axis=1)
