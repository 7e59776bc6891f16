"""An installation is looked at, whatever state it is in, and each fault says how to mend it."""

import importlib.metadata
import shutil
import socket
import sys
import tempfile
import types

import pytest

from vaxlab import cli, data, doctor
from vaxlab.doctor import State
from vaxlab.errors import CourseError


def look(about):
    """Look at one thing as `examine` does."""
    only = {about: doctor.LOOKS[about]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "LOOKS", only)
        (line,) = doctor.examine()
    return line


@pytest.fixture
def versions(monkeypatch):
    """Let some packages have another version; None: they are not there."""
    real = importlib.metadata.version

    def pretend(**other):
        def version(name):
            if other.get(name, "") is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return other.get(name) or real(name)

        monkeypatch.setattr(importlib.metadata, "version", version)

    return pretend


def test_this_installation_has_nothing_to_mend():
    found = {line.about: line for line in doctor.examine()}
    assert list(found) == list(doctor.LOOKS)
    assert [str(line) for line in found.values() if line.state is State.MEND] == []
    assert "computes" in found["kernel"].text


def test_a_line_says_its_state_in_words_and_what_was_looked_at():
    said = str(doctor.Line(State.MEND, "disk", "Full."))
    assert said == "mend disk: Full."
    assert str(doctor.Line(State.NOTE, "disk", "Full.")).startswith("note ")


def test_packages_of_the_lock_are_followed_to_the_last():
    needed = doctor._needed("vaxlab")
    assert {"numpy", "torch", "ipykernel", "pyzmq"} <= needed
    assert "playwright" not in needed  # an extra, for tests alone


def test_a_package_that_is_not_there_is_named(versions):
    versions(plotly=None)
    line = look("packages")
    assert line.state is State.MEND
    assert "plotly" in line.text
    assert "pip install -c constraints.txt" in line.text


def test_another_version_than_the_locks_is_a_note(versions):
    versions(plotly="1.0", torch="1.0+cpu")
    line = look("packages")
    assert line.state is State.NOTE
    assert "plotly 1.0 (lock: " in line.text
    assert "torch 1.0+cpu (lock: " in line.text


def test_a_build_for_processors_is_the_locks_version(versions, checkout):
    versions(torch=f"{doctor._lock()['torch']}+cpu")
    assert look("packages").state is State.WELL


def test_where_the_package_is_all_there_is_no_lock_is_asked_for(monkeypatch):
    def none():
        raise CourseError("No course found.")

    monkeypatch.setattr(doctor.paths, "checkout", none)
    assert doctor._lock() == {}
    assert "no lock" in look("packages").text
    assert "constraints" not in doctor._install()


def test_an_old_python_is_told(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    line = look("Python")
    assert line.state is State.MEND
    assert "3.9.2 is too old" in line.text


def test_too_little_memory_and_disk_are_told(monkeypatch):
    import distributed.system

    monkeypatch.setattr(distributed.system, "MEMORY_LIMIT", 1e9)
    assert look("machine").state is State.MEND
    full = types.SimpleNamespace(free=1e6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert "0.0 GB free" in look("disk").text


def test_a_course_that_cannot_be_written_is_told(monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    line = look("notebooks")
    assert line.state is State.MEND
    assert "Copy the folder" in line.text


def test_a_damaged_data_set_is_one_line(monkeypatch, tmp_path, checkout):
    shutil.copytree(checkout / "datasets", tmp_path / "datasets")
    (tmp_path / "datasets" / "batches.csv").write_text("damaged")
    monkeypatch.setenv("VAXLAB_DATA", str(tmp_path / "datasets"))
    line = look("data sets")
    assert line.state is State.MEND
    assert "batches.csv" in line.text
    assert "\n" not in line.text
    with pytest.raises(CourseError, match=r"batches\.csv"):
        data.read_all()


def test_a_port_that_is_taken_is_a_note(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "PORT", taken.getsockname()[1])
        assert look("port").state is State.NOTE


def test_a_page_without_widgets_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "EXTENSIONS", (*doctor.EXTENSIONS, "no-such-extension"))
    line = look("JupyterLab")
    assert line.state is State.MEND
    assert "does not find no-such-extension" in line.text


def test_a_kernel_of_another_python_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    line = look("kernel")
    assert line.state is State.MEND
    assert "another Python" in line.text


def test_a_look_that_breaks_is_a_line_and_the_next_one_is_taken(monkeypatch):
    def breaks():
        raise RuntimeError("odd")

    monkeypatch.setattr(doctor, "LOOKS", {"one": breaks, "two": lambda: (State.WELL, "fine")})
    one, two = doctor.examine()
    assert one.state is State.MEND
    assert "RuntimeError: odd" in one.text
    assert two.state is State.WELL


@pytest.mark.parametrize(("state", "status"), [("well", 0), ("note", 0), ("mend", 1)])
def test_the_command_fails_only_where_something_is_to_be_mended(monkeypatch, capsys, state, status):
    monkeypatch.setattr(doctor, "LOOKS", {"disk": lambda: (State(state), "As it is.")})
    assert cli.main(["doctor"]) == status
    assert capsys.readouterr().out.startswith(f"{state} disk: As it is.\n")
