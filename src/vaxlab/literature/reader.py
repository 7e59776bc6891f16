"""A reader that keeps to rules: what sentences say of two names, and whether they mean it.

A dictionary finds names, a short list of verbs between two of them makes a relation, and cues
nearby deny or soften it. Rules read about half of what is written, and are rarely wrong. The lists
hold what anybody would write down first; what they lack is left to a network.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from vaxlab.errors import CourseError
from vaxlab.literature.library import sentences
from vaxlab.literature.weak import Dictionary
from vaxlab.literature.world import RELATIONS

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "document",
    "sentence",
    "head",
    "relation",
    "tail",
    "polarity",
    "certainty",
    "text",
)
"""Of `read`."""

BETWEEN, BEFORE, AFTER = 8, 8, 5
"""Words: at the most between two names, and so many around them in which cues count."""

ACTIVE: dict[str, str] = {
    "promotes": r"promot(e|es|ed)|worsen(s|ed)?|aggravat(e|es|ed)|accelerat(e|es|ed)"
    r"|predispos(e|es|ed) to|contribut(e|es|ed) to|risk gene for|driver of",
    "protects_from": r"protect(s|ed)? against|prevent(s|ed)?|slow(s|ed)?|mitigat(e|es|ed)"
    r"|guard(s|ed)? against|protective gene in|brake on",
    "encodes": r"encod(e|es|ed)|cod(e|es|ed) for|gene for|locus of",
    "activates": r"activat(e|es|ed)|stimulat(e|es|ed)|induc(e|es|ed)|enhanc(e|es|ed)"
    r"|potentiat(e|es|ed)|(activator|agonist) of",
    "inhibits": r"inhibit(s|ed)?|block(s|ed)?|suppress(es|ed)?|antagonis(e|es|ed)|impair(s|ed)?"
    r"|(inhibitor|antagonist) of",
    "binds": r"binds?|bound|interact(s|ed)? with|associat(e|es|ed) with"
    r"|form(s|ed)? a complex with|(partner|ligand) of",
    "takes_part_in": r"(take|takes|took) part in|function(s|ed)? in|belong(s|ed)? to|act(s|ed)? in"
    r"|(feed|feeds|fed) into|(component|member) of",
    "drives": r"drives?|drove|sustain(s|ed)?|underlies?|underlay|fuel(s|led)?|(driver|engine) of",
    "treats": r"treat(s|ed)?|reliev(e|es|ed)|improv(e|es|ed)|ameliorat(e|es|ed)|cur(e|es|ed)"
    r"|(treatment|remedy) for",
    "causes": r"caus(e|es|ed)|induc(e|es|ed)|provok(e|es|ed)|(lead|leads|led) to|cause of"
    r"|trigger of",
    "raises": r"rais(e|es|ed)|increas(e|es|ed)|improv(e|es|ed)|determinant of|lever on",
    "lowers": r"lower(s|ed)?|reduc(e|es|ed)|depress(es|ed)?|brought|costs",
}
"""Relation to what stands between head and tail: ``{head} inhibits {tail}``."""

PASSIVE: dict[str, str] = {
    "promotes": r"(promoted|worsened|aggravated|accelerated)",
    "protects_from": r"(prevented|slowed|mitigated)",
    "encodes": r"(encoded)",
    "activates": r"(activated|stimulated|induced|enhanced|potentiated)",
    "inhibits": r"(inhibited|blocked|suppressed|antagonised|impaired)",
    "binds": r"(bound)",
    "drives": r"(driven|sustained|fuelled)",
    "treats": r"(treated|relieved|improved|ameliorated|cured)",
    "causes": r"(caused|induced|provoked)",
    "raises": r"(raised|increased|improved)",
    "lowers": r"(lowered|reduced|depressed)",
}
"""Relation to the participle between tail and head: ``{tail} is inhibited by {head}``."""

SHIFTS: dict[str, str] = {
    "found_in": r"^H (may be |confirmed |found |not detected |absent )?(in|from) (retain of )?T\b"
    r"|^T: H (pos|possible)|retest of T: H present|^(lc-ms of )?T shows H"
    r"|\bT (may )?contains? H|\bT sent out, H came back|^T tested for H|^no H in T|^T free of H"
    r"|H absent from T",
    "used_in": r"^T made with H|^H (not )?used for T|^T ran on H|^H opened for T"
    r"|\bT (got|did not get|may have had) H|\bH went into T|^H issued to T|^T probably on H",
    "occurred_in": r"^(no )?H (suspected )?in T|^T: (possible )?H|^T hit by H|^H noted during T"
    r"|^T stopped .* because of H|^alarm .*, H, T|root cause for T: H|^H ruled out for T"
    r"|^T checked for H|^trend of T reviewed, H|^T looks like H",
    "seen_on": r"^H (first visible )?on T|^H not seen on T|^T (shows|may show|without sign of) H"
    r"|^trace of T: H|^T checked .*, no H",
    "lowers": r"^T down with H|^H brought T down|^low T (traced|possibly due|due) to H"
    r"|^T fell .* after H|^H costs T|^T not affected by H|^H: no effect on T|^T within .* of H"
    r"|^H may explain low T|^T low, H under suspicion",
}
"""Relation to what shifts write, H and T for the names; of relations that only reports hold."""

NEGATION = re.compile(
    r"\b(not|no|never|failed|without|neither|nor|unable|nothing|against the view|ruled out|hardly"
    r"|ceased|little support|none|neg|free of|absent|nil|in spite of)\b"
)
HEDGE = re.compile(
    r"\b(may|might|could|possib\w+|perhaps|suggest\w*|appears?|seems?|likely|thought|believed"
    r"|suspect\w*|suspicion|unclear|whether|propos\w+|hypothes\w+|conceivable|speculate|putative"
    r"|presumably|probably|expected|tempting|exclude\w*|explanation|remains to be|to be checked"
    r"|no proof|pending|looks like|put forward as|discussed as|would explain)\b"
)
IDLE = re.compile(
    r"not only|not least|at no cost|in spite of the small|as (may be )?expected|(may|might) know"
    r"|might be a matter of|although \d+ \w+ could not|without any sign"
    r"|,? but not (?![HT]\b)[^ ,]+"
)
"""Turns of phrase in which a cue means nothing for the pair: taken out before cues are sought."""
FOREIGN = re.compile(
    r" that lack | irrespective |patients with |models? of |chapter|lecture| rather than "
)
"""Between two names: the sentence speaks of something else than the pair."""

INSTEAD = re.compile(r"\brather than( \w+)? $")
"""Before the first name: it is the other one, named before, of which the sentence speaks."""
_MOJIBAKE = re.compile(r"\ufffd|[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac.?")
"""What is left of letters that were read in a wrong encoding: ``Ã¤`` of ``ä``."""
_SHORT = re.compile(r"\b([HT]) \([^)]*\)")

_PUBLIC = {r: re.compile(rf"\b({words})\b") for r, words in ACTIVE.items()}
_PASSIVE = {r: re.compile(rf"\b{words}( \w+)? by\b") for r, words in PASSIVE.items()}
_SHIFTS = {r: re.compile(pattern) for r, pattern in SHIFTS.items()}
_JOINED: dict[tuple[str, str], list[str]] = {}
for _relation, _pairs in RELATIONS.items():
    for _pair in _pairs:
        _JOINED.setdefault(_pair, []).append(_relation)


class Name(NamedTuple):
    """A name in a sentence: where it stands in the document's text, and whose it is."""

    start: int
    end: int
    entity: str


