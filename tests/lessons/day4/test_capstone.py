"""What the capstone's notebook claims, and that its checks tell what is wrong.

Measured by ``benchmarks/capstone.py`` on ten seasons (docs/capstone.md), and by
``benchmarks/calibration_capstone.py`` on a few plants of four seasons each:

============================================  ==================  ================================
what                                          seen                threshold
============================================  ==================  ================================
a plain policy, share of the attainable       .44 to .48          5 of 10 points from .35 on
the history's copy; by capacitance            0; .15              none; 1 of 10 from .15 on
the course's experiments in a whole policy    .76 to .81          8 of 10 from .7 on
the search, by the calendar                   .99                 10 of 10 from .9 on
day 3's recipe over the course's experiments  .69 to .78          1 of 5 from .5, all from .85 on
sums of gaps: lost in a season; nobody looks  .8 to 1.0; 8 to 10  all from .88 of the saving on
a check every fifth round, share of it        .79 to .85          1 of 3 from .7 on
============================================  ==================  ================================
"""

import numpy as np
import pandas as pd
import pytest
from answers.answer import typed
from answers.day4 import capstone as bank

from vaxlab.lessons.day4 import capstone
from vaxlab.lessons.day4.capstone import checks, delivery, material, rivals
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import INACTIVATED, LIVE

PLANT = 4_322_380_479_689
FUNCTIONS = ("check_probe", "try_out", "choose", "harvest_now", *material.FUNCTIONS)


def share(who, plant=HISTORY_SEED):
    """Return the share of the attainable that a policy has."""
    history, own, best = (
        material._scores(material._played(name, plant))
        for name in ("the history", who, "the search")
    )
    return (own - history).sum() / (best - history).sum()


def test_a_plain_policy_of_days_1_to_3_attains_about_half():
    assert 0.35 <= share("a plain policy") <= 0.6


def test_the_search_more_than_doubles_the_history():
    history, best = (
        material._scores(material._played(name)) for name in ("the history", "the search")
    )
    assert (best > 1.8 * history).all()


@pytest.mark.parametrize("plant", [HISTORY_SEED, PLANT])
def test_sums_save_more_than_a_calendar_and_a_calendar_more_than_nobody(plant):
    ways = (lambda *_: False, rivals._calendar, rivals._sums)
    lost = [
        sum(material._watch(way, seed).lost for seed in material.seeds(plant, material.WATCHED))
        for way in ways
    ]
    assert lost[0] > lost[1] > lost[2]


@pytest.mark.parametrize("product", [INACTIVATED, LIVE])
def test_capacitance_beats_the_best_fixed_hour_and_no_oracle(product):
    some = material._hours(product, HISTORY_SEED)
    own = some.paid(rivals._by_capacitance).mean()
    assert some.fixed.mean() < own <= some.worth.max(axis=0).mean()


def test_twenty_experiments_find_most_of_what_the_search_found():
    usual, course, search = (
        material._recipes_of(who, HISTORY_SEED) for who in ("usual", "course", "search")
    )
    assert 0.55 <= (course - usual) / (search - usual) <= 1.0


def test_a_watch_begins_with_an_empty_record_and_sees_whole_rounds_only():
    sizes = []
    material._watch(lambda _, record: bool(sizes.append(len(record))), PLANT)
    assert sizes == [3 * (b // 3) for b in range(60)]


def test_results_of_the_history_itself_are_zero():
    played = {who: material._played(who) for who in ("the history", "the search")}
    table = delivery.results(played)
    assert table.loc["the history", "gained"] == 0
    assert table.loc["the search", "attainable, %"] == 100


def test_where_nothing_is_written_the_course_s_own_is_at_work():
    table, figure, said = capstone.played({})
    assert "is not written yet" in said
    assert "the course's policy" in table.index
    assert len(figure.data) == 1


def test_a_policy_that_fails_in_its_40th_batch_is_told_so_and_the_notebook_goes_on():
    wrong = [answer for answer in bank.WHOLE if "KeyError" in answer.says]
    _, _, said = capstone.played(typed(wrong[0]))
    assert "batch 40" in said


@pytest.mark.parametrize("name", ["fallen_figure", "gaps_figure", "season_figure"])
def test_figures_have_axes_with_names_and_a_sentence(name):
    figure, said = getattr(capstone, name)()
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    assert said.endswith(".")


def test_ways_to_watch_hold_the_learner_s_own_where_it_answers():
    assert "yours" not in capstone.watches({}).index
    own = capstone.watches({"check_probe": lambda batch, record: False})
    np.testing.assert_allclose(own.loc["yours"], own.loc["nobody looks"])


def test_untouched_exercises_are_not_attempted():
    dots = {name: lambda *_: ... for name in FUNCTIONS}
    for check in (checks.probes, checks.tries, checks.harvests, checks.handed_in):
        result = check(dots)
        assert result.points == 0
        assert "three dots" in str(result)


def test_what_is_shown_of_a_batch_ends_at_its_hour():
    batch, seen = capstone.a_batch(48)
    assert seen.index[-1] == 48
    assert batch["product"] == LIVE
    assert isinstance(capstone.record(), pd.DataFrame)
