"""The store of facts: what it keeps, what it refuses, and that nothing is half-written."""

import hashlib

import pandas as pd
import pytest

from vaxlab.errors import CourseError
from vaxlab.knowledge.store import COLUMNS, MOST_WALKS, Added, Store

ENTITIES = pd.DataFrame(
    [
        ("GENE:1", "gene", "abc"),
        ("PROT:1", "protein", "abcin"),
        ("PROT:2", "protein", "defin"),
        ("PROT:2b", "protein", "Defin"),
        ("CPD:1", "compound", "xol"),
        ("LOT:1", "lot", "SER-01"),
        ("BATCH:1", "batch", "B001"),
    ],
    columns=["entity", "kind", "name"],
)
MAPPINGS = pd.DataFrame([("PROT:2b", "PROT:2")], columns=["alias", "entity"])
DOCUMENTS = pd.DataFrame(
    [
        ("A1", "public", "Abc makes abcin. Xol blocks abcin."),
        ("A2", "public", "Xol does not block abcin."),
        ("D1", "internal", "Xol was found in SER-01. B001 was made with SER-01."),
        ("known", "curated", "a table"),
    ],
    columns=["document", "source", "text"],
)
ASSERTIONS = pd.DataFrame(
    [
        ("A1", 0, "GENE:1", "encodes", "PROT:1", "Abc makes abcin.", "for"),
        ("A1", 1, "CPD:1", "inhibits", "PROT:1", "Xol blocks abcin.", "for"),
        ("A2", 0, "CPD:1", "inhibits", "PROT:1", "Xol does not block abcin.", "against"),
        ("D1", 0, "CPD:1", "found_in", "LOT:1", "Xol was found in SER-01.", "for"),
        ("D1", 1, "LOT:1", "used_in", "BATCH:1", "B001 was made with SER-01.", "for"),
        ("known", 0, "CPD:1", "inhibits", "PROT:1", "xol inhibits abcin", "for"),
        ("known", 1, "CPD:1", "inhibits", "PROT:2b", "xol inhibits Defin", "for"),
    ],
    columns=list(COLUMNS["assertions"]),
)
ALL = {
    "entities": ENTITIES,
    "mappings": MAPPINGS,
    "documents": DOCUMENTS,
    "assertions": ASSERTIONS,
}


@pytest.fixture
def store():
    """Return a small graph."""
    made = Store()
    made.add(**ALL)
    return made


def everything(store):
    """Return all that a store holds, to compare."""
    return pd.concat([store.nodes(), store.edges(least_for=0)]).to_csv()


# What it keeps ----------------------------------------------------------------------------------


def test_a_rerun_adds_nothing_twice(store):
    before = everything(store)
    assert store.add(**ALL) == Added(0, 0, 0, 0)
    assert everything(store) == before


def test_a_changed_document_changes_only_its_own_edges(store):
    before = store.edges(least_for=0)
    documents = DOCUMENTS[DOCUMENTS["document"] == "A1"].assign(text="Abc makes defin.")
    assertions = ASSERTIONS.iloc[:1].assign(tail="PROT:2b", text="Abc makes defin.")
    assert store.add(documents=documents, assertions=assertions) == Added(0, 1, 1, 2)
    after = store.edges(least_for=0)
    kept = before.merge(after)
    assert set(kept["source"]) == {"internal", "curated"}
    assert ("GENE:1", "encodes", "PROT:2") in set(after.iloc[:, :3].itertuples(index=False))
    assert len(store.evidence("CPD:1", "inhibits", "PROT:1")) == 2


def test_a_document_that_says_nothing_any_more_takes_its_edges_with_it(store):
    store.add(documents=DOCUMENTS[DOCUMENTS["document"] == "D1"].assign(text="Nothing found."))
    assert store.edges(sources="internal").empty


def test_an_edge_counts_sentences_for_and_against_by_source(store):
    edges = store.edges(relations=["inhibits"]).set_index(["tail", "source"])
    assert edges.loc[("PROT:1", "public"), "n_for"] == 1
    assert edges.loc[("PROT:1", "public"), "n_against"] == 1
    assert edges.loc[("PROT:1", "curated"), "n_for"] == 1
    assert list(store.edges().columns[:4]) == ["head", "relation", "tail", "source"]


