"""Print what right and wrong ways give on many histories: the figures in notebook 3's tests.

``python benchmarks/calibration_next_month.py`` takes two to four minutes.
"""

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

from vaxlab.lessons.day1.next_month import checks as next_month

SEEDS = (2033, 41, *range(1, 11))


def row(seed: int) -> dict[str, float]:
    """Return the scores of a history, and what the plant gives."""
    batches = next_month._history(seed)
    known, short, lot = next_month.in_time(batches), batches["short"], batches["seed_lot"]
    found: dict[str, float] = {"seed": seed, "short": short.mean()}
    sets = next_month.column_sets(known)
    for name, columns in sets.items():
        x, model = known[columns], next_month.model()
        given = next_month.deliver(batches, columns)
        model.fit(x, short)
        hundreds = [next_month._outcome(model, columns, part)[0] for part in next_month.futures()]
        found |= {
            f"{name}: random": next_month._auc(model, x, short, next_month._shuffled()),
            f"{name}: grouped": next_month._auc(model, x, short, GroupKFold(5), groups=lot),
            f"{name}: delivered": given.area,
            f"{name}: SD between hundreds": np.std(hundreds, ddof=1),
            f"{name}: missing doses": given.missing_doses,
        }
    return found | choices(batches, seed) | {"gap over 24 years": next_month._long_run_gap(seed)}


def choices(batches: pd.DataFrame, seed: int) -> dict[str, float]:
    """Return what columns and rules of nothing give, chosen inside the fold and before it."""
    short = batches["short"].reset_index(drop=True)
    idle = next_month.idle_columns(len(short), seed)
    both = pd.concat([batches[[*next_month.PROCESS]].reset_index(drop=True), idle], axis=1)
    few = short[: next_month._FEW]
    nested, best = [], []
    for k in range(next_month._SHUFFLES):
        rules = next_month.rules(batches[: next_month._FEW], 100 * seed + k)
        best.append(next_month.areas(rules, few).max())
        for train, test in next_month._shuffled().split(rules):
            name = next_month.areas(rules.iloc[train], few.iloc[train]).idxmax()
            nested.append(next_month.areas(rules.iloc[test], few.iloc[test])[name])
    return {
        "nothing: inside": next_month._chosen_inside(idle, short),
        "nothing: before": next_month._chosen_before(idle, short),
        "with process: inside": next_month._chosen_inside(both, short),
        "rules: nested": np.mean(nested),
        "rules: best of all": np.mean(best),
    }


if __name__ == "__main__":
    table = pd.DataFrame([row(seed) for seed in SEEDS]).set_index("seed")
    print(table.T.round(3).to_string())
    print(table.agg(["mean", "std", "min", "max"]).T.round(3).to_string())
