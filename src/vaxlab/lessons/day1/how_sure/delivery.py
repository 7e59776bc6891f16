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
class Own:
    """What promises are made with: the learner's answers where they work, the course's otherwise.

    Attributes
    ----------
    trained : estimator
        On all released batches.
    width : callable
        Misses and level to a half-width, log10.
    random_folds, by_lot : Series
        Misses of log10 doses on batches that the model had not seen, and on lots.
    whose : str
        A sentence.
    """

    trained: BaseEstimator
    width: Callable[[pd.Series, float], float]
    random_folds: pd.Series
    by_lot: pd.Series
    whose: str


def misses(namespace: Mapping[str, Any]) -> pd.Series:
    """Return the misses of log10 doses of released batches that the model had not seen.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `make_model` is put to work where it gives an answer.
    """
    return material.misses(_model(Answers(namespace))[0], material.releases())


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
    own = _own(Answers(namespace))
    width = own.width(own.random_folds, LEVEL)
    inside = {}
    for name, new in {"known lots": False, "new seed lots": True}.items():
        batches, said = _promised(own, new)
        there = batches["doses"] > 0
        off = np.abs(np.log10(batches["doses"][there]) - said[there])
        inside[f"{name}<br>n = {there.sum()}"] = 100 * float((off <= width).mean())
    figure = figures.bars(
        pd.Series(inside),
        title=f"Intervals of ± {width:.2f} log10, meant to hold 90 %",
        axis_title="released batches inside (%)",
    )
    like, new = inside.values()
    sentence = (
        f"On batches of known lots {like:.0f} % lie inside, on new seed lots only {new:.0f} %."
        f"{own.whose}"
    )
    return figure, sentence


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
    own = _own(Answers(namespace))
    batches, said = _promised(own, new=True)
    there = batches["doses"] > 0
    ways = {
        "the prediction": 0.0,
        "less the width of random folds": own.width(own.random_folds, LEVEL),
        "less the width by seed lot": own.width(own.by_lot, LEVEL),
    }
    rows = {}
    for name, less in ways.items():
        doses = 10 ** (said - less)[there]
        short = (doses - batches["doses"][there]).clip(lower=0)
        rows[name] = {
            "promises broken, %": 100 * (short > 0).mean(),
            "doses promised": doses.sum(),
            "doses short": short.sum(),
            "short of 1,000 promised": 1000 * short.sum() / doses.sum(),
            "doses released": batches["doses"].sum(),
        }
    table = pd.DataFrame(rows).T.round(0).astype(int)
    broken, short = table["promises broken, %"], table["doses short"]
    figure = figures.bars(
        broken,
        title=f"{there.sum()} released batches from forty new seed lots",
        axis_title="promises broken (%)",
    )
    allowed = 100 * (1 - LEVEL) / 2
    figure.add_hline(y=allowed, line={"color": "#767676", "dash": "dash"})
    sentence = (
        f"The prediction is broken in {broken.iloc[0]} % of the released batches, the promise from "
        f"random folds in {broken.iloc[1]} %, the one by seed lot in {broken.iloc[2]} %; the "
        f"dashed line is the {allowed:.0f} % that the interval leaves below it. Doses "
        f"short: {short.iloc[0]:,}, {short.iloc[1]:,} and {short.iloc[2]:,}. {(~there).sum()} more "
        f"batches were rejected and gave none: no width is wide enough for that.{own.whose}"
    )
    return table, figure, sentence


def _promised(own: Own, new: bool) -> tuple[pd.DataFrame, pd.Series]:
    """Return batches that the plant makes, and what is foretold of their log10 doses."""
    batches = material.next_batches(new)
    X, _ = material.split(material.releases())
    said = np.ravel(own.trained.predict(batches[X.columns]))
    return batches, pd.Series(said, index=batches.index)


def _own(answers: Answers) -> Own:
    table = material.releases()
    model, whose_model = _model(answers)
    random_folds = material.misses(model, table)
    width = _answer(answers, _width, random_folds)
    by_lot = _answer(answers, _by_lot, model, table)
    used = [
        name
        for name, found in (
            ("make_model", whose_model),
            ("half_width", width),
            ("new_lot_deviations", by_lot is not None),
        )
        if found
    ]
    whose = f" At work here: your {', '.join(used)}." if used else ""
    X, y = material.split(table)
    return Own(
        clone(model).fit(X, y),
        width or material._half_width,
        random_folds,
        material.misses(model, table, lots_apart=True) if by_lot is None else by_lot,
        whose,
    )


def _model(answers: Answers) -> tuple[BaseEstimator, bool]:
    """Return a model, not trained, and whether it is the learner's own."""
    model = _answer(answers, _made)
    return (material._model(), False) if model is None else (model, True)


def _answer(answers: Answers, ask: Callable[..., Any], *given: Any) -> Any:
    """Return what the learner's names answer, or None where that is no answer yet."""
    found = []

    def parts() -> Iterator[Part]:
        found.append(ask(answers, *given))
        yield passed("", 0)

    outcomes = [part.outcome for part in guarded("", 1, parts())]
    return found[0] if outcomes == [Outcome.PASSED] else None


def _made(answers: Answers) -> BaseEstimator:
    function = answers.function("make_model")
    model = models.estimator(function, models.BorrowedRegressor, "a scikit-learn regressor")
    X, y = material.split(material.releases())
    trained = clone(model).fit(X, y)
    for new in (False, True):
        said = np.ravel(trained.predict(material.next_batches(new)[X.columns]))
        if not np.all(np.abs(said - y.mean()) < 3):  # not finite, or no log10 of doses at all
            raise ValueError("no log10 of doses")
    return model


def _width(answers: Answers, misses: pd.Series) -> Callable[[pd.Series, float], float]:
    function = answers.function("half_width")

    def width(misses: pd.Series, level: float) -> float:
        return number(function(misses.to_numpy(), level), "half_width")

    width(misses, LEVEL)
    return width


def _by_lot(answers: Answers, model: BaseEstimator, table: pd.DataFrame) -> pd.Series:
    theirs = getattr(model, "model", model)  # a learner's function may have the learner's model
    misses = answers.function("new_lot_deviations")(theirs, table.copy())
    misses = series(misses, table.index).astype(float)
    if not np.isfinite(misses).all():
        raise ValueError("not finite")
    return misses
