"""The process that kernels are forked from: it has imported everything, and is told nothing.

What a process knows, all that are forked from it can read. So orders do not come here: a child is
forked first, and reads its own order from a line that only it was given. Nothing of one learner, of
the grader or of a hidden test is ever in the memory that a kernel starts with.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from vaxlab.grading import forking, kernel, rehearsal, sandbox
from vaxlab.grading.limits import Limits

#: What may be forked: what it does with its order's arguments, and its descriptors.
_BODIES: dict[str, Callable[[dict[str, Any], list[int]], None]] = {
    "kernel": kernel.run,
    "company": rehearsal.run,
}
MAX_DESCRIPTORS = 16


class Zygote:
    """A forked process that forks others when asked to; it ends with its owner."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        if os.fork():
            theirs.close()
            return
        self._channel.close()
        try:
            _serve(theirs)
        finally:
            os._exit(0)

    def fork(
        self,
        what: str,
        arguments: dict[str, Any],
        descriptors: Sequence[int],
        *,
        limits: Limits,
        env: dict[str, str],
        room: sandbox.Room | None = None,
        folder: int | None = None,
    ) -> int:
        """Have a process forked.

        Parameters
        ----------
        what
            A kernel, or a company that rehearses.
        arguments, descriptors
            What its body is given.
        limits, env, room
            What it may use, all of its environment, and its walls where there are some.
        folder
            Descriptor of the folder where it works; a room gets a copy.

        Returns
        -------
        int
            Its number, as counted out here.

        Raises
        ------
        OSError
            It could not get there.
        """
        order = {"what": what, "arguments": arguments, "limits": asdict(limits), "env": env}
        if room:
            order["room"] = [room.init_pid, room.uid]
        order["folder"] = folder is not None
        here, there = socket.socketpair()
        with here:
            with there:
                socket.send_fds(self._channel, [b"f"], [there.fileno()])
            line = json.dumps(order).encode() + b"\n"
            own = [*([] if folder is None else [folder]), *descriptors]
            socket.send_fds(here, [line[:1]], own)
            here.sendall(line[1:])
            return forking.number_of(here.makefile("rb").readline())


def _serve(channel: socket.socket) -> None:
    """Fork a child for each line that comes, until nobody is there to send one."""
    sandbox.adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forking.close_all_but([0, 1, 2, channel.fileno()])
    # Children are counted among the dead when they have ended; nobody waits for them.
    signal.signal(signal.SIGCHLD, _bury)
    while True:
        said, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not said:
            return
        if not os.fork():
            channel.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _be_ordered(socket.socket(fileno=descriptors[0]))
        os.close(descriptors[0])


def _bury(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _be_ordered(line: socket.socket) -> None:
    """Read an order and carry it out; ends the process."""
    try:
        said, descriptors, _, _ = socket.recv_fds(line, 1, MAX_DESCRIPTORS)
        while not said.endswith(b"\n"):
            said += line.recv(2**16) or b"\n"
        order = json.loads(said)
        folder = descriptors.pop(0) if order["folder"] else None
        room = sandbox.Room(None, *order["room"]) if "room" in order else None
        limits, arguments = Limits(**order["limits"]), order["arguments"]
        forking.be_child(
            room,
            limits,
            order["env"],
            folder,
            lambda: _BODIES[order["what"]](arguments, descriptors),
            descriptors,
            line.detach(),
        )
    except BaseException as error:
        print(f"A forked process ended: {error}", file=sys.stderr)
    finally:
        os._exit(1)
