"""Right and wrong answers to the exercises of day 3, notebook 2."""

from answers.answer import Answer

NOTEBOOK = "day3/2-lot-or-probe"

MODEL = "import statsmodels.formula.api as smf\n"
KINDS = '("serum_lot", "carrier_lot", "seed_lot")'


def lots(kinds=KINDS, unseen="0.0", table='batches.dropna(subset=["log_doses"])'):
    """Return an answer to exercise 1, by variance components."""
    return f"""{MODEL}
def lot_effects(batches, asked):
    table = {table}.assign(line=1)
    parts = {{kind: f"0 + C({{kind}})" for kind in {kinds}}}
    fit = smf.mixedlm("log_doses ~ 1", table, groups="line", vc_formula=parts).fit()
    found = fit.random_effects[1]
    names = [f"serum_lot[C(serum_lot)[{{lot}}]]" for lot in asked]
    return pd.Series([found.get(name, {unseen}) for name in names], index=asked)
"""


def change(jump=1, values="values", place="there[k]", least=3):
    """Return an answer to exercise 2, by ruptures."""
    return f"""
import numpy as np
import ruptures
def change_at(values):
    values = np.asarray(values, float)
    there = np.flatnonzero(~np.isnan(values))
    fit = ruptures.Binseg(model="l2", min_size={least}, jump={jump}).fit({values}[there])
    k = fit.predict(n_bkps=1)[0]
    return int({place})
"""


def effect(effect="after.mean() - before.mean()", error=None, apart='rounds["R1"] - rounds["R2"]'):
    """Return an answer to exercise 3."""
    error = error or "np.sqrt(after.var() / len(after) + before.var() / len(before))"
    return f"""
def probe_effect(rounds):
    apart = ({apart}).dropna()
    new = rounds.loc[apart.index, "new"]
    after, before = apart[new], apart[~new]
    return {effect}, {error}
"""


def rebound(three="values[k - 3:k].mean()", ten="values[k:k + 10].mean()", end="len(values) - 9",
            low="three < low", rise="ten - three", none="np.nan", first=3):  # fmt: skip
    """Return an answer to exercise 4."""
    return f"""
def rebound(values, low):
    values = np.asarray(values, float)
    rises = []
    for k in range({first}, {end}):
        three = {three}
        if {low}:
            ten = {ten}
            rises.append({rise})
    return float(np.mean(rises)) if rises else {none}
"""


def capture(y="np.log(t['capture_recovery_percent'])", more=", t['lysed_percent'] ** 2",
            first="t['lysed_percent']", table="batches.dropna()"):  # fmt: skip
    """Return an answer to exercise 5, by least squares."""
    return f"""
def capture_change(batches):
    t = {table}
    x = np.column_stack([np.ones(len(t)), t["after"], {first}{more}]).astype(float)
    return np.linalg.lstsq(x, {y}, rcond=None)[0][1]
"""


