"""The bake-off: many methods, one table, the same folds for all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn import config_context
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_validate,
)
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from vaxlab.bakeoff import metrics
from vaxlab.bakeoff.model import Model, _names, complaint, respond
from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from sklearn.model_selection import BaseCrossValidator

    Folds = int | BaseCrossValidator | Iterable[tuple[NDArray, NDArray]]

# Columns of the tables of responses that are not the response of a method.
_OWN = ("fold", "row", "weight", "signal", "target")


@dataclass(frozen=True)
class _Table:
    """What came in, read and checked."""

    variables: pd.DataFrame
    target: NDArray  # 0 and 1 for classifiers
    weight: NDArray
    weighted: bool
    groups: NDArray | None
    spectators: pd.DataFrame
    names: tuple[Any, Any]  # what background and signal were called
    splits: list[tuple[NDArray, NDArray]]


@dataclass(frozen=True, repr=False)
class BakeOff:
    """What both kinds of bake-off hold.

    Attributes
    ----------
    summary : DataFrame
        One row a method, best first.
    folds : DataFrame
        One row a method and fold: rows to train and to test, the score on both, seconds.
    responses : DataFrame
        What the methods said of rows that they had not seen: ``fold``, ``row`` (the table's
        index), the truth, ``weight``, one column a method, and the spectators.
    train_responses : DataFrame
        The same for the rows that each fold's model was trained on.
    fitted : dict of str to list of BaseEstimator
        The trained models, one a fold.
    """

    summary: pd.DataFrame
    folds: pd.DataFrame
    responses: pd.DataFrame
    train_responses: pd.DataFrame
    fitted: dict[str, list[BaseEstimator]]
    _table: _Table
    _estimators: dict[str, BaseEstimator]

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: {len(self._estimators)} methods on "
            f"{len(self._table.target)} rows in {len(self._table.splits)} folds; "
            "see .summary"
        )

    def _known(self, name: str) -> str:
        """Return a method's name, if there is such a method."""
        if name not in self._estimators:
            raise CourseError(
                f"There is no method {name!r} in this bake-off. "
                f"There are {_names(list(self._estimators), most=30)}."
            )
        return name

    def _trained_on_all(self, name: str) -> BaseEstimator:
        """Return a method trained once more, on the whole table."""
        table = self._table
        estimator, parameters, routed = _prepared(self._estimators[self._known(name)], table)
        with config_context(enable_metadata_routing=routed):
            estimator.fit(table.variables, table.target, **parameters)
        _forget_requests(estimator)
        return estimator


