"""The plant on somebody's policy: doses against the history's, and rules that misbehave."""

import numpy as np
import pandas as pd
import pytest

from vaxlab.errors import CourseError
from vaxlab.plant import Recipe
from vaxlab.plant.deploy import HARVEST_HOURS, STOPPED, Policy, deploy

N = 40
BETTER = {
    "infection_temperature_c": 36.0,
    "infection_duration_h": 48.0,
    "trypsin_bu_per_ml": 7.0,
    "capture_conductivity_ms_per_cm": 5.0,
}


@pytest.fixture(scope="module")
def as_before():
    return deploy(Policy(), n_batches=N)


@pytest.fixture(scope="module")
def better():
    return deploy(Policy(recipe=lambda known: BETTER), n_batches=N)


def test_the_historys_policy_gains_nothing_at_all(as_before):
    table = as_before.batches
    assert (table["gained"] == 0).all()
    assert (table["doses"] == table["history_doses"]).all()
    assert as_before.summary()["gained_percent"] == 0


def test_both_policies_meet_the_same_lots_hands_and_luck(as_before, better):
    same = ["history_doses", "history_reason", "history_harvest_h"]
    pd.testing.assert_frame_equal(as_before.batches[same], better.batches[same])
    assert np.corrcoef(better.batches["doses"], better.batches["history_doses"])[0, 1] > 0.5


def test_pairing_makes_the_interval_narrow(better):
    table, summary = better.batches, better.summary()
    unpaired = 2 * np.sqrt(N * (table["doses"].var() + table["history_doses"].var()))
    paired = (summary["high_percent"] - summary["low_percent"]) / 200
    assert paired < 0.8 * unpaired / table["history_doses"].sum()
    assert summary["low_percent"] < summary["gained_percent"] < summary["high_percent"]


def test_a_recipe_of_warmer_minds_gains_much(better):
    """Cooler infection, earlier harvest, more trypsin, right conductivity: +40 % and more."""
    assert better.summary()["low_percent"] > 25


def test_a_deployment_is_the_same_for_the_same_seed_and_another_for_another(better):
    again = deploy(Policy(recipe=lambda known: BETTER), n_batches=N)
    pd.testing.assert_frame_equal(better.batches, again.batches)
    other = deploy(Policy(recipe=lambda known: BETTER), n_batches=N, seed=2)
    assert not other.batches.equals(better.batches)


def test_a_whole_recipe_may_be_returned_and_what_is_known_may_be_used():
    met = []

    def recipe(known):
        met.append(known)
        return Recipe(moi=0.01 if known["recipe_moi"] > 0.02 else 0.02)

    deploy(Policy(recipe=recipe), n_batches=10)
    assert len(met) == 10
    for name in ("coa_serum_growth_promotion", "calendar_ph_calibrated_days", "seed_lot"):
        assert name in met[0]
    assert not any("factor" in name or "fault" in name or "error" in name for name in met[0])


def test_an_alarm_sees_only_what_has_been_and_costs_a_little():
    seen_last = []

    def alarm(known, seen):
        seen_last.append(seen["hours_after_infection"].iloc[-1])
        return len(seen_last) % 18 == 8

    ran = deploy(Policy(alarm=alarm), n_batches=10)
    assert max(seen_last) <= 60
    table = ran.batches
    called = table["alarm_h"].notna()
    assert called.any()
    assert table.loc[~called, "gained"].abs().max() < 1e-9
    assert table.loc[called, "gained"].min() > -0.011 * table["history_doses"].max()


def test_a_batch_that_is_given_up_has_no_doses_a_reason_and_frees_its_reactor():
    ran = deploy(Policy(alarm=lambda known, seen: "stop"), n_batches=10)
    table = ran.batches
    assert (table["doses"] == 0).all()
    assert (table["reason"] == STOPPED).all()
    assert (table["reactor_h"] < table["history_reactor_h"] - 100).all()


def test_a_harvest_rule_decides_when_and_the_last_hour_is_the_end():
    ran = deploy(Policy(harvest=lambda known, seen: False), n_batches=10)
    assert (ran.batches["harvest_h"] == HARVEST_HOURS[-1]).all()

    def at_45(known, seen):
        return bool(seen["hours_after_infection"].iloc[-1] > 44.5)

    ran = deploy(Policy(harvest=at_45), n_batches=10)
    assert (ran.batches["harvest_h"] == 45).all()
    assert ran.summary()["gained_percent"] > 10


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"recipe": lambda known: known["nope"]}, r"recipe rule stopped at batch 0: KeyError"),
        ({"recipe": lambda known: 7}, r"recipe rule returned 7 for batch 0; expected a Recipe"),
        (
            {"recipe": lambda known: {"ph": 9}},
            r"set ph = 9 pH for batch 0; .* licensed for 7 to 7.4 pH",
        ),
        ({"recipe": lambda known: {"ph": np.nan}}, r"set ph = nan"),
        ({"recipe": lambda known: {"ph": "7.2"}}, r"set ph = '7.2'"),
        ({"recipe": lambda known: {"temp": 3}}, r"unknown set point 'temp'"),
        ({"recipe": lambda known: {"ph": ((0, 7.2), (5,))}}, r"recipe rule"),
        ({"alarm": lambda known, seen: 3.0}, r"alarm rule returned 3.0 for batch 0 at -72 h"),
        ({"alarm": lambda known, seen: seen["ph"] > 7}, r"alarm rule returned 0"),
        ({"alarm": lambda known: True}, r"alarm rule stopped at batch 0: TypeError"),
        ({"harvest": lambda known, seen: "x"}, r"harvest rule returned 'x' for batch 0 at 36 h"),
        ({"harvest": lambda known, seen: seen["a"]}, r"harvest rule stopped at batch 0: KeyError"),
        ({"harvest": 5}, r"harvest rule is 5; expected a function"),
    ],
)
def test_a_rule_that_misbehaves_is_told_in_a_sentence(rules, says):
    with pytest.raises(CourseError, match=says):
        deploy(Policy(**rules), n_batches=10)


@pytest.mark.parametrize(
    ("policy", "n", "says"),
    [
        ("harvest early", 10, "expected Policy"),
        (Policy(), 3, "n_batches = 3"),
        (Policy(), 10.5, "n_batches"),
    ],
)
def test_something_that_is_no_policy_is_told(policy, n, says):
    with pytest.raises(CourseError, match=says):
        deploy(policy, n_batches=n)


@pytest.mark.parametrize("seed", [-1, "x", np.nan])
def test_what_is_no_seed_is_told(seed):
    with pytest.raises(CourseError, match=r"deploy: seed = .*; expected a whole number from 0 on"):
        deploy(Policy(), n_batches=10, seed=seed)
