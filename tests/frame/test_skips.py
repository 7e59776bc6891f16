"""A skip is for a person who reads why; in CI it would be a hole that nobody sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = "import pytest\n\ndef test_that_skips():\n    pytest.skip('no browser here')\n"


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_a_skip_fails_in_ci_and_only_there(tmp_path, ci, status):
    (tmp_path / "test_it.py").write_text(SKIPPING)
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-rs", "."],
        cwd=tmp_path,
        env=os.environ | {"CI": ci, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == status, said.stdout + said.stderr
    assert "no browser here" in said.stdout
