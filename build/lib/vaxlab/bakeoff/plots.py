"""Figures of a bake-off, each with a sentence that says in words what it shows.

Every function returns both, for ``figures.show(*plots.roc(result))``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from vaxlab.bakeoff.model import whole
from vaxlab.errors import CourseError
from vaxlab.figures import BLUE, COLOURS, DASHES, MARKERS, VERMILLION, template

if TYPE_CHECKING:
    import pandas as pd

    from vaxlab.bakeoff.compare import ClassifierBakeOff, RegressorBakeOff

BINS = 30
# More curves than this cannot be told apart in one picture.
MOST_CURVES = 10
MOST_WITHOUT_WEBGL = 5000
# Numbers in the cells take the theme's text colour: the middle of the scale lets the page
# through and its ends are pale enough for black and for white.
_CORRELATION_SCALE = (
    (0.0, "rgba(0, 114, 178, 0.7)"),
    (0.5, "rgba(128, 128, 128, 0)"),
    (1.0, "rgba(213, 94, 0, 0.7)"),
)
# Up to so many variables a cell has room for its number.
_NUMBERS_FIT = 12


def roc(result: ClassifierBakeOff, names: list[str] | None = None) -> tuple[go.Figure, str]:
    """Draw signal efficiency against background efficiency.

    Parameters
    ----------
    result : ClassifierBakeOff
        The bake-off.
    names : list of str, optional
        Methods to draw, ten at the most; by default the five best.

    Returns
    -------
    figure : Figure
        One curve a method, its area with interval in the legend.
    sentence : str
        What it shows.
    """
    if isinstance(names, str):
        raise CourseError(f"names = {names!r}: give a list of methods, [{names!r}].")
    names = list(result.summary.index[:5]) if names is None else list(names)
    if not 0 < len(names) <= MOST_CURVES:
        raise CourseError(
            f"{len(names)} curves asked for: name 1 to {MOST_CURVES}, more cannot be told apart."
        )
    figure = go.Figure()
    for k, name in enumerate(names):
        curve = result.roc(name)
        row = result.summary.loc[name]
        figure.add_scatter(
            x=curve["background_efficiency"],
            y=curve["signal_efficiency"],
            name=f"{name}: {row['auc']:.3f} ({row['auc_low']:.3f} to {row['auc_high']:.3f})",
            # From the sixth on the colours come again, with another dash.
            line={"color": COLOURS[k % 5], "dash": DASHES[(k + k // 5) % 5], "width": 2.5},
            hovertemplate="background %{x:.1%}, signal %{y:.1%}<extra>" + name + "</extra>",
        )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        name="by chance: 0.5",
        mode="lines",
        line={"color": "#767676", "width": 1},
    )
    figure.update_layout(
        template=template(),
        title="ROC: what a cut keeps of the signal, and lets pass",
        xaxis={"title": "background efficiency", "range": [0, 1], "tickformat": ".0%"},
        yaxis={"title": "signal efficiency", "range": [0, 1.02], "tickformat": ".0%"},
        legend={"title": "area, 95 % interval", "x": 0.98, "xanchor": "right", "y": 0.03},
        height=520,
    )
    areas = result.summary.loc[names, "auc"]
    return figure, (
        f"ROC curves of {len(names)} methods on rows that they had not seen. The largest area has "
        f"{areas.idxmax()} with {areas.max():.3f}, the smallest {areas.idxmin()} with "
        f"{areas.min():.3f}."
    )


def responses(result: ClassifierBakeOff, name: str) -> tuple[go.Figure, str]:
    """Draw a method's response to training rows over that to unseen ones.

    Parameters
    ----------
    result : ClassifierBakeOff
        The bake-off.
    name : str
        The method.

    Returns
    -------
    figure : Figure
        Densities of signal and background: unseen rows as steps, training rows as markers
        with their statistical errors; the p-values after Kolmogorov and Smirnov in the title.
    sentence : str
        What it shows.
    """
    check = result.overtraining.loc[result._known(name)]
    tables = {"unseen": result.responses, "training": result.train_responses}
    values = np.concatenate([table[name].to_numpy() for table in tables.values()])
    low, high = values.min(), values.max()
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    middle, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    figure = go.Figure()
    for k, (kind, label) in enumerate(((True, "signal"), (False, "background"))):
        for part, table in tables.items():
            rows = table[table["signal"] == kind]
            weight = rows["weight"].to_numpy()
            heights, _ = np.histogram(rows[name], edges, weights=weight)
            squares, _ = np.histogram(rows[name], edges, weights=weight**2)
            density = heights / (weight.sum() * width)
            style = {"color": COLOURS[k], "dash": DASHES[k], "width": 2}
            if part == "unseen":
                figure.add_scatter(
                    x=edges,
                    y=np.append(density, 0.0),
                    name=f"{label}, unseen rows",
                    mode="lines",
                    line=style | {"shape": "hv"},
                )
            else:
                # A row is trained on in several folds, but is still one row.
                times = len(rows) / rows["row"].nunique()
                error = np.sqrt(squares * times) / (weight.sum() * width)
                some = heights > 0
                figure.add_scatter(
                    x=middle[some],
                    y=density[some],
                    error_y={"array": error[some], "color": COLOURS[k], "thickness": 1},
                    name=f"{label}, training rows",
                    mode="markers",
                    marker={"color": COLOURS[k], "symbol": MARKERS[k], "size": 7},
                )
    figure.update_layout(
        template=template(),
        title=f"{name}: training against unseen rows<br><sup>Kolmogorov–Smirnov: signal "
        f"{_chance(check['ks_signal_p'])}, background {_chance(check['ks_background_p'])}; area "
        f"{check['auc_train']:.3f} on training, {check['auc_test']:.3f} on unseen rows</sup>",
        xaxis_title=f"response of {name}",
        yaxis_title="density",
        legend={"orientation": "h", "y": -0.2, "yanchor": "top"},
        margin={"t": 80, "b": 110},
        height=480,
    )
    return figure, (
        f"Response of {name}: signal and background, on unseen rows (steps) and on training rows "
        f"(markers). The area falls from {check['auc_train']:.3f} to {check['auc_test']:.3f}; the "
        f"largest distance of the two distributions is {check['ks_signal']:.2f} for signal and "
        f"{check['ks_background']:.2f} for background."
    )


def _chance(p: float) -> str:
    """Write a p-value; none is zero."""
    return f"p = {p:.2g}" if p >= 1e-4 else "p < 0.0001"


def cuts(
    result: ClassifierBakeOff,
    name: str,
    signal: float | None = None,
    background: float | None = None,
) -> tuple[go.Figure, str]:
    """Draw what each cut on a method's response keeps, and where S/√(S + B) is highest.

    Parameters
    ----------
    result : ClassifierBakeOff
        The bake-off.
    name : str
        The method.
    signal, background : float, optional
        Events before the cut; by default the bake-off's ``yields``.

    Returns
    -------
    figure : Figure
        Efficiencies and purity on the left axis, S/√(S + B) on the right.
    sentence : str
        What it shows.
    """
    table = result.cuts(name, signal, background)
    best = result.best_cut(name, signal, background)
    s, b = table["signal"].iloc[-1], table["background"].iloc[-1]
    if len(table) > 400:  # as fine as the eye can follow
        table = table.iloc[np.unique(np.linspace(0, len(table) - 1, 400).astype(int))]
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    curves = {
        "signal_efficiency": "signal efficiency",
        "background_efficiency": "background efficiency",
        "purity": "purity",
        "efficiency_times_purity": "efficiency × purity",
        "significance": "S/√(S + B), right axis",
    }
    for k, (column, label) in enumerate(curves.items()):
        figure.add_scatter(
            x=table["cut"],
            y=table[column],
            name=label,
            line={"color": COLOURS[k], "dash": DASHES[k], "width": 2.5},
            secondary_y=column == "significance",
        )
    figure.add_vline(x=best["cut"], line={"color": "#767676", "width": 1.5})
    figure.update_layout(
        template=template(),
        title=f"{name}: what a cut keeps<br><sup>best cut {best['cut']:.3g}, with "
        f"S/√(S + B) = {best['significance']:.3g} for S = {s:,.0f} and B = {b:,.0f}</sup>",
        xaxis_title=f"cut on the response of {name}",
        legend={"orientation": "h", "y": -0.2, "yanchor": "top"},
        margin={"t": 80, "b": 110},
        height=500,
    )
    figure.update_yaxes(title_text="share", range=[0, 1.02], tickformat=".0%", secondary_y=False)
    figure.update_yaxes(
        title_text="S/√(S + B)",
        rangemode="tozero",
        showgrid=False,
        tickmode="auto",  # else Plotly puts its ticks where the left axis has some
        secondary_y=True,
    )
    return figure, (
        f"Efficiencies against the cut on {name}, for {s:,.0f} events of signal and {b:,.0f} of "
        f"background. S/√(S + B) is highest, {best['significance']:.3g}, at {best['cut']:.3g}: "
        f"the cut keeps {best['signal_efficiency']:.0%} of the signal and "
        f"{best['background_efficiency']:.1%} of the background."
    )


def correlations(result: ClassifierBakeOff) -> tuple[go.Figure, str]:
    """Draw the correlation matrices of signal and background side by side.

    Parameters
    ----------
    result : ClassifierBakeOff
        The bake-off.

    Returns
    -------
    figure : Figure
        Two heat maps with numbers in the cells, if there are no more than twelve variables.
    sentence : str
        What it shows.
    """
    figure = make_subplots(
        cols=2, subplot_titles=("signal", "background"), shared_yaxes=True, horizontal_spacing=0.04
    )
    strongest = []
    for k, (kind, matrix) in enumerate(result.correlations.items(), start=1):
        names = [str(name) for name in matrix.columns]
        figure.add_heatmap(
            z=matrix.to_numpy(),
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale=_CORRELATION_SCALE,
            texttemplate="%{z:.2f}" if len(names) <= _NUMBERS_FIT else None,
            colorbar={"title": "correlation"},
            showscale=k == 2,
            hovertemplate="%{y}, %{x}: %{z:.2f}<extra>" + kind + "</extra>",
            row=1,
            col=k,
        )
        strongest.append(_strongest(matrix, kind))
    n = len(next(iter(result.correlations.values())))
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(tickangle=-90)  # slanted names lie on each other
    figure.update_layout(
        template=template(),
        title="Linear correlations of the variables",
        height=max(360, 200 + 32 * n),
        margin={"t": 90},
    )
    return figure, f"Correlation matrices of {n} variables. {' '.join(strongest)}"


def _strongest(matrix: pd.DataFrame, kind: str) -> str:
    """Say which pair is correlated most."""
    values = np.abs(np.triu(matrix.to_numpy(), 1))
    if not np.nansum(values):
        return f"In {kind} no two variables are correlated."
    i, j = np.unravel_index(np.nanargmax(values), values.shape)
    return (
        f"In {kind} the strongest is that of {matrix.index[i]} and {matrix.columns[j]}, "
        f"{matrix.iloc[i, j]:.2f}."
    )


def ranking(ranked: pd.DataFrame, name: str, most: int = 15) -> tuple[go.Figure, str]:
    """Draw the variables' own separation beside their importance for a method.

    Parameters
    ----------
    ranked : DataFrame
        From ``result.ranking(name)``.
    name : str
        The method, for the title.
    most : int
        How many variables to draw, the most important ones.

    Returns
    -------
    figure : Figure
        Two panels of bars on the same variables; importance with its standard deviation.
    sentence : str
        What it shows.
    """
    shown = ranked.head(whole(most, "most", 1))
    figure = make_subplots(
        cols=2,
        subplot_titles=("separation, alone", f"fall of {name}'s area, if shuffled"),
        shared_yaxes=True,
        horizontal_spacing=0.05,
    )
    labels = [str(label) for label in shown.index]
    for k, (column, shape) in enumerate((("separation", "/"), ("importance", ""))):
        error = {"array": shown["importance_sd"], "color": "#767676"} if k else None
        figure.add_bar(
            x=shown[column],
            y=labels,
            orientation="h",
            error_x=error,
            marker={"color": COLOURS[k], "pattern": {"shape": shape}},
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
            showlegend=False,
            row=1,
            col=k + 1,
        )
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(
        template=template(),
        title="Which variables matter",
        height=160 + 26 * len(shown),
        margin={"t": 90},
    )
    alone = ranked["separation"].idxmax()
    return figure, (
        f"Separation and importance of {len(shown)} variables. Alone, {alone} separates best; "
        f"{name} loses most, {ranked['importance'].iloc[0]:.3f} of its area, without "
        f"{ranked.index[0]}."
    )


def deviations(result: RegressorBakeOff, name: str, unit: str = "") -> tuple[go.Figure, str]:
    """Draw a regressor's deviations against the target.

    Parameters
    ----------
    result : RegressorBakeOff
        The bake-off.
    name : str
        The method.
    unit : str, optional
        Of the target, for the axes.

    Returns
    -------
    figure : Figure
        One dot an unseen row: prediction less target.
    sentence : str
        What it shows.
    """
    rows = result.responses
    unit = f" ({unit})" if unit else ""
    row = result.summary.loc[result._known(name)]
    # A few thousand dots need no WebGL, which not every browser has.
    dots = go.Scatter if len(rows) <= MOST_WITHOUT_WEBGL else go.Scattergl
    figure = go.Figure(
        dots(
            x=rows["target"],
            y=rows[name] - rows["target"],
            mode="markers",
            marker={"color": BLUE, "size": 5, "opacity": 0.85},
            name="one row",
            showlegend=False,
        )
    )
    figure.add_hline(y=0, line={"color": VERMILLION, "dash": "dash", "width": 2})
    figure.update_layout(
        template=template(),
        title=f"{name}: deviation against target, unseen rows",
        xaxis_title=f"target{unit}",
        yaxis_title=f"prediction less target{unit}",
        height=460,
    )
    return figure, (
        f"Deviations of {name} on {len(rows)} unseen rows: root mean square {row['rmse']:.3g}, "
        f"bias {row['bias']:.2g}. A slope means that the extremes are drawn towards the middle."
    )
