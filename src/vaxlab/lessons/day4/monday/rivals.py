"""Ways to raise an alarm that stand beside the learner's, each as the exercise asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import material

Alarm = Callable[[pd.DataFrame, pd.DataFrame], bool]


def _each_limit(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
    """Look whether the last batch lies beyond three SDs."""
    known = reference[material.GAPS]
    off = (seen[material.GAPS].iloc[-1] - known.mean()) / known.std()
    return bool((off.abs() > 3).any())


def _smooth(reference: pd.DataFrame, seen: pd.DataFrame, share: float = 0.2) -> bool:
    """Look whether an exponentially weighted mean lies beyond 3.2 of its SDs."""
    known = reference[material.GAPS]
    off = (seen[material.GAPS] - known.mean()) / known.std()
    mean = np.zeros(len(material.GAPS))
    for row in off.to_numpy():
        mean = (1 - share) * mean + share * row
    return bool((np.abs(mean) > 3.2 * np.sqrt(share / (2 - share))).any())


def _ten(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
    """Compare the last ten batches with the reference, by Kolmogorov and Smirnov's test."""
    if len(seen) < 5:
        return False
    last = seen[material.GAPS].iloc[-10:]
    return bool((material._p_values(reference[material.GAPS], last) < 0.001).any())


def _all_columns(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
    """Look whether T² or SPE of the last batch passes what 99 of 100 of the reference keep to."""
    t2, spe = _usual(tuple(reference.index), reference.to_numpy().tobytes(), reference.shape)
    scores = _t2_spe(reference, seen.iloc[[-1]])
    return bool(scores[0][0] > t2 or scores[1][0] > spe)


@cache
def _usual(index: tuple, data: bytes, shape: tuple[int, int]) -> tuple[float, float]:
    table = pd.DataFrame(np.frombuffer(data).reshape(shape), index=index)
    return tuple(float(np.quantile(values, 0.99)) for values in _t2_spe(table, table))


def _t2_spe(reference: pd.DataFrame, new: pd.DataFrame, parts: int = 6) -> tuple[Any, Any]:
    """Return T² and SPE of new rows by the first principal components of the reference."""
    mean, sd = reference.mean(), reference.std()
    known, rows = ((table - mean) / sd for table in (reference, new))
    _, size, axes = np.linalg.svd(known.to_numpy(), full_matrices=False)
    scores = rows.to_numpy() @ axes[:parts].T
    t2 = len(known) * ((scores / size[:parts]) ** 2).sum(axis=1)
    return t2, ((rows.to_numpy() - scores @ axes[:parts]) ** 2).sum(axis=1)


def _adwin(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
    """Let river's ADWIN look at each gap, from the reference on."""
    from river.drift import ADWIN

    known = reference[material.GAPS]
    both = pd.concat([known, seen[material.GAPS]])
    for name in material.GAPS:
        off = (both[name] - known[name].mean()) / known[name].std()
        window = ADWIN(delta=0.002, clock=1, grace_period=5, min_window_length=3)
        for k, value in enumerate(off):
            window.update(value)
            if window.drift_detected and k >= len(known):
                return True
    return False


WAYS: dict[str, Alarm] = {
    "one batch beyond 3 SD": _each_limit,
    "sums (CUSUM)": material._alarm,
    "a moving mean (EWMA)": _smooth,
    "the last ten, KS": _ten,
    "T² and SPE, all columns": _all_columns,
    "ADWIN (river)": _adwin,
}
"""Ways to raise an alarm, each as the exercise asks for it."""


def delay(
    alarm: Alarm, reference: pd.DataFrame, stretch: pd.DataFrame, drift: material.Drift
) -> int:
    """Return the batches from the first one of a drift to its alarm, both counted."""
    raised = material._watch(alarm, reference, stretch, until=drift.start)
    found = [k - drift.start + 1 for k in raised if k >= drift.start]
    return found[0] if found else material.AFTER + 1
