"""Day 2, notebook 1, *Is batch 217 normal, now?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.normal.delivery import (
    bench_figure,
    blame_figure,
    charts_figure,
    clock_figure,
    first_alarm,
    hidden,
    looks,
    nearly_invisible,
    race,
    spreads_apart,
    summary,
    year,
)
from vaxlab.lessons.day2.normal.material import (
    approved,
    golden,
    rows,
)

__getattr__ = judged(__name__, "blame", "golden_faults", "loop", "statistics", "summed", "unfolded")

__all__ = [
    "approved",
    "bench_figure",
    "blame",
    "blame_figure",
    "charts_figure",
    "clock_figure",
    "first_alarm",
    "golden",
    "golden_faults",
    "hidden",
    "looks",
    "loop",
    "nearly_invisible",
    "race",
    "rows",
    "spreads_apart",
    "statistics",
    "summary",
    "summed",
    "unfolded",
    "year",
]
