"""From a relation to a clause: many forms, of which each can hold, be denied, or be supposed."""

from collections.abc import Callable
from dataclasses import dataclass

from vaxlab.literature.dice import Dice
from vaxlab.literature.lexicon import Words
from vaxlab.literature.morphology import Verb, verb

STATED, HEDGED = "stated", "hedged"
AFFIRMED, NEGATED = "affirmed", "negated"

PLAIN_SHARE = 0.7
"""Of all verbs used: the plain ones of a relation."""


@dataclass(frozen=True)
class Phrase:
    """A noun phrase.

    Attributes
    ----------
    bare : str
        The name alone.
    text : str
        With what goes around it.
    plural : bool
        Whether the text takes a plural verb.
    """

    bare: str
    text: str
    plural: bool = False

    @property
    def was(self) -> str:
        """Return the verb that goes with the text."""
        return "were" if self.plural else "was"


@dataclass(frozen=True)
class Meaning:
    """What a clause says of head and tail.

    Attributes
    ----------
    polarity : str
        ``affirmed`` or ``negated``.
    certainty : str
        ``stated`` or ``hedged``.
    """

    polarity: str = AFFIRMED
    certainty: str = STATED

    @property
    def mode(self) -> str:
        """Return ``yes``, ``no`` or ``may``."""
        if self.certainty == HEDGED:
            return "may"
        return "yes" if self.polarity == AFFIRMED else "no"


_TO_YES = (
    "was found to",
    "was seen to",
    "proved to",
    "was shown to",
    "turned out to",
    "is known to",
)
_TO_NO = ("failed to", "was unable to", "was not found to", "could not be shown to", "ceased to")
_TO_MAY = (
    "is thought to",
    "appears to",
    "is likely to",
    "seems to",
    "is suspected to",
    "is believed to",
    "would be expected to",
)
_MODALS = ("may", "might", "could", "may well", "may in part")
_ADVERBS_MAY = ("possibly", "perhaps", "presumably", "probably")
_ADVERBS_YES = (
    "markedly",
    "clearly",
    "consistently",
    "strongly",
    "repeatedly",
    "directly",
    "still",
)
_THAT_YES = (
    "we found that",
    "we show that",
    "our data show that",
    "it was found that",
    "there is now good evidence that",
    "these results establish that",
    "it is well known that",
    "two groups have shown that",
    "others had shown that",
    "it became clear that",
    "the trial confirmed that",
    "not only was this reproduced, but it was confirmed that",
)
_THAT_SOBER = (
    "we report that",
    "we note that",
    "it was noted that",
    "the records show that",
    "we should add that",
    "it should be said that",
    "readers may know that",
)
_THAT_NO = (
    "we found no evidence that",
    "there was no sign that",
    "we could not confirm that",
    "nothing suggested that",
    "the data argue against the view that",
    "it was ruled out that",
    "no group has been able to show that",
    "there is little support for the claim that",
    "we were not able to reproduce the report that",
)
_THAT_MAY = (
    "these data suggest that",
    "it is conceivable that",
    "one explanation is that",
    "we speculate that",
    "it has been proposed that",
    "this raises the possibility that",
    "it remains to be seen whether",
    "it is unclear whether",
    "some authors suspect that",
    "we cannot exclude that",
    "a working hypothesis is that",
    "it is tempting to think that",
)
SAYING = _THAT_YES + _THAT_SOBER + _THAT_NO + _THAT_MAY
"""Words before a clause that leave no room for an opener."""

_SEEN_YES = ("was observed", "was seen", "was confirmed", "was evident", "was noted", "stood out")
_SEEN_NO = (
    "was not observed",
    "was not seen",
    "could not be confirmed",
    "was absent",
    "was ruled out",
)
_SEEN_MAY = (
    "is suspected",
    "seems possible",
    "cannot be excluded",
    "would explain these findings",
    "remains to be shown",
    "has been proposed",
)


def _choose(d: Dice, mode: str, yes: tuple, no: tuple, may: tuple) -> str:
    return d.pick({"yes": yes, "no": no, "may": may}[mode])


def pick_verb(d: Dice, words: Words) -> Verb:
    """Return one of a relation's verbs: mostly a plain one."""
    if d.chance(PLAIN_SHARE):
        return verb(words.verbs[d.below(words.plain)])
    return verb(d.pick(words.verbs))


