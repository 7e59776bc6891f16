"""What holds for the package and the tree as a whole."""

import re
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


def test_ci_runs_all_tests_and_does_nothing_cleverer(checkout):
    called = (checkout / ".ci" / "run").read_text().splitlines()[-2:]
    assert called == ["make test", "make test-classroom"]
    makefile = (checkout / "Makefile").read_text()
    # What the one leaves out is what the other runs.
    assert re.findall(r"-m pytest \$\(TESTS\) -m (.+)", makefile) == ['"not play"', "play $(PLAYS)"]


def test_each_file_of_plays_is_found_by_make(checkout):
    marked = re.compile(r"^pytestmark = .*mark\.play", re.MULTILINE)
    files = [
        path for path in checkout.glob("tests/**/test_*.py") if marked.search(path.read_text())
    ]
    said = subprocess.run(
        ["make", "-n", "test-classroom"], cwd=checkout, capture_output=True, text=True, timeout=60
    )
    assert files
    assert {str(path.relative_to(checkout)) for path in files} <= set(said.stdout.split())
