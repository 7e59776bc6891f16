"""Rules about form: what stands in a notebook, and in what order."""

import re
from collections import Counter
from collections.abc import Iterator

from vaxlab.authoring import outline
from vaxlab.authoring.guide import SLACK_MIN, number
from vaxlab.authoring.judged import Course, Finding, at, every_cell, first_line
from vaxlab.authoring.source import Source

HINTS = ("Hint 1", "Hint 2", "Hint 3")
DAY_LIMIT_MIN = {"day4": 440}
"""Minutes of a day with its slack, where it has more than others: the last one has the capstone."""
USUAL_LIMIT_MIN = 375
KNOWN_TAGS = {"instructor", "timetable"}
EXAMPLES = ("**Strong**", "**Weak**")
NOTES = ("**Ask**", "**Watch for**", "**If short of time**", "**Rubric**")
SUMMARY = re.compile(r"<summary>\s*(.*?)\s*</summary>")
LIST_ITEM = re.compile(r"([-*+]|\d+\.) ")
NO_PROSE = re.compile(r"\$\$.*?\$\$|\$.*?\$|```.*?```|`.*?`", re.DOTALL)


def tags_and_notes(course: Course) -> list[Finding]:
    """Tags are known ones; what an instructor reads is tagged so, and begins as agreed."""
    found = []
    for source, cell in every_cell(course):
        for tag in sorted(set(cell.tags) - KNOWN_TAGS):
            known = ", ".join(sorted(KNOWN_TAGS))
            found.append(
                at(source, cell, f"unknown tag `{tag}`. Known tags are {known}: mend the spelling.")
            )
        if cell.is_instructor and (cell.kind != "markdown" or not cell.text.startswith(NOTES)):
            found.append(
                at(
                    source,
                    cell,
                    "an instructor's cell is Markdown and begins with one of "
                    f"{', '.join(NOTES)}. Begin it so.",
                )
            )
        if not cell.tags and cell.kind == "markdown" and cell.text.startswith(NOTES):
            found.append(
                at(
                    source,
                    cell,
                    "a note for the instructor that learners would read. Tag the cell: "
                    '`# %% [markdown] tags=["instructor"]`.',
                )
            )
    return found


def braces(course: Course) -> list[Finding]:
    """What is computed for the guide stands in instructor's notes only."""
    found = []
    for source, cell in every_cell(course):
        if cell.kind != "markdown" or cell.is_instructor:
            continue
        if re.search("{{|}}", NO_PROSE.sub("", cell.text)):
            found.append(
                at(
                    source,
                    cell,
                    "learners would read the braces of an expression, which is computed in an "
                    "instructor's note only. Take it out, or put it into a note.",
                )
            )
    return found


def standing_parts(course: Course) -> list[Finding]:
    """Every notebook has its title, who asks, what one will be able to do, and its two ends."""
    found = []
    for source in course.notebooks:
        titles = [h for h in outline.headings(source) if h.level == 1]
        if len(titles) != 1 or titles[0].cell != 0:
            found.append(
                Finding(
                    source.path,
                    titles[-1].line if titles else 1,
                    f"{len(titles)} titles. The first cell begins with the notebook's only heading "
                    "of level 1: `# The question as the shop floor would ask it`.",
                )
            )
        if not source.title:
            found.append(
                Finding(source.path, 1, "no title in the header. Add `title:` under `vaxlab:`.")
            )
        elif titles and source.title not in titles[0].text:
            found.append(
                Finding(
                    source.path,
                    titles[0].line,
                    f"the title does not hold the header's “{source.title}”. Make them agree.",
                )
            )
        found += [
            Finding(source.path, first_line(source), f"“{part}” is missing. {how}")
            for part, present, how in _parts(source)
            if not present
        ]
        found += _three_lines(source)
    return found


def _parts(source: Source) -> Iterator[tuple[str, bool, str]]:
    """Return each standing part: its name, whether it is there, and how to add it."""
    outlined = outline.headings(source)
    first_section = next((h.cell for h in outlined if h.level == 2), len(source.cells))
    opening = "\n".join(
        cell.text for cell in source.cells[:first_section] if not cell.is_instructor
    )
    for part, how in (
        ("Who asks", "Say below the title who asks and why it matters: `**Who asks.** …`."),
        ("You will be able to", "List below the title what one can do afterwards."),
    ):
        yield part, part.lower() in opening.lower(), how
    for part, how in (
        ("Let the plant run on it", "Add a section that lets the plant judge what was built."),
        ("What we have seen", "End with a section of this name that has three lines."),
    ):
        yield part, any(h.level == 2 and h.title == part for h in outlined), how


def _three_lines(source: Source) -> Iterator[Finding]:
    for heading in outline.headings(source):
        if heading.level != 2 or heading.title != "What we have seen":
            continue
        below = [cell for cell in source.cells[heading.cell :] if cell.kind == "markdown"]
        lines = [
            line
            for cell in below
            if not cell.is_instructor
            for _, line in outline.prose(cell.text)
            if LIST_ITEM.match(line)
        ]
        if len(lines) != 3:
            yield Finding(
                source.path,
                heading.line,
                f"“What we have seen” has {len(lines)} list items. Write exactly three.",
            )


