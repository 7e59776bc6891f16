"""What an installation lacks, and how to mend it: ``vaxlab doctor``.

Nothing is changed. Each thing that is looked at gives one line, whatever state the machine is in:
only the standard library is imported before the packages have been looked at.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vaxlab import paths
from vaxlab.errors import CourseError

OLDEST_PYTHON = (3, 11)
#: What all notebooks of the course run in (README), and room for saved work.
MEMORY_GB, DISK_GB = 2.0, 0.5
#: Where JupyterLab looks for a port first.
PORT = 8888
KERNEL_START_S = 120.0
#: What draws figures and sliders into JupyterLab's page, waits for a kernel, begins anew.
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget", "vaxlab-races", "vaxlab-anew")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class State(StrEnum):
    """What a line says of what it looked at."""

    WELL = "well"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True)
class Line:
    """What was found.

    Attributes
    ----------
    state : State
        *Mend* where the course cannot be done like this, *note* where only some people miss it.
    about : str
        What was looked at.
    text : str
        One sentence or two; where there is something to do, the last one says it.
    """

    state: State
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:5}{self.about}: {self.text}"


def examine() -> Iterator[Line]:
    """Look at everything, the quick things first; lines come as they are found."""
    for about, look in LOOKS.items():
        try:
            state, text = look()
        except CourseError as error:
            state, text = State.MEND, " ".join(str(error).splitlines())
        except Exception as error:  # what is broken breaks in ways that nobody foresees
            why = f"{type(error).__name__}: {error}"
            state, text = State.MEND, f"this could not be looked at ({why}). {_install()}"
        yield Line(state, about, text)


Found = tuple[State, str]


def _install() -> str:
    """Say how to bring the packages back, in a checkout and where there is none."""
    try:
        return f"In {paths.checkout()}, call `python -m pip install -c constraints.txt -e .`."
    except CourseError:
        return "Install the course's package again, the way it was installed first."


def _python() -> Found:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return State.MEND, f"{version} is too old. Install {wanted} or newer, then `make lab`."
    return State.WELL, f"{version}, {sys.executable}"


def _packages() -> Found:
    """Compare what the package needs, and what that needs in turn, with the one lock."""
    missing, other = [], []
    lock = _lock()
    seen = _needed("vaxlab")
    for name in sorted(seen):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        # A build for processors bears a mark that the lock leaves out: 2.9.0+cpu.
        if name in lock and version.split("+")[0] != lock[name]:
            other.append(f"{name} {version} (lock: {lock[name]})")
    if missing:
        return State.MEND, f"not installed: {_some(missing)}. {_install()}"
    if other:
        return State.NOTE, (
            f"other versions than the course was tried with: {_some(other)}. "
            f"Where something behaves oddly: {_install()}"
        )
    beside = ", at the lock's versions" if lock else "; no lock lies here to compare versions with"
    return State.WELL, f"{len(seen)} installed{beside}"


def _needed(package: str) -> set[str]:
    """Name all packages that one needs, without its extras, down to the last."""
    from packaging.requirements import Requirement

    seen: set[str] = set()
    left = [(package, "")]
    done = set()
    while left:
        name, extra = left.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        try:
            asked = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for text in asked:
            wanted = Requirement(text)
            if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
                continue
            found = re.sub(r"[-_.]+", "-", wanted.name).lower()
            seen.add(found)
            left += [(found, one) for one in ("", *wanted.extras)]
    return seen - {package}


def _lock() -> dict[str, str]:
    """Read the versions of the lock; none where the package is all there is."""
    try:
        text = (paths.checkout() / "constraints.txt").read_text(encoding="utf-8")
    except (CourseError, OSError):
        return {}
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s#;]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins}


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


def _machine() -> Found:
    from dask.system import CPU_COUNT  # both know of a container's limits
    from distributed.system import MEMORY_LIMIT

    memory_gb = MEMORY_LIMIT / 1e9
    said = f"{memory_gb:.1f} GB of memory, {CPU_COUNT} core{'s' if CPU_COUNT > 1 else ''}"
    if memory_gb < 0.95 * MEMORY_GB:
        return State.MEND, (
            f"{said}. The longest notebooks need {MEMORY_GB:g} GB: give the machine or container "
            "more, or keep one notebook open at a time."
        )
    return State.WELL, said


def _disk() -> Found:
    folder = _course_or_here()
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < DISK_GB:
        return State.MEND, f"{free_gb:.1f} GB free in {folder}. Make room, or work cannot be saved."
    return State.WELL, f"{free_gb:.0f} GB free"


def _notebooks() -> Found:
    folder = paths.course()
    count = len(list(folder.glob("[dD]ay*/*.ipynb")))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return State.MEND, (
            f"in {folder} nothing can be written ({error.strerror}). Copy the folder to a place of "
            "your own, and open that one."
        )
    return State.WELL, f"{count} in {folder}"


def _course_or_here() -> Path:
    try:
        return paths.course()
    except CourseError:
        return Path.cwd()


def _datasets() -> Found:
    from vaxlab import data

    return State.WELL, f"{len(data.read_all())} files, each as its checksum says"


def _port() -> Found:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 0))
        except OSError as error:
            return State.MEND, (
                f"this machine lets no program listen on 127.0.0.1 ({error.strerror}). Allow it in "
                "its firewall or sandbox."
            )
    from vaxlab.lab import check_port_is_free

    try:
        check_port_is_free(PORT)
    except CourseError:
        return State.NOTE, f"{PORT} is taken. `make lab` finds the next free one by itself."
    return State.WELL, f"{PORT} is free"


def _lab() -> Found:
    from jupyter_core.paths import jupyter_path

    from vaxlab.lab import SETTINGS

    version = importlib.metadata.version("jupyterlab")
    folders = [SETTINGS / "labextensions", *map(Path, jupyter_path("labextensions"))]
    gone = [
        name
        for name in EXTENSIONS
        if not any((folder / name / "package.json").is_file() for folder in folders)
    ]
    if gone:
        return State.MEND, (
            f"JupyterLab {version} does not find {', '.join(gone)}: figures or sliders would stay "
            f"empty. {_install()} Open the course with `make lab`."
        )
    return State.WELL, f"JupyterLab {version} with all that the figures need"


def _kernel() -> Found:
    """Start a kernel as JupyterLab would, and let it compute."""
    from jupyter_client.manager import start_new_kernel

    from vaxlab.lab import environment

    ask = "import sys, numpy, vaxlab; print(sys.prefix, int(numpy.sum([40, 2])), sep='\\n')"
    said: list[str] = []

    def hear(message: dict) -> None:
        content = message["content"]
        said.append(content.get("text") or f"{content.get('ename')}: {content.get('evalue')}")

    manager, client = start_new_kernel(
        startup_timeout=KERNEL_START_S,
        kernel_name="python3",
        env=environment(dict(os.environ)),
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    try:
        client.execute_interactive(
            ask,
            timeout=KERNEL_START_S,
            output_hook=lambda m: hear(m) if m["msg_type"] in ("stream", "error") else None,
        )
    finally:
        client.stop_channels()
        with contextlib.suppress(Exception):
            manager.shutdown_kernel(now=True)
    prefix, _, sum_of_two = "".join(said).strip().partition("\n")
    if sum_of_two != "42":
        why = prefix.splitlines()[0] if prefix else "no answer"
        return State.MEND, f"it starts but cannot compute ({why}). {_install()}"
    if Path(prefix).resolve() != Path(sys.prefix).resolve():
        return State.MEND, (
            f"notebooks would run in another Python, {prefix}. Call `python -m ipykernel install "
            "--sys-prefix` with this one."
        )
    return State.WELL, "starts, and computes in this Python"


def _sandbox() -> Found:
    from vaxlab.grading import sandbox

    why = sandbox.missing()
    if why:
        return State.NOTE, f"{why}. Only who grades strangers needs it."
    return State.WELL, "a sandbox for submissions can be had (only graders need it)"


def _browser() -> Found:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        return State.NOTE, (
            "no Chromium, so tests that need one skip. Only who changes the course needs it "
            "(Debian and Ubuntu: `apt-get install chromium fonts-dejavu-core`)."
        )
    return State.WELL, f"{found}, for the tests"


LOOKS: dict[str, Callable[[], Found]] = {
    "Python": _python,
    "packages": _packages,
    "machine": _machine,
    "disk": _disk,
    "notebooks": _notebooks,
    "data sets": _datasets,
    "port": _port,
    "JupyterLab": _lab,
    "kernel": _kernel,
    "grading": _sandbox,
    "browser": _browser,
}
