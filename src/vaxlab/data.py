"""The course's data sets: load, describe, build, verify.

The files lie in ``datasets/`` of the checkout, or in the folder that the environment variable
``VAXLAB_DATA`` names. They are made by `vaxlab.plant.campaign`; ``manifest.json`` holds their
version and checksums.
"""

from __future__ import annotations

import difflib
import errno
import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vaxlab.errors import CourseError
from vaxlab.paths import checkout

if TYPE_CHECKING:
    import pandas as pd

DATA_VERSION = "1"
"""Goes up whenever a rebuild changes a byte: notebooks and data must fit each other."""

TIME_FORMAT = "%Y-%m-%d %H:%M"
_MANIFEST = "manifest.json"
_TEXT, _TIME, _NUMBER, _WHOLE, _FLAG = "text", "time", "number", "whole number", "yes or no"
_DTYPES = {_TEXT: "str", _NUMBER: "float64", _WHOLE: "int64", _FLAG: "bool"}


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
    """A table of the plant: what its card says, and what its rows must be like."""

    title: str
    what: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    how_made: str
    not_for: str


_MADE = (
    "Simulated by `vaxlab.plant.campaign` from its fixed seed: a mechanistic model of the culture "
    "with lots, set points and handling that vary, and assays with their published noise."
)
_NOT_FOR = (
    "No decision about a real product, plant, lot or person. The plant is virtual: its figures are "
    "plausible and follow published trends, but they are no measurements."
)
_BATCH_ID = Column("batch_id", _TEXT, "batch, B001 is the first of the history")
_SAMPLE_COLUMNS = (
    Column("row_id", _WHOLE, "number of the row in the export", 1),
    Column("sample_id", _TEXT, "the sample: one drawing from the reactor, several analytes"),
    _BATCH_ID,
    Column("sampled_at", _TIME, "when the sample was drawn, as its terminal noted it"),
    Column("analysed_at", _TIME, "when the result was entered"),
    Column("terminal", _TEXT, "where the sample was registered, T1 to T3"),
    Column("analyst", _TEXT, "who entered the result, AN1 to AN5"),
    Column(
        "analyte",
        _TEXT,
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
            Column("reactor", _TEXT, "R1 to R3"),
            Column("operator", _TEXT, "who led the batch, OP1 to OP6"),
            Column("started_at", _TIME, "inoculation"),
            Column("infected_at", _TIME, "medium exchange and infection"),
            Column("harvested_at", _TIME, "harvest"),
            Column("serum_lot", _TEXT, "lot of the serum"),
            Column("carrier_lot", _TEXT, "lot of the microcarriers"),
            Column("medium_lot", _TEXT, "lot of the basal medium"),
            Column("trypsin_lot", _TEXT, "lot of the trypsin"),
            Column("seed_lot", _TEXT, "lot of the virus seed"),
            Column("moi", _NUMBER, "set point: infectious virions per cell", 0, 20),
            Column("inoculum_cells_per_ml", _WHOLE, "set point: cells/mL", 1e4, 2e6),
            Column("carrier_g_per_l", _NUMBER, "set point: microcarriers, g/L", 0.2, 6),
            Column("growth_temperature_c", _NUMBER, "set point until infection, °C", 29, 41),
            Column("infection_temperature_c", _NUMBER, "set point from then on, °C", 28, 41),
            Column("ph", _NUMBER, "set point", 6.2, 8),
            Column("do_percent", _NUMBER, "set point: dissolved oxygen, % air saturation", 2, 150),
            Column("trypsin_bu_per_ml", _NUMBER, "set point: BAEE U/mL", 0, 30),
            Column("cells_at_infection_per_ml", _WHOLE, "counted, cells/mL", 0, 1e7),
            Column("viability_at_harvest_percent", _NUMBER, "measured, %", 0, 100),
            Column("glucose_at_harvest_mmol_per_l", _NUMBER, "measured, mmol/L", 0, 60),
            Column("lactate_at_harvest_mmol_per_l", _NUMBER, "measured, mmol/L", 0, 100),
            Column(
                "ha_at_harvest_log10_per_100ul",
                _NUMBER,
                "the routine HA assay, once: log10 HA units per 100 µL; empty below 0.5",
                0.5,
                4,
                True,
            ),
            Column(
                "tcid50_at_harvest_log10_per_ml",
                _NUMBER,
                "infectious virus, once: log10 TCID50/mL; empty below 1.5",
                1.5,
                11,
                True,
            ),
        ),
        how_made=_MADE,
        not_for=_NOT_FOR,
    ),
    "harvest_assays": DataSet(
        title="Harvests in the quality laboratory",
        what="HA of every harvest, read four times independently from the retained sample. "
        "Replicate 1 is the routine assay of the batch record.",
        key=("batch_id", "replicate"),
        columns=(
            _BATCH_ID,
            Column("replicate", _WHOLE, "1 to 4", 1, 4),
            Column("assayed_at", _TIME, "when it was read"),
            Column(
                "ha_log10_per_100ul",
                _NUMBER,
                "log10 HA units per 100 µL, in steps of 0.15; empty below 0.5",
                0.5,
                4,
                True,
            ),
        ),
        how_made=_MADE,
        not_for=_NOT_FOR,
    ),
    "samples": DataSet(
        title="LIMS export",
        what="Samples of the culture, about one a day from start to harvest, as the laboratory "
        "information system exports them: one row a result, values as people typed them.",
        key=("row_id",),
        columns=(
            *_SAMPLE_COLUMNS,
            Column("value", _TEXT, "as typed; `<` stands before a limit of detection"),
            Column("unit", _TEXT, "of the value, as the row has it"),
        ),
        how_made=_MADE + " Entered by virtual people.",
        not_for=_NOT_FOR,
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
                _NUMBER,
                "viable_cells in 1e6/mL, viability in %, glucose and lactate in mmol/L, ha in "
                "log10 HA units per 100 µL, tcid50 in log10 TCID50/mL",
                -2,
                1e4,
            ),
            Column("censored", _FLAG, "the result was below a limit of detection: `value` is it"),
            Column(
                "hours_after_infection",
                _NUMBER,
                "sampled_at minus the batch's infected_at, h; negative before",
                -110,
                90,
            ),
        ),
        how_made=_MADE + " Entered by virtual people, then tidied by rule.",
        not_for=_NOT_FOR,
    ),
}


