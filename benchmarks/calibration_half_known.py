"""Print what the thresholds of day 2, notebook 4 rest on, for some seeds of the plant.

One row a seed of the plant. A hybrid is trained on each plant's own 24 runs, as the notebook does
(10 s of one core); the checks themselves train nothing.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time

import numpy as np
import pandas as pd
import torch
from torch import nn

from vaxlab.lessons.day2.half_known import delivery, material, rivals
from vaxlab.plant.campaign import HISTORY_SEED

EPOCHS = 24


def misfit(predicted: torch.Tensor, measured: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Return the mean squared miss, of the readings that are there."""
    return ((predicted - measured) / scale)[~torch.isnan(measured)].square().mean()


def guessed(seed: int) -> material.Hybrid:
    """Return a hybrid that knows rates by differences."""
    hybrid = material.Hybrid(material._seam)
    features, found = material.by_differences(material.runs(seed))
    optimizer = torch.optim.Adam(hybrid.parameters(), lr=0.03)
    for _ in range(300):
        loss = misfit(torch.stack(hybrid(features), dim=1), found, torch.tensor([0.02, 0.1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return hybrid


def train(hybrid: material.Hybrid, seed: int) -> float:
    """Train it through the integrator, and return the CPU seconds of an epoch."""
    some = material.runs(seed)
    measured = material.left_out(some)
    scale = torch.tensor(material.scale(seed), dtype=torch.float32)
    optimizer = torch.optim.Adam(hybrid.parameters(), lr=0.02, betas=(0.8, 0.95))
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    begun = time.process_time()
    for _ in range(EPOCHS):
        loss = misfit(material.simulate(hybrid, some), measured, scale)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(hybrid.parameters(), 1.0)
        optimizer.step()
        slower.step()
    return (time.process_time() - begun) / EPOCHS


def judged(hybrid: material.Hybrid, seed: int, name: str) -> dict[str, float]:
    """Return misses of a hybrid over those of the pure models, and of its growth rate."""
    row = {}
    for outside, where in ((False, "inside"), (True, "outside")):
        exam = material.exam_runs(outside, seed)
        said = delivery.predicted(hybrid, exam)
        miss = material.miss(said.mean(axis=0), exam, seed)
        pure = {
            k: material.miss(v, exam, seed) for k, v in rivals.pure_predictions(exam, seed).items()
        }
        row[f"{name} {where} / network"] = miss / pure["pure network"]
        row[f"{name} {where} / best pure"] = miss / min(pure.values())
        row[f"{name} {where} lowest"] = float(said.min())
        features = material._features(exam).reshape(-1, 9)
        if not outside:
            ratio = delivery._ask(hybrid, features).mean(axis=0) / material._true_rates(features)
            growth, uptake = np.median(np.abs(ratio - 1), axis=0)
            row |= {f"{name} growth off": growth, f"{name} uptake off": uptake}
    return row


def covered(hybrid: material.Hybrid, seed: int) -> dict[str, float]:
    """Return the share of new runs' cells in three kinds of 90 % interval."""
    some, row = material.runs(seed), {}
    said = delivery.predicted(hybrid, some)[..., 0]
    n = len(some.recipes)
    miss = np.abs(some.values[..., 0] - said[material._fold(n, len(said)), np.arange(n)])
    spreads = said.std(axis=0) + delivery.LEAST_SPREAD
    there = np.isfinite(miss)
    width = material._rank(miss[there], 0.9)
    units = material._rank((miss / spreads)[there], 0.9)
    for outside, where in ((False, "inside"), (True, "outside")):
        new = material.next_runs(outside, seed)
        path = delivery.predicted(hybrid, new)[..., 0]
        off, spread = np.abs(path.mean(axis=0) - new.values[..., 0]), path.std(axis=0)
        row[f"held {where}: spread"] = float((off <= 1.645 * spread).mean())
        row[f"held {where}: one width"] = float((off <= width).mean())
        row[f"held {where}: in units"] = float(
            (off <= units * (spread + delivery.LEAST_SPREAD)).mean()
        )
    return row


def formulas(seed: int) -> dict[str, float]:
    """Return misses of the fitted formula, and how far apart its two inhibitions can be told."""
    row = {}
    for with_surface, name in ((False, "suspension"), (True, "carriers")):
        fit = rivals.fitted(with_surface, seed)
        for outside, where in ((False, "inside"), (True, "outside")):
            exam = material.exam_runs(outside, seed)
            said = delivery.predicted(fit.rates(), exam)[0]
            row[f"formula {name} {where}"] = material.miss(said, exam, seed)
    errors, correlations = material._told_apart(fit.sensitivities.to_numpy())
    row |= {f"error {name}": error for name, error in zip(rivals.FORMULA, errors, strict=True)}
    row["K_lactate fitted / true"] = fit.constants["K_lactate"] / rivals.TRUE_CONSTANTS["K_lactate"]
    return row | {"correlation of inhibitions": correlations[1, 2]}


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    hybrid = guessed(seed)
    row = judged(hybrid, seed, "rough")
    row["s an epoch"] = train(hybrid, seed)
    return row | judged(hybrid, seed, "hybrid") | covered(hybrid, seed) | formulas(seed)


if __name__ == "__main__":
    torch.set_num_threads(1)
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).T.to_string())