LOTS = [
    Answer("lot-or-probe-lots", lots(), 5),
    # The parts are those of a mixed model by hand: each material takes what the others leave.
    Answer(
        "lot-or-probe-lots",
        f"""
def lot_effects(batches, asked):
    table = batches[batches["log_doses"].notna()]
    kinds = {KINDS}
    y = table["log_doses"] - table["log_doses"].mean()
    effects = {{kind: pd.Series(0.0, index=table[kind].unique()) for kind in kinds}}
    for _ in range(50):
        for kind in kinds:
            others = [table[k].map(effects[k]) for k in kinds if k != kind]
            groups = (y - sum(others)).groupby(table[kind])
            effects[kind] = groups.sum() / (groups.count() + 1.5)
    return effects["serum_lot"].reindex(asked).fillna(0.0)
""",
        5,
    ),
    # The mixed model's equations with variances that somebody guessed, as a dictionary.
    Answer(
        "lot-or-probe-lots",
        f"""
def lot_effects(batches, asked):
    table = batches.dropna()
    z = pd.get_dummies(table[list({KINDS})]).astype(float)
    ratio = 1.5 * np.eye(z.shape[1])
    y = table["log_doses"] - table["log_doses"].mean()
    found = pd.Series(np.linalg.solve(z.T @ z + ratio, z.T @ y), index=z.columns)
    return {{lot: float(found.get("serum_lot_" + lot, 0.0)) for lot in asked}}
""",
        5,
    ),
    # Carriers and seed as fixed effects, serum at random beside them.
    Answer(
        "lot-or-probe-lots",
        f"""{MODEL}
def lot_effects(batches, asked):
    formula = "log_doses ~ C(carrier_lot) + C(seed_lot)"
    fit = smf.mixedlm(formula, batches.dropna(), groups="serum_lot").fit()
    found = {{lot: part.iloc[0] for lot, part in fit.random_effects.items()}}
    return [found.get(lot, 0.0) for lot in asked]
""",
        5,
    ),
    Answer("lot-or-probe-lots", lots('("serum_lot",)'), 3, "Serum alone"),
    Answer(
        "lot-or-probe-lots",
        f"""{MODEL}
def lot_effects(batches, asked):
    part = {{"serum_lot": "0 + C(serum_lot)"}}
    table = batches.dropna()
    fit = smf.mixedlm("log_doses ~ 1", table, groups="carrier_lot", vc_formula=part).fit()
    found = pd.concat([e[e.index.str.startswith("serum")] for e in fit.random_effects.values()])
    found = found.groupby(level=0).mean()
    return pd.Series({{k: found.get(f"serum_lot[C(serum_lot)[{{k}}]]", 0.0) for k in asked}})
""",
        2,
        "Lots of serum within lots of carriers",
    ),
    # Shrunk by hand, serum alone.
    Answer(
        "lot-or-probe-lots",
        """
def lot_effects(batches, asked):
    lots = batches.groupby("serum_lot")["log_doses"].agg(["mean", "count"])
    drawn = lots["count"] / (lots["count"] + 2) * (lots["mean"] - batches["log_doses"].mean())
    return drawn.reindex(asked).fillna(0.0)
""",
        3,
        "Serum alone",
    ),
    # Lost assays filled up: an effect drawn to the middle by rows that say nothing.
    Answer(
        "lot-or-probe-lots",
        lots(table='batches.fillna({"log_doses": batches["log_doses"].mean()})'),
        4,
        "Leave such rows out",
    ),
    *(
        Answer(
            "lot-or-probe-lots",
            f"""
def lot_effects(batches, asked):
    means = batches.groupby("serum_lot")["log_doses"].mean()
    return {made}.reindex(asked).fillna(0.0)
""",
            0,
            "raw means of the lots",
        )
        for made in ("(0.8 * (means - means.mean()))", "(0.5 * (means - means.mean()))", "means")
    ),
    Answer(
        "lot-or-probe-lots",
        lots().replace("fit.random_effects[1]", "fit.random_effects[1] + fit.params.iloc[0]"),
        3,
        "these are levels",
    ),
    Answer(
        "lot-or-probe-lots",
        lots().replace("[found.get(name, 0.0) for name in names]", "[found[n] for n in names]"),
        4,
        "give 0 for it",
    ),
    Answer(
        "lot-or-probe-lots",
        f"""{MODEL}
def lot_effects(batches, asked):
    fit = smf.mixedlm("log_doses ~ 1", batches.dropna(), groups="serum_lot").fit()
    found = {{lot: part.iloc[0] for lot, part in fit.random_effects.items()}}
    return pd.Series(found).reindex(asked).fillna(0.0)
""",
        3,
        "Give each of the three materials a part",
    ),
    Answer(
        "lot-or-probe-lots",
        """
def lot_effects(batches, asked):
    means = batches.groupby("serum_lot")["log_doses"].mean() - batches["log_doses"].mean()
    return means.reindex(asked).fillna(0.0)
""",
        0,
        "raw means of the lots",
    ),
    Answer("lot-or-probe-lots", lots(unseen="np.nan"), 4, "so its effect is 0"),
    Answer("lot-or-probe-lots", lots(unseen="found.iloc[0]"), 4, "its effect is 0"),
    Answer(
        "lot-or-probe-lots",
        "def lot_effects(batches, asked):\n    return pd.Series(0.0, index=asked)\n",
        0,
        "All lots have the same effect",
    ),
    Answer(
        "lot-or-probe-lots",
        "def lot_effects(batches, asked):\n"
        "    return pd.Series(np.random.default_rng(1).normal(0, 0.2, len(asked)), index=asked)\n",
        0,
        "too far from what the lots truly do",
    ),
    Answer(
        "lot-or-probe-lots",
        """
def lot_effects(batches, asked):
    seed = batches.groupby("seed_lot")["log_doses"].mean()
    return batches.groupby("serum_lot")["seed_lot"].first().map(seed).reindex(asked).fillna(0)
""",
        0,
        "too far from what the lots truly do",
    ),
    Answer(
        "lot-or-probe-lots",
        "def lot_effects(batches, asked):\n    return batches['log_doses'].mean()\n",
        0,
        "one effect for each lot",
    ),
]

