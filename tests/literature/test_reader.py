"""The reader by rules: rarely wrong, half blind, quick; and it says what it can not read."""

import time

import pandas as pd
import pytest

from vaxlab.errors import CourseError
from vaxlab.literature import RELATIONS, library, sentences
from vaxlab.literature.reader import COLUMNS, read

NAMES = pd.DataFrame(
    [
        ("velkarin-3", "PROT:1"),
        ("tessal kinase", "PROT:2"),
        ("morix pathway", "PWY:1"),
        ("QX-12", "CPD:1"),
        ("SER-01", "LOT:1"),
        ("B001", "BATCH:1"),
        ("pump stop", "FAULT:1"),
    ],
    columns=["name", "entity"],
)
ENTITIES = pd.DataFrame(
    [
        ("PROT:1", "protein"),
        ("PROT:2", "protein"),
        ("PWY:1", "pathway"),
        ("CPD:1", "compound"),
        ("LOT:1", "lot"),
        ("BATCH:1", "batch"),
        ("FAULT:1", "fault"),
    ],
    columns=["entity", "kind"],
)


def one(text: str) -> list[tuple]:
    """Return what is read from a single text: head, relation, tail, polarity, certainty."""
    found = read(pd.DataFrame({"document": ["A1"], "text": [text]}), NAMES, ENTITIES)
    columns = ["head", "relation", "tail", "polarity", "certainty"]
    return list(found[columns].itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def assertions(books):
    """Return what the reader finds in the course's library."""
    return read(books.documents, books.names, books.entities)


def keys(table: pd.DataFrame) -> set[tuple]:
    """Return what is said, whichever of two bound proteins is named first."""
    said = set()
    for row in table.itertuples():
        ends = [row.head, row.tail]
        ends = sorted(ends) if row.relation == "binds" else ends
        said.add((row.document, row.sentence, ends[0], row.relation, ends[1]))
    return said


def scores(found: pd.DataFrame, books, *, prefix: str, polarity: str, certainty: str):
    """Return precision and recall of one sort of statement."""
    told = books.truth.statements
    told = told[~told["pointed"]]
    sets = []
    for table in (found, told):
        mine = table["document"].str.startswith(prefix)
        mine &= (table["polarity"] == polarity) & (table["certainty"] == certainty)
        sets.append(keys(table[mine]))
    both = len(sets[0] & sets[1])
    return both / len(sets[0]), both / len(sets[1])


def test_what_is_stated_is_read_rightly_and_about_half_of_it(assertions, books):
    precision, recall = scores(
        assertions, books, prefix="A", polarity="affirmed", certainty="stated"
    )
    assert precision >= 0.95
    assert 0.48 <= recall <= 0.60


@pytest.mark.parametrize("seed", [3, 6_120_774_538_901])
def test_it_is_so_in_other_libraries(seed):
    other = library(seed)
    found = read(other.documents, other.names, other.entities)
    precision, recall = scores(found, other, prefix="A", polarity="affirmed", certainty="stated")
    assert precision >= 0.95
    assert recall >= 0.45


@pytest.mark.parametrize(("polarity", "certainty"), [("negated", "stated"), ("affirmed", "hedged")])
def test_denials_and_suppositions_are_told_from_statements(assertions, books, polarity, certainty):
    for prefix, least in (("A", 0.85), ("D", 0.95)):
        precision, recall = scores(
            assertions, books, prefix=prefix, polarity=polarity, certainty=certainty
        )
        assert precision >= least
        assert recall >= 0.45


def test_reports_are_read_better_than_abstracts(assertions, books):
    precision, recall = scores(
        assertions, books, prefix="D", polarity="affirmed", certainty="stated"
    )
    assert precision >= 0.97
    assert recall >= 0.70


def test_every_internal_relation_is_read(assertions):
    reports = assertions[assertions["document"].str.startswith("D")]
    assert {"used_in", "found_in", "lowers", "seen_on", "occurred_in"} <= set(reports["relation"])


def test_the_text_is_the_sentence_of_that_number(assertions, books):
    texts = books.documents.set_index("document")["text"]
    for row in assertions.sample(200, random_state=0).itertuples():
        start, end = sentences(texts[row.document])[row.sentence]
        assert row.text == texts[row.document][start:end]


def test_heads_and_tails_are_of_kinds_that_the_relation_joins(assertions, books):
    kinds = books.entities.set_index("entity")["kind"]
    for row in assertions.drop_duplicates(["relation", "head", "tail"]).itertuples():
        assert (kinds[row.head], kinds[row.tail]) in RELATIONS[row.relation]


def test_all_documents_take_less_than_five_seconds(books):
    begun = time.process_time()
    read(books.documents, books.names, books.entities)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("QX-12 inhibited velkarin-3.", ("inhibits", "affirmed", "stated")),
        ("Velkarin-3 was inhibited by QX-12.", ("inhibits", "affirmed", "stated")),
        ("QX-12 did not inhibit velkarin-3.", ("inhibits", "negated", "stated")),
        ("QX-12 may inhibit velkarin-3.", ("inhibits", "affirmed", "hedged")),
        ("We found no evidence that QX-12 blocks velkarin-3.", ("inhibits", "negated", "stated")),
        ("QX-12, but not placebo, blocked velkarin-3.", ("inhibits", "affirmed", "stated")),
    ],
)
def test_voice_denial_and_doubt(text, said):
    ((head, relation, tail, polarity, certainty),) = one(text)
    assert (head, tail) == ("CPD:1", "PROT:1")
    assert (relation, polarity, certainty) == said


