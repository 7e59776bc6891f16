"""Checks of day 2, notebook 1: unfolding, T² and SPE, golden batches, a loop, blame, CUSUM.

Each check works on batches of the plant that ``plant_seed`` drives, other ones than the notebook
lays out, and judges beside what the course's own answer does with the very same data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, recognised, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day2.normal import material, wrong
from vaxlab.lessons.day2.normal.material import GROWTH, INFECTION, TAGS, Line

# Calibrated on 22 seeds of the plant, see tests/lessons/day2/test_normal.py for the table.
CLOSE = 1e-3
"""Relative: far above rounding and n for n - 1, far below any wrong way."""
MOST_LOST = 0.2
"""Sound batches that may be thrown out together with the faulty ones."""

MOST_NAMED = 0.4
"""Of all: whoever names more would find faults by chance."""

SHOWN_ROWS = "rows of golden batches, rows of others"


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · One row a batch", points=4)
def unfolded(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``unfold``: values on a grid of maturity or hours, gaps, short batches."""
    function = answers.function("unfold")
    table, cut = _some_growth(plant_seed)
    grid = np.arange(12.0, 88.0, 6.0)
    label = "the value at each maturity"
    whole = table[~table["batch"].isin(cut)].dropna()
    asked = {by: _wide(function, whole, by, grid) for by in ("maturity", "hour")}
    right = {by: _reference(whole, by, grid) for by in asked}
    failed = next((by for by in asked if not _alike(asked[by], right[by])), "")
    if failed:
        message = _why_unfolded(asked[failed], whole, failed, grid)
        yield not_yet(label, 3, message, called=f'unfold(table, tags, by="{failed}", grid)')
        yield not_yet("gaps and short batches", 1, "Looked at once the values are right.")
        return
    yield passed(label, 3, f"{len(right['hour'])} batches by maturity, and by the hour.")
    label = "gaps and short batches"
    asked, right = _wide(function, table, "maturity", grid), _reference(table, "maturity", grid)
    ended = np.isnan(right)
    if _alike(asked, right) and np.isnan(asked[ended]).all():
        yield passed(label, 1, f"{ended.sum()} values are left open, as their batch was not there.")
    elif np.isnan(asked[~ended]).any():
        message = (
            "Where a reading is missing, the neighbours before and after tell what it was. Leave "
            "the missing readings out before you interpolate, tag by tag."
        )
        yield not_yet(label, 1, message, got=f"{np.isnan(asked[~ended]).sum()} open values in gaps")
    elif not np.isnan(asked[ended]).all():
        message = (
            "Beyond the ends of a batch there are values: at maturities that it never reached, or "
            "before its first reading. Nobody knows them: leave NaN there. `np.interp` goes on "
            "with the last value unless `left=` and `right=` say otherwise."
        )
        yield not_yet(label, 1, message)
    else:
        message = "The gap was not bridged by a straight line between its two ends."
        yield not_yet(label, 1, message)


def _some_growth(plant_seed: int) -> tuple[pd.DataFrame, list[str]]:
    """Return a few batches' growth with rows in any order; two with a gap, two cut short."""
    some = material.few(plant_seed)
    hours = some.hours
    table = hours[(hours["phase"] == GROWTH) & hours["batch"].isin(some.approved[:9])]
    batches = list(table["batch"].unique())
    cut = batches[-4:]
    of = table["batch"]
    ends = (of.isin(cut[:2]) & (table["maturity"] > 52.5)) | (
        of.isin(cut[1:3]) & (table["maturity"] < 14.5)
    )
    table = table[~ends].copy()
    gap = table["batch"].isin(cut[2:]) & table["hour"].between(30, 44)
    table.loc[gap, ["base_ml_per_h", "capacitance_pf_per_cm"]] = np.nan
    table.loc[table["batch"] == cut[0], "ph_off"] = np.nan  # a dead sensor
    shuffled = np.random.default_rng([plant_seed, 1]).permutation(len(table))
    return table.iloc[shuffled].reset_index(drop=True), cut


