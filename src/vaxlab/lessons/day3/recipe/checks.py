"""Checks of day 3, notebook 3: thirty runs to a better recipe.

What a learner wrote is asked with numbers that are drawn for each ``plant_seed``. Proposals are
asked of laboratories whose axes are in another order, some turned round: a recipe known by heart
is none there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, named, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.errors import CourseError
from vaxlab.lessons.day3.recipe import material, rivals, wrong
from vaxlab.lessons.day3.recipe.material import Laboratory, Runs, Turn

CLOSE = 1e-5
# Calibrated by benchmarks/calibration_recipe.py.
PLANTS = 3
"""Laboratories that are asked for one proposal each; 60 recipes are known there."""
OF_THE_WAY = 0.5
"""Share of the way from random recipes to the course's own proposals."""
SURFACES, SURFACE_RUNS = 3, 24
BETTER = 1 / 3
"""Share of what is left between the best run and the best that keeps the limit."""
LEFT = 1.0
"""Doses, of some 20, that are left at least: of less, luck decides who gets half."""
OVER_LIMIT = 0.05
CASES = 120
"""Tables of vessels for which a promise is asked."""
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
        n = 2 ** (case[0] - 1) + 2 * case[0] + case[2]
        hint = f" Half a factorial has {2 ** (case[0] - 1)} corners here."
        found.append(_array(answer, (n, case[0]), "central_composite", hint))
    largest = max(float(np.abs(one).max()) for one in found)
    if largest > 1 + 1e-9:
        message = "Some runs are outside of -1 to 1: the plant is not licensed for them."
        yield not_yet("within the licence", 4, message, got=f"{largest:.3g}")
        return
    for points, name, look in ((2, "corners", _corners), (2, "axes and centre", _axes)):
        said = next((word for one, case in zip(found, cases, strict=True)
                     if (word := look(one, *case))), "")  # fmt: skip
        yield not_yet(name, points, said) if said else passed(name, points)


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
    middle = int((np.abs(x) < 1e-9).all(axis=1).sum())
    if middle != centres:
        return f"{middle} runs in the centre; {centres} are asked (the argument `centres`)."
    rows = x[(np.abs(x) > 1e-9).sum(axis=1) == 1]
    wanted = {(i, sign) for i in range(k) for sign in (-1, 1)}
    there = {(int(np.abs(row).argmax()), int(np.sign(row[np.abs(row).argmax()]))) for row in rows}
    if there != wanted:
        return f"Each of {k} axes has two points, at -1 and at 1, the other factors at 0."
    if not np.allclose(np.abs(rows).max(axis=1), 1):
        return "Axial points lie at the ends of the licence: -1 and 1."
    return ""


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · Top, saddle or ridge", points=4)
def surface(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``stationary``: the flat point of a fitted quadratic, and its curvatures."""
    function = answers.function("stationary")
    rng = np.random.default_rng([plant_seed, 72])
    cases = [_bent_case(rng, 5), _bent_case(rng, 3)]
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
        values, wanted = np.concatenate(found), np.concatenate([one[k] for one in right])
        if np.allclose(values, wanted, rtol=1e-4, atol=1e-6):
            yield passed(label, 2)
            continue
        known = _together([slips(x, y) for x, y in cases])
        otherwise = "Not that of the least-squares quadratic with squares and all products."
        got, expected = (", ".join(f"{v:.3g}" for v in some[:5]) for some in (values, wanted))
        message = recognised(values, known, rtol=1e-3) or otherwise
        yield not_yet(label, 2, message, got=got, expected=expected)


def _together(slips: list[wrong.Known]) -> wrong.Known:
    """Return slips of several cases as slips of all at once."""
    return [
        (np.concatenate([one for one, _ in same]), same[0][1]) for same in zip(*slips, strict=True)
    ]


def _bent_case(rng: np.random.Generator, k: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.permutation(rivals._central_composite(k, 0.7, 4))
    bent = np.diag(rng.uniform(1, 4, k) * rng.permutation([-1] * (k - 1) + [1]))
    bent += np.triu(rng.uniform(0.3, 0.9, (k, k)), 1)
    y = 20 + x @ rng.uniform(1, 3, k) + np.einsum("ni,ij,nj->n", x, bent, x)
    return x, y + rng.normal(0, 0.3, len(x))


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
        got, case = f"{found[0]:.4g}", f"mean {mean[0]:.3f}, sd {sd[0]:.3f}, best {best:.3f}"
        expected = f"{right[0]:.4g}"
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
    got, expected = f"{found[0]:.4g}", f"{right[0]:.4g}"
    yield not_yet("chance within", 2, message or otherwise, got=got, expected=expected)


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Three recipes for next week", points=5)
def proposals(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``propose``: recipes that may be run, near what is best, within the limits."""
    function = answers.function("propose")
    said = [_proposed(function, _labs(plant_seed)[0][0])]
    yield from guarded(_MADE_UP, SURFACES, _on_surfaces(function, plant_seed))
    yield from guarded(_IN_LABS, 2, _in_labs(function, said, plant_seed))


_MADE_UP, _IN_LABS = "a made-up surface with a limit", "in the laboratory"


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


def _in_labs(function: Function, said: list[np.ndarray], plant_seed: int) -> Iterator[Part]:
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
    if mine >= asked:
        yield passed(_IN_LABS, 2, told[0].upper() + told[1:] + ".")
        return
    message = (
        "The recipes are worth too little, on average over three laboratories. Doses shall be "
        "large, and the axes are not always the same way."
    )
    yield not_yet(_IN_LABS, 2, message, got=told, expected=f"{100 * asked:+.0f} % or more")


def _on_surfaces(function: Function, plant_seed: int) -> Iterator[Part]:
    rng = np.random.default_rng([plant_seed, 76])
    for k in range(SURFACES):
        some, runs = _bowl(rng)
        new, name = _proposed(function, runs), f"{_MADE_UP}, {k + 1}"
        over = some.margin(new)
        fine = over <= OVER_LIMIT
        kept = some.margin(runs.x) <= 0
        best, top = some.doses(runs.x[kept]).max(), some.best()
        gained = (some.doses(new).max(initial=-np.inf, where=fine) - best) / (top - best)
        if not fine.any():
            message = "All proposals break a limit that the runs show clearly: 0 or less is fine."
            got = "margins " + ", ".join(f"{v:+.2f}" for v in over)
            yield not_yet(name, 1, message, got=got)
        elif gained < BETTER:
            message = "No proposal within the limit is clearly better than the best run so far."
            got = f"{100 * max(gained, -9):.0f} % of what was left to gain"
            yield not_yet(name, 1, message, got=got, expected=f"{100 * BETTER:.0f} % or more")
        else:
            yield passed(name, 1, f"{100 * gained:.0f} % of what was left to gain.")


def _bowl(rng: np.random.Generator) -> tuple[_Bowl, Runs]:
    """Draw a surface of whose runs some keep the limit, the best of them far from the top."""
    while True:
        some = _Bowl(rng)
        x = material.spread(SURFACE_RUNS, int(rng.integers(2**31)))
        kept = some.margin(x) <= 0
        left = some.best() - some.doses(x).max(initial=-np.inf, where=kept)
        if kept.sum() >= SURFACE_RUNS / 4 and left >= LEFT:
            return some, some.runs(x)


class _Bowl:
    """Doses that fall off from a top, and a limit that cuts the top off."""

    def __init__(self, rng: np.random.Generator) -> None:
        k = len(material.FACTORS)
        self._top = rng.choice([0.25, 0.75], k) + rng.uniform(-0.1, 0.1, k)
        self._steep = rng.uniform(6, 14, k)
        way = rng.normal(size=k)
        self._way = way / np.linalg.norm(way)
        self._cut = float(self._top @ self._way) - rng.uniform(0.1, 0.2)

    def doses(self, x: np.ndarray) -> np.ndarray:
        return 20 - ((x - self._top) ** 2 * self._steep).sum(axis=1)

    def margin(self, x: np.ndarray) -> np.ndarray:
        return x @ self._way - self._cut

    def best(self) -> float:
        """Return the most doses that a recipe of the cube gives within the limit."""
        low, high = 0.0, 1e3  # what a step over the limit costs: just enough to stay within
        for _ in range(60):
            cost = (low + high) / 2
            x = np.clip(self._top - cost * self._way / self._steep, 0, 1)
            low, high = (cost, high) if x @ self._way > self._cut else (low, cost)
        return float(self.doses(x[None])[0])

    def runs(self, x: np.ndarray) -> Runs:
        # Vessels that hardly differ; two limits are never near, the last one is the cut.
        doses = self.doses(x)[:, None] + np.array([-0.05, 0.0, 0.05])
        margins = np.column_stack([x[:, 0] - 3.0, x[:, 1] - 3.0, self.margin(x)])
        logs = margins - material.ONE_SIDED_95 * material.BATCH_SD + np.log(material.LIMITS)
        spread = np.array([-0.01, 0.0, 0.01])[None, :, None]
        return Runs(x, doses, np.exp(logs[:, None] + spread))


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
    off, naive, known = _off(promise, rng)
    clean = off.std(ddof=1) / np.sqrt(len(off))
    allowed = PART * naive.mean() + 2.6 * clean
    if abs(off.mean()) > allowed:
        message = recognised(off, known, rtol=1e-6) or (
            "On average it promises too much." if off.mean() > 0 else "It promises too little."
        )
        got = f"{off.mean():+.2f} thousand doses off on average"
        expected = f"within {allowed:.2f}; the best reading itself is {naive.mean():+.2f} off"
        yield not_yet("on average", 4, message, got=got, expected=expected)
        return
    yield passed("when vessels agree", 1)
    yield passed("on average", 3, f"{off.mean():+.2f} off, the best reading {naive.mean():+.2f}.")


def _off(
    promise: Any, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, str]]]:
    """Return promises less the truth, best readings less the truth, and known slips'."""
    off, naive, slips = [], [], []
    for _ in range(CASES):
        true = rng.normal(17, 1.5, 30)
        vessels = true[:, None] + rng.normal(0, 2.0, (30, 3))
        means = vessels.mean(axis=1)
        truth = true[means.argmax()]
        off.append(promise(vessels) - truth)
        naive.append(means.max() - truth)
        slips.append(wrong.promises(vessels))
        slips[-1] = [(value - truth, message) for value, message in slips[-1]]
    known = [
        (np.array([value for value, _ in same]), same[0][1]) for same in zip(*slips, strict=True)
    ]
    return np.array(off), np.array(naive), known
