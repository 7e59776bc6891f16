"""The second user: a learner in JupyterLab, from the start page to the first points."""

from collections.abc import Iterator
from pathlib import Path

import lab_driver as lab
import pytest
from answers.day1 import trust
from playwright.sync_api import Page, expect

LINK = "day1/1-trust.ipynb"
EXERCISES = list(dict.fromkeys(answer.grade_id for answer in trust.ANSWERS))


@pytest.fixture(scope="module")
def pictures(checkout: Path) -> Path:
    """Where screenshots are kept for people; git ignores it."""
    return checkout / "test-artefacts" / "browser"


@pytest.fixture(scope="module")
def problems() -> list[str]:
    """What went wrong in the browser so far: nothing is allowed to."""
    return []


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory) -> Path:
    """A learner's own checkout."""
    folder = tmp_path_factory.mktemp("learner")
    lab.copy_checkout(built, folder)
    return folder


@pytest.fixture(scope="module")
def said_at_first() -> list[str]:
    """What the checks said when the notebook had run, and nobody had typed an answer."""
    return []


@pytest.fixture(scope="module")
def page(folder, chromium, problems, said_at_first, pictures) -> Iterator[Page]:
    """The notebook, opened by its link on the start page, all its cells run."""
    with lab.serve(folder) as address, lab.browse(chromium, folder / "profile", problems) as page:
        lab.open_lab(page, address)
        lab.screenshot(page, pictures, "1-start-page")
        lab.open_notebook(page, LINK)
        lab.screenshot(page, pictures, "2-notebook-as-opened")
        lab.run_all(page)
        said_at_first += lab.all_checks(page)
        yield page


@pytest.fixture(autouse=True)
def clean_console(page, problems) -> Iterator[None]:
    """After each test: no error in the browser's console, no request to the outside."""
    yield
    assert problems == []


@pytest.mark.parametrize("grade_id", EXERCISES)
def test_an_untouched_exercise_says_not_attempted(page, said_at_first, grade_id):
    assert "not attempted" in said_at_first[EXERCISES.index(grade_id)]


def test_moving_a_slider_moves_the_figure(page, pictures):
    where = lab.cell(page, "live_batch")
    # The first slider is the MOI: far more virus at the start, a story told much earlier.
    slider = where.get_by_role("slider").first
    lines = lab.drawn(where)
    lab.screenshot(page, pictures, "3-slider-before")
    slider.press("End")
    assert lab.wait_until(page, lambda: lab.drawn(where) != lines)
    lab.screenshot(page, pictures, "3-slider-after")


def test_a_right_answer_says_passed_and_is_saved(page, pictures, folder):
    answer = next(answer for answer in trust.ANSWERS if not answer.says)
    lab.type_in_cell(page, lab.cell(page, "def antigen_ratio"), answer.source)
    lab.run(page, lab.cell(page, "trust.twins(globals())"))
    first = lab.check_of(page, 0)
    expect(first).to_contain_text("passed")
    expect(first).to_contain_text(f"{answer.points:g} of {answer.points:g} points")
    lab.screenshot(page, pictures, "4-a-right-answer")
    lab.save(page)
    assert "passed" in (folder / "course" / LINK).read_text()


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_what_a_check_says_can_be_read(page, pictures, theme, width):
    page.set_viewport_size({"width": width, "height": 1200})
    lab.set_theme(page, theme)
    for number, grade_id in enumerate(EXERCISES):
        shown = lab.check_of(page, number)
        # 4.5:1 is what WCAG 2.1 asks of text, level AA.
        assert lab.least_contrast(shown) >= 4.5, grade_id
    lab.leaf_through(page, pictures, f"5-{theme.split()[-1].lower()}-{width}")


@pytest.mark.parametrize("width", [1280, 1920])
def test_no_two_texts_of_a_figure_overlap(page, width):
    page.set_viewport_size({"width": width, "height": 1200})
    assert lab.overlapping_texts(page) == []
