"""What a check of this notebook hands to a learner's function: it has to be there where it runs."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch


class Move:
    """A state (3,) an hour later; not linear.

    Parameters
    ----------
    kind : str
        ``"spread"`` (an infection that spreads) or ``"turning"``.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the state an hour later, (3,).

        Raises
        ------
        ValueError
            That is no state.
        """
        _state("move", x)
        a, b, c = x.unbind()
        if self.kind == "spread":
            caught = a * b / (1 + b * b)
            return torch.stack([a - 0.3 * caught, 0.8 * b + 0.5 * caught + 0.1 * c, 0.9 * c])
        return torch.stack([a + 0.2 * torch.sin(b), 0.9 * b - 0.1 * a * c, c + 0.05 * a * a])


class Look:
    """What two probes should show of a state (3,); not linear."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return two readings, (2,).

        Raises
        ------
        ValueError
            That is no state.
        """
        _state("look", x)
        return torch.stack([x[0] + 0.3 * x[1] * x[1], torch.exp(0.3 * x[2]) + x[1]])


class Straight:
    """What one probe shows of a state (3,): its first entry."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return one reading, (1,)."""
        return x[:1]


class Stay:
    """A state that stays what it is."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the state itself."""
        return 1.0 * x


def _state(who: str, x: Any) -> None:
    if not isinstance(x, torch.Tensor) or tuple(x.shape) != (3,):
        shape = tuple(getattr(x, "shape", ()))
        raise ValueError(f"{who} needs a state, a tensor (3,); it got {type(x).__name__} {shape}")


class Step:
    """A belief, an array of mean and variance, an hour on, with that hour's reading in it."""

    GROWS, NOISE, SD = 1.1, 0.05, 0.4

    def __call__(self, belief: Any, reading: float) -> np.ndarray:
        """Return the belief an hour later, (2,)."""
        mean, variance = np.asarray(belief, dtype=float)
        return _updated(
            self.GROWS * mean, self.GROWS**2 * variance + self.NOISE, float(reading), self.SD
        )


class Correct:
    """A belief with a laboratory sample in it, drawn at the very hour of the belief."""

    SD = 0.1

    def __call__(self, belief: Any, sample: float) -> np.ndarray:
        """Return the belief of the same hour, (2,)."""
        mean, variance = np.asarray(belief, dtype=float)
        return _updated(mean, variance, float(sample), self.SD)


def _updated(mean: float, variance: float, reading: float, sd: float) -> np.ndarray:
    gain = variance / (variance + sd**2)
    return np.array([mean + gain * (reading - mean), (1 - gain) * variance])


WRITTEN = "this list was handed in to be read: write into none"


class Kept(list):
    """A list that lets nobody write into it; its copies are plain lists."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError(WRITTEN)

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Return what makes it again on the other side of the border, in one go."""
        return Kept, (list(self),)

    def __copy__(self) -> list[Any]:
        """Return a plain list."""
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        """Return a plain list of copies."""
        return copy.deepcopy(list(self), memo)
