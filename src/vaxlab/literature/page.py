"""A document while it is written: names as they are used in it, and where each one stands."""

import re
from typing import NamedTuple

from vaxlab.literature.dice import Dice
from vaxlab.literature.grammar import Meaning, Phrase
from vaxlab.literature.lexicon import CLASS_NOUNS
from vaxlab.literature.world import Entity, World

_SLOT = re.compile(r"\{(\d+)\}")
_NEEDS_THE = ("cascade", "axis", "loop", "relay", "circuit", "checkpoint", "pathway")
UNEXPLAINED = 0.04
"""Of all abbreviations: used without having been spelt out."""
_AS_WRITTEN = ("gene", "cell line", "probe")
"""Kinds whose names keep a small first letter even where a sentence begins with it."""


class Mention(NamedTuple):
    """Where an entity stands: offsets within its part (``title`` or ``text``).

    ``named`` is False for words that point back, such as "this kinase".
    """

    part: str
    sentence: int
    start: int
    end: int
    text: str
    entity: str
    named: bool


class Statement(NamedTuple):
    """What a sentence says of two entities; ``form`` is how it was built."""

    sentence: int
    head: str
    relation: str
    tail: str
    polarity: str
    certainty: str
    form: str
    pointed: bool


class Page:
    """A document that grows sentence by sentence.

    Parameters
    ----------
    world : World
    dice : Dice
    """

    def __init__(self, world: World, dice: Dice) -> None:
        self.world, self.dice = world, dice
        self.text = ""
        self.mentions: list[Mention] = []
        self.statements: list[Statement] = []
        self.forms: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self.short: set[str] = set()
        self.turns: set[str] = set()
        self._used: dict[str, str] = {}
        self._open: list[tuple[str, str, bool]] = []
        self._said: list[tuple[str, str, str, Meaning, bool]] = []

    def _slot(self, entity: str, surface: str, named: bool = True) -> str:
        self._open.append((entity, surface, named))
        return f"{{{len(self._open) - 1}}}"

    def name(self, entity: str) -> str:
        """Return a place for a name, as this document calls the entity by now."""
        what, d = self.world.entities[entity], self.dice
        if entity not in self._used:
            names = (what.name, *what.synonyms)
            if what.abbreviation and d.chance(UNEXPLAINED):
                self._used[entity] = what.abbreviation
                return self._slot(entity, what.abbreviation)
            # Mostly the canonical one.
            self._used[entity] = what.name if d.chance(0.6) else d.pick(names)
            if what.kind == "fault":
                self._used[entity] = d.pick(what.synonyms)
            slot = self._with_the(entity, self._used[entity])
            # A protein's initials are those of its synonym.
            spelt = what.synonyms[0] if what.kind == "protein" else what.name
            if what.abbreviation and self._used[entity] == spelt and d.chance(0.75):
                self.short.add(entity)
                slot += f" ({self._slot(entity, what.abbreviation)})"
            return slot
        if entity in self.short and d.chance(0.8):
            return self._slot(entity, what.abbreviation)
        if what.synonyms and d.chance(0.12):
            return self._with_the(entity, d.pick(what.synonyms))
        return self._with_the(entity, self._used[entity])

    def _with_the(self, entity: str, surface: str) -> str:
        slot = self._slot(entity, surface)
        return f"the {slot}" if surface.endswith(_NEEDS_THE) else slot

    def back(self, entity: str) -> str:
        """Return a place for words that point back to an entity."""
        what = self.world.entities[entity]
        if what.kind == "protein":
            words = self.dice.pick((f"this {what.note}", f"the {what.note}", "this protein"))
        else:
            words = self.dice.pick(CLASS_NOUNS[what.kind])
        return self._slot(entity, words, named=False)

    def phrase(self, entity: str, tail: bool = False, plain: bool = False) -> Phrase:
        """Return a noun phrase around the entity's name."""
        d, what = self.dice, self.world.entities[entity]
        first = entity not in self._used
        bare = self.name(entity)
        if plain or first or d.chance(0.5):
            return Phrase(bare, bare)
        text, plural = _dressed(d, what, bare, tail)
        return Phrase(bare, text, plural)

    def say(self, head: str, relation: str, tail: str, meaning: Meaning, pointed: bool = False):
        """Note what the sentence in hand states."""
        self._said.append((head, relation, tail, meaning, pointed))

    def end(self, form: str, sentence: str, stop: str = ".") -> None:
        """End a sentence: fill in the names and note where they stand."""
        if self.text:
            self.text += " "
        start, number = len(self.text), len(self.forms)
        filled, found = fill(self.world, sentence + stop, self._open)
        self.text += filled
        for low, high, entity, named in found:
            self.mentions.append(
                Mention("text", number, start + low, start + high, filled[low:high], entity, named)
            )
        for head, relation, tail, meaning, pointed in self._said:
            self.statements.append(
                Statement(
                    number, head, relation, tail, meaning.polarity, meaning.certainty, form, pointed
                )
            )
        self.forms.append(form)
        self._spans.append((start, len(self.text)))
        self._open, self._said = [], []

    def spans(self) -> list[tuple[tuple[int, int], str]]:
        """Return start and end of every sentence, and how it was built."""
        return list(zip(self._spans, self.forms, strict=True))

    def forget(self) -> None:
        """Forget which names were introduced: a text does not rely on its title."""
        self._used, self.short = {}, set()

    def entitle(self, sentence: str) -> str:
        """Return a title with its names filled in, and note where they stand."""
        filled, found = fill(self.world, sentence, self._open)
        for low, high, entity, named in found:
            self.mentions.append(Mention("title", -1, low, high, filled[low:high], entity, named))
        self._open = []
        return filled


