"""What comes into a bake-off: checked, and its columns sorted by their role."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from vaxlab.bakeoff.model import listed, whole
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


def kind_of(estimators: Mapping[str, BaseEstimator], spectators: tuple[Any, ...] = ()) -> str:
    """Return "classifier" or "regressor", which all methods must be alike.

    A method must not be called as a column that the result holds beside it: a spectator, say.
    """
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
        if not isinstance(name, str) or not name:
            raise CourseError(
                f"A method is called {name!r}: give each a word for a name, such as 'Fisher'."
            )
        if name in (*OWN_COLUMNS, *spectators):
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
    X = _as_table(X)
    roles: dict[str, str] = {}
    answer = column(X, y, "y", roles)
    weight = column(X, sample_weight, "sample_weight", roles)
    group = column(X, groups, "groups", roles)
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
    name = answer.name
    if name is not None and name in variables.columns:
        raise CourseError(
            f"The answer {name!r} is also among the variables, where every method would read it "
            f"off. Drop it from X, or write y={name!r}; if they share no more than a name, give "
            "y.to_numpy()."
        )
    if answer.isna().any():
        raise CourseError(
            f"y is missing in {int(answer.isna().sum())} of {len(X)} rows: leave those rows out."
        )
    if group is not None and group.isna().any():
        raise CourseError(
            f"groups is missing in {int(group.isna().sum())} of {len(X)} rows: name each row's "
            "group, or leave those rows out."
        )
    group = None if group is None else group.to_numpy()
    weights = _weights(weight, len(X))
    names: tuple[Any, Any] = (None, None)
    if kind == "classifier":
        target, names = _two_classes(answer, signal)
    else:
        target = _numbers(answer)
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


def _as_table(X: Any) -> pd.DataFrame:
    """Return X as a table with rows and with columns of different names."""
    if not isinstance(X, pd.DataFrame):
        array = _array(X, "X")
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
    return X


def _array(given: Any, what: str) -> NDArray:
    try:
        return np.asarray(given)
    except (TypeError, ValueError):
        raise CourseError(
            f"{what} holds rows of different lengths: give one value a row."
        ) from None


def column(X: pd.DataFrame, given: Any, what: str, roles: dict[str, str]) -> pd.Series | None:
    """Return one value a row of X: given as such, or as the name of a column.

    The one rule of what belongs to which row: labels must agree. Whatever has labels of its own
    (a Series, a table of one column) has those of X, in the same order, or is refused; whatever
    has none (a list, an array) is paired row by row, and has as many values as X has rows.
    """
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
        return X[given].rename(None)
    if isinstance(given, pd.DataFrame) and given.shape[1] == 1:
        given = given.iloc[:, 0]
    if isinstance(given, pd.Series):
        _check_labels(X, given, what)
        values = given.array
    elif isinstance(given, pd.api.extensions.ExtensionArray):  # such as a Categorical
        values = given
    else:
        values = _array(given, what)
        if values.ndim == 0:
            raise CourseError(_single(X, given, what))
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
    if values.shape != (len(X),):
        raise CourseError(
            f"{what} has the shape {values.shape}, the table {len(X)} rows: give one value a row."
        )
    return pd.Series(values, index=X.index, name=getattr(given, "name", None))


def _check_labels(X: pd.DataFrame, given: pd.Series, what: str) -> None:
    """Refuse a column whose rows may not be those of X."""
    if given.index.equals(X.index) or len(given) != len(X):  # the length is judged with all others
        return
    if given.index.is_unique and X.index.isin(given.index).all():
        raise CourseError(
            f"{what} and X hold the same rows in another order. Sort one like the other: "
            f"{what}.loc[X.index]."
        )
    raise CourseError(
        f"{what} and X have different indexes, so it is not sure that their rows belong "
        f"together. If they do, write {what}.to_numpy()."
    )


def _single(X: pd.DataFrame, given: Any, what: str) -> str:
    """Say what to write instead of one number, a dict, a generator and the like."""
    is_number = isinstance(given, int | float | np.number)
    found = f"= {given}" if is_number else f"is a {type(given).__name__}"
    if is_number and given in X.columns:
        return (
            f"{what} {found}: only columns whose names are words can be named. Write "
            f"{what}=X[{given}] and take that column out of X, or rename it first."
        )
    return (
        f"{what} {found}: give one value a row, such as a list or a Series, or the name of a "
        "column of X in quotes."
    )


def names_of(given: Any) -> tuple[Any, ...]:
    """Return the spectators' names, each once."""
    if given is None:
        return ()
    if isinstance(given, str):
        raise CourseError(f"spectators = {given!r}: give a list of names, [{given!r}].")
    if isinstance(given, pd.DataFrame | pd.Series) or not isinstance(given, Iterable):
        raise CourseError(
            f"spectators is a {type(given).__name__}: give a list of names of columns of X, such "
            "as ['batch_id']. A column that is not in X yet comes in with X.assign(…)."
        )
    names = tuple(given)
    try:
        return tuple(dict.fromkeys(names))
    except TypeError:
        raise CourseError(
            "spectators holds something else than names: give a list of names of columns of X, "
            "such as ['batch_id']."
        ) from None


