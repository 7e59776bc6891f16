"""What day 2, notebook 2 rests on: print the table of ``tests/lessons/day2/test_raman.py``."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.cross_decomposition import PLSRegression
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import FunctionTransformer

from vaxlab.lessons.day2.raman import checks, delivery, material
from vaxlab.plant.campaign import HISTORY_SEED

METHODS = {
    "PLS 3": PLSRegression(3, scale=False),
    "PLS 4": PLSRegression(4, scale=False),
    "PLS 8": PLSRegression(8, scale=False),
    "PLS 14": PLSRegression(14, scale=False),
    "ridge": RidgeCV(np.logspace(-2, 4, 13)),
    "PLS 1": PLSRegression(1, scale=False),
    "raw": PLSRegression(8, scale=False),
}


def measure(seed: int) -> dict[str, float]:
    """Return errors on the twelve new batches of one plant, g/L."""
    known, (new, true) = material.history(), material._exam(seed)
    clock = [material._clock(known.hours, known.read[:, k], new.hours) for k in (0, 1)]
    by_clock = material.rmse(np.column_stack(clock), true)
    row = dict(zip(("clock glucose", "clock lactate"), by_clock, strict=True))
    for name, method in METHODS.items():
        ready = FunctionTransformer() if name == "raw" else FunctionTransformer(material._prepare)
        model = method.fit(ready.transform(known.counts), known.read)
        said = model.predict(ready.transform(new.counts))
        off = material.rmse(said, true)
        for k, what in enumerate(material.NAMES):
            row |= {f"{name} {what}": off[k], f"clock / {name} {what}": by_clock[k] / off[k]}
        dim = model.predict(ready.transform(checks.DIMMED * new.counts))
        row[f"{name} moved by less light"] = material.rmse(dim, said)[0]
    for first in (0, 1, delivery.FIRST):
        row[f"PLS 4 glucose, {first} readings taken off"] = _mended(new, true, first)
    return row


def _mended(new: material.Spectra, true: np.ndarray, first: int) -> float:
    """Return glucose's error after the first readings, the bias of some of them taken off."""
    said, missed = material._fitted().predict(material._prepare(new.counts))[:, 0], []
    for batch in np.unique(new.batch):
        rows = np.flatnonzero(new.batch == batch)
        off = (said[rows[:first]] - new.read[rows[:first], 0]).mean() if first else 0.0
        missed.append(said[rows[delivery.FIRST :]] - off - true[rows[delivery.FIRST :], 0])
    return float(np.sqrt(np.mean(np.concatenate(missed) ** 2)))


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    table = pd.DataFrame([measure(int(seed)) for seed in (HISTORY_SEED, *drawn)])
    print(table.agg(["min", "mean", "max"]).round(3).T.to_string())
    beaten = (table["clock / PLS 4 lactate"] >= checks.CLOCK_RATIO).sum()
    print(f"clock beaten for lactate too: on {beaten} of {len(table)} plants")
    print(material.row_split().round(3))
