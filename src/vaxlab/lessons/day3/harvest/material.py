"""What the notebook lays out: two seasons hour by hour, instruments, and the infection's equations.

A season is made once and kept: every batch runs on to the last hour that the licence allows, and
is harvested at each hour that the plant would ask about. So a rule that names hours is paid by
looking up, and earns what `vaxlab.plant.deploy.deploy` would pay it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.plant import deploy, making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.instruments import GAS_L_PER_MIN, VOLUME_L
from vaxlab.plant.kinetics import ARRAYS, arrhenius, trypsin_activation
from vaxlab.plant.parameters import ECLIPSE_STAGES, PRODUCTIVE_STAGES, VALUES

PRODUCTS = (deploy.INACTIVATED, deploy.LIVE)
DEVIATING = {"F7": "weak or strong seed", "F16": "virus late", "F17": "temperature off"}
"""What the live line has more often: kind of fault to words."""
BROKEN = ("F2", "F3", "F5", "F11")
"""Oxygen, a pump or the stirrer failed, or bacteria got in: what a titre is then has other reasons,
so spreads of titres leave these batches out."""
BATCHES = 120
"""Of a season that the notebook shows; a check makes fewer."""
DEVELOPMENT, DEVELOPMENT_SEED = 60, 4_407
"""Runs that the soft sensor learns from; they are the same for everybody."""


PRICE_PERCENT = 8.0
"""What a sensor costs a year, with its upkeep, in % of the year's doses. Own choice."""
REACHED = 2 / 3
"""Share of the oracle's gain that a good sensor gets, to be shown in the end."""

# Seasons ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Season:
    """Batches after the history, harvested at every hour.

    Attributes
    ----------
    product : str
    hours : array (H,)
        When the plant asks the harvest rule, h after infection.
    doses, titre : array (H, B)
        Doses released of a harvest at that hour; infectious virions then, log10/mL, true.
    known : list of dict
        What is known before each batch.
    seen : list of DataFrame
        What the instruments show of it up to the last hour.
    fault : str array (B,)
        Key of `vaxlab.plant.faults.FAULTS`, empty for a sound batch.
    truth : dict of str to array (B, T)
        True states on every whole hour from 0 on.
    """

    product: str
    hours: np.ndarray
    doses: np.ndarray
    titre: np.ndarray
    known: Sequence[Mapping[str, Any]]
    seen: Sequence[pd.DataFrame]
    fault: np.ndarray
    truth: Mapping[str, np.ndarray]

    @property
    def deviates(self) -> np.ndarray:
        """Which batches deviate in one of the ways of the live line, (B,)."""
        return np.isin(self.fault, list(DEVIATING))

    @property
    def unbroken(self) -> np.ndarray:
        """Which batches no equipment and no germ spoilt, (B,)."""
        return ~np.isin(self.fault, BROKEN)

    @property
    def fixed(self) -> int:
        """Place of the hour that is best for all."""
        return int(self.doses.mean(axis=1).argmax())


_TRUE = (
    "infectious_virions_per_ml",
    "attached_cells_per_ml",
    "uninfected_cells_per_ml",
    "biovolume_ul_per_ml",
)


def season(product: str = deploy.LIVE, n: int = BATCHES, seed: int = HISTORY_SEED) -> Season:
    """Make a season: the lots, hands, faults and luck of `deploy(seed=seed, n_batches=n)`."""
    return _season(product, n, seed)


@lru_cache(maxsize=8)
def _season(product: str, n: int, seed: int) -> Season:
    licence = deploy.LICENCES[product]
    drawn = deploy._drawn(product, seed, n)
    met = drawn.circumstances
    planned = deploy._planned(drawn, licence)
    last = float(licence.harvest_hours[-1])
    made = making.make([deploy.cut_at(recipe, last) for recipe in planned], met)
    batches = made.batches
    hours = np.array(licence.harvest_hours, dtype=float)
    doses, titre = [], []
    for k in _places(batches.time_h, hours):
        state = {name: values[:, k] for name, values in batches.states.items()}
        one = making.finish(batches, state, met, np.full(n, batches.time_h[k]))
        paid = deploy._live(one, met) if product == deploy.LIVE else deploy._inactivated(one)
        doses.append(np.where(paid["released"], paid["doses"], 0.0))
        titre.append(one.harvest.infectious_virions_per_ml)
    whole = _places(batches.time_h, np.arange(last + 1))
    return Season(
        product,
        hours,
        np.array(doses),
        np.log10(titre),
        deploy.known_before(drawn, planned, np.random.default_rng([seed, 1])),
        deploy._views(made, met, np.inf, seed),
        met.faults.fault,
        {name: batches.states[name][:, whole] for name in _TRUE},
    )


