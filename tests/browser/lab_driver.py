"""Drive JupyterLab as a person does: by what is seen, clicked and typed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import (
    ConsoleMessage,
    Locator,
    Page,
    Response,
    expect,
    sync_playwright,
)

# What keeps a headless Chromium from asking anything of the network or of a graphics card.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 60
expect.set_options(timeout=START_S * 1000)
RUN_S = 240
# The notebook in front; the tabs behind it stay in the page.
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# Outputs that no cell of the course has.
TROUBLE = ", ".join(
    f"[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("error", "stderr")
)

LEAST_CONTRAST = """
root => {
  const channels = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, alpha = 1] = channels(getComputedStyle(e).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const ink = e => getComputedStyle(e)[e instanceof SVGElement ? "fill" : "color"];
  const contrasts = [root, ...root.querySelectorAll("*")]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => [luminance(channels(ink(e))), luminance(behind(e))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  return Math.min(...contrasts);
}
"""

# A page on the disk, and what the pages of the course to read have beside them.
ON_DISK = r"\.html([?#]\S*)?|/_static/\S+|/searchindex\.js"

# Pairs of texts of one figure whose boxes share more than a sliver, which a line height has.
OVERLAPPING_TEXTS = """
plot => {
  const texts = [...plot.querySelectorAll("svg text")]
    .filter(text => text.textContent.trim() && !text.closest(".modebar, .hoverlayer"))
    .map(text => [text.textContent, text.getBoundingClientRect()])
    .filter(([_, box]) => box.width > 0);
  const shared = (low, high, low2, high2) => Math.min(high, high2) - Math.max(low, low2);
  const title = plot.querySelector(".gtitle")?.textContent;
  const pairs = [];
  texts.forEach(([text, a], i) => texts.slice(i + 1).forEach(([other, b]) => {
    if (shared(a.left, a.right, b.left, b.right) > 2
        && shared(a.top, a.bottom, b.top, b.bottom) > 4) pairs.push(`${title}: ${text} / ${other}`);
  }));
  return pairs;
}
"""


# Outputs wider than their place: their end is out of sight.
CUT_OFF = """
panel => [...panel.querySelectorAll(".jp-OutputArea-output")]
  .filter(output => output.scrollWidth > output.clientWidth + 2)
  .map(output => `${output.scrollWidth} px in ${output.clientWidth}: ${output.textContent}`)
"""


def free_port() -> int:
    """Port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copy_checkout(built: Path, folder: Path) -> None:
    """Copy what a learner's machine has into `folder`: the course and what marks a checkout."""
    shutil.copytree(built / "course", folder / "course")
    shutil.copy(built / "nbgrader_config.py", folder)
    (folder / "solutions").mkdir()


@contextmanager
def serve(folder: Path, *command: str) -> Iterator[str]:
    """Run ``vaxlab lab`` on the checkout in `folder`; yield the address that it prints.

    The home folder is a new one, so that no setting of the person who runs the tests counts.
    Another `command` is another JupyterLab, such as an instructor's.
    """
    home = folder / "home"
    home.mkdir()
    log = folder / "lab.log"
    command = command or (str(Path(sys.executable).with_name("vaxlab")), "lab")
    # Not Jupyter's own variables: they may point at the settings of whoever runs the tests.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER_")}
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [*command, "--no-browser", "--port", str(free_port())],
            cwd=folder,
            env=environment | {"HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stderr=stream,
        )
    try:
        yield printed_address(server, log)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(30)


def printed_address(server: subprocess.Popen, log: Path) -> str:
    """Wait for the address, with its token, that the server tells people to click."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        if address := re.search(r"http://127\.0\.0\.1:\S+token=\S+", log.read_text()):
            return address[0]
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


@contextmanager
def browse(chromium: str, profile: Path, problems: list[str]) -> Iterator[Page]:
    """Open a page in a browser without a past; what goes wrong in it is added to `problems`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=chromium,
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 800},
        )
        page = browser.new_page()
        page.set_default_timeout(START_S * 1000)
        page.on("console", lambda said: note_console(said, problems))
        page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
        page.on("request", lambda request: note_outside(request.url, problems))
        try:
            yield page
        finally:
            browser.close()


