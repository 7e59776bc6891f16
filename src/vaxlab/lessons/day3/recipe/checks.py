"""Checks of day 3, notebook 3: thirty runs to a better recipe.

What a learner wrote is asked with numbers that are drawn for each ``plant_seed``. Proposals are
asked of laboratories whose axes are in another order, some turned round: a recipe known by heart
is none there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, named, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.errors import CourseError
from vaxlab.lessons.day3.recipe import made_up, material, rivals, wrong
from vaxlab.lessons.day3.recipe.material import Laboratory, Runs, Turn

CLOSE = 1e-5
# Calibrated by benchmarks/calibration_recipe.py.
PLANTS = 3
"""Laboratories that are asked for one proposal each; 60 recipes are known there."""
OF_THE_WAY = 0.5
"""Share of the way from random recipes to the course's own proposals."""
SURFACES, SURFACES_COUNTED = 4, 2
POINTS_OF_SURFACES = 3
BETTER = 0.5
"""Share of what is left between the best run within and the best recipe within."""
CASES = 120
"""Tables of vessels of each kind for which a promise is asked."""
FEW, MANY = (12, 3.0, 1.0), (90, 0.5, 3.0)
"""Runs, their true spread, and the vessels': luck is a sixth of the vessels' spread with the first,
and more than all of it with the second. No fixed share of a spread is right with both."""
PART = 0.35
"""Share of the curse that a promise may still hold, on average; 2.6 standard errors more."""


def _array(answer: Any, shape: tuple[int, ...], name: str, hint: str = "") -> np.ndarray:
    """Read an array of a shape, or say what came instead."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != shape:
        message = f"`{name}` should give an array of shape {shape}.{hint}"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if np.isnan(values).any():
        raise Stop(Outcome.NOT_YET, f"`{name}` gives NaN here.", got=describe(answer))
    return values


def _pair(answer: Any, name: str, what: str) -> list[Any]:
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, np.ndarray) and answer.ndim == 2:
        answer = list(answer)
    if isinstance(answer, tuple | list) and len(answer) == 2:
        return list(answer)
    raise Stop(Outcome.NOT_YET, f"`{name}` should give two things: {what}.", got=describe(answer))


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · Thirty runs on paper", points=4)
def design(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``central_composite``: half a factorial, axial points and centres, in any order."""
    function = answers.function("central_composite")
    rng = np.random.default_rng([plant_seed, 71])
    k, corner, centres = int(rng.choice([4, 6])), round(float(rng.uniform(0.5, 0.9)), 2), 3
    cases = ((5, 0.7, 4), (k, corner, centres))
    found = []
    for case in cases:
        answer = function(*case, shown=", ".join(map(str, case)))
        found.append(_rows(answer, case[0]))
    largest = max(float(np.abs(one).max(initial=0)) for one in found)
    if largest > 1 + 1e-9:
        message = "Some runs are outside of -1 to 1: the plant is not licensed for them."
        yield not_yet("within the licence", 4, message, got=f"{largest:.3g}")
        return
    if not any(look(2 * one - 1, *case) for look in (_corners, _axes)
               for one, case in zip(found, cases, strict=True)):  # fmt: skip
        message = "This is the design in the unit cube, 0 to 1. Coded units run from -1 to 1."
        yield not_yet("coded units", 4, message)
        return
    for points, name, look in ((2, "corners", _corners), (2, "axes and centre", _axes)):
        said = next((word for one, case in zip(found, cases, strict=True)
                     if (word := look(one, *case))), "")  # fmt: skip
        yield not_yet(name, points, said) if said else passed(name, points)