def load(name: str) -> pd.DataFrame:
    """Read a data set.

    Parameters
    ----------
    name : str
        A key of `DATA_SETS`, such as ``"batches"``.

    Returns
    -------
    DataFrame
        Columns as its card says; times are parsed, the values of ``samples`` stay text.

    Raises
    ------
    CourseError
        No such data set, its file is missing or was changed, or it is of another version than
        this package reads.
    """
    data_set = _known(name)
    return _parse(_read(f"{name}.csv"), data_set)


def describe(name: str) -> str:
    """Return the card of a data set, Markdown.

    Raises
    ------
    CourseError
        As `load`.
    """
    _known(name)
    return _read(f"cards/{name}.md").decode()


def build(folder: Path | None = None) -> None:
    """Make all data sets and write them; the same bytes every time.

    All files are written beside their places first, and only moved there when every one is
    whole: an interrupted build leaves what was there before.

    Parameters
    ----------
    folder : Path, optional
        Where to; by default the folder that `load` reads. A build into the checkout also
        writes the instructor's card, ``solutions/data-card.md``.

    Raises
    ------
    CourseError
        The folder cannot be written to, or its disk is full.
    """
    from tqdm import tqdm

    if folder is None:
        folder = _home()
    # A bar only where somebody would otherwise wait in front of nothing.
    with tqdm(total=len(DATA_SETS) + 2, desc="datasets", unit="step", delay=5) as bar:
        files = _make(bar.update)
        targets = {folder / name: content for name, content in files.items()}
        instructor = _instructor_card_path(folder)
        if instructor is not None:
            from vaxlab.plant.card import instructor_card

            targets = {instructor: instructor_card().encode(), **targets}
        _write(targets)
        bar.update()


