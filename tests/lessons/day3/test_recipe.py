"""Day 3, notebook 3: the laboratory, its ways to a recipe, and what the notebook says of them."""

import inspect
import re
import sys

import numpy as np
import pandas as pd
import pytest
from answers.answer import SOLUTIONS
from scipy.stats import norm

from vaxlab.errors import CourseError
from vaxlab.lessons.day3 import recipe
from vaxlab.lessons.day3.recipe import delivery, made_up, material, rivals, wrong
from vaxlab.plant import deploy

GOOD = np.array([[1.0, 1.0, 0.05, 0.45, 0.3]])


def bowl(seed=0):
    return made_up.Bowl(np.random.default_rng(seed))


# The laboratory -----------------------------------------------------------------------------


def test_every_recipe_of_the_unit_cube_is_licensed():
    x = np.concatenate([np.zeros((1, 5)), np.ones((1, 5)), material.spread(50, 1)])
    for point in material.recipes(x):
        for name, value in point.items():
            low, high = deploy.LICENSED[name]
            assert low <= value <= high


def test_the_usual_recipe_is_licensed():
    for name, value in material.usual().items():
        low, high = deploy.LICENSED[name]
        assert low <= value <= high


def test_the_same_run_gives_the_same_readings():
    one, two = (material.Laboratory(5).run(GOOD, 3) for _ in range(2))
    assert np.array_equal(one.doses, two.doses)
    assert np.array_equal(one.qualities, two.qualities)


def test_another_number_in_the_study_meets_other_hands():
    laboratory = material.Laboratory(5)
    assert not np.array_equal(laboratory.run(GOOD, 0).doses, laboratory.run(GOOD, 1).doses)


def test_a_run_has_three_vessels_of_one_recipe():
    runs = material.Laboratory(5).run(material.spread(4, 2))
    assert runs.doses.shape == (4, material.VESSELS)
    assert runs.margins.shape == (4, 3)
    assert runs.noise.shape == (4,)
    assert (runs.noise > 0).all()


def test_axes_in_another_order_name_the_same_recipes():
    turn = (2, 0, 1, 4, 3), (True, False, True, False, False)
    hidden = np.array([[0.1, 0.2, 0.3, 0.4, 0.5]])
    own = material.turned(hidden, turn)
    assert own[0, 2] == pytest.approx(0.9)
    assert own[0, 0] == pytest.approx(0.2)
    assert own[0, 1] == pytest.approx(0.7)
    there = material.Laboratory(5, turn).run(hidden)
    assert np.array_equal(there.doses, material.Laboratory(5).run(own).doses)


def test_the_history_itself_gains_nothing_and_keeps_the_limits():
    gains, kept = material.true_gains(np.tile(delivery._usual_share(), (2, 1)), 77)
    assert abs(gains[0]) < 0.2
    assert gains[0] == gains[1]
    assert kept[0] > 0.95


# Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (GOOD + 0.2, "outside the licence"),
        (GOOD * np.nan, "NaN or infinity"),
        (GOOD[0], "shape (5,)"),
        (GOOD[:, :4], "shape (1, 4)"),
        (np.empty((0, 5)), "shape (0, 5)"),
        ("a recipe", "recipes are an array"),
        (None, "recipes are an array"),
    ],
)
def test_what_is_no_recipe_is_told_and_never_run(x, says):
    with pytest.raises(CourseError, match=".") as told:
        material.Laboratory(5).run(x)
    assert says in str(told.value)


def test_the_same_recipe_twice_in_a_week_is_told():
    with pytest.raises(CourseError, match="once more"):
        material.checked(np.tile(GOOD, (3, 1)), batch=True)


def test_a_study_ends_after_thirty_runs():
    with pytest.raises(CourseError, match="a study has 30 runs"):
        material.Laboratory(5).run(GOOD, 30)


def test_limits_that_nothing_satisfies_still_give_recipes_that_may_be_run():
    runs = material.Laboratory(5).run(material.spread(12, 3))
    new = rivals._propose(runs.x, runs.y, np.full((12, 3), 5.0), runs.noise)
    assert material.checked(new, batch=True).shape == (3, 5)


# Ways to a recipe ---------------------------------------------------------------------------


def test_a_quadratic_is_found_again():
    x = rivals._central_composite(3, 0.7, 2)
    bent = np.array([[-2.0, 0.4, 0.1], [0.4, -1.0, 0.3], [0.1, 0.3, 1.5]])
    y = 3 + x @ [1.0, 2.0, -1.0] + np.einsum("ni,ij,nj->n", x, bent, x)
    point, bends = rivals._stationary(x, y)
    assert np.allclose([1.0, 2.0, -1.0] + 2 * bent @ point, 0, atol=1e-9)
    assert np.allclose(bends, np.linalg.eigvalsh(bent))


