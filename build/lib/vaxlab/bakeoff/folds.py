"""Folds for a search within a method: by group where groups are given, by row where not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedGroupKFold


class GroupFolds(StratifiedGroupKFold):
    """Stratified folds that never part a group, and that need no groups.

    As scikit-learn's ``StratifiedGroupKFold``, for a search within a method: a bake-off brings it
    the groups of each training part. Trained by itself, without groups, the same method still
    works: each row then counts as a group of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from vaxlab.bakeoff import GroupFolds
    >>> X, y = np.zeros((6, 1)), [0, 1, 0, 1, 0, 1]
    >>> [len(test) for _, test in GroupFolds(3).split(X, y)]
    [2, 2, 2]
    """

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[NDArray, NDArray]]:
        """Yield the positions of training and test rows, fold by fold.

        Parameters
        ----------
        X : array-like of shape (n, d)
            The table.
        y : array-like of shape (n,)
            Classes.
        groups : array-like of shape (n,), optional
            Which rows belong together.
        """
        return super().split(X, y, np.arange(len(X)) if groups is None else groups)
