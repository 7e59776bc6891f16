"""Day 1, notebook 2, *Which batches will be weak?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day1.bake_off.material import (
    differences,
    differences_figure,
    doses_figure,
    early,
    five_plants,
    next_six_years,
    scoreboard,
    three_ways,
    weak_batches,
)

__getattr__ = judged(__name__, "alarm", "alarms", "causes", "overtraining", "tame", "weak")

__all__ = [
    "alarm",
    "alarms",
    "causes",
    "differences",
    "differences_figure",
    "doses_figure",
    "early",
    "five_plants",
    "next_six_years",
    "overtraining",
    "scoreboard",
    "tame",
    "three_ways",
    "weak",
    "weak_batches",
]
