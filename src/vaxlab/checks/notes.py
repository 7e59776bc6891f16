"""What a check said, noted for the class, of learners who have joined; nowhere else.

In a class (``classroom/``) each learner owns one file, which the instructors can read and other
learners cannot; `PLACE` names it. It is empty until its learner joins, nothing is noted in an empty
one, and to leave empties it again. So the consent, and all that was noted, lie in the learner's own
hands. A note holds the exercise, the outcome and what the check said of it in its own words: no
code, no answer, nothing that was printed.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Iterator

from vaxlab.checks.result import Outcome, Result
from vaxlab.errors import CourseError

PLACE = "VAXLAB_WATCH"
"""Environment variable: a learner's own file, or, for an instructor, the folder of them all."""

LABEL, WHY = 80, 240
"""Letters that are kept."""


def note(module: str, result: Result) -> None:
    """Note what a check has said; nothing where nobody collects, or nobody has joined.

    Never raises: a full disk is no concern of the learner's.

    Parameters
    ----------
    module : str
        Full name of the module that the check stands in; its day is noted.
    result : Result
        Of the plant that the learner sees.
    """
    place = os.environ.get(PLACE)
    _, is_ours, room = module.partition("vaxlab.lessons.")
    if not place or not is_ours or result.outcome is Outcome.NOT_ATTEMPTED:
        return
    day = room.partition(".")[0]
    with contextlib.suppress(OSError), _open(place) as file:
        if os.fstat(file).st_size:
            os.write(file, _line(day, result))


def join() -> str:
    """Let the instructors of this class see from now on what one's checks say.

    Raises
    ------
    CourseError
        This is no class, or no learner's account in one.
    """
    with _own() as file:
        if not os.fstat(file).st_size:
            os.write(file, json.dumps({"joined": int(time.time())}).encode() + b"\n")
    return (
        "Your instructors now see which exercises you try, when, and what the check says in its "
        "own words; never your code. It does not count as a grade. `vaxlab class leave` ends it, "
        "and deletes what was noted."
    )


def leave() -> str:
    """Delete what was noted, and note nothing from now on.

    Raises
    ------
    CourseError
        As `join`.
    """
    with _own() as file:
        os.ftruncate(file, 0)
    return (
        "What was noted is deleted, and nothing is noted from now on. `vaxlab class join` begins "
        "again."
    )


@contextlib.contextmanager
def _own() -> Iterator[int]:
    place = os.environ.get(PLACE, "")
    if not os.path.isfile(place):
        raise CourseError(
            "Nothing is collected here: only learners of a class that runs on a server can join "
            "(see classroom/README.md)."
        )
    try:
        with _open(place) as file:
            yield file
    except OSError as error:
        raise CourseError(f"{place} cannot be written: {error.strerror}. Ask for help.") from None


@contextlib.contextmanager
def _open(place: str) -> Iterator[int]:
    """Open a learner's file for adding to it, alone; it is never made here."""
    import fcntl  # classes are held on Linux

    file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError("not a file")
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _line(day: str, result: Result) -> bytes:
    part = next((part for part in result.parts if part.outcome is not Outcome.PASSED), None)
    said = {
        "at": int(time.time()),
        "day": day,
        "exercise": result.title,
        "outcome": str(result.outcome),
        "points": result.points,
        "out_of": result.out_of,
    }
    if part is not None:
        why = part.message
        if part.outcome is Outcome.ERROR:
            why = why.partition(":")[0]  # its kind; what follows quotes the learner's own code
        said |= {"label": part.label[:LABEL], "why": " ".join(why.split())[:WHY]}
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
