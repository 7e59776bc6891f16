"""Embeddings of this course beside PyKEEN's, on real graphs at equal settings.

Equal: split, filtered ranks of heads and tails with ties in the middle, inverse relations, Adam and
its learning rate, cross-entropy against all entities, Xavier's uniform initialiser where PyKEEN's
model takes one (RotatE's relations are turns by their own), numbers an entity, epochs. Not equal:
PyKEEN's batch is of questions with all their right answers, the course's of one answer each, so
that an epoch here has several times as many steps. Seconds are of CPU, one thread.

Run ``python benchmarks/embeddings.py [seeds]``: about 3 minutes of CPU a seed. It prints a table,
then the edges a second of the store.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd

from vaxlab.knowledge import embed
from vaxlab.knowledge.store import Store
from vaxlab.lessons.day4.graph_of_facts import delivery, material

ASKED = {"umls": embed.MODELS, "kinships": ("ComplEx", "RotatE")}
GOAL = 0.90
EPOCHS = 30


def own(graph: str, model: str, seed: int, epochs: int = EPOCHS) -> dict[str, float]:
    """Train and rank the course's model; return MRR, Hits@10 and seconds of training."""
    parts = embed.benchmark(graph)
    names = embed.Index.of(*parts.values())
    numbers = {part: names.numbers(table) for part, table in parts.items()}
    sizes = len(names.entities), len(names.relations)
    begun = time.process_time()
    net = embed.train(model, numbers["train"], *sizes, seed=seed, epochs=epochs)
    seconds = time.process_time() - begun
    ranks = embed.ranks(net, numbers["test"], np.concatenate(list(numbers.values())))
    found = embed.metrics(ranks)
    return {"MRR": found["MRR"], "Hits@10": found["Hits@10"], "s": seconds}


def theirs(graph: str, model: str, seed: int, epochs: int = EPOCHS) -> dict[str, float]:
    """Do the same by PyKEEN; the seconds are with its ranking, which is short."""
    begun = time.process_time()
    found = delivery.pykeen(graph, model, epochs, seed)
    return found | {"s": time.process_time() - begun}


def seconds_to_goal(seed: int) -> float:
    """Return seconds of CPU until ComplEx reaches `GOAL` on UMLS, by tens of epochs."""
    for epochs in range(10, 101, 10):
        row = own("umls", "ComplEx", seed, epochs)
        if row["MRR"] >= GOAL:
            return row["s"]
    return float("nan")


def edges_a_second() -> float:
    """Return assertions that the store takes in a second of CPU, checks included."""
    store = Store()
    begun = time.process_time()
    added = material.fill(store)
    return added.assertions / (time.process_time() - begun)


def main() -> None:
    """Run all, and print."""
    import torch

    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    rows = []
    for graph, models in ASKED.items():
        for model in models:
            for name, way in (("own", own), ("PyKEEN", theirs)):
                found = pd.DataFrame([way(graph, model, seed) for seed in seeds])
                rows.append((graph, model, name, *found.mean(), found["MRR"].std()))
                print(rows[-1], flush=True)
    columns = ["graph", "model", "by", "MRR", "Hits@10", "s", "SD of MRR"]
    print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))
    print(f"ComplEx on UMLS reaches {GOAL}: {seconds_to_goal(0):.1f} s of CPU")
    print(f"store: {edges_a_second():,.0f} assertions a second of CPU")


if __name__ == "__main__":
    main()
