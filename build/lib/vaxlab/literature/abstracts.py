"""Public abstracts: claims that belong together, and what stands around them."""

from collections import defaultdict
from dataclasses import dataclass

from vaxlab.literature import filler, grammar
from vaxlab.literature.claims import NO, Claim
from vaxlab.literature.dice import Dice
from vaxlab.literature.grammar import Phrase
from vaxlab.literature.idle import NEUTRAL_WORDS
from vaxlab.literature.lexicon import RELATION_WORDS
from vaxlab.literature.page import Page
from vaxlab.literature.world import CURATED, World

ABSTRACTS = 3000
FIRST_YEAR, LAST_YEAR = 1999, 2026
FRESH_FROM = 2023
"""Nobody wrote before of what is fresh; it makes the split by unseen names."""
KNOWN_TRAP = 0.32
"""Of the sentences that name two entities and state nothing: about a pair that is related."""
MOST_CLAIMS = 7

_TRAP_KINDS = (
    ("gene", "disease"),
    ("gene", "disease"),
    ("gene", "disease"),
    ("compound", "protein"),
    ("compound", "protein"),
    ("compound", "disease"),
    ("protein", "protein"),
    ("protein", "protein"),
    ("protein", "pathway"),
    ("pathway", "disease"),
)


@dataclass(frozen=True)
class Written:
    """A document with its truth.

    Attributes
    ----------
    title, venue : str
    year : int
    page : Page
    """

    title: str
    venue: str
    year: int
    page: Page


def write(world: World, claims: list[Claim], dice: Dice) -> list[Written]:
    """Return the abstracts of a world, which make every claim once."""
    index = _Index(world)
    return [_Author(world, dice, group, index).write() for group in _groups(claims, dice)]


