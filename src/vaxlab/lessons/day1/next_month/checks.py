"""Checks of day 1, notebook 3: whether a model still works on next month's lot.

Where one history leaves it to luck what a wrong way gives, other tables decide: one that holds the
lots' names and nothing else, one of a probe that some lots turn round, columns of nothing, a rule
that is sure to be good, more histories. tests/lessons/day1/test_next_month.py says what was
measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, named
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.next_month import material
from vaxlab.lessons.day1.next_month.delivery import area_of, choice, labels
from vaxlab.lessons.day1.next_month.exams import exams, good_rules
from vaxlab.lessons.day1.next_month.material import LAST, LATE, Case
from vaxlab.lessons.day1.next_month.wrong import lucky_scores, slips
from vaxlab.plant import campaign

# Calibrated on many plants: tests/lessons/day1/test_next_month.py has the table.
CHANCE_LEAST, CHANCE_MOST = 0.40, 0.57
SIGNAL_TOLERANCE = 0.03
SLIP_TOLERANCE = 0.2
PROMISE_TOLERANCE = 0.05
CHOICE_TOLERANCE = 0.04
NEARLY = 0.12  # below the right area: who finds less, where there is something, did not look for it
SOME_LATE = 2  # columns that exercise 1 makes late for a few batches


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
    start = pd.Series(pd.Timestamp("2026-01-01"), index=["B001", "B002"])
    _is_attempted(function, pd.DataFrame({"moi": start, "ph": start}), start)
    tables = campaign.run(seed=plant_seed).tables
    times = _some_late(material.written(tables), plant_seed)
    batches = tables["batches"].set_index("batch_id").loc[times.index]
    day = pd.Timedelta(days=1)
    decisions = {
        "at infection": (1.0, batches["infected_at"]),
        "a day after the start": (2.0, batches["started_at"] + day),
        "two days after the harvest": (2.0, batches["harvested_at"] + 2 * day),
    }
    chosen = {
        label: _names(_asked(function, times, at, label), times)
        for label, (_, at) in decisions.items()
    }
    one_list = len(set(map(frozenset, chosen.values()))) == 1
    for label, (points, at) in decisions.items():
        yield _judged_late(label, points, chosen[label], times, at, one_list)


def _is_attempted(function: Function, *given: Any) -> None:
    """Ask once with next to nothing: three dots are told of before a plant is made."""
    try:
        function(*given)
    except Stop as stop:
        if stop.outcome is Outcome.NOT_ATTEMPTED:
            raise


def _by_number(function: Function, *given: Any, shown: str) -> Any:
    """Ask, and say it where rows of a table were taken by number as if these were their names."""
    try:
        return function(*given, shown=shown)
    except Stop as stop:
        if "KeyError" in stop.message and re.search(r"None of \[.*Index\(\[ *\d", stop.message):
            stop.message = (
                "KeyError: numbers of rows were looked for among the names of the batches, or of "
                "the columns. What `split` gives are numbers: take rows with `.iloc`, as in "
                "`y.iloc[train]`."
            )
        raise


def _some_late(times: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Shuffle the columns, and bring two of those in time late for five batches each.

    Otherwise a column is late for all batches or for none, and one batch tells which. The first
    batch and the last are left as they are.
    """
    rng = np.random.default_rng(seed)
    times = times.sample(frac=1, axis=1, random_state=seed % 1000)
    known = [name for name in times if name.endswith("_coa")]
    for name in rng.choice(known, SOME_LATE, replace=False):
        rows = 1 + rng.choice(len(times) - 2, 5, replace=False)
        # When the last lines of these batches were written: too late for each decision.
        times.iloc[rows, times.columns.get_loc(name)] = times.iloc[rows].max(axis=1)
    return times


