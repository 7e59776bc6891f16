"""What the plant writes down besides samples: certificates, genealogy, purification, release.

Everything here is as people see it: measured, rounded, late, or missing. `MEANING` says what
every column holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant import faults, lots, seedtrain
from vaxlab.plant.downstream import STEPS
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES

if TYPE_CHECKING:
    import pandas as pd

STAGES = ("N-3", "N-2", "N-1")
STAGE_DAYS = (10.0, 7.0, 3.5)
"""Days before inoculation at which a seed vessel is seeded."""
STAGE_CELLS = (2.2e9, 1.35e10, 8.6e10)
SEED_VESSELS = {"N-3": "RB", "N-2": "CF", "N-1": "SR"}

PRESSURE_BAR = {"clarification": 0.55, "tff": 1.2, "sterile_filtration": 0.9}
STEP_H = (3, 6, 20, 8, 10, 8, 8, 3)
"""Hours that the steps take."""

_BATCH = "batch, as in batches"
MEANING: dict[str, dict[str, str]] = {
    "certificates": {
        "lot": "lot number, as in batches",
        "material": "serum, carrier, medium, trypsin or seed",
        "received_at": "when it reached the plant",
    }
    | {
        f"{name}_{entry.name}": f"{name}: {entry.name.replace('_', ' ')}, {entry.unit}; "
        "empty for lots of other kinds"
        for name, kind in lots.LOT_KINDS.items()
        for entry in kind.certificate
    },
    "genealogy": {
        "batch_id": _BATCH,
        "cell_bank": "vial of the working cell bank that its cells come from",
        "passage": "splits at inoculation since the first cells were thawed; high from an old bank",
        **{f"vessel_{stage.lower().replace('-', '')}": f"seed vessel {stage}" for stage in STAGES},
        **{f"{name}_lot": f"lot of the {name}" for name in lots.LOT_KINDS},
        "reactor": "production reactor",
        "ph_probe": "pH probe in it",
        "do_probe": "DO probe in it",
        "column": "column of the capture step",
        "reagent_lot": "lot of the SRID reagent at release",
    },
    "seed_train": {
        "batch_id": _BATCH,
        "stage": "N-3, N-2 or N-1",
        "vessel": "seed vessel",
        "operator": "who handled it",
        "seeded_at": "when cells were put in",
        "detached_at": "when they were taken out; the last stage goes to the reactor",
        "cells_in_1e6": "cells put in, counted, 1e6",
        "cells_out_1e6": "cells taken out, counted, 1e6",
        "viability_percent": "at the end, measured, %; of N-1 when its cells go into the reactor",
        "confluence_percent": "at the end, by eye, %",
    },
    "downstream": {
        "batch_id": _BATCH,
        "step": "1 to 8",
        "name": "step",
        "finished_at": "when its product was sampled",
        "operator": "who ran it",
        "antigen_in_mg": "HA fed, measured, mg",
        "antigen_out_mg": "HA recovered, measured, mg",
        "recovery_percent": "their ratio, %; above 100 only by measuring error",
        "conductivity_ms_per_cm": "of the feed, mS/cm; chromatography only",
        "cycles": "of the column before this batch; capture only",
        "pressure_bar": "highest before the filter, bar; filtrations only",
    },
    "release": {
        "batch_id": _BATCH,
        "tested_at": "when the last test was done",
        "reagent_lot": "lot of the SRID reagent",
        "potency_ug_per_ml": "SRID, mean of three, ug HA per mL of bulk",
        "dna_ng_per_dose": "host-cell DNA, ng in a dose",
        "hcp_ug_per_ug_ha": "host-cell protein over HA, ug/ug",
        "germs_cfu_per_100ml": "before sterile filtration, CFU/100 mL",
        "live_virus": "found after inactivation",
        "mycoplasma": "found in the harvest",
        "filter_intact": "integrity test of the sterile filter passed",
        "bulk_l": "volume of the bulk, L",
        "doses": "doses of 15 ug HA that the measured potency gives; 0 if rejected",
        "decision": "released or rejected",
        "reason": "why rejected; empty for released batches",
    },
    "deviations": {
        "deviation_id": "number of the report",
        "batch_id": _BATCH,
        "opened_at": "when it was written; some long after",
        "operator": "who wrote it",
        "text": "as written",
    },
}
"""Table → column → what it holds, and its unit."""


def certificates(
    rng: np.random.Generator,
    lot_numbers: Mapping[str, np.ndarray],
    lot_effects: Mapping[str, Mapping[str, np.ndarray]],
    started: np.ndarray,
) -> pd.DataFrame:
    """Return one row a lot."""
    import pandas as pd

    printed = lots.certificates(rng, lot_effects)
    tables = []
    for name, kind in lots.LOT_KINDS.items():
        numbers = lot_numbers[name]
        n = int(numbers.max()) + 1
        first = np.array([started[numbers == lot].min() for lot in range(n)])
        days = rng.integers(10, 40, size=n).astype("timedelta64[D]")
        table = pd.DataFrame(
            {
                "lot": [f"{kind.prefix}-{lot + 1:02d}" for lot in range(n)],
                "material": name,
                "received_at": first - days,
            }
        )
        tables.append(table.assign(**{f"{name}_{k}": v for k, v in printed[name].items()}))
    return pd.concat(tables, ignore_index=True)[list(MEANING["certificates"])]


def seed_train(
    rng: np.random.Generator,
    batch_ids: np.ndarray,
    circumstances: Circumstances,
    started: np.ndarray,
) -> pd.DataFrame:
    """Return three rows a batch; the last one says when its cells were detached."""
    import pandas as pd

    n, stages = len(batch_ids), len(STAGES)
    wait = np.round(60 * circumstances.hold_h).astype("timedelta64[m]")
    ends = np.empty((n, stages), dtype="datetime64[m]")
    begins = np.empty_like(ends)
    ends[:, -1] = started - wait
    for k in reversed(range(stages)):
        hours = 24 * (STAGE_DAYS[k] - (STAGE_DAYS[k + 1] if k < stages - 1 else 0.0))
        grown = 60 * hours + 5 * rng.integers(-24, 25, size=n)
        if k == stages - 1:  # what the batch was made with
            grown = np.round(60 * circumstances.age_h)
        begins[:, k] = ends[:, k] - grown.astype("timedelta64[m]")
        if k:
            ends[:, k - 1] = begins[:, k] - np.timedelta64(45, "m")
    start = np.array(STAGE_CELLS) * np.exp(0.08 * rng.standard_normal((n, stages)))
    folds = np.exp(1.75 + 0.08 * rng.standard_normal((n, stages)))
    vessel = rng.integers(1, 5, size=(n, stages))
    operator = circumstances.fitted.operator[:, None].repeat(stages, axis=1)
    viability = rng.normal(96.5, 1.0, (n, stages))
    cells = seedtrain.inoculum(circumstances.passage, circumstances.age_h, circumstances.hold_h)
    viability[:, -1] += cells.viability_percent - 96.5
    return pd.DataFrame(
        {
            "batch_id": np.repeat(batch_ids, stages),
            "stage": np.tile(STAGES, n),
            "vessel": [
                f"{SEED_VESSELS[stage]}-{number:02d}"
                for row in vessel
                for stage, number in zip(STAGES, row, strict=True)
            ],
            "operator": operator.ravel(),
            "seeded_at": begins.ravel(),
            "detached_at": ends.ravel(),
            "cells_in_1e6": (start / 1e6).round(0).ravel(),
            "cells_out_1e6": (start * folds / 1e6).round(0).ravel(),
            "viability_percent": viability.clip(0, 99.5).round(1).ravel(),
            "confluence_percent": (5 * np.round(rng.normal(90, 5, (n, stages)) / 5))
            .clip(70, 100)
            .ravel(),
        }
    )


def genealogy(
    rng: np.random.Generator,
    batch_ids: np.ndarray,
    circumstances: Circumstances,
    record: pd.DataFrame,
    seeds: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row a batch: where its parts come from."""
    import pandas as pd

    n, fitted = len(batch_ids), circumstances.fitted
    vial = np.arange(n) // int(VALUES["vial_batches"])
    old = seedtrain.of_old_bank(circumstances.passage)
    bank, number = np.where(old, (0 * vial, vial), np.divmod(vial, 45) + np.array([[1], [0]]))
    rng.integers(0, 2, size=n)  # of nothing any more: the tables to come keep their numbers
    table = {
        "batch_id": batch_ids,
        "cell_bank": [f"WCB-{b}-{1 + k:03d}" for b, k in zip(bank, number, strict=True)],
        "passage": circumstances.passage,
    }
    vessels = seeds.pivot(index="batch_id", columns="stage", values="vessel").loc[batch_ids]
    for stage in STAGES:
        table[f"vessel_{stage.lower().replace('-', '')}"] = vessels[stage].to_numpy()
    for name in lots.LOT_KINDS:
        table[f"{name}_lot"] = record[f"{name}_lot"].to_numpy()
    for name in ("reactor", "ph_probe", "do_probe", "column", "reagent_lot"):
        table[name] = getattr(fitted, name)
    return pd.DataFrame(table)


