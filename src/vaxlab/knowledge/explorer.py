"""The explorer: look around in a graph, read its sentences, confirm or exclude a theory."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path as FilePath

import anywidget
import numpy as np
import pandas as pd
import traitlets

from vaxlab.errors import CourseError
from vaxlab.figures import STANDS_STILL, show
from vaxlab.knowledge import packing
from vaxlab.knowledge.atlas import DIMENSIONS, TRIPLE, Atlas
from vaxlab.knowledge.paths import LONGEST, Paths, paths_between
from vaxlab.knowledge.still import still, words
from vaxlab.knowledge.view import MOST_NODES, View, along, neighbourhood

STEP = 12
"""So many neighbours come with one widening."""
VERDICTS = ("confirmed", "excluded", "open")
_VERDICT_COLUMNS = (
    *("head", "tail", "verdict", "note", "longest", "left_out"),
    *("paths", "held", "denied", "sentences_for", "sentences_against", "sentences_unsure"),
)
_STATIC = FilePath(__file__).with_name("static")


class Explorer(anywidget.AnyWidget):
    """A picture of a graph to walk in, with a table beside it that says the same.

        from vaxlab.knowledge.explorer import Explorer

        explorer = Explorer(nodes, edges, evidence, start="DIS:007")
        explorer

    It shows one node and its best-evidenced neighbours. *Widen* brings a node's neighbours along,
    a few at a time; check boxes *shrink* the graph to some kinds, relations or sources; a click on
    an edge shows its sentences. Two nodes make a *theory*: all short paths between them, what
    speaks for and against each step, and a verdict of your own, which `verdicts` holds.

    Everything that the page does can be done from Python as well, by the methods of the same name.
    Where no page listens (a grader, a notebook that is run by a program), a static picture is
    shown.

    Parameters
    ----------
    nodes : DataFrame
        entity, kind, name; one row a node.
    edges : DataFrame
        head, relation, tail, source; one row for each source of an edge.
    evidence : DataFrame
        head, relation, tail, document, sentence, text, stance (``for``, ``against``, ``unsure``),
        and a year where there is one; one row a sentence.
    start : str
        Id or name of the first node in the middle.

    Raises
    ------
    CourseError
        The tables do not hold together, or `start` is none of the nodes.
    """

    _esm = _STATIC / "explorer.js"
    _css = _STATIC / "explorer.css"

    _shown = traitlets.Dict().tag(sync=True)
    _theory = traitlets.Dict().tag(sync=True)
    _marks = traitlets.List().tag(sync=True)
    _said = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, nodes: pd.DataFrame, edges: pd.DataFrame, evidence: pd.DataFrame, *, start: str
    ) -> None:
        self._atlas = Atlas(nodes, edges, evidence)
        self._start = self._atlas.find(start)
        self._opened = {self._start: STEP}
        self._hidden: dict[str, set[str]] = {dimension: set() for dimension in DIMENSIONS}
        self._asked: tuple[int, int, int] | None = None
        self._found: Paths | None = None
        self._verdicts: dict[tuple[int, int], dict] = {}
        self._is_live = "JPY_SESSION_NAME" in os.environ  # set by the server behind a page
        super().__init__()
        self._redraw()
        self._said += self._aside()
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"Explorer of {self._summary()}{self._aside()}"

    def open(self) -> None:
        """Tell the page of this widget, where there is one.

        Elsewhere nothing is told: nbclient would keep the picture's program in each notebook.
        """
        if self._is_live:
            super().open()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self._is_live:
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)
        else:
            said = f"{words(self._atlas, self._view)} {STANDS_STILL}"
            show(still(self._atlas, self._view, self._title()), said)

    # What is shown -------------------------------------------------------------------------

    @property
    def nodes(self) -> pd.DataFrame:
        """The nodes shown: entity, kind, name, and how many neighbours are not shown (beyond)."""
        atlas, view = self._atlas, self._view
        rows = [
            (atlas.ids[n], atlas.kind_of[n], atlas.names[n], view.beyond[n]) for n in view.nodes
        ]
        return pd.DataFrame(rows, columns=["entity", "kind", "name", "beyond"])

    @property
    def edges(self) -> pd.DataFrame:
        """The edges shown: head, relation, tail, sources, and sentences for, against, unsure."""
        atlas = self._atlas
        rows = [
            (
                *self._triple(e),
                ", ".join(packing.sources_of(atlas, e)),
                *atlas.counts[:, e].tolist(),
            )
            for e in self._view.edges
        ]
        counts = [f"sentences_{stance}" for stance in ("for", "against", "unsure")]
        return pd.DataFrame(rows, columns=[*TRIPLE, "sources", *counts])

    @property
    def verdicts(self) -> pd.DataFrame:
        """What you marked: one row a theory, with its verdict, note and tally at that time.

        The columns: head, tail, verdict, note, longest (steps that a path could have), left_out
        (what the check boxes hid), paths, held and denied (of them), and sentences_for, …_against,
        …_unsure over all steps.
        """
        return pd.DataFrame(list(self._verdicts.values()), columns=list(_VERDICT_COLUMNS))

    # What a walker does --------------------------------------------------------------------

    def begin(self, entity: str) -> None:
        """Put a node into the middle, with its best-evidenced neighbours."""
        self._start = self._atlas.find(entity)
        self._opened = {self._start: STEP}
        self.back()

    def widen(self, entity: str, more: int = STEP) -> None:
        """Bring some more neighbours of a node that is shown, the best-evidenced first."""
        node = self._shown_node(entity)
        self._expect_neighbourhood()
        if len(self._view.nodes) >= MOST_NODES:
            raise CourseError(
                f"{MOST_NODES} nodes are shown, and more of them nobody reads. Fold a node, or "
                "shrink the graph by the check boxes first."
            )
        if not self._view.beyond[node]:
            raise CourseError(f"All neighbours of {self._atlas.label(node)} are shown already.")
        self._opened[node] = self._opened.get(node, 0) + more
        self._redraw()

    def fold(self, entity: str) -> None:
        """Take the neighbours that a node brought along out of the picture."""
        node = self._shown_node(entity)
        self._expect_neighbourhood()
        if self._opened.pop(node, None) is None:
            raise CourseError(f"{self._atlas.label(node)} brought no neighbours along.")
        self._redraw()

    def hide(self, dimension: str, *values: str) -> None:
        """Hide some kinds of nodes, some relations, or some sources.

        Parameters
        ----------
        dimension : str
            ``kind``, ``relation`` or ``source``.
        *values : str
            What is hidden; all else of this dimension is shown. None: nothing is hidden.
        """
        self._hidden = {**self._hidden, dimension: self._values(dimension, values)}
        self._search()
        self._redraw()

    def only(self, dimension: str, *values: str) -> None:
        """Show some kinds, relations or sources alone."""
        kept = self._values(dimension, values)
        self.hide(dimension, *(v for v in self._atlas.values(dimension) if v not in kept))

    def evidence(self, head: str, relation: str, tail: str) -> pd.DataFrame:
        """Return the sentences that speak of an edge: for, against, then unsure."""
        edge = self._atlas.edge(head, relation, tail)
        return self._atlas.sentences(edge).reset_index(drop=True)

    def theory(self, head: str, tail: str, longest: int = 3) -> pd.DataFrame:
        """Show all short paths between two nodes, and return them.

        Parameters
        ----------
        head, tail : str
            Two nodes, by id or name.
        longest : int
            Steps that a path has at the most, 1 to 4. Steps go along edges either way.

        Returns
        -------
        DataFrame
            One row a path, shorter ones first, then those whose weakest step is the strongest:
            path (in words), steps, verdict (``denied``: more sentences speak against a step than
            for it; ``held``: more speak for every step, or a curated source lists it and none
            speaks against it; else ``open``), and sentences_for, …_against, …_unsure.
        """
        a, b = self._pair(head, tail)
        if longest not in range(1, LONGEST + 1):
            raise CourseError(f"A path has 1 to {LONGEST} steps here, not {longest!r}.")
        self._asked = (a, b, int(longest))
        self._search()
        self._redraw()
        return packing.table_of(self._atlas, self._found)

    def back(self) -> None:
        """Show the neighbourhood again after the paths of a theory."""
        self._asked = self._found = None
        self._theory = {}
        self._redraw()

    def mark(self, head: str, tail: str, verdict: str, note: str = "") -> None:
        """Keep a verdict on a theory: ``confirmed``, ``excluded`` or ``open``, with a note.

        The tally is that of the theory as it is shown, or of paths of up to three steps.
        """
        if verdict not in VERDICTS:
            raise CourseError(
                f"A theory is marked {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}, not {verdict!r}."
            )
        a, b = self._pair(head, tail)
        if self._asked is None or self._asked[:2] != (a, b):
            self.theory(head, tail)
        longest, found = self._asked[2], self._found
        held = [path.verdict for path in found.paths]
        row = (
            *(self._atlas.ids[a], self._atlas.ids[b], verdict, str(note).strip(), longest),
            *(self._left_out(), len(held), held.count("held"), held.count("denied")),
            *found.tally(self._atlas),
        )
        self._verdicts[a, b] = dict(zip(_VERDICT_COLUMNS, row, strict=True))
        self._marks = [
            {**kept, "labels": [self._atlas.label(node) for node in pair]}
            for pair, kept in self._verdicts.items()
        ]
        self._pack_theory()

    # What stands behind it -----------------------------------------------------------------

    def _triple(self, edge: int) -> tuple[str, str, str]:
        atlas = self._atlas
        relation = atlas.relations[atlas.relation[edge]]
        return atlas.ids[atlas.head[edge]], relation, atlas.ids[atlas.tail[edge]]

    def _shown_node(self, entity: str) -> int:
        node = self._atlas.find(entity)
        if node not in self._view.places:
            raise CourseError(
                f"{self._atlas.label(node)} is not shown, so nothing hangs on it. Start from it."
            )
        return node

    def _expect_neighbourhood(self) -> None:
        if self._asked:
            raise CourseError(
                "The picture shows the paths of a theory. Go back to the neighbourhood first, or "
                "start from this node."
            )

    def _values(self, dimension: str, values: Collection[str]) -> set[str]:
        if dimension not in DIMENSIONS:
            raise CourseError(f"A graph shrinks by {', '.join(DIMENSIONS)}, not by {dimension!r}.")
        there = self._atlas.values(dimension)
        for value in values:
            if value not in there:
                raise CourseError(
                    f"No {dimension} of this graph is {value!r}. There is: {', '.join(there)}."
                )
        return set(values)

    def _pair(self, head: str, tail: str) -> tuple[int, int]:
        a, b = self._atlas.find(head), self._atlas.find(tail)
        if a == b:
            raise CourseError(
                f"A theory joins two different nodes, and both are {self._atlas.label(a)}."
            )
        return a, b

    def _left_out(self) -> str:
        some = [f"{name}: {', '.join(sorted(v))}" for name, v in self._hidden.items() if v]
        return "; ".join(some)

    def _allowed(self) -> np.ndarray:
        always = self._asked[:2] if self._asked else (self._start,)
        return self._atlas.allowed(self._hidden, always)

    def _search(self) -> None:
        """Find the paths of the theory that is asked about, if one is."""
        if self._asked:
            self._found = paths_between(self._atlas, *self._asked, self._allowed())
            self._pack_theory()

    def _pack_theory(self) -> None:
        kept = self._verdicts.get(self._asked[:2], {})
        self._theory = packing.theory(self._atlas, self._asked, self._found, self._left_out()) | {
            "verdict": kept.get("verdict", "open"),
            "note": kept.get("note", ""),
        }

    def _redraw(self) -> None:
        """Find what is shown, and tell the page."""
        allowed = self._allowed()
        if self._asked:
            self._view: View = along(self._atlas, self._found.shown(), self._asked[:2], allowed)
        else:
            self._view = neighbourhood(self._atlas, self._start, self._opened, allowed)
        self._shown = packing.view(self._atlas, self._view, self._opened, self._hidden) | {
            "start": self._atlas.ids[self._start],
            "ends": [self._atlas.ids[k] for k in (self._asked or [self._start])[:2]],
            "startLabel": self._atlas.label(self._start),
            "isTheory": bool(self._asked),
        }
        self._said = self._theory["said"] if self._asked else self._summary()

    def _title(self) -> str:
        if self._asked:
            return " and ".join(self._theory["labels"]) + ": paths"
        return f"{self._atlas.label(self._start)} and its neighbours"

    def _summary(self) -> str:
        """Say how much of the graph is shown."""
        atlas, view = self._atlas, self._view
        said = (
            f"{len(view.nodes):,} of {len(atlas.ids):,} nodes and {len(view.edges):,} of "
            f"{len(atlas.head):,} edges are shown."
        )
        if view.edges_left:
            said += f" {view.edges_left:,} more edges between these nodes are too many to draw."
        if len(view.nodes) >= MOST_NODES:
            said += f" More than {MOST_NODES} nodes are never shown at once: fold, or shrink."
        return said

    def _aside(self) -> str:
        """Say how many sentences no edge holds."""
        n = self._atlas.n_aside
        what = "sentences speak of no edge of the graph; a theory shows those of its two nodes."
        return f" {n:,} {what}" if n else ""

    # What the page asks --------------------------------------------------------------------

    def _answer(self, _: object, asked: dict, __: object) -> None:
        """Do what the page asks, and tell it that it is done, or why it is not."""
        do = {
            "begin": self._begin,
            "widen": self._widen,
            "fold": self._fold,
            "hide": self._hide,
            "read": self._read,
            "theory": self._ask,
            "back": self._back,
            "mark": self._mark,
            "suggest": self._suggest,
        }[asked["do"]]
        answer = {"answered": asked["id"]}
        try:
            answer |= do(asked) or {}
        except CourseError as error:
            self._said = f"Not taken. {error}"
        self.send(answer)

    def _begin(self, asked: dict) -> None:
        self.begin(asked["node"])
        self._said = f"Start: {self._atlas.label(self._start)}. {self._summary()}"

    def _widen(self, asked: dict) -> None:
        before = len(self._view.nodes)
        self.widen(asked["node"])
        node = self._atlas.find(asked["node"])
        left = self._view.beyond[node]
        self._said = (
            f"Widened: {self._atlas.label(node)} brought {len(self._view.nodes) - before} "
            f"neighbours, the best-evidenced ones; {left:,} more are not shown. {self._summary()}"
        )

    def _fold(self, asked: dict) -> None:
        self.fold(asked["node"])
        self._said = f"Folded. {self._summary()}"

    def _hide(self, asked: dict) -> None:
        self.hide(asked["dimension"], *asked["values"])
        hidden = self._left_out()
        self._said = f"{f'Hidden: {hidden}' if hidden else 'Nothing is hidden'}. {self._summary()}"

    def _read(self, asked: dict) -> dict:
        edge = packing.sentences(self._atlas, int(asked["edge"]))
        self._said = edge["said"]
        return {"edge": edge}

    def _ask(self, asked: dict) -> None:
        self.theory(asked["head"], asked["tail"], asked["longest"])

    def _back(self, _: dict) -> None:
        self.back()

    def _mark(self, asked: dict) -> None:
        if not self._asked:
            raise CourseError("A verdict needs a theory: find the paths between two nodes first.")
        head, tail = (self._atlas.ids[node] for node in self._asked[:2])
        self.mark(head, tail, asked["verdict"], asked["note"])
        pair = " and ".join(self._atlas.label(node) for node in self._asked[:2])
        self._said = f"Kept: the theory of {pair} is {asked['verdict']}."

    def _suggest(self, asked: dict) -> dict:
        return {"names": self._atlas.suggest(asked["text"])}
