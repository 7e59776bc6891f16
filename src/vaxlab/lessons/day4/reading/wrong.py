"""Slips of day 4, notebook 1: lines on which they show, and what to say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.reading import material
from vaxlab.literature import INVERSES, NO_RELATION

LINES = {"kor": ["PROT:1"], "kor factor 2": ["PROT:2"], "vel": ["GENE:3"], "vel-4": ["GENE:4"]}
"""Names of which one holds another."""
LONG = LINES | {"factor 2": ["PROT:5"], "onset of late vel loss": ["DIS:6"]}
"""With a name that begins inside of another one, and one of five words."""
MOST = 5
"""Words of a name."""


def found(text: str, seen: Sequence[tuple], right: set[tuple]) -> str:
    """Name the slip behind names that were seen in a line."""
    if len(seen) > len(set(seen)) and set(seen) == right:
        return "Each place counts once: this list holds one of them twice."
    seen = set(seen)
    if {(start, end - 1, one) for start, end, one in right} == seen:
        return "`end` is one short: `text[start:end]` should be the name."
    extra, missed = seen - right, right - seen
    if not extra and all(text[b : b + 1] in set(",.;)") for _, b, _ in missed):
        return (
            "A name is not found where a comma, a point or a bracket touches it: they are no part "
            "of a word."
        )
    if not seen:
        return "No name was found here."
    within = any(
        text[max(0, a - 1) : a].isalnum() or text[b : b + 1].isalnum() for a, b, _ in extra
    )
    if within:
        return "A name was found inside of a longer word: only whole words count."
    if any(text[b : b + 1] == "-" for _, b, _ in extra):
        return "A hyphen belongs to the word: `vel` does not stand in `vel-4`."
    if extra and {(a, b) for a, b, _ in seen} == {(a, b) for a, b, _ in right}:
        return "The places are right, the entities are not: `listed` says whose each name is."
    inside = {(a, b) for a, b, _ in extra for c, d, _ in seen & right if c <= a and b <= d}
    if inside and right <= seen:
        return (
            "A name was found inside of a longer name that is found as well: go on behind the "
            "longer one."
        )
    if any(len(text[a:b].split()) == MOST for a, b, _ in missed):
        return f"A name has up to {MOST} words: the one of this line was not found as a whole."
    if any(a < d and c < b for a, b, _ in extra for c, d, _ in seen - {*extra} or right):
        return "Of two names in one place the longest counts, and only that."
    if not extra and all(text.find(text[a:b]) < a for a, b, _ in missed):
        return "A name that comes again counts each time."
    return "These are not the names of this line."


NESTED = "kor factor 2 (KF)"
"""Holds `kor`, which is no name of its own there, and a name of two entities."""


def of_two(text: str, found: set[tuple], right: set[tuple]) -> str:
    """Name the slip behind names of two entities, where plain lines before were right."""
    if text == NESTED and found != right:
        return (
            "Only a name that is found by the rule above says who is meant. In `kor factor 2`, "
            "`kor` is no name of its own."
        )
    if found > right:
        return (
            "A name of two entities was given to one that nothing in this text points to, or to "
            "both. Leave it out unless exactly one of them also stands there by a name of its own."
        )
    return (
        "A name of two entities belongs to the one that the same text, before or after, also calls "
        "by a name of its own."
    )


NOTHING = (
    "`relation` gives `None` here. Where nothing is stated, the answer is the text "
    f'"{NO_RELATION}"; or is a `return` missing on the way?'
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
FAR_CUES = (
    ("HEAD blocked TAIL in no animal.", "`no` stands two words behind the names"),
    ("HEAD activates TAIL, perhaps.", "`perhaps` stands just behind the names"),
    ("We never saw in old mice that HEAD blocks TAIL.",
     "`never` stands six words before the names"),
    ("It seems from the first dishes that HEAD induces TAIL.",
     "`seems` stands six words before the names"),
)  # fmt: skip
"""Cues that stand further from the names, but within reach."""
PLAIN = (
    "No side effects were seen in the first year of this long study of young and old animals, "
    "and later on HEAD blocked TAIL.",
    "HEAD strongly inhibited TAIL in all notable cases, as we now know.",
    "It was not seen at first what made so many old animals well again, but HEAD blocked TAIL.",
    "HEAD blocked TAIL in each of the nine dishes on both days, and others may find the same.",
)
UNHEARD = ("HEAD soothed TAIL.", {"soothes": (r"\b(sooth\w*)\b", r"\b(soothed)( \w+)? by\b")})
"""A verb that only the given patterns know."""


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


def silent(said: Sequence[str], rows: pd.DataFrame) -> tuple[str, str]:
    """Say that too little is found, and show a sentence that the course's rules can read."""
    why = "Too little is found."
    columns = (rows[name] for name in ("text", "kinds", "gold"))
    for answer, text, kinds, gold in zip(said, *columns, strict=True):
        if answer == NO_RELATION != gold == material._relation(text, material.patterns(kinds)):
            return f'{why} Here "{gold}" is stated, and the answer was "{NO_RELATION}".', text
    return why, ""


