"""Day 2, notebook 4, *24 runs and a balance*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.half_known.delivery import (
    against_the_plant,
    black_boxes,
    constants,
    coverage,
    gradient,
    infections,
    rates_figure,
    rough,
    runs_figure,
    scores,
    unseen,
)
from vaxlab.lessons.day2.half_known.material import (
    fitted,
    left_out,
    runs,
    scale,
    simulate,
)

__getattr__ = judged(__name__, "apart", "balances", "interval", "seam", "step", "trained")

__all__ = [
    "against_the_plant",
    "apart",
    "balances",
    "black_boxes",
    "constants",
    "coverage",
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
