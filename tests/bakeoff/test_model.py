"""A model on new data, saved and loaded."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from vaxlab.bakeoff import (
    Decorrelate,
    ProjectiveLikelihood,
    RectangularCuts,
    TorchClassifier,
    bakeoff,
    load,
    save,
)
from vaxlab.errors import CourseError

METHODS = {
    "cuts": RectangularCuts(),
    "likelihood": make_pipeline(Decorrelate(within_classes=True), ProjectiveLikelihood()),
    "knn": KNeighborsClassifier(),
    "svm": make_pipeline(StandardScaler(), SVC()),
    "mlp": MLPClassifier((3,), max_iter=30, tol=1.0),
    "deep": make_pipeline(StandardScaler(), TorchClassifier(epochs=20)),
    "forest": RandomForestClassifier(5, random_state=0),
    "boosted": HistGradientBoostingClassifier(max_iter=5),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=GroupKFold(3)),
}


@pytest.fixture(scope="module")
def result(events):
    X, y = events
    words = y.map({True: "rejected", False: "accepted"})
    lots = np.arange(300) // 10
    return bakeoff(METHODS, X, words, groups=lots, sample_weight=np.ones(300))


@pytest.mark.parametrize("name", METHODS)
def test_a_saved_model_says_the_same_as_before(name, result, events, tmp_path):
    model = result.model(name)
    again = load(save(model, tmp_path / "model.skops"))
    pd.testing.assert_frame_equal(again.apply(events[0]), model.apply(events[0]))
    assert again.variables == model.variables


@pytest.mark.parametrize("efficiency", [0.05, 0.1, 0.3])
def test_about_as_many_false_alarms_come_as_were_allowed(efficiency, result, events):
    X, y = events
    new = X[~y] + np.random.default_rng(5).normal(scale=0.1, size=(200, 3))
    alarms = result.model("likelihood", background_efficiency=efficiency).apply(new)["prediction"]
    assert (alarms == "rejected").mean() == pytest.approx(efficiency, abs=0.06)


def test_columns_of_new_data_may_stand_in_any_order_beside_others(result, events):
    X, _ = events
    model = result.model("svm")
    shuffled = X.assign(batch_id="B001")[["batch_id", "noise", "strong", "weak"]]
    pd.testing.assert_frame_equal(model.apply(shuffled), model.apply(X))


def test_new_data_without_a_variable_are_refused_by_name(result, events):
    with pytest.raises(CourseError, match="lacks 'weak'"):
        result.model("svm").apply(events[0].drop(columns="weak"))


def test_new_data_with_gaps_are_refused_by_name(result, events):
    with pytest.raises(CourseError, match="'noise' hold some"):
        result.model("svm").apply(events[0].assign(noise=np.nan))


def test_new_data_without_names_are_refused(result, events):
    with pytest.raises(CourseError, match="is a ndarray: give a DataFrame"):
        result.model("svm").apply(events[0].to_numpy())


def test_one_type_in_place_of_a_list_is_told_how_to_write_it(tmp_path):
    with pytest.raises(CourseError, match=r"trusted = 'a.B': give a list of types, \['a.B'\]"):
        load(tmp_path / "model.skops", trusted="a.B")


def test_a_regressor_is_saved_too(events, tmp_path):
    X, y = events
    model = bakeoff({"ridge": Ridge()}, X, y.astype(float)).model("ridge")
    again = load(save(model, tmp_path / "model.skops"))
    pd.testing.assert_frame_equal(again.apply(X), model.apply(X))
    assert list(again.apply(X)) == ["prediction"]


def test_a_file_with_foreign_code_is_refused_until_it_is_allowed(events, tmp_path):
    X, y = events
    foreign = make_pipeline(FunctionTransformer(np.tanh), LogisticRegression())
    file = save(bakeoff({"m": foreign}, X, y).model("m"), tmp_path / "model.skops")
    unknown = skops.io.get_untrusted_types(file=file)
    if unknown:
        with pytest.raises(CourseError, match="not known to be harmless"):
            load(file)
    assert load(file, trusted=unknown).variables == ("strong", "weak", "noise")


def test_no_half_written_file_is_left(result, tmp_path):
    cannot_be_saved = replace(result.model("cuts"), estimator=(k for k in range(3)))
    with pytest.raises(TypeError):
        save(cannot_be_saved, tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b"no zip", "damaged"), ("skops", "no model that vaxlab has saved")],
)
def test_what_is_no_model_is_refused(content, words, tmp_path):
    file = tmp_path / "model.skops"
    if content == "skops":
        skops.io.dump({"something": "else"}, file)
    elif content is not None:
        file.write_bytes(content)
    with pytest.raises(CourseError, match=words):
        load(file)


def test_a_folder_that_is_not_there_is_named(result, tmp_path):
    with pytest.raises(CourseError, match="there is no folder"):
        save(result.model("cuts"), tmp_path / "models" / "cuts.skops")


def test_a_search_by_area_is_saved_too(events, tmp_path):
    X, y = events
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, scoring="roc_auc")
    model = bakeoff({"search": search}, X, y).model("search")
    again = load(save(model, tmp_path / "search.skops"))
    pd.testing.assert_frame_equal(again.apply(X), model.apply(X))
