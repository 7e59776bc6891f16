"""The equations of the culture: growth on carriers, infection, virus, metabolites, and what the
controllers make of it.

Everything here is written for a namespace ``xp`` of a few functions (of numpy, of torch, or for
one batch in plain floats) and never writes into its inputs, so that the same lines are the
simulator, a batch of batches on a graphics card and, through autograd, part of a trainable model.
A state is a sequence of rows, one a state of `STATES`; a row is a number or has one element a
batch.

What is fast beside the integrator's steps is no state but algebra: dissolved oxygen and carbon
dioxide settle within ten minutes (1/kLa), and their controllers faster still, so both are taken
as settled. A controller holds its set point as long as it can, and saturates at its limits: all
oxygen that the gas mixer gives, the least and most carbon dioxide in the gas, the fastest base
pump. The temperature follows its set point with a first-order lag that nothing else acts on, so
its solution is known (`vaxlab.plant.phases`). Base and feed are concentrated: what they dilute
(1 to 3 %) is left out of the concentrations.

Sources: structure after Moehler et al. 2005 (Biotechnol Bioeng 90:46), with Erlang chains in
place of its fixed delay because latency and life time of an infected cell are not exponential
(Holder and Beauchemin 2011, BMC Public Health 11 S1:S10); defective interfering particles after
the idea of Frensing et al. 2014 and Ruediger et al. 2019, reduced to one number, the share of
infected cells that also hold a defective genome. Constants: `vaxlab.plant.parameters`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

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
    "coinfected_cells_per_ml",
    "infectious_virions_per_ml",
    "total_virions_per_ml",
    "defective_virions_per_ml",
    "glucose_mmol_per_l",
    "glutamine_mmol_per_l",
    "lactate_mmol_per_l",
    "ammonium_mmol_per_l",
    "bicarbonate_mmol_per_l",
    "base_mmol_per_l",
    "trypsin_bu_per_ml",
)
"""The rows of a state, in order. Coinfected cells are some of the infected ones, not more."""

INDEX = {name: row for row, name in enumerate(STATES)}
CHAIN = slice(2, 2 + ECLIPSE_STAGES + PRODUCTIVE_STAGES)
"""The rows of infected cells: eclipse, then productive."""

NUMBERS = SimpleNamespace(
    exp=math.exp,
    log=math.log,
    log10=math.log10,
    sqrt=math.sqrt,
    minimum=min,
    maximum=max,
    positive=lambda x: x if x > 0 else 0.0,
    where=lambda condition, yes, no: yes if condition else no,
)
"""What the equations need of an array namespace, for plain floats."""

ARRAYS = SimpleNamespace(
    exp=np.exp,
    log=np.log,
    log10=np.log10,
    sqrt=np.sqrt,
    minimum=np.minimum,
    maximum=np.maximum,
    positive=lambda x: np.maximum(x, 0.0),
    where=np.where,
)
"""The same for numpy; `vaxlab.plant.integrate.tensors` has it for torch."""

_GAS_CONSTANT = 8.314e-3  # kJ/mol/K


@dataclass(frozen=True)
class Conditions:
    """What surrounds the cells: numbers, or arrays with one element a batch.

    The first six are what the controllers aim at, and the nominal rates of what they act with;
    the others say how this batch differs from the nominal one: 1, or 0 for what should not be
    there at all.
    """

    temperature_c: Array
    ph: Array
    do_percent: Array
    carrier_g_per_l: Array
    agitation_rpm: Array
    feed_mmol_per_l_h: Array = 0.0
    serum: Array = 1.0
    """Serum in the medium: 1 while cells grow, what the exchange leaves of it afterwards."""
    growth_factor: Array = 1.0
    attachment_factor: Array = 1.0
    area_factor: Array = 1.0
    entry_factor: Array = 1.0
    infectious_factor: Array = 1.0
    appetite_factor: Array = 1.0
    release_factor: Array = 1.0
    kla_factor: Array = 1.0
    base_pump: Array = 1.0
    contaminant_our_mmol_per_l_h: Array = 0.0
    contaminant_acid_mmol_per_l_h: Array = 0.0
    virus: bool = True
    grows: bool = True


@dataclass(frozen=True)
class Coefficients:
    """Constants of the equations under given conditions."""

    k_att: Array
    mu: Array
    surface: Array
    k_E: Array
    k_I: Array
    k_a: Array
    k_death: Array
    k_lys: Array
    appetite: Array
    release: Array
    infectious: Array
    trypsin_left: Array
    k_Vi: Array
    k_Vt: Array
    temperature: Array
    virus: bool
    """False as long as there is none: half of the equations then rest."""
    grows: bool
    """False where no batch has serum."""
    ph_ratio: Array
    """Bicarbonate over dissolved carbon dioxide at the pH that is aimed at."""
    do: Array
    kla: Array
    base_most: Array
    feed: Array
    stranger_oxygen: Array
    stranger_acid: Array


class Surroundings(NamedTuple):
    """What the culture and its controllers settle at: numbers, or one element a batch."""

    do_percent: Array
    our_mmol_per_l_h: Array
    cer_mmol_per_l_h: Array
    dissolved_co2_mmol_per_l: Array
    ph_ratio: Array
    ph: Array
    co2_least_mmol_per_l: Array
    """Dissolved carbon dioxide with the least of it in the gas."""


def growth_by_temperature(t: Array, par: Mapping[str, float], xp: Any) -> Array:
    """Return the cardinal temperature model of Rosso et al. 1993: 1 at the optimum, 0 outside."""
    low, best, high = par["T_min"], par["T_opt"], par["T_max"]
    inside = (t > low) & (t < high)
    t = xp.where(inside, t, best + 0 * t)  # the formula has a pole outside its range
    above = (t - high) * (t - low) ** 2
    below = (best - low) * ((best - low) * (t - best) - (best - high) * (best + low - 2 * t))
    return inside * (above / below)


def arrhenius(t: Array, par: Mapping[str, float], xp: Any) -> Array:
    """Return the factor on a loss of virus at ``t`` °C, 1 at 37 °C."""
    return xp.exp(-par["Ea_V"] / _GAS_CONSTANT * (1 / (t + 273.15) - 1 / 310.15))


def trypsin_activation(trypsin: Array, par: Mapping[str, float]) -> Array:
    """Return the factor on entry into cells: 1 at the usual dose, small but not 0 without."""
    rest = par["f_noTr"]
    usual = rest + (1 - rest) * par["Tr_ref"] / (par["Tr_ref"] + par["K_Tr"])
    return rest / usual + (1 - rest) / usual * trypsin / (trypsin + par["K_Tr"])


def coefficients(c: Conditions, par: Mapping[str, float], xp: Any) -> Coefficients:
    """Turn conditions into the constants that `rates` works with.

    Parameters
    ----------
    c : Conditions
        Numbers, or arrays of shape (B,).
    par : mapping of symbol to value
        See `vaxlab.plant.parameters.VALUES`.
    xp : namespace
        `ARRAYS`, `NUMBERS`, or that of torch.

    Returns
    -------
    Coefficients
        Numbers, or arrays of shape (B,); rates per hour.
    """
    t = c.temperature_c
    stirred = c.agitation_rpm / par["rpm_ref"]
    loss = arrhenius(t, par, xp)
    # Carriers collide, two by two: the more and the faster they are, the more cells are torn.
    torn = (c.carrier_g_per_l / par["mc_ref"]) ** 2 * xp.positive(stirred - par["shear_from"])
    return Coefficients(
        k_att=par["k_att"] * c.attachment_factor,
        mu=par["mu_max"] * growth_by_temperature(t, par, xp) * c.serum * c.growth_factor,
        surface=par["sigma"] * par["a_mc"] / 1000 * c.carrier_g_per_l * c.area_factor,
        k_E=ECLIPSE_STAGES / par["tau_E"] * xp.exp((t - 37) * (math.log(par["Q10_E"]) / 10)),
        k_I=PRODUCTIVE_STAGES / par["tau_I"],
        k_a=par["k_a"] * c.entry_factor,
        k_death=par["kd0"]
        + par["kd_T"] * xp.positive(t - par["T_kill"])
        + par["kd_shear"] * torn
        + par["kd_O_high"] * xp.positive(c.do_percent - par["O_high"]),
        k_lys=par["k_lys"] + par["k_lys_shear"] * torn,
        appetite=c.appetite_factor,
        release=par["p"]
        * xp.exp(-0.5 * ((t - par["T_virus"]) / par["s_T_virus"]) ** 2)
        * c.release_factor,
        infectious=par["f_inf"] * c.infectious_factor,
        trypsin_left=1 / (1 + c.serum / par["K_serum"]),
        k_Vi=par["k_Vi"] * loss,
        k_Vt=par["k_Vt"] * loss,
        temperature=t,
        virus=c.virus,
        grows=c.grows,
        ph_ratio=xp.exp((c.ph - par["pK_CO2"]) * math.log(10)),
        do=c.do_percent,
        # What is left without stirrer and sparger goes through the surface.
        kla=par["kLa"]
        * (par["kLa_surface"] + (1 - par["kLa_surface"]) * c.kla_factor * stirred ** par["n_kLa"]),
        base_most=par["base_most"] * c.base_pump,
        feed=c.feed_mmol_per_l_h,
        stranger_oxygen=c.contaminant_our_mmol_per_l_h,
        stranger_acid=c.contaminant_acid_mmol_per_l_h,
    )


def surroundings(
    living: Array, bicarbonate: Array, k: Coefficients, par: Mapping[str, float], xp: Any
) -> Surroundings:
    """Return what dissolved oxygen, carbon dioxide and pH settle at, controlled within limits.

    Parameters
    ----------
    living : row
        Attached living cells per mL.
    bicarbonate : row
        mmol/L.
    k, par, xp
        As in `rates`.
    """
    per_mmol = 100 / par["C_O2"]
    wanted = par["qO2"] * living + k.stranger_oxygen
    # All the oxygen that can be given: supply = kLa (best - O) meets uptake ~ O / (O + K).
    best = par["O_best"]
    b = wanted * per_mmol - k.kla * (best - par["K_qO"])
    c = k.kla * (best * par["K_qO"])
    open_valve = 2 * c / (b + xp.sqrt(b * b + 4 * k.kla * c))
    oxygen = xp.minimum(k.do, open_valve)
    our = wanted * (oxygen / (oxygen + par["K_qO"]))
    cer = par["RQ"] * our

    from_cells = cer / (par["CO2_per_kLa"] * k.kla)
    least = par["CO2_least"] + from_cells
    # Below the floor other buffers take over; the equations need no more than a bound.
    bicarbonate = par["HCO3_floor"] + xp.positive(bicarbonate - par["HCO3_floor"])
    co2 = xp.minimum(xp.maximum(bicarbonate / k.ph_ratio, least), par["CO2_most"] + from_cells)
    ratio = bicarbonate / co2
    return Surroundings(oxygen, our, cer, co2, ratio, par["pK_CO2"] + xp.log10(ratio), least)


def rates(
    y: Sequence[Array],
    k: Coefficients,
    par: Mapping[str, float],
    xp: Any,
    by: Callable[..., Mapping[str, Array]] | None = None,
) -> list[Array]:
    """Return the time derivative of every state.

    Parameters
    ----------
    y : sequence of 23 rows
        States in the order of `STATES`; cells and virions per mL, mmol/L; a row is a number or
        an array (B,).
    k : Coefficients
        From `coefficients`.
    par : mapping of symbol to value
    xp : namespace
        `ARRAYS`, `NUMBERS`, or that of torch.
    by : callable, optional
        Puts networks in place of some rates: see `vaxlab.plant.hybrid.hook`.

    Returns
    -------
    list of 23 rows
        Per hour.
    """
    suspended, uninfected, e1, e2, e3, e4, e5, i1, i2, i3, dead = y[:11]
    coinfected, infectious, total, defective = y[12:16]
    glucose, glutamine, lactate, ammonium, bicarbonate, _, trypsin = y[16:]

    living = uninfected
    if k.virus:
        productive = i1 + i2 + i3
        infected = e1 + e2 + e3 + e4 + e5 + productive
        living = uninfected + infected
    around = surroundings(living, bicarbonate, k, par, xp)
    oxygen = around.do_percent
    on_carriers = living + dead
    free = xp.positive(1 - on_carriers / k.surface)

    acidic = xp.positive(par["pH_opt"] - around.ph)
    alkaline = xp.positive(around.ph - par["pH_opt"])
    bell = -0.5 / par["s_pH_high"] ** 2 * (alkaline * alkaline)
    acidic_squared = acidic * acidic

    mu = 0.0
    if k.grows:
        # Five Monod terms with one division, the slowest operation here.
        limited = oxygen * glucose * glutamine * (par["K_IL"] * par["K_IN"])
        half = (par["K_O"] + oxygen) * (par["K_G"] + glucose) * (par["K_Q"] + glutamine)
        waste = (par["K_IL"] + lactate) * (par["K_IN"] + ammonium)
        by_ph = xp.exp(bell - 0.5 / par["s_pH_growth_low"] ** 2 * acidic_squared)
        mu = k.mu * free * by_ph * (limited / (half * waste))
    k_death = (
        k.k_death
        + (par["kd_G"] * par["K_dG"]) / (par["K_dG"] + glucose)
        + par["kd_N"] * xp.positive(ammonium - par["N_tox"])
        + (par["kd_O"] * par["K_dO"] ** 2) / (par["K_dO"] ** 2 + oxygen * oxygen)
        + par["kd_pH"] * xp.positive(acidic + alkaline - par["pH_kill"])
    )
    learned = None if by is None else by(living, y, around, free, k)
    if learned is not None:
        mu = learned.get("growth_rate_per_h", mu)
        k_death = learned.get("death_rate_per_h", k_death)
    attaching = k.k_att * suspended * free
    dying = k_death * uninfected
    lysing = k.k_lys * dead

    kept_up = par["m_G"] * glucose / (par["K_mG"] + glucose)
    glucose_use = living * k.appetite * (1 / par["Y_XG"] * mu + kept_up)
    kept_up = par["m_Q"] * glutamine / (par["K_mQ"] + glutamine)
    glutamine_use = living * (1 / par["Y_XQ"] * mu + kept_up)
    if learned is not None:
        glucose_use = learned.get("glucose_use", glucose_use)
        glutamine_use = learned.get("glutamine_use", glutamine_use)
    decay = par["k_Qdeg"] * glutamine
    lactate_made = par["Y_LG"] * glucose_use
    acid = lactate_made + k.stranger_acid
    # As much base as acid forms, and what the pH lacks: a controller without a lasting error.
    missing = k.ph_ratio * around.co2_least_mmol_per_l - bicarbonate
    base = xp.minimum(xp.positive(acid + par["k_base"] * missing), k.base_most)
    # When hardly any bicarbonate is left, other buffers take the acid.
    bicarbonate_squared = bicarbonate * bicarbonate
    titrated = acid * (
        bicarbonate_squared / (bicarbonate_squared + (par["tau_buffer"] * acid) ** 2 + 1e-9)
    )
    unattached = -attaching - par["k_lossS"] * suspended
    healthy = attaching + mu * uninfected - dying
    medium = [
        k.feed - glucose_use,
        -glutamine_use - decay,
        lactate_made,
        par["Y_NQ"] * glutamine_use + decay,
        base - titrated,
        base,
        -par["k_Tr"] * trypsin,
    ]
    if not k.virus:
        none = 0 * uninfected
        return [unattached, healthy, *[none] * 8, dying - lysing, lysing, *[none] * 4, *medium]

    active = trypsin * k.trypsin_left
    adsorbing = k.k_a * infectious
    # What was not cleaved adsorbs, too, but does not get in.
    infecting = trypsin_activation(active, par) * adsorbing * uninfected
    l1, l2, l3, l4, l5 = k.k_E * e1, k.k_E * e2, k.k_E * e3, k.k_E * e4, k.k_E * e5
    m1, m2, m3 = k.k_I * i1, k.k_I * i2, k.k_I * i3
    doses = (k.k_a * par["tau_co"]) * defective
    interfering = coinfected / (infected + 1.0)  # one cell per mL keeps the share defined
    released = (
        k.release
        * productive
        * xp.exp(bell - 0.5 / par["s_pH_low"] ** 2 * acidic_squared)
        * (1 - par["dip_cost"] * interfering)
        * (
            oxygen
            * glucose
            / (
                (oxygen + par["K_vO"])
                * (par["K_vG"] + glucose)
                * (1 + (1 / par["X_density"]) * on_carriers)
            )
        )
    )
    if learned is not None:
        released = learned.get("released", released)
    share_defective = par["dip_new"] + (par["dip_made"] - par["dip_new"]) * interfering
    released_defective = share_defective * released
    soured = lactate / par["K_lac"]
    infective = k.infectious / (1 + soured * soured * soured)
    by_acid = (10**0.3 / around.ph_ratio) ** 2  # 10 ** (2 (6.4 - pH)), without a power
    k_infectivity = k.k_Vi * (1 + by_acid / (1 + by_acid / par["acid_most"]))
    return [
        unattached,
        healthy - infecting,
        infecting - l1,
        l1 - l2,
        l2 - l3,
        l3 - l4,
        l4 - l5,
        l5 - m1,
        m1 - m2,
        m2 - m3,
        dying + m3 - lysing,
        lysing,
        infecting * (doses / (1 + doses)) - interfering * m3,
        infective * (released - released_defective)
        - k_infectivity * infectious
        - adsorbing * living,
        released - (k.k_Vt + par["k_prot"] * active) * total,
        released_defective - (k_infectivity + k.k_a * living) * defective,
        *medium,
    ]
