"""Checks of day 2, notebook 2: spectra, and what they are worth on new batches.

No check trains anything but the course's own PLS, once. The learner's sensor is asked about batches
of another plant; all other functions are asked with spectra and numbers that are drawn for each
``plant_seed``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.signal import savgol_filter

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day2.raman import material
from vaxlab.lessons.day2.raman.handed import Memory
from vaxlab.plant.spectra import SUBSTANCES, WAVENUMBERS, pure

GLUCOSE_RMSE, LACTATE_RMSE, CLOCK_RATIO = 0.5, 0.4, 1.5
"""Largest errors on new batches, g/L; how many times worse the clock has to be for glucose."""
DIMMED, MOVED = 0.6, 0.1
"""Light that an old laser still has; by how much glucose may move with it, g/L."""
RAW = 10.0
"""Error of glucose from which on a sensor is asked again with prepared spectra, g/L."""
CLOCK_OFF = 0.3
"""How far a clock may be from the mean course of its batches, g/L."""
SAME = 0.02
"""Largest change of a prepared spectrum, of its SD, by what says nothing of glucose."""
DRAWN = {"bias": (1, 0.01), "scatter": (1, 0.03), "what is left": (1, 0.01)}
REAL = {"bias": (1, 0.01), "what is left": (1, 0.05)}
"""Points of each number, and how near it has to be: N or N - 1; between two spectra or nearest."""
CHANGED, KEPT, TWINS = 0.02, 0.5, 0.05
"""Smallest change of a copy, of its mean count; largest change of its glucose, g/L; how much the
changes of two equal spectra differ at least, of the change."""


def _array(
    answer: Any, shape: tuple[int | None, ...], name: str, wanted: str = "", nan: str = ""
) -> np.ndarray:
    """Read an array of a shape (None is any), or say what came instead, and why it may be NaN."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != len(shape) or any(
        want is not None and want != got for want, got in zip(shape, values.shape, strict=True)
    ):
        sizes = ", ".join("any" if n is None else str(n) for n in shape)
        wanted = wanted or f"an array of shape ({sizes}{',' * (len(shape) == 1)})"
        raise Stop(Outcome.NOT_YET, f"`{name}` should give {wanted}.", got=describe(answer))
    if not np.isfinite(values).all():
        message = f"`{name}` gives NaN or infinity here.{nan}"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return values


