"""That right answers to day 2, notebook 3 pass on any plant, and that nothing leaks.

No check trains or runs the plant: it draws numbers by ``plant_seed``. What the notebook's race and
deployment give is measured by ``benchmarks/curve_trajectories.py``.
"""

import numpy as np
import pytest
from answers.answer import run_on
from answers.day2.trajectories import ANSWERS, NOTEBOOK

from vaxlab.lessons.day2.trajectories import material


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a.grade_id}-{a.points}")
@pytest.mark.parametrize("plant_seed", [1, 20, 4_829_020_353_282])
def test_each_answer_earns_what_it_should(answer, plant_seed):
    result = run_on(NOTEBOOK, answer, plant_seed)
    assert result.points == answer.points, result
    assert answer.says in str(result)


def test_a_summary_does_not_change_with_what_comes_after_24_h():
    rng = np.random.default_rng(0)
    hours = np.arange(material.FROM_H, 60)
    values = rng.normal(size=(3, len(hours), 2))
    other = values.copy()
    other[:, hours >= material.NOW_H] = 1e6
    assert np.array_equal(material._summary(values, hours), material._summary(other, hours))


def test_a_race_turned_round_gives_the_other_verdict():
    rng = np.random.default_rng(1)
    trees, net = rng.normal(4, 0.1, 5), rng.normal(3, 0.1, 5)
    low, high, word = material._paired(trees, net)
    assert material._paired(net, trees) == (-high, -low, "trees")
    assert word == "net"
