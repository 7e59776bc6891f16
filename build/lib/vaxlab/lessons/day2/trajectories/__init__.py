"""Day 2, notebook 3, *deep net or boosted trees?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.trajectories.delivery import (
    batches_figure,
    curve,
    curve_figure,
    harvests,
    leak,
    race,
    told,
    turned,
)
from vaxlab.lessons.day2.trajectories.material import TAGS, next_series, pilot

__getattr__ = judged(__name__, "features", "network", "summary", "turning", "verdict")

__all__ = [
    "TAGS",
    "batches_figure",
    "curve",
    "curve_figure",
    "features",
    "harvests",
    "leak",
    "network",
    "next_series",
    "pilot",
    "race",
    "summary",
    "told",
    "turned",
    "turning",
    "verdict",
]
