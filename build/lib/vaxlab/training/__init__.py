"""The training loop, written once: early stopping, best weights, a live curve with a stop button.

Notebook 1 of day 2 writes the loop by hand; this is what the others call. There is no framework
on top: a module, a loss, two tensors. `seed_all` throws the notebook's dice, which draw the first
weights of a module; `fit` throws dice of its own and leaves the notebook's as they were.
"""

from vaxlab.training.checkpoint import load, save
from vaxlab.training.curve import LiveCurve
from vaxlab.training.loop import History, fit, seed_all
from vaxlab.training.unfit import TrainingError

__all__ = ["History", "LiveCurve", "TrainingError", "fit", "load", "save", "seed_all"]
