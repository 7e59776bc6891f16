"""What happens on the way: inputs that vary in time."""

import numpy as np
import pytest

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, run, step_hours
from vaxlab.plant.course import Course

RECIPE = Recipe(growth_time_h=72, infection_duration_h=48)
HOURS = step_hours([RECIPE])


def ran(**course):
    return run([RECIPE, RECIPE], Factors(), Course(**course))


def ends(batches, name):
    return batches.at_harvest[name]


def pair(normal, other):
    """One batch as normal, and one with another input: (2, S)."""
    return np.stack([np.full(len(HOURS), normal), np.broadcast_to(other, len(HOURS))])


def test_a_course_of_nothing_is_the_normal_batch_to_the_last_bit():
    plain, courses = run([RECIPE], Factors()), run([RECIPE], Factors(), Course())
    for name in plain.states:
        np.testing.assert_array_equal(plain.states[name], courses.states[name])


def test_a_constant_array_is_the_same_as_a_number():
    number, array = ran(growth_factor=0.8), ran(growth_factor=pair(0.8, 0.8))
    for name in number.states:
        np.testing.assert_allclose(number.states[name], array.states[name], rtol=1e-9)


def test_what_happens_later_changes_nothing_before():
    batches = ran(kla_factor=pair(1.0, np.where(HOURS < 12, 1.0, 0.0)))
    before = batches.time_h < 12
    for name, values in batches.states.items():
        np.testing.assert_allclose(values[0, before], values[1, before], rtol=1e-12, err_msg=name)


def test_without_oxygen_supply_it_is_used_up_and_virus_is_lost():
    batches = ran(kla_factor=pair(1.0, np.where(HOURS < 12, 1.0, 0.0)))
    at_24 = np.searchsorted(batches.time_h, 24)
    normal, failed = batches.states["do_percent"][:, at_24]
    assert normal == 60
    assert failed < 15
    assert ends(batches, "total_virions_per_ml")[1] < 0.8 * ends(batches, "total_virions_per_ml")[0]


def test_without_its_base_pump_the_ph_falls_and_no_base_is_added():
    batches = ran(base_pump=pair(1.0, 0.0))
    assert batches.at_infection["ph"][0] == pytest.approx(7.2, abs=1e-3)
    assert batches.at_infection["ph"][1] < 7.1
    assert batches.at_infection["base_mmol_per_l"][1] == 0


def test_a_probe_that_reads_too_high_holds_the_culture_too_low_with_less_base():
    batches = ran(ph_probe_error=np.array([0.0, 0.1]))
    np.testing.assert_allclose(batches.at_infection["ph"], [7.2, 7.1], atol=1e-3)
    base = batches.at_infection["base_mmol_per_l"]
    assert base[1] < base[0]


def test_the_temperature_follows_its_jacket_with_a_lag_and_comes_back():
    excursion = np.where((HOURS >= 12) & (HOURS < 20), 2.0, 0.0)
    batches = ran(temperature_offset_c=pair(0.0, excursion))
    hours, t = batches.time_h, batches.states["temperature_c"][1]
    for hour, expected in ((12, 37), (13, 39 - 2 * np.exp(-1)), (19.5, 39), (30, 37)):
        assert t[np.searchsorted(hours, hour)] == pytest.approx(expected, abs=2e-3)


def test_intruders_take_oxygen_and_make_acid():
    grow = np.minimum(1e-3 * np.exp(0.7 * np.maximum(HOURS, 0)), 80.0) * (HOURS > 0)
    batches = ran(
        contaminant_our_mmol_per_l_h=pair(0.0, grow),
        contaminant_acid_mmol_per_l_h=pair(0.0, 0.5 * grow),
    )
    normal, sick = (batches.states[name] for name in ("our_mmol_per_l_h", "ph"))
    late = np.searchsorted(batches.time_h, 16)
    assert normal[1, late] > 3 * normal[0, late]
    assert ends(batches, "do_percent")[1] < 5
    assert sick[1, -1] < 6.6
    for name, values in batches.states.items():
        if "log10" not in name:
            assert np.nanmin(values) >= 0, name


def test_a_stopped_feed_pump_gives_no_glucose():
    recipe = Recipe(growth_time_h=72, infection_duration_h=48, feed_mmol_per_l_h=0.2)
    batches = run([recipe] * 2, Factors(), Course(feed_pump=np.array([1.0, 0.0])))
    fed, starved = batches.at_infection["glucose_mmol_per_l"]
    assert fed > starved + 5


def test_virus_that_cannot_enter_infects_nobody_and_a_factor_multiplies_the_batch_s_own():
    batches = ran(entry_factor=pair(1.0, np.where(HOURS < 12, 0.0, 1.0)))
    infected = batches.states["eclipse_cells_per_ml"]
    early, later = np.searchsorted(batches.time_h, [11.5, 14])
    assert (infected[1, : early + 1] == 0).all()
    assert infected[0, early] > 0
    assert infected[1, later] > 0
    own = run([RECIPE], Factors(entry=0.5))
    shared = run([RECIPE], Factors(entry=2.0), Course(entry_factor=0.25))
    for name, values in own.states.items():
        np.testing.assert_allclose(values, shared.states[name], rtol=1e-12, err_msg=name)


def test_a_slower_stirrer_transfers_less_oxygen():
    batches = ran(agitation_factor=np.array([1.0, 0.5]))
    usual, slow = batches.at_infection["kla_per_h"]
    assert slow < 0.5 * usual
    gas = batches.at_infection["gas_o2_fraction"]
    assert gas[1] > gas[0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"base_pump": np.ones(3)}, r"base_pump has shape \(3,\); expected a number, \(2,\)"),
        ({"kla_factor": -0.5}, "kla_factor = .*-0.5.*expected 0 to 3"),
        ({"temperature_offset_c": np.nan}, "temperature_offset_c = .*nan"),
    ],
)
def test_a_wrong_course_names_field_value_and_range(wrong, says):
    with pytest.raises(ValueError, match=says):
        ran(**wrong)
