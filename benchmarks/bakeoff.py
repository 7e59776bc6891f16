"""The bake-off on TMVA's classic toy, row by row beside the figures of TMVA 4.2.1.

Run ``python benchmarks/bakeoff.py`` from anywhere; it ends with 1 if a row's area is more than
0.004 below TMVA's, or the table takes longer than TMVA's.

What is compared: 6,000 signal and 6,000 background events of four correlated Gaussians, half to
train and half to test, one thread. TMVA's column holds what was measured once with the untuned
options of its own tutorial, on another machine and on events that were drawn anew; so an area may
differ by its standard error, 0.002, for no reason. Ours is therefore the mean over three draws,
with the least of them beside it. Fisher's rule is the same on both sides, so its gain is luck of
the draw: it is taken off each row before the row is judged. TMVA's seconds are those of training
alone. Ours stand row by row for training and for applying; the sum below the table counts
everything that the bake-off does, evaluation included.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomTreesEmbedding,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from vaxlab.bakeoff import Decorrelate, ProjectiveLikelihood, RectangularCuts, bakeoff

MEANS = np.array([0.2, 0.3, 0.4, 0.8])  # of signal; of background with the other sign
DEVIATIONS = np.array([1.0, 1.0, 1.0, 1.08])
CORRELATIONS = np.array(
    [
        [1.000, 0.387, 0.588, 0.815],
        [0.387, 1.000, 0.691, 0.729],
        [0.588, 0.691, 1.000, 0.848],
        [0.815, 0.729, 0.848, 1.000],
    ]
)
EVENTS = 6_000  # of each class
DRAWS = (11, 12, 13)
BEST_POSSIBLE = 0.98197
TOLERANCE = 0.004
SAME = "Fisher / LD"


@dataclass(frozen=True)
class Row:
    """One method: TMVA's area and seconds of training, and what answers it."""

    auc: float
    seconds: float
    estimator: BaseEstimator


def net(**options: object) -> BaseEstimator:
    """Return a small neural network on scaled variables, as TMVA's tutorial has it."""
    options = {"activation": "tanh", "random_state": 0, "hidden_layer_sizes": (5,)} | options
    return make_pipeline(StandardScaler(), MLPClassifier(**options))


def rules() -> BaseEstimator:
    """Return an L1 regression on the leaves of shallow trees and on the variables."""
    leaves = RandomTreesEmbedding(50, max_depth=3, random_state=0)
    linear = LogisticRegression(l1_ratio=1, C=0.1, solver="liblinear", random_state=0)
    return make_pipeline(make_union(StandardScaler(), leaves), linear)


# The settings were chosen on other draws (0, 1 and 2).
METHODS = {
    "Cuts": Row(0.8530, 4.9, RectangularCuts()),
    "CutsD": Row(0.9680, 4.9, make_pipeline(Decorrelate(), RectangularCuts())),
    "Likelihood": Row(0.7888, 0.03, ProjectiveLikelihood(pdf="histogram")),
    "LikelihoodKDE": Row(0.7891, 2.5, ProjectiveLikelihood()),
    "LikelihoodPCA": Row(
        0.9797, 0.03, make_pipeline(Decorrelate(within_classes=True), ProjectiveLikelihood())
    ),
    "PDERS": Row(
        0.9248,
        0.01,
        make_pipeline(PCA(whiten=True), RadiusNeighborsClassifier(0.8, outlier_label=0)),
    ),
    "PDEFoam": Row(
        0.9339,
        1.4,
        DecisionTreeClassifier(max_leaf_nodes=500, min_samples_leaf=20, random_state=0),
    ),
    "KNN": Row(0.9687, 0.01, make_pipeline(StandardScaler(), KNeighborsClassifier(20))),
    "HMatrix": Row(0.9733, 0.003, QuadraticDiscriminantAnalysis()),
    "Fisher / LD": Row(0.9807, 0.002, LinearDiscriminantAnalysis()),
    "FisherG": Row(
        0.9797,
        0.03,
        make_pipeline(
            QuantileTransformer(n_quantiles=300, output_distribution="normal", random_state=0),
            LinearDiscriminantAnalysis(),
        ),
    ),
    "FDA": Row(0.8540, 1.8, LogisticRegression()),
    "MLP": Row(0.9805, 12.1, net(learning_rate_init=0.01, max_iter=100)),
    "MLPBFGS": Row(0.9801, 45.6, net(solver="lbfgs", alpha=0.01, max_iter=2000)),
    "MLPBNN": Row(0.9806, 4.9, net(solver="lbfgs", alpha=1, max_iter=1000)),
    "TMlpANN": Row(
        0.9804,
        8.3,
        net(hidden_layer_sizes=(10, 9), activation="relu", early_stopping=True),
    ),
    "SVM": Row(0.9798, 4.3, make_pipeline(StandardScaler(), SVC())),
    "BDT": Row(
        0.9759,
        1.4,
        AdaBoostClassifier(
            DecisionTreeClassifier(max_depth=2, min_samples_leaf=150, splitter="random"),
            n_estimators=300,
            learning_rate=0.5,
            random_state=0,
        ),
    ),
    "BDTG": Row(
        0.9775,
        2.3,
        GradientBoostingClassifier(
            max_depth=2, n_estimators=400, subsample=0.5, max_features=2, random_state=0
        ),
    ),
    "BDTB": Row(0.9045, 0.6, RandomForestClassifier(100, min_samples_leaf=5, random_state=0)),
    "BDTD": Row(
        0.9776,
        1.1,
        make_pipeline(
            Decorrelate(),
            HistGradientBoostingClassifier(
                learning_rate=0.05, max_leaf_nodes=8, max_iter=200, random_state=0
            ),
        ),
    ),
    "RuleFit": Row(0.9530, 3.8, rules()),
}


