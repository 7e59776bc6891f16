"""Print what right and wrong ways give on many histories: the figures in notebook 3's tests.

``python benchmarks/calibration_next_month.py`` takes a minute or two.
"""

import pandas as pd
from sklearn.model_selection import GroupKFold

from vaxlab.checks import next_month

SEEDS = (2033, 41, *range(1, 11))


def row(seed: int) -> dict[str, float]:
    """Return the scores of a history, and what the plant gives."""
    batches = next_month._history(seed)
    known, short, lot = next_month.in_time(batches), batches["short"], batches["seed_lot"]
    found: dict[str, float] = {"seed": seed}
    sets = next_month.column_sets(known)
    for name in ("process", "everything"):
        x, model = known[sets[name]], next_month.model()
        given = next_month.deliver(batches, sets[name])
        found |= {
            f"{name}: random": next_month._auc(model, x, short, next_month._shuffled()),
            f"{name}: grouped": next_month._auc(model, x, short, GroupKFold(5), groups=lot),
            f"{name}: delivered": given.area,
            f"{name}: missing doses": given.missing_doses,
        }
    return found | {"gap over 24 years": next_month._long_run_gap(seed)}


if __name__ == "__main__":
    table = pd.DataFrame([row(seed) for seed in SEEDS]).set_index("seed")
    print(table.T.round(3).to_string())
    print(table.agg(["mean", "std", "min", "max"]).T.round(3).to_string())
