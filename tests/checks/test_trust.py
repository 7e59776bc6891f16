"""How the thresholds of notebook 1 were set, and that right answers meet them on other plants.

Measured with the bank's right answers on twelve seeds of the plant:

============================================  =======================  ==========
what                                          seen                     threshold
============================================  =======================  ==========
errors found, the worst kind                  99 to 100 %              95 %
false alarms among sound rows                 0.03 to 0.3 %            1 %
variance between batches, relative error      up to 15 %               25 %
variance of the assay, relative error         up to 3 %                25 %
promise from replicates 2 to 4, error         up to 0.08 log10         0.10
promise shrunk by the ceiling, error          up to 0.07 log10         0.10
promise from the choosing readings, error     0.23 to 0.33 log10       0.10
============================================  =======================  ==========
"""

import numpy as np
import pandas as pd
import pytest
from answers.day1.trust import ANSWERS

from vaxlab.checks import trust

CHECKS = {
    "trust-twins": trust.twins,
    "trust-tidy": trust.tidy,
    "trust-errors": trust.errors,
    "trust-weekends": trust.weekends,
    "trust-ceiling": trust.ceiling,
    "trust-promise": trust.promise,
}


@pytest.fixture(scope="module", params=range(1, 11))
def seed(request):
    """Seed of a plant; all that is asked of one plant is asked before the next is made."""
    return request.param


def namespace_of(source):
    namespace = {"np": np, "pd": pd}
    exec(source, namespace)
    return namespace


def test_right_answers_pass_on_every_plant(seed):
    for answer in ANSWERS:
        if not answer.says:
            result = CHECKS[answer.grade_id](namespace_of(answer.source), plant_seed=seed)
            assert result.points == answer.points, str(result)


def test_the_naive_promise_fails_on_every_plant(seed):
    naive = next(answer for answer in ANSWERS if "luck does not come again" in answer.says)
    result = trust.promise(namespace_of(naive.source), plant_seed=seed)
    assert result.points == 1


def test_one_limit_for_all_times_finds_too_little_on_every_plant(seed):
    outliers = next(answer for answer in ANSWERS if "stretch that mean" in answer.says)
    assert trust.errors(namespace_of(outliers.source), plant_seed=seed).points == 0


def test_each_check_is_worth_what_its_notebook_says():
    assert sum(CHECKS[grade_id]({}).out_of for grade_id in CHECKS) == 24
