"""Read notebook files as people send them: a notebook, or one sentence that says what is wrong.

Files come from other editors, mail programs and merges. What has only one meaning is read (a byte
order mark, UTF-16, half of an emoji); all else is refused with its cause and a way out. Copies that
browsers and file managers leave beside a notebook are told from the notebook itself.
"""

from __future__ import annotations

import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Larger files are not opened, longer notebooks not read, longer cells are cut.
MAX_BYTES = 2**28
MAX_CELLS = 2000
MAX_SOURCE = 2**21

_CELL_TYPES = ("code", "markdown", "raw")
#: A line that git leaves where two versions do not fit; perhaps made a comment since.
_CONFLICT = re.compile(r"[ \t#]*(?:<{7}|\|{7}|>{7})(?:[ \t].*)?")
_DAY = re.compile(r"day\d+")
_NAME = re.compile(r"(\d+)-[a-z0-9]+(-[a-z0-9]+)*")
_ORIGIN = re.compile(r"solutions/(day\d+)/([^/]+)\.py")
#: What browsers, file managers and JupyterLab append to the name of a copy.
_COPY = re.compile(
    r"(?:[ _-]*\(\d+\)|[ _-]+(?:copy|kopie|copie|copia)(?:[ _-]*\(?\d+\)?)?|-checkpoint|\.ipynb)$",
    re.IGNORECASE,
)
#: What is often sent in place of a notebook, by how it begins.
_OTHERS = (
    (re.compile(r"\s*<(?:!doctype|html)", re.IGNORECASE), "a web page", "Download the file itself"),
    (re.compile("PK\x03\x04"), "a zip archive", "Unpack it"),
    (re.compile("\x1f\x8b"), "a gzip archive", "Unpack it"),
    (re.compile("%PDF-"), "a PDF", "Send the notebook itself"),
    (re.compile("version https://git-lfs"), "a pointer of Git LFS", "Call `git lfs pull`"),
    (re.compile("# (?:---|%%)"), "a Python script", "Send the notebook itself"),
)
_SAVE_AGAIN = "Save it in JupyterLab once more; an older copy may stand in .ipynb_checkpoints."


