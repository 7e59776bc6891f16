"""The virtual plant: influenza virus in MDCK cells on microcarriers.

Light to import (numpy only); the plant's history is made by ``vaxlab.plant.campaign``.
"""

from vaxlab.plant.batch import Batches, Factors, simulate, step_errors, trajectories
from vaxlab.plant.hybrid import HOOK_FEATURES, HOOK_RATES
from vaxlab.plant.integrate import tensors
from vaxlab.plant.recipe import Recipe

__all__ = [
    "HOOK_FEATURES",
    "HOOK_RATES",
    "Batches",
    "Factors",
    "Recipe",
    "simulate",
    "step_errors",
    "tensors",
    "trajectories",
]
