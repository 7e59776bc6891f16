"""Batches: shapes, moments, readings."""

import subprocess
import sys

import numpy as np
import pytest

from vaxlab.plant import Recipe, simulate
from vaxlab.plant.batch import Factors, run

# A warning on stderr would cost a learner all points of a cell.
pytestmark = pytest.mark.filterwarnings("error")

FOR_INSTRUMENTS = (
    *("temperature_c", "ph", "do_percent", "kla_per_h", "gas_o2_fraction"),
    *("our_mmol_per_l_h", "cer_mmol_per_l_h", "base_mmol_per_l", "base_rate_mmol_per_l_h"),
    *("feed_rate_mmol_per_l_h", "trypsin_bu_per_ml", "defective_virions_per_ml"),
    *("dna_ug_per_ml", "hcp_ug_per_ml", "biovolume_ul_per_ml"),
)

LONG = Recipe(growth_time_h=110.5, infection_duration_h=80)
SHORT = Recipe(growth_time_h=24.25, infection_duration_h=20.3)


@pytest.fixture(scope="module")
def batches():
    return simulate([LONG, SHORT])


def test_all_batches_share_the_hours_and_every_state_has_a_row_a_batch(batches):
    assert len(batches) == 2
    assert batches.time_h[0] == -111
    assert batches.time_h[-1] == 80
    assert (np.diff(batches.time_h) > 0).all()
    for values in batches.states.values():
        assert values.shape == (2, len(batches.time_h))


def test_a_batch_has_no_states_before_its_start_and_after_its_harvest(batches):
    hours = batches.time_h
    for values in batches.states.values():
        for recipe, row in zip((LONG, SHORT), values, strict=True):
            inside = (hours >= -recipe.growth_time_h) & (hours <= recipe.infection_duration_h)
            assert not np.isnan(row[inside]).any()
            assert np.isnan(row[~inside]).all()


def test_a_batch_does_not_depend_on_its_companions(batches):
    alone = simulate(SHORT)
    for name, values in batches.states.items():
        shared = np.isin(batches.time_h, alone.time_h)
        mine = alone.states[name][0][np.isin(alone.time_h, batches.time_h)]
        np.testing.assert_allclose(values[1, shared], mine, rtol=1e-9, atol=1e-9)
        assert batches.at_harvest[name][1] == pytest.approx(alone.at_harvest[name][0], rel=1e-9)


def test_the_medium_is_exchanged_at_zero_hours(batches):
    at_zero = np.searchsorted(batches.time_h, 0)
    fresh = batches.states["glucose_mmol_per_l"][:, at_zero]
    assert (fresh == LONG.glucose_mmol_per_l).all()
    assert (batches.at_infection["glucose_mmol_per_l"] < fresh).all()
    cells = batches.states["attached_cells_per_ml"][:, at_zero]
    np.testing.assert_allclose(cells, batches.at_infection["attached_cells_per_ml"], rtol=1e-12)
    virus = batches.states["infectious_virions_per_ml"][:, at_zero]
    np.testing.assert_allclose(virus, 0.025 * cells, rtol=1e-12)


def test_reading_a_moment_knows_the_old_medium_from_the_new_and_the_harvest(batches):
    which = np.array([0, 0, 0, 1])
    hours = np.array([-0.001, 0.0, 80.0, 20.3])
    glucose = batches.at("glucose_mmol_per_l", which, hours)
    assert glucose[0] == pytest.approx(batches.at_infection["glucose_mmol_per_l"][0], rel=1e-3)
    assert glucose[1] == 30
    np.testing.assert_allclose(glucose[2:], batches.at_harvest["glucose_mmol_per_l"])


def test_what_the_instruments_need_is_there_and_plausible(batches):
    for name in FOR_INSTRUMENTS:
        values = batches.states[name][~np.isnan(batches.states[name])]
        assert (values >= 0).all(), name
        assert np.isfinite(values).all(), name
    assert np.nanmax(batches.states["gas_o2_fraction"]) < 0.6


def test_an_incomplete_exchange_leaves_old_medium_and_serum_that_slows_the_virus():
    washed, left = Recipe(), Recipe(exchanged_share=0.9)
    batches = simulate([washed, left])
    at_zero = np.searchsorted(batches.time_h, 0)
    lactate = batches.states["lactate_mmol_per_l"][:, at_zero]
    assert lactate[0] == 0
    assert lactate[1] == pytest.approx(0.1 * batches.at_infection["lactate_mmol_per_l"][1])
    rise = batches.summary()["ha_rise_h"]
    assert rise[1] > rise[0] + 0.5


