"""The library: 3,000 invented abstracts, 300 deviation reports, and the facts planted in them.

Genes, proteins, diseases, compounds and pathways are made of syllables and checked against nothing;
a likeness to something real is chance, and nothing here is medical knowledge. Lots, batches, probes
and faults are those of the virtual plant.

>>> from vaxlab.literature import library, pairs
>>> books = library(1)
>>> books.documents, books.names, books.known       # what learners load
>>> pairs(books)                                    # weak labels, a fifth of them wrong
>>> books.truth.statements                          # for judging only
"""

from vaxlab.literature.library import (
    LIBRARY_SEED,
    NO_RELATION,
    Library,
    Truth,
    library,
    sentences,
)
from vaxlab.literature.weak import Dictionary, pairs
from vaxlab.literature.world import INVERSES, KINDS, RELATIONS

__all__ = [
    "INVERSES",
    "KINDS",
    "LIBRARY_SEED",
    "NO_RELATION",
    "RELATIONS",
    "Dictionary",
    "Library",
    "Truth",
    "library",
    "pairs",
    "sentences",
]
