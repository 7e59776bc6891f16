"""Grades out of the gradebook, and into the forms that learning platforms take.

The plain table is for people and spreadsheets and holds everybody. What goes to Moodle or Canvas
holds final grades only: whoever handed in nothing, or is held for review, is left out, because a
platform changes nothing for those whom the file does not name.

Sources: Canvas's ``lib/gradebook_importer.rb``, Moodle's ``grade/import/csv`` and
``mod/assign/feedback/offline``, read in 2026.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from vaxlab.errors import CourseError

FORMATS = ("csv", "moodle", "canvas")
#: A spreadsheet takes a text for a formula where it begins so, in full width too, and where the
#: separator of another country lets a cell begin inside it.
_FORMULA = re.compile(r'(^|[,;"])(\s*)(?=[=+\-@＝＋－＠]\s*[^\s,;"])')
_NOT_YET = "grade the whole assignment with `vaxlab grade`."
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: What Moodle's worksheet calls those by whom a learner can be found, and whose name it is.
_WORKSHEET_KEYS = {
    "email address": "email",
    "id number": "lms_id",
    "username": "student",
    "identifier": "lms_id",
}


@dataclass
class Learner:
    """One learner's marks in one assignment.

    Attributes
    ----------
    student : str
        The name by which nbgrader knows the learner.
    first_name, last_name, email, lms_id : str
        As the gradebook has them; empty where it has not.
    handed_in : datetime or None
        When, in UTC, where that is known.
    points : dict
        Points by notebook; none where nothing was handed in, or nothing was graded yet.
    cells : dict
        Points by notebook and graded cell.
    penalty : float
        Points off for being late.
    open : list of str
        Why the points are not final, in sentences.
    said : list of str
        What else the grader said, in sentences.
    """

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    handed_in: datetime | None = None
    points: dict[str, float] = field(default_factory=dict)
    cells: dict[tuple[str, str], float] = field(default_factory=dict)
    penalty: float = 0.0
    open: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """Points of all notebooks, less what being late costs; never below 0."""
        return max(0.0, sum(self.points.values()) - self.penalty)

    @property
    def name(self) -> str:
        """Name for people; nbgrader's where the gradebook has no other."""
        return f"{self.first_name} {self.last_name}".strip() or self.student

    @property
    def is_final(self) -> bool:
        """Whether there is a grade, and nobody has to look at it first."""
        return bool(self.points) and not self.open

    @property
    def has_handed_in(self) -> bool:
        """Whether the gradebook knows of anything."""
        return bool(self.points or self.open)


@dataclass(frozen=True)
class Marks:
    """An assignment as the gradebook holds it.

    Attributes
    ----------
    assignment : str
        Such as ``day1``.
    notebooks : dict
        Points that can be earned, by notebook, in the order of their names.
    cells : dict
        Points that can be earned, by notebook and graded cell.
    learners : list of Learner
        Everybody whom the gradebook knows, by `Learner.student`.
    """

    assignment: str
    notebooks: dict[str, float]
    cells: dict[tuple[str, str], float]
    learners: list[Learner]

    @property
    def maximum(self) -> float:
        """Points that can be earned."""
        return sum(self.notebooks.values())


def read(root: Path, assignment: str, gradebook: str = "") -> Marks:
    """Read an assignment from the gradebook.

    Parameters
    ----------
    root : Path
        The checkout.
    assignment : str
        Such as ``day1``.
    gradebook : str
        SQLAlchemy URL; by default ``gradebook.db`` in the checkout.

    Raises
    ------
    CourseError
        There is no such gradebook or assignment.
    """
    from nbgrader import api
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        url = make_url(gradebook or f"sqlite:///{root / 'gradebook.db'}")
    except ArgumentError:
        raise CourseError(
            "--gradebook takes an SQLAlchemy URL, such as sqlite:///gradebook.db or "
            "postgresql://user@host/name."
        ) from None
    shown = url.render_as_string(hide_password=True)
    none = CourseError(
        f"There is no gradebook at {shown}. Grade first: `vaxlab grade {assignment}`."
    )
    # SQLite and nbgrader would make an empty one.
    if url.drivername.startswith("sqlite") and not Path(url.database or "").is_file():
        raise none
    try:
        engine = create_engine(url)
        has_tables = inspect(engine).has_table("assignment")
        engine.dispose()
        if not has_tables:
            raise none
        with api.Gradebook(url.render_as_string(hide_password=False)) as opened:
            return read_from(opened, root, assignment)
    except (SQLAlchemyError, ImportError) as error:  # a driver that is not installed
        raise CourseError(
            f"The gradebook {shown} cannot be read: {str(error).splitlines()[0].rstrip('.')}. "
            "Is its server running, and is the address right?"
        ) from None


