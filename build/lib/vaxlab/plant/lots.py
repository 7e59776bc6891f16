"""Raw-material lots: how long one lasts, and what it does to the batches made with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from vaxlab.plant.parameters import VALUES


@dataclass(frozen=True)
class LotKind:
    """A raw material.

    Attributes
    ----------
    prefix : str
        Of its lot numbers.
    shortest, longest : int
        Batches that a lot lasts for.
    sd : mapping of str to float
        Field of `vaxlab.plant.batch.Factors`, or ``trypsin_activity``, to the SD of its
        logarithm between lots.
    season : float
        Correlation of these with the season in which the lot came into use.
    certificate : tuple of Entry
        What the supplier says about a lot.
    """

    prefix: str
    shortest: int
    longest: int
    sd: Mapping[str, float]
    season: float
    certificate: tuple["Entry", ...]


@dataclass(frozen=True)
class Entry:
    """A line of a certificate of analysis.

    Attributes
    ----------
    name, unit : str
    mean, sd : float
        Over lots.
    decimals : int
        That the supplier prints.
    tells : str
        Field of the hidden effect that it goes with; empty where it tells nothing.
    r : float
        Correlation with it.
    """

    name: str
    unit: str
    mean: float
    sd: float
    decimals: int = 1
    tells: str = ""
    r: float = 0.0


LOT_KINDS: dict[str, LotKind] = {
    "serum": LotKind(
        "SER",
        15,
        25,
        {"growth": 0.10, "attachment": 0.08, "appetite": 0.22},
        0.5,
        (
            Entry("igg", "mg/mL", 0.35, 0.12, 2),
            Entry("hemoglobin", "mg/dL", 14.0, 4.0, 1, "growth", -0.4),
            Entry("endotoxin", "EU/mL", 1.2, 0.5, 2),
            Entry("total_protein", "g/L", 38.0, 2.5, 1, "attachment", 0.3),
            Entry("growth_promotion", "%", 101.0, 6.0, 0, "growth", 0.9),
            Entry("osmolality", "mOsm/kg", 300.0, 7.0, 0),
        ),
    ),
    "carrier": LotKind(
        "CAR",
        20,
        30,
        {"area": 0.15},
        -0.3,
        (
            Entry("swelling_volume", "mL/g", 18.0, 0.9, 1, "area", 0.9),
            Entry("d50", "um", 180.0, 5.0, 0, "area", -0.4),
            Entry("charge", "meq/g", 1.60, 0.08, 2),
            Entry("span", "-", 0.42, 0.04, 2),
            Entry("moisture", "%", 4.0, 0.8, 1),
        ),
    ),
    "medium": LotKind(
        "MED",
        8,
        12,
        {"growth": 0.03},
        0.0,
        (
            Entry("osmolality", "mOsm/kg", 290.0, 5.0, 0, "growth", -0.3),
            Entry("ph", "-", 7.25, 0.06, 2),
            Entry("glutamine", "mmol/L", 4.05, 0.12, 2),
            Entry("glucose", "mmol/L", 30.3, 0.6, 1),
            Entry("iron", "umol/L", 2.1, 0.3, 2),
            Entry("endotoxin", "EU/mL", 0.08, 0.03, 2),
        ),
    ),
    "trypsin": LotKind(
        "TRY",
        30,
        40,
        {"trypsin_activity": 0.12},
        0.0,
        (
            Entry("activity", "BAEE U/mg", 1450.0, 160.0, 0, "trypsin_activity", 0.6),
            Entry("chymotrypsin", "%", 0.9, 0.3, 1),
            Entry("protein", "mg/mL", 25.0, 0.6, 1),
            Entry("loss_on_drying", "%", 2.5, 0.6, 1),
            Entry("months_to_expiry", "months", 22.0, 5.0, 0, "trypsin_activity", 0.3),
        ),
    ),
    "seed": LotKind(
        "SEED",
        30,
        50,
        {"release": 0.09, "infectious": 0.06, "defective": 0.6},
        0.0,
        (
            Entry("tcid50", "log10/mL", 8.3, 0.35, 2, "infectious", 0.5),
            Entry("ha", "log10 HAU/100 uL", 2.3, 0.17, 2, "release", 0.3),
            Entry("virus_passage", "-", 4.0, 0.8, 0),
            Entry("months_frozen", "months", 9.0, 5.0, 0),
            Entry("genomes", "log10/mL", 10.2, 0.25, 2),
            Entry("protein", "mg/mL", 0.9, 0.15, 2),
        ),
    ),
}
"""SDs are our own choice, such that the doses of sound batches have a CV of 25 to 30 %."""

OVERLAP_BATCHES = 5
"""Around the change of a lot, batches of up to this distance may still or already use the other."""


def normal_scores(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n numbers of mean 0 and SD 1, normally spread, in random order.

    Their spread is the same for every seed; with a handful of lots, independent draws would
    make one history wild and the next one tame.
    """
    if n == 1:
        return np.zeros(1)
    quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
    return rng.permutation(quantiles / quantiles.std())


