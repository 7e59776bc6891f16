"""What day 2, notebook 1 lays out: a line whose batches grow at their own pace, hour by hour.

The seed train gives what it gives, from 1.5 to 4.5e5 cells per mL, and the crew infects when the
cells are ready, after 74 to 118 hours. So the clock says little about how far a batch is; the
oxygen that it has used says more. Among the batches that people call good are a few that had a
fault, as in plants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from vaxlab.plant import campaign, faults, instruments
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.parameters import VALUES

GROWTH, INFECTION = PHASES = ("growth", "infection")

_READ = {
    "temperature_off_c": "temperature_c",
    "ph_off": "ph",
    "do_off_percent": "do_percent",
    "stirrer_rpm": "stirrer_rpm",
    "air_l_per_min": "air_l_per_min",
    "o2_l_per_min": "o2_l_per_min",
    "n2_l_per_min": "n2_l_per_min",
    "co2_l_per_min": "co2_l_per_min",
    "base_ml_per_h": "base_total_ml",
    "feed_share": "feed_total_ml",
    "weight_kg": "weight_kg",
    "pressure_mbar": "pressure_mbar",
    "capacitance_pf_per_cm": "capacitance_pf_per_cm",
    "offgas_o2_percent": "offgas_o2_percent",
    "offgas_co2_percent": "offgas_co2_percent",
}
TAGS = list(_READ)
"""Columns that are watched: readings less their set points, pumps as flows (the feed as a share of
what its set point asks for), all else as the historian has it."""
STEP = {tag: instruments.TAGS[read].step for tag, read in _READ.items()} | {"feed_share": 0.1}
"""What the historian can show at all of each: no spread is taken to be smaller."""
_TOTALS = ("base_ml_per_h", "feed_share")
_GASES = ("air_l_per_min", "o2_l_per_min", "n2_l_per_min", "co2_l_per_min")

FIRST_HOUR = 4
"""Of a phase: before, probes and controllers still settle."""
COMPONENTS = 4
LEAST_BATCHES = 12
"""At a maturity that fewer golden batches have reached nothing is known."""
SHARE = 0.05
"""Good batches that may raise a false alarm; half of it in each phase."""
WITHIN_H = 6.0
"""A step fault should be found within so many hours."""

GOLDEN, SOUND = 80, 20
LAST_ID = 218
AMONG_GOLDEN = ("F2", "F4", "F11", "F3")
STEP_FAULTS = ("F2", "F3", "F4", "F5", "F11")
WATCHED = ("F3",) * 7 + ("F1",) * 4 + ("F2",) * 4 + ("F5",) * 4 + ("F11",) * 4 + ("F4",) * 4
FEW, FEW_FAULTS = 40, ("F2", "F4", "F11")
"""What a check works on: fewer batches, with faults after infection among them."""
MORE_FAULTS = ("F2", "F4", "F11", "F3", "F5")
"""Of forty batches more: a share of batches that suits three faults is too small for these."""
WINDOWS = {
    "F11 after infection": (5.0, 20.0),
    "F3 after infection": (5.0, 20.0),
    "F5 after infection": (5.0, 20.0),
    "F11": (-60.0, 20.0),
    "F5": (38.0, 44.0),
    "F1": (-66.0, -60.0),
    "F6": (-80.0, -79.0),
}
"""Hours after infection between which a forced fault sets in, where that is not its usual time."""

OXYGEN = frozenset(
    {"do_off_percent", "air_l_per_min", "o2_l_per_min", "n2_l_per_min", "offgas_o2_percent"}
)
TRUE_TAGS = {
    "F2": OXYGEN,
    "F3 base": frozenset({"base_ml_per_h", "ph_off"}),
    "F3 feed": frozenset({"feed_share"}),
    "F4": frozenset({"temperature_off_c"}),
    "F5": OXYGEN | {"offgas_co2_percent", "base_ml_per_h"},
    "F11": frozenset({"stirrer_rpm"}),
}
"""Fault to the tags that name it rightly: those that it acts on."""

DRIFTING = 24
SAMPLE_EVERY_H = 4
BENCH_SD = VALUES["sd_bench_pH"]
OWN_START = 6
"""Samples of the first day, from which a batch's own level is taken."""


