"""What readers with the common kinds of colour blindness see of a figure."""

import itertools
import re
import warnings

import numpy as np

# On import it makes NumPy print as in 2017, in all of the process: twelve digits of a number, not
# all. Whatever runs after it, a fingerprint of a table as CSV for one, would see other text.
with warnings.catch_warnings(), np.printoptions():
    warnings.simplefilter("ignore")  # it misses Matplotlib, which the course has no use for
    import colour

# Both kinds of red-green blindness and the rare blue-yellow one, each in full strength, by
# Machado, Oliveira and Fernandes (2009), https://doi.org/10.1109/TVCG.2009.113.
KINDS = {"deuteranopia": "Deuteranomaly", "protanopia": "Protanomaly", "tritanopia": "Tritanomaly"}
# CIEDE2000: 1 is just noticed side by side, 10 is seen at a glance.
AT_A_GLANCE = 10


def seen(colours: list[str], kind: str | None = None) -> np.ndarray:
    """Return colours (``#rrggbb``) in CIE Lab, as readers of a kind see them: (n, 3)."""
    channels = [[int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)] for text in colours]
    linear = colour.cctf_decoding(np.array(channels), function="sRGB")
    if kind:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tritanopia the model is an approximation
            matrix = colour.matrix_cvd_Machado2009(KINDS[kind], 1.0)
        linear = np.clip(linear @ matrix.T, 0, 1)
    return colour.XYZ_to_Lab(colour.RGB_to_XYZ(linear, "sRGB"))


def distance(one: str, other: str, kind: str | None = None) -> float:
    """Return how far apart two colours are to readers of a kind, by CIEDE2000."""
    a, b = seen([one, other], kind)
    return float(colour.delta_E(a, b, method="CIE 2000"))


def alike(figure: dict) -> list[str]:
    """Name each pair of traces of a figure that some reader can not tell apart.

    Parameters
    ----------
    figure : dict
        As Plotly writes it. Traces of one picture that stand in the legend are compared; those
        that an axis names, such as bars and boxes, are told apart by their place.
    """
    shown = [
        trace
        for trace in figure["data"]
        if trace.get("name")
        and trace.get("showlegend", True)
        and trace["type"].startswith("scatter")
    ]
    pairs = []
    for one, other in itertools.combinations(shown, 2):
        if one.get("xaxis") != other.get("xaxis") or _form(one) != _form(other):
            continue
        for kind in KINDS:
            apart = distance(_colour(one), _colour(other), kind)
            if apart < AT_A_GLANCE:
                pairs.append(f"{one['name']} / {other['name']}: {apart:.0f} with {kind}")
    return pairs


def _form(trace: dict) -> tuple:
    """Return what can be seen of a trace without colour: area or lines or markers, dash, symbol."""
    if _is_area(trace):
        return ("area",)
    mode = trace.get("mode", "lines")
    dash = trace.get("line", {}).get("dash", "solid") if "lines" in mode else ""
    symbol = trace.get("marker", {}).get("symbol", "circle") if "markers" in mode else ""
    return mode, dash, symbol


def _is_area(trace: dict) -> bool:
    """Tell whether a trace is what lies between two curves, without a line of its own."""
    return bool(trace.get("fill")) and trace.get("line", {}).get("width") == 0


def _colour(trace: dict) -> str:
    if _is_area(trace):
        return _on_white(trace["fillcolor"])
    part = "line" if "lines" in trace.get("mode", "lines") else "marker"
    return trace[part]["color"]


def _on_white(colour: str) -> str:
    """Return ``rgba(0, 114, 178, 0.25)`` as ``#rrggbb`` on white paper."""
    *channels, share = map(float, re.findall(r"[\d.]+", colour))
    mixed = (round(255 + share * (channel - 255)) for channel in channels)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
