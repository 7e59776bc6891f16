"""Print what the thresholds of day 1, notebook 2 rest on: ``calibration_bake_off.py [SEED …]``.

Each column is a plant, without an argument seeds 1 to 10 and the learners' history: methods
trained on it and judged on the plant of the next seed, the trees of exercise 4, and how many
causes a ranking finds, without symptoms and with them. About 30 s a plant on a quiet core.
"""

from __future__ import annotations

import sys

import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from vaxlab.bakeoff import ProjectiveLikelihood, bakeoff
from vaxlab.lessons.day1 import bake_off
from vaxlab.plant import campaign


def measured(seed: int) -> dict[str, float]:
    """Return one line of the calibration."""
    plant, after = bake_off.checks._plant(seed), bake_off.checks._plant(seed + bake_off.NEXT)
    forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=0)
    stumps = GradientBoostingClassifier(n_estimators=50, max_depth=1, random_state=0)
    fill = SimpleImputer(strategy="median")
    methods = {
        "linear": bake_off.reference(),
        "likelihood": make_pipeline(fill, ProjectiveLikelihood()),
        "forest": make_pipeline(fill, forest),
        "k-NN, not scaled": make_pipeline(fill, KNeighborsClassifier(30)),
    }
    row = {"weak": plant.weak.mean()}
    for name, model in methods.items():
        model.fit(plant.early, plant.weak)
        score = pd.Series(model.predict_proba(after.early)[:, 1], after.early.index)
        found = bake_off.judged(score, after.weak, after.true_doses)
        row |= dict(zip((f"{name} area", f"{name} found", f"{name} doses"), found, strict=True))
    trees = {"wild": bake_off.unpruned(), "stumps": make_pipeline(fill, stumps)}
    for name, line in bakeoff(trees, plant.early, plant.weak).overtraining.iterrows():
        row[f"{name} train"], row[f"{name} unseen"] = line["auc_train"], line["auc_test"]
        row[f"{name} p"] = min(line["ks_signal_p"], line["ks_background_p"])
    before = plant.early.drop(columns=list(bake_off.SYMPTOMS))
    for what, table in {"causes in five": before, "the same of all": plant.early}.items():
        result = bakeoff({"linear": bake_off.reference()}, table, plant.weak)
        five = result.ranking("linear").index[:5]
        row[what] = sum(name in bake_off.CAUSES for name in five)
    return row


if __name__ == "__main__":
    seeds = [int(seed) for seed in sys.argv[1:]] or [*range(1, 11), campaign.HISTORY_SEED]
    table = pd.DataFrame({seed: measured(seed) for seed in seeds})
    print(table.round(3).to_string())
