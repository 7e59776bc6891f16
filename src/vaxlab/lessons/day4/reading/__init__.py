"""Day 4, notebook 1, *Who affects what?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day4.reading.delivery import (
    circumstances,
    circumstances_figure,
    doses,
    labels_figure,
    names_table,
    network_figure,
    numbers,
    refused,
    rules_table,
    together_figure,
)
from vaxlab.lessons.day4.reading.material import (
    MAYBE,
    NO,
    curated,
    documents,
    known,
    labels,
    listed,
    pairs,
    patterns,
    scores,
    training_pairs,
    vocabulary,
)

__getattr__ = judged(__name__, "graph_labels", "ids", "names", "network", "rules", "split")

__all__ = [
    "MAYBE",
    "NO",
    "circumstances",
    "circumstances_figure",
    "curated",
    "documents",
    "doses",
    "graph_labels",
    "ids",
    "known",
    "labels",
    "labels_figure",
    "listed",
    "names",
    "names_table",
    "network",
    "network_figure",
    "numbers",
    "pairs",
    "patterns",
    "refused",
    "rules",
    "rules_table",
    "scores",
    "split",
    "together_figure",
    "training_pairs",
    "vocabulary",
]
