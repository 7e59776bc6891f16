"""Slides of a day, derived from its notebooks: headings, first sentences, formulas, tables, code.

A slide is a reminder of what is said, not a page to be read: the notebook is that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaxlab.authoring import guide, outline
from vaxlab.authoring.pack import page, runsheet

if TYPE_CHECKING:
    from vaxlab.authoring.source import Cell, Source

SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[.!?]\*\*)\s+|(?<=[.!?]\")\s+")
DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
WEIGHT_MOST = 10
"""So many lines fit on a slide; a formula counts two."""
SIGNS_A_LINE = 60
CODE_LINES_MOST = 5


@dataclass
class Slide:
    """One slide: title, what stands above it, parts (HTML), and notes for the instructor."""

    title: str
    above: str
    parts: list[str] = field(default_factory=list)
    notes: list[runsheet.Note] = field(default_factory=list)
    weight: int = 0


def deck(title: str, day: list[Source], written: str) -> str:
    """Return the slides of a day, HTML.

    Parameters
    ----------
    title
        Of the day.
    day
        Its notebooks, in order.
    written
        The day's guide, with the figures of its notes.
    """
    first = Slide(title, "Machine Learning for Vaccine Production")
    first.parts = [
        "<ol>"
        + "".join(f"<li>{page.escape(s.title)} <small>{s.minutes} min</small></li>" for s in day)
        + "</ol>"
    ]
    made = [first, *(slide for source in day for slide in of_notebook(source, written))]
    shown = "".join(_html(number, slide, len(made)) for number, slide in enumerate(made, start=1))
    keys = "→ ← Home End: turn · N: notes · P: print"
    body = f'{shown}<p class="keys" aria-hidden="true">{keys}</p>'
    return page.page(f"{title}: slides", body, script="slides.js", kind="slides")


def of_notebook(source: Source, written: str) -> list[Slide]:
    """Return the slides of a notebook: one for its title, one or more for each part of it."""
    made = [Slide(source.title, f"{source.name} · {source.minutes} min")]
    for cell in source.cells:
        if cell.is_instructor:
            made[-1].notes += runsheet.notes(cell.text, written)
        elif cell.kind == "markdown" and not cell.is_written:
            for block in blocks(cell.text):
                if not block.startswith("**Minutes:**"):  # these stand above the title
                    _add(made, source, block)
        elif is_shown(cell):
            _put(made, page_code(cell.text), 1 + len(cell.lines))
    return [slide for slide in made if slide.parts or slide.notes or slide is made[0]]


def is_shown(cell: Cell) -> bool:
    """Tell whether the code of a cell is short enough for a slide, and part of no exercise."""
    return (
        cell.kind == "code"
        and not cell.nbgrader
        and len(cell.lines) <= CODE_LINES_MOST
        and "import " not in cell.text
    )


def page_code(text: str) -> str:
    """Return a cell's code, coloured."""
    from vaxlab.grading.feedback import prose

    return str(prose.code(text))


def blocks(text: str) -> list[str]:
    """Return the blocks of a Markdown text: headings, paragraphs, lists, tables, formulas."""
    parts = re.split(r"\n\s*\n", DETAILS.sub("", text))
    return [part.strip() for part in parts if part.strip()]


def _add(made: list[Slide], source: Source, block: str) -> None:
    heading = outline.HEADING.fullmatch(block)
    if heading:
        if len(heading[1]) == 1:
            return  # the title, which stands there already
        exercise = outline.EXERCISE.fullmatch(heading[2])
        title = f"Exercise {exercise['number']} · {exercise['title']}" if exercise else heading[2]
        above = source.name
        if exercise:
            above += (
                f" · {exercise['minutes']} min · {guide.number(float(exercise['points']))} points"
            )
        made.append(Slide(title, above))
        return
    is_list = block.lstrip().startswith(("- ", "* ", "1. ", "|"))
    if is_list or block.startswith("$$"):
        _put(made, page.prose(block), block.count("\n") + 1 if is_list else 2)
    else:
        said = gist(block)
        _put(made, page.prose(said), 1 + len(said) // SIGNS_A_LINE)


def _put(made: list[Slide], part: str, weight: int) -> None:
    """Put a part on the last slide, or on one more of the same title where that is full."""
    last = made[-1]
    if last.parts and last.weight + weight > WEIGHT_MOST:
        # Notes are said to the whole of it: they go with the last of its slides.
        last = Slide(last.title, last.above)
        made.append(last)
    last.parts.append(part)
    last.weight += weight


def gist(paragraph: str) -> str:
    """Return the first sentence of a paragraph, and those in which something is bold.

    What is bold alone, such as a question's name, takes the next sentence with it. No sentence is
    cut inside of code, a formula or bold words.
    """
    whole = [""]
    for sentence in SENTENCE.split(" ".join(paragraph.split("\n"))):
        whole[-1] = f"{whole[-1]} {sentence}".strip()
        closed = all(whole[-1].count(mark) % 2 == 0 for mark in ("`", "$", "**"))
        if closed and not re.fullmatch(r"\*\*[^*]*\*\*", whole[-1]):
            whole.append("")
    said = [sentence for sentence in whole if sentence]
    return " ".join(said[:1] + [sentence for sentence in said[1:] if "**" in sentence])


def _html(number: int, slide: Slide, count: int) -> str:
    said = "".join(f"<div><b>{note.kind}</b>{page.prose(note.text)}</div>" for note in slide.notes)
    notes = f'<aside class="notes" aria-label="Notes">{said}</aside>' if said else ""
    return (
        f'<section class="slide" id="s{number}" aria-label="{number} of {count}">'
        f'<p class="above">{page.escape(slide.above)}</p>{_title(slide.title)}'
        f'{"".join(slide.parts)}<p class="number">{number} / {count}</p>{notes}</section>'
    )


def _title(text: str) -> str:
    """Return a heading; it may hold a formula or code."""
    inner = re.sub(r"^<p>|</p>\s*$", "", page.prose(text).strip())
    return f"<h1>{inner}</h1>"