def group(d: Dice, v: Verb, mode: str, plural: bool = False, sober: bool = False) -> str:
    """Return the verb in the active voice: ``did not inhibit``, ``may inhibit``."""
    draw, present = d.number(), d.chance(0.3) and not (sober and v.base.startswith("be "))
    if mode == "yes":
        draw = 0.5 if sober else draw
        if draw < 0.22:
            return _agree(d.pick(_TO_YES), plural) + f" {v.base}"
        adverb = f"{d.pick(_ADVERBS_YES)} " if draw > 0.8 and not v.base.startswith("be ") else ""
        if present:
            return adverb + (_plural_of(v) if plural else v.s)
        past = "were" + v.past[3:] if plural and v.base.startswith("be ") else v.past
        return adverb + past
    if mode == "no":
        if draw < 0.4:
            return _agree(d.pick(_TO_NO), plural) + f" {v.base}"
        if v.base.startswith("be "):
            return ("were" if plural else "was") + f" not{v.base[2:]}"
        if present:
            return ("do" if plural else "does") + f" not {v.base}"
        return "never " + v.past if draw > 0.9 else f"did not {v.base}"
    if draw < 0.4:
        return f"{d.pick(_MODALS)} {v.base}"
    if draw < 0.85:
        return _agree(d.pick(_TO_MAY), plural) + f" {v.base}"
    return f"{d.pick(_ADVERBS_MAY)} {_plural_of(v) if plural else v.s}"


def passive(d: Dice, v: Verb, mode: str, plural: bool = False, sober: bool = False) -> str:
    """Return the verb in the passive voice: ``was not inhibited``, ``may be inhibited``."""
    draw = 0.5 + 0.3 * d.number() if sober and mode == "yes" else d.number()
    was = "were" if plural else "was"
    if mode == "yes":
        if draw < 0.2:
            return _agree(d.pick(_TO_YES), plural) + f" be {v.participle}"
        adverb = f"{d.pick(_ADVERBS_YES)} " if draw > 0.8 else ""
        return f"{was if draw < 0.7 else 'are' if plural else 'is'} {adverb}{v.participle}"
    if mode == "no":
        if draw < 0.25:
            return _agree(d.pick(_TO_NO), plural) + f" be {v.participle}"
        return f"{was} {'never' if draw > 0.9 else 'not'} {v.participle}"
    if draw < 0.5:
        return f"{d.pick(_MODALS)} be {v.participle}"
    return _agree(d.pick(_TO_MAY), plural) + f" be {v.participle}"


def _agree(words: str, plural: bool) -> str:
    if not plural:
        return words
    first, _, rest = words.partition(" ")
    forms = {"was": "were", "is": "are", "appears": "appear", "seems": "seem"}
    return f"{forms.get(first, first)} {rest}"


def _plural_of(v: Verb) -> str:
    return "are" + v.base[2:] if v.base.startswith("be ") else v.base


DONE = (
    "was part of the protocol",
    "is described elsewhere",
    "was left to the centres",
    "has been published",
    "took less than a week",
    "was made in duplicate",
    "was included",
    "is given in the supplement",
    "was done by two of us",
)

Form = Callable[..., str]


def _active(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str, plain: bool = False) -> str:
    return f"{h.text} {group(d, pick_verb(d, w), mode, h.plural, plain or w.sober)} {t.text}"


def _passive(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str, plain: bool = False) -> str:
    v = pick_verb(d, w)
    if not v.passive:
        return _active(d, w, h, t, mode, plain)
    return f"{t.text} {passive(d, v, mode, t.plural, plain or w.sober)} by {h.text}"


