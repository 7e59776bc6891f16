"""What learners hand in, as it comes: odd names, odd files, odd places, and files of their own."""

import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from hostile import bank

from grading_sandbox.conftest import ANSWERS, EXERCISE, Course, copy_of
from vaxlab.grading import classroom, handback, handin

pytestmark = pytest.mark.play
#: Learners whom the gradebook can hold, whatever their names mean to a shell or to nbgrader.
NAMES = [
    *("li[2]", "a*", "?x", "{student_id}", "~root", "=1+1", "an\u00a0na", "\u200fדנה"),
    *(unicodedata.normalize(form, "Müller") for form in ("NFC", "NFD")),
    "\u0e01" * 70,  # 210 bytes
]
#: Whom those that are patterns would match; each has handed in nothing that earns a point.
NEIGHBOURS = ["li2", "ax", "bob", "root"]
RIGHT, NONE = ANSWERS["right"][1], 0.0


def put(course: Course, student: str | bytes, answer: str = "right") -> Path:
    """Hand in, also under a name that is no text; return the folder."""
    folder = course.hand_in("for-moving", answer)
    course.expected.pop("for-moving")
    target = os.path.join(os.fsencode(course.root / "submitted"), os.fsencode(student))
    os.rename(os.fsencode(folder.parent), target)
    return Path(os.fsdecode(target)) / "day1"


def rename(name: str) -> Callable[[Path], None]:
    """Move the notebook away from its name."""

    def move(folder: Path) -> None:
        target = folder / name
        notebook = (folder / f"{bank.NAME}.ipynb").rename(folder / "moving")
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook.rename(target)

    return move


