"""Day 1, notebook 3, *Does it still work on next month's lot?*, as its notebook sees it."""

from vaxlab.lessons.day1.next_month.checks import (
    best_of_many,
    delivery,
    inside,
    late,
    promise,
    splits,
)
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
