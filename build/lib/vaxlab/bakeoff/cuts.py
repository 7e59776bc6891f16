"""Rectangular cuts: a box in the variables that keeps the signal and drops the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

if TYPE_CHECKING:
    import pandas as pd

# A slice of few events looks good by luck: slices of several widths compete, and what is
# compared is their density. Of equal ones the first, the thinnest, is taken.
SLICE_WIDTHS = (1, 2, 4, 8)
# Below this share of the signal no box is worth having.
LAST_SIGNAL_EFFICIENCY = 0.01


class RectangularCuts(ClassifierMixin, BaseEstimator):
    """Find the box that keeps most signal at a given background efficiency.

    A box starts around everything and loses one slice after the other: of all slices at its
    faces, the one goes that holds most background per signal. So boxes nest, each efficiency
    has its box, and the search has no luck in it: the same data give the same cuts.

    Signal is ``classes_[1]``, for the classes 0 and 1 the class 1. A box says yes or no and
    knows no probabilities; ``sklearn.calibration.CalibratedClassifierCV`` makes some from
    its decision function.

    Parameters
    ----------
    background_efficiency : float, default=0.1
        Share of the background that the box of ``predict`` lets pass, between 0 and 1.
    step : float, default=0.02
        Share of the signal in the box that its thinnest slice holds.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Background and signal.
    lower_, upper_ : ndarray of shape (n_features,)
        The box of ``predict``; infinite where there is no cut.
    path_ : ndarray of shape (n_cuts, 5)
        Each cut in turn: variable (its number), side (1 cuts from below, -1 from above), the
        cut, and the signal and background efficiencies of the box that it leaves.
    n_features_in_ : int
        Number of variables.
    feature_names_in_ : ndarray of str
        Their names, if the table had any.

    References
    ----------
    J. H. Friedman and N. I. Fisher (1999). Bump hunting in high-dimensional data. Statistics
    and Computing 9, 123-143 (top-down peeling; here with slices of several widths).

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> X, y = make_blobs(200, centers=[[0, 0], [3, 3]], random_state=0)
    >>> RectangularCuts(background_efficiency=0.05).fit(X, y).predict([[4.0, 4.0]])
    array([1])
    """

    def __init__(self, background_efficiency: float = 0.1, step: float = 0.02) -> None:
        self.background_efficiency = background_efficiency
        self.step = step

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> RectangularCuts:
        """Search the boxes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.
        y : array-like of shape (n_samples,)
            Two classes.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative. An event of weight 2 counts as two events.

        Returns
        -------
        RectangularCuts
            The estimator itself.
        """
        for name in ("background_efficiency", "step"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise ValueError(f"{name} = {value}: give a share between 0 and 1")
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        self.classes_ = np.unique(y)
        if len(self.classes_) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is multiclass."
            )
        if len(self.classes_) < 2:
            raise ValueError("RectangularCuts needs two classes, the data hold only one class")
        signal = y == self.classes_[1]
        self.path_ = _peel(X, signal * weight, ~signal * weight, self.step)
        self._start = np.vstack([X.min(axis=0), -X.max(axis=0)])  # where the first slices begin
        # Where no box is as small as asked for, the smallest one is used.
        self._depths = np.linspace(0, len(self.path_), 10 * len(self.path_) + 1)
        background = np.sort(depth := self._depth(X[~signal]))
        passed = np.cumsum(weight[~signal][np.argsort(depth)][::-1])[::-1]
        share = np.append(passed / passed[0], 0.0)
        self._efficiencies = share[np.searchsorted(background, self._depths)]
        smallest = np.nextafter(self._efficiencies[-1], 2.0)
        self._threshold = max(self.background_efficiency, smallest)
        self.lower_, self.upper_ = self._box(self._threshold)
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Say how far inside the boxes each event lies.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.

        Returns
        -------
        ndarray of shape (n_samples,)
            ``background_efficiency`` less the background efficiency (of the training data) of
            the smallest box that holds the event: positive inside the box of ``predict``.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self._threshold - np.interp(self._depth(X), self._depths, self._efficiencies)

    def _depth(self, X: NDArray) -> NDArray[np.float64]:
        """Return after how many cuts each event is lost, with the place in its last slice."""
        depth = np.full(len(X), float(len(self.path_)))
        for variable, side, steps, cuts in self._faces():
            values = side * X[:, variable]
            passed = np.searchsorted(cuts, values, side="right")
            out = passed < len(cuts)
            edges = np.append(self._start[int(side < 0), variable], cuts)
            slice_ = passed[out]
            width = cuts[slice_] - edges[slice_]
            within = np.clip((values[out] - edges[slice_]) / np.where(width > 0, width, 1), 0, 1)
            depth[out] = np.minimum(depth[out], steps[slice_] + within)
        return depth

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the class of each event: signal inside the box, background outside.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels out of ``classes_``.
        """
        inside = self.decision_function(X) > 0
        return self.classes_[inside.astype(int)]

    def box(self, background_efficiency: float | None = None) -> pd.DataFrame:
        """Return a box as a table that can be read and posted on a wall.

        Parameters
        ----------
        background_efficiency : float, optional
            Of which box; by default that of ``predict``.

        Returns
        -------
        DataFrame
            One row a variable that is cut: ``lower`` and ``upper``, infinite where open.
        """
        import pandas as pd

        check_is_fitted(self)
        target = self._threshold if background_efficiency is None else background_efficiency
        lower, upper = self._box(target)
        names = getattr(
            self, "feature_names_in_", [f"variable {k}" for k in range(self.n_features_in_)]
        )
        table = pd.DataFrame({"lower": lower, "upper": upper}, index=pd.Index(names))
        return table[np.isfinite(table).any(axis=1)]

    def _box(self, background_efficiency: float) -> tuple[NDArray, NDArray]:
        """Return the bounds within which the score passes; the last slice is cut in part."""
        depth = float(np.interp(-background_efficiency, -self._efficiencies, self._depths))
        bounds = np.full((2, self.n_features_in_), -np.inf)
        for variable, side, steps, cuts in self._faces():
            made = int(np.sum(steps + 1 <= depth))
            face = (int(side < 0), variable)
            if made:
                bounds[face] = cuts[made - 1]
            if made < len(cuts) and steps[made] < depth:
                start = cuts[made - 1] if made else self._start[face]
                bounds[face] = start + (depth - steps[made]) * (cuts[made] - start)
        return bounds[0], -bounds[1]

    def _faces(self) -> list[tuple[int, float, NDArray, NDArray]]:
        """Return the faces that were cut: variable, side, steps, and the cuts times side."""
        variables, sides = self.path_[:, 0], self.path_[:, 1]
        faces = []
        for variable, side in sorted(set(zip(variables, sides, strict=True))):
            steps = np.flatnonzero((variables == variable) & (sides == side))
            faces.append((int(variable), side, steps, side * self.path_[steps, 2]))
        return faces

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _peel(X: NDArray, signal: NDArray, background: NDArray, step: float) -> NDArray:
    """Cut slice after slice from a box; see ``path_`` for what comes back."""
    all_signal, all_background = signal.sum(), background.sum()
    order = np.argsort(X, axis=0, kind="stable")
    inside = np.ones(len(X), dtype=bool)
    path = []
    while True:
        s, b = signal[inside].sum(), background[inside].sum()
        if b == 0 or s < LAST_SIGNAL_EFFICIENCY * all_signal:
            break
        best = (0.0, -1, 0.0, 0.0)
        for variable in range(X.shape[1]):
            rows = order[inside[order[:, variable]], variable]
            for side in (1.0, -1.0):
                ordered = rows if side > 0 else rows[::-1]
                found = _best_slice(
                    side * X[ordered, variable], signal[ordered], background[ordered], step * s
                )
                if found is not None and found[0] > best[0]:
                    best = (found[0], variable, side, found[1])
        ratio, variable, side, cut = best
        if ratio == 0:
            break  # nothing left that a slice could part
        values = side * X[:, variable]
        below = values[values < cut].max()
        # Half-way between two events, so that it does not matter on which side a bound counts.
        cut = max((below + cut) / 2, np.nextafter(below, np.inf))
        inside &= values >= cut
        left = signal[inside].sum() / all_signal, background[inside].sum() / all_background
        path.append((variable, side, side * cut, *left))
    return np.array(path, dtype=float).reshape(-1, 5)


def _best_slice(
    values: NDArray, signal: NDArray, background: NDArray, least: float
) -> tuple[float, float] | None:
    """Return background per signal, and the cut, of the best slice below in sorted values."""
    is_signal = signal > 0
    candidates = values[is_signal]
    # Signal strictly below each candidate: equal values stay or go together.
    first = np.searchsorted(candidates, candidates)
    below = np.append(0.0, np.cumsum(signal[is_signal]))[first]
    targets = np.array(SLICE_WIDTHS) * least
    if below[-1] == 0:
        below = np.full_like(below, np.inf)  # all signal is equal: any slice would lose it
    chosen = np.minimum(np.searchsorted(below, targets), len(candidates) - 1)
    cuts = candidates[chosen]
    lost = np.append(0.0, np.cumsum(background))[np.searchsorted(values, cuts)]
    if below[chosen[0]] > targets[-1]:
        # So many equal values that no slice is thin: what lies below all signal goes for little.
        free = background[: np.searchsorted(values, candidates[0])].sum()
        if free > 0:
            return float(free / least), float(candidates[0])
    ratio = lost / below[chosen]
    k = int(np.argmax(ratio))
    return float(ratio[k]), float(cuts[k])
