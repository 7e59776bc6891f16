"""A sandbox to break out of, and a kernel in it to be asked."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import debian
import nbformat
import psutil
import pytest
from hostile import bank
from jupyter_client import AsyncKernelManager

from vaxlab.authoring import build
from vaxlab.grading import provisioner

EXERCISE = "trust-twins"
RIGHT = bank.RIGHT[EXERCISE]
ONE_WAY = next(
    answer
    for answer in bank.trust.ANSWERS
    if answer.grade_id == EXERCISE and 0 < answer.points < RIGHT.points
)
#: Answers to it, with the points that the bank of answers gives them.
ANSWERS = {
    "right": (RIGHT.source, RIGHT.points),
    "one way": (ONE_WAY.source, ONE_WAY.points),
    "none": ("", 0.0),
}


def find_bubblewrap() -> str | None:
    """Path of bubblewrap, if it is there; installed from Debian's packages in CI."""
    if not shutil.which("bwrap"):
        debian.install("bubblewrap")
    return shutil.which("bwrap")


@pytest.fixture(scope="session")
def bubblewrap() -> str:
    """Path of bubblewrap; where there is none, the tests of the sandbox are skipped."""
    if not sys.platform.startswith("linux"):
        pytest.skip("Kernels are forked and walled in on Linux only.")
    return find_bubblewrap() or pytest.skip(
        "No bubblewrap found, so the sandbox was not tried. On Debian: apt-get install bubblewrap"
    )


@dataclass
class Said:
    """What a cell gave: its text, the name of its error, and its value as text."""

    text: str = ""
    error: str = ""
    value: str = ""
    errors: list[str] = field(default_factory=list)


class Asked:
    """A kernel, and questions to it."""

    def __init__(self, name: str, folder: Path, rehearsal: str, **limits: float) -> None:
        self.loop = asyncio.new_event_loop()
        self.manager = AsyncKernelManager(kernel_name=name)
        config = self.manager.kernel_spec.metadata["kernel_provisioner"]["config"]
        config |= {"limits": limits, "rehearsal": rehearsal}
        self.loop.run_until_complete(self.manager.start_kernel(cwd=str(folder)))
        self.client = self.manager.client()
        self.client.start_channels()
        self.loop.run_until_complete(self.client.wait_for_ready(timeout=60))

    @property
    def provisioner(self) -> provisioner.WarmProvisioner:
        """What started the kernel."""
        return self.manager.provisioner

    def run(self, code: str, limit_s: float = 60) -> Said:
        """Run a cell."""
        said = Said()

        def hear(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                said.text += content["text"]
            elif message["msg_type"] == "error":
                said.error = content["ename"]
            elif message["msg_type"] == "execute_result":
                said.value = content["data"]["text/plain"]

        self.loop.run_until_complete(
            self.client.execute_interactive(code, timeout=limit_s, output_hook=hear)
        )
        return said

    def check(self, source: str, limit_s: float = 60) -> dict:
        """Have a copy of the kernel made, and let the judge run a check cell with it."""
        self.provisioner.freeze("check")
        self.provisioner.await_judge()
        return self.provisioner.order("check", source, limit_s)

    def is_alive(self) -> bool:
        """Tell whether the kernel lives."""
        return self.loop.run_until_complete(self.manager.is_alive())

    def stop(self) -> None:
        """End the kernel."""
        if self.loop.is_closed():
            return
        self.client.stop_channels()
        self.loop.run_until_complete(self.manager.shutdown_kernel(now=True))
        self.loop.run_until_complete(self.manager.cleanup_resources())
        self.loop.close()


@pytest.fixture(scope="module")
def kernels(bubblewrap, tmp_path_factory) -> Iterator[Callable[..., Asked]]:
    """Start kernels by name, in a folder; they end with the module."""
    started = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(provisioner.KERNELS))

        def start(
            name: str = "vaxlab-graded", folder: Path | None = None, rehearsal: str = "", **limits
        ) -> Asked:
            folder = folder or tmp_path_factory.mktemp("work")
            started.append(Asked(name, folder, rehearsal, **limits))
            return started[-1]

        yield start
        for kernel in started:
            kernel.stop()


