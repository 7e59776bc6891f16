"""The course itself: up to date with its sources, and true to its own rules."""

from vaxlab.authoring import build, lint

from .conftest import REPOSITORY


def test_the_course_is_up_to_date_with_its_sources():
    assert build.stale(REPOSITORY) == []


def test_the_course_keeps_all_its_rules():
    assert [str(finding) for finding in lint.lint(REPOSITORY)] == []
