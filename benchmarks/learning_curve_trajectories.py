"""Measure the learning curve of day 2, notebook 3.

Trees and networks on pilot series of growing size: too long for a notebook, some ten minutes on one
core. Each of five seeds draws the batches that are learnt from and the first weights; all methods
of a seed get the same batches. Tested on a series of other lots. Prints the lines of
``src/vaxlab/lessons/day2/trajectories/delivery.py``: root mean squared misses, h. Sizes may be
given.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch

from vaxlab.lessons.day2.trajectories import material

SIZES, TESTED, PLANT, SERIES, A_SERIES = (60, 120, 240, 480, 960, 1920, 3840), 480, 2034, 4, 1200


def pool() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hours, values and best hours of several series, one after the other."""
    every = [material.pilot(PLANT + k, A_SERIES) for k in range(SERIES)]
    values = np.concatenate([some.values.astype(np.float32) for some in every])
    return every[0].hours, values, np.concatenate([some.ready_h for some in every])


def main() -> None:
    """Print one line a size and seed."""
    torch.set_num_threads(1)
    hours, values, ready_h = pool()
    new = material.next_series(PLANT, TESTED)
    features = {"trees": material._summary, "trees, own start": material._beside_its_start}
    known = {name: read(values, hours) for name, read in features.items()}
    asked = {name: read(new.values, hours) for name, read in features.items()}
    for size in [int(word) for word in sys.argv[1:]] or SIZES:
        for seed in range(material.SEEDS):
            begun = time.process_time()
            rows = np.random.default_rng([seed, size]).permutation(len(ready_h))[:size]
            said = {
                name: material.boosted(seed).fit(table[rows], ready_h[rows]).predict(asked[name])
                for name, table in known.items()
            }
            for name, network in material.NETWORKS.items():
                learnt = material.trained(network, values[rows], hours, ready_h[rows], seed)
                said[name] = learnt(new.values)
            misses = [round(material.miss(said_h, new.ready_h), 3) for said_h in said.values()]
            spent = time.process_time() - begun
            print(
                f"    ({size}, {seed}, {', '.join(map(str, misses))}),  # {spent:.1f} s", flush=True
            )


if __name__ == "__main__":
    main()
