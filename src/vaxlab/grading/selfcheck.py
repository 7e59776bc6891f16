"""A learner's own notebooks, run with the checks that stand in them; nothing is sent or changed.

Copies are run, several at a time, in kernels forked from the warm process (an ordinary kernel
where forking is not to be had). No sandbox: it is the learner's own code on the learner's machine.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import difflib
import json
import math
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from vaxlab import notebook_file, paths
from vaxlab.checks.result import WRITE_HERE, Outcome, Result
from vaxlab.errors import CourseError

#: A cell that takes longer is interrupted; the exercises of the course need far less.
CELL_LIMIT_S = 120.0
START_LIMIT_S = 120.0
#: The outcome of a written answer, until a person has read it.
WAITS = "waits for its marks"
#: How long a cell may take to obey an interrupt.
OBEY_S = 5.0
AT_ONCE = 4
#: Asked of the kernel behind each check: what its result says, beyond the points.
_ASK = "__import__('vaxlab.grading.selfcheck', fromlist=['told']).told(result)"
_HEADING = re.compile(r"^### (Exercise \d+ · [^·\n]+)(?:· ([\d.]+) points?)?", re.MULTILINE)
_COLOUR_CODE = re.compile(r"\x1b\[[0-9;]*m")
_WORDS = {
    Outcome.NOT_ATTEMPTED: "Hint 1 stands below the heading of the exercise.",
    Outcome.NOT_YET: "Hint 2 stands below the heading of the exercise.",
    Outcome.ERROR: "Run the cell above its check alone, and read the last line of its error.",
}


@dataclass
class Exercise:
    """What became of one exercise.

    Attributes
    ----------
    title : str
        As in its heading.
    grade_id : str
        Of its check; empty where the check is gone.
    outcome : str
        One of the four of `vaxlab.checks.result.Outcome`.
    points, out_of : float
        Earned, and to be earned.
    reason : str
        The first thing that is not right yet, in one line.
    try_next : str
        What to do about it.
    """

    title: str
    grade_id: str = ""
    outcome: str = str(Outcome.NOT_ATTEMPTED)
    points: float = 0.0
    out_of: float = 0.0
    reason: str = ""
    try_next: str = ""


@dataclass
class Checked:
    """What became of one notebook.

    Attributes
    ----------
    notebook : str
        Such as ``day1/1-trust``.
    exercises : list of Exercise
        In the order of the notebook; none where it could not be run.
    said : str
        One sentence, where there is something to say of the whole notebook.
    """

    notebook: str
    exercises: list[Exercise] = field(default_factory=list)
    said: str = ""


def told(result: Result) -> str:
    """Write a result as JSON: outcome, points, reason, and what to try next.

    The reason is the message of the first part that has not passed; what to try is what that part
    carries: where to look, what was called, what came back and what was expected.
    """
    first = next((part for part in result.parts if part.outcome is not Outcome.PASSED), None)
    reason = advice = ""
    if first is not None:
        message = (first.message.strip().splitlines() or [""])[0]
        label = first.label if len(result.parts) > 1 or not message else ""
        reason = ": ".join(filter(None, (label, message)))
        known = dict(first.details())
        hints = [f"Look at {known['look at']}." if "look at" in known else ""]
        if "got" in known and "expected" in known:
            called = known.get("called", "It")
            hints.append(f"{called} gave {known['got']}, expected was {known['expected']}.")
        advice = " ".join(filter(None, hints)) or _WORDS[first.outcome]
    return json.dumps(
        {
            "outcome": str(result.outcome),
            "points": result.points,
            "out_of": result.out_of,
            "reason": " ".join(reason.split()),
            "try_next": " ".join(advice.split()),
        }
    )


def titles(notebook: Any) -> list[Exercise]:
    """List the exercises of a notebook: one for each check, and for each heading without one.

    Parameters
    ----------
    notebook : dict
        The notebook's JSON, or what nbformat made of it.
    """
    found: list[Exercise] = []
    heading: tuple[str, str] | None = None
    seen: set[str] = set()

    def close() -> None:
        if heading:
            gone = "The check of this exercise is no longer in the notebook."
            again = "Take the notebook anew from the course, and copy your answers into it."
            found.append(
                Exercise(heading[0], out_of=float(heading[1] or 0), reason=gone, try_next=again)
            )

    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        headings = _HEADING.findall(text) if cell["cell_type"] == "markdown" else []
        for title, points in headings:
            close()
            heading = (title.strip(), points)
        if heading and _is_written(cell):
            found.append(_written(text, *heading))
            heading = None
        name = _check_name(cell)
        if name and name not in seen:
            seen.add(name)
            title, points = heading or (name.removesuffix("-check"), "")
            out_of = cell["metadata"]["nbgrader"].get("points")
            if not isinstance(out_of, int | float) or not math.isfinite(out_of):
                out_of = points or 0
            found.append(Exercise(title, name, out_of=float(out_of)))
            heading = None
    close()
    return found


def _is_written(cell: Any) -> bool:
    """Tell the cell of an answer that a person marks."""
    grading = cell.get("metadata", {}).get("nbgrader")
    marked = isinstance(grading, dict) and grading.get("grade") and grading.get("solution")
    return cell["cell_type"] == "markdown" and bool(marked)


def _written(text: str, title: str, points: str) -> Exercise:
    """Return what can be said of a written answer: whether there is one."""
    by = f"A person marks it, out of {points or '?'} points; it counts for nothing before."
    if text.strip() in ("", WRITE_HERE):
        return Exercise(title, reason=by, try_next="Write your answer below its prompt.")
    return Exercise(title, outcome=WAITS, reason=by)


def _check_name(cell: Any) -> str:
    """Tell a check by its name, which is what the course's checks have in common; else nothing."""
    grading = cell.get("metadata", {}).get("nbgrader")
    name = str(grading.get("grade_id", "")) if isinstance(grading, dict) else ""
    return name if cell["cell_type"] == "code" and name.endswith("-check") else ""


