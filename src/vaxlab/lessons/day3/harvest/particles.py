"""The two halves of exercise 4: weights after a reading, and who goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from vaxlab.checks.exercise import Answers, Function, Stop, guarded, not_yet, passed
from vaxlab.checks.reading import recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day3.harvest import rivals, wrong
from vaxlab.lessons.day3.harvest.forms import array_of


def _weight_case(rng: np.random.Generator, n: int = 40) -> tuple[Any, ...]:
    log = rng.normal(0, 1, n)
    return log - np.log(np.exp(log).sum()), rng.uniform(0.4, 1.2, n), 0.9, 0.15


def reweigh(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    """Check weights after a reading, after one that is far off, and after none."""
    function = answers.function("reweigh")
    shown = "log_weights, expected, reading, sd"

    def weights(case: tuple[Any, ...]) -> np.ndarray:
        answer = function(*(np.copy(p) for p in case[:2]), *case[2:], shown=shown)
        return array_of(answer, case[0].shape, "reweigh")

    case = _weight_case(rng)
    found, right = weights(case), rivals._reweigh(*case)
    fine = np.allclose(found, right, atol=1e-6)
    if fine:
        yield passed("weights", 2)
    else:
        said = recognised(found, wrong.weights(*case), rtol=1e-5)
        otherwise = "Not the logarithms of weights that add up to 1 after this reading."
        got, expected = f"{found[0]:.4g}", f"{right[0]:.4g}"
        yield not_yet("weights", 2, said or otherwise, got=got, expected=expected)
        yield not_yet("far off, or missing", 1, "First the weights, above.")
        return
    label = "far off, or missing"
    yield from guarded(label, 1, _extremes(weights, case, label))


def _extremes(
    weights: Callable[[tuple[Any, ...]], np.ndarray], case: tuple[Any, ...], label: str
) -> Iterator[Part]:
    logs = "Work in logarithms to the end, and take the largest off before `exp`."
    stay = "Nothing was learned: give the weights back as they were."
    cases = (
        ("With a reading that is 60 SDs off", 9.9, logs),
        ("With no reading, NaN,", np.nan, stay),
    )
    for what, reading, advice in cases:
        one = (*case[:2], reading, 0.15)
        try:
            found = weights(one)
        except Stop as stop:
            if stop.outcome is Outcome.ERROR:
                raise
            yield not_yet(label, 1, f"{what} {stop.message} {advice}", got=stop.got)
            return
        right = rivals._reweigh(*one)
        if not np.allclose(found, right, atol=1e-6):
            k = int(np.abs(found - right).argmax())
            got, expected = f"{found[k]:.4g}", f"{right[k]:.4g}"
            message = f"{what} the weights are other ones. {advice}"
            yield not_yet(label, 1, message, got=got, expected=expected)
            return
    yield passed(label, 1)


COMB_N = 50


def _log_weights(rng: np.random.Generator) -> np.ndarray:
    log = rng.normal(0, 1.5, COMB_N)
    return log - np.log(np.exp(log).sum())


def _picked(function: Function, log: np.ndarray, start: float, shown: str = "") -> np.ndarray:
    """Return the places that were chosen, (N,), or say what came instead."""
    shown = f"log_weights, {shown or f'{start:.2f}'}"
    answer = function(log.copy(), float(start), shown=shown)
    chosen = array_of(answer, (COMB_N,), "resample", " One index for each particle.")
    if (chosen != np.round(chosen)).any() or chosen.min() < 0 or chosen.max() >= COMB_N:
        message = (
            f"`resample` should give indices of particles, from 0 to N - 1, {COMB_N - 1} here."
        )
        got = f"from {chosen.min():g} to {chosen.max():g}"
        raise Stop(Outcome.NOT_YET, message, called=f"resample({shown})", got=got)
    return chosen.astype(int)


def resample(answers: Answers, rng: np.random.Generator) -> Iterator[Part]:
    """Check how often each particle is taken, and by which comb."""
    function = answers.function("resample")
    otherwise = ""
    for start in rng.uniform(0.05, 0.95, 3):
        log = _log_weights(rng)
        chosen = _picked(function, log, start)
        count = np.bincount(chosen, minlength=COMB_N)
        due = COMB_N * np.exp(log)
        if (np.abs(count - due) >= 1 + 1e-9).any():
            k = int(np.abs(count - due).argmax())
            message = (
                "Systematic resampling takes a particle as often as its weight says, rounded up or "
                f"down. One that is due {due[k]:.1f} times was taken {count[k]} times."
            )
            raise Stop(Outcome.NOT_YET, message + wrong.of_counts(chosen, log, start))
        right = np.bincount(rivals._resample(log, start), minlength=COMB_N)
        if not otherwise and not np.array_equal(count, right):
            other = _picked(function, log, (start + 0.5) % 1)
            otherwise = wrong.of_teeth(chosen, log, start)
            if np.array_equal(np.sort(other), np.sort(chosen)):
                otherwise = "With another `start` it chooses the same ones: use `start`."
            if not otherwise:
                k = int(np.abs(count - right).argmax())
                otherwise = (
                    f"With start = {start:.2f} particle {k} was taken {count[k]} times; a comb "
                    f"that begins at `start / N` takes it {right[k]} times."
                )
    yield passed("as often as its weight says", 1)
    label = "from the given start"
    if otherwise:
        yield not_yet(label, 1, otherwise)
    else:
        yield from guarded(label, 1, _last_tooth(function, rng, label))


def _last_tooth(function: Function, rng: np.random.Generator, label: str) -> Iterator[Part]:
    """Ask with weights whose sum lost a little in rounding, and the comb far to the right."""
    log, start = _log_weights(rng) - 1e-12, np.nextafter(1.0, 0.0)
    try:
        _picked(function, log, start, "the largest number below 1")
    except Stop as stop:
        message = (
            "Rounding can leave the last end a little below 1, and then the last tooth points "
            f"behind it: let it pick the last particle. {stop.message}"
        )
        yield not_yet(label, 1, message, called=stop.called, got=stop.got)
        return
    yield passed(label, 1)
