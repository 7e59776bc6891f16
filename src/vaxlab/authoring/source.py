"""Read the percent-format sources in ``solutions/``; every cell knows its line."""

import ast
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vaxlab import imports, notebook_file
from vaxlab.errors import CourseError

DAY = re.compile(r"day\d+")
NOTEBOOK = re.compile(r"\d+-[a-z0-9]+(-[a-z0-9]+)*")
CELL_LINE = re.compile(r"#\s*%%")
# The middle one of git's three marks of a conflict; in prose it would make a heading.
_MIDDLE_MARK = re.compile(r"(#\s*)?={7}")
# Kinds of characters that nobody sees: controls, format, the ends of lines that editors do not show
# as such, private ones. A joiner inside an emoji is none of them.
_HIDDEN = ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")
_JOINER = "\u200d"
# Jupytext's name for the options of a `# %%` line that it could not read.
UNREADABLE_OPTIONS = "incorrectly_encoded_metadata"


@dataclass(frozen=True)
class Cell:
    """One cell of a source.

    Attributes
    ----------
    kind
        ``"markdown"``, ``"code"`` or ``"raw"``.
    text
        Its source, without blank lines around it.
    tags
        Its tags.
    nbgrader
        Its nbgrader metadata, empty where it has none.
    line
        Line of the file (from 1) that the first line of `text` stands on.
    """

    kind: str
    text: str
    tags: tuple[str, ...]
    nbgrader: dict
    line: int

    @property
    def lines(self) -> list[str]:
        """The lines of `text`."""
        return self.text.split("\n")

    @property
    def is_answer(self) -> bool:
        """Whether a learner writes an answer here."""
        return bool(self.nbgrader.get("solution"))

    @property
    def is_graded(self) -> bool:
        """Whether points are given here, by a program or by a person."""
        return bool(self.nbgrader.get("grade"))

    @property
    def is_check(self) -> bool:
        """Whether a program gives points here."""
        return self.is_graded and not self.is_answer

    @property
    def is_written(self) -> bool:
        """Whether a learner writes a text here that a person marks."""
        return self.kind == "markdown" and self.is_answer and self.is_graded

    @property
    def is_instructor(self) -> bool:
        """Whether this is a note for the instructor alone."""
        return "instructor" in self.tags

    @property
    def grade_id(self) -> str:
        """Its nbgrader id; empty where it has none."""
        return str(self.nbgrader.get("grade_id", ""))

    @property
    def points(self) -> float:
        """Points that are given here; 0 where it is not graded."""
        points = self.nbgrader.get("points", 0) if self.is_graded else 0
        return float(points) if isinstance(points, int | float) else 0.0


@dataclass(frozen=True)
class Source:
    """One source file.

    Attributes
    ----------
    path
        Where it stands, relative to the checkout, with forward slashes:
        ``solutions/day1/1-trust.py``.
    front
        What stands under ``vaxlab:`` in its header: title, minutes, ….
    cells
        Its cells in order.
    """

    path: str
    front: dict
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """Name of the notebook: ``1-trust``."""
        return Path(self.path).stem

    @property
    def day(self) -> str:
        """Name of its folder, which is nbgrader's name of the assignment: ``day1``."""
        return Path(self.path).parent.name

    @property
    def title(self) -> str:
        """Title in the header."""
        return str(self.front.get("title", ""))

    @property
    def minutes(self) -> int:
        """Minutes in the header; 0 where they are missing or no number."""
        minutes = self.front.get("minutes")
        return minutes if isinstance(minutes, int) else 0

    @cached_property
    def points(self) -> float:
        """Points that the whole notebook gives."""
        return sum(cell.points for cell in self.cells)


def sources(root: Path) -> list[Path]:
    """List the sources of the days' notebooks, in the order of the course."""
    return sorted(
        path
        for path in (root / "solutions").glob("*/*.py")
        if DAY.fullmatch(path.parent.name) and NOTEBOOK.fullmatch(path.stem)
    )


def read(root: Path, path: Path) -> Source:
    """Read one source.

    Parameters
    ----------
    root
        The checkout.
    path
        The ``.py`` file.

    Raises
    ------
    CourseError
        It cannot be read; the message names file and line.
    """
    name = path.relative_to(root).as_posix()
    try:
        content = path.read_bytes()
        text = notebook_file.decode(content)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CourseError(
            f"{name}:{line}: this is not UTF-8 text (byte {error.start}). Save the file as UTF-8."
        ) from error
    except OSError as error:
        raise CourseError(f"{name}: cannot be read ({error.strerror}).") from error
    return parse(text, name)


