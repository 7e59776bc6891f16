"""Recipes are checked when they are written down."""

import inspect
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
        ({"exchanged_share": 95}, "looks like 0.95 in percent"),
        ({"infection_temperature_c": ((0, 310.15),)}, "looks like 37 kelvin"),
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


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ({"temperature": 37}, "infection_temperature_c|growth_temperature_c"),
        ({"MOI": 0.01}, "moi"),
        ({"ph_setpoint": 7.0}, "ph"),
        ({"trypsin_bu_per_l": 5}, "trypsin_bu_per_ml"),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest_known_one(given, nearest):
    with pytest.raises(ValueError, match=f"no field '{next(iter(given))}'.*{nearest}"):
        Recipe(**given)


def test_the_signature_still_tells_an_editor_all_fields():
    assert list(inspect.signature(Recipe).parameters) == [field.name for field in fields(Recipe)]


def test_a_profile_is_kept_as_numbers_and_a_recipe_with_one_can_be_a_key():
    recipe = Recipe(ph=[(-96, 7), [0, 7.25]])
    assert recipe.ph == ((-96.0, 7.0), (0.0, 7.25))
    assert {recipe: 1}[Recipe(ph=((-96, 7), (0, 7.25)))] == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"ph": ((0, 7.0), (0, 7.1))}, r"ph = .* time 0 h .* ascending .* from -96 to 72 h"),
        ({"ph": ((10, 7.0), (5, 7.1))}, "time 5 h is out of order"),
        ({"do_percent": ((100, 60),)}, "time 100 h is out of order or of the batch"),
        ({"do_percent": ((math.nan, 60),)}, "time nan h"),
        ({"growth_temperature_c": ((5, 36),)}, "time 5 h .* from -96 to 0 h"),
        ({"infection_temperature_c": ((-5, 36),)}, "time -5 h .* from 0 to 72 h"),
        ({"ph": ((0, 9.0),)}, "ph = 9.0 pH is out of range; expected 6.2 to 8"),
        ({"ph": ()}, "is no profile"),
        ({"ph": (0, 7.0)}, "is no profile"),
        ({"moi": ((0, 0.1),)}, "moi = .* is no finite number"),
    ],
)
def test_a_profile_that_contradicts_itself_or_the_batch_is_refused(given, says):
    with pytest.raises(ValueError, match=says):
        Recipe(**given)
