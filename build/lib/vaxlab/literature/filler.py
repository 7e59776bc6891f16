"""What stands around facts: openers, circumstances, afterthoughts, and sentences on methods.

Everything is put together from parts; ``said`` keeps what a document has used, so that it does not
say the same thing twice.
"""

from vaxlab.literature.dice import Dice
from vaxlab.literature.grammar import DONE, PREDICATES, SAYING

_SOBER_OPENERS = (
    "in this study,",
    "in a second cohort,",
    "here,",
    "at the end of follow-up,",
    "in the older group,",
    "as in our previous report,",
    "over the course of a year,",
    "with one exception,",
    "by the second week,",
    "at each visit,",
    "for practical reasons,",
    "in the first part of the work,",
    "as is usual,",
)
OPENERS = _SOBER_OPENERS + (
    "surprisingly,",
    "as expected,",
    "in line with earlier work,",
    "contrary to expectation,",
    "under these conditions,",
    "for the first time,",
    "notably,",
    "after adjustment for age and sex,",
    "by contrast,",
    "on the other hand,",
    "in two of three models,",
    "to our knowledge,",
    "moreover,",
    "on closer inspection,",
    "when the code was broken,",
    "in spite of the small numbers,",
    "taken by itself,",
)

_CELLS = (
    "primary fibroblasts",
    "liver slices",
    "organoids",
    "peripheral blood cells",
    "a reporter line",
    "epithelial monolayers",
    "smooth muscle cells",
    "cells from healthy donors",
    "differentiated progenitors",
    "cells at high passage",
    "freshly isolated cells",
    "two unrelated cell lines",
)
_ANIMALS = ("mice", "aged mice", "rats", "zebrafish larvae", "ferrets", "knock-in mice", "piglets")
_METHODS = (
    "mass spectrometry",
    "flow cytometry",
    "a reporter assay",
    "single-cell sequencing",
    "a kinetic assay",
    "immunoblotting",
    "microscopy of live cells",
    "a genome-wide screen",
    "surface plasmon resonance",
    "quantitative PCR",
    "thermal shift",
    "gel filtration",
)
_STATISTICS = ("rank tests", "a mixed model", "logistic regression", "permutation", "a sign test")
_THINGS = (
    "samples",
    "sections",
    "plates",
    "records",
    "biopsies",
    "aliquots",
    "images",
    "libraries",
    "lysates",
    "questionnaires",
    "extracts",
    "swabs",
)
_WHO = (
    "adults",
    "volunteers",
    "patients",
    "siblings",
    "outpatients",
    "donors",
    "children",
    "twins",
    "first-degree relatives",
)
_PLACES = (
    "two centres",
    "a single hospital",
    "the regional registry",
    "five clinics",
    "an island population",
    "a screening programme",
    "an older trial",
    "a biobank",
    "three countries",
    "a travelling clinic",
)
_ANYWHERE = (
    "over the whole period",
    "in both sexes",
    "before and after the change of diet",
    "on a low-salt diet",
    "at body temperature",
    "in the absence of serum",
    "from the first day on",
    "in summer and in winter",
    "both at rest and after exercise",
    "under hypoxia",
)
_BY_WHEN = ("the end of the first year", "week nine", "the third visit", "the time of thawing")
_OF_EFFECTS = (
    "at either dose",
    "regardless of age",
    "without any sign of toxicity",
    "in a dose-dependent manner",
    "more than once",
    "to a similar degree",
)


def circumstance(d: Dice, world: str, effect: bool) -> str:
    """Return where, how, when or how much something was so.

    Parameters
    ----------
    d : Dice
    world : str
        ``bench`` or ``clinic``.
    effect : bool
        Whether something did something that has a size.
    """
    counted = _THINGS if world == "bench" else _WHO
    options = [
        lambda: d.pick(_ANYWHERE),
        lambda: f"in {d.between(3, 48)} of {d.between(49, 120)} {d.pick(counted)}",
        lambda: f"by {d.pick(_BY_WHEN)}",
        lambda: f"at a time when {d.pick(_THINGS)} were still read by hand",
        lambda: f"with {d.pick(_THINGS)} read by {d.pick(('two of us', 'robots', 'outsiders'))}",
        lambda: f"as part of a study that {d.pick(_PLACES)} had begun",
        lambda: f"within {d.between(2, 90)} {d.pick(('minutes', 'hours', 'days'))}",
    ]
    if world == "bench":
        options += [
            lambda: f"in {d.pick(_CELLS)}",
            lambda: f"in {d.pick(_ANIMALS)}",
            lambda: f"in {d.pick(_ANIMALS)} and in {d.pick(_CELLS)}",
        ]
    else:
        options += [
            lambda: f"among {d.pick(_WHO)} of {d.pick(_PLACES)}",
            lambda: f"in {d.between(40, 900)} {d.pick(_WHO)}",
        ]
    if effect:
        options += [
            lambda: f"both in {d.pick(_ANIMALS)} and in {d.pick(_WHO)}",
            lambda: f"as judged by {d.pick(_METHODS if world == 'bench' else _STATISTICS)}",
            lambda: f"(p {d.pick('<=')} 0.0{d.between(1, 49):02d})",
            lambda: f"by a factor of {d.between(2, 9)}.{d.below(10)}",
            lambda: d.pick(_OF_EFFECTS),
        ]
    return d.pick(options)()


