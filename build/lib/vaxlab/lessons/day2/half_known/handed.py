"""What a check of this notebook hands to a learner's function: it has to be there where it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

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


class Told(torch.Tensor):
    """A tensor whose descendants tell their gradient, where they are handed back as numbers.

    Numbers alone cross to a check. What was computed of this tensor crosses as the gradient of its
    sum by this tensor, one axis in front; what lost the gradient on the way, as what it is.
    """

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):  # noqa: ANN001, ANN206, D105
        if func is torch.Tensor.numpy and hasattr(args[0], "told"):
            return args[0].told[None].numpy()
        answer = super().__torch_function__(func, types, args, kwargs)
        root = next(_roots([*args, *(kwargs or {}).values()]), None)
        if not torch.is_grad_enabled() or root is None:
            return answer
        written = args[0] if args else None
        if type(written) is torch.Tensor and written.requires_grad:  # written into in place
            for whole in (written, written._base):
                if whole is not None:
                    whole.__class__, whole.root = cls, root
        for part in answer if isinstance(answer, tuple | list) else [answer]:
            if isinstance(part, Told) and part is not root:
                part.root = root
        if func is torch.Tensor.detach and args[0].requires_grad:
            answer.told = _gradient(args[0], root)
        elif func is torch.Tensor.cpu and hasattr(args[0], "told"):
            answer.told = args[0].told
        return answer


def _roots(values: Iterable[Any]) -> Iterator[Told]:
    for value in values:
        if isinstance(value, Told):
            yield getattr(value, "root", value)
        elif isinstance(value, tuple | list):
            yield from _roots(value)


def _gradient(value: torch.Tensor, root: torch.Tensor) -> torch.Tensor:
    with torch._C.DisableTorchFunctionSubclass():
        (found,) = torch.autograd.grad(value.sum(), root, retain_graph=True, allow_unused=True)
        found = torch.zeros_like(root) if found is None else found
        return found.detach().as_subclass(torch.Tensor)


def _shown(value: object) -> str:
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")
