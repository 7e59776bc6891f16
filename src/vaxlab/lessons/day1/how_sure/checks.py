"""Checks of day 1, notebook 4: a yield, and how sure one may be of it.

Each check works on the plant that ``plant_seed`` drives, and judges beside what the course's own
answer does with the very same data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from vaxlab.checks import models
from vaxlab.checks.exercise import (
    Answers,
    Function,
    Stop,
    exercise,
    guarded,
    not_yet,
    passed,
)
from vaxlab.checks.reading import describe, named, number, series
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.how_sure import material, wrong
from vaxlab.lessons.day1.how_sure.handed import Watched
from vaxlab.plant import campaign

# Calibrated on 22 seeds of the plant, see tests/lessons/day1/test_how_sure.py for the table.
R2_TOLERANCE, R2_TRUTH_TOLERANCE = 0.006, 0.01
SLOPE_TOLERANCE, SLOPE_HELD_TOLERANCE = 0.005, 0.02
OF_OUR_GAIN = 0.5
"""Share of what the course's own model gains on the race that all points ask for."""
LEVEL = 0.9
LIKE_OURS, WIDTH_LIKE_OURS = 0.5, (0.6, 1.6)
"""Misses on unseen lots beside the course's own: least correlation, ratio of the widths."""


def _values(answer: Any, n: int, message: str) -> list[Any]:
    """Return n values of a tuple, an array, a Series or a dict; each is read by its own part."""
    try:
        values = list(answer.values()) if isinstance(answer, dict) else list(np.ravel(answer))
    except (TypeError, ValueError):
        values = []
    if len(values) != n:
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return values


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · R² against what?", points=4)
def scores(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``three_scores``: R² against one assay, the mean of four, and the truth."""
    function = answers.function("three_scores")
    predicted, readings = material.predictions(plant_seed), material.four_readings(plant_seed)
    answer = function(predicted.copy(), readings.copy(), shown="predicted, readings")
    values = _values(answer, 3, "`three_scores` should give three numbers: one, four, truth.")
    mean = readings.mean(axis=1)
    measured = {"one assay": readings[1], "mean of four": mean}
    names = ("one", "four")
    for value, name, (what, y) in zip(values, names, measured.items(), strict=False):
        label = f"against {what}"
        yield from guarded(label, 1, _score(value, name, label, predicted, readings, y))
    label = "against the truth"
    yield from guarded(label, 2, _true_score(values[2], label, predicted, readings, plant_seed))


def _score(
    answer: Any,
    name: str,
    label: str,
    predicted: pd.Series,
    readings: pd.DataFrame,
    measured: pd.Series,
) -> Iterator[Part]:
    value = number(answer, name)
    # Named first: on some histories a squared correlation comes close.
    known = named(value, wrong.of_r2(predicted, readings, measured), "", rtol=1e-6)
    if not known and abs(value - wrong.r2(measured, predicted)) <= R2_TOLERANCE:
        yield passed(label, 1, f"{value:.2f}.")
        return
    of = {"one": "the first assay, `readings[1]`", "four": "the mean of all four assays"}[name]
    message = f"Not one minus the mean squared miss over the variance, both of {of}."
    yield not_yet(label, 1, known or message, got=f"{value:.3f}")


def _true_score(
    answer: Any, label: str, predicted: pd.Series, readings: pd.DataFrame, plant_seed: int
) -> Iterator[Part]:
    value = number(answer, "truth")
    known = named(value, wrong.of_truth(predicted, readings), "", rtol=1e-6)
    if not known and abs(value - _r2_truth(predicted, readings)) <= R2_TRUTH_TOLERANCE:
        plant = campaign.run(seed=plant_seed).truth["batches"].set_index("batch_id")
        truth = wrong.r2(plant["ha_at_harvest_log10_per_100ul"].loc[predicted.index], predicted)
        yield passed(label, 2, f"{value:.2f}; the plant's truth says {truth:.2f}.")
    else:
        message = known or "Not what the formula gives. Work out s² by itself first, and look at it"
        spread = f"s² of one assay is {readings.var(axis=1).mean():.4f} here"
        yield not_yet(label, 2, message, got=f"{value:.3f}", look_at="" if known else spread)


def _r2_truth(predicted: pd.Series, readings: pd.DataFrame) -> float:
    mean = readings.mean(axis=1)
    left = readings.var(axis=1).mean() / 4
    return float(1 - (((mean - predicted) ** 2).mean() - left) / (mean.var(ddof=0) - left))


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · Slow batches", points=4)
def slopes(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``moi_slopes``: of all batches together, and at one harvest hour."""
    function = answers.function("moi_slopes")
    table = material.pilot_series(plant_seed)
    answer = function(table.copy(), shown="pilot")
    values = _values(answer, 2, "`moi_slopes` should give two numbers: together, same_hour.")
    label = "all batches together"
    yield from guarded(label, 1, _together(values[0], label, table))
    label = "at the same harvest hour"
    yield from guarded(label, 3, _same_hour(values[1], label, table))


def _together(answer: Any, label: str, table: pd.DataFrame) -> Iterator[Part]:
    value = number(answer, "together")
    together, same_hour = _slopes(table)
    if abs(value - together) <= SLOPE_TOLERANCE:
        yield passed(label, 1, f"{value:+.3f} log10 for ten times the MOI.")
        return
    known = wrong.of_slopes(table) | {
        same_hour: "This is the slope with the hour held: it belongs second. First comes that "
        "of all batches together."
    }
    otherwise = "Not the slope of a straight line through all batches."
    message = named(value, known, otherwise, rtol=1e-4)
    yield not_yet(label, 1, message, got=f"{value:+.3f}")


def _same_hour(answer: Any, label: str, table: pd.DataFrame) -> Iterator[Part]:
    value = number(answer, "same_hour")
    together, same_hour = _slopes(table)
    known = named(value, wrong.of_held_slopes(table, together, same_hour), "", rtol=1e-4)
    if np.isclose(value, same_hour, rtol=1e-6):
        known = ""  # a few batches may have the very same slope, but it is the one that was asked
    if not known and abs(value - same_hour) <= SLOPE_HELD_TOLERANCE and value > 0:
        yield passed(label, 3, f"{value:+.3f}: the sign has turned.")
        return
    message = known or (
        "Not the weight of log10 MOI in one linear model of all batches with two columns, log10 "
        "MOI and the harvest hour, both as they are: not rescaled, not shrunk, not in groups."
    )
    yield not_yet(label, 3, message, got=f"{value:+.3f}")


def _slopes(table: pd.DataFrame) -> tuple[float, float]:
    x = np.log10(table["moi"])
    return wrong.weights(table["ha"], x)[0], wrong.weights(table["ha"], x, table["harvest_h"])[0]


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · Close to the floor", points=5)
def model(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``make_model``: trained on the history, judged on the next batches."""
    function = _maker(answers)
    made = models.estimator(function, models.BorrowedRegressor, "a scikit-learn regressor")
    X, y = material.split(material.history(plant_seed))
    _train(made, X, y)
    like = material.next_batches(False, plant_seed)
    new = material.next_batches(True, plant_seed)
    said = _said(made, like[X.columns])
    label = "predicts log10 HA, of a seed lot that it has never seen, too"
    if said.median() > 10:
        message = (
            "These look like antigen, not its logarithm. Train on `ha` as it is; where you "
            "transform the target, transform the predictions back."
        )
        yield not_yet(label, 5, message, got=f"a median of {said.median():.3g}")
        return
    yield from guarded(label, 1, _possible_titres(label, made, said, new[X.columns]))
    yield _reads_the_row(made, like[X.columns], said)
    released = like["doses"] > 0  # like the history, which holds no others
    foretold = material.foretold(plant_seed)[released]
    yield _beats_the_race(said[released], like[released], foretold, _said(made, X) - y)


def _maker(answers: Answers) -> Function:
    try:
        return answers.function("make_model")
    except Stop as stop:
        if "a table of the notebook" not in stop.message:
            raise
        message = (
            f"{stop.message.partition('. ')[0]}. It is given none, and needs none: the names of "
            "columns are in `known` and `recipe`, and `make_column_selector` looks for a kind of "
            "column in whatever table the model is trained on."
        )
        raise Stop(stop.outcome, message) from None


def _train(made: BaseEstimator, X: pd.DataFrame, y: pd.Series) -> None:
    try:
        made.fit(X, y)
    except Stop as stop:
        if "not columns of the dataframe: {'ha'}" not in stop.message:
            raise
        message = (
            "It asks for the column `ha`, which is to be foretold and is not in the table that "
            "goes in. `ha` is a number, so whoever picks all numbers of the notebook's `table` "
            "picks it, too: pick them among `known`."
        )
        raise Stop(Outcome.NOT_YET, message, called=stop.called) from None


def _said(made: BaseEstimator, batches: pd.DataFrame) -> pd.Series:
    try:
        values = made.predict(batches)
    except Stop as stop:
        if "unknown categories" not in stop.message:
            raise
        message = (
            "It stops at seed lots that were not among those it was trained on. A new lot is "
            "nothing odd in a plant: let the encoder pass over what it does not know (hint 2)."
        )
        raise Stop(Outcome.NOT_YET, message, called=stop.called) from None
    said = series(np.ravel(values), batches.index).astype(float)
    if not np.isfinite(said).all():
        raise Stop(Outcome.NOT_YET, "Some predictions are not finite.", got=describe(said))
    return said


def _possible_titres(
    label: str, made: BaseEstimator, said: pd.Series, of_new_lots: pd.DataFrame
) -> Iterator[Part]:
    both = pd.concat([said, _said(made, of_new_lots)])
    if both.between(0.5, 4).all():
        yield passed(label, 1)
        return
    message = "Some predictions are no possible titre. What does it do far from what it saw?"
    yield not_yet(label, 1, message, got=f"{both.min():.2f} to {both.max():.2f}")


def _reads_the_row(made: BaseEstimator, batches: pd.DataFrame, said: pd.Series) -> Part:
    label = "reads the seed lot, and numbers beyond the recipe"
    if not np.allclose(_said(made, batches), said):
        message = "Asked twice about the same batches, it says two different things."
        return not_yet(label, 1, message)
    lots = sorted(set(batches["seed_lot"]))
    next_one = dict(zip(lots, lots[1:] + lots[:1], strict=True))
    other = _said(made, batches.assign(seed_lot=batches["seed_lot"].map(next_one)))
    moved = (other - said).abs()
    if moved.max() <= 1e-6:
        message = (
            "With the name of another seed lot, and all else the same, it says the same: no "
            "column that it learns from tells the lots apart. `seed_lot` is text, and the text "
            "needs a column for each lot. Columns picked by their `dtype` may miss it without a "
            "word; its name does not."
        )
        return not_yet(label, 1, message)
    beyond = batches.columns.drop([*material.RECIPE, "seed_lot"])
    swapped = dict(zip(beyond, batches[beyond].to_numpy()[::-1].T, strict=True))
    if (_said(made, batches.assign(**swapped)) - said).abs().max() <= 1e-6:
        message = (
            "With other cells, hours and certificates, and recipe and lot the same, it says the "
            "same. The race read ten columns: read the others, too."
        )
        return not_yet(label, 1, message)
    return passed(label, 1, f"With another lot's name it says {moved.mean():.3f} log10 else.")


def _beats_the_race(
    said: pd.Series, like: pd.DataFrame, foretold: pd.DataFrame, own: pd.Series
) -> Part:
    """Judge predictions beside those of two models; ``own``: misses on the training batches."""
    label = "nearer to the noise floor than the race"
    floor, rmse = material.noise_floor(like), _rmse(said, like)
    race, ours = _rmse(foretold["race"], like), _rmse(foretold["ours"], like)
    # Where ours gains nothing there is nothing to be had: level with the race is enough.
    most = race - OF_OUR_GAIN * max(race - ours, 0.0)
    text = (
        f"To be expected against four assays of {len(like)} new released batches of known lots: "
        f"your RMSE {rmse:.3f}, the race's ridge {race:.3f}, the data team's model {ours:.3f}, "
        f"the noise floor {floor:.3f}."
    )
    if rmse <= most:
        return passed(label, 3, text)
    if said.std() < 0.01:
        why = " It says nearly the same of every batch: what does it read of the table?"
    elif np.allclose(said, foretold["race"], atol=1e-6):
        why = " It is the race's ridge again, which reads the recipe only. Read the whole row."
    elif (own**2).mean() < 0.03**2:
        why = " It knows its own training batches by heart, their assay's luck included."
    else:
        why = (
            " Does it read the whole row? Are the numbers on one scale, and are the weights of a "
            "linear model shrunk?"
        )
    return not_yet(label, 3, text + why, expected=f"at most {most:.3f}")


def _rmse(said: Any, batches: pd.DataFrame) -> float:
    """Return the RMSE that is to be expected against four new assays of these batches."""
    noise = campaign.HA_SD_LOG10**2 / campaign.HA_REPLICATES
    return float(np.sqrt(((np.ravel(said) - batches["true_ha"]) ** 2).mean() + noise))


# Exercise 4 -------------------------------------------------------------------------------

DRAWS = 8


@exercise("Exercise 4 · Half a width", points=4)
def width(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``half_width``: which of the sizes it reaches."""
    function = answers.function("half_width")
    pool = material.our_misses(plant_seed).to_numpy()
    rng = np.random.default_rng(plant_seed)
    label = "from few misses"
    few = list(guarded(label, 2, _reached(function, label, 2, FEW, pool, rng)))
    yield from few
    label = "from 200 misses"
    yield from guarded(label, 1, _reached(function, label, 1, MANY, pool, rng))
    label = "from too few"
    if few[0].outcome is Outcome.PASSED:
        yield from guarded(label, 1, _too_few(function, label, pool, rng))
    else:
        yield not_yet(label, 1, "Looked at once it is right for few.")


FEW = (
    *((20, 0.9), (10, 0.8), (30, 0.9), (19, 0.9), (9, 0.9), (20, 0.8), (30, 0.8)),
    *((13, 0.8), (15, 0.9)),
)
"""Numbers of misses and levels. At most of them the "one more" is another place; the last place of
nine is the largest of them, so that whoever counts from one falls off its end; at 80 % of 20 and of
30 whoever leaves the level unread is further off than one place. At the last two the place to the
nearest lies below the one that is asked for."""
MANY = ((200, 0.9), (205, 0.9))
"""At the second, too, the place to the nearest is one too low."""
TOO_FEW = ((5, 0.9), (3, 0.8), (8, 0.9), (7, 0.9))


def _reached(
    function: Function,
    label: str,
    points: float,
    cases: tuple[tuple[int, float], ...],
    pool: np.ndarray,
    rng: np.random.Generator,
) -> Iterator[Part]:
    """Yield whether the right one of the sizes is reached."""
    one_more = False
    for n, level in cases:
        place = int(np.ceil((n + 1) * level))
        for _ in range(DRAWS):
            misses = rng.choice(pool, n, replace=False)
            half = _half(function, misses, level)
            size = np.sort(np.abs(misses))
            reached = int((size <= half * (1 + 1e-9)).sum())
            # As it is often printed; numpy then counts its places from n - 1, so it takes the next.
            higher = np.isclose(half, np.quantile(size, place / n, method="higher"))
            one_more |= bool(reached != place and higher)
            if (reached == place or higher) and np.isfinite(half):
                continue
            message = wrong.of_width(misses, half, level) or (
                f"It reaches {reached} of the {n} sizes. For {level:.0%} it should reach the "
                f"{wrong.th(place)} and not the next: ceil({n + 1} · {level})."
            )
            called = f"half_width({n} misses, {level})"
            yield not_yet(label, points, message, called=called, got=f"{half:.4f}")
            return
    where = ", ".join(f"{level:.0%} of {n}" for n, level in cases)
    if one_more:
        text = (
            f"Wide enough for {where}. At times it reaches one place more than is needed, which "
            "is never too narrow, and so accepted."
        )
    else:
        text = f"The right place for {where}."
    yield passed(label, points, text)


def _too_few(
    function: Function, label: str, pool: np.ndarray, rng: np.random.Generator
) -> Iterator[Part]:
    for n, level in TOO_FEW:
        half = _half(function, rng.choice(pool, n, replace=False), level)
        if half != np.inf:
            message = (
                f"Place {int(np.ceil((n + 1) * level))} of {n} does not exist. Even the largest "
                f"of {n} sizes holds the next batch {n} times in {n + 1} only: no width is honest "
                "here but an infinite one, `np.inf`."
            )
            yield not_yet(
                label, 1, message, called=f"half_width({n} misses, {level})", got=f"{half:.4g}"
            )
            return
    yield passed(label, 1, "Infinite, as asked.")


def _half(function: Function, misses: np.ndarray, level: float) -> float:
    """Return a half-width; infinity and NaN may stand for a number that is not finite."""
    answer = function(misses.copy(), level, shown=f"{len(misses)} misses, {level}")
    try:
        read = np.asarray(answer, dtype=float).ravel()
    except (TypeError, ValueError):
        read = np.empty(0)
    if read.size == 1 and (np.isnan(read[0]) or np.isposinf(read[0])):
        return float(read[0])
    return number(answer, "half_width")


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · A lot nobody has seen", points=5)
def new_lot(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``new_lot_deviations``: no lot on both sides, and misses as they should be."""
    function = answers.function("new_lot_deviations")
    table = material.releases(plant_seed)
    watched = Watched(table["seed_lot"].to_dict())
    said = _misses(function(watched, table.copy(), shown="model, table"), table)
    label = "every lot is foretold by a model that has not seen it"
    told, rows = _in_order(said, table)
    message = _not_apart(told, rows)
    if message:
        yield not_yet(label, 3, message)
        yield not_yet("measured less predicted", 2, "Looked at once lots are kept apart.")
        return
    known, nameless = Watched.read(told)[0], Watched.read(told)[3]
    yield passed(label, 3, f"{known.nunique()} models, {len(table)} batches.")
    label = "measured less predicted"
    if nameless.any():
        message = (
            "The column `seed_lot` was taken out of the table that goes in. A lot is left out by "
            "its rows: leave the column in, for a model such as yours of exercise 3 reads it."
        )
        yield not_yet(label, 2, message)
        return
    if told is not said:
        message = (
            "The misses come back in another order than the table's rows, so each would be taken "
            "for another batch's. Give a Series with the batches' index, or one value a row, "
            "first row first."
        )
        yield not_yet(label, 2, message, got=describe(said))
        return
    own = _misses(function(material._model(), table.copy(), shown="model, table"), table)
    ours = _as_split(known, table)
    ratio = material._half_width(own, LEVEL) / material._half_width(ours, LEVEL)
    alike = np.corrcoef(own, ours)[0, 1] if own.std() > 0 else 0.0
    low, high = WIDTH_LIKE_OURS
    if alike >= LIKE_OURS and low <= ratio <= high:
        yield passed(label, 2, _on_new_lots(own, plant_seed))
        return
    if alike <= -LIKE_OURS:
        message = "These are predicted less measured: turn the sign."
    elif (own >= 0).all():
        message = "These are sizes. Leave the sign: a promise is broken on one side only."
    elif own.abs().median() > 1:
        message = "These are doses, or predictions. Leave both in log10, and take the difference."
    else:
        message = "They are not the misses of `model`. Is anything done to them afterwards?"
    yield not_yet(label, 2, message, got=describe(own))


def _in_order(said: pd.Series, table: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Return misses of `Watched` with the rows that they belong to.

    They are what came in, unless all targets are there in another order than the table's. Then each
    miss is laid beside the batch of its target; batches that share a target are left out.
    """
    target, came = table["log_doses"], pd.Series(Watched.target(said).to_numpy())
    close = {"rtol": 0, "atol": Watched.PRECISION}
    if np.allclose(came, target, **close) or not np.allclose(
        np.sort(came), np.sort(target), **close
    ):
        return said, table
    order, at = np.argsort(target.to_numpy()), np.argsort(came.to_numpy())
    gap = np.diff(target.to_numpy()[order], prepend=-np.inf, append=np.inf) > 3 * Watched.PRECISION
    alone = gap[:-1] & gap[1:]
    rows = table.iloc[order[alone]]
    return pd.Series(said.to_numpy()[at[alone]], rows.index), rows


def _not_apart(said: pd.Series, table: pd.DataFrame) -> str:
    """Return why misses of `Watched` show no whole lots left out, or nothing."""
    known, itself, target, _ = Watched.read(said)
    own = table["seed_lot"].map(Watched.bit)
    if target.any():
        return (
            "`log_doses` itself is among the columns that the model is given. Nobody knows it at "
            "infection: take it out of the table that goes in."
        )
    if not known.any():
        return "The model that came in was never asked. Use `model`."
    if itself.any():
        return (
            "Some batches were foretold by a model that was trained on those very batches. What "
            "is left is smaller than the truth."
        )
    if (known & own).any():
        return (
            "The batch was left out, its seed lot was not: the model knew sisters of it. Leave "
            "out whole lots: `groups=` together with a splitter that uses them, such as "
            "`LeaveOneGroupOut`."
        )
    if (said % Watched.STEP == 0).all():
        return "These are predictions, not misses: take `log_doses` minus what was predicted."
    return ""


def _as_split(known: pd.Series, table: pd.DataFrame) -> pd.Series:
    """Return the misses of the course's model that knew of each batch the very same lots."""
    X, y = material.split(table)
    bits, ours = X["seed_lot"].map(Watched.bit), pd.Series(0.0, X.index)
    for lots in known.unique():
        seen, asked = (bits & lots) > 0, known == lots
        model = material._model().fit(X[seen], y[seen])
        ours[asked] = y[asked] - model.predict(X[asked])
    return ours


def _on_new_lots(by_lot: pd.Series, plant_seed: int) -> str:
    """Say what intervals from random folds, and from these misses, hold of new seed lots."""
    table = material.releases(plant_seed)
    X, y = material.split(table)
    new = material.next_batches(True, plant_seed)
    new = new[new["doses"] > 0]
    said = material._model().fit(X, y).predict(new[X.columns])
    off = np.abs(np.log10(new["doses"]) - said)
    held = [
        (off <= material._half_width(misses, LEVEL)).mean()
        for misses in (material.our_misses(plant_seed), by_lot)
    ]
    return (
        f"Meant to hold 90 %: on new seed lots intervals from random folds hold {held[0]:.0%}, "
        f"yours {held[1]:.0%}."
    )


def _misses(answer: Any, table: pd.DataFrame) -> pd.Series:
    misses = series(answer, table.index)
    try:
        misses = misses.astype(float)
    except (TypeError, ValueError):
        misses = pd.Series(np.nan, index=table.index)
    if not np.isfinite(misses).all():
        message = (
            "`new_lot_deviations` should give a finite number for each batch. Is it a power of "
            "ten? Leave both in log10."
        )
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return misses