def _weights(given: pd.Series | None, n: int) -> NDArray:
    """Return checked weights, ones if there are none."""
    if given is None:
        return np.ones(n)
    try:
        weights = given.to_numpy(dtype=float, na_value=np.nan)
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


def _two_classes(answer: pd.Series, signal: Any) -> tuple[NDArray, tuple[Any, Any]]:
    """Return 0 and 1 for background and signal, and their names."""
    codes, found = pd.factorize(answer)
    if isinstance(answer.dtype, pd.CategoricalDtype) and answer.cat.ordered:
        found = list(found)
        classes = [label for label in answer.cat.categories if label in found]
    else:
        found = found.tolist()
        try:
            classes = sorted(found)
        except TypeError:
            raise CourseError(
                f"y mixes types: {listed([repr(label) for label in found])}. "
                "Give each class one name, all of them words or all numbers."
            ) from None
    if len(classes) == 1:
        raise CourseError(
            f"y holds one class only, {classes[0]!r}. A classifier needs examples of both."
        )
    if len(classes) > 2:
        hint = (
            "These look like numbers to predict: that is a task for regressors."
            if pd.api.types.is_float_dtype(answer)
            else "Compare one of them with the rest: y == 'one'."
        )
        raise CourseError(f"y holds {len(classes)} classes, the bake-off compares two. {hint}")
    if signal is None:
        signal = classes[1]
    if not pd.api.types.is_scalar(signal) or signal not in classes:
        raise CourseError(f"signal = {signal!r}, but y holds {classes[0]!r} and {classes[1]!r}.")
    background = classes[0] if signal == classes[1] else classes[1]
    return (codes == found.index(signal)).astype(int), (background, signal)


def _numbers(answer: pd.Series) -> NDArray:
    """Return a regressor's targets as finite numbers."""
    try:
        numbers = answer.to_numpy().astype(float)
    except (TypeError, ValueError):
        raise CourseError("y holds words: regressors predict numbers.") from None
    if not np.isfinite(numbers).all():
        raise CourseError("y holds infinite numbers: look for a division by 0, or a log of 0.")
    return numbers


def _splits(
    cv: Folds, variables: pd.DataFrame, target: NDArray, groups: NDArray | None, kind: str
) -> list[tuple[NDArray, NDArray]]:
    """Return the folds, the same for all methods, after looking at each."""
    if isinstance(cv, np.ndarray) and cv.ndim == 0:
        cv = cv.item()
    if inspect.isclass(cv):
        raise CourseError(f"cv is a class: write {cv.__name__}() with parentheses.")
    if isinstance(cv, str) or not (hasattr(cv, "split") or isinstance(cv, Iterable)):
        cv = _splitter(whole(cv, "cv", 2, "folds"), len(variables), target, groups, kind)
    try:
        parts = cv.split(variables, target, groups) if hasattr(cv, "split") else cv
        splits = [(np.asarray(train), np.asarray(test)) for train, test in parts]
    except (TypeError, ValueError) as error:
        raise CourseError(f"cv cannot part this table: {error}") from error
    splits = [tuple(_positions(part, len(variables)) for part in split) for split in splits]
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


def _splitter(
    folds: int, rows: int, target: NDArray, groups: NDArray | None, kind: str
) -> BaseCrossValidator:
    """Return what parts the table into so many shuffled folds, if it can be parted."""
    units = rows if groups is None else len(np.unique(groups))
    what = "rows" if groups is None else "groups"
    if units < folds:
        raise CourseError(
            f"{units} {what} cannot be parted into {folds} folds: lower cv, or get more {what}."
        )
    if kind == "regressor":
        return (KFold if groups is None else GroupKFold)(folds, shuffle=True, random_state=0)
    rarer = int(np.bincount(target).min())
    if rarer < folds:
        raise CourseError(
            f"The rarer class has {rarer} rows, too few for {folds} folds with each: lower cv, or "
            "get more of them."
        )
    stratified = StratifiedKFold if groups is None else StratifiedGroupKFold
    return stratified(folds, shuffle=True, random_state=0)


def _positions(part: NDArray, n: int) -> NDArray:
    """Return a part of a fold as positions of rows; a mask of True and False is as good."""
    if part.dtype == bool and part.shape == (n,):
        part = np.flatnonzero(part)
    if part.ndim != 1 or not len(part) or not np.issubdtype(part.dtype, np.integer):
        raise CourseError(
            "cv: each fold is a pair of rows to train and rows to test on. Give both as positions "
            "from 0, not empty, or as arrays of True and False, one for each row."
        )
    if part.min() < 0 or part.max() >= n:
        raise CourseError(
            f"cv names the row {part.min() if part.min() < 0 else part.max()}, the table has the "
            f"rows 0 to {n - 1}. Folds count positions, not the labels of the index."
        )
    return part
