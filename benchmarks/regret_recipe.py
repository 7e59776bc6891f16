"""Measure the regret of three ways to a recipe, for day 3, notebook 3: ten studies each.

    python benchmarks/regret_recipe.py    # two minutes; prints ``delivery.MEASURED``

All ways have the same number of runs, the same hands and the same assays, run by run. Regret is
against the best recipe that a search on the truth finds in the same year of the plant.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from tqdm import tqdm

from vaxlab.lessons.day3.recipe import material, rivals
from vaxlab.lessons.day3.recipe.material import FACTORS, Laboratory, Runs

STUDIES, YEAR, KEPT = 10, 2034, 0.95
TWO = ("infection_duration_h", "infection_temperature_c")
"""The two factors of the small case; the others stay as usual."""
SMALL_RUNS, SMALL_FIRST = 13, 4


def coded_usual() -> np.ndarray:
    """Return the usual recipe in the unit cube, (5,)."""
    low, high = material.recipes(np.array([[0.0] * 5, [1.0] * 5]))
    share = []
    for name in FACTORS:
        ends = np.array([low[name], high[name], USUAL[name]])
        a, b, value = np.log(ends) if name == material.LOGARITHMIC else ends
        share.append((value - a) / (b - a))
    return np.array(share)


USUAL = material.usual() | {"infection_duration_h": 56.0}


def whole(two: np.ndarray) -> np.ndarray:
    """Return recipes (n, 5) of which two factors (n, 2) are given."""
    x = np.tile(coded_usual(), (len(two), 1))
    x[:, [FACTORS.index(name) for name in TWO]] = two
    return x


def attainable(start: np.ndarray, year: int) -> float:
    """Return the largest gain that a search of the truth finds in a year, limits kept in 95 %.

    Parameters
    ----------
    start : array (n, 5)
        Recipes to begin with: the best of them is bettered, one factor at a time.
    year : int
        Seed of the plant.
    """

    def worth(x: np.ndarray) -> np.ndarray:
        gains, kept = material.true_gains(x, year)
        return np.where(kept >= KEPT, gains, kept - 2)

    values = worth(start)
    best, value = start[values.argmax()], values.max()
    free = np.flatnonzero(np.ptp(start, axis=0) > 0)
    for step in (0.2, 0.1, 0.05):
        for k in free:
            tried = np.tile(best, (4, 1))
            tried[:, k] = np.clip(best[k] + step * np.array([-2, -1, 1, 2]), 0, 1)
            found = worth(tried)
            if found.max() > value:
                best, value = tried[found.argmax()], found.max()
    return float(value)


def large(seed: int) -> list[tuple[str, int, np.ndarray]]:
    """Return method, runs and recommended recipe: five factors, 30 runs."""
    weeks = range(material.FIRST, material.RUNS + 1, material.BATCH)
    drawn, searched = material.random_runs(seed), rivals.searched(seed)
    rows = [("random", n, rivals.by_reading(drawn[:n])) for n in weeks]
    rows += [("process", n, rivals.by_process(searched[:n])) for n in weeks]
    return [*rows, ("design", material.RUNS, rivals.by_surface(rivals.designed(seed)))]


def small(seed: int) -> list[tuple[str, int, np.ndarray]]:
    """Return the same of two factors and 13 runs."""
    laboratory, rng = Laboratory(seed), np.random.default_rng([seed, 63])

    def run(two: np.ndarray, first: int = 0) -> Runs:
        runs = laboratory.run(whole(two), first)
        return Runs(two, runs.doses, runs.qualities)

    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) * rivals.CORNER
    axes = np.concatenate([np.eye(2), -np.eye(2), np.zeros((5, 2))])
    plan = (np.concatenate([corners, axes]) + 1) / 2
    runs = run(rng.random((SMALL_FIRST, 2)))
    rows = [("design", SMALL_RUNS, whole(rivals.by_surface(run(rng.permutation(plan)))[None])[0])]
    drawn = run(rng.random((SMALL_RUNS, 2)))
    rows += [("random", SMALL_RUNS, whole(rivals.by_reading(drawn)[None])[0])]
    while True:
        rows.append(("process", len(runs), whole(rivals.by_process(runs)[None])[0]))
        if len(runs) == SMALL_RUNS:
            return rows
        new = rivals._propose(runs.x, runs.y, runs.margins, runs.noise)
        runs = runs + run(new, len(runs))


def measured() -> list[str]:
    """Return lines of ``delivery.MEASURED``: factors, way, study; gains in %, and what was kept."""
    lines = []
    for factors, way in ((5, large), (2, small)):
        rows = [(seed, *row) for seed in tqdm(range(1, STUDIES + 1)) for row in way(seed)]
        x = np.array([row[3] for row in rows])
        gains, kept = material.true_gains(x, YEAR)
        lines.append(f"{factors} attainable 0: {100 * attainable(x, YEAR):.1f}")
        for name in dict.fromkeys(row[1] for row in rows):
            for seed in range(1, STUDIES + 1):
                own = [k for k, row in enumerate(rows) if row[:2] == (seed, name)]
                told = " ".join(f"{100 * gains[k]:.1f}" for k in own)
                lines.append(f"{factors} {name} {seed}: {told} | {100 * kept[own[-1]]:.0f}")
    return lines


if __name__ == "__main__":
    print(*measured(), sep="\n")
