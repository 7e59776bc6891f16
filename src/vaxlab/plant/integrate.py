"""A fixed-step integrator for many batches side by side."""

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any

_LOWEST_LOG = -80.0


def runge_kutta(
    rates: Callable[[Array], Array],
    y: Array,
    steps: np.ndarray,
    *,
    vanishing: int | None = None,
    xp: Any = np,
) -> list[Array]:
    """Integrate with the classical Runge-Kutta method of order 4.

    Parameters
    ----------
    rates : callable
        State (S, B) to its time derivative (S, B).
    y : array (S, B)
        State at the start; not written to.
    steps : array (T, B)
        Length of every step of every batch, h. A batch rests where its step is 0.
    vanishing : int, optional
        Row of a state that only decays, but by many orders of magnitude and far faster than
        all the others. It is integrated as its logarithm, which is smooth and stays positive
        where the plain method would need steps ten times shorter: at the height of an
        infection, cells that are still healthy are lost within minutes.
    xp : module
        ``numpy`` or ``torch``.

    Returns
    -------
    list of T arrays (S, B)
        State after every step.
    """
    row = vanishing
    if row is not None:
        plain_rates = rates

        def natural(z: Array) -> Array:
            # Below exp(-80) the cells are gone; the floor keeps the division defined.
            decayed = xp.exp((z[row] > _LOWEST_LOG) * (z[row] - _LOWEST_LOG) + _LOWEST_LOG)
            return xp.concatenate([z[:row], decayed[None], z[row + 1 :]])

        def rates(z: Array) -> Array:
            state = natural(z)
            dy = plain_rates(state)
            relative = dy[row] / state[row]
            return xp.concatenate([dy[:row], relative[None], dy[row + 1 :]])

        y = xp.concatenate([y[:row], xp.log(y[row])[None], y[row + 1 :]])

    path = []
    for h in steps:
        k1 = rates(y)
        k2 = rates(y + h / 2 * k1)
        k3 = rates(y + h / 2 * k2)
        k4 = rates(y + h * k3)
        y = y + h / 6 * (k1 + 2 * (k2 + k3) + k4)
        path.append(y if row is None else natural(y))
    return path
