"""A graph that knows where each of its edges comes from, in DuckDB.

An *assertion* is what one sentence of one document says. An *edge* is not stored: it is a view over
the assertions for it and against it, by source. So taking a document away takes its part of every
edge away, and nothing else. Two ids of one thing are joined by a mapping, which is a row as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaxlab.errors import CourseError
from vaxlab.literature.world import INVERSES, RELATIONS

if TYPE_CHECKING:
    import pandas as pd

SOURCES = ("public", "internal", "curated")
STANCES = ("for", "against", "unsure")
MOST_WALKS = 200_000
"""That a query for paths may follow; each holds a few hundred bytes."""

COLUMNS = {
    "entities": ("entity", "kind", "name"),
    "mappings": ("alias", "entity"),
    "documents": ("document", "source", "text"),
    "assertions": ("document", "sentence", "head", "relation", "tail", "text", "stance"),
}
"""Table that `Store.add` takes to the columns that it needs."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS relation(relation VARCHAR PRIMARY KEY);
CREATE TABLE IF NOT EXISTS entity(entity VARCHAR PRIMARY KEY, kind VARCHAR, name VARCHAR);
CREATE TABLE IF NOT EXISTS mapping(alias VARCHAR PRIMARY KEY, entity VARCHAR, canonical VARCHAR);
CREATE TABLE IF NOT EXISTS document(document VARCHAR PRIMARY KEY, source VARCHAR, sha256 VARCHAR);
CREATE TABLE IF NOT EXISTS assertion(
    document VARCHAR, sentence INTEGER, head VARCHAR, relation VARCHAR, tail VARCHAR,
    text VARCHAR, sha256 VARCHAR, stance VARCHAR);
CREATE OR REPLACE VIEW node AS
    SELECT entity, kind, name FROM entity ANTI JOIN mapping ON entity.entity = mapping.alias;
CREATE OR REPLACE VIEW evidence AS
    SELECT coalesce(h.canonical, a.head) AS head, a.relation, coalesce(t.canonical, a.tail) AS tail,
           a.document, a.sentence, a.text, a.sha256, a.stance, d.source
    FROM assertion a JOIN document d USING (document)
    LEFT JOIN mapping h ON h.alias = a.head LEFT JOIN mapping t ON t.alias = a.tail;
CREATE OR REPLACE VIEW edge AS
    SELECT head, relation, tail, source,
           count(*) FILTER (stance = 'for') AS n_for,
           count(*) FILTER (stance = 'against') AS n_against,
           count(*) FILTER (stance = 'unsure') AS n_unsure
    FROM evidence GROUP BY ALL;
