"""Weak labels: a fifth is wrong, they need no truth, and the dictionary knows its limits."""

import pandas as pd
import pytest

from vaxlab.errors import CourseError
from vaxlab.literature import NO_RELATION, RELATIONS, Dictionary, library, pairs


@pytest.fixture(scope="module")
def labelled(books):
    """Return the weak labels of the abstracts."""
    return pairs(books)


def test_a_fifth_of_the_labels_is_wrong(books, labelled):
    gold = books.truth.label(labelled)
    assert 0.17 < (gold != labelled["relation"]).mean() < 0.23


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fifth_is_wrong_in_other_libraries_too(seed):
    books = library(seed)
    found = pairs(books)
    assert 0.17 < (books.truth.label(found) != found["relation"]).mean() < 0.23


def test_both_kinds_of_error_occur(books, labelled):
    gold = books.truth.label(labelled)
    named = (labelled["relation"] != NO_RELATION) & (gold == NO_RELATION)
    missed = (labelled["relation"] == NO_RELATION) & (gold != NO_RELATION)
    assert 0.09 < named.mean() < 0.18
    assert 0.03 < missed.mean() < 0.10


def test_to_be_named_together_is_no_relation(books, labelled):
    gold = books.truth.label(labelled)
    assert 0.2 < (gold != NO_RELATION).mean() < 0.5


def test_the_dictionary_finds_most_of_what_is_stated(books, labelled):
    told = books.truth.statements
    firm = told[
        (told["polarity"] == "affirmed")
        & (told["certainty"] == "stated")
        & ~told["pointed"]
        & told["document"].str.startswith("A")
    ]
    key = ["document", "sentence", "head", "tail"]
    found = set(labelled[key].itertuples(index=False, name=None))
    stated = list(firm[key].itertuples(index=False, name=None))
    assert 0.88 < sum(one in found for one in stated) / len(stated) < 0.99


def test_spans_of_pairs_are_names_within_their_sentence(books, labelled):
    text = books.documents.set_index("document")["text"].to_dict()
    listed = {name.lower() for name in books.names["name"]}
    for row in labelled.sample(500, random_state=0).itertuples():
        for start, end in ((row.head_start, row.head_end), (row.tail_start, row.tail_end)):
            assert row.sentence_start <= start < end <= row.sentence_end
            assert text[row.document][start:end].lower() in listed


def test_pairs_are_of_kinds_that_a_relation_joins(books, labelled):
    kinds = books.entities.set_index("entity")["kind"]
    joined = {pair for several in RELATIONS.values() for pair in several}
    assert set(zip(kinds[labelled["head"]], kinds[labelled["tail"]], strict=True)) <= joined
    assert not labelled.duplicated(["document", "sentence", "head", "tail"]).any()


def test_an_unknown_source_is_refused(books):
    with pytest.raises(CourseError, match="public and internal"):
        pairs(books, "secret")


def test_a_name_of_two_entities_is_read_by_what_the_text_explains():
    names = pd.DataFrame(
        {
            "name": ["velkarin-3", "VK3", "tessal myopathy", "VK3"],
            "entity": ["PROT:0001", "PROT:0001", "DIS:001", "DIS:001"],
        }
    )
    dictionary = Dictionary(names)
    assert dictionary.find("VK3 was seen.") == []
    found = dictionary.find("Velkarin-3 (VK3) was seen.")
    assert [entity for *_, entity in found] == ["PROT:0001", "PROT:0001"]
    found = dictionary.find("In tessal myopathy (VK3) it was not.")
    assert [entity for *_, entity in found] == ["DIS:001", "DIS:001"]


def test_the_longest_name_wins_and_parts_of_words_are_none():
    names = pd.DataFrame({"name": ["ABX", "ABX loop"], "entity": ["GENE:0001", "PWY:01"]})
    dictionary = Dictionary(names)
    assert dictionary.find("the ABX loop and ABX") == [(4, 12, "PWY:01"), (17, 20, "GENE:0001")]
    assert dictionary.find("ABXY and CABX and ABX-2") == []
    assert dictionary.find("") == []
