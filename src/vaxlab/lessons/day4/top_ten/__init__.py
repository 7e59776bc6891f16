"""Day 4, notebook 3, *Which ten targets, and why?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day4.top_ten.delivery import (
    beside,
    candidates,
    chains_everywhere,
    equals,
    explore,
    five_years,
    leak,
    lonely,
    picked,
    popular,
    price,
    reasons_for,
    reliability,
    scores,
    ten,
    trade_figure,
    without_genes,
)
from vaxlab.lessons.day4.top_ten.material import names_of, screened, tables

__getattr__ = judged(__name__, "cold", "honest", "pareto", "reasons", "recommended")

__all__ = [
    "beside",
    "candidates",
    "chains_everywhere",
    "cold",
    "equals",
    "explore",
    "five_years",
    "honest",
    "leak",
    "lonely",
    "names_of",
    "pareto",
    "picked",
    "popular",
    "price",
    "reasons",
    "reasons_for",
    "recommended",
    "reliability",
    "scores",
    "screened",
    "tables",
    "ten",
    "trade_figure",
    "without_genes",
]
