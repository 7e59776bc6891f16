"""One room a notebook: what it lays out, and how its exercises are checked.

``dayN/NAME/material.py``
    Tables, runs of the plant, figures. Imports no check.
``dayN/NAME/checks.py``
    One function an exercise, with its misconceptions as a table.

``solutions/dayN/M-NAME.py`` is the notebook, ``tests/answers/dayN/NAME.py`` its bank of answers. A
notebook reads ``from vaxlab.lessons.dayN import NAME``, and its check cells name the room so.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from types import ModuleType


def rooms() -> dict[str, str]:
    """Return the full name of each notebook's room by its own name, which no other room has."""
    found = {}
    for day in pkgutil.iter_modules(__path__, f"{__name__}."):
        package = importlib.import_module(day.name)
        for room in pkgutil.iter_modules(package.__path__):
            found[room.name] = f"{day.name}.{room.name}"
    return found


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
