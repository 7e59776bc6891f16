"""Print what the thresholds of day 2, notebook 3 rest on, for some seeds of the plant.

One row a seed of the plant. Columns: misses (h) of trees and networks with 120 batches, of the
leak, and what features of several kinds gain on plain numbers, over what the course's own gain.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import torch

from vaxlab.lessons.day2.trajectories import checks, delivery, material
from vaxlab.plant import campaign
from vaxlab.plant.rules import Policy

DURATION = "infection_duration_h"


def _mean(values: np.ndarray, hours: np.ndarray, first: int, last: int) -> np.ndarray:
    return np.nanmean(values[:, (hours >= first) & (hours < last)], axis=1)


def _ratios(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    start = np.maximum(_mean(values, hours, 2, 8), 1e-3)
    late = [_mean(values, hours, *block) / start for block in ((27, 30), (24, 27))]
    return np.concatenate([_mean(values, hours, -6, 30), *late], axis=1)


def _differences(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    change = _mean(values, hours, 27, 30) - _mean(values, hours, 2, 8)
    return np.concatenate([change, _mean(values, hours, -6, 30)], axis=1)


def _three_differences(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    start = _mean(values, hours, 2, 8)
    late = [_mean(values, hours, *block) - start for block in ((27, 30), (24, 27), (18, 24))]
    return np.concatenate([_mean(values, hours, -6, 30), *late], axis=1)


def _logarithms(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    seen = values[:, (hours >= 0) & (hours < 30)]
    logs = np.log(np.maximum(seen[:, :, 4], 0.01))
    beside = logs - np.nanmean(logs[:, 2:8], axis=1, keepdims=True)
    blocks = np.nanmean(beside[:, 6:].reshape(len(seen), 8, 3), axis=2)
    return np.concatenate([blocks, np.nanmean(seen, axis=1)], axis=1)


def _all_hours(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    return values[:, (hours >= -6) & (hours < 30)].reshape(len(values), -1)


def _slopes_less_start(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    seen = values[:, (hours >= 2) & (hours < 30)]
    late = np.nan_to_num(seen[:, -8:] - np.nanmean(seen[:, :6], axis=1, keepdims=True))
    slopes = np.einsum("bht,h->bt", late, np.arange(8) - 3.5)
    return np.concatenate([slopes, late.mean(axis=1), np.nanmean(seen, axis=1)], axis=1)


def _one_ratio(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    return (_mean(values, hours, 27, 30) / _mean(values, hours, 2, 8))[:, 4:]


def _slopes(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    seen = material.window(values, hours)[:, -8:]
    steps = np.arange(8) - 3.5
    return np.concatenate([np.einsum("bht,h->bt", seen, steps), seen.mean(axis=1)], axis=1)


def _levels(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    blocks = ((18, 24), (24, 27), (27, 30))
    return np.concatenate([_mean(values, hours, *block) for block in blocks], axis=1)


def _early(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    start = np.maximum(_mean(values, hours, 2, 8), 1e-3)
    return np.concatenate([start, _mean(values, hours, 12, 18) / start], axis=1)


KINDS = {
    "ratios": _ratios,
    "three differences": _three_differences,
    "one difference": _differences,
    "logarithms": _logarithms,
    "slopes less start": _slopes_less_start,
    "all hours": _all_hours,
    "one ratio": _one_ratio,
    "slopes": _slopes,
    "levels": _levels,
    "early": _early,
}


def in_doses() -> str:
    """Return what fixed hours give, and what the best even hour of each batch would."""
    doses = {
        hour: delivery._ran(
            Policy(recipe=lambda known, hour=hour: delivery._fast(known) | {DURATION: float(hour)})
        ).batches["doses"]
        for hour in range(36, 62, 2)
    }
    base = doses[int(delivery.FIXED_H)].sum()
    fixed = {hour: f"{100 * (one.sum() / base - 1):+.1f} %" for hour, one in doses.items()}
    best = np.max(list(doses.values()), axis=0).sum()
    return f"{fixed}\nin hindsight {100 * (best / base - 1):+.1f} %"


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    learnt, new = material.pilot(seed), material.next_series(seed)
    plain, ours = checks._references(seed)
    row = {"mean": material.miss(learnt.ready_h.mean(), new.ready_h), "trees": plain, "ours": ours}
    for name, network in material.NETWORKS.items():
        misses = []
        for k in range(2):
            rows = np.random.default_rng(k).permutation(len(learnt.ready_h))[: material.LEARNT]
            ready_h = learnt.ready_h[rows]
            told = material.trained(network, learnt.values[rows], learnt.hours, ready_h, k)
            misses.append(material.miss(told(new.values), new.ready_h))
        row[name] = float(np.mean(misses))
    leak = delivery.leak(seed)
    row |= {"leak, finished": leak.iloc[1], "leak, at 30 h": leak.iloc[2]}
    for name, read in KINDS.items():
        tables = [read(some.values, some.hours) for some in (learnt, new)]
        tables = [np.where(np.isfinite(table), table, np.nan) for table in tables]
        row[f"gain {name}"] = (plain - checks._miss_of(*tables, seed)) / (plain - ours)
    return row


if __name__ == "__main__":
    torch.set_num_threads(1)
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]]
    seeds = seeds or [1, campaign.HISTORY_SEED, 4_829_020_353_282, *map(int, drawn)]
    rows = {}
    for seed in seeds:
        rows[seed] = measure(seed)
        print(seed, {name: round(value, 2) for name, value in rows[seed].items()}, flush=True)
    print(in_doses())
    print(pd.DataFrame(rows).T.agg(["min", "max", "mean"]).round(2).T.to_string())
