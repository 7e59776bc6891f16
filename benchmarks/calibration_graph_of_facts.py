"""What day 4, notebook 2 promises, library by library.

Run ``python benchmarks/calibration_graph_of_facts.py``. Seeds may be given; otherwise the
history's and nine drawn ones. About 15 s of CPU each.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from vaxlab.knowledge import embed
from vaxlab.lessons.day4.graph_of_facts import checks, delivery, material
from vaxlab.literature import INVERSES, LIBRARY_SEED, Library, library, reader
from vaxlab.plant.campaign import HISTORY_SEED


def umls(seed: int) -> dict[str, float]:
    """Return ComplEx on UMLS as it ships, and the four models on the split that a check draws."""
    graph = material.umls()
    begun = time.process_time()
    row = {"UMLS: MRR of ComplEx": graph.mrr("ComplEx", seed % 2**31, dim=delivery.WIDE)}
    row["UMLS: seconds of ComplEx"] = time.process_time() - begun
    drawn, counted, reference = checks._asked(seed)
    row |= {"drawn: MRR of counting": counted, "drawn: ComplEx, 30 epochs": reference}
    for model in embed.MODELS:
        net = embed.train(model, drawn.train, drawn.entities, drawn.relations, epochs=30, seed=1)
        mrr = checks._worth(drawn, delivery._scores(net, drawn.test))
        row[f"drawn: {model} over counting"] = mrr - counted
        row[f"drawn: {model} under ComplEx"] = reference - mrr
    return row


def leak(books: Library, seed: int) -> dict[str, float]:
    """Return the known graph's MRR split by lot and fairly, and which inverses are found."""
    known = books.known
    found = {frozenset(pair) for pair in material._inverses(known)}
    planted = {frozenset(pair) for pair in INVERSES.items()}
    row = {"leak: pairs found": len(found & planted), "leak: pairs too many": len(found - planted)}
    parts = {
        "by lot": material.random_part(len(known), 1),
        "fair": material._fair_split(known, 1),
    }
    for name, part in parts.items():
        row[f"leak: MRR, {name}"] = material.Graph(known, part).mrr("ComplEx", epochs=30)
        row[f"leak: joined in training, {name}, %"] = 100 * material.turned_in_training(known, part)
    return row


def lots(books: Library, seed: int) -> dict[str, float]:
    """Return what sending lots back gains on the plant that the reports speak of."""
    reports = books.documents[books.documents["source"] == "internal"]
    said = reader.read(reports, books.names, books.entities)
    table = material._edges_from(said, reports)
    truth = books.truth.edges
    impure = set(truth.loc[truth["relation"] == "found_in", "tail"])
    row = {"lots: impure": len(impure)}
    for who, names in delivery._rules(said, table, "edges").items():
        gained, low, _ = delivery._gained(names, seed)
        row |= {f"lots: {who}": len(names), f"lots gained, %: {who}": gained}
        row[f"lots gained, % from: {who}"] = low
        row[f"lots: impure among {who}"] = len(impure & set(names))
    return row


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    books = library(LIBRARY_SEED if seed == HISTORY_SEED else seed, plant_seed=seed)
    row = umls(seed) | leak(books, seed) | lots(books, seed)
    return {name: float(value) for name, value in row.items()}


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).T.to_string())
