"""Day 2, notebook 2, *Glucose every 15 minutes*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.raman.delivery import (
    beside_the_truth,
    online_figure,
    race,
    race_figure,
    spectra_figure,
)
from vaxlab.lessons.day2.raman.material import (
    Network,
    history,
    laboratory,
    online,
    row_split,
    tensors,
)

__getattr__ = judged(__name__, "by_batch", "clock", "network", "online_bias", "prepare", "sensor")

__all__ = [
    "Network",
    "beside_the_truth",
    "by_batch",
    "clock",
    "history",
    "laboratory",
    "network",
    "online",
    "online_bias",
    "online_figure",
    "prepare",
    "race",
    "race_figure",
    "row_split",
    "sensor",
    "spectra_figure",
    "tensors",
]
