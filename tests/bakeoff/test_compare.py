"""Many methods on one table."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import AdaBoostClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    RepeatedStratifiedKFold,
    ShuffleSplit,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from vaxlab.bakeoff import RectangularCuts, bakeoff
from vaxlab.errors import CourseError

FISHER = {"Fisher": LinearDiscriminantAnalysis()}


class Witness(ClassifierMixin, BaseEstimator):
    """Keeps what its fit was given; says that all is signal to the degree of column 0."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.columns_, self.rows_, self.weight_ = list(X.columns), X.index, sample_weight
        return self

    def decision_function(self, X):
        return X.iloc[:, 0].to_numpy()

    def predict(self, X):
        return (self.decision_function(X) > 0).astype(int)


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(3)
    y = np.arange(300) % 3 == 0
    X = pd.DataFrame({"a": rng.normal(size=300) + 2.0 * y, "b": rng.normal(size=300)})
    methods = FISHER | {
        "tree": DecisionTreeClassifier(random_state=0),
        "cuts": RectangularCuts(),
        "chance": DummyClassifier(),
    }
    return bakeoff(methods, X, y)


def test_the_better_method_stands_first_and_chance_last(result):
    assert result.summary.index[0] in {"Fisher", "cuts"}
    assert result.summary.index[-1] == "chance"
    assert result.summary.loc["chance", "auc"] == pytest.approx(0.5)


def test_an_area_lies_within_its_interval(result):
    summary = result.summary
    assert summary["auc"].between(summary["auc_low"], summary["auc_high"]).all()
    assert (summary["auc_high"] - summary["auc_low"] > 0.01).all()


def test_one_split_gives_scikit_learns_area(events):
    X, y = events
    found = bakeoff(FISHER, X, y, cv=ShuffleSplit(1, test_size=0.5, random_state=0))
    known = roc_auc_score(found.responses["signal"], found.responses["Fisher"])
    assert found.summary.loc["Fisher", "auc"] == pytest.approx(known)


def test_the_area_under_the_drawn_curve_is_the_area_of_the_summary(result):
    for name, row in result.summary.iterrows():
        curve = result.roc(name)
        area = np.trapezoid(curve["signal_efficiency"], curve["background_efficiency"])
        assert area == pytest.approx(row["auc"], abs=0.005)


def test_efficiencies_grow_with_the_background_and_have_errors(result):
    summary = result.summary
    assert (summary["efficiency_1"] <= summary["efficiency_10"]).all()
    assert (summary["efficiency_10"] <= summary["efficiency_30"]).all()
    assert (summary.filter(like="_error") > 0).all(axis=None)


def test_every_row_is_tested_once_by_a_model_that_has_not_seen_it(result):
    assert sorted(result.responses["row"]) == list(range(300))
    trained = result.train_responses
    for fold, test in result.responses.groupby("fold"):
        seen = trained.loc[trained["fold"] == fold, "row"]
        assert not set(test["row"]) & set(seen)


def test_an_unpruned_tree_is_overtrained_and_fisher_is_not(result):
    gap = result.overtraining["gap"]
    assert gap["tree"] > 0.1
    assert abs(gap["Fisher"]) < 0.03
    assert result.overtraining.loc["tree", "auc_train"] == 1


def test_the_best_cut_is_the_highest_of_all_cuts(result):
    cuts = result.cuts("Fisher", signal=70, background=930)
    best = result.best_cut("Fisher", signal=70, background=930)
    assert best["significance"] == cuts["significance"].max()
    expected = best["signal"] / np.sqrt(best["signal"] + best["background"])
    assert best["significance"] == pytest.approx(expected)
    assert cuts["signal"].iloc[-1] == pytest.approx(70)


def test_rare_signal_asks_for_a_harder_cut(result):
    common = result.best_cut("Fisher", signal=100, background=100)["background_efficiency"]
    assert result.best_cut("Fisher", signal=10, background=990)["background_efficiency"] < common


def test_yields_are_those_of_the_table_unless_given(result, events):
    assert result.yields == (100, 200)
    assert bakeoff(FISHER, *events, yields=(7, 93)).yields == (7, 93)


def test_a_difference_on_the_same_events_is_surer_than_the_areas_alone(result):
    gap = result.difference("Fisher", "cuts")
    assert gap["low"] < gap["difference"] < gap["high"]
    areas = result.summary.loc[["Fisher", "cuts"]]
    widths = areas["auc_high"] - areas["auc_low"]
    assert gap["high"] - gap["low"] < np.hypot(*widths)
    assert result.difference("Fisher", "Fisher").abs().max() == 0


