"""What day 1, notebook 2 lays out: a table of early variables, more histories, figures.

*Weak* is a bulk of fewer than `WEAK_DOSES` doses by the potency test at release, whatever
was decided about it: 7 to 11 % of all batches. A release limit alone would leave fifteen rejected
batches in some histories, too few to judge a model by.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vaxlab.plant import campaign

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from vaxlab.bakeoff import ClassifierBakeOff

WEAK_DOSES = 8_000
ALARM_SHARE = 0.1
UG_PER_DOSE = 15
HISTORIES = 5
"""The plant's, and those of four sister plants: its seed, and the seeds after it."""
YEARS = 6
"""Of each history."""

CAUSES = (
    "moi",
    "inoculum_cells_per_ml",
    "carrier_g_per_l",
    "infection_temperature_c",
    "ph",
    "do_percent",
    "trypsin_bu_per_ml",
    "wait_h",
    "serum_growth_promotion",
    "carrier_swelling_volume",
    "trypsin_activity",
    "seed_ha",
)
"""Variables that move the plant, or that stand on the certificate for what does."""
IDLE = (
    "serum_igg",
    "carrier_charge",
    "medium_ph",
    "trypsin_protein",
    "n1_fold",
    "n1_confluence",
    "started_hour",
    "started_weekday",
)
"""Variables without any effect."""
SYMPTOMS = (
    "cells_before",
    "glucose_before",
    "lactate_before",
    "cells_24h",
    "viability_24h",
    "glucose_24h",
    "lactate_24h",
)
"""What is measured in the batch itself: it shows what happened and causes nothing."""

_SET_POINTS = CAUSES[:7]
_CERTIFICATES = (*CAUSES[8:], *IDLE[:4])
_SAMPLED_H = {"before": (-6, 0), "24h": (18, 30)}
_ANALYTES = {
    "viable_cells": "cells",
    "viability": "viability",
    "glucose": "glucose",
    "lactate": "lactate",
}