def test_the_design_for_five_factors_takes_thirty_runs_and_fits_a_quadratic():
    design = rivals.design()
    assert design.shape == (material.RUNS, len(material.FACTORS))
    assert np.linalg.matrix_rank(rivals.terms(2 * design - 1)) == 21
    assert design.min() >= 0
    assert design.max() <= 1


def test_expected_improvement_is_the_mean_of_what_exceeds_the_best():
    drawn = np.random.default_rng(0).normal(1.0, 2.0, 400_000)
    found = rivals._expected_improvement(np.array([1.0]), np.array([2.0]), 1.5)
    assert found[0] == pytest.approx(np.maximum(drawn - 1.5, 0).mean(), rel=0.01)


def test_a_process_goes_through_runs_without_noise():
    some = bowl()
    x = material.spread(24, 4)
    process = rivals.Process(x, some.doses(x), 1e-6)
    mean, sd = process(x)
    assert np.allclose(mean, some.doses(x), atol=0.1)
    assert (sd < 0.3).all()


def test_a_process_has_the_slope_that_it_says():
    x = material.spread(15, 5)
    process = rivals.Process(x, bowl().doses(x), 0.01)
    at = np.array([0.2, 0.1, 0.4, -0.3, 0.2, -1.2, -0.7])
    _, slope = process._misfit(at)
    for k in range(len(at)):
        step = np.zeros(len(at))
        step[k] = 1e-5
        rise = process._misfit(at + step)[0] - process._misfit(at - step)[0]
        assert slope[k] == pytest.approx(rise / 2e-5, rel=1e-3, abs=1e-4)


def test_the_made_up_surface_is_best_within_its_limits():
    for seed in range(5):
        some = made_up.drawn(np.random.default_rng(seed)).bowl
        x = np.random.default_rng(seed).random((20_000, 5))
        within = (some.margins(x) <= 0).all(axis=1)
        assert some.margins(some.best()).max() <= 1e-6
        assert some.doses(x[within]).max() <= some.doses(some.best()) + 1e-6


def test_on_a_made_up_surface_no_limit_can_be_left_out_and_no_mean_of_good_runs_will_do():
    for seed in range(5):
        some = made_up.drawn(np.random.default_rng(seed))
        runs, bowl = some.runs, some.bowl
        for k in range(3):
            rest = [j for j in range(3) if j != k]
            assert bowl.margins(bowl.best(rest))[k] > made_up.OVER_LIMIT
        good = runs.x[np.argsort(-runs.y)]
        assert some.gained(good[:4].mean(axis=0)[None]) <= made_up.PLAIN
        assert some.gained(runs.x) <= 0
        assert some.gained(bowl.best()[None]) == pytest.approx(1)


# The notebook's claims ----------------------------------------------------------------------


def test_what_was_measured_is_of_this_plant(checkout, monkeypatch):
    monkeypatch.syspath_prepend(str(checkout / "benchmarks"))
    from decisions import fingerprint

    assert fingerprint() == rivals.MEASURED_FOR
    sys.modules.pop("decisions", None)


def test_learning_misses_no_more_than_the_design_and_chance_far_more():
    regret = recipe.regrets()["regret, %"]
    assert regret[(5, "process")] <= regret[(5, "design")]
    assert regret[(5, "random")] > 3 * regret[(5, "design")]


def test_between_learning_and_design_the_interval_holds_zero():
    low, high = re.findall(r"from ([+-][0-9.]+) to ([+-][0-9.]+)", recipe.process_less_design())[0]
    assert float(low) < 0 < float(high)


def test_with_two_factors_the_two_are_level_and_the_design_has_the_better_worst_case():
    table = recipe.regrets()
    regret, least = table["regret, %"], table["least, %"]
    assert regret[(2, "design")] < regret[(2, "process")] < regret[(2, "random")]
    assert least[(2, "design")] > least[(2, "process")]
    said = re.findall(r"from ([+-][0-9.]+) to ([+-][0-9.]+)", recipe.process_less_design(2))[0]
    assert float(said[0]) < 0 < float(said[1])


@pytest.fixture(scope="module")
def letter():
    text = (SOLUTIONS / "day3" / "3-recipe.py").read_text(encoding="utf-8")
    return text[text.index("# File the design's recipe") :].split("\n")[0]