CHANGE = [
    Answer("lot-or-probe-change", change(), 4),
    # A loop over all cuts.
    Answer(
        "lot-or-probe-change",
        """
def change_at(values):
    series = pd.Series(values)
    there = series.dropna()
    best, place = np.inf, None
    for k in range(3, len(there) - 2):
        left, right = there.iloc[:k], there.iloc[k:]
        miss = ((left - left.mean()) ** 2).sum() + ((right - right.mean()) ** 2).sum()
        if miss < best:
            best, place = miss, there.index[k]
    return place
""",
        4,
    ),
    # The largest t between the two sides, by cumulative sums.
    Answer(
        "lot-or-probe-change",
        """
def change_at(values):
    there = np.flatnonzero(np.isfinite(values))
    x = np.asarray(values)[there]
    n, k = len(x), np.arange(3, len(x) - 2)
    left = np.cumsum(x)[k - 1] / k
    right = (x.sum() - np.cumsum(x)[k - 1]) / (n - k)
    return there[k[np.argmax(np.abs(left - right) * np.sqrt(k * (n - k) / n))]]
""",
        4,
    ),
    Answer(
        "lot-or-probe-change",
        change().replace('"l2"', '"l1"').replace("Binseg", "Dynp"),
        4,
    ),
    Answer("lot-or-probe-change", change(jump=5), 0, "told `jump=1`"),
    Answer("lot-or-probe-change", change(place="there[k] - 1"), 0, "the first new one"),
    Answer("lot-or-probe-change", change(place="there[k] + 1"), 0, "counted from 0"),
    Answer(
        "lot-or-probe-change",
        change()
        .replace("there = np.flatnonzero(~np.isnan(values))", "there = range(len(values))")
        .replace("(values[there])", "(np.nan_to_num(values))"),
        3,
        "With NaN in the series",
    ),
    # Both sides weigh as much, however many batches they have.
    *(
        Answer(
            "lot-or-probe-change",
            f"""
def change_at(values):
    there = np.flatnonzero(~np.isnan(values))
    x = np.asarray(values)[there]
    return there[min(range(3, len(x) - 2), key=lambda k: x[:k].{spread}() + x[k:].{spread}())]
""",
            0,
            "Not the first batch on the new level",
        )
        for spread in ("var", "std")
    ),
    Answer(
        "lot-or-probe-change",
        "def change_at(values):\n    return 25\n",
        0,
        "The same place in each series",
    ),
    Answer(
        "lot-or-probe-change",
        change().replace("    return int(there[k])", "    return fit.predict(n_bkps=1)"),
        0,
        "Give the first one",
    ),
    Answer("lot-or-probe-change", change(place="k"), 3, "Counted without the gaps"),
    Answer(
        "lot-or-probe-change",
        change(place="fit.predict(n_bkps=1)[-1]"),
        0,
        "length of the series",
    ),
    Answer(
        "lot-or-probe-change",
        "def change_at(values):\n    return int(np.nanargmax(np.abs(np.diff(values)))) + 1\n",
        0,
        "one odd batch makes it",
    ),
    Answer(
        "lot-or-probe-change",
        "def change_at(values):\n    return len(values) // 2\n",
        0,
        "Not the first batch on the new level",
    ),
    Answer(
        "lot-or-probe-change",
        "def change_at(values):\n    return np.nanmean(values)\n",
        0,
        "whole number",
    ),
]

