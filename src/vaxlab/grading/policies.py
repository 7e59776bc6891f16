"""Policies handed in as files: each is played where it can harm nobody, and a class is compared.

A policy's code runs in an interpreter of its own, behind the walls that submissions are graded
behind. The season stays here. What crosses is what crosses in grading: questions and plain data
(`vaxlab.checks.border`), so no policy meets the truth, the seed or another's policy.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from vaxlab.checks import border
from vaxlab.errors import CourseError
from vaxlab.grading import audit, player, sandbox
from vaxlab.grading.judge import Gone, Link
from vaxlab.grading.limits import Limits
from vaxlab.lab import THREAD_CAPS
from vaxlab.lessons.day4.capstone import delivery, material
from vaxlab.season import Played, Policy, play

LIMITS = Limits(cpu_s=600.0, processes=16)
"""Of a policy's interpreter; how long it may think is `vaxlab.season.LIMIT_S`."""
FILE_BYTES = 2**20
"""A policy is no longer than that."""
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
    yield border.names(player.ran(_source(path), path.name))


@contextlib.contextmanager
def _apart(path: Path) -> Iterator[border.Names]:
    """Run a file in a room of its own, and listen to it.

    An interpreter that has seen neither the season nor its seed is started, and walks in.

    Raises
    ------
    CourseError
        There is no sandbox here, or the file does not run.
    """
    source = _source(path)
    if missing := sandbox.missing():
        raise CourseError(
            f"There is no sandbox for other people's policies: {missing}. Or play single files "
            "that you trust with `vaxlab capstone play`."
        )
    near, far = socket.socketpair()
    with near, far, sandbox.Room.open(LIMITS) as room:
        order = {
            "room": [room.init_pid, room.uid],
            "limits": asdict(LIMITS),
            "link": far.fileno(),
            "source": source,
            "name": path.name,
        }
        led_in = subprocess.run(
            [sys.executable, "-m", "vaxlab.grading.player"],
            input=json.dumps(order),
            text=True,
            capture_output=True,
            pass_fds=[far.fileno()],
            env=os.environ | THREAD_CAPS,
        )
        far.close()
        if led_in.returncode:
            raise CourseError(f"A policy's sandbox cannot be entered: {led_in.stderr}")
        names = border.Names(Link(near))
        if stopped := names.get(player.STOPPED):
            raise CourseError(str(stopped))
        yield names


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
    accepted: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Play seasons on all policies of a folder.

    Parameters
    ----------
    folder : Path
    seeds : sequence of int
    pseudonyms : bool
        Whether policies are numbered by rank instead of named.
    accepted : sequence of str
        Whose policy somebody has read: it is played whatever it looks at.
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
        entries.append(_held(name, path, accepted) or entry(name, path, seeds))
        say(f"{name}: {entries[-1].sentence or 'played'}")
    entries.sort(key=lambda one: -sum(p.score for p in one.played) if one.played else 1.0)
    if pseudonyms:
        entries = [Entry(f"policy {k}", e.played, e.sentence) for k, e in enumerate(entries, 1)]
    found = references(seeds) | {one.name: one.played for one in entries if one.played}
    table = delivery.results(found).sort_values("worth", ascending=False)
    return table, {one.name: one.sentence for one in entries if one.sentence}


def _held(name: str, path: Path, accepted: Sequence[str]) -> Entry | None:
    """Hold a policy that looks where it has nothing to look for, until somebody has read it."""
    with contextlib.suppress(CourseError):  # what cannot be read is told where it is played
        if name not in accepted and (looks := audit.of_policy(_source(path))):
            why = f"held, {looks}. Read it; `--accept {name}` lets it be played."
            return Entry(name, None, why)
    return None


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
