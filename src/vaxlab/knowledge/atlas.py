"""A graph with its evidence, as arrays: what stands beside what, and how well it is evidenced."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError

NODE_COLUMNS = ("entity", "kind", "name")
EDGE_COLUMNS = ("head", "relation", "tail", "source")
EVIDENCE_COLUMNS = ("head", "relation", "tail", "document", "sentence", "text", "stance")
TRIPLE = ["head", "relation", "tail"]
STANCES = ("for", "against", "unsure")
DIMENSIONS = ("kind", "relation", "source")
_FIRST_SOURCES = ("curated", "public", "internal")
_SUGGESTED = 12


class Atlas:
    """Nodes, edges and sentences, indexed once so that each look at them is quick.

    Parameters
    ----------
    nodes : DataFrame
        entity (id), kind, name.
    edges : DataFrame
        head, relation, tail, source; one edge may have several sources, a row each.
    evidence : DataFrame
        head, relation, tail, document, sentence, text, stance (``for``, ``against``, ``unsure``);
        a year where there is one. A sentence that stands twice counts once.

    Attributes
    ----------
    ids, names, kind_of : list of str, (N,)
    kinds, relations, sources : list of str
        What there is of each dimension.
    head, relation, tail : ndarray of int, (E,)
        The edges, by their places in `ids` and `relations`.
    from_source : ndarray of bool, (sources, E)
    counts : ndarray of int, (3, E)
        Sentences for, against and unsure.
    evidence : DataFrame
        Sorted by edge, whose number is in the column edge.
    n_aside : int
        Sentences that speak of no edge of the graph.

    Raises
    ------
    CourseError
        A column or an id is missing, an id stands twice, an edge leads to an unknown node, a
        stance is none, or there is no node at all.
    """

    def __init__(self, nodes: pd.DataFrame, edges: pd.DataFrame, evidence: pd.DataFrame) -> None:
        _expect_columns("nodes", nodes, NODE_COLUMNS)
        _expect_columns("edges", edges, EDGE_COLUMNS)
        _expect_columns("evidence", evidence, EVIDENCE_COLUMNS)
        _expect_ids(nodes)
        self.ids: list[str] = nodes["entity"].tolist()
        self.names: list[str] = nodes["name"].astype(str).tolist()
        self.kind_of: list[str] = nodes["kind"].astype(str).tolist()
        self.kinds = list(dict.fromkeys(self.kind_of))
        self.relations = sorted(edges["relation"].astype(str).unique())
        found = sorted(edges["source"].astype(str).unique())
        self.sources = [s for s in _FIRST_SOURCES if s in found]
        self.sources += [s for s in found if s not in self.sources]
        self._place = {entity: k for k, entity in enumerate(self.ids)}
        self.kind = np.array([self.kinds.index(kind) for kind in self.kind_of])
        self._take_edges(edges)
        self._take_evidence(evidence)
        self._take_neighbours()

    def _take_edges(self, edges: pd.DataFrame) -> None:
        places = pd.Index(self.ids)
        ends = {end: places.get_indexer(edges[end]) for end in ("head", "tail")}
        lost = (ends["head"] < 0) | (ends["tail"] < 0)
        if lost.any():
            row = edges.iloc[int(lost.argmax())]
            end = "head" if ends["head"][lost.argmax()] < 0 else "tail"
            raise CourseError(
                f"{lost.sum():,} of {len(edges):,} edges lead to a node that is not in the table "
                f"of nodes, such as {row['head']} {row['relation']} {row['tail']}: {row[end]!r} is "
                "missing there. Add these nodes, or leave their edges out."
            )
        relation = pd.Index(self.relations).get_indexer(edges["relation"].astype(str))
        keys = self._keys(ends["head"], relation, ends["tail"])
        self._edge_keys, edge = np.unique(keys, return_inverse=True)
        rest, self.tail = np.divmod(self._edge_keys, len(self.ids))
        self.head, self.relation = np.divmod(rest, max(len(self.relations), 1))
        source = pd.Index(self.sources).get_indexer(edges["source"].astype(str))
        self.from_source = np.zeros((len(self.sources), len(self._edge_keys)), dtype=bool)
        self.from_source[source, edge] = True

    def _keys(self, head: np.ndarray, relation: np.ndarray, tail: np.ndarray) -> np.ndarray:
        """Give each triple one number."""
        by_relation = head.astype(np.int64) * max(len(self.relations), 1) + relation
        return by_relation * len(self.ids) + tail

    def _take_evidence(self, evidence: pd.DataFrame) -> None:
        stance = pd.Index(STANCES).get_indexer(evidence["stance"])
        if (stance < 0).any():
            wrong = evidence["stance"].iloc[int((stance < 0).argmax())]
            raise CourseError(
                f"The table of evidence has the stance {wrong!r}. A sentence speaks “for”, "
                "“against” or is “unsure”."
            )
        places = pd.Index(self.ids)
        head, tail = (places.get_indexer(evidence[end]) for end in ("head", "tail"))
        relation = pd.Index(self.relations).get_indexer(evidence["relation"].astype(str))
        edge = np.full(len(evidence), -1)
        if len(self._edge_keys):
            keys = self._keys(head, relation, tail)
            near = np.searchsorted(self._edge_keys, keys).clip(max=len(self._edge_keys) - 1)
            is_there = (head >= 0) & (relation >= 0) & (tail >= 0) & (self._edge_keys[near] == keys)
            edge = np.where(is_there, near, -1)
        self.n_aside = int((edge < 0).sum())
        kept = evidence.assign(edge=edge, _stance=stance)[edge >= 0]
        kept = kept.drop_duplicates(["edge", "document", "sentence", "stance"])
        kept = kept.sort_values(["edge", "_stance"], kind="stable", ignore_index=True)
        n = len(self._edge_keys)
        at = kept.pop("_stance").to_numpy() * n + kept["edge"].to_numpy()
        self.counts = np.bincount(at, minlength=3 * n).reshape(3, n)
        self.evidence = kept

    def _take_neighbours(self) -> None:
        """Keep every edge under both of its ends, the best-evidenced ones first."""
        n = len(self.head)
        ends = np.concatenate([self.head, self.tail])
        other = np.concatenate([self.tail, self.head])
        edge = np.concatenate([np.arange(n), np.arange(n)])
        apart = ends != other
        ends, other, edge = ends[apart], other[apart], edge[apart]
        order = np.lexsort((edge, other, -self.rank[edge], ends))
        self._other, self._edge = other[order], edge[order]
        self._first = np.searchsorted(ends[order], np.arange(len(self.ids) + 1))

    @cached_property
    def rank(self) -> np.ndarray:
        """How well each edge is evidenced, (E,): sentences for less against, then for, sources."""
        net = self.counts[0] - self.counts[1]
        order = np.lexsort((self.from_source.sum(axis=0), self.counts[0], net))
        keys = np.column_stack([net, self.counts[0], self.from_source.sum(axis=0)])[order]
        is_new = np.ones(len(order), dtype=bool)
        is_new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.cumsum(is_new)
        return rank

    # Looking -------------------------------------------------------------------------------

    def allowed(
        self, hidden: Mapping[str, Collection[str]], always: Sequence[int] = ()
    ) -> np.ndarray:
        """Return which edges are left when some kinds, relations and sources are hidden, (E,).

        Parameters
        ----------
        hidden : mapping of str to collection of str
            Dimension to what is hidden of it.
        always : sequence of int
            Nodes that are shown whatever their kind.
        """
        kind, relation, source = (
            np.array([value not in hidden.get(name, ()) for value in self.values(name)], dtype=bool)
            for name in DIMENSIONS
        )
        node = kind[self.kind]
        node[list(always)] = True
        found = self.from_source[source].any(axis=0)
        return found & relation[self.relation] & node[self.head] & node[self.tail]

    def values(self, dimension: str) -> list[str]:
        """Return what there is of a dimension."""
        return {"kind": self.kinds, "relation": self.relations, "source": self.sources}[dimension]

    def neighbours(self, node: int, allowed: np.ndarray) -> np.ndarray:
        """Return the nodes beside one, each once, the best-evidenced first."""
        here = slice(self._first[node], self._first[node + 1])
        other = self._other[here][allowed[self._edge[here]]]
        _, first = np.unique(other, return_index=True)
        return other[np.sort(first)]

    def between(self, a: int, b: int, allowed: np.ndarray) -> np.ndarray:
        """Return the edges that join two nodes, either way round, the best-evidenced first."""
        if self._first[a + 1] - self._first[a] > self._first[b + 1] - self._first[b]:
            a, b = b, a
        here = slice(self._first[a], self._first[a + 1])
        edge = self._edge[here][self._other[here] == b]
        return edge[allowed[edge]]

    def sentences(self, edge: int) -> pd.DataFrame:
        """Return the rows of evidence that speak of an edge: for, against, unsure."""
        first, last = np.searchsorted(self.evidence["edge"], [edge, edge + 1])
        return self.evidence.iloc[first:last].drop(columns="edge")

    def edge(self, head: str, relation: str, tail: str) -> int:
        """Return the number of an edge.

        Raises
        ------
        CourseError
            There is none such.
        """
        a, b = self.find(head), self.find(tail)
        if relation in self.relations:
            key = self._keys(np.array(a), np.array(self.relations.index(relation)), np.array(b))
            at = int(np.searchsorted(self._edge_keys, key))
            if at < len(self._edge_keys) and self._edge_keys[at] == key:
                return at
        there = self.between(a, b, np.ones(len(self.head), dtype=bool))
        known = "; ".join(self.words(e) for e in there) or "no edge joins them"
        raise CourseError(
            f"There is no edge “{self.names[a]} {relation} {self.names[b]}” in this graph. "
            f"Between the two: {known}."
        )

    def words(self, edge: int) -> str:
        """Say an edge in words."""
        relation = self.relations[self.relation[edge]].replace("_", " ")
        return f"{self.names[self.head[edge]]} {relation} {self.names[self.tail[edge]]}"

    # Names ---------------------------------------------------------------------------------

    def label(self, node: int) -> str:
        """Return name and id, which no other node has."""
        name, entity = self.names[node], self.ids[node]
        return entity if name == entity else f"{name} ({entity})"

    @cached_property
    def _called(self) -> dict[str, list[int]]:
        """What people may write for a node, in small letters."""
        called: dict[str, list[int]] = {}
        for node in range(len(self.ids)):
            for text in {self.ids[node], self.names[node], self.label(node)}:
                called.setdefault(text.casefold(), []).append(node)
        return called

    def find(self, text: str) -> int:
        """Return the place of a node in `ids`, by its id or its name.

        Raises
        ------
        CourseError
            No node is called so, or several are.
        """
        if not isinstance(text, str) or not text.strip():
            raise CourseError(f"A node is asked for by its id or name in quotes, not by {text!r}.")
        if text in self._place:
            return self._place[text]
        written = " ".join(text.split())
        found = self._called.get(written.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(self.ids[node] for node in found[:_SUGGESTED])
            raise CourseError(f"“{written}” names several nodes: {ids}. Take one by its id.")
        near = difflib.get_close_matches(written.casefold(), self._called, n=1, cutoff=0.6)
        hint = (
            f"Do you mean “{self.label(self._called[near[0]][0])}”?"
            if near
            else (f"An id looks like {self.ids[0]!r}.")
        )
        raise CourseError(f"“{written}” is no node of this graph. {hint}")

    def suggest(self, text: str) -> list[str]:
        """Return labels of nodes that are called so, or begin so, or hold these letters."""
        asked = " ".join(text.split()).casefold()
        if not asked:
            return []
        found = [nodes for called, nodes in self._called.items() if called.startswith(asked)]
        if len(found) < _SUGGESTED:
            found += [nodes for called, nodes in self._called.items() if asked in called]
        nodes = dict.fromkeys(node for some in found for node in some)
        return [self.label(node) for node in list(nodes)[:_SUGGESTED]]


def _expect_columns(table_name: str, table: object, columns: Sequence[str]) -> None:
    if not isinstance(table, pd.DataFrame):
        raise CourseError(
            f"The {table_name} are a DataFrame with the columns {', '.join(columns)}; this is of "
            f"type {type(table).__name__}."
        )
    missing = [column for column in columns if column not in table]
    if missing:
        raise CourseError(
            f"The table of {table_name} lacks {', '.join(missing)}. It has the columns "
            f"{', '.join(map(str, table.columns)) or 'none'}."
        )


def _expect_ids(nodes: pd.DataFrame) -> None:
    if nodes.empty:
        raise CourseError("This graph has no nodes, so there is nothing to explore.")
    entity = nodes["entity"]
    wrong = [k for k, value in enumerate(entity) if not isinstance(value, str) or not value]
    if wrong:
        raise CourseError(
            f"Row {wrong[0]} of the nodes has the id {entity.iloc[wrong[0]]}. An id is a text."
        )
    twice = entity[entity.duplicated()]
    if len(twice):
        raise CourseError(
            f"The id {twice.iloc[0]!r} stands twice in the table of nodes"
            + (f", and {len(twice) - 1:,} more rows repeat an id" if len(twice) > 1 else "")
            + ". Give each node one row."
        )
