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
LONG_WAY = (("G", "P", "way0"), ("P", "Q", "way1"), ("Q", "W", "way2"), ("W", "D", "way3"))
"""Always open, and always longer than what tempts: head, tail, document of each step."""
LEFT_OUT = (
    "Mind what you leave out: only rows, not edges that another row states as well, and only those "
    "of a sentence (same document, same number) in which a row joins the two."
)


BOTH_WAYS = "One of its steps leads from a tail to its head: both directions are allowed."


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
        Steps of the right chain; a document of its own for each, or ``document sentence``.
    left_out : str
        Of a chain that is missing or too long.
    """

    label: str
    said: str
    rows: tuple[tuple[str, str, str, int, str], ...]
    way: tuple[tuple[str, str, str], ...] = LONG_WAY
    left_out: str = LEFT_OUT


# Each graph holds the pair itself, in one form or another: nobody passes without a look at it.
TRAPS = (
    # Besides, a step that leads from tail to head, and ways round for those who take any.
    Trap(
        "not the edge itself",
        "A step of this chain has no source but those that speak of the pair.",
        (
            ("G", "D", "a", 1, "for"),
            ("D", "G", "b", 4, "for"),
            ("G", "D", "entry", 0, "for"),
            ("G", "H", "c", 1, "for"),
            ("H", "P", "c", 2, "for"),
            ("Q", "E", "c", 3, "for"),
            ("E", "W", "c", 4, "for"),
        ),
        (("G", "P", "way0"), ("P", "Q", "way1"), ("W", "Q", "way2"), ("W", "D", "way3")),
        BOTH_WAYS,
    ),
    # The last step stands in the same document, in a sentence that has the number of another one,
    # and besides in the very sentence.
    Trap(
        "not its sentences",
        "This chain rests on a sentence that says the pair itself. What else stands in that "
        "sentence is no other source: look for all rows with its document and sentence.",
        (
            ("G", "D", "a", 2, "for"),
            ("G", "D", "c", 5, "for"),
            ("G", "E", "b", 3, "for"),
            ("E", "H", "b", 4, "for"),
            ("H", "D", "a", 2, "for"),
            ("W", "D", "a", 2, "for"),
        ),
        (("G", "P", "way0"), ("P", "Q", "way1"), ("Q", "W", "way2"), ("W", "D", "a 5")),
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
        (("G", "P", "a 5"), ("P", "Q", "way1"), ("Q", "W", "way2"), ("W", "D", "way3")),
    ),
    # Both ends are named in one sentence that no row joins; a step is denied elsewhere.
    Trap(
        "only what is said for something",
        "A step of this chain is denied or doubted by the only sentence that it has.",
        (
            ("G", "D", "a", 2, "for"),
            ("G", "E", "b", 2, "against"),
            ("E", "D", "c", 1, "for"),
            ("G", "W", "d", 7, "unsure"),
            ("P", "Q", "e", 3, "against"),
            ("Q", "W", "f", 1, "unsure"),
        ),
        (("G", "P", "both 1"), ("P", "Q", "way1"), ("Q", "W", "way2"), ("W", "D", "both 1")),
        "Mind what you leave out: a step that one sentence denies and another one states is a "
        "step, and a sentence that names both speaks of the pair only if a row joins them.",
    ),
    Trap(
        "no chain, no reason",
        "Nothing joins these two but sentences that say the pair itself: give an empty list.",
        (
            ("G", "D", "a", 1, "for"),
            ("G", "E", "a", 1, "for"),
            ("D", "E", "a", 1, "for"),
            ("G", "P", "b", 2, "for"),
            ("W", "D", "c", 3, "for"),
        ),
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
    rows = list(trap.rows)
    for k, (a, b, where) in enumerate(trap.way):
        document, _, sentence = where.partition(" ")
        rows.append((a, b, document, int(sentence or k), "for"))
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


def written_in(
    evidence: pd.DataFrame, gene: str, disease: str, *, is_tempting: bool
) -> pd.DataFrame:
    """Return a library with rows more, which join a known pair by an entity in two steps.

    Parameters
    ----------
    evidence : DataFrame
    gene, disease : str
        A row joins them.
    is_tempting : bool
        Whether both steps stand in a sentence that speaks of the pair, and are denied elsewhere.
        If not, the first stands in another sentence of that document as well, and the second,
        which is also denied, in a document of its own.
    """
    joins = (evidence["head"] == gene) & (evidence["tail"] == disease)
    at = evidence[joins].iloc[-1]
    entities = evidence.loc[evidence["head"].str.startswith("PWY"), "head"].unique()
    other = str(entities[int(at["sentence"]) % len(entities)])
    first = at.to_dict() | {"tail": other, "stance": "for"}
    second = at.to_dict() | {"head": other, "stance": "for"}
    rows = [first, second]
    if is_tempting:
        away = {"document": "A9999", "stance": "against"}
        rows += [first | away | {"sentence": 1}, second | away | {"sentence": 2}]
    else:
        again = at.to_dict() | {"document": "A9997", "sentence": 97}
        stated = second | {"document": "A9998", "sentence": 1}
        denied = second | {"document": "A9999", "sentence": 1, "stance": "against"}
        rows = [first, first | {"sentence": 97}, again, stated, denied]
    return pd.concat([evidence, pd.DataFrame(rows)], ignore_index=True)


def fault(
    found: list[str], evidence: pd.DataFrame, gene: str, disease: str, left_out: str = ""
) -> str:
    """Return what is wrong with a chain, `FORBIDDEN` where a step is, or nothing.

    ``left_out`` is said where a chain is missing or too long.
    """
    admitted = material._admitted(evidence, gene, disease)
    right = material._shortest(admitted, gene, disease)
    if not found and right:
        return f"There is a chain, and you found none. {left_out}".strip()
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
        return f"A shorter chain is there: {len(right) - 1} steps. {left_out}".strip()
    return ""


def _both_ways(rows: pd.DataFrame) -> set[tuple[Any, Any]]:
    ends = set(zip(rows["head"].to_numpy(), rows["tail"].to_numpy(), strict=True))
    return ends | {(tail, head) for head, tail in ends}
