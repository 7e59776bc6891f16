"""Forms of English verbs, as far as the library's words need them."""

import functools
from dataclasses import dataclass

IRREGULAR = {
    "be": ("is", "was", "been", "being"),
    "have": ("has", "had", "had", "having"),
    "give": ("gives", "gave", "given", "giving"),
    "hold": ("holds", "held", "held", "holding"),
    "set": ("sets", "set", "set", "setting"),
    "feed": ("feeds", "fed", "fed", "feeding"),
    "bind": ("binds", "bound", "bound", "binding"),
    "shut": ("shuts", "shut", "shut", "shutting"),
    "keep": ("keeps", "kept", "kept", "keeping"),
    "take": ("takes", "took", "taken", "taking"),
    "lie": ("lies", "lay", "lain", "lying"),
    "run": ("runs", "ran", "run", "running"),
    "bring": ("brings", "brought", "brought", "bringing"),
    "lead": ("leads", "led", "led", "leading"),
    "cut": ("cuts", "cut", "cut", "cutting"),
    "eat": ("eats", "ate", "eaten", "eating"),
    "act": ("acts", "acted", "acted", "acting"),
    "carry": ("carries", "carried", "carried", "carrying"),
    "specify": ("specifies", "specified", "specified", "specifying"),
    "slow": ("slows", "slowed", "slowed", "slowing"),
    "map": ("maps", "mapped", "mapped", "mapping"),
    "tip": ("tips", "tipped", "tipped", "tipping"),
    "form": ("forms", "formed", "formed", "forming"),
    "belong": ("belongs", "belonged", "belonged", "belonging"),
    "drive": ("drives", "drove", "driven", "driving"),
    "underlie": ("underlies", "underlay", "underlain", "underlying"),
    "fuel": ("fuels", "fuelled", "fuelled", "fuelling"),
    "leave": ("leaves", "left", "left", "leaving"),
    "stand": ("stands", "stood", "stood", "standing"),
    "fall": ("falls", "fell", "fallen", "falling"),
    "come": ("comes", "came", "come", "coming"),
    "stave": ("staves", "staved", "staved", "staving"),
}


@dataclass(frozen=True)
class Verb:
    """A verb with what follows it.

    Attributes
    ----------
    base, s, past, participle, gerund : str
        ``interfere with``, ``interferes with``, ``interfered with`` twice, ``interfering with``.
    passive : bool
        Whether it has a passive.
    """

    base: str
    s: str
    past: str
    participle: str
    gerund: str
    passive: bool


_NO_PASSIVE = (
    "be have belong lie share map elute resemble precede serve carry end give lead take hold form "
    "contribute predispose dock latch code function act operate feed relay yield raise lower tip "
    "pair eat set stand fall come appear top head enter open follow precede accompany reach "
    "leave run"
)
NO_PASSIVE = tuple(_NO_PASSIVE.split())
"""First words of verbs that are used in the active voice only; see `verb` for the exceptions."""
_PASSIVE_AFTER_ALL = {
    "raise",
    "lower",
    "feed",
    "set off",
    "hold back",
    "take out",
    "yield",
    "bring on",
    "keep in check",
    "keep at bay",
}
_AFTER_VERBS = "to with onto into in for against on from of behind at towards close"
_PREPOSITIONS = tuple(_AFTER_VERBS.split())


@functools.cache
def verb(base: str) -> Verb:
    """Return the forms of a verb, from its base form and what follows it."""
    first, _, rest = base.partition(" ")
    rest = f" {rest}" if rest else ""
    if first in IRREGULAR:
        s, past, participle, gerund = IRREGULAR[first]
    else:
        s = first + ("es" if first.endswith(("s", "x", "z", "ch", "sh")) else "s")
        stem = first[:-1] if first.endswith("e") else first
        past = participle = f"{stem}ed"
        gerund = f"{stem}ing"
    stranded = base.rsplit(" ", 1)[-1] in _PREPOSITIONS  # "was attached to by" is nobody's English
    passive = base in _PASSIVE_AFTER_ALL or not (stranded or first in NO_PASSIVE)
    return Verb(base, s + rest, past + rest, participle + rest, gerund + rest, passive)
