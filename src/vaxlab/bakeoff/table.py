"""What comes into a bake-off: checked, and its columns sorted by their role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from vaxlab.bakeoff.model import listed
from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from sklearn.model_selection import BaseCrossValidator

    Folds = int | BaseCrossValidator | Iterable[tuple[NDArray, NDArray]]

# Columns of the tables of responses that are not the response of a method.
OWN_COLUMNS = ("fold", "row", "weight", "signal", "target")


@dataclass(frozen=True)
class Table:
    """What came in, read and checked."""

    variables: pd.DataFrame
    target: NDArray  # 0 and 1 for classifiers
    weight: NDArray
    weighted: bool
    groups: NDArray | None
    spectators: pd.DataFrame
    names: tuple[Any, Any]  # what background and signal were called
    splits: list[tuple[NDArray, NDArray]]


def kind_of(estimators: Mapping[str, BaseEstimator]) -> str:
    """Return "classifier" or "regressor", which all methods must be alike."""
    if not isinstance(estimators, Mapping) or not estimators:
        raise CourseError(
            "estimators: give a dict of names and methods, such as "
            "{'Fisher': LinearDiscriminantAnalysis()}."
        )
    kinds = {}
    for name, estimator in estimators.items():
        if isinstance(estimator, type):
            raise CourseError(
                f"{name!r} is a class, not an estimator. Write {estimator.__name__}() with "
                "parentheses."
            )
        if not hasattr(estimator, "fit") or not hasattr(estimator, "get_params"):
            raise CourseError(
                f"{name!r} is a {type(estimator).__name__}, not an estimator: it needs fit, "
                "predict and get_params, as scikit-learn's have."
            )
        if name in OWN_COLUMNS:
            raise CourseError(f"{name!r} is a column of the result: call the method otherwise.")
        if is_classifier(estimator):
            kinds[name] = "classifier"
        elif is_regressor(estimator):
            kinds[name] = "regressor"
        else:
            raise CourseError(
                f"{name!r} ({type(estimator).__name__}) is neither a classifier nor a regressor. "
                "A transformer belongs into a pipeline, with a classifier at its end."
            )
    if len(set(kinds.values())) > 1:
        regressors = [name for name, kind in kinds.items() if kind == "regressor"]
        raise CourseError(
            f"Classifiers and regressors do not compete: {listed(regressors)} predict numbers. "
            "Make two bake-offs."
        )
    return next(iter(kinds.values()))


def read(
    X: Any,
    y: Any,
    groups: Any,
    sample_weight: Any,
    spectators: tuple[str, ...],
    cv: Folds,
    signal: Any,
    kind: str,
) -> Table:
    """Check what came in, and sort the columns by their role."""
    if not isinstance(X, pd.DataFrame):
        array = np.asarray(X)
        if array.ndim != 2:
            raise CourseError(
                f"X has {array.ndim} dimension(s): give a table, one row an event and one column "
                "a variable."
            )
        X = pd.DataFrame(array, columns=[f"var{k + 1}" for k in range(array.shape[1])])
    if not len(X):
        raise CourseError("X has no rows.")
    twice = X.columns[X.columns.duplicated()].tolist()
    if twice:
        raise CourseError(f"X has the column {listed(twice)} more than once: rename one of them.")
    roles = {}
    target = _column(X, y, "y", roles)
    weight = _column(X, sample_weight, "sample_weight", roles)
    group = _column(X, groups, "groups", roles)
    absent = [name for name in spectators if name not in X.columns]
    if absent:
        raise CourseError(
            f"The spectator {listed(absent)} is not in the table. Its columns are "
            f"{listed([str(name) for name in X.columns], most=12)}."
        )
    clash = [name for name in spectators if name in OWN_COLUMNS]
    if clash:
        raise CourseError(f"The spectator {listed(clash)} is a column of the result: rename it.")
    variables = X.drop(columns=list(dict.fromkeys([*roles.values(), *spectators])))
    if variables.shape[1] == 0:
        raise CourseError("No variables are left: all columns are spectators, weights or groups.")
    name = getattr(y, "name", None)
    if name is not None and name in variables.columns:
        raise CourseError(
            f"The answer {name!r} is also among the variables, where every method would read it "
            f"off. Drop it from X, or write y={name!r}; if they share no more than a name, give "
            "y.to_numpy()."
        )
    if pd.isna(target).any():
        raise CourseError(
            f"y is missing in {int(pd.isna(target).sum())} of {len(X)} rows: leave those rows out."
        )
    if group is not None and pd.isna(group).any():
        raise CourseError(
            f"groups is missing in {int(pd.isna(group).sum())} of {len(X)} rows: name each row's "
            "group, or leave those rows out."
        )
    weights = _weights(weight, len(X))
    names: tuple[Any, Any] = (None, None)
    if kind == "classifier":
        target, names = _two_classes(target, signal)
    else:
        target = _numbers(target)
    splits = _splits(cv, variables, target, group, kind)
    return Table(
        variables=variables,
        target=target,
        weight=weights,
        weighted=weight is not None,
        groups=group,
        spectators=X[list(spectators)],
        names=names,
        splits=splits,
    )


def _column(X: pd.DataFrame, given: Any, what: str, roles: dict[str, str]) -> NDArray | None:
    """Return one value a row: given as such, or as the name of a column."""
    if given is None:
        if what == "y":
            raise CourseError("y is None: give one answer a row, or the name of a column.")
        return None
    if isinstance(given, str):
        if given not in X.columns:
            raise CourseError(
                f"{what}: there is no column {given!r}. The table's columns are "
                f"{listed([str(name) for name in X.columns], most=12)}."
            )
        roles[what] = given
        return X[given].to_numpy()
    if isinstance(given, pd.Series) and not given.index.equals(X.index):
        if len(given) == len(X) and given.index.is_unique and X.index.isin(given.index).all():
            raise CourseError(
                f"{what} and X hold the same rows in another order. Sort one like the other: "
                f"{what}.loc[X.index]."
            )
        if len(given) == len(X):
            raise CourseError(
                f"{what} and X have different indexes, so it is not sure that their rows belong "
                f"together. If they do, write {what}.to_numpy()."
            )
    values = np.asarray(given)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (len(X),):
        raise CourseError(
            f"{what} has the shape {values.shape}, the table {len(X)} rows: give one value a row."
        )
    return values


def _weights(given: NDArray | None, n: int) -> NDArray:
    """Return checked weights, ones if there are none."""
    if given is None:
        return np.ones(n)
    try:
        weights = given.astype(float)
    except (TypeError, ValueError):
        raise CourseError("sample_weight holds something else than numbers.") from None
    if not np.isfinite(weights).all():
        count = int((~np.isfinite(weights)).sum())
        raise CourseError(f"sample_weight is missing or infinite in {count} rows.")
    if (weights < 0).any():
        raise CourseError(
            f"sample_weight is negative in {int((weights < 0).sum())} rows. Weights count events, "
            "and scikit-learn's methods disagree on negative ones: leave those rows out, or set "
            "them to 0."
        )
    if not weights.any():
        raise CourseError("All of sample_weight is 0: nothing would be counted.")
    return weights


def _two_classes(target: NDArray, signal: Any) -> tuple[NDArray, tuple[Any, Any]]:
    """Return 0 and 1 for background and signal, and their names."""
    classes = pd.unique(pd.Series(target)).tolist()
    try:
        classes = sorted(classes)
    except TypeError:
        raise CourseError(
            f"y mixes types: {listed([repr(label) for label in classes])}. "
            "Give each class one name, all of them words or all numbers."
        ) from None
    if len(classes) == 1:
        raise CourseError(
            f"y holds one class only, {classes[0]!r}. A classifier needs examples of both."
        )
    if len(classes) > 2:
        hint = (
            "These look like numbers to predict: that is a task for regressors."
            if pd.api.types.is_float_dtype(target)
            else "Compare one of them with the rest: y == 'one'."
        )
        raise CourseError(f"y holds {len(classes)} classes, the bake-off compares two. {hint}")
    if signal is None:
        signal = classes[1]
    if signal not in classes:
        raise CourseError(f"signal = {signal!r}, but y holds {classes[0]!r} and {classes[1]!r}.")
    background = classes[0] if signal == classes[1] else classes[1]
    return (target == signal).astype(int), (background, signal)


def _numbers(target: NDArray) -> NDArray:
    """Return a regressor's targets as finite numbers."""
    try:
        numbers = target.astype(float)
    except (TypeError, ValueError):
        raise CourseError("y holds words: regressors predict numbers.") from None
    if not np.isfinite(numbers).all():
        raise CourseError("y holds infinite numbers: look for a division by 0, or a log of 0.")
    return numbers


