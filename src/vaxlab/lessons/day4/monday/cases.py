"""What the checks of day 4, notebook 4 hand to a learner's functions: one thing at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import material

GAPS_SHARE = 0.3
"""Of the values of a column that are missing, in a third of the columns."""


def recorded(plant_seed: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict, str]:
    """Return a table, settings and code, as a run has them."""
    table = material._stretch(plant_seed, 3, material.LEARNED)[material.INPUTS]
    settings = {
        "model": "ridge",
        "alpha": float(rng.integers(1, 90)),
        "folds": 5,
        "inputs": ["ph", "capacitance"],
    }
    return table, settings, "if scaled:\n    x = scale(x)\nmodel.fit(x, y)"


MIDDLE = "one value changed in the middle of the table"
Given = dict[str, tuple[pd.DataFrame, dict, str]]


def changed(table: pd.DataFrame, settings: dict, code: str, rng: np.random.Generator) -> Given:
    """Return what a fingerprint must see, in words, each with one thing changed."""
    row, column = len(table) // 2 + int(rng.integers(-5, 5)), int(rng.integers(3, 9))
    other = table.copy()
    other.iloc[row, column] += 0.01
    gap = table.copy()
    gap.iloc[row, column] = np.nan
    return {
        MIDDLE: (other, settings, code),
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
    other = {f"{name}_2" if name == "folds" else name: v for name, v in settings.items()}
    indented = code.replace("\nmodel", "\n    model")
    later = table.rename(index={table.index[-1]: table.index[-1] + 7})
    return {
        "one value changed in its last digit": (last, settings, code),
        "another name of one column": (renamed, settings, code),
        "the names of two columns swapped": (table.set_axis(columns, axis=1), settings, code),
        "the names of two batches swapped": (
            table.set_axis(pd.Index(batches, name=table.index.name)),
            settings,
            code,
        ),
        "another name of one batch": (later, settings, code),
        "the names of two settings swapped": (table, swapped, code),
        "another name of one setting": (table, other, code),
        "a line of the code indented": (table, settings, indented),
    }


def same(table: pd.DataFrame, settings: dict, code: str, rng: np.random.Generator) -> Given:
    """Return the same things in other orders."""
    rows, columns = rng.permutation(len(table)), rng.permutation(table.shape[1])
    turned = dict(reversed(settings.items()))
    return {
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
        # A name does not tell on which side of its limit a result is good.
        "misses_below_0.5": ("at least", round(float(rng.uniform(0.7, 0.9)), 3)),
        "minutes_to_fit": ("at most", float(rng.integers(10, 50))),
    }
    good = {name: _off(*limit, -0.1) for name, limit in limits.items()}
    return limits, good | {"data": f"{int(rng.integers(10**15)):032x}", "seconds": 12.0}


def _off(kind: str, limit: float, by: float) -> float:
    """Return a result that lies beyond its limit by so much, or within it."""
    return round(limit + (by if kind == "at most" else -by), 3)


def by_limits(limits: Mapping[str, tuple[str, float]]) -> list[Case]:
    """Return results that lie within, at and beyond their limits."""
    beyond = {name: _off(*limit, 0.01) for name, limit in limits.items()}
    at = {name: limit for name, (_, limit) in limits.items()}
    two = {name: beyond[name] for name in ("r2", "worst_miss")}
    singles = [({}, {name: value}, [name]) for name, value in beyond.items()]
    all_ = ({}, beyond, list(beyond))
    return [({}, {}, []), ({}, at, []), *singles, ({}, two, list(two)), all_]


def by_gaps(limits: Mapping[str, tuple[str, float]]) -> list[Case]:
    """Return results of which one is not there, or NaN."""
    lost = [({}, {name: value}, [name]) for name in limits for value in (math.nan, None)]
    return [({}, {}, []), *lost]


def by_card(good: Mapping[str, Any]) -> list[Case]:
    """Return cards that lack a field, or name other data."""
    lost = [({name: value}, {}, [name]) for name in material.CARD for value in (None, "", "  ")]
    return [({}, {}, []), *lost, ({"data": "0" + good["data"][1:-1] + "x"}, {}, ["data"])]


PAIRS = (
    # t of the mean difference; batches, from and to; SD of the differences; what else they are
    (3.6, 30, 60, 0.03, "alike"),
    (1.0, 40, 60, 0.12, ""),
    (-3.0, 30, 60, 0.03, ""),
    (6.0, 45, 60, 0.12, ""),
    (2.35, 45, 60, 0.012, ""),
    (1.82, 45, 60, 0.03, ""),
    (1.5, 8, 10, 0.03, ""),
    (5.5, 11, 13, 0.03, ""),
    (1.75, 45, 60, 0.06, "hard"),
    (1.75, 45, 60, 0.06, "easy"),
    (-0.9, 45, 60, 0.06, "skewed"),
    (0.4, 30, 60, 0.03, ""),
)
"""Pairs of models: clear by the paired interval, and for each other rule one that leads it astray.

