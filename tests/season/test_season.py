"""A season: what is the same for everybody, what a policy sees, and what is said of a bad one."""

import numpy as np
import pandas as pd
import pytest

from vaxlab import season
from vaxlab.errors import CourseError
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import asking, chance, laboratory, plant

SEED = 4_322_380_479_689


@pytest.fixture(scope="module")
def history():
    """Return a season on the history's policy."""
    return season.play(season.HISTORY, [SEED])[0]


def short(monkeypatch, rounds=2):
    """Play a few rounds only."""
    monkeypatch.setattr(plant, "ROUNDS", rounds)


def test_a_season_has_sixty_batches_of_both_products_in_a_fixed_plan(history):
    record = history.record
    assert len(record) == season.BATCHES == 60
    assert (record["product"] == LIVE).sum() == 20
    assert list(record["reactor"].iloc[:3]) == list(season.REACTORS)


def test_part_way_a_new_seed_lot_is_opened_and_the_label_does_not_tell(history):
    first, last = chance.SEED_LOT_ROUNDS
    opened = history.record.groupby("seed_lot")["round"].min()
    assert len(opened) == 2
    assert first <= opened.max() <= last
    moi = season.drawn(SEED).met.handling["moi"]
    new = (history.record["seed_lot"] != history.record["seed_lot"].iloc[0]).to_numpy()
    assert abs(np.log(np.median(moi[new]) / np.median(moi[~new]))) > np.log(2)


def test_one_probe_drifts_and_no_other(history):
    drift = season.drawn(SEED).drift
    truth = history.truth.assign(round=history.record["round"], reactor=history.record["reactor"])
    drifting = truth[truth["drifts"]]
    assert set(drifting["reactor"]) == {drift.reactor}
    assert drifting["round"].min() == drift.start
    assert len(drifting) == season.ROUNDS - drift.start


def test_the_same_season_is_always_the_same_whatever_is_played_beside_it(monkeypatch):
    short(monkeypatch, 3)
    alone = season.play(season.HISTORY, [SEED])[0]
    beside = season.play(season.HISTORY, [SEED + 1, SEED])[1]
    pd.testing.assert_frame_equal(alone.record, beside.record)
    pd.testing.assert_frame_equal(alone.truth, beside.truth)


def test_a_copy_of_the_history_gains_nothing(monkeypatch):
    short(monkeypatch, 3)
    copy = season.Policy(
        experiments=lambda runs: [],
        recipe=lambda batch, record, runs: {},
        maintain=lambda batch, record: False,
        harvest=lambda batch, seen: bool(seen.index[-1] >= season.USUAL_H[batch["product"]]),
    )
    theirs, own = (season.play(p, [SEED])[0] for p in (season.HISTORY, copy))
    pd.testing.assert_frame_equal(theirs.truth, own.truth)


def test_a_policy_is_shown_nothing_that_a_plant_does_not_know(monkeypatch):
    short(monkeypatch, 2)
    shown = []

    def recipe(batch, record, runs):
        shown.append((batch, record, runs))
        return {}

    season.play(season.Policy(recipe=recipe), [SEED])
    batch, record, _ = shown[-1]
    assert list(record.columns) == season.RECORD
    assert len(record) == 3
    words = [*batch, *record.columns]
    assert not [word for word in words if "true" in word or "drift" in word or word == "seed"]
    assert SEED not in batch.values()


def test_a_check_mends_the_probe_that_drifts_and_costs_a_visit():
    one = season.drawn(SEED)
    drift = one.drift

    def maintain(batch, record):
        return batch["reactor"] == drift.reactor and batch["round"] == drift.start + 1

    played = season.play(season.Policy(maintain=maintain), [SEED])[0]
    assert played.truth["drifts"].sum() == 1
    assert played.record["checked"].sum() == 1
    usual = season.play(season.HISTORY, [SEED])[0]
    before = played.record["round"] <= drift.start
    pd.testing.assert_frame_equal(played.truth[before], usual.truth[before])


