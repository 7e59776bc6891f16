"""A trained model that knows its variables: apply it to new data, save it, load it."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaxlab.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

# What a file may hold besides what skops trusts: our own estimators, and the inner parts of
# scikit-learn's that skops leaves to its user. They hold numbers and run nothing that a file
# brings; but a forged tree may crash Python, so files of strangers stay a risk.
OUR_TYPES = (
    "vaxlab.bakeoff.cuts.RectangularCuts",
    "vaxlab.bakeoff.decorrelate.Decorrelate",
    "vaxlab.bakeoff.folds.GroupFolds",
    "vaxlab.bakeoff.likelihood.ProjectiveLikelihood",
    "vaxlab.bakeoff.network.TorchClassifier",
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._ranking.roc_auc_score",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.model_selection._split.GroupKFold",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedGroupKFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
)
_FORMAT = "vaxlab model 1"


@dataclass(frozen=True)
class Model:
    """One trained method, with all that is needed to use it on new data.

    Attributes
    ----------
    estimator : BaseEstimator
        Trained on all rows of the bake-off; signal is its class 1.
    variables : tuple of str
        Columns that it reads, in its order.
    signal : object
        What the signal was called in ``y``; None for a regressor.
    background : object
        What the rest was called; None for a regressor.
    cut : float or None
        Response above which an event is called signal; None for a regressor.
    """

    estimator: BaseEstimator
    variables: tuple[str, ...]
    signal: Any = None
    background: Any = None
    cut: float | None = None

    def apply(self, table: pd.DataFrame) -> pd.DataFrame:
        """Use the model on new data.

        Parameters
        ----------
        table : DataFrame
            Holds the model's variables; other columns ride along unread.

        Returns
        -------
        DataFrame
            On the index of ``table``: ``response`` and ``prediction`` (the name of the class)
            for a classifier, ``prediction`` alone for a regressor.

        Raises
        ------
        CourseError
            If variables are missing, or the estimator cannot take the values.
        """
        import pandas as pd

        if not isinstance(table, pd.DataFrame):
            raise CourseError(
                f"The new table is a {type(table).__name__}: give a DataFrame, whose columns the "
                "model finds by their names."
            )
        missing = [name for name in self.variables if name not in table.columns]
        if missing:
            raise CourseError(
                f"The new table lacks {listed(missing)}. The model reads {len(self.variables)} "
                "variables: give it a table that holds them all, under the same names."
            )
        variables = table[list(self.variables)]
        try:
            response = respond(self.estimator, variables)
        except ValueError as error:
            raise CourseError(
                f"The model cannot be applied to the new table. {complaint(variables, error)}"
            ) from error
        if self.cut is None:
            return pd.DataFrame({"prediction": response}, index=table.index)
        prediction = np.where(response > self.cut, self.signal, self.background)
        return pd.DataFrame({"response": response, "prediction": prediction}, index=table.index)


def respond(estimator: BaseEstimator, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return one number a row: larger for signal, or a regressor's prediction."""
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(table), dtype=float)[:, 1]
    if hasattr(estimator, "decision_function"):
        return np.asarray(estimator.decision_function(table), dtype=float)
    return np.asarray(estimator.predict(table), dtype=float).reshape(len(table))


def complaint(table: pd.DataFrame, error: Exception) -> str:
    """Say why an estimator refused a table, and what to do about it."""
    import pandas as pd

    gaps = [name for name in table.columns if table[name].isna().any()]
    if gaps and ("NaN" in str(error) or "missing" in str(error)):
        return (
            f"It takes no missing values, and {listed(gaps)} hold some. Put a SimpleImputer in "
            "front of it in a pipeline, or take a method that copes with gaps "
            "(HistGradientBoostingClassifier)."
        )
    numbers = table.select_dtypes("number")
    endless = [name for name in numbers if np.isinf(numbers[name].to_numpy(float)).any()]
    if endless and "infinity" in str(error):
        return f"{listed(endless)} hold infinite values: look for a division by 0."
    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if words and any(hint in str(error) for hint in ("convert", "string", "DType", "Timestamp")):
        return (
            f"It takes numbers only, and {listed(words)} hold words or dates. Encode them in the "
            "pipeline (OneHotEncoder), or let them ride along as spectators."
        )
    return f"It says: {str(error).strip().splitlines()[0]}"


def save(model: Model, path: str | os.PathLike[str]) -> Path:
    """Save a model in a file that holds data only, no code (skops, not pickle).

    Parameters
    ----------
    model : Model
        From ``result.model(name)``.
    path : path-like
        File to write, by custom ``….skops``. Never left half-written.

    Returns
    -------
    Path
        The file.
    """
    import skops.io

    path = Path(path)
    if not path.parent.is_dir():
        raise CourseError(f"{path}: there is no folder {path.parent}. Make it first.")
    plain = {
        "format": _FORMAT,
        "estimator": model.estimator,
        "variables": list(model.variables),
        "signal": _plain(model.signal),
        "background": _plain(model.background),
        "cut": model.cut,
    }
    beside = path.with_name(f".{path.name}.part")
    try:
        skops.io.dump(plain, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def load(path: str | os.PathLike[str], trusted: list[str] | None = None) -> Model:
    """Load what `save` has written.

    Parameters
    ----------
    path : path-like
        The file.
    trusted : list of str, optional
        Types that you allow besides those of scikit-learn and vaxlab. The error names them;
        allow only what you know.

    Returns
    -------
    Model
        As it was saved.

    Raises
    ------
    CourseError
        If there is no such file, it is no model, or it holds types that nobody has allowed.
    """
    import skops.io

    if isinstance(trusted, str):
        raise CourseError(f"trusted = {trusted!r}: give a list of types, [{trusted!r}].")
    path = Path(path)
    if not path.is_file():
        raise CourseError(f"{path}: no such file. Save a model first: save(model, path).")
    try:
        unknown = set(skops.io.get_untrusted_types(file=path))
        unknown -= {*OUR_TYPES, *(trusted or [])}
        if unknown:
            raise CourseError(
                f"{path} holds types that are not known to be harmless: {listed(sorted(unknown))}. "
                "If you made the file yourself, load it with trusted=[…] and these names."
            )
        plain = skops.io.load(path, trusted=[*OUR_TYPES, *(trusted or [])])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise CourseError(
            f"{path} is no model that vaxlab has saved, or it is damaged. Save it anew."
        ) from error
    if not isinstance(plain, dict) or plain.pop("format", None) != _FORMAT:
        raise CourseError(f"{path} is no model that vaxlab has saved. Use skops.io.load for it.")
    return Model(**plain | {"variables": tuple(plain["variables"])})


def _plain(value: Any) -> Any:
    """Turn numpy's scalars into Python's: they are what a file keeps."""
    return value.item() if isinstance(value, np.generic) else value


def listed(names: list[str], most: int = 4) -> str:
    """List names for a sentence, the first few of many."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"'{name}'" for name in names[:most]) + rest


def whole(given: Any, what: str, least: int, unit: str = "") -> int:
    """Return a whole number, Python's or numpy's; `what` it is, for the sentence."""
    is_whole = isinstance(given, Integral) and not isinstance(given, bool | np.bool_)
    if is_whole and given >= least:
        return int(given)
    shown = given if isinstance(given, Real) else repr(given)
    unit = f" {unit}" if unit else ""
    raise CourseError(f"{what} = {shown}: give {least}{unit} or more, as a whole number.")
