"""The course itself: up to date with its sources, and true to its own rules."""

import pytest

from vaxlab.authoring import build, empty, lint, rules_grading

from .conftest import REPOSITORY

# Every notebook is run, solved, then with many empty answers.
pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(autouse=True)
def fewer_empty_answers(monkeypatch):
    """`make lint` tries more."""
    monkeypatch.setattr(empty, "BUDGET_S", 1.0)
    monkeypatch.setattr(empty, "NAMES_S", 1.0)


def test_the_course_keeps_all_its_rules(monkeypatch):
    # Untouched notebooks are run in JupyterLab: tests/browser/test_every_notebook.py.
    rest = [rule for rule in lint.RULES if rule is not rules_grading.nothing_for_nothing]
    monkeypatch.setattr(lint, "RULES", rest)
    assert [str(finding) for finding in lint.lint(REPOSITORY)] == []


def test_the_course_is_up_to_date_with_its_sources():
    assert build.stale(REPOSITORY) == []