def purification(
    rng: np.random.Generator,
    batch_ids: np.ndarray,
    circumstances: Circumstances,
    made: Made,
    harvested: np.ndarray,
) -> pd.DataFrame:
    """Return eight rows a batch."""
    import pandas as pd

    n, steps = len(batch_ids), len(STEPS)
    purified, fitted = made.purified, circumstances.fitted
    recovery = np.stack([purified.recovery[name] for name in STEPS], axis=1)
    left = np.cumprod(np.column_stack([np.ones(n), recovery]), axis=1)
    true_mg = purified.antigen_in_ug[:, None] * left / 1000
    # One assay a point: what leaves a step is what enters the next.
    read = true_mg * np.exp(0.08 * rng.standard_normal(true_mg.shape))
    names = list(STEPS)
    conductivity = np.full((n, steps), np.nan)
    noise = 0.005 * rng.standard_normal(n)
    conductivity[:, names.index("capture")] = made.equipment.conductivity_ms_per_cm * (1 + noise)
    conductivity[:, names.index("aex")] = rng.normal(12.0, 0.4, n)
    conductivity[:, names.index("sec")] = rng.normal(15.0, 0.3, n)
    cycles = np.full((n, steps), np.nan)
    cycles[:, names.index("capture")] = fitted.column_cycles
    pressure = np.full((n, steps), np.nan)
    for name, usual in PRESSURE_BAR.items():
        pressure[:, names.index(name)] = usual * np.exp(0.08 * rng.standard_normal(n))
    pressure[:, names.index("clarification")] *= 0.6 + 2.0 * purified.lysed_share
    pressure[:, names.index("sterile_filtration")] *= np.where(
        made.equipment.filter_clogged, 2.2, 1.0
    )
    took = np.cumsum(STEP_H)[None, :] * 60 + 5 * rng.integers(-6, 7, size=(n, steps))
    finished = harvested[:, None] + took.astype("timedelta64[m]")
    return pd.DataFrame(
        {
            "batch_id": np.repeat(batch_ids, steps),
            "step": np.tile(np.arange(1, steps + 1), n),
            "name": np.tile(names, n),
            "finished_at": finished.ravel(),
            "operator": np.repeat(np.roll(fitted.operator, 1), steps),
            "antigen_in_mg": read[:, :-1].round(2).ravel(),
            "antigen_out_mg": read[:, 1:].round(2).ravel(),
            "recovery_percent": (100 * read[:, 1:] / read[:, :-1]).round(1).ravel(),
            "conductivity_ms_per_cm": conductivity.round(2).ravel(),
            "cycles": cycles.ravel(),
            "pressure_bar": pressure.round(2).ravel(),
        }
    )


