"""What Binder takes out of its environment, and what it must leave."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def slim(checkout):
    spec = importlib.util.spec_from_file_location("slim", checkout / "binder" / "slim.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def packages(tmp_path) -> Path:
    files = (
        *("torch/__init__.py", "torch/bin/protoc", "torch/bin/test_api", "torch/include/a/b.h"),
        *("torch/bin/torch_shm_manager", "torch/testing/__init__.py", "torch/test/api"),
        *("pandas/tests/frame/test_a.py", "pandas/core/tests/x.py", "pandas/core/frame.py"),
        *("pandas/core/__pycache__/frame.pyc", "pandas/tests/__pycache__/x.pyc", "tests/own.py"),
    )
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def test_tests_headers_and_old_bytecode_go_and_what_is_imported_stays(slim, packages):
    slim.slim(packages, ["import json", "import no_such_extra"])
    left = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert left == {
        *("torch/__init__.py", "torch/bin/torch_shm_manager", "torch/testing/__init__.py"),
        *("pandas/core/frame.py", "tests/own.py"),  # a package that is called so is no part of one
    }


def test_bytecode_is_written_of_what_is_imported_though_the_machine_forbids_it(
    slim, packages, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.setenv(slim.NO_BYTECODE, "1")
    slim.slim(packages, ["import torch"])
    version = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
    assert (packages / "torch" / "__pycache__" / f"__init__.{version}.pyc").is_file()
    assert not (packages / "pandas" / "core" / "__pycache__").exists()


def test_what_notebooks_import_is_read_from_them(slim, checkout):
    found = slim.imports(checkout)
    assert "import torch" in found
    assert "import jupyterlab.labapp" in found
    assert any(line.startswith("from vaxlab.lessons.day4") for line in found)


def test_sizes_are_those_of_files_the_largest_first(slim, packages):
    (packages / "pandas" / "core" / "frame.py").write_bytes(b"x" * 10_000_000)
    assert next(iter(slim.sizes(packages).items()))[0] == "pandas"
    assert slim.sizes(packages)["pandas"] >= 10_000_000


def test_what_can_no_longer_be_imported_stops_the_build(slim, packages, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(packages))
    (packages / "pandas" / "tests" / "__init__.py").write_text("")
    (packages / "pandas" / "__init__.py").write_text("from . import tests")
    with pytest.raises(SystemExit, match="import pandas"):
        slim.slim(packages, ["import pandas", "import no_such_extra"])