def _rows(answer: Any, k: int) -> np.ndarray:
    """Read a design, however many runs it has."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != 2 or values.shape[1] != k:
        message = f"For k = {k}, `central_composite` should give an array with {k} columns."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return _array(values, values.shape, "central_composite")


def _corners(x: np.ndarray, k: int, corner: float, centres: int) -> str:
    """Return what is wrong with the corners, or nothing."""
    rows = x[(np.abs(x) > 1e-9).all(axis=1)]
    if len(rows) != 2 ** (k - 1):
        return f"For k = {k} there are {len(rows)} corners; half of 2^{k} is {2 ** (k - 1)}."
    if not np.allclose(np.abs(rows), corner):
        return f"Corners should be at ±{corner} of each factor (the argument `corner`)."
    signs = np.sign(rows)
    if len(np.unique(signs, axis=0)) < len(signs):
        return "Some corners are there twice, so others are missing."
    if np.ptp(signs.prod(axis=1)) > 0:
        return (
            "This is not the half whose last factor is the product of the others' signs: products "
            "of factors get mixed up with each other."
        )
    return ""


def _axes(x: np.ndarray, k: int, corner: float, centres: int) -> str:
    moved = (np.abs(x) > 1e-9).sum(axis=1)
    middle, others = int((moved == 0).sum()), int(((moved > 1) & (moved < k)).sum())
    if middle != centres:
        return f"Runs in the centre: {middle}; {centres} are asked (the argument `centres`)."
    if others:
        return f"For k = {k}, {others} runs are neither corner nor axial point nor centre."
    rows = x[moved == 1]
    wanted = {(i, sign) for i in range(k) for sign in (-1, 1)}
    there = {(int(np.abs(row).argmax()), int(np.sign(row[np.abs(row).argmax()]))) for row in rows}
    if there != wanted:
        return f"Each of {k} axes has two points, at -1 and at 1, the other factors at 0."
    if len(rows) != 2 * k:
        return f"For k = {k} there are {len(rows)} axial points; two for each axis make {2 * k}."
    if not np.allclose(np.abs(rows).max(axis=1), 1):
        return "Axial points lie at the ends of the licence: -1 and 1."
    return ""


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · Top, saddle or ridge", points=4)
def surface(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``stationary``: the flat point of a fitted quadratic, and its curvatures."""
    function = answers.function("stationary")
    rng = np.random.default_rng([plant_seed, 72])
    cases = [_bent_case(rng, 5, outside=True), _bent_case(rng, 3)]
    points, bends = [], []
    for x, y in cases:
        two = _pair(function(x.copy(), y.copy(), shown="x, y"), "stationary", "point, curvatures")
        shape = (x.shape[1],)
        points.append(_array(two[0], shape, "stationary (point)", " One for each factor."))
        bends.append(_array(two[1], shape, "stationary (curvatures)", " One for each factor."))
    right = [rivals._stationary(x, y) for x, y in cases]
    for label, found, k, slips in (
        ("point", points, 0, wrong.points),
        ("curvatures", bends, 1, wrong.curvatures),
    ):
        wanted = [one[k] for one in right]
        off = [n for n in range(len(cases)) if not _is_near(found[n], wanted[n])]
        if not off:
            yield passed(label, 2)
            continue
        # Only what failed is recognised, and shown: some slips are none in a smaller table.
        known = _together([slips(*cases[n]) for n in off])
        message = recognised(np.concatenate([found[n] for n in off]), known, rtol=1e-3)
        if not message and k == 0:
            message = wrong.cut_off([found[n] for n in off], [wanted[n] for n in off])
        otherwise = "Not that of the least-squares quadratic with squares and all products."
        got, expected = (_shown(some[off[0]]) for some in (found, wanted))
        where = f"k = {len(found[off[0]])}" if len(off) < len(cases) else ""
        yield not_yet(label, 2, message or otherwise, got=got, expected=expected, look_at=where)


def _is_near(values: np.ndarray, wanted: np.ndarray) -> bool:
    """Tell whether values are the wanted ones, also where they are rounded to two decimals."""
    return np.allclose(values, wanted, rtol=1e-4, atol=0.0051)


def _shown(values: np.ndarray) -> str:
    return ", ".join(f"{v:.3g}" for v in values)


def _together(slips: list[wrong.Known]) -> wrong.Known:
    """Return slips of several cases as slips of all at once."""
    return [
        (np.concatenate([one for one, _ in same]), same[0][1]) for same in zip(*slips, strict=True)
    ]


