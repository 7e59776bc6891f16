"""Checks of day 1, notebook 3: whether a model still works on next month's lot.

Where one history leaves it to luck what a wrong way gives, a second table decides: one that holds
the lots' names and nothing else, columns of nothing, a rule that is sure to be good, more
histories. tests/lessons/day1/test_next_month.py says what was measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)

from vaxlab.checks.exercise import Answers, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, named
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.next_month import material
from vaxlab.lessons.day1.next_month.delivery import area_of, choice, labels
from vaxlab.lessons.day1.next_month.material import FOLDS, LAST, LATE, Exam
from vaxlab.plant import campaign

# Calibrated on many plants: tests/lessons/day1/test_next_month.py has the table.
CHANCE_LEAST, CHANCE_MOST = 0.40, 0.57
SIGNAL_TOLERANCE = 0.03
PROMISE_TOLERANCE = 0.05
CHOICE_TOLERANCE = 0.04


# Exercise 1 -------------------------------------------------------------------------------

_LOOK_AT = {
    "harvest": "the batch record is filled in until the harvest",
    "purification": "purification starts after the harvest",
    "release": "release takes weeks",
    "no time": "nobody wrote down when this was written; what cannot be dated counts as late",
}


@exercise("Exercise 1 · What nobody knew yet", points=5)
def late(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``late_columns``: named by when they were written, for three decisions."""
    function = answers.function("late_columns")
    tables = campaign.run(seed=plant_seed).tables
    times = material.written(tables).sample(frac=1, axis=1, random_state=plant_seed % 1000)
    batches = tables["batches"].set_index("batch_id").loc[times.index]
    day = pd.Timedelta(days=1)
    decisions = {
        "at infection": (1.0, batches["infected_at"]),
        "a day after the start": (2.0, batches["started_at"] + day),
        "two days after the harvest": (2.0, batches["harvested_at"] + 2 * day),
    }
    chosen = {
        label: _names(function(times.copy(), at.copy(), shown=f"written, times {label}"), times)
        for label, (_, at) in decisions.items()
    }
    one_list = len(set(map(frozenset, chosen.values()))) == 1
    for label, (points, at) in decisions.items():
        yield _judged_late(label, points, chosen[label], times, at, one_list)


def _judged_late(
    label: str,
    points: float,
    chosen: set[str],
    times: pd.DataFrame,
    decided_at: pd.Series,
    one_list: bool,
) -> Part:
    """Judge the columns that were named for one decision."""
    in_time = set(times.columns[times.le(decided_at, axis=0).all()])
    is_late, undated = set(times.columns) - in_time, set(LATE["no time"])
    missed, innocent = sorted(is_late - chosen), sorted(chosen & in_time)
    if not missed and not innocent:
        return passed(label, points, f"All {len(is_late)} named, and no other.")
    wrong = {
        frozenset(in_time): "These are the columns that are known in time. Name the others.",
        frozenset(times.columns): "These are all columns. Some were written in time.",
        frozenset(is_late - undated): "One column bears no time (`NaT`), and every comparison with "
        "a missing time is False. Ask which columns were surely written in time; all others are "
        "late.",
    }
    message = wrong.get(frozenset(chosen), "")
    earned = points / 2 if chosen == is_late - undated else 0.0
    if not message and one_list:
        message = (
            "Your function names the same columns for each decision. Compare `written` with "
            "`decided_at`."
        )
    if not message:
        message = (
            f"{len(missed)} of {len(is_late)} late columns are not named, and {len(innocent)} "
            "are named that were written in time."
        )
    example = (missed or innocent)[0]
    first = f"`{example}`: of {times.index[0]} written {times[example].iloc[0]}"
    look_at = f"{first}, decided {decided_at.iloc[0]}"
    step = next((_LOOK_AT[step] for step, names in LATE.items() if example in names), "")
    if missed and step:
        look_at += f" ({step})"
    return not_yet(label, points, message, earned=earned, look_at=look_at)


