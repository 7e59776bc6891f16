"""Made-up surfaces for proposals: three limits cut off the top, and plain ways do not get far.

A surface is drawn again where a limit could be left out unseen, or where means of good runs, or
steps along the slope, gain much: what passes on the surfaces that are left has weighed doses and
all limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import minimize

from vaxlab.lessons.day3.recipe import material
from vaxlab.lessons.day3.recipe.material import Runs

RUNS = 24
KEPT = 4
"""Runs of a surface that keep all limits, at the least."""
LEFT = 1.0
"""Doses, of some 20, that are left at least: of less, luck decides who gets half."""
OVER_LIMIT = 0.05
"""A margin up to this still counts as kept."""
NEAR, PLAIN = 0.15, 0.3
"""No plain way gains more than the share `PLAIN`, were margins up to `NEAR` kept, too."""
MISSED = 0.15
"""Without one of its limits, a surface is best where this limit is broken by so much."""
_LIMITS = len(material.LIMITS)


class Bowl:
    """Doses that fall off from a top, and three limits that each cut the top off."""

    def __init__(self, rng: np.random.Generator) -> None:
        k = len(material.FACTORS)
        self._top = rng.choice([0.25, 0.75], k) + rng.uniform(-0.1, 0.1, k)
        self._steep = rng.uniform(6, 14, k)
        ways = np.linalg.qr(rng.normal(size=(k, _LIMITS)))[0]
        self._ways = (ways * np.where((self._top - 0.5) @ ways < 0, -1, 1)).T
        self._cuts = self._ways @ self._top - rng.uniform(0.15, 0.3, _LIMITS)

    def doses(self, x: np.ndarray) -> np.ndarray:
        """Return the doses of recipes (n, 5), thousands, (n,)."""
        return 20 - ((x - self._top) ** 2 * self._steep).sum(axis=-1)

    def margins(self, x: np.ndarray) -> np.ndarray:
        """Return the margins of recipes (n, 5), (n, 3); 0 or less is within."""
        return x @ self._ways.T - self._cuts

    def best(self, limits: Sequence[int] = range(_LIMITS)) -> np.ndarray:
        """Return the recipe (5,) with most doses that keeps some of the limits."""
        ways, cuts = self._ways[list(limits)], self._cuts[list(limits)]
        kept = {"type": "ineq", "fun": lambda x: cuts - ways @ x, "jac": lambda x: -ways}
        found = minimize(
            lambda x: -self.doses(x),
            np.full(len(self._top), 0.5),
            jac=lambda x: 2 * self._steep * (x - self._top),
            method="SLSQP",
            bounds=[(0, 1)] * len(self._top),
            constraints=kept,
        )
        return found.x

    def runs(self, x: np.ndarray) -> Runs:
        """Return recipes (n, 5) as run."""
        # The vessels differ by little, yet by enough for a process to be fitted: of a noise near
        # zero some kernels are not positive.
        doses = self.doses(x)[:, None] + np.array([-0.15, 0.0, 0.15])
        logs = self.margins(x) - material.ONE_SIDED_95 * material.BATCH_SD + np.log(material.LIMITS)
        spread = np.array([-0.02, 0.0, 0.02])[None, :, None]
        return Runs(x, doses, np.exp(logs[:, None] + spread))


class Surface:
    """A bowl, what was run on it, and what is left to gain there."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.bowl = Bowl(rng)
        x = material.spread(RUNS, int(rng.integers(2**31)))
        self.runs = self.bowl.runs(x)
        self._doses = self.bowl.doses(x)
        self._kept = (self.bowl.margins(x) <= OVER_LIMIT).all(axis=1)
        self._best_run = self._doses.max(initial=-np.inf, where=self._kept)
        self._left = float(self.bowl.doses(self.bowl.best()) - self._best_run)

    def gained(self, new: np.ndarray, over: float = OVER_LIMIT) -> float:
        """Return what the best of new recipes (n, 5) that are within gains, as a share of what is
        left between the best run within and the best recipe; minus infinity where none is within.
        """
        kept = (self.bowl.margins(new) <= over).all(axis=1)
        most = self.bowl.doses(new).max(initial=-np.inf, where=kept)
        return float((most - self._best_run) / self._left)

    def decides(self) -> bool:
        """Tell whether the surface tells a model with all limits from all else."""
        if self._kept.sum() < KEPT or self._left < LEFT:
            return False
        if self.bowl.margins(self.bowl.best()).max() > 1e-6:
            return False
        if any(self.gained(new, NEAR) > PLAIN for new in self._plain()):
            return False
        without = [[j for j in range(_LIMITS) if j != k] for k in range(_LIMITS)]
        broken = [self.bowl.margins(self.bowl.best(rest))[k] for k, rest in enumerate(without)]
        return min(broken) >= MISSED

    def _plain(self) -> Iterator[np.ndarray]:
        """Yield recipes that need no model: means of good runs, and steps along the slope."""
        x, within = self.runs.x, np.where(self._kept, self._doses, -np.inf)
        columns = np.column_stack([np.ones(len(x)), x - 0.5])
        slope = np.linalg.lstsq(columns, self._doses, rcond=None)[0][1:]
        steps = np.array([0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 1.0])[:, None]
        for good in (self._doses, within):
            order = np.argsort(-good)
            yield np.array([x[order[:n]].mean(axis=0) for n in range(1, 6)])
            yield np.clip(x[order[0]] + steps * slope / np.linalg.norm(slope), 0, 1)
        yield np.clip(0.5 + steps * slope / np.linalg.norm(slope), 0, 1)
        yield np.clip(0.5 + steps * np.sign(slope), 0, 1)


def drawn(rng: np.random.Generator) -> Surface:
    """Draw a surface that decides."""
    while True:
        some = Surface(rng)
        if some.decides():
            return some
