"""Find the checkout of the course, the notebooks of a learner who has none, and the data sets."""

import os
from pathlib import Path

from vaxlab.errors import CourseError

MANIFEST = "manifest.json"
"""In ``datasets/``: version, cohort and checksums of all files."""


def is_checkout(folder: Path) -> bool:
    """Tell whether `folder` is the root of a checkout of the course."""
    return (folder / "solutions").is_dir() and (folder / "nbgrader_config.py").is_file()


def checkout(start: Path | None = None) -> Path:
    """Find the root of the checkout.

    The nearest parent of `start` that holds ``solutions/`` and ``nbgrader_config.py``; where there
    is none, the folder that an editable installation of the package lies in.

    Parameters
    ----------
    start
        Folder to look from; the working directory by default.

    Returns
    -------
    Path
        Absolute path of the checkout.

    Raises
    ------
    CourseError
        Neither holds a course.
    """
    start = (start or Path.cwd()).resolve()
    beside_package = Path(__file__).resolve().parents[2]
    for folder in (start, *start.parents, beside_package):
        if is_checkout(folder):
            return folder
    raise CourseError(
        f"No course found in {start} or above it: expected a folder with solutions/ and "
        "nbgrader_config.py. Change to the folder that you cloned the course into and try again."
    )


def course(start: Path | None = None) -> Path:
    """Find the folder of a learner's notebooks, with ``day1`` and so on in it.

    Learners may have nothing but that folder, under any name. It is the nearest one, at or above
    `start`, that holds the start page and a day, or the ``course/`` of a checkout; else the nearest
    one that holds a day; else ``course/`` of the checkout that an editable installation lies in.

    Parameters
    ----------
    start
        Folder to look from; the working directory by default.

    Returns
    -------
    Path
        Absolute path of the folder.

    Raises
    ------
    CourseError
        There is none.
    """
    start = (start or Path.cwd()).resolve()
    without_start_page = None
    for folder in (start, *start.parents):
        if is_checkout(folder):
            return folder / "course"
        for candidate in (folder, folder / "course"):
            if not any(candidate.glob("[dD]ay*/*.ipynb")):
                continue
            if (candidate / "index.ipynb").is_file():
                return candidate
            without_start_page = without_start_page or candidate
    if without_start_page:
        return without_start_page
    beside_package = Path(__file__).resolve().parents[2]
    if is_checkout(beside_package):
        return beside_package / "course"
    raise CourseError(
        f"No notebooks of the course found in {start} or above it: expected a folder that holds "
        "day1/1-trust.ipynb and more. Change to that folder and try again."
    )


def datasets(start: Path | None = None) -> Path | str:
    """Find the data sets.

    The environment variable ``VAXLAB_DATA`` says where, a folder or a URL; else it is the nearest
    ``datasets/`` with a manifest, at or above `start` or beside an editable installation.

    Parameters
    ----------
    start
        Folder to look from; the working directory by default.

    Returns
    -------
    Path or str
        A folder, which need not exist, or a URL.

    Raises
    ------
    CourseError
        There is neither a manifest nor a course that the data sets would lie beside.
    """
    named = os.environ.get("VAXLAB_DATA")
    if named:
        return named.rstrip("/") if "://" in named else Path(named).expanduser()
    start = start or Path.cwd()
    beside_package = Path(__file__).resolve().parents[2]
    for parent in (start, *start.parents, beside_package):
        if (parent / "datasets" / MANIFEST).is_file():
            return parent / "datasets"
    notebooks = course(start)
    return (notebooks.parent if is_checkout(notebooks.parent) else notebooks) / "datasets"
