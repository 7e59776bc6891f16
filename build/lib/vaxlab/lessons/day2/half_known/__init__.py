"""Day 2, notebook 4, *What does a model add that knows mass balances?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.half_known.delivery import (
    against_the_plant,
    black_boxes,
    constants,
    correlations,
    coverage,
    gradient,
    infections,
    rates_figure,
    rough,
    runs_figure,
    scores,
    unseen,
)
from vaxlab.lessons.day2.half_known.epochs import epochs
from vaxlab.lessons.day2.half_known.material import left_out, runs, scale, simulate
from vaxlab.lessons.day2.half_known.rivals import fitted

__getattr__ = judged(__name__, "apart", "balances", "interval", "seam", "step", "trained")

__all__ = [
    "against_the_plant",
    "apart",
    "balances",
    "black_boxes",
    "constants",
    "correlations",
    "coverage",
    "epochs",
    "fitted",
    "gradient",
    "infections",
    "interval",
    "left_out",
    "rates_figure",
    "rough",
    "runs",
    "runs_figure",
    "scale",
    "scores",
    "seam",
    "simulate",
    "step",
    "trained",
    "unseen",
]
