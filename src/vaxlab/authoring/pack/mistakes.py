"""Common mistakes of a day, from the bank of answers that the tests put through the checks."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaxlab.authoring import guide, outline
from vaxlab.authoring.pack import page

if TYPE_CHECKING:
    from vaxlab.authoring.source import Source

BANK = Path(__file__).resolve().parents[4] / "tests"
"""The bank belongs to a checkout; an installed package has none."""
LINES_MOST = 4


def bank() -> dict[str, list[Any]]:
    """Return the answers of each notebook, such as ``day1/1-trust``; empty where there is none."""
    if not (BANK / "answers").is_dir():
        return {}
    if str(BANK) not in sys.path:
        sys.path.append(str(BANK))
    found = {}
    for path in sorted((BANK / "answers").glob("day*/[!_]*.py")):
        module = import_module(f"answers.{path.parent.name}.{path.stem}")
        found[module.NOTEBOOK] = list(module.ANSWERS)
    return found


def differing(right: str, wrong: str) -> str:
    """Return the lines in which a wrong answer differs from a right one, a few of them."""
    there = [line.rstrip() for line in wrong.strip("\n").split("\n")]
    known = [line.rstrip() for line in right.strip("\n").split("\n")]
    same = difflib.SequenceMatcher(None, known, there, autojunk=False)
    lines = [
        line
        for kind, _, _, begin, end in same.get_opcodes()
        if kind in ("insert", "replace")
        for line in there[begin:end]
        if line.strip() and not line.lstrip().startswith(("import ", "from ", "#"))
    ]
    shown = lines[:LINES_MOST] + ["…"] * (len(lines) > LINES_MOST)
    return "\n".join(shown) or "# the line is missing"


def sheet(title: str, day: list[Source]) -> str:
    """Return a day's common mistakes, HTML."""
    from vaxlab.grading.feedback import prose

    answers = bank()
    parts = [
        f"<h1>{page.escape(title)}: common mistakes</h1>",
        "<p>Answers that look right, what the check earns them, and a piece of what it says. Shown "
        "are the lines that differ from a right answer. Let the check speak first; then ask "
        "<em>what would you see if it were so?</em></p>",
    ]
    for source in day:
        parts.append(f"<h2>{page.escape(source.name)}: {page.escape(source.title)}</h2>")
        for exercise in outline.exercises(source):
            ids = {cell.grade_id for cell in exercise.cells if cell.is_answer}
            known = [
                one for one in answers.get(f"{source.day}/{source.name}", ()) if one.grade_id in ids
            ]
            right = next((one.source for one in known if not one.says), "")
            wrong = [one for one in known if one.says]
            if not wrong:
                continue
            rows = "".join(
                f"<tr><td>{prose.code(differing(right, one.source))}</td>"
                f"<td>{guide.number(one.points)}</td><td>… {page.escape(one.says)} …</td></tr>"
                for one in wrong
            )
            parts.append(
                f"<h3>Exercise {exercise.number} · {page.escape(exercise.title or '')}</h3>"
                f'<table class="mistakes"><tr><th>Typed</th><th>Points of '
                f"{guide.number(exercise.points or 0)}</th><th>Is told</th></tr>{rows}</table>"
            )
    return page.page(f"{title}: common mistakes", "".join(parts))
