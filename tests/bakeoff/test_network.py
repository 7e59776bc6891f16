"""The deep network of PyTorch, beyond what every estimator must do."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vaxlab.bakeoff import TorchClassifier


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(400, noise=0.2, random_state=0)
    return X[:200], y[:200], X[200:], y[200:]


def test_it_bends_where_a_straight_line_cannot(moons):
    X, y, unseen, truth = moons
    areas = [
        roc_auc_score(truth, model.fit(X, y).predict_proba(unseen)[:, 1])
        for model in (TorchClassifier(), LogisticRegression())
    ]
    assert areas[0] > 0.98 > areas[1]


def test_training_lowers_the_loss_from_that_of_a_guess(moons):
    loss = TorchClassifier().fit(*moons[:2]).loss_curve_
    assert loss[0] == pytest.approx(np.log(2), abs=0.2)
    assert loss[-1] < loss[0] / 2


def test_the_same_seed_gives_the_same_network_and_another_seed_another(moons):
    X, y, unseen, _ = moons
    first, again, other = (
        clone(TorchClassifier(random_state=seed)).fit(X, y).predict_proba(unseen)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_training_leaves_the_dice_of_the_notebook_alone(moons):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    TorchClassifier(epochs=2).fit(*moons[:2])
    assert torch.rand(1) == expected


def test_more_decay_makes_smaller_weights(moons):
    sizes = [
        sum(np.square(w).sum() for w in TorchClassifier(weight_decay=d).fit(*moons[:2]).weights_)
        for d in (0.0, 1.0, 10.0)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


def test_without_hidden_layers_it_is_a_straight_line(moons):
    X, y, unseen, _ = moons
    flat = TorchClassifier(hidden=(), weight_decay=0.0, learning_rate=0.1, epochs=500)
    line = LogisticRegression(C=np.inf)
    np.testing.assert_allclose(
        flat.fit(X, y).predict_proba(unseen), line.fit(X, y).predict_proba(unseen), atol=0.01
    )


def test_a_grid_search_tunes_it_within_a_pipeline(moons):
    X, y, unseen, truth = moons
    pipeline = make_pipeline(StandardScaler(), TorchClassifier(epochs=50))
    search = GridSearchCV(pipeline, {"torchclassifier__weight_decay": [0.1, 1000.0]}, cv=3)
    assert search.fit(X, y).score(unseen, truth) > 0.85
    assert search.best_params_ == {"torchclassifier__weight_decay": 0.1}


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"hidden": (4, 0)}])
def test_what_cannot_be_trained_is_refused(wrong, moons):
    with pytest.raises(ValueError, match="give 1 or more"):
        TorchClassifier(**wrong).fit(*moons[:2])
