"""The learner's kernel: an ordinary IPython kernel, started in a process that was forked."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import traceback
from typing import Any

from vaxlab.grading.feedback import stills

PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}


def listen(folder: str) -> list[socket.socket]:
    """Open the sockets of a kernel, in the order of their ports, where no learner can write.

    The kernel inherits them. So a grader connects to what a grader has made, and to nothing else.
    """
    opened = []
    for port in sorted(PORTS.values()):
        opened.append(socket.socket(socket.AF_UNIX))
        opened[-1].bind(f"{folder}/c-{port}")
        opened[-1].listen(16)
    return opened


def run(arguments: dict[str, Any], descriptors: list[int]) -> None:
    """Be a kernel until it is told to stop.

    Parameters
    ----------
    arguments
        ``folder``, where it may keep a file of its own; ``key``, which signs its messages;
        ``judged``, whether copies of it will be asked for.
    descriptors
        A pipe (a full stop says that the kernel listens, anything else why not), the line on which
        copies are asked for, and the five sockets that `listen` has opened.
    """
    ready, line, *opened = descriptors
    try:
        app = _open(arguments["folder"], arguments["key"], opened)
        if arguments["judged"]:
            _listen(app, socket.socket(fileno=line))
    except BaseException:
        os.write(ready, traceback.format_exc().encode())
        raise
    os.write(ready, b".")
    os.close(ready)
    app.start()


def _open(folder: str, key: str, opened: list[int]) -> Any:
    """Take the sockets over; nothing of the learner has run yet."""
    _own_random_numbers()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    connection = os.path.join(folder, "connection.json")
    with open(connection, "w") as stream:
        where = {"transport": "ipc", "ip": os.path.join(folder, "c"), "key": key}
        json.dump(where | PORTS | {"signature_scheme": "hmac-sha256"}, stream)
    app = _application(dict(zip(sorted(PORTS.values()), opened, strict=True)))
    app.initialize(
        [
            "-f",
            connection,
            "--HistoryManager.hist_file=:memory:",
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=40",
        ]
    )
    stills.register(app.shell)
    return app


def _application(opened: dict[int, int]) -> Any:
    """Make ipykernel's application, with sockets that are open already."""
    import zmq
    from ipykernel import heartbeat, kernelapp

    class Heartbeat(heartbeat.Heartbeat):
        def _try_bind_socket(self) -> None:
            self.socket.setsockopt(zmq.USE_FD, opened[self.port])
            super()._try_bind_socket()

    class Application(kernelapp.IPKernelApp):
        def _try_bind_socket(self, s: zmq.Socket, port: int) -> int:
            s.setsockopt(zmq.USE_FD, opened[port])
            return super()._try_bind_socket(s, port)

        def init_control(self, context: zmq.Context) -> None:
            super().init_control(context)
            # It would look for the shell's socket where the kernel cannot go.
            self.debug_shell_socket.close()

        def init_iopub(self, context: zmq.Context) -> None:
            # Who prints faster than the grader reads has to wait: no message is dropped.
            context.setsockopt(zmq.XPUB_NODROP, 1)
            super().init_iopub(context)

        def init_heartbeat(self) -> None:
            self.heartbeat = Heartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
            self.heartbeat.start()

    return Application.instance()


def _listen(app: Any, line: socket.socket) -> None:
    """Make a copy whenever one is asked for, and no cell runs."""
    from tornado.ioloop import IOLoop

    from vaxlab.grading import answers

    loop = IOLoop.current()

    def copy(*_: Any) -> None:
        try:
            answers.freeze(line, app.shell.user_ns)
        except (EOFError, OSError):
            loop.remove_handler(line.fileno())

    loop.add_handler(line.fileno(), copy, IOLoop.READ)


def _own_random_numbers() -> None:
    """Forked twins would throw the same dice."""
    import numpy as np
    import torch

    random.seed()
    np.random.seed()  # noqa: NPY002 (learners use the global state too)
    torch.seed()