def find(course: Path, wanted: str = "") -> list[Path]:
    """Find the notebooks that are meant, each once: a copy only where it is asked for by name.

    Parameters
    ----------
    course : Path
        The folder with ``day1`` and so on.
    wanted : str
        ``day1``, ``day1/1-trust``, ``1-trust``, the path of a file, or nothing for all.

    Raises
    ------
    CourseError
        There is nothing of that name; the message says what there is.
    """
    return [path for path, _ in _find(course, wanted)]


def _find(course: Path, wanted: str) -> list[tuple[Path, str]]:
    """Find the notebooks that are meant, and what there is to say of their files."""
    works = notebook_file.works(course)
    if not works:
        raise CourseError(
            f"No notebooks in {course}: expected day1/1-trust.ipynb and more. Change to the folder "
            "that you cloned the course into and try again."
        )
    name = wanted.replace("\\", "/").removeprefix("./").removeprefix("course/").strip("/")
    name = name.removesuffix(".ipynb")
    for path in (course / f"{name}.ipynb", Path(wanted)):
        if path.suffix == ".ipynb" and path.is_file():
            return [_named(path, course, works)]
    found = [
        (work.path, work.remark(course))
        for work in works
        if name in ("", work.name, *work.name.split("/"))
    ]
    if found:
        return found
    names = [work.name for work in works]
    days = list(dict.fromkeys(other.split("/")[0] for other in names))
    day = name.split("/")[0]
    choices = [other for other in names if other.startswith(f"{day}/")] or days
    near = difflib.get_close_matches(name, [*names, *days], n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    raise CourseError(f"There is no {name}.{guess} There is: {', '.join(choices)}.")


def _named(path: Path, course: Path, works: Sequence[notebook_file.Work]) -> tuple[Path, str]:
    """Take a file that was asked for by its own name; say so if it is a copy."""
    for work in works:
        if path.resolve() == work.path.resolve():
            return work.path, work.remark(course)
        if path.resolve() in [copy.resolve() for copy in work.copies]:
            counts = work.path.relative_to(course).as_posix()
            return (
                path.resolve(),
                f"This is a copy of {work.name}; grading looks at {counts} alone.",
            )
    return path.resolve(), ""


def check(
    root: Path,
    wanted: str = "",
    *,
    progress: bool = True,
    cell_limit_s: float = CELL_LIMIT_S,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[Checked]:
    """Run a learner's notebooks and their checks; the notebooks stay as they are.

    Parameters
    ----------
    root : Path
        The folder that ``course/`` lies in, or that folder itself, whatever it is called.
    wanted : str
        As for `find`.
    progress : bool
        Show a bar, where somebody watches.
    cell_limit_s : float
        Seconds on the clock after which a cell is interrupted.
    say : callable
        Is told a sentence where something is done in another way than usual.

    Raises
    ------
    CourseError
        As `find`.
    """
    from tqdm import tqdm

    course = root if any(root.glob("[dD]ay*/*.ipynb")) else root / "course"
    found = _find(course, wanted)
    # Where a copy runs, no data sets lie above it.
    environment = {"VAXLAB_DATA": str(paths.datasets(course))} | os.environ
    with (
        tempfile.TemporaryDirectory(prefix="vaxlab-check-") as scratch,
        tqdm(total=0, unit="cell", disable=None if progress else True, leave=False) as bar,
    ):
        runs = [
            _Run(path, said, course, Path(scratch) / str(number), cell_limit_s, environment, bar)
            for number, (path, said) in enumerate(found)
        ]
        bar.total = sum(run.cells for run in runs)
        bar.set_description("loading the libraries")
        kernel = _kernel(say) if bar.total else ""
        bar.set_description("running")
        return asyncio.run(_all(runs, kernel))


def _kernel(say: Callable[[str], None]) -> str:
    """Start the warm process; name the kernel that can be had."""
    try:
        from vaxlab.grading import provisioner

        provisioner.address()
    except Exception as error:  # no fork, no memory, no such module: what is ordinary does it, too
        say(f"Each notebook starts a kernel of its own, which takes longer ({error}).")
        return "python3"
    paths = [str(provisioner.KERNELS), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    return "vaxlab-warm"


async def _all(runs: Sequence[_Run], kernel: str) -> list[Checked]:
    free = asyncio.Semaphore(min(AT_ONCE, os.cpu_count() or 1))

    async def one(run: _Run) -> Checked:
        async with free:
            return await run.checked(kernel)

    return list(await asyncio.gather(*map(one, runs)))


class _Run:
    """One notebook, and the kernel that it runs in."""

    def __init__(
        self,
        path: Path,
        said: str,
        course: Path,
        scratch: Path,
        cell_limit_s: float,
        environment: dict[str, str],
        bar: Any,
    ) -> None:
        from vaxlab.grading import classroom

        inside = path.relative_to(course) if path.is_relative_to(course) else Path(path.name)
        self.result = Checked(inside.with_suffix("").as_posix(), said=said)
        # The folder's name is the day's, as where the notebook lies.
        self.folder = scratch / path.parent.name
        self.cell_limit_s, self.environment = cell_limit_s, environment
        self.bar = bar
        self.notebook: Any = None
        self.cells = 0
        try:
            whole = notebook_file.read(path)
        except CourseError as error:
            self._say(str(error))
            return
        # The plain copy has no points in it.
        self.result.exercises = titles(whole)
        if not any(exercise.grade_id for exercise in self.result.exercises):
            self._say(f"{path.name} holds no check of the course, so it was not run.")
            return
        for cell in whole["cells"]:
            mark = notebook_file.conflict(cell["source"])
            if mark:
                self._say(
                    f"A cell holds git's mark of a conflict, `{mark[1]}`: keep one of its two "
                    "versions and delete the marks."
                )
                break
        self.notebook = notebook_file.plain(whole)
        classroom.stage_submission(path.parent, self.folder, [])
        self.cells = sum(cell.cell_type == "code" for cell in self.notebook.cells)

    def _say(self, sentence: str) -> None:
        self.result.said = " ".join(filter(None, (self.result.said, sentence)))

    async def checked(self, kernel: str) -> Checked:
        """Run it, if it can be run, in a kernel of that name."""
        if self.notebook is None:
            return self.result
        from jupyter_client import AsyncKernelManager

        self.manager = AsyncKernelManager(kernel_name=kernel)
        try:
            await self.manager.start_kernel(
                cwd=str(self.folder),
                env=self.environment,
                extra_arguments=["--IPKernelApp.log_level=40"],  # nothing about encryption
            )
            self.client = self.manager.client()
            self.client.start_channels()
            await self.client.wait_for_ready(timeout=START_LIMIT_S)
            await self._cells()
        except _Ended as ended:
            self._say(str(ended))
            self._not_run(str(ended))
        except Exception as error:  # whatever one notebook holds, the others are told of
            why = f"It could not be run: {error}"
            self._say(why)
            self._not_run(why)
        finally:
            with contextlib.suppress(Exception):
                self.client.stop_channels()
            with contextlib.suppress(Exception):
                await self.manager.shutdown_kernel(now=True)
                await self.manager.cleanup_resources()
        return self.result

    async def _cells(self) -> None:
        by_name = {exercise.grade_id: exercise for exercise in self.result.exercises}
        self.pending = dict.fromkeys(name for name in by_name if name)
        stopped = ""  # by an error, since the last check
        for cell in self.notebook.cells:
            if cell.cell_type != "code":
                continue
            self.bar.update()
            where = _first_line(cell.source)
            if not where:
                continue
            self.where = where
            name = _check_name(cell)
            if not name:
                error, _ = await self._run(cell.source, "")
                stopped = stopped or (error and f"{self.where}: {error}")
                continue
            error, said = await self._run(cell.source, _ASK)
            exercise = by_name[name]
            if said:
                vars(exercise).update(said)
            else:
                exercise.outcome = str(Outcome.ERROR)
                exercise.reason = error or "The check gave no result."
                exercise.try_next = "Take the cell of the check anew from the course."
            if stopped and exercise.outcome == Outcome.NOT_ATTEMPTED:
                exercise.outcome = str(Outcome.ERROR)
                exercise.reason = f"A cell above the check stopped, {stopped}"
                exercise.try_next = _WORDS[Outcome.ERROR]
            stopped = ""
            self.pending.pop(name, None)

    def _not_run(self, why: str) -> None:
        for exercise in self.result.exercises:
            if exercise.grade_id in getattr(self, "pending", {exercise.grade_id: None}):
                exercise.outcome = str(Outcome.ERROR)
                exercise.reason = f"Not run. {why}"
                exercise.try_next = "Mend that cell first, then check again."

    async def _run(self, source: str, ask: str) -> tuple[str, dict[str, Any]]:
        """Run one cell; return the error that it met, and what was asked afterwards."""
        wanted = {"told": ask} if ask else {}
        sent = self.client.execute(source, user_expressions=wanted, allow_stdin=False)
        error = await self._listen(sent)
        reply = await self._reply(sent)
        if any(asked.get("source") == "ask_exit" for asked in reply.get("payload", [])):
            raise self._gone()
        answer = reply.get("user_expressions", {}).get("told", {})
        said: dict[str, Any] = {}
        with contextlib.suppress(KeyError, ValueError, SyntaxError):
            said = json.loads(ast.literal_eval(answer["data"]["text/plain"]))
        return error, said

    async def _listen(self, sent: str) -> str:
        """Wait until a cell has ended; interrupt it where it takes too long."""
        error, interrupted = "", False
        deadline = time.monotonic() + self.cell_limit_s
        while True:
            left = deadline - time.monotonic()
            if left <= 0 and interrupted:
                raise _Ended(
                    f"T{self.where[1:]} ran for more than {self.cell_limit_s:g} s, and an "
                    "interrupt did not stop it."
                )
            if left <= 0:
                interrupted = True
                deadline = time.monotonic() + OBEY_S
                await self.manager.interrupt_kernel()
                continue
            message = await self._heard(self.client.get_iopub_msg, left)
            if message is None or message["parent_header"].get("msg_id") != sent:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                first = (_COLOUR_CODE.sub("", content["evalue"]).splitlines() or [""])[0]
                error = f"{content['ename']}: {first}"[:300]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                break
        if interrupted:
            return f"it was stopped after {self.cell_limit_s:g} s. Is there a loop that never ends?"
        return error

    async def _reply(self, sent: str) -> dict[str, Any]:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            message = await self._heard(self.client.get_shell_msg, 5)
            if message and message["parent_header"].get("msg_id") == sent:
                return message["content"]
        raise _Ended(f"After {self.where} the kernel does not answer any more.")

    async def _heard(self, hear: Callable[..., Any], left_s: float) -> dict | None:
        """Hear one message, or nothing for a while; notice when the kernel has ended."""
        try:
            return await hear(timeout=min(left_s, 1.0))
        except Empty:
            pass
        if await self.manager.is_alive():
            return None
        raise self._gone()

    def _gone(self) -> _Ended:
        return _Ended(
            f"T{self.where[1:]} ended the interpreter, or used more memory than there is. "
            "Look for exit(), for endless recursion, and for very large tables."
        )


def _first_line(source: str) -> str:
    """Say which cell is meant, by its first line that does something; nothing where none does."""
    lines = (line.strip() for line in source.splitlines())
    line = next((line for line in lines if line and not line.startswith("#")), "")
    return f"the cell that begins with `{line[:60]}`" if line else ""


class _Ended(Exception):
    """The kernel of a notebook is gone, or of no more use."""


def table(checked: Sequence[Checked]) -> str:
    """Write what was found for people: four outcomes in words, reasons, what to try, a total."""
    lines, every = [], []
    for one in checked:
        every += one.exercises
        points, out_of = _sums(one.exercises)
        lines.append(f"{one.notebook}: {points:g} of {out_of:g} points" if out_of else one.notebook)
        lines += [f"  {one.said}"] if one.said else []
        for exercise in one.exercises:
            score = f"{exercise.points:g} of {exercise.out_of:g}"
            lines.append(f"  {exercise.title}: {exercise.outcome} ({score})")
            lines += [f"      {exercise.reason}"] if exercise.reason else []
            lines += [f"      Next: {exercise.try_next}"] if exercise.try_next else []
        lines.append("")
    points, out_of = _sums(every)
    counts = [(sum(item.outcome == outcome for item in every), outcome) for outcome in Outcome]
    summary = ", ".join(f"{count} {outcome}" for count, outcome in counts if count)
    total = f"Total: {points:g} of {out_of:g} points; {summary or 'no exercise'}."
    return notebook_file.writable("\n".join([*lines, total]))


def _sums(exercises: Sequence[Exercise]) -> tuple[float, float]:
    return sum(one.points for one in exercises), sum(one.out_of for one in exercises)


def dumps(checked: Sequence[Checked]) -> str:
    """Write the same as JSON."""
    text = json.dumps([asdict(one) for one in checked], ensure_ascii=False)
    return notebook_file.writable(text)
