"""The world that the library writes about: entities, what is true of them, and who knows it.

Latent modules decide: a gene works in one module or a few, a disease comes of one or two, and a
gene of the same module mostly affects it. Popular genes work in more modules and are written about
more, which is the bias of degree. Part of what is true is found out *later*: it stands neither in
texts nor in the known graph, and judges a list of ten targets.
"""

import itertools
import math
from dataclasses import dataclass, field

from vaxlab.literature.dice import Dice
from vaxlab.literature.names import CLASSES, Namer

GENES, DISEASES, COMPOUNDS, PATHWAYS, MODULES = 360, 48, 220, 36, 12
LONELY = 2
"""Diseases of which no gene is known."""
IMPURITIES = 6
"""Compounds that lots of the plant's raw materials hold."""

KINDS = {
    "gene": "GENE",
    "protein": "PROT",
    "disease": "DIS",
    "compound": "CPD",
    "pathway": "PWY",
    "parameter": "PAR",
    "lot": "LOT",
    "probe": "PROBE",
    "fault": "FAULT",
    "batch": "BATCH",
    "cell line": "CELL",
}
"""Kind of an entity to the prefix of its ids."""

RELATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "promotes": (("gene", "disease"),),
    "protects_from": (("gene", "disease"),),
    "encodes": (("gene", "protein"),),
    "activates": (("protein", "protein"), ("compound", "protein")),
    "inhibits": (("protein", "protein"), ("compound", "protein")),
    "binds": (("protein", "protein"),),
    "takes_part_in": (("protein", "pathway"),),
    "drives": (("pathway", "disease"),),
    "treats": (("compound", "disease"),),
    "causes": (("compound", "disease"),),
    "raises": (("pathway", "parameter"),),
    "lowers": (
        ("compound", "parameter"),
        ("lot", "parameter"),
        ("fault", "parameter"),
    ),
    "found_in": (("compound", "lot"),),
    "used_in": (("lot", "batch"),),
    "occurred_in": (("fault", "batch"),),
    "seen_on": (("fault", "probe"),),
}
"""Relation to the kinds of entities, head and tail, that it joins. ``binds`` is symmetric."""

INVERSES = {
    "takes_part_in": "has_member",
    "encodes": "encoded_by",
    "inhibits": "inhibited_by",
    "activates": "activated_by",
}
"""Relation to the name under which the known graph lists most of its edges once more."""
INVERSE_SHARE = 0.9

CURATED, PUBLISHED, LATER = "curated", "published", "later"
CURATED_SHARE = 0.80
"""Of the public facts: in the known graph; the others stand in texts only."""


@dataclass(frozen=True)
class Entity:
    """Something that texts speak of.

    Attributes
    ----------
    id, kind, name : str
        The canonical ones.
    synonyms : tuple of str
    abbreviation : str
        Empty where there is none.
    note : str
        Of a protein, what it is; of a parameter, lot, probe or fault, what it stands for.
    """

    id: str
    kind: str
    name: str
    synonyms: tuple[str, ...] = ()
    abbreviation: str = ""
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """What is true: an edge.

    Attributes
    ----------
    head, relation, tail : str
    status : str
        ``curated`` (stands in the known graph and in texts), ``published`` (in texts only) or
        ``later`` (in neither).
    """

    head: str
    relation: str
    tail: str
    status: str


@dataclass
class World:
    """Entities, facts, and what decides about them.

    Attributes
    ----------
    seed : int
    entities : dict of str to Entity
    facts : list of Fact
    modules : dict of str to tuple of int
        Entity to its modules.
    popularity : dict of str to float
        How much is written about an entity.
    fresh : set of str
        Entities that nobody wrote of before `abstracts.FRESH_FROM`.
    lonely : set of str
        Diseases of which no gene is known.
    impurities : list of str
        Compounds that raw materials hold.
    loading : dict of str to float
        How firmly a gene belongs to its modules, 0 to 1.
    """

    seed: int
    entities: dict[str, Entity] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    modules: dict[str, tuple[int, ...]] = field(default_factory=dict)
    popularity: dict[str, float] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    lonely: set[str] = field(default_factory=set)
    impurities: list[str] = field(default_factory=list)
    loading: dict[str, float] = field(default_factory=dict)

    def of(self, kind: str) -> list[Entity]:
        """Return the entities of a kind."""
        return [e for e in self.entities.values() if e.kind == kind]

    def add(self, kind: str, number: str, *what: object, **more: object) -> Entity:
        """Add an entity and return it."""
        entity = Entity(f"{KINDS[kind]}:{number}", kind, *what, **more)
        self.entities[entity.id] = entity
        return entity


