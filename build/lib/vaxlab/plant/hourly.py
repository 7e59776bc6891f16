"""Hourly means of the tags that a forecast reads, for many batches at once.

`vaxlab.plant.instruments.historian` reads each probe once a minute, batch by batch: 26 ms a batch.
A network wants thousands of batches and one value an hour. Here the same probes, with the same
errors and noise, give their hourly means for all batches side by side, a hundred times as fast.
What acts within a few minutes only (the probes' lag, rounding) is left out. That both tell the same
is a test: ``tests/plant/test_hourly.py``.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from vaxlab.plant import making
from vaxlab.plant.batch import Batches, step_hours
from vaxlab.plant.instruments import GAS_L_PER_MIN, VOLUME_L
from vaxlab.plant.instruments import TAGS as ALL_TAGS
from vaxlab.plant.making import Circumstances
from vaxlab.plant.parameters import VALUES

TAGS = ("ph", "do_percent", "o2_l_per_min", "base_total_ml", "capacitance_pf_per_cm")
"""Tags of the historian that are recorded here, in their units."""

_A_DRAW_MIN = 5
"""What wanders within an hour is drawn so often."""


def record(
    batches: Batches,
    circumstances: Circumstances,
    rng: np.random.Generator,
    first_h: int,
    last_h: int,
) -> np.ndarray:
    """Return hourly means of `TAGS`.

    Parameters
    ----------
    batches : Batches
        B batches that were made under these circumstances.
    circumstances : Circumstances
    rng : Generator
    first_h, last_h : int
        Hours after infection: the first hour begins at ``first_h``, the last ends at ``last_h``.

    Returns
    -------
    array (B, last_h - first_h, 5)
        NaN after the harvest. Below hour 0 the medium is the old one.
    """
    hours = np.arange(first_h, last_h)
    shown = _ideal(batches, circumstances, rng, hours)
    return np.stack([_noisy(name, shown[name], rng) for name in TAGS], axis=2)


def _ideal(
    batches: Batches, circumstances: Circumstances, rng: np.random.Generator, hours: np.ndarray
) -> dict[str, np.ndarray]:
    """Return hourly means (B, H) with the probes' own errors, without noise."""
    n = len(batches)
    probes = making.probes(circumstances)
    gas, base, gain, zero = rng.standard_normal((4, n, 1))

    def mean(name: str) -> np.ndarray:
        return _means(batches, name, hours)

    start = np.array([[-recipe.growth_time_h] for recipe in batches.recipes])
    days = (hours + 0.5 - start) / 24
    lost = probes.of("do_error_percent", n)[:, None]
    lost = lost + probes.of("do_drift_percent_per_day", n)[:, None] * days
    per_gas = VOLUME_L / (GAS_L_PER_MIN * 60 / VALUES["V_mol"] * 1000)
    o2 = np.clip(mean("gas_o2_fraction"), 0.0, 1.0)
    co2 = mean("dissolved_co2_mmol_per_l") / VALUES["S_CO2"] / VALUES["p_air"]
    co2 = np.exp(VALUES["sd_gas_CO2"] * gas) * co2 - per_gas * mean("cer_mmol_per_l_h")
    rest = 1 - np.clip(co2, 0.0, 1.0)
    air = np.minimum(o2 / VALUES["O2_air"], (rest - o2) / (1 - VALUES["O2_air"]))
    pure = np.clip(o2 - VALUES["O2_air"] * np.clip(air, 0.0, rest), 0.0, rest)
    base_l = mean("base_mmol_per_l") * VOLUME_L / 1000 / VALUES["c_base"]
    capacitance = VALUES["pF_biovolume"] * mean("biovolume_ul_per_ml")
    return {
        "ph": mean("ph") + _ph_error(batches, circumstances, hours),
        "do_percent": mean("do_percent") * (1 - lost / 100),
        "o2_l_per_min": GAS_L_PER_MIN * pure,
        "base_total_ml": 1000 * base_l / np.exp(VALUES["sd_base"] * base),
        "capacitance_pf_per_cm": capacitance * np.exp(VALUES["sd_pF_gain"] * gain)
        + VALUES["sd_pF_zero"] * zero,
    }


def _means(batches: Batches, name: str, hours: np.ndarray) -> np.ndarray:
    """Return the mean of a state over each hour, by the trapezoidal rule on the states' grid."""
    values, time_h = batches.states[name], batches.time_h
    beyond = np.pad(values, ((0, 0), (0, 1)), constant_values=np.nan)  # after the last harvest

    def at(hour: np.ndarray) -> np.ndarray:
        place = np.searchsorted(time_h, hour - 1e-9)
        return beyond[:, np.minimum(place, values.shape[1])]

    means = 0.25 * at(hours) + 0.5 * at(hours + 0.5) + 0.25 * at(hours + 1)
    grown = hours < 0  # one moment an hour, and at 0 h the medium is a new one
    means[:, grown] = 0.5 * (at(hours[grown]) + at(hours[grown] + 1))
    last = hours == -1
    means[:, last] = 0.5 * (at(hours[last]) + batches.at_infection[name][:, None])
    return means


def _ph_error(batches: Batches, circumstances: Circumstances, hours: np.ndarray) -> np.ndarray:
    starts = step_hours(batches.recipes)
    error = making.course(batches.recipes, circumstances).ph_probe_error
    step = np.searchsorted(starts, hours + 0.5, side="right") - 1
    return np.broadcast_to(error, (len(batches), len(starts)))[:, step]


def _noisy(name: str, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add the noise that is left in the mean of an hour, and keep to what the probe can show."""
    tag = ALL_TAGS[name]
    draws = 60 // _A_DRAW_MIN
    keep = np.exp(-_A_DRAW_MIN / VALUES["tau_wander"])
    fresh = rng.standard_normal((len(values), draws * values.shape[1]))
    fresh[:, 0] /= np.sqrt(1 - keep**2)
    slow = lfilter([np.sqrt(1 - keep**2)], [1, -keep], fresh, axis=1)
    slow = slow.reshape(len(values), -1, draws).mean(axis=2)
    white = rng.standard_normal(values.shape) / np.sqrt(60)
    error = tag.sd * white + tag.wander_sd * slow
    return np.clip(values * (1 + error) if tag.relative else values + error, tag.low, tag.high)
