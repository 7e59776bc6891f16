"""Progress is read from the learner's own notebooks, and from nowhere else."""

import json
import shutil

import pytest

from vaxlab import progress
from vaxlab.checks.result import MIME_TYPE, WRITE_HERE, Outcome, Part, Result
from vaxlab.errors import CourseError


@pytest.fixture
def course(built, tmp_path):
    shutil.copytree(built / "course", tmp_path / "course")
    return tmp_path / "course"


def answer(course, outcome, points):
    """Write what a check says into the first check cell of the first notebook."""
    path = course / "day1" / "1-trust.ipynb"
    book = json.loads(path.read_text())
    cell = next(c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("points"))
    said = Result("t", (Part("p", outcome, points, points),), 2)._repr_mimebundle_()
    cell["outputs"] = [
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": said}
    ]
    path.write_text(json.dumps(book))


def test_an_untouched_course_stands_at_nothing_attempted(course):
    found = progress.exercises(course)
    assert {exercise.outcome for exercise in found} == {Outcome.NOT_ATTEMPTED}
    assert sum(exercise.points for exercise in found) == 0
    assert sum(e.out_of for e in found if e.notebook == "day1/1-trust") == 24


def test_a_passed_check_counts_and_the_next_exercise_is_named(course):
    answer(course, Outcome.PASSED, 2)
    shown = progress.show(course)
    assert "2 of 24 points, 1 of 6 exercises passed; next: Exercise 2" in repr(shown)
    assert "2 of 24" in shown._repr_html_()


def test_half_an_answer_counts_its_points_and_stays_next(course):
    answer(course, Outcome.NOT_YET, 1.5)
    assert "1.5 of 24 points, 0 of 6 exercises passed; next: Exercise 1" in repr(
        progress.show(course)
    )


def test_clearing_an_output_resets_the_exercise(course):
    answer(course, Outcome.PASSED, 2)
    path = course / "day1" / "1-trust.ipynb"
    path.write_text(path.read_text().replace(MIME_TYPE, "text/x-gone"))
    assert progress.exercises(course)[0].outcome is Outcome.NOT_ATTEMPTED


def test_the_start_page_finds_its_own_folder(course, monkeypatch):
    answer(course, Outcome.PASSED, 2)
    monkeypatch.chdir(course / "day1")
    assert progress.exercises()[0].points == 2


def test_no_notebooks_and_a_broken_one_are_said_in_a_sentence(course, tmp_path):
    with pytest.raises(CourseError, match="make lab"):
        progress.exercises(tmp_path)
    (course / "day1" / "1-trust.ipynb").write_text("{")
    with pytest.raises(CourseError, match="no notebook that can be read"):
        progress.exercises(course)


def test_copies_of_a_notebook_are_named_and_count_once(course):
    before = progress.exercises(course)
    (course / "day1" / "old").mkdir()
    for name in ("1-trust (1)", "1-Trust", "old/1-trust"):
        shutil.copy(course / "day1" / "1-trust.ipynb", course / "day1" / f"{name}.ipynb")
    assert progress.exercises(course) == before
    shown = progress.show(course)
    for words in ("day1/1-trust (1).ipynb is a copy", "day1/old/1-trust.ipynb is a copy"):
        assert words in repr(shown)
        assert words in shown._repr_html_()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_notebook_that_another_editor_saved_counts(course, encoding):
    answer(course, Outcome.PASSED, 2)
    path = course / "day1" / "1-trust.ipynb"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert progress.exercises(course)[0].points == 2


def test_one_broken_notebook_hides_no_other(course):
    (course / "day1" / "1-trust.ipynb").write_text("<<<<<<< HEAD\n{}")
    shown = progress.show(course)
    assert "day1/2-bakeoff" in repr(shown)
    assert "git could not merge" in repr(shown)
    assert "git could not merge" in shown._repr_html_()


def test_a_check_that_was_damaged_is_said_in_a_sentence(course):
    path = course / "day1" / "1-trust.ipynb"
    path.write_text(path.read_text().replace('"points": 2', '"points": "two"'))
    with pytest.raises(CourseError, match="a check in it is damaged"):
        progress.exercises(course)


def test_a_written_answer_is_next_until_it_is_written_and_counts_for_nothing(course):
    path = course / "day1" / "1-trust.ipynb"
    book = json.loads(path.read_text())
    grading = {"grade": True, "solution": True, "grade_id": "trust-words", "points": 4}
    book["cells"] += [
        {"cell_type": "markdown", "metadata": {}, "source": ["### Exercise 7 · Words · 4 points"]},
        {"cell_type": "markdown", "metadata": {"nbgrader": grading}, "source": [WRITE_HERE]},
    ]
    path.write_text(json.dumps(book))
    written = [e for e in progress.exercises(course) if e.title == "Exercise 7 · Words"]
    assert [(e.outcome, e.out_of) for e in written] == [(Outcome.NOT_ATTEMPTED, 0)]
    path.write_text(path.read_text().replace(WRITE_HERE, "Because of the lot."))
    assert "Exercise 7" not in str([e.title for e in progress.exercises(course)])
