"""Figures of day 2, notebook 2, the race of PLS and network, and the learner's answers at work.

Where a learner's answer gives no numbers yet, the course's own does the work, and is named.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut, cross_val_predict

from vaxlab import training
from vaxlab.figures import BLUE, COLOURS, DASHES, GREEN, MARKERS, ORANGE
from vaxlab.lessons.day2.raman import material
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.spectra import WAVENUMBERS

METHODS = ("PLS", "network", "network, SNV only", "network, SNV and copies")
COPIES, UPDATES = 3, 500
"""Changed copies of each spectrum; steps of the optimizer, whatever the number of spectra."""
TRIED, FOLDS = (2, 3, 4, 6, 8, 12), 4
"""Numbers of components that the race's PLS chooses from, and how it leaves batches out."""

RACES = """\
batches,each,method,glucose,lactate
2,6,"PLS",0.75,0.30
2,6,"network",0.75 (-0.15 to +0.15),0.35 (-0.04 to +0.13)
2,6,"network, SNV only",1.28 (+0.26 to +0.81),0.80 (+0.35 to +0.65)
2,6,"network, SNV and copies",0.89 (+0.09 to +0.20),0.36 (-0.01 to +0.11)
2,76,"PLS",0.73,0.32
2,76,"network",0.73 (-0.08 to +0.08),0.28 (-0.16 to +0.06)
2,76,"network, SNV only",1.25 (+0.21 to +0.83),0.58 (+0.05 to +0.46)
2,76,"network, SNV and copies",0.74 (-0.14 to +0.15),0.24 (-0.23 to +0.06)
4,6,"PLS",0.55,0.24
4,6,"network",0.56 (-0.13 to +0.16),0.28 (+0.02 to +0.06)
4,6,"network, SNV only",0.99 (+0.14 to +0.75),0.53 (+0.24 to +0.34)
4,6,"network, SNV and copies",0.59 (-0.09 to +0.18),0.28 (+0.0036 to +0.08)
4,76,"PLS",0.39,0.21
4,76,"network",0.46 (+0.02 to +0.11),0.22 (+0.0021 to +0.02)
4,76,"network, SNV only",0.89 (+0.37 to +0.63),0.45 (+0.15 to +0.34)
4,76,"network, SNV and copies",0.45 (-0.02 to +0.14),0.21 (-0.02 to +0.03)
8,6,"PLS",0.41,0.23
8,6,"network",0.48 (+0.01 to +0.13),0.27 (+0.02 to +0.06)
8,6,"network, SNV only",0.64 (+0.07 to +0.39),0.40 (+0.11 to +0.23)
8,6,"network, SNV and copies",0.44 (-0.01 to +0.07),0.24 (-0.04 to +0.06)
8,76,"PLS",0.36,0.21
8,76,"network",0.37 (-0.03 to +0.06),0.20 (-0.01 to +0.01)
8,76,"network, SNV only",0.58 (+0.07 to +0.37),0.34 (+0.06 to +0.20)
8,76,"network, SNV and copies",0.38 (-0.03 to +0.07),0.20 (-0.02 to +0.01)
24,6,"PLS",0.31,0.21
24,6,"network",0.37 (+0.03 to +0.10),0.24 (+0.01 to +0.05)
24,6,"network, SNV only",0.39 (+0.03 to +0.14),0.27 (+0.03 to +0.09)
24,6,"network, SNV and copies",0.37 (+0.01 to +0.11),0.22 (-0.02 to +0.05)
24,76,"PLS",0.29,0.20
24,76,"network",0.30 (-0.02 to +0.03),0.20 (-0.02 to +0.01)
24,76,"network, SNV only",0.34 (-0.02 to +0.11),0.22 (-0.01 to +0.03)
24,76,"network, SNV and copies",0.31 (-0.03 to +0.07),0.19 (-0.04 to -0.0003)
96,6,"PLS",0.28,0.20
96,6,"network",0.29 (-0.01 to +0.04),0.22 (-0.0013 to +0.03)
96,6,"network, SNV only",0.35 (+0.03 to +0.11),0.22 (+0.0001 to +0.05)
96,6,"network, SNV and copies",0.31 (-0.02 to +0.09),0.21 (-0.02 to +0.04)
96,76,"PLS",0.26,0.19
96,76,"network",0.24 (-0.04 to +0.01),0.18 (-0.02 to +0.01)
96,76,"network, SNV only",0.26 (-0.03 to +0.03),0.17 (-0.04 to +0.01)
96,76,"network, SNV and copies",0.24 (-0.04 to +0.0015),0.16 (-0.05 to -0.01)
"""
"""Means over six draws of plant and batches; ``each``: spectra of a batch. In each cell the error,
g/L, and 95 % of what a network misses more (+) or less (-) than PLS on the same draw; ends that
round to zero with four decimals. Printed by ``benchmarks/race_raman.py``."""


