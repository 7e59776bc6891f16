"""What stands on the pages of the course to read."""

from __future__ import annotations

import json
import re
from pathlib import Path

from markupsafe import Markup
from nbformat import NotebookNode, v4

from vaxlab.authoring import execute, guide, markers, outline
from vaxlab.authoring.source import Source
from vaxlab.errors import CourseError
from vaxlab.figures import STANDS_STILL
from vaxlab.grading.feedback import figure, stills
from vaxlab.grading.feedback.outputs import Shown
from vaxlab.site import links

_PRESET = re.compile(r".*=\s*\.\.\.\s*(#.*)?")
_PICTURES = re.compile(r"<picture>.*?</picture>\s*|<img [^>]*>\s*", re.DOTALL)
_ABLE = re.compile(r"\*\*You will be able to\*\*(.*?)(?=^\*\*|\Z)", re.DOTALL | re.MULTILINE)
_START_HERE = re.compile(r"\n\n\*\*Start here:.*?(?=\n\n|\Z)", re.DOTALL)
#: Sections of the start page that say how to work; that page alone reads the learner's files.
_HOW_TO_WORK = ("When you work", "When you are stuck", "Handing in")

ABOUT = (
    "## Read it, or work in it\n\n"
    "These pages are the course **to read**. Every figure and every table on them came out of a "
    "run. Hints and answers are folded away; the checks are left out. The course itself is done "
    "in notebooks: [How to start](start.md)."
)
READ_HERE = (
    "Here this notebook can be read. To work in it, run `make lab` and open **{name}**; "
    "[How to start](../start.md) says more."
)
WRITTEN = "*This answer is written, and read by a person: there is no key to it.*"


def notebook(source: Source, root: Path, ran: NotebookNode) -> NotebookNode:
    """Turn a solved notebook that has run into a page.

    Parameters
    ----------
    source
        The notebook.
    root
        The checkout.
    ran
        As `vaxlab.authoring.execute.executed` gives it.

    Returns
    -------
    NotebookNode
        Each answer stands folded below what a learner finds there. Checks are left out: they ran
        on plants that nobody is to know. Figures stand as data in one last cell.

    Raises
    ------
    CourseError
        A figure cannot be drawn on a page.
    """
    shown = Shown()
    cells = []
    for cell, given in zip(ran.cells, execute.untouched(source, root).cells, strict=True):
        grading = cell.metadata.get("nbgrader") or {}
        answer, graded = grading.get("solution"), grading.get("grade")
        if cell.cell_type != "code":
            cells.append(_text(WRITTEN if answer else cell.source))
        elif answer:
            cells.append(v4.new_code_cell(given.source))
            cells.append(_text("<details class='answer'><summary>Show an answer</summary>"))
            cells.append(_code(cell, answer_of(cell.source), shown))
            cells.append(_text("</details>"))
        elif not graded:
            cells.append(_code(cell, cell.source, shown))
    name = f"{source.day}/{source.name}"
    cells.insert(1, _text(READ_HERE.format(name=name)))
    if shown.figures:
        # "<" must not end the element that holds the data.
        data = json.dumps(shown.figures).replace("<", "\\u003c")
        cells.append(_text(f'<script type="application/json" id="figures">{data}</script>'))
    return v4.new_notebook(cells=cells, metadata={"kernelspec": dict(ran.metadata.kernelspec)})


def answer_of(source: str) -> str:
    """Return the source of an answer cell as one would write it: no marker, no three dots."""
    kept, is_before = [], True
    for line in source.split("\n"):
        is_marker = line.strip() in markers.MARKERS
        is_before = is_before and not is_marker
        if not is_marker and not (is_before and _PRESET.fullmatch(line)):
            kept.append(line)
    return "\n".join(kept)


def _text(source: str) -> NotebookNode:
    return v4.new_markdown_cell(source)


def _code(cell: NotebookNode, source: str, shown: Shown) -> NotebookNode:
    """Make a cell of the page; what it shows becomes HTML, and figures go to `shown`."""
    items = [item for output in cell.outputs for item in _items(output)]
    wanted = len(shown.figures) + sum("figure" in item for item in items)
    html = shown.cell(cell)
    if len(shown.figures) != wanted:
        raise CourseError(
            f"A figure of the cell that begins with `{source.splitlines()[0]}` is too large for a "
            "page, or of a kind that is not drawn there (vaxlab.grading.feedback.figure)."
        )
    if any("control" in item for item in items):
        html = Markup('<p class="said">{}</p>').format(STANDS_STILL) + html
    outputs = [v4.new_output("display_data", {"text/html": str(html)})] if html else []
    return v4.new_code_cell(source, outputs=outputs)


