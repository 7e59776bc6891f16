"""Deviation reports: what shifts of the plant write down, in their own style."""

import datetime as dt
from collections import defaultdict

from vaxlab.literature import grammar, shopfloor
from vaxlab.literature.abstracts import Written
from vaxlab.literature.claims import MAY, NO, YES, Claim
from vaxlab.literature.dice import Dice
from vaxlab.literature.grammar import Meaning
from vaxlab.literature.lexicon import RELATION_WORDS
from vaxlab.literature.page import Page
from vaxlab.literature.plantside import FAULT_LOWERS, INTERNAL, SEEN_ON, Batch
from vaxlab.literature.world import LATER, Fact, World

REPORTS = 300
STORIES = 4
"""Reports on every impure lot, each on a batch that had it."""
_MODES = {"yes": 0, "no": 1, "may": 2}
_DATES = ("%Y-%m-%d", "%d.%m.%y", "%d %b %y")


def write(world: World, batches: list[Batch], dice: Dice) -> list[Written]:
    """Return the reports, in order of their dates."""
    shift = _Shift(world, batches, dice)
    stories = shift.lot_stories() + shift.faults()
    while len(stories) < REPORTS:
        stories.append(shift.other())
    chosen = dice.shuffled(stories[:REPORTS])
    written = [shift.write(batch, claims) for batch, claims in chosen]
    order = sorted(range(len(written)), key=lambda i: written[i][0])
    return [written[i][1] for i in order]


