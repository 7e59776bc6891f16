"""Run notebooks as nbgrader will, and count their points.

Each run is kept under the fingerprint of all that it depends on, so that nothing is run twice.
"""

import asyncio
import gzip
import hashlib
import json
import os
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vaxlab.authoring import build, empty, guide
from vaxlab.authoring.source import Source
from vaxlab.errors import CourseError

# On the clock, and the machine may do much else: cells of our own take seconds.
CELL_LIMIT_S = 300
SURVEY_LIMIT_S = 600
AT_ONCE = 2
KEPT_S = 30 * 24 * 3600
# A kernel is given one thread: two run side by side on two cores.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
# A kernel sends figures as data, and of a widget what it shows when nobody moves it.
_STILL = (
    "import vaxlab.grading.feedback.stills as _stills; _stills.register(get_ipython()); del _stills"
)


@dataclass
class Run:
    """What a run of a notebook gave.

    Attributes
    ----------
    points
        Points that nbgrader gives, by grade id; automatic checks only.
    silent
        Checks that show no number: nbgrader gives them full points.
    errors
        Position (from 0) and error of each cell that stopped.
    stderr
        Position and last line of each cell that wrote to stderr: nbgrader gives such a check no
        points.
    figures
        Of instructor's notes: expression to its value as written.
    empty
        Empty answers that earn more than they may: `vaxlab.authoring.empty.Earned` as dicts.
    untried
        Errors of the cells that try empty answers.
    """

    points: dict[str, float] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)
    stderr: list[tuple[int, str]] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)
    empty: list[dict] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)


def solved(source: Source):
    """Return the notebook with its answers and its hidden tests.

    Where the instructor's notes ask for figures, a last cell computes them.
    """
    return telling(as_graded(source), guide.figures_asked(source))


def telling(notebook, expressions: list[str]):
    """Add a cell to a notebook that computes the `Run.figures` of a run; return the notebook."""
    import nbformat

    if expressions:
        values = ", ".join(f"{name!r}: f{'{' + name + '}'!r}" for name in expressions)
        code = f"import json as _json\nprint(_json.dumps({{{values}}}))"
        cell = nbformat.v4.new_code_cell(code, id="figures", metadata={"tags": [_FIGURES]})
        notebook.cells.append(cell)
    return notebook


_FIGURES = "figures"
_EMPTY = "empty"


def surveyed(source: Source):
    """Return the solved notebook with a cell for each exercise that tries empty answers."""
    import nbformat

    notebook = solved(source)
    shown = empty.shown(source)
    for exercise in empty.exercises(source):
        code = (
            "from vaxlab.authoring import empty as _empty\n"
            f"print(_empty.report(globals(), _empty.{exercise!r}, {shown!r}, "
            f"{empty.BUDGET_S}, {empty.NAMES_S}))"
        )
        cell = nbformat.v4.new_code_cell(
            code, id=f"empty-{exercise.grade_id}"[:64], metadata={"tags": [_EMPTY]}
        )
        notebook.cells.append(cell)
    return notebook


def as_graded(source: Source):
    """Return the notebook with answers and hidden tests, and without notes."""
    from vaxlab.authoring.preprocessors import without_notes

    return without_notes(build.notebook(source))


def untouched(source: Source, root: Path):
    """Return the notebook as learners get it, but with the hidden tests, as it is graded."""
    from nbgrader.preprocessors import ClearSolutions

    return ClearSolutions(config=build.settings(root)).preprocess(as_graded(source), {})[0]


def figures(sources: list[Source], root: Path) -> list[Run]:
    """Run solved notebooks for their figures, unless the linter's survey of them is remembered."""
    return run(_solved_once(sources, root), root)


