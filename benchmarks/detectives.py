"""A plain good detector of faults, and a plain good search for drivers: what learners can do.

Neither looks at any truth. They are what `decisions.py` asks the plant with.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from vaxlab.plant import campaign, faults, lots
from vaxlab.plant.campaign import Campaign

# Faults ---------------------------------------------------------------------------------------

TAGS = (
    "temperature_c",
    "ph",
    "do_percent",
    "stirrer_rpm",
    "air_l_per_min",
    "o2_l_per_min",
    "n2_l_per_min",
    "co2_l_per_min",
    "base_total_ml",
    "feed_total_ml",
    "weight_kg",
    "capacitance_pf_per_cm",
    "offgas_o2_percent",
    "offgas_co2_percent",
)
FLOOR = (0.01, 0.005, 0.5, 0.25, 0.05, 0.05, 0.05, 0.01, 0.025, 0.01, 0.15, 0.01, 0.025, 0.025)
"""Least scale of a change of each tag: what the instrument cannot show better."""
QUARTERS = np.arange(-92 * 4, 60 * 4)
HOURS = QUARTERS / 4
LAG, LONG_LAG, PUMP = 12, 20, 8
RUNNING_ML = {"base_total_ml": 150.0, "feed_total_ml": 20.0}
"""Volume in two hours above which a pump is taken to run."""


def changes(history: Campaign) -> np.ndarray:
    """Return how the tags have changed in three hours, (B, T, 16).

    Totalisers: how much less they count than before, as a share; the last two columns are the
    pH's change in five hours, and in two hours in which the base pump stands. NaN or 0 around the
    exchange of the medium, where everything changes.
    """
    table, batches = history.tables["historian"], history.tables["batches"]
    infected = batches.set_index("batch_id")["infected_at"]
    hours = table["recorded_at"].to_numpy() - infected.loc[table["batch_id"]].to_numpy()
    quarter = np.round(hours / np.timedelta64(15, "m")).astype(int)
    batch = pd.Categorical(table["batch_id"], categories=batches["batch_id"]).codes
    x = np.full((len(batches), len(QUARTERS), len(TAGS)), np.nan)
    inside = (quarter >= QUARTERS[0]) & (quarter <= QUARTERS[-1])
    x[batch[inside], quarter[inside] - QUARTERS[0]] = table.loc[inside, list(TAGS)].to_numpy()

    def since(lag: int) -> np.ndarray:
        d = np.full_like(x, np.nan)
        d[:, lag:] = x[:, lag:] - x[:, :-lag]
        d[:, (HOURS >= -0.5) & (lag / 4 + 0.5 > HOURS)] = np.nan
        return d

    d = since(LAG)
    for name, least in RUNNING_ML.items():
        j = TAGS.index(name)
        late = x[:, 4 * PUMP :, j] - x[:, 3 * PUMP : -PUMP, j]
        usual = (x[:, 3 * PUMP : -PUMP, j] - x[:, : -4 * PUMP, j]) / 3
        d[:, :, j] = np.nan
        d[:, 4 * PUMP :, j] = np.where(usual > least, late / np.maximum(usual, 1.0) - 1, 0.0)
        d[:, (HOURS >= -0.5) & (HOURS < 2.5), j] = 0.0
    ph = TAGS.index("ph")
    stands = d[:, :, TAGS.index("base_total_ml")] < -0.8
    sagging = np.where(stands, since(PUMP)[:, :, ph], 0.0)
    return np.concatenate([d, since(LONG_LAG)[:, :, [ph]], sagging[:, :, None]], axis=2)


class Detector:
    """Limits on changes, from sound batches: one for each tag and direction.

    Parameters
    ----------
    sound : Campaign
    share : float
        Of sound batches that may pass a limit of one tag and direction.
    """

    def __init__(self, sound: Campaign, share: float = 0.002) -> None:
        d = changes(sound)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # moments at which no batch has a value
            self.centre = np.nanmedian(d, axis=0)
            self.centre[:, [TAGS.index(name) for name in RUNNING_ML]] = 0.0
            spread = 1.48 * np.nanmedian(np.abs(d - self.centre), axis=0)
        smooth = pd.DataFrame(spread).rolling(25, center=True, min_periods=1).median()
        self.scale = smooth.to_numpy() + np.array([*FLOOR, 0.0025, 0.0025])
        z = self._z(d)
        most = np.where(np.isnan(z), -np.inf, z).max(axis=1)
        least = np.where(np.isnan(z), np.inf, z).min(axis=1)
        self.high = 1.1 * np.quantile(most, 1 - share, axis=0)
        self.low = 1.1 * np.quantile(least, share, axis=0)

    def _z(self, d: np.ndarray) -> np.ndarray:
        return (d - self.centre) / self.scale

    def alarms(self, history: Campaign) -> np.ndarray:
        """Return where a limit is passed, bool (B, T, tags)."""
        z = self._z(changes(history))
        with np.errstate(invalid="ignore"):
            return (z > self.high) | (z < self.low)


def forced(name: str, n: int, rng: np.random.Generator) -> tuple[faults.Forced, ...]:
    """Return a fault in each of n batches, its onset anywhere in its window."""
    first, last = np.clip(faults.FAULTS[name].onset_h, -88.0, 46.0)
    return tuple(
        faults.Forced(
            batch=b,
            fault=name,
            onset_h=round(float(rng.uniform(first, last)), 2),
            severity=float(rng.random()),
            sign=1.0 if rng.random() < 0.5 else -1.0,
        )
        for b in range(n)
    )


def found_within(detector: Detector, name: str, n: int, seed: int, hours: float = 6.0) -> float:
    """Return the share of n forced faults that raise an alarm within some hours of their onset."""
    some = forced(name, n, np.random.default_rng([seed, int(name[1:])]))
    alarms = detector.alarms(campaign.run(seed, n, forced=some, sound=True)).any(axis=2)
    hits = [
        alarms[one.batch, (one.onset_h <= HOURS) & (one.onset_h + hours >= HOURS)].any()
        for one in some
    ]
    return float(np.mean(hits))


# Drivers --------------------------------------------------------------------------------------

TOP = 15
SYMPTOMS = (
    *("trend_capacitance", "trend_offgas", "trend_air", "trend_o2", "trend_co2", "trend_base"),
    *("trend_ph", "trend_pressure", "trend_temperature", "trend_stirrer"),
    *("trend_do_percent_growth", "trend_do_percent_infection_m"),
    *("sample_viable", "sample_viability", "sample_glucose", "sample_lactate"),
    *("sample_ha", "sample_tcid50", "dsp_antigen", "release_"),
)
"""What a batch shows of itself: effects of the causes, or of the yield."""
SEEN = ("trend_do_percent_infection_min", "trend_do_percent_infection_sd")
"""Trends that show what was done to a batch: the supply of oxygen."""


def naive(history: Campaign) -> list[str]:
    """Return the fifteen columns that go with the released doses most closely."""
    wide = history.tables["variables"]
    doses = np.log(wide["release_doses"].where(wide["release_doses"] > 0))
    kept = [name for name in wide.select_dtypes("number") if not name.startswith("release_")]
    r = wide[kept].corrwith(doses).abs()
    return list(r.sort_values(ascending=False).index[:TOP])


CURVED = (
    "recipe_infection_h",
    "recipe_infection_temperature_c",
    "recipe_ph",
    "recipe_do_percent",
    "recipe_trypsin_bu_per_ml",
    "seed_hours_to_inoculation",
    "calendar_ph_calibrated_days",
)
"""What may have a best value in between: its square is taken out beforehand."""


def intended(history: Campaign) -> list[str]:
    """Return fifteen causes: symptoms left out, lots taken out, the strongest ones first.

    Within lots one variable after another is taken in by its partial correlation with the doses
    (normal scores, which faulty batches cannot pull). Then every line of a certificate is held
    against the doses, other materials' lots taken out, with errors by lot. All are ranked by
    p-value.
    """
    wide, batches = history.tables["variables"], history.tables["batches"]
    release = history.tables["release"]
    doses = (release["potency_ug_per_ml"] * release["bulk_l"]).to_numpy()
    y = stats.norm.ppf((stats.rankdata(doses) - 0.5) / len(doses))
    x = wide[_causes(wide)].select_dtypes("number")
    x = x.fillna(x.median()).loc[:, x.std() > 0].astype(float)
    lot = {k: pd.get_dummies(batches[f"{k}_lot"]).to_numpy(float) for k in lots.LOT_KINDS}
    curved = x[list(CURVED)]
    squares = ((curved - curved.mean()) / curved.std()).clip(-3, 3).to_numpy() ** 2
    within = [name for name in x if not name.startswith("coa_")]
    p = _forward(y, x[within], np.column_stack([*lot.values(), squares]))
    known = x[[name for name, value in p.items() if value < 0.01]].to_numpy()
    for kind, own in lot.items():
        others = [table for name, table in lot.items() if name != kind]
        lines = [name for name in x if name.startswith(f"coa_{kind}_")]
        p |= _certificates(y, x[lines], own, np.column_stack([*others, known]))
    return sorted(p, key=p.__getitem__)[:TOP]


def drivers_among(columns: Sequence[str]) -> list[str]:
    """Return the planted drivers that columns tell something about."""
    return [
        name for name, driver in campaign.DRIVERS.items() if set(driver.shows_in) & set(columns)
    ]


def _causes(wide: pd.DataFrame) -> list[str]:
    return [
        name
        for name in wide.columns.drop("batch_id")
        if name in SEEN
        or not (
            name.startswith(SYMPTOMS)
            or (name.startswith("dsp_") and name.endswith(("recovery_percent", "pressure_bar")))
        )
    ]


def _residual(a: np.ndarray, on: np.ndarray) -> np.ndarray:
    return a - on @ np.linalg.lstsq(on, a, rcond=None)[0]


def _forward(y: np.ndarray, x: pd.DataFrame, known: np.ndarray, most: int = 14) -> dict[str, float]:
    left = {name: _residual(x[name].to_numpy(), known) for name in x}
    left = {n: v / v.std() for n, v in left.items() if v.std() > 1e-6 * x[n].std()}
    rest, free = _residual(y, known), len(y) - np.linalg.matrix_rank(known)
    p: dict[str, float] = {}
    for step in range(most):
        taken = np.column_stack([left[name] for name in p]) if p else np.zeros((len(y), 1))
        now = _residual(rest, taken)
        r = {}
        for name in left.keys() - p.keys():
            own = _residual(left[name], taken)
            if own.std() > 0.3:  # else it repeats what is in already
                r[name] = own @ now / np.sqrt((own @ own) * (now @ now))
        best = max(sorted(r), key=lambda name: abs(r[name]))
        p[best] = _p_value(r[best], free - step - 1)
    return p


def _certificates(
    y: np.ndarray, lines: pd.DataFrame, own: np.ndarray, known: np.ndarray
) -> dict[str, float]:
    """Return a p-value a line; batches of one lot err together."""
    rest, n_lots = _residual(y, known), own.shape[1]
    p = {}
    for name in lines:
        line = _residual(lines[name].to_numpy(), known)
        slope = line @ rest / (line @ line)
        by_lot = own.T @ (line * (rest - slope * line))
        error = np.sqrt(by_lot @ by_lot * n_lots / (n_lots - 1)) / (line @ line)
        p[name] = float(2 * stats.t.sf(abs(slope / error), n_lots - 2))
    return p


def _p_value(r: float, free: int) -> float:
    return float(2 * stats.t.sf(abs(r) * np.sqrt(free / (1 - r * r)), free))
