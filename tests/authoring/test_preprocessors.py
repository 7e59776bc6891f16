"""What is added to nbgrader's steps."""

import nbformat
import pytest

from vaxlab.authoring import build, preprocessors
from vaxlab.errors import CourseError

from .conftest import TANK

HIDDEN = "x = 1\n### BEGIN HIDDEN TESTS\nsecret = f(41)\n### END HIDDEN TESTS\nx"


def cell(text: str, **grading):
    metadata = {"nbgrader": grading} if grading else {}
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def test_feedback_shows_no_hidden_test():
    notebook = nbformat.v4.new_notebook(
        cells=[cell(HIDDEN, grade=True, solution=False, grade_id="a")]
    )
    cleared, _ = preprocessors.HideTests().preprocess(notebook, {})
    assert cleared.cells[0].source == "x = 1\nx"


def test_a_marker_that_a_learner_wrote_does_not_break_the_feedback():
    text = "### BEGIN HIDDEN TESTS"
    notebook = nbformat.v4.new_notebook(
        cells=[cell(text), cell(text, grade=False, solution=True, grade_id="a")]
    )
    kept, _ = preprocessors.HideTests().preprocess(notebook, {})
    assert [kept_cell.source for kept_cell in kept.cells] == [text, text]


def test_normalising_twice_changes_nothing():
    from vaxlab.authoring import source

    once = build.notebook(source.parse(TANK, "solutions/day1/1-tank.py"))
    before = nbformat.writes(once)
    assert nbformat.writes(preprocessors.normalise(once)) == before


def test_what_tools_leave_in_the_metadata_is_dropped():
    made = cell("x")
    made.metadata.update(collapsed=True, lines_to_next_cell=2, tags=[])
    notebook = nbformat.v4.new_notebook(cells=[made], metadata={"vaxlab": {}, "widgets": {}})
    clean = preprocessors.normalise(notebook)
    assert clean.cells[0].metadata == {}
    assert sorted(clean.metadata) == ["kernelspec", "language_info", "vaxlab"]


def test_nbgraders_own_release_stops_at_a_spoilt_marker():
    notebook = nbformat.v4.new_notebook(cells=[cell("### Begin solution")])
    with pytest.raises(CourseError, match="1-tank, cell 1, line 1: .*Write `### BEGIN SOLUTION`"):
        preprocessors.StrictMarkers().preprocess(notebook, {"unique_key": "1-tank"})
