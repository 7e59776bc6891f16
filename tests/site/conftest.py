"""The site of a small course."""

import shutil
from pathlib import Path

import pytest
from site_course import FILES

from vaxlab.site import build


@pytest.fixture(scope="module")
def course(checkout, tmp_path_factory) -> Path:
    """Root of a small checkout, which has not run yet."""
    root = tmp_path_factory.mktemp("course")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    shutil.copy(checkout / "nbgrader_config.py", root)
    return root


@pytest.fixture(scope="module")
def site(course) -> Path:
    """Folder of the small course's site."""
    return build.build(course, course / "build" / "site").parent