def released(
    rng: np.random.Generator,
    batch_ids: np.ndarray,
    circumstances: Circumstances,
    made: Made,
    harvested: np.ndarray,
) -> pd.DataFrame:
    """Return one row a batch: tests and decision."""
    import pandas as pd

    tests, n = made.release, len(batch_ids)
    # Sterility takes two weeks; the paper some days.
    days = (17 + rng.integers(0, 9, size=n)).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "batch_id": batch_ids,
            "tested_at": harvested + days,
            "reagent_lot": circumstances.fitted.reagent_lot,
            "potency_ug_per_ml": tests.potency_ug_per_ml.round(1),
            "dna_ng_per_dose": tests.dna_ng_per_dose.round(2),
            "hcp_ug_per_ug_ha": tests.hcp_per_ha.round(2),
            "germs_cfu_per_100ml": np.minimum(tests.germs_per_100ml, 1e6).round(0),
            "live_virus": tests.live_virus,
            "mycoplasma": tests.mycoplasma,
            "filter_intact": ~tests.filter_failed,
            "bulk_l": made.purified.bulk_l.round(4),
            "doses": np.where(tests.released, tests.doses_filled, 0).astype(int),
            "decision": np.where(tests.released, "released", "rejected"),
            "reason": np.where(tests.released, None, tests.reason),
        }
    )