def test_the_letters_recipe_and_promise_are_the_designs(letter):
    chosen = rivals.by_surface(recipe.designed())
    paid = delivery._paid(chosen)
    said = re.search(
        r"([\d,]+) cells per mL, ([\d.]+) g/L of carriers and a moi of ([\d,]+) millionths, all "
        r"three at the upper end of the licence, (\d+) h of infection, at its lower end, and "
        r"([\d.]+) °C\. In (\d+) batches .* it gave ([\d.]+) % more .* from ([\d.]+) to ([\d.]+) %",
        letter,
    )
    told = [float(one.replace(",", "")) for one in said.groups()]
    names = ["inoculum_cells_per_ml", "carrier_g_per_l", "moi", "infection_duration_h"]
    names += ["infection_temperature_c"]
    assert told[:5] == pytest.approx([paid[name] for name in names], abs=0.05)
    assert told[5] == delivery.YEAR_BATCHES
    assert told[6:] == [round(paid[f"{name}, %"], 1) for name in ("gained", "low", "high")]
    assert (chosen[[0, 1, 4]] > 0.999).all()
    assert chosen[2] < 0.001
    assert paid["within the limits, %"] == 100  # *All batches*
    lost = re.search(r"(\d+) were lost, where the history lost (\d+)", letter)
    counts = paid[f"batches lost, of {delivery.YEAR_BATCHES}"], paid["history's lost, of as many"]
    assert tuple(int(one) for one in lost.groups()) == counts
    _, sentence = recipe.surface_figure()
    high, usual = re.search(
        r"([\d.]+) thousand doses where the usual .* ([\d.]+),", letter
    ).groups()
    assert f"{high} thousand doses" in sentence
    assert float(usual) == round(delivery.usual_doses(), 1)
    assert float(high) / float(usual) - 1 > paid["high, %"] / 100  # *promised more*


def test_the_letters_race_is_the_ten_studies(letter):
    regret = recipe.regrets()["regret, %"]
    missed = [regret[(5, way)] for way in ("process", "design", "random")]
    said = re.search(r"by ([\d.]+) %, the design by ([\d.]+) % and chance by ([\d.]+) %", letter)
    assert [float(one) for one in said.groups()] == missed
    ends = re.search(r"process less design, (\S+) to (\S+) %", letter).groups()
    assert "from {} to {} %".format(*ends) in recipe.process_less_design()


def test_tables_to_read_have_the_digits_that_they_need():
    licence = recipe.licence()
    assert licence.loc["moi", "lowest"] == "0.000015"
    assert licence.loc["inoculum_cells_per_ml", "usual"] == "250,000"
    row = delivery._as_row(pd.Series([366648.04, 450000.0]))
    assert list(row) == ["366,648", "450,000"]
    assert list(delivery._as_row(pd.Series([35.5, 56.0]))) == ["35.5", "56.0"]


def test_each_learned_recipe_gains_forty_per_cent_and_most_keep_the_limits():
    table = recipe.regrets()
    assert table.loc[(5, "process"), "least, %"] >= 40
    assert table.loc[(5, "process"), "kept, %"] >= 95


def test_the_design_pays_and_keeps_the_limits():
    gains, kept = material.true_gains(rivals.by_surface(rivals.designed(3))[None], 77)
    assert gains[0] > 0.3
    assert kept[0] >= 0.95


def test_figures_are_drawn_with_empty_and_with_odd_names():
    runs = recipe.along([0.0, 0.5, 1.0])
    mean, sd = np.linspace(15, 18, 11), np.full(11, 0.5)
    for names in ({}, {"expected_improvement": ..., "stationary": 3}, {"stationary": np.sum}):
        figure, sentence = recipe.line_figure(runs, mean, sd, names)
        assert figure.data
        assert "the course's" in sentence
        assert recipe.flat_point(names).shape == (5, 2)


def test_a_learners_proposals_that_may_not_be_run_are_replaced_and_named(monkeypatch):
    monkeypatch.setattr(material, "RUNS", 12)
    runs, whose = recipe.study({"propose": lambda *given: np.full((3, 5), 2.0)})
    assert len(runs) == 12
    assert "the course's own" in whose
    assert "outside the licence" in whose


def test_promises_known_to_be_dishonest_are_too_high():
    rng = np.random.default_rng(1)
    true = rng.normal(17, 1.5, 30)
    vessels = true[:, None] + rng.normal(0, 2.0, (30, 3))
    known = {message: value for value, message in wrong.promises(vessels)}
    assert max(known.values()) > true.max()


def test_slips_of_improvement_differ_from_the_right_one():
    mean, sd = np.array([19.0, 21.0, 20.3]), np.array([0.5, 1.5, 0.8])
    right = rivals._expected_improvement(mean, sd, 20.0)
    assert not any(np.allclose(slip, right) for slip, _ in wrong.improvements(mean, sd, 20.0))
    assert np.allclose(rivals._chance_within(np.zeros((1, 3)), np.ones((1, 3))), norm.cdf(0) ** 3)


def test_checks_give_points_and_never_raise_on_empty_names():
    for name in ("design", "surface", "improvement", "proposals", "curse"):
        check = getattr(recipe, name)
        assert inspect.isfunction(check)
        assert check({}).points == 0