def _places(time_h: np.ndarray, hours: np.ndarray) -> np.ndarray:
    return np.searchsorted(time_h, hours - 1e-6)


def doses_by_hour(product: str) -> pd.DataFrame:
    """Return the doses of a season's batches (columns), harvested at each hour (rows).

    Parameters
    ----------
    product : str
        ``"inactivated"`` or ``"live"``.

    Returns
    -------
    DataFrame
        Doses released, in thousands; the index is the hour after infection.
    """
    some = season(product)
    return pd.DataFrame(some.doses / 1000, index=pd.Index(some.hours.astype(int), name="hour"))


def asked_h(rule: Any, some: Season, first: float = 0.0) -> np.ndarray:
    """Return when a harvest rule says True, h after infection, (B,); the last hour if never.

    Asks as the plant does, with what the instruments show up to that hour.
    """
    found = np.full(len(some.seen), some.hours[-1])
    for b, view in enumerate(some.seen):
        shown = view["hours_after_infection"].to_numpy()
        for hour in some.hours[:-1][some.hours[:-1] >= first]:
            rows = int(np.searchsorted(shown, hour, side="right"))
            if rule(dict(some.known[b]), view.iloc[:rows]):
                found[b] = hour
                break
    return found


def paid(some: Season, harvest_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return doses and log10 titre of harvests at given hours, (B,) each."""
    rows, columns = np.searchsorted(some.hours, harvest_h), np.arange(len(harvest_h))
    return some.doses[rows, columns], some.titre[rows, columns]


# Instruments --------------------------------------------------------------------------------

_GAS_TO_UPTAKE = GAS_L_PER_MIN * 60 / VALUES["V_mol"] * 1000 / VOLUME_L
SIGNALS = ("capacitance_pf_per_cm", "oxygen_uptake_mmol_per_l_h")
FROM_H = -6


def hourly(seen: pd.DataFrame) -> pd.DataFrame:
    """Return capacitance and oxygen uptake hour by hour.

    Parameters
    ----------
    seen : DataFrame
        As the plant shows it to a rule, every 15 minutes.

    Returns
    -------
    DataFrame
        ``capacitance_pf_per_cm`` and ``oxygen_uptake_mmol_per_l_h``; the index is the hour after
        infection, from -6 on. The row of hour 30 holds the mean of what was shown after 29 h and
        up to 30 h; NaN where nothing was.
    """
    shown = seen["hours_after_infection"].to_numpy()
    first = int(np.searchsorted(shown, FROM_H - 1, side="right"))
    tags = ("air", "o2", "n2", "co2")
    air, oxygen, nitrogen, carbon = (seen[f"{t}_l_per_min"].to_numpy()[first:] for t in tags)
    inlet = (100 * VALUES["O2_air"] * air + 100 * oxygen) / (air + oxygen + nitrogen + carbon)
    uptake = (inlet - seen["offgas_o2_percent"].to_numpy()[first:]) / 100 * _GAS_TO_UPTAKE
    place = np.ceil(shown[first:] - 1e-6).astype(int) - FROM_H
    columns = (seen["capacitance_pf_per_cm"].to_numpy()[first:], uptake)
    table = {name: _means(place, v) for name, v in zip(SIGNALS, columns, strict=True)}
    hours = pd.RangeIndex(FROM_H, FROM_H + len(table[SIGNALS[0]]), name="hour")
    return pd.DataFrame(table, index=hours)


def _means(place: np.ndarray, values: np.ndarray) -> np.ndarray:
    there = np.isfinite(values)
    size = int(place[-1]) + 1 if len(place) else 0
    total = np.bincount(place[there], values[there], minlength=size)
    count = np.bincount(place[there], minlength=size)
    return np.divide(total, count, out=np.full(size, np.nan), where=count > 0)


# A soft sensor ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Runs:
    """Hourly records, and when the titre was highest.

    Attributes
    ----------
    records : list of DataFrame
        As `hourly` gives them, one a run.
    peak_h : array (B,)
        Hour of most infectious virus, h after infection; true.
    """

    records: Sequence[pd.DataFrame]
    peak_h: np.ndarray


@lru_cache(maxsize=4)
def runs(n: int = DEVELOPMENT, seed: int = DEVELOPMENT_SEED) -> Runs:
    """Return runs of the live line that were followed to their peak and beyond.

    Of n, those whose equipment did not fail.
    """
    some = season(deploy.LIVE, n, seed)
    peak = some.truth["infectious_virions_per_ml"].argmax(axis=1).astype(float)
    kept = np.flatnonzero(some.unbroken)
    return Runs([hourly(some.seen[b]) for b in kept], peak[kept])


SENSOR_HOURS = np.arange(24, 71, 2)
"""When the soft sensor is asked, h after infection."""
FAR_H = 24.0
"""What is further off than that counts as that far: nobody plans two days ahead."""


def stacked(tables: Sequence[pd.DataFrame], peak_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return features at `SENSOR_HOURS` of all runs, (N, F), and the hours to the peak, (N,)."""
    rows = [table.reindex(SENSOR_HOURS).to_numpy(dtype=float) for table in tables]
    away = np.clip(peak_h[:, None] - SENSOR_HOURS, -FAR_H, FAR_H)
    return np.concatenate(rows), away.ravel()


def sensor(features: np.ndarray, hours_to_peak: np.ndarray) -> Any:
    """Train trees on features; they know what to do with NaN."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(max_iter=80, learning_rate=0.1, random_state=0)
    return model.fit(features, hours_to_peak)


# The infection ------------------------------------------------------------------------------

STATES = (
    "healthy",
    *(f"eclipse {k}" for k in range(1, ECLIPSE_STAGES + 1)),
    *(f"productive {k}" for k in range(1, PRODUCTIVE_STAGES + 1)),
    "dead",
    "pressure",
    "log release",
)
"""Rows of the filters' state: shares of the cells at infection; the pressure of infection (chance
an hour that a cell gets infected: infectious virus, in that unit), and the logarithm of what a
productive cell adds to it in an hour."""
HEALTHY, ECLIPSE = 0, slice(1, 1 + ECLIPSE_STAGES)
PRODUCTIVE = slice(ECLIPSE.stop, ECLIPSE.stop + PRODUCTIVE_STAGES)
DEAD, PRESSURE, RELEASE = PRODUCTIVE.stop, PRODUCTIVE.stop + 1, PRODUCTIVE.stop + 2
FASTEST = 4.0
"""Pressure above which it makes no difference, 1/h: all are infected within a quarter of an hour.
Keeps steps of half an hour stable."""


@dataclass(frozen=True)
class Constants:
    """Constants of a batch's infection, from what is known before it: the plant's own.

    Attributes
    ----------
    eclipse, decay, adsorption : float
        Stages of the eclipse passed in an hour; infectivity lost in an hour; virus taken up by
        the cells in an hour.
    pressure, log_release : float
        Where both states of that name start for a batch by the book.
    """

    eclipse: float
    decay: float
    adsorption: float
    pressure: float
    log_release: float


USUAL_CELLS = 1.0e6
"""Taken for the cells at infection, 1/mL: capacitance shows them with a gain of its own."""
MEDIUM_COSTS = -0.45
"""Logarithm of what defective particles, lactate and lots take of the release, on average: the
filters' equations have the cells and the virus, not the medium. Calibrated."""
SEED_IS_STRONGER = 0.3
"""Logarithm of what makes up for cells taken too few, and for virus in eclipse. Calibrated."""


