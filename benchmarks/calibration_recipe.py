"""Print what the promises of day 3, notebook 3 rest on, for some seeds of the plant.

One row a seed: a study by the course's own proposals, one by the design and one by chance, all with
the hands of that seed; what each recommends is paid in that seed's own year of the plant.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time

import numpy as np
import pandas as pd
from regret_recipe import attainable

from vaxlab.lessons.day3.recipe import checks, material, rivals
from vaxlab.plant import deploy
from vaxlab.plant.campaign import HISTORY_SEED


def paid(name: str, x: np.ndarray, seed: int) -> dict[str, float]:
    """Return what a recipe gives in 120 batches of the plant, in %."""
    point = material.usual() | material.recipes(x[None])[0]
    came = deploy.deploy(deploy.Policy(recipe=lambda known: point), n_batches=120, seed=seed)
    read = came.batches[["dna_ng_per_dose", "hcp_ug_per_ug_ha", "lactate_mmol_per_l"]]
    summary = came.summary()
    return {
        f"{name}: gained": summary["gained_percent"],
        f"{name}: low": summary["low_percent"],
        f"{name}: kept": 100 * (read.to_numpy() <= material.LIMITS).all(axis=1).mean(),
    }


def measure(seed: int) -> dict[str, float]:
    """Return one row, in %."""
    begun = time.process_time()
    searched = rivals.searched(seed)
    seconds = (time.process_time() - begun) / 7
    learned, designed = rivals.by_process(searched), rivals.by_surface(rivals.designed(seed))
    row = paid("process", learned, seed) | paid("design", designed, seed)
    gain = float(material.true_gains(learned[None], seed)[0][0])
    best = attainable(np.concatenate([searched.x, [learned, designed]]), seed)
    row["process: of the attainable"] = 100 * gain / best
    row |= paid("random", rivals.by_reading(material.random_runs(seed)), seed)
    drawn, own = checks._beside(seed)
    row |= {"check: random of three": 100 * drawn, "check: own of three": 100 * own}
    runs = material.random_runs(seed)
    best, laboratory = int(runs.y.argmax()), material.Laboratory(seed)
    row["curse: best reading"] = 100 * (runs.y[best] / laboratory.again(runs.x[best]) - 1)
    one = int(runs.doses[:, 0].argmax())
    row["curse: best vessel"] = 100 * (runs.doses[one, 0] / laboratory.again(runs.x[one]) - 1)
    return row | {"s a proposal": seconds}


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = []
    for seed in seeds:
        rows.append(pd.Series(measure(seed), name=seed))
        print(rows[-1].round(1).to_dict(), flush=True)
    table = pd.DataFrame(rows)
    print(table.round(1).T.to_string())
    print(table.agg(["min", "median", "max"]).round(1).T.to_string())
