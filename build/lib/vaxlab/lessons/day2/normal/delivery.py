"""Monitors at work: what they find on the watched batches, and what that is worth in doses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from tqdm import tqdm

from vaxlab import figures
from vaxlab.checks.exercise import Answers, guarded, passed
from vaxlab.checks.reading import series
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day2.normal import material
from vaxlab.lessons.day2.normal.material import GROWTH, INFECTION, PHASES, TAGS, Line, Way
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import Deployment, deploy
from vaxlab.plant.rules import Policy

CHARTS = {"T²": material._by_t2, "SPE": material._by_spe}


def kind(one: object) -> str:
    """Return the name of a fault: of a pump, which one."""
    which = {1.0: " base", -1.0: " feed"}[one.sign] if one.fault == "F3" else ""
    return f"{one.fault}{which}"


def race(
    ways: Mapping[str, Way] | None = None,
    *,
    by: str = "maturity",
    plant_seed: int = HISTORY_SEED,
    also: Sequence[str] = (),
    folds: int = 4,
) -> pd.DataFrame:
    """Let statistics watch the same batches, and hold what they say against the truth.

    Parameters
    ----------
    ways : mapping of str to callable, optional
        Beside T² and SPE of PCA: name to a function of golden rows and new ones that returns what
        each tag adds to its statistic of each new row.
    by : str
        What batches are compared by: ``"maturity"`` or ``"hour"``.
    plant_seed : int
    also : sequence of str
        Batches with a fault that are left among the golden ones.
    folds : int
        In how many parts the golden batches are left out for their peaks.

    Returns
    -------
    DataFrame
        One row a statistic and watched batch: ``statistic``, ``batch``, ``fault`` (empty for a
        sound one), ``alarm`` (whether the limit was passed at all), ``found`` (within six hours of
        the onset), ``delay_h`` (from the onset to the first alarm after it), ``named`` (whether the
        tag that adds most, where the statistic is highest in those six hours, is one that the fault
        acts on).
    """
    some = material.line(plant_seed)
    seen = {
        name: _watched(some, way, by, plant_seed, also, folds)
        for name, way in (
            {"T²": material._by_t2, "SPE": material._by_spe} | dict(ways or {})
        ).items()
    }
    verdicts = [
        {"statistic": name, "batch": batch} | _verdict(some, batch, charts)
        for name, charts in seen.items()
        for batch in some.watched
        if batch not in some.failing
    ]
    return pd.DataFrame(verdicts)


def _watched(
    some: Line,
    way: Way,
    by: str = "maturity",
    plant_seed: int = HISTORY_SEED,
    also: Sequence[str] = (),
    folds: int = 4,
) -> list[tuple[pd.DataFrame, float, np.ndarray]]:
    """Return for each phase what the tags add, the limit, and the hours after infection."""
    charts = []
    for phase in PHASES:
        rows = material.rows_of(material.line, phase, by, plant_seed)
        if also:
            table = some.hours[some.hours["phase"] == phase]
            usual = material._usual(table[table["batch"].isin([*some.approved, *also])], by)
            rows = material._in_spreads(table, usual, by)
        batch = rows.index.get_level_values("batch")
        golden = rows[batch.isin([*some.approved, *also])]
        peaks = material.unseen_peaks(golden, way, folds)
        added = way(golden, rows[batch.isin(some.watched)])
        limit = material.counted_limit(peaks, material.SHARE / 2)
        hour = added.index.get_level_values("hour").to_numpy(dtype=float)
        if phase == GROWTH:
            hour = hour - some.grown_h[added.index.get_level_values("batch")].to_numpy()
        charts.append((added, limit, hour))
    return charts


def _verdict(some: Line, batch: str, charts: list) -> dict:
    one = some.faults.get(batch)
    added = pd.concat([table.xs(batch) for table, _, _ in charts])
    here = [table.index.get_level_values("batch") == batch for table, _, _ in charts]
    end_h = np.concatenate([hour[at] + 1 for (_, _, hour), at in zip(charts, here, strict=True)])
    limit = np.concatenate(
        [np.full(at.sum(), level) for (_, level, _), at in zip(charts, here, strict=True)]
    )
    value = added.sum(axis=1).to_numpy()
    alarm = value > limit
    said = {"fault": kind(one) if one else "", "alarm": bool(alarm.any())}
    if one is None:
        return said
    after = end_h > one.onset_h
    soon = after & (end_h <= one.onset_h + material.WITHIN_H)
    said["found"] = bool((alarm & soon).any())
    if (alarm & after).any():
        said["delay_h"] = float(end_h[alarm & after].min() - one.onset_h)
    true = material.TRUE_TAGS.get(kind(one))
    if true and soon.any():
        share = value / limit
        top = np.flatnonzero(soon)[share[soon].argmax()]
        said["named"] = added.columns[added.to_numpy()[top].argmax()] in true
    return said


def summary(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return one row a statistic: % of step faults found, delay, false alarms, tags named.

    Returns
    -------
    DataFrame
        ``step faults found, %`` (within six hours), ``median delay, h``, ``false alarms, % of
        sound batches``, ``true tag named, %`` (of step faults).
    """
    steps = verdicts["fault"].str.split().str[0].isin(material.STEP_FAULTS)
    by = verdicts["statistic"]
    table = {
        "step faults found, %": 100 * verdicts["found"][steps].astype(float).groupby(by).mean(),
        "median delay, h": verdicts["delay_h"][steps].groupby(by).median(),
        "true tag named, %": 100 * verdicts["named"][steps].astype(float).groupby(by).mean(),
        "false alarms, % of sound batches": 100
        * verdicts["alarm"][verdicts["fault"] == ""].groupby(by).mean(),
    }
    return pd.DataFrame(table).reindex(by.unique()).rename_axis(None)


