"""What a check of notebook 4 hands to a learner's function: it has to be there where that runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin

from vaxlab.lessons.day1.how_sure import material


class Watched(RegressorMixin, BaseEstimator):
    """A regressor whose predictions tell what it was trained on, and nothing else.

    It predicts `STEP` times a number: one bit for each seed lot that it has seen, one for the very
    batch, one for the target among the columns, one where the lots' names are not. What is measured
    is far smaller than a step, so both can be read off a miss.

    Parameters
    ----------
    lots : dict
        Row of the table to seed lot, for those who hand in the other columns only.
    """

    STEP = 16.0
    ITSELF, TARGET, NAMELESS = 2**24, 2**25, 2**26
    PRECISION = 2e-6
    """Of a target that is read off a miss: what a float64 of this size holds."""

    def __init__(self, lots: dict | None = None) -> None:
        self.lots = lots

    def fit(self, X: Any, y: Any) -> Watched:
        """Note lots, batches and columns."""
        if not isinstance(X, pd.DataFrame):
            raise ValueError("the model needs the table with its columns, not bare numbers")
        self.nameless_ = "seed_lot" not in X
        named = X.index.to_series().map(self.lots or {}) if self.nameless_ else X["seed_lot"]
        if named.isna().any():
            raise ValueError("the model needs the columns of the table, seed_lot among them")
        self.known_, self.seen_ = set(X.index), sum(map(self.bit, set(named)))
        self.target_ = not set(material.TARGETS).isdisjoint(X.columns)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Tell of each batch what was seen before."""
        itself = np.array([label in self.known_ for label in X.index])
        flags = self.TARGET * self.target_ + self.NAMELESS * self.nameless_
        return self.STEP * (self.seen_ + self.ITSELF * itself + flags)

    @staticmethod
    def bit(lot: str) -> int:
        """Return the bit of a lot, such as ``SEED-03``."""
        return 2 ** (int(lot.rpartition("-")[2]) % 24)

    @classmethod
    def read(cls, misses: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
        """Return of each batch the lots' bits, and which of the three flags were set."""
        number = (misses.abs() / cls.STEP).round().clip(upper=2.0**50).astype(np.int64)
        flags = (cls.ITSELF, cls.TARGET, cls.NAMELESS)
        return number % cls.ITSELF, *((number & flag) > 0 for flag in flags)

    @classmethod
    def target(cls, misses: pd.Series) -> pd.Series:
        """Return the target that each miss was taken from, whatever its sign."""
        return -misses.abs() % cls.STEP
