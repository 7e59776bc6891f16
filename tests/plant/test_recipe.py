"""Recipes are checked when they are written down."""

import math
from dataclasses import FrozenInstanceError, fields

import pytest

from vaxlab.plant import Recipe
from vaxlab.plant.recipe import LIMITS


def test_every_field_has_a_unit_and_limits_around_its_base_value():
    assert {field.name for field in fields(Recipe)} == set(LIMITS)
    for field in fields(Recipe):
        assert LIMITS[field.name].low <= field.default <= LIMITS[field.name].high


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("side", ["low", "high"])
def test_a_limit_is_allowed_and_what_lies_beyond_is_refused_with_field_unit_and_range(name, side):
    limit = LIMITS[name]
    edge = getattr(limit, side)
    assert getattr(Recipe(**{name: edge}), name) == edge
    beyond = edge - 1e-7 if side == "low" else edge * 1.01
    with pytest.raises(ValueError, match="out of range") as caught:
        Recipe(**{name: beyond})
    for part in (name, repr(beyond), limit.unit, f"{limit.low:g}", f"{limit.high:g}"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("slip", "guess"),
    [
        ({"growth_temperature_c": 310.15}, "looks like 37 kelvin"),
        ({"infection_temperature_c": 98.6}, "looks like 37 degrees Fahrenheit"),
        ({"moi": 25}, "looks like 0.025 × 1000"),
        ({"inoculum_cells_per_ml": 0.25}, "looks like 250000 in millions"),
        ({"inoculum_cells_per_ml": 2.5e8}, "looks like 250000 per litre"),
        ({"do_percent": 0.6}, "looks like 60 as a fraction"),
        ({"growth_time_h": 4}, "looks like 96 in days"),
        ({"infection_duration_h": 4320}, "looks like 72 in minutes"),
        ({"glucose_mmol_per_l": 4.5}, "looks like 25 in g/L"),
    ],
)
def test_a_slip_of_the_pen_is_guessed(slip, guess):
    with pytest.raises(ValueError, match=guess):
        Recipe(**slip)


@pytest.mark.parametrize("value", [math.nan, math.inf, "37", None, True])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="ph = .* is no finite number; expected 6.2 to 8"):
        Recipe(ph=value)


def test_a_recipe_cannot_be_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        Recipe().ph = 3
