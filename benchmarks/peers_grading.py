"""Otter-Grader on an equal notebook, beside `vaxlab grade`: seconds a submission.

Otter goes into a virtual environment of its own, in a temporary folder, by pip; this needs the
network. It finds this course's packages in the environment that runs this. Its tests are the
notebook's hidden ones, in Otter's own format. `otter run` is its way without Docker: no walls
either, and one submission after another.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
import warnings
from pathlib import Path

import nbformat

from classroom import DAY, make, ours

NAME, STUDENTS = "1-trust", 4
TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = {points}


@test_case(points={points})
def test_hidden(env):
    {imports}
    globals = lambda: env
{code}
    assert result.points == {points}
"""


def write_tests(root: Path, folder: Path) -> None:
    """Write the hidden tests of the notebook as Otter wants them."""
    folder.mkdir()
    source = nbformat.read(root / "solutions" / DAY / f"{NAME}.ipynb", as_version=4)
    for cell in source.cells:
        grading = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and grading.get("grade") and not grading.get("solution"):
            lines = [line for line in cell.source.splitlines() if not line.startswith("#")][:-1]
            text = TEST.format(
                name=grading["grade_id"],
                points=grading["points"],
                imports="from vaxlab.lessons.day1 import trust",
                code="\n".join("    " + line for line in lines),
            )
            (folder / f"{grading['grade_id']}.py").write_text(text)


def main() -> None:
    """Print seconds a submission, for both."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "course"
        make(root, [NAME], STUDENTS)
        venv.create(folder / "otter", with_pip=True)
        python = folder / "otter/bin/python"
        pip = [python, "-m", "pip", "install", "--quiet", "otter-grader", "ipykernel"]
        subprocess.run(pip, check=True, timeout=600)
        where = "import site; print(site.getsitepackages()[0])"
        theirs = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
        paths = [path for path in sys.path if path.endswith("site-packages")]
        paths.append(str(Path(__file__).parents[1] / "src"))
        Path(theirs.stdout.strip(), "course.pth").write_text("\n".join(paths))
        write_tests(root, folder / "tests")
        otter = folder / "otter/bin/otter"
        generate = [otter, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
        subprocess.run(generate, cwd=folder, check=True)
        earned, began = 0.0, time.monotonic()
        for student in sorted((root / "submitted").iterdir()):
            submission = student / DAY / f"{NAME}.ipynb"
            command = [otter, "run", "--no-logo", "-a", "autograder.zip", "-o", student, submission]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            results = student / "results.json"
            earned += sum(test.get("score", 0) for test in json.loads(results.read_text())["tests"])
            results.unlink()
        theirs_s = (time.monotonic() - began) / STUDENTS
        assert earned > 0, "Otter gave no points at all: its tests cannot have run"
        ours_s = ours(root)[0] / STUDENTS
    print(f"a class of {STUDENTS}, {NAME}, seconds a submission, everything started anew:")
    print(f"otter run {theirs_s:.1f}, vaxlab grade {ours_s:.1f}")


if __name__ == "__main__":
    main()