def constants(known: Mapping[str, Any]) -> Constants:
    """Return the constants of a batch by the book.

    Parameters
    ----------
    known : dict
        What a rule is given before the batch: ``recipe_moi``, ``recipe_infection_temperature_c``
        and ``recipe_trypsin_bu_per_ml`` are read.
    """
    t, v = known["recipe_infection_temperature_c"], VALUES
    adsorption = v["k_a"] * USUAL_CELLS
    warm = -0.5 * ((t - v["T_virus"]) / v["s_T_virus"]) ** 2
    # Trypsin fades; what counts is what there is on the way to the peak.
    trypsin = trypsin_activation(0.7 * known["recipe_trypsin_bu_per_ml"], v)
    release = adsorption * v["p"] * v["f_inf"] * trypsin * np.exp(warm)
    return Constants(
        eclipse=ECLIPSE_STAGES / v["tau_E"] * v["Q10_E"] ** ((t - 37) / 10),
        decay=v["k_Vi"] * float(arrhenius(t, v, ARRAYS)),
        adsorption=adsorption,
        pressure=float(adsorption * known["recipe_moi"] * np.exp(SEED_IS_STRONGER)),
        log_release=float(np.log(release) + MEDIUM_COSTS),
    )


def _linear(k: Constants) -> np.ndarray:
    """Return the part of the rates of change that is linear in the rows, (12, 12)."""
    a, on = np.zeros((len(STATES),) * 2), PRODUCTIVE_STAGES / VALUES["tau_I"]
    leaving = {row: k.eclipse for row in range(ECLIPSE.start, ECLIPSE.stop)}
    leaving |= {row: on for row in range(PRODUCTIVE.start, PRODUCTIVE.stop)}
    for row, rate in leaving.items():  # each stage passes cells on to the next row
        a[row, row], a[row + 1, row] = -rate, rate
    a[HEALTHY, HEALTHY], a[DEAD, HEALTHY] = -VALUES["kd0"], VALUES["kd0"]
    a[DEAD, DEAD] = -VALUES["k_lys"]
    a[PRESSURE, PRESSURE] = -k.decay
    return a


