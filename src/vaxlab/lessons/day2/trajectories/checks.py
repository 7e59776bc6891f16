"""Checks of day 2, notebook 3. None trains anything: functions are asked with drawn numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day2.trajectories import material, wrong

CHANNELS = (23, 7)
"""Of the tensors that a network is tried on; the notebook's own has 23."""
FEWEST, MOST = 200, 20_000
MOVES = 1e-5
"""A change of the answer that counts as one; rounding is a hundredth of it."""


def _array(answer: Any, shape: tuple[int, ...], name: str, hint: str = "") -> np.ndarray:
    """Read numbers of a shape, or say what came instead."""
    try:
        value = answer.detach() if hasattr(answer, "detach") else answer
        values = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != shape:
        message = f"`{name}` should give numbers of shape {shape}.{hint}"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return values


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · What is known by now", points=4)
def summary(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``summary``: means of six blocks, and nothing of what comes after 24 h."""
    function = answers.function("summary")
    rng = np.random.default_rng([plant_seed, 61])
    for label, points, gaps in (("six blocks", 2, False), ("gaps and a dead tag", 2, True)):
        yield from guarded(label, points, _blocks(function, rng, label, points, gaps))


def _blocks(
    function: Function, rng: np.random.Generator, label: str, points: int, gaps: bool
) -> Iterator[Part]:
    hours = np.arange(material.FROM_H, 61)
    values = rng.normal(5, 2, (6, len(hours), 4)) + np.linspace(0, 9, len(hours))[:, None]
    for row, harvested in enumerate((52, 55, 57, 58, 60, 61)):
        values[row, hours >= harvested] = np.nan
    if gaps:
        values[rng.random(values.shape) < 0.05] = np.nan
        values[2, :, 1] = np.nan
    right = material._summary(values, hours)
    answer = function(values.copy(), hours.copy(), shown="values, hours")
    hint = " Six blocks of each tag, a row a batch, block after block."
    found = _array(answer, right.shape, "summary", hint)
    if np.allclose(found, right, rtol=1e-5, equal_nan=True):
        yield passed(label, points)
        return
    said = _recognised_with_gaps(found, wrong.summaries(values, hours))
    if not said and np.isnan(found).sum() > np.isnan(right).sum():
        said = "A gap makes its whole block NaN. Take the mean of what is there: `np.nanmean`."
    elif not said and np.isfinite(found[np.isnan(right)]).any():
        said = "A tag that was never recorded gets a number. Leave NaN: trees can take it."
    otherwise = "Not the means of the six blocks of 12 h from -48 h to 24 h, block after block."
    yield not_yet(label, points, said or otherwise, got=describe(found[0]))


def _recognised_with_gaps(found: np.ndarray, known: list[tuple[np.ndarray, str]]) -> str:
    for value, message in known:
        if value.shape == found.shape and np.allclose(found, value, rtol=1e-5, equal_nan=True):
            return message
    return ""


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · A network that reads hours", points=4)
def network(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``make_net``: its shape, what it answers to, and its size."""
    function = answers.function("make_net")
    rng = np.random.default_rng([plant_seed, 62])
    net = function(CHANNELS[0], shown=str(CHANNELS[0]))
    if not callable(net) or not hasattr(net, "eval"):
        said = "`make_net` should give a module, made: `return Net(channels)` or `Sequential(...)`."
        raise Stop(Outcome.NOT_YET, said, got=describe(net))
    net.eval()
    ask = _asker(Function("net", net), "make_net(23)")
    x = torch.tensor(rng.normal(size=(6, 24, CHANNELS[0])), dtype=torch.float32)
    base = ask(x)
    alone = ask(x[:1])
    apart = np.abs(alone - base[:1]).max()
    if np.ptp(base) < MOVES:
        yield not_yet("one number a batch", 2, "It says the same of each batch: `x` has no part.")
        return
    if apart > 100 * MOVES:
        said = "A batch gets another number when it comes alone. Rows may not see each other."
        yield not_yet("one number a batch", 2, said, got=f"{apart:.2g} apart")
        return
    yield passed("one number a batch", 2)
    yield from guarded("the order of hours", 1, _order(ask, x, base))
    small = function(CHANNELS[1], shown=str(CHANNELS[1]))
    small.eval()
    label = "another number of channels"
    yield from guarded(label, 1, _other(_asker(Function("net", small), "make_net(7)"), rng, label))


def _asker(net: Function, name: str) -> Callable[[torch.Tensor], np.ndarray]:
    def ask(x: torch.Tensor) -> np.ndarray:
        answer = net(x, shown=f"x of shape {tuple(x.shape)}")
        hint = ""
        if getattr(answer, "ndim", 0) == 2:
            hint = " A column too many: `.squeeze(1)`, or the loss compares all with all."
        elif getattr(answer, "ndim", 1) == 0:
            hint = " A bare `.squeeze()` drops the batch when it is one: `.squeeze(1)`."
        values = _array(answer, (len(x),), name, hint)
        if not np.isfinite(values).all():
            raise Stop(Outcome.NOT_YET, f"`{name}` says NaN.", got=describe(answer))
        return values

    return ask


def _order(
    ask: Callable[[torch.Tensor], np.ndarray], x: torch.Tensor, base: np.ndarray
) -> Iterator[Part]:
    label = "the order of hours"
    turned = np.abs(ask(torch.flip(x, dims=[1])) - base).max()
    early = x.clone()
    early[:, :4] += 3.0
    if turned < MOVES:
        yield not_yet(label, 1, "Hours turned round, it says the same: their order is lost.")
    elif np.abs(ask(early) - base).max() < MOVES / 10:
        yield not_yet(label, 1, "The first hours have no part in what it says.")
    else:
        yield passed(label, 1)


def _other(
    ask: Callable[[torch.Tensor], np.ndarray], rng: np.random.Generator, label: str
) -> Iterator[Part]:
    ask(torch.tensor(rng.normal(size=(3, 24, CHANNELS[1])), dtype=torch.float32))
    yield passed(label, 1)


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · When to stop", points=4)
def stopping(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``stop_early``: the epoch that it ends after, and the one whose weights are kept."""
    function = answers.function("stop_early")
    rng = np.random.default_rng([plant_seed, 63])
    curves = []
    for patience in (2, 3, 5, 4):
        falling = 1 + 2 * np.exp(-np.arange(40) / 5) + 0.012 * np.arange(40)
        curves.append(((falling + rng.normal(0, 0.12, 40)).round(4).tolist(), patience))
    curves.append((np.linspace(2, 1, 9).round(4).tolist(), 3))  # never stops
    pairs = []
    for losses, patience in curves:
        answer = function(list(losses), patience, shown=f"losses, {patience}")
        if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
            said = "`stop_early` should give two numbers: the last epoch, and the best one."
            raise Stop(Outcome.NOT_YET, said, got=describe(answer))
        pairs.append([number(part, "stop_early") for part in answer])
    found = np.array(pairs)
    right = np.array([material._stop_early(*one) for one in curves], dtype=float)
    slips = wrong.stops(curves)
    for k, label in enumerate(("the last epoch", "the best epoch")):
        if np.array_equal(found[:, k], right[:, k]):
            yield passed(label, 2)
            continue
        said = recognised(found[:, k], slips[k], rtol=0)
        row = int(np.flatnonzero(found[:, k] != right[:, k])[0])
        otherwise = "Go through one curve by hand, counting epochs from 1."
        yield not_yet(
            label,
            2,
            said or otherwise,
            got=f"{found[row, k]:g}",
            look_at=f"patience {curves[row][1]}, losses {curves[row][0][:12]} …",
        )


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · A verdict over five seeds", points=5)
def verdict(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``paired``: the interval on paired differences, and the word that follows."""
    function = answers.function("paired")
    rng = np.random.default_rng([plant_seed, 64])
    cases = []
    for shift, spread in ((0.0, 0.25), (-0.6, 0.12), (0.7, 0.12), (0.09, 0.07)):
        shared = rng.normal(3.8, 0.3, 5)
        off = rng.normal(0, 1, 5)
        off = (off - off.mean()) / off.std(ddof=1) * spread  # luck decides no verdict
        cases.append((shared, shared + shift + off))
    numbers, words = [], []
    for trees, net in cases:
        answer = function(trees.copy(), net.copy(), shown="trees, net")
        if not isinstance(answer, tuple | list) or len(answer) != 3:
            said = "`paired` should give three things: lower end, upper end, and a word."
            raise Stop(Outcome.NOT_YET, said, got=describe(answer))
        numbers.append([number(answer[0], "paired"), number(answer[1], "paired")])
        words.append(answer[2])
    found, right = np.array(numbers), np.array([material._paired(*one)[:2] for one in cases])
    if np.allclose(found, right, rtol=0.005, atol=0.002):
        yield passed("the interval", 3)
    else:
        said = recognised(found.ravel(), wrong.intervals(cases), rtol=0.005, atol=0.002)
        otherwise = "Not mean ± 2.776 · SD / √5 of the five differences, net less trees."
        got = f"{found[0, 0]:.3f} to {found[0, 1]:.3f}"
        yield not_yet("the interval", 3, said or otherwise, got=got)
        return
    wanted = [material._paired(*one)[2] for one in cases]
    said_words = [word.strip().lower() if isinstance(word, str) else word for word in words]
    if said_words == wanted:
        yield passed("the word", 2)
        return
    row = next(k for k, word in enumerate(wanted) if said_words[k] != word)
    low, high = right[row]
    message = (
        '"net" where the whole interval is below 0, "trees" where it is above, else "undecided".'
    )
    got, at = describe(words[row]), f"{low:.3f} to {high:.3f}"
    yield not_yet("the word", 2, message, got=got, look_at=at)


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · Where the order turns", points=4)
def turning(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``turns_at``: the size from which one method stays ahead, or infinity."""
    function = answers.function("turns_at")
    rng = np.random.default_rng([plant_seed, 65])
    cases = [material._drawn_curve(rng, at) for at in (2, 3, 1)]
    again = material._drawn_curve(rng, 3)
    again[2][0] = again[1][0] - 0.2  # ahead by luck at the smallest size, and then no more
    never = material._drawn_curve(rng, 9)
    for label, points, some in (
        ("it turns once", 2, cases),
        ("a lucky start", 1, [again]),
        ("it never turns", 1, [never]),
    ):
        yield from guarded(label, points, _turns(function, some, label, points))


def _turns(function: Function, cases: list, label: str, points: int) -> Iterator[Part]:
    found = []
    for sizes, trees, net in cases:
        answer = function(sizes.copy(), trees.copy(), net.copy(), shown="sizes, trees, net")
        try:
            found.append(float(answer))
        except (TypeError, ValueError):
            said = "`turns_at` should give one number: a size, or `np.inf`."
            raise Stop(Outcome.NOT_YET, said, got=describe(answer)) from None
    right = [material._turns_at(*case) for case in cases]
    if np.allclose(found, right):
        yield passed(label, points)
        return
    said = recognised(found, wrong.turns(cases), rtol=1e-6)
    otherwise = "Not the smallest size from which the net's mean miss is lower, and stays lower."
    sizes, trees, net = cases[0]
    shown = f"net less trees: {dict(zip(sizes.tolist(), (net - trees).round(2), strict=True))}"
    yield not_yet(label, points, said or otherwise, got=f"{found[0]:g}", look_at=shown)