@dataclass(frozen=True, repr=False)
class ClassifierBakeOff(BakeOff):
    """The outcome for classifiers; see also `BakeOff`.

    In ``summary``, ``auc`` is the mean of the folds' areas, each within its own fold. Its 95 %
    interval (``auc_low``, ``auc_high``) counts the events of one group as one and widens where
    groups are few; what other training data would have given is not in it. ``efficiency_10`` is
    the signal efficiency at 10 % background with its binomial error. ``separation`` and
    ``significance`` follow TMVA's definitions. ``best_cut`` has the highest S/√(S + B).

    Attributes
    ----------
    overtraining : DataFrame
        One row a method: area on training and test rows and their gap, and the distance of
        the two responses after Kolmogorov and Smirnov with its p-value, for signal and for
        background. Means over the folds; of p-values the median.
    correlations : dict of str to DataFrame
        ``"signal"`` and ``"background"``: linear correlations of the numeric variables.
    separation : Series
        One number a variable, largest first: how far signal and background are apart in it.
    yields : tuple of float
        Events of signal and background for which the best cut is sought.
    """

    overtraining: pd.DataFrame = field(default_factory=pd.DataFrame)
    correlations: dict[str, pd.DataFrame] = field(default_factory=dict)
    separation: pd.Series = field(default_factory=pd.Series)
    yields: tuple[float, float] = (1000.0, 1000.0)
    _influence: dict[str, NDArray] = field(default_factory=dict)

    @property
    def signal(self) -> Any:
        """What the signal is called in ``y``."""
        return self._table.names[1]

    def roc(self, name: str) -> pd.DataFrame:
        """Return the ROC curve of a method: the mean of its folds' curves.

        Parameters
        ----------
        name : str
            The method.

        Returns
        -------
        DataFrame
            ``background_efficiency`` in steps of 0.001, ``signal_efficiency``.
        """
        return _mean_curve(self.responses, self._known(name))

    def cuts(
        self, name: str, signal: float | None = None, background: float | None = None
    ) -> pd.DataFrame:
        """Return what each cut on a method's response keeps.

        Parameters
        ----------
        name : str
            The method.
        signal, background : float, optional
            Events before the cut, in any unit; by default the bake-off's ``yields``.

        Returns
        -------
        DataFrame
            One row a cut, tight ones first: ``cut``, ``signal_efficiency``,
            ``background_efficiency``, ``signal`` and ``background`` (events kept), ``purity``,
            ``efficiency_times_purity``, ``significance`` (S/√(S + B)). The folds' responses
            are taken together: a cut is one number for all.
        """
        yields = (
            self.yields[0] if signal is None else signal,
            self.yields[1] if background is None else background,
        )
        return _cuts(self.responses, self._known(name), *_checked_yields(yields))

    def best_cut(
        self, name: str, signal: float | None = None, background: float | None = None
    ) -> pd.Series:
        """Return the row of `cuts` with the highest S/√(S + B).

        It is the best of many on these very rows: expect a little less on new ones.
        """
        table = self.cuts(name, signal, background)
        return table.loc[table["significance"].idxmax()]

    def difference(self, first: str, second: str) -> pd.Series:
        """Say how far the areas of two methods lie apart, on the same events.

        Parameters
        ----------
        first, second : str
            The methods.

        Returns
        -------
        Series
            ``difference`` of the areas, first less second, and its 95 % interval ``low``,
            ``high``. Events of one group count as one. What other training data would have
            given is not in it.
        """
        one, other = self._influence[self._known(first)], self._influence[self._known(second)]
        gap = self.summary.loc[first, "auc"] - self.summary.loc[second, "auc"]
        error = metrics.clustered_error(one - other, _clusters(self._table))
        return pd.Series({"difference": gap, "low": gap - 1.96 * error, "high": gap + 1.96 * error})

    def ranking(self, name: str, repeats: int = 5, seed: int = 0) -> pd.DataFrame:
        """Rank the variables: by their own separation, and by what the method loses without.

        Parameters
        ----------
        name : str
            The method.
        repeats : int
            How often each variable is shuffled in each fold.
        seed : int
            For the shuffling.

        Returns
        -------
        DataFrame
            One row a variable, most important first: ``separation``, ``separation_rank``,
            ``importance`` (fall of the area on the test rows when the variable is shuffled),
            ``importance_sd`` (over folds and repeats), ``importance_rank``. Correlated
            variables stand in for each other: both may look unimportant.
        """
        from sklearn.inspection import permutation_importance

        table = self._table
        falls = []
        models = self.fitted[self._known(name)]
        for k, ((_, test), model) in enumerate(zip(table.splits, models, strict=True)):
            if len(np.unique(table.target[test])) < 2:
                continue
            found = permutation_importance(
                model,
                table.variables.iloc[test],
                table.target[test],
                scoring="roc_auc",
                n_repeats=repeats,
                random_state=seed + k,
                sample_weight=table.weight[test],
            )
            falls.append(found.importances)
        fall = np.concatenate(falls, axis=1)
        names = pd.Index(table.variables.columns, name="variable")
        apart = self.separation.reindex(names)
        importance = pd.Series(fall.mean(axis=1), index=names)
        ranked = pd.DataFrame(
            {
                "separation": apart,
                "separation_rank": apart.rank(ascending=False, method="first").astype(int),
                "importance": importance,
                "importance_sd": fall.std(axis=1),
                "importance_rank": importance.rank(ascending=False, method="first").astype(int),
            }
        )
        return ranked.sort_values("importance_rank")

    def model(self, name: str, background_efficiency: float = 0.1) -> Model:
        """Train a method on all rows, for use on new data.

        Parameters
        ----------
        name : str
            The method.
        background_efficiency : float
            Share of the background that may be called signal, by which the cut is chosen
            on the responses to unseen rows.

        Returns
        -------
        Model
            With ``apply(table)``; `vaxlab.bakeoff.save` takes it.
        """
        if not 0 < background_efficiency < 1:
            raise CourseError(
                f"background_efficiency = {background_efficiency}: give a share between 0 and 1, "
                "such as 0.1 for one false alarm among ten."
            )
        rows = self.responses[~self.responses["signal"]]
        response, weight = rows[self._known(name)].to_numpy(), rows["weight"].to_numpy()
        cut = np.quantile(
            response, 1 - background_efficiency, weights=weight, method="inverted_cdf"
        )
        return Model(
            self._trained_on_all(name),
            tuple(self._table.variables.columns),
            signal=self._table.names[1],
            background=self._table.names[0],
            cut=float(cut),
        )


