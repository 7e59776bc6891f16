"""What a widget shows, without its program: figures, words, and where its controls stand.

`register` runs in the learner's kernel, where nobody moves a slider. What comes out is cleaned like
any other output.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from html import escape
from typing import Any

from vaxlab.grading.feedback import figure

MIME = "application/vnd.vaxlab.still+json"
MAX_ITEMS = 60


def register(shell: Any) -> None:
    """Let an IPython shell show each figure as its data, and each widget as a still."""
    import comm
    import ipywidgets
    import plotly.io
    from ipywidgets.widgets import interaction, widget_output

    # Nobody moves a widget here. Sending one, with all its program, costs more than most cells.
    comm.create_comm = comm.DummyComm
    # It looked for a notebook when it was imported, and there was none yet.
    plotly.io.renderers.default = "plotly_mimetype"
    shell.display_formatter.mimebundle_formatter.for_type(ipywidgets.Widget, _bundle)
    # It empties a panel of the widget's own; where there is no panel, it would empty the cell.
    for module in (interaction, widget_output):
        module.clear_output = lambda *_, **__: None


def _bundle(widget: Any, **_: object) -> dict[str, Any]:
    shown = list(itertools.islice(_walk(widget), MAX_ITEMS))
    return {MIME: {"items": shown}, "text/plain": f"{type(widget).__name__}, a widget"}


def _walk(widget: Any) -> Iterator[dict[str, Any]]:
    """List what can be seen, in the order of the screen; a still of a figure is its JSON."""
    import ipywidgets
    import plotly.graph_objects as go

    if isinstance(widget, go.FigureWidget):
        yield {"figure": json.loads(widget.to_json())}
    elif isinstance(widget, ipywidgets.Image):
        yield {"picture": base64.b64encode(widget.value).decode()}
    elif isinstance(widget, (ipywidgets.HTML, ipywidgets.HTMLMath)):
        yield {"html": str(widget.value)}
    elif hasattr(widget, "children"):
        # A progress bar is there to be seen moving.
        if not any(isinstance(child, ipywidgets.FloatProgress) for child in widget.children):
            for child in widget.children:
                yield from _walk(child)
    elif hasattr(widget, "value"):
        yield {"control": [str(getattr(widget, "description", "")), _said(widget.value)]}


def _said(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:200]


def bundles(still: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Turn a still into outputs of ordinary types, controls that stand together into one table.

    Parameters
    ----------
    still : dict
        What a kernel has sent; anything may stand in it.
    """
    items = still.get("items")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    for is_control, group in itertools.groupby(items[:MAX_ITEMS], lambda item: "control" in item):
        if is_control:
            rows = "".join(_row(item["control"]) for item in group)
            yield {"text/html": f"<table><tbody>{rows}</tbody></table>"}
            continue
        for item in group:
            if "figure" in item:
                yield {figure.MIME: item["figure"]}
            elif "picture" in item:
                yield {"image/png": item["picture"]}
            elif "html" in item:
                yield {"text/html": str(item["html"])}


def _row(control: object) -> str:
    name, value = control if isinstance(control, list) and len(control) == 2 else ("", control)
    return f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>"
