"""The seed train: young cells, well timed and soon used, are the best."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vaxlab.plant import Recipe, campaign, making, seedtrain
from vaxlab.plant.batch import Factors, run
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.seedtrain import inoculum


def test_young_well_timed_cells_are_nominal_after_the_usual_wait():
    best = inoculum(5, VALUES["age_best"], VALUES["hold_mean"])
    assert (best.growth, best.attachment, best.inoculum) == (1.0, 1.0, 1.0)


def test_every_further_passage_wrong_age_and_hour_of_waiting_costs():
    old = inoculum(np.array([12, 15, 20]), 84.0, 0.0)
    assert (np.diff(old.growth) < 0).all()
    ages = inoculum(5, np.array([36.0, 60.0, 84.0, 108.0, 132.0]), 0.0)
    assert ages.attachment.argmax() == 2
    waited = inoculum(5, 84.0, np.array([0.5, 2.0, 8.0]))
    assert (np.diff(waited.viability_percent) < 0).all()


def test_a_long_wait_before_inoculation_leaves_fewer_cells_to_infect():
    hours = np.array([0.5, 8.0])
    cells = inoculum(5, 84.0, hours)
    factors = Factors(growth=cells.growth, attachment=cells.attachment, inoculum=cells.inoculum)
    batches = run([Recipe()] * 2, factors)
    first, second = batches.at_infection["attached_cells_per_ml"]
    assert second < 0.95 * first


@pytest.mark.parametrize("wrong", [{"hold_h": -1.0}, {"age_h": np.nan}])
def test_what_is_negative_or_no_number_is_named(wrong):
    given = {"passage": 5, "age_h": 84.0, "hold_h": 1.0} | wrong
    with pytest.raises(ValueError, match=next(iter(wrong))):
        inoculum(**given)


def test_a_history_s_cells_are_young_but_for_runs_of_vials_of_an_old_bank():
    old_share, sd = [], []
    for seed in range(20):
        passage, age_h = seedtrain.draw(np.random.default_rng(seed), 360)
        old = seedtrain.of_old_bank(passage)
        assert passage.min() >= 5
        assert passage.max() <= 16
        assert passage[~old].max() <= 9
        changes = np.flatnonzero(np.diff(old.astype(int)))
        assert len(changes) <= 0.03 * 360
        old_share.append(old.mean())
        sd.append(age_h.std())
        assert (np.round(age_h * 12, 6) % 1 == 0).all()
        assert np.abs(age_h - VALUES["age_best"]).max() <= 25
    assert np.mean(old_share) == pytest.approx(0.1, abs=0.02)
    assert np.mean(sd) == pytest.approx(10.0, rel=0.06)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_a_few_batches_get_cells_too(n):
    for seed in range(10):
        passage, age_h = seedtrain.draw(np.random.default_rng(seed), n)
        assert passage.shape == age_h.shape == (n,)


def test_their_effects_are_moderate():
    passage, age_h = seedtrain.draw(np.random.default_rng(1), 2000)
    cells = inoculum(passage, age_h, VALUES["hold_mean"])
    assert 0.04 < np.std(cells.growth) < 0.07
    assert 0.01 < np.std(cells.attachment) < 0.03
    assert np.mean(cells.growth) > 0.92
    assert np.mean(cells.attachment) > 0.97


@pytest.fixture(scope="module")
def history():
    return campaign.run(4, 60)


def test_the_records_show_the_very_cells_that_the_batches_were_made_with(history):
    tables, met = history.tables, history.circumstances
    assert (tables["genealogy"]["passage"].to_numpy() == met.passage).all()
    last = tables["seed_train"][tables["seed_train"]["stage"] == "N-1"]
    age = (last["detached_at"] - last["seeded_at"]) / pd.Timedelta(hours=1)
    np.testing.assert_allclose(age, met.age_h, atol=1e-9)
    wait = tables["batches"]["started_at"].to_numpy() - last["detached_at"].to_numpy()
    np.testing.assert_allclose(wait / np.timedelta64(1, "h"), met.hold_h, atol=1e-9)
    expected = inoculum(met.passage, met.age_h, met.hold_h).viability_percent
    error = last["viability_percent"].to_numpy() - expected
    assert error.std() == pytest.approx(1.0, rel=0.3)
    assert np.corrcoef(last["viability_percent"], met.hold_h)[0, 1] < -0.9
    banks = tables["genealogy"]["cell_bank"].str.startswith("WCB-0")
    assert (banks.to_numpy() == seedtrain.of_old_bank(met.passage)).all()


def test_cells_of_one_vial_come_from_one_bank_and_few_from_the_old_one():
    genealogy = campaign.run(campaign.HISTORY_SEED).tables["genealogy"]
    vial = np.arange(len(genealogy)) // int(VALUES["vial_batches"])
    assert (genealogy.groupby(vial)["cell_bank"].nunique() == 1).all()
    assert genealogy["cell_bank"].str.startswith("WCB-0").mean() < 0.2


def test_a_batch_s_factors_hold_what_its_cells_went_through_once(history):
    met = history.circumstances
    young = replace(met, passage=5 * np.ones(60), age_h=np.full(60, 84.0))
    had, without = making.factors(met), making.factors(young)
    cells, best = (inoculum(c.passage, c.age_h, c.hold_h) for c in (met, young))
    for name in making.SEED_FACTORS:
        share = getattr(cells, name) / getattr(best, name)
        np.testing.assert_allclose(
            getattr(had, name) / getattr(without, name), share, rtol=1e-12, err_msg=name
        )
    later = replace(young, hold_h=young.hold_h + 1.0)
    for name in making.SEED_FACTORS:
        left = getattr(making.factors(later), name) / getattr(without, name)
        np.testing.assert_allclose(left, np.exp(-VALUES[f"hold_{name}"]), rtol=1e-12)


def test_old_cells_cost_doses(history):
    met = history.circumstances
    recipes = [Recipe()] * 60
    old = making.make(recipes, replace(met, passage=np.full(60, 16)))
    young = making.make(recipes, replace(met, passage=np.full(60, 5)))
    sound = met.faults.fault == ""
    assert (old.purified.doses < young.purified.doses)[sound].mean() > 0.9
    cells = "attached_cells_per_ml"
    assert (old.batches.at_infection[cells] < young.batches.at_infection[cells]).all()
