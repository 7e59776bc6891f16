"""What stands in the answer bank, and how an answer is put through the real check cell."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import jupytext
import numpy as np
import pandas as pd

from vaxlab import lessons
from vaxlab.checks.result import Result

SOLUTIONS = Path(__file__).parents[2] / "solutions"


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    Attributes
    ----------
    grade_id : str
        Of the answer cell; the check cell is ``<grade_id>-check``.
    source : str
        What the learner typed in place of the answer cell.
    points : float
        What it must earn, with the history that learners see and with another plant.
    says : str
        A piece of the message that it must meet; empty for a right answer.
    """

    grade_id: str
    source: str
    points: float
    says: str = ""


def cells(notebook: str) -> dict[str, str]:
    """Return the sources of a notebook's graded and solution cells by ``grade_id``."""
    book = jupytext.read(SOLUTIONS / f"{notebook}.py")
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in book.cells
        if "nbgrader" in cell.metadata
    }


def run(notebook: str, answer: Answer) -> list[Result]:
    """Run an answer, then each assignment of ``result`` in the real check cell.

    Returns
    -------
    list of Result
        What the learner sees, then what the hidden tests say.
    """
    rooms = {name: import_module(room) for name, room in lessons.rooms().items()}
    namespace = {"np": np, "pd": pd, **rooms}
    exec(compile(answer.source, f"<{answer.grade_id}>", "exec"), namespace)
    results = []
    for statement in ast.parse(cells(notebook)[f"{answer.grade_id}-check"]).body:
        exec(compile(ast.Module([statement], []), "<check>", "exec"), namespace)
        if isinstance(statement, ast.Assign):
            results.append(namespace["result"])
    return results
