"""The plant's constants: one table, each with symbol, unit, range and source.

``unverified`` marks a figure that was taken from memory of the named source and not yet
checked against it; such a figure is never quoted as a fact. A source that reads *own choice*
makes no claim about the world: the value was chosen so that the plant meets the published
trajectories that ``tests/plant`` names.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One constant of the plant.

    Attributes
    ----------
    symbol : str
        As in the equations of `vaxlab.plant.kinetics`.
    name : str
        What it is.
    value : float
        The value that the plant runs with.
    unit : str
        Its unit; ``-`` for a pure number.
    low, high : float
        Plausible range.
    source : str
        Where value or range come from.
    unverified : bool
        True while nobody has checked the figure against its source.
    """

    symbol: str
    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str
    unverified: bool = False


_OWN = "own choice"
_GENZEL = "Genzel et al. 2004, Vaccine 22:2202"
_MOEHLER = "Moehler et al. 2005, Biotechnol Bioeng 90:46"
_HELDT = "Heldt et al. 2013, PLoS Comput Biol 9:e1003372"
_CHO = "own choice; CHO in PMC5874891, table 2"
_BEAUCHEMIN = "Beauchemin et al. 2008, PMC2663526"
_HH = "Henderson and Hasselbalch, at 37 C"
_CYTIVA = "Cytiva, microcarrier handbook"
_BOOK = "Bioprocessing of Viral Vaccines (CRC, 2022), table 6.1"
_BESNARD = "Besnard et al. 2016, Biotechnol Adv 34:1"
_BENZONASE = "nuclease in common use"
_BPL = "Herrera-Rodriguez et al. 2019: depends on the strain"
_KALBFUSS = "Kalbfuss et al. 2007, Biotechnol Bioeng 96:932"
_KALBFUSS_TFF = "Kalbfuss et al. 2007"
_CAPTURE = "own choice within J Membr Sci 2007 299:251 and Fortuna et al. 2018"
_FORTUNA = "own choice; low is best in Fortuna et al. 2018, Eng Life Sci 18:29"
_GREGERSEN = "Gregersen 2008, Vaccine 26:3332, table 3"
_SMPC = "EMA, product information of Fluenz Tetra: 10^(7.0 +- 0.5) FFU a strain in 0.2 mL"
_LIVE = "own choice, below that of antigen; 71 to 87 % in a step in Banjac et al. 2014, Vaccine"
_USUAL = "usual for such instruments"
_KONAKOVSKY = "own choice; Konakovsky et al. 2015, Sensors 15:22128: 9 to 38 % off"
_RAMAN = "own choice; PLS on new batches errs as published"

_PROBES = (
    # Tag, unit, noise from minute to minute, what comes and goes within an hour, lag (min).
    ("temperature_c", "C", 0.02, 0.015, 1.0),
    ("ph", "-", 0.012, 0.008, 0.5),
    ("do_percent", "% air sat.", 0.5, 0.6, 0.75),
    ("stirrer_rpm", "1/min", 0.3, 0.1, 0.0),
    ("air_l_per_min", "-", 0.008, 0.004, 0.0),
    ("o2_l_per_min", "-", 0.008, 0.004, 0.0),
    ("n2_l_per_min", "-", 0.008, 0.004, 0.0),
    ("co2_l_per_min", "-", 0.01, 0.01, 0.0),
    ("base_total_ml", "mL", 0.0, 0.0, 0.0),
    ("feed_total_ml", "mL", 0.0, 0.0, 0.0),
    ("weight_kg", "kg", 0.8, 0.5, 0.0),
    ("pressure_mbar", "mbar", 0.7, 0.5, 0.0),
    ("capacitance_pf_per_cm", "pF/cm", 0.010, 0.012, 1.0),
    ("offgas_o2_percent", "%", 0.01, 0.01, 3.0),
    ("offgas_co2_percent", "%", 0.03, 0.02, 3.0),
)

BANDS: dict[str, tuple[str, tuple[tuple[int, float, float], ...]]] = {
    "glucose": (
        "mmol/L",
        ((437, 9, 20), (518, 9, 36), (911, 10, 20), (1060, 13, 36), (1125, 12, 52)),
    ),
    "lactate": (
        "mmol/L",
        ((855, 9, 46), (1045, 10, 23), (1085, 11, 19), (1420, 12, 23), (1455, 14, 31)),
    ),
    "glutamine": ("mmol/L", ((850, 11, 70), (1330, 14, 60), (1420, 13, 50))),
    "protein": ("g/L", ((1003, 6, 260), (1450, 18, 240), (1660, 25, 300))),
    "phenol_red": ("of fresh medium", ((1550, 18, 900), (1620, 16, 700))),
    "water": ("of water", ((1640, 60, 9000.0), (420, 130, 3500.0))),
}
"""Substance to its unit and its Raman bands: place and width (half of that at half height), 1/cm,
and height, electrons for one unit. Places are those usual in fermentation broths."""


