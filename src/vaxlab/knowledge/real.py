"""A real graph with a sentence behind every edge: the EGF example of PyBEL.

Curated by Charles Tapley Hoyt for PyBEL 0.15.5 (``pybel/examples/egf_example.py``), MIT licence,
copyright 2016 to 2022 Charles Tapley Hoyt. The sentences are quoted there from the papers of the
PubMed ids, and stand here as they stand there. Names are those of genes; modifiers are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SENTENCES = {
    "12855613": "This induction was not seen either when LNCaP cells were treated with flutamide "
    "or conditioned medium were pretreated with antibody to the epidermal growth factor (EGF)",
    "9639405": "DU-145 cells treated with 5000 U/ml of IFNgamma and IFN alpha, both reduced EGF "
    "production with IFN gamma reduction more significant.",
    "10855792": "Although found predominantly in the cytoplasm and, less abundantly, in the "
    "nucleus, VCP can be translocated from the nucleus after stimulation with epidermal growth "
    "factor.",
    "12560433": "Valosin-containing protein (VCP; also known as p97) has been shown to be "
    "associated with antiapoptotic function and metastasis via activation of the nuclear "
    "factor-kappaB signaling pathway.",
}
"""PubMed id to the sentence that the curator quotes."""

_EDGES = (
    ("AR", "increases", "EGF", "12855613"),
    ("IFNA1", "decreases", "EGF", "9639405"),
    ("IFNG", "decreases", "EGF", "9639405"),
    ("EGF", "increases", "VCP", "10855792"),
    ("VCP", "increases", "NFKB", "12560433"),
    ("NFKB", "decreases", "apoptosis", "12560433"),
)


def egf() -> pd.DataFrame:
    """Return the six edges: head, relation, tail, pubmed, text."""
    import pandas as pd

    rows = [(*edge, SENTENCES[edge[-1]]) for edge in _EDGES]
    return pd.DataFrame(rows, columns=["head", "relation", "tail", "pubmed", "text"])
