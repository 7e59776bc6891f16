"""A whole class: every submission graded once, in parallel, and again only where it changed.

A submission is first copied, as plain files and cells, into a folder of its own: what is no
notebook, what is no file, and what is too large stays behind, with a sentence. nbgrader's own
autograder then works on the copy, one submission a task, on a Dask cluster.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import stat
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vaxlab.errors import CourseError
from vaxlab.grading import imports
from vaxlab.grading.limits import MIB

MAX_NOTEBOOK_BYTES, MAX_FOLDER_BYTES, MAX_FILES = 256 * MIB, 64 * MIB, 500
MAX_SOURCE = 2 * MIB
#: A gradebook in use by others is waited for this long.
LOCK_LIMIT_S = 90
TRIES = 3
#: A Dask scheduler has this long to answer.
ANSWER_LIMIT_S = 10


@dataclass
class Row:
    """What became of one notebook of one submission.

    Attributes
    ----------
    student, notebook : str
        Who, and which.
    points, out_of : float
        Automatic and manual points together, as the gradebook holds them.
    state : str
        ``graded``; ``stopped`` at a limit; ``held`` for review; ``rejected``, because it could not
        be read; ``failed``, which is the grader's own fault and left the gradebook as it was.
    said : str
        One sentence, where there is something to say.
    seconds : float
        What grading it took, on the clock.
    unchanged : bool
        It was graded before, and nothing has changed since.
    """

    student: str
    notebook: str
    points: float = 0.0
    out_of: float = 0.0
    state: str = "graded"
    said: str = ""
    seconds: float = 0.0
    unchanged: bool = False


@dataclass(frozen=True)
class Task:
    """One submission, and all that a worker must know to grade it."""

    root: str
    assignment: str
    student: str
    fingerprint: str
    gradebook: str
    notebook: str
    limits: dict[str, float] = field(default_factory=dict)
    trusted: bool = False


def grade(
    root: Path,
    assignment: str,
    *,
    student: str = "*",
    notebook: str = "*",
    scheduler: str = "",
    gradebook: str = "",
    trust_submissions: bool = False,
    limits: dict[str, float] | None = None,
    progress: bool = True,
) -> list[Row]:
    """Grade what has changed since the last time.

    Parameters
    ----------
    root : Path
        The checkout.
    assignment : str
        Such as ``day1``.
    student, notebook : str
        Only this one.
    scheduler : str
        Address of a Dask scheduler whose workers see the same files; a local cluster by default.
    gradebook : str
        SQLAlchemy URL; by default ``gradebook.db`` in the checkout.
    trust_submissions : bool
        Run them with one's own rights where no sandbox can be had.
    limits : dict
        Fields of `vaxlab.grading.limits.Limits` that differ from the default.
    progress : bool
        Show a bar where it takes longer than 5 s.

    Returns
    -------
    list of Row
        One for each notebook, by student.

    Raises
    ------
    CourseError
        No sandbox, no such assignment, nothing was handed in, or no place to work in.
    """
    imports.hurry()
    if not trust_submissions:
        _insist_on_sandbox()
    url = gradebook or f"sqlite:///{root / 'gradebook.db'}"
    with _plain_words(url):
        return _grade(
            root, assignment, url, student, notebook, scheduler, trust_submissions, limits, progress
        )


def _grade(
    root: Path,
    assignment: str,
    url: str,
    student: str,
    notebook: str,
    scheduler: str,
    trusted: bool,
    limits: dict[str, float] | None,
    progress: bool,
) -> list[Row]:
    names = _notebooks(url, assignment)
    if notebook not in ("*", *names):
        raise CourseError(f"{assignment} has no notebook {notebook}. It has: {', '.join(names)}.")
    handed_in = root / "submitted"
    students = sorted(
        folder.name
        for folder in (handed_in.iterdir() if handed_in.is_dir() else ())
        if _is_name(folder.name) and (folder / assignment).is_dir() and not folder.is_symlink()
    )
    if student != "*":
        students = [name for name in students if name == student]
    if not students:
        raise CourseError(
            f"Nothing to grade: no {handed_in / student / assignment} was found. "
            "Put each submission into submitted/STUDENT/ASSIGNMENT/."
        )
    common = _common(root, assignment, url, limits or {})
    with _lock(root):
        rows, tasks = [], []
        scores = _scores(url, assignment)
        for name in students:
            fingerprint = _fingerprint(handed_in / name / assignment, common)
            known = _remembered(root, assignment, name, fingerprint, scores)
            kept = [row for row in known if notebook in ("*", row.notebook)]
            if kept:
                rows += kept
            else:
                about = (str(root), assignment, name, fingerprint, url, notebook)
                tasks.append(Task(*about, limits or {}, trusted))
        for done in _run(tasks, scheduler, progress):
            rows += done
    return sorted(rows, key=lambda row: (row.student, row.notebook))


def _run(tasks: Sequence[Task], scheduler: str, progress: bool) -> Iterator[list[Row]]:
    """Grade on the cluster; each result as it comes."""
    if not tasks:
        return
    from dask.distributed import Client, LocalCluster, as_completed
    from tqdm import tqdm

    from vaxlab.grading import provisioner

    with contextlib.ExitStack() as stack:
        if scheduler:
            try:
                client = stack.enter_context(Client(scheduler, timeout=ANSWER_LIMIT_S))
            except (OSError, ValueError) as error:
                raise CourseError(
                    f"No Dask scheduler answers at {scheduler}: {_first_line(error)}. "
                    "Start it and its workers first: `dask scheduler`, `dask worker ADDRESS`."
                ) from None
        else:
            # One warm process for all workers, importing while they start.
            with contextlib.suppress(provisioner.NoWarmProcess):
                warm = provisioner.Warm()
                stack.callback(warm.close)
                os.environ[provisioner.ADDRESS] = warm.address
                stack.callback(os.environ.pop, provisioner.ADDRESS, None)
            _fork_workers()
            # One more than cores: a worker waits for its kernel now and then.
            workers = min((os.cpu_count() or 1) + 1, len(tasks))
            cluster = LocalCluster(
                env={key: os.environ[key] for key in [provisioner.ADDRESS] if key in os.environ},
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                silence_logs=50,
            )
            client = stack.enter_context(Client(stack.enter_context(cluster)))
            if provisioner.ADDRESS in os.environ:
                try:
                    warm.wait()
                except provisioner.NoWarmProcess as error:
                    raise CourseError(f"Nothing was graded: {error}.") from None
        by_future = {client.submit(grade_one, task, pure=False): task for task in tasks}
        bar = stack.enter_context(
            tqdm(total=len(tasks), unit="submission", delay=5, disable=not progress)
        )
        for future in as_completed(by_future):
            task = by_future[future]
            error = future.exception()
            if error is None:
                yield future.result()
            else:
                said = _first_line(error)
                yield [Row(task.student, task.notebook, state="failed", said=said)]
            bar.update()


def _fork_workers() -> None:
    """Let Dask fork its workers from a process that has imported everything; on Linux only."""
    import dask
    from distributed.utils import get_mp_context

    if sys.platform.startswith("linux"):
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
        get_mp_context().set_forkserver_preload(["vaxlab.grading.worker"])


def grade_one(task: Task) -> list[Row]:
    """Grade one submission with nbgrader; called on a worker."""
    imports.hurry()
    from sqlalchemy.exc import SAWarning

    from vaxlab.authoring import build
    from vaxlab.grading import steps

    # nbgrader's own queries, of which SQLAlchemy complains.
    warnings.filterwarnings("ignore", category=SAWarning)
    began = time.monotonic()
    root = Path(task.root)
    names = [task.notebook] if task.notebook != "*" else _notebooks(task.gradebook, task.assignment)
    with _stage(task) as stage:
        memory = _memory(root, task.assignment, task.student)
        if memory.is_file() and task.notebook == "*":
            # Whoever was killed may have left this in the hands of a worker, which went on.
            scores = _scores(task.gradebook, task.assignment, task.student)
            done = _remembered(root, task.assignment, task.student, task.fingerprint, scores)
            if done:
                return done
        memory.unlink(missing_ok=True)
        rejected = stage_submission(
            root / "submitted" / task.student / task.assignment,
            stage / task.student / task.assignment,
            names,
        )
        config = build.settings(root)
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.submitted_directory = str(stage)
        config.CourseDirectory.db_url = _patient(task.gradebook)
        config.CourseDirectory.notebook_id = task.notebook
        config.Execute.limits = task.limits
        result = _autograde(task, config)
        said = dict(steps.SaveAutoGrades.said)
        scores = _scores(task.gradebook, task.assignment, task.student)
        rows = []
        for name in names:
            row = Row(task.student, name, seconds=time.monotonic() - began)
            row.points, row.out_of = scores.get((task.student, name), (0.0, 0.0))
            outcome = said.get(name, {})
            if not result["success"] or name not in said:
                row.state = "failed"
                row.said = _last_line(result.get("log", "") + (result.get("error") or ""))
            elif name in rejected:
                row.state, row.said = "rejected", rejected[name]
            elif outcome.get("held"):
                row.state, row.said = "held", outcome["held"]
            elif outcome.get("ended"):
                row.state, row.said = "stopped", outcome["ended"]
            rows.append(row)
        if all(row.state != "failed" for row in rows) and task.notebook == "*":
            _remember(root, task, rows, stage)
    return rows


def _autograde(task: Task, config: Any) -> dict[str, Any]:
    """Let nbgrader grade; again where it was not the submission's fault that it could not."""
    from nbgrader.apps import NbGraderAPI

    from vaxlab.grading import steps

    for _ in range(TRIES):
        warm = _warm_process(task)
        steps.SaveAutoGrades.said.clear()
        result = NbGraderAPI(config=config).autograde(task.assignment, task.student, force=True)
        if warm and not _listens(warm):
            # Kernels end with it, which must not be held against whoever wrote the submission.
            result = {"success": False, "error": "The warm process was ended from outside."}
        elif result["success"] or "database is locked" not in str(result):
            break
    return result


