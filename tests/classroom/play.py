"""A class on this machine, with accounts of its own; both are gone when the tests are."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "classroom"))

import start  # noqa: E402

STEPS = tuple(f"vaxtest-step-{k}" for k in range(1, 7))
"""Learners who have done so many exercises."""
LEARNERS = ("vaxtest-right", "vaxtest-empty", "vaxtest-hostile", "vaxtest-wrong", *STEPS)
INSTRUCTOR = "vaxtest-teacher"
START_S = 120


@dataclass
class Workshop:
    """A class that runs.

    Attributes
    ----------
    address : str
    home : Path
        Folder of the class.
    passwords : dict of str to str
        Of each account.
    process : Popen
        The hub.
    command : list of str
        That started it.
    """

    address: str
    home: Path
    passwords: dict[str, str]
    process: subprocess.Popen
    command: list[str]

    def start_hub(self) -> None:
        """Start the hub, again if need be, and wait until it answers."""
        log = (self.home.parent / "hub.log").open("ab")
        self.process = subprocess.Popen(
            self.command, stdout=log, stderr=log, start_new_session=True
        )
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.address}hub/health", timeout=5)
                return
            except OSError:
                assert self.process.poll() is None, self.log()
                time.sleep(0.5)
        raise AssertionError(self.log())

    def log(self) -> str:
        """Return the end of what the hub has said."""
        return (self.home.parent / "hub.log").read_text(errors="replace")[-3000:]


def why_not() -> str:
    """Say why no class can be held on this machine, or nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a class needs Linux and root: each learner gets an account"
    if not python():
        return f"no Python like this one ({sys.base_prefix}) that other accounts can run"
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return "npm: no Node.js with npm for the hub's proxy"
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    if int(version.strip("v\n").split(".")[0]) < 20:
        return f"npm: Node.js {version.strip()} is too old for the hub's proxy"
    asked = subprocess.run(
        ["npm", "view", "configurable-http-proxy", "version"], capture_output=True, text=True
    )
    return "" if asked.returncode == 0 else f"npm: no way to its packages ({asked.stderr[:200]})"


def python() -> Path | None:
    """Return a Python of this version that every account can run: this one, or the system's."""
    name = "python{}.{}".format(*sys.version_info)
    for path in (Path(sys.base_prefix).resolve() / "bin" / name, Path("/usr/bin") / name):
        if path.exists() and all(above.stat().st_mode & 0o001 for above in path.parents):
            return path
    return None


def movable(folder: Path, checkout: Path, course: Path) -> Path:
    """Make an environment like this one that every account can run; links, so it takes seconds.

    This Python, and the checkout, may lie in somebody's home, which is closed to others.
    """
    prefix, base, environment = Path(sys.prefix).resolve(), python(), folder / "environment"
    if subprocess.run(["cp", "-al", prefix, environment], capture_output=True).returncode:
        shutil.rmtree(environment, ignore_errors=True)  # another disk
        subprocess.run(["cp", "-a", prefix, environment], check=True)
    environment.chmod(0o755)
    for name in ("python", "python3", base.name):
        path = environment / "bin" / name
        path.unlink(missing_ok=True)
        path.symlink_to(base)
    said = [
        environment / "pyvenv.cfg",
        *environment.glob("lib/*/site-packages/__editable__*vaxlab*"),
        *(environment / "bin").iterdir(),
    ]
    moves = [
        (prefix, environment),
        (Path(sys.base_prefix) / "bin", base.parent),
        (checkout / "src", course / "src"),
    ]
    for path in said:
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_bytes()
        moved = text
        for here, there in moves:
            moved = moved.replace(os.fsencode(here), os.fsencode(there))
        if moved != text and (text.startswith(b"#!") or path.parent.name != "bin"):
            mode = path.stat().st_mode
            path.unlink()  # never written into: it is a link to this environment's own
            path.write_bytes(moved)
            path.chmod(mode)
    return environment


@contextmanager
def hold(checkout: Path, learners: tuple[str, ...] = LEARNERS) -> Iterator[Workshop]:
    """A class of some learners and an instructor."""
    folder = Path("/srv/vaxlab-test-class")  # others have to reach it; a temporary folder is closed
    accounts = (*learners, INSTRUCTOR)
    remove(accounts)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    course = folder / "checkout"
    shutil.copytree(checkout, course, ignore=start.left_out, symlinks=True)
    for path in (course / "solutions" / "day1").glob("[23]-*"):
        path.unlink()  # a day of two notebooks: what all four earn is seen in tests/grading
    environment = movable(folder, checkout, course)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "learners.txt").write_text("\n".join(learners))
    command = [
        *(str(environment / "bin" / "python"), str(course / "classroom" / "start.py")),
        *("--learners", str(folder / "learners.txt"), "--instructor", INSTRUCTOR),
        *("--home", str(folder / "class"), "--environment", str(environment)),
        *("--port", str(port)),
    ]
    made = Workshop(f"http://127.0.0.1:{port}/", folder / "class", {}, None, command)
    try:
        made.start_hub()
        with (made.home / "hub" / "first-logins.csv").open() as file:
            made.passwords = dict(csv.reader(file))
        yield made
    finally:
        if made.process and made.process.poll() is None:
            made.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):  # then it is killed, below
                made.process.wait(60)
        for number in running_in(folder):
            with suppress(OSError):  # it may have ended by itself
                os.kill(number, signal.SIGKILL)
        remove(accounts)
        shutil.rmtree(folder, ignore_errors=True)


def running_in(folder: Path) -> list[int]:
    """Return what runs from a folder, such as a hub, its proxy, and what a killed one has left."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may have ended by itself
            if os.fsencode(f"{folder}/") in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def remove(accounts: tuple[str, ...]) -> None:
    """End what the tests' own accounts run, and remove them with their homes."""
    for name in accounts:
        subprocess.run(["pkill", "-KILL", "-u", name], capture_output=True)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            done = subprocess.run(["userdel", "--remove", name], capture_output=True, text=True)
            if "currently used" not in done.stderr:
                break
            time.sleep(0.2)