def toy(seed: int) -> tuple[pd.DataFrame, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return variables, classes, and one split into halves."""
    rng = np.random.default_rng(seed)
    y = np.repeat([1, 0], EVENTS)
    covariance = CORRELATIONS * np.outer(DEVIATIONS, DEVIATIONS)
    noise = rng.standard_normal((2 * EVENTS, 4)) @ np.linalg.cholesky(covariance).T
    X = pd.DataFrame(noise + np.where(y[:, None] == 1, MEANS, -MEANS), columns=list("abcd"))
    rows = rng.permutation(2 * EVENTS)
    return X, y, [(rows[:EVENTS], rows[EVENTS:])]


def main() -> int:
    """Print the table; return 0 if every row and the sum of times hold."""
    estimators = {name: row.estimator for name, row in METHODS.items()}
    results, seconds = [], []
    for seed in DRAWS:
        X, y, split = toy(seed)
        start = time.perf_counter()
        results.append(bakeoff(estimators, X, y, cv=split).summary.loc[list(METHODS)])
        seconds.append(time.perf_counter() - start)
    areas = pd.DataFrame({seed: r["auc"] for seed, r in zip(DRAWS, results, strict=True)})
    fit, apply = (pd.DataFrame([r[c] for r in results]).mean() for c in ("fit_s", "apply_s"))
    print(__doc__.split("\n\n")[0])
    print(f"\nThe best that is possible: {BEST_POSSIBLE:.4f}. Areas: mean of {len(DRAWS)} draws.\n")
    luck = areas.loc[SAME].mean() - METHODS[SAME].auc
    print(
        f"{'method':14}{'TMVA':>8}{'ours':>8}{'least':>8}{'gain':>9}{'less luck':>11}"
        f"{'TMVA fit s':>12}{'fit s':>8}{'apply s':>9}"
    )
    low = []
    for name, row in METHODS.items():
        mean = areas.loc[name].mean()
        gain = mean - row.auc
        if gain - max(luck, 0.0) < -TOLERANCE:
            low.append(name)
        print(
            f"{name:14}{row.auc:8.4f}{mean:8.4f}{areas.loc[name].min():8.4f}{gain:+9.4f}"
            f"{gain - luck:+11.4f}"
            f"{row.seconds:12.3f}{fit[name]:8.3f}{apply[name]:9.3f}"
        )
    theirs, ours = sum(row.seconds for row in METHODS.values()), max(seconds)
    print(f"{'all':14}{'':44}{theirs:12.1f}{fit.sum():8.1f}{apply.sum():9.1f}\n")
    good = len(METHODS) - len(low)
    print(
        f"rows at TMVA's area less {TOLERANCE} or better, luck taken off: {good}/{len(METHODS)}",
        *low,
    )
    print(
        f"the whole table: {ours:.1f} s to train, apply and evaluate (the slowest draw), TMVA "
        f"{theirs:.1f} s to train alone: {theirs / ours:.0f} times"
    )
    return int(bool(low) or ours >= theirs)


if __name__ == "__main__":
    sys.exit(main())
