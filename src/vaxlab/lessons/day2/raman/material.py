"""What day 2, notebook 2 lays out: spectra of the plant's batches, and a real fermentation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import torch
from scipy.signal import savgol_filter
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from torch import nn

from vaxlab.plant import campaign, spectra
from vaxlab.plant.campaign import HISTORY_SEED

NAMES = ("glucose", "lactate")
G_PER_MMOL = np.array([0.18016, 0.09008])
"""g/mmol, of glucose and of lactate."""
BATCHES, EXAM_BATCHES = 24, 12
_OUT_OF, _EXAM_OUT_OF = 120, 40  # batches of the campaigns that the spectra are taken from
CHANNELS = len(spectra.WAVENUMBERS)


@dataclass(frozen=True)
class Spectra:
    """Spectra with the at-line analyser's reading beside each: every two hours.

    Attributes
    ----------
    counts : array (N, 551)
        Of the detector, at 200, 204, … 2400 1/cm.
    hours : array (N,)
        Since infection; negative in growth. At 0 the medium is exchanged.
    batch : array (N,)
        Number of the batch.
    read : array (N, 2)
        Glucose and lactate at line, g/L.
    """

    counts: np.ndarray
    hours: np.ndarray
    batch: np.ndarray
    read: np.ndarray

    def of(self, batches: np.ndarray) -> Spectra:
        """Return the spectra of these batches."""
        rows = np.isin(self.batch, batches)
        return Spectra(self.counts[rows], self.hours[rows], self.batch[rows], self.read[rows])


@cache
def history() -> Spectra:
    """Return what the plant has: 24 batches."""
    return _measured(HISTORY_SEED, _OUT_OF, BATCHES)[0]


@cache
def _exam(seed: int) -> tuple[Spectra, np.ndarray]:
    """Return spectra of twelve new batches, and the true glucose and lactate, g/L."""
    return _measured(seed + 1, _EXAM_OUT_OF, EXAM_BATCHES)


def _measured(seed: int, out_of: int, n: int) -> tuple[Spectra, np.ndarray]:
    batches = campaign.run(seed, out_of).made.batches
    which = np.linspace(0, out_of - 1, n).astype(int)
    table = spectra.measure(batches, np.random.default_rng(seed), which)
    table = table[table["minute"] % spectra.REFERENCE_EVERY_MIN == 0]
    batch = table["batch"].to_numpy()
    growth_h = np.array([recipe.growth_time_h for recipe in batches.recipes])
    hours = table["minute"].to_numpy() / 60 - growth_h[batch]
    columns = [f"{name}_mmol_per_l" for name in NAMES]
    read = table[[f"atline_{column}" for column in columns]].to_numpy() * G_PER_MMOL
    true = np.column_stack([batches.at(column, batch, hours) for column in columns]) * G_PER_MMOL
    counts = table[list(spectra.CHANNELS)].to_numpy(np.float32)
    return Spectra(counts, hours, batch, read), true


def rmse(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return the root mean squared error of each column."""
    return np.sqrt(np.mean((np.asarray(predicted) - true) ** 2, axis=0))


# What a good answer does ----------------------------------------------------------------------


def _prepare(counts: np.ndarray) -> np.ndarray:
    slope = savgol_filter(np.asarray(counts, float), 11, 2, deriv=1, axis=1)
    return (slope - slope.mean(axis=1, keepdims=True)) / slope.std(axis=1, keepdims=True)


def _clock(hours: np.ndarray, read: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the mean reading at these hours; nothing is carried over the exchange."""
    out = np.empty(len(asked))
    for after in (False, True):
        here, there = (hours >= 0) == after, (asked >= 0) == after
        if here.any():
            mean = pd.Series(read[here]).groupby(np.round(hours[here] / 2) * 2).mean()
            out[there] = np.interp(asked[there], mean.index, mean.to_numpy())
    return out


def row_split(batches: int = 4) -> pd.DataFrame:
    """Return what folds of *rows* say of two models' glucose, and what new batches say, g/L.

    Parameters
    ----------
    batches : int
        That both learn from.
    """
    known = history().of(np.unique(history().batch)[:: BATCHES // batches])
    x, y = _prepare(known.counts), known.read[:, 0]
    new, true = _exam(HISTORY_SEED)
    asked, folds = _prepare(new.counts), KFold(5, shuffle=True, random_state=0)
    models = {
        "PLS, 14 components": PLSRegression(14, scale=False),
        "3 nearest spectra": KNeighborsRegressor(3),
    }
    return pd.DataFrame(
        {
            name: {
                "rows at random": rmse(cross_val_predict(model, x, y, cv=folds).ravel(), y),
                "twelve new batches": rmse(model.fit(x, y).predict(asked).ravel(), true[:, 0]),
            }
            for name, model in models.items()
        }
    ).T


# The network ----------------------------------------------------------------------------------


class Network(nn.Module):
    """A 1-D convolutional network for spectra.

    Parameters
    ----------
    channels : int
        Of a spectrum.
    outputs : int
        How many numbers it says of it.
    """

    def __init__(self, channels: int = CHANNELS, outputs: int = 2) -> None:
        super().__init__()
        self.filters = nn.Sequential(
            nn.Conv1d(1, 8, kernel_size=15, stride=3),
            nn.SiLU(),
            nn.Conv1d(8, 16, kernel_size=9, stride=3),
            nn.SiLU(),
            nn.Flatten(),
        )
        with torch.no_grad():
            width = self.filters(torch.zeros(1, 1, channels)).shape[1]
        self.head = nn.Sequential(nn.Linear(width, 32), nn.SiLU(), nn.Linear(32, outputs))

    def forward(self, spectra: torch.Tensor) -> torch.Tensor:
        """Return (B, outputs) for spectra (B, channels)."""
        return self.head(self.filters(spectra[:, None, :]))


def tensors(*arrays: np.ndarray) -> tuple[torch.Tensor, ...]:
    """Return arrays as float32 tensors."""
    return tuple(torch.tensor(np.asarray(array), dtype=torch.float32) for array in arrays)


# The real fermentation ------------------------------------------------------------------------


@cache
def laboratory() -> tuple[pd.DataFrame, np.ndarray]:
    """Return 21 infrared spectra from the laboratory, and their glucose by HPLC, g/L.

    References
    ----------
    Cabaneros Lopez P. et al., Transforming data to information: A parallel hybrid model for
    real-time state estimation in lignocellulosic ethanol fermentation, Biotechnology and
    Bioengineering (2021). The data come in the package chemotools, MIT licence.
    """
    from chemotools.datasets import load_fermentation_train

    counts, glucose = load_fermentation_train()
    return counts, glucose["glucose"].to_numpy()


@cache
def online() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 1,629 infrared spectra of one fermentation, and 34 samples by HPLC.

    Spectra have no time of their own. See `laboratory` for the source.
    """
    from chemotools.datasets import load_fermentation_test

    return load_fermentation_test()