def _warm_process(task: Task) -> str:
    """Address of a warm process that lives; empty where an ordinary kernel will do."""
    from vaxlab.grading import provisioner

    if not task.trusted:
        _insist_on_sandbox()
    if not _listens(os.environ.get(provisioner.ADDRESS, "")):
        os.environ.pop(provisioner.ADDRESS, None)
    try:
        if not _listens(provisioner.address()):
            provisioner._own.cache_clear()
        return provisioner.address()
    except provisioner.NoWarmProcess as error:
        if task.trusted:
            return ""
        raise CourseError(f"No sandbox could be started: {error}.") from None


def _listens(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(address)
        except OSError:
            return False
        return True


def _insist_on_sandbox() -> None:
    """Refuse where a submission would run with its grader's rights."""
    from vaxlab.grading import provisioner

    if provisioner.no_sandbox():
        raise CourseError(
            f"Nothing was graded, because no sandbox can be had: {provisioner.no_sandbox()}. "
            "Submissions are other people's programs; `vaxlab grade --trust-submissions` runs "
            "them with your rights all the same."
        )


@contextlib.contextmanager
def _stage(task: Task) -> Iterator[Path]:
    """Have a folder for one submission that nobody else works on until it is done with.

    Its name is the submission's, so that what a killed grader has left is found and emptied.
    """
    import fcntl

    memory = _memory(Path(task.root), task.assignment, task.student)
    folder = memory.parents[1] / f"stage-{task.assignment}-{memory.stem}"
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), folder.stat()):
                break
        os.close(descriptor)  # removed by whoever was done with it
    try:
        for left in folder.iterdir():
            shutil.rmtree(left)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def stage_submission(source: Path, target: Path, names: Sequence[str]) -> dict[str, str]:
    """Copy a submission as plain files and plain cells.

    Returns
    -------
    dict
        Why a notebook was rejected, by its name. Its copy holds that sentence and no cell, so that
        every check in it is graded, with 0.
    """
    from nbformat import v4, write

    target.mkdir(parents=True)
    rejected = {}
    left, files = MAX_FOLDER_BYTES, MAX_FILES
    for name in names:
        try:
            notebook = read_notebook(source / f"{name}.ipynb")
        except CourseError as error:
            rejected[name] = str(error)
            notebook = v4.new_notebook(cells=[v4.new_markdown_cell(f"Not graded: {error}")])
        write(notebook, target / f"{name}.ipynb")
    for folder, below, plain in os.walk(source):
        below[:] = [name for name in below if not os.path.islink(os.path.join(folder, name))]
        for name in plain:
            path = Path(folder, name)
            status = path.lstat()
            ordinary = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
            if not ordinary or path.suffix == ".ipynb" or status.st_size > left or not files:
                continue
            inside = target / path.relative_to(source)
            if len(inside.relative_to(target).parts) > 5 or not _is_name(name):
                continue
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, inside, follow_symlinks=False)
            left, files = left - status.st_size, files - 1
    return rejected


