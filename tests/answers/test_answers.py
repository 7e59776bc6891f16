"""Every answer in the bank through the real check cells: each is told what it is worth."""

import hashlib

import pytest

from answers.answer import SOLUTIONS, cells
from answers.bank import bank, miss, miss_by_judge, on_plants, plants, unfair

BANK = bank()


@pytest.mark.parametrize(
    ("notebook", "answer"), BANK, ids=[f"{a.grade_id}-{k}" for k, (_, a) in enumerate(BANK)]
)
def test_an_answer_earns_what_it_is_worth_and_is_told_why(notebook, answer):
    assert miss(notebook, answer) == ""
    assert miss_by_judge(notebook, answer) == ""


@pytest.mark.parametrize("notebook", sorted({notebook for notebook, _ in BANK}))
def test_checks_are_fair_on_plants_that_nobody_chose(notebook, checkout):
    # Other plants with each version of the data, and always the same within one.
    version = hashlib.sha256((checkout / "datasets" / "manifest.json").read_bytes()).digest()
    seeds = plants(3, int.from_bytes(version[:8], "big"))
    assert unfair(on_plants([pair for pair in BANK if pair[0] == notebook], seeds)) == []


def test_every_exercise_has_wrong_and_right_answers():
    for notebook in {notebook for notebook, _ in BANK}:
        checks = [name for name in cells(notebook) if name.endswith("-check")]
        assert checks
        for grade_id in (name.removesuffix("-check") for name in checks):
            answers = [answer for _, answer in BANK if answer.grade_id == grade_id]
            assert sum(not answer.says for answer in answers) >= 2, grade_id
            assert sum(bool(answer.says) for answer in answers) >= 3, grade_id


def test_every_notebook_has_a_bank():
    sources = {f"{path.parent.name}/{path.stem}" for path in SOLUTIONS.glob("day*/*.py")}
    assert {notebook for notebook, _ in BANK} == sources
