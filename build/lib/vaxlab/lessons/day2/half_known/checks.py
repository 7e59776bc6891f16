"""Checks of day 2, notebook 4: balances with a network in them.

No check trains anything. What a learner wrote is asked with numbers that are drawn for each
``plant_seed``; the hybrid that a learner trained is asked for its rates, inside the plant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from vaxlab.checks import border
from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.errors import CourseError
from vaxlab.lessons.day2.half_known import material, rivals, wrong
from vaxlab.lessons.day2.half_known.handed import Slope, Told

# Calibrated on 22 seeds of the plant, see tests/lessons/day2/test_half_known.py for the table.
INSIDE_RATIO, OUTSIDE_RATIO = 0.8, 0.6
"""Largest miss over that of the pure network inside, of the best pure model outside; they learn
from the same 24 runs."""
GROWTH_WITHIN = 0.15
"""Largest median difference of the learned growth rate from the plant's own, relative."""
GROWTH_BOUND, UPTAKE_BOUND = 0.1, 1.0
"""No rate may be above, 1/h and pmol/cell/h; the notebook asks for about a third of it."""
ALIVE = {"growth": 0.02, "uptake": 0.15}
"""What each rate must be able to reach, in the same units: the plant's own cells do."""
LEAN_GLUCOSE = 5.0
STILL = {"growth": 0.02, "uptake": 0.22}
"""What they must still reach at so little glucose, mmol/L; the plant's own reach half as much
again."""
NOTHING = 1e-6
LEAN = material.OUTSIDE | {
    "inoculum_cells_per_ml": (5e5, 6e5),
    "glucose_mmol_per_l": (5.0, 8.0),
    "glutamine_mmol_per_l": (0.5, 1.0),
}
NO_SLOPE = 1e-9
"""Slope of a rate by what the network says that counts as none."""
WILD_H = 48.0
"""How long the plant runs on a seam, h, and in which medium: it is eaten up by then."""
FIRST_H = 72.0
"""How long a trained hybrid is followed outside the range, h."""
CLOSE = 1e-5


_OF_NAN = {
    "hybrid": " The losses may be finite all the same: it is asked on runs that it has not seen. "
    "Either a weight is NaN, or the seam divides by zero or takes a root or a logarithm of "
    "something negative; clamp the features first.",
}


def _array(
    answer: Any, shape: tuple[int, ...], name: str, hint: str = "", kind: str = "a tensor"
) -> np.ndarray:
    """Read an array or tensor of a shape, or say what came instead."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != shape:
        message = f"`{name}` should give {kind} of shape {shape}.{hint}"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if np.isnan(values).any():
        message = f"`{name}` gives NaN here.{_OF_NAN.get(name, '')}"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return values


def _pair(answer: Any, name: str, what: str) -> list[Any]:
    """Return the two things that a function gives."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, tuple | list) and len(answer) == 2:
        return list(answer)
    if getattr(answer, "ndim", 0) == 2 and len(answer) == 2:
        return list(answer)
    raise Stop(Outcome.NOT_YET, f"`{name}` should give two things: {what}.", got=describe(answer))


def _called(function: Function, *given: Any, shown: str) -> Any:
    """Call a learner's function with tensors; torch's own advice on gradients would mislead."""
    try:
        return function(*given, shown=shown)
    except Stop as stop:
        if "requires grad" in stop.message or "leaf Variable" in stop.message:
            stop.message = (
                "Gradients end here: use operations of torch only, and write into no tensor that "
                f"came in. (PyTorch says: {stop.message.partition(': ')[2][:90]})"
            )
        raise


