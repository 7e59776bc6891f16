"""Forecasts at work: races over seeds, the measured curve, and the hour of harvest in doses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch

from vaxlab import training
from vaxlab.checks.exercise import Answers, Stop
from vaxlab.lessons.day2.trajectories import material
from vaxlab.lessons.day2.trajectories.curve import CURVE
from vaxlab.plant.deploy import Deployment, deploy
from vaxlab.plant.rules import Policy

YEAR_BATCHES, YEAR_SEED = 60, 61
"""What the plant runs on a forecast."""
ROUNDED_H = 2
"""The crew can come every two hours."""


def traces_figure(
    some: material.Traces | None = None, tag: str = "capacitance_pf_per_cm"
) -> go.Figure:
    """Draw one tag of some batches, hour by hour."""
    some = some or material.traces()
    order = np.argsort(some.best_h)
    figure = go.Figure()
    for row in order[:: len(order) // 12]:
        figure.add_scatter(
            x=some.hours,
            y=some.values[row, :, material.TAGS.index(tag)],
            name=f"best {some.best_h[row]:.0f} h",
            mode="lines",
        )
    figure.add_vline(x=material.NOW_H, line_dash="dash")
    figure.update_layout(
        title="Capacitance, which follows living cells: twelve batches",
        xaxis_title="hours after infection",
        yaxis_title="capacitance (pF/cm)",
    )
    return figure


def curve() -> pd.DataFrame:
    """Return the measured learning curve: mean miss (h) by size and method."""
    table = pd.DataFrame(CURVE, columns=["batches", "method", "seed", "miss"])
    return table.pivot_table(index="batches", columns="method", values="miss").round(3)


def curve_figure() -> go.Figure:
    """Draw the learning curve, each seed as a point."""
    table = pd.DataFrame(CURVE, columns=["batches", "method", "seed", "miss"])
    figure = go.Figure()
    for method, rows in table.groupby("method"):
        mean = rows.groupby("batches")["miss"].mean()
        low, high = rows.groupby("batches")["miss"].min(), rows.groupby("batches")["miss"].max()
        figure.add_scatter(
            x=mean.index,
            y=mean,
            name=str(method),
            mode="lines+markers",
            error_y={"array": high - mean, "arrayminus": mean - low},
        )
    figure.update_xaxes(type="log", title="batches learnt from")
    figure.update_yaxes(title="root mean squared miss (h)")
    figure.update_layout(title="Misses of the best hour of harvest, over seeds")
    return figure


def leak() -> pd.DataFrame:
    """Compare a model that sees 24 h with one that also sees how long the batch ran."""
    some = material.traces()
    now = some.until_now()
    known = np.column_stack([material._summary(now.values, now.hours), some.recipe])
    late = some.hours >= material.NOW_H
    ran = np.isfinite(some.values[:, late]).any(axis=2).sum(axis=1)
    ways = {"until 24 h": known, "and the length": np.column_stack([known, ran])}
    target = some.harvested_h
    rows, test = np.arange(material.TRAINED), np.arange(material.TRAINED, len(target))
    misses = {}
    for name, features in ways.items():
        model = material.boosted(0).fit(features[rows], target[rows])
        misses[name] = float(np.sqrt(np.mean((model.predict(features[test]) - target[test]) ** 2)))
    return pd.DataFrame({"miss of the crew's hour (h)": misses}).round(2)


# Doses --------------------------------------------------------------------------------------

Forecast = Callable[[material.Traces], np.ndarray]


def harvests(namespace: Mapping[str, Any]) -> tuple[pd.DataFrame, str]:
    """Let the plant harvest by forecasts: the learner's network, and boosted trees.

    Parameters
    ----------
    namespace : mapping
        The learner's names. ``make_net`` is put to work where it gives a network; else the
        course's own.
    """
    make_net, whose = _own_net(namespace)
    ways = {
        "boosted trees": _trees(),
        f"{whose} network": _network(make_net),
        "always 58 h": lambda some: np.full(len(some.recipe), 58.0),
    }
    ran = {
        name: deploy(Policy(harvest=_rule(way)), n_batches=YEAR_BATCHES, seed=YEAR_SEED)
        for name, way in ways.items()
    }
    rows = pd.DataFrame({name: _counted(one) for name, one in ran.items()}).T
    gained = rows["doses gained, %"]
    said = ", ".join(f"{name} {value:+.1f} %" for name, value in gained.items())
    return rows.round(1), f"Doses of {YEAR_BATCHES} batches over the plant's usual hour: {said}."


def _counted(one: Deployment) -> dict[str, float]:
    told = one.summary()
    return {
        "mean hour of harvest": float(one.batches["harvest_h"].mean()),
        "doses gained, %": told["gained_percent"],
        "from, %": told["low_percent"],
        "to, %": told["high_percent"],
    }


def _own_net(namespace: Mapping[str, Any]) -> tuple[Callable[[int], torch.nn.Module], str]:
    """Return the learner's ``make_net`` if a network comes of it."""
    try:
        Answers(namespace).function("make_net")
        make = namespace["make_net"]
        with torch.no_grad():
            said = make(23).eval()(torch.zeros(2, 24, 23))
        if tuple(said.shape) == (2,):
            return make, "your"
    except (Stop, Exception):  # a learner's code may raise anything: then the course's works
        pass
    return material.GRU, "the course's"


