"""Day 4, notebook 5, *You run the plant for six months*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day4.capstone.delivery import (
    fallen_figure,
    gaps_figure,
    played,
    season_figure,
    watches,
)
from vaxlab.lessons.day4.capstone.material import a_batch, record, watched

__getattr__ = judged(__name__, "handed_in", "harvests", "probes", "tries")

__all__ = [
    "a_batch",
    "fallen_figure",
    "gaps_figure",
    "handed_in",
    "harvests",
    "played",
    "probes",
    "record",
    "season_figure",
    "tries",
    "watched",
    "watches",
]
