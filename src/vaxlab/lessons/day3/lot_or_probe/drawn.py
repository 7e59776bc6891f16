"""What the checks of day 3, notebook 2 hand in beside the plant's own tables.

In each of them a way that goes wrong gives something else than a right one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from vaxlab.lessons.day3.lot_or_probe import material

APART = 0.35
"""How far the lots of carriers and seed are moved apart, up or down: who leaves them out is off by
2.3 to 6 times what the crossed model is."""
MANY, ONE_ABOVE = 16, 0.6
"""Batches of a lot, and how far it lies above the others, as a lot of a single batch does."""
LEVEL_OF_DOSES = 9.5
"""Around which series lie, so that a gap that is taken for 0 is far off."""
CUTS = ((1, 46), (7, 43), (5, 42))
"""Of the 24 + 24 rounds of a fall, those handed in: about as many before the change as after it,
but the change neither at a place that is always the same nor just in the middle."""


@lru_cache(maxsize=32)
def lots_apart(plant_seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return a plant's lots of serum, among carriers and seed that differ more than usual."""
    table, truth = material._lots(plant_seed)
    table, rng = table.copy(), np.random.default_rng([plant_seed, 36])
    for kind in ("carrier_lot", "seed_lot"):
        names = np.unique(table[kind])
        moved = APART * rng.permutation(np.resize([-1.0, 1.0], len(names)))
        table["log_doses"] += table[kind].map(dict(zip(names, moved, strict=True)))
    return table, truth


@lru_cache(maxsize=16)
def one_and_many(plant_seed: int) -> pd.DataFrame:
    """Make two lots that lie as far above the others, and gaps in those that lie far off."""
    table = material._lots(plant_seed)[0].dropna().reset_index(drop=True)
    means = table.groupby("serum_lot")["log_doses"].agg(["mean", "count"])
    far = (means["mean"] - table["log_doses"].mean()).abs()[means["count"] >= 8].nlargest(3).index
    usual = sum(table.groupby(kind)["log_doses"].transform("mean") / 2
                for kind in ("carrier_lot", "seed_lot"))  # fmt: skip
    free = table.index[~table["serum_lot"].isin(far)]
    chosen = free[np.linspace(3, len(free) - 4, MANY + 1).round().astype(int)]
    table.loc[chosen, "log_doses"] = usual[chosen] + ONE_ABOVE
    table.loc[chosen, "serum_lot"] = "SER-many"
    # The one is of usual weeks, so that raw means of both lots are as high.
    table.loc[(usual[chosen] - usual[chosen].mean()).abs().idxmin(), "serum_lot"] = "SER-one"
    for lot in far:
        table.loc[table.index[table["serum_lot"] == lot][::2], "log_doses"] = np.nan
    return table


def clear(rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
    """Draw series with a step, one odd batch, and hardly any noise; none changes at n · 5.

    Of two the odd batch is on the short side, which then spreads most: who does not weigh the two
    sides by their batches cuts elsewhere.
    """
    drawn = []
    for n, place in ((31, 3), (44, 41), (57, 28), (38, 17), (63, 44), (26, 12)):
        values = 0.03 * rng.standard_normal(n) + rng.choice([-1, 1]) * (np.arange(n) >= place)
        values += LEVEL_OF_DOSES
        odd = (place + n) // 2 if place < n / 2 else place // 2
        odd = {41: 42, 3: 1}.get(place, odd)
        values[odd] += rng.choice([-1, 1]) * 1.3
        drawn.append((values, place))
    return [values for values, _ in drawn], [place for _, place in drawn]


def with_gaps(values: np.ndarray, place: int, rng: np.random.Generator) -> np.ndarray:
    """Put two gaps before a change or after it, far enough from its ends."""
    holed, n = values.copy(), len(values)
    before = [k for k in range(place - 1)] if place > 8 else []
    after = [k for k in range(place + 2, n)] if n - place > 8 else []
    for part in (before, after):
        if part:
            holed[rng.choice(part, 2, replace=False)] = np.nan
    return holed


def falls(plant_seed: int) -> list[pd.DataFrame]:
    """Return three falls, of which the change is at other places."""
    stories = material._stories("fall", plant_seed)
    return [
        table.iloc[first:last].reset_index(drop=True).assign(round=np.arange(last - first))
        for (table, _), (first, last) in zip(stories, CUTS, strict=False)
    ]


def with_lost(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lose a batch of one reactor or the other in six rounds before the change, and in six after.

    A third of the rounds is left out then: an n that counts them makes an error that is told.
    """
    holed = table.copy()
    for side in (table.index[table["new"]], table.index[~table["new"]]):
        lost = rng.choice(side, 6, replace=False)
        holed.loc[lost[:3], "R1"] = np.nan
        holed.loc[lost[3:], "R2"] = np.nan
    return holed


def drifting(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Draw a series with lots in it, and a limit that some threes are below.

    Among those are the first three, the last that ten batches follow, and such as only nine or
    fewer do.
    """
    lot = np.repeat(rng.normal(0, 0.2, n // 12 + 1), 12)[:n]
    values = 9.6 + lot + rng.normal(0, 0.2, n)
    values[:3] = 9.0 + rng.normal(0, 0.03, 3)
    values[-13:-9] = 9.0 + rng.normal(0, 0.03, 4)
    values[-6:] -= 0.5
    low = float(np.quantile(np.convolve(values, np.ones(3) / 3, "valid"), 0.2))
    return values, round(max(low, 9.1), 3)
