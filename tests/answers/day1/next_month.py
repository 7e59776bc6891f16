"""Right and wrong answers to the exercises of day 1, notebook 3."""

from answers.answer import Answer

NOTEBOOK = "day1/3-next-month"

LATE = """
def late_columns(written, decided_at):
    late = []
    for column in written.columns:
        if not (written[column] <= decided_at).all():
            late.append(column)
    return late
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

GROUPED = 'cross_val_score(model, X, y, cv=by_lot, groups=seed_lot, scoring="roc_auc").mean()'
FOLD_BY_FOLD = """np.mean([
        roc_auc_score(y.iloc[b], model.fit(X.iloc[a], y.iloc[a]).predict_proba(X.iloc[b])[:, 1])
        for a, b in by_lot.split(X, y, seed_lot)
    ])"""

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
        """
def late_columns(written, decided_at):
    return ~written.le(decided_at, axis=0).all()
""",
        5,
    ),
    Answer(
        "next-month-late",
        """
def late_columns(written, decided_at):
    times = written.fillna(pd.Timestamp("2200-01-01"))
    return {name for name in times if (times[name] > decided_at).any()}
""",
        5,
    ),
    # Of the first batch alone, of most, of all: two columns are late for a few batches.
    Answer(
        "next-month-late",
        """
def late_columns(written, decided_at):
    first, hour = written.iloc[0], decided_at.iloc[0]
    return [name for name in written if pd.isna(first[name]) or first[name] > hour]
""",
        0,
        "late for a few",
    ),
    Answer(
        "next-month-late",
        """
def late_columns(written, decided_at):
    return [name for name in written if (written[name] <= decided_at).mean() < 0.5]
""",
        0,
        "late for a few",
    ),
    Answer("next-month-late", LATE.replace(".all()", ".any()"), 0, "late for a few"),
    Answer(
        "next-month-late",
        """
def late_columns(written, decided_at):
    last = decided_at.max()
    return [name for name in written if written[name].max() > last or written[name].isna().any()]
""",
        0,
        "late",
    ),
    Answer(
        "next-month-late",
        """
def late_columns(written, decided_at):
    return list(written.columns[~(written <= decided_at).all()])
""",
        0,
        "one column at a time",
    ),
    Answer(
        "next-month-late",
        LATE.replace(
            "not (written[column] <= decided_at).all()", "(written[column] > decided_at).any()"
        ),
        2.5,
        "comparison with a missing time is False",
    ),
    Answer(
        "next-month-late",
        LATE.replace(
            "if not (written[column] <= decided_at).all()", "if written[column].isna().any()"
        ),
        0,
        "same columns for each decision",
    ),
    Answer(
        "next-month-late",
        """
def late_columns(written, decided_at):
    return [
        "infection_h", "viability_at_harvest_percent", "glucose_at_harvest_mmol_per_l",
        "lactate_at_harvest_mmol_per_l", "ha_at_harvest_log10_per_100ul",
        "tcid50_at_harvest_log10_per_ml", "antigen_fed_mg", "capture_recovery_percent",
        "sterile_filter_pressure_bar", "dna_ng_per_dose", "hcp_ug_per_ug_ha",
        "days_to_release", "seed_lot_mean_doses",
    ]
""",
        0,
        "same columns for each decision",
    ),
    # A table that a later cell shows holds what is known at infection.
    Answer(
        "next-month-late",
        """
from vaxlab import data

def late_columns(written, decided_at):
    names = ["batches", "certificates", "seed_train", "downstream", "release"]
    known = next_month.in_time(next_month.table({name: data.load(name) for name in names}))
    return [name for name in written if name not in known]
