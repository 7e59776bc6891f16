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
from vaxlab.lessons.day3.lot_or_probe import material, wrong

# Calibrated on ten plants, see tests/lessons/day3/test_lot_or_probe.py for the table.
TABLES = 3
"""Plants whose lots are asked for."""
MISS_RATIO = 1.25
"""Largest miss of the lots' effects, over that of the crossed mixed model, mean of three plants."""
ALIKE = 0.98
"""Correlation above which effects are those of a mixed model of serum alone."""
NEVER = "SER-never"
ONE_ABOVE, MOST_OF_ONE = 0.6, 0.75
"""How far a lot's only batch lies above the others, and the most of that that may be its effect."""
NEAR_ZERO = 1e-6
WITHIN = 5
"""Batches that a change may be off."""
FEWER = 2.5
"""Of twelve series, how many fewer than the reference may be within `WITHIN`."""
ERROR_BAND = (0.9, 1.12)
"""Standard errors over the reference's: pooled or not, n or n - 1."""
FEWER_RIGHT = 1
"""Of twelve verdicts, how many fewer than the reference's may be right."""
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
        table, truth = material._lots(seed)
        found.append(_asked(function, table, list(truth.index)))
        refs.append(_known_lots(seed))
    part = _against_truth(found, refs, plant_seed)
    yield part
    if part.earned == 0:
        yield not_yet("what else is asked", 2, "First the effects themselves, above.")
        return
    yield from guarded("a lot never seen", 1, _never_seen(function, plant_seed))
    yield from guarded("a lot of one batch, gaps", 1, _one_batch(function, plant_seed))


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
        said = f"The effect of `{lot}` is no finite number. Leave out rows without `log_doses`."
        raise Stop(Outcome.NOT_YET, said, got=f"{values[lot]}")
    return values


@lru_cache(maxsize=32)
def _known_lots(plant_seed: int) -> tuple[float, list[tuple[pd.Series, str, float]]]:
    """Return the miss of the crossed model on a plant, and effects that are known as wrong."""
    table, truth = material._lots(plant_seed)
    asked = list(truth.index)
    miss = _miss(material._lot_effects(table, asked), truth)
    return miss, wrong.lot_effects(table, asked)


def _miss(effects: pd.Series, truth: pd.Series) -> float:
    return float(np.sqrt(((effects - effects.mean() - truth) ** 2).mean()))


def _against_truth(found: list[pd.Series], refs: list[Any], plant_seed: int) -> Part:
    label = "against the truth of three plants"
    truths = [material._lots(seed)[1] for seed in _plants(plant_seed)]
    misses = [_miss(*pair) for pair in zip(found, truths, strict=True)]
    ratio = np.mean(misses) / np.mean([miss for miss, _ in refs])
    flat = all(np.ptp(effects) < NEAR_ZERO for effects in found)
    r = 0.0 if flat else np.mean([np.corrcoef(*p)[0, 1] for p in zip(found, truths, strict=True)])
    got = f"off by {np.mean(misses):.3f}, r = {r:.2f} with the truth"
    expected = f"off by {MISS_RATIO * np.mean([miss for miss, _ in refs]):.3f} at the most"
    slips = [known for _, known in refs]
    for k, is_it in enumerate((_same, _alike)):
        if all(is_it(effects, known[k][0]) for effects, known in zip(found, slips, strict=True)):
            said, earned = slips[0][k][1:]
            return not_yet(label, 3, said, earned=earned, got=got, expected=expected)
    if ratio <= MISS_RATIO:
        return passed(label, 3, f"Your effects are {got}.")
    said = "The effects of the lots are too far from what the lots truly do."
    if flat:
        said = "All lots have the same effect here."
    return not_yet(label, 3, said, got=got, expected=expected)


def _same(a: pd.Series, b: pd.Series) -> bool:
    return bool(np.allclose(a - a.mean(), b - b.mean(), atol=2e-3))


def _alike(a: pd.Series, b: pd.Series) -> bool:
    """Tell effects of serum alone, whatever they were shrunk by, from crossed ones (r < 0.975)."""
    return bool(np.ptp(a) > NEAR_ZERO and np.corrcoef(a, b)[0, 1] > ALIKE)


