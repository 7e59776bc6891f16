"""The whole course, from an empty folder to a finished capstone: every exercise answered, graded.

    python benchmarks/whole_course.py            # all days, a quarter of an hour on two cores
    python benchmarks/whole_course.py day2       # one day

A checkout is cloned into an empty folder and built from its sources. A learner gets what is handed
out, types the course's own answers and hands them in, day by day; `make grade` grades them. Prints
points and seconds of each notebook, and what the capstone's policy attains on new seasons.
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


def graded(root: Path, day: str) -> tuple[float, float]:
    """Let a learner hand in a day, grade it, and print its notebooks; return points, and of."""
    hand_in_solutions(root, root, day)
    begun = time.monotonic()
    run(root, "make", "--assume-old=setup", f"BIN={BIN}", "grade", f"ASSIGNMENT={day}")
    print(f"{day}: graded in {time.monotonic() - begun:.0f} s")
    earned = asked = 0.0
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        for notebook in book.find_submission(day, "author").notebooks:
            found = [g for g in notebook.grades if g.cell.cell_type == "code"]
            points = sum(float(g.auto_score or 0) for g in found)
            most = sum(float(g.cell.max_score) for g in found)
            print(f"  {notebook.name:16} {points:4g} of {most:g}")
            earned, asked = earned + points, asked + most
    return earned, asked


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
        found = [graded(root, day) for day in days]
        if "day4" in days:
            print(capstone(root))
    earned, asked = map(sum, zip(*found, strict=True))
    print(f"{earned:g} of {asked:g} points, {time.monotonic() - begun:.0f} s from an empty folder")
    sys.exit(earned != asked)


if __name__ == "__main__":
    main()
