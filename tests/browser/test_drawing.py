"""A causal graph that is drawn in a real JupyterLab: by mouse, finger, keys, and as text."""

import re
from pathlib import Path

import lab_driver as lab
import nbformat
import pytest
import wcag
from playwright.sync_api import Locator, Page, expect

NOTEBOOK = "day1/1-trust.ipynb"
VARIABLES = ["season", "serum lot", "moi", "glucose_concentration_24h", "yield"]
DRAW = f"""\
from vaxlab import graphs
drawing = graphs.Drawing({VARIABLES!r}, text="season -> serum lot  # winter lots")
drawing"""
LOOK = "print(drawing.edges)"
FIRST = ("season", "serum lot")
SECOND = ("serum lot", "yield")


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Path:
    """A learner's own checkout; one notebook holds a drawing and a cell that reads it."""
    folder = tmp_path_factory.mktemp("drawing")
    lab.copy_checkout(checkout, folder)
    path = folder / "course" / NOTEBOOK
    book = nbformat.read(path, as_version=4)
    book.cells = [nbformat.v4.new_code_cell(code) for code in (DRAW, LOOK)]
    nbformat.write(book, path)
    return folder


@pytest.fixture(scope="module")
def opened(page: Page) -> Page:
    page.set_viewport_size({"width": 1280, "height": 1200})
    lab.go_to_start_page(page)
    lab.open_notebook(page, NOTEBOOK)
    return page


@pytest.fixture
def notebook(opened: Page) -> Page:
    """The notebook with a drawing as it is at first."""
    lab.run(opened, lab.cell(opened, "graphs.Drawing"))
    expect(spot(opened, "season")).to_be_attached()
    # The picture asks for a layout of its own width, and moves once.
    opened.wait_for_timeout(800)
    return opened


def widget(page: Page) -> Locator:
    return page.locator(f"{lab.PANEL} .vaxlab-graph")


def spot(page: Page, name: str) -> Locator:
    """The button over a variable, or over an edge."""
    return widget(page).locator(f".vg-spot[aria-label^='{name}.']")


def said(page: Page) -> Locator:
    return widget(page).get_by_role("status")


def field(page: Page) -> Locator:
    return widget(page).get_by_role("textbox")


def middle(where: Locator) -> tuple[float, float]:
    box = where.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def by_mouse(page: Page, cause: str, effect: str) -> None:
    page.mouse.move(*middle(spot(page, cause)))
    page.mouse.down()
    page.mouse.move(*middle(spot(page, effect)), steps=12)
    page.mouse.up()


def by_clicks(page: Page, cause: str, effect: str) -> None:
    for name in (cause, effect):
        page.mouse.click(*middle(spot(page, name)))


def by_finger(page: Page, cause: str, effect: str) -> None:
    fingers = page.context.new_cdp_session(page)
    (x0, y0), (x1, y1) = middle(spot(page, cause)), middle(spot(page, effect))

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    touch("touchStart", (x0, y0))
    for k in range(1, 13):
        touch("touchMove", (x0 + (x1 - x0) * k / 12, y0 + (y1 - y0) * k / 12))
    touch("touchEnd")


def by_keyboard(page: Page, cause: str, effect: str) -> None:
    """Tab into the picture, arrows to the cause, Enter, Tab to the effect, Enter."""
    widget(page).get_by_role("button", name="Tidy").focus()
    page.keyboard.press("Tab")
    expect(spot(page, VARIABLES[0])).to_be_focused()
    for _ in range(VARIABLES.index(cause)):
        page.keyboard.press("ArrowRight")
    expect(spot(page, cause)).to_be_focused()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text(f"From {cause}")
    step = VARIABLES.index(effect) - VARIABLES.index(cause)
    for _ in range(abs(step)):
        page.keyboard.press("Tab" if step > 0 else "Shift+Tab")
    page.keyboard.press("Enter")


def as_text(page: Page, cause: str, effect: str) -> None:
    field(page).press("ControlOrMeta+End")
    page.keyboard.type(f"\n{cause} → {effect}")


