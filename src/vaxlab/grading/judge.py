"""The judge: runs the checks in an interpreter of its own, which no learner's code ever enters.

A check cell such as ``trust.twins(globals())`` is run here, hidden tests included, with a
``globals()`` that asks the learner's interpreter for each name. Plain values come over as plain
values; functions stay there and are called from afar. So the text of hidden tests, the checks and
the score are never where a learner's code could read or change them.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import linecache
import pickle
import pkgutil
import random
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from vaxlab.grading import answers, wire

_GONE = "Your code ended the interpreter, or it was stopped at a limit. Look at the cells above."


class Gone(RuntimeError):
    """The learner's interpreter does not answer any more."""


class Link:
    """The line to the learner's interpreter."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.settimeout(answers.CALL_LIMIT_S + 6)
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

    def value(self, question: Mapping[str, Any], *buffers: bytes) -> Any:
        """Ask, and return the value that comes back, or raise what was raised there."""
        header, data = self.ask(question, *buffers)
        if "error" in header:
            _raise(header["error"])
        if header.get("slow"):
            raise TimeoutError(
                f"It was stopped after {answers.CALL_LIMIT_S} s. Is there a loop that never ends?"
            )
        if header.get("missing") or "value" not in header:
            raise KeyError(question.get("name"))
        return wire.decode(header["value"], data, self._far)

    def _far(self, tree: dict[str, Any]) -> Far:
        kind = FarFunction if tree["t"] == "function" else Far
        shape = tree.get("shape")
        return kind(
            self,
            int(tree["ref"]),
            str(tree["name"]),
            str(tree["shown"]),
            tuple(map(int, shape)) if shape is not None else None,
        )


class Far:
    """Something that stayed in the learner's interpreter."""

    def __init__(
        self, link: Link, ref: int, name: str, shown: str, shape: tuple[int, ...] | None
    ) -> None:
        self.__dict__.update(_link=link, _ref=ref, _name=name, _shown=shown)
        if shape is not None:
            self.__dict__["shape"] = shape

    def __repr__(self) -> str:
        return self._shown

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python and numpy look up on their own
            raise AttributeError(name)
        return self._link.value({"ask": "attribute", "ref": self._ref, "name": name})

    def __reduce__(self) -> tuple[Any, tuple[int]]:
        return answers.kept, (self._ref,)


class FarFunction(Far):
    """A function, or anything else that can be called."""

    @property
    def __name__(self) -> str:
        return self._name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        states = answers.states() if self._link.fresh else None
        self._link.fresh = False
        packed = pickle.dumps((arguments, keywords, states), protocol=5)
        return self._link.value({"ask": "call", "ref": self._ref}, packed)


class Namespace(Mapping[str, Any]):
    """The learner's names, seen from here; without a link, that of someone who did nothing."""

    def __init__(self, link: Link | None) -> None:
        self._link = link

    def __getitem__(self, name: str) -> Any:
        if self._link is None:
            raise KeyError(name)
        return self._link.value({"ask": "name", "name": name})

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or `default` where there is none of that name."""
        try:
            return self[name]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        if self._link is None:
            return iter(())
        names = self._link.value({"ask": "names"})
        return iter([str(name) for name in names[: wire.MAX_NAMES]])

    def __len__(self) -> int:
        return len(list(iter(self)))


def _raise(told: dict[str, Any]) -> None:
    """Raise here what was raised there: same name, same text, same line to look at."""
    name, message = str(told["type"]), str(told["message"])
    known = getattr(builtins, name, None)
    base = known if isinstance(known, type) and issubclass(known, Exception) else Exception
    kind = type(name if name.isidentifier() else "Error", (base,), {"__str__": lambda e: message})
    error = kind.__new__(kind)
    error.args = (message,)
    # Raised from "their" file, so that a check finds the line where it looks for it.
    number = max(1, min(int(told["number"]), 10_000))
    source = "<your cell>"
    lines = ["\n"] * (number - 1) + [str(told["line"]) + "\n"]
    linecache.cache[source] = (sum(map(len, lines)), None, lines, source)
    exec(compile("\n" * (number - 1) + "raise error", source, "exec"), {"error": error})


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
    from vaxlab import checks
    from vaxlab.checks.result import Result

    if link is not None:
        link.fresh = True
    theirs = Namespace(link)
    names: dict[str, Any] = {"__name__": "check", "globals": lambda: theirs}
    for module in pkgutil.iter_modules(checks.__path__):
        names[module.name] = importlib.import_module(f"vaxlab.checks.{module.name}")
    try:
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
