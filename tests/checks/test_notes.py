"""What checks note for a class: only of those who have joined, and never code."""

import json
import os
import threading

import pytest

from vaxlab import cli
from vaxlab.checks import notes
from vaxlab.checks.exercise import exercise, not_yet, passed
from vaxlab.checks.result import Outcome
from vaxlab.errors import CourseError

SECRET = "my_secret_code"


def check_of(parts, module="vaxlab.lessons.day1.trust.checks"):
    def generator(answers, plant_seed):
        function = answers.function("area")
        function(2.0)
        yield from parts

    generator.__module__ = module
    return exercise("Exercise 1 · Twins", points=2)(generator)


def area(radius):
    return radius


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "ana.jsonl"
    path.touch(0o640)
    monkeypatch.setenv(notes.PLACE, str(path))
    return path


def noted(file):
    return [json.loads(line) for line in file.read_text().splitlines()[1:]]


def test_nothing_is_noted_before_one_has_joined(file):
    check_of([passed("p", 2)])({"area": area})
    assert file.read_text() == ""


def test_what_a_check_says_is_noted_in_its_own_words(file):
    notes.join()
    check = check_of([passed("a", 1), not_yet("b", 1, "This is in mm²,\nnot in cm².", got=SECRET)])
    check({"area": area})
    (said,) = noted(file)
    assert said["at"] > 1e9
    assert {key: said[key] for key in said if key != "at"} == {
        "day": "day1",
        "exercise": "Exercise 1 · Twins",
        "outcome": "not yet",
        "points": 1.0,
        "out_of": 2,
        "label": "b",
        "why": "This is in mm², not in cm².",
    }
    assert SECRET not in file.read_text()


def test_of_an_error_only_its_kind_is_noted(file):
    def area(radius):
        raise KeyError(SECRET)

    notes.join()
    result = check_of([])({"area": area})
    assert SECRET in str(result)
    (said,) = noted(file)
    assert said["outcome"] == "error in your code"
    assert said["why"] == "KeyError"
    assert SECRET not in file.read_text()


def test_a_hidden_plant_and_an_answer_not_begun_are_not_noted(file):
    notes.join()
    check_of([passed("p", 2)])({"area": area}, plant_seed=4_829_020_353_282)
    assert check_of([])({"area": ...}).outcome is Outcome.NOT_ATTEMPTED
    check_of([passed("p", 2)], module="somebody.elses")({"area": area})
    assert noted(file) == []


def test_who_leaves_has_left_nothing_and_may_come_back(file):
    notes.join()
    check = check_of([passed("p", 2)])
    check({"area": area})
    assert len(noted(file)) == 1
    notes.join()
    assert len(noted(file)) == 1  # joining twice changes nothing
    assert "deletes" in notes.join()
    notes.leave()
    check({"area": area})
    assert file.read_text() == ""
    notes.join()
    check({"area": area})
    assert len(noted(file)) == 1


@pytest.mark.parametrize("kind", ["nothing", "folder", "link", "pipe", "unset"])
def test_a_check_says_the_same_where_nothing_can_be_noted(tmp_path, monkeypatch, kind):
    path, target = tmp_path / "here", tmp_path / "elsewhere"
    target.write_text("joined\n")
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(target)
    elif kind == "pipe":
        os.mkfifo(path)
    if kind != "unset":
        monkeypatch.setenv(notes.PLACE, str(path))
    assert check_of([passed("p", 2)])({"area": area}).points == 2
    assert target.read_text() == "joined\n"
    with pytest.raises(CourseError):
        notes.join()


def test_a_full_disk_is_no_concern_of_the_learners(file, monkeypatch):
    notes.join()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert check_of([passed("p", 2)])({"area": area}).points == 2


def test_kernels_that_note_at_once_do_not_cut_each_others_lines(file):
    notes.join()
    check = check_of([passed("p", 2)])
    result = check({"area": area})

    def many():
        for _ in range(50):
            notes.note("vaxlab.lessons.day1.trust.checks", result)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(noted(file)) == 201


def test_long_words_are_cut(file):
    notes.join()
    check_of([not_yet("b" * 500, 2, "c" * 5000)])({"area": area})
    (said,) = noted(file)
    assert len(said["label"]) == notes.LABEL
    assert len(said["why"]) == notes.WHY


def test_the_commands_join_and_leave(file, capsys, monkeypatch):
    assert cli.main(["class", "join"]) == 0
    assert "never your code" in capsys.readouterr().out
    assert file.stat().st_size
    assert cli.main(["class", "leave"]) == 0
    assert not file.stat().st_size
    monkeypatch.delenv(notes.PLACE)
    assert cli.main(["class", "join"]) == 1
    assert "only learners of a class" in capsys.readouterr().err