def write(name: str, content: str | bytes) -> Callable[[Path], None]:
    """Put a file beside the notebook."""

    def put_there(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return put_there


def change(how: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the bytes of the notebook's file."""

    def rewrite(folder: Path) -> None:
        path = folder / f"{bank.NAME}.ipynb"
        path.write_bytes(how(path.read_bytes()))

    return rewrite


def before(code: str) -> Callable[[Path], None]:
    """Run a cell before all others."""

    def insert(folder: Path) -> None:
        path = folder / f"{bank.NAME}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(code))
        bank.save(notebook, folder)

    return insert


def imported(name: str, **files: str) -> Callable[[Path], None]:
    """Answer by a function from a file beside the notebook; with more files."""
    answer = "from helpers import antigen_ratio"

    def build(folder: Path) -> None:
        path = folder / f"{bank.NAME}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[bank.place(notebook, EXERCISE)].source = answer.replace("helpers", name)
        bank.save(notebook, folder)
        for other, content in files.items():
            write(other.replace("__", "/"), content)(folder)

    return build


SOURCE = ANSWERS["right"][0]
#: What lies at the time's place; nothing of it may cost a point.
TIMES = {
    "tomorrow": "tomorrow",
    "huge": "9" * 30,
    "endless": "2026-11-20 " * 10_000,
    "no-text": b"\xff\xfe\x00",
    "no-day": "2026-13-45 25:61:00 UTC",
    "zone": "2026-11-20 12:00:00 /etc/passwd",
}
#: Where a notebook may have gone, and what of that must be named.
PLACES = {
    "copy-1": f"{bank.NAME} (1).ipynb",
    "copy-2": f"{bank.NAME}-Copy1.ipynb",
    "case": "1-Trust.ipynb",
    "below": f"day1/{bank.NAME}.ipynb",
    "below-2": f"my work/day 1/{bank.NAME}.ipynb",
    "own-name": "Anna's homework.ipynb",
    "mailed": f"{bank.NAME}.ipynb.txt",
    "as-json": f"{bank.NAME}.json",
    "unpacked": f"{bank.NAME}.ipynb/{bank.NAME}.ipynb",
    "kept": f".ipynb_checkpoints/{bank.NAME}-checkpoint.ipynb",
}
#: What a learner may set for the eye, or otherwise in good faith.
SETTINGS = {
    "none": '%config InteractiveShell.ast_node_interactivity = "none"',
    "many": """%config InteractiveShell.ast_node_interactivity = "all"
%xmode Minimal
%precision 3
%colors NoColor
%autocall 2
%automagic off
%pprint
%load_ext autoreload
%autoreload 2
import os, warnings
os.chdir("/tmp")
warnings.simplefilter("error")""",
    "last": '%config InteractiveShell.ast_node_interactivity = "last_expr_or_assign"',
    "debugger": "%doctest_mode\n%pdb on",
    "hook": "import sys\nsys.displayhook = lambda value: None",
    "hex": "get_ipython().display_formatter.formatters['text/plain'].for_type(int, "
    "lambda n, p, cycle: p.text(hex(n)))",
    "traces": "get_ipython()._showtraceback = lambda kind, error, trace: print('oh')",
    "emoji": "print(chr(0xD83D), '\\ud83d')\nraise ValueError('\\ud83d')",
}
CONFLICT = b'<<<<<<< HEAD\n "cells": [\n=======\n "cells": [],\n>>>>>>> theirs\n'
#: What became of a notebook's file, and words that must be said where it cannot be read.
BROKEN = {
    "emoji": (lambda b: b.replace(b"return 10", b"'\\\\ud83d'; '\\ud83d'; return 10"), ""),
    "bom": (lambda b: b"\xef\xbb\xbf" + b, ""),
    "utf-16": (lambda b: b.decode().encode("utf-16"), ""),
    "conflict": (lambda b: b.replace(b' "cells": [', CONFLICT, 1), "git could not merge"),
    "half": (lambda b: b[: len(b) // 2], "breaks off"),
    "page": (lambda b: b"<!DOCTYPE html><html></html>", "a web page"),
    "latin-1": (lambda b: b.replace(b"return", b"'\xfc'; return"), "not UTF-8"),
    "too-old": (lambda b: b.replace(b'"nbformat": 4', b'"nbformat": 3'), "format 4"),
    "too-new": (lambda b: b.replace(b'"nbformat": 4', b'"nbformat": 5'), "format 4"),
}
MARK = "shadowed"
SHADOW = f"open('/tmp/{MARK}', 'w').write('x')\nprint('{MARK}')\nraise SystemExit(99)\n"
SHADOWED = ("numpy", "vaxlab", "random", "json", "nbgrader", "sqlalchemy", "dask", "sitecustomize")


@pytest.fixture(scope="module")
def course(bubblewrap, one_exercise, tmp_path_factory) -> Course:
    """A class that hands in whatever there is: of each kind some, all of them below."""
    course = copy_of(one_exercise, tmp_path_factory.mktemp("odd") / "course")
    for name in NAMES:
        put(course, name)
    for name in NEIGHBOURS:
        put(course, name, "none")
    put(course, " bob ")
    put(course, "tab\tor\nline")
    put(course, b"M\xfcller")
    put(course, "x" * 200)
    put(course, ".hidden")
    put(course, "no-day").rename(course.root / "submitted" / "no-day" / "Day 1")
    (course.root / "submitted" / "empty").mkdir()
    (course.root / "submitted" / "packed.zip").write_bytes(b"PK\x03\x04")
    (course.root / "submitted" / "linked").symlink_to("bob")
    (course.root / "submitted" / ".gitkeep").touch()
    write("timestamp.txt", "tomorrow")(put(course, "time-text"))
    write("timestamp.txt/x.png", "a folder")(put(course, "time-folder"))
    write("timestamp.txt", "2026-11-20 12:00:00 UTC")(put(course, "in-time"))
    odd = put(course, "odd-files")
    write(f"{bank.NAME}.html", "<script>1</script>")(odd)
    for name in (b"2-more.ipynb/x.png", b"\xff.png", b"new\nline.png", b"plot.png"):
        write(os.fsdecode(name), "no picture")(odd)
    for name in ("copy-1", "below"):
        rename(PLACES[name])(put(course, f"place-{name}"))
    (put(course, "nothing") / f"{bank.NAME}.ipynb").unlink()
    for name, code in SETTINGS.items():
        before(code)(put(course, f"setting-{name}"))
    for name in ("emoji", "utf-16", "conflict"):
        change(BROKEN[name][0])(put(course, f"file-{name}"))
    imported("mine.helpers", **{"mine__helpers.py": SOURCE, "mine____init__.py": ""})(
        put(course, "helped", "none")
    )
    # A name that is installed as well, but that no notebook has imported yet.
    imported("nbgrader", **{"nbgrader.py": SOURCE})(put(course, "helped-by-namesake", "none"))
    shadows = {f"{name}.py": SHADOW for name in SHADOWED}
    imported("helpers", **{"helpers.py": SOURCE}, **shadows)(put(course, "shadows", "none"))
    reads = put(course, "reads")
    write("data/own.csv", "1")(reads)
    before("assert open('data/own.csv').read() == '1'\nopen('data/own.csv', 'w').write('2')")(reads)
    return course


@pytest.fixture(scope="module")
def rows(course) -> dict[str, classroom.Row]:
    """Rows by learner, as `vaxlab grade` gives them."""
    rows = classroom.grade(course.root, "day1", progress=False)
    assert len({row.student for row in rows}) == len(rows)
    return {row.student: row for row in rows}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_learner_is_graded_whatever_the_name_means_elsewhere(course, rows, name):
    assert (rows[name].points, rows[name].state) == (RIGHT, "graded"), rows[name]
    assert course.points()[name] == RIGHT
    assert (course.root / "autograded" / name / "day1" / f"{bank.NAME}.ipynb").is_file()


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_nobody_gets_the_points_of_a_namesake(course, rows, name):
    assert (rows[name].points, rows[name].state) == (0.0, "graded")
    assert course.points()[name] == 0.0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (" bob ", "take it for bob"),
        ("tab\\tor\\nline", "control sign"),
        ("M\\xfcller", "not UTF-8; written on another system, it may be Müller"),
        ("x" * 200, "longer than the 128 signs"),
        (".hidden", "hidden folder"),
        ("no-day", "There is no folder day1 in it. It holds Day 1."),
        ("empty", "There is no folder day1 in it."),
        ("packed.zip", "It is a file. Notebooks of day1 belong into submitted/packed/day1/"),
        ("linked", "It is a link"),
    ],
)
def test_a_folder_that_cannot_be_graded_is_named_with_the_reason(course, rows, name, says):
    assert rows[name].state == "skipped"
    assert says in rows[name].said
    assert name not in course.points()


def test_no_folder_is_left_out_without_a_word(course, rows):
    there = {handin.shown(name) for name in os.listdir(course.root / "submitted")}
    assert there - {handin.shown(name) for name in rows} == {".gitkeep"}
    table = classroom.table(list(rows.values()))
    assert len(table.splitlines()) == len(rows) + 2
    assert table.encode()


def test_names_that_look_the_same_are_said_to_be_perhaps_one(rows):
    for form in ("NFC", "NFD"):
        assert "looks like that of another" in rows[unicodedata.normalize(form, "Müller")].said
    assert "looks like" not in rows["bob"].said


@pytest.mark.parametrize("name", ["time-text", "time-folder"])
def test_what_is_no_time_is_left_aside_with_a_sentence(rows, name):
    row = rows[name]
    assert (row.points, row.state) == (RIGHT, "graded"), row
    assert "timestamp.txt was left aside" in row.said


def test_a_time_that_can_be_read_reaches_the_gradebook(course, rows):
    learners = {one.student: one for one in handback.read(course.root, "day1").learners}
    assert f"{learners['in-time'].handed_in:%Y-%m-%d %H:%M}" == "2026-11-20 12:00"
    assert not rows["in-time"].said


def test_nbgrader_meets_no_file_that_it_would_write_itself(course, rows):
    assert (rows["odd-files"].points, rows["odd-files"].state) == (RIGHT, "graded")
    beside = (course.root / "autograded" / "odd-files" / "day1").iterdir()
    assert {path.name for path in beside} == {f"{bank.NAME}.ipynb", "plot.png"}


@pytest.mark.parametrize("name", ["copy-1", "below"])
def test_a_notebook_under_another_name_is_named_and_has_no_final_grade(course, rows, name):
    row = rows[f"place-{name}"]
    assert row.state == "missing"
    assert PLACES[name] in row.said
    learner = next(
        one for one in handback.read(course.root, "day1").learners if one.student == row.student
    )
    assert not learner.is_final
    assert learner.has_handed_in
    assert row.said in learner.open[0]
    assert bank.NAME not in learner.points


def test_a_notebook_that_is_not_there_at_all_earns_nothing(rows):
    assert (rows["nothing"].state, rows["nothing"].points) == ("rejected", NONE)
    assert "was not handed in" in rows["nothing"].said


@pytest.mark.parametrize("name", SETTINGS)
def test_what_a_learner_sets_for_the_eye_costs_nothing(rows, name):
    row = rows[f"setting-{name}"]
    assert (row.points, row.state) == (RIGHT, "graded"), row


@pytest.mark.parametrize("name", ["emoji", "utf-16", "conflict"])
def test_a_broken_file_is_read_or_named(rows, name):
    row, says = rows[f"file-{name}"], BROKEN[name][1]
    wanted = (NONE, "rejected") if says else (RIGHT, "graded")
    assert (row.points, row.state) == wanted, row
    assert says in row.said


@pytest.mark.parametrize("name", ["helped", "helped-by-namesake", "reads"])
def test_files_beside_a_notebook_are_there_when_it_is_graded(rows, name):
    assert (rows[name].points, rows[name].state) == (RIGHT, "graded"), rows[name]


def test_a_file_named_like_a_library_reaches_neither_judge_nor_grader(course, rows):
    row = rows["shadows"]
    assert (row.points, row.state) == (RIGHT, "graded"), row
    assert not Path("/tmp", MARK).exists()
    graded = course.root / "autograded" / "shadows" / "day1"
    assert [path.name for path in graded.iterdir()] == [f"{bank.NAME}.ipynb"]
    assert MARK not in (graded / f"{bank.NAME}.ipynb").read_text()


def test_what_was_handed_in_is_not_written_to(course, rows):
    assert (course.root / "submitted" / "reads" / "day1" / "data" / "own.csv").read_text() == "1"


def test_the_rows_can_be_written_as_json(rows):
    assert json.loads(json.dumps([vars(row) for row in rows.values()]))


@pytest.fixture
def folder(one_exercise, tmp_path) -> Path:
    """One submission, that nobody grades."""
    return copy_of(one_exercise, tmp_path / "course").hand_in("ada", "right")


def staged(folder: Path) -> handin.Staged:
    """Lay a submission out for nbgrader."""
    target = folder.parents[2] / "stage"
    return handin.stage(folder, target, "day1", [bank.NAME, "2-more"], [bank.NAME])


@pytest.mark.parametrize("place", [*PLACES.values(), "homework.zip", "1-trust.7z"])
def test_a_file_that_may_be_the_notebook_is_named_wherever_it_is(folder, place):
    rename(place)(folder)
    said = staged(folder).missing[bank.NAME]
    assert place in said
    assert "ada/day1/" in said
    assert said.endswith("then grade again.")


@pytest.mark.parametrize("place", ["notes.txt", "2-more.ipynb", "data.json", "trusted.csv"])
def test_what_is_not_the_notebook_is_not_taken_for_it(folder, place):
    (folder / f"{bank.NAME}.ipynb").unlink()
    write(place, '{"a": 1}')(folder)
    assert "was not handed in" in staged(folder).rejected[bank.NAME]


@pytest.mark.parametrize("name", BROKEN)
def test_every_broken_file_is_read_or_named(folder, name):
    change(BROKEN[name][0])(folder)
    rejected, says = staged(folder).rejected, BROKEN[name][1]
    assert (bank.NAME in rejected) == bool(says)
    assert says in rejected.get(bank.NAME, "")


@pytest.mark.parametrize("content", TIMES.values(), ids=TIMES)
def test_no_text_in_place_of_a_time_does_harm(folder, content):
    write("timestamp.txt", content)(folder)
    when, said = handin.time_handed_in(folder)
    assert when is None
    assert "timestamp.txt was left aside" in said
    assert staged(folder).aside == [said]


@pytest.mark.parametrize(
    "text", ["2026-11-20 12:00:00.123456 UTC", "2026-11-20T12:00", "2026-11-20 12:00:00Z"]
)
def test_a_time_as_nbgrader_writes_it_is_read(folder, text):
    write("timestamp.txt", text + "\n")(folder)
    assert f"{handin.time_handed_in(folder)[0]:%Y-%m-%d %H:%M}" == "2026-11-20 12:00"


@pytest.mark.parametrize(
    ("text", "kept"), [("0f" * 64 + "\n", True), ("../../other", False), ("x" * 10**6, False)]
)
def test_what_the_exchange_hands_feedback_back_by_is_kept_if_it_is_that(folder, text, kept):
    write("submission_secret.txt", text)(folder)
    staged(folder)
    path = folder.parents[2] / "stage" / "submission_secret.txt"
    assert (path.read_text() == text.strip()) if kept else not path.exists()


@pytest.mark.parametrize(
    "name", ["[!a]", "{0}", "ca$h", "a;b", "#1", "100%", "O'Hara", 'a"b', "back\\slash", "王小明"]
)
def test_any_name_that_a_gradebook_holds_is_taken(tmp_path, name):
    (tmp_path / name / "day1").mkdir(parents=True)
    assert handin.submissions(tmp_path, "day1") == ([name], {})


def test_files_beyond_the_limits_stay_behind_and_are_named(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(handin, "MAX_FOLDER_BYTES", 10)
    write("large.csv", "x" * 11)(folder)
    write("small.csv", "x")(folder)
    (folder / "link.csv").symlink_to("/etc/passwd")
    behind = handin.copy_companions(folder, tmp_path / "room")
    assert [path.name for path in (tmp_path / "room").iterdir()] == ["small.csv"]
    assert [one.split(" ")[0] for one in behind] == ["large.csv", "link.csv"]
    monkeypatch.setattr(handin, "MAX_FILES", 0)
    assert "beyond 0 files" in handin.copy_companions(folder, tmp_path / "other")[-1]