def edges(page: Page) -> str:
    """What the next cell says that is drawn."""
    look = lab.cell(page, LOOK)
    lab.run(page, look)
    return look.locator(".jp-OutputArea-output").inner_text().strip()


def expect_edges(page: Page, *expected: tuple[str, str]) -> None:
    count = widget(page).locator(".vg-edge")
    expect(count).to_have_count(len(expected))
    assert edges(page) == str(list(expected))


@pytest.mark.parametrize("draw", [by_mouse, by_clicks, by_finger, by_keyboard, as_text])
def test_an_edge_that_is_drawn_is_read_by_the_next_cell_and_undone(notebook: Page, draw):
    draw(notebook, *SECOND)
    expect(field(notebook)).to_have_value(
        "season -> serum lot  # winter lots\nserum lot {} yield".format(
            "→" if draw is as_text else "->"
        )
    )
    expect_edges(notebook, FIRST, SECOND)
    widget(notebook).get_by_role("button", name="Undo").click()
    expect(said(notebook)).to_contain_text("Undone")
    expect(field(notebook)).to_have_value("season -> serum lot  # winter lots")
    expect_edges(notebook, FIRST)


@pytest.mark.parametrize("draw", [by_mouse, by_finger, by_keyboard, as_text])
def test_a_cycle_is_refused_with_a_sentence_and_the_last_sound_graph_stays(notebook: Page, draw):
    field(notebook).press("ControlOrMeta+End")
    notebook.keyboard.type("\nserum lot -> yield")
    expect(widget(notebook).locator(".vg-edge")).to_have_count(2)
    notebook.wait_for_timeout(300)
    draw(notebook, "yield", "season")
    expect(said(notebook)).to_contain_text("closes a cycle: season → serum lot → yield → season")
    expect_edges(notebook, FIRST, SECOND)


def test_an_edge_is_removed_by_click_and_delete_by_button_and_by_keyboard(notebook: Page):
    edge = spot(notebook, "Edge season → serum lot")
    undo = widget(notebook).get_by_role("button", name="Undo")
    for way in ("Delete", "button", "keyboard"):
        if way == "keyboard":
            spot(notebook, "yield").focus()
            notebook.keyboard.press("Tab")
            expect(edge).to_be_focused()
            notebook.keyboard.press("Delete")
        else:
            notebook.mouse.click(*middle(edge))
            expect(edge).to_be_focused()
        if way == "Delete":
            notebook.keyboard.press("Delete")
        elif way == "button":
            widget(notebook).get_by_role("button", name="Remove edge").click()
        expect(said(notebook)).to_contain_text("Removed: season → serum lot")
        expect(field(notebook)).to_have_value("# winter lots")
        undo.click()
        expect(edge).to_be_attached()
    expect_edges(notebook, FIRST)


def test_a_text_that_cannot_be_read_is_kept_and_holds_up_the_pen(notebook: Page):
    as_text(notebook, "moi", "yeild")
    expect(said(notebook)).to_contain_text("Line 2: “yeild” is no variable here")
    expect(said(notebook)).to_contain_text("Do you mean “yield”?")
    by_mouse(notebook, *SECOND)
    expect(said(notebook)).to_contain_text("cannot be read as it stands")
    expect(field(notebook)).to_have_value("season -> serum lot  # winter lots\nmoi → yeild")
    expect_edges(notebook, FIRST)


def test_the_cell_sets_the_text_and_the_picture_follows(notebook: Page):
    look = notebook.locator(f"{lab.PANEL} .jp-CodeCell").nth(1)
    lab.type_in_cell(notebook, look, 'drawing.text = "moi -> yield"')
    expect(field(notebook)).to_have_value("moi -> yield")
    expect(spot(notebook, "Edge moi → yield")).to_be_attached()
    lab.type_in_cell(notebook, look, LOOK)