def verify(folder: Path | None = None) -> None:
    """Compare every file with the manifest, and with what a rebuild would give.

    Parameters
    ----------
    folder : Path, optional
        By default the folder that `load` reads.

    Raises
    ------
    CourseError
        Names every file that is missing or different.
    """
    folder = folder or _home()
    wrong = []
    for name in _manifest(folder)["files"]:
        try:
            _read(name, folder)
        except CourseError as error:
            wrong.append(str(error))
    if wrong:
        raise CourseError("\n".join(wrong))
    for name, content in _make(lambda: None).items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            wrong.append(
                f"{path}: the file is whole, but this vaxlab would make another one. "
                "Run `vaxlab data build`, and commit what it writes."
            )
    if wrong:
        raise CourseError("\n".join(wrong))


def check(name: str, table: pd.DataFrame) -> None:
    """Check a table against the schema of its data set.

    Raises
    ------
    CourseError
        Names the column and the rule that it breaks.
    """
    import pandas as pd

    data_set = _known(name)
    wanted = [column.name for column in data_set.columns]

    def refuse(rule: str) -> None:
        raise CourseError(f"Data set {name!r} breaks its schema: {rule}")

    if list(table.columns) != wanted:
        refuse(f"columns are {list(table.columns)}; expected {wanted}.")
    if table.duplicated(list(data_set.key)).any():
        refuse(f"{' and '.join(data_set.key)} must be unique.")
    for column in data_set.columns:
        values = table[column.name]
        kind = (
            pd.api.types.is_datetime64_dtype(values)
            if column.kind == _TIME
            else values.dtype == _DTYPES[column.kind]
        )
        if not kind:
            refuse(f"{column.name} is of type {values.dtype}; expected {column.kind}.")
        if not column.may_be_empty and values.isna().any():
            refuse(f"{column.name} has empty cells; expected none.")
        for bound, passed in ((column.low, values.lt), (column.high, values.gt)):
            if bound is not None and passed(bound).any():
                refuse(
                    f"{column.name} goes from {values.min():g} to {values.max():g}; expected "
                    f"{column.low} to {column.high} (None: no bound)."
                )


