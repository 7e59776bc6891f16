"""What day 4, notebook 5 lays out: practice seasons, watched probes, and batches hour by hour.

A season is played once on each of the policies that stand beside a learner's, and kept. Functions
with an underscore know what nobody in the plant does, and are there for checks and figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.capstone import rivals
from vaxlab.plant import deploy, making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.parameters import VALUES
from vaxlab.season import (
    BATCHES,
    HISTORY,
    LICENCES,
    REACTORS,
    ROUNDS,
    VISIT,
    Played,
    Policy,
    drawn,
    play,
)
from vaxlab.season.asking import Asked, asked_recipe
from vaxlab.season.chance import HIGH_PH, LOW_PH, paid_for
from vaxlab.season.chance import USUAL_DOSES as USUAL
from vaxlab.season.laboratory import tried
from vaxlab.season.plant import LAST_H, RECORD, seen_of

SEASONS, WATCHED, HARVESTED = 4, 8, 3
"""Seasons that a whole policy, a watch over the probes, and a harvest rule are tried on."""
FUNCTIONS = ("experiments", "recipe", "maintain", "harvest")
"""Of a policy, as its file names them."""
SET_PH = 7.2
"""Of the batches whose probes are watched."""
PROBE_COLUMNS = ["batch", "round", "reactor", "product", "checked", "ph_gap"]

POLICIES: dict[str, Policy] = {
    "the history": HISTORY,
    "a plain policy": rivals.PLAIN,
    "the search": rivals.BEST,
    "the course": rivals.LEARNED,
}


def seeds(plant_seed: int, n: int = SEASONS) -> list[int]:
    """Return the seeds of n seasons of a plant."""
    drawn_ = np.random.default_rng([plant_seed, 450]).integers(10**12, 10**13, n)
    return [int(seed) for seed in drawn_]


@lru_cache(maxsize=32)
def _played(who: str, plant_seed: int = HISTORY_SEED) -> list[Played]:
    """Play a plant's seasons on one of `POLICIES`."""
    return play(POLICIES[who], seeds(plant_seed))


def _scores(played: list[Played]) -> np.ndarray:
    """Return what seasons were worth, (S,), in usual batches."""
    return np.array([one.score for one in played])


def record() -> pd.DataFrame:
    """Return the record of a practice season on the history's policy, one row a batch."""
    return _played("the history")[0].record.copy()


def a_batch(hour: int = 48, batch: int = 23) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what a harvest rule is given about a batch at an hour after infection.

    Parameters
    ----------
    hour : int
        24 to 72.
    batch : int
        0 to 59; every third from 2 on is live.
    """
    some = _hours(str(REACTORS[list(REACTORS)[batch % 3]]), HISTORY_SEED)
    place = some.batches.index(batch)
    return dict(some.known[place]), some.seen[place].loc[:hour].copy()


# Watched probes -----------------------------------------------------------------------------------


def watched(batches: int = 24) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the next batch of R1 in a practice season, and the record so far of all probes."""
    rows = pd.DataFrame(_gap_rows(seeds(HISTORY_SEED, WATCHED)[0], []))
    return dict(drawn(seeds(HISTORY_SEED, WATCHED)[0]).known[batches]), rows.iloc[:batches]


def _gap_rows(seed: int, mended: list[int]) -> list[dict[str, Any]]:
    """Return what the record holds of every batch's probe, if checked before some batches."""
    one = drawn(seed)
    rows = []
    for b, known in enumerate(one.known):
        off = _off(seed, b, mended)
        gap = VALUES["bias_bench_pH"] - off + VALUES["sd_bench_pH"] * one.noise["ph"][b]
        row = {name: known[name] for name in PROBE_COLUMNS[:4]}
        rows.append(row | {"checked": b in mended, "ph_gap": round(float(gap), 2)})
    return rows


def _off(seed: int, b: int, mended: list[int]) -> float:
    """Return by how much the pH of a batch lies below its set point."""
    one = drawn(seed)
    known, drift = one.known[b], one.drift
    gone = any(
        one.known[k]["reactor"] == drift.reactor and one.known[k]["round"] >= drift.start
        for k in mended
        if k <= b
    )
    off = 0.0 if gone or known["reactor"] != drift.reactor else drift.at(known["round"])
    days = one.planned[b].growth_time_h / 24
    return float(one.met.fitted.ph_error[b] + off + one.met.fitted.ph_drift_per_day[b] * days)


@dataclass(frozen=True)
class Watch:
    """What came of watching the probes: batches out of the licence, visits, and needless ones."""

    bad: int
    visits: int
    needless: int

    @property
    def lost(self) -> float:
        """Return what both cost, in usual batches."""
        return self.bad + VISIT * self.visits


def _watch(check: Callable[[dict, pd.DataFrame], bool], seed: int) -> Watch:
    """Ask about every batch of a season, and mend where it is said so."""
    one, mended, bad, needless = drawn(seed), [], 0, 0
    rows = _gap_rows(seed, mended)
    for b, known in enumerate(one.known):
        before = pd.DataFrame(rows[: b - b % len(REACTORS)], columns=PROBE_COLUMNS)
        if check(dict(known), before):
            drifts = known["reactor"] == one.drift.reactor and known["round"] >= one.drift.start
            gone = any(one.known[k]["reactor"] == one.drift.reactor and
                       one.known[k]["round"] >= one.drift.start for k in mended)  # fmt: skip
            needless += not drifts or gone
            mended.append(b)
            rows = rows[:b] + _gap_rows(seed, mended)[b:]
        bad += not LOW_PH <= SET_PH - _off(seed, b, mended) <= HIGH_PH
    return Watch(bad, len(mended), needless)