@dataclass(frozen=True, repr=False)
class RegressorBakeOff(BakeOff):
    """The outcome for regressors; see also `BakeOff`.

    Attributes
    ----------
    train_summary : DataFrame
        The columns of ``summary``, on the training rows.
    """

    train_summary: pd.DataFrame = field(default_factory=pd.DataFrame)

    def model(self, name: str) -> Model:
        """Train a method on all rows, for use on new data.

        Parameters
        ----------
        name : str
            The method.

        Returns
        -------
        Model
            With ``apply(table)``; `vaxlab.bakeoff.save` takes it.
        """
        return Model(self._trained_on_all(name), tuple(self._table.variables.columns))


def bakeoff(
    estimators: Mapping[str, BaseEstimator],
    X: pd.DataFrame | ArrayLike,
    y: ArrayLike | str,
    *,
    groups: ArrayLike | str | None = None,
    sample_weight: ArrayLike | str | None = None,
    spectators: Iterable[str] = (),
    cv: Folds = 5,
    signal: Any = None,
    yields: tuple[float, float] | None = None,
) -> ClassifierBakeOff | RegressorBakeOff:
    """Compare methods on one table, by cross-validation on the same folds.

    Parameters
    ----------
    estimators : mapping of str to BaseEstimator
        The methods by name: classifiers or regressors, pipelines included, not yet trained.
        They are cloned, never changed.
    X : DataFrame or array-like of shape (n, d)
        The table.
    y : array-like of shape (n,), or a column of ``X``
        Two classes under any names, or numbers for regressors.
    groups : array-like of shape (n,), or a column of ``X``, optional
        Rows of one group (a lot, a vessel) are never parted between training and test. Given
        also to what asks for groups within a method, such as a grid search over GroupKFold.
    sample_weight : array-like of shape (n,), or a column of ``X``, optional
        Weights, not negative. They count in all results, and reach every step of every method
        that can take them; ``summary`` says which method could.
    spectators : iterable of str
        Columns of ``X`` that ride along into ``responses`` and never reach a method.
    cv : int, splitter or iterable of (train, test), default=5
        An int makes shuffled, stratified folds (seed 0), by groups if there are any.
    signal : optional
        Which class is the signal; by default the last one in order, so 1, True or "yes".
    yields : tuple of float, optional
        Events of signal and background for the best cut; by default as in the table.

    Returns
    -------
    ClassifierBakeOff or RegressorBakeOff
        Tables, and what can be asked of them.

    Raises
    ------
    CourseError
        If something in the table, the methods or the folds does not fit; it says what.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    >>> from vaxlab.bakeoff import bakeoff
    >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    >>> result = bakeoff({"Fisher": LinearDiscriminantAnalysis()}, X, y)
    >>> bool(result.summary.loc["Fisher", "auc"] > 0.95)
    True
    """
    kind = _kind(estimators)
    table = _read(X, y, groups, sample_weight, tuple(spectators), cv, signal, kind)
    fitted, seconds = {}, {}
    for name, estimator in estimators.items():
        fitted[name], seconds[name] = _fit_folds(name, estimator, table)
    test, apply_seconds = _responses(fitted, table, part=1, kind=kind)
    train, _ = _responses(fitted, table, part=0, kind=kind)
    common = {
        "responses": test,
        "train_responses": train,
        "fitted": fitted,
        "_table": table,
        "_estimators": dict(estimators),
    }
    used = pd.DataFrame(
        {
            "fit_s": {name: sum(times) for name, times in seconds.items()},
            "apply_s": apply_seconds,
            "uses_weights": {n: _uses_weights(e) for n, e in estimators.items()},
        }
    )
    if not table.weighted:
        used = used.drop(columns="uses_weights")
    folds = _folds_table(test, train, seconds, kind)
    if kind == "regressor":
        tables = [
            pd.DataFrame({n: _regression(rows, n, table, part) for n in estimators}).T
            for part, rows in ((1, test), (0, train))
        ]
        summary = tables[0].join(used).sort_values("rmse")
        return RegressorBakeOff(
            summary=summary, folds=folds, train_summary=tables[1].loc[summary.index], **common
        )
    if yields is None:
        s = table.target == 1
        yields = (table.weight[s].sum(), table.weight[~s].sum())
    yields = _checked_yields(yields)
    rows, influence = {}, {}
    for name in estimators:
        rows[name], influence[name] = _classification(test, name, table, yields)
    summary = pd.DataFrame(rows).T.join(used).sort_values("auc", ascending=False)
    overtraining = pd.DataFrame({n: _overtraining(test, train, n) for n in summary.index}).T
    return ClassifierBakeOff(
        summary=summary,
        folds=folds,
        overtraining=overtraining,
        correlations=_correlations(table),
        separation=_separation(table),
        yields=yields,
        _influence=influence,
        **common,
    )


