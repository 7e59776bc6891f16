"""Figures of day 4, notebook 5, and the learner's own policy at work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from vaxlab import figures
from vaxlab.errors import CourseError
from vaxlab.lessons.day4.capstone import material, rivals
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.season import BATCHES, REACTORS, Played, play

Names = Mapping[str, Any]
GREY = "#767676"


def season_figure() -> tuple[go.Figure, str]:
    """Draw a practice season on the history's policy: what each batch was worth, as it was read."""
    record, truth = material.record(), material._played("the history")[0].truth
    figure = go.Figure()
    for k, reactor in enumerate(REACTORS):
        own = record[record["reactor"] == reactor]
        marker = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9}
        figure.add_scatter(
            x=own["round"],
            y=own["worth"],
            mode="lines+markers",
            name=f"{reactor} ({REACTORS[reactor]})",
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k]},
            marker=marker,
        )
    opened = record.loc[record["seed_lot"] == record["seed_lot"].iloc[-1], "round"].min()
    figure.add_vline(x=opened - 0.5, line={"color": GREY, "dash": "dot"})
    figure.add_hline(y=1, line={"color": GREY, "dash": "dash"})
    figure.update_layout(
        title="A season on the history's policy",
        xaxis_title="round (nine days each)",
        yaxis_title="doses, in usual batches",
        height=400,
    )
    return figure, (
        f"Of {BATCHES} batches {int((record['worth'] == 0).sum())} were rejected and "
        f"{int(truth['recalled'].sum())} called back later. The season was worth "
        f"{truth['worth'].sum():.0f} usual batches. At the dotted line the new seed lot was opened."
    )


