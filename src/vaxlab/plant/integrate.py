"""A fixed-step integrator for many batches side by side, for one batch, and for tensors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from vaxlab.plant.kinetics import ARRAYS, NUMBERS

Array = Any

_LOWEST_LOG = -80.0
_LEAST_FED = 1e-6
"""A state that is fed is never taken for less: in the sum of what feeds it and what it loses, less
would drown in rounding."""
_STILL = 1e-6
"""Below, (exp(x) - 1) / x is 1 + x / 2."""


@dataclass(frozen=True)
class Backend:
    """What a state is made of.

    Attributes
    ----------
    xp : namespace
        For the equations, such as `vaxlab.plant.kinetics.ARRAYS`.
    pack : callable
        Rows of a state → one array that the integrator can add and scale.
    rows : callable
        That array → a list of its rows.
    column : callable
        Number or array (B,), and B → what the equations take for it.
    """

    xp: Any
    pack: Callable[[Sequence[Array]], Array]
    rows: Callable[[Array], list[Array]]
    column: Callable[[Array, int], Array]


SIDE_BY_SIDE = Backend(
    ARRAYS, np.array, list, lambda values, n: np.broadcast_to(np.asarray(values, dtype=float), (n,))
)
"""Many batches: a row is an array (B,)."""

ONE = Backend(
    NUMBERS, np.array, np.ndarray.tolist, lambda values, _: float(np.asarray(values).item())
)
"""One batch: a row is a float. Python's floats are five times faster than arrays of one."""


def tensors(dtype: Any = None, device: Any = None) -> Backend:
    """Return the backend for torch: a row is a tensor (B,).

    Parameters
    ----------
    dtype : torch.dtype, optional
        ``torch.float64`` if not given; float32 is right to about 1e-4.
    device : torch.device or str, optional
        Such as ``"cuda"``.
    """
    import torch

    dtype = dtype or torch.float64

    def column(values: Array, n: int) -> Array:
        if not isinstance(values, torch.Tensor):
            values = np.array(values)  # a copy, because torch refuses what is read-only
        return torch.as_tensor(values, dtype=dtype, device=device).expand(n)

    names = ("exp", "log", "log10", "sqrt", "minimum", "maximum", "where")
    return Backend(
        SimpleNamespace(positive=torch.relu, **{name: getattr(torch, name) for name in names}),
        torch.stack,
        lambda y: list(torch.unbind(y)),
        column,
    )


def runge_kutta(
    rates: Callable[[Sequence[Array], int, int], list[Array]],
    start: Sequence[Array],
    steps: Sequence[Array],
    *,
    vanishing: int | None = None,
    feeding: Callable[[Sequence[Array], Sequence[Array]], Array] | None = None,
    backend: Backend = SIDE_BY_SIDE,
) -> list[Array]:
    """Integrate with the classical Runge-Kutta method of order 4.

    Parameters
    ----------
    rates : callable
        Rows of a state, number of the step, and moment in it (0 its start, 1 its middle, 2 its
        end) → a list of the rows' time derivatives.
    start : sequence of S rows
        State at the start; not written to.
    steps : sequence of T rows
        Length of every step of every batch, h. A batch rests where its step is 0.
    vanishing : int, optional
        Row of a state that only decays, but by many orders of magnitude and far faster than
        all the others. It is integrated as its logarithm, which is smooth and stays positive
        where the plain method would need steps ten times shorter: at the height of an
        infection, cells that are still healthy are lost within minutes.
    feeding : callable, optional
        Rows of a state and of its derivative → what flows into the vanishing state, 0 or more. A
        logarithm cannot follow that: where little is left, its slope has no bound, and no step
        is short enough. What flows in is then integrated beside it, exactly for a flow and a
        rate of loss that are constant in a step; where nothing flows in nothing changes.
    backend : Backend

    Returns
    -------
    list of T states
        After every step, each as ``backend.pack`` made it, such as an array (S, B).
    """
    pack, xp = backend.pack, backend.xp

    def natural(y: Array, gained: Array | None = None) -> Sequence[Array]:
        rows = backend.rows(y)
        if vanishing is not None:
            # Below exp(-80) the cells are gone; the floor keeps the division defined.
            above = rows[vanishing] - _LOWEST_LOG
            rows[vanishing] = xp.exp(0.5 * (above + abs(above)) + _LOWEST_LOG)
            if gained is not None:
                fed = _LEAST_FED + xp.positive(rows[vanishing] + gained - _LEAST_FED)
                rows[vanishing] = xp.where(gained > 0, fed, rows[vanishing])
        return rows

    def slopes(
        y: Array, step: int, moment: int, gained: Array | None = None
    ) -> tuple[Array, Array | None]:
        rows = natural(y, gained)
        change = rates(rows, step, moment)
        flow = None
        if vanishing is not None:
            if feeding:
                flow = feeding(rows, change)
                change[vanishing] = change[vanishing] - flow
            change[vanishing] = change[vanishing] / rows[vanishing]
        return pack(change), flow

    def gain(h: Array, slope: Array, flow: Array | None) -> Array | None:
        """Return what is left at a step's end of what flowed in."""
        if flow is None:
            return None
        x = h * slope[vanishing]
        still = abs(x) < _STILL
        share = (xp.exp(x) - 1.0) / xp.where(still, 1.0 + 0 * x, x)
        return flow * h * xp.where(still, 1.0 + 0.5 * x, share)

    first = list(start)
    if vanishing is not None:
        first[vanishing] = xp.log(first[vanishing])
    y = pack(first)
    path = []
    for step, h in enumerate(steps):
        half = h / 2
        k1, flow1 = slopes(y, step, 0)
        k2, flow2 = slopes(_moved(y, half, k1), step, 1, gain(half, k1, flow1))
        k3, flow3 = slopes(_moved(y, half, k2), step, 1, gain(half, k2, flow2))
        k4, flow4 = slopes(_moved(y, h, k3), step, 2, gain(h, k3, flow3))
        k2 = k2 + k3
        k2 += k2
        k2 += k1
        k2 += k4
        y = _moved(y, h / 6, k2)
        if vanishing is None:
            path.append(y)
            continue
        gained = None
        if feeding:
            gained = gain(h / 6, k2, flow1 + 2 * flow2 + 2 * flow3 + flow4)
        rows = natural(y, gained)
        path.append(pack(rows))
        if gained is not None:
            rows[vanishing] = xp.where(
                gained > 0, xp.log(rows[vanishing]), backend.rows(y)[vanishing]
            )
            y = pack(rows)
    return path


def _moved(y: Array, h: Array, slope: Array) -> Array:
    """Return y + h * slope with one new array, not two."""
    there = h * slope
    there += y
    return there
