"""A marker is one of four lines; whatever resembles one is an error, and nothing leaks."""

import random
from dataclasses import dataclass

import nbformat
import pytest
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

from vaxlab.authoring import markers

SECRET = "volume_l = level_mm * 0.8"


@dataclass
class Cell:
    """The least that the grammar needs to know of a cell."""

    text: str
    kind: str = "code"
    is_answer: bool = True
    is_check: bool = False


def answer(begin: str = markers.BEGIN_SOLUTION, end: str = markers.END_SOLUTION) -> Cell:
    return Cell(f"volume_l = ...\n{begin}\n{SECRET}\n{end}\nprint(volume_l)")


def check(begin: str = markers.BEGIN_HIDDEN, end: str = markers.END_HIDDEN) -> Cell:
    return Cell(f"result = 1\n{begin}\n{SECRET}\n{end}\nresult", is_answer=False, is_check=True)


def stripped(cell: Cell) -> str:
    """What nbgrader itself would give learners."""
    meta = {"solution": cell.is_answer, "grade": cell.is_check, "locked": True, "grade_id": "a"}
    made = nbformat.v4.new_code_cell(cell.text, metadata={"nbgrader": meta | {"points": 1}})
    notebook = nbformat.v4.new_notebook(cells=[made])
    for step in (ClearSolutions(code_stub={"python": "# YOUR CODE HERE"}), ClearHiddenTests()):
        notebook, _ = step.preprocess(notebook, {})
    return notebook.cells[0].source


@pytest.mark.parametrize("cell", [answer(), check(), Cell("x = 1", is_answer=False)])
def test_right_markers_have_no_faults_and_are_stripped(cell):
    assert list(markers.faults(cell)) == []
    assert SECRET not in stripped(cell)


@pytest.mark.parametrize(
    "line",
    [
        "### Begin Solution",
        "###BEGIN SOLUTION",
        "### BEGIN  SOLUTION",
        "## BEGIN SOLUTION",
        "# BEGIN SOLUTION",
        "### BEGIN SOLUTION here",
        "### BEGIN SOLUTIONS",
        "### BEGIN SOLUTON",
        "# BEGN SOLUTION",
        "### SOLUTION",
        "### BEGIN-SOLUTION",
        "### BEGIN_SOLUTION",
        "# START SOLUTION",
        "#### BEGIN SOLUTION",
        "x = 1  ### BEGIN SOLUTION",
        'print("BEGIN SOLUTION")',
        "=== BEGIN MARK SCHEME ===",
        "### AUTOTEST volume_l",
    ],
)
def test_what_resembles_a_marker_is_a_fault_on_its_line(line):
    faults = list(markers.faults(Cell(f"x = 1\n{line}", is_answer=False)))
    assert faults[0].line == 1
    assert "Write `###" in faults[0].message or "does not use" in faults[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("### BEGIN SOLUTION\nx = 1", "never closed"),
        ("x = 1\n### END SOLUTION", "closes nothing"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "inside the region"),
        ("### BEGIN SOLUTION\n### BEGIN HIDDEN TESTS\n### END SOLUTION", "inside the region"),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS\n### END SOLUTION", "closes nothing"),
        ("x = 1", "without a region"),
    ],
)
def test_a_region_that_is_not_opened_and_closed_once_is_a_fault(text, words):
    assert words in " ".join(fault.message for fault in markers.faults(Cell(text)))


def test_a_solution_marker_outside_an_answer_cell_is_a_fault():
    cell = Cell(answer().text, is_answer=False)
    assert "no answer cell" in next(markers.faults(cell)).message


def test_a_hidden_test_outside_a_check_cell_is_a_fault():
    cell = Cell(check().text, is_answer=False)
    assert "no check cell" in next(markers.faults(cell)).message


def test_a_marker_in_a_markdown_cell_is_a_fault():
    cell = Cell("### BEGIN SOLUTION\ntext\n### END SOLUTION", kind="markdown", is_answer=False)
    assert "in a Markdown cell" in next(markers.faults(cell)).message


@pytest.mark.parametrize(
    "line",
    [
        "# the solution of cells is stirred",
        "# end of the run",
        "beginning = solution_volume_l",
        "# begin with the hidden lot",
        "# test what is hidden",
        "# --- plot ---",
    ],
)
def test_ordinary_code_is_no_marker(line):
    assert list(markers.faults(Cell(line, is_answer=False))) == []


@pytest.mark.parametrize(
    "line", ["### Exercise 1 · The solution", "## Hidden tests", "The end. Solutions follow."]
)
def test_ordinary_prose_is_no_marker(line):
    assert list(markers.faults(Cell(line, kind="markdown", is_answer=False))) == []


def mutate(marker: str, chance: random.Random) -> str:
    """Spoil a marker as people do: case, spaces, hashes, typing slips, text around it."""
    letters = list(marker)
    for _ in range(chance.randint(1, 2)):
        spot = chance.randrange(len(letters))
        match chance.randrange(9):
            case 0:
                letters[spot] = letters[spot].swapcase()
            case 1:
                letters.insert(spot, chance.choice([" ", "\t", "\u00a0", "#", "-", "_"]))
            case 2:
                del letters[spot]
            case 3:
                letters[spot] = chance.choice("ABEGINOSLUTD#E ")
            case 4:
                letters = [letter.lower() for letter in letters]
            case 5:
                letters = list("".join(letters).replace("#", "", chance.randint(1, 3)))
            case 6:
                letters += chance.choice([" ", "  ", " here", ":", " ###", "."])
            case 7:
                letters = [" "] * chance.randint(1, 8) + letters
            case 8:
                letters[spot] = {"E": "\u0415", "O": "\u041e"}.get(letters[spot], letters[spot])
    return "".join(letters)


@pytest.mark.parametrize("make", [answer, check])
def test_a_spoilt_marker_is_an_error_or_is_handled_but_never_leaks(make):
    chance = random.Random(7)
    pairs = [
        (markers.BEGIN_SOLUTION, markers.END_SOLUTION),
        (markers.BEGIN_HIDDEN, markers.END_HIDDEN),
    ]
    begin, end = pairs[make is check]
    handled = 0
    for round_ in range(1500):
        spoilt = (
            mutate(begin, chance) if round_ % 3 != 1 else begin,
            mutate(end, chance) if round_ % 3 != 0 else end,
        )
        cell = make(*spoilt)
        if list(markers.faults(cell)):
            continue
        handled += 1
        assert SECRET not in stripped(cell), spoilt
    # Spaces around a marker are harmless, so some must have passed.
    assert handled > 10


def test_regions_are_returned_with_their_first_line():
    assert markers.regions(answer().text, markers.BEGIN_SOLUTION) == [(2, SECRET)]
    assert markers.regions(answer().text, markers.BEGIN_HIDDEN) == []
