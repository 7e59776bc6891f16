"""What really moves the yield, and the plant's own graph: the judge's half, never a learner's."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from vaxlab import graphs
from vaxlab.lessons.day3.nine import material
from vaxlab.plant import campaign, lots

GRAPH = """
season -> serum lot, carrier lot, team, conductivity
serum lot -> virus
carrier lot -> virus
virus -> recovery  # a full column holds back less of what is loaded
conductivity -> recovery
virus -> doses
recovery -> doses
doses -> released
"""

_TOLD = {
    f"coa_{material_name}_{entry.name}"
    for material_name, kind in lots.LOT_KINDS.items()
    for entry in kind.certificate
    if entry.tells
}
ACTING = (
    {f"recipe_{name}" for name in campaign.SET_POINTS}
    | {name for driver in campaign.DRIVERS.values() for name in driver.shows_in}
    | _TOLD
    | {
        "recipe_growth_h",
        "recipe_infection_h",
        "calendar_harvested_hour",
        "seed_n1_hours",
        "calendar_do_probe_age_days",
        "calendar_column_cycles",
        "dsp_capture_cycles",
    }
)
"""Columns that act, or tell of something that does. The hour of the harvest tells how long the
infection was: all start in the morning."""

SIGNS = {
    "seed_hours_to_inoculation": -1,
    "seed_n1_viability": 1,
    "coa_carrier_swelling_volume": 1,
    "coa_carrier_d50": -1,
    "coa_serum_growth_promotion": 1,
    "coa_serum_hemoglobin": -1,
    "recipe_infection_temperature_c": -1,
    "calendar_ph_calibrated_days": -1,
    "calendar_ph_probe_age_days": -1,
    "sample_ph_48h_before": 1,
    "sample_ph_before": 1,
    "sample_ph_24h": 1,
    "recipe_ph": 1,
    "trend_do_percent_infection_min": 1,
    "trend_do_percent_infection_sd": -1,
    "recipe_trypsin_bu_per_ml": 1,
    "coa_trypsin_activity": 1,
    "calendar_trypsin_lot_days": -1,
    "seed_passage": -1,
    "dsp_capture_conductivity_ms_per_cm": -1,
}
"""Column that tells of a driver to the sign of what it goes with in the doses."""


def drivers(columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the drivers that columns tell of: driver to those columns."""
    given = list(columns)
    shown = {name: [c for c in given if c in d.shows_in] for name, d in campaign.DRIVERS.items()}
    return {name: own for name, own in shown.items() if own}


def false(columns: Iterable[str]) -> list[str]:
    """Return the columns that neither act nor tell of anything that does."""
    return [name for name in columns if name not in ACTING]


def graph() -> nx.DiGraph:
    """Return the plant's own graph of `material.NODES`."""
    return graphs.read(GRAPH, material.NODES)