def _reference(table: pd.DataFrame, by: str, grid: np.ndarray) -> np.ndarray:
    return material._unfold(table, by, grid).sort_index().to_numpy()


def _alike(asked: np.ndarray, right: np.ndarray) -> bool:
    """Compare where the right table has values: what lies beyond a batch is judged apart."""
    there = ~np.isnan(right)
    close = np.isclose(asked, right, rtol=1e-6, atol=1e-6 * _scale(right))
    return bool(there.mean() > 0.1 and close[there].all())


def _scale(right: np.ndarray) -> float:
    return float(np.nanstd(right, axis=0).max())


def _in_another_order(asked: np.ndarray, right: np.ndarray) -> bool:
    """Tell whether each of the right columns is there, at any place."""
    near = np.isclose(asked[:, None, :], right[:, :, None], rtol=1e-6, atol=1e-6 * _scale(right))
    return bool((near | np.isnan(right)[:, :, None]).all(axis=0).any(axis=1).all())


def _wide(function: Function, table: pd.DataFrame, by: str, grid: np.ndarray) -> np.ndarray:
    """Return the learner's table with batches in order, all points of the first tag first."""
    answer = function(table.copy(), list(TAGS), by, grid.copy(), shown="table, tags, by, grid")
    batches = sorted(table["batch"].unique())
    shape = (len(batches), len(TAGS) * len(grid))
    frame = answer if isinstance(answer, pd.DataFrame) else None
    try:
        frame = pd.DataFrame(np.asarray(answer)) if frame is None else frame
    except (TypeError, ValueError):
        frame = pd.DataFrame()
    if frame.shape != shape:
        message = (
            f"Expected is one row for each of {shape[0]} batches, and {len(TAGS)} tags times "
            f"{len(grid)} points of the grid as columns.{_why_shape(frame.shape, shape)}"
        )
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if frame.index.isin(batches).all() and frame.index.is_unique:
        frame = frame.loc[batches]
    elif not pd.api.types.is_integer_dtype(frame.index.dtype):
        message = "The rows' labels should be the batches' names."
        raise Stop(Outcome.NOT_YET, message, got=describe(list(frame.index[:4])))
    if isinstance(frame.columns, pd.MultiIndex) and frame.columns.nlevels == 2:
        level = 0 if frame.columns.get_level_values(0).isin(TAGS).all() else 1
        tag = pd.Categorical(frame.columns.get_level_values(level), categories=TAGS).codes
        point = pd.to_numeric(frame.columns.get_level_values(1 - level), errors="coerce")
        frame = frame.iloc[:, np.lexsort([point, tag])]
    try:
        return frame.to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise Stop(
            Outcome.NOT_YET, "There should be numbers in it.", got=describe(answer)
        ) from None


def _why_shape(got: tuple[int, ...], shape: tuple[int, int]) -> str:
    if got == shape[::-1]:
        return " This one lies on its side: turn it with `.T`."
    if len(got) == 2 and got[0] > 2 * shape[0]:
        return " This one still has many rows a batch."
    if len(got) == 2 and 0 < got[0] < shape[0]:
        return " Some batches are missing."
    return ""


def _why_unfolded(asked: np.ndarray, table: pd.DataFrame, by: str, grid: np.ndarray) -> str:
    """Return what is known to be wrong with values of whole batches."""
    other = {"maturity": "hour", "hour": "maturity"}[by]
    if _alike(asked, _reference(table, other, grid)):
        return (
            f'With `by="{by}"` it still goes by the {other}. Look the values up in the column '
            "that `by` names: that is all there is to alignment."
        )
    ranked = table.assign(rank=table.sort_values(by).groupby("batch").cumcount())
    for start in (0, material.FIRST_HOUR):
        shifted = ranked.assign(rank=ranked["rank"] + start)
        if by == "maturity" and _alike(asked, _reference(shifted, "rank", grid)):
            return "It counts rows. Batches that grow slowly have more rows: go by `by`."
    unsorted = _unsorted(table, by, grid)
    if _alike(asked, unsorted):
        return (
            "The rows come in any order, and `np.interp` needs its x to rise: sort by the column "
            "that `by` names first."
        )
    if _in_another_order(asked, _reference(table, by, grid)):
        return (
            "The values are right, but the columns come in another order. Asked are first all "
            "points of the first tag of `tags`, then all points of the second; a pivot sorts the "
            "tags by their names. Or label the columns with two levels, tag and point."
        )
    if _alike(asked, _nearest(table, by, grid)):
        return "It takes the nearest reading. Asked is the value between the two neighbours."
    return (
        "The values are not those on the straight line between the two neighbouring readings of "
        "the same batch and tag."
    )


