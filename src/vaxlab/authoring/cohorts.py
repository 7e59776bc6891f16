"""A cohort of one's own: other data and other hidden plants, with the same notebooks and checks.

``cohorts/NAME/`` is a course like the checkout itself: ``solutions/`` with other seeds in hidden
tests, ``datasets/`` of another plant and another library, ``course/`` for learners, and nbgrader's
settings. What it is made of is drawn once and stands there; the package is the checkout's.
"""

from __future__ import annotations

import ast
import errno
import re
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vaxlab import cohort
from vaxlab.authoring import build, execute
from vaxlab.authoring.markers import BEGIN_HIDDEN
from vaxlab.authoring.source import read, sources
from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from vaxlab.authoring.source import Source

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
HIDDEN_SEED = re.compile(r"(?<=plant_seed=)\d[\d_]*")
COPIED = ("nbgrader_config.py", "jupytext.toml", "docs/outcomes.md", "solutions/README.md")
"""What a cohort shares with the checkout, beside its sources."""
DRAWS_MOST = 5
"""So often is the hidden plant of a notebook drawn anew before somebody has to look."""
NOTE = """\
# %% [markdown]
# *This class has a plant of its own: data and hidden plants are made for it alone. Tables and
# figures show yours. A number in a sentence may be that of the published course, and yours a little
# off it.*
"""
"""Stands below the title of each notebook of a cohort."""
_SEEN = "_seen"


def new(root: Path, name: str, *, seed: int | None = None) -> Path:
    """Make a cohort: data sets, sources with other hidden plants, and learners' notebooks.

    Parameters
    ----------
    root
        The checkout.
    name
        Such as ``spring-2027``; the folder's name.
    seed
        Makes the same cohort again; by default nobody knows what will be drawn.

    Returns
    -------
    Path
        The cohort's folder.

    Raises
    ------
    CourseError
        Name or seed cannot be used, the checkout is itself a cohort, or the disk is full.
        Nothing is left behind then.
    """
    import numpy as np

    from vaxlab import data
    from vaxlab.plant.card import instructor_card

    if cohort.of(root / "datasets") != cohort.PUBLISHED:
        raise CourseError(
            f"{root} is a cohort itself. Change to the checkout of the course, and call "
            f"`vaxlab cohort new {name}` there."
        )
    if seed is not None and seed < 0:
        raise CourseError(f"A cohort's seed is a whole number from 0 on, not {seed}.")
    folder = _free(root, name)
    dice = np.random.default_rng(secrets.randbits(128) if seed is None else seed)
    part = None
    try:
        folder.parent.mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
        part.chmod(0o755)
        _write(part, _sources(root, dice))
        # Small enough for every generator that takes a seed.
        history, library = (int(number) for number in dice.integers(10**8, 2**31, 2))
        made = data.made(cohort.Cohort(name, history, library))
        _write(part / "datasets", made)
        outputs = build.notebooks_alone(part)
        card = {"solutions/data-card.md": instructor_card(history).encode()}
        _write(part, outputs.committed | outputs.local | card)
        part.rename(folder)
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        raise CourseError(
            f"The cohort {name} could not be made in {folder}: {reason}. Nothing is left of it. "
            "Make room (30 MB are enough) or mend the folder's rights, then try again."
        ) from None
    finally:
        if part:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def _free(root: Path, name: str) -> Path:
    """Return the folder that a new cohort is to have.

    Raises
    ------
    CourseError
        There can be none of that name.
    """
    if not NAME.fullmatch(name) or len(name) > 40:
        raise CourseError(
            f"A cohort cannot be called {name!r}: expected small letters, digits and single dashes "
            "(40 at the most), such as spring-2027. It is made in cohorts/, so give no path."
        )
    folder = root / "cohorts" / name
    if cohort.of(folder / "datasets").name:
        raise CourseError(
            f"There is a cohort {name} already, in {folder}. Take another name; what learners have "
            "begun there needs its data."
        )
    if folder.exists() or folder.is_symlink():
        raise CourseError(
            f"{folder} is there and is no cohort. Take another name, or move it away: a cohort "
            "starts with a folder of its own."
        )
    return folder


