"""What a kernel costs a grader: stock, forked, and forked behind walls with a judge.

Each kernel is started, imports what the course's notebooks import, runs an empty cell, and is
stopped. The three take turns, so that a busy machine is busy for all of them. Then nbval runs the
whole course, as learners get it, in stock kernels and in forked ones.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

from jupyter_client import AsyncKernelManager

from vaxlab.grading import provisioner, sandbox
from vaxlab.grading.limits import Limits
from vaxlab.lab import THREAD_CAPS

CHECKOUT = Path(__file__).parents[1]
ROUNDS = 7
IMPORTS = """import numpy, pandas, plotly.graph_objects, sklearn.ensemble, torch
from vaxlab import data, figures
from vaxlab.lessons.day1 import trust
optimizer = torch.optim.Adam(torch.nn.Linear(1, 1).parameters())"""
KERNELS = {
    "stock kernel": "python3",
    "forked": "vaxlab-warm",
    "forked, sandbox and judge": "vaxlab-graded",
}


async def one(name: str) -> tuple[float, float, float]:
    """Seconds for the start, the imports and the stop of a kernel."""
    marks = [time.monotonic()]
    manager = AsyncKernelManager(kernel_name=name)
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=300)
    marks.append(time.monotonic())
    reply = await client.execute_interactive(IMPORTS, timeout=300)
    assert reply["content"]["status"] == "ok", reply
    marks.append(time.monotonic())
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    await manager.cleanup_resources()
    marks.append(time.monotonic())
    return tuple(after - before for before, after in zip(marks, marks[1:], strict=False))


def nbval_s(kernel: str) -> float:
    """Seconds that nbval takes for the whole course."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax"]
    command += ["--nbval-kernel-name", kernel, "--nbval-cell-timeout", "300", "course"]
    began = time.monotonic()
    subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    os.environ |= THREAD_CAPS | {"JUPYTER_PATH": str(provisioner.KERNELS)}
    began = time.monotonic()
    provisioner.address()
    print(f"The warm process is ready after {time.monotonic() - began:.1f} s.")
    took: dict[str, list[tuple[float, float, float]]] = {title: [] for title in KERNELS}
    for _ in range(ROUNDS):
        for title, name in KERNELS.items():
            took[title].append(asyncio.run(one(name)))
    print(f"\nMedian of {ROUNDS}, in seconds (0.2 of each start is jupyter_client's own wait):\n")
    print(f"{'':<28}{'start':>8}{'imports':>9}{'stop':>8}{'all':>8}")
    for title, rounds in took.items():
        parts = [statistics.median(part) for part in zip(*rounds, strict=True)]
        print(f"{title:<28}{parts[0]:>8.2f}{parts[1]:>9.2f}{parts[2]:>8.2f}{sum(parts):>8.2f}")
    rooms = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        with sandbox.Room.open(Limits()):
            pass
        rooms.append(time.monotonic() - began)
    print(f"\nOne empty sandbox, made and ended: {statistics.median(rooms) * 1000:.0f} ms.")
    stock, warm = nbval_s("python3"), nbval_s("vaxlab-warm")
    print(f"nbval of the whole course: stock kernels {stock:.0f} s, forked ones {warm:.0f} s.")


if __name__ == "__main__":
    main()
