"""What learners hand in, as it comes: folders, notebooks and the files beside them.

Names and files are other people's. nbgrader gets to see only what is made here of them: notebooks
of plain cells under the names that the course gave them, pictures, and a time that can be read.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vaxlab import notebook_file
from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from nbformat import NotebookNode

MIB = 2**20
MAX_FOLDER_BYTES, MAX_FILES, MAX_DEPTH = 64 * MIB, 500, 5
#: A gradebook's column for a learner's name is so wide.
MAX_NAME = 128
#: Files that pages show; what else lies beside a notebook is for its code alone.
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".7z", ".rar"})
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?([A-Z]{1,5}|[+-]\d\d:?\d\d))?"
)


def shown(name: str) -> str:
    """Write a name so that all of it is seen: no control signs, no bytes that are no text."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def alike(name: str) -> str:
    """Reduce a name to what people see of it: two names that are alike may be one learner's."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())


def submissions(handed_in: Path, assignment: str) -> tuple[list[str], dict[str, str]]:
    """Look through the folder with everybody's folders.

    Returns
    -------
    list of str
        Learners with something to grade.
    dict
        Why another name is left out, in a sentence.
    """
    learners, left_out = [], {}
    for name in sorted(os.listdir(handed_in)) if handed_in.is_dir() else ():
        try:
            why = _why_left_out(handed_in / name, assignment)
        except OSError as error:
            why = f"It cannot be read ({error.strerror}). Mend its rights, then grade again."
        if why:
            left_out[name] = why
        elif why is not None:
            learners.append(name)
    return learners, left_out


def _why_left_out(path: Path, assignment: str) -> str | None:
    """Say why an entry is not graded; nothing where it is, None where it means nobody."""
    name, inside = path.name, path / assignment
    if path.is_symlink():
        return "It is a link, which is not followed. Put the folder itself here."
    if not path.is_dir():
        return None if name.startswith(".") else f"It is a file. {_place(path, assignment)}"
    if name.startswith("."):
        return "It is a hidden folder. If it is a learner's, rename it without the full stop."
    if why := _why_no_name(name):
        return f"{why} Rename the folder, then grade again."
    if inside.is_symlink():
        return f"Its {assignment} is a link, which is not followed. Put the folder itself there."
    if not inside.is_dir():
        there = [shown(entry) for entry in sorted(os.listdir(path))]
        holds = f"It holds {', '.join(there[:5])}{', …' if there[5:] else ''}." if there else ""
        said = f"There is no folder {assignment} in it. {holds}".strip()
        return f"{said} {_place(path, assignment)}" if there else said
    return ""


def _place(path: Path, assignment: str) -> str:
    return (
        f"Notebooks of {assignment} belong into {path.parent.name}/{shown(path.stem)}/{assignment}/"
        ", unpacked."
    )


def _why_no_name(name: str) -> str:
    """Say why a gradebook cannot hold a name."""
    try:
        name.encode()
    except UnicodeEncodeError:
        guess = shown(os.fsencode(name).decode("latin-1"))
        return f"Its name is not UTF-8; written on another system, it may be {guess}."
    if name != name.strip():
        return f"nbgrader would cut the blanks off its name and take it for {shown(name.strip())}."
    if any(unicodedata.category(sign) == "Cc" for sign in name):
        return "Its name holds a control sign, such as the end of a line."
    if len(name) > MAX_NAME:
        return f"Its name is longer than the {MAX_NAME} signs that a gradebook holds."
    return ""


def files(source: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Walk through a submission, in a stable order; what is hidden is left out."""
    for folder, below, plain in os.walk(source):
        deep = len(Path(folder).relative_to(source).parts) >= MAX_DEPTH - 1
        below[:] = [] if deep else sorted(below)
        below[:] = [name for name in below if not name.startswith(".") and name != "__pycache__"]
        for name in sorted(plain):
            if not name.startswith("."):
                path = Path(folder, name)
                yield path, path.lstat()


def _is_plain(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def copy_companions(
    source: Path, target: Path, wanted: Callable[[Path], bool] = lambda path: True
) -> list[str]:
    """Copy what lies beside the notebooks, as plain files; what is there already stays.

    Parameters
    ----------
    source, target : Path
        The submission, and the folder that its code is to work in, made where there is none.
    wanted : callable
        Tells of a file whether it is to be copied.

    Returns
    -------
    list of str
        Which files stayed behind, and why.
    """
    target.mkdir(parents=True, exist_ok=True)
    left, count, behind = MAX_FOLDER_BYTES, MAX_FILES, []
    for path, status in files(source):
        if path.suffix == ".ipynb" or not wanted(path):
            continue
        inside = target / path.relative_to(source)
        why = ""
        if not count:
            return [*behind, f"all beyond {MAX_FILES} files"]
        if not _is_plain(status):
            why = "a link or a device"
        elif status.st_size > left:
            why = f"beyond {MAX_FOLDER_BYTES // MIB} MiB in all"
        elif not os.path.lexists(inside):
            try:
                inside.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, inside, follow_symlinks=False)
                left, count = left - status.st_size, count - 1
            except OSError as error:
                why = error.strerror or "no reason given"
        if why:
            behind.append(f"{shown(str(path.relative_to(source)))} ({why})")
    return behind


def time_handed_in(folder: Path) -> tuple[datetime | None, str]:
    """Read when a submission was handed in, in UTC, as nbgrader's exchange notes it.

    Returns
    -------
    datetime or None
        None where nothing is noted, or nothing that is a time.
    str
        A sentence, where what is noted had to be left aside.
    """
    from nbgrader.utils import parse_utc

    path = folder / "timestamp.txt"
    try:
        status = path.lstat()
        plain = _is_plain(status) and status.st_size < 200
        text = path.read_bytes().decode("utf-8", "replace").strip() if plain else "?"
        if not text:
            return None, ""
        if _TIME.fullmatch(text):
            return parse_utc(text), ""
    except FileNotFoundError:
        return None, ""
    except (OSError, ValueError, OverflowError):
        pass
    return None, "timestamp.txt was left aside: it is no time such as 2026-11-20 12:00:00 UTC."


