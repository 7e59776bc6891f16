"""Checks of day 1, notebook 1: the numbers that a model would learn from.

Each check runs the learner's function on a plant made from ``plant_seed``: the history
that the learner sees, and in grading another six years of the same plant. Where luck could pass
a wrong answer or fail a right one, it is asked of many tables, and what counts is the average.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import number, recognised, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.trust import handed, material, wrong
from vaxlab.lessons.day1.trust.material import HA_COLUMN
from vaxlab.plant import campaign

# How they were set stands in tests/lessons/day1/test_trust.py, as a table.
FOUND_SHARE = 0.95
FALSE_ALARM_SHARE = 0.02
FLOOD_SHARE = 0.2  # of false alarms, under which nobody can say that a rule found anything
GAP_TOLERANCE_LOG10 = 0.0055  # the same sums on the same table, rounded to two digits
VARIANCE_TOLERANCE = 0.12  # relative, on average over many tables
LOUD, LOUD_TABLES = 2.0, 30
CEILING_TOLERANCE = 0.01
PROMISE_TOLERANCE_LOG10 = 0.03
ENOUGH_TO_KNOW = 8  # tables on all of which an answer must be a known wrong one


# Exercise 1 -------------------------------------------------------------------------------

_PAIRS = ((2.4, 2.1), (1.8, 2.55), (1.95, 1.8))


@exercise("Exercise 1 · Twins", points=2)
def twins(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``antigen_ratio``: HA is a logarithm, so a difference is a ratio."""
    ratio = answers.function("antigen_ratio")
    yield from guarded("two batches", 1, _two_batches(ratio))
    yield from guarded("whole columns", 1, _two_columns(ratio, plant_seed))


def _two_batches(ratio: Function) -> Iterator[Part]:
    """Ask about pairs of numbers, now the one, now the other richer."""
    got = np.array([number(ratio(a, b, shown=f"{a}, {b}"), ratio.name) for a, b in _PAIRS])
    a, b = np.array(_PAIRS).T
    truth = 10 ** np.abs(a - b)
    if np.allclose(got, truth, rtol=0.01):
        yield passed("two batches", 1, "0.3 on this scale is a factor of two.")
        return
    known = wrong.upside_down(got, truth) or recognised(got, wrong.ratios(a, b), rtol=0.01)
    k = int(np.argmax(np.abs(got - truth)))
    yield not_yet(
        "two batches",
        1,
        known or "Not how many times more the richer one holds.",
        called=f"antigen_ratio({a[k]}, {b[k]})",
        got=f"{got[k]:.3g}",
        expected=f"{truth[k]:.3g}",
        look_at=f"10 ** {a[k]} and 10 ** {b[k]}: what the two hold, in HA units",
    )