def test_an_edge_that_is_only_denied_is_shown_when_asked_for_and_not_before(store):
    store.add(documents=DOCUMENTS.iloc[:1].assign(text="Other."))
    assert "public" not in set(store.edges()["source"])
    assert "public" in set(store.edges(least_for=0)["source"])


def test_two_ids_of_one_thing_are_one_node_with_the_edges_of_both(store):
    assert "PROT:2b" not in set(store.nodes()["entity"])
    assert set(store.edges(relations="inhibits")["tail"]) == {"PROT:1", "PROT:2"}
    assert len(store.evidence("CPD:1", "inhibits", "PROT:2b")) == 1
    more = pd.DataFrame([("PROT:2", "PROT:1")], columns=["alias", "entity"])
    store.add(mappings=more)
    assert set(store.edges(relations="inhibits")["tail"]) == {"PROT:1"}


def test_evidence_has_each_sentence_and_its_hash(store):
    found = store.evidence("CPD:1", "inhibits", "PROT:1")
    assert list(found.columns) == [
        *("head", "relation", "tail", "document", "sentence", "text", "sha256", "stance"),
    ]
    assert list(found["stance"]) == ["for", "against", "for"]
    for text, sha256 in zip(found["text"], found["sha256"], strict=True):
        assert hashlib.sha256(text.encode()).hexdigest() == sha256
    assert len(store.evidence("PROT:1", None, "CPD:1")) == 3


def test_a_projection_keeps_sources_relations_and_kinds(store):
    assert set(store.edges(sources=["internal"])["relation"]) == {"found_in", "used_in"}
    assert set(store.edges(kinds=["compound", "protein"])["relation"]) == {"inhibits"}


def test_a_file_keeps_what_was_added(tmp_path):
    path = str(tmp_path / "graph.duckdb")
    first = Store(path)
    first.add(**ALL)
    kept = everything(first)
    first.close()
    again = Store(path)
    assert everything(again) == kept
    assert again.add(**ALL) == Added(0, 0, 0, 0)


# Paths ------------------------------------------------------------------------------------------


def test_public_and_internal_together_reach_from_a_gene_to_a_batch(store):
    path = store.paths("GENE:1", "BATCH:1")
    assert list(path["from"]) == ["GENE:1", "PROT:1", "CPD:1", "LOT:1"]
    assert list(path["relation"]) == ["encodes", "inhibits", "found_in", "used_in"]
    assert path["sources"].iloc[1] == "curated, public"
    assert path["to"].iloc[-1] == "BATCH:1"


def test_neither_source_alone_reaches_and_fewer_steps_do_not(store):
    assert store.paths("GENE:1", "BATCH:1", sources=["public", "curated"]).empty
    assert store.paths("GENE:1", "BATCH:1", sources="internal").empty
    assert store.paths("GENE:1", "BATCH:1", most_steps=3).empty


def dense(n):
    """Return a store in which each protein activates each later one."""
    names = [f"P{k}" for k in range(n)]
    entities = pd.DataFrame({"entity": names, "kind": "protein", "name": names})
    pairs = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    said = pd.DataFrame(pairs, columns=["head", "tail"]).assign(
        document="known", sentence=range(len(pairs)), relation="activates", text="row", stance="for"
    )
    made = Store()
    made.add(entities=entities, documents=DOCUMENTS[3:], assertions=said)
    return made


def test_paths_are_the_shortest_first_and_no_more_than_asked_for():
    paths = dense(8).paths("P0", "P7", most_steps=4, most=30)
    lengths = paths.groupby("path")["step"].max()
    assert len(lengths) == 30
    assert list(lengths) == sorted(lengths)
    assert lengths.iloc[0] == 1
    for _, path in paths.groupby("path"):
        assert path["from"].nunique() == len(path)
        assert list(path["from"])[1:] == list(path["to"])[:-1]


