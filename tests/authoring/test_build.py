"""solutions/ gives course/: the same bytes every time, and nothing half-written."""

import errno
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from vaxlab.authoring import build, lint
from vaxlab.errors import CourseError

from .conftest import snapshot

TANK = "course/day1/1-tank.ipynb"


def read(path: Path):
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def work_in(path: Path, **changes) -> None:
    """Change the first code cell of a notebook and save it."""
    notebook = read(path)
    next(cell for cell in notebook.cells if cell.cell_type == "code").update(changes)
    nbformat.write(notebook, path)


def test_a_second_build_writes_nothing(built):
    before = snapshot(built)
    assert build.build(built) == []
    assert snapshot(built) == before


def test_grading_needs_no_clean_course(built):
    work_in(built / TANK, source="shown = 'in class'")
    before = snapshot(built)
    local = next((built / "solutions").glob("day1/*.ipynb"))
    local.unlink()
    assert build.build_for_grading(built) == [local.relative_to(built).as_posix()]
    assert snapshot(built) == before


def test_two_checkouts_give_the_same_bytes(built, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    for name, content in snapshot(built).items():
        if name.endswith(".py"):
            (other / name).parent.mkdir(parents=True, exist_ok=True)
            (other / name).write_bytes(content)
    build.build(other)
    assert snapshot(other) == snapshot(built)


def test_learners_get_no_answers_no_hidden_tests_no_notes_and_no_py(built):
    everything = "\n".join(
        path.read_text() for path in (built / "course").rglob("*") if path.is_file()
    )
    for secret in ("level_mm * 0.8", "float(1000)", "being stirred", "SOLUTION", "HIDDEN"):
        assert secret not in everything
    assert build.existing(built) == [TANK, "course/index.ipynb"]


def test_a_learners_notebook_says_what_it_was_generated_from_and_is_clean(built):
    notebook = read(built / TANK)
    nbformat.validate(notebook)
    assert notebook.metadata.vaxlab["generated_from"] == "solutions/day1/1-tank.py"
    assert notebook.metadata.kernelspec["name"] == "python3"
    assert "jupytext" not in notebook.metadata
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_the_preset_stands_above_the_stub_and_nothing_raises(built):
    answer = next(cell for cell in read(built / TANK).cells if cell.id == "tank-volume")
    preset, stub = answer.source.splitlines()
    assert preset == "volume_l = ..."
    assert stub.startswith("# your code")


def test_the_ids_of_other_cells_stay_when_one_cell_changes(built, edit):
    before = {cell.source: cell.id for cell in read(built / TANK).cells}
    edit(built, "# A float shows the level in millimetres.", "# A float shows the level.")
    build.build(built)
    after = {cell.source: cell.id for cell in read(built / TANK).cells}
    same = before.keys() & after.keys()
    assert len(same) == len(before) - 1
    assert all(before[text] == after[text] for text in same)


def test_equal_cells_get_ids_of_their_own(course, edit):
    edit(course, "# ## What we have seen", "# The pump.\n\n# %% [markdown]\n# The pump.\n#\n# ##")
    edit(course, "# The pump takes", "# The pump.\n\n# %% [markdown]\n# The pump.\n#\n# It takes")
    build.build(course)
    ids = [cell.id for cell in read(course / TANK).cells]
    assert len(set(ids)) == len(ids)


def test_nbgraders_own_command_gives_the_same_bytes(built):
    before = snapshot(built / "course")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "day1", "--force"],
        cwd=built,
        check=True,
        capture_output=True,
    )
    assert snapshot(built / "course") == before
    # The gradebook stands beside the settings, and knows the check.
    assert (built / "gradebook.db").is_file()


def test_a_file_beside_a_source_is_not_copied_by_nbgrader(built):
    (built / "solutions" / "day1" / "notes.md").write_text("the answer is 0.8")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "day1", "--force"],
        cwd=built,
        check=True,
        capture_output=True,
    )
    assert [path.name for path in (built / "course" / "day1").iterdir()] == ["1-tank.ipynb"]


def test_the_start_page_has_a_table_of_links_to_notebooks_that_exist(built):
    page = "\n".join(cell.source for cell in read(built / "course" / "index.ipynb").cells)
    assert "| [1-tank](day1/1-tank.ipynb) | How full is the tank? | 20 | 2 |" in page
    assert "Day 2 · Decide" in page


def test_the_instructors_guide_holds_timetable_exercises_and_notes(built):
    text = (built / "solutions" / "day1" / "README.md").read_text(encoding="utf-8")
    assert "Generated from `solutions/day1/*.py`" in text
    assert "| 0:15 | 3 | 1-tank | Let the plant run on it |" in text
    assert "| 1. The volume | 2 | 8 | `tank-volume-check` |" in text
    assert text.index("### From level to volume") < text.index("**Ask** What does the float show")


