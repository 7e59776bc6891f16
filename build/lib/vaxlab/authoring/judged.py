"""What the rules judge, and what they find."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vaxlab.authoring import build, markers
from vaxlab.authoring.source import Cell, Source, read, sources
from vaxlab.errors import CourseError


@dataclass(frozen=True)
class Finding:
    """One broken rule: where, and what is wrong and how to mend it."""

    path: str
    line: int | None
    message: str

    def __str__(self) -> str:
        """Write it as editors understand it: ``path:line: message``."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


@dataclass(frozen=True)
class Course:
    """What the rules judge.

    Attributes
    ----------
    root
        The checkout.
    index
        The start page; None where it cannot be read.
    notebooks
        The days' sources that can be read, in order.
    unreadable
        What was wrong with those that cannot.
    """

    root: Path
    index: Source | None
    notebooks: tuple[Source, ...]
    unreadable: tuple[str, ...]

    @cached_property
    def is_sound(self) -> bool:
        """Whether all sources can be read and their markers trusted."""
        return not self.unreadable and not marker_faults(self)

    @cached_property
    def outputs(self) -> build.Outputs:
        """What the sources give; CourseError where they give nothing."""
        return build.expected(self.root)


def load(root: Path) -> Course:
    """Read the whole course; a source that cannot be read becomes a message."""
    found: dict[Path, Source] = {}
    unreadable = []
    start = root / "solutions" / "index.py"
    for path in (start, *sources(root)):
        try:
            found[path] = read(root, path)
        except CourseError as error:
            unreadable.append(str(error))
    index = found.pop(start, None)
    return Course(root, index, tuple(found.values()), tuple(unreadable))


def marker_faults(course: Course) -> list[Finding]:
    """Judge the markers of all sources, the start page included."""
    everything = [source for source in (course.index, *course.notebooks) if source]
    return [
        Finding(source.path, cell.line + fault.line, fault.message)
        for source in everything
        for cell in source.cells
        for fault in markers.faults(cell)
    ]


def every_cell(course: Course) -> Iterator[tuple[Source, Cell]]:
    """Return every cell of the notebooks with its source."""
    for source in course.notebooks:
        for cell in source.cells:
            yield source, cell


def at(source: Source, cell: Cell, message: str) -> Finding:
    """Make a finding at a cell."""
    return Finding(source.path, cell.line, message)


def first_line(source: Source) -> int:
    """Return the line that a finding about a whole notebook points at."""
    return source.cells[0].line if source.cells else 1
