"""Day 3, notebook 4, *When do I harvest this batch?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day3.harvest.delivery import (
    a_batch,
    belief_figure,
    by_the_plant,
    consistency,
    followed,
    hours_figure,
    late_figure,
    notice,
    peeking,
    signals_figure,
    verdicts,
)
from vaxlab.lessons.day3.harvest.material import doses_by_hour, foretold, hourly, runs

__getattr__ = judged(__name__, "ekf", "features", "late", "particle", "rule", "verdict")

__all__ = [
    "a_batch",
    "belief_figure",
    "by_the_plant",
    "consistency",
    "doses_by_hour",
    "ekf",
    "features",
    "followed",
    "foretold",
    "hourly",
    "hours_figure",
    "late",
    "late_figure",
    "notice",
    "particle",
    "peeking",
    "rule",
    "runs",
    "signals_figure",
    "verdict",
    "verdicts",
]