def read(documents: pd.DataFrame, names: pd.DataFrame, entities: pd.DataFrame) -> pd.DataFrame:
    """Return what a reader by rules finds in documents.

    Parameters
    ----------
    documents : DataFrame
        document and text; more columns do no harm.
    names : DataFrame
        The dictionary: name, entity.
    entities : DataFrame
        entity, kind.

    Returns
    -------
    DataFrame
        One row for each thing that a sentence says of two entities: document, sentence (number in
        the document, from 0), head, relation, tail, polarity (``affirmed``, ``negated``), certainty
        (``stated``, ``hedged``), text (the sentence). What is hedged counts as affirmed. ``binds``
        is listed once, its head named first.

    Raises
    ------
    CourseError
        A column is missing, a text is no text, a document comes twice, or a name has an entity
        that ``entities`` lacks.
    """
    import pandas as pd

    _check(documents, names, entities)
    dictionary = Dictionary(names)
    kinds = dict(zip(entities["entity"], entities["kind"], strict=True))
    rows: list[tuple] = []
    for number, text in zip(documents["document"], documents["text"], strict=True):
        for k, (start, end), there in _named(dictionary, text):
            for head, relation, tail, polarity, certainty in _said(text, start, end, there, kinds):
                rows.append((number, k, head, relation, tail, polarity, certainty, text[start:end]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _check(documents: pd.DataFrame, names: pd.DataFrame, entities: pd.DataFrame) -> None:
    needed = {
        "documents": (documents, ("document", "text")),
        "names": (names, ("name", "entity")),
        "entities": (entities, ("entity", "kind")),
    }
    for what, (table, columns) in needed.items():
        missing = [column for column in columns if column not in table]
        if missing:
            raise CourseError(f"reader.read: the table {what} has no column {missing[0]!r}.")
    for number, text in zip(documents["document"], documents["text"], strict=True):
        if not isinstance(text, str):
            raise CourseError(
                f"reader.read: the text of {number} is {text!r}; expected str. Leave the document "
                "out, or give it an empty text."
            )
        if _MOJIBAKE.search(text):
            raise CourseError(
                f"reader.read: the text of {number} holds {_MOJIBAKE.search(text).group()!r}. "
                "It was read in a wrong encoding: read its file again, mostly as UTF-8."
            )
    twice = documents["document"][documents["document"].duplicated()]
    if len(twice):
        raise CourseError(
            f"reader.read: {twice.iloc[0]} comes twice in documents; its evidence would count "
            "double. Keep one of the two."
        )
    unknown = set(names["entity"]) - set(entities["entity"])
    if unknown:
        raise CourseError(
            f"reader.read: names has the entity {min(unknown)}, which entities lacks."
        )


def _named(dictionary: Dictionary, text: str) -> Iterator[tuple[int, tuple[int, int], list[Name]]]:
    """Yield number and span of every sentence with two names or more, and the names in it."""
    found = [Name(*name) for name in dictionary.find(text)]
    for k, (start, end) in enumerate(sentences(text)):
        first: dict[str, Name] = {}
        for name in found:
            if start <= name.start < end:
                first.setdefault(name.entity, name)
        if len(first) > 1:
            yield k, (start, end), list(first.values())


def _said(
    text: str, start: int, end: int, there: list[Name], kinds: dict[str, str]
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what a sentence says of the entities that it names."""
    sentence = text[start:end].lower()
    for a, b in itertools.combinations(there, 2):
        a, b = sorted((a, b))
        span = sentence[a.end - start : b.start - start]
        if INSTEAD.search(sentence[: a.start - start]):
            continue
        for head, tail in ((a, b), (b, a)):
            relation = _relation(
                sentence, start, head, tail, span, (kinds[head.entity], kinds[tail.entity])
            )
            if relation:
                yield head.entity, relation, tail.entity, *_meant(sentence, start, a, b)
                break


def _relation(
    sentence: str, start: int, head: Name, tail: Name, span: str, pair: tuple[str, str]
) -> str:
    """Return the relation that a sentence speaks of, or nothing."""
    for relation in _JOINED.get(pair, ()):
        if relation in _SHIFTS and _SHIFTS[relation].search(_masked(sentence, start, head, tail)):
            return relation
        if relation not in _PUBLIC or len(span.split()) > BETWEEN or FOREIGN.search(span):
            continue
        passive = relation in _PASSIVE and _PASSIVE[relation].search(span)
        if tail.start < head.start:
            if passive:
                return relation
        elif not passive and _PUBLIC[relation].search(span):
            return relation
    return ""


def _masked(sentence: str, start: int, head: Name, tail: Name) -> str:
    """Return a sentence with H and T in place of the two names."""
    for name, mark in sorted(((head, "H"), (tail, "T")), reverse=True):
        sentence = sentence[: name.start - start] + mark + sentence[name.end - start :]
    return _SHORT.sub(r"\1", sentence)


def _meant(sentence: str, start: int, a: Name, b: Name) -> tuple[str, str]:
    """Return polarity and certainty, by the cues in and around what joins two names."""
    before = sentence[: a.start - start].split()[-BEFORE:]
    after = sentence[b.end - start :].split()[:AFTER]
    around = " ".join([*before, "H", sentence[a.end - start : b.start - start], "T", *after])
    around = IDLE.sub("", around)
    if re.search(r"\bcould not be (shown|confirmed)", around):
        return "negated", "stated"
    if HEDGE.search(around):
        return "affirmed", "hedged"
    return ("negated" if NEGATION.search(around) else "affirmed"), "stated"
