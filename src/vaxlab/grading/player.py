"""A policy's interpreter: one that has seen nothing enters a room, runs a file, answers there."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.grading import answers, forking, sandbox
from vaxlab.grading.limits import Limits

STOPPED = "__stopped__"
"""The name under which the room says why a file does not run."""


def ran(source: str, name: str) -> dict:
    """Run a policy's code, and return its names; `np` and `pd` are there, as in the notebook.

    Raises
    ------
    CourseError
        It stopped: the message says where.
    """
    names: dict = {"__name__": "policy", "np": np, "pd": pd}
    try:
        exec(compile(source, f"<{name}>", "exec"), names)
    except (Exception, SystemExit) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        raise CourseError(
            f"{name} does not run: {type(error).__name__}: {error}{where}. "
            "Run it with Python first."
        ) from None
    return names


def serve(descriptor: int, source: str, name: str) -> None:
    """Run a policy, and answer questions until nobody asks."""
    with socket.socket(fileno=descriptor) as link:
        try:
            names = ran(source, name)
        except CourseError as error:
            names = {STOPPED: str(error)}
        answerer = answers.Answerer(link, names)
        with contextlib.suppress(EOFError, OSError):
            while True:
                answerer.serve()


def main() -> None:
    """Take the order from stdin, and send a child into the room; it outlives this process."""
    order = json.load(sys.stdin)
    forking.fork(
        sandbox.Room(None, *order["room"]),
        Limits(**order["limits"]),
        sandbox.environment(dict(os.environ)),
        lambda: serve(order["link"], order["source"], order["name"]),
        keep=[order["link"]],
    )


if __name__ == "__main__":
    main()