class _Shift:
    """Knows the plant, and writes reports."""

    def __init__(self, world: World, batches: list[Batch], dice: Dice) -> None:
        from vaxlab.plant.campaign import FIRST_DAY
        from vaxlab.plant.equipment import OPERATORS
        from vaxlab.plant.instruments import TAGS

        self.world, self.batches, self.dice = world, batches, dice
        self.first_day, self.operators, self.tags = FIRST_DAY, OPERATORS, tuple(TAGS)
        self.inside = [f for f in world.facts if f.status == INTERNAL]
        self.true = {(f.head, f.relation, f.tail) for f in self.inside}
        self.impure: dict[str, list[str]] = defaultdict(list)
        for fact in self.inside:
            if fact.relation == "found_in":
                self.impure[fact.tail].append(fact.head)
        public = [f for f in world.facts if f.status not in (INTERNAL, LATER)]
        self.public = [f for f in public if f.relation != "encodes"]
        self.about: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.public:
            self.about[fact.head].append(fact)

    def lot_stories(self) -> list[tuple[Batch, list[Claim]]]:
        """Return reports on lots with impurities and on batches that had them."""
        stories = []
        for lot, compounds in self.impure.items():
            with_it = [b for b in self.batches if lot[4:] in b.lots.values()]
            for i, batch in enumerate(self.dice.sample(with_it, STORIES)):
                parameter = next(
                    f.tail for f in self.inside if f.head == lot and f.tail[:3] == "PAR"
                )
                claims = [Claim(lot, "used_in", f"BATCH:{batch.id}", YES)]
                if i != 1:
                    claims.append(Claim(compounds[0], "found_in", lot, YES))
                meaning = YES if i == 0 else self._meaning()
                claims.append(
                    Claim(self.dice.pick((lot, compounds[0])), "lowers", parameter, meaning)
                )
                known = [f for f in self.about[compounds[0]] if f.relation == "inhibits"]
                if known and i < 2:
                    fact = known[i % len(known)]
                    claims.append(Claim(fact.head, fact.relation, fact.tail, YES))
                stories.append((batch, claims))
        return stories

    def faults(self) -> list[tuple[Batch, list[Claim]]]:
        """Return reports on what was noticed on batches."""
        stories = []
        for batch in self.batches:
            if not batch.fault:
                continue
            fault = f"FAULT:{batch.fault}"
            claims = [Claim(fault, "occurred_in", f"BATCH:{batch.id}", YES)]
            if batch.fault in SEEN_ON:
                probe = f"PROBE:{getattr(batch, SEEN_ON[batch.fault])}"
                claims.append(Claim(fault, "seen_on", probe, YES))
            if batch.fault in FAULT_LOWERS:
                parameter = f"PAR:{self.dice.pick(FAULT_LOWERS[batch.fault])}"
                claims.append(Claim(fault, "lowers", parameter, self._meaning()))
            stories.append((batch, claims))
        return stories

    def other(self) -> tuple[Batch, list[Claim]]:
        """Return a report on nothing much: lots in use, suspicions, and what was ruled out."""
        d = self.dice
        batch = d.pick(self.batches)
        claims = []
        if d.chance(0.55):
            lot = d.pick(tuple(batch.lots.values()))
            meaning = YES if d.chance(0.85) else MAY
            claims.append(Claim(f"LOT:{lot}", "used_in", f"BATCH:{batch.id}", meaning))
        if d.chance(0.45):
            kinds = [e.id for e in self.world.of("fault") if e.id[6:] != batch.fault]
            meaning = NO if d.chance(0.6) else MAY
            fault = d.pick(kinds)
            claims.append(Claim(fault, "occurred_in", f"BATCH:{batch.id}", meaning))
            if fault[6:] in SEEN_ON and d.chance(0.6):
                probe = f"PROBE:{getattr(batch, SEEN_ON[fault[6:]])}"
                if (fault, "seen_on", probe) not in self.true:
                    claims.append(Claim(fault, "seen_on", probe, meaning))
        if d.chance(0.25):
            compound, lot = (
                d.pick(self.world.impurities),
                f"LOT:{d.pick(tuple(batch.lots.values()))}",
            )
            if (compound, "found_in", lot) not in self.true:
                claims.append(Claim(compound, "found_in", lot, NO if d.chance(0.7) else MAY))
        if d.chance(0.5):
            for _ in range(d.between(1, 2)):
                fact = d.pick(self.public)
                claims.append(Claim(fact.head, fact.relation, fact.tail, self._meaning()))
        return batch, claims

    def _meaning(self) -> Meaning:
        draw = self.dice.number()
        return YES if draw < 0.62 else MAY if draw < 0.82 else NO

    def write(self, batch: Batch, claims: list[Claim]) -> tuple[dt.date, Written]:
        """Write a report about a batch; return its date, too."""
        d, page = self.dice, Page(self.world, self.dice)
        date = self.first_day + dt.timedelta(days=batch.day + d.between(8, 21))
        words = self._words(batch, date)
        subject = d.pick(shopfloor.SUBJECTS)
        title = d.pick(shopfloor.TITLES).format(what=subject, **words)
        title = page.entitle(title[0].upper() + title[1:])
        page.end("head", d.pick(shopfloor.HEADS).format(**words), stop="")
        steps = [lambda claim=claim: self._claim(page, claim, words) for claim in claims]
        steps += [lambda: self._line(page, words)] * d.between(1, 3)
        if d.chance(0.5):
            steps.append(lambda: self._idle(page, batch, words))
        for step in d.shuffled(steps):
            step()
        return date, Written(title, f"plant, {batch.reactor}", date.year, page)

    def _words(self, batch: Batch, date: dt.date) -> dict[str, object]:
        d = self.dice
        return {
            "date": date.strftime(d.pick(_DATES)),
            "time": f"{d.below(24):02d}:{d.below(60):02d}",
            "reactor": batch.reactor,
            "op": batch.operator,
            "op2": d.pick(self.operators),
            "tag": d.pick(self.tags),
            "n": d.between(3, 60),
            "k": d.between(2, 9),
            "sample": f"S{d.between(1, 99999):05d}",
        }

    def _line(self, page: Page, words: dict[str, object]) -> None:
        line = self.dice.pick(shopfloor.LINES)
        if line not in page.turns:
            page.turns.add(line)
            page.end("line", line.format(**words))

    def _claim(self, page: Page, claim: Claim, words: dict[str, object]) -> None:
        page.say(claim.head, claim.relation, claim.tail, claim.meaning)
        head, tail = page.name(claim.head), page.name(claim.tail)
        if claim.relation in shopfloor.SAID:
            patterns = shopfloor.SAID[claim.relation][_MODES[claim.meaning.mode]]
            text = self.dice.pick(patterns).format(h=head, t=tail, **words)
        else:
            text = self._noted(claim, head, tail)
        page.end(claim.relation, text)

    def _noted(self, claim: Claim, head: str, tail: str) -> str:
        """Return a note out of the literature, in the style of the shop floor."""
        d, words = self.dice, RELATION_WORDS[claim.relation]
        v, draw = grammar.pick_verb(d, words), d.number()
        mode, noun = claim.meaning.mode, d.pick(words.agents)
        noun = noun.split(" ", 1)[1]
        if mode == "yes":
            text = f"{head} {v.s} {tail}"
            if draw < 0.3 and v.passive:
                text = f"{tail} {v.participle} by {head}"
            elif draw > 0.75:
                text = f"{head} = {noun} {tail}"
        elif mode == "no":
            text = f"{head} does not {v.base} {tail}"
            if draw < 0.4:
                text = f"{head} no {noun} {tail}"
        else:
            text = f"{head} {d.pick(('may', 'might', 'could'))} {v.base} {tail}"
            if draw < 0.4:
                text = f"{head} possibly {noun} {tail}"
        notes = shopfloor.NOTES
        if claim.head.startswith("CPD:"):
            notes += shopfloor.NOTES_ON_COMPOUNDS
        return f"{d.pick(notes)} {text}".strip()

    def _idle(self, page: Page, batch: Batch, words: dict[str, object]) -> None:
        """Write a line that names two things and states nothing of them."""
        d = self.dice
        kinds = d.pick(tuple(shopfloor.IDLE))
        probe = d.pick((batch.ph_probe, batch.do_probe))
        fault = d.pick([e.id for e in self.world.of("fault")])
        compound = d.pick(self.world.impurities)
        here = {
            "lot": f"LOT:{d.pick(tuple(batch.lots.values()))}",
            "batch": f"BATCH:{d.pick(self.batches).id}",
            "probe": f"PROBE:{probe}",
            "fault": fault,
            "compound": compound,
            "parameter": d.pick([e.id for e in self.world.of("parameter")]),
            "protein": d.pick(self.about[compound] or self.public).tail,
        }
        if not here["protein"].startswith("PROT:"):
            return
        a, b = (page.name(here[kind]) for kind in kinds)
        page.end("idle", d.pick(shopfloor.IDLE[kinds]).format(a=a, b=b, **words))
