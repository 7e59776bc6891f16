"""A view of a class in words: as text for a terminal, and as a page that looks again by itself.

No colour carries a meaning, and whatever a learner may have written is escaped by the template.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from vaxlab.checks.result import Outcome
from vaxlab.watch.read import STUCK_TRIES, Standing, View

EVERY_S = 10
#: Rows of a table of people who are stuck: whoever is not among them is less so.
MAX_STUCK = 40
REMARK = (
    "Of those who have joined, from what their own notebooks note. Whoever works here can write "
    "anything into these notes, so they are for helping, and never count as a grade."
)
_OWN = "What your instructors see of your work, and nobody else does. It never counts as a grade."
_MARKS = {Outcome.PASSED: "✔ passed", Outcome.NOT_YET: "◐ not yet", Outcome.ERROR: "✖ error"}


@dataclass(frozen=True)
class StuckRow:
    """One learner in one exercise."""

    name: str
    exercise: str
    tries: int
    minutes: int
    why: str


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise: how many stand where, and the reasons that most of them read."""

    title: str
    number: str
    passed: int
    not_yet: int
    error: int
    not_tried: int
    reasons: list[tuple[str, int]]


@dataclass(frozen=True)
class Notebook:
    """One notebook: a row an exercise, and a row a learner with a cell an exercise."""

    name: str
    exercises: list[ExerciseRow]
    learners: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Tables:
    """All that is shown, in the order in which it is shown."""

    stuck: list[StuckRow]
    notebooks: list[Notebook]


def tables(view: View) -> Tables:
    """Lay a view out in rows."""
    stuck = [
        StuckRow(name, " · ".join(exercise), one.tries, round(one.minutes), one.why)
        for name, exercise, one in view.stuck()[:MAX_STUCK]
    ]
    return Tables(stuck, [_notebook(view, name) for name in view.notebooks])


def _notebook(view: View, name: str) -> Notebook:
    exercises = view.notebooks[name]
    learners = []
    for learner in view.joined:
        found = [view.standings.get((learner, exercise)) for exercise in exercises]
        if any(found):
            learners.append((learner, [_cell(one) for one in found]))
    return Notebook(name, [_row(view, exercise) for exercise in exercises], learners)


def _row(view: View, exercise: tuple[str, str]) -> ExerciseRow:
    found = [one.outcome for one in view.of(exercise).values()]
    title = exercise[1]
    return ExerciseRow(
        title,
        title.partition(" · ")[0].removeprefix("Exercise "),
        found.count(Outcome.PASSED),
        found.count(Outcome.NOT_YET),
        found.count(Outcome.ERROR),
        len(view.joined) - len(found),
        view.reasons(exercise),
    )


def _cell(standing: Standing | None) -> str:
    if standing is None:
        return "–"
    tries = f", {standing.tries} tries" if standing.tries > 1 else ""
    return f"{_MARKS.get(standing.outcome, standing.outcome)}{tries}"


def _who(view: View) -> str:
    if view.is_class:
        return f"{len(view.joined)} of {view.accounts} learners have joined."
    if view.joined:
        return f"You have joined as {view.joined[0]}. `vaxlab class leave` ends it."
    return "You have not joined: nothing is noted. `vaxlab class join` begins it."


def text(view: View) -> str:
    """Write a view for a terminal."""
    shown = tables(view)
    lines = [f"{time.strftime('%H:%M:%S', time.localtime(view.at))} · {_who(view)}"]
    if not shown.notebooks:
        lines.append("Nobody has run a check yet.")
    for row in shown.stuck:
        lines.append(
            f"stuck: {row.name}, {row.exercise}: {row.tries} tries in {row.minutes} min. {row.why}"
        )
    for notebook in shown.notebooks:
        lines += ["", notebook.name]
        for row in notebook.exercises:
            lines.append(
                f"  {row.title}: {row.passed} passed, {row.not_yet} not yet, {row.error} error, "
                f"{row.not_tried} not tried"
            )
            lines += [f"      {count} × {why}" for why, count in row.reasons]
        for name, cells in notebook.learners:
            numbered = zip(notebook.exercises, cells, strict=True)
            lines.append(
                f"  {name}: " + "; ".join(f"{row.number} {cell}" for row, cell in numbered)
            )
    return "\n".join([*lines, "", REMARK if view.is_class else _OWN])


def html(view: View | None, nonce: str, sentence: str = "") -> str:
    """Write a view as a page.

    Parameters
    ----------
    view : View or None
        None where there is none; then `sentence` says why.
    nonce : str
        Of the page's one script, as its content security policy names it.
    sentence : str
        Shown in place of the tables.
    """
    from jinja2 import Environment

    template = Path(__file__).with_name("page.html.j2").read_text(encoding="utf-8")
    is_own = view is not None and not view.is_class
    return (
        Environment(autoescape=True)
        .from_string(template)
        .render(
            title="Your work in the class" if is_own else "The class at work",
            remark=_OWN if is_own else REMARK,
            sentence=sentence,
            clock=time.strftime("%H:%M:%S", time.localtime(view.at)) if view else "",
            who=_who(view) if view else "",
            tables=tables(view) if view else None,
            every_s=EVERY_S,
            stuck_tries=STUCK_TRIES,
            nonce=nonce,
        )
    )
