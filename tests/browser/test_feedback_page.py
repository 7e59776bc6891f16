"""The page that a learner gets back, and the formgrader's, as people see them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import lab_driver as lab
import nbformat
import pytest
import wcag
from answers.day1 import trust
from grading_sandbox.conftest import find_bubblewrap
from nbformat import NotebookNode, v4
from playwright.sync_api import Page, expect

from vaxlab.authoring import build, source
from vaxlab.grading import classroom, provisioner

NAME, ASSIGNMENT, STUDENT = "1-trust", "day1", "müller"
#: Its first two exercises, with all that stands before them, are enough to look at.
LAST = "trust-tidy-check"
PHONE, DESK, PAPER = 390, 1280, 718
OWNED = "window.owned = 1"
OWN_CODE = f"""
import plotly.graph_objects as go
from IPython.display import HTML, SVG, display

display(HTML("<script>{OWNED}</script><img src=x onerror='{OWNED}'><svg onload='{OWNED}'/>"))
display(HTML("<a href='javascript:{OWNED}'>points</a><meta http-equiv=refresh content='0;url=/'>"))
display(HTML("<style>.total {{display: none}} body {{background: red}}</style>"))
display(HTML("<div style='position: fixed; inset: 0; background: red'>24 of 24 points</div>"))
display(HTML("<div class='vaxlab-check'><strong>✔ passed</strong> · 4 of 4 points</div>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='{OWNED}'></svg>"))
display(pd.DataFrame([range(40)], columns=[f"a_long_name_{{k}}" for k in range(40)]))
drawn = go.FigureWidget(go.Scattergl(y=[1, 3, 2], name="<img src=x onerror='{OWNED}'>"))
display(drawn.update_layout(title="</script><script>{OWNED}</script>", width=9999))
go.Figure(go.Bar(x=["a", "b"], y=[1, 2])).add_layout_image(source="https://example.org/pixel.png")
"""


def handed_in(notebook: NotebookNode) -> NotebookNode:
    """One right answer, one that is not attempted, and a cell of the learner's own."""
    right = next(a for a in trust.ANSWERS if a.grade_id == "trust-twins" and not a.says)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "trust-twins":
            cell.source = right.source
    notebook.cells.append(
        v4.new_markdown_cell(f"# Total: 24 of 24\n\n<img src=x onerror='{OWNED}'>")
    )
    notebook.cells.append(v4.new_code_cell(OWN_CODE))
    return notebook


def feedback(root: Path) -> Path:
    """Let nbgrader's own command write the page; return where it is."""
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT, "--force"]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    return root / "feedback" / STUDENT / ASSIGNMENT / f"{NAME}.html"


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Path:
    """A course with one graded submission."""
    from nbgrader.apps import NbGraderAPI

    root = tmp_path_factory.mktemp("graded")
    written = f"solutions/{ASSIGNMENT}/{NAME}.py"
    notebook = build.notebook(source.parse((checkout / written).read_text(), written))
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    notebook.cells = notebook.cells[: names.index(LAST) + 1]
    (root / "solutions" / ASSIGNMENT).mkdir(parents=True)
    nbformat.write(notebook, (root / written).with_suffix(".ipynb"))
    shutil.copy(checkout / "nbgrader_config.py", root)
    assert NbGraderAPI(config=build.settings(root)).generate_assignment(ASSIGNMENT)["success"]
    released = nbformat.read(root / "course" / ASSIGNMENT / f"{NAME}.ipynb", as_version=4)
    submitted = root / "submitted" / STUDENT / ASSIGNMENT
    submitted.mkdir(parents=True)
    nbformat.write(handed_in(released), submitted / f"{NAME}.ipynb")
    find_bubblewrap()
    trusted = bool(provisioner.no_sandbox())
    (row,) = classroom.grade(root, ASSIGNMENT, trust_submissions=trusted, progress=False)
    assert (row.state, row.points) == ("graded", 2.0)
    return root


@pytest.fixture(scope="module")
def page(folder, chromium, problems) -> Iterator[Page]:
    """A browser; what it shows changes from test to test."""
    with lab.browse(chromium, folder / "profile", problems) as page:
        yield page


@pytest.fixture(scope="module")
def address(folder) -> str:
    """Where the page lies on the disk."""
    return feedback(folder).as_uri()


@pytest.fixture
def opened(page, address) -> Page:
    """The learner's page on a desk, drawn."""
    page.set_viewport_size({"width": DESK, "height": 900})
    page.emulate_media(media="screen", color_scheme="light")
    page.goto(address)
    expect(page.locator("body[data-drawn]")).to_be_attached()
    return page


