"""The learner's own answers at work: verdicts, filters, and a rule that the plant pays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from tqdm import tqdm

from vaxlab import figures
from vaxlab.errors import CourseError
from vaxlab.lessons.day3.harvest import material, rivals
from vaxlab.plant import deploy, rules
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.parameters import VALUES

GREY = "#767676"
Names = Mapping[str, Any]
SHOWN_FAULTS = {"": "by the book", "F7": "another MOI", "F16": "virus late"}
"""Kinds of batches that the figures show, one of each."""
LAST_H = 64
"""Until when filters follow a batch in figures, h after infection."""


def _whose(**own: bool) -> str:
    """Say which of the learner's answers did not work, or nothing."""
    not_own = [f"`{name}`" for name, is_own in own.items() if not is_own]
    if not not_own:
        return ""
    return f" (At work: the course's {' and '.join(not_own)}. Finish yours, and run this again.)"


def _chosen() -> dict[str, int]:
    """Return a batch of the live season for each kind that is shown: words to its number."""
    some = material.season()
    peak = some.truth["infectious_virions_per_ml"].argmax(axis=1)
    found = {}
    for fault, words in SHOWN_FAULTS.items():
        these = np.flatnonzero(some.fault == fault)
        if fault:
            order = np.argsort(-np.abs(peak[these] - np.median(peak)))
        else:
            order = np.argsort(np.abs(peak[these] - np.median(peak)))
        if len(these):
            found[words] = int(these[order[0]])
    return found


# Looking at the data --------------------------------------------------------------------------


def signals_figure() -> tuple[go.Figure, str]:
    """Draw capacitance and true titre of three batches of the live line."""
    some, figure = material.season(), _two("capacitance", "infectious virus (nobody sees it)")
    peaks = []
    for k, (words, b) in enumerate(_chosen().items()):
        record = material.hourly(some.seen[b])
        titre = np.log10(some.truth["infectious_virions_per_ml"][b])
        style = {"line": {"color": figures.COLOURS[k], "dash": figures.DASHES[k]}}
        style |= {"mode": "lines", "name": words}
        figure.add_scatter(x=record.index, y=record["capacitance_pf_per_cm"], row=1, col=1, **style)
        hours = np.arange(len(titre))
        figure.add_scatter(x=hours, y=titre, row=1, col=2, showlegend=False, **style)
        top = int(titre.argmax())
        mark = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 12}
        figure.add_scatter(
            x=[top], y=[titre[top]], mode="markers", marker=mark, showlegend=False, row=1, col=2
        )
        peaks.append(f"{words}: {top} h")
    figure.update_yaxes(title_text="pF/cm", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="log10 virions/mL", row=1, col=2)
    sentence = (
        f"The dot is the peak of infectious virus ({'; '.join(peaks)}). Capacitance swells a "
        "little while cells are infected, then falls as they die. At 24 h it still shows nothing."
    )
    return figure, sentence


def _two(left: str, right: str) -> go.Figure:
    figure = make_subplots(1, 2, subplot_titles=[left, right], horizontal_spacing=0.14)
    figure.update_xaxes(title_text="hours after infection")
    return figure.update_layout(height=420)


def hours_figure() -> tuple[go.Figure, str]:
    """Draw the mean doses of a harvest at each fixed hour, for both products."""
    figure, said = go.Figure(), []
    for k, product in enumerate(material.PRODUCTS):
        doses = material.doses_by_hour(product)
        mean = doses.mean(axis=1)
        share = 100 * mean / mean.max()
        figure.add_scatter(
            x=share.index,
            y=share,
            name=product,
            mode="lines+markers",
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k]},
            marker={"symbol": figures.MARKERS[k], "size": 8},
        )
        late = share.reindex([mean.idxmax() + 8]).iloc[0]
        said.append(f"{product}: best at {mean.idxmax()} h, eight hours later {late:.0f} %")
    figure.update_layout(
        title="All batches harvested at one hour",
        xaxis_title="hour of harvest, after infection",
        yaxis_title="doses, % of the best hour's",
        height=400,
    )
    return figure, f"{'; '.join(said)}."


