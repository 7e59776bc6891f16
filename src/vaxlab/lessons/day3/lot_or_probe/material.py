"""What day 3, notebook 2 lays out: a line of reactors whose troubles were planted.

All batches are made by one recipe (`LINE`) and are sound: what differs is lots, hands, and what a
story plants. Yields are natural logarithms of doses: a difference of 0.1 is about 10 %. Functions
with an underscore know the truth, and are there for checks and for the plant to be run on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from vaxlab.plant import Recipe, campaign, lots, making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES

LINE: dict[str, float] = {
    "moi": 6e-5,
    "inoculum_cells_per_ml": 2.5e5,
    "carrier_g_per_l": 2.0,
    "growth_temperature_c": 37.0,
    "infection_temperature_c": 36.5,
    "ph": 7.2,
    "do_percent": 50.0,
    "trypsin_bu_per_ml": 5.0,
    "glucose_mmol_per_l": 30.0,
    "feed_mmol_per_l_h": 0.1,
}
"""Set points of all batches here: the middle of the history's."""

LONG = 600
"""Rounds of the long run."""
BATCHES = 360
"""Of the table of lots."""
SHORTEST, LONGEST, OVERLAP = 2, 18, 20
"""Batches that a small lot of serum lasts for, and how far old and new stock overlap."""
TIMES_AS_DIFFERENT = 2.0
"""SDs of the small lots' effects over those of the history's lots. Own choice: with the history's
own, neither mixed model nor anything else reaches r = 0.8 (0.5 to 0.9 on four plants)."""
LOST, FEW = 0.03, 4
"""Share of the potency assays that are missing, of lots with more batches than that."""

STORIES = 12
"""That are drawn of each kind."""
BEFORE, AFTER, LATER = 24, 24, 20
"""Rounds of a story before the fortnight and after it; and those that come of a verdict."""
ROUNDS = 60
"""Of a pair of reactors whose change is looked for."""
TOLD_FALL = -0.35
"""Change of R1 in the fall that the notebook tells, log doses."""
PROBE_OFF = (0.29, 0.35)
"""What a bad probe reads too high."""
BAD_GROWTH = (0.68, 0.75)
"""Growth on a bad lot over that on a usual one; it makes cells hungrier by as much."""
BEFORE_ACTION, BAD, AFTER_ACTION, WINDOW = 25, 3, 20, 25
"""Rounds before an action, rounds that caused it, rounds after it; and how many places the three
in which R1 lies furthest behind R2 are looked for in."""
SIZES = (0.40, 0.50)
"""How much larger or smaller R1 is than R2 in a story, log volume: it changes nothing else."""
BOTH = (0.35, 0.45)
"""What comes over both reactors with the action, log doses: up or down, whatever the action did."""
LATE_H = (7.5, 10.0)
"""How much later a crew harvests in the stories of cultures that die, and in half of the others."""
SALTY, SALTIER = (1.06, 1.08), (1.12, 1.14)
"""Factor on the conductivity at capture in the stories of bad captures; the second one where the
crew harvests late as well, so that capture still makes the larger part of the loss."""
CAPTURE_BATCHES = 60
"""Before, and after."""
ANTIGEN_SD, DNA_SD = 0.08, 0.08
"""Of an assay of antigen between two steps, and of DNA in the harvest, relative."""


# The plant ------------------------------------------------------------------------------------


class Rows(NamedTuple):
    """Batches that can be made: recipes, what they meet, and the lots' names by material."""

    recipes: list[Recipe]
    met: Circumstances
    plan: campaign.Plan


