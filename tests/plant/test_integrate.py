"""The integrator against LSODA."""

import numpy as np
import pytest

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, run, step_hours
from vaxlab.plant.course import Course
from vaxlab.plant.integrate import ONE, runge_kutta
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
    "profiles, bad wash, feed": Recipe(
        growth_temperature_c=((-96, 37), (-24, 35)),
        infection_temperature_c=((0, 37), (10, 34)),
        ph=((-50, 7.0), (20, 7.5)),
        do_percent=((-96, 60), (12, 20)),
        exchanged_share=0.8,
        feed_mmol_per_l_h=0.2,
    ),
    "much virus after half an exchange": Recipe(
        exchanged_share=0.3,
        moi=20,
        inoculum_cells_per_ml=2e6,
        growth_time_h=12,
        carrier_g_per_l=6,
    ),
}
HOURS = step_hours([Recipe()])
COURSES = {
    "oxygen fails": Course(kla_factor=np.where(HOURS > 10, 0.0, 1.0)[None]),
    "base fails": Course(base_pump=np.where(HOURS > -70, 0.0, 1.0)[None]),
    "a warm night, a drifting probe": Course(
        temperature_offset_c=np.where((HOURS > 10) & (HOURS < 18), 2.5, 0.0)[None],
        ph_probe_error=np.array([0.1]),
    ),
}


def worst_error(recipe, course=None):
    """Largest error of any state at any moment, over that state's maximum."""
    batches = run([recipe], Factors(), course)
    hours = batches.time_h[(batches.time_h >= 0) & (batches.time_h <= recipe.infection_duration_h)]
    grown, path = lsoda(recipe, hours, course)
    after = np.isin(batches.time_h, hours)
    errors = {}
    for name in ("eclipse_cells_per_ml", "productive_cells_per_ml", *INDEX):
        prefix = name.removesuffix("cells_per_ml")
        rows = [row for state, row in INDEX.items() if state.startswith(prefix)]
        if name not in batches.states:
            continue  # a single stage: their sum is kept
        then, theirs = grown[rows].sum(), path[rows].sum(axis=0)
        ours = batches.states[name][0]
        most = max(np.nanmax(ours), theirs.max(), 1e-6)
        differences = [*(ours[after] - theirs), batches.at_infection[name][0] - then]
        errors[name] = np.abs(differences).max() / most
    return errors


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_every_state_agrees_with_lsoda_at_1e_8_within_a_thousandth_of_its_maximum(recipe):
    errors = worst_error(recipe)
    assert len(errors) == len(INDEX) - 6
    assert max(errors.values()) < 1e-3, errors


@pytest.mark.parametrize("course", COURSES.values(), ids=COURSES.keys())
def test_faults_on_the_way_are_met_as_lsoda_meets_them(course):
    """Half of them bend a rate within a step, which costs accuracy: 2e-3 here."""
    errors = worst_error(Recipe(), course)
    assert max(errors.values()) < 2e-3, errors


def test_a_vanishing_state_decays_as_the_exponential_does_where_plain_steps_would_explode():
    def rates(y, _step, _moment):
        return [-40.0 * y[0], 40.0 * y[0]]

    path = runge_kutta(rates, [1.0, 0.0], [0.25] * 20, vanishing=0, backend=ONE)
    hours = 0.25 * np.arange(1, 21)
    # Below e^-80 the state rests; nobody counts cells there.
    expected = np.exp(np.maximum(-40 * hours, -80))
    np.testing.assert_allclose([y[0] for y in path], expected, rtol=1e-6)


def test_a_batch_rests_where_its_step_is_zero_and_the_input_is_left_alone():
    start = np.array([[1.0, 1.0]])
    steps = np.array([[0.1, 0.0], [0.1, 0.1]])
    path = runge_kutta(lambda y, *_: [-y[0]], start, steps)
    assert path[0][0, 1] == 1.0
    assert path[1][0] == pytest.approx(np.exp([-0.2, -0.1]), rel=1e-6)
    assert (start == 1.0).all()


def test_inputs_are_asked_for_at_the_start_the_middle_and_the_end_of_a_step():
    asked = []

    def rates(y, step, moment):
        asked.append((step, moment))
        return [0.0 * y[0]]

    runge_kutta(rates, [1.0], [0.5, 0.5], backend=ONE)
    assert asked == [(0, 0), (0, 1), (0, 1), (0, 2), (1, 0), (1, 1), (1, 1), (1, 2)]
