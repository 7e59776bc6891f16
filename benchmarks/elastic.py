"""What an elastic sweep costs: day 4's cluster against the same jobs one after another.

    python benchmarks/elastic.py

Run it on a quiet machine with two cores: everything here is time on the clock. Two passes: in the
first the workers have to come, in the second they are there. No worker is killed.
"""

from __future__ import annotations

import math
import os
import time

import numpy as np

from vaxlab.lessons.day4 import monday
from vaxlab.lessons.day4.monday import elastic, material

JOBS = 24
FIRST_S, SPEED_UP = 5.0, 1.6
"""Asked: seconds from no worker to the first result, and two workers over none."""


def sweep() -> dict[str, float]:
    """Return seconds of the serial run, of the cluster without workers, and with two of them."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold, cross_val_predict

    x, y = monday.arrays(monday.history())

    def score(job: int) -> float:
        forest = RandomForestRegressor(60, min_samples_leaf=1 + job % 6, random_state=job)
        return float(np.sqrt(((cross_val_predict(forest, x, y, cv=KFold(5)) - y) ** 2).mean()))

    begun = time.perf_counter()
    serial = [score(job) for job in range(JOBS)]
    row = {"serial, s": time.perf_counter() - begun}
    elastic.KILL_AFTER = math.inf
    with elastic.Cluster(score, 2 * JOBS) as cluster:
        for name in ("from no worker", "two workers there"):
            begun = time.perf_counter()
            same = material._run_all(range(JOBS), cluster.submit) == serial
            row[f"{name}, s"] = time.perf_counter() - begun
            row[f"{name}: equal to serial"] = same
        row["first result, s"] = cluster.first_s
        begun = time.perf_counter()
        cluster.wind_down()
        row["back to no worker, s"] = time.perf_counter() - begun
        row["workers left"] = cluster.seen[-1][1]
    return row


if __name__ == "__main__":
    found = sweep()
    for name, value in found.items():
        print(f"{name:36} {value:8.2f}")
    speed_up = found["serial, s"] / found["two workers there, s"]
    print(f"two workers over none: {speed_up:.2f}, asked {SPEED_UP}")
    print(f"first result after {found['first result, s']:.1f} s, asked {FIRST_S}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
