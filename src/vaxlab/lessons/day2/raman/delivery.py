"""Figures of day 2, notebook 2, the race of PLS and network, and the learner's own sensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from sklearn.cross_decomposition import PLSRegression

from vaxlab import training
from vaxlab.errors import CourseError
from vaxlab.figures import BLUE, COLOURS, ORANGE
from vaxlab.lessons.day2.raman import material
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.spectra import WAVENUMBERS

RACE_BATCHES = (3, 6, 12, 24)
UPDATES = 500
"""Steps of the optimizer, whatever the number of spectra: all sizes cost the same."""


def _own(names: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """Return the learner's function, or the course's while that one gives no numbers."""
    own = names.get(name)
    return own if callable(own) else otherwise


def spectra_figure(names: Mapping[str, Any] | None = None) -> go.Figure:
    """Draw one spectrum of each of eight batches; below them, as `prepare` leaves them.

    Parameters
    ----------
    names : mapping, optional
        The notebook's names: with them the lower panel is drawn, by the learner's ``prepare``.
    """
    known = material.history()
    rows = [np.flatnonzero(known.batch == b)[12] for b in np.unique(known.batch)[::3]]
    panels = [("counts", known.counts[rows])]
    if names is not None:
        panels.append(("prepared", np.asarray(_prepared(names, known.counts[rows]))))
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for k, (title, values) in enumerate(panels, start=1):
        for j, row in enumerate(values):
            figure.add_scatter(
                x=WAVENUMBERS[: len(row)],
                y=row,
                mode="lines",
                line={"width": 1, "color": COLOURS[j % len(COLOURS)]},
                name=f"batch {known.batch[rows[j]]}",
                showlegend=k == 1,
                row=k,
                col=1,
            )
        figure.update_yaxes(title=title, row=k, col=1)
    figure.update_xaxes(title="Raman shift, 1/cm", row=len(panels), col=1)
    return figure.update_layout(title="The same hour of eight batches", height=260 + 180 * k)


def _prepared(names: Mapping[str, Any], counts: np.ndarray) -> np.ndarray:
    """Return spectra as the learner's ``prepare`` leaves them, or the course's."""
    try:
        values = np.asarray(_own(names, "prepare", material._prepare)(counts.copy()), dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim == 2 and len(values) == len(counts) and np.isfinite(values).all():
        return values
    return material._prepare(counts)


def _augmented(names: Mapping[str, Any], counts: np.ndarray) -> np.ndarray:
    """Return spectra as the learner's ``augment`` changes them, or the course's."""
    rng = np.random.default_rng(0)
    try:
        values = np.asarray(_own(names, "augment", _augment)(counts.copy(), rng), dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape == counts.shape and np.isfinite(values).all():
        return values
    return _augment(counts, np.random.default_rng(0))


def _augment(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x = np.linspace(-1, 1, counts.shape[1])
    bent = 0.15 * rng.standard_normal((len(counts), 3)) @ np.stack([x, x**2, x**3])
    power = np.exp(0.1 * rng.standard_normal((len(counts), 1)))
    return power * (counts + counts.mean(axis=1, keepdims=True) * bent)


def race(names: Mapping[str, Any]) -> pd.DataFrame:
    """Train PLS and a network on more and more batches, and ask both of new ones.

    Parameters
    ----------
    names : mapping
        The notebook's names: ``prepare`` and ``augment`` are the learner's.

    Returns
    -------
    DataFrame
        One row a number of batches: root mean squared errors on twelve new batches, g/L.
    """
    known, (new, true) = material.history(), material._exam(HISTORY_SEED)
    order = np.random.default_rng(1).permutation(np.unique(known.batch))
    asked, rows = _prepared(names, new.counts), []
    for n in RACE_BATCHES:
        some = known.of(order[:n])
        x = _prepared(names, some.counts)
        more = _prepared(names, _augmented(names, some.counts))
        said = {
            "PLS": PLSRegression(min(10, len(x) - 1), scale=False).fit(x, some.read).predict(asked),
            "network": _network(x, some.read, asked),
            "network, augmented": _network(
                np.concatenate([x, more]), np.concatenate([some.read, some.read]), asked
            ),
        }
        errors = {
            f"{name}: {what}": error
            for name, values in said.items()
            for what, error in zip(material.NAMES, material.rmse(values, true), strict=True)
        }
        rows.append({"batches": n, "spectra": len(x)} | errors)
    return pd.DataFrame(rows).set_index("batches")


def _network(x: np.ndarray, y: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Train the network of the notebook, and ask it."""
    training.seed_all(0)
    centre, spread = y.mean(axis=0), y.std(axis=0)
    network = material.Network(x.shape[1], y.shape[1])
    training.fit(
        network,
        torch.nn.functional.mse_loss,
        material.tensors(x, (y - centre) / spread),
        epochs=max(1, round(UPDATES * 32 / len(x))),
        batch_size=32,
        learning_rate=1e-3,
        weight_decay=1e-2,
    )
    with torch.no_grad():
        return network(*material.tensors(asked)).numpy() * spread + centre


