"""What notebook 3 of day 1 lays out: its tables, runs of the plant, and tables of nothing.

The question of all exercises: at infection, will this batch be *short*, that is, give fewer
than `PLAN_DOSES` doses? About half of all batches are, so an AUC has as little noise as a few
hundred batches allow.

The truth is made by `stretches`: three more stretches of six years, with lots that no history
has seen. What a model is worth next month is its mean area over nine times 100 batches in a row
out of them. A single hundred batches hold three or four seed lots, so nobody can promise it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vaxlab.plant import campaign

PLAN_DOSES = 14_000
"""What a batch is planned to give; one that gives less is short."""
SPARES = 30
"""Spare batches that the team can book for a hundred batches."""
LAST = 100
"""Batches at the end of a history that the forward split tests on."""

FOLDS = 5

FUTURE_SEEDS = (5101, 5102, 5103)
FUTURE_STARTS = (0, 130, 260)

_LOTS = ("serum", "carrier", "medium", "trypsin", "seed")
_AGES = {name: f"{name}_lot_days" for name in ("serum", "trypsin", "seed")}
_HARVEST = (
    "viability_at_harvest_percent",
    "glucose_at_harvest_mmol_per_l",
    "lactate_at_harvest_mmol_per_l",
    "ha_at_harvest_log10_per_100ul",
    "tcid50_at_harvest_log10_per_ml",
)
_NOT_FOR_MODELS = ("started_at", "infected_at", "seed_lot", "doses", "short")

PROCESS = (*campaign.SET_POINTS, "hold_h", "cells_at_infection_per_ml")
"""Columns that say what was done in this batch, up to infection."""
LATE = {
    "harvest": (*_HARVEST, "infection_h"),
    "purification": (
        "antigen_fed_mg",
        "capture_recovery_percent",
        "sterile_filter_pressure_bar",
    ),
    "release": ("dna_ng_per_dose", "hcp_ug_per_ug_ha", "days_to_release"),
    "no time": ("seed_lot_mean_doses",),
}
"""What nobody knows at infection, by the step that brings it."""

_SAID = {
    "moi": ("batch record", "infectious virus added for each cell"),
    "inoculum_cells_per_ml": ("batch record", "cells at the start, set point"),
    "carrier_g_per_l": ("batch record", "carriers, set point"),
    "growth_temperature_c": ("batch record", "set point before infection"),
    "infection_temperature_c": ("batch record", "set point after infection"),
    "ph": ("batch record", "set point"),
    "do_percent": ("batch record", "dissolved oxygen, set point"),
    "trypsin_bu_per_ml": ("batch record", "set point"),
    "glucose_mmol_per_l": ("batch record", "glucose of the medium, set point"),
    "feed_mmol_per_l_h": ("batch record", "glucose fed, set point"),
    "hold_h": ("seed train", "wait of the seed cells before the reactor was inoculated"),
    "cells_at_infection_per_ml": ("batch record", "cells, counted just before the virus"),
    "infection_h": ("batch record", "hours from infection to harvest, by the clock"),
    "viability_at_harvest_percent": ("batch record", "living cells"),
    "glucose_at_harvest_mmol_per_l": ("batch record", "glucose left"),
    "lactate_at_harvest_mmol_per_l": ("batch record", "lactate made"),
    "ha_at_harvest_log10_per_100ul": ("batch record", "virus, one routine assay"),
    "tcid50_at_harvest_log10_per_ml": ("batch record", "infectious virus"),
    "antigen_fed_mg": ("purification", "antigen that went into the first step"),
    "capture_recovery_percent": ("purification", "antigen kept by the capture column"),
    "sterile_filter_pressure_bar": ("purification", "highest before the last filter"),
    "dna_ng_per_dose": ("release", "DNA of the host cells"),
    "hcp_ug_per_ug_ha": ("release", "protein of the host cells"),
    "days_to_release": ("release", "days from harvest to the last test"),
    "seed_lot_mean_doses": ("spreadsheet", "mean doses of all batches of this seed lot"),
    "serum_lot_days": ("stores", "days since the lot was first used"),
    "trypsin_lot_days": ("stores", "days since the lot was first used"),
    "seed_lot_days": ("stores", "days since the lot was first used"),
}


def table(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Join what the notebook looks at, one row a batch, in order of start.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``batches``, ``certificates``, ``seed_train``, ``downstream`` and ``release`` of a plant.

    Returns
    -------
    DataFrame
        Index ``batch_id``; ``started_at``, ``infected_at``, ``seed_lot``, ``doses`` (that the
        bulk's measured potency gives, whatever was decided at release), ``short`` (fewer than
        `PLAN_DOSES`), and the columns that `columns` explains.
    """
    batches = _in_order(tables)
    ids = batches.index
    release = tables["release"].set_index("batch_id").loc[ids]
    doses = 1000 * release["potency_ug_per_ml"] * release["bulk_l"] / 15
    out = batches[["started_at", "infected_at", "seed_lot"]].assign(
        doses=doses.round().astype(int), short=doses < PLAN_DOSES
    )
    seeds = tables["seed_train"].query("stage == 'N-1'").set_index("batch_id").loc[ids]
    hour = pd.Timedelta(hours=1)
    known = batches[[*campaign.SET_POINTS]].assign(
        hold_h=((batches["started_at"] - seeds["detached_at"]) / hour).round(2),
        cells_at_infection_per_ml=batches["cells_at_infection_per_ml"],
    )
    lots = {}
    for name in _LOTS:
        of_batch = _certificates(tables, name)
        for column in of_batch.columns[of_batch.columns.str.startswith(f"{name}_")]:
            lots[f"{column}_coa"] = of_batch[column].to_numpy()
    for name, column in _AGES.items():
        first = batches.groupby(f"{name}_lot")["started_at"].transform("min")
        lots[column] = (batches["started_at"] - first).dt.days.to_numpy()
    steps = tables["downstream"].pivot(index="batch_id", columns="name").loc[ids]
    late = batches[[*_HARVEST]].assign(
        infection_h=((batches["harvested_at"] - batches["infected_at"]) / hour).round(2),
        antigen_fed_mg=steps["antigen_in_mg", "clarification"],
        capture_recovery_percent=steps["recovery_percent", "capture"],
        sterile_filter_pressure_bar=steps["pressure_bar", "sterile_filtration"],
        dna_ng_per_dose=release["dna_ng_per_dose"],
        hcp_ug_per_ug_ha=release["hcp_ug_per_ug_ha"],
        days_to_release=(release["tested_at"] - batches["harvested_at"]).dt.days,
        seed_lot_mean_doses=doses.groupby(batches["seed_lot"]).transform("mean").round(1),
    )
    return pd.concat([out, known, pd.DataFrame(lots, index=ids), late], axis=1)