def _sources(root: Path, dice: np.random.Generator) -> dict[str, bytes]:
    """Return what a cohort has of the checkout, each notebook with a hidden plant of its own."""
    found = {name: (root / name).read_bytes() for name in COPIED if (root / name).is_file()}
    for path in [root / "solutions" / "index.py", *sources(root)]:
        title, marker, rest = path.read_text(encoding="utf-8").partition("\n# %% [markdown]\n")
        top, second, rest = rest.partition("\n# %%")
        text = f"{title}{marker}{top}\n{NOTE}{second}{rest}"
        seed = _hidden_seed(dice)
        found[path.relative_to(root).as_posix()] = with_hidden_seed(text, seed).encode()
    return found


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _hidden_seed(dice: np.random.Generator) -> int:
    """Draw a seed that nobody finds by counting."""
    return int(dice.integers(10**12, 10**13))


def with_hidden_seed(text: str, seed: int) -> str:
    """Return a source with another seed in its hidden tests.

    All hidden tests of a notebook share one plant, which is made once and kept.
    """
    lines, hidden = [], False
    for line in text.split("\n"):
        hidden = (hidden or BEGIN_HIDDEN in line) and "END HIDDEN TESTS" not in line
        lines.append(HIDDEN_SEED.sub(f"{seed:_}", line) if hidden else line)
    return "\n".join(lines)


@dataclass(frozen=True)
class Proof:
    """What the solution of a notebook earns in a cohort.

    Attributes
    ----------
    notebook : str
        Such as ``day1/1-trust``.
    checks : int
        Checks that a program judges.
    lost : tuple of str
        A sentence for each that does not give all its points.
    draws : int
        Hidden plants that were drawn until this one.
    """

    notebook: str
    checks: int
    lost: tuple[str, ...]
    draws: int


def prove(root: Path, wanted: str = "") -> Iterator[Proof]:
    """Run the solutions of a cohort, with the data that learners see and with the hidden plants.

    One right answer in a hundred may be refused on a plant that nobody chose. Where a hidden plant
    refuses the course's own solution, another one is drawn.

    Parameters
    ----------
    root
        Of the cohort.
    wanted
        Only notebooks whose name holds this: ``day1``, ``day1/1-trust``.

    Yields
    ------
    Proof
        One a notebook.

    Raises
    ------
    CourseError
        There is no such notebook, or no kernel can be started.
    """
    import numpy as np

    cohort.adopt(root)
    (root / ".cache").mkdir(exist_ok=True)
    paths = [path for path in sources(root) if wanted in f"{path.parent.name}/{path.stem}"]
    if not paths:
        raise CourseError(
            f"No notebook of {root} is called {wanted!r}. Name one such as day1/1-trust."
        )
    dice = np.random.default_rng(secrets.randbits(128))
    for path in paths:
        for draws in range(1, DRAWS_MOST + 1):
            source = read(root, path)
            hidden, seen = _lost(source, execute.run([_asked_twice(source)], root)[0])
            if not hidden or seen or draws == DRAWS_MOST:
                break
            text = path.read_text(encoding="utf-8")
            path.write_text(with_hidden_seed(text, _hidden_seed(dice)), encoding="utf-8")
            made = path.with_suffix(".ipynb")
            made.write_bytes(build.notebook_bytes(read(root, path)))
        checks = sum(cell.is_check for cell in source.cells)
        yield Proof(f"{source.day}/{source.name}", checks, (*hidden, *seen), draws)


def _asked_twice(source: Source):
    """Return the solved notebook; it keeps what checks say of the data that all see."""
    import nbformat

    notebook = execute.telling(execute.as_graded(source), [_SEEN])
    notebook.cells[0:0] = [nbformat.v4.new_code_cell(f"{_SEEN} = {{}}", id="seen")]
    for cell in notebook.cells:
        told = cell.metadata.get("nbgrader", {})
        if told.get("grade") and not told.get("solution"):
            keep = f"{_SEEN}[{told['grade_id']!r}] = float(getattr(result, 'points', result))\n"
            cell.source = cell.source.replace(BEGIN_HIDDEN, keep + BEGIN_HIDDEN)
    return notebook


def _lost(source: Source, run: execute.Run) -> tuple[list[str], list[str]]:
    """Say where points are lost: by the hidden plant, and by the data that learners see."""
    if run.errors:
        return [], [f"it stops: {run.errors[0][1]}"]
    seen: Mapping[str, float] = ast.literal_eval(run.figures[_SEEN])
    found: tuple[list[str], list[str]] = ([], [])
    for cell in source.cells:
        if not cell.is_check:
            continue
        for kind, said, lost in (
            ("the hidden plant", run.points, found[0]),
            ("the data that learners see", seen, found[1]),
        ):
            earned = said.get(cell.grade_id, 0.0)
            if earned != cell.points:
                lost.append(f"{cell.grade_id}: {earned:g} of {cell.points:g} with {kind}")
    return found
