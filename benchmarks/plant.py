"""How fast and how exact the plant is: against scipy's LSODA, batch by batch.

Run ``python benchmarks/plant.py`` from anywhere. Same equations on both sides; the ratios, not
the seconds, are what carries over to another machine.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vaxlab.plant import Recipe, campaign, simulate

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from plant.reference import lsoda  # the one that the tests hold the plant to

REPEATS = 5
STATE = "total_virions_per_ml"


def recipes(n: int) -> list[Recipe]:
    """Return n different recipes."""
    rng = np.random.default_rng(0)
    return [
        Recipe(
            moi=float(10 ** rng.uniform(-4, 0)),
            inoculum_cells_per_ml=float(rng.uniform(1e5, 5e5)),
            infection_temperature_c=float(rng.uniform(33, 39)),
            ph=float(rng.uniform(6.8, 7.6)),
            carrier_g_per_l=float(rng.uniform(1, 4)),
        )
        for _ in range(n)
    ]


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least of several runs' wall time."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def largest_error(some: list[Recipe]) -> float:
    """Return the largest error of a state's maximum, relative, against LSODA at 1e-8."""
    batches = simulate(some)
    hours = batches.time_h[batches.time_h >= 0]
    worst = 0.0
    rows = {"infectious_virions_per_ml": 12, STATE: 13, "lactate_mmol_per_l": 16}
    for b, recipe in enumerate(some):
        grown, path = lsoda(recipe, hours)
        for name, row in rows.items():
            ours = np.nanmax(batches.states[name][b, batches.time_h >= 0])
            worst = max(worst, abs(ours / path[row].max() - 1))
        cells = batches.at_infection["uninfected_cells_per_ml"][b]
        worst = max(worst, abs(cells / grown[1] - 1))
    return worst


def main() -> None:
    """Print the table."""
    some = recipes(20)
    hours = np.arange(0, 72.5, 0.5)
    one_by_one = seconds(lambda: [lsoda(r, hours, rtol=1e-6) for r in some], 3) / len(some)
    print(f"{'':28}{'batches/s':>12}{'ratio':>10}")
    print(f"{'LSODA, rtol 1e-6, one by one':28}{1 / one_by_one:12.1f}{1:10.1f}")
    for n in (1, 60, 360, 10_000):
        batch = recipes(n)
        took = seconds(lambda batch=batch: simulate(batch), REPEATS if n < 1000 else 1) / n
        print(f"{f'vaxlab, {n:,} side by side':28}{1 / took:12.1f}{one_by_one / took:10.1f}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nlargest memory, 10,000 batches with trajectories: {memory:.2f} GB")
    print(f"largest relative error of a maximum, LSODA at 1e-8: {largest_error(some):.1e}")
    campaign.run.cache_clear()
    print(f"six years of history, 360 batches: {seconds(campaign.run, 1):.2f} s")


if __name__ == "__main__":
    main()
