"""Gathers what a graded notebook says, exercise by exercise.

Points come from the gradebook, titles and texts from the course's own notebook; only answers and
outputs come from what was handed in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader import utils

from vaxlab.authoring.preprocessors import without_notes
from vaxlab.checks.result import Outcome
from vaxlab.grading.feedback import clean, prose
from vaxlab.grading.feedback.outputs import Shown, result

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_MEASURE = re.compile(r"[\d.]+ (points?|min)\b")
_NOT_JUDGED, _OPEN = "not judged", "waits for a person"
#: Mark (shape, not only colour, tells the outcomes apart) and class in the style sheet.
_LOOKS = {
    str(Outcome.PASSED): ("✔", "passed"),
    str(Outcome.NOT_ATTEMPTED): ("○", "empty"),
    str(Outcome.NOT_YET): ("◐", "partly"),
    str(Outcome.ERROR): ("✖", "failed"),
    "all points": ("✔", "passed"),
    "some points": ("◐", "partly"),
    "no points": ("○", "partly"),
}
_OTHER_LOOK = ("◇", "open")
_ADVICE = {
    str(Outcome.NOT_ATTEMPTED): "Put your code where the three dots are. Hint 1 says how to begin.",
    str(Outcome.NOT_YET): "Change your answer and run the check again; hint 2 goes a step further.",
    str(Outcome.ERROR): "Run your cell alone, and read the last line of its error.",
    _NOT_JUDGED: "Mend what stopped the notebook, then run all its cells again.",
}


@dataclass(frozen=True)
class Grade:
    """What the gradebook holds of one graded cell."""

    points: float = 0.0
    out_of: float = 0.0
    is_open: bool = False  # a person has to look at it
    is_by_hand: bool = False


@dataclass
class Piece:
    """A cell as it is shown.

    Attributes
    ----------
    kind : str
        ``text``, ``code``, or ``link``, which stands for an exercise.
    source : Markup
        Text or coloured code; empty for a link.
    outputs : Markup
        What the code showed.
    is_theirs : bool
        Whether the learner has written it.
    exercise : Exercise or None
        What a link leads to.
    """

    kind: str
    source: Markup = Markup()
    outputs: Markup = Markup()
    is_theirs: bool = False
    exercise: Exercise | None = None


@dataclass
class Exercise:
    """What became of one exercise.

    Attributes
    ----------
    name : str
        Of its graded cell.
    title : str
        As in its heading.
    task : Markup
        The prompt, hints folded.
    answers : list of Piece
        What the learner has written.
    answer_names : list of str
        Of the cells that a person can comment on.
    outcome : str
        In words.
    result : Markup
        What the check said: parts, points, reasons.
    grade : Grade
        Points.
    advice : str
        What to try next; empty where there is nothing to do.
    comments : list of Markup
        What a person has written.
    check : Markup
        Source of the check, hidden tests included: never for learners.
    """

    name: str
    title: str
    task: Markup = Markup()
    answers: list[Piece] = field(default_factory=list)
    answer_names: list[str] = field(default_factory=list)
    outcome: str = _NOT_JUDGED
    result: Markup = Markup()
    grade: Grade = Grade()
    advice: str = ""
    comments: list[Markup] = field(default_factory=list)
    check: Markup = Markup()

    @property
    def mark(self) -> str:
        """A sign for the outcome."""
        return _LOOKS.get(self.outcome, _OTHER_LOOK)[0]

    @property
    def look(self) -> str:
        """A class of the style sheet for the outcome."""
        return _LOOKS.get(self.outcome, _OTHER_LOOK)[1]


@dataclass(frozen=True)
class Asked:
    """An exercise as the course's notebook has it."""

    name: str  # of the graded cell
    title: str
    texts: tuple[str, ...]  # from its heading to its answer
    answers: tuple[str, ...]  # names of the answer cells


