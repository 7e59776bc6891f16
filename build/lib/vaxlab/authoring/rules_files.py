"""Rules about files: readable sources, nothing that lies about, a course that is up to date."""

import re

from vaxlab.authoring import build
from vaxlab.authoring.judged import Course, Finding
from vaxlab.authoring.source import DAY, NOTEBOOK, sources
from vaxlab.errors import CourseError

# What may stand in solutions/ beside the days' folders, and in each of them beside sources.
BESIDE_DAYS = {"index.py", "README.md", "data-card.md"}
BESIDE_SOURCES = {"README.md"}


def readable(course: Course) -> list[Finding]:
    """Every source is UTF-8, has a header, readable cell options and valid Python."""
    found = []
    for message in course.unreadable:
        match = re.match(r"(solutions/[^:]+)(?::(\d+))?: (.*)", message, re.DOTALL)
        path, line, text = match.groups() if match else ("solutions", None, message)
        found.append(Finding(path, int(line) if line else None, text))
    return found


def stray_files(course: Course) -> list[Finding]:
    """Nothing lies about in solutions/."""
    found = []
    folder = course.root / "solutions"
    known = {path.with_suffix("") for path in sources(course.root)}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or build.LEFT_BY_TOOLS.intersection(inside.parts):
            continue
        if len(inside.parts) == 1:
            ok = path.name in BESIDE_DAYS
        elif len(inside.parts) == 2 and DAY.fullmatch(inside.parts[0]):
            is_notebook = path.suffix in (".py", ".ipynb") and NOTEBOOK.fullmatch(path.stem)
            ok = path.name in BESIDE_SOURCES or (is_notebook and path.with_suffix("") in known)
        else:
            ok = False
        if not ok:
            found.append(
                Finding(
                    f"solutions/{inside.as_posix()}",
                    None,
                    "a stray file: nbgrader may copy it to learners. Remove it, or name a source "
                    "dayN/M-name.py, such as day1/1-trust.py.",
                )
            )
    return found


def fresh(course: Course) -> list[Finding]:
    """What is in course/, and the instructor's guides, is what the sources give."""
    if not course.is_sound:
        return []
    try:
        stale = build.stale(course.root, course.outputs)
    except CourseError as error:
        return [Finding("solutions", None, str(error))]
    found = []
    for message in stale:
        path, text = message.split(" ", 1)
        found.append(Finding(path, None, f"{text} Run `vaxlab course build`."))
    return found
