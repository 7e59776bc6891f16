"""The best that a documented search attains in the capstone's season, and what others attain.

    python benchmarks/capstone.py --search    # search set points and limits (ten minutes)
    python benchmarks/capstone.py             # policies on ten seasons that nobody chose
    python benchmarks/capstone.py --write     # the same, into docs/capstone.md

The search moves one set point at a time, on seasons of its own (`TUNED_ON`), with probes that do
not drift and harvests by capacitance; what it finds stands in the room's `rivals.py` by hand.
"""

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import seasons as recipes_of
from decisions import fingerprint
from tqdm import tqdm

from vaxlab import season
from vaxlab.lessons.day4.capstone import delivery, rivals
from vaxlab.plant import deploy, making
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import asking, chance, plant

PAGE = Path(__file__).resolve().parents[1] / "docs" / "capstone.md"
SEASONS = 10
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
        found.append((one, rows, one.met.of(rows)))
    return found


def by_hour(product: str, changes: Mapping[str, float], seeds: tuple[int, ...] = TUNED_ON) -> tuple:
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
            recipes.append(deploy.cut_at(got, plant.LAST_H))
    met = making.joined([c for _, _, c in some])
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


def _fallen(view: pd.DataFrame, hours: np.ndarray) -> list[float]:
    volume = view["capacitance_pf_per_cm"].to_numpy()
    shares = volume / volume[7:13].mean()
    zero = -chance.SEEN_FROM_H
    out = []
    for hour in hours.astype(int):
        so_far = shares[zero + 1 : zero + hour + 1]
        out.append(so_far[-2:].mean() if so_far.max() > 1.03 else 9.0)
    return out


def by_limit(_: np.ndarray, worth: np.ndarray, fallen: np.ndarray) -> tuple[float, float]:
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


# What policies attain ----------------------------------------------------------------------------


def policies() -> dict[str, season.Policy]:
    """Return the policies of the page: the search's with one part exchanged, and others."""
    best, plain = rivals.BEST, rivals.PLAIN
    return {
        "the history": season.HISTORY,
        "the history, by capacitance": season.Policy(harvest=rivals._by_capacitance),
        "plain: day 3's recipe, calendar, fixed hour": plain,
        "plain, by capacitance": replace(plain, harvest=rivals._by_capacitance),
        "the notebook's twenty experiments, sums, capacitance": rivals.LEARNED,
        "the search": best,
        "the search, fixed hour": replace(best, harvest=rivals._clock),
        "the search, calendar": replace(best, maintain=rivals._calendar),
        "the search, a check before each batch": replace(best, maintain=lambda *_: True),
        "the search, nobody checks": replace(best, maintain=None),
    }


def page() -> str:
    """Play ten seasons on each policy, and return the page."""
    seeds = [int(s) for s in np.random.default_rng(20261127).integers(10**12, 10**13, SEASONS)]
    played, spent = {}, {}
    for who, policy in tqdm(policies().items(), desc="Policies"):
        begun = time.process_time()
        played[who] = season.play(policy, seeds)
        spent[who] = time.process_time() - begun
    table = delivery.results(played)
    lines = [
        f"| {who} | {row['worth']:.0f} | {row['gained']:+.0f} ({row['from']:+.0f} to "
        f"{row['to']:+.0f}) | {row['attainable, %']:.0f} | {row['rejected']:.1f} | "
        f"{row['called back']:.1f} | {row['checks']:.1f} |"
        for who, row in table.iterrows()
    ]
    begun = time.process_time()
    season.play(rivals.BEST, seeds[:1])
    one_s = time.process_time() - begun
    rows = "\n".join(lines)
    return f"""# What is attainable in the capstone

Written by `benchmarks/capstone.py --write`, for the plant's numbers {fingerprint()}.

A season is {season.BATCHES} batches: {season.ROUNDS} rounds of nine days, two reactors of the
inactivated vaccine and one of the live one. Worth is counted in *usual batches* (15 thousand
inactivated or 2.4 million live doses), by true doses that were released. Batches whose true pH lay
outside of the licence count nothing. A visit of maintenance costs {season.VISIT:g} usual batches.

## Policies on {SEASONS} seasons that nobody chose

Means of a season. Gains are over the history's policy on the same seasons, with the 95 % interval
of paired differences.

| policy | worth | gained | attainable, % | rejected | called back | checks |
|---|---:|---:|---:|---:|---:|---:|
{rows}

One season with every rule takes {one_s:.1f} s of one core, {SEASONS} side by side
{max(spent.values()):.1f} s at the most.

## The search

`benchmarks/capstone.py --search` moves one set point at a time, two sweeps, on six seasons of its
own (seeds {TUNED_ON[0]} to {TUNED_ON[-1]}) whose probes do not drift. It begins with the recipe of
[decisions.md](decisions.md). Each recipe is harvested by capacitance, at the share that is worth
most. What it found, rounded:

| set point | inactivated | live |
|---|---:|---:|
{_set_points()}
| harvest at, share of the first hours' capacitance | {rivals.FALLEN[INACTIVATED]:g} | \
{rivals.FALLEN[LIVE]:g} |

Probes are watched by sums of the gaps between bench and probe, with the slack and limit of day 4,
notebook 4. The search is a lower end of what can be had, not a proof: no policy that looks further
was tried, and none of the twenty experiments is used. It had seasons without end to practise on,
so there is little that experiments would tell it.

## A class's board

Everybody saves the cell of the last exercise as a file `policy.py`. `vaxlab capstone board FOLDER`
takes `NAME/policy.py` or `NAME.py`, plays four seasons that it draws on each of them behind the
walls of a submission, and ranks them; `--pseudonyms` names nobody, `--output board.html` writes a
page. A policy that crashes, never ends or returns something else is a sentence below the table. One
that reads the clock, files, or the course's sources is *held*: its line is shown, and it is played
when somebody has read it (`--accept NAME`).
"""


def _set_points() -> str:
    names = dict.fromkeys([*rivals.FOUND[INACTIVATED], *rivals.FOUND[LIVE]])
    return "\n".join(
        f"| `{name}` | "
        + " | ".join(
            f"{rivals.FOUND[p][name]:g}" if name in rivals.FOUND[p] else "as it comes"
            for p in (INACTIVATED, LIVE)
        )
        + " |"
        for name in names
    )


def main() -> None:
    """Search, or print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--write", action="store_true", help="write docs/capstone.md")
    options = parser.parse_args()
    if options.search:
        for product in (INACTIVATED, LIVE):
            search(product)
        return
    text = page()
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
