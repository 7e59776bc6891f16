"""The integrator against LSODA."""

import numpy as np
import pytest

from vaxlab.plant import Recipe, simulate
from vaxlab.plant.integrate import runge_kutta
from vaxlab.plant.kinetics import INDEX

from .reference import lsoda

RECIPES = {
    "base": Recipe(),
    "hardly any virus": Recipe(moi=1e-6),
    "as much virus as is allowed": Recipe(moi=20),
    "dense, warm-blooded, well fed": Recipe(
        carrier_g_per_l=6,
        inoculum_cells_per_ml=2e6,
        glucose_mmol_per_l=60,
        glutamine_mmol_per_l=12,
    ),
    "dense and starved for long": Recipe(
        carrier_g_per_l=6,
        inoculum_cells_per_ml=2e6,
        glucose_mmol_per_l=5,
        glutamine_mmol_per_l=0.5,
        growth_time_h=240,
    ),
    "cold, much virus": Recipe(moi=20, carrier_g_per_l=6, infection_temperature_c=33),
    "hardly any oxygen, no trypsin": Recipe(moi=1e-3, do_percent=10, trypsin_bu_per_ml=0),
    "times off the grid": Recipe(growth_time_h=50.3, infection_duration_h=33.37),
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_every_states_maximum_agrees_with_lsoda_at_1e_8_within_1e_3(recipe):
    batches = simulate(recipe)
    hours = batches.time_h[(batches.time_h >= 0) & (batches.time_h <= recipe.infection_duration_h)]
    grown, path = lsoda(recipe, hours)
    after = np.isin(batches.time_h, hours)
    for name, row in INDEX.items():
        if name.startswith(("eclipse_", "productive_")):
            continue  # the summary below has them
        most = max(np.nanmax(batches.states[name][0]), grown[row])
        assert batches.at_infection[name][0] == pytest.approx(grown[row], abs=1e-3 * most + 1e-9)
        ours, theirs = batches.states[name][0, after], path[row]
        # Not only at the maximum: nowhere by more than a thousandth of it.
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3 * theirs.max() + 1e-9)
    for prefix in ("eclipse", "productive"):
        rows = [row for name, row in INDEX.items() if name.startswith(prefix)]
        theirs = path[rows].sum(axis=0)
        ours = batches.states[f"{prefix}_cells_per_ml"][0, after]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3 * theirs.max())


def test_a_vanishing_state_decays_as_the_exponential_does_where_plain_steps_would_explode():
    def rates(y):
        return np.stack([-40.0 * y[0], 40.0 * y[0]])

    steps = np.full((20, 1), 0.25)
    path = runge_kutta(rates, np.array([[1.0], [0.0]]), steps, vanishing=0)
    hours = 0.25 * np.arange(1, 21)
    # Below e^-80 the state rests; nobody counts cells there.
    expected = np.exp(np.maximum(-40 * hours, -80))
    np.testing.assert_allclose([y[0, 0] for y in path], expected, rtol=1e-6)


def test_a_batch_rests_where_its_step_is_zero_and_the_input_is_left_alone():
    start = np.array([[1.0, 1.0]])
    steps = np.array([[0.1, 0.0], [0.1, 0.1]])
    path = runge_kutta(lambda y: -y, start, steps)
    assert path[0][0, 1] == 1.0
    assert path[1][0] == pytest.approx(np.exp([-0.2, -0.1]), rel=1e-6)
    assert (start == 1.0).all()