@dataclass(frozen=True)
class Line:
    """Batches of a line, hour by hour.

    Attributes
    ----------
    hours : DataFrame
        One row a batch and hour: ``batch``, ``phase``, ``hour`` (of the phase), ``maturity``, and
        `TAGS`.
    golden, watched : list of str
        Batches that people call good, and those that are watched.
    faults : mapping of str to Forced
        Batch to what truly happened to it.
    failing : frozenset of str
        Batches of which a probe's record failed.
    grown_h : Series
        Batch to its hours from inoculation to infection.
    ph_off_bench : DataFrame
        Batch by hours after infection: pH on the bench less pH of the probe.
    clock : tuple of array
        Levels of oxygen used, and the hours that a usual batch needs for each.
    """

    hours: pd.DataFrame
    golden: list[str]
    watched: list[str]
    faults: Mapping[str, faults.Forced]
    failing: frozenset[str]
    grown_h: pd.Series
    ph_off_bench: pd.DataFrame
    clock: tuple[np.ndarray, np.ndarray]

    @property
    def approved(self) -> list[str]:
        """Golden batches that had no fault, and whose record is whole."""
        return [b for b in self.golden if b not in self.faults and b not in self.failing]

    @property
    def sound(self) -> list[str]:
        """Watched batches without a fault, whose record is whole."""
        return [b for b in self.watched if b not in self.faults and b not in self.failing]


# The line -----------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def line(plant_seed: int = HISTORY_SEED) -> Line:
    """Make a line of 80 golden batches, then 47 that are watched; the last but one is B217."""
    return _line(plant_seed, GOLDEN, AMONG_GOLDEN, SOUND, WATCHED, 21)


@lru_cache(maxsize=4)
def few(plant_seed: int = HISTORY_SEED) -> Line:
    """Make forty golden batches, three of them with a fault after infection."""
    return _line(plant_seed, FEW, FEW_FAULTS, 0, (), 22)


@lru_cache(maxsize=4)
def more(plant_seed: int = HISTORY_SEED) -> Line:
    """Make another forty golden batches, five of them with a fault after infection."""
    return _line(plant_seed, FEW, MORE_FAULTS, 0, (), 24)


def _line(
    plant_seed: int, n: int, among: Sequence[str], sound: int, kinds: Sequence[str], stream: int
) -> Line:
    rng = np.random.default_rng([plant_seed, stream])
    total = n + sound + len(kinds)
    inoculum = np.round(2.5e5 * np.exp(rng.uniform(np.log(0.6), np.log(1.8), total)), -4)
    # Infected when they are ready: half the cells need some 30 h more.
    ready_h = 96 - 30 * np.log2(inoculum / 2.5e5) + 5 * rng.standard_normal(total)
    forced = [
        _forced(rng, int(b), kind, after=not sound, sign=-1.0)
        for b, kind in zip(rng.choice(n, len(among), replace=False), among, strict=True)
    ]
    forced += [
        _forced(rng, n + sound + k, kind, sign=1.0 if k % 2 else -1.0)
        for k, kind in enumerate(kinds)
    ]
    made = campaign.run(
        plant_seed,
        total,
        forced=forced,
        set_points={
            "inoculum_cells_per_ml": inoculum.tolist(),
            "growth_time_h": np.clip(ready_h, 74, 118).round(1).tolist(),
        },
        sound=True,
    )
    ids = [f"B{LAST_ID - total + 1 + k:03d}" for k in range(total)]
    named = dict(zip(made.tables["batches"]["batch_id"], ids, strict=True))
    failing = {named[batch] for batch in made.truth["failures"]["batch_id"]}
    hours, golden = _hourly(made, ids), ids[:n]
    clock = _oxygen_clock(hours, golden)
    return Line(
        hours=_matured(hours, clock),
        golden=golden,
        watched=ids[n:],
        faults={ids[one.batch]: one for one in forced},
        failing=frozenset(failing),
        grown_h=_grown_h(made).set_axis(ids),
        ph_off_bench=_ph_off_bench(made, ids, np.random.default_rng([plant_seed, stream, 1])),
        clock=clock,
    )


def _forced(
    rng: np.random.Generator, batch: int, kind: str, *, after: bool = False, sign: float = 1.0
) -> faults.Forced:
    key = f"{kind} after infection" if after else kind
    low, high = WINDOWS.get(key, WINDOWS.get(kind, faults.FAULTS[kind].onset_h))
    return faults.Forced(
        batch=batch,
        fault=kind,
        onset_h=round(float(rng.uniform(low, high)), 2),
        severity=float(rng.random()),
        sign=sign,
    )


