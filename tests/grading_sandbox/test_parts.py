"""What was not graded stays as it was, and is no final 0 anywhere."""

import csv
import shutil
from pathlib import Path

import nbformat
import pytest
from hostile import bank

from grading_sandbox.conftest import ANSWERS, Course, copy_of
from grading_sandbox.test_handed_in import TIMES, before, imported, write
from vaxlab.authoring import build
from vaxlab.errors import CourseError
from vaxlab.grading import classroom, handback, provisioner, report

pytestmark = pytest.mark.play
FIRST, SECOND = bank.NAME, "2-again"
RIGHT, ONE_WAY = ANSWERS["right"][1], ANSWERS["one way"][1]


@pytest.fixture(scope="module")
def two_notebooks(one_exercise, tmp_path_factory) -> Path:
    """A checkout with the same exercise in two notebooks; for copies."""
    from nbgrader.apps import NbGraderAPI

    root = tmp_path_factory.mktemp("two") / "notebooks"
    shutil.copytree(one_exercise, root)
    day = root / "solutions" / "day1"
    shutil.copy(day / f"{FIRST}.ipynb", day / f"{SECOND}.ipynb")
    api = NbGraderAPI(config=build.settings(root))
    assert api.generate_assignment("day1", force=True)["success"]
    return root


@pytest.fixture
def course(two_notebooks, tmp_path) -> Course:
    """Two notebooks, and two learners with the right answers in both."""
    course = copy_of(two_notebooks, tmp_path / "course")
    for student in ("ada", "bob"):
        hand_in(course, student, "right", "right")
    return course


def hand_in(course: Course, student: str, first: str, second: str) -> Path:
    """Hand in two notebooks; return their folder."""
    folder = course.hand_in(student, second)
    (folder / f"{FIRST}.ipynb").rename(folder / f"{SECOND}.ipynb")
    course.hand_in(student, first)
    return folder


def grade(course: Course, cluster: tuple, **options: object) -> dict[tuple, classroom.Row]:
    """Grade on the cluster that these tests share; rows by learner and notebook."""
    rows = classroom.grade(course.root, "day1", scheduler=cluster[0], progress=False, **options)
    return {(row.student, row.notebook): row for row in rows}


def learners(course: Course) -> dict[str, handback.Learner]:
    """What goes into every export, by name."""
    return {one.student: one for one in handback.read(course.root, "day1").learners}


def exported(course: Course) -> dict[str, dict[str, str]]:
    """What `nbgrader export` writes, by learner."""
    from nbgrader.apps.exportapp import ExportApp

    target = course.root / "exported.csv"
    config = build.settings(course.root)
    config.ExportPlugin.to = str(target)
    app = ExportApp(config=config)
    app.load_config_file = lambda *_, **__: None  # the settings are there
    app.initialize([])
    app.start()
    with target.open(encoding="utf-8") as stream:
        return {row["student_id"]: row for row in csv.DictReader(stream)}


def graded_copy(course: Course, student: str, notebook: str) -> tuple[bytes, int]:
    """What an instructor opens, and when it was written."""
    path = course.root / "autograded" / student / "day1" / f"{notebook}.ipynb"
    return path.read_bytes(), path.stat().st_mtime_ns


def test_a_partial_run_leaves_every_other_notebook_as_it_was(course, cluster):
    grade(course, cluster)
    others = [("ada", SECOND), ("bob", FIRST), ("bob", SECOND)]
    before_it = [graded_copy(course, *other) for other in others]
    hand_in(course, "ada", "one way", "right")
    (row,) = grade(course, cluster, student="ada", notebook=FIRST).values()
    assert (row.points, row.unchanged) == (ONE_WAY, False)
    assert learners(course)["ada"].points == {FIRST: ONE_WAY, SECOND: RIGHT}
    assert learners(course)["bob"].points == {FIRST: RIGHT, SECOND: RIGHT}
    assert [graded_copy(course, *other) for other in others] == before_it
    assert all(row.unchanged for row in grade(course, cluster).values())


def test_after_a_first_partial_run_the_rest_is_not_graded_yet_and_final_nowhere(course, cluster):
    (row,) = grade(course, cluster, student="ada", notebook=FIRST).values()
    assert row.points == RIGHT
    ada = learners(course)["ada"]
    assert ada.points == {FIRST: RIGHT}
    assert ada.open == [
        f"{SECOND} is not graded yet: grade the whole assignment with `vaxlab grade`."
    ]
    assert not ada.is_final
    marks = handback.read(course.root, "day1")
    head, line = handback.table(marks)
    assert dict(zip(head, line, strict=True))[SECOND] == ""
    for rows in (handback.moodle(marks, "Day 1"), handback.canvas(marks, "Day 1")):
        assert not any("ada" in row for row in rows)
    assert exported(course)["ada"]["score"] == exported(course)["ada"]["raw_score"] == ""
    target, count = report.write(course.root, "day1")
    assert count == 1
    assert f"{SECOND} is not graded yet" in target.read_text()
    assert not grade(course, cluster)["ada", SECOND].unchanged
    assert learners(course)["ada"].is_final
    assert float(exported(course)["ada"]["score"]) == 2 * RIGHT


