"""A whole class: every submission graded once, in parallel, and again only where it changed.

A submission is first laid out, as plain cells, in a folder of its own (`vaxlab.grading.handin`).
nbgrader's own autograder then works on that, one submission a task, on a Dask cluster, and one
notebook after another, so that what was not graded stays as it was.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaxlab import cohort, imports
from vaxlab.errors import CourseError
from vaxlab.grading import handin, judge, remembered
from vaxlab.grading.handin import read_notebook as read_notebook
from vaxlab.grading.rows import Row as Row
from vaxlab.grading.rows import Task as Task
from vaxlab.grading.rows import table as table

if TYPE_CHECKING:
    from vaxlab.grading.provisioner import Warm

#: A gradebook in use by others is waited for this long.
LOCK_LIMIT_S = 90
TRIES = 3
#: What a worker may take for one submission of a few notebooks: seconds, and bytes beyond its own.
TASK_LIMIT_S, TASK_MEMORY = 4 * 3600, 4 * 2**30
#: What a row says is cut at so many signs; an error names so many folders.
SAID, TOLD = 380, 10
#: A Dask scheduler has this long to answer.
ANSWER_LIMIT_S = 10


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
    cohort.adopt(root)
    if not trust_submissions:
        _insist_on_sandbox()
    url = gradebook or f"sqlite:///{root / 'gradebook.db'}"
    with _plain_words(url), _warm_for_all(scheduler) as warm:
        run = partial(_run, scheduler=scheduler, warm=warm, progress=progress)
        return _grade(root, assignment, url, student, notebook, trust_submissions, limits, run)


def _grade(
    root: Path,
    assignment: str,
    url: str,
    student: str,
    notebook: str,
    trusted: bool,
    limits: dict[str, float] | None,
    run: Callable[[Sequence[Task]], Iterator[list[Row]]],
) -> list[Row]:
    names = _notebooks(url, assignment)
    _insist_on_results(root, assignment)
    if notebook not in ("*", *names):
        raise CourseError(f"{assignment} has no notebook {notebook}. It has: {', '.join(names)}.")
    handed_in = root / "submitted"
    students, left_out = handin.submissions(handed_in, assignment)
    if student != "*":
        students = [name for name in students if name == student]
        left_out = {name: why for name, why in left_out.items() if name == student}
    if not students:
        few = list(left_out.items())[:TOLD]
        told = "".join(f"\n{handin.shown(name)}: {why}" for name, why in few)
        raise CourseError(
            f"Nothing to grade: no {handed_in / student / assignment} was found. "
            f"Put each submission into submitted/STUDENT/ASSIGNMENT/.{told}"
        )
    common = remembered.common(root, assignment, url, limits or {})
    rows = [
        Row(handin.shown(name), "", state="skipped", said=why) for name, why in left_out.items()
    ]
    with _lock(root):
        tasks = []
        scores = _scores(url, assignment)
        for name in students:
            try:
                prints = handin.fingerprints(handed_in / name / assignment, names, common)
            except OSError as error:
                rows.append(Row(name, "", state="failed", said=_first_line(error)))
                continue
            if notebook != "*":
                prints = {notebook: prints[notebook]}
            known = remembered.remembered(root, assignment, name, prints, scores)
            rows += known.values()
            prints = {book: mark for book, mark in prints.items() if book not in known}
            if prints:
                tasks.append(Task(str(root), assignment, name, prints, url, limits or {}, trusted))
        for done in run(tasks):
            rows += done
        _tell_alike(rows, _known(url))
    return sorted(rows, key=lambda row: (row.student, row.notebook))


def _tell_alike(rows: list[Row], known: list[str]) -> None:
    """Say of learners whose names look the same that they may be one."""
    kin: dict[str, list[str]] = {}
    for name in sorted(known):
        kin.setdefault(handin.alike(name), []).append(name)
    for row in rows:
        others = [name for name in kin.get(handin.alike(row.student), ()) if name != row.student]
        if others and row.notebook:
            told = f"its name looks like that of another learner, {ascii(others[0])}: is it one?"
            row.said = "; ".join(filter(None, [row.said, told]))


def _run(
    tasks: Sequence[Task], scheduler: str, warm: Warm | None, progress: bool
) -> Iterator[list[Row]]:
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
        by_future = {client.submit(grade_one, task, pure=False): task for task in tasks}
        if warm:
            try:
                warm.wait()
            except provisioner.Killed:
                pass  # the workers start others
            except provisioner.NoWarmProcess as error:
                raise CourseError(f"Nothing was graded: {error}.") from None
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
                for name in task.fingerprints:
                    _open_again(task, name)
                yield [
                    Row(task.student, name, state="failed", said=said) for name in task.fingerprints
                ]
            bar.update()


@contextlib.contextmanager
def _warm_for_all(scheduler: str) -> Iterator[Warm | None]:
    """Have one warm process for all workers; it imports while we look what there is to do."""
    from vaxlab.grading import provisioner

    warm = None
    with contextlib.ExitStack() as stack:
        if not scheduler and not _listens(os.environ.get(provisioner.ADDRESS, "")):
            with contextlib.suppress(provisioner.NoWarmProcess):
                warm = provisioner.own()
                os.environ[provisioner.ADDRESS] = warm.address
                stack.callback(os.environ.pop, provisioner.ADDRESS, None)
        yield warm


def _fork_workers() -> None:
    """Let Dask fork its workers from a process that has imported everything; on Linux only."""
    import dask
    from distributed.utils import get_mp_context

    # Nobody looks at the profile that each would keep of itself all the time.
    dask.config.set({"distributed.worker.profile.enabled": False})
    if _is_linux():
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
        get_mp_context().set_forkserver_preload(["vaxlab.grading.worker"])


def grade_one(task: Task) -> list[Row]:
    """Grade one submission with nbgrader; called on a worker."""
    imports.hurry()
    from sqlalchemy.exc import SAWarning

    from vaxlab.authoring import build

    # nbgrader's own queries, of which SQLAlchemy complains.
    warnings.filterwarnings("ignore", category=SAWarning)
    began = time.monotonic()
    root = Path(task.root)
    names = _notebooks(task.gradebook, task.assignment)
    with _stage(task) as stage, _bounded(root, task) as late:
        if late:
            for name in task.fingerprints:
                _open_again(task, name)
            return [
                Row(task.student, name, state="failed", said=late) for name in task.fingerprints
            ]
        # Whoever was killed may have left this in the hands of a worker, which went on.
        scores = _scores(task.gradebook, task.assignment, task.student)
        done = remembered.remembered(root, task.assignment, task.student, task.fingerprints, scores)
        wanted = [name for name in task.fingerprints if name not in done]
        if not wanted:
            return list(done.values())
        remembered.remember(root, task, {}, stage)
        source = root / "submitted" / task.student / task.assignment
        staged = handin.stage(
            source, stage / task.student / task.assignment, task.assignment, names, wanted
        )
        _tidy(root / "autograded" / task.student / task.assignment, names)
        config = build.settings(root)
        config.CourseDirectory.root = str(root)
        # Not as an absolute path, which nbgrader would take for a pattern.
        config.CourseDirectory.submitted_directory = str(stage.relative_to(root))
        config.CourseDirectory.db_url = _patient(task.gradebook)
        config.Execute.limits = task.limits
        config.Execute.companions = str(source)
        config.SaveAutoGrades.not_graded = list(staged.missing)
        config.Exporter.optimistic_validation = True  # once, not after each step
        rows = []
        for name in wanted:
            config.CourseDirectory.notebook_id = name
            row = _row(task, name, _autograde(task, config), staged)
            row.seconds, began = time.monotonic() - began, time.monotonic()
            rows.append(row)
        for row in rows:
            if row.state == "failed":
                _open_again(task, row.notebook)
        scores = _scores(task.gradebook, task.assignment, task.student)
        for row in rows:
            row.points, row.out_of = scores.get((task.student, row.notebook), (0.0, 0.0))
        remembered.remember(
            root, task, {row.notebook: row for row in rows if row.state != "failed"}, stage
        )
    return [*done.values(), *rows]


def _row(task: Task, name: str, result: dict[str, Any], staged: handin.Staged) -> Row:
    """Say what became of a notebook that nbgrader has graded, or has not."""
    from vaxlab.grading import steps

    row, outcome = Row(task.student, name), steps.SaveAutoGrades.said.get(name)
    if not result["success"] or outcome is None:
        said = _last_line(result.get("log", "") + (result.get("error") or ""))
        row.state, row.said = "failed", said
        return row
    for state, said in (
        ("missing", staged.missing.get(name)),
        ("rejected", staged.rejected.get(name)),
        ("held", outcome.get("held")),
        ("stopped", outcome.get("ended")),
    ):
        if said:
            row.state, row.said = state, said
            break
    aside = list(staged.aside)
    if behind := outcome.get("behind"):
        more = f" and {len(behind) - 3} more" if behind[3:] else ""
        aside.append(f"not taken along: {', '.join(behind[:3])}{more}")
    row.said = "; ".join(filter(None, [row.said, *aside]))[:SAID]
    return row


def _open_again(task: Task, name: str) -> None:
    """Let nobody take an older grade of a notebook for the grade of what was handed in now."""
    from nbgrader.api import Gradebook

    with Gradebook(_patient(task.gradebook)) as gradebook:
        gradebook.update_or_create_student(task.student)
        gradebook.update_or_create_submission(task.assignment, task.student)
        notebook = gradebook.find_submission_notebook(name, task.assignment, task.student)
        for grade in notebook.grades:
            grade.auto_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()


def _tidy(graded: Path, names: Sequence[str]) -> None:
    """Take away what an earlier version of a submission has left beside its graded notebooks."""
    for path in graded.iterdir() if graded.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in {f"{name}.ipynb" for name in names}:
            path.unlink()


def _autograde(task: Task, config: Any) -> dict[str, Any]:
    """Let nbgrader grade; again where it was not the submission's fault that it could not."""
    from nbgrader.apps import NbGraderAPI

    from vaxlab.grading import steps

    for _ in range(TRIES):
        warm = _warm_process(task)
        steps.SaveAutoGrades.said.clear()
        # Nobody else is in the stage. By name, nbgrader would look for a pattern, without blanks.
        result = NbGraderAPI(config=config).autograde(task.assignment, "*", force=True)
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


