"""Answers that nobody would think of: no check passes them, none stumbles."""

import numpy as np
import pandas as pd
import pytest
from answers.answer import cells
from answers.bank import bank

from vaxlab.lessons.day1 import bake_off, how_sure, next_month, trust
from vaxlab.lessons.day2 import half_known, normal, raman, trajectories
from vaxlab.lessons.day3 import harvest, lot_or_probe, nine, recipe
from vaxlab.lessons.day4 import capstone, graph_of_facts, monday, reading, top_ten

CHECKS = {
    "trust": (trust.twins, trust.tidy, trust.errors, trust.weekends, trust.ceiling, trust.promise),
    "bakeoff": (
        bake_off.weak,
        bake_off.alarms,
        bake_off.overtraining,
        bake_off.tame,
        bake_off.causes,
        bake_off.alarm,
    ),
    "next-month": (
        next_month.late,
        next_month.splits,
        next_month.inside,
        next_month.best_of_many,
        next_month.promise,
    ),
    "how-sure": (
        how_sure.scores,
        how_sure.slopes,
        how_sure.model,
        how_sure.width,
        how_sure.new_lot,
    ),
    "normal": (
        normal.unfolded,
        normal.statistics,
        normal.golden_faults,
        normal.blame,
        normal.loop,
        normal.summed,
    ),
    "raman": (
        raman.prepare,
        raman.by_batch,
        raman.clock,
        raman.sensor,
        raman.augment,
        raman.online_report,
    ),
    "trajectories": (
        trajectories.summary,
        trajectories.network,
        trajectories.verdict,
        trajectories.turning,
        trajectories.features,
    ),
    "hybrid": (
        half_known.balances,
        half_known.step,
        half_known.seam,
        half_known.trained,
        half_known.apart,
        half_known.interval,
    ),
    "nine": (
        nine.sorted_out,
        nine.halves,
        nine.copies,
        nine.lots,
        nine.graph,
        nine.named,
    ),
    "lot-or-probe": (
        lot_or_probe.lots,
        lot_or_probe.change,
        lot_or_probe.difference,
        lot_or_probe.way_back,
        lot_or_probe.at_capture,
        lot_or_probe.stories,
    ),
    "recipe": (
        recipe.design,
        recipe.surface,
        recipe.improvement,
        recipe.proposals,
        recipe.curse,
    ),
    "harvest": (
        harvest.verdict,
        harvest.features,
        harvest.ekf,
        harvest.particle,
        harvest.late,
        harvest.rule,
    ),
    "monday": (
        monday.fingerprints,
        monday.gate,
        monday.believed,
        monday.changes,
        monday.alarms,
        monday.jobs,
    ),
    "capstone": (
        capstone.probes,
        capstone.tries,
        capstone.harvests,
        capstone.handed_in,
    ),
    "top-ten": (
        top_ten.honest,
        top_ten.recommended,
        top_ten.cold,
        top_ten.pareto,
        top_ten.reasons,
    ),
    "graph": (
        graph_of_facts.ids,
        graph_of_facts.edges,
        graph_of_facts.scoring,
        graph_of_facts.ranking,
        graph_of_facts.splitting,
        graph_of_facts.completion,
    ),
    "literature": (
        reading.names,
        reading.rules,
        reading.graph_labels,
        reading.ids,
        reading.network,
        reading.split,
    ),
}
ODD = {
    "a number": 0,
    "text": "text",
    "a list": [],
    "a dict": {},
    "a class": pd.DataFrame,
    "gives a list": lambda *a: [],
    "gives text": lambda *a: "text",
    "gives an object": lambda *a: object(),
    "gives an array": lambda *a: np.zeros((3, 3)),
    "gives an empty table": lambda *a: pd.DataFrame(),
    "gives a generator": lambda *a: (x for x in a),
    "gives a map": lambda *a: map(str, a),
    "gives itself": lambda *a: ODD["gives itself"],
    "gives NaN": lambda *a: float("nan"),
    "gives infinity": lambda *a: np.inf,
    "gives a complex number": lambda *a: 1j,
    "gives a date": lambda *a: pd.Timestamp("2026-01-01"),
    "gives what came in": lambda *a: a[0],
    "gives a dict": lambda *a: {1: 2},
    "gives a pair of None": lambda *a: (None, None),
    "gives three dots": lambda *a: ...,
    "takes nothing": lambda: 1,
}


class Everywhere(dict):
    """A learner's names, each of which stands for one and the same thing."""

    def __init__(self, odd):
        self.odd = odd

    def get(self, name, default=None):
        return self.odd


def test_every_exercise_with_a_bank_is_here():
    notebooks = {notebook for notebook, _ in bank()}
    names = [name for notebook in notebooks for name in cells(notebook) if name.endswith("-check")]
    assert sum(map(len, CHECKS.values())) == len(names)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "check", [check for room in CHECKS.values() for check in room], ids=lambda check: check.__name__
)
def test_an_odd_answer_earns_nothing_and_is_told_so(check, odd):
    result = check(Everywhere(ODD[odd]))
    assert result.points == 0
    assert all(part.message for part in result.parts), str(result)
    assert "could not read this answer" not in str(result)
