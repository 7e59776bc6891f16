"""How checks read what a learner gives: generously in form, strictly in content."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Stop
from vaxlab.checks.result import Outcome


def number(value: Any, name: str) -> float:
    """Read a number of any kind: int, numpy scalar, array or Series of one element, tensor."""
    if value is ...:
        raise Stop(Outcome.NOT_ATTEMPTED, f"Three dots are left in `{name}`: replace them too.")
    try:
        number = float(np.asarray(value, dtype=float).reshape(-1)[0])
        size = np.size(value)
    except (TypeError, ValueError, IndexError):
        number, size = np.nan, 0
    if size != 1 or not np.isfinite(number):
        raise Stop(
            Outcome.NOT_YET,
            f"`{name}` should give a finite number here.",
            got=describe(value),
        )
    return number


def series(value: Any, index: pd.Index) -> pd.Series:
    """Read one value a row: a Series on this index, or anything as long as it."""
    if isinstance(value, pd.Series) and not value.index.equals(index):
        if len(value) == len(index) and value.index.isin(index).all():
            return value.reindex(index)
        value = value.to_numpy() if len(value) == len(index) else value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != (len(index),):
        raise Stop(
            Outcome.NOT_YET,
            "Give one value for each row that comes in.",
            got=describe(value),
            look_at=f"{len(index)} rows came in",
        )
    return pd.Series(array, index=index)


def named(
    value: float,
    wrong: dict[float, str],
    otherwise: str,
    *,
    rtol: float = 0.02,
    atol: float = 1e-9,
) -> str:
    """Return the message of the wrong answer that ``value`` is, if it is a known one."""
    for known, message in wrong.items():
        if np.isclose(value, known, rtol=rtol, atol=atol):
            return message
    return otherwise


def describe(value: Any) -> str:
    """Say what an answer is: type, shape, and its beginning."""
    shape = getattr(value, "shape", None)
    size = f" of shape {tuple(shape)}" if shape is not None else ""
    if isinstance(value, pd.DataFrame):
        return f"DataFrame{size} with columns {list(value.columns)[:8]}"
    text = " ".join(repr(value).split())
    return f"{type(value).__name__}{size}: {text[:80]}{'…' if len(text) > 80 else ''}"
