"""PLS beside a 1-D network on spectra: errors by batches and spectra, and training seconds.

Prints the table `vaxlab.lessons.day2.raman.delivery.RACES`, and the processor's seconds of one
training on one core. ``Network`` is the one that the notebook shows. Six draws: each is tried on
twelve batches of a plant of its own. Takes about ten minutes of one core.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import numpy as np
import pandas as pd
import torch
from scipy import stats

from vaxlab.lessons.day2.raman import delivery, material
from vaxlab.plant.campaign import HISTORY_SEED

SOURCE = Path(__file__).parents[1] / "solutions" / "day2" / "2-spectra.py"
BATCHES, EACH, DRAWS = (2, 4, 8, 24, 96), (6, None), 6


def shown() -> dict[str, object]:
    """Return the names that the notebook's cell with the network defines."""
    names: dict[str, object] = {"nn": torch.nn, "torch": torch}
    cell = next(c for c in jupytext.read(SOURCE).cells if "class Network" in c.source)
    exec(cell.source.split("\nnetwork = ")[0], names)
    return names


def main(draws: int) -> None:
    """Race, and print both tables."""
    torch.set_num_threads(1)
    names, rows = shown(), []
    pool = material._measured(HISTORY_SEED, 120, max(BATCHES))[0]
    for draw in range(draws):
        new, true = material._exam(777_000 + draw)
        order = np.random.default_rng(draw).permutation(np.unique(pool.batch))
        for n in BATCHES:
            for each in EACH:
                known = pool.of(order[:n]).thinned(each)
                raced = delivery.one_race(names, known, new.counts, true)
                own = {"draw": draw, "batches": n, "each": each or delivery.EACH}
                rows += [own | row for row in raced]
        print("draw", draw, "done", file=sys.stderr)
    table = pd.DataFrame(rows)
    print(table.groupby(["batches", "each", "method"])["seconds"].mean().unstack().round(2))
    for (n, each), raced in table.groupby(["batches", "each"]):
        wide = raced.pivot(index="draw", columns="method", values=list(material.NAMES))
        for method in delivery.METHODS:
            cells = [_cell(wide[what][method], wide[what]["PLS"]) for what in material.NAMES]
            print(n, each, f'"{method}"', *cells, sep=",")


def _cell(errors: pd.Series, by_pls: pd.Series) -> str:
    """Return a mean, and 95 % of the difference to PLS where that is another method."""
    more, mean = errors - by_pls, f"{errors.mean():.2f}"
    half = stats.t.ppf(0.975, len(more) - 1) * more.std() / np.sqrt(len(more))
    interval = f" ({_end(more.mean() - half)} to {_end(more.mean() + half)})"
    return mean + interval if more.any() else mean


def _end(value: float) -> str:
    """Return the end of an interval; on which side of zero it lies stays visible."""
    return f"{value:+.2f}" if abs(value) >= 0.005 else f"{value:+.4f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS)
