"""What day 2, notebook 2 lays out: spectra of the plant's batches, and a real fermentation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from chemotools.derivative import SavitzkyGolay
from chemotools.feature_selection import RangeCut
from scipy.signal import savgol_filter
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline

from vaxlab.errors import CourseError
from vaxlab.plant import campaign, spectra
from vaxlab.plant.campaign import HISTORY_SEED

NAMES = ("glucose", "lactate")
G_PER_MMOL = np.array([0.18016, 0.09008])
"""g/mmol, of glucose and of lactate."""
BATCHES, EXAM_BATCHES = 24, 12
_OUT_OF, _EXAM_OUT_OF = 120, 40  # batches of the campaigns that the spectra are taken from
COMPONENTS = 4
"""Of the course's own calibration."""


@dataclass(frozen=True)
class Spectra:
    """Spectra with what the at-line analyser read beside each, every two hours.

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

    def thinned(self, each: int | None) -> Spectra:
        """Return so many spectra of each batch, evenly spread; all for None."""
        of_each = [np.flatnonzero(self.batch == b) for b in np.unique(self.batch)]
        if each:
            of_each = [r[np.linspace(0, len(r) - 1, each).astype(int)] for r in of_each]
        rows = np.concatenate(of_each)
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


def _snv(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, float)
    return (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)


def _prepare(counts: np.ndarray) -> np.ndarray:
    return _snv(savgol_filter(np.asarray(counts, float), 11, 2, deriv=1, axis=1))


def _clock(hours: np.ndarray, read: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the mean reading at these hours; nothing is carried over the exchange."""
    out = np.empty(len(asked))
    for after in (False, True):
        here, there = (hours >= 0) == after, (asked >= 0) == after
        if here.any():
            mean = pd.Series(read[here]).groupby(np.round(hours[here] / 2) * 2).mean()
            out[there] = np.interp(asked[there], mean.index, mean.to_numpy())
    return out


@cache
def _fitted() -> PLSRegression:
    known = history()
    return PLSRegression(COMPONENTS, scale=False).fit(_prepare(known.counts), known.read)


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


# The real fermentation ------------------------------------------------------------------------


@cache
def laboratory() -> tuple[pd.DataFrame, np.ndarray]:
    """Return 21 infrared spectra from the laboratory, and their glucose by HPLC, g/L.

    The technique is attenuated total reflectance in the mid infrared, by the abstract.

    References
    ----------
    Cabaneros Lopez P. et al., Transforming data to information: A parallel hybrid model for
    real-time state estimation in lignocellulosic ethanol fermentation, Biotechnology and
    Bioengineering 118 (2021) 579-591, doi 10.1002/bit.27586, CC BY. The data come in the package
    chemotools, MIT licence.
    """
    from chemotools.datasets import load_fermentation_train

    spectra, glucose = load_fermentation_train()
    return spectra, glucose["glucose"].to_numpy()


@cache
def online() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 1,629 infrared spectra of one fermentation, and 34 samples by HPLC.

    Spectra have no time of their own: see `minutes`. See `laboratory` for the source.
    """
    from chemotools.datasets import load_fermentation_test

    return load_fermentation_test()


def usable(spectra: pd.DataFrame, axis: pd.Index) -> np.ndarray:
    """Return which spectra hold light in all channels: no gap, and not one value throughout.

    Parameters
    ----------
    spectra : DataFrame
        One row a spectrum; the columns are its wavenumbers, 1/cm.
    axis : Index
        Wavenumbers that the calibration was made on, 1/cm.

    Returns
    -------
    array of bool

    Raises
    ------
    CourseError
        Where the spectra have another axis.
    """
    own, wanted = spectra.columns.to_numpy(float), axis.to_numpy(float)
    if own.shape != wanted.shape or not np.allclose(own, wanted, atol=0.01):
        raise CourseError(
            f"These spectra have {len(own)} channels from {own[0]:g} to {own[-1]:g} 1/cm, the "
            f"calibration has {len(wanted)} from {wanted[0]:g} to {wanted[-1]:g}. A model takes "
            "them by their places, so it would read one band for another. Bring each spectrum to "
            "the calibration's axis first: `np.interp(axis, spectra.columns, spectrum)`."
        )
    values = spectra.to_numpy(float)
    return np.isfinite(values).all(axis=1) & (np.ptp(values, axis=1) > 0)


def minutes() -> np.ndarray:
    """Return when each spectrum of `online` was taken, min: evenly spread, till the last sample.

    So they are 1.25 minutes apart. The authors' page says "every minute", but then the spectra
    would end six hours before the samples do, and the fall of glucose would come too early.
    """
    spectra, samples = online()
    return np.linspace(0, 60 * samples["time"].iloc[-1], len(spectra))


@cache
def _watched() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what a calibration says of the real run, when, what HPLC says, and at which hour."""
    (lab, glucose), (spectra, samples) = laboratory(), online()
    works = usable(spectra, lab.columns)
    model = make_pipeline(
        RangeCut(start=950, end=1550, x_axis=lab.columns.to_numpy()),
        SavitzkyGolay(window_length=15, polyorder=2, deriv=1),
        PLSRegression(3, scale=False),
    ).fit(lab.to_numpy(), glucose)
    said = model.predict(spectra.to_numpy()[works]).ravel()
    return said, minutes()[works], samples["glucose"].to_numpy(), samples["time"].to_numpy()


def _online_report(
    predicted: np.ndarray, minutes: np.ndarray, measured: np.ndarray, hours: np.ndarray, first: int
) -> tuple[float, float, float]:
    nearest = [np.abs(minutes - 60 * hour).argmin() for hour in hours]
    off = predicted[nearest] - measured
    left = off[first:] - off[:first].mean()
    return off.mean(), off.std(ddof=1), np.sqrt((left**2).mean())
