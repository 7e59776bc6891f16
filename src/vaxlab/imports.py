"""Imports that people wait for."""

import sys


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
