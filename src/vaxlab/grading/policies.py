"""Policies handed in as files: each is played where it can harm nobody, and a class is compared.

A policy's code runs in an interpreter of its own, in a sandbox without a network or a place to
write. The season stays here. What crosses is what crosses in grading: questions and plain data
(`vaxlab.checks.border`), so no policy meets the truth, the seed or another's policy.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from vaxlab.checks import border
from vaxlab.errors import CourseError
from vaxlab.grading import answers, sandbox
from vaxlab.grading.judge import Gone, Link
from vaxlab.lessons.day4.capstone import delivery, material
from vaxlab.season import Played, Policy, play

MEMORY_BYTES, CPU_S = 4 * 2**30, 600
"""Of a policy's interpreter."""
FILE_BYTES = 2**20
"""A policy is no longer than that."""
SYSTEM = {"bin", "dev", "etc", "lib", "lib32", "lib64", "proc", "sbin", "usr"}
"""Folders of a machine that a policy's interpreter needs; all others are empty to it."""
REFERENCES = ("the history", "a plain policy", "the search")


@dataclass(frozen=True)
class Entry:
    """A policy of a class: whose, what came of it, or the sentence that says why nothing did."""

    name: str
    played: list[Played] | None
    sentence: str = ""


_GONE = "The policy ended its interpreter, or was stopped at a limit."


def references(seeds: Sequence[int]) -> dict[str, list[Played]]:
    """Play seasons on the history's policy, a plain one and that of the search."""
    return {who: play(material.POLICIES[who], seeds) for who in REFERENCES}


def entry(name: str, path: Path, seeds: Sequence[int], *, trusted: bool = False) -> Entry:
    """Play seasons on the policy of a file.

    Parameters
    ----------
    name : str
        Whose.
    path : Path
    seeds : sequence of int
    trusted : bool
        Whether to run it in this interpreter, for one's own file.

    Returns
    -------
    Entry
        Whatever the policy does: what goes wrong is a sentence.
    """
    try:
        with _here(path) if trusted else _apart(path) as names:
            return Entry(name, play(_policy(names, path), seeds))
    except Gone:
        return Entry(name, None, _GONE)
    except CourseError as error:
        return Entry(name, None, _GONE if isinstance(error.__cause__, Gone) else str(error))
    except border.TooSlow as error:
        return Entry(name, None, str(error))


def _policy(names: border.Names, path: Path) -> Policy:
    """Return the functions of a file as a policy; those that are missing stay the history's."""
    functions = {name: names.get(name) for name in material.FUNCTIONS}
    if not any(functions.values()):
        raise CourseError(
            f"{path.name} defines none of {', '.join(material.FUNCTIONS)}; expected functions of "
            "these names, as in the last exercise of the notebook."
        )
    return Policy(**functions)