_INFECTED = np.zeros((len(STATES), 1))
_INFECTED[HEALTHY], _INFECTED[1] = -1.0, 1.0
_VIRUS = np.zeros((len(STATES), 1))
_VIRUS[PRESSURE] = 1.0
_VOLUMES = np.zeros((2, len(STATES)))
_VOLUMES[:, :DEAD] = 1.0
_VOLUMES[0, ECLIPSE], _VOLUMES[0, PRODUCTIVE] = VALUES["swell_E"], VALUES["swell_I"]
_VOLUMES[0, DEAD] = VALUES["swell_A"]
"""What a share of each state adds to living volume, and to oxygen uptake, (2, 12)."""


def an_hour_on(y: Any, k: Constants, step_h: float = 0.5) -> Any:
    """Return states (12, N) an hour later, by the classical Runge-Kutta method.

    Parameters
    ----------
    y : array or tensor (12, N)
        Rows of `STATES`; written into nowhere, and gradients come back.
    k : Constants
    step_h : float
    """
    if isinstance(y, np.ndarray):
        exp, (linear, infects, virus) = np.exp, (_linear(k), _INFECTED, _VIRUS)
    else:
        import torch

        exp = torch.exp
        linear, infects, virus = map(torch.from_numpy, (_linear(k), _INFECTED, _VIRUS))

    def slope(y: Any) -> Any:
        pressure, making = y[PRESSURE], y[PRODUCTIVE].sum(0)
        infected = FASTEST * pressure / (FASTEST + pressure) * y[HEALTHY]
        net = exp(y[RELEASE]) * making - k.adsorption * y[:DEAD].sum(0) * pressure
        return linear @ y + infects * infected + virus * net

    for _ in range(round(1 / step_h)):
        one = slope(y)
        two = slope(y + step_h / 2 * one)
        three = slope(y + step_h / 2 * two)
        y = y + step_h / 6 * (one + 2 * two + 2 * three + slope(y + step_h * three))
    return y


