"""An exercise begins anew from a cell's menu, in the notebook that is open."""

import json
import re

import lab_driver as lab
import pytest
from playwright.sync_api import expect

COMMAND = "Begin This Exercise Anew"
OWN = "def tidy_ha(raw):\n    return raw  # mine"


def source(folder, grade_id):
    book = json.loads((folder / "course" / "day1" / "1-trust.ipynb").read_text(encoding="utf-8"))
    (cell,) = [
        c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return "".join(cell["source"])


@pytest.fixture(scope="module")
def menu_of(page):
    """Open the menu of the cell that holds a text, and find the command in it."""
    lab.show_notebook(page, "day1/1-trust")

    def menu_of(text):
        lab.cell(page, text).locator(".cm-content").click(button="right")
        return page.locator(".lm-Menu-item", has_text=COMMAND)

    return menu_of


def test_the_stub_comes_back_and_the_own_answer_is_kept(page, folder, menu_of):
    stub = source(folder, "trust-tidy")
    lab.cell(page, "def tidy_ha").locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(OWN)
    lab.save(page)
    assert source(folder, "trust-tidy") == OWN
    menu_of("def tidy_ha").click()
    expect(
        page.get_by_text(re.compile("Exercise 2 is as it was handed out. Your own answer: kept/"))
    ).to_be_visible()
    (kept,) = (folder / "course" / "kept").iterdir()
    assert re.fullmatch(r"day1-1-trust-exercise-2-[\d-]+\.py", kept.name)
    assert kept.read_text(encoding="utf-8") == OWN + "\n"
    lab.save(page)
    assert source(folder, "trust-tidy") == stub


def test_its_check_is_a_cell_of_the_exercise_and_an_untouched_answer_leaves_no_copy(
    page, folder, menu_of
):
    before = len(list((folder / "course").glob("kept/*")))
    menu_of("result = trust.twins(globals())").click()
    expect(page.get_by_text(re.compile(r"Exercise 1 is as it was handed out\.$"))).to_be_visible()
    assert len(list((folder / "course").glob("kept/*"))) == before


def test_elsewhere_in_a_notebook_it_can_not_be_chosen(page, menu_of):
    item = menu_of("figures.live_batch()")
    expect(item).to_have_class(re.compile("lm-mod-disabled"))
    page.keyboard.press("Escape")


def test_the_menu_opens_by_keyboard_as_well(page, menu_of):
    lab.cell(page, "def find_errors").locator(".cm-content").click()
    page.keyboard.press("Shift+F10")
    item = page.locator(".lm-Menu-item", has_text=COMMAND)
    expect(item).to_be_visible()
    expect(item).not_to_have_class(re.compile("lm-mod-disabled"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Exercise 3 is as it was handed out.")).to_be_visible()