LEVELS = {1.282: 80, 1.645: 90, 2.326: 98, 2.576: 99}
"""Standard errors to each side, and the percent of cases that they hold."""


def interval(share: np.ndarray, half: np.ndarray, sizes: Sequence[int]) -> str:
    """Name the slip behind half the widths of intervals of shares."""
    sizes = np.asarray(sizes)
    spread = np.sqrt(share * (1 - share))
    if (spread == 0).any() or (half <= 0).any():
        return ""
    reach = half * np.sqrt(sizes) / spread
    if np.allclose(reach, 1.0, rtol=0.05):
        return "One standard error to each side holds two of three only. Take 1.96 of them."
    for errors, percent in LEVELS.items():
        if np.allclose(reach, errors, rtol=0.03):
            return (
                f"This is as wide as a {percent} % interval: {errors} standard errors to each "
                "side. Of 95 % there are 1.96."
            )
    if np.allclose(half, 1.96 * spread, rtol=0.05):
        return "This is how single labels spread. The mean of n spreads √n times less."
    n = np.median((1.96 * spread / half) ** 2)
    if np.allclose(half, 1.96 * spread / np.sqrt(n), rtol=0.05):
        return (
            f"It is as wide as for {n:.0f} labels, however many come in: n is the number of labels."
        )
    return ""


def numbers(
    found: np.ndarray, right: np.ndarray, tokens: Sequence[Sequence[str]], words: dict[str, int]
) -> str:
    """Name the slip behind numbers of tokens."""
    for k, row in enumerate(found):
        begin = place(tokens[k]) - material.BEFORE
        slices = (tokens[k][begin:], tokens[k][begin : begin + len(row)])
        from_end = [_row(one, words, len(row)) for one in slices] if begin < 0 else []
        if (row != right[k]).any() and any((row == one).all() for one in from_end):
            return (
                f"A row that would begin at {begin} is cut from the sentence's end: a negative "
                "number counts from there. Begin at 0 at the least."
            )
    if (found == np.where(right == material.UNKNOWN, material.PAD, right)).all():
        return "A word without a number is 1, not 0: 0 says that there is no word."
    if (found == np.where(right == material.PAD, material.UNKNOWN, right)).all():
        return "Behind the last word there is nothing, 0. A 1 says: some word without a number."
    if ((found[:, 0] == material.PAD) & (found[:, -1] != material.PAD)).any():
        return "The gaps stand before the words: fill up behind them."
    return "Words get the numbers that `words` has, 1 where it has none, and 0 fills up."


def place(tokens: Sequence[str], marks: tuple[str, ...] = ("head:", "tail:")) -> int:
    """Return where the first of the names stands that these marks begin."""
    return next(k for k, token in enumerate(tokens) if token.startswith(marks))


def _row(tokens: Sequence[str], words: dict[str, int], length: int) -> np.ndarray:
    row = [words.get(token, material.UNKNOWN) for token in tokens[:length]]
    return np.array(row + [material.PAD] * (length - len(row)))


def begins(row: np.ndarray, tokens: Sequence[str], words: dict[str, int]) -> list[int]:
    """Return the places, up to the second name, from which a sentence gives this row."""
    last = max(place(tokens, (mark,)) for mark in ("head:", "tail:"))
    return [k for k in range(last + 1) if (_row(tokens[k:], words, len(row)) == row).all()]


def window(
    found: np.ndarray, right: np.ndarray, tokens: Sequence[Sequence[str]], words: dict[str, int]
) -> str:
    """Name the slip behind rows that show another part of their sentences, some of them late."""
    before = material.BEFORE
    rule = (
        f"A row begins {before} tokens before the first of the two names, which `head:` and "
        "`tail:` begin."
    )
    starts: tuple[tuple[str, Callable[[Sequence[str]], int]], ...] = (
        ("Cut at the sentence's start, the names at its end are lost.", lambda _: 0),
        ("These rows begin by the place of `head:`, also where `tail:` comes first.",
         lambda one: place(one, ("head:",)) - before),
        ("These rows begin by the second of the two names.",
         lambda one: max(place(one, (mark,)) for mark in ("head:", "tail:")) - before),
    )  # fmt: skip
    length = found.shape[1]
    for said, start in starts:
        rows = [_row(one[max(0, start(one)) :], words, length) for one in tokens]
        if (found == np.array(rows)).all():
            return f"{said} {rule}"
    late = [(place(one) - before, begins(found[k], one, words)) for k, one in enumerate(tokens)]
    shifts = set.intersection(*({at - begin for at in seen} for begin, seen in late if begin > 3))
    if len(shifts) == 1 and (shift := shifts.pop()):
        way = "late" if shift > 0 else "early"
        return f"These rows begin too {way}, by {abs(shift)}. {rule}"
    filled = (found != material.PAD).sum(axis=1)
    same = [
        (row[:n] == ideal[:n]).all() for row, ideal, n in zip(found, right, filled, strict=True)
    ]
    if all(same) and filled.any():
        return (
            "The rows' start is right, their end is not: a row holds `length` tokens, counted from "
            "where it begins, if the sentence has so many."
        )
    return rule


