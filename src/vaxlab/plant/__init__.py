"""The virtual plant: influenza virus in MDCK cells on microcarriers.

Light to import (numpy only); the plant's history is made by ``vaxlab.plant.campaign``.
"""

from vaxlab.plant.batch import Batches, simulate
from vaxlab.plant.recipe import Recipe

__all__ = ["Batches", "Recipe", "simulate"]
