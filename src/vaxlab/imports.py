"""Imports that people wait for."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator


def hurry() -> None:
    """Import Jupyter's file format without its grammar of web addresses.

    ``jsonschema`` builds one with each start, which takes two seconds of CPU time, to check texts
    that claim to be addresses. Notebooks hold none.
    """
    if "jsonschema" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # for this import: it takes that for not installed
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules["rfc3987_syntax"]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for garbage while much is imported: there is little, and a fifth of the time.

    What was imported is set apart afterwards, so that no later search goes through it either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