""",
        0,
        "same columns for each decision",
    ),
    Answer(
        "next-month-late",
        LATE.replace("if not (", "if ("),
        0,
        "known in time. Name the others",
    ),
    Answer(
        "next-month-late",
        LATE.replace(
            "(written[column] <= decided_at).all()", "written[column].max() < decided_at.min()"
        ),
        0,
        "These are all columns",
    ),
    Answer(
        "next-month-late",
        LATE.replace("written.columns:", "written.filter(like='harvest'):"),
        0,
        "are not named",
    ),
    Answer("next-month-late", "def late_columns(*tables):\n    return 13", 0, "names of columns"),
    Answer("next-month-late", "def late_columns(*tables):\n    return ['Doses']", 0, "misspelt"),
    Answer("next-month-late", LATE.replace("return late", "return [late]"), 0, "names of columns"),
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
        THREE.replace(
            "by_lot = GroupKFold(5)", "by_lot = GroupKFold(5, shuffle=True, random_state=9)"
        ),
        6,
    ),
    Answer(
        "next-month-splits",
        THREE.replace("by_lot = GroupKFold(5)", "by_lot = StratifiedGroupKFold(5, shuffle=True)")
        .replace("GroupKFold, KFold", "KFold, StratifiedGroupKFold")
        .replace(
            "shuffled = KFold(5, shuffle=True, random_state=0)", "shuffled = KFold(5, shuffle=True)"
        ),
        6,
    ),
    Answer(
        "next-month-splits",
        THREE.replace(
            "return random, grouped, forward", "return np.array([[random, grouped, forward]])[0]"
        ),
        6,
    ),
    Answer(
        "next-month-splits",
        THREE.replace(
            "return random, grouped, forward",
            "return pd.Series({'forward': forward, 'random': random, 'grouped': grouped})",
        ),
        6,
    ),
    Answer(
        "next-month-splits",
        THREE.replace("return random, grouped, forward", "return grouped, random, forward"),
        2,
        "score of the random split. Mind the order",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(
            "random = cross_val_score(model", "random = cross_val_score(next_month.material.model()"
        ),
        5,
        "the model that it is given",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(
            "by_lot = GroupKFold(5)",
            "seed_lot = seed_lot.where(y.index != y.index[0], 'a lot of one batch')\n"
            "    by_lot = GroupKFold(seed_lot.nunique())",
        ),
        0,
        "`grouped` should give a finite number",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(").mean()", ")"),
        0,
        "Is a `.mean()`",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("    model.fit", "    grouped = [0.6, 0.7, 0.7, 0.6, 0.7]\n    model.fit"),
        0,
        "Is a `.mean()`",
    ),
    # Three arrays of five areas each.
    Answer(
        "next-month-splits",
        """
from sklearn.model_selection import GroupKFold, KFold, cross_val_score

def three_scores(model, X, y, seed_lot):
    ways = KFold(5, shuffle=True), GroupKFold(5), KFold(5)
    return tuple(
        cross_val_score(model, X, y, cv=way, groups=seed_lot, scoring="roc_auc") for way in ways
    )
