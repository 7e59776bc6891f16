"""Where memory is limited, a learner reads so before it is all used, and why a kernel ended."""

from collections.abc import Iterator
from pathlib import Path

import lab_driver as lab
import nbformat
import pytest
from playwright.sync_api import expect

LIMIT_MB, BLOCK_MB = 1000, 800
CELLS = [
    f"block = b'x' * ({BLOCK_MB} << 20)",
    "del block",
    # As a limit does: no last word.
    f"import os, time\nblock = b'x' * ({BLOCK_MB} << 20)\ntime.sleep(8)\nos.kill(os.getpid(), 9)",
]


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory) -> Iterator[Path]:
    """A learner's own checkout, on a machine that lends a gigabyte; a notebook fills it."""
    folder = tmp_path_factory.mktemp("guest")
    lab.copy_checkout(checkout, folder)
    (path,) = (folder / "course").glob("day1/1-*.ipynb")
    book = nbformat.read(path, as_version=4)
    book.cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(book, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEM_LIMIT", str(LIMIT_MB << 20))
        yield folder


@pytest.fixture(scope="module")
def notices(page):
    lab.show_notebook(page, "day1/1-")
    return page.locator(".Toastify__toast")


def run(page, index):
    page.locator(f"{lab.PANEL} .jp-CodeCell .cm-content").nth(index).click()
    page.keyboard.press("Control+Enter")


def test_a_sentence_comes_before_memory_is_all_used_and_goes_when_there_is_room(
    page, notices, pictures
):
    run(page, 0)
    said = notices.filter(has_text=f"of {LIMIT_MB / 1024:.1f} GB used. Before a kernel is ended")
    expect(said).to_contain_text("shut down what you no longer need (left: Running Terminals and K")
    expect(said).not_to_contain_text("…")  # a long notice is cut
    lab.screenshot(page, pictures, "memory-short")
    run(page, 1)
    expect(said).to_have_count(0)


def test_a_kernel_that_ended_when_memory_was_short_is_told_so(page, notices, pictures):
    run(page, 2)
    said = notices.filter(has_text="Memory ran out, it seems, and this kernel was ended.")
    expect(said).to_contain_text("Shut down other notebooks.")
    expect(said).not_to_contain_text("…")
    lab.screenshot(page, pictures, "memory-out")
    if (dialog := page.locator(".jp-Dialog")).count():
        dialog.get_by_role("button", name="Ok").click()