def gaps_figure() -> tuple[go.Figure, str]:
    """Draw what the three probes of pH and the bench differ by, in one season."""
    rows = pd.DataFrame(material._gap_rows(material.seeds(HISTORY_SEED, material.WATCHED)[0], []))
    figure = go.Figure()
    for k, reactor in enumerate(REACTORS):
        own = rows[rows["reactor"] == reactor]
        figure.add_scatter(
            x=own["round"],
            y=own["ph_gap"],
            mode="markers",
            name=reactor,
            marker={"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9},
        )
    figure.update_layout(
        title="pH on the bench less pH of the probe",
        xaxis_title="round",
        yaxis_title="gap (pH)",
        height=380,
    )
    apart = rows.groupby("reactor")["ph_gap"].apply(lambda g: abs(g.iloc[-4:].mean() - g.mean()))
    return figure, f"One of three walks away: {apart.idxmax()}. No check was made in this season."


def watches(namespace: Names) -> pd.DataFrame:
    """Compare ways to watch the probes in eight practice seasons; means of a season.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `check_probe` is put to work where it gives answers.
    """
    ways: dict[str, Callable[[dict, pd.DataFrame], bool]] = {
        "nobody looks": lambda *_: False,
        "every fifth round": rivals._calendar,
        "sums (the course's)": rivals._sums,
    }
    own = namespace.get("check_probe")
    if _flagged(own, *material.watched()):
        ways["yours"] = own
    seeds = material.seeds(HISTORY_SEED, material.WATCHED)
    rows = {who: [material._watch(way, seed) for seed in seeds] for who, way in ways.items()}
    names = {"out of the licence": "bad", "visits": "visits", "needless": "needless"}
    names["lost, usual batches"] = "lost"
    return pd.DataFrame(
        {
            who: {name: np.mean([getattr(one, field) for one in some]) for name, field in
                  names.items()}
            for who, some in rows.items()
        }
    ).T.round(1)  # fmt: skip


def _flagged(function: Any, *given: Any) -> bool:
    """Tell whether a learner's function gives True or False."""
    try:
        return isinstance(function(*given), bool | np.bool_)
    except Exception:  # whatever an unfinished answer does
        return False


def fallen_figure() -> tuple[go.Figure, str]:
    """Draw batches of both products by capacitance: what a harvest at each share is worth."""
    figure, tops = go.Figure(), []
    shares = np.round(np.arange(0.4, 1.0, 0.04), 2)
    for k, product in enumerate((INACTIVATED, LIVE)):
        some = material._hours(product, HISTORY_SEED)
        got = [some.paid(rivals.by_share(share)).mean() for share in shares]
        percent = 100 * np.array(got) / some.fixed.mean()
        figure.add_scatter(
            x=shares,
            y=percent,
            name=product,
            mode="lines+markers",
            line={"color": figures.COLOURS[k], "dash": figures.DASHES[k]},
            marker={"symbol": figures.MARKERS[k], "size": 8},
        )
        tops.append(f"{product}: best at {shares[int(np.argmax(percent))]:.2f}")
    figure.add_hline(y=100, line={"color": GREY, "dash": "dash"})
    figure.update_layout(
        title="Harvest when capacitance has fallen to a share of its first hours'",
        xaxis_title="share of the first hours' capacitance",
        yaxis_title="worth, % of the best fixed hour's",
        height=400,
    )
    return figure, f"{'; '.join(tops)}. At 100 %: one hour for all, chosen with hindsight."


# The whole --------------------------------------------------------------------------------------


def played(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Play four practice seasons on the learner's policy, beside the history's and others.

    Parameters
    ----------
    namespace : mapping
        The learner's names. Where the four functions of a policy do not work, the course's own
        solution is played, and the sentence says why.
    """
    own, why = _own(namespace)
    yours = "your policy" if own else "the course's policy"
    found = {who: material._played(who) for who in ("the history", "a plain policy", "the search")}
    found[yours] = own or material._played("the course")
    table = results(found)
    figure = figures.bars(
        table["worth"], title="Four practice seasons", axis_title="usual batches a season"
    )
    row = table.loc[yours]
    return (
        table,
        figure,
        (
            f"With {yours} a season is worth {row['worth']:.0f} usual batches, "
            f"{row['gained']:+.0f} over the history's ({row['from']:+.0f} to {row['to']:+.0f}): "
            f"{row['attainable, %']:.0f} % of what is attainable.{why}"
        ),
    )


def results(found: Mapping[str, list[Played]]) -> pd.DataFrame:
    """Return a table of seasons played: rows by who, the history's and the search's among them.

    Returns
    -------
    DataFrame
        ``worth`` (usual batches a season), ``gained`` over the history's policy with its 95 %
        interval ``from`` and ``to``, from the differences season by season; ``attainable, %``
        (share of what the search gains); ``rejected``, ``called back``, ``checks`` a season.
    """
    from scipy.stats import t

    base, top = (material._scores(found[who]) for who in ("the history", "the search"))
    rows = {}
    for who, some in found.items():
        gain = material._scores(some) - base
        half = t.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain))
        rows[who] = {
            "worth": material._scores(some).mean(),
            "gained": gain.mean(),
            "from": gain.mean() - half,
            "to": gain.mean() + half,
            "attainable, %": 100 * gain.sum() / (top - base).sum(),
            "rejected": np.mean([(one.record["worth"] == 0).sum() for one in some]),
            "called back": np.mean([one.truth["recalled"].sum() for one in some]),
            "checks": np.mean([one.record["checked"].sum() for one in some]),
        }
    return pd.DataFrame(rows).T.round(1)


def _own(namespace: Names) -> tuple[list[Played] | None, str]:
    """Play the learner's policy; None, and why, where that cannot be."""
    functions = {name: namespace.get(name) for name in material.FUNCTIONS}
    missing = [name for name, function in functions.items() if not callable(function)]
    if missing:
        return None, f" (At work: the course's. `{missing[0]}` is not written yet.)"
    try:
        policy = material.policy_of(functions)
        return play(policy, material.seeds(HISTORY_SEED)), ""
    except CourseError as error:
        return None, f" (At work: the course's. {error})"
