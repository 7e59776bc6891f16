"""Histories as somebody asks for them: any length, own set points, faults where they are wanted."""

import math

import numpy as np
import pandas as pd
import pytest

from vaxlab.errors import CourseError
from vaxlab.plant import Recipe, campaign, variables
from vaxlab.plant.faults import FAULTS, OF_BATCHES, Forced
from vaxlab.plant.recipe import LIMITS

pytestmark = pytest.mark.filterwarnings("error")

OF_COURSE = [name for name in OF_BATCHES if FAULTS[name].onset_h is not None]


def truth(made):
    return made.truth["batches"]


@pytest.mark.parametrize("n", [1, 2, 5, 13])
def test_a_history_of_any_length_has_all_tables(n):
    made = campaign.run(n % 3, n)
    tables = made.tables
    assert len(tables["batches"]) == len(truth(made)) == n
    assert set(tables["samples_tidy"]["batch_id"]) == set(tables["batches"]["batch_id"])
    assert tables["historian"]["batch_id"].nunique() == n
    assert tables["spectra"]["batch_id"].nunique() == min(n, campaign.SPECTRA_BATCHES)
    assert list(tables["variables"]) == list(variables.MEANING)
    assert len(tables["variables"]) == n
    assert not any(tables[name].empty for name in tables if name != "deviations")
    record = tables["batches"]
    assert (record["started_at"] < record["infected_at"]).all()


def test_a_long_history_keeps_the_order_of_its_batches():
    made = campaign.run(4, 1001, sound=True)
    ids = made.tables["batches"]["batch_id"]
    assert ids.is_monotonic_increasing
    record = made.tables["batches"]["ha_at_harvest_log10_per_100ul"]
    true_ha = truth(made)["ha_at_harvest_log10_per_100ul"]
    assert (record - true_ha).std() < 1.2 * campaign.HA_SD_LOG10


def test_a_line_makes_as_many_batches_a_year_whatever_its_history_s_length():
    for n in (20, 70):
        started = campaign.run(1, n).tables["batches"]["started_at"]
        days = (started.iloc[-1] - started.iloc[0]) / pd.Timedelta(days=1)
        assert days == pytest.approx((n - 1) * campaign.DAYS_A_BATCH, abs=8)


def test_what_is_asked_for_is_remembered_however_it_is_written():
    one = campaign.run(1, 5, set_points={"moi": 0.05, "ph": 7.2})
    assert campaign.run(1, 5, set_points={"ph": [7.2] * 5, "moi": np.full(5, 0.05)}) is one
    assert campaign.run(np.int64(1), n_batches=5, set_points={"moi": 0.05, "ph": 7.2}) is one
    assert campaign.run(1, 5) is campaign.run(1, 5, forced=[], set_points={})
    assert campaign.run(1, 5) is not one


def test_set_points_hold_for_all_batches_or_each_and_leave_the_others_alone():
    shares = [0.2, 0.4, 0.0, 0.1]
    made = campaign.run(
        2, 4, set_points={"infection_temperature_c": 35.0, "feed_mmol_per_l_h": shares}
    )
    plain = campaign.run(2, 4)
    record, usual = made.tables["batches"], plain.tables["batches"]
    assert (record["infection_temperature_c"] == 35.0).all()
    assert record["feed_mmol_per_l_h"].tolist() == shares
    same = ["started_at", "reactor", "serum_lot", "moi", "carrier_g_per_l", "ph"]
    pd.testing.assert_frame_equal(record[same], usual[same])
    done = made.made.batches.recipes
    assert [recipe.feed_mmol_per_l_h for recipe in done] == shares
    feed = made.tables["historian"].groupby("batch_id")["feed_total_ml"].max()
    assert (np.diff(feed.to_numpy()[[2, 3, 0, 1]]) > 0).all()


