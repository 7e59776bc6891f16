"""Find the checkout of the course."""

from pathlib import Path

from vaxlab.errors import CourseError


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
