"""Grading a class: a task a submission, a row a notebook, and their table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vaxlab.grading import handin

WIDE = 40
"""Names stand in so wide a column."""


@dataclass
class Row:
    """What became of one notebook of one submission.

    Attributes
    ----------
    student, notebook : str
        Who, and which; no notebook where a whole folder is skipped.
    points, out_of : float
        Automatic and manual points together, as the gradebook holds them.
    state : str
        ``graded``; ``stopped`` at a limit; ``held`` for review; ``rejected``, because it could not
        be read; ``missing`` under its own name, while another file looks like it, and not graded;
        ``failed``, which is the grader's own fault and left the gradebook as it was; ``skipped``,
        a folder that holds nothing to grade.
    said : str
        One sentence, where there is something to say.
    seconds : float
        What grading it took, on the clock.
    unchanged : bool
        It was graded before, and nothing has changed since.
    """

    student: str
    notebook: str
    points: float = 0.0
    out_of: float = 0.0
    state: str = "graded"
    said: str = ""
    seconds: float = 0.0
    unchanged: bool = False


@dataclass(frozen=True)
class Task:
    """One submission, and all that a worker must know to grade it."""

    root: str
    assignment: str
    student: str
    #: Of each notebook that is to be graded.
    fingerprints: dict[str, str]
    gradebook: str
    limits: dict[str, float] = field(default_factory=dict)
    trusted: bool = False


def table(rows: Sequence[Row]) -> str:
    """Write the rows for people, and a last line that counts them."""
    wide = min(max([len(handin.shown(row.student)) for row in rows] + [7]), WIDE)
    long = max([len(row.notebook) for row in rows] + [8])
    lines = [f"{'student':<{wide}}  {'notebook':<{long}}  points        state"]
    for row in rows:
        points = f"{row.points:g} of {row.out_of:g}"
        if row.state in ("missing", "skipped"):
            points = f"- of {row.out_of:g}" if row.out_of else "-"
        student = handin.shown(row.student)
        state = row.state + (" (unchanged)" if row.unchanged else "")
        tail = f": {row.said}" if row.said else ""
        lines.append(
            f"{student:<{wide}}  {row.notebook:<{long}}  {points:<12}  {state}{tail}".rstrip()
        )
    counts = {state: sum(row.state == state for row in rows) for state in _STATES}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    same = sum(row.unchanged for row in rows)
    return "\n".join([*lines, f"{told}; {same} unchanged since they were last graded."])


_STATES = ("graded", "stopped", "held", "rejected", "missing", "failed", "skipped")
