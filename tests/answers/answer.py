"""What stands in the answer bank, and how an answer is put through the real check cell."""

from __future__ import annotations

import ast
import os
import re
import socket
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import jupytext
import numpy as np
import pandas as pd

from vaxlab import lessons
from vaxlab.checks.result import Result
from vaxlab.grading import answers, judge

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


@cache
def cells(notebook: str) -> dict[str, str]:
    """Return the sources of a notebook's graded and solution cells by ``grade_id``."""
    book = jupytext.read(SOLUTIONS / f"{notebook}.py")
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in book.cells
        if "nbgrader" in cell.metadata
    }


def statements(notebook: str, grade_id: str) -> list[ast.Assign]:
    """Return each assignment of ``result`` in a check cell: the learner's, then the hidden one."""
    tree = ast.parse(cells(notebook)[f"{grade_id}-check"])
    return [statement for statement in tree.body if isinstance(statement, ast.Assign)]


def typed(answer: Answer) -> dict[str, Any]:
    """Return the names of a notebook in which an answer was typed, and nothing else done."""
    names: dict[str, Any] = {"__name__": "__main__", "np": np, "pd": pd}
    names |= {name: import_module(room) for name, room in lessons.rooms().items()}
    exec(compile(answer.source, f"<{answer.grade_id}>", "exec"), names)
    return names


def run(notebook: str, answer: Answer) -> Result:
    """Run an answer, then its check cell without the hidden tests: what the learner sees."""
    names, first = typed(answer), statements(notebook, answer.grade_id)[0]
    exec(compile(ast.Module([first], []), "<check>", "exec"), names)
    return names["result"]


def run_on(notebook: str, answer: Answer, plant_seed: int) -> Result:
    """Run an answer's check on any plant, in place of the hidden one."""
    call = statements(notebook, answer.grade_id)[-1].value
    others = [word for word in call.keywords if word.arg != "plant_seed"]
    seed = ast.keyword("plant_seed", ast.Constant(plant_seed))
    asked = ast.Call(call.func, call.args, [*others, seed])
    source = ast.fix_missing_locations(ast.Expression(asked))
    return eval(compile(source, "<check>", "eval"), typed(answer))


def judged(notebook: str, answer: Answer, plant_seed: int | None = None) -> dict[str, Any]:
    """Let a judge run the check cell, with the answer in a process of its own.

    Parameters
    ----------
    notebook
        Such as ``day1/1-trust``.
    answer
        What the learner typed.
    plant_seed
        Of any plant, in place of the hidden one.

    Returns
    -------
    dict
        As `vaxlab.grading.judge.judge` gives it: what the hidden tests say.
    """
    here, there = socket.socketpair()
    child = os.fork()
    if not child:
        try:
            here.close()
            learner = answers.Answerer(there, typed(answer))
            while True:
                learner.serve()
        except EOFError:
            os._exit(0)
        finally:
            os._exit(1)
    there.close()
    check = cells(notebook)[f"{answer.grade_id}-check"]
    if plant_seed is not None:
        check, count = re.subn(r"plant_seed=[\d_]+", f"plant_seed={plant_seed}", check)
        assert count == 1, f"{answer.grade_id}-check names {count} hidden plants"
    try:
        with here:
            return judge.judge(check, judge.Link(here))
    finally:
        os.waitpid(child, 0)