def test_only_what_was_handed_in_anew_is_graded_again(course, cluster):
    grade(course, cluster)
    hand_in(course, "ada", "right", "one way")
    rows = grade(course, cluster)
    assert {key for key, row in rows.items() if not row.unchanged} == {("ada", SECOND)}
    assert learners(course)["ada"].points == {FIRST: RIGHT, SECOND: ONE_WAY}
    # What both could import has changed for both.
    write("helpers.py", "x = 1")(course.root / "submitted" / "bob" / "day1")
    rows = grade(course, cluster)
    changed = {key for key, row in rows.items() if not row.unchanged}
    assert changed == {("bob", FIRST), ("bob", SECOND)}


def test_a_notebook_under_another_name_waits_and_is_graded_once_it_is_renamed(course, cluster):
    grade(course, cluster)
    folder = hand_in(course, "ada", "right", "one way")
    (folder / f"{SECOND}.ipynb").rename(folder / f"{SECOND} (1).ipynb")
    row = grade(course, cluster)["ada", SECOND]
    assert (row.state, "2-again (1).ipynb" in row.said) == ("missing", True)
    assert learners(course)["ada"].points == {FIRST: RIGHT}
    assert exported(course)["ada"]["score"] == ""
    page = (course.root / "autograded" / "ada" / "day1" / f"{SECOND}.ipynb").read_text()
    assert "looks like it" in page
    assert grade(course, cluster)["ada", SECOND].state == "missing"
    (folder / f"{SECOND} (1).ipynb").rename(folder / f"{SECOND}.ipynb")
    assert grade(course, cluster)["ada", SECOND].points == ONE_WAY
    assert learners(course)["ada"].is_final


def test_who_has_handed_in_only_one_notebook_has_a_final_grade(course, cluster):
    (course.root / "submitted" / "ada" / "day1" / f"{SECOND}.ipynb").unlink()
    grade(course, cluster)
    assert learners(course)["ada"].points == {FIRST: RIGHT, SECOND: 0.0}
    assert learners(course)["ada"].is_final
    assert float(exported(course)["ada"]["score"]) == RIGHT


def test_nothing_to_grade_is_said_with_the_folders_that_were_passed_over(course, cluster):
    shutil.rmtree(course.root / "submitted")
    (course.root / "submitted" / "ada" / "Day1").mkdir(parents=True)
    with pytest.raises(CourseError, match="It holds Day1"):
        grade(course, cluster)


def test_nbgrader_s_own_steps_give_each_learner_a_page_whatever_the_name(
    one_exercise, cluster, tmp_path
):
    from nbgrader.apps import NbGraderAPI

    course = copy_of(one_exercise, tmp_path / "course")
    for student, answer in {"li[2]": "right", "li2": "none", "a*": "one way"}.items():
        course.hand_in(student, answer)
    imported("helpers", **{"helpers.py": ANSWERS["right"][0]})(course.hand_in("ada", "none"))
    course.expected["ada"] = RIGHT
    write("timestamp.txt", TIMES["tomorrow"])(course.root / "submitted" / "li2" / "day1")
    api = NbGraderAPI(config=build.settings(course.root))
    told = api.autograde("day1", "*")
    assert told["success"], told
    assert "timestamp.txt was left aside" in told["log"]
    assert course.points() == course.expected
    assert {row.points for row in grade(course, cluster).values()} == {0.0, ONE_WAY, RIGHT}
    told = api.generate_feedback("day1")
    assert told["success"], told
    for student in course.expected:
        folder = course.root / "feedback" / student / "day1"
        assert [path.name for path in folder.iterdir()] == [f"{FIRST}.html"]


@pytest.mark.parametrize("kind", ["none", "all"])
def test_without_a_judge_too_settings_for_the_eye_cost_nothing(
    one_exercise, tmp_path, monkeypatch, kind
):
    def no_warm_process() -> str:
        raise provisioner.NoWarmProcess("kernels are forked on Linux only, and this is darwin")

    course = copy_of(one_exercise, tmp_path / "course")
    before(f'%config InteractiveShell.ast_node_interactivity = "{kind}"')(
        course.hand_in("ada", "right")
    )
    imported("helpers", **{"helpers.py": ANSWERS["right"][0]})(course.hand_in("bob", "none"))
    monkeypatch.setattr(provisioner, "address", no_warm_process)
    for student in ("ada", "bob"):
        prints = {FIRST: "as it is"}
        task = classroom.Task(str(course.root), "day1", student, prints, course.url, trusted=True)
        (row,) = classroom.grade_one(task)
        assert (row.points, row.state) == (RIGHT, "graded"), row


def test_a_release_holds_no_source_and_a_graded_copy_no_module(one_exercise, cluster, tmp_path):
    course = copy_of(one_exercise, tmp_path / "course")
    (course.root / "solutions" / "day1" / f"{FIRST}.py").write_text("answer = 42")
    write("helpers.py", "x = 1")(course.hand_in("ada", "right"))
    from nbgrader.apps import NbGraderAPI

    api = NbGraderAPI(config=build.settings(course.root))
    assert api.generate_assignment("day1", force=True)["success"]
    grade(course, cluster)
    for folder in (course.root / "course", course.root / "autograded"):
        assert not list(folder.rglob("*.py"))
    graded = nbformat.read(
        course.root / "autograded" / "ada" / "day1" / f"{FIRST}.ipynb", as_version=4
    )
    assert "answer = 42" not in str(graded)