def nearly_invisible(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return how often charts ring in batches with a fault that is nearly invisible.

    Returns
    -------
    DataFrame
        One row a fault: ``batches``, and the share of them in which each chart passes its limit at
        any time, in %.
    """
    some, told = material.line(plant_seed), {}
    for fault, name in (("F1", "pH probe drifts"), ("F6", "mycoplasma")):
        hours = material.slow_hours(fault, plant_seed)
        row = {"batches": hours["batch"].nunique()}
        for chart, way in CHARTS.items():
            rings: set[str] = set()
            for phase in PHASES:
                usual, golden = _approved(some, phase)
                peaks = material.unseen_peaks(golden, way)
                new = material._in_spreads(hours[hours["phase"] == phase], usual)
                value = way(golden, new).sum(axis=1)
                over = value > material.counted_limit(peaks, material.SHARE / 2)
                rings |= set(over.index[over].get_level_values("batch"))
            row[f"{chart} rings, %"] = 100 * len(rings) / row["batches"]
        told[name] = row
    return pd.DataFrame(told).T


def _approved(some: Line, phase: str) -> tuple[material.Usual, pd.DataFrame]:
    """Return what is usual in a phase of the approved batches, and their rows."""
    table = some.hours[(some.hours["phase"] == phase) & some.hours["batch"].isin(some.approved)]
    usual = material._usual(table)
    return usual, material._in_spreads(table, usual)


def hidden() -> list[str]:
    """Return the golden batches that truly had a fault."""
    some = material.line()
    return [batch for batch in some.golden if batch in some.faults]


def looks() -> pd.DataFrame:
    """Compare the textbook's limits for one look with counted ones, after infection.

    Returns
    -------
    DataFrame
        ``limit``, and ``good batches that ring, %``: of approved ones, by models that had not
        seen them.
    """
    golden = material.rows(INFECTION)[0]
    textbook = material.textbook_limits(
        len(golden), material.COMPONENTS, material._t2_spe(golden, golden)[1]
    )
    rows = {}
    for how in ("99 % for a look", "counted"):
        for (name, way), written in zip(CHARTS.items(), textbook, strict=True):
            peaks = material.unseen_peaks(golden, way)
            counted = material.counted_limit(peaks, material.SHARE / 2)
            limit = counted if how == "counted" else written
            ring = 100 * float((peaks > limit).mean())
            rows[f"{name}, {how}"] = {"limit": limit, "good batches that ring, %": ring}
    return pd.DataFrame(rows).T


# Deployed ------------------------------------------------------------------------

YEAR_SEED, YEAR_BATCHES = 217, 60
SLACK = 0.5
CALL_AT = 1.5
"""Sum of a CUSUM of a few bench samples at which maintenance is called. A visit costs a hundredth
of a batch, so it may come often."""


Spe = Callable[[pd.DataFrame, pd.DataFrame], np.ndarray]
"""From golden rows and new ones to the SPE of each new row."""


@dataclass(frozen=True)
class Watch:
    """What a phase is watched with: what is usual, golden rows, a limit of SPE."""

    usual: material.Usual
    golden: pd.DataFrame
    limit: float

    def alarms(self, at: np.ndarray, read: np.ndarray, spe: Spe) -> bool:
        """Tell whether SPE passes the limit at any of these maturities."""
        new = pd.DataFrame(material._spreads(at, read, self.usual), columns=TAGS)
        return bool((spe(self.golden, new) > self.limit).any())


@lru_cache(maxsize=1)
def _watches() -> dict[str, Watch]:
    found = {}
    for phase in PHASES:
        usual, golden = _approved(material.line(), phase)
        peaks = material.unseen_peaks(golden, material._by_spe)
        limit = material.counted_limit(peaks, material.SHARE / 2)
        found[phase] = Watch(usual, golden, limit)
    return found


def year(namespace: Mapping[str, Any]) -> tuple[pd.DataFrame, go.Figure, str]:
    """Run sixty batches on each of three ways to call maintenance, and count the doses.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `t2_spe` and `cusum` are put to work where they give an answer.

    Returns
    -------
    tuple of DataFrame, Figure and str
        One row for each way; bars of the doses gained over a plant that calls nobody, with their
        95 % intervals; a sentence.
    """
    answers = Answers(namespace)
    own = {"t2_spe": _answer(answers, _own_spe), "cusum": _answer(answers, _sums)}
    ways = {
        "SPE passes its limit": _spe_rule(own["t2_spe"] or _our_spe),
        "bench pH: CUSUM": _bench_rule(own["cusum"] or material._cusum),
        "every batch, once": lambda known, seen: seen["hours_after_infection"].iloc[-1] > -1.5,
    }
    ran = {
        name: deploy(Policy(alarm=rule), n_batches=YEAR_BATCHES, seed=YEAR_SEED)
        for name, rule in tqdm(ways.items(), desc="Years", delay=5, leave=False, file=sys.stdout)
    }
    rows = pd.DataFrame({name: _counted(one) for name, one in ran.items()}).T
    gained = rows["doses gained, %"].astype(float)
    figure = figures.bars(
        gained.round(1),
        title=f"{YEAR_BATCHES} batches, maintenance called in three ways",
        axis_title="doses gained (%)",
    )
    figure.update_traces(
        error_y={
            "array": rows["to, %"] - gained,
            "arrayminus": gained - rows["from, %"],
            "color": "#767676",
        },
        text=None,  # a number would lie in the interval
    )
    called = rows["batches visited"]
    sentence = (
        f"SPE calls maintenance to {called.iloc[0]:.0f} of {YEAR_BATCHES} batches and changes the "
        f"doses by {gained.iloc[0]:+.1f} %; the pH of the bench calls it to {called.iloc[1]:.0f}, "
        f"{gained.iloc[1]:+.1f} %; a visit to every batch before its infection, "
        f"{gained.iloc[2]:+.1f} %. The thin bars are 95 % intervals.{_whose(own)}"
    )
    return rows.round(1), figure, sentence


def _counted(one: Deployment) -> dict[str, float]:
    told, table = one.summary(), one.batches
    called = table["alarm_h"].notna()
    return {
        "batches visited": int(called.sum()),
        "of these no fault yet": told["false_alarms"],
        "doses gained": float(table["gained"].sum()),
        "doses gained, %": told["gained_percent"],
        "from, %": told["low_percent"],
        "to, %": told["high_percent"],
        "batches lost": told["lost"],
        "lost without any call": told["history_lost"],
    }


def _hours_of(known: Mapping[str, Any], seen: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the hours of a running batch, as `material.hourly` has them."""
    after_h = seen["hours_after_infection"].to_numpy()
    grown_h = float(known["recipe_growth_h"])
    fields = ("growth_temperature_c", "infection_temperature_c", "ph", "do_percent")
    points = {name: known[f"recipe_{name}"] for name in (*fields, "feed_mmol_per_l_h")}
    names = list(material._READ.values())
    read = dict(zip(names, seen[names].to_numpy(dtype=float).T, strict=True))
    zero = np.zeros(len(after_h), dtype=int)
    return material.hourly(read, zero, after_h + grown_h, grown_h, points)


def _spe_rule(spe: Spe) -> Callable[[dict, pd.DataFrame], bool]:
    """Return a rule that calls where SPE passes the limit of the phase that a batch is in."""
    watches, clock = _watches(), material.line().clock

    def rule(known: dict, seen: pd.DataFrame) -> bool:
        hours = _hours_of(known, seen)
        if not len(hours["hour"]):
            return False
        phase = hours["phase"][-1]
        here = hours["phase"] == phase
        at = hours["hour"] if phase == INFECTION else material.aged(hours["oxygen"], clock)
        read = np.column_stack([hours[tag] for tag in TAGS])
        return watches[phase].alarms(at[here], read[here], spe)

    return rule


def _bench_rule(sums: Callable) -> Callable[[dict, pd.DataFrame], bool]:
    """Return a rule that adds up how far probe and bench are apart."""
    usual = material.line().ph_off_bench.loc[material.line().approved].stack()
    mean, sd = float(usual.mean()), float(usual.std())

    def rule(known: dict, seen: pd.DataFrame) -> bool:
        there = seen["offline_ph"].notna()
        if not there.any():
            return False
        off = (seen["offline_ph"][there] - seen["ph"][there] - mean) / sd
        return bool(np.asarray(sums(off.to_numpy(), SLACK), dtype=float)[-1] > CALL_AT)

    return rule


def _answer(answers: Answers, ask: Callable[..., Any]) -> Any:
    """Return what the learner's names answer, or None where that is no answer yet."""
    found = []

    def parts() -> Iterator[Part]:
        found.append(ask(answers))
        yield passed("", 0)

    outcomes = [part.outcome for part in guarded("", 1, parts())]
    return found[0] if outcomes == [Outcome.PASSED] else None


def _our_spe(golden: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    return material._by_spe(golden, new).sum(axis=1).to_numpy()


def _own_spe(answers: Answers) -> Spe:
    """Return the learner's SPE, where it is the one that the limits were counted for."""
    function = answers.function("t2_spe")

    def spe(golden: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
        said = function(golden.copy(), new.copy(), material.COMPONENTS)
        _, own = said.to_numpy().T if isinstance(said, pd.DataFrame) else said
        return series(own, new.index).astype(float).to_numpy()

    golden, watched = material.rows()
    for new in (watched, watched.iloc[:1]):  # a batch has but one row at first
        if not np.allclose(spe(golden, new), _our_spe(golden, new), rtol=1e-3):
            raise ValueError("another chart")
    return spe


def _sums(answers: Answers) -> Callable:
    """Return the learner's CUSUM, where it is one."""
    function = answers.function("cusum")
    noise = np.random.default_rng(0).normal(size=30)
    noise[[3, 11, 12]] = np.nan
    for slack in (SLACK, 1.0):
        said = np.asarray(function(noise.copy(), slack), dtype=float)
        if said.shape != noise.shape or not np.allclose(said, material._cusum(noise, slack)):
            raise ValueError("no sums")
    return function


def _whose(own: Mapping[str, Any]) -> str:
    """Say whose answers are at work."""
    yours = [f"your {name}" for name, found in own.items() if found is not None]
    ours = [f"our {name}, as yours is none yet" for name, found in own.items() if found is None]
    return f" At work here: {' and '.join(yours + ours)}."


# Figures ------------------------------------------------------------------------------------

GREY = "#767676"


def clock_figure(batches: int = 14) -> go.Figure:
    """Draw the capacitance of some approved batches against the hour, and against maturity."""
    some = material.line()
    table = some.hours[(some.hours["phase"] == GROWTH) & some.hours["batch"].isin(some.approved)]
    shown = sorted(table["batch"].unique())[:batches]
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, subplot_titles=("by the clock", "by maturity")
    )
    for column, by in enumerate(("hour", "maturity"), start=1):
        for k, batch in enumerate(shown):
            part = table[table["batch"] == batch]
            figure.add_scatter(
                x=part[by],
                y=part["capacitance_pf_per_cm"],
                mode="lines",
                line={
                    "width": 1.5,
                    "color": figures.COLOURS[k % 5],
                    "dash": figures.DASHES[(k // 5) % 5],
                },
                showlegend=False,
                name=batch,
                row=1,
                col=column,
            )
    figure.update_xaxes(title_text="hours since inoculation", row=1, col=1)
    figure.update_xaxes(title_text="hours of a usual batch", row=1, col=2)
    figure.update_yaxes(title_text="capacitance (pF/cm)", row=1, col=1)
    return figure.update_layout(title=f"The capacitance of {len(shown)} good batches", height=400)


def spreads_apart() -> pd.DataFrame:
    """Return how wide good batches spread in growth, by the clock and by maturity.

    Returns
    -------
    DataFrame
        One row a tag: SD by the hour and by maturity (in its unit), and the ratio.
    """
    some = material.line()
    table = some.hours[(some.hours["phase"] == GROWTH) & some.hours["batch"].isin(some.approved)]
    sd = {}
    for by in ("hour", "maturity"):
        usual = material._usual(table, by)
        at = np.column_stack([np.interp(table[by], usual.at, mean) for mean in usual.mean.T])
        sd[by] = (table[TAGS] - at).std()
    spread = pd.DataFrame(sd)
    return spread.assign(ratio=spread["maturity"] / spread["hour"])


def charts_figure(batch: str) -> go.Figure:
    """Draw T² and SPE of a watched batch against hours after infection, each over its limit."""
    some = material.line()
    figure = go.Figure()
    for k, (name, way) in enumerate(CHARTS.items()):
        charts = _watched(some, way)
        hours, share = [], []
        for added, limit, hour in charts:
            here = added.index.get_level_values("batch") == batch
            hours += [*hour[here], None]
            share += [*(added[here].sum(axis=1) / limit), None]
        figure.add_scatter(
            x=hours,
            y=share,
            mode="lines",
            name=name,
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k]},
        )
    figure.add_hline(y=1, line={"color": GREY, "dash": "dot"})
    return figure.update_layout(
        title=f"Batch {batch}, each chart over its limit",
        xaxis_title="hours after infection",
        yaxis={"title": "share of the limit", "type": "log"},
        height=400,
    )


def first_alarm(batch: str, way: Way | None = None) -> tuple[float, pd.Series]:
    """Return when SPE first passes its limit, and what each tag adds there.

    Parameters
    ----------
    batch : str
        A watched one.
    way : callable, optional
        That adds; SPE by default. When is always said by SPE.

    Returns
    -------
    hour : float
        H after infection; NaN if never.
    added : Series
        At that hour, by tag.
    """
    some = material.line()
    for phase, (added, limit, hour) in zip(PHASES, _watched(some, material._by_spe), strict=True):
        here = added.index.get_level_values("batch") == batch
        over = here & (added.sum(axis=1) > limit).to_numpy()
        if over.any():
            at = int(np.flatnonzero(over)[0])
            golden, watched = material.rows(phase)
            table = added if way is None else way(golden, watched)
            return float(hour[at]), table.iloc[at]
    return np.nan, pd.Series(0.0, index=TAGS)


def blame_figure(batch: str, tags: int = 6) -> go.Figure:
    """Draw what the tags add to SPE and to T², in % of each, where SPE first passes its limit."""
    added = {name: first_alarm(batch, way)[1] for name, way in CHARTS.items()}
    shown = added["SPE"].sort_values(ascending=False).index[:tags]
    figure = go.Figure()
    for k, name in enumerate(("SPE", "T²")):
        share = 100 * added[name] / added[name].sum()
        figure.add_bar(
            x=[tag.replace("_", "<br>", 1) for tag in shown],
            y=share[shown].round(1),
            name=name,
            marker={"color": figures.COLOURS[k], "pattern": {"shape": ["", "/"][k]}},
        )
    return figure.update_layout(
        title=f"Batch {batch}, what each tag adds at the first alarm",
        yaxis_title="share of the chart (%)",
        height=400,
    )


def bench_figure(namespace: Mapping[str, Any]) -> tuple[go.Figure, str]:
    """Compare a limit on each bench sample with a CUSUM, with and without the batch's own start.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `cusum` is put to work where it gives an answer.

    Returns
    -------
    tuple of Figure and str
    """
    own = _answer(Answers(namespace), _sums)
    found = bench_found(own)
    early = 100 * found["found before infection"]
    figure = figures.bars(
        early.round(),
        title="Drifting pH probes that are found before infection",
        axis_title="probes found (%)",
    )
    said = [f"{name.replace('<br>', ' ')} {share:.0f} %" for name, share in early.items()]
    return figure, f"Found before infection by {'; '.join(said)}.{_whose({'cusum': own})}"


def bench_found(
    sums: Callable | None = None, plant_seeds: Sequence[int] = (HISTORY_SEED,)
) -> pd.DataFrame:
    """Return the share of drifting probes that bench samples find, by way of looking.

    Returns
    -------
    DataFrame
        Rows: a limit on each sample, a CUSUM, and both after the batch's own start was taken off.
        Columns: ``found before infection``, ``found`` (before harvest), shares.
    """
    sums = sums or material._cusum
    parts: dict[str, list] = {}
    for seed in plant_seeds:
        golden, drifting = material.drifts(seed)
        for own in (False, True):
            usual, off = (_off(table, golden, own) for table in (golden, drifting))
            for name, look in (
                ("each sample", lambda x: np.abs(np.nan_to_num(x))),
                ("CUSUM", lambda x: np.asarray(sums(x, 1.0), dtype=float)),
            ):
                peaks = pd.Series([look(x).max() for x in usual])
                limit = material.counted_limit(peaks, material.SHARE)
                over = np.array([look(x) > limit for x in off])
                label = f"{name},<br>own start off" if own else name
                early = over[:, golden.columns < 0].any(axis=1)
                parts.setdefault(label, []).append((early.mean(), over.any(axis=1).mean()))
    order = ["each sample", "CUSUM", "each sample,<br>own start off", "CUSUM,<br>own start off"]
    columns = ["found before infection", "found"]
    return pd.DataFrame({name: np.mean(parts[name], axis=0) for name in order}, index=columns).T


def _off(table: pd.DataFrame, golden: pd.DataFrame, own: bool) -> np.ndarray:
    """Return differences in SDs of the bench, less the golden mean or the batch's own start."""
    values = table.to_numpy()
    if own:
        start = np.nanmean(values[:, : material.OWN_START], axis=1, keepdims=True)
        return (values - start) / material.BENCH_SD
    return (values - np.nanmean(golden.to_numpy())) / material.BENCH_SD
