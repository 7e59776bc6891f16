"""Checks of day 3, notebook 2: lots, changes, differences, and verdicts on planted stories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import (
    Answers,
    Function,
    Stop,
    exercise,
    guarded,
    not_yet,
    passed,
)
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day3.lot_or_probe import drawn, material, wrong

# Calibrated on ten plants, see tests/lessons/day3/test_lot_or_probe.py for the table.
TABLES = 3
"""Plants whose lots are asked for."""
MISS_RATIO = 1.25
"""Largest miss of the lots' effects, over that of the crossed mixed model, mean of three plants."""
ALIKE, RAW = 0.98, 0.9999
"""Correlation above which effects are those of serum alone, and above which they are raw means."""
LEVEL = 0.25
"""Mean of all effects of a plant above which they are levels, not differences."""
NEVER = "SER-never"
MOST_OF_ONE = 0.75
"""Effect of a lot of one batch over that of a lot of many which lies as far above the others: at
the most that, and about 0.45 in a mixed model."""
SAME = 0.01
"""Of effects from a table with gaps, and from one that never had these rows."""
NEAR_ZERO = 1e-6
WITHIN = 5
"""Batches that a change may be off."""
FEWER = 2.5
"""Of twelve series, how many fewer than the reference may be within `WITHIN`."""
ERROR_BAND = (0.9, 1.12)
"""Standard errors over the reference's: pooled or not, n or n - 1."""
FEWER_RIGHT = 1
"""Of twelve verdicts, how many fewer than the reference's may be right."""
AT_LEAST = 10
"""Of twelve verdicts, how many must be right where the reference is right so often: who reads only
half of a table is right about nine times at the most."""
ROUNDING = 1e-6


