"""Embeddings of a graph: TransE, DistMult, ComplEx and RotatE, trained one against all.

Each triple is asked twice: for its tail, and, by an inverse relation of its own, for its head. One
matrix product scores all entities at once, and cross-entropy puts the right one on top. Triples are
rows of whole numbers (head, relation, tail); `Index` makes them of names.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd
    import torch

TRIPLE = ["head", "relation", "tail"]
BENCHMARKS = ("umls", "kinships", "nations")
"""Real graphs in PyKEEN's wheel."""
MODELS = ("TransE", "DistMult", "ComplEx", "RotatE")
TIES = ("mean", "optimistic", "pessimistic")
"""What a rank does where others score the same: takes the middle, the best, the worst place."""
DIM, EPOCHS, BATCH, LEARNING_RATE = 64, 60, 512, 0.03
"""Of `train`. Own choice: ComplEx has an MRR of 0.89 to 0.93 on UMLS with them, in 3 s of CPU, and
above 0.9 with vectors twice as long."""


@dataclass(frozen=True)
class Index:
    """Numbers of entities and relations.

    Attributes
    ----------
    entities, relations : tuple of str
        In the order of their numbers.
    """

    entities: tuple[str, ...]
    relations: tuple[str, ...]

    @classmethod
    def of(cls, *tables: pd.DataFrame) -> Index:
        """Number all that occurs in tables of heads, relations and tails, by the alphabet."""
        nodes = {name for table in tables for side in ("head", "tail") for name in table[side]}
        edges = {name for table in tables for name in table["relation"]}
        return cls(tuple(sorted(nodes)), tuple(sorted(edges)))

    def numbers(self, table: pd.DataFrame) -> np.ndarray:
        """Return triples as whole numbers, shape (n, 3).

        Raises
        ------
        CourseError
            A name has no number.
        """
        columns = []
        for side in TRIPLE:
            names = self.relations if side == "relation" else self.entities
            place = {name: k for k, name in enumerate(names)}
            unknown = [name for name in table[side] if name not in place]
            if unknown:
                raise CourseError(
                    f"embed: {side} {unknown[0]!r} is not in this index of {len(names)} names. "
                    "Make the index of all tables that will be asked for."
                )
            columns.append([place[name] for name in table[side]])
        return np.array(columns, dtype=np.int64).reshape(3, -1).T


def benchmark(name: str) -> dict[str, pd.DataFrame]:
    """Return a real graph that PyKEEN's wheel holds, without importing PyKEEN.

    Parameters
    ----------
    name : str
        One of `BENCHMARKS`.

    Returns
    -------
    dict of str to DataFrame
        train, valid and test, each with the columns head, relation, tail.
    """
    import pandas as pd

    if name not in BENCHMARKS:
        raise CourseError(f"embed: benchmark {name!r}; there are {', '.join(BENCHMARKS)}.")
    spec = find_spec("pykeen")  # its import takes seconds, its files none
    if spec is None or spec.origin is None:
        raise CourseError("embed: PyKEEN, which holds the real graphs, is not installed.")
    folder = Path(spec.origin).parent / "datasets" / name
    return {
        part: pd.read_csv(folder / f"{part}.txt", sep="\t", names=TRIPLE, dtype="str")
        for part in ("train", "valid", "test")
    }


