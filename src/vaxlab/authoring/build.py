"""Build ``course/`` from ``solutions/``, or tell what is out of date.

In order: read every source and judge its markers; write source notebooks into a temporary course;
let nbgrader make the release there; add the start page and the instructor's guides; and only then
put each file in its place, in one step a file. Whatever goes wrong before leaves everything as it
was.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vaxlab import notebook_file, reset
from vaxlab.authoring import guide, markers
from vaxlab.authoring.source import DAY, NOTEBOOK, Cell, Source, read, sources
from vaxlab.errors import CourseError

# What JupyterLab, Python and `vaxlab reset` leave beside notebooks; neither built nor judged.
LEFT_BY_TOOLS = {
    *(".ipynb_checkpoints", "__pycache__", ".jupyter_ystore.db", ".virtual_documents"),
    reset.KEPT,
}


@dataclass(frozen=True)
class Outputs:
    """What the sources give: content by path, relative to the checkout.

    Attributes
    ----------
    committed
        ``course/**`` and the instructor's guides.
    local
        nbgrader's source notebooks ``solutions/dayN/*.ipynb``, which git ignores.
    edged
        The guides once more, each computed figure between two of ``guide.EDGE``.
    """

    committed: dict[str, bytes]
    local: dict[str, bytes]
    edged: dict[str, str] = field(default_factory=dict)


def build_for_grading(root: Path) -> list[str]:
    """Write nbgrader's source notebooks only: ``course/`` may hold a demonstration in class.

    Parameters
    ----------
    root
        The checkout.

    Returns
    -------
    list of str
        The files that were written, relative to `root`.

    Raises
    ------
    CourseError
        A source is broken, or another build is at work. Nothing is written then.
    """
    with _lock(root):
        outputs = notebooks_alone(root).local
        changed = {n: c for n, c in outputs.items() if not _same(root / n, c, by_content=True)}
        _put(root, changed)
    return list(changed)


def build(root: Path, *, force: bool = False) -> list[str]:
    """Write what is out of date.

    Parameters
    ----------
    root
        The checkout.
    force
        Also overwrite notebooks that somebody has worked in.

    Returns
    -------
    list of str
        The files that were written or removed, relative to `root`.

    Raises
    ------
    CourseError
        A source is broken, somebody has worked in a notebook, or another build is at work.
        Nothing is written then.
    """
    with _lock(root):
        outputs = expected(root)
        changed = {
            name: content
            for name, content in (outputs.committed | outputs.local).items()
            if not _same(root / name, content, by_content=name in outputs.local)
        }
        leftover = [
            name
            for name in existing(root)
            if name not in outputs.committed and _is_ours(root, name)
        ]
        touched = (
            [] if force else [name for name in (*changed, *leftover) if _worked_in(root / name)]
        )
        if touched:
            raise CourseError(
                f"Somebody has worked in {', '.join(touched)}: nothing was built. Save a copy "
                "elsewhere if the work is worth keeping (answers of a learner, a correction that "
                "belongs into the .py), then run `vaxlab course build --force`."
            )
        try:
            _put(root, changed)
            for name in leftover:
                (root / name).unlink()
        except OSError as error:
            raise CourseError(
                f"{error.filename2 or error.filename or root} could not be written: "
                f"{error.strerror}. Every file is still whole. Mend that (disk full? folder "
                "read-only?), then run `vaxlab course build` again."
            ) from error
    return [*changed, *leftover]


def _put(root: Path, contents: dict[str, bytes]) -> None:
    """Put each file in its place in one step, so that none is ever half-written."""
    with _scratch(root) as scratch:
        for name, content in contents.items():
            part = scratch / "part"
            part.write_bytes(content)
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(part, root / name)


def stale(root: Path, outputs: Outputs | None = None) -> list[str]:
    """Name every file that is out of date, one sentence each; write nothing.

    Parameters
    ----------
    root
        The checkout.
    outputs
        What its sources give, where it has been computed already.

    Returns
    -------
    list of str
        Each begins with the path of a file, relative to `root`.

    Raises
    ------
    CourseError
        A source is broken.
    """
    outputs = outputs or expected(root)
    found = []
    for name, content in outputs.committed.items():
        if not (root / name).is_file():
            found.append(f"{name} is missing.")
        elif not _same(root / name, content) and not _agrees(root / name, outputs.edged.get(name)):
            found.append(f"{name} {_reason(root / name, content)}.")
    for name in existing(root):
        if name not in outputs.committed:
            found.append(f"{name} is a stray file: nothing in solutions/ gives it. Remove it.")
    for name, content in outputs.local.items():
        if (root / name).is_file() and not _same(root / name, content, by_content=True):
            found.append(f"{name} is out of date.")
    return found


def existing(root: Path) -> list[str]:
    """List the files in course/, but for what tools leave there."""
    return sorted(
        path.relative_to(root).as_posix()
        for path in (root / "course").rglob("*")
        if path.is_file() and not LEFT_BY_TOOLS.intersection(path.relative_to(root).parts)
    )


def read_all(root: Path) -> tuple[Source, list[Source]]:
    """Read the start page and all notebooks.

    Raises
    ------
    CourseError
        One of them is broken or missing, or a file in solutions/ has a name that would be passed
        over.
    """
    start = root / "solutions" / "index.py"
    if not start.is_file():
        raise CourseError("solutions/index.py is missing: it is the source of the start page.")
    for path in sorted((root / "solutions").glob("*/*.py")):
        if not (DAY.fullmatch(path.parent.name) and NOTEBOOK.fullmatch(path.stem)):
            raise CourseError(
                f"{path.relative_to(root).as_posix()} would be passed over. Name sources "
                "dayN/M-name.py (digits, a dash, small letters), such as day1/1-trust.py."
            )
    return read(root, start), [read(root, path) for path in sources(root)]


