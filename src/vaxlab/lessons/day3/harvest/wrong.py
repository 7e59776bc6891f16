"""Wrong answers that people give, worked out, with what to say of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.func import jacfwd

from vaxlab.lessons.day3.harvest import handed, material, rivals

Slips = list[tuple[np.ndarray, str]]

_VERDICTS: dict[str, dict[str, Callable[[pd.DataFrame], float]]] = {
    "best fixed hour": {
        "This is the median of the batches' own best hours. The best fixed hour is the one row "
        "that has most doses in all.": lambda d: float(d.idxmax().median()),
        "This is the place of the row, not its hour: `idxmax` gives the hour.": lambda d: float(
            d.mean(axis=1).to_numpy().argmax()
        ),
        "This row has the largest median; what counts are all doses together, lost batches, "
        "too.": lambda d: float(d.median(axis=1).idxmax()),
    },
    "gain": {
        "This is a share, not per cent.": lambda d: rivals._verdict(d)[1] / 100,
        "These are doses, not per cent of the best fixed hour's.": lambda d: float(_more(d).sum()),
        "This compares with the last hour, not with the best fixed one.": lambda d: float(
            100 * (d.max().sum() / d.iloc[-1].sum() - 1)
        ),
        "This compares with the first hour, not with the best fixed one.": lambda d: float(
            100 * (d.max().sum() / d.iloc[0].sum() - 1)
        ),
        "This is the oracle over the fixed hour: take off 1, then in per cent.": lambda d: float(
            d.max().sum() / _fixed(d).sum()
        ),
        "This is per cent of the oracle's doses, not of the fixed hour's.": lambda d: float(
            100 * _more(d).sum() / d.max().sum()
        ),
    },
    "interval": {
        "This is the interval of two unpaired means. Both harvests are of the same batches: take "
        "the differences first, then their SD.": lambda d: _ends(
            d, np.sqrt(d.max().var() + _fixed(d).var())
        ),
        "This is the spread of single batches. The sum of n differences has an SD of √n times "
        "that of one.": lambda d: _ends(d, _more(d).std() * np.sqrt(len(d.columns))),
        "This is one standard error; 95 % are 1.96 of them.": lambda d: _ends(
            d, _more(d).std() / 1.96
        ),
    },
}


def _fixed(doses: pd.DataFrame) -> pd.Series:
    return doses.loc[doses.mean(axis=1).idxmax()]


def _more(doses: pd.DataFrame) -> pd.Series:
    return doses.max() - _fixed(doses)


def _ends(doses: pd.DataFrame, sd: float) -> float:
    """Return the lower end of the gain in %, had the differences this SD."""
    n, base = len(doses.columns), _fixed(doses).sum()
    return float(100 * (_more(doses).sum() - 1.96 * sd * np.sqrt(n)) / base)


def verdicts(tables: Sequence[pd.DataFrame]) -> dict[str, Slips]:
    """Return slips in the hour, the gain and the lower end, by the part's label."""
    return {
        label: [(np.array([slip(d) for d in tables]), say) for say, slip in slips.items()]
        for label, slips in _VERDICTS.items()
    }


# A soft sensor ------------------------------------------------------------------------------


def of_features(tables: Sequence[pd.DataFrame], records: Sequence[pd.DataFrame]) -> str:
    """Say what features lack that miss the peak by too much."""
    raw = np.concatenate([record["capacitance_pf_per_cm"].to_numpy() for record in records])
    values = np.concatenate([table.to_numpy() for table in tables])
    if (np.nanstd(values, axis=0) < 1e-12).all():
        return "The features are the same at every hour: trees can not tell one from the other."
    if any(_has_share(column, records) for column in values.T):
        return (
            "Capacitance over its first hours is in it, and that alone tells too little. How fast "
            "does it fall, how far is it below what it was, and what hour is it?"
        )
    if any(np.allclose(column, raw, equal_nan=True) for column in values.T):
        return (
            "The capacitance is in it as it was read. Each batch has another number of cells, and "
            "each probe a gain of its own: divide by the first hours after infection."
        )
    return (
        "They tell too little. What falls at the peak, and from what level did it come? Divide "
        "capacitance and oxygen uptake by their first hours after infection."
    )


def _has_share(column: np.ndarray, records: Sequence[pd.DataFrame]) -> bool:
    """Tell whether a column of all records is capacitance over that of the first hours, or near."""
    ends = np.cumsum([len(record) for record in records])[:-1]
    off, moves = [], []
    for one, record in zip(np.split(column, ends), records, strict=True):
        volume = record["capacitance_pf_per_cm"]
        share = (volume / volume.loc[1:6].mean()).to_numpy()
        off.append(one - share)
        moves.append(share)
    miss = np.nanstd(np.concatenate(off))
    return bool(np.isfinite(miss) and miss < 0.25 * np.nanstd(np.concatenate(moves)))


