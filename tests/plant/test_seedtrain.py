"""The seed train: young cells, well timed and soon used, are the best."""

import numpy as np
import pytest

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, run
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.seedtrain import expand, inoculum


def test_young_well_timed_and_promptly_used_cells_are_nominal():
    best = inoculum(5, VALUES["age_best"], 0.0)
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


def test_a_vessel_fills_and_never_holds_more_than_its_area():
    hours = np.array([0.0, 24.0, 72.0, 500.0])
    cells = expand(1e6, 75.0, hours)
    assert cells[0] == pytest.approx(1e6)
    assert (np.diff(cells) > 0).all()
    assert cells[-1] <= VALUES["sigma"] * 75.0