def _groups(claims: list[Claim], dice: Dice) -> list[list[Claim]]:
    """Return the claims in groups, one an abstract, that share entities where they can."""
    sizes = [1] * ABSTRACTS
    for _ in range(len(claims) - ABSTRACTS):
        i = dice.below(ABSTRACTS)
        while sizes[i] >= MOST_CLAIMS:
            i = (i + 1) % ABSTRACTS
        sizes[i] += 1
    waiting: dict[str, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        waiting[claim.head].append(i)
        waiting[claim.tail].append(i)
    taken, free = [False] * len(claims), iter(range(len(claims)))

    def related(group: list[Claim]) -> int | None:
        for claim in dice.shuffled(group):
            for entity in dice.shuffled((claim.head, claim.tail)):
                queue = waiting[entity]
                while queue and taken[queue[-1]]:
                    queue.pop()
                if queue:
                    return queue[-1]
        return None

    groups = []
    for size in sizes:
        group: list[Claim] = []
        while len(group) < size:
            i = related(group) if group else None
            if i is None:
                i = next(k for k in free if not taken[k])
            taken[i] = True
            group.append(claims[i])
        groups.append(group)
    return dice.shuffled(groups)


class _Author:
    """Writes one abstract.

    Parameters
    ----------
    world : World
    dice : Dice
    claims : list of Claim
        That it makes.
    index : _Index
    """

    def __init__(self, world: World, dice: Dice, claims: list[Claim], index: "_Index") -> None:
        self.world, self.dice, self.claims, self.index = world, dice, claims, index
        self.page = Page(world, dice)
        self.cast = list(dict.fromkeys(e for c in claims for e in (c.head, c.tail)))
        self.fresh = any(e in world.fresh for e in self.cast)

    def write(self) -> Written:
        d, page = self.dice, self.page
        grown = max(d.number(), d.number()) if d.chance(0.6) else d.number()
        year = FIRST_YEAR + int((LAST_YEAR - FIRST_YEAR + 1) * grown)
        if self.fresh:
            year = d.between(FRESH_FROM, LAST_YEAR)
        self.late = year >= FRESH_FROM
        first = self.claims[0]
        title = page.entitle(filler.title(d, page.name(first.head), page.name(first.tail)))
        page.forget()
        for step in self._steps():
            step()
        return Written(title, filler.venue(d), year, page)

    def _steps(self) -> list:
        """Return what the abstract does, in order."""
        d = self.dice
        middle = [self._methods] * d.below(3) + [self._trap] * (1 + d.below(3))
        rest = list(self.claims)
        while rest:
            group = self._joint(rest)
            for claim in group:
                rest.remove(claim)
            middle.append(lambda group=group: self._claim(group))
        steps = d.shuffled(middle)
        if d.chance(0.75):
            steps.insert(0, self._aim)
        if d.chance(0.5):
            steps.append(self._closing)
        return steps

    def _joint(self, rest: list[Claim]) -> list[Claim]:
        """Return the next claim, with one that can be told in the same sentence."""
        one = rest[0]
        for other in rest[1:]:
            alike = one.relation == other.relation and not (one.pointed or other.pointed)
            same = (one.head == other.head) != (one.tail == other.tail)
            kinds = one.head[:3] == other.head[:3] and one.tail[:3] == other.tail[:3]
            stated = one.meaning.certainty == other.meaning.certainty == "stated"
            if alike and same and kinds and stated and self.dice.chance(0.6):
                return [one, other]
        return [one]

    def _end(self, form: str, clause: str, about: str, effect: bool, scene: str = "") -> None:
        """End a sentence about a pair such as ``GENE DIS``, with what stands around it."""
        world = "clinic" if "DIS" in about else "bench"
        said = self.page.turns
        self.page.end(form, filler.around(self.dice, clause, said, world, effect, scene))

    def _aim(self) -> None:
        entity = self.dice.pick(self.cast)
        about = self.page.phrase(entity, plain=True).text
        self.page.end("aim", filler.aim(self.dice, about, entity.startswith("DIS:")))

    def _methods(self) -> None:
        self.page.end("methods", filler.methods(self.dice, self.page.turns))

    def _closing(self) -> None:
        self.page.end("closing", filler.closing(self.dice))

    def _claim(self, group: list[Claim]) -> None:
        if len(group) == 2:
            self._pair(*group)
        elif group[0].pointed:
            self._point(group[0])
        else:
            self._one(group[0])

    def _one(self, claim: Claim) -> None:
        d, page = self.dice, self.page
        words = RELATION_WORDS[claim.relation]
        plain = claim.relation == "encodes"
        head = page.phrase(claim.head, plain=plain)
        tail = page.phrase(claim.tail, tail=claim.relation in _OF_ACTIVITY, plain=plain)
        clause, form = grammar.clause(d, words, head, tail, claim.meaning.mode)
        page.say(claim.head, claim.relation, claim.tail, claim.meaning)
        scene, sized = "", _has_size(claim)
        if d.chance(0.1):
            link = d.pick(("while", "whereas", "and"))
            clause = f"{clause}, {link} {self._aside()}"
            sized = False
        elif claim.relation == "raises":
            scene = f"in {page.name('CELL:MDCK')}"
        elif d.chance(0.16):
            scene = self._third({claim.head, claim.tail})
        self._end(form, clause, claim.head + claim.tail, sized, scene)

    def _point(self, claim: Claim) -> None:
        """Name the head in one sentence, and point back to it in the next."""
        d, page = self.dice, self.page
        name = page.phrase(claim.head, plain=True).text
        lead = d.pick(
            (
                f"we then turned to {name}",
                f"the screen brought up {name}",
                f"{name} was looked at in more detail",
                f"much has been written about {name}",
                f"of special interest was {name}",
                f"next in line was {name}",
            )
        )
        page.end("lead", lead)
        back = page.back(claim.head)
        head = Phrase(back, back)
        tail = page.phrase(claim.tail, tail=claim.relation in _OF_ACTIVITY)
        words = RELATION_WORDS[claim.relation]
        clause, form = grammar.clause(d, words, head, tail, claim.meaning.mode)
        page.say(claim.head, claim.relation, claim.tail, claim.meaning, pointed=True)
        self._end(form, clause, claim.head + claim.tail, _has_size(claim))

    def _pair(self, one: Claim, other: Claim) -> None:
        """Tell two claims in one sentence: of one head and two tails, or the other way round."""
        d, page = self.dice, self.page
        v = grammar.pick_verb(d, RELATION_WORDS[one.relation])
        heads = one.tail == other.tail
        if one.meaning != other.meaning and one.meaning == NO:
            one, other = other, one
        shared = page.phrase(one.tail if heads else one.head, plain=True).text
        a, b = (page.phrase(c.head if heads else c.tail, plain=True).text for c in (one, other))
        mode = one.meaning.mode
        if one.meaning == other.meaning:
            link = d.pick(
                ("{a} and {b}", "{a} as well as {b}", "both {a} and {b}", "{a} and also {b}")
            )
            if mode == "no":
                link = d.pick(("{a} or {b}", "{a} nor {b}"))
        else:
            link = d.pick(("{a} but not {b}", "{a} rather than {b}", "{a}, but not {b},"))
        both = link.format(a=a, b=b)
        if mode == "no" and " nor " in both:
            clause = f"neither {both} {v.past} {shared}"
            if not heads:
                clause = f"{shared} {v.past} neither {both}"
        elif mode == "no":
            clause = f"{shared} did not {v.base} {both}" if not heads else ""
            clause = clause or f"no sign was found that {both} {v.past} {shared}"
        elif heads and v.passive and d.chance(0.5):
            clause = f"{shared} was {v.participle} by {both.rstrip(',')}"
        elif heads:
            plural = " and " in both or " as well as " in both
            past = "were" + v.past[3:] if plural and v.past.startswith("was ") else v.past
            clause = f"{both} {past} {shared}"
        else:
            clause = f"{shared} {v.past} {both.rstrip(',')}"
        for claim in (one, other):
            page.say(claim.head, claim.relation, claim.tail, claim.meaning)
        self._end("joint", clause, one.head + one.tail, _has_size(one))

    def _third(self, told: set[str]) -> str:
        """Return a circumstance that names one more entity."""
        d, page = self.dice, self.page
        others = [e for e in self.cast if e not in told] or [self._anybody()]
        entity = d.pick(others)
        if entity in told:
            return ""
        name, kind = page.phrase(entity, plain=True).text, self.world.entities[entity].kind
        if kind == "disease":
            return d.pick((f"in cells from patients with {name}", f"in a model of {name}"))
        if kind in ("gene", "protein"):
            return d.pick((f"in cells that lack {name}", f"irrespective of {name}"))
        if kind == "compound":
            return d.pick((f"on a background of {name}", f"before {name} was given"))
        return d.pick((f"in models of {name}", f"apart from any change in {name}"))

    def _anybody(self) -> str:
        d, world = self.dice, self.world
        while True:
            fact = d.pick(world.facts)
            entity = d.pick((fact.head, fact.tail))
            known = entity in world.popularity and not entity.startswith("PAR:")
            if known and (self.late or entity not in world.fresh):
                return entity

    def _trap(self) -> None:
        """Name two entities in one sentence that states no relation of them."""
        pair = self._unrelated()
        clause, form = self._idle(pair)
        if self.dice.chance(0.07):
            clause = f"{clause}, {self.dice.pick(('while', 'whereas', 'and'))} {self._aside()}"
        scene = self._third(set(pair)) if self.dice.chance(0.08) else ""
        self._end(form, clause, pair[0] + pair[1], False, scene)

    def _aside(self) -> str:
        return self._idle(self._unrelated())[0]

    def _idle(self, pair: tuple[str, str]) -> tuple[str, str]:
        """Return a clause that names two entities and states nothing, and its form."""
        d = self.dice
        head, tail = (self.page.phrase(e, plain=True) for e in pair)
        kinds = tuple(self.world.entities[e].kind for e in pair)
        form = d.pick(_TRAP_FORMS)
        mode = "no" if form == "turn" and d.chance(0.15) else "yes"
        text = grammar.FORMS[form][0](d, NEUTRAL_WORDS[kinds], head, tail, mode)
        return grammar.reported(d, text, form, mode, sober=True), form

    def _unrelated(self) -> tuple[str, str]:
        """Return two entities for a sentence that states nothing: often of the known graph."""
        d, world = self.dice, self.world
        kinds = d.pick(_TRAP_KINDS)
        if d.chance(KNOWN_TRAP):
            for entity in d.shuffled(self.cast):
                mine = self.index.edges.get((entity, kinds))
                if mine:
                    pair = d.pick(mine)
                    if self.late or not world.fresh.intersection(pair):
                        return pair
        here = [e for e in self.cast if world.entities[e].kind in kinds]
        while True:
            pair = [d.pick(self.index.people[kind]) for kind in kinds]
            if here:
                entity = d.pick(here)
                pair[kinds.index(world.entities[entity].kind)] = entity
            if pair[0] != pair[1] and (self.late or not world.fresh.intersection(pair)):
                return pair[0], pair[1]


_OF_ACTIVITY = ("activates", "inhibits")
_TRAP_FORMS = ("active",) * 5 + ("passive",) * 2 + ("reported",) * 3 + ("agent",) * 2
_TRAP_FORMS += ("noun",) * 3 + ("turn",) * 4 + ("relative",)


def _has_size(claim: Claim) -> bool:
    return claim.meaning.mode == "yes" and claim.relation not in ("encodes", "takes_part_in")


class _Index:
    """Known edges by entity and kinds, and entities by kind.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self.edges: dict[tuple, list[tuple[str, str]]] = defaultdict(list)
        self.people: dict[str, list[str]] = defaultdict(list)
        for fact in world.facts:
            kinds = (world.entities[fact.head].kind, world.entities[fact.tail].kind)
            if fact.status == CURATED and kinds in NEUTRAL_WORDS:
                for entity in (fact.head, fact.tail):
                    self.edges[entity, kinds].append((fact.head, fact.tail))
        for entity in world.entities.values():
            self.people[entity.kind].append(entity.id)
