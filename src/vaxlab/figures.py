"""The course's one style of Plotly figures, and the live batch under sliders.

Colours are those of Okabe and Ito (2008), which colour-blind readers tell apart; every
series also has its own dash or marker. Paper and plot are transparent and the text takes
the colour of JupyterLab's theme, so that one figure reads in light and in dark.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
from plotly.subplots import make_subplots

from vaxlab.plant import Batches, Recipe, simulate

if TYPE_CHECKING:
    import ipywidgets

BLUE, VERMILLION, GREEN, PURPLE, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MARKERS = ("circle", "diamond", "square", "triangle-up", "x")

# Where no theme can be asked (an exported page), a grey that reads on white and on black.
_TEXT = "#767676"
_GRID = "rgba(128, 128, 128, 0.25)"

# Plotly paints its text by attributes; the page's style sheet may overrule them, and it
# knows the theme. Hover labels keep their own colours: they stand on a coloured box.
_THEME_CSS = """<style>
.js-plotly-plot .main-svg .infolayer text, .js-plotly-plot .main-svg .xaxislayer-above text,
.js-plotly-plot .main-svg .yaxislayer-above text, .js-plotly-plot .main-svg .cartesianlayer text {
  fill: var(--jp-content-font-color1, #767676) !important;
}
.vaxlab-caption { color: var(--jp-content-font-color1, inherit); max-width: 60em; margin: 0 0 1em; }
</style>"""


# A FigureWidget is drawn before it has a place in the page; told that the window has changed,
# it takes the width of its place.
_FIT = "<script>setTimeout(() => window.dispatchEvent(new Event('resize')), 1000)</script>"


STANDS_STILL = "In JupyterLab one can work in this picture; here it stands still."
"""Said below a widget where no page listens: a grader's, a page that is read."""

_LOADED_AT = time.time()
_RENEWED = """<p class="vaxlab-caption" role="alert"><strong>The course was renewed</strong> after
this kernel had started, so some of it is old and some new. Choose <em>Kernel → Restart Kernel and
Run All Cells</em>: your answers stay.</p>"""


def template() -> go.layout.Template:
    """Return the course's Plotly template."""
    axis = {
        "gridcolor": _GRID,
        "zerolinecolor": _GRID,
        "linecolor": _TEXT,
        "ticks": "outside",
        "tickcolor": _TEXT,
        "automargin": True,
        "title": {"standoff": 8},
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": _TEXT, "size": 14},
            "colorway": COLOURS,
            "xaxis": axis,
            "yaxis": axis,
            "legend": {"bgcolor": "rgba(0,0,0,0)"},
            "margin": {"l": 70, "r": 20, "t": 60, "b": 60},
            "hoverlabel": {"font": {"size": 13}},
        }
    )


def setup() -> None:
    """Make every Plotly figure of this notebook follow the course's style.

    In a notebook it also puts a small style sheet beside its cell, with which the figures'
    text takes the theme's colour; and a sentence where the kernel is older than the course.
    """
    pio.templates["vaxlab"] = template()
    pio.templates.default = "vaxlab"
    _tell_the_page(_THEME_CSS)
    if _is_renewed():
        _tell_the_page(_RENEWED)


def _is_renewed() -> bool:
    """Tell whether a module of the course was written after this kernel had read it."""
    read = [module for name, module in sys.modules.items() if name.startswith("vaxlab.")]
    paths = [Path(module.__file__) for module in read if getattr(module, "__file__", None)]
    return any(path.is_file() and path.stat().st_mtime > _LOADED_AT for path in paths)


def _tell_the_page(html: str) -> None:
    """Put a style sheet or a script into the notebook's page, where there is one."""
    from IPython import get_ipython
    from IPython.display import HTML, display

    if get_ipython() is not None:
        display(HTML(html))


def show(figure: go.Figure, caption: str) -> None:
    """Show a figure with a sentence under it that says in words what it shows."""
    from html import escape

    from IPython.display import HTML, display

    display(figure)
    display(HTML(f'<p class="vaxlab-caption">{escape(caption)}</p>'))


def live(figure: go.Figure) -> go.FigureWidget:
    """Return a figure that can change while it is looked at, as wide as the page.

    Of a finished figure: what is added later is sent on its own, and comes late on a slow machine.
    """
    figure.update_layout(autosize=True)
    widget = go.FigureWidget(figure)
    # Not Plotly's 700 pixels. A new dict: a changed one is not sent.
    widget._config = widget._config | {"responsive": True}
    return widget


