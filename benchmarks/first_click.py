"""How often a newcomer's first click runs the notebook, by kind of click and by moment.

Run ``python benchmarks/first_click.py``; ``--tries 50 --load 2`` for other numbers and a machine
whose cores are kept busy. Each try is a newcomer's: a browser without a past, a new kernel, the
start page, its link to a notebook, and one click some moments after the notebook's first code cell
is seen. The click is *Run → Run All Cells*, ▶▶ of the toolbar, or Shift+Enter in that cell; the
moments follow each other in turn. A try counts as good if each cell that was asked for has its
number and its output, after the one click.

What a browser and a kernel say to each other is counted, so that a bad try can be told apart: the
cells were never sent, or sent and not answered, or answered and not shown.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

CHECKOUT = Path(__file__).parents[1]
sys.path.insert(0, str(CHECKOUT / "tests" / "browser"))

import lab_driver as lab  # noqa: E402

EXTENSION = "vaxlab-races"
LINK = "day1/1-trust.ipynb"
MOMENTS_S = (0.0, 0.2, 0.5, 1.0, 2.0)
KINDS = ("menu", "button", "keys")
CELLS = 5
# A try is a bad one after this many seconds, or if for so many a kernel that is there has had
# nothing to do: then the click had no effect.
LIMIT_S = 300
IDLE_S = 15


# Two words for the notebook in front: the state of its kernel, and of the wire to it.
STATE = """
() => {
  const context = window.jupyterapp.shell.currentWidget.sessionContext;
  const wire = context.session?.kernel?.connectionStatus ?? "no wire";
  return `${context.kernelDisplayStatus}, ${wire}`;
}
"""

IDLE = ("idle, connected", "unknown, connected")  # unknown until the first cell is run

# What became of the first cells: all run, some waiting or running, or neither.
OUTCOME = """
([panel, wanted]) => {
  const cells = [...document.querySelectorAll(`${panel} .jp-CodeCell`)].slice(0, wanted);
  const output = cell => cell.querySelector(".jp-OutputArea-output")?.innerText ?? "";
  const ran = (cell, i) => cell.innerText.includes(`[${i + 1}]:`)
    && output(cell).startsWith(`cell ${i + 1}`);
  if (cells.every(ran)) return "ran";
  return cells.some(cell => cell.innerText.includes("[*]:")) ? "waits" : "nothing";
}
"""


@dataclass
class Try:
    """One newcomer: what was clicked and when, what the kernel's sign showed, what came of it."""

    kind: str
    moment_s: float
    state: str = ""
    good: bool = False
    seconds: float = 0.0
    shown: str = ""
    messages: Counter[str] = field(default_factory=Counter)


def notebook() -> str:
    """A notebook that begins as the course's do, with an import that takes its time."""
    cells = [nbformat.v4.new_code_cell("import pandas\nprint('cell', 1)", id="cell-1")]
    cells += [
        nbformat.v4.new_code_cell(f"print('cell', {number})", id=f"cell-{number}")
        for number in range(2, CELLS + 1)
    ]
    theirs = nbformat.read(CHECKOUT / "course" / LINK, as_version=4)
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=theirs.metadata))


