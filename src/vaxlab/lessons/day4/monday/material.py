"""What day 4, notebook 4 lays out: two lines of the plant, one row a batch, and drifting probes.

A row holds means of what the probes show, some samples, and three *gaps*: what a probe shows
against a witness that does not know of it. Noise within a batch is gone in a mean; what is left of
a probe's errors are those that last a batch. Functions with an underscore know the truth, and are
there for checks and for the plant to be run on.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from vaxlab.plant import campaign, instruments, making
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
"""Set points of line A: the middle of the history's."""
OTHER_LINE = LINE | {"carrier_g_per_l": 2.5, "infection_temperature_c": 37.2}
"""Of line B: more carriers, and warmer after infection. Both stand in the history as well."""

DAYS_A_BATCH = campaign.DAYS_A_BATCH
PHASES = {"growth": (-24, -1), "infection": (6, 46)}
"""Hours after infection that a mean is taken of."""
GAPS = ["ph_gap", "capacitance_gap", "oxygen_gap"]
"""Columns in which a probe stands against its witness."""
INPUTS = [
    "temperature_c",
    "growth_air_l_per_min",
    "growth_o2_l_per_min",
    "growth_co2_l_per_min",
    "growth_offgas_o2_percent",
    "growth_offgas_co2_percent",
    "growth_capacitance_pf_per_cm",
    "infection_air_l_per_min",
    "infection_o2_l_per_min",
    "infection_co2_l_per_min",
    "infection_offgas_o2_percent",
    "infection_offgas_co2_percent",
    "infection_capacitance_pf_per_cm",
    "growth_base_l",
    "infection_base_l",
    "lactate_mmol_per_l",
    "glucose_mmol_per_l",
]
"""What is known of a batch at its harvest, two weeks before the assay of the doses."""
TARGET = "log_doses"

LEARNED, QUIET = 120, 60
"""Batches of the reference, and of a stretch in which no probe drifts."""
HISTORY, OF_OTHER_LINE = 160, 120
"""Batches of line A, for its model, and of line B."""
DRIFTS = {"ph": (0.018, 0.03), "capacitance": (0.03, 0.05), "oxygen": (0.0015, 0.003)}
"""Probe to what a batch adds: pH units; share of the reading, twice."""
EARLIEST, LATEST, AFTER = 6, 24, 16
"""First and last batch with which a drift may begin, and batches of a drill from there on."""
DRILL, DRILL_START = 30, 15
"""Batches of the drill that the notebook shows, and the first one with a drift."""
WITHIN = 10
"""Batches within which a drift should be found."""


class Drift(NamedTuple):
    """A probe that goes wrong: a little more with each batch from `start` on."""

    probe: str
    start: int
    a_batch: float

    def at(self, n: int) -> np.ndarray:
        """Return the error in each of n batches."""
        return self.a_batch * np.maximum(0, np.arange(n) - self.start + 1)


# The plant ------------------------------------------------------------------------------------


class Rows(NamedTuple):
    """Batches that can be made: recipes, and what they meet."""

    recipes: list
    met: Circumstances


