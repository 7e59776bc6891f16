"""Decorrelation: variables made independent to first order, each staying near what it was."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data


class Decorrelate(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Multiply by the inverse square root of the covariance (ZCA, TMVA's transformation D).

    Whitening by principal components gives new variables without a name; of all whitenings
    this one changes the (scaled) variables least, so that each keeps its own.

    Parameters
    ----------
    within_classes : bool, default=False
        Take the covariance around the means of the classes, so that the distance between
        classes is not taken for spread. Needs ``y``.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        Mean of the training data.
    whitening_ : ndarray of shape (n_features, n_features)
        Matrix that ``transform`` multiplies with.
    n_features_in_ : int
        Number of variables.
    feature_names_in_ : ndarray of str
        Their names, if the table had any.

    References
    ----------
    A. Kessy, A. Lewin and K. Strimmer (2018). Optimal whitening and decorrelation. The American
    Statistician 72, 309-314 (ZCA).
    """

    def __init__(self, within_classes: bool = False) -> None:
        self.within_classes = within_classes

    def fit(
        self, X: ArrayLike, y: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> Decorrelate:
        """Estimate the covariance.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables, two rows at the least.
        y : array-like of shape (n_samples,), optional
            Classes; used with ``within_classes`` only.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative.

        Returns
        -------
        Decorrelate
            The transformer itself.
        """
        if self.within_classes and y is None:
            raise ValueError("within_classes requires y to be passed, but the target y is None")
        if self.within_classes:
            X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
            check_classification_targets(y)
        else:
            X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        self.mean_ = np.average(X, axis=0, weights=weight)
        centred = X - self.mean_
        if self.within_classes:
            for label in np.unique(y[weight > 0]):
                rows = y == label
                centred[rows] = X[rows] - np.average(X[rows], axis=0, weights=weight[rows])
        covariance = (centred.T * weight) @ centred / weight.sum()
        values, vectors = np.linalg.eigh(covariance)
        # A direction without spread is noise of the arithmetic: it is dropped, not blown up.
        real = values > max(values.max(), 0.0) * len(values) * np.finfo(float).eps
        scale = np.where(real, 1 / np.sqrt(np.where(real, values, 1.0)), 0.0)
        self.whitening_ = (vectors * scale) @ vectors.T
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the decorrelated variables.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Each of unit variance, and without linear correlation in the training data.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return (X - self.mean_) @ self.whitening_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.within_classes
        return tags
