"""Print what was published beside what the plant does, hits and misses, or write it to docs/.

    python benchmarks/fidelity.py            # print the page
    python benchmarks/fidelity.py --write    # write docs/fidelity.md
    python benchmarks/fidelity.py --check    # fail where docs/fidelity.md is not current

V1 to V14 are what the plant was tuned on (each is a test of its own in ``tests/plant``). E1 to E5
are not: condition, quantity and the interval that counts as met were written down and committed
before the plant was asked for the first time, and neither has been touched since. (The search for
the density stopped at 4.5e6 cells/mL in that first run; it now gets where it should.) D1 to D4 were
stated in the same way before the plant was re-centred. K1 to K3 are figures that the plant was
known to miss when this table was made.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from vaxlab.plant import Batches, Recipe, campaign, simulate
from vaxlab.plant.batch import Factors, run
from vaxlab.plant.parameters import VALUES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "fidelity.md"


@dataclass(frozen=True)
class Row:
    """A published figure, and the interval in which the plant meets it.

    Attributes
    ----------
    name : str
    what : str
        Quantity, condition and unit.
    published : str
        The figure, as published.
    source : str
    low, high : float
        Interval, ends included.
    plant : callable
        Returns the plant's figure.
    """

    name: str
    what: str
    published: str
    source: str
    low: float
    high: float
    plant: Callable[[], float]


GENZEL = "Genzel 2004, Vaccine 22:2202"
MOEHLER = "Moehler 2005, Biotechnol Bioeng 90:46"
TAPIA = "Tapia 2019, PLoS ONE 14:e0224317"
BEAUCHEMIN = "Beauchemin 2008, PMC2663526"
GREGERSEN = "Gregersen 2008, Vaccine 26:3332"


@cache
def ran(*recipes: Recipe) -> Batches:
    """Run recipes once."""
    return simulate(recipes)


def summary(name: str, *recipes: Recipe) -> np.ndarray:
    """Return a column of the summary, (B,)."""
    return ran(*(recipes or (Recipe(),))).summary()[name].to_numpy()


@cache
def at_density(cells_per_ml: float, moi: float) -> Batches:
    """Return a batch that is infected at a density, on carriers enough, and fed and aerated.

    The area of the carriers is what makes the density: it is searched for.
    """
    recipe = Recipe(
        moi=moi,
        carrier_g_per_l=6.0,
        inoculum_cells_per_ml=2e6,
        glucose_mmol_per_l=60.0,
        glutamine_mmol_per_l=12.0,
        feed_mmol_per_l_h=1.0,
    )
    area = np.geomspace(0.05, 20.0, 100)
    start = cells_per_ml / 2 / recipe.inoculum_cells_per_ml
    batches = run([recipe] * len(area), Factors(area=area, inoculum=start))
    cells = batches.at_infection["attached_cells_per_ml"]
    found = float(np.interp(cells_per_ml, cells, area))
    batch = run([recipe], Factors(area=found, inoculum=start))
    reached = batch.at_infection["attached_cells_per_ml"][0]
    if not np.isclose(reached, cells_per_ml, rtol=0.01):
        raise ValueError(f"{cells_per_ml:g} cells/mL wanted, {reached:g} reached.")
    return batch


def at_hour(batches: Batches, name: str, hour: float) -> float:
    """Return a state of the only batch."""
    return float(batches.at(name, np.zeros(1, dtype=int), np.array([hour]))[0])


def half_life(temperature_c: float) -> float:
    """Return the half-life of infectivity long after the infection, h."""
    recipe = Recipe(infection_duration_h=160, infection_temperature_c=temperature_c, moi=1.0)
    hours = (140.0, 160.0)
    early, late = (at_hour(ran(recipe), "tcid50_log10_per_ml", hour) for hour in hours)
    return float(np.log10(2) * 20 / (early - late))


def lactate_per_glucose() -> float:
    """Return lactate formed over glucose used until infection."""
    grown = ran(Recipe()).at_infection
    used = Recipe().glucose_mmol_per_l - grown["glucose_mmol_per_l"]
    return float((grown["lactate_mmol_per_l"] / used)[0])


def growth_at_the_worst_ph() -> float:
    """Return cells at infection at pH 6.9 or 7.4, whichever is worse, as growth rate over best."""
    recipes = [Recipe(ph=ph, growth_time_h=24) for ph in (7.2, 6.9, 7.4)]
    best, *others = np.log(ran(*recipes).at_infection["attached_cells_per_ml"] / 2.1e5)
    return float(min(others) / best)


def antigen_of_five_times_the_cells() -> float:
    """Return the ratio of antigen between 5e6 and 1e6 cells/mL."""
    dense, thin = (
        np.nanmax(at_density(cells, 0.025).states["total_virions_per_ml"]) for cells in (5e6, 1e6)
    )
    return float(dense / thin)


def infected_percent(batches: Batches, hour: float) -> float:
    """Return how many of the attached cells, dead ones included, are or were infected, %."""
    healthy = at_hour(batches, "uninfected_cells_per_ml", hour)
    total = healthy + sum(
        at_hour(batches, f"{kind}_cells_per_ml", hour)
        for kind in ("eclipse", "productive", "dead", "lysed")
    )
    return 100 * (1 - healthy / total)


def peak_is_after_infectivity() -> float:
    """Return hours from the peak of infectivity to that of HA."""
    batches = ran(Recipe())
    peak = batches.time_h[np.nanargmax(batches.states["ha_log10_per_100ul"][0])]
    return float(peak - summary("peak_tcid50_h")[0])


def bits_that_differ() -> float:
    """Return how many numbers differ between two runs of one batch."""
    first, second = simulate(Recipe()), simulate(Recipe())
    return float(
        sum(
            (~np.isclose(first.states[n], second.states[n], 0, 0, True)).sum() for n in first.states
        )
    )


DECADES = tuple(Recipe(moi=moi) for moi in (1e-4, 1e-3, 0.025, 0.2))

TUNED = (
    Row(
        "V1",
        "peak HA, MOI 0.025, log10 HAU/100 µL",
        "2.4",
        GENZEL,
        2.25,
        2.55,
        lambda: summary("peak_ha_log10_per_100ul")[0],
    ),
    Row(
        "V2",
        "95 % of the peak HA is reached, h",
        "44",
        GENZEL,
        38,
        50,
        lambda: summary("time_to_95pct_ha_h")[0],
    ),
    Row(
        "V3",
        "HA first rises, h",
        "10-16",
        f"{GENZEL}; {MOEHLER}",
        10,
        17,
        lambda: summary("ha_rise_h")[0],
    ),
    Row(
        "V4",
        "virions per cell",
        "2,100-25,000",
        f"{TAPIA}; {MOEHLER}",
        1e3,
        2.5e4,
        lambda: summary("virions_per_cell")[0],
    ),
    Row(
        "V5",
        "peak of attached cells at 2 g/L, 1e6/mL",
        "2 and less",
        "Bioprocessing of Viral Vaccines (2022), table 5.7",
        0.8,
        2.0,
        lambda: np.nanmax(ran(Recipe()).states["attached_cells_per_ml"]) / 1e6,
    ),
    Row(
        "V6",
        "peak TCID50, log10/mL",
        "8.3-9.0",
        f"Chen 2011, PMC3163541; {GREGERSEN}",
        7.5,
        9.5,
        lambda: summary("peak_tcid50_log10_per_ml")[0],
    ),
    Row(
        "V6",
        "peak of HA after that of TCID50, h",
        "later",
        GENZEL,
        0.5,
        40,
        peak_is_after_infectivity,
    ),
    Row(
        "V7",
        "half-life of infectivity, 37 °C, h",
        "6.6",
        BEAUCHEMIN,
        5.28,
        7.92,
        lambda: half_life(37.0),
    ),
    Row(
        "V8",
        "3.3 decades of MOI: span of the peak HA, log10",
        "hardly any",
        GENZEL,
        0,
        0.1,
        lambda: np.ptp(summary("peak_ha_log10_per_100ul", *DECADES)),
    ),
    Row(
        "V8",
        "3.3 decades of MOI: span of the time to 95 %, h",
        "large",
        GENZEL,
        15,
        40,
        lambda: np.ptp(summary("time_to_95pct_ha_h", *DECADES)),
    ),
    Row(
        "V9",
        "lactate at infection, mmol/L",
        "below inhibiting",
        GENZEL,
        0,
        45,
        lambda: ran(Recipe()).at_infection["lactate_mmol_per_l"][0],
    ),
    Row(
        "V9",
        "ammonium at infection, mmol/L",
        "below inhibiting",
        GENZEL,
        0,
        4,
        lambda: ran(Recipe()).at_infection["ammonium_mmol_per_l"][0],
    ),
    Row(
        "V10",
        "growth at pH 6.9 and 7.4 over the best",
        "flat",
        "a hybridoma, PMC2796705",
        0.9,
        1,
        growth_at_the_worst_ph,
    ),
    Row(
        "V11",
        "lactate per glucose, mol/mol",
        "1.4-2.0",
        "MDCK cells are glycolytic",
        1.4,
        2.0,
        lactate_per_glucose,
    ),
    Row(
        "V12",
        "peak HA without trypsin, less, log10",
        "lower, not zero",
        "Seitz et al.",
        -1.8,
        -0.05,
        lambda: np.diff(summary("peak_ha_log10_per_100ul", Recipe(), Recipe(trypsin_bu_per_ml=0)))[
            0
        ],
    ),
    Row(
        "V13",
        "antigen of 5 times the cells, ratio",
        "up to 3",
        "Thomassen 2014, Vaccine 32:2782",
        2.5,
        3.5,
        antigen_of_five_times_the_cells,
    ),
    Row(
        "V14",
        "numbers that differ between two runs",
        "0",
        "own requirement",
        0,
        0,
        bits_that_differ,
    ),
)

INDEPENDENT = (
    Row(
        "E1",
        "HA at 20 h, 3.0e6 cells/mL, MOI 0.1, log10 HAU/100 µL",
        "2.4-2.5",
        f"{TAPIA}: suspension cells, tubular reactor, 20 h in it",
        2.25,
        2.65,
        lambda: at_hour(at_density(3e6, 0.1), "ha_log10_per_100ul", 20),
    ),
    Row(
        "E2",
        "virions per cell at the peak, 3.0e6 cells/mL, MOI 0.1",
        "2,100",
        TAPIA,
        1400,
        3150,
        lambda: at_density(3e6, 0.1).summary()["virions_per_cell"][0],
    ),
    Row(
        "E3",
        "cells infected within 20 h at MOI 0.1, %",
        "100",
        TAPIA,
        95,
        100,
        lambda: infected_percent(at_density(3e6, 0.1), 20),
    ),
    Row(
        "E4",
        "HA at 72 h, 6e6 cells/mL, fed, MOI 0.01, log10 HAU/100 µL",
        "3.0 (4.0 per mL)",
        "Petiot 2011, BMC Biotechnol 11:84: HEK293 in perfusion",
        2.7,
        3.3,
        lambda: at_hour(at_density(6e6, 0.01), "ha_log10_per_100ul", 72),
    ),
    Row(
        "E5",
        "peak TCID50, 2.6e6 cells/mL, MOI 0.001, log10/mL",
        "8.3 and up to 10",
        "Chen 2011, PMC3163541: Vero cells on Cytodex 1",
        8.3,
        10,
        lambda: at_density(2.6e6, 0.001).summary()["peak_tcid50_log10_per_ml"][0],
    ),
)

KNOWN = (
    Row(
        "K1",
        "virions per cell, MOI 0.025",
        "18,755",
        f"{MOEHLER}: another count of virions per HA unit",
        9000,
        38000,
        lambda: summary("virions_per_cell")[0],
    ),
    Row(
        "K2",
        "peak TCID50 from 1e6 infectious virions/mL, log10/mL",
        "9.0",
        f"{GREGERSEN}: worst case for safety",
        8.5,
        9.5,
        lambda: summary("peak_tcid50_log10_per_ml", Recipe(moi=1.0))[0],
    ),
    Row(
        "K3",
        "half-life of infectivity, 37 °C, h",
        "3.2 (1.9-5.3)",
        "Baccam 2006: in people, not in a reactor",
        1.9,
        5.3,
        lambda: half_life(37.0),
    ),
)


FORRESTER = "Forrester, Templeton et al. 2025, Biotechnol Prog, doi 10.1002/btpr.70037"
KALBFUSS = "Kalbfuss et al. 2007, Biotechnol Bioeng 96:932"
MEMBRANE = "J Membr Sci 2007 299:251"

UNSEEN = 303
"""Seed of the seasons that are asked; nothing was tuned on it."""


@cache
def live_titre() -> tuple[np.ndarray, np.ndarray]:
    """Return titres of the live line at each hour (H, B), and which batches deviate (B,)."""
    import seasons

    line = seasons.live_season(UNSEEN, 240)
    deviate = np.isin(line.circumstances.faults.fault, seasons.DEVIATING)
    return seasons.curves(line).titre, deviate


def spread_by_the_peak() -> float:
    """Return the SD of log10 titre, each batch at its peak, over that at the best fixed hour."""
    titre, _ = live_titre()
    fixed = titre[titre.mean(axis=1).argmax()]
    return float(np.log10(titre.max(axis=0)).std() / np.log10(fixed).std())


def kept_by_the_clock() -> float:
    """Return the share of the peak that the clock keeps in the worst tenth of deviating batches."""
    titre, deviate = live_titre()
    kept = titre[titre.mean(axis=1).argmax()] / titre.max(axis=0)
    return float(np.quantile(kept[deviate], 0.1))


def dna_without_nuclease() -> float:
    """Return the median DNA of a dose in a history, had no nuclease been there, ng."""
    made = campaign.run(UNSEEN).made.purified
    return float(np.median(made.dna_ng_per_dose) * 10 ** VALUES["lr_nuc"])


def recovery_at_capture() -> float:
    """Return the mean of a history, %."""
    return float(100 * campaign.run(UNSEEN).made.purified.recovery["capture"].mean())


DOWNSTREAM = (
    Row(
        "D1",
        "live: SD of the titre at harvest, by its own peak over by the clock",
        "0.29: a trigger took 71 % off",
        FORRESTER,
        0.10,
        0.60,
        spread_by_the_peak,
    ),
    Row(
        "D2",
        "live: peak kept by the clock in a batch whose infection deviates, worst tenth of these",
        "0.16",
        FORRESTER,
        0.03,
        0.45,
        kept_by_the_clock,
    ),
    Row(
        "D3",
        "DNA of a dose after size exclusion and anion exchange without nuclease, ng",
        "about 500",
        KALBFUSS,
        150,
        1500,
        dna_without_nuclease,
    ),
    Row(
        "D4",
        "recovery at capture, mean of the history, %",
        "72-86",
        f"{MEMBRANE}: membrane, elution and preparative",
        65,
        88,
        recovery_at_capture,
    ),
)


def table(rows: tuple[Row, ...]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| | quantity | published | met if | plant | verdict | source |", "|---" * 7 + "|"]
    for row in rows:
        value = float(row.plant())
        verdict = "met" if row.low <= value <= row.high else "**missed**"
        span = f"{row.low:,.4g} to {row.high:,.4g}"
        plant = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        lines.append(
            f"| {row.name} | {row.what} | {row.published} | {span} | {plant} | {verdict} "
            f"| {row.source} |"
        )
    return "\n".join(lines)


def page() -> str:
    """Return the page."""
    return f"""# Is the plant like the world?

Written by `benchmarks/fidelity.py`; a test keeps it current.

## What the plant was tuned on

{table(TUNED)}

## What it was not tuned on

Stated and committed before the plant was asked; nothing was changed afterwards.

{table(INDEPENDENT)}

## Downstream and timing

Stated and committed before the plant was re-centred, and asked afterwards on a seed that nothing
was tuned on. The ratio of D1 is a bar of [decisions](decisions.md), too, and the plant was tuned to
that one on other seeds; D2 to D4 were not looked at.

{table(DOWNSTREAM)}

## What it was known to miss

{table(KNOWN)}

E5 and K2: more infectious virus than 1e8/mL would need ten times the infectious share, and then
virus spreads faster than in V2 and V3; Vero cells and another assay gave those figures. K1 counts
virions by another ratio to HA units than Tapia's, which the plant uses. K3 was measured in people.
"""


def main() -> None:
    """Print, write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/fidelity.md")
    parser.add_argument("--check", action="store_true", help="fail where it is not current")
    options = parser.parse_args()
    text = page()
    if options.check and PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/fidelity.md is not current: run python benchmarks/fidelity.py --write.")
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    elif not options.check:
        print(text)


if __name__ == "__main__":
    main()