@pytest.fixture(scope="module")
def kernel(kernels) -> Asked:
    """A kernel as a submission gets it."""
    return kernels()


@dataclass
class Course:
    """A checkout with one exercise, a class, and what each of them must get."""

    root: Path
    expected: dict[str, float] = field(default_factory=dict)

    def hand_in(self, student: str, answer: str, *, after: str = "") -> Path:
        """Hand in one of `ANSWERS`; `after` is a cell that runs behind its check."""
        source, points = ANSWERS[answer]
        notebook = nbformat.read(self.root / "course" / "day1" / f"{bank.NAME}.ipynb", as_version=4)
        if source:
            notebook.cells[bank.place(notebook, EXERCISE)].source = source
        if after:
            notebook.cells.append(nbformat.v4.new_code_cell(after))
        folder = self.root / "submitted" / student / "day1"
        folder.mkdir(parents=True, exist_ok=True)
        bank.save(notebook, folder)
        self.expected[student] = points
        return folder

    def hand_in_all(self, count: int, turn: int = 0) -> None:
        """Hand in for a class; another `turn` gives everybody another answer."""
        kinds = list(ANSWERS)
        for number in range(count):
            self.hand_in(f"learner-{number:03}", kinds[(number + turn) % len(kinds)])

    @property
    def url(self) -> str:
        """Its gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def points(self, url: str = "") -> dict[str, float]:
        """What the gradebook holds; a learner with two submissions is an error."""
        from nbgrader.api import Gradebook

        with Gradebook(url or self.url) as gradebook:
            rows = [
                (found.student_id, float(found.score))
                for found in gradebook.assignment_submissions("day1")
            ]
        assert len(rows) == len(dict(rows))
        return dict(rows)


@pytest.fixture(scope="session")
def one_exercise(built, tmp_path_factory) -> Path:
    """A checkout whose only notebook is the first exercise of a real one; for copies."""
    from nbgrader.apps import NbGraderAPI

    root = tmp_path_factory.mktemp("one-exercise")
    notebook = nbformat.read(built / "solutions" / "day1" / f"{bank.NAME}.ipynb", as_version=4)
    set_up = next(cell for cell in notebook.cells if cell.cell_type == "code")
    places = [bank.place(notebook, name) for name in (EXERCISE, f"{EXERCISE}-check")]
    notebook.cells = [set_up, *(notebook.cells[place] for place in places)]
    (root / "solutions" / "day1").mkdir(parents=True)
    nbformat.write(notebook, root / "solutions" / "day1" / f"{bank.NAME}.ipynb")
    shutil.copy(built / "nbgrader_config.py", root)
    assert NbGraderAPI(config=build.settings(root)).generate_assignment("day1")["success"]
    return root


@pytest.fixture
def course(one_exercise, tmp_path) -> Course:
    """A course of one exercise, without learners yet."""
    return copy_of(one_exercise, tmp_path / "course")


def copy_of(one_exercise: Path, root: Path) -> Course:
    """Make a course of one's own."""
    shutil.copytree(one_exercise, root)
    return Course(root)


class Program:
    """A program with all that it starts, told from others by its folder for temporary files."""

    def __init__(self, *command: str, cwd: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="class-"))
        self.errors = self.folder / "errors"
        with open(self.folder / "output", "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                stdout=output,
                stderr=errors,
                start_new_session=True,
                env=os.environ | {"TMPDIR": str(self.folder)},
            )

    def family(self) -> set[psutil.Process]:
        """All its processes that live, orphans included."""
        mark, found = str(self.folder), set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                told = [*process.cmdline(), *process.environ().values()]
                if any(mark in text for text in told):
                    found |= {process, *process.children(recursive=True)}
        return {process for process in found if lives(process)}

    def named(self, word: str) -> list[psutil.Process]:
        """Those of its processes whose command holds a word, the oldest first."""
        found = []
        for process in self.family():
            with contextlib.suppress(psutil.Error):
                if any(word in text for text in process.cmdline()):
                    found.append(process)
        return sorted(found, key=psutil.Process.create_time)

    def output(self, limit_s: float = 300) -> str:
        """Wait for its end; return what it has printed."""
        self.process.wait(limit_s)
        return (self.folder / "output").read_text()

    def end(self) -> list[psutil.Process]:
        """End it and all that it has started; return who had not gone by then."""
        family = self.family()
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        left = still_there(family | self.family())
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)
        return left


