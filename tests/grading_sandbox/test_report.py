"""The class report: one file, right numbers in words, no network, nothing of a learner's runs."""

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from grading_sandbox.test_handback import fill
from vaxlab import cli
from vaxlab.errors import CourseError
from vaxlab.grading import handback, report

EVIL = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
)
TITLES = {"trust-b-check": "Exercise 1 · Second", "trust-a-check": "Exercise 2 · <b>First</b>"}
CLASS = {
    "ada": {"points": {"trust-a": 2.0, "trust-b": 4.0}, "at": "2026-11-20 10:00:00 UTC"},
    "bob": {"points": {"trust-a": 2.0, "trust-b": 1.0}, "at": "2026-11-21 10:00:00 UTC"},
    "cle": {"first_name": EVIL, "points": {"trust-a": 2.0}, "at": "2026-11-19 10:00:00 UTC"},
    "dan": {"last_name": EVIL, "points": {"trust-a": None, "trust-b": 4.0}},
    "eve": {"first_name": EVIL},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A class of five, one held and one absent."""
    return fill(tmp_path_factory.mktemp("report"), CLASS)


@pytest.fixture(scope="module")
def marks(course) -> handback.Marks:
    """What its gradebook holds."""
    return handback.read(course, "day1")


@pytest.fixture(scope="module")
def page(marks) -> str:
    """Its report."""
    return report.page(marks, TITLES)


def words(page: str) -> str:
    """What a page says, without scripts, styles and tags."""
    plain = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", plain)


def test_the_exercises_stand_in_the_notebooks_order_with_their_titles(marks):
    labels = [item.label for item in report.items(marks, TITLES)]
    assert labels[:2] == ["1-trust · Exercise 1 · Second", "1-trust · Exercise 2 · <b>First</b>"]
    assert labels[2] == "2-more · more-a"


def test_each_learner_with_a_final_grade_is_in_one_band_of_each_exercise(marks):
    second, first, more = report.items(marks, TITLES)
    assert second.bands() == [1, 1, 0, 1]
    assert first.bands() == [0, 0, 0, 3]
    assert more.bands() == [3, 0, 0, 0]


def test_what_all_solved_and_nobody_solved_is_named(page):
    said = words(page)
    assert "All points by everyone: 1-trust · Exercise 2" in said
    assert "No points by anyone: 2-more · more-a." in said


def test_the_held_are_named_and_counted_nowhere_else(page, marks):
    said = words(page)
    assert (
        "4 learners handed in, 1 of them without a final grade; 1 learner handed in nothing."
        in said
    )
    assert "1-trust held for review" in said
    assert all(len(item.earned) == 3 for item in report.items(marks, TITLES))


def test_each_figure_has_a_sentence_that_says_what_it_shows(page):
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert len(captions) == page.count('role="img"') == 2
    assert "0 of 10 on average" in captions[0]
    assert "from 19 November 2026 10:00 to 21 November 2026 10:00 UTC" in captions[1]


def test_nothing_that_a_learner_is_called_becomes_part_of_the_page(page):
    assert EVIL not in page
    assert page.count("<script") - page.count("<script>document.title") <= 4
    assert "<img" not in re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert "<b>First" not in page


def test_the_page_allows_no_connection_and_names_no_address_to_load(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    without = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<[^>]*(src|href)=", without)


def test_the_same_marks_give_the_same_page(marks, page):
    assert report.page(marks, TITLES) == page


def test_a_class_of_one_can_be_reported(tmp_path):
    root = fill(tmp_path, {"solo": {"points": {"trust-a": 2.0}}})
    target, count = report.write(root, "day1")
    said = words(target.read_text())
    assert count == 1
    assert "1 learner handed in" in said
    assert "not known when" in said


def test_a_class_that_is_all_held_has_no_figures_but_a_list(tmp_path):
    root = fill(tmp_path, {"held": {"points": {"trust-a": None}}})
    page = report.page(handback.read(root, "day1"), {})
    assert "<figure>" not in page
    assert "held for review" in words(page)


def test_a_class_of_nobody_is_told_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(fill(tmp_path, {"absent": {}}))
    assert cli.main(["report", "day1"]) == 1
    assert "nothing to report. Grade first" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))


def test_an_unknown_assignment_is_told_which_there_are(course):
    with pytest.raises(CourseError, match="It knows: day1"):
        report.write(course, "day3")


def test_titles_come_from_the_notebooks_that_were_handed_out(built):
    titles = report._titles(built, "day1")
    assert titles["trust-twins-check"] == "Exercise 1 · Twins"
    assert list(titles)[:2] == ["trust-twins-check", "trust-tidy-check"]


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """The report of two hundred learners, some of them with names that would run."""
    dice = random.Random(5)
    learners = {
        f"learner{number:03}": {
            "first_name": EVIL if number % 50 == 0 else f"First{number}",
            "points": {
                "trust-a": dice.choice([0.0, 1.0, 2.0]),
                "trust-b": dice.choice([None, 4.0, 4.0, 4.0, 2.5]),
                "more-a": float(dice.randrange(11)),
            },
            "at": f"2026-11-{dice.randrange(10, 20)} {dice.randrange(24):02}:00:00 UTC",
        }
        for number in range(200)
    }
    root = fill(tmp_path_factory.mktemp("large"), learners)
    return report.write(root, "day1")[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_hundred_learners_can_be_looked_at_in_a_browser(large, chromium, checkout, scheme):
    problems, asked = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            color_scheme=scheme, viewport={"width": 1200, "height": 900}, offline=True
        )
        page.on("console", lambda said: problems.append(said.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(large.as_uri())
        page.wait_for_selector("#over-time .point")
        assert page.title() == "day1: how the class did"
        assert page.locator("#by-exercise .bars .point").count() == 12
        assert page.locator("tbody tr").count() == 200
        axis = page.locator("#by-exercise .xtitle").first
        ink = axis.evaluate("element => getComputedStyle(element).fill")
        assert ink == {"light": "rgb(33, 33, 33)", "dark": "rgb(224, 224, 224)"}[scheme]
        pictures = checkout / "test-artefacts"
        pictures.mkdir(exist_ok=True)
        page.screenshot(path=pictures / f"class-report-{scheme}.png")
        browser.close()
    assert not problems
    assert asked == [large.as_uri()]