def _insist_on_results(root: Path, assignment: str) -> None:
    """Refuse checks of another kind before anybody is graded by them."""
    from nbformat import read
    from nbgrader import utils

    for path in sorted((root / "solutions" / assignment).glob("*.ipynb")):
        for cell in read(path, as_version=4).cells:
            if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
                continue
            if why := judge.why_no_check(cell.source):
                name = cell.metadata.nbgrader.grade_id
                raise CourseError(
                    f"Nothing was graded: in {path.name} the check {name} {why}. `vaxlab grade` "
                    "judges checks that end in their result, such as `result = "
                    "trust.twins(globals())` and `result`. Assignments whose checks are asserts "
                    "are graded by nbgrader with its own settings, in a folder of theirs."
                )


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
def _bounded(root: Path, task: Task) -> Iterator[str]:
    """Bound what reading a submission may cost its worker; yield why an earlier try was ended.

    Its kernel and its checks have limits of their own. This is for what their outputs, sources and
    names do to whoever reads, cleans and writes them: too much memory is an error of this one
    submission, too much time ends the worker, and Dask starts another.
    """
    import resource

    sign = remembered.memory(root, task.assignment, task.student).with_suffix(".late")
    late = f"grading it took more than {TASK_LIMIT_S} s" if sign.exists() else ""
    sign.unlink(missing_ok=True)

    def end() -> None:
        sign.parent.mkdir(parents=True, exist_ok=True)
        sign.touch()
        os._exit(1)

    pages = int(Path("/proc/self/statm").read_text().split()[0]) if _is_linux() else 0
    before = resource.getrlimit(resource.RLIMIT_AS)
    if pages:
        most = pages * resource.getpagesize() + TASK_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    timer = threading.Timer(TASK_LIMIT_S, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        resource.setrlimit(resource.RLIMIT_AS, before)


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


@contextlib.contextmanager
def _stage(task: Task) -> Iterator[Path]:
    """Have a folder for one submission that nobody else works on until it is done with.

    Its name is the submission's, so that what a killed grader has left is found and emptied.
    """
    import fcntl

    memory = remembered.memory(Path(task.root), task.assignment, task.student)
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


def stage_submission(source: Path, target: Path, names: Sequence[str] = ()) -> None:
    """Lay out for a learner's own check what lies beside a notebook, as it is for grading."""
    handin.copy_companions(source, target)


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


def _known(url: str) -> list[str]:
    """Everybody whom the gradebook knows."""
    from nbgrader import api

    with api.Gradebook(_patient(url)) as gradebook:
        return [name for (name,) in gradebook.db.query(api.Student.id)]


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