def read_notebook(path: Path) -> Any:
    """Read a learner's notebook: sources and grade ids only, whatever else it holds.

    Raises
    ------
    CourseError
        It is none; one sentence says why.
    """
    from nbformat import v4

    try:
        status = path.lstat()
    except FileNotFoundError:
        raise CourseError(f"{path.name} was not handed in.") from None
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        raise CourseError(f"{path.name} is a link or a device, not a file.")
    if status.st_size > MAX_NOTEBOOK_BYTES:
        raise CourseError(f"{path.name} is larger than {MAX_NOTEBOOK_BYTES // MIB} MiB.")
    if not status.st_size:
        raise CourseError(f"{path.name} is empty. Was it saved?")
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError, MemoryError):
        raise CourseError(f"{path.name} cannot be read as a notebook. Was it saved?") from None
    cells = content.get("cells") if isinstance(content, dict) else None
    if content.get("nbformat") != 4 if isinstance(content, dict) else True:
        raise CourseError(f"{path.name} is not a notebook of format 4. Save it with JupyterLab.")
    if not isinstance(cells, list) or len(cells) > 2000:
        raise CourseError(f"{path.name} holds no cells, or far too many.")
    made = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    makers = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    for cell in cells:
        make = makers.get(cell.get("cell_type")) if isinstance(cell, dict) else None
        if make is None:
            continue
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        plain = make(source.replace("\x00", "")[:MAX_SOURCE])
        grading = cell.get("metadata", {})
        grading = grading.get("nbgrader") if isinstance(grading, dict) else None
        if isinstance(grading, dict) and isinstance(grading.get("grade_id"), str):
            plain.metadata["nbgrader"] = {"grade_id": grading["grade_id"]}
        made.cells.append(plain)
    return made


