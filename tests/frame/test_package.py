"""What holds for the package and the tree as a whole."""

import subprocess
import sys
from pathlib import Path

# What a learner waits for only where it is used.
HEAVY = {"IPython", "ipywidgets", "nbformat", "nbgrader", "numpy", "pandas", "plotly", "torch"}


def test_importing_the_package_imports_nothing_heavy():
    program = f"import sys, vaxlab; print(*sorted({HEAVY} & set(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.split() == []


def test_the_tree_is_in_ruffs_style(checkout):
    ruff = str(Path(sys.executable).with_name("ruff"))
    for command in (["check"], ["format", "--check"]):
        said = subprocess.run(
            [ruff, *command], cwd=checkout, capture_output=True, text=True, timeout=60
        )
        assert said.returncode == 0, said.stdout


def test_ci_calls_make_test_and_nothing_cleverer(checkout):
    assert (checkout / ".ci" / "run").read_text().splitlines()[-1] == "make test"
