"""What learners hand in, as it comes: folders, notebooks and the files beside them.

Names and files are other people's. nbgrader gets to see only what is made here of them: notebooks
of plain cells under the names that the course gave them, pictures, and a time that can be read.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

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
_SECRET = re.compile(r"[0-9a-f]{16,128}")
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


@dataclass(frozen=True)
class File:
    """A file of a submission, as it was seen from the open folder that holds it."""

    path: Path
    folder: int
    status: os.stat_result

    @property
    def is_plain(self) -> bool:
        """Whether it is a file of its own: no link of any kind, no device, no folder."""
        return stat.S_ISREG(self.status.st_mode) and self.status.st_nlink == 1

    def open(self) -> BinaryIO:
        """Open it, following nothing.

        Raises
        ------
        OSError
            It is not what it was.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        stream = os.fdopen(os.open(self.path.name, flags, dir_fd=self.folder), "rb")
        if not os.path.samestat(os.fstat(stream.fileno()), self.status):
            stream.close()
            raise OSError(errno.ESTALE, "it changed while it was read")
        return stream


def files(source: Path, *, hidden: bool = False) -> Iterator[File]:
    """Walk through a submission in a stable order, from open folder to open folder.

    No link is followed, however deep folders are; what lies deeper than `MAX_DEPTH` is left out,
    and so is what is hidden, unless asked for. A file can be opened while it is at hand.
    """
    for folder, below, plain, descriptor in os.fwalk(source, follow_symlinks=False):
        inside = Path(folder)
        deep = len(inside.relative_to(source).parts) >= MAX_DEPTH - 1
        below[:] = [] if deep else sorted(below)
        if not hidden:
            below[:] = [name for name in below if name[0] != "." and name != "__pycache__"]
        for name in sorted(plain):
            if hidden or not name.startswith("."):
                with contextlib.suppress(FileNotFoundError):
                    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    yield File(inside / name, descriptor, status)


def link_on_the_way(root: Path, *parts: str) -> str:
    """Name the first link on the way from a folder to what is below it; empty for none."""
    for depth in range(1, len(parts) + 1):
        if root.joinpath(*parts[:depth]).is_symlink():
            return "/".join(map(shown, parts[:depth]))
    return ""


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
    for file in files(source):
        if file.path.suffix == ".ipynb" or not wanted(file.path):
            continue
        inside = target / file.path.relative_to(source)
        why = ""
        if not count:
            return [*behind, f"all beyond {MAX_FILES} files"]
        if not file.is_plain:
            why = "a link or a device"
        elif file.status.st_size > left:
            why = f"beyond {MAX_FOLDER_BYTES // MIB} MiB in all"
        elif not os.path.lexists(inside):
            try:
                inside.parent.mkdir(parents=True, exist_ok=True)
                with file.open() as reader, open(inside, "xb") as writer:
                    writer.write(reader.read(file.status.st_size))
                left, count = left - file.status.st_size, count - 1
            except OSError as error:
                why = error.strerror or "no reason given"
        if why:
            behind.append(f"{shown(str(file.path.relative_to(source)))} ({why})")
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

    try:
        text = _bytes(folder / "timestamp.txt", 200).decode("utf-8", "replace").strip()
        if not text:
            return None, ""
        if _TIME.fullmatch(text):
            return parse_utc(text), ""
    except FileNotFoundError:
        return None, ""
    except (CourseError, OSError, ValueError, OverflowError):
        pass
    return None, "timestamp.txt was left aside: it is no time such as 2026-11-20 12:00:00 UTC."


def _secret(folder: Path) -> str:
    """Return what nbgrader's exchange needs to hand feedback back to whom it belongs, if any."""
    try:
        text = _bytes(folder / "submission_secret.txt", 200).decode("ascii").strip()
    except (CourseError, OSError, ValueError):
        return ""
    return text if _SECRET.fullmatch(text) else ""


def _bytes(path: Path, most: int) -> bytes:
    """Read a plain file, following nothing.

    Raises
    ------
    CourseError
        It is none, or holds more than `most` bytes.
    OSError
        It cannot be opened.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        file = File(path, folder, os.stat(path.name, dir_fd=folder, follow_symlinks=False))
        if not file.is_plain:
            raise CourseError(f"{path.name} is a link, a folder or a device, not a file.")
        if file.status.st_size > most:
            raise CourseError(
                f"{path.name} is larger than {most // MIB} MiB. Clear its outputs, save it."
            )
        with file.open() as stream:
            return stream.read(most)
    finally:
        os.close(folder)


def read_notebook(path: Path) -> NotebookNode:
    """Read a learner's notebook: sources and grade ids only, whatever else it holds.

    Raises
    ------
    CourseError
        It is none; one sentence says why.
    """
    try:
        content = _bytes(path, notebook_file.MAX_BYTES)
    except FileNotFoundError:
        raise CourseError(f"{path.name} was not handed in.") from None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be opened ({error.strerror}).") from None
    return notebook_file.plain(notebook_file.parse(content, path.name))


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
    secret = _secret(source)
    if secret:
        (target / "submission_secret.txt").write_text(secret)
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
        (-rank, len(file.path.parts), str(file.path), file.path)
        for file in itertools.islice(_perhaps(source), MAX_FILES)
        if file.path not in own and file.is_plain
        for rank in [_rank(file, assignment, name)]
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


def _perhaps(source: Path) -> Iterator[File]:
    """All files of a submission, and JupyterLab's hidden copies of notebooks."""
    for file in files(source, hidden=True):
        parts = file.path.relative_to(source).parts
        if parts[0] == ".ipynb_checkpoints" or not any(part.startswith(".") for part in parts):
            yield file


def _rank(file: File, assignment: str, name: str) -> int:
    """Tell how much a file looks like a notebook: by what it says of itself, or by its name."""
    path, rank = file.path, 0
    kind = path.suffix.lower()
    if kind in ARCHIVES:
        return 1
    if kind not in (".ipynb", ".json", ".txt"):
        return 0
    origin = None
    with contextlib.suppress(CourseError, OSError):
        if file.status.st_size <= MAX_FOLDER_BYTES:
            with file.open() as stream:
                origin = notebook_file.origin(notebook_file.parse(stream.read(), path.name))
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
    for file in files(source, hidden=True):
        digest = hashlib.sha256(f"{file.status.st_mode} {file.status.st_size}".encode())
        if file.is_plain and file.status.st_size <= notebook_file.MAX_BYTES:
            with file.open() as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        told[str(file.path.relative_to(source))] = digest.hexdigest()
    prints = {}
    for name in names:
        others = {f"{other}.ipynb" for other in names} - {f"{name}.ipynb"}
        seen = [(path, digest) for path, digest in told.items() if path not in others]
        prints[name] = hashlib.sha256(f"{common} {seen!r}".encode("utf-8", "replace")).hexdigest()
    return prints
