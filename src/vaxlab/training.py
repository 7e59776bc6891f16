"""The training loop, written once: early stopping, best weights, a live curve with a stop button.

Notebook 1 of day 2 writes the loop by hand; this is what the others call. There is no framework
on top: a module, a loss, two tensors.
"""

from __future__ import annotations

import copy
import math
import os
import pickle
import random
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from vaxlab.errors import CourseError
from vaxlab.figures import COLOURS, DASHES

if TYPE_CHECKING:
    import ipywidgets

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Pair = tuple[ArrayLike | torch.Tensor, ArrayLike | torch.Tensor]

REDRAW_S = 0.2
"""Between two pictures of a live curve."""


class TrainingError(CourseError):
    """Training cannot go on: says where it stopped, the likely cause, and what to do."""


@dataclass
class History:
    """What a training gave.

    Attributes
    ----------
    train_loss, validation_loss : list of float
        One value an epoch; the mean over rows, the training loss while the weights still moved.
        ``validation_loss`` is empty where no rows were held back.
    best_epoch : int
        Counted from 1: the epoch whose weights the module has now.
    stopped : str
        ``"epochs"``, ``"patience"``, ``"button"``, ``"interrupt"`` or ``"error"``: what ended it.
    seconds : float
        On the clock.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = "epochs"
    seconds: float = 0.0


def seed_all(seed: int) -> None:
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
        Trained in place, on the device where its weights lie.
    loss : callable
        Of a prediction and a target, such as ``nn.functional.mse_loss``; gives one number.
    train, validation : pair of array or tensor
        Inputs and targets, one row an example. Numbers become float32. The best epoch is that
        of the lowest loss on ``validation``, or on ``train`` where nothing is held back.
    epochs : int
        How often all rows are seen, at the most.
    batch_size : int
        Rows a step.
    learning_rate, weight_decay : float
        Of AdamW.
    patience : int, optional
        Epochs without a better validation loss, after which training ends.
    seed : int
        Shuffles the rows. First weights are drawn when the module is made: see `seed_all`.
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
    rows = _pair(train, "train", module)
    held_back = None if validation is None else _pair(validation, "validation", module)
    if patience is not None and held_back is None:
        raise TrainingError(
            "`patience` was given, and no `validation` to watch: the training loss hardly ever "
            "stops falling. Hold some rows back, or leave `patience` out."
        )
    if epochs < 1 or batch_size < 1:
        raise TrainingError(f"epochs = {epochs}, batch_size = {batch_size}: give 1 or more.")
    _try_shapes(module, loss, *rows)
    dataset = torch.utils.data.TensorDataset(*rows)
    dice = torch.Generator().manual_seed(seed)
    loader = torch.utils.data.DataLoader(dataset, batch_size, shuffle=True, generator=dice)
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    history, best, kept = History(), math.inf, copy.deepcopy(module.state_dict())
    begun = time.monotonic()
    if curve:
        curve.begin(epochs)
    try:
        for epoch in range(1, epochs + 1):
            history.train_loss.append(_one_epoch(module, loss, loader, optimizer, epoch))
            if held_back:
                history.validation_loss.append(_loss_of(module, loss, *held_back))
            now = (history.validation_loss or history.train_loss)[-1]
            if now < best:
                best, history.best_epoch, kept = now, epoch, copy.deepcopy(module.state_dict())
            if curve and curve.step(history):
                history.stopped = "button"
                break
            if patience is not None and epoch - history.best_epoch >= patience:
                history.stopped = "patience"
                break
    except TrainingError:
        history.stopped = "error"
        raise
    except KeyboardInterrupt:  # ■ of the toolbar, or I, I
        history.stopped = "interrupt"
        print(f"Interrupted: the weights are those of epoch {history.best_epoch}, the best so far.")
    finally:
        module.load_state_dict(kept)
        history.seconds = time.monotonic() - begun
        if curve:
            curve.end(history)
    return history


def _one_epoch(
    module: nn.Module,
    loss: Loss,
    loader: torch.utils.data.DataLoader,
    optimizer: torch.optim.Optimizer,
    epoch: int,
) -> float:
    """See all rows once; return the mean loss."""
    module.train()
    total = 0.0
    for inputs, targets in loader:
        value = loss(module(inputs), targets)
        if not torch.isfinite(value):
            raise TrainingError(
                f"The loss became {value.item()} in epoch {epoch}. Likely the steps are too long: "
                "take a tenth of `learning_rate`. If that changes nothing, scale inputs and "
                "targets to a spread of about 1, and look for a logarithm or a division of 0 in "
                "your module."
            )
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        total += value.item() * len(inputs)
    return total / len(loader.dataset)


def _loss_of(module: nn.Module, loss: Loss, inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the loss on rows that nothing is learnt from."""
    module.eval()
    with torch.no_grad():
        return loss(module(inputs), targets).item()


