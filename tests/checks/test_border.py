"""What a check sees of a learner's value is the same in the notebook and with the judge."""

import contextlib
import contextvars
import socket
import threading
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from graphlib import CycleError
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vaxlab.checks import border, models
from vaxlab.checks.exercise import Answers, Stop, exercise, not_yet, passed
from vaxlab.checks.reading import describe, number
from vaxlab.grading import answers, judge

Pair = namedtuple("Pair", "low high")


class Colour(StrEnum):
    RED = "red"


class Level(Enum):
    LOW = 1


class Mean(RegressorMixin, BaseEstimator):
    """A learner's own model."""

    def fit(self, X, y):
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


class Odd:
    def __repr__(self):
        raise RuntimeError("no words")


def one_after_another():
    yield 1.0


VALUES = {
    "a Decimal": Decimal("1.5"),
    "a Fraction": Fraction(3, 2),
    "a numpy number": np.float32(1.5),
    "a bool of numpy": np.bool_(True),
    "a tensor of one": torch.tensor(1.5, requires_grad=True),
    "a masked array": np.ma.masked_array([1.5, 2.0], mask=[False, True]),
    "an enum of text": Colour.RED,
    "an enum": Level.LOW,
    "a text of numpy": np.str_("a"),
    "a path": Path("a/b"),
    "bytes": b"a",
    "a memoryview": memoryview(b"a"),
    "a set": {1, 2},
    "keys of a dict": {"a": 1}.keys(),
    "values of a dict": {"a": 1}.values(),
    "items of a dict": {"a": 1}.items(),
    "a deque": deque([1, 2]),
    "a counter": Counter("aab"),
    "a default dict": defaultdict(int, a=1),
    "an ordered dict": OrderedDict(a=1),
    "a named tuple": Pair(1, 2),
    "an index": pd.Index(["a", "b"]),
    "a generator": one_after_another(),
    "a map": map(str, [1]),
    "a zip": zip([1], [2], strict=True),
    "an iterator": iter([1, 2]),
    "an enumerate": enumerate([1]),
    "a function": len,
    "a method": pd.Series([1.0]).mean,
    "a class": LinearRegression,
    "a group": pd.DataFrame({"a": [1], "b": [2]}).groupby("a"),
    "an estimator": make_pipeline(StandardScaler(), LogisticRegression()),
    "a model of one's own": Mean(),
    "a module of torch": torch.nn.Linear(2, 1),
    "parameters of torch": torch.nn.Linear(2, 1).parameters(),
    "weights of torch": torch.nn.Linear(2, 1).state_dict(),
    "an optimizer": torch.optim.Adam(torch.nn.Linear(2, 1).parameters()),
    "something without words": Odd(),
    "a sparse tensor": torch.eye(2).to_sparse(),
    "a structured array": np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    "nested": {"a": [Decimal("1"), {"b": {1.5}.__iter__}]},
}


@contextlib.contextmanager
def far_away(names: dict) -> Iterator[border.Names]:
    """The names over a socket, as a judge has them."""
    here, there = socket.socketpair()

    def serve() -> None:
        answerer = answers.Answerer(there, names)
        with contextlib.suppress(EOFError, OSError):
            while True:
                answerer.serve()

    # As in one process: numpy keeps its way of printing by context.
    run = contextvars.copy_context().run
    thread = threading.Thread(target=run, args=(serve,), daemon=True)
    thread.start()
    with here:
        yield border.Names(judge.Link(here))
    thread.join(10)
    there.close()


@exercise("Any", points=1)
def look(answers: Answers, plant_seed: int):
    value = answers.function("answer")()
    yield not_yet(describe(value), 1, str(border.kinds(value)), got=repr(value))


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_is_the_same_in_the_notebook_and_with_the_judge(kind):
    names = {"answer": lambda: VALUES[kind]}
    with far_away(names) as far:
        assert str(look(far)) == str(look(names))


@pytest.mark.parametrize("value", [Decimal("42"), Fraction(42), np.int8(42), torch.tensor([42])])
def test_a_number_of_any_library_is_a_number(value):
    names = {"answer": lambda: value}
    with far_away(names) as far:
        for seen in (far, border.names(names)):
            assert number(seen["answer"](), "answer") == 42


def test_views_and_queues_arrive_as_lists():
    names = border.names({"keys": {"a": 1}.keys(), "queue": deque([1, 2])})
    assert names["keys"] == ["a"]
    assert names["queue"] == [1, 2]


X = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0)[::-1] ** 2})
Y = X["a"] > 14


