"""How honest readings become a LIMS export: honest untidiness, and planted errors.

Every planted error is one that somebody can find by a rule: its place is drawn among those
where the wrong value is impossible, that is, far outside what all honest batches show for
that analyte at that time of the process.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vaxlab.plant.assays import HA, TCID50

HAU_UNTIL = np.datetime64("2021-07-01")
"""The LIMS reports HA as HAU/100 uL before, and as its logarithm from then on."""

COMMA_ANALYST = "AN4"
CELLS_PER_ML_TERMINALS = ("T1", "T2")
BLANK_SHARE = 0.03

CLOCK_TERMINAL = "T2"
CLOCK_FROM, CLOCK_WEEKS = np.datetime64("2022-10-30"), 5
CLOCK_SHIFT = np.timedelta64(60, "m")

UNIT_SLIPS, DECIMAL_SLIPS, DUPLICATES, SWAPS = 0.0040, 0.0045, 0.0045, 0.0016
"""Planted errors as shares of all rows; a swap spoils two."""

GRAMS = {"glucose": 5.55, "lactate": 11.1}
"""mmol/L in 1 g/L."""

MARGIN_LOG10, MARGIN_FACTOR = 0.6, 1.6
"""How far outside the honest range a planted value lies at least."""
WIDEST = 8.0
"""A slip is planted only where honest values lie within this factor, and not where the cells die
within hours: a factor of ten is no surprise there."""
DYING, DYING_FROM_SLOT = ("viable_cells", "viability"), 6

NEARLY_SHARE = 0.3
"""Duplicates whose second entry was rounded differently."""

SWAP_WITHIN = np.timedelta64(3, "D")

UNITS = {
    "viable_cells": "1e6/mL",
    "viability": "%",
    "glucose": "mmol/L",
    "lactate": "mmol/L",
    "ha": "log10 HAU/100 uL",
    "tcid50": "log10 TCID50/mL",
}
LIMITS = {"ha": HA.limit, "tcid50": TCID50.limit}
LOGARITHMS = tuple(LIMITS)


@dataclass(frozen=True)
class Dirty:
    """An export, its tidied form with the errors still in it, and the list of those errors."""

    samples: pd.DataFrame
    tidy: pd.DataFrame
    errors: pd.DataFrame


def make(rng: np.random.Generator, readings: pd.DataFrame) -> Dirty:
    """Turn readings into an export with errors in it.

    Parameters
    ----------
    readings : DataFrame
        One row a sample and analyte: sample_id, batch_id, slot, infected_at, sampled_at,
        analysed_at, terminal, analyst, analyte, value (canonical unit of `UNITS`; NaN is below
        the limit of detection).
    """
    rows = readings.reset_index(drop=True).assign(kind="", original=-1)
    per_ml = rows["terminal"].isin(CELLS_PER_ML_TERMINALS) & (rows["analyte"] == "viable_cells")
    as_hau = (rows["sampled_at"] < HAU_UNTIL) & (rows["analyte"] == "ha")
    rows["unit"] = rows["analyte"].map(UNITS)
    rows.loc[per_ml, "unit"] = "1/mL"
    rows.loc[as_hau, "unit"] = "HAU/100 uL"
    rows["text"] = [text_of(*row) for row in zip(rows["value"], rows["unit"], strict=True)]

    rows = _clock(rows)
    rows = _swaps(rng, rows)
    rows = _slips(rng, rows)
    rows = _duplicates(rng, rows)
    order = rows.sort_values(["analysed_at", "sample_id", "analyte"], kind="stable").index
    rows = rows.loc[order]
    row_id = pd.Series(np.arange(1, len(rows) + 1), index=rows.index)
    rows.insert(0, "row_id", row_id)
    rows["original"] = row_id.reindex(rows["original"]).to_numpy()
    return Dirty(_raw(rng, rows), _tidy(rows), _errors(rows))


def text_of(value: float, unit: str) -> str:
    """Write a value of the canonical unit as the LIMS holds it in another one."""
    if math.isnan(value):
        if unit == "HAU/100 uL":
            return "<3"
        return f"<{LIMITS['ha' if 'HAU' in unit else 'tcid50']:g}"
    if unit == "1/mL":
        return f"{value * 1e6:.0f}"
    if unit == "HAU/100 uL":
        return f"{10**value:.3g}" if value < 3 else f"{10**value:.0f}"
    if unit == "1e6/mL":
        return f"{value:.3f}"
    return f"{value:.2f}" if "log10" in unit else f"{value:.1f}"


def value_of(text: str, unit: str) -> tuple[float, bool]:
    """Read what `text_of` wrote: value in the canonical unit, and whether it is a limit."""
    if text.startswith("<"):
        return (LIMITS["ha" if "HAU" in unit else "tcid50"], True)
    number = float(text)
    if unit == "1/mL":
        return round(number / 1e6, 6), False
    if unit == "HAU/100 uL":
        return round(math.log10(number), 2), False
    return number, False


def _impossible(rows: pd.DataFrame) -> pd.DataFrame:
    """Return between which values a row's value is possible, and whether a slip would show."""
    honest = (
        rows["value"].fillna(rows["analyte"].map(LIMITS)).groupby([rows["analyte"], rows["slot"]])
    )
    low, high = honest.transform("min"), honest.transform("max")
    logarithm = rows["analyte"].isin(LOGARITHMS)
    return pd.DataFrame(
        {
            "below": np.where(logarithm, low - MARGIN_LOG10, low / MARGIN_FACTOR),
            "above": np.where(logarithm, high + MARGIN_LOG10, high * MARGIN_FACTOR),
            "shows": (logarithm | (high <= low * WIDEST))
            & ~(rows["analyte"].isin(DYING) & (rows["slot"] >= DYING_FROM_SLOT)),
        },
        index=rows.index,
    )