def _rng(plant_seed: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([plant_seed, 320 + stream])


def _line(plant_seed: int, stream: int, n: int, pairs: bool = False) -> Rows:
    """Draw n sound batches of the line; in pairs, two neighbours have all lots in common."""
    seed = int(_rng(plant_seed, stream).integers(2**32))
    days = max(1, round(n * campaign.DAYS_A_BATCH))
    wanted = {name: np.full(n, value) for name, value in LINE.items()}
    drawn = campaign.draw(seed, n, days, set_points=wanted, sound=True)
    plan, met = drawn.plan, drawn.circumstances
    if pairs:
        first = np.arange(n) // 2 * 2
        shared = {name: values[first] for name, values in met.lot_factors.items()}
        met = replace(met, lot_factors=shared, passage=np.asarray(met.passage)[first])
        numbers = {name: values[first] for name, values in plan.lot_numbers.items()}
        plan = replace(plan, lot_numbers=numbers)
    # Probes are calibrated before each batch here, so that only planted ones are off.
    error = VALUES["sd_offset_pH"] * _rng(plant_seed, stream + 50).standard_normal(n)
    met = replace(met, fitted=replace(met.fitted, ph_error=error))
    recipes = campaign.recipes_meant(plan, drawn.growth_min / 60, drawn.infection_min / 60)
    return Rows(recipes, met, plan)


def _with_serum(rows: Rows, where: np.ndarray, **factors: np.ndarray | float) -> Rows:
    """Return the batches with the effects of serum lots replaced where asked."""
    own = dict(rows.met.lot_factors)
    for name, values in rows.plan.lot_effects["serum"].items():
        ratio = np.asarray(factors.get(name, 1.0)) / values[rows.plan.lot_numbers["serum"]]
        own[name] = np.where(where, own[name] * ratio, own[name])
    return rows._replace(met=replace(rows.met, lot_factors=own))


def _with_fitted(rows: Rows, **more: np.ndarray) -> Rows:
    """Return the batches with something added to a field of their equipment."""
    changed = {name: getattr(rows.met.fitted, name) + value for name, value in more.items()}
    return rows._replace(met=replace(rows.met, fitted=replace(rows.met.fitted, **changed)))


def _take(rows: Rows, which: np.ndarray) -> Rows:
    """Return some of the batches."""
    return rows._replace(recipes=[rows.recipes[k] for k in which], met=rows.met.of(which))


def _make(rows: Rows) -> Made:
    return making.make(rows.recipes, rows.met)


def _log_doses(made: Made) -> np.ndarray:
    """Return the logarithm of the doses that the potency assay promises, released or not."""
    return np.log(made.release.potency_ug_per_ml * 1000 * made.purified.bulk_l / VALUES["dose_HA"])


def _lot_names(prefix: str, numbers: np.ndarray) -> list[str]:
    return [f"{prefix}-{k + 1:02d}" for k in numbers]


# Lots -----------------------------------------------------------------------------------------


def batches(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return six years of the line, made with small lots of serum.

    Returns
    -------
    DataFrame
        One row a batch: ``batch``, ``serum_lot``, ``carrier_lot``, ``seed_lot`` (text), and
        ``log_doses``: natural logarithm of its doses, NaN where the assay was lost.
    """
    return _lots(plant_seed)[0].copy()


@cache
def _lots(plant_seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return the table, and what each lot of serum truly does to the logarithm of the doses."""
    rng = _rng(plant_seed, 1)
    rows = _line(plant_seed, 1, BATCHES)
    changes = np.cumsum(rng.integers(SHORTEST, LONGEST + 1, size=BATCHES))
    shifted = np.arange(BATCHES) + rng.integers(-OVERLAP, OVERLAP + 1, size=BATCHES)
    lot = np.searchsorted(changes, np.clip(shifted, 0, BATCHES - 1), side="right")
    lot = np.unique(lot, return_inverse=True)[1]
    factors = {
        name: np.exp(TIMES_AS_DIFFERENT * sd * lots.normal_scores(rng, lot.max() + 1))[lot]
        for name, sd in lots.LOT_KINDS["serum"].sd.items()
    }
    everywhere = np.ones(BATCHES, dtype=bool)
    made = _make(_with_serum(rows, everywhere, **factors))
    usual = _make(_with_serum(rows, everywhere))
    doses = _log_doses(made)
    # Of a lot with few batches none is lost: each lot in the table has left something to judge by.
    doses[(rng.random(BATCHES) < LOST) & (np.bincount(lot)[lot] > FEW)] = np.nan
    numbers = rows.plan.lot_numbers
    names = np.array(_lot_names("SER", lot))
    table = {
        "batch": [f"B{k + 1:03d}" for k in range(BATCHES)],
        "serum_lot": names,
        "carrier_lot": _lot_names("CAR", numbers["carrier"]),
        "seed_lot": _lot_names("SEED", numbers["seed"]),
        "log_doses": doses,
    }
    truth = pd.Series(np.log(made.purified.doses / usual.purified.doses)).groupby(names).mean()
    return pd.DataFrame(table), truth - truth.mean()


def doubts(fit: Any) -> str:
    """Say why a fitted mixed model should not be believed, or nothing.

    Parameters
    ----------
    fit : statsmodels MixedLMResults

    Notes
    -----
    statsmodels may give a fixed effect back as exactly 0.0, and say ``converged=True`` all the
    same (issue 10239, open in September 2026): no estimate from data is exactly 0.0.
    """
    fixed = np.asarray(fit.fe_params, dtype=float)
    variances = np.concatenate([np.ravel(np.asarray(fit.cov_re)), np.ravel(fit.vcomp)])
    if not (np.isfinite(fixed).all() and np.isfinite(variances).all() and np.isfinite(fit.scale)):
        return "Something in this fit is NaN. Are there missing values, or lots without a batch?"
    if not fit.converged:
        return "The fit has not converged. Try another method, such as .fit(method='powell')."
    if (fixed == 0.0).any():
        name = np.asarray(fit.model.exog_names)[fixed == 0.0][0]
        return (
            f"The fixed effect of {name} is exactly 0.0, which no data give: a known bug of "
            "statsmodels. Fit again with another method, such as .fit(method='powell')."
        )
    if variances.max() < 1e-6 * fit.scale:
        return "The variance between lots is 0: this table does not tell them apart."
    return ""


# When did it change? --------------------------------------------------------------------------


def rounds(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return sixty rounds of two reactors; somewhere R1 got a bad probe.

    Returns
    -------
    DataFrame
        One row a round: ``round`` (from 0), ``serum_lot``, and the logarithm of the doses of ``R1``
        and ``R2``, made in the same week of the same lots.
    """
    return _changed(plant_seed)[0][0].copy()


@cache
def _changed(plant_seed: int) -> list[tuple[pd.DataFrame, int]]:
    """Return tables of rounds, each with the round from which on R1's probe was bad."""
    rng = _rng(plant_seed, 2)
    n = STORIES * ROUNDS
    rows = _line(plant_seed, 2, 2 * n, pairs=True)
    start = rng.integers(10, ROUNDS - 9, size=STORIES)
    off = rng.uniform(*PROBE_OFF, size=STORIES)
    place, story = np.tile(np.arange(ROUNDS), STORIES), np.repeat(np.arange(STORIES), ROUNDS)
    error = _in_r1(np.where(place >= start[story], off[story], 0.0))
    table = _by_round(_make(_with_fitted(rows, ph_error=error)))
    table["serum_lot"] = _lot_names("SER", rows.plan.lot_numbers["serum"][::2])
    return [(_part(table, k, ROUNDS), int(start[k])) for k in range(STORIES)]


def _in_r1(values: np.ndarray) -> np.ndarray:
    """Spread a value a round over rows in which R1 and R2 take turns; R2 has 0."""
    return np.stack([values, np.zeros_like(values)], axis=1).ravel()


def _by_round(made: Made) -> pd.DataFrame:
    doses = _log_doses(made)
    return pd.DataFrame({"R1": doses[::2], "R2": doses[1::2]})


def _part(table: pd.DataFrame, k: int, n: int) -> pd.DataFrame:
    """Return the k-th story of n rows, its rounds counted from 0."""
    part = table.iloc[k * n : (k + 1) * n].reset_index(drop=True)
    part.insert(0, "round", np.arange(n))
    return part


# Three stories --------------------------------------------------------------------------------

Story = tuple[pd.DataFrame, str]
"""What people see, and what was planted."""
ANSWERS = {
    "fall": ("lot", "probe"),
    "action": ("helped", "luck"),
    "capture": ("capture", "culture"),
}
"""Kind of story to the verdicts that it can have."""


def story(kind: str, plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the table of a story: "fall" (by about `TOLD_FALL` in R1), "action" or "capture".

    Returns
    -------
    DataFrame
        *fall*: one row a round, ``round``, ``serum_lot``, ``R1``, ``R2`` (logarithms of doses),
        ``new`` (from the fortnight on: R1 has the new probe, both have the new lot).
        *action*: the same, and in place of ``new`` the ``phase``: "before", "bad" (three rounds
        in which R1 gave so much less than usual beside R2 that people acted) and "after" (the
        action in R1).
        *capture*: one row a batch, ``batch``, ``after``, ``lysed_percent`` (cells that had spilt
        their DNA at harvest), ``capture_recovery_percent``, ``log_doses``.
    """
    tables = [table for table, _ in _stories(kind, plant_seed)]
    if kind == "fall":
        fell = [table.groupby("new")["R1"].mean().diff().iloc[-1] for table in tables]
        return tables[int(np.argmin(np.abs(np.array(fell) - TOLD_FALL)))].copy()
    return tables[0].copy()


@cache
def _stories(kind: str, plant_seed: int) -> list[Story]:
    make = {"fall": _falls, "action": _actions, "capture": _captures}[kind]
    return make(plant_seed)


def _drawn_verdicts(rng: np.random.Generator, kind: str) -> np.ndarray:
    """Draw what is true in each story: 5 to 7 of the 12 are of the first kind."""
    first = int(rng.integers(STORIES // 2 - 1, STORIES // 2 + 2))
    return rng.permutation(np.repeat(ANSWERS[kind], [first, STORIES - first]))


def _either_way(rng: np.random.Generator, truth: np.ndarray, up: str) -> np.ndarray:
    """Draw +1 or -1 a story, half of each among those of one verdict, so that it tells nothing.

    Of an odd number one more is +1 where the verdict is `up`, and -1 where it is the other.
    """
    signs = np.empty(len(truth))
    for word in np.unique(truth):
        places = rng.permutation(np.flatnonzero(truth == word))
        more = 1.0 if word == up else -1.0
        signs[places] = -more
        signs[places[: (len(places) + 1) // 2]] = more
    return signs


@cache
def _fall_rows(plant_seed: int) -> tuple[Rows, np.ndarray, dict[str, np.ndarray]]:
    """Draw the falls: batches as usual, verdicts, and what is planted in each row."""
    rng = _rng(plant_seed, 3)
    per = BEFORE + AFTER + LATER
    n = STORIES * per
    rows = _line(plant_seed, 3, 2 * n, pairs=True)
    truth = _drawn_verdicts(rng, "fall")
    story = np.repeat(np.arange(STORIES), per)
    new = np.tile(np.arange(per) >= BEFORE, STORIES)
    off = np.where(truth == "probe", rng.uniform(*PROBE_OFF, STORIES), 0.0)
    usual = np.exp(0.5 * lots.LOT_KINDS["serum"].sd["growth"] * rng.standard_normal(STORIES))
    growth = np.where(truth == "lot", rng.uniform(*BAD_GROWTH, STORIES), usual)
    rng = _rng(plant_seed, 7)
    size = _either_way(rng, truth, "probe") * rng.uniform(*SIZES, STORIES)
    planted = {
        "size": _in_r1(size[story]),
        "error": _in_r1(np.where(new, off[story], 0.0)),
        "new": np.repeat(new, 2),
        "growth": np.repeat(growth[story], 2),
        "later": np.repeat(np.tile(np.arange(per) >= BEFORE + AFTER, STORIES), 2),
    }
    return rows, truth, planted


def _falls(plant_seed: int) -> list[Story]:
    """Lot or probe: both are new from one round on, and one of them is bad. Reactors differ."""
    rows, truth, planted = _fall_rows(plant_seed)
    seen = np.flatnonzero(~planted["later"])
    changed = _with_fitted(rows, ph_error=planted["error"])
    changed = _with_serum(
        changed, planted["new"], growth=planted["growth"], appetite=2 - planted["growth"]
    )
    table = _by_round(_make(_take(changed, seen)))
    table["R1"] += planted["size"][seen][::2]
    table["new"] = planted["new"][seen][::2]
    names = np.array(_lot_names("SER", rows.plan.lot_numbers["serum"][seen][::2]), dtype=object)
    table["serum_lot"] = np.where(table["new"], "SER-new", names)
    return [(_part(table, k, BEFORE + AFTER), str(truth[k])) for k in range(STORIES)]


def _actions(plant_seed: int) -> list[Story]:
    """Helped or luck: R1's probe was off all along and is put right, or nothing was wrong."""
    rng = _rng(plant_seed, 4)
    per = BEFORE_ACTION + BAD + WINDOW + AFTER_ACTION
    rows = _line(plant_seed, 4, 2 * STORIES * per, pairs=True)
    truth = _drawn_verdicts(rng, "action")
    off = np.where(truth == "helped", rng.uniform(*PROBE_OFF, STORIES), 0.0)
    rng = _rng(plant_seed, 8)
    size = _either_way(rng, truth, "helped") * rng.uniform(*SIZES, STORIES)
    both = _either_way(rng, truth, "luck") * rng.uniform(*BOTH, STORIES)
    bad = _by_round(_make(_with_fitted(rows, ph_error=_in_r1(np.repeat(off, per)))))
    good = _by_round(_make(rows))
    stories = []
    for k in range(STORIES):
        ill, well = (part.iloc[k * per : (k + 1) * per] for part in (bad, good))
        behind = (ill["R1"] - ill["R2"]).rolling(BAD).mean().to_numpy()
        three = behind[BEFORE_ACTION + BAD - 1 :][:WINDOW]
        act = int(np.argmin(three)) + BEFORE_ACTION + BAD
        table = pd.concat([ill.iloc[:act], well.iloc[act : act + AFTER_ACTION]])
        table = table.iloc[act - BEFORE_ACTION - BAD :].reset_index(drop=True)
        table.insert(0, "round", np.arange(len(table)))
        phases = np.repeat(["before", "bad", "after"], [BEFORE_ACTION, BAD, AFTER_ACTION])
        table["R1"] += size[k]
        table.loc[phases == "after", ["R1", "R2"]] += both[k]
        stories.append((table.assign(phase=phases), str(truth[k])))
    return stories


def _captures(plant_seed: int) -> list[Story]:
    """Capture or culture: salt in the feed of the column, or cultures that are harvested late.

    Of the stories of salt half are harvested late as well: that more cells are lysed tells nothing.
    """
    rng = _rng(plant_seed, 5)
    per = 2 * CAPTURE_BATCHES
    rows = _line(plant_seed, 5, STORIES * per)
    truth = _drawn_verdicts(rng, "capture")
    after = np.tile(np.arange(per) >= CAPTURE_BATCHES, STORIES)
    too = (_either_way(_rng(plant_seed, 9), truth, "capture") > 0) & (truth == "capture")
    late = np.where((truth == "culture") | too, rng.uniform(*LATE_H, STORIES), 0.0)
    salt = np.where(truth == "capture", rng.uniform(*SALTY, STORIES), 1.0)
    salt = np.where(too, _rng(plant_seed, 10).uniform(*SALTIER, STORIES), salt)
    made = _make(_captured(rows, after, np.repeat(late, per), np.repeat(salt, per)))
    # Antigen is read before and after the column, each twice.
    read = np.exp(ANTIGEN_SD / np.sqrt(2) * np.diff(rng.standard_normal((len(after), 2)))[:, 0])
    lysed = 100 * made.purified.lysed_share * np.exp(DNA_SD * rng.standard_normal(len(after)))
    table = pd.DataFrame(
        {
            "after": after,
            "lysed_percent": np.round(lysed, 2),
            "capture_recovery_percent": np.round(100 * made.purified.recovery["capture"] * read, 1),
            "log_doses": _log_doses(made),
        }
    )
    parts = [_part(table, k, per).rename(columns={"round": "batch"}) for k in range(STORIES)]
    return [(part, str(truth[k])) for k, part in enumerate(parts)]


def _captured(rows: Rows, after: np.ndarray, late_h: np.ndarray, salt: np.ndarray) -> Rows:
    recipes = [
        replace(recipe, infection_duration_h=recipe.infection_duration_h + float(more))
        for recipe, more in zip(rows.recipes, np.where(after, late_h, 0.0), strict=True)
    ]
    usual = rows.met.fitted.conductivity_ms_per_cm
    more = np.where(after, salt - 1, 0.0) * usual
    return _with_fitted(rows._replace(recipes=recipes), conductivity_ms_per_cm=more)


# A long run -----------------------------------------------------------------------------------


def long_run(plant_seed: int = HISTORY_SEED, n: int = LONG) -> pd.Series:
    """Return the logarithm of the doses of n batches of R1, in which nobody acted on anything."""
    return pd.Series(_long_run(plant_seed, n).copy(), name="log_doses")


@cache
def _long_run(plant_seed: int, n: int) -> np.ndarray:
    return _by_round(_make(_line(plant_seed, 6, 2 * n, pairs=True)))["R1"].to_numpy()


# References: what a good answer does ----------------------------------------------------------


def _lot_effects(table: pd.DataFrame, asked: Sequence[str]) -> pd.Series:
    """Return the lots' effects by a mixed model in which serum, carriers and seed cross."""
    import statsmodels.formula.api as smf

    known = table.dropna(subset=["log_doses"]).assign(line=1)
    parts = {kind: f"0 + C({kind})" for kind in ("serum_lot", "carrier_lot", "seed_lot")}
    fit = smf.mixedlm("log_doses ~ 1", known, groups="line", vc_formula=parts).fit()
    found = fit.random_effects[1]
    return pd.Series({lot: found.get(f"serum_lot[C(serum_lot)[{lot}]]", 0.0) for lot in asked})


def _change_at(values: np.ndarray, least: int = 3) -> int:
    """Return the place of the first value on the new level, by least squares; NaN is a gap."""
    places = np.flatnonzero(~np.isnan(values))
    there = np.asarray(values, dtype=float)[places]
    splits = range(least, len(there) - least + 1)
    left = [there[:k].var() * k + there[k:].var() * (len(there) - k) for k in splits]
    return int(places[splits[int(np.argmin(left))]])


def _probe_effect(table: pd.DataFrame) -> tuple[float, float]:
    """Return the difference in differences of R1 and R2, and its standard error."""
    apart = (table["R1"] - table["R2"]).groupby(table["new"]).agg(["mean", "var", "count"])
    error = np.sqrt((apart["var"] / apart["count"]).sum())
    return float(apart["mean"][True] - apart["mean"][False]), float(error)


def _rebound(values: np.ndarray, low: float) -> float:
    """Return by how much ten batches rise above the three before them, whose mean is low."""
    rises = [
        np.mean(values[k : k + 10]) - np.mean(values[k - 3 : k])
        for k in range(3, len(values) - 9)
        if np.mean(values[k - 3 : k]) < low
    ]
    rises = [rise for rise in rises if not np.isnan(rise)]
    return float(np.mean(rises)) if rises else float("nan")


def _capture_change(table: pd.DataFrame) -> float:
    """Return the change of the logarithm of capture's recovery at equal lysis."""
    known = table.dropna(subset=["capture_recovery_percent", "lysed_percent"])
    lysed = known["lysed_percent"]
    x = np.column_stack([np.ones(len(known)), known["after"], lysed, lysed**2])
    y = np.log(known["capture_recovery_percent"].to_numpy(dtype=float))
    return float(np.linalg.lstsq(x.astype(float), y, rcond=None)[0][1])


def _blame_fall(table: pd.DataFrame) -> str:
    effect, error = _probe_effect(table)
    return "probe" if effect < -2 * error else "lot"


def _judge_action(table: pd.DataFrame) -> str:
    kept = table[table["phase"] != "bad"]
    effect, error = _probe_effect(kept.assign(new=kept["phase"] == "after"))
    return "helped" if effect > 2 * error else "luck"


def _find_step(table: pd.DataFrame) -> str:
    recovery = np.log(table["capture_recovery_percent"])
    whole = recovery[table["after"]].mean() - recovery[~table["after"]].mean()
    return "capture" if _capture_change(table) < whole / 2 else "culture"


_VERDICTS = {"fall": _blame_fall, "action": _judge_action, "capture": _find_step}
