"""A training that is watched: the curve moves while the cell runs, and the button stops it."""

from pathlib import Path

import lab_driver as lab
import nbformat
import pytest
import wcag
from playwright.sync_api import Page, expect

NOTEBOOK = "day1/1-trust.ipynb"
EPOCHS = 1000  # of four steps, each of 15 ms and more: a minute
PREPARE = """\
import time
import torch
from torch import nn
from vaxlab import figures, training

figures.setup()
rows = torch.randn(64, 3)
targets = rows @ torch.tensor([[1.0], [-2.0], [0.5]])

class Slow(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 1)

    def forward(self, x):
        time.sleep(0.015)
        return self.line(x)"""
TRAIN = f"""\
curve = training.LiveCurve("Loss of a slow model")
model = Slow()
history = training.fit(
    model, nn.functional.mse_loss, (rows, targets), validation=(rows, -targets),
    epochs={EPOCHS}, batch_size=16, learning_rate=1e-2, curve=curve,
)"""
LOOK = f"""\
with torch.no_grad():
    now = nn.functional.mse_loss(model(rows), -targets).item()
kept = abs(now - min(history.validation_loss)) < 1e-6
print(history.stopped, kept, len(history.train_loss) < {EPOCHS})"""


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Path:
    """A learner's own checkout; one notebook trains for a minute."""
    folder = tmp_path_factory.mktemp("training")
    lab.copy_checkout(checkout, folder)
    path = folder / "course" / NOTEBOOK
    book = nbformat.read(path, as_version=4)
    book.cells = [nbformat.v4.new_code_cell(code) for code in (PREPARE, TRAIN, LOOK)]
    nbformat.write(book, path)
    return folder


@pytest.fixture(scope="module")
def notebook(page: Page) -> Page:
    page.set_viewport_size({"width": 1280, "height": 1300})
    lab.go_to_start_page(page)
    lab.open_notebook(page, NOTEBOOK)
    return page


def press_the_button(page: Page) -> None:
    page.locator(lab.PANEL).get_by_role("button", name="Stop, keep the best").click()


def press_it_by_keyboard(page: Page) -> None:
    """Go from the cell to its button by Tab, and press Enter."""
    lab.cell(page, "LiveCurve").locator(".jp-InputPrompt").click()
    focused = page.locator(f"{lab.PANEL} button:focus", has_text="Stop, keep the best")
    for _ in range(5):
        page.keyboard.press("Tab")
        if focused.count():
            break
    page.keyboard.press("Enter")


def interrupt(page: Page) -> None:
    lab.menu(page, "Kernel", "Interrupt Kernel")


@pytest.mark.parametrize(
    ("stop", "stopped", "words"),
    [
        (press_the_button, "button", "Stopped by the button."),
        (press_it_by_keyboard, "button", "Stopped by the button."),
        (interrupt, "interrupt", "Interrupted."),
    ],
)
def test_a_training_that_is_stopped_keeps_its_best_weights_and_later_cells_run(
    notebook: Page, pictures: Path, stop, stopped: str, words: str
):
    lab.menu(notebook, "Run", "Run All Cells")
    curves = notebook.locator(f"{lab.PANEL} .scatterlayer .js-line")
    expect(curves).to_have_count(2, timeout=lab.RUN_S * 1000)
    first = curves.first.get_attribute("d")
    assert lab.wait_until(notebook, lambda: curves.first.get_attribute("d") != first, 30)
    stop(notebook)
    said = notebook.locator(f"{lab.PANEL} [role=status]").filter(has_text=words)
    expect(said).to_be_visible(timeout=15_000)
    lab.wait_idle(notebook)
    last = lab.cell(notebook, "kept = abs").locator(".jp-OutputArea-output")
    expect(last).to_have_text(f"{stopped} True True")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.set_theme(notebook, theme)
        assert lab.least_contrast(said) >= 4.5
        lab.screenshot(notebook, pictures, f"training-{stop.__name__}-{theme.split()[1].lower()}")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_curve_and_button_are_clean_by_wcag(notebook: Page, axe: str, theme: str):
    lab.menu(notebook, "Run", "Run All Cells")
    button = notebook.locator(lab.PANEL).get_by_role("button", name="Stop, keep the best")
    expect(button).to_be_visible(timeout=lab.RUN_S * 1000)
    lab.set_theme(notebook, theme)
    broken = wcag.violations(notebook, axe, f"{lab.PANEL} .jp-OutputArea")
    button.click()
    lab.wait_idle(notebook)
    broken += wcag.violations(notebook, axe, f"{lab.PANEL} .jp-OutputArea")
    lab.set_theme(notebook, "JupyterLab Light")
    assert broken == []