def expected(root: Path) -> Outputs:
    """Compute what the sources give, without touching the checkout.

    Raises
    ------
    CourseError
        A source is broken.
    """
    made = notebooks_alone(root)
    index, notebooks = read_all(root)
    figures = _figures(root, notebooks)
    outcomes = root / "docs" / "outcomes.md"
    promised = outcomes.read_text(encoding="utf-8") if outcomes.is_file() else ""
    edges = {
        path: {asked: guide.EDGE + text + guide.EDGE for asked, text in computed.items()}
        for path, computed in figures.items()
    }
    edged = {}
    for day, name in index.front["days"].items():
        of_day = [source for source in notebooks if source.day == day]
        if of_day:
            text = guide.instructors_guide(day, name, of_day, edges, promised)
            edged[f"solutions/{day}/README.md"] = text
    guides = {name: text.replace(guide.EDGE, "").encode() for name, text in edged.items()}
    return Outputs(made.committed | guides, made.local, edged)


def notebooks_alone(root: Path) -> Outputs:
    """Compute what the sources give but for the instructor's guides, whose figures take a run.

    Raises
    ------
    CourseError
        A source is broken.
    """
    index, notebooks = read_all(root)
    for source in (index, *notebooks):
        for cell in source.cells:
            for fault in markers.faults(cell):
                raise CourseError(f"{source.path}:{cell.line + fault.line}: {fault.message}")
        _check_options(source)
    days = index.front.get("days")
    if not isinstance(days, dict):
        raise CourseError(
            f"{index.path}:1: the header names no days. Add `days: {{day1: See, …}}` to `vaxlab:`."
        )
    for source in notebooks:
        if source.day not in days:
            raise CourseError(
                f"{source.path}: the start page knows no {source.day}. Add it to `days:` in the "
                f"header of {index.path}."
            )

    local = {
        source.path.removesuffix(".py") + ".ipynb": notebook_bytes(source) for source in notebooks
    }
    committed = {"course/index.ipynb": _start_page(index, days, notebooks)}
    committed |= _release(root, local)
    return Outputs(committed, local)


