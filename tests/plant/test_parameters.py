"""The table of constants."""

import ast
from pathlib import Path

import pytest

import vaxlab.plant
from vaxlab.plant.parameters import PARAMETERS, VALUES

HOME = Path(vaxlab.plant.__file__).parent
PLAIN = {0, 0.25, 0.5, 1, 2, 3, 4, 10, 24, 60, 100, 365, 1000, 1e-6, 1e6}
"""Numbers that may stand in a line of code: signs, halves, small counts, and turning one unit into
another."""
TABLES = {"Tag", "Plausible", "WAVENUMBERS"}
"""Calls and names whose numbers say what an instrument can show, or make a table of their own
with units in it."""
KNOWN = {
    # Shapes without a claim: the season's phase and length of a year; first services of reactors;
    # the tilt of the background and the window that bands are drawn from; a cosmic ray's size.
    "equipment.py": {11, 15, 20, 30, 365.25},
    "spectra.py": {0.1, 0.4, 0.05, 0.45, 8, 25, 400, 1100, 1300, 1700, 3000, 20000},
    # Variance of a rounding; what stands for minus infinity; the least viability that is written.
    "assays.py": {12, 99, 0.1},
    # Batches side by side; 95 % of the peak in the summary.
    "batch.py": {2048, 0.95},
    # Minutes of a day, and from spike to spike.
    "instruments.py": {15, 1440},
    # The gas constant, kelvin, where rates are stated for (37 °C, pH 6.4), and rows of the state.
    "kinetics.py": {8.314e-3, 273.15, 310.15, 37, 0.3, 1e-9, 8, 11, 12, 16},
    # Minutes that times are noted to.
    "seedtrain.py": {5},
    # Room for dips; from when on a harvest is looked for.
    "making.py": {5, 18},
}


def test_every_constant_stands_once():
    symbols = [parameter.symbol for parameter in PARAMETERS]
    assert len(symbols) == len(set(symbols)) == len(VALUES)


def test_every_constant_has_unit_range_and_source_and_lies_in_its_range():
    for parameter in PARAMETERS:
        assert parameter.unit
        assert parameter.name
        assert parameter.source
        assert parameter.low <= parameter.value <= parameter.high, parameter.symbol


def test_figures_that_nobody_has_checked_are_marked():
    """Those that the project's notes give from memory; to be taken out here once checked."""
    marked = {parameter.symbol for parameter in PARAMETERS if parameter.unverified}
    assert marked >= {"mu_max", "sigma", "a_mc", "k_att", "k_lys", "Y_LG", "k_Qdeg", "p", "f_inf"}
    assert marked >= {"Ea_V", "k_Vt", "DNA_cell", "HCP_cell"}


def numbers(tree):
    """Return (value, line) of every number of a module that stands in no table and no docstring."""
    found = []

    def walk(node):
        name = getattr(getattr(node, "func", None), "id", "")
        targets = {t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)}
        if name in TABLES or targets & TABLES:
            return
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.append((node.value, node.lineno))
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(tree)
    return found


@pytest.mark.parametrize(
    "module",
    [
        "assays.py",
        "batch.py",
        "downstream.py",
        "equipment.py",
        "instruments.py",
        "kinetics.py",
        "live.py",
        "making.py",
        "seedtrain.py",
        "spectra.py",
    ],
)
def test_no_constant_of_the_plant_stands_outside_of_the_table(module):
    """What is no unit, sign or small count is a row of the table, or told in `KNOWN`."""
    tree = ast.parse((HOME / module).read_text(encoding="utf-8"))
    strange = [
        (value, line)
        for value, line in numbers(tree)
        if value not in PLAIN and value not in KNOWN.get(module, ())
    ]
    assert not strange


def test_every_row_is_used():
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in HOME.glob("*.py")
        if path.name != "parameters.py"
    )
    # Rows whose names are put together: of probes, bands, steps of purification, and the hold.
    made = ("sd_", "wander_", "lag_", "width_", "height_", "y_", "cv_", "hold_")
    unused = [s for s in VALUES if f'"{s}"' not in code and not s.startswith(made)]
    assert not unused
