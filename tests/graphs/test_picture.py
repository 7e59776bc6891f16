"""The picture without a widget, and where its variables stand."""

import itertools
import random

import networkx as nx
import pytest

from vaxlab import graphs
from vaxlab.errors import CourseError
from vaxlab.graphs.layout import layered
from vaxlab.graphs.picture import _HALF_BOX, _LETTERS, _lines, _wrapped

NODES = ["season", "serum lot", "moi", "glucose_concentration_24h", "yield", "operator"]
TEXT = "season -> serum lot -> yield\nseason -> yield\nmoi -> glucose_concentration_24h -> yield"


def random_graph(seed: int, nodes: int = 14, edges: int = 22) -> nx.DiGraph:
    dice = random.Random(seed)
    names = [f"v{k}" for k in range(nodes)]
    pairs = dice.sample(list(itertools.combinations(names, 2)), edges)
    return graphs.read("\n".join(f"{a} -> {b}" for a, b in pairs), names)


def test_each_variable_is_labelled_and_the_sentence_is_the_text_in_words():
    figure, said = graphs.picture(graphs.read(TEXT, NODES), title="Mine")
    labels = {a.text.replace("<br>", " ") for a in figure.layout.annotations}
    assert {"season", "serum lot", "moi", "yield", "operator"} < labels
    assert "Season points to serum lot and yield" in said
    assert "without an edge: operator." in said
    assert figure.layout.title.text == "Mine"


def test_what_is_highlighted_is_thicker_and_named_in_the_sentence():
    graph = graphs.read(TEXT, NODES)
    figure, said = graphs.picture(graph, highlighted=["moi", ("season", "yield")])
    assert said.endswith("Highlighted: moi and season → yield.")
    assert sorted({trace.line.width for trace in figure.data}) == [1.5, 4]
    assert sum(shape.line.width == 4 for shape in figure.layout.shapes) == 1
    assert graphs.picture(graph, highlighted="moi")[1].endswith("Highlighted: moi.")
    assert graphs.picture(graph, highlighted=[["season", "yield"]])[1].endswith("season → yield.")


@pytest.mark.parametrize("item", ["mio", ("yield", "season"), 3, ("a", "b", "c")])
def test_what_is_not_in_the_graph_cannot_be_highlighted(item):
    with pytest.raises(CourseError, match="neither a variable nor an edge"):
        graphs.picture(graphs.read(TEXT, NODES), highlighted=[item])


def test_a_graph_with_a_cycle_is_refused_and_the_cycle_named():
    with pytest.raises(CourseError, match="a → b → a"):
        graphs.picture(nx.DiGraph([("a", "b"), ("b", "a")]))


@pytest.mark.parametrize("nodes", [[], ["alone"], NODES])
def test_a_graph_without_edges_is_drawn(nodes: list[str]):
    figure, said = graphs.picture(graphs.read("", nodes))
    assert len(figure.layout.shapes) == len(nodes)
    assert said.endswith(".")


def test_names_are_shown_as_they_are_and_not_as_marks_of_a_page():
    figure, _ = graphs.picture(graphs.read("", ["<b>x</b>"]), title="<i>")
    assert figure.layout.annotations[0].text == "&lt;b&gt;x&lt;/b&gt;"
    assert figure.layout.title.text == "&lt;i&gt;"


@pytest.mark.parametrize("name", ["yield", "a b c d e f g", "glucose_concentration_24h", "x" * 40])
def test_a_label_is_broken_into_lines_and_loses_no_letter(name: str):
    lines = _wrapped(name)
    assert max(map(len, lines)) <= _LETTERS
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")


@pytest.mark.parametrize("columns", [2, 3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_causes_stand_above_effects_and_nothing_lies_on_anything(seed: int, columns: int):
    graph = random_graph(seed)
    layout = layered(graph, columns)
    for cause, effect in graph.edges:
        assert layout.places[cause][1] < layout.places[effect][1]
    for a, b in itertools.combinations(layout.places.values(), 2):
        assert a[1] != b[1] or abs(a[0] - b[0]) > 0.99
    for k in range(layout.height):
        assert sum(y == k for _, y in layout.places.values()) <= columns
    assert max(abs(x) for x, _ in layout.places.values()) + 0.5 <= layout.width / 2 + 0.01


@pytest.mark.parametrize("seed", range(5))
def test_no_edge_runs_behind_a_variable_that_it_does_not_join(seed: int):
    graph = random_graph(seed)
    layout, half = layered(graph), 0.3
    for way in _lines(graph, layout, half).values():
        for (x0, y0), (x1, y1) in itertools.pairwise(way):
            for x, y in layout.places.values():
                inside = [
                    t
                    for t in (k / 40 for k in range(1, 40))
                    if abs(x0 + t * (x1 - x0) - x) < _HALF_BOX - 0.01
                    and abs(y0 + t * (y1 - y0) - y) < half - 0.01
                ]
                assert not inside
