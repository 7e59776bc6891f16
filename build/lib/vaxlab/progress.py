"""Where a learner stands: read from the learner's own saved notebooks, kept nowhere else.

A check writes its outcome beside what it shows (``application/vnd.vaxlab.check+json``), and
JupyterLab saves it with the notebook. So nothing has to be stored or sent, another machine
knows as much as its copy of the notebooks, and clearing the outputs of a check resets it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from vaxlab import notebook_file, paths
from vaxlab.checks.result import MIME_TYPE, WRITE_HERE, Outcome
from vaxlab.errors import CourseError

_EXERCISE = re.compile(r"^### (Exercise \d+ · [^·\n]+)", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One exercise of a learner's notebook.

    Attributes
    ----------
    notebook : str
        Such as ``day1/1-trust``.
    title : str
        As in its heading.
    points, out_of : float
        As the check said when it ran last; 0 points where it has not run.
    outcome : Outcome
        *Not attempted* where the check has not run.
    """

    notebook: str
    title: str
    points: float
    out_of: float
    outcome: Outcome


def exercises(course: Path | None = None) -> list[Exercise]:
    """Read every exercise of every notebook.

    Parameters
    ----------
    course : Path, optional
        The folder with ``day1`` and so on; by default the one this notebook runs in, or else
        ``course/`` of the checkout.

    Raises
    ------
    CourseError
        There are no notebooks, or one of them can not be read.
    """
    return [exercise for work in _works(course or paths.course()) for exercise in _read(work)]


def show(course: Path | None = None) -> _Standing:
    """Show where the learner stands; in a notebook as a table, elsewhere as text."""
    folder = course or paths.course()
    found, said = [], []
    for work in _works(folder):
        said.append(work.remark(folder))
        try:
            found += _read(work)
        except CourseError as error:
            said.append(str(error))
    return _Standing(found, list(filter(None, said)))


class _Standing:
    """A table of progress, as HTML and as text, and what is wrong with the files."""

    def __init__(self, found: list[Exercise], said: list[str]) -> None:
        self._said = said
        self._by_notebook: dict[str, list[Exercise]] = {}
        for exercise in found:
            self._by_notebook.setdefault(exercise.notebook, []).append(exercise)

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = []
        for notebook, found in self._by_notebook.items():
            points = sum(exercise.points for exercise in found)
            out_of = sum(exercise.out_of for exercise in found)
            passed = sum(exercise.outcome is Outcome.PASSED for exercise in found)
            left = [exercise for exercise in found if exercise.outcome is not Outcome.PASSED]
            further = f"{left[0].title} ({left[0].outcome})" if left else "all done"
            score = f"{points:g} of {out_of:g}"
            rows.append((notebook, score, f"{passed} of {len(found)}", further))
        return rows

    def __repr__(self) -> str:
        rows = [
            f"{notebook}: {points} points, {passed} exercises passed; next: {further}"
            for notebook, points, passed, further in self._rows()
        ]
        return "\n".join([*rows, *self._said])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{t}</th>" for t in ("Notebook", "Points", "Passed", "Next"))
        body = "".join(
            f'<tr><td><a href="{escape(notebook)}.ipynb">{escape(notebook)}</a></td>'
            + "".join(f"<td>{escape(text)}</td>" for text in rest)
            + "</tr>"
            for notebook, *rest in self._rows()
        )
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self._said)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{said}"


def _works(course: Path) -> list[notebook_file.Work]:
    found = notebook_file.works(course)
    if not found:
        raise CourseError(
            f"No notebooks in {course}: expected day1/1-trust.ipynb and more. Open the start page "
            "in the course's own folder, with `make lab`."
        )
    return found


def _read(work: notebook_file.Work) -> list[Exercise]:
    try:
        return _exercises(work.name, notebook_file.read(work.path)["cells"])
    except CourseError as error:
        why = str(error)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"a check in it is damaged ({type(error).__name__}). Save it again."
    raise CourseError(f"{work.name} is no notebook that can be read: {why}")


def _exercises(notebook: str, cells: list[dict]) -> list[Exercise]:
    found, title = [], ""
    for cell in cells:
        heading = _EXERCISE.findall(cell["source"])
        if cell["cell_type"] == "markdown" and heading:
            title = heading[-1].strip()
        graded = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown" and graded.get("grade") and _is_blank(cell):
            # A person gives its points: it counts for none here, but is still to be written.
            found.append(Exercise(notebook, title, 0.0, 0.0, Outcome.NOT_ATTEMPTED))
        if cell["cell_type"] == "code" and graded.get("grade") and not graded.get("solution"):
            found.append(_exercise(notebook, title or graded["grade_id"], graded["points"], cell))
    return found


def _is_blank(cell: dict) -> bool:
    return cell["source"].strip() in ("", WRITE_HERE)


def _exercise(notebook: str, title: str, out_of: float, cell: dict) -> Exercise:
    for output in cell.get("outputs", []):
        said = output.get("data", {}).get(MIME_TYPE)
        if said:
            outcome = Outcome(said["outcome"])
            return Exercise(notebook, title, float(said["points"]), float(out_of), outcome)
    return Exercise(notebook, title, 0.0, float(out_of), Outcome.NOT_ATTEMPTED)
