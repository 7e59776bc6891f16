"""What platforms get: each learner once, final grades only, nothing that a spreadsheet runs."""

import csv
import io
import json
import os
import shutil
import sys
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from hostile import bank
from nbformat import NotebookNode

from vaxlab import cli
from vaxlab.authoring import build
from vaxlab.errors import CourseError
from vaxlab.grading import classroom, handback, report

NOTEBOOKS = {"1-trust": {"trust-a": 2.0, "trust-b": 4.0}, "2-more": {"more-a": 10.0}}
EVIL = '=HYPERLINK("http://127.0.0.1/?"&A1,"open")'


@lru_cache(maxsize=1)
def empty_gradebook() -> bytes:
    """What nbgrader makes; it starts a program for it, which takes seconds."""
    from nbgrader.api import Gradebook

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # nbgrader looks for `alembic` by its name.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        path = Path(folder) / "gradebook.db"
        Gradebook(f"sqlite:///{path}").close()
        return path.read_bytes()


def fill(root: Path, learners: dict[str, dict], notebooks: dict | None = None) -> Path:
    """Make a checkout with a gradebook, through nbgrader's own interface.

    `learners` holds, by name, the student's fields, ``points`` by check (a number, or None: to be
    looked at), ``at`` and ``held``.
    """
    from nbgrader.api import Gradebook

    (root / "solutions").mkdir(exist_ok=True)
    (root / "nbgrader_config.py").touch()
    (root / "gradebook.db").write_bytes(empty_gradebook())
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("day1")
        for notebook, cells in (notebooks or NOTEBOOKS).items():
            gradebook.add_notebook(notebook, "day1")
            for cell, points in cells.items():
                gradebook.add_solution_cell(cell, notebook, "day1")
                gradebook.add_grade_cell(
                    f"{cell}-check", notebook, "day1", max_score=points, cell_type="code"
                )
        for student, known in learners.items():
            fields = {key: known[key] for key in known.keys() - {"points", "at", "penalty"}}
            gradebook.add_student(student, **fields)
            if "points" not in known:
                continue
            when = {"timestamp": known["at"]} if "at" in known else {}
            gradebook.add_submission("day1", student, **when)
            for notebook in gradebook.find_submission("day1", student).notebooks:
                notebook.late_submission_penalty = known.get("penalty", 0.0)
                for grade in notebook.grades:
                    points = known["points"].get(grade.name.removesuffix("-check"), 0.0)
                    grade.auto_score = points or 0.0
                    grade.needs_manual_grade = points is None
            gradebook.db.commit()
    return root