def _known(name: str) -> DataSet:
    if name in DATA_SETS:
        return DATA_SETS[name]
    near = difflib.get_close_matches(str(name), DATA_SETS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise CourseError(f"No data set is called {name!r}. There are: {', '.join(DATA_SETS)}.{hint}")


def _home() -> Path:
    """Return the folder of the data sets."""
    named = os.environ.get("VAXLAB_DATA")
    if named:
        return Path(named).expanduser()
    here = Path.cwd()
    beside_package = Path(__file__).resolve().parents[2]
    for parent in (here, *here.parents, beside_package):
        if (parent / "datasets" / _MANIFEST).is_file():
            return parent / "datasets"
    return checkout() / "datasets"


def _instructor_card_path(folder: Path) -> Path | None:
    solutions = folder.resolve().parent / "solutions"
    return solutions / "data-card.md" if solutions.is_dir() else None


def _manifest(folder: Path) -> dict:
    path = folder / _MANIFEST
    mend = "Run `vaxlab data build`."
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, _ = manifest["data_version"], manifest["files"].items()
    except FileNotFoundError:
        raise CourseError(
            f"No data sets in {folder}: expected {_MANIFEST} there. {mend} "
            "(VAXLAB_DATA, where it is set, names the folder.)"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(
            f"{path} is damaged: expected JSON with data_version and files. {mend}"
        ) from None
    if version != DATA_VERSION:
        raise CourseError(
            f"The data sets in {folder} are of version {version!r}, but this vaxlab reads version "
            f"{DATA_VERSION!r}. Update the checkout (`git pull`), or {mend[0].lower()}{mend[1:]}"
        )
    return manifest


def _read(name: str, folder: Path | None = None) -> bytes:
    """Return a file's content after comparing it with the manifest."""
    folder = folder or _home()
    path = folder / name
    files = _manifest(folder)["files"]
    mend = f"Run `vaxlab data build`, or `git checkout -- {folder.name}/{name}`."
    if name not in files:
        raise CourseError(f"{folder / _MANIFEST} does not list {name}. Run `vaxlab data build`.")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CourseError(f"{path} is missing, though the manifest lists it. {mend}") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}. {mend}") from None
    expected, found = files[name]["sha256"], hashlib.sha256(content).hexdigest()
    if found != expected:
        raise CourseError(
            f"{path} was changed or damaged: expected {files[name]['bytes']} bytes with SHA-256 "
            f"{expected[:12]}…, found {len(content)} bytes with {found[:12]}…. {mend}"
        )
    return content


def _parse(content: bytes, data_set: DataSet) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(
        io.BytesIO(content),
        dtype={c.name: _DTYPES[c.kind] for c in data_set.columns if c.kind != _TIME},
        # A text such as "NA" is a text; only an empty cell is empty.
        keep_default_na=False,
        na_values=[""],
    )
    for column in data_set.columns:
        if column.kind == _TIME:
            times = pd.to_datetime(table[column.name], format=TIME_FORMAT)
            table[column.name] = times.astype("datetime64[s]")
    return table


def _make(step) -> dict[str, bytes]:
    """Return every file of datasets/, the manifest last; ``step`` is called after each."""
    from vaxlab.plant import campaign

    tables = campaign.run().tables
    step()
    files: dict[str, bytes] = {}
    listed: dict[str, dict] = {}
    for name, table in tables.items():
        check(name, table)
        content = table.to_csv(
            index=False, lineterminator="\n", date_format=TIME_FORMAT, encoding="utf-8"
        ).encode()
        files[f"{name}.csv"] = content
        listed[f"{name}.csv"] = _entry(content) | {
            "rows": len(table),
            "columns": [column.name for column in DATA_SETS[name].columns],
        }
        step()
    for name in tables:
        content = _card(name, listed[f"{name}.csv"]["rows"]).encode()
        files[f"cards/{name}.md"] = content
        listed[f"cards/{name}.md"] = _entry(content)
    manifest = {
        "made_by": "vaxlab data build",
        "data_version": DATA_VERSION,
        "licence": "CC BY 4.0",
        "files": listed,
    }
    files[_MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    return files


def _entry(content: bytes) -> dict:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _card(name: str, rows: int) -> str:
    data_set = DATA_SETS[name]
    lines = [
        f"# {data_set.title}: `{name}.csv`",
        "",
        "<!-- Generated by `vaxlab data build` from src/vaxlab/data.py. -->",
        "",
        data_set.what,
        "",
        f"- **Rows:** {rows:,}, one for every {' and '.join(f'`{k}`' for k in data_set.key)}",
        f"- **Version of the data:** {DATA_VERSION}",
        "- **Format:** CSV, UTF-8; times are the plant's local time, year-month-day hour:minute, "
        "without a time zone",
        f"- **How made:** {data_set.how_made}",
        "- **Licence:** CC BY 4.0",
        f"- **Not to be used for:** {data_set.not_for}",
        "",
        "| column | kind | what, and its unit |",
        "|---|---|---|",
        *(f"| `{c.name}` | {c.kind} | {c.meaning} |" for c in data_set.columns),
    ]
    return "\n".join(lines) + "\n"


def _write(targets: Mapping[Path, bytes]) -> None:
    """Write all files, or leave all as they were."""
    parts = {path: path.with_name(path.name + ".tmp") for path in targets}
    try:
        for path, content in targets.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(parts[path], "wb") as part:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
        for path, part in parts.items():
            os.replace(part, path)
    except OSError as error:
        folder = next(reversed(targets)).parent
        reason = "its disk is full" if error.errno == errno.ENOSPC else error.strerror
        size = sum(map(len, targets.values())) / 1e6
        raise CourseError(
            f"The data sets could not be written to {folder}: {reason}. Expected a folder that "
            f"may be written to, with {size:.0f} MB free. What was there is unharmed; make room "
            "and run `vaxlab data build` again."
        ) from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