PARAMETERS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "titre": ("virus titre", ("HA titre", "titre"), "HA"),
    "growth": ("cell growth", ("growth rate",), ""),
    "attachment": ("cell attachment", ("attachment",), ""),
    "viability": ("viability", (), ""),
    "do": ("dissolved oxygen", ("do_percent",), "DO"),
    "ph": ("culture pH", ("ph",), ""),
    "temperature": ("culture temperature", ("temperature_c",), ""),
    "trypsin": ("trypsin activity", (), ""),
    "recovery": ("recovery at capture", ("capture recovery",), ""),
    "lactate": ("lactate", (), "Lac"),
    "capacitance": ("capacitance", ("capacitance_pf_per_cm",), ""),
}
"""Process parameters: key to name, synonyms (tags of the historian among them), abbreviation."""


def make(seed: int) -> World:
    """Return the world of a seed: what is public; the plant is joined by `plantside.join`."""
    world = World(seed)
    dice = Dice(seed, "world")
    _people(world, Namer(Dice(seed, "names")), dice)
    _genes_of_diseases(world, dice)
    _proteins(world, dice)
    _compounds(world, dice)
    _entry(world, dice)
    return world


def _modules(dice: Dice, n: int) -> tuple[int, ...]:
    return tuple(sorted(dice.sample(range(MODULES), n)))


def _people(world: World, namer: Namer, dice: Dice) -> None:
    """Fill the world with entities, their modules and popularity."""
    for i in range(GENES):
        stem, what = namer.stem(), dice.pick(CLASSES)
        symbol, aliases = namer.gene(stem)
        name, synonyms, short = namer.protein(stem, what)
        gene = world.add("gene", f"{i + 1:04d}", symbol, tuple(aliases))
        protein = world.add("protein", f"{i + 1:04d}", name, tuple(synonyms), short, what)
        draw = dice.number()
        count = 1 if draw < 0.64 else 2 if draw < 0.86 else 3 if draw < 0.94 else 5
        loved = math.exp(0.7 * _normal(dice)) * (0.6 + 0.5 * count)
        for entity in (gene, protein):
            world.modules[entity.id] = _modules(dice, count) if entity is gene else ()
            world.popularity[entity.id] = loved
            world.loading[entity.id] = dice.number()
        world.modules[protein.id] = world.modules[gene.id]
    numbers = dice.shuffled([i % MODULES for i in range(DISEASES)])
    for i in range(DISEASES):
        name, synonyms, short = namer.disease()
        disease = world.add("disease", f"{i + 1:03d}", name, tuple(synonyms), short)
        second = (numbers[i] + dice.between(1, MODULES - 1)) % MODULES
        both = (numbers[i], second) if dice.chance(0.45) else (numbers[i],)
        world.modules[disease.id] = tuple(sorted(both))
        world.popularity[disease.id] = math.exp(0.5 * _normal(dice))
    for i in range(COMPOUNDS):
        name, synonyms, short = namer.compound()
        compound = world.add("compound", f"{i + 1:03d}", name, tuple(synonyms), short)
        world.modules[compound.id] = _modules(dice, 1)
        world.popularity[compound.id] = math.exp(0.8 * _normal(dice))
    world.lonely = set(dice.sample([d.id for d in world.of("disease")], LONELY))
    numbers = dice.shuffled([i % MODULES for i in range(PATHWAYS)])
    for i in range(PATHWAYS):
        if i:
            name, synonyms, short = namer.pathway()
        else:
            name, synonyms, short = "virus entry", ["entry of the virus"], ""
        pathway = world.add("pathway", f"{i + 1:02d}", name, tuple(synonyms), short)
        world.modules[pathway.id] = (numbers[i],)
        world.popularity[pathway.id] = math.exp(0.5 * _normal(dice))
    late = [e.id for kind in ("gene", "compound") for e in world.of(kind) if dice.chance(0.09)]
    world.fresh = {*late, *(f"PROT:{e[5:]}" for e in late if e.startswith("GENE:"))}
    for key, (name, synonyms, short) in PARAMETERS.items():
        entity = world.add("parameter", key, name, synonyms, short)
        world.popularity[entity.id] = 1.0
    world.add("cell line", "MDCK", "MDCK", ("MDCK cells",))


