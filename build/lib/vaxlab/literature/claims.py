"""What authors claim: every public fact, and much that is denied, supposed or wrong."""

from dataclasses import dataclass

from vaxlab.literature.dice import Dice
from vaxlab.literature.grammar import AFFIRMED, HEDGED, NEGATED, STATED, Meaning
from vaxlab.literature.world import LATER, World

REPEATS = 6500
"""Facts are stated so often again, the popular ones more."""
WRONG, DENIED, SUPPOSED = 130, 1200, 800
"""Claims that are stated but false; that are only denied; that are only supposed."""
DENIED_LATER = 0.6
"""Of the wrong claims: denied by others."""
FORESEEN = 0.2
"""Of the suppositions: found to be true later."""
POINTED = 0.1
"""Of the repeats: by a word that points back ("this kinase"), not by name."""
REPEAT_HEDGED, REPEAT_NEGATED = 0.16, 0.07


@dataclass(frozen=True)
class Claim:
    """What one author says of two entities, once.

    Attributes
    ----------
    head, relation, tail : str
    meaning : Meaning
    pointed : bool
        Whether the head is named only in the sentence before.
    """

    head: str
    relation: str
    tail: str
    meaning: Meaning
    pointed: bool = False


YES = Meaning(AFFIRMED, STATED)
NO = Meaning(NEGATED, STATED)
MAY = Meaning(AFFIRMED, HEDGED)


def make(world: World, dice: Dice) -> list[Claim]:
    """Return the claims of all authors, in random order."""
    public = [f for f in world.facts if f.status != LATER]
    claims = [Claim(f.head, f.relation, f.tail, YES) for f in public]
    sums, total = [], 0.0
    for fact in public:
        total += world.popularity[fact.head] * world.popularity[fact.tail]
        sums.append(total)
    for _ in range(REPEATS):
        fact = public[dice.weighted(sums)]
        draw = dice.number()
        hedged = draw < REPEAT_HEDGED
        meaning = MAY if hedged else NO if draw < REPEAT_HEDGED + REPEAT_NEGATED else YES
        pointed = fact.relation != "encodes" and dice.chance(POINTED)
        claims.append(Claim(fact.head, fact.relation, fact.tail, meaning, pointed))
    strangers = _Strangers(world, dice)
    for _ in range(WRONG):
        one = strangers.draw()
        claims += [Claim(*one, YES)] * dice.between(1, 2)
        if dice.chance(DENIED_LATER):
            claims.append(Claim(*one, NO))
    claims += [Claim(*strangers.draw(), NO) for _ in range(DENIED)]
    later = dice.shuffled([f for f in world.facts if f.status == LATER])
    for i in range(SUPPOSED):
        if i < FORESEEN * SUPPOSED:
            claims.append(Claim(later[i].head, later[i].relation, later[i].tail, MAY))
        else:
            claims.append(Claim(*strangers.draw(), MAY))
    return dice.shuffled(claims)


class _Strangers:
    """Draws what is not true: heads and tails of a relation that do not go together."""

    def __init__(self, world: World, dice: Dice) -> None:
        self.dice = dice
        self.true = {(f.head, f.tail) for f in world.facts}
        self.true |= {(tail, head) for head, tail in self.true}
        self.public = [f for f in world.facts if f.status != LATER and f.relation != "raises"]
        self.public = [f for f in self.public if f.relation != "encodes"]

    def draw(self) -> tuple[str, str, str]:
        """Return head, relation and tail; popular ones as often as among facts."""
        while True:
            one = self.dice.pick(self.public)
            other = self.dice.pick(self.public)
            if other.relation != one.relation or one.head == other.tail:
                continue
            if one.head[:4] != other.head[:4] or (one.head, other.tail) in self.true:
                continue
            self.true.add((one.head, other.tail))
            return one.head, one.relation, other.tail