def note_console(said: ConsoleMessage, problems: list[str]) -> None:
    """Keep what the console shows in red; a request that fails is shown there as well."""
    url = said.location.get("url", "")
    # JupyterLab asks again and again for the list of kernels, which Jupyter's server cannot give
    # at the moment at which one is being started (`last_activity` is not set yet).
    if "status of 500" in said.text and "/api/kernels?" in url:
        return
    if said.type == "error":
        problems.append(f"console: {said.text} ({url})")


def note_outside(url: str, problems: list[str]) -> None:
    """Keep each request to anything but the course's own server, or a page on the disk."""
    if not re.match(rf"(http|ws)://127\.0\.0\.1:|data:|blob:|about:|file:\S+({ON_DISK})$", url):
        problems.append(f"request to the outside: {url}")


def open_lab(page: Page, address: str) -> None:
    """Go to the start page and wait until it is shown."""
    page.goto(address)
    expect(page.locator(f"{PANEL} .jp-RenderedMarkdown a[href*='day1/']").first).to_be_visible()


def show_notebook(page: Page, link: str) -> None:
    """Click the link of the start page that leads to `link`, wait until its cells are seen."""
    page.locator(f"{PANEL} a[href*='{link}']").first.click()
    name = link.rpartition("/")[2]
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current", has_text=name)).to_be_visible()
    expect(page.locator(f"{PANEL} .jp-CodeCell").first).to_be_attached()


def open_notebook(page: Page, link: str) -> None:
    """Show the notebook that `link` leads to, wait for the kernel."""
    show_notebook(page, link)
    wait_idle(page)


def go_to_start_page(page: Page) -> None:
    """Bring the start page to the front by its tab."""
    page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text="index.ipynb").click()


def menu(page: Page, *path: str) -> None:
    """Click through JupyterLab's menus."""
    page.locator("#jp-MainMenu").get_by_role("menuitem", name=path[0], exact=True).click()
    for name in path[1:]:
        page.locator(".lm-Menu-item", has_text=re.compile(rf"^{re.escape(name)}")).last.click()


def run_all(page: Page) -> None:
    """Run → Run All Cells, and wait until each has a number.

    Raises
    ------
    AssertionError
        A cell stopped, or wrote to stderr: what it said.
    """
    prompts = page.locator(f"{PANEL} .jp-CodeCell .jp-InputPrompt")
    begun = prompts.filter(has_text=re.compile(r"\[[*\d]"))
    waiting = prompts.filter(has_text=re.compile(r"[ *]\]"))
    trouble = page.locator(f"{PANEL} :is({TROUBLE})")
    menu(page, "Run", "Run All Cells")
    expect(begun).not_to_have_count(0)
    deadline = time.monotonic() + RUN_S
    while waiting.count() and not trouble.count() and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert trouble.all_text_contents() == []
    expect(waiting).to_have_count(0)
    wait_idle(page)


def wait_idle(page: Page) -> None:
    """Wait until no cell is waiting or running and the kernel says that it is idle."""
    running = page.locator(f"{PANEL} .jp-InputPrompt", has_text="[*]")
    expect(running).to_have_count(0, timeout=RUN_S * 1000)
    idle = page.locator(f"{PANEL} .jp-Notebook-ExecutionIndicator[data-status='idle']")
    expect(idle).to_be_attached(timeout=RUN_S * 1000)


def cell(page: Page, text: str) -> Locator:
    """The first code cell whose source holds `text`, scrolled into view."""
    found = page.locator(f"{PANEL} .jp-CodeCell").filter(
        has=page.locator(".jp-InputArea-editor", has_text=text)
    )
    found.first.scroll_into_view_if_needed()
    return found.first


