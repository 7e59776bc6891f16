"""A causal graph that is drawn by hand: by mouse, by touch, by keyboard, or as text."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import anywidget
import networkx as nx
import traitlets

from vaxlab.errors import CourseError
from vaxlab.figures import STANDS_STILL, show
from vaxlab.graphs import text as form
from vaxlab.graphs.layout import COLUMNS, layered
from vaxlab.graphs.picture import picture

_STATIC = Path(__file__).with_name("static")


class Drawing(anywidget.AnyWidget):
    """A picture to draw a causal graph in, and the same graph as text.

        drawing = graphs.Drawing(["season", "serum lot", "yield"], text="season -> serum lot")
        drawing

    The page asks, and this side answers: each edge that is drawn and each change of the text field
    comes here, is read, and goes back as a picture or as a sentence that says why not. So the
    graph here is sound at any time, whatever stands in the text field.

    Where no page listens (a grader, a notebook that is run by a program), the static `picture`
    is shown.

    Parameters
    ----------
    nodes : iterable of str
        The variables.
    text : str
        The first edges, as `read` takes them.

    Attributes
    ----------
    text : str
        The text form, comments included. Setting it changes the picture.

    Raises
    ------
    CourseError
        As `read`, also when `text` is set; the picture stays as it was.
    """

    _esm = _STATIC / "graph.js"
    _css = _STATIC / "graph.css"

    text = traitlets.Unicode()
    _draft = traitlets.Unicode().tag(sync=True)  # what stands in the text field, sound or not
    _shown = traitlets.Dict().tag(sync=True)
    _said = traitlets.Unicode().tag(sync=True)

    def __init__(self, nodes: Iterable[str], text: str = "") -> None:
        self._names = form.names(nodes)
        self._graph = form.read(text, self._names)
        self._past: list[str] = []
        self._columns = COLUMNS
        self._is_live = "JPY_SESSION_NAME" in os.environ  # set by the server behind a page
        super().__init__()
        self.text = text
        self._past.clear()
        self._lay_out()
        self._said = self._summary()
        self.on_msg(self._answer)

    @property
    def nodes(self) -> list[str]:
        """The variables."""
        return list(self._names)

    @property
    def edges(self) -> list[tuple[str, str]]:
        """The edges, each (cause, effect)."""
        return list(self._graph.edges)

    @property
    def graph(self) -> nx.DiGraph:
        """The graph, as `read` returns it; a copy."""
        return self._graph.copy()

    def __repr__(self) -> str:
        return f"Drawing({self._names!r}, text={self.text!r})"

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
            figure, said = picture(self._graph)
            show(figure, f"{said} {STANDS_STILL}")

    @traitlets.validate("text")
    def _read(self, proposal: traitlets.Bunch) -> str:
        form.read(proposal["value"], self._names)
        return proposal["value"]

    @traitlets.observe("text")
    def _take(self, change: traitlets.Bunch) -> None:
        graph = form.read(change["new"], self._names)
        if graph.edges != self._graph.edges:
            self._past.append(change["old"])
        self._graph = graph
        self._draft = change["new"]
        self._shown = self._shown | {"edges": self.edges}
        self._said = self._summary()

    def _summary(self) -> str:
        """Say how far the drawing is."""
        edges = len(self._graph.edges)
        return f"{len(self._names)} variables, {edges} {'edge' if edges == 1 else 'edges'}."

    def _lay_out(self) -> None:
        """Give each variable its place; the page moves them when the layout has a new number."""
        layout = layered(self._graph, self._columns)
        self._shown = {
            "nodes": self._names,
            "edges": self.edges,
            "places": [layout.places[name] for name in self._names],
            "bends": [[*edge, points] for edge, points in layout.bends.items()],
            "width": layout.width,
            "columns": self._columns,
            "layout": self._shown.get("layout", 0) + 1,
        }

    # What the page asks -------------------------------------------------------------------

    def _answer(self, _: object, asked: dict, __: object) -> None:
        """Do what the page asks, and tell it that it is done, or why it is not."""
        do = {
            "add": self._add,
            "remove": self._remove,
            "text": self._type,
            "undo": self._undo,
            "tidy": self._tidy,
        }[asked["do"]]
        try:
            said = do(asked)
        except CourseError as error:
            said = f"Not taken. {error}"
        self._said = said
        self.send({"answered": asked["id"]})

    def _add(self, asked: dict) -> str:
        self._expect_sound_text()
        cause, effect = asked["edge"]
        form.join(self.graph, cause, effect)
        self.text = form.added(self.text, (cause, effect))
        return f"Drawn: {cause} → {effect}. {self._summary()}"

    def _remove(self, asked: dict) -> str:
        self._expect_sound_text()
        cause, effect = asked["edge"]
        self.text = form.removed(self.text, self._names, (cause, effect))
        return f"Removed: {cause} → {effect}. {self._summary()}"

    def _expect_sound_text(self) -> None:
        if self._draft != self.text:
            raise CourseError(
                "The text below cannot be read as it stands, so nothing is drawn meanwhile. "
                "Mend it, or press Undo to go back to the picture."
            )

    def _type(self, asked: dict) -> str:
        self._draft = asked["text"]
        before = self.edges
        try:
            self.text = asked["text"]
        except CourseError as error:
            raise CourseError(f"{error} The picture shows the graph before.") from None
        if self.edges != before:
            self._lay_out()
        return self._summary()

    def _undo(self, _: dict) -> str:
        if self._draft != self.text:
            self._draft = self.text
            return f"The text is back to what the picture shows. {self._summary()}"
        if not self._past:
            return "There is nothing to undo."
        before = self._past.pop()
        left = list(self._past)
        self.text = before
        self._past = left
        return f"Undone. {self._summary()}"

    def _tidy(self, asked: dict) -> str:
        self._columns = max(1, int(asked["columns"]))
        self._lay_out()
        return self._said
