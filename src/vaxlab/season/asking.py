"""Ask the functions of a policy, and tell in a sentence when one misbehaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vaxlab.errors import CourseError
from vaxlab.plant import deploy, rules
from vaxlab.plant.recipe import Recipe
from vaxlab.season.chance import ASKED, RUNS

LIMIT_S = 150.0
"""A policy may think for so long in one play, all seasons together, s on the clock."""

HARVEST = "infection_duration_h"
LICENCES = {
    product: replace(
        licence,
        set_points={name: ends for name, ends in licence.set_points.items() if name != HARVEST},
    )
    for product, licence in deploy.LICENCES.items()
}
"""What a recipe may set; when a batch is harvested is asked of its own."""


@dataclass(frozen=True)
class Policy:
    """How the season is to be run; what is None stays as in the history.

    Attributes
    ----------
    experiments : callable, optional
        Asked four times before the season: ``experiments(runs)`` returns a list of five recipes
        or fewer to try next, each a dict with ``"product"`` and set points. ``runs`` holds what
        was tried so far.
    recipe : callable, optional
        Asked before each batch: ``recipe(batch, record, runs)`` returns a dict of set points to
        change, empty for none.
    maintain : callable, optional
        Asked before each batch: ``maintain(batch, record)`` returns True to have the reactor's
        probe of pH checked, and mended if need be. It costs `VISIT`.
    harvest : callable, optional
        Asked every two hours: ``harvest(batch, seen)`` returns True to harvest now. At the last
        hour that is asked about the batch is harvested in any case.

    Notes
    -----
    ``batch``: a dict of what is known before the batch. ``record``: a table, one row a batch of
    the rounds before. ``seen``: capacitance and oxygen uptake of the batch, hour by hour up to
    now. A function keeps nothing in mind: several seasons may be played side by side.
    """

    experiments: Callable[..., Any] | None = None
    recipe: Callable[..., Any] | None = None
    maintain: Callable[..., Any] | None = None
    harvest: Callable[..., Any] | None = None


HISTORY = Policy()
"""What the plant has always done: no experiments, nobody checks, and the clock harvests."""


class Asked:
    """Asks a policy's functions, and keeps an eye on the clock."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self._spent_s = policy, 0.0

    def __call__(self, name: str, *given: Any, where: str) -> Any:
        """Return what a function gives; None where there is none."""
        function = getattr(self.policy, name)
        if function is None:
            return None
        begun = time.monotonic()
        try:
            return function(*given)
        except CourseError:
            raise
        except Exception as error:
            if getattr(error, "outcome", None) is not None:  # a check has words of its own for it
                raise
            raise CourseError(
                f"`{name}` stopped {where}: {type(error).__name__}: {str(error).rstrip('.?')}. "
                f"Expected {_EXPECTED[name]}."
            ) from error
        finally:
            self._spent_s += time.monotonic() - begun
            if self._spent_s > LIMIT_S:
                raise CourseError(
                    f"The policy was stopped {where}: it has thought for more than {LIMIT_S:g} s. "
                    "Is something worked out again at each call?"
                )

    def flag(self, name: str, *given: Any, where: str) -> bool:
        """Return True or False, or raise a `CourseError`."""
        answer = self(name, *given, where=where)
        if not isinstance(answer, bool | np.bool_):
            raise refused(name, answer, where)
        return bool(answer)


_EXPECTED = {
    "experiments": f"a list of up to {RUNS // ASKED} dicts with 'product' and set points",
    "recipe": "a dict of set points to change, empty for none",
    "maintain": "True to have the probe checked, or False",
    "harvest": "True to harvest now, or False to go on",
}


def refused(name: str, answer: Any, where: str, why: str = "") -> CourseError:
    return CourseError(
        f"`{name}` gave {rules.short(answer)} {where}{why}; expected {_EXPECTED[name]}."
    )


def asked_recipe(
    name: str, answer: Any, licence: rules.Licence, planned: Recipe, where: str
) -> tuple[Recipe, float]:
    """Return recipe and conductivity (NaN: as it comes) of an answer that the licence allows."""
    if answer is None:
        return planned, np.nan
    if not isinstance(answer, Mapping):
        raise refused(name, answer, where)
    for set_point, value in answer.items():
        if set_point not in licence.set_points:
            known = ", ".join(licence.set_points)
            raise refused(name, answer, where, f": {set_point!r} is none of {known}")
        if isinstance(value, tuple | list):
            raise refused(name, answer, where, f": {set_point} is one number here, no profile")
    try:
        return rules.recipe(lambda _: dict(answer), licence, {}, planned, 0)
    except CourseError as error:
        raise CourseError(str(error).replace("for batch 0", where)) from None
