"""The loop: early stopping, and the best weights kept."""

from __future__ import annotations

import copy
import math
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from vaxlab.training.unfit import (
    Loss,
    Pair,
    TrainingError,
    check_numbers,
    first_weight,
    is_whole,
    loss_of,
    pair_of,
)

if TYPE_CHECKING:
    from vaxlab.training.curve import LiveCurve


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
    check_numbers(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        patience=patience,
        seed=seed,
    )
    weight = first_weight(module)
    rows = pair_of(train, "train", weight)
    held_back = None if validation is None else pair_of(validation, "validation", weight)
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    cards = [weight.device] if weight.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        for pair in filter(None, (rows, held_back)):  # said before anything is trained
            _unmoved(module, loss, *(part[:2] for part in pair), "before the first step")
        history, best, kept = History(), math.inf, copy.deepcopy(module.state_dict())
        begun = time.monotonic()
        if curve:
            curve.begin()
        try:
            for epoch in range(1, epochs + 1):
                now = _one_epoch(module, loss, rows, optimizer, batch_size, epoch, curve)
                history.train_loss.append(now)
                if held_back:
                    now = _unmoved(module, loss, *held_back, f"in epoch {epoch}")
                    history.validation_loss.append(now)
                if now < best and is_whole(module, epoch):
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
        except BaseException:
            history.stopped = "error"
            raise
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


def _unmoved(
    module: nn.Module, loss: Loss, inputs: torch.Tensor, targets: torch.Tensor, when: str
) -> float:
    """Return the loss of rows that teach nothing."""
    module.eval()
    with torch.no_grad():
        return loss_of(module, loss, inputs, targets, when).item()


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
        value = loss_of(module, loss, inputs[few], targets[few], f"in epoch {epoch}")
        if not value.requires_grad:
            raise TrainingError(
                "The loss depends on no weight that can learn. Look in `forward` and `loss` for "
                "`.detach()`, `.item()`, `.numpy()` or `no_grad`, and whether the weights are "
                "frozen (`requires_grad`)."
            )
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        total += value.item() * len(few)
    return total / len(inputs)
