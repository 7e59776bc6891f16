"""Raman spectra of the culture: bands on a background that no batch shares with another.

What makes a calibration hard is here on purpose: fluorescence that grows with cells and with
age, a laser that ages, a probe that sits a little differently in every batch, and constituents
of the medium that nobody measures. A model that has seen a batch knows its background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant import assays
from vaxlab.plant.batch import Batches
from vaxlab.plant.parameters import BANDS, VALUES

if TYPE_CHECKING:
    import pandas as pd

WAVENUMBERS = np.arange(200, 2401, 4)
"""Channels, 1/cm."""
EVERY_MIN, REFERENCE_EVERY_MIN = int(VALUES["R_every"]), int(VALUES["R_atline"])
"""How often spectra are taken, and glucose and lactate measured at line."""


@dataclass(frozen=True)
class Band:
    """A band: its place and width (half of that at half height), 1/cm, and its height.

    The height is in electrons for 1 mmol/L (1 g/L of protein, 1e6 cells/mL, …).
    """

    centre: float
    width: float
    height: float


SUBSTANCES: dict[str, tuple[Band, ...]] = {
    name: tuple(
        Band(place, VALUES[f"width_{name}_{place}"], VALUES[f"height_{name}_{place}"])
        for place, _, _ in bands
    )
    for name, (_, bands) in BANDS.items()
}
"""Bands of each substance."""


def measure(
    batches: Batches, rng: np.random.Generator, which: Sequence[int] | None = None
) -> pd.DataFrame:
    """Take a spectrum every quarter of an hour.

    Parameters
    ----------
    batches : Batches
    rng : Generator
        Every batch has a stream of its own, whatever `which` is.
    which : sequence of int, optional
        Which batches; all by default.

    Returns
    -------
    DataFrame
        ``batch`` (from 0), ``minute`` (since the batch's start),
        ``atline_glucose_mmol_per_l`` and ``atline_lactate_mmol_per_l`` (every two hours, NaN in
        between), and the counts (int16) of every channel, ``raman_200`` to ``raman_2400``,
        1/cm.
    """
    import pandas as pd

    streams = rng.spawn(len(batches))
    tables = []
    for b in range(len(batches)) if which is None else which:
        recipe = batches.recipes[b]
        last = int(round(60 * (recipe.growth_time_h + recipe.infection_duration_h)))
        minute = np.arange(0, last + 1, EVERY_MIN)
        hours = minute / 60 - recipe.growth_time_h
        truth = {
            name: batches.at(name, np.full(len(hours), b), hours)
            for name in (
                "glucose_mmol_per_l",
                "lactate_mmol_per_l",
                "glutamine_mmol_per_l",
                "hcp_ug_per_ml",
                "viable_cells_per_ml",
                "dead_cells_per_ml",
            )
        }
        light = _light(truth, hours, streams[b])
        counts = np.round(light / VALUES["electrons"])
        table = {"batch": np.full(len(minute), b), "minute": minute}
        for name in ("glucose_mmol_per_l", "lactate_mmol_per_l"):
            read = assays.metabolite(truth[name], streams[b]).round(1)
            table[f"atline_{name}"] = np.where(minute % REFERENCE_EVERY_MIN == 0, read, np.nan)
        channels = pd.DataFrame(
            np.clip(counts, 0, np.iinfo("int16").max).astype("int16"), columns=CHANNELS
        )
        tables.append(pd.concat([pd.DataFrame(table), channels], axis=1))
    return pd.concat(tables, ignore_index=True)


CHANNELS = tuple(f"raman_{wavenumber}" for wavenumber in WAVENUMBERS)
"""Names of the columns that hold counts."""


def pure(bands: Sequence[Band], wavenumbers: np.ndarray) -> np.ndarray:
    """Return the spectrum of one unit of a substance, electrons.

    Parameters
    ----------
    bands : sequence of Band
    wavenumbers : array

    Notes
    -----
    Half Lorentz, half Gauss, as bands in liquids are.
    """
    total = np.zeros(np.shape(wavenumbers))
    for band in bands:
        x = (wavenumbers - band.centre) / band.width
        total += band.height * (0.5 / (1 + x * x) + 0.5 * np.exp(-np.log(2) * x * x))
    return total


def _light(truth: dict[str, np.ndarray], hours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return electrons (T, channels) at every moment."""
    day = (hours - hours[0]) / 24
    age = np.where(hours < 0, hours - hours[0], hours) / 24
    cells = truth["viable_cells_per_ml"] / 1e6
    protein, by_cells, by_age = np.exp(VALUES["sd_R_matrix"] * rng.standard_normal(3))
    serum = protein * np.where(hours < 0, VALUES["R_serum"], VALUES["R_washed"])
    amounts = {
        "glucose": truth["glucose_mmol_per_l"],
        "lactate": truth["lactate_mmol_per_l"],
        "glutamine": truth["glutamine_mmol_per_l"],
        "protein": serum + VALUES["R_cell"] * cells + truth["hcp_ug_per_ml"] / 1000,
        "phenol_red": np.full(len(hours), np.exp(VALUES["R_red"] * rng.standard_normal())),
        "water": np.ones(len(hours)),
    }
    shift = (
        VALUES["sd_R_shift"] * rng.standard_normal()
        + VALUES["sd_R_shift_day"] * rng.standard_normal() * day
    )
    signal = np.zeros((len(hours), len(WAVENUMBERS)))
    for name, bands in SUBSTANCES.items():
        # A shift this small is a step along the slope.
        shape, slope = pure(bands, WAVENUMBERS), _slope(bands)
        signal += amounts[name][:, None] * (shape + shift[:, None] * slope)
    n_unknown, changes = int(VALUES["n_R_unknown"]), VALUES["R_unknown_made"]
    unknown = [
        Band(centre, width, 1.0)
        for centre, width in zip(
            rng.uniform(400, 1700, n_unknown), rng.uniform(8, 25, n_unknown), strict=True
        )
    ]
    for band in unknown:
        there, made, eaten = VALUES["R_unknown"] * rng.standard_normal(3)
        course = there + changes * made * cells + changes * eaten * age / 4
        signal += course[:, None] * pure([band], WAVENUMBERS)
    x = (WAVENUMBERS - 1300) / 1100
    tilt = np.polynomial.polynomial.polyval(x, [1.0, -0.45, 0.1, 0.05, -0.05])
    bend = np.polynomial.polynomial.polyval(
        x, [0.0, *(VALUES["sd_R_bend"] * rng.standard_normal(4))]
    )
    grows = 1 + by_cells * VALUES["R_fluo_cells"] * cells + by_age * VALUES["R_fluo_day"] * age
    fluorescence = VALUES["R_fluo"] * np.exp(VALUES["sd_R_fluo"] * rng.standard_normal()) * grows
    power = (
        np.exp(VALUES["sd_R_focus"] * rng.standard_normal())
        * (1 - VALUES["R_loss"] * day)
        * (
            1
            + VALUES["R_wander"] * np.cumsum(rng.standard_normal(len(hours))) / np.sqrt(len(hours))
        )
    )
    light = power[:, None] * (signal + fluorescence[:, None] * (tilt + bend))
    light = light + np.sqrt(np.maximum(light, 0)) * rng.standard_normal(light.shape)
    for t in np.flatnonzero(rng.random(len(hours)) < VALUES["R_cosmic"]):
        channel = rng.integers(len(WAVENUMBERS) - 1)
        light[t, channel : channel + 2] += rng.uniform(3000, 20000) * np.array([1.0, 0.4])
    return light


def _slope(bands: Sequence[Band]) -> np.ndarray:
    """Return the change of a pure spectrum when its scale moves by 1/cm."""
    return pure(bands, WAVENUMBERS + 0.5) - pure(bands, WAVENUMBERS - 0.5)
