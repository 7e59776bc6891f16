"""The course's data sets: load, describe, build, verify.

The files lie in ``datasets/`` of the checkout, or where the environment variable ``VAXLAB_DATA``
says: a folder, or any URL that fsspec reads, such as ``s3://bucket/prefix`` or
``simplecache::https://host/datasets``. Keys and endpoints come from the environment, too, as
fsspec (``FSSPEC_S3_ENDPOINT_URL=…``) and the store's own library (``AWS_PROFILE=…``) read them.

The files are made by `vaxlab.plant.campaign` and `vaxlab.literature`; ``manifest.json`` holds their
version and checksums, and every file is compared with it before it is used.
"""

from __future__ import annotations

import difflib
import errno
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from vaxlab import cohort, paths
from vaxlab.errors import CourseError
from vaxlab.tables import CSV, DATA_SETS, DTYPES, SMALL, TIME, DataSet

if TYPE_CHECKING:
    import pandas as pd

DATA_VERSION = "5"
"""Goes up whenever a rebuild changes a byte: notebooks and data must fit each other."""

TIME_FORMAT = "%Y-%m-%d %H:%M"
_BAR_AFTER_S = 5
_CHUNK = 2**20
_RULES_TOLD = 5


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
        No such data set, its file is missing or was changed, it is of another version than
        this package reads, or the place that ``VAXLAB_DATA`` names cannot be reached.
    """
    data_set = _known(name)
    content = _read(data_set.file(name))
    try:
        return _parse(content, data_set)
    except (ValueError, TypeError, KeyError, OSError) as error:  # also pyarrow's and pandas' own
        home = paths.datasets()
        raise CourseError(
            f"{home}/{data_set.file(name)} is as the manifest says, but holds no such table: "
            f"{_first_line(error)}. {_mend(home)}"
        ) from None


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
    if folder is None:
        folder = paths.datasets()
    if not isinstance(folder, Path):
        raise CourseError(
            f"VAXLAB_DATA names {folder}, which can be read from only. Unset it, or let it name "
            "a folder, and run `vaxlab data build` again."
        )
    with _bar("datasets", len(DATA_SETS) + 2) as step:
        of = cohort.current()
        files = _make(step, of)
        targets = {folder / name: content for name, content in files.items()}
        instructor = _instructor_card_path(folder)
        if instructor is not None:
            from vaxlab.plant.card import instructor_card

            targets = {instructor: instructor_card(of.history_seed).encode(), **targets}
        _write(targets)
        step()


def made(of: cohort.Cohort) -> dict[str, bytes]:
    """Return the content of every file of a cohort's ``datasets/``, by name."""
    with _bar("datasets", len(DATA_SETS) + 1) as step:
        return _make(step, of)


def verify(folder: Path | None = None) -> None:
    """Compare every file with the manifest, and with what a rebuild would give.

    Parameters
    ----------
    folder : Path, optional
        By default the place that `load` reads.

    Raises
    ------
    CourseError
        Names every file that is missing or different.
    """
    home = folder or paths.datasets()
    whole = read_all(home)
    with _bar("rebuilding to compare", len(DATA_SETS) + 1) as step:
        made = _make(step, cohort.of(home))
    made.pop(paths.MANIFEST)
    differing = [name for name in made | whole if made.get(name) != whole.get(name)]
    if differing:
        raise CourseError(
            f"In {home} these files are whole, but this vaxlab would make other ones: "
            f"{', '.join(differing)}. Run `vaxlab data build`, and commit what it writes."
        )


def read_all(folder: Path | str | None = None) -> dict[str, bytes]:
    """Read every file that the manifest names, and compare it with its checksum.

    Parameters
    ----------
    folder : Path or str, optional
        By default the place that `load` reads.

    Returns
    -------
    dict of str to bytes
        Content by name.

    Raises
    ------
    CourseError
        Names every file that is missing or damaged.
    """
    home = folder or paths.datasets()
    whole, wrong = {}, []
    for name in _manifest(home)["files"]:
        try:
            whole[name] = _read(name, home)
        except CourseError as error:
            wrong.append(str(error))
    if wrong:
        raise CourseError("\n".join(wrong))
    return whole