def _rng(plant_seed: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([plant_seed, 440 + stream])


def _rows(plant_seed: int, stream: int, n: int, line: Mapping[str, float] = LINE) -> Rows:
    """Draw n sound batches of a line, whose pH probes are calibrated before each."""
    seed = int(_rng(plant_seed, stream).integers(2**32))
    wanted = {name: np.full(n, value) for name, value in line.items()}
    days = max(1, round(n * DAYS_A_BATCH))
    drawn = campaign.draw(seed, n, days, set_points=wanted, sound=True)
    error = VALUES["sd_offset_pH"] * _rng(plant_seed, stream + 100).standard_normal(n)
    met = replace(drawn.circumstances, fitted=replace(drawn.circumstances.fitted, ph_error=error))
    recipes = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    return Rows(recipes, met)


def _off(rows: Rows, ph: np.ndarray) -> Rows:
    """Return the batches with pH probes that read so much more too high."""
    fitted = rows.met.fitted
    fitted = replace(fitted, ph_error=fitted.ph_error + ph)
    return rows._replace(met=replace(rows.met, fitted=fitted))


def _true_ph(rows: Rows) -> np.ndarray:
    """Return what the pH truly was at the infection: the controller holds the reading."""
    fitted = rows.met.fitted
    return LINE["ph"] - fitted.ph_error - fitted.ph_drift_per_day * campaign.GROWTH_H / 24


def _log_doses(made: Made) -> np.ndarray:
    """Return the logarithm of the doses that the potency assay promises, released or not."""
    return np.log(made.release.potency_ug_per_ml * 1000 * made.purified.bulk_l / VALUES["dose_HA"])


def _table(rows: Rows, made: Made, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a batch: what people see."""
    n, at = len(rows.recipes), made.batches.at
    noise = {name: sd * rng.standard_normal(n) for name, sd in _NOISE.items()}
    gain = {name: np.exp(values) for name, values in noise.items()}
    table = {"temperature_c": 0.01 * rng.standard_normal(n)}
    table["temperature_c"] += _mean(made, "temperature_c", "growth")
    table["temperature_c"] -= rows.met.handling["temperature_c"]
    for phase in PHASES:
        table |= {f"{phase}_{name}": values for name, values in _gases(made, phase, gain).items()}
        volume = VALUES["pF_biovolume"] * _mean(made, "biovolume_ul_per_ml", phase)
        shown = volume * gain["capacitance"] + noise["zero"]
        table[f"{phase}_capacitance_pf_per_cm"] = shown
    litres = instruments.VOLUME_L / 1000 / VALUES["c_base"] / gain["base"]
    for phase, hour in (("growth", -0.01), ("infection", 46.0)):
        table[f"{phase}_base_l"] = litres * at("base_mmol_per_l", *_each(n, hour))
    table["cells_1e6_per_ml"] = 1e-6 * at("viable_cells_per_ml", *_each(n, -1.5)) * gain["count"]
    for name in ("lactate", "glucose"):
        table[f"{name}_mmol_per_l"] = at(f"{name}_mmol_per_l", *_each(n, 46.0)) * gain[name]
    table["ph_gap"] = _true_ph(rows) + VALUES["bias_bench_pH"] - LINE["ph"] + noise["bench"]
    return _with_gaps(pd.DataFrame(table)).assign(log_doses=_log_doses(made))


_NOISE = {
    "bench": VALUES["sd_bench_pH"],
    "count": VALUES["sd_count"],
    "lactate": VALUES["sd_metabolite"],
    "glucose": VALUES["sd_metabolite"],
    "capacitance": VALUES["sd_pF_gain"],
    "zero": VALUES["sd_pF_zero"],
    "offgas_o2": VALUES["sd_gain_O2"],
    "offgas_co2": VALUES["sd_gain_CO2"],
    "gas": VALUES["sd_gas_CO2"],
    "base": VALUES["sd_base"],
}
"""Errors that last a batch, and those of single samples: SD, relative but for pH and the zero."""


def _each(n: int, hour: float) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(n), np.full(n, hour)


def _mean(made: Made, name: str, phase: str) -> np.ndarray:
    first, last = PHASES[phase]
    hours = made.batches.time_h
    return made.batches.states[name][:, (hours >= first) & (hours <= last)].mean(axis=1)


def _gases(made: Made, phase: str, gain: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return flows of gas, and what the analysers show, as `vaxlab.plant.instruments` has them."""
    flow = instruments.GAS_L_PER_MIN
    per_gas = instruments.VOLUME_L / (flow * 60 / VALUES["V_mol"] * 1000)
    o2 = _mean(made, "gas_o2_fraction", phase)
    out_co2 = gain["gas"] * _mean(made, "dissolved_co2_mmol_per_l", phase)
    out_co2 = out_co2 / VALUES["S_CO2"] / VALUES["p_air"]
    in_co2 = np.clip(out_co2 - per_gas * _mean(made, "cer_mmol_per_l_h", phase), 0.0, 1.0)
    rest = 1 - in_co2
    air = np.minimum(o2 / VALUES["O2_air"], (rest - o2) / (1 - VALUES["O2_air"]))
    air = np.clip(air, 0.0, rest)
    left = o2 - per_gas * _mean(made, "our_mmol_per_l_h", phase)
    return {
        "air_l_per_min": flow * air,
        "o2_l_per_min": flow * np.clip(o2 - VALUES["O2_air"] * air, 0.0, rest - air),
        "co2_l_per_min": flow * in_co2,
        "offgas_o2_percent": 100 * left * gain["offgas_o2"],
        "offgas_co2_percent": 100 * out_co2 * gain["offgas_co2"],
    }


def _with_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Put the two gaps in that follow from other columns; that of pH is measured."""
    flow = VALUES["O2_air"] * table["growth_air_l_per_min"] + table["growth_o2_l_per_min"]
    used = 100 * flow / instruments.GAS_L_PER_MIN - table["growth_offgas_o2_percent"]
    cells = table["cells_1e6_per_ml"]
    gaps = {
        "ph_gap": table["ph_gap"],
        "capacitance_gap": np.log(table["growth_capacitance_pf_per_cm"] / cells),
        "oxygen_gap": used / cells,
    }
    return table.drop(columns="ph_gap").assign(**gaps)


@cache
def _stretch(
    plant_seed: int, stream: int, n: int, drift: Drift | None = None, other: bool = False
) -> pd.DataFrame:
    """Return the table of n batches in a row, with a probe that drifts if one is given."""
    rows = _rows(plant_seed, stream, n, OTHER_LINE if other else LINE)
    error = drift.at(n) if drift else np.zeros(n)
    if drift and drift.probe == "ph":
        rows = _off(rows, error)
    made = making.make(rows.recipes, rows.met)
    table = _table(rows, made, _rng(plant_seed, stream + 200))
    if drift and drift.probe != "ph":
        shown = "capacitance" if drift.probe == "capacitance" else "offgas_o2"
        columns = [name for name in table if shown in name]
        table[columns] = table[columns].mul(1 + error, axis=0)
        table = _with_gaps(table)[table.columns]
    return table.rename_axis("batch")


# What the notebook lays out --------------------------------------------------------------------


def history(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return 160 batches of line A: what probes and samples showed, gaps, and ``log_doses``."""
    return _stretch(plant_seed, 1, HISTORY).copy()


def other_line(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return 120 batches of line B, which works with more carriers and warmer."""
    return _stretch(plant_seed, 12, OF_OTHER_LINE, other=True).copy()


def reference(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return 120 batches of line A, all probes of which were checked."""
    return _watched(_stretch(plant_seed, 3, LEARNED))


def quiet(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return 60 batches of line A in which no probe drifts."""
    return _watched(_stretch(plant_seed, 4, QUIET))


def drifting(probe: str = "ph", plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return 30 batches of line A; from batch 15 on a probe drifts, a key of `DRIFTS`."""
    drift = Drift(probe, DRILL_START, float(np.mean(DRIFTS[probe])))
    return _watched(_stretch(plant_seed, 5, DRILL, drift))


def _watched(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the doses: their assay takes two weeks."""
    return table.drop(columns=TARGET)


@cache
def _drills(plant_seed: int, each: int) -> list[tuple[pd.DataFrame, Drift]]:
    """Return stretches in which a probe drifts, so many of each probe, with what was planted."""
    rng = _rng(plant_seed, 6)
    drills = []
    for k, probe in enumerate(each * list(DRIFTS)):
        start = int(rng.integers(EARLIEST, LATEST + 1))
        drift = Drift(probe, start, rng.uniform(*DRIFTS[probe]) * rng.choice([-1, 1]))
        drills.append((_watched(_stretch(plant_seed, 20 + k, start + AFTER, drift)), drift))
    return drills


# Own decisions ---------------------------------------------------------------------------------

STOPPED, TRIED = 0.3, 0.2
"""Share of the batches that a model gives up, and of these the share that is finished all the
same, by lot."""
YEAR = 300
"""Batches on which a model has decided."""
POOR = 0.15
"""Share of the history's batches below the limit of a poor one."""


def model(table: pd.DataFrame) -> Any:
    """Return a ridge regression of ``log_doses``, fitted to a table of batches."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ridge = RidgeCV(np.logspace(-2, 3, 20))
    return make_pipeline(StandardScaler(), ridge).fit(table[INPUTS], table[TARGET])


def arrays(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return what a model is given of each batch (N, 17), and its ``log_doses`` (N,)."""
    return table[INPUTS].to_numpy(), table[TARGET].to_numpy()


def misses(model: Any, table: pd.DataFrame) -> np.ndarray:
    """Return by how much a model misses the ``log_doses`` of each batch, without the sign."""
    return np.abs(model.predict(table[INPUTS]) - table[TARGET]).to_numpy()


def poor_limit(plant_seed: int = HISTORY_SEED) -> float:
    """Return below which ``log_doses`` a batch counts as poor: 15 of 100 of the history's are."""
    return round(float(_stretch(plant_seed, 1, HISTORY)[TARGET].quantile(POOR)), 2)


def decided(plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return 300 batches on which the model of line A has decided.

    Returns
    -------
    DataFrame
        One row a batch: `INPUTS`; ``predicted``; ``chance``, with which it was finished (1, or
        0.2 where little was predicted); ``finished``; ``log_doses``, NaN where it was not.
    """
    table = _decided(plant_seed)
    return table.assign(log_doses=table[TARGET].where(table["finished"]))


@cache
def _decided(plant_seed: int) -> pd.DataFrame:
    """Return the same with the doses that all of the batches would have given."""
    table = _stretch(plant_seed, 7, YEAR)[[*INPUTS, TARGET]]
    predicted = model(_stretch(plant_seed, 1, HISTORY)).predict(table[INPUTS])
    chance = np.where(predicted < np.quantile(predicted, STOPPED), TRIED, 1.0)
    finished = _rng(plant_seed, 8).random(YEAR) < chance
    return table.assign(predicted=predicted, chance=chance, finished=finished)


# References: what a good answer does -----------------------------------------------------------

CARD = ("purpose", "data", "owner", "not_for")
"""Fields that a model card must have."""
BINS = 10
FALSE_DISCOVERIES = 0.05
SLACK, LIMIT = 0.5, 5.0
"""Of the sums, in SDs of the reference."""
TRIES = 3
"""A job is handed in so often at the most."""


def _fingerprint(table: pd.DataFrame, settings: Mapping[str, Any], code: str) -> str:
    """Return a hash of data, settings and code; the order of rows, columns and keys is no part."""
    import json

    data = table.sort_index().sort_index(axis=1).to_csv()
    words = json.dumps([data, dict(settings), code], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


def _approve(
    card: Mapping[str, str],
    results: Mapping[str, Any],
    limits: Mapping[str, tuple[str, float]],
) -> list[str]:
    """Return what stands against a model: fields of its card, and results."""
    reasons = [field for field in CARD if not str(card.get(field) or "").strip()]
    if "data" not in reasons and card["data"] != results.get("data"):
        reasons.append("data")
    for name, (kind, limit) in limits.items():
        value = results.get(name, math.nan)
        good = value <= limit if kind == "at most" else value >= limit
        if not good:  # NaN is neither
            reasons.append(name)
    return reasons


def _psi(reference: Sequence[float], new: Sequence[float], bins: int = BINS) -> float:
    """Return the population stability index, by deciles of the reference."""
    edges = np.quantile(reference, np.arange(1, bins) / bins)
    shares = []
    for values in (reference, new):
        counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=bins)
        shares.append((counts + 0.5) / (len(values) + 0.5 * bins))
    old, now = shares
    return float(((now - old) * np.log(now / old)).sum())


def _p_values(reference: pd.DataFrame, new: pd.DataFrame, method: str = "asymp") -> pd.Series:
    """Return the p-value of Kolmogorov and Smirnov's test for each column."""
    from scipy.stats import ks_2samp

    pairs = {name: (reference[name].dropna(), new[name].dropna()) for name in reference}
    return pd.Series({name: ks_2samp(*pair, method=method).pvalue for name, pair in pairs.items()})


def _discoveries(p: pd.Series, level: float = FALSE_DISCOVERIES) -> list[str]:
    """Return what is left by Benjamini and Hochberg's procedure."""
    ordered = p.sort_values()
    below = ordered.to_numpy() <= level * np.arange(1, len(p) + 1) / len(p)
    return list(ordered.index[: np.flatnonzero(below).max(initial=-1) + 1])


def _drifted(reference: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return the columns that have changed, as far as that can be said of so many at once."""
    return _discoveries(_p_values(reference, new))


def _alarm(reference: pd.DataFrame, seen: pd.DataFrame, limit: float = LIMIT) -> bool:
    """Tell whether a sum of what a gap is off has passed its limit, upward or downward."""
    known = reference[GAPS]
    off = ((seen[GAPS] - known.mean()) / known.std()).to_numpy()
    up = down = np.zeros(len(GAPS))
    for row in off:
        up, down = np.maximum(0, up + row - SLACK), np.maximum(0, down - row - SLACK)
    return bool(max(up.max(), down.max()) > limit)


def _watch(
    alarm: Callable[[pd.DataFrame, pd.DataFrame], bool],
    reference: pd.DataFrame,
    stretch: pd.DataFrame,
    until: int | None = None,
) -> list[int]:
    """Ask an alarm after each batch; return the batches after which it was raised.

    After an alarm all probes are checked, and the record begins anew. From batch `until` on, the
    first alarm ends the watch.
    """
    raised, begin = [], 0
    for k in range(len(stretch)):
        if alarm(reference, stretch.iloc[begin : k + 1]):
            raised.append(k)
            begin = k + 1
            if until is not None and k >= until:
                break
    return raised


def _verdict(champion: Sequence[float], challenger: Sequence[float]) -> str:
    """Return "promote" where the challenger misses less, by its paired 95 % interval."""
    from scipy.stats import t

    gain = np.asarray(champion, dtype=float) - np.asarray(challenger, dtype=float)
    half = t.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / math.sqrt(len(gain))
    return "promote" if gain.mean() - half > 0 else "keep"


def _fair_share(batches: pd.DataFrame, limit: float) -> float:
    """Return the share of poor batches among all, from those that were finished."""
    known = batches[batches["finished"]]
    weight = 1 / known["chance"]
    return float(weight[known[TARGET] < limit].sum() / weight.sum())


def _run_all(jobs: Iterable[Any], submit: Callable[[Any], Any]) -> list[Any]:
    """Hand all jobs in, then collect; a job whose worker is lost is handed in again."""
    from vaxlab.lessons.day4.monday.handed import WorkerLost

    jobs = list(jobs)
    tickets = [submit(job) for job in jobs]
    results = []
    for job, ticket in zip(jobs, tickets, strict=True):
        result = None
        for again in range(TRIES):
            try:
                result = ticket.result()
                break
            except WorkerLost:
                ticket = submit(job) if again < TRIES - 1 else ticket
            except Exception:  # the job's own
                break
        results.append(result)
    return results
