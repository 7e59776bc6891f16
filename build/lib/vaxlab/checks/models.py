"""A learner's model, trained and asked from afar: scikit-learn takes it for one of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if

from vaxlab.checks import border
from vaxlab.checks.exercise import Function, Stop
from vaxlab.checks.reading import describe
from vaxlab.checks.result import Outcome


def _has(method: str) -> Any:
    return available_if(lambda self: hasattr(self.model, method))


class Borrowed(BaseEstimator):
    """A learner's model; each training works on a copy of its own.

    Parameters
    ----------
    model : Far
        Untrained.
    name : str
        What made it, for messages: ``make_model()``.
    """

    def __init__(self, model: border.Far, name: str) -> None:
        self.model = model
        self.name = name

    def __sklearn_clone__(self) -> Borrowed:
        return type(self)(self.model, self.name)

    def fit(self, X: Any, y: Any) -> Borrowed:
        """Train a copy."""
        self.trained_ = border.copied(self.model)
        self._ask("fit", X, y, shown="X, y")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Let the trained copy predict."""
        return _values(self._ask("predict", X))

    def _ask(self, method: str, *arguments: Any, shown: str = "X") -> Any:
        return Function(f"{self.name}.{method}", getattr(self.trained_, method))(
            *arguments, shown=shown
        )


class BorrowedClassifier(ClassifierMixin, Borrowed):
    """A learner's classifier."""

    def fit(self, X: Any, y: Any) -> BorrowedClassifier:
        """Train a copy."""
        self.classes_ = np.unique(y)
        return super().fit(X, y)

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> np.ndarray:
        """Let the trained copy give probabilities."""
        return _values(self._ask("predict_proba", X))

    @_has("decision_function")
    def decision_function(self, X: Any) -> np.ndarray:
        """Let the trained copy give its response."""
        return _values(self._ask("decision_function", X))


class BorrowedRegressor(RegressorMixin, Borrowed):
    """A learner's regressor."""


def estimator(function: Function, kind: type[Borrowed], what: str) -> Borrowed:
    """Ask a learner's function for a model, not trained.

    Parameters
    ----------
    function : Function
        Takes nothing.
    kind : type
        `BorrowedClassifier` or `BorrowedRegressor`.
    what : str
        What it should give, for the message: ``a scikit-learn regressor``.

    Raises
    ------
    Stop
        *Not yet* where it gives something else, or a class in place of a model.
    """
    made = function(shown="")
    name = f"{function.name}()"
    if border.is_a(made, "builtins.type"):
        message = f"`{name}` gives the class `{made.__name__}`, not a model. Are brackets missing?"
        raise Stop(Outcome.NOT_YET, message, got=describe(made))
    if not (isinstance(made, border.Far) and hasattr(made, "fit") and hasattr(made, "predict")):
        message = f"`{name}` should give {what}, not trained: something with `fit` and `predict`."
        raise Stop(Outcome.NOT_YET, message, got=describe(made))
    return kind(made, name)


def within(model: Borrowed) -> list[str]:
    """Return the names of the classes of a model and of all that it is made of."""
    parts = model.model.get_params(deep=True) if hasattr(model.model, "get_params") else {}
    return [border.kind(model.model), *(border.kind(part) for part in parts.values())]


def _values(answer: Any) -> np.ndarray:
    return answer.to_numpy() if isinstance(answer, pd.Series | pd.DataFrame) else np.asarray(answer)
