"""Day 1, notebook 4, *How sure are you?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day1.how_sure.delivery import coverage, misses, promises
from vaxlab.lessons.day1.how_sure.material import (
    carriers_figure,
    doses_figure,
    four_readings,
    history,
    more_carriers,
    one_slot,
    pilot_series,
    predictions,
    releases,
)

__getattr__ = judged(__name__, "model", "new_lot", "scores", "slopes", "width")

__all__ = [
    "carriers_figure",
    "coverage",
    "doses_figure",
    "four_readings",
    "history",
    "misses",
    "model",
    "more_carriers",
    "new_lot",
    "one_slot",
    "pilot_series",
    "predictions",
    "promises",
    "releases",
    "scores",
    "slopes",
    "width",
]
