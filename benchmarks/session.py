"""Run every notebook as Binder lends a machine: 2 GB of memory and one core, JupyterLab beside it.

Each notebook is run as it is handed out and as it is solved, in a control group that holds the
server, the client and the kernel (root is needed, as on a Binder machine's host). Prints seconds,
seconds to the first figure, the most memory in use (what cannot be given back: no cache of files),
and whether a kernel was ended. ``--cold`` forgets the disk's cache before each notebook.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

CHECKOUT = Path(__file__).parents[1]
MEMORY_MB, CORES = 2048, 1.0
NAME = "benchmark-session"
FIGURE = "application/vnd.plotly.v1+json"
sys.path.insert(0, str(CHECKOUT / "classroom"))

import limits  # noqa: E402 (found only now)


def in_use() -> float:
    """Return the memory of the group that cannot be given back, GB."""
    for above in limits.groups():
        file = above / NAME / "memory.stat"
        if file.is_file():
            told = dict(line.split() for line in file.read_text().splitlines())
            return int(told.get("anon", told.get("total_rss", 0))) / 1e9
    return float("nan")


class Peak(threading.Thread):
    """The most memory in use while it runs, looked up five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.gb, self.over = 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.2):
            self.gb = max(self.gb, in_use())


def played(book: nbformat.NotebookNode, folder: Path) -> tuple[str, float, float, float]:
    """Run a notebook: how it ended, seconds, seconds to the first figure, peak GB."""
    first: list[float] = []
    begun = time.monotonic()

    def look(cell: nbformat.NotebookNode, cell_index: int, **_: object) -> None:
        if not first and any(FIGURE in out.get("data", {}) for out in cell.get("outputs", [])):
            first.append(time.monotonic() - begun)

    peak = Peak()
    peak.start()
    ended = "whole"
    try:
        NotebookClient(
            book,
            timeout=600,
            resources={"metadata": {"path": str(folder)}},
            on_cell_executed=look,
        ).execute()
    except DeadKernelError:
        ended = "KERNEL ENDED"
    except CellExecutionError as error:
        ended = f"stopped: {error.ename}"
    seconds = time.monotonic() - begun
    peak.over.set()
    return ended, seconds, first[0] if first else float("nan"), peak.gb


def main() -> None:
    """Print a row a notebook and way."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("part", nargs="?", default="", help="part of a notebook's name, or a day")
    options.add_argument("--cold", action="store_true", help="without what the disk's cache holds")
    asked = options.parse_args()
    if not limits.limits_memory():
        raise SystemExit("No control groups can be made here: this needs root, and Linux.")
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    limits.enter(NAME, MEMORY_MB, CORES)
    vaxlab = Path(sys.executable).with_name("vaxlab")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    lab = subprocess.Popen([vaxlab, "lab", "--no-browser"], cwd=CHECKOUT, **quiet)
    try:
        print(f"{MEMORY_MB} MB, {CORES:g} core; the server runs beside")
        print(f"{'notebook':28}{'as':>8}{'seconds':>9}{'figure':>8}{'peak GB':>9}  ended")
        for source in sorted((CHECKOUT / "solutions").glob("day*/*.py")):
            name = f"{source.parent.name}/{source.stem}"
            if asked.part not in name:
                continue
            learner = CHECKOUT / "course" / f"{name}.ipynb"
            for way, book in (
                ("given", nbformat.read(learner, as_version=4)),
                ("solved", jupytext.read(source)),
            ):
                if asked.cold:
                    Path("/proc/sys/vm/drop_caches").write_text("3")
                ended, seconds, first, gb = played(book, learner.parent)
                row = f"{name:28}{way:>8}{seconds:9.1f}{first:8.1f}{gb:9.2f}  {ended}"
                print(row, flush=True)
    finally:
        lab.terminate()
        lab.wait(30)


if __name__ == "__main__":
    main()
