"""What day 4, notebook 2 lays out: ids, a store of facts, graphs to complete, and the plant.

Tables are those of ``datasets/``: all that documents speak of is invented, but for lots, batches
and faults, which are the plant's. Functions with an underscore are what a good answer does.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from vaxlab import data
from vaxlab.errors import CourseError
from vaxlab.knowledge import embed, real
from vaxlab.knowledge.store import Added, Store
from vaxlab.plant.campaign import HISTORY_SEED

EDGE = ["head", "relation", "tail", "source"]
COUNTS = ["n_for", "n_against", "n_unsure"]
TRIPLE = embed.TRIPLE
LEAST, FEWEST = 0.8, 20
"""Share of a relation's edges that stand the other way round in its inverse, and edges that a
relation must have to be judged."""
TEST_SHARE = 0.1
"""Of a split."""
MATERIALS = ("serum", "carrier", "medium", "trypsin", "seed")
TURNS = {"activated_by", "encoded_by", "has_member", "inhibited_by"}
"""Relations of the known graph that say again what another one says."""
WAY = ["encodes", "inhibits", "found_in", "used_in"]
"""Relations of the way that the notebook shows, from a gene to a batch."""


# Ids ------------------------------------------------------------------------------------------


def registry() -> pd.DataFrame:
    """Return which id stands for which: of the plant's tables, and of purchasing.

    Returns
    -------
    DataFrame
        alias, entity: "the first is now called the second". Purchasing has renamed its materials
        twice, so an entity may be an alias itself, in another row.
    """
    entities = data.load("entities")
    own = entities[entities["kind"].isin(["lot", "batch", "probe"])]
    rows = list(zip(own["name"], own["entity"], strict=True))
    for k, entity in enumerate(entities.loc[entities["kind"] == "compound", "entity"]):
        rows += [(f"MAT-{k:04d}", f"MAT-{k + 5000:04d}"), (f"MAT-{k + 5000:04d}", entity)]
    return pd.DataFrame(rows, columns=["alias", "entity"]).sample(frac=1, random_state=4)


def uses() -> pd.DataFrame:
    """Return which lot went into which batch, by the plant's own ids: batch, lot."""
    genealogy = data.load("genealogy")
    columns = [f"{material}_lot" for material in MATERIALS]
    table = genealogy.melt(id_vars="batch_id", value_vars=columns, value_name="lot")
    return table.rename(columns={"batch_id": "batch"})[["batch", "lot"]].dropna()


def _canonical(mappings: pd.DataFrame) -> dict[str, str]:
    """Return the last id of each alias.

    Raises
    ------
    ValueError
        An alias stands for two things, or mappings run in a circle.
    """
    step: dict[str, str] = {}
    for alias, entity in zip(mappings["alias"], mappings["entity"], strict=True):
        if step.setdefault(alias, entity) != entity:
            raise ValueError(f"{alias} stands for two things")
    last = {}
    for alias in step:
        seen, place = {alias}, step[alias]
        while place in step:
            if place in seen:
                raise ValueError(f"{alias} runs in a circle")
            seen.add(place)
            place = step[place]
        last[alias] = place
    return last


# Edges, and a store ---------------------------------------------------------------------------


