"""The instructor's pack: what a day in a room needs beside the notebooks, generated from them.

A folder of plain pages that need no network: slides, a run sheet by the minute, a cheat sheet of
one page and the common mistakes for each day, how to prepare, and a form for feedback.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from vaxlab.authoring import build
from vaxlab.authoring.pack import cheatsheet, mistakes, page, runsheet, slides

if TYPE_CHECKING:
    from vaxlab.authoring.source import Source


def pages(root: Path) -> dict[str, str]:
    """Return every page of the pack, HTML by name.

    Parameters
    ----------
    root
        The checkout, or a cohort.

    Raises
    ------
    CourseError
        A source is broken.
    """
    index, notebooks = build.read_all(root)
    made, days = {}, {}
    for day, name in index.front["days"].items():
        of_day = [source for source in notebooks if source.day == day]
        if not of_day:
            continue
        title = days[day] = f"Day {day.removeprefix('day')} · {name}"
        guide = root / "solutions" / day / "README.md"
        written = guide.read_text(encoding="utf-8") if guide.is_file() else ""
        made[f"{day}/slides.html"] = slides.deck(title, of_day, written)
        made[f"{day}/run-sheet.html"] = runsheet.sheet(title, of_day, written)
        made[f"{day}/cheat-sheet.html"] = cheatsheet.sheet(title, of_day)
        made[f"{day}/mistakes.html"] = mistakes.sheet(title, of_day)
    made["feedback.html"] = _form(days, notebooks)
    prepare = root / "solutions" / "README.md"
    text = prepare.read_text(encoding="utf-8") if prepare.is_file() else "# The instructor's pack\n"
    # A link of the checkout leads nowhere from here.
    plain = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text)
    made["index.html"] = page.page(
        "The instructor's pack", page.document(plain) + _links(days, made)
    )
    return made


def write(root: Path, output: Path | None = None) -> list[Path]:
    """Write the pack.

    Parameters
    ----------
    root
        The checkout, or a cohort.
    output
        Folder to write; ``build/pack`` below `root` by default.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    CourseError
        A source is broken, or the folder cannot be written to.
    """
    from vaxlab.errors import CourseError

    folder = output or root / "build" / "pack"
    made = {folder / name: text for name, text in pages(root).items()}
    try:
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(
            f"{error.filename or folder} could not be written: {error.strerror}. Make room, or "
            "name another folder with --output."
        ) from None
    return list(made)


def _links(days: dict[str, str], made: dict[str, str]) -> str:
    kinds = {
        "slides": "slides",
        "run-sheet": "run sheet",
        "cheat-sheet": "cheat sheet",
        "mistakes": "common mistakes",
    }
    rows = []
    for day, title in days.items():
        links = " · ".join(
            f'<a href="{day}/{name}.html">{words}</a>'
            for name, words in kinds.items()
            if f"{day}/{name}.html" in made
        )
        rows.append(f"<tr><th>{page.escape(title)}</th><td>{links}</td></tr>")
    form = '<p><a href="feedback.html">Feedback form</a>, to be printed, one a learner.</p>'
    return f"<h2>Pages</h2><table>{''.join(rows)}</table>{form}"


def _form(days: dict[str, str], notebooks: list[Source]) -> str:
    """Return the form that learners fill in."""
    box = "☐"
    rows = []
    for day, title in days.items():
        rows.append(f'<tr><th colspan="4">{page.escape(title)}</th></tr>')
        for source in notebooks:
            if source.day == day:
                rows.append(
                    f"<tr><td>{page.escape(source.title)}</td>"
                    f"<td>{box} slow {box} right {box} fast</td>"
                    f"<td>{box} easy {box} right {box} hard</td><td>{box} yes {box} no</td></tr>"
                )
    asked = (
        "What will you do differently on Monday?",
        "Which sentence, figure or check did you not understand? Where is it?",
        "What did you want to know, and the course did not say?",
        "What would you leave out?",
    )
    lines = "".join(f'<p>{question}</p><div class="lines"></div>' for question in asked)
    body = (
        "<h1>What was it like?</h1><p>No name is needed. Half a sentence is worth more than a "
        'cross.</p><table class="form"><tr><th>Notebook</th><th>Pace</th><th>Exercises</th>'
        f"<th>I can use it</th></tr>{''.join(rows)}</table>{lines}"
    )
    return page.page("Feedback", body)
