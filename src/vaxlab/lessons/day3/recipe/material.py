"""What day 3, notebook 3 lays out: a development laboratory that tries recipes, and the plant.

A run is one recipe in three small vessels. The laboratory works with lots of average quality, one
seed culture and nobody who waits, so its vessels differ by hands and by assays only; the plant, in
which a recipe is paid, has lots, hands, faults and luck as ever. Recipes are points of the unit
cube: each of the five opened set points from the lower to the upper end of its licence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
import pandas as pd
from scipy.stats import qmc

from vaxlab.errors import CourseError
from vaxlab.plant import campaign, deploy, equipment, making
from vaxlab.plant.batch import Batches
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Recipe

FACTORS = (
    "inoculum_cells_per_ml",
    "carrier_g_per_l",
    "infection_duration_h",
    "infection_temperature_c",
    "moi",
)
"""The set points that are opened; a central composite design of five takes 30 runs."""
LOGARITHMIC, _DURATION = "moi", "infection_duration_h"
RUNS, VESSELS, BATCH, FIRST = 30, 3, 3, 9
"""Runs of a study, vessels of a run, runs of a week, and runs before the first proposal."""
QUALITIES = ("DNA, ng/dose", "host-cell protein, ug/ug HA", "lactate, mmol/L")
LIMITS = np.array([VALUES["lim_dna"], VALUES["lim_hcp"], 32.0])
"""DNA and host-cell protein: of the release. Lactate at harvest: the house's own, our choice."""
BATCH_SD = np.array([0.5, 0.2, 0.2])
"""SD of the logarithms between batches of one recipe in the plant's history, lots included."""
ONE_SIDED_95 = 1.645
SAME = 1e-3
"""Recipes that are nowhere further apart than this share of the licence are the same."""
LACTATE_ASSAY_SD = 0.03
TRUE_BATCHES = 60
"""A year of the plant, in which a recipe's true worth is counted."""
_AT_A_TIME = 60

Turn = tuple[tuple[int, ...], tuple[bool, ...]]
"""Order of the axes, and which of them run from high to low."""


@dataclass(frozen=True)
class Runs:
    """Runs of the laboratory.

    Attributes
    ----------
    x : array (n, 5)
        Recipes in the unit cube, columns as `FACTORS`.
    doses : array (n, 3)
        Measured doses of each vessel, thousands, scaled up to a batch of the plant.
    qualities : array (n, 3, 3)
        `QUALITIES` of each vessel (second axis), as measured.
    """

    x: np.ndarray
    doses: np.ndarray
    qualities: np.ndarray

    @property
    def y(self) -> np.ndarray:
        """Return the mean of the vessels' doses, thousands, (n,)."""
        return self.doses.mean(axis=1)

    @property
    def margins(self) -> np.ndarray:
        """Return by how much the worst twentieth of batches would break each limit, (n, 3).

        Natural logarithm of the 95 % end of batches over the limit; 0 or less is within.
        """
        return np.log(self.qualities).mean(axis=1) + ONE_SIDED_95 * BATCH_SD - np.log(LIMITS)

    @property
    def noise(self) -> np.ndarray:
        """Return the variance of a run's mean: of y, and of each margin, (4,)."""
        doses = self.doses.var(axis=1, ddof=1).mean()
        margins = np.log(self.qualities).var(axis=1, ddof=1).mean(axis=0)
        return np.concatenate([[doses], margins]) / VESSELS

    def __len__(self) -> int:
        return len(self.x)

    def __add__(self, other: Runs) -> Runs:
        pairs = ((getattr(one, name) for one in (self, other)) for name in _FIELDS)
        return Runs(*(np.concatenate(list(pair)) for pair in pairs))

    def __getitem__(self, rows: slice) -> Runs:
        return Runs(*(getattr(self, name)[rows] for name in _FIELDS))

    def table(self) -> pd.DataFrame:
        """Return one row a run: the recipe, and the means of what was measured."""
        table = pd.DataFrame(recipes(self.x))
        table["doses, thousands"] = self.y
        return table.join(pd.DataFrame(self.qualities.mean(axis=1), columns=list(QUALITIES)))


