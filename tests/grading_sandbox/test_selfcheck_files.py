"""A learner's check takes files as they come: odd encodings, merges, copies, a course alone."""

import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from vaxlab import cli, paths
from vaxlab.checks.result import Outcome
from vaxlab.grading import selfcheck

from .test_selfcheck import NAME, RIGHT, answered, put_first, short

CONFLICT = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs"
POINTS = RIGHT["trust-twins"].points


@pytest.fixture(scope="module")
def solved(built) -> nbformat.NotebookNode:
    """The first exercise of a real notebook, solved."""
    released = nbformat.read(built / "course" / "day1" / f"{NAME}.ipynb", as_version=4)
    return answered(short(released, "trust-twins"), trust_twins=RIGHT["trust-twins"].source)


@pytest.fixture(scope="module")
def handed_out(solved, tmp_path_factory) -> Path:
    """What a learner has who was handed out `course/` alone, after a week of work."""
    course = tmp_path_factory.mktemp("learner") / "my course"
    text = nbformat.writes(solved)
    with_half = answered(short(solved, "trust-twins"))
    put_first(with_half, "s = 'HALF'").cells.append(v4.new_markdown_cell("HALF of it"))
    with_marks = put_first(short(solved, "trust-twins"), CONFLICT)
    odd = {
        "day1/1-trust.ipynb": text.encode("utf-16"),
        "day1/2-half.ipynb": nbformat.writes(with_half).replace("HALF", "\\ud83d").encode(),
        "day1/3-mark.ipynb": text.encode("utf-8-sig"),
        "day1/4-merged.ipynb": text.replace('"cells"', f'{CONFLICT}\n"cells"', 1).encode(),
        "day1/5-cell.ipynb": nbformat.writes(with_marks).encode(),
        "day2/1-latin.ipynb": text.replace("·", "\u00b7").encode("latin-1", "replace"),
        "day2/2-list.ipynb": b"[]",
        "day2/3-empty.ipynb": b"",
        "day2/4-cut.ipynb": text[:2000].encode(),
        "day2/5-page.ipynb": b"<!DOCTYPE html><html></html>",
        "day2/6-grades.ipynb": text.replace('"points": 2', '"points": "many"').encode(),
        "day1/1-trust (1).ipynb": text.encode(),
        "day1/1-trust-Copy1.ipynb": text.encode(),
        "day1/1-Trust.ipynb": text.encode(),
        "day1/old/1-trust.ipynb": text.encode(),
        "1-trust.ipynb": text.encode(),
        "day1/my answers.ipynb": text.encode(),
        "day1/.ipynb_checkpoints/1-trust-checkpoint.ipynb": text.encode(),
        "index.ipynb": nbformat.writes(v4.new_notebook()).encode(),
    }
    for name, content in odd.items():
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_bytes(content)
    return course


@pytest.fixture(scope="module")
def checked(handed_out) -> dict[str, selfcheck.Checked]:
    """All of it, checked once, from a folder within it, as the command does it."""
    before = Path.cwd()
    os.chdir(handed_out / "day1")
    try:
        found = selfcheck.check(paths.course(), progress=False)
    finally:
        os.chdir(before)
    return {one.notebook: one for one in found}