def executed(sources: list[Source], root: Path) -> list:
    """Return solved notebooks with what they show, hidden tests included.

    They are run, unless the linter's survey of them is remembered.

    Parameters
    ----------
    sources
        Notebooks of the course.
    root
        The checkout.

    Returns
    -------
    list of nbformat.NotebookNode
        One for each source, in order, without the cells that a run adds.

    Raises
    ------
    CourseError
        A cell stopped, or no kernel can be started.
    """
    import nbformat

    setting = _setting(root)
    notebooks = _solved_once(sources, root)
    kept = [_outputs_of(_kept(root, notebook, setting)) for notebook in notebooks]
    for source, outcome in zip(sources, run(notebooks, root), strict=True):
        for position, why in outcome.errors[:1]:
            line = source.cells[position].line if position < len(source.cells) else 1
            raise CourseError(
                f"{source.path}:{line}: the solved notebook stops near here: {why}. "
                "`vaxlab course lint` says more."
            )
    shown = [
        nbformat.reads(gzip.decompress(path.read_bytes()).decode(), as_version=4)
        if path.is_file()
        else notebook
        for notebook, path in zip(notebooks, kept, strict=True)
    ]
    for notebook in shown:
        notebook.cells = [
            cell
            for cell in notebook.cells
            if not {_FIGURES, _EMPTY}.intersection(cell.metadata.get("tags", ()))
        ]
    return shown


def _solved_once(sources: list[Source], root: Path) -> list:
    """Return solved notebooks: as the linter runs them, where it has, and else as they are."""
    setting = _setting(root)
    return [
        survey if _kept(root, survey, setting).is_file() else solved(source)
        for source, survey in zip(sources, map(surveyed, sources), strict=True)
    ]


def run(notebooks: list, root: Path) -> list[Run]:
    """Run notebooks, two side by side, or remember what they gave.

    Parameters
    ----------
    notebooks
        Notebooks without outputs.
    root
        The checkout; ``.cache/lint/`` in it keeps the runs, and what the notebooks show.

    Returns
    -------
    list of Run
        One for each notebook, in order.

    Raises
    ------
    CourseError
        No kernel can be started.
    """
    import nbformat

    setting = _setting(root)
    kept = [_kept(root, notebook, setting) for notebook in notebooks]
    missing = [index for index, path in enumerate(kept) if not path.is_file()]
    _forget(root, used=[path for path in kept if path.is_file()])
    fresh = asyncio.run(_run_all([notebooks[index] for index in missing], root)) if missing else []
    for index, outcome in zip(missing, fresh, strict=True):
        # A failure may be the machine's (out of time, out of memory): it is run again next time.
        if not (outcome.errors or outcome.stderr or outcome.untried):
            shown = nbformat.writes(notebooks[index]).encode()
            _keep(_outputs_of(kept[index]), gzip.compress(shown, mtime=0))
            _keep(kept[index], json.dumps(asdict(outcome)).encode())
    done = dict(zip(missing, fresh, strict=True))
    return [
        done[index] if index in done else Run(**json.loads(path.read_text()))
        for index, path in enumerate(kept)
    ]


