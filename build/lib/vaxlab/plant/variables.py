"""The wide table: one row a batch, about 220 variables, as somebody who looks for causes joins it.

Most of them move nothing. Names begin with their group: recipe_, seed_, coa_, calendar_, trend_
(features of the historian), sample_ (offline), dsp_ (downstream), release_.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant import lots
from vaxlab.plant.downstream import STEPS
from vaxlab.plant.instruments import TAGS
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.records import STAGES

if TYPE_CHECKING:
    import pandas as pd

# What is fed at a steady rate repeats the recipe, feature by feature.
_LEFT_OUT = ("n2_l_per_min", "weight_kg", "feed_total_ml")
TREND_TAGS = tuple(name for name in TAGS if name not in _LEFT_OUT)
FEATURES = {
    "growth_mean": "mean before infection",
    "growth_sd": "SD before infection",
    "infection_mean": "mean after infection",
    "infection_sd": "SD in the first 45 h after infection",
    "infection_min": "least in the first 45 h after infection",
    "infection_max": "most in the first 45 h after infection",
}

IDLE: dict[str, tuple[float, float, int, str]] = {
    "recipe_carrier_soak_h": (16.0, 2.0, 1, "soaking of the carriers, h"),
    "recipe_carrier_rinse_l": (800.0, 60.0, 0, "rinse of the carriers, L"),
    "recipe_carrier_autoclave_min": (32.0, 2.0, 0, "sterilisation of the carriers, min"),
    "recipe_medium_age_days": (12.0, 4.0, 0, "age of the prepared medium, days"),
    "recipe_medium_temperature_c": (36.2, 0.6, 1, "medium when filled in, °C"),
    "recipe_medium_osmolality_mosm_per_kg": (292.0, 4.0, 0, "medium when filled in, mOsm/kg"),
    "recipe_attachment_rpm": (30.0, 1.2, 0, "stirrer while cells attach, 1/min"),
    "recipe_wash_1_l": (1520.0, 40.0, 0, "first wash, L"),
    "recipe_wash_2_l": (1520.0, 40.0, 0, "second wash, L"),
    "recipe_settling_min": (25.0, 4.0, 0, "settling of the carriers before the exchange, min"),
    "recipe_virus_thaw_min": (14.0, 2.5, 0, "thawing of the virus, min"),
    "recipe_virus_thawed_ml": (5.2, 0.3, 2, "virus thawed, mL"),
    "recipe_trypsin_dissolved_h": (1.5, 0.5, 1, "trypsin in solution before use, h"),
    "recipe_antifoam_ml": (160.0, 48.0, 0, "antifoam over the batch, mL"),
    "seed_detachment_min": (11.0, 1.8, 0, "trypsin on the last seed vessel, min"),
    "seed_rinse_ml": (16000.0, 1000.0, 0, "rinse of the last seed vessel, mL"),
    "seed_medium_ph": (7.22, 0.05, 2, "medium of the last seed vessel, pH"),
    "seed_medium_temperature_c": (36.5, 0.5, 1, "medium of the last seed vessel, °C"),
    "seed_incubator_c": (37.0, 0.12, 2, "incubator, mean, °C"),
    "seed_incubator_co2_percent": (5.0, 0.12, 2, "incubator, mean, %"),
    "seed_clumps_percent": (4.0, 1.2, 1, "cells in clumps, by eye, %"),
    "seed_count_cv_percent": (7.0, 2.0, 1, "spread of the counts, %"),
    "seed_transfer_min": (18.0, 4.0, 0, "transfer into the reactor, min"),
    "seed_vial_months": (20.0, 6.0, 0, "age of the vial of the cell bank, months"),
    "calendar_room_humidity_percent": (42.0, 6.0, 0, "production room, %"),
    "dsp_inactivation_hold_h": (18.0, 1.0, 1, "inactivation, h"),
    "dsp_nuclease_hold_h": (3.0, 0.3, 1, "nuclease, h"),
}
"""Written down in every batch record and without any effect: mean, SD, decimals, what."""

_SLOTS = {"72h_before": 1, "48h_before": 2, "24h_before": 3, "before": 4, "24h": 5, "harvest": 7}
_SAMPLES = {
    "viable_cells": ("72h_before", "48h_before", "24h_before", "before", "24h"),
    "viability": ("before", "24h", "harvest"),
    "glucose": ("before", "24h", "harvest"),
    "lactate": ("before", "24h", "harvest"),
    "ha": ("24h", "harvest"),
    "tcid50": ("harvest",),
}
_UNITS = {
    "viable_cells": "1e6/mL",
    "viability": "%",
    "glucose": "mmol/L",
    "lactate": "mmol/L",
    "ha": "log10 HAU/100 uL",
    "tcid50": "log10 TCID50/mL",
}
OFFLINE_PH_H = {"48h_before": -48.0, "before": -1.5, "24h": 24.0}

_SET_POINTS = {
    "moi": "infectious virions per cell",
    "inoculum_cells_per_ml": "cells/mL",
    "carrier_g_per_l": "g/L",
    "growth_temperature_c": "°C",
    "infection_temperature_c": "°C",
    "ph": "pH",
    "do_percent": "% of air saturation",
    "trypsin_bu_per_ml": "BAEE U/mL",
    "glucose_mmol_per_l": "mmol/L in fresh medium",
    "feed_mmol_per_l_h": "mmol/L/h of glucose",
}
_CALENDAR = {
    "started_year": "year of the start",
    "started_day_of_year": "day of the year of the start",
    "started_weekday": "weekday of the start, 0 is Monday",
    "infected_weekday": "weekday of the infection, 0 is Monday",
    "harvested_weekday": "weekday of the harvest, 0 is Monday",
    "started_hour": "hour of the day of the start",
    "harvested_hour": "hour of the day of the harvest",
    "reactor": "production reactor",
    "operator": "who led the batch",
    "days_since_batch_before": "since the start of the batch before it in this reactor, days",
    "ph_probe_age_days": "since the pH probe was fitted, days",
    "ph_calibrated_days": "since the pH probe was calibrated, days",
    "do_probe_age_days": "since the DO probe was fitted, days",
    "column_cycles": "cycles of the capture column before the batch",
    "serum_lot_days": "since the first use of the serum lot, days",
    "trypsin_lot_days": "since the first use of the trypsin lot, days",
    "seed_lot_days": "since the first use of the virus seed lot, days",
}
_STAGE = {
    "cells_in": "cells put in, 1e6",
    "cells_out": "cells taken out, 1e6",
    "fold": "cells taken out over cells put in",
    "hours": "length, h",
    "viability": "viability at the end, %",
    "confluence": "confluence at the end, %",
}
_RELEASE = {
    "potency_ug_per_ml": "SRID, ug HA/mL",
    "dna_ng_per_dose": "ng",
    "hcp_ug_per_ug_ha": "ug/ug",
    "germs_cfu_per_100ml": "CFU/100 mL",
    "live_virus": "found",
    "mycoplasma": "found",
    "filter_intact": "integrity test passed",
    "doses": "doses released",
    "decision": "released or rejected",
}


def _meanings() -> dict[str, str]:
    said = {"batch_id": "batch, as in batches"}
    said |= {f"recipe_{name}": f"set point: {unit}" for name, unit in _SET_POINTS.items()}
    said |= {
        "recipe_growth_h": "from inoculation to infection, h",
        "recipe_infection_h": "from infection to harvest, h",
        "seed_hours_to_inoculation": "from the detachment of the last seed vessel, h",
        "seed_passage": "splits since the cell bank",
    }
    for stage in STAGES:
        short = stage.lower().replace("-", "")
        said |= {f"seed_{short}_{name}": f"{stage}: {what}" for name, what in _STAGE.items()}
    for name, kind in lots.LOT_KINDS.items():
        for entry in kind.certificate:
            text = entry.name.replace("_", " ")
            said[f"coa_{name}_{entry.name}"] = f"certificate of the {name}: {text}, {entry.unit}"
    said |= {f"calendar_{name}": what for name, what in _CALENDAR.items()}
    for tag in TREND_TAGS:
        for feature, what in FEATURES.items():
            said[f"trend_{tag}_{feature}"] = f"{TAGS[tag].meaning}: {what}"
    for analyte, whens in _SAMPLES.items():
        for when in whens:
            text = when.replace("_", " ")
            said[f"sample_{analyte}_{when}"] = f"{analyte}, {text}, {_UNITS[analyte]}"
    for when in OFFLINE_PH_H:
        said[f"sample_ph_{when}"] = f"pH on the bench, {when.replace('_', ' ')}"
    said |= {f"dsp_{step}_recovery_percent": f"recovery of {step}, %" for step in STEPS}
    for name in ("capture", "sec", "aex"):
        said[f"dsp_{name}_conductivity_ms_per_cm"] = f"feed of {name}, mS/cm"
    for name in ("clarification", "tff", "sterile_filtration"):
        said[f"dsp_{name}_pressure_bar"] = f"highest at {name}, bar"
    said["dsp_antigen_in_mg"] = "HA of the harvest, measured, mg"
    said["dsp_capture_cycles"] = "cycles of the column before the batch"
    said |= {f"release_{name}": what for name, what in _RELEASE.items()}
    said["release_days"] = "from harvest to the last test, days"
    said |= {name: what for name, (_, _, _, what) in IDLE.items()}
    groups = ("batch", "recipe", "seed", "coa", "calendar", "trend", "sample", "dsp", "release")
    return {k: said[k] for group in groups for k in said if k.split("_")[0] == group}


MEANING: dict[str, str] = _meanings()
"""Column → what it holds, and its unit."""


def table(
    rng: np.random.Generator,
    tables: Mapping[str, pd.DataFrame],
    readings: pd.DataFrame,
    ph: Mapping[str, np.ndarray],
    fitted: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Join everything that is known of a batch.

    Parameters
    ----------
    rng : Generator
    tables : mapping of str to DataFrame
        batches, certificates, genealogy, seed_train, downstream, release, historian.
    readings : DataFrame
        One row a sample and analyte as measured: batch_id, slot, analyte, value.
    ph : mapping of str to array (B,)
        Keys of `OFFLINE_PH_H`: true pH then.
    fitted : mapping of str to array (B,)
        What is known of the equipment: the names in the group calendar_.

    Returns
    -------
    DataFrame
        Columns of `MEANING`.
    """
    import pandas as pd

    batches = tables["batches"]
    n, ids = len(batches), batches["batch_id"].to_numpy()
    out: dict[str, np.ndarray] = {"batch_id": ids}
    for name, (mean, sd, decimals, _) in IDLE.items():
        out[name] = np.round(mean + sd * np.clip(rng.standard_normal(n), -3, 3), decimals)
    for name in _SET_POINTS:
        out[f"recipe_{name}"] = batches[name].to_numpy()
    hour = pd.Timedelta(hours=1)
    started, infected, harvested = (
        batches[name] for name in ("started_at", "infected_at", "harvested_at")
    )
    out["recipe_growth_h"] = ((infected - started) / hour).round(2).to_numpy()
    out["recipe_infection_h"] = ((harvested - infected) / hour).round(2).to_numpy()
    out |= _seed(tables["seed_train"], tables["genealogy"], started.to_numpy(), ids)
    certificates = tables["certificates"].set_index("lot")
    for name, kind in lots.LOT_KINDS.items():
        of_batch = certificates.loc[batches[f"{name}_lot"]]
        for entry in kind.certificate:
            out[f"coa_{name}_{entry.name}"] = of_batch[f"{name}_{entry.name}"].to_numpy()
    out |= _calendar(batches, fitted)
    out |= _trends(tables["historian"], infected.set_axis(ids), ids)
    by_slot = readings.pivot(index="batch_id", columns=["analyte", "slot"], values="value")
    for analyte, whens in _SAMPLES.items():
        for when in whens:
            # A few batches may all lack a sample.
            values = by_slot.reindex(index=ids, columns=[(analyte, _SLOTS[when])])
            out[f"sample_{analyte}_{when}"] = values.to_numpy()[:, 0]
    for when, true in ph.items():
        lost = VALUES["bias_bench_pH"] + VALUES["sd_bench_pH"] * rng.standard_normal(n)
        out[f"sample_ph_{when}"] = np.round(true + lost, 2)
    out |= _downstream(tables["downstream"], ids)
    release = tables["release"]
    for name in _RELEASE:
        out[f"release_{name}"] = release[name].to_numpy()
    days = (release["tested_at"].to_numpy() - harvested.to_numpy()) / np.timedelta64(1, "D")
    out["release_days"] = np.round(days)
    return pd.DataFrame({name: out[name] for name in MEANING})