def _figures(root: Path, notebooks: list[Source]) -> dict[str, dict[str, str]]:
    """Run the solutions whose notes ask for figures; runs are kept, so mostly nothing is run."""
    asking = [source for source in notebooks if guide.figures_asked(source)]
    if not asking:
        return {}
    from vaxlab.authoring import execute  # which builds notebooks

    runs = execute.figures(asking, root)
    for source, run in zip(asking, runs, strict=True):
        if run.errors:
            raise CourseError(
                f"{source.path}: the figures of the instructor's notes cannot be computed: "
                f"{run.errors[0][1]}. `vaxlab course lint` says where."
            )
    return {source.path: run.figures for source, run in zip(asking, runs, strict=True)}


def _check_options(source: Source) -> None:
    """Let nbgrader judge the options of each cell: on its own it names neither file nor line."""
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError

    seen: set[str] = set()
    for cell, made in zip(source.cells, notebook(source).cells, strict=True):
        try:
            MetadataValidator().validate_cell(made)
        except (ValidationError, KeyError) as error:
            reason = str(error).split("\n")[0].split(": ")[0]
            raise CourseError(
                f"{source.path}:{cell.line}: nbgrader cannot use the options of this cell: "
                f"{reason}. Write grade, solution, locked, grade_id and, where points are given, "
                "points."
            ) from error
        if cell.grade_id in seen:
            raise CourseError(
                f"{source.path}:{cell.line}: the grade id {cell.grade_id} stands in two cells. "
                "Give each its own."
            )
        seen |= {cell.grade_id} - {""}


def notebook(source: Source):
    """Turn a source into a notebook, instructor's cells and answers included.

    Returns
    -------
    nbformat.NotebookNode
    """
    from nbformat import v4

    from vaxlab.authoring.preprocessors import normalise

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell, "raw": v4.new_raw_cell}
    made = v4.new_notebook()
    made.metadata["vaxlab"] = {"generated_from": source.path, "title": source.title}
    if source.minutes:
        made.metadata["vaxlab"]["minutes"] = source.minutes
    for cell in source.cells:
        metadata = {"tags": list(cell.tags)}
        if cell.nbgrader:
            metadata["nbgrader"] = cell.nbgrader
        made.cells.append(make[cell.kind](cell.text, metadata=metadata))
    return normalise(made)


def notebook_bytes(source: Source) -> bytes:
    """Turn a source into the bytes of nbgrader's source notebook."""
    return _bytes(_stamped(notebook(source)))


def _stamped(made):
    from vaxlab.authoring.preprocessors import digest

    made.metadata.vaxlab["digest"] = digest(made)
    return made


def _bytes(made) -> bytes:
    import nbformat

    return (nbformat.writes(made, version=4).rstrip("\n") + "\n").encode()


def _start_page(index: Source, days: dict[str, str], notebooks: list[Source]) -> bytes:
    """Build course/index.ipynb: it is no assignment, so nbgrader does not see it."""
    table = guide.timetable(days, notebooks)
    if not any("timetable" in cell.tags for cell in index.cells):
        raise CourseError(
            f"{index.path}: no cell with the tag timetable. Add a cell "
            '`# %% [markdown] tags=["timetable"]` where the table of notebooks is to stand.'
        )
    filled = tuple(
        Cell(cell.kind, f"{cell.text}\n\n{table}", (), cell.nbgrader, cell.line)
        if "timetable" in cell.tags
        else cell
        for cell in index.cells
    )
    return _bytes(_stamped(notebook(Source(index.path, index.front, filled))))


