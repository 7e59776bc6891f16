"""The planted world: invented names, and edges that a graph finds and popularity does not."""

import numpy as np
import pytest

from vaxlab.literature import world
from vaxlab.literature.names import REAL_SYMBOLS

SEEDS = range(5)
REAL = (
    "TP53 EGFR BRCA1 BRCA2 KRAS BRAF MYC PTEN AKT1 TNF IL6 VEGFA JAK2 STAT3 MTOR CDK4 RB1 CFTR "
    "aspirin ibuprofen metformin imatinib penicillin asthma diabetes psoriasis Alzheimer Parkinson"
)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_name_is_that_of_a_well_known_gene_drug_or_disease(seed):
    made = world.make(seed)
    names = {n.upper() for e in made.entities.values() for n in (e.name, *e.synonyms)}
    names |= {e.abbreviation.upper() for e in made.of("gene")}
    real = {name.upper() for name in REAL.split()} | REAL_SYMBOLS
    assert not names & real
    words = {word for name in names for word in name.replace("-", " ").split(" ")}
    assert not words & {name.upper() for name in REAL.split()}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_entities_share_a_canonical_name(seed):
    names = [e.name for e in world.make(seed).entities.values()]
    assert len(names) == len(set(names))


def test_some_short_names_are_ambiguous():
    made = world.make(0)
    short = [e.abbreviation for e in made.entities.values() if e.abbreviation]
    several = {name for name in short if short.count(name) > 1}
    assert len(several) > 20
    assert sum(name in several for name in short) < 0.7 * len(short)


def test_popular_genes_have_more_known_edges():
    for seed in SEEDS:
        made = world.make(seed)
        genes = [e.id for e in made.of("gene")]
        degree = dict.fromkeys(genes, 0)
        for fact in made.facts:
            if fact.status == world.CURATED and fact.head in degree:
                degree[fact.head] += 1
        loved = np.array([made.popularity[g] for g in genes])
        counts = np.array([degree[g] for g in genes])
        assert np.corrcoef(np.log(loved), counts)[0, 1] > 0.25


def precision_at_10(made: world.World, statuses: tuple[str, ...]) -> tuple[float, float]:
    """Return what a rank-12 factorisation of genes by diseases earns, and what degree earns."""
    genes = {e.id: i for i, e in enumerate(made.of("gene"))}
    diseases = {e.id: i for i, e in enumerate(made.of("disease"))}
    known, later = np.zeros((2, len(genes), len(diseases)))
    for fact in made.facts:
        if fact.relation in ("promotes", "protects_from"):
            cell = genes[fact.head], diseases[fact.tail]
            if fact.status in statuses:
                known[cell] = 1
            later[cell] = fact.status == world.LATER
    u, s, v = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)
    factors = (u[:, :12] * s[:12]) @ v[:12]
    degree = np.repeat(known.sum(axis=1)[:, None], len(diseases), axis=1)
    earned = []
    for score in (factors, degree):
        open_ = np.where(known == 1, -np.inf, score)
        top = np.argsort(-open_, axis=0, kind="stable")[:10]
        hits = np.take_along_axis(later, top, axis=0).mean(axis=0)
        earned.append(float(hits[known.sum(axis=0) > 0].mean()))
    return earned[0], earned[1]


def test_a_graph_method_finds_what_is_found_out_later_and_twice_as_well_as_popularity():
    curated, read = [], []
    for seed in SEEDS:
        made = world.make(seed)
        curated.append(precision_at_10(made, (world.CURATED,)))
        read.append(precision_at_10(made, (world.CURATED, world.PUBLISHED)))
    assert sum(found >= 2 * degree for found, degree in curated) >= 4
    assert all(found >= 0.5 and found >= 2 * degree for found, degree in read)
    # Popularity is no straw man: it beats chance, of which about one in twelve is right.
    assert np.mean([degree for _, degree in read]) > 0.15


def test_some_diseases_have_no_known_gene_but_known_pathways():
    made = world.make(0)
    assert len(made.lonely) == world.LONELY
    for disease in made.lonely:
        mine = [f for f in made.facts if f.tail == disease]
        genes = [f for f in mine if f.relation in ("promotes", "protects_from")]
        assert len(genes) >= 10
        assert {f.status for f in genes} == {world.LATER}
    public = [f for f in made.facts if f.tail in made.lonely and f.status != world.LATER]
    assert {f.relation for f in public} & {"drives"}