def table(rows: Sequence[Row]) -> str:
    """Write the rows for people, and a last line that counts them."""
    wide = max([len(row.student) for row in rows] + [7])
    long = max([len(row.notebook) for row in rows] + [8])
    lines = [f"{'student':<{wide}}  {'notebook':<{long}}  points        state"]
    for row in rows:
        points = f"{row.points:g} of {row.out_of:g}"
        state = row.state + (" (unchanged)" if row.unchanged else "")
        tail = f": {row.said}" if row.said else ""
        lines.append(
            f"{row.student:<{wide}}  {row.notebook:<{long}}  {points:<12}  {state}{tail}".rstrip()
        )
    counts = {state: sum(row.state == state for row in rows) for state in _STATES}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    same = sum(row.unchanged for row in rows)
    return "\n".join([*lines, f"{told}; {same} unchanged since they were last graded."])


_STATES = ("graded", "stopped", "held", "rejected", "failed")


def _is_name(name: str) -> bool:
    """Tell whether a file or a student may be called so; the rest is left behind."""
    return name.isprintable() and not name.startswith(".") and len(name.encode()) < 200


def _notebooks(url: str, assignment: str) -> list[str]:
    from nbgrader.api import Gradebook, MissingEntry

    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        raise CourseError(
            "There is no gradebook yet. Tell it of the assignment first: "
            f"`nbgrader generate_assignment {assignment}`, or `make grade`."
        )
    try:
        with Gradebook(_patient(url)) as gradebook:
            return sorted(book.name for book in gradebook.find_assignment(assignment).notebooks)
    except MissingEntry:
        raise CourseError(
            f"The gradebook knows no assignment {assignment}. Tell it: "
            f"`nbgrader generate_assignment {assignment}`."
        ) from None


def _patient(url: str) -> str:
    """Let SQLite wait for others that write."""
    return f"{url}?timeout={LOCK_LIMIT_S}" if url.startswith("sqlite") and "?" not in url else url


def _scores(
    url: str, assignment: str, student: str = "*"
) -> dict[tuple[str, str], tuple[float, float]]:
    """Points and maximum of every notebook in the gradebook, by student and name."""
    from nbgrader import api

    one, handed = api.SubmittedNotebook, api.SubmittedAssignment
    with api.Gradebook(_patient(url)) as gradebook:
        found = (
            gradebook.db.query(handed.student_id, api.Notebook.name, one.score, one.max_score)
            .select_from(one)
            .join(handed, one.assignment_id == handed.id)
            .join(api.Notebook, one.notebook_id == api.Notebook.id)
            .filter(handed.assignment_id == gradebook.find_assignment(assignment).id)
        )
        if student != "*":
            found = found.filter(handed.student_id == student)
        return {(who, name): (float(got), float(most)) for who, name, got, most in found}