_FIELDS = ("x", "doses", "qualities")


def checked(x: np.ndarray, who: str = "run", batch: bool = False) -> np.ndarray:
    """Return recipes as an array (n, 5), if the plant may run them.

    Parameters
    ----------
    x : array (n, 5)
        In the unit cube.
    who : str
        Whose recipes they are, for messages.
    batch : bool
        Whether they are run side by side, so that none may be there twice.

    Raises
    ------
    CourseError
        They are no such array, not finite, outside the licence, or twice the same.
    """
    try:
        x = np.array(x, dtype=float)
    except (TypeError, ValueError):
        x = np.empty(0)
    if x.ndim != 2 or x.shape[1] != len(FACTORS) or not len(x):
        raise CourseError(
            f"{who}: recipes are an array (n, {len(FACTORS)}), one row each; got shape {x.shape}."
        )
    if not np.isfinite(x).all():
        raise CourseError(f"{who}: row {_first(~np.isfinite(x))} holds NaN or infinity.")
    outside = (x < -1e-9) | (x > 1 + 1e-9)
    if outside.any():
        row = _first(outside)
        factor = int(np.argmax(outside[row]))
        raise CourseError(
            f"{who}: row {row} has {x[row, factor]:.3g} for {FACTORS[factor]}, which is outside "
            "the licence. Recipes are in the unit cube, each number from 0 to 1; np.clip keeps "
            "them there."
        )
    x = np.clip(x, 0, 1)
    for row in range(1, len(x) if batch else 0):
        if (np.abs(x[:row] - x[row]).max(axis=1) < SAME).any():
            raise CourseError(
                f"{who}: row {row} is the recipe of another row once more. Vessels side by side "
                "are for different recipes."
            )
    return x


def _first(wrong: np.ndarray) -> int:
    return int(np.argmax(wrong.any(axis=1)))


def recipes(x: np.ndarray) -> list[dict[str, float]]:
    """Return set points of recipes in the unit cube; the MOI runs on a log scale."""
    columns = []
    for name, share in zip(FACTORS, np.atleast_2d(x).T, strict=True):
        low, high = deploy.LICENSED[name]
        if name == LOGARITHMIC:
            values = np.exp(np.log(low) + np.log(high / low) * share)
        else:
            values = low + (high - low) * share
        columns.append(np.clip(values, low, high))
    return [dict(zip(FACTORS, map(float, row), strict=True)) for row in np.transpose(columns)]


@cache
def usual() -> dict[str, float]:
    """Return the history's set points, each at its mean (the MOI at its geometric one)."""
    points = {}
    for name, choices in campaign.SET_POINTS.items():
        values, shares = np.array(choices).T
        log = name == LOGARITHMIC
        mean = np.sum(shares * (np.log(values) if log else values))
        points[name] = float(np.exp(mean) if log else mean)
    return points


# The laboratory -----------------------------------------------------------------------------


