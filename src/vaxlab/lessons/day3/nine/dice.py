"""Plants of dice for exercise 6 of day 3, notebook 1: where plain correlation finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from vaxlab.lessons.day3.nine import material

TABLES, BATCHES, LINES = 2, 360, 5
FIRST = 10
"""So many columns of those called, the surest, count on a plant of dice; eight act."""
GROUPS = {"recipe": 6, "seed": 5, "calendar": 5, "dsp": 4}
_EFFECT, _TOLD, _LOT_SD = 0.5, 1.1, 0.8
FEWER, FEWER_HALF, FALSE_MORE = 2, 4, 4
"""Of the sixteen that act: so many fewer than the course's own way finds earn all, or half. So many
more false ones, on both plants together, are too many."""


@dataclass(frozen=True)
class Dice:
    """A plant of dice, as `find` is given one, and the columns that act, each with its sign."""

    x: pd.DataFrame
    witnesses: pd.DataFrame
    lots: pd.DataFrame
    signs: dict[str, int]

    def judged(self, called: Mapping[str, int]) -> tuple[int, int]:
        """Return how many of the first ten called act, and how many of all called do not."""
        first = sum(name in self.signs for name in list(called)[:FIRST])
        return first, sum(name not in self.signs for name in called)


@lru_cache(maxsize=4)
def plants(plant_seed: int) -> tuple[tuple[Dice, ...], int, int]:
    """Return plants of dice, what of them the course's way finds, and what it calls falsely."""
    rng = np.random.default_rng([plant_seed, 66])
    tables = tuple(_draw(rng) for _ in range(TABLES))
    found, false = judged(tables, material._find)
    return tables, found, false


def judged(tables: tuple[Dice, ...], find: Callable[..., object]) -> tuple[int, int]:
    """Return what a way to find causes gets right on plants of dice, and what it calls falsely."""
    scores = [d.judged(dict(find(d.x.copy(), d.witnesses.copy(), d.lots.copy()))) for d in tables]
    return sum(first for first, _ in scores), sum(false for _, false in scores)


def _draw(rng: np.random.Generator) -> Dice:
    """Draw one plant: six columns act, two on each step, and two lines tell of their lots.

    The lots of all materials have levels, so other lines go with the doses by chance.
    """
    names = rng.permutation([f"{group}_{k}" for group, n in GROUPS.items() for k in range(n)])
    x = pd.DataFrame(rng.standard_normal((BATCHES, len(names))), columns=names)
    lots, codes = {}, {}
    for kind in material.MATERIALS:
        changes = np.cumsum(rng.integers(14, 30, size=BATCHES))
        code = np.searchsorted(changes, np.arange(BATCHES), side="right")
        codes[kind] = code
        lots[kind] = np.array([f"{kind[:3].upper()}-{k:02d}" for k in range(code.max() + 1)])[code]
        values = rng.standard_normal((code.max() + 1, LINES))[code]
        x[[f"coa_{kind}_{k}" for k in range(LINES)]] = values
    early, later, *rest = rng.permutation(material.MATERIALS)
    told = [f"coa_{kind}_{rng.integers(LINES)}" for kind in (early, later)]
    acting = [*names[:6], *told]
    signs = dict(zip(acting, (int(sign) for sign in rng.choice([-1, 1], 8)), strict=True))
    push = [x[name].to_numpy() * sign for name, sign in signs.items()]

    def step(own: list[np.ndarray], line: np.ndarray | float, kinds: list[str]) -> np.ndarray:
        levels = [rng.standard_normal(BATCHES)[codes[kind]] for kind in kinds]
        return _EFFECT * sum(own) + _TOLD * line + _LOT_SD * sum(levels) + rng.normal(size=BATCHES)

    cells = _unit(step(push[:2], push[6], rest))
    virus = _unit(0.6 * cells + step(push[2:4], push[7], rest))
    recovery = _unit(step(push[4:6], 0.0, rest[1:]))
    doses = _unit(virus + recovery + rng.standard_normal(BATCHES))
    shown = {"cells": cells, "virus": virus, "recovery": recovery, "doses": doses}
    x = x[list(rng.permutation(x.columns))]
    return Dice(x, pd.DataFrame(shown), pd.DataFrame(lots), signs)


def _unit(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


@lru_cache(maxsize=4)
def exchanged(plant_seed: int, draw: int = 6) -> tuple[pd.DataFrame, dict[str, str]]:
    """Exchange a plant's columns under their names, group by group; tell which is where.

    The nine are the same on every plant: under their own names a list learned by heart would do.
    """
    some = material.history(plant_seed)
    rng = np.random.default_rng([plant_seed, draw])
    groups = pd.Series([group(name, some.lots) for name in some.x])
    own = groups.groupby(groups).transform(lambda own: rng.permutation(own.index))
    exchanged = some.x.iloc[:, own.astype(int)]
    names = dict(zip(some.x.columns, exchanged.columns, strict=True))
    return exchanged.set_axis(some.x.columns, axis=1), names


def group(name: str, lots: pd.DataFrame) -> str:
    """Return whose columns a column may stand among: a material's lines, or its first word's."""
    lines = [f"coa_{kind}_" for kind in lots if name.startswith(f"coa_{kind}_")]
    return lines[0] if lines else name.split("_")[0]
