"""Checks of day 4, notebook 5: a watch over probes, experiments, a harvest rule, a whole policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe
from vaxlab.checks.result import Outcome, Part
from vaxlab.errors import CourseError
from vaxlab.lessons.day4.capstone import material, rivals
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import Policy, play

# Calibrated on ten plants by benchmarks/calibration_capstone.py.
SAVED, SAVED_HALF = 0.88, 0.7
"""Least share of what the course's sums save, for all points and for one."""
NEEDLESS = 2.0
"""Most visits a season to probes that do not drift."""
RECIPE, RECIPE_HALF = 0.85, 0.5
"""Least share of what the course's own experiments gain, for all points and for one."""
FELL = 0.7, 0.35
"""Least share of what the course's rule adds to the best fixed hour, for all points and for one."""
SHARES = {0.9: 10, 0.8: 9, 0.7: 8, 0.6: 7, 0.5: 6, 0.35: 5, 0.25: 3, 0.15: 1}
"""Least share of the attainable to points."""


def _flags(function: Function, what: str) -> Callable[[dict, pd.DataFrame], bool]:
    """Return a learner's rule; what is no True or False ends the check."""

    def asked(batch: dict, table: pd.DataFrame) -> bool:
        answer = function(batch, table, shown=f"batch {batch['batch']}, {what}")
        if isinstance(answer, bool | np.bool_):
            return bool(answer)
        said = f"`{function.name}` should give True or False."
        called = f"{function.name}(batch {batch['batch']}, {what})"
        raise Stop(Outcome.NOT_YET, said, called=called, got=describe(answer))

    return asked


# Exercise 1 ---------------------------------------------------------------------------------