# Batches hour by hour -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Hours:
    """Batches of a product, harvested at each hour.

    Attributes
    ----------
    hours : array (H,)
        When a rule is asked, h after infection.
    worth : array (H, B)
        True doses released, in usual batches.
    batches : list of int
    known : list of dict
    seen : list of DataFrame
    """

    hours: np.ndarray
    worth: np.ndarray
    batches: list[int]
    known: list[Mapping[str, Any]]
    seen: list[pd.DataFrame]

    def paid(self, rule: Callable[[dict, pd.DataFrame], bool]) -> np.ndarray:
        """Return what a rule's harvests are worth, (B,)."""
        got = []
        for b, view in enumerate(self.seen):
            at = len(self.hours) - 1
            for h, hour in enumerate(self.hours[:-1]):
                if rule(dict(self.known[b]), view.loc[:hour].copy()):
                    at = h
                    break
            got.append(self.worth[at, b])
        return np.array(got)

    @property
    def fixed(self) -> np.ndarray:
        """Return the worth of harvests at the one hour that is best for all, (B,)."""
        return self.worth[self.worth.mean(axis=1).argmax()]


@lru_cache(maxsize=8)
def _hours(product: str, plant_seed: int) -> Hours:
    """Make the batches of a product in a plant's seasons by the recipe of the search."""
    return _made(product, seeds(plant_seed, HARVESTED), [rivals.FOUND[product]] * HARVESTED)


def _made(product: str, seasons: Sequence[int], points: Sequence[Mapping[str, float]]) -> Hours:
    """Make the batches of a product in seasons whose probes do not drift, by a recipe for each.

    Raises
    ------
    CourseError
        A recipe leaves the licence.
    """
    recipes, parts, places = [], [], []
    for seed, wanted in zip(seasons, points, strict=True):
        one = drawn(seed)
        rows = [b for b, known in enumerate(one.known) if known["product"] == product]
        met, each = one.met.of(np.array(rows)), []
        for b in rows:
            meant = LICENCES[product], one.planned[b]
            each.append(asked_recipe("recipe", wanted, *meant, f"for batch {b}"))
            recipes.append(deploy.cut_at(each[-1][0], LAST_H))
            places.append((one, b))
        parts.append(deploy.with_conductivity(met, np.array([c for _, c in each])))
    made = making.make(recipes, making.joined(parts))
    hours = np.array(LICENCES[product].harvest_hours, dtype=float)
    worth = []
    for k in np.searchsorted(made.batches.time_h, hours - 1e-6):
        row, begin = [], 0
        for part in parts:
            here = np.arange(begin, begin + len(part))
            begin += len(part)
            kept = replace(made.batches, recipes=tuple(made.batches.recipes[r] for r in here))
            state = {name: values[here, k] for name, values in made.batches.states.items()}
            at = np.full(len(here), made.batches.time_h[k])
            done = making.finish(kept, state, part, at)
            row.append(paid_for(product, done, part)["true"] / USUAL[product])
        worth.append(np.concatenate(row))
    seen = [seen_of(one, made, row, b) for row, (one, b) in enumerate(places)]
    known = [one.known[b] for one, b in places]
    return Hours(hours, np.array(worth), [b for _, b in places], known, seen)


Recipes = Callable[[str, pd.DataFrame], Mapping[str, float]]


def _recipes_worth(
    experiments: Callable[..., Any] | None, choose: Recipes, plant_seed: int
) -> float:
    """Return what recipes are worth a batch, harvested by capacitance, after own experiments."""
    seasons = seeds(plant_seed)
    asked = Asked(Policy(experiments=experiments))
    runs = tried(asked, [drawn(seed) for seed in seasons])
    total = 0.0
    for product in USUAL:
        points = [choose(product, some.copy()) for some in runs]
        total += _made(product, seasons, points).paid(rivals._by_capacitance).sum()
    return total / (len(seasons) * BATCHES)


@lru_cache(maxsize=8)
def _recipes_of(who: str, plant_seed: int) -> float:
    """Return what the recipes of others are worth: ``"usual"``, ``"search"`` or ``"course"``."""
    if who == "course":
        return _recipes_worth(
            rivals._experiments,
            lambda product, runs: rivals._tried_recipe({"product": product}, runs, runs),
            plant_seed,
        )
    points = rivals.FOUND if who == "search" else {product: {} for product in USUAL}
    return _recipes_worth(None, lambda product, _: points[product], plant_seed)


def policy_of(names: Mapping[str, Any]) -> Policy:
    """Return a policy of functions by name; what is missing stays as in the history."""
    return Policy(**{name: names.get(name) for name in FUNCTIONS})


__all__ = ["FUNCTIONS", "RECORD", "ROUNDS", "a_batch", "policy_of", "record", "seeds", "watched"]
