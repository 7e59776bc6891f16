"""Rules about grading: points, ids, leaks, and what a run earns."""

import re
from collections.abc import Iterator

from vaxlab.authoring import build, execute, leaks, outline
from vaxlab.authoring.guide import number
from vaxlab.authoring.judged import Course, Finding, at, every_cell, first_line, marker_faults
from vaxlab.authoring.markers import BEGIN_HIDDEN, regions
from vaxlab.authoring.rules_form import stated
from vaxlab.authoring.source import Cell, Source
from vaxlab.errors import CourseError

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Trying out this many plants would take centuries.
UNGUESSABLE = 10**10
_SEED = re.compile(r"plant_seed\s*=\s*(\d[\d_]*)")


def strict_markers(course: Course) -> list[Finding]:
    """Markers are spelt right, paired, not nested, and stand in the cells they belong to."""
    return marker_faults(course)


def points(course: Course) -> list[Finding]:
    """Points in the prose are those of the metadata."""
    found = []
    for source in course.notebooks:
        for exercise in outline.exercises(source):
            given = sum(cell.points for cell in exercise.cells)
            if exercise.points is not None and exercise.points != given:
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        f"the heading says {number(exercise.points)} points, the cells' metadata "
                        f'give {number(given)}. Mend the heading or the "points".',
                    )
                )
        found += stated(source, "Points", source.points)
    return found


def grading_cells(course: Course) -> list[Finding]:
    """Every exercise has an answer cell and a check; graded cells stand in an exercise."""
    found = []
    for source in course.notebooks:
        inside = set()
        for exercise in outline.exercises(source):
            inside |= {cell.line for cell in exercise.cells}
            answers = [cell.line for cell in exercise.cells if cell.is_answer]
            graded = [cell.line for cell in exercise.cells if cell.is_graded]
            if not answers:
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        'an exercise without an answer cell. Add a cell with "solution": true.',
                    )
                )
            if not graded or (answers and max(graded) < max(answers)):
                found.append(
                    Finding(
                        source.path,
                        exercise.heading.line,
                        "an exercise without a check after its answer. Add a cell with "
                        '"grade": true, "solution": false below the answer cell.',
                    )
                )
        for cell in source.cells:
            if (cell.is_graded or cell.is_answer) and cell.line not in inside:
                found.append(
                    at(
                        source,
                        cell,
                        "a graded cell outside of any exercise. Put it below a "
                        "`### Exercise …` heading.",
                    )
                )
    return found


def grade_ids(course: Course) -> list[Finding]:
    """Grade ids are human, unique in the course, and say which notebook and whether a check."""
    found = []
    first: dict[str, str] = {}
    for source, cell in every_cell(course):
        if not (cell.is_graded or cell.is_answer):
            continue
        prefix = re.sub(r"^\d+-", "", source.name) + "-"
        name = cell.grade_id
        if not KEBAB.fullmatch(name) or not name.startswith(prefix) or len(name) > 64:
            found.append(
                at(
                    source,
                    cell,
                    f"grade id `{name}`: use small letters, digits and dashes, at most 64, "
                    f"beginning with `{prefix}`, such as `{prefix}twins`.",
                )
            )
        elif cell.is_check != name.endswith("-check"):
            how = "ends in -check" if cell.is_check else "does not end in -check"
            what = "a check" if cell.is_check else "an answer"
            found.append(at(source, cell, f"grade id `{name}`: the id of {what} {how}. Rename it."))
        if name in first:
            found.append(
                at(
                    source,
                    cell,
                    f"grade id `{name}` is taken by {first[name]}. Give each cell its own.",
                )
            )
        first.setdefault(name, f"{source.path}:{cell.line}")
        if cell.is_graded and not cell.points > 0:
            found.append(
                at(source, cell, f'`{name}` gives no points. Write "points": 2 in its options.')
            )
        if cell.is_check and not cell.nbgrader.get("locked"):
            found.append(
                at(source, cell, f'`{name}` is not locked. Write "locked": true in its options.')
            )
    return found


def no_leaks(course: Course) -> list[Finding]:
    """No statement of an answer or of a hidden test stands in anything that learners open."""
    if not course.is_sound:
        return []
    try:
        # Without the guides, which no learner opens: their figures would ask for a run of each.
        built = build.notebooks_alone(course.root).committed
    except CourseError:
        return []  # `fresh` has said it
    texts = []
    for name, content in built.items():
        if name.startswith("course/"):
            texts += leaks.opened(name, content)
    for name in build.existing(course.root):
        content = (course.root / name).read_bytes()
        if content != built.get(name):
            texts += leaks.opened(name, content)
    found = []
    for source in course.notebooks:
        for secret in leaks.secrets(source):
            if names := leaks.leaks(secret, texts):
                found.append(
                    Finding(
                        secret.path,
                        secret.line,
                        f"learners can read `{_short(secret.text)}` in {', '.join(names)}. Reword "
                        "the hint or the example, or move the line out of the region.",
                    )
                )
    return found


