"""Small networks of day 4, notebook 1: one that reads relations, one that finds names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import nn

from vaxlab import data, training
from vaxlab.lessons.day4.reading import material
from vaxlab.literature import LIBRARY_SEED, Dictionary, library, sentences

BATCH, RATE, SMOOTHED = 256, 1e-2, 0.1
"""Pairs a step, rate of AdamW, and how far labels are drawn to the middle: a fifth is wrong."""
STEPS, LAST_STEPS, LAST_RATE = 360, 70, 2e-3
"""Of every training here, whatever the number of rows; and of its end, at a smaller rate."""


class _Reader(nn.Module):
    """Reads three tokens at a time, and keeps the strongest answer of each filter."""

    def __init__(self, n_words: int, n_labels: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(n_words, 32, padding_idx=material.PAD)
        nn.init.normal_(self.embed.weight, std=0.3)
        self.three = nn.Conv1d(32, 64, 3, padding=1)
        self.last = nn.Sequential(nn.Dropout(0.3), nn.Linear(64, n_labels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores (pairs, labels) of ids (pairs, tokens)."""
        seen = self.three(self.embed(x).transpose(1, 2)).amax(dim=2)
        return self.last(torch.relu(seen))  # as relu before amax, for fewer numbers


def _train(x: torch.Tensor, y: torch.Tensor, n_words: int, n_labels: int) -> nn.Module:
    """Train the course's reader: `STEPS` steps, then `LAST_STEPS` shorter ones."""
    training.seed_all(0)
    net = _Reader(n_words, n_labels)
    loss = nn.CrossEntropyLoss(label_smoothing=SMOOTHED)
    for steps, rate in ((STEPS, RATE), (LAST_STEPS, LAST_RATE)):
        epochs = max(1, round(steps * BATCH / len(x)))
        training.fit(net, loss, (x, y), epochs=epochs, batch_size=BATCH, learning_rate=rate)
    return net


def _numbers(names: Iterable[str]) -> torch.Tensor:
    """Return the classes of relations, as numbers."""
    place = {name: k for k, name in enumerate(material.labels())}
    return torch.tensor([place[name] for name in names])


def _read(net: nn.Module, x: torch.Tensor) -> np.ndarray:
    """Return the relations that a network reads."""
    with torch.no_grad():
        best = torch.cat([net(part).argmax(dim=1) for part in x.split(2000)])
    return np.array(material.labels())[best.numpy()]


def _taught(
    rows: pd.DataFrame, tests: Mapping[str, pd.DataFrame], column: str = "label"
) -> dict[str, pd.Series]:
    """Train the course's reader on rows, and return its scores on each table of tests."""
    words = material.vocabulary(rows["tokens"])
    x = material._encode(rows["tokens"], words)
    net = _train(x, _numbers(rows[column]), len(words) + material.FIRST, len(material.labels()))
    return {
        name: material.scores(_read(net, material._encode(test["tokens"], words)), test["gold"])
        for name, test in tests.items()
    }


# Circumstances --------------------------------------------------------------------------------

FEWER, MORE_NOISE = 0.1, 0.3
"""Share of the labels that is kept; and of the labels that is dealt out anew."""
ABSTRACTS = 1500
"""Abstracts that networks under other circumstances are trained on."""
HELD = 0.5
"""Share of the names that are held back."""


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose two names are left in, in place of what they are."""

    def left_in(tokens: Sequence[str], head: str, tail: str) -> list[str]:
        name = {"head:": head, "tail:": tail}
        return [f"{t[:5]}{name[t[:5]]}" if t[:5] in name else t for t in tokens]

    triples = zip(rows["tokens"], rows["head"], rows["tail"], strict=True)
    return rows.assign(tokens=[left_in(*one) for one in triples])


def _shuffled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows in which the words of every sentence lie in another order."""
    return rows.assign(tokens=[list(rng.permutation(tokens)) for tokens in rows["tokens"]])