""",
        0,
        "Is a `.mean()`",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("groups=seed_lot", "groups=np.arange(len(y)) // 36"),
        3,
        "Not the area",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("groups=seed_lot, ", ""),
        0,
        "groups",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("model.fit(X[:-100], y[:-100])", "model.fit(X[100:], y[100:])").replace(
            "roc_auc_score(y[-100:], model.predict_proba(X[-100:])",
            "roc_auc_score(y[:100], model.predict_proba(X[:100])",
        ),
        4,
        "backward in time",
    ),
    # What this notebook prints of its own history.
    Answer(
        "next-month-splits",
        "def three_scores(model, X, y, seed_lot):\n    return 0.79, 0.66, 0.66",
        0,
        "for each of the three tables",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("return random, grouped, forward", "return random, random, random"),
        1,
        "stand on both sides",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("cv=by_lot, groups=seed_lot", "cv=shuffled, groups=seed_lot"),
        3,
        "stand on both sides",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("shuffled = KFold(5, shuffle=True, random_state=0)", "shuffled = 5"),
        5,
        "a stretch of time",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(', scoring="roc_auc"', ""),
        2,
        "share of right answers",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("model.fit(X[:-100], y[:-100])", "model.fit(X, y)"),
        4,
        "seen the answers",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("predict_proba(X[-100:])[:, 1]", "predict(X[-100:])"),
        4,
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
        3,
        "pooled the predictions",
    ),
    Answer("next-month-splits", THREE.replace(GROUPED, FOLD_BY_FOLD), 6),
    # A constant, a single fold, yes and no, the other class: right on the names alone.
    Answer("next-month-splits", THREE.replace(GROUPED, "0.5"), 3, "for each of the three tables"),
    *(
        Answer(
            "next-month-splits",
            THREE.replace("by_lot = GroupKFold(5)", f"by_lot = GroupShuffleSplit({how})").replace(
                "GroupKFold, KFold", "GroupShuffleSplit, KFold"
            ),
            3,
            "tested in just one of them",
        )
        for how in ("n_splits=1, random_state=0", "1, test_size=0.3", "1, random_state=42")
    ),
    Answer(
        "next-month-splits",
        THREE.replace(GROUPED, FOLD_BY_FOLD).replace(
            "predict_proba(X.iloc[b])[:, 1]", "predict(X.iloc[b])"
        ),
        3,
        "ranked by yes and no",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(GROUPED, FOLD_BY_FOLD)
        .replace("predict_proba(X.iloc[b])[:, 1]", "predict(X.iloc[b])")
        .replace("GroupKFold(5)", "GroupKFold(5, shuffle=True, random_state=3)"),
        3,
        "by the probabilities",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(GROUPED, FOLD_BY_FOLD).replace("(X.iloc[b])[:, 1]", "(X.iloc[b])[:, 0]"),
        3,
        "the other way round",
    ),
    Answer(
        "next-month-splits",
        THREE.replace("(X[-100:])[:, 1]", "(X[-100:])[:, 0]"),
        4,
        "the second one of `predict_proba`",
    ),
    Answer(
        "next-month-splits",
        THREE.replace(GROUPED, FOLD_BY_FOLD.replace("y.iloc[a]", "y[a]")),
        0,
        "take rows with `.iloc`",
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
    # No seed: each call draws other folds.
    Answer(
        "next-month-inside",
        INSIDE.replace(
            "KFold(5, shuffle=True, random_state=0)", "StratifiedKFold(5, shuffle=True)"
        ),
        4,
    ),
    Answer(
        "next-month-inside",
        INSIDE.replace("shuffle=True, random_state=0", "shuffle=True, random_state=17").replace(
            "LogisticRegression()", "LogisticRegression(C=1.0, max_iter=2000)"
        ),
        4,
    ),
    Answer(
        "next-month-inside",
        "def honest_score(X, y):\n    return 0.5",
        0,
        "where there is something to find",
    ),
    Answer("next-month-inside", INSIDE.replace(".mean()", ""), 0, "Is a `.mean()`"),
    Answer(
        "next-month-inside",
        INSIDE.replace(', scoring="roc_auc"', ""),
        2,
        "This is the share of right answers",
    ),
    # Other columns than ten: lower as well, and no share of right answers.
    Answer(
        "next-month-inside",
        INSIDE.replace("SelectKBest(k=10)", "SelectKBest(k=50)"),
        2,
        "Not the area that choosing ten columns",
    ),
    # Scaled before the folds.
    Answer(
        "next-month-inside",
        INSIDE.replace("chooser, StandardScaler(), ", "chooser, ").replace(
            "    model =",
            "    X = StandardScaler().fit_transform(X)\n    model =",
        ),
        2,
        "was the table scaled before the folds",
    ),
    # Chosen on each fold's test batches.
    Answer(
        "next-month-inside",
        INSIDE.replace(
            'return cross_val_score(model, X, y, cv=folds, scoring="roc_auc").mean()',
            "areas = []\n"
            "    for train, test in folds.split(X):\n"
            "        ten = chooser.fit(X.iloc[test], y.iloc[test]).get_feature_names_out()\n"
            "        plain = make_pipeline(StandardScaler(), LogisticRegression())\n"
            "        plain.fit(X.iloc[train][ten], y.iloc[train])\n"
            "        p = plain.predict_proba(X.iloc[test][ten])[:, 1]\n"
            "        areas.append(next_month.areas(pd.DataFrame({'p': p}), y.iloc[test])['p'])\n"
            "    return sum(areas) / 5",
        ),
        2,
        "chosen on the test batches",
    ),
    Answer(
        "next-month-inside",
        INSIDE.replace("chooser, StandardScaler", "StandardScaler"),
        0,
        "Not the area that choosing ten columns",
    ),
    Answer(
        "next-month-inside",
        """
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score

def honest_score(X, y):
    folds = KFold(5, shuffle=True, random_state=0)
    return cross_val_score(
        LogisticRegression(), X.iloc[:, :10], y, cv=folds, scoring="roc_auc"
    ).mean()
