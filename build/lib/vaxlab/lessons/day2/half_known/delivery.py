"""The learner's own answers at work: a hybrid beside its rivals, its intervals, and doses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import nn
from tqdm import tqdm

from vaxlab import figures
from vaxlab.lessons.day2.half_known import material, rivals
from vaxlab.plant import HOOK_FEATURES, campaign, making

LEVEL = 0.9
LEAST_SPREAD = 2e4
"""What is added to the members' spread, cells/mL: six networks may agree by chance."""
GREY = "#767676"
LINES = {
    "PLS": (figures.PURPLE, "dashdot"),
    "pure network": (figures.VERMILLION, "dash"),
    "Gaussian process": (figures.ORANGE, "dot"),
    "hybrid": (figures.BLUE, "solid"),
}
INFECT_H = np.array([*range(42, 97, 6), 108, 120], dtype=float)
"""Hours of infection that the plan may choose from, h after inoculation."""
USUAL_H = 96.0
_HARVEST_H, _MOI, _VIRUS_C = 57.0, 1e-4, 35.5
_DAYS = 200  # that the forty infected batches are spread over

Names = Mapping[str, Any]


# What a learner's names hold ----------------------------------------------------------------


def rough(namespace: Names, steps: int = 300) -> material.Hybrid:
    """Return networks behind your seam, fitted to the rates that samples' differences suggest.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `seam` is put to work where it gives an answer.
    steps : int
        Of the optimizer.

    Returns
    -------
    Hybrid
        A module: features (B, 9) → growth rate and glucose uptake, (B,) each.
    """
    hybrid = material.Hybrid(_own_seam(namespace) or material._seam)
    features, found = material.by_differences(material.runs())
    there, scale = ~torch.isnan(found), torch.tensor([0.02, 0.1])
    optimizer = torch.optim.Adam(hybrid.parameters(), lr=0.03)
    for _ in range(steps):
        off = (torch.stack(hybrid(features), dim=1) - found) / scale
        loss = off[there].square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return hybrid


def _own_seam(namespace: Names) -> Callable[..., Any] | None:
    """Return the learner's seam itself, for gradients cannot cross the border, or None."""
    seam = namespace.get("seam")
    raw, features = torch.zeros(3, 2, requires_grad=True), torch.ones(3, 9)
    try:
        growth, uptake = seam(raw, features)
        growth.sum().backward()
        usable = growth.shape == uptake.shape == (3,) and bool(torch.isfinite(raw.grad).all())
        return seam if usable and bool((growth >= 0).all() and (uptake >= 0).all()) else None
    except Exception:  # whatever an unfinished answer does
        return None


@dataclass(frozen=True)
class Work:
    """A hybrid put to work.

    Attributes
    ----------
    rates : callable
        The learner's own `hybrid`, or rates by differences where it cannot be used.
    is_own : bool
    outside : array (M, B, T, 5)
        What it foretells of the forty runs outside.
    """

    rates: material.Rates
    is_own: bool
    outside: np.ndarray


_kept: list[Any] = []
"""The last hybrid's weights and what came of it: six cells put the same one to work."""


def _at_work(namespace: Names) -> Work:
    own = namespace.get("hybrid")
    weights = [p.detach().clone() for p in own.parameters()] if isinstance(own, nn.Module) else []
    if not (_kept and _kept[0] is own and _alike(_kept[1], weights)):
        _kept[:] = [own, weights, _worked(own)]
    return _kept[2]


