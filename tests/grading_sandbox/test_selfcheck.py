"""A learner's own check: four outcomes, what to try next, and files that stay as they are."""

import hashlib
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from answers.day1 import trust
from nbformat import NotebookNode, v4

from vaxlab import cli
from vaxlab.checks.result import WRITE_HERE, Outcome, Part, Result
from vaxlab.errors import CourseError
from vaxlab.grading import provisioner, selfcheck

NAME = "1-trust"
RIGHT = {a.grade_id: a for a in reversed(trust.ANSWERS) if not a.says}
HALF_RIGHT = next(a for a in trust.ANSWERS if a.says == "stayed in HA units")
LIMIT_S = 12.0


def place(notebook: NotebookNode, grade_id: str) -> int:
    """Position of a cell."""
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return names.index(grade_id)


def short(released: NotebookNode, last: str) -> NotebookNode:
    """Return a copy of a notebook that ends with one check."""
    notebook = nbformat.from_dict(json.loads(json.dumps(released)))
    notebook.cells = notebook.cells[: place(notebook, f"{last}-check") + 1]
    return notebook


def answered(notebook: NotebookNode, **sources: str) -> NotebookNode:
    """Type answers into a notebook; ``trust_twins`` stands for ``trust-twins``."""
    for name, source in sources.items():
        notebook.cells[place(notebook, name.replace("_", "-"))].source = source
    return notebook


def put_first(notebook: NotebookNode, code: str) -> NotebookNode:
    """Run something before all else."""
    notebook.cells.insert(0, v4.new_code_cell(code))
    return notebook


STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"


@pytest.fixture(scope="module")
def root(built, tmp_path_factory) -> Path:
    """A checkout in which a learner has worked, well and badly."""
    root = tmp_path_factory.mktemp("learner")
    shutil.copytree(built, root, dirs_exist_ok=True)
    released = nbformat.read(root / "course" / "day1" / f"{NAME}.ipynb", as_version=4)
    shutil.rmtree(root / "course")
    mixed = short(released, "trust-ceiling")
    answered(
        mixed,
        trust_twins=RIGHT["trust-twins"].source,
        trust_tidy=HALF_RIGHT.source,
        trust_errors="def find_errors(samples:\n    return 1",
    )
    del mixed.cells[place(mixed, "trust-ceiling-check")]
    put_first(mixed, "open('left-behind.txt', 'w').write('x')")
    solved = {"trust_twins": RIGHT["trust-twins"].source}
    books = {
        "day1/1-trust": mixed,
        "day1/2-loops": answered(short(released, "trust-twins"), trust_twins="while True: pass"),
        "day1/3-dies": answered(short(released, "trust-tidy"), **solved),
        "day1/4-stubborn": put_first(short(released, "trust-twins"), STUBBORN),
        "day2/8-leaves": answered(short(released, "trust-tidy"), **solved),
        "day2/5-right": answered(short(released, "trust-twins"), **solved),
        "day2/6-notes": v4.new_notebook(cells=[v4.new_code_cell("1 / 0")]),
    }
    for name, code in (("day1/3-dies", "import os\nos._exit(3)"), ("day2/8-leaves", "exit()")):
        book = books[name]
        book.cells[place(book, "trust-tidy")].source = code
    for name, book in books.items():
        path = root / "course" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, path)
    (root / "course" / "day2" / "7-broken.ipynb").write_text('{"cells": [')
    return root


