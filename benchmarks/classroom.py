"""What grading a class costs: stock nbgrader and ``vaxlab grade``, side by side, same scores.

Run ``python benchmarks/classroom.py``; ``--sizes 20 200`` for other classes,
``--day day4 --notebooks 5-capstone`` for other notebooks. Everybody hands in answers of the bank,
most of them right.

*The cells' own time* is the CPU time of the same cells, checks and hidden tests included, in a bare
Python that has imported everything: no Jupyter, no nbgrader, no walls. *Overhead* is what is spent
above it, a submission: (wall time × cores − the cells' own time) / submissions, the start of
everything included; *limit* is the cells' own time over cores. A second, stricter figure takes the
hidden plants for made already, as a rehearsal makes them once for a class. Stock nbgrader takes
one submission after another; two of it, side by side, are the best that two cores can do with it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))


def make(root: Path, day: str, names: list[str], students: int) -> None:
    """Make a course of its own, with its gradebook and everybody's submissions."""
    from answers.handed_in import hand_in
    from nbgrader.apps import NbGraderAPI

    from vaxlab.authoring import build

    outputs = build.notebooks_alone(CHECKOUT)
    for name, content in (outputs.committed | outputs.local).items():
        path = root / name
        if path.suffix == ".ipynb" and path.parent.name == day and path.stem not in names:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    hand_in(root, day, names, students)
    told = NbGraderAPI(config=build.settings(root)).generate_assignment(day)
    assert told["success"], told


class Memory(threading.Thread):
    """Looks every other second how much memory this process and all below it use together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.over = 0, threading.Event()

    def run(self) -> None:
        me = psutil.Process()
        while not self.over.wait(2):
            used = 0
            for process in [me, *me.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    used += process.memory_full_info().pss
            self.peak = max(self.peak, used)


def ours(root: Path, day: str) -> tuple[float, float]:
    """Grade with `vaxlab grade`: seconds on the clock, and memory in GB."""
    from vaxlab.grading import classroom

    memory = Memory()
    memory.start()
    began = time.monotonic()
    rows = classroom.grade(root, day)
    seconds = time.monotonic() - began
    memory.over.set()
    assert all(row.state == "graded" for row in rows), classroom.table(rows)
    return seconds, memory.peak / 1e9


STOCK = """
import sys, warnings
warnings.simplefilter("ignore")
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config
root, day, *students = sys.argv[1:]
config = Config()
config.CourseDirectory.root = root
config.CourseDirectory.source_directory = "solutions"
config.CourseDirectory.autograded_directory = "autograded-stock"
config.CourseDirectory.db_url = f"sqlite:///{root}/stock.db?timeout=90"
config.Execute.timeout = 300
for student in students:
    told = NbGraderAPI(config=config).autograde(day, student)
    assert told["success"], told
