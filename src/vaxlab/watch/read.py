"""Who has passed what, and where people are stuck: read from files that anybody may have written.

A learner owns the file, so it may hold anything. What is read of it is bounded, and counts only
where it fits an exercise of the course; it is shown to people and is never a grade.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaxlab import paths, progress
from vaxlab.checks import notes
from vaxlab.checks.result import Outcome
from vaxlab.errors import CourseError

#: Of each file the end is read; a longer line is nobody's note.
MAX_BYTES, MAX_LINE, MAX_LEARNERS = 2**19, 4096, 1000
#: Without a pass, so many tries mean that somebody is stuck.
STUCK_TRIES = 3
ENDING = ".jsonl"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")  # of an account: classroom/accounts.py


@dataclass(frozen=True)
class Note:
    """What one check has said, once.

    Attributes
    ----------
    exercise : tuple of str
        Day and title: ``("day1", "Exercise 1 · Twins")``.
    outcome : Outcome
        Of the whole check.
    why : str
        Of the first part that has not passed, in the check's words; may be empty.
    at : float
        Seconds since 1970, as whoever wrote it says.
    """

    exercise: tuple[str, str]
    outcome: Outcome
    why: str
    at: float


@dataclass(frozen=True)
class Standing:
    """Where one learner stands in one exercise.

    Attributes
    ----------
    outcome : Outcome
        *Passed* for good once it has passed, else the last one.
    tries : int
        Up to the first pass.
    why : str
        Of the last try; empty where it has passed.
    minutes : float
        From the first try to the first pass, or to now.
    """

    outcome: Outcome
    tries: int
    why: str
    minutes: float

    @property
    def is_stuck(self) -> bool:
        """Whether there were several tries and none has passed."""
        return self.outcome is not Outcome.PASSED and self.tries >= STUCK_TRIES


@dataclass(frozen=True)
class View:
    """What an account may see of a class: an instructor all who have joined, others themselves.

    Attributes
    ----------
    is_class : bool
        False for a learner's own view.
    at : float
        When it was read, in seconds since 1970.
    joined : list of str
        Names of those who have joined.
    accounts : int
        Of how many.
    notebooks : dict of str to list of tuple
        Exercises (day and title) by notebook, where somebody has begun; in the course's order.
    standings : dict of tuple to Standing
        By name and exercise.
    """

    is_class: bool
    at: float
    joined: list[str]
    accounts: int
    notebooks: dict[str, list[tuple[str, str]]]
    standings: dict[tuple[str, tuple[str, str]], Standing]

    def of(self, exercise: tuple[str, str]) -> dict[str, Standing]:
        """Return the standings in one exercise by name."""
        return {
            name: self.standings[name, exercise]
            for name in self.joined
            if (name, exercise) in self.standings
        }

    def reasons(self, exercise: tuple[str, str]) -> list[tuple[str, int]]:
        """Return what checks say to those who have not passed, most frequent first, three at most.

        Reasons that differ in their figures only are one, shown with one learner's figures.
        """
        said: dict[str, str] = {}
        count: Counter[str] = Counter()
        for standing in self.of(exercise).values():
            if standing.outcome is not Outcome.PASSED and standing.why:
                form = re.sub(r"\d+(?:[.,]\d+)*", "0", standing.why)
                said.setdefault(form, standing.why)
                count[form] += 1
        return [(said[form], number) for form, number in count.most_common(3)]

    def stuck(self) -> list[tuple[str, tuple[str, str], Standing]]:
        """Return who is stuck where, most tries first."""
        found = [(*key, one) for key, one in self.standings.items() if one.is_stuck]
        return sorted(found, key=lambda row: (-row[2].tries, row[0], row[1]))


def view(place: str | None = None, course: Path | None = None) -> View:
    """Read what this account may see.

    Parameters
    ----------
    place : str, optional
        A learner's file, or the folder of a class; by default what the environment names.
    course : Path, optional
        Where the notebooks lie whose exercises count.

    Raises
    ------
    CourseError
        Nothing is collected here, or there are no notebooks.
    """
    folder = Path(place or os.environ.get(notes.PLACE) or "/dev/null")
    if folder.is_dir():
        files = sorted(folder.glob(f"*{ENDING}"))[:MAX_LEARNERS]
        files = [path for path in files if _NAME.fullmatch(path.stem)]
    elif folder.is_file():
        files = [folder]
    else:
        raise CourseError(
            "Nothing is collected here: a class that runs on a server has a view of itself (see "
            "classroom/README.md)."
        )
    known: dict[str, list[tuple[str, str]]] = {}
    for one in progress.exercises(course or paths.course()):
        if one.out_of:  # a person marks the others
            known.setdefault(one.notebook, []).append((one.notebook.split("/")[0], one.title))
    now = time.time()
    content = {path.stem: content for path in files if (content := _tail(path))}
    there = {exercise for exercises in known.values() for exercise in exercises}
    standings = {
        (name, exercise): _standing(said, now)
        for name, text in content.items()
        for exercise, said in _by_exercise(text).items()
        if exercise in there
    }
    begun = {exercise for _, exercise in standings}
    notebooks = {name: all_of for name, all_of in known.items() if begun.intersection(all_of)}
    return View(folder.is_dir(), now, list(content), len(files), notebooks, standings)


def _tail(path: Path) -> bytes:
    """Read the end of a file; nothing of what is no file, or cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return b""
        start = max(status.st_size - MAX_BYTES, 0)
        content = os.pread(file, MAX_BYTES, start)
        return content.partition(b"\n")[2] if start else content
    except OSError:
        return b""
    finally:
        os.close(file)


def _by_exercise(content: bytes) -> dict[tuple[str, str], list[Note]]:
    found: dict[tuple[str, str], list[Note]] = {}
    for line in content.split(b"\n"):
        note = _note(line) if len(line) <= MAX_LINE else None
        if note is not None:
            found.setdefault(note.exercise, []).append(note)
    return found


def _note(line: bytes) -> Note | None:
    """Read one line; None where it is no note."""
    try:
        said = json.loads(line, parse_int=float)  # an integer may be too long for one
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    try:
        outcome = Outcome(said.get("outcome"))
    except ValueError:
        return None
    at = said.get("at")
    if not isinstance(at, float) or not math.isfinite(at):
        return None
    exercise = (_text(said.get("day"), 8), _text(said.get("exercise"), 200))
    label, why = _text(said.get("label"), notes.LABEL), _text(said.get("why"), notes.WHY)
    if label == "your answer":  # of the whole, which says nothing
        label = ""
    return Note(exercise, outcome, ": ".join(filter(None, (label, why))), at)


def _text(value: Any, length: int) -> str:
    """Keep what can be printed: no line breaks, colours of a terminal, or reversed writing."""
    text = value[:length] if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _standing(said: list[Note], now: float) -> Standing:
    first_pass = next(
        (number for number, one in enumerate(said) if one.outcome is Outcome.PASSED), None
    )
    last = said[-1] if first_pass is None else said[first_pass]
    tries = len(said) if first_pass is None else first_pass + 1
    end = now if first_pass is None else last.at
    minutes = min(max(end - said[0].at, 0.0) / 60, 1e4)
    why = last.why if first_pass is None else ""
    return Standing(last.outcome, tries, why, minutes)