def test_every_file_that_is_out_of_date_is_named(built, edit):
    (built / "course" / "index.ipynb").unlink()
    (built / "course" / "notes.txt").write_text("x")
    edit(built, "# **Ask** What does the float show", "# **Ask** What else does the float show")
    edit(built, "# A float shows the level in millimetres.", "# A float shows the level.")
    before = snapshot(built)
    named = [message.split()[0] for message in build.stale(built)]
    assert named == [
        "course/index.ipynb",
        TANK,
        "solutions/day1/README.md",
        "course/notes.txt",
        "solutions/day1/1-tank.ipynb",
    ]
    assert snapshot(built) == before


def test_a_fresh_clone_without_nbgraders_source_notebooks_is_up_to_date(built):
    (built / "solutions" / "day1" / "1-tank.ipynb").unlink()
    assert build.stale(built) == []


def test_a_source_notebook_that_was_only_run_is_not_out_of_date(built):
    output = nbformat.v4.new_output("stream", text="seen")
    path = built / "solutions" / "day1" / "1-tank.ipynb"
    work_in(path, outputs=[output], execution_count=1)
    before = path.read_bytes()
    assert build.stale(built) == []
    assert build.build(built) == []
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"execution_count": 1}, "holds outputs"),
        ({"source": "level_mm = 3"}, "edited by hand"),
        ({"id": "random-1"}, "other cell ids"),
    ],
)
def test_the_reason_why_a_notebook_differs_is_said(built, changes, reason):
    work_in(built / TANK, **changes)
    assert reason in build.stale(built)[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"outputs": [nbformat.v4.new_output("stream", text="1000")]},
        {"execution_count": 3},
        {"source": "volume_l = 1000"},
    ],
)
def test_a_notebook_that_somebody_works_in_is_not_overwritten(built, edit, changes):
    work_in(built / TANK, **changes)
    edit(built, "# A float shows the level in millimetres.", "# A float shows the level.")
    before = snapshot(built)
    with pytest.raises(CourseError, match=rf"worked in {TANK}.*--force"):
        build.build(built)
    assert snapshot(built) == before
    build.build(built, force=True)
    assert build.stale(built) == []


def test_a_notebook_whose_source_is_gone_is_removed_but_not_a_learners_own(built):
    source = built / "solutions" / "day1" / "1-tank.py"
    source.rename(source.with_name("2-tank.py"))
    own = built / "course" / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), own)
    build.build(built)
    assert build.existing(built) == [
        "course/day1/2-tank.ipynb",
        "course/index.ipynb",
        "course/mine.ipynb",
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("volume_l = level_mm * 0.8", "volume_l = (level_mm", r"1-tank.py:\d+: this is no Python"),
        ("### BEGIN SOLUTION", "### Begin Solution", r"1-tank.py:\d+: .*BEGIN SOLUTION"),
        ("minutes: 20", "minutes: [20", r"1-tank.py:\d+: the header .* no YAML"),
        ('"grade_id": "tank-volume", ', "", r"1-tank.py:\d+: nbgrader cannot use .*grade_id"),
        ('"tank-volume-check"', '"tank-volume"', r"1-tank.py:\d+: the grade id tank-volume stands"),
        (', "points": 2', "", r"1-tank.py:\d+: nbgrader cannot use .*points"),
    ],
)
def test_a_broken_source_stops_the_build_and_leaves_all_as_it_was(built, edit, old, new, words):
    edit(built, old, new)
    before = snapshot(built)
    with pytest.raises(CourseError, match=words):
        build.build(built)
    assert snapshot(built) == before


