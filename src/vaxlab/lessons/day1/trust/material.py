"""What day 1, notebook 1 lays out: readings with errors in them, harvests assayed again.

The truth is simulated here, in the process that asks for it, and stands in no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from vaxlab import figures
from vaxlab.plant import campaign
from vaxlab.plant.assays import HA, LogAssay

HUNDREDFOLD_LOG10 = 2.0
DILUTIONS = {"ha": 40, "tcid50": 40}
"""How many readings of an analyte get a wrong dilution."""
NEAR_USUAL_LOG10 = 0.6

HA_COLUMN = "ha_log10_per_100ul"
TABLES = 40
"""Of one kind, for a check that asks for what is right on average."""
FEW = 30
"""Batches of a small plant. Its ten best are a third of them: luck counts for much less there."""
ALIKE_FROM, STRETCH, MORE_LOG10 = 2 / 3, 2.0, 0.3
"""Of another plant: from which quantile on its batches are alike, how many times farther below them
the rest is, and how much more it makes."""


# Readings with errors in them ---------------------------------------------------------------


def with_dilutions(samples: pd.DataFrame) -> pd.DataFrame:
    """Return readings some of which were typed with a wrong dilution.

    A dilution of 1:100 that was counted twice makes a titre too large by 2 log10, one that was
    left out too small. HA of 2 would then lie below its limit, so HA is only ever too large.

    Parameters
    ----------
    samples : DataFrame
        As ``samples_tidy``. Not changed.

    Returns
    -------
    DataFrame
        The same rows; 80 values of HA and TCID50 (log10) are off by 2. The same every time.
    """
    rng = np.random.default_rng(100)
    hours, analyte = samples["hours_after_infection"], samples["analyte"]
    usual = samples.groupby([analyte, (hours / 24).round()])["value"].transform("median")
    off = samples["value"] - usual
    # Nothing else is wrong with them, and each is far off afterwards.
    fit = (off.abs() <= NEAR_USUAL_LOG10) & ~samples["censored"].astype(bool)
    fit &= ~samples.duplicated(["sample_id", "analyte"], keep=False)
    fit &= (samples["analysed_at"] >= samples["sampled_at"]) & (hours > 12)
    value = samples["value"].to_numpy(copy=True)
    for name, count in DILUTIONS.items():
        rows = np.flatnonzero(fit & (analyte == name) & ((name != "ha") | (hours > 36)))
        rows = rng.choice(rows, size=min(count, len(rows)), replace=False)
        away = np.sign(off.to_numpy()[rows])
        side = np.where(away == 0, rng.choice([-1, 1], size=len(rows)), away)
        value[rows] += HUNDREDFOLD_LOG10 * (1 if name == "ha" else side)
        value[rows] = value[rows].round(2)
    return samples.assign(value=value)


@dataclass(frozen=True)
class Export:
    """Readings of a plant, and what is wrong with them.

    Attributes
    ----------
    samples : DataFrame
        As ``samples_tidy``, with wrong dilutions.
    kind : Series of str
        On the same index: clock, duplicate, slip, swap, dilution, original (of a duplicate) or,
        for a sound row, nothing.
    other : Series of int
        Label of a duplicate to that of its original.
    """

    samples: pd.DataFrame
    kind: pd.Series
    other: pd.Series


@lru_cache(maxsize=4)
def export(plant_seed: int) -> Export:
    """Return a plant's readings; do not write into them."""
    plant = campaign.run(seed=plant_seed)
    tidy = plant.tables["samples_tidy"].reset_index(drop=True)
    samples = with_dilutions(tidy)
    planted = plant.truth["errors"]
    label = pd.Series(tidy.index, index=tidy["row_id"])
    twice = planted.dropna(subset=["original_row_id"])
    original = label[twice["original_row_id"].astype(int)].to_numpy()
    kind = pd.Series("", index=tidy.index)
    kind[original] = "original"
    slips = {"unit_slip": "slip", "decimal_slip": "slip"}
    kind[label[planted["row_id"]]] = planted["kind"].replace(slips).to_numpy()
    kind[samples["value"] != tidy["value"]] = "dilution"
    return Export(samples, kind, pd.Series(original, index=label[twice["row_id"]].to_numpy()))


