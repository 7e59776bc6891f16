"""What day 4, notebook 5 promises, measured plant by plant.

    python benchmarks/calibration_capstone.py        # ten plants, some ten minutes

The pass marks of `vaxlab.lessons.day4.capstone.checks` come from this table.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.capstone import material, rivals
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import Policy, play

OTHERS: dict[str, Policy] = {
    "plain, by capacitance": replace(rivals.PLAIN, harvest=rivals._by_capacitance),
    "search, nobody checks": replace(rivals.BEST, maintain=None),
    "search, by the calendar": replace(rivals.BEST, maintain=rivals._calendar),
    "search, by the clock": replace(rivals.BEST, harvest=rivals._clock),
    "search, day 3's recipe": replace(rivals.BEST, recipe=rivals._day_3_recipe),
}


def measure(seed: int, others: bool = False) -> dict[str, float]:
    """Return what policies, watches and harvest rules do on one plant.

    Parameters
    ----------
    seed : int
    others : bool
        Whether policies with one part exchanged are played, too.
    """
    scores = {who: material._scores(material._played(who, seed)) for who in material.POLICIES}
    history, search = scores["the history"], scores["the search"]
    row = {f"worth, {who}": float(got.mean()) for who, got in scores.items()}
    more = OTHERS if others else {}
    scores |= {who: material._scores(play(p, material.seeds(seed))) for who, p in more.items()}
    for who in ("a plain policy", "the course", *more):
        row[f"share, {who}"] = _share(scores[who], history, search)
    row |= _recipes(seed)
    for product in (INACTIVATED, LIVE):
        row |= _harvests(product, seed)
    return row | _watches(seed)


def _share(got: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    return float((got - low).sum() / (high - low).sum())


def _recipes(seed: int) -> dict[str, float]:
    usual, course, search = (
        material._recipes_of(who, seed) for who in ("usual", "course", "search")
    )
    day_3 = material._recipes_worth(None, lambda *_: rivals.DAY_3, seed)
    return {
        "recipe, share of the search's: the course's experiments": (course - usual)
        / (search - usual),
        "recipe, over the course's: day 3's": (day_3 - usual) / (course - usual),
        "recipe, over the course's: the search's": (search - usual) / (course - usual),
    }


def _harvests(product: str, seed: int) -> dict[str, float]:
    some = material._hours(product, seed)
    own, oracle = some.paid(rivals._by_capacitance).sum(), some.worth.max(axis=0).sum()
    base = some.fixed.sum()
    return {
        f"harvest, {product}: oracle over the best hour": float(oracle / base - 1),
        f"harvest, {product}: share of it by capacitance": float((own - base) / (oracle - base)),
    }


def _watches(seed: int) -> dict[str, float]:
    def calendar(every: int) -> Callable[[dict, pd.DataFrame], bool]:
        return lambda batch, _: batch["round"] > 0 and batch["round"] % every == 0

    ways = {"nobody": lambda *_: False, "sums": rivals._sums, "every 5": calendar(5)}
    ways["every 8"] = calendar(8)
    found = {
        who: [material._watch(way, s) for s in material.seeds(seed, material.WATCHED)]
        for who, way in ways.items()
    }
    lost = {who: sum(one.lost for one in some) for who, some in found.items()}
    saved = lost["nobody"] - lost["sums"]
    row = {f"watch, lost: {who}": value / material.WATCHED for who, value in lost.items()}
    for who in ("every 5", "every 8"):
        row[f"watch, share: {who}"] = (lost["nobody"] - lost[who]) / saved
    row["watch, needless: sums"] = sum(w.needless for w in found["sums"]) / material.WATCHED
    return row


def main() -> None:
    """Print ten plants, or as many as asked."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    others = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    rows = {}
    for seed in [HISTORY_SEED, *map(int, others)][:n]:
        rows[seed] = measure(seed)
        print(pd.Series(rows[seed]).round(2).to_string(), flush=True)
        material._played.cache_clear()
    table = pd.DataFrame(rows)
    spread = {"least": table.min(axis=1), "mean": table.mean(axis=1), "most": table.max(axis=1)}
    print(pd.DataFrame(spread).round(2).to_string())


if __name__ == "__main__":
    main()
