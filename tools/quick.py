"""Run what a change touches, for at most 90 s: ``make quick``.

A change is what git has not committed yet, else the last commit. The tests mirror the tree, so
``src/vaxlab/plant/lots.py`` asks for ``tests/plant/test_lots.py``, else for its whole folder. What
is left when the time is up is left to ``make test``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LIMIT_S = 90
ALWAYS = ("tests/checks",)
"""Quick, and about all that learners meet."""


def changed() -> list[str]:
    """Return the files of a change, relative to the checkout."""
    names = _git("diff", "--name-only", "HEAD")
    names += _git("ls-files", "--others", "--exclude-standard")
    return names or _git("diff", "--name-only", "HEAD~1", "HEAD")


def _git(*command: str) -> list[str]:
    said = subprocess.run(
        ["git", *command], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return said.stdout.splitlines()


def mirrored(name: str) -> list[str]:
    """Return the tests that mirror a file, relative to the checkout; none where there are none."""
    path = Path(name)
    if path.parts[0] == "tests":
        wanted = [path] if path.name.startswith("test_") else []
    elif path.parts[:2] == ("src", "vaxlab"):
        room = Path("tests", *path.parts[2:-1])
        wanted = [room / f"test_{path.stem}.py", room.with_name(f"test_{room.name}.py"), room]
    elif path.parts[0] in ("solutions", "tools"):
        wanted = [Path("tests", {"solutions": "authoring", "tools": "frame"}[path.parts[0]])]
    else:
        wanted = []
    # The nearest alone: a module's own tests, else its notebook's, else its folder's.
    there = [test for test in wanted if (CHECKOUT / test).exists() and test != Path("tests")]
    return [there[0].as_posix()] if there else []


def main(names: Iterable[str]) -> int:
    """Check the style, run the tests; return the exit status."""
    tests = sorted({*ALWAYS, *(test for name in names for test in mirrored(name))})
    print("make quick:", *tests, flush=True)
    commands = [
        ["ruff", "check", "--quiet"],
        ["ruff", "format", "--check", "--quiet"],
        ["pytest", "-q", "-x", "--numprocesses=auto", "--maxprocesses=4", "--dist=loadgroup"],
    ]
    commands[-1] += [f"--session-timeout={LIMIT_S}", *tests]
    for command in commands:
        status = subprocess.run([sys.executable, "-m", *command], cwd=CHECKOUT).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    raise SystemExit(main(changed()))
