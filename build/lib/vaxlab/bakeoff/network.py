"""A deep network of PyTorch that behaves as scikit-learn's classifiers do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data


class TorchClassifier(ClassifierMixin, BaseEstimator):
    """A deep neural network: layers of rectified units, trained on all rows at once by AdamW.

    Weight decay and the number of epochs hold it back. Scale the variables first, in a pipeline.
    What it has learnt is kept as numpy's arrays, so it is copied and saved as any estimator; only
    its training needs PyTorch.

    Parameters
    ----------
    hidden : tuple of int, default=(16, 8)
        Units of each hidden layer, from input to output.
    weight_decay : float, default=0.1
        How strongly each step pulls the weights to 0.
    learning_rate : float, default=0.01
        Size of a step.
    epochs : int, default=100
        Steps; each sees all rows.
    random_state : int, RandomState or None, default=0
        Draws the first weights: the same number gives the same network.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    weights_, biases_ : list of ndarray
        One of each a layer, of shapes (units, inputs) and (units,).
    loss_curve_ : ndarray of shape (epochs,)
        Mean cross-entropy before each step (nats).
    n_features_in_, feature_names_in_
        Number of variables, and their names if the table had any.

    References
    ----------
    I. Loshchilov and F. Hutter (2019). Decoupled weight decay regularization. arXiv:1711.05101.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> X, y = make_blobs(200, centers=[[0, 0], [3, 3]], random_state=0)
    >>> TorchClassifier().fit(X, y).predict([[3.0, 3.0]])
    array([1])
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (16, 8),
        weight_decay: float = 0.1,
        learning_rate: float = 0.01,
        epochs: int = 100,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.hidden = hidden
        self.weight_decay = weight_decay
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> TorchClassifier:
        """Train the network: variables (n, d), classes (n,), weights (n,) that count events."""
        import torch

        if self.epochs < 1 or min(self.hidden, default=1) < 1:
            raise ValueError(f"epochs = {self.epochs}, hidden = {self.hidden}: give 1 or more")
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("TorchClassifier needs two classes, the data hold only one class")
        rows, target, share = map(torch.tensor, (X, codes, weight / weight.sum()))
        sizes = [X.shape[1], *self.hidden, len(self.classes_)]
        with torch.random.fork_rng(devices=[]):  # the notebook's own dice stay as they were
            torch.manual_seed(check_random_state(self.random_state).randint(2**31 - 1))
            layers = [torch.nn.Linear(*pair).double() for pair in pairwise(sizes)]
        units = [part for layer in layers for part in (layer, torch.nn.ReLU())]
        network = torch.nn.Sequential(*units[:-1])
        steps = torch.optim.AdamW(
            network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        self.loss_curve_ = np.empty(self.epochs)
        for epoch in range(self.epochs):
            misses = torch.nn.functional.cross_entropy(network(rows), target, reduction="none")
            loss = misses @ share
            steps.zero_grad()
            loss.backward()
            steps.step()
            self.loss_curve_[epoch] = loss.item()
        self.weights_ = [layer.weight.detach().numpy() for layer in layers]
        self.biases_ = [layer.bias.detach().numpy() for layer in layers]
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probabilities, (n, n_classes), in the order of ``classes_``."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False)
        for k, (weight, bias) in enumerate(zip(self.weights_, self.biases_, strict=True)):
            values = (np.maximum(values, 0) if k else values) @ weight.T + bias
        return softmax(values, axis=1)

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the likeliest class of each event, (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]