def network(score: np.ndarray, more: str) -> str:
    """Name the slip behind scores, or say what stands in `more`."""
    if score.min() >= 0 and np.allclose(score.sum(axis=1), 1, atol=1e-3):
        return (
            "The scores of a pair are shares that add up to 1, as a softmax makes them. "
            "`nn.CrossEntropyLoss` takes one of its own, and of two there is little left to learn "
            "from. Give the last layer's scores as they are."
        )
    return more


def split(rows: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame, shared: set[str]) -> str:
    """Name the slip behind a split that shares names."""
    if not len(train) or not len(test):
        return "One of the two sides is empty."
    if not shared:
        return (
            f"{len(train)} pairs to train on and {len(test)} to test on are left, of {len(rows)}: "
            "far fewer than there could be without a name on both sides."
        )
    one = min(shared)
    said = f"{one} is on both sides, and {len(shared) - 1} other names."
    if not set(test["head"]) & set(train["head"]):
        return f"{said} Heads are apart; tails are names as well."
    if not set(test["document"]) & set(train["document"]):
        return f"{said} Documents are apart, and speak of the same names."
    if len(train) + len(test) == len(rows):
        return f"{said} A pair of one name that is held back and one that is not fits neither side."
    return f"{said} The network would know them from its training."


# A split of a made-up table, in which each name that is held back shows --------------------------

Splits = Sequence[Sequence[tuple[pd.DataFrame, pd.DataFrame]]]
RING, NEIGHBOURS = 600, 15
"""Names in a circle, and how many of those behind it each one is named with."""


@cache
def ring() -> pd.DataFrame:
    """Return pairs of names in a circle, each with the next ones; names tell no order."""
    order = np.random.default_rng(416).permutation(RING)
    head = np.repeat(np.arange(RING), NEIGHBOURS)
    tail = (head + np.tile(np.arange(1, NEIGHBOURS + 1), RING)) % RING
    called = np.array([f"PROT:{2000 + k}" for k in order])
    number = [f"R{k:05d}" for k in range(len(head))]
    return pd.DataFrame(
        {"document": number, "sentence": 0, "head": called[head], "tail": called[tail]}
    )


def kept(shares: Sequence[float], splits: Splits, rule: str) -> str:
    """Say what is wrong with splits of the circle, some for each share; or nothing.

    How many names are held back may be rounded only, if it is the same for each seed. Where it
    differs, each name may have been drawn by itself: then the mean is looked at.
    """
    pairs = ring()
    names = [[{*train["head"], *train["tail"]} for train, _ in parts] for parts in splits]
    counts = [[RING - len(one) for one in some] for some in names]
    held = np.array([np.mean(one) / RING for one in counts])
    off = np.abs(held - shares)
    k = int(np.argmax(off))
    seen = f"At a `share` of {shares[k]:g}, {100 * held[k]:.0f} % of the names are held back."
    if np.allclose(held, 1 - np.exp(-np.asarray(shares)), atol=0.015):
        return f"{seen} That is what is left if a name can be drawn twice: `replace=False`."
    if np.allclose(held, 1 - np.asarray(shares), atol=0.03):
        return f"{seen} So big the rest should be. Are the two tables swapped, or the shares?"
    for parts, some in zip(splits, names, strict=True):
        for (train, test), one in zip(parts, some, strict=True):
            head, tail = (pairs[end].isin(one) for end in ("head", "tail"))
            if len(train) < (head & tail).sum() or len(test) < (~head & ~tail).sum():
                return rule
    if (off <= [1.01 / RING if len(set(one)) == 1 else 0.045 for one in counts]).all():
        return ""
    if np.ptp(held) < 0.01:
        return f"{seen} It is as many at a share of {shares[1 - k]:g}: use `share`."
    return f"{seen} {rule}"
