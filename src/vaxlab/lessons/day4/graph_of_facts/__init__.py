"""Day 4, notebook 2, *Build the graph and complete it*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day4.graph_of_facts.delivery import (
    at_equal_settings,
    beside_pykeen,
    doses,
    leak,
    leak_figure,
    lots_figure,
    path_figure,
    real_graphs,
    seeds_figure,
    traps,
    two_ways,
)
from vaxlab.lessons.day4.graph_of_facts.material import (
    a_way,
    correct,
    fill,
    questions,
    real_sentences,
    registry,
    uses,
)

__getattr__ = judged(__name__, "completion", "edges", "ids", "ranking", "scoring", "splitting")

__all__ = [
    "a_way",
    "at_equal_settings",
    "beside_pykeen",
    "completion",
    "correct",
    "doses",
    "edges",
    "fill",
    "ids",
    "leak",
    "leak_figure",
    "lots_figure",
    "path_figure",
    "questions",
    "ranking",
    "real_graphs",
    "real_sentences",
    "registry",
    "scoring",
    "seeds_figure",
    "splitting",
    "traps",
    "two_ways",
    "uses",
]
