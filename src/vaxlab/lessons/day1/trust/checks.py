"""Checks of day 1, notebook 1: the numbers that a model would learn from.

Each check runs the learner's function on a plant made from ``plant_seed``: the history
that the learner sees, and in grading another six years of the same plant. The truth is
simulated here, in the process that checks, and stands in no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from vaxlab import figures
from vaxlab.checks.exercise import Answers, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, named, number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.plant import campaign

# Measured on eighteen plants, see tests/lessons/day1/test_trust.py for the table.
FOUND_SHARE = 0.95
FALSE_ALARM_SHARE = 0.01
VARIANCE_TOLERANCE = 0.12  # relative, between right estimators on the same table
CEILING_TOLERANCE = 0.01
PROMISE_TOLERANCE_LOG10 = 0.10
GAP_TOLERANCE_LOG10 = 0.005  # the same sums on the same table: rounding only


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · Twins", points=2)
def twins(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``antigen_ratio``: HA is a logarithm, so a difference is a ratio."""
    ratio = answers.function("antigen_ratio")
    got = number(ratio(2.4, 2.1, shown="2.4, 2.1"), ratio.name)
    example = {"called": "antigen_ratio(2.4, 2.1)", "got": f"{got:.3g}", "expected": "2.00"}
    if np.isclose(got, 10**0.3, rtol=0.01):
        yield passed("two batches", 1, "0.3 on this scale is a factor of two.")
    else:
        wrong = {
            2.4 / 2.1: "You divided the logarithms. Equal steps of a logarithm are equal *ratios*: "
            "first subtract, then undo the logarithm.",
            0.3: "This is the difference of the logarithms. Undo the logarithm to get the ratio.",
            np.exp(0.3): "HA is a logarithm to the base 10, not to the base e.",
            2**0.3: "HA is given as log10, not as a number of two-fold dilutions.",
            10**-0.3: "This is the poorer over the richer. The exercise asks for the richer over "
            "the poorer, which is never below 1.",
        }
        message = named(got, wrong, "Compare 10 ** 2.4 with 10 ** 2.1.")
        yield not_yet("two batches", 1, message, **example)
    pairs = _two_columns(plant_seed)
    answer = series(ratio(pairs["a"], pairs["b"], shown="two columns of readings"), pairs.index)
    truth = 10 ** (pairs["a"] - pairs["b"]).abs()
    label = "whole columns, whichever batch comes first"
    if np.allclose(answer, truth, rtol=0.01):
        yield passed(label, 1)
    elif np.allclose(np.maximum(answer, 1 / answer), truth, rtol=0.01):
        low, high = (2.1, 2.4) if np.isclose(got, 10**0.3, rtol=0.01) else (2.4, 2.1)
        yield not_yet(
            label,
            1,
            "Right in one order of the two batches, but below 1 in the other.",
            earned=0.5,
            called=f"antigen_ratio({low}, {high})",
            expected="2.00",
            look_at="abs()",
        )
    else:
        worst = (answer - truth).abs().idxmax()
        yield not_yet(
            label,
            1,
            "Not right for every pair.",
            called=f"antigen_ratio({pairs.loc[worst, 'a']:.2f}, {pairs.loc[worst, 'b']:.2f})",
            got=f"{answer[worst]:.3g}",
            expected=f"{truth[worst]:.3g}",
        )


