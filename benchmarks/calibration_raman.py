"""What day 2, notebook 2 rests on: print the table of ``tests/lessons/day2/test_raman.py``."""

import numpy as np
from sklearn.cross_decomposition import PLSRegression

from vaxlab.lessons.day2.raman import material
from vaxlab.plant.campaign import HISTORY_SEED


def main() -> None:
    """Ask PLS and the clock about new batches of ten plants."""
    known = material.history()
    x = material._prepare(known.counts)
    for components in (1, 10):
        model = PLSRegression(components, scale=False).fit(x, known.read)
        for seed in (HISTORY_SEED, *np.random.default_rng(20261127).integers(10**12, 10**13, 9)):
            new, true = material._exam(int(seed))
            clock = np.column_stack(
                [material._clock(known.hours, known.read[:, k], new.hours) for k in (0, 1)]
            )
            off = material.rmse(model.predict(material._prepare(new.counts)), true)
            ratio = material.rmse(clock, true) / off
            print(components, seed, "RMSE", off.round(3), "clock over PLS", ratio.round(2))


if __name__ == "__main__":
    main()
