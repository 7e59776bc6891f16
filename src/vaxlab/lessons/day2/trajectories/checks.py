"""Checks of day 2, notebook 3. Only the last one trains, and only trees."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import torch

from vaxlab.checks import border
from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day2.trajectories import handed, material, wrong

FEWEST, MOST = 100, 5_000
"""Weights of a network."""
REACHED = 0.5
"""Share of the weights that gradients should reach; a layer left over may stay unused."""
NETS = 24
"""New networks that are asked: fair ones all say one sign of all batches once in millions."""
MOVES = 1e-5
"""A change of the answer that counts as one; rounding is a hundredth of it."""
OF_OUR_GAIN = 1 / 3
"""Share of what the course's own features gain on plain ones that all points ask for."""
COLUMNS_MOST = 2_000

# Calibrated on twelve seeds of the plant: the table is in tests/lessons/day2/test_trajectories.py.


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
    """Check ``summary``: five numbers a tag, and nothing of what comes after 30 h."""
    function = answers.function("summary")
    rng = np.random.default_rng([plant_seed, 61])
    for label, gaps in (("five numbers a tag", False), ("gaps and a dead tag", True)):
        yield from guarded(label, 2, _five(function, rng, label, gaps))


def _five(function: Function, rng: np.random.Generator, label: str, gaps: bool) -> Iterator[Part]:
    first, tags = (-12, 5) if gaps else (material.RECORD_FROM_H, 4)  # no place in the table is sure
    hours = np.arange(first, material.LONGEST_H)
    values = rng.normal(5, 2, (6, len(hours), tags)) + np.linspace(0, 9, len(hours))[:, None]
    for row, ended in enumerate((38, 45, 47, 48, 60, 84)):
        values[row, hours >= ended] = np.nan
    if gaps:
        values[rng.random(values.shape) < 0.05] = np.nan
        values[0, hours == material.NOW_H - 1, 0] = np.nan  # a gap in the last hour of all
        values[2, :, 1] = np.nan
    right = material._summary(values, hours)
    answer = function(values.copy(), hours.copy(), shown="values, hours")
    hint = " A row a batch: the means of all tags, then their SDs, lowest, highest, last."
    found = _array(answer, right.shape, "summary", hint)
    by_sample = right.copy()  # an SD that divides by n - 1 is one as well
    seen = values[:, (hours >= material.FROM_H) & (hours < material.NOW_H)]
    count = np.isfinite(seen).sum(axis=1)
    with np.errstate(all="ignore"):
        by_sample[:, tags : 2 * tags] *= np.sqrt(count / (count - 1))
    if any(np.allclose(found, one, rtol=1e-5, equal_nan=True) for one in (right, by_sample)):
        yield passed(label, 2)
        return
    said = next(
        (text for value, text in wrong.summaries(values, hours)
         if np.allclose(found, value, rtol=1e-5, equal_nan=True)),
        "",
    )  # fmt: skip
    if not said and gaps and np.isnan(found).sum() > np.isnan(right).sum():
        said = "A gap makes the whole number NaN. Leave it out: `np.nanmean` and its like."
    elif not said and np.isfinite(found[np.isnan(right)]).any():
        said = "A tag that was never recorded gets a number. Leave NaN: trees can take it."
    otherwise = (
        "Not the mean, SD, lowest, highest and mean of the last three hours of each tag, from "
        "-6 h to 30 h."
    )
    yield not_yet(label, 2, said or otherwise, got=describe(found[0]))


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · A network that reads hours", points=4)
def network(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``make_net``: its shape, what it answers to, and whether it can be trained."""
    function = answers.function("make_net")
    rng = np.random.default_rng([plant_seed, 62])
    x = torch.tensor(rng.normal(size=(6, material.STEPS, len(material.TAGS))), dtype=torch.float32)
    nets = [_made(function) for _ in range(NETS)]
    said = [_asker(one)(x) for one in nets]
    label = "one number a batch"
    live = [k for k, one in enumerate(said) if np.ptp(one) >= MOVES]
    if not live:
        yield not_yet(label, 2, "It says the same of each batch: `x` has no part in it.")
        yield not_yet(_REST, 2, "Looked at once a batch has a number of its own.")
        return
    net, base = nets[live[0]], said[live[0]]
    ask = _asker(net)
    _ask_again_and_alone(ask, x, base)
    same = _same_weights(*nets[:2])
    lowest, highest = np.min(said), np.max(said)
    if not same and (lowest >= 0 or highest <= 0):  # of one and the same network chance may be why
        side = "below" if lowest >= 0 else "above"
        why = (
            f"None of {NETS} new networks says a number {side} 0, of any batch: half of all "
            "batches lie there, for 0 is the mean. Is there a `relu` or the like at the end?"
        )
        yield not_yet(label, 2, why, got=f"{lowest:.2g} to {highest:.2g}")
    else:
        yield passed(label, 2)
    mixed, reached = _looked_at(net, x)
    yield from guarded("the order of hours", 1, _order(ask, x, base, mixed))
    yield from guarded("weights to train", 1, _weights(net, reached, same))


_REST = "order and weights"


def _made(function: Function) -> Any:
    """Return a new network of the learner's, at rest."""
    net = function(shown="")
    if border.is_a(net, "builtins.type"):
        said = (
            f"`make_net()` gives the class `{net.__name__}`, not a network. Are brackets missing?"
        )
        raise Stop(Outcome.NOT_YET, said)
    if not border.is_a(net, "torch.nn.modules.module.Module"):
        said = "`make_net()` should give a module of PyTorch, made: `return Net()`."
        raise Stop(Outcome.NOT_YET, said, got=describe(net))
    net.eval()
    return net


def _ask_again_and_alone(
    ask: Callable[[torch.Tensor], np.ndarray], x: torch.Tensor, base: np.ndarray
) -> None:
    """Stop where a batch gets another number when asked again, or when it comes alone."""
    again = np.abs(ask(x) - base).max()
    if again > 100 * MOVES:
        raise Stop(
            Outcome.NOT_YET,
            "Asked the same twice, it gives two answers. Layers made in `forward` begin anew at "
            "each call: make them in `__init__`. Of dropout say `nn.Dropout`, which rests in "
            "`eval()`.",
            got=f"up to {again:.2g} apart",
        )
    alone = np.abs(np.concatenate([ask(x[k : k + 1]) for k in range(len(x))]) - base).max()
    if alone > 100 * MOVES:
        raise Stop(
            Outcome.NOT_YET,
            "A batch gets another number when it comes alone: rows see each other. Of a GRU or an "
            "LSTM say `batch_first=True`; it takes the first axis for the hours otherwise. Means "
            "over the first axis do the same.",
            got=f"up to {alone:.2g} apart",
        )


def _asker(net: Any) -> Callable[[torch.Tensor], np.ndarray]:
    forward = Function("forward", net)

    def ask(x: torch.Tensor) -> np.ndarray:
        answer = forward(x, shown=f"x of shape {tuple(x.shape)}")
        hint, axes = "", getattr(answer, "ndim", 1)
        if isinstance(answer, tuple):
            hint = " A GRU gives two things: all hours' memories, and the last one."
        elif axes == 2 and answer.shape[1] == 1:
            hint = " A column too many: `.squeeze(1)`, or the loss compares all with all."
        elif axes == 3:
            hint = " There is a number for each hour. Take the last hour's, or a mean."
        elif axes == 0:
            hint = " A bare `.squeeze()` drops the batch when it is one: `.squeeze(1)`."
        values = _array(answer, (len(x),), "forward", hint)
        if not np.isfinite(values).all():
            raise Stop(Outcome.NOT_YET, "`forward` says NaN.", got=describe(answer))
        return values

    return ask


def _looked_at(net: Any, x: torch.Tensor) -> tuple[bool, float]:
    """Return whether hours and tags get mixed up, and the share of weights gradients reach."""
    hook = net.register_forward_hook(handed.look)
    mixed, reached = np.asarray(Function("forward", net)(x, shown="x"), dtype=float)
    hook.remove()
    return bool(mixed), float(reached)


def _order(
    ask: Callable[[torch.Tensor], np.ndarray], x: torch.Tensor, base: np.ndarray, mixed: bool
) -> Iterator[Part]:
    label = "the order of hours"
    turned, late, early = x.clone(), x.clone(), x.clone()
    turned[:, -18:] = turned[:, -18:].flip(dims=[1])
    late[:, -3:] += 3.0
    early[:, :-3] += 3.0
    if mixed:
        said = (
            "Hours and tags get mixed up: `reshape` and `view` cut the numbers anew, in the order "
            "in which they lie. To change places of two axes: `x.transpose(1, 2)`."
        )
        yield not_yet(label, 1, said)
    elif np.abs(ask(late) - base).max() < MOVES:
        said = (
            "The last hours have no part in what it says. A layer that goes on by two or three "
            "hours at a time may drop the end: give it `padding`. Of a memory take `[:, -1]`."
        )
        yield not_yet(label, 1, said)
    elif np.abs(ask(early) - base).max() < MOVES:
        said = "Only the last hours have a part in what it says: it should read those before, too."
        yield not_yet(label, 1, said)
    elif np.abs(ask(turned) - base).max() < MOVES:
        yield not_yet(label, 1, "Hours turned round, it says the same: their order is lost.")
    else:
        yield passed(label, 1)


def _same_weights(one: Any, other: Any) -> str:
    """Return the name of a table of weights that is the same in two new networks, or nothing."""
    those = other.state_dict()
    for name, values in one.state_dict().items():
        drawn = values.ndim > 1 and np.std(values.numpy()) > 0
        if drawn and name in those and np.array_equal(values.numpy(), those[name].numpy()):
            return name
    return ""


def _weights(net: Any, reached: float, same: str) -> Iterator[Part]:
    label = "weights to train"
    weights = sum(math.prod(values.shape) for values in net.state_dict().values())
    if weights < FEWEST or weights > MOST:
        why = (
            "More weights than 120 batches could ever teach: fewer units, or some pooling."
            if weights > MOST
            else "Next to nothing can be learnt by so few."
        )
        expected = f"{FEWEST} to {MOST:,}"
        yield not_yet(label, 1, why, got=f"{weights:,} weights", expected=expected)
    elif reached < REACHED:
        why = (
            "Training does not reach its weights: gradients end on the way. Is there a `detach`, "
            "a `no_grad`, or a number taken out of its tensor, in `forward`?"
        )
        yield not_yet(label, 1, why, got=f"{reached:.0%} of {weights:,} weights reached")
    elif same:
        why = (
            "`make_net` gives the same weights twice. Make the network inside of `make_net`, and "
            "set no seed there: what one seed has learnt the next one would begin with."
        )
        yield not_yet(label, 1, why, got=f"the same `{same}` in two networks")
    else:
        yield passed(label, 1, f"{weights:,} weights.")


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · A verdict over five seeds", points=5)
def verdict(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``paired``: the interval on paired differences, and the word that follows."""
    function = answers.function("paired")
    rng = np.random.default_rng([plant_seed, 64])
    cases = []
    effects = [(0.08, 0.25), (-0.6, 0.12), (0.7, 0.12), (0.09, 0.085)]
    for shift, spread in rng.permutation(effects) * rng.uniform(0.8, 1.2, (4, 1)):
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
        numbers.append([number(answer[0], "low"), number(answer[1], "high")])
        words.append(answer[2])
    found, right = np.array(numbers), np.array([material._paired(*one)[:2] for one in cases])
    if np.allclose(found, right, rtol=0.005, atol=0.002):
        yield passed("the interval", 3)
    else:
        said = recognised(found.ravel(), wrong.intervals(cases), rtol=0.005, atol=0.002)
        if not said and np.allclose(found[:, ::-1], right, rtol=0.005, atol=0.002):
            said = "The ends changed places: the lower one comes first."
        off = np.abs(found - right)
        is_off = ~np.isclose(found, right, rtol=0.005, atol=0.002).all(axis=0)
        otherwise = "Not mean ± 2.776 · SD / √5 of the five differences, net less trees."
        if not is_off.all():
            ends = ("lower", "upper") if is_off[0] else ("upper", "lower")
            otherwise = f"The {ends[1]} end is right, the {ends[0]} one is not: mean ± one half."
        row = int(np.argmax(off.max(axis=1)))
        digits = int(np.clip(3 - np.log10(max(off[row].max(), 1e-9)), 3, 9))
        got, expected = (
            f"{one[row, 0]:.{digits}f} to {one[row, 1]:.{digits}f}" for one in (found, right)
        )
        yield not_yet("the interval", 3, said or otherwise, got=got, expected=expected)
        yield not_yet("the word", 2, "Looked at once the interval is right.")
        return
    wanted = [material._paired(*one)[2] for one in cases]
    said_words = [word.strip().lower() if isinstance(word, str) else word for word in words]
    if said_words == wanted:
        yield passed("the word", 2)
        return
    row = next(k for k, word in enumerate(wanted) if said_words[k] != word)
    low, high = right[row]
    message = (
        'Say "net" where the whole interval lies below 0, "trees" where it lies above, else '
        '"undecided".'
    )
    at = f"the interval from {low:.3f} to {high:.3f}"
    yield not_yet(
        "the word", 2, message, got=describe(words[row]), expected=wanted[row], look_at=at
    )


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Where the order turns", points=4)
def turning(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``turns_at``: up to which size trees surely lead, and from which on the net does."""
    function = answers.function("turns_at")
    cases = _curves(np.random.default_rng([plant_seed, 65]))
    found = []
    for sizes, low, high in cases:
        answer = function(sizes.copy(), low.copy(), high.copy(), shown="sizes, low, high")
        try:
            values = answer.values() if isinstance(answer, dict) else answer
            pair = [float(np.ravel(one)[0]) for one in values]
        except (TypeError, ValueError, IndexError):
            pair = []
        if len(pair) != 2:
            said = "`turns_at` should give two sizes: trees lead up to, the net leads from."
            raise Stop(Outcome.NOT_YET, said, got=describe(answer))
        found.append(pair)
    rights = [material._turns_at(*case) for case in cases]
    labels = ("trees lead up to", "the net leads from")
    nothing = (
        "0 where the trees do not lead at the smallest size",
        "np.inf where the net never is",
    )
    for k, (label, slips) in enumerate(zip(labels, wrong.turns(cases), strict=True)):
        ours, theirs = [pair[k] for pair in rights], [pair[k] for pair in found]
        if np.allclose(theirs, ours):
            yield passed(label, 2)
            continue
        row = next(r for r in range(len(cases)) if not np.isclose(theirs[r], ours[r]))
        message = recognised(theirs, slips, rtol=1e-6)
        if not message and not np.isfinite(ours[row]) or (k == 0 and ours[row] == 0):
            message = message or f"Give {nothing[k]}."
        otherwise = "The whole interval has to lie on one side of zero, there and all the way."
        sizes, low, high = cases[row]
        shown = ", ".join(
            f"{s:.0f}: {a:+.2f} to {b:+.2f}" for s, a, b in zip(sizes, low, high, strict=True)
        )
        got, expected = f"{theirs[row]:g}", f"{ours[row]:g}"
        said = message or otherwise
        yield not_yet(label, 2, said, got=got, expected=expected, look_at=shown)


def _curves(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Draw sizes with the ends of intervals: +1 trees lead, -1 the net does, ±0.3 leans so."""
    cases = []
    for sides in (
        (1, 1, 0.3, -0.3, -1, -1),
        (1, -1, 1, 0.3, -1, -1),  # the net is lucky once
        (1, 1, 0.3, 1, -0.3, -0.3),  # trees lead again, the net never
        (0.3, 1, 1, -1, -1, -1),  # nobody leads at the smallest size
        (-1, -1, 0.3, -1, -0.3, -1),
        (1, 1, 1, 1, 0.3, 1),
    ):
        sizes = np.round(rng.uniform(40, 80) * 2.0 ** np.arange(6))
        half = rng.uniform(0.1, 0.3, 6)
        middle = np.array(sides) * half * np.where(np.abs(sides) == 1, rng.uniform(1.3, 3, 6), 1)
        cases.append((sizes, middle - half, middle + half))
    return cases


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · Features of your own", points=5)
def features(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``features``: nothing of the future, each batch alone, and what trees make of it."""
    function = answers.function("features")
    learnt, new = material.pilot(plant_seed), material.next_series(plant_seed)
    own = _table(function, learnt.values, learnt.hours)
    some = slice(0, 40)
    other = learnt.values[some].copy()
    late = learnt.hours >= material.NOW_H
    other[:, late] = np.where(np.isnan(other[:, late]), 7.0, np.nan)
    label = "each batch by itself, and nothing of its future"
    changed = _table(function, other, learnt.hours)
    alone = _table(function, learnt.values[some], learnt.hours)
    message = ""
    if not _same(changed, alone):
        message = (
            "With another future the features are other ones: they look past 30 h, where nothing "
            "is known yet. `hours < 30`."
        )
    elif not _same(alone, own[some]):
        message = (
            "A batch has other features when fewer batches come along. At its 30 h there is one "
            "batch alone: take no mean or SD over batches."
        )
    if message:
        yield not_yet(label, 1, message)
        yield not_yet("the misses of trees", 4, "Looked at once the features are of that kind.")
        return
    yield passed(label, 1)
    yield _misses(own, _table(function, new.values, new.hours), plant_seed)


def _table(function: Function, values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    answer = function(values.copy(), hours.copy(), shown="values, hours")
    try:
        read = answer.detach() if hasattr(answer, "detach") else answer
        read = read.to_numpy() if isinstance(read, pd.DataFrame | pd.Series) else np.asarray(read)
        table = read.astype(float)
    except (TypeError, ValueError):
        table = np.empty(0)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != len(values) or not 0 < table.shape[1] <= COLUMNS_MOST:
        message = "`features` should give a table: one row a batch, one column a feature."
        if table.ndim == 3 and len(table) == len(values):
            message += " There is an axis too many: `.reshape(len(values), -1)`."
        look = f"{len(values)} batches came in"
        raise Stop(Outcome.NOT_YET, message, got=describe(answer), look_at=look)
    return np.where(np.isfinite(table), table, np.nan)


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-6, equal_nan=True)


def _misses(own: np.ndarray, own_new: np.ndarray, plant_seed: int) -> Part:
    label = "the misses of trees"
    plain, ours = _references(plant_seed)
    got = _miss_of(own, own_new, plant_seed)
    most = plain - OF_OUR_GAIN * (plain - ours)
    text = (
        f"Trees on your features miss by {got:.2f} h, on exercise 1's numbers by {plain:.2f} h, "
        f"on the course's own by {ours:.2f} h."
    )
    if got <= most:
        return passed(label, 4, text)
    spread = float(material.next_series(plant_seed).ready_h.std())
    why = " What does a batch look like beside its own first hours?"
    if got > 0.93 * spread:
        why = f" Whoever says the same of all misses by {spread:.2f} h.{why}"
    return not_yet(label, 4, text + why, expected=f"at most {most:.2f} h")


def _miss_of(table: np.ndarray, new: np.ndarray, plant_seed: int) -> float:
    """Return the mean miss of trees over three draws of the batches that are learnt from."""
    ready_h, asked = material.pilot(plant_seed).ready_h, material.next_series(plant_seed).ready_h
    found = []
    for seed in range(3):
        rows = np.random.default_rng(seed).permutation(len(ready_h))[: material.LEARNT]
        if not (np.nanstd(table[rows], axis=0) > 0).any():  # no feature tells batches apart
            found.append(material.miss(ready_h[rows].mean(), asked))
            continue
        trees = material.boosted(seed).fit(table[rows], ready_h[rows])
        found.append(material.miss(trees.predict(new), asked))
    return float(np.mean(found))


@lru_cache(maxsize=8)
def _references(plant_seed: int) -> tuple[float, float]:
    """Return the misses of trees on plain numbers, and on the course's own features."""
    learnt, new = material.pilot(plant_seed), material.next_series(plant_seed)
    plain, ours = (
        _miss_of(read(learnt.values, learnt.hours), read(new.values, new.hours), plant_seed)
        for read in (material._summary, material._beside_its_start)
    )
    return plain, ours