def _normal(dice: Dice) -> float:
    return math.sqrt(-2 * math.log(1 - dice.number())) * math.cos(2 * math.pi * dice.number())


def _public(dice: Dice) -> str:
    return CURATED if dice.chance(CURATED_SHARE) else PUBLISHED


def _genes_of_diseases(world: World, dice: Dice) -> None:
    genes, diseases = world.of("gene"), world.of("disease")
    order = sorted(genes, key=lambda g: world.popularity[g.id])
    rank = {gene.id: i / len(order) for i, gene in enumerate(order)}
    harms = {(m, d.id): dice.chance(0.6) for m in range(MODULES) for d in diseases}
    for disease in diseases:
        for gene in genes:
            shared = set(world.modules[gene.id]) & set(world.modules[disease.id])
            share = 0.80 + 0.19 * world.loading[gene.id] if shared else 0.012
            if not dice.chance(share):
                continue
            module = min(shared) if shared else 0
            harm = harms[module, disease.id] != dice.chance(0.12)
            relation = "promotes" if harm else "protects_from"
            # What is popular was found first.
            later = disease.id in world.lonely or dice.chance(0.58 - 0.20 * rank[gene.id])
            status = LATER if later else _public(dice)
            world.facts.append(Fact(gene.id, relation, disease.id, status))


def _proteins(world: World, dice: Dice) -> None:
    """Add what joins genes, proteins, pathways and diseases."""
    proteins, pathways = world.of("protein"), world.of("pathway")
    for protein in proteins:
        gene = f"GENE:{protein.id[5:]}"
        world.facts.append(Fact(gene, "encodes", protein.id, _public(dice)))
        for pathway in pathways:
            inside = set(world.modules[protein.id]) & set(world.modules[pathway.id])
            if dice.chance(0.42 if inside else 0.004):
                status = LATER if dice.chance(0.2) else _public(dice)
                world.facts.append(Fact(protein.id, "takes_part_in", pathway.id, status))
    for a, b in itertools.combinations(proteins, 2):
        shared = set(world.modules[a.id]) & set(world.modules[b.id])
        if dice.chance(0.085 if shared else 0.0008):
            head, tail = (a, b) if dice.chance(0.5) else (b, a)
            relation = dice.pick(("activates", "activates", "inhibits", "inhibits", "binds"))
            if relation == "binds":
                head, tail = a, b
            status = LATER if dice.chance(0.2) else _public(dice)
            world.facts.append(Fact(head.id, relation, tail.id, status))
    for pathway in pathways:
        for disease in world.of("disease"):
            inside = set(world.modules[pathway.id]) & set(world.modules[disease.id])
            if dice.chance(0.55 if inside else 0.01):
                world.facts.append(Fact(pathway.id, "drives", disease.id, _public(dice)))


def _compounds(world: World, dice: Dice) -> None:
    by_module: dict[int, list[Entity]] = {m: [] for m in range(MODULES)}
    for protein in world.of("protein"):
        for m in world.modules[protein.id]:
            by_module[m].append(protein)
    for compound in world.of("compound"):
        (module,) = world.modules[compound.id]
        for protein in dice.sample(by_module[module], dice.between(2, 4)):
            relation = "inhibits" if dice.chance(0.7) else "activates"
            status = LATER if dice.chance(0.2) else _public(dice)
            world.facts.append(Fact(compound.id, relation, protein.id, status))
        for disease in world.of("disease"):
            inside = module in world.modules[disease.id]
            if dice.chance(0.22 if inside else 0.004):
                status = LATER if dice.chance(0.2) else _public(dice)
                world.facts.append(Fact(compound.id, "treats", disease.id, status))
            elif dice.chance(0.01):
                world.facts.append(Fact(compound.id, "causes", disease.id, _public(dice)))


def _entry(world: World, dice: Dice) -> None:
    """Add the way from a gene to a batch: impurities inhibit receptors by which virus enters."""
    entry = "PWY:01"
    world.facts.append(Fact(entry, "raises", "PAR:titre", CURATED))
    inside = {f.head for f in world.facts if f.tail == entry and f.status != LATER}
    compounds = dice.sample([c.id for c in world.of("compound")], IMPURITIES)
    world.impurities = compounds
    told = {(f.head, f.tail) for f in world.facts if f.relation in ("inhibits", "activates")}
    for compound in compounds:
        world.fresh.discard(compound)
        for protein in dice.sample(sorted(inside), 2):
            if (compound, protein) not in told:
                world.facts.append(Fact(compound, "inhibits", protein, _public(dice)))
