"""What is read off a response."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

from vaxlab.bakeoff import metrics


@pytest.fixture
def response() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signal, response with ties, and weights of 500 events."""
    rng = np.random.default_rng(1)
    signal = rng.random(500) < 0.3
    return signal, np.round(rng.normal(size=500) + signal, 1), rng.integers(1, 4, 500).astype(float)


def test_the_area_is_scikit_learns_with_weights_and_ties(response):
    signal, values, weight = response
    area, influence = metrics.auc_influence(signal, values, weight)
    assert area == pytest.approx(roc_auc_score(signal, values, sample_weight=weight))
    assert influence.sum() == pytest.approx(0, abs=1e-12)


def test_the_error_of_an_area_is_its_spread_over_samples():
    rng = np.random.default_rng(0)
    areas, errors = [], []
    for _ in range(300):
        signal = np.arange(200) % 4 == 0
        values = rng.normal(size=200) + signal
        area, influence = metrics.auc_influence(signal, values, np.ones(200))
        areas.append(area)
        errors.append(metrics.clustered_error(influence, np.arange(200)))
    assert np.mean(errors) == pytest.approx(np.std(areas), rel=0.12)


def test_rows_that_only_repeat_others_do_not_make_surer(response):
    signal, values, weight = response
    _, once = metrics.auc_influence(signal, values, weight)
    _, twice = metrics.auc_influence(*(np.tile(column, 2) for column in response))
    rows = np.arange(len(signal))
    alone = metrics.clustered_error(once, rows)
    assert metrics.clustered_error(twice, np.tile(rows, 2)) == pytest.approx(alone)
    assert metrics.clustered_error(twice, np.arange(2 * len(rows))) < 0.8 * alone


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_wilsons_interval_holds_its_share_and_has_a_width(share):
    low, high = metrics.wilson(share, 25)
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0.05


def test_separation_is_0_for_equal_and_1_for_parted_distributions():
    values, half = np.arange(1000.0), np.ones(1000)
    assert metrics.separation(values, np.arange(1000) % 2 == 0, half) < 0.01
    assert metrics.separation(values, values >= 500, half) > 0.95


def test_separation_takes_categories_and_gaps():
    signal = np.array([True, False] * 50)
    words = np.where(signal, "R1", "R2").astype(object)
    gaps = np.where(signal, np.nan, 1.0)
    assert metrics.separation(words, signal, np.ones(100)) == pytest.approx(1)
    assert metrics.separation(gaps, signal, np.ones(100)) == pytest.approx(1)


def test_kolmogorov_and_smirnov_agree_with_scipy():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=400), rng.normal(0.2, size=300)
    found = metrics.kolmogorov_smirnov(one, other, np.ones(400), np.ones(300))
    known = ks_2samp(one, other, method="asymp")
    assert found == pytest.approx((known.statistic, known.pvalue), rel=1e-2)


def test_correlations_are_numpys_and_leave_gaps_to_their_pairs():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 3)) + 1e3
    np.testing.assert_allclose(metrics.correlations(table, np.ones(200)), np.corrcoef(table.T))
    table[:50, 0] = np.nan
    found = metrics.correlations(table, np.ones(200))
    assert found[0, 1] == pytest.approx(np.corrcoef(table[50:, :2].T)[0, 1])
    assert found[1, 2] == pytest.approx(np.corrcoef(table[:, 1:].T)[0, 1])


def test_a_variable_without_spread_has_no_correlation():
    table = np.column_stack([np.arange(5.0), np.full(5, 7.3)])
    found = metrics.correlations(table, np.ones(5))
    assert np.isnan(found[0, 1])
    assert found[0, 0] == 1


def test_a_perfect_regressor_has_no_deviation():
    target = np.linspace(0, 1, 50)
    row = metrics.regression(target, target, np.ones(50), np.arange(50))
    assert row["rmse"] == row["bias"] == row["rms_truncated"] == 0
    assert row["r2"] == 1


def test_a_shift_is_bias_and_an_outlier_is_cut_off():
    target = np.linspace(0, 1, 50)
    prediction = target + 0.1
    prediction[0] += 5
    row = metrics.regression(target, prediction, np.ones(50), np.arange(50))
    assert row["bias"] == pytest.approx(0.2)
    assert row["bias_truncated"] == pytest.approx(0.1)
    assert row["rms_truncated"] == pytest.approx(0, abs=1e-9)
    assert row["rmse_low"] < row["rmse"] < row["rmse_high"]
