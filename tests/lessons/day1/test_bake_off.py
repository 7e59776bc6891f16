"""How the thresholds of notebook 2 were set, and that right answers meet them on other plants.

Measured by benchmarks/calibration_bake_off.py on twelve plants: seeds 1 to 10, the learners'
history and the plant of the hidden tests; areas and recall on the plant of the next seed. The
line with a star was measured by hand on the same plants. The wish was an area of 0.85 and 80 %
found; a day after infection the virus has only begun to spread and less can be known, so answers
are judged beside a plain linear model.

==============================================  =====================  ====================
what                                            seen                   threshold
==============================================  =====================  ====================
share of weak batches                           7 to 11 %
area of the true titre at harvest               0.95 to 1.00
area of the linear model, next six years        0.74 to 0.85           (the reference)
area of a likelihood, less the reference        -0.12 to +0.02         -0.15
area of a forest, less the reference            -0.13 to +0.01         -0.15
area of k-NN, not scaled, less the reference    -0.46 to -0.18         -0.15
area of a yes or no, less the reference *       -0.30 to -0.10         (told apart by itself)
found at 10 % alarms by the linear model        26 to 51 %             (the reference)
found by a forest, over the reference           0.77 to 1.33           0.5 at least
found by a likelihood, over the reference       0.57 to 1.11           0.5 at least
doses saved by the linear model                 126,000 to 224,000     (the reference)
doses saved by a forest, over the reference     0.77 to 1.24           0.5 at least
doses saved by a likelihood, over the same      0.64 to 1.14           0.5 at least
area on training rows, wild trees               1.000                  0.985 at most
area on training rows, 50 stumps                0.90 to 0.96           0.985 at most
p after KS, wild trees, the smaller one         0.000                  0.01 at least
p after KS, 50 stumps, the smaller one          0.08 to 0.55           0.01 at least
area on unseen rows, 50 stumps less wild trees  -0.03 to +0.12         -0.04 at least
causes among five, symptoms left out            2 to 5                 3 at least
causes among five by importance, all            1 to 3                 3 at least
==============================================  =====================  ====================

Two causes only are found on one plant of the twelve, seed 8. A ranking of all variables may hold
three causes too, beside its symptoms: so leaving symptoms out is worth half of exercise 5.
On seed 1 the linear model is lucky and finds half; a likelihood finds 0.57 of that. On seed 8 a
likelihood's area is furthest below.
"""

import numpy as np
import pandas as pd
import pytest
from answers.day1.bake_off import ANSWERS

from vaxlab.lessons.day1 import bake_off
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


@pytest.mark.parametrize("seed", [1, 8])
def test_a_likelihood_passes_where_the_linear_model_was_lucky(seed):
    answer = next(a for a in ANSWERS if "ProjectiveLikelihood" in a.source and not a.says)
    result = bake_off.alarm(namespace_of(answer.source), plant_seed=seed)
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