def _edges_from(assertions: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Return edges with their sentences for, against and unsure, by source."""
    table = assertions.drop_duplicates().merge(documents[["document", "source"]], on="document")
    stance = _stance(table)
    for name in COUNTS:
        table[name] = stance == name.removeprefix("n_")
    return table.groupby(EDGE, as_index=False)[COUNTS].sum()


def _stance(assertions: pd.DataFrame) -> np.ndarray:
    hedged, negated = assertions["certainty"] == "hedged", assertions["polarity"] == "negated"
    return np.where(hedged, "unsure", np.where(negated, "against", "for"))


def fill(store: Store) -> Added:
    """Put all that the course knows into a store, in one transaction.

    Abstracts (public) and deviation reports (internal) with what the reader found in them, the
    known graph (curated) and the genealogy of the batches (internal), a row of which counts as a
    sentence; entities; and `registry`.
    """
    known, lots = data.load("known"), uses()
    tables = {
        "known": ("curated", known),
        "genealogy": (
            "internal",
            lots.rename(columns={"lot": "head", "batch": "tail"}).assign(relation="used_in"),
        ),
    }
    documents = [data.load("documents")[["document", "source", "text"]]]
    read = data.load("assertions")
    said = [read.assign(stance=_stance(read))]
    for name, (source, table) in tables.items():
        rows = table["head"] + " " + table["relation"] + " " + table["tail"]
        row = pd.DataFrame([(name, source, "\n".join(rows))], columns=documents[0].columns)
        documents.append(row)
        said.append(
            table.assign(document=name, sentence=range(len(table)), text=rows, stance="for")
        )
    return store.add(
        entities=data.load("entities"),
        mappings=registry(),
        documents=pd.concat(documents),
        assertions=pd.concat(said),
    )


def correct(store: Store) -> Added:
    """Put a corrected text in place of a report that names a lot: nothing was found after all."""
    edge = store.edges(sources=["internal"], relations=["found_in"]).iloc[-1]
    said = store.evidence(edge["head"], "found_in", edge["tail"])
    document = said.loc[said["stance"] == "for", "document"].iloc[0]
    text = "Entry corrected by QA. Retain was mixed up, no result is valid."
    row = pd.DataFrame([(document, "internal", text)], columns=["document", "source", "text"])
    return store.add(documents=row)


class Way(NamedTuple):
    """A gene encodes a protein, a compound inhibits it, is in a lot, and the lot in a batch."""

    gene: str
    compound: str
    lot: str
    batch: str


def a_way(store: Store) -> Way:
    """Return the first way from a gene to a batch whose ends few other ways join.

    Its first half is known outside the plant as well, its second half to the plant alone.

    Raises
    ------
    CourseError
        There is none: no report of this plant names a compound that is known to inhibit anything.
    """
    outside = {"sources": ["public", "curated"]}
    encodes = store.edges(relations=["encodes"], **outside)[["head", "tail"]]
    inhibits = store.edges(relations=["inhibits"], **outside)[["head", "tail"]]
    found, used = (
        store.edges(relations=[relation], sources=["internal"])[["head", "tail"]]
        for relation in ("found_in", "used_in")
    )
    ways = (
        encodes.set_axis(["gene", "protein"], axis=1)
        .merge(inhibits.drop_duplicates().set_axis(["compound", "protein"], axis=1))
        .merge(found.set_axis(["compound", "lot"], axis=1))
        .merge(used.set_axis(["lot", "batch"], axis=1))
        .drop_duplicates()
    )
    if ways.empty:
        raise CourseError(
            "No way leads from a gene to a batch: no report of this plant names a compound that "
            "is known to inhibit a protein. Make another cohort: its reports name others."
        )
    ways["joined"] = ways.groupby(["gene", "batch"])["lot"].transform("size")
    first = ways.sort_values(["joined", *Way._fields]).iloc[0]
    return Way(*first[list(Way._fields)])


def real_sentences() -> pd.DataFrame:
    """Return a real graph of six edges, each with its sentence and the PubMed id of its paper."""
    return real.egf()


# Ranks ----------------------------------------------------------------------------------------


def _ranks(scores: np.ndarray, right: np.ndarray, others: list[list[int]]) -> np.ndarray:
    """Return filtered ranks; ties take the middle place."""
    return embed.rank(scores, right, others)


class Graph:
    """A graph in numbers, split into a part to learn from and a part to be asked for.

    Attributes
    ----------
    train, test, all : ndarray of int, shape (n, 3)
    entities, relations : int
    names : `vaxlab.knowledge.embed.Index`
    """

    def __init__(self, table: pd.DataFrame, in_test: np.ndarray) -> None:
        self.names = embed.Index.of(table)
        self.all = self.names.numbers(table)
        in_test = np.asarray(in_test, dtype=bool)
        self.train, self.test = self.all[~in_test], self.all[in_test]
        self.entities, self.relations = len(self.names.entities), len(self.names.relations)

    def others(self) -> list[list[int]]:
        """Return for each row of the test all tails that are right."""
        answers = defaultdict(list)
        for head, relation, tail in self.all:
            answers[head, relation].append(int(tail))
        return [answers[head, relation] for head, relation in self.test[:, :2]]

    def counted(self) -> np.ndarray:
        """Return scores that only count how often each tail had this relation: (n, entities)."""
        counts = np.zeros((self.relations, self.entities))
        np.add.at(counts, (self.train[:, 1], self.train[:, 2]), 1)
        return counts[self.test[:, 1]]

    def mrr_of_counting(self) -> float:
        """Return the filtered MRR of counting how often each entity had a relation, on that side.

        Of tails and of heads, as of a model that `mrr` trains.
        """
        counts = np.zeros((2 * self.relations, self.entities))
        train, test, known = (
            embed.questions(part, self.relations) for part in (self.train, self.test, self.all)
        )
        np.add.at(counts, (train[:, 1], train[:, 2]), 1)
        answers = defaultdict(list)
        for head, relation, tail in known.tolist():
            answers[head, relation].append(tail)
        others = [answers[head, relation] for head, relation in test[:, :2].tolist()]
        return embed.metrics(embed.rank(counts[test[:, 1]], test[:, 2], others))["MRR"]

    def mrr(self, model: str, seed: int = 0, **more: int) -> float:
        """Train a model, and return its filtered MRR over tails and heads."""
        net = embed.train(model, self.train, self.entities, self.relations, seed=seed, **more)
        return embed.metrics(embed.ranks(net, self.test, self.all))["MRR"]


def random_part(n: int, seed: int, share: float = TEST_SHARE) -> np.ndarray:
    """Mark a share of n rows at random: bool, shape (n,)."""
    return np.random.default_rng(seed).permutation(n) < round(share * n)


@cache
def umls() -> Graph:
    """Return the real UMLS graph, split as PyKEEN ships it: its validation is not learnt from."""
    parts = embed.benchmark("umls")
    part = np.repeat(list(parts), [len(table) for table in parts.values()])
    graph = Graph(pd.concat(parts.values()), part == "test")
    graph.train = graph.all[part == "train"]
    return graph


def drawn_umls(plant_seed: int = HISTORY_SEED, share: float = 0.2) -> Graph:
    """Return UMLS under other numbers, split at random."""
    rng = np.random.default_rng([plant_seed, 42])
    table = pd.concat(embed.benchmark("umls").values()).sample(frac=1, random_state=rng)
    for columns in (["head", "tail"], ["relation"]):
        names = np.unique(table[columns].to_numpy())
        new = dict(
            zip(names, rng.permutation([f"{k:04d}" for k in range(len(names))]), strict=True)
        )
        for column in columns:
            table[column] = table[column].map(new)
    return Graph(table, random_part(len(table), int(rng.integers(2**32)), share))


# The leak -------------------------------------------------------------------------------------


def _inverses(triples: pd.DataFrame, least: float = LEAST) -> list[tuple[str, str]]:
    """Return pairs of relations of which nearly each edge of the rarer stands turned round."""
    pairs: dict[str, set] = {
        relation: set(zip(rows["head"], rows["tail"], strict=True))
        for relation, rows in triples.groupby("relation")
    }
    turned = {relation: {(b, a) for a, b in edges} for relation, edges in pairs.items()}
    found = []
    for a in pairs:
        for b in pairs:
            fewer = min(len(pairs[a]), len(pairs[b]))
            if a < b and fewer >= FEWEST and len(pairs[a] & turned[b]) >= least * fewer:
                found.append((a, b))
    return found


def _fair_split(triples: pd.DataFrame, seed: int) -> np.ndarray:
    """Mark a tenth of the edges, by pairs of entities, whatever joins them and whichever way."""
    low, high = np.minimum(triples["head"], triples["tail"]), triples[["head", "tail"]].max(axis=1)
    pair = (low + " " + high).to_numpy()
    names, group = np.unique(pair.astype(str), return_inverse=True)
    return (np.random.default_rng(seed).random(len(names)) < TEST_SHARE)[group]


def turned_in_training(triples: pd.DataFrame, in_test: np.ndarray) -> float:
    """Return for which share of the test the same two entities are joined in training."""
    in_test = np.asarray(in_test, dtype=bool)
    train, test = triples[~in_test], triples[in_test]
    there = {frozenset(pair) for pair in zip(train["head"], train["tail"], strict=True)}
    asked = [frozenset(pair) for pair in zip(test["head"], test["tail"], strict=True)]
    return float(np.mean([pair in there for pair in asked])) if asked else 0.0


def _complete(triples: np.ndarray, entities: int, relations: int, asked: np.ndarray) -> np.ndarray:
    """Return scores of all tails by a ComplEx of 30 epochs."""
    import torch

    net = embed.train("ComplEx", triples, entities, relations, epochs=30)
    with torch.no_grad():
        return net(*torch.from_numpy(np.ascontiguousarray(asked[:, :2])).T).numpy()


def questions(triples: np.ndarray, relations: int) -> np.ndarray:
    """Return each triple both ways: (head, relation, tail), then (tail, relation + n, head).

    Parameters
    ----------
    triples : ndarray of int, shape (m, 3)
    relations : int
        How many there are: n. The inverse of the k-th has the number k + n.

    Returns
    -------
    ndarray of int, shape (2m, 3)
    """
    return embed.questions(triples, relations)