"""

_PATHS = """
WITH RECURSIVE step AS (
    SELECT head AS a, tail AS b, head, relation, tail, sources FROM chosen
    UNION ALL SELECT tail, head, head, relation, tail, sources FROM chosen WHERE head <> tail
), walk(place, visited, steps) AS (
    SELECT $start, [$start], []::STRUCT(a VARCHAR, b VARCHAR, head VARCHAR, relation VARCHAR,
                                        tail VARCHAR, sources VARCHAR)[]
    UNION ALL
    SELECT step.b, list_append(walk.visited, step.b), list_append(walk.steps, step)
    FROM walk JOIN step ON step.a = walk.place JOIN away ON away.entity = step.b
    WHERE walk.place <> $goal AND len(walk.steps) + 1 + away.away <= $most_steps
      AND NOT list_contains(walk.visited, step.b)
), found AS (
    SELECT row_number() OVER (ORDER BY len(steps), steps) AS path, steps
    FROM walk WHERE place = $goal ORDER BY path LIMIT $most
)
SELECT path, step, s.a AS "from", s.b AS "to", s.head, s.relation, s.tail, s.sources
FROM (SELECT path, generate_subscripts(steps, 1) AS step, unnest(steps) AS s FROM found)
ORDER BY path, step
"""


@dataclass(frozen=True)
class Added:
    """What a call of `Store.add` changed.

    Attributes
    ----------
    entities, documents, assertions : int
        That are new, or new in their contents.
    removed : int
        Assertions that their documents no longer make.
    """

    entities: int
    documents: int
    assertions: int
    removed: int


class Store:
    """A store of entities, documents and what these say.

    Parameters
    ----------
    path : str
        Of the file; in memory if not given.
    relations : iterable of str, optional
        That an assertion may have; those of `vaxlab.literature` and their inverses if not given.

    Raises
    ------
    CourseError
        The file is no store, or is open elsewhere.
    """

    def __init__(self, path: str = ":memory:", relations: Iterable[str] | None = None) -> None:
        import duckdb

        if relations is None:
            relations = [*RELATIONS, *INVERSES.values()]
        try:
            self._db = duckdb.connect(path)
            self._rows(_SCHEMA)
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise CourseError(f"Store: {path!r} cannot be opened as a graph: {first}") from None
        self._rows("INSERT OR IGNORE INTO relation SELECT unnest(?)", [list(relations)])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _rows(self, query: str, values: Iterable[object] = ()) -> list[tuple]:
        """Run a query to its end: DuckDB keeps a connection busy until all rows are fetched."""
        return self._db.execute(query, values).fetchall()

    # Writing --------------------------------------------------------------------------------

    def add(
        self,
        *,
        entities: pd.DataFrame | None = None,
        mappings: pd.DataFrame | None = None,
        documents: pd.DataFrame | None = None,
        assertions: pd.DataFrame | None = None,
    ) -> Added:
        """Add tables, all of them or, where something is wrong, none.

        A document that comes again takes the place of what it said before; what all other documents
        say stays. So the same call twice changes nothing the second time. A document without an
        assertion says nothing (any more).

        Parameters
        ----------
        entities : DataFrame, optional
            entity, kind, name. An entity that comes again gets its new kind and name.
        mappings : DataFrame, optional
            alias, entity: the two are one, and edges of the alias count for the entity.
        documents : DataFrame, optional
            document, source (one of `SOURCES`), text.
        assertions : DataFrame, optional
            document (one of this call's), sentence (number within it), head, relation, tail, text
            (of the sentence), stance (one of `STANCES`).

        Raises
        ------
        CourseError
            A column is missing, a text is empty or badly decoded, a document comes twice, an
            entity, relation, source or stance is not known, or mappings run in a circle.
        """
        given = {
            name: _read(name, table)
            for name, table in {
                "entities": entities,
                "mappings": mappings,
                "documents": documents,
                "assertions": assertions,
            }.items()
        }
        self._rows("BEGIN")
        try:
            for name, table in given.items():
                self._db.register(f"new_{name}", table)
            changed = self._entities()
            self._mappings()
            added = Added(changed, *self._documents())
        except BaseException:
            self._rows("ROLLBACK")
            raise
        finally:
            for name in given:
                self._db.unregister(f"new_{name}")
        self._rows("COMMIT")
        return added

    def _entities(self) -> int:
        self._refuse(
            "SELECT entity FROM new_entities GROUP BY entity HAVING count(*) > 1",
            "entity {} comes twice in one table. Keep one row of each.",
        )
        changed = self._count("SELECT * FROM new_entities EXCEPT SELECT * FROM entity")
        self._rows("INSERT OR REPLACE INTO entity SELECT * FROM new_entities")
        return changed

    def _mappings(self) -> None:
        said = dict(self._rows("SELECT alias, entity FROM mapping"))
        for alias, entity in self._rows("SELECT * FROM new_mappings"):
            if said.setdefault(alias, entity) != entity:
                raise CourseError(
                    f"Store: {alias!r} is mapped to {said[alias]!r} and to {entity!r}. "
                    "One id stands for one thing: keep one of the two."
                )
        canonical = [_canonical(alias, said) for alias in said]
        self._rows(
            "INSERT OR REPLACE INTO mapping SELECT unnest(?), unnest(?), unnest(?)",
            [list(said), list(said.values()), canonical],
        )
        self._refuse(
            "SELECT canonical FROM mapping ANTI JOIN entity ON entity.entity = mapping.canonical",
            "a mapping leads to {}, which is no entity. Add the entity first, or in the same call.",
        )

    def _documents(self) -> tuple[int, int, int]:
        """Check documents and assertions, write them, and count what is new and what is gone."""
        for query, message in _REFUSALS:
            self._refuse(query, message)
        changed = self._count(
            "SELECT document, source, sha256(text) FROM new_documents EXCEPT SELECT * FROM document"
        )
        self._rows(
            "INSERT OR REPLACE INTO document "
            "SELECT document, source, sha256(text) FROM new_documents"
        )
        said = """SELECT DISTINCT document, sentence, head, relation, tail, text,
                  sha256(text) AS sha256, stance FROM new_assertions"""
        before = "SELECT a.* FROM assertion a SEMI JOIN new_documents USING (document)"
        gone = self._count(f"({before}) EXCEPT ({said})")
        new = self._count(f"({said}) EXCEPT ({before})")
        if gone or new:
            self._rows(
                "DELETE FROM assertion WHERE document IN (SELECT document FROM new_documents)"
            )
            self._rows(f"INSERT INTO assertion {said}")
        return changed, new, gone

    def _count(self, query: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM ({query})")[0][0])

    def _refuse(self, query: str, message: str) -> None:
        """Raise where a query finds a row; the message names its first value."""
        found = self._rows(f"{query} LIMIT 1")
        if found:
            raise CourseError(f"Store: {message.format(*map(repr, found[0]))}")

    # Reading --------------------------------------------------------------------------------

    def nodes(self) -> pd.DataFrame:
        """Return the entities without their aliases: entity, kind, name."""
        return self._db.execute("SELECT * FROM node ORDER BY entity").df()

    def edges(
        self,
        *,
        sources: Iterable[str] | None = None,
        relations: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        least_for: int = 1,
    ) -> pd.DataFrame:
        """Return the edges of a projection.

        Parameters
        ----------
        sources, relations, kinds : iterable of str, optional
            Keep edges of these sources and relations, between entities of these kinds.
        least_for : int
            Sentences that must speak for an edge. With 0, edges that are only denied come as well.

        Returns
        -------
        DataFrame
            head, relation, tail, source; n_for, n_against, n_unsure: sentences, by what they say.

        Raises
        ------
        CourseError
            There is no such source, relation or kind.
        """
        return self._db.execute(*self._chosen(sources, relations, kinds, least_for)).df()

    def evidence(self, head: str, relation: str | None, tail: str) -> pd.DataFrame:
        """Return what speaks for an edge and against it.

        Parameters
        ----------
        head, tail : str
            Aliases are understood.
        relation : str or None
            None for all relations between the two, either way.

        Returns
        -------
        DataFrame
            head, relation, tail, document, sentence, text, sha256 (of the sentence), stance.
        """
        pair = [self._known(head), self._known(tail)]
        if relation is None:
            where, values = "(head, tail) IN ((?, ?), (?, ?))", [*pair, *pair[::-1]]
        else:
            self._all_known("relation", [relation], "SELECT relation FROM relation")
            where, values = "head = ? AND tail = ? AND relation = ?", [*pair, relation]
        query = f"SELECT * EXCLUDE (source) FROM evidence WHERE {where} ORDER BY document, sentence"
        return self._db.execute(query, values).df()

    def paths(
        self,
        start: str,
        goal: str,
        *,
        most_steps: int = 4,
        most: int = 20,
        sources: Iterable[str] | None = None,
        relations: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Return ways from one entity to another, the shortest first; edges lead both ways.

        Parameters
        ----------
        start, goal : str
            Aliases are understood.
        most_steps, most : int
            Edges on a path, and paths.
        sources, relations, kinds
            As for `edges`.

        Returns
        -------
        DataFrame
            One row a step: path, step (both from 1), from, to, and the edge as it stands: head,
            relation, tail, sources. Empty where no path is that short.

        Raises
        ------
        CourseError
            An entity is not known, or there are more than `MOST_WALKS` ways to look at.
        """
        start, goal = self._known(start), self._known(goal)
        chosen, values = self._chosen(sources, relations, kinds, 1)
        self._rows(
            f"""CREATE OR REPLACE TEMP TABLE chosen AS
                SELECT head, relation, tail, string_agg(source, ', ' ORDER BY source) AS sources
                FROM ({chosen}) GROUP BY head, relation, tail""",
            values,
        )
        self._bounded(start, goal, most_steps)
        values = {"start": start, "goal": goal, "most_steps": most_steps, "most": most}
        return self._db.execute(_PATHS, values).df()

    def _bounded(self, start: str, goal: str, most_steps: int) -> None:
        """Find how far from the goal each entity is, and refuse a search that would explode."""
        pairs = self._rows("SELECT head, tail FROM chosen")
        near: dict[str, Counter[str]] = {}
        for head, tail in pairs:
            near.setdefault(head, Counter())[tail] += 1
            near.setdefault(tail, Counter())[head] += head != tail
        away, ring = {goal: 0}, [goal]
        for distance in range(1, most_steps + 1):
            ring = [other for node in ring for other in near.get(node, ()) if other not in away]
            away |= dict.fromkeys(ring, distance)
        walks, at = 0, Counter({start: 1})
        for step in range(1, most_steps + 1):
            onward: Counter[str] = Counter()
            for node, ways in at.items():
                for other, edges in near.get(node, {}).items():
                    if step + away.get(other, most_steps + 1) <= most_steps:
                        onward[other] += ways * edges
            onward.pop(start, None)
            walks += sum(onward.values())
            onward.pop(goal, None)
            at = onward
        if walks > MOST_WALKS:
            raise CourseError(
                f"Store.paths: about {walks:,} ways lead from {start!r} towards {goal!r} in "
                f"{most_steps} steps, and {MOST_WALKS:,} are the most that are followed. Ask for "
                "fewer steps, or name the sources, relations or kinds that may be used."
            )
        self._rows(
            "CREATE OR REPLACE TEMP TABLE away AS SELECT unnest(?) AS entity, unnest(?) AS away",
            [list(away), list(away.values())],
        )

    def _chosen(
        self,
        sources: Iterable[str] | None,
        relations: Iterable[str] | None,
        kinds: Iterable[str] | None,
        least_for: int,
    ) -> tuple[str, list[object]]:
        """Return the query for the edges of a projection, and its values."""
        where: list[str] = ["n_for >= ?"]
        values: list[object] = [least_for]
        for name, asked, known in (
            ("source", sources, f"SELECT unnest({list(SOURCES)})"),
            ("relation", relations, "SELECT relation FROM relation"),
            ("kind", kinds, "SELECT DISTINCT kind FROM entity"),
        ):
            if asked is None:
                continue
            asked = [asked] if isinstance(asked, str) else list(asked)
            self._all_known(name, asked, known)
            column = "h.kind IN (SELECT unnest(?)) AND t.kind" if name == "kind" else f"e.{name}"
            where.append(f"{column} IN (SELECT unnest(?))")
            values += [asked, asked] if name == "kind" else [asked]
        query = f"""
            SELECT e.* FROM edge e JOIN entity h ON h.entity = e.head
            JOIN entity t ON t.entity = e.tail
            WHERE {" AND ".join(where)} ORDER BY ALL"""
        return query, values

    def _all_known(self, what: str, asked: Iterable[str], query: str) -> None:
        known = [row[0] for row in self._rows(query)]
        for name in asked:
            if name not in known:
                listed = ", ".join(sorted(known)[:20])
                raise CourseError(f"Store: there is no {what} {name!r}. There are: {listed}.")

    def _known(self, entity: str) -> str:
        """Return the canonical id of an entity."""
        query = """SELECT coalesce(canonical, e.entity) FROM (SELECT ? AS entity) e
                   LEFT JOIN mapping ON mapping.alias = e.entity
                   SEMI JOIN (SELECT entity FROM entity UNION SELECT alias FROM mapping) k
                   ON k.entity = e.entity"""
        found = self._rows(query, [entity])
        if not found:
            raise CourseError(f"Store: there is no entity {entity!r} in this graph.")
        return found[0][0]


_REFUSALS = (
    (
        "SELECT document FROM new_documents GROUP BY document HAVING count(*) > 1",
        "document {} comes twice in one table. Keep one row of each.",
    ),
    (
        f"SELECT source, document FROM new_documents WHERE source NOT IN {SOURCES}",
        f"source {{}} of document {{}} is none of {', '.join(SOURCES)}.",
    ),
    (
        "SELECT document FROM new_assertions ANTI JOIN new_documents USING (document)",
        "an assertion cites document {}, which is not in this call. Give the document with it.",
    ),
    (
        "SELECT relation, document FROM new_assertions ANTI JOIN relation USING (relation)",
        "relation {} in document {} is not one of this store's. Is it misspelt?",
    ),
    (
        f"SELECT stance, document FROM new_assertions WHERE stance NOT IN {STANCES}",
        f"stance {{}} in document {{}} is none of {', '.join(STANCES)}.",
    ),
    *(
        (
            f"""SELECT {side}, document FROM new_assertions
                ANTI JOIN (SELECT entity FROM entity UNION SELECT alias FROM mapping) k
                ON k.entity = new_assertions.{side}""",
            f"{side} {{}} in document {{}} is no entity of this graph. Add it, or map it to one.",
        )
        for side in ("head", "tail")
    ),
)


def _canonical(alias: str, said: Mapping[str, str]) -> str:
    """Follow mappings to their end.

    Raises
    ------
    CourseError
        They have none.
    """
    way = [alias]
    while way[-1] in said:
        way.append(said[way[-1]])
        if way[-1] in way[:-1]:
            circle = " → ".join(way[way.index(way[-1]) :])
            raise CourseError(
                f"Store: these mappings run in a circle: {circle}. Take one of them out; the id "
                "that then has none is the canonical one."
            )
    return way[-1]


def _read(name: str, table: pd.DataFrame | None) -> pd.DataFrame:
    """Return a table with the columns that are needed, or an empty one.

    Raises
    ------
    CourseError
        A column or a value is missing, or a text is empty or badly decoded.
    """
    import pandas as pd

    columns = list(COLUMNS[name])
    kinds = {column: "int32" if column == "sentence" else "str" for column in columns}
    if table is None:
        return pd.DataFrame(columns=columns).astype(kinds)
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise CourseError(f"Store: {name} has no column {missing[0]!r}; it needs {columns}.")
    for column in columns:
        for key, value in zip(table[columns[0]], table[column], strict=True):
            wrong = _wrong(value, kinds[column])
            if wrong:
                raise CourseError(f"Store: {column} of {name}, {columns[0]} {key!r}, {wrong}")
    return table[columns].reset_index(drop=True).astype(kinds)


def _wrong(value: object, kind: str) -> str:
    """Say what is wrong with a value, or nothing."""
    import numpy as np

    if kind != "str":
        return "" if isinstance(value, int | np.integer) else "is no whole number."
    if not isinstance(value, str):
        return f"is no text but {type(value).__name__}. Decode bytes as UTF-8; leave out gaps."
    if not value.strip():
        return "is empty. Leave the row out."
    if "\ufffd" in value or not _encodes(value):
        return "was decoded with the wrong encoding: it holds characters that stand for none."
    return ""


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
