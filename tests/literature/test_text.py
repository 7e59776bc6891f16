"""Texts: where names stand, what is stated, denied and supposed, and that no template shows."""

import re
from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

WORDS = (
    "a an the of in on at by to for from with without within among as and or nor but not no never "
    "if when while whereas although though that which who what how whether is was were are be been "
    "being has have had did does do may might could can would will it its this these those they "
    "their we our there here than rather both either neither each all any some none more most few "
    "less over under before after between during against upon until through into out up off away "
    "such so too only also then once one two same other others another"
)
FUNCTION_WORDS = WORDS.split(" ")
PLACE = {word: i for i, word in enumerate(FUNCTION_WORDS)}
FORMS = ("active", "passive", "reported", "agent", "noun", "turn", "relative", "participle")


@pytest.fixture(scope="module")
def written(books):
    """Return every sentence of the abstracts with ``@`` for names, its document and its form."""
    text = books.documents.set_index("document")["text"].to_dict()
    named: dict[tuple[str, int], list[tuple[int, int]]] = {}
    mentions = books.truth.mentions.query("part == 'text'")
    columns = (mentions[name] for name in ("document", "sentence", "start", "end"))
    for document, sentence, start, end in zip(*columns, strict=True):
        named.setdefault((document, sentence), []).append((start, end))
    rows = []
    public = books.truth.sentences
    public = public[public["document"].str.startswith("A")]
    for document, k, start, end, form in public.itertuples(index=False, name=None):
        bare, at = "", start
        for a, b in named.get((document, k), []):
            bare += text[document][at:a] + " @ "
            at = b
        rows.append((document, k, form, bare + text[document][at:end]))
    return rows


@pytest.fixture(scope="module")
def public(books):
    """Return the statements of the abstracts."""
    told = books.truth.statements
    return told[told["document"].str.startswith("A")]


def counts(sentences: list[str]) -> np.ndarray:
    """Return how often each function word stands in each sentence."""
    table = np.zeros((len(sentences), len(FUNCTION_WORDS)))
    for i, sentence in enumerate(sentences):
        for word in re.findall(r"[a-z]+", sentence.lower()):
            if word in PLACE:
                table[i, PLACE[word]] += 1
    return table


def accuracy(sentences: list[str], labels: list) -> tuple[float, float]:
    """Return what a classifier on function words gets right, and what the commonest label does."""
    x, y = counts(sentences), np.array(labels)
    order = np.random.default_rng(0).permutation(len(y))[:6000]
    train, test = order[:4000], order[4000:]
    model = LogisticRegression(max_iter=300).fit(x[train], y[train])
    return model.score(x[test], y[test]), Counter(labels).most_common(1)[0][1] / len(y)


def test_function_words_do_not_give_away_how_a_sentence_was_built(written):
    rows = [(form, text) for _, _, form, text in written if form in FORMS]
    right, commonest = accuracy([t for _, t in rows], [f for f, _ in rows])
    # "By" and "which" are part of English: a passive is told from an active; 1 would be a template.
    assert right < 0.70
    assert commonest < 0.35


def test_function_words_tell_only_in_part_whether_anything_is_stated(written, public):
    stating = set(zip(public["document"], public["sentence"], strict=True))
    rows = [((d, k) in stating, text) for d, k, form, text in written if form in FORMS[:7]]
    right, commonest = accuracy([t for _, t in rows], [s for s, _ in rows])
    assert right < 0.84
    assert commonest < 0.65


def test_no_frame_of_a_sentence_fills_ten_abstracts(written):
    frames: dict[int, Counter] = {}
    documents: dict[str, int] = {}
    for document, _, _, text in written:
        words = []
        for word in re.findall(r"@|[a-z]+|\d+", text.lower()):
            kept = word if word in PLACE or word == "@" else "*"
            if kept != "*" or words[-1:] != ["*"]:
                words.append(kept)
        ten = documents.setdefault(document, len(documents)) // 10
        frames.setdefault(ten, Counter())[" ".join(words)] += 1
    shares = [c.most_common(1)[0][1] / c.total() for c in frames.values()]
    assert np.mean(shares) < 0.03
    assert max(shares) < 0.08
    every = sum(frames.values(), Counter())
    assert len(every) > 0.6 * every.total()


def test_sentences_differ_in_length_and_hardly_repeat(written):
    lengths = np.array([len(text.split()) for _, _, _, text in written])
    assert 10 < lengths.mean() < 22
    assert lengths.std() > 5
    same = Counter(re.sub(r"\s+", " ", text) for _, _, _, text in written)
    assert same.most_common(1)[0][1] / len(written) < 0.006


def test_every_mention_stands_exactly_where_the_truth_says(books):
    parts = books.documents.set_index("document")[["title", "text"]].to_dict()
    rows = books.truth.mentions
    assert len(rows) > 40_000
    for document, part, start, end, mention in zip(
        *(rows[c] for c in ("document", "part", "start", "end", "mention")), strict=True
    ):
        assert parts[part][document][start:end] == mention


