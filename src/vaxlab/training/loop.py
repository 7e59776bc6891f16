"""The loop: early stopping, best weights, and what cannot be trained said in sentences."""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from vaxlab.errors import CourseError

if TYPE_CHECKING:
    from vaxlab.training.curve import LiveCurve

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Pair = tuple[ArrayLike | torch.Tensor, ArrayLike | torch.Tensor]


_LARGE = 1e6
"""Of a prediction: what data of an ordinary spread do not ask for."""


class TrainingError(CourseError):
    """Training cannot go on: says where it stopped, the likely cause, and what to do."""


class _Stopped(Exception):
    """The button was pressed."""


@dataclass
class History:
    """What a training gave.

    Attributes
    ----------
    train_loss, validation_loss : list of float
        One value for each whole epoch: the mean over rows, the training loss while the weights
        still moved. ``validation_loss`` is empty where no rows were held back.
    best_epoch : int
        Counted from 1: the epoch whose weights the module has now. 0: those it came with.
    stopped : str
        ``"epochs"``, ``"patience"``, ``"button"`` or ``"interrupt"``: what ended it.
    seconds : float
        On the clock.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = "epochs"
    seconds: float = 0.0


def seed_all(seed: int = 0) -> None:
    """Set the dice of Python, numpy and torch, so that the same cell gives the same weights."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (what libraries throw when they are given no generator)
    torch.manual_seed(seed)


def fit(
    module: nn.Module,
    loss: Loss,
    train: Pair,
    *,
    validation: Pair | None = None,
    epochs: int = 100,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.0,
    patience: int | None = None,
    seed: int = 0,
    curve: LiveCurve | None = None,
) -> History:
    """Train a module by AdamW; in the end it has the weights of its best epoch.

    Parameters
    ----------
    module : nn.Module
        Trained in place, on the device where its weights lie; left in evaluation mode.
    loss : callable
        Of a prediction and a target, such as ``nn.functional.mse_loss``; a mean over the rows.
    train, validation : pair of array, table or tensor
        Inputs and targets, one row an example, brought to the type of the module's weights. The
        best epoch has the lowest loss on ``validation``, or on ``train`` if nothing is held back.
    epochs : int
        How often all rows are seen, at the most.
    batch_size : int
        Rows a step, at the most; the batches of an epoch differ by one row.
    learning_rate, weight_decay : float
        Of AdamW.
    patience : int, optional
        Epochs without a better validation loss, after which training ends.
    seed : int
        Shuffles the rows, throws the dice of dropout.
    curve : LiveCurve, optional
        Shows the loss while it falls, with a button to stop.

    Returns
    -------
    History

    Raises
    ------
    TrainingError
        Data, shapes or the loss do not allow it. The module then has its best weights so far.
    """
    if patience is not None and validation is None:
        raise TrainingError(
            "`patience` was given, and no `validation` to watch: the training loss hardly ever "
            "stops falling. Hold some rows back, or leave `patience` out."
        )
    if epochs < 1 or batch_size < 1:
        raise TrainingError(f"epochs = {epochs}, batch_size = {batch_size}: give 1 or more.")
    weight = next(module.parameters(), None)
    if weight is None:
        raise TrainingError(
            "The module has no weights to train: are its layers set in `__init__`, each as "
            "`self.name = nn.…`, or in an `nn.ModuleList`?"
        )
    rows = _pair(train, "train", weight)
    held_back = None if validation is None else _pair(validation, "validation", weight)
    for pair in filter(None, (rows, held_back)):
        _try_shapes(module, loss, *pair)
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    history, best, kept = History(), math.inf, copy.deepcopy(module.state_dict())
    begun = time.monotonic()
    if curve:
        curve.begin()
    cards = [weight.device] if weight.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        try:
            for epoch in range(1, epochs + 1):
                now = _one_epoch(module, loss, rows, optimizer, batch_size, epoch, curve)
                history.train_loss.append(now)
                if held_back:
                    module.eval()
                    with torch.no_grad():
                        now = _loss(module, loss, *held_back, epoch).item()
                    history.validation_loss.append(now)
                if now < best:
                    best, history.best_epoch, kept = now, epoch, copy.deepcopy(module.state_dict())
                if curve:
                    curve.show(history)
                if patience is not None and epoch - history.best_epoch >= patience:
                    history.stopped = "patience"
                    break
        except _Stopped:
            history.stopped = "button"
        except KeyboardInterrupt:  # ■ of the toolbar, or I, I
            history.stopped = "interrupt"
            print(f"Interrupted: the model has the weights of {named(history.best_epoch)}.")
        finally:
            module.load_state_dict(kept)
            module.eval()
            history.seconds = time.monotonic() - begun
            if curve:
                curve.end(history)
    return history


