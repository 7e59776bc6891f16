"""Probes: what they show of a batch, and how they mislead."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vaxlab.plant import Recipe, simulate
from vaxlab.plant.batch import Factors, run, step_hours
from vaxlab.plant.course import Course
from vaxlab.plant.instruments import (
    FAILURES,
    GAS_L_PER_MIN,
    TAGS,
    VOLUME_L,
    Failure,
    ProbeCondition,
    historian,
    stamped,
)

NEW = ProbeCondition()
LAST_MINUTE = int(168 * 60)


@pytest.fixture(scope="module")
def batches():
    return simulate([Recipe(), Recipe(moi=1e-3, ph=7.1), Recipe(do_percent=40, moi=0.05)])


@pytest.fixture(scope="module")
def minutes(batches):
    return historian(batches, NEW, np.random.default_rng(1), every_min=1)


def first(table):
    return table[table["batch"] == 0].reset_index(drop=True)


def true(batches, name, table, b=0):
    hours = table["minute"].to_numpy() / 60 - 96
    return batches.at(name, np.full(len(hours), b), hours)


def test_every_minute_of_every_batch_is_recorded_in_every_tag(minutes):
    assert list(minutes) == ["batch", "minute", *TAGS]
    for _, one in minutes.groupby("batch"):
        assert (one["minute"].to_numpy() == np.arange(LAST_MINUTE + 1)).all()
    assert not minutes.isna().any().any()


@pytest.mark.parametrize("name", ["temperature_c", "ph", "do_percent"])
def test_a_new_probe_is_right_within_its_noise(batches, minutes, name):
    one = first(minutes)
    error = (one[name] - true(batches, name, one)).to_numpy()
    tag = TAGS[name]
    sd = np.sqrt(tag.sd**2 + tag.wander_sd**2 + tag.step**2 / 12)
    assert abs(error.mean()) < 0.2 * sd
    assert 0.85 * sd < error.std() < 1.15 * sd


def test_the_noise_of_ph_temperature_and_oxygen_is_the_published_one():
    """PH 0.01 to 0.02, Pt100 0.02 °C, DO 0.5 %; drawn together with what wanders."""
    assert 0.01 <= np.hypot(TAGS["ph"].sd, TAGS["ph"].wander_sd) <= 0.02
    assert TAGS["temperature_c"].sd == 0.02
    assert TAGS["do_percent"].sd == 0.5


def test_neighbouring_minutes_are_alike_and_distant_ones_are_not(batches, minutes):
    error = first(minutes)["ph"] - true(batches, "ph", first(minutes))
    assert error.autocorr(1) > 0.15
    assert abs(error.autocorr(300)) < 0.1


def test_every_value_is_a_step_that_the_historian_stores(minutes):
    for name, tag in TAGS.items():
        steps = minutes[name].to_numpy() / tag.step
        assert np.allclose(steps, np.round(steps), atol=1e-6), name


def test_no_value_is_outside_what_the_instrument_can_show(batches):
    broken = ProbeCondition(do_error_percent=150.0, temperature_error_c=40.0)
    table = historian(batches, broken, np.random.default_rng(1))
    for name, tag in TAGS.items():
        assert table[name].between(tag.low, tag.high).all(), name
    assert (table["do_percent"] == 0).mean() > 0.9


def test_a_view_is_the_mean_of_its_minutes(batches, minutes):
    view = historian(batches, NEW, np.random.default_rng(1), every_min=15)
    mean = minutes.groupby(["batch", minutes["minute"] // 15 * 15]).mean()
    shared = view.set_index(["batch", "minute"])
    for name, tag in TAGS.items():
        off = (mean.loc[shared.index, name] - shared[name]).abs()
        assert off.max() <= tag.step / 2 + 1e-6, name


def test_some_batches_alone_read_what_they_read_among_all(batches, minutes):
    alone = historian(batches, NEW, np.random.default_rng(1), every_min=1, only=[2])
    among = minutes[minutes["batch"] == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among)


def test_another_generator_gives_other_noise(batches, minutes):
    other = historian(batches, NEW, np.random.default_rng(2), every_min=1)
    assert (other["ph"] != minutes["ph"]).mean() > 0.5


def test_a_probe_that_drifts_shows_it_from_day_to_day_and_a_calibration_ends_it(batches):
    bad = ProbeCondition(
        ph_error=np.array([0.05, 0, 0]),
        ph_drift_per_day=np.array([0.02, 0, 0]),
        do_error_percent=5.0,
        recalibrated_h=np.array([24.0, np.nan, np.nan]),
    )
    table = first(historian(batches, bad, np.random.default_rng(3), every_min=60))
    error = table["ph"] - true(batches, "ph", table)
    day = table["minute"] / 1440
    grown = (day > 0.2) & (day < 4.9)
    slope, start = np.polyfit(day[grown], error[grown], 1)
    assert slope == pytest.approx(0.02, abs=0.004)
    assert start == pytest.approx(0.05, abs=0.01)
    assert error[(day > 5.1) & (day < 5.4)].mean() == pytest.approx(0.005, abs=0.01)
    low = table["do_percent"][(day > 1) & (day < 4)].mean()
    assert low == pytest.approx(0.95 * 60, abs=0.5)


def test_the_controller_hides_a_wrong_ph_probe_and_base_betrays_it():
    """The probe shows the set point; the true pH is held lower, so that less base is needed."""
    recipes = [Recipe(), Recipe()]
    drifting = 0.2 * np.clip(1 + step_hours(recipes) / 96, 0, 1)
    course = Course(ph_probe_error=np.stack([0 * drifting, drifting]))
    batches = run(recipes, Factors(), course)
    table = historian(batches, NEW, np.random.default_rng(4), course=course)
    base = table.pivot(index="minute", columns="batch", values="base_total_ml")
    shown = table.pivot(index="minute", columns="batch", values="ph")
    late = (shown.index > 85 * 60) & (shown.index < 95 * 60)
    assert shown[1][late].mean() == pytest.approx(7.2, abs=0.03)
    assert batches.at("ph", np.array([1]), np.array([-2.0]))[0] < 7.06
    assert base[1][late].mean() < 0.9 * base[0][late].mean()


def test_the_feed_is_weighed_and_counted_from_medium_to_medium():
    """0.4 mmol/L/h into 2,000 L from a feed of 2 mol/L are 400 mL/h."""
    recipes = [Recipe(), Recipe(feed_mmol_per_l_h=0.4)]
    hours = step_hours(recipes)
    course = Course(feed_pump=np.where((hours >= 24) & (hours < 36), 0.0, 1.0) * np.ones((2, 1)))
    table = historian(
        run(recipes, Factors(), course), NEW, np.random.default_rng(4), every_min=1, course=course
    )
    none, fed = (one.set_index("minute") for _, one in table.groupby("batch"))
    assert (none["feed_total_ml"] == 0).all()
    total = fed["feed_total_ml"]
    for hour, fed_h in ((48, 48), (95.9, 95.9), (96.02, 0), (119, 23), (131, 24), (156, 48)):
        assert total[round(60 * hour)] == pytest.approx(400 * fed_h, abs=160), hour
    heavier = fed["weight_kg"] - none["weight_kg"]
    added = (fed["base_total_ml"] - none["base_total_ml"] + total) / 1000
    scale = np.hypot(TAGS["weight_kg"].sd, TAGS["weight_kg"].wander_sd)
    assert (heavier - added).abs().mean() < 2 * scale  # two scales read
    assert total.groupby(total.index >= 96 * 60).apply(lambda t: t.is_monotonic_increasing).all()


def test_a_stirrer_that_stops_is_seen():
    recipes = [Recipe()]
    hours = step_hours(recipes)
    course = Course(agitation_factor=np.where((hours >= 10) & (hours < 14), 0.0, 1.0)[None])
    table = historian(
        run(recipes, Factors(), course), NEW, np.random.default_rng(5), every_min=1, course=course
    )
    hour = table["minute"] / 60 - 96
    assert table["stirrer_rpm"][(hour > 10.1) & (hour < 13.9)].max() < 2
    assert table["stirrer_rpm"][hour < 9.9].min() > 55


def test_all_gases_together_flow_as_they_are_set(minutes):
    gases = minutes.filter(like="_l_per_min").sum(axis=1)
    assert gases.between(0.95 * GAS_L_PER_MIN, 1.05 * GAS_L_PER_MIN).all()


def test_off_gas_misses_the_oxygen_that_the_cells_took():
    """Flows and off-gas give the uptake back, within what calibrations of a batch leave."""
    batches = simulate([Recipe()] * 20)
    table = historian(batches, NEW, np.random.default_rng(9), every_min=60)
    hours = table["minute"] / 60 - 96
    grown = (hours > -20) & (hours < -1)
    inlet = (0.2095 * table["air_l_per_min"] + table["o2_l_per_min"]) / GAS_L_PER_MIN
    taken = inlet - table["offgas_o2_percent"] / 100
    uptake = taken * (GAS_L_PER_MIN * 60 / 24 * 1000) / VOLUME_L
    truth = true(batches, "our_mmol_per_l_h", table)
    share = (uptake[grown] / truth[grown]).groupby(table["batch"]).mean()
    assert share.mean() == pytest.approx(1.0, abs=0.02)
    assert share.std() < 0.05


def test_capacitance_rises_after_infection_before_it_falls(batches, minutes):
    """Swelling cells: the peak comes hours after infection, when living cells only get fewer."""
    table = first(historian(batches, NEW, np.random.default_rng(6)))
    hours = table["minute"] / 60 - 96
    peak = hours[table["capacitance_pf_per_cm"].rolling(5, center=True).mean().idxmax()]
    living = true(batches, "viable_cells_per_ml", table)
    at_peak = living[np.abs(hours - peak).argmin()]
    assert 6 < peak < 36
    assert at_peak < 0.95 * living[np.abs(hours).argmin()]


def test_capacitance_misleads_by_about_100_percent_in_the_death_phase():
    """Konakovsky et al. 2015, Sensors 15:22128: +100 % in the death phase with a linear model,
    20 % (9 to 38 %) when a calibration is carried to another batch."""
    batches = simulate([Recipe()] * 12)
    table = historian(batches, NEW, np.random.default_rng(7), every_min=60)
    hours = table["minute"].to_numpy() / 60 - 96
    living = batches.at("viable_cells_per_ml", table["batch"].to_numpy(), hours)
    viability = batches.at("viability_percent", table["batch"].to_numpy(), hours)
    growing = (hours > -90) & (hours < 0)
    teachers = table["batch"].to_numpy() < 6
    capacitance = table["capacitance_pf_per_cm"].to_numpy()
    line = np.polyfit(capacitance[growing & teachers], living[growing & teachers], 1)
    told = np.polyval(line, capacitance)
    transfer = np.abs(told / living - 1)[growing & ~teachers & (hours > -48)]
    assert 0.04 < transfer.mean() < 0.38
    dying = (hours > 0) & (viability < 50) & (viability > 15)
    assert 0.6 < (told / living - 1)[dying].mean() < 2.0


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_changes_its_tag_and_its_hours_and_nothing_else(batches, minutes, kind):
    failure = Failure(0, "pressure_mbar", kind, 10.0, 12.0, size=80.0)
    failed = historian(
        batches, NEW, np.random.default_rng(1), every_min=1, only=[0], failures=[failure]
    )
    whole = first(minutes)
    hours = whole["minute"] / 60 - 96
    inside = (hours >= 10) & (hours < 12)
    others = [name for name in failed if name != "pressure_mbar"]
    pd.testing.assert_frame_equal(failed[others], whole[others])
    pd.testing.assert_series_equal(
        failed["pressure_mbar"][~inside], whole["pressure_mbar"][~inside]
    )
    values, before = failed["pressure_mbar"][inside], whole["pressure_mbar"][inside]
    if kind == "stuck":
        assert values.nunique() == 1
    elif kind == "missing":
        assert values.isna().all()
    else:
        assert (values - before).abs().max() == 80
        assert (values != before).mean() == (1.0 if kind == "offset" else 8 / 120)


def test_a_stamped_table_has_names_and_times(batches):
    table = historian(batches, NEW, np.random.default_rng(1), every_min=60)
    starts = np.array(["2020-01-01T08:05", "2020-01-02", "2020-01-03"], dtype="datetime64[m]")
    filed = stamped(table, ["B001", "B002", "B003"], starts)
    assert list(filed)[:3] == ["batch_id", "recorded_at", "temperature_c"]
    assert filed["recorded_at"][1] == pd.Timestamp("2020-01-01 09:05")
    assert filed["batch_id"].iloc[-1] == "B003"


def test_an_old_glass_is_slower():
    recipes = [Recipe(), Recipe()]
    hours = step_hours(recipes)
    course = Course(ph_probe_error=np.where(hours >= -48, 0.2, 0.0) * np.ones((2, 1)))
    batches = run(recipes, Factors(), course)
    old = replace(NEW, ph_age_days=np.array([0.0, 3650.0]))
    table = historian(batches, old, np.random.default_rng(8), every_min=1, course=course)
    shown = table.pivot(index="minute", columns="batch", values="ph")
    just_after = shown.loc[48 * 60 : 48 * 60 + 3]
    assert just_after[0].mean() > just_after[1].mean() + 0.02


def test_wrong_input_is_told_with_what_was_expected(batches):
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match=r"every_min = 0 min; expected 1, 2, 3"):
        historian(batches, NEW, rng, every_min=0)
    with pytest.raises(ValueError, match=r"ph_error has shape \(2,\); expected .* 3 batches"):
        historian(batches, ProbeCondition(ph_error=np.zeros(2)), rng)
    with pytest.raises(ValueError, match="'pH' is unknown; expected one of"):
        Failure(0, "pH", "stuck", 0, 1)
    with pytest.raises(ValueError, match="'broken' is unknown; expected one of"):
        Failure(0, "ph", "broken", 0, 1)


def test_the_room_is_light_to_import():
    code = (
        "import sys, vaxlab.plant.instruments\n"
        "assert not {'pandas', 'scipy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
