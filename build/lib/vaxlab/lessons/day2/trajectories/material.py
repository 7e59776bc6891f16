"""What day 2, notebook 3 lays out: batches of the fast live line hour by hour, and models of them.

The fast line gives the cells a MOI of 0.001, sixteen times what is usual. Its live vaccine is ready
some 45 hours after infection; when exactly differs from batch to batch, and half of the titre is
gone 6.5 hours later. The crew of the pilot series took samples until the titre fell.

On the usual line one cell in a hundred is infected at 24 h, and no probe shows it; on the fast one
a sixth are, and all methods tell the same. At 30 h they differ: that is when the forecast is asked.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_selection import VarianceThreshold
from sklearn.pipeline import Pipeline, make_pipeline
from torch import nn

from vaxlab import training
from vaxlab.plant import campaign, deploy, hourly, making
from vaxlab.plant.campaign import HISTORY_SEED

MOI = 1e-3
TAGS = hourly.TAGS
FROM_H, NOW_H = -6, 30
"""The window that a forecast may see: from before infection to the moment when it is asked for."""
STEPS = NOW_H - FROM_H
RECORD_FROM_H, LONGEST_H = -24, 84
PILOT, NEXT, LEARNT = 240, 480, 120
"""Batches of the pilot series, of the series after it, and of those that one seed learns from."""
SEEDS = 5
READY_SD_H = 1.0
"""How well the laboratory can tell the best hour."""
GOES_ON_H = (1.0, 3.0)
"""The crew goes on until the titre is seen to fall: so long after the best hour."""
GAPS = 0.15
"""Share of batches in which a tag was not recorded for some hours."""
SETTLED = slice(8, 14)
"""Hours 2 to 7 after infection, within the window: the medium is new, no cell has swollen yet."""


@dataclass(frozen=True)
class Batches:
    """Batches hour by hour.

    Attributes
    ----------
    hours : array (T,)
        After infection, at the start of each hour.
    values : array (B, T, 5)
        Hourly means of `TAGS`; NaN where nothing was recorded, and after the end of a batch.
    ready_h : array (B,)
        When its titre was highest, h after infection, as far as the laboratory can tell.
    ended_h : array (B,)
        When the crew ended it.
    """

    hours: np.ndarray
    values: np.ndarray
    ready_h: np.ndarray
    ended_h: np.ndarray


@lru_cache(maxsize=6)
def pilot(plant_seed: int = HISTORY_SEED, n: int = PILOT) -> Batches:
    """Return the pilot series of the fast line."""
    return _made(plant_seed, n)[0]


@lru_cache(maxsize=6)
def next_series(plant_seed: int = HISTORY_SEED, n: int = NEXT) -> Batches:
    """Return the series after it, with other lots."""
    return _made(int(np.random.default_rng([plant_seed, 31]).integers(2**40)), n)[0]


def _made(seed: int, n: int) -> tuple[Batches, np.ndarray]:
    """Make a series: what the plant's people know, and the true best hours."""
    days = max(1, round(n * campaign.DAYS_A_BATCH))
    as_meant = {"moi": np.full(n, MOI)}
    drawn = campaign.draw(seed, n, days=days, shares=deploy.LIVE_SHARES, set_points=as_meant)
    long = np.full(n, float(LONGEST_H))
    recipes = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, long)
    made = making.make(recipes, drawn.circumstances).batches
    rng = np.random.default_rng([seed, 23])
    values = hourly.record(made, drawn.circumstances, rng, RECORD_FROM_H, LONGEST_H)
    after = made.time_h >= 0
    virions = made.states["infectious_virions_per_ml"][:, after]
    best_h = made.time_h[after][np.argmax(virions, axis=1)]
    ready_h = np.round(2 * (best_h + READY_SD_H * rng.standard_normal(n))) / 2
    ended_h = np.clip(ready_h + rng.uniform(*GOES_ON_H, n), NOW_H + 1, LONGEST_H)
    hours = np.arange(RECORD_FROM_H, LONGEST_H)
    values[hours + 1 > ended_h[:, None]] = np.nan
    for row in np.flatnonzero(rng.random(n) < GAPS):
        first = int(rng.integers(-10, 40)) - RECORD_FROM_H
        values[row, first : first + int(rng.integers(2, 8)), rng.integers(len(TAGS))] = np.nan
    values[rng.integers(n), :, TAGS.index("ph")] = np.nan  # a probe that was dead throughout
    return Batches(hours, values, ready_h, ended_h), best_h


# What models read ---------------------------------------------------------------------------


