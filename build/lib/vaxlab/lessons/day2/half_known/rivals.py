"""What the hybrid of day 2, notebook 4 is compared with: pure models, and a textbook's formula."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from vaxlab.lessons.day2.half_known.material import (
    GROWTH_MOST,
    INSIDE,
    MEASURED,
    UPTAKE_MOST,
    Rates,
    Runs,
    runs,
    simulate,
)
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.parameters import VALUES

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

# Pure models ---------------------------------------------------------------------------------


def pure_models() -> dict[str, BaseEstimator]:
    """Return models that know no balance: from recipe and hour to the five quantities."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPRegressor(
        hidden_layer_sizes=(32,), alpha=1.0, solver="lbfgs", max_iter=1000, random_state=0
    )
    kernel = ConstantKernel() * RBF(2 * np.ones(len(INSIDE) + 1)) + WhiteKernel()
    methods = {
        "PLS": PLSRegression(4),
        "pure network": network,
        "Gaussian process": GaussianProcessRegressor(kernel),
    }
    return {
        name: TransformedTargetRegressor(
            make_pipeline(StandardScaler(), method), transformer=StandardScaler()
        )
        for name, method in methods.items()
    }


def pure_predictions(some: Runs, plant_seed: int = HISTORY_SEED) -> dict[str, np.ndarray]:
    """Return what the pure models, trained on a plant's 24 runs, say of some runs: (B, T, 5)."""
    asked = some.table()[[*INSIDE, "hours"]]
    return {
        name: model.predict(asked).reshape(some.values.shape)
        for name, model in trained(plant_seed).items()
    }


@cache
def trained(plant_seed: int = HISTORY_SEED) -> dict[str, BaseEstimator]:
    """Return the pure models, trained on a plant's 24 runs."""
    table = runs(plant_seed).table().dropna()
    X, y = table[[*INSIDE, "hours"]], table[list(MEASURED)]
    with warnings.catch_warnings():  # L-BFGS ends where it can do no better, and warns
        warnings.simplefilter("ignore")
        return {name: model.fit(X, y) for name, model in pure_models().items()}


# The formula --------------------------------------------------------------------------------

FORMULA = ("mu_max", "K_lactate", "K_ammonium", "yield", "maintenance")
"""Constants of `formula`: 1/h, mmol/L, mmol/L, million cells per umol, pmol/cell/h."""
FORMULA_UNITS = dict(
    zip(FORMULA, ("1/h", "mmol/L", "mmol/L", "million/µmol", "pmol/cell/h"), strict=True)
)
TRUE_CONSTANTS = {
    "mu_max": VALUES["mu_max"],
    "K_lactate": VALUES["K_IL"],
    "K_ammonium": VALUES["K_IN"],
    "yield": 1e-6 * VALUES["Y_XG"],
    "maintenance": 1e6 * VALUES["m_G"],
}
_TEXTBOOK = (0.03, 50.0, 8.0, 0.16, 0.2)
_SLOW = (0.02, 50.0, 8.0, 0.16, 0.2)
_ERROR, _LEAST = (0.08, 0.05, 0.05, 0.08, 0.08), (2e4, 0.3, 0.03, 0.3, 0.03)
"""SD of a reading, and of what hands do to it: a share of the reading, and no less than this."""
_STEP = 0.01  # of the logarithms, for differences


def formula(constants: np.ndarray, with_surface: bool = True) -> Rates:
    """Return rates by a textbook's formula, for several sets of constants side by side.

    Parameters
    ----------
    constants : array (M, 5)
        `FORMULA` of each set.
    with_surface : bool
        Whether cells are known to stop on full carriers; in suspension they do not.
    """
    mu_max, lactate, ammonium, per_glucose, kept_up = torch.tensor(
        np.transpose(constants), dtype=torch.float32
    )[:, :, None]

    def rates(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = features.reshape(len(constants), -1, features.shape[-1])
        glucose = seen[..., 0].clamp(min=0)
        fed = glucose / (glucose + 1)
        waste = lactate / (lactate + seen[..., 2]) * ammonium / (ammonium + seen[..., 3])
        growth = mu_max * fed * waste * (seen[..., 8] if with_surface else 1.0)
        growth = growth.clamp(max=GROWTH_MOST)
        uptake = (growth / per_glucose + kept_up * fed).clamp(max=2 * UPTAKE_MOST)
        return growth.reshape(-1), uptake.reshape(-1)

    rates.members = len(constants)
    return rates


@dataclass(frozen=True)
class Fit:
    """A formula fitted to the 24 runs.

    Attributes
    ----------
    constants : Series
        By name, `FORMULA`.
    sensitivities : DataFrame
        One row a reading: by how many of its SDs it moves for a unit of each constant's logarithm.
    with_surface : bool
    """

    constants: pd.Series
    sensitivities: pd.DataFrame
    with_surface: bool

    def rates(self) -> Rates:
        """Return its rates."""
        return formula(self.constants.to_numpy()[None], self.with_surface)


@cache
def fitted(with_surface: bool = True, plant_seed: int = HISTORY_SEED, steps: int = 8) -> Fit:
    """Fit the formula by damped least squares, all constants positive."""
    some = runs(plant_seed)
    logs = np.log(_TEXTBOOK if with_surface else _SLOW)
    for _ in range(steps):
        off, slopes = _linear(logs, some, with_surface)
        square = slopes.T @ slopes
        ways = [
            logs - np.clip(np.linalg.solve(square + d * np.diag(np.diag(square)), slopes.T @ off),
                           -1.0, 1.0)
            for d in (0.01, 1.0, 100.0)
        ]  # fmt: skip
        ends = [(way**2).sum() for way in _off(np.array(ways), some, with_surface)]
        if min(ends) >= (off**2).sum() * (1 - 1e-3):
            break
        logs = ways[int(np.argmin(ends))]
    slopes = pd.DataFrame(_linear(logs, some, with_surface)[1], columns=list(FORMULA))
    return Fit(pd.Series(np.exp(logs), index=list(FORMULA)), slopes, with_surface)


@cache
def sensitivities(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return how the readings of a plant's 24 runs answer to the formula's constants: see `Fit`."""
    slopes = _linear(np.log(_TEXTBOOK), runs(plant_seed), True)[1]
    return pd.DataFrame(slopes, columns=list(FORMULA))


def _linear(logs: np.ndarray, some: Runs, with_surface: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return by how many SDs the readings are missed, (N,), and their slopes, (N, 5)."""
    off = _off(np.vstack([logs, logs + _STEP * np.eye(len(logs))]), some, with_surface)
    return off[0], (off[1:] - off[0]).T / _STEP


def _off(logs: np.ndarray, some: Runs, with_surface: bool) -> np.ndarray:
    """Return by how many SDs the readings that there are were missed, (M, N)."""
    with torch.no_grad():
        said = simulate(formula(np.exp(logs), with_surface), some).numpy()
    there = np.isfinite(some.values)
    sd = np.array(_ERROR) * some.values + np.array(_LEAST)
    return ((said - some.values) / sd)[:, there]
