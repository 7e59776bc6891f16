"""Day 2, notebook 1, *Is batch 217 normal, now?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.normal.delivery import (
    bench_figure,
    charts_figure,
    clock_figure,
    first_alarm,
    hidden,
    looks,
    race,
    spreads_apart,
    summary,
    year,
)
from vaxlab.lessons.day2.normal.material import (
    approved,
    counted_limit,
    drifts,
    golden,
    golden_rows,
    rows,
    textbook_limits,
    unseen_peaks,
)

__getattr__ = judged(__name__, "blame", "golden_faults", "loop", "statistics", "summed", "unfolded")

__all__ = [
    "approved",
    "bench_figure",
    "blame",
    "charts_figure",
    "clock_figure",
    "counted_limit",
    "drifts",
    "first_alarm",
    "golden",
    "golden_faults",
    "golden_rows",
    "hidden",
    "looks",
    "loop",
    "race",
    "rows",
    "spreads_apart",
    "statistics",
    "summary",
    "summed",
    "textbook_limits",
    "unfolded",
    "unseen_peaks",
    "year",
]