A little before and beyond 1.96; few batches; a large mean with a larger SD, and a small one with a
smaller SD; batches that are all alike; what differs most where batches are hard, or easy; and a few
that go far the other way.
"""


def misses(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw misses on the same batches, champion's and challenger's."""
    pairs = []
    for t, low, high, sd, kind in PAIRS:
        n = int(rng.integers(low, high))
        hard = np.abs(rng.normal(0, 0.01 if kind == "alike" else 0.2, n)) + 0.2 + 3.5 * sd
        noise = rng.standard_normal(n)
        if kind in ("hard", "easy"):
            noise = 0.5 * noise + (hard - hard.mean()) / hard.std() * (1 if kind == "hard" else -1)
        elif kind == "skewed":
            noise = 0.2 * noise - 6.0 * (np.arange(n) < n // 9)
        noise = (noise - noise.mean()) / noise.std(ddof=1) * sd
        pairs.append((hard + noise + t * sd / math.sqrt(n), hard))
    return pairs


# Exercise 4: tables of which a few columns are moved -------------------------------------------


def samples(plant_seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return sensors of a plant, and the same in later batches, some of them moved."""
    rng = np.random.default_rng([plant_seed, 49])
    table = material._stretch(plant_seed, 3, material.LEARNED)
    later = material._stretch(plant_seed, 4, material.QUIET)
    pairs = []
    # Without ties: a value at the very edge of a bin may be counted on either side.
    smooth = [name for name in material.INPUTS if table[name].is_unique]
    for name in rng.choice(smooth, 4, replace=False):
        moved = later[name] + rng.uniform(0.3, 1.2) * table[name].std()
        pairs.append((table[name].to_numpy(), moved.to_numpy()))
    return pairs


APART = {
    "crossing": (44, 42, 34, 34, 34, 29, 29, 29, 29, 26),
    "first": (44, 33, 26),
    "none": (31, 29, 26),
}
"""What a pair of tables is for, and by how much columns are moved: the largest distance of the two
distribution functions, in 120ths. The p-values of these distances part the procedures."""
SOUND = 24
"""The largest distance, in 120ths, of a column that is not moved: p = 0.07."""


@lru_cache(maxsize=4)
def moved(plant_seed: int) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return tables dealt out of the same batches, of which a few columns are moved.

    So that each wrong procedure calls others than the right one, and no p-value is a close call.
    In the first pair a p-value lies above its limit and a later one below; in the second it
    matters that the first limit is 0.05 / m and not 0; in the third nothing is called.
    """
    rng = np.random.default_rng([plant_seed, 51])
    parts = [material._stretch(plant_seed, *which) for which in ((3, 120), (4, 60))]
    table = pd.concat(parts, ignore_index=True).drop(columns=material.TARGET)
    tables = []
    for apart in APART.values():
        pair = None
        while pair is None or not _agree(*pair):
            dealt = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
            pair = _moved(dealt.iloc[:120], dealt.iloc[120:].copy(), apart, rng)
        tables.append(pair)
    return tables


def _moved(
    reference: pd.DataFrame, new: pd.DataFrame, apart: tuple[int, ...], rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Move some columns until they are so far apart; None where that cannot be."""
    left, steps = list(apart), np.arange(0.1, 1.6, 0.01)
    for name in rng.permutation(new.columns):
        old, now = np.sort(reference[name].to_numpy()), new[name].to_numpy()
        size = next((size for size in old.std() * steps if left and distance(old, now + size)
                     >= left[0]), 0.0)  # fmt: skip
        if left and distance(old, now + size) == left[0]:
            new[name] += size
            left.pop(0)
        elif distance(old, now) > SOUND:
            return None
    return None if left else (reference, new)


def distance(old: np.ndarray, new: np.ndarray) -> int:
    """Return Kolmogorov and Smirnov's distance of 120 sorted values and 60 others, in 120ths."""
    at = np.concatenate([old, new])
    share = np.searchsorted(old, at, "right") - 2 * np.searchsorted(np.sort(new), at, "right")
    return int(np.abs(share).max())


def _agree(reference: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Tell whether the exact p-values call the same columns, and none is a close call."""
    p, exact = (material._p_values(reference, new, how) for how in ("asymp", "auto"))
    return is_clear(p) and set(material._discoveries(exact)) == set(material._discoveries(p))


def procedures(p: pd.Series, level: float = material.FALSE_DISCOVERIES) -> dict[str, set[str]]:
    """Return which columns other procedures than Benjamini and Hochberg's call."""
    p, m = p.sort_values(), len(p)
    limits = level * np.arange(1, m + 1) / m
    below = p.to_numpy() <= limits
    from_0 = np.flatnonzero(p.to_numpy() <= limits - level / m).max(initial=-1) + 1
    return {
        "single": set(p.index[p <= level]),
        "bonferroni": set(p.index[p <= level / m]),
        "dependent": set(material._discoveries(p, level / (1 / np.arange(1, m + 1)).sum())),
        "first above": set(p.index[: (~below).argmax() if not below.all() else m]),
        "each alone": set(p.index[below]),
        "from 0": set(p.index[:from_0]),
    }


def holed(reference: pd.DataFrame, new: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make holes in a third of the columns, so that no p-value becomes a close call."""
    while True:
        table = new.copy()
        for name in rng.choice(new.columns, len(new.columns) // 3, replace=False):
            table[name] = new[name].where(rng.random(len(new)) > GAPS_SHARE)
        if is_clear(material._p_values(reference, table)):
            return table


def is_clear(p: pd.Series) -> bool:
    """Tell whether another way to count the same p-values leaves the discoveries as they are."""
    found = [set(material._discoveries(p * factor)) for factor in (0.8, 1.0, 1.25)]
    return found[0] == found[1] == found[2]
