"""What wrong answers to this notebook's exercises come to, and what to say of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from vaxlab.lessons.day2.half_known import material
from vaxlab.lessons.day2.half_known.handed import Slope


def growth(cells: np.ndarray, growth: np.ndarray, right: np.ndarray) -> list:
    return [
        (growth, "This is the growth rate of one cell. All cells of the mL divide: multiply."),
        (cells * (1 + growth), "This is the cells an hour later. Give the change per hour only."),
        (1e-6 * right[:, 0], "Cells were taken for millions. They come and go as cells/mL."),
        (cells * np.exp(growth), "This is the cells an hour later, not the change per hour."),
        (-right[:, 0], "The sign is turned round: cells grow here."),
    ]


def use(cells: np.ndarray, growth: np.ndarray, uptake: np.ndarray, used: np.ndarray) -> list:
    unit = "pmol/cell/h times cells/mL is pmol/mL/h; a pmol/mL is a millionth of a mmol/L."
    return [
        (used, "Glucose rises here. What cells take up leaves the medium: mind the sign."),
        (-uptake * cells, f"The units do not fit: {unit}"),
        (uptake * cells, f"The units do not fit, nor does the sign: {unit}"),
        (-1e-9 * uptake * cells, f"A factor of a thousand is too much: {unit}"),
        (-1e-3 * uptake * cells, f"A factor of a thousand is missing: {unit}"),
        (-uptake, "This is what one cell takes up. All cells of the mL do."),
        (-1e-6 * uptake, "This is what one cell takes up. All cells of the mL do."),
        (-used * growth, "Uptake is per cell and hour already: growth has no part in it."),
    ]


def lactate(used: np.ndarray, right: np.ndarray) -> list:
    made = right[:, 2]
    return [
        (used, "A glucose gives 1.75 lactate, not one."),
        (-made, "Lactate falls here. Cells make it from glucose: mind the sign."),
        (used / material.LACTATE_YIELD, "1.75 lactate come from a glucose, not the other way."),
        (1e6 * made, "The units do not fit: a pmol/mL is a millionth of a mmol/L."),
        (-1e6 * made, "Neither sign nor units fit: a pmol/mL is a millionth of a mmol/L."),
    ]


def steps(slope: Slope, y: torch.Tensor, h: float) -> list[tuple[np.ndarray, str]]:
    """Return the states that wrong steps end in, and what is wrong with each."""
    k1 = slope(y)
    k2 = slope(y + h / 2 * k1)
    k3 = slope(y + h / 2 * k2)
    k4 = slope(y + h * k3)
    half4, full2 = slope(y + h / 2 * k3), slope(y + h * k1)
    full3 = slope(y + h * full2)
    third = slope(y + h / 2 * k1)
    without_h = slope(y + k1 / 2)
    # Each step from where the last one ended.
    first = y + h / 2 * k1
    second = first + h / 2 * slope(first)
    last = second + h * slope(second)
    chained = h / 6 * (k1 + 2 * slope(first) + 2 * slope(second) + slope(last))
    chain = (
        "Each slope is asked where the last one ended. All of them start from `state`: "
        "`state + h / 2 * k2`."
    )
    third_without = slope(y + without_h / 2)
    fourth_without = slope(y + third_without)
    wrong = {
        "This is a step of Euler's: one slope, that of the start. RK4 takes four.": y + h * k1,
        "This is the midpoint method: it stops at k2. RK4 takes four slopes.": y + h * k2,
        "This is Heun's method: start and end only. RK4 takes four slopes.": y
        + h / 2 * (k1 + full2),
        "The four slopes weigh the same here. Those of the middle count twice, of six.": y
        + h / 4 * (k1 + k2 + k3 + k4),
        "All four slopes count once, but a sixth is taken. Those of the middle count twice.": y
        + h / 6 * (k1 + k2 + k3 + k4),
        "k4 is asked in the middle. It belongs to the end: the whole h.": y
        + h / 6 * (k1 + 2 * k2 + 2 * k3 + half4),
        "k2 and k3 are asked at the end of the step. They belong to its middle: h / 2.": y
        + h / 6 * (k1 + 2 * full2 + 2 * full3 + slope(y + h * full3)),
        "k3 starts from k1 again. It uses k2.": y
        + h / 6 * (k1 + 2 * k2 + 2 * third + slope(y + h * third)),
        "This is the change. Add it to the state.": h / 6 * (k1 + 2 * k2 + 2 * k3 + k4),
        "This is the mean slope. Multiply it by h, and add it to the state.": (
            k1 + 2 * k2 + 2 * k3 + k4
        )
        / 6,
        "The last line lacks its h: a slope is per hour.": y + (k1 + 2 * k2 + 2 * k3 + k4) / 6,
        "The slopes in between are asked without h: the step to the middle is h / 2 long.": y
        + h / 6 * (k1 + 2 * without_h + 2 * third_without + fourth_without),
        chain: y + chained,
        chain + " The last line does, too.": last + chained,
    }
    return [(state.detach().numpy().ravel(), message) for message, state in wrong.items()]


def misfits(predicted: np.ndarray, measured: np.ndarray, scale: np.ndarray) -> dict[str, float]:
    """Return what to say of values of a misfit; the right one goes with nothing."""
    off = (predicted - measured) / scale
    plain = predicted - measured
    per_quantity = np.nanmean(off**2, axis=(0, 1, 2))
    return {
        "": float(np.nanmean(off**2)),
        "The scale is left out: cells, in hundreds of thousands, are all that counts.": float(
            np.nanmean(plain**2)
        ),
        "This is the root of it. Square misses only: the root changes nothing but the steps.": (
            float(np.sqrt(np.nanmean(off**2)))
        ),
        "These are sizes, not squares.": float(np.nanmean(np.abs(off))),
        "Misses are squared before they are scaled, so the scale counts once only.": float(
            np.nanmean(plain**2 / scale)
        ),
        "Signs cancel here: square the misses first.": float(np.nanmean(off)),
        "This is the sum. Take the mean, or gaps change the size of the steps.": float(
            np.nansum(off**2)
        ),
        "Missing readings count as if they were met: divide by the number of those that are "
        "there.": float(np.nansum(off**2) / off.size),
        "Missing readings count as zeros. Leave them out.": float(
            np.mean(((predicted - np.nan_to_num(measured)) / scale) ** 2)
        ),
        "Each quantity counts the same here, however few of its readings there are: take the "
        "mean over all readings.": float(per_quantity.mean() * (1 + 1e-3))
        if np.isclose(per_quantity.mean(), np.nanmean(off**2))
        else float(per_quantity.mean()),
    }


def apart(tables: list[np.ndarray]) -> tuple[dict[str, np.ndarray], ...]:
    """Return what to say of errors, and of correlations; the right ones go with nothing."""
    squares = [slopes.T @ slopes for slopes in tables]
    inverses = [np.linalg.inv(square) for square in squares]

    def errors(of: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        rows = zip(squares, inverses, tables, strict=True)
        return np.concatenate([np.ravel(of(*row)) for row in rows])

    def related(matrix: np.ndarray) -> np.ndarray:
        size = np.sqrt(np.diag(matrix))
        return matrix / np.outer(size, size)

    alone = (
        "These are the errors if all the other constants were known. They are not: take the "
        "inverse of the whole matrix first, its diagonal afterwards."
    )
    return {
        "": errors(lambda s, i, t: np.sqrt(np.diag(i))),
        alone: errors(lambda s, i, t: 1 / np.sqrt(np.diag(s))),
        "These are variances: their roots are the errors.": errors(lambda s, i, t: np.diag(i)),
        "The matrix was not inverted: large slopes mean small errors.": errors(
            lambda s, i, t: np.sqrt(np.diag(s))
        ),
        "These are divided by the root of the number of readings once more: the sum over readings "
        "is in slopesᵀ · slopes already.": errors(lambda s, i, t: np.sqrt(np.diag(i) / len(t))),
        "This is the inverse of the slopes' covariance: slopes are not to be centred, nor divided "
        "by their number.": errors(
            lambda s, i, t: np.sqrt(np.diag(np.linalg.inv(np.cov(t, rowvar=False))))
        ),
    }, {
        "": errors(lambda s, i, t: related(i)),
        "These are the correlations of slopes. What readings confuse is in the inverse: there the "
        "sign is the other way round.": errors(lambda s, i, t: related(s)),
        "These are the correlations of slopes, centred. What readings confuse is in the "
        "inverse.": errors(lambda s, i, t: np.corrcoef(t, rowvar=False)),
        "This is the covariance. Divide each by the two errors that it belongs to.": errors(
            lambda s, i, t: i
        ),
        "Divided by one of the two errors only. Each belongs to two constants: "
        "np.outer(errors, errors).": errors(lambda s, i, t: i / np.sqrt(np.diag(i))),
        "Divided by one of the two errors only, that of the row. Each belongs to two constants: "
        "np.outer(errors, errors).": errors(lambda s, i, t: i / np.sqrt(np.diag(i))[:, None]),
        "These are squares of correlations, or divided by variances. Divide by errors.": errors(
            lambda s, i, t: i / np.outer(np.diag(i), np.diag(i))
        ),
    }


def halves(
    predicted: np.ndarray,
    spread: np.ndarray,
    misses: np.ndarray,
    spreads: np.ndarray,
    level: float,
) -> list[tuple[np.ndarray, str]]:
    units, one = np.abs(misses) / spreads, np.ones_like(spread)
    place = int(np.ceil(level * len(misses)))
    ordered = np.sort(units)
    counted = int(np.ceil(level * (len(misses) + 1)))
    bell = 1.645 if level == 0.9 else 1.2816
    right = material._rank(units, level)
    return [
        (bell * spread, "This is a bell curve's width round the networks' spread. Six networks "
         "that saw the same runs agree too well: count the misses."),
        (material._rank(np.abs(misses), level) * one, "All intervals are of one width here. Count "
         "the misses in units of their spreads, then multiply by each new spread."),
        (right * one, "The counted size is in units of spread: multiply by each new spread."),
        (ordered[place - 1] * spread, "The new run has a place of its own: of n misses it is "
         "number ceil(level (n + 1)), not ceil(level n)."),
        (ordered[min(counted, len(ordered) - 1)] * spread, "One place too far: Python counts from "
         "zero, so number 23 is sizes[22]."),
        (material._rank(np.abs(misses) * spreads, level) * spread, "Misses were multiplied by "
         "their spreads. Divide."),
        (material._rank(misses / spreads, level) * spread, "Signs were kept: an interval to both "
         "sides counts sizes."),
        (material._rank(np.abs(misses), level) * spread, "Misses were not divided by their own "
         "spreads."),
        (bell * units.std() * spread, "A bell curve is a supposition. Count."),
        (2 * right * spread, "This is the whole width to each side."),
    ]  # fmt: skip
