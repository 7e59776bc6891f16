"""The judge: runs the checks in an interpreter of its own, which no learner's code ever enters.

A check cell such as ``trust.twins(globals())`` is run here, hidden tests included, with a
``globals()`` that asks the learner's interpreter for each name. Plain values come over as plain
values; functions stay there and are called from afar. So the text of hidden tests, the checks and
the score are never where a learner's code could read or change them.
"""

from __future__ import annotations

import ast
import random
import socket
from collections.abc import Mapping
from typing import Any

from vaxlab.checks import border
from vaxlab.grading import wire

_GONE = "Your code ended the interpreter, or it was stopped at a limit. Look at the cells above."


class Gone(RuntimeError):
    """The learner's interpreter does not answer any more."""


class Link:
    """The line to the learner's interpreter, a `vaxlab.checks.border.Line`."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.settimeout(border.CALL_WALL_S + 6)
        self._dead = False
        self.fresh = True

    def ask(self, question: Mapping[str, Any], *buffers: bytes) -> tuple[dict, list[bytes]]:
        """Ask one question and wait for the answer.

        Raises
        ------
        Gone
            There is no answer, or nothing that could be one.
        """
        if self._dead:
            raise Gone(_GONE)
        answered = False
        try:
            wire.send(self._channel, question, list(buffers))
            reply = wire.receive(self._channel)
            answered = True
            return reply
        except (OSError, EOFError, wire.Broken) as error:
            raise Gone(_GONE) from error
        finally:
            # An alarm of the check itself may have cut in: later answers would be out of step.
            self._dead = self._dead or not answered


def judge(source: str, link: Link | None) -> dict[str, Any]:
    """Run one check cell.

    Parameters
    ----------
    source
        The cell, hidden tests included.
    link
        Line to the learner's interpreter; None for the control that must earn nothing.

    Returns
    -------
    dict
        ``points``, ``text``, ``html``; or ``failed``, a sentence, where the check gave no result.
    """
    from vaxlab import lessons
    from vaxlab.checks.result import Result

    if link is not None:
        link.fresh = True
    theirs = border.Names(link)
    names: dict[str, Any] = {"__name__": "check", "globals": lambda: theirs}
    try:
        names |= lessons.named_in(source)
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body else None
        if not isinstance(last, ast.Expr):
            return {"failed": "the check cell does not end in its result"}
        exec(compile(tree, "<check>", "exec"), names)
        result = eval(compile(ast.Expression(last.value), "<check>", "eval"), names)
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"[:500]}
    if type(result) is Result:
        return {"points": float(result.points), "text": str(result), "html": result._repr_html_()}
    if type(result) in (int, float):
        return {"points": float(result), "text": f"{result:g}", "html": ""}
    return {"failed": f"the check gave a {type(result).__name__} instead of a result"}


def run(orders: socket.socket, learner: socket.socket) -> None:
    """Judge cell after cell, until the grader hangs up."""
    link = Link(learner)
    _same_random_numbers()
    while True:
        try:
            order, _ = wire.receive(orders)
        except (EOFError, OSError):
            return
        control = judge(order["source"], None)
        answer = judge(order["source"], link)
        # A check that gives points to nobody's answer is broken, or has been tampered with.
        if control.get("points", 0.0) > 0:
            answer = {"failed": "the check gives points for nothing", "tampered": True}
        wire.send(orders, answer)


def _same_random_numbers() -> None:
    """Let a learner's function that throws dice throw the same ones whenever it is graded."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (learners use the global state)
    torch.manual_seed(0)
