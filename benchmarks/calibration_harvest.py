"""Print what the thresholds of day 3, notebook 4 rest on, for some seeds of the plant.

One row a seed: 120 batches of each product, and what rules earn on them. Some 30 s of one core.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import warnings

import numpy as np
import pandas as pd

from vaxlab.lessons.day3.harvest import checks, delivery, material, rivals
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import INACTIVATED, LIVE

RULES = {"capacitance": rivals._plain_rule, "filter": rivals._rule}
AHEAD_H = 8


def verdicts(seed: int) -> dict[str, float]:
    """Return what an oracle adds to the best fixed hour, %, and the same of what deviates."""
    row = {}
    for product in (INACTIVATED, LIVE):
        some = material.season(product, material.BATCHES, seed)
        fixed, best = some.doses[some.fixed], some.doses.max(axis=0)
        row[f"{product}: oracle adds, %"] = 100 * float(best.sum() / fixed.sum() - 1)
    here = some.deviates
    row["deviating: oracle / fixed, doses"] = float(best[here].sum() / fixed[here].sum())
    kept = 10 ** (some.titre[some.fixed] - some.titre.max(axis=0))
    return row | {"fixed hour: share of peak, deviating": float(kept[here].mean())}


def rules(seed: int) -> dict[str, float]:
    """Return what the course's rules earn, at once and when the crew has to be called ahead."""
    some, row = material.season(LIVE, material.BATCHES, seed), {}
    for name, rule in RULES.items():
        doses, titre = material.paid(some, material.asked_h(rule, some))
        kept = 10 ** (titre - some.titre.max(axis=0))
        row[f"{name}: share of the oracle's gain"] = delivery._share(some, doses)
        row[f"{name}: SD / fixed hour's"] = checks._spread(some, titre)
        row[f"{name}: SD / fixed hour's, all"] = float(titre.std() / some.titre[some.fixed].std())
        row[f"{name}: share of peak, deviating"] = float(kept[some.deviates].mean())
        ahead = rivals.rule_ahead(AHEAD_H) if name == "filter" else rule
        late, _ = material.paid(some, material.asked_h(delivery._as_of(ahead, AHEAD_H), some))
        row[f"{name}: share of the gain, {AHEAD_H} h ahead"] = delivery._share(some, late)
    blind = np.flatnonzero(some.fault == "")[: checks.DEAD_BATCHES]
    asked = material.without_capacitance(some, blind, checks.DEAD_FROM_H)
    hours = np.full(len(some.seen), some.hours[some.fixed])
    hours[blind] = material.asked_h(rivals._rule, asked)
    doses = material.paid(some, hours)[0][blind].sum()
    return row | {"filter, dead probe: doses / fixed": doses / some.doses[some.fixed][blind].sum()}


def sensors(seed: int) -> dict[str, float]:
    """Return the miss of the soft sensor, h, and those of plainer features over it."""
    own, learned, exam = checks._own_miss(seed), material.runs(), checks._exam(seed)
    plain = {
        "clock": lambda r: pd.DataFrame({"hour": r.index}, index=r.index),
        "raw and clock": lambda r: r.assign(hour=r.index),
        "shares and clock": lambda r: (r / r.loc[1:6].mean()).assign(hour=r.index),
    }
    row = {"sensor: miss, h": own}
    for name, make in plain.items():
        tables = [[make(record) for record in some.records] for some in (learned, exam)]
        row[f"{name} / sensor"] = checks._miss(*tables, learned, exam) / own
    return row


def held(seed: int, hour: int = 36) -> dict[str, float]:
    """Return the share of batches whose peak lies in the filter's 90 %, at an hour."""
    some, inside = material.season(LIVE, material.BATCHES, seed), []
    peak = some.truth["infectious_virions_per_ml"].argmax(axis=1)
    for b, view in enumerate(some.seen):
        rows = int(np.searchsorted(view["hours_after_infection"].to_numpy(), hour, side="right"))
        said = material.foretold(some.known[b], view.iloc[:rows])
        off = hour + said.hours_to_peak - peak[b]
        inside.append(abs(off) <= 1.645 * np.hypot(said.sd_h, 0.5))
    return {"filter: peak in its 90 % at 36 h": float(np.mean(inside))}


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a batch's probe may show nothing for an hour
        return verdicts(seed) | rules(seed) | sensors(seed) | held(seed)


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).T.to_string())