def afterthought(d: Dice, effect: bool) -> str:
    """Return a clause that is hung on behind a comma."""
    options = [
        lambda: f"although {d.between(2, 9)} {d.pick(_THINGS)} could not be read",
        lambda: f"which is in line with data from {d.pick(_PLACES)}",
        lambda: f"as may be expected from work in {d.pick(_ANIMALS)}",
        lambda: f"{d.pick(('as', 'since'))} {d.pick(_THINGS)} had become scarce",
        lambda: d.pick(
            (
                "and the same was done in a blinded reading",
                "as far as we know",
                "which had not been looked at before",
                "not least in those who had been ill for long",
                "if the two readers agreed",
                "and no safety signal was seen",
                "with few data missing",
                "but the numbers were small",
                "as was the custom at that time",
                "as one of those involved has told elsewhere",
                "which is what the protocol had asked for",
                "by which time most of the staff had changed",
            )
        ),
    ]
    if effect:
        options += [
            lambda: f"whereas body weight did not change in {d.pick(_ANIMALS)}",
            lambda: f"and this was confirmed by {d.pick(_METHODS)}",
            lambda: f"while {d.pick(_CELLS)} were not affected by handling alone",
            lambda: f"with an interval of {d.between(1, 4)}.{d.below(10)} to {d.between(5, 9)}.5",
            lambda: d.pick(
                (
                    "a result that has since been reproduced elsewhere",
                    "for reasons that are not understood",
                    "even after the outliers were taken out",
                    "so that the trial was stopped early",
                    "and it did so in each of the replicates",
                    "though it might be a matter of dose",
                    "not only in the young but in all",
                )
            ),
        ]
    return d.pick(options)()


_METHOD_LINES = (
    "{n} {w} from {p} were {enrolled}",
    "{w} from {p} were {enrolled} over {k} years",
    "{t} were taken at dawn and at dusk and {stored}",
    "we used {m} on {t} from {n} {w}",
    "{c} were kept under standard conditions for {k} days",
    "a total of {n} {t} could be analysed by {m}",
    "the protocol had been registered, and {t} were read by two observers",
    "for {t} without a second reading, {m} was repeated",
    "{half} of the {w} had been seen in {p} before",
    "to rule out effects of handling, {c} were left untouched until noon",
    "{w} who had missed more than {k} visits were left out",
    "missing {t} were not replaced, and {m} was done late in the day",
    "what had been planned as a study of {n} {w} ended with {k}",
    "it was decided beforehand that {t} would be compared by {s}",
    "a mesh of {n} µm held back debris before {m}",
    "{m} was chosen because {t} from {p} are scarce",
    "there were {n} {t} from {p}, of which {k} had to be discarded",
    "{c} and {c2} were treated alike",
    "no {w} were lost to follow-up in the first {k} months",
    "differences between {w} and {w2} were tested by {s}",
    "{t} were {stored} within {k} hours",
    "blinding was kept up until all {t} had been read",
    "the ethics board agreed to the use of {t} from {p}",
    "{m} had been validated with {n} {t} of known origin",
    "as {t} age quickly, {m} was done on the spot",
    "each of the {n} {w} gave {t} at {k} visits",
    "groups of {k} {a} were housed together and {stored2}",
    "in {a}, {t} were collected under the light of late afternoon",
    "data from {p} were merged with those of {n} {w}",
    "we had access to {t} that were left over from {p}",
    "power was computed for {n} {w}, two sides and {s}",
    "an amber filter was put in front of the lamp for {m}",
    "{c} were grown on gravel-free agar, and {a} were fed at will",
    "the ledger of {p} gave the dates of {t}",
    "where {m} and {m2} disagreed, the former was taken",
    "randomisation was done in blocks of {k}",
)


