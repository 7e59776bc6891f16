"""Day 1, notebook 3, *Does it still work on next month's lot?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day1.next_month.delivery import delivery
from vaxlab.lessons.day1.next_month.material import (
    areas,
    column_sets,
    columns,
    idle_columns,
    in_time,
    outcome,
    rules,
    table,
    written,
)

__getattr__ = judged(__name__, "best_of_many", "inside", "late", "promise", "splits")

__all__ = [
    "areas",
    "best_of_many",
    "column_sets",
    "columns",
    "delivery",
    "idle_columns",
    "in_time",
    "inside",
    "late",
    "outcome",
    "promise",
    "rules",
    "splits",
    "table",
    "written",
]
