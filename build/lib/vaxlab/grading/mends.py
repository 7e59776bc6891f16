"""Mends of nbgrader 0.9.6: what it takes from a submission harms nobody, and no other learner.

``nbgrader_config.py`` applies them, so that nbgrader's own commands and the formgrader have them
too; nbgrader offers no setting for any of these.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader import utils
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory

from vaxlab.grading import handin

_their_init_notebooks = BaseConverter.init_notebooks


def apply() -> None:
    """Put the mends in place; once more changes nothing."""
    BaseConverter.init_notebooks = _init_notebooks
    utils.is_ignored = _is_ignored
    CourseDirectory.get_existing_timestamp = _get_existing_timestamp


def _init_notebooks(self: Any) -> None:
    """Find notebooks; the name of a folder that was found is no pattern, as ``li[2]`` would be."""
    course = self.coursedir
    pattern = self._format_source(course.assignment_id, course.student_id)
    if pattern.startswith(course.root):
        pattern = glob.escape(course.root) + pattern.removeprefix(course.root)
    self.assignments, self.notebooks = {}, []
    for folder in glob.glob(pattern):
        wanted = os.path.join(glob.escape(folder), f"{course.notebook_id}.ipynb")
        if found := glob.glob(wanted):
            self.assignments[folder] = found
        else:
            self.log.warning("No notebooks were matched by '%s'", wanted)
    if not self.assignments:
        _their_init_notebooks(self)  # which says so, and what was perhaps meant


def _is_ignored(filename: str, ignore_globs: list[str] | None = None) -> bool:
    """Tell by its name whether a file is to be ignored; that of its folder is no pattern."""
    name = os.path.basename(filename)
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in ignore_globs or ())


def _get_existing_timestamp(self: Any, dest_path: str) -> datetime | None:
    """Read when a submission was handed in; what is no time is left aside, with a warning."""
    when, aside = handin.time_handed_in(Path(dest_path))
    if aside:
        self.log.warning("%s: %s", dest_path, aside)
    return when
