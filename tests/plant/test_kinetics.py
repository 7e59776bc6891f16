"""The equations themselves: two laws, and their controllers' limits."""

from dataclasses import replace

import numpy as np
import pytest

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, phase, start_of_growth
from vaxlab.plant.kinetics import (
    ARRAYS,
    CHAIN,
    INDEX,
    NUMBERS,
    STATES,
    Conditions,
    coefficients,
    rates,
    surroundings,
)
from vaxlab.plant.parameters import VALUES


def random_states(n=50, seed=0):
    """States as a culture may show them, all at once; fewer cells coinfected than infected."""
    rng = np.random.default_rng(seed)
    y = np.abs(rng.normal(size=(len(STATES), n))) * 1e5
    virus = INDEX["infectious_virions_per_ml"]
    y[virus : virus + 3] *= 1e3
    y[INDEX["coinfected_cells_per_ml"]] = 0.3 * y[CHAIN].sum(axis=0)
    y[INDEX["glucose_mmol_per_l"] :] = rng.uniform(0, 30, size=(7, n))
    return y


def conditions(n=50, seed=1, serum=1.0):
    rng = np.random.default_rng(seed)
    return Conditions(
        temperature_c=rng.uniform(25, 43, n),
        ph=rng.uniform(6.5, 7.9, n),
        do_percent=rng.uniform(5, 100, n),
        carrier_g_per_l=rng.uniform(0.5, 5, n),
        agitation_rpm=rng.uniform(30, 150, n),
        serum=serum,
    )


def change(y, c):
    return np.array(rates(y, coefficients(c, VALUES, ARRAYS), VALUES, ARRAYS))


def test_plain_numbers_and_arrays_run_the_same_equations_to_the_same_numbers():
    y, c = random_states(), conditions()
    expected = change(y, c)
    for b in range(y.shape[1]):
        one = replace(c, **{k: float(v[b]) for k, v in vars(c).items() if np.ndim(v)})
        k = coefficients(one, VALUES, NUMBERS)
        found = rates(y[:, b].tolist(), k, VALUES, NUMBERS)
        np.testing.assert_allclose(found, expected[:, b], rtol=1e-10, atol=1e-12)


def test_without_virus_the_shorter_half_of_the_equations_gives_the_same_numbers():
    y, c = random_states(), conditions()
    y[CHAIN] = 0
    for name in STATES:
        if "virions" in name or "coinfected" in name:
            y[INDEX[name]] = 0
    np.testing.assert_allclose(change(y, c), change(y, replace(c, virus=False)), rtol=1e-12)


def test_no_input_is_written_to():
    y, c = random_states(), conditions()
    before = y.copy()
    change(y, c)
    assert (y == before).all()


def test_no_cell_is_created_without_growth_and_none_is_lost():
    y = random_states()
    y[INDEX["suspended_cells_per_ml"]] = 0  # those are washed away, which is a loss on purpose
    dy = change(y, conditions(serum=0.0))
    cells = dy[1] + dy[CHAIN].sum(axis=0) + dy[10] + dy[11]
    assert np.abs(cells).max() < 1e-9 * np.abs(dy).max()


def test_what_is_at_zero_never_falls_below():
    for row in range(len(STATES)):
        y = random_states(seed=row)
        y[row] = 0
        assert (change(y, conditions())[row] >= 0).all(), STATES[row]


def test_lactate_and_ammonium_come_from_glucose_and_glutamine_only():
    dy = change(random_states(), conditions())
    glucose, glutamine, lactate, ammonium = dy[INDEX["glucose_mmol_per_l"] :][:4]
    np.testing.assert_allclose(lactate, -VALUES["Y_LG"] * glucose, rtol=1e-12)
    # Decay gives one ammonium a glutamine, metabolism three quarters: between the two.
    assert (ammonium <= -glutamine * (1 + 1e-12)).all()
    assert (ammonium >= -VALUES["Y_NQ"] * glutamine * (1 - 1e-12)).all()