def twins(batches: pd.DataFrame) -> go.Figure:
    """Draw each pair of batches of one recipe, the same lots and one week as two joined dots.

    Parameters
    ----------
    batches : DataFrame
        As `vaxlab.data` has it.
    """
    recipe = ["moi", "carrier_g_per_l", "inoculum_cells_per_ml", "growth_temperature_c"]
    recipe += ["infection_temperature_c", "ph", "do_percent", "trypsin_bu_per_ml"]
    lots = [name for name in batches if name.endswith("_lot")]
    both = batches.merge(batches, on=recipe + lots, suffixes=("_a", "_b"))
    days = (both["started_at_b"] - both["started_at_a"]).dt.days
    both = both[(both["batch_id_a"] < both["batch_id_b"]) & (days.abs() < 7)]
    pairs = both.rename(columns=lambda name: name.replace("ha_at_harvest_log10_per_100ul", "ha"))
    pairs = pairs.assign(pair=pairs["batch_id_a"] + " / " + pairs["batch_id_b"])
    ordered = pairs.assign(gap=(pairs["ha_a"] - pairs["ha_b"]).abs()).sort_values("gap")
    figure = go.Figure()
    for row in ordered.itertuples():
        figure.add_scatter(
            x=[row.ha_a, row.ha_b],
            y=[row.pair, row.pair],
            mode="lines",
            line={"color": _TEXT, "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
    # The first twin is drawn larger, so that it shows behind a second one with its reading.
    twin_of = [("ha_a", "first twin", 15), ("ha_b", "second twin", 9)]
    for k, (column, name, size) in enumerate(twin_of):
        figure.add_scatter(
            x=ordered[column],
            y=ordered["pair"],
            mode="markers",
            name=name,
            marker={"color": COLOURS[k], "symbol": MARKERS[k], "size": size},
        )
    return figure.update_layout(
        title="Same recipe, same lots, same week",
        xaxis_title="HA at harvest, one assay (log10 HA units / 100 µL)",
        yaxis_title="pair of batches",
        height=120 + 26 * len(pairs),
    )


def groups(
    values: dict[str, pd.Series], *, title: str, axis_title: str, height: int = 420
) -> go.Figure:
    """Draw groups of numbers side by side: every point, the box, and the mean as a line.

    Parameters
    ----------
    values : dict of str to Series
        Name of the group, its numbers.
    """
    figure = go.Figure()
    for k, (name, numbers) in enumerate(values.items()):
        figure.add_box(
            y=numbers,
            name=f"{name}<br>n = {len(numbers)}",
            boxpoints="all",
            jitter=0.6,
            pointpos=0,
            boxmean=True,
            marker={
                "color": COLOURS[k % 5],
                "symbol": MARKERS[k % 5],
                "size": 5,
                "opacity": 0.85,
            },
            line={"color": COLOURS[k % 5]},
            fillcolor="rgba(0,0,0,0)",
            showlegend=False,
        )
    return figure.update_layout(title=title, yaxis_title=axis_title, height=height)


def over_time(
    table: pd.DataFrame, time: str, value: str, *, title: str, y_title: str, height: int = 420
) -> go.Figure:
    """Draw readings of many batches against hours after infection, one dot a reading."""
    figure = go.Figure(
        go.Scattergl(
            x=table[time],
            y=table[value],
            mode="markers",
            marker={"color": BLUE, "size": 5, "opacity": 0.85},
            text=table["batch_id"],
            hovertemplate="%{text}<br>%{x:.1f} h: %{y:.3g}<extra></extra>",
        )
    )
    return figure.update_layout(
        title=title, xaxis_title="hours after infection", yaxis_title=y_title, height=height
    )


def against(
    x: pd.Series, y: pd.Series, *, title: str, x_title: str, y_title: str, height: int = 480
) -> go.Figure:
    """Draw one measurement against another, with the line on which they would agree."""
    low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
    figure = go.Figure()
    figure.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        name="perfect agreement",
        line={"color": _TEXT, "dash": "dash"},
    )
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        name="one batch",
        marker={"color": BLUE, "size": 7, "opacity": 0.85},
    )
    return figure.update_layout(
        title=title, xaxis_title=x_title, yaxis_title=y_title, height=height
    )