class Laboratory:
    """Three vessels a recipe, some ninety vessels a study.

    Parameters
    ----------
    plant_seed : int
        Of hands and assays.
    turn : Turn, optional
        Order and direction of the axes, where the laboratory does not say which is which.
    later : bool
        Whether the study is over: the same equipment, other hands.
    """

    def __init__(
        self, plant_seed: int = HISTORY_SEED, turn: Turn | None = None, later: bool = False
    ) -> None:
        self._seed, self._turn = plant_seed, turn
        self._vessels = _vessels(plant_seed)
        if later:
            others = _vessels(plant_seed + 1)
            self._vessels = replace(
                self._vessels, handling=others.handling, luck_seed=others.luck_seed
            )

    def run(self, x: np.ndarray, first: int = 0) -> Runs:
        """Run recipes (n, 5) of the unit cube; ``first`` is the first one's number in the study.

        The same number meets the same hands, whatever is run there.

        Raises
        ------
        CourseError
            As `checked`, or the study is over.
        """
        return run_all([(self, x)], first)[0]

    def again(self, x: np.ndarray) -> float:
        """Return the mean of ten more runs of one recipe (5,), with other hands, thousands."""
        return again([(self, x)])[0]

    def afterwards(self) -> Laboratory:
        """Return the laboratory once the study is over."""
        return Laboratory(self._seed, self._turn, later=True)

    def met(self, x: np.ndarray, first: int) -> tuple[list[Recipe], Circumstances]:
        """Return what the vessels of recipes (n, 5) are told, and what they meet."""
        rows = np.arange(VESSELS * first, VESSELS * (first + len(x)))
        asked = [point for point in recipes(turned(x, self._turn)) for _ in range(VESSELS)]
        some = self._vessels.of(rows)
        own = replace(some, luck_seed=some.luck_seed + int(rows[0]))
        return [Recipe(**(usual() | point)) for point in asked], own

    def read(self, x: np.ndarray, made: Made, first: int) -> Runs:
        """Return what is measured of the vessels of recipes (n, 5)."""
        lactate = made.batches.at_harvest["lactate_mmol_per_l"]
        luck = np.random.default_rng([self._vessels.luck_seed, first])
        measured = (
            made.release.dna_ng_per_dose,
            made.release.hcp_per_ha,
            lactate * np.exp(LACTATE_ASSAY_SD * luck.standard_normal(len(lactate))),
        )
        shape = (len(x), VESSELS)
        qualities = np.stack([column.reshape(shape) for column in measured], axis=-1)
        return Runs(x, made.release.doses_filled.reshape(shape) / 1000, qualities)


def run_all(asked: Sequence[tuple[Laboratory, np.ndarray]], first: int = 0) -> list[Runs]:
    """Run recipes in several laboratories at once; what one gives does not depend on the others.

    Parameters
    ----------
    asked : sequence of pairs of Laboratory and array (n, 5)
    first : int
        Number of the first recipe in each one's study.

    Returns
    -------
    list of Runs
        One for each pair.

    Raises
    ------
    CourseError
        As `Laboratory.run`.
    """
    pairs = [(laboratory, checked(x)) for laboratory, x in asked]
    for _, x in pairs:
        if first + len(x) > RUNS:
            raise CourseError(f"run: a study has {RUNS} runs; these would be {first + len(x)}.")
    made = _made([laboratory.met(x, first) for laboratory, x in pairs])
    return [
        laboratory.read(x, one, first) for (laboratory, x), one in zip(pairs, made, strict=True)
    ]


def again(asked: Sequence[tuple[Laboratory, np.ndarray]]) -> list[float]:
    """Return what `Laboratory.again` gives, in several laboratories at once."""
    later = [(laboratory.afterwards(), np.tile(x, (10, 1))) for laboratory, x in asked]
    return [runs.y.mean() for runs in run_all(later)]


def _made(parts: Sequence[tuple[Sequence[Recipe], Circumstances]]) -> list[Made]:
    """Make batches of several plants side by side; downstream's luck is each one's own."""
    met = making.joined([circumstances for _, circumstances in parts])
    done = making.recipes_done([recipe for meant, _ in parts for recipe in meant], met)
    batches = making.run_batches(done, making.factors(met), making.course(done, met))
    hours = np.array([recipe.infection_duration_h for recipe in done])
    results, begin = [], 0
    for _, own in parts:
        rows = slice(begin, begin + len(own))
        begin = rows.stop
        at_harvest = {name: values[rows] for name, values in batches.at_harvest.items()}
        one = Batches(tuple(done[rows]), batches.time_h, {}, {}, at_harvest, 0)
        results.append(making.finish(one, at_harvest, own, hours[rows]))
    return results


def turned(x: np.ndarray, turn: Turn | None) -> np.ndarray:
    """Return recipes on the plant's own axes."""
    if turn is None:
        return x
    order, downward = turn
    own = np.empty_like(x)
    own[:, list(order)] = np.where(downward, 1 - x, x)
    return own