def _items(output: NotebookNode) -> list[dict]:
    """List what is seen of an output: of a widget its parts, and of a figure itself."""
    data = output.get("data", {})
    items = data[stills.MIME]["items"] if stills.MIME in data else []
    return [*items, {"figure": data[figure.MIME]}] if figure.MIME in data else items


def texts(index: Source, notebooks: list[Source], root: Path) -> dict[str, str]:
    """Return the Markdown of every page that is no notebook.

    Parameters
    ----------
    index
        The course's start page.
    notebooks
        Those that the site shows, in order.
    root
        The checkout: its README and ``docs/`` are pages, too.

    Returns
    -------
    dict of str to str
        By path in Sphinx's source folder, ``index.md`` first.

    Raises
    ------
    CourseError
        The README lacks what is shown of it.
    """
    docs = sorted((root / "docs").glob("*.md"))
    pages = {f"{source.day}/{source.name}.ipynb" for source in notebooks}
    pages |= {f"docs/{path.name}" for path in docs}
    readme = _readme(root)
    days = {
        day: guide.day_title(day, name)
        for day, name in index.front["days"].items()
        if any(source.day == day for source in notebooks)
    }
    made = {"index.md": _front(index, notebooks, readme, days), "start.md": _start(index, readme)}
    for day, title in days.items():
        of_day = [source for source in notebooks if source.day == day]
        made[f"{day}/index.md"] = _day(title, of_day)
    made["docs/index.md"] = _background([path.read_text(encoding="utf-8") for path in docs], docs)
    for path in docs:
        made[f"docs/{path.name}"] = path.read_text(encoding="utf-8")
    return {
        name: links.kept(text, "README.md" if "/" not in name else name, pages | made.keys())
        for name, text in made.items()
    }


def _front(index: Source, notebooks: list[Source], readme: str, days: dict[str, str]) -> str:
    """Write the first page: what the course is, and its days."""
    table = guide.timetable({day: index.front["days"][day] for day in days}, notebooks)
    parts = [
        _START_HERE.sub("", index.cells[0].text),
        ABOUT,
        "## What you learn",
        _section(readme, "What you learn"),
        "## The notebooks",
        table,
        readme.rstrip().rpartition("\n\n")[2],  # who has written it, and who has not
        _contents(
            [
                "start",
                *(f"{title.partition(' · ')[0]} <{day}/index>" for day, title in days.items()),
                "docs/index",
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _start(index: Source, readme: str) -> str:
    """Write *How to start*, of the README and the course's start page."""
    lead = _PICTURES.sub("", readme.partition("\n## ")[0].partition("\n")[2]).strip()
    how = [cell.text for cell in index.cells if _heading(cell.text) in _HOW_TO_WORK]
    parts = ["# How to start", lead, _section(readme, "For learners"), *how]
    return "\n\n".join(parts) + "\n"


def _day(title: str, notebooks: list[Source]) -> str:
    """Write a day's page: its notebooks, and what one is able to do after each."""
    parts = [f"# {title}"]
    for source in notebooks:
        able = _ABLE.search(source.cells[0].text)
        rows = [f"- {one.title}, {one.minutes} min" for one in outline.sections(source)]
        parts += [
            f"## [{source.title}]({source.name}.ipynb)",
            f"{source.minutes} minutes, {guide.number(source.points)} points.",
            f"You will be able to{able[1].rstrip()}" if able else "",
            "In this order:",
            "\n".join(rows),
        ]
    parts.append(_contents([f"{source.title} <{source.name}>" for source in notebooks]))
    return "\n\n".join(parts) + "\n"


def _background(texts: list[str], docs: list[Path]) -> str:
    """Write the page that leads to ``docs/``."""
    rows = [f"- [{_heading(text)}]({path.name})" for text, path in zip(texts, docs, strict=True)]
    told = "What was measured, and how it works: for people who ask before they believe."
    parts = ["# Background", told, "\n".join(rows), _contents([path.stem for path in docs])]
    return "\n\n".join(parts) + "\n"


def _readme(root: Path) -> str:
    path = root / "README.md"
    if not path.is_file():
        raise CourseError("README.md is missing: the site's first page and *How to start* need it.")
    return path.read_text(encoding="utf-8")


def _section(text: str, title: str) -> str:
    """Return what stands below a heading of level 2."""
    _, found, rest = text.partition(f"\n## {title}\n")
    if not found:
        raise CourseError(
            f"README.md has no section `## {title}`, which the site shows. Put it back, or name "
            "another one in vaxlab/site/pages.py."
        )
    return rest.partition("\n## ")[0].strip()


def _heading(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")


def _contents(entries: list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", "", *entries, "```"])
