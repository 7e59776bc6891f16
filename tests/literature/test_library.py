"""The library: what it holds, that its seed decides all, and that its truth stays apart."""

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from vaxlab.errors import CourseError
from vaxlab.literature import INVERSES, KINDS, RELATIONS, Library, library, sentences
from vaxlab.literature.library import _library

PRINTED = """
import hashlib
from vaxlab.literature import library
books = library(3)
digest = hashlib.sha256()
for table in [*books.tables.values(), *vars(books.truth).values()]:
    digest.update(table.to_csv(index=False).encode())
print(digest.hexdigest())
"""


def test_there_are_three_thousand_abstracts_and_three_hundred_reports(books):
    assert books.documents["source"].value_counts().to_dict() == {"public": 3000, "internal": 300}
    assert books.documents["document"].is_unique
    assert books.documents["text"].is_unique
    lengths = books.documents["text"].str.len()
    assert (lengths > 0).all()
    assert lengths[books.documents["source"] == "public"].between(60, 3500).mean() > 0.99


def test_the_same_seed_gives_the_same_bytes_in_processes_that_hash_differently():
    digests = set()
    for salt in ("0", "4321"):
        done = subprocess.run(
            [sys.executable, "-c", PRINTED],
            env=os.environ | {"PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert len(digests.pop()) == 64


def test_another_seed_gives_other_names_and_other_texts(books):
    other = library(1)
    for table in ("documents", "names", "known"):
        mine, yours = (hashlib.sha256(t.tables[table].to_csv().encode()) for t in (books, other))
        assert mine.digest() != yours.digest()
    genes = [set(t.entities.query("kind == 'gene'")["name"]) for t in (books, other)]
    assert len(genes[0] & genes[1]) < 20


def test_a_library_is_written_within_five_seconds_of_computing():
    library(0)  # the plant is imported
    _library.cache_clear()
    started = time.process_time()
    library(0)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("seed", [-1, 1.5, "one", None, True, float("nan")])
def test_what_is_no_seed_is_refused_with_its_value(seed):
    with pytest.raises(CourseError, match="whole number from 0 on") as refused:
        library(seed)
    assert repr(seed) in str(refused.value)


def test_importing_it_takes_no_heavy_library_along():
    code = (
        "import sys, vaxlab.literature; print([m for m in ('torch', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_learners_load_holds_no_gold(books):
    assert "truth" not in books.tables
    for table in books.tables.values():
        assert isinstance(table, pd.DataFrame)
        assert not {"polarity", "certainty", "status", "modules", "fresh"} & set(table.columns)
    edges = books.truth.edges
    later = set(edges[edges["status"] == "later"][["head", "tail"]].itertuples(index=False))
    known = set(books.known[["head", "tail"]].itertuples(index=False))
    assert not {tuple(e) for e in later} & {tuple(e) for e in known}


def test_ids_are_unique_and_say_their_kind(books):
    assert books.entities["entity"].is_unique
    prefixes = books.entities["entity"].str.split(":").str[0]
    assert (prefixes == books.entities["kind"].map(KINDS)).all()
    kinds = books.entities.set_index("entity")["kind"]
    for head, relation, tail in books.truth.edges[["head", "relation", "tail"]].itertuples(
        index=False
    ):
        assert (kinds[head], kinds[tail]) in RELATIONS[relation]


def test_no_edge_of_the_truth_stands_twice(books):
    edges = books.truth.edges
    assert not edges.duplicated(["head", "relation", "tail"]).any()
    assert not edges[edges["head"] == edges["tail"]].size


def test_most_edges_of_some_relations_leak_as_their_inverse(books):
    known = books.known
    for relation, inverse in INVERSES.items():
        forward = known[known["relation"] == relation]
        back = known[known["relation"] == inverse]
        share = len(back) / len(forward)
        assert 0.8 < share < 0.98, relation
        mirrored = set(zip(back["tail"], back["head"], strict=True))
        assert mirrored <= set(zip(forward["head"], forward["tail"], strict=True))


def test_every_document_is_made_of_the_sentences_that_the_truth_counts(books):
    truth = books.truth.sentences.groupby("document", sort=False)
    text = books.documents.set_index("document")["text"]
    for number, rows in truth:
        assert sentences(text[number]) == list(zip(rows["start"], rows["end"], strict=True)), number


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_text_has_no_sentence(text):
    assert sentences(text) == []


def test_targets_differ_in_what_makes_a_good_one(books):
    targets = books.targets
    assert len(targets) == (books.entities["kind"] == "gene").sum()
    for column in ("tractability", "safety", "novelty"):
        assert targets[column].between(0, 1).all()
        assert targets[column].std() > 0.1
    assert abs(targets[["tractability", "novelty"]].corr().iloc[0, 1]) < 0.3


def test_genetics_tells_something_and_not_all(books):
    edges = books.truth.edges
    true = edges[edges["relation"].isin(["promotes", "protects_from"])]
    pairs = set(zip(true["head"], true["tail"], strict=True))
    z = books.genetics
    hit = np.array([p in pairs for p in zip(z["gene"], z["disease"], strict=True)])
    assert 0.6 < z["z"][hit].mean() - z["z"][~hit].mean() < 1.0


def test_the_library_is_a_value(books):
    assert isinstance(books, Library)
    assert library(0) is library(0)
