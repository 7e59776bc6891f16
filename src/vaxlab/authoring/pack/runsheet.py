"""The run sheet of a day: the clock, what to say and ask, what to show, what to cut when late."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaxlab.authoring import guide, outline
from vaxlab.authoring.pack import page

if TYPE_CHECKING:
    from vaxlab.authoring.source import Cell, Source

START_MIN = 9 * 60
BREAKS = (("coffee", 15), ("lunch", 60), ("coffee", 15), ("air", 10))
"""After the first notebook of a day, the second, and so on."""
KINDS = re.compile(
    r"^\*\*(Ask|Watch for|If short of time|What it shows|Rubric|Strong|Weak)\*\*\s*", re.MULTILINE
)
GUESS = re.compile(r"\*\*[^*]*guess|Guess before", re.IGNORECASE)
LIVE = {
    "live_batch(": "Move one slider at a time; let the room say first what will happen.",
    "drawing(": "Draw with the class: somebody dictates an arrow, another one objects.",
    "explore(": "Shrink it, widen it, and read the sentence behind an edge aloud.",
    "training.fit(": "Watch the two losses part; press *Stop, keep the best*.",
}
"""Calls whose figure moves while people look on, and what to do with it."""


@dataclass(frozen=True)
class Note:
    """One note for the instructor: its kind, such as ``Ask``, and its text, Markdown."""

    kind: str
    text: str


@dataclass
class Section:
    """One section of a notebook that states its minutes."""

    heading: outline.Heading
    cells: list[Cell]
    notes: list[Note]


def notes(text: str, written: str) -> list[Note]:
    """Return the notes in an instructor's cell.

    Parameters
    ----------
    text
        The cell, with the expressions of its figures.
    written
        The guide of its day, where these figures stand computed; where the note is not in there, a
        figure is shown as ``…``.
    """
    found = _computed(text, written)
    parts = KINDS.split(found)
    return [Note(kind, said.strip()) for kind, said in zip(parts[1::2], parts[2::2], strict=True)]


def _computed(text: str, written: str) -> str:
    plain = guide.FIGURE.split(text)[::2]
    if len(plain) == 1:
        return text
    match = re.search(r"(.{0,2000}?)".join(map(re.escape, plain)), written, re.DOTALL)
    return match[0] if match else "…".join(plain)


def sections(source: Source, written: str) -> list[Section]:
    """Return the sections of a notebook, each with its cells and the notes that belong to it."""
    starts = outline.sections(source)
    ends = [heading.cell for heading in starts[1:]] + [len(source.cells)]
    found = []
    for heading, end in zip(starts, ends, strict=True):
        cells = list(source.cells[heading.cell : end])
        said = [note for cell in cells if cell.is_instructor for note in notes(cell.text, written)]
        found.append(Section(heading, [cell for cell in cells if not cell.is_instructor], said))
    return found


def clock(minutes: int) -> str:
    """Write minutes since midnight as a time of day."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def sheet(title: str, day: list[Source], written: str) -> str:
    """Return the run sheet of a day, HTML.

    Parameters
    ----------
    title
        Of the day.
    day
        Its notebooks, in order.
    written
        The day's guide, with its figures.
    """
    parts = [f"<h1>{page.escape(title)}: run sheet</h1>"]
    parts.append(
        f"<p>Begins at {clock(START_MIN)}. Exercises' minutes are part of their section's. Of all "
        f"this {guide.SLACK_MIN} minutes are slack.</p>"
    )
    now, cuts, demos, exercises = START_MIN, [], [], []
    for position, source in enumerate(day):
        parts.append(
            f"<h2>{clock(now)} · {page.escape(source.name)}: {page.escape(source.title)}</h2>"
        )
        exercises += [(source.name, exercise) for exercise in outline.exercises(source)]
        for section in sections(source, written):
            name = f"{source.name} · {section.heading.title}"
            parts.append(_section(now, section))
            now += section.heading.minutes or 0
            cuts += [(name, n.text) for n in section.notes if n.kind == "If short of time"]
            demos += [(name, demo) for demo in _demos(section)]
        if position < len(day) - 1:
            what, minutes = BREAKS[position]
            parts.append(f'<p class="break">{clock(now)} · {what}, {minutes} min</p>')
            now += minutes
    parts.append(f'<p class="break">{clock(now)} · questions, and the end by ')
    parts.append(f"{clock(now + guide.SLACK_MIN)}</p>")
    never = (
        "Never cut <em>Let the plant run on it</em> and <em>What we have seen</em>: they are what "
        "people take home. Exercises stand alone, so any of them can be left for the evening; this "
        "is what each gives back."
    )
    left = sorted(exercises, key=lambda pair: -(pair[1].minutes or 0))
    rows = [
        (f"{exercise.minutes} min", f"{name} · {exercise.number}. {exercise.title}")
        for name, exercise in left
    ]
    parts.append(f"<h2>When you are late</h2>{_table(cuts)}<p>{never}</p>{_table(rows)}")
    plant = (
        "In each notebook, run <em>Let the plant run on it</em> with the answer of somebody in the "
        "room before you run it with the course's."
    )
    parts.append(f"<h2>To be shown live</h2><p>{plant}</p>{_table(demos)}")
    return page.page(f"{title}: run sheet", "".join(parts))


def _section(now: int, section: Section) -> str:
    rows = [f"<h3>{clock(now)} · {page.escape(section.heading.text)}</h3>"]
    for heading in section.cells:
        for line in heading.text.split("\n") if heading.kind == "markdown" else ():
            if match := outline.EXERCISE.search(line):
                rows.append(f'<p class="exercise">{page.escape(match[0])}</p>')
    for note in section.notes:
        kind = note.kind.lower().replace(" ", "-")
        rows.append(f'<div class="note {kind}"><b>{note.kind}</b>{page.prose(note.text)}</div>')
    return f'<section class="block">{"".join(rows)}</section>'


def _demos(section: Section) -> list[str]:
    """Return what is worth doing on the screen: guesses by a show of hands, figures that move."""
    found = []
    for cell in section.cells:
        if cell.kind == "markdown":
            found += [part for part in cell.text.split("\n\n") if GUESS.search(part)]
        elif cell.kind == "code" and not cell.nbgrader:
            found += [f"`{call}…)` {words}" for call, words in LIVE.items() if call in cell.text]
    return list(dict.fromkeys(found))


def _table(rows: list[tuple[str, str]]) -> str:
    if not rows:
        return "<p>Nothing is noted.</p>"
    body = "".join(
        f"<tr><th>{page.escape(name)}</th><td>{page.prose(text)}</td></tr>" for name, text in rows
    )
    return f"<table>{body}</table>"