def window(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return what is known at `NOW_H`, (B, 36, tags): gaps as last read, or as first read.

    A tag that was never recorded stays NaN.
    """
    seen = np.array(values[:, (hours >= FROM_H) & (hours < NOW_H)], dtype=float)
    for order in (range(1, seen.shape[1]), range(seen.shape[1] - 2, -1, -1)):
        step = 1 if order.step > 0 else -1
        for k in order:
            seen[:, k] = np.where(np.isnan(seen[:, k]), seen[:, k - step], seen[:, k])
    return seen


def _summary(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return mean, SD, lowest, highest and last three hours of each tag, (B, 5 · tags)."""
    seen = values[:, (hours >= FROM_H) & (hours < NOW_H)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a tag that was never recorded
        ways = [kind(seen, axis=1) for kind in (np.nanmean, np.nanstd, np.nanmin, np.nanmax)]
        return np.concatenate([*ways, np.nanmean(seen[:, -3:], axis=1)], axis=1)


def _beside_its_start(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return features of each batch beside its own first hours after infection."""
    seen = window(values, hours)
    start = np.maximum(seen[:, SETTLED].mean(axis=1), 1e-3)  # no base yet, in some
    parts = [seen[:, a:b].mean(axis=1) / start for a, b in ((-3, None), (-6, -3), (-12, -6))]
    return np.concatenate([seen.mean(axis=1), *parts], axis=1)


def boosted(seed: int = 0) -> Pipeline:
    """Return boosted trees for few batches, not yet fitted. NaN is a value to them."""
    trees = HistGradientBoostingRegressor(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=8,
        max_features=0.3,
        random_state=seed,
    )
    # Of a column that says the same of all batches the trees' bins would make nothing but an error.
    return make_pipeline(VarianceThreshold(), trees)


@dataclass(frozen=True)
class Scaling:
    """Mean and SD of each tag, of the batches that are learnt from.

    Attributes
    ----------
    mean, sd : array (5,)
    """

    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, hours: np.ndarray) -> Scaling:
        """Take them from these batches, and from no other."""
        seen = window(values, hours)
        return cls(np.nanmean(seen, axis=(0, 1)), np.nanstd(seen, axis=(0, 1)) + 1e-9)

    def tensor(self, values: np.ndarray, hours: np.ndarray) -> torch.Tensor:
        """Return what a network reads, (B, 36, 5) in float32; a dead tag is 0, the mean."""
        scaled = (window(values, hours) - self.mean) / self.sd
        return torch.tensor(np.clip(np.nan_to_num(scaled), -5, 5), dtype=torch.float32)


# Networks -----------------------------------------------------------------------------------


class MLP(nn.Module):
    """All hours side by side, each with weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(STEPS * len(TAGS), 16),
            nn.ReLU(),
            nn.Linear(16, 16),
            nn.ReLU(),
            nn.Linear(16, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number a batch."""
        return self.layers(x).squeeze(1)


class CNN(nn.Module):
    """Filters that slide along the hours."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(len(TAGS), 16, 5, padding=2),
            nn.ReLU(),
            nn.AvgPool1d(3),
            nn.Conv1d(16, 16, 3, padding=1),
            nn.ReLU(),
            nn.AvgPool1d(2),
            nn.Flatten(),
            nn.Linear(16 * (STEPS // 6), 16),
            nn.ReLU(),
            nn.Linear(16, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number a batch."""
        return self.layers(x.transpose(1, 2)).squeeze(1)


class GRU(nn.Module):
    """A memory that is carried from hour to hour."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = nn.GRU(len(TAGS), 16, batch_first=True)
        self.last = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number a batch."""
        return self.last(self.memory(x)[0][:, -1]).squeeze(1)


NETWORKS: dict[str, Callable[[], nn.Module]] = {"MLP": MLP, "1-D CNN": CNN, "GRU": GRU}


def trained(
    make_net: Callable[[], nn.Module],
    values: np.ndarray,
    hours: np.ndarray,
    ready_h: np.ndarray,
    seed: int,
    curve: training.LiveCurve | None = None,
) -> Callable[[np.ndarray], np.ndarray]:
    """Train a network; a fifth of the batches is held back, and ends the training.

    Returns
    -------
    callable
        From values (B, T, 5) of other batches to their best hours (B,).
    """
    order = np.random.default_rng(seed).permutation(len(ready_h))
    held, used = np.split(order, [len(order) // 5])
    scaling = Scaling.of(values[used], hours)
    middle, spread = ready_h[used].mean(), ready_h[used].std()
    x = scaling.tensor(values, hours)
    y = torch.tensor((ready_h - middle) / spread, dtype=torch.float32)
    training.seed_all(seed)
    net = make_net()
    training.fit(
        net,
        nn.functional.mse_loss,
        (x[used], y[used]),
        validation=(x[held], y[held]),
        batch_size=32 if len(y) < 1000 else 64,
        learning_rate=4e-3,
        weight_decay=0.1,
        patience=15,
        seed=seed,
        curve=curve,
    )

    def forecast(values: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(scaling.tensor(values, hours)).numpy() * spread + middle

    return forecast


def miss(said: np.ndarray, ready_h: np.ndarray) -> float:
    """Return the root mean squared miss, h."""
    return float(np.sqrt(np.mean((np.asarray(said) - ready_h) ** 2)))


# What the exercises ask for -----------------------------------------------------------------

T_FIVE = 2.776
"""97.5 % quantile of Student's t with four degrees of freedom: five seeds."""


def _paired(trees: np.ndarray, net: np.ndarray) -> tuple[float, float, str]:
    """Return the interval on the mean difference of five seeds, and who is better."""
    apart = net - trees
    half = T_FIVE * apart.std(ddof=1) / np.sqrt(len(apart))
    low, high = apart.mean() - half, apart.mean() + half
    return low, high, "net" if high < 0 else "trees" if low > 0 else "undecided"


def _turns_at(sizes: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Return up to which size trees are surely ahead, and from which on the net is.

    ``low`` and ``high`` are the ends of the interval on net less trees at each size, ascending.
    """
    leads, follows = low > 0, high < 0
    until = int(np.argmin(leads)) if not leads.all() else len(sizes)
    start = len(sizes) - (int(np.argmin(follows[::-1])) if not follows.all() else len(sizes))
    return (
        float(sizes[until - 1]) if until else 0.0,
        float(sizes[start]) if start < len(sizes) else np.inf,
    )
