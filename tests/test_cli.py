"""One sentence for what a person can mend, and an exit code that says so."""

import argparse
import os
import subprocess
import sys
import types
from collections.abc import Iterator

import pytest

import vaxlab
from vaxlab import cli, data, paths
from vaxlab.authoring import build, lint
from vaxlab.authoring.judged import Finding
from vaxlab.errors import CourseError


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "nbgrader_config.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def room(monkeypatch):
    """Put a module with the given functions in the place of a room of the package."""

    def furnish(name: str, **functions) -> None:
        module = types.SimpleNamespace(**functions)
        monkeypatch.setitem(sys.modules, f"vaxlab.{name}", module)
        monkeypatch.setattr(vaxlab, name, module, raising=False)

    return furnish


def test_an_error_that_a_person_can_mend_is_printed_alone(room, capsys):
    def verify():
        raise CourseError("batches.csv is damaged. Run `vaxlab data build`.")

    room("data", verify=verify)
    assert cli.main(["data", "verify"]) == 1
    assert capsys.readouterr().err == "batches.csv is damaged. Run `vaxlab data build`.\n"


def test_an_interrupt_is_one_line_and_130(room, capsys):
    def verify():
        raise KeyboardInterrupt

    room("data", verify=verify)
    assert cli.main(["data", "verify"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_lab_passes_port_and_browser_on(room):
    calls = []
    room("lab", run=lambda **options: calls.append(options) or 0)
    assert cli.main(["lab"]) == 0
    assert cli.main(["lab", "--port", "8123", "--no-browser"]) == 0
    assert calls == [
        {"port": None, "open_browser": True},
        {"port": 8123, "open_browser": False},
    ]


def test_data_describe_prints_the_card(room, capsys):
    room("data", describe=lambda name: f"# {name}")
    assert cli.main(["data", "describe", "batches"]) == 0
    assert capsys.readouterr().out == "# batches\n"


def test_build_prints_what_it_wrote_and_passes_force_on(checkout, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(
        build, "build", lambda root, force: calls.append((root, force)) or ["course/index.ipynb"]
    )
    assert cli.main(["course", "build", "--force"]) == 0
    assert calls == [(checkout, True)]
    assert "wrote course/index.ipynb" in capsys.readouterr().out


def test_check_names_what_is_out_of_date_and_exits_with_1(checkout, monkeypatch, capsys):
    monkeypatch.setattr(build, "stale", lambda root: ["course/index.ipynb is missing."])
    assert cli.main(["course", "build", "--check"]) == 1
    error = capsys.readouterr().err
    assert "course/index.ipynb is missing." in error
    assert "vaxlab course build" in error


def test_check_of_a_fresh_course_exits_with_0(checkout, monkeypatch):
    monkeypatch.setattr(build, "stale", lambda root: [])
    assert cli.main(["course", "build", "--check"]) == 0


@pytest.mark.parametrize(
    ("findings", "code"), [([], 0), ([Finding("solutions/x.py", 3, "no. Do.")], 1)]
)
def test_lint_exits_with_1_on_any_finding(checkout, monkeypatch, capsys, findings, code):
    monkeypatch.setattr(lint, "lint", lambda root: findings)
    assert cli.main(["course", "lint"]) == code
    assert ("solutions/x.py:3: no. Do." in capsys.readouterr().err) == bool(findings)


def test_check_and_force_exclude_each_other():
    with pytest.raises(SystemExit) as stopped:
        cli.main(["course", "build", "--check", "--force"])
    assert stopped.value.code == 2


def test_help_imports_no_room():
    script = (
        "import sys\nfrom vaxlab import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'nbgrader', 'torch', 'vaxlab.lab', 'vaxlab.data'}\n"
        "sys.exit(sorted(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Machine Learning for Vaccine Production" in done.stdout


def test_the_checkout_is_found_from_a_folder_inside_it(checkout):
    inside = checkout / "course" / "day1"
    inside.mkdir(parents=True)
    assert paths.checkout(inside) == checkout
    assert paths.checkout() == checkout


def test_outside_of_any_checkout_the_package_tells_where_it_lies(tmp_path, monkeypatch):
    elsewhere = tmp_path / "empty"
    elsewhere.mkdir()
    home = tmp_path / "home"
    (home / "solutions").mkdir(parents=True)
    (home / "nbgrader_config.py").write_text("")
    monkeypatch.setattr(paths, "__file__", str(home / "src" / "vaxlab" / "paths.py"))
    assert paths.checkout(elsewhere) == home


def test_without_a_checkout_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "lib" / "vaxlab" / "paths.py"))
    with pytest.raises(CourseError, match="No course found in .* Change to the folder"):
        paths.checkout(tmp_path)


def commands(of: argparse.ArgumentParser, so_far: tuple[str, ...] = ()) -> Iterator[tuple]:
    """Every subcommand, as it is typed."""
    groups = [a for a in of._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield so_far
    for group in groups:
        for name, inner in group.choices.items():
            yield from commands(inner, (*so_far, name))


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """The folder of the course, and no checkout anywhere."""
    folder = tmp_path / "somewhere" / "course"
    (folder / "day1").mkdir(parents=True)
    (folder / "day1" / "1-trust.ipynb").write_text("{}")
    (folder / "index.ipynb").write_text("{}")
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "lib" / "vaxlab" / "paths.py"))
    return folder


@pytest.mark.parametrize("start", [".", "day1", ".."])
def test_a_course_without_a_checkout_is_found_from_within_and_beside(alone, start):
    assert paths.course(alone / start) == alone


def test_a_day_alone_is_enough(alone):
    (alone / "index.ipynb").unlink()
    assert paths.course(alone / "day1") == alone


def test_a_copy_of_the_course_inside_a_checkout_is_taken_before_the_checkouts_own(
    alone, monkeypatch
):
    root = alone.parent
    (root / "solutions" / "day1").mkdir(parents=True)
    (root / "solutions" / "day1" / "1-trust.ipynb").write_text("{}")
    (root / "nbgrader_config.py").write_text("")
    mine = root / "mine"
    (mine / "day1").mkdir(parents=True)
    for name in ("index.ipynb", "day1/1-trust.ipynb"):
        (mine / name).write_text("{}")
    assert paths.course(mine / "day1") == mine
    assert paths.course(root / "solutions" / "day1") == alone
    assert paths.course(root) == alone


def test_where_there_are_no_notebooks_one_sentence_says_what_to_do(alone):
    with pytest.raises(CourseError, match="No notebooks of the course .* Change to that folder"):
        paths.course(alone.parents[1])


def test_data_sets_are_looked_for_and_built_beside_the_notebooks(alone, monkeypatch):
    monkeypatch.chdir(alone / "day1")
    monkeypatch.setattr(data, "__file__", str(alone.parents[1] / "lib" / "vaxlab" / "data.py"))
    monkeypatch.delenv("VAXLAB_DATA", raising=False)
    with pytest.raises(CourseError, match=rf"No data sets in {alone}.*Run `vaxlab data build`"):
        data.load("batches")
    (alone / "datasets").mkdir()
    (alone / "datasets" / "manifest.json").write_text("{}")
    with pytest.raises(CourseError, match="manifest.json is damaged"):
        data.load("batches")


# Runs a command with much to say in the place of what it would do.
TALKATIVE = """
import sys
from vaxlab import cli

def talk(args):
    for number in range(100_000):
        print(number, file=getattr(sys, sys.argv[1]))

name = "_".join(sys.argv[2:])
setattr(cli, name, talk)
talk.__doc__ = "Talk."
arguments = sys.argv[2:] + {
    "grade": ["day1"], "grades": ["day1"], "report": ["day1"], "data_describe": ["x"],
    "cohort_new": ["x"], "reset": ["x", "--exercise", "1"],
    "capstone_play": ["policy.py"], "capstone_board": ["class"],
}.get(name, [])
sys.exit(cli.main(arguments))
"""


def with_nobody_reading(*command: str, **streams) -> subprocess.CompletedProcess:
    """Run a command whose named streams nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    kept = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        return subprocess.run(command, text=True, **kept | dict.fromkeys(streams, writer))
    finally:
        os.close(writer)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("command", list(commands(cli.parser())), ids=" ".join)
def test_a_command_whose_output_nobody_reads_ends_in_silence(command, stream):
    done = with_nobody_reading(sys.executable, "-c", TALKATIVE, stream, *command, **{stream: None})
    assert done.returncode == cli.NOBODY_READS
    assert not (done.stdout or "") + (done.stderr or "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["grade", "--help"], ["data", "describe", "batches"]]
)
def test_little_output_that_nobody_reads_is_silent_too(arguments, unbuffered, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    command = [sys.executable, "-m", "vaxlab.cli", *arguments]
    done = with_nobody_reading(*command, stdout=None)
    assert done.returncode in (0, cli.NOBODY_READS)  # argparse itself passes over what is unread
    assert done.stderr == ""


def test_a_sentence_on_stderr_that_nobody_reads_is_silent_too():
    command = [sys.executable, "-m", "vaxlab.cli", "data", "describe", "no-such-set"]
    done = with_nobody_reading(*command, stderr=None)
    assert done.returncode == cli.NOBODY_READS
    assert done.stdout == ""


def test_another_pipe_that_breaks_is_not_taken_for_the_reader(room):
    def verify():
        raise BrokenPipeError("a kernel's")

    room("data", verify=verify)
    with pytest.raises(BrokenPipeError, match="a kernel's"):
        cli.main(["data", "verify"])