def _of_probes() -> tuple[Parameter, ...]:
    rows = []
    for tag, unit, sd, wander, lag in _PROBES:
        of = tag.replace("_", " ")
        for symbol, what, value, own in (
            ("sd", f"noise of {of} from minute to minute", sd, unit),
            ("wander", f"what comes and goes in {of} within an hour", wander, unit),
            ("lag", f"time constant of {of}", lag, "min"),
        ):
            rows.append(
                Parameter(
                    f"{symbol}_{tag}",
                    what,
                    value,
                    own,
                    value / 2,
                    2 * value,
                    _USUAL,
                    unverified=True,
                )
            )
    return tuple(rows)


def _of_bands() -> tuple[Parameter, ...]:
    rows = []
    for substance, (unit, bands) in BANDS.items():
        for place, width, height in bands:
            of = f"Raman band of {substance.replace('_', ' ')} at {place}"
            for symbol, what, value, own in (
                ("width", f"width of the {of}", width, "1/cm"),
                ("height", f"height of the {of}", height, f"electrons/({unit})"),
            ):
                rows.append(
                    Parameter(
                        f"{symbol}_{substance}_{place}",
                        what,
                        value,
                        own,
                        value / 2,
                        2 * value,
                        _RAMAN,
                        unverified=True,
                    )
                )
    return tuple(rows)