def _two_columns(ratio: Function, plant_seed: int) -> Iterator[Part]:
    """Ask about the readings of half of all batches beside those of the other half."""
    readings = campaign.run(seed=plant_seed).tables["batches"]["ha_at_harvest_log10_per_100ul"]
    half = len(readings) // 2
    pairs = pd.DataFrame({"a": readings.to_numpy()[:half], "b": readings.to_numpy()[-half:]})
    pairs = pairs.dropna()  # a reading below the limit has no ratio
    got = series(ratio(pairs["a"], pairs["b"], shown="two columns of readings"), pairs.index)
    got = pd.to_numeric(got, errors="coerce")
    truth = 10 ** (pairs["a"] - pairs["b"]).abs()
    label = "whole columns, whichever batch comes first"
    off = (got - truth).abs().fillna(np.inf)
    worst = off.idxmax()
    shown = {
        "called": f"antigen_ratio({pairs.loc[worst, 'a']:.2f}, {pairs.loc[worst, 'b']:.2f})",
        "got": f"{got[worst]:.3g}",
        "expected": f"{truth[worst]:.3g}",
    }
    if (off <= 0.01 * truth).all():
        yield passed(label, 1)
    elif why := wrong.upside_down(got, truth):
        half = 0.5 if why == wrong.ONE_ORDER else 0.0
        yield not_yet(label, 1, why, earned=half, look_at="abs()", **shown)
    else:
        count = (off > 0.01 * truth).sum()
        yield not_yet(label, 1, f"Not right for {count} of {len(pairs)} pairs.", **shown)


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · One column that can be used", points=4)
def tidy(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``tidy_ha``: text, two units and readings below the limit become numbers."""
    function = answers.function("tidy_ha")
    tables = campaign.run(seed=plant_seed).tables
    raw = tables["samples"].query("analyte == 'ha'").reset_index(drop=True)
    truth = tables["samples_tidy"].set_index("row_id").loc[raw["row_id"]].reset_index(drop=True)
    answer = function(raw.copy(), shown="the HA rows of the LIMS export")
    ha, flag = handed.ha_and_flag(answer, raw)
    below = truth["censored"].to_numpy(dtype=bool)
    linear = (raw["unit"] == "HAU/100 uL").to_numpy()
    typed = raw["value"].str.contains(",") | (raw["value"] != raw["value"].str.strip())
    typed = typed.to_numpy(dtype=bool)
    right = np.isclose(ha, truth["value"], atol=0.03)
    kinds = (
        ("readings in log10, plainly typed", 0.5, ~below & ~linear & ~typed),
        ("decimal commas and stray blanks", 1.0, ~below & ~linear & typed),
        ("readings in HA units", 1.5, ~below & linear),
    )
    for label, points, rows in kinds:
        if right[rows].all():
            yield passed(label, points, f"{rows.sum()} readings.")
            continue
        first = np.flatnonzero(rows & ~right)[0]
        yield not_yet(
            label,
            points,
            _why_not_tidy(ha[rows & ~right], raw["value"][rows & ~right]),
            called=f"the reading {raw['value'][first]!r} in {raw['unit'][first]!r}",
            got=f"{ha[first]:.4g}",
            expected=f"{truth['value'][first]:.4g}",
        )
    yield from _below_the_limit(ha, flag, below, right, raw)


def _why_not_tidy(got: np.ndarray, text: pd.Series) -> str:
    typed = pd.to_numeric(text.str.strip().str.replace(",", "."), errors="coerce").to_numpy()
    if np.isnan(got).all():
        return "These became NaN: the text was not turned into a number."
    return (
        recognised(got, wrong.logarithms(typed), rtol=0.01)
        or f"{len(got)} of these are not what was meant."
    )


def _below_the_limit(
    ha: np.ndarray, flag: np.ndarray, below: np.ndarray, right: np.ndarray, raw: pd.DataFrame
) -> Iterator[Part]:
    label = "readings below the limit"
    text = raw["value"]
    if right[~below].mean() < 0.05:
        yield not_yet(label, 1, "Looked at once some of the other readings are right.")
        return
    if any(value is ... for value in flag):
        yield Part(label, Outcome.NOT_ATTEMPTED, 0, 1, "The column `censored` is still three dots.")
        return
    try:
        flagged = np.array([bool(value) for value in flag])
    except (TypeError, ValueError):
        flagged = np.zeros(len(below), dtype=bool)
    if (flagged != below).any():
        blanks = int((flagged[below] < text[below].str.startswith(" ").to_numpy()).sum())
        yield not_yet(
            label,
            1,
            f"{blanks} readings have a blank before the '<': strip first, then look."
            if (flagged == text.str.startswith("<").to_numpy()).all()
            else "`censored` should be True where the text begins with '<', and False elsewhere.",
            got=f"{int(flagged.sum())} marked",
            expected=f"{int(below.sum())} marked",
        )
    elif right[below].all():
        yield passed(label, 1, f"{below.sum()} readings kept at the limit and marked.")
    else:
        off = below & ~right
        first = np.flatnonzero(off)[0]
        yield not_yet(
            label,
            1,
            "Marked, but " + wrong.limits(ha[off], text[off], raw["unit"][off]),
            earned=0.5,
            called=f"the reading {text[first]!r} in {raw['unit'][first]!r}",
            got=f"{ha[first]:.4g}",
            expected="the limit in log10, and `censored` True",
        )


# Exercise 3 -------------------------------------------------------------------------------

_RULES_FOR = {
    "clock": ("clocks", 0.5, "When was the sample analysed, and when was it taken?"),
    "duplicate": ("entered twice", 1.0, "Which sample and analyte occur more than once?"),
    "slip": (
        "slips of unit and of decimal point",
        2.0,
        "A slip is a factor: divide each value by what is usual for this analyte at this time.",
    ),
    "dilution": (
        "wrong dilutions",
        1.5,
        "HA and TCID50 are logarithms: 7 and 9 are a factor of 100, and their ratio is 1.3. What "
        "is their difference from usual?",
    ),
    "swap": (
        "swapped samples",
        1.0,
        "What can not be at this time of a batch? No virus before infection, plenty after it.",
    ),
}
_WITHOUT_A_LIMIT = ("clock", "duplicate")
_A_LIMIT = "how far from usual these lie, beside your limit"


@exercise("Exercise 3 · Find what can not be", points=6)
def errors(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``find_errors``: at least 95 % of the planted errors, at most 2 % false alarms."""
    function = answers.function("find_errors")
    export = material.export(plant_seed)
    samples, kind = export.samples, export.kind
    alarm = handed.alarms(handed.errors_asked(function, samples), samples)
    found = alarm.copy()
    # Of two rows that are the same sample, nobody can say which one came first.
    found[export.other.index] |= alarm[export.other].to_numpy()
    false = alarm & (kind == "")
    false_share = false.sum() / (kind == "").sum()
    if why := wrong.rules(alarm, samples):
        yield not_yet("how the errors are looked for", 0, why)
    few = false_share <= FALSE_ALARM_SHARE
    # Near the mark one digit would not say on which side of it.
    digits = 2 if abs(false_share - FALSE_ALARM_SHARE) < 0.001 else 1
    text = f"{false_share:.{digits}%} of the sound rows are called errors."
    if few:
        yield passed("false alarms", 0, text)
    else:
        at_most = f"at most {FALSE_ALARM_SHARE:.0%}"
        yield not_yet("false alarms", 0, text + wrong.most_alarms(samples[false]), expected=at_most)
    for name, (label, points, look_at) in _RULES_FOR.items():
        rows = kind == name
        share = found[rows].mean()
        text = f"{share:.0%} of {rows.sum()} found."
        # These two rules have no limit that could be too tight.
        free = name in _WITHOUT_A_LIMIT
        counts = few or (free and false_share < FLOOD_SHARE)
        if share >= FOUND_SHARE and counts:
            yield passed(label, points, text)
        elif share >= FOUND_SHARE:
            at = f"less than {FLOOD_SHARE:.0%}" if free else f"at most {FALSE_ALARM_SHARE:.0%}"
            text += f" They count once {at} of the sound rows are called errors."
            yield not_yet(label, points, text)
        else:
            half = points / 2 if share >= 0.5 and counts else 0.0
            if not free:
                text += wrong.missed(samples, rows & ~found)
            # Who finds half of them has the rule, and needs no lecture on it: except where
            # a titre's ratio finds some by chance.
            lecture = free or share < 0.5
            lecture |= name == "dilution" and wrong.by_ratio(alarm, samples)
            shown = look_at if lecture else _A_LIMIT
            yield not_yet(label, points, text, earned=half, look_at=shown)


# Exercise 4 -------------------------------------------------------------------------------

_GAPS = (
    ("seen: among the samples that were taken", 0.5),
    ("real: at harvest, all batches", 1.0),
    ("chosen: week-end batches, sampled against not", 1.5),
)


@exercise("Exercise 4 · What is missing", points=3)
def weekends(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``gaps`` on the plant's table, and on one in which the three are large and unlike."""
    function = answers.function("gaps")
    tables = campaign.run(seed=plant_seed).tables
    table = material.at_48h(tables["samples_tidy"], tables["batches"], tables["harvest_assays"])
    made_up = material.made_up_48h(table)
    pair = (table, made_up)
    got = [
        handed.three(function(table.copy(), shown="at_48h")),
        handed.three(function(made_up.copy(), shown="a table that is made up")),
    ]
    for k, (label, points) in enumerate(_GAPS):
        right = [wrong.gaps(one)[k] for one in pair]
        known = wrong.on_all([wrong.differences(one, k) for one in pair])
        values = [three[k] for three in got]
        yield from guarded(label, points, _gap(label, points, values, right, known))


def _gap(
    label: str,
    points: float,
    values: Sequence[Any],
    truth: Sequence[float],
    known: wrong.Wrong,
) -> Iterator[Part]:
    name = label.partition(":")[0]
    values = [number(value, name) for value in values]
    close = {"rtol": 0, "atol": GAP_TOLERANCE_LOG10}
    if np.allclose(values, truth, **close):
        yield passed(label, points, f"{values[0]:+.3f} log10.")
    elif np.allclose(values, np.negative(truth), **close):
        order = "sampled minus not sampled" if name == "chosen" else "week-end minus week-day"
        why = f"Right size, wrong sign: take {order}."
        yield not_yet(label, points, why, earned=points / 2)
    else:
        why = recognised(values, known, **close)
        if not why and np.isclose(values[0], truth[0], **close):
            why = (
                "Right for this table, but not for the second one. Is it worked out from the table "
                "that the function is given, and from the right rows?"
            )
        shown = " and ".join(f"{value:+.3f}" for value in values)
        why = why or "Not the difference that was asked for."
        yield not_yet(label, points, why, got=f"{shown} (the plant, the table that is made up)")


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · The ceiling", points=5)
def ceiling(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``components`` beside the reference on many tables, and ``r2_ceiling``."""
    yield from guarded("components", 3, _components(answers, plant_seed))
    yield from guarded("r2_ceiling", 2, _r2_ceiling(answers))


def _components(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Let the assay scatter twice as much: what is wrong by a small part is then far off."""
    function = answers.function("components")
    assays = material.harvest_assays(plant_seed)
    own = handed.two_numbers(function(assays.copy(), shown="assays"), function.name)
    truth = material.true_variances(plant_seed)
    asked, got, right = [], [], []
    for shown, other in _SCATTER.items():
        tables, _ = material.assayed_again(plant_seed, LOUD_TABLES, **other)
        asked.append(tables)
        right.append([wrong.variances(table) for table in tables])
        got.append(
            [handed.two_numbers(function(t.copy(), shown=shown), function.name) for t in tables]
        )
    mine, reference = np.array(got), np.array(right)  # kind, table, variance
    off = mine.mean(axis=1) / reference.mean(axis=1) - 1
    labels = (("variance between batches", 2.0), ("variance of the assay", 1.0))
    for k, (label, points) in enumerate(labels):
        worst = int(np.argmax(np.abs(off[:, k])))
        if abs(off[worst, k]) <= VARIANCE_TOLERANCE:
            text = f"{own[k]:.4f}, a standard deviation of {max(own[k], 0) ** 0.5:.2f}; in truth "
            yield passed(label, points, f"{text}{truth[k]:.4f}.")
            continue
        slip = _known_variance(asked, mine[:, :, k], reference[:, :, 1 - k])
        yield not_yet(
            label,
            points,
            slip or "Not the variance that was asked for.",
            called=f"components on {LOUD_TABLES} tables: {list(_SCATTER)[worst]}",
            got=f"{mine[worst, :, k].mean():.4f} on average; {own[k]:.4f} for the table `assays`",
            expected=f"{reference[worst, :, k].mean():.4f} on average",
        )


_SCATTER = {
    "the same batches, by an assay that scatters twice as much": {"noise": LOUD},
    "another plant, whose batches differ more": {"alike": True},
}
"""What is wrong by a small part is far off on the one, and a constant on one of the two."""


def _known_variance(
    asked: Sequence[Sequence[pd.DataFrame]], mine: np.ndarray, other: np.ndarray
) -> str:
    """Say which wrong answer these are in all tables of both kinds, or nothing."""
    if np.ptp(mine) == 0:
        return "This is one number for all tables. Work it out from the table that is given."
    some = slice(ENOUGH_TO_KNOW)
    tables = [table for kind in asked for table in kind[some]]
    known = wrong.on_all([wrong.components(table) for table in tables])
    swapped = "These two are swapped: give first the variance between batches."
    known.append((other[:, some].ravel(), swapped))
    return recognised(mine[:, some].ravel(), known)


_ROUND = ((0.02, 0.05), (0.06, 0.02), (0.03, 0.03))


def _r2_ceiling(answers: Answers) -> Iterator[Part]:
    """Compare with the formula on round numbers."""
    function = answers.function("r2_ceiling")
    batch, assay = np.array(_ROUND).T
    for label, points, n in (
        ("ceiling with one assay", 0.5, 1),
        ("ceiling with the mean of four", 1.5, 4),
    ):
        got = [number(function(b, a, n, shown=f"{b}, {a}, {n}"), function.name) for b, a in _ROUND]
        truth = batch / (batch + assay / n)
        if np.allclose(got, truth, rtol=0, atol=CEILING_TOLERANCE):
            yield passed(label, points)
            continue
        known = recognised(got, wrong.ceilings(batch, assay, n), rtol=0.01)
        k = int(np.argmax(np.abs(got - truth)))
        yield not_yet(
            label,
            points,
            known or "Not the share of the batches in what is measured.",
            called=f"r2_ceiling({batch[k]}, {assay[k]}, {n})",
            got=f"{got[k]:.3f}",
            expected=f"{truth[k]:.3f}",
        )


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · A promise that holds", points=4)
def promise(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``ten_best``: the ten names, then what is promised for them."""
    function = answers.function("ten_best")
    assays = material.harvest_assays(plant_seed)
    ids, promised = handed.ten(function, assays, "assays")
    why = _not_the_ten(assays, ids)
    if why:
        expected = "the ten highest in replicate 1"
        yield not_yet("ten batches", 0.5, why, expected=expected, got=", ".join(ids))
        yield not_yet(_THE_PROMISE, 3.5, "Looked at once the ten are right.")
        return
    yield passed("ten batches", 0.5, "Chosen by their first assay.")
    yield from guarded(_THE_PROMISE, 3.5, _kept(function, plant_seed, (assays, ids, promised)))


_THE_PROMISE = "the promise against the truth"
Promised = tuple[pd.DataFrame, list[str], float]
"""A table, the ten that were chosen from it, what was promised."""


def _kept(function: Function, plant_seed: int, first: Promised) -> Iterator[Part]:
    """Ask for promises from many tables: luck averages out, and what is left is the bias."""
    promised = number(first[2], function.name)
    asked, off = [first], {}
    for shown, other in _FAMILIES.items():
        tables, truth = material.assayed_again(plant_seed, **other)
        these = [_promised(function, table, shown) for table in tables]
        off[shown] = np.mean([given - truth[ids].mean() for _, ids, given in these])
        asked += these
    worst = max(off, key=lambda shown: abs(off[shown]))
    # Near the mark two digits would not say on which side of it.
    near = any(abs(abs(gap) - PROMISE_TOLERANCE_LOG10) < 0.005 for gap in off.values())
    digits = 3 if near else 2
    found = ", ".join(
        f"{round(gap, digits) + 0.0:+.{digits}f} log10 ({shown})" for shown, gap in off.items()
    )
    slip = _known_promise(asked)
    if abs(off[worst]) <= PROMISE_TOLERANCE_LOG10 and not slip:
        text = f"Promised {promised:.2f}. On average over many tables it is off by {found}."
        yield passed(_THE_PROMISE, 3.5, text)
        return
    side = "much" if off[worst] > 0 else "little"
    yield not_yet(
        _THE_PROMISE,
        3.5,
        slip or f"It promises too {side}, most of all here: {worst}.",
        got=f"on average over many tables off by {found}",
        expected=f"the mean HA, within ± {PROMISE_TOLERANCE_LOG10} of what the ten hold, on "
        "average, in each kind of table",
        look_at="which readings know nothing of the choice?",
    )


_FAMILIES = {
    "the same batches, assayed anew": {},
    "another plant": {"alike": True},
    f"only {material.FEW} batches": {"few": material.FEW},
}


def _known_promise(asked: Sequence[Promised]) -> str:
    """Say which wrong answer these promises are on all tables, or nothing."""
    given = [promised for *_, promised in asked]
    some = slice(ENOUGH_TO_KNOW)
    known = wrong.on_all([wrong.promises(table, ids) for table, ids, _ in asked[some]])
    if slip := recognised(given[some], known):
        return slip
    first = [
        table.loc[(table["replicate"] == 1) & table["batch_id"].isin(ids), HA_COLUMN].mean()
        for table, ids, _ in asked
    ]
    return wrong.luck_as_a_constant(given, first)


def _promised(function: Function, table: pd.DataFrame, shown: str) -> Promised:
    ids, promised = handed.ten(function, table, shown)
    why = _not_the_ten(table, ids)
    if why:
        raise Stop(
            Outcome.NOT_YET,
            f"Right for `assays`, but not for another table: {why[0].lower()}{why[1:]} Work the "
            "ten out from the table that the function is given.",
            called=f"{function.name}({shown})",
        )
    return table, ids, number(promised, function.name)


def _not_the_ten(assays: pd.DataFrame, ids: list[str]) -> str:
    """Say why these are not the ten, or nothing."""
    if material.are_highest(assays, ids):
        return ""
    means = assays.groupby("batch_id")[HA_COLUMN].mean()
    if np.isclose(means[ids].sum(), means.nlargest(10).sum()):
        return (
            "These are best by the mean of all four assays. Choose by the first alone, as a plant "
            "with one assay a batch would: the luck that you have to see through is in there."
        )
    return "Some other batches have a higher first assay."
