"""Hourly means of many batches at once tell what the historian tells, batch by batch."""

import numpy as np
import pytest

from vaxlab.plant import campaign, hourly, instruments, making

HOURS = (-48, 40)


@pytest.fixture(scope="module")
def both():
    """The same sixty batches by both ways, (B, H, 5) each."""
    drawn = campaign.draw(5, 60, days=365, set_points={"moi": np.full(60, 1e-3)})
    recipes = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    made = making.make(recipes, drawn.circumstances)
    rng = np.random.default_rng(1)
    quick = hourly.record(made.batches, drawn.circumstances, rng, *HOURS)
    table = instruments.historian(
        made.batches,
        making.probes(drawn.circumstances),
        rng,
        course=making.course(made.batches.recipes, drawn.circumstances),
    )
    start = np.array([recipe.growth_time_h for recipe in recipes])
    hour = np.floor(table["minute"] / 60 - start[table["batch"]] + 1e-9).astype(int)
    inside = (hour >= HOURS[0]) & (hour < HOURS[1])
    means = table[inside].groupby(["batch", hour[inside]])[list(hourly.TAGS)].mean()
    return quick, means.to_numpy().reshape(quick.shape)


@pytest.mark.parametrize("tag", range(5), ids=hourly.TAGS)
def test_an_hours_mean_is_that_of_the_historian_but_for_noise(both, tag):
    quick, slow = (table[:, :, tag] for table in both)
    # Each way draws its own errors of a batch, so levels agree roughly and courses in their form.
    assert np.median(quick) == pytest.approx(np.median(slow), rel=0.06)
    own, theirs = (table - np.median(table, axis=1, keepdims=True) for table in (quick, slow))
    assert np.corrcoef(np.median(own, axis=0), np.median(theirs, axis=0))[0, 1] > 0.98 or (
        np.ptp(np.median(theirs, axis=0)) < 3 * np.median(np.abs(np.diff(theirs, axis=1)))
    )


@pytest.mark.parametrize("tag", [0, 1, 2, 4])  # of a total nothing is noisy but its rounding
def test_from_hour_to_hour_both_are_as_noisy(both, tag):
    # Second differences take out what the culture does.
    noise = [np.median(np.abs(np.diff(table[:, :40, tag], n=2, axis=1))) for table in both]
    assert noise[0] == pytest.approx(noise[1], rel=0.15)


def test_a_batchs_capacitance_differs_in_gain_as_much(both):
    spread = [np.std(np.log(table[:, 47, 4])) for table in both]
    assert spread[0] == pytest.approx(spread[1], rel=0.35)


def test_nothing_is_recorded_after_the_harvest(both):
    drawn = campaign.draw(5, 4, days=24, sound=True)
    recipes = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, np.full(4, 50.0))
    made = making.make(recipes, drawn.circumstances)
    shown = hourly.record(made.batches, drawn.circumstances, np.random.default_rng(1), 0, 60)
    assert not np.isnan(shown[:, :49]).any()
    assert np.isnan(shown[:, 51:]).all()