@lru_cache(maxsize=16)
def _plants(plant_seed: int, n: int = TABLES) -> tuple[int, ...]:
    """Return the plant itself, and others that are drawn by it."""
    more = np.random.default_rng([plant_seed, 31]).integers(10**12, 10**13, n - 1)
    return plant_seed, *(int(seed) for seed in more)


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · What a lot does", points=5)
def lots(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``lot_effects``: beside a crossed mixed model, on three plants."""
    function = answers.function("lot_effects")
    found, refs = [], []
    for seed in _plants(plant_seed):
        table, truth = drawn.lots_apart(seed)
        found.append(_asked(function, table, list(truth.index)))
        refs.append(_known_lots(seed))
    part = _against_truth(found, refs, plant_seed)
    yield part
    shrunk = tuple(guarded("a lot of one batch, gaps", 1, _one_batch(function, plant_seed)))
    if part.earned == 0 and shrunk[0].earned == 0:
        yield not_yet("what else is asked", 2, "First the effects themselves, above.")
        return
    yield from guarded("a lot never seen", 1, _never_seen(function, plant_seed))
    yield from shrunk


def _asked(function: Function, table: pd.DataFrame, asked: list[str]) -> pd.Series:
    """Read the effects of the lots that were asked for, in their order."""
    answer = function(table.copy(), list(asked), shown="batches, ['SER-01', …]")
    if isinstance(answer, dict):
        answer = pd.Series(answer, dtype=object)
    if isinstance(answer, pd.DataFrame) and answer.shape[1] == 1:
        answer = answer.iloc[:, 0]
    if isinstance(answer, pd.Series):
        missing = [lot for lot in asked if lot not in answer.index]
        by_name = answer.index.is_unique and not missing
        values = answer.reindex(asked) if by_name else answer
    else:
        values, missing = answer, []
    try:
        values = pd.Series(np.asarray(values, dtype=float).reshape(len(asked)), index=asked)
    except (TypeError, ValueError):
        more = f" `{missing[0]}` is missing." if missing else ""
        said = f"Give a Series with one effect for each lot that is asked for.{more}"
        raise Stop(Outcome.NOT_YET, said, got=describe(answer)) from None
    if not np.isfinite(values).all():
        lot = values.index[~np.isfinite(values)][0]
        said = f"The effect of `{lot}` is no finite number."
        if lot not in set(table["serum_lot"]):
            said = f"{said} It is not in the table: nothing is known of it, so its effect is 0."
        elif table["log_doses"].isna().any():
            said = f"{said} Some rows have no `log_doses`: are they left out?"
        raise Stop(Outcome.NOT_YET, said, got=f"{values[lot]}")
    return values


@lru_cache(maxsize=32)
def _known_lots(plant_seed: int) -> tuple[float, list[tuple[pd.Series, str, float]]]:
    """Return the miss of the crossed model on a plant, and effects that are known as wrong."""
    table, truth = drawn.lots_apart(plant_seed)
    asked = list(truth.index)
    miss = _miss(material._lot_effects(table, asked), truth)
    return miss, wrong.lot_effects(table, asked)


def _miss(effects: pd.Series, truth: pd.Series) -> float:
    return float(np.sqrt(((effects - effects.mean() - truth) ** 2).mean()))


def _against_truth(found: list[pd.Series], refs: list[Any], plant_seed: int) -> Part:
    label = "against the truth of three plants"
    truths = [drawn.lots_apart(seed)[1] for seed in _plants(plant_seed)]
    misses = [_miss(*pair) for pair in zip(found, truths, strict=True)]
    ratio = np.mean(misses) / np.mean([miss for miss, _ in refs])
    flat = all(np.ptp(effects) < NEAR_ZERO for effects in found)
    r = 0.0 if flat else np.mean([np.corrcoef(*p)[0, 1] for p in zip(found, truths, strict=True)])
    got = f"off by {np.mean(misses):.3f}, r = {r:.2f} with the truth"
    expected = f"off by {MISS_RATIO * np.mean([miss for miss, _ in refs]):.3f} at the most"
    slips = [known for _, known in refs]
    for k, is_it in enumerate((_raw, _same, _alike)):
        if all(is_it(effects, known[k][0]) for effects, known in zip(found, slips, strict=True)):
            said, earned = slips[0][k][1:]
            return not_yet(label, 3, said, earned=earned, got=got, expected=expected)
    level = max((float(effects.mean()) for effects in found), key=abs)
    if ratio <= MISS_RATIO and abs(level) > LEVEL:
        said = (
            "The lots differ as they should, but these are levels: their mean is far from 0. Give "
            "by how much a lot lies above or below the mean of all."
        )
        return not_yet(label, 3, said, earned=1.0, got=f"a mean of {level:.2f}", expected="about 0")
    if ratio <= MISS_RATIO:
        return passed(label, 3, f"Your effects are {got}.")
    said = "The effects of the lots are too far from what the lots truly do."
    if flat:
        said = "All lots have the same effect here."
    return not_yet(label, 3, said, got=got, expected=expected)


def _raw(a: pd.Series, b: pd.Series) -> bool:
    """Tell raw means, whatever was taken off and whatever all were multiplied by."""
    return bool(np.ptp(a) > NEAR_ZERO and np.corrcoef(a, b)[0, 1] > RAW)


def _same(a: pd.Series, b: pd.Series) -> bool:
    return bool(np.allclose(a - a.mean(), b - b.mean(), atol=2e-3))


def _alike(a: pd.Series, b: pd.Series) -> bool:
    """Tell effects of serum alone, whatever they were shrunk by, from crossed ones (r < 0.8)."""
    return bool(np.ptp(a) > NEAR_ZERO and np.corrcoef(a, b)[0, 1] > ALIKE)


def _never_seen(function: Function, plant_seed: int) -> Iterator[Part]:
    label = "a lot never seen"
    table, truth = material._lots(plant_seed)
    lots_ = [truth.index[3], NEVER, truth.index[0]]
    try:
        found = _asked(function, table, lots_)
    except Stop as stop:
        if not (stop.message.startswith("KeyError") and NEVER in stop.message):
            raise
        said = f"`{NEVER}` is asked for and is not in the table: give 0 for it."
        where = {"called": stop.called, "look_at": stop.look_at}
        raise Stop(Outcome.ERROR, said, got="KeyError", **where) from None
    if abs(found[NEVER]) < NEAR_ZERO:
        yield passed(label, 1)
        return
    said = "Of a lot without a batch nothing is known: its effect is 0, the mean of all lots."
    yield not_yet(label, 1, said, got=f"{found[NEVER]:.3f}", expected="0")


def _one_batch(function: Function, plant_seed: int) -> Iterator[Part]:
    """Ask for a lot of one good batch and one of many, in a table with gaps and without."""
    label = "a lot of one batch, gaps"
    holed = drawn.one_and_many(plant_seed)
    kept = holed.dropna(subset=["log_doses"]).reset_index(drop=True)
    large = kept["serum_lot"].value_counts().nlargest(6).index
    asked = list(dict.fromkeys([*large, "SER-many", "SER-one"]))
    found, without = (_asked(function, table, asked) for table in (holed, kept))
    off = float((found - without).abs().max())
    if off > SAME:
        said = "Effects change where rows without `log_doses` are taken out beforehand."
        got = f"by up to {off:.3f}"
        yield not_yet(label, 1, f"{said} Leave such rows out.", got=got, expected="no change")
        return
    one, many = (found[lot] - found[large].median() for lot in ("SER-one", "SER-many"))
    if many > 0.2 and -0.1 < one < MOST_OF_ONE * many:
        yield passed(label, 1)
        return
    said = (
        f"Two lots lie {drawn.ONE_ABOVE} above the other batches of their weeks: one of a single "
        f"batch, one of {drawn.MANY}. Much of the former may be luck: draw it further towards 0."
    )
    got = f"{one:.2f} for one batch, {many:.2f} for {drawn.MANY}"
    yield not_yet(label, 1, said, got=got, expected=f"at the most {MOST_OF_ONE} times as much")


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · When did it change?", points=4)
def change(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``change_at``: clear changes, gaps, and twelve pairs of reactors."""
    function = answers.function("change_at")
    rng = np.random.default_rng([plant_seed, 32])
    clear, places = drawn.clear(rng)
    found = [_place(function, values) for values in clear]
    slips = wrong.changes(places, [len(values) for values in clear], clear)
    if found == places:
        yield passed("clear changes", 2)
    else:
        said = recognised(found, slips)
        if not said and len(set(found)) == 1:
            said = f"The same place in each series: {found[0]}."
        elif not said and not np.any(np.mod(found, 5)):
            said = wrong.GRID
        said = said or "Not the first batch on the new level, of changes that are plain to see."
        yield not_yet("clear changes", 2, said, got=f"{found}", expected=f"{places}")
    if found != places:
        yield not_yet("with gaps", 1, "First the clear changes, above.")
        yield not_yet("pairs of reactors", 1, "First the clear changes, above.")
        return
    with_gaps = [
        drawn.with_gaps(values, place, rng) for values, place in zip(clear, places, strict=True)
    ]
    yield from guarded("with gaps", 1, _gaps(function, with_gaps, places))
    yield from guarded("pairs of reactors", 1, _pairs(function, plant_seed))


def _place(function: Function, values: np.ndarray) -> int:
    answer = function(values.copy(), shown="values")
    ends = (len(values), int(np.isfinite(values).sum()))
    if isinstance(answer, list | tuple) and len(answer) == 2 and answer[-1] in ends:
        said = (
            "These are two: the second one is the length of the series, which ruptures puts at the "
            "end of its list. Give the first one."
        )
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    place = number(answer, "change_at")
    if place != round(place):
        said = "Give a place, a whole number: that of the first batch on the new level."
        raise Stop(Outcome.NOT_YET, said, got=f"{place:g}")
    return int(place)


def _gaps(function: Function, series: list[np.ndarray], places: list[int]) -> Iterator[Part]:
    found = [_place(function, values) for values in series]
    if found == places:
        yield passed("with gaps", 1)
        return
    said = recognised(found, wrong.gaps(series))
    otherwise = "With NaN in the series the place is another. Leave gaps out, but count them."
    yield not_yet("with gaps", 1, said or otherwise, got=f"{found}", expected=f"{places}")


def _pairs(function: Function, plant_seed: int) -> Iterator[Part]:
    label = "pairs of reactors"
    pairs = material._changed(plant_seed)
    near, usual = 0, 0
    for table, truth in pairs:
        apart = (table["R1"] - table["R2"]).to_numpy()
        near += abs(_place(function, apart) - truth) <= WITHIN
        usual += abs(material._change_at(apart) - truth) <= WITHIN
    got = f"{near} of {len(pairs)} within {WITHIN} rounds; the course's {usual}"
    if near >= usual - FEWER:
        yield passed(label, 1, got)
        return
    said = "On the plant's own reactors, which are noisy, your places are too far off."
    yield not_yet(label, 1, said, got=got)


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · A difference of differences", points=5)
def difference(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``probe_effect``: the effect and its standard error, on three stories."""
    function = answers.function("probe_effect")
    tables = drawn.falls(plant_seed)
    right = [material._probe_effect(table) for table in tables]
    found = [_two(function, table) for table in tables]
    effects = [pair[0] for pair in found]
    is_right = np.allclose(effects, [pair[0] for pair in right], atol=ROUNDING)
    if is_right:
        yield passed("the effect", 2)
    else:
        said = recognised(effects, wrong.effects(tables), rtol=1e-5)
        otherwise = "Not what R1 changed by, less what R2 changed by."
        yield not_yet("the effect", 2, said or otherwise, got=f"{effects[0]:.4f}")
    errors = _errors([pair[1] for pair in found], [pair[1] for pair in right], tables)
    yield errors
    if not is_right:
        yield not_yet("a batch is lost", 1, "First the effect itself, above.")
        return
    yield from guarded("a batch is lost", 1, _lost(function, tables, plant_seed, errors.earned > 0))


def _two(function: Function, table: pd.DataFrame) -> tuple[float, float]:
    answer = function(table.copy(), shown="rounds")
    if isinstance(answer, dict):
        answer = list(answer.values())
    try:
        effect, error = answer
    except (TypeError, ValueError):
        said = "`probe_effect` should give two numbers: the effect and its standard error."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer)) from None
    return number(effect, "probe_effect (effect)"), number(error, "probe_effect (error)")


def _errors(found: list[float], right: list[float], tables: list[pd.DataFrame]) -> Part:
    label = "its standard error"
    ratio = np.array(found) / np.array(right)
    low, high = ERROR_BAND
    if ((low <= ratio) & (ratio <= high)).all():
        return passed(label, 2)
    said = recognised(found, wrong.errors(tables), rtol=0.03)
    otherwise = "Not the standard error of the difference of two means of R1 − R2."
    return not_yet(
        label, 2, said or otherwise, got=f"{found[0]:.4f}", expected=f"about {right[0]:.4f}"
    )


def _lost(
    function: Function, tables: list[pd.DataFrame], plant_seed: int, with_errors: bool
) -> Iterator[Part]:
    label = "a batch is lost"
    rng = np.random.default_rng([plant_seed, 33])
    found, right, apart = [], [], []
    for table in tables:
        holed = drawn.with_lost(table, rng)
        found.append(_two(function, holed))
        right.append(material._probe_effect(holed))
        means = holed.groupby("new")[["R1", "R2"]].mean().diff().iloc[-1]
        apart.append(means["R1"] - means["R2"])
    effects, errors = np.array(found).T
    off = np.abs(effects - np.array(right)[:, 0])
    ratio = errors / np.array(right)[:, 1]
    if off.max() > ROUNDING:
        k = int(off.argmax())
        said = "Where a batch is NaN, its round tells nothing of the difference: leave it out."
        if np.allclose(effects, apart, atol=ROUNDING):
            said = f"Each reactor's own mean was taken, so the lots of the two differ. {said}"
        yield not_yet(label, 1, said, got=f"{effects[k]:.4f}", expected=f"{right[k][0]:.4f}")
    elif with_errors and not ((ERROR_BAND[0] <= ratio) & (ratio <= ERROR_BAND[1])).all():
        k = int(np.abs(np.log(np.maximum(ratio, ROUNDING))).argmax())
        said = "The effect is right, its error is not: n counts only the rounds that were kept."
        yield not_yet(label, 1, said, got=f"{errors[k]:.4f}", expected=f"about {right[k][1]:.4f}")
    else:
        yield passed(label, 1)


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · The way back", points=4)
def way_back(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``rebound``: on drawn series, and where there was no alarm."""
    function = answers.function("rebound")
    rng = np.random.default_rng([plant_seed, 34])
    series = [drawn.drifting(rng, n) for n in (90, 140, 200)]
    found = [_number(function, values, low) for values, low in series]
    right = [material._rebound(values, low) for values, low in series]
    is_right = np.allclose(found, right, atol=ROUNDING)
    if is_right:
        yield passed("three series", 3)
    else:
        known = [wrong.rebounds(values, low) for values, low in series]
        slips = [([one[k][0] for one in known], known[0][k][1]) for k in range(len(known[0]))]
        said = recognised(found, slips, rtol=1e-5)
        otherwise = "Not the mean rise from low threes to the ten batches after them."
        yield not_yet(
            "three series",
            3,
            said or otherwise,
            got=f"{found[0]:.4f}",
            look_at=f"{len(series[0][0])} batches, low = {series[0][1]:.2f}",
        )
    if not is_right:
        yield not_yet("never low", 1, "First the rise itself, above.")
        return
    yield from guarded("never low", 1, _never_low(function, series[0][0]))


def _number(function: Function, values: np.ndarray, low: float) -> float:
    given = pd.Series(values.copy())
    return number(function(given, low, shown=f"values, {low:g}"), "rebound")


def _never_low(function: Function, values: np.ndarray) -> Iterator[Part]:
    low = float(values.min()) - 1
    try:
        answer = function(pd.Series(values.copy()), low, shown=f"values, {low:.2f}")
    except Stop as stop:
        if "gives nothing back" not in stop.message:
            raise
        answer = None
    try:
        nothing = bool(np.isnan(float(answer)))
    except (TypeError, ValueError):
        nothing = False
    if nothing:
        yield passed("never low", 1)
        return
    said = "No three batches are below this limit, so nothing can be said: give `np.nan`."
    yield not_yet("never low", 1, said, got=describe(answer), expected="nan")


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · At equal lysis", points=4)
def at_capture(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``capture_change``: what is left of the loss at equal lysis."""
    function = answers.function("capture_change")
    tables = [table for table, _ in material._stories("capture", plant_seed)[:3]]
    found = [_left(function, table) for table in tables]
    right = [material._capture_change(table) for table in tables]
    is_right = np.allclose(found, right, atol=ROUNDING)
    if is_right:
        yield passed("three stories", 3)
    else:
        said = recognised(found, wrong.capture(tables), rtol=1e-4)
        otherwise = (
            "Not the weight of `after` in a linear model of the natural logarithm of the recovery "
            "on `after`, `lysed_percent` and its square, and on nothing else."
        )
        yield not_yet("three stories", 3, said or otherwise, got=f"{found[0]:.4f}")
        yield not_yet("gaps", 1, "First the change itself, above.")
        return
    rng = np.random.default_rng([plant_seed, 35])
    yield from guarded("gaps", 1, _with_lost_assays(function, tables[0].copy(), rng))


def _left(function: Function, table: pd.DataFrame) -> float:
    return number(function(table.copy(), shown="batches"), "capture_change")


def _with_lost_assays(
    function: Function, table: pd.DataFrame, rng: np.random.Generator
) -> Iterator[Part]:
    for name in ("capture_recovery_percent", "lysed_percent"):
        table.loc[rng.choice(len(table), 5, replace=False), name] = np.nan
    found, right = _left(function, table), material._capture_change(table)
    if np.isclose(found, right, atol=ROUNDING):
        yield passed("gaps", 1)
        return
    said = (
        "Leave out batches without `lysed_percent` or without `capture_recovery_percent`, and no "
        "others."
    )
    yield not_yet("gaps", 1, said, got=f"{found:.4f}", expected=f"{right:.4f}")


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · Three verdicts", points=6)
def stories(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``blame_fall``, ``judge_action``, ``find_step``: on twelve stories each."""
    asked = {"fall": "blame_fall", "action": "judge_action", "capture": "find_step"}
    for kind, name in asked.items():
        yield from guarded(f"`{name}`", 2, _judged(answers, kind, name, plant_seed))


def _judged(answers: Answers, kind: str, name: str, plant_seed: int) -> Iterator[Part]:
    function = answers.function(name)
    told = material._stories(kind, plant_seed)
    words = material.ANSWERS[kind]
    said = [_word(function, table, name, words) for table, _ in told]
    right = sum(word == truth for word, (_, truth) in zip(said, told, strict=True))
    usual = sum(material._VERDICTS[kind](table) == truth for table, truth in told)
    mark = min(usual, max(usual - FEWER_RIGHT, AT_LEAST))
    got = f"{right} of {len(told)} right"
    if right >= mark:
        yield passed(f"`{name}`", 2, got)
    else:
        message = f"Too many verdicts are wrong. {_ASKED[kind]}"
        if len(set(said)) == 1:
            message = f"It says '{said[0]}' to each story."
        elif len(told) - right >= mark:
            message = f"Nearly all are wrong: are '{words[0]}' and '{words[1]}' swapped?"
        yield not_yet(f"`{name}`", 2, message, got=got, expected=f"{mark} at the least")


_ASKED = {
    "fall": "A lot is in both reactors, a probe in one, and one reactor may have given more all "
    "along. So the question is: by how much did R1 − R2 change, and how large is its error?",
    "action": "Lots come over both reactors, one of them may have given more all along, and the "
    "bad rounds were picked. So the question is: without these, by how much did R1 − R2 change, "
    "and how large is its error?",
    "capture": "Lysed cells may be more in either case. So the question is: how much of the whole "
    "fall at capture is left at equal lysis, more than half of it or less?",
}


def _word(function: Function, table: pd.DataFrame, name: str, words: Sequence[str]) -> str:
    answer = function(table.copy(), shown="table")
    word = str(answer).strip().lower() if isinstance(answer, str | np.str_) else ""
    if word not in words:
        said = f"`{name}` should give '{words[0]}' or '{words[1]}'."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    return word
