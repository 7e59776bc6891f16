"""The text form of a causal graph: ``cause -> effect``, one edge a line."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

from vaxlab.errors import CourseError

Edge = tuple[str, str]

# Word processors turn "->" into an arrow and "--" into a dash, so these are read as well.
_ARROW = re.compile(r"(<?[-–—−=]+>|<[-–—−=]+|[→←↔])")
_MOST_NAMES = 12
"""So many names are listed in a message."""


@dataclass(frozen=True)
class _Line:
    """One line of the text: its edges, and the comment behind them."""

    source: str
    edges: list[Edge]
    comment: str


def read(text: str, nodes: Iterable[str]) -> nx.DiGraph:
    """Read a graph from its text form.

    A line holds ``cause -> effect``, a chain ``a -> b -> c``, or several at once: ``a -> b, c``.
    ``effect <- cause`` and the arrows ``→`` and ``←`` are read as well. Empty lines, and what
    follows a ``#``, are left aside.

    Parameters
    ----------
    text : str
        The edges.
    nodes : iterable of str
        All variables; those without an edge are nodes of the graph, too.

    Returns
    -------
    networkx.DiGraph
        Its nodes in the order given; without cycles.

    Raises
    ------
    CourseError
        A line cannot be read, names a variable that is not given, repeats an edge, or makes the
        graph one that no cause and effect can have. The message names the line.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(names(nodes))
    if not isinstance(text, str):
        raise CourseError(
            f"A graph is read from text, and this is of type {type(text).__name__}. "
            'Write the edges in quotes, one a line: "cause -> effect".'
        )
    for number, line in enumerate(text.splitlines(), 1):
        try:
            for edge in _line(line, list(graph)).edges:
                join(graph, *edge)
        except CourseError as error:
            raise CourseError(f"Line {number}: {error}") from None
    return graph


def names(nodes: Iterable[str]) -> list[str]:
    """Return the variables as a list, their blanks made single ones.

    Raises
    ------
    CourseError
        A name is none, stands twice, or could not be told from the signs of the text form.
    """
    if isinstance(nodes, str):
        raise CourseError(f'The variables are a list of names: ["{nodes}", …], not one text.')
    given = list(nodes)
    for name in given:
        if not isinstance(name, str) or not _tidy(name):
            raise CourseError(f"The name of a variable is a text, and {name!r} is none.")
        if _ARROW.search(name) or set(name) & set(",#\n\r"):
            raise CourseError(
                f"“{name}” cannot name a variable: arrows, commas, # and new lines are the signs "
                "of the text form. Give it another name."
            )
    tidy = [_tidy(name) for name in given]
    if twice := [name for name in tidy if tidy.count(name) > 1]:
        raise CourseError(f"The variable “{twice[0]}” is given twice. Give each one once.")
    return tidy


def join(graph: nx.DiGraph, cause: str, effect: str) -> None:
    """Add an edge to a graph without cycles, which stays one.

    Raises
    ------
    CourseError
        The edge is there already, or closes a cycle.
    """
    if cause == effect:
        raise CourseError(f"“{cause}” cannot be its own cause. An edge joins two variables.")
    if graph.has_edge(cause, effect):
        raise CourseError(f"The edge {cause} → {effect} is there already. Once is enough.")
    if graph.has_edge(effect, cause):
        raise CourseError(
            f"The edge {cause} → {effect} is there the other way round. Which of the two is the "
            "cause? Keep that edge alone."
        )
    if nx.has_path(graph, effect, cause):
        cycle = " → ".join([*nx.shortest_path(graph, effect, cause), effect])
        raise CourseError(
            f"The edge {cause} → {effect} closes a cycle: {cycle}. Nothing can be its own cause; "
            "take one of these edges away."
        )
    graph.add_edge(cause, effect)


def write(edges: Iterable[Edge]) -> str:
    """Return the text form, one edge a line."""
    return "\n".join(f"{cause} -> {effect}" for cause, effect in edges)


def added(text: str, edge: Edge) -> str:
    """Return the text with one edge more, on a line of its own."""
    return "\n".join(filter(None, [text.rstrip(), write([edge])]))


def removed(text: str, nodes: list[str], edge: Edge) -> str:
    """Return the text without one of its edges; all other lines and all comments stay."""
    lines = []
    for line in (_line(source, nodes) for source in text.splitlines()):
        if edge not in line.edges:
            lines.append(line.source)
            continue
        rest = write(e for e in line.edges if e != edge)
        lines += filter(None, [line.comment, rest])
    return "\n".join(lines)


def words(graph: nx.DiGraph) -> str:
    """Say in words what the text form says in signs."""
    if not graph:
        return "A graph without variables."
    pointing = {cause: list(effects) for cause, effects in graph.adj.items() if effects}
    said = [f"{cause} points to {listed(effects)}" for cause, effects in pointing.items()]
    alone = [str(node) for node in nx.isolates(graph)]
    if alone:
        said.append(f"without an edge: {listed(alone)}")
    sentence = "; ".join(said)
    return sentence[0].upper() + sentence[1:] + "."


def listed(items: list[str]) -> str:
    """Return ``a, b and c``."""
    first, last = [str(item) for item in items[:-1]], str(items[-1])
    return f"{', '.join(first)} and {last}" if first else last


def _tidy(name: str) -> str:
    """One blank for any number of them, and one way to write a letter with its accent."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _line(source: str, nodes: list[str]) -> _Line:
    """Read one line: name, arrow, name, arrow, … where a name may be several, with commas."""
    code, sign, comment = source.partition("#")
    if not code.strip():
        return _Line(source, [], sign + comment)
    parts = _ARROW.split(code)
    if len(parts) == 1:
        raise CourseError(f"there is no arrow in “{code.strip()}”. Write: cause -> effect.")
    groups = [[_known(name, code, nodes) for name in part.split(",")] for part in parts[::2]]
    edges = []
    for left, arrow, right in zip(groups, parts[1::2], groups[1:], strict=False):
        points_left, points_right = arrow[0] in "<←↔", arrow[-1] in ">→↔"
        if points_left and points_right:
            raise CourseError(
                f"“{arrow}” points both ways. Which one is the cause? Write: cause -> effect."
            )
        pairs = itertools.product(left, right)
        edges += [(b, a) for a, b in pairs] if points_left else pairs
    return _Line(source, edges, sign + comment)


def _known(name: str, code: str, nodes: list[str]) -> str:
    """Return the variable of that name."""
    tidy = _tidy(name)
    if not tidy:
        raise CourseError(
            f"a name is missing beside an arrow or a comma in “{code.strip()}”. "
            "Write: cause -> effect."
        )
    if tidy in nodes:
        return tidy
    folded = {node.casefold(): node for node in nodes}
    near = difflib.get_close_matches(tidy.casefold(), folded, n=1, cutoff=0.5)
    if near:
        raise CourseError(f"“{tidy}” is no variable here. Do you mean “{folded[near[0]]}”?")
    rest = len(nodes) - _MOST_NAMES
    shown = [*nodes[:_MOST_NAMES], f"{rest} more"] if rest > 0 else nodes
    there = f"There are {listed(shown)}" if nodes else "None is given"
    raise CourseError(f"“{tidy}” is no variable here. {there}.")