def check(name: str, table: pd.DataFrame) -> None:
    """Check a table against the schema of its data set.

    Raises
    ------
    CourseError
        Names the rules that are broken (five, and how many more), the column of each, and the
        first value that breaks it.
    """
    import pandera.pandas as pandera

    data_set = _known(name)
    schema = pandera.DataFrameSchema(
        {
            column.name: pandera.Column(
                DTYPES[column.kind],
                [
                    rule(bound)
                    for rule, bound in (
                        (pandera.Check.ge, column.low),
                        (pandera.Check.le, column.high),
                    )
                    if bound is not None
                ],
                nullable=column.may_be_empty,
            )
            for column in data_set.columns
        },
        strict=True,
        ordered=True,
        unique=list(data_set.key),
    )
    try:
        # pandera stumbles over an index with repeated labels.
        schema.validate(table.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as caught:
        found = caught.failure_cases.astype(object).where(caught.failure_cases.notna(), None)
        first = found.drop_duplicates(["column", "check"]).to_dict("records")
        rules = "; ".join(_in_words(case) for case in first[:_RULES_TOLD])
        if len(first) > _RULES_TOLD:
            rules += f"; and {len(first) - _RULES_TOLD} more"
        raise CourseError(f"Data set {name!r} breaks its schema: {rules}.") from None


def _in_words(case: Mapping) -> str:
    """Say in words what pandera found."""
    column, rule, value = case["column"], case["check"], case["failure_case"]
    words = {
        "column_in_dataframe": f"column {value} is missing",
        "column_in_schema": f"column {value} is not expected",
        "column_ordered": f"column {value} stands in the wrong place",
        "multiple_fields_uniqueness": f"{column} = {value} occurs twice; rows must be unique",
        "not_nullable": f"{column} has empty cells; expected none",
    }
    if rule in words:
        return words[rule]
    if rule.startswith("dtype"):
        return f"{column} is of type {value}; expected {rule}"
    return f"{column} = {value}; expected {rule}"


def _known(name: str) -> DataSet:
    if name in DATA_SETS:
        return DATA_SETS[name]
    near = difflib.get_close_matches(str(name), DATA_SETS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise CourseError(f"No data set is called {name!r}. There are: {', '.join(DATA_SETS)}.{hint}")


def _instructor_card_path(folder: Path) -> Path | None:
    solutions = folder.resolve().parent / "solutions"
    return solutions / "data-card.md" if solutions.is_dir() else None


def _manifest(home: Path | str) -> dict:
    mend = _mend(home)
    try:
        manifest = json.loads(_fetch(home, paths.MANIFEST))
        version, _ = manifest["data_version"], manifest["files"].items()
    except FileNotFoundError:
        raise CourseError(
            f"No data sets in {home}: expected {paths.MANIFEST} there. {mend} "
            "(VAXLAB_DATA, where it is set, names the place.)"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(
            f"{home}/{paths.MANIFEST} is damaged: expected JSON with data_version and files. {mend}"
        ) from None
    if version != DATA_VERSION:
        raise CourseError(
            f"The data sets in {home} are of version {version!r}, but this vaxlab reads version "
            f"{DATA_VERSION!r}. Update the checkout (`git pull`), or {mend[0].lower()}{mend[1:]}"
        )
    return manifest


def _mend(home: Path | str) -> str:
    if isinstance(home, Path):
        return "Run `vaxlab data build` (in a checkout, `make datasets`)."
    return "Copy what `vaxlab data build` makes there, or unset VAXLAB_DATA."


def _read(name: str, home: Path | str | None = None) -> bytes:
    """Return a file's content after comparing it with the manifest."""
    home = home or paths.datasets()
    files = _manifest(home)["files"]
    mend = _mend(home)
    if name not in files:
        raise CourseError(f"{home}/{paths.MANIFEST} does not list {name}. {mend}")
    if isinstance(home, Path):
        mend = f"{mend[:-1]}, or `git checkout -- {home.name}/{name}`."
    try:
        content = _fetch(home, name)
    except FileNotFoundError:
        raise CourseError(
            f"{home}/{name} is missing, though the manifest lists it. {mend}"
        ) from None
    expected, found = files[name]["sha256"], hashlib.sha256(content).hexdigest()
    if found != expected:
        raise CourseError(
            f"{home}/{name} was changed or damaged: expected {files[name]['bytes']} bytes with "
            f"SHA-256 {expected[:12]}…, found {len(content)} bytes with {found[:12]}…. {mend}"
        )
    return content


def _fetch(home: Path | str, name: str) -> bytes:
    """Return a file's content.

    Raises
    ------
    FileNotFoundError
        The place can be reached, and the file is not there.
    CourseError
        The place cannot be reached, or does not let us read.
    """
    path = f"{home}/{name}"
    try:
        if isinstance(home, Path):
            return Path(path).read_bytes()
        return _download(path)
    except FileNotFoundError as error:
        # fsspec says so, too, of a host that does not answer; the cause tells.
        if not isinstance(error.__cause__, OSError):
            raise
        why, mend = _first_line(error.__cause__), "Check the network, or unset VAXLAB_DATA."
    except ImportError as error:
        # fsspec's own words name the package that reads this kind of URL.
        why, mend = str(error), "Install it, or unset VAXLAB_DATA to read datasets/."
    except PermissionError:
        why, mend = "access is denied", "Check the credentials, and who may read there."
    except OSError as error:
        why, mend = error.strerror or _first_line(error), _mend(home)
    except Exception as error:  # every store's library has errors of its own
        why = _first_line(error)
        mend = "Check the address, the network and the credentials, or unset VAXLAB_DATA."
    raise CourseError(f"{path} cannot be read: {why.rstrip('.')}. {mend}")


def _download(url: str) -> bytes:
    import fsspec

    store, path = fsspec.url_to_fs(url)
    parts = []
    with store.open(path, "rb", block_size=_CHUNK) as file:
        size = getattr(file, "size", None)
        with _bar(url.rpartition("/")[2], size, unit="B", unit_scale=True) as step:
            while part := file.read(_CHUNK):
                parts.append(part)
                step(len(part))
    return b"".join(parts)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


@contextmanager
def _bar(what: str, total: int | None, **options) -> Iterator:
    """Show a progress bar, but only where somebody would otherwise wait in front of nothing.

    Yields the function to call after every step.
    """
    from tqdm import tqdm

    with tqdm(total=total, desc=what, delay=_BAR_AFTER_S, **options) as bar:
        yield bar.update


def _parse(content: bytes, data_set: DataSet) -> pd.DataFrame:
    import pandas as pd

    if data_set.format == CSV:
        table = pd.read_csv(
            io.BytesIO(content),
            dtype={c.name: DTYPES[c.kind] for c in data_set.columns if c.kind != TIME},
            # A text such as "NA" is a text; only an empty cell is empty.
            keep_default_na=False,
            na_values=[""],
        )
        for column in data_set.columns:
            if column.kind == TIME:
                table[column.name] = pd.to_datetime(table[column.name], format=TIME_FORMAT)
    else:
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(io.BytesIO(content)).to_pandas()
    return table.astype({column.name: DTYPES[column.kind] for column in data_set.columns})


def _serialise(table: pd.DataFrame, data_set: DataSet) -> bytes:
    """Return a table as a file; the same bytes for the same table."""
    if data_set.format == CSV:
        return table.to_csv(
            index=False, lineterminator="\n", date_format=TIME_FORMAT, encoding="utf-8"
        ).encode()
    import pyarrow
    import pyarrow.parquet

    small = [column.name for column in data_set.columns if column.kind == SMALL]
    others = [column.name for column in data_set.columns if column.kind != SMALL]
    out = io.BytesIO()
    pyarrow.parquet.write_table(
        # Without pandas' notes, which hold the versions of libraries.
        pyarrow.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(),
        out,
        version="2.6",
        compression="zstd",
        compression_level=9,
        # What instruments round has few values; counts of light have many, near the last one.
        use_dictionary=others,
        column_encoding=dict.fromkeys(small, "DELTA_BINARY_PACKED"),
        write_statistics=False,
        store_schema=False,
    )
    return out.getvalue()


def _make(step, of: cohort.Cohort) -> dict[str, bytes]:
    """Return every file of datasets/, the manifest last; ``step`` is called after each."""
    from vaxlab.literature import library, reader
    from vaxlab.plant import campaign

    written = dict(library(of.library_seed, of.history_seed).tables)
    written["assertions"] = reader.read(*map(written.get, ("documents", "names", "entities")))
    tables = {**campaign.run(of.history_seed).tables, **written}
    step()
    files: dict[str, bytes] = {}
    listed: dict[str, dict] = {}
    for name, table in tables.items():
        check(name, table)
        data_set = DATA_SETS[name]
        content = _serialise(table, data_set)
        files[data_set.file(name)] = content
        listed[data_set.file(name)] = _entry(content) | {
            "rows": len(table),
            "columns": [column.name for column in data_set.columns],
        }
        step()
    for name in tables:
        content = _card(name, len(tables[name])).encode()
        files[f"cards/{name}.md"] = content
        listed[f"cards/{name}.md"] = _entry(content)
    manifest = {
        "made_by": "vaxlab data build",
        "data_version": DATA_VERSION,
        **of.in_manifest(),
        "licence": "CC BY 4.0",
        "files": listed,
    }
    files[paths.MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    return files


def _entry(content: bytes) -> dict:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _card(name: str, rows: int) -> str:
    data_set = DATA_SETS[name]
    if data_set.format == CSV:
        format_ = (
            "CSV, UTF-8; times are the plant's local time, year-month-day hour:minute, "
            "without a time zone"
        )
    else:
        format_ = (
            "Parquet (zstd); times are the plant's local time, without a time zone; numbers are "
            "rounded as the instruments' own records are"
        )
    lines = [
        f"# {data_set.title}: `{data_set.file(name)}`",
        "",
        "<!-- Generated by `vaxlab data build` from src/vaxlab/tables.py. -->",
        "",
        data_set.what,
        "",
        f"- **Rows:** {rows:,}, one for every {' and '.join(f'`{k}`' for k in data_set.key)}",
        f"- **Version of the data:** {DATA_VERSION}",
        f"- **Format:** {format_}",
        f"- **How made:** {data_set.how_made}",
        "- **Licence:** CC BY 4.0",
        f"- **Not to be used for:** {data_set.not_for}",
        "",
        "| column | kind | what, and its unit |",
        "|---|---|---|",
    ]
    # Neighbours that mean the same, as the channels of a spectrum do, share a line.
    for (kind, meaning), alike in groupby(data_set.columns, lambda c: (c.kind, c.meaning)):
        names = [f"`{column.name}`" for column in alike]
        shown = ", ".join(names) if len(names) < 4 else f"{names[0]}, {names[1]} … {names[-1]}"
        lines.append(f"| {shown} | {kind} | {meaning} |")
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
            with suppress(OSError):  # such as no folder at all
                part.unlink()
