"""JupyterLab as learners get it: clear words before it starts, settings that it knows."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vaxlab import lab
from vaxlab.errors import CourseError


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A checkout with a start page, and the working directory in it."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "index.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "course"


@pytest.fixture
def busy_port():
    """A port of the loopback interface that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_told_in_one_sentence(course, busy_port):
    vaxlab = Path(sys.executable).with_name("vaxlab")
    said = subprocess.run(
        [str(vaxlab), "lab", "--no-browser", "--port", str(busy_port)],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert f"Port {busy_port} cannot be had" in said.stderr
    assert "make lab PORT=" in said.stderr


def test_a_port_that_is_free_is_taken(busy_port):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    lab.check_port_is_free(free)


def test_a_course_that_is_not_built_is_told_how_to_build_it(course):
    (course / "index.ipynb").unlink()
    with pytest.raises(CourseError, match="make course"):
        lab.run(port=None, open_browser=False)


@pytest.mark.parametrize(("start_page", "url"), [(True, "/lab/tree/index.ipynb"), (False, "/lab")])
def test_a_learner_with_the_course_folder_alone_is_served_it(
    tmp_path, monkeypatch, start_page, url
):
    from jupyterlab.labapp import LabApp

    (tmp_path / "my course" / "day1").mkdir(parents=True)
    (tmp_path / "my course" / "day1" / "1-trust.ipynb").touch()
    if start_page:
        (tmp_path / "my course" / "index.ipynb").touch()
    given = []
    monkeypatch.setattr(LabApp, "launch_instance", given.extend)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.chdir(tmp_path / "my course" / "day1")
    assert lab.run(port=None, open_browser=False) == 0
    assert f"--ServerApp.root_dir={tmp_path / 'my course'}" in given
    assert f"--LabApp.default_url={url}" in given


def test_threads_are_capped_unless_somebody_has_said_otherwise():
    variables = lab.environment({"OMP_NUM_THREADS": "3", "HOME": "there"})
    assert variables["OMP_NUM_THREADS"] == "3"
    assert variables["MKL_NUM_THREADS"] == "1"
    assert variables["HOME"] == "there"


def test_settings_of_the_course_stand_before_those_of_the_machine():
    variables = lab.environment({"JUPYTER_CONFIG_PATH": "theirs", "JUPYTER_PATH": "theirs"})
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        assert variables[name].split(os.pathsep) == [str(lab.SETTINGS), "theirs"]


def test_a_cell_finds_the_programs_of_its_own_python():
    variables = lab.environment({"PATH": "theirs"})
    found = shutil.which("vaxlab", path=variables["PATH"])
    assert Path(found).parent == Path(sys.executable).parent
    assert variables["PATH"].endswith(os.pathsep + "theirs")


def test_each_setting_is_one_that_this_jupyterlab_knows():
    overrides = json.loads(
        (lab.SETTINGS / "labconfig" / "default_setting_overrides.json").read_text()
    )
    schemas = Path(sys.prefix, "share", "jupyter", "lab", "schemas")
    for plugin, settings in overrides.items():
        package, _, name = plugin.partition(":")
        known = json.loads((schemas / package / f"{name}.json").read_text())["properties"]
        assert settings.keys() <= known.keys(), plugin


def test_each_extension_that_is_switched_off_is_installed():
    page = json.loads((lab.SETTINGS / "labconfig" / "page_config.json").read_text())
    labextensions = Path(sys.prefix, "share", "jupyter", "labextensions")
    for name in page["disabledExtensions"]:
        assert (labextensions / name).is_dir(), name


def test_nothing_of_an_instructors_is_switched_on_for_learners():
    configured = lab.SETTINGS / "jupyter_server_config.d" / "vaxlab.json"
    off = json.loads(configured.read_text())["ServerApp"]["jpserver_extensions"]
    theirs = Path(sys.prefix, "etc", "jupyter", "jupyter_server_config.d", "nbgrader.json")
    on = json.loads(theirs.read_text())["ServerApp"]["jpserver_extensions"]
    assert {name for name in on if off.get(name) is not False} == set()