def early(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Lay out what is known of each batch a day after infection.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``seed_train``, ``certificates`` and ``samples_tidy`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; the columns `CAUSES`, `IDLE` and `SYMPTOMS` in the order of the
        alphabet, all numbers. MOI is a log10, cells in 1e6/mL, metabolites in mmol/L. NaN where
        a sample was lost.

    Notes
    -----
    HA is left out: a day after infection it is below the test's limit in every batch. So is
    the infectious titre, which would raise the area by 0.06: reading it takes days. Set points
    that move the yield by 2 % at most (sugar, feed, temperature before infection) are left out,
    and the viability of the seed culture, which the hours of waiting decide.
    """
    batches = tables["batches"].set_index("batch_id")
    found = batches[list(_SET_POINTS)].assign(moi=np.log10(batches["moi"]))
    seeds = tables["seed_train"].query("stage == 'N-1'").set_index("batch_id")
    wait = batches["started_at"] - seeds["detached_at"]
    found["wait_h"] = wait / pd.Timedelta(hours=1)
    certificates = tables["certificates"].set_index("lot")
    for name in _CERTIFICATES:
        lot = batches[f"{name.split('_')[0]}_lot"]
        found[name] = lot.map(certificates[name])
    found["n1_fold"] = seeds["cells_out_1e6"] / seeds["cells_in_1e6"]
    found["n1_confluence"] = seeds["confluence_percent"]
    found["started_hour"] = batches["started_at"].dt.hour
    found["started_weekday"] = batches["started_at"].dt.day_of_week
    samples = tables["samples_tidy"]
    for when, (first, last) in _SAMPLED_H.items():
        rows = samples[samples["hours_after_infection"].between(first, last)]
        usual = rows.groupby("analyte")["value"].transform("median")
        # The errors of notebook 1: off by a factor.
        sound = (rows["value"] / usual).between(1 / 4, 4)
        one = rows[sound].groupby(["batch_id", "analyte"])["value"].first().unstack()
        for analyte, short in _ANALYTES.items():
            if f"{short}_{when}" in SYMPTOMS:
                found[f"{short}_{when}"] = one[analyte]
    return found[sorted((*CAUSES, *IDLE, *SYMPTOMS))].astype(float)


def doses_by_potency(release: pd.DataFrame) -> pd.Series:
    """Return the doses that the measured potency gives, whatever was decided (batch_id)."""
    table = release.set_index("batch_id")
    return table["potency_ug_per_ml"] * 1000 * table["bulk_l"] / UG_PER_DOSE


@dataclass(frozen=True)
class History:
    """Six years of a plant.

    Attributes
    ----------
    release : DataFrame
        As `vaxlab.data` has it.
    early : DataFrame
        From `early`.
    weak : Series of bool
        By ``batch_id``, as the others.
    true_doses : Series
        In the bulk.
    """

    release: pd.DataFrame
    early: pd.DataFrame
    weak: pd.Series
    true_doses: pd.Series


@lru_cache(maxsize=32)
def history(seed: int = campaign.HISTORY_SEED) -> History:
    """Make one history. Cached: do not write into its tables."""
    made = campaign.run(seed=seed)
    truth = made.truth["batches"].set_index("batch_id")
    doses = doses_by_potency(made.tables["release"])
    return History(
        made.tables["release"], early(made.tables), doses < WEAK_DOSES, truth["true_doses"]
    )


def together(histories: list[History]) -> History:
    """Put histories below each other; batches are numbered anew."""

    def below(tables: list) -> pd.DataFrame | pd.Series:
        whole = pd.concat(tables, ignore_index=True)
        return whole.rename(index="B{:04d}".format)

    return History(
        pd.concat([one.release for one in histories], ignore_index=True),
        below([one.early for one in histories]),
        below([one.weak for one in histories]),
        below([one.true_doses for one in histories]),
    )


# What the notebook calls -------------------------------------------------------------------


def weak_batches() -> pd.Series:
    """Say of each batch of the course's history whether it was weak (batch_id)."""
    return history().weak.rename("weak").copy()


def next_six_years() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Let the plant run on: return `early`, weak or not, and true doses of new batches.

    They are numbered after those of the history.
    """
    before, after = history(), history(campaign.HISTORY_SEED + 1)
    first = len(before.weak) + 1
    numbers = [f"B{k:03d}" for k in range(first, first + len(after.weak))]
    index = pd.Index(numbers, name=after.early.index.name)
    early, weak, doses = (t.set_axis(index) for t in (after.early, after.weak, after.true_doses))
    return early, weak, doses


def five_plants(plant_seed: int = campaign.HISTORY_SEED) -> pd.DataFrame:
    """Make six years of this plant and of its four sisters; return batches and weak ones of each.

    The checks that ask five plants find them made. The bar goes to where the table goes.
    """
    from tqdm import tqdm

    numbers = tqdm(range(HISTORIES), desc="Plants made", delay=5, leave=False, file=sys.stdout)
    made = [history(plant_seed + k).weak for k in numbers]
    names = ["this plant", *(f"sister {k}" for k in range(1, HISTORIES))]
    return pd.DataFrame(
        {"batches": [len(weak) for weak in made], "weak": [weak.sum() for weak in made]}, names
    )


def doses_figure(release: pd.DataFrame) -> tuple[go.Figure, str]:
    """Draw the doses that the potency gives, by the decision; return figure and sentence."""
    from vaxlab import figures

    reason = release.set_index("batch_id")["reason"].fillna("released")
    reason = reason.replace({"potency": "rejected:<br>potency"})
    reason = reason.where(reason.str.contains("released|potency"), "rejected:<br>other reasons")
    doses = doses_by_potency(release)
    figure = figures.groups(
        {name: doses[reason == name] for name in reason.unique()},
        title="Doses that the measured potency would give",
        axis_title="doses in the bulk",
    ).add_hline(y=WEAK_DOSES, line={"color": "#767676", "dash": "dash"})
    return figure, (
        f"A dashed line at {WEAK_DOSES:,} doses. All batches rejected for potency lie below it, "
        "and a few that were released. Of those rejected for other reasons, such as germs, some "
        "hold plenty."
    )


def scoreboard(result: ClassifierBakeOff) -> pd.DataFrame:
    """Return a bake-off's summary in plain words.

    Parameters
    ----------
    result : ClassifierBakeOff
        With ``weak`` as its signal.

    Returns
    -------
    DataFrame
        One row a method, best first: ``area`` and its 95 % interval (``from``, ``to``), and
        ``found``: of the weak batches, the share among the tenth of **all** batches with the
        highest scores, the mean of the folds.
    """
    table = result.summary[["auc", "auc_low", "auc_high"]].set_axis(["area", "from", "to"], axis=1)
    folds = [rows for _, rows in result.responses.groupby("fold")]
    found = {}
    for name in table.index:
        hits = [
            rows.nlargest(round(ALARM_SHARE * len(rows)), name)["signal"].sum() for rows in folds
        ]
        found[name] = sum(hits) / result.responses["signal"].sum()
    return table.assign(found=pd.Series(found))


def differences(result: ClassifierBakeOff, first: str) -> pd.DataFrame:
    """Return how far each other method's area lies above ``first``'s, with its 95 % interval."""
    others = [name for name in result.summary.index if name != first]
    return pd.DataFrame({name: result.difference(name, first) for name in others}).T


def differences_figure(table: pd.DataFrame, first: str) -> tuple[go.Figure, str]:
    """Draw `differences` as points with their intervals; return figure and sentence."""
    import plotly.graph_objects as go

    from vaxlab.figures import BLUE

    rows = table[::-1]
    middle = rows["difference"]
    error = {"array": rows["high"] - middle, "arrayminus": middle - rows["low"]}
    figure = go.Figure(
        go.Scatter(
            x=middle,
            y=list(rows.index),
            mode="markers",
            marker={"color": BLUE, "size": 10},
            error_x=error | {"color": BLUE, "thickness": 2},
        )
    ).add_vline(x=0, line={"color": "#767676", "dash": "dash"})
    figure.update_layout(
        title=f"Area of each method, less that of {first}, on the same batches",
        xaxis_title="difference of the areas, with its 95 % interval",
        height=120 + 40 * len(rows),
    )
    worse = [name for name in table.index if table.loc[name, "high"] < 0]
    better = [name for name in table.index if table.loc[name, "low"] > 0]
    return figure, (
        f"Clearly worse than {first}: {', '.join(worse) or 'nobody'}. Clearly better: "
        f"{', '.join(better) or 'nobody'}. The intervals of all others hold 0."
    )


def three_ways(response: pd.Series, weak: pd.Series, true_doses: pd.Series) -> pd.DataFrame:
    """Compare three ways to leave out a tenth of the harvests, with one model's responses.

    Parameters
    ----------
    response : Series
        A probability that the batch is weak.
    weak, true_doses : Series
        On the same index.

    Returns
    -------
    DataFrame
        A column a way: by chance; by chance among those above one half, or all of these and
        others by chance where they are too few; the highest. Rows: what is to be expected of
        weak batches left out, good batches left out, doses thrown away.
    """
    places = round(ALARM_SHARE * len(response))
    ranked = response.sort_values(ascending=False, kind="stable").index
    ways = {
        "by chance": [],
        "its yes or no": response.index[response > 0.5],
        "its ranking": ranked[:places],
    }
    columns = {}
    for way, named in ways.items():
        share = pd.Series(0.0, response.index)
        share[named] = min(1.0, places / max(len(named), 1))
        others = response.index.difference(named)
        share[others] = max(places - len(named), 0) / len(others)
        columns[way] = {
            "weak batches left out": share @ weak,
            "good batches left out": share @ ~weak,
            "doses thrown away": share @ true_doses,
        }
    return pd.DataFrame(columns)