def _names(answer: Any, times: pd.DataFrame) -> set[str]:
    """Read names of columns: a list or set of them, flags on the columns, or a table of them."""
    columns = times.columns
    if isinstance(answer, pd.DataFrame):
        answer = answer.columns
    try:
        items = [answer] if isinstance(answer, str) else list(answer)
    except TypeError:
        items = [None]
    if len(items) == len(columns) and all(isinstance(item, bool | np.bool_) for item in items):
        flags = answer.reindex(columns) if isinstance(answer, pd.Series) else items
        items = list(columns[np.asarray(flags, dtype=bool)])
    if not all(isinstance(item, str) for item in items):
        message = "`late_columns` should give names of columns."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    unknown = sorted(set(items) - set(columns))
    if unknown:
        message = "Some names are not columns of `written`. Is one misspelt?"
        raise Stop(Outcome.NOT_YET, message, got=", ".join(unknown[:3]))
    return set(items)


# Exercise 2 -------------------------------------------------------------------------------

_KINDS = {"random": 1.0, "grouped": 3.0, "forward": 2.0}
_LABELS = {
    "random": "random split",
    "grouped": "grouped by seed lot",
    "forward": "forward in time",
}

_ACCURACY = (
    "This is the share of right answers, the default of scikit-learn's classifiers. Ask for the "
    'area: `scoring="roc_auc"`.'
)
_STRETCHES = (
    "These folds are not shuffled: each is a stretch of time. For the random split shuffle the "
    "batches, `KFold(5, shuffle=True, random_state=0)`."
)
_CUT = (
    "These folds cut right through the lots. Give the lots to `groups=`, with `GroupKFold`; "
    "`KFold` pays no heed to them."
)
_TRAINED = "These batches were in the training: the model has seen the answers."
# Where just half are short, both slips give the same number.
_YES_AND_NO = (
    "You ranked by yes and no, or counted right answers. The area needs the probability: "
    "`roc_auc_score` with `predict_proba(...)[:, 1]`."
)
_POOLED = (
    "You pooled the predictions of five models into one area. Each model has its own idea of what "
    "is high. Take the area of each fold, then the mean."
)
_BACKWARD = "You trained on the last batches and tested on the first: that is backward in time."


@lru_cache(maxsize=4)
def _slips(plant_seed: int) -> dict[str, list[tuple[list[float], str]]]:
    """Return the areas that known slips give on both tables, and what to say to each."""
    of_tables = [_slips_on(exam) for exam in material.exams(plant_seed)]
    return {
        kind: [
            ([slips[kind][k][0] for slips in of_tables], message)
            for k, (_, message) in enumerate(of_tables[0][kind])
        ]
        for kind in _KINDS
    }


def _slips_on(exam: Exam) -> dict[str, list[tuple[float, str]]]:
    x, y, lot, model = exam.known, exam.short, exam.lot, exam.model

    def accuracy(cv: Any, **more: Any) -> float:
        return float(cross_val_score(model, x, y, cv=cv, **more).mean())

    def area(trained: slice, tested: slice) -> float:
        fitted = clone(model).fit(x[trained], y[trained])
        return float(roc_auc_score(y[tested], fitted.predict_proba(x[tested])[:, 1]))

    whole, past, last = slice(None), slice(None, -LAST), slice(-LAST, None)
    early, later = slice(None, LAST), slice(LAST, None)
    first = clone(model).fit(x[past], y[past])
    by_lot = {"cv": GroupKFold(FOLDS), "groups": lot}
    pooled = cross_val_predict(model, x, y, **by_lot, method="predict_proba")[:, 1]
    in_order = [material.auc(model, x, y, folds(FOLDS)) for folds in (KFold, StratifiedKFold)]
    return {
        "random": [
            *((value, _STRETCHES) for value in in_order),
            (accuracy(material.shuffled()), _ACCURACY),
            (area(whole, whole), _TRAINED),
        ],
        "grouped": [
            *((value, _CUT) for value in in_order),
            (accuracy(**by_lot), _ACCURACY),
            (roc_auc_score(y, pooled), _POOLED),
        ],
        "forward": [
            (float(first.score(x[last], y[last])), _YES_AND_NO),
            (roc_auc_score(y[last], first.predict(x[last])), _YES_AND_NO),
            (area(whole, last), _TRAINED),
            (area(past, past), _TRAINED),
            (area(later, early), _BACKWARD),
        ],
    }


