"""The live vaccine from harvest to doses."""

from dataclasses import replace

import numpy as np
import pytest

from vaxlab.plant import live
from vaxlab.plant.live import DOSE
from vaxlab.plant.parameters import VALUES

from .test_downstream import harvest, tools


def feed(n=1, **changes):
    """Return harvests at the usual hour: two fifths of the cells alive, much infectious virus."""
    usual = {
        "infectious_virions_per_ml": 3.5e7,
        "dna_ug_per_ml": 0.24,
        "hcp_ug_per_ml": 8.1,
        "cells_per_ml": 9.5e5,
        "viability_percent": 43.0,
    }
    return harvest(n, **usual | changes)


def doses(harvested=None, equipment=None):
    return live.purify(harvested or feed(), equipment or tools()).doses[0]


def decided(harvested, equipment, seed=0):
    bulk = live.purify(harvested, equipment)
    return live.release(bulk, harvested, equipment, np.random.default_rng(seed))


def test_no_live_virus_is_created():
    bulk = live.purify(feed(2000), tools(2000), np.random.default_rng(0))
    for share in bulk.recovery.values():
        assert ((share > 0) & (share < 1)).all()
    product = np.prod(list(bulk.recovery.values()), axis=0)
    np.testing.assert_allclose(bulk.recovered, product)
    np.testing.assert_allclose(bulk.infectious_out, bulk.infectious_in * product)
    assert (bulk.doses * DOSE < feed().infectious_virions_per_ml * 1000 * feed().volume_l).all()


@pytest.mark.parametrize("step", ["clar", "nuc", "tff", "ster"])
def test_a_step_spares_antigen_better_than_infectivity(step):
    assert VALUES[f"y_{step}_live"] < VALUES[f"y_{step}"]


def test_doses_go_with_the_infectious_titre_and_total_particles_do_not_count():
    assert doses(feed(infectious_virions_per_ml=1.75e7)) == pytest.approx(doses() / 2)
    assert doses(feed(total_virions_per_ml=1e8)) == doses()


def test_dead_and_lysed_cells_cost_live_virus_downstream():
    assert doses(feed(dna_ug_per_ml=1.4)) < 0.95 * doses()
    assert doses(feed(viability_percent=5)) < doses(feed(viability_percent=60))


def test_the_live_vaccine_meets_no_column():
    assert doses(equipment=tools(conductivity_ms_per_cm=6.0, column_cycles=90)) == doses()


def test_a_clogged_filter_costs_live_virus():
    clogged = replace(tools(), filter_clogged=np.array([True]))
    assert doses(equipment=clogged) == pytest.approx(VALUES["b_clog"] * doses(), rel=0.01)


def test_the_same_seed_brings_the_same_luck_to_another_live_harvest():
    a, b = (
        live.purify(
            feed(100, infectious_virions_per_ml=v), tools(100), np.random.default_rng(3)
        ).doses
        for v in (3e7, 6e7)
    )
    np.testing.assert_allclose(b, 2 * a)


@pytest.mark.parametrize(
    ("changes", "equipment", "reason"),
    [
        ({}, {}, ""),
        ({"germs_per_100ml": 1e4}, {}, "germs"),
        ({}, {"filter_broken": True}, "filter"),
        ({"dna_ug_per_ml": 40.0, "cells_per_ml": 1e8}, {}, "dna"),
        ({"hcp_ug_per_ml": 600.0}, {}, "hcp"),
        (
            {"infectious_virions_per_ml": 5e6, "dna_ug_per_ml": 0.1, "hcp_ug_per_ml": 1.0},
            {},
            "titre",
        ),
    ],
)
def test_a_live_batch_is_rejected_for_a_reason(changes, equipment, reason):
    result = decided(feed(100, **changes), tools(100, **equipment))
    assert (result.reason == reason).mean() > 0.9
    assert (result.released == (result.reason == "")).all()
    assert all(b.split("+")[0] == r for b, r in zip(result.broke, result.reason, strict=True))


def test_a_live_batch_tells_all_limits_that_it_broke():
    result = decided(
        feed(20, germs_per_100ml=1e4, infectious_virions_per_ml=1e5), tools(20, filter_broken=True)
    )
    assert set(result.broke) == {"germs+filter+dna+hcp+titre"}
    assert set(result.reason) == {"germs"}


def test_mycoplasma_is_found_in_live_batches_as_often_as_the_test_finds_it():
    result = decided(feed(4000, mycoplasma=True), tools(4000))
    assert (result.reason == "mycoplasma").mean() == pytest.approx(VALUES["p_myco"], abs=0.04)


@pytest.mark.parametrize(("multiple", "fails"), [(0.4, 1.0), (1.0, 0.5), (2.5, 0.0)])
def test_the_limit_of_the_titre_is_felt_at_the_doses_that_it_names(multiple, fails):
    usual = live.purify(feed(), tools()).doses_per_litre[0]
    titre = feed().infectious_virions_per_ml[0] * multiple * VALUES["lim_titre"] / usual
    low = decided(feed(2000, infectious_virions_per_ml=titre), tools(2000))
    broke = np.array(["titre" in keys for keys in low.broke])
    assert broke.mean() == pytest.approx(fails, abs=0.04)


def test_the_titre_is_read_with_the_error_of_three_titrations():
    harvested, equipment = feed(4000), tools(4000)
    truth = live.purify(harvested, equipment).titre_log10_per_ml[0]
    read = decided(harvested, equipment).titre_log10_per_ml
    assert read.mean() == pytest.approx(truth, abs=0.02)
    assert read.std() == pytest.approx(VALUES["sd_TCID50"] / np.sqrt(3), rel=0.05)


def test_doses_are_filled_by_the_measured_titre_and_share_the_impurities_of_the_bulk():
    bulk = live.purify(feed(4000), tools(4000))
    read = decided(feed(4000), tools(4000))
    per_bulk = 10**read.titre_log10_per_ml * 1000 * bulk.bulk_l / DOSE
    np.testing.assert_array_equal(read.doses_filled, np.floor(per_bulk))
    total = read.dna_ng_per_dose * per_bulk
    assert np.log(total).std() == pytest.approx(VALUES["sd_DNA"], rel=0.05)
