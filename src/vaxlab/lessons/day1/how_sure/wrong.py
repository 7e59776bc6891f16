"""What people give instead in notebook 4 of day 1: what it comes to, and what to say of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.reading import named
from vaxlab.lessons.day1.how_sure import material


def r2(measured: pd.Series, predicted: pd.Series) -> float:
    """Return one minus the mean squared miss over the variance of what was measured."""
    return float(1 - ((measured - predicted) ** 2).mean() / measured.var(ddof=0))


def of_r2(predicted: pd.Series, readings: pd.DataFrame, measured: pd.Series) -> dict[float, str]:
    """Return wrong values of an R² against something measured, and what is wrong with each."""
    mean = readings.mean(axis=1)
    other = mean if measured is not mean and measured.name == 1 else readings[1]
    return {
        np.corrcoef(measured, predicted)[0, 1] ** 2: "This is the squared correlation. It "
        "forgives a wrong slope and a wrong level; R² does not.",
        np.corrcoef(measured, predicted)[0, 1]: "This is the correlation, not R².",
        r2(predicted, measured): "Prediction and measurement changed places: the variance below "
        "the line is that of what was measured.",
        r2(other, predicted): "This is the R² against the other one of the two: one assay is "
        "`readings[1]`, four are their mean.",
        1 - r2(measured, predicted): "This is the ratio alone: R² is one minus it.",
        float(((measured - predicted) ** 2).mean()): "This is the mean squared miss: divide it by "
        "the variance of what was measured, and take it off one.",
    }


def of_truth(predicted: pd.Series, readings: pd.DataFrame) -> dict[float, str]:
    """Return wrong values of the R² against the truth, and what is wrong with each."""
    mean = readings.mean(axis=1)
    square = ((mean - predicted) ** 2).mean()
    s2 = readings.var(axis=1).mean()
    of_four = readings.var(axis=1, ddof=0).mean()
    sd = readings.std(axis=1).mean()
    median = readings.var(axis=1).median()
    wrong = {}
    for spread in (mean.var(ddof=0), mean.var()):
        wrong |= {
            1 - square / spread: "This is the R² against the mean of four again. A quarter of "
            "the assay's variance is still in the mean of four: take it off.",
            1 - square / (spread - s2 / 4): "The assay's share was taken from the spread of the "
            "harvests only. It is in the squared misses, too: take it off above and below the "
            "line.",
            1 - (square - s2 / 4) / spread: "The assay's share was taken from the squared misses "
            "only. It is in the spread of the harvests, too: take it off above and below the line.",
            1 - (square - s2) / (spread - s2): "All of s² was taken off. In the mean of four "
            "readings only a quarter of it is left: s²/4.",
            1 - (square - s2 / 2) / (spread - s2 / 2): "Half of s² was taken off. It is the "
            "variance, not the SD, that shrinks with the number of readings: s²/4.",
            1 - (square - of_four / 4) / (spread - of_four / 4): "s² was divided by four "
            "readings, not by three: `np.var` and `np.std` do so, `.var()` of pandas does not. Of "
            "four readings say `ddof=1`.",
            1 - (square - sd / 4) / (spread - sd / 4): "This took off the assay's SD. s² is its "
            "variance.",
            1 - (square + s2 / 4) / (spread + s2 / 4): "The assay's share was added. It is in "
            "what was measured already: take it off.",
            1 - (square - median / 4) / (spread - median / 4): "This took the median of the "
            "batches' variances, which lies below s²: of four readings most variances are too "
            "small, and a few far too large. Take their mean.",
            (square - s2 / 4) / (spread - s2 / 4): "This is the ratio alone: R² is one minus it.",
            1 - square / spread + s2 / 4: "The variance is taken off before the division, not "
            "after it.",
        }
    return wrong


def weights(y: Any, *columns: Any) -> list[float]:
    """Return the weights of a straight line through y, without its level."""
    return np.linalg.lstsq(np.column_stack([*columns, np.ones(len(y))]), y, rcond=None)[0][:-1]


def of_slopes(table: pd.DataFrame) -> dict[float, str]:
    """Return slopes that are not what was asked, with or without the hour held."""
    moi, hour, ha = table["moi"], table["harvest_h"], table["ha"]
    x = np.log10(moi)
    itself = "This is the slope on the MOI itself. Asked is the change for ten times the MOI: use "
    itself += "its log10."
    natural = "This is the slope on the natural logarithm. Ten times the MOI is one step of log10."
    round_ = "This is the slope of the MOI on the HA: x and y changed places."
    return {
        weights(ha, moi)[0]: itself,
        weights(ha, moi, hour)[0]: itself,
        weights(ha, np.log(moi))[0]: natural,
        weights(ha, np.log(moi), hour)[0]: natural,
        weights(x, ha)[0]: round_,
        weights(x, ha, hour)[0]: round_,
        weights(hour, x)[0]: "This is the slope of the hours on the MOI. Asked is that of the HA.",
        float(np.corrcoef(x, ha)[0, 1]): "This is a correlation. Asked is a slope: log10 of HA "
        "for ten times the MOI.",
        weights(10**ha, x)[0]: "This is the slope of HA on its own scale. Leave `ha` a log10.",
        -weights(ha, x)[0]: "The sign is the wrong way round: x goes up with the MOI.",
    }


def of_held_slopes(table: pd.DataFrame, together: float, same_hour: float) -> dict[float, str]:
    """Return slopes that are not what was asked with the hour held."""
    hour, ha, x = table["harvest_h"], table["ha"], np.log10(table["moi"])
    rest = ha - np.polyval(np.polyfit(hour, ha, 1), hour)
    the_hour = "This is the slope on the hour. Asked is that on the MOI, with the hour held"
    gaps = [(hour - middle).abs() for middle in (material.SLOT_H, hour.mean(), hour.median())]
    widths = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
    windows = [near for gap in gaps for h in widths for near in (gap < h, gap <= h)]
    few = "This is the slope of the batches near one hour alone. They are few, so it moves with "
    few += "luck: let one linear model of all batches have the hour as well."
    known = of_slopes(table)
    known |= {weights(ha[near], x[near])[0]: few for near in windows if x[near].nunique() > 1}
    return known | {
        together: "This is the slope of all batches together, without the hour. Here the model "
        "has the harvest hour as its second column.",
        weights(ha, x, hour)[1]: f"{the_hour}: the weight of the other column.",
        weights(ha, hour)[0]: f"{the_hour}.",
        weights(rest, x)[0]: "The hour was taken out of the HA, but not out of the MOI, which "
        "the plan tied to it. Take it out of both, or let one model have both columns.",
        -same_hour: "The sign is the wrong way round: x goes up with the MOI.",
    }


def th(place: int) -> str:
    """Write a place: 1st, 2nd, 3rd, 11th, 181st."""
    is_teen = place % 100 in (11, 12, 13)
    return f"{place}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def of_width(misses: np.ndarray, half: float, level: float) -> str:
    """Return what is known to be wrong about a half-width."""
    size, n = np.abs(misses), len(misses)
    ordered = np.sort(size)
    place = int(np.ceil((n + 1) * level))
    one_more = (
        f"It should reach the {th(place)} of {n} sizes, ceil((n + 1) · level). Is the next "
        "batch, which is one more, forgotten, or the place rounded down?"
    )
    # At 13 and 80 % the place is 11.2: those who round it down were told so at 20 and 90 %.
    exact = (n + 1) * level
    if round(exact) < place:
        one_more = (
            f"It should reach the {th(place)} of {n} sizes, ceil({n + 1} · {level}): the place is "
            f"{exact:.1f}, and a width that only reaches the {th(place - 1)} holds the next batch "
            "too seldom. Is the place rounded to the nearest? Round up, whatever comes after the "
            "point."
        )
    signed = "This is a quantile of the signed misses. Take their sizes first."
    wrong = {
        float(np.quantile(misses, level)): signed,
        float(np.quantile(misses, (1 + level) / 2)): signed,
        float(np.sort(misses)[place - 1]): signed,
        float(np.quantile(size, 1 - level)): "That is the other end: this share lies *outside*.",
    }
    for factor in (1.645, 1.96, 2.0):
        for ddof in (0, 1):
            wrong[factor * misses.std(ddof=ddof)] = (
                "A multiple of the standard deviation supposes a bell curve, and says nothing "
                "of how few batches there were. Count instead."
            )
    wrong[float(np.quantile(size, level))] = one_more
    wrong[float(ordered[int(np.ceil(n * level)) - 1])] = one_more
    wrong[2 * float(ordered[place - 1])] = "This is the whole width. Asked is half of it."
    for other in {0.8, 0.9} - {level}:
        at = int(np.ceil((n + 1) * other))
        if at <= n:
            unread = f"This is the width for {other:.0%}. Is `level` used?"
            wrong[float(ordered[at - 1])] = unread
    if not np.isfinite(half):
        what = "infinite" if half == np.inf else "NaN, which is no number"
        return (
            f"It is {what}, though {n} misses are enough for {level:.0%}: asked is the "
            f"{th(place)} size, which Python calls number {place - 1}."
        )
    return named(half, wrong, "", rtol=1e-6, atol=1e-12)