@exercise("Exercise 1 · The probe", points=5)
def probes(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``check_probe``: what it saves in eight seasons, and how often it calls for nothing."""
    check = _flags(answers.function("check_probe"), "record")
    seeds = material.seeds(plant_seed, material.WATCHED)
    found = [material._watch(check, seed) for seed in seeds]
    nobody, course = _lost_by_others(plant_seed)
    lost, needless = (sum(getattr(w, name) for w in found) for name in ("lost", "needless"))
    share = (nobody - lost) / (nobody - course)
    n = material.WATCHED
    got = (
        f"{lost / n:.1f} usual batches lost in a season, by {sum(w.bad for w in found) / n:.1f} "
        f"out of the licence and {sum(w.visits for w in found) / n:.1f} visits"
    )
    label, calm = "what it saves", "visits for nothing"
    if share >= SAVED:
        yield passed(label, 3, got)
    else:
        said = "Batches out of the licence and visits together cost too much."
        if not sum(w.visits for w in found):
            said = "It never calls: batches outside of the licence are called back."
        elif needless > 45 * n:
            said = "It calls nearly always. A visit costs a quarter of a usual batch."
        expected = f"{nobody / n - SAVED * (nobody - course) / n:.1f} or less lost"
        earned = 1.0 if share >= SAVED_HALF else 0.0
        yield not_yet(label, 3, said, earned=earned, got=got, expected=expected)
    if share < SAVED_HALF:
        yield not_yet(calm, 2, "First it must save something, above.")
    elif needless <= NEEDLESS * n:
        yield passed(calm, 2)
    else:
        said = "Probes are visited that do not drift. A single gap says little: add them up."
        yield not_yet(calm, 2, said, got=f"{needless / n:.1f} a season",
                      expected=f"{NEEDLESS:g} or fewer")  # fmt: skip


@lru_cache(maxsize=8)
def _lost_by_others(plant_seed: int) -> tuple[float, float]:
    """Return what is lost if nobody looks, and by the course's sums."""
    seeds = material.seeds(plant_seed, material.WATCHED)
    ways = (lambda *_: False, rivals._sums)
    return tuple(sum(material._watch(way, seed).lost for seed in seeds) for way in ways)


# Exercise 2 ---------------------------------------------------------------------------------


@exercise("Exercise 2 · Twenty experiments", points=5)
def tries(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``try_out`` and ``choose``: what the recipes gain in the plant, over the usual ones."""
    first, second = answers.function("try_out"), answers.function("choose")
    try:
        worth = material._recipes_worth(
            lambda runs: first(runs, shown="runs"),
            lambda product, runs: second(product, runs, shown=f"{product!r}, runs"),
            plant_seed,
        )
    except CourseError as error:
        said = str(error).replace("`experiments`", "`try_out`").replace("`recipe`", "`choose`")
        said = said.replace("The recipe rule", "`choose`")
        raise Stop(Outcome.NOT_YET, said) from None
    usual, course = (material._recipes_of(who, plant_seed) for who in ("usual", "course"))
    share = (worth - usual) / (course - usual)
    label = "what the recipes gain"
    got = f"{worth:.2f} usual batches a batch, {100 * share:.0f} % of what the course's gain"
    if share >= RECIPE:
        yield passed(label, 5, got)
        return
    said = "Try more set points: time to grow, trypsin, what the cells are fed, temperature."
    if share < RECIPE_HALF:
        said = "These recipes are hardly better than the usual ones. Begin with day 3's."
    expected = f"{100 * RECIPE:.0f} % or more"
    earned = 1.0 if share >= RECIPE_HALF else 0.0
    yield not_yet(label, 5, said, earned=earned, got=got, expected=expected)


def _played(policy: Policy, plant_seed: int) -> list[Any]:
    """Play the plant's seasons; what the policy does wrong ends the check with a sentence."""
    try:
        return play(policy, material.seeds(plant_seed))
    except CourseError as error:
        raise Stop(Outcome.NOT_YET, str(error)) from None


# Exercise 3 ---------------------------------------------------------------------------------


@exercise("Exercise 3 · When to harvest", points=4)
def harvests(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``harvest_now`` on batches of both products, beside the best hour for all."""
    rule = _flags(answers.function("harvest_now"), "seen")
    for product in (LIVE, INACTIVATED):
        yield from guarded(f"{product} vaccine", 2, _harvested(rule, product, plant_seed))


def _harvested(rule: Callable, product: str, plant_seed: int) -> Iterator[Part]:
    some = material._hours(product, plant_seed)
    base = some.fixed.sum()
    share = (some.paid(rule).sum() - base) / (_course_paid(product, plant_seed) - base)
    label = f"{product} vaccine"
    got = f"{100 * share:.0f} % of what the course's rule adds to the best fixed hour"
    if share >= FELL[0]:
        yield passed(label, 2, got)
        return
    said = "No better than one hour for all." if share < FELL[1] else "Half of the way."
    yield not_yet(label, 2, f"{said} Let capacitance say how far the batch has come.",
                  earned=1.0 if share >= FELL[1] else 0.0, got=got,
                  expected=f"{100 * FELL[0]:.0f} % or more")  # fmt: skip


@lru_cache(maxsize=8)
def _course_paid(product: str, plant_seed: int) -> float:
    return float(material._hours(product, plant_seed).paid(rivals._by_capacitance).sum())


# Exercise 4 ---------------------------------------------------------------------------------


@exercise("Exercise 4 · Your policy", points=10)
def handed_in(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check a whole policy: its share of what is attainable, by seasons played side by side."""
    given = {name: answers.function(name) for name in material.FUNCTIONS}
    policy = Policy(
        lambda runs: given["experiments"](runs, shown="runs"),
        *(_asked(given[name], what) for name, what in _ASKED.items()),
    )
    scores = material._scores(_played(policy, plant_seed))
    low, high = (
        material._scores(material._played(who, plant_seed)) for who in ("the history", "the search")
    )
    share = float((scores - low).sum() / (high - low).sum())
    points = next((points for least, points in SHARES.items() if share >= least), 0)
    got = (
        f"{scores.mean():.0f} usual batches a season, where the history's policy has "
        f"{low.mean():.0f} and the search {high.mean():.0f}: {100 * share:.0f} % of what is "
        "attainable"
    )
    label = "share of what is attainable"
    if points == max(SHARES.values()):
        yield passed(label, 10, got)
        return
    least = min(s for s, p in SHARES.items() if p > points)
    expected = f"{100 * least:.0f} % for {SHARES[least]} points"
    said = "Which of the four costs most? Play the practice seasons with one of them changed."
    yield not_yet(label, 10, said, earned=float(points), got=got, expected=expected)


_ASKED = {
    "recipe": "batch {}, record, runs",
    "maintain": "batch {}, record",
    "harvest": "batch {}, seen",
}


def _asked(function: Function, what: str) -> Callable[..., Any]:
    return lambda batch, *more: function(batch, *more, shown=what.format(batch["batch"]))
