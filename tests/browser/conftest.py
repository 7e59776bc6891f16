"""One JupyterLab and one browser for all tests of a file: both take long to start.

They end with the file: an event loop that is left open stands in the way of others.
"""

from collections.abc import Iterator
from pathlib import Path

import lab_driver as lab
import pytest
from playwright.sync_api import Page


@pytest.fixture(scope="module")
def pictures(checkout: Path) -> Path:
    """Where screenshots are kept for people; git ignores it."""
    return checkout / "test-artefacts" / "browser"


@pytest.fixture(scope="module")
def problems() -> list[str]:
    """What went wrong in the browser so far: nothing is allowed to."""
    return []


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory) -> Path:
    """A learner's own checkout."""
    folder = tmp_path_factory.mktemp("learner")
    lab.copy_checkout(built, folder)
    return folder


@pytest.fixture(scope="module")
def page(folder, chromium, problems, pictures) -> Iterator[Page]:
    """JupyterLab on the course's start page."""
    with lab.serve(folder) as address, lab.browse(chromium, folder / "profile", problems) as page:
        lab.open_lab(page, address)
        lab.screenshot(page, pictures, "start-page")
        yield page


@pytest.fixture(autouse=True)
def clean_console(page, problems) -> Iterator[None]:
    """After each test: no error in the browser's console, no request to the outside."""
    yield
    assert problems == []
