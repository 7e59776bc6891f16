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

RIGHT = ANSWERS["right"][1]
#: Learners whom the gradebook can hold, whatever their names mean to a shell or to nbgrader.
NAMES = [
    *("li[2]", "a*", "?x", "[!a]", "{student_id}", "{0}", "ca$h", "~root", "a;b", "#1", "100%"),
    *("=1+1", "O'Hara", 'a"b', "back\\slash", "Anna Li", "an\u00a0na", "\u200fדנה", "王小明"),
    *(unicodedata.normalize(form, "Müller") for form in ("NFC", "NFD")),
    "\u0e01" * 70,  # 210 bytes
]
#: Whom those that are patterns would match; each has handed in nothing that earns a point.
NEIGHBOURS = ["li2", "ada", "ax", "b", "bob", "root"]


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
#: What a learner may set for the eye.
SETTINGS = [
    *(
        f'%config InteractiveShell.ast_node_interactivity = "{kind}"'
        for kind in ("none", "all", "last", "last_expr_or_assign")
    ),
    *("%xmode Minimal", "%xmode Verbose", "%xmode Plain", "%precision 3", "%colors NoColor"),
    *("%autocall 2", "%automagic off", "%pprint", "%doctest_mode", "%pdb on"),
    "%load_ext autoreload\n%autoreload 2",
    "import sys\nsys.displayhook = lambda value: None",
    "get_ipython().display_formatter.formatters['text/plain'].for_type(int, "
    "lambda n, p, cycle: p.text(hex(n)))",
    "get_ipython()._showtraceback = lambda kind, error, trace: print('oh')",
    "import warnings\nwarnings.simplefilter('error')",
    "print(chr(0xD83D), '\\ud83d')\nraise ValueError('\\ud83d')",
    "import os\nos.chdir('/tmp')",
]
CONFLICT = b'<<<<<<< HEAD\n "cells": [\n=======\n "cells": [],\n>>>>>>> theirs\n'
#: What became of a notebook's file, the points, and words that must be said.
BROKEN = {
    "emoji": (lambda b: b.replace(b"return 10", b"'\\\\ud83d'; '\\ud83d'; return 10"), RIGHT, ""),
    "bom": (lambda b: b"\xef\xbb\xbf" + b, RIGHT, ""),
    "utf-16": (lambda b: b.decode().encode("utf-16"), RIGHT, ""),
    "conflict": (lambda b: b.replace(b' "cells": [', CONFLICT, 1), 0.0, "git could not merge"),
    "half": (lambda b: b[: len(b) // 2], 0.0, "breaks off"),
    "page": (lambda b: b"<!DOCTYPE html><html></html>", 0.0, "a web page"),
    "latin-1": (lambda b: b.replace(b"return", b"'\xfc'; return"), 0.0, "not UTF-8"),
    "too-old": (lambda b: b.replace(b'"nbformat": 4', b'"nbformat": 3'), 0.0, "format 4"),
    "too-new": (lambda b: b.replace(b'"nbformat": 4', b'"nbformat": 5'), 0.0, "format 4"),
}
MARK = "shadowed"
SHADOW = f"open('/tmp/{MARK}', 'w').write('x')\nprint('{MARK}')\nraise SystemExit(99)\n"
SHADOWED = ("numpy", "vaxlab", "random", "json", "nbgrader", "sqlalchemy", "dask", "sitecustomize")


@pytest.fixture(scope="module")
def course(bubblewrap, one_exercise, tmp_path_factory) -> Course:
    """A class that hands in whatever there is."""
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
    (put(course, "no-day")).rename(course.root / "submitted" / "no-day" / "Day 1")
    (course.root / "submitted" / "empty").mkdir()
    (course.root / "submitted" / "packed.zip").write_bytes(b"PK\x03\x04")
    (course.root / "submitted" / "linked").symlink_to("bob")
    (course.root / "submitted" / ".gitkeep").touch()
    for name, content in TIMES.items():
        write("timestamp.txt", content)(put(course, f"time-{name}"))
    write("timestamp.txt/x.txt", "a folder")(put(course, "time-folder"))
    write("timestamp.txt", "2026-11-20 12:00:00 UTC")(put(course, "in-time"))
    write(f"{bank.NAME}.html", "<script>1</script>")(put(course, "page-beside"))
    odd = put(course, "odd-pictures")
    for name in (b"2-more.ipynb/x.png", b"\xff.png", b"new\nline.png", b"plot.png"):
        write(os.fsdecode(name), "no picture")(odd)
    for name, place in PLACES.items():
        rename(place)(put(course, f"place-{name}"))
    packed = put(course, "place-packed")
    (packed / f"{bank.NAME}.ipynb").rename(packed / "handin.zip")
    (put(course, "nothing") / f"{bank.NAME}.ipynb").unlink()
    for number, code in enumerate(SETTINGS):
        before(code)(put(course, f"setting-{number}"))
    for name, (how, _, _) in BROKEN.items():
        change(how)(put(course, f"file-{name}"))
    imported("helpers", **{"helpers.py": SOURCE})(put(course, "helped", "none"))
    imported("mine.helpers", **{"mine__helpers.py": SOURCE, "mine____init__.py": ""})(
        put(course, "helped-by-package", "none")
    )
    # A name that is installed as well, but that no notebook has imported yet.
    imported("nbgrader", **{"nbgrader.py": SOURCE})(put(course, "helped-by-namesake", "none"))
    shadows = {f"{name}.py": SHADOW for name in SHADOWED}
    imported("helpers", **{"helpers.py": SOURCE}, **shadows)(put(course, "shadows", "none"))
    write("data/own.csv", "1")(put(course, "reads"))
    before("assert open('data/own.csv').read() == '1'\nopen('data/own.csv', 'w').write('2')")(
        course.root / "submitted" / "reads" / "day1"
    )
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
    assert "looks like" not in rows["Anna Li"].said


@pytest.mark.parametrize("name", [*TIMES, "folder"])
def test_what_is_no_time_is_left_aside_with_a_sentence(rows, name):
    row = rows[f"time-{name}"]
    assert (row.points, row.state) == (RIGHT, "graded"), row
    assert "timestamp.txt was left aside" in row.said


def test_a_time_that_can_be_read_reaches_the_gradebook(course, rows):
    learners = {one.student: one for one in handback.read(course.root, "day1").learners}
    assert f"{learners['in-time'].handed_in:%Y-%m-%d %H:%M}" == "2026-11-20 12:00"
    assert not rows["in-time"].said


@pytest.mark.parametrize("name", ["page-beside", "odd-pictures"])
def test_nbgrader_meets_no_file_that_it_would_write_itself(course, rows, name):
    assert (rows[name].points, rows[name].state) == (RIGHT, "graded"), rows[name]
    beside = (course.root / "autograded" / name / "day1").iterdir()
    wanted = {"page-beside": set(), "odd-pictures": {"2-more.ipynb", "plot.png"}}[name]
    assert {path.name for path in beside} == {f"{bank.NAME}.ipynb"} | wanted


@pytest.mark.parametrize("name", [*PLACES, "packed"])
def test_a_notebook_under_another_name_is_named_and_has_no_final_grade(course, rows, name):
    row = rows[f"place-{name}"]
    assert row.state == "missing"
    assert PLACES.get(name, "handin.zip") in row.said
    assert "then grade again" in row.said
    learner = next(
        one for one in handback.read(course.root, "day1").learners if one.student == row.student
    )
    assert not learner.is_final
    assert learner.has_handed_in
    assert row.said in learner.open[0]
    assert bank.NAME not in learner.points


def test_a_notebook_that_is_not_there_at_all_earns_nothing(rows):
    assert (rows["nothing"].state, rows["nothing"].points) == ("rejected", 0.0)
    assert "was not handed in" in rows["nothing"].said


@pytest.mark.parametrize("number", range(len(SETTINGS)), ids=SETTINGS)
def test_what_a_learner_sets_for_the_eye_costs_nothing(rows, number):
    row = rows[f"setting-{number}"]
    assert (row.points, row.state) == (RIGHT, "graded"), row


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_read_or_named(rows, name):
    row, (_, points, says) = rows[f"file-{name}"], BROKEN[name]
    assert (row.points, row.state) == (points, "rejected" if says else "graded"), row
    assert says in row.said


@pytest.mark.parametrize("name", ["helped", "helped-by-package", "helped-by-namesake", "reads"])
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
