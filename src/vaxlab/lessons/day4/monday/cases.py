"""What the checks of day 4, notebook 4 hand to a learner's functions: one thing at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import material


def recorded(plant_seed: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict, str]:
    """Return a table, settings and code, as a run has them."""
    table = material._stretch(plant_seed, 3, material.LEARNED)[material.INPUTS]
    settings = {
        "model": "ridge",
        "alpha": float(rng.integers(1, 90)),
        "folds": 5,
        "inputs": ["ph", "capacitance"],
    }
    return table, settings, "model = Ridge(alpha)\nmodel.fit(x, y)"


Given = dict[str, tuple[pd.DataFrame, dict, str]]


def changed(table: pd.DataFrame, settings: dict, code: str, rng: np.random.Generator) -> Given:
    """Return what a fingerprint must see, in words, each with one thing changed."""
    row, column = len(table) // 2 + int(rng.integers(-5, 5)), int(rng.integers(3, 9))
    other = table.copy()
    other.iloc[row, column] += 0.01
    gap = table.copy()
    gap.iloc[row, column] = np.nan
    return {
        "one value changed in the middle of the table": (other, settings, code),
        "one value missing": (gap, settings, code),
        "another setting": (table, settings | {"alpha": settings["alpha"] + 1}, code),
        "other code": (table, settings, code.replace("(x, y)", "(x, y + 1)")),
    }


def small(table: pd.DataFrame, settings: dict, code: str, rng: np.random.Generator) -> Given:
    """Return what only a careful fingerprint sees: the last digit, and names."""
    row = len(table) // 2
    # Next to 0 stands a number so small that some libraries make processors take it for 0.
    column = int(rng.choice(3 + np.flatnonzero(table.iloc[row, 3:9].abs() > 0.01)))
    last = table.copy()
    last.iloc[row, column] = np.nextafter(last.iloc[row, column], np.inf)
    columns, batches = list(table.columns), list(table.index)
    columns[1], columns[4] = columns[4], columns[1]
    renamed = table.rename(columns={table.columns[column]: f"{table.columns[column]}_2"})
    batches[row], batches[3] = batches[3], batches[row]
    swapped = settings | {"alpha": settings["folds"], "folds": settings["alpha"]}
    return {
        "one value changed in its last digit": (last, settings, code),
        "another name of one column": (renamed, settings, code),
        "the names of two columns swapped": (table.set_axis(columns, axis=1), settings, code),
        "the names of two batches swapped": (
            table.set_axis(pd.Index(batches, name=table.index.name)),
            settings,
            code,
        ),
        "the names of two settings swapped": (table, swapped, code),
    }


def same(table: pd.DataFrame, settings: dict, code: str, rng: np.random.Generator) -> Given:
    """Return the same things in other orders."""
    rows, columns = rng.permutation(len(table)), rng.permutation(table.shape[1])
    turned = dict(reversed(settings.items()))
    return {
        "a second call with the same things": (table, settings, code),
        "another order of the batches": (table.iloc[rows], settings, code),
        "another order of the columns": (table.iloc[:, columns], settings, code),
        "another order of the settings": (table, turned, code),
    }


Case = tuple[dict, dict, list[str]]
"""Changes of the card and of the results (None: not there), and the reasons."""


def limits(rng: np.random.Generator) -> tuple[dict[str, tuple[str, float]], dict[str, Any]]:
    """Draw limits, and results that just keep them."""
    limits = {
        "rms_miss": ("at most", round(float(rng.uniform(0.2, 0.3)), 3)),
        "r2": ("at least", round(float(rng.uniform(0.1, 0.3)), 3)),
        "tests_passed": ("at least", float(rng.integers(8, 20))),
        "worst_miss": ("at most", round(float(rng.uniform(0.6, 0.9)), 3)),
    }
    good = {name: limit for name, (_, limit) in limits.items()}
    good["r2"] = round(good["r2"] + 0.1, 3)
    return limits, good | {"data": f"{int(rng.integers(10**15)):032x}", "seconds": 12.0}


def by_limits(limits: Mapping[str, tuple[str, float]]) -> list[Case]:
    """Return results that keep their limits or break some."""
    beyond = {
        name: limit + (0.01 if kind == "at most" else -0.01)
        for name, (kind, limit) in limits.items()
    }
    two = {name: beyond[name] for name in ("r2", "worst_miss")}
    singles = [({}, {name: value}, [name]) for name, value in beyond.items()]
    return [({}, {}, []), *singles, ({}, two, list(two)), ({}, beyond, list(beyond))]


def by_gaps(limits: Mapping[str, tuple[str, float]]) -> list[Case]:
    """Return results of which one is not there, or NaN."""
    lost = [({}, {name: value}, [name]) for name in limits for value in (math.nan, None)]
    return [({}, {}, []), *lost]


def by_card(good: Mapping[str, Any]) -> list[Case]:
    """Return cards that lack a field, or name other data."""
    lost = [({name: value}, {}, [name]) for name in material.CARD for value in (None, "", "  ")]
    return [({}, {}, []), *lost, ({"data": "0" + good["data"][1:-1] + "x"}, {}, ["data"])]


def misses(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw misses on the same batches, clear by pairs: better, worse, and by luck."""
    pairs = []
    for t in (3.2, 1.0, -3.0, 4.0, 1.1, 0.2, 3.5, -0.8):
        n = int(rng.integers(30, 60))
        hard = np.abs(rng.normal(0, 0.2, n)) + 0.3
        noise = rng.normal(0, 0.03, n)
        noise = (noise - noise.mean()) / noise.std(ddof=1) * 0.03
        pairs.append((hard + noise + t * 0.03 / math.sqrt(n), hard))
    return pairs