def bars(
    values: pd.Series,
    *,
    title: str,
    axis_title: str,
    height: int = 360,
    ends: tuple[pd.Series, pd.Series] | None = None,
) -> go.Figure:
    """Draw a Series as bars, each with its number written at its end.

    Parameters
    ----------
    values : Series
    ends : tuple of Series, optional
        The lower and upper ends of intervals, drawn as whiskers; the numbers stand beyond them.
    """
    figure = go.Figure(
        go.Bar(
            x=list(values.index),
            y=values.to_numpy(),
            marker={
                "color": [COLOURS[k % 5] for k in range(len(values))],
                "pattern": {"shape": ["", "/", "x", ".", "-"][: len(values)]},
            },
            text=[f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" for value in values],
            textposition="outside",
            cliponaxis=False,
        )
    )
    if ends is not None:
        _whiskers(figure, values, *ends)
    return figure.update_layout(title=title, yaxis_title=axis_title, height=height)


def _whiskers(figure: go.Figure, values: pd.Series, low: pd.Series, high: pd.Series) -> None:
    """Draw intervals on bars, and set the bars' numbers beyond their ends."""
    y, low, high = (np.asarray(part, dtype=float) for part in (values, low, high))
    words = figure.data[0].text
    figure.update_traces(
        error_y={"array": high - y, "arrayminus": y - low, "color": _TEXT},
        text=None,
        showlegend=False,
    )
    up = y >= 0
    figure.add_scatter(
        x=list(values.index),
        y=np.where(up, high, low),
        mode="text",
        text=words,
        textposition=np.where(up, "top center", "bottom center"),
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


# The live batch -----------------------------------------------------------------------

_CELLS = {
    "uninfected_cells_per_ml": "uninfected",
    "eclipse_cells_per_ml": "infected, in eclipse",
    "productive_cells_per_ml": "productive",
    "dead_cells_per_ml": "dead, still attached",
}
_VIRUS = {
    "ha_log10_per_100ul": "HA: all virus (log10 units / 100 µL)",
    "tcid50_log10_per_ml": "TCID50: infectious virus (log10 / mL)",
}


def live_batch() -> ipywidgets.VBox:
    """Return a batch under sliders: every move runs the plant's equations anew.

    The base case, at the published MOI, stays in the picture as a thin grey line. A sentence
    above the sliders says in words what the batch did.
    """
    import ipywidgets as widgets

    base = simulate([Recipe()])
    base_ha = base.summary()["peak_ha_log10_per_100ul"].iloc[0]
    figure = make_subplots(
        rows=1,
        cols=2,
        subplot_titles=("Cells on the carriers", "Virus in the medium"),
        horizontal_spacing=0.12,
    )
    for column, names in ((1, _CELLS), (2, _VIRUS)):
        for k, (state, label) in enumerate(names.items()):
            x, y = _curve(base, state)
            style = {"color": _TEXT, "width": 1, "dash": DASHES[k]}
            figure.add_scatter(
                x=x, y=y, line=style, showlegend=False, hoverinfo="skip", row=1, col=column
            )
            figure.add_scatter(
                x=x,
                y=y,
                name=label,
                line={"color": COLOURS[k], "width": 3, "dash": DASHES[k]},
                legend="legend" if column == 1 else "legend2",
                row=1,
                col=column,
            )
    figure.update_xaxes(title_text="hours after infection", range=[-24, 72])
    figure.update_yaxes(title_text="million cells per mL", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="log10, see the legend", range=[0, 9], row=1, col=2)
    below = {"yanchor": "top", "y": -0.24, "xanchor": "left"}  # one column under each picture
    figure.update_layout(
        height=520,
        margin={"t": 40, "b": 190},
        legend={**below, "x": 0.0},
        legend2={**below, "x": 0.56},
    )
    figure = live(figure)

    wide = {"style": {"description_width": "11em"}, "layout": {"width": "30em"}}
    sliders = {
        "moi": widgets.FloatLogSlider(
            value=0.025,
            base=10,
            min=-4.6,  # 0.000025: as little as in the plant's history
            max=0,
            step=0.1,
            description="MOI (virus per cell)",
            readout_format=".2r",
            **wide,
        ),
        "infection_temperature_c": widgets.FloatSlider(
            value=37,
            min=32,
            max=40,
            step=0.5,
            description="°C after infection",
            **wide,
        ),
        "ph": widgets.FloatSlider(value=7.2, min=6.6, max=7.8, step=0.05, description="pH", **wide),
        "carrier_g_per_l": widgets.FloatSlider(
            value=2, min=1, max=5, step=0.25, description="carriers (g/L)", **wide
        ),
    }
    for slider in sliders.values():
        slider.continuous_update = False  # one run of the plant a move, also on one slow core
    words = widgets.HTML(layout={"width": "100%"})
    back = widgets.Button(
        description="Back to the base case", icon="undo", layout={"width": "16em"}
    )
    controls = widgets.Box([*sliders.values()], layout={"flex_flow": "row wrap", "width": "100%"})

    def run(_: object = None) -> None:
        batches = simulate([Recipe(**{name: slider.value for name, slider in sliders.items()})])
        with figure.batch_update():
            for k, state in enumerate([*_CELLS, *_VIRUS]):
                figure.data[2 * k + 1].y = _curve(batches, state)[1]
        words.value = f'<span role="status">{describe(batches, base_ha)}</span>'

    def reset(_: object) -> None:
        base_case = Recipe()
        for name, slider in sliders.items():
            slider.value = getattr(base_case, name)

    for slider in sliders.values():
        slider.observe(run, names="value")
    back.on_click(reset)
    run()
    _tell_the_page(_FIT)
    return widgets.VBox([words, controls, back, figure])


def describe(batches: Batches, base_ha_log10_per_100ul: float) -> str:
    """Say in one sentence what the first batch did, and how it compares with the base case."""
    row = batches.summary().iloc[0]
    peak, start = row["peak_ha_log10_per_100ul"], row["cells_at_infection_per_ml"] / 1e6
    share = 100 * 10 ** (peak - base_ha_log10_per_100ul)
    return (
        f"{start:.2f} million cells per mL at infection; HA rises to {peak:.2f} log10 units per "
        f"100 µL ({share:.0f} % of the base case's antigen), and 95 % of it is there after "
        f"{row['time_to_95pct_ha_h']:.0f} h."
    )


def _curve(batches: Batches, state: str) -> tuple[np.ndarray, np.ndarray]:
    """Return hours and values of the first batch, cells in millions."""
    y = batches.states[state][0]
    return batches.time_h, y / 1e6 if state.endswith("cells_per_ml") else y
