"""What is in the data sets: the schema and the card of every table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vaxlab.plant import downstream, lots, records, variables
from vaxlab.plant.instruments import TAGS
from vaxlab.plant.recipe import LIMITS
from vaxlab.plant.spectra import CHANNELS

TEXT, TIME, NUMBER, WHOLE, FLAG = "text", "time", "number", "whole number", "yes or no"
SMALL = "whole number below 32,768"
DTYPES = {
    TEXT: "str",
    TIME: "datetime64[s]",
    NUMBER: "float64",
    WHOLE: "int64",
    SMALL: "int16",
    FLAG: "bool",
}
"""Kind of a column to its type in pandas."""

CSV, PARQUET = "csv", "parquet"


_MADE = (
    "Simulated by `vaxlab.plant.campaign` from its fixed seed: a mechanistic model of the culture "
    "with lots, set points and handling that vary, and assays with their published noise."
)
_NOT_FOR = (
    "No decision about a real product, plant, lot or person. The plant is virtual: its figures are "
    "plausible and follow published trends, but they are no measurements."
)


@dataclass(frozen=True)
class Column:
    """A column's name, kind, meaning (with unit) and, where it has them, bounds.

    Bounds are those that no entry of this table can pass, wrong entries included.
    """

    name: str
    kind: str
    meaning: str
    low: float | None = None
    high: float | None = None
    may_be_empty: bool = False


@dataclass(frozen=True)
class DataSet:
    """A table of the course: what its card says, and what its rows must be like."""

    title: str
    what: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    how_made: str = _MADE
    not_for: str = _NOT_FOR
    format: str = CSV

    def file(self, name: str) -> str:
        """Return the name of its file."""
        return f"{name}.{self.format}"


_BATCH_ID = Column("batch_id", TEXT, "batch, B001 is the first of the history")
_SAMPLE_COLUMNS = (
    Column("row_id", WHOLE, "number of the row in the export", 1),
    Column("sample_id", TEXT, "the sample: one drawing from the reactor, several analytes"),
    _BATCH_ID,
    Column("sampled_at", TIME, "when the sample was drawn, as its terminal noted it"),
    Column("analysed_at", TIME, "when the result was entered"),
    Column("terminal", TEXT, "where the sample was registered, T1 to T3"),
    Column("analyst", TEXT, "who entered the result, AN1 to AN5"),
    Column(
        "analyte",
        TEXT,
        "viable_cells, viability, glucose, lactate; ha and tcid50 from just before infection on",
    ),
)

DATA_SETS: dict[str, DataSet] = {
    "batches": DataSet(
        title="Batch record",
        what="One row for every batch of six years: when, where, with which lots, at which set "
        "points, and what was measured at infection and at harvest.",
        key=("batch_id",),
        columns=(
            _BATCH_ID,
            Column("reactor", TEXT, "R1 to R3"),
            Column("operator", TEXT, "who led the batch, OP1 to OP6"),
            Column("started_at", TIME, "inoculation"),
            Column("infected_at", TIME, "medium exchange and infection"),
            Column("harvested_at", TIME, "harvest"),
            Column("serum_lot", TEXT, "lot of the serum"),
            Column("carrier_lot", TEXT, "lot of the microcarriers"),
            Column("medium_lot", TEXT, "lot of the basal medium"),
            Column("trypsin_lot", TEXT, "lot of the trypsin"),
            Column("seed_lot", TEXT, "lot of the virus seed"),
            Column("moi", NUMBER, "set point: infectious virions per cell", 0, 20),
            Column("inoculum_cells_per_ml", WHOLE, "set point: cells/mL", 1e4, 2e6),
            Column("carrier_g_per_l", NUMBER, "set point: microcarriers, g/L", 0.2, 6),
            Column("growth_temperature_c", NUMBER, "set point until infection, °C", 29, 41),
            Column("infection_temperature_c", NUMBER, "set point from then on, °C", 28, 41),
            Column("ph", NUMBER, "set point", 6.2, 8),
            Column("do_percent", NUMBER, "set point: dissolved oxygen, % air saturation", 2, 150),
            Column("trypsin_bu_per_ml", NUMBER, "set point: BAEE U/mL", 0, 30),
            Column("glucose_mmol_per_l", NUMBER, "set point: in fresh medium, mmol/L", 5, 60),
            Column("feed_mmol_per_l_h", NUMBER, "set point: glucose fed, mmol/L/h", 0, 3),
            Column("cells_at_infection_per_ml", WHOLE, "counted, cells/mL", 0, 1e7),
            Column("viability_at_harvest_percent", NUMBER, "measured, %", 0, 100),
            Column("glucose_at_harvest_mmol_per_l", NUMBER, "measured, mmol/L", 0, 60),
            Column("lactate_at_harvest_mmol_per_l", NUMBER, "measured, mmol/L", 0, 100),
            Column(
                "ha_at_harvest_log10_per_100ul",
                NUMBER,
                "the routine HA assay, once: log10 HA units per 100 µL; empty below 0.5",
                0.5,
                4,
                True,
            ),
            Column(
                "tcid50_at_harvest_log10_per_ml",
                NUMBER,
                "infectious virus, once: log10 TCID50/mL; empty below 1.5",
                1.5,
                11,
                True,
            ),
        ),
    ),
    "harvest_assays": DataSet(
        title="Harvests in the quality laboratory",
        what="HA of every harvest, read four times independently from the retained sample. "
        "Replicate 1 is the routine assay of the batch record.",
        key=("batch_id", "replicate"),
        columns=(
            _BATCH_ID,
            Column("replicate", WHOLE, "1 to 4", 1, 4),
            Column("assayed_at", TIME, "when it was read"),
            Column(
                "ha_log10_per_100ul",
                NUMBER,
                "log10 HA units per 100 µL, in steps of 0.15; empty below 0.5",
                0.5,
                4,
                True,
            ),
        ),
    ),
    "samples": DataSet(
        title="LIMS export",
        what="Samples of the culture, about one a day from start to harvest, as the laboratory "
        "information system exports them: one row a result, values as people typed them.",
        key=("row_id",),
        columns=(
            *_SAMPLE_COLUMNS,
            Column("value", TEXT, "as typed; `<` stands before a limit of detection"),
            Column("unit", TEXT, "of the value, as the row has it"),
        ),
        how_made=_MADE + " Entered by virtual people.",
    ),
    "samples_tidy": DataSet(
        title="LIMS export, tidied",
        what="The rows of `samples` with text read as numbers and one unit for each analyte. "
        "Nothing was removed and no value was judged.",
        key=("row_id",),
        columns=(
            *_SAMPLE_COLUMNS,
            Column(
                "value",
                NUMBER,
                "viable_cells in 1e6/mL, viability in %, glucose and lactate in mmol/L, ha in "
                "log10 HA units per 100 µL, tcid50 in log10 TCID50/mL",
                -2,
                1e4,
            ),
            Column("censored", FLAG, "the result was below a limit of detection: `value` is it"),
            Column(
                "hours_after_infection",
                NUMBER,
                "sampled_at minus the batch's infected_at, h; negative before",
                -110,
                90,
            ),
        ),
        how_made=_MADE + " Entered by virtual people, then tidied by rule.",
    ),
}


_TEXTS = {
    "lot",
    "material",
    "batch_id",
    "cell_bank",
    "vessel_n3",
    "vessel_n2",
    "vessel_n1",
    *(f"{name}_lot" for name in ("serum", "carrier", "medium", "trypsin", "seed", "reagent")),
    "reactor",
    "ph_probe",
    "do_probe",
    "column",
    "stage",
    "vessel",
    "operator",
    "name",
    "decision",
    "reason",
    "deviation_id",
    "text",
    "calendar_reactor",
    "calendar_operator",
    "release_decision",
}
_WHOLE = {
    "passage",
    "step",
    "doses",
    "recipe_inoculum_cells_per_ml",
    "seed_passage",
    "calendar_started_year",
    "calendar_started_day_of_year",
    "calendar_started_weekday",
    "calendar_infected_weekday",
    "calendar_harvested_weekday",
    "calendar_started_hour",
    "calendar_harvested_hour",
    "calendar_column_cycles",
    "calendar_serum_lot_days",
    "calendar_trypsin_lot_days",
    "calendar_seed_lot_days",
    "release_doses",
}
_FLAGS = {"live_virus", "mycoplasma", "filter_intact"}


def _kind(name: str) -> str:
    if name.endswith("_at"):
        return TIME
    if name in _TEXTS:
        return TEXT
    if name in _WHOLE:
        return WHOLE
    return FLAG if name.removeprefix("release_") in _FLAGS else NUMBER


_CERTIFIED = {
    f"{name}_{entry.name}": entry
    for name, kind in lots.LOT_KINDS.items()
    for entry in kind.certificate
}
# The first pattern that fits the name; honest values and slips of the pen lie far inside.
_BOUNDS = (
    (r"(sample_|seed_medium_)ph(_.*)?", 4, 10),
    (r"sample_viable_cells_.*", 0, 20),
    (r"sample_glucose_.*", 0, 60),
    (r"sample_lactate_.*", 0, 100),
    (r"sample_ha_.*", 0.5, 4),
    (r"sample_tcid50_.*", 1.5, 11),
    (r"(.*_)?recovery_percent", 0, 200),
    (r"(seed|sample)_.*(viability|confluence).*|.*_percent", 0, 100),
    (r"calendar_started_year", 2000, 2100),
    (r"calendar_.*_day_of_year", 1, 366),
    (r"calendar_.*_weekday", 0, 6),
    (r"calendar_.*_hour", 0, 23),
    (r"calendar_.*days.*", 0, 1500),
    (r"(.*_)?(cycles|passage)", 0, 200),
    (r"seed_.*_cells_(in|out)|cells_(in|out)_1e6", 0, 1e7),
    (r"seed_.*_fold", 0, 50),
    (r"seed_.*hours.*|recipe_(growth|infection)_h", 0, 240),
    (r"(.*_)?conductivity_ms_per_cm", 0.1, 100),
    (r"(.*_)?pressure_bar", 0, 10),
    (r"(dsp_)?antigen_(in|out)_mg", 0, 1e5),
    (r"(release_)?potency_ug_per_ml", 0, 5000),
    (r"(release_)?dna_ng_per_dose", 0, 1e5),
    (r"(release_)?hcp_ug_per_ug_ha", 0, 1000),
    (r"(release_)?germs_cfu_per_100ml", 0, 1e6),
    (r"(release_)?doses", 0, 1e6),
    (r"bulk_l", 0, 500),
    (r"release_days", 0, 120),
    (r"step", 1, len(downstream.STEPS)),
)


def _bounds(name: str) -> tuple[float, float]:
    """Return what a number of this column can be at all.

    Raises
    ------
    KeyError
        Nothing is known of the column.
    """
    if name in variables.IDLE:
        mean, sd, _, _ = variables.IDLE[name]
        return max(0.0, mean - 4 * sd), mean + 4 * sd
    if name.removeprefix("coa_") in _CERTIFIED:
        entry = _CERTIFIED[name.removeprefix("coa_")]
        return max(0.0, entry.mean - 4 * entry.sd), entry.mean + 4 * entry.sd
    if name.removeprefix("recipe_") in LIMITS:
        limit = LIMITS[name.removeprefix("recipe_")]
        return limit.low, limit.high
    for tag in TAGS.values():
        if name.startswith(f"trend_{tag.name}_"):
            return (0.0, tag.high - tag.low) if name.endswith("_sd") else (tag.low, tag.high)
    for pattern, low, high in _BOUNDS:
        if re.fullmatch(pattern, name):
            return low, high
    raise KeyError(f"no bounds are known for column {name!r}")


def _columns(meaning: Mapping[str, str], empty: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Return columns by name; those whose names begin with one of ``empty`` may be empty."""
    columns = []
    for name, what in meaning.items():
        kind = _kind(name)
        low, high = _bounds(name) if kind in (NUMBER, WHOLE) else (None, None)
        columns.append(Column(name, kind, what, low, high, name.startswith(empty)))
    return tuple(columns)


