"""A cohort of one's own: other data and hidden plants, the same checks, and nothing half made."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vaxlab import cohort, data
from vaxlab.authoring import cohorts
from vaxlab.errors import CourseError

HIDDEN = re.compile(r"plant_seed=([\d_]+)")
FILES = {"manifest.json": b"{}", "batches.csv": b"batch_id\n"}


@pytest.fixture
def plain(course, edit, monkeypatch) -> Path:
    """The small course, with a hidden plant, and data that are made at once."""
    edit(course, "def check(given, right):", "def check(given, right, plant_seed=None):")
    edit(course, "float(1000))", "1000, plant_seed=4_829_020_353_282)")

    def made(of: cohort.Cohort) -> dict[str, bytes]:
        return FILES | {"manifest.json": json.dumps(of.in_manifest()).encode()}

    monkeypatch.setenv("VAXLAB_DATA", "nowhere")  # so that it is as before afterwards
    monkeypatch.delenv("VAXLAB_DATA")
    monkeypatch.setattr(data, "made", made)
    monkeypatch.setattr("vaxlab.plant.card.instructor_card", lambda seed: f"# Seed {seed}\n")
    return course


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../else", "give no path"),
        ("a/b", "give no path"),
        ("Spring", "small letters"),
        ("", "small letters"),
        ("-rf", "small letters"),
        ("a" * 41, "40 at the most"),
    ],
)
def test_a_name_that_is_no_folder_is_refused(plain, name, words):
    with pytest.raises(CourseError, match=words):
        cohorts.new(plain, name)
    assert not (plain / "cohorts").exists()


def test_a_cohort_is_made_once(plain):
    folder = cohorts.new(plain, "spring")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(CourseError, match="a cohort spring already"):
        cohorts.new(plain, "spring")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_folder_that_is_no_cohort_is_left_alone(plain):
    (plain / "cohorts" / "spring").mkdir(parents=True)
    (plain / "cohorts" / "spring" / "notes.txt").write_text("mine")
    with pytest.raises(CourseError, match="is no cohort"):
        cohorts.new(plain, "spring")
    assert [path.name for path in (plain / "cohorts" / "spring").iterdir()] == ["notes.txt"]


def test_a_cohort_is_not_made_inside_a_cohort(plain):
    with pytest.raises(CourseError, match="is a cohort itself"):
        cohorts.new(cohorts.new(plain, "spring"), "autumn")


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "Read-only")]
)
def test_a_cohort_that_cannot_be_written_leaves_nothing(plain, monkeypatch, number, words):
    def write(self, content):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(CourseError, match=words):
        cohorts.new(plain, "spring")
    assert not list((plain / "cohorts").iterdir())


def test_a_seed_below_zero_is_refused(plain):
    with pytest.raises(CourseError, match="from 0 on, not -1"):
        cohorts.new(plain, "spring", seed=-1)


def test_two_who_make_the_same_cohort_do_not_mix_theirs(plain, monkeypatch):
    made = data.made

    def meanwhile(of):
        monkeypatch.setattr(data, "made", made)
        cohorts.new(plain, "spring", seed=1)
        return made(of)

    monkeypatch.setattr(data, "made", meanwhile)
    with pytest.raises(CourseError, match="not empty"):
        cohorts.new(plain, "spring", seed=2)
    assert [path.name for path in (plain / "cohorts").iterdir()] == ["spring"]
    kept = cohort.of(plain / "cohorts" / "spring" / "datasets")
    again = cohort.of(cohorts.new(plain, "again", seed=1) / "datasets")
    assert kept.history_seed == again.history_seed


def test_an_interrupted_cohort_leaves_nothing(plain, monkeypatch):
    def made(of):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "made", made)
    with pytest.raises(KeyboardInterrupt):
        cohorts.new(plain, "spring")
    assert not list((plain / "cohorts").iterdir())


def test_each_cohort_has_plants_of_its_own_that_nobody_finds_by_counting(plain):
    def seeds(folder: Path) -> list[str]:
        text = (folder / "solutions" / "day1" / "1-tank.py").read_text()
        return [seed.replace("_", "") for seed in HIDDEN.findall(text)]

    found = [seeds(cohorts.new(plain, name)) for name in ("spring", "autumn")]
    assert all(len(seed) == 13 for one in found for seed in one)
    assert len({seed for one in [seeds(plain), *found] for seed in one}) == 3
    told = [cohort.of(plain / "cohorts" / name / "datasets") for name in ("spring", "autumn")]
    drawn = [number for one in told for number in (one.history_seed, one.library_seed)]
    assert len(set(drawn)) == 4


def test_the_same_seed_makes_the_same_cohort(plain):
    one, other = (cohorts.new(plain, name, seed=7) for name in ("spring", "autumn"))
    for path in (one / "solutions").rglob("*.*"):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()
    first, second = (cohort.of(folder / "datasets") for folder in (one, other))
    assert first.history_seed == second.history_seed


def test_only_hidden_tests_get_another_seed():
    text = (
        "practice = nine.practice(seed=1)\nresult = f(globals(), plant_seed=5)\n"
        "### BEGIN HIDDEN TESTS\nresult = f(globals(), plant_seed=1_000)\n"
        "### END HIDDEN TESTS\nprint(plant_seed=6)\n"
    )
    changed = cohorts.with_hidden_seed(text, 1234567890123)
    assert changed == text.replace("1_000", "1_234_567_890_123")


def test_learners_get_no_hidden_seed(plain):
    folder = cohorts.new(plain, "spring")
    hidden = HIDDEN.findall((folder / "solutions" / "day1" / "1-tank.py").read_text())
    assert hidden
    for path in (*folder.glob("course/**/*"), *folder.glob("datasets/**/*")):
        if path.is_file():
            assert not any(seed.encode() in path.read_bytes() for seed in hidden)


def test_learners_are_told_that_the_data_are_their_own(plain):
    folder = cohorts.new(plain, "spring")
    for path in (folder / "course").rglob("*.ipynb"):
        assert "a plant of its own" in "".join(json.loads(path.read_text())["cells"][1]["source"])


def test_data_that_name_no_cohort_are_the_published_ones(tmp_path):
    assert cohort.of(tmp_path) == cohort.PUBLISHED
    (tmp_path / "manifest.json").write_text('{"cohort": {"name": "x"}}')
    assert cohort.of(tmp_path) == cohort.PUBLISHED
    assert cohort.of("memory://nowhere") == cohort.PUBLISHED
    assert cohort.PUBLISHED.in_manifest() == {}


def test_a_process_meets_the_plant_of_the_data_that_it_reads(tmp_path):
    home = tmp_path / "datasets"
    home.mkdir()
    told = cohort.Cohort("spring", 123_456_789, 987_654_321)
    (home / "manifest.json").write_text(json.dumps(told.in_manifest()))
    asked = (
        "from vaxlab.plant.campaign import HISTORY_SEED; "
        "from vaxlab.literature import LIBRARY_SEED; print(HISTORY_SEED, LIBRARY_SEED)"
    )
    inside = tmp_path / "course" / "day1"
    inside.mkdir(parents=True)
    for where, named in ((inside, {}), ("/", {"VAXLAB_DATA": str(home)})):
        said = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=where,
            env={k: v for k, v in os.environ.items() if k != "VAXLAB_DATA"} | named,
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.split() == ["123456789", "987654321"]


def test_a_grader_adopts_a_cohort_and_leaves_the_published_course_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("VAXLAB_DATA", "nowhere")  # so that it is as before afterwards
    monkeypatch.delenv("VAXLAB_DATA")
    cohort.adopt(tmp_path)
    assert "VAXLAB_DATA" not in os.environ
    home = tmp_path / "datasets"
    home.mkdir()
    told = cohort.Cohort("spring", 123_456_789, 987_654_321)
    (home / "manifest.json").write_text(json.dumps(told.in_manifest()))
    cohort.adopt(tmp_path)
    assert os.environ["VAXLAB_DATA"] == str(home)


def test_a_proof_runs_the_solutions_with_both_plants(plain):
    folder = cohorts.new(plain, "spring")
    (proof,) = cohorts.prove(folder)
    assert proof == cohorts.Proof("day1/1-tank", checks=1, lost=(), draws=1)
    with pytest.raises(CourseError, match="day9"):
        list(cohorts.prove(folder, "day9"))


def test_a_hidden_plant_that_refuses_the_solution_is_drawn_anew(plain, edit):
    # Refuses the plant that is there, and accepts any other.
    folder = cohorts.new(plain, "spring", seed=7)
    path = folder / "solutions" / "day1" / "1-tank.py"
    (seed,) = HIDDEN.findall(path.read_text())
    refuses = f"2.0 * (given == right and plant_seed != {seed})"
    path.write_text(path.read_text().replace("2.0 * (given == right)", refuses))
    (proof,) = cohorts.prove(folder)
    assert (proof.lost, proof.draws) == ((), 2)
    assert HIDDEN.findall(path.read_text()) != [seed]
    assert path.with_suffix(".ipynb").read_text().count(seed) == 1  # in the line that refuses


def test_a_check_that_refuses_what_learners_see_is_told(plain):
    folder = cohorts.new(plain, "spring")
    path = folder / "solutions" / "day1" / "1-tank.py"
    refuses = "2.0 * (given == right and plant_seed is not None)"
    path.write_text(path.read_text().replace("2.0 * (given == right)", refuses))
    (proof,) = cohorts.prove(folder)
    assert proof.draws == 1
    assert proof.lost == ("tank-volume-check: 0 of 2 with the data that learners see",)
