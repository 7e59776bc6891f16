"""Headings, sections and exercises of a source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vaxlab.authoring.source import Cell, Source

HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*$")
MINUTES = re.compile(r"(?P<title>.+?) · (?P<minutes>\d+) min")
EXERCISE = re.compile(
    r"Exercise (?P<number>\d+) · (?P<title>.+?) · (?P<points>\d+(\.\d+)?) points? · "
    r"(?P<minutes>\d+) min"
)
FENCE = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class Heading:
    """One Markdown heading: its level, its text and where it stands."""

    level: int
    text: str
    cell: int
    line: int

    @property
    def title(self) -> str:
        """Its text without the minutes."""
        match = MINUTES.fullmatch(self.text)
        return match["title"] if match else self.text

    @property
    def minutes(self) -> int | None:
        """The minutes that it states; None where it states none."""
        match = MINUTES.fullmatch(self.text)
        return int(match["minutes"]) if match else None


@dataclass(frozen=True)
class Exercise:
    """One exercise: its heading and its cells, those of the instructor left out.

    `number`, `title`, `points` and `minutes` are None where the heading breaks the grammar
    ``### Exercise 3 · Find the errors · 6 points · 12 min``.
    """

    heading: Heading
    cells: tuple[Cell, ...]
    number: int | None
    title: str | None
    points: float | None
    minutes: int | None


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Return the lines of a Markdown text that are not in a code fence, with their numbers."""
    fenced = False
    for number, line in enumerate(text.split("\n")):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def headings(source: Source) -> list[Heading]:
    """Return the headings that learners see, in order."""
    found = []
    for index, cell in enumerate(source.cells):
        if cell.kind != "markdown" or cell.is_instructor:
            continue
        for number, line in prose(cell.text):
            if match := HEADING.fullmatch(line):
                found.append(Heading(len(match[1]), match[2], index, cell.line + number))
    return found


def is_exercise(heading: Heading) -> bool:
    """Tell whether a heading opens an exercise, or was meant to."""
    return heading.level == 3 and heading.text.lower().startswith("exercise")


def exercises(source: Source) -> list[Exercise]:
    """Return the exercises of a source, in order.

    An exercise reaches from its heading to the next heading of level 3 or above.
    """
    found = []
    outline = [heading for heading in headings(source) if heading.level <= 3]
    ends = [heading.cell for heading in outline[1:]] + [len(source.cells)]
    for heading, end in zip(outline, ends, strict=True):
        if not is_exercise(heading):
            continue
        match = EXERCISE.fullmatch(heading.text)
        found.append(
            Exercise(
                heading=heading,
                cells=tuple(
                    cell for cell in source.cells[heading.cell : end] if not cell.is_instructor
                ),
                number=int(match["number"]) if match else None,
                title=match["title"] if match else None,
                points=float(match["points"]) if match else None,
                minutes=int(match["minutes"]) if match else None,
            )
        )
    return found


def sections(source: Source) -> list[Heading]:
    """Return the headings of level 2 that state their minutes."""
    return [h for h in headings(source) if h.level == 2 and h.minutes is not None]
