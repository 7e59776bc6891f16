"""Kernels from the warm process, for anything that speaks Jupyter.

``jupyter_client`` finds `WarmProvisioner` by its entry point and the kernelspecs in ``jupyter/``;
nbgrader, the formgrader and nbval need no change. Two kernels are offered: ``vaxlab-graded`` behind
the walls of the sandbox, with a judge, and ``vaxlab-warm`` without either, for one's own notebooks.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase, LocalProvisioner
from traitlets import Bool, Dict, Unicode

from vaxlab.grading import sandbox, wire
from vaxlab.grading.limits import Limits

#: Put into JUPYTER_PATH, it makes the two kernels known.
KERNELS = Path(__file__).parent / "jupyter"
#: Address of a warm process that somebody else has started, for several graders side by side.
ADDRESS = "VAXLAB_WARM_PROCESS"
START_LIMIT_S = 120
#: The kernel makes a copy as soon as its cell has ended, and has nothing else to do.
FREEZE_LIMIT_S = 20
#: For a judge, to rehearse a notebook: a backstop, for nobody's submission is to blame.
REHEARSAL_LIMIT_S = 1800
#: Arrow's allocator starts a thread, which would not survive a fork; the C library sets address
#: space aside for each thread, which would count as memory.
QUIET_LIBRARIES = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "2",
}


class NoWarmProcess(RuntimeError):
    """Forking is not to be had here; the message says why."""


class Killed(NoWarmProcess):
    """Somebody has ended the warm process before it was ready: another one may get there."""


class Warm:
    """A warm process of one's own; it ends with its owner."""

    def __init__(self) -> None:
        from vaxlab.lab import THREAD_CAPS

        if not sys.platform.startswith("linux"):
            raise NoWarmProcess(f"kernels are forked on Linux only, and this is {sys.platform}")
        self.is_ready = False
        self.folder = tempfile.mkdtemp(prefix="warm-")  # only for its owner: mode 700
        self.address = os.path.join(self.folder, "s")
        self.complaints = os.path.join(self.folder, "stderr")
        # The first process's memory is every learner's: nothing of ours may be in there.
        kept = {key: os.environ[key] for key in ("PATH", "VAXLAB_DATA") if key in os.environ}
        own = {
            "HOME": self.folder,
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            # Large pages where the C library can: a fork, which copies the table of pages, then
            # takes half the time.
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        }
        # Whoever asks while it still imports is heard afterwards.
        with socket.socket(socket.AF_UNIX) as listener, open(self.complaints, "wb") as complaints:
            listener.bind(self.address)
            listener.listen(64)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vaxlab.grading.warm", str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                cwd=self.folder,
                env=kept | THREAD_CAPS | QUIET_LIBRARIES | own,
                pass_fds=[listener.fileno()],
            )
        atexit.register(self.close)

    def wait(self) -> Warm:
        """Wait until it has imported everything.

        Raises
        ------
        NoWarmProcess
            It has not got there; `Killed` where somebody has ended it.
        """
        if self.is_ready:
            return self
        heard = select.select([self.process.stdout], [], [], START_LIMIT_S)[0]
        if not heard or b"ready" not in self.process.stdout.readline():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5 if heard else 0)  # its own status, not that of our kill
            self.process.kill()
            said = Path(self.complaints).read_text(errors="replace").strip().splitlines()
            self.close()
            if heard and self.process.returncode < 0:
                raise Killed("the warm process was ended from outside while it started")
            raise NoWarmProcess(said[-1] if said else "the warm process did not start")
        self.is_ready = True
        return self

    def close(self) -> None:
        """End it, and every kernel that came from it."""
        if not self.is_ready:  # it hears nothing yet
            self.process.kill()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@lru_cache(maxsize=1)
def _last() -> Warm:
    return Warm()


def own() -> Warm:
    """Our own warm process, which may still be importing; another one where it has ended."""
    if _last().process.poll() is not None:
        _last.cache_clear()
    return _last()


def address() -> str:
    """Address of the warm process: the one that is named, or our own, started when first asked."""
    if named := os.environ.get(ADDRESS):
        return named
    try:
        return own().wait().address
    except Killed:
        return own().wait().address


