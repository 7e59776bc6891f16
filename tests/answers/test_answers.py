"""Every answer in the bank through the real check cells: each is told what it is worth."""

import pytest

from answers.bank import bank, miss

BANK = bank()


@pytest.mark.parametrize(
    ("notebook", "answer"), BANK, ids=[f"{a.grade_id}-{k}" for k, (_, a) in enumerate(BANK)]
)
def test_an_answer_earns_what_it_is_worth_and_is_told_why(notebook, answer):
    assert miss(notebook, answer) == ""


def test_every_exercise_has_wrong_and_right_answers():
    for grade_id in {answer.grade_id for _, answer in BANK}:
        answers = [answer for _, answer in BANK if answer.grade_id == grade_id]
        assert sum(not answer.says for answer in answers) >= 2, grade_id
        assert sum(bool(answer.says) for answer in answers) >= 3, grade_id