def shown(y: Any) -> Any:
    """Return what the probes show of states (..., 12, N), (..., 2, N).

    Capacitance and oxygen uptake, as shares of those of the first hours.
    """
    if isinstance(y, np.ndarray):
        return _VOLUMES @ y
    import torch

    return torch.from_numpy(_VOLUMES) @ y


SHOWN_SD = (0.025, 0.15)
"""SD of a reading's share of the first hours', capacitance and oxygen uptake: noise, the probe's
zero, and what the equations leave out."""


def shares(record: pd.DataFrame) -> np.ndarray:
    """Return hourly readings as shares of those of the first six hours, (T, 2), from hour 1 on."""
    # By place: a rule asks so often that looking up labels would be most of its time.
    from_one = int(np.searchsorted(record.index.to_numpy(), 1))
    after = np.array([record[name].to_numpy()[from_one:] for name in SIGNALS]).T
    first = after[:6]
    with np.errstate(invalid="ignore"):  # NaN where a probe showed nothing at all
        return after / (np.nansum(first, axis=0) / np.isfinite(first).sum(axis=0))


# Particles ----------------------------------------------------------------------------------

PARTICLES = 400
DEVIATE_SHARE = 0.15
"""Of the particles, whose virus is not what the label says."""
USUAL_SD, ODD_SD = (0.5, 0.25), (2.0, 0.5)
"""SD of the logarithms of where pressure and release start; of those that deviate, on top."""
ALIKE = 2.0
"""Readings of neighbouring hours share a part of their errors: two count for one."""


def particles(n: int, k: Constants, seed: int = 0) -> np.ndarray:
    """Draw states at infection, (12, n): all cells healthy, virus and release as they may be."""
    rng = np.random.default_rng(seed)
    odd = rng.random(n) < DEVIATE_SHARE
    rows = np.zeros((len(STATES), n))
    rows[HEALTHY] = 1.0
    off = [
        usual * rng.standard_normal(n) + more * odd * rng.standard_normal(n)
        for usual, more in zip(USUAL_SD, ODD_SD, strict=True)
    ]
    rows[PRESSURE] = k.pressure * np.exp(off[0])
    rows[RELEASE] = k.log_release + off[1]
    return rows


@lru_cache(maxsize=512)
def cloud(k: Constants, n: int = PARTICLES, last_h: int = 84) -> np.ndarray:
    """Return the courses of n particles without readings, (last_h + 1, 12, n)."""
    path = [particles(n, k)]
    for _ in range(last_h):
        path.append(an_hour_on(path[-1], k))
    return np.array(path)


ASKED_H = np.array([20, 26, 32, 38, 44, 50])
"""When a figure asks the particles, h after infection."""


