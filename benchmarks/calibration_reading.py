"""What day 4, notebook 1 promises, library by library.

Run ``python benchmarks/calibration_reading.py``. Seeds of libraries may be given; otherwise nine
drawn ones. About 30 s of CPU each.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import torch

from vaxlab.lessons.day4.reading import checks, epochs, material
from vaxlab.literature import NO_RELATION, library
from vaxlab.literature.reader import read

ABSTRACTS, LEARNT = 3000, 2400


def rules(rows: pd.DataFrame) -> dict[str, float]:
    """Return precision, recall and F1 of the course's rules, and of being named together."""
    patterns = {kinds: material.patterns(kinds) for kinds in rows["kinds"].unique()}
    pairs = zip(rows["text"], rows["kinds"], strict=True)
    said = [material._relation(text, patterns[kinds]) for text, kinds in pairs]
    score = material.scores(said, rows["gold"])
    return {f"rules: {name}": value for name, value in score.items()} | {
        "named together: precision": (rows["gold"] != NO_RELATION).mean(),
        "labels wrong": (rows["gold"] != rows["relation"]).mean(),
    }


def taught(rows: pd.DataFrame, test: pd.DataFrame) -> float:
    """Return F1 of the course's network."""
    renamed = rows.rename(columns={"relation": "label"})
    return float(epochs._taught(renamed, {"": test})[""]["F1"])


def names(rows: pd.DataFrame, test: pd.DataFrame) -> dict[str, float]:
    """Return F1 on known and on new names, with names blinded and left in."""
    rows = rows.rename(columns={"relation": "label"})
    entities = np.unique(rows[["head", "tail"]].to_numpy().astype(str))
    rng = np.random.default_rng(8)
    held = set(rng.choice(entities, round(epochs.HELD * len(entities)), replace=False))
    inside = {name: table[["head", "tail"]].isin(held) for name, table in
              {"rows": rows, "test": test}.items()}  # fmt: skip
    learn = rows[~inside["rows"].any(axis=1)]
    parts = {
        "known names": test[~inside["test"].any(axis=1)],
        "new names": test[inside["test"].all(axis=1)],
    }
    found = {}
    for how, change in {"blinded": lambda t: t, "left in": epochs._named}.items():
        scores = epochs._taught(change(learn), {name: change(t) for name, t in parts.items()})
        found |= {f"names {how}: F1, {name}": score["F1"] for name, score in scores.items()}
    return found


def shuffled(rows: pd.DataFrame, test: pd.DataFrame) -> float:
    """Return F1 of the network that learnt from shuffled words."""
    return taught(epochs._shuffled(rows, np.random.default_rng(8)), test)


def reader(seed: int) -> dict[str, float]:
    """Return precision and recall of the reader whose finds are a data set."""
    books = library(seed)
    found = read(books.documents, books.names, books.entities)
    told = books.truth.statements
    sets = []
    for table in (found, told[~told["pointed"]]):
        firm = table[(table["polarity"] == "affirmed") & (table["certainty"] == "stated")]
        ends = [
            tuple(sorted((row.head, row.tail))) if row.relation == "binds" else (row.head, row.tail)
            for row in firm.itertuples()
        ]
        sets.append(
            set(zip(firm["document"], firm["sentence"], firm["relation"], ends, strict=True))
        )
    both = len(sets[0] & sets[1])
    return {"reader: precision": both / len(sets[0]), "reader: recall": both / len(sets[1])}


def measure(seed: int) -> dict[str, float]:
    """Return what the notebook promises, measured in one library."""
    rows = material._judged(seed, ABSTRACTS)
    order = rows["document"].unique()
    first, last = set(order[:LEARNT]), set(order[LEARNT:])
    learn, test = rows[rows["document"].isin(first)], rows[rows["document"].isin(last)]
    small = learn[learn["document"].isin(order[: epochs.ABSTRACTS])]
    row = rules(test) | {"network: F1": taught(learn, test)}
    small_test = learn[learn["document"].isin(order[checks.TRAINED : checks.ABSTRACTS])]
    row["check's network: F1"] = taught(small, small_test)
    row["check's rules: F1"] = rules(small_test)["rules: F1"]
    row["shuffled words: F1"] = shuffled(small, test)
    row["1,500 abstracts: F1"] = taught(small, test)
    return row | names(small, test) | reader(seed)


def main(seeds: list[int]) -> None:
    """Print a table: one row a promise, a column a library."""
    torch.set_num_threads(1)
    table = {}
    for seed in seeds:
        table[seed] = measure(seed)
        print(pd.Series(table[seed], name=seed).round(3).to_string(), flush=True)
    found = pd.DataFrame(table)
    print(found.agg(["min", "mean", "max"], axis=1).round(3).to_string())


if __name__ == "__main__":
    given = [int(seed) for seed in sys.argv[1:]]
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    main(given or [int(seed) for seed in drawn])