def test_ranking_puts_what_tells_most_first_and_noise_at_nothing(events):
    found = bakeoff(FISHER, *events)
    ranked = found.ranking("Fisher")
    assert list(ranked.index[:1]) == ["strong"] == list(found.separation.index[:1])
    assert abs(ranked.loc["noise", "importance"]) < 0.02
    assert (ranked["importance_sd"] > 0).all()


def test_correlations_are_within_a_class(events):
    X, y = events
    found = bakeoff(FISHER, X, y).correlations
    np.testing.assert_allclose(found["signal"], X[y].corr())
    np.testing.assert_allclose(found["background"], X[~y].corr())


def test_the_given_estimators_are_left_untrained(events):
    method = LinearDiscriminantAnalysis()
    bakeoff({"Fisher": method}, *events)
    assert not hasattr(method, "coef_")


def test_the_same_call_gives_the_same_tables(events):
    one, two = (bakeoff(FISHER, *events).summary.drop(columns=["fit_s", "apply_s"]) for _ in "ab")
    pd.testing.assert_frame_equal(one, two)


# Roles of columns -----------------------------------------------------------------------


def test_spectators_ride_along_and_never_reach_a_method(events):
    X, y = events
    table = X.assign(batch_id=[f"B{k}" for k in range(300)], answer=y, lot=np.arange(300) // 30)
    found = bakeoff({"w": Witness()}, table, y, spectators=["batch_id", "answer"], groups="lot")
    for model in found.fitted["w"]:
        assert model.columns_ == ["strong", "weak", "noise"]
    assert found.model("w").variables == ("strong", "weak", "noise")
    expected = [f"B{row}" for row in found.responses["row"]]
    assert found.responses["batch_id"].tolist() == expected
    assert (found.responses["answer"] == found.responses["signal"]).all()


def test_the_answer_may_be_a_column_which_is_then_no_variable(events):
    X, y = events
    found = bakeoff({"w": Witness()}, X.assign(rejected=y), "rejected")
    assert found.model("w").variables == ("strong", "weak", "noise")


def test_groups_are_never_parted(events):
    X, y = events
    lots = np.arange(300) // 10
    found = bakeoff(FISHER, X, y, groups=lots)
    trained = found.train_responses
    for fold, test in found.responses.groupby("fold"):
        seen = trained.loc[trained["fold"] == fold, "row"]
        assert not set(lots[test["row"]]) & set(lots[seen])


def test_rows_that_come_in_groups_make_less_sure(events):
    X, y = events
    many = pd.concat([X] * 4, ignore_index=True)
    labels, origin = np.tile(y, 4), np.tile(np.arange(300), 4)
    split = [(np.arange(0, 1200, 2), np.arange(1, 1200, 2))]
    alone = bakeoff(FISHER, many, labels, cv=split).summary.iloc[0]
    grouped = bakeoff(FISHER, many, labels, groups=origin, cv=split).summary.iloc[0]
    width = {k: row["auc_high"] - row["auc_low"] for k, row in (("a", alone), ("g", grouped))}
    assert width["g"] > 1.3 * width["a"]


def test_lots_that_differ_make_less_sure_also_where_each_is_a_fold():
    rng = np.random.default_rng(0)
    lot, y = np.arange(600) // 100, np.arange(600) % 2
    distance = np.array([0.0, 0.3, 0.8, 1.5, 2.0, 3.0])[lot]
    X = pd.DataFrame({"a": rng.normal(size=600) + distance * y})
    split = list(LeaveOneGroupOut().split(X, y, lot))
    rows = bakeoff(FISHER, X, y, cv=split).summary.iloc[0]
    lots = bakeoff(FISHER, X, y, cv=split, groups=lot).summary.iloc[0]
    assert rows["auc"] == pytest.approx(lots["auc"])
    assert lots["auc_high"] - lots["auc_low"] > 3 * (rows["auc_high"] - rows["auc_low"])


def test_a_single_group_tells_nothing_of_others(events):
    X, y = events
    halves = [(np.arange(150), np.arange(150, 300))]
    found = bakeoff(FISHER, X, y, groups=np.arange(300) // 150, cv=halves).summary.iloc[0]
    assert (found["auc_low"], found["auc_high"]) == pytest.approx((0, 1), abs=1e-6)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    truth = norm.cdf(1 / np.sqrt(2))
    y = np.arange(120) % 3 == 0
    half = [(np.arange(60), np.arange(60, 120))]
    held = 0
    for _ in range(100):
        X = pd.DataFrame({"a": rng.normal(size=120) + y})
        row = bakeoff({"a": Witness()}, X, y, cv=half).summary.iloc[0]
        held += row["auc_low"] <= truth <= row["auc_high"]
    assert 88 <= held <= 100


def test_groups_reach_a_search_within_a_method(events):
    X, y = events
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()),
        {"logisticregression__C": [0.1, 1]},
        cv=GroupKFold(3),
    )
    found = bakeoff({"search": search}, X, y, groups=np.arange(300) // 10)
    assert found.summary.loc["search", "auc"] > 0.8


@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: make_pipeline(StandardScaler(), m)])
@pytest.mark.parametrize("method", [LogisticRegression(), AdaBoostClassifier(n_estimators=5)])
def test_weights_reach_every_step_that_takes_them(wrap, method, events):
    X, y = events
    weight = np.where(np.arange(300) < 150, 1.0, 1e-9)
    split = [(np.arange(250), np.arange(250, 300)), (np.arange(50, 300), np.arange(50))]
    weight[250:] = 1.0
    found = bakeoff({"m": wrap(method)}, X, y, sample_weight=weight, cv=split)
    half = bakeoff({"m": wrap(method)}, X[:150], y[:150], cv=[(np.arange(150), np.arange(150))])
    given, known = found.fitted["m"][0], half.fitted["m"][0]
    np.testing.assert_allclose(
        given.predict_proba(X)[:, 1], known.predict_proba(X)[:, 1], atol=1e-3
    )
    assert found.summary.loc["m", "uses_weights"]


