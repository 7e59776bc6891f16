"""Invented names: of genes, proteins, diseases, compounds and pathways.

None is meant to be anybody's or anything's. They are made of syllables and checked against nothing
but a short list of well-known symbols, so a likeness to something real is chance.
"""

from collections.abc import Callable

from vaxlab.literature.dice import Dice

_ONSETS = "b br d dr f fl g gl h j k kr l m n pl qu r s sk sl st t th tr v vr w y z zw d v m t l n"
_CODAS = "l n r s m x th nd rn lv lk sk rt mb lm ng st nt rv"
_LINKS = "ab av el em en er il im in ol om on or ul um ur"
ONSETS, CODAS, LINKS = (tuple(text.split()) for text in (_ONSETS, _CODAS, _LINKS))
VOWELS = ("a", "e", "i", "o", "u", "a", "e", "o")

_REAL = (
    "TP53 EGFR BRCA1 BRCA2 KRAS BRAF MYC PTEN AKT1 TNF IL6 IL1B VEGFA ALK JAK2 STAT3 MTOR CDK4 RB1 "
    "NRAS PIK3CA ERBB2 FLT3 KIT ABL1 APC ATM CFTR HTT APOE SNCA MAPT LRRK2 DMD SOD1 FUS TTR PAH "
    "STK11 BRD4 DRD2 STRN4 SLK STRN3 TRAF2 BRMS1 KRT5 KRT8 PLK1 SMN1 SMN2 TNK2 TRIM5 DLK1 "
    "FLNA GLB1 GLS2 MLH1 NTRK1 STK3 STK4 SKI TRPM7 TRPV1 THRB VRK1 VRK2 PLN FLT1 SRC HRAS FOXP3"
)
REAL_SYMBOLS = frozenset(_REAL.split())
"""No gene of the course may be called so."""

CLASSES = (
    "kinase",
    "receptor",
    "protease",
    "ligase",
    "transporter",
    "channel",
    "phosphatase",
    "transcription factor",
    "adaptor",
    "scaffold",
)
"""What a protein is; the first are the easiest to reach with a compound."""

ORGANS = {
    "nephropathy": "kidney disease",
    "dermatitis": "skin disease",
    "myopathy": "muscle disease",
    "neuropathy": "nerve disease",
    "fibrosis": "scarring disease",
    "colitis": "bowel disease",
    "arthropathy": "joint disease",
    "retinopathy": "eye disease",
    "anaemia": "blood disease",
    "pneumonitis": "lung disease",
    "carditis": "heart disease",
    "atrophy": "wasting disease",
    "encephalopathy": "brain disease",
    "fever": "fever disorder",
}
COURSES = ("chronic", "juvenile", "familial", "acute", "relapsing", "late-onset")
ENDINGS = ("oxavel", "urmid", "elquat", "ivorn", "adrexin", "imolt", "ufenal", "orbane", "azuril")
CASCADES = ("cascade", "axis", "loop", "relay", "circuit", "checkpoint")
WORDS = ("DUSK", "NOON", "MESH", "LATE", "FERN", "GRAVEL", "AMBER", "LEDGER", "HARBOUR", "PLUM")
"""Aliases of genes that are words of English, too."""


class Namer:
    """Makes names, none of them twice.

    Parameters
    ----------
    dice : Dice
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.taken: set[str] = set()
        self.words = dice.shuffled(WORDS)

    def fresh(self, make: Callable[[], str]) -> str:
        """Return the first name that ``make()`` has not given before."""
        while True:
            name = make()
            if name.upper() not in self.taken and name.upper() not in REAL_SYMBOLS:
                self.taken.add(name.upper())
                return name

    def stem(self) -> str:
        """Return a stem such as ``velkar``."""
        d = self.dice

        def make() -> str:
            start = d.pick(ONSETS) + d.pick(VOWELS) + d.pick(CODAS)
            return start + d.pick(LINKS) if d.chance(0.6) else start

        return self.fresh(make)

    def symbol(self, stem: str) -> str:
        """Return a gene's symbol for a stem: its first letter and consonants, and a digit."""
        d = self.dice
        letters = stem[0] + "".join(c for c in stem[1:] if c not in "aeiou")

        def make() -> str:
            extra = d.pick("QXZWVKR")
            length = d.between(2, 4)
            body = (letters[:length] + extra).upper()
            return f"{body}{d.between(1, 9)}" if d.chance(0.85) else body + d.pick("QXZ")

        return self.fresh(make)

    def gene(self, stem: str) -> tuple[str, list[str]]:
        """Return a symbol and its aliases."""
        d = self.dice
        symbol = self.symbol(stem)
        aliases = []
        if d.chance(0.55):
            aliases.append(
                self.fresh(lambda: f"{d.pick('hpc')}{stem[:3].title()}{d.between(1, 99)}")
            )
        if self.words and d.chance(0.04):
            aliases.append(self.words.pop())
        return symbol, aliases

    def protein(self, stem: str, what: str) -> tuple[str, list[str], str]:
        """Return name, synonyms and abbreviation."""
        d = self.dice
        number = d.between(1, 9)
        ending = "in" if not stem.endswith("in") else "ase"
        name = self.fresh(lambda: f"{stem}{ending}-{d.between(1, 9)}")
        noun = "factor" if what == "transcription factor" else what
        synonym = self.fresh(lambda: f"{stem} {noun} {d.between(1, 12)}")
        number = synonym.rsplit(" ", 1)[1]
        return name, [synonym], f"{stem[0]}{noun[0]}{number}".upper()

    def disease(self) -> tuple[str, list[str], str]:
        """Return name, synonyms and abbreviation."""
        d = self.dice
        organ = d.pick(tuple(ORGANS))
        adjective = self.stem() + d.pick(("ic", "al", "oid", "ine"))
        course = d.pick(COURSES) if d.chance(0.6) else ""
        name = " ".join(part for part in (course, adjective, organ) if part)
        synonyms = [f"{adjective} {ORGANS[organ]}"]
        if d.chance(0.3):
            synonyms.append(f"{adjective} syndrome")
        initials = "".join(part[0] for part in name.replace("-", " ").split()).upper()
        return name, synonyms, initials if len(initials) > 2 else initials + "D"

    def compound(self) -> tuple[str, list[str], str]:
        """Return name, synonyms and abbreviation."""
        d = self.dice
        stem = self.stem()
        name = self.fresh(lambda: stem[:5] + d.pick(ENDINGS))
        code = self.fresh(lambda: f"{d.pick('QZXYW')}{d.pick('BDKLNQ')}-{d.between(101, 9899)}")
        return name, [code], f"{name[:2]}{name[-2]}".upper() if d.chance(0.4) else ""

    def pathway(self) -> tuple[str, list[str], str]:
        """Return name, synonyms and abbreviation."""
        d = self.dice
        adjective = self.stem() + d.pick(("ic", "al", "ine"))
        noun = d.pick(CASCADES)
        synonyms = [f"{adjective} pathway"]
        if d.chance(0.5):
            synonyms.append(f"{adjective} signalling")
        return f"{adjective} {noun}", synonyms, f"{adjective[0]}{noun[0]}{noun[-1]}".upper()