_HISTORIAN = (
    _BATCH_ID,
    Column("recorded_at", TIME, "first minute of the row"),
    *(
        Column(
            name, NUMBER, f"{tag.meaning}; empty where nothing was kept", tag.low, tag.high, True
        )
        for name, tag in TAGS.items()
    ),
)

DATA_SETS |= {
    "certificates": DataSet(
        title="Certificates of analysis",
        what="One row for every lot of raw material: what its supplier certifies.",
        key=("lot",),
        columns=_columns(
            records.MEANING["certificates"], ("serum_", "carrier_", "medium_", "trypsin_", "seed_")
        ),
    ),
    "genealogy": DataSet(
        title="Genealogy",
        what="One row for every batch: which cells, vessels, lots, probes and column went into it.",
        key=("batch_id",),
        columns=_columns(records.MEANING["genealogy"]),
    ),
    "seed_train": DataSet(
        title="Seed train",
        what="Three seed vessels for every batch, the last one feeds the reactor.",
        key=("batch_id", "stage"),
        columns=_columns(records.MEANING["seed_train"]),
    ),
    "downstream": DataSet(
        title="Purification",
        what="Eight steps for every batch, as recorded.",
        key=("batch_id", "step"),
        columns=_columns(records.MEANING["downstream"], ("conductivity", "cycles", "pressure")),
    ),
    "release": DataSet(
        title="Release",
        what="Tests of every bulk, and the decision. These exist weeks after the harvest.",
        key=("batch_id",),
        columns=_columns(records.MEANING["release"], ("reason",)),
    ),
    "deviations": DataSet(
        title="Deviation reports",
        what="What people wrote when something was not as planned; some late, some never.",
        key=("deviation_id",),
        columns=_columns(records.MEANING["deviations"]),
        how_made=_MADE + " Written by virtual people.",
    ),
    "historian": DataSet(
        title="Historian, every 15 minutes",
        what="What the probes of the reactors showed in every batch, means of 15 minutes.",
        key=("batch_id", "recorded_at"),
        columns=_HISTORIAN,
        format=PARQUET,
    ),
    "historian_minutes": DataSet(
        title="Historian, every minute",
        what="What the probes of the reactors showed in six batches, every minute.",
        key=("batch_id", "recorded_at"),
        columns=_HISTORIAN,
        format=PARQUET,
    ),
    "spectra": DataSet(
        title="Raman spectra",
        what="Spectra of the culture in twelve batches, every 15 minutes, with glucose and lactate "
        "from an at-line analyser every two hours.",
        key=("batch_id", "recorded_at"),
        columns=(
            _BATCH_ID,
            Column("recorded_at", TIME, "when the spectrum was taken"),
            *(
                Column(
                    f"atline_{name}_mmol_per_l",
                    NUMBER,
                    f"{name}, at-line analyser, mmol/L; empty where no sample was drawn",
                    0,
                    100,
                    may_be_empty=True,
                )
                for name in ("glucose", "lactate")
            ),
            *(
                Column(name, SMALL, "counts at the Raman shift in its name, 1/cm", 0)
                for name in CHANNELS
            ),
        ),
        format=PARQUET,
    ),
    "variables": DataSet(
        title="The wide table",
        what="One row for every batch and about 220 variables, joined from all other tables and "
        "sheets of the batch record. Names begin with their group: recipe, seed, coa "
        "(certificates), calendar, trend (features of the historian), sample, dsp (purification), "
        "release. The groups dsp and release exist only after the harvest.",
        key=("batch_id",),
        columns=_columns(variables.MEANING, ("sample_", "calendar_days_since")),
    ),
}

