"""Right and wrong answers to the exercises of day 1, notebook 4."""

from answers.answer import Answer

NOTEBOOK = "day1/4-how-sure"

SCORES = """
def three_scores(predicted, readings):
    def r2(y):
        return 1 - ((y - predicted) ** 2).mean() / y.var(ddof=0)
    mean = readings.mean(axis=1)
    left = readings.var(axis=1).mean() / 4
    square = ((mean - predicted) ** 2).mean()
    truth = 1 - (square - left) / (mean.var() - left)
    return r2(readings[1]), r2(mean), truth
"""

SLOPES = """
def moi_slopes(pilot):
    from sklearn.linear_model import LinearRegression
    x = np.log10(pilot["moi"])
    together = np.polyfit(x, pilot["ha"], 1)[0]
    both = np.column_stack([x, pilot["harvest_h"]])
    return together, LinearRegression().fit(both, pilot["ha"]).coef_[0]
"""

IMPORTS = """
from sklearn.compose import TransformedTargetRegressor
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import RidgeCV, LinearRegression
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import KFold, GroupKFold, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

def prepare(unknown="ignore"):
    return make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown=unknown, sparse_output=False), ["seed_lot"]),
    )
"""

MODEL = IMPORTS + "def make_model():\n    return make_pipeline(prepare(), {})\n"

WIDTH = """
def half_width(deviations, level):
    size = np.sort(np.abs(deviations))
    return size[int(np.ceil((len(size) + 1) * level)) - 1]
"""

NEW_LOT = (
    IMPORTS
    + """
def new_lot_deviations(model, table):
    X, lots = table.drop(columns="ha"), table["seed_lot"]
    return table["ha"] - cross_val_predict(model, X, table["ha"], groups=lots, cv={})
"""
)