@cache
def _circumstances() -> pd.DataFrame:
    """Return scores of networks that learnt, or read, under other circumstances."""
    from tqdm.auto import tqdm

    rows = material.training_pairs()
    rows = rows[rows["document"].isin(rows["document"].unique()[:ABSTRACTS])]
    test, rng = material._test_pairs(), np.random.default_rng(8)
    random = rng.choice(material.labels(), len(rows))
    noisy = np.where(rng.random(len(rows)) < MORE_NOISE, random, rows["label"])
    reports = _with_reports()
    names = np.unique(rows[["head", "tail"]].to_numpy().astype(str))
    held = set(rng.choice(names, round(HELD * len(names)), replace=False))
    taught = rows[~rows["head"].isin(held) & ~rows["tail"].isin(held)]
    new = test["head"].isin(held) & test["tail"].isin(held)
    old = ~test["head"].isin(held) & ~test["tail"].isin(held)
    apart = {"known names": test[old], "new names": test[new]}
    named = {name: _named(part) for name, part in apart.items()}
    plan = {
        "as it is": (rows, {"": test, "read reports": reports}),
        "a tenth of the labels": (rows.sample(frac=FEWER, random_state=8), {"": test}),
        "more labels wrong": (rows.assign(label=noisy), {"": test}),
        "learnt from shuffled words": (_shuffled(rows, rng), {"": test}),
        "names blinded": (taught, apart),
        "names left in": (_named(taught), named),
    }
    found = {}
    for how, (table, tests) in tqdm(plan.items(), desc="Networks", leave=False, delay=3):
        for where, score in _taught(table, tests).items():
            found[f"{how}, {where}" if where else how] = score
    return pd.DataFrame(found).T


@cache
def _with_reports() -> pd.DataFrame:
    """Return the pairs of deviation reports that abstracts speak of as well, with gold."""
    laid = material._course("internal")
    laid = material._with_gold(laid, library(LIBRARY_SEED))
    return laid[[bool(set(material.patterns(kinds)) - {"found_in"}) for kinds in laid["kinds"]]]


# Names that nobody listed ---------------------------------------------------------------------

TAGGED, TAGGER_TESTS = 300, 300
"""Abstracts that the tagger learns from, and that it is tried on."""
WORDS = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*|[^\w\s]")
LONGEST = 48
HIDDEN = (0.8, 0.3, 0.0)
"""How often the tagger does not see a word, its last three letters, its form, while it learns."""
SEEN = 5
OUTSIDE, BEGINS, GOES_ON, IGNORED = 0, 1, 2, -100


class Sentence(NamedTuple):
    """A sentence's words: document, spans in its text, the words, and the dictionary's tags."""

    document: str
    spans: list[tuple[int, int]]
    words: list[str]
    tags: list[int]


def form(word: str) -> str:
    """Return how a word looks: ``Aa-9`` of ``Velkarin-3``, ``A9`` of ``VK31``."""
    for letters, sign in (("[a-z]", "a"), ("[A-Z]", "A"), ("[0-9]", "9")):
        word = re.sub(letters, sign, word)
    return re.sub(r"(.)\1+", r"\1", word)


def _features(word: str) -> tuple[str, str, str]:
    return word.lower(), "..." + word[-3:].lower(), "form " + form(word)


def _tagged(documents: pd.DataFrame, names: pd.DataFrame) -> list[Sentence]:
    """Return the sentences of documents with the tags that the dictionary gives them."""
    dictionary, rows = Dictionary(names), []
    for number, text in zip(documents["document"], documents["text"], strict=True):
        found = dictionary.find(text)
        for begin, stop in sentences(text):
            words = [(m.start(), m.end(), m.group()) for m in WORDS.finditer(text, begin, stop)]
            inside = [(a, b) for a, b, _ in found if begin <= a < stop]
            tags = [
                next((1 + (s > a) for a, b in inside if a <= s and e <= b), OUTSIDE)
                for s, e, _ in words
            ]
            spans, texts = [(s, e) for s, e, _ in words], [w for _, _, w in words]
            rows.append(Sentence(number, spans[:LONGEST], texts[:LONGEST], tags[:LONGEST]))
    return rows


