"""The plant's part of the world: lots, probes, faults and batches of one history, and its facts.

Lots, batches and probes are those of ``campaign.run(plant_seed)``: reports agree with its tables.
Impurities sit in the lots that truly do worst: the graph explains what the plant does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.literature.dice import Dice
from vaxlab.literature.world import Fact, World

if TYPE_CHECKING:
    from vaxlab.plant.campaign import Drawn

INTERNAL = "internal"
"""Status of facts that only the plant knows."""

FAULT_WORDS: dict[str, tuple[str, ...]] = {
    "F1": ("pH drift", "probe drift"),
    "F2": ("O2 failure", "loss of oxygen supply"),
    "F3": ("pump stop", "stopped pump"),
    "F4": ("temp excursion",),
    "F5": ("contamination", "bacterial growth"),
    "F6": ("myco",),
    "F7": ("wrong MOI",),
    "F8": ("dead trypsin", "weak trypsin"),
    "F9": ("harvest time off", "wrong harvest time"),
    "F10": ("poor wash",),
    "F11": ("stirrer stop", "stopped stirrer"),
    "F12": ("conductivity off",),
    "F13": ("clogged filter", "filter failure"),
    "F14": ("double entry", "sample swap"),
    "F15": ("clock shift", "summer-time clock"),
    "F16": ("late virus",),
    "F17": ("temp offset",),
}
"""Kinds of `vaxlab.plant.faults.FAULTS` as shifts call them, besides their names there."""

FAULT_LOWERS: dict[str, tuple[str, ...]] = {
    "F1": ("growth",),
    "F2": ("do", "titre"),
    "F3": ("ph",),
    "F4": ("titre",),
    "F5": ("do", "viability"),
    "F6": ("growth",),
    "F7": ("titre",),
    "F8": ("titre", "trypsin"),
    "F10": ("trypsin",),
    "F11": ("do", "attachment"),
    "F12": ("recovery",),
    "F13": ("recovery",),
}
SEEN_ON = {"F1": "ph_probe", "F2": "do_probe", "F5": "do_probe", "F11": "do_probe"}
"""Fault to the probe that shows it."""
UNNOTICED = ("F1", "F6", "F16", "F17")
"""Faults that nobody on shift recognises; reports only suspect them, mostly in vain."""

_IMPURE = (
    ("serum", "growth", "growth"),
    ("serum", "attachment", "attachment"),
    ("serum", "growth", "titre"),
    ("trypsin", "trypsin_activity", "trypsin"),
    ("seed", "release", "titre"),
    ("seed", "infectious", "titre"),
)
"""For every impurity: what raw material holds it, which effect picks its lots, what it lowers."""


@dataclass(frozen=True)
class Batch:
    """A batch as its record has it.

    Attributes
    ----------
    id, reactor, operator, ph_probe, do_probe : str
    lots : dict of str to str
        Kind of raw material to lot number.
    day : int
        Of its nominal start, from `campaign.FIRST_DAY`.
    fault : str
        What people noticed; empty where they noticed nothing.
    """

    id: str
    reactor: str
    operator: str
    ph_probe: str
    do_probe: str
    lots: dict[str, str]
    day: int
    fault: str


def join(world: World, plant_seed: int, n_batches: int = 360) -> list[Batch]:
    """Add the plant's entities and facts to a world, and return the batches.

    Parameters
    ----------
    world : World
    plant_seed : int
        Of the history; `campaign.HISTORY_SEED` is that of ``datasets/``.
    n_batches : int
    """
    from vaxlab.plant import campaign

    drawn = campaign.draw(plant_seed, n_batches, max(1, round(n_batches * campaign.DAYS_A_BATCH)))
    batches = _batches(drawn, n_batches)
    _entities(world, batches)
    _impurities(world, drawn)
    for key, parameters in FAULT_LOWERS.items():
        for parameter in parameters:
            world.facts.append(Fact(f"FAULT:{key}", "lowers", f"PAR:{parameter}", INTERNAL))
    for batch in batches:
        for lot in batch.lots.values():
            world.facts.append(Fact(f"LOT:{lot}", "used_in", f"BATCH:{batch.id}", INTERNAL))
        if batch.fault:
            fault = f"FAULT:{batch.fault}"
            world.facts.append(Fact(fault, "occurred_in", f"BATCH:{batch.id}", INTERNAL))
            if batch.fault in SEEN_ON:
                probe = f"PROBE:{getattr(batch, SEEN_ON[batch.fault])}"
                fact = Fact(fault, "seen_on", probe, INTERNAL)
                if fact not in world.facts:
                    world.facts.append(fact)
    return batches


def _batches(drawn: Drawn, n: int) -> list[Batch]:
    from vaxlab.plant.lots import LOT_KINDS

    plan, fitted, faults = drawn.plan, drawn.circumstances.fitted, drawn.circumstances.faults.fault
    digits = max(3, len(str(n)))
    return [
        Batch(
            id=f"B{b + 1:0{digits}d}",
            reactor=str(fitted.reactor[b]),
            operator=str(fitted.operator[b]),
            ph_probe=str(fitted.ph_probe[b]),
            do_probe=str(fitted.do_probe[b]),
            lots={
                name: f"{kind.prefix}-{int(plan.lot_numbers[name][b]) + 1:02d}"
                for name, kind in LOT_KINDS.items()
            },
            day=int(plan.day[b]),
            fault="" if faults[b] in UNNOTICED else str(faults[b]),
        )
        for b in range(n)
    ]


def _entities(world: World, batches: list[Batch]) -> None:
    from vaxlab.plant.faults import FAULTS
    from vaxlab.plant.lots import LOT_KINDS

    for key, fault in FAULTS.items():
        world.add("fault", key, fault.name, FAULT_WORDS[key], "", fault.acts)
    for kind in LOT_KINDS:
        for lot in sorted({batch.lots[kind] for batch in batches}):
            number = int(lot.rsplit("-", 1)[1])
            world.add("lot", lot, lot, (f"{kind} lot {number}",), "", kind)
    for what in ("ph_probe", "do_probe"):
        for probe in sorted({getattr(batch, what) for batch in batches}):
            world.add("probe", probe, probe, (probe.replace("-", ""),), "", what)
    for batch in batches:
        world.add("batch", batch.id, batch.id, (f"batch {int(batch.id[1:])}",))


def _impurities(world: World, drawn: Drawn) -> None:
    from vaxlab.plant.lots import LOT_KINDS

    dice = Dice(world.seed, "impurities")
    taken: set[str] = set()
    for compound, (kind, effect, parameter) in zip(world.impurities, _IMPURE, strict=True):
        world.facts.append(Fact(compound, "lowers", f"PAR:{parameter}", INTERNAL))
        order = np.argsort(drawn.plan.lot_effects[kind][effect], kind="stable")
        names = [f"LOT:{LOT_KINDS[kind].prefix}-{int(i) + 1:02d}" for i in order]
        lots = [name for name in names if name not in taken][: dice.between(1, 3)]
        taken.update(lots)
        for lot in lots:
            world.facts.append(Fact(compound, "found_in", lot, INTERNAL))
            world.facts.append(Fact(lot, "lowers", f"PAR:{parameter}", INTERNAL))
