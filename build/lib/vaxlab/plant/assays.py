"""What the laboratory reads: noise, steps, limits of detection."""

from dataclasses import dataclass

import numpy as np

from vaxlab.plant.parameters import VALUES


@dataclass(frozen=True)
class LogAssay:
    """An assay that reads a logarithm in steps, down to a limit.

    Attributes
    ----------
    sd : float
        SD of repeated readings, log10; the rounding to steps is part of it.
    step : float
        Distance of neighbouring readings, log10.
    limit : float
        Limit of detection: what reads lower is reported as below it.
    """

    sd: float
    step: float
    limit: float

    def read(self, truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Read values (any shape, log10), independently; NaN stands for *below the limit*."""
        # Rounding to steps adds a variance of step²/12, which the published SD holds already.
        own_sd = np.sqrt(self.sd**2 - self.step**2 / 12)
        raw = np.asarray(truth, dtype=float) + own_sd * rng.standard_normal(np.shape(truth))
        readable = np.where(np.isfinite(raw), raw, -99.0)
        stepped = np.round(np.round(readable / self.step) * self.step, 2)
        return np.where(stepped < self.limit, np.nan, stepped)


HA = LogAssay(VALUES["sd_HA"], VALUES["step_HA"], VALUES["lod_HA"])
TCID50 = LogAssay(VALUES["sd_TCID50"], VALUES["step_TCID50"], VALUES["lod_TCID50"])


def count(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Count cells (any unit)."""
    return _relative(truth, VALUES["sd_count"], rng)


def metabolite(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Measure glucose or lactate, mmol/L."""
    return _relative(truth, VALUES["sd_metabolite"], rng)


def viability(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Measure viability, %; 100 at the most.

    The SD shrinks towards 0 and 100 %, where hardly any cell is left to be miscounted.
    """
    truth = np.asarray(truth, dtype=float)
    share = np.clip(truth / 100, 0, 1)
    sd = VALUES["sd_viability"] * 2 * np.sqrt(share * (1 - share))
    return np.clip(truth + sd * rng.standard_normal(truth.shape), 0.1, 100.0)


def _relative(truth: np.ndarray, sd: float, rng: np.random.Generator) -> np.ndarray:
    truth = np.asarray(truth, dtype=float)
    return truth * np.exp(sd * rng.standard_normal(truth.shape))