def minutes(course: Course) -> list[Finding]:
    """Minutes of exercises, sections, notebooks and days add up."""
    found = []
    for source in course.notebooks:
        sections = outline.sections(source)
        total = sum(section.minutes for section in sections)
        if source.minutes <= 0:
            found.append(
                Finding(
                    source.path, 1, "no minutes in the header. Add `minutes: 85` under `vaxlab:`."
                )
            )
        elif total != source.minutes:
            found.append(
                Finding(
                    source.path,
                    1,
                    f"the sections' minutes add up to {total}, the header says {source.minutes}. "
                    "Mend the `## Title · 12 min` headings or `minutes:` in the header.",
                )
            )
        found += stated(source, "Minutes", source.minutes)
        found += _exercises_fit(source, sections)
    by_day = Counter()
    for source in course.notebooks:
        by_day[source.day] += source.minutes
    for day, total in sorted(by_day.items()):
        limit = DAY_LIMIT_MIN.get(day, USUAL_LIMIT_MIN)
        if total + SLACK_MIN > limit:
            found.append(
                Finding(
                    f"solutions/{day}",
                    None,
                    f"{total} minutes in all and {SLACK_MIN} of slack, more than a day of "
                    f"{limit} ({limit // 60} h {limit % 60}). "
                    "Shorten a notebook or move one to another day.",
                )
            )
    return found


def _exercises_fit(source: Source, sections: list[outline.Heading]) -> Iterator[Finding]:
    for position, section in enumerate(sections):
        end = sections[position + 1].line if position + 1 < len(sections) else float("inf")
        inside = [
            exercise.minutes or 0
            for exercise in outline.exercises(source)
            if section.line < exercise.heading.line < end
        ]
        if sum(inside) > section.minutes:
            yield Finding(
                source.path,
                section.line,
                f"its exercises take {sum(inside)} min, the section {section.minutes}. Give the "
                "section more time or the exercises less.",
            )


def stated(source: Source, what: str, value: float) -> Iterator[Finding]:
    """Compare `**Minutes:** 85` and `**Points:** 24` in the prose with what is so."""
    for cell in source.cells:
        if cell.kind != "markdown" or cell.is_instructor:
            continue
        for line, text in outline.prose(cell.text):
            for match in re.finditer(rf"\*\*{what}:\*\*\s*(\d+(\.\d+)?)", text):
                if float(match[1]) != value:
                    yield Finding(
                        source.path,
                        cell.line + line,
                        f"the prose says {match[1]} {what.lower()}, the cells and the header give "
                        f"{number(value)}. Make them agree.",
                    )


def exercise_headings(course: Course) -> list[Finding]:
    """The heading of an exercise states number, title, points and minutes; numbers count up."""
    found = []
    for source in course.notebooks:
        for position, exercise in enumerate(outline.exercises(source), start=1):
            if exercise.number is None:
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        f"`{exercise.heading.text}` is no heading of an exercise. Write "
                        "`### Exercise 3 · Find the errors · 6 points · 12 min`.",
                    )
                )
            elif exercise.number != position:
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        f"this is exercise {position} of the notebook, but is called "
                        f"{exercise.number}. Number them 1, 2, 3 ….",
                    )
                )
    return found


def written(course: Course) -> list[Finding]:
    """A written answer has a rubric of one line a point, a strong example and a weak one."""
    found = []
    for source in course.notebooks:
        for position, cell in enumerate(source.cells):
            if not cell.is_written:
                continue
            note = source.cells[position + 1] if position + 1 < len(source.cells) else None
            text = note.text if note and note.is_instructor else ""
            lines = [line for _, line in outline.prose(text) if LIST_ITEM.match(line)]
            if len(lines) != cell.points or not all(part in text for part in EXAMPLES):
                found.append(
                    at(
                        source,
                        cell,
                        f"a written answer of {number(cell.points)} points: below it an "
                        f"instructor's note is wanted with a list of {number(cell.points)} lines, "
                        f"one a point, then {' and '.join(EXAMPLES)}. It has {len(lines)} lines.",
                    )
                )
    return found


def hints(course: Course) -> list[Finding]:
    """Every exercise has three hints, in order, between its heading and its check.

    A written answer has none: its prompt says what earns the points.
    """
    found = []
    for source in course.notebooks:
        for exercise in outline.exercises(source):
            if any(cell.is_written for cell in exercise.cells):
                continue
            names = [cell.is_check for cell in exercise.cells]
            before = exercise.cells[: names.index(True)] if True in names else exercise.cells
            text = "\n".join(cell.text for cell in before if cell.kind == "markdown")
            summaries = tuple(SUMMARY.findall(text))
            if summaries != HINTS:
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        f"{len(summaries)} hints before the check: {', '.join(summaries) or '–'}. "
                        "Write three, `<details><summary>Hint 1</summary> … </details>`, then "
                        "Hint 2 and Hint 3.",
                    )
                )
            elif _empty_hint(text):
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        "a hint is empty or not closed. Put text between `</summary>` and "
                        "`</details>` in each.",
                    )
                )
    return found


def _empty_hint(text: str) -> bool:
    bodies = re.findall(r"<details>\s*<summary>.*?</summary>(.*?)</details>", text, re.DOTALL)
    whole = [body for body in bodies if body.strip() and "<details>" not in body]
    return len(whole) != len(HINTS)


def introductions(course: Course) -> list[Finding]:
    """Every code cell is introduced by Markdown above it or by a comment."""
    found = []
    for source in course.notebooks:
        before = None
        for cell in source.cells:
            if cell.is_instructor:
                continue
            introduced = cell.text.lstrip().startswith("#")
            if cell.kind == "code" and before != "markdown" and not introduced:
                found.append(
                    at(
                        source,
                        cell,
                        "a code cell that nothing introduces. Put a Markdown cell above it, or "
                        "begin it with a comment.",
                    )
                )
            before = cell.kind
    return found
