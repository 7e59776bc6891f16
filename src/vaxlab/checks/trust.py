"""Checks of day 1, notebook 1: the numbers that a model would learn from.

Each check runs the learner's function on a plant made from ``plant_seed``: the history
that the learner sees, and in grading another six years of the same plant. The truth is
simulated here, in the process that checks, and stands in no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Answers, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, named, number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.plant import campaign

# Calibrated on ten seeds of the plant, see tests/checks/test_trust.py for the table.
FOUND_SHARE = 0.95
FALSE_ALARM_SHARE = 0.01
CEILING_TOLERANCE = 0.05
VARIANCE_TOLERANCE = 0.25  # relative
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
    pairs = _pairs_of_readings(plant_seed)
    answer = series(ratio(pairs["a"], pairs["b"], shown="twins.ha_a, twins.ha_b"), pairs.index)
    truth = 10 ** (pairs["a"] - pairs["b"]).abs()
    if np.allclose(answer, truth, rtol=0.01):
        yield passed("all pairs, whichever twin comes first", 1)
    elif np.allclose(np.maximum(answer, 1 / answer), truth, rtol=0.01):
        yield not_yet(
            "all pairs, whichever twin comes first",
            1,
            "Right when the first twin is the richer one. When it is the poorer one your ratio "
            "falls below 1.",
            earned=0.5,
            called="antigen_ratio(2.1, 2.4)",
            expected="2.00",
            look_at="abs()",
        )
    else:
        worst = (answer - truth).abs().idxmax()
        yield not_yet(
            "all pairs, whichever twin comes first",
            1,
            "Not right for every pair.",
            called=f"antigen_ratio({pairs.loc[worst, 'a']:.2f}, {pairs.loc[worst, 'b']:.2f})",
            got=f"{answer[worst]:.3g}",
            expected=f"{truth[worst]:.3g}",
        )


def _pairs_of_readings(plant_seed: int) -> pd.DataFrame:
    """Return neighbouring batches as pairs of single readings; any pairs serve the check."""
    readings = _campaign(plant_seed).tables["batches"]["ha_at_harvest_log10_per_100ul"].to_numpy()
    half = len(readings) // 2
    return pd.DataFrame({"a": readings[:half], "b": readings[half : 2 * half]})


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
    yield from _below_the_limit(ha, flag, below, right)


def _why_not_tidy(got: np.ndarray, text: pd.Series) -> str:
    number = pd.to_numeric(text.str.strip().str.replace(",", "."), errors="coerce").to_numpy()
    if np.isnan(got).all():
        return "These became NaN: the text was not turned into a number."
    if np.allclose(got, number, rtol=0.01):
        return "These stayed in HA units. A table has one unit a column: take the logarithm."
    if np.allclose(got, np.log(number), rtol=0.01):
        return "This is the natural logarithm. HA is reported as log10."
    return "Some of these are not the number that was meant."


def _below_the_limit(
    ha: np.ndarray, flag: np.ndarray, below: np.ndarray, right: np.ndarray
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
        yield not_yet(
            label,
            1,
            "`censored` should be True where the text begins with '<', and False elsewhere.",
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
    by_analyte = samples.groupby("analyte")["value"]
    z = (samples["value"] - by_analyte.transform("mean")) / by_analyte.transform("std")
    if alarm.any() and (z[alarm].abs() > 2).all():
        yield not_yet(
            "how the errors are looked for",
            0,
            "These are the values that lie far from the mean of their analyte. The errors "
            "themselves stretch that mean and its standard deviation, and what is usual before "
            "infection is not usual after it. Compare with the same day of other batches.",
        )
    few_alarms = false_share <= FALSE_ALARM_SHARE
    for name, (label, points, look_at) in _KINDS.items():
        share = found[kind == name].mean()
        text = f"{share:.0%} of {int((kind == name).sum())} found."
        if share >= FOUND_SHARE and few_alarms:
            yield passed(label, points, text)
        elif share >= FOUND_SHARE:
            yield not_yet(label, points, f"{text} They count once there are few false alarms.")
        else:
            half = points / 2 if share >= 0.5 and few_alarms else 0.0
            yield not_yet(label, points, text, earned=half, look_at=look_at)
    label = "few false alarms"
    text = f"{false_share:.1%} of the sound rows called errors."
    if not few_alarms:
        why = (
            " Somebody has to look at each of them. Which rule raises most? A limit for all "
            "analytes together, or for all times of a batch together, is too coarse."
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


def table_at_48_h(
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
    ha = samples[(samples["analyte"] == "ha") & samples["hours_after_infection"].between(40, 56)]
    ha = ha[ha["value"].between(1, 4)]  # the rest are slips and swaps, see exercise 3
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
    table = table_at_48_h(tables["samples_tidy"], tables["batches"], tables["harvest_assays"])
    answer = function(table.copy(), shown="at_48h")
    values = list(answer.values()) if isinstance(answer, dict) else list(np.ravel(answer))
    if len(values) != 3:
        yield not_yet(
            "three numbers",
            3,
            "`gaps` should give three numbers: seen, real, chosen.",
            got=describe(answer),
        )
        return
    got = [number(value, "gaps") for value in values]
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
    for (label, truth), value in zip(truths, got, strict=True):
        if np.isclose(value, truth, atol=GAP_TOLERANCE_LOG10):
            yield passed(label, 1, f"{value:+.3f} log10.")
        elif np.isclose(value, -truth, atol=GAP_TOLERANCE_LOG10):
            yield not_yet(
                label, 1, "Right size, wrong sign: take week-end minus week-day.", earned=0.5
            )
        else:
            message = named(value, wrong, "Not the difference that was asked for.", atol=0.003)
            yield not_yet(label, 1, message, got=f"{value:+.3f}")


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · The ceiling", points=5)
def ceiling(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``components`` and ``r2_ceiling`` against the plant's truth."""
    components = answers.function("components")
    plant = _campaign(plant_seed)
    assays = plant.tables["harvest_assays"]
    answer = components(assays.copy(), shown="assays")
    try:
        batch, assay = (number(value, "components") for value in answer)
    except (TypeError, ValueError):
        yield not_yet(
            "two variances",
            5,
            "`components` should give two numbers: the variance between batches, and that of "
            "the assay.",
            got=describe(answer),
        )
        return
    true_batch, true_assay = _true_variances(plant)
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    wrong_batch = {
        table.mean(axis=1).var(): "This is the variance of the batches' *means*. A mean of four "
        "still carries a quarter of the assay's variance: take it off.",
        table.stack().var(): "This is the variance of all readings together, batch and assay.",
        table[1].var(): "This is the variance of single readings: batch and assay together.",
        np.sqrt(true_batch): "This is a standard deviation. Variances add up, standard "
        "deviations do not.",
    }
    wrong_assay = {
        table.stack().var(): "This is the variance of all readings together, batch and assay.",
        np.sqrt(true_assay): "This is a standard deviation. Variances add up, standard "
        "deviations do not.",
        true_assay / 4: "This is the variance of a mean of four. Asked is that of one reading.",
        table.var(axis=1, ddof=0).mean(): "Divide by n - 1, not by n: with four replicates that "
        "is a quarter of the answer (`ddof=1`).",
    }
    close = {"rtol": 0.03, "atol": 0.0}
    for label, points, value, truth, wrong in (
        ("variance of the assay", 1.0, assay, true_assay, wrong_assay),
        ("variance between batches", 2.0, batch, true_batch, wrong_batch),
    ):
        known = named(value, wrong, "", **close)
        if not known and abs(value / truth - 1) <= VARIANCE_TOLERANCE:
            yield passed(label, points, f"{value:.4f}, a standard deviation of {value**0.5:.2f}.")
        else:
            message = known or "Not the variance that was asked for."
            yield not_yet(label, points, message, got=f"{value:.4f}")
    function = answers.function("r2_ceiling")
    for label, replicates in (("ceiling with one assay", 1), ("ceiling with the mean of four", 4)):
        shown = f"batch_variance, assay_variance, {replicates}"
        value = number(function(true_batch, true_assay, replicates, shown=shown), "r2_ceiling")
        truth = true_batch / (true_batch + true_assay / replicates)
        wrong = {
            np.sqrt(truth): "This is the correlation. R² is its square.",
            1 - truth: "This is the share of the assay. Asked is the share of the batches.",
            true_batch / (true_batch + true_assay): "The number of replicates does not count yet. "
            "Averaging n assays divides their variance by n.",
            true_batch / true_assay: "This is a ratio of the two. Asked is a share of the whole.",
        }
        if abs(value - truth) <= CEILING_TOLERANCE / 5:
            yield passed(label, 1, "")
        else:
            message = named(value, wrong, "Not the share of the batches in what is measured.")
            yield not_yet(
                label,
                1,
                message,
                called=f"r2_ceiling(0.01, 0.02, {replicates})",
                expected=f"{0.01 / (0.01 + 0.02 / replicates):.3f}",
            )


