"""Every notebook as a learner finds it: run from top to bottom, in light and in dark."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import lab_driver as lab
import pytest
import wcag
from answers.bank import bank
from colour_blindness import alike
from playwright.sync_api import Page

EXERCISES: dict[str, list[str]] = {}
for _notebook, _answer in bank():
    if _answer.grade_id not in EXERCISES.setdefault(_notebook, []):
        EXERCISES[_notebook].append(_answer.grade_id)

# Contrast hangs on the theme, and what overlaps or is cut off on the width: two looks show all.
LOOKS = [("JupyterLab Light", 1280), ("JupyterLab Dark", 1920)]
TALL = 2600  # pixels: few pictures of a notebook, for people to look at
PLOTLY = "application/vnd.plotly.v1+json"

# Handles of ipywidgets' sliders have a value, but no name; the field of numbers beside has both.
# What Plotly paints is read by other tests; axe would take most of its time for it.
NOT_OURS = ".noUi-handle, .main-svg"


@dataclass(frozen=True)
class Opened:
    """A notebook in front, all its cells run, nobody's answers in it.

    Attributes
    ----------
    name : str
        Such as ``day1/1-trust``.
    page : Page
        The browser's page.
    said : list of str
        What its checks say, in words.
    cells : list of dict
        What was saved when it had run.
    """

    name: str
    page: Page
    said: list[str]
    cells: list[dict]


def saved(path: Path) -> list[dict]:
    """Return a notebook's cells; none while the server is writing it, or has not begun."""
    try:
        cells = json.loads(path.read_text())["cells"]
    except json.JSONDecodeError:
        return []
    code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    return cells if all(cell["execution_count"] for cell in code) else []


@pytest.fixture(scope="module", params=EXERCISES)
def opened(request, page, folder) -> Opened:
    """The notebook, opened by its link on the start page, all its cells run; it stays open."""
    link = f"{request.param}.ipynb"
    lab.go_to_start_page(page)
    lab.open_notebook(page, link)
    lab.run_all(page)
    # The kernel is idle a moment before the page shows what it said last.
    lab.wait_until(page, lambda: len(lab.all_checks(page)) >= len(EXERCISES[request.param]), 60)
    lab.save(page)
    path = folder / "course" / link
    lab.wait_until(page, lambda: bool(saved(path)), 60)
    return Opened(request.param, page, lab.all_checks(page), saved(path))


def test_every_untouched_exercise_says_not_attempted(opened):
    assert len(opened.said) == len(EXERCISES[opened.name])
    for grade_id, words in zip(EXERCISES[opened.name], opened.said, strict=True):
        assert "not attempted" in words, grade_id


def test_an_untouched_notebook_stops_nowhere(opened):
    assert opened.cells
    outputs = [output for cell in opened.cells for output in cell.get("outputs", [])]
    assert [one["evalue"] for one in outputs if one["output_type"] == "error"] == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_everything_can_be_read(opened, pictures, theme, width):
    page = opened.page
    page.set_viewport_size({"width": width, "height": TALL})
    lab.set_theme(page, theme)
    # 4.5:1 is what WCAG 2.1 asks of text, level AA.
    for output in page.locator(f"{lab.PANEL} :is(.vaxlab-check, .vaxlab-caption)").all():
        assert lab.least_contrast(output) >= 4.5, output.text_content()
    # Figures are drawn anew in the other width, one after another.
    lab.wait_until(page, lambda: not lab.overlapping_texts(page) + lab.cut_off(page), 60)
    assert lab.overlapping_texts(page) == []
    assert lab.cut_off(page) == []
    if not os.environ.get("CI"):  # nobody would look at the pictures
        name = f"{Path(opened.name).name}-{theme.split()[1].lower()}-{width}"
        lab.leaf_through(page, pictures, name)


def test_outputs_are_clean_by_wcag(opened, axe):
    broken = wcag.violations(opened.page, axe, f"{lab.PANEL} .jp-OutputArea", but=NOT_OURS)
    assert broken == []


def test_no_two_curves_of_a_figure_look_alike_to_the_colour_blind(opened):
    outputs = [out.get("data", {}) for cell in opened.cells for out in cell.get("outputs", [])]
    figures = [data[PLOTLY] for data in outputs if PLOTLY in data]
    assert figures
    for figure in figures:
        assert alike(figure) == []
