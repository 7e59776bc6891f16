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
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold, GroupKFold, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

known = how_sure.history().columns.drop("ha")
recipe = known[:10]

def prepare(unknown="ignore"):
    return make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown=unknown, sparse_output=False), ["seed_lot"]),
    )

def race(method):
    return make_pipeline(make_column_transformer((StandardScaler(), list(recipe))), method)
"""

MODEL = IMPORTS + "def make_model():\n    return make_pipeline(prepare(), {})\n"
# As pandas does it: the lots' columns are learnt by hand.
BY_HAND = """
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import RidgeCV

class ByLot(RegressorMixin, BaseEstimator):
    def _table(self, X):
        X = pd.get_dummies(X, columns=["seed_lot"], dtype=float)
        return X if not hasattr(self, "columns_") else X.reindex(columns=self.columns_).fillna(0)
    def fit(self, X, y):
        table = self._table(X)
        self.columns_, self.mean_, self.sd_ = table.columns, table.mean(), table.std()
        self.ridge_ = RidgeCV(np.logspace(-1, 3, 9)).fit((table - self.mean_) / self.sd_, y)
        return self
    def predict(self, X):
        return self.ridge_.predict((self._table(X) - self.mean_) / self.sd_)

make_model = ByLot
"""

WIDTH = """
def half_width(deviations, level):
    size = np.sort(np.abs(deviations))
    place = int(np.ceil((len(size) + 1) * level))
    return size[place - 1] if place <= len(size) else np.inf
"""
QUANTILE = """
def half_width(deviations, level):
    n = len(deviations)
    share = np.ceil((n + 1) * level) / n
    return np.quantile(np.abs(deviations), share, method="{}") if share <= 1 else float("inf")
"""


def width(line: str) -> str:
    """Return an answer of one line."""
    return (
        "def half_width(deviations, level):\n    n, size = len(deviations), np.abs(deviations)\n"
        f"    return {line}\n"
    )


def new_lot(
    folds: str = "LeaveOneGroupOut()",
    back: str = 'table["log_doses"] - said',
    model: str = "model",
    columns: str = 'table.drop(columns="log_doses")',
) -> str:
    """Return an answer to the last exercise."""
    return f"""{IMPORTS}
def new_lot_deviations(model, table):
    X, lots = {columns}, table["seed_lot"]
    said = cross_val_predict({model}, X, table["log_doses"], groups=lots, cv={folds})
    return {back}
"""


LOT_BY_LOT = """
def new_lot_deviations(model, table):
    parts = []
    for lot, rows in table.groupby("seed_lot"):
        rest = table.drop(index=rows.index)
        model.fit(rest.drop(columns="log_doses"), rest["log_doses"])
        parts.append(rows["log_doses"] - model.predict(rows.drop(columns="log_doses")))
    return {}
"""

SCORES_ANSWERS = [
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
    # In numpy, and rounded to two digits.
    Answer(
        "how-sure-scores",
        """
def three_scores(predicted, readings):
    p, r = predicted.to_numpy(), readings.to_numpy()
    y, left = r.mean(axis=1), r.var(axis=1, ddof=1).mean() / 4
    one = 1 - np.mean((r[:, 0] - p) ** 2) / np.var(r[:, 0])
    four = 1 - np.mean((y - p) ** 2) / np.var(y)
    truth = 1 - (np.mean((y - p) ** 2) - left) / (np.var(y) - left)
    return np.round([one, four, truth], 2)
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
        "from the spread of the harvests only",
    ),
    Answer(
        "how-sure-scores",
        SCORES.replace("(mean.var() - left)", "mean.var(ddof=0)"),
        2,
        "from the squared misses only",
    ),
    Answer("how-sure-scores", SCORES.replace(".mean() / 4", ".mean()"), 2, "All of s² was taken"),
    Answer("how-sure-scores", SCORES.replace(".mean() / 4", ".mean() / 2"), 2, "Half of s²"),
    Answer(
        "how-sure-scores",
        SCORES.replace("readings.var(axis=1)", "readings.var(axis=1, ddof=0)"),
        2,
        "Of four readings say `ddof=1`",
    ),
    Answer(
        "how-sure-scores",
        SCORES.replace("readings.var(axis=1)", "readings.std(axis=1)"),
        2,
        "the assay's SD",
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
        SCORES.replace("r2(readings[1])", "r2(mean)"),
        3,
        "the other one of the two",
    ),
    Answer(
        "how-sure-scores",
        SCORES.replace("/ y.var(ddof=0)", "/ predicted.var(ddof=0)"),
        2,
        "changed places",
    ),
    Answer(
        "how-sure-scores",
        "def three_scores(predicted, readings):\n    return 0.6",
        0,
        "three numbers",
    ),
]

