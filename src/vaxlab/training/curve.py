"""The curve of a training, drawn while it goes on, and the button that stops it."""

from __future__ import annotations

import os
import threading
import time

import numpy as np
import plotly.graph_objects as go

from vaxlab.figures import COLOURS, DASHES, MARKERS, live, show, template
from vaxlab.training.loop import History, named

REDRAW_S = 0.2
"""Between two pictures."""
_DIGITS = ([1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7])  # of each decade: the fewest that suffice
_P = '<p class="vaxlab-caption" style="line-height: 1.4" {}>{}</p>'
_ENDS = {
    "epochs": "All epochs are done.",
    "patience": "Stopped: no better for a while.",
    "button": "Stopped by the button.",
    "interrupt": "Interrupted.",
    "error": "Broken off by an error.",
}


class LiveCurve:
    """The loss while it falls, and a button that stops the training; `fit` shows it.

        curve = training.LiveCurve("Loss of the autoencoder")
        history = training.fit(model, loss, rows, validation=held_back, curve=curve)

    How the button works. A cell that trains keeps the kernel's main thread busy, and a click waits
    behind it. But JupyterLab (since 4.4, if nobody switches it off in its settings, *Kernel Comms
    over subshells*) sends what concerns widgets to a *subshell* of the kernel: a thread beside it.
    There the click sets a flag, and `fit` looks at it before each step. In another front end the
    click comes too late; there the interrupt does the same: the toolbar's ■, or the keys I, I.
    Where no page listens (a grader, a notebook that is run by a program), there is no button, and
    the figure comes at the end.

    Parameters
    ----------
    title : str
        Of the figure.
    """

    def __init__(self, title: str = "Loss") -> None:
        import ipywidgets as widgets

        self._stop = threading.Event()
        self._drawn = 0.0
        self._is_placed = False
        self._is_live = "JPY_SESSION_NAME" in os.environ  # set by the server behind a page
        self.figure = go.Figure()
        for k, name in enumerate(("training", "held back")):
            line = {"color": COLOURS[k], "dash": DASHES[k], "width": 3}
            self.figure.add_scatter(x=[], y=[], name=name, mode="lines", line=line)
        marker = {"color": COLOURS[2], "symbol": MARKERS[1], "size": 12}
        self.figure.add_scatter(x=[], y=[], name="best so far", mode="markers", marker=marker)
        self.figure.update_layout(title=title, height=340, template=template())
        self.figure.update_xaxes(title_text="epoch", rangemode="tozero")
        self.figure.update_yaxes(title_text="loss", exponentformat="power")
        if self._is_live:
            self.figure = live(self.figure)
            self._words = widgets.HTML()
            self._button = widgets.Button(
                description="Stop, keep the best",
                icon="stop",
                disabled=True,
                layout={"width": "16em"},
            )
            self._button.on_click(lambda _: self.stop())
            self._box = widgets.VBox([self._button, self.figure, self._words])

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self._is_placed = True
        if self._is_live:
            display(self._box)
        elif len(self.figure.data[0].x):
            display(self.figure)

    def stop(self) -> None:
        """Ask `fit` to end before its next step: what the button does."""
        self._stop.set()

    def is_stopped(self) -> bool:
        """Tell whether the training should end."""
        return self._stop.is_set()

    def begin(self) -> None:
        """Show the empty curve, if it is not shown yet; called by `fit`."""
        from IPython.display import display

        self._stop.clear()
        self._drawn = 0.0
        if not self._is_live:
            return
        self._button.disabled = False
        if not self._is_placed:
            display(self)
        # Since 7.4 ipykernel brings a widget's messages to the thread that spoke to it last: the
        # main one, which trains. It forgets that, and the click goes where JupyterLab sent it.
        vars(self._button.comm).pop("_reply_subshell_id", None)

    def show(self, history: History) -> None:
        """Draw the epochs so far, at most five pictures a second; called by `fit`."""
        if self._is_live and time.monotonic() - self._drawn > REDRAW_S:
            self._draw(history)
            self._words.value = _P.format(
                "", f"{_losses(history)} Best: epoch {history.best_epoch}."
            )

    def _draw(self, history: History) -> None:
        train, held_back = np.array(history.train_loss), np.array(history.validation_loss)
        watched = held_back if len(held_back) else train
        best = np.arange(len(watched)) == history.best_epoch - 1
        # A likelihood may be negative, for which a logarithm has no place.
        is_positive = np.concatenate([train, held_back, [1.0]]).min() > 0
        with self.figure.batch_update():
            self.figure.layout.yaxis.type = "log" if is_positive else "linear"
            marks = _marks(np.concatenate([train, held_back])) if is_positive else None
            self.figure.layout.yaxis.tickvals = marks
            for trace, values in zip(self.figure.data, (train, held_back), strict=False):
                trace.x, trace.y = np.arange(1, len(values) + 1), values
            self.figure.data[2].x, self.figure.data[2].y = best.nonzero()[0] + 1, watched[best]
        self._drawn = time.monotonic()

    def end(self, history: History) -> None:
        """Draw the last epoch, and say in words how it ended; called by `fit`."""
        from IPython import get_ipython

        self._draw(history)
        text = (
            f"{_ENDS[history.stopped]} {_losses(history)} The model has the weights of "
            f"{named(history.best_epoch)}."
        )
        if self._is_live:
            self._button.disabled = True
            self._words.value = _P.format('role="status"', text)
        elif get_ipython() is not None:
            show(self.figure, text)


def _marks(values: np.ndarray) -> np.ndarray | None:
    """Return three to some twelve numbers for a logarithmic axis, or nothing for a short one.

    Left to itself, such an axis writes 8 and 9 on each other, or shows a lone digit.
    """
    if not len(values):
        return None
    decades = 10.0 ** np.arange(np.floor(np.log10(values.min())), np.log10(values.max()) + 1)
    for digits in _DIGITS:
        marks = np.outer(decades, digits).ravel()
        marks = marks[(marks >= 0.9 * values.min()) & (marks <= 1.1 * values.max())]
        if len(marks) >= 3:
            return marks
    return None


def _losses(history: History) -> str:
    """Say in words what the figure shows."""
    if not history.train_loss:
        return "Not one epoch was done."
    said = f"Epoch {len(history.train_loss)}: loss {history.train_loss[-1]:.3g} in training"
    if history.validation_loss:
        said += f", {history.validation_loss[-1]:.3g} held back"
    return f"{said}."
