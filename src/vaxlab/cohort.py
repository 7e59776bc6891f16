"""Which cohort this is: the seeds that its data sets were made from.

They stand in the data sets' own manifest, so that data and truth always fit each other: whoever
reads other data meets another plant. The seeds of hidden tests are none of these; they stand in the
cohort's ``solutions/``.
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from vaxlab import paths
from vaxlab.errors import CourseError


@dataclass(frozen=True)
class Cohort:
    """The data that a course lives on.

    Attributes
    ----------
    name : str
        Empty for the course as it is published.
    history_seed : int
        Of the plant's six years.
    library_seed : int
        Of the abstracts and reports.
    """

    name: str
    history_seed: int
    library_seed: int

    def in_manifest(self) -> dict[str, dict]:
        """Return what a manifest says of it; the published course's says nothing."""
        return {} if self == PUBLISHED else {"cohort": asdict(self)}


PUBLISHED = Cohort("", history_seed=2033, library_seed=1)


def of(home: Path | str) -> Cohort:
    """Return the cohort of the data sets in a folder or at a URL.

    Where there are none, or none that can be read, it is the published course: whoever loads them
    is told what is wrong.
    """
    try:
        if isinstance(home, Path):
            manifest = (home / paths.MANIFEST).read_bytes()
        else:
            import fsspec

            with fsspec.open(f"{home}/{paths.MANIFEST}", "rb") as file:
                manifest = file.read()
        told = json.loads(manifest)["cohort"]
        return Cohort(str(told["name"]), int(told["history_seed"]), int(told["library_seed"]))
    except Exception:  # every store's library has errors of its own
        return PUBLISHED


@functools.cache
def current() -> Cohort:
    """Return the cohort of the data sets that this process reads."""
    try:
        return of(paths.datasets())
    except (CourseError, OSError):  # no course at all, or a working directory that is gone
        return PUBLISHED


def adopt(root: Path) -> None:
    """Let this process and those that it starts read the data of a cohort, wherever they stand.

    Kernels, judges and workers are started in folders of their own, from where the data sets of the
    checkout would be found. A course without a cohort's data is left as it is.

    Parameters
    ----------
    root
        Of a course.
    """
    home = root.resolve() / "datasets"
    if of(home) != PUBLISHED:
        os.environ.setdefault("VAXLAB_DATA", str(home))