def test_weights_are_cut_to_the_training_rows_and_may_be_a_column(events):
    X, y = events
    table = X.assign(weight=np.arange(300) + 1.0)
    found = bakeoff({"w": Witness()}, table, y, sample_weight="weight")
    for model in found.fitted["w"]:
        assert (model.weight_ == model.rows_ + 1.0).all()
        assert "weight" not in model.columns_


def test_weights_count_in_the_results_also_where_a_method_takes_none(events):
    X, y = events
    weight = np.where(X["strong"] > 1, 3.0, 1.0)
    found = bakeoff({"knn": KNeighborsClassifier()}, X, y, sample_weight=weight)
    assert not found.summary.loc["knn", "uses_weights"]
    plain = bakeoff({"knn": KNeighborsClassifier()}, X, y)
    assert found.summary.loc["knn", "auc"] != plain.summary.loc["knn", "auc"]


def test_a_request_that_its_owner_has_set_is_kept(events):
    from sklearn import config_context

    with config_context(enable_metadata_routing=True):
        deaf = Witness().set_fit_request(sample_weight=False)
    found = bakeoff({"w": deaf}, *events, sample_weight=np.ones(300))
    assert all(model.weight_ is None for model in found.fitted["w"])


def test_text_is_fine_and_the_signal_may_be_either_class(events):
    X, y = events
    words = y.map({True: "rejected", False: "accepted"})
    found = bakeoff(FISHER, X, words)
    other = bakeoff(FISHER, X, words, signal="accepted")
    assert (found.signal, other.signal) == ("rejected", "accepted")
    assert found.summary.loc["Fisher", "auc"] == pytest.approx(other.summary.loc["Fisher", "auc"])


@pytest.mark.parametrize(
    ("names", "signal"), [(["low", "high"], "high"), (["high", "low"], "low"), ([2, 1], 1)]
)
@pytest.mark.parametrize("given", ["series", "categorical", "column"])
def test_of_ordered_categories_the_last_one_is_the_signal(events, names, signal, given):
    X, y = events
    kind = pd.CategoricalDtype(["never", *names], ordered=True)
    ordered = y.map({False: names[0], True: names[1]}).astype(kind).rename("class")
    table = X.assign(level=ordered) if given == "column" else X
    answers = {"series": ordered, "categorical": ordered.array, "column": "level"}
    found = bakeoff(FISHER, table, answers[given])
    assert found.signal == signal
    assert found.summary.loc["Fisher", "auc"] == bakeoff(FISHER, X, y).summary.loc["Fisher", "auc"]


def test_two_bins_of_a_number_are_ordered_too(events):
    X, y = events
    doses = pd.Series(np.where(y, 300.0, 100.0), name="doses")
    found = bakeoff(FISHER, X, pd.cut(doses, [0, 200, 400]))
    assert found.signal == pd.Interval(200, 400)


