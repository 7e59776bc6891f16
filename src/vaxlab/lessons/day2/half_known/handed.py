"""What a check of this notebook hands to a learner's function: it has to be there where it runs."""

from __future__ import annotations

import torch


class Slope:
    """A rate of change that minds whether gradients still go through what it is given.

    Parameters
    ----------
    kind : str
        ``"growth"`` (logistic, two rows that act on each other) or ``"turning"`` (a turning
        point). Neither is linear in time.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, state: torch.Tensor) -> torch.Tensor:
        """Return the rate of change of a state (B, 3), of the same shape.

        Raises
        ------
        ValueError
            The state lost its gradient on the way, or is no state.
        """
        if not isinstance(state, torch.Tensor) or state.ndim != 2 or state.shape[1] != 3:
            raise ValueError(f"slope needs a state (B, 3); it got {_shown(state)}")
        if not state.requires_grad:
            raise ValueError(
                "the state that slope was given has lost its gradient: no .detach(), .item(), "
                "numpy or torch.tensor(...) on the way"
            )
        a, b, c = state.unbind(dim=1)
        if self.kind == "growth":
            return torch.stack([a * (1 - a / 4) - 0.3 * a * b, 0.5 * a * b - 0.4 * b, -0.7 * c], 1)
        return torch.stack([b, -a - 0.1 * c * b, 0.2 * a * a], 1)


def _shown(value: object) -> str:
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")
