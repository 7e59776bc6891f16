"""Data sets: whole, the right ones, and without the truth."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vaxlab import data
from vaxlab.errors import CourseError
from vaxlab.plant import campaign
from vaxlab.plant.card import instructor_card

NAMES = ("batches", "harvest_assays", "samples", "samples_tidy")


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


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".gitattributes"
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_is_what_the_plant_made_types_included(name):
    loaded = data.load(name)
    pd.testing.assert_frame_equal(loaded, campaign.run().tables[name])
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


def test_the_manifest_lists_every_file_with_checksum_rows_and_columns(home):
    manifest = json.loads((home / "manifest.json").read_text())
    files = contents(home)
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["bytes"] == len(files[name])
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest()
        if name.endswith(".csv"):
            lines = files[name].decode().splitlines()
            assert entry["rows"] == len(lines) - 1
            assert entry["columns"] == lines[0].split(",")


def test_all_data_sets_together_are_small(home):
    assert sum(map(len, contents(home).values())) < 25e6


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_units_rows_licence_and_what_not_to_do(name):
    card = data.describe(name)
    table = data.load(name)
    assert f"{len(table):,}" in card
    for column in table:
        assert f"`{column}`" in card
    for word in ("CC BY 4.0", "Not to be used for", "How made", "virtual"):
        assert word in card


# No truth in learners' files --------------------------------------------------------------


def test_no_learners_file_names_a_hidden_column_or_a_planted_kind_of_error(home):
    history = campaign.run()
    hidden = set(history.truth["batches"].columns) | set(history.truth["errors"].columns)
    shown = {column for table in history.tables.values() for column in table}
    kinds = set(history.truth["errors"]["kind"]) - {"duplicate", "clock"}  # words of every day
    everything = "\n".join(text.decode() for text in contents(home).values())
    # The routine HA assay and the count have the name of what they measure.
    may = {"row_id", "batch_id", "sample_id", "analyte"} | {
        "ha_at_harvest_log10_per_100ul",
        "cells_at_infection_per_ml",
    }
    assert hidden & shown <= may
    for word in (hidden - shown - {"kind", "weak"}) | kinds | {"planted", "weak batch", "truth"}:
        assert word not in everything, word


def test_no_learners_file_holds_a_hidden_value(home):
    history = campaign.run()
    numbers = history.truth["batches"].select_dtypes("float")
    for table in history.tables.values():
        for name in table.select_dtypes("float"):
            shown = table[name].to_numpy()
            for hidden in numbers:
                same = np.isin(numbers[hidden].to_numpy(), shown)
                assert not same.any(), (name, hidden)
    readings = history.tables["batches"]["cells_at_infection_per_ml"]
    assert (readings != history.truth["batches"]["cells_at_infection_per_ml"]).all()


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


def test_a_mended_copy_is_whole_again(copy, home):
    (copy / "batches.csv").write_bytes(b"")
    data.build()
    data.verify()
    assert contents(copy) == contents(home)


def test_whole_files_that_this_package_would_not_make_are_told(copy):
    path = copy / "cards" / "batches.md"
    path.write_bytes(b"another card")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["cards/batches.md"] = {
        "sha256": hashlib.sha256(b"another card").hexdigest(),
        "bytes": 12,
    }
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CourseError, match=r"batches.md: the file is whole, but this vaxlab would"):
        data.verify()


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "its disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
def test_a_full_or_closed_disk_is_told_and_leaves_what_was_there(copy, monkeypatch, failure, says):
    before = contents(copy)

    def fail(_):
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CourseError, match=says):
        data.build()
    assert contents(copy) == before


def test_an_interrupted_build_leaves_what_was_there(copy, monkeypatch):
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


def test_a_build_that_is_killed_while_it_writes_leaves_whole_files(copy):
    """Killed without a chance to tidy up: every file under its own name is whole."""
    code = (
        "import os, signal, vaxlab.data as d\n"
        "os.fsync = lambda f: os.kill(os.getpid(), signal.SIGKILL)\n"
        "d.build()"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, timeout=120, check=False)
    assert done.returncode != 0
    data.verify()
    data.build()
    assert not list(copy.rglob("*.tmp"))


def test_an_empty_folder_that_cannot_be_filled_stays_empty(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CourseError, match="its disk is full"):
        data.build(tmp_path / "datasets")
    assert not contents(tmp_path)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda t: t.drop(columns="ph"), "columns are"),
        (lambda t: pd.concat([t, t.head(1)]), "batch_id must be unique"),
        (lambda t: t.assign(ph=t["ph"].astype(str)), "ph is of type"),
        (lambda t: t.assign(ph=t["ph"].mask(t.index == 3)), "ph has empty cells"),
        (lambda t: t.assign(moi=25.0), "moi goes from 25 to 25; expected 0 to 20"),
    ],
)
def test_a_table_that_breaks_its_schema_is_refused_with_column_and_rule(break_it, says):
    with pytest.raises(CourseError, match=f"'batches' breaks its schema: {says}"):
        data.check("batches", break_it(data.load("batches")))