def test_a_query_for_ten_million_paths_is_refused_in_a_sentence():
    store = dense(30)
    with pytest.raises(CourseError, match=f"{MOST_WALKS:,} are the most .* fewer steps"):
        store.paths("P0", "P29", most_steps=6)
    assert store.paths("P0", "P29", most_steps=3)["path"].max() == 20


# What it refuses --------------------------------------------------------------------------------


def changed(name, row, **values):
    """Return the tables with values changed in one row."""
    table = ALL[name].copy()
    for column, value in values.items():
        table[column] = table[column].astype(object)
        table.at[row, column] = value
    return ALL | {name: table}


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (changed("assertions", 1, relation="cures"), "relation 'cures' in document 'A1'"),
        (changed("assertions", 1, head="CPD:9"), "head 'CPD:9' in document 'A1' is no entity"),
        (changed("assertions", 1, stance="maybe"), "stance 'maybe'"),
        (changed("assertions", 1, document="A9"), "cites document 'A9'"),
        (changed("assertions", 1, sentence="two"), "sentence of assertions.* no whole number"),
        (changed("documents", 1, document="A1"), "document 'A1' comes twice"),
        (changed("documents", 1, text=""), "document 'A2', is empty"),
        (changed("documents", 1, text="Caf\ufffd"), "wrong encoding"),
        (changed("documents", 1, text="Caf\udce9 au lait"), "document 'A2', was decoded"),
        (changed("documents", 1, text=b"Cafe"), "no text but bytes. Decode"),
        (changed("documents", 1, text=None), "no text but"),
        (changed("documents", 1, source="secret"), "source 'secret'"),
        (changed("entities", 1, entity="GENE:1"), "entity 'GENE:1' comes twice"),
        (changed("mappings", 0, alias="LOT:1", entity="PROT:9"), "'PROT:9', which is no entity"),
        (changed("mappings", 0, alias="LOT:1", entity="LOT:1"), "circle: LOT:1 → LOT:1"),
        (ALL | {"assertions": ASSERTIONS.drop(columns="stance")}, "no column 'stance'"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_half_written(store, tables, says):
    before = everything(store)
    tables = tables | {"entities": pd.concat([tables["entities"], new_gene()])}
    with pytest.raises(CourseError, match=says):
        store.add(**tables)
    assert everything(store) == before


def new_gene():
    """Return one more entity, which must not be there after a refusal."""
    return pd.DataFrame([("GENE:new", "gene", "new")], columns=["entity", "kind", "name"])


def test_a_circle_of_synonyms_is_refused_over_several_calls(store):
    first, last = (
        pd.DataFrame([pair], columns=["alias", "entity"])
        for pair in [("PROT:2", "PROT:1"), ("PROT:1", "PROT:2b")]
    )
    store.add(mappings=first)
    with pytest.raises(CourseError, match="PROT:2b → PROT:2 → PROT:1 → PROT:2b"):
        store.add(mappings=last)


def test_an_id_that_is_mapped_to_two_things_is_refused(store):
    mappings = pd.DataFrame([("PROT:2b", "PROT:1")], columns=["alias", "entity"])
    with pytest.raises(CourseError, match="mapped to 'PROT:2' and to 'PROT:1'"):
        store.add(mappings=mappings)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda s: s.edges(sources="secret"), "no source 'secret'. There are: curated, internal"),
        (lambda s: s.edges(relations=["cures"]), "no relation 'cures'"),
        (lambda s: s.edges(kinds=["planet"]), "no kind 'planet'"),
        (lambda s: s.evidence("CPD:9", None, "PROT:1"), "no entity 'CPD:9'"),
        (lambda s: s.evidence("CPD:1", "cures", "PROT:1"), "no relation 'cures'"),
        (lambda s: s.paths("GENE:1", "BATCH:9"), "no entity 'BATCH:9'"),
    ],
)
def test_a_question_about_something_unknown_is_answered_in_a_sentence(store, ask, says):
    with pytest.raises(CourseError, match=says):
        ask(store)


def test_a_file_that_is_no_graph_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no graph at all, but long enough to be looked at " * 200)
    with pytest.raises(CourseError, match="cannot be opened as a graph"):
        Store(str(path))
