"""Empty answers: what knows nothing, or what the notebook itself shows, must earn next to nothing.

The last cell of a solved notebook calls `survey`. For each exercise it answers with constants and
random values of the right answer's own form, and with each public name that the given cells use or
make, and counts what the check gives. So a check that cannot fail is found, and so is an answer
that leaks under another name.
"""

from __future__ import annotations

import ast
import copy
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from vaxlab import lessons
from vaxlab.authoring.source import Source, python

MOST = 1 / 5
"""Share of an exercise's points that an empty answer may earn."""
DRAWS, LUCKY = 200, 1 / 20
"""Random answers; share of them that may earn more than half of the points."""
BUDGET_S = 8.0
"""For the random answers to one exercise; where a check is slow, there are fewer of them."""
NAMES_S = 500.0
"""For the names that a notebook shows: all of them, wherever a check is not very slow."""


@dataclass(frozen=True)
class Exercise:
    """What the survey is asked of one exercise.

    Attributes
    ----------
    grade_id : str
        Of the check.
    check : str
        Its source, hidden tests included.
    out_of : float
        Points.
    names : tuple of str
        Functions and values that the learner writes.
    """

    grade_id: str
    check: str
    out_of: float
    names: tuple[str, ...]


@dataclass(frozen=True)
class Earned:
    """What one kind of empty answer earned, more than it may.

    Attributes
    ----------
    grade_id : str
    answer : str
        In words.
    points, out_of : float
    """

    grade_id: str
    answer: str
    points: float
    out_of: float


def exercises(source: Source) -> list[Exercise]:
    """Return what a notebook asks; its cells must have sound markers."""
    answers = {cell.grade_id: cell.text for cell in source.cells if cell.is_answer}
    found = []
    for cell in source.cells:
        answer = answers.get(cell.grade_id.removesuffix("-check"), "")
        if cell.is_check and answer:
            names = _written(answer)
            found.append(Exercise(cell.grade_id, cell.text, cell.points, names))
    return found


def _written(answer: str) -> tuple[str, ...]:
    """Return the names that a learner writes in an answer cell."""
    names = []
    for node in python(answer).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return tuple(names)


def report(names: Mapping[str, Any], exercise: Exercise, shown: list[str], *limits: float) -> str:
    """Return what `survey` finds within its limits, as JSON."""
    return json.dumps([asdict(one) for one in survey(dict(names), exercise, shown, *limits)])


def survey(
    names: dict[str, Any],
    exercise: Exercise,
    shown: list[str],
    budget_s: float = BUDGET_S,
    names_s: float = NAMES_S,
) -> Iterator[Earned]:
    """Answer an exercise in empty ways, and return those that earn more than they may.

    Parameters
    ----------
    names : dict
        Of the solved notebook, run from top to bottom.
    exercise : Exercise
    shown : list of str
        Expressions of public names that the given cells use or make, such as ``how_sure.ridge``.
    budget_s : float
        For the random answers; the names have `NAMES_S`.
    """
    said = _recorded(names, exercise)

    def earned(answers: Mapping[str, Any]) -> float:
        return _points(names | answers, exercise.check)

    def too_much(points: float, text: str) -> Iterator[Earned]:
        if points > MOST * exercise.out_of + 1e-9:
            yield Earned(exercise.grade_id, text, points, exercise.out_of)

    for text, fill in _CONSTANTS.items():
        yield from too_much(earned(_filled(names, said, fill)), text)
    nothing, begun = dict.fromkeys(exercise.names, ...), time.monotonic()
    for text, value, name in _likely(names, exercise.names, shown):
        wanted = callable(names[name]) and not callable(value)
        points = earned(nothing | {name: _giving(value) if wanted else value})
        yield from too_much(points, f"`{name}` is `{text}`")
        if time.monotonic() - begun > names_s:
            break
    yield from _random_answers(exercise, lambda fill: earned(_filled(names, said, fill)), budget_s)


