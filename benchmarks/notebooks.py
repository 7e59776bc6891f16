"""Print how long each solution notebook runs, and with how much memory, on one core.

The budget of the course is 90 s and 1.5 GB a notebook, so that it lives on Binder, and 0.3 s for
``import vaxlab``. On a machine that is shared, the seconds of the core itself are the ones to read.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jupytext
from nbclient import NotebookClient

CHECKOUT = Path(__file__).parents[1]


def measure(path: Path) -> tuple[float, float, float]:
    """Return seconds, the kernel's seconds on its core, and its peak memory in GB.

    Runs in a process of its own.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    book = jupytext.read(path)
    start = time.perf_counter()
    NotebookClient(book, timeout=600, resources={"metadata": {"path": CHECKOUT}}).execute()
    seconds = time.perf_counter() - start
    kernel = resource.getrusage(resource.RUSAGE_CHILDREN)
    scale = 1e9 if sys.platform == "darwin" else 1e6  # bytes there, kB on Linux
    return seconds, kernel.ru_utime + kernel.ru_stime, kernel.ru_maxrss / scale


def import_s() -> float:
    """Return the least of five times that ``import vaxlab`` takes in a new process."""
    code = "import time; t = time.perf_counter(); import vaxlab; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    return min(float(subprocess.check_output(command)) for _ in range(5))


def main() -> None:
    """Print one row a notebook."""
    print(f"import vaxlab: {import_s():.3f} s")
    print("on one core; the budget is 90 s and 1.5 GB")
    print(f"{'solution notebook':32} {'seconds':>8} {'of core':>8} {'peak GB':>8}")
    spawn = multiprocessing.get_context("spawn")
    for path in sorted((CHECKOUT / "solutions").glob("day*/*.py")):
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            seconds, of_core, memory = pool.submit(measure, path).result()
        print(f"{path.parent.name}/{path.stem:27} {seconds:8.1f} {of_core:8.1f} {memory:8.2f}")


if __name__ == "__main__":
    main()