def _seed(
    train: pd.DataFrame, genealogy: pd.DataFrame, started: np.ndarray, ids: np.ndarray
) -> dict[str, np.ndarray]:
    import pandas as pd

    out = {"seed_passage": genealogy["passage"].to_numpy()}
    hours = (train["detached_at"] - train["seeded_at"]) / pd.Timedelta(hours=1)
    stages = train.assign(
        hours=hours.round(2), fold=(train["cells_out_1e6"] / train["cells_in_1e6"]).round(2)
    )
    columns = {
        "cells_in": "cells_in_1e6",
        "cells_out": "cells_out_1e6",
        "fold": "fold",
        "hours": "hours",
        "viability": "viability_percent",
        "confluence": "confluence_percent",
    }
    for stage in STAGES:
        one = stages[stages["stage"] == stage].set_index("batch_id").loc[ids]
        short = stage.lower().replace("-", "")
        for name, column in columns.items():
            out[f"seed_{short}_{name}"] = one[column].to_numpy()
    last = stages[stages["stage"] == STAGES[-1]].set_index("batch_id").loc[ids]
    wait = (started - last["detached_at"].to_numpy()) / np.timedelta64(1, "h")
    return out | {"seed_hours_to_inoculation": np.round(wait, 2)}


def _calendar(batches: pd.DataFrame, fitted: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    import pandas as pd

    started, infected, harvested = (
        batches[name].dt for name in ("started_at", "infected_at", "harvested_at")
    )
    before = batches.groupby("reactor")["started_at"].diff() / pd.Timedelta(days=1)
    out = {
        "started_year": started.year,
        "started_day_of_year": started.day_of_year,
        "started_weekday": started.day_of_week,
        "infected_weekday": infected.day_of_week,
        "harvested_weekday": harvested.day_of_week,
        "started_hour": started.hour,
        "harvested_hour": harvested.hour,
        "reactor": batches["reactor"],
        "operator": batches["operator"],
        "days_since_batch_before": before.round(1),
    }
    out |= dict(fitted)
    for name in ("serum", "trypsin", "seed"):
        first = batches.groupby(f"{name}_lot")["started_at"].transform("min")
        out[f"{name}_lot_days"] = (batches["started_at"] - first).dt.days
    return {f"calendar_{name}": np.asarray(values) for name, values in out.items()}


def _trends(historian: pd.DataFrame, infected: pd.Series, ids: np.ndarray) -> dict[str, np.ndarray]:
    hours = (
        historian["recorded_at"].to_numpy() - infected.loc[historian["batch_id"]].to_numpy()
    ) / np.timedelta64(1, "h")
    tags = list(TREND_TAGS)
    batch = historian["batch_id"]
    growth = historian.loc[hours < 0, tags].groupby(batch[hours < 0])
    infection = historian.loc[hours >= 0, tags].groupby(batch[hours >= 0])
    early = (hours >= 0) & (hours < 45)
    first = historian.loc[early, tags].groupby(batch[early])
    features = {
        "growth_mean": growth.mean(),
        "growth_sd": growth.std(),
        "infection_mean": infection.mean(),
        "infection_sd": first.std(),
        "infection_min": first.min(),
        "infection_max": first.max(),
    }
    return {
        f"trend_{tag}_{name}": values.loc[ids, tag].round(4).to_numpy()
        for tag in tags
        for name, values in features.items()
    }


def _downstream(steps: pd.DataFrame, ids: np.ndarray) -> dict[str, np.ndarray]:
    wide = steps.pivot(index="batch_id", columns="name").loc[ids]
    out = {
        f"dsp_{step}_recovery_percent": wide["recovery_percent", step].to_numpy() for step in STEPS
    }
    for name in ("capture", "sec", "aex"):
        out[f"dsp_{name}_conductivity_ms_per_cm"] = wide["conductivity_ms_per_cm", name].to_numpy()
    for name in ("clarification", "tff", "sterile_filtration"):
        out[f"dsp_{name}_pressure_bar"] = wide["pressure_bar", name].to_numpy()
    out["dsp_antigen_in_mg"] = wide["antigen_in_mg", "clarification"].to_numpy()
    out["dsp_capture_cycles"] = wide["cycles", "capture"].to_numpy()
    return out
