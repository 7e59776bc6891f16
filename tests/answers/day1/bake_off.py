"""Right and wrong answers to the exercises of day 1, notebook 2."""

from answers.answer import Answer

NOTEBOOK = "day1/2-bakeoff"

WEAK = """
def is_weak(release):
    return release["potency_ug_per_ml"] * release["bulk_l"] * 1000 / 15 < 8000
"""

TEN = """
def at_ten_percent(weak, score):
    alarm = score.rank(ascending=False, method="first") <= round(len(score) / 10)
    hits = (alarm & weak).sum()
    return hits / weak.sum(), hits / alarm.sum(), 1 - weak.mean()
"""

HEART = """
def overtrained(table):
    p = table[["ks_signal_p", "ks_background_p"]].min(axis=1)
    suspects = table[p < 0.01]
    return "nobody" if suspects.empty else suspects["gap"].idxmax()
"""

TREES = """
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

def tamed():
    trees = GradientBoostingClassifier(n_estimators=50, max_depth=1, random_state=0)
    return make_pipeline(SimpleImputer(strategy="median"), trees)
"""

STUMPS = "GradientBoostingClassifier(n_estimators=50, max_depth=1, random_state=0)"

FIVE = """
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from vaxlab.bakeoff import bakeoff

def top_five(X, weak):
    X = X[[name for name in X if not name.endswith(("_before", "_24h"))]]
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.05))
    return bakeoff({"it": model}, X, weak, cv=3).ranking("it", repeats=1).index[:5]
"""

UNSCALED = """
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

def top_five(X, weak):
    X = X[[name for name in X if not name.endswith(("_before", "_24h"))]]
    weights = METHOD.fit(X.fillna(X.median()), weak).coef_[0]
    return pd.Series(abs(weights), X.columns).nlargest(5).index
"""

SHRUNKEN = 'LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3)'

ALARM = """
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from vaxlab.bakeoff import ProjectiveLikelihood

def alarm(X, weak, new):
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.02))
    return model.fit(X, weak).decision_function(new)
"""

APPLIED = """
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from vaxlab.bakeoff import bakeoff

def alarm(X, weak, new):
    model = make_pipeline(SimpleImputer(), LinearDiscriminantAnalysis())
    return bakeoff({"it": model}, X, weak, cv=2).model("it").apply(new)"""

TUNED = """
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from vaxlab.bakeoff import GroupFolds

def tuned(method, **setting):
    fill = SimpleImputer(strategy="median")
    steps = Pipeline([("fill", fill), ("scale", StandardScaler()), ("method", method)])
    grid = {f"method__{name}": values for name, values in setting.items()}
    return GridSearchCV(steps, grid, cv=GroupFolds(3), scoring="roc_auc")

small_trees = GradientBoostingClassifier(n_estimators=50, subsample=0.5, random_state=0)
methods = {
    "k-NN": tuned(KNeighborsClassifier(), n_neighbors=[10, 30, 90]),
    "SVM": tuned(SVC(gamma=0.005, class_weight="balanced"), C=[0.1, 1.0, 10.0]),
    "trees": tuned(small_trees, max_depth=[1, 2, 4]),
}
"""

TUNED_TREES = f"""{TUNED}
def tamed():
    return methods["trees"]
"""

TUNED_ALARM = f"""{TUNED}
from vaxlab.bakeoff.model import respond

def alarm(X, weak, new):
    return respond(methods["NAME"].fit(X, weak), new)
"""

