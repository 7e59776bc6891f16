"""How checks read what a learner gives."""

import numpy as np

from vaxlab.checks.reading import recognised

WRONG = [(np.array([1.0, 4.0]), "squared"), ([2.0, 3.0], "plus one")]


def test_a_wrong_answer_is_recognised_where_it_agrees_on_all_tables():
    assert recognised([2.0, 3.0], WRONG) == "plus one"
    assert recognised([1.0, 4.0001], WRONG) == "squared"


def test_nobody_is_accused_for_agreeing_on_one_table():
    assert recognised([1.0, 3.0], WRONG) == ""
    assert recognised([np.nan, 4.0], WRONG) == ""


def test_of_two_the_first_is_said():
    assert recognised([1.0, 4.0], [*WRONG, ([1.0, 4.0], "later")]) == "squared"