@lru_cache(maxsize=64)
def _vessels(plant_seed: int) -> Circumstances:
    n = RUNS * VESSELS
    drawn = campaign.draw(plant_seed, n, days=70, first=campaign.DAYS, sound=True)
    hands = drawn.circumstances
    return replace(
        hands,
        lot_factors={name: np.ones(n) for name in hands.lot_factors},
        hold_h=np.full(n, float(np.median(hands.hold_h))),
        dips=np.zeros_like(hands.dips),
        fitted=equipment.take(hands.fitted, np.zeros(n, dtype=int)),
        passage=np.full(n, float(np.median(hands.passage))),
        age_h=np.full(n, float(VALUES["age_best"])),
    )


def spread(n: int, seed: int) -> np.ndarray:
    """Return n recipes spread evenly over the unit cube, (n, 5)."""
    drawn = qmc.LatinHypercube(len(FACTORS), rng=np.random.default_rng(seed))
    return drawn.random(n)


@lru_cache(maxsize=16)
def random_runs(plant_seed: int = HISTORY_SEED) -> Runs:
    """Run 30 recipes drawn at random within the licence."""
    return Laboratory(plant_seed).run(random_recipes(plant_seed))


def random_recipes(plant_seed: int) -> np.ndarray:
    """Return 30 recipes drawn at random within the licence, (30, 5)."""
    return np.random.default_rng([plant_seed, 61]).random((RUNS, len(FACTORS)))


# The plant ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """A year of the plant after the history: lots, hands, faults and luck.

    Attributes
    ----------
    circumstances : Circumstances
    planned : tuple of Recipe
        As the history has them, with the crew's lateness.
    history : float
        Mean of true doses released by the history's own recipes.
    """

    circumstances: Circumstances
    planned: tuple[Recipe, ...]
    history: float


@lru_cache(maxsize=16)
def year(plant_seed: int = HISTORY_SEED) -> Year:
    """Draw the year."""
    n = TRUE_BATCHES
    days = round(n * campaign.DAYS_A_BATCH)
    drawn = campaign.draw(plant_seed, n, days=days, first=campaign.DAYS)
    hours = (drawn.growth_min / 60, drawn.infection_min / 60)
    planned = tuple(campaign.recipes_meant(drawn.plan, *hours))
    history = _released(making.make(planned, drawn.circumstances)).mean()
    return Year(drawn.circumstances, planned, float(history))


def true_gains(
    x: np.ndarray, plant_seed: int = HISTORY_SEED, turn: Turn | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return what recipes (n, 5) are worth in a year of the plant: nobody there can measure it.

    Returns
    -------
    gains : array (n,)
        True doses released, over the history's on the same lots and luck, less 1.
    kept : array (n,)
        Share of batches within all three `LIMITS`.
    """
    some = year(plant_seed)
    points = recipes(turned(checked(x, who="true_gains"), turn))
    gains, kept = [], []
    for begin in range(0, len(points), _AT_A_TIME):
        # The crew is as late as it was, and downstream's luck is that of the year.
        parts = [
            ([_meant(recipe, usual() | point) for recipe in some.planned], some.circumstances)
            for point in points[begin : begin + _AT_A_TIME]
        ]
        for made in _made(parts):
            gains.append(_released(made).mean() / some.history - 1)
            lactate = made.batches.at_harvest["lactate_mmol_per_l"]
            read = np.stack([made.release.dna_ng_per_dose, made.release.hcp_per_ha, lactate], -1)
            kept.append(np.all(read <= LIMITS, axis=1).mean())
    return np.array(gains), np.array(kept)


def _meant(planned: Recipe, points: Mapping[str, float]) -> Recipe:
    late_h = planned.infection_duration_h - campaign.INFECTION_H
    return replace(planned, **points | {"infection_duration_h": points[_DURATION] + late_h})


def _released(made: Made) -> np.ndarray:
    return np.where(made.release.released, made.purified.doses, 0.0)
