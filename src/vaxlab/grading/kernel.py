"""The learner's kernel: an ordinary IPython kernel, started in a process that was forked."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import traceback
from typing import Any

import comm

from vaxlab.grading.feedback import stills

PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}


def run(folder: str, key: str, learner: socket.socket | None, ready: int) -> None:
    """Be a kernel until it is told to stop.

    Parameters
    ----------
    folder
        Where its sockets go.
    key
        Signs its messages.
    learner
        The judge's questions come here; None without a judge.
    ready
        Descriptor of a pipe: a full stop says that the sockets are open, anything else why not.
    """
    try:
        app = _open(folder, key, learner)
    except BaseException:
        os.write(ready, traceback.format_exc().encode())
        raise
    os.write(ready, b".")
    os.close(ready)
    app.start()


def _open(folder: str, key: str, learner: socket.socket | None) -> Any:
    """Open the sockets; nothing of the learner has run yet."""
    from ipykernel.kernelapp import IPKernelApp

    _own_random_numbers()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    connection = os.path.join(folder, "connection.json")
    with open(connection, "w") as stream:
        where = {"transport": "ipc", "ip": os.path.join(folder, "c"), "key": key}
        json.dump(where | PORTS | {"signature_scheme": "hmac-sha256"}, stream)
    app = IPKernelApp.instance()
    app.initialize(
        [
            "-f",
            connection,
            "--HistoryManager.hist_file=:memory:",
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=40",
        ]
    )
    # Nobody moves a widget here. Sending one, with all its program, costs more than most cells.
    comm.create_comm = comm.DummyComm
    stills.register(app.shell)
    if learner is not None:
        _listen(app, learner)
    return app


def _listen(app: Any, learner: socket.socket) -> None:
    """Answer the judge whenever no cell runs."""
    from tornado.ioloop import IOLoop

    from vaxlab.grading import answers

    loop = IOLoop.current()
    answerer = answers.Answerer(learner, app.shell.user_ns)

    def answer(*_: Any) -> None:
        try:
            answerer.serve()
        except (EOFError, OSError):
            loop.remove_handler(learner.fileno())

    loop.add_handler(learner.fileno(), answer, IOLoop.READ)


def _own_random_numbers() -> None:
    """Forked twins would throw the same dice."""
    import numpy as np
    import torch

    random.seed()
    np.random.seed()  # noqa: NPY002 (learners use the global state too)
    torch.seed()
