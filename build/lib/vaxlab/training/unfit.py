"""What cannot be trained, said in sentences: data, shapes, a loss that is no number."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from vaxlab.errors import CourseError

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Pair = tuple[ArrayLike | torch.Tensor, ArrayLike | torch.Tensor]

_LARGE = 1e6
"""Of a prediction: what data of an ordinary spread do not ask for."""
_LEAST = {
    "epochs": 1,
    "batch_size": 1,
    "patience": 1,
    "seed": 0,
    "learning_rate": 1e-12,
    "weight_decay": 0.0,
}
_UNFIT = (RuntimeError, ValueError, IndexError, TypeError)
"""What PyTorch raises where shapes or types do not go together."""


class TrainingError(CourseError):
    """Training cannot go on: says where it stopped, the likely cause, and what to do."""


def loss_of(
    module: nn.Module, loss: Loss, inputs: torch.Tensor, targets: torch.Tensor, when: str
) -> torch.Tensor:
    """Return the loss of some rows, or say what does not fit."""
    try:
        answer = module(inputs)
    except _UNFIT as error:
        raise TrainingError(
            f"The module cannot take {len(inputs)} rows of shape {tuple(inputs.shape[1:])}: "
            f"{_first_line(error)}"
        ) from None
    if not torch.is_tensor(answer):
        raise TrainingError(
            f"`forward` should give one tensor, not {type(answer).__name__}: a recurrent "
            "layer, for one, gives a pair, of which you want a part."
        )
    # Whole numbers may be classes: then the prediction has a column for each of them.
    of_classes = not targets.is_floating_point() and answer.shape[1:2] > (1,)
    if answer.shape == targets.shape:
        targets = targets.to(answer.dtype)
    elif not (of_classes and len(answer) == len(targets)):
        raise TrainingError(
            f"For {len(targets)} rows the module gives the shape {tuple(answer.shape)}, and the "
            f"targets have {tuple(targets.shape)}. PyTorch would stretch one over the other and "
            "compare each prediction with each target, or fail. Give both the same shape, by "
            "`squeeze(1)` on the one or `reshape(-1, 1)` on the other."
        )
    try:
        value = loss(answer, targets)
    except _UNFIT as error:
        raise TrainingError(
            f"`loss` cannot compare predictions of shape {tuple(answer.shape)} with targets of "
            f"shape {tuple(targets.shape)}, {targets.dtype}: {_first_line(error)}"
        ) from None
    if not torch.is_tensor(value) or value.numel() != 1:
        raise TrainingError(
            "`loss` should give one number, as a tensor: take the mean over the rows. A loss of "
            "`torch.nn` is made first, such as `nn.MSELoss()`."
        )
    if not torch.isfinite(value):
        raise TrainingError(f"The loss is {value.item()} {when}. {_cause(answer, when)}")
    return value


def _cause(answer: torch.Tensor, when: str) -> str:
    """Say what most likely made a loss no number."""
    if answer.abs().max() < _LARGE:  # not so of NaN
        return (
            "The predictions are ordinary numbers, so it comes from `loss`: look for a "
            "logarithm or a root of what is not positive, or a division by 0."
        )
    inside = "look for a logarithm, an exponential, a root or a division by 0 in `forward`."
    if not when.startswith("in epoch"):
        return f"The untrained module gives no ordinary numbers: scale the inputs, and {inside}"
    return (
        "Likely the steps are too long: take a tenth of `learning_rate`. If that changes "
        f"nothing, scale inputs and targets to a spread of about 1, and {inside}"
    )


def is_whole(module: nn.Module, epoch: int) -> bool:
    """Tell that an epoch's last step, which no loss has seen yet, has left numbers."""
    if all(torch.isfinite(weight).all() for weight in module.parameters()):
        return True
    raise TrainingError(
        f"The last step of epoch {epoch} left weights that are no numbers, though the loss was "
        "one. Look for a root of 0, whose slope has no end, and take a tenth of `learning_rate`."
    )


def _first_line(error: Exception) -> str:
    """Return what an error says, with the learner's own line that it came from."""
    own = [
        frame.line
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.line and frame.filename != __file__ and "site-packages" not in frame.filename
    ]
    said = str(error).partition("\n")[0].rstrip(".")
    return f"{said}, at `{own[-1]}`." if own else f"{said}."


def check_numbers(**options: object) -> None:
    """Refuse what no number of epochs, rows or the like can be; None stands for no patience."""
    for name, value in options.items():
        least = _LEAST[name]
        kind, words = (Integral, "a whole number") if isinstance(least, int) else (Real, "a number")
        is_number = isinstance(value, kind) and not isinstance(value, bool)
        if not (is_number and least <= value < 1e38) and (name, value) != ("patience", None):
            raise TrainingError(f"{name} = {value!r}: give {words}, {least:g} or more.")


def first_weight(module: nn.Module) -> torch.Tensor:
    """Return a weight: it tells device and type of them all."""
    if not isinstance(module, nn.Module):
        raise TrainingError(
            f"`module` is {module!r}: give a module that is made, such as `nn.Linear(7, 1)`."
        )
    weight = next(module.parameters(), None)
    if weight is None:
        raise TrainingError(
            "The module has no weights to train: are its layers set in `__init__`, each as "
            "`self.name = nn.…`, or in an `nn.ModuleList`?"
        )
    return weight


def pair_of(pair: Pair, name: str, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Read inputs and targets, onto the device where the module's weights lie."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TrainingError(f"`{name}` should be a pair: inputs and targets.")
    inputs, targets = (
        _tensor(part, f"{which} of `{name}`", weight)
        for part, which in zip(pair, ("inputs", "targets"), strict=True)
    )
    if len(inputs) != len(targets) or not len(inputs):
        raise TrainingError(
            f"`{name}` has {len(inputs)} inputs and {len(targets)} targets: give one target for "
            "each, and at least one."
        )
    return inputs, targets


def _array(values: Any) -> np.ndarray:
    """Return numbers as numpy's; what is missing in a table or a list becomes NaN."""
    array = values.to_numpy(na_value=np.nan) if hasattr(values, "to_numpy") else np.array(values)
    return array.astype(float) if array.dtype == object else array


def _tensor(values: Any, name: str, weight: torch.Tensor) -> torch.Tensor:
    """Read numbers in the weights' type; whole ones, which may stand for classes, as they are."""
    try:
        tensor = values if torch.is_tensor(values) else torch.tensor(_array(values))
    except (TypeError, ValueError) as error:
        raise TrainingError(f"The {name} are no numbers: {_first_line(error)}") from None
    if tensor.is_complex():
        raise TrainingError(f"The {name} are complex numbers: give real ones.")
    if tensor.ndim == 0:
        raise TrainingError(f"The {name} are a single number: give one row for each example.")
    of_inputs = name.startswith("inputs") and not torch.is_tensor(values)
    if not (of_inputs or tensor.is_floating_point() or tensor.dtype == torch.bool):
        return tensor.to(weight.device)
    tensor = tensor.detach().to(weight.device, weight.dtype)
    lost = ~torch.isfinite(tensor)
    if lost.any():
        where = ""
        if tensor.ndim > 1:
            columns = lost.movedim(-1, 0).flatten(1).any(1).nonzero().flatten().tolist()
            names = getattr(values, "columns", range(tensor.shape[-1]))
            where = f", in column {', '.join(str(names[k]) for k in columns[:5])}"
        raise TrainingError(
            f"The {name} hold {int(lost.sum())} values that are no numbers (NaN or infinite)"
            f"{where}. One is enough to spoil every weight: fill the gaps, or leave those rows out."
        )
    return tensor
