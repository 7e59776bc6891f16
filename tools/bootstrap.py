"""Set up the course in `.venv`, once; a second call starts at once.

Run by `make` with whatever `python3` there is, so it uses the standard library alone and keeps to
words that Python 3.6 can read: an old Python must get as far as the sentence that says so.

Nothing is deleted that `make` has not put there itself: a folder is used if it is empty, or if it
holds the mark that is written before anything else.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
# The environment takes 2 GB, pip as much again while it unpacks.
DISK_GB = 4
# Says in an environment, from its first moment on, which checkout's `make` is making it.
MARK = ".made-by-make"
# What an environment consists of; whatever else lies in its folder is a person's, and stays.
PARTS = (
    *("bin", "include", "lib", "lib64", "share", "etc", "man", "Scripts", "Include", "Lib"),
    *("pyvenv.cfg", ".gitignore", "CACHEDIR.TAG", ".stamp", ".stamp.new"),
)
# The finished environment's stamp ends with a checksum; other people's stamps do not.
STAMP_END = re.compile(r"\n[0-9a-f]{64}\n\Z")


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


def check_disk(venv: Path) -> None:
    """Refuse to begin where the disk would fill up half-way."""
    folder = next(f for f in (venv.resolve(), *venv.resolve().parents) if f.exists())
    free_gb = shutil.disk_usage(str(folder)).free / 1e9
    if free_gb < DISK_GB:
        raise SetupError(
            f"Only {free_gb:.1f} GB are free where the environment is to lie ({venv}) and the "
            f"set-up needs {DISK_GB}: make room, or take a folder on a larger disk with "
            "`make VENV=/that/disk/vaxlab-venv lab`."
        )


def stamp_text(checkout: Path) -> str:
    """Everything that a finished environment depends on: its place, its Python, its two lists."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((checkout / name).read_bytes())
    return f"{checkout}\n{sys.version}\n{digest.hexdigest()}\n"


def venv_python(venv: Path) -> Path:
    """Where the environment's own Python lies on this system."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return venv / folder / name


def read_stamp(venv: Path) -> str:
    """Read the stamp of a finished environment; empty where there is none of ours."""
    try:
        text = (venv / ".stamp").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    return text if STAMP_END.search(text) else ""


def maker(venv: Path) -> str:
    """Name the checkout whose `make` has made an environment, half or whole; empty: nobody's."""
    try:
        return (venv / MARK).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return read_stamp(venv).split("\n")[0]


def check_place(checkout: Path, venv: Path) -> None:
    """Refuse a place where something stands that `make` has not put there.

    Raises
    ------
    SetupError
        Says what stands there and how to go on. Nothing has been changed.
    """
    if not os.path.lexists(str(venv)):
        return
    name = venv.name if venv.parent == checkout else str(venv)
    link = f" is a link to {os.readlink(str(venv))}, which" if venv.is_symlink() else ""
    if venv.is_symlink() and not venv.exists():
        raise SetupError(
            f"`{name}`{link} is not there: nothing was changed. Bring that folder back (a disk "
            f"that is not mounted?), or remove the link with `rm {name}`."
        )
    if venv.is_dir() and not any(venv.iterdir()):
        return
    made_for = maker(venv)
    inside = checkout.resolve() in venv.resolve().parents  # moved or copied with its checkout
    if made_for and (inside or made_for == str(checkout)):
        return
    if not venv.is_dir():
        what = "is a file"
    elif made_for:
        what = f"is the environment of the course in {made_for}"
    elif (venv / "pyvenv.cfg").exists() or (venv / "conda-meta").exists():
        what = "is a Python environment that `make` has not made"
    else:
        what = "holds things that `make` has not put there"
    away = f"remove the link with `rm {name}`" if link else f"move it away (`mv {name} {name}-old`)"
    raise SetupError(
        f"`{name}`{link} {what}: it was left as it is. To keep it there, let the course take "
        f"another folder, in this and every later call: `make VENV=../vaxlab-venv lab`. Or {away}, "
        "then call `make` again."
    )


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


def clear(venv: Path, checkout: Path) -> None:
    """Make room for a new environment in a folder of ours; the mark stands at any time."""
    venv.mkdir(parents=True, exist_ok=True)
    (venv / MARK).write_text(f"{checkout}\n", encoding="utf-8")
    for path in (venv / name for name in PARTS):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        elif os.path.lexists(str(path)):
            path.unlink()


def set_up(checkout: Path, place: str = ".venv") -> None:
    """Make the environment, or bring it up to date; return at once if that is done already.

    Parameters
    ----------
    checkout
        The folder of the course.
    place
        The folder of the environment; relative to the checkout, or an absolute path.
    """
    venv = checkout / place
    stamp = venv / ".stamp"
    wanted = stamp_text(checkout)
    if read_stamp(venv) == wanted:
        return
    check_place(checkout, venv)
    check_venv_module()
    check_disk(venv)
    lock = take_lock(checkout)
    try:
        found = read_stamp(venv)  # another call may just have finished
        if found == wanted:
            return
        check_place(checkout, venv)
        print(f"Setting up the course in {place}: once, a few minutes.", flush=True)
        # The stamp goes first and comes last: without it an environment is half-made. One that is
        # only out of date (its place and Python are the same) is kept, and pip mends it.
        if found.splitlines()[:-1] == wanted.splitlines()[:-1]:
            (venv / MARK).write_text(f"{checkout}\n", encoding="utf-8")
            stamp.unlink()
        else:
            clear(venv, checkout)
            run(sys.executable, "-m", "venv", str(venv))
        run(
            *(str(venv_python(venv)), "-m", "pip", "install", "--disable-pip-version-check"),
            *("-c", str(checkout / "constraints.txt"), "-e", str(checkout) + "[test]"),
        )
        beside = stamp.with_name(".stamp.new")
        beside.write_text(wanted, encoding="utf-8")
        os.replace(str(beside), str(stamp))
    finally:
        os.close(lock)


def main(arguments: tuple = ()) -> int:
    """Set up the course in the folder that is named; say in one sentence what is in the way."""
    try:
        check_python()
        if len(arguments) > 1:
            raise SetupError(
                "VENV holds a blank, which `make` cannot use in a path: name another folder, such "
                "as `make VENV=../vaxlab-venv lab`."
            )
        set_up(CHECKOUT, *arguments)
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
    sys.exit(main(tuple(sys.argv[1:])))