def _gradient(function: Function, given: tuple[Any, ...], k: int, n: int = 1) -> list[Any]:
    """Return the gradient of each of n answers' sums by ``given[k]``, None where it was lost.

    The function has answered to the same numbers before: what stops it now is the gradient.
    """
    watched = [part.detach().clone() for part in given]
    watched[k] = watched[k].as_subclass(Told).requires_grad_()
    try:
        answer = function(*watched, shown="…")
        answers = _pair(answer, "", "") if n == 2 else [answer]
        found = [np.asarray(part, dtype=float) for part in answers]
    except (Stop, TypeError, ValueError):
        return [None] * n
    shape = (1, *given[k].shape)
    return [part[0] if part.shape == shape else None for part in found]


_LOST = (
    "{} does not let gradients through. No numpy, .detach(), .item(), .data or torch.tensor(...) "
    "on the way: use operations of torch only."
)


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · Three balances", points=4)
def balances(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``balances``: rates of change of cells, glucose and lactate."""
    function = answers.function("balances")
    rng = np.random.default_rng([plant_seed, 51])
    given = _small_states(rng)
    state, growth, uptake = given
    answer = _called(function, *given, shown="state, growth, uptake")
    hint = " Stack the three columns: `torch.stack([...], dim=1)`."
    found = _array(answer, (len(state), 3), "balances", hint)
    for k, name in enumerate(("state", "growth", "uptake")):
        if _gradient(function, given, k)[0] is None:
            raise Stop(Outcome.NOT_YET, _LOST.format("`balances`"), got=f"none for `{name}`")
    right = material._balances(*given).detach().numpy()
    cells, used = state[:, 0].detach().numpy(), -right[:, 1]
    growth, uptake = growth.detach().numpy(), uptake.detach().numpy()
    known = (wrong.growth(cells, growth, right), wrong.use(cells, growth, uptake, used))
    known = (*known, wrong.lactate(used, right))
    parts = zip(("cells", "glucose", "lactate"), (1, 2, 1), known, strict=True)
    for k, (name, points, slips) in enumerate(parts):
        if np.allclose(found[:, k], right[:, k], rtol=CLOSE, atol=0):
            yield passed(name, points)
            continue
        message = recognised(found[:, k], slips, atol=0)
        otherwise = "Not the rate of change per hour. Work one run out by hand, units and all."
        got = f"{found[0, k]:.4g} per h"
        case = f"{cells[0]:.4g} cells/mL, {growth[0]:.3f} 1/h, {uptake[0]:.2f} pmol/cell/h"
        yield not_yet(name, points, message or otherwise, got=got, look_at=case)


def _small_states(rng: np.random.Generator, n: int = 5) -> list[torch.Tensor]:
    columns = [rng.uniform(2e5, 1.5e6, n), rng.uniform(5, 30, n), rng.uniform(1, 30, n)]
    drawn = np.column_stack(columns), rng.uniform(0.005, 0.04, n), rng.uniform(0.1, 0.4, n)
    return [torch.tensor(part, dtype=torch.float64, requires_grad=True) for part in drawn]


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · One step", points=4)
def step(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``rk4_step``: against the classical method, on slopes that are not linear."""
    function = answers.function("rk4_step")
    rng = np.random.default_rng([plant_seed, 52])
    for points, kind, h in ((2, "growth", 0.7), (2, "turning", 1.3)):
        slope = Slope(kind)
        state = torch.tensor(rng.uniform(0.5, 2.0, (4, 3)), dtype=torch.float64)
        state.requires_grad_()
        label = f"a step of {h} h"
        yield from guarded(label, points, _one_step(function, slope, state, h, label, points))


def _one_step(
    function: Function, slope: Slope, state: torch.Tensor, h: float, label: str, points: int
) -> Iterator[Part]:
    answer = _called(function, slope, state, h, shown=f"slope, state, {h}")
    found = _array(answer, tuple(state.shape), "rk4_step", " It is the state after the step.")
    right = material._rk4_step(slope, state, h).detach().numpy()
    if np.allclose(found, right, rtol=1e-7):
        yield passed(label, points)
        return
    off = f"largest difference {np.abs(found - right).max():.2g}"
    otherwise = "Not the state after one step. Go through k1 to k4 and the last line once more."
    said = recognised(found.ravel(), wrong.steps(slope, state, h), rtol=1e-7)
    yield not_yet(label, points, said or otherwise, got=off)


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · The seam", points=5)
def seam(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``seam``: bounded rates, none where nothing is left, and the plant runs on them."""
    function = answers.function("seam")
    rng = np.random.default_rng([plant_seed, 53])

    raw = np.concatenate([rng.normal(0, 3, (20, 2)), [[60, 60], [-60, -60], [60, -60]]])
    culture = _culture(rng, len(raw))

    def rates(raw: np.ndarray, **changed: float) -> dict[str, np.ndarray]:
        features = np.column_stack(list((culture | _same(changed, len(raw))).values()))
        answer = _called(
            function,
            torch.tensor(raw, dtype=torch.float32, requires_grad=True),
            torch.tensor(features, dtype=torch.float32, requires_grad=True),
            shown="raw, features",
        )
        both = _pair(answer, "seam", "growth and uptake, (B,) each")
        hint = " One rate a row: take one column of `raw` for each."
        return {
            name: _array(part, (len(raw),), f"seam ({name})", hint)
            for name, part in zip(("growth", "uptake"), both, strict=True)
        }

    usual, other = rates(raw), rates(raw[::-1].copy())
    bounded, alive = _bounds(usual, other)
    said = _no_slope(function) if alive and bounded.outcome is Outcome.PASSED else ""
    yield not_yet("rates of cells", 1, said) if said else bounded
    if not alive:
        yield not_yet("at the limits, in the plant", 4, "First the rates themselves, above.")
        return
    yield from guarded("no free surface", 1, _no_surface(rates, raw))
    yield from guarded("no glucose, no glutamine", 1, _nothing_left(rates, raw))
    label = "in the plant"
    yield from guarded(label, 2, _wild(function, rng, label))


def _culture(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Return features of n cultures that lack nothing, in the order of the hook's."""
    drawn = {
        "glucose_mmol_per_l": rng.uniform(15, 30, n),
        "glutamine_mmol_per_l": rng.uniform(1.5, 4, n),
        "lactate_mmol_per_l": rng.uniform(0, 25, n),
        "ammonium_mmol_per_l": rng.uniform(0, 2, n),
        "living_cells_per_ml": rng.uniform(3e5, 1e6, n),
    }
    held = _same({"do_percent": 60.0, "ph": 7.2, "temperature_c": 37.0}, n)
    return drawn | held | {"free_surface_share": rng.uniform(0.8, 1.0, n)}


def _same(values: dict[str, float], n: int) -> dict[str, np.ndarray]:
    return {name: np.full(n, value) for name, value in values.items()}


def _bounds(usual: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> tuple[Part, bool]:
    """Return the part on the rates' size, and whether they answer to the network at all."""
    label = "rates of cells"
    for name, values in usual.items():
        if np.ptp(values) < NOTHING or np.allclose(values, other[name]):
            said = f"The {name} is the same whatever the network says: `raw` has no part in it."
            return not_yet(label, 1, said, got=f"{values[0]:.3g}"), False
    bounds = {"growth": GROWTH_BOUND, "uptake": UPTAKE_BOUND}
    for name, values in usual.items():
        if values.min() < -NOTHING:
            said = (
                f"A {name} is negative. The network may say any number; a sigmoid or a softplus "
                "makes it positive."
            )
            return not_yet(label, 1, said, got=f"{values.min():.3g}"), True
        if values.max() > bounds[name] * (1 + CLOSE):
            said = (
                f"A {name} is larger than any cell's, {bounds[name]:g}. Bound it, as with a "
                "sigmoid."
            )
            return not_yet(label, 1, said, got=f"{values.max():.3g}"), True
        if values.max() < ALIVE[name]:
            said = (
                f"The {name} can not become as large as that of living cells: about 0.035 1/h "
                "for growth, 0.35 pmol/cell/h for uptake."
            )
            return not_yet(label, 1, said, got=f"{values.max():.3g} at the most"), True
    return passed(label, 1), True


def _no_slope(function: Function) -> str:
    """Say in what a seam keeps the networks behind it from learning, or nothing."""
    raw = torch.linspace(-3, 3, 13)[:, None].repeat(1, 2)
    culture = _culture(np.random.default_rng(0), len(raw))
    features = torch.tensor(np.column_stack(list(culture.values())), dtype=torch.float32)
    slopes = _gradient(function, (raw, features), 0, 2)
    for name, found in zip(("growth", "uptake"), slopes, strict=True):
        if found is None:
            return _LOST.format(f"The {name} of the seam")
        if not np.isfinite(found).all():
            return f"The slope of the {name} by `raw` is NaN or infinite: no network learns of it."
        flat = np.abs(found).max(axis=1) < NO_SLOPE
        if flat.any():
            return (
                f"The {name} has no slope where `raw` is {raw[flat][0, 0]:.3g}: a clamp or a relu "
                "is flat there, and the network behind it can not learn. Use a function that rises "
                "everywhere, as a sigmoid does."
            )
    return ""


def _no_surface(rates: Callable[..., dict[str, np.ndarray]], raw: np.ndarray) -> Iterator[Part]:
    label = "no free surface"
    packed = rates(raw, free_surface_share=0.0)
    full, half = packed["growth"], rates(raw, free_surface_share=0.5)["growth"]
    if np.abs(full).max() > NOTHING:
        said = "Cells still grow on full carriers. Multiply the growth by the free share."
        yield not_yet(label, 1, said, got=f"{np.abs(full).max():.3g} 1/h")
    elif half.max() < 0.1 * ALIVE["growth"]:
        said = "On carriers half full hardly anything grows. The growth should fall bit by bit."
        yield not_yet(label, 1, said, got=f"{half.max():.3g} 1/h")
    elif packed["uptake"].max() < ALIVE["uptake"]:
        said = "On full carriers cells live on, and eat: the uptake needs no free surface."
        yield not_yet(label, 1, said, got=f"{packed['uptake'].max():.3g} pmol/cell/h at the most")
    else:
        yield passed(label, 1)


def _nothing_left(rates: Callable[..., dict[str, np.ndarray]], raw: np.ndarray) -> Iterator[Part]:
    label = "no glucose, no glutamine"
    for what, names in (("glucose", ("uptake", "growth")), ("glutamine", ("growth",))):
        feature = f"{what}_mmol_per_l"
        none, below = (rates(raw, **{feature: level}) for level in (0.0, -0.3))
        for name in names:
            if np.abs(none[name]).max() > NOTHING:
                said = f"Without {what} there is still {name}. Nothing comes of nothing."
                yield not_yet(label, 1, said, got=f"{np.abs(none[name]).max():.3g}")
                return
            if np.abs(below[name]).max() > NOTHING:
                said = (
                    f"A step may end a little below zero; at -0.3 mmol/L of {what} the {name} "
                    "should be 0. `clamp(min=0)` takes care of it."
                )
                got = f"{below[name].min():.3g} to {below[name].max():.3g}"
                yield not_yet(label, 1, said, got=got)
                return
    little = rates(raw, glucose_mmol_per_l=0.02)["uptake"].max()
    if little > 0.5 * ALIVE["uptake"]:
        said = (
            "The uptake falls to nothing at one blow: at 0.02 mmol/L of glucose much of it is "
            "still there, and no integrator can follow. Let it fade, as `glucose / (glucose + 1)` "
            "does."
        )
        yield not_yet(label, 1, said, got=f"{little:.3g} pmol/cell/h")
        return
    lean = rates(raw, glucose_mmol_per_l=LEAN_GLUCOSE)
    for name, least in STILL.items():
        if lean[name].max() < least:
            said = (
                f"The {name} fades out too early: at {LEAN_GLUCOSE:g} mmol/L of glucose living "
                f"cells still reach {least:g}. A small number beside the glucose, such as 1, will "
                "do."
            )
            yield not_yet(label, 1, said, got=f"{lean[name].max():.3g} at the most")
            return
    yield passed(label, 1)


def _wild(function: Function, rng: np.random.Generator, label: str) -> Iterator[Part]:
    """Let the plant run outside the range, with networks that say anything."""
    networks = material.Networks(4, int(rng.integers(2**31)))
    with torch.no_grad():
        # Two that say now this, now that; two that say the same whatever they see.
        networks.last *= torch.tensor([60.0, 60.0, 0.0, 0.0])[:, None, None]
        biases = [[1.0, 2.0], [3.0, 3.0], [9.0, 9.0], [9.0, -3.0]]
        networks.last_bias += torch.tensor(biases)[:, None]

    def rates(features: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with torch.no_grad():
            raw = networks(features)
        both = _pair(_called(function, raw, features, shown="raw, features"), "seam", "two rates")
        return tuple(torch.as_tensor(np.asarray(part), dtype=torch.float32) for part in both)

    rates.members = 4
    some = material.Runs(material.spread(LEAN, 6, rng), np.array([WILD_H]), np.empty((6, 1, 5)))
    yield from _never_below(rates, some, label, 2)


def _never_below(
    rates: material.Rates, some: material.Runs, label: str, points: float
) -> Iterator[Part]:
    said = _in_lean_medium(rates, some)
    lowest = float(said.min())
    if lowest < -material.ROUNDING:
        message = "A concentration falls below zero. Which rate goes on where nothing is left?"
        yield not_yet(label, points, message, got=f"{lowest:.3g} mmol/L")
    else:
        yield passed(label, points, f"Nothing below zero in {len(some.recipes)} lean runs.")


def _in_lean_medium(rates: material.Rates, some: material.Runs) -> np.ndarray:
    """Run the plant in steps of 2 h, and of 1 h where those are too long for a steep seam."""
    try:
        said = _simulated(rates, some, 2.0)
        if said.min() >= -material.ROUNDING:
            return said
    except Stop:
        pass
    return _simulated(rates, some, material.PREDICT_STEP_H)


def _simulated(rates: material.Rates, some: material.Runs, step_h: float) -> np.ndarray:
    """Run the plant on rates; what it cannot follow is the rates' fault, and said so."""
    try:
        with torch.no_grad():
            said = material.simulate(rates, some, step_h).numpy()
    except CourseError as error:
        if error.__cause__ or error.__context__:
            raise
        message = (
            "The plant could not follow these rates: "
            f"{str(error).partition('returned ')[2].partition(';')[0] or 'no finite number'}. "
            "As a rule the glucose went below zero, for the uptake did not end."
        )
        raise Stop(Outcome.NOT_YET, message) from None
    if not np.isfinite(said).all():
        raise Stop(Outcome.NOT_YET, "The plant ran into NaN with these rates.")
    return said


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Through the integrator", points=5)
def trained(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``misfit`` on small tensors, and the rates of the learner's trained ``hybrid``."""
    rng = np.random.default_rng([plant_seed, 54])
    yield from guarded("misfit", 2, _misfits(answers, rng))
    yield from guarded("hybrid", 3, _hybrid(answers, plant_seed))


def _misfits(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    function = answers.function("misfit")
    for label, gaps in (("misfit, nothing missing", 0.0), ("misfit, with gaps", 0.3)):
        values, cases, given = [], [], ()
        for _ in range(3):
            case = _misfit_case(rng, gaps)
            given = [torch.tensor(part, dtype=torch.float64) for part in case]
            given[0].requires_grad_()
            answer = _called(function, *given, shown="predicted, measured, scale")
            values.append(number(answer, "misfit"))
            cases.append(wrong.misfits(*case))
        right = [said[""] for said in cases]
        if np.allclose(values, right, rtol=CLOSE):
            said = _cannot_be_trained(function, given)
            yield not_yet(label, 1, said) if said else passed(label, 1)
            continue
        known = [([said[say] for said in cases], say) for say in cases[0] if say]
        otherwise = "Not the mean of the squares of (predicted - measured) / scale."
        got = ", ".join(f"{value:.4g}" for value in values)
        look_at = "expected " + ", ".join(f"{value:.4g}" for value in right)
        yield not_yet(label, 1, recognised(values, known) or otherwise, got=got, look_at=look_at)


def _cannot_be_trained(function: Function, given: list[torch.Tensor]) -> str:
    """Say what is wrong with the gradient of a misfit whose value is right, or nothing."""
    found = _gradient(function, given, 0)[0]
    if found is None:
        return "The value is right. " + _LOST.format("But it")
    if not np.isfinite(found).all():
        return (
            "The value is right, its gradient is NaN: a missing reading gets into it (zero times "
            "NaN). Pick what is there before you square, `off[~torch.isnan(measured)]`."
        )
    return ""


def _misfit_case(rng: np.random.Generator, gaps: float) -> tuple[np.ndarray, ...]:
    scale = np.array([3e5, 8.0, 1.0, 10.0, 0.5])
    measured = scale * rng.uniform(0.5, 3, (2, 4, 3, 5))
    predicted = measured + scale * rng.normal(0.2, 0.4, measured.shape)
    if gaps:
        measured[rng.random(measured.shape) < gaps] = np.nan
    return predicted, measured, scale


def _hybrid(answers: Answers, plant_seed: int) -> Iterator[Part]:
    rates = _rates_of(answers)
    exam = material.exam_runs(False, plant_seed)
    said = _simulated(rates, exam, material.TRAIN_STEP_H)
    over = _over_pure(said, exam)
    ratio, best = over["pure network"], max(over, key=over.get)
    label = "hybrid, inside the range"
    if ratio > INSIDE_RATIO:
        message = (
            "It misses runs inside the range by too much. Does the loop train through the "
            "integrator, for some 24 epochs, and does the loss still fall?"
        )
        behind = _of_the_seam(answers)
        message = f"The seam is the cause. {behind}" if behind else message
        got = f"{ratio:.2f} of the pure network's miss"
        yield not_yet(label, 3, message, got=got, look_at=f"at most {INSIDE_RATIO}")
        return
    message = f"It misses by {ratio:.2f} of what the pure network does"
    beside = f", by {over[best]:.2f} of the best pure model, {best}."
    yield passed(label, 1, message + beside)
    yield _growth(rates, plant_seed)
    yield from _outside(rates, plant_seed)


def _of_the_seam(answers: Answers) -> str:
    """Return why nothing can be trained behind the learner's seam, or nothing."""
    try:
        return _no_slope(answers.function("seam"))
    except Stop:
        return ""


def _over_pure(said: np.ndarray, exam: material.Runs) -> dict[str, float]:
    """Return a hybrid's miss over that of each pure model.

    The learner's hybrid was trained on the notebook's 24 runs, and so are the pure models.
    """
    miss = material.miss(said.mean(axis=0), exam)
    pure = rivals.pure_predictions(exam)
    return {name: miss / material.miss(values, exam) for name, values in pure.items()}


def _growth(rates: material.Rates, plant_seed: int) -> Part:
    label = "its growth rate"
    exam = material.exam_runs(False, plant_seed)
    features = material._features(exam).reshape(-1, 9)
    with torch.no_grad():
        rows = torch.tensor(np.tile(features, (rates.members, 1)), dtype=torch.float32)
        learned = rates(rows)[0].numpy().reshape(rates.members, -1).mean(axis=0)
    off = float(np.median(np.abs(learned / material._true_rates(features)[:, 0] - 1)))
    if off <= GROWTH_WITHIN:
        return passed(label, 1, f"Within {100 * off:.0f} % of the plant's own.")
    message = "The growth rate is further from the plant's own than it should be."
    return not_yet(label, 1, message, got=f"{100 * off:.0f} %", look_at="15 % at the most")


def _outside(rates: material.Rates, plant_seed: int) -> Iterator[Part]:
    label = "hybrid, outside the range"
    exam = _first_days(material.exam_runs(True, plant_seed))
    said = _in_lean_medium(rates, exam)
    over = _over_pure(said, exam)
    best = max(over, key=over.get)
    ratio = over[best]
    if said.min() < -material.ROUNDING:
        message = "A concentration falls below zero outside the range: is the seam in it?"
        yield not_yet(label, 1, message, got=f"{said.min():.3g} mmol/L")
    elif ratio > OUTSIDE_RATIO:
        got = f"{ratio:.2f} of the miss of the best pure model, {best}"
        message = "Outside the range it is hardly better than a model without balances."
        yield not_yet(label, 1, message, got=got, look_at=f"at most {OUTSIDE_RATIO}")
    else:
        yield passed(label, 1, f"It misses by {ratio:.2f} of what the best pure model does.")


def _first_days(some: material.Runs) -> material.Runs:
    """Return runs up to `FIRST_H`: hour by hour is dear, and glucose has run out by then."""
    kept = some.hours <= FIRST_H
    return material.Runs(some.recipes, some.hours[kept], some.values[:, kept])


def _rates_of(answers: Answers) -> material.Rates:
    """Return the learner's trained module as rates that the plant can ask."""
    hybrid = answers.value("hybrid")
    if not (isinstance(hybrid, border.FarFunction) or callable(hybrid)):
        message = "`hybrid` should be the trained module: something to call with features."
        raise Stop(Outcome.NOT_YET, message, got=describe(hybrid))
    if border.is_a(hybrid, "builtins.type"):
        raise Stop(Outcome.NOT_YET, "`hybrid` is a class. Are its brackets missing?")
    function = Function("hybrid", hybrid)

    def rates(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        answer = function(features, shown="features")
        both = _pair(answer, "hybrid", "growth and uptake, (B,) each")
        hint = " Did the seam give one rate a row?"
        growth, uptake = (_array(part, (len(features),), "hybrid", hint) for part in both)
        return tuple(torch.tensor(part, dtype=torch.float32) for part in (growth, uptake))

    # Six networks side by side get a sixth of the rows each; one alone says the same six times.
    rates.members = material.MEMBERS
    return rates


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · Told apart?", points=4)
def apart(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``told_apart``: standard errors and correlations from sensitivities."""
    function = answers.function("told_apart")
    rng = np.random.default_rng([plant_seed, 55])
    tables = [rivals.sensitivities(plant_seed).to_numpy()]
    mixed = np.eye(3) + rng.uniform(0.2, 0.9, (3, 3))
    tables.append(rng.normal(size=(60, 3)) @ mixed * rng.uniform(1, 9, 3))
    errors, correlations = [], []
    for slopes in tables:
        answer = _called(function, slopes.copy(), shown="slopes")
        two = _pair(answer, "told_apart", "standard errors and correlations")
        n = slopes.shape[1]
        errors.append(_array(two[0], (n,), "told_apart (errors)", " One for each constant."))
        square = f" One row and one column for each of the {n} constants."
        correlations.append(_array(two[1], (n, n), "told_apart (correlations)", square))
    found = np.concatenate(errors), np.concatenate([c.ravel() for c in correlations])
    labels = ("standard errors", "correlations")
    for label, values, slips in zip(labels, found, wrong.apart(tables), strict=True):
        if np.allclose(values, slips[""], rtol=1e-4, atol=1e-9):
            yield passed(label, 2)
            continue
        known = [(slip, say) for say, slip in slips.items() if say]
        said = recognised(values, known, rtol=1e-4)
        otherwise = "Not what the inverse of slopesᵀ · slopes gives."
        yield not_yet(label, 2, said or otherwise, got=", ".join(f"{v:.3g}" for v in values[:5]))


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · As wide as it must be", points=4)
def interval(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``interval``: misses are counted in units of the networks' spread."""
    function = answers.function("interval")
    rng = np.random.default_rng([plant_seed, 56])
    for points, label, n, level in (
        (2, "91 misses, 90 %", 91, 0.9),
        (1, "27 misses, 80 %", 27, 0.8),
    ):
        yield from guarded(label, points, _ends(function, rng, label, points, n, level))
    label = "too few misses"
    yield from guarded(label, 1, _too_few(function, rng, label))


def _interval_case(rng: np.random.Generator, n: int, level: float) -> tuple[Any, ...]:
    spreads = rng.uniform(0.02, 0.2, n)
    misses = spreads * rng.standard_t(4, n) * 2
    return rng.uniform(0.3, 1.5, 12), rng.uniform(0.02, 0.4, 12), misses, spreads, level


_GIVEN = "predicted, spread, misses, spreads, "


def _ends(
    function: Function, rng: np.random.Generator, label: str, points: int, n: int, level: float
) -> Iterator[Part]:
    case = _interval_case(rng, n, level)
    halves = _halves(function, case)
    right = material._interval(*case)[1] - case[0]
    if np.allclose(halves, right, rtol=CLOSE):
        yield passed(label, points)
        return
    said = recognised(halves, wrong.halves(*case), rtol=CLOSE)
    otherwise = "Not spread times the counted size of misses over their spreads."
    got = f"± {halves[0]:.4g} for a spread of {case[1][0]:.4g}"
    yield not_yet(label, points, said or otherwise, got=got, look_at=f"expected ± {right[0]:.4g}")


def _halves(function: Function, case: tuple[Any, ...]) -> np.ndarray:
    """Return half the widths, of intervals with the prediction in their middle."""
    copies = [np.copy(part) for part in case[:4]]
    answer = function(*copies, case[4], shown=f"{_GIVEN}{case[4]}")
    two = _pair(answer, "interval", "the lower and the upper ends")
    low, high = (_array(e, case[0].shape, "interval", kind="an array") for e in two)
    if (low > high).any():
        raise Stop(Outcome.NOT_YET, "The lower ends lie above the upper ones.", got=f"{low[0]:.3g}")
    centre = (low + high) / 2
    whole = np.isfinite(low) | np.isfinite(high)
    if (low[~whole] == high[~whole]).any():
        message = "Both ends are the same infinity. The lower is minus infinity, the upper plus."
        raise Stop(Outcome.NOT_YET, message, got=f"{low[~whole][0]} to {high[~whole][0]}")
    if not np.allclose(centre[whole], case[0][whole]):
        message = "The prediction is not in the middle: a miss may have either sign, take its size."
        raise Stop(Outcome.NOT_YET, message, got=f"{low[0]:.3g} to {high[0]:.3g}")
    return high - case[0]


def _too_few(function: Function, rng: np.random.Generator, label: str) -> Iterator[Part]:
    """Yield the part on five misses; it counts once few enough are right."""
    usual = _interval_case(rng, 39, 0.9)
    if not np.allclose(_halves(function, usual), material._interval(*usual)[1] - usual[0]):
        yield not_yet(label, 1, "First the counted width, above.")
        return
    halves = _halves(function, _interval_case(rng, 5, 0.9))
    if np.isinf(halves).all():
        yield passed(label, 1)
    else:
        message = "From five misses no finite width holds 90 %: place 6 of 5. Give infinity."
        yield not_yet(label, 1, message, got=f"± {halves[0]:.3g}")