def test_a_batch_out_of_the_licence_is_called_back():
    far = {"ph": 7.4}
    played = season.play(season.Policy(recipe=lambda *_: far), [SEED])[0]
    out = ~played.truth["true_ph"].between(chance.LOW_PH, chance.HIGH_PH)
    assert out.sum() > 5
    assert (played.truth.loc[out, "worth"] == 0).all()


def test_experiments_are_twenty_and_follow_each_other(monkeypatch):
    short(monkeypatch, 1)
    seen = []

    def experiments(runs):
        seen.append(len(runs))
        return [{"product": LIVE, "growth_time_h": 100 + len(runs)}] * 5

    runs = season.play(season.Policy(experiments=experiments), [SEED])[0].runs
    assert seen == [0, 5, 10, 15]
    assert len(runs) == season.RUNS
    assert list(runs["growth_time_h"]) == [100] * 5 + [105] * 5 + [110] * 5 + [115] * 5
    assert runs["worth"].between(0.2, 4).all()
    assert runs["worth"].nunique() > 10


def test_the_laboratory_reads_what_the_plant_would_give_on_average():
    one = season.drawn(SEED)
    usual = laboratory.bench_recipe(INACTIVATED)
    rows = laboratory._tested([(one, 0, [(INACTIVATED, usual, np.nan)] * 5)])[0]
    assert 0.2 < np.mean([row["worth"] for row in rows]) < 1.6


BAD = {
    "another type in its third batch": (
        {"recipe": lambda b, *_: "warm" if b["batch"] == 3 else {}},
        "`recipe` gave 'warm' for batch 3",
    ),
    "a crash": (
        {"recipe": lambda b, *_: {"ph": 7.2} if 1 / (b["batch"] - 4) else {}},
        "stopped for batch 4: ZeroDiv",
    ),
    "an unknown set point": ({"recipe": lambda *_: {"warmth": 3}}, "'warmth' is none of"),
    "a harvest in the recipe": (
        {"recipe": lambda *_: {"infection_duration_h": 50}},
        "'infection_duration_h' is none of",
    ),
    "out of the licence": ({"recipe": lambda *_: {"ph": 8.0}}, "licensed for 7 to 7.4"),
    "NaN": ({"recipe": lambda *_: {"ph": np.nan}}, "licensed for 7 to 7.4"),
    "a profile": ({"recipe": lambda *_: {"ph": ((0, 7.2),)}}, "no profile"),
    "a number for a flag": ({"maintain": lambda *_: 1}, "`maintain` gave 1 for batch 0"),
    "nothing for a flag": ({"harvest": lambda *_: None}, "`harvest` gave None for batch 0 at 46"),
    "six experiments": ({"experiments": lambda runs: [{"product": LIVE}] * 6}, "list of up to 5"),
    "no product": ({"experiments": lambda runs: [{"moi": 1e-4}]}, "'product' should be"),
    "a number of experiments": ({"experiments": lambda runs: 3}, "`experiments` gave 3"),
    "no function": ({"recipe": {"ph": 7.2}}, "expected a function"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_policy_that_misbehaves_is_told_in_a_sentence(what, monkeypatch):
    short(monkeypatch, 2)
    functions, says = BAD[what]
    with pytest.raises(CourseError) as told:
        season.play(season.Policy(**functions), [SEED])
    assert says in str(told.value)


def test_a_policy_that_thinks_too_long_is_stopped(monkeypatch):
    short(monkeypatch, 2)
    monkeypatch.setattr(asking, "LIMIT_S", 0.05)

    def slow(batch, record):
        import time

        time.sleep(0.03)
        return False

    with pytest.raises(CourseError, match="thought for more than"):
        season.play(season.Policy(maintain=slow), [SEED])


@pytest.mark.parametrize("seed", [-1, 1.5, "a"])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises((ValueError, TypeError)):
        season.drawn(seed)


def test_what_a_policy_writes_into_what_it_is_given_changes_nothing(monkeypatch):
    short(monkeypatch, 2)

    def recipe(batch, record, runs):
        batch.clear()
        record.loc[:, "ph_gap"] = 9.0
        return {}

    own = season.play(season.Policy(recipe=recipe), [SEED])[0]
    pd.testing.assert_frame_equal(own.record, season.play(season.HISTORY, [SEED])[0].record)