def assign(rng: np.random.Generator, kind: LotKind, n_batches: int) -> np.ndarray:
    """Return the number of the lot (0, 1, …) that every batch is made with, in order of start.

    Neighbouring lots overlap: old stock is used up in one reactor while the new one is open.
    """
    changes = np.cumsum(rng.integers(kind.shortest, kind.longest + 1, size=n_batches))
    shifted = np.arange(n_batches) + rng.integers(
        -OVERLAP_BATCHES, OVERLAP_BATCHES + 1, size=n_batches
    )
    numbers = np.searchsorted(changes, np.clip(shifted, 0, n_batches - 1), side="right")
    return np.unique(numbers, return_inverse=True)[1]


def effects(
    numbers: Mapping[str, np.ndarray], season: np.ndarray, draw: Callable[[int], np.ndarray]
) -> dict[str, dict[str, np.ndarray]]:
    """Return kind → field → the factor of every lot.

    Parameters
    ----------
    numbers : mapping of str to int array (B,)
        Kind to the lot number of every batch.
    season : array (B,)
        Of every batch, -1 to 1.
    draw : callable
        Number of lots to as many standard normal scores.
    """
    factors: dict[str, dict[str, np.ndarray]] = {}
    for name, kind in LOT_KINDS.items():
        lots = int(numbers[name].max()) + 1
        first = np.array([np.argmax(numbers[name] == lot) for lot in range(lots)])
        factors[name] = {}
        for field, sd in kind.sd.items():
            own = np.sqrt(1 - kind.season**2) * draw(lots)
            # The season swings between -1 and 1, with an SD of 0.7.
            scores = own + kind.season * season[first] / 0.7
            factors[name][field] = np.exp(sd * _standard(scores, numbers[name]))
    return factors


def bicarbonate(rng: np.random.Generator, numbers: np.ndarray) -> np.ndarray:
    """Return the factor on the bicarbonate of every lot of medium.

    It moves no yield, because the controller holds the pH with more or less carbon dioxide; but
    without it the flow of carbon dioxide would tell the true pH.

    Parameters
    ----------
    rng : Generator
    numbers : int array (B,)
        Lot of every batch.
    """
    return np.exp(VALUES["sd_HCO3"] * normal_scores(rng, int(numbers.max()) + 1))


def certificates(
    rng: np.random.Generator, lot_effects: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, dict[str, np.ndarray]]:
    """Return kind → line of its certificate → the printed value of every lot.

    Parameters
    ----------
    rng : Generator
    lot_effects : mapping
        From `effects`.
    """
    printed: dict[str, dict[str, np.ndarray]] = {}
    for name, kind in LOT_KINDS.items():
        n = len(next(iter(lot_effects[name].values())))
        printed[name] = {}
        for entry in kind.certificate:
            score = rng.standard_normal(n)
            if entry.tells:
                hidden = np.log(lot_effects[name][entry.tells]) / kind.sd[entry.tells]
                score = entry.r * hidden + np.sqrt(1 - entry.r**2) * score
            # Suppliers refuse lots far outside: nothing beyond 2.5 SD.
            score = np.clip(score, -2.5, 2.5)
            values = np.round(entry.mean + entry.sd * score, entry.decimals)
            printed[name][entry.name] = np.maximum(values, 10.0**-entry.decimals)
    return printed


def _standard(scores: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Scale the lots' scores to mean 0 and SD 1 over the batches made with them.

    Long and short lots would otherwise make the spread between batches a matter of luck.
    """
    per_batch = scores[numbers]
    if np.ptp(per_batch) == 0:  # one lot for all
        return np.zeros(len(scores))
    return (scores - per_batch.mean()) / per_batch.std()