def footprint(root: Path) -> dict[str, str]:
    """Every file below a folder, and its content."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def checked(root) -> dict[str, selfcheck.Checked]:
    """All of it, checked once; nothing of it may have changed."""
    before = footprint(root)
    done = selfcheck.check(root, progress=False, cell_limit_s=LIMIT_S)
    assert footprint(root) == before
    return {one.notebook: one for one in done}


@pytest.fixture
def mixed(checked) -> dict[str, selfcheck.Exercise]:
    """The exercises of the notebook that holds some of everything."""
    return {one.title.split(" · ")[0]: one for one in checked["day1/1-trust"].exercises}


def test_a_right_answer_has_passed_and_earns_its_points(mixed):
    assert mixed["Exercise 1"].outcome == Outcome.PASSED
    assert mixed["Exercise 1"].points == RIGHT["trust-twins"].points
    assert not mixed["Exercise 1"].reason


def test_a_half_right_answer_is_told_why_and_what_to_try(mixed):
    half_right = mixed["Exercise 2"]
    assert half_right.outcome == Outcome.NOT_YET
    assert half_right.points == HALF_RIGHT.points
    assert HALF_RIGHT.says in half_right.reason
    assert half_right.try_next


def test_a_cell_that_python_cannot_read_is_named_as_the_cause(mixed):
    error = mixed["Exercise 3"]
    assert error.outcome == Outcome.ERROR
    assert "SyntaxError" in error.reason
    assert "def find_errors(samples:" in error.reason


def test_what_nobody_touched_is_not_attempted(mixed):
    assert mixed["Exercise 4"].outcome == Outcome.NOT_ATTEMPTED
    assert "three dots" in mixed["Exercise 4"].reason


def test_a_check_that_was_deleted_is_missed(mixed):
    assert "no longer in the notebook" in mixed["Exercise 5"].reason
    assert mixed["Exercise 5"].out_of > 0


def test_a_loop_that_never_ends_is_interrupted_and_the_check_is_run(checked):
    (one,) = checked["day1/2-loops"].exercises
    assert one.outcome == Outcome.ERROR
    assert "a loop that never ends?" in one.reason
    assert not checked["day1/2-loops"].said


def test_a_loop_that_ignores_the_interrupt_ends_with_its_kernel(checked):
    assert "interrupt did not stop it" in checked["day1/4-stubborn"].said
    assert [one.points for one in checked["day1/4-stubborn"].exercises] == [0.0]


@pytest.mark.parametrize(
    ("name", "begins"), [("day1/3-dies", "`import os`"), ("day2/8-leaves", "`exit()`")]
)
def test_a_kernel_that_ends_keeps_what_it_has_earned(checked, name, begins):
    first, second = checked[name].exercises
    assert first.outcome == Outcome.PASSED
    assert "ended the interpreter" in second.reason
    assert begins in checked[name].said


def test_what_is_no_notebook_of_the_course_gets_a_sentence_and_the_rest_goes_on(checked):
    assert "no check of the course" in checked["day2/6-notes"].said
    assert "cannot be read" in checked["day2/7-broken"].said
    assert checked["day2/5-right"].exercises[0].outcome == Outcome.PASSED


def test_the_kernels_are_forked_where_that_can_be(checked, bubblewrap):
    said = []
    assert selfcheck._kernel(said.append) == "vaxlab-warm"
    assert not said


def test_without_forking_an_ordinary_kernel_does_it_and_says_so(root, monkeypatch):
    def none() -> str:
        raise provisioner.NoWarmProcess("kernels are forked on Linux only")

    monkeypatch.setattr(provisioner, "address", none)
    said = []
    (one,) = selfcheck.check(root, "day2/5-right", progress=False, say=said.append)
    assert one.exercises[0].outcome == Outcome.PASSED
    assert "takes longer" in said[0]
    assert "on Linux only" in said[0]


def test_the_table_says_everything_in_words(checked):
    text = selfcheck.table(list(checked.values()))
    for words in (*Outcome, "Next: ", "Total: "):
        assert words in text
    assert "\x1b" not in text


def test_the_json_holds_the_same(checked):
    read = json.loads(selfcheck.dumps(list(checked.values())))
    assert {one["notebook"] for one in read} == set(checked)
    assert {"title", "outcome", "points", "out_of", "reason", "try_next"} <= set(
        read[0]["exercises"][0]
    )


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("day2", ["5-right", "6-notes", "7-broken", "8-leaves"]),
        ("day2/5-right", ["5-right"]),
        ("course/day2/5-right.ipynb", ["5-right"]),
    ],
)
def test_a_day_or_a_notebook_is_found_by_its_name(root, wanted, names):
    assert [path.stem for path in selfcheck.find(root / "course", wanted)] == names


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("day9", "There is: day1, day2."),
        ("day2/5-rihgt", "Did you mean day2/5-right?"),
        ("../secret", "There is no"),
    ],
)
def test_an_unknown_name_is_told_what_there_is(root, monkeypatch, capsys, wanted, says):
    monkeypatch.chdir(root)
    assert cli.main(["check", wanted]) == 1
    assert says in capsys.readouterr().err


def test_an_empty_course_is_said_so(tmp_path):
    with pytest.raises(CourseError, match="No notebooks in"):
        selfcheck.find(tmp_path)


def test_failing_exercises_are_no_failure_of_the_command(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    monkeypatch.setattr(
        selfcheck,
        "check",
        lambda root, wanted, **options: [selfcheck.Checked("day1/1-trust", said="It is broken.")],
    )
    assert cli.main(["check"]) == 0
    assert "It is broken." in capsys.readouterr().out
    assert cli.main(["check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["said"] == "It is broken."


def test_the_reason_is_the_first_part_that_has_not_passed():
    result = Result(
        "Exercise",
        [
            Part("sum", Outcome.PASSED, 1, 1, "Good."),
            Part("mean", Outcome.NOT_YET, 0, 1, "In mm².\nMore.", "mean(3)", "9", "3", "abs()"),
            Part("rest", Outcome.ERROR, 0, 1, "Later."),
        ],
        3,
    )
    said = json.loads(selfcheck.told(result))
    assert said["reason"] == "mean: In mm²."
    assert said["try_next"] == "Look at abs(). mean(3) gave 9, expected was 3."
    assert said["points"] == 1


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.PASSED])
def test_there_is_always_something_to_try(outcome):
    said = json.loads(selfcheck.told(Result("E", [Part("p", outcome, 0, 1, "No.")], 1)))
    assert said["outcome"] == outcome
    assert said["try_next"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [(WRITE_HERE, "not attempted"), ("Because of the lot.", selfcheck.WAITS)],
)
def test_a_written_answer_is_named_and_counts_for_nothing(text, outcome):
    grading = {"grade": True, "solution": True, "grade_id": "how-words", "points": 4}
    prompt = v4.new_markdown_cell("### Exercise 6 · In your own words · 4 points · 5 min")
    answer = v4.new_markdown_cell(text, metadata={"nbgrader": grading})
    (found,) = selfcheck.titles(v4.new_notebook(cells=[prompt, answer]))
    assert (found.title, found.outcome) == ("Exercise 6 · In your own words", outcome)
    assert (found.points, found.out_of) == (0, 0)
    assert "A person marks it, out of 4 points" in found.reason
