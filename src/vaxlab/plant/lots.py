"""Raw-material lots: how long one lasts, and what it does to the batches made with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


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
        Field of `vaxlab.plant.batch.Factors` to the SD of its logarithm between lots.
    """

    prefix: str
    shortest: int
    longest: int
    sd: Mapping[str, float]


LOT_KINDS: dict[str, LotKind] = {
    "serum": LotKind("SER", 15, 25, {"growth": 0.10, "attachment": 0.12}),
    "carrier": LotKind("CAR", 20, 30, {"area": 0.07}),
    "medium": LotKind("MED", 8, 12, {"growth": 0.03}),
    "trypsin": LotKind("TRY", 30, 40, {"infectious": 0.20}),
    "seed": LotKind("SEED", 30, 50, {"release": 0.22, "infectious": 0.25}),
}
"""SDs are our own choice, such that the yield of batches has a CV of 25 to 30 %. The seed's
defective particles are not a state of the equations: they act through the infectious share and
the release per cell."""

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
    numbers: Mapping[str, np.ndarray], draw: Callable[[int], np.ndarray]
) -> dict[str, dict[str, np.ndarray]]:
    """Return kind → factor's field → the factor of every lot.

    Parameters
    ----------
    numbers : mapping of str to int array (B,)
        Kind to the lot number of every batch.
    draw : callable
        Number of lots to as many standard normal scores.
    """
    return {
        name: {
            field: np.exp(sd * _standard(draw(int(numbers[name].max()) + 1), numbers[name]))
            for field, sd in kind.sd.items()
        }
        for name, kind in LOT_KINDS.items()
    }


def _standard(scores: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Scale the lots' scores to mean 0 and SD 1 over the batches made with them.

    Long and short lots would otherwise make the spread between batches a matter of luck.
    """
    per_batch = scores[numbers]
    return (scores - per_batch.mean()) / per_batch.std()