def _never_seen(function: Function, plant_seed: int) -> Iterator[Part]:
    label = "a lot never seen"
    table, truth = material._lots(plant_seed)
    lots_ = [truth.index[3], NEVER, truth.index[0]]
    found = _asked(function, table, lots_)
    if abs(found[NEVER]) < NEAR_ZERO:
        yield passed(label, 1)
        return
    said = "Of a lot without a batch nothing is known: its effect is 0, the mean of all lots."
    yield not_yet(label, 1, said, got=f"{found[NEVER]:.3f}", expected="0")


def _one_batch(function: Function, plant_seed: int) -> Iterator[Part]:
    """Ask for a lot of one good batch, in a table with gaps."""
    label = "a lot of one batch, gaps"
    table = material._lots(plant_seed)[0].copy()
    table.loc[table.index[::17], "log_doses"] = np.nan
    one = table.index[len(table) // 2 + 1]
    same = (table[["carrier_lot", "seed_lot"]] == table.loc[one, ["carrier_lot", "seed_lot"]]).any(
        axis=1
    )
    usual = table.loc[same, "log_doses"].mean()
    table.loc[one, ["serum_lot", "log_doses"]] = ["SER-one", usual + ONE_ABOVE]
    large = table.groupby("serum_lot")["log_doses"].count().nlargest(5).index
    found = _asked(function, table, [*large, "SER-one"])["SER-one"]
    if -0.1 < found < MOST_OF_ONE * ONE_ABOVE:
        yield passed(label, 1)
        return
    said = (
        f"A lot of one batch lies {ONE_ABOVE} above others of its weeks: a good part of that is "
        "luck of the batch."
    )
    yield not_yet(label, 1, said, got=f"{found:.2f}", expected=f"well below {ONE_ABOVE}")


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · When did it change?", points=4)
def change(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``change_at``: clear changes, gaps, and twelve pairs of reactors."""
    function = answers.function("change_at")
    rng = np.random.default_rng([plant_seed, 32])
    clear, places = _clear(rng)
    found = [_place(function, values) for values in clear]
    slips = wrong.changes(places, [len(values) for values in clear], clear)
    if found == places:
        yield passed("clear changes", 2)
    else:
        said = recognised(found, slips) or (wrong.GRID if not np.any(np.mod(found, 5)) else "")
        said = said or "Not the first batch on the new level, of changes that are plain to see."
        yield not_yet("clear changes", 2, said, got=f"{found}", expected=f"{places}")
    with_gaps = [
        _with_gaps(values, place, rng) for values, place in zip(clear, places, strict=True)
    ]
    yield from guarded("with gaps", 1, _gaps(function, with_gaps, places))
    if found != places:
        yield not_yet("pairs of reactors", 1, "First the clear changes, above.")
        return
    yield from guarded("pairs of reactors", 1, _pairs(function, plant_seed))


def _clear(rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
    """Draw series with a step, one odd batch, and hardly any noise; none changes at n · 5."""
    drawn = []
    for n, place in ((31, 3), (44, 41), (57, 28), (38, 17), (63, 44), (26, 12)):
        values = 0.03 * rng.standard_normal(n) + rng.choice([-1, 1]) * (np.arange(n) >= place)
        odd = (place + n) // 2 if place < n / 2 else place // 2
        values[odd] += rng.choice([-1, 1]) * 1.3
        drawn.append((values, place))
    return [values for values, _ in drawn], [place for _, place in drawn]


def _with_gaps(values: np.ndarray, place: int, rng: np.random.Generator) -> np.ndarray:
    """Put two gaps before a change or after it, far enough from its ends."""
    holed, n = values.copy(), len(values)
    before = [k for k in range(place - 1)] if place > 8 else []
    after = [k for k in range(place + 2, n)] if n - place > 8 else []
    for part in (before, after):
        if part:
            holed[rng.choice(part, 2, replace=False)] = np.nan
    return holed


def _place(function: Function, values: np.ndarray) -> int:
    place = number(function(values.copy(), shown="values"), "change_at")
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
    tables = [table for table, _ in material._stories("fall", plant_seed)[:3]]
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
    yield _errors([pair[1] for pair in found], [pair[1] for pair in right], tables)
    if not is_right:
        yield not_yet("a batch is lost", 1, "First the effect itself, above.")
        return
    yield from guarded("a batch is lost", 1, _lost(function, tables, plant_seed))


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


def _lost(function: Function, tables: list[pd.DataFrame], plant_seed: int) -> Iterator[Part]:
    label = "a batch is lost"
    rng = np.random.default_rng([plant_seed, 33])
    found, right, apart = [], [], []
    for table in tables:
        holed = table.copy()
        for name in ("R1", "R2"):
            holed.loc[rng.choice(len(table), 4, replace=False), name] = np.nan
        found.append(_two(function, holed)[0])
        right.append(material._probe_effect(holed)[0])
        means = holed.groupby("new")[["R1", "R2"]].mean().diff().iloc[-1]
        apart.append(means["R1"] - means["R2"])
    if np.allclose(found, right, atol=ROUNDING):
        yield passed(label, 1)
        return
    said = "Where a batch is NaN, its round tells nothing of the difference: leave the round out."
    if np.allclose(found, apart, atol=ROUNDING):
        said = f"Each reactor's own mean was taken, so the lots of the two differ. {said}"
    yield not_yet(label, 1, said, got=f"{found[0]:.4f}", expected=f"{right[0]:.4f}")


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · The way back", points=4)
def way_back(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``rebound``: on drawn series, and where there was no alarm."""
    function = answers.function("rebound")
    rng = np.random.default_rng([plant_seed, 34])
    drawn = [_drifting(rng, n) for n in (90, 140, 200)]
    found = [_number(function, values, low) for values, low in drawn]
    right = [material._rebound(values, low) for values, low in drawn]
    is_right = np.allclose(found, right, atol=ROUNDING)
    if is_right:
        yield passed("three series", 3)
    else:
        known = [wrong.rebounds(values, low) for values, low in drawn]
        slips = [([one[k][0] for one in known], known[0][k][1]) for k in range(len(known[0]))]
        said = recognised(found, slips, rtol=1e-5)
        otherwise = "Not the mean rise from low threes to the ten batches after them."
        yield not_yet(
            "three series",
            3,
            said or otherwise,
            got=f"{found[0]:.4f}",
            look_at=f"{len(drawn[0][0])} batches, low = {drawn[0][1]:.2f}",
        )
    if not is_right:
        yield not_yet("never low", 1, "First the rise itself, above.")
        return
    yield from guarded("never low", 1, _never_low(function, drawn[0][0]))


def _drifting(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Draw a series with lots in it that ends low, and a limit that some threes are below."""
    lot = np.repeat(rng.normal(0, 0.2, n // 12 + 1), 12)[:n]
    values = 9.6 + lot + rng.normal(0, 0.2, n)
    values[-6:] -= 0.5
    low = float(np.quantile(np.convolve(values, np.ones(3) / 3, "valid"), 0.2))
    return values, round(low, 3)


def _number(function: Function, values: np.ndarray, low: float) -> float:
    given = pd.Series(values.copy())
    return number(function(given, low, shown=f"values, {low:g}"), "rebound")


def _never_low(function: Function, values: np.ndarray) -> Iterator[Part]:
    low = float(values.min()) - 1
    answer = function(pd.Series(values.copy()), low, shown=f"values, {low:.2f}")
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
        otherwise = "Not the weight of `after` in a linear model with the lysed cells in it."
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
    said = "Leave out batches of which an assay is missing, and no others."
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
    drawn = material._stories(kind, plant_seed)
    words = material.ANSWERS[kind]
    said = [_word(function, table, name, words) for table, _ in drawn]
    right = sum(word == truth for word, (_, truth) in zip(said, drawn, strict=True))
    usual = sum(material._VERDICTS[kind](table) == truth for table, truth in drawn)
    mark = usual - FEWER_RIGHT
    got = f"{right} of {len(drawn)} right"
    if right >= mark:
        yield passed(f"`{name}`", 2, got)
    else:
        message = _TEMPTED[kind] if len(set(said)) > 1 else f"It says '{said[0]}' to each story."
        yield not_yet(f"`{name}`", 2, message, got=got, expected=f"{mark} at the least")


_TEMPTED = {
    "fall": "Too many verdicts are wrong. A lot is in both reactors, a probe in one: use the "
    "difference of differences and its error.",
    "action": "Too many verdicts are wrong. The three bad batches were picked because they were "
    "bad: leave them out, and compare with all the rounds before and with R2.",
    "capture": "Too many verdicts are wrong. Ask how much of the loss at capture is left at equal "
    "lysis.",
}


def _word(function: Function, table: pd.DataFrame, name: str, words: Sequence[str]) -> str:
    answer = function(table.copy(), shown="table")
    word = str(answer).strip().lower() if isinstance(answer, str | np.str_) else ""
    if word not in words:
        said = f"`{name}` should give '{words[0]}' or '{words[1]}'."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    return word