def read_from(gradebook, root: Path, assignment: str) -> Marks:
    """Read an assignment from a gradebook that is open, an `nbgrader.api.Gradebook`.

    Raises
    ------
    CourseError
        It knows no such assignment.
    """
    from nbgrader import api

    try:
        source = gradebook.find_assignment(assignment)
    except api.MissingEntry:
        known = ", ".join(sorted(found.name for found in gradebook.assignments)) or "none"
        raise CourseError(
            f"The gradebook knows no assignment {assignment}. It knows: {known}."
        ) from None
    notebooks, cells, by_hand = {}, {}, set()
    for notebook in sorted(source.notebooks, key=lambda found: found.name):
        notebooks[notebook.name] = float(notebook.max_score)
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            cells[notebook.name, cell.name] = float(cell.max_score)
        written = {cell.name for cell in [*notebook.solution_cells, *notebook.task_cells]}
        by_hand |= {(notebook.name, name) for name in written}

    session, handed, one = gradebook.db, api.SubmittedAssignment, api.SubmittedNotebook
    names = ("id", "first_name", "last_name", "email", "lms_user_id")
    people = session.query(*(getattr(api.Student, name) for name in names))
    learners = {row[0]: Learner(*(str(value or "") for value in row)) for row in people}
    of_this = handed.assignment_id == source.id
    for student, when in session.query(handed.student_id, handed.timestamp).filter(of_this):
        learners[student].handed_in = when or _saved(root / "submitted" / student / assignment)
    penalties = session.query(handed.student_id, one.late_submission_penalty)
    for student, penalty in penalties.join(one, one.assignment_id == handed.id).filter(of_this):
        learners[student].penalty += penalty or 0.0
    marks = Marks(assignment, notebooks, cells, [learners[name] for name in sorted(learners)])
    _add_grades(marks, _grades(session, source.id), by_hand, _remembered(root, assignment))
    for learner in learners.values():
        if learner.penalty:
            learner.said.append(f"late, {number(learner.penalty)} points less")
    return marks


class _Grade(NamedTuple):
    """What the gradebook holds of one cell."""

    student: str
    notebook: str
    cell: str
    score: float | None
    automatic: float | None
    manual: float | None
    unsure: bool


def _grades(session, assignment_id: str) -> list[_Grade]:
    from nbgrader import api

    handed, one = api.SubmittedAssignment, api.SubmittedNotebook
    grade, base = api.Grade, api.BaseCell
    found = (
        session.query(
            handed.student_id,
            api.Notebook.name,
            base.name,
            grade.score,
            grade.auto_score,
            grade.manual_score,
            grade.needs_manual_grade,
        )
        .select_from(grade)
        .join(one, grade.notebook_id == one.id)
        .join(handed, one.assignment_id == handed.id)
        .join(api.Notebook, one.notebook_id == api.Notebook.id)
        .join(base, grade.cell_id == base.id)
        .filter(handed.assignment_id == assignment_id)
        .order_by(handed.student_id, api.Notebook.name, base.name)
    )
    return [_Grade(*row) for row in found]


def _add_grades(
    marks: Marks,
    grades: list[_Grade],
    by_hand: set[tuple[str, str]],
    remembered: dict[tuple[str, str], dict],
) -> None:
    """Give everybody their points, and the reasons why these are not final."""
    learners = {learner.student: learner for learner in marks.learners}
    checked = {notebook for notebook, cell in marks.cells if (notebook, cell) not in by_hand}
    graded = {
        (one.student, one.notebook)
        for one in grades
        if (one.notebook, one.cell) not in by_hand and (one.automatic, one.manual) != (None, None)
    }
    reasons: dict[tuple[str, str], str] = {}
    for one in grades:
        place = one.student, one.notebook
        known = remembered.get(place, {})
        if one.notebook in checked and place not in graded:
            why = known["said"] if known.get("state") == "missing" else _NOT_YET
            reasons.setdefault(place, f"is not graded yet: {why}")
            continue
        learner = learners[one.student]
        learner.points[one.notebook] = learner.points.get(one.notebook, 0.0) + (one.score or 0.0)
        learner.cells[one.notebook, one.cell] = float(one.score or 0.0)
        if not one.unsure:
            continue
        if (one.notebook, one.cell) in by_hand:
            why = "waits for a grader's own points"
        elif one.manual is not None:
            why = "was graded by hand, and then once more by the machine: look at it again"
        else:
            why = known.get("said") or "held for review"
            why = why if why.startswith("held") else f"held for review: {why}"
        reasons.setdefault(place, why)
    for (student, notebook), why in reasons.items():
        learners[student].open.append(f"{notebook} {why}")
    for (student, notebook), row in remembered.items():
        learner = learners.get(student)
        told = row["state"] in ("stopped", "rejected") and row["said"]
        # What was graded since by other means has other points, and another story.
        if learner and told and learner.points.get(notebook) == row["points"]:
            learner.said.append(f"{notebook} {row['state']}: {row['said']}")


