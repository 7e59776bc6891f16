"""The judge: runs the checks in an interpreter of its own, which no learner's code ever enters.

A check cell such as ``trust.twins(globals())`` is run here, hidden tests included, with a
``globals()`` that asks the learner's interpreter for each name. Plain values come over as plain
values; functions stay there and are called from afar. So the text of hidden tests, the checks and
the score are never where a learner's code could read or change them.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import os
import random
import select
import signal
import socket
import time
from collections.abc import Mapping
from typing import Any

from vaxlab import lessons
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

    def close(self) -> None:
        """Hang up; a copy at the other end then ends."""
        self._channel.close()

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


class _Nobody:
    """The line to an interpreter of which there is no copy."""

    fresh = True

    def ask(self, question: Mapping[str, Any], *buffers: bytes) -> tuple[dict, list[bytes]]:
        """Have no answer."""
        raise Gone(_GONE)


def why_no_check(source: str) -> str:
    """Say why a cell is no check that can be judged; empty where it may be one."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return "is no Python"
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return "does not end in its result"
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return "" if names & lessons.rooms().keys() else "names no lesson of this course"


def judge(source: str, link: border.Line | None) -> dict[str, Any]:
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
    from vaxlab.checks.result import Result

    if link is not None:
        link.fresh = True
    theirs = border.Names(link)
    names: dict[str, Any] = {"__name__": "check", "globals": lambda: theirs}
    try:
        names |= lessons.named_in(source)
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body else None
        tree.body = not_overwritten(tree.body)
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


def not_overwritten(body: list[ast.stmt]) -> list[ast.stmt]:
    """Leave out each assignment that the next one overwrites unread.

    A check cell asks twice: with the plant that learners have, for the notebook, then with another
    one, for the grade. The judge would only throw the first result away.
    """
    kept = []
    for statement, following in itertools.zip_longest(body, body[1:]):
        sets, resets = _set_by(statement), _set_by(following)
        read = (
            {node.id for node in ast.walk(following.value) if isinstance(node, ast.Name)}
            if resets
            else set()
        )
        if not resets or sets != resets or sets in read:
            kept.append(statement)
    return kept


def _set_by(statement: ast.stmt | None) -> str:
    """Return the one name that a plain assignment sets; empty for any other statement."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return getattr(statement.targets[0], "id", "")
    return ""


def run(orders: socket.socket) -> None:
    """Judge by copies of the learner's interpreter, until the grader hangs up.

    Parameters
    ----------
    orders
        From the grader: ``{"here": True}`` is sent back; ``{"source": cell, "limit_s": seconds}``
        runs a check cell with the copy whose line comes along, or with none.
    """
    while True:
        try:
            _, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
            order, _ = wire.receive(orders)
        except (EOFError, OSError):
            return
        if "here" in order:
            wire.send(orders, order)
        else:
            copy = Link(socket.socket(fileno=descriptors[0])) if descriptors else None
            wire.send(orders, _apart(order["source"], copy, order["limit_s"]))


def _apart(source: str, copy: Link | None, limit_s: float) -> dict[str, Any]:
    """Judge in a child that has a limit: whatever one check meets, the next one starts afresh."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            _same_random_numbers()
            with os.fdopen(tell, "wb") as stream:
                stream.write(json.dumps(_controlled(source, copy)).encode())
        finally:
            os._exit(0)
    os.close(tell)
    if copy is not None:
        copy.close()
    said, deadline = b"", time.monotonic() + limit_s
    with os.fdopen(told, "rb", buffering=0) as stream:
        while select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if not (piece := stream.read(2**16)):
                break
            said += piece
        else:
            said = json.dumps({"failed": f"the check took more than {limit_s:g} s"}).encode()
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return json.loads(said or b'{"failed": "the check did not come to its end"}')


def _controlled(source: str, copy: Link | None) -> dict[str, Any]:
    """Judge, unless the check gives points to nobody's answer: it is broken, or tampered with."""
    if judge(source, None).get("points", 0.0) > 0:
        return {"failed": "the check gives points for nothing", "tampered": True}
    return judge(source, copy if copy is not None else _Nobody())


def _same_random_numbers() -> None:
    """Let a learner's function that throws dice throw the same ones whenever it is graded."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (learners use the global state)
    torch.manual_seed(0)
