"""The linter of the course: a table of rules, one message a broken rule.

Every message says which file and line, what is wrong and how to mend it.
"""

from collections.abc import Callable
from pathlib import Path

from vaxlab.authoring import rules_files, rules_form, rules_grading
from vaxlab.authoring.judged import Course, Finding, load

RULES: tuple[Callable[[Course], list[Finding]], ...] = (
    rules_files.readable,
    rules_grading.strict_markers,
    rules_form.tags_and_notes,
    rules_form.braces,
    rules_form.standing_parts,
    rules_form.minutes,
    rules_form.exercise_headings,
    rules_form.hints,
    rules_form.written,
    rules_form.introductions,
    rules_grading.points,
    rules_grading.grading_cells,
    rules_grading.grade_ids,
    rules_files.stray_files,
    rules_grading.no_leaks,
    rules_grading.no_equals,
    rules_grading.hidden_plants,
    rules_grading.nothing_for_nothing,
    rules_grading.right_points,
    rules_grading.empty_answers,
    rules_files.fresh,  # the guides' figures come of the runs above
)


def lint(root: Path) -> list[Finding]:
    """Judge a course by all rules.

    Parameters
    ----------
    root
        The checkout.

    Returns
    -------
    list of Finding
        Empty when all rules are kept.
    """
    course = load(root)
    return [finding for rule in RULES for finding in rule(course)]
