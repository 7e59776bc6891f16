"""The explorer in a real JupyterLab: walked by mouse and by keys, read, and marked."""

import re
from pathlib import Path

import lab_driver as lab
import nbformat
import pytest
import wcag
from playwright.sync_api import Locator, Page, expect

NOTEBOOK = "day1/1-trust.ipynb"
MAKE = """\
import pandas as pd
from vaxlab.knowledge.explorer import Explorer
genes = [f"GENE:{k}" for k in range(1, 31)]
nodes = pd.DataFrame({
    "entity": ["DIS:1", "DIS:2", "CPD:1", *genes],
    "kind": ["disease", "disease", "compound"] + ["gene"] * 30,
    "name": ["green fever", "blue cough <b>x</b>", "lorivan", *(f"ABC{k}" for k in range(1, 31))],
})
rows = [(g, "promotes", "DIS:1", ("curated", "public", "internal")[k % 3])
        for k, g in enumerate(genes)]
rows += [("GENE:1", "protects_from", "DIS:2", "public"), ("GENE:2", "promotes", "DIS:2", "public"),
         ("CPD:1", "inhibits", "GENE:1", "internal"), ("CPD:1", "treats", "DIS:2", "curated")]
edges = pd.DataFrame(rows, columns=["head", "relation", "tail", "source"])
said = [("GENE:1", "promotes", "DIS:1", "A0001", k, f"Once more: ABC1 promotes it, {k}.", "for")
        for k in range(5)]
said += [("GENE:2", "promotes", "DIS:1", "A0002", 1, "ABC2 promotes <i>green</i> fever.", "for"),
         ("GENE:2", "promotes", "DIS:2", "A0003", 1, "ABC2 does not promote it.", "against"),
         ("GENE:1", "protects_from", "DIS:2", "A0004", 2, "ABC1 may protect.", "unsure"),
         ("CPD:1", "treats", "DIS:1", "A0005", 2, "Lorivan does not treat it.", "against")]
evidence = pd.DataFrame(said, columns=["head", "relation", "tail", "document", "sentence", "text",
                                       "stance"]).assign(year=2012)
explorer = Explorer(nodes, edges, evidence, start="DIS:1")
explorer"""
LOOK = "print(len(explorer.nodes), explorer.verdicts.values.tolist())"


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Path:
    """A learner's own checkout; one notebook holds an explorer and a cell that reads it."""
    folder = tmp_path_factory.mktemp("exploring")
    lab.copy_checkout(checkout, folder)
    path = folder / "course" / NOTEBOOK
    book = nbformat.read(path, as_version=4)
    book.cells = [nbformat.v4.new_code_cell(code) for code in (MAKE, LOOK)]
    nbformat.write(book, path)
    return folder


@pytest.fixture(scope="module")
def opened(page: Page) -> Page:
    page.set_viewport_size({"width": 1400, "height": 1600})
    lab.go_to_start_page(page)
    lab.open_notebook(page, NOTEBOOK)
    return page


@pytest.fixture
def notebook(opened: Page) -> Page:
    """The notebook with an explorer as it is at first."""
    lab.run(opened, lab.cell(opened, "Explorer(nodes"))
    expect(spots(opened)).to_have_count(13)
    opened.wait_for_timeout(500)
    return opened


def widget(page: Page) -> Locator:
    return page.locator(f"{lab.PANEL} .vaxlab-explorer")


def spots(page: Page) -> Locator:
    """The buttons over the nodes."""
    return widget(page).locator(".vg-node")


def spot(page: Page, name: str) -> Locator:
    return widget(page).locator(f".vg-spot[aria-label^='{name}']")


def tool(page: Page, name: str) -> Locator:
    return widget(page).get_by_role("button", name=name, exact=True)


def said(page: Page) -> Locator:
    return widget(page).get_by_role("status")


def details(page: Page) -> Locator:
    return widget(page).get_by_role("region", name="What was chosen")


def theory(page: Page) -> Locator:
    return widget(page).get_by_role("region", name="A theory")


def rows(page: Page) -> Locator:
    return widget(page).locator(".ve-pane tbody tr")


def click(page: Page, where: Locator, count: int = 1) -> None:
    """Click what lies on the canvas below a button, as the mouse does."""
    boxes = []
    for _ in range(50):  # until it stands still: the map may be on its way to another size
        boxes.append(where.bounding_box())
        if len(boxes) > 3 and boxes[-4:] == [boxes[-1]] * 4:
            break
        page.wait_for_timeout(100)
    box = boxes[-1]
    page.mouse.click(
        box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, click_count=count, delay=20
    )


def read_in_python(page: Page) -> str:
    """What the next cell says."""
    look = lab.cell(page, LOOK)
    lab.run(page, look)
    return look.locator(".jp-OutputArea-output").inner_text().strip()


def widen_by_button(page: Page) -> None:
    click(page, spot(page, "ABC1,"))
    tool(page, "Widen").click()


