"""The explorer's Python half: what is shown, what the page asks, and what is refused."""

import hashlib
import json
import re
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest

from vaxlab import knowledge
from vaxlab.errors import CourseError
from vaxlab.knowledge import Explorer
from vaxlab.knowledge.explorer import STEP
from vaxlab.knowledge.view import MOST_EDGES, MOST_NODES

BUNDLE = Path(knowledge.__file__).with_name("static") / "explorer.js"
NODES = pd.DataFrame(
    [
        ("DIS:1", "disease", "green fever"),
        ("DIS:2", "disease", "blue cough"),
        ("GENE:1", "gene", "ABC1"),
        ("GENE:2", "gene", "XYZ2"),
        ("CPD:1", "compound", "lorivan"),
        ("CPD:2", "compound", "solivan"),
        ("PWY:1", "pathway", "the lorem cascade"),
    ],
    columns=["entity", "kind", "name"],
)
EDGES = pd.DataFrame(
    [
        ("GENE:1", "promotes", "DIS:1", "curated"),
        ("GENE:1", "promotes", "DIS:1", "public"),
        ("GENE:2", "protects_from", "DIS:1", "public"),
        ("CPD:1", "treats", "DIS:1", "internal"),
        ("CPD:1", "inhibits", "GENE:1", "public"),
        ("GENE:1", "promotes", "DIS:2", "public"),
        ("GENE:2", "promotes", "DIS:2", "public"),
        ("PWY:1", "drives", "DIS:2", "curated"),
    ],
    columns=["head", "relation", "tail", "source"],
)
EVIDENCE = pd.DataFrame(
    [
        ("GENE:1", "promotes", "DIS:1", "A1", 0, "ABC1 promotes green fever.", "for", 2001),
        ("GENE:1", "promotes", "DIS:1", "A2", 3, "So does it here.", "for", 2002),
        ("GENE:1", "promotes", "DIS:1", "A2", 3, "So does it here.", "for", 2002),
        ("GENE:2", "protects_from", "DIS:1", "A3", 1, "XYZ2 does not protect.", "against", 2003),
        ("CPD:1", "treats", "DIS:1", "D1", 2, "It may treat it.", "unsure", 2004),
        ("GENE:1", "promotes", "DIS:2", "A4", 1, "ABC1 promotes blue cough.", "for", 2004),
        ("GENE:2", "promotes", "DIS:2", "A5", 1, "XYZ2 promotes blue cough.", "for", 2005),
        ("CPD:2", "treats", "DIS:2", "A6", 1, "Of no edge.", "for", 2005),
        ("CPD:9", "treats", "DIS:2", "A6", 1, "Of no node.", "for", 2005),
    ],
    columns=["head", "relation", "tail", "document", "sentence", "text", "stance", "year"],
)


@pytest.fixture
def explorer() -> Explorer:
    return Explorer(NODES, EDGES, EVIDENCE, start="DIS:1")


def ask(explorer: Explorer, do: str, **more: object) -> str:
    """Ask what the page would, and return what is said."""
    explorer._answer(explorer, {"do": do, "id": "1:1", **more}, [])
    return explorer._said


def shown(explorer: Explorer) -> set[str]:
    return set(explorer.nodes["entity"])


