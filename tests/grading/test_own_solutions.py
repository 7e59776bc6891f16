"""From source to grade: the course's own solutions, handed in, earn every point with both graders.

A sound answer that a grader refuses is the course's fault, whatever the learner's notebook said.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from answers.answer import SOLUTIONS
from answers.handed_in import hand_in_solutions
from grading_sandbox.conftest import find_bubblewrap

from vaxlab.authoring import build
from vaxlab.grading import provisioner

NOTEBOOKS = sorted(SOLUTIONS.glob("day*/*.py"))
LIMIT_S = 2400
pytestmark = pytest.mark.timeout(2 * LIMIT_S)


@pytest.fixture
def handed_in(checkout, tmp_path) -> Path:
    """A course of its own in which a learner hands in the solutions of all days.

    They are one assignment: what a grader prepares, it prepares once.
    """
    for name in ("Makefile", "nbgrader_config.py"):
        shutil.copy(checkout / name, tmp_path)
    (tmp_path / "solutions" / "day1").mkdir(parents=True)
    for source in (SOLUTIONS / "index.py", *NOTEBOOKS):
        folder = tmp_path / "solutions" / ("day1" if source in NOTEBOOKS else "")
        shutil.copy(source, folder)
    built = tmp_path / "built"
    outputs = build.notebooks_alone(tmp_path)
    for name, content in (outputs.committed | outputs.local).items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_bytes(content)
    hand_in_solutions(built, tmp_path, "day1")
    find_bubblewrap()
    return tmp_path


def run(root: Path, *command: str) -> None:
    """Run a command in a course."""
    said = subprocess.run(
        command,
        cwd=root,
        env=os.environ | {"HOME": str(root)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def by_make_grade(root: Path) -> str:
    """Grade with ``make grade``; return the gradebook's name."""
    options = "OPTIONS=--trust-submissions" if provisioner.no_sandbox() else "OPTIONS="
    ready = ["--assume-old=setup", f"BIN={Path(sys.executable).parent}"]
    run(root, "make", *ready, "grade", "ASSIGNMENT=day1", options)
    return "gradebook.db"


def by_nbgrader(root: Path) -> str:
    """Grade with ``nbgrader autograde``; return the gradebook's name."""
    run(root, sys.executable, "-m", "vaxlab.cli", "course", "build", "--for-grading")
    settings = ["--CourseDirectory.release_directory=.cache/release"]
    for command in ("generate_assignment", "autograde"):
        run(root, sys.executable, "-m", "nbgrader", command, "day1", "--force", *settings)
    return "gradebook.db"


@pytest.mark.parametrize(
    "grade",
    [
        pytest.param(grade, marks=pytest.mark.xdist_group(f"own solutions {grade.__name__}"))
        for grade in (by_make_grade, by_nbgrader)
    ],
)
def test_the_courses_own_solutions_earn_every_point(handed_in, grade: Callable):
    assert judged(handed_in / grade(handed_in)) == len(NOTEBOOKS)


def judged(gradebook: Path) -> int:
    """Return how many notebooks were judged; each check of them gave all its points."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{gradebook}") as book:
        handed = book.find_submission("day1", "author").notebooks
        grades = [(notebook.name, grade) for notebook in handed for grade in notebook.grades]
        earned = {
            f"{name} {grade.name}": (float(grade.auto_score or 0), grade.cell.max_score)
            for name, grade in grades
            if grade.cell.cell_type == "code"
        }
        waiting = [grade.cell.cell_type for _, grade in grades if grade.needs_manual_grade]
        count = len(handed)
    assert earned
    lost = {name: pair for name, pair in earned.items() if pair[0] != pair[1]}
    assert not lost
    # A written answer waits for a person, and is never counted as 0 before.
    assert set(waiting) <= {"markdown"}
    return count


# A few notebooks in one assignment: everything is prepared and graded once. All of them are run by
# `vaxlab cohort prove`, on a cohort that somebody has made.
OF_COHORT = {
    1: ("day1/1-trust", "day3/2-lot-or-probe", "day4/3-top-ten"),
    2: ("day1/1-trust", "day2/1-normal"),
    3: ("day1/1-trust",),
}


@pytest.mark.parametrize(
    "seed",
    [pytest.param(seed, marks=pytest.mark.xdist_group(f"cohort {seed}")) for seed in OF_COHORT],
)
def test_the_solutions_earn_every_point_in_a_cohort_of_ones_own(checkout, tmp_path, seed):
    for name in ("Makefile", "nbgrader_config.py"):
        shutil.copy(checkout / name, tmp_path)
    (tmp_path / "solutions" / "day1").mkdir(parents=True)
    shutil.copy(checkout / "solutions" / "index.py", tmp_path / "solutions")
    for name in OF_COHORT[seed]:
        shutil.copy(checkout / "solutions" / f"{name}.py", tmp_path / "solutions" / "day1")
    vaxlab = (sys.executable, "-m", "vaxlab.cli")
    run(tmp_path, *vaxlab, "cohort", "new", "spring", "--seed", str(seed))
    made = tmp_path / "cohorts" / "spring"
    hand_in_solutions(made, made, "day1")
    find_bubblewrap()
    options = "OPTIONS=--trust-submissions" if provisioner.no_sandbox() else "OPTIONS="
    ready = ["--assume-old=setup", f"BIN={Path(sys.executable).parent}", "COHORT=spring"]
    run(tmp_path, "make", *ready, "grade", "ASSIGNMENT=day1", options)
    assert judged(made / "gradebook.db") == len(OF_COHORT[seed])
    # The notebooks ran with the cohort's data: `batches.head(3)` shows them.
    first = pd.read_csv(made / "datasets" / "batches.csv")["cells_at_infection_per_ml"][0]
    assert str(first) in (made / "autograded/author/day1/1-trust.ipynb").read_text()
