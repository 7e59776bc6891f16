"""Forecasts at work: the leak, a race over seeds, the measured curve, and harvests in doses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from torch import nn
from tqdm import tqdm

from vaxlab import figures
from vaxlab.checks.exercise import Answers, guarded, passed
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day2.trajectories import material
from vaxlab.plant.deploy import LIVE, Deployment, deploy
from vaxlab.plant.rules import Policy

SEASON_BATCHES, SEASON_SEED = 60, 61
"""What the plant runs on a forecast: a year."""
FIXED_H = 46.0
"""The even hour next to the mean of what the pilot series was ready at."""
CREW_EVERY_H = 2

METHODS = ("boosted trees", "trees, Exercise 5", "MLP", "1-D CNN", "GRU")
CURVE: tuple[tuple[int, int, float, float, float, float, float], ...] = (
    (60, 0, 4.259, 3.358, 5.311, 5.325, 4.985),
    (60, 1, 4.15, 3.336, 5.274, 5.165, 5.084),
    (60, 2, 4.529, 3.068, 5.545, 6.27, 5.072),
    (60, 3, 4.495, 3.719, 5.347, 5.83, 5.07),
    (60, 4, 4.382, 3.885, 5.451, 5.251, 5.117),
    (120, 0, 4.129, 3.065, 5.233, 5.223, 4.884),
    (120, 1, 4.09, 3.09, 5.188, 5.196, 4.984),
    (120, 2, 4.195, 3.147, 5.166, 5.154, 4.993),
    (120, 3, 4.201, 3.135, 4.686, 5.465, 4.958),
    (120, 4, 4.089, 3.062, 5.259, 5.347, 5.129),
    (240, 0, 4.071, 2.961, 5.178, 5.162, 4.988),
    (240, 1, 4.092, 2.954, 5.228, 5.21, 4.704),
    (240, 2, 3.944, 3.008, 4.318, 4.103, 4.898),
    (240, 3, 4.096, 2.815, 4.838, 4.166, 4.982),
    (240, 4, 4.218, 2.807, 5.135, 5.181, 5.035),
    (480, 0, 3.715, 2.82, 3.464, 3.767, 3.637),
    (480, 1, 3.72, 2.842, 3.533, 3.642, 3.52),
    (480, 2, 3.823, 2.79, 3.602, 3.942, 3.7),
    (480, 3, 3.669, 2.64, 3.371, 3.771, 3.187),
    (480, 4, 3.758, 2.738, 3.4, 3.564, 3.274),
    (960, 0, 3.46, 2.596, 2.888, 3.073, 2.844),
    (960, 1, 3.515, 2.632, 2.888, 3.388, 2.727),
    (960, 2, 3.525, 2.633, 3.322, 3.336, 2.798),
    (960, 3, 3.592, 2.725, 3.029, 3.27, 2.908),
    (960, 4, 3.594, 2.669, 2.948, 3.335, 2.958),
)
"""Batches learnt from, seed, root mean squared miss (h) of each of `METHODS`."""


def batches_figure(some: material.Batches, tag: str = "capacitance_pf_per_cm") -> go.Figure:
    """Draw one tag of some batches, hour by hour, from the earliest to the latest."""
    order = np.argsort(some.ready_h)
    chosen = order[np.linspace(4, len(order) - 5, 5).astype(int)]
    figure = go.Figure()
    for k, row in enumerate(chosen):
        figure.add_scatter(
            x=some.hours,
            y=some.values[row, :, material.TAGS.index(tag)],
            name=f"ready at {some.ready_h[row]:.1f} h",
            mode="lines",
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k], "width": 3},
        )
    figure.add_vline(x=material.NOW_H, line={"color": "#767676", "dash": "dash"})
    return figure.update_layout(
        title="Five batches of the fast line, each until the crew ended it",
        xaxis_title="hours after infection",
        yaxis_title="capacitance (pF/cm)",
        height=420,
    )


def leak(plant_seed: int = material.HISTORY_SEED) -> pd.Series:
    """Return the misses (h) of trees that see 30 h, and of trees that see the length as well.

    In the last one the length is that of a batch at its 30 h, when the forecast is asked for.
    """
    learnt, new = material.pilot(plant_seed), material.next_series(plant_seed)
    rows = np.arange(material.LEARNT)
    plain, asked = (material._summary(some.values, some.hours) for some in (learnt, new))
    lengths, to_come = (_lengths(some) for some in (learnt, new))
    now = np.full(len(to_come), np.count_nonzero(new.hours < material.NOW_H))
    honest = material.boosted().fit(plain[rows], learnt.ready_h[rows])
    leaking = material.boosted().fit(np.column_stack([plain, lengths])[rows], learnt.ready_h[rows])
    said = {
        "up to 30 h": honest.predict(asked),
        "and the length, on finished records": leaking.predict(np.column_stack([asked, to_come])),
        "and the length, asked at 30 h": leaking.predict(np.column_stack([asked, now])),
    }
    misses = {name: material.miss(hours, new.ready_h) for name, hours in said.items()}
    return pd.Series(misses, name="miss (h)")


def _lengths(some: material.Batches) -> np.ndarray:
    """Return the rows of each batch's record."""
    return np.isfinite(some.values).any(axis=2).sum(axis=1)