@exercise("Exercise 2 · Three scores", points=6)
def splits(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``three_scores``: on the history, and on a table of nothing but names of lots."""
    function = answers.function("three_scores")
    exams, given = material.exams(plant_seed), []
    for exam in exams:
        tables = (exam.known.copy(), exam.short.copy(), exam.lot.copy())
        answer = function(clone(exam.model), *tables, shown="model, X, y, seed_lot")
        given.append(_three(answer, function.name))
    for kind, points in _KINDS.items():
        values = [scores[kind] for scores in given]
        message = _slip(values, plant_seed, kind)
        if not message and _fits(values, plant_seed, kind):
            text = f"An area of {values[0]:.2f}, and of {values[1]:.2f} from names of lots alone."
            yield passed(_LABELS[kind], points, text)
            continue
        middle = [sum(exam.right[kind]) / 2 for exam in exams]
        yield not_yet(
            _LABELS[kind],
            points,
            message or _why_no_score(values, plant_seed, kind),
            got=f"{values[0]:.3f}, and {values[1]:.3f} from names of lots alone",
            expected=f"about {middle[0]:.2f}, and {middle[1]:.2f}",
        )


def _slip(values: Sequence[float], plant_seed: int, kind: str) -> str:
    """Return the message of the slip that gives just these areas on both tables, if any does."""
    right = [sum(exam.right[kind]) / 2 for exam in material.exams(plant_seed)]
    for known, message in _slips(plant_seed)[kind]:
        if np.allclose(values, known, rtol=0, atol=1e-5) and not np.allclose(right, known):
            return message
    return ""


def _fits(values: Sequence[float], plant_seed: int, kind: str) -> bool:
    """Tell whether a kind of score is right on both tables."""
    ranges = [exam.right[kind] for exam in material.exams(plant_seed)]
    return all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=True))


def _why_no_score(values: Sequence[float], plant_seed: int, kind: str) -> str:
    """Say what is certain about a score that is no slip's to the last digit."""
    for other in (other for other in _KINDS if other != kind):
        if _fits(values, plant_seed, other):
            if (kind, other) == ("grouped", "random"):
                return (
                    "Batches of one lot stand on both sides of the split: from the names of lots "
                    "alone it gives what a random split gives. Give the lots to `groups=`; "
                    "`KFold` pays no heed to them, `GroupKFold` does."
                )
            return f"This is the score of the {_LABELS[other]}. Mind the order of the three."
    return "Not the area that this split gives."


def _three(answer: Any, name: str) -> dict[str, float]:
    """Read three areas, in order or by name."""
    if isinstance(answer, pd.Series):
        answer = answer.to_dict()
    if isinstance(answer, dict):
        keys = [str(key).lower() for key in answer]
        values = list(answer.values())
        if sorted(keys) == sorted(_KINDS):
            values = [values[keys.index(kind)] for kind in _KINDS]
    else:
        values = list(np.ravel(answer)) if isinstance(answer, pd.DataFrame) else _items(answer)
    if len(values) != len(_KINDS):
        message = f"`{name}` should give three areas: random, grouped, forward."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return {kind: area_of(value, name) for kind, value in zip(_KINDS, values, strict=True)}


def _items(answer: Any) -> list[Any]:
    try:
        return [answer] if isinstance(answer, str) else list(answer)
    except TypeError:
        return [answer]


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · Choose inside the fold", points=4)
def inside(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``honest_score``: columns are chosen in each fold anew, without its test batches."""
    function = answers.function("honest_score")
    y = material.history(plant_seed)["short"].reset_index(drop=True)

    def mean(tables: list[pd.DataFrame], shown: str) -> float:
        given = [function(table, y.copy(), shown=shown) for table in tables]
        return float(np.mean([area_of(area, function.name) for area in given]))

    nothing = mean(
        [material.idle(plant_seed, k) for k in range(material.EMPTY_TABLES)], "building, y"
    )
    signals = [material.signal(plant_seed, k) for k in range(material.SIGNAL_TABLES)]
    found = mean(signals, "building, process and probe, y")
    yield from _nothing_and_something(
        ("six tables of 400 columns in which there is nothing", 2.0, nothing),
        (
            "the same, with the process columns and a probe among them",
            2.0,
            found,
            material.chosen_inside(plant_seed),
        ),
        "Some step saw the test batches. Choosing columns is part of training; put it into the "
        "pipeline, and give the pipeline to the cross-validation.",
        "Not what choosing ten columns, scaling and a logistic regression give.",
    )


def _nothing_and_something(
    empty: tuple[str, float, float],
    full: tuple[str, float, float, float],
    leaks: str,
    no_signal: str,
) -> Iterator[Part]:
    """Judge a score on tables of nothing, and on tables of something.

    Each counts only with the other: one number for all tables is neither honest nor a score.

    Parameters
    ----------
    empty : tuple of str, float, float
        Label, points, mean area.
    full : tuple of str, float, float, float
        Label, points, mean area, the area that is right.
    leaks, no_signal : str
        What to say where the one or the other is wrong.
    """
    label, points, nothing = empty
    other, others_points, found, truth = full
    is_honest = CHANCE_LEAST <= nothing <= CHANCE_MOST
    if is_honest and found >= nothing + 0.1:
        yield passed(label, points, f"An area of {nothing:.2f} on average: chance, as it must be.")
    elif is_honest:
        text = "This counts once the score is higher where there is something to find."
        yield not_yet(label, points, text, got=f"{nothing:.2f}, and {found:.2f} with something")
    else:
        text = "Nothing can be predicted from these, so an honest area is near 0.5."
        yield not_yet(
            label,
            points,
            f"{text} {leaks}" if nothing > CHANCE_MOST else text,
            got=f"{nothing:.2f} on average",
            expected=f"{CHANCE_LEAST:.2f} to {CHANCE_MOST:.2f}",
        )
    if not is_honest:
        text = "This counts once the first part is right."
        yield not_yet(other, others_points, text, got=f"{found:.2f}")
    elif abs(found - truth) <= SIGNAL_TOLERANCE:
        yield passed(other, others_points, f"An area of {found:.2f}.")
    else:
        expected = f"about {truth:.2f}"
        yield not_yet(other, others_points, no_signal, got=f"{found:.2f}", expected=expected)


# Exercise 4 -------------------------------------------------------------------------------

_SHUFFLES = 12
_FEW = 120


@exercise("Exercise 4 · The best of forty", points=4)
def best_of_many(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``nested_score``: the rule is chosen in each fold anew."""
    function = answers.function("nested_score")
    batches = material.history(plant_seed)
    y = batches["short"].reset_index(drop=True)
    lucky = [material.rules(batches[:_FEW], 100 * plant_seed + k) for k in range(_SHUFFLES)]
    given = [function(rules.copy(), y[:_FEW].copy(), shown="rules, y") for rules in lucky]
    nothing = float(np.mean([area_of(area, function.name) for area in given]))
    good = material.rules(batches, plant_seed, good=True)
    found = area_of(function(good.copy(), y.copy(), shown="rules, y"), function.name)
    otherwise = (
        "In some step a rule was judged on batches on which it was chosen. Choose on four fifths "
        "of the batches, judge on the fifth."
    )
    yield from _nothing_and_something(
        ("twelve times forty rules that know nothing", 2.5, nothing),
        ("forty rules of which one knows something", 1.5, found, material.areas(good, y).max()),
        named(nothing, _lucky_scores(lucky, y[:_FEW]), otherwise, rtol=0.0, atol=1e-5),
        "One of these rules is good, and choosing on four fifths finds it in each fold.",
    )


def _lucky_scores(lucky: list[pd.DataFrame], y: pd.Series) -> dict[float, str]:
    """Return what rules of luck seem to be worth in wrong ways, and what to say to each."""
    folds = list(material.shuffled().split(y))
    best = [material.areas(rules, y).max() for rules in lucky]
    seen = [
        np.mean([material.areas(rules.iloc[k], y.iloc[k]).max() for _, k in folds])
        for rules in lucky
    ]
    trained = [
        np.mean([material.areas(rules.iloc[k], y.iloc[k]).max() for k, _ in folds])
        for rules in lucky
    ]
    first = [
        np.mean([material.areas(rules.iloc[k], y.iloc[k])[chosen] for _, k in folds])
        for rules, chosen in zip(lucky, (material.areas(r, y).idxmax() for r in lucky), strict=True)
    ]
    before = (
        "You chose the rule on all batches, and took the folds only afterwards. Choose anew in "
        "each fold, on its four fifths."
    )
    return {
        float(np.mean(best)): "This is the best of forty areas. The highest of forty lucky numbers "
        "is a very lucky number. Choose on four fifths of the batches, judge on the fifth.",
        float(np.mean(seen)): "You chose on the test batches of each fold. Choose on the other "
        "four fifths; the test batches only judge.",
        float(np.mean(trained)): "You took the area on the four fifths that the rule was chosen "
        "on. Take its area on the fifth.",
        float(np.mean(first)): before,
    }


# Exercise 5 -------------------------------------------------------------------------------

_NATURAL = 4  # histories of the plant as it is; those after them have a probe


@dataclass(frozen=True)
class _Chosen:
    """What was chosen and promised on one history, and what is so."""

    name: str
    promised: float
    delivered: float
    best: str
    best_delivered: float
    random: float
    random_best: str


@exercise("Exercise 5 · A promise for next month", points=5)
def promise(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``choose``: the set of columns that works on new lots, and an honest promise."""
    function = answers.function("choose")
    made = []
    for k, case in enumerate(material.cases(plant_seed)):
        name, promised = choice(function, case, labels(case, k))
        best = max(case.delivered, key=case.delivered.get)
        by_random = max(case.random, key=case.random.get)
        delivered, most = case.delivered[name], case.delivered[best]
        made.append(_Chosen(name, promised, delivered, best, most, case.random[name], by_random))
    natural = made[:_NATURAL]
    label = "the choice, on six histories"
    lost = float(np.mean([one.best_delivered - one.delivered for one in made]))
    text = f"On new lots your sets give {lost:.2f} less than the best ones, on average."
    if lost <= CHOICE_TOLERANCE:
        yield passed(label, 2, text)
    else:
        yield not_yet(
            label,
            2,
            f"{text} {_why_no_choice(natural)}",
            got=", ".join(f"{one.name}: {one.delivered:.2f}" for one in natural),
            expected=", ".join(f"{one.best}: {one.best_delivered:.2f}" for one in natural),
        )
    label = "the promise, on six histories"
    off = float(np.mean([abs(one.promised - one.delivered) for one in made]))
    text = f"Your promises are off by {off:.2f} on average."
    if off <= PROMISE_TOLERANCE:
        yield passed(label, 3, text)
    else:
        yield not_yet(
            label,
            3,
            f"{text} {_why_no_promise(natural)}",
            got=", ".join(f"{one.promised:.2f} for {one.delivered:.2f}" for one in made),
            expected=f"off by at most {PROMISE_TOLERANCE}",
        )


def _why_no_choice(made: list[_Chosen]) -> str:
    """Say what is so about a choice that is worth less."""
    if all(one.name == one.random_best != one.best for one in made):
        return (
            "Each is the set that looks best in a random split, where batches of one lot stand on "
            "both sides. The lines of a certificate are the same for all batches of a lot: to the "
            "model they are the lot's name. Next month's lot has a name that it never saw."
        )
    return "Choose by the score that asks about lots which the model never saw."


def _why_no_promise(made: list[_Chosen]) -> str:
    """Say what is so about a promise that is too far off."""
    promised = np.mean([one.promised for one in made])
    random = np.mean([one.random for one in made])
    delivered = np.mean([one.delivered for one in made])
    message = f"On the four without a probe: promised {promised:.2f}, delivered {delivered:.2f}."
    if abs(promised - random) < 0.02 < random - delivered:
        message += (
            f" Random splits say {random:.2f} of these sets: their test batches share their lots "
            "with the training. Promise what the split by lot gives."
        )
    elif promised > 0.9:
        message += " Was it scored on the batches it was trained on?"
    return message
