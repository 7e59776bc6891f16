"""Day 2, notebook 3, *deep net or boosted trees?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.trajectories.material import Scaling, boosted, traces

__getattr__ = judged(__name__, "network", "stopping", "summary", "turning", "verdict")

__all__ = [
    "Scaling",
    "boosted",
    "network",
    "stopping",
    "summary",
    "traces",
    "turning",
    "verdict",
]
