"""Small graphs with one trap each, and what is wrong with a chain through them.

Five letters name what a case joins: the gene G, the disease D, and others between them. Real ids
are drawn when a case is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.top_ten import material

Case = tuple[pd.DataFrame, str, str]
"""Evidence, gene, disease."""
FORBIDDEN = "forbidden"
ITSELF = (
    "A step of this chain is the very edge that is to be explained. It may stand in the graph in "
    "both directions, and under several relations."
)
KINDS = {"G": "GENE", "H": "GENE", "P": "PROT", "Q": "PROT", "W": "PWY", "E": "DIS", "D": "DIS"}
LONG_WAY = (("G", "P"), ("P", "Q"), ("Q", "W"), ("W", "D"))
"""Always open, and always longer than what tempts."""


@dataclass(frozen=True)
class Trap:
    """A graph in which a careless chain is shorter than a right one.

    Attributes
    ----------
    label : str
    said : str
        Of a chain that takes what it may not take.
    rows : tuple
        Head, tail, document, sentence, stance.
    way : tuple
        Steps of which each has a source of its own.
    """

    label: str
    said: str
    rows: tuple[tuple[str, str, str, int, str], ...]
    way: tuple[tuple[str, str], ...] = LONG_WAY


# Each graph holds the pair itself, in one form or another: nobody passes without a look at it.
TRAPS = (
    Trap(
        "not the edge itself",
        "A step of this chain has no source but those that speak of the pair.",
        (("G", "D", "a", 1, "for"), ("D", "G", "b", 4, "for"), ("G", "D", "entry", 0, "for")),
    ),
    Trap(
        "not its sentences",
        "This chain rests on a sentence that says the pair itself. What else stands in that "
        "sentence is no other source: look for all rows with its document and sentence.",
        (
            ("G", "D", "a", 2, "for"),
            ("G", "E", "b", 3, "for"),
            ("E", "H", "b", 4, "for"),
            ("H", "D", "a", 2, "for"),
        ),
    ),
    Trap(
        "sentences that doubt the pair speak of it, too",
        "This chain rests on a sentence that speaks of the pair, if only in doubt. Leave out its "
        "rows whatever their stance, *before* you keep those that are `for` something.",
        (
            ("G", "D", "a", 2, "unsure"),
            ("G", "E", "a", 2, "for"),
            ("E", "D", "c", 1, "for"),
            ("D", "G", "d", 5, "against"),
        ),
    ),
    Trap(
        "only what is said for something",
        "A step of this chain is denied or doubted by the only sentence that it has.",
        (
            ("G", "D", "a", 2, "for"),
            ("G", "E", "b", 2, "against"),
            ("E", "D", "c", 1, "for"),
            ("G", "W", "d", 7, "unsure"),
        ),
    ),
    Trap(
        "no chain, no reason",
        "Nothing joins these two but themselves: give an empty list.",
        (("G", "D", "a", 1, "for"), ("G", "P", "b", 2, "for"), ("W", "D", "c", 3, "for")),
        (),
    ),
)


def drawn(trap: Trap, rng: np.random.Generator) -> Case:
    """Return a trap's evidence under drawn ids, with other edges beside it, in random order."""
    ids = {
        letter: f"{kind}:{number:04d}"
        for (letter, kind), number in zip(
            KINDS.items(), rng.choice(900, len(KINDS), replace=False), strict=True
        )
    }
    rows = [*trap.rows, *((a, b, f"way{k}", k, "for") for k, (a, b) in enumerate(trap.way))]
    # Neighbours that lead nowhere.
    rows += [(end, f"X{k}", f"more{k}", k, "for") for k, end in enumerate("GDPW") for _ in "12"]
    table = pd.DataFrame(rows, columns=["head", "tail", "document", "sentence", "stance"])
    table["document"] = table["document"].map(lambda name: f"A{sum(map(ord, name)):04d}{name}")
    for end in ("head", "tail"):
        table[end] = [ids.get(letter, f"CPD:9{letter[1:]}") for letter in table[end]]
    table["relation"] = rng.choice(["promotes", "activates", "inhibits"], len(table))
    table = table.drop_duplicates(["head", "tail", "document", "sentence"])
    columns = ["head", "relation", "tail", "document", "sentence", "stance"]
    return table[columns].sample(frac=1, random_state=int(rng.integers(1000))), ids["G"], ids["D"]


def fault(found: list[str], evidence: pd.DataFrame, gene: str, disease: str) -> str:
    """Return what is wrong with a chain, `FORBIDDEN` where a step is, or nothing."""
    admitted = material._admitted(evidence, gene, disease)
    right = material._shortest(admitted, gene, disease)
    if not found and right:
        return "There is a chain, and you found none."
    if not found:
        return ""
    if found[0] != gene or found[-1] != disease:
        return "A chain begins with the gene and ends with the disease."
    rows = _both_ways(admitted)
    steps = list(zip(found, found[1:], strict=False))
    if any({*step} == {gene, disease} for step in steps):
        return ITSELF
    if any(step not in rows for step in steps):
        joined = _both_ways(evidence)
        apart = next((step for step in steps if step not in joined), None)
        return f"Nothing joins {' and '.join(apart)}." if apart else FORBIDDEN
    if len(found) > len(right):
        return f"A shorter chain is there: {len(right) - 1} steps."
    return ""


def _both_ways(rows: pd.DataFrame) -> set[tuple[Any, Any]]:
    ends = set(zip(rows["head"].to_numpy(), rows["tail"].to_numpy(), strict=True))
    return ends | {(tail, head) for head, tail in ends}