SCORES_ANSWERS += [
    # Some done, some still dots: what is there is judged.
    Answer("how-sure-scores", SCORES.replace("r2(mean), truth", "..., ..."), 1, "left in `four`"),
    Answer("how-sure-scores", SCORES.replace("r2(readings[1]), r2(mean)", "..., ..."), 2, "`one`"),
    Answer("how-sure-scores", SCORES.replace(".mean() / 4", ".median() / 4"), 2, "the median"),
]

SLOPES_ANSWERS = [
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
    # Slopes within slices of three hours, weighted.
    Answer(
        "how-sure-slopes",
        """
def moi_slopes(pilot):
    from scipy.stats import linregress
    x = np.log10(pilot["moi"])
    A = pd.DataFrame({"x": x, "hour": pilot["harvest_h"], "one": 1.0})
    weights = np.linalg.solve(A.T @ A, A.T @ pilot["ha"])
    return {"together": linregress(x, pilot["ha"]).slope, "same_hour": weights[0]}
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
        "without the hour",
    ),
    Answer("how-sure-slopes", SLOPES.replace("coef_[0]", "coef_[1]"), 1, "the weight of the other"),
    Answer("how-sure-slopes", SLOPES.replace("log10", "log"), 0, "natural logarithm"),
    Answer(
        "how-sure-slopes",
        SLOPES.replace('np.log10(pilot["moi"])', 'pilot["moi"]'),
        0,
        "the MOI itself",
    ),
    Answer(
        "how-sure-slopes",
        """
def moi_slopes(pilot):
    x, y, h = np.log10(pilot["moi"]), pilot["ha"], pilot["harvest_h"]
    rest = y - np.polyval(np.polyfit(h, y, 1), h)
    return np.polyfit(x, y, 1)[0], np.polyfit(x, rest, 1)[0]
""",
        1,
        "but not out of the MOI",
    ),
    Answer(
        "how-sure-slopes",
        SLOPES.replace("return together, ", "same_hour = ") + "    return same_hour, together",
        0,
        "it belongs second",
    ),
    Answer(
        "how-sure-slopes",
        SLOPES.replace('np.polyfit(x, pilot["ha"], 1)', 'np.polyfit(pilot["ha"], x, 1)'),
        3,
        "x and y changed places",
    ),
    Answer("how-sure-slopes", "def moi_slopes(pilot):\n    return 0.1", 0, "two numbers"),
    Answer(
        "how-sure-slopes",
        SLOPES.replace('LinearRegression().fit(both, pilot["ha"]).coef_[0]', "..."),
        1,
        "left in `same_hour`",
    ),
    # A few batches near one hour in place of all of them.
    Answer(
        "how-sure-slopes",
        """
def moi_slopes(pilot):
    x = np.log10(pilot["moi"])
    near = (pilot["harvest_h"] - 45).abs() < 1.5
    same_hour = np.polyfit(x[near], pilot["ha"][near], 1)[0]
    return np.polyfit(x, pilot["ha"], 1)[0], same_hour
""",
        1,
        "They are few, so it moves",
    ),
]

SLOPES_ANSWERS += [
    # The hour is in the model, and yet the weight is another: no word of batches near one hour.
    *(
        Answer("how-sure-slopes", SLOPES.replace(old, new), 1, "both as they are")
        for old, new in {
            ".fit(both,": ".fit((both - both.mean(axis=0)) / both.std(axis=0),",
            '"harvest_h"]])': '"harvest_h"], x * pilot["harvest_h"]])',
        }.items()
    ),
    # A few batches near the usual hour: by luck their slope is near the right one on some plants.
    Answer(
        "how-sure-slopes",
        """
def moi_slopes(pilot):
    x, ha, hour = np.log10(pilot["moi"]), pilot["ha"], pilot["harvest_h"]
    near = (hour - hour.mean()).abs() < 3
    return np.polyfit(x, ha, 1)[0], np.polyfit(x[near], ha[near], 1)[0]
""",
        1,
        "They are few, so it moves",
    ),
    # Slices of five hours, each with a line of its own.
    Answer(
        "how-sure-slopes",
        """
def moi_slopes(pilot):
    x, ha = np.log10(pilot["moi"]), pilot["ha"]
    slices = pilot.groupby(pilot["harvest_h"] // 5).groups.values()
    lines = [np.polyfit(x[rows], ha[rows], 1)[0] for rows in slices if x[rows].nunique() > 1]
    return np.polyfit(x, ha, 1)[0], np.mean(lines)
""",
        1,
        "not in groups",
    ),
    # Both right, in the other order.
    Answer(
        "how-sure-slopes",
        SLOPES.replace("return together, ", "same_hour = ") + "    return same_hour, together",
        0,
        "This is the slope of all batches together, without the hour",
    ),
]

MODEL_ANSWERS = [
    Answer("how-sure-model", MODEL.format("RidgeCV(np.logspace(-1, 3, 9))"), 5),
    Answer("how-sure-model", MODEL.format("PLSRegression(3)"), 5),
    Answer("how-sure-model", MODEL.format("Ridge(10)"), 5),
    Answer(
        "how-sure-model",
        MODEL.format(
            "TransformedTargetRegressor(LinearRegression(), func=np.expm1, inverse_func=np.log1p)"
        ),
        5,
    ),
    Answer("how-sure-model", BY_HAND, 5),
    Answer(
        "how-sure-model",
        MODEL.format(
            "GradientBoostingRegressor(n_estimators=100, learning_rate=0.06, subsample=0.7,"
            " random_state=0)"
        ),
        5,
    ),
    # What the notebook's race shows.
    Answer(
        "how-sure-model",
        IMPORTS + "def make_model():\n    return race(RidgeCV(np.logspace(-1, 3, 9)))",
        1,
        "the race's ridge again",
    ),
    Answer(
        "how-sure-model",
        IMPORTS + "def make_model():\n    return race(PLSRegression(3))",
        1,
        "the text needs a column for each lot",
    ),
    # Recipe and lot only: ten numbers of many. (With ridge it beats the race on some plants.)
    Answer(
        "how-sure-model",
        MODEL.replace(
            "prepare(), {}",
            "make_column_transformer((StandardScaler(), list(recipe)),"
            " (OneHotEncoder(handle_unknown='ignore'), ['seed_lot'])),"
            " DecisionTreeRegressor(random_state=0)",
        ),
        1,
        "read the others, too",
    ),
    # The text is dropped without a word.
    Answer(
        "how-sure-model",
        MODEL.replace(
            "prepare(), {}",
            "make_column_transformer((StandardScaler(), list(known.drop('seed_lot')))), RidgeCV()",
        ),
        4,
        "With the name of another seed lot",
    ),
    Answer(
        "how-sure-model",
        MODEL.format("DecisionTreeRegressor(random_state=0)"),
        2,
        "by heart",
    ),
    Answer("how-sure-model", MODEL.format("DummyRegressor()"), 1, "nearly the same"),
    Answer("how-sure-model", IMPORTS + "make_model = lambda: RidgeCV()", 0, "SEED-"),
    Answer("how-sure-model", IMPORTS + "make_model = lambda: RidgeCV", 0, "Are brackets missing"),
    Answer(
        "how-sure-model",
        MODEL.replace("prepare(), {}", "prepare('error'), RidgeCV()"),
        4,
        "not among those it was trained on",
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
]

PICKED = """
table = how_sure.history()
numbers = list(table.select_dtypes("number").columns)

def make_model():
    columns = make_column_transformer(
        (StandardScaler(), numbers),
        (OneHotEncoder(handle_unknown="ignore"), ["seed_lot"]),
    )
    return make_pipeline(columns, RidgeCV(np.logspace(-1, 3, 9)))
"""

MODEL_ANSWERS += [
    # Columns picked by their kind: among what is known, of the table that comes in, of `table`.
    Answer("how-sure-model", IMPORTS + PICKED.replace("(table.sel", "(table[known].sel"), 5),
    Answer(
        "how-sure-model",
        IMPORTS
        + PICKED.replace("r(), numbers)", "r(), lambda X: X.select_dtypes('number').columns)"),
        5,
    ),
    Answer("how-sure-model", IMPORTS + PICKED, 0, "pick them among `known`"),
    Answer(
        "how-sure-model",
        IMPORTS + PICKED.replace("r(), numbers)", "r(), table.select_dtypes('number').columns)"),
        0,
        "`make_column_selector` looks for a kind of column",
    ),
    Answer(
        "how-sure-model",
        IMPORTS
        + PICKED.replace("(table.sel", "(table[known].sel").replace(
            '["seed_lot"])', 'make_column_selector(dtype_include="category"))'
        ),
        4,
        "picked by their `dtype` may miss it",
    ),
    # One lot without a column, the one that all others are measured from.
    Answer(
        "how-sure-model",
        IMPORTS
        + PICKED.replace("(table.sel", "(table[known].sel").replace(
            "handle_unknown=", 'drop="first", handle_unknown='
        ),
        5,
    ),
    Answer(
        "how-sure-model",
        IMPORTS
        + PICKED.replace("(table.sel", "(table[known].sel").replace(
            'handle_unknown="ignore"', 'drop="first"'
        ),
        4,
        "not among those it was trained on",
    ),
]

WIDTH_ANSWERS = [
    Answer("how-sure-width", WIDTH, 4),
    Answer(
        "how-sure-width",
        """
def half_width(deviations, level):
    size, n = abs(pd.Series(deviations)), len(deviations)
    place = int(np.ceil((n + 1) * level))
    return size.nsmallest(place).iloc[-1] if place <= n else np.inf
""",
        4,
    ),
    Answer("how-sure-width", QUANTILE.format("inverted_cdf"), 4),
    Answer("how-sure-width", QUANTILE.format("higher"), 4),
    # Infinity as one more size, which is what the next batch may be.
    Answer(
        "how-sure-width",
        width("np.sort(np.append(size, np.inf))[int(np.ceil((n + 1) * level)) - 1]"),
        4,
    ),
    # As it is often printed: numpy refuses a quantile above 1.
    Answer(
        "how-sure-width",
        width("np.quantile(size, np.ceil((n + 1) * level) / n, method='higher')"),
        3,
        "Quantiles must be in the range",
    ),
    # Indexed from one: it falls off the end of nine.
    Answer(
        "how-sure-width",
        WIDTH.replace("size[place - 1]", "size[place]"),
        1,
        "out of bounds",
    ),
    Answer("how-sure-width", WIDTH.replace("else np.inf", "else size[-1]"), 3, "`np.inf`"),
    Answer("how-sure-width", WIDTH.replace("else np.inf", "else np.nan"), 3, "`np.inf`"),
    Answer("how-sure-width", width("np.quantile(size, level)"), 0, "one more"),
    Answer("how-sure-width", width("np.sort(size)[int(np.ceil(level * n)) - 1]"), 0, "the 181st"),
    Answer("how-sure-width", WIDTH.replace("place - 1", "place - 2"), 0, "It should reach"),
    # One more than few: right there, the "one more" forgotten where there are many.
    Answer("how-sure-width", WIDTH.replace("+ 1)", "+ (len(size) < 100))"), 3, "is one more"),
    Answer("how-sure-width", WIDTH.replace("* level", "* 0.9"), 1, "Is `level` used?"),
    Answer("how-sure-width", WIDTH.replace("place <= len(size)", "len(size) > 5"), 3, "IndexError"),
    Answer("how-sure-width", width("np.nan"), 0, "NaN, which is no number"),
    # The place to the nearest, with too few told by it or apart; and the place rounded down.
    Answer("how-sure-width", WIDTH.replace("np.ceil(", "np.round("), 0, "the place is 185.4"),
    Answer(
        "how-sure-width",
        WIDTH.replace("np.ceil(", "round(").replace(
            "place <= len(size)", "(len(size) + 1) * level <= len(size)"
        ),
        0,
        "the place is 11.2",
    ),
    Answer("how-sure-width", WIDTH.replace("int(np.ceil(", "int(("), 0, "the place rounded down"),
    Answer(
        "how-sure-width",
        width("np.sort(np.append(size, np.inf))[min(int(np.ceil((n + 1) * level)), n)]"),
        1,
        "though 9 misses are enough",
    ),
    Answer("how-sure-width", width("np.quantile(deviations, level)"), 0, "signed misses"),
    Answer("how-sure-width", width("1.645 * np.std(deviations)"), 0, "bell curve"),
    Answer("how-sure-width", width("np.quantile(size, 1 - level)"), 0, "other end"),
    Answer("how-sure-width", width("size.max()"), 0, "It reaches"),
    Answer("how-sure-width", width("np.inf"), 0, "though"),
    Answer("how-sure-width", WIDTH.replace("return size", "return 2 * size"), 0, "whole width"),
]

NEW_LOT_ANSWERS = [
    Answer("how-sure-new-lot", new_lot(), 5),
    Answer("how-sure-new-lot", new_lot("GroupKFold(5)"), 5),
    Answer("how-sure-new-lot", new_lot("GroupKFold(2, shuffle=True, random_state=3)"), 5),
    Answer(
        "how-sure-new-lot",
        """
def new_lot_deviations(model, table):
    off = pd.Series(0.0, index=table.index)
    for lot in table["seed_lot"].unique():
        this = table["seed_lot"] == lot
        model.fit(table[~this].drop(columns="log_doses"), table.loc[~this, "log_doses"])
        said = model.predict(table[this].drop(columns="log_doses"))
        off[this] = table.loc[this, "log_doses"] - said
    return off.to_numpy()
""",
        5,
    ),
    # With the notebook's own list of names.
    Answer(
        "how-sure-new-lot",
        new_lot("LeaveOneGroupOut().split(X, groups=lots)", columns="table[known]"),
        5,
    ),
    Answer(
        "how-sure-new-lot",
        new_lot("KFold(10, shuffle=True, random_state=0)"),
        0,
        "its seed lot was not",
    ),
    Answer("how-sure-new-lot", new_lot("5"), 0, "splitter that uses them"),
    Answer(
        "how-sure-new-lot",
        """
def new_lot_deviations(model, table):
    X = table.drop(columns="log_doses")
    return table["log_doses"] - model.fit(X, table["log_doses"]).predict(X)
""",
        0,
        "those very batches",
    ),
    Answer(
        "how-sure-new-lot",
        new_lot(columns="table"),
        0,
        "`log_doses` itself is among the columns",
    ),
    Answer("how-sure-new-lot", new_lot(back='said - table["log_doses"]'), 3, "turn the sign"),
    Answer("how-sure-new-lot", new_lot(back="said"), 0, "These are predictions"),
    Answer(
        "how-sure-new-lot", new_lot(back='abs(table["log_doses"] - said)'), 3, "These are sizes"
    ),
    Answer(
        "how-sure-new-lot",
        new_lot(back='10 ** table["log_doses"] - 10 ** said'),
        0,
        "Leave both in log10",
    ),
    # A model of the learner's own in place of the one that came in.
    Answer(
        "how-sure-new-lot",
        new_lot(model="make_pipeline(prepare(), Ridge())"),
        0,
        "was never asked",
    ),
    # The lot is held apart, and its name dropped on the way.
    Answer(
        "how-sure-new-lot",
        new_lot(columns='table.drop(columns=["log_doses", "seed_lot"])'),
        3,
        "leave the column in",
    ),
    # Bare numbers, which no model with named columns takes.
    Answer(
        "how-sure-new-lot",
        new_lot(columns='table.drop(columns=["log_doses", "seed_lot"]).to_numpy()'),
        0,
        "not bare numbers",
    ),
    # Lot by lot, with each batch's name: any order will do.
    Answer("how-sure-new-lot", LOT_BY_LOT.format("pd.concat(parts)"), 5),
    Answer(
        "how-sure-new-lot",
        new_lot().replace("    X, lots", "    table = table.sort_values('seed_lot')\n    X, lots"),
        5,
    ),
    # The same without the names: nobody can tell which batch is meant.
    Answer(
        "how-sure-new-lot",
        LOT_BY_LOT.format("np.concatenate(parts)"),
        3,
        "in another order than the table's rows",
    ),
    Answer(
        "how-sure-new-lot",
        new_lot(back='(table["log_doses"] - said).to_numpy()').replace(
            "    X, lots", "    table = table.sort_values('seed_lot')\n    X, lots"
        ),
        3,
        "in another order than the table's rows",
    ),
    Answer(
        "how-sure-new-lot",
        new_lot("5", back='(table["log_doses"] - said).to_numpy()').replace(
            "    X, lots", "    table = table[::-1]\n    X, lots"
        ),
        0,
        "its seed lot was not",
    ),
    Answer(
        "how-sure-new-lot",
        "def new_lot_deviations(model, table):\n    return 0.2",
        0,
        "one value for each row",
    ),
]

ANSWERS = [
    *SCORES_ANSWERS,
    *SLOPES_ANSWERS,
    *MODEL_ANSWERS,
    *WIDTH_ANSWERS,
    *NEW_LOT_ANSWERS,
]
