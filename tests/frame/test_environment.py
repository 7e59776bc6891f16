"""One list of packages in four files, and what Binder makes of it."""

import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from vaxlab.lab import SETTINGS, THREAD_CAPS

# What conda-forge calls what PyPI calls otherwise.
CONDA_NAMES = {"pytorch": "torch"}
# What Python itself brings, and the package.
NOT_LOCKED = {"pip", "vaxlab"}
# Where pip finds no CPU build of torch it takes the one for GPUs, which pins these itself.
PARTS_OF_TORCH_FOR_GPUS = ("nvidia-", "cuda-", "triton")


def normal(name: str) -> str:
    """Spell a package's name as PyPI does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(checkout: Path) -> dict[str, str]:
    """Versions in constraints.txt by name."""
    lines = (checkout / "constraints.txt").read_text().splitlines()
    pins = [line.partition("#")[0].strip() for line in lines]
    pairs = [pin.split("==") for pin in pins if pin]
    return {normal(name): version for name, version in pairs}


def asked_for(checkout: Path) -> set[str]:
    """Names of the packages that pyproject.toml asks for."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]}


def conda_list(path: Path) -> dict[str, str]:
    """Versions in an environment.yml by PyPI's name, Python and pip left out."""
    entries = yaml.safe_load(path.read_text())["dependencies"]
    pairs = [line.split("=")[:2] for line in entries if isinstance(line, str) and line != "pip"]
    named = {normal(CONDA_NAMES.get(name, name)): version for name, version in pairs}
    del named["python"]
    return named


def pip_list(path: Path) -> dict[str, str]:
    """Versions in an environment.yml of what conda leaves to pip, the course itself left out."""
    entries = yaml.safe_load(path.read_text())["dependencies"]
    lines = next((line["pip"] for line in entries if isinstance(line, dict)), [])
    pairs = [line.split("==") for line in lines if line != "-e ."]
    return {normal(name): version for name, version in pairs}


def brought_by(names: set[str]) -> set[str]:
    """Names of what packages need, what that needs and so on; extras left out."""
    found: set[str] = set()
    while names:
        needed = [Requirement(line) for name in names for line in requires(name) or ()]
        here = [need for need in needed if not need.marker or need.marker.evaluate({"extra": ""})]
        names = {normal(need.name) for need in here} - found
        found |= names
    return found


@pytest.mark.parametrize("name", ["environment.yml", "binder/environment.yml"])
def test_conda_gets_what_pip_gets_at_the_versions_of_the_lock(checkout, name):
    lock, asked = locked(checkout), asked_for(checkout)
    by_conda, by_pip = conda_list(checkout / name), pip_list(checkout / name)
    assert by_conda == {package: lock[package] for package in asked - set(by_pip)}
    assert by_pip == {package: lock[package] for package in by_pip}
    # Beside what is asked for, pip gets only what that would otherwise bring in any version.
    assert set(by_pip) - asked <= brought_by(set(by_pip) & asked)


def test_both_conda_files_hold_the_same_list(checkout):
    outer, inner = (
        yaml.safe_load((checkout / name).read_text())
        for name in ("environment.yml", "binder/environment.yml")
    )
    # For Binder the package itself is installed by postBuild, where the checkout lies ready.
    outer["dependencies"][-1]["pip"].remove("-e .")
    assert outer == inner


@pytest.mark.parametrize("name", ["environment.yml", "binder/environment.yml"])
def test_conda_takes_a_cpu_build_of_torch(checkout, name):
    entries = yaml.safe_load((checkout / name).read_text())["dependencies"]
    assert [e for e in entries if str(e).startswith("pytorch")][0].endswith("=cpu*")


def test_conda_takes_a_python_that_the_package_allows(checkout):
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=")
    for name in ("environment.yml", "binder/environment.yml"):
        assert f"python={oldest}" in yaml.safe_load((checkout / name).read_text())["dependencies"]


def test_everything_installed_runs_on_the_oldest_python(checkout):
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    here = distributions(path=[sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    too_new = {
        d.name: wanted
        for d in here
        # Not by []: where importlib_metadata is loaded, that raises for what says nothing of it.
        if (wanted := d.metadata.get("Requires-Python")) and oldest not in SpecifierSet(wanted)
    }
    assert not too_new, "take an older version of these into constraints.txt"


def test_everything_installed_comes_from_the_lock(checkout):
    lock = locked(checkout)
    # Not all of sys.path: setuptools adds what it brings for its own use.
    here = distributions(path=[sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    installed = {normal(d.name): d.version.partition("+")[0] for d in here}
    strays = {
        name: version
        for name, version in installed.items()
        if lock.get(name) != version
        and name not in NOT_LOCKED
        and not name.startswith(PARTS_OF_TORCH_FOR_GPUS)
    }
    assert not strays, "install with `make`, or renew constraints.txt as its head says"


def test_binder_picks_the_conda_build_pack(checkout):
    command = [sys.executable, "-m", "repo2docker", "--no-build", str(checkout)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    assert "Building conda environment for python=3.11" in said.stderr + said.stdout
    assert "binder/environment.yml" in said.stdout + said.stderr


def test_binder_starts_with_the_threads_and_settings_of_make_lab(checkout):
    said = subprocess.run(
        ["bash", "binder/start", "env"],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", "JUPYTER_CONFIG_PATH": "theirs", "JUPYTER_PATH": "theirs"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    variables = dict(line.split("=", 1) for line in said.stdout.splitlines())
    assert THREAD_CAPS.items() <= variables.items()
    assert variables["JUPYTER_CONFIG_PATH"] == f"{SETTINGS}:theirs"
    assert variables["JUPYTER_PATH"] == f"{SETTINGS}:theirs"


@pytest.mark.parametrize("name", ["binder/start", "binder/postBuild", ".ci/run"])
def test_a_script_can_be_run_and_bash_can_read_it(checkout, name):
    assert (checkout / name).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", name], cwd=checkout, check=True, timeout=60)
