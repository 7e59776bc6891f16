"""Figures and tables of day 3, notebook 3, and the learner's own answers at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from tqdm.auto import tqdm

from vaxlab import figures
from vaxlab.checks.exercise import Answers, guarded, passed
from vaxlab.checks.result import Outcome, Part
from vaxlab.errors import CourseError
from vaxlab.lessons.day3.recipe import material, rivals
from vaxlab.lessons.day3.recipe.material import FACTORS, Laboratory, Runs
from vaxlab.plant import deploy
from vaxlab.plant.deploy import Policy

WAYS = ("random", "design", "process")
STUDY_SEED, YEAR_SEED, YEAR_BATCHES = 11, 3, 120
CURSE_STUDIES = 20
CAUTION = 1.0
"""Standard deviations that the recommended recipe is marked down by: a learner's runs may lie close
together, and far from them a mean is a guess."""
T_975_OF_9 = 2.262
"""Of Student's t with nine degrees of freedom: ten studies."""
_GREY = "#767676"


def licence() -> pd.DataFrame:
    """Return the opened set points, to read: the ends of the licence, and what is usual."""
    return _licence().map(_written)


def _written(value: float) -> str:
    """Write a number with the digits that it needs, 450,000 as 0.000015."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    return np.format_float_positional(value, precision=4, fractional=False, trim="-")


def _licence() -> pd.DataFrame:
    ends = [deploy.LICENSED[name] for name in FACTORS]
    table = pd.DataFrame(ends, index=list(FACTORS), columns=["lowest", "highest"])
    return table.assign(usual=[_usual()[name] for name in FACTORS])


def _usual() -> dict[str, float]:
    hours = {"infection_duration_h": deploy.LICENCES[deploy.INACTIVATED].usual_h[_DURATION]}
    return material.usual() | hours


_DURATION = "infection_duration_h"


@cache
def _usual_share() -> np.ndarray:
    """Return the usual recipe in the unit cube, (5,)."""
    ends = _licence()
    ends.loc[material.LOGARITHMIC] = np.log(ends.loc[material.LOGARITHMIC].to_numpy(dtype=float))
    share = (ends["usual"] - ends["lowest"]) / (ends["highest"] - ends["lowest"])
    return share.to_numpy(dtype=float)


@cache
def usual_doses() -> float:
    """Return what the usual recipe gives in the laboratory, thousands: the mean of thirty runs."""
    x = np.tile(_usual_share(), (material.RUNS, 1))
    return float(Laboratory(STUDY_SEED + 1).run(x).y.mean())


def along(shares: list[float]) -> Runs:
    """Run the usual recipe with other durations of infection.

    Parameters
    ----------
    shares : list of float
        Of the licence, 0 to 1.

    Returns
    -------
    Runs
        With x (n, 1), the shares.
    """
    x = np.tile(_usual_share(), (len(shares), 1))
    x[:, FACTORS.index(_DURATION)] = shares
    runs = Laboratory(STUDY_SEED).run(x)
    return Runs(np.array(shares, dtype=float)[:, None], runs.doses, runs.qualities)


def line_figure(
    runs: Runs, mean: np.ndarray, sd: np.ndarray, namespace: Mapping[str, Any]
) -> tuple[go.Figure, str]:
    """Draw a Gaussian process along the durations, and where it is worth looking.

    Parameters
    ----------
    runs : Runs
        Of `along`.
    mean, sd : array (n,)
        Of the process, at n shares of the licence from 0 to 1.
    namespace : mapping
        The learner's names. `expected_improvement` is put to work where it gives numbers.

    Returns
    -------
    tuple of Figure and str
    """
    best = float(np.interp(runs.x[:, 0], np.linspace(0, 1, len(mean)), mean).max())

    def asked(answers: Answers) -> np.ndarray:
        function = answers.function("expected_improvement")
        found = np.asarray(function(mean.copy(), sd.copy(), best), dtype=float)
        if found.shape != mean.shape or not np.isfinite(found).all():
            raise ValueError("no improvement at each place")
        return found

    own = _answer(Answers(namespace), asked)
    worth = rivals._expected_improvement(mean, sd, best) if own is None else own
    low, high = deploy.LICENSED[_DURATION]
    hours = low + (high - low) * np.linspace(0, 1, len(mean))
    figure = go.Figure()
    band = np.concatenate([mean + 2 * sd, (mean - 2 * sd)[::-1]])
    figure.add_scatter(
        x=np.concatenate([hours, hours[::-1]]),
        y=band,
        fill="toself",
        mode="lines",
        line={"width": 0},
        fillcolor="rgba(0, 114, 178, 0.4)",
        name="± 2 sd",
    )
    blue = {"color": figures.BLUE, "width": 3}
    figure.add_scatter(x=hours, y=mean, mode="lines", name="mean", line=blue)
    marker = {"color": figures.VERMILLION, "symbol": "diamond", "size": 10}
    at = low + (high - low) * runs.x[:, 0]
    figure.add_scatter(x=at, y=runs.y, mode="markers", name="runs", marker=marker)
    green = {"color": figures.GREEN, "dash": "dot", "width": 3}
    figure.add_scatter(
        x=hours, y=worth, mode="lines", name="expected improvement", line=green, yaxis="y2"
    )
    figure.update_layout(
        title="Runs of the usual recipe, harvested at other hours",
        xaxis_title="duration of infection (h)",
        yaxis_title="doses a batch (thousands)",
        yaxis2={
            "title": "expected improvement (thousands)",
            "overlaying": "y",
            "tickmode": "auto",  # else its ticks are where the left axis has them
            "nticks": 6,
            "side": "right",
            "rangemode": "tozero",
            "showgrid": False,
        },
        height=440,
        legend={"orientation": "h", "y": -0.25},
        margin={"r": 80},
    )
    whose = "your" if own is not None else "the course's"
    sentence = (
        f"By {whose} expected_improvement, the next run should last {hours[worth.argmax()]:.0f} h; "
        f"the mean alone is highest at {hours[mean.argmax()]:.0f} h."
    )
    return figure, sentence


def random_figure() -> tuple[go.Figure, str]:
    """Draw 30 random recipes as the laboratory measured them.

    Returns
    -------
    tuple of Figure and str
        Doses of each run with its vessels, and a sentence.
    """
    runs, usual = material.random_runs(), usual_doses()
    number = np.arange(1, len(runs) + 1)
    figure = go.Figure()
    figure.add_scatter(
        x=np.repeat(number, material.VESSELS),
        y=runs.doses.ravel(),
        mode="markers",
        name="a vessel",
        marker={"color": figures.ORANGE, "symbol": "x", "size": 5},
    )
    figure.add_scatter(
        x=number,
        y=runs.y,
        mode="markers",
        name="a run, mean of three",
        marker={"color": figures.BLUE, "symbol": "circle", "size": 9},
    )
    figure.add_hline(y=usual, line={"color": _GREY, "dash": "dash"})
    figure.update_layout(
        title="Thirty recipes drawn at random within the licence",
        xaxis_title="run",
        yaxis_title="measured doses a batch (thousands)",
        height=420,
        legend={"orientation": "h", "y": -0.25},
    )
    better = int((runs.y > usual).sum())
    sentence = (
        f"The dashed line is the usual recipe, {usual:.1f} thousand doses. {better} of 30 random "
        f"recipes read better; the best reads {runs.y.max():.1f}, {_over(runs.y.max()):+.0f} %."
    )
    return figure, sentence


def _over(doses: float) -> float:
    return 100 * (doses / usual_doses() - 1)


def designed() -> Runs:
    """Return the 30 runs of a central composite design, as the laboratory measured them."""
    return rivals.designed(STUDY_SEED)


def surface_figure() -> tuple[go.Figure, str]:
    """Draw the fitted surface over duration and temperature, the other factors as recommended.

    Returns
    -------
    tuple of Figure and str
    """
    runs = designed()
    doses = rivals.Surface(runs.x, runs.y)
    best = rivals.by_surface(runs)
    shares = np.linspace(0, 1, 41)
    first, second = (FACTORS.index(name) for name in (_DURATION, "infection_temperature_c"))
    x = np.tile(best, (len(shares) ** 2, 1))
    x[:, first], x[:, second] = np.tile(shares, len(shares)), np.repeat(shares, len(shares))
    low, high = (material.recipes(np.full((1, 5), end))[0] for end in (0.0, 1.0))
    axes = [low[n] + (high[n] - low[n]) * shares for n in (FACTORS[first], FACTORS[second])]
    figure = go.Figure(
        go.Contour(
            x=axes[0],
            y=axes[1],
            z=doses(x)[0].reshape(len(shares), -1),
            colorscale="Cividis",
            colorbar={"title": "thousand doses"},
        )
    )
    point = material.recipes(best[None])[0]
    figure.add_scatter(
        x=[point[FACTORS[first]]],
        y=[point[FACTORS[second]]],
        mode="markers",
        name="recommended",
        marker={
            "symbol": "x",
            "size": 14,
            "color": "black",
            "line": {"color": "white", "width": 2},
        },
        cliponaxis=False,
    )
    room = 0.01 * (axes[0][-1] - axes[0][0])  # so that the cross does not cover the axis
    figure.update_layout(
        title="What the quadratic says of duration and temperature",
        xaxis_title="duration of infection (h)",
        xaxis_range=[axes[0][0] - room, axes[0][-1] + room],
        yaxis_title="temperature after infection (°C)",
        height=460,
    )
    edge = [n for n, share in zip(FACTORS, best, strict=True) if not 0.02 < share < 0.98]
    words = ", ".join(edge) or "none"
    others = ", ".join(
        f"{n} {_written(float(f'{point[n]:.3g}'))}"
        for n in FACTORS
        if n not in (FACTORS[first], FACTORS[second])
    )
    sentence = (
        f"The cross is the recipe that the surface recommends, {doses(best[None])[0][0]:.1f} "
        f"thousand doses by its own account. On an end of the licence: {words}. The map is drawn "
        f"with the other set points as recommended: {others}."
    )
    return figure, sentence


def flat_point(namespace: Mapping[str, Any]) -> pd.DataFrame:
    """Return where the design's quadratic is flat, and its curvatures.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `stationary` is put to work where it gives numbers.

    Returns
    -------
    DataFrame
        One row a factor: ``flat at`` in coded units; ``curvatures``, ascending, which belong to
        directions and not to the factor of their row.
    """
    runs = designed()
    x = 2 * runs.x - 1

    def asked(answers: Answers) -> np.ndarray:
        point, bends = answers.function("stationary")(x.copy(), runs.y.copy())
        found = np.array([point, bends], dtype=float)
        if found.shape != (2, len(FACTORS)) or not np.isfinite(found).all():
            raise ValueError("no point and curvatures")
        return found

    own = _answer(Answers(namespace), asked)
    point, bends = rivals._stationary(x, runs.y) if own is None else own
    return pd.DataFrame({"flat at": point, "curvatures": bends}, index=list(FACTORS))


# The learner's proposals --------------------------------------------------------------------


def study(namespace: Mapping[str, Any]) -> tuple[Runs, str]:
    """Run a study of 30 recipes, live: nine spread out, then seven weeks of three as proposed.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `propose` is put to work where it gives recipes that may be run.

    Returns
    -------
    tuple of Runs and str
        The runs, and whose proposals they are.
    """
    function = Answers(namespace)
    try:
        own = function.function("propose")
        runs = _studied(lambda *given: own(*given, shown="x, y, margins, noise"))
        return runs, "At work here: your propose."
    except Exception as error:  # whatever a learner's function does there, the notebook goes on
        runs = _studied(rivals._propose)
        why = f" ({error})" if isinstance(error, CourseError) else ""
        return runs, f"At work here: the course's own proposals, for yours gave none{why}."


def _studied(propose: Callable[..., Any]) -> Runs:
    weeks = (material.RUNS - material.FIRST) // material.BATCH
    with tqdm(total=weeks, desc="Weeks") as bar:

        def counted(*given: Any) -> Any:
            said = propose(*given)
            bar.update()
            return said

        first = material.spread(material.FIRST, STUDY_SEED)
        return rivals.study(Laboratory(STUDY_SEED), counted, first)


def study_figure(runs: Runs) -> tuple[go.Figure, str]:
    """Draw a study: what each run read, and the best of those within the limits so far.

    Parameters
    ----------
    runs : Runs
        Of `study`.

    Returns
    -------
    tuple of Figure and str
    """
    fine = (runs.margins <= 0).all(axis=1)
    number = np.arange(1, len(runs) + 1)
    best = np.maximum.accumulate(np.where(fine, runs.y, -np.inf))
    best[~np.isfinite(best)] = np.nan
    figure = go.Figure()
    for name, rows, k in (("within the limits", fine, 0), ("breaks a limit", ~fine, 1)):
        marker = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9}
        figure.add_scatter(x=number[rows], y=runs.y[rows], mode="markers", name=name, marker=marker)
    line = {"color": figures.GREEN, "dash": "dot", "shape": "hv", "width": 3}
    figure.add_scatter(
        x=number, y=best, mode="lines", name="best within the limits so far", line=line
    )
    figure.add_vline(x=material.FIRST + 0.5, line={"color": _GREY, "dash": "dash"})
    figure.update_layout(
        title="Nine runs spread out, then three a week as proposed",
        xaxis_title="run",
        yaxis_title="measured doses a batch (thousands)",
        height=420,
        legend={"orientation": "h", "y": -0.25},
    )
    before, after = runs.y[: material.FIRST].mean(), runs.y[material.FIRST :].mean()
    sentence = (
        f"The first {material.FIRST} runs read {before:.1f} thousand doses on average, the "
        f"proposed ones {after:.1f}; {int((~fine[material.FIRST :]).sum())} of those break a limit."
    )
    return figure, sentence


# Ten studies --------------------------------------------------------------------------------


@cache
def _regrets() -> pd.DataFrame:
    """Return one row a study, way and number of runs: gain and what is attainable, in %."""
    rows, attainable = [], {}
    for line in rivals.MEASURED.split("\n")[1:-1]:
        head, _, told = line.partition(":")
        factors, way, study = head.split()
        gains, _, kept = told.partition("|")
        if way == "attainable":
            attainable[int(factors)] = float(gains)
            continue
        last = {5: material.RUNS, 2: 13}[int(factors)]
        values = [float(word) for word in gains.split()]
        runs = [last - material.BATCH * k for k in range(len(values))][::-1]
        for n, gain in zip(runs, values, strict=True):
            row = {"factors": int(factors), "way": way, "study": int(study), "runs": n}
            rows.append(row | {"gain": gain, "kept": float(kept), "last": n == last})
    table = pd.DataFrame(rows)
    return table.assign(attainable=table["factors"].map(attainable))


def regrets() -> pd.DataFrame:
    """Return ten studies by each way, measured before by ``benchmarks/regret_recipe.py``.

    Returns
    -------
    DataFrame
        One row a number of factors and a way, after the last run: medians of the true gain over
        the history, of the regret, and of the share of batches that keep the limits; the least
        gain of the ten; all in %.
    """
    last = _regrets().query("last")
    last = last.assign(regret=last["attainable"] - last["gain"])
    groups = last.groupby(["factors", "way"])
    table = groups[["gain", "regret", "kept"]].median().assign(least=groups["gain"].min())
    return table.round(1).rename(columns=lambda name: f"{name}, %")


def process_less_design(factors: int = 5) -> str:
    """Say by how much the process beats the design in ten studies with the same hands.

    Parameters
    ----------
    factors : int
        5 or 2.
    """
    some = _regrets().query("last and factors == @factors")
    last = some.pivot(index="study", columns="way", values="gain")
    off = last["process"] - last["design"]
    half = T_975_OF_9 * off.std(ddof=1) / np.sqrt(len(off))
    return (
        f"Process less design with {factors} factors, study by study: {off.mean():+.1f} % of doses "
        f"on average, with a 95 % interval from {off.mean() - half:+.1f} to "
        f"{off.mean() + half:+.1f} %."
    )


def regrets_figure(factors: int = 5) -> go.Figure:
    """Draw the true gain of what each study recommends, week by week, one thin line a study.

    Parameters
    ----------
    factors : int
        5 or 2.
    """
    table = _regrets()
    table = table[table["factors"] == factors]
    figure = go.Figure()
    for k, way in enumerate(WAYS):
        rows = table[table["way"] == way]
        style = {"color": figures.COLOURS[k], "dash": figures.DASHES[k]}
        aside = 0.5 * (k - 1)  # of a run, so that no way's markers hide another's
        for one, some in rows.groupby("study"):
            figure.add_scatter(
                x=some["runs"] + aside,
                customdata=some["runs"],
                hovertemplate="%{customdata} runs: %{y:.1f} %",
                y=some["gain"],
                mode="lines+markers",
                marker={"symbol": figures.MARKERS[k], "size": 5},
                line=style | {"width": 1},
                opacity=0.6,
                name=f"{way}, study {one}",
                legendgroup=way,
                showlegend=False,
            )
        middle = rows.groupby("runs")["gain"].median()
        figure.add_scatter(
            x=middle.index + aside,
            customdata=middle.index,
            hovertemplate="%{customdata} runs: %{y:.1f} %",
            y=middle,
            mode="lines+markers",
            marker={"symbol": figures.MARKERS[k], "size": 12},
            line=style | {"width": 4},
            name=f"{way}, median",
            legendgroup=way,
        )
    best = table["attainable"].iloc[0]
    figure.add_hline(y=best, line={"color": _GREY, "dash": "dash"})
    return figure.update_layout(
        title=f"{factors} factors: what ten studies recommend, and what is attainable",
        xaxis_title="runs so far",
        yaxis_title="true gain over the history (%)",
        height=460,
        legend={"orientation": "h", "y": -0.25},
    )


# The winner's curse -------------------------------------------------------------------------


def winners(namespace: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the best of 30 random runs promised in twenty studies, and what it gave again.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `honest` makes a promise where it gives a number.

    Returns
    -------
    DataFrame
        One row a way to promise, thousands of doses on average over the studies: what was
        promised, what ten more runs gave, and the difference of these two, as they are written
        here, with its standard error.
    """
    seeds = range(1, CURSE_STUDIES + 1)
    laboratories = [Laboratory(seed) for seed in seeds]
    drawn = [material.random_recipes(seed) for seed in seeds]
    studies = material.run_all(list(zip(laboratories, drawn, strict=True)))
    chosen = [  # by one vessel, and by the mean of three
        (laboratory, runs.x[int(np.argmax(doses))])
        for laboratory, runs in zip(laboratories, studies, strict=True)
        for doses in (runs.doses[:, 0], runs.y)
    ]
    given = np.reshape(material.again(chosen), (-1, 2))
    ways: dict[str, list[tuple[float, float]]] = {}
    for runs, (by_one, by_three) in zip(studies, given, strict=True):
        for way, promise, again in (
            ("best of one vessel", runs.doses[:, 0].max(), by_one),
            ("best of three vessels", runs.y.max(), by_three),
            ("honest", _honest(namespace, runs.doses), by_three),
        ):
            ways.setdefault(way, []).append((promise, again))
    rows = {}
    for way, pairs in ways.items():
        promised, again = np.transpose(pairs)
        off = promised - again
        error = off.std(ddof=1) / np.sqrt(len(off))
        shown = [round(float(values.mean()), 2) for values in (promised, again)]
        rows[way] = [*shown, shown[0] - shown[1], error]
    columns = ["promised", "given again", "too much", "standard error"]
    return pd.DataFrame(rows, index=columns).T.round(2).rename_axis(columns="thousand doses")