def no_equals(course: Course) -> list[Finding]:
    """No given cell does all that an answer does, under other names."""
    if not course.is_sound:
        return []
    return [
        at(
            source,
            cell,
            f"this cell does all that the answer `{answer.grade_id}` does. Move it into the "
            "room's material, or let the answer ask something else.",
        )
        for source in course.notebooks
        for answer, cell in leaks.spelt_out(source)
    ]


def hidden_plants(course: Course) -> list[Finding]:
    """Nobody finds a hidden plant by trying out seeds."""
    return [
        at(
            source,
            cell,
            f"learners can find the plant of `{seed[0]}` by counting. Draw a seed of 13 digits.",
        )
        for source, cell in every_cell(course)
        for _, text in regions(cell.text, BEGIN_HIDDEN)
        for seed in _SEED.finditer(text)
        if int(seed[1]) < UNGUESSABLE
    ]


def nothing_for_nothing(course: Course) -> list[Finding]:
    """By execution: an untouched notebook earns nothing and stops nowhere."""
    if not course.is_sound:
        return []
    notebooks = [execute.untouched(source, course.root) for source in course.notebooks]
    return _judged_runs(course, "untouched notebook", execute.run(notebooks, course.root))


def right_points(course: Course) -> list[Finding]:
    """By execution: a solution earns all, stops nowhere and warns of nothing."""
    if not course.is_sound:
        return []
    # One run of the solution for all: the survey comes when it has been through.
    notebooks = [execute.surveyed(source) for source in course.notebooks]
    return _judged_runs(course, "solution", execute.run(notebooks, course.root))


def empty_answers(course: Course) -> list[Finding]:
    """By execution: what knows nothing, or what the notebook shows, earns next to nothing."""
    if not course.is_sound:
        return []
    runs = execute.run([execute.surveyed(source) for source in course.notebooks], course.root)
    found = []
    for source, run in zip(course.notebooks, runs, strict=True):
        checks = {cell.grade_id: cell for cell in source.cells if cell.is_check}
        for error in run.untried if not run.errors else ():
            found.append(
                Finding(
                    source.path,
                    first_line(source),
                    f"empty answers could not be tried: {error}. Mend the check.",
                )
            )
        for earned in run.empty:
            found.append(
                at(
                    source,
                    checks[earned["grade_id"]],
                    f"an empty answer earns {number(earned['points'])} of "
                    f"{number(earned['out_of'])} points at `{earned['grade_id']}`: "
                    f"{earned['answer']}. At most a fifth may be had so: let the check ask more, "
                    "or take the name out of the notebook.",
                )
            )
    return found


def _judged_runs(course: Course, kind: str, runs: list[execute.Run]) -> list[Finding]:
    return [
        finding
        for source, run in zip(course.notebooks, runs, strict=True)
        for finding in _judged_run(source, kind, run)
    ]


def _judged_run(source: Source, kind: str, run: execute.Run) -> Iterator[Finding]:
    checks = {cell.grade_id: cell for cell in source.cells if cell.is_check}
    shown = [cell for cell in source.cells if not cell.is_instructor]
    is_solved = kind == "solution"
    if run.errors:
        # The first one is the cause; the rest mostly follow from it.
        position, error = run.errors[0]
        more = f" ({len(run.errors) - 1} more cells stop after it)" * (len(run.errors) > 1)
        yield at(
            source,
            shown[min(position, len(shown) - 1)],  # or it is the cell of the notes' figures
            f"the {kind} stops here: {error}{more}. It must run from top to bottom: mend the "
            "cell or the check.",
        )
    else:
        yield from _judged_points(source, kind, run, checks)
    for position, text in run.stderr if is_solved else ():
        yield at(
            source,
            shown[position],
            f"the solution writes to stderr: {text}. nbgrader gives such a check no points: mend "
            "what warns.",
        )


def _judged_points(
    source: Source, kind: str, run: execute.Run, checks: dict[str, Cell]
) -> Iterator[Finding]:
    is_solved = kind == "solution"
    for name in run.silent:
        yield at(
            source,
            checks[name],
            f"in the {kind} `{name}` shows no number, and nbgrader would give full points. "
            "End the cell with the check's result.",
        )
    for name, cell in checks.items():
        wanted = cell.points if is_solved else 0
        if name in run.silent or run.points[name] == wanted:
            continue
        earned = f"earns {number(run.points[name])} of {number(cell.points)} points at `{name}`"
        mend = (
            "Mend the solution or the check."
            if is_solved
            else "Let the check find out that nothing was attempted."
        )
        yield at(source, cell, f"the {kind} {earned}. {mend}")


def _short(text: str, width: int = 70) -> str:
    line = text.split("\n")[0]
    return line if len(line) <= width else line[: width - 1] + "…"
