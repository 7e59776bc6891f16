"""The course to read, opened from a disk as a reader does: two of its notebooks.

They have run for the linter already, whose tests this file follows on one worker.
"""

from collections.abc import Iterator
from pathlib import Path

import lab_driver as lab
import pytest
import wcag
from playwright.sync_api import Page, expect

from vaxlab.authoring import empty
from vaxlab.site import build

pytestmark = [
    pytest.mark.xdist_group("tests/authoring/test_course.py"),
    pytest.mark.timeout(1800),  # alone, the two notebooks are run first
]
TRUST, TARGETS = "day1/1-trust", "day4/3-top-ten"
PHONE, DESK, PAPER = 390, 1280, 718
SCHEMES, WIDTHS = ("light", "dark"), (DESK, PHONE)


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Path:
    """The site of two notebooks; in a copy of a page the first figure is folded away."""
    site = tmp_path_factory.mktemp("read") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(empty, "BUDGET_S", 2.0)  # as the linter's tests have it
        build.build(checkout, site, [TRUST, TARGETS])
    page = (site / f"{TRUST}.html").read_text(encoding="utf-8")
    before, figure, after = page.partition("<figure")
    inside, end, rest = after.partition("</figure>")
    folded = f"{before}<details><summary>Fold</summary>{figure}{inside}{end}</details>{rest}"
    (site / f"{TRUST}-folded.html").write_text(folded, encoding="utf-8")
    return site


@pytest.fixture(scope="module")
def page(folder, tmp_path_factory, chromium, problems) -> Iterator[Page]:
    """A browser; what it shows changes from test to test."""
    profile = tmp_path_factory.mktemp("profile")
    with lab.browse(chromium, profile, problems) as page:
        yield page


def show(page: Page, folder: Path, name: str, width: int = DESK, scheme: str = "light") -> Page:
    """Open a page and wait until its figures are drawn."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(media="screen", color_scheme=scheme)
    page.goto((folder / f"{name}.html").as_uri())
    if page.locator("[data-figure]").count():
        expect(page.locator("body[data-drawn]")).to_be_attached()
    return page


def fits(page: Page) -> bool:
    """Whether nobody has to scroll the page sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", [TRUST, TARGETS])
def test_figures_are_drawn_and_nothing_runs_over_the_edge(
    page, folder, pictures, name, scheme, width
):
    show(page, folder, name, width, scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert fits(page)
    drawn = page.locator("[data-figure] .js-plotly-plot .main-svg:first-child")
    expect(drawn).to_have_count(page.locator("[data-figure]").count())
    assert drawn.count() > 2
    for number, figure in enumerate(page.locator("figure").all()):
        figure.scroll_into_view_if_needed()
        assert figure.bounding_box()["width"] <= width
        if number < 2:
            lab.screenshot(page, pictures, f"read-{name[5:]}-{scheme}-{width}-{number}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_have_contrast_those_of_figures_too(page, folder, scheme):
    show(page, folder, TRUST, scheme=scheme)
    assert lab.least_contrast(page.locator(".bd-article")) >= 4.5


def test_search_finds_a_word_from_a_disk(page, folder, pictures):
    show(page, folder, "index")
    page.keyboard.press("ControlOrMeta+k")
    page.locator(".search-button__search-container input, dialog input").first.fill("censored")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li a[href*='1-trust']").first
    expect(found).to_be_visible()
    lab.screenshot(page, pictures, "read-search")
    found.click()
    expect(page.locator("h1")).to_contain_text("Can I trust the numbers?")


def test_hints_and_answers_open_by_the_keyboard(page, folder):
    show(page, folder, TRUST)
    for words in ("Hint 1", "Show an answer"):
        summary = page.locator("summary", has_text=words).first
        inside = summary.locator("xpath=following-sibling::*[1]")
        expect(inside).to_be_hidden()
        summary.focus()
        page.keyboard.press("Enter")
        expect(inside).to_be_visible()


def test_a_figure_in_a_fold_is_drawn_when_it_is_opened(page, folder):
    show(page, folder, f"{TRUST}-folded")
    figure = page.locator("details figure").first
    expect(figure.locator(".js-plotly-plot")).to_have_count(0)
    page.locator("summary", has_text="Fold").click()
    expect(figure.locator(".js-plotly-plot")).to_have_count(1)
    assert figure.locator(".js-plotly-plot .main-svg").first.bounding_box()["width"] > 500


def test_a_switch_overrules_the_readers_scheme(page, folder):
    show(page, folder, TRUST, scheme="light")
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        chosen = page.locator("button[data-mode='dark'], .dropdown-item[data-mode='dark']")
        if chosen.count():
            chosen.first.click()
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.evaluate("localStorage.clear()")


def test_paper_shows_all_of_it(page, folder, pictures):
    show(page, folder, TRUST, width=PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(500)  # figures are drawn anew
    assert fits(page)
    for place in page.locator(".wide table, .js-plotly-plot .main-svg:first-child").all():
        box = place.bounding_box()
        assert box["x"] + box["width"] <= PAPER
    lab.screenshot(page, pictures, "read-paper")


@pytest.mark.parametrize(("scheme", "width"), [("light", DESK), ("dark", PHONE)])
@pytest.mark.parametrize("name", ["index", "start", "search", "day1/index", TRUST, TARGETS])
def test_pages_are_clean_by_wcag(page, folder, axe, name, scheme, width):
    show(page, folder, name, width, scheme)
    page.evaluate(
        "document.querySelectorAll('.bd-article details').forEach(d => { d.open = true })"
    )
    page.wait_for_timeout(300)
    assert wcag.violations(page, axe) == []
