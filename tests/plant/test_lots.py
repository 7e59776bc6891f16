"""Lots: how long they last, and that they overlap."""

import numpy as np
import pytest

from vaxlab.plant import lots


@pytest.mark.parametrize("kind", lots.LOT_KINDS.values(), ids=lots.LOT_KINDS.keys())
def test_a_lot_lasts_as_long_as_its_kind_says(kind):
    for seed in range(10):
        numbers = lots.assign(np.random.default_rng(seed), kind, 360)
        used = np.bincount(numbers)
        # The last lot may have only just begun, and overlaps blur the counts.
        assert (used[:-1] >= kind.shortest - 2 * lots.OVERLAP_BATCHES).all()
        assert (used <= kind.longest + 2 * lots.OVERLAP_BATCHES).all()
        assert (used > 0).all()


def test_neighbouring_lots_overlap_and_only_neighbours_do():
    numbers = lots.assign(np.random.default_rng(0), lots.LOT_KINDS["seed"], 360)
    for lot in range(numbers.max()):
        last, first = np.flatnonzero(numbers == lot)[-1], np.flatnonzero(numbers == lot + 1)[0]
        assert abs(last - first) <= 2 * lots.OVERLAP_BATCHES + 1
    assert (np.diff(numbers) < 0).any()
    assert np.abs(np.diff(numbers)).max() == 1


def test_the_spread_of_the_lots_effects_is_that_of_the_table_in_every_history():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        numbers = {name: lots.assign(rng, kind, 360) for name, kind in lots.LOT_KINDS.items()}
        effects = lots.effects(
            numbers, rng.uniform(-1, 1, 360), lambda n, rng=rng: lots.normal_scores(rng, n)
        )
        for name, kind in lots.LOT_KINDS.items():
            for field, sd in kind.sd.items():
                per_batch = np.log(effects[name][field])[numbers[name]]
                assert per_batch.std() == pytest.approx(sd)
                assert per_batch.mean() == pytest.approx(0, abs=1e-12)


def test_a_lot_that_follows_the_season_goes_with_it_and_others_do_not():
    season = np.cos(2 * np.pi * np.arange(360) / 60)
    found = {"serum": [], "medium": []}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        numbers = {name: lots.assign(rng, kind, 360) for name, kind in lots.LOT_KINDS.items()}
        effects = lots.effects(numbers, season, lambda n, rng=rng: lots.normal_scores(rng, n))
        for name in found:
            growth = effects[name]["growth"]
            first = [season[np.argmax(numbers[name] == lot)] for lot in range(len(growth))]
            found[name].append(np.corrcoef(np.log(growth), first)[0, 1])
    assert np.mean(found["serum"]) > 0.3
    assert abs(np.mean(found["medium"])) < 0.15


def test_lots_of_medium_differ_in_bicarbonate_by_a_few_per_cent():
    rng = np.random.default_rng(0)
    numbers = lots.assign(rng, lots.LOT_KINDS["medium"], 360)
    factor = lots.bicarbonate(rng, numbers)
    assert len(factor) == numbers.max() + 1
    assert np.log(factor).std() == pytest.approx(0.05, rel=0.01)
    assert 0.85 < factor.min() < 1 < factor.max() < 1.15


def test_a_certificate_tells_something_of_the_hidden_effect_but_not_all():
    assert all(abs(e.r) <= 0.9 for kind in lots.LOT_KINDS.values() for e in kind.certificate)
    (promotion,) = [e for e in lots.LOT_KINDS["serum"].certificate if e.name == "growth_promotion"]
    told = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        numbers = {name: lots.assign(rng, kind, 360) for name, kind in lots.LOT_KINDS.items()}
        effects = lots.effects(
            numbers, np.zeros(360), lambda n, rng=rng: lots.normal_scores(rng, n)
        )
        printed = lots.certificates(rng, effects)
        for kind in lots.LOT_KINDS.values():
            assert len({entry.name for entry in kind.certificate}) == len(kind.certificate)
        assert all(
            np.isfinite(v).all() and (v > 0).all() for p in printed.values() for v in p.values()
        )
        told.append(
            np.corrcoef(printed["serum"]["growth_promotion"], np.log(effects["serum"]["growth"]))[
                0, 1
            ]
        )
    assert promotion.r > 0.35
    assert np.mean(told) == pytest.approx(promotion.r, abs=0.08)