def test_a_set_point_may_change_while_a_batch_runs():
    profile = Recipe(infection_temperature_c=((0, 37), (24, 33)), ph=((-96, 7.2), (10, 7.0)))
    batches = simulate([Recipe(), profile])
    before = batches.time_h < 10
    for name, values in batches.states.items():
        np.testing.assert_allclose(values[0, before], values[1, before], rtol=1e-9, err_msg=name)
    assert batches.at_harvest["temperature_c"][1] == pytest.approx(33, abs=1e-4)
    assert batches.at_harvest["ph"][1] == pytest.approx(7.0, abs=1e-2)


def test_more_defective_particles_in_the_seed_mean_less_infectious_virus_and_a_little_less_ha():
    summary = run([Recipe()] * 3, Factors(defective=np.array([1.0, 10.0, 100.0]))).summary()
    assert summary["peak_tcid50_log10_per_ml"].is_monotonic_decreasing
    assert summary["peak_ha_log10_per_100ul"].is_monotonic_decreasing
    lost = summary["peak_tcid50_log10_per_ml"][0] - summary["peak_tcid50_log10_per_ml"][2]
    assert lost > summary["peak_ha_log10_per_100ul"][0] - summary["peak_ha_log10_per_100ul"][2]


def test_the_temperature_is_driven_to_another_at_infection():
    batches = simulate([Recipe(), Recipe(infection_temperature_c=33)])
    before = batches.time_h < 0
    for values in batches.states.values():
        np.testing.assert_array_equal(values[0, before], values[1, before])
    assert batches.summary()["ha_rise_h"].diff()[1] > 1


def test_one_recipe_may_stand_without_a_list():
    one, listed = simulate(Recipe()), simulate([Recipe()])
    assert one.summary().equals(listed.summary())


@pytest.mark.parametrize(
    ("recipes", "says"),
    [
        ([], "empty"),
        ([{"moi": 1}], "expected Recipe objects"),
        ("ab", "'a'"),
        (None, "is None"),
        (5, "is 5"),
    ],
)
def test_what_is_no_recipe_is_refused(recipes, says):
    with pytest.raises(ValueError, match=says):
        simulate(recipes)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match=r"seed = .*; expected a whole number from 0 on"):
        simulate(Recipe(), seed=seed)


def test_an_unknown_state_is_told_with_the_nearest_one():
    with pytest.raises(ValueError, match=r"no state 'pH'; the nearest one is 'ph'"):
        simulate(Recipe()).at("pH", np.array([0]), np.array([1.0]))


def test_the_seed_drives_the_two_readings_and_nothing_else():
    recipes = [Recipe()] * 400
    first, second = simulate(recipes, seed=1), simulate(recipes, seed=2)
    a, b = first.summary(), second.summary()
    differ = [name for name in a if not a[name].equals(b[name])]
    assert differ == ["ha_reading_log10_per_100ul", "tcid50_reading_log10_per_ml"]
    for name in first.states:
        np.testing.assert_array_equal(first.states[name], second.states[name])
    assert a["ha_reading_log10_per_100ul"].std() == pytest.approx(0.15, rel=0.15)
    assert a["tcid50_reading_log10_per_ml"].std() == pytest.approx(0.3, rel=0.15)


def test_the_summary_has_the_promised_columns_and_finite_numbers():
    summary = simulate([Recipe(), Recipe(moi=1e-3)]).summary()
    promised = {
        "peak_ha_log10_per_100ul",
        "time_to_95pct_ha_h",
        "peak_tcid50_log10_per_ml",
        "cells_at_infection_per_ml",
    }
    assert promised <= set(summary.columns)
    assert np.isfinite(summary.to_numpy()).all()


def test_a_batch_that_is_harvested_before_any_virus_shows_has_no_time_of_rise():
    summary = simulate(Recipe(moi=1e-6, infection_duration_h=6)).summary()
    assert summary["ha_rise_h"].isna().all()
    assert summary["ha_reading_log10_per_100ul"].isna().all()


def test_running_a_batch_needs_numpy_only():
    code = (
        "import sys; from vaxlab.plant import Recipe, simulate; simulate(Recipe())\n"
        "print(*sorted({'pandas', 'scipy', 'torch', 'plotly'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
    assert run.stderr == ""
