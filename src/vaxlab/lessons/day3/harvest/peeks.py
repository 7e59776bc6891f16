"""Whether features use what comes later: asked as it would be at the time, and once more after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Function, Stop
from vaxlab.checks.reading import describe
from vaxlab.checks.result import Outcome

CUTS = np.arange(27, 70, 6)
"""Where the first record is cut, h after infection; each further one an hour later."""
GAP_H = 4
GAPS = {33: (0,), 45: (1,), 57: (0, 1)}
"""Around which of `CUTS` a probe shows nothing for `GAP_H` hours: place of the column."""


def table_of(
    function: Function, record: pd.DataFrame, shown: str = "record", note: str = ""
) -> pd.DataFrame:
    """Return a learner's features of a record, a row an hour, or say what came instead."""
    answer = _tabular(function(record.copy(), shown=shown))
    if not isinstance(answer, pd.DataFrame) or len(answer) != len(record):
        message = (
            "`features` should give a table, such as a DataFrame, with one row for each row of "
            f"the record.{note}"
        )
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if answer.index.is_unique and set(answer.index) == set(record.index):
        answer = answer.reindex(record.index)  # rows that know their hours may come in any order
    try:
        table = answer.astype(float)
    except (TypeError, ValueError):
        message = "`features` should give columns of numbers."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer)) from None
    if not table.shape[1]:
        raise Stop(Outcome.NOT_YET, "`features` gives a table without columns.")
    # Trees mind no gaps, but infinity is none.
    return table.set_axis(record.index, axis=0).replace([np.inf, -np.inf], np.nan)


def _tabular(answer: Any) -> Any:
    """Make a DataFrame of whatever is one in another form."""
    if isinstance(answer, pd.Series):
        return answer.to_frame()
    if hasattr(answer, "detach"):
        answer = answer.detach().numpy()
    is_rows = isinstance(answer, np.ndarray) and answer.ndim in (1, 2)
    if is_rows or (isinstance(answer, dict | list) and answer):
        try:
            return pd.DataFrame(answer)
        except (TypeError, ValueError):
            return answer
    return answer


def with_gaps(record: pd.DataFrame) -> pd.DataFrame:
    """Return a record in which probes show nothing for some hours, before and after a cut."""
    record = record.copy()
    for hour, columns in GAPS.items():
        rows = (record.index >= hour) & (record.index < hour + GAP_H)
        record.iloc[rows, list(columns)] = np.nan
    return record


def peeks(function: Function, records: Sequence[pd.DataFrame]) -> str:
    """Say which feature knew more than was shown up to its hour, or nothing.

    Each record is shown as it grows, and as a whole only then: so an answer that keeps what it has
    seen has nothing to look up. Every other one has gaps.
    """
    for k, record in enumerate(records):
        gappy = k % 2 == 1
        some = with_gaps(record) if gappy else record
        note = " Here a probe shows nothing, NaN, for some hours." if gappy else ""
        shown = "record, a part of it NaN" if gappy else "record"
        # A cut lies in the middle of a gap: what is filled in there comes from later, or does not.
        hours = [int(hour) + k for hour in CUTS]
        cuts = {
            hour: table_of(function, some.loc[:hour], f"{shown}, up to {hour} h", note)
            for hour in hours
        }
        whole = table_of(function, some, shown, note)
        for hour, cut in cuts.items():
            if cut.shape[1] != whole.shape[1]:
                return "With another length of the record it gives other columns."
            same = np.isclose(cut, whole.loc[:hour], rtol=1e-6, atol=1e-9, equal_nan=True)
            if not same.all():
                again = table_of(function, some.loc[:hour], shown, note)
                return _said(cut, whole, again, same, hour) + note
    return ""


def _said(
    cut: pd.DataFrame, whole: pd.DataFrame, again: pd.DataFrame, same: np.ndarray, hour: int
) -> str:
    """Say what the first feature that differs was, with the end of the record and without."""
    if again.shape != cut.shape or not np.allclose(cut, again, rtol=1e-6, equal_nan=True):
        return (
            "Asked twice about the same record, it gives other numbers. Is there chance in it, or "
            "something that it keeps from call to call?"
        )
    column = int(np.argmin(same.all(axis=0)))
    row = int(np.argmin(same[:, column]))
    early, late = (
        "NaN" if np.isnan(table.iloc[row, column]) else f"{table.iloc[row, column]:.4g}"
        for table in (cut, whole)
    )
    return (
        f"The feature {whole.columns[column]!r} of {whole.index[row]} h is {early} when the record "
        f"ends at {hour} h, and {late} when it goes on: it depends on what comes later. A maximum, "
        "a mean or a centred window over the whole record do that, and so do `bfill` and "
        "`interpolate`; `cummax`, `rolling` and `ffill` do not."
    )