_METHODS_BEFORE = (
    "as before,",
    "in short,",
    "for this work,",
    "with the help of {p},",
    "in the second part,",
    "after a first look at {t},",
    "at all sites,",
    "by agreement with {p},",
)
_METHODS_BEHIND = (
    "as laid down in the plan",
    "by people who did not know the groups",
    "whenever that was possible",
    "as in {p}",
    "without knowledge of the outcome",
    "under the eyes of an observer",
    "in the order in which they came in",
    "so that chance could be told from bias",
    "by a method that is described elsewhere",
    "at no cost to {w}",
)


def methods(d: Dice, said: set[str]) -> str:
    """Return a clause on how the work was done."""
    line = _unsaid(d, _METHOD_LINES, said)
    if d.chance(0.25) and not line.startswith(("to ", "as ", "for ", "in ", "by ", "where ")):
        line = f"{d.pick(_METHODS_BEFORE)} {line}"
    if d.chance(0.3):
        line = f"{line} {d.pick(_METHODS_BEHIND)}"
    return line.format(
        n=d.between(12, 480),
        k=d.between(3, 11),
        w=d.pick(_WHO),
        w2=d.pick(("controls", "their spouses", "passers-by", "staff")),
        p=d.pick(_PLACES),
        t=d.pick(_THINGS),
        m=d.pick(_METHODS),
        m2=d.pick(("the older method", "the reading by eye", "the reference laboratory")),
        s=d.pick(_STATISTICS),
        c=d.pick(_CELLS),
        c2=d.pick(("their controls", "mock cultures", "parental cells")),
        a=d.pick(_ANIMALS),
        half=d.pick(("half", "a third", "most", "few", "two thirds")),
        enrolled=d.pick(("enrolled", "followed", "recruited", "invited")),
        stored=d.pick(("stored", "pooled", "frozen", "shipped", "thawed")),
        stored2=d.pick(("weighed every week", "fed on demand", "handled by one person")),
    )


def _unsaid(d: Dice, lines: tuple[str, ...], said: set[str]) -> str:
    line = d.pick(lines)
    while line in said:
        line = d.pick(lines)
    said.add(line)
    return line


_AIMS = (
    "we set out to look at {a}",
    "the aim of this work was to learn more of {a}",
    "little is known about {a}",
    "interest in {a} has grown over the last years",
    "{a} has been a matter of debate for long",
    "this report deals with {a}",
    "why {a} deserves attention is explained here",
    "most of what is known about {a} comes from small studies",
    "textbooks treat {a} in passing",
    "with the data of {p}, {a} can now be studied in detail",
    "in {p}, {a} had been overlooked",
    "a closer look at {a} was overdue",
    "the literature on {a} is large and partly at odds with itself",
    "our group has worked on {a} since its first description",
    "as a subject, {a} has its merits",
    "what is written about {a} rests on {k} {t}",
    "we came to {a} by chance",
    "here we take up the question of {a}",
    "{a} is back on the agenda",
    "the case of {a} is instructive",
)
_AIMS_DISEASE = _AIMS + (
    "for {a}, treatment and diagnosis have hardly changed",
    "{a} is seen more and more often in {p}",
    "{w} with {a} wait for years until they are told",
    "we asked what is behind {a}",
    "the burden of {a} falls on {w}",
    "no cure is known for {a}",
    "how {a} begins is not understood",
)


_BEFORE = (
    "for years,",
    "at first sight,",
    "to most of us,",
    "in the eyes of many,",
    "since the first reports,",
    "with hindsight,",
    "in spite of much work,",
)
_BEHIND = (
    "in spite of much work",
    "at least in {w}",
    "as far as {w} are concerned",
    "to this day",
    "by the standards of {p}",
    "and not only in {p}",
)


def aim(d: Dice, about: str, disease: bool) -> str:
    """Return a clause on why something was looked at."""
    line = d.pick(_AIMS_DISEASE if disease else _AIMS)
    if line.startswith("{a} has been") and d.chance(0.6):
        line = f"{d.pick(_BEFORE)} {line}"
    elif not line.endswith(_COMPLETE) and d.chance(0.5):
        line = f"{line} {d.pick(_BEHIND[:4] if '{p}' in line else _BEHIND)}"
    elif d.chance(0.25):
        line = f"{d.pick(_AIM_OPENERS)} {line}"
    return line.format(
        a=about, p=d.pick(_PLACES), w=d.pick(_WHO), t=d.pick(_THINGS), k=d.between(4, 40)
    )


_COMPLETE = ("here", "detail", "chance", "agenda", "description", "itself", "years", "told", "{t}")
_AIM_OPENERS = ("as every clinician knows,", "to begin with,", "once more,", "it is true that")


