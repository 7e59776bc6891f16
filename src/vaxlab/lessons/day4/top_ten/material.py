"""What day 4, notebook 3 lays out: what is known today of genes and diseases, and of what follows.

All genes, diseases and sentences are invented, see `vaxlab.literature`. What is found out later is
the truth of a library. Learners see that of the course's own library when five years have passed;
checks ask other libraries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from vaxlab.literature import LIBRARY_SEED

AFFECTS = ("promotes", "protects_from")
"""Relations by which a gene is a target for a disease."""
TOP = 10
RANK = 12
"""Of the factorisation that the course recommends with."""
STEPS, BACK = 15, 0.3
"""Of a walk in the graph; share of the walkers who start again at each step."""
GENETICS_WEIGHT = 0.5
"""Of a standard deviation of genetics, beside one of the pathways."""
SCREENED = 600
"""Open pairs, drawn by lot, that the laboratory has tested."""
ENTERED = "Entered by a curator."
"""What stands for a sentence where the graph's own entry is the source."""
STANCES = {
    ("affirmed", "stated"): "for",
    ("negated", "stated"): "against",
    ("affirmed", "hedged"): "unsure",
    ("negated", "hedged"): "unsure",
}


class Today(NamedTuple):
    """What is known today.

    Attributes
    ----------
    nodes : DataFrame
        entity, kind, name.
    edges : DataFrame
        head, relation, tail, source (``curated``, ``public``, ``internal``); one row for each.
    evidence : DataFrame
        head, relation, tail, document, sentence, text, sha256, stance (``for``, ``against``,
        ``unsure``). An entry of the curated graph is a document of its own, such as ``entry 17``.
    genetics : DataFrame
        gene, disease, z.
    targets : DataFrame
        One row a gene, as `vaxlab.literature.Library.targets`.
    genes, diseases : list of str
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    evidence: pd.DataFrame
    genetics: pd.DataFrame
    targets: pd.DataFrame
    genes: list[str]
    diseases: list[str]


# What learners see ----------------------------------------------------------------------------


def tables() -> dict[str, pd.DataFrame]:
    """Return the course's tables by name: nodes, edges, evidence, genetics, targets."""
    now = _today(LIBRARY_SEED)
    names = ("nodes", "edges", "evidence", "genetics", "targets")
    return {name: getattr(now, name).copy() for name in names}


def names_of(entities: Iterable[str]) -> list[str]:
    """Return the names of entities of the course's library; an unknown id stays as it is."""
    names = _today(LIBRARY_SEED).nodes.set_index("entity")["name"]
    return [str(names.get(entity, entity)) for entity in entities]


def screened() -> pd.DataFrame:
    """Return the pairs that the laboratory has tested: gene, disease, confirmed (bool).

    They were drawn by lot from all pairs that the graph does not hold.
    """
    now, found = _today(LIBRARY_SEED), _later(LIBRARY_SEED)
    places = np.argwhere(_matrix(_known(now.edges), now.genes, now.diseases).to_numpy() == 0)
    drawn = np.random.default_rng(5).choice(places, SCREENED, replace=False)
    pairs = [(now.genes[g], now.diseases[d]) for g, d in drawn]
    later = set(found.itertuples(index=False, name=None))
    rows = [(*pair, pair in later) for pair in pairs]
    return pd.DataFrame(rows, columns=["gene", "disease", "confirmed"])


# Libraries --------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _today(seed: int) -> Today:
    """Return what is known today in the library of a seed; do not write into its tables."""
    loaded = _tables(seed)
    entities = loaded["entities"]
    evidence = _evidence(loaded["known"], _statements(seed, loaded))
    of_kind = {k: entities.loc[entities["kind"] == k, "entity"].tolist() for k in _KINDS}
    return Today(
        nodes=entities[["entity", "kind", "name"]],
        edges=_edges(evidence),
        evidence=evidence,
        genetics=loaded["genetics"],
        targets=loaded["targets"],
        genes=of_kind["gene"],
        diseases=of_kind["disease"],
    )


def _tables(seed: int) -> Mapping[str, pd.DataFrame]:
    """Return a library's tables; the course's own are its data sets."""
    from vaxlab import data
    from vaxlab.literature import library

    if seed != LIBRARY_SEED:
        return library(seed).tables
    return {name: data.load(name) for name in _LOADED}


_LOADED = ("documents", "names", "entities", "known", "targets", "genetics")
_KINDS = ("gene", "disease")


@lru_cache(maxsize=8)
def _later(seed: int) -> pd.DataFrame:
    """Return what is found out later: gene, disease, none of which the graph holds today."""
    found = _true(seed)
    found = found[found["status"] == "later"][["gene", "disease"]].drop_duplicates()
    known = set(_known(_today(seed).edges).itertuples(index=False, name=None))
    is_new = [pair not in known for pair in found.itertuples(index=False, name=None)]
    return found[is_new].reset_index(drop=True)


