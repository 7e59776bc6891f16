"""The course itself: up to date with its sources, and true to its own rules."""

import pytest

from vaxlab.authoring import build, empty, lint

from .conftest import REPOSITORY

# Every notebook is run three times, once with some thousand empty answers.
pytestmark = pytest.mark.timeout(2400)


def test_the_course_is_up_to_date_with_its_sources():
    assert build.stale(REPOSITORY) == []


def test_the_course_keeps_all_its_rules(monkeypatch):
    # `make lint` draws more random answers.
    monkeypatch.setattr(empty, "BUDGET_S", 2.0)
    assert [str(finding) for finding in lint.lint(REPOSITORY)] == []
