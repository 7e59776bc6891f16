"""One exercise begins anew; whatever was written there is kept, and nothing else changes."""

import json
import os
import shutil

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from vaxlab import cli, progress, reset
from vaxlab.checks.result import MIME_TYPE, WRITE_HERE, Outcome, Part, Result
from vaxlab.errors import CourseError

OWN = "def tidy_ha(raw):\n    return raw  # µ 😀"


@pytest.fixture
def course(built, tmp_path):
    shutil.copytree(built / "course", tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def path(course):
    return course / "day1" / "1-trust.ipynb"


def cell(path, grade_id):
    book = nbformat.read(path, as_version=4)
    return next(c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def write(path, **sources):
    """Write into cells by their grade ids; the checks below them have run."""
    book = nbformat.read(path, as_version=4)
    said = Result("t", (Part("p", Outcome.PASSED, 2, 2),), 2)._repr_mimebundle_()
    for c in book.cells:
        grading = c.metadata.get("nbgrader", {})
        name = grading.get("grade_id", "").replace("-", "_")
        c.source = sources.get(name, c.source)
        if name.endswith("_check"):
            c.outputs = [nbformat.v4.new_output("execute_result", data=said, execution_count=1)]
    nbformat.write(book, path)


def test_the_stub_comes_back_and_the_own_answer_is_kept(course, path):
    stub = cell(path, "trust-tidy").source
    write(path, trust_tidy=OWN, trust_twins="mine = 1")
    said = reset.reset(path, course, 2)
    assert cell(path, "trust-tidy").source == stub
    (kept,) = (course / "kept").iterdir()
    assert kept.read_text(encoding="utf-8") == OWN + "\n"
    assert f"kept/{kept.name}" in said
    assert said.startswith("Exercise 2 · ")
    assert cell(path, "trust-twins").source == "mine = 1"


def test_its_check_is_not_attempted_again_and_the_others_stay(course, path):
    write(path, trust_tidy=OWN)
    reset.reset(path, course, 2)
    found = [e for e in progress.exercises(course) if e.notebook == "day1/1-trust" and e.out_of]
    assert [e.outcome for e in found[:3]] == [
        Outcome.PASSED,
        Outcome.NOT_ATTEMPTED,
        Outcome.PASSED,
    ]


def test_nothing_else_in_the_file_changes(course, path):
    write(path, trust_tidy=OWN)
    before = json.loads(path.read_text(encoding="utf-8"))
    mode = path.stat().st_mode
    reset.reset(path, course, 2)
    after = json.loads(path.read_text(encoding="utf-8"))
    differ = [
        a["metadata"]["nbgrader"]["grade_id"]
        for a, b in zip(before["cells"], after["cells"], strict=True)
        if a != b
    ]
    assert differ == ["trust-tidy", "trust-tidy-check"]
    assert before["metadata"] == after["metadata"]
    assert path.stat().st_mode == mode
    assert MIME_TYPE in path.read_text()  # of other checks


def test_an_untouched_answer_leaves_no_copy(course, path):
    assert "kept" not in reset.reset(path, course, 2)
    assert not (course / "kept").exists()


def test_a_written_answer_can_begin_anew_as_well(course):
    path = course / "day1" / "4-how-sure.ipynb"
    book = nbformat.read(path, as_version=4)
    (written,) = [c for c in book.cells if c.cell_type == "markdown" and "nbgrader" in c.metadata]
    assert written.source == WRITE_HERE
    written.source = "My text."
    nbformat.write(book, path)
    said = reset.reset(path, course, 6)
    (kept,) = (course / "kept").iterdir()
    assert kept.name in said
    assert kept.suffix == ".md"
    assert kept.read_text() == "My text.\n"
    assert cell(path, written.metadata.nbgrader.grade_id).source == WRITE_HERE


def test_twice_in_a_second_nothing_is_lost(course, path):
    for text in ("one = 1", "two = 2"):
        write(path, trust_tidy=text)
        reset.reset(path, course, 2)
    kept = {file.read_text() for file in (course / "kept").iterdir()}
    assert kept == {"one = 1\n", "two = 2\n"}


def test_every_answer_of_the_course_knows_the_stub_that_was_handed_out(course):
    count = 0
    for path in sorted(course.glob("day*/*.ipynb")):
        for c in nbformat.read(path, as_version=4).cells:
            grading = c.metadata.get("nbgrader", {})
            if not grading.get("solution"):
                assert "vaxlab" not in c.metadata
                continue
            count += 1
            assert c.metadata["vaxlab"]["stub"] == c.source
            assert compute_checksum(c) == grading["checksum"]  # nbgrader's, of the release
    assert count > 16


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda meta: meta.pop("vaxlab"), "does not know how this exercise was handed out"),
        (lambda meta: meta.update(vaxlab=3), "does not know how"),
        (lambda meta: meta.update(vaxlab={"stub": ["x"]}), "does not know how"),
    ],
)
def test_a_notebook_without_its_stubs_is_left_as_it_is(course, path, spoil, words):
    book = json.loads(path.read_text(encoding="utf-8"))
    for c in book["cells"]:
        if c["metadata"].get("nbgrader", {}).get("solution"):
            spoil(c["metadata"])
    path.write_text(json.dumps(book))
    before = path.read_bytes()
    with pytest.raises(CourseError, match=words):
        reset.reset(path, course, 2)
    assert path.read_bytes() == before


def test_an_exercise_that_is_not_there_is_told_with_those_that_are(course, path):
    with pytest.raises(CourseError, match=r"no exercise 9 in 1-trust\.ipynb. There is: 1, 2, 3"):
        reset.reset(path, course, 9)


def test_a_full_disk_leaves_the_notebook_as_it_was(course, path, monkeypatch):
    write(path, trust_tidy=OWN)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CourseError, match="No space left"):
        reset.reset(path, course, 2)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".reset")] == []


def test_the_command_takes_the_names_that_check_takes(course, path, monkeypatch, capsys):
    write(path, trust_tidy=OWN)
    monkeypatch.chdir(course)
    assert cli.main(["reset", "1-trust", "--exercise", "2"]) == 0
    assert "Exercise 2" in capsys.readouterr().out
    assert cli.main(["reset", "day1", "--exercise", "2"]) == 1
    assert "name one of them" in capsys.readouterr().err
