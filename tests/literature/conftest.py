"""What the library's tests share: it is written once."""

import pytest

from vaxlab.literature import Library, library


@pytest.fixture(scope="session")
def books() -> Library:
    """Return the library of seed 0."""
    return library(0)
