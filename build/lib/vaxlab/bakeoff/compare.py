"""The bake-off: many methods, one table, the same folds for all."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from tqdm import tqdm

from vaxlab.bakeoff import metrics
from vaxlab.bakeoff.model import Model, complaint, listed, respond, whole
from vaxlab.bakeoff.table import Table, kind_of, names_of, read
from vaxlab.bakeoff.training import fit_all, fit_folds, uses_weights
from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from vaxlab.bakeoff.table import Folds


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
    _table: Table
    _estimators: dict[str, BaseEstimator]

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: {len(self._estimators)} methods on "
            f"{len(self._table.target)} rows in {len(self._table.splits)} folds; "
            "see .summary"
        )

    def _known(self, name: str) -> str:
        """Return a method's name, if there is such a method."""
        if not isinstance(name, str) or name not in self._estimators:
            raise CourseError(
                f"There is no method {name!r} in this bake-off. "
                f"There are {listed(list(self._estimators), most=30)}."
            )
        return name

    def _trained_on_all(self, name: str) -> BaseEstimator:
        """Return a method trained once more, on the whole table."""
        return fit_all(self._estimators[self._known(name)], self._table)


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
        repeats, seed = whole(repeats, "repeats", 1), whole(seed, "seed", 0)
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
        is_number = isinstance(background_efficiency, Real)
        if not is_number or not 0 < background_efficiency < 1:
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
    spectators: Iterable[str] | None = (),
    cv: Folds = 5,
    signal: Any = None,
    yields: tuple[float, float] | None = None,
) -> ClassifierBakeOff | RegressorBakeOff:
    """Compare methods on one table, by cross-validation on the same folds.

    What is given beside ``X`` (``y``, ``groups``, ``sample_weight``) is paired with its rows by
    one rule. The name of a column means that column. What has labels of its own, a Series or a
    table of one column, must have the index of ``X``, in the same order; it is refused otherwise,
    never sorted in silence. What has none, a list or an array, is paired row by row.

    Parameters
    ----------
    estimators : mapping of str to BaseEstimator
        The methods by name: classifiers or regressors, pipelines included, not yet trained.
        They are cloned, never changed. A name must not be that of a column of ``responses``.
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
        An int makes shuffled, stratified folds (seed 0), by groups if there are any. Folds of
        your own name rows by position, or by True and False.
    signal : optional
        Which class is the signal; by default the last one in order, so 1, True or "yes", or the
        last category of an ordered categorical.
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
    names = names_of(spectators)
    kind = kind_of(estimators, names)
    table = read(X, y, groups, sample_weight, names, cv, signal, kind)
    fitted, seconds = {}, {}
    methods = tqdm(estimators.items(), desc="Methods", delay=5, leave=False, file=sys.stdout)
    for name, estimator in methods:
        fitted[name], seconds[name] = fit_folds(name, estimator, table)
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
            "uses_weights": {n: uses_weights(e) for n, e in estimators.items()},
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


def _checked_yields(yields: tuple[float, float]) -> tuple[float, float]:
    """Return the numbers of signal and background events, if they make sense."""
    try:
        s, b = (float(value) for value in yields)
    except (TypeError, ValueError):
        s = b = np.nan
    if not (s > 0 and b >= 0 and np.isfinite(s + b)):
        raise CourseError(
            f"yields = {yields}: give two numbers, the events of signal (above 0) and of "
            "background, such as (70, 930)."
        )
    return s, b


# What the methods said ----------------------------------------------------------------------


def _responses(
    fitted: dict[str, list[BaseEstimator]], table: Table, part: int, kind: str
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


def _positions(table: Table, part: int = 1) -> NDArray[np.intp]:
    """Return the rows' positions in the table, fold after fold."""
    return np.concatenate([split[part] for split in table.splits])


def _clusters(table: Table, part: int = 1) -> NDArray:
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
    responses: pd.DataFrame, name: str, table: Table, yields: tuple[float, float]
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


def _regression(responses: pd.DataFrame, name: str, table: Table, part: int) -> dict[str, float]:
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


def _correlations(table: Table) -> dict[str, pd.DataFrame]:
    """Return the matrices of signal and background."""
    numbers = table.variables.select_dtypes("number")
    matrices = {}
    for kind, label in (("signal", 1), ("background", 0)):
        rows = table.target == label
        matrix = metrics.correlations(numbers[rows].to_numpy(float), table.weight[rows])
        matrices[kind] = pd.DataFrame(matrix, index=numbers.columns, columns=numbers.columns)
    return matrices


def _separation(table: Table) -> pd.Series:
    """Return each variable's separation, largest first."""
    values = {
        name: metrics.separation(column.to_numpy(), table.target == 1, table.weight)
        for name, column in table.variables.items()
    }
    return pd.Series(values, name="separation", dtype=float).sort_values(ascending=False)
