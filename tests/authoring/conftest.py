"""A small but complete course, for tests of the authors' tools."""
# ruff: noqa: E501 (options of a cell stand on one line)

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vaxlab.authoring import build

REPOSITORY = Path(__file__).resolve().parents[2]

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   vaxlab:
"""

INDEX = (
    HEADER
    + """\
#     title: A small course
#     days:
#       day1: Measure
#       day2: Decide
# ---

# %% [markdown]
# # A small course

# %% [markdown] tags=["timetable"]
# ## The days
"""
)

TANK = (
    HEADER
    + """\
#     title: How full is the tank?
#     minutes: 20
# ---

# %% [markdown]
# # How full is the tank?
#
# **Who asks.** The shift leader, who must order medium.
#
# **You will be able to** turn a level into a volume.
#
# **Minutes:** 20. **Points:** 2.

# %% [markdown]
# ## From level to volume · 15 min
#
# A float shows the level in millimetres.

# %%
level_mm = 1250


def check(given, right):
    return 0.0 if given is ... else 2.0 * (given == right)

# %% [markdown] tags=["instructor"]
# **Ask** What does the float show when the tank is being stirred?

# %% [markdown]
# ### Exercise 1 · The volume · 2 points · 8 min
#
# The tank holds 0.8 litres a millimetre. How many litres are in it?
#
# <details><summary>Hint 1</summary>
# Think of a stack of discs.
# </details>
# <details><summary>Hint 2</summary>
# Each millimetre holds the same.
# </details>
# <details><summary>Hint 3</summary>
# Level times litres a millimetre.
# </details>

# %% nbgrader={"grade": false, "grade_id": "tank-volume", "locked": false, "solution": true}
volume_l = ...
### BEGIN SOLUTION
volume_l = level_mm * 0.8
### END SOLUTION

# %% nbgrader={"grade": true, "solution": false, "locked": true, "points": 2, "grade_id": "tank-volume-check"}
# The check compares the volume.
result = check(volume_l, 1000)
### BEGIN HIDDEN TESTS
result = check(volume_l, float(1000))
### END HIDDEN TESTS
result

# %% [markdown]
# ## Let the plant run on it · 3 min
#
# The pump takes its order.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A level is no volume.
# - A tank has a shape.
# - Stirring lifts the float.
"""
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return the root of a fresh checkout of the small course, not built yet."""
    root = tmp_path / "checkout"
    (root / "solutions" / "day1").mkdir(parents=True)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    (root / "solutions" / "index.py").write_text(INDEX, encoding="utf-8")
    (root / "solutions" / "day1" / "1-tank.py").write_text(TANK, encoding="utf-8")
    return root


@pytest.fixture
def built(course: Path) -> Path:
    """Return the root of the small course, built."""
    build.build(course)
    return course


@pytest.fixture
def edit() -> Callable[[Path, str, str], int]:
    """Return a function that replaces a text in the tank's source and tells its line."""

    def replace(root: Path, old: str, new: str) -> int:
        path = root / "solutions" / "day1" / "1-tank.py"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the fixture"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace


def snapshot(root: Path) -> dict[str, bytes]:
    """Return every file of a checkout with its content, but for caches."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }
