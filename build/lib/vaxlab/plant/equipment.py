"""What a batch meets besides its recipe and its lots: season, people, probes, columns.

Services of the probes fall close to the change of the serum lot, the teams change with the
season, and some lots do, too: an effect of one looks like an effect of the others, on purpose.
"""

from dataclasses import dataclass

import numpy as np

from vaxlab.plant.parameters import VALUES

REACTORS = ("R1", "R2", "R3")
OPERATORS = ("OP1", "OP2", "OP3", "OP4", "OP5", "OP6")
COLUMNS = 2
CONDUCTIVITY = VALUES["kappa"]
"""Feed at capture, mS/cm: mean."""


@dataclass(frozen=True)
class Fitted:
    """Equipment, people and season of B batches; arrays (B,).

    Attributes
    ----------
    season : array
        1 in the middle of January, -1 in the middle of July.
    reactor, operator, ph_probe, do_probe, column, reagent_lot : str array
    ph_probe_age_days, ph_calibrated_days, do_probe_age_days : array
        Since fitted, and since calibrated, at the batch's start.
    ph_error, ph_drift_per_day : array
        What the probe reads too high at the start, and what comes on top in a day. Hidden.
    do_error_percent, do_drift_percent_per_day : array
        What the DO probe reads too low at the start, and more in a day, % of the reading. Hidden.
    column_cycles : array
        Before the batch's first cycle.
    conductivity_ms_per_cm : array
        Of the feed at capture, true.
    reagent_bias : array
        Factor on every SRID result. Hidden.
    """

    season: np.ndarray
    reactor: np.ndarray
    operator: np.ndarray
    ph_probe: np.ndarray
    do_probe: np.ndarray
    column: np.ndarray
    reagent_lot: np.ndarray
    ph_probe_age_days: np.ndarray
    ph_calibrated_days: np.ndarray
    do_probe_age_days: np.ndarray
    ph_error: np.ndarray
    ph_drift_per_day: np.ndarray
    do_error_percent: np.ndarray
    do_drift_percent_per_day: np.ndarray
    column_cycles: np.ndarray
    conductivity_ms_per_cm: np.ndarray
    reagent_bias: np.ndarray


def fit(
    rng: np.random.Generator, day: np.ndarray, day_of_year: np.ndarray, serum_lot: np.ndarray
) -> Fitted:
    """Equip batches.

    Parameters
    ----------
    rng : Generator
    day : int array (B,)
        Nominal start, days from the first day of the history, ascending.
    day_of_year : int array (B,)
    serum_lot : int array (B,)
        Number of the serum lot; services follow its changes.
    """
    n = len(day)
    winter = season(day_of_year)
    reactor = np.arange(n) % len(REACTORS)
    services = _services(rng, day, serum_lot)
    probe, age = np.empty((2, n))
    for r, days in enumerate(services):
        here = reactor == r
        probe[here] = np.searchsorted(days, day[here], side="right")
        age[here] = day[here] - days[probe[here].astype(int) - 1]
    calibrated = age % VALUES["calibration"]
    probe = probe.astype(int) - 1
    fitted_at = [(r, k) for r, days in enumerate(services) for k in range(len(days))]
    drift = {
        key: VALUES["drift_pH"] * np.exp(VALUES["sd_drift_pH"] * score)
        for key, score in zip(fitted_at, rng.standard_normal(len(fitted_at)), strict=True)
    }
    drifts = np.array([drift[key] for key in zip(reactor, probe, strict=True)])
    column, cycles = _columns(n)
    reagent = np.arange(n) // int(VALUES["reagent_life"])
    bias = np.exp(VALUES["sd_reagent"] * rng.standard_normal(reagent.max() + 1))
    conductivity = CONDUCTIVITY * np.exp(
        VALUES["sd_kappa"] * rng.standard_normal(n) - VALUES["kappa_season"] * winter
    )
    return Fitted(
        season=winter,
        reactor=np.array(REACTORS)[reactor],
        operator=_operators(rng, winter),
        ph_probe=_names("PH", reactor, probe),
        do_probe=_names("DO", reactor, probe),
        column=column,
        reagent_lot=np.array([f"SRD-{k + 1:02d}" for k in reagent]),
        ph_probe_age_days=age,
        ph_calibrated_days=calibrated,
        do_probe_age_days=age,
        ph_error=drifts * calibrated + VALUES["sd_offset_pH"] * rng.standard_normal(n),
        ph_drift_per_day=drifts,
        do_error_percent=VALUES["drift_DO"] * calibrated,
        do_drift_percent_per_day=np.full(n, VALUES["drift_DO"]),
        column_cycles=cycles,
        conductivity_ms_per_cm=conductivity,
        reagent_bias=bias[reagent],
    )


def season(day_of_year: np.ndarray) -> np.ndarray:
    """Return 1 in the middle of January to -1 in the middle of July."""
    return np.cos(2 * np.pi * (day_of_year - 15) / 365.25)


def take(fitted: Fitted, rows: np.ndarray) -> Fitted:
    """Return the equipment of some batches."""
    return Fitted(**{name: values[rows] for name, values in vars(fitted).items()})


def _services(rng: np.random.Generator, day: np.ndarray, serum_lot: np.ndarray) -> list[np.ndarray]:
    """Return the days of service of every reactor; new probes are fitted then."""
    first = np.array([day[serum_lot == lot].min() for lot in np.unique(serum_lot)])
    services = []
    for r in range(len(REACTORS)):
        late = (rng.random(len(first)) < VALUES["service_late"]) * VALUES["service_late_by"]
        days = np.unique(first + VALUES["service_apart"] * r + late)
        # The plant did not start on the day of its first recorded batch.
        services.append(np.concatenate([[-30 - 11 * r], days[days > 20]]))
    return services


def _operators(rng: np.random.Generator, season: np.ndarray) -> np.ndarray:
    """Draw who leads: the first three mostly in winter, the others mostly in summer."""
    winter = 0.5 + 0.5 * VALUES["team_season"] * np.sign(season) * np.sqrt(np.abs(season))
    team = np.where(rng.random(len(season)) < winter, 0, 3)
    return np.array(OPERATORS)[team + rng.integers(3, size=len(season))]


def _columns(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the column of every batch and the cycles behind it; two columns take turns."""
    cycles_most, cycles_batch = int(VALUES["column_life"]), int(VALUES["column_batch"])
    batch = np.arange(n)
    side, turn = batch % COLUMNS, batch // COLUMNS
    # The second column starts in the middle of its life.
    cycles = turn * cycles_batch + side * cycles_most // 2
    number = cycles // cycles_most
    names = [f"COL-{'AB'[s]}{k + 1}" for s, k in zip(side, number, strict=True)]
    return np.array(names), cycles % cycles_most


def _names(prefix: str, reactor: np.ndarray, probe: np.ndarray) -> np.ndarray:
    return np.array([f"{prefix}-{r + 1}{k + 1:02d}" for r, k in zip(reactor, probe, strict=True)])
