"""The live vaccine from harvest to doses: five steps, the release tests, and the decision.

Nothing is inactivated, so doses are counted by virions that still infect. The chain is shorter
than that of `vaxlab.plant.downstream`, as every further step would cost infectivity: the nuclease
works in the cold, filters take the impurities, and no column does. A late harvest costs twice,
for infectivity dies while DNA and protein of lysed cells stay. Constants:
`vaxlab.plant.parameters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vaxlab.plant import downstream
from vaxlab.plant.downstream import NO_REASON, Equipment, Harvest
from vaxlab.plant.parameters import VALUES

STEPS = {
    "clarification": "clar_live",
    "nuclease": "nuc_live",
    "tff": "tff_live",
    "stabilisation": "stab_live",
    "sterile_filtration": "ster_live",
}
"""Steps in order, with the suffix of their symbols."""

DOSE = 10.0 ** VALUES["dose_live"]
"""Infectious virions of a dose."""

REASONS = {
    "germs": downstream.REASONS["germs"],
    "mycoplasma": downstream.REASONS["mycoplasma"],
    "filter": downstream.REASONS["filter"],
    "dna": downstream.REASONS["dna"],
    "hcp": "too much host-cell protein in a dose",
    "titre": "too little live virus",
}
"""Why a batch is rejected, the first that applies."""


@dataclass(frozen=True)
class Bulk:
    """The live bulk, without any measuring error; arrays (B,).

    Attributes
    ----------
    infectious_in, infectious_out : array
        Infectious virions of harvest and of bulk.
    recovery : dict of str to array
        Step to the share of infectivity that it recovered, 0 to 1.
    recovered : array
        Of all steps together.
    lysed_share : array
        Cells that have spilt their DNA, 0 to 1: what fouls.
    bulk_l : array
    titre_log10_per_ml : array
        Of the bulk, log10 infectious virions/mL.
    dna_ng_per_dose, hcp_ug_per_dose : array
    doses, doses_per_litre : array
        True doses, before the decision on release; per litre of harvest.
    """

    infectious_in: np.ndarray
    infectious_out: np.ndarray
    recovery: Mapping[str, np.ndarray]
    recovered: np.ndarray
    lysed_share: np.ndarray
    bulk_l: np.ndarray
    titre_log10_per_ml: np.ndarray
    dna_ng_per_dose: np.ndarray
    hcp_ug_per_dose: np.ndarray
    doses: np.ndarray
    doses_per_litre: np.ndarray


@dataclass(frozen=True)
class Release:
    """Release tests as read, and the decision; arrays (B,).

    Attributes
    ----------
    titre_log10_per_ml : array
        Of the bulk, mean of three titrations.
    doses_per_litre : array
        That this titre gives for a litre of harvest.
    dna_ng_per_dose, hcp_ug_per_dose : array
        In the doses as filled: a titre read too high fills too little into each, of virus and
        of all else.
    mycoplasma, filter_failed : bool array
        Found by test.
    germs_per_100ml : array
        CFU before sterile filtration.
    doses_filled : array
        Doses that the measured titre gives.
    released : bool array
    reason : str array
        Why a batch was rejected: a key of `REASONS`, empty for released ones.
    broke : str array
        All reasons that apply, joined by "+".
    """

    titre_log10_per_ml: np.ndarray
    doses_per_litre: np.ndarray
    dna_ng_per_dose: np.ndarray
    hcp_ug_per_dose: np.ndarray
    mycoplasma: np.ndarray
    filter_failed: np.ndarray
    germs_per_100ml: np.ndarray
    doses_filled: np.ndarray
    released: np.ndarray
    reason: np.ndarray
    broke: np.ndarray


def purify(harvest: Harvest, equipment: Equipment, rng: np.random.Generator | None = None) -> Bulk:
    """Take harvests through all steps.

    Parameters
    ----------
    harvest : Harvest
        B batches.
    equipment : Equipment
        As many; of the column there is no use.
    rng : Generator, optional
        Draws (B, 5) scores for the steps and (B,) for the nuclease, whatever the harvests are:
        the same seed compares two policies on the same luck. Without it every step does as well
        as on average.

    Returns
    -------
    Bulk

    Notes
    -----
    A dose holds 10^7.0 fluorescent focus units in the product information of Fluenz Tetra (EMA);
    an infectious virion counts for one here. Recoveries are our own choice, below those of
    antigen and near the 71 to 87 % of infectious influenza virus in a step of Banjac et al. 2014
    (Vaccine). Debris and DNA cost at clarification what they cost the inactivated vaccine; their
    cost at filtration takes the place of that at capture.
    """
    par, n = VALUES, len(harvest.volume_l)
    scores = rng.standard_normal((n, len(STEPS))) if rng is not None else None
    nuclease = rng.standard_normal(n) if rng is not None else np.zeros(n)
    recovery = _recovery(harvest, equipment, scores)
    left = np.prod(list(recovery.values()), axis=0)
    infectious_in = harvest.infectious_virions_per_ml * harvest.volume_l * 1000
    infectious_out = infectious_in * left
    bulk_l = harvest.volume_l / par["v_bulk_live"]
    dna_taken = par["lr_nuc_live"] + par["sd_lr_nuc"] * nuclease + par["lr_tff_dna"]
    # Impurities of the whole bulk: no step that kills virus takes any of them.
    dna_ng = 1e6 * harvest.dna_ug_per_ml * harvest.volume_l * 10**-dna_taken
    hcp_taken = par["lr_tff"] + par["lr_stab_hcp"]
    hcp_ug = 1000 * harvest.hcp_ug_per_ml * harvest.volume_l * 10**-hcp_taken
    doses = infectious_out / DOSE
    with np.errstate(divide="ignore", invalid="ignore"):
        return Bulk(
            infectious_in=infectious_in,
            infectious_out=infectious_out,
            recovery=recovery,
            recovered=left,
            lysed_share=downstream.lysed_share(harvest),
            bulk_l=bulk_l,
            titre_log10_per_ml=np.log10(infectious_out / (1000 * bulk_l)),
            dna_ng_per_dose=dna_ng / doses,
            hcp_ug_per_dose=hcp_ug / doses,
            doses=doses,
            doses_per_litre=doses / harvest.volume_l,
        )


def release(
    bulk: Bulk, harvest: Harvest, equipment: Equipment, rng: np.random.Generator
) -> Release:
    """Test live bulks and decide.

    Parameters
    ----------
    bulk, harvest, equipment
        B batches.
    rng : Generator
        Draws as many numbers whatever the batches are.
    """
    par, n = VALUES, len(bulk.doses)
    sd = par["sd_TCID50"] / np.sqrt(par["n_titre"])
    misread = sd * rng.standard_normal(n)
    titre = bulk.titre_log10_per_ml + misread
    doses = 10**titre * 1000 * bulk.bulk_l / DOSE
    dna = bulk.dna_ng_per_dose * 10**-misread * np.exp(par["sd_DNA"] * rng.standard_normal(n))
    hcp = bulk.hcp_ug_per_dose * 10**-misread * np.exp(par["sd_HCP"] * rng.standard_normal(n))
    found = rng.random(n) < par["p_myco"]
    tests = {
        "germs": harvest.germs_per_100ml > par["lim_burden"],
        "mycoplasma": harvest.mycoplasma & found,
        "filter": equipment.filter_broken,
        "dna": dna > par["lim_dna"],
        "hcp": hcp > par["lim_hcp_live"],
        "titre": doses / harvest.volume_l < par["lim_titre"],
    }
    reason, broke = downstream.decided(tests)
    return Release(
        titre_log10_per_ml=titre,
        doses_per_litre=doses / harvest.volume_l,
        dna_ng_per_dose=dna,
        hcp_ug_per_dose=hcp,
        mycoplasma=tests["mycoplasma"],
        filter_failed=tests["filter"],
        germs_per_100ml=harvest.germs_per_100ml,
        doses_filled=np.floor(doses),
        released=reason == NO_REASON,
        reason=reason,
        broke=broke,
    )


def _recovery(
    harvest: Harvest, equipment: Equipment, scores: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return what every step recovers of infectivity, by standard normal scores (B, 5)."""
    lysed = downstream.lysed_share(harvest)
    spared = {
        "clarification": downstream.spared_at_clarification(harvest),
        "tff": np.exp(-VALUES["b_dna_tff"] * lysed**2),
        "sterile_filtration": np.where(equipment.filter_clogged, VALUES["b_clog"], 1.0),
    }
    recovery = {}
    for k, (step, symbol) in enumerate(STEPS.items()):
        share = VALUES[f"y_{symbol}"] * spared.get(step, np.ones_like(lysed))
        score = None if scores is None else scores[:, k]
        recovery[step] = downstream.recovered(share, VALUES[f"cv_{symbol}"], score)
    return recovery