# Reading what came in -----------------------------------------------------------------------


def _kind(estimators: Mapping[str, BaseEstimator]) -> str:
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
        if name in _OWN:
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
            f"Classifiers and regressors do not compete: {_names(regressors)} predict numbers. "
            "Make two bake-offs."
        )
    return next(iter(kinds.values()))


def _read(
    X: Any,
    y: Any,
    groups: Any,
    sample_weight: Any,
    spectators: tuple[str, ...],
    cv: Folds,
    signal: Any,
    kind: str,
) -> _Table:
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
        raise CourseError(f"X has the column {_names(twice)} more than once: rename one of them.")
    roles = {}
    target = _column(X, y, "y", roles)
    weight = _column(X, sample_weight, "sample_weight", roles)
    group = _column(X, groups, "groups", roles)
    absent = [name for name in spectators if name not in X.columns]
    if absent:
        raise CourseError(
            f"The spectator {_names(absent)} is not in the table. Its columns are "
            f"{_names([str(name) for name in X.columns], most=12)}."
        )
    clash = [name for name in spectators if name in _OWN]
    if clash:
        raise CourseError(f"The spectator {_names(clash)} is a column of the result: rename it.")
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
    return _Table(
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
                f"{_names([str(name) for name in X.columns], most=12)}."
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
            f"y mixes types: {_names([repr(label) for label in classes])}. "
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


def _checked_yields(yields: tuple[float, float]) -> tuple[float, float]:
    """Return the numbers of signal and background events, if they make sense."""
    s, b = (float(value) for value in yields)
    if not (s > 0 and b >= 0 and np.isfinite(s + b)):
        raise CourseError(
            f"yields = ({s:g}, {b:g}): give the events of signal (above 0) and of background."
        )
    return s, b


# Training, by what was given ----------------------------------------------------------------


def _fit_folds(
    name: str, estimator: BaseEstimator, table: _Table
) -> tuple[list[BaseEstimator], list[float]]:
    """Let scikit-learn train one method on every fold; return models and seconds."""
    asking, parameters, routed = _prepared(estimator, table)
    with config_context(enable_metadata_routing=routed):
        try:
            found = cross_validate(
                asking,
                table.variables,
                table.target,
                cv=table.splits,
                scoring=_nothing,
                params=parameters,
                return_estimator=True,
                error_score="raise",
            )
        except Exception as error:  # whatever a method raises, say whose it is
            raise CourseError(
                f"{name!r} could not be trained. {complaint(table.variables, error)}"
            ) from error
    return found["estimator"], list(found["fit_time"])


def _nothing(estimator: BaseEstimator, X: Any, y: Any) -> float:
    """Score nothing: the responses are judged afterwards, all of them together."""
    return 0.0


def _prepared(
    estimator: BaseEstimator, table: _Table
) -> tuple[BaseEstimator, dict[str, NDArray], bool]:
    """Return a clone that asks for weights, what its ``fit`` takes, and how it is passed on.

    scikit-learn's metadata routing brings weights and groups to every step that asks for them.
    """
    asking = clone(estimator)
    offered = {}
    if table.weighted:
        offered["sample_weight"] = table.weight
        with config_context(enable_metadata_routing=True):
            for part in _parts(asking):
                _ask_for_weights(part)
    if table.groups is not None:
        offered["groups"] = table.groups
    try:
        with config_context(enable_metadata_routing=True):
            consumed = get_routing_for_object(asking).consumes("fit", offered.keys())
    except NotImplementedError:
        # AdaBoost has no routing: weights reach it by name, as in older scikit-learns.
        paths = _weight_paths(asking) if table.weighted else []
        return asking, dict.fromkeys(paths, table.weight), False
    return asking, {name: offered[name] for name in consumed}, True


def _parts(estimator: BaseEstimator) -> list[BaseEstimator]:
    """Return an estimator and all those within it."""
    within = estimator.get_params(deep=True).values()
    return [estimator, *(p for p in within if hasattr(p, "fit") and not isinstance(p, type))]


def _ask_for_weights(part: BaseEstimator) -> None:
    """Let an estimator ask for weights, if it can take them and its owner has not decided."""
    if not hasattr(part, "_get_metadata_request"):
        return
    requests = part._get_metadata_request()  # a router's public one leaves out its own needs
    for method in ("fit", "score"):
        asked = getattr(requests, method).requests
        if "sample_weight" in asked and asked["sample_weight"] is None:
            getattr(part, f"set_{method}_request")(sample_weight=True)


def _forget_requests(part: Any) -> None:
    """Take the requests off a trained estimator: a model is applied without, and saved."""
    if isinstance(part, BaseEstimator):
        vars(part).pop("_metadata_request", None)
        part = vars(part)
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, (list, tuple)) or (isinstance(part, np.ndarray) and part.dtype == object):
        for inner in part:
            _forget_requests(inner)


