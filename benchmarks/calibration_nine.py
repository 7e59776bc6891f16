"""What day 3, notebook 1 promises, on ten plants, and on two hundred practice plants.

    python benchmarks/calibration_nine.py            # the course's plant and nine drawn once
    python benchmarks/calibration_nine.py 2033 7     # plants of one's own

Plants: drivers found and false columns by the course's own way, by the doses alone and by plain
correlation; lines of certificates below 0.05 if batches or lots are counted; what 0.1 mS/cm more
seems to do to the doses under each adjustment, %, and truly does; doses gained by the set points
that are found. Practice plants: the false discovery rate of knockoffs and of stability selection.
"""

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import detectives
import numpy as np
import pandas as pd
from scipy import stats

from vaxlab.lessons.day3.nine import delivery, material, truth
from vaxlab.lessons.day3.nine.handed import Forward
from vaxlab.plant import campaign
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import deploy
from vaxlab.plant.rules import Policy

SETS = dict(delivery.ADJUSTMENTS)


def found(some: material.History, seed: int) -> dict[str, float]:
    """Return how many drivers are found, what is false, and the doses that it is worth."""
    row = {}
    begun = time.process_time()
    ways = {
        "steps": dict(material._find(some.x, some.witnesses, some.lots)),
        "doses only": dict(material._find(some.x, some.witnesses[["doses"]], some.lots)),
    }
    row["s to find, twice"] = time.process_time() - begun
    for name, called in ways.items():
        drivers = truth.drivers(called)
        row[f"{name}: called"] = len(called)
        row[f"{name}: drivers"] = len(drivers)
        row[f"{name}: false"] = len(truth.false(called))
        off = [own[0] for own in drivers.values() if called[own[0]] != truth.SIGNS[own[0]]]
        row[f"{name}: signs off"] = len(off)
    naive = detectives.naive(campaign.run(seed))
    row["naive: drivers"] = len(truth.drivers(naive))
    for name, changes in {
        "moved": delivery.handles(ways["steps"], some),
        "naive moved": delivery.handles(dict.fromkeys(naive, 1), some),
    }.items():
        policy = Policy(recipe=lambda known, changes=changes: changes)
        said = deploy(policy, n_batches=delivery.DEPLOYED, seed=seed).summary()
        row[f"{name}: set points"] = len(changes)
        row[f"{name}: doses"], row[f"{name}: low"] = said["gained_percent"], said["low_percent"]
    return row


def lines(some: material.History) -> dict[str, float]:
    """Return how many lines of certificates are below 0.05, batches counted and lots counted."""
    y, rng = some.witnesses["cells"].to_numpy(), np.random.default_rng(1)
    p = []
    for name in some.x.columns[some.x.columns.str.startswith("coa_")]:
        line, of = some.x[name].to_numpy(), some.lots[name.split("_")[1]].to_numpy()
        told = name in truth.ACTING
        by_lot = material._lot_p_value(line, y, of, rng, 499)
        p.append((stats.pearsonr(line, y).pvalue, by_lot, told))
    batch, lot, told = np.array(p).T
    silent = told == 0
    return {
        "lines that tell nothing": float(silent.sum()),
        "of them below 0.05, batches": float((batch[silent] < 0.05).sum()),
        "of them below 0.05, lots": float((lot[silent] < 0.05).sum()),
    }


def slopes(some: material.History, seed: int) -> dict[str, float]:
    """Return what 0.1 mS/cm more seems to do to the doses, %, and truly does."""
    row = {f"slope: {name}": delivery.slope(some.nodes, by)[0] for name, by in SETS.items()}
    released = some.nodes[some.nodes["released"] == 1]
    row["slope: only released"] = delivery.slope(released, ("season",))[0]
    return row | {"slope: true": delivery.true_slope(seed)}


def measure(seed: int) -> dict[str, float]:
    """Return one row: all of it on one plant."""
    some = material.history(seed)
    return found(some, seed) | lines(some) | slopes(some, seed)


def practice(plants: int = 200) -> dict[str, float]:
    """Return error rates over practice plants, and the seconds that they took."""
    rows, begun = [], time.process_time()
    select = Forward(material.COUNT)
    for seed in range(plants):
        one = material.practice(seed)
        row = {}
        for kind, (x, y) in {
            "lots forgotten": (one.x, one.y),
            "within lots": material.practice_within(one),
        }.items():
            rng = np.random.default_rng(seed)
            w = material.contest(x, material._knockoffs(x, rng), y)
            share = material._shares(select, x, y, material.PAIRS, rng)
            halves = np.flatnonzero(share >= material.SHARE_LEAST)
            for name, called in {
                "knockoffs": material._chosen(w, material.FALSE_SHARE),
                "halves": halves,
            }.items():
                false = len(set(called) - set(one.causes))
                row[f"{name}, {kind}: FDR"] = false / max(len(called), 1)
                row[f"{name}, {kind}: false"] = false
                row[f"{name}, {kind}: found"] = len(called) - false
        rows.append(row)
    mean = pd.DataFrame(rows).mean().to_dict()
    return mean | {"s": time.process_time() - begun}


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(2).to_string())
    print(rows.agg(["min", "max", "mean"]).round(2).T.to_string())
    print(pd.Series(practice()).round(3).to_string())