def lives(process: psutil.Process) -> bool:
    """Tell whether a process runs; nobody may have buried one that has ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def still_there(processes: set[psutil.Process], limit_s: float = 60) -> list[psutil.Process]:
    """Wait until they have ended; return those that have not.

    A warm process that is still importing notices only afterwards that its owner has gone.
    """
    deadline = time.monotonic() + limit_s
    while (left := [p for p in processes if lives(p)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.fixture
def program() -> Iterator[Callable[..., Program]]:
    """Start programs in a folder; all that they have started ends with the test."""
    started = []

    def start(*command: str, cwd: Path) -> Program:
        started.append(Program(*command, cwd=cwd))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture(scope="module")
def cluster(bubblewrap, tmp_path_factory) -> Iterator[tuple[str, Program, Program]]:
    """A Dask scheduler and two workers as programs of their own: address, scheduler, workers."""
    folder = tmp_path_factory.mktemp("cluster")
    dask, told = [sys.executable, "-m", "dask"], folder / "scheduler.json"
    common = ["--scheduler-file", str(told), "--no-dashboard", "--host", "127.0.0.1"]
    scheduler = Program(*dask, "scheduler", "--port", "0", *common, cwd=folder)
    count = ["--nworkers", "2", "--nthreads", "1", "--memory-limit", "0"]
    workers = Program(*dask, "worker", *count, *common, cwd=folder)
    deadline = time.monotonic() + 120
    while not told.is_file() or not told.stat().st_size:
        assert time.monotonic() < deadline, scheduler.errors.read_text()
        time.sleep(0.1)
    yield json.loads(told.read_text())["address"], scheduler, workers
    left = workers.end() + scheduler.end()
    assert not left


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Address of an empty database of a PostgreSQL server on loopback, with a password."""
    if not find_postgres():
        debian.install("postgresql")
    programs = find_postgres() or pytest.skip(
        "No PostgreSQL server found, so no gradebook was kept in one. On Debian and Ubuntu: "
        "apt-get install postgresql"
    )
    import pwd

    import psycopg

    # It refuses to run as root, and must reach its folder: pytest's are for their owner only.
    as_user = {}
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    if os.geteuid() == 0:
        names = {account.pw_name for account in pwd.getpwall()}
        account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(folder, account.pw_uid, account.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = folder / "password"
    secret.write_text("a:secret@/")
    secret.chmod(0o644)
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-U", "grader", "-A", "scram-sha-256"]
    make += ["--pwfile", secret, "-E", "UTF8", "--no-locale", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, timeout=120, **as_user)
    serve = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-F"]
    with open(folder / "errors", "wb") as errors:
        server = subprocess.Popen(
            [*serve, "-k", folder], cwd=folder, stdout=errors, stderr=errors, **as_user
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(
                    host="127.0.0.1",
                    port=port,
                    user="grader",
                    password="a:secret@/",
                    dbname="postgres",
                ).close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (folder / "errors").read_text()
                time.sleep(0.1)
        yield f"postgresql+psycopg://grader:a%3Asecret%40%2F@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # without waiting for whoever is still connected
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def find_postgres() -> Path | None:
    """Folder of the newest server's programs; Debian puts them on nobody's path."""
    found = [Path(path).resolve() for path in filter(None, [shutil.which("initdb")])]
    found += Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max(found).parent if found else None