@exercise("A model", points=1)
def trained(answers: Answers, plant_seed: int):
    model = models.estimator(answers.function("make"), models.BorrowedClassifier, "a classifier")
    area = cross_val_score(model, X, Y, cv=3, scoring="roc_auc", error_score="raise").mean()
    both = [clone(model).fit(X, Y), clone(model).fit(X, ~Y)]
    apart = np.mean(both[0].predict(X) != both[1].predict(X))
    yield passed(f"{models.within(model)}: {area:.3f}, {apart:.2f}", 1)


def test_a_learners_model_is_trained_from_afar_as_any_other():
    names = {"make": lambda: make_pipeline(StandardScaler(), LogisticRegression())}
    with far_away(names) as far:
        said = str(trained(far))
    assert said == str(trained(names))
    assert "LogisticRegression" in said
    # Two copies do not share what they have learnt.
    assert said.split(", ")[-1].startswith("1.00")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: LinearRegression, "Are brackets missing?"),
        (lambda: 3.0, "should give a classifier, not trained"),
        (lambda: LogisticRegression, "the class `LogisticRegression`"),
        (
            lambda: make_pipeline(StandardScaler(), LogisticRegression(C=-1)),
            "InvalidParameterError",
        ),
    ],
)
def test_what_is_no_model_that_works_is_told_so(make, says):
    names = {"make": make}
    with far_away(names) as far:
        assert says in str(trained(far))
    assert says in str(trained(names))


@exercise("A model is handed over", points=1)
def handed(answers: Answers, plant_seed: int):
    said = answers.function("predict")(Mean(), X, X["b"], shown="model, X, y")
    yield passed(f"{np.round(np.sum(said), 3)}", 1)


def test_a_model_of_the_check_works_in_the_learners_hands():
    names = {"predict": lambda model, X, y: cross_val_predict(model, X, y, cv=3)}
    with far_away(names) as far:
        assert str(handed(far)) == str(handed(names))


@exercise("It comes back", points=1)
def returned(answers: Answers, plant_seed: int):
    model = answers.function("make")()
    yield passed(str(answers.function("use")(model)), 1)


def test_what_stayed_with_the_learner_comes_back_as_itself():
    names = {"make": Mean, "use": lambda model: type(model) is Mean}
    with far_away(names) as far:
        assert "True" in str(returned(far))
    assert "True" in str(returned(names))


def test_what_a_function_does_to_its_arguments_is_not_seen():
    table = X.copy()
    names = border.names({"spoil": lambda table: table.drop(columns="a", inplace=True) or 1})
    names["spoil"](table)
    assert list(table.columns) == ["a", "b"]


class CircleError(ValueError):
    """A learner's own kind of error, whose making runs code."""

    def __init__(self, alias, seen):
        super().__init__(f"{alias}: {seen}")


class Spoof(Exception):
    """Calls itself by names that are no errors of Python."""


Spoof.__name__ = "eval"


@exercise("An error", points=1)
def raised(answers: Answers, plant_seed: int):
    try:
        answers.function("break_")()
    except Stop as stop:
        kinds = [base.__name__ for base in type(stop.raised).__mro__]
        yield not_yet("an error", 1, f"{stop.message} ({', '.join(kinds)})")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CycleError("a circle", ["a"]), "CycleError, ValueError, Exception"),
        (CircleError("a", 3), "CircleError, ValueError, Exception"),
        (np.linalg.LinAlgError("singular"), "LinAlgError, ValueError, Exception"),
        (Spoof("x"), "eval, Exception, BaseException"),
        (ExceptionGroup("two", [ValueError("a")]), "ExceptionGroup, Exception, BaseException"),
        (SystemExit(1), "SystemExit, Exception, BaseException"),
    ],
)
def test_an_error_is_of_the_kind_of_pythons_own_error_that_it_was_made_from(error, says):
    def break_():
        raise error

    names = {"break_": break_}
    with far_away(names) as far:
        assert says in str(raised(far))
    assert str(raised(names)) == str(raised(border.names(names)))
    assert says in str(raised(names))


@pytest.mark.parametrize("kinds", [[], ["__import__", "eval", "no such", ""], ["\ud800"], None])
def test_names_of_errors_that_are_none_make_a_plain_one(kinds):
    told = {"type": "Own", "message": "m", "line": "", "dots": False}
    told |= {} if kinds is None else {"kinds": kinds}
    assert type(border._raised(told)).__mro__[1] is Exception


def test_a_list_of_columns_is_no_table_of_the_notebook():
    names = {"known": X.columns, "table": X, "np": np}
    exec("def by_names(t): return t[known].shape\ndef by_table(t): return np.sum(table)", names)
    seen = border.names(names)
    assert border.tables_read(seen["by_names"]) == []
    assert border.tables_read(seen["by_table"]) == ["table"]