@dataclass(frozen=True)
class Course:
    """The course's own notebook.

    Attributes
    ----------
    title : str
        What it asks.
    asked : tuple of Asked
        Its exercises.
    texts : dict
        Its texts, by how they stand in a graded notebook.
    codes : frozenset of str
        Its code cells.
    """

    title: str
    asked: tuple[Asked, ...]
    texts: Mapping[str, str]
    codes: frozenset[str]


def course_of(path: Path) -> Course:
    """Read the course's own notebook; it may stand with its answers, which are not kept."""
    return _course_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _course_of(path: Path, _changed: int) -> Course:
    notebook = without_notes(nbformat.read(path, as_version=4))
    plain = [cell for cell in notebook.cells if not _name(cell)]
    texts = [cell.source for cell in plain if cell.cell_type == "markdown"]
    codes = frozenset(cell.source.strip() for cell in plain if cell.cell_type == "code")
    title = str(notebook.metadata.get("vaxlab", {}).get("title", path.stem))
    known = {clean.text(text).strip(): text for text in texts}
    return Course(title, tuple(_asked(notebook)), known, codes)


def course_unknown(notebook: NotebookNode, name: str) -> Course:
    """Make do without the course's notebook: what a learner handed in gives no titles."""
    asked = (Asked(one.name, one.name, (), one.answers) for one in _asked(notebook))
    return Course(name, tuple(asked), {}, frozenset())