def prepared(names: Mapping[str, Any], counts: np.ndarray) -> np.ndarray:
    """Return spectra as the learner's ``prepare`` leaves them, or else as the course's does.

    Parameters
    ----------
    names : mapping
        The notebook's names.
    counts : array (N, channels)

    Returns
    -------
    array (N, any)
    """
    values = _numbers(names.get("prepare"), counts.copy())
    if values is not None and values.ndim == 2 and len(values) == len(counts):
        return values
    return material._prepare(counts)


def _numbers(function: Any, *arguments: Any) -> np.ndarray | None:
    """Return what a learner's function gives, if these are finite numbers."""
    try:
        values = np.asarray(function(*arguments), dtype=float)
    except Exception:  # whatever an unfinished answer raises: the exercise's check says it
        return None
    return values if values.size and np.isfinite(values).all() else None


def spectra_figure(names: Mapping[str, Any] | None = None) -> go.Figure:
    """Draw one spectrum of each of eight batches; below them, as `prepared` leaves them.

    Parameters
    ----------
    names : mapping, optional
        The notebook's names: with them the lower panel is drawn.
    """
    known = material.history()
    rows = [np.flatnonzero(known.batch == b)[12] for b in np.unique(known.batch)[::3]]
    panels = [("counts", known.counts[rows])]
    if names is not None:
        panels.append(("prepared", prepared(names, known.counts[rows])))
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for k, (title, values) in enumerate(panels, start=1):
        for j, row in enumerate(values):
            line = {"width": 1.5, "color": COLOURS[j % 5], "dash": DASHES[j // 5]}
            figure.add_scatter(
                x=WAVENUMBERS[: len(row)],
                y=row,
                mode="lines",
                line=line,
                name=f"{known.read[rows[j], 0]:.1f} g/L",
                showlegend=k == 1,
                row=k,
                col=1,
            )
        figure.update_yaxes(title=title, row=k, col=1)
    figure.update_xaxes(title="Raman shift, 1/cm", row=len(panels), col=1)
    title = "Eight batches, 24 h after their start, and their glucose"
    return figure.update_layout(title=title, height=260 + 180 * k)


def choose(names: Mapping[str, Any], components: tuple[int, ...] = (1, 4, 20)) -> pd.DataFrame:
    """Return errors on batches that PLS has not met, by its number of components.

    Parameters
    ----------
    names : mapping
        The notebook's names: ``prepare`` and ``error_by_batch`` are the learner's.
    components : tuple of int

    Returns
    -------
    DataFrame
        RMSE of glucose and of lactate, g/L, on every fourth reading of the history; the name of
        its columns says whose function it is by.
    """
    known = material.history()
    x, read, batch = prepared(names, known.counts[::4]), known.read[::4], known.batch[::4]
    table, by = pd.DataFrame(index=pd.Index(components, name="components")), "your error_by_batch"
    for n, (k, what) in itertools.product(components, enumerate(material.NAMES)):
        model, y = PLSRegression(n, scale=False), read[:, k]
        error = _numbers(names.get("error_by_batch"), model, x, y, batch)
        if error is None or error.size != 1:
            by, folds = "the course's error_by_batch", LeaveOneGroupOut()
            said = cross_val_predict(model, x, y, groups=batch, cv=folds)
            error = material.rmse(said.ravel(), y)
        table.loc[n, what] = float(error)
    return table.rename_axis(columns=f"g/L, by {by}")


# The race ---------------------------------------------------------------------------------------


EACH = 76
"""Spectra of a batch in the history, at most."""
RACED = ((2, EACH), (24, 6), (24, EACH))
"""Batches to learn from, and spectra of each: the race that the notebook runs."""


def race(names: Mapping[str, Any], sizes: tuple[tuple[int, int], ...] = RACED) -> pd.DataFrame:
    """Train PLS and the notebook's network on few and many batches, and ask both of new ones.

    Parameters
    ----------
    names : mapping
        The notebook's names: ``Network`` is the class, ``prepare`` and ``augment`` the learner's.
    sizes : tuple of (int, int)
        How many batches to learn from, and how many spectra of each.

    Returns
    -------
    DataFrame
        Errors on twelve new batches, g/L, and seconds of training.
    """
    from tqdm import tqdm

    known, (new, true) = material.history(), material._exam(HISTORY_SEED)
    order = np.random.default_rng(1).permutation(np.unique(known.batch))
    rows = [
        {"batches": n, "spectra of each": each} | row
        for n, each in tqdm(sizes, desc="Races", delay=5, leave=False, file=sys.stdout)
        for row in one_race(
            names, known.of(order[:n]).thinned(each if each < EACH else None), new.counts, true
        )
    ]
    return pd.DataFrame(rows)


def one_race(
    names: Mapping[str, Any], known: material.Spectra, asked: np.ndarray, true: np.ndarray
) -> list[dict[str, Any]]:
    """Return what each of `METHODS` misses after having learnt from some spectra.

    The first two get prepared spectra, and PLS chooses its components from `TRIED`. The others
    get them without the derivative, only scaled (SNV); the last one with `COPIES` changed copies
    of each.

    Parameters
    ----------
    names : mapping
        As in `race`.
    known : Spectra
        To learn from.
    asked : array (M, 551)
        Counts of other batches.
    true : array (M, 2)
        Their glucose and lactate, g/L.
    """
    x, y, rng = prepared(names, known.counts), known.read, np.random.default_rng(0)
    new, snv = prepared(names, asked), material._snv(known.counts)
    copies = [material._snv(_augmented(names, known.counts, rng)) for _ in range(COPIES)]
    centre, spread = snv.mean(axis=0), snv.std(axis=0).mean()
    snv, new_snv, *copies = ((v - centre) / spread for v in (snv, material._snv(asked), *copies))
    more = np.concatenate([snv, *copies]), np.concatenate([y] * (COPIES + 1))
    ways = (
        lambda: _pls(x, y, known.batch).predict(new),
        lambda: _network(names["Network"], x, y, new),
        lambda: _network(names["Network"], snv, y, new_snv),
        lambda: _network(names["Network"], *more, new_snv),
    )
    rows = []
    for method, way in zip(METHODS, ways, strict=True):
        begun = time.process_time()
        glucose, lactate = material.rmse(way(), true)
        seconds = time.process_time() - begun
        row = {"spectra": len(x), "method": method, "glucose": glucose, "lactate": lactate}
        rows.append(row | {"seconds": seconds})
    return rows


def _augmented(
    names: Mapping[str, Any], counts: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    values = _numbers(names.get("augment"), counts.copy(), rng)
    if values is not None and values.shape == counts.shape:
        return values
    x = np.linspace(-1, 1, counts.shape[1])
    bent = 0.15 * rng.standard_normal((len(counts), 3)) @ np.stack([x, x**2, x**3])
    return counts + counts.mean(axis=1, keepdims=True) * bent


def _pls(x: np.ndarray, y: np.ndarray, batch: np.ndarray) -> PLSRegression:
    """Fit PLS with as many components as do best on batches left out."""
    folds = GroupKFold(min(FOLDS, len(np.unique(batch))))
    misses = np.zeros(len(TRIED))
    for learnt, left_out in folds.split(x, y, batch):
        most = PLSRegression(min(TRIED[-1], len(learnt) - 1), scale=False)
        most.fit(x[learnt], y[learnt])
        centred = x[left_out] - x[learnt].mean(axis=0)
        for k, n in enumerate(TRIED):  # the first n of many are those of a model with n
            weights = most.x_rotations_[:, :n] @ most.y_loadings_[:, :n].T
            off = centred @ weights + y[learnt].mean(axis=0) - y[left_out]
            misses[k] += (off**2 / y.var(axis=0)).sum()
    n = TRIED[misses.argmin()]
    return PLSRegression(min(n, len(x) - 1), scale=False).fit(x, y)


def _network(
    made: Callable[[int], torch.nn.Module], x: np.ndarray, y: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """Train a network as the notebook does, and ask it."""
    training.seed_all(0)
    network, centre, spread = made(x.shape[1]), y.mean(axis=0), y.std(axis=0)
    training.fit(
        network,
        torch.nn.functional.mse_loss,
        (x, (y - centre) / spread),
        epochs=max(1, round(UPDATES * 32 / len(x))),
        weight_decay=1e-2,
    )
    with torch.no_grad():
        return network(torch.tensor(asked, dtype=torch.float32)).numpy() * spread + centre


def races(substance: str = "glucose") -> pd.DataFrame:
    """Return `RACES` of one substance: the same race on six draws, which takes minutes.

    Parameters
    ----------
    substance : str
        ``"glucose"`` or ``"lactate"``.

    Returns
    -------
    DataFrame
        One row a number of batches and of spectra of each, one column a method: the mean error,
        g/L, and in brackets the interval of the difference to PLS.
    """
    table = pd.read_csv(StringIO(RACES)).rename(columns={"each": "spectra of each"})
    wide = table.pivot(index=["batches", "spectra of each"], columns="method", values=substance)
    return wide[list(METHODS)].rename_axis(columns=f"{substance}, g/L")


def race_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a `race` over the means of `races`, all spectra of each batch.

    Parameters
    ----------
    table : DataFrame
        As `race` gives it.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=[f"{n}, g/L" for n in material.NAMES])
    for col, what in enumerate(material.NAMES, start=1):
        many = races(what).query(f"`spectra of each` == {EACH}").droplevel(1)
        for k, method in enumerate(METHODS):
            figure.add_scatter(
                x=many.index,
                y=many[method].str.split().str[0].astype(float),
                name=method,
                mode="lines+markers",
                line={"color": COLOURS[k], "dash": DASHES[k]},
                marker={"symbol": MARKERS[k], "size": 5},
                showlegend=col == 1,
                row=1,
                col=col,
            )
            own = table[table["method"] == method]
            figure.add_scatter(
                x=own["batches"],
                y=own[what],
                name=f"{method}, yours",
                mode="markers",
                marker={"color": COLOURS[k], "symbol": _symbols(own, k), "size": 10},
                showlegend=False,
                row=1,
                col=col,
            )
    figure.update_xaxes(type="log", tickvals=[2, 4, 8, 24, 96], title="batches to learn from")
    figure.update_yaxes(rangemode="tozero")
    legend = {"orientation": "h", "y": -0.25}
    return figure.update_layout(title="Error on new batches", height=480, legend=legend)


def _symbols(raced: pd.DataFrame, k: int) -> list[str]:
    """Return the marker of method k: full where it learnt from all spectra, else hollow."""
    return [MARKERS[k] + "-open" * (each < EACH) for each in raced["spectra of each"]]


# The real fermentation, and the plant -------------------------------------------------------------


def online_figure(minutes: np.ndarray, said: Mapping[str, np.ndarray]) -> go.Figure:
    """Draw what calibrations say online beside the samples by HPLC.

    Parameters
    ----------
    minutes : array
        Time of each spectrum.
    said : mapping
        Name of a calibration to its glucose, g/L.
    """
    figure, (_, samples) = go.Figure(), material.online()
    for k, (name, values) in enumerate(said.items()):
        figure.add_scatter(
            x=np.asarray(minutes) / 60,
            y=values,
            mode="lines",
            name=name,
            line={"color": (BLUE, GREEN)[k % 2], "width": 1.5, "dash": DASHES[k]},
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


def reported(
    names: Mapping[str, Any],
    minutes: np.ndarray,
    said: Mapping[str, np.ndarray],
    inside: Mapping[str, float],
) -> pd.DataFrame:
    """Return what each calibration missed in the laboratory and online, g/L.

    Parameters
    ----------
    names : mapping
        The notebook's names: ``online_report`` is the learner's.
    minutes, said
        As in `online_figure`.
    inside : mapping
        Name of a calibration to its error in the laboratory.
    """
    _, samples = material.online()
    measured, hours = samples["glucose"].to_numpy(), samples["time"].to_numpy()
    rows, by = {}, "your online_report"
    for name, values in said.items():
        row = {"laboratory": inside[name]}
        for first in (1, 5):
            given = values, minutes, measured, hours, first
            report = _numbers(names.get("online_report"), *given)
            if report is None or report.shape != (3,):
                by, report = "the course's online_report", material._online_report(*given)
            row |= {"bias online": report[0], "scatter": report[1]}
            row[f"left after {first} sample{'s' * (first > 1)}"] = report[2]
        rows[name] = row
    return pd.DataFrame(rows).T.rename_axis(f"g/L, by {by}")


FIRST = 5
"""At-line readings at the start of a batch that its own bias is taken from."""


def at_work(names: Mapping[str, Any]) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the learner's sensor watch twelve new batches, beside the clock.

    Parameters
    ----------
    names : mapping
        The notebook's names: ``sensor`` is the learner's.

    Returns
    -------
    table : DataFrame
        Errors in g/L after the first `FIRST` readings of each batch.
    figure : Figure
        Three of the batches.
    sentence : str
        Whose sensor it is, and what it came to.
    """
    (new, true), known = material._exam(HISTORY_SEED), material.history()
    said, whose = _numbers(getattr(names.get("sensor"), "predict", None), new.counts), "Your"
    if said is None or said.shape != true.shape:
        said, whose = material._fitted().predict(material._prepare(new.counts)), "The course's"
    clock = np.column_stack(
        [material._clock(known.hours, known.read[:, k], new.hours) for k in (0, 1)]
    )
    batches = [np.flatnonzero(new.batch == b) for b in np.unique(new.batch)]
    later = np.concatenate([rows[FIRST:] for rows in batches])
    ways = {"the clock": clock, "the sensor": said}
    for first in (1, FIRST):
        mended = said.copy()
        for rows in batches:
            start = rows[:first]
            mended[rows] -= (said[start] - new.read[start]).mean(axis=0)
        ways[f"the sensor, less its bias in {first} sample{'s' * (first > 1)}"] = mended
    errors = {name: material.rmse(values[later], true[later]) for name, values in ways.items()}
    table = pd.DataFrame(errors, index=list(material.NAMES)).T
    better = sum(
        material.rmse(said[rows], true[rows])[0] < material.rmse(clock[rows], true[rows])[0]
        for rows in batches
    )
    sentence = (
        f"{whose} sensor follows each batch; the clock says the same of all. For glucose the "
        f"sensor is nearer to the truth in {better} of {len(batches)} batches."
    )
    return table, _three_batches(new, true, said, clock), sentence


def _three_batches(
    new: material.Spectra, true: np.ndarray, said: np.ndarray, clock: np.ndarray
) -> go.Figure:
    figure = make_subplots(rows=1, cols=3, shared_yaxes=True)
    for col, batch in enumerate(np.unique(new.batch)[[1, 5, 9]], start=1):
        here = new.batch == batch
        lines = (("true", true, "#888888"), ("sensor", said, BLUE), ("clock", clock, ORANGE))
        for name, values, colour in lines:
            figure.add_scatter(
                x=new.hours[here],
                y=values[here, 0],
                name=name,
                mode="markers" if name == "sensor" else "lines",
                marker={"size": 5},
                line={"color": colour, "dash": "dash" if name == "clock" else "solid"},
                showlegend=col == 1,
                row=1,
                col=col,
            )
    figure.update_xaxes(title="hours after infection")
    figure.update_yaxes(title="glucose, g/L", col=1)
    return figure.update_layout(title="Three batches nobody has seen", height=400)