@pytest.mark.parametrize(
    "text",
    [
        "QX-12 and velkarin-3 were both measured.",
        "QX-12 was given in a model of the morix pathway.",
        "Velkarin-3 inhibited QX-12.",
        "No names here.",
        "",
    ],
)
def test_to_be_named_together_is_not_read_as_a_relation(text):
    assert one(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SER-01 used for B001.", ("LOT:1", "used_in", "BATCH:1", "affirmed", "stated")),
        ("B001 did not get SER-01.", ("LOT:1", "used_in", "BATCH:1", "negated", "stated")),
        (
            "Pump stop ruled out for B001.",
            ("FAULT:1", "occurred_in", "BATCH:1", "negated", "stated"),
        ),
        ("SER-01 may contain QX-12.", ("CPD:1", "found_in", "LOT:1", "affirmed", "hedged")),
    ],
)
def test_what_shifts_write_is_read(text, said):
    names = pd.concat([NAMES, pd.DataFrame([("Pump stop", "FAULT:1")], columns=NAMES.columns)])
    found = read(pd.DataFrame({"document": ["D1"], "text": [text]}), names, ENTITIES)
    columns = ["head", "relation", "tail", "polarity", "certainty"]
    assert list(found[columns].itertuples(index=False, name=None)) == [said]


def test_no_document_gives_an_empty_table_with_its_columns():
    found = read(pd.DataFrame({"document": [], "text": []}), NAMES, ENTITIES)
    assert list(found.columns) == list(COLUMNS)
    assert found.empty


def test_letters_with_accents_are_no_broken_encoding():
    assert one("Ångström and café: QX-12 inhibited velkarin-3.")


def test_names_that_lead_in_a_circle_are_left_out():
    circle = pd.DataFrame(
        [("velkarin-3", "PROT:2"), ("tessal kinase", "PROT:1")], columns=NAMES.columns
    )
    names = pd.concat([NAMES, circle], ignore_index=True)
    documents = pd.DataFrame({"document": ["A1"], "text": ["Velkarin-3 blocked tessal kinase."]})
    assert read(documents, names, ENTITIES).empty


@pytest.mark.parametrize(
    ("documents", "names", "message"),
    [
        ({"document": ["A1"]}, NAMES, "no column 'text'"),
        ({"document": ["A1"], "text": [None]}, NAMES, "text of A1 is None"),
        ({"document": ["A1"], "text": ["caf\ufffd"]}, NAMES, "wrong encoding"),
        ({"document": ["A1"], "text": ["caf\u00c3\u00a9"]}, NAMES, "wrong encoding"),
        ({"document": ["A1"], "text": ["it\u00e2\u20ac\u2122s"]}, NAMES, "wrong encoding"),
        ({"document": ["A1", "A1"], "text": ["x", "x"]}, NAMES, "A1 comes twice"),
        (
            {"document": ["A1"], "text": ["x"]},
            pd.DataFrame({"name": ["ghost"], "entity": ["PROT:9"]}),
            "PROT:9, which entities lacks",
        ),
    ],
)
def test_what_can_not_be_read_is_said(documents, names, message):
    with pytest.raises(CourseError, match=message):
        read(pd.DataFrame(documents), names, ENTITIES)
