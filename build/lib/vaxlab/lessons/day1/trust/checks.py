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
from vaxlab.checks.reading import describe, number, recognised, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.trust import material, wrong
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

_PAIRS = ((2.4, 2.1), (2.55, 1.8), (1.95, 1.8))


@exercise("Exercise 1 · Twins", points=2)
def twins(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``antigen_ratio``: HA is a logarithm, so a difference is a ratio."""
    ratio = answers.function("antigen_ratio")
    yield from guarded("two batches", 1, _two_batches(ratio))
    yield from guarded("whole columns", 1, _two_columns(ratio, plant_seed))


def _two_batches(ratio: Function) -> Iterator[Part]:
    """Ask about pairs of numbers, the richer one first."""
    got = [number(ratio(a, b, shown=f"{a}, {b}"), ratio.name) for a, b in _PAIRS]
    a, b = np.array(_PAIRS).T
    if np.allclose(got, 10 ** (a - b), rtol=0.01):
        yield passed("two batches", 1, "0.3 on this scale is a factor of two.")
        return
    known = recognised(got, wrong.ratios(a, b), rtol=0.01)
    k = int(np.argmax(np.abs(got - 10 ** (a - b))))
    yield not_yet(
        "two batches",
        1,
        known or "Not how many times more the richer one holds.",
        called=f"antigen_ratio({a[k]}, {b[k]})",
        got=f"{got[k]:.3g}",
        expected=f"{10 ** (a[k] - b[k]):.3g}",
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
    elif np.allclose(np.maximum(got, 1 / got), truth, rtol=0.01):
        why = "Right in one order of the two batches, but below 1 in the other."
        yield not_yet(label, 1, why, earned=0.5, look_at="abs()", **shown)
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
    ha, flag = _ha_and_flag(answer, raw)
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
    yield from _below_the_limit(ha, flag, below, right, raw["value"])


def _ha_and_flag(answer: Any, raw: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
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


def _why_not_tidy(got: np.ndarray, text: pd.Series) -> str:
    typed = pd.to_numeric(text.str.strip().str.replace(",", "."), errors="coerce").to_numpy()
    if np.isnan(got).all():
        return "These became NaN: the text was not turned into a number."
    return (
        recognised(got, wrong.logarithms(typed), rtol=0.01)
        or f"{len(got)} of these are not what was meant."
    )


def _below_the_limit(
    ha: np.ndarray, flag: np.ndarray, below: np.ndarray, right: np.ndarray, text: pd.Series
) -> Iterator[Part]:
    label = "readings below the limit"
    if right[~below].mean() < 0.05:
        yield not_yet(label, 1, "Looked at once some of the other readings are right.")
        return
    try:
        flagged = np.array([bool(value) for value in flag])
    except (TypeError, ValueError):
        flagged = np.zeros(len(below), dtype=bool)
    values = ha[below]
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
        why = "Marked, but their value is not the limit that the text gives."
        if np.isnan(values).any():
            why = "Marked, but their value is NaN: means now leave them out, and read too high."
        elif np.isclose(values, 0).any():
            why = "Marked, but set to 0: on a log scale 0 is one unit, not nothing."
        yield not_yet(label, 1, why, earned=0.5, expected="value = the limit, censored = True")


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
    alarm = _alarms(function(samples.copy(), shown="samples"), samples)
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


def _alarms(answer: Any, samples: pd.DataFrame) -> pd.Series:
    """Read an answer as one flag a row: flags, or the rows themselves."""
    if isinstance(answer, pd.DataFrame):
        if answer.index.isin(samples.index).all() and len(answer) < len(samples):
            return pd.Series(samples.index.isin(answer.index), index=samples.index)
        raise Stop(
            Outcome.NOT_YET,
            "`find_errors` should give one True or False a row, not a table.",
            got=describe(answer),
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
        _three(function(table.copy(), shown="at_48h")),
        _three(function(made_up.copy(), shown="a table that is made up")),
    ]
    for k, (label, points) in enumerate(_GAPS):
        right = [wrong.gaps(one)[k] for one in pair]
        known = wrong.on_all([wrong.differences(one, k) for one in pair])
        values = [three[k] for three in got]
        yield from guarded(label, points, _gap(label, points, values, right, known))


def _three(answer: Any) -> Sequence[Any]:
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
    own = _two_numbers(function(assays.copy(), shown="assays"), function.name)
    tables, _ = material.assayed_again(plant_seed, LOUD_TABLES, noise=LOUD)
    shown = "the same batches, assayed anew"
    got = [_two_numbers(function(table.copy(), shown=shown), function.name) for table in tables]
    right = [wrong.variances(table) for table in tables]
    truth = material.true_variances(plant_seed)
    labels = (("variance between batches", 2.0), ("variance of the assay", 1.0))
    for k, (label, points) in enumerate(labels):
        mine, reference = [pair[k] for pair in got], [pair[k] for pair in right]
        if abs(np.mean(mine) / np.mean(reference) - 1) <= VARIANCE_TOLERANCE:
            text = f"{own[k]:.4f}, a standard deviation of {max(own[k], 0) ** 0.5:.2f}; in truth "
            yield passed(label, points, f"{text}{truth[k]:.4f}.")
            continue
        some = slice(ENOUGH_TO_KNOW)
        known = wrong.on_all([wrong.components(table) for table in tables[some]])
        swapped = "These two are swapped: give first the variance between batches."
        known.append((np.array([pair[1 - k] for pair in right[some]]), swapped))
        slip = recognised(mine[some], known)
        yield not_yet(
            label,
            points,
            slip or "Not the variance that was asked for.",
            called=f"components on {len(tables)} tables, in which an assay scatters twice as much",
            got=f"{np.mean(mine):.4f} on average; {own[k]:.4f} for the table `assays`",
            expected=f"{np.mean(reference):.4f} on average",
        )


def _two_numbers(answer: Any, name: str) -> list[float]:
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
    ids, promised = _chosen(function, assays, "assays")
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
    ids, promised = _chosen(function, table, shown)
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


def _chosen(function: Function, assays: pd.DataFrame, shown: str) -> tuple[list[str], Any]:
    """Ask for ten names and a promise."""
    answer = function(assays.copy(), shown=shown)
    try:
        chosen, promised = answer
        if isinstance(chosen, pd.Series) and chosen.index.isin(assays["batch_id"]).all():
            chosen = chosen.index  # as `nlargest` leaves them
        ids = [str(batch) for batch in chosen]
    except (TypeError, ValueError):
        raise Stop(
            Outcome.NOT_YET,
            "`ten_best` should give two things: ten batch names, and one number.",
            got=describe(answer),
        ) from None
    if len(ids) != 10 or len(set(ids)) != 10 or not set(ids) <= set(assays["batch_id"]):
        raise Stop(
            Outcome.NOT_YET,
            "Name ten different batches, as they are called in the table.",
            got=f"{len(set(ids))} names, such as {ids[:2]}",
        )
    return ids, promised