def fill(
    world: World, sentence: str, slots: list[tuple[str, str, bool]]
) -> tuple[str, list[tuple[int, int, str, bool]]]:
    """Return a sentence with its names, and for each where it stands, whose it is, and if named."""
    parts, found, length = [], [], 0
    pieces = _SLOT.split(sentence)
    for i, piece in enumerate(pieces):
        if i % 2 == 0:
            if i == 0 and piece:
                piece = piece[0].upper() + piece[1:]
        else:
            entity, surface, named = slots[int(piece)]
            lower = not named or world.entities[entity].kind not in _AS_WRITTEN
            if not length and lower:
                surface = surface[0].upper() + surface[1:]
            if parts and parts[-1].endswith(" a ") and surface[0] in "aeiouAEIOU":
                parts[-1] = parts[-1][:-1] + "n "
                length += 1
            piece = surface
            found.append((length, length + len(surface), entity, named))
        parts.append(piece)
        length += len(piece)
    return "".join(parts), found


def _dressed(d: Dice, what: Entity, bare: str, tail: bool) -> tuple[str, bool]:
    """Return a name with what goes around it, and whether it takes a plural verb."""
    if what.kind == "gene":
        return d.pick(
            (
                (f"the {bare} gene", False),
                (f"high {bare} expression", False),
                (f"variants of {bare}", True),
                (f"overexpression of {bare}", False),
                (f"copies of {bare}", True),
            )
        )
    if what.kind == "protein":
        if bare.startswith("the "):
            return bare, False
        forms = [(f"the {what.note} {bare}", False), (f"active {bare}", False)]
        forms.append((f"{bare} activity", False) if tail else (f"the {bare} protein", False))
        return d.pick(forms)
    if what.kind == "compound":
        return d.pick(
            (
                (f"treatment with {bare}", False),
                (f"low-dose {bare}", False),
                (f"the compound {bare}", False),
                (f"oral {bare}", False),
                (f"two doses of {bare}", True),
            )
        )
    if what.kind == "disease":
        return d.pick((f"experimental {bare}", f"early {bare}", f"severe {bare}", bare)), False
    return bare, False