def peak_by_particles(
    reweigh: Callable[..., Any], resample: Callable[..., Any], some: Season, b: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return `ASKED_H`, and mean and SD of the hour of a batch's peak as believed then, (A,) each.

    Parameters
    ----------
    reweigh, resample : callable
        As in exercise 4.
    some : Season
    b : int
        The batch.
    """
    rng = np.random.default_rng(b)
    k = constants(some.known[b])
    n = PARTICLES
    cloud, log = particles(n, k, seed=b), np.full(n, -np.log(n))
    readings = shares(hourly(some.seen[b]))
    sd = np.sqrt(ALIKE) * np.array(SHOWN_SD)
    best, top = np.zeros(n), np.zeros(n)
    mean, spread = [], []
    for hour in range(1, int(ASKED_H[-1]) + 1):
        cloud = an_hour_on(cloud, k)
        cloud[PRESSURE] *= np.exp(0.03 * rng.standard_normal(n))
        higher = cloud[PRESSURE] > top
        best, top = np.where(higher, hour, best), np.where(higher, cloud[PRESSURE], top)
        says = shown(cloud)
        for probe in range(2):
            log = np.asarray(reweigh(log, says[probe], readings[hour - 1, probe], sd[probe]))
        if 1 / np.exp(2 * log).sum() < n / 2:
            chosen = np.asarray(resample(log, float(rng.random())), dtype=int)
            cloud, best, top = cloud[:, chosen], best[chosen], top[chosen]
            log = np.full(n, -np.log(n))
        if hour in ASKED_H:
            peak = _peak_ahead(cloud, k, hour, best, top)
            weights = np.exp(log)
            mean.append(weights @ peak)
            spread.append(np.sqrt(weights @ (peak - mean[-1]) ** 2))
    return ASKED_H, np.array(mean), np.array(spread)


def _peak_ahead(
    cloud: np.ndarray, k: Constants, hour: int, best: np.ndarray, top: np.ndarray
) -> np.ndarray:
    """Let particles run on without readings, and return the hour of each one's peak, (N,)."""
    for ahead in range(hour + 1, 85):
        cloud = an_hour_on(cloud, k)
        higher = cloud[PRESSURE] > top
        best, top = np.where(higher, ahead, best), np.where(higher, cloud[PRESSURE], top)
    return best


@dataclass(frozen=True)
class Belief:
    """What a filter believes of a batch.

    Attributes
    ----------
    hour : int
        Now, h after infection.
    hours_to_peak, sd_h : float
        Until the titre is highest: mean, and SD.
    doses : Series
        Expected doses of a harvest at each hour from now on, over those at the best one.
    """

    hour: int
    hours_to_peak: float
    sd_h: float
    doses: pd.Series


def foretold(known: Mapping[str, Any], seen: pd.DataFrame) -> Belief:
    """Weigh 400 possible courses of a batch by what was shown of it so far.

    Parameters
    ----------
    known : dict
    seen : DataFrame
        As a harvest rule is given them. Where a probe shows nothing, nothing is weighed.

    Returns
    -------
    Belief
        Of the batch, from now on.
    """
    says, peak_h, doses_at = _told(constants(known))
    weights, hour = _weights(says, shares(hourly(seen)))
    peak = peak_h - hour
    mean = float(weights @ peak)
    value = doses_at[hour:] @ weights
    doses = pd.Series(value / value.max(), index=pd.RangeIndex(hour, len(says), name="hour"))
    return Belief(hour, mean, float(np.sqrt(weights @ (peak - mean) ** 2)), doses)


@lru_cache(maxsize=512)
def _told(k: Constants) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what particles show, (H, 2, N), when they peak, (N,), and what they give, (H, N)."""
    path = cloud(k)
    return shown(path), path[:, PRESSURE].argmax(axis=0), worth(path)


def _weights(says: np.ndarray, readings: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the weights (N,) of what shows (H, 2, N), after readings (T, 2), and the hour."""
    hour = min(len(readings), len(says) - 1)
    off = (readings[:hour, :, None] - says[1 : hour + 1]) / np.array(SHOWN_SD)[None, :, None]
    with np.errstate(invalid="ignore"):
        log = -0.5 / ALIKE * np.nansum(off**2, axis=(0, 1))
    weights = np.exp(log - log.max())
    return weights / weights.sum(), hour


def worth(path: np.ndarray) -> np.ndarray:
    """Return doses of a harvest of states (..., 12, N), up to a factor: virus, less what fouls.

    Lysed cells leave DNA, which clogs clarification and filtration as it does in the plant.
    """
    rows = np.moveaxis(path, -2, 0)
    living = rows[:DEAD].sum(axis=0)
    lysed = np.clip(1 - living - rows[DEAD], 0, 1)
    viable = living / (living + rows[DEAD] + 1e-9)
    spared = 1 - VALUES["b_clar"] * np.clip(1 - 100 * viable / VALUES["via_clar"], 0, 1)
    fouled = np.exp(-(VALUES["b_dna"] + VALUES["b_dna_tff"]) * lysed**2)
    return rows[PRESSURE] * spared * fouled


def without_capacitance(some: Season, batches: np.ndarray, from_h: float) -> Season:
    """Return some batches of a season whose capacitance probe shows nothing from an hour on."""
    blind = []
    for b in batches:
        view = some.seen[b].copy()
        dead = view["hours_after_infection"] >= from_h
        view.loc[dead, "capacitance_pf_per_cm"] = np.nan
        blind.append(view)
    known = [some.known[b] for b in batches]
    return replace(some, seen=blind, known=known)