def _clock(rows: pd.DataFrame) -> pd.DataFrame:
    """Let one terminal keep summer time for some weeks."""
    late = (
        (rows["terminal"] == CLOCK_TERMINAL)
        & (rows["sampled_at"] >= CLOCK_FROM)
        & (rows["sampled_at"] < CLOCK_FROM + np.timedelta64(7 * CLOCK_WEEKS, "D"))
    )
    shifted = rows["sampled_at"].where(~late, rows["sampled_at"] + CLOCK_SHIFT)
    return rows.assign(sampled_at=shifted, kind=rows["kind"].where(~late, "clock"))


def _swaps(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Swap values of two batches' samples where both become impossible."""
    bounds = _impossible(rows)
    rows = rows.copy()
    text, kind = rows["text"].to_numpy(copy=True), rows["kind"].to_numpy(copy=True)
    below, above = bounds["below"].to_numpy(), bounds["above"].to_numpy()
    unit, sampled_at = rows["unit"].to_numpy(), rows["sampled_at"].to_numpy()
    # Whole numbers for names: this compares every candidate with all others.
    same = rows.groupby(["analyte", "unit"]).ngroup().to_numpy()
    batch = pd.factorize(rows["batch_id"])[0]
    able = rows["analyte"].isin(["viability", "ha", "tcid50"]) & (rows["kind"] == "")
    candidates = np.flatnonzero(able)
    wanted = round(SWAPS * len(rows))
    for i in rng.permutation(candidates):
        if not wanted:
            break
        near = candidates[
            (same[candidates] == same[i])
            & (batch[candidates] != batch[i])
            & (np.abs(sampled_at[candidates] - sampled_at[i]) < SWAP_WITHIN)
        ]
        for j in near:
            mine, theirs = value_of(text[i], unit[i])[0], value_of(text[j], unit[j])[0]
            fits = [not below[k] < value < above[k] for k, value in ((i, theirs), (j, mine))]
            if all(fits) and not kind[i] and not kind[j]:
                text[i], text[j] = text[j], text[i]
                kind[i] = kind[j] = "swap"
                wanted -= 1
                break
    return rows.assign(text=text, kind=kind)


def _slips(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Type values in another unit, or with the point in the wrong place."""
    bounds = _impossible(rows)
    text, kind = rows["text"].to_numpy(copy=True), rows["kind"].to_numpy(copy=True)
    analyte, unit = rows["analyte"].to_numpy(), rows["unit"].to_numpy()
    shows = bounds["shows"].to_numpy()

    def plant(name: str, share: float, factor_of) -> None:
        wanted = round(share * len(rows))
        for i in rng.permutation(len(rows)):
            if not wanted:
                return
            factor = factor_of(analyte[i], unit[i])
            if kind[i] or factor is None or text[i].startswith("<") or not shows[i]:
                continue
            slipped = _typed(float(text[i]) * factor)
            value = value_of(slipped, unit[i])[0]
            below, above = bounds["below"].iat[i], bounds["above"].iat[i]
            if not below < value < above:
                text[i], kind[i] = slipped, name
                wanted -= 1

    def unit_slip(name: str, unit: str) -> float | None:
        if unit == "1e6/mL":
            return 10.0  # typed in 1e5/mL
        return 1 / GRAMS[name] if name in GRAMS else None

    plant("unit_slip", UNIT_SLIPS, unit_slip)
    plant("decimal_slip", DECIMAL_SLIPS, lambda *_: float(rng.choice([0.1, 10.0])))
    return rows.assign(text=text, kind=kind)


def _typed(number: float) -> str:
    """Write a number as people do: two digits after the point, more only below 1."""
    if number >= 100:
        return f"{number:.0f}"
    return f"{number:.2f}" if number >= 1 else f"{number:.3g}"


def _duplicates(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Enter some rows twice."""
    clean = rows.index[rows["kind"] == ""].to_numpy()
    chosen = np.sort(rng.choice(clean, size=round(DUPLICATES * len(rows)), replace=False))
    copies = rows.loc[chosen].assign(kind="duplicate", original=chosen)
    copies["analysed_at"] += rng.integers(1, 10, size=len(chosen)).astype("timedelta64[m]")
    nearly = rng.random(len(chosen)) < NEARLY_SHARE
    copies["text"] = [
        f"{float(text):.3g}" if near and not text.startswith("<") and unit != "1/mL" else text
        for text, unit, near in zip(copies["text"], copies["unit"], nearly, strict=True)
    ]
    return pd.concat([rows, copies], ignore_index=True)


_HEAD = ["row_id", "sample_id", "batch_id", "sampled_at", "analysed_at", "terminal", "analyst"]


def _raw(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Write the export as text: decimal commas, stray blanks."""
    comma = rows["analyst"] == COMMA_ANALYST
    text = rows["text"].where(~comma, rows["text"].str.replace(".", ",", regex=False))
    place = rng.random(len(rows)) / BLANK_SHARE
    text = np.where(place < 0.5, " " + text, np.where(place < 1, text + " ", text))
    raw = rows[[*_HEAD, "analyte"]].assign(value=text, unit=rows["unit"])
    return raw.reset_index(drop=True)


def _tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Read text and units; leave every error in."""
    read = [value_of(*row) for row in zip(rows["text"], rows["unit"], strict=True)]
    hours = (rows["sampled_at"] - rows["infected_at"]) / np.timedelta64(1, "h")
    tidy = rows[[*_HEAD, "analyte"]].assign(
        value=[value for value, _ in read],
        censored=[limit for _, limit in read],
        hours_after_infection=hours.round(2),
    )
    return tidy.reset_index(drop=True)


def _errors(rows: pd.DataFrame) -> pd.DataFrame:
    wrong = rows[rows["kind"] != ""]
    return pd.DataFrame(
        {
            "row_id": wrong["row_id"],
            "kind": wrong["kind"],
            "original_row_id": wrong["original"].astype("Int64"),
            "sample_id": wrong["sample_id"],
            "analyte": wrong["analyte"],
        }
    ).reset_index(drop=True)
