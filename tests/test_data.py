"""Data sets: whole, the right ones, and without the truth."""

import errno
import functools
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vaxlab import data
from vaxlab.errors import CourseError
from vaxlab.literature import LIBRARY_SEED, library, reader
from vaxlab.plant import campaign
from vaxlab.plant.card import instructor_card
from vaxlab.tables import DATA_SETS, Column, DataSet

NAMES = tuple(DATA_SETS)


@pytest.fixture(scope="module")
def home():
    """The committed data sets."""
    return Path(__file__).resolve().parents[1] / "datasets"


@pytest.fixture
def copy(home, tmp_path, monkeypatch):
    """A copy that may be broken, and that load reads."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(home, folder)
    monkeypatch.setenv("VAXLAB_DATA", str(folder))
    return folder


@pytest.fixture
def ready(home, monkeypatch):
    """Let a build take the committed files for those that it makes: for tests of writing."""
    monkeypatch.setattr(data, "_make", lambda step, of: contents(home))


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".gitattributes"
    }


@functools.lru_cache
def of_the_library():
    """What the library writes, and what the reader takes from it."""
    tables = dict(library(LIBRARY_SEED).tables)
    read = reader.read(tables["documents"], tables["names"], tables["entities"])
    return tables | {"assertions": read}


def made():
    """Every table, as it is made."""
    return {**campaign.run().tables, **of_the_library()}


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_is_what_the_plant_made_types_included(name):
    loaded = data.load(name)
    pd.testing.assert_frame_equal(loaded, made()[name])
    data.check(name, loaded)


def test_the_values_of_the_export_stay_text():
    values = data.load("samples")["value"]
    assert values.dtype == "str"
    assert values.str.contains(" ").any()


def test_the_committed_data_sets_are_whole_and_those_that_this_package_makes(home):
    data.verify(home)


def test_a_rebuild_gives_the_same_bytes_whatever_the_hash_seed_locale_and_threads(home, tmp_path):
    out = tmp_path / "datasets"
    environment = os.environ | {
        "PYTHONHASHSEED": "12345",
        "LC_ALL": "C",
        "TZ": "Asia/Tokyo",
        "OMP_NUM_THREADS": "2",
    }
    code = "import sys, pathlib, vaxlab.data as d; d.build(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(out)], env=environment, check=True, timeout=120)
    assert contents(out) == contents(home)


def test_the_instructors_card_is_up_to_date(home):
    card = home.parent / "solutions" / "data-card.md"
    assert card.read_text(encoding="utf-8") == instructor_card()


def test_every_table_of_the_plant_and_of_the_library_has_a_data_set():
    assert set(made()) == set(DATA_SETS)


def test_the_manifest_lists_every_file_with_checksum_rows_and_columns(home):
    manifest = json.loads((home / "manifest.json").read_text())
    files = contents(home)
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["bytes"] == len(files[name])
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest()
        if name.endswith(".parquet"):
            table = pd.read_parquet(home / name)
            assert entry["rows"] == len(table)
            assert entry["columns"] == list(table)
        elif name.endswith(".csv"):
            lines = files[name].decode().splitlines()
            assert entry["rows"] == len(lines) - 1
            assert entry["columns"] == lines[0].split(",")


MANIFESTS = {
    "3": "4b611d1ac89d94d6ff133ddc91ac915ce8815e4da5abd32f82bedf54e65c3674",
    "4": "a6213a6407830fda910a942eff60df15d86382c60934a51a13c141921ff79d83",
    "5": "25b06388e4c4a307e6dd61ec3570d7b984dac10db37efc5ab829b17376ffc38b",
}
"""Version of the data to the SHA-256 of its manifest."""


def test_other_bytes_have_another_version(home):
    """A new line in `MANIFESTS` for every rebuild that is committed; none is ever changed."""
    found = hashlib.sha256((home / "manifest.json").read_bytes()).hexdigest()
    assert MANIFESTS.get(data.DATA_VERSION) == found, (
        f"datasets/ has changed, so DATA_VERSION = {data.DATA_VERSION!r} must go up by one: edit "
        f"it, run `vaxlab data build`, and add its manifest to MANIFESTS: {found}"
    )


def test_every_number_has_bounds_but_the_count_of_rows():
    for name, data_set in DATA_SETS.items():
        for column in data_set.columns:
            if column.kind in ("number", "whole number") and column.name != "row_id":
                assert column.low is not None, (name, column.name)
                assert column.high is not None, (name, column.name)
                assert column.low < column.high, (name, column.name)


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("trend_temperature_c_growth_mean", 310.15),
        ("trend_ph_infection_sd", -0.1),
        ("coa_medium_ph", 72.0),
        ("sample_viability_before", 965.0),
        ("dsp_capture_conductivity_ms_per_cm", 5300.0),
        ("recipe_carrier_autoclave_min", 1900.0),
        ("release_dna_ng_per_dose", -1.0),
        ("seed_n1_viability", np.inf),
    ],
)
def test_a_wrong_number_in_the_wide_table_is_refused_with_its_column(column, wrong):
    table = data.load("variables")
    table.loc[7, column] = wrong
    with pytest.raises(CourseError, match=rf"{column} = .*; expected .*than_or_equal_to"):
        data.check("variables", table)


def test_all_data_sets_together_are_small(home):
    assert sum(map(len, contents(home).values())) < 25e6


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_units_rows_licence_and_what_not_to_do(name):
    card = data.describe(name)
    table = data.load(name)
    assert f"{len(table):,}" in card
    channels = [column for column in table if column.startswith("raman_")]
    for column in table.columns.difference(channels[2:-1]):
        assert f"`{column}`" in card
    for word in ("CC BY 4.0", "Not to be used for", "How made", "virtual"):
        assert word in card


# No truth in learners' files --------------------------------------------------------------

PUBLIC = {
    "row_id",
    "batch_id",
    "sample_id",
    "analyte",
    "kind",  # of a lot
    # Measured, or set, under the name of what they measure or set.
    "ha_at_harvest_log10_per_100ul",
    "cells_at_infection_per_ml",
    "infection_temperature_c",
    "conductivity_ms_per_cm",
    "trypsin_activity",
    "seed_passage",
}
RECORDED = {"infection_temperature_c", "hold_h", "seed_passage"}
"""Causes that the plant writes down as they are: a set point, a time of the clock, and a count."""


def hidden_tables():
    """Tables of the truth with one row a batch, joined."""
    truth = campaign.run().truth
    return truth["batches"].merge(truth["drivers"], on="batch_id")


def test_no_learners_file_names_a_hidden_column_or_a_planted_kind_of_error(home):
    history = campaign.run()
    hidden = {column for table in history.truth.values() for column in table}
    shown = {column for name in history.tables for column in history.tables[name]}
    assert hidden & shown <= PUBLIC
    kinds = set(history.truth["errors"]["kind"]) - {"duplicate", "clock"}  # words of every day
    forbidden = (hidden - PUBLIC) | kinds | {"planted", "truth"}
    words = re.compile(rf"\b({'|'.join(sorted(forbidden))}|fault_\w+)\b")
    texts = {
        name: text.decode()
        for name, text in contents(home).items()
        if not name.endswith("parquet") and Path(name).stem not in of_the_library()
    }
    for name, text in texts.items():
        assert not words.search(text), (name, words.search(text))
    for path in home.glob("*.parquet"):
        if path.stem in of_the_library():
            continue  # what the library tells is tested in tests/literature
        table = pd.read_parquet(path)
        # All that could be words: the names, and the only column of text.
        assert list(table.select_dtypes(["object", "str"])) == ["batch_id"]
        assert not forbidden & set(table)


def test_no_learners_file_names_a_fault(home):
    """Neither by its number nor by its name; people write of what they saw.

    The library's dictionary is left out: it has to name what its reports speak of.
    """
    from vaxlab.plant.faults import FAULTS

    for path in home.rglob("*.*"):
        if path.stem in of_the_library():
            continue
        if path.suffix in {".csv", ".md"}:
            text = path.read_text(encoding="utf-8")
            for number, fault in FAULTS.items():
                assert not re.search(rf"\b{number}\b", text), (path.name, number)
                # One word alone may be a test's: mycoplasma.
                assert " " not in fault.name or fault.name not in text, (path.name, fault.name)


def test_no_learners_file_holds_a_hidden_value():
    """To the last digit; values that are round by chance, such as 1, tell nothing."""
    hidden = hidden_tables().drop(columns=list(RECORDED)).select_dtypes("float")
    values = np.unique(hidden.to_numpy())
    values = values[np.abs(values * 1e4 - np.round(values * 1e4)) > 1e-6]
    assert len(values) > 5000
    tables = campaign.run().tables
    for name in tables:
        shown = tables[name].select_dtypes("float")
        for column in shown:
            found = np.isin(shown[column].to_numpy(), values)
            assert not found.any(), (name, column, shown[column][found].head())


def test_no_column_is_a_hidden_one_in_disguise():
    """Rounded, scaled or turned round: nothing that is shown orders batches as the truth does."""
    truth = hidden_tables().set_index("batch_id").select_dtypes("number")
    hidden = truth.drop(columns=list(RECORDED)).rank()
    tables = campaign.run().tables
    for name in tables:
        table = tables[name]
        if "batch_id" not in table or name == "spectra":
            continue
        numbers = table.set_index("batch_id").select_dtypes("number")
        # Of tables with several rows a batch: the mean, which would show a constant.
        shown = numbers.groupby("batch_id").mean().reindex(hidden.index).rank()
        alike = pd.concat([shown, hidden.add_prefix("hidden ")], axis=1).corr().abs()
        alike = alike.loc[list(shown), list(hidden.add_prefix("hidden "))]
        clear = shown.count() > 50
        worst = alike[clear].stack().dropna()
        # Only what is measured closely comes near: potency, and conductivity at capture.
        assert (worst < 0.995).all(), (name, worst[worst >= 0.995])


def test_which_batches_fail_is_in_no_text_and_no_pattern_of_empty_cells():
    """Whether a cell is empty tells a fault as little as chance would."""
    history = campaign.run()
    faulty = hidden_tables().set_index("batch_id")["fault_id"] != ""
    wide = history.tables["variables"].set_index("batch_id").loc[faulty.index]
    for column in wide:
        empty = wide[column].isna()
        if 5 < empty.sum() < 355:
            assert abs(np.corrcoef(empty, faulty)[0, 1]) < 0.4, column


def test_the_order_of_rows_betrays_no_error():
    """A duplicate stands where its time puts it, not at the end."""
    history = campaign.run()
    samples = history.tables["samples"]
    assert samples["analysed_at"].is_monotonic_increasing
    assert (samples["row_id"] == np.arange(1, len(samples) + 1)).all()


# Bad input --------------------------------------------------------------------------------


def test_a_missing_data_set_is_told_with_those_that_exist():
    for call in (data.load, data.describe):
        with pytest.raises(CourseError) as caught:
            call("batch")
        assert all(name in str(caught.value) for name in NAMES)
        assert "Did you mean 'batches'?" in str(caught.value)


def test_a_changed_file_is_told_with_its_name_and_what_to_do(copy):
    path = copy / "batches.csv"
    path.write_bytes(path.read_bytes().replace(b"R1", b"R9", 1))
    for call in (lambda: data.load("batches"), lambda: data.verify()):
        with pytest.raises(CourseError, match="batches.csv was changed or damaged") as caught:
            call()
        assert "vaxlab data build" in str(caught.value)
    assert len(data.load("harvest_assays")) == 1440


def test_a_cut_file_and_a_lost_file_are_both_named(copy):
    path = copy / "samples.csv"
    path.write_bytes(path.read_bytes()[:1000])
    (copy / "cards" / "batches.md").unlink()
    with pytest.raises(CourseError) as caught:
        data.verify()
    assert "samples.csv was changed or damaged: expected" in str(caught.value)
    assert "found 1000 bytes" in str(caught.value)
    assert "batches.md is missing" in str(caught.value)


def test_data_of_another_version_are_refused_with_both_versions(copy):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text()) | {"data_version": "0.9"}
    path.write_text(json.dumps(manifest))
    with pytest.raises(CourseError, match="version '0.9', but this vaxlab reads version") as caught:
        data.load("batches")
    assert "git pull" in str(caught.value)
    assert "vaxlab data build" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"data_version": "1"}', '{"files": {}}'])
def test_a_damaged_manifest_is_told(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(CourseError, match=r"manifest.json is damaged.*vaxlab data build"):
        data.load("batches")


@pytest.mark.parametrize("name", ["historian", "batches"])
def test_a_file_that_is_no_table_though_its_checksum_fits_is_told(copy, name):
    file, content = DATA_SETS[name].file(name), b"colour\nred\n"
    (copy / file).write_bytes(content)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"][file] |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": 11}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CourseError, match=f"{file} is as the manifest says, but holds no such"):
        data.load(name)


def test_a_manifest_that_forgets_a_file_is_told(copy):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["batches.csv"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(CourseError, match="does not list batches.csv"):
        data.load("batches")


def test_a_folder_without_data_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("VAXLAB_DATA", str(tmp_path))
    with pytest.raises(CourseError, match=r"No data sets in .*vaxlab data build.*VAXLAB_DATA"):
        data.load("batches")


def test_a_mended_copy_is_whole_again(copy, home, ready):
    (copy / "batches.csv").write_bytes(b"")
    data.build()
    data.verify()
    assert contents(copy) == contents(home)


def test_whole_files_that_this_package_would_not_make_are_told(copy, ready):
    path = copy / "cards" / "batches.md"
    path.write_bytes(b"another card")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["cards/batches.md"] = {
        "sha256": hashlib.sha256(b"another card").hexdigest(),
        "bytes": 12,
    }
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(
        CourseError, match=r"other ones: cards/batches.md\. Run `vaxlab data build`"
    ):
        data.verify()


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "its disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
def test_a_full_or_closed_disk_is_told_and_leaves_what_was_there(
    copy, monkeypatch, ready, failure, says
):
    before = contents(copy)

    def fail(_):
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CourseError, match=says):
        data.build()
    assert contents(copy) == before


def test_a_build_into_what_is_no_folder_is_told(tmp_path, ready):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CourseError, match="could not be written to .*: (File exists|Not a dir)"):
        data.build(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_interrupted_build_leaves_what_was_there(copy, monkeypatch, ready):
    before = contents(copy)
    flushed = []

    def interrupt(descriptor):
        flushed.append(descriptor)
        if len(flushed) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.build()
    assert contents(copy) == before


def test_a_build_that_is_killed_while_it_writes_leaves_whole_files(copy, ready):
    """Killed without a chance to tidy up: every file under its own name is the old one."""
    before = contents(copy)
    code = (
        "import os, signal, vaxlab.data as d\n"
        f"d._make = lambda step, of: dict.fromkeys({sorted(before)}, b'new')\n"
        "os.fsync = lambda f: os.kill(os.getpid(), signal.SIGKILL)\n"
        "d.build()"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    left = {name: text for name, text in contents(copy).items() if not name.endswith(".tmp")}
    assert left == before
    data.build()
    assert not list(copy.rglob("*.tmp"))


def test_an_empty_folder_that_cannot_be_filled_stays_empty(tmp_path, monkeypatch, ready):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CourseError, match="its disk is full"):
        data.build(tmp_path / "datasets")
    assert not contents(tmp_path)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda t: t.drop(columns="ph"), "column ph is missing"),
        (lambda t: t.assign(colour="red"), "column colour is not expected"),
        (lambda t: t[t.columns[::-1]], "stands in the wrong place"),
        (lambda t: pd.concat([t, t.head(1)]), "batch_id = B001 occurs twice"),
        (lambda t: t.assign(ph=t["ph"].astype(str)), "ph is of type str; expected .*float64"),
        (lambda t: t.assign(ph=t["ph"].mask(t.index == 3)), "ph has empty cells"),
        (lambda t: t.assign(moi=25.0), "moi = 25.0; expected .*20"),
    ],
)
def test_a_table_that_breaks_its_schema_is_refused_with_column_and_rule(break_it, says):
    with pytest.raises(CourseError, match=f"'batches' breaks its schema: .*{says}"):
        data.check("batches", break_it(data.load("batches")))


def test_every_broken_rule_is_told_at_once():
    with pytest.raises(CourseError, match="moi = 25.0.*reactor has empty cells|reactor.*moi"):
        data.check("batches", data.load("batches").assign(moi=25.0, reactor=np.nan))


def test_of_many_broken_rules_only_some_are_told():
    table = data.load("batches")
    with pytest.raises(CourseError, match=r"and \d+ more") as caught:
        data.check("batches", table.astype(object))
    assert len(str(caught.value)) < 500


# Parquet ----------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path, monkeypatch):
    """A data set in Parquet with every kind of column, and its table; load reads it."""
    kinds = ("text", "time", "number", "whole number", "whole number below 32,768", "yes or no")
    columns = tuple(Column(f"c{i}", kind, "", None, None, True) for i, kind in enumerate(kinds))
    data_set = DataSet("A table", "", ("c3",), columns, format="parquet")
    table = pd.DataFrame(
        {
            "c0": pd.Series(["B001", None, "NA"], dtype="str"),
            "c1": pd.to_datetime(["2020-02-29 23:59", None, "1999-12-31 00:00"]).astype(
                "datetime64[s]"
            ),
            "c2": [7.2, np.nan, -0.1],
            "c3": [1, 2, 3],
            "c4": np.array([-5, 0, 32767], dtype="int16"),
            "c5": [True, False, True],
        }
    )
    monkeypatch.setitem(DATA_SETS, "little", data_set)
    content = data._serialise(table, data_set)
    (tmp_path / "little.parquet").write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest = {"data_version": data.DATA_VERSION, "files": {"little.parquet": entry}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("VAXLAB_DATA", str(tmp_path))
    return table


def test_parquet_keeps_kinds_and_empty_cells(parquet):
    pd.testing.assert_frame_equal(data.load("little"), parquet)
    data.check("little", data.load("little"))


def test_a_parquet_file_holds_nothing_but_the_table(parquet, tmp_path):
    import pyarrow
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(tmp_path / "little.parquet")
    assert file.metadata.metadata is None
    # The one word on who made it; constraints.txt holds the version.
    assert file.metadata.created_by == f"parquet-cpp-arrow version {pyarrow.__version__}"


def test_a_cut_parquet_file_is_told(parquet, tmp_path):
    path = tmp_path / "little.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CourseError, match=r"little.parquet was changed or damaged.*found 100"):
        data.load("little")


# Any URL ----------------------------------------------------------------------------------


def test_a_url_is_read_like_a_folder(home, monkeypatch):
    monkeypatch.setenv("VAXLAB_DATA", home.as_uri())
    pd.testing.assert_frame_equal(data.load("batches"), campaign.run().tables["batches"])
    assert data.describe("batches") == (home / "cards" / "batches.md").read_text(encoding="utf-8")


def test_a_url_is_never_written_to(home, monkeypatch):
    before = contents(home)
    monkeypatch.setenv("VAXLAB_DATA", home.as_uri())
    with pytest.raises(CourseError, match="which can be read from only"):
        data.build()
    assert contents(home) == before


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nothing://here", "Protocol not known: nothing"),
        ("memory://empty", "No data sets in memory://empty: expected manifest.json"),
        # Nobody listens at the port of the discard service.
        ("http://127.0.0.1:9/datasets", "cannot be read: .*127.0.0.1"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_in_one_sentence(monkeypatch, url, says):
    monkeypatch.setenv("VAXLAB_DATA", url)
    with pytest.raises(CourseError, match=says) as caught:
        data.load("batches")
    assert "\n" not in str(caught.value)
    assert "VAXLAB_DATA" in str(caught.value)


def test_a_url_whose_library_is_not_installed_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    monkeypatch.setenv("VAXLAB_DATA", "gs://bucket/datasets")
    with pytest.raises(CourseError, match="gcsfs"):
        data.load("batches")


# Light ------------------------------------------------------------------------------------


def test_the_package_and_the_plant_import_no_library_of_the_data_sets():
    code = (
        "import sys, vaxlab; from vaxlab.plant import simulate\n"
        "heavy = {'pandas', 'pyarrow', 'pandera', 'fsspec', 's3fs', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