def _saved(folder: Path) -> datetime | None:
    """When the newest notebook in a folder was saved."""
    times = [path.lstat().st_mtime for path in folder.glob("*.ipynb")]
    return datetime.fromtimestamp(max(times), UTC).replace(tzinfo=None) if times else None


def _remembered(root: Path, assignment: str) -> dict[tuple[str, str], dict]:
    """What `vaxlab grade` said last, by student and notebook."""
    found = {}
    for path in (root / ".cache" / "grading" / assignment).glob("*.json"):
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
            found |= {(row["student"], row["notebook"]): row for row in rows}
        except (OSError, ValueError, KeyError, TypeError):
            continue  # only sentences are lost
    return found


def text(value: str) -> str:
    """Make a text that no spreadsheet runs: one line, no formula; an apostrophe stands before."""
    return _FORMULA.sub(r"\1\2'", _CONTROL.sub(" ", value).strip())


def number(value: float) -> str:
    """Write points: two decimals at most, a full stop."""
    return f"{round(value, 2):.10g}"


def table(marks: Marks) -> list[list[str]]:
    """Everybody, one row a learner and one column a notebook."""
    head = ["student", "last_name", "first_name", "email", *marks.notebooks]
    rows = [[*head, "total", "maximum", "held", "remark"]]
    for learner in marks.learners:
        points = [learner.points.get(name) for name in marks.notebooks]
        remarks = [*learner.open, *learner.said]
        rows.append(
            [
                *map(text, (learner.student, learner.last_name, learner.first_name)),
                text(learner.email),
                *("" if value is None else number(value) for value in points),
                number(learner.total) if learner.points else "",
                number(marks.maximum),
                "yes" if learner.open else "",
                text("; ".join(remarks)) if learner.has_handed_in else "nothing handed in",
            ]
        )
    return rows


def moodle(marks: Marks, column: str) -> list[list[str]]:
    """Final grades as Moodle's *Grades, Import, CSV file* takes them.

    There, map *Username* (or *ID number*, *Email address*) to the user, and the two last columns
    to the grade and its feedback.
    """
    head = ["Username", "ID number", "Last name", "First name", "Email address"]
    rows = [[*head, column, f"{column} feedback"]]
    for learner in _final(marks):
        who = (learner.student, learner.lms_id, learner.last_name, learner.first_name)
        rows.append(
            [
                *map(text, (*who, learner.email)),
                number(learner.total),
                text(_feedback(marks, learner)),
            ]
        )
    return rows


def worksheet(marks: Marks, given: str, name: str = "the worksheet") -> list[list[str]]:
    """Fill in the grading worksheet that a Moodle assignment offers for download.

    Learners are found by e-mail address, ID number, user name or identifier (*Participant 123*),
    whichever of its columns agrees with the gradebook. All else stays as it was.

    Parameters
    ----------
    given : str
        The worksheet's content.
    name : str
        What to call it in messages.

    Raises
    ------
    CourseError
        It is not such a worksheet, or it names nobody with a final grade.
    """
    rows = list(csv.reader(io.StringIO(given.removeprefix("\ufeff"))))
    head = [title.strip().lower() for title in (rows[0] if rows else [])]
    if not {"identifier", "grade"} <= set(head):
        raise CourseError(
            f"{name} is not Moodle's grading worksheet: expected the columns Identifier and "
            f"Grade, found {', '.join(head[:8]) or 'none'}. In the assignment, choose "
            "*Download grading worksheet*, with Moodle set to English."
        )
    keys = [(head.index(title), of) for title, of in _WORKSHEET_KEYS.items() if title in head]
    known = {
        (of, getattr(learner, of).lower()): learner
        for learner in _final(marks)
        for _, of in keys
        if getattr(learner, of)
    }
    filled = 0
    for row in rows[1:]:
        row[:] = [text(value) for value in row] + [""] * (len(head) - len(row))
        found = (known.get((of, row[place].strip().lower())) for place, of in keys)
        learner = next(filter(None, found), None)
        if learner is None:
            continue
        filled += 1
        row[head.index("grade")] = number(learner.total)
        if "feedback comments" in head:
            row[head.index("feedback comments")] = text(_feedback(marks, learner))
    if not filled:
        raise CourseError(
            f"{name} names nobody who has a final grade in {marks.assignment}. Learners are found "
            "by e-mail address, ID number or user name: does the gradebook know those? "
            "`nbgrader db student add ID --email … --lms-user-id …` tells it."
        )
    return rows


