"""Weak supervision: a dictionary that finds names, and labels from the known graph.

Names are found by the dictionary alone, and pairs are labelled by what the known graph has of them.
About a fifth of these labels is wrong: sentences that name a related pair and state nothing, and
statements that the graph does not hold.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from vaxlab.errors import CourseError
from vaxlab.literature.library import NO_RELATION, Library, sentences
from vaxlab.literature.world import RELATIONS

if TYPE_CHECKING:
    import pandas as pd

_WORD = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9]+)*")
_MOST_WORDS = 5

COLUMNS = (
    "document",
    "sentence",
    "head",
    "tail",
    "head_start",
    "head_end",
    "tail_start",
    "tail_end",
    "sentence_start",
    "sentence_end",
    "relation",
)
"""Of `pairs`."""


class Dictionary:
    """Finds names in texts.

    Parameters
    ----------
    names : DataFrame
        With the columns name and entity, such as `Library.names`.
    """

    def __init__(self, names: pd.DataFrame) -> None:
        self._ids: dict[str, set[str]] = defaultdict(set)
        for name, entity in zip(names["name"], names["entity"], strict=True):
            self._ids[name].add(entity)
            if name[:1].islower() and " " in name or "-" in name or name.islower():
                self._ids[name[0].upper() + name[1:]].add(entity)
        # A text's word is looked up alone: few begin a name, and then of so many words.
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in self._ids:
            words = _WORD.findall(name)
            if 0 < len(words) <= _MOST_WORDS:
                lengths[words[0]].add(len(words))
        self._lengths = {word: sorted(several)[::-1] for word, several in lengths.items()}

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and entity of the names in a text, the longest ones first.

        A name of several entities is taken for that which the text also calls by a name of its
        own, and left out where there is none such.
        """
        words = [m.span() for m in _WORD.finditer(text)]
        found: list[tuple[int, int, set[str]]] = []
        free = 0  # the first word that is in no name yet
        for i, (start, end) in enumerate(words):
            if i < free:
                continue
            for n in self._lengths.get(text[start:end], ()):
                if i + n > len(words):
                    continue
                end = words[i + n - 1][1]
                ids = self._ids.get(text[start:end])
                if ids:
                    found.append((start, end, ids))
                    free = i + n
                    break
        sure = {next(iter(ids)) for _, _, ids in found if len(ids) == 1}
        chosen = []
        for start, end, ids in found:
            mine = ids if len(ids) == 1 else ids & sure
            if len(mine) == 1:
                chosen.append((start, end, next(iter(mine))))
        return chosen


def pairs(library: Library, source: str = "public") -> pd.DataFrame:
    """Return all pairs that a relation could join in one sentence, with their weak labels.

    Parameters
    ----------
    library : Library
    source : str
        ``public`` or ``internal``.

    Returns
    -------
    DataFrame
        document, sentence, head, tail, head_start, head_end, tail_start, tail_end (within the
        document's text), sentence_start, sentence_end, and relation: what the known graph says of
        the pair, ``none`` where it says nothing. Two proteins make two pairs, one each way.

    Raises
    ------
    CourseError
        There is no such source.
    """
    import pandas as pd

    documents = library.documents[library.documents["source"] == source]
    if documents.empty:
        raise CourseError(
            f"literature.pairs: source = {source!r}; the library has public and internal documents."
        )
    dictionary = Dictionary(library.names)
    kinds = dict(zip(library.entities["entity"], library.entities["kind"], strict=True))
    joined = {pair for several in RELATIONS.values() for pair in several}
    known = _known(library)
    rows = []
    for number, text in zip(documents["document"], documents["text"], strict=True):
        spans = sentences(text)
        for k, there in enumerate(_by_sentence(dictionary.find(text), spans)):
            for (head, a), (tail, b) in itertools.permutations(there.items(), 2):
                if (kinds[head], kinds[tail]) in joined:
                    label = known.get((head, tail), NO_RELATION)
                    rows.append((number, k, head, tail, *a, *b, *spans[k], label))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _known(library: Library) -> dict[tuple[str, str], str]:
    """Return what the known graph says of heads and tails."""
    known = {}
    for head, relation, tail in library.known.itertuples(index=False, name=None):
        if relation in RELATIONS:
            known[head, tail] = relation
            if relation == "binds":
                known[tail, head] = relation
    return known


def _by_sentence(
    found: list[tuple[int, int, str]], spans: list[tuple[int, int]]
) -> list[dict[str, tuple[int, int]]]:
    """Return for every sentence where its entities stand first."""
    inside: list[dict[str, tuple[int, int]]] = [{} for _ in spans]
    k = 0
    for start, end, entity in found:
        while start >= spans[k][1]:
            k += 1
        inside[k].setdefault(entity, (start, end))
    return inside
