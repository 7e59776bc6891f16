"""Figures of a bake-off."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeClassifier

from vaxlab.bakeoff import RectangularCuts, bakeoff, plots
from vaxlab.errors import CourseError

FIGURES = {
    "roc": lambda r: plots.roc(r),
    "responses": lambda r: plots.responses(r, "Fisher"),
    "cuts": lambda r: plots.cuts(r, "Fisher", signal=70, background=930),
    "correlations": lambda r: plots.correlations(r),
    "ranking": lambda r: plots.ranking(r.ranking("Fisher", repeats=2), "Fisher"),
}


@pytest.fixture(scope="module")
def result(events):
    methods = {
        "Fisher": LinearDiscriminantAnalysis(),
        "tree": DecisionTreeClassifier(random_state=0),
        "cuts": RectangularCuts(),
    }
    return bakeoff(methods, *events)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_lets_the_page_through_and_comes_with_words(name, result):
    figure, sentence = FIGURES[name](result)
    for layout in (figure.layout.template.layout, figure.layout):
        assert layout.paper_bgcolor in (None, "rgba(0,0,0,0)")
    assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.title.text
    assert sentence.endswith(".")
    assert len(sentence) > 40


@pytest.mark.parametrize("name", ["roc", "cuts"])
def test_curves_differ_in_more_than_colour(name, result):
    figure, _ = FIGURES[name](result)
    curves = [trace.line for trace in figure.data if trace.line.dash]
    looks = {(line.color, line.dash) for line in curves}
    assert len(looks) == len(curves) > 2
    assert len({line.dash for line in curves}) == len(curves)


def test_ten_curves_are_ten_looks(events):
    methods = {f"m{k}": DecisionTreeClassifier(max_depth=1 + k) for k in range(10)}
    found = bakeoff(methods, *events)
    figure, _ = plots.roc(found, list(methods))
    assert len({(t.line.color, t.line.dash) for t in figure.data}) == 11  # and chance
    with pytest.raises(CourseError, match="name 1 to 10"):
        plots.roc(found, [*methods, "m0"])


def test_responses_are_densities_of_training_and_unseen_rows(result):
    figure, sentence = plots.responses(result, "tree")
    steps = [trace for trace in figure.data if trace.mode == "lines"]
    for trace in steps:
        assert np.sum(np.array(trace.y)[:-1] * np.diff(trace.x)) == pytest.approx(1)
    assert "p =" in figure.layout.title.text
    assert "falls from 1.000" in sentence


def test_the_best_cut_is_marked(result):
    figure, sentence = plots.cuts(result, "Fisher")
    best = result.best_cut("Fisher")
    assert figure.layout.shapes[0].x0 == best["cut"]
    assert f"{best['cut']:.3g}" in sentence


def test_the_strongest_correlation_is_named(events):
    X, y = events
    X = X.assign(copy=X["noise"] * 2)
    _, sentence = plots.correlations(bakeoff({"tree": DecisionTreeClassifier()}, X, y))
    assert "noise and copy, 1.00" in sentence


def test_deviations_of_a_regressor_are_drawn(events):
    X, _ = events
    found = bakeoff({"ridge": Ridge()}, X, X["strong"].rename("yield") + 1)
    figure, sentence = plots.deviations(found, "ridge")
    assert len(figure.data[0].x) == len(X)
    assert "root mean square" in sentence


def test_one_name_in_place_of_a_list_is_told_how_to_write_it(result):
    with pytest.raises(
        CourseError, match=r"names = 'Fisher': give a list of methods, \['Fisher'\]"
    ):
        plots.roc(result, "Fisher")


def test_how_many_variables_to_draw_is_a_whole_number(result):
    ranked = result.ranking("Fisher", repeats=2)
    assert len(plots.ranking(ranked, "Fisher", most=np.int64(2))[0].data[0].y) == 2
    with pytest.raises(CourseError, match="most = 'all': give 1 or more"):
        plots.ranking(ranked, "Fisher", most="all")