def check_of(page: Page, index: int) -> Locator:
    """What the check of exercise `index` shows, counted from 0."""
    found = page.locator(f"{PANEL} .vaxlab-check").nth(index)
    found.scroll_into_view_if_needed()
    return found


def all_checks(page: Page) -> list[str]:
    """What all checks of the notebook show, in words."""
    return page.locator(f"{PANEL} .vaxlab-check").all_text_contents()


def drawn(where: Locator) -> list[str]:
    """The lines of a figure, as they are drawn."""
    return where.locator(".scatterlayer .js-line").evaluate_all("all => all.map(e => e.outerHTML)")


def wait_until(page: Page, condition: Callable[[], bool], limit_s: float = 10) -> bool:
    """Look for so many seconds; tell whether the condition came true."""
    deadline = time.monotonic() + limit_s  # a look may itself take seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        page.wait_for_timeout(200)
    return True


def type_in_cell(page: Page, where: Locator, source: str) -> None:
    """Replace what stands in a cell, and run it."""
    where.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    run(page, where)


def run(page: Page, where: Locator) -> None:
    """Run a cell with Shift-Enter, and wait until it has another number."""
    prompt = where.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    where.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    another = re.compile(rf"\[(?!{before.strip('[]: *')}\])\d+\]")
    expect(prompt).to_have_text(another, timeout=RUN_S * 1000)
    wait_idle(page)


def set_theme(page: Page, name: str) -> None:
    """Settings → Theme."""
    menu(page, "Settings", "Theme", name)
    light = "true" if name.endswith("Light") else "false"
    expect(page.locator(f"body[data-jp-theme-light='{light}']")).to_be_attached()


def save(page: Page) -> None:
    """Save the notebook in front: all of it stands in its file when this returns.

    JupyterLab does nothing where it is saving by itself just then, perhaps an earlier state; and
    the mark on the tab goes before the file is whole.
    """
    dirty = page.locator(".lm-DockPanel-tabBar .lm-mod-current.jp-mod-dirty")
    for _ in range(5):
        with page.expect_response(is_save):
            page.keyboard.press("ControlOrMeta+s")
        if wait_until(page, lambda: not dirty.count(), 2):
            return
    expect(dirty).to_have_count(0)


def is_save(response: Response) -> bool:
    """Tell whether the server says that it has written a file."""
    return response.request.method == "PUT" and "/api/contents/" in response.url


def least_contrast(where: Locator) -> float:
    """The smallest contrast of a text in `where` with what lies behind it, by WCAG 2.1."""
    return where.evaluate(LEAST_CONTRAST)


def overlapping_texts(page: Page) -> list[str]:
    """Pairs of texts that lie on each other in a figure of the notebook."""
    plots = page.locator(f"{PANEL} .js-plotly-plot")
    expect(plots.first).to_be_attached()
    pairs = []
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
        pairs += plot.evaluate(OVERLAPPING_TEXTS)
    return pairs


def cut_off(page: Page) -> list[str]:
    """Outputs of the notebook that are wider than their place."""
    return page.locator(PANEL).evaluate(CUT_OFF)


def screenshot(page: Page, folder: Path, name: str) -> None:
    """Keep a picture for people to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def leaf_through(page: Page, folder: Path, name: str) -> None:
    """Keep pictures of the whole notebook, one a window, from its first cell to its last."""
    notebook = page.locator(f"{PANEL} .jp-WindowedPanel-outer")
    last = page.locator(f"{PANEL} .jp-Cell").last
    for number in range(1, 100):
        notebook.evaluate("(e, n) => { e.scrollTop = (n - 1) * e.clientHeight; }", number)
        page.wait_for_timeout(300)  # what comes into the window is drawn now
        screenshot(page, folder, f"{name}-{number:02d}")
        box = last.bounding_box()
        if box and box["y"] + box["height"] <= page.viewport_size["height"]:
            return
