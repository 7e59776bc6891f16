"""A class for all tests of a file: it takes half a minute to start."""

import sys
from pathlib import Path

import debian
import play
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "browser"))  # lab_driver


@pytest.fixture(scope="module")
def workshop(checkout):
    """A class of ten learners and an instructor."""
    why = play.why_not()
    if why:
        pytest.skip(why)
    debian.install("bubblewrap", "passwd")
    with play.hold(checkout) as workshop:
        yield workshop
