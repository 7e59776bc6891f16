"""Notebook files as people send them are read, or named in a sentence that says what to do."""

import json
import os
from pathlib import Path

import nbformat
import pytest

from vaxlab import notebook_file
from vaxlab.errors import CourseError

NAME = "1-trust.ipynb"
CODE = {"cell_type": "code", "source": "naïve = '🧫'\n", "metadata": {}, "outputs": []}


def book(*cells, **more) -> dict:
    """A notebook of format 4."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | more


def saved(notebook, **options) -> str:
    return json.dumps(notebook, indent=1, **options)


WHOLE = saved(book(CODE), ensure_ascii=False)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_every_unicode_encoding_gives_the_same_notebook(encoding):
    assert notebook_file.parse(WHOLE.encode(encoding), NAME) == book(CODE)


@pytest.mark.parametrize(("mark", "ends"), [("\ufeff", "\n"), ("", "\r\n"), ("\ufeff\ufeff", "\r")])
def test_marks_and_line_ends_of_other_systems_are_no_part_of_it(mark, ends):
    content = (mark + WHOLE.replace("\n", ends)).encode()
    assert notebook_file.parse(content, NAME) == book(CODE)


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("s = '\ud83d'", "s = '\ufffd'"),
        ("s = '\ude00\ud83d'", "s = '\ufffd\ufffd'"),
        ("\ud83d", "\ufffd"),
        (["s = '\ud83d", "\ude00'"], "s = '😀'"),
        ("s = '\\ud83d'", "s = '\\ud83d'"),
        ("s = '😀'", "s = '😀'"),
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_half_of_an_emoji_is_replaced_and_a_whole_one_kept(source, becomes, escaped):
    content = saved(book(CODE | {"source": source}), ensure_ascii=escaped)
    read = notebook_file.parse(content.encode("utf-8", "surrogatepass"), NAME)
    assert read["cells"][0]["source"] == becomes
    nbformat.writes(notebook_file.plain(read)).encode()


CONFLICT = WHOLE.replace(
    ' "cells": [', '<<<<<<< HEAD\n "cells": [\n=======\n "cells": [\n>>>>>>> other'
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty. Was it saved"),
        (b"\0" * 4096, "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (CONFLICT.encode(), r"mark `<<<<<<< HEAD` in line 5\. Keep one version"),
        (CONFLICT.replace("\n", "\r\n").encode(), "mark `<<<<<<< HEAD` in line 5"),
        (CONFLICT.encode("utf-16"), "mark `<<<<<<< HEAD` in line 5"),
        (WHOLE[:90].encode(), "breaks off in line .* Save it"),
        (WHOLE[: WHOLE.index("naïve") + 3].encode(), "breaks off in line"),
        (WHOLE.replace('"cells":', '"cells"').encode(), "no JSON from line .*delimiter"),
        (WHOLE.encode("cp1252", "replace"), r"not UTF-8 text \(line \d+\)\. Save it"),
        (b"\n<!DOCTYPE html><html>", "a web page. Download"),
        (b"PK\x03\x04\x14\0\0\0\x08\0\xff\xfe", "a zip archive. Unpack"),
        (b"# ---\n# jupyter:\n", "a Python script"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"nbformat": ' + b"4" * 5000 + b"}", "a number too long"),
        (b"[]", "JSON, but no notebook"),
        (b'"text"', "JSON, but no notebook"),
        (b"null", "JSON, but no notebook"),
        (b"{}", "format 4. Open and save it in JupyterLab"),
        (saved(book(nbformat=3, worksheets=[])).encode(), "format 4"),
        (saved(book(cells={})).encode(), "no list of cells"),
        (saved(book(*[CODE] * 2001)).encode(), "more than 2000 cells"),
    ],
)
def test_what_is_no_notebook_is_named_in_a_sentence(content, words):
    with pytest.raises(CourseError, match=rf"^{NAME} .*{words}") as error:
        notebook_file.parse(content, NAME)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith((".", "?"))


@pytest.mark.parametrize("length", range(1, len(WHOLE), 7))
def test_a_file_that_breaks_off_anywhere_is_never_read(length):
    with pytest.raises(CourseError, match=NAME):
        notebook_file.parse(WHOLE[:length].encode(), NAME)


def test_strange_cells_are_left_out_and_the_others_kept():
    strange = [1, None, {"cell_type": ["code"]}, {"cell_type": "heading", "source": "x"}]
    bare = {"cell_type": "code", "metadata": 3, "source": ["a = 1\n", 2]}
    read = notebook_file.parse(saved(book(*strange, bare)).encode(), NAME)
    assert [(cell["source"], cell["metadata"]) for cell in read["cells"]] == [("a = 1\n2", {})]


def test_a_plain_notebook_holds_sources_and_grade_ids_alone():
    check = CODE | {"metadata": {"nbgrader": {"grade_id": "a\ud83d", "points": 9}, "x": 1}}
    odd = CODE | {"metadata": {"nbgrader": {"grade_id": 3}}, "source": "a\0b"}
    made = notebook_file.plain(notebook_file.parse(saved(book(check, odd)).encode(), NAME))
    assert [cell.metadata for cell in made.cells] == [{"nbgrader": {"grade_id": "a\ufffd"}}, {}]
    assert made.cells[1].source == "ab"
    nbformat.validate(made)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(CourseError, match="There is no 1-trust.ipynb in"):
        notebook_file.read(tmp_path / NAME)
    (tmp_path / NAME).mkdir()
    with pytest.raises(CourseError, match="is a folder"):
        notebook_file.read(tmp_path / NAME)
    (tmp_path / "large.ipynb").write_bytes(b" " * 2**21)
    with pytest.raises(CourseError, match="larger than 1 MiB"):
        notebook_file.read(tmp_path / "large.ipynb", max_bytes=2**20)


@pytest.mark.parametrize(
    "line", ["<<<<<<< HEAD", "<<<<<<<", ">>>>>>> other branch", "# ||||||| base", "  <<<<<<< a\r"]
)
def test_the_marks_of_a_conflict_are_found_with_their_line(line):
    assert notebook_file.conflict(f"x = 1\n{line}\ny = 2") == (2, line.strip())


@pytest.mark.parametrize("line", ["=======", "<<<<<<<< 8", "x <<<<<<< y", "|||||||a", ">>>>>>>>"])
def test_what_only_looks_like_a_conflict_is_none(line):
    assert notebook_file.conflict(f"Heading\n{line}\n") is None


@pytest.mark.parametrize(
    "stem",
    [
        *(
            "1-trust",
            "1-Trust",
            "1-trust (1)",
            "1-trust(12)",
            "1-trust-Copy1",
            "1-trust-Copy1-Copy2",
        ),
        *("1-trust - Copy (2)", "1-trust copy 3", "1-trust_copy", "1-trust - Kopie", " 1-TRUST "),
        *("1-trust.ipynb", "1-trust.ipynb (1)", "1-trust-checkpoint"),
    ],
)
def test_the_name_that_is_meant_is_found_in_that_of_a_copy(stem):
    assert notebook_file.meant(stem) == "1-trust"


@pytest.mark.parametrize("stem", ["copy", "(1)", "3-next-month", "1-photocopy"])
def test_a_name_of_its_own_is_left_alone(stem):
    assert notebook_file.meant(stem) == stem


def test_a_released_notebook_knows_its_origin(checkout):
    read = notebook_file.read(checkout / "course" / "day1" / NAME)
    assert notebook_file.origin(read) == ("day1", "1-trust")
    assert notebook_file.origin(book(metadata={"vaxlab": {"generated_from": 3}})) is None
    assert notebook_file.origin(book(metadata=[])) is None


@pytest.fixture
def put(tmp_path):
    """Put notebooks without a known origin into a course; later ones are saved later."""

    def lay(*names: str) -> Path:
        for second, name in enumerate(names):
            path = tmp_path / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
            os.utime(path, (second, second))
        return tmp_path

    return lay


def test_copies_are_told_by_their_names_where_the_file_itself_says_nothing(put):
    course = put("day1/1-trust", "day1/1-trust (1)", "day1/old/1-Trust", "Day1/1-trust-Copy1")
    (work,) = notebook_file.works(course)
    assert work.name == "day1/1-trust"
    assert work.path == course / "day1" / "1-trust.ipynb"
    assert len(work.copies) == 3
    said = work.remark(course)
    assert "day1/old/1-Trust.ipynb is a copy" in said
    assert "It was saved later: are your answers in it?" in said


def test_where_no_name_is_right_the_copy_that_was_saved_last_counts(put):
    course = put("day1/1-trust (2)", "day1/1-trust (1)")
    (work,) = notebook_file.works(course)
    assert work.path.stem == "1-trust (1)"
    assert work.remark(course).startswith(
        "day1/1-trust (1).ipynb is taken for day1/1-trust. Rename"
    )


def test_notebooks_of_a_learners_own_are_left_in_peace(put):
    course = put("day1/1-trust", "day1/My Notes", "day1/drafts/notes", "other", "day1/.old/1-trust")
    works = notebook_file.works(course)
    assert [(work.name, work.remark(course)) for work in works] == [
        ("day1/1-trust", ""),
        ("day1/My Notes", ""),
    ]


def test_a_link_to_nowhere_stops_nothing(put):
    course = put("day1/1-trust")
    (course / "day1" / "2-bakeoff (1).ipynb").symlink_to("nowhere")
    assert [work.name for work in notebook_file.works(course)] == ["day1/1-trust", "day1/2-bakeoff"]
