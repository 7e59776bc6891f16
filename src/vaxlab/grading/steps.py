"""Steps for nbgrader's autograder, named in ``nbgrader_config.py``.

`Restore` gives a submission its checks back; `Execute` runs the learner's cells in the sandbox and
lets the judge run the checks; `SaveAutoGrades` stores what the judge said, and 0 for every check of
which it said nothing.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import zmq.asyncio
from jupyter_client import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbclient.util import ensure_async, run_sync
from nbformat import NotebookNode, v4
from nbgrader import preprocessors as nbgrader_steps
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Integer, List, Type, Unicode

from vaxlab.errors import CourseError
from vaxlab.grading import handin, wire
from vaxlab.grading.feedback import clean
from vaxlab.grading.limits import Limits

SCHEMA_VERSION = 3
#: What the kernel may put into one message to the grader, and how many may wait.
MAX_MESSAGE_BYTES, MAX_WAITING = 2**23, 16
WATCH_S = 0.25
#: How many cells of a notebook may print as much as one may.
OUTPUTS_IN_ALL = 8
#: How long the grader waits for the last of what a cell has printed.
IOPUB_LIMIT_S = 60
#: Controls in a notebook: cells whose outcome is known, at places that are not.
CONTROLS = 3
#: Such a cell ends in this one error, whatever is shown and how: that is for the learner to set.
#: Nobody reads its traceback, and to lay one out takes longer than all the rest.
_CONTROL = """\
{name} = {low} + {high}
try:
    assert {name} != {sum}, "{told}"
except AssertionError as {name}e:
    {name}e._render_traceback_ = lambda: []
    raise
finally:
    del {name}
"""


def is_check(cell: NotebookNode) -> bool:
    """Tell whether the judge runs this cell."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


class KernelManager(AsyncKernelManager):
    """Takes no more from a kernel than the grader can bear."""

    def _context_default(self) -> zmq.Context:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, MAX_WAITING)
        return context


class Restore(NbGraderPreprocessor):
    """Give a submission its graded cells back, as they were handed out.

    nbgrader's own step trusts the flags in the learner's file, so that a check marked as no check
    is not graded, and keeps an older grade.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Rewrite the metadata of all cells from the gradebook; add missing checks.

        Raises
        ------
        CourseError
            A link leads to the submission: it may be somebody else's work.
        """
        where, course = resources["nbgrader"], CourseDirectory(config=self.config)
        way = (where["student"], where["assignment"], f"{where['notebook']}.ipynb")
        if link := handin.link_on_the_way(Path(course.root, course.submitted_directory), *way):
            raise CourseError(
                f"{link} is a link, which is not followed. Put the file itself there."
            )
        return restored(nb, _source_cells(resources)), resources


def restored(nb: NotebookNode, known: dict[str, tuple[str, str, dict]]) -> NotebookNode:
    """Give a notebook nbgrader's cells back; `known` holds their kind, source and metadata."""
    last = {}
    for place, cell in enumerate(nb.cells):
        name = _grade_id(cell)
        if name in known:
            last[name] = place
    for place, cell in enumerate(nb.cells):
        name = _grade_id(cell)
        if last.get(name) == place:
            nb.cells[place] = _restored(cell, known[name])
        else:
            cell.metadata = NotebookNode()
    nb.cells = _ordered(nb.cells, known)
    seen = set()
    for cell in nb.cells:
        if cell.get("id") in seen:
            cell.id = v4.new_code_cell().id
        seen.add(cell.get("id"))
    return nb


def _grade_id(cell: NotebookNode) -> str | None:
    grading = cell.get("metadata", {}).get("nbgrader")
    name = grading.get("grade_id") if isinstance(grading, dict) else None
    return name if isinstance(name, str) else None


