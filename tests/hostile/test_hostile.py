"""The whole bank in one class with honest learners: nobody gains, nobody is harmed."""

import hashlib
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from browser import lab_driver as lab
from grading_sandbox.conftest import bubblewrap  # noqa: F401 (a fixture)

from hostile import bank, readers
from vaxlab.grading import classroom
from vaxlab.grading.limits import Limits

# The whole class is graded for the first of these tests.
pytestmark = [pytest.mark.play, pytest.mark.timeout(1800)]

ASSIGNMENT = "day1"
HONEST = {
    "honest-right": (tuple(bank.RIGHT), bank.FULL),
    "honest-first": ((bank.FIRST,), bank.EARNED),
    "honest-empty": ((), 0.0),
}
ATTACKS = [*bank.ATTACKS, *readers.READERS]
#: One of each kind for nbgrader's own command, which grades one after another.
BY_NBGRADER = (
    "equal-to-everything",
    "ast-transformer",
    "duplicated-checks",
    "keeps-hidden-data",
    "imports-the-checks",
    "updates-an-output",
    "prints-as-training-does",
    "swallows-the-alarm",
)
LIMITS = {
    "cell_cpu_s": 6.0,
    "cell_wall_s": 40.0,
    "cpu_s": 40.0,
    "memory_bytes": 700 * 2**20,
    "disk_bytes": 64 * 2**20,
}


def footprint(root: Path) -> dict[str, str]:
    """Contents of everything that no submission may change."""
    found = {}
    for name in ("solutions", "submitted", "course"):
        for folder, _, names in os.walk(root / name):  # passes over what is too deep for a path
            for path in (Path(folder, name) for name in names):
                if path.is_file() and not path.is_symlink():
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def class_room(checkout, built, tmp_path_factory) -> Path:
    """A course of its own with every submission handed in, and a gradebook."""
    from nbgrader.apps import NbGraderAPI

    from vaxlab.authoring import build

    root = tmp_path_factory.mktemp("hostile")
    shutil.copytree(built, root, dirs_exist_ok=True)
    shutil.copy(checkout / "nbgrader_config.py", root)
    for notebook in root.glob(f"*/{ASSIGNMENT}/*.ipynb"):
        if notebook.stem != bank.NAME:
            notebook.unlink()
    released = root / "course" / ASSIGNMENT / f"{bank.NAME}.ipynb"
    for attack in ATTACKS:
        folder = root / "submitted" / attack.name / ASSIGNMENT
        folder.mkdir(parents=True)
        attack.build(nbformat.read(released, as_version=4), folder)
    for student, build_folder in readers.LINKED.items():
        folder = root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        build_folder(nbformat.read(released, as_version=4), folder)
    for student, (solved, _) in HONEST.items():
        folder = root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        bank.save(bank.solve(nbformat.read(released, as_version=4), *solved), folder)
    api = NbGraderAPI(config=build.settings(root))
    assert api.generate_assignment(ASSIGNMENT)["success"]
    return root


@pytest.fixture(scope="module")
def graded(class_room, bubblewrap) -> dict[str, classroom.Row]:  # noqa: F811
    """Everything graded at once, and nobody's files are changed by it."""
    before = footprint(class_room)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_OF_THE_GRADER", "hunter2")
        rows = classroom.grade(class_room, ASSIGNMENT, limits=LIMITS, progress=False)
    by_student = {row.student: row for row in rows}
    assert footprint(class_room) == before
    return by_student


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.row}-{attack.name}")
def test_an_attack_earns_what_its_honest_cells_earn(graded, attack, record_property):
    row = graded[attack.name]
    what = f"{row.state}{': ' if row.said else ''}{row.said}, neighbours unharmed"
    told = f"{attack.row:>3}  {attack.name:<40}{row.points:>4g} of {attack.points:<4g}{what}"
    record_property("attack", told[:200])
    wanted = 0.0 if row.state == "held" else attack.points
    assert (row.points, row.state in attack.state) == (wanted, True), row


@pytest.mark.parametrize("student", HONEST)
def test_honest_neighbours_get_their_points(graded, student):
    row = graded[student]
    assert (row.points, row.state) == (HONEST[student][1], "graded"), row


def test_the_grader_learns_what_happened_in_a_sentence(graded):
    for attack in ATTACKS:
        row = graded[attack.name]
        assert row.said or row.state == "graded"
        assert len(row.said) < 400


def autograded(root: Path, student: str) -> str:
    """Text of what the instructor opens."""
    return (root / "autograded" / student / ASSIGNMENT / f"{bank.NAME}.ipynb").read_text()


def shown(root: Path, student: str) -> list[str]:
    """What the learner's own cells printed, and the errors that they ended in."""
    return [
        str(output.get("text", output.get("evalue", "")))
        for cell in nbformat.reads(autograded(root, student), as_version=4).cells
        for output in cell.get("outputs", [])
        if not cell.metadata.get("nbgrader", {}).get("grade")
    ]


