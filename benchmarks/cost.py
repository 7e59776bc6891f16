"""Write what 30, 300 and 3,000 learners cost, from what was measured of one: ``--write``.

The measured figures stand below, each with where it comes from; the assumed ones are named as such
in the page. Change them to yours, and write the page anew.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost.md"
MARKS = "<!-- figures: python benchmarks/cost.py --write -->", "<!-- end of figures -->"

# Measured: tests/classroom/crowd.py (server and kernel of the first notebook; hub, proxy, culler),
# benchmarks/notebooks.py (the largest kernel), solutions run one after another (core-seconds).
SERVER_GB, LARGEST_KERNEL_GB, HUB_GB = 0.28, 1.5, 0.2
GRADING_CORE_S = 600
# Assumed: hours of a course with its evenings, learners that share a core, a price.
COURSE_H, LEARNERS_A_CORE, PRICE_A_CORE_H = 40, 4, 0.05
MACHINE_CORES, MACHINE_GB = 16, 64
WORKING_GB = 1.0
"""What is kept for a learner: a server, a kernel of torch, and room."""


def row(learners: int) -> list[str]:
    """Return what so many learners need."""
    memory = HUB_GB + learners * WORKING_GB
    cores = math.ceil(learners / LEARNERS_A_CORE)
    machines = max(math.ceil(memory / MACHINE_GB), math.ceil(cores / MACHINE_CORES))
    course = machines * MACHINE_CORES * COURSE_H
    grading = learners * GRADING_CORE_S / 3600
    total = (course + grading) * PRICE_A_CORE_H
    return [
        f"{learners:,}",
        f"{memory:,.0f} GB",
        f"{cores:,}",
        f"{machines:,}",
        f"{course:,}",
        f"{grading:,.0f}",
        f"{total:,.0f}",
        f"{total / learners:.2f}",
    ]


def table() -> str:
    """Return the page's table."""
    head = ["learners", "memory", "cores", f"machines of {MACHINE_CORES} cores and {MACHINE_GB} GB"]
    head += ["core-hours, course", "core-hours, grading", "price", "a learner"]
    lines = [head, ["--:"] * len(head), *(row(count) for count in (30, 300, 3000))]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(text: str) -> str:
    """Return the page with its figures written anew."""
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    return f"{before}{MARKS[0]}\n\n{table()}\n\n{MARKS[1]}{after}"


def main() -> None:
    """Print the table, or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        PAGE.write_text(page(PAGE.read_text()))
    print(table())


if __name__ == "__main__":
    main()
