"""The learner's own model and width at work: on like batches, on new lots, in promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from sklearn.base import BaseEstimator, clone

from vaxlab import figures
from vaxlab.checks import models
from vaxlab.checks.exercise import Answers, guarded, passed
from vaxlab.checks.reading import number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.how_sure import material

LEVEL = 0.9


@dataclass(frozen=True)
class Trained:
    """A model put to work: the learner's where it answers, the course's otherwise.

    Attributes
    ----------
    model, trained : estimator
        As it came, and trained on all released batches.
    random_folds : Series
        Misses of log10 doses on batches that the model had not seen.
    is_own : bool
        Whether the learner made it.
    """

    model: BaseEstimator
    trained: BaseEstimator
    random_folds: pd.Series
    is_own: bool


_kept: list[Any] = []
"""The last `make_model` and what was trained of it: three cells put the same model to work."""


def misses(namespace: Mapping[str, Any]) -> pd.Series:
    """Return the misses of log10 doses of released batches that the model had not seen.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `make_model` is put to work where it gives an answer.
    """
    return _trained(namespace).random_folds.copy()


def coverage(namespace: Mapping[str, Any]) -> tuple[go.Figure, str]:
    """Let the plant make batches, and count those whose doses lie inside the interval.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `make_model` and `half_width` are put to work where they give an
        answer.

    Returns
    -------
    tuple of Figure and str
        Bars of the share of released batches that lie inside, and a sentence that says the same.
    """
    work = _trained(namespace)
    own_width = _answer(Answers(namespace), _width, work.random_folds)
    width = (own_width or material._half_width)(work.random_folds, LEVEL)
    inside, luck = {}, []
    for name, new in {"known lots": False, "new seed lots": True}.items():
        batches, said = _promised(work, new)
        there = batches["doses"] > 0
        off = np.abs(np.log10(batches["doses"][there]) - said[there])
        holds = off <= width
        inside[f"{name}<br>n = {there.sum()}"] = 100 * float(holds.mean())
        luck.append(_luck(holds, batches["seed_lot"][there]))
    shares = pd.Series(inside)
    figure = figures.bars(
        shares.round(),
        title=f"Intervals of ± {width:.2f} log10, meant to hold 90 %",
        axis_title="released batches inside (%)",
    )
    low, high = np.transpose(luck)
    error = {"array": high - shares, "arrayminus": shares - low, "color": "#767676"}
    figure.update_traces(error_y=error, textposition="inside", insidetextanchor="start")
    figure.add_hline(y=100 * LEVEL, line={"color": "#767676", "dash": "dash"})
    like, new = inside.values()
    sentence = (
        f"On batches of known lots {like:.0f} % lie inside, on new seed lots {new:.0f} %; meant "
        f"are {100 * LEVEL:.0f} %, the dashed line. With other lots of the same kind it could as "
        f"well be {low[0]:.0f} to {high[0]:.0f} % and {low[1]:.0f} to {high[1]:.0f} %."
        f"{_whose(make_model=work.is_own, half_width=own_width is not None)}"
    )
    return figure, sentence


def _luck(holds: pd.Series, lots: pd.Series) -> np.ndarray:
    """Return the 95 % interval, in %, of a share by drawing whole lots again."""
    by_lot = holds.groupby(lots).agg(["sum", "size"]).to_numpy()
    drawn = np.random.default_rng(0).integers(len(by_lot), size=(2000, len(by_lot)))
    held, made = by_lot[drawn].sum(axis=1).T
    return np.percentile(100 * held / made, [2.5, 97.5])


def promises(namespace: Mapping[str, Any]) -> tuple[pd.DataFrame, go.Figure, str]:
    """Promise doses of batches from new seed lots in three ways, and let the plant make them.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `make_model`, `half_width` and `new_lot_deviations` are put to work
        where they give an answer.

    Returns
    -------
    tuple of DataFrame, Figure and str
        One row for each way to promise; bars of the promises that were broken; a sentence.
    """
    answers, work, table = Answers(namespace), _trained(namespace), material.releases()
    own_width = _answer(answers, _width, work.random_folds)
    own_misses = _answer(answers, _by_lot, work, table)
    by_lot = own_misses
    if own_misses is None:
        by_lot = material.misses(work.model, table, lots_apart=True)
    width = own_width or material._half_width
    batches, said = _promised(work, new=True)
    there = batches["doses"] > 0
    ways = {
        "the prediction": 0.0,
        "less the width of random folds": width(work.random_folds, LEVEL),
        "less the width by seed lot": width(by_lot, LEVEL),
    }
    rows = {}
    for name, less in ways.items():
        doses = 10 ** (said - less)[there]
        short = (doses - batches["doses"][there]).clip(lower=0)
        rows[name] = {
            "promised of 100 foretold": 100 * 10**-less,
            "promises broken, %": 100 * (short > 0).mean(),
            "doses promised": doses.sum(),
            "doses short": short.sum(),
            "short of 1,000 promised": 1000 * short.sum() / doses.sum(),
            "doses released": batches["doses"].sum(),
        }
    rounded = pd.DataFrame(rows).T.round(0).astype(int)
    broken, short = rounded["promises broken, %"], rounded["doses short"]
    labels = [f"{name}<br>{share} %" for name, share in broken.items()]
    figure = figures.bars(
        broken.set_axis(labels),
        title=f"{there.sum()} released batches from forty new seed lots",
        axis_title="promises broken (%)",
    )
    figure.update_traces(text=None)  # a number on a low bar would lie in the dashed line
    allowed = 100 * (1 - LEVEL) / 2
    figure.add_hline(y=allowed, line={"color": "#767676", "dash": "dash"})
    sentence = (
        f"The prediction is broken in {broken.iloc[0]} % of the released batches, the promise from "
        f"random folds in {broken.iloc[1]} %, the one by seed lot in {broken.iloc[2]} %; the "
        f"dashed line is the {allowed:.0f} % that the interval leaves below it. Doses "
        f"short: {short.iloc[0]:,}, {short.iloc[1]:,} and {short.iloc[2]:,}. {(~there).sum()} of "
        f"all {len(there)} batches, {100 * (~there).mean():.0f} %, were rejected and gave none: "
        "no width is wide enough for that."
        + _whose(
            make_model=work.is_own,
            half_width=own_width is not None,
            new_lot_deviations=own_misses is not None,
        )
    )
    return rounded, figure, sentence


def _promised(work: Trained, new: bool) -> tuple[pd.DataFrame, pd.Series]:
    """Return batches that the plant makes, and what is foretold of their log10 doses."""
    batches = material.next_batches(new)
    X, _ = material.split(material.releases())
    said = np.ravel(work.trained.predict(batches[X.columns]))
    return batches, pd.Series(said, index=batches.index)


def _trained(namespace: Mapping[str, Any]) -> Trained:
    function = namespace.get("make_model")
    if not _kept or _kept[0] is not function:
        _kept[:] = [function, _train(Answers(namespace))]
    return _kept[1]


def _train(answers: Answers) -> Trained:
    table = material.releases()
    own = _answer(answers, _made)
    model, trained = own or (material._model(), material._model().fit(*material.split(table)))
    return Trained(model, trained, material.misses(model, table), own is not None)


def _whose(**is_own: bool) -> str:
    """Say which of the learner's answers are at work."""
    used = [name for name, found in is_own.items() if found]
    return f" At work here: your {', '.join(used)}." if used else ""


