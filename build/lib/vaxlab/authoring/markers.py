"""The strict grammar of the markers in a source.

nbgrader looks for ``BEGIN SOLUTION`` as a part of any line, exactly so written: a marker that is
misspelt or in small letters stays in the learners' file, with the answer. Here a marker is one of
four lines, and every line that resembles one without being one is an error.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple, Protocol

BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"

# What opens -> what closes it.
PAIRS = {BEGIN_SOLUTION: END_SOLUTION, BEGIN_HIDDEN: END_HIDDEN}
MARKERS = (*PAIRS, *PAIRS.values())
_BARE = {re.sub(r"[^A-Z]", "", marker): marker for marker in MARKERS}
# nbgrader's own spelling of two regions that this course does not use.
_FOREIGN = ("BEGINMARKSCHEME", "ENDMARKSCHEME", "AUTOTEST")
# Likeness (0 to 1) from which a comment is taken for a misspelt marker; two missing or swapped
# letters stay above it, "# the solution" stays below. Tests fuzz it.
_ALIKE = 0.85
# Other words for BEGIN and END that come to people's minds.
_SYNONYMS = re.compile(r"(START|STOP|FINISH|CLOSE|OPEN)(SOLUTION|ANSWER|HIDDEN|TEST)")


class CellLike(Protocol):
    """What this module needs to know of a cell."""

    kind: str
    text: str

    @property
    def is_answer(self) -> bool:
        """Whether a learner writes an answer here."""

    @property
    def is_check(self) -> bool:
        """Whether a program gives points here."""


class Fault(NamedTuple):
    """A broken rule: line of the cell (from 0), and what is wrong and how to mend it."""

    line: int
    message: str


def resembles(line: str, *, code: bool) -> str | None:
    """Tell which marker a line resembles; None for a line that is no near miss.

    Parameters
    ----------
    line
        A line that is not exactly a marker.
    code
        Whether it stands in a code cell. There ``###`` is kept for markers, and comments are
        compared by likeness. In any cell the words of a marker count, however they are spaced,
        capitalised or adorned.
    """
    # Full stops and the like stay: "At the end. Solutions follow." is prose.
    words = re.sub(r"[^A-Z.,;!?]", "", line.upper())
    for known, marker in _BARE.items():
        if known in words:
            return marker
    for foreign in _FOREIGN:
        if foreign in words:
            return foreign
    bare = re.sub(r"[^A-Z]", "", words)
    comment = line.strip()
    if not code or not comment.startswith("#"):
        return None
    score, marker = _nearest(bare)
    if comment.startswith("###") or score >= _ALIKE or _SYNONYMS.match(bare):
        return marker
    return None


def _nearest(bare: str) -> tuple[float, str]:
    return max((SequenceMatcher(None, bare, known).ratio(), _BARE[known]) for known in _BARE)


def faults(cell: CellLike) -> Iterator[Fault]:
    """Judge the markers of one cell.

    Near misses are told alone: what else is wrong mostly follows from them.
    """
    near_misses = list(_near_misses(cell))
    if near_misses:
        yield from near_misses
    elif cell.kind == "code":
        yield from _unpaired(cell.text)
        yield from _misplaced(cell)


def _near_misses(cell: CellLike) -> Iterator[Fault]:
    for number, line in enumerate(cell.text.split("\n")):
        text = line.strip()
        if text in MARKERS:
            if cell.kind != "code":
                yield Fault(
                    number, f"`{text}` in a Markdown cell. Markers stand in code cells only."
                )
            continue
        near = resembles(line, code=cell.kind == "code")
        if near in MARKERS:
            yield Fault(
                number,
                f"`{text}` is no marker, but resembles one. Write `{near}`, alone on its line, or "
                "reword the line (in code, ### is kept for markers).",
            )
        elif near:
            yield Fault(
                number,
                f"`{text}`: this course does not use nbgrader's {near}. Use `{BEGIN_SOLUTION}` or "
                f"`{BEGIN_HIDDEN}`.",
            )


def _unpaired(text: str) -> Iterator[Fault]:
    opened: tuple[str, int] | None = None
    for number, line in enumerate(text.split("\n")):
        marker = line.strip()
        if marker in PAIRS and opened:
            yield Fault(
                number,
                f"`{marker}` inside the region that `{opened[0]}` opened {number - opened[1]} "
                f"lines above. Close that one first with `{PAIRS[opened[0]]}`.",
            )
        elif marker in PAIRS:
            opened = (marker, number)
        elif opened and marker == PAIRS[opened[0]]:
            opened = None
        elif marker in MARKERS:
            yield Fault(
                number, f"`{marker}` closes nothing. Put its BEGIN line above it, or take it out."
            )
    if opened:
        yield Fault(
            opened[1],
            f"`{opened[0]}` is never closed. Add `{PAIRS[opened[0]]}` below the region.",
        )


def _misplaced(cell: CellLike) -> Iterator[Fault]:
    begun = [
        (number, line.strip())
        for number, line in enumerate(cell.text.split("\n"))
        if line.strip() in PAIRS
    ]
    for number, marker in begun:
        if marker == BEGIN_SOLUTION and not cell.is_answer:
            yield Fault(
                number,
                f'`{marker}` in a cell that is no answer cell. Set "solution": true in its '
                "nbgrader options, or take the markers out.",
            )
        if marker == BEGIN_HIDDEN and not cell.is_check:
            yield Fault(
                number,
                f'`{marker}` in a cell that is no check cell. Set "grade": true, "solution": false '
                "in its nbgrader options, or take the markers out.",
            )
    # A written answer is replaced as a whole.
    if (
        cell.is_answer
        and cell.kind == "code"
        and BEGIN_SOLUTION not in [marker for _, marker in begun]
    ):
        yield Fault(
            0,
            f"an answer cell without a region: nbgrader would replace all of it. Write the preset "
            f"`name = ...`, then `{BEGIN_SOLUTION}`, the answer, `{END_SOLUTION}`.",
        )


def regions(text: str, begin: str) -> list[tuple[int, str]]:
    """Return the regions of a cell that `begin` opens.

    Parameters
    ----------
    text
        Source of a code cell whose markers have no faults.
    begin
        ``BEGIN_SOLUTION`` or ``BEGIN_HIDDEN``.

    Returns
    -------
    list of (int, str)
        For each region: its first line in the cell (from 0), and its text without the markers.
    """
    found = []
    start = None
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.strip() == begin:
            start = number + 1
        elif line.strip() == PAIRS[begin] and start is not None:
            found.append((start, "\n".join(lines[start:number])))
            start = None
    return found
