"""How fast and how exact the plant is on a graphics card.

Run ``PYTHONPATH=src python benchmarks/graphics_card.py`` from the repository's root; it needs
torch and numpy only. Every way to run a step (`vaxlab.plant.gpu.HOW`) is timed by itself, after a
first call that compiles and records. Where a way cannot be had it says why and goes on. Without a
graphics card it runs a few batches on the processor, to show that the script works.
"""

import platform
import sys
import time
import traceback
import warnings
from collections.abc import Callable

import numpy as np
import torch

from vaxlab.plant import Factors, Recipe, tensors, trajectories
from vaxlab.plant.course import Course
from vaxlab.plant.integrate import SIDE_BY_SIDE
from vaxlab.plant.kinetics import INDEX, STATES
from vaxlab.plant.phases import phase, start_of_growth, start_of_infection, step_ends

CARD = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CARD else "cpu")
SIZES = (1_000, 100_000) if CARD else (10, 1_000)
WAYS = ("eager", "replayed", "fused", "auto")
REPEATS = 5 if CARD else 1
CHECKED = 200


def factors(n: int) -> dict[str, np.ndarray]:
    """Return what differs from batch to batch: virus, cells, lots."""
    rng = np.random.default_rng(0)
    spread = {"growth": 0.05, "entry": 0.2, "release": 0.2, "inoculum": 0.2, "infectious": 0.2}
    drawn = {name: np.exp(rng.normal(0, sd, n)) for name, sd in spread.items()}
    return {"moi": 10 ** rng.uniform(-2, 1, n), **drawn}


def different_recipes(n: int) -> list[Recipe]:
    """Return recipes that differ in durations and temperatures, too."""
    rng = np.random.default_rng(1)
    return [
        Recipe(
            moi=float(10 ** rng.uniform(-4, 0)),
            growth_time_h=float(rng.uniform(80, 96)),
            infection_duration_h=float(rng.uniform(60, 72)),
            infection_temperature_c=float(rng.uniform(33, 37)),
            ph=float(rng.uniform(6.8, 7.6)),
        )
        for _ in range(n)
    ]


def wait() -> None:
    """Wait until the card has done what it was asked."""
    if CARD:
        torch.cuda.synchronize()


def seconds(call: Callable[[], object]) -> float:
    """Return the time of a call by the clock on the wall, its result freed."""
    wait()
    start = time.perf_counter()
    kept = call()
    wait()
    spent = time.perf_counter() - start
    del kept
    return spent


def attempt(what: str, call: Callable[[], None]) -> bool:
    """Run a part of the benchmark; if it fails, say why, and go on with the next."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            call()
    except Exception:  # whatever it is, the other parts are worth their numbers
        print(f"\n{what} FAILED:")
        traceback.print_exc(file=sys.stdout)
        return False
    finally:
        sys.stdout.flush()
    for warning in said:
        print(f"    warns: {str(warning.message)[:300]}")
    return True


def time_one(how: str, n: int, recipes: list[Recipe] | None = None) -> None:
    """Print what a way costs, first and afterwards."""
    backend = tensors(torch.float32, DEVICE, how)
    asked = recipes or [Recipe()] * n
    given = {} if recipes else factors(n)
    own = Factors(
        **{
            name: torch.as_tensor(values, dtype=torch.float32, device=DEVICE)
            for name, values in given.items()
        }
    )

    def call() -> object:
        return trajectories(asked, own, backend=backend)

    if CARD:
        torch.cuda.reset_peak_memory_stats()
    first = seconds(call)
    again = [seconds(call) for _ in range(REPEATS)]
    memory = torch.cuda.max_memory_allocated() / 1e9 if CARD else float("nan")
    print(
        f"{how:10}{n:10,}{first:12.2f}{min(again):12.4f}{np.median(again):12.4f}"
        f"{n / min(again):14,.0f}{memory:10.2f}"
    )


def time_host(n: int) -> None:
    """Print how much of that is Python and numpy before the first step."""
    recipes, backend = [Recipe()] * n, tensors(torch.float32, DEVICE)

    def call() -> None:
        grids = step_ends(recipes)
        inputs = Course().checked(n, len(grids[0]) + len(grids[1]) - 2)
        common = {"inputs": inputs, "grids": grids, "backend": backend}
        growth = phase(recipes, Factors(), infected=False, **common)
        start = start_of_growth(recipes, Factors(), backend)
        phase(recipes, Factors(), infected=True, start_c=growth.end_c, **common)
        start_of_infection(start, recipes, Factors(), backend)

    spent = min(seconds(call) for _ in range(3))
    print(f"preparing {n:,} batches, a part of the above: {spent:.3f} s")


def show_errors(how: str, dtype: torch.dtype) -> None:
    """Print how far a way is from float64 on the processor, over each state's maximum."""
    n = CHECKED if not CARD else SIZES[-1]
    given = factors(n)
    some = {name: values[:CHECKED] for name, values in given.items()}
    right = trajectories([Recipe()] * CHECKED, Factors(**some), backend=SIDE_BY_SIDE)
    found = trajectories([Recipe()] * n, Factors(**given), backend=tensors(dtype, DEVICE, how))
    right = np.array(right[0] + right[1])
    found = torch.stack([state[:, :CHECKED] for state in found[0] + found[1]]).cpu().numpy()
    most = np.abs(right).max(axis=0)
    errors = np.abs(found - right).max(axis=0) / np.maximum(most, 1e-6)
    of_most = np.abs(found.max(axis=0) - right.max(axis=0)) / np.maximum(most, 1e-6)
    worst = int(errors.max(axis=1).argmax())
    print(
        f"{how:10}{str(dtype):16}anywhere {errors.max():.1e} ({STATES[worst]}), "
        f"of a maximum {of_most.max():.1e}, "
        f"of virions {of_most[INDEX['total_virions_per_ml']].max():.1e}"
    )