def _asked(function: Function, times: pd.DataFrame, at: pd.Series, label: str) -> Any:
    """Ask for the late columns of a decision."""
    try:
        return function(times.copy(), at.copy(), shown=f"written, times {label}")
    except Stop as stop:
        if "not aligned" in stop.message:
            stop.message = (
                "A table and a column were compared at once. pandas then takes the batches of the "
                "one for the columns of the other. Compare one column at a time, or with "
                "`written.le(decided_at, axis=0)`."
            )
        raise


def _judged_late(
    label: str,
    points: float,
    chosen: set[str],
    times: pd.DataFrame,
    decided_at: pd.Series,
    one_list: bool,
) -> Part:
    """Judge the columns that were named for one decision."""
    was_there = times.le(decided_at, axis=0)
    in_time = set(times.columns[was_there.all()])
    for_some = set(times.columns[was_there.any()]) - in_time
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
        frozenset(is_late - for_some): "Some columns were written in time for most batches, and "
        "late for a few. Those are late as well: next month's batch may be one of the few. Look at "
        "all batches.",
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
    row = (was_there[example] == (example not in missed)).to_numpy().argmax()
    first = f"`{example}`: of {times.index[row]} written {times[example].iloc[row]}"
    look_at = f"{first}, decided {decided_at.iloc[row]}"
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


