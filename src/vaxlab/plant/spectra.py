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

if TYPE_CHECKING:
    import pandas as pd

WAVENUMBERS = np.arange(200, 2401, 4)
"""Channels, 1/cm."""
EVERY_MIN = 15
REFERENCE_EVERY_MIN = 120
"""How often the at-line analyser measures glucose and lactate."""

ELECTRONS_PER_COUNT = 40.0
"""One count is about half of the light's own noise: finer steps would only fill the disk."""


@dataclass(frozen=True)
class Band:
    """A band: its place and width (half of that at half height), 1/cm, and its height.

    The height is in electrons for 1 mmol/L (1 g/L of protein, 1e6 cells/mL, …).
    """

    centre: float
    width: float
    height: float


SUBSTANCES: dict[str, tuple[Band, ...]] = {
    "glucose": tuple(
        Band(*row)
        for row in ((437, 9, 20), (518, 9, 36), (911, 10, 20), (1060, 13, 36), (1125, 12, 52))
    ),
    "lactate": tuple(
        Band(*row)
        for row in ((855, 9, 36), (1045, 10, 18), (1085, 11, 15), (1420, 12, 18), (1455, 14, 24))
    ),
    "glutamine": tuple(Band(*row) for row in ((850, 11, 70), (1330, 14, 60), (1420, 13, 50))),
    "protein": tuple(Band(*row) for row in ((1003, 6, 260), (1450, 18, 240), (1660, 25, 300))),
    "phenol_red": tuple(Band(*row) for row in ((1550, 18, 900), (1620, 16, 700))),
    "water": (Band(1640, 60, 9000.0), Band(420, 130, 3500.0)),
}
"""Bands of each substance; places are those usual in fermentation broths, heights our own choice
(*unverified*)."""

SERUM_PROTEIN_G_PER_L = 4.0
"""Of growth medium; what is left of it after the exchange stands in the next constant."""
WASHED_PROTEIN_G_PER_L = 0.3
FLUORESCENCE = 7000.0
"""Electrons of fresh medium; what cells (1e6/mL) and a day of age add to it, as shares:"""
FLUORESCENCE_CELLS, FLUORESCENCE_DAY = 0.35, 0.10
FLUORESCENCE_SD = 0.15
"""Of medium between batches, logarithm."""
MATRIX_SD = 0.3
"""How much batches differ in their serum's protein and in what cells and age add to the
fluorescence; SD of logarithms."""
LASER_LOSS_PER_DAY, LASER_WANDER = 0.004, 0.004
"""Loss of power, and SD of what comes and goes within hours."""
FOCUS_SD = 0.06
"""How the probe sits differs from batch to batch; SD of the logarithm of all light."""
SHIFT_SD, SHIFT_SD_DAY = 0.5, 0.08
"""The scale of wavenumbers is off by this much in a batch, and moves in a day; 1/cm."""
UNKNOWN_BANDS, UNKNOWN_HEIGHT = 14, 510.0
"""Constituents that nobody measures: bands of a batch's own, electrons; what the culture makes
or eats of them changes them with time. Tuned, with the heights of glucose and lactate, until PLS
errs on new batches by what was published, and by half of it on spectra of batches that it knows."""
COSMIC_SHARE = 0.02
"""Spectra that a cosmic ray hits: one or two channels, thousands of electrons."""


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
        counts = np.round(light / ELECTRONS_PER_COUNT)
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
    protein, by_cells, by_age = np.exp(MATRIX_SD * rng.standard_normal(3))
    serum = protein * np.where(hours < 0, SERUM_PROTEIN_G_PER_L, WASHED_PROTEIN_G_PER_L)
    amounts = {
        "glucose": truth["glucose_mmol_per_l"],
        "lactate": truth["lactate_mmol_per_l"],
        "glutamine": truth["glutamine_mmol_per_l"],
        "protein": serum + 0.3 * cells + truth["hcp_ug_per_ml"] / 1000,
        "phenol_red": np.full(len(hours), np.exp(0.08 * rng.standard_normal())),
        "water": np.ones(len(hours)),
    }
    shift = SHIFT_SD * rng.standard_normal() + SHIFT_SD_DAY * rng.standard_normal() * day
    signal = np.zeros((len(hours), len(WAVENUMBERS)))
    for name, bands in SUBSTANCES.items():
        # A shift this small is a step along the slope.
        shape, slope = pure(bands, WAVENUMBERS), _slope(bands)
        signal += amounts[name][:, None] * (shape + shift[:, None] * slope)
    unknown = [
        Band(centre, width, 1.0)
        for centre, width in zip(
            rng.uniform(400, 1700, UNKNOWN_BANDS), rng.uniform(8, 25, UNKNOWN_BANDS), strict=True
        )
    ]
    for band in unknown:
        there, made, eaten = UNKNOWN_HEIGHT * rng.standard_normal(3)
        course = there + 0.5 * made * cells + 0.5 * eaten * age / 4
        signal += course[:, None] * pure([band], WAVENUMBERS)
    x = (WAVENUMBERS - 1300) / 1100
    tilt = np.polynomial.polynomial.polyval(x, [1.0, -0.45, 0.1, 0.05, -0.05])
    bend = np.polynomial.polynomial.polyval(x, [0.0, *(0.06 * rng.standard_normal(4))])
    grows = 1 + by_cells * FLUORESCENCE_CELLS * cells + by_age * FLUORESCENCE_DAY * age
    fluorescence = FLUORESCENCE * np.exp(FLUORESCENCE_SD * rng.standard_normal()) * grows
    power = (
        np.exp(FOCUS_SD * rng.standard_normal())
        * (1 - LASER_LOSS_PER_DAY * day)
        * (1 + LASER_WANDER * np.cumsum(rng.standard_normal(len(hours))) / np.sqrt(len(hours)))
    )
    light = power[:, None] * (signal + fluorescence[:, None] * (tilt + bend))
    light = light + np.sqrt(np.maximum(light, 0)) * rng.standard_normal(light.shape)
    for t in np.flatnonzero(rng.random(len(hours)) < COSMIC_SHARE):
        channel = rng.integers(len(WAVENUMBERS) - 1)
        light[t, channel : channel + 2] += rng.uniform(3000, 20000) * np.array([1.0, 0.4])
    return light


def _slope(bands: Sequence[Band]) -> np.ndarray:
    """Return the change of a pure spectrum when its scale moves by 1/cm."""
    return pure(bands, WAVENUMBERS + 0.5) - pure(bands, WAVENUMBERS - 0.5)
