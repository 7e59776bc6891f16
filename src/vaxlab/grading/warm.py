"""The warm process: imports everything once, and has each kernel forked from that.

``python -m vaxlab.grading.warm DESCRIPTOR`` takes over a socket that listens already, and serves it
until its standard input is closed. Each connection stands for one kernel: it asks for it, is told
where it is, and hanging up ends it with all that it started. One thread only, because a fork copies
the calling thread alone. The forks are made by a `Zygote`, which hears nothing of what is ordered
here.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vaxlab import imports
from vaxlab.grading import forking, kernel, rehearsal, sandbox
from vaxlab.grading.limits import Limits
from vaxlab.grading.zygote import Zygote

#: How often the limits that the system does not keep are looked at.
WATCH_S = 0.25
#: A room has so long to become small again when its kernel has been ended.
SHRINK_S = 2.0
MAX_FILES = 20_000
#: What may be asked for in one line, and how long it may take to come.
MAX_ASKED_BYTES = 2**20
#: Notebooks whose rehearsal is kept: a day's, and one that was changed in between.
MAX_REHEARSED = 5


def load() -> None:
    """Import what notebooks import, down to what torch loads at the first optimizer."""
    imports.hurry()
    import ipykernel.debugger
    import ipykernel.kernelapp
    import ipykernel.zmqshell  # noqa: F401
    import IPython.core.completerlib
    import IPython.core.debugger
    import IPython.core.ultratb
    import IPython.extensions.storemagic
    import ipywidgets  # noqa: F401
    import numpy as np
    import pandas as pd
    import plotly.express  # noqa: F401
    import plotly.graph_objects as go
    import plotly.io
    import scipy.optimize  # noqa: F401
    import scipy.stats  # noqa: F401
    import sklearn.ensemble
    import sklearn.gaussian_process
    import sklearn.impute
    import sklearn.inspection
    import sklearn.linear_model
    import sklearn.model_selection
    import sklearn.neighbors
    import sklearn.neural_network
    import sklearn.pipeline
    import sklearn.preprocessing  # noqa: F401
    import torch
    import tornado.platform.asyncio  # noqa: F401

    from vaxlab import bakeoff, data, figures  # noqa: F401
    from vaxlab.checks import exercise, result  # noqa: F401
    from vaxlab.plant import campaign

    torch.set_num_threads(1)
    line = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(line.parameters())
    line(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    campaign.run(seed=campaign.HISTORY_SEED)
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    table.groupby("a").mean().to_string()
    table.style.format("{:.1f}").to_html()
    plotly.express.scatter(table, x="a", y="b").to_json()
    go.FigureWidget(go.Scatter(y=np.arange(3))).close()
    plotly.io.templates["plotly_white"]
    model = sklearn.ensemble.RandomForestRegressor(n_estimators=2, n_jobs=1)
    model.fit(np.arange(8.0).reshape(-1, 1), np.arange(8.0))
    _warm_checks()
    try:  # last: it looks through all modules, and remembers where they are
        raise ValueError
    except ValueError:
        IPython.core.ultratb.FormattedTB(mode="Context").text(*sys.exc_info())


def _warm_checks() -> None:
    import importlib

    from vaxlab import lessons

    for room in lessons.rooms().values():
        importlib.import_module(room)


@dataclass
class Kernel:
    """A kernel that was asked for, and what belongs to it."""

    client: socket.socket
    limits: Limits
    rooms: list[sandbox.Room] = field(default_factory=list)
    pid: int = 0  # of the kernel, as counted out here
    meter: sandbox.Meter = field(default_factory=sandbox.Meter)
    descriptor: int = -1  # of that process
    ended_at: float = 0.0  # at a limit; 0 for not
    folder: str = ""  # of its sockets, outside of its room
    ready: int = -1


class Server:
    """Answers connections; see the module."""

    def __init__(self, listener: socket.socket, zygote: Zygote) -> None:
        self.zygote = zygote
        self.asked: dict[int, bytes] = {}
        self.events = selectors.DefaultSelector()
        self.listener = listener
        self.kernels: dict[int, Kernel] = {}
        self.spare: list[tuple[Limits, subprocess.Popen, int]] = []
        self.rehearsed: dict[tuple[str, int], rehearsal.Company] = {}
        self.shared = 0

    def serve(self) -> None:
        """Serve until standard input is closed."""
        pages = Path("/proc/self/statm").read_text().split()[1]
        self.shared = int(pages) * os.sysconf("SC_PAGE_SIZE")
        self.events.register(self.listener, selectors.EVENT_READ, self._accept)
        self.events.register(0, selectors.EVENT_READ, None)
        looked = 0.0
        try:
            while True:
                for key, _ in self.events.select(WATCH_S):
                    if key.fd == 0:
                        return
                    key.data(key)
                if time.monotonic() - looked > WATCH_S:
                    looked = time.monotonic()
                    self._watch()
        finally:
            for served in list(self.kernels.values()):
                self._end(served)
            for _, holder, told in self.spare:
                _clear(holder, told)
            for company in self.rehearsed.values():
                company.end()

    def _accept(self, _: selectors.SelectorKey) -> None:
        client, _ = self.listener.accept()
        client.setblocking(False)
        self.events.register(client, selectors.EVENT_READ, self._hear)

    def _hear(self, key: selectors.SelectorKey) -> None:
        client: socket.socket = key.fileobj
        served = self.kernels.get(key.fd)
        try:
            said = client.recv(2**16)
        except OSError:
            said = b""
        asked = self.asked.pop(key.fd, b"") + said
        if not said or served or len(asked) > MAX_ASKED_BYTES:  # hung up; nobody asks twice
            if served:
                self._end(served)
            else:
                self._forget(client)
            return
        if not asked.endswith(b"\n"):
            self.asked[key.fd] = asked
            return
        served = self.kernels[key.fd] = Kernel(client, Limits())
        try:
            self._start(served, json.loads(asked))
        except Exception as error:
            told = str(error) if isinstance(error, OSError) else traceback.format_exc()
            self._tell(served, {"failed": told})
            self._end(served)

    def _start(self, served: Kernel, asked: dict[str, Any]) -> None:
        served.limits = Limits(**asked["limits"])
        judged, sandboxed = asked["judge"], asked["sandbox"]
        if sandboxed:
            self._take_rooms(served, 1 + judged)
        line, learner_end = socket.socketpair()
        grader_end, orders = socket.socketpair()
        ready, tell_ready = os.pipe()
        served.folder = tempfile.mkdtemp(prefix="kernel-")  # only for its owner: mode 700
        opened = kernel.listen(served.folder)
        work = os.open(asked["cwd"], os.O_RDONLY | os.O_DIRECTORY)
        try:
            served.pid = self.zygote.fork(
                "kernel",
                {
                    "folder": sandbox.SOCKETS if sandboxed else served.folder,
                    "key": asked["key"],
                    "judged": judged,
                },
                [tell_ready, learner_end.fileno(), *(end.fileno() for end in opened)],
                limits=served.limits,
                env=asked["env"],
                room=served.rooms[0] if sandboxed else None,
                folder=work,
            )
            served.descriptor = os.pidfd_open(served.pid)
            served.meter = sandbox.Meter(*(room.init_pid for room in served.rooms[:1]), served.pid)
            if judged:
                self._fork_judge(served, asked, orders)
            self._tell(
                served,
                {
                    "ip": f"{served.folder}/c",
                    "ports": kernel.PORTS,
                    "pid": served.pid,
                    "init_pid": served.rooms[0].init_pid if sandboxed else 0,
                },
                [served.descriptor, *([grader_end.fileno(), line.fileno()] if judged else [])],
            )
        finally:
            for end in (line, learner_end, grader_end, orders, *opened):
                end.close()
            os.close(tell_ready)
            os.close(work)
        served.ready = ready
        self.events.register(ready, selectors.EVENT_READ, lambda key: self._ready(served))

    def _fork_judge(self, served: Kernel, asked: dict[str, Any], orders: socket.socket) -> None:
        """Fork a judge, from a process that has run the notebook's checks before where one is."""
        room = served.rooms[1] if served.rooms else None
        source = asked["rehearsal"]
        version = (source, os.stat(source).st_mtime_ns if source else 0)
        company = self.rehearsed.pop(version, None)
        if company is None or not company.send(room, served.limits, asked["env"], orders):
            company = rehearsal.Company(self.zygote, source)
            company.send(room, served.limits, asked["env"], orders)
        self.rehearsed[version] = company  # the last one asked for stands last
        while len(self.rehearsed) > MAX_REHEARSED:
            self.rehearsed.pop(next(iter(self.rehearsed))).end()

    def _take_rooms(self, served: Kernel, count: int) -> None:
        """Give a kernel its rooms, and have as many made for the next one in the meantime."""
        fit = [spare for spare in self.spare if spare[0] == served.limits]
        others = [spare for spare in self.spare if spare[0] != served.limits]
        for _, holder, told in others + fit[count:]:
            _clear(holder, told)
        fit = fit[:count]
        fit += [
            (served.limits, *sandbox.Room.begin(served.limits)) for _ in range(count - len(fit))
        ]
        self.spare = []
        for _, holder, told in fit:
            served.rooms.append(sandbox.Room.finish(holder, told))
        self.spare = [(served.limits, *sandbox.Room.begin(served.limits)) for _ in range(count)]

    def _ready(self, served: Kernel) -> None:
        """Tell that the kernel listens, or that it ended before it did."""
        heard = os.read(served.ready, 2**14).decode(errors="replace")
        self.events.unregister(served.ready)
        os.close(served.ready)
        served.ready = -1
        self._tell(served, {"ready": heard == ".", "said": heard})

    def _watch(self) -> None:
        """End what is over a limit that the system itself does not keep.

        The kernel goes first, with all that it has started: copies of it, made at checks that it
        has reached, have left its group and may still earn what they are worth. Only where that
        does not help the whole room is ended.
        """
        for served in list(self.kernels.values()):
            if not (served.rooms and served.pid):
                continue
            why = self._why_too_much(served)
            if not why:
                continue
            if not _has_ended(served.descriptor):
                self._tell(served, {"ended": why})
                served.ended_at = time.monotonic()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(served.pid, signal.SIGKILL)
            elif time.monotonic() > served.ended_at + SHRINK_S:
                self._tell(served, {"ended": why})
                self._end(served)

    def _why_too_much(self, served: Kernel) -> str:
        """Say which limit a kernel's room is over; empty for none."""
        room, limits = served.rooms[0], served.limits
        used = sandbox.disk(room.outside)
        if served.meter.memory_bytes(self.shared) + used.bytes > limits.memory_bytes:
            return f"it used more than {limits.memory_bytes // 2**20} MiB of memory"
        # Copies take as long again at the most, with each check's own limit.
        ended = _has_ended(served.descriptor)
        if served.meter.seconds() > limits.cpu_s * (1 + ended):
            return f"the notebook ran for more than {limits.cpu_s:g} s"
        if used.files > MAX_FILES and not ended:
            return f"it made more than {MAX_FILES} files"
        return ""

    def _tell(self, served: Kernel, message: dict, descriptors: list[int] = ()) -> None:
        line = json.dumps(message).encode() + b"\n"
        with contextlib.suppress(OSError):
            socket.send_fds(served.client, [line], list(descriptors))

    def _end(self, served: Kernel) -> None:
        """End a kernel and everything that it has started."""
        self.kernels.pop(served.client.fileno(), None)
        for room in served.rooms:
            room.close()
        if served.pid and not served.rooms:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(served.pid, signal.SIGKILL)
        if served.ready >= 0:
            self.events.unregister(served.ready)
            os.close(served.ready)
        if served.descriptor >= 0:
            os.close(served.descriptor)
        if served.folder:
            shutil.rmtree(served.folder, ignore_errors=True)
        self._forget(served.client)

    def _forget(self, client: socket.socket) -> None:
        self.asked.pop(client.fileno(), None)
        self.events.unregister(client)
        client.close()


def _has_ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _clear(holder: subprocess.Popen, told: int) -> None:
    """End a room that nobody needs."""
    os.close(told)
    holder.kill()
    holder.wait()
    for stream in (holder.stdin, holder.stdout, holder.stderr):
        stream.close()


def main(listener: socket.socket) -> None:
    """Load everything, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader's Ctrl-C; it will hang up
    # What is there afterwards lives as long as the process: never touched again, never copied.
    with imports.uncollected():
        load()
    forking.in_large_pages()
    alive = [thread.name for thread in threading.enumerate()]
    if forking.threads() > 1:
        sys.exit(
            f"{forking.threads()} threads are alive ({', '.join(alive)}); a fork would lose them"
        )
    zygote = Zygote()
    print("ready", flush=True)
    try:
        Server(listener, zygote).serve()
    finally:  # whoever asked for it may be gone
        shutil.rmtree(os.path.dirname(listener.getsockname()), ignore_errors=True)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