@pytest.mark.parametrize("what", ["y", "sample_weight", "groups"])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: s.to_frame("a column")])
@pytest.mark.parametrize(
    ("relabel", "words"),
    [
        (lambda s: s.iloc[::-1], "hold the same rows in another order. Sort one like the other"),
        (lambda s: s.set_axis(s.index + 7), "different indexes"),
        (lambda s: s.set_axis([f"B{k}" for k in s.index]), "different indexes"),
        (lambda s: s.set_axis([0] * len(s)), "different indexes"),
    ],
)
def test_one_rule_pairs_every_column_with_the_rows(events, what, wrap, relabel, words):
    X, y = events
    columns = {"y": y, "sample_weight": y + 1.0, "groups": pd.Series(np.arange(300) // 10)}
    given = {"estimators": FISHER, "X": X, "y": y}
    with pytest.raises(CourseError, match=f"{what} and X .*{words}"):
        bakeoff(**given | {what: wrap(relabel(columns[what]))})
    fits = bakeoff(**given | {what: wrap(columns[what])}).responses
    bare = bakeoff(**given | {what: columns[what].to_numpy()}).responses
    pd.testing.assert_frame_equal(fits, bare)


def test_a_table_whose_index_repeats_is_paired_row_by_row(events):
    X, y = events
    again = bakeoff(FISHER, X.set_axis([0] * 300), y.set_axis([0] * 300))
    assert again.summary.loc["Fisher", "auc"] == bakeoff(FISHER, X, y).summary.loc["Fisher", "auc"]


@pytest.mark.parametrize("five", [np.int64(5), np.uint8(5), np.array(5)])
def test_numpys_whole_numbers_are_whole_numbers(events, five):
    X, y = events
    found = bakeoff(FISHER, X, y, cv=five)
    pd.testing.assert_frame_equal(found.responses, bakeoff(FISHER, X, y, cv=5).responses)
    if five.ndim == 0 and not isinstance(five, np.ndarray):
        pd.testing.assert_frame_equal(
            found.ranking("Fisher", repeats=five, seed=five), found.ranking("Fisher", 5, 5)
        )


def test_folds_may_be_masks(events):
    X, y = events
    first = np.arange(300) < 150
    masks = bakeoff(FISHER, X, y, cv=[(first, ~first)]).responses
    positions = bakeoff(FISHER, X, y, cv=[(np.arange(150), np.arange(150, 300))]).responses
    pd.testing.assert_frame_equal(masks, positions)


@pytest.mark.parametrize("name", ["batch_id", "fold", "row", "weight", "signal", "target"])
def test_a_method_never_writes_over_a_column_of_the_result(events, name):
    X, y = events
    table = X.assign(batch_id=np.arange(300))
    with pytest.raises(CourseError, match=f"'{name}' is a column of the result: call the method"):
        bakeoff({name: LinearDiscriminantAnalysis()}, table, y, spectators=["batch_id"])


def test_a_spectator_that_is_named_twice_rides_once(events):
    X, y = events
    table = X.assign(site=1)
    found = bakeoff(FISHER, table, y, spectators=iter(["site", "site"]))
    assert list(found.responses.columns).count("site") == 1
    assert "site" not in bakeoff(FISHER, X, y, spectators=None).responses


def test_plain_arrays_get_names(events):
    X, y = events
    found = bakeoff(FISHER, X.to_numpy(), y.to_numpy())
    assert found.model("Fisher").variables == ("var1", "var2", "var3")


def test_gaps_are_no_trouble_for_methods_that_take_them(events):
    X, y = events
    X = X.mask(np.random.default_rng(0).random(X.shape) < 0.2)
    found = bakeoff({"boosted": HistGradientBoostingClassifier(max_iter=20)}, X, y)
    assert found.correlations["signal"].notna().all(axis=None)
    assert found.separation.notna().all()


def test_repeated_folds_do_not_count_a_row_twice(events):
    once = bakeoff(FISHER, *events).summary.iloc[0]
    cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=0)
    often = bakeoff(FISHER, *events, cv=cv).summary.iloc[0]
    widths = [row["auc_high"] - row["auc_low"] for row in (once, often)]
    assert widths[1] > 0.8 * widths[0]


def test_a_fold_of_one_class_is_left_out_of_the_areas(events):
    X, y = events
    groups = np.arange(300) // 3 % 4
    groups = np.where(~y & (np.arange(300) > 200), 9, groups)  # a lot without a rejection
    found = bakeoff(FISHER, X, y, groups=groups, cv=LeaveOneGroupOut())
    assert found.folds["auc_test"].isna().any()
    assert np.isfinite(found.summary["auc"]).all()


def test_regressors_get_the_table_of_deviations():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
    y = (3 * X["a"] + rng.normal(scale=0.5, size=200)).rename("yield")
    found = bakeoff({"line": LinearRegression(), "stiff": Ridge(200.0)}, X, y)
    assert list(found.summary.index) == ["line", "stiff"]
    row = found.summary.loc["line"]
    assert row["rmse"] == pytest.approx(0.5, rel=0.2)
    assert row["rmse_low"] < row["rmse"] < row["rmse_high"]
    assert abs(row["bias"]) < 0.1
    assert (found.train_summary["rmse"] < found.summary["rmse"]).all()
    np.testing.assert_allclose(found.model("line").apply(X)["prediction"], 3 * X["a"], atol=0.5)


# Wrong input gets a sentence ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"estimators": {}}, "give a dict of names and methods"),
        ({"estimators": [LinearDiscriminantAnalysis()]}, "give a dict"),
        ({"estimators": {"a": LinearDiscriminantAnalysis}}, "parentheses"),
        ({"estimators": {"a": "LDA"}}, "'a' is a str, not an estimator"),
        ({"estimators": {"a": StandardScaler()}}, "neither a classifier nor a regressor"),
        ({"estimators": {"a": Ridge(), **FISHER}}, "Make two bake-offs"),
        ({"estimators": {"fold": LinearDiscriminantAnalysis()}}, "call the method otherwise"),
        ({"X": np.zeros(300)}, r"1 dimension\(s\)"),
        ({"y": None}, "y is None"),
        ({"y": "yield"}, "y: there is no column 'yield'"),
        ({"y": np.ones(300)}, "one class only"),
        ({"y": np.arange(300) % 3}, "3 classes, the bake-off compares two"),
        ({"y": np.linspace(0, 1, 300)}, "a task for regressors"),
        ({"y": np.arange(299) % 2}, r"shape \(299,\), the table 300 rows"),
        ({"y": [np.nan, *np.arange(299) % 2]}, "y is missing in 1 of 300 rows"),
        ({"y": pd.Series(np.arange(300) % 2, index=np.arange(300)[::-1])}, "another order"),
        ({"y": pd.Series(np.arange(300) % 2, index=np.arange(300) + 7)}, "different indexes"),
        ({"y": pd.Series(np.arange(300) % 2, name="weak")}, "also among the variables"),
        ({"signal": "yes"}, "signal = 'yes', but y holds"),
        ({"spectators": ["batch_id"]}, "spectator 'batch_id' is not in the table"),
        ({"spectators": ["strong", "weak", "noise"]}, "No variables are left"),
        ({"groups": "lot"}, "groups: there is no column 'lot'"),
        ({"groups": np.repeat([1, 2], 150)}, "2 groups cannot be parted into 5 folds"),
        ({"groups": [None] + ["a"] * 299}, "groups is missing in 1 of 300 rows"),
        ({"sample_weight": -np.ones(300)}, "negative in 300 rows"),
        ({"sample_weight": np.zeros(300)}, "All of sample_weight is 0"),
        ({"sample_weight": [np.nan] * 300}, "missing or infinite in 300 rows"),
        ({"sample_weight": ["a"] * 300}, "something else than numbers"),
        ({"cv": 1}, "give 2 folds or more"),
        ({"cv": 400}, "300 rows cannot be parted into 400 folds"),
        ({"cv": 101}, "rarer class has 100 rows, too few for 101 folds"),
        ({"cv": GroupKFold(3)}, "cv cannot part this table"),
        ({"cv": []}, "cv gives no folds"),
        ({"cv": [(np.arange(0, 300, 3), np.arange(1, 300, 3))]}, "Fold 1 would train on one class"),
        ({"cv": [(np.arange(150), np.arange(150, 300, 3))]}, "none can be judged"),
        ({"yields": (0, 10)}, "signal \\(above 0\\)"),
        ({"yields": 10}, "give two numbers"),
        ({"yields": ("a", "b")}, "give two numbers"),
        ({"estimators": {1: LinearDiscriminantAnalysis()}}, "a word for a name"),
        ({"X": [[1, 2], [3]]}, "X holds rows of different lengths"),
        ({"y": 3}, "y = 3: give one value a row, .* or the name of a column of X in quotes"),
        ({"y": np.int64(3)}, "y = 3: give one value a row"),
        ({"y": (k % 2 for k in range(300))}, "y is a generator: give one value a row"),
        ({"y": dict.fromkeys(range(300), 1)}, "y is a dict: give one value a row"),
        ({"y": [[1], [1, 2]]}, "y holds rows of different lengths"),
        ({"y": pd.DataFrame({"a": [0] * 300, "b": [1] * 300})}, r"shape \(300, 2\)"),
        ({"y": pd.DataFrame({"weak": np.arange(300) % 2})}, "also among the variables"),
        ({"groups": 3}, "groups = 3: give one value a row"),
        ({"sample_weight": 2.0}, "sample_weight = 2.0: give one value a row"),
        ({"sample_weight": pd.array([1, None] * 150)}, "missing or infinite in 150 rows"),
        ({"signal": ["yes"]}, r"signal = \['yes'\], but y holds"),
        ({"spectators": "batch"}, r"spectators = 'batch': give a list of names, \['batch'\]"),
        ({"spectators": 3}, "spectators is a int: give a list of names"),
        ({"spectators": pd.DataFrame({"weak": [1]})}, "spectators is a DataFrame: .*X.assign"),
        ({"spectators": [["weak"]]}, "spectators holds something else than names"),
        ({"cv": "5"}, "cv = '5': give 2 folds or more, as a whole number"),
        ({"cv": 5.0}, "cv = 5.0: give 2 folds or more, as a whole number"),
        ({"cv": None}, "cv = None: give 2 folds or more"),
        ({"cv": True}, "cv = True: give 2 folds or more"),
        ({"cv": np.int64(1)}, "cv = 1: give 2 folds or more"),
        ({"cv": GroupKFold}, r"cv is a class: write GroupKFold\(\) with parentheses"),
        ({"cv": [(np.arange(299), [300])]}, "cv names the row 300, the table has the rows 0 to"),
        ({"cv": [(np.arange(299), [-1])]}, "cv names the row -1"),
        ({"cv": [(np.arange(299), [])]}, "each fold is a pair of rows"),
        ({"cv": [(np.arange(299), ["a"])]}, "each fold is a pair of rows"),
    ],
)
def test_wrong_input_gets_a_sentence(change, words, events):
    X, y = events
    given = {"estimators": FISHER, "X": X, "y": y} | change
    with pytest.raises(CourseError, match=words):
        bakeoff(**given)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weak": np.nan}, "'Fisher' could not be trained.*'weak' hold some.*SimpleImputer"),
        ({"weak": np.inf}, "'weak' hold infinite values"),
        ({"weak": "R1"}, "numbers only, and 'weak' hold words"),
    ],
)
def test_values_that_a_method_cannot_take_name_method_and_column(change, words, events):
    X, y = events
    with pytest.raises(CourseError, match=words):
        bakeoff(FISHER, X.assign(**change), y)


