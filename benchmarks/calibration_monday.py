"""What day 4, notebook 4 promises, plant by plant.

Run ``python benchmarks/calibration_monday.py``. Seeds of plants may be given; otherwise the
history's and nine drawn ones. About 8 s of CPU each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import delivery, material, rivals, whom
from vaxlab.plant.campaign import HISTORY_SEED

DRILLS_EACH = 4
Alarm = Callable[[pd.DataFrame, pd.DataFrame], bool]


def sums_of_all(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
    """Sum up what each column is off, not only the gaps."""
    off = ((seen - reference.mean()) / reference.std()).to_numpy()
    up = down = np.zeros(off.shape[1])
    for row in off:
        up, down = np.maximum(0, up + row - 0.5), np.maximum(0, down - row - 0.5)
    return bool(max(up.max(), down.max()) > material.LIMIT)


def of_ph_only(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
    """Sum up the gap of pH only."""
    others = {name: reference[name].mean() for name in material.GAPS[1:]}
    return material._alarm(reference, seen.assign(**others))


def alarms(seed: int) -> dict[str, float]:
    """Return false alarms in 60 quiet batches, and how soon drifts are found."""
    reference, quiet = material.reference(seed), material.quiet(seed)
    drills = material._drills(seed, DRILLS_EACH)
    ways: dict[str, Alarm] = rivals.WAYS | {
        "sums of all columns": sums_of_all,
        "sums of the gap of pH": of_ph_only,
    }
    row = {}
    for name, alarm in ways.items():
        row[f"false alarms in 60: {name}"] = len(material._watch(alarm, reference, quiet))
        delays = [rivals.delay(alarm, reference, *drill) for drill in drills]
        row[f"found within 10, %: {name}"] = 100 * np.mean(np.array(delays) <= material.WITHIN)
        row[f"batches to the alarm: {name}"] = np.mean(np.minimum(delays, material.AFTER))
        for probe in material.DRIFTS:
            own = [d for d, (_, drift) in zip(delays, drills, strict=True) if drift.probe == probe]
            row[f"within 10, {probe}: {name}"] = np.mean(np.array(own) <= material.WITHIN)
    return row


def models(seed: int) -> dict[str, float]:
    """Return what the model of line A misses on both lines, and a challenger's."""
    ours, theirs = material.history(seed), material.other_line(seed)
    champion = material.model(ours)
    challenger = material.model(pd.concat([ours, theirs.iloc[:60]]))
    fresh = material._stretch(seed, 9, 80)
    row = {}
    for name, fitted in {"champion": champion, "challenger": challenger}.items():
        for line, table in {"A": fresh, "B": theirs.iloc[60:]}.items():
            off = fitted.predict(table[material.INPUTS]) - table[material.TARGET]
            row[f"RMS miss on {line}: {name}"] = np.sqrt((off**2).mean())
            row[f"mean miss on {line}: {name}"] = off.mean()
    pair = [material.misses(fitted, theirs.iloc[60:]) for fitted in (champion, challenger)]
    return row | {"challenger promoted": material._verdict(*pair) == "promote"}


def relearned(seed: int) -> dict[str, float]:
    """Return what forests promise too much for batches that the champion would give up, %."""
    table = whom._relearned(seed)["too high by, %"]
    return {f"too high by, %: learned from {who}": value for who, value in table.items()}


def decisions(seed: int) -> dict[str, float]:
    """Return the share of poor batches in truth, and as one's own decisions show it."""
    table, limit = material._decided(seed), material.poor_limit(seed)
    seen, through = material.decided(seed), table["chance"] == 1
    return {
        "poor, %: all": 100 * (table[material.TARGET] < limit).mean(),
        "poor, %: let through": 100 * (table.loc[through, material.TARGET] < limit).mean(),
        "poor, %: finished": 100 * (table.loc[table["finished"], material.TARGET] < limit).mean(),
        "poor, %: weighted": 100 * material._fair_share(seen, limit),
    }


def paid(seed: int) -> dict[str, float]:
    """Return what the course's alarm is worth on line A."""
    table, _, _ = delivery.seasons({}, seed)
    return {
        f"{name}: {column}": table.loc[name, column] for name in table.index for column in table
    }


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    row = alarms(seed) | models(seed) | decisions(seed) | relearned(seed) | paid(seed)
    return {name: float(value) for name, value in row.items()}


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(2).to_string())
    print(rows.agg(["min", "max", "mean"]).round(2).T.to_string())