def widen_by_double_click(page: Page) -> None:
    click(page, spot(page, "ABC1,"), count=2)


def widen_by_keyboard(page: Page) -> None:
    tool(page, "Smaller").focus()
    # Past the three boxes' titles into the map, whose first node is the start.
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(spot(page, "green fever,")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(spot(page, "ABC1,")).to_be_focused()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("widen", [widen_by_button, widen_by_double_click, widen_by_keyboard])
def test_a_node_is_widened_and_folded_and_python_and_table_follow(notebook: Page, widen):
    widen(notebook)
    expect(said(notebook)).to_contain_text("Widened: ABC1 (GENE:1) brought 2 neighbours")
    expect(spots(notebook)).to_have_count(15)
    expect(rows(notebook)).to_have_count(16)
    assert read_in_python(notebook).startswith("15 ")
    spot(notebook, "ABC1,").focus()
    notebook.keyboard.press("-")
    expect(said(notebook)).to_contain_text("Folded")
    expect(spots(notebook)).to_have_count(13)
    assert read_in_python(notebook).startswith("13 ")


def test_a_click_hits_its_node_after_something_above_the_map_has_grown(notebook: Page):
    above = lab.cell(notebook, "Explorer(nodes").locator(".jp-Cell-inputWrapper")
    for grown in ("90px", "0px"):
        above.evaluate("(e, grown) => { e.style.paddingBottom = grown; }", grown)
        click(notebook, spot(notebook, "ABC1,"))
        expect(details(notebook)).to_contain_text("ABC1")
        click(notebook, spot(notebook, "ABC2,"))
        expect(details(notebook)).to_contain_text("ABC2")


def test_boxes_shrink_the_graph_to_one_source_and_back(notebook: Page):
    boxes = widget(notebook).locator("details", has_text="Sources")
    boxes.locator("summary").focus()
    notebook.keyboard.press("Enter")
    box = boxes.get_by_role("checkbox", name=re.compile("^curated"))
    expect(boxes.locator(".ve-line", has_text="curated")).to_contain_text("of 11")
    box.focus()
    notebook.keyboard.press("Space")
    expect(said(notebook)).to_contain_text("Hidden: source: curated")
    expect(boxes.locator(".ve-line", has_text="curated")).to_contain_text("hides 11")
    boxes.get_by_role("button", name="only internal").click()
    expect(said(notebook)).to_contain_text("Hidden: source: curated, public")
    expect(spots(notebook)).to_have_count(11)
    boxes.get_by_role("button", name="Show all").click()
    expect(spots(notebook)).to_have_count(13)


def test_the_sentences_of_an_edge_are_read_from_map_keys_and_table(notebook: Page):
    first = spot(notebook, "Edge ABC2 promotes green fever")
    ways = {
        "mouse": lambda: click(notebook, first),
        "table": lambda: (
            widget(notebook).get_by_role("button", name="Read: ABC2 promotes green fever").click()
        ),
        "keyboard": lambda: (spot(notebook, "ABC2,").focus(), notebook.keyboard.press("ArrowDown")),
    }
    for way, read in ways.items():
        spot(notebook, "green fever,").focus()
        expect(details(notebook)).not_to_contain_text("A0002")
        read()
        expect(details(notebook)).to_contain_text("A0002, sentence 1, 2012")
        expect(details(notebook)).to_contain_text("“ABC2 promotes <i>green</i> fever.”")
        expect(said(notebook)).to_contain_text("1 for, 0 against, 0 unsure")
        if way == "keyboard":
            expect(first).to_be_focused()
            notebook.keyboard.press("Escape")
            expect(spot(notebook, "ABC2,")).to_be_focused()


def test_the_table_is_sorted_and_walked_by_keyboard(notebook: Page):
    tool(notebook, "Nodes: 13").click()
    widget(notebook).locator("th button", has_text="Node").focus()
    notebook.keyboard.press("Enter")
    expect(widget(notebook).locator("th[aria-sort='ascending']")).to_have_text("Node ▲")
    names = rows(notebook).locator("td:first-child").all_inner_texts()
    assert len(names) == 13
    assert names == sorted(names)
    notebook.keyboard.press("Enter")
    expect(widget(notebook).locator("th[aria-sort='descending']")).to_have_text("Node ▼")
    assert rows(notebook).locator("td:first-child").all_inner_texts() == names[::-1]
    widget(notebook).locator(".ve-row").first.focus()
    notebook.keyboard.press("End")
    notebook.keyboard.press("Enter")
    expect(details(notebook)).to_contain_text(f"{names[0]} (")


def test_a_theory_is_looked_at_and_marked_and_python_knows(notebook: Page):
    fields = theory(notebook).get_by_role("combobox")
    fields.first.focus()
    notebook.keyboard.type("loriv")
    expect(widget(notebook).locator("datalist option")).to_have_attribute(
        "value", "lorivan (CPD:1)"
    )
    fields.first.fill("lorivan")
    notebook.keyboard.press("Enter")
    expect(said(notebook)).to_contain_text("3 paths of up to 3 steps between lorivan (CPD:1)")
    expect(spots(notebook)).to_have_count(5)
    expect(theory(notebook)).to_contain_text(
        "(treats), but no edge of this graph: 0 for, 1 against"
    )
    expect(theory(notebook)).to_contain_text("“Lorivan does not treat it.” A0005")
    theory(notebook).get_by_role("button", name="ABC2 promotes blue cough").click()
    expect(details(notebook)).to_contain_text("ABC2 does not promote it.")
    theory(notebook).get_by_role("radio", name="excluded").focus()
    notebook.keyboard.press("Space")
    theory(notebook).get_by_role("textbox", name="Note").fill("one path is denied")
    tool(notebook, "Keep verdict").click()
    expect(said(notebook)).to_contain_text("Kept: the theory of lorivan")
    expect(theory(notebook).locator("tbody")).to_contain_text("one path is denied")
    assert "'CPD:1', 'DIS:1', 'excluded', 'one path is denied', 3" in read_in_python(notebook)
    tool(notebook, "Back to the neighbourhood").click()
    expect(spots(notebook)).to_have_count(13)


def test_what_cannot_be_done_is_said_and_the_picture_stays(notebook: Page):
    start = widget(notebook).get_by_label("Start", exact=True)
    start.fill("gren fever")
    notebook.keyboard.press("Enter")
    expect(said(notebook)).to_have_text(
        "Not taken. “gren fever” is no node of this graph. Do you mean “green fever (DIS:1)”?"
    )
    expect(spots(notebook)).to_have_count(13)
    start.fill("lorivan")
    notebook.keyboard.press("Enter")
    expect(said(notebook)).to_contain_text("Start: lorivan (CPD:1)")
    expect(spots(notebook)).to_have_count(3)


def test_a_redraw_takes_less_than_a_tenth_of_a_second(notebook: Page):
    for _ in range(4):
        spot(notebook, "green fever,").focus()
        notebook.keyboard.press("+")
        notebook.wait_for_timeout(400)
    took = notebook.evaluate(
        "performance.getEntriesByName('vaxlab-explorer-redraw').map(e => e.duration)"
    )
    assert len(took) > 10
    assert sorted(took)[len(took) // 2] < 100


@pytest.mark.parametrize("width", [1200, 420])
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_explorer_reads_in_both_themes_and_on_a_narrow_page(
    notebook: Page, pictures: Path, theme: str, width: int
):
    lab.set_theme(notebook, theme)
    widget(notebook).evaluate("(e, width) => { e.style.maxWidth = `${width}px`; }", width)
    widen_by_keyboard(notebook)  # clicks have tests of their own; here the page is on the move
    expect(spots(notebook)).to_have_count(15)
    for title in widget(notebook).locator("summary").all():
        title.click()
    theory(notebook).get_by_role("combobox").first.fill("lorivan")
    tool(notebook, "Find paths").click()
    expect(said(notebook)).to_contain_text("3 paths")
    spot(notebook, "Edge ABC1 promotes green fever").focus()
    expect(details(notebook)).to_contain_text("For: 5")
    notebook.wait_for_timeout(500)
    assert widget(notebook).evaluate("e => e.scrollWidth <= e.clientWidth")
    assert lab.least_contrast(widget(notebook)) >= 4.5
    name = f"explorer-{theme.split()[1].lower()}-{width}"
    pictures.mkdir(parents=True, exist_ok=True)
    widget(notebook).screenshot(path=pictures / f"{name}.png")
    lab.set_theme(notebook, "JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_explorer_is_clean_by_wcag(notebook: Page, axe: str, theme: str):
    lab.set_theme(notebook, theme)
    widen_by_keyboard(notebook)
    expect(spots(notebook)).to_have_count(15)
    for title in widget(notebook).locator("summary").all():
        title.click()
    theory(notebook).get_by_role("combobox").first.fill("lorivan")
    tool(notebook, "Find paths").click()
    expect(said(notebook)).to_contain_text("3 paths")
    broken = wcag.violations(notebook, axe, ".vaxlab-explorer")
    lab.set_theme(notebook, "JupyterLab Light")
    assert broken == []


def test_a_kernel_that_is_gone_is_told_and_nothing_breaks(notebook: Page, problems: list[str]):
    lab.menu(notebook, "Kernel", "Shut Down Kernel")
    notebook.wait_for_timeout(1000)
    spot(notebook, "ABC1,").focus()
    notebook.keyboard.press("Enter")
    expect(said(notebook)).to_contain_text("The kernel has not answered")
    assert problems == []
    lab.menu(notebook, "Kernel", "Restart Kernel…")
    notebook.wait_for_timeout(1000)
    lab.wait_idle(notebook)
