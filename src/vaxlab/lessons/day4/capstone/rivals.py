"""Policies that stand beside the learner's: plain ones, and the best that a search has found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import Policy

Batch = Mapping[str, Any]

DAY_3 = {"inoculum_cells_per_ml": 4.5e5, "carrier_g_per_l": 3.5, "infection_temperature_c": 36.0}
"""What thirty runs found on day 3, for the inactivated vaccine."""
CALENDAR = 5
"""Rounds between two checks of a plain policy."""
FIXED_H = {INACTIVATED: 52, LIVE: 54}
"""Hours of a plain policy: the best ones of day 3, on the plant of old."""

_FOUND = {
    "inoculum_cells_per_ml": 4.5e5,
    "carrier_g_per_l": 3.5,
    "growth_time_h": 120.0,
    "growth_temperature_c": 36.9,
    "ph": 7.2,
    "do_percent": 58.0,
    "glucose_mmol_per_l": 42.0,
    "glutamine_mmol_per_l": 3.0,
    "feed_mmol_per_l_h": 0.35,
}
FOUND = {
    INACTIVATED: _FOUND
    | {"moi": 5e-5, "infection_temperature_c": 35.7, "trypsin_bu_per_ml": 9.0}
    | {"capture_conductivity_ms_per_cm": 4.5},
    LIVE: _FOUND | {"moi": 1.3e-4, "infection_temperature_c": 35.1, "trypsin_bu_per_ml": 10.4},
}
"""Product to the set points that the search of ``benchmarks/capstone.py`` has found."""
FALLEN = {INACTIVATED: 0.68, LIVE: 0.82}
"""Product to the share of the first hours' capacitance at which it harvests, from there as well."""
SLACK, LIMIT, GAP_SD = 0.5, 4.0, 0.07
"""Of the sums of gaps, in SDs; and the SD of a gap whose probe is sound, pH."""
FIRST_ROUNDS = 3
"""Rounds in which no drift has begun: the mean of their gaps is what a sound probe shows."""


def _day_3_recipe(_batch: Batch, _record: pd.DataFrame, _runs: pd.DataFrame) -> dict[str, float]:
    """Set what day 3 found, for both products."""
    return dict(DAY_3)


def _calendar(batch: Batch, _record: pd.DataFrame) -> bool:
    """Check every fifth round."""
    return batch["round"] > 0 and batch["round"] % CALENDAR == 0


def _clock(batch: Batch, seen: pd.DataFrame) -> bool:
    """Harvest at the hours of day 3."""
    return bool(seen.index[-1] >= FIXED_H[batch["product"]])


def _found_recipe(batch: Batch, _record: pd.DataFrame, _runs: pd.DataFrame) -> dict[str, float]:
    """Set what the search found."""
    return dict(FOUND[batch["product"]])


def _sums(batch: Batch, record: pd.DataFrame) -> bool:
    """Add up the gaps of the reactor since its last check, upward and downward."""
    sound = record.loc[record["round"] < FIRST_ROUNDS, "ph_gap"]
    own = record[record["reactor"] == batch["reactor"]]
    if len(own) < FIRST_ROUNDS:
        return False
    last = own["checked"].to_numpy().nonzero()[0]
    gaps = own["ph_gap"].to_numpy()[last[-1] if len(last) else 0 :]
    up = down = 0.0
    for off in (gaps - sound.mean()) / GAP_SD:
        up, down = max(0.0, up + off - SLACK), max(0.0, down - off - SLACK)
    return bool(max(up, down) > LIMIT)


def _share(seen: pd.DataFrame) -> float:
    """Return the capacitance of the last two hours over its first; 9 before it has risen."""
    share = seen["capacitance_pf_per_cm"].to_numpy()
    first, last = seen.index.get_loc(1), seen.index.get_loc(6) + 1
    share = share / share[first:last].mean()
    return float(np.mean(share[-2:])) if share[first:].max() > 1.03 else 9.0


def by_share(limit: float) -> Callable[[Batch, pd.DataFrame], bool]:
    """Return a rule that harvests when capacitance has risen, and then fallen to a share."""
    return lambda _, seen: _share(seen) < limit


def _by_capacitance(batch: Batch, seen: pd.DataFrame) -> bool:
    """Harvest when capacitance has fallen to the share that the search found."""
    return _share(seen) < FALLEN[batch["product"]]


PLAIN = Policy(None, _day_3_recipe, _calendar, _clock)
"""What days 1 to 3 taught, as it was found on the plant of old."""
BEST = Policy(None, _found_recipe, _sums, _by_capacitance)
"""The best that the documented search attains."""

# Experiments --------------------------------------------------------------------------------------

MOVES: tuple[dict[str, float], ...] = (
    {"growth_time_h": 120.0},
    {"trypsin_bu_per_ml": 9.0},
    {"glucose_mmol_per_l": 42.0, "feed_mmol_per_l_h": 0.35},
    {"infection_temperature_c": 35.2},
)
"""Changes of the recipe of day 3 that the course's experiments try, one at a time."""


def _experiments(runs: pd.DataFrame) -> list[dict[str, Any]]:
    """Try day 3's recipe and four changes of it, twice for each product."""
    product = LIVE if len(runs) < 2 * (1 + len(MOVES)) else INACTIVATED
    return [{"product": product} | DAY_3 | move for move in ({}, *MOVES)]


def _tried_recipe(batch: Batch, _record: pd.DataFrame, runs: pd.DataFrame) -> dict[str, float]:
    """Set day 3's recipe with all changes that were better in the laboratory."""
    worth = runs.loc[runs["product"] == batch["product"], "worth"].to_numpy()
    worth = worth.reshape(-1, 1 + len(MOVES)).mean(axis=0)
    points = dict(DAY_3)
    for move, got in zip(MOVES, worth[1:], strict=True):
        points |= move if got > worth[0] else {}
    return points


LEARNED = Policy(_experiments, _tried_recipe, _sums, _by_capacitance)
"""What the notebook's own exercises come to."""