@cache
def modules() -> dict[str, type[torch.nn.Module]]:
    """Return the classes of `MODELS` by name; PyTorch is imported when they are first asked for.

    Each is made by ``(entities, relations, dim)`` and has one row of 2 · ``dim`` numbers an entity
    (`entity`), and two rows a relation (`relation`): its own, then, ``relations`` further down, its
    inverse's. Called with heads and relations it gives the scores of all entities as the tail.
    """
    import torch
    from torch import nn

    class Embedding(nn.Module):
        """Rows of numbers for entities and relations, and scores of all entities as a tail."""

        def __init__(self, entities: int, relations: int, dim: int) -> None:
            super().__init__()
            self.entity = nn.Parameter(torch.empty(entities, 2 * dim))
            self.relation = nn.Parameter(torch.empty(2 * relations, 2 * dim))
            nn.init.xavier_uniform_(self.entity)
            nn.init.xavier_uniform_(self.relation)

        def forward(self, heads: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
            """Return the scores, shape (n, entities); more is likelier."""
            return self.score(self.entity[heads], self.relation[relations], self.entity)

    class TransE(Embedding):
        """The tail lies where the relation moves the head to."""

        def score(self, h: torch.Tensor, r: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            return -_apart(h + r, t)

    class DistMult(Embedding):
        """A sum of products, the same both ways."""

        def score(self, h: torch.Tensor, r: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            return (h * r) @ t.T

    class ComplEx(Embedding):
        """Products of complex numbers, the tail's conjugate: the two ways differ."""

        def score(self, h: torch.Tensor, r: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            return torch.cat(_times(h, r), dim=1) @ t.T

    class RotatE(Embedding):
        """The relation turns each complex number of the head."""

        def score(self, h: torch.Tensor, r: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            angle = r[:, : r.shape[1] // 2]
            turn = torch.cat([torch.cos(angle), torch.sin(angle)], dim=1)
            return -_apart(torch.cat(_times(h, turn), dim=1), t)

    def _times(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        (ar, ai), (br, bi) = a.chunk(2, dim=1), b.chunk(2, dim=1)
        return ar * br - ai * bi, ar * bi + ai * br

    def _apart(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        # |a - b|² as |a|² + |b|² - 2ab: all pairs at once would be batch x entities x dim numbers.
        return (a**2).sum(1, keepdim=True) + (b**2).sum(1) - 2 * a @ b.T

    return {kind.__name__: kind for kind in (TransE, DistMult, ComplEx, RotatE)}


def train(
    model: str,
    triples: np.ndarray,
    entities: int,
    relations: int,
    *,
    dim: int = DIM,
    epochs: int = EPOCHS,
    batch: int = BATCH,
    learning_rate: float = LEARNING_RATE,
    seed: int = 0,
) -> torch.nn.Module:
    """Train an embedding by cross-entropy of the right tail against all entities.

    Parameters
    ----------
    model : str
        One of `MODELS`.
    triples : ndarray of int, shape (n, 3)
        Head, relation, tail, as `Index.numbers` gives them.
    entities, relations : int
        How many there are, also those that are in no triple.
    dim : int
        Of the vectors: complex numbers, or pairs of real ones.
    epochs, batch, learning_rate
        Of Adam; a batch is of questions, of which each triple asks two.
    seed : int
        The same seed gives the same model on the same machine.

    Raises
    ------
    CourseError
        There is no such model, no triple, or a number that is too large.
    """
    import torch

    if model not in MODELS:
        raise CourseError(f"embed.train: model {model!r}; there are {', '.join(MODELS)}.")
    triples = _checked(triples, entities, relations)
    asked = torch.from_numpy(questions(triples, relations))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = modules()[model](entities, relations, dim)
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for rows in torch.randperm(len(asked)).split(batch):
                head, relation, tail = asked[rows].T
                loss = torch.nn.functional.cross_entropy(net(head, relation), tail)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return net


def questions(triples: np.ndarray, relations: int) -> np.ndarray:
    """Return what triples ask, both ways: (head, relation, tail), then (tail, inverse, head)."""
    head, relation, tail = triples.T
    return np.concatenate([triples, np.stack([tail, relation + relations, head], axis=1)])


def _checked(triples: np.ndarray, entities: int, relations: int) -> np.ndarray:
    triples = np.asarray(triples)
    if triples.ndim != 2 or triples.shape[1] != 3 or not len(triples):
        raise CourseError(
            f"embed: triples of shape {triples.shape}; expected rows of head, relation, tail, and "
            "at least one."
        )
    most = triples.max(axis=0)
    if triples.min() < 0 or most[0] >= entities or most[2] >= entities or most[1] >= relations:
        raise CourseError(
            f"embed: a triple holds a number beyond {entities} entities and {relations} relations."
        )
    return triples.astype(np.int64)


def rank(
    scores: np.ndarray, right: np.ndarray, others: list[list[int]] | None = None, ties: str = "mean"
) -> np.ndarray:
    """Return the place of the right entity among all, 1 for the best.

    Parameters
    ----------
    scores : ndarray, shape (n, entities)
        More is likelier; NaN is taken for the worst.
    right : ndarray of int, shape (n,)
    others : list of list of int, optional
        Entities that are right as well, and so left out of each row (*filtered*); the right one
        itself may be among them. Without it ranks are *raw*.
    ties : str
        One of `TIES`. Only the middle place gives a constant score what it deserves.
    """
    if ties not in TIES:
        raise CourseError(f"embed.rank: ties = {ties!r}; there are {', '.join(TIES)}.")
    scores = np.where(np.isnan(scores), -np.inf, np.asarray(scores, dtype=float))
    rows = np.arange(len(right))
    own = scores[rows, right][:, None]
    left = np.ones(scores.shape, dtype=bool)
    for row, several in enumerate(others or []):
        left[row, several] = False
    left[rows, right] = False  # it is not its own rival
    above, same = ((compared & left).sum(axis=1) for compared in (scores > own, scores == own))
    share = {"mean": 0.5, "optimistic": 0.0, "pessimistic": 1.0}[ties]
    return 1 + above + share * same


def ranks(
    model: torch.nn.Module,
    triples: np.ndarray,
    known: np.ndarray | None = None,
    ties: str = "mean",
) -> np.ndarray:
    """Return the ranks of the tails of triples, then of their heads.

    Parameters
    ----------
    model : Module
        As `train` gives it.
    triples : ndarray of int, shape (n, 3)
        What is asked for.
    known : ndarray of int, shape (m, 3), optional
        All that is true, of every part: right answers that are no rivals. Without it ranks are raw.
    ties : str
        One of `TIES`.

    Returns
    -------
    ndarray, shape (2n,)
    """
    import torch

    entities, relations = len(model.entity), len(model.relation) // 2
    asked = questions(_checked(triples, entities, relations), relations)
    answers: dict[tuple[int, int], list[int]] = defaultdict(list)
    if known is not None:
        true = questions(_checked(known, entities, relations), relations).tolist()
        for head, relation, tail in true:
            answers[head, relation].append(tail)
    found = []
    for part in np.array_split(asked, len(asked) // 4096 + 1):
        with torch.no_grad():
            scores = model(*torch.from_numpy(part[:, :2].copy()).T).numpy()
        others = [answers.get((head, relation), []) for head, relation in part[:, :2].tolist()]
        found.append(rank(scores, part[:, 2], others, ties))
    return np.concatenate(found)


def metrics(ranks: np.ndarray) -> dict[str, float]:
    """Return the mean reciprocal rank, and the shares of ranks within the first 1, 3 and 10."""
    ranks = np.asarray(ranks, dtype=float)
    hits = {f"Hits@{k}": float((ranks <= k).mean()) for k in (1, 3, 10)}
    return {"MRR": float((1 / ranks).mean())} | hits
