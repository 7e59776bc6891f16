"""What a check of this notebook hands to a learner's function: it has to be there where it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Memory(RegressorMixin, BaseEstimator):
    """Right about batches that it was trained on, off by a known amount about all others.

    Column 0 of its spectra is the batch's mark, column 1 the truth, column 2 by how much it is
    off where it has not met the batch. So an error says who was left out, however many folds.
    """

    def fit(self, X: Any, y: Any) -> Memory:
        """Remember the batches."""
        self.met_ = np.unique(np.asarray(X)[:, 0])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Tell the truth, or miss it."""
        values = np.asarray(X)
        return values[:, 1] + np.where(np.isin(values[:, 0], self.met_), 0.0, values[:, 2])