def _name(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _asked(notebook: NotebookNode) -> Iterator[Asked]:
    """Find the exercises: what stands between a heading and a graded cell."""
    title, texts, answers = "", [], []
    for cell in notebook.cells:
        name = _name(cell)
        if not name and cell.cell_type == "markdown":
            found = _HEADING.findall(cell.source)
            if found:
                parts = found[-1].split(" · ")
                title = " · ".join(part for part in parts if not _MEASURE.match(part))
                texts = []
            texts.append(cell.source)
            continue
        if utils.is_solution(cell) or utils.is_task(cell):
            answers.append(name)
        if utils.is_grade(cell) or utils.is_task(cell):
            fallback = name.removesuffix("-check")
            yield Asked(name, title or fallback, tuple(texts), tuple(answers))
            title, texts, answers = "", [], []


@dataclass(frozen=True)
class Gathered:
    """All that a page shows of a notebook."""

    title: str
    exercises: list[Exercise]
    notebook: list[Piece]
    figures: list[dict[str, Any]]
    warning: str

    def counts(self) -> str:
        """Say how many exercises came to which outcome."""
        counted = Counter(exercise.outcome for exercise in self.exercises)
        return ", ".join(f"{count} {outcome}" for outcome, count in counted.items())


def gather(
    notebook: NotebookNode,
    course: Course,
    grades: Mapping[str, Grade],
    comments: Mapping[str, str],
) -> Gathered:
    """Gather a graded notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As it was graded; its outputs are cleaned in place.
    course : Course
        What it was made from.
    grades, comments : mapping
        From the gradebook, by the names of cells.
    """
    cells = {_name(cell): cell for cell in notebook.cells if _name(cell)}
    shown = Shown()
    all_asked = list(_all_asked(notebook, course, {*cells, *grades}))
    exercises = {
        asked.name: _exercise(asked, cells, grades, comments, shown) for asked in all_asked
    }
    headings = {
        asked.texts[0]: exercises[asked.name]
        for asked in all_asked
        if asked.texts and _HEADING.match(asked.texts[0])
    }
    taken = {name for asked in all_asked for name in (asked.name, *asked.answers)}
    pieces = [
        _piece(cell, course, headings, shown)
        for cell in notebook.cells
        if _name(cell) not in taken and cell.source.strip()
    ]
    return Gathered(
        course.title, list(exercises.values()), pieces, shown.figures, _rejected(notebook)
    )


def _all_asked(notebook: NotebookNode, course: Course, there: set[str]) -> Iterator[Asked]:
    """List the exercises that were graded; the course may have changed since."""
    yield from (asked for asked in course.asked if asked.name in there)
    known = {asked.name for asked in course.asked}
    for asked in course_unknown(notebook, "").asked:
        if asked.name not in known:
            yield asked


def _rejected(notebook: NotebookNode) -> str:
    """Give the sentence that stands for a notebook which could not be read."""
    first = notebook.cells[0].source if notebook.cells else ""
    alone = all(utils.is_grade(cell) for cell in notebook.cells[1:])
    return first if first.startswith("Not graded: ") and alone else ""


def _exercise(
    asked: Asked,
    cells: Mapping[str, NotebookNode],
    grades: Mapping[str, Grade],
    comments: Mapping[str, str],
    shown: Shown,
) -> Exercise:
    made = Exercise(asked.name, asked.title, answer_names=list(asked.answers))
    made.grade = grades.get(asked.name, Grade())
    task = "\n\n".join(asked.texts)
    heading = list(_HEADING.finditer(asked.texts[0]))[-1:] if asked.texts else []
    made.task = prose.markdown(task[heading[0].end() :] if heading else task, course=True)
    made.answers = [_code_or_text(cells[name], shown) for name in asked.answers if name in cells]
    made.comments = [prose.markdown(comments[name]) for name in asked.answers if comments.get(name)]
    check = cells.get(asked.name)
    if asked.name in asked.answers:
        made.outcome = _OPEN if made.grade.is_open else _by_points(made.grade)
    elif check is not None:
        outcome, made.result, look = result(check.get("outputs", []))
        made.outcome = outcome or _without_words(check, made.grade)
        made.check = prose.code(check.source)
        stopped = _stopped(cells[name] for name in asked.answers if name in cells)
        if stopped and made.outcome == Outcome.NOT_ATTEMPTED:
            # The names that the check looked for were never made.
            made.outcome, look = str(Outcome.ERROR), f"your cell, which stopped: {stopped}"
        made.advice = _ADVICE.get(made.outcome, "")
        if look and made.advice:
            made.advice = (
                f"Look at: {look.rstrip('.')}{'' if look[-1] in '?!' else '.'} {made.advice}"
            )
    return made


def _stopped(cells: Iterable[NotebookNode]) -> str:
    """Name the first error that an answer met."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                said = f"{output.get('ename', '')}: {output.get('evalue', '')}"
                return prose.printed(said).strip().partition("\n")[0][:200]
    return ""


def _without_words(check: NotebookNode, grade: Grade) -> str:
    """Name the outcome of a check that shows none: it never ran, or it is not of this course."""
    streams = [output.text for output in check.get("outputs", []) if output.output_type == "stream"]
    # As `vaxlab.grading.steps` writes it.
    if any(text.startswith(("Not run, no points", "No points", "Stopped")) for text in streams):
        return _NOT_JUDGED
    return _by_points(grade)


def _by_points(grade: Grade) -> str:
    if grade.points >= grade.out_of:
        return "all points"
    return "some points" if grade.points > 0 else "no points"


def _code_or_text(cell: NotebookNode, shown: Shown) -> Piece:
    if cell.cell_type == "markdown":
        return Piece("text", prose.markdown(cell.source), is_theirs=True)
    outputs = shown.cell(cell) if cell.cell_type == "code" else Markup()
    return Piece("code", prose.code(cell.source), outputs, is_theirs=True)


def _piece(
    cell: NotebookNode, course: Course, headings: Mapping[str, Exercise], shown: Shown
) -> Piece:
    """Show one cell of the notebook around the exercises."""
    own = course.texts.get(cell.source.strip()) if cell.cell_type == "markdown" else None
    if own in headings:
        return Piece("link", exercise=headings[own])
    if own is not None:
        return Piece("text", prose.markdown(own, course=True))
    made = _code_or_text(cell, shown)
    made.is_theirs = bool(course.codes) and cell.source.strip() not in course.codes
    return made
