"""The projective likelihood: one curve a variable and class, multiplied."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

# Points on which a density by kernels is kept: fine against any sensible bandwidth.
GRID = 512


class ProjectiveLikelihood(ClassifierMixin, BaseEstimator):
    """Multiply one-dimensional densities of the variables, class by class.

    Every variable is treated as if it were independent of the others within a class (naive
    Bayes), but its distribution may have any form. Correlated variables want decorrelating
    first.

    Parameters
    ----------
    pdf : {"kde", "histogram"}, default="kde"
        Gaussian kernels, or a histogram that is smoothed once over its neighbours (1:2:1).
    bins : int, default=40
        Bins of the histograms, over the range of the training data.
    bandwidth : float, default=1.0
        Width of the kernels in units of Silverman's rule.
    priors : array-like of shape (n_classes,), optional
        Shares of the classes; by default those of the training data.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the classes.
    grid_ : ndarray of shape (n_features, n_points)
        Where the densities are kept; between the points their logarithm is a straight line.
    log_pdf_ : ndarray of shape (n_classes, n_features, n_points)
        Logarithms of the densities.
    n_features_in_ : int
        Number of variables.
    feature_names_in_ : ndarray of str
        Their names, if the table had any.

    References
    ----------
    A. Hoecker et al. (2007). TMVA: Toolkit for multivariate data analysis. arXiv:physics/0703039
    (the method). B. W. Silverman (1986). Density estimation for statistics and data analysis,
    eq. 3.31 (the rule for the width).

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> X, y = make_blobs(200, centers=[[0, 0], [3, 3]], random_state=0)
    >>> ProjectiveLikelihood().fit(X, y).predict([[3.0, 3.0]])
    array([1])
    """

    def __init__(
        self,
        pdf: str = "kde",
        bins: int = 40,
        bandwidth: float = 1.0,
        priors: ArrayLike | None = None,
    ) -> None:
        self.pdf = pdf
        self.bins = bins
        self.bandwidth = bandwidth
        self.priors = priors

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> ProjectiveLikelihood:
        """Estimate the densities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.
        y : array-like of shape (n_samples,)
            Classes, two or more.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative. An event of weight 2 counts as two events, so weights should
            have a mean of about 1: the width of the kernels follows from their sum.

        Returns
        -------
        ProjectiveLikelihood
            The estimator itself.
        """
        if self.pdf not in ("kde", "histogram"):
            raise ValueError(f"pdf = {self.pdf!r}: choose 'kde' or 'histogram'")
        if self.bins < 2:
            raise ValueError(f"bins = {self.bins}: a density needs at least 2")
        if not self.bandwidth > 0:
            raise ValueError(f"bandwidth = {self.bandwidth}: give a positive number")
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("ProjectiveLikelihood needs two classes, the data hold only one class")
        counts = np.bincount(codes, weights=weight)
        self.class_prior_ = self._given_priors(counts)
        points = self.bins if self.pdf == "histogram" else GRID
        low, high = X.min(axis=0), X.max(axis=0)
        high = np.where(high > low, high, low + 1.0)  # a constant variable tells nothing
        edges = np.linspace(low, high, points + 1, axis=1)
        self.grid_ = (edges[:, :-1] + edges[:, 1:]) / 2
        cell = edges[:, 1] - edges[:, 0]
        density = np.empty((len(counts), X.shape[1], points))
        for k in range(len(counts)):
            rows, weights = X[codes == k], weight[codes == k]
            for j in range(X.shape[1]):
                heights, _ = np.histogram(rows[:, j], bins=edges[j], weights=weights)
                if self.pdf == "histogram":
                    padded = np.pad(heights, 1, mode="edge")
                    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
                else:
                    width = self.bandwidth * _silverman(rows[:, j], weights) / cell[j]
                    # Kernels narrower than a cell are as wide as a cell; 0 divides by 0.
                    smooth = gaussian_filter1d(heights, max(width, 0.5), mode="constant")
                # One event more, spread evenly: where nobody was seen, somebody may come.
                share = (smooth + 1 / points) / (smooth.sum() + 1)
                density[k, j] = share / cell[j]
        self.log_pdf_ = np.log(density)
        return self

    def predict_log_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the logarithms of the classes' probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables. Outside the range of the training data a density goes on as at its end.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        joint = np.tile(np.log(self.class_prior_), (len(X), 1))
        for k in range(len(self.classes_)):
            for j in range(X.shape[1]):
                joint[:, k] += np.interp(X[:, j], self.grid_[j], self.log_pdf_[k, j])
        return joint - logsumexp(joint, axis=1, keepdims=True)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the classes' probabilities: see `predict_log_proba`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        return np.exp(self.predict_log_proba(X))

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the likeliest class of each event.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Variables.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels out of ``classes_``.
        """
        best = self.predict_log_proba(X).argmax(axis=1)
        return self.classes_[best]

    def _given_priors(self, counts: NDArray) -> NDArray:
        """Return the classes' shares, as given or as counted."""
        if self.priors is None:
            return counts / counts.sum()
        priors = np.asarray(self.priors, dtype=float)
        if priors.shape != counts.shape or (priors <= 0).any():
            raise ValueError(f"priors: give {len(counts)} positive numbers, one a class")
        return priors / priors.sum()


def _silverman(values: NDArray, weights: NDArray) -> float:
    """Return Silverman's width for Gaussian kernels; 0 where all values are equal."""
    mean = np.average(values, weights=weights)
    deviation = np.sqrt(np.average((values - mean) ** 2, weights=weights))
    low, high = np.quantile(values, [0.25, 0.75], weights=weights, method="inverted_cdf")
    # Many equal values make the quartiles meet, though there is a spread.
    spread = min(deviation, (high - low) / 1.349) if high > low else deviation
    return 0.9 * spread * weights.sum() ** -0.2
