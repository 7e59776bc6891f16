"""Deviation reports: they speak of the plant as it is, and lead from a gene to a batch."""

import re
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from vaxlab.plant.faults import FAULTS
from vaxlab.plant.instruments import TAGS
from vaxlab.plant.lots import LOT_KINDS

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


@pytest.fixture(scope="module")
def reports(books):
    """Return the deviation reports."""
    return books.documents[books.documents["source"] == "internal"]


@pytest.fixture(scope="module")
def batches():
    """Return the plant's batches with their lots and probes."""
    lots = pd.read_csv(DATASETS / "genealogy.csv")
    return lots.set_index("batch_id")


def test_lots_batches_and_probes_are_those_of_the_plants_tables(books, reports, batches):
    text = " ".join(reports["text"])
    prefixes = "|".join(kind.prefix for kind in LOT_KINDS.values())
    lots = {lot for kind in LOT_KINDS for lot in batches[f"{kind}_lot"]}
    assert set(re.findall(rf"\b(?:{prefixes})-\d+\b", text)) <= lots
    assert set(re.findall(r"\bB\d{3}\b", text)) <= set(batches.index)
    probes = set(batches["ph_probe"]) | set(batches["do_probe"])
    assert set(re.findall(r"\b(?:PH|DO)-\d+\b", text)) <= probes
    assert len(set(re.findall(r"\bB\d{3}\b", text))) > 80
    faults = books.entities.query("kind == 'fault'")
    assert dict(zip(faults["entity"].str[6:], faults["name"], strict=True)) == {
        key: fault.name for key, fault in FAULTS.items()
    }
    assert sum(tag in text for tag in TAGS) > 8


def test_what_reports_say_of_lots_in_batches_agrees_with_the_genealogy(books, batches):
    told = books.truth.statements.query("relation == 'used_in' and certainty == 'stated'")
    assert len(told) > 100
    for lot, batch, polarity in zip(told["head"], told["tail"], told["polarity"], strict=True):
        lots = {batches.loc[batch[6:], f"{kind}_lot"] for kind in LOT_KINDS}
        assert (lot[4:] in lots) == (polarity == "affirmed")


def test_what_is_stated_of_faults_is_true(books):
    edges = set(books.truth.edges[["head", "relation", "tail"]].itertuples(index=False, name=None))
    told = books.truth.statements
    told = told[told["document"].str.startswith("D")]
    told = told[told["relation"].isin(["occurred_in", "seen_on", "found_in"])]
    told = told[told["certainty"] == "stated"]
    assert set(told["polarity"]) == {"affirmed", "negated"}
    for head, relation, tail, polarity in zip(
        *(told[c] for c in ("head", "relation", "tail", "polarity")), strict=True
    ):
        assert ((head, relation, tail) in edges) == (polarity == "affirmed")


def test_what_nobody_notices_is_not_stated(books):
    told = books.truth.statements.query("relation == 'occurred_in' and polarity == 'affirmed'")
    unseen = told[told["head"].isin(["FAULT:F1", "FAULT:F6", "FAULT:F16", "FAULT:F17"])]
    assert set(unseen["certainty"]) <= {"hedged"}


def test_a_path_leads_from_a_gene_to_a_batch_by_stated_facts_only(books):
    told = books.truth.statements
    firm = told[(told["polarity"] == "affirmed") & (told["certainty"] == "stated")]
    graph = nx.Graph(list(zip(firm["head"], firm["tail"], strict=True)))
    steps = {"encodes", "inhibits", "found_in", "used_in"}
    chain = nx.Graph()
    for head, relation, tail in firm[["head", "relation", "tail"]].itertuples(index=False):
        if relation in steps:
            chain.add_edge(head, tail)
    genes = [n for n in chain if n.startswith("GENE:")]
    batches = {n for n in chain if n.startswith("BATCH:")}
    found = [g for g in genes if nx.node_connected_component(chain, g) & batches]
    assert found
    # From the gene by its protein, a compound and a lot: four steps.
    assert (
        min(
            nx.shortest_path_length(chain, g, b)
            for g in found
            for b in batches & nx.node_connected_component(chain, g)
        )
        == 4
    )
    assert nx.has_path(graph, "PAR:titre", found[0])


def test_reports_are_short_dated_and_in_another_style(books, reports):
    public = books.documents[books.documents["source"] == "public"]
    assert reports["text"].str.len().mean() < 0.5 * public["text"].str.len().mean()
    dated = reports["text"].str.contains(r"\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d\d|\d\d \w{3} \d\d")
    assert dated.all()
    articles = [table["text"].str.count(r"\b[Tt]he\b").sum() for table in (public, reports)]
    words = [table["text"].str.split().str.len().sum() for table in (public, reports)]
    assert articles[1] / words[1] < 0.3 * articles[0] / words[0]


def test_reports_cite_the_literature_too(books):
    told = books.truth.statements
    told = told[told["document"].str.startswith("D")]
    cited = told["relation"].isin(["promotes", "protects_from", "inhibits", "activates", "treats"])
    assert cited.sum() > 80


def test_impurities_sit_in_the_lots_that_do_worst(books):
    from vaxlab.plant import campaign

    drawn = campaign.draw(campaign.HISTORY_SEED, 360)
    growth = drawn.plan.lot_effects["serum"]["growth"]
    edges = books.truth.edges.query("relation == 'found_in'")
    serum = [int(lot[-2:]) - 1 for lot in edges["tail"] if lot.startswith("LOT:SER")]
    assert growth[serum].min() == growth.min()
    assert len(edges) >= 6
