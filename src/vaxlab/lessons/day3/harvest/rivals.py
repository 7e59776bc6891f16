"""The course's own answers: what a learner's are put beside, and what works where they do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day3.harvest.material import (
    SIGNALS,
    Constants,
    an_hour_on,
    foretold,
    hourly,
    shares,
    shown,
)


def _verdict(doses: pd.DataFrame) -> tuple[int, float, float, float]:
    """Return the best fixed hour, and what an oracle adds, in %, with its 95 % interval."""
    hour = doses.mean(axis=1).idxmax()
    more = doses.max(axis=0) - doses.loc[hour]
    base, half = doses.loc[hour].sum(), 1.96 * more.std() * np.sqrt(len(more))
    low, high = more.sum() - half, more.sum() + half
    return int(hour), *(float(100 * part / base) for part in (more.sum(), low, high))


def _ekf_step(
    x: Any, covariance: Any, move: Any, look: Any, noise: Any, reading: Any, reading_noise: Any
) -> tuple[Any, Any]:
    """Return state and covariance an hour on: predict, and update where there is a reading.

    Without a branch, so that `torch.func.vmap` takes many batches side by side.
    """
    import torch
    from torch.func import jacfwd

    slope = jacfwd(move)(x)
    x = move(x)
    covariance = slope @ covariance @ slope.T + noise
    seen = jacfwd(look)(x)
    expected = seen @ covariance @ seen.T + reading_noise
    gain = torch.linalg.solve(expected, seen @ covariance).T
    left = torch.eye(x.shape[0], dtype=x.dtype) - gain @ seen
    after = left @ covariance @ left.T + gain @ reading_noise @ gain.T
    missing = torch.isnan(reading).any()
    updated = torch.where(missing, x, x + gain @ (reading - look(x)))
    return updated, torch.where(missing, covariance, (after + after.T) / 2)


def _nees(errors: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """Return errorsᵀ covariance⁻¹ errors of each of N cases, (N,)."""
    return np.einsum("ni,ni->n", errors, np.linalg.solve(covariances, errors[..., None])[..., 0])


def _nis(k: Constants, *given: Any) -> float:
    """Return how far a reading is from what was expected before it, squared, over their number.

    Given state, covariance, noise, reading and its noise; in units of what the filter expected.
    """
    x, covariance, noise, reading, r = (np.asarray(part.detach(), dtype=float) for part in given)
    ways = x[:, None] + 1e-6 * np.hstack([np.zeros((len(x), 1)), np.eye(len(x)), -np.eye(len(x))])
    says = shown(an_hour_on(ways, k))
    slope = (says[:, 1 : len(x) + 1] - says[:, len(x) + 1 :]) / 2e-6
    expected = slope @ covariance @ slope.T + shown(shown(noise).T) + r
    off = reading - says[:, 0]
    return float(off @ np.linalg.solve(expected, off)) / len(off)


def _refilter(
    beliefs: Sequence[Any],
    readings: Sequence[float],
    sampled_h: int,
    sample: float,
    step: Any,
    correct: Any,
) -> Any:
    """Return the belief of now, with a sample in it that was drawn some hours ago."""
    belief = correct(beliefs[sampled_h], sample)
    for hour in range(sampled_h + 1, len(beliefs)):
        belief = step(belief, readings[hour])
    return belief


def _features(record: pd.DataFrame) -> pd.DataFrame:
    """Return features of each hour that only use what was shown up to it."""
    table = {"hour": record.index.to_numpy()}
    for name in SIGNALS:
        values = record[name].to_numpy()
        start = np.nanmean(values[(record.index >= 1) & (record.index <= 6)])
        share = pd.Series(values / start, index=record.index).rolling(3, min_periods=1).mean()
        table[f"{name} share"] = share.to_numpy()
        table[f"{name} slope"] = share.diff(4).to_numpy()
        table[f"{name} fallen"] = (share / share.cummax()).to_numpy()
    return pd.DataFrame(table, index=record.index)


def _reweigh(log_weights: np.ndarray, expected: np.ndarray, reading: float, sd: float) -> Any:
    """Return normalised log weights after a reading; as they were, if it is missing."""
    if np.isfinite(reading):
        log_weights = log_weights - 0.5 * ((reading - expected) / sd) ** 2
    top = log_weights.max()
    return log_weights - top - np.log(np.exp(log_weights - top).sum())


def _resample(log_weights: np.ndarray, start: float) -> np.ndarray:
    """Return which particles go on, (N,), by systematic resampling."""
    weights = np.exp(log_weights - log_weights.max())
    n = len(weights)
    ends = np.cumsum(weights) / weights.sum()
    return np.searchsorted(ends, (start + np.arange(n)) / n, side="right").clip(0, n - 1)


NEARLY = 0.99
"""Share of the best expected doses to come that is good enough: waiting has its risks."""
FALLEN = 0.85
"""Share of its first hours' capacitance below which the plain rule harvests."""


def _plain_rule(known: Mapping[str, Any], seen: pd.DataFrame) -> bool:
    """Harvest when capacitance has risen, and has then fallen below a share of its first hours'."""
    volume = shares(hourly(seen))[:, 0]
    return bool(np.nanmax(volume) > 1.03 and np.nanmean(volume[-2:]) < FALLEN)


def rule_ahead(ahead_h: int) -> Callable[[Mapping[str, Any], pd.DataFrame], bool]:
    """Return a rule that calls the crew some hours ahead, by the filter's expected doses."""

    def rule(known: Mapping[str, Any], seen: pd.DataFrame) -> bool:
        doses = foretold(known, seen).doses.iloc[ahead_h:]
        return bool(len(doses) == 0 or doses.iloc[0] >= NEARLY * doses.max())

    return rule


_rule = rule_ahead(0)