def test_a_named_mention_is_one_of_the_entitys_names(books):
    names = {
        (n.lower(), e)
        for n, e in zip(books.truth.names["name"], books.truth.names["entity"], strict=True)
    }
    rows = books.truth.mentions
    rows = rows[rows["named"]]
    seen = zip(rows["mention"].str.lower(), rows["entity"], strict=True)
    assert set(seen) <= names


def test_every_public_fact_is_stated_by_name_at_least_once(books, public):
    edges = books.truth.edges
    planted = edges[edges["status"].isin(["curated", "published"])]
    firm = public[
        (public["polarity"] == "affirmed") & (public["certainty"] == "stated") & ~public["pointed"]
    ]
    key = ["head", "relation", "tail"]
    stated = set(firm[key].itertuples(index=False, name=None))
    assert set(planted[key].itertuples(index=False, name=None)) <= stated


def test_what_is_found_out_later_is_never_stated(books):
    edges, told = books.truth.edges, books.truth.statements
    later = edges[edges["status"] == "later"]
    key = ["head", "relation", "tail"]
    firm = told[told["certainty"] == "stated"]
    assert not set(later[key].itertuples(index=False)) & set(firm[key].itertuples(index=False))
    supposed = told[told["certainty"] == "hedged"]
    foreseen = set(later[key].itertuples(index=False)) & set(supposed[key].itertuples(index=False))
    assert 0 < len(foreseen) < 0.12 * len(later)


def test_an_eighth_is_denied_and_an_eighth_only_supposed(public):
    assert 0.10 < (public["polarity"] == "negated").mean() < 0.18
    assert 0.09 < (public["certainty"] == "hedged").mean() < 0.17
    assert 0.01 < public["pointed"].mean() < 0.06


def test_some_claims_contradict_one_another_and_some_are_wrong(books, public):
    key = ["head", "relation", "tail"]
    firm = public[public["certainty"] == "stated"]
    voices = firm.groupby(key)["polarity"].nunique()
    assert 100 < (voices == 2).sum() < 800
    edges = set(books.truth.edges[key].itertuples(index=False, name=None))
    yes = firm[firm["polarity"] == "affirmed"][key].itertuples(index=False, name=None)
    wrong = [claim for claim in yes if claim not in edges]
    assert 0.01 < len(wrong) / len(firm) < 0.04


def test_some_claims_are_only_denied_or_only_supposed(public):
    key = ["head", "relation", "tail"]
    firm = public[(public["polarity"] == "affirmed") & (public["certainty"] == "stated")]
    stated = set(firm[key].itertuples(index=False, name=None))
    others = set(public[key].itertuples(index=False, name=None)) - stated
    assert len(others) > 1000


def test_many_sentences_name_two_entities_and_state_nothing(books, public):
    rows = books.truth.mentions.query("part == 'text' and named")
    rows = rows[rows["document"].str.startswith("A")]
    several = rows.groupby(["document", "sentence"])["entity"].nunique()
    several = set(several[several >= 2].index)
    stating = set(zip(public["document"], public["sentence"], strict=True))
    assert 0.3 < len(several - stating) / len(several) < 0.65


def test_abbreviations_are_mostly_explained_where_they_first_stand(books):
    names = books.truth.names
    short = set(
        zip(*(names[names["form"] == "abbreviation"][c] for c in ("name", "entity")), strict=True)
    )
    rows = books.truth.mentions.query("part == 'text'")
    rows = rows[rows["document"].str.startswith("A")]
    text = books.documents.set_index("document")["text"].to_dict()
    first = {}
    for document, start, mention, entity in zip(
        *(rows[c] for c in ("document", "start", "mention", "entity")), strict=True
    ):
        if (mention, entity) in short:
            first.setdefault((document, entity), text[document][start - 1])
    explained = np.mean([before == "(" for before in first.values()])
    assert len(first) > 2000
    assert 0.8 < explained < 0.99


def test_what_is_fresh_appears_in_late_years_only(books):
    fresh = set(books.truth.entities.query("fresh")["entity"])
    years = books.documents.set_index("document")["year"]
    rows = books.truth.mentions
    rows = rows[rows["entity"].isin(fresh) & rows["document"].str.startswith("A")]
    assert rows["entity"].nunique() > 60
    assert years[rows["document"]].min() >= 2023
    late = years[years.index.str.startswith("A")] >= 2023
    assert 0.15 < late.mean() < 0.5


def test_names_that_learners_have_not_seen_exist(books):
    listed = set(zip(books.names["name"], books.names["entity"], strict=True))
    every = set(zip(books.truth.names["name"], books.truth.names["entity"], strict=True))
    assert listed < every
    missing = {(name, entity) for name, entity in every - listed}
    rows = books.truth.mentions.query("named")
    used = set(zip(rows["mention"], rows["entity"], strict=True))
    assert len(missing & used) > 40