def parse(text: str, name: str) -> Source:
    """Turn the text of a source into cells; `name` is used in messages.

    Raises
    ------
    CourseError
        The header, the options of a cell or its Python cannot be read, git has left marks of a
        conflict, or there are characters that nobody sees.
    """
    imports.hurry()
    import jupytext
    import yaml

    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    _check_merged(lines, name)
    _check_characters(lines, name)
    try:
        notebook = jupytext.reads("\n".join(lines), fmt="py:percent")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1  # counted from the line below `# ---`
        raise CourseError(
            f"{name}:{line}: the header between the two `# ---` lines is no YAML "
            f"({getattr(error, 'problem', error)}). Mend it after the header of another notebook."
        ) from error
    front = notebook.metadata.get("vaxlab")
    if not isinstance(front, dict):
        raise CourseError(
            f"{name}:1: the header has no `vaxlab:` entry. Begin the file with a header that holds "
            '`jupyter:` and in it `vaxlab: {title: "…", minutes: 85}`.'
        )

    cells = []
    position = 0
    for cell in notebook.cells:
        position = _find(lines, position, cell, name)
        if UNREADABLE_OPTIONS in cell.metadata:
            raise CourseError(
                f"{name}:{position + 1}: the options of this cell cannot be read: "
                f"{cell.metadata[UNREADABLE_OPTIONS]}. Write them as JSON, for instance "
                '# %% nbgrader={"grade": false, "solution": true, …}.'
            )
        offset = len(cell.source) - len(cell.source.lstrip("\n"))
        cells.append(
            Cell(
                kind=cell.cell_type,
                text=cell.source.strip("\n"),
                tags=tuple(cell.metadata.get("tags", ())),
                nbgrader=dict(cell.metadata.get("nbgrader", {})),
                line=position + 2 + offset,
            )
        )
        position += 1
    source = Source(name, dict(front), tuple(cells))
    for cell in source.cells:
        if cell.kind == "code":
            _parse_python(cell, name)
    return source


def _check_merged(lines: list[str], name: str) -> None:
    """Refuse a source in which git has left the marks of a conflict."""
    found = notebook_file.conflict("\n".join(lines))
    middle = (n for n, line in enumerate(lines, start=1) if _MIDDLE_MARK.fullmatch(line.rstrip()))
    line = found[0] if found else next(middle, None)
    if line:
        raise CourseError(
            f"{name}:{line}: `{lines[line - 1].strip()[:60]}` is a mark of git's, of two versions "
            "that do not fit. Keep one of them, delete the marks, then build again."
        )


def _check_characters(lines: list[str], name: str) -> None:
    """Refuse characters that nobody sees, and in code and header also spaces that are none."""
    in_header, in_prose = True, False
    for number, line in enumerate(lines, start=1):
        begins_cell = bool(CELL_LINE.match(line))
        in_header = in_header and not begins_cell
        if begins_cell:
            in_prose = "[markdown]" in line or "[raw]" in line
        for column, character in enumerate(line, start=1):
            if " " <= character <= "~":
                continue
            where = f"{name}:{number}: "
            if character == "\t":
                if in_header:
                    raise CourseError(f"{where}a tab in the header. Write spaces.")
                continue
            kind = unicodedata.category(character)
            in_emoji = character == _JOINER and _is_picture(line[: column - 1])
            is_space = kind == "Zs" and (begins_cell or not in_prose)
            if is_space or (kind in _HIDDEN and not in_emoji):
                called = unicodedata.name(character, "a control character")
                raise CourseError(
                    f"{where}a character that nobody sees in column {column}, "
                    f"U+{ord(character):04X} ({called.lower()}). Delete it; in a string, write "
                    f"{ascii(character)} instead."
                )


def _is_picture(before: str) -> bool:
    """Tell whether a text ends with an emoji, its colour or its variant."""
    return unicodedata.category(before[-1:] or " ") in ("So", "Sk", "Mn")


def _find(lines: list[str], start: int, cell, name: str) -> int:
    """Find the `# %%` line (index) of a cell; a string may hold lines that only look like one."""
    wanted = cell.source.strip("\n").split("\n")[0].strip()
    for index in range(start, len(lines)):
        if not CELL_LINE.match(lines[index]):
            continue
        below = (line for line in lines[index + 1 :] if line.strip(" #\"'"))
        first = next(below, "").strip()
        if not wanted or first == wanted or first.lstrip("#\"' ") == wanted.lstrip("#\"' "):
            return index
    stands = (i for i in range(start, len(lines)) if lines[i].strip() == wanted)
    raise CourseError(
        f"{name}:{next(stands, start) + 1}: there is text here that belongs to no cell. Begin "
        "every cell with a line of its own, `# %%` or `# %% [markdown]`, the first one right after "
        "the header."
    )


def _parse_python(cell: Cell, name: str) -> None:
    try:
        python(cell.text)
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1) - 1
        raise CourseError(
            f"{name}:{line}: this is no Python: {error.msg}. Mend the cell, then build again."
        ) from error


def python(text: str) -> ast.Module:
    """Parse the text of a code cell, IPython's magics included.

    Raises
    ------
    SyntaxError
        It is no Python.
    """
    try:
        return ast.parse(text)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return ast.parse(TransformerManager().transform_cell(text))
