"""The same equations, solved by somebody else: scipy's LSODA, batch by batch."""

import numpy as np
from scipy.integrate import solve_ivp

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, phase, set_points, start_of_growth, start_of_infection
from vaxlab.plant.kinetics import rates
from vaxlab.plant.parameters import VALUES


def lsoda(
    recipe: Recipe, hours: np.ndarray, *, rtol: float = 1e-8
) -> tuple[np.ndarray, np.ndarray]:
    """Return the state at infection (18,), and at given hours after it (18, K)."""
    table, factors = set_points([recipe]), Factors()

    def solve(infected: bool, start: np.ndarray, span: tuple[float, float], at: np.ndarray):
        k = phase(table, factors, infected=infected)
        solution = solve_ivp(
            lambda _, y: rates(y[:, None], k, VALUES, np)[:, 0],
            span,
            start[:, 0],
            method="LSODA",
            t_eval=at,
            rtol=rtol,
            atol=rtol,
        )
        assert solution.success
        return solution.y

    at_zero = np.array([0.0])
    grown = solve(False, start_of_growth(table, factors), (-recipe.growth_time_h, 0), at_zero)
    infected = start_of_infection(grown, table, factors)
    path = solve(True, infected, (0, recipe.infection_duration_h), hours)
    return grown[:, 0], path