def test_columns_of_the_same_name_are_refused(events):
    X, y = events
    with pytest.raises(CourseError, match="'weak' more than once"):
        bakeoff(FISHER, pd.concat([X, X[["weak"]]], axis=1), y)


def test_a_method_that_is_not_there_is_named(result):
    with pytest.raises(CourseError, match="no method 'MLP'.*'Fisher'"):
        result.roc("MLP")
    with pytest.raises(CourseError, match="no method"):
        result.roc(["Fisher"])


@pytest.mark.parametrize("share", [10, 0, "0.1", None])
def test_a_share_that_is_none_is_refused(result, share):
    with pytest.raises(CourseError, match="between 0 and 1"):
        result.model("Fisher", background_efficiency=share)


@pytest.mark.parametrize("option", [{"repeats": 0}, {"repeats": 2.5}, {"seed": None}])
def test_a_whole_number_that_is_none_is_refused(result, option):
    with pytest.raises(CourseError, match=f"{next(iter(option))} = .*as a whole number"):
        result.ranking("Fisher", **option)


def test_a_column_that_is_named_by_a_number_is_told_how_to_give_it(events):
    X, y = events
    table = X.assign(answer=y).set_axis(range(4), axis=1)
    with pytest.raises(CourseError, match=r"y = 3: only .* Write y=X\[3\] and take that column"):
        bakeoff(FISHER, table, 3)
    found = bakeoff(FISHER, table.drop(columns=3), table[3])
    assert found.summary.loc["Fisher", "auc"] > 0.8