def _alike(some: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    return len(some) == len(others) and all(map(torch.equal, some, others))


def _worked(own: Any) -> Work:
    exam = material.exam_runs(True)
    try:
        said = predicted(own, exam)
        if np.isfinite(said).all():
            return Work(own, True, said)
    except Exception:  # no module, other shapes, rates that no integrator can follow
        pass
    return Work(_rough(), False, predicted(_rough(), exam))


@cache
def _rough() -> material.Hybrid:
    return rough({})


def _whose(is_own: bool) -> str:
    return "" if is_own else " (At work: rates by differences. Train `hybrid`, and run this again.)"


def predicted(rates: material.Rates, some: material.Runs) -> np.ndarray:
    """Return what each network foretells of some runs, (M, B, T, 5)."""
    with torch.no_grad():
        return material.simulate(rates, some, material.PREDICT_STEP_H).numpy()


# Figures and tables -------------------------------------------------------------------------


def runs_figure() -> go.Figure:
    """Draw cells and glucose of the 24 runs."""
    some = material.runs()
    figure = make_subplots(
        1, 2, subplot_titles=["cells on carriers", "glucose"], horizontal_spacing=0.14
    )
    for column, (state, factor) in enumerate({0: 1e-6, 1: 1.0}.items(), start=1):
        for b, values in enumerate(some.values[..., state]):
            figure.add_scatter(
                x=some.hours,
                y=factor * values,
                name=f"run {b}",
                mode="lines+markers",
                line={"color": figures.BLUE, "width": 1},
                marker={"size": 5},
                opacity=0.6,
                showlegend=False,
                row=1,
                col=column,
            )
    figure.update_xaxes(title_text="hours after inoculation")
    figure.update_yaxes(title_text="million/mL", row=1, col=1)
    figure.update_yaxes(title_text="mmol/L", row=1, col=2)
    return figure.update_layout(title="24 runs", height=400)


def black_boxes() -> tuple[go.Figure, str]:
    """Draw what the pure models foretell of the glucose of a run outside, and count."""
    said = rivals.pure_predictions(material.exam_runs(True))
    figure = _glucose_figure(said, _telling_run())
    below = {name: 100 * float((p[..., 1].min(axis=1) < 0).mean()) for name, p in said.items()}
    counted = ", ".join(f"{name} {share:.0f} %" for name, share in below.items())
    b, exam = _telling_run(), material.exam_runs(True)
    last = ", ".join(f"{name} {p[b, -1, 1]:.0f}" for name, p in said.items())
    first = [abs(float(p[b, 0, 1] - exam.values[b, 0, 1])) for p in said.values()]
    return figure, (
        "The solid grey line is the plant: glucose falls to nothing, and stays there. The pure "
        f"models are off by {min(first):.0f} to {max(first):.0f} mmol/L after one day already, and "
        f"go on below zero. Of day five, when the plant has {exam.values[b, -1, 1]:.0f}, they say: "
        f"{last}. They fall below zero in this share of the 40 runs outside: {counted}."
    )


def against_the_plant(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the same with the learner's hybrid, and tell its lowest value."""
    work = _at_work(namespace)
    lines = rivals.pure_predictions(material.exam_runs(True)) | {
        "hybrid": work.outside.mean(axis=0)
    }
    lowest = float(work.outside[..., 1].min())
    if lowest > -material.ROUNDING:
        seam = f"{max(lowest, 0.0):.2f} mmol/L: the seam ends the uptake where nothing is left."
    else:
        seam = f"{lowest:.2f} mmol/L: the seam does not end the uptake in time."
    said = f"{_how_near(work)} Its lowest glucose in all 40 runs is {seam}"
    return _glucose_figure(lines, _telling_run()), said + _whose(work.is_own)


def _how_near(work: Work) -> str:
    """Say how near the hybrid's glucose is to the plant's in the run that is drawn."""
    b = _telling_run()
    off = work.outside[..., 1].mean(axis=0)[b] - material.exam_runs(True).values[b, :, 1]
    most = float(np.abs(off).max())
    how = "follows the plant" if most < _NEAR else "does not follow the plant"
    return f"The hybrid {how}: its glucose is off by {most:.1f} mmol/L at the most."


_NEAR = 1.0  # mmol/L


def _telling_run() -> int:
    """Return a run outside that is neither the leanest nor the richest."""
    left = material.exam_runs(True).values[:, 1, 1]  # glucose at 48 h
    return int(np.argsort(left)[len(left) // 2])


def _glucose_figure(said: Mapping[str, np.ndarray], b: int) -> go.Figure:
    exam = material.exam_runs(True)
    figure = go.Figure()
    start = exam.recipes["glucose_mmol_per_l"].iloc[b]
    hours = np.append(0.0, exam.hours)
    figure.add_scatter(
        x=hours,
        y=np.append(start, exam.values[b, :, 1]),
        name="the plant",
        mode="lines+markers",
        line={"color": GREY, "width": 4},
        marker={"size": 9},
    )
    for k, (name, values) in enumerate(said.items()):
        colour, dash = LINES[name]
        figure.add_scatter(
            x=exam.hours,
            y=values[b, :, 1],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": figures.MARKERS[k], "size": 8},
        )
    figure.add_hline(y=0, line={"color": GREY, "dash": "dot"})
    return figure.update_layout(
        title="Glucose of one run outside the range",
        xaxis_title="hours after inoculation",
        yaxis_title="glucose (mmol/L)",
        height=430,
    )


def gradient(namespace: Names) -> pd.DataFrame:
    """Ask how cells and glucose answer to the growth rate, by autograd and by trying it out.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `balances` and `rk4_step` are put to work where they give an answer.

    Returns
    -------
    DataFrame
        Cells (million/mL), glucose and lactate (mmol/L) after 48 h, and how much each changes for
        0.001 1/h more growth.
    """
    own = [namespace.get(name) for name in ("balances", "rk4_step")]
    try:
        return _gradient(*own).rename_axis(columns="your functions")
    except Exception:  # whatever an unfinished answer does
        table = _gradient(material._balances, material._rk4_step)
        return table.rename_axis(columns="the course's functions, not yours")


def _gradient(balances: Callable[..., Any], rk4_step: Callable[..., Any]) -> pd.DataFrame:
    def after_48_h(growth: torch.Tensor) -> torch.Tensor:
        state = torch.tensor([[3e5, 30.0, 0.0]], dtype=torch.float64)
        uptake = torch.tensor([0.3], dtype=torch.float64)
        for _ in range(12):
            state = rk4_step(lambda y: balances(y, growth, uptake), state, 4.0)
        return state[0] / torch.tensor([1e6, 1.0, 1.0], dtype=torch.float64)

    growth = torch.tensor([0.03], dtype=torch.float64, requires_grad=True)
    state = after_48_h(growth)
    slopes = [torch.autograd.grad(value, growth, retain_graph=True)[0].item() for value in state]
    with torch.no_grad():
        tried = after_48_h(growth + 1e-6) - after_48_h(growth - 1e-6)
    table = {
        "after 48 h": state.detach().numpy(),
        "change by autograd": 1e-3 * np.array(slopes),
        "change, tried out": 1e-3 * tried.numpy() / 2e-6,
    }
    labels = ["cells, million/mL", "glucose, mmol/L", "lactate, mmol/L"]
    return pd.DataFrame(table, index=labels)


def scores(namespace: Names) -> pd.DataFrame:
    """Return how far each model misses the forty runs inside, and the forty outside.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `hybrid` is put to work where it gives an answer.

    Returns
    -------
    DataFrame
        Root mean squared misses of the five quantities, in SDs of the 24 runs, and the share of
        runs outside in which a quantity falls below zero, %.
    """
    work = _at_work(namespace)
    rows = {}
    for outside in tqdm((False, True), desc="Runs", delay=5, leave=False, file=sys.stdout):
        exam = material.exam_runs(outside)
        said = dict(rivals.pure_predictions(exam))
        for name, with_surface in (("formula, suspension", False), ("formula, carriers", True)):
            said[name] = predicted(rivals.fitted(with_surface).rates(), exam)[0]
        ours = work.outside if outside else predicted(work.rates, exam)
        said["hybrid" if work.is_own else "rates by differences"] = ours.mean(axis=0)
        for name, values in said.items():
            row = rows.setdefault(name, {})
            row["miss outside" if outside else "miss inside"] = material.miss(values, exam)
            below = values.min(axis=(1, 2)) < -material.ROUNDING
            row["runs below zero, %"] = 100 * float(below.mean())
    columns = ["miss inside", "miss outside", "runs below zero, %"]
    return pd.DataFrame(rows).T[columns].round(2)


def rates_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the learned rates, the members' range round them, and the plant's own over them."""
    work = _at_work(namespace)
    figure = make_subplots(
        1, 2, subplot_titles=["growth rate", "glucose uptake"], horizontal_spacing=0.17
    )
    misses = []
    for k, name in enumerate(("lactate_mmol_per_l", "glucose_mmol_per_l")):
        x, features = _sweep(name)
        learned = _ask(work.rates, features)[..., k]
        truth = material._true_rates(features)[:, k]
        misses.append(100 * float(np.median(np.abs(learned.mean(axis=0)[1:] / truth[1:] - 1))))
        _draw_rate(figure, k + 1, x, learned, truth)
        read = material.runs().values[..., list(material.MEASURED).index(name.split("_")[0])]
        limit = float(np.nanmax(read) if k == 0 else np.nanmin(read))
        figure.add_vline(x=limit, line={"color": GREY, "dash": "dot"}, row=1, col=k + 1)
    figure.update_xaxes(title_text="lactate (mmol/L)", row=1, col=1)
    figure.update_xaxes(title_text="glucose (mmol/L)", row=1, col=2)
    figure.update_yaxes(title_text="1/h", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="pmol/cell/h", rangemode="tozero", row=1, col=2)
    figure.update_layout(title="The true rate over the learned one", height=420)
    return figure, (
        "On carriers half full. Growth is learned within "
        f"{misses[0]:.0f} %, uptake within {misses[1]:.0f} % (median over the line). The dotted "
        "line is where the data end: to its right in the first picture, to its left in the second, "
        "the networks guess, and only the seam holds them." + _whose(work.is_own)
    )


def _sweep(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a quantity that goes through its range, and features that go with it, (N, 9)."""
    usual = {"glutamine_mmol_per_l": 2.5, "do_percent": 60.0, "ph": 7.2, "temperature_c": 37.0}
    usual |= {"living_cells_per_ml": 9e5, "free_surface_share": 0.5}
    top = 55.0 if name.startswith("lactate") else 36.0
    x = np.linspace(0.0, top, 56)
    lactate = x if name.startswith("lactate") else np.full_like(x, 12.0)
    glucose = np.full_like(x, 20.0) if name.startswith("lactate") else x
    row = usual | {"ammonium_mmol_per_l": 0.05 * lactate}
    row |= {"lactate_mmol_per_l": lactate, "glucose_mmol_per_l": glucose}
    return x, np.stack([np.broadcast_to(row[key], x.shape) for key in HOOK_FEATURES], axis=-1)


def _ask(rates: material.Rates, features: np.ndarray) -> np.ndarray:
    """Return what each network says of the same features, (M, N, 2)."""
    members = getattr(rates, "members", 1)
    rows = torch.tensor(np.tile(features, (members, 1)), dtype=torch.float32)
    with torch.no_grad():
        both = torch.stack([part.reshape(members, -1) for part in rates(rows)], dim=-1)
    return both.numpy()


def _draw_rate(
    figure: go.Figure, column: int, x: np.ndarray, learned: np.ndarray, truth: np.ndarray
) -> None:
    place = {"row": 1, "col": column, "showlegend": column == 1}
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=x, y=learned.max(axis=0), **edge, **place | {"showlegend": False})
    band = {"fill": "tonexty", "fillcolor": "rgba(0, 114, 178, 0.25)", "name": "the six networks"}
    figure.add_scatter(x=x, y=learned.min(axis=0), **edge, **band, **place)
    line = {"color": figures.BLUE, "width": 3}
    figure.add_scatter(x=x, y=learned.mean(axis=0), name="learned", line=line, **place)
    line = {"color": figures.VERMILLION, "width": 3, "dash": "dash"}
    figure.add_scatter(x=x, y=truth, name="the plant's own", line=line, **place)


# Constants that the data cannot tell apart ----------------------------------------------------


def constants(namespace: Names) -> pd.DataFrame:
    """Return the fitted formula's constants, the plant's own, and how sure the data are of them.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `told_apart` is put to work where it gives an answer.
    """
    fit = rivals.fitted()
    errors = _told(namespace)[0]
    table = {
        "unit": pd.Series(rivals.FORMULA_UNITS),
        "fitted": fit.constants,
        "plant": pd.Series(rivals.TRUE_CONSTANTS),
        "relative error, %": pd.Series(100 * errors, index=list(rivals.FORMULA)),
    }
    return pd.DataFrame(table).round({"fitted": 3, "plant": 3, "relative error, %": 0})


def correlations(namespace: Names) -> pd.DataFrame:
    """Return the correlations of the fitted constants' logarithms, by `told_apart`."""
    names = list(rivals.FORMULA)
    return pd.DataFrame(_told(namespace)[1], index=names, columns=names).round(2)


def _told(namespace: Names) -> tuple[np.ndarray, np.ndarray]:
    """Return what the learner's `told_apart` says of the fit; NaN where it says nothing."""
    slopes, n = rivals.fitted().sensitivities.to_numpy(), len(rivals.FORMULA)
    try:
        errors, related = namespace.get("told_apart")(slopes.copy())
        errors = np.asarray(errors, dtype=float).reshape(n)
        return errors, np.asarray(related, dtype=float).reshape(n, n)
    except Exception:  # whatever an unfinished answer does
        return np.full(n, np.nan), np.full((n, n), np.nan)


# Intervals ------------------------------------------------------------------------------------


def unseen(namespace: Names) -> pd.DataFrame:
    """Return the cells of the 24 runs as foretold by the network that had not seen the run.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `hybrid` is put to work where it gives an answer.

    Returns
    -------
    DataFrame
        One row a reading, in million cells/mL: ``measured``, ``predicted``, ``miss`` (measured
        less predicted) and ``spread`` (SD of the six networks, and a little).
    """
    some = material.runs()
    said = predicted(_at_work(namespace).rates, some)[..., 0]
    fold = material._fold(len(some.recipes), len(said))
    by_stranger = said[fold, np.arange(len(some.recipes))]
    table = {
        "measured": some.values[..., 0],
        "predicted": by_stranger,
        "spread": said.std(axis=0) + LEAST_SPREAD,
    }
    frame = pd.DataFrame({name: values.ravel() / 1e6 for name, values in table.items()}).dropna()
    return frame.assign(miss=frame["measured"] - frame["predicted"])


def coverage(namespace: Names) -> tuple[go.Figure, str]:
    """Count how many readings of new runs lie within three kinds of interval.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `hybrid` and `interval` are put to work where they give an answer.
    """
    work = _at_work(namespace)
    known = unseen(namespace)
    width = material._rank(known["miss"].abs(), LEVEL)
    inside = {}
    for outside, where in ((False, "inside"), (True, "outside")):
        new = material.next_runs(outside)
        said = predicted(work.rates, new)[..., 0] / 1e6
        centre, spread = said.mean(axis=0).ravel(), said.std(axis=0).ravel()
        measured = new.values[..., 0].ravel() / 1e6
        off = np.abs(measured - centre)
        low, high = _interval(namespace, centre, spread + LEAST_SPREAD / 1e6, known)
        inside[f"{where}:<br>networks' spread"] = np.mean(off <= 1.645 * spread)
        inside[f"{where}:<br>counted misses"] = np.mean(off <= width)
        inside[f"{where}:<br>in units of spread"] = np.mean((measured >= low) & (measured <= high))
    shares = 100 * pd.Series(inside).astype(float)
    figure = figures.bars(
        shares.round(),
        title="Intervals for cells, meant to hold 90 %",
        axis_title="readings inside the interval (%)",
    )
    alike = {"color": 2 * list(figures.COLOURS[:3]), "pattern": {"shape": 2 * ["", "/", "x"]}}
    figure.update_traces(marker=alike)  # the same three inside and outside
    figure.add_hline(y=100 * LEVEL, line={"color": GREY, "dash": "dash"})
    numbers = [f"{share:.0f} %" for share in shares]
    sentence = (
        f"Inside the range the three hold {', '.join(numbers[:3])}; outside "
        f"{', '.join(numbers[3:])}. Meant are 90 %, the dashed line.{_whose(work.is_own)}"
    )
    return figure, sentence


def _interval(
    namespace: Names, centre: np.ndarray, spread: np.ndarray, known: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    given = centre, spread, known["miss"].to_numpy(), known["spread"].to_numpy(), LEVEL
    try:
        low, high = (np.asarray(e, float) for e in namespace.get("interval")(*given))
        if low.shape == high.shape == centre.shape and (low <= high).all():
            return low, high
    except Exception:  # whatever an unfinished answer does
        pass
    return material._interval(*given)


# Doses ----------------------------------------------------------------------------------------


def infections(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Choose when to infect forty runs outside the range, and let the plant make them.

    Each model foretells the cells of each run hour by hour; the batch is infected when they are
    most. Then the plant infects, harvests, purifies and releases, with its lots, hands and faults.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `hybrid` is put to work where it gives an answer.
    """
    work = _at_work(namespace)
    doses = _doses_by_hour()
    peaks = {"as usual": np.full(len(doses), USUAL_H)}
    peaks |= {name: _peak_h(cells) for name, cells in _pure_cells().items()}
    with torch.no_grad():
        course = material.course(work.rates, material.exam_runs(True))[..., 0].mean(dim=0).numpy()
    name = "hybrid" if work.is_own else "rates by differences"
    peaks[name] = _peak_h(course[:, INFECT_H.astype(int)])
    rows = {}
    for who, hours in peaks.items():
        got = doses[np.arange(len(doses)), np.searchsorted(INFECT_H, hours)]
        rows[who] = {
            "infected at, h": np.median(hours),
            "doses": got.sum(),
            "batches without a dose": (got == 0).sum(),
        }
    best = doses.max(axis=1)
    rows["best, in hindsight"] = {
        "infected at, h": np.median(INFECT_H[doses.argmax(axis=1)]),
        "doses": best.sum(),
        "batches without a dose": (best == 0).sum(),
    }
    table = pd.DataFrame(rows).T.round(0).astype(int)
    figure = figures.bars(
        table["doses"], title="Forty runs outside the range", axis_title="doses released"
    )
    pure = table.loc[list(LINES)[:3], "doses"].max()
    ours = table.loc[name, "doses"]
    sentence = (
        f"Infected when the hybrid says that cells are most, the forty batches give {ours:,} "
        f"doses; by the best of the pure models {pure:,}; at {USUAL_H:.0f} h as usual "
        f"{table.loc['as usual', 'doses']:,}; and {table['doses'].iloc[-1]:,} for somebody who "
        "could try each hour." + _whose(work.is_own)
    )
    return table, figure, sentence


def _peak_h(cells: np.ndarray) -> np.ndarray:
    """Return the hour of `INFECT_H` at which cells (B, hours) are most."""
    return INFECT_H[cells.argmax(axis=1)]


def _pure_cells() -> dict[str, np.ndarray]:
    recipes = material.exam_runs(True).recipes
    asked = recipes.loc[recipes.index.repeat(len(INFECT_H))].assign(
        hours=np.tile(INFECT_H, len(recipes))
    )
    return {
        name: model.predict(asked)[:, 0].reshape(len(recipes), -1)
        for name, model in rivals.trained().items()
    }


@cache
def _doses_by_hour() -> np.ndarray:
    """Return the doses of each run outside, infected at each of `INFECT_H`, (B, hours)."""
    recipes = material.exam_runs(True).recipes
    met = campaign.draw(7, len(recipes), _DAYS, campaign.DAYS).circumstances
    columns = []
    for hour in tqdm(INFECT_H, desc="Hours", delay=5, leave=False, file=sys.stdout):
        asked = material._recipes(
            recipes,
            hour,
            infection_duration_h=_HARVEST_H,
            moi=_MOI,
            infection_temperature_c=_VIRUS_C,
        )
        release = making.make(asked, met).release
        columns.append(np.where(release.released, release.doses_filled, 0.0))
    return np.stack(columns, axis=1)
