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

from vaxlab.grading import provisioner

DAYS = sorted(path.name for path in SOLUTIONS.glob("day*"))
LIMIT_S = 900
# A whole day's notebooks, graded twice.
pytestmark = pytest.mark.timeout(3 * LIMIT_S)


# Each day on a worker of its own.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param(day, marks=pytest.mark.xdist_group(f"solutions of {day}")) for day in DAYS
    ],
)
def day(request) -> str:
    """Name of a day, which is an assignment."""
    return request.param


@pytest.fixture(scope="module")
def handed_in(day, checkout, built, tmp_path_factory) -> Path:
    """A course of its own in which a learner hands in the solutions of a day's notebooks."""
    root = tmp_path_factory.mktemp(day)
    for name in ("Makefile", "nbgrader_config.py"):
        shutil.copy(checkout / name, root)
    for source in (*(checkout / "solutions" / day).glob("*.py"), checkout / "solutions/index.py"):
        copy = root / source.relative_to(checkout)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    hand_in_solutions(built, root, day)
    find_bubblewrap()
    return root


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


def by_make_grade(root: Path, day: str) -> str:
    """Grade with ``make grade``; return the gradebook's name."""
    options = "OPTIONS=--trust-submissions" if provisioner.no_sandbox() else "OPTIONS="
    ready = ["--assume-old=setup", f"BIN={Path(sys.executable).parent}"]
    run(root, "make", *ready, "grade", f"ASSIGNMENT={day}", options)
    return "gradebook.db"


def by_nbgrader(root: Path, day: str) -> str:
    """Grade with ``nbgrader autograde``; return the gradebook's name."""
    run(root, sys.executable, "-m", "vaxlab.cli", "course", "build", "--for-grading")
    settings = ["--CourseDirectory.db_url=sqlite:///again.db"]
    settings += ["--CourseDirectory.release_directory=.cache/release-again"]
    settings += ["--CourseDirectory.autograded_directory=autograded-again"]
    for command in ("generate_assignment", "autograde"):
        run(root, sys.executable, "-m", "nbgrader", command, day, "--force", *settings)
    return "again.db"


@pytest.mark.parametrize(
    "grade",
    [
        pytest.param(grade, marks=pytest.mark.xdist_group(f"own solutions {grade.__name__}"))
        for grade in (by_make_grade, by_nbgrader)
    ],
)
def test_the_courses_own_solutions_earn_every_point(handed_in, day, grade: Callable):
    count = judged(handed_in / grade(handed_in, day), day)
    assert count == len(list((SOLUTIONS / day).glob("*.py")))


def judged(gradebook: Path, day: str) -> int:
    """Return how many notebooks were judged; each check of them gave all its points."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{gradebook}") as book:
        handed = book.find_submission(day, "author").notebooks
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


# One notebook of each day, in one assignment: everything is prepared and graded once. All of them
# are run by `vaxlab cohort prove`, on a cohort that somebody has made.
OF_COHORT = {
    1: ("day1/1-trust", "day2/1-normal", "day3/2-lot-or-probe", "day4/3-top-ten"),
    2: ("day1/1-trust", "day3/2-lot-or-probe"),
    3: ("day1/1-trust", "day2/1-normal"),
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
    assert judged(made / "gradebook.db", "day1") == len(OF_COHORT[seed])
    # The notebooks ran with the cohort's data: `batches.head(3)` shows them.
    first = pd.read_csv(made / "datasets" / "batches.csv")["cells_at_infection_per_ml"][0]
    assert str(first) in (made / "autograded/author/day1/1-trust.ipynb").read_text()