""",
        0,
        "where there is something to find",
    ),
    # The ten of the highest correlation, by hand, before the folds.
    Answer(
        "next-month-inside",
        INSIDE.replace(
            "    model =",
            "    best = X.corrwith(y.astype(float)).abs().nlargest(10).index\n"
            "    X = X[best]\n    model =",
        ),
        0,
        "saw the test batches",
    ),
    Answer(
        "next-month-inside",
        INSIDE.replace("    return cross", "    y = 1 - y\n    return 1 - cross"),
        0,
        "where there is something to find",
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
        "chose the rule on all batches",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("random_state=0", "random_state=11"),
        4,
    ),
    # No seed: each call draws other folds.
    Answer("next-month-nested", NESTED.replace(", random_state=0", ""), 4),
    # Chosen on the few and judged on the many; one fold of five.
    Answer(
        "next-month-nested",
        NESTED.replace("for train, test in", "for test, train in"),
        2.5,
        "chosen on few batches",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("return np.mean(scores)", "return scores[-1]"),
        2.5,
        "mean of all five",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("return np.mean(scores)", "return scores[0]"),
        2.5,
        "mean of all five",
    ),
    Answer(
        "next-month-nested",
        "def nested_score(rules, y):\n    return 0.5",
        0,
        "where there is something to find",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace(
            "rules[[best]].iloc[test], y.iloc[test]", "rules.iloc[train], y.iloc[train]"
        ),
        0,
        "that the rule was chosen on",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("y.iloc[test])[best]", "y.iloc[test])").replace("rules[[best]]", "rules"),
        0,
        "where there is something to find",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("return np.mean(scores)", "return scores"),
        0,
        "Is a `.mean()`",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("return np.mean(scores)", "return max(scores)"),
        0,
        "highest of the five folds",
    ),
    Answer(
        "next-month-nested",
        NESTED.replace("y.iloc[train]", "y[train]").replace("y.iloc[test]", "y[test]"),
        0,
        "take rows with `.iloc`",
    ),
    Answer("next-month-nested", NESTED.replace("rules.iloc[train]", "rules[train]"), 0, "`.iloc`"),
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
    # Other folds at each call.
    Answer(
        "next-month-promise",
        CHOOSE.replace("GroupKFold(5)", "StratifiedGroupKFold(5, shuffle=True)").replace(
            "return best, scores[best]", "return max(scores.items(), key=lambda pair: pair[1])"
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
        "too high",
    ),
    # Chosen by the split by lot, promised by another score.
    Answer(
        "next-month-promise",
        CHOOSE.replace(
            "    return best, scores[best]",
            "    folds = KFold(5, shuffle=True, random_state=1)\n"
            '    areas = cross_val_score(model, X[sets[best]], y, cv=folds, scoring="roc_auc")\n'
            "    return best, areas.mean()",
        ),
        2,
        "share their lots",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace(
            "    return best, scores[best]",
            "    from sklearn.metrics import roc_auc_score\n"
            "    known = X[sets[best]]\n"
            "    risk = model.fit(known, y).predict_proba(known)[:, 1]\n"
            "    return best, roc_auc_score(y, risk)",
        ),
        2,
        "was trained on",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return best, 100 * scores[best]"),
        2,
        "rather than 77",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return best, scores[best] - 0.12"),
        2,
        "too low",
    ),
    # The set of middle size wherever, without any model.
    Answer(
        "next-month-promise",
        CHOOSE.replace(
            "return best, scores[best]",
            "return sorted(sets, key=lambda one: len(sets[one]))[1], 0.77",
        ),
        0,
        "history 3",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return 'process', 0.76"),
        0,
        "the names that it was given are",
    ),
    # What the notebook's last figures show, for the set that is neither small nor large.
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return best, 0.77"),
        2,
        "Your promises are off by",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace(
            "return best, scores[best]", "return min(sets, key=lambda name: len(sets[name])), 0.66"
        ),
        0,
        "Choose by the score",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace(
            "return best, scores[best]",
            "known = X[sets[best]]\n"
            "    areas = cross_val_score(\n"
            '        model, known, y, cv=folds, groups=seed_lot, scoring="roc_auc"\n'
            "    )\n"
            "    return best, areas.max()",
        ),
        2,
        "Your promises are off by",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace(
            "scores[name] = areas.mean()",
            "scores[name] = model.fit(X[columns], y).score(X[columns], y)",
        ),
        0,
        "looks best in a random split",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return scores[best], best"),
        0,
        "two things",
    ),
    Answer(
        "next-month-promise",
        CHOOSE.replace("return best, scores[best]", "return 'everything', scores['everything']"),
        0,
        "KeyError",
    ),
    Answer(
        "next-month-promise",
        "def choose(model, X, y, seed_lot, sets):\n    return 0.7",
        0,
        "two things",
    ),
]