# Filters ------------------------------------------------------------------------------------


def ekf_steps(cases: Sequence[tuple[Any, ...]]) -> dict[str, Slips]:
    """Return slips in states and covariances of several cases, one after the other."""
    states = {
        "This is the prediction: the reading has no part in it.": lambda c: _predicted(c)[0],
        "The probes' slope was taken at the state before the step: update by that of the "
        "prediction.": lambda c: _step(c, look_at_old=True)[0],
        "The noise Q is missing in the prediction.": lambda c: _step(c, noise=0.0)[0],
        "The state was moved by its slope, F x. A state is moved by `move` itself.": lambda c: (
            _step(c, linear=True)[0]
        ),
        "The update has the wrong sign: reading less what was expected.": lambda c: (
            2 * _predicted(c)[0] - _step(c)[0]
        ),
    }
    covariances = {
        "This is the covariance of the prediction: a reading makes it smaller.": lambda c: (
            _predicted(c)[1]
        ),
        "The noise Q is missing in the prediction.": lambda c: _step(c, noise=0.0)[1],
        "The slope stands on one side only: F P Fᵀ.": lambda c: _step(c, one_sided=True)[1],
    }
    return {
        name: [
            (np.concatenate([slip(case).ravel() for case in cases]), say)
            for say, slip in slips.items()
        ]
        for name, slips in (("state", states), ("covariance", covariances))
    }


def _predicted(case: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray]:
    nothing = (*case[:5], torch.full_like(case[5], torch.nan), case[6])
    x, covariance = rivals._ekf_step(*nothing)
    return x.numpy(), covariance.numpy()