def _unsorted(table: pd.DataFrame, by: str, grid: np.ndarray) -> np.ndarray:
    parts = [part for _, part in table.groupby("batch")]
    rows = [
        [np.interp(grid, part[by], part[tag], left=np.nan, right=np.nan) for tag in TAGS]
        for part in parts
    ]
    return np.array(rows).reshape(len(parts), -1)


def _nearest(table: pd.DataFrame, by: str, grid: np.ndarray) -> np.ndarray:
    rows = []
    for _, part in table.sort_values(by).groupby("batch"):
        near = np.abs(part[by].to_numpy()[:, None] - grid).argmin(axis=0)
        rows.append(part[TAGS].to_numpy()[near].T.ravel())
    return np.array(rows)


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · Two numbers for fifteen", points=5)
def statistics(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``t2_spe`` on rows of one plant, twice."""
    function = answers.function("t2_spe")
    cases = _cases(plant_seed)
    asked = [_two(function, *case) for case in cases]
    for place, (name, points, ways) in enumerate((("T²", 3, wrong.t2), ("SPE", 2, wrong.spe))):
        right = [material._t2_spe(*case)[place] for case in cases]
        values = [pair[place] for pair in asked]
        yield from guarded(name, points, _one_chart(name, points, values, right, ways, cases))


def _cases(plant_seed: int) -> list[wrong.Case]:
    """Return golden rows, new rows and a number of components, twice; nothing is centred for us."""
    rows, some = material.rows_of(material.few, INFECTION, "maturity", plant_seed), material.few
    batch = rows.index.get_level_values("batch")
    approved = some(plant_seed).approved
    golden, new = rows[batch.isin(approved[:-6])], rows[~batch.isin(approved[:-6])]
    rng = np.random.default_rng([plant_seed, 2])
    off, stretch = rng.normal(0, 2, len(TAGS)), np.exp(rng.normal(0, 0.4, len(TAGS)))
    return [
        (golden, new, material.COMPONENTS),
        (off + stretch * golden, off + stretch * new + 0.3, 2),
    ]


def _two(function: Function, golden: pd.DataFrame, new: pd.DataFrame, k: int) -> tuple[Any, Any]:
    answer = function(golden.copy(), new.copy(), k, shown=f"{SHOWN_ROWS}, {k}")
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, pd.DataFrame) and answer.shape == (len(new), 2):
        answer = [answer.iloc[:, 0], answer.iloc[:, 1]]
    if isinstance(answer, np.ndarray) and answer.shape == (len(new), 2):
        answer = list(answer.T)
    if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
        message = "`t2_spe` should give two things: T² and SPE, each one number for each new row."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return tuple(answer)


def _one_chart(
    name: str,
    points: float,
    values: list[Any],
    right: list[pd.Series],
    ways: Callable[..., list],
    cases: list[wrong.Case],
) -> Iterator[Part]:
    read = []
    for value, (golden, new, _) in zip(values, cases, strict=True):
        if value is ...:
            raise Stop(Outcome.NOT_ATTEMPTED, "Three dots are left: replace them too.")
        if np.shape(value)[:1] == (len(golden),) and len(golden) != len(new):
            message = f"{name} has a value for each golden row. Asked are the new ones."
            raise Stop(Outcome.NOT_YET, message, got=describe(value))
        read.append(series(_column(value), new.index).astype(float).to_numpy())
    if all(np.allclose(a, b, rtol=CLOSE, atol=1e-6) for a, b in zip(read, right, strict=True)):
        yield passed(name, points, f"The same as ours for {sum(map(len, read))} hours.")
        return
    known = [
        ([one for case in way for one in np.asarray(case)], message)
        for way, message in ways(cases, right)
    ]
    found = recognised([one for case in read for one in case], known, rtol=CLOSE, atol=1e-6)
    middle, ours = (float(np.median(case[0])) for case in (read, right))
    otherwise = (
        "Work one row out by hand: its distances from the golden mean, scores, what is left."
    )
    yield not_yet(
        name,
        points,
        found or f"Not the {name} of the new rows. {otherwise}",
        got=f"the middle one of {len(read[0])} is {middle:.3g}",
        expected="" if found else f"{ours:.3g}",
    )


def _column(value: Any) -> Any:
    """Take one column of a table as a column."""
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        return value.iloc[:, 0]
    array = value if isinstance(value, pd.Series) else np.asarray(value)
    return array[:, 0] if getattr(array, "ndim", 1) == 2 and array.shape[1] == 1 else array


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · Golden?", points=4)
def golden_faults(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``suspects``: the faulty ones among golden batches, and few others, on two lines."""
    function = answers.function("suspects")
    makers = (material.few, material.more)
    rows = [material.golden_rows_of(made, plant_seed) for made in makers]
    lines = [
        wrong.with_clear_faults(made(plant_seed), some)
        for made, some in zip(makers, rows, strict=True)
    ]
    named = [_suspects(answers, function, some) for some in rows]
    label, other = "the faulty ones are out", "the good ones stay"
    pairs = list(zip(named, lines, strict=True))
    found = [out & set(some.faults) for out, some in pairs]
    got = " and ".join(f"{len(out)} of {len(some.golden)}" for out, some in pairs)
    if any(len(one) < len(some.faults) for one, some in zip(found, lines, strict=True)):
        yield not_yet(label, 3, _why_not_found(named, found, lines), got=f"{got} batches named")
        yield not_yet(other, 1, "Looked at once the faulty ones are out.")
        return
    if any(len(out) > MOST_NAMED * len(some.golden) for out, some in pairs):
        message = "So many are named that some had to be right: ask for a wider gap."
        yield not_yet(label, 3, message, got=f"{got} batches named")
        yield not_yet(other, 1, "Looked at once the faulty ones are out.")
        return
    what = [
        ", ".join(sorted(f"{batch} ({_FAULTS[one.fault]})" for batch, one in some.faults.items()))
        for some in lines
    ]
    yield passed(label, 3, f"{'; of the second forty: '.join(what)}.")
    lost = [len(out & set(some.approved)) for out, some in pairs]
    sound = [len(some.approved) for some in lines]
    text = (
        f"{lost[0]} of {sound[0]} and {lost[1]} of {sound[1]} sound batches were thrown out with "
        "them. The other batches have gaps in their records, and count on neither side."
    )
    if all(out <= MOST_LOST * of for out, of in zip(lost, sound, strict=True)):
        yield passed(other, 1, text)
    else:
        message = f"{text} Each takes with it what is usual: ask for a wider gap."
        yield not_yet(other, 1, message, expected=f"at most {MOST_LOST:.0%} of each forty")


def _suspects(answers: Answers, function: Function, rows: pd.DataFrame) -> set[str]:
    """Return the batches that are named; where it fails, say what an answer before has to do."""
    batches = list(rows.index.get_level_values("batch").unique())
    try:
        return _batches(function(rows.copy(), shown=f"rows of {len(batches)} batches"), batches)
    except Stop as stop:
        if "ndarray" in stop.message and "'groupby'" in stop.message:
            stop.message += (
                ". An array has no labels: `pd.Series(array, index=rows.index)` gives it the rows'."
            )
        elif (
            stop.outcome is Outcome.ERROR and "NameError" not in stop.message
        ) or stop.message.startswith("There are still three dots"):
            stop.message = f"{stop.message.rstrip('.')}.{_dots_left(answers, rows)}"
        raise


def _dots_left(answers: Answers, rows: pd.DataFrame) -> str:
    """Say so where `t2_spe` is not answered yet."""
    try:
        answers.function("t2_spe")(rows, rows, material.COMPONENTS)
    except Stop as stop:
        if stop.outcome is Outcome.NOT_ATTEMPTED:
            return (
                " If `t2_spe` is used here: it still gives its three dots. Answer Exercise 2 "
                "first, or work out both charts in this cell."
            )
    return ""


def _why_not_found(named: list[set[str]], found: list[set[str]], lines: list[Line]) -> str:
    """Return how many were found, which faults were missed, and what is known to be wrong."""
    if not any(named):
        return "No batch was named, and some had a fault."
    told = [f"{len(one)} of {len(some.faults)}" for one, some in zip(found, lines, strict=True)]
    missed = {
        _FAULTS[one.fault]
        for out, some in zip(found, lines, strict=True)
        for batch, one in some.faults.items()
        if batch not in out
    }
    message = (
        f"{told[0]} batches with a fault were named of the first forty, {told[1]} of the second. "
        f"Missed: {', '.join(sorted(missed))}. "
    )
    if len(named[0]) == len(named[1]) < max(len(some.faults) for some in lines):
        message += (
            "Both times the same number was named, but nobody knows how many are faulty: how far "
            "a batch sticks out must decide. "
        )
    return message + (
        "Three things to look at. Does a mean and SD, or a quantile, of batches that hold the "
        "faults set the limit? They widen it: compare with the *middle* peak. Are both charts "
        "asked? What a component has taken for itself is missing in SPE, and what no component "
        "has taken is missing in T². Are there 3 to 10 components?"
    )


_FAULTS = {
    "F2": "oxygen supply",
    "F3": "feed pump",
    "F4": "temperature",
    "F5": "germs",
    "F11": "stirrer",
}


def _batches(answer: Any, batches: Sequence[str]) -> set[str]:
    """Read names of batches: a list, an Index, a set, or a Series of True and False."""
    if isinstance(answer, pd.Series) and answer.dtype == bool:
        answer = answer.index[answer.to_numpy()]
    if isinstance(answer, pd.Series) and not answer.isin(batches).all():
        answer = answer.index
    if isinstance(answer, str):
        answer = [answer]
    try:
        named = {str(one) for one in answer}
    except TypeError:
        message = "`suspects` should give a list of names of batches."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer)) from None
    unknown = sorted(named - set(batches))
    if unknown:
        message = "`suspects` should give names of batches that are in the index of `rows`."
        raise Stop(Outcome.NOT_YET, message, got=describe(unknown[0]))
    return named


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Which tag?", points=4)
def blame(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``contributions``: what each tag adds to SPE."""
    function = answers.function("contributions")
    cases = _cases(plant_seed)
    asked = [_table(function, *case) for case in cases]
    right = [material._by_spe(*case).to_numpy() for case in cases]
    label = "what each tag adds to SPE"
    if all(np.allclose(a, b, rtol=CLOSE, atol=1e-6) for a, b in zip(asked, right, strict=True)):
        names = _named(plant_seed)
        yield passed(label, 4, names)
        return
    message = recognised(
        np.concatenate([one.ravel() for one in asked]),
        [
            (np.concatenate([np.ravel(one) for one in way]), text)
            for way, text in wrong.blame(cases, right)
        ],
        rtol=CLOSE,
        atol=1e-6,
    )
    top = np.mean([_top(a) == _top(b) for a, b in zip(asked, right, strict=True)])
    otherwise = "Its rows do not add up to SPE. "
    if all(np.allclose(a.sum(1), b.sum(1), rtol=CLOSE) for a, b in zip(asked, right, strict=True)):
        otherwise = "Its rows add up to SPE, but the columns are not what each tag has left. "
    otherwise += f"The tag that adds most is the same in {top:.0%} of the rows."
    yield not_yet(label, 4, message or otherwise)


def _named(plant_seed: int) -> str:
    """Say which tags SPE and T² name for the faults of a few batches, where each is highest."""
    some = material.few(plant_seed)
    rows = material.rows_of(material.few, INFECTION, "maturity", plant_seed)
    golden = rows[rows.index.get_level_values("batch").isin(some.approved)]
    said = []
    for batch, one in some.faults.items():
        names = []
        for way in (material._by_spe, material._by_t2):
            added = way(golden, rows.loc[[batch]])
            names.append(added.loc[added.sum(axis=1).idxmax()].idxmax())
        true = "rightly" if names[0] in material.TRUE_TAGS[one.fault] else "wrongly"
        said.append(f"{batch}: SPE names {names[0]}, {true}; T² {names[1]}")
    return f"{'. '.join(said)}."


def _top(table: np.ndarray) -> np.ndarray:
    return table.argmax(axis=1)


def _table(function: Function, golden: pd.DataFrame, new: pd.DataFrame, k: int) -> np.ndarray:
    answer = function(golden.copy(), new.copy(), k, shown=f"{SHOWN_ROWS}, {k}")
    if isinstance(answer, pd.DataFrame) and set(answer.columns) == set(new.columns):
        answer = answer[list(new.columns)]
    try:
        table = np.asarray(answer.detach() if hasattr(answer, "detach") else answer, dtype=float)
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.shape == new.shape[::-1] and new.shape[0] != new.shape[1]:
        message = "It lies on its side: one row for each new row, one column a tag."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if table.shape != new.shape:
        message = "Give a table like `new`: one row for each new row, one column a tag."
        if table.shape == new.shape[:1]:
            message += " This is the sum over the tags already, SPE itself."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return table


# Exercise 5 -------------------------------------------------------------------------------

EPOCHS, STEP = 4, 0.03


@exercise("Exercise 5 · The loop", points=5)
def loop(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``train``: the loss of each epoch, beside the same loop of ours."""
    function = answers.function("train")
    ours, known = wrong.loops(lambda: _things(plant_seed), EPOCHS)
    said = _losses(_trained(function, plant_seed))
    label = "a loss for each epoch, the last below the first"
    if len(said) != EPOCHS:
        message = f"`train` should give a list of {EPOCHS} losses, one for each epoch."
        if len(said) == EPOCHS * len(_things(plant_seed)[1]):
            message += " This has one for each batch: take the mean over an epoch's."
        yield not_yet(label, 1, message, got=describe(said))
        yield not_yet("each step as it should be", 4, "Looked at once there are such losses.")
        return
    found = recognised(said, known, rtol=1e-4)
    falls = said[-1] < 0.9 * said[0] and np.isfinite(said).all()
    if not falls:
        message = found or (
            "The last loss is not well below the first: it does not fall. Does each step go: "
            "gradients to zero, loss, `backward()`, `step()`?"
        )
        yield not_yet(label, 1, message, got=_written(said))
        yield not_yet("each step as it should be", 4, "Looked at once the last loss is lower.")
        return
    yield passed(label, 1, _written(said))
    label = "each step as it should be"
    if any(np.allclose(said, one, rtol=1e-4) for one in ours):
        yield passed(label, 4, "Loss by loss the same as ours.")
    else:
        message = found or (
            "The last loss is lower, but the losses are not those of one step a batch: gradients "
            "to zero, loss, `backward()`, `step()`, and the mean of the batches' losses."
        )
        yield not_yet(label, 4, message, got=_written(said), expected=_written(ours[0]))


def _trained(function: Function, plant_seed: int) -> Any:
    try:
        return function(*_things(plant_seed), EPOCHS, shown=_SHOWN_LOOP)
    except Stop as stop:
        if "'Tensor' object is not callable" in stop.message:
            stop.message += (
                ". A value took the name of the function that makes it, and the next turn of the "
                "loop calls the value. Give the loss of a batch a name of its own."
            )
        raise


_SHOWN_LOOP = f"model, loader, loss_function, optimiser, {EPOCHS}"


def _written(losses: Sequence[float]) -> str:
    return ", ".join(f"{loss:.4f}" for loss in losses)


def _things(plant_seed: int) -> tuple[Any, Any, Any, Any]:
    """Return a small model, a loader in fixed order, a loss and an optimiser."""
    import torch

    rng = np.random.default_rng([plant_seed, 3])
    x = torch.tensor(rng.normal(size=(48, 3)), dtype=torch.float32)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.5
    state = torch.random.get_rng_state()
    torch.manual_seed(int(rng.integers(2**31)))
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    torch.random.set_rng_state(state)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=8)
    optimiser = torch.optim.SGD(model.parameters(), lr=STEP)
    return model, loader, torch.nn.MSELoss(), optimiser