@lru_cache(maxsize=1)
def no_sandbox() -> str:
    """Say why no sandbox can be had; empty where it can."""
    return sandbox.missing()


def frozen(line: socket.socket) -> socket.socket | None:
    """Have a copy of a kernel made; return the line to it, None where the kernel makes none."""
    here, there = socket.socketpair()
    try:
        with there:
            socket.send_fds(line, [b"f"], [there.fileno()])
        if line.recv(1) == b".":
            return here
    except OSError:
        pass
    here.close()
    return None


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel from the warm process; starts an ordinary one where that cannot be.

    Attributes
    ----------
    sandbox, judge : bool
        Behind the walls? With a judge for the checks? Set by the kernelspec.
    rehearsal : str
        The notebook with its solution, which the judge goes through before the first learner's.
    orders : socket.socket or None
        The judge listens here.
    line : socket.socket or None
        The kernel listens here, for copies of it to be asked for.
    why_ended : str
        Which limit ended the kernel, in words.
    """

    sandbox = Bool(False).tag(config=True)
    judge = Bool(False).tag(config=True)
    rehearsal = Unicode("").tag(config=True)
    limits = Dict(asdict(Limits())).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.client: socket.socket | None = None
        self.orders: socket.socket | None = None
        self.line: socket.socket | None = None
        self._copies: dict[str, socket.socket] = {}
        self.descriptor = -1
        self.init_pid = 0
        self.why_ended = ""
        self.sandboxed = False
        self._heard = b""

    @property
    def has_process(self) -> bool:
        """Whether a kernel belongs to this."""
        return self.client is not None or super().has_process

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Find the warm process; without one, prepare an ordinary kernel."""
        try:
            self._address = await asyncio.get_running_loop().run_in_executor(None, address)
        except NoWarmProcess as error:
            self._address = ""
            self.log.warning("An ordinary kernel is started, without a sandbox: %s.", error)
            return await super().pre_launch(**kwargs)
        kwargs.pop("extra_arguments", None)
        return await KernelProvisionerBase.pre_launch(self, cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork a kernel and wait until its sockets are open."""
        if not self._address:
            return await super().launch_kernel(cmd, **kwargs)
        self.sandboxed = self.sandbox and not no_sandbox()
        if self.sandbox and not self.sandboxed:
            self.log.warning("Submissions run with your rights: %s.", no_sandbox())
        manager = self.parent
        asked = {
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "env": self._environment(kwargs.get("env", {})),
            "key": manager.session.key.decode(),
            "limits": {**asdict(Limits()), **self.limits},
            "sandbox": self.sandboxed,
            "judge": self.judge,
            "rehearsal": self.rehearsal,
        }
        self.client = socket.socket(socket.AF_UNIX)
        self.client.connect(self._address)
        self.client.settimeout(START_LIMIT_S)
        self.client.sendall(json.dumps(asked).encode() + b"\n")
        line, descriptors, _, _ = socket.recv_fds(self.client, 2**16, 3)
        told = json.loads(line.split(b"\n")[0])
        if "failed" in told:
            self._hang_up()
            raise RuntimeError(f"No kernel could be forked: {told['failed']}")
        self._heard = line.split(b"\n", 1)[1]
        self.descriptor = descriptors[0]
        if self.judge:
            self.orders, self.line = (socket.socket(fileno=end) for end in descriptors[1:])
        self.pid, self.init_pid = told["pid"], told["init_pid"]
        self._meter = sandbox.Meter(self.init_pid, self.pid)
        self.cwd = kwargs.get("cwd")
        while b"\n" not in self._heard:
            self._heard += await self._hear()
        opened = json.loads(self._heard.split(b"\n")[0])
        if not opened["ready"]:
            self._hang_up()
            raise RuntimeError(f"The kernel ended before it was ready. {opened['said']}")
        self._heard = b""
        self.client.setblocking(False)
        manager.transport, manager.ip = "ipc", told["ip"]
        for name, port in told["ports"].items():
            setattr(manager, name, port)
        self.connection_info = manager.get_connection_info()
        return self.connection_info

    def _environment(self, outer: dict[str, str]) -> dict[str, str]:
        """Only what the kernel needs is sent; without walls it has the grader's rights anyway."""
        return sandbox.environment(outer) if self.sandboxed else outer

    async def poll(self) -> int | None:
        """Return None while the kernel lives."""
        if self.client is None:
            return await super().poll() if self.process else 0
        return -signal.SIGKILL if self._is_dead() else None

    async def wait(self) -> int | None:
        """Wait for the end of the kernel, and of all that it has started."""
        if self.client is None:
            return await super().wait()
        while not self._is_dead():
            await asyncio.sleep(0.005)
        self.read_why()
        self._hang_up()
        return 0

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel; to whomever else it has started, only its end."""
        if self.client is None:
            await super().send_signal(signum)
        elif signum == signal.SIGKILL:
            await self.kill()
        elif not self._is_dead():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.descriptor, signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and everything in its sandbox, and wait until it is gone."""
        if self.client is None:
            await super().kill(restart)
            return
        self.end()
        for _ in range(1000):
            if self._is_dead():
                return
            await asyncio.sleep(0.002)

    async def terminate(self, restart: bool = False) -> None:
        """As `kill`: a kernel has nothing to tidy up that its sandbox does not take along."""
        if self.client is None:
            await super().terminate(restart)
        else:
            await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Hang up: whatever is left is ended by the warm process."""
        self._hang_up()
        await super().cleanup(restart)

    def cpu_seconds(self) -> float:
        """CPU time that the kernel and its children have used."""
        return self._meter.seconds() if self.init_pid else 0.0

    def await_judge(self) -> None:
        """Wait until the judge listens: it may still be rehearsing, on a busy machine for minutes.

        Raises
        ------
        OSError, EOFError, wire.Broken
            There is no judge.
        """
        self._ask({"here": True}, REHEARSAL_LIMIT_S)

    def freeze(self, name: str) -> None:
        """Have a copy of the kernel made, as it is now, to be judged when the notebook has run.

        What the copy says is never read here: its line goes to the judge, unread.
        """
        self.line.settimeout(FREEZE_LIMIT_S)
        if copy := frozen(self.line):
            self._copies[name] = copy

    def order(self, name: str, source: str, limit_s: float) -> dict[str, Any]:
        """Let the judge run a check cell with the copy of that name.

        Raises
        ------
        OSError, EOFError, wire.Broken
            The judge has not answered.
        """
        with contextlib.ExitStack() as stack:
            copy = self._copies.pop(name, None)
            ends = [stack.enter_context(copy).fileno()] if copy else []
            return self._ask({"source": source, "limit_s": limit_s}, limit_s + 10, ends)

    def _ask(
        self, order: dict[str, Any], limit_s: float, ends: Sequence[int] = ()
    ) -> dict[str, Any]:
        self.orders.settimeout(limit_s)
        socket.send_fds(self.orders, [b"o"], ends)
        wire.send(self.orders, order)
        return wire.receive(self.orders)[0]

    def _is_dead(self) -> bool:
        return bool(select.select([self.descriptor], [], [], 0)[0])

    async def _hear(self) -> bytes:
        loop = asyncio.get_running_loop()
        heard = await loop.run_in_executor(None, self.client.recv, 2**16)
        if not heard:
            raise RuntimeError("The warm process has ended.")
        return heard

    def end(self) -> None:
        """End the kernel at once, from any thread."""
        if self.client is None:
            if self.process:
                self.process.kill()
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.descriptor, signal.SIGKILL)

    def read_why(self) -> None:
        """Read which limit ended the kernel, if one did."""
        with contextlib.suppress(OSError):
            self._heard += self.client.recv(2**16)
        for line in self._heard.splitlines():
            self.why_ended = json.loads(line).get("ended", self.why_ended)

    def _hang_up(self) -> None:
        for end in (self.client, self.orders, self.line, *self._copies.values()):
            if end:
                end.close()
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.client = self.orders = self.line = None
        self._copies.clear()
        self.descriptor = -1
