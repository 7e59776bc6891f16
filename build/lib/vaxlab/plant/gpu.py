"""Many batches on a graphics card: one step of the integration, recorded once and replayed.

A step of 100,000 batches takes a card less time than Python needs to ask for its thousand
operations. So the step is fused into a few kernels by ``torch.compile`` (which needs triton),
recorded as a CUDA graph over buffers that stay where they are, and replayed: Python only fills
the buffers, and only where something has changed. Where the step cannot be fused its operations
are recorded one by one; where nothing can be recorded, every step runs as it does elsewhere.

The equations and the integrator are those of all other batches: nothing is written twice.
"""

import contextlib
import functools
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from vaxlab.errors import CourseError
from vaxlab.plant.integrate import (
    Array,
    lowered,
    natural,
    one_step,
    slopes_of,
    tensors,
)
from vaxlab.plant.kinetics import STATES, Coefficients, rates
from vaxlab.plant.parameters import VALUES

if TYPE_CHECKING:
    import torch

    from vaxlab.plant.phases import Phase

HOW = ("auto", "fused", "replayed", "eager")
"""How steps run: fused and replayed, replayed, one by one; or the first of these that works on a
graphics card, and one by one elsewhere. Without a card, fused and replayed steps run in the same
buffers, unrecorded: slower than one by one, and good for tests."""

_ONE_AT_A_TIME = threading.Lock()
"""Two threads must not fill the same buffers."""


class Equations(NamedTuple):
    """What is fixed in a step, whatever the batches.

    Attributes
    ----------
    names : tuple of str
        Fields of `Coefficients` that differ from batch to batch.
    constants : tuple of pairs
        The other fields, with their values.
    vanishing : int or None
        As in `vaxlab.plant.integrate.runge_kutta`.
    dtype : torch.dtype
    """

    names: tuple[str, ...]
    constants: tuple[tuple[str, Any], ...]
    vanishing: int | None
    dtype: Any


@dataclass(frozen=True)
class Recording:
    """One step over buffers that stay where they are.

    Attributes
    ----------
    y : tensor (S, B)
        State before the step, and after it.
    shown : tensor (S, B)
        The same after the step without any logarithm.
    h : tensor (B,)
        Length of the step.
    moments : triple of tuples of tensors (B,)
        Coefficients at its start, middle and end.
    replay : callable
        Takes the step.
    step : callable
        What was recorded: kernels that a CUDA graph launches must live as long as it does.
    """

    y: Array
    shown: Array
    h: Array
    moments: tuple[tuple[Array, ...], ...]
    replay: Callable[[], object]
    step: Callable[[], None]


def recorder(how: str, device: "torch.device") -> Callable[..., list[Array] | None] | None:
    """Return `march` for a device, or None where every step is to be taken by itself.

    Raises
    ------
    CourseError
        ``how`` is none of `HOW`.
    """
    if how not in HOW:
        raise CourseError(f"tensors: how = {how!r}; expected one of {', '.join(HOW)}.")
    if how == "eager" or (how == "auto" and device.type != "cuda"):
        return None
    return functools.partial(march, how=how)


def march(
    phase: "Phase",
    start: Sequence[Array],
    *,
    every: int,
    vanishing: int | None,
    how: str = "auto",
) -> list[Array] | None:
    """Run a phase from one recorded step.

    Parameters
    ----------
    phase : Phase
    start : sequence of S tensors (B,)
    every, vanishing : int
        As in `vaxlab.plant.integrate.runge_kutta`.
    how : str
        One of `HOW`.

    Returns
    -------
    list of tensor (S, B), or None
        What `runge_kutta` returns; None where a gradient is wanted, or nothing can be recorded.

    Raises
    ------
    Exception
        Whatever keeps the step from being recorded in the one way that was asked for.
    """
    import torch

    first = phase.at(0, 0)
    names = tuple(
        field.name
        for field in fields(Coefficients)
        if isinstance(getattr(first, field.name), torch.Tensor)
    )
    inputs = [*start, *(getattr(first, name) for name in names)]
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
        return None
    constants = tuple(
        (field.name, getattr(first, field.name))
        for field in fields(Coefficients)
        if field.name not in names
    )
    y = torch.stack(lowered(start, vanishing, phase.backend))
    # Buffers made in inference mode could never be written to outside it.
    with _ONE_AT_A_TIME, torch.inference_mode(False), torch.no_grad(), _on(y.device):
        key = Equations(names, constants, vanishing, y.dtype), y.shape[1], y.device
        recording = _first_that_works(*key) if how == "auto" else _recorded(*key, how)
        return recording and _replayed(recording, names, phase, y, every)