def _answer(answers: Answers, ask: Callable[..., Any], *given: Any) -> Any:
    """Return what the learner's names answer, or None where that is no answer yet."""
    found = []

    def parts() -> Iterator[Part]:
        found.append(ask(answers, *given))
        yield passed("", 0)

    outcomes = [part.outcome for part in guarded("", 1, parts())]
    return found[0] if outcomes == [Outcome.PASSED] else None


def _made(answers: Answers) -> tuple[BaseEstimator, BaseEstimator]:
    """Return the learner's model, and the same trained."""
    function = answers.function("make_model")
    model = models.estimator(function, models.BorrowedRegressor, "a scikit-learn regressor")
    X, y = material.split(material.releases())
    trained = clone(model).fit(X, y)
    for new in (False, True):
        said = np.ravel(trained.predict(material.next_batches(new)[X.columns]))
        if not np.all(np.abs(said - y.mean()) < 3):  # not finite, or no log10 of doses at all
            raise ValueError("no log10 of doses")
    return model, trained


def _width(answers: Answers, misses: pd.Series) -> Callable[[pd.Series, float], float]:
    function = answers.function("half_width")

    def width(misses: pd.Series, level: float) -> float:
        return number(function(misses.to_numpy(), level), "half_width")

    width(misses, LEVEL)
    return width


def _by_lot(answers: Answers, work: Trained, table: pd.DataFrame) -> pd.Series:
    # A learner's function gets the learner's model itself, made anew: what was kept of an earlier
    # cell can not be handed to this one's names.
    theirs = answers.function("make_model")() if work.is_own else work.model
    misses = answers.function("new_lot_deviations")(theirs, table.copy())
    misses = series(misses, table.index).astype(float)
    if not np.isfinite(misses).all():
        raise ValueError("not finite")
    return misses