# The race -----------------------------------------------------------------------------------


def race(namespace: Mapping[str, Any], seeds: int = material.SEEDS) -> pd.DataFrame:
    """Let trees and networks learn from 120 batches, with five seeds: misses on 480 others, h.

    Parameters
    ----------
    namespace : mapping
        The learner's names. ``make_net`` is put to work where it gives a network that can be
        trained; the course's GRU otherwise.
    """
    learnt, new = material.pilot(), material.next_series()
    plain, asked = (material._summary(some.values, some.hours) for some in (learnt, new))
    networks = dict(material.NETWORKS)
    own = _own_net(namespace)
    if own is not None:
        del networks["GRU"]
        networks["your network"] = own
    elif "make_net" in namespace:
        print("Your network can not be trained yet: the course's GRU runs in its place.")
    rows = []
    for seed in tqdm(range(seeds), desc="Seeds", delay=5, leave=False, file=sys.stdout):
        drawn = np.random.default_rng(seed).permutation(len(learnt.ready_h))[: material.LEARNT]
        ready_h = learnt.ready_h[drawn]
        said = {"boosted trees": material.boosted(seed).fit(plain[drawn], ready_h).predict(asked)}
        for name, network in networks.items():
            values = learnt.values[drawn]
            forecast = material.trained(network, values, learnt.hours, ready_h, seed)
            said[name] = forecast(new.values)
        rows.append({name: material.miss(hours, new.ready_h) for name, hours in said.items()})
    return pd.DataFrame(rows).rename_axis("seed")


def _own_net(namespace: Mapping[str, Any]) -> Callable[[], nn.Module] | None:
    """Return the learner's ``make_net`` if a network comes of it that can be trained."""
    make = namespace.get("make_net")
    x = torch.zeros(2, material.STEPS, len(material.TAGS))
    try:
        said = make()(x)
        said.sum().backward()
    except Exception:  # a learner's code may raise anything: then the course's works
        return None
    return make if tuple(said.shape) == (2,) else None


def told(namespace: Mapping[str, Any], race: pd.DataFrame) -> str:
    """Say the verdict on trees and the race's last network, by the learner's ``paired``.

    Where that one says something else than the course's own, the course's is told, and named.
    """
    trees, net = race.iloc[:, 0].to_numpy(), race.iloc[:, -1].to_numpy()
    own = _answer(Answers(namespace), lambda answers: _verdict(answers, trees, net))
    low, high, better = material._paired(trees, net)
    is_right = own and np.allclose(own[:2], (low, high), atol=0.005) and own[2] == better
    whose = (
        " At work here: your paired."
        if is_right
        else " At work here: the course's paired, for yours does not pass Exercise 3 yet."
    )
    return (
        f"{race.columns[-1]} less {race.columns[0]}, over {len(race)} seeds: {low:+.2f} to "
        f"{high:+.2f} h. Verdict: {better}.{whose}"
    )


def _verdict(answers: Answers, trees: np.ndarray, net: np.ndarray) -> tuple[float, float, str]:
    low, high, better = answers.function("paired")(trees.copy(), net.copy())
    return float(low), float(high), str(better).strip().lower()


# The learning curve -------------------------------------------------------------------------