LEARNERS = {
    "zoe": {
        "first_name": "Zoë",
        "last_name": "Müller",
        "email": "zoe@example.org",
        "lms_user_id": "4711",
        "points": {"trust-a": 2.0, "trust-b": 1.5, "more-a": 10.0},
        "at": "2026-11-20 12:00:00 UTC",
    },
    "adam": {"first_name": EVIL, "last_name": "x;=1+1", "points": {"trust-a": 2.0}},
    "held": {"first_name": "Points Possible", "points": {"trust-a": None}},
    "absent": {"last_name": "Nobody"},
    "odd": {"lms_user_id": "12ab", "first_name": "Points Possible", "points": {"more-a": 1 / 3}},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A class of five in a gradebook."""
    return fill(tmp_path_factory.mktemp("handback"), LEARNERS)


@pytest.fixture
def marks(course) -> handback.Marks:
    """What is read of it."""
    return handback.read(course, "day1")


def test_the_plain_table_has_one_row_a_learner_and_one_column_a_notebook(marks):
    rows = handback.table(marks)
    head, *body = rows
    assert [row[0] for row in body] == sorted(LEARNERS)
    by_name = {row[0]: dict(zip(head, row, strict=True)) for row in body}
    assert by_name["zoe"]["1-trust"] == "3.5"
    assert by_name["zoe"]["2-more"] == "10"
    assert by_name["zoe"]["total"] == "13.5"
    assert {row["maximum"] for row in by_name.values()} == {"16"}
    assert by_name["absent"]["total"] == ""
    assert by_name["absent"]["remark"] == "nothing handed in"


def test_who_is_held_is_marked_in_the_table_and_in_no_platforms_file(marks):
    row = next(row for row in handback.table(marks) if row[0] == "held")
    assert row[-2] == "yes"
    assert "held for review" in row[-1]
    for rows in (handback.moodle(marks, "Day 1"), handback.canvas(marks, "Day 1")):
        assert not any("held" in row or "absent" in row for row in rows)
        assert any("zoe" in row for row in rows)


def test_the_graders_sentence_stands_beside_the_points_that_it_explains(course):
    folder = course / ".cache" / "grading" / "day1"
    folder.mkdir(parents=True)
    said = {"notebook": "1-trust", "points": 0.0, "said": "an interpreter was changed"}
    stale = {"student": "zoe", "notebook": "1-trust", "points": 0.0, "said": "old news"}
    rows = [{"student": "held", "state": "held", **said}, {"state": "stopped", **stale}]
    (folder / "a.json").write_text(json.dumps({"rows": rows}))
    (folder / "b.json").write_text("half-writ")
    try:
        text = handback.dumps(handback.table(handback.read(course, "day1")))
    finally:
        for path in folder.iterdir():
            path.unlink()
    assert "an interpreter was changed" in text
    assert "old news" not in text


@pytest.mark.parametrize(
    "value",
    [
        "=1+1",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1+1",
        "\r\n=1+1",
        " =1",
        "＝1+1",
        "a;=1+1",
        'a",=1+1',
        EVIL,
    ],
)
def test_no_text_begins_a_formula_whatever_separates_the_cells(value):
    (row,) = csv.reader(io.StringIO(handback.dumps([[handback.text(value)]])))
    line = handback.dumps([[handback.text(value)]])
    for separator in ",;\t":
        for cell in next(csv.reader(io.StringIO(line), delimiter=separator)):
            assert not cell.strip().lstrip('"').lstrip().startswith(tuple("=+-@＝＋－＠"))
    assert len(row) == 1
    assert line.count("\n") == 1


@pytest.mark.parametrize("value", ["Anna-Lena", "a@example.org", "-", "Müller, 王", "C+"])
def test_an_ordinary_text_stays_as_it_is(value):
    assert handback.text(value) == value


def test_canvas_gets_the_columns_that_its_importer_looks_for(marks):
    head, possible, *body = handback.canvas(marks, "Day 1 (77)")
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Day 1 (77)"]
    assert possible[0].strip() == "Points Possible"
    assert possible[-1] == "16"
    by_login = {row[3]: row for row in body}
    assert by_login["zoe"][:3] == ["Müller, Zoë", "4711", ""]
    assert by_login["zoe"][-1] == "13.5"
    # Canvas would read the number 12 out of 12ab, and a row called so as the maximum.
    assert by_login["odd"][:3] == ["odd", "", "12ab"]
    assert len({len(row) for row in [head, possible, *body]}) == 1


def test_moodle_gets_user_grade_and_feedback(marks):
    head, *body = handback.moodle(marks, "Day 1")
    row = next(dict(zip(head, row, strict=True)) for row in body if row[0] == "zoe")
    assert row["Email address"] == "zoe@example.org"
    assert row["Day 1"] == "13.5"
    assert row["Day 1 feedback"] == "1-trust: 3.5 of 6; 2-more: 10 of 10"


def test_moodles_worksheet_is_filled_in_and_else_left_alone(marks):
    given = (
        "\ufeffIdentifier,Full name,Email address,Grade,Last modified (grade),Feedback comments\r\n"
        'Participant 9,"Müller, Zoë",ZOE@example.org,,-,\r\n'
        "Participant 4,=evil(),stranger@example.org,3,-,so so\r\n"
    )
    _, zoe, stranger = handback.worksheet(marks, given)
    assert zoe[:2] == ["Participant 9", "Müller, Zoë"]
    assert zoe[3:5] == ["13.5", "-"]
    assert zoe[5].startswith("1-trust: 3.5 of 6")
    assert stranger == ["Participant 4", "'=evil()", "stranger@example.org", "3", "-", "so so"]


def test_a_file_that_is_no_worksheet_is_refused_with_what_to_do(marks):
    with pytest.raises(CourseError, match="Download grading worksheet"):
        handback.worksheet(marks, "a,b\n1,2\n")
    with pytest.raises(CourseError, match="names nobody"):
        handback.worksheet(marks, "Identifier,Grade\nParticipant 1,\n")


def test_lateness_costs_what_nbgrader_says(tmp_path):
    known = {"points": {"trust-a": 2.0, "more-a": 10.0}, "penalty": 1.5}
    marks = handback.read(fill(tmp_path, {"late": known}), "day1")
    assert marks.learners[0].total == 9.0
    assert "late, 3 points less" in handback.table(marks)[1][-1]


def test_times_come_from_the_gradebook_else_from_the_files(course, marks):
    by_name = {learner.student: learner for learner in marks.learners}
    assert by_name["zoe"].handed_in == datetime(2026, 11, 20, 12)
    assert by_name["adam"].handed_in is None
    saved = course / "submitted" / "adam" / "day1" / "1-trust.ipynb"
    saved.parent.mkdir(parents=True)
    saved.touch()
    again = {learner.student: learner for learner in handback.read(course, "day1").learners}
    assert again["adam"].handed_in is not None


@pytest.mark.parametrize("form", handback.FORMATS)
def test_the_command_writes_the_same_file_every_time(course, tmp_path, monkeypatch, capsys, form):
    monkeypatch.chdir(course)
    target = tmp_path / "out.csv"
    assert cli.main(["grades", "day1", "--format", form, "--output", str(target)]) == 0
    first = target.read_bytes()
    assert cli.main(["grades", "day1", "--format", form, "--output", str(target)]) == 0
    assert target.read_bytes() == first
    assert "zoe" in first.decode("utf-8-sig")
    assert "held" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_leaves_nothing_behind(
    course, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(course)
    folder = tmp_path / "folder"
    folder.mkdir()
    assert cli.main(["grades", "day1", "--output", str(folder)]) == 1
    assert "--output" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["day7"], "It knows: day1."),
        (["day1", "--gradebook", "sqlite:////nowhere/gradebook.db"], "There is no gradebook"),
        (["day1", "--gradebook", "not a url"], "SQLAlchemy URL"),
        (["day1", "--worksheet", "missing.csv"], "missing.csv cannot be read"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(course, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(course)
    assert cli.main(["grades", *arguments]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_an_empty_gradebook_says_to_grade_first(tmp_path):
    with pytest.raises(CourseError, match="Grade first"):
        handback.hand_back(fill(tmp_path, {"nobody": {}}), "day1")


def test_a_password_in_the_address_is_not_shown(course):
    with pytest.raises(CourseError, match="cannot be read") as raised:
        handback.read(course, "day1", "postgresql://me:secret@127.0.0.1:1/grades")
    assert "secret" not in str(raised.value)


def test_an_empty_file_is_no_gradebook_and_stays_empty(tmp_path):
    (tmp_path / "gradebook.db").touch()
    with pytest.raises(CourseError, match="There is no gradebook"):
        handback.read(tmp_path, "day1")
    assert (tmp_path / "gradebook.db").stat().st_size == 0


@pytest.fixture(scope="module")
def graded(built, checkout, bubblewrap, tmp_path_factory) -> Path:
    """A small class that `vaxlab grade` has graded: one honest, one cheat, one broken file."""
    from nbgrader.apps import NbGraderAPI

    root = tmp_path_factory.mktemp("graded")
    shutil.copytree(built, root, dirs_exist_ok=True)
    for notebook in root.glob("*/day1/*.ipynb"):
        if notebook.stem != bank.NAME:
            notebook.unlink()
    released = root / "course" / "day1" / f"{bank.NAME}.ipynb"

    def handed_in(student: str) -> tuple[NotebookNode, Path]:
        folder = root / "submitted" / student / "day1"
        folder.mkdir(parents=True)
        return nbformat.read(released, as_version=4), folder

    notebook, folder = handed_in("honest")
    bank.save(bank.solve(notebook, bank.FIRST), folder)
    (folder / "timestamp.txt").write_text("2026-11-20 12:00:00 UTC")
    bank.at_start(bank.TRANSFORMER)(*handed_in("cheat"))
    bank.raw(b"{")(*handed_in("=1+1"))
    assert NbGraderAPI(config=build.settings(root)).generate_assignment("day1")["success"]
    classroom.grade(root, "day1", progress=False)
    return root


def test_a_class_that_was_truly_graded_is_handed_back_with_the_graders_sentences(graded):
    head, *rows = handback.table(handback.read(graded, "day1"))
    assert [row[0] for row in rows] == ["'=1+1", "cheat", "honest"]
    rejected, cheat, honest = (dict(zip(head, row, strict=True)) for row in rows)
    assert float(honest["total"]) == bank.EARNED
    assert honest["held"] == ""
    assert cheat["held"] == "yes"
    assert "held for review: the interpreter was changed" in cheat["remark"]
    assert rejected["total"] == "0"
    assert "cannot be read as a notebook" in rejected["remark"]
    assert {row["maximum"] for row in (rejected, cheat, honest)} == {handback.number(bank.FULL)}


def test_a_class_that_was_truly_graded_can_be_reported(graded):
    target, count = report.write(graded, "day1")
    page = target.read_text(encoding="utf-8")
    assert count == 3
    assert "cheat (cheat): 1-trust held for review: the interpreter was changed" in page
    assert "1-trust · Exercise 1 · Twins" in page
    assert "20 November 2026 12:00" in page