def _common(root: Path, assignment: str, url: str, limits: dict) -> str:
    """Fingerprint of what every grade depends on: tests, package, limits, gradebook."""
    import vaxlab

    digest = hashlib.sha256(json.dumps([url, limits], sort_keys=True).encode())
    package = Path(vaxlab.__file__).parent
    paths = [
        root / "nbgrader_config.py",
        *sorted((root / "solutions" / assignment).glob("*.ipynb")),
    ]
    for path in [*paths, *sorted(package.rglob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fingerprint(folder: Path, common: str) -> str:
    """Fingerprint of a submission: names and contents of its plain files."""
    digest = hashlib.sha256(common.encode())
    for where, below, plain in os.walk(folder):
        below.sort()
        for name in sorted(plain):
            path = os.path.join(where, name)
            status = os.lstat(path)
            digest.update(f"{path!r} {status.st_mode} {status.st_size}".encode())
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_NOTEBOOK_BYTES:
                with open(path, "rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _memory(root: Path, assignment: str, student: str) -> Path:
    name = hashlib.sha256(student.encode()).hexdigest()[:24]
    return root / ".cache" / "grading" / assignment / f"{name}.json"


def _remember(root: Path, task: Task, rows: list[Row], stage: Path) -> None:
    path = _memory(root, task.assignment, task.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"fingerprint": task.fingerprint, "rows": [asdict(row) for row in rows]}
    whole = stage / path.name
    whole.write_text(json.dumps(content))
    os.replace(whole, path)


def _remembered(
    root: Path,
    assignment: str,
    student: str,
    fingerprint: str,
    scores: dict[tuple[str, str], tuple[float, float]],
) -> list[Row]:
    """Rows of a submission that has not changed and whose result is still there."""
    try:
        content = json.loads(_memory(root, assignment, student).read_text())
        rows = [Row(**row) for row in content["rows"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    graded = root / "autograded" / student / assignment
    written = (graded / f"{row.notebook}.ipynb" for row in rows)
    # A machine that lost its power may have kept a file's name and lost what was in it.
    there = all((student, row.notebook) in scores for row in rows) and all(
        path.is_file() and path.stat().st_size for path in written
    )
    if content["fingerprint"] != fingerprint or not there:
        return []
    for row in rows:
        row.unchanged = True
        row.points, row.out_of = scores[student, row.notebook]  # somebody may have added points
    return rows


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line] or lines
    return errors[-1][:300] if errors else "nbgrader gave no reason"


def _first_line(error: BaseException) -> str:
    """Say what an error says, without its name where it was written for people."""
    said = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    kind = "" if isinstance(error, CourseError) else type(error).__name__
    return ": ".join(filter(None, [kind, said]))[:300]


@contextlib.contextmanager
def _plain_words(url: str) -> Iterator[None]:
    """Say in a sentence that there is no place to work in, or no gradebook to be had."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        yield
    except ArgumentError:
        raise CourseError(
            "--gradebook takes an SQLAlchemy URL, such as sqlite:///gradebook.db or "
            "postgresql+psycopg://user@host/name."
        ) from None
    except (SQLAlchemyError, ImportError) as error:  # a driver that is not installed
        shown = make_url(url).render_as_string(hide_password=True)
        raise CourseError(
            f"The gradebook {shown} cannot be used: {_first_line(error)}. Is its server running, "
            "is the address right, and does nobody else hold it?"
        ) from None
    except OSError as error:
        raise CourseError(
            f"Grading stopped: {_first_line(error)}. What was graded is kept; make room or mend "
            "the folder's rights, then grade again."
        ) from None


@contextlib.contextmanager
def _lock(root: Path) -> Iterator[None]:
    """Let one grader work at a time; it ends with its process, however that ends."""
    import fcntl

    (root / ".cache").mkdir(exist_ok=True)
    with open(root / ".cache" / "grading.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                "Another `vaxlab grade` is at work in this checkout. Wait for it, then try again: "
                "what it has graded is not graded twice."
            ) from None
        yield
