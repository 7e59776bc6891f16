"""A class of a few learners, as files."""

import json

import pytest

TWINS = "Exercise 1 · Twins"
TIDY = "Exercise 2 · One column that can be used"


@pytest.fixture
def folder(tmp_path):
    """The folder of what checks have said; nobody has joined."""
    (tmp_path / "watch").mkdir()
    return tmp_path / "watch"


@pytest.fixture
def note(folder):
    """Let somebody's check say something, at a minute."""

    def note(name, outcome, exercise=TWINS, why="", minute=0.0, **other):
        said = {
            "at": 1.8e9 + 60 * minute,
            "day": "day1",
            "exercise": exercise,
            "outcome": outcome,
            "points": 0,
            "out_of": 2,
            "label": "",
            "why": why,
        }
        path = folder / f"{name}.jsonl"
        if not path.exists():
            path.write_text('{"joined": 1}\n')
        with path.open("a") as file:
            file.write(json.dumps(said | other) + "\n")

    return note
