"""The equations of the culture: growth on carriers, infection, virus, metabolites.

Everything here is written for an array namespace ``xp`` (numpy or torch) and never writes
into its inputs, so that the same lines are the simulator and, through autograd, part of a
trainable model. Batches stand side by side in the last axis.

Sources: structure after Moehler et al. 2005 (Biotechnol Bioeng 90:46), with Erlang chains in
place of its fixed delay because latency and life time of an infected cell are not exponential
(Holder and Beauchemin 2011, BMC Public Health 11 S1:S10). Constants: `vaxlab.plant.parameters`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaxlab.plant.parameters import ECLIPSE_STAGES, PRODUCTIVE_STAGES

Array = Any
"""An array of `xp`, or a number."""

STATES = (
    "suspended_cells_per_ml",
    "uninfected_cells_per_ml",
    *(f"eclipse_{i}_cells_per_ml" for i in range(1, ECLIPSE_STAGES + 1)),
    *(f"productive_{i}_cells_per_ml" for i in range(1, PRODUCTIVE_STAGES + 1)),
    "dead_cells_per_ml",
    "lysed_cells_per_ml",
    "infectious_virions_per_ml",
    "total_virions_per_ml",
    "glucose_mmol_per_l",
    "glutamine_mmol_per_l",
    "lactate_mmol_per_l",
    "ammonium_mmol_per_l",
)
"""The rows of a state array, in order."""

INDEX = {name: row for row, name in enumerate(STATES)}
CHAIN = slice(2, 2 + ECLIPSE_STAGES + PRODUCTIVE_STAGES)
"""The rows of infected cells: eclipse, then productive."""

_GAS_CONSTANT = 8.314e-3  # kJ/mol/K


@dataclass(frozen=True)
class Conditions:
    """What surrounds the cells: numbers, or arrays with one element a batch.

    The last seven are factors on the nominal constants, 1 by default: what raw-material
    lots and handling do.
    """

    temperature_c: Array
    ph: Array
    do_percent: Array
    carrier_g_per_l: Array
    trypsin_bu_per_ml: Array
    serum: Array = 1.0
    """Serum in the medium: 1 while cells grow, 0 after the exchange to serum-free medium."""
    growth_factor: Array = 1.0
    attachment_factor: Array = 1.0
    area_factor: Array = 1.0
    entry_factor: Array = 1.0
    infectious_factor: Array = 1.0
    release_factor: Array = 1.0


@dataclass(frozen=True)
class Coefficients:
    """Constants of the equations under given conditions."""

    k_att: Array
    mu: Array
    surface: Array
    stage: Array
    k_a: Array
    release: Array
    infectious: Array
    k_Vi: Array
    k_Vt: Array


def growth_by_temperature(t: Array, par: Mapping[str, float], xp: Any) -> Array:
    """Return the cardinal temperature model of Rosso et al. 1993: 1 at the optimum, 0 outside."""
    low, best, high = par["T_min"], par["T_opt"], par["T_max"]
    inside = (t > low) & (t < high)
    t = xp.where(inside, t, best)  # the formula has a pole outside its range
    above = (t - high) * (t - low) ** 2
    below = (best - low) * ((best - low) * (t - best) - (best - high) * (best + low - 2 * t))
    return inside * (above / below)


def bell(x: Array, centre: float, low: float, high: float, xp: Any) -> Array:
    """Return a Gaussian that is 1 at its centre, with its own width on either side."""
    distance = x - centre
    return xp.exp(-0.5 * xp.where(distance < 0, distance / low, distance / high) ** 2)


def arrhenius(t: Array, par: Mapping[str, float], xp: Any) -> Array:
    """Return the factor on a loss of virus at ``t`` °C, 1 at 37 °C."""
    return xp.exp(-par["Ea_V"] / _GAS_CONSTANT * (1 / (t + 273.15) - 1 / 310.15))


def trypsin_activation(trypsin: Array, par: Mapping[str, float]) -> Array:
    """Return the factor on the infectious share: 1 at the usual dose, small but not 0 without."""
    rest = par["f_noTr"]
    usual = rest + (1 - rest) * par["Tr_ref"] / (par["Tr_ref"] + par["K_Tr"])
    return (rest + (1 - rest) * trypsin / (trypsin + par["K_Tr"])) / usual


def coefficients(c: Conditions, par: Mapping[str, float], xp: Any) -> Coefficients:
    """Turn conditions into the constants that `rates` works with.

    Parameters
    ----------
    c : Conditions
        Arrays of shape (B,).
    par : mapping of symbol to value
        See `vaxlab.plant.parameters.VALUES`.
    xp : module
        ``numpy`` or ``torch``.

    Returns
    -------
    Coefficients
        Arrays of shape (B,); ``stage`` has shape (8, B): the rate of leaving each stage of
        the infected cells, 1/h.
    """
    t = c.temperature_c
    eclipse = ECLIPSE_STAGES / par["tau_E"] * xp.exp((t - 37) / 10 * math.log(par["Q10_E"]))
    productive = PRODUCTIVE_STAGES / par["tau_I"] * xp.ones_like(eclipse)
    by_oxygen = c.do_percent / (c.do_percent + par["K_O"])
    release = (
        par["p"]
        * bell(t, par["T_virus"], par["s_T_virus"], par["s_T_virus"], xp)
        * bell(c.ph, par["pH_opt"], par["s_pH_low"], par["s_pH_high"], xp)
        * (c.do_percent / (c.do_percent + par["K_vO"]))
    )
    mu = (
        par["mu_max"]
        * growth_by_temperature(t, par, xp)
        * bell(c.ph, par["pH_opt"], par["s_pH_growth_low"], par["s_pH_high"], xp)
        * by_oxygen
    )
    by_acid = 1 + 10 ** (2 * (6.4 - c.ph))
    loss = arrhenius(t, par, xp)
    return Coefficients(
        k_att=par["k_att"] * c.attachment_factor,
        mu=mu * c.serum * c.growth_factor,
        surface=par["sigma"] * par["a_mc"] / 1000 * c.carrier_g_per_l * c.area_factor,
        stage=xp.stack([eclipse] * ECLIPSE_STAGES + [productive] * PRODUCTIVE_STAGES),
        k_a=par["k_a"] * c.entry_factor,
        release=release * c.release_factor,
        infectious=par["f_inf"]
        * trypsin_activation(c.trypsin_bu_per_ml, par)
        * c.infectious_factor,
        k_Vi=par["k_Vi"] * loss * by_acid,
        k_Vt=par["k_Vt"] * loss,
    )


def rates(y: Array, k: Coefficients, par: Mapping[str, float], xp: Any) -> Array:
    """Return the time derivative of every state.

    Parameters
    ----------
    y : array (18, B)
        States in the order of `STATES`; cells and virions per mL, mmol/L.
    k : Coefficients
        From `coefficients`.
    par : mapping of symbol to value
    xp : module
        ``numpy`` or ``torch``.

    Returns
    -------
    array (18, B)
        Per hour.
    """
    suspended, uninfected, chain = y[0], y[1], y[CHAIN]
    dead, infectious, total = y[10], y[12], y[13]
    glucose, glutamine, lactate, ammonium = y[14], y[15], y[16], y[17]

    infected = chain.sum(0)
    productive = chain[5] + chain[6] + chain[7]
    living = uninfected + infected
    on_carriers = living + dead
    free = _positive(1 - on_carriers / k.surface)

    mu = (
        k.mu
        * free
        * (glucose / (par["K_G"] + glucose))
        * (glutamine / (par["K_Q"] + glutamine))
        * (par["K_IL"] / (par["K_IL"] + lactate))
        * (par["K_IN"] / (par["K_IN"] + ammonium))
    )
    k_death = (
        par["kd0"]
        + par["kd_G"] * par["K_dG"] / (par["K_dG"] + glucose)
        + par["kd_N"] * _positive(ammonium - par["N_tox"])
    )
    attaching = k.k_att * suspended * free
    entering = k.k_a * infectious
    infecting = entering * uninfected
    leaving = k.stage * chain
    dying = k_death * uninfected
    lysing = par["k_lys"] * dead

    released = (
        k.release
        * productive
        * (glucose / (par["K_vG"] + glucose))
        / (1 + on_carriers / par["X_density"])
    )
    glucose_use = living * (mu / par["Y_XG"] + par["m_G"] * glucose / (par["K_mG"] + glucose))
    glutamine_use = living * (mu / par["Y_XQ"] + par["m_Q"] * glutamine / (par["K_mQ"] + glutamine))
    decay = par["k_Qdeg"] * glutamine

    before = (
        -attaching - par["k_lossS"] * suspended,
        attaching + mu * uninfected - dying - infecting,
        infecting - leaving[0],
    )
    after = (
        dying + leaving[7] - lysing,
        lysing,
        k.infectious * released - k.k_Vi * infectious - entering * living,
        released - k.k_Vt * total,
        -glucose_use,
        -glutamine_use - decay,
        par["Y_LG"] * glucose_use,
        par["Y_NQ"] * glutamine_use + decay,
    )
    # One concatenate: two calls of stack would take a fifth of the time of this function.
    return xp.concatenate(
        [*(row[None] for row in before), leaving[:-1] - leaving[1:], *(row[None] for row in after)]
    )


def _positive(x: Array) -> Array:
    return (x > 0) * x
