"""The best that a documented search attains in the capstone's season, and what others attain.

    python benchmarks/capstone.py --search    # search set points and limits (ten minutes)
    python benchmarks/capstone.py             # policies on ten seasons that nobody chose
    python benchmarks/capstone.py --write     # the same, into docs/capstone.md

The search moves one set point at a time, on seasons of its own (`TUNED_ON`), with probes that do
not drift and harvests by capacitance; what it finds stands in the room's `rivals.py` by hand.
"""

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import seasons as recipes_of

from vaxlab import season
from vaxlab.plant import deploy, making
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import asking, chance, plant

TUNED_ON = (301, 302, 303, 304, 305, 306)
START = {
    "moi": 6e-05,
    "inoculum_cells_per_ml": 4.5e5,
    "carrier_g_per_l": 3.5,
    "growth_time_h": 120.0,
    "growth_temperature_c": 36.88,
    "infection_temperature_c": 35.69,
    "ph": 7.2,
    "do_percent": 58.5,
    "trypsin_bu_per_ml": 9.0,
    "glucose_mmol_per_l": 42.5,
    "glutamine_mmol_per_l": 3.0,
    "agitation_rpm": 60.0,
    "feed_mmol_per_l_h": 0.35,
    "exchanged_share": 1.0,
}
"""Where the search begins: the recipe of docs/decisions.md."""
FALLEN = np.round(np.arange(0.4, 1.0, 0.02), 2)
"""Shares of the first hours' capacitance at which to harvest that are tried."""


@cache
def batches(product: str, seeds: tuple[int, ...] = TUNED_ON) -> list[tuple]:
    """Return what the batches of a product meet in each season, without a drift; and their row."""
    found = []
    for seed in seeds:
        one = season.drawn(seed)
        rows = np.array([b for b, known in enumerate(one.known) if known["product"] == product])
        found.append((one, rows, chance.taken(one.met, rows)))
    return found


def by_hour(product: str, changes: Mapping[str, float], seeds: tuple[int, ...] = TUNED_ON):
    """Make all batches of a product: worth (H, B) of a harvest at each hour, and what is seen.

    Returns
    -------
    hours : array (H,)
    worth : array (H, B)
    fallen : array (H, B)
        Capacitance of the last two hours over that of the first six; above 2 before it has risen.
    """
    some = batches(product, seeds)
    licence = season.LICENCES[product]
    recipes = []
    for one, rows, _ in some:
        for b in rows:
            got, _ = asking.asked_recipe("recipe", dict(changes), licence, one.planned[b], "")
            recipes.append(deploy._until(got, plant.LAST_H))
    met = chance.joined([c for _, _, c in some])
    made = making.make(recipes, met)
    hours = np.array(licence.harvest_hours, dtype=float)
    at = np.searchsorted(made.batches.time_h, hours - 1e-6)
    worth, begin, views = [[] for _ in hours], 0, []
    for one, rows, c in some:
        here = np.arange(begin, begin + len(rows))
        begin += len(rows)
        kept = replace(made.batches, recipes=tuple(made.batches.recipes[r] for r in here))
        for h, k in enumerate(at):
            state = {name: values[here, k] for name, values in made.batches.states.items()}
            done = making.finish(kept, state, c, np.full(len(rows), hours[h]))
            worth[h].append(chance.paid_for(product, done, c)["true"] / season.USUAL_DOSES[product])
        views += [plant.seen_of(one, made, int(r), int(b)) for r, b in zip(here, rows, strict=True)]
    worth = np.array([np.concatenate(row) for row in worth])
    return hours, worth, np.array([_fallen(view, hours) for view in views]).T


def _fallen(view, hours):
    volume = view["capacitance_pf_per_cm"].to_numpy()
    shares = volume / volume[7:13].mean()
    zero = -chance.SEEN_FROM_H
    out = []
    for hour in hours.astype(int):
        so_far = shares[zero + 1 : zero + hour + 1]
        out.append(so_far[-2:].mean() if so_far.max() > 1.03 else 9.0)
    return out


def by_limit(hours, worth, fallen) -> tuple[float, float]:
    """Return the share of capacitance to harvest at that is worth most, and what it is worth."""
    best = (0.0, -1.0)
    for limit in FALLEN:
        below = fallen < limit
        below[-1] = True
        got = worth[below.argmax(axis=0), np.arange(worth.shape[1])].mean()
        if got > best[1]:
            best = (float(limit), float(got))
    return best


def search(product: str, sweeps: int = 2, worth_it: float = 0.004) -> dict[str, float]:
    """Return set points that no single move betters; prints its way."""
    point, step = dict(START), 0.12
    limit, best = by_limit(*by_hour(product, point))
    print(product, "start", limit, round(best, 3), flush=True)
    for _ in range(sweeps):
        for name in START:
            for k in (-1, 1):
                tried = recipes_of.moved(point, name, k * step)
                if tried[name] == point[name]:
                    continue
                new_limit, got = by_limit(*by_hour(product, tried))
                if got > best + worth_it:
                    point, best, limit = tried, got, new_limit
                    print(product, name, round(point[name], 6), limit, round(best, 3), flush=True)
        step /= 2
    print(product, limit, round(best, 3), point, flush=True)
    return point


def main() -> None:
    """Search, or print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--search", action="store_true")
    options = parser.parse_args()
    if options.search:
        for product in (INACTIVATED, LIVE):
            search(product)


if __name__ == "__main__":
    main()