def test_growth_stops_outside_the_cardinal_temperatures_and_is_best_at_the_optimum():
    t = np.array([20.0, 29.0, 33.0, 37.0, 40.0, 41.0, 45.0])
    mu = coefficients(replace(conditions(len(t)), temperature_c=t), VALUES, ARRAYS).mu
    assert (mu[[0, 1, 5, 6]] == 0).all()
    assert mu.argmax() == 3
    assert (mu[[2, 4]] > 0).all()


def test_cells_only_attach_where_there_is_room():
    y = start_of_growth([Recipe()], Factors())
    k = phase([Recipe()], Factors(), infected=False).at(0, 0)
    y[INDEX["dead_cells_per_ml"]] = k.surface
    assert rates(y, k, VALUES, ARRAYS)[INDEX["uninfected_cells_per_ml"]] == 0


def settled(living=1e6, bicarbonate=20.0, **changes):
    base = Conditions(37.0, 7.2, 60.0, 2.0, 60.0)
    k = coefficients(replace(base, **changes), VALUES, NUMBERS)
    return surroundings(living, bicarbonate, k, VALUES, NUMBERS), k


def test_oxygen_and_ph_are_held_at_their_set_points_within_limits():
    s, _ = settled()
    assert s.do_percent == 60.0
    assert s.ph == pytest.approx(7.2, abs=1e-9)


def test_oxygen_falls_below_its_set_point_where_supply_meets_uptake():
    s, k = settled(kla_factor=0.02)
    assert 0 < s.do_percent < 60
    supply = k.kla * (VALUES["O_best"] - s.do_percent) * VALUES["C_O2"] / 100
    assert supply == pytest.approx(s.our_mmol_per_l_h, rel=1e-9)


def test_ph_falls_with_the_last_bicarbonate_and_rises_where_gas_cannot_acidify():
    assert settled(bicarbonate=3.0)[0].ph < 6.7
    assert settled(bicarbonate=60.0, ph=7.0)[0].ph > 7.1


def test_serum_that_is_left_takes_trypsin_away():
    y, row = random_states(), INDEX["eclipse_1_cells_per_ml"]
    clean, left = (change(y, conditions(serum=s))[row] for s in (0.0, 0.1))
    assert (left < clean).all()


def test_more_trypsin_lets_more_virus_in_and_the_more_there_is_the_less_it_adds():
    y, row = random_states(), INDEX["eclipse_1_cells_per_ml"]
    entering = []
    for dose in (0.0, 3.0, 6.0, 9.0):
        y[INDEX["trypsin_bu_per_ml"]] = dose
        entering.append(change(y, conditions(serum=0.0))[row])
    gained = np.diff(entering, axis=0)
    assert (gained > 0).all()
    assert (np.diff(gained, axis=0) < 0).all()


def test_trypsin_takes_ha_but_no_infectious_virus():
    few, many = random_states(), random_states()
    row, infectious = INDEX["total_virions_per_ml"], INDEX["infectious_virions_per_ml"]
    few[INDEX["trypsin_bu_per_ml"]], many[INDEX["trypsin_bu_per_ml"]] = 1.0, 10.0
    a, b = (change(y, conditions(serum=0.0)) for y in (few, many))
    assert (b[row] < a[row]).all()
    np.testing.assert_allclose(b[infectious], a[infectious], rtol=1e-12)


def test_coinfected_cells_make_defective_virus_in_place_of_infectious_virus():
    few, many = random_states(), random_states()
    row = INDEX["coinfected_cells_per_ml"]
    few[row], many[row] = 0.0, 0.9 * few[CHAIN].sum(axis=0)
    for y in (few, many):
        y[INDEX["infectious_virions_per_ml"]] = y[INDEX["defective_virions_per_ml"]] = 0
    a, b = change(few, conditions()), change(many, conditions())
    assert (b[INDEX["infectious_virions_per_ml"]] < a[INDEX["infectious_virions_per_ml"]]).all()
    assert (b[INDEX["defective_virions_per_ml"]] > a[INDEX["defective_virions_per_ml"]]).all()
