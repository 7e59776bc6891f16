"""Timetable and instructor's guide, generated from the sources."""

import re
from collections.abc import Mapping

from vaxlab.authoring import outline
from vaxlab.authoring.source import Source

FIGURE = re.compile(r"\{\{(.+?)\}\}")
"""A figure in an instructor's note: an expression over the solved notebook's variables, and after a
colon its format, as in an f-string."""
EDGE = "\0"
"""Stands on both sides of each computed figure in a guide that `agrees` compares with."""
NUMBER = r"[+−-]?\d+(?:[.,]\d+)*"


def figures_asked(source: Source) -> list[str]:
    """Return the expressions that the notes of a notebook want computed, each once, in order."""
    notes = [cell.text for cell in source.cells if cell.is_instructor]
    return list(dict.fromkeys(name.strip() for text in notes for name in FIGURE.findall(text)))


def agrees(found: str, edged: str) -> bool:
    """Compare a guide with the one expected, in which each figure stands between `EDGE`s.

    Figures may differ by their numbers. Another processor rounds otherwise, and what is trained or
    searched for then ends elsewhere; the words beside them must be the same.
    """
    pattern = ""
    for place, part in enumerate(edged.split(EDGE)):
        numbers = re.split(f"({NUMBER})", part) if place % 2 else [part]
        pattern += "".join(NUMBER if k % 2 else re.escape(text) for k, text in enumerate(numbers))
    return re.fullmatch(pattern, found) is not None


SLACK_MIN = 20
"""Minutes of each day that no notebook plans."""


def number(points: float) -> str:
    """Write points without a needless decimal."""
    return f"{points:g}"


def clock(minutes: int) -> str:
    """Write minutes since the start of the day as hours and minutes."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def day_title(day: str, name: str) -> str:
    """Name a day by its folder and by what it is called: ``Day 1 · See``."""
    return f"Day {day.removeprefix('day')} · {name}"


def timetable(days: dict[str, str], sources: list[Source]) -> str:
    """Return the Markdown of the start page's timetable.

    Parameters
    ----------
    days
        Name of each day by its folder: ``{"day1": "See"}``.
    sources
        The notebooks that exist, in order.
    """
    parts = []
    for day, name in days.items():
        rows = [source for source in sources if source.day == day]
        parts.append(f"### {day_title(day, name)}\n")
        if not rows:
            parts.append("Being written.\n")
            continue
        parts.append("| Notebook | Question | Minutes | Points |\n|---|---|---:|---:|")
        for source in rows:
            link = f"[{source.name}]({source.day}/{source.name}.ipynb)"
            parts.append(
                f"| {link} | {source.title} | {source.minutes} | {number(source.points)} |"
            )
        parts.append("")
    return "\n".join(parts).strip()


def instructors_guide(
    day: str,
    name: str,
    sources: list[Source],
    figures: Mapping[str, Mapping[str, str]],
    outcomes: str = "",
) -> str:
    """Return the Markdown of ``solutions/dayN/README.md``.

    Parameters
    ----------
    day
        Folder of the day, ``day1``.
    name
        What the day is called.
    sources
        The day's notebooks, in order.
    figures
        Path of a source to its `figures_asked`, each with its value as written.
    outcomes
        ``docs/outcomes.md``, which may hold a table for this day.
    """
    parts = [
        f"# {day_title(day, name)}: instructor's guide",
        f"*Generated from `solutions/{day}/*.py` by `make course`. Edit those files: the "
        "notes stand next to the cells they belong to.*",
        "## Timetable",
        "The clock starts at 0:00 and leaves out the breaks.",
        _day_table(sources),
        *_outcomes(day, outcomes),
    ]
    for source in sources:
        parts += _notebook(source, figures.get(source.path, {}))
    return "\n\n".join(parts) + "\n"


def _outcomes(day: str, outcomes: str) -> list[str]:
    """Return the day's table of promises, if there is one."""
    _, _, rest = outcomes.partition(f"\n## Day {day.removeprefix('day')}\n")
    found = rest.partition("\n## ")[0].strip()
    told = "On ten plants, misses included ([docs/outcomes.md](../../docs/outcomes.md) says how)."
    return ["## What the notebooks promise", told, found] if found else []


def _day_table(sources: list[Source]) -> str:
    rows = ["| From | Minutes | Notebook | Section |", "|---:|---:|---|---|"]
    start = 0
    for source in sources:
        for section in outline.sections(source):
            rows.append(f"| {clock(start)} | {section.minutes} | {source.name} | {section.title} |")
            start += section.minutes
    rows.append(f"| {clock(start)} | {SLACK_MIN} | | slack: what took longer, and questions |")
    rows.append(f"| {clock(start + SLACK_MIN)} | | | end |")
    return "\n".join(rows)


def _notebook(source: Source, figures: Mapping[str, str]) -> list[str]:
    parts = [
        f"## {source.name}: {source.title}",
        f"{source.minutes} minutes, {number(source.points)} points.",
    ]
    rows = ["| Exercise | Points | Minutes | Checks |", "|---|---:|---:|---|"]
    for exercise in outline.exercises(source):
        checks = ", ".join(f"`{cell.grade_id}`" for cell in exercise.cells if cell.is_graded)
        points = number(sum(cell.points for cell in exercise.cells))
        rows.append(
            f"| {exercise.number}. {exercise.title} | {points} | {exercise.minutes} | {checks} |"
        )
    if len(rows) > 2:
        parts.append("\n".join(rows))

    # A note belongs to the last heading of level 2 or 3 above it.
    titles = [h for h in outline.headings(source) if h.level in (2, 3)]
    shown = None
    for index, cell in enumerate(source.cells):
        if not cell.is_instructor:
            continue
        above = [h for h in titles if h.cell < index]
        title = above[-1].text if above else "Before the start"
        if title != shown:
            parts.append(f"### {title}")
            shown = title
        parts.append(FIGURE.sub(lambda found: figures[found[1].strip()], cell.text))
    return parts
