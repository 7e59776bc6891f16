"""Tables that the bake-off's tests share."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def events() -> tuple[pd.DataFrame, pd.Series]:
    """300 events of three variables: one tells much, one little, one nothing."""
    rng = np.random.default_rng(3)
    y = pd.Series(np.arange(300) % 3 == 0, name="rejected")
    X = pd.DataFrame(
        {
            "strong": rng.normal(size=300) + 2.0 * y,
            "weak": rng.normal(size=300) + 0.5 * y,
            "noise": rng.normal(size=300),
        }
    )
    return X, y
