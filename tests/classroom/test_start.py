"""What comes before a class: its list, its reach, its folders and its limits."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import accounts  # on the path since conftest.py
import limits
import places
import pytest
import start
from accounts import ClassError


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "learners.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_list_is_names_with_remarks_and_blank_lines(write):
    path = write("# first row\nana\n\nli-wei  # left\n m_7 \n")
    assert accounts.read_list(path) == ["ana", "li-wei", "m_7"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no name"),
        ("# nobody yet\n", "holds no name"),
        ("ana\nbo\nana\n", "ana in lines 1 and 3"),
        ("ana\nAna Maria\n", "line 2: 'Ana Maria'"),
        ("../root\n", "line 1: '../root'"),
        ("-rf\n", "line 1: '-rf'"),
        ("a" * 32, "line 1"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_its_lines(write, text, words):
    with pytest.raises(ClassError, match=words):
        accounts.read_list(write(text))


def test_a_list_that_is_not_there_is_told_with_what_it_would_hold(tmp_path):
    with pytest.raises(ClassError, match="write one, a name a line"):
        accounts.read_list(tmp_path / "none.txt")


@pytest.mark.parametrize("name", ["root", "daemon", "nobody"])
def test_an_account_of_the_machine_is_never_taken(name):
    with pytest.raises(ClassError, match=f"has an account '{name}' already"):
        accounts.refuse_strangers([name], accounts.LEARNERS)


def test_a_password_in_clear_never_leaves_the_machine(tmp_path):
    with pytest.raises(ClassError, match="would travel in clear"):
        start.check_reach("0.0.0.0", "", "")
    start.check_reach("127.0.0.1", "", "")
    with pytest.raises(ClassError, match="needs both files"):
        start.check_reach("0.0.0.0", "cert.pem", "")
    with pytest.raises(ClassError, match="no file"):
        start.check_reach("0.0.0.0", str(tmp_path / "cert"), str(tmp_path / "key"))


def test_a_port_in_use_is_told_with_another_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ClassError, match=f"PORT={port + 1}"):
            start.check_port(port)


def test_a_hub_that_starts_again_keeps_its_ports(tmp_path):
    start.make_folders(tmp_path)
    hub, proxy = start.inner_ports(tmp_path)
    assert hub != proxy
    settings = places.Settings(
        str(tmp_path), "/env", ["ana"], ["teacher"], hub_port=hub, proxy_port=proxy
    )
    settings.write()
    assert start.inner_ports(tmp_path) == (hub, proxy)


def test_a_proxy_that_a_killed_hub_has_left_is_known(tmp_path):
    start.make_folders(tmp_path)
    assert not start.left_behind(tmp_path)
    (tmp_path / "hub" / "proxy.pid").write_text("no number")
    assert not start.left_behind(tmp_path)
    program = tmp_path / "proxy" / "waits.py"
    program.write_text("import time\ntime.sleep(60)\n")
    with subprocess.Popen([sys.executable, str(program)]) as process:
        (tmp_path / "hub" / "proxy.pid").write_text(str(process.pid))
        for _ in range(100):  # a process that has just begun may have no name yet
            if start.left_behind(tmp_path):
                break
            time.sleep(0.1)
        assert start.left_behind(tmp_path)
        (tmp_path / "hub" / "proxy.pid").write_text(str(os.getpid()))
        assert not start.left_behind(tmp_path)
        process.kill()


def test_what_the_hub_reads_is_what_was_decided(tmp_path, monkeypatch):
    (tmp_path / "hub").mkdir()
    settings = places.Settings(str(tmp_path), "/env", ["ana"], ["teacher"], port=1234)
    monkeypatch.setenv(places.SETTINGS, str(settings.write()))
    assert places.read() == settings
    assert settings.address == "http://127.0.0.1:1234/"


def test_learners_read_the_course_and_not_the_hub(tmp_path):
    start.make_folders(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes["hub"] == 0o700
    assert modes["exchange"] == 0o1777
    assert modes["course"] == modes["datasets"] == modes["config"] == 0o755
    assert (tmp_path / "course" / "day1" / "1-trust.ipynb").is_file()
    copied = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not any(name.endswith(".py") and name != "nbgrader_config.py" for name in copied)


def test_a_mirror_brings_what_is_new_and_keeps_what_is_there(tmp_path):
    source, target = tmp_path / "from", tmp_path / "to"
    (source / "day1").mkdir(parents=True)
    (source / "day1" / "a.txt").write_text("one")
    start.mirror(source, target)
    (target / "mine.txt").write_text("stays")
    (source / "day1" / "a.txt").write_text("two")
    start.mirror(source, target)
    assert (target / "day1" / "a.txt").read_text() == "two"
    assert (target / "mine.txt").read_text() == "stays"


def test_answers_that_somebody_has_taken_out_of_a_notebook_are_not_handed_out(tmp_path):
    source = tmp_path / "course"
    (source / "kept").mkdir(parents=True)
    (source / "kept" / "day1-1-trust-exercise-2.py").write_text("the answer")
    (source / "index.ipynb").write_text("{}")
    start.mirror(source, tmp_path / "to")
    assert [path.name for path in (tmp_path / "to").rglob("*")] == ["index.ipynb"]


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to others, which root alone can")
def test_each_learner_owns_one_file_of_notes_that_only_instructors_read(tmp_path, monkeypatch):
    monkeypatch.setattr(start.grp, "getgrnam", lambda _: SimpleNamespace(gr_gid=4321))
    monkeypatch.setattr(start.pwd, "getpwnam", lambda _: SimpleNamespace(pw_uid=1234))
    settings = places.Settings(str(tmp_path), "/env", ["ana", "bo"], ["teacher"])
    start.make_notes(settings)
    folder, file = settings.notes().stat(), settings.notes("ana").stat()
    assert (folder.st_uid, folder.st_gid, stat.S_IMODE(folder.st_mode)) == (0, 4321, 0o751)
    assert (file.st_uid, file.st_gid, stat.S_IMODE(file.st_mode)) == (1234, 4321, 0o640)
    assert file.st_size == 0
    settings.notes("ana").write_text("joined\n")
    start.make_notes(settings)
    assert settings.notes("ana").read_text() == "joined\n"


def test_first_passwords_are_kept_for_root_alone(tmp_path):
    (tmp_path / "hub").mkdir()
    logins = [accounts.Login("ana", "abcd"), accounts.Login("bo", "")]
    path = start.keep_logins(tmp_path, logins)
    assert path.read_text() == "ana,abcd\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def version_2(tmp_path):
    """A tree like that of control groups, version 2."""
    (tmp_path / "cgroup.controllers").write_text("cpu io memory pids\n")
    for folder in (tmp_path, tmp_path / "vaxlab-class"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.subtree_control").write_text("")
    return tmp_path


def test_a_learner_gets_a_group_where_the_machine_has_them(version_2, monkeypatch):
    monkeypatch.setattr(limits.resource, "setrlimit", lambda *_: None)
    group = version_2 / "vaxlab-class" / "ana"
    group.mkdir()
    for name in ("memory.max", "cpu.max"):
        (group / name).write_text("max")
    limits.enter("ana", memory_mb=100, cores=1.5, root=version_2)
    assert (group / "memory.max").read_text() == str(100 << 20)
    assert (group / "cpu.max").read_text() == "150000 100000"
    assert (group / "cgroup.procs").read_text() == str(os.getpid())


def test_a_process_is_held_where_there_are_no_groups(tmp_path, monkeypatch):
    held = {}
    monkeypatch.setattr(
        limits.resource, "setrlimit", lambda what, value: held.update({what: value})
    )
    limits.enter("ana", memory_mb=100, cores=1.0, root=tmp_path)
    assert held[limits.resource.RLIMIT_DATA] == (200 << 20, 200 << 20)
    assert limits.groups(tmp_path) == []
    assert not limits.limits_memory(tmp_path)


@pytest.fixture
def spring(tmp_path, monkeypatch):
    """A checkout with the cohort `spring`."""
    folder = tmp_path / "checkout" / "cohorts" / "spring"
    for name in ("course", "datasets", "solutions"):
        for of in (folder, tmp_path / "checkout"):
            (of / name).mkdir(parents=True, exist_ok=True)
            (of / name / "whose.txt").write_text(of.name)
    (folder / "nbgrader_config.py").touch()
    (folder / "datasets" / "manifest.json").write_text('{"cohort": {"name": "spring"}}')
    (tmp_path / "checkout" / "datasets" / "manifest.json").write_text("{}")
    monkeypatch.setattr(start, "CHECKOUT", tmp_path / "checkout")
    return folder


def test_a_cohorts_data_and_notebooks_are_what_a_class_gets(spring, tmp_path):
    home = tmp_path / "class"
    start.make_folders(home, start.taught("spring"))
    assert [(home / n / "whose.txt").read_text() for n in ("course", "datasets")] == ["spring"] * 2


@pytest.mark.parametrize("name", ["autumn", "../cohorts/spring"])
def test_a_cohort_that_is_not_there_is_told_with_those_that_are(spring, name):
    with pytest.raises(ClassError, match=r"there are: spring"):
        start.taught(name)


def test_a_class_that_has_begun_keeps_its_data(spring, tmp_path):
    home = tmp_path / "class"
    start.check_cohort(spring, home)
    start.make_folders(home, spring)
    start.check_cohort(spring, home)
    with pytest.raises(ClassError, match="has begun with other data"):
        start.check_cohort(start.CHECKOUT, home)


def test_an_instructor_gets_the_cohorts_sources_and_no_other_cohort(spring, tmp_path, monkeypatch):
    monkeypatch.setattr(start, "run", lambda *command: None)
    monkeypatch.setattr(Path, "expanduser", lambda self: tmp_path / "home")
    login = accounts.Login("teacher", "secret")
    start.furnish(login, accounts.INSTRUCTORS, tmp_path, spring)
    copy = tmp_path / "home" / "course"
    assert (copy / "solutions" / "whose.txt").read_text() == "spring"
    assert not (copy / "cohorts").exists()
