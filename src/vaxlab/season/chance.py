"""What chance gives a season before anything is made, and what its batches are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from vaxlab.plant import campaign, deploy, equipment, faults, live
from vaxlab.plant.batch import checked_seed
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Recipe

REACTORS = {"R1": INACTIVATED, "R2": INACTIVATED, "R3": LIVE}
"""Reactor to what it makes."""
ROUNDS, ROUND_DAYS = 20, 9
BATCHES = ROUNDS * len(REACTORS)
RUNS, ASKED, VESSELS = 20, 4, 3
"""Experiments before the season, how often the policy is asked for some, and vessels of each."""
USUAL_DOSES = {INACTIVATED: 15_000, LIVE: 2_400_000}
"""Doses of a usual batch of the history: what makes both products one number."""
USUAL_H = {INACTIVATED: 56.0, LIVE: deploy.LIVE_HARVEST_H}
"""When the history harvests, h after infection."""
VISIT = 0.25
"""What a visit of maintenance costs, in usual batches."""
ENTRY, TRYPSIN = (0.55, 1.2), (0.6, 1.5)
"""Least and most of what the new cells take up of virus, and of the new trypsin's activity, over
the history's; drawn evenly on a log scale. Own choice, as all that follows."""
SEED_LOT_ROUNDS, SEED_LOT = (7, 12), (3.0, 8.0)
"""First and last round that may open the new seed lot, and how many times weaker, or stronger,
than its label it is."""
DRIFT_ROUNDS, DRIFT = (3, 9), (0.03, 0.05)
"""First and last round with which the drift may begin, and what a round adds to it, pH."""
WORST = 0.4
"""Where the drift ends, pH."""
LOW_PH, HIGH_PH = deploy.LICENSED["ph"]
"""A batch whose true pH at infection lay outside is called back when the season is over."""
SEEN_FROM_H = -6
UPTAKE_GAIN_SD, UPTAKE_SD, CAPACITANCE_SD = 0.05, 0.04, 0.006
"""Oxygen uptake: gain of a batch and noise of an hour, relative; capacitance: noise of an hour,
pF/cm (its gain and zero are those of the plant's instruments)."""
Batch = dict[str, Any]


@dataclass(frozen=True)
class Drift:
    """Which probe of pH goes wrong, from which round on, and by how much a round."""

    reactor: str
    start: int
    a_round: float

    def at(self, round_: int) -> float:
        """Return what the probe reads too high in a round, pH."""
        return float(np.clip(self.a_round * max(0, round_ - self.start + 1), -WORST, WORST))


@dataclass(frozen=True)
class Season:
    """Sixty batches that can be made, and a laboratory.

    Attributes
    ----------
    met : Circumstances
        Of the batches, in order of rounds and reactors. Probes of pH are checked before the
        season: what is left is their offset.
    planned : tuple of Recipe
        The history's.
    known : tuple of dict
        What is known before each batch.
    drift : Drift
    bench : Circumstances
        Of the laboratory's vessels, three a run.
    noise : dict of str to array
        Standard normal scores of everything that is measured.
    """

    met: Circumstances
    planned: tuple[Recipe, ...]
    known: tuple[Batch, ...]
    drift: Drift
    bench: Circumstances
    noise: Mapping[str, np.ndarray]


