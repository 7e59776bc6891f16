"""Rectangular cuts."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from vaxlab.bakeoff import RectangularCuts


@pytest.fixture
def corner() -> tuple[pd.DataFrame, np.ndarray]:
    """Signal in a corner of the square, background everywhere."""
    rng = np.random.default_rng(0)
    background = rng.uniform(size=(2000, 3))
    signal = background[:1000] * [0.3, 0.4, 1.0] + [0.7, 0.0, 0.0]
    X = pd.DataFrame(np.vstack([background, signal]), columns=["moi", "ph", "nothing"])
    return X, np.repeat([0, 1], [2000, 1000])


def test_the_box_is_where_the_signal_is(corner):
    X, y = corner
    box = RectangularCuts(background_efficiency=0.12).fit(X, y).box()
    assert box.loc["moi", "lower"] == pytest.approx(0.7, abs=0.03)
    assert box.loc["ph", "upper"] == pytest.approx(0.4, abs=0.03)
    assert "nothing" not in box.index


@pytest.mark.parametrize("efficiency", [0.01, 0.1, 0.3, 0.9])
def test_the_box_of_predict_lets_pass_what_was_asked_for(efficiency, events):
    X, y = events
    cuts = RectangularCuts(background_efficiency=efficiency).fit(X, y)
    passed = cuts.predict(X)[~y].mean()
    assert passed == pytest.approx(efficiency, abs=0.05)


@pytest.mark.parametrize("efficiency", [0.03, 0.1, 0.5])
def test_predict_and_the_table_of_bounds_tell_the_same(efficiency, events):
    X, y = events
    cuts = RectangularCuts(background_efficiency=efficiency).fit(X, y)
    inside = (X.gt(cuts.lower_) & X.lt(cuts.upper_)).all(axis=1)
    assert (cuts.predict(X) == inside).all()
    assert cuts.box().equals(cuts.box(efficiency))


def test_boxes_nest(corner):
    X, y = corner
    cuts = RectangularCuts().fit(X, y)
    boxes = [cuts.box(efficiency).reindex(X.columns) for efficiency in (0.5, 0.2, 0.1)]
    for outer, inner in itertools.pairwise(boxes):
        assert not (inner["lower"] < outer["lower"]).any()
        assert not (inner["upper"] > outer["upper"]).any()


def test_cuts_find_no_less_than_the_best_single_cut(events):
    X, y = events
    cuts = RectangularCuts().fit(X, y)
    assert roc_auc_score(y, cuts.decision_function(X)) > roc_auc_score(y, X["strong"]) - 0.01


def test_cuts_do_not_depend_on_units_or_on_the_sign_of_a_variable(events):
    X, y = events
    other = X * [1000.0, -1.0, 0.01]
    one = RectangularCuts().fit(X, y).decision_function(X)
    two = RectangularCuts().fit(other, y).decision_function(other)
    np.testing.assert_allclose(one, two)


def test_equal_values_stay_or_go_together():
    X = np.repeat([[0.0], [1.0], [2.0]], 50, axis=0)
    y = np.repeat([0, 1, 1], 50)
    cuts = RectangularCuts(background_efficiency=0.01).fit(X, y)
    assert cuts.predict(X).tolist() == y.tolist()


def test_variables_that_tell_nothing_leave_the_box_open():
    cuts = RectangularCuts().fit(np.ones((20, 2)), np.arange(20) % 2)
    assert cuts.box().empty
    assert cuts.predict(np.ones((3, 2))).tolist() == [1, 1, 1]


@pytest.mark.parametrize("parameters", [{"background_efficiency": 0}, {"step": 1.5}])
def test_a_share_outside_0_and_1_is_named(parameters, events):
    with pytest.raises(ValueError, match=f"{next(iter(parameters))} = .*between 0 and 1"):
        RectangularCuts(**parameters).fit(*events)
