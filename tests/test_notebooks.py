"""The first user: a learner who opens a notebook and runs it, and the author of its solution."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.timeout(1500)
# The linter runs all solutions, as a grader does. What behaves otherwise where nobody grades is run
# here: sliders, a live curve. The drawing and the explorer are driven in tests/browser, the cluster
# in tests/lessons/day4.
LIVE = ("day1/1-trust", "day2/3-trajectories")


@pytest.mark.parametrize("name", LIVE)
def test_a_solution_runs_from_top_to_bottom(built, tmp_path, name):
    notebook = tmp_path / f"{Path(name).name}.ipynb"
    shutil.copy(built / "solutions" / f"{name}.ipynb", notebook)
    # In a process of its own: nbval is a plugin, and collects notebooks where it is switched on.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax"]
    options = [f"--rootdir={tmp_path}", "--nbval-cell-timeout=300", str(notebook)]
    said = subprocess.run(
        command + options, cwd=tmp_path, capture_output=True, text=True, timeout=1200
    )
    assert said.returncode == 0, said.stdout


# The untouched notebooks of all days are run in a browser: tests/browser/test_every_notebook.py.
def test_the_start_page_runs_without_stopping_and_without_a_warning(built, tmp_path):
    notebook = nbformat.read(built / "course" / "index.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output["text"]
            assert output["output_type"] != "error"
