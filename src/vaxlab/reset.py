"""Begin one exercise anew: its stub comes back, and the learner's own answer is kept beside.

A notebook knows its own stubs (`vaxlab.authoring.preprocessors.KeepStubs`), so this works wherever
it lies: in a checkout, in a class, in a folder that came by mail.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from vaxlab import notebook_file
from vaxlab.errors import CourseError

KEPT = "kept"
"""Folder beside the days, where answers lie that were taken out of notebooks."""

_HEADING = re.compile(r"^### (Exercise (\d+) · [^·\n]+)", re.MULTILINE)


def reset(path: Path, course: Path, number: int) -> str:
    """Bring the answer of one exercise back to what was handed out.

    What its check has said goes as well, so the start page shows it as *not attempted*.

    Parameters
    ----------
    path : Path
        The notebook.
    course : Path
        The folder with ``day1`` and so on; answers are kept in its ``kept/``.
    number : int
        As in the heading: 2 for *Exercise 2*.

    Returns
    -------
    str
        What was done, and where the own answer lies.

    Raises
    ------
    CourseError
        No such exercise, a notebook that does not know its stubs, or a file that cannot be
        written. The notebook is as it was then.
    """
    notebook = notebook_file.read(path)
    title, cells = _exercise(notebook["cells"], number, path.name)
    answers = [cell for cell in cells if _grading(cell).get("solution")]
    stubs = [_stub(cell, path.name) for cell in answers]
    own = [
        dict(cell)
        for cell, stub in zip(answers, stubs, strict=True)
        if cell["source"].strip() not in ("", stub.strip())
    ]
    for cell, stub in zip(answers, stubs, strict=True):
        cell["source"] = stub
    for cell in cells:
        if _grading(cell) and cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    try:
        kept = _keep(path, course, number, own) if own else None
        _write(path, notebook)
    except OSError as error:
        raise CourseError(
            f"{error.filename or path} could not be written ({error.strerror}): {path.name} is as "
            "it was. Mend that, then try again."
        ) from None
    said = f"{title}: as it was handed out."
    if kept:
        said += f" Your own answer lies in {kept.relative_to(course).as_posix()}."
    return f"{said} Is {path.name} open? There: File, Reload Notebook from Disk."


def _exercise(cells: list[dict], number: int, name: str) -> tuple[str, list[dict]]:
    """Find the cells from the heading of an exercise up to the next heading of one."""
    found: dict[int, tuple[str, list[dict]]] = {}
    here: list[dict] = []
    for cell in cells:
        for title, digits in _HEADING.findall(cell["source"]) * (cell["cell_type"] == "markdown"):
            here = []
            found[int(digits)] = (title.strip(), here)
        here.append(cell)
    if number not in found:
        there = ", ".join(map(str, found)) or "none"
        raise CourseError(f"There is no exercise {number} in {name}. There is: {there}.")
    return found[number]


def _grading(cell: dict) -> dict:
    grading = cell["metadata"].get("nbgrader")
    return grading if isinstance(grading, dict) else {}


def _stub(cell: dict, name: str) -> str:
    kept = cell["metadata"].get("vaxlab")
    stub = kept.get("stub") if isinstance(kept, dict) else None
    if not isinstance(stub, str):
        raise CourseError(
            f"{name} does not know how this exercise was handed out: it is older than this "
            "command, or another tool has saved it. Take the notebook anew from the course."
        )
    return stub


def _keep(path: Path, course: Path, number: int, own: list[dict]) -> Path:
    """Write an answer into a new file of its own."""
    folder = course / KEPT
    folder.mkdir(exist_ok=True)
    now = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
    stem = f"{path.parent.name}-{path.stem}-exercise-{number}-{now}"
    ending = "py" if own[0]["cell_type"] == "code" else "md"
    target = folder / f"{stem}.{ending}"
    with target.open("x", encoding="utf-8") as file:
        file.write("\n\n".join(cell["source"] for cell in own).rstrip("\n") + "\n")
    return target


def _write(path: Path, notebook: dict[str, Any]) -> None:
    """Put the notebook in its place in one step, so that it is never half-written."""
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".reset-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            text = json.dumps(notebook, indent=1, ensure_ascii=False)
            file.write(notebook_file.writable(text) + "\n")
        shutil.copymode(path, part)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
