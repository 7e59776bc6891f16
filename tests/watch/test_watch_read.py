"""Who has passed what, and who is stuck: whatever stands in learners' files."""

import json
import os
from collections import Counter

import pytest

from vaxlab import progress
from vaxlab.checks.result import Outcome
from vaxlab.errors import CourseError
from vaxlab.watch import read

from .conftest import TIDY, TWINS

KEY, OTHER = ("day1", TWINS), ("day1", TIDY)


@pytest.fixture
def seen(folder, built):
    return lambda place=None: read.view(str(place or folder), built / "course")


def test_an_exercise_is_named_by_its_day_and_title_alone(built):
    names = Counter(
        (one.notebook.split("/")[0], one.title)
        for one in progress.exercises(built / "course")
        if one.out_of
    )
    assert set(names.values()) == {1}


def test_who_has_not_joined_is_counted_and_not_shown(folder, note, seen):
    note("ana", "passed")
    (folder / "bo.jsonl").touch()
    view = seen()
    assert view.joined == ["ana"]
    assert view.accounts == 2
    assert view.is_class


def test_once_passed_is_passed_and_tries_are_counted_up_to_it(note, seen):
    note("ana", "not yet", why="mm²", minute=0)
    note("ana", "error in your code", why="KeyError", minute=2)
    note("ana", "passed", minute=6)
    note("ana", "not yet", minute=60)
    one = seen().standings["ana", KEY]
    assert (one.outcome, one.tries, one.why) == (Outcome.PASSED, 3, "")
    assert one.minutes == 6
    assert not one.is_stuck


def test_three_tries_without_a_pass_are_stuck_and_the_last_reason_is_shown(note, seen):
    for name, tries in (("ana", 3), ("bo", 2), ("cy", 5)):
        for number in range(tries):
            note(name, "not yet", why=f"reason {number}", label="first part")
    rows = seen().stuck()
    assert [(name, one.tries, one.why) for name, _, one in rows] == [
        ("cy", 5, "first part: reason 4"),
        ("ana", 3, "first part: reason 2"),
    ]


def test_reasons_are_counted_by_learner_and_figures_in_them_do_not_part_them(note, seen):
    note("ana", "not yet", why="12 rows are missing.")
    note("bo", "not yet", why="1,507 rows are missing.")
    note("cy", "not yet", why="A logarithm.")
    note("di", "not yet", why="A logarithm.")
    note("di", "passed")
    assert seen().reasons(KEY) == [("12 rows are missing.", 2), ("A logarithm.", 1)]


def test_only_notebooks_that_somebody_has_begun_are_shown_with_all_their_exercises(note, seen):
    note("ana", "passed", exercise=TIDY)
    view = seen()
    assert list(view.notebooks) == ["day1/1-trust"]
    assert view.notebooks["day1/1-trust"][:2] == [KEY, OTHER]
    assert len(view.notebooks["day1/1-trust"]) == 6


def test_a_learner_sees_the_own_file_alone(folder, note, seen):
    note("ana", "passed")
    note("bo", "passed")
    view = seen(folder / "ana.jsonl")
    assert view.joined == ["ana"]
    assert not view.is_class


def test_where_nothing_is_collected_one_sentence_says_so(tmp_path, monkeypatch, built):
    with pytest.raises(CourseError, match="Nothing is collected here"):
        read.view(str(tmp_path / "none"), built / "course")
    monkeypatch.delenv(read.notes.PLACE, raising=False)
    with pytest.raises(CourseError, match="Nothing is collected here"):
        read.view(None, built / "course")


GOOD = {"at": 1.8e9, "day": "day1", "exercise": TWINS, "outcome": "passed"}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe\x00",
        b"[" * 4000,
        b"null",
        b"[1, 2]",
        b'{"at": ' + b"9" * 3000 + b"}",
        json.dumps(GOOD | {"at": "now"}).encode(),
        json.dumps(GOOD | {"at": True}).encode(),
        json.dumps(GOOD | {"at": float("nan")}).encode(),
        json.dumps(GOOD | {"at": 10**400}).encode(),
        json.dumps(GOOD | {"outcome": "genius"}).encode(),
        json.dumps(GOOD | {"outcome": ["passed"]}).encode(),
        json.dumps(GOOD | {"exercise": "Exercise 99 · Invented"}).encode(),
        json.dumps(GOOD | {"exercise": {"a": 1}}).encode(),
        json.dumps(GOOD | {"day": "day9"}).encode(),
        json.dumps(GOOD | {"why": "x" * 5000}).encode(),
    ],
)
def test_a_line_that_is_no_note_is_passed_over_and_the_next_one_counts(folder, note, seen, line):
    (folder / "ana.jsonl").write_bytes(b'{"joined": 1}\n' + line + b"\n")
    assert seen().standings == {}
    note("ana", "passed", exercise=TIDY)
    assert list(seen().standings) == [("ana", OTHER)]


def test_a_time_out_of_bounds_gives_bounded_minutes(note, seen):
    note("ana", "not yet", at=-1e300)
    note("bo", "not yet", at=1e300)
    minutes = [one.minutes for one in seen().standings.values()]
    assert minutes == [1e4, 0.0]


def test_what_could_move_a_terminal_or_turn_writing_round_is_shown_as_a_mark(note, seen):
    note("ana", "not yet", why="\x1b[2J\u202egnp.exe\nzero\x00")
    (said,) = [one.why for one in seen().standings.values()]
    assert said == "\ufffd[2J\ufffdgnp.exe\ufffdzero\ufffd"


def test_of_a_huge_file_the_end_is_read(folder, note, seen):
    note("ana", "not yet", exercise=TIDY)
    with (folder / "ana.jsonl").open("a") as file:
        file.write("x" * 2**20 + "\n")
    note("ana", "passed")
    assert list(seen().standings) == [("ana", KEY)]


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "device"])
def test_what_is_no_file_is_not_read(folder, note, seen, tmp_path, kind):
    note("bo", "passed")
    path = folder / "ana.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(folder / "bo.jsonl")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert seen().joined == ["bo"]


def test_a_name_that_is_no_accounts_is_not_shown(folder, note, seen):
    note("ana", "passed")
    for name in ("<script>", "Ana", "a" * 40, "..", "ana bo"):
        (folder / f"{name}.jsonl").write_text("x\n")
    assert seen().joined == ["ana"]


def test_a_class_of_many_is_bounded(folder, seen, monkeypatch):
    monkeypatch.setattr(read, "MAX_LEARNERS", 3)
    for number in range(5):
        (folder / f"a{number}.jsonl").write_text("x\n")
    assert len(seen().joined) == 3
