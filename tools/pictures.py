"""Take the README's pictures of the live batch, in light and in dark.

Needs a Chromium, as tests/browser does: ``.venv/bin/python tools/pictures.py``.
"""

import shutil
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests" / "browser"))

import lab_driver as lab  # noqa: E402 (found only now)

MOVES = 12
"""Arrow keys on the MOI slider: far enough from the base case to see both stories."""


def main() -> None:
    """Open the course as a learner does, move the first slider, take both pictures."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        raise SystemExit("No Chromium found. On Debian and Ubuntu: apt-get install chromium")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lab.copy_checkout(CHECKOUT, folder)
        problems: list[str] = []
        with lab.serve(folder) as address, lab.browse(browser, folder / "p", problems) as page:
            page.set_viewport_size({"width": 1280, "height": 860})
            lab.open_lab(page, address)
            lab.open_notebook(page, "day1/1-trust.ipynb")
            lab.run_all(page)
            lab.menu(page, "View", "Appearance", "Show Left Sidebar")
            where = lab.cell(page, "live_batch")
            slider = where.get_by_role("slider").first
            for _ in range(MOVES):
                slider.press("ArrowLeft")
            lab.wait_idle(page)
            for theme in ("Light", "Dark"):
                lab.set_theme(page, f"JupyterLab {theme}")
                where.evaluate("e => e.scrollIntoView({block: 'start'})")
                page.wait_for_timeout(1500)  # the theme fades in
                lab.screenshot(page, CHECKOUT / "docs", f"live-batch-{theme.lower()}")
        if problems:
            raise SystemExit("\n".join(problems))


if __name__ == "__main__":
    main()