DIFFERENCE = [
    Answer("lot-or-probe-difference", effect(), 5),
    # By regression: one spread for both sides.
    Answer(
        "lot-or-probe-difference",
        f"""{MODEL}
def probe_effect(rounds):
    fit = smf.ols("apart ~ new", rounds.assign(apart=rounds["R1"] - rounds["R2"])).fit()
    return fit.params["new[T.True]"], fit.bse["new[T.True]"]
""",
        5,
    ),
    Answer(
        "lot-or-probe-difference",
        """
def probe_effect(rounds):
    both = rounds.dropna(subset=["R1", "R2"])
    means = both.groupby("new")[["R1", "R2"]].mean()
    moved = means.loc[True] - means.loc[False]
    apart = (both["R1"] - both["R2"]).groupby(both["new"])
    return {"effect": moved["R1"] - moved["R2"], "error": sum(apart.sem() ** 2) ** 0.5}
""",
        5,
    ),
    # By rows: the place of the change is in `new`, not in the middle of the table.
    Answer(
        "lot-or-probe-difference",
        effect().replace(
            "after, before = apart[new], apart[~new]",
            "k = len(rounds) // 2\n    after, before = apart[k:], apart[:k]",
        ),
        2,
        "The first half of the table",
    ),
    Answer(
        "lot-or-probe-difference",
        effect().replace("apart[new], apart[~new]", "apart[apart.index >= 24], apart[:24]"),
        0,
        "The first 24 rounds",
    ),
    # The lost rounds are left out of the means, and counted all the same.
    Answer(
        "lot-or-probe-difference",
        """
def probe_effect(rounds):
    sides = (rounds["R1"] - rounds["R2"]).groupby(rounds["new"]).agg(["mean", "var", "size"])
    return sides["mean"][True] - sides["mean"][False], (sides["var"] / sides["size"]).sum() ** 0.5
""",
        4,
        "n counts only the rounds that were kept",
    ),
    Answer(
        "lot-or-probe-difference",
        effect(apart='rounds["R1"]'),
        0,
        "R1 before and after",
    ),
    Answer("lot-or-probe-difference", effect(apart='rounds["R2"]'), 0, "which has no new probe"),
    Answer("lot-or-probe-difference", effect("after.mean()"), 2, "after the change only"),
    Answer("lot-or-probe-difference", effect("before.mean() - after.mean()"), 2, "The sign"),
    Answer(
        "lot-or-probe-difference",
        effect(apart='rounds["R1"] + rounds["R2"]'),
        0,
        "Added up in place of taken off",
    ),
    Answer(
        "lot-or-probe-difference",
        effect(error="(after.var() / len(after) + before.var() / len(before))"),
        3,
        "the root is missing",
    ),
    Answer(
        "lot-or-probe-difference",
        effect(error="np.sqrt(after.var() + before.var())"),
        3,
        "varies by the root of n less",
    ),
    Answer(
        "lot-or-probe-difference",
        """
def probe_effect(rounds):
    groups = rounds.groupby("new")[["R1", "R2"]]
    means = groups.mean()
    error = np.sqrt((groups.var() / groups.count()).to_numpy().sum())
    moved = means.loc[True] - means.loc[False]
    return moved["R1"] - moved["R2"], error
""",
        2,
        "as if R1 and R2 had nothing in common",
    ),
    Answer(
        "lot-or-probe-difference",
        """
def probe_effect(rounds):
    means = rounds.groupby("new")[["R1", "R2"]].mean().diff().iloc[-1]
    apart = (rounds["R1"] - rounds["R2"]).groupby(rounds["new"])
    return means["R1"] - means["R2"], np.sqrt((apart.sem() ** 2).sum())
""",
        4,
        "Each reactor's own mean was taken",
    ),
    Answer(
        "lot-or-probe-difference",
        "def probe_effect(rounds):\n    return (rounds['R1'] - rounds['R2']).mean()\n",
        0,
        "two numbers",
    ),
    Answer(
        "lot-or-probe-difference",
        "def probe_effect(rounds):\n    return -0.3, 0.1\n",
        0,
        "Not what R1 changed by",
    ),
]

