"""Set up the course in `.venv`, once; a second call starts at once.

Run by `make` with whatever `python3` there is, so it uses the standard library alone and keeps to
words that Python 3.6 can read: an old Python must get as far as the sentence that says so.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
# The environment takes 2 GB, pip as much again while it unpacks.
DISK_GB = 4


class SetupError(Exception):
    """What is not met, in one sentence that says what to do."""


def check_python(version: tuple = sys.version_info[:2]) -> None:
    """Refuse a Python older than the course is written for."""
    if version < OLDEST_PYTHON:
        raise SetupError(
            "The course needs Python {}.{} or newer and `{}` is {}.{}: install a newer one, then "
            "call `make PYTHON=python3.11 lab`.".format(*OLDEST_PYTHON, sys.executable, *version)
        )


def check_venv_module() -> None:
    """Refuse a Python without the parts that make virtual environments."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "This Python cannot make virtual environments: install its venv module, on Debian "
            "and Ubuntu with `apt-get install python{}.{}-venv`.".format(*sys.version_info[:2])
        ) from None


def check_disk(checkout: Path) -> None:
    """Refuse to begin where the disk would fill up half-way."""
    free_gb = shutil.disk_usage(str(checkout)).free / 1e9
    if free_gb < DISK_GB:
        raise SetupError(
            f"Only {free_gb:.1f} GB are free where the course lies ({checkout}) and the set-up "
            f"needs {DISK_GB}: make room, or move the course to a larger disk."
        )


def stamp_text(checkout: Path) -> str:
    """Everything that a finished environment depends on: its place, its Python, its two lists."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((checkout / name).read_bytes())
    return f"{checkout}\n{sys.version}\n{digest.hexdigest()}\n"


def venv_python(checkout: Path) -> Path:
    """Where the environment's own Python lies on this system."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return checkout / ".venv" / folder / name


def take_lock(checkout: Path) -> int:
    """Take the set-up for this process; the system gives it back however the process ends.

    Returns
    -------
    int
        The open file that holds the lock. pip inherits it, so that a pip which outlives a killed
        `make` still keeps the next one out.
    """
    handle = os.open(str(checkout / ".venv.lock"), os.O_RDWR | os.O_CREAT)
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise SetupError(
            "Another `make` is setting up the course in this folder just now: wait until it is "
            "done, then call this one again."
        ) from None
    os.set_inheritable(handle, True)
    return handle


def run(*command: str) -> None:
    """Run one step of the set-up, its progress shown as it comes.

    Raises
    ------
    SetupError
        The step failed; names the last error that it printed.
    """
    last = ""
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, universal_newlines=True, close_fds=False
    ) as process:
        for line in process.stderr:
            sys.stderr.write(line)
            if line.startswith("ERROR") or not last.startswith("ERROR"):
                last = line.strip() or last
    if process.returncode:
        raise SetupError(
            f"{last}\nThe set-up stopped there: see to that (a network? a proxy? a full disk?), "
            "then call `make` again."
        )


def set_up(checkout: Path) -> None:
    """Make `.venv`, or bring it up to date; return at once if that is done already."""
    stamp = checkout / ".venv" / ".stamp"
    wanted = stamp_text(checkout)
    found = stamp.read_text() if stamp.exists() else ""
    if found == wanted:
        return
    check_venv_module()
    check_disk(checkout)
    lock = take_lock(checkout)
    found = stamp.read_text() if stamp.exists() else ""  # another call may just have finished
    if found == wanted:
        os.close(lock)
        return
    try:
        python = str(venv_python(checkout))
        print("Setting up the course in .venv: once, a few minutes.", flush=True)
        # The stamp goes first and comes last: without it an environment is half-made. One that is
        # only out of date (its place and Python are the same) is kept, and pip mends it.
        if found.splitlines()[:-1] == wanted.splitlines()[:-1]:
            stamp.unlink()
        else:
            run(sys.executable, "-m", "venv", "--clear", str(checkout / ".venv"))
        run(
            *(python, "-m", "pip", "install", "--disable-pip-version-check"),
            *("-c", str(checkout / "constraints.txt"), "-e", str(checkout) + "[test]"),
        )
        beside = stamp.with_name(".stamp.new")
        beside.write_text(wanted)
        os.replace(str(beside), str(stamp))
    finally:
        os.close(lock)


def main() -> int:
    """Set up the course; say in one sentence what is in the way."""
    try:
        check_python()
        set_up(CHECKOUT)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe set-up was stopped: the next call starts it afresh.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"The set-up stopped: {error}. See to that, then call `make` again.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