def named(best_epoch: int) -> str:
    """Say in words whose weights a module has."""
    return f"epoch {best_epoch}, the best so far" if best_epoch else "before the training"


def _one_epoch(
    module: nn.Module,
    loss: Loss,
    rows: tuple[torch.Tensor, torch.Tensor],
    optimizer: torch.optim.Optimizer,
    batch_size: int,
    epoch: int,
    curve: LiveCurve | None,
) -> float:
    """See all rows once, in a new order; return the mean loss."""
    module.train()
    inputs, targets = rows
    total = 0.0
    order = torch.randperm(len(inputs)).to(inputs.device)
    # Equal parts: a last batch of one row would stop a batch norm.
    for few in order.tensor_split(math.ceil(len(inputs) / batch_size)):
        if curve and curve.is_stopped():
            raise _Stopped
        value = _loss(module, loss, inputs[few], targets[few], epoch)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        total += value.item() * len(few)
    return total / len(inputs)


def _loss(
    module: nn.Module, loss: Loss, inputs: torch.Tensor, targets: torch.Tensor, epoch: int
) -> torch.Tensor:
    """Return the loss of some rows, or say why it is no number."""
    predicted = module(inputs)
    value = loss(predicted, targets)
    if torch.isfinite(value):
        return value
    if predicted.abs().max() < _LARGE:  # not so of NaN
        cause = (
            "The predictions are ordinary numbers, so it comes from `loss`: look for a "
            "logarithm or a root of what is not positive, or a division by 0."
        )
    else:
        cause = (
            "Likely the steps are too long: take a tenth of `learning_rate`. If that changes "
            "nothing, scale inputs and targets to a spread of about 1, and look for a logarithm, "
            "an exponential or a division by 0 in `forward`."
        )
    raise TrainingError(f"The loss became {value.item()} in epoch {epoch}. {cause}")


def _pair(pair: Pair, name: str, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
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


def _tensor(values: Any, name: str, weight: torch.Tensor) -> torch.Tensor:
    """Read numbers in the weights' type; whole ones, which may stand for classes, as they are."""
    try:
        tensor = torch.as_tensor(values if torch.is_tensor(values) else np.array(values))
    except (TypeError, ValueError) as error:
        raise TrainingError(f"The {name} are no numbers: {str(error).splitlines()[0]}.") from None
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


def _try_shapes(module: nn.Module, loss: Loss, inputs: torch.Tensor, targets: torch.Tensor) -> None:
    """Let the module answer a few rows, before anything is trained."""
    few, wanted = inputs[:2], targets[:2]
    module.eval()
    with torch.no_grad():
        try:
            answer = module(few)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise TrainingError(
                f"The module cannot take inputs of shape {tuple(inputs.shape)}, one row an "
                f"example: {str(error).splitlines()[0]}."
            ) from None
        if not torch.is_tensor(answer):
            raise TrainingError(
                f"`forward` should give one tensor, not {type(answer).__name__}: a recurrent "
                "layer, for one, gives a pair, of which you want a part."
            )
        # Whole numbers may be classes: then the prediction has a column for each of them.
        of_classes = not wanted.is_floating_point() and answer.shape[1:2] > (1,)
        if answer.shape != wanted.shape and not (of_classes and len(answer) == len(wanted)):
            raise TrainingError(
                f"For {len(wanted)} rows the module gives the shape {tuple(answer.shape)}, and the "
                f"targets have {tuple(wanted.shape)}. PyTorch would stretch one over the other and "
                "compare each prediction with each target. Give both the same shape, by "
                "`squeeze(1)` on the one or `reshape(-1, 1)` on the other."
            )
        try:
            value = loss(answer, wanted)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise TrainingError(
                f"`loss` cannot compare predictions of shape {tuple(answer.shape)} with targets of "
                f"shape {tuple(wanted.shape)}, {wanted.dtype}: {str(error).splitlines()[0]}."
            ) from None
    if not torch.is_tensor(value) or value.numel() != 1:
        raise TrainingError(
            "`loss` should give one number, as a tensor: take the mean over the rows."
        )
