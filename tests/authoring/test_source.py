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


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_other_editors_write_gives_the_same_cells(course, encoding, ends):
    path = course / NAME
    text = TANK.replace("Stirring", "R\u00fchren")
    path.write_bytes(text.replace("\n", ends).encode(encoding))
    assert source.read(course, path) == source.parse(text, NAME)


MARKS = ["<<<<<<< HEAD", "||||||| merged common ancestors", "=======", ">>>>>>> other"]


@pytest.mark.parametrize("prefix", ["", "# ", "#"])
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "above",
    [
        "#     title: ",  # in the header
        "# # How full",  # in Markdown
        "level_mm = 1250",  # in code
        "# **Ask** What",  # in a note
        "### BEGIN HIDDEN",  # in a test
    ],
)
def test_a_mark_of_a_conflict_is_named_wherever_it_stands(mark, prefix, above):
    lines = TANK.split("\n")
    place = next(n for n, line in enumerate(lines) if line.startswith(above)) + 1
    lines.insert(place, prefix + mark)
    for ends in ("\n", "\r\n"):
        with pytest.raises(CourseError, match=rf"^{NAME}:{place + 1}: .*Keep one of them"):
            source.parse(ends.join(lines), NAME)


@pytest.mark.parametrize("line", ["# ========", "# ======", "x = '======='", "# a <<<<<<< b"])
def test_what_only_looks_like_a_mark_of_a_conflict_is_read(line):
    assert parse(f"# %%\n{line}\n").cells


HIDDEN = ["\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad", "\u200f", "\u202e", "\u2066"]
CONTROLS = ["\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("character", [*HIDDEN, *CONTROLS, "\u200d"])
@pytest.mark.parametrize(
    "after",
    ["#     minutes: 20", "# # How full", "# %% [markdown]", "level_mm = 1250", "### END SOLUTION"],
)
def test_a_character_that_nobody_sees_is_named_with_its_place(character, after):
    line = TANK[: TANK.index(after)].count("\n") + 1
    words = rf"^{NAME}:{line}: .* in column {len(after) + 1}, U\+{ord(character):04X} "
    with pytest.raises(CourseError, match=words):
        source.parse(TANK.replace(after, after + character, 1), NAME)


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2003", "\u3000"])
def test_a_space_that_is_none_is_refused_in_code_and_header_and_fine_in_prose(space):
    for old in ("level_mm = 1250", "#     title: How", "# %% [markdown]", "# The check compares"):
        with pytest.raises(CourseError, match=rf"U\+{ord(space):04X} \(.*space"):
            source.parse(TANK.replace(old, old.replace(" ", space)), NAME)
    prose = TANK.replace("0.8 litres", f"0.8{space}litres")
    assert any(f"0.8{space}litres" in cell.text for cell in source.parse(prose, NAME).cells)


def test_emoji_and_other_scripts_are_seen():
    text = "# %% [markdown]\n# 👩‍🔬 ✔️ naïve Σ µm 細胞\n\n# %%\nσ = '👩\u200d🔬'\n"
    assert len(parse(text).cells) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#   vaxlab:", "#\tvaxlab:"),
        ("#     title:", "#   \ttitle:"),
        ("title: How", "title:\tHow"),
        ("# ---\n", "# ---\t\n"),
    ],
)
def test_a_tab_in_the_header_is_named_with_its_line(old, new):
    line = TANK[: TANK.index(old)].count("\n") + 1
    with pytest.raises(CourseError, match=f"^{NAME}:{line}: a tab in the header"):
        source.parse(TANK.replace(old, new, 1), NAME)


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
    line = HEADER.count("\n") + 1
    with pytest.raises(CourseError, match=rf"{NAME}:{line}: the header .* is no YAML"):
        source.parse(HEADER + "#     title: [1, 2}\n# ---\n\n# %%\nx = 1\n", NAME)


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
