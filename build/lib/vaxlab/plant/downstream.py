"""From harvest to doses: eight steps, the release tests, and the decision.

A step recovers ``base · what the feed and the equipment take · lognormal`` of the antigen. The
culture decides more than its antigen here: cells that died early leave debris and DNA, and
both cost antigen at clarification and at capture. Constants: `vaxlab.plant.parameters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vaxlab.plant.parameters import VALUES

STEPS = {
    "clarification": "clar",
    "nuclease": "nuc",
    "inactivation": "bpl",
    "tff": "tff",
    "capture": "cap",
    "sec": "sec",
    "aex": "aex",
    "sterile_filtration": "ster",
}
"""Steps in order, with the suffix of their symbols."""

SRID_REPLICATES = int(VALUES["n_SRID"])

NO_REASON = ""
REASONS = {
    "infectivity": "live virus after inactivation",
    "germs": "germs before sterile filtration",
    "mycoplasma": "mycoplasma",
    "filter": "sterile filter failed its integrity test",
    "dna": "too much DNA in a dose",
    "hcp": "too much host-cell protein",
    "potency": "potency too low",
}
"""Why a batch is rejected, the first that applies."""


@dataclass(frozen=True)
class Harvest:
    """What the culture hands over; arrays (B,).

    Attributes
    ----------
    volume_l : array
        Harvest volume, L.
    total_virions_per_ml, infectious_virions_per_ml : array
    dna_ug_per_ml, hcp_ug_per_ml : array
        Of cells that lysed.
    cells_per_ml, viability_percent : array
        Cells that are whole, and the living share of them.
    germs_per_100ml : array
        Bacteria, CFU/100 mL after clarification.
    mycoplasma : bool array
    """

    volume_l: np.ndarray
    total_virions_per_ml: np.ndarray
    infectious_virions_per_ml: np.ndarray
    dna_ug_per_ml: np.ndarray
    hcp_ug_per_ml: np.ndarray
    cells_per_ml: np.ndarray
    viability_percent: np.ndarray
    germs_per_100ml: np.ndarray
    mycoplasma: np.ndarray


@dataclass(frozen=True)
class Equipment:
    """What the harvest meets downstream; arrays (B,).

    Attributes
    ----------
    conductivity_ms_per_cm : array
        Of the feed at capture.
    column_cycles : array
        Cycles that the capture column has behind it.
    filter_clogged, filter_broken : bool array
        The sterile filter.
    """

    conductivity_ms_per_cm: np.ndarray
    column_cycles: np.ndarray
    filter_clogged: np.ndarray
    filter_broken: np.ndarray


@dataclass(frozen=True)
class Purified:
    """The bulk, without any measuring error; arrays (B,).

    Attributes
    ----------
    antigen_in_ug, antigen_out_ug : array
        HA of harvest and of bulk.
    recovery : dict of str to array
        Step to the share of antigen that it recovered, 0 to 1.
    load : array
        Antigen at capture over the capacity of the column.
    lysed_share : array
        Cells that have spilt their DNA, 0 to 1: what fouls.
    bulk_l : array
    dna_ng_per_dose, hcp_per_ha : array
    live_log10_per_ml : array
        Infectivity left, log10 TCID50/mL of bulk.
    doses, doses_per_litre : array
        True doses, before the decision on release; per litre of harvest.
    """

    antigen_in_ug: np.ndarray
    antigen_out_ug: np.ndarray
    recovery: Mapping[str, np.ndarray]
    load: np.ndarray
    lysed_share: np.ndarray
    bulk_l: np.ndarray
    dna_ng_per_dose: np.ndarray
    hcp_per_ha: np.ndarray
    live_log10_per_ml: np.ndarray
    doses: np.ndarray
    doses_per_litre: np.ndarray


@dataclass(frozen=True)
class Release:
    """Release tests as read, and the decision; arrays (B,).

    Attributes
    ----------
    potency_ug_per_ml : array
        SRID, mean of three.
    dna_ng_per_dose, hcp_per_ha : array
    live_virus, mycoplasma, filter_failed : bool array
        Found by test.
    germs_per_100ml : array
        CFU before sterile filtration.
    doses_filled : array
        Doses that the measured potency gives.
    released : bool array
    reason : str array
        Why a batch was rejected: a key of `REASONS`, empty for released ones.
    broke : str array
        All reasons that apply, joined by "+".
    """

    potency_ug_per_ml: np.ndarray
    dna_ng_per_dose: np.ndarray
    hcp_per_ha: np.ndarray
    live_virus: np.ndarray
    mycoplasma: np.ndarray
    filter_failed: np.ndarray
    germs_per_100ml: np.ndarray
    doses_filled: np.ndarray
    released: np.ndarray
    reason: np.ndarray
    broke: np.ndarray


def purify(
    harvest: Harvest, equipment: Equipment, rng: np.random.Generator | None = None
) -> Purified:
    """Take harvests through all steps.

    Parameters
    ----------
    harvest : Harvest
        B batches.
    equipment : Equipment
        As many.
    rng : Generator, optional
        Draws (B, 8) scores for the steps and (B, 2) for the two reductions, whatever the
        harvests are: the same seed compares two policies on the same luck. Without it every
        step does as well as on average.

    Returns
    -------
    Purified

    Notes
    -----
    Base recoveries follow Kalbfuss et al. 2007 (Biotechnol Bioeng 96:932) and the review of
    Besnard et al. 2016; how load, DNA and conductivity act is our own choice. DNA counts by the
    cells that it came from: equipment is sized for the cells of a batch.
    """
    par = VALUES
    n = len(harvest.volume_l)
    luck, log_reduction = np.zeros((n, len(STEPS))), np.zeros((n, 2))
    if rng is not None:
        luck, log_reduction = rng.standard_normal(luck.shape), rng.standard_normal((n, 2))
    ha = par["m_HA"] * harvest.total_virions_per_ml  # µg per mL of harvest
    antigen_in = ha * harvest.volume_l * 1000
    lysed = lysed_share(harvest)
    excess = equipment.conductivity_ms_per_cm / par["kappa_opt"] - 1
    taken = {
        "clarification": spared_at_clarification(harvest),
        "capture": np.exp(-par["b_dna_cap"] * lysed**2)
        * np.exp(-np.where(excess > 0, par["b_kappa"], par["b_kappa_low"]) * excess**2),
        "sterile_filtration": np.where(equipment.filter_clogged, par["b_clog"], 1.0),
    }
    recovery, left, load = {}, np.ones_like(ha), np.zeros_like(ha)
    for k, (step, symbol) in enumerate(STEPS.items()):
        share = par[f"y_{symbol}"] * taken.get(step, 1.0)
        if step == "capture":
            capacity = par["cap_0"] * np.exp(-par["cap_cycle"] * equipment.column_cycles)
            load = ha * left / capacity
            share = share / (1 + np.exp(par["k_load"] * (load - par["load_half"])))
        recovery[step] = recovered(
            share, par[f"cv_{symbol}"], luck[:, k] if rng is not None else None
        )
        left = left * recovery[step]

    antigen_out = antigen_in * left
    nuclease = par["lr_nuc"] + par["sd_lr_nuc"] * log_reduction[:, 0]
    dna_out = harvest.dna_ug_per_ml * 10**-nuclease * par["s_sec_dna"] * par["s_aex_dna"]
    hcp_out = (
        harvest.hcp_ug_per_ml * 10 ** -par["lr_tff"] * par["s_cap_hcp"] * par["s_sec_hcp"] * left
    )
    with np.errstate(divide="ignore"):
        live = np.log10(harvest.infectious_virions_per_ml * par["v_bulk"])
    doses = antigen_out / par["dose_HA"]
    return Purified(
        antigen_in_ug=antigen_in,
        antigen_out_ug=antigen_out,
        recovery=recovery,
        load=load,
        lysed_share=lysed,
        bulk_l=harvest.volume_l / par["v_bulk"],
        dna_ng_per_dose=1000 * par["dose_HA"] * dna_out / (ha * left),
        hcp_per_ha=hcp_out / (ha * left),
        live_log10_per_ml=live - par["lr_bpl"] + par["sd_lr_bpl"] * log_reduction[:, 1],
        doses=doses,
        doses_per_litre=doses / harvest.volume_l,
    )


def release(
    purified: Purified,
    harvest: Harvest,
    equipment: Equipment,
    reagent_bias: np.ndarray,
    rng: np.random.Generator,
) -> Release:
    """Test bulks and decide.

    Parameters
    ----------
    purified, harvest, equipment
        B batches.
    reagent_bias : array (B,)
        Of the SRID reagent in use, a factor.
    rng : Generator
        Draws as many numbers whatever the batches are.
    """
    par, n = VALUES, len(purified.doses)
    sd = par["sd_SRID"] / np.sqrt(SRID_REPLICATES)
    potency = purified.antigen_out_ug / (1000 * purified.bulk_l) * reagent_bias
    potency = potency * np.exp(sd * rng.standard_normal(n))
    dna = purified.dna_ng_per_dose * np.exp(par["sd_DNA"] * rng.standard_normal(n))
    hcp = purified.hcp_per_ha * np.exp(par["sd_HCP"] * rng.standard_normal(n))
    found = rng.random(n) < par["p_myco"]
    tests = {
        "infectivity": purified.live_log10_per_ml > par["lim_live"],
        "germs": harvest.germs_per_100ml > par["lim_burden"],
        "mycoplasma": harvest.mycoplasma & found,
        "filter": equipment.filter_broken,
        "dna": dna > par["lim_dna"],
        "hcp": hcp > par["lim_hcp"],
        "potency": potency < par["lim_potency"],
    }
    reason, broke = decided(tests)
    return Release(
        potency_ug_per_ml=potency,
        dna_ng_per_dose=dna,
        hcp_per_ha=hcp,
        live_virus=tests["infectivity"],
        mycoplasma=tests["mycoplasma"],
        filter_failed=tests["filter"],
        germs_per_100ml=harvest.germs_per_100ml,
        doses_filled=np.floor(potency * 1000 * purified.bulk_l / par["dose_HA"]),
        released=reason == NO_REASON,
        reason=reason,
        broke=broke,
    )


def lysed_share(harvest: Harvest) -> np.ndarray:
    """Return the share (B,) of all cells that have spilt their DNA, 0 to 1."""
    lysed = harvest.dna_ug_per_ml / (1e-6 * VALUES["DNA_cell"])
    return lysed / (lysed + harvest.cells_per_ml)


def spared_at_clarification(harvest: Harvest) -> np.ndarray:
    """Return the share (B,) that debris of dead cells and DNA leave at clarification."""
    dead = np.clip(1 - harvest.viability_percent / VALUES["via_clar"], 0, 1)
    fouled = np.exp(-VALUES["b_dna"] * lysed_share(harvest) ** 2)
    return (1 - VALUES["b_clar"] * dead) * fouled


def recovered(share: np.ndarray | float, cv: float, scores: np.ndarray | None) -> np.ndarray:
    """Return what a step recovers: its share, times a lognormal with mean 1, softly below 1.

    Parameters
    ----------
    share : array (B,) or number
    cv : float
        Relative SD between batches.
    scores : array (B,), optional
        Standard normal; without them every step does as well as on average.
    """
    chance = np.exp(cv * scores - cv**2 / 2) if scores is not None else 1.0
    got = share * chance
    return got / (1 + got ** VALUES["s_full"]) ** (1 / VALUES["s_full"])


def decided(tests: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the first test that a batch failed, and all of them joined by "+"; arrays (B,).

    Parameters
    ----------
    tests : mapping of str to bool array (B,)
        Key of `REASONS` to where it applies, in that order.
    """
    reason = np.select(list(tests.values()), list(tests), default=NO_REASON)
    rows = zip(*tests.values(), strict=True)
    broke = ["+".join(name for name, hit in zip(tests, row, strict=True) if hit) for row in rows]
    return reason, np.array(broke, dtype=str)
