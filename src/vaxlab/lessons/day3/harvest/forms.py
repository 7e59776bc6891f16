"""What a learner's function gives, read generously in form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Stop
from vaxlab.checks.reading import describe
from vaxlab.checks.result import Outcome


def array_of(answer: Any, shape: tuple[int, ...], name: str, hint: str = "") -> np.ndarray:
    """Read an array or tensor of a shape, or say what came instead."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        values = np.full((0,), np.nan)
    if values.shape != shape:
        message = f"`{name}` should give shape {shape} here.{hint}"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if not np.isfinite(values).all():
        raise Stop(Outcome.NOT_YET, f"`{name}` gives NaN or infinity here.", got=describe(answer))
    return values


def tuple_of(answer: Any, n: int, name: str, what: str) -> list[Any]:
    """Return the n things that a function gives."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, tuple | list) and len(answer) == n:
        return list(answer)
    if isinstance(answer, np.ndarray | pd.Series) and np.shape(answer) == (n,):
        return list(answer)
    raise Stop(Outcome.NOT_YET, f"`{name}` should give {what}.", got=describe(answer))
