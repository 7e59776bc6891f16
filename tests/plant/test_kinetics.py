"""The equations themselves: two laws, and two array libraries."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, phase, set_points, start_of_growth, start_of_infection
from vaxlab.plant.integrate import runge_kutta
from vaxlab.plant.kinetics import CHAIN, INDEX, STATES, Conditions, coefficients, rates
from vaxlab.plant.parameters import VALUES


def random_states(n=50, seed=0):
    """States as a culture may show them, all at once."""
    rng = np.random.default_rng(seed)
    y = np.abs(rng.normal(size=(len(STATES), n))) * 1e5
    y[12:14] *= 1e3
    y[14:] = rng.uniform(0, 30, size=(4, n))
    return y


def conditions(n=50, seed=1, serum=1.0):
    rng = np.random.default_rng(seed)
    return Conditions(
        temperature_c=rng.uniform(25, 43, n),
        ph=rng.uniform(6.5, 7.9, n),
        do_percent=rng.uniform(5, 100, n),
        carrier_g_per_l=rng.uniform(0.5, 5, n),
        trypsin_bu_per_ml=rng.uniform(0, 10, n),
        serum=serum,
    )


def test_numpy_and_torch_run_the_same_equations_to_the_same_numbers():
    y, c = random_states(), conditions()
    as_torch = {
        field.name: torch.as_tensor(getattr(c, field.name))
        for field in fields(c)
        if isinstance(getattr(c, field.name), np.ndarray)
    }
    expected = rates(y, coefficients(c, VALUES, np), VALUES, np)
    k = coefficients(replace(c, **as_torch), VALUES, torch)
    found = rates(torch.as_tensor(y), k, VALUES, torch)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)


def test_gradients_run_through_the_integrator_and_agree_with_finite_differences():
    table = set_points([Recipe()])
    grown = np.zeros((len(STATES), 1))
    grown[INDEX["uninfected_cells_per_ml"]] = 1e6
    start = torch.as_tensor(start_of_infection(grown, table, Factors()))
    steps = torch.full((60, 1), 0.25, dtype=torch.float64)

    def log_virus(entry: torch.Tensor) -> torch.Tensor:
        c = Conditions(
            **{
                name: torch.as_tensor(table[key])
                for name, key in (
                    ("temperature_c", "infection_temperature_c"),
                    ("ph", "ph"),
                    ("do_percent", "do_percent"),
                    ("carrier_g_per_l", "carrier_g_per_l"),
                    ("trypsin_bu_per_ml", "trypsin_bu_per_ml"),
                )
            },
            serum=0.0,
            entry_factor=entry,
        )
        k = coefficients(c, VALUES, torch)
        path = runge_kutta(
            lambda y: rates(y, k, VALUES, torch), start, steps, vanishing=1, xp=torch
        )
        return torch.log(path[-1][INDEX["total_virions_per_ml"], 0])

    entry = torch.ones(1, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(log_virus(entry), entry)
    with torch.no_grad():
        step = 1e-4
        difference = (log_virus(entry + step) - log_virus(entry - step)) / (2 * step)
    assert gradient.item() == pytest.approx(difference.item(), rel=1e-5)
    assert gradient.item() > 0


def test_no_input_is_written_to():
    y, c = random_states(), conditions()
    before = y.copy()
    k = coefficients(c, VALUES, np)
    rates(y, k, VALUES, np)
    assert (y == before).all()


def test_no_cell_is_created_without_growth_and_none_is_lost():
    y = random_states()
    y[INDEX["suspended_cells_per_ml"]] = 0  # those are washed away, which is a loss on purpose
    dy = rates(y, coefficients(conditions(serum=0.0), VALUES, np), VALUES, np)
    cells = dy[1] + dy[CHAIN].sum(axis=0) + dy[10] + dy[11]
    assert np.abs(cells).max() < 1e-9 * np.abs(dy).max()


def test_what_is_at_zero_never_falls_below():
    for row in range(len(STATES)):
        y = random_states(seed=row)
        y[row] = 0
        dy = rates(y, coefficients(conditions(), VALUES, np), VALUES, np)
        assert (dy[row] >= 0).all(), STATES[row]


def test_lactate_and_ammonium_come_from_glucose_and_glutamine_only():
    y = random_states()
    dy = rates(y, coefficients(conditions(), VALUES, np), VALUES, np)
    glucose, glutamine, lactate, ammonium = dy[14:]
    np.testing.assert_allclose(lactate, -VALUES["Y_LG"] * glucose, rtol=1e-12)
    # Decay gives one ammonium a glutamine, metabolism three quarters: between the two.
    assert (ammonium <= -glutamine * (1 + 1e-12)).all()
    assert (ammonium >= -VALUES["Y_NQ"] * glutamine * (1 - 1e-12)).all()


def test_growth_stops_outside_the_cardinal_temperatures_and_is_best_at_the_optimum():
    t = np.array([20.0, 29.0, 33.0, 37.0, 40.0, 41.0, 45.0])
    n = len(t)
    c = replace(conditions(n), temperature_c=t, ph=np.full(n, 7.2), do_percent=np.full(n, 60.0))
    mu = coefficients(c, VALUES, np).mu
    assert (mu[[0, 1, 5, 6]] == 0).all()
    assert mu.argmax() == 3
    assert (mu[[2, 4]] > 0).all()


def test_cells_only_attach_where_there_is_room():
    table = set_points([Recipe()])
    y = start_of_growth(table, Factors())
    k = phase(table, Factors(), infected=False)
    y[INDEX["dead_cells_per_ml"]] = k.surface
    assert rates(y, k, VALUES, np)[INDEX["uninfected_cells_per_ml"]] == 0