def _two_columns(plant_seed: int) -> pd.DataFrame:
    """Return the readings of half of all batches beside those of the other half."""
    readings = _campaign(plant_seed).tables["batches"]["ha_at_harvest_log10_per_100ul"].to_numpy()
    half = len(readings) // 2
    pairs = pd.DataFrame({"a": readings[:half], "b": readings[half : 2 * half]})
    return pairs.dropna()  # a reading below the limit has no ratio


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · One column that can be used", points=4)
def tidy(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``tidy_ha``: text, two units and readings below the limit become numbers."""
    function = answers.function("tidy_ha")
    tables = _campaign(plant_seed).tables
    raw = tables["samples"].query("analyte == 'ha'").reset_index(drop=True)
    truth = tables["samples_tidy"].set_index("row_id").loc[raw["row_id"]].reset_index(drop=True)
    answer = function(raw.copy(), shown="the HA rows of the LIMS export")
    if not isinstance(answer, pd.DataFrame) or not {"ha", "censored"} <= set(answer.columns):
        yield not_yet(
            "a table with the columns ha and censored",
            4,
            "`tidy_ha` should give a DataFrame with the two columns `ha` and `censored`.",
            got=describe(answer),
        )
        return
    if len(answer) != len(raw) or not answer.index.equals(raw.index):
        lost = len(raw) - len(answer)
        yield not_yet(
            "one row a reading",
            4,
            "Readings below the limit are data: they say that there was little. Keep each row, "
            "in its place, and mark it."
            if lost > 0
            else "Give one row for each row that came in, with the same index.",
            got=f"{len(answer)} rows",
            expected=f"{len(raw)} rows, same index",
        )
        return
    if answer["ha"].iloc[0] is ...:
        yield Part("ha", Outcome.NOT_ATTEMPTED, 0, 4, "The column `ha` is still three dots.")
        return
    ha = pd.to_numeric(answer["ha"], errors="coerce").to_numpy(dtype=float)
    flag = answer["censored"].to_numpy()
    below = truth["censored"].to_numpy(dtype=bool)
    linear = (raw["unit"] == "HAU/100 uL").to_numpy()
    typed = raw["value"].str.contains(",").to_numpy() | (raw["value"] != raw["value"].str.strip())
    right = np.isclose(ha, truth["value"], atol=0.03)
    kinds = [
        ("readings in log10, plainly typed", ~below & ~linear & ~typed.astype(bool)),
        ("decimal commas and stray blanks", ~below & ~linear & typed.astype(bool)),
        ("readings in HA units", ~below & linear),
    ]
    for label, rows in kinds:
        if right[rows].all():
            yield passed(label, 1, f"{rows.sum()} readings.")
            continue
        first = np.flatnonzero(rows & ~right)[0]
        yield not_yet(
            label,
            1,
            _why_not_tidy(ha[rows & ~right], raw["value"][rows & ~right]),
            called=f"the reading {raw['value'][first]!r} in {raw['unit'][first]!r}",
            got=f"{ha[first]:.4g}",
            expected=f"{truth['value'][first]:.4g}",
        )
    yield from _below_the_limit(ha, flag, below, right, raw["value"])


def _why_not_tidy(got: np.ndarray, text: pd.Series) -> str:
    number = pd.to_numeric(text.str.strip().str.replace(",", "."), errors="coerce").to_numpy()
    if np.isnan(got).all():
        return "These became NaN: the text was not turned into a number."
    if np.allclose(got, number, rtol=0.01):
        return "These stayed in HA units. A table has one unit a column: take the logarithm."
    if np.allclose(got, np.log(number), rtol=0.01):
        return "This is the natural logarithm. HA is reported as log10."
    if np.allclose(got, np.log10(number), rtol=0.01):
        return "These were logarithms already. Only the readings in HA units need one."
    return "Some of these are not the number that was meant."


def _below_the_limit(
    ha: np.ndarray, flag: np.ndarray, below: np.ndarray, right: np.ndarray, text: pd.Series
) -> Iterator[Part]:
    label = "readings below the limit"
    try:
        flagged = np.array([bool(value) for value in flag])
    except (TypeError, ValueError):
        flagged = np.zeros(len(below), dtype=bool)
    flags_right = bool((flagged == below).all())
    values = ha[below]
    if flags_right and right[below].all():
        yield passed(label, 1, f"{below.sum()} readings kept at the limit and marked.")
    elif flags_right:
        if np.isnan(values).any():
            why = (
                "Marked, but their value is NaN: any mean now leaves them out, and reads too high."
            )
        elif np.isclose(values, 0).any():
            why = "Marked, but set to 0: on a log scale 0 is one unit, not nothing."
        else:
            why = "Marked, but their value is not the limit that the text gives."
        yield not_yet(label, 1, why, earned=0.5, expected="value = the limit, censored = True")
    else:
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


# Exercise 3 -------------------------------------------------------------------------------

_KINDS = {
    "clock": ("clocks", 1.0, "When was the sample analysed, and when was it taken?"),
    "duplicate": ("entered twice", 1.0, "Which sample and analyte occur more than once?"),
    "slip": (
        "slips of unit and of decimal point",
        2.0,
        "A slip is a factor: divide each value by what is usual for this analyte at this time.",
    ),
    "swap": (
        "swapped samples",
        1.0,
        "What can not be at this time of a batch? No virus before infection, plenty after it.",
    ),
}


@exercise("Exercise 3 · Find what can not be", points=6)
def errors(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``find_errors``: at least 95 % of the planted errors, at most 1 % false alarms."""
    function = answers.function("find_errors")
    plant = _campaign(plant_seed)
    samples = plant.tables["samples_tidy"].reset_index(drop=True)
    planted = plant.truth["errors"]
    alarm = _alarms(function(samples.copy(), shown="samples"), samples)
    row_ids = samples["row_id"].to_numpy()
    alarmed = set(row_ids[alarm])
    # Of two rows that are the same sample, nobody can say which one came first.
    either = planted.dropna(subset=["original_row_id"])
    original = dict(zip(either["row_id"], either["original_row_id"].astype(int), strict=True))
    innocent = set(row_ids) - set(planted["row_id"]) - set(original.values())
    found = planted["row_id"].map(lambda row: row in alarmed or original.get(row) in alarmed)
    false_share = len(alarmed & innocent) / len(innocent)
    kind = planted["kind"].replace({"unit_slip": "slip", "decimal_slip": "slip"})
    # What the first two rules find has its reason; is the rest one limit for all times?
    late = samples["analysed_at"] < samples["sampled_at"]
    rest = alarm & ~(late | samples.duplicated(["sample_id", "analyte"])).to_numpy()
    by_analyte = samples.groupby("analyte")["value"]
    z = (samples["value"] - by_analyte.transform("mean")) / by_analyte.transform("std")
    if rest.any() and (z[rest].abs() > 2).all():
        yield not_yet(
            "how the errors are looked for",
            0,
            "These are the values that lie far from the mean of their analyte. The errors "
            "themselves stretch that mean and its standard deviation, and what is usual before "
            "infection is not usual after it. Compare with the same day of other batches.",
        )
    if not alarm.any():
        yield not_yet(
            "your rules",
            0,
            "No row was called an error. Two comparisons are joined with brackets around each: "
            "`(a > 4) | (b < 2)`.",
        )
    few_alarms = false_share <= FALSE_ALARM_SHARE
    for name, (label, points, look_at) in _KINDS.items():
        share = found[kind == name].mean()
        text = f"{share:.0%} of {int((kind == name).sum())} found."
        # The rules for clocks and double entries have no limit that could be too tight.
        counts = few_alarms or (name in ("clock", "duplicate") and false_share < 0.2)
        if share >= FOUND_SHARE and counts:
            yield passed(label, points, text)
        elif share >= FOUND_SHARE:
            yield not_yet(label, points, f"{text} They count once there are few false alarms.")
        else:
            half = points / 2 if share >= 0.5 and counts else 0.0
            yield not_yet(label, points, text, earned=half, look_at=look_at)
    label = "few false alarms"
    text = f"{false_share:.1%} of the sound rows called errors."
    if not few_alarms:
        sound = samples[alarm & samples["row_id"].isin(innocent).to_numpy()]
        most = sound["analyte"].mode()[0]
        share = (sound["analyte"] == most).mean()
        why = (
            f" Somebody has to look at each of them. {share:.0%} of them are readings of "
            f"{most}: widen its limit, or judge each day of a batch by itself."
        )
        yield not_yet(label, 1, text + why, expected=f"at most {FALSE_ALARM_SHARE:.0%}")
    elif found.mean() < 0.2:
        yield not_yet(label, 1, text + " That counts once at least a fifth of the errors is found.")
    else:
        yield passed(label, 1, text)


def _alarms(answer: Any, samples: pd.DataFrame) -> np.ndarray:
    """Read an answer as one flag a row: flags, or the index labels of the rows."""
    if isinstance(answer, pd.DataFrame):
        if answer.index.isin(samples.index).all() and len(answer) < len(samples):
            return samples.index.isin(answer.index)
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
    return flags.astype(bool).to_numpy()


# Exercise 4 -------------------------------------------------------------------------------


def _table_at_48_h(
    samples: pd.DataFrame, batches: pd.DataFrame, assays: pd.DataFrame
) -> pd.DataFrame:
    """Lay out what exercise 4 looks at, one row a batch.

    Parameters
    ----------
    samples, batches, assays : DataFrame
        ``samples_tidy``, ``batches`` and ``harvest_assays`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; ``weekend`` (the 48 h sample was due on a Saturday or Sunday),
        ``ha_48h`` (log10 HA units per 100 µL, NaN where no sample was taken) and
        ``ha_harvest`` (mean of the quality laboratory's four assays).
    """
    due = batches.set_index("batch_id")["infected_at"] + pd.Timedelta(hours=48)
    harvested = samples["batch_id"].map(batches.set_index("batch_id")["harvested_at"])
    before = samples["sampled_at"] < harvested - pd.Timedelta(hours=1)
    day_2 = samples["hours_after_infection"].between(47, 49) & before
    ha = samples[(samples["analyte"] == "ha") & day_2]
    ha = ha[ha["value"].between(0.8, 4)]  # the rest are slips and swaps, see exercise 3
    return pd.DataFrame(
        {
            "weekend": due.dt.day_of_week >= 5,
            "ha_48h": ha.groupby("batch_id")["value"].first().reindex(due.index),
            "ha_harvest": assays.groupby("batch_id")["ha_log10_per_100ul"].mean(),
        }
    )


@exercise("Exercise 4 · What is missing", points=3)
def weekends(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``gaps``: the seen gap, the real gap, and how the sampled ones were chosen."""
    function = answers.function("gaps")
    tables = _campaign(plant_seed).tables
    table = _table_at_48_h(tables["samples_tidy"], tables["batches"], tables["harvest_assays"])
    answer = function(table.copy(), shown="at_48h")
    if hasattr(answer, "keys") and set(answer.keys()) == {"seen", "real", "chosen"}:
        answer = [answer[name] for name in ("seen", "real", "chosen")]
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    values = list(answer) if isinstance(answer, tuple | list) else list(np.ravel(answer))
    if len(values) != 3:
        yield not_yet(
            "three numbers",
            3,
            "`gaps` should give three numbers: seen, real, chosen.",
            got=describe(answer),
        )
        return
    weekend, taken = table["weekend"], table["ha_48h"].notna()
    harvest, seen = table["ha_harvest"], table["ha_48h"]
    truths = [
        ("seen: among the samples that were taken", seen[weekend].mean() - seen[~weekend].mean()),
        ("real: at harvest, all batches", harvest[weekend].mean() - harvest[~weekend].mean()),
        (
            "chosen: week-end batches, sampled against not",
            harvest[weekend & taken].mean() - harvest[weekend & ~taken].mean(),
        ),
    ]
    zeros = seen.fillna(0)
    wrong = {
        zeros[weekend].mean() - zeros[~weekend].mean(): "A missing sample was counted as 0. "
        "Missing is not zero: nobody looked.",
        harvest[weekend & taken].mean() - harvest[~weekend & taken].mean(): "Only batches with a "
        "48 h sample were counted here. At harvest every batch was assayed: use all of them.",
        harvest[taken].mean() - harvest[~taken].mean(): "All days together were counted here. Ask "
        "for the week-end batches only.",
    }
    for k, ((label, truth), value) in enumerate(zip(truths, values, strict=True)):
        others = {other: name for j, (name, other) in enumerate(truths) if j != k}
        yield from guarded(label, 1, _gap(label, truth, value, others, wrong))


def _gap(
    label: str, truth: float, value: Any, others: dict[float, str], wrong: dict[float, str]
) -> Iterator[Part]:
    name = label.partition(":")[0]
    value = number(value, name)
    if np.isclose(value, truth, atol=GAP_TOLERANCE_LOG10):
        yield passed(label, 1, f"{value:+.3f} log10.")
    elif np.isclose(value, -truth, atol=GAP_TOLERANCE_LOG10):
        order = "sampled minus not sampled" if name == "chosen" else "week-end minus week-day"
        yield not_yet(label, 1, f"Right size, wrong sign: take {order}.", earned=0.5)
    else:
        swapped = {
            gap: f"This is `{of.partition(':')[0]}`. Give seen, real, chosen in this order."
            for gap, of in others.items()
        }
        message = named(
            value, wrong | swapped, "Not the difference that was asked for.", atol=0.003
        )
        yield not_yet(label, 1, message, got=f"{value:+.3f}")


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · The ceiling", points=5)
def ceiling(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``components`` and ``r2_ceiling`` against the plant's truth."""
    yield from guarded("components", 3, _components(answers, plant_seed))
    yield from guarded("r2_ceiling", 2, _r2_ceiling(answers))


def _components(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Compare with the estimates from the same table, and with a table that is stretched."""
    function = answers.function("components")
    plant = _campaign(plant_seed)
    assays = _assays(plant)
    pair = _two_numbers(function(assays.copy(), shown="assays"), function.name)
    batch, assay = _variances(assays)
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    one_reading = (
        "This is the variance of single readings: batch and assay together. Four readings of "
        "*one* batch differ by the assay alone."
    )
    deviation = "This is a standard deviation. Variances add up, standard deviations do not."
    swapped = "These two are swapped: give first the variance between batches."
    wrong_batch = {
        table.mean(axis=1).var(): "This is the variance of the batches' *means*. A mean of four "
        "still carries a quarter of the assay's variance: take it off.",
        table.mean(axis=1).var() - assay: "You took off the whole variance of one assay. A mean of "
        "four readings carries a quarter of it.",
        table.mean(axis=1).var() - assay / 3: "Divide by the number of readings in each mean.",
        table.stack().var(): one_reading,
        table[1].var(): one_reading,
        np.sqrt(batch): deviation,
        assay: swapped,
    }
    wrong_assay = {
        table.stack().var(): one_reading,
        np.sqrt(assay): deviation,
        table.std(axis=1).mean(): deviation,
        assay / 4: "This is the variance of a mean of four. Asked is that of one reading.",
        assay * 0.75: "Each batch's own mean uses up one of its four readings: divide by n - 1 = 3 "
        "within each batch (`ddof=1`), not by 4.",
        batch: swapped,
    }
    stretched = assays.assign(ha_log10_per_100ul=assays["ha_log10_per_100ul"] * 1.5)
    again = _two_numbers(function(stretched, shown="assays, stretched 1.5 times"), function.name)
    true_batch, true_assay = _true_variances(plant)
    for k, (label, points, right, truth, wrong) in enumerate(
        (
            ("variance between batches", 2.0, batch, true_batch, wrong_batch),
            ("variance of the assay", 1.0, assay, true_assay, wrong_assay),
        )
    ):
        # Named first: what is wrong by a small part may still lie near.
        slip = named(pair[k], wrong, "", rtol=1e-3, atol=0)
        close = abs(pair[k] / right - 1) <= VARIANCE_TOLERANCE and not slip
        if close and np.isclose(again[k], 2.25 * pair[k], rtol=0.01):
            text = f"{pair[k]:.4f}, a standard deviation of {pair[k] ** 0.5:.2f}; in truth "
            yield passed(label, points, f"{text}{truth:.4f}.")
        elif close:
            yield not_yet(
                label,
                points,
                "Right for this table, but not worked out from the table that the function is "
                "given: readings stretched 1.5 times have 2.25 times the variance.",
                got=f"{again[k] / pair[k]:.3g} times",
            )
        else:
            known = slip or named(
                pair[k], wrong, "Not the variance that was asked for.", rtol=0.03, atol=0
            )
            yield not_yet(label, points, known, got=f"{pair[k]:.4f}")


def _two_numbers(answer: Any, name: str) -> list[float]:
    try:
        values = list(answer)
    except TypeError:
        values = []
    if len(values) != 2:
        raise Stop(
            Outcome.NOT_YET,
            f"`{name}` should give two numbers: the variance between batches, then the assay's.",
            got=describe(answer),
        )
    return [number(value, name) for value in values]


def _r2_ceiling(answers: Answers) -> Iterator[Part]:
    """Compare with the formula on round numbers."""
    function = answers.function("r2_ceiling")
    batch, assay = 0.02, 0.05
    for label, n in (("ceiling with one assay", 1), ("ceiling with the mean of four", 4)):
        shown = f"{batch}, {assay}, {n}"
        value = number(function(batch, assay, n, shown=shown), function.name)
        truth = batch / (batch + assay / n)
        wrong = {
            np.sqrt(truth): "This is the correlation. R² is its square.",
            1 - truth: "This is the share of the assay. Asked is the share of the batches.",
            batch / (batch + assay): "The number of replicates does not count yet. Averaging n "
            "assays divides their variance by n.",
            batch / (batch + assay * n): "Averaging n assays *divides* their variance by n.",
            batch / ((batch + assay) / n): "Only the assay's variance is divided by n.",
            batch / batch + assay / n: "Put brackets around what stands below the line.",
            batch / assay: "This is a ratio of the two. Asked is a share of the whole.",
        }
        if abs(value - truth) <= CEILING_TOLERANCE:
            yield passed(label, 1)
        else:
            message = named(value, wrong, "Not the share of the batches in what is measured.")
            yield not_yet(
                label,
                1,
                message,
                called=f"r2_ceiling({shown})",
                got=f"{value:.3f}",
                expected=f"{truth:.3f}",
            )


def _variances(assays: pd.DataFrame) -> tuple[float, float]:
    """Estimate the variance between batches and that of one reading (analysis of variance)."""
    readings = assays.groupby("batch_id")["ha_log10_per_100ul"]
    assay = float(readings.var().mean())
    return float(readings.mean().var()) - assay / 4, assay


def _true_variances(plant: campaign.Campaign) -> tuple[float, float]:
    """Return the variances of the true harvests and of one HA reading around them."""
    assays = _assays(plant)
    truth = plant.truth["batches"].set_index("batch_id")["ha_at_harvest_log10_per_100ul"]
    truth = truth[truth.index.isin(assays["batch_id"])]
    error = assays["ha_log10_per_100ul"] - assays["batch_id"].map(truth)
    return float(truth.var()), float(error.var())


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · A promise that holds", points=4)
def promise(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``ten_best``: chosen by one assay, promised without the luck in that assay."""
    function = answers.function("ten_best")
    plant = _campaign(plant_seed)
    assays = _assays(plant)
    ids, promised = _ids_and_promise(function(assays.copy(), shown="assays"), assays)
    first = assays[assays["replicate"] == 1].set_index("batch_id")["ha_log10_per_100ul"]
    # Steps of 0.15 make ties: any ten whose readings are as high as the ten highest will do.
    if not np.isclose(first[ids].sum(), first.nlargest(10).sum()):
        means = assays.groupby("batch_id")["ha_log10_per_100ul"].mean()
        why = (
            "These are best by the mean of all four assays. Choose by the first alone, as a plant "
            "with one assay a batch would: the luck that you have to see through is in there."
            if np.isclose(means[ids].sum(), means.nlargest(10).sum())
            else "Some other batches have a higher first assay."
        )
        yield not_yet("ten batches", 1, why, expected="the ten highest in replicate 1")
        yield not_yet("the promise against the truth", 3, "Looked at once the ten are right.")
        return
    yield passed("ten batches", 1, "Chosen by their first assay.")
    value = number(promised, function.name)
    truth = plant.truth["batches"].set_index("batch_id")["ha_at_harvest_log10_per_100ul"]
    kept = float(truth[ids].mean())
    label = "the promise against the truth"
    wrong = {
        float(first[ids].mean()): "This is the mean of the very readings by which you chose. "
        "Part of what made them high was luck in the assay, and luck does not come again.",
        float(assays.set_index("batch_id")["ha_log10_per_100ul"][ids].mean()): "Better, but "
        "replicate 1 is still among the readings that you average, and it was chosen for "
        "being high. Leave it out.",
        float(first.mean()): "This is the mean of all batches: the chosen ones are better than "
        "that, only not by as much as they look.",
    }
    # Named first: a biased promise is wrong also where luck brings it near the truth.
    known = named(value, wrong, "", rtol=1e-6)
    higher = assays.assign(ha_log10_per_100ul=assays["ha_log10_per_100ul"] + 0.45)
    _, again = _ids_and_promise(function(higher, shown="assays, each 0.45 higher"), assays)
    if not known and not np.isclose(number(again, function.name) - value, 0.45, atol=0.01):
        known = (
            "This number is not worked out from the table that the function is given: with every "
            "reading 0.45 higher the promise should be 0.45 higher, too."
        )
    if not known and abs(value - kept) <= PROMISE_TOLERANCE_LOG10:
        yield passed(label, 3, f"Promised {value:.2f}, the plant holds {kept:.2f} log10.")
        return
    batch, assay = _variances(assays)
    shrunk = first.mean() + batch / (batch + assay) * (first[ids].mean() - first.mean())
    near = not known and np.isclose(value, shrunk, atol=0.01)
    if near:
        known = (
            "Shrinking by the ceiling is the right idea, but it takes titres to scatter alike to "
            "both sides. Here the bad batches lie far below, so it promises too much above."
        )
    yield not_yet(
        label,
        3,
        known or "Too far from what these ten batches hold.",
        earned=2.0 if near else 0.0,
        got=f"{value:.2f}",
        expected=f"within ± {PROMISE_TOLERANCE_LOG10} of the truth",
        look_at="replicates 2 to 4: they know nothing of the choice",
    )


def _ids_and_promise(answer: Any, assays: pd.DataFrame) -> tuple[list[str], Any]:
    """Read ten names and whatever was promised."""
    try:
        chosen, promised = answer
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


def delivery(namespace: Mapping[str, Any]) -> tuple[go.Figure, str]:
    """Let the plant make the ten best batches again, and set it beside what was promised.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `ten_best` is put to work where it gives an answer.

    Returns
    -------
    tuple of Figure and str
        Bars of antigen above the average batch, and a sentence that says the same.
    """
    plant = _campaign(campaign.HISTORY_SEED)
    assays = _assays(plant)
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    ids = list(table[1].nlargest(10).index)
    bars = {"promised from<br>the first assay": float(table.loc[ids, 1].mean())}
    own = ""
    parts = list(guarded("", 1, _promised(namespace, assays)))
    if parts[0].outcome is Outcome.PASSED:
        bars["promised<br>by you"] = float(parts[0].message)
        own = " You promised {:.0f} % more."
    again = campaign.run_again(plant, ids, n=3, seed=2026)
    bars["the plant makes<br>them again"] = float(again["ha_log10_per_100ul"].mean())
    more = 100 * (10 ** (pd.Series(bars) - table.stack().mean()) - 1)
    figure = figures.bars(
        more,
        title="The ten best batches of six years",
        axis_title="antigen above the average batch (%)",
    )
    sentence = (
        f"The first assay promised {more.iloc[0]:.0f} % more antigen than an average batch."
        f"{own.format(more.iloc[1])} Made again, the plant gets {more.iloc[-1]:.0f} % more."
    )
    return figure, sentence


def _promised(namespace: Mapping[str, Any], assays: pd.DataFrame) -> Iterator[Part]:
    answer = Answers(namespace).function("ten_best")(assays.copy())
    yield passed("", 1, str(number(_ids_and_promise(answer, assays)[1], "ten_best")))


def _assays(plant: campaign.Campaign) -> pd.DataFrame:
    """Return the laboratory's readings, without batches of which one lies below the limit.

    The history that learners see has none; on other plants one or two batches fail so badly.
    """
    assays = plant.tables["harvest_assays"]
    lost = assays.loc[assays["ha_log10_per_100ul"].isna(), "batch_id"]
    return assays[~assays["batch_id"].isin(lost)].reset_index(drop=True)


def _campaign(plant_seed: int) -> campaign.Campaign:
    return campaign.run(seed=plant_seed)
