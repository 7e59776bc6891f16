"""What was tried in a class, for an instructor who has to decide: ``vaxlab grade day1 --audit``.

A look at what learners typed, cell by cell, for words that a notebook of the course has no need of,
and at what became of each submission. A word proves nothing: somebody may be curious. So the audit
shows the line, changes no grade, and calls nobody a cheat.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader import utils

from vaxlab.errors import CourseError
from vaxlab.grading import handin
from vaxlab.grading.classroom import Row

#: What is looked for, and what it may be for. Patterns of whole words, each in one line.
_WORDS = (
    ("hidden tests", r"plant_seed|HIDDEN TESTS|In\s*\[|_ih\b|%history"),
    (
        "the judge's half",
        r"lessons\.\S*(checks|wrong|exams)|import\s+(checks|exams)\b"
        r"|literature(\.|\s+import\s+)reader\b",
    ),
    ("the grader's parts", r"vaxlab\.grading|checks\.(border|exercise|result)|nbgrader"),
    ("other processes", r"/proc\b|\bos\.(fork|kill|killpg|_exit)\b|ptrace|getppid"),
    ("memory of the interpreter", r"\bgc\.get_|ctypes|sys\._getframe|/dev/(mem|shm)|settrace"),
    ("a changed interpreter", r"ast_transformers|input_transformers|set_custom_exc|displayhook"),
    ("replaced names", r"\bbuiltins\.\w+\s*=|setattr\(\s*\w+\s*,|sys\.modules\[|meta_path"),
    ("files elsewhere", r"\.\./|expanduser|/etc/|gradebook|submitted|solutions/"),
    ("the network", r"\bsocket\.|urllib|requests\.|http\.client"),
    ("secrets", r"os\.environ|getenv|TOKEN|initial_seed|get_state\(|getstate\("),
)
#: A policy of the capstone has no need of these either: it is given all that a plant would show.
_POLICY_WORDS = (
    ("the clock", r"\bimport\s+(time|datetime)\b|\bfrom\s+(time|datetime)\b|\btime\.\w+\("),
    ("the season's sources", r"\bvaxlab\b|importlib|__import__"),
    ("files", r"\bopen\(|read_(text|bytes|csv)|\bglob\b|listdir|scandir"),
)
_PATTERNS = [(what, re.compile(pattern)) for what, pattern in _WORDS]
_POLICY_PATTERNS = [*_PATTERNS, *((what, re.compile(pattern)) for what, pattern in _POLICY_WORDS)]
_SHOWN = 100
#: Lines of one submission's notebook that are shown.
MAX_LINES = 12
_OUTCOMES = ("held", "stopped", "rejected", "failed", "missing", "skipped")


@dataclass(frozen=True)
class Try:
    """One line that has no business in a notebook of the course."""

    cell: int
    what: str
    line: str


def tries(sources: Sequence[str], known: frozenset[str] = frozenset()) -> list[Try]:
    """Look through a notebook's cells.

    Parameters
    ----------
    sources : sequence of str
        Of its code cells, in order.
    known : frozenset of str
        Lines that the course's own notebook holds.
    """
    return [
        Try(number, what, line.strip()[:_SHOWN])
        for number, source in enumerate(sources, start=1)
        for line in source.split("\n")
        if line.strip() and line.strip() not in known
        for what, pattern in _PATTERNS
        if pattern.search(line)
    ]


def of_policy(source: str) -> str:
    """Say which line of a capstone's policy looks where a policy has nothing to look for."""
    for number, line in enumerate(source.split("\n"), start=1):
        for what, pattern in _POLICY_PATTERNS:
            if pattern.search(line.partition("#")[0]):
                return f"line {number}, {what}: {line.strip()[:_SHOWN]}"
    return ""


def report(root: Path, assignment: str, rows: Sequence[Row]) -> str:
    """Write for people what was held, stopped or left out and why, and what was tried.

    Parameters
    ----------
    root : Path
        The checkout.
    assignment : str
        Such as ``day1``.
    rows : sequence of Row
        What became of its notebooks.
    """
    lines = [f"Audit of {assignment}: {len(rows)} notebooks."]
    for state in _OUTCOMES:
        there = [row for row in rows if row.state == state]
        if there:
            lines.append(f"\n{state} ({len(there)}):")
            lines += [f"  {_who(row)}: {row.said or 'no reason given'}" for row in there]
    lefts = [row for row in rows if row.said and row.state not in _OUTCOMES]
    if lefts:
        lines.append("\ngraded, with a remark:")
        lines += [f"  {_who(row)}: {row.said}" for row in lefts]
    found = [(row, _of(root, assignment, row)) for row in rows if row.notebook]
    found = [(row, seen) for row, seen in found if seen]
    lines.append(f"\nwhat was tried (words that a notebook does not need, {len(found)} notebooks):")
    for row, seen in found:
        lines.append(f"  {_who(row)}, {row.points:g} of {row.out_of:g} points:")
        lines += [f"    cell {one.cell}, {one.what}: {one.line}" for one in seen[:MAX_LINES]]
        if seen[MAX_LINES:]:
            lines.append(f"    and {len(seen) - MAX_LINES} lines more")
    if not found:
        lines.append("  nothing")
    lines.append(
        "\nA word proves nothing, and earned nothing. Open the notebook in the formgrader, and ask."
    )
    return "\n".join(lines)


def _who(row: Row) -> str:
    return "/".join(filter(None, [handin.shown(row.student), row.notebook]))


def _of(root: Path, assignment: str, row: Row) -> list[Try]:
    """Look through one submission as it was handed in."""
    source = root / "submitted" / row.student / assignment / f"{row.notebook}.ipynb"
    course = root / "course" / assignment / source.name
    try:
        notebook = handin.read_notebook(source)
        known = handin.read_notebook(course).cells if course.is_file() else []
    except (CourseError, OSError):
        return []
    own = frozenset(line.strip() for cell in known for line in cell.source.split("\n"))
    cells = [
        "" if utils.is_grade(cell) and not utils.is_solution(cell) else cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return tries(cells, own)
