"""Right and wrong answers to the exercises of day 1, notebook 3."""

from answers.answer import Answer

NOTEBOOK = "day1/3-next-month"

LATE = """
def late_columns(columns):
    name, record = columns["column"], columns["record"]
    by_record = record.isin(["purification", "release"])
    at_harvest = name.str.contains("_at_harvest_")
    others = name.isin(["infection_h", "seed_lot_mean_doses"])
    return list(name[by_record | at_harvest | others])
"""

THREE = """
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict, cross_val_score

def three_scores(model, X, y, seed_lot):
    shuffled = KFold(5, shuffle=True, random_state=0)
    by_lot = GroupKFold(5)
    random = cross_val_score(model, X, y, cv=shuffled, scoring="roc_auc").mean()
    grouped = cross_val_score(model, X, y, cv=by_lot, groups=seed_lot, scoring="roc_auc").mean()
    model.fit(X[:-100], y[:-100])
    forward = roc_auc_score(y[-100:], model.predict_proba(X[-100:])[:, 1])
    return random, grouped, forward
"""

INSIDE = """
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def honest_score(X, y):
    chooser = SelectKBest(k=10)
    model = make_pipeline(chooser, StandardScaler(), LogisticRegression())
    folds = KFold(5, shuffle=True, random_state=0)
    return cross_val_score(model, X, y, cv=folds, scoring="roc_auc").mean()
"""

NESTED = """
from sklearn.model_selection import KFold

def nested_score(rules, y):
    scores = []
    for train, test in KFold(5, shuffle=True, random_state=0).split(rules):
        best = next_month.areas(rules.iloc[train], y.iloc[train]).idxmax()
        scores.append(next_month.areas(rules[[best]].iloc[test], y.iloc[test])[best])
    return np.mean(scores)
"""

CHOOSE = """
from sklearn.model_selection import (
    GroupKFold, KFold, LeaveOneGroupOut, StratifiedGroupKFold, cross_val_score
)

def choose(model, X, y, seed_lot, sets):
    scores = {}
    for name, columns in sets.items():
        folds = GroupKFold(5)
        areas = cross_val_score(
            model, X[columns], y, cv=folds, groups=seed_lot, scoring="roc_auc"
        )
        scores[name] = areas.mean()
    best = max(scores, key=scores.get)
    return best, scores[best]
"""