def _bent_case(
    rng: np.random.Generator, k: int, outside: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Draw runs of a quadratic whose flat point is outside of the licence, or is not."""
    while True:
        # Some runs more, so that the runs' mean is not the centre.
        more = rng.uniform(-0.2, 1, (4, k))
        x = rng.permutation(np.concatenate([rivals._central_composite(k, 0.7, 4), more]))
        bent = np.diag(rng.uniform(1, 4, k) * rng.permutation([-1] * (k - 1) + [1]))
        bent += np.triu(rng.uniform(0.3, 0.9, (k, k)), 1)
        y = 20 + x @ rng.uniform(1, 3, k) + np.einsum("ni,ij,nj->n", x, bent, x)
        y += rng.normal(0, 0.3, len(x))
        far = np.abs(rivals._stationary(x, y)[0]).max()
        if (1.5 < far < 20) if outside else far < 0.9:
            return x, y


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · Where it is worth looking", points=5)
def improvement(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``expected_improvement`` and ``chance_within``."""
    rng = np.random.default_rng([plant_seed, 73])
    yield from guarded("expected improvement", 3, _improvement(answers, rng))
    yield from guarded("chance within", 2, _within(answers, rng))


def _improvement(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    function = answers.function("expected_improvement")
    best = float(rng.uniform(18, 22))
    mean, sd = best + rng.uniform(-2, 2, 8), rng.uniform(0.4, 2.5, 8)
    found = _array(function(mean.copy(), sd.copy(), best, shown="mean, sd, best"), (8,),
                   "expected_improvement")  # fmt: skip
    right = rivals._expected_improvement(mean, sd, best)
    if not np.allclose(found, right, rtol=CLOSE):
        message = recognised(found, wrong.improvements(mean, sd, best), rtol=CLOSE)
        otherwise = "Not what a bell curve is expected to exceed the best by."
        worst = int(np.abs(found - right).argmax())
        case = f"mean {mean[worst]:.3f}, sd {sd[worst]:.3f}, best {best:.3f}"
        got, expected = f"{found[worst]:.4g}", f"{right[worst]:.4g}"
        yield not_yet("expected improvement", 3, message or otherwise, got=got, expected=expected,
                      look_at=case)  # fmt: skip
        return
    yield passed("expected improvement", 2)
    sure = np.array([best - 1, best + 0.5, best])
    answer = function(sure.copy(), np.zeros(3), best, shown="mean, zeros, best")
    values = np.asarray(answer, dtype=float)
    if values.shape == (3,) and np.allclose(values, [0, 0.5, 0], atol=1e-6):
        yield passed("nothing unsure", 1)
        return
    message = "Where sd is 0, the improvement is mean - best, or 0 if that is negative."
    yield not_yet("nothing unsure", 1, message, got=describe(answer))


def _within(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    function = answers.function("chance_within")
    mean, sd = rng.uniform(-1, 0.5, (7, 3)), rng.uniform(0.2, 0.8, (7, 3))
    answer = function(mean.copy(), sd.copy(), shown="mean, sd")
    found = _array(answer, (7,), "chance_within", " One chance a recipe: a row is a recipe.")
    right = rivals._chance_within(mean, sd)
    if np.allclose(found, right, rtol=CLOSE):
        yield passed("chance within", 2)
        return
    message = recognised(found, wrong.chances(mean, sd), rtol=CLOSE)
    otherwise = "Not the chance that three margins are 0 or less, each a bell curve of its own."
    worst = int(np.abs(found - right).argmax())
    got, expected = f"{found[worst]:.5g}", f"{right[worst]:.5g}"
    yield not_yet("chance within", 2, message or otherwise, got=got, expected=expected)


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Three recipes for next week", points=5)
def proposals(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``propose``: recipes that may be run, near what is best, within the limits."""
    function = answers.function("propose")
    said = [_proposed(function, _labs(plant_seed)[0][0])]
    parts = list(guarded(_MADE_UP, POINTS_OF_SURFACES, _on_surfaces(function, plant_seed)))
    yield from parts
    counts = all(part.outcome is Outcome.PASSED for part in parts)
    yield from guarded(_IN_LABS, 2, _in_labs(function, said, plant_seed, counts))


_MADE_UP, _IN_LABS = "two of four made-up surfaces with limits", "in the laboratory"


def _proposed(function: Function, runs: Runs) -> np.ndarray:
    given = (runs.x.copy(), runs.y.copy(), runs.margins.copy(), runs.noise.copy())
    answer = function(*given, shown="x, y, margins, noise")
    try:
        new = material.checked(answer, "propose", batch=True)
    except CourseError as error:
        raise Stop(Outcome.NOT_YET, str(error), got=describe(answer)) from None
    if len(new) != material.BATCH:
        message = f"`propose` should give {material.BATCH} recipes, one row each."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return new


@lru_cache(maxsize=32)
def _labs(plant_seed: int) -> list[tuple[Runs, int, Turn]]:
    """Return what is known in some laboratories whose axes are unknown."""
    rng = np.random.default_rng([plant_seed, 74])
    seeds, turns, asked = [], [], []
    for _ in range(PLANTS):
        seeds.append(int(rng.integers(2**31)))
        order = tuple(map(int, rng.permutation(len(material.FACTORS))))
        turns.append((order, tuple(map(bool, rng.random(len(order)) < 0.5))))
        laboratory = Laboratory(seeds[-1], turns[-1])
        halves = np.split(material.spread(2 * material.RUNS, seeds[-1]), 2)
        asked += [(laboratory, half) for half in halves]
    runs = material.run_all(asked)
    known = [first + second for first, second in zip(runs[::2], runs[1::2], strict=True)]
    return list(zip(known, seeds, turns, strict=True))


@lru_cache(maxsize=32)
def _beside(plant_seed: int) -> tuple[float, float]:
    """Return the best of three recipes, true gain: drawn at random, and as the course proposes."""
    rng = np.random.default_rng([plant_seed, 75])
    drawn, own = [], []
    for runs, seed, turn in _labs(plant_seed):
        ours = rivals._propose(runs.x, runs.y, runs.margins, runs.noise)
        x = np.concatenate([ours, rng.random((8 * material.BATCH, ours.shape[1]))])
        gains = material.true_gains(x, seed, turn)[0].reshape(-1, material.BATCH).max(axis=1)
        own.append(gains[0])
        drawn.append(gains[1:].mean())
    return float(np.mean(drawn)), float(np.mean(own))


def _in_labs(
    function: Function, said: list[np.ndarray], plant_seed: int, counts: bool
) -> Iterator[Part]:
    labs = _labs(plant_seed)
    said = said + [_proposed(function, runs) for runs, *_ in labs[1:]]
    mine = np.mean(
        [
            material.true_gains(x, seed, turn)[0].max()
            for x, (_, seed, turn) in zip(said, labs, strict=True)
        ]
    )
    drawn, own = _beside(plant_seed)
    asked = drawn + OF_THE_WAY * (own - drawn)
    told = f"best of three: {100 * mine:+.0f} % true gain; random recipes {100 * drawn:+.0f} %, "
    told += f"the course's own {100 * own:+.0f} %"
    if mine >= asked and counts:
        yield passed(_IN_LABS, 2, told[0].upper() + told[1:] + ".")
        return
    if mine >= asked:
        message = "Worth enough, as are means of good runs here: this counts with two surfaces."
        yield not_yet(_IN_LABS, 2, message, got=told)
        return
    message = (
        "The recipes are worth too little, on average over three laboratories. Doses shall be "
        "large, and the axes are not always the same way."
    )
    yield not_yet(_IN_LABS, 2, message, got=told, expected=f"{100 * asked:+.0f} % or more")


@lru_cache(maxsize=32)
def _surfaces(plant_seed: int) -> list[made_up.Surface]:
    rng = np.random.default_rng([plant_seed, 76])
    return [made_up.drawn(rng) for _ in range(SURFACES)]


def _on_surfaces(function: Function, plant_seed: int) -> Iterator[Part]:
    surfaces = _surfaces(plant_seed)
    asked = [(some, _proposed(function, some.runs)) for some in surfaces]
    over = np.concatenate([some.bowl.margins(new) for some, new in asked])
    broken = (over > made_up.OVER_LIMIT).sum(axis=0)
    # Also a good way has a bad draw now and then, and chance a lucky one: the second best counts.
    asked.sort(key=lambda pair: -pair[0].gained(pair[1]))
    first, second = (f"{100 * some.gained(new):.0f} %" for some, new in asked[:SURFACES_COUNTED])
    some, new = asked[SURFACES_COUNTED - 1]
    if some.gained(new) >= BETTER:
        message = f"{first} and {second} of what was left to gain."
        yield passed(_MADE_UP, POINTS_OF_SURFACES, message)
    else:
        yield _too_little(some, new, broken)


def _too_little(some: made_up.Surface, new: np.ndarray, broken: np.ndarray) -> Part:
    """Say what is wrong with proposals: were they run before, do they break limits, which ones.

    ``broken`` (3,) counts for each limit the proposals that break it, on all surfaces.
    """
    over, gained = some.bowl.margins(new), some.gained(new)
    apart = np.abs(new[:, None] - some.runs.x).max(axis=2).min(axis=1)
    outside = (over > made_up.OVER_LIMIT).any(axis=1)
    got = f"{100 * max(gained, -9):.0f} % of what was left to gain, on the second best of four"
    expected = f"{100 * BETTER:.0f} % or more"
    if (apart < material.SAME).all():
        message = "All three are recipes that were run already. They gain nothing."
        return not_yet(_MADE_UP, POINTS_OF_SURFACES, message, expected=expected)
    if not outside.any():
        message = "All keep the limits; none is clearly better than the best run within."
        return not_yet(_MADE_UP, POINTS_OF_SURFACES, message, got=got, expected=expected)
    message = "All three break a limit."
    if not outside.all():
        message = (
            f"{outside.sum()} of 3 break a limit; what is left is hardly better than the runs."
        )
    first, second, third = broken
    message += (
        f" Of the {SURFACES * material.BATCH} proposals on all surfaces {first} break limit 1, "
        f"{second} limit 2, {third} limit 3. Does it look at each column of the margins?"
    )
    return not_yet(_MADE_UP, POINTS_OF_SURFACES, message, got=got, expected=expected)


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · An honest promise", points=4)
def curse(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``honest``: what it promises is, on average, what the chosen runs truly give."""
    function = answers.function("honest")
    rng = np.random.default_rng([plant_seed, 77])

    def promise(vessels: np.ndarray) -> float:
        return number(function(vessels.copy(), shown="vessels"), "honest")

    quiet = rng.normal(20, 3, (12, 1)) + rng.normal(0, 0.01, (12, 3))
    clear = quiet.mean(axis=1).max()
    said = promise(quiet)
    slips = {value: message for value, message in wrong.promises(quiet) if abs(value - clear) > 0.1}
    if abs(said - clear) > 0.1:
        message = named(said, slips, "With vessels that hardly differ, the best run is known.",
                        rtol=1e-6)  # fmt: skip
        yield not_yet("when vessels agree", 4, message, got=f"{said:.2f}", expected=f"{clear:.2f}")
        return
    asked = [_promised(promise, rng, *kind) for kind in (FEW, MANY)]
    allowed = [PART * one.naive.mean() + 2.6 * one.error for one in asked]
    told = "; ".join(
        f"{one.off.mean():+.2f} thousand doses off on average over tables of {kind[0]} runs (the "
        f"best reading {one.naive.mean():+.2f})"
        for one, kind in zip(asked, (FEW, MANY), strict=True)
    )
    for one, most, (runs, *_) in zip(asked, allowed, (FEW, MANY), strict=True):
        if abs(one.off.mean()) > most:
            words = "It promises too much" if one.off.mean() > 0 else "It promises too little"
            message = _slip(asked) or f"{words} of the best of {runs} runs, on average."
            expected = f"within {allowed[0]:.2f} and {allowed[1]:.2f}"
            yield not_yet("on average", 4, message, got=told, expected=expected)
            return
    yield passed("when vessels agree", 1)
    yield passed("on average", 3, told + ".")


@dataclass(frozen=True)
class _Promised:
    """Promises and best readings less the truth, (tables,); what slips come to, and shares."""

    off: np.ndarray
    naive: np.ndarray
    slips: dict[str, np.ndarray]
    shares: dict[str, np.ndarray]

    @property
    def error(self) -> float:
        return float(self.off.std(ddof=1) / np.sqrt(len(self.off)))


def _promised(
    promise: Callable[[np.ndarray], float],
    rng: np.random.Generator,
    runs: int,
    spread: float,
    noise: float,
) -> _Promised:
    """Ask for promises of many tables whose truth is known."""
    off, naive = [], []
    slips: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    for _ in range(CASES):
        true = rng.normal(20, spread, runs)
        vessels = true[:, None] + rng.normal(0, noise, (runs, 3))
        means = vessels.mean(axis=1)
        truth, said = true[means.argmax()], promise(vessels)
        off.append(said - truth)
        naive.append(means.max() - truth)
        for value, message in wrong.promises(vessels):
            slips[message].append(value - truth)
        for message, sd in wrong.spreads(vessels).items():
            shares[message].append((means.max() - said) / sd)
    lists = [{name: np.array(one) for name, one in some.items()} for some in (slips, shares)]
    return _Promised(np.array(off), np.array(naive), *lists)


def _slip(asked: list[_Promised]) -> str:
    """Return the message of what all promises are, or nothing."""
    known = [(np.concatenate([one.slips[name] for one in asked]), name) for name in asked[0].slips]
    message = recognised(np.concatenate([one.off for one in asked]), known, rtol=1e-6)
    for name in asked[0].shares:
        share = np.concatenate([one.shares[name] for one in asked])
        if not message and np.ptp(share) < 1e-6:
            message = f"It takes {share[0]:.2f} {name} off the best mean each time. {wrong.LUCK}"
    return message