def verdicts(namespace: Names) -> pd.DataFrame:
    """Return what an oracle adds for both products, by the learner's `verdict`.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `verdict` is put to work where it gives the right gain.
    """
    own, rows = namespace.get("verdict"), {}
    for product in material.PRODUCTS:
        doses = material.doses_by_hour(product)
        (hour, *gain), whose = rivals._verdict(doses), "the course's"
        try:
            mine = own(doses.copy())
            h, *said = map(float, mine.values() if isinstance(mine, dict) else mine)
            if len(said) == 3 and np.isclose(said[0], gain[0], rtol=1e-3, atol=0.051):
                hour, gain, whose = h, said, "yours"
        except Exception:  # whatever an unfinished answer does
            pass
        hour = int(hour) if float(hour).is_integer() else hour
        rows[product] = [hour, *np.round(gain, 1), round(material.REACHED * gain[0], 1), whose]
    columns = ["best hour", "oracle adds, %", "from", "to", "two thirds of it", "whose verdict"]
    return pd.DataFrame(rows, index=columns).T


# A soft sensor --------------------------------------------------------------------------------


def peeking() -> pd.DataFrame:
    """Compare a feature that peeks with an honest one, in the records and at the time.

    Returns
    -------
    DataFrame
        Root mean squared miss of the hours to the peak, h, on runs that were not learned from.
    """
    learned, exam = material.runs(), material.runs(40, HISTORY_SEED)
    rows = {}
    for name, make in {"peeks": _since_fall, "honest": rivals._features}.items():
        train = [make(record) for record in learned.records]
        model = material.sensor(*material.stacked(train, learned.peak_h))
        row = {}
        for when in ("in finished records", "at the time"):
            tables = [
                make(record) if when == "in finished records" else _at_the_time(make, record)
                for record in exam.records
            ]
            new, away = material.stacked(tables, exam.peak_h)
            row[when] = float(np.sqrt(np.mean((model.predict(new) - away) ** 2)))
        rows[name] = row
    return pd.DataFrame(rows).T.round(2).rename_axis(columns="root mean squared miss, h")


def _since_fall(record: pd.DataFrame) -> pd.DataFrame:
    """Return the hours since capacitance last stood at 90 % of its first hours: it peeks."""
    volume = record["capacitance_pf_per_cm"].rolling(3, min_periods=1).mean()
    last = volume.index[volume > 0.9 * volume.loc[1:6].mean()][-1]
    return pd.DataFrame({"since the fall": record.index - last}, index=record.index)


def _at_the_time(make: Callable[[pd.DataFrame], pd.DataFrame], record: pd.DataFrame) -> Any:
    rows = [make(record.loc[:hour]).iloc[-1:] for hour in material.SENSOR_HOURS]
    return pd.concat(rows)


# The extended Kalman filter -------------------------------------------------------------------


def _ekf_of(namespace: Names) -> tuple[Callable[..., Any], bool]:
    """Return the learner's `ekf_step` where it works, and whether it does."""
    import torch

    own = namespace.get("ekf_step")
    case = torch.ones(2).double(), torch.eye(2).double(), _same, _same
    case = (*case, 0.1 * torch.eye(2).double(), torch.zeros(2).double(), torch.eye(2).double())
    try:
        found = own(*case)
        right = rivals._ekf_step(*case)
        if all(torch.allclose(a, b, rtol=1e-4) for a, b in zip(found, right, strict=True)):
            return own, True
    except Exception:  # whatever an unfinished answer does
        pass
    return rivals._ekf_step, False


def _same(x: Any) -> Any:
    return 1.0 * x


NOISE_ONLY, CAUTIOUS = "noise only", "cautious"
READING_SD = {NOISE_ONLY: (0.012, 0.08), CAUTIOUS: material.SHOWN_SD}
"""What the filter is told of its readings: SD of the shares of capacitance and oxygen uptake."""
_kept: list[Any] = []


def _followed(namespace: Names) -> tuple[dict[tuple[str, str], dict[str, np.ndarray]], bool]:
    """Return what the filter believed of each shown batch, told each noise; and whose it is."""
    own, is_own = _ekf_of(namespace)
    if not (_kept and _kept[0] is own):
        runs = [(words, told) for words in list(_chosen())[:2] for told in READING_SD]
        bar = tqdm(runs, desc="Filters", delay=5, leave=False, file=sys.stdout)
        found = {run: _follow(own, _chosen()[run[0]], READING_SD[run[1]]) for run in bar}
        _kept[:] = [own, found]
    return _kept[1], is_own


