"""The instructor's pack as it is seen: on screens, in the dark, on paper, by keyboard alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import lab_driver as lab
import pytest
import wcag
from playwright.sync_api import Page, sync_playwright

from vaxlab.authoring import pack

DAYS = (1, 2, 3, 4)
DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def written(checkout: Path, tmp_path_factory) -> Path:
    """The folder of the pack."""
    folder = tmp_path_factory.mktemp("pack")
    pack.write(checkout, folder)
    return folder


@pytest.fixture(scope="module")
def page(chromium, written) -> Iterator[Page]:
    """A browser without a network, which notes what it complains of."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=lab.FLAGS)
        page = browser.new_context(offline=True, viewport=DESK).new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        browser.close()
    assert not page.complaints


def test_slides_turn_by_keyboard_and_keep_their_place(page, written):
    page.goto((written / "day1" / "slides.html").as_uri())
    count = page.locator(".slide").count()
    shown = page.locator(".slide:visible")
    for key, place in (("ArrowRight", 2), ("Space", 3), ("PageUp", 2), ("End", count), ("Home", 1)):
        page.keyboard.press(key)
        assert shown.count() == 1
        assert shown.get_attribute("id") == f"s{place}"
        assert page.url.endswith(f"#s{place}")
    page.keyboard.press("ArrowLeft")
    assert shown.get_attribute("id") == "s1"


def test_notes_come_and_go(page, written):
    page.goto((written / "day1" / "slides.html").as_uri())
    place = page.locator(".slide:has(.notes)").first.get_attribute("id")
    page.goto(f"{(written / 'day1' / 'slides.html').as_uri()}#{place}")
    notes = page.locator(".slide:visible .notes")
    assert not notes.is_visible()
    page.keyboard.press("n")
    assert notes.is_visible()
    page.keyboard.press("n")
    assert not notes.is_visible()


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_slide_is_wider_than_the_screen(page, written, day, size):
    page.set_viewport_size(size)
    page.goto((written / f"day{day}" / "slides.html").as_uri())
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".slide")].filter(slide => {
          slide.classList.add("now");
          const is = slide.scrollWidth > slide.clientWidth + 1;
          slide.classList.remove("now");
          return is;
        }).map(slide => slide.id)"""
    )
    page.set_viewport_size(DESK)
    assert not wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["slides", "run-sheet", "cheat-sheet"])
def test_words_stand_out(page, written, scheme, name):
    page.emulate_media(color_scheme=scheme)
    page.goto((written / "day1" / f"{name}.html").as_uri())
    least = page.locator("main").evaluate(lab.LEAST_CONTRAST)
    page.emulate_media(color_scheme="light")
    assert least >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["slides", "run-sheet", "cheat-sheet"])
def test_pages_are_clean_by_wcag(page, written, axe, scheme, name):
    page.emulate_media(color_scheme=scheme)
    page.goto((written / "day1" / f"{name}.html").as_uri())
    broken = wcag.violations(page, axe)
    page.emulate_media(color_scheme="light")
    assert broken == []


@pytest.mark.parametrize("day", DAYS)
def test_a_cheat_sheet_is_one_page_of_paper(page, written, day):
    page.goto((written / f"day{day}" / "cheat-sheet.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_on_paper_each_slide_is_there(page, written):
    page.goto((written / "day1" / "slides.html").as_uri())
    count = page.locator(".slide").count()
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= count
