"""The set-up: one sentence for what is not met, nothing half-made, a second call at once."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap():
    """The module tools/bootstrap.py, new for each test."""
    spec = importlib.util.spec_from_file_location("bootstrap", HERE / "tools" / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def fresh(tmp_path):
    """A folder that looks like a fresh clone, as far as the set-up can see."""
    for name in ("pyproject.toml", "constraints.txt", "Makefile"):
        shutil.copy(HERE / name, tmp_path)
    shutil.copytree(HERE / "tools", tmp_path / "tools")
    return tmp_path


@pytest.fixture
def steps(bootstrap, monkeypatch):
    """The steps that the set-up takes, instead of taking them."""
    taken = []

    def record(*command: str) -> None:
        taken.append("venv" if "venv" in command else "pip")
        if "venv" in command:
            shutil.rmtree(command[-1], ignore_errors=True)
            Path(command[-1]).mkdir()

    monkeypatch.setattr(bootstrap, "run", record)
    return taken


def test_python_3_6_can_read_as_far_as_the_sentence():
    ast.parse((HERE / "tools" / "bootstrap.py").read_text(), feature_version=(3, 6))


def test_an_old_python_is_told_in_one_sentence(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.check_python, "__defaults__", ((3, 8),))
    assert bootstrap.main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "3.11" in said
    assert "is 3.8" in said


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 20), (4, 0)])
def test_python_3_11_and_later_is_taken(bootstrap, version):
    bootstrap.check_python(version)


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(bootstrap, fresh, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(bootstrap.SetupError, match="apt-get install python3"):
        bootstrap.set_up(fresh)


def test_a_full_disk_is_told_before_anything_is_written(bootstrap, fresh, monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: SimpleNamespace(free=1.5e9))
    with pytest.raises(bootstrap.SetupError, match="1.5 GB are free"):
        bootstrap.set_up(fresh)
    assert not (fresh / ".venv").exists()


def test_the_first_call_makes_everything_and_the_second_nothing(bootstrap, fresh, steps):
    bootstrap.set_up(fresh)
    bootstrap.set_up(fresh)
    assert steps == ["venv", "pip"]


def test_an_interrupted_install_is_made_afresh(bootstrap, fresh, steps, monkeypatch):
    def interrupted(*command: str) -> None:
        if "pip" in command:
            raise KeyboardInterrupt
        record(*command)

    record = bootstrap.run
    monkeypatch.setattr(bootstrap, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.set_up(fresh)
    monkeypatch.setattr(bootstrap, "run", record)
    bootstrap.set_up(fresh)
    assert steps == ["venv", "venv", "pip"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_list_is_installed_into_the_environment_that_is_there(
    bootstrap, fresh, steps, name
):
    bootstrap.set_up(fresh)
    (fresh / name).write_text((fresh / name).read_text() + "\n# another line\n")
    bootstrap.set_up(fresh)
    bootstrap.set_up(fresh)
    assert steps == ["venv", "pip", "pip"]


def test_an_environment_that_was_moved_is_made_afresh(bootstrap, fresh, steps):
    bootstrap.set_up(fresh)
    moved = fresh.with_name("moved")
    shutil.copytree(fresh, moved)
    bootstrap.set_up(moved)
    assert steps == ["venv", "pip", "venv", "pip"]


def test_a_second_make_at_the_same_time_says_so_and_fails(bootstrap, fresh):
    held = bootstrap.take_lock(fresh)
    try:
        said = make_setup(fresh)
    finally:
        os.close(held)
    assert said.returncode != 0
    assert "Another `make` is setting up the course" in said.stderr
    assert not (fresh / ".venv").exists()


def test_a_failing_pip_is_told_with_its_last_error_and_leaves_no_stamp(fresh):
    said = make_setup(fresh, PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)
    assert said.returncode != 0
    assert "ERROR: No matching distribution found for setuptools" in said.stderr
    assert "then call `make` again" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (fresh / ".venv" / ".stamp").exists()


def make_setup(folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Call ``make setup`` in `folder` with the Python that runs these tests."""
    return subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}"],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=300,
    )