def _weight_paths(estimator: BaseEstimator) -> list[str]:
    """Return the names by which ``fit`` takes weights without routing, the last step's last."""
    if isinstance(estimator, Pipeline):
        steps = [(name, step) for name, step in estimator.steps if hasattr(step, "fit")]
        return [f"{name}__{path}" for name, step in steps for path in _weight_paths(step)]
    return ["sample_weight"] if has_fit_parameter(estimator, "sample_weight") else []


def _uses_weights(estimator: BaseEstimator) -> bool:
    """Say whether the part of a method that predicts is trained with weights."""
    if isinstance(estimator, Pipeline):
        return _uses_weights(estimator.steps[-1][1])
    if has_fit_parameter(estimator, "sample_weight"):
        return True
    return any(has_fit_parameter(part, "sample_weight") for part in _parts(estimator)[1:])


# What the methods said ----------------------------------------------------------------------


def _responses(
    fitted: dict[str, list[BaseEstimator]], table: _Table, part: int, kind: str
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the responses to the training (part 0) or test rows (1), and seconds a method."""
    rows = _positions(table, part)
    truth = table.target[rows]
    columns: dict[str, Any] = {
        "fold": np.repeat(np.arange(len(table.splits)), [len(s[part]) for s in table.splits]),
        "row": table.variables.index[rows],
        "weight": table.weight[rows],
        "signal" if kind == "classifier" else "target": truth == 1
        if kind == "classifier"
        else truth,
    }
    seconds = {}
    for name, models in fitted.items():
        start = time.perf_counter()
        try:
            parts = [
                respond(model, table.variables.iloc[split[part]])
                for model, split in zip(models, table.splits, strict=True)
            ]
        except ValueError as error:
            raise CourseError(
                f"{name!r} cannot be applied. {complaint(table.variables, error)}"
            ) from error
        columns[name] = np.concatenate(parts)
        seconds[name] = time.perf_counter() - start
        if not np.isfinite(columns[name]).all():
            raise CourseError(
                f"{name!r} answers with numbers that are not finite. Look for infinite or huge "
                "values in the table, or for a step that divides by 0."
            )
    for name in table.spectators:
        columns[name] = table.spectators[name].to_numpy()[rows]
    return pd.DataFrame(columns), seconds


def _positions(table: _Table, part: int = 1) -> NDArray[np.intp]:
    """Return the rows' positions in the table, fold after fold."""
    return np.concatenate([split[part] for split in table.splits])


def _clusters(table: _Table, part: int = 1) -> NDArray:
    """Return for each response which rows tell the same: one group, or one row seen twice."""
    rows = _positions(table, part)
    return rows if table.groups is None else table.groups[rows]


def _judged(responses: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the folds whose rows are of both classes, by weight too."""
    heavy = responses[responses["weight"] > 0]
    both = heavy.groupby("fold")["signal"].transform("nunique") == 2
    return [rows for _, rows in heavy[both].groupby("fold")]


def _arrays(rows: pd.DataFrame, name: str) -> tuple[NDArray, NDArray, NDArray]:
    """Return signal, response and weight."""
    return tuple(rows[column].to_numpy() for column in ("signal", name, "weight"))


def _shares(folds: list[pd.DataFrame]) -> NDArray:
    """Return what each fold counts: its share of the signal."""
    total = np.array([rows.loc[rows["signal"], "weight"].sum() for rows in folds])
    return total / total.sum()


def _mean_curve(responses: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the mean of the folds' signal efficiencies at each background efficiency.

    Responses of different folds come from different models: only within a fold are they
    compared, so the area under this curve is the ``auc`` of the summary.
    """
    grid = np.linspace(0, 1, 1001)
    folds = _judged(responses)
    curves = []
    for rows in folds:
        background, signal, _ = metrics.curve(*_arrays(rows, name))
        curves.append(np.interp(grid, background, signal))
    return pd.DataFrame(
        {"background_efficiency": grid, "signal_efficiency": _shares(folds) @ np.array(curves)}
    )


def _cuts(
    responses: pd.DataFrame, name: str, all_signal: float, all_background: float
) -> pd.DataFrame:
    """Return the table of `ClassifierBakeOff.cuts`."""
    background, signal, cut = metrics.curve(*_arrays(responses, name))
    s, b = signal[1:] * all_signal, background[1:] * all_background  # the first keeps nothing
    with np.errstate(invalid="ignore", divide="ignore"):
        purity = np.where(s + b > 0, s / (s + b), np.nan)
        significance = np.where(s + b > 0, s / np.sqrt(s + b), 0.0)
    return pd.DataFrame(
        {
            "cut": cut[1:],
            "signal_efficiency": signal[1:],
            "background_efficiency": background[1:],
            "signal": s,
            "background": b,
            "purity": purity,
            "efficiency_times_purity": signal[1:] * purity,
            "significance": significance,
        }
    )


def _classification(
    responses: pd.DataFrame, name: str, table: _Table, yields: tuple[float, float]
) -> tuple[dict[str, float], NDArray]:
    """Return a method's row of the summary, and what each response adds to its error."""
    folds = _judged(responses)
    shares = _shares(folds)
    found = [metrics.auc_influence(*_arrays(rows, name)) for rows in folds]
    area = float(shares @ [fold_area for fold_area, _ in found])
    influence = np.zeros(len(responses))
    for share, rows, (fold_area, fold_influence) in zip(shares, folds, found, strict=True):
        # Where a group fills a fold, all that it tells is how far its fold is from the others.
        signal = np.where(rows["signal"], rows["weight"], 0.0)
        between = signal / signal.sum() * (fold_area - area)
        influence[rows.index] = share * (fold_influence + between)
    judged = np.concatenate([rows.index for rows in folds])
    clusters = _clusters(table)[judged]
    half = metrics.half_width(influence[judged], clusters)
    unique = np.unique(_positions(table)[judged])
    signal = table.target[unique] == 1
    counts = [metrics.effective_count(table.weight[unique][rows]) for rows in (signal, ~signal)]
    # As many events as would give this error by chance alone. Where all are right there is no
    # error to be seen, and no more is known than that.
    if half > 1e-9:
        n = area * (1 - area) * (1.96 / half) ** 2
    else:
        n = min(*counts, len(np.unique(clusters)))
    low, high = metrics.wilson(area, max(n, 1e-9))
    row = {"auc": area, "auc_low": low, "auc_high": high}
    roc = _mean_curve(responses, name).set_index("background_efficiency")["signal_efficiency"]
    for efficiency in metrics.BACKGROUND_EFFICIENCIES:
        kept = float(np.interp(efficiency, roc.index, roc))
        low, high = metrics.wilson(kept, counts[0], level=0.6827)
        row[f"efficiency_{efficiency:.0%}"[:-1]] = kept
        row[f"efficiency_{efficiency:.0%}"[:-1] + "_error"] = (high - low) / 2
    signal, response, weight = _arrays(responses, name)
    row["separation"] = metrics.separation(response, signal, weight)
    row["significance"] = metrics.significance(response, signal, weight)
    cuts = _cuts(responses, name, *yields)
    best = cuts.loc[cuts["significance"].idxmax()]
    return row | {"best_cut": best["cut"], "best_s_over_root_s_b": best["significance"]}, influence


def _overtraining(test: pd.DataFrame, train: pd.DataFrame, name: str) -> dict[str, float]:
    """Return a method's row of the overtraining check."""
    folds = _judged(test)
    areas, distances = [], []
    for unseen in folds:
        seen = train[(train["fold"] == unseen["fold"].iloc[0]) & (train["weight"] > 0)]
        areas.append([metrics.auc_influence(*_arrays(rows, name))[0] for rows in (seen, unseen)])
        for kind in (True, False):
            one, other = (rows[rows["signal"] == kind] for rows in (seen, unseen))
            distances.append(
                metrics.kolmogorov_smirnov(
                    *(rows[name].to_numpy() for rows in (one, other)),
                    *(rows["weight"].to_numpy() for rows in (one, other)),
                )
            )
    seen_area, unseen_area = _shares(folds) @ np.array(areas)
    both = np.array(distances).reshape(-1, 2, 2)  # fold, class, (distance, p)
    row = {"auc_train": seen_area, "auc_test": unseen_area, "gap": seen_area - unseen_area}
    for k, kind in enumerate(("signal", "background")):
        row[f"ks_{kind}"] = both[:, k, 0].mean()
        row[f"ks_{kind}_p"] = np.median(both[:, k, 1])
    return row


def _regression(responses: pd.DataFrame, name: str, table: _Table, part: int) -> dict[str, float]:
    """Return a method's row of the regression table, on training (0) or test rows (1)."""
    columns = (responses[column].to_numpy() for column in ("target", name, "weight"))
    return metrics.regression(*columns, _clusters(table, part))


def _folds_table(
    test: pd.DataFrame, train: pd.DataFrame, seconds: dict[str, list[float]], kind: str
) -> pd.DataFrame:
    """Return one row a method and fold."""
    score = "auc" if kind == "classifier" else "rmse"
    table = []
    for name, times in seconds.items():
        for fold, fit_s in enumerate(times):
            row: dict[str, Any] = {"method": name, "fold": fold}
            for part, responses in (("train", train), ("test", test)):
                rows = responses[responses["fold"] == fold]
                row[f"n_{part}"] = len(rows)
                row[f"{score}_{part}"] = _fold_score(rows, name, kind)
            table.append(row | {"fit_s": fit_s})
    return pd.DataFrame(table)


def _fold_score(rows: pd.DataFrame, name: str, kind: str) -> float:
    """Return the area or the RMSE of one fold; NaN where a fold has one class only."""
    if kind == "regressor":
        square = (rows[name] - rows["target"]) ** 2
        return float(np.sqrt(np.average(square, weights=rows["weight"])))
    judged = _judged(rows)
    return metrics.auc_influence(*_arrays(judged[0], name))[0] if judged else np.nan


def _correlations(table: _Table) -> dict[str, pd.DataFrame]:
    """Return the matrices of signal and background."""
    numbers = table.variables.select_dtypes("number")
    matrices = {}
    for kind, label in (("signal", 1), ("background", 0)):
        rows = table.target == label
        matrix = metrics.correlations(numbers[rows].to_numpy(float), table.weight[rows])
        matrices[kind] = pd.DataFrame(matrix, index=numbers.columns, columns=numbers.columns)
    return matrices


def _separation(table: _Table) -> pd.Series:
    """Return each variable's separation, largest first."""
    values = {
        name: metrics.separation(column.to_numpy(), table.target == 1, table.weight)
        for name, column in table.variables.items()
    }
    return pd.Series(values, name="separation", dtype=float).sort_values(ascending=False)
