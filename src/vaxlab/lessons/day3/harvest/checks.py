"""Checks of day 3, notebook 4: verdicts, filters, and a harvest rule that the plant pays.

Exercises 2 and 6 are judged on batches that are made for each ``plant_seed``, beside the course's
own features and rule on the same batches; the others on numbers that are drawn for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import torch

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day3.harvest import handed, material, particles, peeks, rivals, wrong
from vaxlab.lessons.day3.harvest.forms import array_of, tuple_of
from vaxlab.plant.deploy import INACTIVATED, LIVE

CLOSE = 1e-6
ROUNDED = 0.051
"""A gain in % may be rounded to one decimal."""
# Calibrated on ten seeds of the plant, see tests/lessons/day3/test_harvest.py for the table.
SENSOR_RATIO, SENSOR_HALF = 1.75, 2.05
"""Largest miss over that of the course's features, for all points and for a few."""
SEASON, EXAM_RUNS = 80, 60
GAIN_SHARE, SD_RATIO, SD_OVER_OWN, PEAK_SHARE = 0.6, 0.6, 1.25, 0.85
"""Least share of the oracle's gain; largest SD over that of the fixed hour, or over that of the
course's rule on the same batches; least mean share of their peak that deviating batches keep."""
PRECISE = 1e-4
"""Variance of a very precise reading; before it the variance is 1e4."""
DEAD_FROM_H, DEAD_BATCHES, DEAD_SHARE = 20, 12, 0.8
"""From when on the capacitance is missing, in how many batches, and the least doses over those of
the fixed hour."""


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · What would an oracle add?", points=4)
def verdict(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``verdict`` on drawn tables, then ``pays``, the two verdicts."""
    function = answers.function("verdict")
    rng = np.random.default_rng([plant_seed, 61])
    tables = [_doses(rng, n, centre) for n, centre in ((70, 49), (90, 59))]
    what = "the hour, the gain in %, and the two ends of its interval"
    found = [
        [
            number(part, "verdict")
            for part in tuple_of(function(table.copy(), shown="doses"), 4, "verdict", what)
        ]
        for table in tables
    ]
    found, right = np.array(found), np.array([rivals._verdict(table) for table in tables])
    slips = wrong.verdicts(tables)
    hour = np.allclose(found[:, 0], right[:, 0])
    gain = np.allclose(found[:, 1], right[:, 1], rtol=1e-3, atol=ROUNDED)
    half = np.diff(right[:, 2:])[:, 0] / 2
    ends = np.abs(found[:, 2:] - right[:, 2:]) <= 0.1 * half[:, None]
    judged = ((hour, 0, "best fixed hour"), (gain, 1, "gain"), (ends.all(), 2, "interval"))
    for fine, column, label in judged:
        if fine:
            yield passed(label, 1)
            continue
        said = recognised(found[:, column], slips[label], rtol=5e-3)
        if column == 2:
            got, expected = _two_ends(found, right, ends)
            if (np.abs(found[:, [3, 2]] - right[:, 2:]) <= 0.1 * half[:, None]).all():
                said = "The ends are the right ones, in the wrong order: the lower one first."
        else:
            got, expected = (f"{values[0, column]:.4g}" for values in (found, right))
        otherwise = f"The {label} is another one."
        yield not_yet(label, 1, said or otherwise, got=got, expected=expected)
    if not (gain and ends.all()):
        yield not_yet("the two verdicts", 1, "First the numbers, above.")
        return
    yield _pays(answers.value("pays"))


def _two_ends(found: np.ndarray, right: np.ndarray, ends: np.ndarray) -> list[str]:
    """Write both ends that came and that were expected, of the first table where one is off."""
    k = int(np.argmin(ends.all(axis=1)))
    return [f"{values[k, 2]:.4g} to {values[k, 3]:.4g}" for values in (found, right)]


def _doses(rng: np.random.Generator, n: int, centre_h: float) -> pd.DataFrame:
    """Draw doses of n batches that peak at hours of their own, large ones late; some are lost."""
    hours = np.arange(40, 70, 2)
    size = rng.standard_normal(n)
    peak = centre_h + 4 * size + 2 * rng.standard_normal(n)
    doses = np.exp(6 + 0.7 * size) * np.exp(-(((hours[:, None] - peak) / 10) ** 2))
    doses[:, rng.random(n) < 0.05] = 0
    return pd.DataFrame(doses, index=pd.Index(hours, name="hour"))


def _pays(pays: Any) -> Part:
    label = "the two verdicts"
    given, pays = pays, pays.to_dict() if isinstance(pays, pd.Series) else pays
    if not (
        isinstance(pays, dict)
        and set(pays) == {INACTIVATED, LIVE}
        and all(
            isinstance(one, bool | np.bool_ | int | np.integer) and one in (0, 1)
            for one in pays.values()
        )
    ):
        message = "`pays` should be a dict with True or False for 'inactivated' and for 'live'."
        return not_yet(label, 1, message, got=describe(given))
    right = {INACTIVATED: False, LIVE: True}
    off = [name for name in right if bool(pays[name]) is not right[name]]
    if not off:
        return passed(label, 1, "No sensor for the inactivated vaccine, one for the live one.")
    message = (
        f"The {off[0]} vaccine: take two thirds of what your oracle adds, and compare it with "
        f"{material.PRICE_PERCENT:g} %."
    )
    return not_yet(label, 1, message, got=str(bool(pays[off[0]])))


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · A soft sensor", points=5)
def features(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``features``: what trees make of them on new batches, and that they do not peek."""
    function = answers.function("features")
    learned, exam = material.runs(), _exam(plant_seed)
    labels = ("how far it misses", "up to now only")
    if said := peeks.peeks(function, exam.records[:4]):
        yield not_yet(labels[0], 3, "First features that can be had at the time, below.")
        yield not_yet(labels[1], 2, said)
        return
    tables = {
        name: [peeks.table_of(function, record) for record in some.records]
        for name, some in (("learned", learned), ("exam", exam))
    }
    miss = _miss(tables["learned"], tables["exam"], learned, exam)
    ratio = miss / _own_miss(plant_seed)
    if ratio <= SENSOR_RATIO:
        yield passed(labels[0], 3, f"It misses the peak by {miss:.1f} h.")
        yield passed(labels[1], 2)
        return
    message = wrong.of_features(tables["exam"], exam.records)
    earned = 1.0 if ratio <= SENSOR_HALF else 0.0
    got = f"{miss:.1f} h, {ratio:.2f} of the course's features"
    expected = f"at most {SENSOR_RATIO}"
    yield not_yet(labels[0], 3, message, earned=earned, got=got, expected=expected)
    if earned:
        yield passed(labels[1], 2)
    else:
        yield not_yet(labels[1], 2, "It counts once the features tell something.")


@lru_cache(maxsize=4)
def _exam(plant_seed: int) -> material.Runs:
    return material.runs(EXAM_RUNS, plant_seed)


def _miss(
    learned: list[pd.DataFrame],
    exam: list[pd.DataFrame],
    runs: material.Runs,
    exam_runs: material.Runs,
) -> float:
    """Return the root mean squared miss of the hours to the peak, h."""
    if len({table.shape[1] for table in (*learned, *exam)}) > 1:
        raise Stop(Outcome.NOT_YET, "`features` gives other columns for other runs.")
    model = material.sensor(*material.stacked(learned, runs.peak_h))
    new, away = material.stacked(exam, exam_runs.peak_h)
    return float(np.sqrt(np.mean((model.predict(new) - away) ** 2)))


@lru_cache(maxsize=8)
def _own_miss(plant_seed: int) -> float:
    learned, exam = material.runs(), _exam(plant_seed)
    tables = [[rivals._features(record) for record in some.records] for some in (learned, exam)]
    return _miss(*tables, learned, exam)


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · One step of the filter", points=5)
def ekf(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``ekf_step`` on two systems, without a reading, and by precise ones; ``nees``."""
    rng = np.random.default_rng([plant_seed, 63])
    yield from guarded("ekf_step", 4, _ekf(answers, rng))
    yield from guarded("nees", 1, _nees(answers, rng))


def _ekf(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    function = answers.function("ekf_step")
    cases = [_ekf_case(rng, kind) for kind in ("spread", "turning")]
    found = [_stepped(function, case) for case in cases]
    right = [_numbers(rivals._ekf_step(*case)) for case in cases]
    slips = wrong.ekf_steps(cases)
    both_right = []
    for k, label in enumerate(("state", "covariance")):
        values, expected = (
            np.concatenate([one[k].ravel() for one in all_]) for all_ in (found, right)
        )
        both_right.append(np.allclose(values, expected, rtol=1e-5, atol=1e-8))
        if both_right[-1]:
            yield passed(label, 1)
            continue
        said = recognised(values, slips[label], rtol=1e-5)
        otherwise = f"The {label} after one reading is another one. Go through it line by line."
        got, want = (f"{v[0]:.4g}" for v in (values, expected))
        yield not_yet(label, 1, said or otherwise, got=got, expected=want)
    if not all(both_right):
        yield not_yet("no reading, precise readings", 2, "First the step itself, above.")
        return
    yield from guarded("a missing reading", 1, _without_reading(function, cases[0]))
    yield from guarded("precise readings", 1, _precise(function, rng))


def _ekf_case(rng: np.random.Generator, kind: str) -> tuple[Any, ...]:
    root = rng.normal(0, 0.3, (3, 3))
    parts = rng.uniform(0.3, 1.2, 3), root @ root.T + 0.05 * np.eye(3)
    noise, reading = np.diag(rng.uniform(0.01, 0.05, 3)), rng.uniform(0.5, 2.0, 2)
    x, covariance, q, y, r = (
        torch.tensor(part, dtype=torch.float64)
        for part in (*parts, noise, reading, np.diag(rng.uniform(0.02, 0.2, 2)))
    )
    return x, covariance, handed.Move(kind), handed.Look(), q, y, r


_EKF_SHOWN = "x, P, move, look, Q, reading, R"


def _stepped(function: Function, case: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray]:
    copies = [part.clone() if isinstance(part, torch.Tensor) else part for part in case]
    two = tuple_of(
        function(*copies, shown=_EKF_SHOWN), 2, "ekf_step", "the state and its covariance"
    )
    n = len(case[0])
    return array_of(two[0], (n,), "ekf_step (state)"), array_of(
        two[1], (n, n), "ekf_step (covariance)"
    )


def _numbers(two: tuple[Any, Any]) -> tuple[np.ndarray, ...]:
    return tuple(part.numpy() for part in two)


def _without_reading(function: Function, case: tuple[Any, ...]) -> Iterator[Part]:
    """Ask without a reading, then with one of the two: each time the prediction is right."""
    label = "a missing reading"
    back = "Where nothing was read there is nothing to update by: give the prediction back."
    for what, gone in (("both readings", (True, True)), ("one of two readings", (False, True))):
        one = (*case[:5], torch.where(torch.tensor(gone), torch.nan, case[5]), case[6])
        right = _numbers(rivals._ekf_step(*one))
        try:
            found = _stepped(function, one)
        except Stop as stop:
            if stop.outcome is Outcome.ERROR:
                raise
            message = f"With {what} NaN: {stop.message} {back}"
            yield not_yet(label, 1, message, got=stop.got)
            return
        fine = [np.allclose(a, b, rtol=1e-5) for a, b in zip(found, right, strict=True)]
        if all(fine) or (not all(gone) and _by_the_rest(found, one, gone)):
            continue
        k = fine.index(False)
        name = ("state", "covariance")[k]
        got, expected = (f"{two[k].flat[0]:.4g}" for two in (found, right))
        message = f"With {what} NaN the {name} is not the prediction's. {back}"
        yield not_yet(label, 1, message, got=got, expected=expected)
        return
    yield passed(label, 1)


def _by_the_rest(
    found: tuple[np.ndarray, ...], case: tuple[Any, ...], gone: tuple[bool, ...]
) -> bool:
    """Tell whether the update was by those readings that are there: that is right as well."""
    x, covariance, move, look, q, reading, r = case
    there = ~torch.tensor(gone)
    rest = (lambda state: look(state)[there]), q, reading[there], r[there][:, there]
    right = _numbers(rivals._ekf_step(x, covariance, move, *rest))
    return all(np.allclose(a, b, rtol=1e-5) for a, b in zip(found, right, strict=True))


def _precise(function: Function, rng: np.random.Generator) -> Iterator[Part]:
    """Hand in readings a thousand times better than what was known before, in single precision."""
    label = "precise readings"
    x, covariance = torch.zeros(3), 1e4 * (0.5 * torch.eye(3) + 0.5)
    fixed = handed.Stay(), handed.Straight(), torch.zeros(3, 3)
    for reading in rng.normal(1, 0.01, 12):
        case = (x, covariance, *fixed, torch.tensor([reading], dtype=torch.float32))
        x, covariance = (
            torch.tensor(part, dtype=torch.float32)
            for part in _stepped(function, (*case, torch.full((1, 1), PRECISE)))
        )
    values = covariance.double().numpy()
    largest = np.abs(values).max()
    if np.abs(values - values.T).max() > 1e-5 * largest:
        message = "After a few precise readings the covariance is not symmetric any more."
    elif (values.diagonal() < 0).any() or np.linalg.eigvalsh(values).min() < -1e-5 * largest:
        message = "After a few precise readings the covariance is not positive any more."
    elif not 0 < values[0, 0] <= 10 * PRECISE:
        message = (
            "After a few precise readings the variance of what is read has got lost in rounding: "
            "(I − KH)P subtracts nearly equal numbers."
        )
    else:
        yield passed(label, 1)
        return
    advice = " Use Joseph's form, (I − KH) P (I − KH)ᵀ + K R Kᵀ, and its mean with its transpose."
    yield not_yet(label, 1, message + advice, got=f"a variance of {values[0, 0]:.3g}")


def _nees(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    function = answers.function("nees")
    roots = rng.normal(0, 1, (9, 2, 2))
    covariances = roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(2)
    errors = rng.normal(0, 1, (9, 2))
    shown = "errors, covariances"
    found = array_of(function(errors.copy(), covariances.copy(), shown=shown), (9,), "nees")
    if np.allclose(found, rivals._nees(errors, covariances), rtol=1e-5):
        yield passed("nees", 1)
        return
    said = recognised(found, wrong.nees(errors, covariances), rtol=1e-5)
    otherwise = "Not errorᵀ · covariance⁻¹ · error of each case."
    expected = f"{rivals._nees(errors, covariances)[0]:.4g}"
    yield not_yet("nees", 1, said or otherwise, got=f"{found[0]:.4g}", expected=expected)


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Particles", points=5)
def particle(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``reweigh`` and ``resample``."""
    rng = np.random.default_rng([plant_seed, 64])
    yield from guarded("reweigh", 3, particles.reweigh(answers, rng))
    yield from guarded("resample", 2, particles.resample(answers, rng))


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · A late sample", points=3)
def late(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``refilter``: a sample counts for its own hour, and what came later comes again."""
    function = answers.function("refilter")
    rng = np.random.default_rng([plant_seed, 65])
    shown = "beliefs, readings, sampled_h, sample, step, correct"
    cases = [(2, "a sample six hours old", 14, 8), (1, "a sample just drawn", 9, 9)]
    first = True
    for points, label, now, sampled in cases:
        values, right, slips = [], [], []
        for _ in range(2):
            case = _late_case(rng, now, sampled)
            answer = function(*_copied(case), handed.Step(), handed.Correct(), shown=shown)
            values.append(array_of(answer, (2,), "refilter", " A belief is an array (2,)."))
            right.append(rivals._refilter(*case, handed.Step(), handed.Correct()))
            slips.append(wrong.refilters(*case))
        if np.allclose(values, right, rtol=CLOSE):
            # A sample of this very hour needs no filter: it counts only on top of the other.
            said = "" if points == 2 else _writes(function, rng) if first else _FIRST
            yield not_yet(label, points, said) if said else passed(label, points)
            continue
        known = [(np.ravel([one[say] for one in slips]), say) for say in slips[0]]
        said = recognised(np.ravel(values), known, rtol=CLOSE)
        otherwise = "Not the belief of now. Correct that of the sample's hour, then step on."
        got, expected = f"mean {values[0][0]:.4g}", f"mean {right[0][0]:.4g}"
        yield not_yet(label, points, said or otherwise, got=got, expected=expected)
        first = False


_FIRST = "First the late sample, above."


def _writes(function: Function, rng: np.random.Generator) -> str:
    """Hand in lists that let nobody write, and say whether somebody did, or nothing."""
    for now, sampled in ((12, 7), (9, 9)):
        beliefs, readings, *rest = _copied(_late_case(rng, now, sampled))
        lists = handed.Kept(beliefs), handed.Kept(readings)
        try:
            function(*lists, *rest, handed.Step(), handed.Correct(), shown="kept lists, …")
        except Stop as stop:
            if handed.WRITTEN not in stop.message:
                raise
            return (
                "The belief is right, but it was written into a list that was handed in. The next "
                f"sample needs what was believed before: use a name of your own. {stop.look_at}"
            ).strip()
    return ""


def _late_case(rng: np.random.Generator, now: int, sampled: int) -> tuple[Any, ...]:
    readings = np.cumsum(rng.normal(0.3, 0.5, now + 1)) + 2
    beliefs = [np.array([readings[0], 0.5])]
    for reading in readings[1:]:
        beliefs.append(handed.Step()(beliefs[-1], reading))
    return beliefs, list(readings), sampled, float(beliefs[sampled][0] + rng.choice([-0.8, 0.8]))


def _copied(case: tuple[Any, ...]) -> tuple[Any, ...]:
    return [belief.copy() for belief in case[0]], list(case[1]), *case[2:]


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · When do you harvest?", points=5)
def rule(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``harvest_rule`` on a season of the live line, hour by hour, and with a dead probe."""
    function = answers.function("harvest_rule")
    some = material.season(LIVE, SEASON, plant_seed)
    hours = material.asked_h(_flagged(function), some)
    doses, titre = material.paid(some, hours)
    share = _gain_share(some, doses)
    label = "doses"
    if share >= GAIN_SHARE:
        yield passed(label, 2, f"{100 * share:.0f} % of what the oracle adds.")
    else:
        message = wrong.of_hours(hours, some)
        got = f"{100 * share:.0f} % of what the oracle adds to the best fixed hour"
        yield not_yet(label, 2, message, got=got, expected=f"{100 * GAIN_SHARE:.0f} % or more")
        yield not_yet("spread, deviating batches, dead probe", 3, "First the doses, above.")
        return
    spread = _spread(some, titre)
    least = SD_RATIO
    if spread > least:  # asking the course's rule takes seconds
        least = max(least, SD_OVER_OWN * _own_spread(plant_seed))
    yield _limit(
        "spread of the titre",
        spread <= least,
        f"{spread:.2f} of the fixed hour's SD",
        f"at most {least:.2f}",
        "Some batches are harvested far from their peak.",
    )
    kept = float((10 ** (titre - some.titre.max(axis=0)))[some.deviates].mean())
    yield _limit(
        "batches that deviate",
        kept >= PEAK_SHARE,
        f"{100 * kept:.0f} % of their peak",
        f"at least {100 * PEAK_SHARE:.0f} %",
        "Look at the hours at which weak seeds and late virus are harvested.",
    )
    yield from guarded("a dead probe", 1, _dead_probe(function, some))


def _limit(label: str, fine: bool, got: str, expected: str, otherwise: str) -> Part:
    return (
        passed(label, 1, f"{got}.")
        if fine
        else not_yet(label, 1, otherwise, got=got, expected=expected)
    )


def _flagged(function: Function) -> Callable[[Any, pd.DataFrame], bool]:
    """Return the learner's rule; what is no True or False ends the check."""

    def asked(known: Any, seen: pd.DataFrame) -> bool:
        hour = seen["hours_after_infection"].iloc[-1]
        try:
            answer = function(known, seen, shown=f"known, seen up to {hour:.0f} h")
        except Stop as stop:
            if "gives nothing back" in stop.message:
                stop.message += " Each way through it, each `if` and `else`, gives True or False."
            raise
        if not isinstance(answer, bool | np.bool_):
            message = "`harvest_rule` should give True, to harvest now, or False, to go on."
            raise Stop(Outcome.NOT_YET, message, got=describe(answer))
        return bool(answer)

    return asked


def _gain_share(some: material.Season, doses: np.ndarray) -> float:
    fixed, oracle = some.doses[some.fixed].sum(), some.doses.max(axis=0).sum()
    return float((doses.sum() - fixed) / (oracle - fixed))


@lru_cache(maxsize=8)
def _own_spread(plant_seed: int) -> float:
    some = material.season(LIVE, SEASON, plant_seed)
    _, titre = material.paid(some, material.asked_h(rivals._rule, some))
    return _spread(some, titre)


def _spread(some: material.Season, titre: np.ndarray) -> float:
    """Return the SD of log10 titres over that of the fixed hour, of batches that nothing broke."""
    here = some.unbroken
    return float(titre[here].std() / some.titre[some.fixed][here].std())


def _dead_probe(function: Function, some: material.Season) -> Iterator[Part]:
    """Ask again with batches whose capacitance is missing from an hour on."""
    label = "a dead probe"
    usual = np.flatnonzero(some.fault == "")[:DEAD_BATCHES]
    hours = np.full(len(some.seen), some.hours[some.fixed])
    blind = material.without_capacitance(some, usual, DEAD_FROM_H)
    hours[usual] = material.asked_h(_flagged(function), blind)
    doses = material.paid(some, hours)[0][usual].sum()
    ratio = doses / some.doses[some.fixed][usual].sum()
    got = f"{100 * ratio:.0f} % of the doses of the best fixed hour"
    if ratio >= DEAD_SHARE:
        yield passed(label, 1, f"{got}.")
        return
    message = (
        f"From {DEAD_FROM_H} h on the capacitance is NaN, and the rule harvests at "
        f"{np.median(hours[usual]):.0f} h (median). {wrong.of_dead(hours[usual], some)}"
    )
    yield not_yet(label, 1, message, got=got, expected=f"{100 * DEAD_SHARE:.0f} % or more")