def _reported(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    """Put the clause under a verb of saying, which alone carries the mode."""
    inner = d.pick((_active, _active, _passive, _agent))(d, w, h, t, "yes", True)
    if w.sober and mode == "yes":
        return f"{d.pick(_THAT_SOBER)} {inner}"
    return f"{_choose(d, mode, _THAT_YES + _THAT_SOBER, _THAT_NO, _THAT_MAY)} {inner}"


def _agent(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str, plain: bool = False) -> str:
    noun = d.pick(w.agents)
    if plain:
        return f"{h.bare} {d.pick(('is', 'was'))} {noun} {t.bare}"
    bare = noun.split(" ", 1)[1] if noun.startswith(("a ", "an ", "the ")) else noun
    link = {
        "yes": (
            f"is {noun}",
            f"acts as {noun}",
            f"was identified as {noun}",
            f"proved to be {noun}",
        ),
        "no": (f"is not {noun}", f"did not act as {noun}", f"was no {bare}", f"is hardly {noun}"),
        "may": (
            f"may be {noun}",
            f"could act as {noun}",
            f"is a putative {bare}",
            f"was put forward as {noun}",
            f"is discussed as {noun}",
        ),
    }[mode]
    return f"{h.bare} {d.pick(link)} {t.bare}"


def _noun(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    what = d.pick(w.nouns).format(h=h.bare, t=t.bare)
    if w.sober and mode == "yes":
        return f"{what} {d.pick(DONE)}"
    if mode == "no" and d.chance(0.4):
        what = what.removeprefix("a ").removeprefix("an ")
        return f"no {what} was {d.pick(('seen', 'observed', 'found', 'detected'))}"
    return f"{what} {_choose(d, mode, _SEEN_YES, _SEEN_NO, _SEEN_MAY)}"


def _turn(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    yes, no = d.pick(w.turns)
    clause = (no if mode == "no" else yes).format(h=h.bare, t=t.bare)
    return f"{d.pick(_THAT_MAY)} {clause}" if mode == "may" else clause


PREDICATES = (
    "was given once a day",
    "was detected in all samples",
    "has attracted little attention so far",
    "was present at every visit",
    "has been known for two decades",
    "was missing from earlier lists",
    "came up in three independent screens",
    "was traced over a year",
    "had been set aside in the pilot",
    "was followed from week to week",
    "is easy to measure in blood",
    "was at the centre of this work",
    "had a narrow time window",
    "was looked at in both sexes",
    "varied little between centres",
)


def _relative(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    v = pick_verb(d, w)
    if v.passive and d.chance(0.4):
        return f"{t.bare}, which {passive(d, v, mode)} by {h.bare}, {d.pick(PREDICATES)}"
    return f"{h.bare}, which {group(d, v, mode, False, w.sober)} {t.bare}, {d.pick(PREDICATES)}"


def _participle(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    v, predicate = pick_verb(d, w), d.pick(PREDICATES)
    if v.base.startswith(("be ", "belong ", "have ")):
        return f"{h.bare}, which {group(d, v, mode)} {t.bare}, {predicate}"
    lead = {"yes": "", "no": "without ", "may": d.pick(("perhaps ", "possibly "))}[mode]
    if mode != "no" and d.chance(0.4):
        return f"{lead}by {v.gerund} {t.bare}, {h.bare} {d.pick(_OUTCOMES)}"
    if mode == "no" and d.chance(0.4):
        return f"without {v.gerund} {t.bare}, {h.bare} {predicate}"
    return f"{h.bare} {predicate}, {lead}{v.gerund} {t.bare}"


_OUTCOMES = (
    "prolonged survival",
    "changed the readout within hours",
    "left its mark on the tissue",
    "shifted the balance in these animals",
    "accounted for much of the variance",
    "made the difference between the two groups",
    "altered the course over the next weeks",
)


def _cleft(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    v = pick_verb(d, w)
    be = {"yes": ("it is", "it was"), "no": ("it is not", "it was not"), "may": ("it may be",)}
    if mode == "yes" and d.chance(0.4):
        return f"what {v.past} {t.text} was {h.bare}"
    return f"{d.pick(be[mode])} {h.bare} that {v.s if d.chance(0.5) else v.past} {t.text}"


def _ability(d: Dice, w: Words, h: Phrase, t: Phrase, mode: str) -> str:
    v = pick_verb(d, w)
    head = d.pick(
        (
            f"the ability of {h.bare} to {v.base} {t.bare}",
            f"the tendency of {h.bare} to {v.base} {t.bare}",
            f"a part of {h.bare} in {v.gerund} {t.bare}",
            f"how readily {h.bare} would {v.base} {t.bare}" if mode == "yes" else "",
            f"the power of {h.bare} to {v.base} {t.bare}",
        )
    )
    head = head or f"the claim that {h.bare} {v.s} {t.bare}"
    return f"{head} {_choose(d, mode, _SEEN_YES, _SEEN_NO, _SEEN_MAY)}"


FORMS: dict[str, tuple[Form, float]] = {
    "active": (_active, 0.27),
    "passive": (_passive, 0.15),
    "reported": (_reported, 0.11),
    "agent": (_agent, 0.09),
    "noun": (_noun, 0.09),
    "turn": (_turn, 0.13),
    "relative": (_relative, 0.05),
    "participle": (_participle, 0.05),
    "cleft": (_cleft, 0.03),
    "ability": (_ability, 0.03),
}
"""Name of a form to how it is made, and its share."""
_NAMES = tuple(FORMS)
_SUMS = [sum(share for _, share in list(FORMS.values())[: i + 1]) for i in range(len(FORMS))]


def clause(d: Dice, words: Words, head: Phrase, tail: Phrase, mode: str) -> tuple[str, str]:
    """Return a clause about head and tail, and the name of its form.

    Parameters
    ----------
    d : Dice
    words : Words
    head, tail : Phrase
    mode : str
        ``yes``, ``no`` or ``may``.
    """
    name = _NAMES[d.weighted(_SUMS)]
    return reported(d, FORMS[name][0](d, words, head, tail, mode), name, mode), name


def reported(d: Dice, text: str, name: str, mode: str, sober: bool = False) -> str:
    """Return a clause, sometimes under a verb of saying that leaves its meaning as it is."""
    if name in ("reported", "cleft") or mode != "yes" or not d.chance(0.14):
        return text
    return f"{d.pick(_THAT_SOBER if sober or d.chance(0.4) else _THAT_YES)} {text}"
