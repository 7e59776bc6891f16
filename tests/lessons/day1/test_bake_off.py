"""How the marks of notebook 2 were set, and that right answers meet them on other plants.

A plant is a seed and the four seeds after it, its sisters. The plants: the learners' history
(2033), that of the hidden tests, and `default_rng(20261126).integers(10**12, 10**13, 20)`; for
what is tuned, the SVM and the single tree, 3034424656888 and ten of `default_rng(20261127)`'s.
Other plants are measured by benchmarks/calibration_bake_off.py.

================================================  =====================  ====================
what                                              seen                   mark
================================================  =====================  ====================
share of weak batches, 110 histories              6 to 12 %
area of the true titre at harvest, 20 histories   0.93 to 1.00
linear model, six years to learn from             0.78 on average
the same, 24 years and 72 years                   0.82 and 0.82
best single column (`cells_before`, `cells_24h`)  0.76 on average
linear model less that column, 24 years           +0.03 to +0.09         (known by its ranks)
the same, 6 years, two plants                     -0.01 to +0.01         the column would win
Fisher without a brake, less the linear model     -0.02 to 0.00          -0.08 at least
tuned k-NN, trees, likelihood, less it            -0.06 to -0.02         -0.08 at least
tuned SVM with balanced weights, less it          -0.01 to 0.00          -0.08 at least
SVM without them, less it                         -0.08 to -0.01         on the edge
deep network (30 or 60 epochs), network of 10     -0.05 to 0.00          -0.08 at least
k-NN of 30, less the linear model                 -0.09 to -0.05         on the edge
one tree of depth 4, less the linear model        -0.15 to -0.08         fails, but for luck
cuts, less the linear model                       -0.16 to -0.06         the prompt warns of it
k-NN not scaled, SVM not scaled, less it          -0.31 to -0.19         fails
one column that training has chosen, less it      -0.07 to -0.05         known by its ranks
found at one alarm in ten by the linear model     35 to 48 %             (the reference)
found by Fisher, logistic, network, over it       0.90 to 1.08           2/3 at least
found by tuned SVM, k-NN, trees, likelihood       0.70 to 1.04 of it     2/3 at least
found by an SVM without balanced weights          0.60 to 0.99 of it     2/3 at least
area on training rows, wild trees                 1.000                  0.997 at most
the same, stumps, learning rate 0.3               0.978 to 0.986         0.997 at most
the same, the notebook's own tuned trees          0.937 to 0.976         no search is taken
the same, depth 2, slow, half of the rows         0.983 to 0.994         0.997 at most
the same, depth 3, learning rate 0.02             0.970 to 0.994         0.997 at most
the same, 100 trees of depth 2                    0.997 to 1.000         half up to 0.999
the same, 50 of depth 3 on half of the rows       0.999 to 1.000         fails
unseen rows: depth 2, slow, less wild trees       +0.01 to +0.07         -0.04 at least
unseen rows: depth 3, slower, less wild trees     -0.03 to +0.05         -0.04 at least
unseen rows: one stump, less wild trees           -0.19 to -0.06         fails
causes among five, linear weights                 4.0 to 5.0             3 at least
causes among five, an F test or area of each      3.5 to 5.0             3 at least
causes among five, a forest's own importances     1.0 to 2.5             fails, and is warned of
causes among five, linear weights with symptoms   2.0 to 3.0             fails: symptoms
causes among five drawn at random                 1.5 on average         3 at least
================================================  =====================  ====================

The area's mark is where every tuned method but the cuts has room on each plant; it lies below the
best column of some, so a score that is a column is known by its ranks. On six years a linear model
hardly beats one count of cells: whoever wants to see that a model was trained must give it more.
In the exam of causes the copies with shuffled rows halve what chance finds.
"""

import numpy as np
import pandas as pd
import pytest
from answers.answer import cells
from answers.day1.bake_off import ANSWERS, NOTEBOOK

from vaxlab.bakeoff import bakeoff
from vaxlab.lessons.day1 import bake_off
from vaxlab.lessons.day1.bake_off import exams, material
from vaxlab.plant import campaign

CHECKS = {
    "bakeoff-weak": bake_off.weak,
    "bakeoff-alarms": bake_off.alarms,
    "bakeoff-overtrained": bake_off.overtraining,
    "bakeoff-tame": bake_off.tame,
    "bakeoff-causes": bake_off.causes,
    "bakeoff-alarm": bake_off.alarm,
}
OTHER_PLANT = 3


def namespace_of(source):
    namespace = {"np": np, "pd": pd, "bake_off": bake_off}
    exec(source, namespace)
    return namespace


