"""The whole course, from an empty folder to a finished capstone: every exercise answered, graded.

    python benchmarks/whole_course.py            # all days, half an hour
    python benchmarks/whole_course.py day2       # one day

A checkout is cloned into an empty folder and built from its sources. A learner gets what is handed
out, types the course's own answers and hands them in, day by day. `make grade` and `nbgrader
autograde` grade them, and must agree. Prints points and seconds of each day, and what the
capstone's policy attains on new seasons.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

import nbformat  # noqa: E402
from answers.handed_in import hand_in_solutions, without_markers  # noqa: E402 (found only now)
from nbgrader.api import Gradebook  # noqa: E402

from vaxlab.authoring import build  # noqa: E402

BIN = Path(sys.executable).parent
DAYS = ("day1", "day2", "day3", "day4")


def run(root: Path, *command: str | Path) -> str:
    """Run a command of the course; return what it printed."""
    environment = os.environ | {"HOME": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def cloned(root: Path) -> None:
    """Clone the checkout, and build what it hands out from its sources."""
    run(root.parent, "git", "clone", "--quiet", "--no-hardlinks", CHECKOUT, root)
    outputs = build.notebooks_alone(root)
    for name, content in (outputs.committed | outputs.local).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def by_make_grade(root: Path, day: str) -> Path:
    """Grade a day as the README says; return the gradebook."""
    run(root, "make", "--assume-old=setup", f"BIN={BIN}", "grade", f"ASSIGNMENT={day}")
    return root / "gradebook.db"


def by_nbgrader(root: Path, day: str) -> Path:
    """Grade a day with nbgrader's own command, into a gradebook of its own."""
    settings = ["--CourseDirectory.db_url=sqlite:///again.db"]
    settings += ["--CourseDirectory.release_directory=.cache/release-again"]
    settings += ["--CourseDirectory.autograded_directory=autograded-again"]
    for command in ("generate_assignment", "autograde"):
        run(root, BIN / "nbgrader", command, day, "--force", *settings)
    return root / "again.db"


def points(gradebook: Path, day: str) -> dict[str, tuple[float, float]]:
    """Return what each notebook earned, and of how much; written answers are a person's."""
    found = {}
    with Gradebook(f"sqlite:///{gradebook}") as book:
        for notebook in book.find_submission(day, "author").notebooks:
            grades = [g for g in notebook.grades if g.cell.cell_type == "code"]
            earned = sum(float(g.auto_score or 0) for g in grades)
            found[notebook.name] = earned, sum(float(g.cell.max_score) for g in grades)
    return found


def graded(root: Path, day: str) -> bool:
    """Let a learner hand in a day, print what it earns, and tell whether that is all by both."""
    hand_in_solutions(root, root, day)
    tables = {}
    for grade in (by_make_grade, by_nbgrader):
        begun = time.monotonic()
        tables[grade.__name__] = points(grade(root, day), day)
        print(f"{day}, {grade.__name__}: {time.monotonic() - begun:.0f} s", flush=True)
    for name, (earned, most) in tables["by_make_grade"].items():
        print(f"  {name:16} {earned:4g} of {most:g}", flush=True)
    same = tables["by_make_grade"] == tables["by_nbgrader"]
    return same and all(earned == most for earned, most in tables["by_nbgrader"].values())


def capstone(root: Path) -> str:
    """Let a class's board rank the policy of the capstone's last exercise, on new seasons."""
    solved = nbformat.read(root / "solutions" / "day4" / "5-capstone.ipynb", as_version=4)
    (policy,) = (
        cell.source
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "capstone-policy"
    )
    (root / "policies").mkdir()
    (root / "policies" / "author.py").write_text(without_markers(policy), encoding="utf-8")
    return run(root, BIN / "vaxlab", "capstone", "board", "policies")


def main() -> None:
    """Play the days that are named, or all."""
    days, begun = sys.argv[1:] or DAYS, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        root = Path(folder) / "course"
        cloned(root)
        right = [graded(root, day) for day in days]
        if "day4" in days:
            print(capstone(root))
    said = "every point by both graders" if all(right) else "NOT every point by both graders"
    print(f"{said}; {time.monotonic() - begun:.0f} s from an empty folder")
    sys.exit(not all(right))


if __name__ == "__main__":
    main()
