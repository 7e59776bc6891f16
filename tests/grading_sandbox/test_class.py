"""A class is graded whole, whatever happens to its graders, its gradebook and its machine."""

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from hostile import bank

from grading_sandbox.conftest import ANSWERS, Course, Program, copy_of, still_there
from vaxlab import cli
from vaxlab.errors import CourseError
from vaxlab.grading import classroom, handback, provisioner
from vaxlab.grading.limits import Limits

VAXLAB = str(Path(sys.executable).with_name("vaxlab"))
GRADE = (VAXLAB, "grade", "day1", "--json")
#: For more: VAXLAB_TEST_KILLS=10 pytest -k killed
KILLS = int(os.environ.get("VAXLAB_TEST_KILLS", "4"))
#: Somebody else holds the gradebook for so long.
HELD_S = 30
#: For another size: VAXLAB_TEST_CLASS=200 pytest -k crowd
CLASS = 30
GIB = 2**30
pytestmark = pytest.mark.play


def wait_for(happens: Callable[[], object], limit_s: float = 90) -> object:
    """Wait until something happens; return it."""
    deadline = time.monotonic() + limit_s
    while not (found := happens()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def stages(course: Course) -> list[Path]:
    """Folders of submissions that somebody works on."""
    return list((course.root / ".cache" / "grading").glob("stage-*"))


def assert_whole(course: Course) -> None:
    """Everybody is graded exactly once and rightly; no trace of whoever was killed is left."""
    assert course.points() == course.expected
    for student in course.expected:
        folder = course.root / "autograded" / student / "day1"
        notebook = nbformat.read(folder / f"{bank.NAME}.ipynb", as_version=4)
        assert notebook.cells[bank.place(notebook, "trust-twins-check")].outputs
    remembered = course.root / ".cache" / "grading" / "day1"
    assert len(list(remembered.iterdir())) == len(course.expected)
    assert all(json.loads(path.read_text())["rows"] for path in remembered.iterdir())
    assert not stages(course)
    with classroom._lock(course.root):
        pass


def by_student(rows: list[classroom.Row]) -> dict[str, classroom.Row]:
    """Rows by student; a course here has one notebook."""
    assert len({row.student for row in rows}) == len(rows)
    return {row.student: row for row in rows}


@dataclass
class Disturbed:
    """A run that was disturbed, one that came too early, and one that was left alone."""

    course: Course
    rows: list[dict]
    early: subprocess.CompletedProcess
    again: list[dict]
    seconds: float  # the first run's


@pytest.fixture(scope="module")
def disturbed(bubblewrap, one_exercise, tmp_path_factory) -> Disturbed:
    """Grade a class, kill one of its workers, and start a second grader meanwhile."""
    course = copy_of(one_exercise, tmp_path_factory.mktemp("disturbed") / "course")
    course.hand_in_all(8)
    began = time.monotonic()
    first = Program(*GRADE, cwd=course.root)
    try:
        wait_for(lambda: stages(course))
        first.named("forkserver")[-1].kill()
        first.process.send_signal(signal.SIGSTOP)  # or it may be done before the second has begun
        early = subprocess.run(GRADE, cwd=course.root, capture_output=True, text=True, timeout=120)
        first.process.send_signal(signal.SIGCONT)
        rows = json.loads(first.output())
        seconds = time.monotonic() - began
    finally:
        first.end()
    said = subprocess.run(GRADE, cwd=course.root, capture_output=True, text=True, timeout=300)
    return Disturbed(course, rows, early, json.loads(said.stdout), seconds)


def test_a_second_grader_is_told_to_wait_and_harms_nothing(disturbed):
    assert disturbed.early.returncode == 1
    assert disturbed.early.stdout == ""
    assert "Another `vaxlab grade` is at work in this checkout." in disturbed.early.stderr
    assert disturbed.early.stderr.count("\n") == 1
    assert_whole(disturbed.course)


def test_a_killed_worker_costs_nobody_a_grade(disturbed):
    assert {row["student"] for row in disturbed.rows} == set(disturbed.course.expected)
    for row in disturbed.rows:
        assert row["state"] == "graded" or (row["state"], bool(row["said"])) == ("failed", True)
    assert {row["student"]: row["points"] for row in disturbed.again} == disturbed.course.expected
    assert_whole(disturbed.course)


def test_a_grader_killed_at_random_moments_is_finished_by_the_next(
    course, disturbed, program, bubblewrap
):
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    # One moment in each part of a run, in any order, so that none of its phases is spared. The
    # run that was disturbed takes half as long again as others.
    run_s = 0.65 * disturbed.seconds
    moments = [run_s * (part + dice.random()) / KILLS for part in range(KILLS)]
    dice.shuffle(moments)
    alive = 0
    print(f"seed {seed}, moments {[round(moment, 2) for moment in moments]}")
    # The oldest of each: not a worker, but what workers are forked from.
    others = {1: "forkserver", 2: "vaxlab.grading.warm"}
    for turn, moment in enumerate(moments):
        course.hand_in_all(6, turn)
        grader = program(*GRADE, cwd=course.root)
        time.sleep(moment)
        for victim in grader.named(others.get(turn, "nobody"))[:1]:
            victim.kill()
        family = grader.family()
        alive += grader.process.poll() is None
        grader.process.kill()
        grader.process.wait()
        left = still_there(family | grader.family())
        assert not left, f"after {moment:.2f} s in turn {turn}"
    assert alive > KILLS / 2, "the runs had ended before they were to be killed"
    rows = json.loads(program(*GRADE, cwd=course.root).output())
    assert {row["student"]: row["points"] for row in rows} == course.expected
    assert {row["state"] for row in rows} == {"graded"}
    assert_whole(course)


def grade(course: Course, cluster: tuple, **options: object) -> dict[str, classroom.Row]:
    """Grade on the cluster that these tests share."""
    rows = classroom.grade(course.root, "day1", scheduler=cluster[0], progress=False, **options)
    return by_student(rows)


@dataclass
class Crowd:
    """What became of a large class, and how much memory that took."""

    course: Course
    rows: dict[str, classroom.Row]
    memory: list[int]
    seconds: float


#: What a cell behind the check does, the state that it must come to, and words that must be said.
BROKEN = {
    "not-json": ("", ["rejected: .* cannot be read as a notebook"]),
    "killed-kernel": ("import os\nos.kill(os.getpid(), 9)", ["stopped: .* ended the interpreter"]),
    # Whichever limit is met first: the grader's, or the memory of the cell's own process, which
    # holds what it has not sent yet.
    "endless-output": (
        "while True: print('x' * 10_000)",
        ["stopped: .* printed more than", "stopped: .* of memory", "graded: .*MemoryError"],
    ),
    "endless-loop": ("while True: pass", ["stopped: .* ran for more than 4 s"]),
    "memory-bomb": (
        "x = []\nwhile True: x.append(bytearray(10**8))",
        ["stopped: .* of memory", "graded: .*MemoryError"],
    ),
}
SLOW = "import time\ntime.sleep(6)"


def proportional_bytes(pids: list[int]) -> int:
    """Return the memory of some processes, pages that they share counted once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


@pytest.fixture(scope="module")
def crowd(cluster, one_exercise, tmp_path_factory) -> Crowd:
    """Grade a large class with broken submissions among the honest, and watch the memory.

    The first to use the cluster: its processes hold what each course in turn has left with them.
    """
    course = copy_of(one_exercise, tmp_path_factory.mktemp("crowd") / "course")
    course.hand_in_all(int(os.environ.get("VAXLAB_TEST_CLASS", CLASS)))
    for name, (cell, _) in BROKEN.items():
        folder = course.hand_in(f"broken-{name}", "right", after=cell)
        if not cell:
            (folder / f"{bank.NAME}.ipynb").write_text("{'cells': [")
            course.expected[f"broken-{name}"] = 0.0
    course.hand_in("slow", "right", after=SLOW)
    memory, over = [], threading.Event()
    ours = proportional_bytes([os.getpid()])  # whatever the tests before this file have left

    def watch() -> None:
        while not over.wait(0.5):
            families = cluster[1].family() | cluster[2].family()
            pids = [process.pid for process in families]
            memory.append(proportional_bytes([*pids, os.getpid()]) - ours)

    thread = threading.Thread(target=watch)
    thread.start()
    began = time.monotonic()
    limits = {"cell_cpu_s": 4.0, "cell_wall_s": 60.0, "memory_bytes": 512 * 2**20}
    try:
        rows = grade(course, cluster, limits=limits)
    finally:
        over.set()
        thread.join()
    made = Crowd(course, rows, memory, time.monotonic() - began)
    typical = sorted(memory)[len(memory) // 2] / GIB
    print(f"{len(rows)} submissions in {made.seconds:.1f} s")
    print(f"memory: {typical:.2f} GiB as a rule, {max(memory) / GIB:.2f} GiB at most")
    return made


def test_a_crowd_is_graded_rightly_whoever_is_among_it(crowd):
    assert {name: row.points for name, row in crowd.rows.items()} == crowd.course.expected
    honest = [row for name, row in crowd.rows.items() if not name.startswith("broken-")]
    assert {row.state for row in honest} == {"graded"}
    assert_whole(crowd.course)


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_in_a_crowd_is_said(crowd, name):
    row = crowd.rows[f"broken-{name}"]
    graded = crowd.course.root / "autograded" / row.student / "day1" / f"{bank.NAME}.ipynb"
    errors = [
        output.ename
        for cell in nbformat.read(graded, as_version=4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert graded.stat().st_size < 2 * Limits().output_bytes  # no flood reaches the instructor
    told = f"{row.state}: {row.said} {' '.join(errors)}"
    assert any(re.match(words, told) for words in BROKEN[name][1]), told


def test_memory_stays_bounded_in_a_crowd(crowd):
    assert len(crowd.memory) > 5
    assert max(crowd.memory) < 3 * GIB


def test_an_answer_that_is_slow_only_on_the_clock_is_graded(crowd):
    row = crowd.rows["slow"]
    assert row.seconds > 6
    assert (row.state, row.points) == ("graded", ANSWERS["right"][1])


def test_a_cluster_elsewhere_gives_the_rows_of_the_local_one(course, cluster, disturbed, capfd):
    course.hand_in_all(len(disturbed.course.expected))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        assert cli.main(["grade", "day1", "--json", "--scheduler", cluster[0]]) == 0
    rows = json.loads(capfd.readouterr().out)
    ours, theirs = (
        [{key: row[key] for key in row.keys() - {"seconds", "unchanged"}} for row in given]
        for given in (rows, disturbed.again)
    )
    assert ours == theirs
    assert_whole(course)


def test_a_scheduler_that_is_not_there_is_said_in_a_sentence(course, monkeypatch, bubblewrap):
    course.hand_in("a", "right")
    monkeypatch.setattr(classroom, "ANSWER_LIMIT_S", 1)
    with pytest.raises(CourseError, match="No Dask scheduler answers at tcp://127.0.0.1:1"):
        classroom.grade(course.root, "day1", scheduler="tcp://127.0.0.1:1")


@contextmanager
def gradebook_held(course: Course, seconds: float) -> Iterator[list[float]]:
    """Hold the gradebook as soon as somebody is at work; the list gets how long that was."""
    held = []

    def hold() -> None:
        wait_for(lambda: stages(course))
        owner = sqlite3.connect(course.root / "gradebook.db", timeout=60, isolation_level=None)
        owner.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        time.sleep(seconds)
        owner.execute("ROLLBACK")
        owner.close()
        held.append(time.monotonic() - began)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield held
    finally:
        thread.join()


def test_a_gradebook_held_by_somebody_is_waited_for_and_nobody_is_lost(course, cluster):
    course.hand_in_all(4)
    with gradebook_held(course, HELD_S) as held:
        rows = grade(course, cluster)
    assert held
    assert max(row.seconds for row in rows.values()) > HELD_S / 2
    assert {row.state for row in rows.values()} == {"graded"}
    assert_whole(course)


def test_a_gradebook_that_nobody_lets_go_is_said_in_a_sentence(course, monkeypatch, bubblewrap):
    course.hand_in("a", "right")
    monkeypatch.setattr(classroom, "LOCK_LIMIT_S", 0.5)
    owner = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    owner.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(CourseError, match=r"cannot be used: .*database is locked"):
            classroom.grade(course.root, "day1")
    finally:
        owner.close()


def test_postgresql_holds_the_scores_that_sqlite_holds(course, cluster, postgres, capfd):
    from nbgrader.apps import NbGraderAPI

    from vaxlab.authoring import build

    course.hand_in_all(4)
    grade(course, cluster)
    config = build.settings(course.root)
    config.CourseDirectory.db_url = postgres
    assert NbGraderAPI(config=config).generate_assignment("day1", force=True)["success"]
    capfd.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        options = ["--gradebook", postgres, "--scheduler", cluster[0]]
        assert cli.main(["grade", "day1", "--json", *options]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert not any(row["unchanged"] for row in rows)
    assert {row["student"]: row["points"] for row in rows} == course.expected
    assert course.points(postgres) == course.points() == course.expected
    here, there = (
        handback.table(handback.read(course.root, "day1", url)) for url in ("", postgres)
    )
    assert here == there


def test_a_server_that_is_not_there_is_said_without_its_password(course, bubblewrap):
    course.hand_in("a", "right")
    with pytest.raises(CourseError, match="cannot be used") as raised:
        classroom.grade(
            course.root, "day1", gradebook="postgresql+psycopg://me:secret@127.0.0.1:1/grades"
        )
    assert "secret" not in str(raised.value)


def test_a_warm_process_that_is_killed_costs_nobody_points(course, cluster):
    course.hand_in_all(6)
    killed = []

    def kill() -> None:
        wait_for(lambda: stages(course))
        warm = wait_for(lambda: cluster[2].named("vaxlab.grading.warm"))
        killed.extend(warm[:1])
        warm[0].kill()

    thread = threading.Thread(target=kill)
    thread.start()
    rows = grade(course, cluster)
    thread.join()
    assert killed
    assert {row.state for row in rows.values()} == {"graded"}
    assert_whole(course)


def task_of(course: Course, student: str, fingerprint: str = "as it is") -> classroom.Task:
    """What a worker is told."""
    return classroom.Task(str(course.root), "day1", student, {bank.NAME: fingerprint}, course.url)


def test_two_workers_never_grade_one_submission_at_once(course, cluster):
    from dask.distributed import Client

    course.hand_in("a", "right")
    task = task_of(course, "a")
    with Client(cluster[0]) as client:
        with classroom._stage(task) as stage:
            futures = [client.submit(classroom.grade_one, task, pure=False) for _ in range(2)]
            time.sleep(1)
            assert not any(future.done() for future in futures)
            assert not list(stage.iterdir())
        rows = [future.result(timeout=120)[0] for future in futures]
    assert sorted(row.unchanged for row in rows) == [False, True]
    assert [row.points for row in rows] == [2.0, 2.0]
    assert_whole(course)


def test_what_a_killed_grader_has_left_of_another_version_is_not_taken_for_a_grade(
    course, cluster, monkeypatch
):
    course.hand_in("a", "right")
    grade(course, cluster)
    course.hand_in("a", "none")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classroom, "_autograde", killed)
    with pytest.raises(KeyboardInterrupt):
        classroom.grade_one(task_of(course, "a", "another"))
    course.hand_in("a", "right")
    assert not grade(course, cluster)["a"].unchanged
    assert_whole(course)


def test_an_emptied_gradebook_is_filled_again(course, cluster, one_exercise):
    course.hand_in_all(3)
    grade(course, cluster)
    shutil.copy(one_exercise / "gradebook.db", course.root)
    assert not any(row.unchanged for row in grade(course, cluster).values())
    assert_whole(course)


def test_points_given_by_hand_show_without_grading_again(course, cluster):
    from nbgrader.api import Gradebook

    course.hand_in("a", "one way")
    grade(course, cluster)
    with Gradebook(course.url) as gradebook:
        found = gradebook.find_grade("trust-twins-check", bank.NAME, "day1", "a")
        found.manual_score = 2.0
        gradebook.db.commit()
    row = grade(course, cluster)["a"]
    assert (row.points, row.unchanged) == (2.0, True)


def test_a_worker_without_a_sandbox_refuses(course, monkeypatch):
    course.hand_in("a", "right")
    monkeypatch.setattr(provisioner, "no_sandbox", lambda: "bubblewrap is not installed")
    with pytest.raises(CourseError, match="bubblewrap is not installed"):
        classroom.grade_one(task_of(course, "a"))
    assert course.points() == {}


#: Mounts for a grader alone: its folder is read-only, or there is no room for its work.
POOR = {
    "read-only": "mount --bind . . && mount -o remount,ro,bind . && cd .",
    "full": "mkdir -p .cache && mount -t tmpfs -o size=4k none .cache",
}


@pytest.mark.parametrize("place", POOR)
def test_a_full_or_read_only_disk_is_said_in_a_sentence(course, program, bubblewrap, place):
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("Nothing may be mounted here, so no disk was full.")
    course.hand_in_all(2)
    # A new look at the folder, through the mount.
    script = f'{POOR[place]} && cd "$PWD" && exec "$@"'
    grader = program(*unshare, "sh", "-c", script, "sh", *GRADE, cwd=course.root)
    output, errors = grader.output(), grader.errors.read_text()
    assert grader.process.returncode == (1 if place == "read-only" else cli.SOME_FAILED)
    assert "Traceback" not in output + errors
    if place == "read-only":
        assert "Read-only file system" in errors
        assert errors.count("\n") == 1
    else:
        rows = json.loads(output)
        assert {row["state"] for row in rows} == {"failed"}
        assert all("No space left on device" in row["said"] for row in rows)
        assert not any(course.points().values())  # what failed waits for a person


def test_a_notebook_that_sleeps_has_a_limit_on_the_clock(course, bubblewrap):
    course.hand_in("sleepy", "right", after="import time\ntime.sleep(60)")
    course.hand_in("awake", "right")
    rows = classroom.grade(course.root, "day1", limits={"wall_s": 20}, progress=False)
    by_name = {row.student: row for row in rows}
    assert by_name["sleepy"].state == "stopped"
    assert "took more than 20 s on the clock" in by_name["sleepy"].said
    assert by_name["awake"].state == "graded"
    assert course.points() == course.expected  # what was checked before counts


def test_a_submission_that_fails_keeps_no_older_grade_as_final(course, monkeypatch, bubblewrap):
    course.hand_in("learner", "right")
    (row,) = classroom.grade(course.root, "day1", progress=False)
    assert (row.state, row.points) == ("graded", 2.0)
    course.hand_in("learner", "none")
    monkeypatch.setattr(classroom, "_autograde", lambda *_: {"success": False, "error": "Oh no"})
    task = classroom.Task(str(course.root), "day1", "learner", {bank.NAME: "new"}, course.url)
    (row,) = classroom.grade_one(task)
    assert (row.state, row.points, row.said) == ("failed", 0.0, "Oh no")
    marks = handback.read(course.root, "day1")
    (learner,) = marks.learners
    assert learner.open


def test_checks_of_another_kind_are_refused_before_anybody_is_graded(course, bubblewrap):
    course.hand_in("learner", "right")
    path = course.root / "solutions" / "day1" / f"{bank.NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    check = next(c for c in notebook.cells if "twins(globals())" in c.source)
    check.source = "assert antigen_ratio(1, 1) == 1"
    nbformat.write(notebook, path)
    with pytest.raises(CourseError, match="does not end in its result"):
        classroom.grade(course.root, "day1", progress=False)
    assert course.points() == {}