REBOUND = [
    Answer("lot-or-probe-rebound", rebound(), 4),
    # By rolling means.
    Answer(
        "lot-or-probe-rebound",
        """
def rebound(values, low):
    values = pd.Series(values).reset_index(drop=True)
    three = values.rolling(3).mean()
    ten = values.rolling(10).mean().shift(-10)
    return (ten - three)[three < low].mean()
""",
        4,
    ),
    Answer(
        "lot-or-probe-rebound",
        """
def rebound(values, low):
    x = list(values)
    starts = [i for i in range(len(x) - 12) if sum(x[i:i + 3]) / 3 < low]
    if not starts:
        return float("nan")
    return sum(sum(x[i + 3:i + 13]) / 10 - sum(x[i:i + 3]) / 3 for i in starts) / len(starts)
""",
        4,
    ),
    Answer("lot-or-probe-rebound", rebound(ten="values[k:k + 3].mean()"), 0, "the next three"),
    Answer("lot-or-probe-rebound", rebound(ten="values.mean()"), 0, "the mean of all"),
    Answer(
        "lot-or-probe-rebound",
        rebound(low="(values[k - 3:k] < low).all()"),
        0,
        "their mean is what counts",
    ),
    Answer("lot-or-probe-rebound", rebound(end="len(values)"), 0, "At the end of the series"),
    Answer(
        "lot-or-probe-rebound",
        rebound(ten="values[k - 1:k + 9].mean()"),
        0,
        "The third low batch is among",
    ),
    Answer("lot-or-probe-rebound", rebound(first=4), 0, "The loop begins too late"),
    Answer("lot-or-probe-rebound", rebound(end="len(values) - 10"), 0, "The loop ends too early"),
    Answer("lot-or-probe-rebound", rebound(end="len(values) - 12"), 0, "The loop ends too early"),
    Answer("lot-or-probe-rebound", rebound(first=4, end="len(values) - 10"), 0, "begins too late"),
    Answer("lot-or-probe-rebound", rebound(end="len(values) - 8"), 0, "fewer than ten batches"),
    Answer("lot-or-probe-rebound", rebound(none="None"), 3, "give `np.nan`"),
    Answer("lot-or-probe-rebound", rebound(rise="ten"), 0, "Take the mean of the three off"),
    Answer("lot-or-probe-rebound", rebound(rise="three - ten"), 0, "later less earlier"),
    Answer("lot-or-probe-rebound", rebound(none="0.0"), 3, "give `np.nan`"),
    Answer(
        "lot-or-probe-rebound",
        "def rebound(values, low):\n    return values.mean() - low\n",
        0,
        "Not the mean rise",
    ),
]

CAPTURE = [
    Answer("lot-or-probe-capture", capture(), 4),
    Answer(
        "lot-or-probe-capture",
        f"""{MODEL}
def capture_change(batches):
    batches = batches.assign(after=batches["after"].astype(int))
    formula = "np.log(capture_recovery_percent) ~ lysed_percent + I(lysed_percent ** 2) + after"
    return smf.ols(formula, batches).fit().params["after"]
""",
        4,
    ),
    # Both sides made free of the lysed cells first.
    Answer(
        "lot-or-probe-capture",
        """
from sklearn.linear_model import LinearRegression
def capture_change(batches):
    t = batches[batches[["lysed_percent", "capture_recovery_percent"]].notna().all(axis=1)]
    x = np.column_stack([t["lysed_percent"], t["lysed_percent"] ** 2])
    free = lambda v: v - LinearRegression().fit(x, v).predict(x)
    a, y = free(t["after"].astype(float)), free(np.log(t["capture_recovery_percent"]))
    return (a * y).sum() / (a * a).sum()
""",
        4,
    ),
    Answer(
        "lot-or-probe-capture",
        """
def capture_change(batches):
    y = np.log(batches["capture_recovery_percent"])
    return y[batches["after"]].mean() - y[~batches["after"]].mean()
""",
        0,
        "This is the whole change",
    ),
    Answer("lot-or-probe-capture", capture(more=""), 0, "A straight line"),
    Answer(
        "lot-or-probe-capture",
        capture().replace("return ", "return -"),
        0,
        "after less before",
    ),
    # Only the square.
    Answer("lot-or-probe-capture", capture(more="", first="t['lysed_percent'] ** 2"), 0, "Not the"),
    Answer(
        "lot-or-probe-capture",
        capture(y="t['capture_recovery_percent']"),
        0,
        "In points of per cent",
    ),
    Answer(
        "lot-or-probe-capture",
        capture(y="np.log10(t['capture_recovery_percent'])"),
        0,
        "In decades",
    ),
    Answer(
        "lot-or-probe-capture",
        capture(table="batches.fillna(batches.mean(numeric_only=True))"),
        3,
        "Leave out batches",
    ),
    Answer(
        "lot-or-probe-capture",
        "def capture_change(batches):\n    return -0.15\n",
        0,
        "Not the weight of `after`",
    ),
]

