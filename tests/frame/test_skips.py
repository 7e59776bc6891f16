"""A skip is for a person who reads why; in CI it would be a hole that nobody sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = "import pytest\n\ndef test_that_skips():\n    pytest.skip('no browser here')\n"


@pytest.mark.parametrize(
    ("ci", "said_why", "status"),
    [("true", "no browser here", 1), ("", "no browser here", 0), ("true", "npm: no way to it", 0)],
)
def test_a_skip_fails_in_ci_and_only_there_but_for_what_npm_brings(tmp_path, ci, said_why, status):
    (tmp_path / "test_it.py").write_text(SKIPPING.replace("no browser here", said_why))
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-rs", "."],
        cwd=tmp_path,
        env=os.environ | {"CI": ci, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == status, said.stdout + said.stderr
    assert said_why in said.stdout
