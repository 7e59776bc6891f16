"""Whatever is asked of the plant within its limits, its states stay numbers, and none below 0."""

from dataclasses import fields, replace

import numpy as np
import pytest

from vaxlab.plant import Recipe, campaign, making
from vaxlab.plant.batch import Batches, Factors, run
from vaxlab.plant.deploy import LICENSED
from vaxlab.plant.recipe import LIMITS

pytestmark = pytest.mark.filterwarnings("error")

PHYSICAL = {name: (limit.low, limit.high) for name, limit in LIMITS.items()}


def anywhere(rng, limits, n):
    """Recipes spread over a box, one set point in five on its edge; wide ranges by magnitude."""
    place = rng.random((len(limits), n))
    place = np.where(rng.random(place.shape) < 0.2, place.round(), place)
    columns = {}
    for (name, (low, high)), where in zip(limits.items(), place, strict=True):
        wide = low > 0 and high > 20 * low
        values = low * (high / low) ** where if wide else low + (high - low) * where
        columns[name] = np.clip(values, low, high)
    return [
        Recipe(**{name: float(column[b]) for name, column in columns.items()}) for b in range(n)
    ]


def assert_states_are_sound(batches: Batches) -> None:
    growth, infection = (
        np.array([[getattr(recipe, name)] for recipe in batches.recipes])
        for name in ("growth_time_h", "infection_duration_h")
    )
    inside = (batches.time_h >= -growth) & (batches.time_h <= infection)
    for name, values in batches.states.items():
        ended = (values[inside], batches.at_infection[name], batches.at_harvest[name])
        if "log10" in name:  # -inf where there is no virus
            assert not any(np.isnan(part).any() for part in ended), name
            continue
        assert all(np.isfinite(part).all() for part in ended), name
        most = np.abs(values[inside]).max()
        assert min(part.min() for part in ended) >= -1e-9 * most, name


@pytest.mark.parametrize("seed", range(4))
def test_recipes_anywhere_in_the_licence_give_finite_doses(seed):
    """With lots, hands and faults of their own; 400 recipes in all."""
    rng = np.random.default_rng(seed)
    drawn = campaign.draw(100 + seed, 100)
    made = making.make(anywhere(rng, LICENSED, 100), drawn.circumstances)
    assert_states_are_sound(made.batches)
    assert np.isfinite(made.purified.doses).all()
    assert (made.purified.doses >= 0).all()


@pytest.mark.parametrize("seed", range(2))
def test_recipes_anywhere_in_the_physical_limits_stay_finite(seed):
    """Factors from 0.3 to 3 (what is exchanged is no more than all); 200 recipes in all."""
    rng, n = np.random.default_rng(seed), 100
    most = {"exchange": 1.0}
    factors = Factors(
        **{
            field.name: np.exp(rng.uniform(np.log(0.3), np.log(most.get(field.name, 3.0)), n))
            for field in fields(Factors)
        }
    )
    assert_states_are_sound(run(anywhere(rng, PHYSICAL, n), factors))


def test_one_batch_alone_stays_finite_too():
    """One batch runs on plain numbers, which stop at what arrays would call infinite."""
    rng = np.random.default_rng(9)
    for recipe in anywhere(rng, PHYSICAL, 12):
        assert_states_are_sound(run([recipe], Factors(exchange=0.5)))


@pytest.mark.parametrize("share", [0.9, 0.95])
@pytest.mark.parametrize("moi", [6e-5, 0.05])
def test_cells_that_attach_where_virus_leaves_none_do_not_break_the_plant(share, moi):
    """An extreme lot of virus once met cells that the exchange had left afloat."""
    drawn = campaign.draw(21, 40)
    usual = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    changes = {"exchanged_share": share, "moi": moi, "infection_duration_h": 84.0}
    made = making.make([replace(recipe, **changes) for recipe in usual], drawn.circumstances)
    assert_states_are_sound(made.batches)
    assert np.isfinite(made.purified.doses).all()


@pytest.mark.parametrize("side", ["low", "high"])
def test_no_hand_takes_a_set_point_beyond_the_physical_limits(side):
    drawn = campaign.draw(3, 40)
    asked = ("growth_temperature_c", "infection_temperature_c", "trypsin_bu_per_ml")
    edge = Recipe(**{name: getattr(LIMITS[name], side) for name in asked})
    done = making.recipes_done([edge] * 40, drawn.circumstances)
    assert len({recipe.growth_temperature_c for recipe in done}) > 10