def read(path: Path, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Read a notebook file.

    Parameters
    ----------
    path : Path
        The file.
    max_bytes : int
        A larger file is refused without being opened.

    Returns
    -------
    dict
        As `parse`.

    Raises
    ------
    CourseError
        It cannot be opened, or as `parse`.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CourseError(f"{path.name} is a folder or a device, not a file. Move it away.")
        if status.st_size > max_bytes:
            raise CourseError(
                f"{path.name} is larger than {max_bytes // 2**20} MiB. Clear its outputs, save it."
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise CourseError(f"There is no {path.name} in {path.parent}.") from None
    except OSError as error:
        raise CourseError(
            f"{path.name} cannot be opened ({error.strerror}). Mend that, then try again."
        ) from None
    return parse(content, path.name)


def parse(content: bytes, name: str) -> dict[str, Any]:
    """Turn the bytes of a notebook file into its JSON.

    Parameters
    ----------
    content : bytes
        UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
    name : str
        What to call the file in messages.

    Returns
    -------
    dict
        A notebook of format 4. Each of its ``cells`` is a dict of a known ``cell_type``, its
        ``source`` and grade id strings that can be written as UTF-8 (half of an emoji becomes
        U+FFFD), its ``metadata`` a dict. Whatever else stands among the cells is left out.

    Raises
    ------
    CourseError
        It is no notebook; one or two sentences say why and what to do.
    """
    text = _text(content, name)
    if not text.strip("\0 \t\r\n"):
        raise CourseError(f"{name} is empty. Was it saved?")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise CourseError(f"{name} cannot be read as a notebook: {_why(text, error)}") from None
    if not isinstance(notebook, dict):
        raise CourseError(
            f"{name} cannot be read as a notebook: it is JSON, but no notebook. Take it anew from "
            "the course."
        )
    if notebook.get("nbformat") != 4:
        raise CourseError(f"{name} is not a notebook of format 4. Open and save it in JupyterLab.")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise CourseError(f"{name} holds no list of cells. Take it anew from the course.")
    if len(cells) > MAX_CELLS:
        raise CourseError(f"{name} holds more than {MAX_CELLS} cells. Take out what is not yours.")
    notebook["cells"] = [_cell(cell) for cell in cells if _is_cell(cell)]
    return notebook


def plain(notebook: dict[str, Any]) -> NotebookNode:
    """Keep of a notebook what is run and graded: sources and grade ids, nothing else.

    Parameters
    ----------
    notebook : dict
        As `parse` returns it.
    """
    from nbformat import v4

    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    made = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for cell in notebook["cells"]:
        kept = make[cell["cell_type"]](cell["source"].replace("\x00", "")[:MAX_SOURCE])
        grading = cell["metadata"].get("nbgrader")
        if isinstance(grading, dict) and isinstance(grading.get("grade_id"), str):
            kept.metadata["nbgrader"] = {"grade_id": grading["grade_id"]}
        made.cells.append(kept)
    return made


def conflict(text: str) -> tuple[int, str] | None:
    """Find the first mark of a conflict that git has left in a text.

    Returns
    -------
    tuple of int and str, or None
        Its line (from 1), and the mark as it stands there. The middle one, ``=======``, is not
        looked for: it may be the line below a Markdown heading.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONFLICT.fullmatch(line.rstrip("\r")):
            return number, line.strip()[:60]
    return None


def origin(notebook: dict[str, Any]) -> tuple[str, str] | None:
    """Tell of which notebook of the course this is a copy, whatever its file is called.

    Returns
    -------
    tuple of str, or None
        Day and name, such as ``("day1", "1-trust")``; None where the notebook does not know.
    """
    metadata = notebook.get("metadata")
    course = metadata.get("vaxlab") if isinstance(metadata, dict) else None
    source = course.get("generated_from") if isinstance(course, dict) else None
    found = _ORIGIN.fullmatch(source) if isinstance(source, str) else None
    return (found[1], found[2]) if found else None


def meant(stem: str) -> str:
    """Guess the name of the notebook from that of a copy.

    Parameters
    ----------
    stem : str
        Name of a file without its ending: ``1-Trust (1)``, ``1-trust-Copy1``.

    Returns
    -------
    str
        ``1-trust``; in small letters, whatever stood there.
    """
    stem = stem.strip()
    while (shorter := _COPY.sub("", stem).strip()) not in (stem, ""):
        stem = shorter
    return stem.lower()


@dataclass(frozen=True)
class Work:
    """Where the work on one notebook of the course stands.

    Attributes
    ----------
    name : str
        Such as ``day1/1-trust``.
    path : Path
        The one file that counts.
    copies : tuple of Path
        Others of the same notebook; they do not count.
    """

    name: str
    path: Path
    copies: tuple[Path, ...] = ()

    def remark(self, course: Path) -> str:
        """Say which file counts and how it should be called; nothing where all is plain."""
        said = []
        here = self.path.relative_to(course).as_posix()
        if here != f"{self.name}.ipynb":
            said.append(
                f"{here} is taken for {self.name}. Rename it to {self.name}.ipynb before you hand "
                "it in: grading looks for that name."
            )
        for copy in self.copies:
            later = _saved(copy) > _saved(self.path)
            hint = " It was saved later: are your answers in it?" if later else ""
            said.append(
                f"{copy.relative_to(course).as_posix()} is a copy and does not count, here or in "
                f"grading; {here} does.{hint}"
            )
        return " ".join(said)


def works(course: Path) -> list[Work]:
    """Find the notebooks below the days of a course, each once, however many copies there are.

    Parameters
    ----------
    course : Path
        The folder with ``day1`` and so on.

    Returns
    -------
    list of Work
        In the order of their names. Where no file has the right name, the copy that was saved
        last counts.
    """
    direct = sorted(course.glob("[dD]ay*/*.ipynb"))
    deeper = [*course.glob("*.ipynb"), *course.glob("[dD]ay*/*/*.ipynb")]
    groups: dict[str, list[Path]] = {}
    for path in (*direct, *sorted(deeper)):
        parts = path.relative_to(course).parts
        if any(part.startswith(".") for part in parts):
            continue
        name, known = _belongs_to(path, meant(parts[0]))
        # A sub-folder may hold notes of the learner's own.
        if path in direct or known or name in groups:
            groups.setdefault(name, []).append(path)
    found = []
    for name, paths in sorted(groups.items()):
        rights = [path for path in paths if path.relative_to(course).as_posix() == f"{name}.ipynb"]
        counts = rights[0] if rights else max(paths, key=_saved)
        if not rights and not _NAME.fullmatch(name.split("/")[1]):  # a notebook of their own
            name = counts.relative_to(course).as_posix().removesuffix(".ipynb")
        found.append(Work(name, counts, tuple(path for path in paths if path != counts)))
    return found


def _saved(path: Path) -> float:
    """When a file was saved; long ago for a link to nowhere."""
    return path.stat().st_mtime if path.exists() else 0.0


def _belongs_to(path: Path, day: str) -> tuple[str, bool]:
    """Name the notebook of the course that a file holds, and tell whether the file itself says so.

    A name of the course's own form with another number is believed: an instructor may have begun a
    notebook from one of the course.
    """
    try:
        known = origin(read(path))
    except CourseError:
        known = None
    own = _NAME.fullmatch(path.stem)
    if known and not (own and own[1] != known[1].split("-")[0]):
        return "/".join(known), True
    return f"{day}/{meant(path.stem)}", False


def decode(content: bytes) -> str:
    """Decode a text file: UTF-8, or UTF-16 and UTF-32 as editors mark them; no mark is kept.

    Raises
    ------
    UnicodeDecodeError
        It is none of these.
    """
    return content.decode(json.detect_encoding(content)).lstrip("\ufeff")


def writable(text: str) -> str:
    """Join halves of emoji that stand side by side, and put U+FFFD for each that stands alone."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text(content: bytes, name: str) -> str:
    try:
        # Half of an emoji may stand there without its escape, too.
        return content.decode(json.detect_encoding(content), "surrogatepass").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        other = _other(content[:100].decode("latin-1"))
        other = other or f"it is not UTF-8 text (line {line}). {_SAVE_AGAIN}"
        raise CourseError(f"{name} cannot be read as a notebook: {other}") from None


def _why(text: str, error: BaseException) -> str:
    """Say why a text is no JSON, and what to do."""
    mark = conflict(text)
    if mark:
        return (
            f"git could not merge two versions of it and left its mark `{mark[1]}` in line "
            f"{mark[0]}. Keep one version whole, with `git checkout --ours` or `--theirs` and the "
            "file's name; or take an older copy."
        )
    other = _other(text)
    if other:
        return other
    if not isinstance(error, json.JSONDecodeError):
        return f"its JSON is nested too deep or holds a number too long. {_SAVE_AGAIN}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return (
            f"it breaks off in line {error.lineno}, as if not saved or copied whole. {_SAVE_AGAIN}"
        )
    return (
        f"it is no JSON from line {error.lineno}, column {error.colno} on "
        f"({error.msg[0].lower()}{error.msg[1:]}). {_SAVE_AGAIN}"
    )


def _other(text: str) -> str:
    return next((f"it is {what}. {do}." for begins, what, do in _OTHERS if begins.match(text)), "")


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") in _CELL_TYPES


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    source, metadata = cell.get("source", ""), cell.get("metadata")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    metadata = metadata if isinstance(metadata, dict) else {}
    grading = metadata.get("nbgrader")
    if isinstance(grading, dict) and isinstance(grading.get("grade_id"), str):
        grading["grade_id"] = writable(grading["grade_id"])
    return cell | {"source": writable(source), "metadata": metadata}