class _Tagger(nn.Module):
    """Says of each word whether a name begins there, goes on, or neither, by five words' looks."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(n_features, 24, padding_idx=material.PAD)
        nn.init.normal_(self.embed.weight, std=0.3)
        self.first, self.second = nn.Conv1d(72, 64, 3, padding=1), nn.Conv1d(64, 64, 3, padding=1)
        self.last = nn.Conv1d(64, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores (sentences, 3 tags, words) of ids (sentences, words, 3 features)."""
        seen = self.embed(x)
        if self.training:
            hidden = torch.tensor(HIDDEN).reshape(1, 1, 3, 1)
            seen = seen * (torch.rand(*x.shape, 1) > hidden)
        seen = torch.relu(self.first(seen.flatten(2).transpose(1, 2)))
        return self.last(torch.relu(self.second(seen)))


def _feature_ids(rows: Sequence[Sentence], numbers: Mapping[str, int]) -> torch.Tensor:
    ids = torch.zeros(len(rows), LONGEST, 3, dtype=torch.long)
    for k, row in enumerate(rows):
        known = [[numbers.get(f, material.UNKNOWN) for f in _features(word)] for word in row.words]
        ids[k, : len(known)] = torch.tensor(known)
    return ids


def _spans(row: Sentence, tags: Sequence[int]) -> list[tuple[str, int, int]]:
    """Return the names that tags mark in a sentence: document, start, end."""
    found: list[tuple[str, int, int]] = []
    for (start, end), tag in zip(row.spans, tags, strict=False):
        if tag == BEGINS:
            found.append((row.document, start, end))
        elif tag == GOES_ON and found:
            found[-1] = (row.document, found[-1][1], end)
    return found


@cache
def _names_found(tagged: int = TAGGED) -> pd.DataFrame:
    """Return what dictionary and tagger find of listed and of unlisted names in new abstracts."""
    names, texts = data.load("names"), material.documents()
    texts = texts.sample(tagged + TAGGER_TESTS, random_state=3)
    learn = [row for row in _tagged(texts[TAGGER_TESTS:], names) if any(row.tags)]
    tests = _tagged(texts[:TAGGER_TESTS], names)
    counts = Counter(f for row in learn for word in row.words for f in _features(word))
    often = sorted(f for f, n in counts.items() if n >= SEEN)
    numbers = {f: material.FIRST + k for k, f in enumerate(often)}
    y = torch.full((len(learn), LONGEST), IGNORED)
    for k, row in enumerate(learn):
        y[k, : len(row.tags)] = torch.tensor(row.tags)
    training.seed_all(0)
    net = _Tagger(len(numbers) + material.FIRST)
    loss = nn.CrossEntropyLoss(ignore_index=IGNORED)
    x = _feature_ids(learn, numbers)
    training.fit(net, loss, (x, y), epochs=3, batch_size=128, learning_rate=1e-2)
    with torch.no_grad():
        best = net(_feature_ids(tests, numbers)).argmax(dim=1).tolist()
    ways = {
        "dictionary": {s for row in tests for s in _spans(row, row.tags)},
        "tagger": {s for row, tags in zip(tests, best, strict=True) for s in _spans(row, tags)},
    }
    return _counted(ways, set(texts["document"][:TAGGER_TESTS]))


def _counted(ways: Mapping[str, set], documents: set[str]) -> pd.DataFrame:
    """Return precision, and recall of listed and unlisted names, of ways to find names."""
    mentions = library(LIBRARY_SEED).truth.mentions
    here = mentions["document"].isin(documents) & (mentions["part"] == "text") & mentions["named"]
    rows = mentions[here]
    is_listed = rows["mention"].isin(set(material.listed()))
    keys = list(zip(rows["document"], rows["start"], rows["end"], strict=True))
    listed = {key for key, known in zip(keys, is_listed, strict=True) if known}
    unlisted = set(keys) - listed
    return pd.DataFrame(
        {
            name: {
                "precision": len(found & set(keys)) / max(1, len(found)),
                "recall, listed names": len(found & listed) / len(listed),
                "recall, unlisted names": len(found & unlisted) / len(unlisted),
                "unlisted names": len(unlisted),
            }
            for name, found in ways.items()
        }
    ).T