def show_gradient() -> None:
    """Print what a gradient costs: always step by step."""
    n = 1_000 if CARD else 10
    entry = torch.ones(n, dtype=torch.float32, device=DEVICE, requires_grad=True)
    backend = tensors(torch.float32, DEVICE)

    def call() -> None:
        _, infection = trajectories([Recipe()] * n, Factors(entry=entry), backend=backend)
        torch.log(infection[-1][INDEX["total_virions_per_ml"]]).sum().backward()

    call()
    assert torch.isfinite(entry.grad).all()
    print(f"a gradient of {n:,} batches: {seconds(call):.2f} s")


def show_network() -> None:
    """Print what a network in place of a rate costs, gradient included."""
    n = 1_000 if CARD else 10
    layers = torch.nn.Sequential(torch.nn.BatchNorm1d(9), torch.nn.Linear(9, 1)).to(DEVICE)

    def net(features: torch.Tensor) -> torch.Tensor:
        return 0.05 * torch.sigmoid(layers(features))

    def call() -> None:
        growth, _ = trajectories(
            [Recipe()] * n,
            Factors(),
            backend=tensors(torch.float32, DEVICE),
            rates_by={"growth_rate_per_h": net},
            growth_step_h=2,
            infection_step_h=0.5,
        )
        growth[-1][INDEX["uninfected_cells_per_ml"]].log().mean().backward()

    call()
    print(f"a network for the growth rate, {n:,} batches, longer steps: {seconds(call):.2f} s")


def main() -> None:
    """Print the tables."""
    name = torch.cuda.get_device_name() if CARD else f"processor ({platform.machine()})"
    print(f"device: {name}; torch {torch.__version__}; numpy {np.__version__}")
    try:
        import triton

        print(f"triton {triton.__version__}")
    except ImportError as error:
        print(f"no triton: {error}")
    print(f"\n{'how':10}{'batches':>10}{'first, s':>12}{'best, s':>12}{'median, s':>12}", end="")
    print(f"{'batches/s':>14}{'GB':>10}")
    works = []
    for how in WAYS if CARD else WAYS[:2]:
        done = [attempt(f"{how}, {n:,}", lambda h=how, n=n: time_one(h, n)) for n in SIZES]
        works += [how] * all(done)
    attempt("preparing", lambda: time_host(SIZES[-1]))
    count = 10_000 if CARD else 10
    print(f"\n{count:,} recipes that differ in durations and temperatures:")
    recipes = different_recipes(count)
    for how in works:
        attempt(f"{how}, different", lambda h=how: time_one(h, count, recipes))
    print(f"\nerrors of {CHECKED} batches against float64 on the processor, relative to maxima:")
    for how in works:
        attempt(f"errors, {how}", lambda h=how: show_errors(h, torch.float32))
    attempt("errors, float64", lambda: show_errors("eager", torch.float64))
    print()
    attempt("gradient", show_gradient)
    attempt("network", show_network)


if __name__ == "__main__":
    main()
