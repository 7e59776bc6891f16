"""What somebody may ask of a history: how long it is, and set points of his own."""

import difflib
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from vaxlab.errors import CourseError
from vaxlab.plant.recipe import LIMITS

SetPoints = Mapping[str, float | Sequence[float]]
"""Field of `vaxlab.plant.Recipe` to a number for all batches, or to one for each."""


def checked_length(n_batches: object) -> int:
    """Return a number of batches.

    Raises
    ------
    ValueError
        It is no whole number from 1 on.
    """
    whole = isinstance(n_batches, int | np.integer) and not isinstance(n_batches, bool)
    if not whole or n_batches < 1:
        raise ValueError(
            f"campaign.run: n_batches = {n_batches!r} batches; expected a whole number from 1 on."
        )
    return int(n_batches)


def checked_set_points(asked: SetPoints | None, n_batches: int) -> dict[str, np.ndarray]:
    """Return every set point that was asked for as an array (B,).

    Parameters
    ----------
    asked : mapping of str to number or sequence, optional
    n_batches : int
        B.

    Raises
    ------
    CourseError
        No mapping, a field that no recipe has, a sequence of another length, or a value that is
        no number or out of `vaxlab.plant.recipe.LIMITS`.
    """
    if not isinstance(asked, Mapping | None):
        raise CourseError(
            f"campaign.run: set_points is {asked!r}; expected a dict of set points, such as "
            '{"moi": 0.05}.'
        )
    return {name: _of_batches(name, given, n_batches) for name, given in (asked or {}).items()}


def _of_batches(name: object, given: object, n_batches: int) -> np.ndarray:
    if name not in LIMITS:
        near = difflib.get_close_matches(str(name), LIMITS, n=1, cutoff=0.0)[0]
        raise CourseError(
            f"campaign.run: there is no set point {name!r}; the nearest one is {near!r}. All of "
            f"them: {', '.join(LIMITS)}."
        )
    one = isinstance(given, str) or np.ndim(np.asarray(given, dtype=object)) == 0
    values = [given] * n_batches if one else list(given)
    if len(values) != n_batches:
        raise CourseError(
            f"campaign.run: {name} has {len(values)} values for {n_batches} batches; expected one "
            f"number for all, or {n_batches}, one for each."
        )
    limit = LIMITS[name]
    for b, value in enumerate(values):
        number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        if not (number and limit.low <= value <= limit.high):  # NaN fails, too
            where = "" if one else f" for batch {b}"
            raise CourseError(
                f"campaign.run: {name} = {value!r} {limit.unit}{where}; expected a number from "
                f"{limit.low:g} to {limit.high:g} {limit.unit}."
            )
    return np.array(values, dtype=float)
