"""Slips of day 4, notebook 1: lines on which they show, and what to say of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.reading import material
from vaxlab.literature import INVERSES, NO_RELATION

LINES = {"kor": ["PROT:1"], "kor factor 2": ["PROT:2"], "vel": ["GENE:3"], "vel-4": ["GENE:4"]}
"""Names of which one holds another."""


def found(text: str, seen: set[tuple], right: set[tuple]) -> str:
    """Name the slip behind names that were seen in a line."""
    if {(start, end - 1, one) for start, end, one in right} == seen:
        return "`end` is one short: `text[start:end]` should be the name."
    if not seen:
        return "No name was found here."
    extra = seen - right
    within = any(
        text[max(0, a - 1) : a].isalnum() or text[b : b + 1].isalnum() for a, b, _ in extra
    )
    if within:
        return "A name was found inside of a longer word: only whole words count."
    if any(text[b : b + 1] == "-" for _, b, _ in extra):
        return "A hyphen belongs to the word: `vel` does not stand in `vel-4`."
    if any(a < d and c < b for a, b, _ in extra for c, d, _ in seen - {*extra} or right):
        return "Of two names in one place the longest counts, and only that."
    if seen < right:
        return "A name that comes again counts each time."
    return "These are not the names of this line."


def of_two(found: set[tuple], right: set[tuple]) -> str:
    """Name the slip behind names of two entities."""
    if found > right:
        return (
            "A name of two entities was given to one that nothing in this text points to, or to "
            "both. Leave it out unless exactly one of them also stands there by a name of its own."
        )
    return (
        "A name of two entities belongs to the one that the same text, before or after, also calls "
        "by a name of its own."
    )


INHIBITS = {
    "inhibits": (r"\b(inhibit\w*|block\w*)\b", r"\b(inhibited|blocked)( \w+)? by\b"),
    "activates": (r"\b(activat\w*|induc\w*)\b", r"\b(activated|induced)( \w+)? by\b"),
}
VOICES = (
    ("HEAD inhibited TAIL in ferrets.", "inhibits", "HEAD comes first: the first pattern is it."),
    ("In mice TAIL was activated by HEAD.", "activates",
     "TAIL comes first, and the second pattern stands between: that is the passive voice."),
    ("HEAD was blocked by TAIL.", NO_RELATION,
     "HEAD was blocked. Where the second pattern stands after HEAD, TAIL does it."),
    ("TAIL induces HEAD in cells.", NO_RELATION,
     "Here TAIL does it: where TAIL comes first, only the second pattern counts."),
    ("HEAD and TAIL were measured, and a kinase was inhibited.", NO_RELATION,
     "The verb stands after both names: look only between them."),
)  # fmt: skip


DENIED = (
    "HEAD did not inhibit TAIL.",
    "We found no evidence that HEAD blocks TAIL.",
    "TAIL was never activated by HEAD in these animals.",
    "HEAD failed to induce TAIL in any of the dishes.",
)
SUPPOSED = (
    "HEAD may inhibit TAIL.",
    "These data suggest that HEAD blocks TAIL.",
    "TAIL is thought to be activated by HEAD.",
    "It is unclear whether HEAD induces TAIL.",
)
PLAIN = (
    "No side effects were seen in the first year of this long study of young and old animals, "
    "and later on HEAD blocked TAIL.",
    "HEAD strongly inhibited TAIL in all notable cases, as we now know.",
)


def labels(found: np.ndarray, right: np.ndarray) -> str:
    """Name the slip behind labels."""
    off = found != right
    if np.isin(found[off], ["nan", "None", "NaN", ""]).any():
        return f'Of two that the graph does not join, the label is "{NO_RELATION}".'
    if np.isin(found[off], list(INVERSES.values())).any():
        return "The graph lists some edges the other way round, too: `inhibited_by` is no label."
    if (right[off] == "binds").all() and (found[off] == NO_RELATION).all():
        return "`binds` has no direction: what binds is bound, whichever of the two is the head."
    if (right[off] == NO_RELATION).all() and "binds" not in found[off]:
        return "An edge goes from head to tail, and was taken both ways. Only `binds` goes both."
    return "These are not the graph's relations of the pairs."


def numbers(found: np.ndarray, right: np.ndarray) -> str:
    """Name the slip behind numbers of tokens."""
    if (found == np.where(right == material.UNKNOWN, material.PAD, right)).all():
        return "A word without a number is 1, not 0: 0 says that there is no word."
    if (found == np.where(right == material.PAD, material.UNKNOWN, right)).all():
        return "Behind the last word there is nothing, 0. A 1 says: some word without a number."
    if ((found[:, 0] == material.PAD) & (found[:, -1] != material.PAD)).any():
        return "The gaps stand before the words: fill up behind them."
    return "Words get the numbers that `words` has, 1 where it has none, and 0 fills up."


def split(rows: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame, shared: set[str]) -> str:
    """Name the slip behind a split that shares names."""
    if not len(train) or not len(test):
        return "One of the two sides is empty."
    one = min(shared)
    said = f"{one} is on both sides, and {len(shared) - 1} other names."
    if not set(test["head"]) & set(train["head"]):
        return f"{said} Heads are apart; tails are names as well."
    if not set(test["document"]) & set(train["document"]):
        return f"{said} Documents are apart, and speak of the same names."
    if len(train) + len(test) == len(rows):
        return f"{said} A pair of one name that is held back and one that is not fits neither side."
    return f"{said} The network would know them from its training."