def star(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A node in the middle of n others, each of which has n leaves of its own."""
    ids = ["M", *(f"S{k}" for k in range(n)), *(f"S{k}L{j}" for k in range(n) for j in range(n))]
    edges = [(f"S{k}", "r", "M", "public") for k in range(n)]
    edges += [(f"S{k}L{j}", "r", f"S{k}", "public") for k in range(n) for j in range(n)]
    nodes = pd.DataFrame({"entity": ids, "kind": "thing", "name": ids})
    return nodes, pd.DataFrame(edges, columns=EDGES.columns)


# Walking ----------------------------------------------------------------------------------------


def test_it_starts_with_a_node_and_its_best_evidenced_neighbours_first(explorer):
    assert explorer.nodes["entity"].tolist() == ["DIS:1", "GENE:1", "CPD:1", "GENE:2"]
    assert explorer.nodes["beyond"].tolist() == [0, 1, 0, 1]
    first = explorer.edges.iloc[0]
    assert (first["head"], first["sources"], first["sentences_for"]) == (
        *("GENE:1", "curated, public"),
        2,
    )


def test_a_sentence_that_stands_twice_counts_once_and_what_speaks_of_no_edge_is_told(explorer):
    assert explorer.evidence("GENE:1", "promotes", "DIS:1")["document"].tolist() == ["A1", "A2"]
    assert "2 sentences speak of no edge of the graph" in explorer._said


def test_widen_brings_neighbours_and_fold_takes_them_away(explorer):
    said = ask(explorer, "widen", node="GENE:1")
    assert "ABC1 (GENE:1) brought 1 neighbours" in said
    assert "0 more are not shown" in said
    assert shown(explorer) == {"DIS:1", "GENE:1", "CPD:1", "GENE:2", "DIS:2"}
    assert "All neighbours of ABC1" in ask(explorer, "widen", node="GENE:1")
    ask(explorer, "fold", node="GENE:1")
    assert "DIS:2" not in shown(explorer)
    assert "brought no neighbours" in ask(explorer, "fold", node="GENE:1")


def test_a_widening_is_bounded_and_says_how_many_are_left():
    nodes, edges = star(40)
    explorer = Explorer(nodes, edges, EVIDENCE.head(0), start="M")
    assert len(explorer.nodes) == 1 + STEP
    assert explorer.nodes["beyond"].iloc[0] == 40 - STEP
    ask(explorer, "widen", node="M")
    assert len(explorer.nodes) == 1 + 2 * STEP
    while "Not taken" not in ask(explorer, "widen", node=closed(explorer)):
        assert len(explorer.nodes) <= MOST_NODES
        assert len(explorer.edges) <= MOST_EDGES
    assert f"{MOST_NODES} nodes are shown" in explorer._said
    assert len(explorer.nodes) == MOST_NODES


def closed(explorer: Explorer) -> str:
    """A node with neighbours that are not shown, which brought none along yet."""
    rows = explorer._shown["nodes"]
    return next(row[0] for row in rows if row[5] and not row[6])


def test_the_same_walk_gives_the_same_picture_whatever_the_order_of_the_rows():
    shuffled = Explorer(
        NODES, EDGES.sample(frac=1, random_state=3), EVIDENCE.iloc[::-1], start="green fever"
    )
    straight = Explorer(NODES, EDGES, EVIDENCE, start="DIS:1")
    for explorer in (shuffled, straight):
        ask(explorer, "widen", node="GENE:1")
    assert shuffled._shown == straight._shown


def test_no_two_nodes_stand_on_the_same_place():
    nodes, edges = star(12)
    explorer = Explorer(nodes, edges, EVIDENCE.head(0), start="M")
    for entity in explorer.nodes["entity"][1:]:
        ask(explorer, "widen", node=entity)
    places = np.array(list(explorer._view.places.values()))
    assert len(places) == MOST_NODES
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(places), dtype=bool)].min() > 25


# Shrinking --------------------------------------------------------------------------------------


def test_boxes_hide_kinds_relations_and_sources_but_never_the_start(explorer):
    ask(explorer, "hide", dimension="kind", values=["compound", "disease"])
    assert shown(explorer) == {"DIS:1", "GENE:1", "GENE:2"}
    ask(explorer, "hide", dimension="relation", values=["promotes"])
    assert shown(explorer) == {"DIS:1", "GENE:2"}
    said = ask(explorer, "hide", dimension="source", values=["public"])
    assert shown(explorer) == {"DIS:1"}
    assert "Hidden: kind: compound, disease; relation: promotes; source: public." in said
    for dimension in ("kind", "relation", "source"):
        ask(explorer, "hide", dimension=dimension, values=[])
    assert len(explorer.nodes) == 4


def test_an_edge_stays_as_long_as_one_of_its_sources_does(explorer):
    explorer.hide("source", "public")
    assert "GENE:1" in shown(explorer)
    explorer.only("source", "internal")
    assert shown(explorer) == {"DIS:1", "CPD:1"}


def test_each_box_says_how_many_it_shows_and_how_many_there_are(explorer):
    boxes = {row[0]: row[1:] for row in explorer._shown["boxes"]["kind"]}
    assert boxes["gene"] == [True, 2, 2]
    assert boxes["pathway"] == [True, 0, 1]
    sources = {row[0]: row[1:] for row in explorer._shown["boxes"]["source"]}
    assert sources == {
        "curated": [True, 1, 2],
        "public": [True, 2 + 1, 5],
        "internal": [True, 1, 1],
    }


# Theories ---------------------------------------------------------------------------------------


def test_a_theory_lists_its_paths_with_what_speaks_for_and_against_each(explorer):
    found = explorer.theory("GENE:2", "GENE:1", longest=2)
    assert found["path"].tolist() == [
        "XYZ2 —promotes→ blue cough ←promotes— ABC1",
        "XYZ2 —protects from→ green fever ←promotes— ABC1",
    ]
    assert found["verdict"].tolist() == ["held", "denied"]
    assert found["sentences_against"].tolist() == [0, 1]
    assert shown(explorer) == {"GENE:1", "GENE:2", "DIS:1", "DIS:2"}
    assert "2 paths of up to 2 steps" in explorer._theory["said"]
    explorer.back()
    assert shown(explorer) == {"DIS:1", "GENE:1", "CPD:1", "GENE:2"}


def test_the_boxes_count_for_theories_too_and_the_verdict_keeps_what_was_hidden(explorer):
    ask(explorer, "theory", head="CPD:1", tail="DIS:2", longest=3)
    assert "3 paths of up to 3 steps" in explorer._said
    ask(explorer, "hide", dimension="relation", values=["inhibits"])
    assert "2 paths of up to 3 steps" in explorer._theory["said"]
    assert "Hidden meanwhile: relation: inhibits" in explorer._theory["said"]
    ask(explorer, "mark", verdict="excluded", note=" without inhibition none ")
    row = explorer.verdicts.iloc[0]
    assert row["left_out"] == "relation: inhibits"
    assert (row["verdict"], row["note"]) == ("excluded", "without inhibition none")
    assert row["paths"] == len(explorer._found.paths)


def test_a_theory_without_a_path_says_so_and_shows_its_two_ends(explorer):
    said = ask(explorer, "theory", head="CPD:2", tail="DIS:1", longest=3)
    assert "No path of up to 3 steps joins solivan (CPD:2) and green fever (DIS:1)." in said
    assert shown(explorer) == {"CPD:2", "DIS:1"}


def test_verdicts_are_kept_once_a_theory_and_the_last_one_counts(explorer):
    assert explorer.verdicts.empty
    explorer.mark("GENE:1", "DIS:1", "open")
    explorer.mark("ABC1", "green fever", "confirmed", note="two sentences")
    explorer.mark("GENE:2", "DIS:1", "excluded")
    assert explorer.verdicts["verdict"].tolist() == ["confirmed", "excluded"]
    assert explorer.verdicts["sentences_for"].tolist()[0] >= 2
    assert [mark["labels"][0] for mark in explorer._marks] == ["ABC1 (GENE:1)", "XYZ2 (GENE:2)"]


def test_a_node_is_started_from_out_of_a_theory_but_not_widened_there(explorer):
    ask(explorer, "theory", head="GENE:1", tail="DIS:1", longest=3)
    assert "Go back to the neighbourhood first" in ask(explorer, "widen", node="GENE:1")
    assert "Start: ABC1 (GENE:1)" in ask(explorer, "begin", node="GENE:1")
    assert not explorer._shown["isTheory"]


# What the page reads ----------------------------------------------------------------------------


def test_the_sentences_of_an_edge_come_by_stance_with_document_and_year(explorer):
    answers = []
    explorer.send = answers.append
    edge = explorer._view.edges[0]
    assert "2 for, 0 against, 0 unsure" in ask(explorer, "read", edge=edge)
    first = answers[0]["edge"]["groups"]["for"][0]
    assert first == {
        "document": "A1",
        "sentence": "0",
        "year": "2001",
        "text": "ABC1 promotes green fever.",
    }


def test_years_may_be_missing_and_long_sentences_are_cut():
    without = EVIDENCE.drop(columns="year").assign(text="x" * 5000)
    explorer = Explorer(NODES, EDGES, without, start="DIS:1")
    answers = []
    explorer.send = answers.append
    ask(explorer, "read", edge=explorer._view.edges[0])
    row = answers[0]["edge"]["groups"]["for"][0]
    assert row["year"] == ""
    assert len(row["text"]) < 700


def test_names_are_suggested_and_each_suggestion_is_understood(explorer):
    answers = []
    explorer.send = answers.append
    ask(explorer, "suggest", text="  iVan ")
    assert answers[0]["names"] == ["lorivan (CPD:1)", "solivan (CPD:2)"]
    for name in answers[0]["names"]:
        assert "Start" in ask(explorer, "begin", node=name)


def test_what_the_page_gets_is_plain_data(explorer):
    explorer.theory("GENE:1", "DIS:1")
    explorer.mark("GENE:1", "DIS:1", "open")
    for name in ("_shown", "_theory", "_marks", "_said"):
        value = getattr(explorer, name)
        assert json.loads(json.dumps(value)) == value


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "edges", "evidence", "start", "sentence"),
    [
        (NODES, EDGES, EVIDENCE, "DIS:12", "no node of this graph. Do you mean"),
        (NODES, EDGES, EVIDENCE, "green fevr", "Do you mean “green fever (DIS:1)”?"),
        (NODES, EDGES, EVIDENCE, 7, "by its id or name in quotes, not by 7"),
        (NODES.head(0), EDGES.head(0), EVIDENCE, "DIS:1", "has no nodes"),
        (NODES.drop(index=2), EDGES, EVIDENCE, "DIS:1", "4 of 8 edges lead to a node that is not"),
        (pd.concat([NODES, NODES.head(2)]), EDGES, EVIDENCE, "DIS:1", "'DIS:1' stands twice"),
        (NODES.assign(entity=1.5), EDGES, EVIDENCE, "DIS:1", "Row 0 of the nodes has the id 1.5"),
        (NODES, EDGES.drop(columns="source"), EVIDENCE, "DIS:1", "edges lacks source"),
        (NODES, EDGES, EVIDENCE.assign(stance="pro"), "DIS:1", "the stance 'pro'"),
        (NODES, EDGES, [1, 2], "DIS:1", "this is of type list"),
        (NODES.assign(name="same"), EDGES, EVIDENCE, "Same", "names several nodes: DIS:1, DIS:2"),
    ],
)
def test_tables_that_do_not_hold_together_are_refused_with_a_sentence(
    nodes, edges, evidence, start, sentence
):
    with pytest.raises(CourseError, match=re.escape(sentence)):
        Explorer(nodes, edges, evidence, start=start)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda e: e.widen("PWY:1"), "is not shown, so nothing hangs on it"),
        (lambda e: e.hide("colour", "red"), "shrinks by kind, relation, source, not by 'colour'"),
        (lambda e: e.only("kind", "genes"), "No kind of this graph is 'genes'. There is: disease"),
        (lambda e: e.theory("DIS:1", "green fever"), "two different nodes"),
        (lambda e: e.theory("DIS:1", "DIS:2", longest=9), "1 to 4 steps here, not 9"),
        (lambda e: e.mark("DIS:1", "DIS:2", "true"), "confirmed, excluded or open, not 'true'"),
        (
            lambda e: e.evidence("DIS:1", "promotes", "GENE:1"),
            "Between the two: ABC1 promotes green fever",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(explorer, call, sentence):
    before = explorer._shown, explorer.verdicts
    with pytest.raises(CourseError, match=re.escape(sentence)):
        call(explorer)
    assert explorer._shown == before[0]
    assert explorer.verdicts.equals(before[1])


def test_a_verdict_without_a_theory_is_refused_on_the_page(explorer):
    assert "Not taken. A verdict needs a theory" in ask(explorer, "mark", verdict="open", note="")


def test_a_graph_without_edges_and_without_evidence_is_shown():
    explorer = Explorer(NODES, EDGES.head(0), EVIDENCE.head(0), start="DIS:1")
    assert explorer.nodes["entity"].tolist() == ["DIS:1"]
    assert explorer.edges.empty
    assert "No path" in ask(explorer, "theory", head="DIS:1", tail="DIS:2", longest=4)


# Where no page listens, and the bundle ----------------------------------------------------------


def test_where_no_page_listens_the_picture_is_shown_and_no_program_kept(tmp_path):
    for name, table in {"nodes": NODES, "edges": EDGES, "evidence": EVIDENCE}.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    code = f"""\
import pandas as pd
from vaxlab.knowledge import Explorer
nodes, edges, evidence = (
    pd.read_csv(r"{tmp_path}/" + name) for name in ("nodes.csv", "edges.csv", "evidence.csv")
)
Explorer(nodes, edges, evidence, start="DIS:1")"""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    outputs = book.cells[0].outputs
    assert all(output.output_type != "stream" for output in outputs)
    told = json.dumps(outputs)
    assert "application/vnd.plotly.v1+json" in told
    assert "4 nodes. ABC1 promotes green fever; " in told
    assert "widgets" not in book.metadata


def test_the_bundle_is_made_from_the_sources_and_packages_that_lie_beside_it(checkout: Path):
    tools = checkout / "tools" / "graphs"
    banner = BUNDLE.read_text().partition("*/")[0]
    version = json.loads((tools / "package.json").read_text())["dependencies"]["cytoscape"]
    assert f"\ncytoscape {version} (MIT)\n" in banner
    digest = hashlib.sha256()
    for source in re.search(r"^Sources: (.*), sha256", banner, re.MULTILINE)[1].split(", "):
        digest.update((tools / source).read_bytes())
    assert digest.hexdigest() in banner, "Run the command of tools/graphs/README.md."
    assert BUNDLE.stat().st_size < 700_000


def test_the_page_makes_no_html_of_texts(checkout: Path):
    for source in (checkout / "tools" / "graphs").glob("*.js"):
        assert "innerHTML" not in source.read_text()
        assert "insertAdjacentHTML" not in source.read_text()
