"""A fixed-step integrator for many batches side by side, for one batch, and for tensors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from vaxlab.plant.kinetics import ARRAYS, NUMBERS

Array = Any

_LOWEST_LOG = -80.0


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
    recorded : callable, optional
        A phase, its start, ``every`` and ``vanishing`` as in `runge_kutta` → the states, run
        from one step that was recorded (`vaxlab.plant.gpu.march`), or None where that does not
        do and every step has to be taken by itself.
    """

    xp: Any
    pack: Callable[[Sequence[Array]], Array]
    rows: Callable[[Array], list[Array]]
    column: Callable[[Array, int], Array]
    recorded: Callable[..., list[Array] | None] | None = None


SIDE_BY_SIDE = Backend(
    ARRAYS, np.array, list, lambda values, n: np.broadcast_to(np.asarray(values, dtype=float), (n,))
)
"""Many batches: a row is an array (B,)."""

ONE = Backend(
    NUMBERS, np.array, np.ndarray.tolist, lambda values, _: float(np.asarray(values).item())
)
"""One batch: a row is a float. Python's floats are five times faster than arrays of one."""


def tensors(dtype: Any = None, device: Any = None, how: str = "auto") -> Backend:
    """Return the backend for torch: a row is a tensor (B,).

    Parameters
    ----------
    dtype : torch.dtype, optional
        ``torch.float64`` if not given; float32 is right to about 1e-4.
    device : torch.device or str, optional
        Such as ``"cuda"``.
    how : str
        How steps are run where no gradient is wanted: one of `vaxlab.plant.gpu.HOW`. By
        default fused and replayed on a graphics card, one by one elsewhere. With a gradient,
        always one by one.

    Returns
    -------
    Backend

    Raises
    ------
    CourseError
        ``how`` is none of them.
    """
    import torch

    from vaxlab.plant import gpu

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
        gpu.recorder(how, torch.device(device or "cpu")),
    )


def runge_kutta(
    rates: Callable[[Sequence[Array], int, int], list[Array]],
    start: Sequence[Array],
    steps: Sequence[Array],
    *,
    vanishing: int | None = None,
    backend: Backend = SIDE_BY_SIDE,
    every: int = 1,
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
    backend : Backend
    every : int
        One of so many steps is kept; a divisor of T.

    Returns
    -------
    list of T / every states
        Each as ``backend.pack`` made it, such as an array (S, B).
    """
    slopes = slopes_of(rates, vanishing, backend)
    y = backend.pack(lowered(start, vanishing, backend))
    path = []
    for step, h in enumerate(steps):
        y = one_step(slopes, y, h, step)
        if (step + 1) % every == 0:
            path.append(y if vanishing is None else backend.pack(natural(y, vanishing, backend)))
    return path


def lowered(start: Sequence[Array], vanishing: int | None, backend: Backend) -> list[Array]:
    """Return rows with the logarithm of the one that vanishes."""
    rows = list(start)
    if vanishing is not None:
        rows[vanishing] = backend.xp.log(rows[vanishing])
    return rows


def natural(y: Array, vanishing: int | None, backend: Backend) -> list[Array]:
    """Return the rows of a state without any logarithm."""
    rows = backend.rows(y)
    if vanishing is not None:
        # Below exp(-80) the cells are gone; the floor keeps the division defined.
        above = rows[vanishing] - _LOWEST_LOG
        rows[vanishing] = backend.xp.exp(0.5 * (above + abs(above)) + _LOWEST_LOG)
    return rows


def slopes_of(
    rates: Callable[[Sequence[Array], int, int], list[Array]],
    vanishing: int | None,
    backend: Backend,
) -> Callable[[Array, int, int], Array]:
    """Return the rates of a packed state, from those of its rows: see `runge_kutta`."""

    def slopes(y: Array, step: int, moment: int) -> Array:
        rows = natural(y, vanishing, backend)
        change = rates(rows, step, moment)
        if vanishing is not None:
            change[vanishing] = change[vanishing] / rows[vanishing]
        return backend.pack(change)

    return slopes


def one_step(slopes: Callable[[Array, int, int], Array], y: Array, h: Array, step: int) -> Array:
    """Return the packed state after one step of length ``h``: see `runge_kutta`."""
    k1 = slopes(y, step, 0)
    half = h / 2
    k2 = slopes(_moved(y, half, k1), step, 1)
    k3 = slopes(_moved(y, half, k2), step, 1)
    k4 = slopes(_moved(y, h, k3), step, 2)
    k2 = k2 + k3
    k2 += k2
    k2 += k1
    k2 += k4
    return _moved(y, h / 6, k2)


def _moved(y: Array, h: Array, slope: Array) -> Array:
    """Return y + h * slope with one new array, not two."""
    there = h * slope
    there += y
    return there
