"""In the learner's interpreter: make copies of it, which answer the judge's questions.

At each check the interpreter is forked. The copy keeps the learner's names as they were there, and
is asked only when the notebook has come to its end: what the judge brings along reaches no output
and no cell below.

Nothing here is trusted by anybody: it runs among the learner's code, which may change it. The judge
takes what comes as an answer, right or wrong, and nothing as a score.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from vaxlab.checks import border
from vaxlab.grading import wire


class Answerer:
    """The learner's side of the line.

    Parameters
    ----------
    link
        To the judge.
    names
        The learner's names.
    """

    def __init__(self, link: socket.socket, names: Mapping[str, Any]) -> None:
        self._link = link
        self._near = border.Near(names)

    def serve(self) -> None:
        """Answer one question.

        Raises
        ------
        EOFError
            The judge has gone.
        """
        question, buffers = wire.receive(self._link)
        try:
            reply, data = self._near.answer(question, buffers)
        except BaseException:  # an interrupt, or what a learner's code did to this side
            reply, data = {"slow": True}, []
        wire.send(self._link, reply, data)


def freeze(line: socket.socket, names: Mapping[str, Any]) -> None:
    """Make one copy of this interpreter; it answers on the socket that comes with the order.

    Raises
    ------
    EOFError
        Nobody is there to order any more.
    """
    said, descriptors, _, _ = socket.recv_fds(line, 1, 1)
    if not said:
        raise EOFError
    with socket.socket(fileno=descriptors[0]) as link:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that this process has threads, as every kernel
            copy = os.fork()
        if not copy:
            _be_copy(link, names)
    line.sendall(b".")


def _be_copy(link: socket.socket, names: Mapping[str, Any]) -> None:
    """Answer questions until nobody asks; ends the process."""
    try:
        os.setsid()  # no signal to the kernel's group is meant for a copy
        with open(os.devnull, "w") as nowhere:
            sys.stdout = sys.stderr = nowhere
            _forget_workers()
            answerer = Answerer(link, names)
            with contextlib.suppress(EOFError, OSError):
                while True:
                    answerer.serve()
    finally:
        os._exit(0)


def _forget_workers() -> None:
    """Let joblib start other workers, and torch none: the kernel's do not work for its copy."""
    pool = sys.modules.get("joblib.externals.loky.reusable_executor")
    if pool is not None:
        pool._executor = None
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
        torch.set_num_threads = lambda _number: None  # an answer that asks for more is heard here