@lru_cache(maxsize=1)
def _trees() -> Forecast:
    some = material.traces()
    now = some.until_now()
    features = np.column_stack([material._summary(now.values, now.hours), some.recipe])
    model = material.boosted(0).fit(features, some.best_h)
    return lambda new: model.predict(
        np.column_stack([material._summary(new.values, new.hours), new.recipe])
    )


def _network(
    make: Callable[[int], torch.nn.Module],
    rows: np.ndarray | None = None,
    stop: np.ndarray | None = None,
    seed: int = 0,
) -> Forecast:
    """Train a network on rows, with others to stop it; on all of the history if none are named."""
    some = material.traces()
    if rows is None:
        stop = np.arange(0, len(some.best_h), 5)
        rows = np.setdiff1d(np.arange(len(some.best_h)), stop)
    scaling = material.Scaling.of(some, rows)
    x, y = scaling.tensor(some), torch.tensor(some.best_h, dtype=torch.float32)
    middle, spread = float(y[rows].mean()), float(y[rows].std())
    y = (y - middle) / spread
    training.seed_all(seed)
    net = make(x.shape[2])
    training.fit(
        net,
        torch.nn.functional.mse_loss,
        (x[rows], y[rows]),
        validation=(x[stop], y[stop]),
        learning_rate=3e-3,
        weight_decay=1e-2,
        patience=12,
        seed=seed,
    )

    def forecast(new: material.Traces) -> np.ndarray:
        with torch.no_grad():
            return net(scaling.tensor(new)).numpy() * spread + middle

    return forecast


def _rule(forecast: Forecast) -> Callable[[dict, pd.DataFrame], bool]:
    """Return a harvest rule that asks once a batch, with what was seen until 24 h."""
    wanted: dict[int, float] = {}

    def rule(known: dict, seen: pd.DataFrame) -> bool:
        batch = known["batch"]
        if batch not in wanted:
            hour = float(forecast(_traces_of(known, seen))[0])
            wanted[batch] = ROUNDED_H * round(hour / ROUNDED_H)
        return seen["hours_after_infection"].iloc[-1] >= wanted[batch] - 0.3

    return rule


def _traces_of(known: dict, seen: pd.DataFrame) -> material.Traces:
    hours = seen["hours_after_infection"].to_numpy()
    read = {tag: seen[tag].to_numpy(dtype=float) for tag in material.TAGS}
    values = material._hourly(read, np.zeros(len(hours), dtype=int), hours, 1, material.NOW_H)
    recipe = np.array([[float(known[f"recipe_{name}"]) for name in material.RECIPE]])
    nothing = np.full(1, np.nan)
    grid = np.arange(material.FROM_H, material.NOW_H)
    return material.Traces(grid, values, recipe, nothing, nothing)


# The race -----------------------------------------------------------------------------------


def race(namespace: Mapping[str, Any], seeds: int = material.SEEDS) -> pd.DataFrame:
    """Train trees and the learner's network with five seeds: root mean squared misses, h.

    Each seed draws 120 of the first 240 batches; the other 120 of the history are tested on.
    """
    make_net, whose = _own_net(namespace)
    some = material.traces()
    now = some.until_now()
    features = np.column_stack([material._summary(now.values, now.hours), some.recipe])
    pool = len(some.best_h) - material.TRAINED
    test = np.arange(pool, len(some.best_h))
    rows = []
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).permutation(pool)[: material.TRAINED]
        trees = material.boosted(seed).fit(features[drawn], some.best_h[drawn])
        said = trees.predict(features[test])
        stop, learnt = np.split(drawn, [len(drawn) // 5])
        net = _network(make_net, learnt, stop, seed)(some)[test]
        rows.append([_miss(one, some.best_h[test]) for one in (said, net)])
    names = ["boosted trees", f"{whose} network"]
    return pd.DataFrame(rows, columns=names).rename_axis("seed")


def _miss(said: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.mean((said - true) ** 2)))


def told(namespace: Mapping[str, Any]) -> str:
    """Say what the race comes to, by the interval on paired differences."""
    table = namespace.get("race")
    if not isinstance(table, pd.DataFrame):
        table = race(namespace)
    low, high, better = material._paired(*table.to_numpy().T)
    return f"Net less trees: {low:+.2f} to {high:+.2f} h over five seeds: {better}."