def _replayed(
    recording: Recording, names: Sequence[str], phase: "Phase", y: Array, every: int
) -> list[Array]:
    """Return the kept states of a phase, step by step from the same recording."""
    recording.y.copy_(y)
    filled: list[Coefficients | None] = [None] * 3
    length, path = None, []
    for step, h in enumerate(phase.steps):
        if h is not length:
            recording.h.copy_(h)
            length = h
        for moment, buffers in enumerate(recording.moments):
            k = phase.at(step, moment)
            if k is filled[moment]:
                continue
            for buffer, name in zip(buffers, names, strict=True):
                buffer.copy_(getattr(k, name))
            filled[moment] = k
        recording.replay()
        if (step + 1) % every == 0:
            path.append(recording.shown.clone())
    return path


@functools.lru_cache(maxsize=4)
def _first_that_works(equations: Equations, n: int, device: "torch.device") -> Recording | None:
    """Return the fastest recording that can be made here, and warn of what cannot."""
    for how in ("fused", "replayed"):
        try:
            return _recorded(equations, n, device, how)
        except Exception as error:  # no compiler, no triton, no memory: anything may be missing
            lines = str(error).strip().splitlines() or ["no reason given"]
            warnings.warn(
                f"The plant's step cannot be {how} on {device}, and runs more slowly: "
                f"{type(error).__name__}: {lines[0]}",
                stacklevel=2,
            )
    return None


@functools.lru_cache(maxsize=4)
def _recorded(equations: Equations, n: int, device: "torch.device", how: str) -> Recording:
    """Return a step of n batches over its own buffers; remembered, for recording takes a while."""
    import torch

    dtype, vanishing = equations.dtype, equations.vanishing
    backend = tensors(dtype, device, how="eager")
    slopes = _slopes(equations, fused=how == "fused")
    y, shown = (torch.ones((len(STATES), n), dtype=dtype, device=device) for _ in range(2))
    h = torch.zeros(n, dtype=dtype, device=device)
    moments = tuple(tuple(torch.ones_like(h) for _ in equations.names) for _ in range(3))

    def step() -> None:
        y.copy_(one_step(lambda state, _, moment: slopes(state, moments[moment]), y, h, 0))
        shown.copy_(y if vanishing is None else backend.pack(natural(y, vanishing, backend)))

    return Recording(y, shown, h, moments, _captured(step, device), step)


@functools.cache
def _slopes(equations: Equations, fused: bool) -> Callable[[Array, tuple[Array, ...]], Array]:
    """Return the rates of a packed state under given coefficients."""
    import torch

    backend = tensors(equations.dtype, how="eager")
    names, constants = equations.names, dict(equations.constants)

    def slopes(y: Array, coefficients: tuple[Array, ...]) -> Array:
        k = Coefficients(**dict(zip(names, coefficients, strict=True)), **constants)

        def change(rows: list[Array], *_: int) -> list[Array]:
            return rates(rows, k, VALUES, backend.xp)

        return slopes_of(change, equations.vanishing, backend)(y, 0, 0)

    # Not the whole step: that would take four times as long to compile, and what is left is
    # little. One compilation serves any number of batches.
    return torch.compile(slopes, dynamic=True, fullgraph=True) if fused else slopes


def _captured(call: Callable[[], None], device: "torch.device") -> Callable[[], object]:
    """Return what repeats a call on a graphics card without Python; elsewhere, the call."""
    import torch

    call()  # compiles what is to be compiled, which must not happen while recording
    if device.type != "cuda":
        return call
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):  # as torch asks for: warm up on another stream
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


@contextlib.contextmanager
def _on(device: "torch.device") -> Iterator[None]:
    """Make a graphics card the current one, where it is one."""
    import torch

    with torch.cuda.device(device) if device.type == "cuda" else contextlib.nullcontext():
        yield