def _follow(step: Callable[..., Any], b: int, sd: tuple[float, float]) -> dict[str, np.ndarray]:
    """Follow a batch hour by hour: log10 titre with its SD and truth, NEES and NIS; (T,) each."""
    import torch

    some = material.season()
    k = material.constants(some.known[b])
    readings = torch.from_numpy(material.shares(material.hourly(some.seen[b])))[:LAST_H]
    move = lambda y: material.an_hour_on(y[:, None], k)[:, 0]  # noqa: E731 (as torch.func likes it)
    look = lambda y: material.shown(y[:, None])[:, 0]  # noqa: E731
    x, covariance = _start(k)
    r, rows = torch.diag(torch.tensor(sd, dtype=torch.float64) ** 2), []
    true = some.truth["infectious_virions_per_ml"][b] * VALUES["k_a"]
    for hour, reading in enumerate(readings, start=1):
        noise = _noise(x)
        nis = rivals._nis(k, x, covariance, noise, reading, r)
        x, covariance = step(x, covariance, move, look, noise, reading, r)
        at, spread = x[material.PRESSURE], covariance[material.PRESSURE, material.PRESSURE].sqrt()
        rows.append((float(at), float(spread), true[hour], nis))
    table = np.array(rows)
    low = np.maximum(table[:, 0], 1e-9)
    relative = table[:, 1] / low
    return {
        "believed": np.log10(low / VALUES["k_a"]),
        "sd": relative / np.log(10),
        "true": np.log10(table[:, 2] / VALUES["k_a"]),
        "nees": ((table[:, 0] - table[:, 2]) / table[:, 1]) ** 2,
        "nis": table[:, 3],
    }


def _start(k: material.Constants) -> tuple[Any, Any]:
    """Return the filter's state and covariance at infection."""
    import torch

    x = torch.zeros(len(material.STATES), dtype=torch.float64)
    x[material.HEALTHY], x[material.PRESSURE] = 1.0, k.pressure
    x[material.RELEASE] = k.log_release
    covariance = 1e-14 * torch.eye(len(x), dtype=torch.float64)
    for row, sd in zip(
        (material.PRESSURE, material.RELEASE),
        (k.pressure * material.USUAL_SD[0], material.USUAL_SD[1]),
        strict=True,
    ):
        covariance[row, row] = sd**2
    return x, covariance


def _noise(x: Any) -> Any:
    """Return the noise of an hour: a twentieth of the virus, a fiftieth of what releases it."""
    import torch

    noise = 1e-14 * torch.eye(len(x), dtype=torch.float64)
    noise[material.PRESSURE, material.PRESSURE] = (0.05 * x[material.PRESSURE]) ** 2
    noise[material.RELEASE, material.RELEASE] = 0.02**2
    return noise