@lru_cache(maxsize=32)
def drawn(seed: int) -> Season:
    """Draw a season; the same for every policy."""
    checked_seed("season", seed)
    days = ROUNDS * ROUND_DAYS
    drawn_ = campaign.draw(seed, BATCHES, days=days, first=campaign.DAYS)
    rng = np.random.default_rng([seed, 451])
    usual = np.arange(BATCHES) // len(REACTORS)
    opened = int(rng.integers(SEED_LOT_ROUNDS[0], SEED_LOT_ROUNDS[1] + 1))
    off = np.exp(_even(rng, SEED_LOT) * rng.choice([-1.0, 1.0]))
    cells = {"entry": np.exp(_even(rng, ENTRY)), "trypsin_activity": np.exp(_even(rng, TRYPSIN))}
    drift = Drift(
        str(rng.choice(list(REACTORS))),
        int(rng.integers(DRIFT_ROUNDS[0], DRIFT_ROUNDS[1] + 1)),
        float(rng.uniform(*DRIFT) * rng.choice([-1.0, 1.0])),
    )
    new_lot = usual >= opened
    met = drawn_.circumstances
    met = replace(
        met,
        lot_factors=times(met.lot_factors, cells),
        handling=times(met.handling, {"moi": np.where(new_lot, off, 1.0)}),
        faults=_with_live_faults(met.faults, rng),
        fitted=replace(met.fitted, ph_error=VALUES["sd_offset_pH"] * rng.standard_normal(BATCHES)),
    )
    planned = campaign.recipes_meant(drawn_.plan, drawn_.growth_min / 60, drawn_.infection_min / 60)
    known = deploy.known_before(drawn_, planned, rng)
    return Season(
        met,
        tuple(planned),
        tuple(_known(b, row, opened) for b, row in enumerate(known)),
        drift,
        _bench(seed, cells),
        {
            name: rng.standard_normal((BATCHES, *more))
            for name, more in (("ph", ()), ("cells", ()), ("gain", ()), ("zero", ()),
                               ("uptake", ()), ("hours", (2, 100)))
        },
    )  # fmt: skip


def _even(rng: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(rng.uniform(*np.log(ends)))


def times(
    factors: Mapping[str, np.ndarray], more: Mapping[str, np.ndarray | float]
) -> dict[str, np.ndarray]:
    """Multiply factors of batches; those that no lot has are 1."""
    n = len(next(iter(factors.values())))
    return dict(factors) | {k: factors.get(k, np.ones(n)) * v for k, v in more.items()}


def _with_live_faults(plan: faults.Plan, rng: np.random.Generator) -> faults.Plan:
    """Give the live batches the faults of their line."""
    rows = np.flatnonzero([product == LIVE for product in REACTORS.values()] * ROUNDS)
    there = faults.draw(rng, len(rows), deploy.LIVE_SHARES)
    table = {name: values.copy() for name, values in vars(plan).items()}
    for name, values in vars(there).items():
        table[name][rows] = values
    return faults.Plan(**table)


def _known(b: int, row: Batch, opened: int) -> Batch:
    """Return what is known before a batch; the new seed lot has a number of its own."""
    round_, place = divmod(b, len(REACTORS))
    reactor = list(REACTORS)[place]
    seed_lot = "SEED-N9" if round_ >= opened else "SEED-N1"
    head = {"batch": b, "round": round_, "reactor": reactor, "product": REACTORS[reactor]}
    return head | row | {"seed_lot": seed_lot}


def _bench(seed: int, cells: Mapping[str, float]) -> Circumstances:
    """Return the laboratory's vessels: new cells and trypsin, the old seed lot, average lots."""
    n = RUNS * VESSELS
    own = int(np.random.default_rng([seed, 452]).integers(2**32))
    hands = campaign.draw(own, n, days=60, first=campaign.DAYS, sound=True).circumstances
    return replace(
        hands,
        lot_factors=times({name: np.ones(n) for name in hands.lot_factors}, cells),
        hold_h=np.full(n, float(np.median(hands.hold_h))),
        dips=np.zeros_like(hands.dips),
        fitted=replace(
            equipment.take(hands.fitted, np.zeros(n, dtype=int)),
            ph_error=np.zeros(n),
            ph_drift_per_day=np.zeros(n),
        ),
        passage=np.full(n, float(np.median(hands.passage))),
        age_h=np.full(n, float(VALUES["age_best"])),
    )


def paid_for(product: str, made: Made, met: Circumstances) -> dict[str, np.ndarray]:
    """Return doses as tests count them and true ones, both 0 if rejected; and the decision."""
    if product == LIVE:
        # The first two streams are those of the inactivated vaccine.
        steps, assays = np.random.default_rng(met.luck_seed).spawn(4)[2:]
        bulk = live.purify(made.harvest, made.equipment, steps)
        tests = live.release(bulk, made.harvest, made.equipment, assays)
        true = bulk.doses
    else:
        tests, true = made.release, made.purified.doses
    out = tests.released
    return {
        "read": np.where(out, tests.doses_filled, 0.0),
        "true": np.where(out, true, 0.0),
        "released": out,
        "reason": tests.reason,
    }