def _honest(namespace: Mapping[str, Any], vessels: np.ndarray) -> float:
    from vaxlab.checks.reading import number

    def asked(answers: Answers) -> float:
        return number(answers.function("honest")(vessels.copy(), shown="vessels"), "honest")

    own = _answer(Answers(namespace), asked)
    return rivals._honest(vessels) if own is None else own


# Doses --------------------------------------------------------------------------------------


def doses(runs: Runs) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the plant run for two years on the recipes that three studies recommend.

    Parameters
    ----------
    runs : Runs
        The learner's study; its recipe is recommended by `rivals.by_process`, with caution.

    Returns
    -------
    tuple of DataFrame, Figure and str
        One row a way; bars of the doses gained with their intervals; a sentence.
    """
    chosen = {
        "best of 30 random": rivals.by_reading(material.random_runs(STUDY_SEED)),
        "design, surface": rivals.by_surface(designed()),
        "your study": rivals.by_process(runs, CAUTION),
    }
    rows = {name: _paid(x) for name, x in tqdm(chosen.items(), desc="Recipes")}
    table = pd.DataFrame(rows)
    gains = table.loc["gained, %"]
    figure = figures.bars(
        gains,
        title=f"{YEAR_BATCHES} batches, the history's own on the same lots and luck beside them",
        axis_title="gain in doses (%)",
        ends=(table.loc["low, %"], table.loc["high, %"]),
    )
    own = table["your study"]
    sentence = (
        f"The study's recipe gives {own['gained, %']:+.1f} % doses, with an interval from "
        f"{own['low, %']:+.1f} to {own['high, %']:+.1f} %; {own['within the limits, %']:.1f} % of "
        "its batches keep all three limits."
    )
    shown = table.rename({"moi": "moi, millionths"}).round(1)
    return shown.apply(_as_row, axis=1), figure, sentence


def _as_row(row: pd.Series) -> pd.Series:
    """Write a row's numbers alike: whole ones where they are large or all of them are whole."""
    whole = (row.abs() >= 1000).any() or np.allclose(row, row.round())
    return row.map(lambda value: f"{value:,.0f}" if whole else f"{value:.1f}")


def _paid(x: np.ndarray) -> dict[str, float]:
    point = material.recipes(x[None])[0]
    policy = Policy(recipe=lambda known: material.usual() | point)
    came = deploy.deploy(policy, n_batches=YEAR_BATCHES, seed=YEAR_SEED)
    summary, table = came.summary(), came.batches
    read = table[["dna_ng_per_dose", "hcp_ug_per_ug_ha", "lactate_mmol_per_l"]].to_numpy()
    return point | {
        "moi": 1e6 * point["moi"],
        "gained, %": summary["gained_percent"],
        "low, %": summary["low_percent"],
        "high, %": summary["high_percent"],
        f"batches lost, of {YEAR_BATCHES}": summary["lost"],
        "history's lost, of as many": summary["history_lost"],
        "within the limits, %": 100 * (read <= material.LIMITS).all(axis=1).mean(),
    }


def _answer(answers: Answers, ask: Callable[..., Any]) -> Any:
    """Return what the learner's names answer, or None where that is no answer yet."""
    found = []

    def parts() -> Iterator[Part]:
        found.append(ask(answers))
        yield passed("", 0)

    outcomes = [part.outcome for part in guarded("", 1, parts())]
    return found[0] if outcomes == [Outcome.PASSED] else None