def curve() -> pd.DataFrame:
    """Return the measured learning curve: means over five seeds, h, and the ends of the interval.

    Returns
    -------
    DataFrame
        Index: batches that were learnt from. One column a method; ``low`` and ``high`` of the
        interval on *GRU less trees*.
    """
    table = _measured()
    means = table.groupby("batches")[list(METHODS)].mean().round(2)
    ends = {
        size: material._paired(rows["boosted trees"].to_numpy(), rows["GRU"].to_numpy())[:2]
        for size, rows in table.groupby("batches")
    }
    return means.join(pd.DataFrame(ends, index=["low", "high"]).T.round(3))


def turned(namespace: Mapping[str, Any]) -> str:
    """Say where the order turns on the measured curve, by the learner's ``turns_at``.

    Where that one says something else than the course's own, the course's is told, and named.
    """
    table = curve()
    given = [table.index.to_numpy(dtype=float), table["low"].to_numpy(), table["high"].to_numpy()]
    until, start = material._turns_at(*given)
    own = _answer(Answers(namespace), lambda answers: _turns(answers, given))
    whose = (
        "your turns_at."
        if own == (until, start)
        else "the course's turns_at, for yours does not pass Exercise 4 yet."
    )
    return (
        f"Trees surely lead up to {until:g} batches, the GRU from {start:g} on. "
        f"At work here: {whose}"
    )


def _turns(answers: Answers, given: list[np.ndarray]) -> tuple[float, ...]:
    said = answers.function("turns_at")(*(one.copy() for one in given))
    values = said.values() if isinstance(said, dict) else said
    return tuple(float(np.ravel(one)[0]) for one in values)


def _measured() -> pd.DataFrame:
    return pd.DataFrame(CURVE, columns=["batches", "seed", *METHODS])


def curve_figure() -> go.Figure:
    """Draw the learning curve: means over seeds, with bars from the luckiest to the unluckiest."""
    table = _measured()
    figure = go.Figure()
    for k, method in enumerate(METHODS):
        by_size = table.groupby("batches")[method]
        mean, low, high = by_size.mean(), by_size.min(), by_size.max()
        figure.add_scatter(
            x=mean.index,
            y=mean,
            name=method,
            mode="lines+markers",
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k], "width": 3},
            marker={"symbol": figures.MARKERS[k], "size": 9},
            error_y={"array": high - mean, "arrayminus": mean - low, "width": 3},
        )
    sizes = sorted(table["batches"].unique())
    figure.update_xaxes(type="log", tickvals=sizes, title="batches learnt from")
    return figure.update_layout(
        title="Misses on 480 batches of other lots",
        yaxis_title="root mean squared miss (h)",
        height=460,
        legend={"orientation": "h", "y": -0.25},
    )


# Doses --------------------------------------------------------------------------------------

Reading = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From values (B, T, 5) and hours (T,) to a table of features."""


def harvests(namespace: Mapping[str, Any]) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the plant harvest the fast line by a fixed hour, and by two forecasts.

    Parameters
    ----------
    namespace : mapping
        The learner's names. ``features`` is put to work where trees can be trained on it; the
        numbers of exercise 1 otherwise.

    Returns
    -------
    tuple of DataFrame, Figure and str
        One row for each way; bars of the doses; a sentence.
    """
    own = _answer(Answers(namespace), _own_features)
    ways: dict[str, Reading] = {"trees, exercise 1's numbers": material._summary}
    if own is not None:
        ways["trees, your features"] = own
    fixed = _fixed()
    ran = {"always at 46 h": fixed}
    for name, reading in tqdm(ways.items(), desc="Years", delay=5, leave=False, file=sys.stdout):
        policy = Policy(recipe=_fast, harvest=_rule(_forecast(reading)))
        ran[name] = _ran(policy)
    base = fixed.batches["doses"].to_numpy()
    rows = pd.DataFrame({name: _counted(one, base) for name, one in ran.items()}).T
    doses = rows["million doses"].set_axis([name.replace(", ", ",<br>") for name in rows.index])
    figure = figures.bars(
        doses.round(1),
        title=f"{SEASON_BATCHES} batches of the fast line, harvested in {len(rows)} ways",
        axis_title="doses released (millions)",
    )
    gains = "; ".join(
        f"{name}: {row['gained, %']:+.1f} % ({row['from, %']:+.1f} to {row['to, %']:+.1f})"
        for name, row in rows.iloc[1:].iterrows()
    )
    whose = " At work here: your features." if own is not None else ""
    sentence = f"Doses gained on the fixed hour, with 95 % intervals: {gains}.{whose}"
    return rows.round(1), figure, sentence


