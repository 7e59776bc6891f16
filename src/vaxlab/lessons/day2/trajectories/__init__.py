"""Day 2, notebook 3, *deep net or boosted trees?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.trajectories.delivery import (
    curve,
    curve_figure,
    harvests,
    leak,
    race,
    told,
    traces_figure,
)
from vaxlab.lessons.day2.trajectories.material import Scaling, boosted, traces

__getattr__ = judged(__name__, "network", "stopping", "summary", "turning", "verdict")

__all__ = [
    "Scaling",
    "boosted",
    "curve",
    "curve_figure",
    "harvests",
    "leak",
    "network",
    "race",
    "stopping",
    "summary",
    "told",
    "traces",
    "traces_figure",
    "turning",
    "verdict",
]