def test_every_set_point_may_lie_anywhere_in_its_limits():
    """Three batches for each: at the lower limit, in the middle, at the upper limit."""
    n = 3 * len(LIMITS)
    asked = {}
    for k, (name, limit) in enumerate(LIMITS.items()):
        asked[name] = np.full(n, getattr(Recipe(), name))
        asked[name][3 * k : 3 * k + 3] = limit.low, (limit.low + limit.high) / 2, limit.high
    made = campaign.run(6, n, set_points=asked)
    assert np.isfinite(truth(made)["true_doses"]).all()
    assert len(made.tables["variables"]) == n


def test_times_that_are_asked_for_are_kept_by_a_crew_that_is_as_late_as_ever():
    asked = {"growth_time_h": 48.0, "infection_duration_h": [40.0, 50.0, 100.0]}
    record = campaign.run(3, 3, set_points=asked, sound=True).tables["batches"]
    usual = campaign.run(3, 3, sound=True).tables["batches"]
    for (a, b), less in (
        (("started_at", "infected_at"), campaign.GROWTH_H - 48.0),
        (("infected_at", "harvested_at"), campaign.INFECTION_H - np.array([40.0, 50.0, 100.0])),
    ):
        hours, before = ((t[b] - t[a]) / pd.Timedelta(hours=1) for t in (record, usual))
        np.testing.assert_allclose(before - hours, less, atol=1e-6)
    tidy = campaign.run(3, 3, set_points=asked, sound=True).tables["samples_tidy"]
    honest = tidy.merge(record, on="batch_id")
    assert (honest["sampled_at"] >= honest["started_at"]).all()
    assert (honest["sampled_at"] <= honest["harvested_at"]).all()


def test_a_forced_fault_of_any_kind_is_there_and_changes_no_other_batch():
    """Every second batch gets one."""
    n = 2 * len(OF_BATCHES)
    forced = [Forced(2 * k, name, None, 0.7) for k, name in enumerate(OF_BATCHES)]
    made, calm = campaign.run(8, n, forced=forced, sound=True), campaign.run(8, n, sound=True)
    told, usual = truth(made), truth(calm)
    assert told["fault_id"].tolist() == [part for name in OF_BATCHES for part in (name, "")]
    assert (told["fault_severity"][::2] == 0.7).all()
    for column in ("true_doses", "ha_at_harvest_log10_per_100ul"):
        np.testing.assert_allclose(told[column][1::2], usual[column][1::2], rtol=1e-9)
    assert (np.abs(told["true_doses"] / usual["true_doses"] - 1)[::2] > 1e-4).all()
    of_course = told["fault_id"].isin(OF_COURSE)
    assert (told["fault_onset_h"] < told["fault_until_h"])[of_course].all()
    assert told.loc[~of_course, ["fault_onset_h", "fault_until_h"]].isna().all(axis=None)