def _fast(known: dict) -> dict[str, float]:
    return {"moi": material.MOI}


@lru_cache(maxsize=1)
def _fixed() -> Deployment:
    return _ran(Policy(recipe=lambda known: _fast(known) | {"infection_duration_h": FIXED_H}))


def _ran(policy: Policy) -> Deployment:
    return deploy(policy, n_batches=SEASON_BATCHES, seed=SEASON_SEED, product=LIVE)


def _counted(one: Deployment, base: np.ndarray) -> dict[str, float]:
    """Count doses beside those of the fixed hour, batch by batch."""
    doses = one.batches["doses"].to_numpy()
    gained = doses - base
    half = 2.0 * gained.std(ddof=1) * np.sqrt(len(gained))
    percent = 100 * np.array([gained.sum(), gained.sum() - half, gained.sum() + half]) / base.sum()
    return {
        "million doses": doses.sum() / 1e6,
        "gained, %": percent[0],
        "from, %": percent[1],
        "to, %": percent[2],
        "rejected": float((doses == 0).sum()),
        "mean hour of harvest": float(one.batches["harvest_h"].mean()),
    }


def _forecast(reading: Reading) -> Reading:
    """Return the forecast of trees that learnt from 120 batches of the pilot series."""
    learnt, rows = material.pilot(), slice(0, material.LEARNT)
    table = _numbers(reading(learnt.values[rows], learnt.hours))
    trees = material.boosted().fit(table, learnt.ready_h[rows])
    return lambda values, hours: trees.predict(_numbers(reading(values, hours)))


def _numbers(table: Any) -> np.ndarray:
    values = np.asarray(table, dtype=float)
    values = values[:, None] if values.ndim == 1 else values
    return np.where(np.isfinite(values), values, np.nan)


def _rule(forecast: Reading) -> Callable[[dict, pd.DataFrame], bool]:
    """Return a harvest rule that asks once a batch, at 30 h; the crew comes every two hours."""
    wanted: dict[int, float] = {}

    def rule(known: dict, seen: pd.DataFrame) -> bool:
        now, batch = seen["hours_after_infection"].iloc[-1], known["batch"]
        if now < material.NOW_H - 0.3:
            return False
        if batch not in wanted:
            said = float(forecast(*_hour_by_hour(seen))[0])
            wanted[batch] = CREW_EVERY_H * round(said / CREW_EVERY_H)
        return bool(now >= wanted[batch] - 0.3)

    return rule


def _hour_by_hour(seen: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return what was seen of one batch until 30 h, (1, T, 5), and the hours."""
    hours = np.arange(material.RECORD_FROM_H, material.NOW_H)
    hour = np.floor(seen["hours_after_infection"]).astype(int)
    means = seen[list(material.TAGS)].groupby(hour).mean().reindex(hours)
    return means.to_numpy(dtype=float)[None], hours


def _own_features(answers: Answers) -> Reading:
    function = answers.function("features")

    def reading(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
        return _numbers(function(values.copy(), hours.copy()))

    learnt, hours = material.pilot(), np.arange(material.RECORD_FROM_H, material.NOW_H)
    kept = np.isin(learnt.hours, hours)
    alone = reading(learnt.values[:1][:, kept], hours)
    if alone.shape != reading(learnt.values, learnt.hours)[:1].shape:
        raise ValueError("not the same features for one batch as for many")
    _forecast(reading)
    return reading


def _answer(answers: Answers, ask: Callable[[Answers], Any]) -> Any:
    """Return what the learner's names answer, or None where that is no answer yet."""
    found = []

    def parts() -> Iterator[Part]:
        found.append(ask(answers))
        yield passed("", 0)

    outcomes = [part.outcome for part in guarded("", 1, parts())]
    return found[0] if outcomes == [Outcome.PASSED] else None
