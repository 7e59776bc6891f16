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
    """A folder that looks like a fresh clone, as far as the set-up can see; room is beside it."""
    clone = tmp_path / "course"
    clone.mkdir()
    for name in ("pyproject.toml", "constraints.txt", "Makefile"):
        shutil.copy(HERE / name, clone)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "tools", clone / "tools", ignore=ignored)
    return clone


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


def own_environment(fresh: Path) -> str:
    (fresh / ".venv" / "bin").mkdir(parents=True)
    (fresh / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return "a Python environment that `make` has not made"


def conda_environment(fresh: Path) -> str:
    (fresh / ".venv" / "conda-meta").mkdir(parents=True)
    return "a Python environment that `make` has not made"


def stamp_of_another_project(fresh: Path) -> str:
    (fresh / ".venv").mkdir()
    (fresh / ".venv" / ".stamp").write_text("requirements.txt\n")
    return "holds things that `make` has not put there"


def folder_of_notes(fresh: Path) -> str:
    (fresh / ".venv").mkdir()
    (fresh / ".venv" / "notes.txt").write_text("mine")
    return "holds things that `make` has not put there"


def plain_file(fresh: Path) -> str:
    (fresh / ".venv").write_text("mine")
    return "is a file"


def link_to_a_full_folder(fresh: Path) -> str:
    disk = fresh.parent / "disk"
    (disk / "bin").mkdir(parents=True)
    (disk / "bin" / "mine").write_text("mine")
    (fresh / ".venv").symlink_to(disk)
    return f"is a link to {disk}, which holds things"


def link_to_a_file(fresh: Path) -> str:
    (fresh.parent / "mine").write_text("mine")
    (fresh / ".venv").symlink_to("../mine")
    return "is a link to ../mine, which is a file"


def link_to_nowhere(fresh: Path) -> str:
    (fresh / ".venv").symlink_to("/no/such/disk")
    return "which is not there"


def link_to_itself(fresh: Path) -> str:
    (fresh / ".venv").symlink_to(".venv")
    return "which is not there"


def link_to_another_checkouts_environment(fresh: Path) -> str:
    other = fresh.parent / "other" / ".venv"
    other.mkdir(parents=True)
    (other / ".stamp").write_text(f"{other.parent}\n3.11.7\n{'a' * 64}\n")
    (fresh / ".venv").symlink_to(other)
    return f"the environment of the course in {other.parent}"


def everything(folder: Path) -> dict[str, str]:
    """All that lies below a folder, through links too, but for the lock."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name != ".venv.lock":
            found[str(path)] = path.read_text() if path.is_file() else str(path.is_symlink())
    return found


@pytest.mark.parametrize(
    "lay",
    [
        own_environment,
        conda_environment,
        stamp_of_another_project,
        folder_of_notes,
        plain_file,
        link_to_a_full_folder,
        link_to_a_file,
        link_to_nowhere,
        link_to_itself,
        link_to_another_checkouts_environment,
    ],
)
def test_what_make_has_not_made_is_named_and_left_as_it_is(fresh, lay):
    says = lay(fresh)
    before = everything(fresh.parent)
    said = make_setup(fresh)
    assert said.returncode != 0
    assert says in said.stderr
    assert "make" in said.stderr.split(says)[1]
    assert "Traceback" not in said.stderr
    assert everything(fresh.parent) == before


def test_the_way_out_that_is_offered_works(bootstrap, fresh, steps):
    own_environment(fresh)
    mine = everything(fresh / ".venv")
    with pytest.raises(bootstrap.SetupError, match=r"make VENV=\.\./vaxlab-venv lab"):
        bootstrap.set_up(fresh)
    bootstrap.set_up(fresh, "../vaxlab-venv")
    bootstrap.set_up(fresh, "../vaxlab-venv")
    assert steps == ["venv", "pip"]
    assert (fresh.parent / "vaxlab-venv" / ".stamp").exists()
    assert everything(fresh / ".venv") == mine


@pytest.mark.parametrize(
    "target", ["lab", "test", "quick", "answers", "lint", "course", "datasets", "grade", "bench"]
)
def test_every_target_takes_the_environment_that_is_named(fresh, target):
    command = ["make", "--dry-run", target, "VENV=../elsewhere"]
    said = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=True).stdout
    assert "bootstrap.py ../elsewhere\n" in said
    assert "../elsewhere/bin/" in said
    assert ".venv/" not in said


def test_a_folder_with_a_blank_is_refused_in_a_sentence(fresh):
    said = make_setup(fresh, "VENV=my environment")
    assert said.returncode != 0
    assert "VENV holds a blank" in said.stderr


@pytest.mark.parametrize("linked", [False, True])
def test_an_empty_folder_is_used(bootstrap, fresh, monkeypatch, linked):
    empty = fresh.parent / "disk" if linked else fresh / ".venv"
    empty.mkdir()
    if linked:
        (fresh / ".venv").symlink_to(empty)
    monkeypatch.setattr(bootstrap, "run", lambda *command: None)
    bootstrap.set_up(fresh)
    assert (empty / ".stamp").read_text() == bootstrap.stamp_text(fresh)
    assert (fresh / ".venv").is_symlink() == linked


@pytest.mark.parametrize("killed_at", ["venv", "pip"])
def test_a_half_made_environment_of_ours_is_mended(bootstrap, fresh, monkeypatch, killed_at):
    def step(*command: str) -> None:
        if "venv" in command:
            (Path(command[-1]) / "pyvenv.cfg").write_text("home = /usr/bin\n")
        if killed_at in command:
            raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run", step)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.set_up(fresh)
    killed_at = "never"
    bootstrap.set_up(fresh)
    assert (fresh / ".venv" / ".stamp").read_text() == bootstrap.stamp_text(fresh)


@pytest.mark.parametrize("linked", [False, True])
def test_what_a_person_put_into_our_environment_stays(bootstrap, fresh, monkeypatch, linked):
    monkeypatch.setattr(bootstrap, "run", lambda *command: None)
    if linked:
        (fresh.parent / "disk").mkdir()
        (fresh / ".venv").symlink_to(fresh.parent / "disk")
    bootstrap.set_up(fresh)
    (fresh / ".venv" / "notes").mkdir()
    (fresh / ".venv" / "notes" / "mine.txt").write_text("mine")
    (fresh / ".venv" / "lib").symlink_to(fresh / ".venv" / "notes")
    monkeypatch.setattr(bootstrap.sys, "version", "3.99 of tomorrow")
    bootstrap.set_up(fresh)
    assert (fresh / ".venv" / "notes" / "mine.txt").read_text() == "mine"
    assert not (fresh / ".venv" / "lib").exists()
    assert "3.99" in (fresh / ".venv" / ".stamp").read_text()


def make_setup(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Call ``make setup`` in `folder` with the Python that runs these tests."""
    return subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}", *arguments],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=300,
    )