def spin() -> None:
    """Keep one core busy."""
    while True:
        pass


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep as many cores busy."""
    spinning = [multiprocessing.Process(target=spin, daemon=True) for _ in range(processes)]
    for process in spinning:
        process.start()
    try:
        yield
    finally:
        for process in spinning:
            process.terminate()


def forget(folder: Path, address: str, plain: bool) -> None:
    """Shut all kernels down, and forget which notebooks were open and what was in them."""
    parts = urlsplit(address)
    token = parse_qs(parts.query)["token"][0]
    for kind in ("sessions", "kernels"):
        url = f"http://{parts.netloc}/api/{kind}"
        header = {"Authorization": f"token {token}"}
        with urllib.request.urlopen(urllib.request.Request(url, headers=header)) as answer:
            running = json.load(answer)
        for one in running:
            shut = urllib.request.Request(f"{url}/{one['id']}", headers=header, method="DELETE")
            urllib.request.urlopen(shut).close()
    shutil.rmtree(folder / "home" / ".jupyter", ignore_errors=True)
    # The page hands out its application, so that it can be asked what it knows of the kernel.
    config = {"exposeAppInBrowser": True, "disabledExtensions": {EXTENSION: plain}}
    path = folder / "home" / ".jupyter" / "labconfig" / "page_config.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(config))
    (folder / "course" / LINK).write_text(notebook())


def watch(page: Page, messages: Counter[str]) -> None:
    """Count what the page asks kernels to run, and their answers."""

    def note(kind: bytes, frame: str | bytes) -> None:
        messages[kind.decode()] += kind in (frame if isinstance(frame, bytes) else frame.encode())

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", partial(note, b"execute_request"))
        socket.on("framereceived", partial(note, b"execute_reply"))

    page.on("websocket", opened)


def clicked(button: Locator) -> bool:
    """Click, if it can be done at once."""
    try:
        button.click(timeout=1000)
    except TooLate:
        return False
    return True


def click(page: Page, kind: str) -> None:
    """Ask for a run, once."""
    if kind == "menu":
        lab.menu(page, "Run", "Run All Cells")
    elif kind == "button":
        # A toolbar that is just shown may lay itself out anew: click what is seen then.
        button = page.locator(f"{lab.PANEL} [data-command='notebook:restart-run-all']:visible")
        lab.wait_until(page, lambda: clicked(button), limit_s=LIMIT_S)
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    else:
        page.locator(f"{lab.PANEL} .jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")


def all_ran(page: Page, cells: int) -> bool:
    """Wait until each of the first cells has run, or until it is clear that they never will."""
    start = idle_since = time.monotonic()
    while time.monotonic() < min(start + LIMIT_S, idle_since + IDLE_S):
        outcome = page.evaluate(OUTCOME, [lab.PANEL, cells])
        if outcome == "ran":
            return True
        if outcome == "waits" or page.evaluate(STATE) not in IDLE:
            idle_since = time.monotonic()
        page.wait_for_timeout(200)
    return False


def attempt(browser: Browser, address: str, kind: str, moment_s: float) -> Try:
    """Be one newcomer."""
    one = Try(kind, moment_s)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    watch(page, one.messages)
    try:
        lab.open_lab(page, address)
        lab.show_notebook(page, LINK)  # the start page has cells and buttons of its own
        # Until the file is there, JupyterLab holds an empty cell behind its spinner.
        page.locator(f"{lab.PANEL} .jp-CodeCell", has_text="import pandas").wait_for()
        page.wait_for_timeout(1000 * moment_s)
        one.state = page.evaluate(STATE)
        start = time.monotonic()
        click(page, kind)
        one.good = all_ran(page, 1 if kind == "keys" else CELLS)
        if not one.good:
            cells = page.locator(f"{lab.PANEL} .jp-CodeCell")
            one.shown = " | ".join(text.replace("\n", " ") for text in cells.all_inner_texts())
        one.seconds = time.monotonic() - start
    except TooLate as late:
        one.shown = str(late)
    finally:
        context.close()
    return one


def report(tries: list[Try]) -> None:
    """Print one row a kind, one column a moment."""
    print(f"{'':8}" + "".join(f"{moment:>8g} s" for moment in MOMENTS_S) + f"{'all':>10}")
    for kind in KINDS:
        ours = [one for one in tries if one.kind == kind]
        groups = [[one for one in ours if one.moment_s == moment] for moment in MOMENTS_S]
        counts = [f"{sum(o.good for o in group)}/{len(group)}" for group in [*groups, ours]]
        print(f"{kind:8}" + "".join(f"{count:>10}" for count in counts))
    good = sum(one.good for one in tries)
    waits = sorted(one.seconds for one in tries if one.good)
    middle = waits[len(waits) // 2] if waits else float("nan")
    print(
        f"{good} of {len(tries)} first clicks worked; {middle:.1f} s from click to output (median)"
    )


def main() -> None:
    """Be a newcomer again and again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=30)
    parser.add_argument("--load", type=int, default=0, help="cores to keep busy")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--plain", action="store_true", help=f"without {EXTENSION}")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("This benchmark drives a browser: install Debian's chromium.")
    tries = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lab.copy_checkout(CHECKOUT, folder)
        address = stack.enter_context(lab.serve(folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=lab.FLAGS)
        stack.callback(browser.close)
        stack.enter_context(busy(options.load))
        for number in range(options.tries):
            forget(folder, address, options.plain)
            kind = options.kinds[number % len(options.kinds)]
            moment = MOMENTS_S[number // len(options.kinds) % len(MOMENTS_S)]
            tries.append(one := attempt(browser, address, kind, moment))
            print(
                f"{number + 1:3} {kind:7}{moment:4g} s  {one.state:24}"
                f"{'good' if one.good else 'BAD':5}{one.seconds:6.1f} s  {dict(one.messages)}"
                f"{'  ' + one.shown if one.shown else ''}",
                flush=True,
            )
    report(tries)


if __name__ == "__main__":
    main()