def _pair(pair: Pair, name: str, module: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Read inputs and targets, onto the device where the module's weights lie."""
    try:
        inputs, targets = pair
    except (TypeError, ValueError):
        raise TrainingError(f"`{name}` should be a pair: inputs and targets.") from None
    device = next((weight.device for weight in module.parameters()), torch.device("cpu"))
    inputs, targets = (
        _tensor(part, f"{which} of `{name}`").to(device)
        for part, which in ((inputs, "inputs"), (targets, "targets"))
    )
    if len(inputs) != len(targets) or not len(inputs):
        raise TrainingError(
            f"`{name}` has {len(inputs)} inputs and {len(targets)} targets: give one target for "
            "each, and at least one."
        )
    return inputs, targets


def _tensor(values: Any, name: str) -> torch.Tensor:
    """Read numbers as float32, whole ones that stand for classes as they are."""
    try:
        tensor = torch.as_tensor(np.asarray(values) if not torch.is_tensor(values) else values)
    except (TypeError, ValueError) as error:
        raise TrainingError(f"The {name} are no numbers: {error}.") from None
    if not tensor.is_floating_point():
        return tensor
    tensor = tensor.detach().to(torch.float32)
    lost = ~torch.isfinite(tensor)
    if lost.any():
        columns = lost.reshape(len(tensor), -1).any(0).nonzero().flatten().tolist()
        where = f", in column {', '.join(map(str, columns[:5]))}" if tensor.ndim > 1 else ""
        raise TrainingError(
            f"The {name} hold {int(lost.sum())} values that are no numbers (NaN or infinite)"
            f"{where}. One is enough to spoil every weight: fill the gaps, or leave those rows out."
        )
    return tensor


def _try_shapes(module: nn.Module, loss: Loss, inputs: torch.Tensor, targets: torch.Tensor) -> None:
    """Let the module answer two rows, before anything is trained."""
    few = slice(0, 2)
    module.eval()
    try:
        with torch.no_grad():
            answer = module(inputs[few])
    except RuntimeError as error:
        raise TrainingError(
            f"The module cannot take inputs of shape {tuple(inputs.shape)}, one row an example: "
            f"{str(error).splitlines()[0]}."
        ) from None
    if not torch.is_tensor(answer):
        raise TrainingError(
            f"`forward` should give one tensor, not {type(answer).__name__}: a recurrent layer, "
            "for one, gives a pair, of which you want a part."
        )
    wanted = targets[few]
    is_class = not wanted.is_floating_point()
    fits = len(answer) == len(wanted) if is_class else answer.shape == wanted.shape
    if not fits:
        raise TrainingError(
            f"For {len(wanted)} rows the module gives the shape {tuple(answer.shape)}, and the "
            f"targets have {tuple(wanted.shape)}. PyTorch would stretch one over the other and "
            "compare each prediction with each target. Give both the same shape, by `squeeze(1)` "
            "on the one or `reshape(-1, 1)` on the other."
        )
    with torch.no_grad():
        value = loss(answer, wanted)
    if not torch.is_tensor(value) or value.numel() != 1:
        raise TrainingError(
            "`loss` should give one number, as a tensor: take the mean over the rows."
        )


def save(module: nn.Module, path: str | Path, **about: str | float | bool | None) -> None:
    """Write the weights of a module, and what you want to remember about them.

    Parameters
    ----------
    module : nn.Module
    path : str or Path
        Such as ``"forecast.pt"``; written whole or not at all.
    **about : str, number, bool or None
        Such as ``seed=0, trained_on="360 batches"``; `load` gives it back.
    """
    odd = [name for name, value in about.items() if not isinstance(value, _PLAIN)]
    if odd:
        raise CourseError(
            f"`{odd[0]}` can not be kept beside weights: only words and numbers are loaded "
            "without running what a file says. Write it as text."
        )
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        torch.save({"weights": module.state_dict(), "about": about}, part)
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        raise CourseError(f"{path} could not be written: {error}.") from None


_PLAIN = (str, int, float, bool, type(None))


def load(module: nn.Module, path: str | Path) -> dict[str, Any]:
    """Give a module the weights of a file that `save` wrote.

    Only numbers and words are read (PyTorch's ``weights_only``): a file can not run anything.

    Parameters
    ----------
    module : nn.Module
        Of the same class and sizes as the one that was saved. It is changed only if all fits.
    path : str or Path

    Returns
    -------
    dict
        What was remembered about the weights.

    Raises
    ------
    CourseError
        The file is missing, is no such file, wants to run code, or holds another model's weights.
    """
    try:
        with warnings.catch_warnings():  # of an odd file PyTorch warns before it refuses it
            warnings.simplefilter("ignore")
            held = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CourseError(f"{path} is not there: save a model first, or mend the name.") from None
    except pickle.UnpicklingError:
        raise CourseError(
            f"{path} holds more than weights. Loading it could run whatever its author wrote, so "
            "it was not loaded. Ask for a file with weights alone (`training.save`)."
        ) from None
    except (OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise CourseError(f"{path} is no file of weights: {str(error).splitlines()[0]}") from None
    if not isinstance(held, dict) or set(held) != {"weights", "about"}:
        raise CourseError(f"{path} was not written by `training.save`: nothing was loaded.")
    mine, theirs = module.state_dict(), held["weights"]
    for name in [*mine, *theirs]:
        ours = tuple(mine[name].shape) if name in mine else "nothing"
        other = tuple(theirs[name].shape) if name in theirs else "nothing"
        if ours != other:
            raise CourseError(
                f"{path} holds another model's weights: for `{name}` this module has {ours}, the "
                f"file {other}. Make the module as it was made when it was saved."
            )
    module.load_state_dict(theirs)
    return held["about"]


class LiveCurve:
    """The loss while it falls, and a button that stops the training.

    A cell that trains keeps the kernel busy. JupyterLab sends the button's click to a *subshell*,
    a thread beside the busy one; it sets a flag, at which `fit` looks after each epoch. Where no
    page listens (a grader, a plain Python), the curve costs nothing and nobody stops anything.

    Parameters
    ----------
    title : str
        Of the figure.
    """

    def __init__(self, title: str = "Loss") -> None:
        self.title = title
        self._asked = threading.Event()
        self._drawn = 0.0
        self._figure = self._button = self._words = None

    def begin(self, epochs: int) -> None:
        """Show the empty curve; called by `fit`."""
        self._asked.clear()
        self._drawn = 0.0
        if not _somebody_looks():
            return
        from IPython.display import display

        display(self._box(epochs))

    def _box(self, epochs: int) -> ipywidgets.VBox:
        import ipywidgets as widgets
        import plotly.graph_objects as go

        self._figure = go.FigureWidget()
        for k, name in enumerate(("training", "held back")):
            line = {"color": COLOURS[k], "dash": DASHES[k], "width": 3}
            self._figure.add_scatter(x=[], y=[], name=name, mode="lines", line=line)
        self._figure._config = self._figure._config | {"responsive": True}
        self._figure.update_layout(title=self.title, height=340, autosize=True)
        self._figure.update_xaxes(title_text="epoch", range=[0, epochs])
        self._figure.update_yaxes(title_text="loss", type="log")
        self._words = widgets.HTML(layout={"width": "100%"})
        self._button = widgets.Button(
            description="Stop, keep the best", icon="stop", layout={"width": "16em"}
        )
        self._button.on_click(lambda _: self.stop())
        return widgets.VBox([self._button, self._figure, self._words])

    def stop(self) -> None:
        """Ask `fit` to end after this epoch: what the button does."""
        self._asked.set()

    def step(self, history: History) -> bool:
        """Draw an epoch, at most five pictures a second; say whether to stop. Called by `fit`."""
        if self._figure is not None and time.monotonic() - self._drawn > REDRAW_S:
            self._draw(history)
        return self._asked.is_set()

    def _draw(self, history: History) -> None:
        with self._figure.batch_update():
            for trace, values in zip(
                self._figure.data, (history.train_loss, history.validation_loss), strict=True
            ):
                trace.x, trace.y = np.arange(1, len(values) + 1), np.array(values)
        self._drawn = time.monotonic()

    def end(self, history: History) -> None:
        """Draw the last epoch, and say in words how it ended; called by `fit`."""
        if self._figure is None or not history.train_loss:
            return
        self._draw(history)
        self._button.disabled = True
        watched = history.validation_loss or history.train_loss
        kind = "held-back" if history.validation_loss else "training"
        ends = {
            "epochs": "All epochs are done.",
            "patience": "Stopped: no better for a while.",
            "button": "Stopped by the button.",
            "interrupt": "Interrupted.",
            "error": "Stopped by an error, which stands below.",
        }
        text = (
            f"{ends[history.stopped]} {len(watched)} epochs; the {kind} loss was lowest in epoch "
            f"{history.best_epoch}, {min(watched):.3g}, and the model has those weights."
        )
        self._words.value = f'<p class="vaxlab-caption" role="status">{text}</p>'


def _somebody_looks() -> bool:
    """Tell whether a notebook's page shows what this kernel displays."""
    from IPython import get_ipython

    shell = get_ipython()
    graded = os.environ.get("NBGRADER_EXECUTION")
    return shell is not None and hasattr(shell, "kernel") and not graded
