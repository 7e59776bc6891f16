"""The curve of a training, drawn while it goes on, and the button that stops it."""

from __future__ import annotations

import os
import threading
import time

import numpy as np
import plotly.graph_objects as go

from vaxlab.figures import COLOURS, DASHES, template
from vaxlab.training.loop import History, named

REDRAW_S = 0.2
"""Between two pictures."""


class LiveCurve:
    """The loss while it falls, and a button that stops the training; `fit` shows it.

    A cell that trains keeps the kernel's main thread busy. JupyterLab sends a click to a *subshell*
    of the kernel, a thread beside it, where it sets a flag; `fit` looks at it before each step.
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
        self.figure = go.FigureWidget() if self._is_live else go.Figure()
        for k, name in enumerate(("training", "held back")):
            line = {"color": COLOURS[k], "dash": DASHES[k], "width": 3}
            self.figure.add_scatter(x=[], y=[], name=name, mode="lines", line=line)
        self.figure.update_layout(title=title, height=340, autosize=True, template=template())
        self.figure.update_xaxes(title_text="epoch", rangemode="tozero")
        self.figure.update_yaxes(title_text="loss", exponentformat="power")
        if self._is_live:
            # As wide as the page. A new dict: a changed one is not sent.
            self.figure._config = self.figure._config | {"responsive": True}
            self._words = widgets.HTML()
            self._button = widgets.Button(
                description="Stop, keep the best", icon="stop", layout={"width": "16em"}
            )
            self._button.on_click(lambda _: self.stop())
            self._box = widgets.VBox([self._button, self.figure, self._words])

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self._is_placed = True
        display(self._box if self._is_live else self.figure)

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
        self._words.value = ""
        self._button.disabled = False
        if not self._is_placed:
            display(self._box)
        # Since 7.4 ipykernel brings a widget's messages to the thread that spoke to it last: the
        # main one, which trains. It forgets that, and the click goes where JupyterLab sent it.
        vars(self._button.comm).pop("_reply_subshell_id", None)

    def show(self, history: History) -> None:
        """Draw the epochs so far, at most five pictures a second; called by `fit`."""
        if self._is_live and time.monotonic() - self._drawn > REDRAW_S:
            self._draw(history)

    def _draw(self, history: History) -> None:
        # A likelihood may be negative, for which a logarithm has no place.
        is_positive = min(history.train_loss + history.validation_loss, default=1.0) > 0
        with self.figure.batch_update():
            self.figure.layout.yaxis.type = "log" if is_positive else "linear"
            for trace, values in zip(
                self.figure.data, (history.train_loss, history.validation_loss), strict=True
            ):
                trace.x, trace.y = np.arange(1, len(values) + 1), np.array(values)
        self._drawn = time.monotonic()

    def end(self, history: History) -> None:
        """Draw the last epoch, and say in words how it ended; called by `fit`."""
        from IPython import get_ipython
        from IPython.display import display

        self._draw(history)
        if not self._is_live:
            if get_ipython() is not None:
                display(self.figure)
            return
        self._button.disabled = True
        ends = {
            "epochs": "All epochs are done.",
            "patience": "Stopped: no better for a while.",
            "button": "Stopped by the button.",
            "interrupt": "Interrupted.",
        }
        text = (
            f"{ends[history.stopped]} Epochs: {len(history.train_loss)}. The model has the weights "
            f"of {named(history.best_epoch)}."
        )
        self._words.value = f'<p class="vaxlab-caption" role="status">{text}</p>'