def test_forced_faults_come_beside_those_of_chance_unless_the_rest_shall_be_sound():
    forced = (Forced(3, "F2", 20.0, 0.5, hours=7.0), Forced(9, "F5", 30.0, 1.0))
    beside = truth(campaign.run(3, 120, forced=forced))
    run = campaign.run(3, 120, forced=forced, sound=True)
    alone = truth(run)
    chance = truth(campaign.run(3, 120))
    kept = ~beside.index.isin([3, 9])
    assert (beside["fault_id"] == chance["fault_id"])[kept].all()
    assert (beside["fault_id"] != "").sum() > 4
    assert np.flatnonzero(alone["fault_id"] != "").tolist() == [3, 9]
    assert alone.loc[3, ["fault_onset_h", "fault_until_h"]].tolist() == [20.0, 27.0]
    # Nothing ends it but the harvest.
    infection = run.tables["batches"].loc[9, ["infected_at", "harvested_at"]]
    harvest_h = (infection["harvested_at"] - infection["infected_at"]) / pd.Timedelta(hours=1)
    assert alone["fault_until_h"][9] == pytest.approx(harvest_h)
    assert alone["fault_until_h"].isna().sum() == 118


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"onset_h": -120.0}, r"onset_h = -120 h.*outside of the batch; expected -9\d\.\d to "),
        ({"onset_h": 90.0}, "onset_h = 90 h.*outside of the batch.*harvest"),
        ({"onset_h": math.nan}, "onset_h = nan.*hours after infection"),
        ({"hours": -2.0}, "hours = -2.0; expected more than 0 h"),
        ({"hours": math.nan}, "hours = nan; expected more than 0 h"),
        ({"severity": 1.5}, "severity = 1.5; expected 0 .* to 1"),
        ({"severity": math.nan}, "severity = nan"),
        ({"sign": 0.0}, "sign = 0.0; expected -1 or 1"),
        ({"batch": 4}, "batch = 4; expected a whole number from 0 to 3"),
        ({"batch": -1}, "batch = -1"),
        ({"fault": "F22"}, "no such fault; the nearest one is 'F2', oxygen supply fails"),
        ({"fault": "F14"}, "happens to data, not to batches"),
        ({"fault": "F15"}, "happens to data, not to batches"),
        ({"fault": "F7"}, "onset_h = 12.0 h.*no meaning for MOI wrong"),
        ({"fault": "F16"}, "virus is late from hour 0 on"),
        ({"fault": "F16", "onset_h": None, "hours": 90.0}, "after the harvest at"),
        ({"fault": "F3", "sign": -1.0}, "feed pump stops, and this batch has no feed"),
    ],
)
def test_a_fault_that_cannot_be_is_told_with_what_could(wrong, says):
    given = {"batch": 1, "fault": "F2", "onset_h": 12.0, "severity": 0.5} | wrong
    with pytest.raises(CourseError, match=says):
        campaign.run(0, 4, forced=[Forced(**given)], set_points={"feed_mmol_per_l_h": 0.0})


def test_a_batch_has_one_fault_at_the_most_and_faults_are_faults():
    twice = [Forced(1, "F2", 12.0, 0.5), Forced(1, "F9", None, 0.5)]
    with pytest.raises(CourseError, match=r"more than one fault to batches \[1\]"):
        campaign.run(0, 4, forced=twice)
    with pytest.raises(CourseError, match=r"forced holds 'F2'; expected faults\.Forced"):
        campaign.run(0, 4, forced="F2")


def test_a_feed_pump_can_stop_where_there_is_a_feed():
    stop = Forced(1, "F3", -40.0, 0.5, hours=30.0, sign=-1.0)
    made = campaign.run(0, 2, forced=[stop], sound=True, set_points={"feed_mmol_per_l_h": 0.4})
    table = made.tables["historian"]
    infected = made.tables["batches"].set_index("batch_id")["infected_at"]
    hours = (table["recorded_at"] - infected[table["batch_id"]].to_numpy()) / pd.Timedelta("1h")
    still = table[hours.between(-39, -11)].groupby("batch_id")["feed_total_ml"]
    grown = still.max() - still.min()
    assert grown["B001"] > 200
    assert grown["B002"] < 15


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"moi": 50.0},
            "moi = 50.0 infectious virions per cell; expected a number from 1e-07 to 20",
        ),
        (
            {"ph": [7.2, 7.2, 9.0, 7.2]},
            "ph = 9.0 pH for batch 2; expected a number from 6.2 to 8 pH",
        ),
        ({"do_percent": math.nan}, "do_percent = nan % air saturation"),
        ({"glucose_mmol_per_l": "much"}, "glucose_mmol_per_l = 'much' mmol/L"),
        ({"ph": True}, "ph = True"),
        ({"growth_temperature_c": ((-96, 37), (-24, 35))}, "has 2 values for 4 batches"),
        ({"temperature": 37.0}, "no set point 'temperature'; the nearest one is"),
        ({"ph": [7.2, 7.1]}, "ph has 2 values for 4 batches; expected one number for all, or 4"),
        ([("ph", 7.2)], "expected a dict of set points"),
    ],
)
def test_a_set_point_that_cannot_be_is_told_with_what_could(wrong, says):
    with pytest.raises(CourseError, match=says):
        campaign.run(0, 4, set_points=wrong)