def _losses(answer: Any) -> list[float]:
    """Read losses: numbers, or tensors of one element, in a list, an array or a tensor."""
    if hasattr(answer, "detach"):
        answer = answer.detach().tolist()
    if isinstance(answer, dict):
        answer = list(answer.values())
    try:
        items = list(np.ravel(answer)) if not isinstance(answer, list | tuple) else list(answer)
        return [float(item.detach() if hasattr(item, "detach") else item) for item in items]
    except (TypeError, ValueError, RuntimeError):
        message = "`train` should give a list of numbers: the mean loss of each epoch."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer)) from None


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · Small and steady", points=4)
def summed(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``cusum``: two sums that never fall below zero, the higher one after each reading."""
    function = answers.function("cusum")
    rng = np.random.default_rng([plant_seed, 4])
    readings = [
        rng.normal(0, 1, 30) + np.r_[np.zeros(10), np.full(20, step)] for step in (1.2, -1.2, 0.0)
    ]
    cases = [(x, slack) for x, slack in zip(readings, (0.5, 0.5, 1.0), strict=True)]
    label = "two sums, the higher one after each reading"
    said = np.concatenate([_sums(function, x, slack) for x, slack in cases])
    right = np.concatenate([material._cusum(x, slack) for x, slack in cases])
    if not np.allclose(said, right, atol=1e-6):
        message = recognised(
            said,
            [
                (np.concatenate([way(x, slack) for x, slack in cases]), text)
                for way, text in wrong.SUMS
            ],
            rtol=1e-6,
            atol=1e-6,
        )
        otherwise = (
            "Work the first readings out by hand. After each, up = max(0, up + x - slack) and "
            "down = max(0, down - x - slack)."
        )
        x = cases[0][0][:4]
        yield not_yet(
            label,
            3,
            message or otherwise,
            called=f"cusum([{', '.join(f'{v:.2f}' for v in x)}, …], 0.5)",
            got=", ".join(f"{v:.2f}" for v in said[:4]),
            expected="" if message else ", ".join(f"{v:.2f}" for v in right[:4]),
        )
        yield not_yet("a missing reading", 1, "Looked at once the sums are right.")
        return
    yield passed(label, 3, f"The same as ours for {len(said)} readings.")
    label = "a missing reading"
    x = readings[0].copy()
    x[[0, 7, 8, 21]] = np.nan
    held = _sums(function, x, 0.5)
    if np.allclose(held, material._cusum(x, 0.5), atol=1e-6):
        yield passed(label, 1, "Both sums stay as they are.")
    else:
        message = recognised(
            held, [(way(x, 0.5), text) for way, text in wrong.GAPS], rtol=1e-6, atol=1e-6
        )
        gaps = np.flatnonzero(np.isnan(x))
        if np.isnan(held).any():
            message = (
                f"{np.isnan(held).sum()} of {len(held)} sums are NaN: a missing reading gets into "
                "the sums and spreads. Both stay as they are: leave it out."
            )
        yield not_yet(
            label,
            1,
            message or "A missing reading says nothing: both sums stay as they are.",
            got=f"{held[gaps[1]]:.2f} where reading {gaps[1] + 1} is missing",
            expected=f"{held[gaps[1] - 1]:.2f}, as before it",
        )


def _sums(function: Function, x: np.ndarray, slack: float) -> np.ndarray:
    answer = function(x.copy(), slack, shown=f"{len(x)} readings, {slack}")
    return series(answer, pd.RangeIndex(len(x))).astype(float).to_numpy()