def settings(root: Path):
    """Load ``nbgrader_config.py`` of a checkout, and nothing from the user's own folders.

    Returns
    -------
    traitlets.config.Config
    """
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def _release(root: Path, local: dict[str, bytes]) -> dict[str, bytes]:
    """Let nbgrader make the release in a temporary course; return course/dayN/*.ipynb."""
    from nbgrader.converters import GenerateAssignment, NbGraderException
    from nbgrader.coursedir import CourseDirectory

    made = {}
    with tempfile.TemporaryDirectory(prefix="vaxlab-course-") as temporary:
        copy = Path(temporary).resolve()
        shutil.copy(root / "nbgrader_config.py", copy)
        for name, content in local.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(content)
        config = settings(copy)
        log = _Errors()
        for day in sorted({Path(name).parent.name for name in local}):
            course = CourseDirectory(config=config)
            course.assignment_id = day
            converter = GenerateAssignment(coursedir=course, config=config)
            # No gradebook: a build must not know of grades, and the bytes are the same.
            converter.config.SaveCells.enabled = False
            converter.no_database = True
            converter.log = logging.Logger("nbgrader")
            converter.log.addHandler(log)
            try:
                converter.start()
            except NbGraderException as error:
                raise CourseError(
                    f"nbgrader could not make the release of solutions/{day}: {log.reason(error)}"
                ) from error
        for name in local:
            released = "course" + name.removeprefix("solutions")
            made[released] = (copy / released).read_bytes()
    return made


class _Errors(logging.Handler):
    """Keeps what nbgrader logs as errors; it raises without saying why."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def reason(self, error: Exception) -> str:
        """Return the last line of the traceback that nbgrader logged."""
        traces = [text for text in self.messages if text.startswith("Traceback")]
        return traces[-1].strip().splitlines()[-1] if traces else str(error)


def _same(path: Path, content: bytes, *, by_content: bool = False) -> bool:
    """Compare a file with what it should be; `by_content` passes over outputs and metadata."""
    if not path.is_file():
        return False
    found = path.read_bytes()
    if found == content:
        return True
    if not by_content:
        return False
    from vaxlab.authoring.preprocessors import normalise

    notebook = _load(path)
    return notebook is not None and _bytes(normalise(notebook)) == content


def _agrees(path: Path, edged: str | None) -> bool:
    """Compare an instructor's guide, whose figures another machine has computed."""
    return edged is not None and guide.agrees(path.read_text(encoding="utf-8"), edged)


def _load(path: Path):
    """Read a notebook; None for a file that is none."""
    import nbformat

    if path.suffix != ".ipynb" or not path.is_file():
        return None
    try:
        return nbformat.reads(notebook_file.decode(path.read_bytes()), as_version=4)
    except Exception:  # whatever nbformat meets in a broken file, it is no notebook
        return None


def _worked_in(path: Path) -> bool:
    """Tell whether a generated notebook holds outputs or text that the build did not write."""
    from vaxlab.authoring.preprocessors import digest

    notebook = _load(path)
    if notebook is None:
        return False
    ran = any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    return ran or notebook.metadata.get("vaxlab", {}).get("digest") != digest(notebook)


def _reason(path: Path, content: bytes) -> str:
    """Say why a file is not what its source gives."""
    import nbformat

    if path.suffix != ".ipynb":
        return "is out of date"
    notebook = _load(path)
    if notebook is None:
        return "is no notebook any more"
    if any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells):
        return "holds outputs; notebooks are committed without"
    if _worked_in(path):
        return "was edited by hand; its source in solutions/ is the place for changes"
    wanted = nbformat.reads(content.decode(), as_version=4)
    if [c.source for c in notebook.cells] == [c.source for c in wanted.cells] and (
        [c.get("id") for c in notebook.cells] != [c.id for c in wanted.cells]
    ):
        return "has other cell ids than the build gives; another tool has saved it"
    return "is out of date"


def _is_ours(root: Path, name: str) -> bool:
    """Tell whether a file in course/ was built from a source that is gone."""
    notebook = _load(root / name)
    return notebook is not None and "generated_from" in notebook.metadata.get("vaxlab", {})


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    """Let one build run at a time; the system lets go of the lock when a build is killed."""
    import fcntl

    cache = root / ".cache"
    cache.mkdir(exist_ok=True)
    with open(cache / "course.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourseError(
                "Another `vaxlab course build` is at work in this checkout. Wait until it is done, "
                "then run this one again."
            ) from error
        yield


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    """Give a folder on the same disk as the checkout, and take it away again."""
    folder = Path(tempfile.mkdtemp(prefix="build-", dir=root / ".cache"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
