"""Every answer in the bank through the real check cells: each is told what it is worth."""

import hashlib

import pytest

from answers.answer import SOLUTIONS, Answer, cells
from answers.bank import bank, miss, miss_by_judge, plants
from vaxlab.data import DATA_VERSION

BANK = bank()
PLANTS = 3
CAPSTONE = "day4/5-capstone"


def on(notebook: str) -> list[pytest.MarkDecorator]:
    """Keep a notebook's tests on one worker, where its plants are made once.

    Those of the capstone play seasons of the whole plant, so they are run with the plays.
    """
    marks = [pytest.mark.xdist_group(f"answers to {notebook}")]
    return marks + [pytest.mark.play] * (notebook == CAPSTONE)


def on_plants() -> list[tuple[str, Answer, int]]:
    """Pair each answer with a plant that nobody chose: each exercise of a notebook takes its turn.

    Other plants with each version of the data, and always the same within one.
    """
    version = hashlib.sha256(DATA_VERSION.encode()).digest()
    turns = plants(PLANTS, int.from_bytes(version[:8], "big"))
    seeds: dict[tuple[str, str], int] = {}
    for notebook, answer in BANK:
        place = sum(name == notebook for name, _ in seeds)
        seeds.setdefault((notebook, answer.grade_id), turns[place % PLANTS])
    return [(notebook, answer, seeds[notebook, answer.grade_id]) for notebook, answer in BANK]


@pytest.mark.parametrize(
    ("notebook", "answer", "plant_seed"),
    [
        pytest.param(notebook, answer, seed, marks=on(notebook), id=f"{answer.grade_id}-{k}")
        for k, (notebook, answer, seed) in enumerate(on_plants())
    ],
)
def test_an_answer_earns_what_it_is_worth_and_is_told_why(notebook, answer, plant_seed):
    assert miss(notebook, answer) == ""
    # As if that plant were the hidden one. `make answers` takes the hidden one and, with
    # PLANTS=20, tries all answers on all plants; `tests/grading` grades the solutions on it.
    assert miss_by_judge(notebook, answer, plant_seed) == ""


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
