"""What day 4, notebook 1 lays out: an invented library, its pairs of names, and words as numbers.

All documents are made up, and so is whatever they speak of. Functions with an underscore know what
the sentences truly say, or how the course would answer an exercise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vaxlab import data
from vaxlab.literature import (
    LIBRARY_SEED,
    NO_RELATION,
    RELATIONS,
    Dictionary,
    library,
)
from vaxlab.literature import pairs as weak_pairs

if TYPE_CHECKING:
    import torch

CURATED = 300
"""Pairs that two curators have read."""
TEST_ABSTRACTS = 600
"""Abstracts of the course's library that no network is trained on."""
LENGTH, BEFORE = 24, 6
"""Tokens that a network reads of a sentence, and how many of them stand before the first name."""
SEEN_OFTEN = 4
"""Times that a token must occur to get a number of its own."""
PAD, UNKNOWN, FIRST = 0, 1, 2
TOKEN = re.compile(r"[a-z]+|\d+|[^\w\s]")
FARTHEST = 8
"""Words between two names, at the most, for the course's rules."""
WINDOW_BEFORE, WINDOW_AFTER = 8, 4
"""Words around two names in which the course's rules look for cues."""

NO = ("not", "no", "never", "nothing", "neither", "without", "failed", "unable", "ruled out",
      "against the view", "little support", "hardly", "ceased", "absent", "neg",
      "free of", "nil")  # fmt: skip
MAYBE = ("may", "might", "could", "would", "possibly", "possible", "perhaps", "suggest", "appears",
         "seems", "likely", "thought to", "believed", "suspected", "unclear", "whether", "proposed",
         "hypothesis", "conceivable", "speculate", "putative", "presumably", "probably", "expected",
         "tempting", "exclude", "excluded", "explanation", "put forward", "discussed as",
         "pending", "remains to be")  # fmt: skip

_FORWARD: dict[str, str] = {
    "promotes": r"promot\w*|worsen\w*|aggravat\w*|accelerat\w*|predispos\w* to|contribut\w* to",
    "protects_from": r"protect\w* against|prevent\w*|slow\w*|mitigat\w*|guard\w* against",
    "encodes": r"encod\w*|cod\w* for|gene for",
    "activates": r"activat\w*|stimulat\w*|induc\w*|enhanc\w*|potentiat\w*",
    "inhibits": r"inhibit\w*|block\w*|suppress\w*|antagonis\w*|impair\w*",
    "binds": r"binds?|bound|interact\w* with|associat\w* with|forms? a complex with",
    "takes_part_in": r"t[ao]\w* part in|function\w* in|belong\w* to|act\w* in|fe\w* into",
    "drives": r"drives?|drove|sustain\w*|underl\w*|fuel\w*",
    "treats": r"treat\w*|reliev\w*|improv\w*|ameliorat\w*|cured?|cures",
    "causes": r"caus\w*|induc\w*|provok\w*|le\w* to",
    "raises": r"rais\w*|increas\w*|improv\w*",
    "found_in": r"in|found in|confirmed in|not detected in|absent from|present in",
}
"""Relation to what stands between a head and the tail that follows it."""
_BACKWARD: dict[str, str] = {
    "promotes": "promoted|worsened|aggravated|accelerated",
    "protects_from": "prevented|slowed|mitigated",
    "encodes": "encoded",
    "activates": "activated|stimulated|induced|enhanced|potentiated",
    "inhibits": "inhibited|blocked|suppressed|antagonised|impaired",
    "binds": "bound",
    "takes_part_in": "",
    "drives": "driven|sustained|fuelled",
    "treats": "treated|relieved|improved|ameliorated|cured",
    "causes": "caused|induced|provoked",
    "raises": "raised|increased|improved",
    "found_in": "",
}
"""Relation to the participle that stands before ``by``, between a tail and the head after it."""
_SHIFTS_BACKWARD = r"^: $|contain\w*|shows|retest|free of|tested for|sent out|present|pos"
"""What shifts write between a lot and what was found in it."""


# Texts ----------------------------------------------------------------------------------------


def documents(source: str = "public") -> pd.DataFrame:
    """Return the abstracts (``public``) or the deviation reports (``internal``): document, text."""
    table = data.load("documents")
    return table.loc[table["source"] == source, ["document", "text"]].reset_index(drop=True)


def listed() -> dict[str, list[str]]:
    """Return the dictionary: each spelling with the entities that are called so."""
    return _listed(data.load("names"))


def _listed(names: pd.DataFrame) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for name, entity in zip(names["name"], names["entity"], strict=True):
        spellings = {name}
        if " " in name and name[0].islower() or "-" in name or name.islower():
            spellings.add(name[0].upper() + name[1:])  # where it begins a sentence
        for spelling in spellings:
            found.setdefault(spelling, set()).add(entity)
    return {name: sorted(entities) for name, entities in found.items()}


