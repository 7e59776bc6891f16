"""Day 3, notebook 3, *Thirty runs to find a better recipe*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day3.recipe.delivery import (
    along,
    designed,
    doses,
    flat_point,
    licence,
    line_figure,
    process_less_design,
    random_figure,
    regrets,
    regrets_figure,
    study,
    study_figure,
    surface_figure,
    winners,
)

__getattr__ = judged(__name__, "curse", "design", "improvement", "proposals", "surface")

__all__ = [
    "along",
    "curse",
    "design",
    "designed",
    "doses",
    "flat_point",
    "improvement",
    "licence",
    "line_figure",
    "process_less_design",
    "proposals",
    "random_figure",
    "regrets",
    "regrets_figure",
    "study",
    "study_figure",
    "surface",
    "surface_figure",
    "winners",
]