def _grown_h(made: campaign.Campaign) -> pd.Series:
    batches = made.tables["batches"]
    return (batches["infected_at"] - batches["started_at"]).dt.total_seconds() / 3600


def _hourly(made: campaign.Campaign, ids: Sequence[str]) -> pd.DataFrame:
    """Return hourly means of the tags, and the oxygen used since inoculation (``oxygen``)."""
    shown, batches = made.tables["historian"], made.tables["batches"]
    code = pd.Categorical(shown["batch_id"], categories=batches["batch_id"]).codes
    since_h = (
        shown["recorded_at"].to_numpy() - batches["started_at"].to_numpy()[code]
    ) / np.timedelta64(1, "h")
    grown = _grown_h(made).to_numpy()[code]
    set_points = {
        name: batches[name].to_numpy()[code]
        for name in (
            "growth_temperature_c",
            "infection_temperature_c",
            "ph",
            "do_percent",
            "feed_mmol_per_l_h",
        )
    }
    table = hourly(
        {read: shown[read].to_numpy(dtype=float) for read in _READ.values()},
        code,
        since_h,
        grown,
        set_points,
    )
    names = np.asarray(ids, dtype=object)[table["batch"]]
    return pd.DataFrame(table | {"batch": names}).astype({"batch": "str"})


def hourly(
    read: Mapping[str, np.ndarray],
    batch: np.ndarray,
    since_h: np.ndarray,
    grown_h: np.ndarray | float,
    set_points: Mapping[str, np.ndarray | float],
) -> dict[str, np.ndarray]:
    """Return hourly means of what the historian shows, as `TAGS` has it.

    Parameters
    ----------
    read : mapping of str to array (N,)
        The historian's tags.
    batch : int array (N,)
    since_h : array (N,)
        Hours since inoculation; in order within a batch.
    grown_h : array (N,) or number
        From inoculation to infection; infinite while nobody knows.
    set_points : mapping of str to array (N,) or number
        Fields of the recipe.

    Returns
    -------
    dict of str to array (M,)
        ``batch``, ``phase``, ``hour`` (of the phase), ``oxygen`` (used since inoculation, a
        number without a unit), and `TAGS`; whole hours from `FIRST_HOUR` on. NaN where the
        record is.
    """
    after_h = since_h - grown_h
    growth, infection = after_h < -0.25, after_h >= 0.25  # what straddles the exchange is neither
    values = {tag: read[name] for tag, name in _READ.items()}
    gas = sum(values[name] for name in _GASES)
    # Oxygen goes in as air and pure; what is missing in the off-gas was used.
    in_percent = 100 * (VALUES["O2_air"] * values["air_l_per_min"] + values["o2_l_per_min"]) / gas
    values["oxygen"] = in_percent - values["offgas_o2_percent"]
    warm = np.where(
        growth, set_points["growth_temperature_c"], set_points["infection_temperature_c"]
    )
    for name, point in (
        ("temperature_off_c", warm),
        ("ph_off", set_points["ph"]),
        ("do_off_percent", set_points["do_percent"]),
    ):
        values[name] = values[name] - point
    feed = np.broadcast_to(set_points["feed_mmol_per_l_h"], since_h.shape)
    kept = growth | infection
    hour = np.floor(np.where(growth, since_h, after_h)).astype(int)
    # Rows of a batch's hour lie together: their means by one pass.
    key = np.stack([batch, infection, hour])[:, kept]
    first = np.flatnonzero(np.r_[True, (key[:, 1:] != key[:, :-1]).any(axis=0)])
    count = np.diff(np.r_[first, key.shape[1]])
    means = {name: np.add.reduceat(column[kept], first) / count for name, column in values.items()}
    batches, infected = key[0, first], key[1, first]
    anew = np.r_[True, batches[1:] != batches[:-1]]
    same = np.r_[False, (key[:2, first][:, 1:] == key[:2, first][:, :-1]).all(axis=0)]
    for name in _TOTALS:
        change = np.diff(means[name], prepend=np.nan)
        means[name] = np.where(same, np.maximum(change, 0), np.nan)
    means["feed_share"] /= VALUES["V_reactor"] / VALUES["c_feed"] * feed[kept][first]
    means["oxygen"] = _used(means["oxygen"], anew)
    table = {
        "batch": batches,
        "phase": np.where(infected, INFECTION, GROWTH),
        "hour": key[2, first],
    } | means
    # The last hour before the exchange or the harvest may be cut short.
    whole = (table["hour"] >= FIRST_HOUR) & (count == 4)
    return {name: values[whole] for name, values in table.items()}