def patterns(kinds: str) -> dict[str, tuple[str, str]]:
    """Return the words of each relation that can join two kinds, as regular expressions.

    Parameters
    ----------
    kinds : str
        Of head and tail, such as ``compound protein``.

    Returns
    -------
    dict
        Relation to two patterns: of what stands between HEAD and TAIL where HEAD comes first, and
        of what stands between them where TAIL comes first; the latter is empty where there is none.
    """
    pair = tuple(kinds.split())
    found = {}
    for relation, joined in RELATIONS.items():
        if pair not in joined or relation not in _FORWARD:
            continue
        back = rf"\b({_BACKWARD[relation]})( \w+)? by\b" if _BACKWARD[relation] else ""
        back = _SHIFTS_BACKWARD if relation == "found_in" else back
        found[relation] = (rf"\b({_FORWARD[relation]})\b", back)
    return found


# Pairs ----------------------------------------------------------------------------------------


@cache
def _course(source: str = "public") -> pd.DataFrame:
    tables = {name: data.load(name) for name in ("documents", "names", "entities", "known")}
    return _laid_out(tables, source)


def pairs(source: str = "public") -> pd.DataFrame:
    """Return all pairs of names that stand in one sentence and that a relation could join.

    Parameters
    ----------
    source : str
        ``public`` (abstracts) or ``internal`` (deviation reports).

    Returns
    -------
    DataFrame
        document, sentence (number), head, tail (entities), kinds (of both, such as ``compound
        protein``), text (the sentence, its two names replaced by HEAD and TAIL) and tokens (a list:
        its words in small letters, ``head:compound`` and ``tail:protein`` for the two names, and
        ``also:gene`` for other names).
    """
    return _course(source).drop(columns="relation")


def _laid_out(tables: Mapping[str, pd.DataFrame], source: str) -> pd.DataFrame:
    """Return pairs with their sentences, tokens, and ``relation``: what the known graph says."""
    found = weak_pairs(SimpleNamespace(**tables), source)
    texts = dict(zip(tables["documents"]["document"], tables["documents"]["text"], strict=True))
    kinds = dict(zip(tables["entities"]["entity"], tables["entities"]["kind"], strict=True))
    dictionary = Dictionary(tables["names"])
    named = {number: dictionary.find(texts[number]) for number in found["document"].unique()}
    rows = [
        _row(one, texts[one.document], named[one.document], kinds) for one in found.itertuples()
    ]
    laid = found[["document", "sentence", "head", "tail"]].copy()
    laid[["kinds", "text", "tokens"]] = pd.DataFrame(rows, index=laid.index, dtype=object)
    return laid.assign(relation=found["relation"].astype(str))


def _row(
    pair: Any, text: str, named: list[tuple[int, int, str]], kinds: Mapping[str, str]
) -> tuple[str, str, list[str]]:
    """Return kinds, masked sentence and tokens of a pair."""
    begin, stop = pair.sentence_start, pair.sentence_end
    marks = {pair.head_start: ("HEAD", "head:"), pair.tail_start: ("TAIL", "tail:")}
    masked, tokens, at = [], [], begin
    for start, end, entity in named:
        if not begin <= start < stop:
            continue
        between = text[at:start]
        name, mark = marks.get(start, (text[start:end], "also:"))
        masked += [between, name]
        tokens += TOKEN.findall(between.lower())
        tokens.append(mark + kinds[entity])
        at = end
    masked.append(text[at:stop])
    tokens += TOKEN.findall(text[at:stop].lower())
    return f"{kinds[pair.head]} {kinds[pair.tail]}", "".join(masked), tokens


def known() -> pd.DataFrame:
    """Return the known graph: head, relation, tail."""
    return data.load("known")


@cache
def _read_by_curators() -> pd.DataFrame:
    """Return the course's pairs with what their sentences truly say."""
    return _with_gold(_course(), library(LIBRARY_SEED))


def _with_gold(laid: pd.DataFrame, books: Any) -> pd.DataFrame:
    return laid.assign(gold=books.truth.label(laid).astype(str).to_numpy())


def curated() -> pd.DataFrame:
    """Return `CURATED` pairs drawn at random, with what two curators read in their sentences.

    Returns
    -------
    DataFrame
        As `pairs`, and ``gold``: the relation that the sentence states, or ``none``. The index is
        that of `pairs`.
    """
    table = _read_by_curators().drop(columns="relation")
    return table.sample(CURATED, random_state=4)


def training_pairs() -> pd.DataFrame:
    """Return the pairs of all abstracts but the last `TEST_ABSTRACTS`, with weak labels.

    Returns
    -------
    DataFrame
        As `pairs`, and ``label``: what the known graph says of the two, or ``none``.
    """
    table = _course().rename(columns={"relation": "label"})
    return table[~table["document"].isin(_test_documents())]


@cache
def _test_documents() -> frozenset[str]:
    every = documents()["document"]
    return frozenset(every.iloc[-TEST_ABSTRACTS:])


def _test_pairs() -> pd.DataFrame:
    """Return the pairs of the test abstracts, with gold."""
    table = _read_by_curators()
    return table[table["document"].isin(_test_documents())]