BLAME = """
def blame_fall(rounds):
    apart = rounds["R1"] - rounds["R2"]
    moved = apart[rounds["new"]].mean() - apart[~rounds["new"]].mean()
    return "probe" if moved < -0.2 else "lot"
"""
JUDGE = """
def judge_action(rounds):
    apart = (rounds["R1"] - rounds["R2"]).groupby(rounds["phase"]).mean()
    return "helped" if apart["after"] - apart["before"] > 0.2 else "luck"
"""
FIND = """
def find_step(batches):
    t = batches.dropna()
    y = np.log(t["capture_recovery_percent"])
    x = np.column_stack([np.ones(len(t)), t["after"], t["lysed_percent"], t["lysed_percent"] ** 2])
    left = np.linalg.lstsq(x.astype(float), y, rcond=None)[0][1]
    return "capture" if left < -0.1 else "culture"
"""
TESTED = """
from scipy.stats import ttest_ind
def t_of(a, b):
    return ttest_ind(a, b, equal_var=False).statistic
def blame_fall(rounds):
    d = (rounds["R1"] - rounds["R2"]).to_numpy()
    new = rounds["new"].to_numpy()
    return ["lot", "probe"][int(t_of(d[new], d[~new]) < -2)]
def judge_action(rounds):
    d = rounds["R1"] - rounds["R2"]
    rest = rounds["phase"].ne("bad")
    after = rounds["phase"].eq("after")
    return np.where(t_of(d[rest & after], d[rest & ~after]) > 2.5, "Helped", "Luck").item()
def find_step(batches):
    y = np.log(batches["capture_recovery_percent"])
    after = batches["after"]
    x = np.column_stack([after, np.ones(len(y)), batches["lysed_percent"]]).astype(float)
    left = np.linalg.lstsq(x, y, rcond=None)[0][0]
    return "capture" if left < 0.5 * (y[after].mean() - y[~after].mean()) else "culture"
"""
# What each of them does not read tells: reactors of two sizes, lots in both, cultures that die.
BLIND = {
    "blame_fall": (
        BLAME,
        'd = rounds["R1"] - rounds["R2"]; return "probe" if d[rounds["new"]].mean() < 0 else "lot"',
        't = t_of(rounds["R1"][rounds["new"]], rounds["R2"][rounds["new"]]); '
        'return "probe" if t < -2 else "lot"',
        't = t_of(rounds["R1"][rounds["new"]], rounds["R1"][~rounds["new"]]); '
        'return "probe" if t < -2 else "lot"',
    ),
    "judge_action": (
        JUDGE,
        'a = rounds["phase"] == "after"; '
        'return "helped" if t_of(rounds["R1"][a], rounds["R1"][~a]) > 2 else "luck"',
        'b = rounds["phase"] == "before"; '
        'return "helped" if t_of(rounds["R1"][b], rounds["R2"][b]) < -2 else "luck"',
        'a = rounds["phase"] == "after"; d = (rounds["R1"] - rounds["R2"])[a]; '
        'return "helped" if d.mean() > -0.1 else "luck"',
    ),
    "find_step": (
        FIND,
        'l = batches["lysed_percent"]; return "capture" if l[batches["after"]].mean() < 7.5 '
        'else "culture"',
        'l = batches.groupby("after")["lysed_percent"].median(); '
        'return "culture" if l[True] > 1.25 * l[False] else "capture"',
        'a, l = batches["after"], batches["lysed_percent"]; '
        'return "culture" if t_of(l[a], l[~a]) > 2 else "capture"',
        'r = batches["lysed_percent"].corr(batches["capture_recovery_percent"]); '
        'return "culture" if r < -0.4 else "capture"',
    ),
}
T_OF = """
from scipy.stats import ttest_ind
def t_of(a, b):
    return ttest_ind(a.dropna(), b.dropna()).statistic
"""


