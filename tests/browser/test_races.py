"""What comes too early waits: a run for its kernel, a save for the one before it."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import lab_driver as lab
import nbformat
import pytest
from playwright.sync_api import Page, Route, expect

CELLS = 3
WORDS = "Waiting for the kernel…"
# Its code takes 5 s to come, as a large library's does on a slow machine.
LATE_WIDGET = """
import anywidget, traitlets

class Late(anywidget.AnyWidget):
    _esm = '''
      await new Promise(resolve => setTimeout(resolve, 5000));
      const render = ({ model, el }) => {
        const show = () => { el.textContent = model.get("text"); };
        model.on("change:text", show);
        show();
      };
      export default { render };
    '''
    text = traitlets.Unicode("as it began").tag(sync=True)

late = Late()
display(late)
late.text = "what came later"
"""


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Path:
    """A learner's own checkout; notebooks of the first days have a few quick cells each."""
    folder = tmp_path_factory.mktemp("newcomer")
    lab.copy_checkout(checkout, folder)
    quick = [f"print({i})" for i in range(CELLS)]
    for names, sources in (("day[12]/*.ipynb", quick), ("day3/1-*.ipynb", [LATE_WIDGET])):
        for path in (folder / "course").glob(names):
            book = nbformat.read(path, as_version=4)
            book.cells = [nbformat.v4.new_code_cell(source) for source in sources]
            nbformat.write(book, path)
    return folder


@contextmanager
def held_back(page: Page, asks: str, method: str) -> Iterator[None]:
    """Hold back what asks for something, as a slow machine would, until the block ends."""
    held: list[Route] = []
    late = True

    def hold(route: Route) -> None:
        if late and route.request.method == method:
            held.append(route)
        else:
            route.continue_()

    asked = re.compile(asks)
    page.route(asked, hold)
    yield
    assert lab.wait_until(page, lambda: held, limit_s=60)
    late = False
    # A route that was held belongs to its handler: it goes on before the handler is taken away.
    while held:
        held.pop().continue_()
    page.unroute(asked)


def no_kernel_yet(page: Page) -> AbstractContextManager[None]:
    return held_back(page, r"/api/sessions\?", "POST")


def run_all(page: Page) -> None:
    lab.menu(page, "Run", "Run All Cells")


def step_through(page: Page) -> None:
    page.locator(f"{lab.PANEL} .jp-CodeCell .cm-content").first.click()
    for _ in range(CELLS):
        page.keyboard.press("Shift+Enter")


@pytest.mark.parametrize(
    ("ask", "times", "link"),
    [(run_all, 1, "day1/1-"), (run_all, 2, "day1/2-"), (step_through, 1, "day1/3-")],
)
def test_cells_that_are_run_before_the_kernel_is_there_wait_and_run_once_in_their_order(
    page: Page, ask: Callable[[Page], None], times: int, link: str
):
    prompts = page.locator(f"{lab.PANEL} .jp-CodeCell .jp-InputPrompt")
    lab.go_to_start_page(page)
    with no_kernel_yet(page):
        lab.show_notebook(page, link)
        for _ in range(times):
            ask(page)
        expect(prompts.filter(has_text="[*]")).to_have_count(CELLS)
        expect(page.get_by_text(WORDS)).to_be_visible()
    expect(prompts).to_contain_text([f"[{number + 1}]" for number in range(CELLS)])
    expect(page.get_by_text(WORDS)).to_have_count(0)


def test_a_kernel_that_has_answered_is_waited_for_no_more(page: Page):
    lab.go_to_start_page(page)
    lab.open_notebook(page, "day1/4-")
    lab.run_all(page)
    expect(page.get_by_text(WORDS)).to_have_count(0)
    run_all(page)
    prompts = page.locator(f"{lab.PANEL} .jp-CodeCell .jp-InputPrompt")
    expect(prompts).to_contain_text([f"[{CELLS + number + 1}]" for number in range(CELLS)])
    assert page.get_by_text(WORDS).count() == 0


def test_a_save_that_is_asked_for_while_one_goes_on_by_itself_waits_for_it(page: Page):
    cell = page.locator(f"{lab.PANEL} .jp-CodeCell .cm-content").first
    held: list[Route] = []
    saves = re.compile(r"/api/contents/.*\.ipynb")

    def hold(route: Route) -> None:
        if route.request.method == "PUT" and not held:
            held.append(route)
            route.fetch()  # it is on the disk, and the page does not know yet
        else:
            route.continue_()

    page.route(saves, hold)
    cell.click()
    page.keyboard.type("# 1\n")
    assert lab.wait_until(page, lambda: held, limit_s=60)
    page.wait_for_timeout(1500)  # JupyterLab allows files to be half a second newer
    page.keyboard.type("# 2\n")
    page.keyboard.press("ControlOrMeta+s")
    page.wait_for_timeout(1500)
    held[0].continue_()
    page.unroute(saves)
    lab.save(page)
    assert page.locator(".jp-Dialog").count() == 0


def test_a_restart_that_is_asked_for_before_the_kernel_is_there_runs_all_cells_once(page: Page):
    prompts = page.locator(f"{lab.PANEL} .jp-CodeCell .jp-InputPrompt")
    lab.go_to_start_page(page)
    with no_kernel_yet(page):
        lab.show_notebook(page, "day2/1-")
        page.locator(f"{lab.PANEL} [data-command='notebook:restart-run-all']").click()
    page.locator(".jp-Dialog button.jp-mod-accept").click()  # the kernel is starting
    expect(prompts).to_contain_text([f"[{number + 1}]" for number in range(CELLS)])
    expect(page.get_by_text(WORDS)).to_have_count(0)


def test_a_restart_that_is_asked_for_before_the_notebook_has_named_its_kernel_runs_all_cells_once(
    page: Page,
):
    prompts = page.locator(f"{lab.PANEL} .jp-CodeCell .jp-InputPrompt")
    lab.go_to_start_page(page)
    # A notebook asks for its kernel once it knows whether there is a checkpoint of it.
    with held_back(page, r"/checkpoints", "GET"):
        lab.show_notebook(page, "day2/2-")
        page.locator(f"{lab.PANEL} [data-command='notebook:restart-run-all']").click()
        expect(page.get_by_text(WORDS)).to_be_visible()
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    expect(prompts).to_contain_text([f"[{number + 1}]" for number in range(CELLS)])
    expect(page.get_by_text(WORDS)).to_have_count(0)


def test_what_a_kernel_sends_to_a_widget_whose_code_comes_late_reaches_it(page: Page):
    lab.go_to_start_page(page)
    lab.open_notebook(page, "day3/1-")
    lab.run_all(page)
    expect(page.get_by_text("what came later", exact=True)).to_be_visible(timeout=20_000)
