"""Print what the marks of day 1, notebook 2 rest on: ``calibration_bake_off.py [SEED …]``.

Each column is a plant with its four sisters, without an argument three of them: boosted trees of
exercise 4, trained on one and asked about the others; causes among five of exercise 5, by several
rankings; models of exercise 6, trained on four and asked about the fifth. Some two minutes a plant
on a quiet core.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import f_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from vaxlab.bakeoff import ProjectiveLikelihood, TorchClassifier
from vaxlab.bakeoff.model import respond
from vaxlab.lessons.day1.bake_off import exams, material
from vaxlab.plant import campaign

TREES = {
    "wild": exams.unpruned().steps[-1][1],
    "100 of depth 2": GradientBoostingClassifier(max_depth=2, random_state=0),
    "depth 2, slow, subsample": GradientBoostingClassifier(
        max_depth=2, learning_rate=0.05, subsample=0.5, random_state=0
    ),
    "depth 3, slower": GradientBoostingClassifier(learning_rate=0.02, random_state=0),
    "20 of depth 3": GradientBoostingClassifier(n_estimators=20, random_state=0),
    "50 stumps": GradientBoostingClassifier(n_estimators=50, max_depth=1, random_state=0),
    "AdaBoost, 20 stumps": AdaBoostClassifier(n_estimators=20, learning_rate=0.3, random_state=0),
    "one stump": GradientBoostingClassifier(n_estimators=1, max_depth=1, random_state=0),
}
MODELS = {
    "logistic, C = 1": LogisticRegression(),
    "Fisher, plain": LinearDiscriminantAnalysis(),
    "network": MLPClassifier((5,), alpha=10, solver="lbfgs", max_iter=2000, random_state=0),
    "deep network": TorchClassifier(epochs=30),
    "likelihood": ProjectiveLikelihood(),
    "k-NN of 30": KNeighborsClassifier(30),
    "k-NN of 90": KNeighborsClassifier(90),
    "SVM, balanced": SVC(gamma=0.005, class_weight="balanced"),
    "SVM, not balanced": SVC(gamma=0.005),
    "forest": RandomForestClassifier(100, min_samples_leaf=5, random_state=0),
    "stumps": TREES["50 stumps"],
}


def filled(model: object) -> object:
    """Return a pipeline that fills gaps and scales before a model."""
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), model)


def strengths(X: pd.DataFrame, weak: pd.Series) -> dict[str, np.ndarray]:
    """Return how several ways judge each column."""
    X = (X - X.mean()) / X.std()
    X = X.fillna(0)
    return {
        "weights": abs(LogisticRegression(C=0.05).fit(X, weak).coef_[0]),
        "F test": f_classif(X, weak)[0],
        "a forest's own": RandomForestClassifier(60, random_state=0)
        .fit(X, weak)
        .feature_importances_,
    }


def measured(seed: int) -> dict[str, float]:
    """Return one column of the calibration."""
    row = {}
    for name, trees in TREES.items():
        areas = exams.areas_of_six_years(make_pipeline(SimpleImputer(), trees), seed)
        row[f"4 {name}: training"], row[f"4 {name}: unseen"] = areas
    for X, weak, meaning in exams.blinded(seed):
        early = X[[name for name in X if "_" not in name]]
        for kind, table in (("", early), (", with symptoms", X)):
            for name, strength in strengths(table, weak).items():
                five = table.columns[np.argsort(-strength)[:5]]
                found = sum(meaning[column] in material.CAUSES for column in five)
                label = f"5 {name}{kind}"
                row[label] = row.get(label, 0) + found / 3
    row["6 best column: area"] = exams.best_column(seed)[1]
    row |= dict(zip(("6 linear: area", "found", "doses"), exams.linear_model(seed), strict=True))
    for name, model in MODELS.items():
        judged = []
        for one, others in exams.crossed(seed):
            trained = filled(model).fit(others.early, others.weak)
            score = pd.Series(respond(trained, one.early), one.early.index)
            judged.append(exams.judged(score, one))
        area, found, doses = np.mean(judged, axis=0)
        row |= {f"6 {name}: area": area, f"6 {name}: found, of the linear": found / row["found"]}
        row[f"6 {name}: doses, of the linear"] = doses / row["doses"]
    return row


if __name__ == "__main__":
    seeds = [int(seed) for seed in sys.argv[1:]] or [campaign.HISTORY_SEED, 41, 51]
    table = pd.DataFrame({seed: measured(seed) for seed in seeds})
    print(table.round(3).to_string())
