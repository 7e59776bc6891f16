"""Every answer in the bank through the real check cells: each is told what it is worth."""

import hashlib
import itertools
from collections import defaultdict

import pytest

from answers.answer import SOLUTIONS, cells
from answers.bank import bank, miss, miss_by_judge, on_plants, plants, unfair
from vaxlab.data import DATA_VERSION

BANK = bank()
NOTEBOOKS = sorted({notebook for notebook, _ in BANK})
PLANTS = 3
CAPSTONE = "day4/5-capstone"


def on(notebook: str) -> list[pytest.MarkDecorator]:
    """Keep a notebook's tests on one worker, where its plants are made once.

    Those of the capstone play seasons of the whole plant, so they are run with the plays.
    """
    marks = [pytest.mark.xdist_group(f"answers to {notebook}")]
    return marks + [pytest.mark.play] * (notebook == CAPSTONE)


@pytest.mark.parametrize(
    ("notebook", "answer"),
    [
        pytest.param(notebook, answer, marks=on(notebook), id=f"{answer.grade_id}-{k}")
        for k, (notebook, answer) in enumerate(BANK)
    ],
)
def test_an_answer_earns_what_it_is_worth_and_is_told_why(notebook, answer):
    assert miss(notebook, answer) == ""
    assert miss_by_judge(notebook, answer) == ""


@pytest.mark.parametrize("notebook", [pytest.param(name, marks=on(name)) for name in NOTEBOOKS])
def test_checks_are_fair_on_plants_that_nobody_chose(notebook):
    # Other plants with each version of the data, and always the same within one.
    version = hashlib.sha256(DATA_VERSION.encode()).digest()
    seeds = plants(PLANTS, int.from_bytes(version[:8], "big"))
    exercises: dict[str, list] = defaultdict(list)
    for name, answer in BANK:
        if name == notebook:
            exercises[answer.grade_id].append((name, answer))
    # Each exercise on a plant, in turn: `make answers PLANTS=20` tries all on all.
    verdicts: dict[str, list[list]] = {}
    for answers, seed in zip(exercises.values(), itertools.cycle(seeds)):
        verdicts |= on_plants(answers, [seed])
    assert unfair(verdicts) == []


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
