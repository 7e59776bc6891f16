"""What an instructor is told of a class: what became of whom and why, and what was tried."""

import nbformat
import pytest
from hostile import bank

from vaxlab.grading import audit
from vaxlab.grading.classroom import Row


@pytest.fixture(scope="module")
def handed_in(built, tmp_path_factory):
    """A class of two: one honest, one who looks around."""
    root = tmp_path_factory.mktemp("audited")
    released = (built / "course" / "day1" / f"{bank.NAME}.ipynb").read_text()
    (root / "course" / "day1").mkdir(parents=True)
    (root / "course" / "day1" / f"{bank.NAME}.ipynb").write_text(released)
    for student, code in (("honest", "x = 1"), ("curious", "import gc\nprint(gc.get_objects())")):
        folder = root / "submitted" / student / "day1"
        folder.mkdir(parents=True)
        notebook = bank.solve(nbformat.reads(released, as_version=4), *bank.RIGHT)
        notebook.cells.append(nbformat.v4.new_code_cell(code))
        bank.save(notebook, folder)
    return root


def rows(**states):
    return [
        Row(student, bank.NAME, 24.0, 24.0, state, said)
        for student, (state, said) in states.items()
    ]


def test_an_honest_notebook_is_not_named(handed_in):
    said = audit.report(handed_in, "day1", rows(honest=("graded", "")))
    assert "honest" not in said
    assert "nothing" in said


def test_a_line_that_no_notebook_needs_is_shown_with_its_cell(handed_in):
    said = audit.report(handed_in, "day1", rows(honest=("graded", ""), curious=("graded", "")))
    assert "curious/1-trust, 24 of 24 points" in said
    assert "memory of the interpreter: print(gc.get_objects())" in said
    assert "honest" not in said


def test_each_outcome_stands_with_its_reason(handed_in):
    said = audit.report(
        handed_in,
        "day1",
        rows(honest=("held", "the interpreter was changed"), curious=("skipped", "It is a link.")),
    )
    assert "held (1):\n  honest/1-trust: the interpreter was changed" in said
    assert "skipped (1):\n  curious/1-trust: It is a link." in said


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("trust.twins(globals(), plant_seed=1)", "hidden tests"),
        ("from vaxlab.lessons.day1.trust import checks", "the judge's half"),
        ("from vaxlab.literature import reader", "the judge's half"),
        ("open('/proc/self/mem')", "other processes"),
        ("get_ipython().ast_transformers.append(x)", "a changed interpreter"),
        ("builtins.abs = lambda x: 0", "replaced names"),
        ("torch.initial_seed()", "secrets"),
        ("socket.create_connection(where)", "the network"),
    ],
)
def test_ways_that_people_try_are_known(line, what):
    assert what in {one.what for one in audit.tries([line])}


def test_the_courses_own_lines_are_nobodys_try():
    assert audit.tries(["import os\nos.environ['X']"], frozenset({"os.environ['X']"})) == []
