"""A workshop as it is held: released, fetched, worked on, handed in, graded, handed back."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser import lab_driver as lab
from conftest import LEARNERS
from nbgrader import utils
from playwright.sync_api import Browser, Page, expect, sync_playwright

RIGHT, EMPTY, HOSTILE = LEARNERS
SLOW_MS = 180_000
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=lab.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def log_in(browser: Browser, workshop):
    """Log somebody in, in a browser without a past."""

    def log_in(name: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(SLOW_MS)
        page.goto(workshop.address)
        page.fill("#username_input", name)
        page.fill("#password_input", workshop.passwords[name])
        page.click("#login_submit")
        page.wait_for_url(f"**/user/{name}/**", timeout=SLOW_MS)
        return page

    return log_in


@pytest.fixture(scope="module")
def pictures(checkout: Path) -> Path:
    return checkout / "test-artefacts" / "classroom"


@pytest.fixture(scope="module")
def teacher(log_in, workshop) -> Page:
    """The formgrader."""
    return log_in("vaxtest-teacher")


def row(page: Page, name: str):
    """Return the row of an assignment in the formgrader."""
    page.goto(page.url.split("/formgrader")[0] + "/formgrader/manage_assignments")
    found = page.locator("#main_table tbody tr", has=page.locator(f"text={name}")).first
    expect(found).to_be_visible(timeout=SLOW_MS)
    return found


def press(page: Page, name: str, kind: str) -> None:
    """Press one of the buttons of an assignment's row, and wait until it is done."""
    row(page, name).locator(f"td.{kind} a").click()
    done = page.locator(".modal.in .modal-body, .modal.show .modal-body")
    expect(done).to_contain_text("uccessful", timeout=SLOW_MS)
    page.locator(".modal.in button.close, .modal.show button.close").first.click()


def test_a_day_is_made_and_released(teacher, pictures, workshop):
    press(teacher, "day1", "generate")
    press(teacher, "day1", "release")
    expect(row(teacher, "day1").locator(".status")).to_contain_text("released")
    lab.screenshot(teacher, pictures, "formgrader-released")
    assert (workshop.home / "exchange" / "vaxlab" / "outbound" / "day1").is_dir()


def assignments(page: Page):
    lab.menu(page, "Nbgrader", "Assignment List")
    panel = page.locator(".nbgrader-mainarea, #nbgrader-assignment-list, .jp-AssignmentList").first
    expect(page.get_by_text("Released assignments")).to_be_visible()
    return panel


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_fetches_what_is_released(log_in, released, name, pictures):
    page = log_in(name)
    assignments(page)
    lab.screenshot(page, pictures, f"assignments-{name}")