def _step(
    case: tuple[Any, ...],
    *,
    noise: float = 1.0,
    look_at_old: bool = False,
    linear: bool = False,
    one_sided: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return one step with a slip in it."""
    before, covariance, move, look, q, reading, r = case
    slope = jacfwd(move)(before)
    x = slope @ before if linear else move(before)
    covariance = slope @ covariance @ (torch.eye(3).double() if one_sided else slope.T) + noise * q
    seen = jacfwd(look)(before if look_at_old else x)
    expected = seen @ covariance @ seen.T + r
    gain = torch.linalg.solve(expected, seen @ covariance).T
    x = x + gain @ (reading - look(x))
    left = torch.eye(3).double() - gain @ seen
    covariance = left @ covariance @ left.T + gain @ r @ gain.T
    return x.numpy(), ((covariance + covariance.T) / 2).numpy()


def nees(errors: np.ndarray, covariances: np.ndarray) -> Slips:
    """Return slips in the normalised squared errors of N cases."""
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    right = rivals._nees(errors, covariances)
    return [
        (
            (errors**2 / variances).sum(axis=1),
            "Only the variances are in it. The covariance as a whole is inverted: errors that go "
            "together count less.",
        ),
        (np.sqrt(right), "This is its root: leave the square."),
        (
            right / errors.shape[1],
            "Do not divide by the number of states: its mean is that number.",
        ),
        (
            np.einsum("ni,nij,nj->n", errors, covariances, errors),
            "This multiplies by the covariance. It is its inverse.",
        ),
    ]


# Particles ----------------------------------------------------------------------------------


def weights(log_weights: np.ndarray, expected: np.ndarray, reading: float, sd: float) -> Slips:
    """Return slips in the log weights after a reading."""
    off = (reading - expected) / sd

    def whole(log: np.ndarray) -> np.ndarray:
        return log - log.max() - np.log(np.exp(log - log.max()).sum())

    right = whole(log_weights - off**2 / 2)
    return [
        (
            log_weights - off**2 / 2,
            "They do not add up to 1 yet: take the logarithm of the sum off.",
        ),
        (whole(-(off**2) / 2), "The weights of before are lost: add the new logarithms to them."),
        (whole(log_weights - off**2), "The half is missing: −½ ((reading − expected) / sd)²."),
        (whole(log_weights + off**2 / 2), "The sign: a particle that is far off loses weight."),
        (
            whole(log_weights - (reading - expected) ** 2 / 2),
            "Measure what is off in units of `sd`.",
        ),
        (np.exp(right), "These are the weights; asked are their logarithms."),
    ]


def of_counts(chosen: np.ndarray, log_weights: np.ndarray, start: float) -> str:
    """Say what kind of resampling gives counts that are too far off, where it is certain."""
    n = len(chosen)
    due = n * np.exp(log_weights)
    if chosen.sum() == n and (np.abs(chosen - due) < 1 + 1e-9).all():
        return " These are the counts. Asked is who goes on: each index as often as it is taken."
    if np.array_equal(np.sort(chosen), np.arange(n)):
        return " All of them go on: their weights have no part in it."
    if len(np.unique(chosen)) == 1:
        return " Only one particle is left."
    said = of_teeth(chosen, log_weights, start)
    return f" {said or 'N draws that come one by one do that; a comb keeps luck small.'}"


def of_teeth(chosen: np.ndarray, log_weights: np.ndarray, start: float) -> str:
    """Say which other comb chooses so, or nothing."""
    n = len(chosen)
    ends, steps = np.cumsum(np.exp(log_weights)), np.arange(n)
    combs = {
        "The comb stands one tooth too far: the first is at `start / N`.": (start + 1 + steps) / n,
        "The teeth go on to 1. They are 1 / N apart, so the last is at `(start + N - 1) / N`.": (
            np.linspace(start / n, 1, n)
        ),
        "The first tooth stands at `start`, not at `start / N`.": (start + steps / n) % 1,
    }
    for said, teeth in combs.items():
        picked = np.searchsorted(ends, teeth).clip(0, n - 1)
        if np.array_equal(np.sort(picked), np.sort(chosen)):
            return said
    return ""


def refilters(
    beliefs: Sequence[np.ndarray], readings: Sequence[float], sampled_h: int, sample: float
) -> dict[str, np.ndarray]:
    """Return slips with a late sample: what to say, and the belief that each gives."""
    step, correct = handed.Step(), handed.Correct()
    now = len(beliefs) - 1

    def replayed(belief: np.ndarray, first: int, last: int = now) -> np.ndarray:
        for hour in range(first, last + 1):
            belief = step(belief, readings[hour])
        return belief

    corrected = correct(beliefs[sampled_h], sample)
    return {
        "The sample has no part in it.": beliefs[-1],
        "The sample was compared with the belief of now. It was drawn hours ago, and says what "
        "was then.": correct(beliefs[-1], sample),
        "This is the belief of the sample's hour. What was read since then has to come again, "
        "step by step.": corrected,
        "The reading of the sample's own hour was used twice: begin with the hour after "
        "it.": replayed(corrected, sampled_h),
        "The last reading is missing.": replayed(corrected, sampled_h + 1, now - 1),
        "It begins an hour too late: the reading right after the sample is missing.": replayed(
            corrected, sampled_h + 2
        ),
    }


# The rule -----------------------------------------------------------------------------------


def of_hours(hours: np.ndarray, some: material.Season) -> str:
    """Say what is wrong with the hours at which a rule harvests."""
    if (hours == some.hours[0]).all():
        return f"It harvests every batch at the first hour that it is asked, {some.hours[0]:.0f} h."
    if (hours == some.hours[-1]).all():
        return f"It never says True: every batch goes on to the last hour, {some.hours[-1]:.0f} h."
    if np.ptp(hours) <= 2:
        return "It harvests all batches at one hour. What do the instruments show of each?"
    best = some.hours[some.doses.argmax(axis=0)]
    paid = some.doses.max(axis=0) > 0
    off = float(np.median((hours - best)[paid]))
    if abs(off) >= 3:
        late = "late" if off > 0 else "early"
        return f"It harvests too {late}: by {abs(off):.0f} h, by the median over the batches."
    lost = (
        some.doses.max(axis=0) - some.doses[np.searchsorted(some.hours, hours), range(len(hours))]
    )
    worst = [f"batch {b} at {hours[b]:.0f} h, best {best[b]:.0f} h" for b in np.argsort(-lost)[:3]]
    return f"Right in the middle, and far off in single batches. The dearest: {'; '.join(worst)}."


def of_dead(hours: np.ndarray, some: material.Season) -> str:
    """Say what a rule does without capacitance, by the hours at which it harvests."""
    middle = float(np.median(hours))
    if middle == some.hours[-1]:
        return (
            "That is the last hour: it never says True. A comparison with NaN is False. Fall back "
            "on oxygen, or on the clock."
        )
    fixed = some.hours[some.fixed]
    way = "too early" if middle < fixed else "too late" if middle > fixed else "right in the middle"
    return (
        f"The best fixed hour is {fixed:.0f} h, so that is {way}. What does the rule go by once "
        "that probe is gone? Oxygen and the clock are left."
    )
