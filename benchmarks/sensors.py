"""What spectra are worth beside a clock, and nets beside trees: as learners would try it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.signal import savgol_filter
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from vaxlab.plant import campaign, spectra

G_PER_MMOL = {"glucose": 0.18016, "lactate": 0.09008}
HISTORY, BATCHES = 120, 12
COMPONENTS = range(4, 15, 2)


@dataclass(frozen=True)
class Errors:
    """Root mean squared errors on new batches, g/L.

    Attributes
    ----------
    pls : float
        Of partial least squares on the spectra.
    clock : float
        Of the training batches' mean at the same hour.
    """

    pls: float
    clock: float

    @property
    def clock_over_pls(self) -> float:
        """How many times worse the clock is."""
        return self.clock / self.pls


@dataclass(frozen=True)
class _Measured:
    spectra: np.ndarray
    hours: np.ndarray
    batch: np.ndarray
    read: dict[str, np.ndarray]
    true: dict[str, np.ndarray]


@cache
def errors(seed: int) -> dict[str, Errors]:
    """Learn on twelve batches of one history, and predict twelve of another, never seen."""
    train, test = _measured(seed), _measured(seed + 1)
    found = {}
    for name, g in G_PER_MMOL.items():
        known = ~np.isnan(train.read[name])
        x, y, batch = train.spectra[known], train.read[name][known], train.batch[known]
        folds = GroupKFold(6)
        missed = [
            np.mean((cross_val_predict(_pls(k), x, y, groups=batch, cv=folds).ravel() - y) ** 2)
            for k in COMPONENTS
        ]
        model = _pls(COMPONENTS[int(np.argmin(missed))]).fit(x, y)
        clock = _clock(train.hours[known], y, test.hours)
        found[name] = Errors(
            pls=g * _rmse(model.predict(test.spectra).ravel(), test.true[name]),
            clock=g * _rmse(clock, test.true[name]),
        )
    return found


def _measured(seed: int) -> _Measured:
    batches = campaign.run(seed, HISTORY).made.batches
    which = np.linspace(0, HISTORY - 1, BATCHES).astype(int)
    table = spectra.measure(batches, np.random.default_rng(seed), which)
    batch = table["batch"].to_numpy()
    start = np.array([recipe.growth_time_h for recipe in batches.recipes])
    hours = table["minute"].to_numpy() / 60 - start[batch]
    light = savgol_filter(table[list(spectra.CHANNELS)].to_numpy(float), 11, 2, deriv=1, axis=1)
    light = (light - light.mean(axis=1, keepdims=True)) / light.std(axis=1, keepdims=True)
    names = {name: f"{name}_mmol_per_l" for name in G_PER_MMOL}
    return _Measured(
        light,
        hours,
        batch,
        {name: table[f"atline_{column}"].to_numpy() for name, column in names.items()},
        {name: batches.at(column, batch, hours) for name, column in names.items()},
    )


def _pls(components: int) -> PLSRegression:
    return PLSRegression(components, scale=False)


def _clock(hours: np.ndarray, read: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the mean reading at the asked hours; nothing is carried over the exchange."""
    out = np.empty(len(asked))
    for after in (False, True):
        here, there = (hours >= 0) == after, (asked >= 0) == after
        mean = pd.Series(read[here]).groupby(np.round(hours[here] / 2) * 2).mean()
        out[there] = np.interp(asked[there], mean.index, mean.to_numpy())
    return out


def _rmse(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))