def _used(rate: np.ndarray, anew: np.ndarray) -> np.ndarray:
    """Return the running sum since each batch began; a missing hour uses what the last one did."""
    known = np.maximum.accumulate(np.where(np.isfinite(rate) | anew, np.arange(len(rate)), 0))
    # Never standing still, so that it can be looked up the other way round.
    total = np.cumsum(np.maximum(np.nan_to_num(rate[known]), 0) + 1e-6)
    begun = np.maximum.accumulate(np.where(anew, np.arange(len(rate)), 0))
    return total - np.where(begun > 0, total[begun - 1], 0.0)


def _oxygen_clock(hours: pd.DataFrame, golden: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return levels of oxygen used, and the hour at which the middle golden batch gets there."""
    growth = hours[(hours["phase"] == GROWTH) & hours["batch"].isin(list(golden))]
    # As far as a quarter of them get: beyond, few would speak for all.
    level = np.linspace(0, growth.groupby("batch")["oxygen"].max().quantile(0.75), 120)
    reached = [
        np.interp(level, rows["oxygen"], rows["hour"], right=np.nan)
        for _, rows in growth.groupby("batch")
    ]
    usual_h = np.maximum.accumulate(np.nanmedian(reached, axis=0)) + 1e-6 * np.arange(len(level))
    return level, usual_h


def aged(oxygen: np.ndarray, clock: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return how many hours a usual batch needs for so much oxygen; beyond, at its last pace."""
    level, usual_h = clock
    pace = (usual_h[-1] - usual_h[-20]) / (level[-1] - level[-20])
    return np.interp(oxygen, level, usual_h) + pace * np.maximum(oxygen - level[-1], 0)


def _matured(hours: pd.DataFrame, clock: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """Put maturity in the place of oxygen; after infection all batches have one clock."""
    old = aged(hours["oxygen"].to_numpy(), clock)
    maturity = np.where(hours["phase"] == GROWTH, old, hours["hour"])
    return hours.assign(maturity=maturity)[["batch", "phase", "hour", "maturity", *TAGS]]


def _ph_off_bench(
    made: campaign.Campaign, ids: Sequence[str], rng: np.random.Generator
) -> pd.DataFrame:
    """Measure the pH of samples on the bench, every few hours, and take the probe's off."""
    shown, batches = made.tables["historian"], made.tables["batches"]
    at = np.arange(-72, 49, SAMPLE_EVERY_H) + 0.0
    rows = {}
    for b, (_, part) in enumerate(shown.groupby("batch_id", sort=True)):
        infected = batches["infected_at"].iloc[b]
        hours = ((part["recorded_at"] - infected) / np.timedelta64(1, "h")).to_numpy()
        probe = part["ph"].interpolate(limit_direction="both").to_numpy()
        true = made.made.batches.at("ph", np.full(len(at), b), at)
        noise = VALUES["sd_bench_pH"] * rng.standard_normal(len(at))
        bench = np.round(true + VALUES["bias_bench_pH"] + noise, 2)
        late = at > hours[-1]
        rows[ids[b]] = np.where(late, np.nan, bench - np.interp(at, hours, probe))
    return pd.DataFrame(rows, index=at).T.round(3)


# Unfolded, and against what is usual --------------------------------------------------------


@dataclass(frozen=True)
class Usual:
    """What is usual at each maturity of a phase.

    Attributes
    ----------
    at : array (K,)
    mean, spread : array (K, tags)
    """

    at: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


def _unfold(
    table: pd.DataFrame, by: str, grid: np.ndarray, tags: Sequence[str] = TAGS
) -> pd.DataFrame:
    """Return one row a batch, one column a tag and point of the grid; NaN outside of a batch."""
    rows = {}
    for batch, part in table.sort_values(by).groupby("batch"):
        at = part[by].to_numpy(dtype=float)
        columns = []
        for tag in tags:
            there = part[tag].notna().to_numpy()
            value = np.full(len(grid), np.nan)
            if there.any():
                known = part[tag].to_numpy()[there]
                value = np.interp(grid, at[there], known, left=np.nan, right=np.nan)
            columns.append(value)
        rows[batch] = np.concatenate(columns)
    columns = pd.MultiIndex.from_product([tags, grid], names=["tag", by])
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("batch")


def _usual(table: pd.DataFrame, by: str = "maturity") -> Usual:
    """Return the usual course of a phase from its golden batches.

    A column of the unfolded table may hardly spread, such as that of a pump that does not run yet.
    No spread is taken to be smaller than the tag's own over the whole phase, nor than what the
    historian can show.
    """
    grid = np.arange(np.floor(table[by].min()), np.ceil(table[by].max()) + 1)
    wide = _unfold(table, by, grid).to_numpy().reshape(-1, len(TAGS), len(grid))
    known = (~np.isnan(wide)).sum(axis=0).min(axis=0) >= LEAST_BATCHES
    wide = wide[:, :, known]
    spread = np.nanstd(wide, axis=0, ddof=1).T
    smooth = pd.DataFrame(spread).rolling(9, center=True, min_periods=1).mean().to_numpy()
    least = np.sqrt((smooth**2).mean(axis=0))
    step = np.array(list(STEP.values()))
    spread = np.sqrt(np.maximum(smooth, least) ** 2 + step**2)
    return Usual(grid[known], np.nanmean(wide, axis=0).T, spread)


def _in_spreads(table: pd.DataFrame, usual: Usual, by: str = "maturity") -> pd.DataFrame:
    """Return how far each reading lies from what is usual, in spreads; a missing one at 0."""
    index = pd.MultiIndex.from_frame(table[["batch", "hour"]])
    spreads = _spreads(table[by].to_numpy(), table[TAGS].to_numpy(), usual)
    return pd.DataFrame(spreads, index=index, columns=TAGS)


def _spreads(at: np.ndarray, read: np.ndarray, usual: Usual) -> np.ndarray:
    mean, spread = (
        np.column_stack([np.interp(at, usual.at, column) for column in values.T])
        for values in (usual.mean, usual.spread)
    )
    return np.nan_to_num((read - mean) / spread)


@lru_cache(maxsize=16)
def rows_of(made: Callable[[int], Line], phase: str, by: str, plant_seed: int) -> pd.DataFrame:
    """Return all rows of a phase in spreads, against the approved golden batches."""
    some = made(plant_seed)
    table = some.hours[some.hours["phase"] == phase]
    return _in_spreads(table, _usual(table[table["batch"].isin(some.approved)], by), by)


# What the notebook lays out -----------------------------------------------------------------


def golden() -> pd.DataFrame:
    """Return the hours of the batches that people call good."""
    some = line()
    return some.hours[some.hours["batch"].isin(some.golden)].reset_index(drop=True)


def approved() -> pd.DataFrame:
    """Return the golden batches that are left when those with a fault are taken out."""
    some = line()
    return some.hours[some.hours["batch"].isin(some.approved)].reset_index(drop=True)


def rows(phase: str = INFECTION, by: str = "maturity") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each hour of the approved and of the watched batches, in spreads.

    Parameters
    ----------
    phase : str
        ``"growth"`` or ``"infection"``.
    by : str
        ``"maturity"`` or ``"hour"``: what batches are compared by.

    Returns
    -------
    golden, watched : DataFrame
        Index batch and hour, one column a tag; 0 is what is usual, 1 a usual spread.
    """
    some, all_rows = line(), rows_of(line, phase, by, HISTORY_SEED)
    batch = all_rows.index.get_level_values("batch")
    return all_rows[batch.isin(some.approved)], all_rows[batch.isin(some.watched)]


@lru_cache(maxsize=4)
def drifts(plant_seed: int = HISTORY_SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return pH on the bench less pH of the probe: approved batches, and those with a drift.

    Returns
    -------
    golden, drifting : DataFrame
        Batch by hours after infection.
    """
    some, rng = line(plant_seed), np.random.default_rng([plant_seed, 23])
    made, ids = _slow("F1", plant_seed, rng)
    return some.ph_off_bench.loc[some.approved], _ph_off_bench(made, ids, rng)


@lru_cache(maxsize=4)
def slow_hours(fault: str, plant_seed: int = HISTORY_SEED) -> pd.DataFrame:
    """Return the hours of batches with a slow fault: F1, the pH probe drifts, or F6, mycoplasma."""
    made, ids = _slow(fault, plant_seed, np.random.default_rng([plant_seed, 23]))
    return _matured(_hourly(made, ids), line(plant_seed).clock)


def _slow(
    fault: str, plant_seed: int, rng: np.random.Generator
) -> tuple[campaign.Campaign, list[str]]:
    forced = [_forced(rng, b, fault, sign=1.0 if b % 2 else -1.0) for b in range(DRIFTING)]
    made = campaign.run(plant_seed, DRIFTING, forced=forced, sound=True)
    return made, [f"D{b + 1:02d}" for b in range(DRIFTING)]


# Statistics, limits -------------------------------------------------------------------------

Way = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]
"""From golden rows and new ones, how much each tag adds to a statistic of each new row."""


def _fitted(golden: pd.DataFrame, new: pd.DataFrame, components: int) -> tuple:
    # "auto" takes a randomised solver for wide tables, good to four digits only.
    solver = "full" if golden.shape[1] > len(golden) else "auto"
    pca = PCA(components, svd_solver=solver).fit(golden.to_numpy())
    centred = new.to_numpy() - pca.mean_
    return pca, centred, centred @ pca.components_.T


def _by_t2(golden: pd.DataFrame, new: pd.DataFrame, components: int = COMPONENTS) -> pd.DataFrame:
    """Return what each tag adds to T²."""
    pca, centred, scores = _fitted(golden, new, components)
    added = centred * ((scores / pca.explained_variance_) @ pca.components_)
    return pd.DataFrame(added, index=new.index, columns=new.columns)


def _by_spe(golden: pd.DataFrame, new: pd.DataFrame, components: int = COMPONENTS) -> pd.DataFrame:
    """Return what each tag adds to the squared prediction error."""
    pca, centred, scores = _fitted(golden, new, components)
    added = (centred - scores @ pca.components_) ** 2
    return pd.DataFrame(added, index=new.index, columns=new.columns)


def _t2_spe(
    golden: pd.DataFrame, new: pd.DataFrame, components: int = COMPONENTS
) -> tuple[pd.Series, pd.Series]:
    """Return T² and SPE of each new row."""
    return (
        _by_t2(golden, new, components).sum(axis=1),
        _by_spe(golden, new, components).sum(axis=1),
    )


def textbook_limits(
    n: int, components: int, spe: pd.Series, level: float = 0.99
) -> tuple[float, float]:
    """Return the limits that textbooks give, for one look.

    Parameters
    ----------
    n : int
        Golden rows.
    components : int
    spe : Series
        Of the golden rows.
    level : float
        Share of good rows below.

    Returns
    -------
    t2, spe : float
        By Fisher's F, and by the χ² of the same mean and variance (Box 1954; Nomikos and MacGregor
        1995, Technometrics 37:41).
    """
    from scipy import stats

    factor = components * (n - 1) * (n + 1) / (n * (n - components))
    t2 = factor * stats.f.ppf(level, components, n - components)
    weight = spe.var() / (2 * spe.mean())
    return float(t2), float(weight * stats.chi2.ppf(level, spe.mean() / weight))


def counted_limit(peaks: pd.Series, share: float) -> float:
    """Return the limit that this share of good batches passes, counted; infinite from too few."""
    place = int(np.ceil((len(peaks) + 1) * (1 - share)))
    return float(np.sort(peaks)[place - 1]) if place <= len(peaks) else np.inf


def unseen_peaks(golden: pd.DataFrame, way: Way, folds: int = 4) -> pd.Series:
    """Return the highest value of each golden batch, by models that had not seen the batch."""
    batch = golden.index.get_level_values("batch")
    fold = pd.factorize(batch)[0] % folds
    peaks = []
    for k in range(folds):
        new = golden[fold == k]
        peaks.append(way(golden[fold != k], new).sum(axis=1).groupby(level="batch").max())
    return pd.concat(peaks).reindex(batch.unique())


@lru_cache(maxsize=4)
def golden_rows_of(made: Callable[[int], Line], plant_seed: int) -> pd.DataFrame:
    """Return rows after infection of all that people call golden, against what is usual of them."""
    some = made(plant_seed)
    hours = some.hours
    table = hours[(hours["phase"] == INFECTION) & hours["batch"].isin(some.golden)]
    return _in_spreads(table, _usual(table))


def _cusum(x: np.ndarray, slack: float, floor: float = 0.0) -> np.ndarray:
    """Return the higher of two sums, upward and downward, after each reading."""
    up = down = 0.0
    sums = []
    for value in np.asarray(x, dtype=float):
        if np.isfinite(value):
            up, down = max(floor, up + value - slack), max(floor, down - value - slack)
        sums.append(max(up, down))
    return np.array(sums)
