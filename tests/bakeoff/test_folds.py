"""Folds within a method: groups stay together where there are some, and are not missed else."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from vaxlab.bakeoff import GroupFolds, bakeoff, load, save


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    y = pd.Series(np.arange(120) % 4 == 0)
    return pd.DataFrame({"a": rng.normal(size=120) + y, "b": rng.normal(size=120)}), y


def searching():
    return GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=GroupFolds(3))


def test_rows_of_a_group_are_never_parted(rows):
    lots = np.repeat(np.arange(12), 10)
    for train, test in GroupFolds(3).split(*rows, lots):
        assert not set(lots[train]) & set(lots[test])


def test_without_groups_every_row_is_tested_once_and_every_fold_has_both_classes(rows):
    X, y = rows
    tests = [test for _, test in GroupFolds(3).split(X, y)]
    assert sorted(np.concatenate(tests)) == list(range(len(X)))
    assert all(y[test].nunique() == 2 for test in tests)


def test_a_search_made_for_groups_trains_without_them(rows):
    assert searching().fit(*rows).predict_proba(rows[0]).shape == (120, 2)


def test_a_search_by_groups_is_saved_and_loaded(rows, tmp_path):
    X, y = rows
    result = bakeoff({"it": searching()}, X, y, groups=np.repeat(np.arange(12), 10))
    model = result.model("it")
    loaded = load(save(model, tmp_path / "it.skops"))
    assert (loaded.apply(X)["response"] == model.apply(X)["response"]).all()
