"""A figure as data: cleaned of what a browser would load or follow, and described in words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

#: Plotly's type of output, which JupyterLab draws as well.
MIME = "application/vnd.plotly.v1+json"
MAX_BYTES = 3 * 2**20
MAX_HEIGHT_PX = 1000
#: Kinds of series that are drawn as vectors. The others need a map from the network, or WebGL
#: programs that are compiled in the page, which its policy forbids.
_DRAWN = set(
    """
    bar barpolar box candlestick carpet contour contourcarpet funnel funnelarea heatmap histogram
    histogram2d histogram2dcontour icicle indicator ohlc parcats pie sankey scatter scattercarpet
    scatterpolar scattersmith scatterternary sunburst table treemap violin waterfall
    """.split()  # noqa: SIM905 (thirty quotation marks say no more)
)
_VECTOR = {"scattergl": "scatter", "scatterpolargl": "scatterpolar", "heatmapgl": "heatmap"}
#: Buttons and sliders change a figure to what its data say; maps fetch their tiles.
_DROPPED = {"updatemenus", "sliders", "mapbox", "map", "geo", "scene"}
_TAG = re.compile(r"<([^<>]*)>")
_NAME = re.compile(r"\s*(/?)\s*([A-Za-z]+)")
_MARKUP = {"b", "i", "u", "s", "em", "sub", "sup", "br", "extra"}
_RASTER = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
_CLEAR = "rgba(0,0,0,0)"


def harmless(spec: object) -> dict[str, Any] | None:
    """Keep of a figure what can be drawn without a network and without a program of its own.

    Parameters
    ----------
    spec : object
        What a kernel has sent as a figure, in JSON's types.

    Returns
    -------
    dict or None
        ``data`` and ``layout``; None for what is no figure, is too large, or is of a kind that
        cannot be drawn.
    """
    try:
        return _harmless(spec)
    except RecursionError:  # thousands of lists in lists are no figure
        return None


def _harmless(spec: object) -> dict[str, Any] | None:
    if not isinstance(spec, dict):
        return None
    data, layout = spec.get("data"), spec.get("layout", {})
    if not isinstance(layout, dict) or not isinstance(data, list):
        return None
    if not all(isinstance(series, dict) for series in data):
        return None
    kinds = [_VECTOR.get(kind, kind) for kind in map(_kind, data)]
    if not _DRAWN.issuperset(kinds) or len(json.dumps(spec)) > MAX_BYTES:
        return None
    made = [_clean(series) | {"type": kind} for series, kind in zip(data, kinds, strict=True)]
    layout = _clean(layout)
    # Its place is as wide as the page allows, and shows through in a dark theme.
    layout.pop("width", None)
    height = layout.get("height")
    if isinstance(height, (int, float)) and not isinstance(height, bool):
        layout["height"] = min(max(height, 120), MAX_HEIGHT_PX)
    else:
        layout.pop("height", None)
    return {
        "data": made,
        "layout": layout | {"paper_bgcolor": _CLEAR, "plot_bgcolor": _CLEAR, "autosize": True},
    }


def _kind(series: dict[str, Any]) -> str:
    return str(series.get("type") or "scatter")


def _clean(value: Any, key: str = "") -> Any:
    """Drop what is loaded, and all markup of a text but bold, italic and the like."""
    if isinstance(value, dict):
        cleaned = ((name, _clean(inner, name)) for name, inner in value.items())
        return {
            name: inner
            for name, inner in cleaned
            if name.rstrip("0123456789") not in _DROPPED and inner is not None
        }
    if isinstance(value, list):
        return [_clean(inner, key) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no such number
    if not isinstance(value, str):
        return value
    if key == "source" and not _RASTER.match(value):
        return None
    return _TAG.sub(_plain_tag, value) if "<" in value else value


def _plain_tag(found: re.Match[str]) -> str:
    named = _NAME.match(found[1])
    if not named:
        return found[0]  # "<0.5 and >": a comparison
    name = named[2].lower()
    return f"<{named[1]}{name}>" if name in _MARKUP else ""


def describe(spec: object) -> str:
    """Say in one sentence what a figure shows: title, series, axes.

    Parameters
    ----------
    spec : object
        What a kernel has sent as a figure; anything is allowed.
    """
    data = spec.get("data") if isinstance(spec, dict) else None
    layout = spec.get("layout") if isinstance(spec, dict) else None
    series = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    layout = layout if isinstance(layout, dict) else {}
    title = _title(layout)
    said = f"A figure, “{title}”" if title else "A figure"
    names = list(dict.fromkeys(filter(None, (_words(one.get("name")) for one in series))))
    kinds = "/".join(dict.fromkeys(map(_kind, series)))
    if series:
        count = f"{len(series)} series" if len(series) > 1 else "one series"
        said += f", with {count} ({kinds[:80]})"
        shown = ", ".join(names[:6]) + (" and more" if len(names) > 6 else "")
        said += f": {shown}" if shown else ""
    axes = [f"{axis} axis {words}" for axis, words in _axes(layout)]
    return ". ".join([said, *axes[:4]]) + "."


def _title(part: dict[str, Any]) -> str:
    title = part.get("title")
    return _words(title.get("text") if isinstance(title, dict) else title)


def _axes(layout: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, part in layout.items():
        if re.match(r"[xy]axis\d*\Z", name) and isinstance(part, dict):
            words = _title(part)
            if words:
                yield name.replace("axis", ""), words


def _words(value: object) -> str:
    """One line without markup, short enough for a sentence."""
    if not isinstance(value, str):
        return ""
    return " ".join(_TAG.sub(" ", value[:1000]).split())[:120]
