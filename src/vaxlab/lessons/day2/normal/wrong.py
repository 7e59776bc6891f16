"""What wrong answers to this notebook's exercises come to, and what to say of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day2.normal import material
from vaxlab.lessons.day2.normal.material import TAGS

Case = tuple[pd.DataFrame, pd.DataFrame, int]
"""Golden rows, new rows, number of components."""

_OWN = (
    "The model was trained on the new rows themselves, so whatever they do becomes usual. Train on "
    "`golden` only."
)
_BOTH = (
    "The new rows are among those that the model was trained on. A fault that is in there becomes "
    "usual: train on `golden` only."
)
_SCALED = (
    "The rows were scaled once more. They come in spreads already, and a tag that hardly moves "
    "would be blown up to the size of the others: leave them."
)


def t2(cases: list[Case], right: list[pd.Series]) -> list[tuple[list, str]]:
    """Return wrong T², one a case, and what is wrong with each."""
    forms = {
        "scores alone": [],
        "sd": [],
        "ratio": [],
        "own": [],
        "uncentred": [],
        "new mean": [],
        "all": [],
        "scaled": [],
        "both": [],
    }
    for golden, new, k in cases:
        pca, _, t = material._fitted(golden, new, k)
        forms["scores alone"].append((t**2).sum(axis=1))
        forms["sd"].append((np.abs(t) / np.sqrt(pca.explained_variance_)).sum(axis=1))
        forms["ratio"].append((t**2 / pca.explained_variance_ratio_).sum(axis=1))
        forms["own"].append(material._t2_spe(new, new, k)[0])
        forms["uncentred"].append(
            ((new.to_numpy() @ pca.components_.T) ** 2 / pca.explained_variance_).sum(axis=1)
        )
        forms["new mean"].append(material._t2_spe(golden, new - new.mean() + golden.mean(), k)[0])
        forms["all"].append(material._t2_spe(golden, new, len(TAGS))[0])
        forms["scaled"].append(_scaled(golden, new, k)[0])
        forms["both"].append(material._t2_spe(pd.concat([golden, new]), new, k)[0])
    return [
        (forms["scores alone"], "The squares of the scores are summed as they are. Divide each by "
         "the variance of its component, `explained_variance_`, first: a score of 3 is much for a "
         "narrow one."),
        (forms["sd"], "This sums sizes over standard deviations. Square them: T² sums squares over "
         "variances."),
        (forms["ratio"], "`explained_variance_ratio_` is a share of the whole. Asked is the "
         "variance itself, `explained_variance_`."),
        (forms["own"], _OWN),
        (forms["both"], _BOTH),
        (forms["uncentred"], "The mean of the golden rows was not taken off. `pca.transform` does "
         "so."),
        (forms["new mean"], "The new rows were centred by their own mean, so they always look "
         "usual. Take the golden ones' off: `pca.transform` does so."),
        (forms["all"], "All components are in it. Use as many as `components` says; what they "
         "leave is for SPE."),
        (forms["scaled"], _SCALED),
        ([np.sqrt(one) for one in right], "This is its root: leave the square."),
        ([one / len(TAGS) for one in right], "This is a mean over tags: T² is a sum."),
    ]  # fmt: skip


def spe(cases: list[Case], right: list[pd.Series]) -> list[tuple[list, str]]:
    """Return wrong SPE, one a case, and what is wrong with each."""
    own = [material._t2_spe(new, new, k)[1] for _, new, k in cases]
    both = [material._t2_spe(pd.concat([golden, new]), new, k)[1] for golden, new, k in cases]
    scaled = [_scaled(golden, new, k)[1] for golden, new, k in cases]
    left, signed, explained, total = [], [], [], []
    for golden, new, k in cases:
        pca, centred, t = material._fitted(golden, new, k)
        rest = centred - t @ pca.components_
        left.append(np.abs(rest).sum(axis=1))
        signed.append(rest.sum(axis=1))
        explained.append((t**2).sum(axis=1))
        total.append((centred**2).sum(axis=1))
    return [
        (own, _OWN),
        (both, _BOTH),
        (scaled, _SCALED),
        (left, "This sums sizes of what is left. Square them."),
        (signed, "What is left was summed with its sign, so up and down cancel. Square it first."),
        (explained, "This is what the model explains. SPE is what it leaves: the row less what "
         "`pca.inverse_transform` makes of its scores."),
        (total, "This is the whole distance from the mean. Take off what the model explains."),
        ([np.sqrt(one) for one in right], "This is its root: leave the square."),
        ([one / len(TAGS) for one in right], "This is a mean over tags. SPE is a sum: S for sum of "
         "squares, one for each row."),
    ]  # fmt: skip


def _scaled(golden: pd.DataFrame, new: pd.DataFrame, k: int) -> tuple[pd.Series, pd.Series]:
    mean, sd = golden.mean(), golden.std(ddof=0)
    return material._t2_spe((golden - mean) / sd, (new - mean) / sd, k)


def blame(cases: list[Case], right: list[np.ndarray]) -> list[tuple[list, str]]:
    """Return tables that are no contributions to SPE, and what is wrong with each."""
    ways: dict[str, list] = {name: [] for name in ("left", "size", "whole", "model", "t2", "raw")}
    for golden, new, k in cases:
        pca, centred, t = material._fitted(golden, new, k)
        rest = centred - t @ pca.components_
        ways["left"].append(rest)
        ways["size"].append(np.abs(rest))
        ways["whole"].append(centred**2)
        ways["raw"].append(new.to_numpy() ** 2)
        ways["model"].append((t @ pca.components_) ** 2)
        ways["t2"].append(material._by_t2(golden, new, k).to_numpy())
    far = "It is how far each tag lies from its mean. A tag that moves as the others make it move "
    far += "is no suspect: take off what the model explains first."
    return [
        (ways["left"], "This is what is left, with its sign. What it adds to SPE is its square."),
        ([-one for one in ways["left"]], "This is what is left, with its sign turned. What it adds "
         "to SPE is its square."),
        (ways["size"], "This is the size of what is left. What it adds to SPE is its square."),
        (ways["whole"], far),
        (ways["raw"], far),
        (ways["model"], "This is what the model explains. What it leaves is what SPE is made of."),
        (ways["t2"], "These add up to T². Asked is what each tag adds to SPE."),
        ([one / one.sum(axis=1, keepdims=True) for one in right], "These are shares of SPE. Leave "
         "out the division: each row should add up to its SPE."),
        ([material._by_spe(new, new, k).to_numpy() for _, new, k in cases], _OWN),
        ([material._by_spe(pd.concat([golden, new]), new, k).to_numpy()
          for golden, new, k in cases], _BOTH),
    ]  # fmt: skip


def loops(
    things: Callable[[], tuple[Any, Any, Any, Any]], epochs: int
) -> tuple[list[list[float]], list[tuple[list[float], str]]]:
    """Return the losses of right loops, and of wrong ones with what is wrong.

    ``things`` gives a new model, its loader in fixed order, its loss and its optimiser.
    """
    import torch

    def run(
        zero: str = "each", step: str = "each", after: bool = False, total: Callable = np.mean
    ) -> list[float]:
        model, loader, loss, optimiser = things()
        losses = []
        for _ in range(epochs):
            batch = []
            for k, (x, y) in enumerate(loader):
                if zero == "each" or (zero == "first" and k == 0):
                    optimiser.zero_grad()
                value = loss(model(x), y)
                value.backward()
                if step == "each" or (step == "last" and k == len(loader) - 1):
                    optimiser.step()
                batch.append(value.item())
            if after:
                with torch.no_grad():
                    batch = [float(loss(model(x), y)) for x, y in loader]
            losses.append(float(total(batch)))
        return losses

    zero = "Gradients add up from step to step unless `optimiser.zero_grad()` clears them, before "
    zero += "each `backward()`."
    last = "This is the loss of each epoch's last batch. Take the mean over all of its batches."
    wrong = [
        (run(zero="never"), zero),
        (run(zero="first"), zero),
        (run(zero="never", after=True), zero),
        (run(step="never"), "The weights never move. Either `backward()` or `optimiser.step()` is "
         "missing, or the gradients are cleared between the two."),
        (run(zero="first", step="last"), "There is one step an epoch. Take one for each "
         "batch of the loader."),
        (run(total=lambda batch: batch[-1]), last),
        (run(total=lambda batch: batch[0]), "This is the loss of each epoch's first batch. "
         "Take the mean over all of its batches."),
        (run(total=np.sum), "This is the sum over the batches, which grows with their "
         "number. Take the mean."),
    ]  # fmt: skip
    return [run(), run(after=True)], wrong


def _one_side(x: np.ndarray, slack: float) -> np.ndarray:
    up, sums = 0.0, []
    for value in x:
        up = max(0.0, up + value - slack)
        sums.append(up)
    return np.array(sums)


def _together(x: np.ndarray, slack: float) -> np.ndarray:
    both, sums = 0.0, []
    for value in x:
        both = max(0.0, both + abs(value) - slack)
        sums.append(both)
    return np.array(sums)


def _anew(x: np.ndarray, slack: float) -> np.ndarray:
    """Do what `max(0, sum + nan - slack)` does in Python: 0, for no comparison with NaN holds."""
    up = down = 0.0
    sums = []
    for value in x:
        up, down = max(0.0, up + value - slack), max(0.0, down - value - slack)
        sums.append(max(up, down))
    return np.array(sums)


GAPS: list[tuple[Callable[[np.ndarray, float], np.ndarray], str]] = [
    (_anew, "At each missing reading both sums start anew at 0, as if nothing had been: in Python "
     "`max(0, …)` of NaN is 0. They stay as they are: leave a missing reading out."),
    (lambda x, slack: material._cusum(np.nan_to_num(x), slack), "A missing reading counts as 0, "
     "and a 0 lets both sums fall by the slack. They stay as they are: leave it out."),
]  # fmt: skip

SUMS: list[tuple[Callable[[np.ndarray, float], np.ndarray], str]] = [
    (_one_side, "Only the upward sum is there. A drift may go down, too."),
    (lambda x, slack: _one_side(-x, slack), "Only the downward sum is there. A drift may go up."),
    (_together, "Sizes are summed. Noise that goes up and down adds up like that: keep one sum for "
     "each direction."),
    (lambda x, slack: np.abs(np.cumsum(x)), "This is a plain running sum. Take the slack off at "
     "each reading, and start anew wherever it falls below zero."),
    (lambda x, slack: np.cumsum(x), "This is a plain running sum. Take the slack off at each "
     "reading, and start anew wherever it falls below zero."),
    (lambda x, slack: material._cusum(x, 0.0), "The slack is not used. Without it noise alone "
     "adds up."),
    (lambda x, slack: material._cusum(x, -slack), "The slack was added. It is taken off each "
     "reading."),
    (lambda x, slack: material._cusum(x, slack, -np.inf), "The sums fall below zero, so a good "
     "past is a credit that hides what comes. Start anew at zero: `max(0, …)`."),
    (lambda x, slack: np.maximum(0, np.abs(x) - slack), "Each reading stands alone. Add it to the "
     "sum so far."),
]  # fmt: skip


CLEAR_TIMES, CLEAR_WIDTHS = 5.0, 2.0
"""Of the middle peak, and widths of the middle half in logarithms: from there on a fault is clear.

The right answers of the bank ask for four times, or for one and a half widths.
"""


def with_clear_faults(some: material.Line, rows: pd.DataFrame) -> material.Line:
    """Return a line whose faults are those that a chart of its own batches shows well.

    The others count as batches with gaps do: on neither side. Where none is clear, all count.
    """
    charts = pd.DataFrame(dict(enumerate(material._t2_spe(rows, rows))))
    peaks = np.log(charts.groupby(level="batch").max())
    low, middle, high = (peaks.quantile(q) for q in (0.25, 0.5, 0.75))
    times = (peaks - middle).max(axis=1) >= np.log(CLEAR_TIMES)
    clear = times & (((peaks - high) / (high - low)).max(axis=1) >= CLEAR_WIDTHS)
    shown = {batch: fault for batch, fault in some.faults.items() if clear.get(batch, False)}
    if not shown:
        return some
    return replace(some, faults=shown, failing=some.failing | (set(some.faults) - set(shown)))