def blind(name, body):
    """Return a verdict in one line, as a function."""
    given = "batches" if name == "find_step" else "rounds"
    return f"\ndef {name}({given}):\n    {body}\n"


TEMPTING = {
    "blame_fall": (
        BLAME,
        """
def blame_fall(rounds):
    levels = rounds.groupby("new")["R1"].mean()
    return "probe" if levels[True] < levels[False] else "lot"
""",
        "`blame_fall`",
    ),
    "judge_action": (
        JUDGE,
        """
def judge_action(rounds):
    levels = rounds.assign(apart=rounds["R1"] - rounds["R2"]).groupby("phase")["apart"].mean()
    return "helped" if levels["after"] > levels["bad"] else "luck"
""",
        "It says 'helped' to each story",
    ),
    "find_step": (
        FIND,
        """
def find_step(batches):
    recovery = batches.groupby("after")["capture_recovery_percent"].mean()
    return "capture" if recovery[True] < recovery[False] else "culture"
""",
        "It says 'capture' to each story",
    ),
}
ALL = BLAME + JUDGE + FIND

VERDICTS = [
    Answer("lot-or-probe-verdicts", ALL, 6),
    Answer("lot-or-probe-verdicts", TESTED, 6),
    *(
        Answer("lot-or-probe-verdicts", ALL.replace(right, tempting), 4, says)
        for right, tempting, says in TEMPTING.values()
    ),
    Answer(
        "lot-or-probe-verdicts",
        "".join(tempting for _, tempting, _ in TEMPTING.values()),
        0,
        "It says 'helped' to each story",
    ),
    Answer(
        "lot-or-probe-verdicts",
        "def blame_fall(t): return 'lot'\ndef judge_action(t): return 'luck'\n"
        "def find_step(t): return 'culture'\n",
        0,
        "It says 'culture' to each story",
    ),
    Answer(
        "lot-or-probe-verdicts",
        ALL.replace('"lot"', '"the lot"'),
        4,
        "should give 'lot' or 'probe'",
    ),
    *(
        Answer(
            "lot-or-probe-verdicts",
            T_OF + ALL.replace(right, blind(name, body)),
            4,
            f"`{name}` (0/2)",
        )
        for name, (right, *bodies) in BLIND.items()
        for body in bodies
    ),
    Answer(
        "lot-or-probe-verdicts",
        T_OF + "".join(blind(name, bodies[0]) for name, (_, *bodies) in BLIND.items()),
        0,
        "may have given more all along",
    ),
    Answer(
        "lot-or-probe-verdicts",
        ALL.replace('"helped" if', '"luck" if').replace('else "luck"', 'else "helped"'),
        4,
        "swapped?",
    ),
    Answer("lot-or-probe-verdicts", BLAME, 2, "Replace the three dots of `judge_action`"),
    # R1 alone rises after its worst rounds, nearly always.
    Answer(
        "lot-or-probe-verdicts",
        ALL.replace('rounds["R1"] - rounds["R2"]).groupby', 'rounds["R1"]).groupby').replace(
            'apart["before"] > 0.2', 'apart["bad"] > 0'
        ),
        4,
        "`judge_action`",
    ),
]

ANSWERS = [*LOTS, *CHANGE, *DIFFERENCE, *REBOUND, *CAPTURE, *VERDICTS]