PARAMETERS = tuple(
    Parameter(*row)
    for row in (
        # Growth on carriers
        ("mu_max", "growth rate", 0.038, "1/h", 0.025, 0.045, _MOEHLER, True),
        ("sigma", "cells per area at confluence", 2.0e5, "1/cm2", 1e5, 3e5, _CYTIVA, True),
        ("a_mc", "area of carriers", 4400.0, "cm2/g", 4000, 5000, _CYTIVA, True),
        ("k_att", "attachment", 0.35, "1/h", 0.2, 0.8, _GENZEL, True),
        ("k_lossS", "loss of unattached cells", 0.02, "1/h", 0.01, 0.05, _OWN),
        ("K_G", "Monod constant of glucose", 0.5, "mmol/L", 0.1, 1.0, _CHO),
        ("K_Q", "Monod constant of glutamine", 0.05, "mmol/L", 0.03, 0.5, _CHO),
        ("K_IL", "inhibition by lactate", 50.0, "mmol/L", 30, 60, _CHO),
        ("K_IN", "inhibition by ammonium", 8.0, "mmol/L", 3, 10, _CHO),
        ("K_O", "oxygen at half growth", 5.0, "% air sat.", 1, 10, _OWN),
        ("K_lac", "lactate that halves the infectious share", 60.0, "mmol/L", 40, 100, _OWN),
        # Death
        ("kd0", "basal death", 0.0010, "1/h", 0.001, 0.007, _CHO),
        ("kd_G", "death without glucose", 0.02, "1/h", 0.005, 0.05, _OWN),
        ("K_dG", "glucose at half of that death", 0.1, "mmol/L", 0.05, 0.5, _OWN),
        ("kd_N", "death by ammonium", 0.001, "L/mmol/h", 0.0005, 0.005, _OWN),
        ("N_tox", "ammonium that starts to kill", 5.0, "mmol/L", 3, 10, _OWN),
        ("k_lys", "lysis of dead cells", 6.4e-3, "1/h", 3e-3, 2e-2, _HELDT, True),
        # Metabolism
        ("Y_XG", "cells per glucose", 1.6e5, "1/umol", 1e5, 4e5, _CHO),
        ("m_G", "maintenance, glucose", 2.0e-7, "umol/h", 0.7e-7, 3e-7, _CHO),
        ("K_mG", "glucose at half maintenance", 0.5, "mmol/L", 0.1, 1.0, _OWN),
        ("Y_XQ", "cells per glutamine", 1.2e6, "1/umol", 0.7e6, 2e6, _CHO),
        ("m_Q", "maintenance, glutamine", 3e-9, "umol/h", 1e-9, 10e-9, _CHO),
        ("K_mQ", "glutamine at half maintenance", 0.1, "mmol/L", 0.03, 0.5, _OWN),
        (
            "Y_LG",
            "lactate per glucose",
            1.75,
            "mol/mol",
            1.4,
            2.0,
            "Wahl et al. 2008: MDCK cells are glycolytic",
            True,
        ),
        ("Y_NQ", "ammonium per glutamine", 0.75, "mol/mol", 0.6, 1.0, _CHO),
        ("k_Qdeg", "decay of glutamine, 37 C", 0.0035, "1/h", 0.002, 0.005, _OWN, True),
        # Infection
        ("k_a", "productive adsorption", 0.65e-7, "mL/h", 0.3e-7, 5e-7, _OWN),
        ("tau_E", "eclipse, 37 C", 6.0, "h", 4, 8, f"{_MOEHLER}; Baccam et al. 2006: about 6 h"),
        ("Q10_E", "slower eclipse for each 10 C less", 2.0, "-", 1.5, 3, _OWN),
        ("tau_I", "productive life", 10.5, "h", 10, 30, f"{_BEAUCHEMIN}: about 13 h"),
        ("p", "virions released at 35.5 C", 700.0, "1/h", 200, 700, _MOEHLER, True),
        ("K_vG", "glucose at half release", 0.3, "mmol/L", 0.1, 1.0, _OWN),
        ("K_vO", "oxygen at half release", 5.0, "% air sat.", 1, 10, _OWN),
        (
            "X_density",
            "density at half release per cell",
            10e6,
            "1/mL",
            5e6,
            1e7,
            "fitted to Thomassen et al. 2014, Vaccine 32:2782",
        ),
        ("f_inf", "infectious share at release", 0.047, "-", 0.01, 0.2, _OWN, True),
        ("f_noTr", "share of entries left without trypsin", 0.03, "-", 0.0, 0.2, _OWN),
        ("K_Tr", "trypsin at half activation", 3.0, "BAEE U/mL", 0.2, 3, _OWN),
        ("Tr_ref", "trypsin that entry is stated for", 5.0, "BAEE U/mL", 2, 10, "Seitz et al."),
        (
            "k_Vi",
            "loss of infectivity, 37 C",
            0.105,
            "1/h",
            0.05,
            0.23,
            f"{_BEAUCHEMIN}: half-life 6.6 h",
        ),
        (
            "Ea_V",
            "activation energy of both losses",
            110.0,
            "kJ/mol",
            80,
            140,
            "Hessling et al. 2022, Microbiol Res 13:853",
            True,
        ),
        ("acid_most", "most that acid multiplies that loss", 50.0, "-", 10, 1000, _OWN),
        ("k_Vt", "loss of HA-active particles, 37 C", 0.0015, "1/h", 5e-4, 5e-3, _OWN, True),
        # Defective interfering particles
        ("tau_co", "time in which a second genome still gets in", 3.0, "h", 1, 6, _OWN),
        ("dip_new", "defective share of what a clean cell releases", 0.0002, "-", 0, 0.02, _OWN),
        ("dip_made", "defective share of what a coinfected cell releases", 0.9, "-", 0.5, 1, _OWN),
        ("dip_cost", "release that a coinfected cell loses", 0.6, "-", 0, 0.7, _OWN),
        ("dip_seed", "defective per infectious virion in a seed lot", 0.1, "-", 0.01, 30, _OWN),
        # Trypsin
        ("k_Tr", "loss of trypsin activity", 0.012, "1/h", 0.003, 0.03, _OWN),
        ("K_serum", "share of the serum that halves trypsin", 0.03, "-", 0.01, 0.1, _OWN),
        ("k_prot", "loss of HA to trypsin", 1.2e-3, "mL/U/h", 0, 3e-3, _OWN),
        # Oxygen and carbon dioxide
        ("qO2", "oxygen uptake", 3e-7, "umol/h", 2e-7, 5e-7, _OWN, True),
        ("K_qO", "oxygen at half uptake", 1.0, "% air sat.", 0.3, 3, _OWN),
        ("O2_air", "oxygen in air", 0.2095, "-", 0.209, 0.21, "textbook"),
        ("C_O2", "oxygen at 100 % air saturation", 0.21, "mmol/L", 0.18, 0.23, _OWN, True),
        ("kLa", "oxygen transfer at the usual stirring", 3.0, "1/h", 1, 15, _OWN, True),
        ("kLa_surface", "share of it that is left when all stops", 0.01, "-", 0, 0.1, _OWN),
        ("n_kLa", "power of stirring in it", 1.5, "-", 1, 2.5, _OWN),
        ("rpm_ref", "usual stirring", 60.0, "1/min", 50, 150, _OWN, True),
        (
            "O_best",
            "saturation under the richest gas, 60 % oxygen",
            286.0,
            "% air sat.",
            100,
            476,
            _OWN,
        ),
        ("kd_O", "death without oxygen", 0.03, "1/h", 0.01, 0.1, _OWN),
        ("K_dO", "oxygen at half of that death", 1.0, "% air sat.", 0.3, 3, _OWN),
        ("kd_O_high", "death by oxygen in excess", 6e-5, "1/h/%", 0, 1e-3, _OWN),
        ("O_high", "oxygen that starts to harm", 60.0, "% air sat.", 50, 120, _OWN),
        ("RQ", "carbon dioxide per oxygen", 1.0, "mol/mol", 0.8, 1.2, _OWN, True),
        (
            "CO2_per_kLa",
            "transfer of carbon dioxide over that of oxygen",
            0.9,
            "-",
            0.8,
            1,
            _OWN,
            True,
        ),
        # pH
        ("pK_CO2", "apparent pK of carbon dioxide", 6.1, "-", 6.0, 6.4, _HH),
        ("CO2_least", "dissolved, under 5 % in the gas", 1.17, "mmol/L", 0, 3, _OWN),
        ("CO2_most", "dissolved, under 20 % in the gas", 4.67, "mmol/L", 2, 6, _OWN),
        ("HCO3_fresh", "bicarbonate of fresh medium", 25.0, "mmol/L", 10, 45, _OWN, True),
        ("sd_HCO3", "bicarbonate between lots of medium, relative", 0.05, "-", 0.01, 0.08, _OWN),
        (
            "HCO3_floor",
            "bicarbonate where other buffers take over",
            0.05,
            "mmol/L",
            0.01,
            0.5,
            _OWN,
        ),
        (
            "tau_buffer",
            "bicarbonate left in terms of acid when others take over",
            0.5,
            "h",
            0.1,
            1,
            _OWN,
        ),
        ("k_base", "how hard the controller pulls", 1.0, "1/h", 0.3, 5, _OWN),
        ("base_most", "fastest base pump", 3.0, "mmol/L/h", 1, 10, _OWN),
        ("kd_pH", "death per unit of pH too far off", 0.05, "1/h", 0.01, 0.2, _OWN),
        ("pH_kill", "how far off is too far", 0.7, "-", 0.5, 1, _OWN),
        # Temperature and stirring
        ("tau_T", "lag of the temperature", 1.0, "h", 0.2, 4, _OWN),
        ("kd_T", "death per degree too hot", 0.02, "1/h/C", 0.005, 0.1, _OWN),
        ("T_kill", "too hot above", 40.0, "C", 39, 42, _OWN),
        (
            "kd_shear",
            "death by stirring, per multiple of the usual",
            0.010,
            "1/h",
            0.002,
            0.1,
            _OWN,
        ),
        ("k_lys_shear", "lysis by stirring, per multiple of the usual", 0.012, "1/h", 0, 0.5, _OWN),
        (
            "shear_from",
            "multiple of the usual stirring that starts to harm",
            1.0,
            "-",
            0.5,
            3,
            _OWN,
        ),
        ("mc_ref", "usual carriers", 2.0, "g/L", 1, 5, _GENZEL, True),
        # Seed train
        ("passage_young", "passages that leave growth as it is", 5.0, "-", 3, 20, _OWN),
        ("k_passage", "growth lost by each further passage", 0.025, "-", 0.005, 0.05, _OWN),
        ("age_best", "age of the seed culture, best", 84.0, "h", 60, 110, _OWN),
        ("s_age", "width of that optimum", 48.0, "h", 24, 96, _OWN),
        ("age_cost", "attachment lost at a very wrong age", 0.6, "-", 0.3, 0.8, _OWN),
        ("viability_detached", "viability of cells just detached", 97.0, "%", 90, 99, _OWN),
        ("sd_age", "age of the seed culture between batches", 10.0, "h", 2, 24, _OWN),
        ("age_widest", "SDs that it is off at most", 2.5, "-", 2, 4, _OWN),
        ("passage_first", "passages of a fresh vial's first batch", 5, "-", 2, 10, _OWN),
        ("vial_batches", "batches that a vial of cells serves", 4, "-", 1, 20, _OWN),
        ("old_share", "share of batches with cells of an old bank", 0.1, "-", 0, 0.3, _OWN),
        ("old_passages", "passages that an old bank has more", 8, "-", 2, 15, _OWN),
        ("old_run", "vials from one bank in a row", 3, "-", 1, 10, _OWN),
        ("k_hold", "viability lost while detached cells wait", 0.04, "1/h", 0.01, 0.1, _OWN),
        # Set points and what they act on
        ("T_min", "growth stops below", 29.0, "C", 25, 32, _OWN),
        ("T_opt", "best for growth", 37.0, "C", 36, 38, _OWN),
        ("T_max", "growth stops above", 41.0, "C", 40, 43, _OWN),
        ("T_virus", "best for release", 35.5, "C", 33, 37, _OWN),
        ("s_T_virus", "width of that optimum", 3.0, "C", 2, 5, _OWN),
        ("pH_opt", "best pH", 7.2, "-", 7.0, 7.4, _OWN),
        (
            "s_pH_growth_low",
            "width below, growth",
            0.66,
            "-",
            0.4,
            1,
            "own choice; growth is flat in 6.9-7.4 in PMC2796705",
        ),
        ("s_pH_low", "width below, release", 0.45, "-", 0.4, 1, _OWN),
        ("s_pH_high", "width above, both", 0.45, "-", 0.3, 1, _OWN),
        # What the instruments make of it
        ("v_cell", "volume of a cell", 1.8, "pL", 1.2, 3, _OWN, True),
        ("swell_E", "volume of a cell in eclipse, over that", 1.1, "-", 1, 1.3, _OWN),
        ("swell_I", "volume of a productive cell, over that", 1.3, "-", 1, 1.6, _OWN),
        ("swell_A", "volume of a dead cell that still counts, over that", 0.2, "-", 0, 0.5, _OWN),
        (
            "c_HA",
            "virions per mL at an HA of 1:1",
            2e7,
            "1/mL",
            1e7,
            4e7,
            "Tapia et al. 2019, PLoS ONE 14:e0224317, table 1",
        ),
        ("DNA_cell", "DNA of a cell", 6.0, "pg", 5, 8, _OWN, True),
        ("HCP_cell", "host-cell protein of a cell", 200.0, "pg", 150, 250, _OWN, True),
        (
            "sd_gas_CO2",
            "carbon dioxide of the gas, off its balance with the medium, relative",
            0.10,
            "-",
            0.02,
            0.15,
            _OWN,
        ),
        (
            "sd_base",
            "strength of the base between preparations, relative",
            0.03,
            "-",
            0.01,
            0.05,
            _OWN,
        ),
        ("sd_count", "cell count, relative", 0.08, "-", 0.06, 0.10, _BOOK),
        ("sd_viability", "viability", 1.5, "%", 1, 3, _OWN),
        ("sd_metabolite", "glucose and lactate, relative", 0.03, "-", 0.02, 0.05, _OWN, True),
        ("sd_HA", "HA, quantisation included", 0.15, "log10", 0.1, 0.2, _BOOK),
        ("step_HA", "dilution step of HA", 0.15, "log10", 0.15, 0.3, "dilutions of 1:2^0.5"),
        ("sd_TCID50", "TCID50, quantisation included", 0.3, "log10", 0.2, 0.4, _BOOK),
        ("step_TCID50", "step of a TCID50 plate", 0.25, "log10", 0.25, 0.5, _OWN, True),
        ("lod_HA", "limit of detection of HA", 0.5, "log10 HAU/100 uL", 0.3, 0.7, _OWN),
        ("lod_TCID50", "limit of detection of TCID50", 1.5, "log10/mL", 1, 2, _OWN),
        # Downstream: recoveries of antigen, and their relative SD between batches
        ("m_HA", "HA of a virion", 1.2e-10, "ug", 0.5e-10, 2e-10, _OWN, True),
        ("y_clar", "clarification, carriers and debris", 0.90, "-", 0.80, 0.95, _BESNARD, True),
        ("y_nuc", "nuclease", 0.98, "-", 0.95, 1.0, _BENZONASE, True),
        ("y_bpl", "inactivation by BPL", 0.92, "-", 0.1, 1.0, _BPL, True),
        ("y_tff", "tangential flow filtration", 0.97, "-", 0.85, 1.0, _KALBFUSS_TFF, True),
        ("y_cap", "capture, membrane", 0.86, "-", 0.57, 0.86, _CAPTURE),
        ("y_sec", "size exclusion", 0.85, "-", 0.8, 0.9, _KALBFUSS),
        ("y_aex", "anion exchange", 0.82, "-", 0.8, 0.9, _KALBFUSS),
        ("y_ster", "sterile filtration", 0.93, "-", 0.50, 0.98, _OWN, True),
        ("cv_clar", "spread of clarification", 0.03, "-", 0.02, 0.06, _OWN),
        ("cv_nuc", "spread of nuclease", 0.004, "-", 0.0, 0.02, _OWN),
        ("cv_bpl", "spread of inactivation", 0.04, "-", 0.03, 0.1, _OWN),
        ("cv_tff", "spread of TFF", 0.03, "-", 0.02, 0.05, _OWN),
        ("cv_cap", "spread of capture", 0.03, "-", 0.02, 0.08, _OWN),
        ("cv_sec", "spread of size exclusion", 0.02, "-", 0.01, 0.05, _OWN),
        ("cv_aex", "spread of anion exchange", 0.02, "-", 0.01, 0.05, _OWN),
        ("cv_ster", "spread of sterile filtration", 0.03, "-", 0.02, 0.1, _OWN),
        # What moves them
        ("via_clar", "viability below which debris costs", 70.0, "%", 40, 80, _BESNARD, True),
        ("b_clar", "loss at clarification with all cells dead", 0.20, "-", 0.02, 0.3, _OWN),
        ("b_dna", "loss at clarification by lysed cells, squared", 5.0, "-", 0.5, 10, _OWN),
        ("b_dna_cap", "loss at capture by their DNA, squared", 28.0, "-", 1, 40, _OWN),
        ("cap_0", "capacity of a new column", 0.6, "ug HA/mL harvest", 0.3, 3.0, _CAPTURE),
        ("cap_cycle", "capacity lost in a cycle", 0.003, "-", 0.001, 0.005, _OWN),
        ("k_load", "steepness of breakthrough with load", 6.0, "-", 3, 10, _OWN),
        ("load_half", "load over capacity at which half is lost", 1.35, "-", 1.1, 1.6, _OWN),
        ("kappa_opt", "best conductivity at capture", 5.0, "mS/cm", 3, 8, _FORTUNA),
        ("b_kappa", "loss by conductivity, relative excess squared", 13.0, "-", 5, 20, _OWN),
        ("b_kappa_low", "loss by conductivity below the best", 2.0, "-", 0, 5, _OWN),
        ("b_clog", "antigen left in a clogged sterile filter", 0.6, "-", 0.3, 0.8, _OWN),
        # Impurities
        ("lr_nuc", "DNA taken by nuclease", 2.2, "log10", 1.5, 3, _BENZONASE, True),
        ("sd_lr_nuc", "its spread", 0.18, "log10", 0.1, 0.3, _OWN),
        ("lr_bpl", "infectivity taken by BPL", 17.5, "log10", 15, 18, _GREGERSEN),
        ("sd_lr_bpl", "its spread", 0.8, "log10", 0.3, 1.5, _OWN),
        ("lr_tff", "host-cell protein taken by TFF", 0.7, "log10", 0.5, 1.0, _KALBFUSS_TFF, True),
        ("s_cap_hcp", "protein left by capture", 0.23, "-", 0.2, 0.3, _CAPTURE),
        ("s_sec_hcp", "protein left by size exclusion", 0.35, "-", 0.3, 0.4, _KALBFUSS),
        ("s_sec_dna", "DNA left by size exclusion", 0.34, "-", 0.3, 0.4, _KALBFUSS),
        ("s_aex_dna", "DNA left by anion exchange", 1 / 67, "-", 0.01, 0.02, _KALBFUSS),
        # Doses and release
        ("dose_HA", "HA of a dose", 15.0, "ug", 15, 60, "15 ug HA a strain and dose", True),
        ("v_bulk", "volume of harvest that makes 1 mL of bulk", 45.0, "mL", 5, 60, _OWN),
        ("lim_potency", "least potency of a bulk", 2.5, "ug HA/mL", 2, 100, _OWN),
        ("lim_dna", "most DNA in a dose", 10.0, "ng", 10, 10, "WHO limit", True),
        ("lim_hcp", "most host-cell protein over HA", 1.8, "ug/ug", 1, 6, _OWN, True),
        ("lim_burden", "most germs before sterile filtration", 10.0, "CFU/100 mL", 1, 10, _OWN),
        ("lim_live", "most infectivity left", -3.0, "log10/mL", -6, 0, _OWN),
        ("sd_SRID", "SRID, relative", 0.10, "-", 0.03, 0.10, _BOOK),
        ("sd_reagent", "SRID, bias of a reagent lot", 0.03, "-", 0.02, 0.06, "PMC4941667, table 4"),
        ("sd_DNA", "DNA assay, relative", 0.20, "-", 0.10, 0.25, _OWN, True),
        ("sd_HCP", "ELISA of host-cell protein, relative", 0.15, "-", 0.10, 0.20, _OWN, True),
        ("p_myco", "chance that a test finds mycoplasma", 0.6, "-", 0.5, 0.95, _OWN),
        ("n_SRID", "readings of SRID at release", 3, "-", 1, 6, _OWN),
        ("s_full", "how sharply a recovery ends at 1", 60, "-", 20, 200, _OWN),
        # Live vaccine: recoveries of infectivity, impurities, doses and release
        ("y_clar_live", "clarification, infectivity", 0.85, "-", 0.6, 0.95, _LIVE),
        ("y_nuc_live", "nuclease, an hour in the cold, infectivity", 0.92, "-", 0.8, 1.0, _LIVE),
        ("y_tff_live", "tangential flow filtration, infectivity", 0.80, "-", 0.5, 0.95, _LIVE),
        ("y_stab_live", "diafiltration into stabiliser", 0.92, "-", 0.7, 1.0, _LIVE),
        ("y_ster_live", "sterile filtration, infectivity", 0.70, "-", 0.3, 0.9, _LIVE),
        ("cv_clar_live", "spread of clarification, infectivity", 0.04, "-", 0.02, 0.1, _OWN),
        ("cv_nuc_live", "spread of nuclease, infectivity", 0.02, "-", 0.0, 0.05, _OWN),
        ("cv_tff_live", "spread of TFF, infectivity", 0.05, "-", 0.02, 0.1, _OWN),
        ("cv_stab_live", "spread of diafiltration", 0.03, "-", 0.01, 0.1, _OWN),
        ("cv_ster_live", "spread of sterile filtration, infectivity", 0.06, "-", 0.02, 0.2, _OWN),
        ("b_dna_tff", "loss at TFF by DNA of lysed cells, squared", 4.0, "-", 1, 10, _OWN),
        ("lr_nuc_live", "DNA taken by nuclease in the cold", 2.0, "log10", 1.5, 3, _OWN),
        ("lr_tff_dna", "DNA taken by TFF: once cut, it passes", 0.5, "log10", 0.2, 1.0, _OWN),
        ("lr_stab_hcp", "host-cell protein taken by diafiltration", 0.5, "log10", 0.3, 1.0, _OWN),
        ("dose_live", "infectious virions of a dose", 7.0, "log10", 6.5, 7.5, _SMPC),
        ("v_bulk_live", "volume of harvest that makes 1 mL of it", 20.0, "mL", 5, 100, _OWN),
        ("n_titre", "titrations at release", 3, "-", 1, 6, _OWN),
        (
            "lim_titre",
            "least doses of a live bulk: 45 % of the usual",
            540.0,
            "1/L harvest",
            100,
            3000,
            _OWN,
        ),
        ("lim_hcp_live", "most host-cell protein in a live dose", 5.0, "ug", 1, 10, _OWN),
        # Reactor, gas and base
        ("V_reactor", "volume of the culture", 2000.0, "L", 1, 6000, _OWN),
        (
            "gas",
            "flow of all gases: little, for carriers bear no foam",
            20.0,
            "L/min",
            0.1,
            50,
            _OWN,
        ),
        (
            "swell_mc",
            "medium that settled carriers keep back",
            0.018,
            "L/g",
            0.014,
            0.022,
            _CYTIVA,
            True,
        ),
        ("V_mol", "volume of a mole of gas", 24.0, "L/mol", 22.4, 25.5, "textbook"),
        ("p_head", "pressure of the head space above the air", 120.0, "mbar", 50, 500, _OWN),
        ("tare", "what the scale shows above the medium", 150.0, "kg", 0, 500, _OWN),
        ("c_base", "strength of the base", 2.0, "mol/L", 0.2, 2, _OWN),
        ("c_feed", "strength of the feed", 2.0, "mol/L", 0.5, 4, _OWN),
        ("p_air", "pressure of the air at 37 C less water", 713.0, "mmHg", 650, 720, "textbook"),
        ("S_CO2", "solubility of carbon dioxide", 0.0307, "mmol/L/mmHg", 0.03, 0.0315, _HH),
        # Probes
        *(
            (p.symbol, p.name, p.value, p.unit, p.low, p.high, p.source, p.unverified)
            for p in _of_probes()
        ),
        ("tau_wander", "how long the slow part of the noise remembers", 25.0, "min", 5, 60, _OWN),
        ("lag_year", "lag of a pH probe that a year adds, relative", 1.0, "-", 0, 2, _OWN),
        (
            "pF_biovolume",
            "capacitance of living volume",
            0.67,
            "pF/cm/(uL/mL)",
            0.5,
            0.9,
            "Ansorge et al. 2007 (insect cells)",
        ),
        ("sd_pF_gain", "calibration of a batch, relative", 0.10, "-", 0.05, 0.38, _KONAKOVSKY),
        ("sd_pF_zero", "zero of the capacitance of a batch", 0.03, "pF/cm", 0, 0.1, _OWN),
        ("sd_gain_O2", "oxygen analyser, calibrated on air", 0.001, "-", 0.0005, 0.02, _OWN),
        (
            "sd_gain_CO2",
            "carbon dioxide analyser, on a bottle",
            0.015,
            "-",
            0.01,
            0.02,
            _USUAL,
            True,
        ),
        ("sd_bench_pH", "pH on the bench", 0.06, "-", 0.02, 0.1, _OWN),
        ("bias_bench_pH", "carbon dioxide lost on the way there", 0.03, "-", 0, 0.1, _OWN),
        # Records that fail
        ("failing", "batches with a record that fails", 0.07, "-", 0, 0.2, _OWN),
        ("outages", "stops of the historian", 2.0, "1/year", 0, 10, _OWN),
        ("outage_mean", "how long it stops", 3.0, "h", 0.5, 12, _OWN),
        ("outage_most", "how long it stops at most", 12.0, "h", 1, 48, _OWN),
        # Raman spectrometer
        *(
            (p.symbol, p.name, p.value, p.unit, p.low, p.high, p.source, p.unverified)
            for p in _of_bands()
        ),
        (
            "electrons",
            "electrons of a count, half of the light's own noise",
            40.0,
            "-",
            1,
            100,
            _OWN,
        ),
        ("R_every", "time between spectra", 15, "min", 10, 15, _USUAL, True),
        ("R_atline", "time between at-line samples", 120, "min", 30, 720, _OWN),
        ("R_serum", "protein of growth medium", 4.0, "g/L", 2, 6, _RAMAN),
        ("R_washed", "protein after the exchange", 0.3, "g/L", 0, 1, _RAMAN),
        ("R_cell", "protein that cells show", 0.3, "g/L/(1e6/mL)", 0.1, 0.5, _RAMAN),
        ("R_red", "phenol red between batches, SD of its logarithm", 0.08, "-", 0, 0.2, _RAMAN),
        ("R_fluo", "fluorescence of fresh medium", 7000.0, "electrons", 1e3, 2e4, _RAMAN),
        ("R_fluo_cells", "what cells add to it", 0.35, "1/(1e6/mL)", 0, 1, _RAMAN),
        ("R_fluo_day", "what age adds to it", 0.10, "1/day", 0, 0.3, _RAMAN),
        ("sd_R_fluo", "it between batches, SD of its logarithm", 0.15, "-", 0, 0.3, _RAMAN),
        ("sd_R_matrix", "protein and growth of it, SD of logarithms", 0.3, "-", 0, 0.6, _RAMAN),
        ("sd_R_bend", "shape of it between batches", 0.04, "-", 0, 0.2, _RAMAN),
        ("R_loss", "power that the laser loses", 0.004, "1/day", 0, 0.02, _RAMAN),
        ("R_wander", "what of it comes and goes within hours", 0.004, "-", 0, 0.02, _RAMAN),
        ("sd_R_focus", "how the probe sits, SD of the logarithm", 0.06, "-", 0, 0.2, _RAMAN),
        ("sd_R_shift", "scale of wavenumbers between batches", 0.35, "1/cm", 0, 2, _RAMAN),
        ("sd_R_shift_day", "its drift", 0.08, "1/cm/day", 0, 0.3, _RAMAN),
        ("n_R_unknown", "bands of constituents nobody measures", 14, "-", 0, 40, _RAMAN),
        ("R_unknown", "their height", 110.0, "electrons", 0, 2000, _RAMAN),
        ("R_unknown_made", "what cells or age change of it", 0.5, "-", 0, 1, _RAMAN),
        ("R_cosmic", "spectra that a cosmic ray hits", 0.02, "-", 0, 0.1, _RAMAN),
        # Equipment
        ("column_life", "cycles of a column", 100, "-", 50, 200, _OWN, True),
        ("column_batch", "cycles a batch", 2, "-", 1, 5, _OWN),
        ("service_apart", "services of reactors, apart", 9, "days", 1, 30, _OWN),
        ("calibration", "time between calibrations", 55, "days", 7, 90, _OWN),
        ("service_late", "share of services that come late", 0.3, "-", 0, 0.5, _OWN),
        ("service_late_by", "how late", 35, "days", 0, 60, _OWN),
        (
            "drift_pH",
            "drift of a pH probe that its daily one-point correction leaves",
            0.0020,
            "1/day",
            0.001,
            0.03,
            "own choice; drift itself 0.01 to 0.03 a day",
            True,
        ),
        ("sd_drift_pH", "it between probes, SD of its logarithm", 0.45, "-", 0.1, 0.8, _OWN),
        ("sd_offset_pH", "offset of a pH probe between batches", 0.03, "-", 0, 0.1, _OWN),
        ("drift_DO", "drift of a DO probe between calibrations", 0.05, "%/day", 0, 0.5, _OWN),
        ("kappa", "conductivity of the feed at capture", 5.30, "mS/cm", 3, 8, _FORTUNA),
        ("sd_kappa", "it between batches, relative", 0.035, "-", 0.01, 0.1, _OWN),
        ("kappa_season", "more of it in summer, relative", 0.02, "-", 0, 0.1, _OWN),
        ("team_season", "how far the team follows the season", 0.5, "-", 0, 1, _OWN),
        ("reagent_life", "batches of a lot of SRID reagent", 40, "-", 10, 100, _OWN),
        # Hands, and what happens on the way
        ("sd_MOI", "virus truly added, SD of its log10", 0.20, "log10", 0.1, 0.4, _OWN),
        ("sd_inoculum", "cells truly added, SD of the logarithm", 0.05, "-", 0.02, 0.2, _OWN),
        ("sd_hand_growth", "growth between batches, SD of the logarithm", 0.02, "-", 0, 0.1, _OWN),
        (
            "sd_hand_release",
            "release between batches, SD of the logarithm",
            0.03,
            "-",
            0,
            0.1,
            _OWN,
        ),
        (
            "sd_hand_appetite",
            "uptake of glucose between batches, SD of the logarithm",
            0.08,
            "-",
            0,
            0.2,
            _OWN,
        ),
        ("sd_hand_T", "true temperature less set point", 0.08, "C", 0, 0.5, _OWN),
        ("hold_mean", "detachment to inoculation", 3.0, "h", 1, 8, _OWN),
        ("hold_shape", "its gamma distribution", 7.0, "-", 1, 10, _OWN),
        ("hold_most", "longest", 8.0, "h", 4, 24, _OWN),
        ("hold_inoculum", "cells that an hour of it loses", 0.12, "1/h", 0, 0.3, _OWN),
        ("hold_attachment", "attachment that an hour of it loses", 0.07, "1/h", 0, 0.3, _OWN),
        ("hold_growth", "growth that an hour of it loses", 0.015, "1/h", 0, 0.05, _OWN),
        ("dips", "dips of dissolved oxygen in a batch", 1.4, "-", 0, 5, _OWN),
        ("dip_mean", "how long one lasts", 2.4, "h", 0.5, 6, _OWN),
        ("dip_most", "how long at most", 8.0, "h", 2, 12, _OWN),
        ("dip_DO", "share of the set point that oxygen sags to", 0.10, "-", 0.1, 0.5, _OWN),
        ("dip_first", "earliest after infection", 26.0, "h", 0, 40, _OWN),
        ("dip_last", "latest after infection", 46.0, "h", 12, 72, _OWN),
        (
            "trypsin_store",
            "activity that trypsin loses in the store",
            0.0016,
            "1/day",
            0,
            0.01,
            _OWN,
        ),
    )
)

VALUES: dict[str, float] = {parameter.symbol: parameter.value for parameter in PARAMETERS}
"""Symbol to value: what the equations read."""

ECLIPSE_STAGES = 5
PRODUCTIVE_STAGES = 3
"""Stages of the two Erlang chains: an exponential eclipse is refuted by Holder and Beauchemin
2011, BMC Public Health 11 S1:S10."""
