"""What day 2, notebook 3 lays out: batches hour by hour, and a forecast at 24 h after infection.

The target is the hour of harvest that would have given most doses. A laboratory finds it afterwards
from retained samples; the plant's own equations tell it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import HistGradientBoostingRegressor

from vaxlab.plant import campaign, instruments
from vaxlab.plant.campaign import HISTORY_SEED

FROM_H, NOW_H = -48, 24
"""Hours after infection between which a trace is looked at: now is 24 h after infection."""
TAGS = tuple(instruments.TAGS)
RECIPE = (
    "moi",
    "infection_temperature_c",
    "ph",
    "do_percent",
    "trypsin_bu_per_ml",
    "glucose_mmol_per_l",
    "feed_mmol_per_l_h",
    "carrier_g_per_l",
)
"""Set points that are known beforehand."""
BATCHES, TRAINED = 360, 120
"""Batches of the history, and the first of them, on which models learn."""
STEP_H = 3
"""Hours between two points of what a network reads."""
SEEDS = 5


@dataclass(frozen=True)
class Traces:
    """Batches hour by hour.

    Attributes
    ----------
    hours : array (T,)
        After infection, at the start of each hour.
    values : array (B, T, `TAGS`)
        Hourly means; NaN where a tag was not recorded, and after the harvest. Of the two totals
        what was added in the hour, mL.
    recipe : array (B, `RECIPE`)
    best_h : array (B,)
        Hour after infection at which a harvest would have given most doses.
    harvested_h : array (B,)
        Hour at which the crew harvested.
    """

    hours: np.ndarray
    values: np.ndarray
    recipe: np.ndarray
    best_h: np.ndarray
    harvested_h: np.ndarray

    def until_now(self) -> Traces:
        """Return what is known 24 h after infection."""
        known = self.hours < NOW_H
        return Traces(
            self.hours[known], self.values[:, known], self.recipe, self.best_h, self.harvested_h
        )


@lru_cache(maxsize=2)
def traces(plant_seed: int = HISTORY_SEED, n: int = BATCHES) -> Traces:
    """Return the traces of a plant's history, to the harvest of the longest batch."""
    made = campaign.run(plant_seed, n)
    shown, batches = made.tables["historian"], made.tables["batches"]
    code = pd.Categorical(shown["batch_id"], categories=batches["batch_id"]).codes.astype(int)
    since = shown["recorded_at"].to_numpy() - batches["infected_at"].to_numpy()[code]
    recipe = batches[list(RECIPE)].to_numpy(dtype=float)
    long_h = (batches["harvested_at"] - batches["infected_at"]).dt.total_seconds() / 3600
    last = int(np.ceil(long_h.max()))
    read = {tag: shown[tag].to_numpy(dtype=float) for tag in TAGS}
    values = _hourly(read, code, since / np.timedelta64(1, "h"), n, last)
    best_h = made.truth["best_harvest"]["best_harvest_h"].to_numpy()
    return Traces(np.arange(FROM_H, last), values, recipe, best_h, long_h.to_numpy())


def _hourly(
    read: Mapping[str, np.ndarray], batch: np.ndarray, after_h: np.ndarray, n: int, last: int
) -> np.ndarray:
    """Return hourly means (n, hours, tags); of totals, what came in an hour."""
    kept = (after_h >= FROM_H) & (after_h < last)
    place = batch[kept] * (last - FROM_H) + np.floor(after_h[kept]).astype(int) - FROM_H
    size, values = n * (last - FROM_H), []
    for tag, column in read.items():
        there = np.isfinite(column[kept])
        count = np.bincount(place[there], minlength=size)
        total = np.bincount(place[there], column[kept][there], minlength=size)
        with np.errstate(invalid="ignore"):
            grid = (total / count).reshape(n, -1)
        if "total" in tag:  # counted anew with each medium: what falls there is no flow
            grid = np.diff(grid, axis=1, prepend=np.nan)
            grid[:, 0] = grid[:, 1]  # of the first hour nobody knows where it began
            before = np.roll(grid, 1, axis=1)
            grid = np.where(grid < 0, np.maximum(before, 0), grid)  # as in the hour before
        values.append(grid)
    return np.stack(values, axis=2)


# What models read ---------------------------------------------------------------------------