def _source(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_BYTES:
            raise CourseError(f"{path} is longer than {FILE_BYTES // 2**20} MiB: no policy is.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}. Expected a Python file.") from None


@contextlib.contextmanager
def _here(path: Path) -> Iterator[border.Names]:
    """Run a file in this interpreter."""
    yield border.names(_ran(_source(path), path.name))


def _ran(source: str, name: str) -> dict:
    """Run a policy's code, and return its names.

    Raises
    ------
    CourseError
        It stopped: the message says where.
    """
    names: dict = {"__name__": "policy"}
    try:
        exec(compile(source, f"<{name}>", "exec"), names)
    except (Exception, SystemExit) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        raise CourseError(
            f"{name} does not run: {type(error).__name__}: {error}{where}. "
            "Run it with Python first."
        ) from None
    return names


@contextlib.contextmanager
def _apart(path: Path) -> Iterator[border.Names]:
    """Run a file in a sandbox, and listen to it."""
    source = _source(path)
    near, far = socket.socketpair()
    with near, far:
        child = subprocess.Popen(
            [*_walls(), sys.executable, "-m", __name__, str(far.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[far.fileno()],
            preexec_fn=_limited,
        )
        far.close()
        try:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(json.dumps([source, path.name]).encode())
                child.stdin.close()
            names = border.Names(Link(near))
            if stopped := names.get(_STOPPED):
                raise CourseError(str(stopped))
            yield names
        finally:
            child.kill()
            child.wait()


_STOPPED = "__stopped__"


def _walls() -> list[str]:
    """Return the command that shuts a policy in.

    Raises
    ------
    CourseError
        There is no bubblewrap.
    """
    walls = shutil.which("bwrap")
    if walls is None:
        raise CourseError(
            "There is no sandbox for other people's policies: bubblewrap is missing "
            f"({sandbox.missing() or 'apt-get install bubblewrap'}). Or play single files that you "
            "trust with `vaxlab capstone play`."
        )
    package = str(Path(__file__).resolve().parents[2])
    seen = dict.fromkeys([package, sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix)])
    command = [walls, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for folder in sorted(Path("/").iterdir()):  # what is not the system's is not there
        if folder.is_dir() and not folder.is_symlink() and folder.name not in SYSTEM:
            command += ["--tmpfs", str(folder)]
    for part in seen:
        command += ["--ro-bind", part, part] if Path(part).is_dir() else []
    wanted = {"PYTHONPATH": package, "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "HOME": "/tmp"}
    for name, value in wanted.items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", "/tmp"]


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _serve(descriptor: int) -> None:
    """In the sandbox: run the policy that comes, and answer questions until nobody asks."""
    source, name = json.loads(sys.stdin.read())
    with socket.socket(fileno=descriptor) as link:
        try:
            names = _ran(source, name)
        except CourseError as error:
            names = {_STOPPED: str(error)}
        answerer = answers.Answerer(link, names)
        with contextlib.suppress(EOFError, OSError):
            while True:
                answerer.serve()


# A class ----------------------------------------------------------------------------------------


def files(folder: Path) -> dict[str, Path]:
    """Return the policies of a folder by whose they are: ``NAME/policy.py`` or ``NAME.py``.

    Raises
    ------
    CourseError
        There is none.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is no folder; expected one with NAME/policy.py or NAME.py.")
    found = {path.parent.name: path for path in sorted(folder.glob("*/policy.py"))}
    found |= {path.stem: path for path in sorted(folder.glob("*.py"))}
    found = {name: path for name, path in found.items() if not path.is_symlink()}
    if not found:
        raise CourseError(f"There is no policy in {folder}; expected NAME/policy.py or NAME.py.")
    return found


def board(
    folder: Path,
    seeds: Sequence[int],
    *,
    pseudonyms: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Play seasons on all policies of a folder.

    Parameters
    ----------
    folder : Path
    seeds : sequence of int
    pseudonyms : bool
        Whether policies are numbered by rank instead of named.
    say : callable
        Told a line after each policy.

    Returns
    -------
    table : DataFrame
        Best first, with the references; columns as `delivery.results`.
    sentences : dict of str to str
        Whose policy could not be played, and why.
    """
    entries = []
    for name, path in files(folder).items():
        entries.append(entry(name, path, seeds))
        say(f"{name}: {entries[-1].sentence or 'played'}")
    entries.sort(key=lambda one: -sum(p.score for p in one.played) if one.played else 1.0)
    if pseudonyms:
        entries = [Entry(f"policy {k}", e.played, e.sentence) for k, e in enumerate(entries, 1)]
    found = references(seeds) | {one.name: one.played for one in entries if one.played}
    table = delivery.results(found).sort_values("worth", ascending=False)
    return table, {one.name: one.sentence for one in entries if one.sentence}


def page(table: pd.DataFrame, sentences: dict[str, str]) -> str:
    """Return a board as a page of its own, without a script."""
    rows = [
        "<tr><th>{}</th>{}</tr>".format(
            html.escape(str(who)), "".join(f"<td>{value:g}</td>" for value in row)
        )
        for who, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    head = "".join(f"<th>{html.escape(name)}</th>" for name in table.columns)
    held = "".join(
        f"<li><b>{html.escape(who)}</b>: {html.escape(why)}</li>" for who, why in sentences.items()
    )
    return _PAGE.format(head=head, rows="\n".join(rows), held=held and f"<ul>{held}</ul>")


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>The capstone's board</title>
<style>
:root {{ color-scheme: light dark; font-family: sans-serif; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.3em 0.8em; border-bottom: 1px solid #888; text-align: right; }}
tbody th {{ text-align: left; }}
</style></head><body>
<h1>Half a year of the plant</h1>
<p>Usual batches a season. Gains are over the history's policy, with the 95 % interval of paired
differences; attainable: of what the documented search gains.</p>
<table><thead><tr><th></th>{head}</tr></thead><tbody>
{rows}
</tbody></table>
{held}
</body></html>
"""


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
