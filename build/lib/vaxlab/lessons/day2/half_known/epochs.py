"""Epochs of a learner's own loop: their curve, a button that stops them, the best weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import torch
from torch import nn

from vaxlab import training


def epochs(module: nn.Module, losses: list[float], most: int) -> Iterator[int]:
    """Count epochs as ``range(most)`` does, draw their losses, and keep the best weights.

        losses = []
        for epoch in half_known.epochs(hybrid, losses, 24):
            loss = ...
            losses.append(loss.item())

    Parameters
    ----------
    module : nn.Module
        Trained in the loop. In the end it has the weights of the lowest loss: those it had when
        the loss was computed, before the optimizer's step.
    losses : list
        To which the loop appends one number an epoch. What it holds before is dropped.
    most : int
        Epochs, if nobody presses the button.

    Yields
    ------
    int
        The epoch, from 0.

    Raises
    ------
    TrainingError
        The loss was not appended, or it or the weights are no numbers any more: in which epoch,
        and what it is as a rule.
    """
    losses.clear()
    curve, history = training.LiveCurve("Misfit of the hybrid"), training.History(losses)
    best = copy.deepcopy(module.state_dict())
    history.stopped = "interrupt"  # unless it ends otherwise
    curve.begin()
    try:
        for epoch in range(most):
            now = copy.deepcopy(module.state_dict())
            yield epoch
            _check(module, losses, epoch)
            if losses[-1] == min(losses):
                best, history.best_epoch = now, epoch + 1
            curve.show(history)
            if curve.is_stopped():
                history.stopped = "button"
                return
        history.stopped = "epochs"
    except training.TrainingError:
        history.stopped = "error"
        raise
    finally:
        del losses[len(losses) - (bool(losses) and not math.isfinite(losses[-1])) :]
        module.load_state_dict(best)
        curve.end(history)


def _check(module: nn.Module, losses: list[float], epoch: int) -> None:
    """Refuse an epoch after which training makes no sense."""
    if len(losses) != epoch + 1:
        raise training.TrainingError(
            f"After epoch {epoch + 1} there are {len(losses)} losses, not {epoch + 1}. Write "
            "losses.append(loss.item()) once into the loop."
        )
    losses[-1] = float(torch.as_tensor(losses[-1]).detach())
    whole = all(bool(torch.isfinite(weight).all()) for weight in module.parameters())
    if math.isfinite(losses[-1]) and whole:
        return
    what = "The weights are" if math.isfinite(losses[-1]) else "The loss is"
    raise training.TrainingError(
        f"{what} NaN or infinite in epoch {epoch + 1}. As a rule a missing reading got into the "
        "gradient: pick the readings that are there first, off[~torch.isnan(measured)]. If they "
        "are picked, lower the learning rate. The module has its best "
        "weights so far."
    )
