"""One room a notebook: what it lays out, and how its exercises are checked.

``dayN/NAME/material.py``, and ``delivery.py`` where that would be too long
    Tables, runs of the plant, figures. Imports no check.
``dayN/NAME/handed.py``, where a check hands classes of its own to a learner's function
    They are pickled by name, so they have to be there where that function runs.
``dayN/NAME/checks.py``
    One function an exercise, with its misconceptions as a table. This, and whatever else is no
    material, is the judge's half: while a learner's notebook is graded, it is not there.

``solutions/dayN/M-NAME.py`` is the notebook, ``tests/answers/dayN/NAME.py`` its bank of answers. A
notebook reads ``from vaxlab.lessons.dayN import NAME``, and its check cells name the room so.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

#: Modules of a room that a learner's notebook needs; all others are the judge's half.
LEARNERS_HALF = frozenset(
    {"__init__.py", "material.py", "delivery.py", "handed.py", "epochs.py", "rivals.py", "whom.py"}
)

#: Modules of `vaxlab.literature` that do what an exercise asks for: the judge's half, too.
READERS = frozenset({"reader.py"})


def rooms() -> dict[str, str]:
    """Return the full name of each notebook's room by its own name, which no other room has."""
    found = {}
    for day in pkgutil.iter_modules(__path__, f"{__name__}."):
        package = importlib.import_module(day.name)
        for room in pkgutil.iter_modules(package.__path__):
            found[room.name] = f"{day.name}.{room.name}"
    return found


def folders() -> list[Path]:
    """Return the folder of each notebook's room."""
    here = Path(__file__).parent
    return [here.joinpath(*name.split(".")[2:]) for name in rooms().values()]


def judged(room: str, *names: str) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a room: its checks are imported when the first one is asked for.

    Where the judge's half is not there, as while a learner's notebook is graded, a check says so.

    Parameters
    ----------
    room : str
        Full name of the room.
    *names : str
        Of the functions in its ``checks.py``.
    """

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        try:
            return getattr(importlib.import_module(f"{room}.checks"), name)
        except ModuleNotFoundError as error:
            if error.name != f"{room}.checks":
                raise
            return _judged_elsewhere

    return find


def _judged_elsewhere(*_: Any, **__: Any) -> Any:
    """Stand in for a check where there is none."""
    from vaxlab.checks.result import Outcome, Part, Result

    said = "The grader runs this check elsewhere, after the notebook."
    return Result("Check", [Part("your answer", Outcome.NOT_ATTEMPTED, 0.0, 0.0, said)], 0.0)


def load_checks() -> None:
    """Import the judge's half of every room."""
    for room in rooms().values():
        importlib.import_module(f"{room}.checks")


def named_in(source: str) -> dict[str, ModuleType]:
    """Return the rooms that a check cell names, imported.

    Raises
    ------
    SyntaxError
        The cell is no Python.
    """
    there = rooms()
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return {name: importlib.import_module(there[name]) for name in sorted(names & there.keys())}