ANSWERS = [
    # Exercise 1: R² against one assay, four, the truth
    Answer("how-sure-scores", SCORES, 4),
    Answer(
        "how-sure-scores",
        """
def three_scores(predicted, readings):
    from sklearn.metrics import r2_score
    mean = readings.mean(axis=1)
    one, four = r2_score(readings[1], predicted), r2_score(mean, predicted)
    cov = readings.cov().to_numpy()
    between = cov[~np.eye(4, dtype=bool)].mean()
    left = (np.diag(cov).mean() - between) / 4
    truth = 1 - ((1 - four) * mean.var(ddof=0) - left) / between
    return {"one": one, "four": four, "truth": truth}
""",
        4,
    ),
    Answer(
        "how-sure-scores",
        SCORES.replace("r2(mean), truth", "r2(mean), r2(mean)"),
        2,
        "the mean of four again",
    ),
    Answer(
        "how-sure-scores",
        SCORES.replace("(square - left)", "square"),
        2,
        "above and below the line",
    ),
    Answer(
        "how-sure-scores",
        SCORES.replace(
            "r2(readings[1]), r2(mean)",
            "np.corrcoef(readings[1], predicted)[0, 1] ** 2,"
            " np.corrcoef(mean, predicted)[0, 1] ** 2",
        ),
        2,
        "squared correlation",
    ),
    Answer(
        "how-sure-scores",
        "def three_scores(predicted, readings):\n    return 0.6",
        0,
        "three numbers",
    ),
    # Exercise 2: Simpson
    Answer("how-sure-slopes", SLOPES, 4),
    Answer(
        "how-sure-slopes",
        """
def moi_slopes(pilot):
    x, y, h = np.log10(pilot["moi"]), pilot["ha"], pilot["harvest_h"]
    together = np.cov(x, y)[0, 1] / x.var()
    rest = lambda v: v - np.polyval(np.polyfit(h, v, 1), h)
    return np.array([together, (rest(x) * rest(y)).sum() / (rest(x) ** 2).sum()])
""",
        4,
    ),
    Answer(
        "how-sure-slopes",
        SLOPES.replace(
            'LinearRegression().fit(both, pilot["ha"]).coef_[0]',
            "together",
        ),
        1,
        "compare batches of one hour",
    ),
    Answer("how-sure-slopes", SLOPES.replace("coef_[0]", "coef_[1]"), 1, "with the hour held"),
    Answer("how-sure-slopes", SLOPES.replace("log10", "log"), 0, "natural logarithm"),
    Answer(
        "how-sure-slopes",
        SLOPES.replace('np.log10(pilot["moi"])', 'pilot["moi"]'),
        0,
        "the MOI itself",
    ),
    Answer("how-sure-slopes", "def moi_slopes(pilot):\n    return 0.1", 0, "two numbers"),
    # Exercise 3: close to the floor
    Answer("how-sure-model", MODEL.format("RidgeCV(np.logspace(-1, 3, 9))"), 5),
    Answer("how-sure-model", MODEL.format("PLSRegression(3)"), 5),
    Answer(
        "how-sure-model",
        MODEL.format(
            "TransformedTargetRegressor(LinearRegression(), func=np.expm1, inverse_func=np.log1p)"
        ),
        5,
    ),
    Answer(
        "how-sure-model",
        MODEL.format("DecisionTreeRegressor(random_state=0)"),
        2,
        "by heart",
    ),
    Answer("how-sure-model", MODEL.format("DummyRegressor()"), 2, "nearly the same"),
    Answer("how-sure-model", IMPORTS + "make_model = lambda: RidgeCV()", 0, "SEED-"),
    Answer("how-sure-model", IMPORTS + "make_model = lambda: RidgeCV", 0, "Are brackets missing"),
    Answer(
        "how-sure-model",
        MODEL.replace("prepare(), {}", "prepare('error'), RidgeCV()"),
        1,
        "unknown categories",
    ),
    Answer(
        "how-sure-model",
        MODEL.format(
            "TransformedTargetRegressor(RidgeCV(), func=lambda y: y,"
            " inverse_func=lambda y: 10 ** y, check_inverse=False)"
        ),
        0,
        "transform the predictions back",
    ),
    # Exercise 4: half a width
    Answer("how-sure-width", WIDTH, 4),
    Answer(
        "how-sure-width",
        """
def half_width(deviations, level):
    size, n = abs(pd.Series(deviations)), len(deviations)
    return size.nsmallest(int(np.ceil((n + 1) * level))).iloc[-1]
""",
        4,
    ),
    Answer(
        "how-sure-width",
        "def half_width(deviations, level):\n"
        "    n = len(deviations)\n"
        "    share = np.ceil((n + 1) * level) / n\n"
        "    return np.quantile(np.abs(deviations), share, method='inverted_cdf')",
        4,
    ),
    Answer(
        "how-sure-width",
        "def half_width(deviations, level):\n    return np.quantile(np.abs(deviations), level)",
        2,
        "one more",
    ),
    Answer(
        "how-sure-width",
        "def half_width(deviations, level):\n    return np.quantile(deviations, level)",
        0,
        "signed deviations",
    ),
    Answer(
        "how-sure-width",
        "def half_width(deviations, level):\n    return 1.645 * np.std(deviations)",
        0,
        "bell curve",
    ),
    Answer(
        "how-sure-width",
        "def half_width(deviations, level):\n    return np.quantile(np.abs(deviations), 1 - level)",
        0,
        "other end",
    ),
    # Exercise 5: a lot nobody has seen
    Answer("how-sure-new-lot", NEW_LOT.format("LeaveOneGroupOut()"), 5),
    Answer("how-sure-new-lot", NEW_LOT.format("GroupKFold(5)"), 5),
    Answer(
        "how-sure-new-lot",
        """
def new_lot_deviations(model, table):
    off = pd.Series(0.0, index=table.index)
    for lot in table["seed_lot"].unique():
        this = table["seed_lot"] == lot
        model.fit(table[~this].drop(columns="ha"), table.loc[~this, "ha"])
        off[this] = table.loc[this, "ha"] - model.predict(table[this].drop(columns="ha"))
    return off.to_numpy()
""",
        5,
    ),
    Answer(
        "how-sure-new-lot",
        NEW_LOT.format("KFold(10, shuffle=True, random_state=0)"),
        0,
        "its seed lot was not",
    ),
    Answer("how-sure-new-lot", NEW_LOT.format("5"), 0, "splitter that uses them"),
    Answer(
        "how-sure-new-lot",
        """
def new_lot_deviations(model, table):
    X = table.drop(columns="ha")
    return table["ha"] - model.fit(X, table["ha"]).predict(X)
""",
        0,
        "those very batches",
    ),
    Answer(
        "how-sure-new-lot",
        "def new_lot_deviations(model, table):\n    return 0.2",
        0,
        "one value for each row",
    ),
]