def test_the_stubs_own_text_earns_nothing():
    stubs = cells(NOTEBOOK)
    for grade_id, check in CHECKS.items():
        body, inside = [], False
        for line in stubs[grade_id].split("\n"):
            inside = inside or "BEGIN SOLUTION" in line
            if not inside:
                body.append(line)
            inside = inside and "END SOLUTION" not in line
        assert check(namespace_of("\n".join(body)), plant_seed=OTHER_PLANT).points == 0


def test_no_column_alone_passes_for_an_alarm():
    for name in ("cells_before", "cells_24h", "lactate_24h"):
        column = f"def alarm(X, weak, new):\n    return -new['{name}'].fillna(new['{name}'].mean())"
        result = bake_off.alarm(namespace_of(column), plant_seed=OTHER_PLANT)
        assert result.points == 0, str(result)


def test_trees_that_are_clearly_worse_than_a_linear_model_do_not_pass_for_an_alarm():
    trees = """
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

def alarm(X, weak, new):
    model = make_pipeline(SimpleImputer(), DecisionTreeClassifier(max_depth=4, random_state=0))
    return model.fit(X, weak).predict_proba(new)[:, 1]
"""
    result = bake_off.alarm(namespace_of(trees), plant_seed=OTHER_PLANT)
    assert result.points <= 3, str(result)


def test_one_column_that_training_has_chosen_earns_nothing():
    column = next(answer for answer in ANSWERS if "corrwith(weak)" in answer.source)
    result = bake_off.alarm(namespace_of(column.source), plant_seed=OTHER_PLANT)
    assert result.points == 0, str(result)


def test_a_sensible_taming_has_room_to_the_mark():
    for trees in (answer for answer in ANSWERS if answer.grade_id == "bakeoff-tame"):
        if "subsample=0.5, random_state" in trees.source:
            tamed = namespace_of(trees.source)["tamed"]()
            seen, unseen = exams.areas_of_six_years(tamed, OTHER_PLANT)
            assert seen < bake_off.checks.TAME_TRAINING_AUC - 0.002
            assert unseen > exams.area_of_wild_trees(OTHER_PLANT)
            return
    raise AssertionError("no such answer in the bank")


def test_a_linear_model_leads_the_best_column():
    _, column = exams.best_column(OTHER_PLANT)
    area, *_ = exams.linear_model(OTHER_PLANT)
    assert area > column


@pytest.mark.parametrize("turn", [1, -1])
def test_a_score_that_is_a_column_is_known_either_way_round_and_with_gaps_filled(turn):
    table = material.history(OTHER_PLANT).early
    for name in material.SYMPTOMS:
        score = turn * table[name].fillna(table[name].median()) ** 3
        assert bake_off.checks._column_of(score, table) == name
    linear = exams.reference().fit(table, material.history(OTHER_PLANT).weak)
    score = pd.Series(linear.decision_function(table), table.index)
    assert not bake_off.checks._column_of(score, table)


def test_an_early_variable_knows_nothing_of_what_is_measured_later():
    tables = dict(campaign.run(seed=OTHER_PLANT).tables)
    before = bake_off.early(tables)
    samples = tables["samples_tidy"].copy()
    samples.loc[samples["hours_after_infection"] > 30, "value"] = 0.0
    batches = tables["batches"].copy()
    batches[[name for name in batches if "harvest" in name]] = 0
    after = bake_off.early(tables | {"samples_tidy": samples, "batches": batches})
    pd.testing.assert_frame_equal(before, after)


def test_every_early_variable_is_cause_symptom_or_idle_and_hardly_ever_missing():
    table = material.history(OTHER_PLANT).early
    assert list(table) == sorted((*material.CAUSES, *material.IDLE, *material.SYMPTOMS))
    assert len(set(table)) == len(table.columns)
    assert table.isna().mean().max() < 0.1
    assert (table[list(material.SYMPTOMS)].max() < 200).all()


def test_what_is_called_idle_goes_with_no_driver_of_the_plant():
    made = campaign.run(seed=OTHER_PLANT)
    table = bake_off.early(made.tables)
    drivers = made.truth["drivers"].set_index("batch_id")
    for name in ("n1_fold", "n1_confluence", "started_hour", "started_weekday"):
        assert drivers.corrwith(table[name]).abs().max() < 0.2, name
    assert drivers["hold_h"].corr(table["wait_h"]) > 0.95