# What is missing ----------------------------------------------------------------------------


def at_48h(samples: pd.DataFrame, batches: pd.DataFrame, assays: pd.DataFrame) -> pd.DataFrame:
    """Lay the samples of the second day beside the harvests, one row a batch.

    Parameters
    ----------
    samples, batches, assays : DataFrame
        ``samples_tidy``, ``batches`` and ``harvest_assays`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; ``weekend`` (the 48 h sample was due on a Saturday or Sunday),
        ``ha_48h`` (log10 HA units per 100 µL, NaN where no sample was taken) and
        ``ha_harvest`` (mean of the quality laboratory's four assays).
    """
    record = batches.set_index("batch_id")
    due = record["infected_at"] + pd.Timedelta(hours=48)
    harvested = samples["batch_id"].map(record["harvested_at"])
    before = samples["sampled_at"] < harvested - pd.Timedelta(hours=1)
    day_2 = samples["hours_after_infection"].between(47, 49) & before
    # What lies outside is a slip or a swap, see exercise 3.
    ha = samples[(samples["analyte"] == "ha") & day_2 & samples["value"].between(0.8, 4)]
    return pd.DataFrame(
        {
            "weekend": due.dt.day_of_week >= 5,
            "ha_48h": ha.groupby("batch_id")["value"].first().reindex(due.index),
            "ha_harvest": assays.groupby("batch_id")[HA_COLUMN].mean(),
        }
    )


