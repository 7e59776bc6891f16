"""Writes the page. `Page` is named in ``nbgrader_config.py``.

nbconvert runs it for ``nbgrader generate_feedback`` and for the formgrader, with the templates in
``nbconvert/`` that stand before nbgrader's own of the same names and only put the page in its file.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import nbgrader
from markupsafe import Markup
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from vaxlab.grading.feedback import gather, prose
from vaxlab.grading.handback import number
from vaxlab.grading.report import allowed

_HERE = Path(__file__).parent
#: Draws figures, on any page that has loaded plotly.js.
DRAW = _HERE / "pages" / "draw.js"
#: For ``HTMLExporter.extra_template_basedirs``.
TEMPLATES = str(_HERE / "nbconvert")
#: nbgrader's own bar and programs, which the formgrader needs.
_MACROS = "server_extensions/formgrader/templates/formgrade"
_HANDLER = re.compile(r'\son\w+="([^"]*)"')


class Page(Preprocessor):
    """Write the page of one graded notebook into ``resources["vaxlab_page"]``."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Gather the notebook and write its page; a learner's, or the formgrader's."""
        directory = CourseDirectory(config=self.config)
        theirs = resources.get("nbgrader")
        if theirs:
            where = [theirs[name] for name in ("notebook", "assignment", "student")]
            url = theirs["db_url"]
        else:
            where = [resources[name] for name in ("notebook_id", "assignment_id", "student")]
            url = directory.db_url
        name, assignment, student = where
        grades, comments, total = _gradebook(url, name, assignment, student)
        gathered = gather.gather(nb, _course(directory, assignment, name, nb), grades, comments)
        resources["vaxlab_page"] = written(
            "learner.html.j2" if theirs else "formgrader.html.j2",
            gathered=gathered,
            total=total,
            assignment=assignment,
            notebook=name,
            student=student,
            resources=resources,
        )
        return nb, resources


def _course(
    directory: CourseDirectory, assignment: str, name: str, notebook: NotebookNode
) -> gather.Course:
    """Find the course's own notebook: the source, or else what was released from it."""
    for step in (directory.source_directory, directory.release_directory):
        path = Path(directory.format_path(step, ".", assignment), f"{name}.ipynb").resolve()
        with contextlib.suppress(OSError, ValueError):
            return gather.course_of(path)
    return gather.course_unknown(notebook, name)


def _gradebook(
    url: str, notebook: str, assignment: str, student: str
) -> tuple[dict[str, gather.Grade], dict[str, str], dict[str, float]]:
    """Read grades and comments by the names of cells, and the sums; nothing where there is none."""
    try:
        with Gradebook(url) as gradebook:
            found = gradebook.find_submission_notebook(notebook, assignment, student)
            grades = {
                grade.name: gather.Grade(
                    float(grade.score),
                    float(grade.max_score),
                    is_open=bool(grade.needs_manual_grade),
                    is_by_hand=grade.manual_score is not None,
                )
                for grade in found.grades
            }
            # Not nbgrader's own "No response.": the outcome says so.
            comments = {one.name: one.manual_comment or "" for one in found.comments}
            late = float(found.late_submission_penalty or 0.0)
            total = {"points": found.score - late, "out_of": found.max_score, "late": late}
            return grades, comments, total
    except MissingEntry:
        return {}, {}, {"points": 0.0, "out_of": 0.0, "late": 0.0}


def written(template: str, *, gathered: gather.Gathered, **names: Any) -> str:
    # "<" must not end the element that holds the data.
    figures = json.dumps(gathered.figures).replace("<", "\\u003c")
    packed, program = _plotly() if gathered.figures else ("", "")
    draw = DRAW.read_text(encoding="utf-8") + _read("page.js")
    return (
        _pages()
        .get_template(template)
        .render(
            **names,
            gathered=gathered,
            style=Markup(_read("page.css") + prose.code_style()),
            draw=Markup(draw),
            figures=Markup(figures),
            plotly=packed,
            scripts=" ".join([allowed(draw), *([program] if program else [])]),
            nonce=secrets.token_urlsafe(18),
        )
    )


@lru_cache
def _read(name: str) -> str:
    return (_HERE / "pages" / name).read_text(encoding="utf-8")


@lru_cache
def _plotly() -> tuple[str, str]:
    """Pack plotly.js to a third of its size; name it as the page's policy does."""
    from plotly.offline import get_plotlyjs

    program = get_plotlyjs()
    packed = gzip.compress(program.encode(), mtime=0)
    return base64.b64encode(packed).decode(), allowed(program)


@lru_cache
def _pages() -> jinja2.Environment:
    """Templates in which everything is escaped, nbgrader's pieces included."""
    places = [_HERE / "pages", Path(nbgrader.__file__).parent / _MACROS]
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places), autoescape=True, undefined=jinja2.StrictUndefined
    )
    made.filters |= {"number": number, "handlers": _handlers, "signed": _signed}
    return made


def _handlers(html: str) -> str:
    """Name the event handlers of nbgrader's own pieces, so that they run and no others do."""
    named = dict.fromkeys(allowed(str(Markup(code).unescape())) for code in _HANDLER.findall(html))
    return " ".join(named)


def _signed(html: str, nonce: str) -> Markup:
    """Mark the scripts of nbgrader's own pieces, so that they run and no others do."""
    return Markup(str(html).replace("<script", f'<script nonce="{nonce}"'))
