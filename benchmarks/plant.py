"""How fast and how exact the plant is: against scipy's LSODA, batch by batch.

Run ``python benchmarks/plant.py`` from anywhere. Same equations on both sides, in the faster of
two ways to hand them to scipy; the ratios, not the seconds, are what carries over to another
machine. The two sides take turns, and what is counted is the processor's time of one thread, so
that whatever else the machine does hits both alike.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

from vaxlab.plant import Recipe, campaign, simulate
from vaxlab.plant.batch import Factors, phase, start_of_growth, start_of_infection
from vaxlab.plant.kinetics import ARRAYS, INDEX, rates
from vaxlab.plant.parameters import VALUES

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from plant.reference import lsoda  # the one that the tests hold the plant to

ROUNDS = 5
HOURS = np.arange(0, 72.5, 0.5)


def recipes(n: int) -> list[Recipe]:
    """Return n different recipes."""
    rng = np.random.default_rng(0)
    return [
        Recipe(
            moi=float(10 ** rng.uniform(-4, 0)),
            inoculum_cells_per_ml=float(rng.uniform(1e5, 5e5)),
            infection_temperature_c=37.0,
            ph=float(rng.uniform(6.8, 7.6)),
            do_percent=float(rng.uniform(30, 80)),
            carrier_g_per_l=float(rng.uniform(1, 4)),
        )
        for _ in range(n)
    ]


def lsoda_on_arrays(recipe: Recipe) -> None:
    """Solve one batch with scipy as it comes: the state is an array, its rows numpy's numbers."""
    growth, infection = (phase([recipe], Factors(), infected=i).at(0, 0) for i in (False, True))

    def solve(k, start, span, at):
        return solve_ivp(
            lambda _, y: np.array(rates(y[:, None], k, VALUES, ARRAYS))[:, 0],
            span,
            np.ravel(start),
            method="LSODA",
            t_eval=at,
            rtol=1e-6,
            atol=1e-6,
        ).y

    start = start_of_growth([recipe], Factors())
    grown = solve(growth, start, (-recipe.growth_time_h, 0), None)[:, -1:]
    virus = start_of_infection(list(grown), [recipe], Factors())
    solve(infection, virus, (0, recipe.infection_duration_h), HOURS)


def seconds(call: Callable[[], object]) -> float:
    """Return the processor's time of a call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def largest_error(some: list[Recipe]) -> tuple[float, str]:
    """Return the largest error of any state's maximum, relative, against LSODA at 1e-8."""
    batches = simulate(some)
    worst = 0.0, ""
    after = batches.time_h >= 0
    for b, recipe in enumerate(some):
        grown, path = lsoda(recipe, batches.time_h[after])
        for name, row in INDEX.items():
            if name not in batches.states:
                continue  # single stages of infected cells: only their sums are kept
            most = np.nanmax(batches.states[name][b])
            differences = (
                np.nanmax(batches.states[name][b, after]) - path[row].max(),
                batches.at_infection[name][b] - grown[row],
            )
            if most > 0:
                worst = max(worst, (np.abs(differences).max() / most, name))
    return worst


def main() -> None:
    """Print the table."""
    some = recipes(10)
    sizes = (1, 60, 360, 10_000)
    ours: dict[int, list[float]] = {n: [] for n in sizes}
    floats, arrays = [], []
    for _ in range(ROUNDS):
        floats.append(seconds(lambda: [lsoda(r, HOURS, rtol=1e-6) for r in some]) / len(some))
        arrays.append(seconds(lambda: [lsoda_on_arrays(r) for r in some[:3]]) / 3)
        ours[1].append(seconds(lambda: [simulate(r) for r in some]) / len(some))
        for n in sizes[1:]:
            batch = recipes(n)
            ours[n].append(seconds(lambda batch=batch: simulate(batch)) / n)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6

    best = min(floats)
    print(f"{'':44}{'batches/s':>12}{'ratio':>10}")
    print(
        f"{'LSODA, rtol 1e-6, rates on arrays':44}{1 / min(arrays):12.1f}{best / min(arrays):10.2f}"
    )
    print(f"{'LSODA, rtol 1e-6, rates on plain floats':44}{1 / best:12.1f}{1:10.2f}")
    for n, times in ours.items():
        name = f"vaxlab, {n:,} side by side"
        print(f"{name:44}{1 / min(times):12.1f}{best / min(times):10.2f}")
    print(f"\nlargest memory, 10,000 batches with trajectories: {memory:.2f} GB")
    error, state = largest_error(some)
    print(f"largest relative error of a maximum, LSODA at 1e-8: {error:.1e} ({state})")
    campaign.run.cache_clear()
    print(f"six years of history, 360 batches: {seconds(campaign.run):.2f} s")


if __name__ == "__main__":
    main()
