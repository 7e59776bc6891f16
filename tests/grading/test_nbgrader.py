"""The third user: nbgrader, which grades what learners hand in, through its own commands."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from answers.day1 import trust
from grading_sandbox.conftest import find_bubblewrap
from nbformat import NotebookNode, v4

from vaxlab.grading import provisioner

ASSIGNMENT, NAME = "day1", "1-trust"
pytestmark = pytest.mark.play
EXERCISES = list(dict.fromkeys(answer.grade_id for answer in trust.ANSWERS))
RIGHT = {a.grade_id: a for a in reversed(trust.ANSWERS) if not a.says}
IN_ANOTHER_FORM = {a.grade_id: a for a in trust.ANSWERS if not a.says}
WRONG = {a.grade_id: a for a in trust.ANSWERS if a.says and a.points == 0}
HALF_RIGHT = {
    a.grade_id: a for a in trust.ANSWERS if 0 < a.points < RIGHT[a.grade_id].points and a.says
}
OUT_OF = sum(answer.points for answer in RIGHT.values())

# Who hands in what; `empty` hands in what was handed out, `edited-checks` wrote new check cells.
SUBMISSIONS = {
    "right": RIGHT,
    "half-right": HALF_RIGHT,
    "wrong": WRONG,
    "empty": {},
    "another-form": IN_ANOTHER_FORM,
    "edited-checks": {},
}


def expected(student: str, grade_id: str) -> float:
    """Points that a student's answer to one exercise is worth."""
    answer = SUBMISSIONS[student].get(grade_id)
    return answer.points if answer else 0.0


def fill_in(notebook: NotebookNode, student: str) -> NotebookNode:
    """Type a student's answers into a released notebook."""
    for cell in notebook.cells:
        answer = SUBMISSIONS[student].get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if answer:
            cell.source = answer.source
        if student == "edited-checks" and cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = f"{cell.metadata.nbgrader.points:g}"
    if student == "another-form":
        # Learners keep notes and try things out.
        notebook.cells.insert(0, v4.new_markdown_cell("# My notes"))
        notebook.cells.insert(9, v4.new_code_cell("result = 99\nprint('trying something')\nresult"))
        notebook.cells.append(v4.new_code_cell("1 / 0"))
    return notebook


@pytest.fixture(scope="module")
def graded(checkout, built, tmp_path_factory) -> Path:
    """A course of its own, in which everybody's submissions went through ``make grade``."""
    root = tmp_path_factory.mktemp("class")
    for name in ("Makefile", "nbgrader_config.py"):
        shutil.copy(checkout / name, root)
    # One notebook is enough for the points to add up; tests/answers puts all through their checks.
    for source in (
        checkout / "solutions" / f"{ASSIGNMENT}/{NAME}.py",
        checkout / "solutions/index.py",
    ):
        copy = root / source.relative_to(checkout)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    for student in SUBMISSIONS:
        released = nbformat.read(built / "course" / ASSIGNMENT / f"{NAME}.ipynb", as_version=4)
        folder = root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(fill_in(released, student), folder / f"{NAME}.ipynb")
    # Already set up: these tests run in what `setup` makes. Without a sandbox they are all trusted.
    ready = ["--assume-old=setup", f"BIN={Path(sys.executable).parent}"]
    find_bubblewrap()
    options = "OPTIONS=--trust-submissions" if provisioner.no_sandbox() else "OPTIONS="
    said = subprocess.run(
        ["make", *ready, "grade", f"ASSIGNMENT={ASSIGNMENT}", options],
        cwd=root,
        env=os.environ | {"HOME": str(root)},
        capture_output=True,
        text=True,
        timeout=540,
    )
    assert said.returncode == 0, said.stderr
    return root


@pytest.fixture(scope="module")
def graded_by_nbgrader(graded) -> str:
    """Name of another gradebook, in which nbgrader's own command graded the same submissions."""
    settings = ["--CourseDirectory.db_url=sqlite:///again.db"]
    settings += ["--CourseDirectory.release_directory=.cache/release-again"]
    settings += ["--CourseDirectory.autograded_directory=autograded-again"]
    for command in ("generate_assignment", "autograde"):
        said = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, ASSIGNMENT, *settings],
            cwd=graded,
            env=os.environ | {"HOME": str(graded)},
            capture_output=True,
            text=True,
            timeout=540,
        )
        assert said.returncode == 0, said.stderr
    return "again.db"


def points(root: Path, student: str, gradebook: str = "gradebook.db") -> dict[str, float]:
    """What the gradebook holds of a student: points by exercise."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / gradebook}") as gradebook:
        grades = gradebook.find_submission_notebook(NAME, ASSIGNMENT, student).grades
        return {grade.name.removesuffix("-check"): grade.score for grade in grades}


def test_what_nbgrader_releases_is_what_the_build_writes(built, graded):
    name = f"{ASSIGNMENT}/{NAME}.ipynb"
    released = (graded / ".cache" / "release" / name).read_bytes()
    assert released == (built / "course" / name).read_bytes()


def test_grading_leaves_the_course_folder_alone(graded):
    assert not (graded / "course").exists()


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_each_exercise_earns_what_its_answer_is_worth(graded, student):
    assert points(graded, student) == {g: expected(student, g) for g in EXERCISES}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_nbgrader_s_own_command_gives_the_same_gradebook(graded, graded_by_nbgrader, student):
    assert points(graded, student, graded_by_nbgrader) == points(graded, student)


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_exported_table_holds_the_sum(graded, student):
    with (graded / "grades.csv").open() as stream:
        row = next(row for row in csv.DictReader(stream) if row["student_id"] == student)
    assert float(row["score"]) == sum(expected(student, g) for g in EXERCISES)
    assert float(row["max_score"]) == OUT_OF


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_feedback_says_why_in_words(graded, student):
    page = (graded / "feedback" / student / ASSIGNMENT / f"{NAME}.html").read_text()
    answers = SUBMISSIONS[student].values()
    for word in {answer.says or "passed" for answer in answers} or {"not attempted"}:
        assert word in page


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_feedback_does_not_show_the_hidden_tests(graded, student):
    page = (graded / "feedback" / student / ASSIGNMENT / f"{NAME}.html").read_text()
    assert "HIDDEN TESTS" not in page
    assert "plant_seed" not in page


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_feedback_lists_the_exercises_and_holds_every_figure_as_data(graded, student):
    page = (graded / "feedback" / student / ASSIGNMENT / f"{NAME}.html").read_text()
    for title in ("Exercise 1 · Twins", "Exercise 6 · A promise that holds"):
        assert f">{title}</a>" in page
    total = sum(expected(student, g) for g in EXERCISES)
    assert f"Total: {total:g} of {OUT_OF:g} points" in page
    # The live batch is a widget; five more figures stand in the notebook.
    assert page.count("data-figure=") == 6
    assert "Figure({" not in page


def test_the_submissions_are_of_all_kinds():
    assert [sum(expected(s, g) for g in EXERCISES) for s in ("right", "another-form")] == [
        OUT_OF,
        OUT_OF,
    ]
    assert 0 < sum(expected("half-right", g) for g in EXERCISES) < OUT_OF
    assert sum(expected("wrong", g) for g in EXERCISES) == 0