def _source_cells(resources: dict) -> dict[str, tuple[str, str, dict]]:
    """Kind, source and metadata of each of nbgrader's cells, by name, in the source's order."""
    where = resources["nbgrader"]
    with Gradebook(where["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(where["notebook"], where["assignment"])
        graded = [*notebook.grade_cells, *notebook.task_cells]
        points = {cell.name: cell.max_score for cell in graded}
        solutions = {cell.name for cell in notebook.solution_cells}
        tasks = {cell.name for cell in notebook.task_cells}
        return {
            cell.name: (
                cell.cell_type,
                cell.source,
                {
                    "grade_id": cell.name,
                    "grade": cell.name in points and cell.name not in tasks,
                    "solution": cell.name in solutions,
                    "task": cell.name in tasks,
                    "locked": bool(cell.locked),
                    "cell_type": cell.cell_type,
                    "checksum": cell.checksum,
                    "schema_version": SCHEMA_VERSION,
                }
                | ({"points": points[cell.name]} if cell.name in points else {}),
            )
            for cell in notebook.source_cells
        }


def _restored(cell: NotebookNode, known: tuple[str, str, dict]) -> NotebookNode:
    kind, source, grading = known
    text = source if grading["locked"] else cell.source
    made = v4.new_code_cell(text) if kind == "code" else v4.new_markdown_cell(text)
    made.id = cell.get("id", made.id)
    made.metadata["nbgrader"] = grading
    return made


def _ordered(cells: list[NotebookNode], known: dict[str, tuple]) -> list[NotebookNode]:
    """Put back each graded cell that is missing, and each check that was moved before its answer.

    A written answer comes back as it was handed out: with no answer, for which nobody must wait.
    """
    names = list(known)
    for position, name in enumerate(names):
        kind, source, grading = known[name]
        if not grading["grade"]:
            continue
        places = {_grade_id(cell): place for place, cell in enumerate(cells)}
        before = [places[other] for other in names[:position] if other in places]
        earliest = max(before, default=-1)
        if name in places and (grading["solution"] or places[name] > earliest):
            continue
        if name in places:
            cell = cells.pop(places[name])
            earliest -= 1
        else:
            cell = _restored(v4.new_code_cell(source), (kind, source, grading))
        # A check that is missing while its answer is, too, goes to the end.
        cells.insert(earliest + 1 if before else len(cells), cell)
    return cells


class Execute(nbgrader_steps.Execute):
    """Run the learner's cells in the sandbox, and the checks where the learner's code is not."""

    kernel_name = Unicode("vaxlab-graded").tag(config=True)
    kernel_manager_class = Type(KernelManager, klass=AsyncKernelManager).tag(config=True)
    shutdown_kernel = Unicode("immediate").tag(config=True)
    #: What comes too late may cost its text, but no points.
    raise_on_iopub_timeout = Bool(False).tag(config=True)
    iopub_timeout = Integer(IOPUB_LIMIT_S).tag(config=True)
    #: On a busy machine a kernel sends one line in several parts.
    coalesce_streams = Bool(True).tag(config=True)
    limits = Dict({}, help="Fields of vaxlab.grading.limits.Limits.").tag(config=True)
    companions = Unicode(
        "", help="Folder of the submission as it was handed in; by default nbgrader's own."
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["kernel_manager_class"] = KernelManager
        super().__init__(*args, **kwargs)
        self.timeout = None  # the watch below counts CPU time first

    def preprocess(
        self, nb: NotebookNode, resources: dict, km: Any = None
    ) -> tuple[NotebookNode, dict]:
        """Run a notebook; afterwards ``resources["vaxlab"]`` holds what the judge said."""
        self.bounds = Limits(**self.limits)
        self.points: dict[str, float] = {}
        self.ended = self.held = ""
        self.printed = self.printed_in_all = 0
        self.frozen: list[NotebookNode] = []
        code = [place for place, cell in enumerate(nb.cells) if cell.cell_type == "code"]
        dice = random.SystemRandom()
        self.controls = set(dice.sample(code, min(CONTROLS, len(code))))
        with tempfile.TemporaryDirectory(prefix="submission-") as folder:
            self.folder = folder
            behind = self._furnish(Path(folder), resources)
            nb, resources = super().preprocess(nb, resources, km)
        # Last of all: a later cell may have changed what an earlier one has shown.
        for cell in nb.cells:
            if cell.cell_type == "code" and not is_check(cell):
                clean.outputs(cell)
        nb.metadata.pop("widgets", None)  # nothing of theirs is shown as a widget
        said = {"points": self.points, "ended": self.ended, "held": self.held, "behind": behind}
        resources["vaxlab"] = said
        return nb, resources

    def _furnish(self, folder: Path, resources: dict) -> list[str]:
        """Lay the files out that the notebook had beside it; return what stayed behind.

        nbgrader has copied the course's own, but of the submission's only what it would also
        release: no module that a notebook imports.
        """
        where, course = resources["nbgrader"], CourseDirectory(config=self.config)
        submitted = self.companions or course.format_path(
            course.submitted_directory, where["student"], where["assignment"]
        )
        handin.copy_companions(Path(resources["metadata"]["path"]), folder)
        return handin.copy_companions(Path(submitted), folder)

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Tell the kernel's provisioner its limits, and the judge what to rehearse."""
        where, course = self.resources["nbgrader"], CourseDirectory(config=self.config)
        source = Path(
            course.format_path(course.source_directory, ".", where["assignment"]),
            f"{where['notebook']}.ipynb",
        )
        told = self.km.kernel_spec.metadata["kernel_provisioner"]["config"]
        told["limits"] = self.limits
        told["rehearsal"] = str(source.resolve()) if source.is_file() else ""
        await super().async_start_new_kernel(**kwargs | {"cwd": self.folder})
        self.began = time.monotonic()  # the warm process may still have been importing

    start_new_kernel = run_sync(async_start_new_kernel)

    async def async_start_new_kernel_client(self) -> Any:
        """Connect; a forked kernel is ready by now, so nothing has to be waited out."""
        if getattr(self.km.provisioner, "client", None) is None:
            return await super().async_start_new_kernel_client()
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.allow_stdin = False
        deadline = time.monotonic() + self.startup_timeout
        while True:
            asked = self.kc.kernel_info()
            await ensure_async(self.kc.get_shell_msg(timeout=self.startup_timeout))
            # Outputs are sent to those who listen already: hear one before the first cell.
            with contextlib.suppress(Exception):
                while True:
                    heard = await ensure_async(self.kc.get_iopub_msg(timeout=0.1))
                    ours = heard["parent_header"].get("msg_id") == asked
                    if ours and heard["content"].get("execution_state") == "idle":
                        return self.kc
            if time.monotonic() > deadline:
                raise RuntimeError("The kernel does not answer.")

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, index: int
    ) -> tuple[NotebookNode, dict]:
        """Run one cell, unless the notebook was stopped before it; after the last, judge."""
        if cell.cell_type == "code":
            self._run_or_say_why_not(cell, index)
        if index == len(self.nb.cells) - 1 and self.frozen:
            self._judge_all()
        return cell, resources

    def _run_or_say_why_not(self, cell: NotebookNode, index: int) -> None:
        if not self.ended:
            watch = None
            try:
                with _Watch(self.km.provisioner, self.bounds, self.began) as watch:
                    self._run(cell, index)
            except Exception as error:  # a learner's kernel may send whatever it likes
                self.ended = (watch and watch.why) or self.ended or self._why(error)
                said = f"Stopped: {self.ended}. The cells below were not run.\n"
                cell.outputs = [*cell.outputs[:20], v4.new_output("stream", text=said)]
        elif is_check(cell):
            said = f"Not run, no points: {self.ended} in a cell above.\n"
            cell.outputs = [v4.new_output("stream", text=said)]

    def _run(self, cell: NotebookNode, index: int) -> None:
        self.printed = 0
        if is_check(cell):
            self._judge(cell, index)
        else:
            # A learner's tag (skip-execution, raises-exception) changes nothing.
            tags, cell.metadata.tags = cell.metadata.get("tags", []), []
            try:
                self.execute_cell(cell, index, store_history=True)
            finally:
                cell.metadata.tags = tags
        if index in self.controls:
            self._control()

    def _judge(self, cell: NotebookNode, index: int) -> None:
        """Have a copy of the kernel made for the judge; without a judge, run the check in it."""
        name = cell.metadata.nbgrader["grade_id"]
        if getattr(self.km.provisioner, "orders", None) is not None:
            self.km.provisioner.freeze(name)
            self.frozen.append(cell)
            cell.outputs = []
            return
        # A learner may have set what a cell shows; here the points are what is shown.
        self._quietly("get_ipython().ast_node_interactivity = 'last_expr'")
        self.execute_cell(cell, index, store_history=True)
        self._note(cell, *_shown_points(cell, float(cell.metadata.nbgrader["points"])))

    def _judge_all(self) -> None:
        """End the kernel, then let the judge question the copies of it, each by itself."""
        provisioner = self.km.provisioner
        provisioner.end()
        with contextlib.suppress(OSError, EOFError, wire.Broken):  # every order will meet it, too
            provisioner.await_judge()
        for cell in self.frozen:
            name = cell.metadata.nbgrader["grade_id"]
            try:
                said = provisioner.order(name, cell.source, self.bounds.check_wall_s)
            except (OSError, EOFError, wire.Broken):
                provisioner.read_why()
                self.ended = self.ended or provisioner.why_ended
                said = {"failed": provisioner.why_ended or "the check did not come to its end"}
            if said.get("tampered"):
                self.held = str(said["failed"])
            points = float(said.get("points", 0.0))
            shown = {"text/plain": f"{points:g}", "text/html": said.get("html", "")}
            cell.outputs = [v4.new_output("execute_result", data=shown, execution_count=None)]
            self._note(cell, points, str(said.get("failed", "")))

    def _note(self, cell: NotebookNode, points: float, why: str) -> None:
        """Keep the points of a check, if they can be; else say why there are none."""
        out_of = float(cell.metadata.nbgrader["points"])
        if why or not 0 <= points <= out_of:
            why = why or f"the check gave {points:g} of {out_of:g} points"
            cell.outputs = [v4.new_output("stream", text=f"No points: {why}.\n")]
            points = 0.0
        self.points[cell.metadata.nbgrader["grade_id"]] = points

    def _control(self) -> None:
        """Run what must fail in one way and no other, and look whether it did."""
        dice = random.SystemRandom()
        low, high, name = (dice.randrange(10**6, 10**7) for _ in range(3))
        known = {"low": low, "high": high, "sum": low + high}
        told = f"{dice.randrange(10**9):09}"
        cell = self._quietly(_CONTROL.format(name=f"_known_{name}", told=told, **known))
        errors = [(o.ename, o.evalue) for o in cell.outputs if o.output_type == "error"]
        if ("AssertionError", told) not in errors:
            self.held = (
                "the interpreter was changed by the submission: "
                "a cell that must end in one error did not"
            )

    def _quietly(self, source: str) -> NotebookNode:
        """Run a cell that is not in the notebook."""
        cell = v4.new_code_cell(source)
        self.nb.cells.append(cell)
        try:
            self.execute_cell(cell, len(self.nb.cells) - 1, store_history=False)
        finally:
            self.nb.cells.pop()
        return cell

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> Any:
        """Take a message, of whatever kind, up to the limit."""
        signs = _signs(msg["content"])
        self.printed, self.printed_in_all = self.printed + signs, self.printed_in_all + signs
        for what, printed, most in (
            ("a cell", self.printed, self.bounds.output_bytes),
            ("the notebook", self.printed_in_all, OUTPUTS_IN_ALL * self.bounds.output_bytes),
        ):
            if printed > most:
                self.ended = f"{what} printed more than {most / 2**20:g} MiB"
                raise RuntimeError(self.ended)
        return super().process_message(msg, cell, cell_index)

    def _why(self, error: Exception) -> str:
        provisioner = self.km.provisioner
        if getattr(provisioner, "client", None):
            provisioner.read_why()
        if getattr(provisioner, "why_ended", ""):
            return provisioner.why_ended
        if isinstance(error, DeadKernelError):
            return "the code ended the interpreter, or used more memory than there is"
        return str(error)[:200]


class _Watch:
    """Ends the kernel when a cell has used up its CPU time, or far more than that on the clock.

    `began` is when the notebook was, which has its own limit on the clock.
    """

    def __init__(self, provisioner: Any, limits: Limits, began: float) -> None:
        self.provisioner, self.limits, self.notebook_began = provisioner, limits, began
        self.why = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self.began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        before = None  # counting takes time: a cell that ends at once is spared it
        while not self._over.wait(WATCH_S):
            if getattr(self.provisioner, "sandboxed", False):
                used = self.provisioner.cpu_seconds()
                before = used if before is None else before
                if used - before > self.limits.cell_cpu_s:
                    self.why = f"a cell ran for more than {self.limits.cell_cpu_s:g} s"
            if time.monotonic() - self.began > self.limits.cell_wall_s:
                self.why = f"a cell took more than {self.limits.cell_wall_s:g} s on the clock"
            if time.monotonic() - self.notebook_began > self.limits.wall_s:
                self.why = f"the notebook took more than {self.limits.wall_s:g} s on the clock"
            if self.why:
                self.provisioner.end()
                return


def _signs(value: Any) -> int:
    """Count the signs of all that a message holds."""
    if isinstance(value, dict):
        return sum(_signs(key) + _signs(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(map(_signs, value))
    return len(str(value))


def _shown_points(cell: NotebookNode, out_of: float) -> tuple[float, str]:
    """Points that a check cell shows, where no judge could be had; silence earns nothing."""
    shown = [o for o in cell.outputs if o.output_type == "execute_result"]
    if any(o.output_type == "error" for o in cell.outputs) or len(shown) != 1:
        return 0.0, "the check did not come to its end"
    try:
        return float(shown[0]["data"]["text/plain"]), ""
    except (KeyError, ValueError):
        return 0.0, "the check gave no number"


class HarmlessText(NbGraderPreprocessor):
    """Leave nothing in a learner's Markdown that a browser would run."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Clean one cell, unless it is the course's own."""
        if cell.cell_type in ("markdown", "raw") and not utils.is_locked(cell):
            cell.source = clean.text(cell.source)
        return cell, resources


class SaveAutoGrades(nbgrader_steps.SaveAutoGrades):
    """Store what the judge said; what it did not say is 0, whatever the cell shows.

    Attributes
    ----------
    said : dict
        What became of the notebooks that this process has graded, by name.
    not_graded : list of str
        Notebooks that were handed in under another name: somebody has to look at them.
    """

    said: ClassVar[dict[str, dict]] = {}
    not_graded = List(Unicode(), help="Notebooks that get no points yet.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Store the points of one notebook."""
        nb, resources = super().preprocess(nb, resources)
        self.said[self.notebook_id] = resources["vaxlab"]
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        waits = self.notebook_id in self.not_graded
        if not waits and not is_check(cell):
            super()._add_score(cell, resources)
            return
        said = resources.get("vaxlab", {})
        name = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score = 0.0 if said.get("held") else said.get("points", {}).get(name, 0.0)
        grade.needs_manual_grade = bool(said.get("held")) or grade.manual_score is not None
        if waits:
            grade.auto_score, grade.needs_manual_grade = None, True
        self.gradebook.db.commit()