ANSWERS = [
    # Exercise 1: what nobody knew yet
    Answer("next-month-late", LATE, 5),
    Answer(
        "next-month-late",
        LATE.replace("return list(name[by_record", "return (by_record").replace(
            "others])", "others)"
        ),
        5,
    ),
    Answer(
        "next-month-late",
        """
def late_columns(columns):
    names = [
        "infection_h", "viability_at_harvest_percent", "glucose_at_harvest_mmol_per_l",
        "lactate_at_harvest_mmol_per_l", "ha_at_harvest_log10_per_100ul",
        "tcid50_at_harvest_log10_per_ml", "antigen_fed_mg", "capture_recovery_percent",
        "sterile_filter_pressure_bar", "dna_ng_per_dose", "hcp_ug_per_ug_ha",
        "days_to_release", "seed_lot_mean_doses",
    ]
    return set(names)
""",
        5,
    ),
    Answer(
        "next-month-late",
        "def late_columns(columns):\n    return columns[columns['record'] == 'release']",
        1,
        "filled in until the harvest",
    ),
    Answer(
        "next-month-late",
        LATE.replace('"infection_h", "seed_lot_mean_doses"', '"seed_lot_mean_doses"'),
        4.25,
        "written last",
    ),
    Answer(
        "next-month-late",
        LATE.replace('"infection_h", "seed_lot_mean_doses"', '"infection_h"'),
        4.5,
        "looks into the future",
    ),
    Answer(
        "next-month-late",
        LATE.replace('"infection_h",', '"infection_h", "hold_h", "cells_at_infection_per_ml",'),
        4,
        "because it predicts well",
    ),
    Answer(
        "next-month-late",
        LATE.replace('"release"]', '"release", "certificate"]'),
        0,
        "comes with its lot",
    ),
    Answer(
        "next-month-late",
        LATE.replace('"release"]', '"release", "batch record"]'),
        4,
        "Set points are decided",
    ),
    Answer(
        "next-month-late",
        "def late_columns(columns):\n    return columns['column']",
        0,
        "fewer columns",
    ),
    Answer("next-month-late", "def late_columns(columns):\n    return 13", 0, "names of columns"),
    Answer("next-month-late", "def late_columns(columns):\n    return ['Doses']", 0, "misspelt"),
    # Exercise 2: three scores
    Answer("next-month-splits", THREE, 6),
    Answer(
        "next-month-splits",
        """
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold

def area(model, X, y, train, test):
    fitted = clone(model).fit(X.iloc[train], y.iloc[train])
    return roc_auc_score(y.iloc[test], fitted.predict_proba(X.iloc[test])[:, 1])

def three_scores(model, X, y, seed_lot):
    rows = np.arange(len(y))
    folds = StratifiedKFold(5, shuffle=True, random_state=7).split(X, y)
    lots = GroupKFold(n_splits=5).split(X, y, seed_lot)
    return {
        "random": np.mean([area(model, X, y, *fold) for fold in folds]),
        "grouped": np.mean([area(model, X, y, *fold) for fold in lots]),
        "forward": area(model, X, y, rows[:260], rows[260:]),
    }
""",
        6,
    ),
    Answer(
        "next-month-splits",
        THREE.replace("cv=by_lot, groups=seed_lot", "cv=shuffled, groups=seed_lot"),
        2.5,
        "stand on both sides",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("shuffled = KFold(5, shuffle=True, random_state=0)", "shuffled = 5"),
        3,
        "a stretch of time",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(', scoring="roc_auc"', ""),
        1,
        "share of right answers",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("model.fit(X[:-100], y[:-100])", "model.fit(X, y)"),
        5,
        "seen the answers",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("predict_proba(X[-100:])[:, 1]", "predict(X[-100:])"),
        5,
        "ranked by yes and no",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(
            "grouped = cross_val_score(model, X, y, cv=by_lot, groups=seed_lot, "
            'scoring="roc_auc").mean()',
            "p = cross_val_predict(model, X, y, cv=by_lot, groups=seed_lot, "
            'method="predict_proba")\n    grouped = roc_auc_score(y, p[:, 1])',
        ),
        2.5,
        "pooled the predictions",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("return random, grouped, forward", "return grouped"),
        0,
        "three areas",
    ),
    # Exercise 3: choose inside the fold
    Answer("next-month-inside", INSIDE, 4),
    Answer(
        "next-month-inside",
        """
from sklearn.feature_selection import f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

def honest_score(X, y):
    X, y, areas = np.asarray(X), np.asarray(y), []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=3).split(X, y):
        best = np.argsort(f_classif(X[train], y[train])[0])[-10:]
        mean, sd = X[train][:, best].mean(axis=0), X[train][:, best].std(axis=0)
        fitted = LogisticRegression().fit((X[train][:, best] - mean) / sd, y[train])
        p = fitted.predict_proba((X[test][:, best] - mean) / sd)[:, 1]
        areas.append(roc_auc_score(y[test], p))
    return sum(areas) / 5
""",
        4,
    ),
    Answer(
        "next-month-inside",
        INSIDE.replace("    model =", "    X = chooser.fit_transform(X, y)\n    model =").replace(
            "make_pipeline(chooser, ", "make_pipeline("
        ),
        0,
        "saw the test batches",
    ),
    Answer(
        "next-month-inside",
        INSIDE.replace(
            'return cross_val_score(model, X, y, cv=folds, scoring="roc_auc").mean()',
            "from sklearn.metrics import roc_auc_score\n"
            "    return roc_auc_score(y, model.fit(X, y).predict_proba(X)[:, 1])",
        ),
        0,
        "saw the test batches",
    ),
    Answer("next-month-inside", "def honest_score(X, y):\n    return 0.5", 2, "choosing ten"),
    Answer(
        "next-month-inside",
        INSIDE.replace(".mean()", ""),
        0,
        "finite number",
    ),
    # Exercise 4: the best of many
    Answer("next-month-nested", NESTED, 4),
    Answer(
        "next-month-nested",
        """
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold, cross_val_score

class Best(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.best_ = int(next_month.areas(pd.DataFrame(X), y).argmax())
        return self

    def decision_function(self, X):
        return X[:, self.best_]

    def predict(self, X):
        return X[:, self.best_] > 0

def nested_score(rules, y):
    folds = StratifiedKFold(5, shuffle=True, random_state=5)
    return cross_val_score(Best(), rules.to_numpy(), y, cv=folds, scoring="roc_auc").mean()
""",
        4,
    ),
    Answer(
        "next-month-nested",
        "def nested_score(rules, y):\n    return next_month.areas(rules, y).max()",
        0,
        "very lucky number",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("(rules.iloc[train], y.iloc[train])", "(rules.iloc[test], y.iloc[test])"),
        0,
        "only judge",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("(rules.iloc[train], y.iloc[train])", "(rules, y)"),
        0,
        "Choose on four fifths",
    ),
    Answer(
        "next-month-nested", "def nested_score(rules, y):\n    return 0.5", 2.5, "rules is good"
    ),
    # Exercise 5: a promise
    Answer("next-month-promise", CHOOSE, 5),
    Answer(
        "next-month-promise",
        CHOOSE.replace("GroupKFold(5)", "StratifiedGroupKFold(5)").replace(
            "return best, scores[best]", "return {'set': best, 'area': np.float32(scores[best])}"
        ),
        5,
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("GroupKFold(5)", "LeaveOneGroupOut()").replace(
            "areas.mean()", "np.nanmean(areas)"
        ),
        5,
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return best, scores[best] * np.nan"),
        0,
        "has no area",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("GroupKFold(5)", "KFold(5, shuffle=True, random_state=1)"),
        0,
        "name that it never saw",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("GroupKFold(5)", "KFold(5, shuffle=True, random_state=1)"),
        0,
        "share their lots",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return best, 0.95"),
        2,
        "trained on",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return 'recipe', 0.4"),
        0,
        "Another set does better",
    ),
    Answer(
        "next-month-promise",
        "def choose(model, X, y, seed_lot, sets):\n    return 0.7",
        0,
        "two things",
    ),
]