def _true_variances(plant: campaign.Campaign) -> tuple[float, float]:
    """Return the variances of the true harvests and of one HA reading around them."""
    truth = plant.truth["batches"].set_index("batch_id")["ha_at_harvest_log10_per_100ul"]
    assays = plant.tables["harvest_assays"]
    error = assays["ha_log10_per_100ul"] - assays["batch_id"].map(truth)
    return float(truth.var()), float(error.var())


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · A promise that holds", points=4)
def promise(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``ten_best``: chosen by one assay, promised without the luck in that assay."""
    function = answers.function("ten_best")
    plant = _campaign(plant_seed)
    assays = plant.tables["harvest_assays"]
    answer = function(assays.copy(), shown="assays")
    try:
        chosen, promised = answer
        ids = [str(batch) for batch in chosen]
    except (TypeError, ValueError):
        yield not_yet(
            "the batches and the promise",
            4,
            "`ten_best` should give two things: ten batch names, and one number.",
            got=describe(answer),
        )
        return
    first = assays[assays["replicate"] == 1].set_index("batch_id")["ha_log10_per_100ul"]
    if len(set(ids)) != 10 or not set(ids) <= set(first.index):
        yield not_yet(
            "ten batches",
            4,
            "Name ten different batches, as they are called in the table.",
            got=f"{len(set(ids))} names, such as {ids[:2]}",
        )
        return
    # Steps of 0.15 make ties: any ten whose readings are as high as the ten highest will do.
    if np.isclose(first[ids].sum(), first.nlargest(10).sum()):
        yield passed("ten batches", 1, "Chosen by their first assay.")
    else:
        highest_mean = assays.groupby("batch_id")["ha_log10_per_100ul"].mean().nlargest(10)
        by_mean = set(ids) == set(highest_mean.index)
        why = (
            "These are best by the mean of all four. Choose by the first assay alone, as a plant "
            "with one assay a batch would."
            if by_mean
            else "Some other batches have a higher first assay."
        )
        yield not_yet("ten batches", 1, why, expected="the ten highest in replicate 1")
    value = number(promised, "ten_best")
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
    if not known and abs(value - kept) <= PROMISE_TOLERANCE_LOG10:
        yield passed(label, 3, f"Promised {value:.2f}, the plant holds {kept:.2f} log10.")
        return
    yield not_yet(
        label,
        3,
        known or "Too far from what these ten batches hold.",
        got=f"{value:.2f}",
        expected=f"within ± {PROMISE_TOLERANCE_LOG10} of the truth",
        look_at="the section on the ceiling: how much of a difference is real?",
    )


def _campaign(plant_seed: int) -> campaign.Campaign:
    return campaign.run(seed=plant_seed)