def made_up_48h(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table like that of `at_48h` in which the three differences are large and unlike."""
    rng = np.random.default_rng(48)
    weekend = pd.Series(rng.random(len(table)) < 0.35, index=table.index)
    harvest = 2 + 0.3 * rng.standard_normal(len(table)) - 0.2 * weekend
    taken = np.where(weekend, harvest > 1.8, harvest > 1.5)
    seen = (harvest + 0.1 * rng.standard_normal(len(table)) + 0.4 * weekend).where(taken)
    return pd.DataFrame({"weekend": weekend, "ha_48h": seen, "ha_harvest": harvest})


# Harvests assayed again ---------------------------------------------------------------------


def harvest_assays(plant_seed: int) -> pd.DataFrame:
    """Return the laboratory's readings, without batches of which one lies below the limit.

    The history that learners see has none; on other plants one or two batches fail so badly.
    """
    return _readable(campaign.run(seed=plant_seed).tables["harvest_assays"])


def _readable(assays: pd.DataFrame) -> pd.DataFrame:
    lost = assays.loc[assays[HA_COLUMN].isna(), "batch_id"]
    return assays[~assays["batch_id"].isin(lost)].reset_index(drop=True)


def true_ha(plant_seed: int) -> pd.Series:
    """Return what the batches truly hold at harvest, log10 HA units per 100 µL."""
    truth = campaign.run(seed=plant_seed).truth["batches"].set_index("batch_id")
    return truth["ha_at_harvest_log10_per_100ul"]


def true_variances(plant_seed: int) -> tuple[float, float]:
    """Return the variances of the true harvests and of one HA reading around them."""
    assays = harvest_assays(plant_seed)
    truth = true_ha(plant_seed)
    error = assays[HA_COLUMN] - assays["batch_id"].map(truth)
    return float(truth[assays["batch_id"].unique()].var()), float(error.var())


@lru_cache(maxsize=8)
def assayed_again(
    plant_seed: int,
    n: int = TABLES,
    *,
    noise: float = 1.0,
    alike: bool = False,
    few: int | None = None,
) -> tuple[tuple[pd.DataFrame, ...], pd.Series]:
    """Assay the harvests of a plant again and again: luck differs from table to table.

    Parameters
    ----------
    plant_seed : int
    n : int
        Tables.
    noise : float
        How many times the usual standard deviation an assay has.
    alike : bool
        Whether it is another plant, which makes twice as much: the best third of its batches is
        all alike, and the rest twice as far below. What holds where titres scatter alike to both
        sides does not hold there.
    few : int, optional
        How many batches a table has, other ones in each; all where nothing is given.

    Returns
    -------
    tuple of DataFrame
        As `harvest_assays`.
    Series
        What the batches truly hold, log10.
    """
    truth = true_ha(plant_seed)
    if alike:
        top = truth.quantile(ALIKE_FROM)
        truth = top + MORE_LOG10 - STRETCH * (top - truth).clip(lower=0)
    assay = LogAssay(sd=HA.sd * noise, step=HA.step, limit=HA.limit)
    table = campaign.run(seed=plant_seed).tables["harvest_assays"]
    rng = np.random.default_rng([plant_seed, alike, few or 0])

    def read() -> pd.DataFrame:
        rows = table
        if few:
            some = rng.choice(truth.index.to_numpy(), size=few, replace=False)
            rows = table[table["batch_id"].isin(some)]
        true = rows["batch_id"].map(truth).to_numpy()
        return _readable(rows.assign(**{HA_COLUMN: assay.read(true, rng)}))

    return tuple(read() for _ in range(n)), truth


def are_highest(assays: pd.DataFrame, ids: list[str]) -> bool:
    """Tell whether these are ten batches as high in replicate 1 as the ten highest.

    Steps of 0.15 make ties: among equals any will do.
    """
    once = assays["replicate"].to_numpy() == 1
    read = assays[HA_COLUMN].to_numpy()[once]
    first = dict(zip(assays["batch_id"].to_numpy()[once], read, strict=True))
    if len(ids) != 10 or len(set(ids)) != 10 or not set(ids) <= first.keys():
        return False
    return bool(np.isclose(sum(first[name] for name in ids), np.sort(read)[-10:].sum()))


def delivery(namespace: Mapping[str, Any]) -> tuple[go.Figure, str]:
    """Let the plant make the ten best batches again, and set it beside what was promised.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `ten_best` is put to work where it gives an answer, and its ten
        are made where they are the highest: of equals everybody may have picked others.

    Returns
    -------
    tuple of Figure and str
        Bars of antigen above the average batch, and a sentence that says the same.
    """
    assays = harvest_assays(campaign.HISTORY_SEED)
    table = assays.pivot(index="batch_id", columns="replicate", values=HA_COLUMN)
    ids, promised = _promised(namespace, assays)
    if not are_highest(assays, ids):
        ids = list(table[1].nlargest(10).index)
    bars = {"promised from<br>the first assay": float(table.loc[ids, 1].mean())}
    own = ""
    if promised is not None:
        bars["promised<br>by you"] = promised
        own = " You promised {:.0f} % more."
    plant = campaign.run(campaign.HISTORY_SEED)
    again = campaign.run_again(plant, ids, n=3, seed=2026)
    bars["what they<br>truly held"] = float(true_ha(campaign.HISTORY_SEED)[ids].mean())
    bars["the plant makes<br>them again"] = float(again["ha_log10_per_100ul"].mean())
    more = 100 * (10 ** (pd.Series(bars) - table.stack().mean()) - 1)
    figure = figures.bars(
        more,
        title="The ten best batches of six years",
        axis_title="antigen above the average batch (%)",
    )
    sentence = (
        f"The first assay promised {more.iloc[0]:.0f} % more antigen than an average batch."
        f"{own.format(more.iloc[1])} The ten truly held {more.iloc[-2]:.0f} % more. "
        f"Made again, the plant gets {more.iloc[-1]:.0f} % more."
    )
    return figure, sentence


def _promised(namespace: Mapping[str, Any], assays: pd.DataFrame) -> tuple[list[str], float | None]:
    """Return the learner's ten and promise; its check says what is wrong where there is none."""
    try:
        answer = namespace["ten_best"](assays.copy())
        chosen, promised = answer.values() if isinstance(answer, dict) else answer
        ids, promised = [str(batch) for batch in chosen], float(promised)
    except Exception:
        return [], None
    return ids, promised if np.isfinite(promised) else None