def _likely(
    names: Mapping[str, Any], wanted: tuple[str, ...], shown: list[str]
) -> list[tuple[str, Any, str]]:
    """Pair what is shown with each name that it could answer, the most alike first."""
    pairs = [
        (text, value, name)
        for text, value in _values_of(names, shown)
        for name in wanted
        if value is not names[name]
    ]

    def unlike(pair: tuple[str, Any, str]) -> int:
        value, right = pair[1], names[pair[2]]
        return 0 if type(value) is type(right) else 1 + (callable(value) != callable(right))

    return sorted(pairs, key=unlike)


def _values_of(names: Mapping[str, Any], shown: list[str]) -> Iterator[tuple[str, Any]]:
    """Return what is shown with its value; of a dictionary also what it holds."""
    for text in shown:
        try:
            value = eval(text, dict(names))
        except Exception:  # a name that only lived inside a function
            continue
        yield text, value
        if isinstance(value, dict) and len(value) < 30:
            yield from ((f"{text}[{key!r}]", item) for key, item in value.items())


def _random_answers(
    exercise: Exercise, earned: Callable[[Callable], float], budget_s: float
) -> Iterator[Earned]:
    begun, results = time.monotonic(), []
    for draw in range(DRAWS):
        dice = np.random.default_rng(draw)
        results.append(earned(lambda given, dice=dice: _random(given, dice)))
        if time.monotonic() - begun > budget_s:
            break
    points, out_of = np.array(results), exercise.out_of
    if points.mean() > MOST * out_of:
        text = f"{len(points)} random answers, on average"
        yield Earned(exercise.grade_id, text, float(points.mean()), out_of)
    lucky = float((points > out_of / 2).mean())
    if len(points) >= DRAWS / 4 and lucky > LUCKY:
        text = f"{lucky:.0%} of {len(points)} random answers, at most"
        yield Earned(exercise.grade_id, text, float(points.max()), out_of)


def _points(names: Mapping[str, Any], check: str) -> float:
    """Return what a check cell gives for these names, by its hidden tests."""
    space = {**names, "globals": lambda: names, **lessons.named_in(check)}
    last = [node for node in ast.parse(check).body if isinstance(node, ast.Assign)][-1]
    try:
        exec(compile(ast.Module([last], []), "<check>", "exec"), space)
    except Exception:  # a check that stumbles gives nothing, with the judge too
        return 0.0
    return float(repr(space[last.targets[0].id]))


def _recorded(names: dict[str, Any], exercise: Exercise) -> dict[str, list[_Formed]]:
    """Return what the right answers give, call by call, while the check runs."""
    said: dict[str, list[_Formed]] = {}
    watched = {}
    for name in exercise.names:
        value = names[name]
        if callable(value):
            said[name] = []

            def watching(*arguments: Any, _value: Any = value, _said: list = said[name]) -> Any:
                answer = _value(*arguments)
                _said.append(_Formed(answer, arguments))
                return answer

            watched[name] = watching
        else:
            said[name] = [_Formed(value, ())]
    _points(names | watched, exercise.check)
    return {name: calls for name, calls in said.items() if calls}


def _filled(
    names: Mapping[str, Any], said: Mapping[str, list], fill: Callable[[Any], Any]
) -> dict[str, Any]:
    """Return answers of a right answer's form, call by call, with other contents."""
    answers: dict[str, Any] = {}
    for name, calls in said.items():
        turn = itertools.cycle(calls)

        def empty(*_: Any, _turn: Iterator = turn) -> Any:
            return fill(next(_turn))

        answers[name] = empty if callable(names[name]) else fill(calls[0])
    return answers


def _giving(value: Any) -> Callable[..., Any]:
    return lambda *_: value


@dataclass(frozen=True)
class _Formed:
    """A right answer whose form is kept, and what the function was given."""

    answer: Any
    arguments: tuple


