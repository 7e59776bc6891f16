"""Day 3, notebook 1, *220 variables. Which nine move the yield?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day3.nine.delivery import (
    best_fifteen,
    blocks,
    certificates,
    drawing,
    estimates,
    found,
    moved,
    on_copies,
    on_halves,
    tested,
)
from vaxlab.lessons.day3.nine.handed import Forward
from vaxlab.lessons.day3.nine.material import (
    NODES,
    by_lots,
    catalogue,
    contest,
    effect,
    history,
    one_by_one,
    practice,
    practice_within,
    within,
)

__getattr__ = judged(
    __name__,
    "copies",
    "graph",
    "halves",
    "lots",
    "named",
    "plants_graph",
    "sorted_out",
    "the_nine",
)

__all__ = [
    "NODES",
    "Forward",
    "best_fifteen",
    "blocks",
    "by_lots",
    "catalogue",
    "certificates",
    "contest",
    "copies",
    "drawing",
    "effect",
    "estimates",
    "found",
    "graph",
    "halves",
    "history",
    "lots",
    "moved",
    "named",
    "on_copies",
    "on_halves",
    "one_by_one",
    "plants_graph",
    "practice",
    "practice_within",
    "sorted_out",
    "tested",
    "the_nine",
    "within",
]