def test_an_edge_that_is_drawn_while_a_cell_runs_is_not_lost(notebook: Page):
    look = notebook.locator(f"{lab.PANEL} .jp-CodeCell").nth(1)
    look.locator(".cm-content").click()
    notebook.keyboard.press("ControlOrMeta+a")
    notebook.keyboard.insert_text("import time; time.sleep(8)")
    notebook.keyboard.press("Shift+Enter")
    expect(look.locator(".jp-InputPrompt")).to_have_text("[*]:")
    by_mouse(notebook, *SECOND)
    expect(said(notebook)).to_have_text(re.compile("has not answered yet|Drawn"), timeout=6000)
    lab.wait_idle(notebook)
    expect(said(notebook)).to_contain_text("Drawn: serum lot → yield")
    lab.type_in_cell(notebook, look, LOOK)
    expect_edges(notebook, FIRST, SECOND)


def test_a_kernel_that_is_gone_is_told_and_nothing_breaks(notebook: Page, problems: list[str]):
    lab.menu(notebook, "Kernel", "Shut Down Kernel")
    expect(notebook.locator(f"{lab.PANEL} .jp-Notebook-ExecutionIndicator")).to_be_attached()
    notebook.wait_for_timeout(1000)
    by_mouse(notebook, *SECOND)
    expect(said(notebook)).to_contain_text("The kernel has not answered")
    assert problems == []
    lab.menu(notebook, "Kernel", "Restart Kernel…")
    notebook.wait_for_timeout(1000)
    lab.wait_idle(notebook)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_drawing_reads_in_both_themes_and_on_a_narrow_page(
    notebook: Page, pictures: Path, theme: str, width: int
):
    name = f"drawing-{theme.split()[1].lower()}-{width}"
    field(notebook).fill(
        "season -> serum lot -> yield\nseason -> yield\nmoi -> glucose_concentration_24h -> yield"
    )
    expect(widget(notebook).locator(".vg-edge")).to_have_count(5)
    lab.set_theme(notebook, theme)
    widget(notebook).evaluate("(e, width) => { e.style.maxWidth = `${width}px`; }", width)
    widget(notebook).get_by_role("button", name="Tidy").click()
    notebook.wait_for_timeout(800)
    for spot_ in widget(notebook).locator(".vg-node").all():
        assert inside(spot_, widget(notebook).locator(".vg-stage"))
    assert widget(notebook).evaluate("e => e.scrollWidth <= e.clientWidth")
    spot(notebook, "Edge season → yield").focus()
    assert lab.least_contrast(widget(notebook)) >= 4.5
    lab.screenshot(notebook, pictures, name)
    lab.set_theme(notebook, "JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_drawing_is_clean_by_wcag(notebook: Page, axe: str, theme: str):
    field(notebook).fill("season -> serum lot -> yield\nseason -> yield")
    expect(widget(notebook).locator(".vg-edge")).to_have_count(3)
    lab.set_theme(notebook, theme)
    notebook.wait_for_timeout(500)
    broken = wcag.violations(notebook, axe, ".vaxlab-graph")
    lab.set_theme(notebook, "JupyterLab Light")
    assert broken == []


def inside(inner: Locator, outer: Locator) -> bool:
    a, b = inner.bounding_box(), outer.bounding_box()
    return all(
        b[at] - 1 <= a[at] and a[at] + a[size] <= b[at] + b[size] + 1
        for at, size in (("x", "width"), ("y", "height"))
    )


def test_a_saved_notebook_opens_and_draws_again_when_it_is_run(notebook: Page, problems: list[str]):
    by_mouse(notebook, *SECOND)
    expect(widget(notebook).locator(".vg-edge")).to_have_count(2)
    lab.save(notebook)
    lab.menu(notebook, "Kernel", "Shut Down Kernel")
    notebook.reload()
    expect(notebook.locator(f"{lab.PANEL} .jp-CodeCell").first).to_be_attached()
    lab.wait_idle(notebook)
    lab.cell(notebook, "graphs.Drawing").locator(".cm-content").click()
    notebook.keyboard.press("Shift+Enter")
    expect(spot(notebook, "season")).to_be_attached()
    by_mouse(notebook, *SECOND)
    expect(widget(notebook).locator(".vg-edge")).to_have_count(2)
    # ipywidgets itself says so, sooner or later, of every widget whose kernel is gone.
    problems[:] = [said for said in problems if "widget model not found" not in said]
