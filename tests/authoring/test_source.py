"""Every cell knows its line, and what is broken is named with file and line."""

import pytest

from vaxlab.authoring import source
from vaxlab.errors import CourseError

from .conftest import HEADER, TANK

NAME = "solutions/day1/1-tank.py"
END = "#     title: T\n# ---\n\n"


def parse(body: str) -> source.Source:
    return source.parse(HEADER + END + body, NAME)


def test_every_cell_knows_the_line_that_it_begins_on():
    lines = TANK.split("\n")
    for cell in source.parse(TANK, NAME).cells:
        prefix = "# " if cell.kind == "markdown" else ""
        assert lines[cell.line - 1] == prefix + cell.lines[0]


def test_blank_lines_after_a_cell_line_do_not_shift_its_line():
    cell = parse("# %%\n\n\nx = 1\n").cells[0]
    assert (cell.text, cell.line) == ("x = 1", HEADER.count("\n") + 7)


def test_a_string_that_looks_like_a_cell_line_begins_no_cell():
    read = parse('# %%\ns = """\n# %% no cell\n"""\n\n# %%\ny = 2\n')
    assert [cell.text[0] for cell in read.cells] == ["s", "y"]
    assert read.cells[1].line == HEADER.count("\n") + 10


def test_windows_line_ends_give_the_same_cells():
    assert source.parse(TANK.replace("\n", "\r\n"), NAME) == source.parse(TANK, NAME)


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("# %%\nx = 1\ny = (2\n", 3, "no Python"),
        ("# %%\n%matplotlib inline\nx = = 1\n", 3, "no Python"),
        ('# %% nbgrader={"grade": tru}\nx = 1\n', 1, "options of this cell"),
        ("x = 1\n\n# %%\ny = 2\n", 1, "belongs to no cell"),
    ],
)
def test_a_broken_source_is_named_with_file_and_line(body, line, words):
    line += (HEADER + END).count("\n")
    with pytest.raises(CourseError, match=rf"^{NAME}:{line}: .*{words}"):
        parse(body)


def test_a_header_that_is_no_yaml_is_named_with_its_line():
    with pytest.raises(CourseError, match=rf"{NAME}:\d+: the header .* is no YAML"):
        source.parse(HEADER + "#     title: 'open\n# ---\n\n# %%\nx = 1\n", NAME)


def test_a_file_without_a_header_is_told_what_to_write():
    with pytest.raises(CourseError, match="no `vaxlab:` entry"):
        source.parse("# %%\nx = 1\n", NAME)


def test_a_file_that_is_not_utf8_is_named_with_its_line(course):
    path = course / NAME
    path.write_bytes(TANK.replace("Stirring", "R\u00fchren").encode("latin-1"))
    with pytest.raises(CourseError, match=rf"{NAME}:\d+: this is not UTF-8"):
        source.read(course, path)


def test_magics_are_python():
    assert parse("# %%\n%timeit -n 1 sum(range(3))\nx = 1\n").cells[0].kind == "code"
