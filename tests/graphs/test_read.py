"""The text form: what is read, what is refused, and in which words."""

import networkx as nx
import pytest

from vaxlab import graphs
from vaxlab.errors import CourseError
from vaxlab.graphs import text

NODES = ["season", "serum lot", "moi", "yield", "DO-probe", "glucose_24h"]


@pytest.mark.parametrize(
    ("written", "edges"),
    [
        ("", []),
        ("season -> yield", [("season", "yield")]),
        ("season->yield", [("season", "yield")]),
        ("season → serum lot → yield", [("season", "serum lot"), ("serum lot", "yield")]),
        ("season -> moi, yield", [("season", "moi"), ("season", "yield")]),
        ("season, moi -> yield", [("season", "yield"), ("moi", "yield")]),
        ("yield <- season", [("season", "yield")]),
        ("season -> yield ← moi", [("season", "yield"), ("moi", "yield")]),
        ("DO-probe --> yield", [("DO-probe", "yield")]),
        ("season –> yield", [("season", "yield")]),  # a word processor's dash
        ("\n# a note\n  season  ->\tserum \xa0lot  # in winter\r\n", [("season", "serum lot")]),
    ],
)
def test_an_edge_is_read_however_it_is_written(written: str, edges: list):
    graph = graphs.read(written, NODES)
    assert set(graph.edges) == set(edges)
    assert list(graph) == NODES


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("season -> yeild", ["Line 1", "“yeild”", "“yield”"]),
        ("Serum Lot -> yield", ["Line 1", "“Serum Lot”", "“serum lot”"]),
        ("season -> nothing like it", ["“nothing like it”", "season, serum lot"]),
        ("season -> yield\n\nmoi -> moi", ["Line 3", "“moi”", "its own cause"]),
        ("season -> yield\nyield -> season", ["Line 2", "the other way round"]),
        ("season -> yield\nyield <- season", ["Line 2", "there already"]),
        ("season <-> yield", ["Line 1", "both ways"]),
        ("season ↔ yield", ["Line 1", "both ways"]),
        ("# note\nseason yield", ["Line 2", "no arrow", "“season yield”"]),
        ("season -- yield", ["Line 1", "no arrow"]),
        ("season ->", ["Line 1", "a name is missing"]),
        ("season -> moi,", ["Line 1", "a name is missing"]),
        (
            "season -> serum lot -> yield\nmoi -> season\nyield -> moi",
            ["Line 3", "cycle: moi → season → serum lot → yield → moi"],
        ),
        (None, ["NoneType", '"cause -> effect"']),
        ([("season", "yield")], ["list"]),
    ],
)
def test_what_cannot_be_is_refused_with_its_line_and_a_way_out(written, words: list[str]):
    with pytest.raises(CourseError) as refused:
        graphs.read(written, NODES)
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    "nodes",
    ["season", ["a", "a"], ["a", "a "], ["a", ""], ["a", 3], ["a -> b"], ["a, b"], ["a #1"]],
)
def test_names_that_the_text_could_not_tell_apart_are_refused(nodes):
    with pytest.raises(CourseError):
        graphs.read("", nodes)


def test_a_message_about_a_name_does_not_list_two_hundred_of_them():
    with pytest.raises(CourseError, match="and 208 more"):
        graphs.read("xyz -> v1", [f"v{k}" for k in range(220)])


def test_what_is_written_is_read_back():
    graph = graphs.read("season -> serum lot -> yield\nmoi -> yield", NODES)
    assert set(graphs.read(text.write(graph.edges), NODES).edges) == set(graph.edges)
    assert nx.is_directed_acyclic_graph(graph)


def test_an_edge_taken_from_a_line_leaves_the_others_and_every_comment():
    written = "# mine\nseason -> serum lot -> yield  # why\n\nmoi -> yield  # sure"
    left = text.removed(written, NODES, ("season", "serum lot"))
    assert left == "# mine\n# why\nserum lot -> yield\n\nmoi -> yield  # sure"