@pytest.mark.parametrize("name", ["index.py", "day1/1-tank.py"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("\n# # ", "\n<<<<<<< HEAD\n# # "), "`<<<<<<< HEAD` is a mark"),
        (lambda text: f"{text}\n# %%\nx = 1\n=======\nx = 2\n", "`=======` is a mark"),
        (lambda text: text.replace("\n# # ", "\n# # \u200b"), r"nobody sees in column 5, U\+200B"),
        (lambda text: text.replace("#   vaxlab:", "#\tvaxlab:"), "a tab in the header"),
    ],
)
def test_what_a_merge_or_an_editor_has_left_stops_the_build(built, name, spoil, words):
    source = built / "solutions" / name
    source.write_text(spoil(source.read_text(encoding="utf-8")), encoding="utf-8")
    before = snapshot(built)
    with pytest.raises(CourseError, match=rf"solutions/{name}:\d+: .*{words}"):
        build.build(built, force=True)
    with pytest.raises(CourseError, match=words):
        build.build_for_grading(built)
    assert snapshot(built) == before
    findings = [finding for finding in lint.lint(built) if re.search(words, finding.message)]
    assert [finding.path for finding in findings] == [f"solutions/{name}"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_sources_that_another_editor_saved_give_the_same_bytes(built, encoding):
    course = {name: c for name, c in snapshot(built).items() if not name.endswith(".py")}
    for source in (built / "solutions").rglob("*.py"):
        text = source.read_text(encoding="utf-8").replace("\n", "\r\n")
        source.write_bytes(text.encode(encoding))
    assert build.build(built) == []
    assert build.stale(built) == []
    after = {name: c for name, c in snapshot(built).items() if not name.endswith(".py")}
    assert after == course


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_work_that_another_editor_saved_is_not_overwritten(built, edit, encoding):
    work_in(built / TANK, source="mine = 1")
    (built / TANK).write_bytes((built / TANK).read_text(encoding="utf-8").encode(encoding))
    edit(built, "The pump takes", "The pump now takes")
    with pytest.raises(CourseError, match=rf"worked in {TANK}.*--force"):
        build.build(built)


def test_a_source_with_a_name_that_would_be_passed_over_stops_the_build(course):
    path = course / "solutions" / "day1" / "1-tank.py"
    path.rename(path.with_name("tank.py"))
    with pytest.raises(CourseError, match="would be passed over"):
        build.build(course)


def test_a_day_that_the_start_page_does_not_know_stops_the_build(course):
    index = course / "solutions" / "index.py"
    index.write_text(index.read_text().replace("#       day1: Measure\n", ""))
    with pytest.raises(CourseError, match="knows no day1"):
        build.build(course)


def test_a_second_build_at_the_same_time_is_told_to_wait(course):
    with build._lock(course), pytest.raises(CourseError, match="Another .* at work"):
        build.build(course)
    assert build.build(course)


def test_an_interrupted_build_leaves_no_file_half_written(course, monkeypatch):
    wanted = build.expected(course)
    wanted = wanted.committed | wanted.local
    replace, calls = os.replace, []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == 3:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build.build(course)
    present = {name: content for name, content in snapshot(course).items() if name in wanted}
    assert len(present) == 2
    assert all(wanted[name] == content for name, content in present.items())
    assert not list((course / ".cache").glob("build-*"))

    build.build(course)
    assert build.stale(course) == []


def test_a_full_disk_is_one_sentence_and_leaves_all_files_whole(built, edit, monkeypatch):
    edit(built, "# A float shows the level in millimetres.", "# A float shows the level.")
    before = snapshot(built)

    def full(source, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), source, None, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CourseError, match="1-tank.ipynb could not be written: No space left"):
        build.build(built)
    assert snapshot(built) == before


def test_a_spoilt_marker_in_a_source_never_reaches_learners(course, edit):
    chance = random.Random(3)
    path = course / "solutions" / "day1" / "1-tank.py"
    good = path.read_text(encoding="utf-8")
    for _ in range(40):
        marker = chance.choice(["### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"])
        spot = chance.randrange(len(marker))
        spoilt = marker[:spot] + chance.choice(["", " ", "x", "#"]) + marker[spot + 1 :]
        path.write_text(good.replace(marker, spoilt), encoding="utf-8")
        try:
            made = build.expected(course).committed
        except CourseError:
            continue
        text = json.dumps([content.decode() for name, content in made.items() if "course" in name])
        assert "level_mm * 0.8" not in text
        assert "float(1000)" not in text


NOTE = "# **Ask** What does the float show when the tank is being stirred?"


def test_a_figure_in_a_note_is_computed_by_the_solved_notebook(course, edit):
    edit(course, NOTE, f"{NOTE} {{{{ sum([40, 2.25]):.1f }}}} mm.")
    build.build(course)
    text = (course / "solutions" / "day1" / "README.md").read_text(encoding="utf-8")
    assert "being stirred? 42.2 mm." in text
    for path in (course / "course").rglob("*.ipynb"):
        assert "sum([40" not in path.read_text(encoding="utf-8")
    assert build.stale(course) == []


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("42.2 mm, a rise", "41.95 mm, a rise", True),  # another processor's
        ("42.2 mm, a rise", "42.2 mm, a fall", False),  # another word beside it
        ("42.2 mm, a rise", "42.2, 3 mm, a rise", False),
        ("| 0:15 | 3 |", "| 0:15 | 4 |", False),  # a number that nothing has computed
    ],
)
def test_of_a_guide_only_the_numbers_of_computed_figures_may_differ(course, edit, old, new, same):
    asked = "f'{sum([40, 2.25]):.1f} mm, a ' + ('rise' if True else 'fall')"
    edit(course, NOTE, f"{NOTE} {{{{ {asked} }}}}.")
    build.build(course)
    path = course / "solutions" / "day1" / "README.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert (build.stale(course) == []) == same


def test_a_figure_that_cannot_be_computed_names_the_notebook(course, edit):
    edit(course, NOTE, f"{NOTE} {{{{ nothing_of_this_name }}}}")
    with pytest.raises(CourseError, match="(?s)1-tank.py: the figures .*nothing_of_this_name"):
        build.expected(course)
