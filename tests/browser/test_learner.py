"""The second user: a learner in JupyterLab, from the start page to the first points."""

import lab_driver as lab
import pytest
import wcag
from answers.day1 import trust
from playwright.sync_api import Page, expect

LINK = "day1/1-trust.ipynb"
# Rules of WCAG that JupyterLab 4.6 itself breaks, as axe-core counts them.
JUPYTERLAB_BREAKS = {
    "aria-allowed-attr",
    "aria-input-field-name",
    "aria-required-children",
    "button-name",
}


@pytest.fixture(scope="module")
def notebook(page, pictures) -> Page:
    """The first notebook, opened by its link on the start page, all its cells run."""
    page.set_viewport_size({"width": 1280, "height": 1200})
    lab.go_to_start_page(page)
    lab.open_notebook(page, LINK)
    lab.run_all(page)
    return page


def test_moving_a_slider_moves_the_figure(notebook, pictures):
    where = lab.cell(notebook, "live_batch")
    # The first slider is the MOI: far more virus at the start, a story told much earlier.
    slider = where.get_by_role("slider").first
    lines = lab.drawn(where)
    lab.screenshot(notebook, pictures, "slider-before")
    slider.press("End")
    assert lab.wait_until(notebook, lambda: lab.drawn(where) != lines)
    lab.screenshot(notebook, pictures, "slider-after")


def test_a_right_answer_says_passed_and_is_saved(notebook, pictures, folder):
    answer = next(answer for answer in trust.ANSWERS if not answer.says)
    lab.type_in_cell(notebook, lab.cell(notebook, "def antigen_ratio"), answer.source)
    lab.run(notebook, lab.cell(notebook, "trust.twins(globals())"))
    first = lab.check_of(notebook, 0)
    expect(first).to_contain_text("passed")
    expect(first).to_contain_text(f"{answer.points:g} of {answer.points:g} points")
    lab.screenshot(notebook, pictures, "a-right-answer")
    lab.save(notebook)
    assert "passed" in (folder / "course" / LINK).read_text()


def test_jupyterlab_breaks_no_rule_of_wcag_that_it_did_not_break_before(notebook, axe):
    broken = wcag.violations(notebook, axe, but=f"{lab.PANEL} .jp-OutputArea")
    assert {rule.partition(":")[0] for rule in broken} <= JUPYTERLAB_BREAKS