def _splits(
    cv: Folds, variables: pd.DataFrame, target: NDArray, groups: NDArray | None, kind: str
) -> list[tuple[NDArray, NDArray]]:
    """Return the folds, the same for all methods, after looking at each."""
    if isinstance(cv, bool) or (isinstance(cv, int) and cv < 2):
        raise CourseError(f"cv = {cv}: give 2 folds or more.")
    if isinstance(cv, int):
        units = len(variables) if groups is None else len(np.unique(groups))
        what = "rows" if groups is None else "groups"
        if units < cv:
            raise CourseError(
                f"{units} {what} cannot be parted into {cv} folds: lower cv, or get more {what}."
            )
        if kind == "classifier":
            rarer = int(np.bincount(target).min())
            if rarer < cv:
                raise CourseError(
                    f"The rarer class has {rarer} rows, too few for {cv} folds with each: lower "
                    "cv, or get more of them."
                )
            splitter = (StratifiedKFold if groups is None else StratifiedGroupKFold)(
                cv, shuffle=True, random_state=0
            )
        else:
            splitter = (KFold if groups is None else GroupKFold)(cv, shuffle=True, random_state=0)
        cv = splitter
    try:
        parts = cv.split(variables, target, groups) if hasattr(cv, "split") else cv
        splits = [(np.asarray(train), np.asarray(test)) for train, test in parts]
    except (TypeError, ValueError) as error:
        raise CourseError(f"cv cannot part this table: {error}") from error
    if not splits:
        raise CourseError("cv gives no folds.")
    if kind == "classifier":
        for k, (train, _) in enumerate(splits, start=1):
            if len(np.unique(target[train])) < 2:
                raise CourseError(
                    f"Fold {k} would train on one class only. Take fewer folds, or groups that "
                    "hold both classes."
                )
        if all(len(np.unique(target[test])) < 2 for _, test in splits):
            raise CourseError(
                "No fold has both classes among its test rows, so none can be judged. Take fewer "
                "folds, or larger groups."
            )
    return splits