def test_the_blind_exam_keeps_nothing_but_the_endings_of_symptoms():
    tables = exams.blinded(OTHER_PLANT)
    assert [list(X) for X, _, _ in tables] == [list(X) for X, _, _ in exams.blinded(OTHER_PLANT)]
    orders = {tuple(meaning.values()) for *_, meaning in tables}
    assert len(orders) == len(tables)
    for X, weak, meaning in tables:
        assert X.index.equals(weak.index)
        endings = {name.partition("_")[2] for name in X}
        assert endings == {"", "before", "24h"}
        assert all(("_" in name) == (meaning[name] in material.SYMPTOMS) for name in X)
        for name in X:
            shuffled = meaning[name].removeprefix("shuffled ")
            if shuffled != meaning[name]:
                original = next(n for n in X if meaning[n] == shuffled)
                alike = [np.sort(X[n].dropna() / X[n].std()) for n in (name, original)]
                np.testing.assert_allclose(*alike, atol=1e-6)


def test_tables_of_overtraining_have_one_answer_that_the_simple_rules_miss():
    for case, numbers in exams.OVERTRAINING.items():
        for table, first in exams.overtraining_tables(numbers, np.random.default_rng(0)):
            evidence = table[["ks_signal_p", "ks_background_p"]].min(axis=1) < 0.01
            if case == "none with evidence":
                assert not evidence.any()
                continue
            assert table.loc[evidence, "gap"].idxmax() == first
            rules = (
                table.loc[evidence, "auc_train"].idxmax(),
                table.loc[evidence, "auc_test"].idxmin(),
                table["gap"].idxmax(),
                table["auc_test"].idxmin(),
                table["auc_train"].idxmax(),
                table[["ks_signal_p", "ks_background_p"]].min(axis=1).idxmin(),
            )
            assert first not in rules


@pytest.fixture(scope="module")
def small():
    """A bake-off of two methods, and its table."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    weak = pd.Series(np.arange(200) % 10 == 0, [f"B{k:03d}" for k in range(200)])
    X = pd.DataFrame({"a": rng.normal(size=200) + 2 * weak, "b": rng.normal(size=200)})
    methods = {
        name: make_pipeline(StandardScaler(), LogisticRegression(C=c))
        for name, c in (("one", 1.0), ("other", 1e-4))
    }
    return bakeoff(methods, X.set_axis(weak.index), weak)


def test_found_is_the_recall_of_exercise_2(small):
    solution = namespace_of(cells(NOTEBOOK)["bakeoff-alarms"])["at_ten_percent"]
    table = bake_off.scoreboard(small)
    shares = [
        solution(rows["signal"], rows["one"])[0]
        for _, rows in small.responses.groupby("fold")  # as many weak ones in each
    ]
    assert table.loc["one", "found"] == pytest.approx(np.mean(shares))


def test_the_figure_of_pairs_names_who_is_clearly_worse(small):
    table = bake_off.differences(small, "one")
    assert list(table.index) == ["other"]
    shifted = table.assign(low=-0.3, high=-0.1, difference=-0.2)
    assert "Clearly worse than one: other." in bake_off.differences_figure(shifted, "one")[1]
    level = table.assign(low=-0.3, high=0.1)
    assert "Clearly worse than one: nobody." in bake_off.differences_figure(level, "one")[1]


@pytest.mark.parametrize("above", [1, 2, 8])
def test_each_way_fills_all_places_and_the_ranking_does_best(above):
    index = [f"B{k:03d}" for k in range(20)]
    response = pd.Series(np.linspace(1, 0, 20) * above / 8, index)
    weak = pd.Series(np.arange(20) < 2, index)
    doses = pd.Series(np.where(weak, 100.0, 1000.0), index)
    ways = bake_off.three_ways(response, weak, doses)
    filled = ways.loc["weak batches left out"] + ways.loc["good batches left out"]
    np.testing.assert_allclose(filled, 2)
    lost = ways.loc["doses thrown away"]
    assert lost["its ranking"] == 200
    assert lost["its ranking"] <= lost["its yes or no"] <= lost["by chance"]


def test_new_batches_bear_numbers_of_their_own():
    new, weak, doses = bake_off.next_six_years()
    assert new.index.equals(weak.index)
    assert new.index.equals(doses.index)
    assert not set(new.index) & set(bake_off.weak_batches().index)


def test_the_five_plants_are_those_that_the_checks_ask():
    table = bake_off.five_plants(OTHER_PLANT)
    asked = [one.weak for one, _ in exams.crossed(OTHER_PLANT)]
    assert list(table["batches"]) == [len(weak) for weak in asked]
    assert list(table["weak"]) == [weak.sum() for weak in asked]


def test_each_check_is_worth_what_its_notebook_says():
    assert sum(CHECKS[grade_id]({}).out_of for grade_id in CHECKS) == 23