@lru_cache(maxsize=8)
def _true(seed: int) -> pd.DataFrame:
    """Return all that is true of genes and diseases: gene, disease, status."""
    from vaxlab.literature import library

    edges = library(seed).truth.edges
    edges = edges[edges["relation"].isin(AFFECTS)]
    return edges.rename(columns={"head": "gene", "tail": "disease"})[["gene", "disease", "status"]]


def _statements(seed: int, loaded: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what a reader by rules finds in the documents, sentence by sentence."""
    from vaxlab import data

    if seed == LIBRARY_SEED:
        told = data.load("assertions")
    else:
        from vaxlab.literature import reader  # the judge's alone, as are all other libraries

        told = reader.read(loaded["documents"], loaded["names"], loaded["entities"])
    return told.drop_duplicates(["document", "sentence", "head", "relation", "tail"])


def _evidence(known: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Join the curated graph and what documents say into one table, a row for each statement."""
    kinds = zip(told["polarity"], told["certainty"], strict=True)
    told = told.assign(stance=[STANCES[kind] for kind in kinds])
    entries = [f"entry {number}" for number in range(1, len(known) + 1)]
    curated = known.assign(document=entries, sentence=0, text=ENTERED, stance="for")
    both = pd.concat([curated, told], ignore_index=True)
    both["sha256"] = [hashlib.sha256(text.encode()).hexdigest() for text in both["text"]]
    columns = ["head", "relation", "tail", "document", "sentence", "text", "sha256", "stance"]
    return both[columns]


def _edges(evidence: pd.DataFrame) -> pd.DataFrame:
    """Return the edges that something is said for, with the kind of source that says it."""
    kinds = {"e": "curated", "A": "public", "D": "internal"}
    said = evidence[evidence["stance"] == "for"]
    said = said.assign(source=said["document"].str[0].map(kinds))
    return said[["head", "relation", "tail", "source"]].drop_duplicates(ignore_index=True)


# Genes by diseases ------------------------------------------------------------------------------


def _known(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of gene and disease that a graph holds."""
    pairs = edges.loc[edges["relation"].isin(AFFECTS), ["head", "tail"]].drop_duplicates()
    return pairs.set_axis(["gene", "disease"], axis=1).reset_index(drop=True)


def _matrix(pairs: pd.DataFrame, genes: Sequence[str], diseases: Sequence[str]) -> pd.DataFrame:
    """Return 1 where a pair is listed, else 0: genes by diseases."""
    rows, columns = pd.Index(genes, name="gene"), pd.Index(diseases, name="disease")
    once = rows.unique(), columns.unique()
    g, d = once[0].get_indexer(pairs["gene"]), once[1].get_indexer(pairs["disease"])
    listed, table = (g >= 0) & (d >= 0), np.zeros((len(once[0]), len(once[1])), dtype=np.int64)
    table[g[listed], d[listed]] = 1
    return pd.DataFrame(table, *once).reindex(index=rows, columns=columns)


def _lists(scores: pd.DataFrame, known: pd.DataFrame) -> dict[str, list[str]]:
    """Return the ten open genes of the highest scores of each disease; of equals, the first."""
    held = _matrix(known, list(scores.index), list(scores.columns)).to_numpy() == 1
    order = np.argsort(np.where(held, np.inf, -scores.to_numpy(dtype=float)), 0, kind="stable")
    free, genes = (~held).sum(axis=0), scores.index.tolist()
    return {
        disease: [genes[g] for g in order[: min(TOP, free[d]), d]]
        for d, disease in enumerate(scores.columns)
    }


def _hits(lists: dict[str, list[str]], found: pd.DataFrame) -> pd.Series:
    """Return how many of each disease's ten are found, by disease."""
    pairs = set(found[["gene", "disease"]].itertuples(index=False, name=None))
    return pd.Series({d: sum((gene, d) in pairs for gene in ten) for d, ten in lists.items()})


def _precision_at_10(scores: pd.DataFrame, known: pd.DataFrame, found: pd.DataFrame) -> float:
    """Return the share of tens that is found, mean of all diseases."""
    return float(_hits(_lists(scores, known), found).mean() / TOP)


# References: what a good answer does ----------------------------------------------------------


def _degrees(edges: pd.DataFrame, genes: Sequence[str], diseases: Sequence[str]) -> pd.DataFrame:
    """Score a gene by its number of known diseases, the same for each disease."""
    counts = _matrix(_known(edges), genes, diseases).sum(axis=1)
    return pd.DataFrame({disease: counts for disease in diseases}).astype(float)


def _recommend(edges: pd.DataFrame, genes: Sequence[str], diseases: Sequence[str]) -> pd.DataFrame:
    """Score by a factorisation of genes by diseases."""
    table = _matrix(_known(edges), genes, diseases).astype(float)
    u, s, v = np.linalg.svd(table - table.mean(), full_matrices=False)
    return pd.DataFrame((u[:, :RANK] * s[:RANK]) @ v[:RANK], index=genes, columns=diseases)


def _memberships(edges: pd.DataFrame, genes: Sequence[str]) -> pd.DataFrame:
    """Return 1 where a gene's protein takes part in a pathway: genes by pathways."""
    inside = edges[edges["relation"] == "takes_part_in"]
    owner = dict(edges.loc[edges["relation"] == "encodes", ["tail", "head"]].to_numpy())
    table = pd.crosstab(inside["head"].map(owner), inside["tail"]).clip(upper=1)
    return table.reindex(index=genes, fill_value=0)


def _driven(edges: pd.DataFrame, genes: Sequence[str], diseases: Sequence[str]) -> pd.DataFrame:
    """Count the pathways of a gene that drive a disease."""
    inside = _memberships(edges, genes)
    drives = edges[edges["relation"] == "drives"]
    table = pd.crosstab(drives["head"], drives["tail"]).clip(upper=1)
    table = table.reindex(index=inside.columns, columns=diseases, fill_value=0)
    return inside @ table


def _alike(edges: pd.DataFrame, genes: Sequence[str], diseases: Sequence[str]) -> pd.DataFrame:
    """Score by content: known genes of the disease whose pathways are alike."""
    inside = _memberships(edges, genes).to_numpy(dtype=float)
    length = np.linalg.norm(inside, axis=1, keepdims=True)
    inside = inside / np.where(length > 0, length, 1)
    alike = inside @ inside.T
    np.fill_diagonal(alike, 0)
    known = _matrix(_known(edges), genes, diseases)
    return pd.DataFrame(alike @ known.to_numpy(), index=genes, columns=diseases)


def _walk(edges: pd.DataFrame, genes: Sequence[str], diseases: Sequence[str]) -> pd.DataFrame:
    """Score by the graph: where walkers are who start at a disease and often go back to it."""
    entities = pd.Index(pd.unique(edges[["head", "tail"]].to_numpy().ravel()))
    entities = entities.union([*genes, *diseases])
    beside = np.zeros((len(entities), len(entities)))
    a, b = (entities.get_indexer(edges[end]) for end in ("head", "tail"))
    beside[a, b] = beside[b, a] = 1
    degree = np.maximum(beside.sum(axis=1), 1)
    start = np.zeros((len(diseases), len(entities)))
    start[np.arange(len(diseases)), entities.get_indexer(diseases)] = 1
    there = start
    for _ in range(STEPS):
        there = BACK * start + (1 - BACK) * there @ (beside / degree[:, None])
    often = (there / np.sqrt(degree))[:, entities.get_indexer(genes)]
    return pd.DataFrame(often.T, index=genes, columns=diseases)


def _cold_start(edges: pd.DataFrame, z: pd.Series, disease: str) -> list[str]:
    """Return ten genes for a disease without a known gene: by pathways and by genetics."""
    score = _driven(edges, list(z.index), [disease])[disease].astype(float)
    spread = score.std()
    score = score / spread if spread > 0 else score
    order = np.argsort(-(score + GENETICS_WEIGHT * z).to_numpy(), kind="stable")
    return [z.index[k] for k in order[:TOP]]


def _layers(table: pd.DataFrame, more: Sequence[str], less: Sequence[str]) -> pd.Series:
    """Return the layer of each row by non-dominated sorting; 1 is the front."""
    values = np.column_stack([table[list(more)], -table[list(less)]]).astype(float)
    layer, number = np.zeros(len(table), dtype=int), 0
    while (layer == 0).any():
        number += 1
        left = np.flatnonzero(layer == 0)
        rows = values[left]
        no_worse = (rows[None] >= rows[:, None]).all(axis=2)
        better = (rows[None] > rows[:, None]).any(axis=2)
        layer[left[~(no_worse & better).any(axis=1)]] = number
    return pd.Series(layer, index=table.index)


def _admitted(evidence: pd.DataFrame, gene: str, disease: str) -> pd.DataFrame:
    """Return what may explain a pair: said for something, not in a sentence about the pair."""
    head, tail = evidence["head"], evidence["tail"]
    is_label = (head == gene) & (tail == disease) | (head == disease) & (tail == gene)
    where = pd.MultiIndex.from_frame(evidence[["document", "sentence"]])
    told_there = where.isin(where[is_label])
    return evidence[~told_there & ~is_label & (evidence["stance"] == "for")]


def _chain(evidence: pd.DataFrame, gene: str, disease: str) -> list[str]:
    """Return a shortest chain from gene to disease whose sources do not speak of the pair."""
    return _shortest(_admitted(evidence, gene, disease), gene, disease)


def _shortest(rows: pd.DataFrame, gene: str, disease: str) -> list[str]:
    """Return a shortest chain from gene to disease through rows, or nothing."""
    import networkx as nx

    graph = nx.Graph(zip(rows["head"].to_numpy(), rows["tail"].to_numpy(), strict=True))
    try:
        return nx.bidirectional_shortest_path(graph, gene, disease)
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return []