@pytest.mark.parametrize("student", readers.LINKED)
def test_a_link_to_anothers_work_is_not_graded_and_named(graded, student):
    assert (graded[student].state, graded[student].points) == ("skipped", 0.0)
    assert "link" in graded[student].said


def test_what_came_with_a_hidden_call_is_seen_nowhere_else(class_room, graded):
    text = "".join(shown(class_room, "keeps-hidden-data"))
    assert text.count("SEEN []") == 2
    assert "KEPT" not in text.replace("KEPT 1 2", "")  # but for its own call


def test_outputs_are_cleaned_last(class_room, graded):
    notebook = nbformat.reads(autograded(class_room, "updates-an-output"), as_version=4)
    text = str([cell.get("outputs", []) for cell in notebook.cells])
    assert "<script" not in text
    assert "onerror" not in text


def test_a_loop_that_prints_is_shown_as_far_as_nbgrader_shows_lines(class_room, graded):
    assert "epoch 900: loss" in "".join(shown(class_room, "prints-as-training-does"))


def test_nothing_of_the_judge_is_in_the_learners_room(class_room, graded):
    text = shown(class_room, "imports-the-checks")
    assert any(line.startswith("SEEN []") for line in text)


@pytest.mark.parametrize("student", ["snoops", "reads-history"])
def test_no_secret_is_seen(class_room, graded, student):
    assert any(text.startswith("SEEN []\n") for text in shown(class_room, student))
    assert "hunter2" not in autograded(class_room, student)


def test_a_flood_is_stopped_or_drowns_in_its_own_memory_and_reaches_nobody(class_room, graded):
    text = autograded(class_room, "endless-output")
    assert len(text) < 2 * Limits().output_bytes
    assert graded["endless-output"].state == "stopped" or "MemoryError" in text


def test_nothing_in_an_output_or_a_text_can_run(class_room, graded):
    for student in ("script-in-outputs", "script-in-markdown"):
        notebook = nbformat.reads(autograded(class_room, student), as_version=4)
        shown = "".join(
            str(output.get("data", {}).get("text/html", "")) + str(sorted(output.get("data", {})))
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if not cell.metadata.get("nbgrader", {}).get("grade")
        )
        text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        for danger in ("<script", "<iframe", "<svg", "<img", "javascript'", "image/svg"):
            assert danger not in shown
        assert "<script" not in text
        assert "<img src=x" not in text


def test_what_has_not_changed_is_not_graded_again(class_room, graded):
    before = (class_room / "autograded").stat().st_mtime_ns
    rows = classroom.grade(class_room, ASSIGNMENT, limits=LIMITS, progress=False)
    assert {row.student: row.points for row in rows} == {
        student: row.points for student, row in graded.items()
    }
    assert all(row.unchanged for row in rows if row.state != "skipped")
    assert (class_room / "autograded").stat().st_mtime_ns == before


def test_a_second_grader_is_told_to_wait(class_room, graded):
    from vaxlab.errors import CourseError

    with classroom._lock(class_room), pytest.raises(CourseError, match="at work"):
        classroom.grade(class_room, ASSIGNMENT)


def test_the_table_has_a_line_for_everyone(graded):
    text = classroom.table(list(graded.values()))
    assert len(text.splitlines()) == len(graded) + 2
    assert all(student in text for student in graded)


def test_nbgraders_own_command_gives_the_same_points(class_room, graded, tmp_path):
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI

    from vaxlab.authoring import build

    config = build.settings(class_room)
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    config.CourseDirectory.release_directory = str(tmp_path / "release")
    config.CourseDirectory.autograded_directory = "autograded-again"
    config.Execute.limits = LIMITS
    api = NbGraderAPI(config=config)
    assert api.generate_assignment(ASSIGNMENT, force=True)["success"]
    for student in BY_NBGRADER:
        said = api.autograde(ASSIGNMENT, student)
        assert said["success"], said["log"]
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        handed = gradebook.assignment_submissions(ASSIGNMENT)
        points = {found.student_id: float(found.score) for found in handed}
    assert points == {student: graded[student].points for student in BY_NBGRADER}


def test_no_page_of_anybody_runs_what_they_wrote(class_room, graded, chromium, tmp_path):
    from nbgrader.apps import NbGraderAPI

    from vaxlab.authoring import build

    assert NbGraderAPI(config=build.settings(class_room)).generate_feedback(ASSIGNMENT)["success"]
    pages = sorted((class_room / "feedback").glob(f"*/{ASSIGNMENT}/*.html"))
    assert len(pages) == sum(row.state != "skipped" for row in graded.values())
    problems = []
    with lab.browse(chromium, tmp_path / "profile", problems) as page:
        page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
        for path in pages:
            page.goto(path.as_uri())
            if page.locator("[data-figure]").count():
                page.locator("body[data-drawn]").wait_for(state="attached")
            assert page.url == path.as_uri()
            assert problems == [], path.parts[-3]