@pytest.mark.parametrize(
    "name", ["day1/1-trust", "day1/2-half", "day1/3-mark", "day1/5-cell", "day2/6-grades"]
)
def test_what_can_be_read_is_run(checked, name):
    (exercise,) = checked[name].exercises
    assert exercise.outcome == Outcome.PASSED
    assert exercise.points == exercise.out_of == POINTS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("day1/4-merged", "git could not merge .* `<<<<<<< HEAD` in line .*--ours"),
        ("day1/5-cell", "A cell holds git's mark of a conflict, `<<<<<<< HEAD`: keep one"),
        ("day2/1-latin", "not UTF-8 text .* Save it in JupyterLab"),
        ("day2/2-list", "JSON, but no notebook"),
        ("day2/3-empty", "is empty. Was it saved"),
        ("day2/4-cut", "breaks off in line .* Save it"),
        ("day2/5-page", "a web page. Download"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_of_that_file_alone(checked, name, words):
    said = checked[name].said
    assert re.search(words, said), said
    assert "Traceback" not in said


def test_copies_are_named_and_the_notebook_counts_once(checked, handed_out):
    assert [name for name in checked if "trust" in name.lower()] == ["day1/1-trust"]
    assert "day1/my answers" not in checked
    said = checked["day1/1-trust"].said
    for copy in ("1-trust (1)", "1-trust-Copy1", "1-Trust", "old/1-trust", "my answers"):
        assert f"day1/{copy}.ipynb is a copy and does not count" in said
    assert "checkpoint" not in said
    total = selfcheck.table(list(checked.values())).splitlines()[-1]
    assert f"Total: {5 * POINTS:g} of {5 * POINTS:g} points" in total


def test_a_copy_can_be_asked_for_by_its_name_and_is_called_one(handed_out):
    ((path, said),) = selfcheck._find(handed_out, "day1/1-trust-Copy1")
    assert path.name == "1-trust-Copy1.ipynb"
    assert said == "This is a copy of day1/1-trust; grading looks at day1/1-trust.ipynb alone."


def test_the_only_copy_that_there_is_counts_under_the_right_name(solved, tmp_path):
    names = ["day1/1-Trust.ipynb", "day1/2-loops (2).ipynb", "day2/old/3-next-month.ipynb"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        day, stem = name.split("/")[0], Path(name).stem.split(" ")[0].lower()
        book = nbformat.from_dict(json.loads(json.dumps(solved)))
        book.metadata.vaxlab.generated_from = f"solutions/{day}/{stem}.py"
        nbformat.write(book, tmp_path / name)
    found = selfcheck._find(tmp_path, "")
    assert [path.relative_to(tmp_path).as_posix() for path, _ in found] == names
    for (_, said), right in zip(found, ["1-trust", "2-loops", "3-next-month"], strict=True):
        assert f"Rename it to day{2 if right[0] == '3' else 1}/{right}.ipynb" in said


def test_a_notebook_of_an_instructors_own_is_no_copy_of_the_one_it_began_as(solved, tmp_path):
    (tmp_path / "day1").mkdir()
    for name in ("1-trust", "5-our-plant"):
        nbformat.write(solved, tmp_path / "day1" / f"{name}.ipynb")
    assert [said for _, said in selfcheck._find(tmp_path, "day1")] == ["", ""]


@pytest.mark.parametrize("start", [".", "day1", "..", "day1/old"])
def test_a_course_alone_is_found_from_within_and_from_beside(
    handed_out, monkeypatch, capsys, start
):
    course = handed_out
    if start == "..":
        course = handed_out.parent / "course"
        shutil.copytree(handed_out, course, dirs_exist_ok=True)
        monkeypatch.chdir(handed_out.parent)
    else:
        monkeypatch.chdir(handed_out / start)
    monkeypatch.setattr(paths, "__file__", "/nowhere/lib/vaxlab/paths.py")
    asked = []
    monkeypatch.setattr(selfcheck, "check", lambda root, wanted, **_: asked.append(root) or [])
    assert cli.main(["check", "day1/1-trust"]) == 0
    assert asked == [course]


def test_a_learner_without_solutions_checks_one_notebook(handed_out, monkeypatch, capsys):
    monkeypatch.chdir(handed_out)
    monkeypatch.setattr(paths, "__file__", "/nowhere/lib/vaxlab/paths.py")
    assert cli.main(["check", "day1/1-trust"]) == 0
    assert f"day1/1-trust: {POINTS:g} of {POINTS:g} points" in capsys.readouterr().out


def test_half_of_an_emoji_in_what_was_found_can_be_written():
    exercise = selfcheck.Exercise("E", reason="ValueError: \ud83d")
    checked = [selfcheck.Checked("day1/1-trust", [exercise])]
    for text in (selfcheck.table(checked), selfcheck.dumps(checked)):
        assert "ValueError: \ufffd" in text.encode().decode()