# What people wrote, by fault: with luck the cause, more often what they saw.
_TEXTS = {
    "F1": ("Offline pH off from probe, checked again, within limit.",),
    "F2": ("Low DO alarm {reactor}, O2 valve did not open. Maintenance called.",),
    "F3": ("Pump on {reactor} found standing still. Restarted.",),
    "F4": ("Temperature alarm {reactor}, jacket valve. Back to normal by the next shift.",),
    "F5": ("Culture turbid at sampling, smell. Suspected contamination, sample sent.",),
    "F6": ("Growth slower than usual, no cause found.",),
    "F7": ("Virus dose: vial count in the record does not match the label.",),
    "F8": ("Trypsin left at room temperature, used after consultation.",),
    "F9": ("Harvest at another time than planned, crew at the other reactor.",),
    "F10": ("Wash volume not reached, exchange stopped early.",),
    "F11": ("Stirrer of {reactor} stopped, fuse. Carriers settled.",),
    "F12": ("Buffer for capture made up anew, conductivity not checked twice.",),
    "F13": ("Sterile filter: pressure high / integrity test repeated.",),
    "F16": ("Virus thawed late, infection postponed.",),
    "F17": ("Thermometer of the workshop and Pt100 of {reactor} disagree.",),
}
_WRITTEN = {
    "F1": 0.3,
    "F6": 0.3,
    "F7": 0.5,
    "F8": 0.5,
    "F10": 0.5,
    "F12": 0.3,
    "F16": 0.0,
    "F17": 0.3,
}
"""Chance that a fault is written up where it is not 0.9."""
_SMALL = (
    "Label on sample tube illegible, relabelled.",
    "Door of the seed lab open for ten minutes.",
    "Balance calibration overdue by two days.",
    "Form filled in with pencil, copied.",
    "Operator changed in the middle of inoculation.",
    "Power dip, all units back by themselves.",
    "Medium bag leaked at the port, replaced.",
    "Sample taken an hour late.",
    "Printer of the autoclave out of paper.",
    "Foam seen, antifoam added.",
)
SMALL_SHARE, LATE_REPORT_SHARE = 0.35, 0.1


def deviations(
    rng: np.random.Generator,
    batch_ids: np.ndarray,
    circumstances: Circumstances,
    started: np.ndarray,
    infected: np.ndarray,
    harvested: np.ndarray,
) -> pd.DataFrame:
    """Return reports as people write them: of most faults, and of much that is none."""
    import pandas as pd

    plan, fitted = circumstances.faults, circumstances.fitted
    rows = []
    for b in range(len(batch_ids)):
        name = plan.fault[b]
        if name and rng.random() < _WRITTEN.get(name, 0.9):
            at = harvested[b]
            if not np.isnan(plan.onset_h[b]):
                hours = plan.onset_h[b] + rng.uniform(2, 14)
                at = infected[b] + np.timedelta64(int(60 * hours), "m")
            elif faults.FAULTS[name].acts == faults.HANDLING and name != "F9":
                at = infected[b]
            rows.append((b, max(at, started[b]), str(rng.choice(_TEXTS[name]))))
        if rng.random() < SMALL_SHARE:
            length = int((harvested[b] - started[b]) / np.timedelta64(1, "m"))
            at = started[b] + np.timedelta64(int(rng.integers(0, length)), "m")
            rows.append((b, at, str(rng.choice(_SMALL))))
    late = rng.random(len(rows)) < LATE_REPORT_SHARE
    wait = np.where(late, rng.integers(3, 30, len(rows)) * 1440, rng.integers(10, 240, len(rows)))
    who = fitted.operator[[b for b, _, _ in rows]]
    table = pd.DataFrame(
        {
            "batch_id": batch_ids[[b for b, _, _ in rows]],
            "opened_at": np.array([at for _, at, _ in rows], dtype="datetime64[m]")
            + wait.astype("timedelta64[m]"),
            "operator": who,
            "text": [text.format(reactor=fitted.reactor[b]) for b, _, text in rows],
        }
    ).sort_values("opened_at", kind="stable", ignore_index=True)
    table.insert(0, "deviation_id", [f"DEV-{k + 1:04d}" for k in range(len(table))])
    return table
