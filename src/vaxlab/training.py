"""Training of PyTorch modules as day 2 writes it by hand, and checkpoints that are safe to open.

    training.seed_all(0)
    model = torch.nn.Sequential(torch.nn.Linear(7, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    history = training.fit(model, torch.nn.functional.mse_loss, (X, y), validation=(Xv, yv))

Dice. `seed_all` throws the notebook's dice: PyTorch's draw the first weights of a module. `fit`
throws dice of its own from its `seed` (the order of the batches, dropout) and leaves the
notebook's as they were: the same first weights, data and seed give the same network.
"""

from __future__ import annotations

import copy
import math
import pickle
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vaxlab.errors import CourseError

Data = tuple[Any, Any]
"""Inputs and targets: arrays, tables or tensors with one row a sample."""


class TrainingError(CourseError):
    """Training cannot begin or go on: the message says where, why and what to do."""


@dataclass
class History:
    """What happened while a module was trained.

    Attributes
    ----------
    train_loss, validation_loss : list of float
        Mean loss of each epoch, in the loss's own unit. The training loss is met on the way,
        before each step; the validation loss (empty without validation) at the epoch's end.
    best_epoch : int
        Epoch whose weights were kept, counted from 1; 0: the weights from before training.
    stopped : str
        What ended it: "epochs" (all done), "patience", "button" or "interrupt".
    seconds : float
        Wall time.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = "epochs"
    seconds: float = 0.0


def seed_all(seed: int = 0) -> None:
    """Throw the dice of Python, numpy and PyTorch (card included) anew."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global dice are what a notebook may have used
    torch.manual_seed(seed)


def fit(
    module: torch.nn.Module,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    train: Data,
    *,
    validation: Data | None = None,
    epochs: int = 100,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.0,
    patience: int | None = None,
    seed: int = 0,
    curve: Any = None,
) -> History:
    """Train a module by AdamW, and give it its best weights at the end.

    Parameters
    ----------
    module : torch.nn.Module
        Trained in place, on the device where its weights lie; left in evaluation mode.
    loss : callable
        ``loss(prediction, target)``: a mean over the rows, as a tensor of one number.
    train, validation : (inputs, targets)
        Arrays, tables or tensors. They are given to the module in the type of its weights.
    epochs, batch_size : int
        Batches of an epoch differ by one row at most.
    learning_rate, weight_decay : float
    patience : int, optional
        Stop after so many epochs in a row without a better validation loss.
    seed : int
        Throws the dice of this training: order of the rows, dropout.
    curve : LiveCurve, optional

    Returns
    -------
    History
        Best is the lowest validation loss; without validation, the lowest training loss.

    Raises
    ------
    TrainingError
        Data or module do not fit together, or the loss is no longer a number.
    """
    if patience is not None and validation is None:
        raise TrainingError("fit: patience needs validation=(inputs, targets) to look at.")
    weight = next(module.parameters())
    inputs, targets = _on_device(train, weight)
    held = None if validation is None else _on_device(validation, weight)
    steps = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    history, best, begun = History(), copy.deepcopy(module.state_dict()), time.perf_counter()
    lowest, cards = math.inf, [weight.device] if weight.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        try:
            for epoch in range(1, epochs + 1):
                module.train()
                total = 0.0
                order = torch.randperm(len(inputs)).to(weight.device)
                for rows in order.tensor_split(math.ceil(len(inputs) / batch_size)):
                    value = _loss(module, loss, inputs[rows], targets[rows], epoch)
                    steps.zero_grad()
                    value.backward()
                    steps.step()
                    total += value.item() * len(rows)
                history.train_loss.append(total / len(inputs))
                if held is not None:
                    module.eval()
                    with torch.no_grad():
                        history.validation_loss.append(_loss(module, loss, *held, epoch).item())
                now = (history.validation_loss or history.train_loss)[-1]
                if now < lowest:
                    lowest, history.best_epoch = now, epoch
                    best = copy.deepcopy(module.state_dict())
                elif patience is not None and epoch - history.best_epoch >= patience:
                    history.stopped = "patience"
                    break
        finally:
            module.load_state_dict(best)
            module.eval()
    history.seconds = time.perf_counter() - begun
    return history


def _on_device(data: Data, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return both as tensors; whole numbers stay so in targets (classes) and in tensors."""
    inputs, targets = (
        part if isinstance(part, torch.Tensor) else torch.tensor(np.asarray(part)) for part in data
    )
    if not isinstance(data[0], torch.Tensor) or inputs.is_floating_point():
        inputs = inputs.to(weight.dtype)
    if targets.is_floating_point() or targets.dtype == torch.bool:
        targets = targets.to(weight.dtype)
    return inputs.to(weight.device), targets.to(weight.device)


def _loss(
    module: torch.nn.Module, loss: Callable, inputs: torch.Tensor, target: torch.Tensor, epoch: int
) -> torch.Tensor:
    prediction = module(inputs)
    one_each = isinstance(prediction, torch.Tensor) and target.is_floating_point()
    if one_each and prediction.shape != target.shape:
        raise TrainingError(
            f"fit: the module's forward returns shape {tuple(prediction.shape)}, the target "
            f"has {tuple(target.shape)}: the loss would compare every row with every other. "
            "Give both one shape, for instance by target.reshape(-1, 1)."
        )
    value = loss(prediction, target)
    if not torch.isfinite(value):
        raise TrainingError(f"fit: the loss is {value.item()} in epoch {epoch}.")
    return value


def save(module: torch.nn.Module, path: str | Path, **about: Any) -> None:
    """Save a module's weights, and plain facts about them (units, data, epoch)."""
    torch.save({"weights": module.state_dict(), "about": about}, path)


def load(module: torch.nn.Module, path: str | Path) -> dict[str, Any]:
    """Give a module the weights of a file, and return what was saved about them.

    Nothing in the file is run.

    Raises
    ------
    CourseError
        The file is no checkpoint, holds code, or is of another model.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        module.load_state_dict(content["weights"])
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, OSError) as error:
        raise CourseError(f"load: {path} is no checkpoint of this module: {error}") from None
    return content["about"]
