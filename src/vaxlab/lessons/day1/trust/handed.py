"""What comes back from a learner's functions, read in any form that says the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Function, Stop
from vaxlab.checks.reading import describe, number, series
from vaxlab.checks.result import Outcome
from vaxlab.lessons.day1.trust import wrong


def ha_and_flag(answer: Any, raw: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Read the two columns, one value a row that came in."""
    if not isinstance(answer, pd.DataFrame) or not {"ha", "censored"} <= set(answer.columns):
        raise Stop(
            Outcome.NOT_YET,
            "`tidy_ha` should give a DataFrame with the two columns `ha` and `censored`.",
            got=describe(answer),
        )
    if len(answer) != len(raw) or not answer.index.equals(raw.index):
        lost = len(raw) - len(answer)
        why = "Give one row for each row that came in, with the same index."
        if lost > 0:
            why = (
                f"{lost} rows are missing. Readings below the limit are data: they say that there "
                "was little. Keep each row, in its place, and mark it."
            )
        raise Stop(
            Outcome.NOT_YET,
            why,
            got=f"{len(answer)} rows",
            look_at=f"{len(raw)} rows came in, and their index",
        )
    if answer["ha"].iloc[0] is ...:
        raise Stop(Outcome.NOT_ATTEMPTED, "The column `ha` is still three dots.")
    if answer["ha"].map(lambda value: isinstance(value, str)).any():
        raise Stop(
            Outcome.NOT_YET,
            "There is text in the column `ha`. A number is asked for: `.astype(float)`, once the "
            "text is clean.",
            got=describe(answer["ha"]),
        )
    return pd.to_numeric(answer["ha"], errors="coerce").to_numpy(float), answer[
        "censored"
    ].to_numpy()


def errors_asked(function: Function, samples: pd.DataFrame) -> Any:
    """Ask for the errors; who looks for a column that is not there is told where to look."""
    try:
        return function(samples.copy(), shown="samples")
    except Stop as stop:
        lost = re.match(r"KeyError: '(\w+)'", stop.message)
        why = lost and wrong.no_column(lost[1], samples)
        if not why:
            raise
        message = f"KeyError: {why}"
        raise Stop(
            stop.outcome, message, called=stop.called, got=stop.got, look_at=stop.look_at
        ) from None


def alarms(answer: Any, samples: pd.DataFrame) -> pd.Series:
    """Read an answer as one flag a row: flags, or the rows themselves, or their labels."""
    rows = answer.index if isinstance(answer, pd.DataFrame) else answer
    named = isinstance(rows, pd.Index) and rows.dtype.kind != "b" and len(rows) < len(samples)
    if named and rows.isin(samples.index).all():
        return pd.Series(samples.index.isin(rows), index=samples.index)
    if isinstance(answer, pd.DataFrame):
        raise Stop(
            Outcome.NOT_YET,
            "`find_errors` should give one True or False a row, not a table.",
            got=describe(answer),
        )
    if isinstance(answer, list | np.ndarray | pd.Series) and 0 < len(answer) < len(samples):
        raise Stop(
            Outcome.NOT_YET,
            "`find_errors` should give one True or False for each row. This is shorter: if these "
            "are the rows that you picked, give the condition by which you picked them.",
            got=f"{len(answer)} values, {describe(answer)}",
            look_at=f"{len(samples)} rows came in",
        )
    flags = series(answer, samples.index)
    if flags.isna().any():
        raise Stop(
            Outcome.NOT_YET,
            "Some rows are neither True nor False. Comparisons with missing values need a "
            "decision: `.fillna(False)`.",
            got=f"{int(flags.isna().sum())} rows without an answer",
        )
    if not set(flags.unique()) <= {True, False}:
        raise Stop(
            Outcome.NOT_YET,
            "`find_errors` should give True for an error and False for a sound row.",
            got=describe(answer),
        )
    return flags.astype(bool)


def three(answer: Any) -> Sequence[Any]:
    """Read the three differences, by their names where they have them."""
    if hasattr(answer, "keys") and set(answer.keys()) == {"seen", "real", "chosen"}:
        return [answer[name] for name in ("seen", "real", "chosen")]
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    values = list(answer) if isinstance(answer, tuple | list) else list(np.ravel(answer))
    if len(values) != 3:
        raise Stop(
            Outcome.NOT_YET,
            "`gaps` should give three numbers: seen, real, chosen.",
            got=describe(answer),
        )
    return values


def two_numbers(answer: Any, name: str) -> list[float]:
    """Read the two variances."""
    try:
        values = list(answer.values()) if isinstance(answer, dict) else list(answer)
    except TypeError:
        values = []
    if len(values) != 2:
        raise Stop(
            Outcome.NOT_YET,
            f"`{name}` should give two numbers: the variance between batches, then the assay's.",
            got=describe(answer),
        )
    return [number(value, name) for value in values]


def ten(function: Function, assays: pd.DataFrame, shown: str) -> tuple[list[str], Any]:
    """Ask for ten names and a promise."""
    answer = function(assays.copy(), shown=shown)
    try:
        chosen, promised = answer.values() if isinstance(answer, dict) else answer
        if isinstance(chosen, pd.Series) and chosen.index.isin(assays["batch_id"]).all():
            chosen = chosen.index  # as `nlargest` leaves them
        ids = [str(batch) for batch in chosen]
    except (TypeError, ValueError):
        raise Stop(
            Outcome.NOT_YET,
            "`ten_best` should give two things: ten batch names, and one number.",
            got=describe(answer),
        ) from None
    if isinstance(chosen, str):
        raise Stop(
            Outcome.NOT_YET,
            "The ten names came as one text. Give a list of ten texts, one a batch.",
            got=describe(chosen),
        )
    if len(ids) != 10 or len(set(ids)) != 10 or not set(ids) <= set(assays["batch_id"].unique()):
        raise Stop(
            Outcome.NOT_YET,
            "Name ten different batches, as they are called in the table.",
            got=f"{len(set(ids))} names, such as {ids[:2]}",
        )
    return ids, promised
