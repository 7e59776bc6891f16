"""The projective likelihood, and decorrelation in front of it."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from vaxlab.bakeoff import Decorrelate, ProjectiveLikelihood


@pytest.mark.parametrize("pdf", ["kde", "histogram"])
def test_densities_are_densities(pdf, events):
    likelihood = ProjectiveLikelihood(pdf=pdf).fit(*events)
    cell = likelihood.grid_[:, 1] - likelihood.grid_[:, 0]
    areas = np.exp(likelihood.log_pdf_).sum(axis=2) * cell
    np.testing.assert_allclose(areas, 1.0)


@pytest.mark.parametrize(("pdf", "off"), [("kde", 0.02), ("histogram", 0.05)])
def test_with_many_events_a_density_is_the_true_one(pdf, off):
    X = np.random.default_rng(0).normal(size=(40_000, 1))
    likelihood = ProjectiveLikelihood(pdf=pdf).fit(X, np.arange(len(X)) % 2)
    at = np.linspace(-2, 2, 9)
    density = np.exp(np.interp(at, likelihood.grid_[0], likelihood.log_pdf_[0, 0]))
    np.testing.assert_allclose(density, norm.pdf(at), atol=off)


def test_two_humps_are_told_from_the_dip_between():
    rng = np.random.default_rng(0)
    signal = np.concatenate([rng.normal(-3, 0.5, 200), rng.normal(3, 0.5, 200)])
    X = np.concatenate([rng.normal(0, 0.5, 400), signal])[:, None]
    likelihood = ProjectiveLikelihood().fit(X, np.repeat([0, 1], 400))
    assert likelihood.predict([[-3.0], [0.0], [3.0]]).tolist() == [1, 0, 1]


def test_priors_move_the_probabilities_and_not_their_order(events):
    X, y = events
    even = ProjectiveLikelihood(priors=[0.5, 0.5]).fit(X, y).predict_proba(X)[:, 1]
    rare = ProjectiveLikelihood(priors=[0.99, 0.01]).fit(X, y).predict_proba(X)[:, 1]
    assert (rare < even).all()
    assert (np.argsort(rare) == np.argsort(even)).mean() > 0.99


def test_values_never_seen_get_a_probability(events):
    X, y = events
    far = ProjectiveLikelihood().fit(X, y).predict_proba(X.head(1) * 0 + 1e6)
    assert np.isfinite(far).all()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"pdf": "spline"}, "choose 'kde' or 'histogram'"),
        ({"bins": 1}, "at least 2"),
        ({"bandwidth": 0}, "positive"),
        ({"priors": [1.0]}, "2 positive numbers"),
    ],
)
def test_a_wrong_parameter_is_named(parameters, words, events):
    with pytest.raises(ValueError, match=words):
        ProjectiveLikelihood(**parameters).fit(*events)


@pytest.fixture
def correlated() -> tuple[np.ndarray, np.ndarray]:
    """Two variables that tell the classes apart only together."""
    rng = np.random.default_rng(0)
    y = np.arange(1000) % 2
    common = rng.normal(size=1000)
    return np.column_stack([common + 0.3 * y, common + 0.1 * rng.normal(size=1000)]), y


def test_decorrelated_variables_have_no_correlation(correlated):
    white = Decorrelate().fit_transform(correlated[0])
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(2), atol=1e-9)


def test_within_classes_the_classes_keep_their_distance(correlated):
    X, y = correlated
    white = Decorrelate(within_classes=True).fit_transform(X, y)
    within = sum(np.cov(white[y == label].T, bias=True) for label in (0, 1)) / 2
    np.testing.assert_allclose(within, np.eye(2), atol=1e-9)


def test_a_decorrelated_variable_stays_nearest_to_its_own(correlated):
    X = np.random.default_rng(0).normal(size=(500, 3)) @ [[1, 0.4, 0], [0, 1, 0.4], [0, 0, 1]]
    together = np.corrcoef(X.T, Decorrelate().fit_transform(X).T)[:3, 3:]
    assert (together.argmax(axis=1) == [0, 1, 2]).all()


def test_a_variable_that_is_the_sum_of_others_is_survived(correlated):
    X = np.column_stack([correlated[0], correlated[0].sum(axis=1), np.ones(1000)])
    assert np.abs(Decorrelate().fit_transform(X)).max() < 100


def test_decorrelation_gives_the_likelihood_what_it_lacks(correlated):
    X, y = correlated
    plain = ProjectiveLikelihood().fit(X, y)
    helped = make_pipeline(Decorrelate(within_classes=True), ProjectiveLikelihood()).fit(X, y)
    areas = [roc_auc_score(y, model.predict_proba(X)[:, 1]) for model in (plain, helped)]
    assert areas[1] > areas[0] + 0.2