def _map(value: Any, fill: Callable[[Any], Any]) -> Any:
    """Keep the form of an answer, and give each of its values anew."""
    if isinstance(value, pd.DataFrame):
        return value.apply(lambda column: _map(column, fill))
    if isinstance(value, pd.Series):
        return pd.Series([fill(item) for item in value], index=value.index)
    if hasattr(value, "detach"):  # a tensor keeps being one
        import torch

        return torch.tensor(_map(value.detach().double().numpy(), fill), dtype=torch.float64)
    if isinstance(value, np.ndarray):
        return np.array([fill(item) for item in value.ravel()]).reshape(value.shape)
    if isinstance(value, dict):
        return {key: _map(item, fill) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_map(item, fill) for item in value)
    return fill(value)


def _constant(number: float, flag: bool) -> Callable[[_Formed], Any]:
    def fill(formed: _Formed) -> Any:
        words = iter(_words(formed))

        def one(value: Any) -> Any:
            if isinstance(value, bool | np.bool_):
                return flag
            if isinstance(value, str):
                return next(words, "")
            if isinstance(value, int | float | np.number):
                return number
            return _plain(value)

        return _map(formed.answer, one)

    return fill


def _random(formed: _Formed, dice: np.random.Generator) -> Any:
    words = iter(dice.permutation(_words(formed)))

    def one(value: Any) -> Any:
        if isinstance(value, bool | np.bool_):
            return bool(dice.random() < 0.5)
        if isinstance(value, str):
            return str(next(words, ""))
        if isinstance(value, int | float | np.number):
            # Of the right size, and of either sign where that could be.
            return float(dice.uniform(-2, 2) * max(abs(float(value)), 0.5))
        return _plain(value)

    return _map(formed.answer, one)


def _words(formed: _Formed) -> list[str]:
    """Return the words that an answer could be made of: labels of what came in."""
    found: dict[str, None] = {}
    for thing in formed.arguments:
        if isinstance(thing, pd.DataFrame):
            texts = [thing[name] for name in thing if thing[name].dtype.kind in "OUT"]
            labels = [*thing.columns, *thing.index, *itertools.chain(*texts)]
        elif isinstance(thing, pd.Series):
            labels = list(thing.index)
        else:
            labels = list(thing) if isinstance(thing, dict | list | tuple) else []
        found |= {label: None for label in labels if isinstance(label, str)}
    return list(found)


def _plain(value: Any) -> Any:
    """Return the plainest thing of a model's kind; a network that says the same of everything."""
    from sklearn.base import is_classifier, is_regressor
    from sklearn.dummy import DummyClassifier, DummyRegressor

    if hasattr(value, "fit") and is_classifier(value):
        return DummyClassifier()
    if hasattr(value, "fit") and is_regressor(value):
        return DummyRegressor()
    if hasattr(value, "state_dict") and hasattr(value, "parameters"):  # no optimizer
        value = copy.deepcopy(value)
        value.load_state_dict({name: held * 0 for name, held in value.state_dict().items()})
    return value


_CONSTANTS: dict[str, Callable[[_Formed], Any]] = {
    "0, no and the first names": _constant(0.0, False),
    "1, yes and the first names": _constant(1.0, True),
    "one half": _constant(0.5, True),
    "what came in": lambda formed: formed.arguments[0] if formed.arguments else 0.0,
}


def shown(source: Source) -> list[str]:
    """Return the public names that a notebook's given cells use or make, as expressions."""
    rooms, found = set(lessons.rooms()), {}
    answers = {name for exercise in exercises(source) for name in exercise.names}
    for cell in source.cells:
        if cell.kind != "code" or cell.is_answer or cell.is_check:
            continue
        for node in ast.walk(python(cell.text)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id in rooms:
                    found[f"{node.value.id}.{node.attr}"] = None
            elif isinstance(node, ast.FunctionDef):
                found[node.name] = None
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] = None
            elif isinstance(node, ast.ImportFrom):
                found |= {alias.asname or alias.name: None for alias in node.names}
    return [name for name in found if name not in {*answers, "result"}]