ANSWERS = [
    # Exercise 1: few doses, not the decision
    Answer("bakeoff-weak", WEAK, 3),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n"
        "    doses = release['potency_ug_per_ml'] / 15 * release['bulk_l'] * 1e3\n"
        "    return np.where(doses < 8000, 1, 0)",
        3,
    ),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n    return release['doses'] < 8000",
        0,
        "germs as low yield",
    ),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n    return release['decision'] == 'rejected'",
        0,
        "rejected for germs",
    ),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n    return release['reason'] == 'potency'",
        0,
        "below the limit of release",
    ),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n    return np.ones(len(release), dtype=bool)",
        0,
        "the flags do not depend on it",
    ),
    Answer("bakeoff-weak", WEAK.replace(" * 1000", " / 1000"), 0, "You divide by 1000"),
    Answer("bakeoff-weak", WEAK.replace("/ 15", "* 15"), 0, "grow or shrink"),
    Answer("bakeoff-weak", WEAK.replace(" * 1000", ""), 0, "One litre has 1000 mL"),
    Answer("bakeoff-weak", WEAK.replace("<", ">="), 0, "turned round"),
    Answer("bakeoff-weak", WEAK.replace(" / 15", ""), 0, "how many µg hold one dose"),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n    return np.zeros(len(release), dtype=bool)",
        0,
        "the flags do not depend on it",
    ),
    Answer(
        "bakeoff-weak",
        "def is_weak(release):\n    return bake_off.weak_batches().to_numpy()",
        0,
        "Not the batches",
    ),
    Answer(
        "bakeoff-weak",
        """
def is_weak(release):
    return [
        row.potency_ug_per_ml * row.bulk_l / 15 < 8 for row in release.itertuples()
    ]
""",
        3,
    ),
    Answer(
        "bakeoff-weak", "def is_weak(release):\n    return release['doses']", 0, "True or False"
    ),
    # Exercise 2: recall and precision at one alarm in ten
    Answer("bakeoff-alarms", TEN, 3),
    Answer(
        "bakeoff-alarms",
        """
def at_ten_percent(weak, score):
    names = score.sort_values().index[-len(score) // 10 :]
    names = names[-(len(score) // 10) :]
    hits = weak.loc[names].mean()
    recall = hits * len(names) / weak.sum()
    return {"recall": recall, "precision": hits, "idle": (weak == 0).mean()}
""",
        3,
    ),
    Answer(
        "bakeoff-alarms",
        """
from sklearn.metrics import precision_score, recall_score

def at_ten_percent(weak, score):
    alarm = score > score.quantile(0.9)
    return recall_score(weak, alarm), precision_score(weak, alarm), (~weak).mean()
""",
        3,
    ),
    Answer(
        "bakeoff-alarms",
        """
def at_ten_percent(weak, score):
    alarm = score > 0.5
    hits = (alarm & weak).sum()
    return hits / weak.sum(), hits / max(alarm.sum(), 1), 1 - weak.mean()
""",
        1,
        "ever reach one half",
    ),
    Answer(
        "bakeoff-alarms",
        """
def at_ten_percent(weak, score):
    alarm = score > 0.5
    hits = (alarm & weak).sum()
    return hits / weak.sum(), hits / alarm.sum(), 1 - weak.mean()
""",
        1,
        "ever reach one half",
    ),
    Answer(
        "bakeoff-alarms",
        TEN.replace("ascending=False", "ascending=True"),
        1,
        "You took the lowest scores",
    ),
    Answer("bakeoff-alarms", TEN.replace("round(len(score) / 10)", "36"), 1, "a tenth of 360"),
    Answer(
        "bakeoff-alarms",
        """
def at_ten_percent(weak, score):
    alarm = score > score[~weak].nlargest(round((~weak).sum() / 10)).min()
    alarm |= score == score[~weak].nlargest(round((~weak).sum() / 10)).min()
    hits = (alarm & weak).sum()
    return hits / weak.sum(), hits / alarm.sum(), 1 - weak.mean()
""",
        1,
        "Asked is a tenth of all",
    ),
    Answer("bakeoff-alarms", TEN.replace("1 - weak.mean()", "weak.mean()"), 2, "never alarmed"),
    Answer(
        "bakeoff-alarms",
        TEN.replace("return hits / weak.sum()", "return (alarm == weak).mean()"),
        2,
        "many easy ones",
    ),
    Answer(
        "bakeoff-alarms",
        TEN.replace("return ", "return [100 * share for share in (").replace(
            "weak.mean()", "weak.mean())]"
        ),
        0,
        "not per cent",
    ),
    Answer(
        "bakeoff-alarms", "def at_ten_percent(weak, score):\n    return 0.9", 0, "three numbers"
    ),
    Answer(
        "bakeoff-alarms",
        TEN.replace("round(len(score) / 10)", "round((~weak).sum() / 10)"),
        1,
        "a tenth of the *good* batches",
    ),
    Answer("bakeoff-alarms", TEN.replace("1 - weak.mean()", "0.9"), 2, "for one table only"),
    Answer(
        "bakeoff-alarms",
        TEN.replace("1 - weak.mean()", "1 - hits / weak.sum()"),
        2,
        "one less the recall",
    ),
    Answer("bakeoff-alarms", TEN.replace("1 - weak.mean()", "..."), 2, "Three dots"),
    *(
        Answer("bakeoff-alarms", TEN.replace("/ 10)", f"/ 10) {slip}"), 1, says)
        for slip, says in {"+ 1": "one alarm too many", "- 1": "one alarm too few"}.items()
    ),
    Answer(
        "bakeoff-alarms",
        TEN.replace(
            'score.rank(ascending=False, method="first") <= round(len(score) / 10)',
            "score.rank(pct=True) >= 0.9",
        ),
        1,
        "one alarm too many",
    ),
    # Exercise 3: evidence, then the gap
    *(
        Answer("bakeoff-overtrained", HEART.replace('["gap"].idxmax()', choice), 1, says)
        for choice, says in {
            '["auc_train"].idxmax()': "the best area on training rows",
            '["auc_test"].idxmin()': "the worst area on unseen rows",
        }.items()
    ),
    Answer(
        "bakeoff-overtrained",
        """
def overtrained(table):
    p = table[["ks_signal_p", "ks_background_p"]].min(axis=1)
    return p.idxmin() if p.min() < 0.01 else "nobody"
""",
        1,
        "which of those that have one has the widest gap",
    ),
    Answer(
        "bakeoff-overtrained",
        """
def overtrained(table):
    suspects = table[(table["ks_signal_p"] < 0.01) & (table["ks_background_p"] < 0.01)]
    return "nobody" if suspects.empty else suspects["gap"].idxmax()
""",
        2,
        "Either of the two p-values is enough",
    ),
    Answer("bakeoff-overtrained", HEART, 3),
    Answer(
        "bakeoff-overtrained",
        """
def overtrained(table):
    best, found = 0, "Nobody"
    for name, row in table.iterrows():
        if min(row["ks_signal_p"], row["ks_background_p"]) < 0.01 and row["gap"] > best:
            best, found = row["gap"], name
    return found
""",
        3,
    ),
    Answer(
        "bakeoff-overtrained",
        "def overtrained(table):\n    return table['gap'].idxmax()",
        0,
        "chance may have made it",
    ),
    Answer(
        "bakeoff-overtrained",
        "def overtrained(table):\n    return table['auc_test'].idxmin()",
        0,
        "Poor is not overtrained",
    ),
    Answer(
        "bakeoff-overtrained",
        "def overtrained(table):\n    return table['auc_train'].idxmax()",
        0,
        "good on unseen ones too",
    ),
    Answer(
        "bakeoff-overtrained",
        HEART.replace(".min(axis=1)", ".max(axis=1)"),
        2,
        "which of those that have one has the widest gap",
    ),
    Answer(
        "bakeoff-overtrained",
        "def overtrained(table):\n"
        "    return table[['ks_signal_p', 'ks_background_p']].min(axis=1).idxmin()",
        0,
        "which of those that have one has the widest gap",
    ),
    Answer("bakeoff-overtrained", HEART.replace("0.01", "0.05"), 0, "chance may have made it"),
    Answer(
        "bakeoff-overtrained",
        HEART.replace('["ks_signal_p", "ks_background_p"]', '["ks_signal_p"]'),
        2,
        "which of those that have one has the widest gap",
    ),
    Answer(
        "bakeoff-overtrained",
        "def overtrained(table):\n    return 'nobody'",
        0,
        "Counted when somebody is named",
    ),
    # Exercise 4: brakes
    Answer("bakeoff-tame", TREES, 4),
    Answer(
        "bakeoff-tame",
        TREES.replace(
            STUMPS, "AdaBoostClassifier(n_estimators=20, learning_rate=0.3, random_state=0)"
        ),
        4,
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(
            STUMPS, "GradientBoostingClassifier(max_depth=6, learning_rate=0.3, random_state=0)"
        ),
        0,
        "by heart",
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(
            STUMPS,
            "GradientBoostingClassifier("
            "max_depth=2, learning_rate=0.05, subsample=0.5, random_state=0)",
        ),
        4,
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(STUMPS, "GradientBoostingClassifier(learning_rate=0.02, random_state=0)"),
        4,
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(
            STUMPS, "GradientBoostingClassifier(n_estimators=50, max_depth=4, subsample=0.5)"
        ),
        0,
        "by heart",
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(STUMPS, "GradientBoostingClassifier(n_estimators=1, max_depth=1)"),
        0,
        "learnt too little",
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(STUMPS, "RandomForestClassifier(min_samples_leaf=20)"),
        0,
        "no boosted trees",
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(STUMPS, "HistGradientBoostingClassifier(min_samples_leaf=300)"),
        0,
        "Tamed too far",
    ),
    Answer("bakeoff-tame", "def tamed():\n    return 'GradientBoosting'", 0, "an estimator"),
    Answer(
        "bakeoff-tame",
        TREES.replace('SimpleImputer(strategy="median"), ', ""),
        0,
        "put `SimpleImputer",
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(
            STUMPS,
            "GradientBoostingClassifier(\n        n_estimators=1, max_depth=12, max_features=1, "
            "random_state=0\n    )",
        ),
        0,
        "mostly noise",
    ),
    # The notebook's own tuned ones: the notebook set their brakes, or rather a search
    Answer("bakeoff-tame", TUNED_TREES, 0, "sets the brakes anew"),
    Answer(
        "bakeoff-tame",
        TUNED_TREES.replace('["trees"]', '["trees"].estimator.set_params(method__max_depth=1)'),
        4,
    ),
    Answer(
        "bakeoff-tame",
        TREES.replace(
            STUMPS,
            "GradientBoostingClassifier(max_depth=1, learning_rate=0.3, random_state=0)",
        ),
        4,
    ),
    # Exercise 5: causes, not symptoms
    *(
        Answer("bakeoff-causes", UNSCALED.replace("METHOD", method), 0, "it hears the units")
        for method in (
            "LogisticRegression()",
            "LogisticRegression(max_iter=5000)",
            "LinearDiscriminantAnalysis()",
            'LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3)',
        )
    ),
    Answer(
        "bakeoff-causes",
        FIVE.replace("StandardScaler(), LogisticRegression(C=0.05)", SHRUNKEN),
        0,
        "it hears the units",
    ),
    Answer(
        "bakeoff-causes",
        FIVE.replace("LogisticRegression(C=0.05)", SHRUNKEN),
        4,
    ),
    Answer(
        "bakeoff-causes",
        "def top_five(X, weak):\n"
        "    early = [name for name in X if not name.endswith(('_before', '_24h'))]\n"
        "    return np.random.default_rng().permutation(early)[:5]",
        0,
        "mostly luck",
    ),
    Answer("bakeoff-causes", FIVE, 4),
    Answer(
        "bakeoff-causes",
        """
from sklearn.linear_model import LogisticRegression

def top_five(X, weak):
    X = X.drop(columns=[name for name in X if name.endswith(("_before", "_24h"))])
    X = ((X - X.mean()) / X.std()).fillna(0)
    weights = LogisticRegression(C=0.05).fit(X, weak).coef_[0]
    return pd.Series(abs(weights), X.columns).nlargest(5)
""",
        4,
    ),
    Answer(
        "bakeoff-causes",
        """
from sklearn.feature_selection import f_classif

def top_five(X, weak):
    X = X.drop(columns=[name for name in X if "_" in name and name[-1] != "x"], errors="ignore")
    strength, _ = f_classif(X.fillna(X.median()), weak)
    return X.columns[np.argsort(-strength)[:5]]
""".replace(' and name[-1] != "x"', ""),
        4,
    ),
    Answer(
        "bakeoff-causes",
        """
from sklearn.linear_model import LogisticRegression

def top_five(X, weak):
    X = ((X - X.mean()) / X.std()).fillna(0)
    weights = LogisticRegression(C=0.05).fit(X, weak).coef_[0]
    return pd.Series(abs(weights), X.columns).nlargest(5)
""",
        0,
        "crowd out the causes",
    ),
    Answer(
        "bakeoff-causes",
        """
from sklearn.ensemble import RandomForestClassifier

def top_five(X, weak):
    X = X[[name for name in X if not name.endswith(("_before", "_24h"))]]
    forest = RandomForestClassifier(60, random_state=0).fit(X.fillna(X.median()), weak)
    return pd.Series(forest.feature_importances_, X.columns).nlargest(5)
""",
        0,
        "Without any effect",
    ),
    Answer(
        "bakeoff-causes",
        "def top_five(X, weak):\n    return list(X.columns[:5])",
        0,
        "act in the plant",
    ),
    Answer(
        "bakeoff-causes",
        "def top_five(X, weak):\n"
        "    return ['wait_h', 'moi', 'trypsin_activity', 'ph', 'serum_growth_promotion']",
        0,
        "bear code names",
    ),
    Answer(
        "bakeoff-causes",
        "def top_five(X, weak):\n"
        "    X = X.drop(columns=['cells_before', 'cells_24h'])\n"
        "    return list(X.columns[:5])",
        0,
        "go by their endings",
    ),
    Answer(
        "bakeoff-causes",
        """
from sklearn.linear_model import LogisticRegression

def top_five(X, weak):
    X = X.drop(columns=[name for name in X if name.endswith(("_before", "_24h"))])
    X = ((X - X.mean()) / X.std()).fillna(0)
    return pd.Series(LogisticRegression(C=0.05).fit(X, weak).coef_[0], X.columns).nlargest(5)
""",
        0,
        "take `abs(...)`",
    ),
    Answer("bakeoff-causes", "def top_five(X, weak):\n    return 'wait_h'", 0, "five different"),
    Answer(
        "bakeoff-causes",
        FIVE.replace(".index[:5]", ".index"),
        0,
        "five different",
    ),
    # Exercise 6: the alarm
    Answer("bakeoff-alarm", ALARM, 6),
    Answer(
        "bakeoff-alarm",
        """
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

def alarm(X, weak, new):
    model = make_pipeline(SimpleImputer(), LinearDiscriminantAnalysis()).fit(X, weak)
    return pd.Series(model.predict_log_proba(new)[:, 1], new.index)
""",
        6,
    ),
    Answer(
        "bakeoff-alarm",
        """
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from vaxlab.bakeoff import bakeoff

def alarm(X, weak, new):
    network = MLPClassifier((5,), alpha=10, solver="lbfgs", max_iter=2000, random_state=0)
    steps = make_pipeline(SimpleImputer(), StandardScaler(), network)
    return bakeoff({"it": steps}, X, weak, cv=2).model("it").apply(new)["response"]
""",
        6,
    ),
    Answer(
        "bakeoff-alarm",
        "def alarm(X, weak, new):\n    return -new['cells_24h'].fillna(new['cells_24h'].median())",
        0,
        "does not learn",
    ),
    Answer(
        "bakeoff-alarm",
        "def alarm(X, weak, new):\n"
        "    X = X.fillna(X.median())\n"
        "    column = X.corrwith(weak).abs().idxmax()\n"
        "    sign = X[column].corr(weak)\n"
        "    return (sign * new[column]).fillna(0)",
        0,
        "alone",
    ),
    Answer(
        "bakeoff-alarm",
        ALARM.replace(
            "StandardScaler(), LogisticRegression(C=0.02)", "KNeighborsClassifier(30)"
        ).replace("decision_function(new)", "predict_proba(new)[:, 1]"),
        0,
        "on one scale",
    ),
    Answer(
        "bakeoff-alarm",
        ALARM.replace(".decision_function(new)", ".predict(new)"),
        0,
        "Too few different values",
    ),
    Answer(
        "bakeoff-alarm",
        ALARM.replace("LogisticRegression(C=0.02)", "KNeighborsClassifier(1)").replace(
            "decision_function(new)", "predict_proba(new)[:, 1]"
        ),
        0,
        "the vote of one neighbour",
    ),
    Answer("bakeoff-alarm", ALARM.replace("return model", "return -model"), 0, "Upside down"),
    Answer(
        "bakeoff-alarm",
        ALARM.replace("decision_function(new)", "predict_proba(new)"),
        0,
        "two columns",
    ),
    Answer(
        "bakeoff-alarm",
        APPLIED,
        0,
        '`["response"]`',
    ),
    Answer("bakeoff-alarm", f'{APPLIED}["response"]', 6),
    Answer(
        "bakeoff-alarm",
        """
def alarm(X, weak, new):
    strength = X.fillna(X.median()).corrwith(weak)
    return ((new - X.mean()) / X.std() * strength).sum(axis=1, skipna=False)
""",
        0,
        "batches with gaps",
    ),
    Answer(
        "bakeoff-alarm",
        "def alarm(X, weak, new):\n    return np.full(len(new), np.nan)",
        0,
        "Not one is a number",
    ),
    Answer(
        "bakeoff-alarm",
        ALARM.replace("SimpleImputer(), StandardScaler()", "StandardScaler()"),
        0,
        "NaN",
    ),
    Answer(
        "bakeoff-alarm",
        "def alarm(X, weak, new):\n    return np.random.default_rng(0).random(len(new))",
        0,
        "whatever stands in `new`",
    ),
    # The methods of the notebook's own table, tuned as there
    *(Answer("bakeoff-alarm", TUNED_ALARM.replace("NAME", name), 6) for name in ("k-NN", "SVM")),
    Answer(
        "bakeoff-alarm",
        """
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

def alarm(X, weak, new):
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(X[["cells_24h"]], weak)
    return model.decision_function(new[["cells_24h"]])
""",
        0,
        "ranks the batches as `cells_24h` alone does",
    ),
    Answer(
        "bakeoff-alarm",
        """
from sklearn.linear_model import LogisticRegression

def alarm(X, weak, new):
    keep = ["n1_fold", "medium_ph", "ph"]
    return LogisticRegression().fit(X[keep], weak).decision_function(new[keep])
""",
        0,
        "does not read the symptoms",
    ),
]