_WRITTEN = (
    "Written by `vaxlab.literature` from its fixed seed. All that it speaks of is invented: names "
    "are made of syllables and checked against nothing, so that a likeness to something real is "
    "chance. Lots, batches, probes and faults are those of the virtual plant."
)
_NO_MEDICINE = (
    "Anything outside of this course. Nothing in it is medical knowledge: the genes, proteins, "
    "diseases and compounds do not exist."
)
_SHARE = "0 to 1, more is better"


def _of_the_library(
    title: str, what: str, key: tuple[str, ...], *columns: Column, format: str = CSV
) -> DataSet:
    return DataSet(title, what, key, columns, _WRITTEN, _NO_MEDICINE, format)


DATA_SETS |= {
    "documents": _of_the_library(
        "The library",
        "3,000 abstracts that everybody can read, and 300 deviation reports of the plant.",
        ("document",),
        Column("document", TEXT, "A0001 … for abstracts, D0001 … for deviation reports"),
        Column("source", TEXT, "public (abstracts) or internal (reports)"),
        Column("venue", TEXT, "the journal, or the plant's system"),
        Column("year", WHOLE, "of publication, or of the report", 1900, 2100),
        Column("title", TEXT, "its title"),
        Column("text", TEXT, "its text, one paragraph"),
        format=PARQUET,
    ),
    "names": _of_the_library(
        "The dictionary",
        "Names of genes, proteins, diseases, compounds, pathways and things of the plant. Some "
        "names belong to more than one entity, and some that texts use are missing.",
        ("name", "entity"),
        Column("name", TEXT, "as it stands in texts"),
        Column("entity", TEXT, "canonical id"),
        Column("form", TEXT, "canonical, synonym or abbreviation"),
    ),
    "entities": _of_the_library(
        "Entities",
        "One row for every thing that the library, the graph and the reports speak of.",
        ("entity",),
        Column("entity", TEXT, "canonical id"),
        Column("kind", TEXT, "gene, protein, disease, compound, pathway, lot, batch, probe, …"),
        Column("name", TEXT, "canonical name"),
        Column("note", TEXT, "a protein's class, a lot's material, …", may_be_empty=True),
    ),
    "known": _of_the_library(
        "The known graph",
        "What curators have entered so far; incomplete. Edges of some relations are listed once "
        "more the other way round, under another name.",
        ("head", "relation", "tail"),
        Column("head", TEXT, "entity"),
        Column("relation", TEXT, "what the head does to the tail, such as inhibits"),
        Column("tail", TEXT, "entity"),
    ),
    "targets": _of_the_library(
        "Genes as targets",
        "What would make a gene a good target of a drug.",
        ("entity",),
        Column("entity", TEXT, "the gene"),
        Column("protein", TEXT, "what it encodes"),
        Column("protein_class", TEXT, "kinase, receptor, …"),
        Column("tractability", NUMBER, f"how easily compounds reach the protein, {_SHARE}", 0, 1),
        Column("safety", NUMBER, f"how little else depends on it, {_SHARE}", 0, 1),
        Column("novelty", NUMBER, f"share of genes that more documents name, {_SHARE}", 0, 1),
    ),
    "genetics": _of_the_library(
        "Genes and diseases, by genome-wide studies",
        "How one study sees every pair of a gene and a disease.",
        ("gene", "disease"),
        Column("gene", TEXT, "entity"),
        Column("disease", TEXT, "entity"),
        Column("z", NUMBER, "score, in standard deviations of pairs without a relation", -10, 10),
        format=PARQUET,
    ),
    "assertions": _of_the_library(
        "What a reader found",
        "What a reader that keeps to rules took from the documents: about half of what they state. "
        "A few rows are read wrongly, and some of what is written is itself wrong.",
        ("document", "sentence", "head", "relation", "tail"),
        Column("document", TEXT, "of the library"),
        Column("sentence", WHOLE, "number of the sentence in the text, from 0 on", 0, 999),
        Column("head", TEXT, "entity"),
        Column("relation", TEXT, "what the head does to the tail, as in the known graph"),
        Column("tail", TEXT, "entity"),
        Column("polarity", TEXT, "affirmed or negated"),
        Column("certainty", TEXT, "stated or hedged (may, suggests, …)"),
        Column("text", TEXT, "the sentence"),
        format=PARQUET,
    ),
}