def _summary(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return means of each tag over the six blocks of 12 h before 24 h, (B, 6 · tags)."""
    blocks = []
    for first in range(FROM_H, NOW_H, 12):
        block = values[:, (hours >= first) & (hours < first + 12)]
        there = np.isfinite(block)
        with np.errstate(invalid="ignore"):
            blocks.append(np.where(there, block, 0).sum(axis=1) / there.sum(axis=1))
    return np.concatenate(blocks, axis=1)


@dataclass(frozen=True)
class Scaling:
    """Means and SDs of the batches that are learnt from."""

    mean: np.ndarray
    sd: np.ndarray
    recipe_mean: np.ndarray
    recipe_sd: np.ndarray

    @classmethod
    def of(cls, some: Traces, rows: np.ndarray) -> Scaling:
        """Take them from some rows, and from no other."""
        values, recipe = some.until_now().values[rows], _logged(some.recipe)[rows]
        mean, sd = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
        # A tag may hardly move in an hour: no spread is smaller than a tenth of its own overall.
        least = 0.1 * np.nanstd(values, axis=(0, 1)) + 1e-6
        return cls(mean, np.maximum(sd, least), recipe.mean(axis=0), recipe.std(axis=0) + 1e-9)

    def tensor(self, some: Traces) -> torch.Tensor:
        """Return what a network reads: (B, 24, tags + set points), one step every 3 h, float32.

        Scaled; a gap is 0, the mean of its hour. Set points are the same at each step.
        """
        scaled = (some.until_now().values - self.mean) / self.sd
        scaled = np.clip(np.nan_to_num(scaled), -6, 6)
        parts = scaled.reshape(len(scaled), -1, STEP_H, scaled.shape[2]).mean(axis=2)
        recipe = (_logged(some.recipe) - self.recipe_mean) / self.recipe_sd
        repeated = np.repeat(recipe[:, None], parts.shape[1], axis=1)
        return torch.tensor(np.concatenate([parts, repeated], axis=2), dtype=torch.float32)


def _logged(recipe: np.ndarray) -> np.ndarray:
    return np.column_stack([np.log10(recipe[:, 0]), recipe[:, 1:]])


def boosted(seed: int) -> HistGradientBoostingRegressor:
    """Return boosted trees for few batches, not yet fitted."""
    return HistGradientBoostingRegressor(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=8,
        max_features=0.3,
        random_state=seed,
    )


# Networks -----------------------------------------------------------------------------------


class MLP(torch.nn.Module):
    """All points side by side."""

    def __init__(self, channels: int, steps: int = (NOW_H - FROM_H) // STEP_H) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Flatten(),
            torch.nn.Linear(channels * steps, 16),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(16, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number a row."""
        return self.layers(x).squeeze(1)


class CNN(torch.nn.Module):
    """Filters that slide along the hours."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.filters = torch.nn.Sequential(
            torch.nn.Conv1d(channels, 16, 5),
            torch.nn.ReLU(),
            torch.nn.Conv1d(16, 16, 5, stride=2),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool1d(4),
            torch.nn.Flatten(),
            torch.nn.Linear(64, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number a row."""
        return self.filters(x.transpose(1, 2)).squeeze(1)


class GRU(torch.nn.Module):
    """A memory that is carried from hour to hour."""

    def __init__(self, channels: int, hidden: int = 20) -> None:
        super().__init__()
        self.memory = torch.nn.GRU(channels, hidden, batch_first=True)
        self.last = torch.nn.Linear(hidden, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number a row."""
        return self.last(self.memory(x)[1][-1]).squeeze(1)


NETWORKS = {"MLP": MLP, "1-D CNN": CNN, "GRU": GRU}


# What the exercises ask for -----------------------------------------------------------------

T_FIVE = 2.776
"""97.5 % quantile of Student's t with four degrees of freedom: five seeds."""


def _stop_early(losses: list[float], patience: int) -> tuple[int, int]:
    """Return the last epoch and the best one, counted from 1."""
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses), best


def _paired(trees: np.ndarray, net: np.ndarray) -> tuple[float, float, str]:
    """Return the interval on the mean difference of five seeds, and who is better."""
    apart = net - trees
    half = T_FIVE * apart.std(ddof=1) / np.sqrt(len(apart))
    low, high = apart.mean() - half, apart.mean() + half
    return low, high, "net" if high < 0 else "trees" if low > 0 else "undecided"


def _turns_at(sizes: np.ndarray, trees: np.ndarray, net: np.ndarray) -> float:
    """Return the smallest size from which the net's miss is lower and stays lower."""
    behind = np.flatnonzero(net >= trees)
    first = behind[-1] + 1 if len(behind) else 0
    return float(sizes[first]) if first < len(sizes) else np.inf


def _drawn_curve(rng: np.random.Generator, at: int) -> list[np.ndarray]:
    """Draw sizes and the misses of trees and net, which is ahead from place ``at`` on."""
    sizes = np.round(rng.uniform(40, 80) * 2.0 ** np.arange(6))
    trees = 4.2 - 0.2 * np.arange(6) + rng.normal(0, 0.02, 6)
    away = rng.uniform(0.1, 0.4, 6)
    return [sizes, trees, trees + np.where(np.arange(6) < at, away, -away)]
