"""What people give instead, as tables: what such an answer comes to, and what to say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from vaxlab.lessons.day1.trust.material import HA_COLUMN

Wrong = list[tuple[float | np.ndarray, str]]


def on_all(tables: Sequence[Wrong]) -> Wrong:
    """Return each wrong answer once, with what it comes to on all of the tables."""
    return [
        (np.array([value for value, _ in same]), same[0][1]) for same in zip(*tables, strict=True)
    ]


ONE_ORDER = "Right in one order of the two batches, but below 1 in the other."


def upside_down(got: np.ndarray | pd.Series, truth: np.ndarray | pd.Series) -> str:
    """Say that some of the ratios are upside down, or all of them; nothing where others are."""
    if not (got > 0).all() or not np.allclose(np.maximum(got, 1 / got), truth, rtol=0.01):
        return ""
    if (got > 1).any():
        return ONE_ORDER
    return (
        "This is the poorer over the richer. The exercise asks for the richer over the poorer, "
        "which is never below 1."
    )


def ratios(a: np.ndarray, b: np.ndarray) -> Wrong:
    """For how many times more antigen the richer of a and b holds: with their order, or without."""
    orders = ((a, b), (np.maximum(a, b), np.minimum(a, b)))
    return [slip for x, y in orders for slip in _ratios(x, y)]


def _ratios(a: np.ndarray, b: np.ndarray) -> Wrong:
    return [
        (
            a / b,
            "You divided the logarithms. Equal steps of a logarithm are equal *ratios*: first "
            "subtract, then undo the logarithm.",
        ),
        (a - b, "This is the difference of the logarithms. Undo the logarithm to get the ratio."),
        (np.exp(a - b), "HA is a logarithm to the base 10, not to the base e."),
        (2 ** (a - b), "HA is given as log10, not as a number of two-fold dilutions."),
        (
            10**a - 10**b,
            "This is how many units more the richer one holds. *How many times* more is a ratio: "
            "divide.",
        ),
        (
            10 ** (a / b),
            "The logarithms were divided before they were undone. Undo them first, or subtract.",
        ),
    ]


def logarithms(typed: np.ndarray) -> Wrong:
    """For HA in log10, from the number that was typed."""
    return [
        (typed, "These stayed in HA units. A table has one unit a column: take the logarithm."),
        (np.log(typed), "This is the natural logarithm. HA is reported as log10."),
        (np.log2(typed), "The base of this logarithm is 2. HA is reported as log10."),
        (
            np.log10(typed),
            "These were logarithms already. Only the readings in HA units need one.",
        ),
    ]


def limits(got: np.ndarray, text: pd.Series, unit: pd.Series) -> str:
    """Say what stands in place of the limit in log10, after "Marked, but "."""
    typed = text.str.strip(" <").str.replace(",", ".").astype(float).to_numpy()
    if np.isnan(got).any():
        return "their value is NaN: means now leave them out, and read too high."
    if np.isclose(got, 0).any():
        return "set to 0: on a log scale 0 is one unit, not nothing."
    if (unit == "HAU/100 uL").all() and np.allclose(got, typed):
        return (
            f"the limit of {len(got)} of them stayed in HA units. It is a reading like the others: "
            "take its logarithm."
        )
    return "their value is not the limit in log10."


def rules(alarm: pd.Series, samples: pd.DataFrame) -> str:
    """Say what is wrong with the rules behind the alarms, where it is certain."""
    by_sample = any(
        alarm[samples.duplicated("sample_id", keep=keep)].all() for keep in ("first", "last")
    )
    # What the first two rules find has its reason; is the rest one limit for all times?
    late = samples["analysed_at"] < samples["sampled_at"]
    others = ~(late | samples.duplicated(["sample_id", "analyte"], keep=False))
    by_analyte = samples.groupby("analyte")["value"]
    z = (samples["value"] - by_analyte.transform("mean")) / by_analyte.transform("std")
    near, far = z[others & ~alarm].abs(), z[others & alarm].abs()
    if not alarm.any():
        return (
            "No row was called an error. Two comparisons are joined with brackets around each: "
            "`(a > 4) | (b < 2)`."
        )
    if alarm.all():
        return (
            "Every row was called an error. Was `duplicated` asked for `sample_id` alone? A sample "
            "has a row for each of its analytes."
        )
    if by_sample:
        return (
            "Of each sample all readings but one are called errors. A sample is read for several "
            "analytes, each in its own row: ask `duplicated` for the same `sample_id` *and* the "
            "same `analyte`."
        )
    if len(far) and len(near) and far.min() > near.max():
        return (
            "These are the values that lie far from the mean of their analyte. The errors "
            "themselves stretch that mean and its standard deviation, and what is usual before "
            "infection is not usual after it. Compare with the same day of other batches."
        )
    return ""


def no_column(name: str, samples: pd.DataFrame) -> str:
    """Say where the numbers are that somebody looks for in a column which a table has not."""
    if name in samples:
        return ""
    if name in ("day", "usual"):
        return f"the table comes without `{name}`. Make it inside your function."
    if name in set(samples["analyte"]):
        return (
            f"there is no column `{name}`. Each row is one reading: `analyte` says of what, and "
            f"its number stands in `value`. The rows of {name} are those whose `analyte` is "
            f'"{name}".'
        )
    return ""


def by_ratio(alarm: pd.Series, samples: pd.DataFrame) -> bool:
    """Tell whether titres are called errors by their ratio to usual: certain, or not told.

    It is where a limit on the ratio parts the alarms from the rest, and none on the difference.
    """
    day = (samples["hours_after_infection"] / 24).round()
    usual = samples.groupby(["analyte", day])["value"].transform("median")
    late = samples["analysed_at"] < samples["sampled_at"]
    twice = samples.duplicated(["sample_id", "analyte"], keep=False)
    rows = samples["analyte"].isin(["ha", "tcid50"]) & (usual > 0) & ~late & ~twice
    alarm, value, usual = alarm[rows], samples["value"][rows], usual[rows]
    return bool(
        alarm.any() and _parted(value / usual - 1, alarm) and not _parted(value - usual, alarm)
    )


def _parted(off: pd.Series, alarm: pd.Series) -> bool:
    """Tell whether on each side all alarms lie farther off than all that is no alarm."""
    for side in (off[off > 0], -off[off < 0]):
        called = alarm[side.index]
        far, near = side[called], side[~called]
        if len(far) and len(near) and far.min() < near.max():
            return False
    return True


def most_alarms(rows: pd.DataFrame) -> str:
    """Say of which analyte and day most false alarms are."""
    return (
        f" Somebody has to look at each of them. The most, {_most(rows)}: what is usual there, and "
        "how far off are they?"
    )


def _most(rows: pd.DataFrame) -> str:
    """Say of which analyte and day most rows are, and how many."""
    day = (rows["hours_after_infection"] / 24).round().astype(int)
    (analyte, of_day), count = rows.groupby(["analyte", day]).size().agg(["idxmax", "max"])
    when = "on the day of infection"
    if of_day:
        when = f"on day {abs(of_day)} {'after' if of_day > 0 else 'before'} infection"
    return f"{count} of {len(rows)}, are readings of {analyte} {when}"


def missed(samples: pd.DataFrame, lost: pd.Series) -> str:
    """Say which ones were missed: their side of what is usual, where it is one, or most of them."""
    day = (samples["hours_after_infection"] / 24).round()
    usual = samples.groupby(["analyte", day])["value"].transform("median")
    large = (samples["value"] > usual)[lost]
    if large.all() or not large.any():
        return f" All that are missed are too {'large' if large.all() else 'small'}."
    return f" Of those that are missed, the most, {_most(samples[lost])}."


def gaps(table: pd.DataFrame, middle: Callable = pd.Series.mean) -> tuple[float, float, float]:
    """Return seen, real, chosen: the right ones, if `middle` is the mean."""
    weekend, taken = table["weekend"], table["ha_48h"].notna()
    harvest, seen = table["ha_harvest"], table["ha_48h"]
    return (
        middle(seen[weekend]) - middle(seen[~weekend]),
        middle(harvest[weekend]) - middle(harvest[~weekend]),
        middle(harvest[weekend & taken]) - middle(harvest[weekend & ~taken]),
    )


def differences(table: pd.DataFrame, asked: int) -> Wrong:
    """For one of the three differences: 0 is seen, 1 real, 2 chosen."""
    weekend, taken = table["weekend"], table["ha_48h"].notna()
    harvest, zeros = table["ha_harvest"], table["ha_48h"].fillna(0)
    kept, left = harvest[taken], harvest[~taken]
    names = ("seen", "real", "chosen")
    others = [
        (value, f"This is `{name}`. Give seen, real, chosen in this order.")
        for name, value in zip(names, gaps(table), strict=True)
        if name != names[asked]
    ]
    return [
        (
            zeros[weekend].mean() - zeros[~weekend].mean(),
            "A missing sample was counted as 0. Missing is not zero: nobody looked.",
        ),
        (
            kept[weekend].mean() - kept[~weekend].mean(),
            "Only batches with a 48 h sample were counted here. At harvest every batch was "
            "assayed: use all of them.",
        ),
        (
            kept.mean() - left.mean(),
            "All days together were counted here. Ask for the week-end batches only.",
        ),
        (
            gaps(table, pd.Series.median)[asked],
            "This is a difference of medians. Asked is one of means.",
        ),
        *others,
    ]


def variances(assays: pd.DataFrame) -> tuple[float, float]:
    """Estimate the variance between batches and that of one reading: the right ones."""
    readings = assays.groupby("batch_id")[HA_COLUMN]
    assay = float(readings.var().mean())
    return float(readings.mean().var()) - assay / 4, assay


def components(assays: pd.DataFrame) -> Wrong:
    """For either of the two variances."""
    readings = assays.groupby("batch_id")[HA_COLUMN]
    means, (batch, assay) = readings.mean().var(), variances(assays)
    deviation = "This is a standard deviation. Variances add up, standard deviations do not."
    mixed = [
        (value, deviation)
        for sd in (readings.std().mean(), np.sqrt(assay))
        for value in (sd, np.sqrt(means) - sd / 4, np.sqrt(means) - sd / 2, np.sqrt(means) - sd)
    ]
    taken_off = "A standard deviation was taken off a variance. Take off a variance."
    return [
        (
            means,
            "This is the variance of the batches' *means*. A mean of four still carries a quarter "
            "of the assay's variance: take it off.",
        ),
        (
            means - assay,
            "You took off the whole variance of one assay. A mean of four readings carries a "
            "quarter of it.",
        ),
        (
            means - assay / 3,
            "A third of one variance was taken off. Divide by the number of readings in each mean, "
            "which is four.",
        ),
        (
            assays[HA_COLUMN].var(),
            "This is the variance of all single readings: batch and assay together. Four readings "
            "of *one* batch differ by the assay alone.",
        ),
        (
            readings.std().mean() ** 2,
            "This is the square of a mean standard deviation. It is less than the mean of the "
            "squares. Take the mean of the batches' variances.",
        ),
        *mixed,
        (np.sqrt(means), deviation),
        (np.sqrt(max(batch, 0)), deviation),
        (means - readings.std().mean() / 4, taken_off),
        (means - np.sqrt(assay) / 4, taken_off),
        (assay / 4, "This is the variance of a mean of four. Asked is that of one reading."),
        (
            assay * 0.75,
            "Each batch's own mean uses up one of its four readings: divide by n - 1 = 3 within "
            "each batch (`ddof=1`), not by 4.",
        ),
    ]


def ceilings(batch: np.ndarray, assay: np.ndarray, n: int) -> Wrong:
    """For the ceiling with n replicates."""
    truth = batch / (batch + assay / n)
    return [
        (np.sqrt(truth), "This is the correlation. R² is its square."),
        (1 - truth, "This is the share of the assay. Asked is the share of the batches."),
        (
            batch / (batch + assay),
            "The number of replicates does not count yet. Averaging n assays divides their "
            "variance by n.",
        ),
        (batch / (batch + assay * n), "Averaging n assays *divides* their variance by n."),
        (
            batch / (batch + assay / np.sqrt(n)),
            "Averaging n assays divides their variance by n, not by its root.",
        ),
        (batch / ((batch + assay) / n), "Only the assay's variance is divided by n."),
        (batch / batch + assay / n, "Put brackets around what stands below the line."),
        (batch / assay, "This is a ratio of the two. Asked is a share of the whole."),
    ]


def luck_as_a_constant(given: Sequence[float], first: Sequence[float]) -> str:
    """Say that promises are a constant, or the choosing readings less a constant, or nothing.

    Parameters
    ----------
    given : sequence of float
        What was promised, one value a table.
    first : sequence of float
        Mean of the readings by which the ten were chosen, log10.
    """
    given, first = np.array(given), np.array(first)
    same = 0.015  # a promise may be rounded to two digits
    if np.ptp(given) < same:
        return "This is one number for all tables. Work it out from the table that is given."
    off, share = first - given, given / first
    if abs(off.mean()) > same and (np.ptp(off) < same or np.ptp(share * first.mean()) < same):
        return (
            "The same amount is taken off the choosing readings in each table. How much of them "
            "is luck differs: it is less where the ten are chosen from fewer batches. Let each "
            "table say it, by readings that played no part in the choice."
        )
    return ""


def antigen(assays: pd.DataFrame, ids: list[str]) -> float:
    """Return the logarithm of the mean antigen in replicates 2 to 4, where HA's mean was asked."""
    others = assays[assays["batch_id"].isin(ids) & (assays["replicate"] > 1)][HA_COLUMN]
    return float(np.log10((10**others).mean()))


