"""Day 3, notebook 2, *Was it the serum lot or the new probe?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day3.lot_or_probe.delivery import (
    at_equal_lysis,
    before_after,
    capture_figure,
    change_figure,
    doses,
    fall_figure,
    jumps,
    left_for_the_probe,
    lots_figure,
    low_limit,
    rebound_figure,
    verdicts,
)
from vaxlab.lessons.day3.lot_or_probe.material import batches, doubts, long_run, rounds, story

__getattr__ = judged(__name__, "at_capture", "change", "difference", "lots", "stories", "way_back")

__all__ = [
    "at_capture",
    "at_equal_lysis",
    "batches",
    "before_after",
    "capture_figure",
    "change",
    "change_figure",
    "difference",
    "doses",
    "doubts",
    "fall_figure",
    "jumps",
    "left_for_the_probe",
    "long_run",
    "lots",
    "lots_figure",
    "low_limit",
    "rebound_figure",
    "rounds",
    "stories",
    "story",
    "verdicts",
    "way_back",
]