def _some(plant_seed: int, n: int = 12) -> np.ndarray:
    counts = material._exam(plant_seed)[0].counts
    rows = np.random.default_rng([plant_seed, 61]).choice(len(counts), n, replace=False)
    return counts[rows].astype(float)


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · What says nothing of glucose", points=4)
def prepare(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``prepare``: blind to power and background, and still able to see glucose."""
    function = answers.function("prepare")
    rng = np.random.default_rng([plant_seed, 62])
    counts = _some(plant_seed)

    def prepared(given: np.ndarray, shown: str = "counts", nan: str = "") -> np.ndarray:
        return _array(function(given, shown=shown), (len(given), None), "prepare", nan=nan)

    plain = prepared(counts)
    nan = " It was given one spectrum alone: with `axis=0` its SD is 0. Take `axis=1`."
    each = [prepared(counts[k : k + 1], "one spectrum", nan) for k in range(3)]
    alone = np.concatenate(each)
    if not np.allclose(alone, plain[:3], rtol=1e-5, atol=1e-7 * np.abs(plain).max()):
        said = (
            "A spectrum alone comes out otherwise than among others. At work they come one by one: "
            "mean and SD are those of each spectrum, `axis=1`, not of each channel."
        )
        yield not_yet("one spectrum at a time", 4, said)
        return
    more = counts + 20 * _glucose()
    seen = _moved(prepared(more), plain) / _moved(
        material._prepare(more), material._prepare(counts)
    )
    if not seen > 0.2:
        said = "Glucose can no longer be seen: 20 mmol/L more hardly change what comes out."
        yield not_yet("glucose is still there", 4, said, got=f"{seen:.2g} of what it should be")
        return
    power = rng.uniform(0.6, 0.9, (len(counts), 1))
    off = _moved(prepared(power * counts), plain)
    said = "A weaker laser changes the answer. Divide each spectrum by its own SD."
    yield _judged("power of the laser", 1, off, said)
    x = np.linspace(-1, 1, counts.shape[1])
    raised = counts + counts.mean(axis=1, keepdims=True) * rng.uniform(0.1, 0.3, (len(counts), 1))
    said = "A background that is higher by a constant changes the answer."
    yield _judged("a higher background", 1, _moved(prepared(raised), plain), said)
    tilted = counts + counts.std(axis=1, keepdims=True) * x
    said = (
        "A background with a slope changes the answer. The first derivative makes a constant of a "
        "slope, and the spectrum's mean, taken away after that, removes the constant."
    )
    yield _judged("a background with a slope", 2, _moved(prepared(tilted), plain), said)


def _glucose() -> np.ndarray:
    return pure(SUBSTANCES["glucose"], WAVENUMBERS)


def _moved(now: np.ndarray, before: np.ndarray) -> float:
    """Return how much spectra changed, in their own SDs."""
    if now.shape != before.shape:
        return np.inf
    return float(np.sqrt(np.mean((now - before) ** 2)) / (before.std() + 1e-300))


def _judged(label: str, points: float, off: float, said: str) -> Part:
    if off <= SAME:
        return passed(label, points)
    return not_yet(label, points, said, got=f"changed by {off:.2g} SD")


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · Batches left out", points=5)
def by_batch(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``error_by_batch``, with a model that remembers the batches it was trained on."""
    function = answers.function("error_by_batch")
    rng = np.random.default_rng([plant_seed, 63])
    for points, n in ((3, 12), (2, 3)):
        yield from guarded(f"{n} batches", points, _one_table(function, rng, n, points))


def _one_table(
    function: Function, rng: np.random.Generator, n: int, points: float
) -> Iterator[Part]:
    sizes = rng.permutation(np.linspace(8, 30, n).astype(int))
    batch = np.repeat(rng.permutation(100)[:n], sizes)
    off = np.repeat(rng.uniform(0.3, 2.0, n), sizes)
    truth = rng.uniform(1, 6, len(batch))
    x = np.column_stack([batch, truth, off])
    order = rng.permutation(len(batch))
    x, truth, batch, off = x[order], truth[order], batch[order], off[order]
    given = (Memory(), x, truth, batch)
    found = number(function(*given, shown="model, counts, values, batch"), "error_by_batch")
    right = float(np.sqrt(np.mean(off**2)))
    label = f"{n} batches"
    if np.isclose(found, right, rtol=1e-6):
        yield passed(label, points)
        return
    each = [np.abs(off[batch == b]).mean() for b in np.unique(batch)]
    if abs(found) < 0.2 * right:
        said = (
            "The model had met every batch that it was asked about: spectra of one batch are on "
            "both sides of the split. Leave whole batches out."
        )
    elif np.isclose(found, np.mean(each), rtol=1e-6) or np.isclose(
        found, np.mean(np.abs(off)), rtol=1e-6
    ):
        said = "That is a mean of errors. Square all misses, take one mean, then the root."
    elif np.isclose(found, right**2, rtol=1e-6):
        said = "That is the mean square. Its root is in g/L."
    elif np.isclose(found, -right, rtol=1e-6):
        said = "scikit-learn's scores are negative errors: turn the sign."
    else:
        said = (
            "Not the root mean squared error when each batch is predicted by a model that has not "
            "met it: one mean over all predictions."
        )
    yield not_yet(label, points, said, got=f"{found:.4g}")


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · The clock", points=4)
def clock(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``clock`` on two courses that are drawn, with a jump where the medium is exchanged."""
    function = answers.function("clock")
    rng = np.random.default_rng([plant_seed, 64])
    for label, start in (("falling", 6.0), ("rising", 0.5)):
        yield from guarded(label, 2, _one_clock(function, rng, label, start))


def _one_clock(
    function: Function, rng: np.random.Generator, label: str, start: float
) -> Iterator[Part]:
    slope = rng.uniform(0.03, 0.04) * (-1 if start > 3 else 1)
    growth = rng.uniform(88, 104, 24)

    def course(hours: np.ndarray) -> np.ndarray:
        return start + slope * np.where(hours < 0, hours + 96, hours)

    each = [np.arange(0, g + 60, 2) - g for g in growth]
    hours = np.concatenate(each)
    own = 0.5 * rng.standard_normal(24)
    mean = own.mean()  # of these batches: what they cannot tell is not asked
    own = np.repeat(own, [len(e) for e in each])
    read = course(hours) + own + 0.3 * rng.standard_normal(len(hours))
    mixed = rng.permutation(len(hours))
    hours, read = hours[mixed], read[mixed]
    near = rng.uniform(0.1, 1.0, 20) * np.repeat([-1, 1], 10)
    asked = np.concatenate([rng.uniform(-85, -12, 60), rng.uniform(12, 58, 40), near])
    answer = function(hours.copy(), read.copy(), asked.copy(), shown="hours, read, asked")
    nan = (
        " The mean of nothing is NaN: no batch has a reading at exactly this hour. Average the "
        "readings near it, and where there are none, the nearest."
    )
    found = _array(answer, (len(asked),), "clock", nan=nan)
    away, at = (
        material.rmse(found[part], course(asked[part]) + mean).item()
        for part in (slice(100), slice(100, None))
    )
    expected = f"at most {CLOCK_OFF} g/L"
    if not away <= CLOCK_OFF:
        message = _why_no_clock(found, hours, read, asked) or "Too far from the mean course."
        got = f"off by {away:.2f} g/L"
        yield not_yet(f"{label}: the mean course", 2, message, got=got, expected=expected)
        return
    yield passed(f"{label}: the mean course", 1)
    if at <= CLOCK_OFF:
        yield passed(f"{label}: at the exchange", 1)
    else:
        message = (
            "Within an hour of the exchange it is too far off. What was read before hour 0 and "
            "what was read after it must not be averaged together."
        )
        got = f"off by {at:.2f} g/L"
        yield not_yet(f"{label}: at the exchange", 1, message, got=got, expected=expected)


def _why_no_clock(found: np.ndarray, hours: np.ndarray, read: np.ndarray, asked: np.ndarray) -> str:
    """Return what is wrong with a clock, where its cause is certain."""
    order = np.argsort(hours)
    wrong = (
        (np.full(len(asked), read.mean()), "That is one number for all hours."),
        (
            np.interp(asked, hours, read),
            "`np.interp` needs hours that rise; these come in no order.",
        ),
        (
            np.interp(asked, hours[order], read[order]),
            "Each hour gets the reading of one batch. Take the mean of the batches near that hour.",
        ),
    )
    return recognised(found, wrong)


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · A sensor", points=5)
def sensor(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``sensor`` on twelve batches of another plant, beside the clock."""
    own = answers.value("sensor")
    if not hasattr(own, "predict"):
        said = "`sensor` should be a fitted model with `.predict`, such as a pipeline."
        raise Stop(Outcome.NOT_YET, said, got=describe(own))
    ask = Function("sensor.predict", own.predict)
    new, true = material._exam(plant_seed)
    found = _array(ask(new.counts.copy(), shown="counts"), true.shape, "sensor.predict")
    error = material.rmse(found, true)
    if error[0] > RAW:
        prepared = ask(material._prepare(new.counts), shown="prepared spectra")
        if material.rmse(_array(prepared, true.shape, "sensor.predict"), true)[0] < error[0] / 10:
            said = (
                "The sensor was fitted on prepared spectra, and at work it is handed raw counts. "
                "The preparation has to be inside: fit a pipeline, on `history.counts`."
            )
            yield not_yet("from raw counts", 5, said, got=f"glucose off by {error[0]:.0f} g/L")
            return
    known = material.history()
    by_clock = material.rmse(material._clock(known.hours, known.read[:, 0], new.hours), true[:, 0])
    swapped = material.rmse(found[:, ::-1], true)
    units = material.rmse(found * material.G_PER_MMOL, true)
    said = ""
    if (swapped < [GLUCOSE_RMSE, LACTATE_RMSE]).all():
        said = "The columns are the wrong way round: glucose comes first."
    elif (units < [GLUCOSE_RMSE, LACTATE_RMSE]).all():
        said = "These are mmol/L; g/L are asked for."
    limits = zip(material.NAMES, (GLUCOSE_RMSE, LACTATE_RMSE), error, strict=True)
    for name, limit, off in limits:
        if off <= limit:
            yield passed(name, 1, f"RMSE {off:.2f} g/L on new batches.")
        else:
            message = said or f"The {name} of new batches is too far off."
            got, expected = f"RMSE {off:.2f} g/L", f"at most {limit} g/L"
            yield not_yet(name, 1, message, got=got, expected=expected)
    ratio = float(by_clock / error[0])
    if ratio >= CLOCK_RATIO:
        yield passed("beside the clock", 1, f"The clock misses {ratio:.1f} times as much.")
    else:
        message = said or "The clock alone is nearly as good, and needs no laser."
        expected = f"the clock {CLOCK_RATIO} times worse"
        yield not_yet("beside the clock", 1, message, got=f"{ratio:.2f} times", expected=expected)
    if not (error <= [GLUCOSE_RMSE, LACTATE_RMSE]).all():
        yield not_yet("at work", 2, said or "First the errors above.")
        return
    one = _array(ask(new.counts[5:6].copy(), shown="one spectrum"), (1, 2), "sensor.predict")
    if np.allclose(one, found[5:6], atol=1e-3):
        yield passed("one spectrum at a time", 1)
    else:
        message = (
            "A spectrum alone gets another answer than among others: nothing may be computed "
            "from the spectra that happen to come along."
        )
        yield not_yet("one spectrum at a time", 1, message)
    dim = _array(ask(DIMMED * new.counts, shown="0.6 * counts"), true.shape, "sensor.predict")
    moved = float(material.rmse(dim, found)[0])
    if moved <= MOVED:
        yield passed("an older laser", 1)
    else:
        message = (
            "With two fifths less light the sensor reads another glucose in the same broth. Power "
            "says nothing of glucose: take it out of each spectrum first, as `prepare` does."
        )
        got, expected = f"moved by {moved:.2f} g/L", f"at most {MOVED} g/L"
        yield not_yet("an older laser", 1, message, got=got, expected=expected)


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · More spectra than there are", points=4)
def augment(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``augment``: other backgrounds, the same glucose."""
    function = answers.function("augment")
    some = _some(plant_seed, 30)
    some[::2] += 30 * _glucose()  # so that a mixture of two is another glucose
    counts = np.concatenate([some, some])  # and each has a twin: only a draw of its own differs
    rngs = [np.random.default_rng([plant_seed, k]) for k in (65, 66)]
    made = [
        _array(function(counts.copy(), rng, shown="counts, rng"), counts.shape, "augment")
        for rng in rngs
    ]
    added, mean = made[0] - counts, counts.mean()
    size = _root(added / counts.mean(axis=1, keepdims=True))
    got, expected = f"{100 * size:.1f} % of the mean count", f"at least {100 * CHANGED:.0f} %"
    if size < CHANGED:
        said = "Hardly anything changes."
        yield not_yet("changed", 4, said, got=got, expected=expected)
        return
    if np.allclose(made[0], made[1]):
        said = "Two generators give the same spectra. Draw from the `rng` that is given."
        yield not_yet("changed", 4, said)
        return
    off = material._fitted().predict(material._prepare(made[0]))
    off = off - material._fitted().predict(material._prepare(counts))
    moved = _root(off[:, 0])
    if not moved <= KEPT:
        said = (
            "A good sensor reads another glucose in the copies, and they keep the old readings. "
            "What is added must be smooth, and not from another spectrum; the bands must stay "
            "where they are and as high as they are."
        )
        got, expected = f"moved by {moved:.2f} g/L", f"at most {KEPT} g/L"
        yield not_yet("the same glucose", 4, said, got=got, expected=expected)
        return
    yield passed("the same glucose", 2)
    shape = _beyond_power(added, counts)
    smooth = savgol_filter(shape, 101, 3, axis=1)
    if _root(shape) < 1e-3 * mean:
        said = (
            "Power and height only: SNV takes all of it away again, so the copies teach a network "
            "nothing. Change the shape of the background."
        )
        yield not_yet("another shape", 1, said)
        smooth = added
    elif _root(shape - smooth) > _root(smooth):
        said = (
            "What is added is mostly noise: it jumps from channel to channel. A background is "
            "smooth: draw a few numbers for each spectrum, not one for each channel."
        )
        yield not_yet("another shape", 1, said)
    else:
        yield passed("another shape", 1)
    twins = smooth[: len(some)] - smooth[len(some) :]
    if _root(twins) < TWINS * _root(smooth):
        said = (
            "All spectra get the same change: two that are alike come out alike. Draw for each of "
            "them: as many rows of numbers as `counts` has."
        )
        yield not_yet("each its own", 1, said)
    else:
        yield passed("each its own", 1)


def _beyond_power(added: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return what is left of a change when a factor and a constant of each spectrum are gone."""
    centred = counts - counts.mean(axis=1, keepdims=True)
    left = added - added.mean(axis=1, keepdims=True)
    factor = (left * centred).sum(axis=1, keepdims=True)
    return left - factor / (centred**2).sum(axis=1, keepdims=True) * centred


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · Biased online", points=5)
def online_report(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``online_report`` on a process that is drawn, and on the real fermentation."""
    function = answers.function("online_report")
    rng = np.random.default_rng([plant_seed, 67])
    yield from guarded("a drawn process", 3, _one_run(function, "drawn", _drawn(rng), DRAWN))
    real = *material._watched(), int(rng.integers(4, 7))
    yield from guarded("the real run", 2, _one_run(function, "the real run", real, REAL))


Run = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]
"""Predictions and their minutes, samples and their hours, and how many samples are the first."""


def _drawn(rng: np.random.Generator) -> Run:
    """Draw a process, a bias that drifts, and times of samples."""
    minutes = np.cumsum(rng.uniform(0.8, 1.7, 900))
    course = 40 / (1 + np.exp((minutes - minutes[450]) / 60))
    drift = -rng.uniform(2, 4) + rng.uniform(14, 18) * minutes / minutes[-1]  # of both signs
    predicted = course + drift + 0.05 * rng.standard_normal(len(minutes))
    places = np.sort(rng.choice(np.arange(5, 890), 25, replace=False))
    hours = (minutes[places] + 0.1 * rng.uniform(-1, 1, 25)) / 60
    measured = course[places] + 1.8 * rng.standard_normal(25)
    return predicted, minutes, measured, hours, int(rng.integers(3, 6))


def _one_run(
    function: Function, name: str, run: Run, worth: dict[str, tuple[float, float]]
) -> Iterator[Part]:
    """Judge those of the three numbers that have points here."""
    predicted, minutes, measured, hours, first = run
    shown = f"predicted, minutes, measured, hours, {first}"
    answer = function(*(part.copy() for part in run[:4]), first, shown=shown)
    if isinstance(answer, dict):
        answer = list(answer.values())
    wanted = "three numbers: bias, scatter, what is left"
    found = _array(answer, (3,), "online_report", wanted)
    nearest = [np.abs(minutes - 60 * hour).argmin() for hour in hours]
    off = predicted[nearest] - measured
    right = material._online_report(*run)
    wrong = _wrong_bias(run, off), _wrong_scatter(off), _wrong_left(off, first)
    otherwise = (
        "Not the mean of predicted minus measured at the samples' own times.",
        "Not the SD of what is left when the bias is gone.",
        "Not the root mean square of what the later samples miss, less the first ones' bias.",
    )
    unpaired = _unpaired(found[0], run)
    missed = 0.0
    for k, what in enumerate(("bias", "scatter", "what is left")):
        if what not in worth:
            continue
        part = _read(f"{name}: {what}", worth[what], found[k], right[k], wrong[k], otherwise[k])
        if unpaired and part.earned < part.out_of:
            missed += part.out_of
        else:
            yield part
    if missed:
        yield not_yet(f"{name}: which spectrum", missed, unpaired)


def _unpaired(bias: float, run: Run) -> str:
    """Return which other spectra samples were compared with, where the bias is that of these."""
    predicted, minutes, measured, hours, _ = run
    at = 60 * np.asarray(hours)
    after = np.searchsorted(minutes, at)
    late = "That is the {} the sample. The one nearest in time may be on either side."
    pairs = (
        (
            np.arange(len(measured)),
            "Sample k is not spectrum k: find the spectrum nearest in time.",
        ),
        (
            [np.abs(minutes - h).argmin() for h in hours],
            "Samples are in hours, spectra in minutes.",
        ),
        (after, late.format("next spectrum after")),
        (after - 1, late.format("last spectrum before")),
        (at.astype(int), "A minute is no place: spectra are not one minute apart."),
        (at.round().astype(int), "A minute is no place: spectra are not one minute apart."),
    )
    last = len(predicted) - 1
    wrong = (([np.mean(predicted[np.clip(k, 0, last)] - measured)], said) for k, said in pairs)
    return recognised([bias], wrong, rtol=1e-6)


Wrong = tuple[tuple[float, str], ...]
"""What a number is instead, and its message."""


def _wrong_bias(run: Run, off: np.ndarray) -> Wrong:
    predicted, _, measured, _, first = run
    return (
        (-off.mean(), "The sign: predicted minus measured, so that too high is positive."),
        (_root(off), "That is the root mean square. A bias keeps its sign."),
        (np.abs(off).mean(), "That is the mean size of the misses. A bias keeps its sign."),
        (predicted.mean() - measured.mean(), "Compare at the same moments, not means."),
        (off[:first].mean(), "That is the bias of the first samples. Report it over all."),
    )


def _wrong_scatter(off: np.ndarray) -> Wrong:
    scatter = off.std(ddof=1)
    return (
        (_root(off), "That still holds the bias: take it away first."),
        (scatter**2, "That is a variance. Its root is in g/L."),
        (
            scatter / np.sqrt(len(off)),
            "That is the error of the bias, not the scatter of a reading.",
        ),
    )


def _wrong_left(off: np.ndarray, first: int) -> Wrong:
    start = off[:first].mean()
    return (
        (
            _root(off - start),
            "The first samples are judged by a bias that was taken from themselves. Judge on those "
            "that come later only.",
        ),
        (
            _root(off[first:] - off.mean()),
            "That takes away the bias over all samples. At the start of the run the later ones are "
            "not there yet.",
        ),
        (
            off[first:].std(),
            "The root mean square of what is left, not its SD: a bias that has come back counts.",
        ),
        (_root(off[first:]), "Nothing was taken away."),
        (_root(off[first:] + start), "The sign: what reads too high has to come down."),
    )


def _root(misses: np.ndarray) -> float:
    return float(np.sqrt(np.mean(misses**2)))


def _read(
    label: str,
    worth: tuple[float, float],
    found: float,
    right: float,
    wrong: Wrong,
    otherwise: str,
) -> Part:
    """Judge one number; name what it is instead, where it is that to six digits."""
    points, rtol = worth
    if np.isclose(found, right, rtol=rtol):
        return passed(label, points)
    message = recognised([found], [([value], said) for value, said in wrong], rtol=1e-6)
    return not_yet(label, points, message or otherwise, got=f"{found:.3g}")