def followed(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the titre that the Kalman filter believes in, and the true one, of two batches.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `ekf_step` is put to work where it gives an answer.
    """
    found, is_own = _followed(namespace)
    names = list(dict.fromkeys(words for words, _ in found))
    figure, off = _two(*names), []
    for column, words in enumerate(names, start=1):
        one = found[words, CAUTIOUS]
        hours = np.arange(1, len(one["true"]) + 1)
        place = {"row": 1, "col": column, "showlegend": column == 1, "x": hours, "mode": "lines"}
        edge = {"line": {"width": 0}, "hoverinfo": "skip"}
        wide = 2 * np.minimum(one["sd"], 2.0)
        upper = {"showlegend": False}
        figure.add_scatter(y=one["believed"] + wide, **edge, **place | upper)
        band = {"fill": "tonexty", "fillcolor": "rgba(0, 114, 178, 0.4)", "name": "± 2 SD"}
        figure.add_scatter(y=one["believed"] - wide, **edge, **band, **place)
        line = {"color": figures.BLUE, "width": 3}
        figure.add_scatter(y=one["believed"], name="believed", line=line, **place)
        line = {"color": figures.VERMILLION, "width": 3, "dash": "dash"}
        figure.add_scatter(y=one["true"], name="true", line=line, **place)
        off.append(f"{words}: {np.abs(one['believed'] - one['true'])[23:].mean():.2f} log10")
    figure.update_yaxes(title_text="log10 virions/mL", range=[1, 10])
    sentence = (
        "Virus that nobody measured, from cells that swell and die. Mean distance to the truth "
        f"from 24 h on: {'; '.join(off)}.{_whose(ekf_step=is_own)}"
    )
    return figure, sentence


def consistency(namespace: Names) -> pd.DataFrame:
    """Count whether the filter is as sure as it may be: mean NEES of the virus, and mean NIS.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `ekf_step` is put to work where it gives an answer.
    """
    found, _ = _followed(namespace)
    rows = {}
    for (words, told), one in found.items():
        late = slice(23, None)
        nees, nis = np.mean(one["nees"][late]), np.nanmean(one["nis"][late])
        rows[f"{words}, told: {told}"] = {"mean NEES / 1": nees, "mean NIS / 2": nis}
    return pd.DataFrame(rows).T.round(2)


# Particles ------------------------------------------------------------------------------------


def _pf_of(namespace: Names) -> tuple[Callable[..., Any], Callable[..., Any], dict[str, bool]]:
    log, expected = np.full(4, -np.log(4)), np.array([0.2, 0.6, 1.0, 1.4])
    answers, own = {}, {}
    cases = {"reweigh": (log, expected, 0.9, 0.3), "resample": (np.log([0.1, 0.2, 0.3, 0.4]), 0.5)}
    for name, case in cases.items():
        try:
            answer = np.asarray(namespace.get(name)(*map(np.copy, case)), dtype=float)
            own[name] = bool(np.allclose(answer, getattr(rivals, f"_{name}")(*case), atol=1e-6))
        except Exception:  # whatever an unfinished answer does
            own[name] = False
        answers[name] = namespace.get(name) if own[name] else getattr(rivals, f"_{name}")
    return answers["reweigh"], answers["resample"], own


def belief_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw when the particles expect the peak, hour by hour, of three batches.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `reweigh` and `resample` are put to work where they give an answer.
    """
    reweigh, resample, own = _pf_of(namespace)
    some, figure, said = material.season(), go.Figure(), []
    for k, (words, b) in enumerate(_chosen().items()):
        hours, mean, sd = material.peak_by_particles(reweigh, resample, some, b)
        colour, hours = figures.COLOURS[k], np.asarray(hours)
        aside = hours + 0.5 * (k - 1)  # so that no bar hides another
        figure.add_scatter(
            x=aside,
            y=mean,
            name=words,
            error_y={"array": 2 * sd, "color": colour},
            mode="lines+markers",
            line={"color": colour, "dash": figures.DASHES[k]},
            marker={"symbol": figures.MARKERS[k], "size": 9},
        )
        true = int(some.truth["infectious_virions_per_ml"][b].argmax())
        figure.add_scatter(
            x=[hours[0] - 1, hours[-1] + 1],
            y=[true, true],
            name=f"{words}: truth",
            mode="lines",
            line={"color": colour, "dash": "longdashdot", "width": 2},
        )
        said.append(f"{words}: {mean[0]:.0f} at first, {mean[-1]:.0f} at last, true {true}")
    figure.update_layout(
        title="When will the virus peak? What 400 particles say, ± 2 SD",
        xaxis_title="asked at (h after infection)",
        yaxis_title="peak at (h after infection)",
        height=480,
        legend={"orientation": "h", "y": -0.22},
    )
    return figure, f"Hours of the peak. {'; '.join(said)}.{_whose(**own)}"


# A late sample --------------------------------------------------------------------------------

SAMPLED_H, ARRIVES_H = 30, 38
TITRE_SD = VALUES["sd_TCID50"] / np.sqrt(3)
"""Of a sample that was titrated three times, log10."""


def late_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Count what a titre is worth that comes eight hours late, by the learner's `refilter`.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `refilter` is put to work where it gives an answer.
    """
    own, is_own = namespace.get("refilter"), True
    try:
        misses = _late_misses(own)
    except Exception:  # whatever an unfinished answer does
        misses, is_own = _late_misses(rivals._refilter), False
    means = pd.Series({name: float(np.mean(values)) for name, values in misses.items()})
    figure = figures.bars(
        means.round(1),
        title=f"A sample drawn at {SAMPLED_H} h, its titre known at {ARRIVES_H} h",
        axis_title="mean absolute miss of the peak (h)",
    )
    sentence = (
        f"Mean absolute miss of the hour of the peak over {len(misses['without it'])} batches, as "
        f"foretold at {ARRIVES_H} h: {means.iloc[0]:.1f} h without the sample, "
        f"{means.iloc[1]:.1f} h if it is taken for one of now, {means.iloc[2]:.1f} h at its "
        "own hour."
        f"{_whose(refilter=is_own)}"
    )
    return figure, sentence


def _late_misses(refilter: Callable[..., Any]) -> dict[str, list[float]]:
    some, rng = material.season(), np.random.default_rng(3)
    names = ("without it", "as if of now", "at its own hour")
    misses = {name: [] for name in names}
    for b in range(40):
        path = material.cloud(material.constants(some.known[b]))
        says = material.shown(path)
        readings = list(enumerate(material.shares(material.hourly(some.seen[b])), start=1))
        readings = [(0, np.full(2, np.nan)), *readings][: ARRIVES_H + 1]

        def step(log: Any, reading: Any, says: np.ndarray = says) -> Any:
            hour, values = reading
            off = (values[:, None] - says[hour]) / np.array(material.SHOWN_SD)[:, None]
            return np.asarray(log) - 0.5 / material.ALIKE * np.nansum(off**2, axis=0)

        def correct(log: Any, sample: Any, path: np.ndarray = path) -> Any:
            hour, titre = sample
            said = np.log10(np.maximum(path[hour, material.PRESSURE], 1e-9) / VALUES["k_a"])
            return np.asarray(log) - 0.5 * ((titre - said) / (TITRE_SD + 0.1)) ** 2

        beliefs = [np.zeros(path.shape[2])]
        for reading in readings[1:]:
            beliefs.append(step(beliefs[-1], reading))
        true = some.truth["infectious_virions_per_ml"][b]
        titre = np.log10(true[SAMPLED_H]) + TITRE_SD * rng.standard_normal()
        late = refilter(
            beliefs, readings, SAMPLED_H, (SAMPLED_H, titre), step=step, correct=correct
        )
        each = (beliefs[-1], correct(beliefs[-1], (ARRIVES_H, titre)), late)
        peak = path[:, material.PRESSURE].argmax(axis=0)
        for name, log in zip(names, each, strict=True):
            weights = np.exp(log - np.max(log))
            misses[name].append(abs(float(weights @ peak / weights.sum()) - true.argmax()))
    return misses


def a_batch(hour: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what a harvest rule is given about a batch of the live line at an hour.

    Parameters
    ----------
    hour : int
        After infection, 24 to 72.
    """
    some, b = material.season(), next(iter(_chosen().values()))
    hours = some.seen[b]["hours_after_infection"].to_numpy()
    return dict(some.known[b]), some.seen[b].iloc[: int(np.searchsorted(hours, hour, "right"))]


# Doses ----------------------------------------------------------------------------------------

NOTICE_H = (0, 8)


@lru_cache(maxsize=1)
def notice() -> pd.DataFrame:
    """Return what two of the course's rules earn if the crew has to be called ahead.

    Returns
    -------
    DataFrame
        Share of the oracle's gain, in %, by how many hours before the crew is called.
    """
    some = material.season(deploy.LIVE, 60)
    rows: dict[str, dict[str, float]] = {}
    for ahead in NOTICE_H:
        for name, rule in (("capacitance", rivals._plain_rule), ("filter", rivals._rule)):
            if name == "filter":
                rule = rivals.rule_ahead(ahead)
            hours = material.asked_h(_as_of(rule, ahead), some)
            doses, _ = material.paid(some, hours)
            rows.setdefault(name, {})[f"{ahead} h ahead"] = 100 * _share(some, doses)
    return pd.DataFrame(rows).T.round().astype(int)


def _as_of(rule: Callable[..., bool], ahead: int) -> Callable[..., bool]:
    """Return a rule that is shown what there was some hours ago."""

    def asked(known: Any, seen: pd.DataFrame) -> bool:
        hours = seen["hours_after_infection"].to_numpy()
        return rule(known, seen.iloc[: int(np.searchsorted(hours, hours[-1] - ahead, "right"))])

    return asked


def _share(some: material.Season, doses: np.ndarray) -> float:
    fixed, oracle = some.doses[some.fixed].sum(), some.doses.max(axis=0).sum()
    return float((doses.sum() - fixed) / (oracle - fixed))


def by_the_plant(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the plant run on the learner's rule, for both products.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `harvest_rule` is put to work where it gives an answer.

    Returns
    -------
    tuple of DataFrame, Figure and str
        Doses over those of the best fixed hour, with 95 % intervals from paired differences; bars
        of the same; a sentence.
    """
    rows, own, why = {}, namespace.get("harvest_rule"), ""
    n = material.BATCHES
    for product in (deploy.LIVE, deploy.INACTIVATED):
        some = material.season(product, n)
        try:
            made = _deployed(own, product, n)
            name = "your rule"
        except Exception as error:  # whatever an unfinished answer does
            made, name = _deployed(rivals._plain_rule, product, n), "the course's rule"
            said = isinstance(error, CourseError) and "returned Ellipsis" not in str(error)
            why = f" {error}" if said and callable(own) else ""
        fixed = some.doses[some.fixed]
        policies = {
            name: made,
            "oracle": (some.doses.max(axis=0), some.titre.max(axis=0)),
            f"fixed, {some.hours[some.fixed]:.0f} h": (fixed, some.titre[some.fixed]),
        }
        for who, (doses, titre) in policies.items():
            rows[f"{product}: {who}"] = _row(some, doses, titre, fixed)
    table = pd.DataFrame(rows).T
    figure = _gains(table)
    ours, killed = (
        table.loc[f"{product}: {name}"] for product in (deploy.LIVE, deploy.INACTIVATED)
    )
    share = 100 * ours.iloc[0] / table.loc[f"{deploy.LIVE}: oracle"].iloc[0]
    sentence = (
        f"Live vaccine: {ours.iloc[0]:+.1f} % doses over the best fixed hour (95 % interval "
        f"{ours.iloc[1]:+.1f} to {ours.iloc[2]:+.1f}), {share:.0f} % of what the oracle adds. "
        f"Inactivated: {killed.iloc[0]:+.1f} % ({killed.iloc[1]:+.1f} to {killed.iloc[2]:+.1f})."
        f"{_whose(harvest_rule=name == 'your rule')}{why}"
    )
    shown = table.map(lambda value: f"{value:.2f}")
    shown["batches lost"] = table["batches lost"].map(lambda value: f"{value:.0f}")
    return shown, figure, sentence


def _deployed(rule: Any, product: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return doses and log10 titre, (n,) each, as `deploy` pays a rule, on a season that is made.

    Raises what `deploy` raises.
    """
    if not callable(rule):
        raise TypeError("no rule yet")
    some, licence = material.season(product, n), deploy.LICENCES[product]
    views = enumerate(zip(some.known, some.seen, strict=True))
    hours = [rules.harvest_h(rule, licence, known, view, b) for b, (known, view) in views]
    return material.paid(some, np.array(hours))


def _row(
    some: material.Season, doses: np.ndarray, titre: np.ndarray, fixed: np.ndarray
) -> dict[str, float]:
    more, base = doses - fixed, fixed.sum()
    half = 1.96 * more.std(ddof=1) * np.sqrt(len(more))
    kept = 10 ** (titre - some.titre.max(axis=0))
    return {
        "doses, %": 100 * more.sum() / base,
        "from": 100 * (more.sum() - half) / base,
        "to": 100 * (more.sum() + half) / base,
        "SD of log10 titre": float(titre[some.unbroken].std()),
        "deviating: share of peak": float(kept[some.deviates].mean()),
        "batches lost": int((doses == 0).sum()),
    }


def _gains(table: pd.DataFrame) -> go.Figure:
    gains = table[~table.index.str.contains("fixed")]
    labels = [label.replace(": ", ":<br>") for label in gains.index]
    figure = figures.bars(
        pd.Series(gains["doses, %"].to_numpy().round(1), index=labels),
        title="Doses over those of the best fixed hour",
        axis_title="gain in doses (%)",
        ends=(gains["from"], gains["to"]),
    )
    return figure.add_hline(y=0, line={"color": GREY})
