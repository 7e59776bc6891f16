"""From source to grade: the course's own solutions, handed in, earn every point with both graders.

A sound answer that a grader refuses is the course's fault, whatever the learner's notebook said.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from answers.answer import SOLUTIONS
from answers.handed_in import hand_in_solutions
from grading_sandbox.conftest import find_bubblewrap

from vaxlab.authoring import build
from vaxlab.data import DATA_VERSION
from vaxlab.grading import provisioner

NOTEBOOKS = sorted(SOLUTIONS.glob("day*/*.py"))
# nbgrader's own command has the kernel, the judge and the steps of `vaxlab grade`. So it takes one
# notebook of each day, others with each version of the data; `benchmarks/whole_course.py` has all.
TURN = int(hashlib.sha256(DATA_VERSION.encode()).hexdigest(), 16)
DAYS = [sorted(path.glob("*.py")) for path in sorted(SOLUTIONS.glob("day*"))]
IN_TURN = [notebooks[TURN % len(notebooks)] for notebooks in DAYS]
LIMIT_S = 2400
pytestmark = [pytest.mark.play, pytest.mark.timeout(2 * LIMIT_S)]


def hand_in(checkout: Path, root: Path, notebooks: list[Path]) -> None:
    """Let a learner hand in solutions in a course of its own, as one assignment.

    What a grader prepares, it then prepares once.
    """
    for name in ("Makefile", "nbgrader_config.py"):
        shutil.copy(checkout / name, root)
    (root / "solutions" / "day1").mkdir(parents=True)
    shutil.copy(SOLUTIONS / "index.py", root / "solutions")
    for source in notebooks:
        shutil.copy(source, root / "solutions" / "day1")
    built = root / "built"
    outputs = build.notebooks_alone(root)
    for name, content in (outputs.committed | outputs.local).items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_bytes(content)
    hand_in_solutions(built, root, "day1")
    find_bubblewrap()


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
    ("grade", "notebooks"),
    [
        pytest.param(grade, some, marks=pytest.mark.xdist_group(f"own solutions {grade.__name__}"))
        for grade, some in ((by_make_grade, NOTEBOOKS), (by_nbgrader, IN_TURN))
    ],
)
def test_the_courses_own_solutions_earn_every_point(checkout, tmp_path, grade, notebooks):
    hand_in(checkout, tmp_path, notebooks)
    assert judged(tmp_path / grade(tmp_path)) == len(notebooks)


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