def promises(assays: pd.DataFrame, ids: list[str]) -> Wrong:
    """For what the ten batches hold that were chosen by replicate 1."""
    readings = assays.set_index("batch_id")[HA_COLUMN]
    first = assays[assays["replicate"] == 1].set_index("batch_id")[HA_COLUMN]
    batch, assay = variances(assays)
    excess = first[ids].mean() - first.mean()
    return [
        (
            first[ids].mean(),
            "This is the mean of the very readings by which you chose. Part of what made them high "
            "was luck in the assay, and luck does not come again.",
        ),
        (
            readings[ids].mean(),
            "Better, but replicate 1 is still among the readings that you average, and it was "
            "chosen for being high. Leave it out.",
        ),
        (
            antigen(assays, ids),
            "This is the mean of the antigen, as a logarithm. Asked is the mean of HA, which is a "
            "logarithm already: undone before the mean, one high reading counts for several.",
        ),
        (
            first.mean(),
            "This is the mean of all batches: the chosen ones are better than that, only not by "
            "as much as they look.",
        ),
        (
            first.mean() + batch / (batch + assay) * excess,
            "Shrinking by the ceiling is the right idea, but it takes titres to scatter alike to "
            "both sides. Where bad batches lie far below, it promises too much above.",
        ),
    ]