@lru_cache(maxsize=4)
def _judged(plant_seed: int, abstracts: int, source: str = "public") -> pd.DataFrame:
    """Return the pairs of another library's first abstracts, with ``relation`` and ``gold``."""
    books = library(plant_seed)
    tables = dict(books.tables)
    of_source = tables["documents"][tables["documents"]["source"] == source]
    tables["documents"] = of_source.head(abstracts)
    return _with_gold(_laid_out(tables, source), books)


def labels() -> list[str]:
    """Return the names of the classes: ``none`` is number 0, then the relations of abstracts."""
    return [NO_RELATION, *(name for name in _FORWARD if name != "found_in")]


def vocabulary(tokens: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return a number from `FIRST` on for each token that is seen `SEEN_OFTEN` times."""
    counts = Counter(token for sentence in tokens for token in sentence)
    often = sorted(token for token, count in counts.items() if count >= SEEN_OFTEN)
    return {token: FIRST + k for k, token in enumerate(often)}


def scores(said: Sequence[str], gold: Sequence[str]) -> pd.Series:
    """Return precision, recall and F1 of relations; ``none`` is no find.

    Parameters
    ----------
    said, gold : sequence of str
        A relation or ``none`` for each pair.
    """
    said, gold = np.asarray(said, dtype=str), np.asarray(gold, dtype=str)
    right = int(((said == gold) & (gold != NO_RELATION)).sum())
    precision = right / max(1, int((said != NO_RELATION).sum()))
    recall = right / max(1, int((gold != NO_RELATION).sum()))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return pd.Series({"precision": precision, "recall": recall, "F1": f1})


# The course's answers -------------------------------------------------------------------------

_WORD = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9]+)*")


def _find_names(text: str, listed: Mapping[str, Sequence[str]]) -> list[tuple[int, int, str]]:
    words = [match.span() for match in _WORD.finditer(text)]
    found, k = [], 0
    while k < len(words):
        for n in range(min(5, len(words) - k), 0, -1):
            start, end = words[k][0], words[k + n - 1][1]
            if text[start:end] in listed:
                found.append((start, end, listed[text[start:end]]))
                k += n
                break
        else:
            k += 1
    sure = {entities[0] for _, _, entities in found if len(entities) == 1}
    clear = []
    for start, end, entities in found:
        mine = entities if len(entities) == 1 else [one for one in entities if one in sure]
        if len(mine) == 1:
            clear.append((start, end, mine[0]))
    return clear


def _cues(words: Sequence[str]) -> re.Pattern:
    return re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")


_NO, _MAYBE = _cues(NO), _cues(MAYBE)


def _relation(sentence: str, patterns: Mapping[str, tuple[str, str]]) -> str:
    """Return what rules read of HEAD and TAIL in a sentence."""
    head, tail = sentence.index("HEAD"), sentence.index("TAIL")
    first, second = min(head, tail), max(head, tail)
    between = sentence[first + 4 : second].lower()
    if len(between.split()) > FARTHEST:
        return NO_RELATION
    before = sentence[:first].lower().split()[-WINDOW_BEFORE:]
    after = sentence[second + 4 :].lower().split()[:WINDOW_AFTER]
    around = " ".join([*before, between, *after])
    if _NO.search(around) or _MAYBE.search(around) or "rather than" in around:
        return NO_RELATION
    for relation, (forward, backward) in patterns.items():
        turned = backward and re.search(backward, between)
        if turned if tail < head else re.search(forward, between) and not turned:
            return relation
    return NO_RELATION


def _weak_labels(pairs: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    says = {}
    for head, relation, tail in known[["head", "relation", "tail"]].itertuples(index=False):
        if relation in RELATIONS:
            says[head, tail] = relation
            if relation == "binds":
                says[tail, head] = relation
    return [says.get(pair, NO_RELATION) for pair in zip(pairs["head"], pairs["tail"], strict=True)]


def _share_wrong(labels: Sequence[str], gold: Sequence[str]) -> tuple[float, float, float]:
    wrong = np.asarray(labels, dtype=str) != np.asarray(gold, dtype=str)
    share = wrong.mean()
    half = 1.96 * np.sqrt(share * (1 - share) / len(wrong))
    return float(share), float(share - half), float(share + half)


def _encode(
    tokens: Iterable[Sequence[str]], words: Mapping[str, int], length: int = LENGTH
) -> torch.Tensor:
    """Return numbers of tokens, from `BEFORE` tokens before the first of the two names on."""
    import torch

    rows = []
    for sentence in tokens:
        first = next(k for k, token in enumerate(sentence) if token[:5] in ("head:", "tail:"))
        begin = max(0, first - BEFORE)
        numbers = [words.get(token, UNKNOWN) for token in sentence[begin : begin + length]]
        rows.append(numbers + [PAD] * (length - len(numbers)))
    return torch.from_numpy(np.array(rows, dtype=np.int64))


def _split_by_names(
    pairs: pd.DataFrame, share: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    entities = np.unique(pairs[["head", "tail"]].to_numpy().astype(str))
    rng = np.random.default_rng(seed)
    held = set(rng.choice(entities, round(share * len(entities)), replace=False))
    head, tail = pairs["head"].isin(held), pairs["tail"].isin(held)
    return pairs[~head & ~tail], pairs[head & tail]
