"""The library: documents and tables that learners load, and the truth behind them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from vaxlab import cohort
from vaxlab.errors import CourseError
from vaxlab.literature import abstracts, claims, plantside, reports, world
from vaxlab.literature.abstracts import Written
from vaxlab.literature.dice import Dice
from vaxlab.literature.page import Mention, Statement

if TYPE_CHECKING:
    import pandas as pd

LIBRARY_SEED = cohort.current().library_seed
"""Of the library in ``datasets/``."""
UNLISTED = 0.12
"""Of all names but the canonical ones: missing in the dictionary."""
NO_RELATION = "none"

_STOP = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Truth:
    """Gold annotations and what is true; for judging, never for learners' files.

    Attributes
    ----------
    mentions : DataFrame
        One row a mention: document, part (``title`` or ``text``), sentence (-1 in titles), start,
        end (within the part), mention (as it stands there), entity, named (False for words that
        point back, such as "this kinase").
    statements : DataFrame
        One row for each thing that a sentence says: document, sentence, head, relation, tail,
        polarity (``affirmed``, ``negated``), certainty (``stated``, ``hedged``), form (how the
        sentence was built), pointed (head named only in the sentence before).
    sentences : DataFrame
        One row a sentence: document, sentence, start, end, form.
    edges : DataFrame
        What is true: head, relation, tail, status: ``curated`` (in the known graph and in
        abstracts), ``published`` (in abstracts only), ``later`` (in neither) or ``internal``.
    names : DataFrame
        All names, also those that the dictionary lacks: name, entity, form.
    entities : DataFrame
        entity, modules (text, such as ``2 7``), popularity, fresh.
    """

    mentions: pd.DataFrame
    statements: pd.DataFrame
    sentences: pd.DataFrame
    edges: pd.DataFrame
    names: pd.DataFrame
    entities: pd.DataFrame

    def label(self, pairs: pd.DataFrame) -> pd.Series:
        """Return what sentences really state of pairs.

        Parameters
        ----------
        pairs : DataFrame
            With the columns document, sentence, head and tail, as from `weak.pairs`.

        Returns
        -------
        Series
            For every row the relation that the sentence affirms without a hedge, else ``none``.
        """
        told = self.statements
        firm = told[
            (told["polarity"] == "affirmed") & (told["certainty"] == "stated") & ~told["pointed"]
        ]
        keys = ["document", "sentence", "head", "tail"]
        stated = firm.drop_duplicates(keys).set_index(keys)["relation"]
        mutual = firm[firm["relation"] == "binds"].drop_duplicates(keys)
        mutual = mutual.rename(columns={"head": "tail", "tail": "head"}).set_index(keys)["relation"]
        both = {**mutual.to_dict(), **stated.to_dict()}
        found = [
            both.get(key, NO_RELATION) for key in pairs[keys].itertuples(index=False, name=None)
        ]
        import pandas as pd

        return pd.Series(found, index=pairs.index, name="relation", dtype="str")


@dataclass(frozen=True)
class Library:
    """A library of a seed.

    All that it speaks of is invented: genes, proteins, diseases, compounds and pathways are made of
    syllables and checked against nothing. Nothing in it is medical knowledge.

    Attributes
    ----------
    seed : int
    documents : DataFrame
        document (``A0001`` … for abstracts, ``D0001`` … for deviation reports), source (``public``
        or ``internal``), venue, year, title, text.
    names : DataFrame
        The dictionary: name, entity, form (``canonical``, ``synonym``, ``abbreviation``). Some
        names belong to more than one entity, and some that texts use are missing.
    entities : DataFrame
        entity (canonical id), kind, name, note (a protein's class, a lot's material, …).
    known : DataFrame
        The known graph, incomplete: head, relation, tail. Most edges of some relations are listed
        once more the other way round (`world.INVERSES`).
    targets : DataFrame
        One row a gene: entity, protein, protein_class, tractability, safety (0 to 1, more is
        better), and novelty (share of the genes that more documents name).
    genetics : DataFrame
        gene, disease, z: how a genome-wide study sees every pair; higher where there is something.
    truth : Truth
    """

    seed: int
    documents: pd.DataFrame
    names: pd.DataFrame
    entities: pd.DataFrame
    known: pd.DataFrame
    targets: pd.DataFrame
    genetics: pd.DataFrame
    truth: Truth

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """What learners load, by name: everything but the truth."""
        return {
            name: getattr(self, name)
            for name in ("documents", "names", "entities", "known", "targets", "genetics")
        }


def sentences(text: str) -> list[tuple[int, int]]:
    """Return start and end of every sentence of a text.

    Texts of the library hold no abbreviation with a full stop, so a stop before a blank ends one.
    """
    spans, start = [], 0
    for stop in _STOP.finditer(text):
        spans.append((start, stop.start()))
        start = stop.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def library(seed: int, plant_seed: int | None = None) -> Library:
    """Write a library: 3,000 abstracts, 300 deviation reports, and the facts planted in them.

    Parameters
    ----------
    seed : int
        From 0 on. The same seed gives the same bytes, another one other names, facts and texts.
    plant_seed : int, optional
        Of the history that the reports speak of; `vaxlab.plant.campaign.HISTORY_SEED` if not given.

    Returns
    -------
    Library
        Cached: do not write into its tables.

    Raises
    ------
    CourseError
        A seed is no whole number from 0 on.
    """
    from vaxlab.plant.campaign import HISTORY_SEED

    plant_seed = HISTORY_SEED if plant_seed is None else plant_seed
    return _library(_checked("seed", seed), _checked("plant_seed", plant_seed))


def _checked(name: str, seed: object) -> int:
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise CourseError(
            f"literature.library: {name} = {seed!r}; expected a whole number from 0 on, such as 1."
        )
    return int(seed)


@functools.lru_cache(maxsize=2)
def _library(seed: int, plant_seed: int) -> Library:
    import pandas as pd

    made = world.make(seed)
    said = claims.make(made, Dice(seed, "claims"))
    public = abstracts.write(made, said, Dice(seed, "abstracts"))
    batches = plantside.join(made, plant_seed)
    internal = reports.write(made, batches, Dice(seed, f"reports {plant_seed}"))
    numbered = [(f"A{i + 1:04d}", "public", w) for i, w in enumerate(public)]
    numbered += [(f"D{i + 1:04d}", "internal", w) for i, w in enumerate(internal)]
    documents = pd.DataFrame(
        [(n, source, w.venue, w.year, w.title, w.page.text) for n, source, w in numbered],
        columns=["document", "source", "venue", "year", "title", "text"],
    )
    names = _names(made)
    missing = Dice(seed, "dictionary")
    listed = [form == "canonical" or not missing.chance(UNLISTED) for form in names["form"]]
    truth = _truth(made, numbered, names)
    return Library(
        seed=seed,
        documents=documents,
        names=names[listed].reset_index(drop=True),
        entities=pd.DataFrame(
            [(e.id, e.kind, e.name, e.note or None) for e in made.entities.values()],
            columns=["entity", "kind", "name", "note"],
        ),
        known=_known(made),
        targets=_targets(made, truth),
        genetics=_genetics(made),
        truth=truth,
    )


def _names(made: world.World) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for entity in made.entities.values():
        rows.append((entity.name, entity.id, "canonical"))
        rows += [(name, entity.id, "synonym") for name in entity.synonyms]
        if entity.abbreviation:
            rows.append((entity.abbreviation, entity.id, "abbreviation"))
    return pd.DataFrame(rows, columns=["name", "entity", "form"])


def _known(made: world.World) -> pd.DataFrame:
    """Return the known graph, in random order: forward edges, and most inverse ones."""
    import pandas as pd

    dice = Dice(made.seed, "known")
    rows = []
    for fact in made.facts:
        if fact.status != world.CURATED:
            continue
        rows.append((fact.head, fact.relation, fact.tail))
        if fact.relation in world.INVERSES and dice.chance(world.INVERSE_SHARE):
            rows.append((fact.tail, world.INVERSES[fact.relation], fact.head))
    return pd.DataFrame(dice.shuffled(rows), columns=["head", "relation", "tail"])


_REACH = (0.85, 0.9, 0.75, 0.6, 0.65, 0.7, 0.5, 0.2, 0.3, 0.15)
"""How easily a compound reaches a protein of each of `names.CLASSES`."""


def _targets(made: world.World, truth: Truth) -> pd.DataFrame:
    import pandas as pd

    from vaxlab.literature.names import CLASSES

    dice = Dice(made.seed, "targets")
    written = truth.mentions.groupby("entity")["document"].nunique()
    counts = np.array([int(written.get(g.id, 0)) for g in made.of("gene")])
    rows = []
    for gene in made.of("gene"):
        protein = made.entities[f"PROT:{gene.id[5:]}"]
        reach = _REACH[CLASSES.index(protein.note)] + 0.3 * (dice.number() - 0.5)
        busy = len(made.modules[gene.id]) - 1
        safe = 0.85 - 0.12 * busy + 0.5 * (dice.number() - 0.5)
        novel = (counts > int(written.get(gene.id, 0))).mean()
        values = (round(min(max(v, 0.02), 0.98), 2) for v in (reach, safe))
        rows.append((gene.id, protein.id, protein.note, *values, round(float(novel), 2)))
    columns = ["entity", "protein", "protein_class", "tractability", "safety", "novelty"]
    return pd.DataFrame(rows, columns=columns)


GENETICS_SHIFT = 0.8
"""SDs by which true pairs, known or not, stand out in `Library.genetics`."""


def _genetics(made: world.World) -> pd.DataFrame:
    import pandas as pd

    true = {(f.head, f.tail) for f in made.facts if f.relation in ("promotes", "protects_from")}
    genes = [e.id for e in made.of("gene")]
    diseases = [e.id for e in made.of("disease")]
    pairs = [(g, d) for g in genes for d in diseases]
    noise = np.random.default_rng([made.seed, 4]).standard_normal(len(pairs))
    z = noise + GENETICS_SHIFT * np.array([pair in true for pair in pairs])
    table = pd.DataFrame(pairs, columns=["gene", "disease"])
    table["z"] = z.round(2)
    return table


def _truth(
    made: world.World, numbered: list[tuple[str, str, Written]], names: pd.DataFrame
) -> Truth:
    import pandas as pd

    mentions, statements, forms = [], [], []
    for number, _, written in numbered:
        page = written.page
        mentions += [(number, *m) for m in page.mentions]
        statements += [(number, *s) for s in page.statements]
        forms += [(number, k, *span, form) for k, (span, form) in enumerate(page.spans())]
    people = [e for e in made.entities.values() if e.id in made.popularity]
    rows = [
        (
            e.id,
            " ".join(map(str, made.modules.get(e.id, ()))),
            made.popularity[e.id],
            e.id in made.fresh,
        )
        for e in people
    ]
    return Truth(
        mentions=pd.DataFrame(mentions, columns=["document", *Mention._fields]).rename(
            columns={"text": "mention"}
        ),
        statements=pd.DataFrame(statements, columns=["document", *Statement._fields]),
        sentences=pd.DataFrame(forms, columns=["document", "sentence", "start", "end", "form"]),
        edges=pd.DataFrame([_fields(f) for f in made.facts], columns=_names_of(world.Fact)),
        names=names,
        entities=pd.DataFrame(rows, columns=["entity", "modules", "popularity", "fresh"]),
    )


def _fields(row: object) -> tuple:
    """Return the fields of a flat dataclass; `dataclasses.astuple` copies, which takes seconds."""
    return tuple(vars(row).values())


def _names_of(kind: type) -> list[str]:
    """Return the names of a dataclass's fields."""
    return [field.name for field in fields(kind)]
