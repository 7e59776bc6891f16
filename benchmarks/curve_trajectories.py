"""Measure the learning curve of day 2, notebook 3: trees and networks on histories of growing size.

    python benchmarks/curve_trajectories.py [batches to test on] [size ...]

Too long for a notebook: some minutes on one core. Each of the seeds draws the batches that are
learnt from and the first weights; a network stops early on a fifth of them. The last batches of the
history are tested on. Prints root mean squared misses, h, one line a size, method and seed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from vaxlab import training
from vaxlab.lessons.day2.trajectories import material

SIZES, TESTED, PLANT = (60, 120, 240, 480, 960, 1920), 600, 2034


def misses(
    some: material.Traces, sizes: tuple[int, ...], tested: int, seeds: int = material.SEEDS
) -> Iterator[tuple[int, str, int, float, float]]:
    """Yield size, method, seed, miss (h) and CPU seconds."""
    n = len(some.best_h)
    test = np.arange(n - tested, n)
    now = some.until_now()
    features = np.column_stack([material._summary(now.values, now.hours), now.recipe])
    for size in sizes:
        for seed in range(seeds):
            rows = np.random.default_rng(seed).permutation(n - tested)[:size]

            def scored(
                method: str, predict: Callable[[], np.ndarray], size: int = size, seed: int = seed
            ) -> tuple[int, str, int, float, float]:
                begun = time.process_time()
                off = predict() - some.best_h[test]
                spent = time.process_time() - begun
                return size, method, seed, float(np.sqrt(np.mean(off**2))), spent

            def trees(rows: np.ndarray = rows, seed: int = seed) -> np.ndarray:
                model = material.boosted(seed).fit(features[rows], some.best_h[rows])
                return model.predict(features[test])

            yield scored("boosted trees", trees)
            for name, network in material.NETWORKS.items():
                yield scored(name, lambda k=network, r=rows, s=seed: _network(some, k, r, test, s))


def _network(
    some: material.Traces, network: type, rows: np.ndarray, test: np.ndarray, seed: int
) -> np.ndarray:
    """Train a network on rows, a fifth of them kept for stopping, and ask it for others."""
    stop, rows = rows[: len(rows) // 5], rows[len(rows) // 5 :]
    x = material.Scaling.of(some, rows).tensor(some)
    middle, spread = some.best_h[rows].mean(), some.best_h[rows].std()
    y = torch.tensor((some.best_h - middle) / spread, dtype=torch.float32)
    training.seed_all(seed)
    module = network(x.shape[2])
    training.fit(
        module,
        torch.nn.functional.mse_loss,
        (x[rows], y[rows]),
        validation=(x[stop], y[stop]),
        epochs=120,
        learning_rate=3e-3,
        weight_decay=1e-2,
        patience=12,
        seed=seed,
    )
    with torch.no_grad():
        return module(x[test]).numpy() * spread + middle


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    tested, *sizes = [int(word) for word in sys.argv[1:]] or [TESTED, *SIZES]
    some = material.traces(PLANT, max(sizes) + tested)
    for row in misses(some, tuple(sizes), tested):
        print("{:5} {:14} {} {:.3f} {:.2f}".format(*row), flush=True)


if __name__ == "__main__":
    main()
