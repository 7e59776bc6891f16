"""Readings: spread, steps, limits."""

import numpy as np
import pytest

from vaxlab.plant import assays

N = 40_000


@pytest.mark.parametrize(("assay", "sd"), [(assays.HA, 0.15), (assays.TCID50, 0.3)])
def test_repeated_readings_spread_as_published_with_the_steps_included(assay, sd):
    """HA 0.15 and TCID50 0.3 log10; Bioprocessing of Viral Vaccines (CRC, 2022), table 6.1."""
    truth = np.random.default_rng(0).uniform(3, 4, N)
    error = assay.read(truth, np.random.default_rng(1)) - truth
    assert error.std() == pytest.approx(sd, rel=0.02)
    assert abs(error.mean()) < 0.01


@pytest.mark.parametrize("assay", [assays.HA, assays.TCID50])
def test_readings_come_in_steps(assay):
    readings = assay.read(np.full(N, 3.3), np.random.default_rng(2))
    np.testing.assert_allclose(readings / assay.step, np.round(readings / assay.step), atol=1e-9)


@pytest.mark.parametrize("assay", [assays.HA, assays.TCID50])
def test_what_is_below_the_limit_is_not_read(assay):
    truth = np.array([-np.inf, np.nan, assay.limit - 3, assay.limit + 3])
    readings = assay.read(truth, np.random.default_rng(3))
    assert np.isnan(readings[:3]).all()
    assert readings[3] > assay.limit
    many = assay.read(np.full(N, assay.limit), np.random.default_rng(4))
    assert np.nanmin(many) >= assay.limit
    assert np.isnan(many).any()


@pytest.mark.parametrize(("assay", "cv"), [(assays.count, 0.08), (assays.metabolite, 0.03)])
def test_relative_errors_are_relative(assay, cv):
    for level in (1.0, 1e6):
        readings = assay(np.full(N, level), np.random.default_rng(5))
        assert readings.std() / level == pytest.approx(cv, rel=0.03)
        assert readings.min() > 0


def test_viability_stays_between_0_and_100():
    readings = assays.viability(np.linspace(0, 100, N), np.random.default_rng(6))
    assert readings.min() > 0
    assert readings.max() <= 100