@exercise("Exercise 2 · Three scores", points=6)
def splits(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``three_scores``: on the history, on nothing but names of lots, and on a probe."""
    function = answers.function("three_scores")
    _is_attempted(function, None, *_little())
    tables, given = exams(plant_seed), []
    for exam in tables:
        table = (exam.known.copy(), exam.short.copy(), exam.lot.copy())
        answer = _by_number(
            function, clone(exam.model), *table, shown=f"model, X, y, seed_lot: {exam.name}"
        )
        given.append(_three(answer, function.name))
    for kind, points in _KINDS.items():
        values = [scores[kind] for scores in given]
        message = _slip(values, plant_seed, kind)
        if not message and _fits(values, plant_seed, kind):
            own, names, probe = values
            text = f"An area of {own:.2f} on the history, {names:.2f} on the names, {probe:.2f} on "
            yield passed(_LABELS[kind], points, f"{text}the probe.")
            continue
        middle = [sum(exam.right[kind]) / 2 for exam in tables]
        yield not_yet(
            _LABELS[kind],
            points,
            message or _why_no_score(given, plant_seed, kind),
            got=", ".join(
                f"{value:.3f} on {exam.name}" for value, exam in zip(values, tables, strict=True)
            ),
            expected=f"about {middle[0]:.2f}, {middle[1]:.2f} and {middle[2]:.2f}",
        )


def _slip(values: Sequence[float], plant_seed: int, kind: str) -> str:
    """Return the message of the slip that gives just these areas on all tables, if any does."""
    right = [sum(exam.right[kind]) / 2 for exam in exams(plant_seed)]
    for known, message in slips(plant_seed)[kind]:
        if np.allclose(values, known, rtol=0, atol=1e-5) and not np.allclose(right, known):
            return message
    return ""


def _fits(values: Sequence[float], plant_seed: int, kind: str) -> bool:
    """Tell whether a kind of score is right on all tables."""
    ranges = [exam.right[kind] for exam in exams(plant_seed)]
    return all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=True))


def _why_no_score(given: Sequence[dict[str, float]], plant_seed: int, kind: str) -> str:
    """Say what is certain about a score that is no slip's to the last digit."""
    values = [scores[kind] for scores in given]
    if np.ptp(values) < 1e-9:
        return (
            f"You give {values[0]:.3f} for each of the three tables. An area is worked out from "
            "the table that the function is given."
        )
    if _fits([1 - value for value in values], plant_seed, kind):
        return (
            "You ranked the other way round: 1 minus your areas would be right. `short` is True "
            "or False; the column of True is the second one of `predict_proba`, `[:, 1]`."
        )
    for other in (other for other in _KINDS if other != kind):
        if not _fits(values, plant_seed, other):
            continue
        is_swapped = _fits([scores[other] for scores in given], plant_seed, kind)
        if (kind, other) == ("grouped", "random") and not is_swapped:
            return (
                "Batches of one lot stand on both sides of the split: from the names of lots "
                "alone it gives what a random split gives. Give the lots to `groups=`; "
                "`KFold` pays no heed to them, `GroupKFold` does."
            )
        return f"This is the score of the {_LABELS[other]}. Mind the order of the three."
    low, high = exams(plant_seed)[1].right[kind]
    if kind == "grouped" and low <= values[1] <= high:
        return (
            "Not the area that this split gives, though from the names of lots alone yours is 0.50 "
            "as well. The score is a mean of five folds; each lot is tested in just one of them, "
            "by the probabilities."
        )
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
    return {kind: area_of(value, kind) for kind, value in zip(_KINDS, values, strict=True)}


def _little() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Make a table, answers and lots that are only there to see whether three dots are left."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((20, 2)), columns=["rule_01", "rule_02"])
    return table, pd.Series(np.arange(20) % 2 == 0), pd.Series(np.arange(20) // 4)


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
    _is_attempted(function, *_little()[:2])
    y = material.history(plant_seed)["short"].reset_index(drop=True)

    def mean(tables: list[pd.DataFrame], shown: str) -> float:
        given = [_by_number(function, table, y.copy(), shown=shown) for table in tables]
        return float(np.mean([area_of(area, function.name) for area in given]))

    nothing = mean(
        [material.idle(plant_seed, k) for k in range(material.EMPTY_TABLES)], "building, y"
    )
    signals = [material.signal(plant_seed, k) for k in range(material.SIGNAL_TABLES)]
    found = mean(signals, "building, process and probe, y")
    slipped = [material.slipped(plant_seed, k) for k in range(material.SLIP_TABLES)]
    with_slips = mean(slipped, "building and probes with slips, y")
    truth, no_signal = material.chosen_inside(plant_seed), ""
    if abs(found - truth.found) > SIGNAL_TOLERANCE:
        no_signal = _why_no_signal(found, with_slips, truth)
    elif abs(with_slips - truth.with_slips) > SLIP_TOLERANCE:
        no_signal = (
            f"But where each probe has one wrong reading, your area is {with_slips:.2f}, and about "
            f"{truth.with_slips:.2f} would be right. Some step was not trained on just the batches "
            "that the model was trained on: was the table scaled before the folds, or were the ten "
            "chosen on the test batches?"
        )
    yield from _nothing_and_something(
        ("nothing, in four tables of 400 columns", 2.0, nothing),
        ("something, hidden in three tables", 2.0, found, truth.found, NEARLY),
        "Some step saw the test batches. Choosing columns is part of training; put it into the "
        "pipeline, and give the pipeline to the cross-validation.",
        no_signal,
    )


def _why_no_signal(found: float, with_slips: float, truth: material.Inside) -> str:
    """Say what a score on the tables with something may lack, as far as it shows."""
    if any(np.allclose((found, with_slips), share, atol=0.002) for share in truth.right_answers):
        return (
            "This is the share of right answers, the default of scikit-learn's classifiers. Ask "
            'for the area: `scoring="roc_auc"`.'
        )
    return (
        "Not the area that choosing ten columns, scaling and a logistic regression give, all "
        "three trained on the same four fifths."
    )


def _nothing_and_something(
    empty: tuple[str, float, float],
    full: tuple[str, float, float, float, float],
    leaks: str,
    no_signal: str,
) -> Iterator[Part]:
    """Judge a score on tables of nothing, and on tables of something.

    Each counts only with the other: one number for all tables is neither honest nor a score.

    Parameters
    ----------
    empty : tuple of str, float, float
        Label, points, mean area.
    full : tuple of str, float, float, float, float
        Label, points, mean area, the area that is right, how far below it the first part allows.
    leaks : str
        What to say where the area on nothing is too high.
    no_signal : str
        What to say where the other is wrong; empty where it is right.
    """
    label, points, nothing = empty
    other, others_points, found, truth, nearly = full
    is_honest = CHANCE_LEAST <= nothing <= CHANCE_MOST
    if is_honest and found >= max(nothing + 0.1, truth - nearly):
        yield passed(label, points, f"An area of {nothing:.2f} on average: chance, as it must be.")
    elif is_honest:
        text = f"This counts once it is near {truth:.2f} where there is something to find."
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
    elif not no_signal:
        yield passed(other, others_points, f"An area of {found:.2f}.")
    else:
        expected = f"about {truth:.2f}" if abs(found - truth) > SIGNAL_TOLERANCE else ""
        yield not_yet(other, others_points, no_signal, got=f"{found:.2f}", expected=expected)


# Exercise 4 -------------------------------------------------------------------------------

LUCKY_TABLES = 6
FEW = 120


@exercise("Exercise 4 · The best of forty", points=4)
def best_of_many(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``nested_score``: the rule is chosen in each fold anew."""
    function = answers.function("nested_score")
    _is_attempted(function, *_little()[:2])

    def area(rules: pd.DataFrame, short: pd.Series) -> float:
        answer = _by_number(function, rules.copy(), short.copy(), shown="rules, y")
        return area_of(answer, function.name)

    few = material.history(plant_seed)[:FEW]
    y = few["short"]
    lucky = [material.rules(few, 100 * plant_seed + k) for k in range(LUCKY_TABLES)]
    nothing = float(np.mean([area(rules, y) for rules in lucky]))
    tables = good_rules(plant_seed)
    given = np.array([area(table.rules, table.short) for table in tables])
    right = np.array([table.area for table in tables])
    leaks = ""
    if nothing > CHANCE_MOST:
        otherwise = (
            "Either a rule was judged on batches on which it was chosen, or this is not the mean "
            "of all five folds. Choose on four fifths of the batches, judge on the fifth."
        )
        leaks = named(nothing, lucky_scores(lucky, y), otherwise, rtol=0.0, atol=1e-5)
    yield from _nothing_and_something(
        ("nothing, in six tables of forty rules", 2.5, nothing),
        ("something: one rule of forty, in eight tables", 1.5, given.mean(), right.mean(), 0.2),
        leaks,
        _why_no_rule(given - right),
    )


def _why_no_rule(off: np.ndarray) -> str:
    """Say what is so about areas of a good rule; nothing where they are right."""
    by = float(np.sqrt(np.mean(off**2)))
    if by <= SIGNAL_TOLERANCE:
        return ""
    if off.mean() < -by / 2:
        return (
            f"Your areas are {-off.mean():.2f} too low on average. Where a rule is chosen on few "
            "batches, a rule of luck is often the best. `split` gives first the many to choose on, "
            "then the few to judge on."
        )
    return (
        f"Your eight areas are off by {by:.3f}, some up, some down. So much swings the area of a "
        "single fold. Give the mean of all five."
    )


# Exercise 5 -------------------------------------------------------------------------------

_FEW_LOTS = (
    "It asks what next month will ask, but of three or four lots only, one of which the model may "
    "know: luck has a large share in it. The split by lot asks about each lot in turn."
)
_NATURAL = 2  # histories of the plant as it is; those after them have probes


@dataclass(frozen=True)
class _Chosen:
    """What was chosen and promised on one history, and what is so."""

    case: Case
    name: str
    promised: float

    @property
    def delivered(self) -> float:
        return self.case.delivered[self.name]

    @property
    def best(self) -> str:
        return max(self.case.delivered, key=self.case.delivered.get)

    @property
    def lost(self) -> float:
        return self.case.delivered[self.best] - self.delivered

    @property
    def off(self) -> float:
        return self.promised - self.delivered

    def trained(self) -> float:
        """Return the area on the very batches that the model was trained on."""
        x = self.case.known[self.case.sets[self.name]]
        fitted = material.model().fit(x, self.case.short)
        return float(roc_auc_score(self.case.short, fitted.predict_proba(x)[:, 1]))


@exercise("Exercise 5 · A promise for next month", points=5)
def promise(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``choose``: the set of columns that works on new lots, and an honest promise."""
    function = answers.function("choose")
    table, *others = _little()
    _is_attempted(function, None, table, *others, {"A": list(table.columns)})
    made = [
        _Chosen(case, *choice(function, case, labels(case, k)))
        for k, case in enumerate(material.cases(plant_seed))
    ]
    label = "the choice, on four histories"
    lost = float(np.mean([one.lost for one in made]))
    text = f"On new lots your sets give {lost:.2f} less than the best ones, on average."
    if lost <= CHOICE_TOLERANCE:
        yield passed(label, 2, text)
    else:
        poor = {k: one for k, one in enumerate(made, start=1) if one.lost > CHOICE_TOLERANCE}
        yield not_yet(
            label,
            2,
            f"{text} {_why_no_choice(made[:_NATURAL])}",
            got=", ".join(f"history {k}, {c.name}: {c.delivered:.2f}" for k, c in poor.items()),
            expected=", ".join(
                f"history {k}, {c.best}: {c.delivered + c.lost:.2f}" for k, c in poor.items()
            ),
        )
    label = "the promise, on four histories"
    every, probed = (float(np.mean([abs(c.off) for c in part])) for part in (made, made[_NATURAL:]))
    text = f"Your promises are off by {every:.2f} on average, with probes by {probed:.2f}."
    if max(every, probed) <= PROMISE_TOLERANCE:
        yield passed(label, 3, text)
    else:
        yield not_yet(
            label,
            3,
            f"{text} {_why_no_promise(made)}",
            got=", ".join(f"{one.promised:.2f} for {one.delivered:.2f}" for one in made),
            expected=f"off by at most {PROMISE_TOLERANCE} on average, on the four and on the last "
            "two, which have probes",
        )


def _why_no_choice(made: list[_Chosen]) -> str:
    """Say what is so about a choice that is worth less."""
    if all(one.name == max(one.case.random, key=one.case.random.get) != one.best for one in made):
        return (
            "Each is the set that looks best in a random split, where batches of one lot stand on "
            "both sides. The lines of a certificate are the same for all batches of a lot: to the "
            "model they are the lot's name. Next month's lot has a name that it never saw."
        )
    return "Choose by the score that asks about lots which the model never saw."


def _why_no_promise(made: list[_Chosen]) -> str:
    """Say what is so about promises that are too far off."""
    promised = np.array([one.promised for one in made])
    if promised.min() > 1:
        return "An area lies between 0 and 1. Promise 0.77 rather than 77."
    if np.allclose(promised, [one.trained() for one in made], atol=0.002):
        return (
            "This is the area on the batches that the model was trained on: it has seen their "
            "answers. Promise what the split by lot gives."
        )
    random = [one.case.random[one.name] for one in made]
    if np.mean(np.abs(promised - random)) < 0.02:
        return (
            f"Random splits say {np.mean(random):.2f} of these sets: their test batches share "
            "their lots with the training. Promise what the split by lot gives."
        )
    if np.allclose(promised, [one.case.forward[one.name] for one in made], atol=0.002):
        return f"This is the score of the last {LAST} batches. {_FEW_LOTS}"
    off = float(np.mean([one.off for one in made]))
    if abs(off) < PROMISE_TOLERANCE / 2:
        return "Some are too high, and others too low. Promise what the split by lot gives."
    if off > 0:
        return f"They are too high, by {off:.2f}. Promise what the split by lot gives."
    return (
        f"They are too low, by {-off:.2f}, and that counts as well: a model that is worth more "
        "would have been used for more."
    )