"""


def stock(root: Path, day: str, *shares: list[str]) -> float:
    """Grade each share of the students with stock nbgrader, all shares at once: seconds."""
    began = time.monotonic()
    running = [
        subprocess.Popen([sys.executable, "-c", STOCK, str(root), day, *share], cwd=root)
        for share in shares
    ]
    assert not any(process.wait() for process in running)
    return time.monotonic() - began


def scores(url: str, day: str, student: str) -> dict[tuple[str, str], float]:
    """Points of a student, cell by cell."""
    from nbgrader.api import Gradebook

    with Gradebook(url) as gradebook:
        handed_in = gradebook.find_submission(day, student)
        return {(b.name, g.name): g.score for b in handed_in.notebooks for g in b.grades}


def own_cpu_s(root: Path, day: str, students: list[str], *, rehearsed: bool) -> float:
    """CPU time of these students' cells alone, each notebook in a fork of its own."""
    import nbformat

    from vaxlab.grading import rehearsal

    told, tell = os.pipe()
    if os.fork():  # what is rehearsed here must not be found by the next measurement
        os.close(tell)
        with os.fdopen(told) as stream:
            text = stream.read()
        os.wait()
        return float(text)
    if rehearsed:
        for source in sorted((root / "solutions" / day).glob("*.ipynb")):
            rehearsal.rehearse(str(source))
    seconds = 0.0
    for student in students:
        for path in sorted((root / "autograded" / student / day).glob("*.ipynb")):
            cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
            child = os.fork()
            if not child:
                names = {"__name__": "__main__", "display": lambda *_, **__: None}
                with contextlib.redirect_stdout(io.StringIO()):
                    for cell in cells:
                        with contextlib.suppress(Exception):
                            exec(compile(cell, "<cell>", "exec"), names)
                os._exit(0)
            used = os.wait4(child, 0)[2]
            seconds += used.ru_utime + used.ru_stime
    os.write(tell, f"{seconds}".encode())
    os._exit(0)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[20, 100])
    options.add_argument("--day", default="day1")
    options.add_argument("--notebooks", nargs="+", default=["1-trust"])
    options.add_argument("--stock", type=int, default=8, help="submissions that stock may take")
    asked = options.parse_args()
    day = asked.day
    warnings.simplefilter("ignore")
    from vaxlab import imports
    from vaxlab.grading import warm
    from vaxlab.grading.provisioner import QUIET_LIBRARIES
    from vaxlab.lab import THREAD_CAPS

    quiet = THREAD_CAPS | QUIET_LIBRARIES | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    if any(os.environ.get(key) != value for key, value in quiet.items()):
        os.environ |= quiet
        os.execv(sys.executable, [sys.executable, *sys.argv])
    cores = os.cpu_count() or 1
    print(f"{cores} cores; notebooks: {', '.join(asked.notebooks)}\n")
    with tempfile.TemporaryDirectory() as folder:
        taken, own_each, anew_each = {}, [], []
        with imports.uncollected():
            warm.load()
        for size in asked.sizes:
            root = Path(folder, str(size))
            make(root, day, asked.notebooks, size)
            shutil.copy(root / "gradebook.db", root / "stock.db")
            taken[size] = ours(root, day)
            # After each class, for a shared machine is faster at one time than at another.
            sample = sorted(path.name for path in (root / "submitted").iterdir())[:20]
            own_each.append(own_cpu_s(root, day, sample, rehearsed=True) / len(sample))
            anew_each.append(own_cpu_s(root, day, sample, rehearsed=False) / len(sample))
        own, anew = statistics.mean(own_each), statistics.mean(anew_each)
        students = sorted(path.name for path in (root / "submitted").iterdir())
        few = students[: asked.stock]
        alone = stock(root, day, few[: len(few) // 2]) / (len(few) // 2)
        shutil.rmtree(root / "autograded-stock")
        shutil.copy(root / "gradebook.db", root / "ours.db")
        side_by_side = stock(root, day, few[::2], few[1::2]) / len(few)
        for student in few:
            theirs = scores(f"sqlite:///{root}/stock.db", day, student)
            assert theirs == scores(f"sqlite:///{root}/gradebook.db", day, student), student
    print(
        f"the cells' own time, a submission: {anew:.2f} s; with hidden plants at hand {own:.2f} s"
    )
    print(f"scores equal to stock's, cell by cell, for {len(few)} submissions\n")
    print(f"{'':<28}{'wall':>8}{'overhead':>10}{'stricter':>10}{'wall/limit':>11}{'to stock':>9}")

    def row(title: str, seconds: float, memory: str = "") -> None:
        over, strictly = seconds * cores - anew, seconds * cores - own
        print(
            f"{title:<28}{seconds:>6.2f} s{over:>8.2f} s{strictly:>8.2f} s"
            f"{seconds * cores / anew:>11.2f}{alone / seconds:>8.1f}x  {memory}".rstrip()
        )

    row("stock nbgrader", alone)
    row("stock, two side by side", side_by_side)
    for size, (seconds, memory) in taken.items():
        row(f"vaxlab grade, class of {size}", seconds / size, f"{memory:.1f} GB at most")


if __name__ == "__main__":
    main()