def race_figure(table: pd.DataFrame) -> go.Figure:
    """Draw the errors of a `race` over the number of batches."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=[f"{n}, g/L" for n in material.NAMES])
    for col, what in enumerate(material.NAMES, start=1):
        for k, name in enumerate(("PLS", "network", "network, augmented")):
            figure.add_scatter(
                x=table.index,
                y=table[f"{name}: {what}"],
                name=name,
                mode="lines+markers",
                line={"color": COLOURS[k], "dash": ("solid", "dash", "dot")[k]},
                marker={"symbol": ("circle", "square", "diamond")[k], "size": 9},
                showlegend=col == 1,
                row=1,
                col=col,
            )
    figure.update_xaxes(type="log", tickvals=list(table.index), title="batches to learn from")
    figure.update_yaxes(rangemode="tozero")
    return figure.update_layout(title="Error on twelve new batches", height=420)


def beside_the_truth(sensor: Any) -> tuple[pd.DataFrame, go.Figure]:
    """Let the learner's sensor watch twelve new batches, beside the clock.

    Parameters
    ----------
    sensor : object with ``predict``
        From counts (N, 551) to glucose and lactate (N, 2), g/L.

    Returns
    -------
    table : DataFrame
        Errors of sensor and clock, g/L.
    figure : Figure
        Three of the batches.

    Raises
    ------
    CourseError
        It is no sensor yet.
    """
    new, true = material._exam(HISTORY_SEED)
    known = material.history()
    said = _said(sensor, new.counts)
    clock = np.column_stack(
        [material._clock(known.hours, known.read[:, k], new.hours) for k in (0, 1)]
    )
    table = pd.DataFrame(
        {"sensor": material.rmse(said, true), "clock": material.rmse(clock, true)},
        index=list(material.NAMES),
    )
    table["clock / sensor"] = table["clock"] / table["sensor"]
    figure = make_subplots(rows=1, cols=3, shared_yaxes=True)
    for col, batch in enumerate(np.unique(new.batch)[[1, 5, 9]], start=1):
        here = new.batch == batch
        lines = (("true", true, "#888888"), ("sensor", said, BLUE), ("clock", clock, ORANGE))
        for name, values, colour in lines:
            figure.add_scatter(
                x=new.hours[here],
                y=values[here, 0],
                name=name,
                mode="lines+markers" if name == "sensor" else "lines",
                marker={"size": 4},
                line={"color": colour, "dash": "dash" if name == "clock" else "solid"},
                showlegend=col == 1,
                row=1,
                col=col,
            )
    figure.update_xaxes(title="hours after infection")
    figure.update_yaxes(title="glucose, g/L", col=1)
    return table, figure.update_layout(title="Three batches nobody has seen", height=400)


def _said(sensor: Any, counts: np.ndarray) -> np.ndarray:
    if not hasattr(sensor, "predict"):
        raise CourseError("There is no sensor yet: finish Exercise 4, run its cell, then this one.")
    said = np.asarray(sensor.predict(counts), dtype=float)
    if said.shape != (len(counts), 2):
        raise CourseError(
            f"The sensor gives shape {said.shape}; for {len(counts)} spectra it should be glucose "
            f"and lactate of each, ({len(counts)}, 2)."
        )
    return said


def online_figure(minutes: np.ndarray, predicted: np.ndarray, samples: pd.DataFrame) -> go.Figure:
    """Draw what a calibration says online beside the samples by HPLC.

    Parameters
    ----------
    minutes, predicted : array
        Time of each spectrum, and glucose, g/L.
    samples : DataFrame
        As `material.online` gives it.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=np.asarray(minutes) / 60,
        y=predicted,
        mode="lines",
        name="online, by the laboratory's calibration",
        line={"color": BLUE, "width": 1},
    )
    figure.add_scatter(
        x=samples["time"],
        y=samples["glucose"],
        mode="markers",
        name="HPLC",
        marker={"color": ORANGE, "size": 9, "symbol": "diamond"},
    )
    figure.update_xaxes(title="hours")
    figure.update_yaxes(title="glucose, g/L", range=[-15, 75])
    return figure.update_layout(title="A real fermentation, watched by infrared", height=420)