def read_notebook(path: Path) -> NotebookNode:
    """Read a learner's notebook: sources and grade ids only, whatever else it holds.

    Raises
    ------
    CourseError
        It is none; one sentence says why.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        raise CourseError(f"{path.name} was not handed in.") from None
    if not _is_plain(status):
        raise CourseError(f"{path.name} is a link, a folder or a device, not a file.")
    return notebook_file.plain(notebook_file.read(path))


@dataclass
class Staged:
    """What nbgrader is given of a submission.

    Attributes
    ----------
    rejected : dict
        Why a notebook could not be read, by its name: every check in it earns 0.
    missing : dict
        What to do about a notebook that was handed in under another name: it is not graded.
    aside : list of str
        What else was left aside, in sentences.
    """

    rejected: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)


def stage(
    source: Path, target: Path, assignment: str, names: Sequence[str], wanted: Sequence[str]
) -> Staged:
    """Lay a submission out for nbgrader.

    Every notebook of the assignment gets a file, or nbgrader would give 0 points for it. That of a
    notebook which is not `wanted` is empty, and not graded.
    """
    from nbformat import v4, write

    staged = Staged()
    target.mkdir(parents=True)
    for name in names:
        notebook = v4.new_notebook()
        if name in wanted:
            try:
                notebook = read_notebook(source / f"{name}.ipynb")
            except CourseError as error:
                likely = _likely(source, assignment, name, names)
                said, why = (staged.missing, likely) if likely else (staged.rejected, str(error))
                said[name] = why
                notebook = v4.new_notebook(cells=[v4.new_markdown_cell(f"Not graded: {why}")])
        write(notebook, target / f"{name}.ipynb")
    # After the notebooks, whose places a folder of the same name must not take.
    copy_companions(source, target, lambda path: _is_picture(path.relative_to(source)))
    when, aside = time_handed_in(source)
    if when:
        (target / "timestamp.txt").write_text(f"{when.isoformat(' ')} UTC")
    staged.aside += filter(None, [aside])
    return staged


def _is_picture(path: Path) -> bool:
    """Tell whether pages show such a file, and every program can write its name."""
    return path.suffix.lower() in PICTURES and shown(str(path)) == str(path)


def _likely(source: Path, assignment: str, name: str, names: Sequence[str]) -> str:
    """Name the file that may be a notebook which is not there under its own name."""
    if (source / f"{name}.ipynb").is_file():
        return ""
    own = {source / f"{other}.ipynb" for other in names}
    found = [
        (-rank, len(path.parts), str(path), path)
        for path, status in itertools.islice(_everything(source), MAX_FILES)
        if path not in own and _is_plain(status)
        for rank in [_rank(path, assignment, name)]
        if rank
    ]
    if not found:
        return ""
    path, place = min(found)[-1], f"{shown(source.parent.name)}/{assignment}"
    looks = shown(str(path.relative_to(source)))
    if path.suffix.lower() in ARCHIVES:
        return (
            f"{name}.ipynb was not handed in, but perhaps it is in {looks}. "
            f"Unpack that into {place}/, then grade again."
        )
    others = f" ({len(found) - 1} more do, too)" if found[1:] else ""
    return (
        f"{name}.ipynb was not handed in, but {looks} looks like it{others}. "
        f"Move it to {place}/{name}.ipynb, then grade again."
    )


def _everything(source: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All files of a submission, and JupyterLab's hidden copies of notebooks."""
    yield from files(source)
    for path in sorted((source / ".ipynb_checkpoints").glob("*.ipynb")):
        yield path, path.lstat()


def _rank(path: Path, assignment: str, name: str) -> int:
    """Tell how much a file looks like a notebook: by what it says of itself, or by its name."""
    kind, rank = path.suffix.lower(), 0
    if kind in ARCHIVES:
        return 1
    if kind not in (".ipynb", ".json", ".txt"):
        return 0
    origin = None
    with contextlib.suppress(CourseError):
        origin = notebook_file.origin(notebook_file.read(path, MAX_FOLDER_BYTES))
    meant = notebook_file.meant(path.stem if kind != ".ipynb" else path.name)
    if origin == (assignment, name):
        rank = 4
    elif _letters(name) in _letters(meant):
        rank = 2 if origin else 3
    return 1 if rank and path.parent.name.startswith(".") else rank


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, alike(text)))


def fingerprints(source: Path, names: Sequence[str], common: str) -> dict[str, str]:
    """Fingerprints of a submission's notebooks: each covers all that lies beside it.

    Not the other notebooks of the assignment, so that one can be handed in anew alone.
    """
    told = {}
    for folder, below, plain in os.walk(source):
        below.sort()
        for name in sorted(plain):
            path = Path(folder, name)
            status = path.lstat()
            digest = hashlib.sha256(f"{status.st_mode} {status.st_size}".encode())
            if stat.S_ISREG(status.st_mode) and status.st_size <= notebook_file.MAX_BYTES:
                with open(path, "rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
            told[str(path.relative_to(source))] = digest.hexdigest()
    prints = {}
    for name in names:
        others = {f"{other}.ipynb" for other in names} - {f"{name}.ipynb"}
        seen = [(path, digest) for path, digest in told.items() if path not in others]
        prints[name] = hashlib.sha256(f"{common} {seen!r}".encode("utf-8", "replace")).hexdigest()
    return prints