def fits(page: Page) -> bool:
    """Whether nobody has to scroll the page sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_shows_titles_outcomes_and_the_total(opened, pictures):
    rows = opened.locator(".overview tbody tr")
    expect(rows).to_contain_text(["Exercise 1 · Twins", "Exercise 2 · One column that can be used"])
    expect(rows).to_contain_text(["passed", "not attempted"])
    expect(opened.locator("footer .total")).to_have_text("Total: 2 of 6 points")
    expect(opened.locator("footer .total")).to_be_visible()
    lab.screenshot(opened, pictures, "feedback-light")


def test_a_hint_is_folded_and_opens_by_the_keyboard(opened):
    card = opened.locator("#x-trust-tidy-check")
    hint = card.locator("details", has=opened.get_by_text("Hint 1", exact=True)).last
    expect(hint.locator("p")).to_be_hidden()
    hint.locator("summary").focus()
    opened.keyboard.press("Enter")
    expect(hint.locator("p")).to_be_visible()


def test_figures_are_drawn_widgets_included(opened):
    drawn = opened.locator("[data-figure] .js-plotly-plot .main-svg:first-child")
    # The live batch, the twins, and two of the learner's own.
    expect(drawn).to_have_count(4)
    for figure in drawn.all():
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert 300 < box["width"] < DESK
    assert "Figure({" not in opened.content()


def test_nothing_of_a_learner_runs_or_covers_the_page(opened):
    assert opened.evaluate("window.owned") is None
    assert (
        opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    )
    frame = opened.locator(".showed", has_text="4 of 4 points")
    expect(frame).to_have_count(1)
    # What lies on top in the middle of the window is the page's own.
    top = "document.elementFromPoint(640, 60).closest('.showed') === null"
    assert opened.evaluate(top)
    expect(opened.locator("header .total")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast(opened, pictures, scheme):
    opened.emulate_media(color_scheme=scheme)
    lab.screenshot(opened, pictures, f"feedback-{scheme}")
    assert lab.least_contrast(opened.locator("main")) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_clean_by_wcag(opened, axe, scheme):
    opened.emulate_media(color_scheme=scheme)
    assert wcag.violations(opened, axe) == []


def test_a_phone_shows_all_of_it(opened, pictures):
    opened.set_viewport_size({"width": PHONE, "height": 844})
    opened.reload()
    expect(opened.locator("body[data-drawn]")).to_be_attached()
    assert fits(opened)
    lab.screenshot(opened, pictures, "feedback-phone")
    for name in (".wide", ".printed", "figure"):
        for place in opened.locator(name).all():
            assert place.bounding_box()["width"] <= PHONE


def test_paper_shows_all_of_it(opened, pictures):
    opened.set_viewport_size({"width": PAPER, "height": 1000})
    opened.reload()
    expect(opened.locator("body[data-drawn]")).to_be_attached()
    opened.emulate_media(media="print")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert fits(opened)
    lab.screenshot(opened, pictures, "feedback-paper")
    for table in opened.locator(".wide table").all():
        box = table.bounding_box()
        assert box["x"] + box["width"] <= PAPER


def test_the_formgrader_shows_the_same_and_takes_points_and_comments(
    page, folder, pictures, problems
):
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": DESK, "height": 900})
    instructor = (sys.executable, "-m", "jupyter", "lab", "--allow-root")
    with lab.serve(folder, *instructor) as printed:
        # JupyterLab's page takes the token; the formgrader's own pages do not keep it.
        page.goto(printed)
        # While JupyterLab loads it goes on to an address of its own, which would break the next.
        page.locator("#jp-MainMenu").wait_for()
        page.goto(printed.partition("/lab?")[0] + f"/formgrader/gradebook/{ASSIGNMENT}/{NAME}")
        page.locator("a[href*='/formgrader/submissions/']").first.click()
        expect(page.locator("body[data-drawn]")).to_be_attached()
        expect(page.locator(".overview tbody tr")).to_contain_text(["Exercise 1", "Exercise 2"])
        expect(page.locator("[data-figure] .js-plotly-plot")).to_have_count(4)
        assert page.evaluate("window.owned") is None
        lab.screenshot(page, pictures, "formgrader")
        points = page.locator("#trust-tidy-check")
        expect(points).to_have_attribute("placeholder", "0")
        with page.expect_response("**/api/grade/*"):
            points.fill("1.5")
            points.blur()
        comment = page.locator("#trust-tidy-comment")
        with page.expect_response("**/api/comment/*"):
            comment.fill("Begin with the **blanks**.")
            comment.blur()
    page.goto(feedback(folder).as_uri())
    card = page.locator("#x-trust-tidy-check")
    expect(card.locator(".verdict")).to_contain_text("1.5 of 4 points given by hand")
    expect(card.locator(".person strong")).to_have_text("blanks")