def _in_order(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return tables["batches"].set_index("batch_id").sort_values("started_at", kind="stable")


def _certificates(tables: Mapping[str, pd.DataFrame], kind: str) -> pd.DataFrame:
    """Return the certificate of each batch's lot of a material, in order of start."""
    return tables["certificates"].set_index("lot").loc[_in_order(tables)[f"{kind}_lot"]]


def columns(batches: pd.DataFrame) -> pd.DataFrame:
    """Say of each column that a model could use where it comes from and what it holds.

    Parameters
    ----------
    batches : DataFrame
        From `table`.

    Returns
    -------
    DataFrame
        ``column``, ``record`` and ``meaning``.
    """
    rows = []
    for name in batches.columns.drop([*_NOT_FOR_MODELS]):
        if name.endswith("_coa"):
            kind, line = name.removesuffix("_coa").split("_", 1)
            rows.append((name, "certificate", f"{line.replace('_', ' ')}, from the {kind}'s maker"))
        else:
            rows.append((name, *_SAID[name]))
    return pd.DataFrame(rows, columns=["column", "record", "meaning"])


def written(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return when each value of `table` was written down.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As for `table`.

    Returns
    -------
    DataFrame
        One row a batch in order of start, one column for each that `columns` explains. A
        spreadsheet bears no times.
    """
    batches = _in_order(tables)
    ids, day = batches.index, pd.Timedelta(days=1)
    done = tables["downstream"].pivot(index="batch_id", columns="name", values="finished_at")
    tested = tables["release"].set_index("batch_id")["tested_at"].loc[ids]
    times = {name: batches["started_at"] - day for name in campaign.SET_POINTS}
    times["hold_h"] = batches["started_at"]
    times["cells_at_infection_per_ml"] = batches["infected_at"] - pd.Timedelta(minutes=30)
    for kind in _LOTS:
        of_batch = _certificates(tables, kind)
        received = pd.Series(of_batch["received_at"].to_numpy(), index=ids)
        for column in of_batch.columns[of_batch.columns.str.startswith(f"{kind}_")]:
            times[f"{column}_coa"] = received
    times |= {column: batches["started_at"] for column in _AGES.values()}
    times |= {column: batches["harvested_at"] for column in (*_HARVEST, "infection_h")}
    # An infection in a dish is read after five days.
    times["tcid50_at_harvest_log10_per_ml"] = batches["harvested_at"] + 5 * day
    for column, step in zip(
        LATE["purification"], ("clarification", "capture", "sterile_filtration"), strict=True
    ):
        times[column] = done.loc[ids, step]
    times |= {column: tested for column in LATE["release"]}
    times["seed_lot_mean_doses"] = pd.Series(pd.NaT, index=ids, dtype=tested.dtype)
    return pd.DataFrame(times)


def in_time(batches: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `table` that are known at infection, and nothing else."""
    late = [name for names in LATE.values() for name in names]
    return batches.drop(columns=[*_NOT_FOR_MODELS, *late]).astype(float)


@lru_cache(maxsize=8)
def history(plant_seed: int) -> pd.DataFrame:
    """Let the plant make six years, and return them as `table` does."""
    return table(campaign.run(seed=plant_seed).tables)


def stretches() -> tuple[pd.DataFrame, ...]:
    """Let the plant make three times six years, with lots that nobody has seen."""
    return tuple(history(seed) for seed in FUTURE_SEEDS)


def hundreds(batches: pd.DataFrame) -> list[pd.DataFrame]:
    """Cut three times a hundred batches in a row out of a history."""
    return [batches.iloc[k : k + LAST] for k in FUTURE_STARTS]


def model() -> BaseEstimator:
    """Return the plain model of this notebook, untrained: scaling and a logistic regression.

    It is hardly held back, so that it learns by heart what can be learned so.
    """
    return make_pipeline(StandardScaler(), LogisticRegression(C=100, max_iter=1000))


def column_sets(known: pd.DataFrame) -> dict[str, list[str]]:
    """Return the three sets of columns between which exercise 5 chooses."""
    return {
        "recipe": [*campaign.SET_POINTS],
        "process": [*PROCESS],
        "everything": list(known.columns),
    }


def idle_columns(n_batches: int, seed: int) -> pd.DataFrame:
    """Make 400 columns that have nothing to do with any batch, standard normal."""
    values = np.random.default_rng(seed).standard_normal((n_batches, 400))
    return pd.DataFrame(values, columns=[f"building_{k + 1:03d}" for k in range(400)])


def auc(
    estimator: BaseEstimator, known: pd.DataFrame | np.ndarray, short: pd.Series, cv: Any, **more
) -> float:
    """Return the mean area of the folds; folds with one kind of batch only do not count."""
    scores = cross_val_score(estimator, known, short, cv=cv, scoring="roc_auc", **more)
    return float(np.nanmean(scores))


def shuffled(seed: int = 0) -> KFold:
    """Return five folds of random batches."""
    return KFold(FOLDS, shuffle=True, random_state=seed)


EMPTY_TABLES, SIGNAL_TABLES, SLIP_TABLES = 4, 2, 1
"""In exercise 3: of columns of nothing, with something among them, with slips of the pen."""
PROBES, SLIP = 20, 10_000.0
"""How many probes the tables with slips hold, and what each reads by a slip."""


@dataclass(frozen=True)
class Inside:
    """What the recipe of exercise 3 gives, chosen in each fold anew.

    Attributes
    ----------
    found, with_slips : float
        The mean area on the tables with a signal, and on those with slips.
    right_answers : sequence of (float, float)
        For each of the shuffles that people take, the shares of right answers on the same tables.
    """

    found: float
    with_slips: float
    right_answers: Sequence[tuple[float, float]]


@lru_cache(maxsize=4)
def chosen_inside(plant_seed: int) -> Inside:
    """Return what the asked recipe gives on the tables with a signal, and with slips."""
    y = history(plant_seed)["short"].reset_index(drop=True)
    # As arrays, for scikit-learn looks at each of 400 columns of a table, at each step.
    signals = [signal(plant_seed, k).to_numpy() for k in range(SIGNAL_TABLES)]
    slips = [slipped(plant_seed, k).to_numpy() for k in range(SLIP_TABLES)]

    def area(tables: list[np.ndarray]) -> float:
        return float(np.mean([auc(recipe(), x, y, shuffled(k)) for x in tables for k in (7, 8)]))

    def right(tables: list[np.ndarray], seed: int) -> float:
        shares = [cross_val_score(recipe(), x, y, cv=shuffled(seed)).mean() for x in tables]
        return float(np.mean(shares))

    shares = [(right(signals, seed), right(slips, seed)) for seed in (0, 1, 42)]
    return Inside(area(signals), area(slips), shares)


def recipe() -> BaseEstimator:
    """Return what exercise 3 asks for, untrained."""
    return make_pipeline(SelectKBest(k=10), StandardScaler(), LogisticRegression(max_iter=1000))


def signal(plant_seed: int, k: int) -> pd.DataFrame:
    """Return the process columns and a probe, hidden among 400 of nothing."""
    batches = history(plant_seed)
    luck = np.random.default_rng(plant_seed + k).standard_normal(len(batches))
    probe = (_scores(batches) + 0.6 * luck).rename("probe")
    something = pd.concat([in_time(batches)[[*PROCESS]], probe], axis=1).reset_index(drop=True)
    return pd.concat([something, idle(plant_seed, 50 + k)], axis=1)


def slipped(plant_seed: int, k: int) -> pd.DataFrame:
    """Return twenty good probes among 400 columns of nothing, each with one wrong reading.

    The reading is of a short batch, and far too high, where high readings speak of many doses. A
    step that was trained with this batch learns the probe wrongly, one that was trained without it
    learns it well. So whoever scales before the folds, or chooses on other batches than the model
    is trained on, gets another area; without the slips both would change next to nothing.
    """
    batches = history(plant_seed)
    rng = np.random.default_rng(plant_seed + 10 + k)
    read = _scores(batches).to_numpy()[:, None]
    read = read + 0.3 * rng.standard_normal((len(batches), PROBES))
    read[rng.choice(np.flatnonzero(batches["short"]), PROBES, replace=False), range(PROBES)] = SLIP
    probes = pd.DataFrame(read, columns=[f"probe_{j + 1:02d}" for j in range(PROBES)])
    return pd.concat([probes, idle(plant_seed, 60 + k)], axis=1)


def idle(plant_seed: int, k: int) -> pd.DataFrame:
    return idle_columns(len(history(plant_seed)), 100 * plant_seed + k)


RULES = 40


def rules(batches: pd.DataFrame, seed: int, good: bool = False) -> pd.DataFrame:
    """Make forty rules of thumb: for each batch the risk that a rule gives it.

    Parameters
    ----------
    batches : DataFrame
        From `table`.
    seed : int
    good : bool
        Whether one of the rules is that of somebody who nearly knows the doses.

    Returns
    -------
    DataFrame
        ``rule_01`` to ``rule_40``, standard normal where a rule knows nothing.
    """
    rng = np.random.default_rng(seed)
    risk = rng.standard_normal((len(batches), RULES))
    if good:
        # An area of about 0.87 on any plant: of eighty batches no rule of luck comes near it, of
        # twenty some do. Never the first or the last: somebody may take that one and choose none.
        risk[:, rng.integers(1, RULES - 1)] -= 1.0 * _scores(batches).to_numpy()
    names = [f"rule_{k + 1:02d}" for k in range(RULES)]
    return pd.DataFrame(risk, index=batches.index, columns=names)


def areas(rules: pd.DataFrame, short: pd.Series) -> pd.Series:
    """Return the area under the ROC curve of every rule, all at once.

    Parameters
    ----------
    rules : DataFrame (B, R)
        The risk that each rule gives each batch.
    short : Series (B,) of bool

    Returns
    -------
    Series (R,)
        Share of the pairs of a short and another batch that a rule ranks rightly.
    """
    is_short = np.asarray(short, dtype=bool)
    n, ranks = is_short.sum(), rules.rank()
    won = ranks[is_short].sum() - n * (n + 1) / 2
    return won / (n * (len(is_short) - n))


@dataclass(frozen=True)
class Case:
    """A history on which somebody chooses a set of columns, and what each set then delivers.

    Attributes
    ----------
    known : DataFrame
        What is known at infection.
    short, lot : Series
        Answers, and the lot of virus seed.
    sets : mapping of str to list of str
        The columns of each set.
    delivered : mapping of str to float
        Of each set, the mean area over hundreds of batches of new lots.
    """

    known: pd.DataFrame
    short: pd.Series
    lot: pd.Series
    sets: Mapping[str, list[str]]
    delivered: Mapping[str, float]

    @cached_property
    def random(self) -> dict[str, float]:
        """Of each set, what a random split says; worked out only where somebody asks."""
        return {
            name: auc(model(), self.known[columns].to_numpy(), self.short, shuffled())
            for name, columns in self.sets.items()
        }

    @cached_property
    def forward(self) -> dict[str, float]:
        """Of each set, what the last `LAST` batches say; worked out only where somebody asks."""
        past, last = slice(None, -LAST), slice(-LAST, None)
        found = {}
        for name, columns in self.sets.items():
            fitted = model().fit(self.known[columns][past], self.short[past])
            risks = fitted.predict_proba(self.known[columns][last])[:, 1]
            found[name] = float(roc_auc_score(self.short[last], risks))
        return found


LOT_PROBES = ((0.5, "certificates"), (1.3, "ages"))
"""How noisy the probe is that all lots share, in the two histories that have one, and what set of
columns stands beside the probes there: a larger one, then a smaller one, so that size tells
nothing."""
OWN_NOISE = 0.3
"""How noisy the probe of each single lot is."""


@lru_cache(maxsize=4)
def cases(plant_seed: int) -> tuple[Case, ...]:
    """Return what exercise 5 is judged on: two histories, then two of a plant with a probe.

    The first of each pair is the plant's own, the second one of the other stretches. Of those, the
    last is clearest about what a random split likes, and the first about what a probe is worth.
    Each history's new lots are those of the other stretches.
    """
    natural, probed = [], []
    for seed in (plant_seed, FUTURE_SEEDS[-1]):
        new, sets = _others(seed), column_sets(in_time(history(seed)))
        natural.append(_case(history(seed), new, sets))
    for seed, (noise, beside) in zip((plant_seed, FUTURE_SEEDS[0]), LOT_PROBES, strict=True):
        own = _with_lot_probes(_with_probe(history(seed), seed, noise), seed)
        new = {other: _with_probe(made, other, noise) for other, made in _others(seed).items()}
        probed.append(_case(own, new, _probe_sets(in_time(own), beside)))
    return (*natural, *probed)


def _others(plant_seed: int) -> dict[int, pd.DataFrame]:
    return {seed: history(seed) for seed in FUTURE_SEEDS if seed != plant_seed}


def _case(
    batches: pd.DataFrame, others: Mapping[int, pd.DataFrame], sets: dict[str, list[str]]
) -> Case:
    known, short = in_time(batches), batches["short"]
    futures = pd.concat([part for made in others.values() for part in hundreds(made)])
    delivered = {}
    for name, columns in sets.items():
        fitted = model().fit(known[columns], short)
        each = zip(
            futures["short"].to_numpy().reshape(-1, LAST),
            risk(fitted, futures, columns).reshape(-1, LAST),
            strict=True,
        )
        delivered[name] = float(np.mean([roc_auc_score(*hundred) for hundred in each]))
    return Case(known, short, batches["seed_lot"], sets, delivered)


def risk(fitted: BaseEstimator, batches: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return the probability of being short that a trained model gives each batch.

    A column that another lot's probe would fill is 0.
    """
    known = in_time(batches).reindex(columns=columns, fill_value=0.0)
    return fitted.predict_proba(known)[:, 1]


def _with_probe(batches: pd.DataFrame, seed: int, noise: float) -> pd.DataFrame:
    """Give a history one more column: a probe that sees at infection most of what will come.

    Its noise is made uncorrelated with what it sees, so that it is worth much the same everywhere.
    """
    scores = _scores(batches).to_numpy()
    luck = np.random.default_rng(seed).standard_normal(len(batches))
    luck -= luck.mean()
    luck -= scores * (luck @ scores) / (scores @ scores)
    return batches.assign(probe=scores + noise * luck)


def _with_lot_probes(batches: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give a history a column for each lot of virus seed: a probe that is set anew for each.

    It reads 0 where a batch is of another lot, and it rises or falls with the doses, as it
    happens. So a model knows of each lot how its probe reads, and nothing of the next one's.
    """
    rng = np.random.default_rng(seed + 1)
    scores = _scores(batches) + OWN_NOISE * rng.standard_normal(len(batches))
    lots = batches["seed_lot"].unique()
    return batches.assign(
        **{
            f"probe_{lot}": scores.where(batches["seed_lot"] == lot, 0.0) * sign
            for lot, sign in zip(lots, rng.choice([-1, 1], len(lots)), strict=True)
        }
    )


def _scores(batches: pd.DataFrame) -> pd.Series:
    """Return the doses by their rank, as a number of mean 0 and standard deviation 1."""
    return (batches["doses"].rank(pct=True) - 0.5) * np.sqrt(12)


def _probe_sets(known: pd.DataFrame, beside: str) -> dict[str, list[str]]:
    others = {
        "certificates": [name for name in known if name.endswith("_coa")],
        "ages": [*_AGES.values()],
    }
    return {"probes": [name for name in known if name.startswith("probe")], beside: others[beside]}


@lru_cache(maxsize=1)
def outcome() -> pd.DataFrame:
    """Train the plain model on all six years, and let the plant make nine hundreds of batches.

    Returns
    -------
    DataFrame
        One row a set of columns, and one for spares that are booked at random. ``area`` under
        the ROC curve, its lowest and its highest of a single hundred; ``right_alarms``, short
        batches among the `SPARES` of the highest risk; ``missing_doses`` below plan in a hundred
        batches, where a spare makes good each of those.
    """
    batches = history(campaign.HISTORY_SEED)
    known = in_time(batches)
    parts = [part for stretch in stretches() for part in hundreds(stretch)]
    rows = {}
    for name, columns in column_sets(known).items():
        fitted = model().fit(known[columns], batches["short"])
        made = pd.DataFrame([_outcome(risk(fitted, part, columns), part) for part in parts])
        extremes = {"lowest_area": made["area"].min(), "highest_area": made["area"].max()}
        rows[name] = made.mean().to_dict() | extremes
    rows["spares at random"] = {
        "area": 0.5,
        "right_alarms": SPARES * np.mean([part["short"].mean() for part in parts]),
        "missing_doses": (1 - SPARES / LAST) * np.mean([_lacking(part).sum() for part in parts]),
    }
    return pd.DataFrame(rows).T


def _outcome(risk: np.ndarray, batches: pd.DataFrame) -> dict[str, float]:
    spared = np.argsort(-risk, kind="stable")[:SPARES]
    lacking, short = _lacking(batches), batches["short"].to_numpy()
    return {
        "area": roc_auc_score(short, risk),
        "right_alarms": short[spared].sum(),
        "missing_doses": lacking.sum() - lacking[spared].sum(),
    }


def _lacking(batches: pd.DataFrame) -> np.ndarray:
    return (PLAN_DOSES - batches["doses"].to_numpy()).clip(0)