def _keep(path: Path, content: bytes) -> None:
    """Write a file in one step: others may look for it at any time."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(content)
    os.replace(part, path)


def _forget(root: Path, used: list[Path]) -> None:
    """Remove runs that nobody has asked for in a month; `used` are asked for now."""
    for path in used:
        for file in (path, _outputs_of(path)):
            with suppress(FileNotFoundError):
                os.utime(file)
    for path in (root / ".cache" / "lint").iterdir():
        with suppress(FileNotFoundError):  # another process may be at it
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()


def _outputs_of(kept: Path) -> Path:
    """Return where the outputs of a run are kept."""
    return kept.with_suffix(".ipynb.gz")


def _kept(root: Path, notebook, setting: bytes) -> Path:
    """Return where the run of a notebook is kept."""
    memory = root / ".cache" / "lint"
    memory.mkdir(parents=True, exist_ok=True)
    return memory / f"{_fingerprint(notebook, setting)}.json"


def _setting(root: Path) -> bytes:
    """Fingerprint of what a run depends on beside the notebook: package, data, versions."""
    package = Path(__file__).resolve().parents[1]
    # What makes pages of a run has no part in it.
    files = sorted(path for path in package.rglob("*.py") if path.parent.name != "site")
    files += [root / "datasets" / "manifest.json", root / "constraints.txt"]
    total = hashlib.sha256(sys.version.encode())
    for path in files:
        if path.is_file():
            total.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.digest()


def _fingerprint(notebook, setting: bytes) -> str:
    import nbformat

    return hashlib.sha256(nbformat.writes(notebook).encode() + setting).hexdigest()


async def _run_all(notebooks: list, root: Path) -> list[Run]:
    from tqdm import tqdm

    gate = asyncio.Semaphore(AT_ONCE)
    # Nothing is shown of what takes less than 5 s.
    with tqdm(total=len(notebooks), desc="Running notebooks", unit="run", delay=5) as bar:

        async def one(notebook) -> Run:
            async with gate:
                with tempfile.TemporaryDirectory(prefix="run-", dir=root / ".cache") as folder:
                    outcome = await _run_one(notebook, folder)
            bar.update()
            return outcome

        return await asyncio.gather(*map(one, notebooks))


async def _run_one(notebook, folder: str) -> Run:
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    outcome = Run()
    client = NotebookClient(
        notebook,
        timeout_func=_limit_s,
        startup_timeout=120,
        kernel_name="python3",
        allow_errors=True,
        # ipykernel warns on every start that it listens on loopback without encryption.
        extra_arguments=["--IPKernelApp.log_level=40", f"--IPKernelApp.exec_lines={_STILL}"],
        resources={"metadata": {"path": folder}},
    )
    environment = os.environ | ONE_THREAD | {"NBGRADER_EXECUTION": "autograde"}
    try:
        await client.async_execute(env=environment)
    except CellTimeoutError:
        _stopped(notebook, outcome, "it ran for more than {} s")
    except DeadKernelError:
        _stopped(notebook, outcome, "the kernel died (out of memory?)")
    except NoSuchKernel as error:
        raise CourseError(
            "No kernel python3 is installed, so notebooks cannot be run. "
            "`make lab` sets everything up."
        ) from error
    _count(notebook, outcome)
    return outcome


def _limit_s(cell) -> int:
    """Return how long a cell may take; the last ones of a survey try a check some hundred times."""
    return SURVEY_LIMIT_S if _EMPTY in cell.metadata.get("tags", ()) else CELL_LIMIT_S


def _stopped(notebook, outcome: Run, why: str) -> None:
    """Note that the run ended in the last cell that was begun, and why; ``{}`` is its limit."""
    begun = [index for index, cell in enumerate(notebook.cells) if cell.get("execution_count")]
    last = max(begun, default=0)
    why = why.format(_limit_s(notebook.cells[last]))
    if _EMPTY in notebook.cells[last].metadata.get("tags", ()):
        outcome.untried.append(why)
    else:
        outcome.errors.append((last, why))


def _count(notebook, outcome: Run) -> None:
    """Read points and faults from the outputs, as nbgrader does."""
    from nbgrader import utils

    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if _EMPTY in cell.metadata.get("tags", ()):
            _count_survey(cell, outcome)
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                outcome.errors.append((position, f"{output.ename}: {output.evalue}"))
            elif output.output_type == "stream" and output.name == "stderr":
                outcome.stderr.append((position, output.text.strip().split("\n")[-1]))
        if _FIGURES in cell.metadata.get("tags", ()) and not outcome.errors:
            printed = [output.text for output in cell.outputs if output.get("name") == "stdout"]
            outcome.figures = json.loads(printed[-1].strip().split("\n")[-1])
        if utils.is_grade(cell) and not utils.is_solution(cell):
            name = cell.metadata.nbgrader["grade_id"]
            try:
                outcome.points[name] = float(utils.determine_grade(cell)[0])
            except ValueError as error:
                outcome.errors.append((position, str(error)))
            if not any(_is_number(output) for output in cell.outputs):
                outcome.silent.append(name)


def _count_survey(cell, outcome: Run) -> None:
    """Read what a cell says that tries empty answers; odd ones may warn."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    outcome.untried += [f"{error.ename}: {error.evalue}" for error in errors]
    if cell.outputs and not errors:
        outcome.empty += json.loads(cell.outputs[-1].text)


def _is_number(output) -> bool:
    try:
        return float(output["data"]["text/plain"]) >= 0
    except (KeyError, ValueError):
        return False
