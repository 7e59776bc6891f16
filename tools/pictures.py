"""Take the README's pictures: the live batch in light and in dark, doses against harvest hour.

Needs a Chromium, as tests/browser does: ``.venv/bin/python tools/pictures.py``, or only one of
them with ``live-batch`` or ``harvest``.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CHECKOUT / "tests" / "browser"), str(CHECKOUT / "benchmarks")]

import lab_driver as lab  # noqa: E402 (found only now)

SEED = 301
"""Of the seasons of the second picture; see `benchmarks/decisions.py`."""
MOVES = 12
"""Arrow keys on the MOI slider: far enough from the base case to see both stories."""


def main() -> None:
    """Take all pictures, or those that are named."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        raise SystemExit("No Chromium found. On Debian and Ubuntu: apt-get install chromium")
    pictures = {"live-batch": live_batch, "harvest": harvest}
    unknown = set(sys.argv[1:]) - set(pictures)
    if unknown:
        raise SystemExit(f"There is no picture {unknown}; expected some of {set(pictures)}.")
    for name in sys.argv[1:] or pictures:
        pictures[name](browser)


def harvest(browser: str) -> None:
    """Draw doses against harvest hour for both products, as an SVG that reads on any ground."""
    import plotly.graph_objects as go
    import seasons
    from playwright.sync_api import sync_playwright

    from vaxlab import figures

    inactivated = seasons.curves(seasons.season(SEED, 120))
    live = seasons.curves(seasons.live_season(SEED, 240))
    figure = go.Figure(layout={"template": figures.template(), "width": 760, "height": 380})
    for name, hours, doses, colour, dash in (
        ("inactivated", inactivated.hours, inactivated.doses, figures.BLUE, "solid"),
        ("live", live.hours, live.live_doses, figures.VERMILLION, "dash"),
    ):
        mean, own = doses.mean(axis=1), doses.max(axis=0).mean()
        best = mean.max()
        line = {"color": colour, "dash": dash, "width": 3}
        figure.add_scatter(x=hours, y=mean / best, name=f"{name}, all at one hour", line=line)
        figure.add_scatter(
            x=[hours[mean.argmax()]],
            y=[own / best],
            mode="markers",
            name=f"{name}, each batch at its own best hour",
            marker={"color": colour, "size": 11, "symbol": "circle" if dash == "solid" else "x"},
        )
    figure.update_xaxes(title="harvest, h after infection", range=[18, 96])
    figure.update_yaxes(title="doses, best fixed hour = 1", rangemode="tozero")
    above = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    figure.update_layout(legend=above, margin={"t": 70}, font={"color": "#767676"})
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        page_file = Path(folder) / "page.html"
        page_file.write_text(figure.to_html(include_plotlyjs=True, div_id="f"), encoding="utf-8")
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto(page_file.as_uri())
        address = page.evaluate("Plotly.toImage('f', {format: 'svg', width: 760, height: 380})")
        chromium.close()
    svg = unquote(address.split(",", 1)[1])
    (CHECKOUT / "docs" / "harvest.svg").write_text(svg, encoding="utf-8")


def live_batch(browser: str) -> None:
    """Open the course as a learner does, move the first slider, take both pictures."""
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