def canvas(marks: Marks, column: str) -> list[list[str]]:
    """Final grades as Canvas's *Grades, Import* takes them.

    Learners are found by Canvas's number (``lms_user_id`` in the gradebook), else by their login.
    """
    info = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [[*info, column], ["    Points Possible", *[""] * 4, number(marks.maximum)]]
    for learner in _final(marks):
        name = ", ".join(filter(None, (learner.last_name, learner.first_name)))
        # Canvas takes a row with these words in its first cell for the maximum.
        if not name or "points possible" in name.lower():
            name = learner.student
        # It reads "12ab" as 12, which would be somebody else.
        is_number = learner.lms_id.isascii() and learner.lms_id.isdigit()
        ids = [learner.lms_id, ""] if is_number else ["", learner.lms_id]
        rows.append(
            [*map(text, (name, *ids, learner.student)), "", number(learner.total)],
        )
    return rows


def _final(marks: Marks) -> Iterable[Learner]:
    return (learner for learner in marks.learners if learner.is_final)


def _feedback(marks: Marks, learner: Learner) -> str:
    scores = (
        f"{name}: {number(learner.points[name])} of {number(out_of)}"
        for name, out_of in marks.notebooks.items()
        if name in learner.points
    )
    return "; ".join([*scores, *learner.said])


def dumps(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as CSV: commas, every cell quoted, lines that end as RFC 4180 has it."""
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def save(content: str, target: Path, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all.

    Raises
    ------
    CourseError
        It cannot be written there.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_text(content, encoding=encoding, newline="")
        os.replace(beside, target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CourseError(
            f"{target} cannot be written ({error.strerror}). Name another place with --output."
        ) from None


def hand_back(
    root: Path,
    assignment: str,
    *,
    form: str = "csv",
    output: Path | None = None,
    gradebook: str = "",
    column: str = "",
    sheet: Path | None = None,
) -> str:
    """Write the grades of an assignment into a file.

    Parameters
    ----------
    form : str
        One of `FORMATS`.
    output : Path, optional
        By default ``grades-day1.csv`` and so on, in the checkout.
    column : str
        What the platform calls the assignment; for Canvas best with its number, as in
        ``Day 1 (1234)``. The assignment's own name by default.
    sheet : Path, optional
        Moodle's grading worksheet, to be filled in.

    Returns
    -------
    str
        What was written where, and who is not in it, for people.

    Raises
    ------
    CourseError
        There is nothing to write, or it cannot be written.
    """
    marks = read(root, assignment, gradebook)
    handed_in = [learner for learner in marks.learners if learner.has_handed_in]
    if not handed_in:
        raise CourseError(
            f"The gradebook holds no submission of {assignment}. "
            f"Grade first: `vaxlab grade {assignment}`."
        )
    encoding = "utf-8"
    if sheet is not None:
        rows = worksheet(marks, _text_of(sheet), sheet.name)
        form = "moodle"
    elif form == "moodle":
        rows = moodle(marks, column or assignment)
    elif form == "canvas":
        rows = canvas(marks, column or assignment)
    else:
        rows = table(marks)
        encoding = "utf-8-sig"  # or Excel takes it for something else than UTF-8
    ending = "" if form == "csv" else f"-{form}"
    target = output or root / f"grades-{assignment}{ending}.csv"
    save(dumps(rows), target, encoding)
    final = [learner for learner in handed_in if learner.is_final]
    said = [f"wrote {target}: {len(final)} of {len(handed_in)} submissions have a final grade."]
    if form == "moodle" and sheet is None and marks.maximum > 100:
        said.append(
            "Moodle's import refuses grades above 100 unless unlimited grades are switched on."
        )
    left_out = "" if form == "csv" else ", not in the file"
    for learner in handed_in:
        said += [f"{learner.student}{left_out}: {why}" for why in learner.open]
    return "\n".join(said)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise CourseError(f"{path} cannot be read ({why}).") from None
