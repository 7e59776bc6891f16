"""How fast and how exact the plant is: against scipy's LSODA, batch by batch.

Run ``python benchmarks/plant.py`` from anywhere. Same equations on both sides, handed to scipy in
two ways: as its users write them, on arrays, and on plain floats, the fastest that we could give
it. The ratios, not the seconds, are what carries over to another machine. In the first table the
two sides take turns, and what is counted is the processor's time of one thread, so that whatever
else the machine does hits both alike; the second one needs a machine that does nothing else.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
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
ON_ARRAYS = "LSODA, rtol 1e-6, rates on arrays"
ON_FLOATS = "LSODA, rtol 1e-6, rates on plain floats"
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


def wall_seconds(call: Callable[[], object]) -> float:
    """Return the time of a call by the clock on the wall."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def lsoda_on_floats(recipe: Recipe) -> None:
    """Solve one batch with scipy in plain floats, the fastest that we could give it."""
    lsoda(recipe, HOURS, rtol=1e-6)


def on_all_cores(rounds: int = 3) -> list[tuple[str, float]]:
    """Return batches/s by the clock on the wall, each side on all cores as suits it best.

    scipy gets a process a core, vaxlab a thread a core: numpy lets go of the lock while it
    calculates, and threads need not send trajectories to each other.
    """
    found = []
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        for name, call, n in ((ON_ARRAYS, lsoda_on_arrays, 6), (ON_FLOATS, lsoda_on_floats, 20)):
            some = recipes(n * cores)
            list(pool.map(call, some[:cores]))  # wake the processes
            times = [
                wall_seconds(lambda call=call, some=some: list(pool.map(call, some)))
                for _ in range(rounds)
            ]
            found.append((name, len(some) / min(times)))
    batch = recipes(10_000)
    parts = [batch[k::cores] for k in range(cores)]
    with ThreadPoolExecutor(cores) as threads:
        times = [wall_seconds(lambda: list(threads.map(simulate, parts))) for _ in range(rounds)]
    return [*found, ("vaxlab, 10,000 side by side", len(batch) / min(times))]


def show(rows: list[tuple[str, float]]) -> None:
    """Print batches/s and the ratios to both forms of LSODA."""
    rate = dict(rows)
    print(f"{'':44}{'batches/s':>12}{'to arrays':>12}{'to floats':>12}")
    for name, per_s in rows:
        ratios = f"{per_s / rate[ON_ARRAYS]:12.1f}{per_s / rate[ON_FLOATS]:12.2f}"
        print(f"{name:44}{per_s:12.1f}{ratios}")


def main() -> None:
    """Print the tables."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > 1:
        print(f"The machine is busy (load {load:.1f}): the second table will be too slow.\n")
    some = recipes(10)
    sizes = (1, 60, 360, 10_000)
    ours: dict[int, list[float]] = {n: [] for n in sizes}
    floats, arrays = [], []
    for _ in range(ROUNDS):
        floats.append(seconds(lambda: [lsoda_on_floats(r) for r in some]) / len(some))
        arrays.append(seconds(lambda: [lsoda_on_arrays(r) for r in some[:3]]) / 3)
        ours[1].append(seconds(lambda: [simulate(r) for r in some]) / len(some))
        for n in sizes[1:]:
            batch = recipes(n)
            ours[n].append(seconds(lambda batch=batch: simulate(batch)) / n)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6

    print("One core: processor time of one thread. Ratios to LSODA on arrays and on plain floats.")
    show(
        [
            (ON_ARRAYS, 1 / min(arrays)),
            (ON_FLOATS, 1 / min(floats)),
            *((f"vaxlab, {n:,} side by side", 1 / min(times)) for n, times in ours.items()),
        ]
    )
    print(f"\nAll {os.cpu_count()} cores on both sides: the clock on the wall.")
    show(on_all_cores())
    print(f"\nlargest memory, 10,000 batches with trajectories: {memory:.2f} GB")
    error, state = largest_error(some)
    print(f"largest relative error of a maximum, LSODA at 1e-8: {error:.1e} ({state})")
    campaign.run.cache_clear()
    print(f"six years of history, 360 batches: {seconds(campaign.run):.2f} s of one core")


if __name__ == "__main__":
    main()