_CLOSINGS = (
    "larger studies are under way in {p}",
    "further work will have to show how far this holds in {w}",
    "the mechanism is now being looked into by {m}",
    "these findings call for a trial in {w}",
    "whether this matters in practice is an open question",
    "data and code are available from {p}",
    "our results may not carry over to {w}",
    "the limits of this work lie in its size and in the choice of {t}",
    "it would be premature to draw conclusions for {w}",
    "a replication in {p} has been funded",
    "taken together, the case for more work with {m} is strong",
    "the clinical meaning of this will depend on {w} not studied here",
    "what this means for {w} cannot be said yet",
    "we are collecting {t} from {p} to follow this up",
    "{t} will be shared with whoever asks",
    "if {m} becomes cheaper, this could be done in {p}",
    "it is for others to say what {w} gain by this",
    "more {t} are needed before this can be settled",
    "we plan to return to {p} in {k} years",
    "the work shows what can be learnt from as few as {k} {t}",
    "a second reading of the {t} by {m} is in progress",
    "guidelines need not be changed on the strength of {k} {w}",
)


_CLOSING_OPENERS = (
    "for now,",
    "for all that,",
    "in the end,",
    "as things stand,",
    "at this point,",
    "we feel that",
    "to sum up,",
)
_CLOSING_ENDS = (
    ", as others have said before us",
    ", and {w} should know it",
    " as soon as funds allow",
    ", which is what we had hoped for",
    ", with all due caution",
    ", if only because {t} are few",
)


def closing(d: Dice) -> str:
    """Return a clause on what remains to be done."""
    line = d.pick(_CLOSINGS)
    if d.chance(0.3):
        line = f"{d.pick(_CLOSING_OPENERS)} {line}"
    if d.chance(0.3):
        line = f"{line}{d.pick(_CLOSING_ENDS)}"
    return line.format(
        p=d.pick(_PLACES), w=d.pick(_WHO), m=d.pick(_METHODS), t=d.pick(_THINGS), k=d.between(3, 30)
    )


def around(d: Dice, clause: str, said: set[str], world: str, effect: bool, scene: str = "") -> str:
    """Return a clause with what stands around it.

    Parameters
    ----------
    d : Dice
    clause : str
    said : set of str
        Lines that the document has used.
    world : str
        ``bench`` or ``clinic``.
    effect : bool
        Whether something did something that has a size.
    scene : str
        A circumstance to use instead of a drawn one.
    """
    parts = []
    if d.chance(0.26) and not clause.startswith(SAYING):
        opener = d.pick(OPENERS if effect else _SOBER_OPENERS)
        if opener not in said:
            said.add(opener)
            parts.append(opener)
    parts.append(clause)
    if scene:
        parts.append(scene)
    elif d.chance(0.5) and not clause.endswith(PREDICATES + DONE):
        parts.append(circumstance(d, world, effect))
    text = " ".join(parts)
    draw = d.number()
    if draw < 0.24:
        behind = afterthought(d, effect)
        if behind[:12] in said:
            return text
        said.add(behind[:12])
        return f"{text}, {behind}"
    if draw < 0.27:
        return f"{text}; {methods(d, said)}"
    if draw < 0.29:
        return f"{methods(d, said)}, and {text}"
    return text


TITLES = (
    "{a} and {b}: {x}",
    "On {a} and {b}",
    "{x} of {a} in relation to {b}",
    "What {a} has to do with {b}",
    "{a}, {b} and the question of dose",
    "{a} revisited",
    "{x}: {a} in the light of {b}",
    "Notes on {b}",
    "{b} and the part of {a}: {x}",
    "A closer look at {a}",
    "From {a} to {b}",
    "{x} of {b} in {p}",
    "Is there more to {a} than {b}?",
    "Ten years of {b} in {p}",
    "{a}: {x} from {p}",
    "{b}, {m} and what they tell",
    "Looking for {b} by {m}",
    "The trouble with {a}",
)
_KINDS_OF_WORK = (
    "a cohort study",
    "a preclinical study",
    "a short report",
    "an observational study",
    "a biochemical study",
    "new data",
    "an update",
    "first results",
)


def title(d: Dice, a: str, b: str) -> str:
    """Return the title of an abstract on two entities."""
    return d.pick(TITLES).format(
        a=a, b=b, x=d.pick(_KINDS_OF_WORK), p=d.pick(_PLACES), m=d.pick(_METHODS)
    )


_JOURNALS = (
    "Annals",
    "Archives",
    "Letters",
    "Reports",
    "Proceedings",
    "Communications",
    "Bulletin",
)
_FIELDS = (
    "Imagined Medicine",
    "Fictional Biochemistry",
    "Model Genetics",
    "Invented Pharmacology",
    "Synthetic Cell Biology",
    "Supposed Pathology",
)


def venue(d: Dice) -> str:
    """Return the name of a journal that there is not."""
    return f"{d.pick(_JOURNALS)} of {d.pick(_FIELDS)}"
