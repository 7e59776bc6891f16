"""How checks read what a learner gives: generously in form, strictly in content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks import border
from vaxlab.checks.exercise import Stop
from vaxlab.checks.result import Outcome


def number(value: Any, name: str) -> float:
    """Read a number of any kind: int, numpy scalar, array or Series of one element, tensor."""
    if value is ...:
        raise Stop(Outcome.NOT_ATTEMPTED, f"Three dots are left in `{name}`: replace them too.")
    try:
        array = _array(value)
        number = float(array.astype(float).reshape(-1)[0]) if array.dtype.kind in "biufO" else None
    except (TypeError, ValueError, IndexError):
        array, number = np.empty(0), None
    if number is None or array.size != 1 or not np.isfinite(number):
        message = f"`{name}` should give a finite number here.{_why_no_number(value, array)}"
        raise Stop(Outcome.NOT_YET, message, got=describe(value))
    return number


def _why_no_number(value: Any, array: np.ndarray) -> str:
    """Return what turns such an answer into a number, or nothing."""
    if value is None:
        return " This is None: was its value ever assigned?"
    if isinstance(value, str):
        return " This is text. `float(...)` turns text into a number."
    if value is pd.NA or value is pd.NaT:
        return " This is a missing value."
    if array.dtype.kind == "c":
        return " This is a complex number, such as the root of something negative."
    if array.size > 1:
        return f" This is {array.size} of them. Is a `.mean()` or a `.sum()` missing?"
    if array.size == 1 and array.dtype.kind in "biufO":
        if np.isnan(array.astype(float)).all():
            return " NaN comes of a missing value, of 0 / 0, or of the mean of nothing."
        return " Infinity comes of a division by zero, or of the logarithm of zero."
    return ""


def _array(value: Any) -> np.ndarray:
    """Make an array of anything, also of a tensor that PyTorch could still differentiate."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def series(value: Any, index: pd.Index) -> pd.Series:
    """Read one value a row: a Series on this index, or anything as long as it."""
    if isinstance(value, pd.Series) and not value.index.equals(index):
        if len(value) == len(index) and value.index.isin(index).all():
            return value.reindex(index)
        value = value.to_numpy() if len(value) == len(index) else value
    try:
        array = _array(value)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != (len(index),):
        raise Stop(
            Outcome.NOT_YET,
            f"Give one value for each row that comes in.{_why_no_column(array, len(index))}",
            got=describe(value),
            look_at=f"{len(index)} rows came in",
        )
    return pd.Series(array, index=index)


def _why_no_column(array: np.ndarray, rows: int) -> str:
    """Return what turns such an answer into a column, or nothing."""
    if array.ndim == 0:
        return " This is a single one."
    if array.ndim > 1:
        return " This is a table: take one of its columns."
    if 0 < len(array) < rows:
        return f" {rows - len(array)} rows are missing: mark rows, do not drop them."
    return ""


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


def recognised(
    values: Sequence[float],
    wrong: Iterable[tuple[Sequence[float], str]],
    *,
    rtol: float = 1e-3,
    atol: float = 1e-9,
) -> str:
    """Return the message of the wrong answer that these values are, or nothing.

    One number alone has many possible causes. A check that has asked the same of several tables
    knows the cause where all of the numbers agree, and accuses of nothing else.

    Parameters
    ----------
    values : sequence of float
        What the learner's function gave, one value a table.
    wrong : iterable of (sequence of float, str)
        What such an answer comes to, one value a table, and what to say of it.
    rtol, atol : float
        As for `numpy.allclose`.
    """
    fitting = (
        message
        for known, message in wrong
        if np.allclose(values, np.asarray(known, dtype=float), rtol=rtol, atol=atol)
    )
    return next(fitting, "")


def describe(value: Any) -> str:
    """Say what an answer is: type, shape, and its beginning."""
    shape = getattr(value, "shape", None)
    size = f" of shape {tuple(shape)}" if shape is not None else ""
    if isinstance(value, pd.DataFrame):
        return f"DataFrame{size} with columns {list(value.columns)[:8]}"
    text = " ".join(repr(value).split())
    return f"{border.kind(value)}{size}: {text[:80]}{'…' if len(text) > 80 else ''}"
