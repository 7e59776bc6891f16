"""How the thresholds of notebook 2 were set, and that right answers meet them on other plants.

Measured by benchmarks/calibration_bake_off.py: trained on the plants of seeds 1 to 10, areas and
recall on the plant of the next seed. The wish was an area of 0.85 and 80 % found; the plant's
noise allows less, so answers are judged beside a plain linear model. Lines with a star were
measured once, by hand, on eight to twelve seeds of the plant shortly before.

==============================================  =====================  ====================
what                                            seen                   threshold
==============================================  =====================  ====================
share of weak batches                           6 to 10 %
area of the linear model, next six years        0.72 to 0.87           (the reference)
area of a likelihood, less the reference        -0.05 to +0.06         -0.10
area of a forest, less the reference            -0.07 to +0.07         -0.10
area of a yes or no, less the reference *       -0.29 to -0.15         -0.10
found at 10 % alarms by the linear model        27 to 54 %             (the reference)
found by a forest, over the reference           0.63 to 1.46           0.5 at least
found by a likelihood, over the reference       0.58 to 1.37           0.5 at least
doses saved by the linear model                 2,400 to 4,100         half the reference's
area on training rows, wild trees               1.000                  0.985 at most
area on training rows, 50 stumps                0.92 to 0.96           0.985 at most
p after KS, wild trees, the smaller one         0.000                  0.01 at least
p after KS, 50 stumps, the smaller one          0.08 to 0.70           0.01 at least
area on unseen rows, 50 stumps less wild trees  +0.01 to +0.12         -0.04 at least
causes among five, symptoms left out            3 to 5                 3 at least
causes among five by separation, all *          0 or 1                 3 at least
==============================================  =====================  ====================

On seed 4 the linear model is lucky and finds more than half; a likelihood finds 0.58 of that.
"""

import numpy as np
import pandas as pd
import pytest
from answers.day1.bake_off import ANSWERS

from vaxlab.checks import bake_off
from vaxlab.plant import campaign

CHECKS = {
    "bakeoff-weak": bake_off.weak,
    "bakeoff-alarms": bake_off.alarms,
    "bakeoff-overtrained": bake_off.overtraining,
    "bakeoff-tame": bake_off.tame,
    "bakeoff-causes": bake_off.causes,
    "bakeoff-alarm": bake_off.alarm,
}


def namespace_of(source):
    namespace = {"np": np, "pd": pd}
    exec(source, namespace)
    return namespace


@pytest.mark.parametrize("seed", [3])
def test_the_first_right_answer_to_each_exercise_passes_on_another_plant(seed):
    for grade_id, check in CHECKS.items():
        right = next(a for a in ANSWERS if a.grade_id == grade_id and not a.says)
        result = check(namespace_of(right.source), plant_seed=seed)
        assert result.points == right.points, str(result)


def test_a_likelihood_passes_where_the_linear_model_was_lucky():
    answer = next(a for a in ANSWERS if "ProjectiveLikelihood" in a.source and not a.says)
    result = bake_off.alarm(namespace_of(answer.source), plant_seed=4)
    assert result.points == result.out_of, str(result)


def test_an_early_variable_knows_nothing_of_what_is_measured_later():
    tables = dict(campaign.run(seed=3).tables)
    before = bake_off.early(tables)
    samples = tables["samples_tidy"].copy()
    samples.loc[samples["hours_after_infection"] > 30, "value"] = 0.0
    batches = tables["batches"].copy()
    batches[[name for name in batches if "harvest" in name]] = 0
    after = bake_off.early(tables | {"samples_tidy": samples, "batches": batches})
    pd.testing.assert_frame_equal(before, after)


def test_every_early_variable_is_cause_symptom_or_idle_and_hardly_ever_missing():
    table = bake_off.early(campaign.run(seed=3).tables)
    assert list(table) == [*bake_off.CAUSES, *bake_off.IDLE, *bake_off.SYMPTOMS]
    assert len(set(table)) == len(table.columns)
    assert table.isna().mean().max() < 0.1
    assert (table[list(bake_off.SYMPTOMS)].max() < 200).all()


def test_each_check_is_worth_what_its_notebook_says():
    assert sum(CHECKS[grade_id]({}).out_of for grade_id in CHECKS) == 23
