"""Right and wrong answers to the exercises of day 3, notebook 4."""

from answers.answer import Answer

NOTEBOOK = "day3/4-harvest"


def verdict(
    hour="doses.sum(axis=1).idxmax()",
    gain="100 * more.sum() / fixed.sum()",
    sd="more.std()",
    pays='{"inactivated": False, "live": True}',
):
    """Return an answer to exercise 1."""
    return f"""
def verdict(doses):
    n = len(doses.columns)
    best = doses.sum(axis=1).idxmax()
    fixed, oracle = doses.loc[best], doses.max()
    more = oracle - fixed
    hour = {hour}
    gain = {gain}
    half = 100 * 1.96 * {sd} * np.sqrt(n) / fixed.sum()
    middle = 100 * more.sum() / fixed.sum()
    return hour, gain, middle - half, middle + half
pays = {pays}
"""


VERDICT = [
    Answer("harvest-verdict", verdict(), 4),
    Answer(
        "harvest-verdict",
        """
def verdict(doses):
    values = doses.to_numpy()
    row = values.mean(axis=1).argmax()
    more = values.max(axis=0) - values[row]
    dice = np.random.default_rng(0).integers(len(more), size=(4000, len(more)))
    drawn = 100 * more[dice].sum(axis=1) / values[row].sum()
    low, high = np.mean(drawn) + np.array([-1.96, 1.96]) * drawn.std()
    gain = 100 * more.mean() / values[row].mean()
    return {"hour": doses.index[row], "gain": gain, "low": low, "high": high}
pays = dict(live=np.True_, inactivated=np.False_)
""",
        4,
    ),
    Answer(
        "harvest-verdict",
        verdict(sd="np.sqrt(oracle.var() + fixed.var())"),
        2,
        "two unpaired means",
    ),
    Answer("harvest-verdict", verdict(sd="more.std() * np.sqrt(n)"), 2, "spread of single batches"),
    Answer("harvest-verdict", verdict(sd="more.std() / 1.96"), 2, "one standard error"),
    Answer("harvest-verdict", verdict(gain="more.sum() / fixed.sum()"), 2, "a share, not per cent"),
    Answer("harvest-verdict", verdict(gain="more.sum()"), 2, "doses, not per cent"),
    Answer(
        "harvest-verdict",
        verdict(gain="100 * more.sum() / oracle.sum()"),
        2,
        "per cent of the oracle's doses",
    ),
    Answer(
        "harvest-verdict",
        verdict().replace("return hour, gain, ", "return hour, round(gain, 1), "),
        4,
    ),
    Answer(
        "harvest-verdict",
        verdict(pays='pd.Series({"inactivated": False, "live": True})'),
        4,
    ),
    Answer("harvest-verdict", verdict(sd="-more.std()"), 2, "in the wrong order"),
    Answer(
        "harvest-verdict",
        verdict(pays='{"inactivated": "no", "live": "yes"}'),
        3,
        "with True or False",
    ),
    Answer("harvest-verdict", verdict(hour="doses.idxmax().median()"), 3, "own best hours"),
    Answer(
        "harvest-verdict", verdict(hour="doses.sum(axis=1).to_numpy().argmax()"), 3, "place of the"
    ),
    Answer(
        "harvest-verdict",
        verdict(pays='{"inactivated": True, "live": True}'),
        3,
        "The inactivated vaccine",
    ),
    Answer("harvest-verdict", verdict(pays="True"), 3, "should be a dict"),
    Answer(
        "harvest-verdict",
        "def verdict(doses):\n    return 54, 10.0, 5.0, 15.0\n"
        'pays = {"inactivated": False, "live": True}\n',
        0,
        "First the numbers",
    ),
    Answer("harvest-verdict", "def verdict(doses):\n    return 54\n", 0, "should give the hour"),
]


def features(*lines, start="record.loc[1:6].mean()"):
    """Return an answer to exercise 2."""
    body = "\n    ".join(lines)
    return f"""
def features(record):
    share = record / {start}
    smooth = share.rolling(3, min_periods=1).mean()
    table = smooth.assign(hour=record.index)
    {body}
    return table
"""


SLOPE = "table = table.join(smooth.diff(4), rsuffix=' slope')"
FEATURES = [
    Answer("harvest-features", features(SLOPE), 5),
    Answer(
        "harvest-features",
        """
def features(record):
    out = {"hour": record.index}
    for name in record:
        values = record[name].to_numpy()
        start = np.nanmean(values[7:13])
        out[name] = pd.Series(values / start).ewm(span=4).mean().to_numpy()
        out[name + " top"] = pd.Series(out[name]).expanding().max().to_numpy()
        out[name + " before"] = pd.Series(out[name]).shift(6).to_numpy()
    return pd.DataFrame(out)
""",
        5,
    ),
    Answer("harvest-features", features(SLOPE, "return table.to_numpy()"), 5),
    Answer("harvest-features", features(SLOPE, "return dict(table)"), 5),
    Answer(
        "harvest-features",
        features(
            SLOPE,
            start="record.ffill().loc[1:6].mean()",
        ).replace("def features(record):", "def features(record):\n    record = record.ffill()"),
        5,
    ),
    Answer("harvest-features", features(SLOPE, "return table[::-1]"), 5),
    *(
        Answer(
            "harvest-features",
            features(SLOPE).replace(
                "def features(record):", f"def features(record):\n    record = record.{filled}"
            ),
            0,
            "shows nothing, NaN, for some hours",
        )
        for filled in (
            "bfill()",
            "interpolate(limit_direction='both')",
            "fillna(record.mean())",
        )
    ),
    Answer(
        "harvest-features",
        features("assert not record.isna().any().any()"),
        0,
        "a part of it NaN",
    ),
    *(
        Answer(
            "harvest-features",
            features(
                "middle = share.rolling(5, min_periods=1, center=True).mean()",
                f"table['late'] = middle.iloc[:, 0].where(record.index > {hour})",
            ),
            0,
            "The feature 'late'",
        )
        for hour in (29, 56, 66)
    ),
    Answer(
        "harvest-features",
        "longest = {}\n"
        + features(
            "key = float(record.iloc[0, 0])",
            "if len(longest.get(key, ())) < len(record):",
            "    longest[key] = share",
            "middle = longest[key].rolling(7, min_periods=1, center=True).mean()",
            "table = table.join(middle.loc[record.index], rsuffix=' middle')",
        ),
        0,
        "keeps from call to call",
    ),
    Answer(
        "harvest-features",
        features("table['luck'] = np.random.rand(len(record))"),
        0,
        "Is there chance in it",
    ),
    Answer("harvest-features", features("return table.to_numpy()[::-1]"), 0, "depends on what"),
    Answer(
        "harvest-features", features("table = smooth.iloc[:, 0]"), 0, "that alone tells too little"
    ),
    Answer(
        "harvest-features",
        features("table = table / table.max()"),
        0,
        "depends on what comes later",
    ),
    Answer(
        "harvest-features",
        features("table['top'] = record.index - share.iloc[:, 0].idxmax()"),
        0,
        "The feature 'top'",
    ),
    Answer(
        "harvest-features",
        features("table = share.rolling(9, center=True, min_periods=1).mean()"),
        0,
        "centred window",
    ),
    Answer("harvest-features", features("table = record"), 0, "a gain of its own"),
    Answer(
        "harvest-features",
        features("table = record.assign(hour=record.index)"),
        0,
        "gain of its own",
    ),
    Answer("harvest-features", features("table = table[['hour']]"), 0, "They tell too little"),
    Answer("harvest-features", features("table = 0 * share"), 0, "the same at every hour"),
    Answer(
        "harvest-features",
        features(
            "dice = np.random.default_rng(len(record))",
            "table = table * 0",
            "table['luck'] = [hash((h, 7)) % 97 for h in record.index]",
        ),
        0,
        "They tell too little",
    ),
    Answer("harvest-features", features("table = share.mean()"), 0, "one row for each row"),
    Answer("harvest-features", "def features(record):\n    return harvest.hourly\n", 0, "brackets"),
]


def ekf(
    move="x = move(x)",
    predict="F @ P @ F.T + Q",
    slope="jacfwd(look)(x)",
    off="reading - look(x)",
    update="left @ P @ left.T + K @ R @ K.T",
    missing="torch.isnan(reading).any()",
    nees="np.einsum('ni,nij,nj->n', errors, np.linalg.inv(covariances), errors)",
):
    """Return an answer to exercise 3."""
    return f"""
import torch
from torch.func import jacfwd
def ekf_step(x, P, move, look, Q, reading, R):
    before = x
    F = jacfwd(move)(x)
    {move}
    P = {predict}
    if {missing}:
        return x, P
    H = {slope}
    S = H @ P @ H.T + R
    K = torch.linalg.solve(S, H @ P).T
    x = x + K @ ({off})
    left = torch.eye(len(x), dtype=x.dtype) - K @ H
    P = {update}
    P = (P + P.T) / 2
    return x, P
def nees(errors, covariances):
    return {nees}
"""


EKF = [
    Answer("harvest-ekf", ekf(), 5),
    Answer(
        "harvest-ekf",
        """
import torch
def slope_of(function, x):
    return torch.autograd.functional.jacobian(function, x)
def ekf_step(x, P, move, look, Q, reading, R):
    kind = x.dtype
    x, P, Q, reading, R = (part.double() for part in (x, P, Q, reading, R))
    F = slope_of(move, x)
    x, P = move(x), F.matmul(P).matmul(F.T) + Q
    if not bool(torch.isnan(reading).any()):
        H = slope_of(look, x)
        # Information form: precisions add up.
        precise = torch.linalg.inv(P) + H.T @ torch.linalg.inv(R) @ H
        P = torch.linalg.inv(precise)
        x = x + P @ H.T @ torch.linalg.inv(R) @ (reading - look(x))
    return [x.to(kind), ((P + P.T) / 2).to(kind)]
def nees(errors, covariances):
    return [e @ np.linalg.inv(P) @ e for e, P in zip(errors, covariances)]
""",
        5,
    ),
    Answer(
        "harvest-ekf",
        ekf(
            missing="torch.isnan(reading).all()",
            slope="jacfwd(look)(x)[there]",
            off="(reading - look(x))[there]",
        )
        .replace("    before = x\n", "    before, there = x, ~torch.isnan(reading)\n")
        .replace("    H = ", "    R = R[there][:, there]\n    H = "),
        5,
    ),
    Answer("harvest-ekf", ekf(missing="torch.isnan(reading).all()"), 4, "one of two readings NaN"),
    Answer(
        "harvest-ekf",
        ekf(missing="False", off="torch.nan_to_num(reading - look(x))"),
        4,
        "the covariance is not the prediction's",
    ),
    Answer("harvest-ekf", ekf(update="left @ P"), 4, "Joseph"),
    Answer("harvest-ekf", ekf(predict="F @ P @ F.T"), 1, "noise Q is missing"),
    Answer("harvest-ekf", ekf(move="x = F @ x"), 1, "moved by its slope"),
    Answer("harvest-ekf", ekf(slope="jacfwd(look)(before)"), 1, "at the state before the step"),
    Answer("harvest-ekf", ekf(predict="F @ P + Q"), 1, "on one side only"),
    Answer("harvest-ekf", ekf(off="look(x) - reading"), 2, "wrong sign"),
    Answer("harvest-ekf", ekf(missing="True"), 1, "the reading has no part in it"),
    Answer("harvest-ekf", ekf(missing="False"), 4, "gives NaN"),
    Answer(
        "harvest-ekf",
        ekf(nees="(errors**2 / np.diagonal(covariances, axis1=1, axis2=2)).sum(axis=1)"),
        4,
        "Only the variances",
    ),
    Answer(
        "harvest-ekf",
        ekf(nees="np.einsum('ni,nij,nj->n', errors, covariances, errors)"),
        4,
        "It is its inverse",
    ),
    Answer(
        "harvest-ekf",
        "import torch\ndef ekf_step(x, P, *rest):\n    return x, P\n"
        "def nees(errors, covariances):\n    return (errors**2).sum(axis=1)\n",
        0,
        "First the step itself",
    ),
]


def particles(
    log="log_weights - 0.5 * ((reading - expected) / sd) ** 2",
    end="log - top - np.log(np.exp(log - top).sum())",
    missing="log_weights",
    chosen="np.searchsorted(np.cumsum(w), (start + np.arange(n)) / n).clip(0, n - 1)",
):
    """Return an answer to exercise 4."""
    return f"""
def reweigh(log_weights, expected, reading, sd):
    log = {log}
    if np.isnan(reading):
        log = {missing}
    top = np.max(log)
    return {end}
def resample(log_weights, start):
    w = np.exp(log_weights)
    n = len(w)
    return {chosen}
"""


PARTICLES = [
    Answer("harvest-particles", particles(), 5),
    Answer(
        "harvest-particles",
        """
from scipy.special import log_softmax
from scipy.stats import norm
def reweigh(log_weights, expected, reading, sd):
    gain = norm.logpdf(reading, expected, sd) if reading == reading else 0.0
    return list(log_softmax(log_weights + gain))
def resample(log_weights, start):
    n, chosen, k, end = len(log_weights), [], 0, np.exp(log_weights[0])
    for j in range(n):
        while (start + j) / n > end and k < n - 1:
            k += 1
            end += np.exp(log_weights[k])
        chosen.append(k)
    return chosen
""",
        5,
    ),
    Answer("harvest-particles", particles(end="log"), 2, "do not add up to 1"),
    Answer(
        "harvest-particles",
        particles(end="np.exp(log - top) / np.exp(log - top).sum()"),
        2,
        "asked are their logarithms",
    ),
    Answer(
        "harvest-particles",
        particles(log="-0.5 * ((reading - expected) / sd) ** 2"),
        2,
        "weights of before are lost",
    ),
    Answer(
        "harvest-particles",
        particles(log="log_weights - ((reading - expected) / sd) ** 2"),
        2,
        "The half is missing",
    ),
    Answer(
        "harvest-particles",
        particles(log="log_weights - 0.5 * (reading - expected) ** 2"),
        2,
        "in units of `sd`",
    ),
    Answer("harvest-particles", particles(end="log - np.log(np.exp(log).sum())"), 4, "60 SDs off"),
    Answer(
        "harvest-particles",
        particles(end="np.log(np.exp(log) / (np.exp(log).sum() + 1e-300) + 1e-300)"),
        4,
        "the largest off before",
    ),
    Answer("harvest-particles", particles(missing="log"), 4, "give the weights back as they were"),
    Answer(
        "harvest-particles",
        particles(chosen="np.searchsorted(np.cumsum(w), (start + np.arange(n)) / n)"),
        4,
        "let it pick the last particle",
    ),
    Answer(
        "harvest-particles",
        particles(
            chosen="np.bincount(np.searchsorted(np.cumsum(w), "
            "(start + np.arange(n)) / n).clip(0, n - 1), minlength=n)"
        ),
        3,
        "These are the counts",
    ),
    Answer(
        "harvest-particles",
        particles(
            chosen="np.searchsorted(np.cumsum(w), (start + 1 + np.arange(n)) / n).clip(0, n - 1)"
        ),
        3,
        "one tooth too far",
    ),
    Answer(
        "harvest-particles",
        particles(
            chosen="np.searchsorted(np.cumsum(w), np.linspace(start / n, 1, n)).clip(0, n - 1)"
        ),
        4,
        "The teeth go on to 1",
    ),
    Answer("harvest-particles", particles(chosen="np.arange(n)"), 3, "All of them go on"),
    Answer("harvest-particles", particles(chosen="np.full(n, w.argmax())"), 3, "Only one particle"),
    Answer(
        "harvest-particles",
        particles(chosen="np.random.choice(n, n, p=w / w.sum())"),
        3,
        "keeps luck small",
    ),
    Answer(
        "harvest-particles",
        particles(chosen="np.searchsorted(np.cumsum(w), (0.5 + np.arange(n)) / n).clip(0, n - 1)"),
        4,
        "use `start`",
    ),
]


def refilter(first="correct(beliefs[sampled_h], sample)", hours="range(sampled_h + 1, now + 1)"):
    """Return an answer to exercise 5."""
    return f"""
def refilter(beliefs, readings, sampled_h, sample, step, correct):
    now = len(beliefs) - 1
    belief = {first}
    for hour in {hours}:
        belief = step(belief, readings[hour])
    return belief
"""


LATE = [
    Answer("harvest-late", refilter(), 3),
    Answer(
        "harvest-late",
        """
from functools import reduce
def refilter(beliefs, readings, sampled_h, sample, step, correct):
    return list(reduce(step, readings[sampled_h + 1:], correct(beliefs[sampled_h], sample)))
""",
        3,
    ),
    Answer(
        "harvest-late",
        """
from copy import deepcopy
def refilter(beliefs, readings, sampled_h, sample, step, correct):
    mine, read = deepcopy(beliefs), readings[:]
    mine[sampled_h] = correct(mine[sampled_h], sample)
    read.append(0)
    for hour in range(sampled_h + 1, len(mine)):
        mine[hour] = step(mine[hour - 1], read[hour])
    return mine[-1]
""",
        3,
    ),
    Answer(
        "harvest-late",
        """
def refilter(beliefs, readings, sampled_h, sample, step, correct):
    beliefs[sampled_h] = correct(beliefs[sampled_h], sample)
    for hour in range(sampled_h + 1, len(beliefs)):
        beliefs[hour] = step(beliefs[hour - 1], readings[hour])
    return beliefs[-1]
""",
        2,
        "written into a list",
    ),
    Answer(
        "harvest-late",
        """
def refilter(beliefs, readings, sampled_h, sample, step, correct):
    belief = correct(beliefs[sampled_h], sample)
    while len(readings) > len(beliefs) - (len(beliefs) - sampled_h - 1):
        belief = step(belief, readings.pop(sampled_h + 1))
    return belief
""",
        2,
        "written into a list",
    ),
    Answer("harvest-late", refilter("correct(beliefs[-1], sample)", "()"), 0, "belief of now"),
    Answer("harvest-late", refilter(hours="()"), 0, "has to come again"),
    Answer("harvest-late", refilter("beliefs[-1]", "()"), 0, "has no part in it"),
    Answer("harvest-late", refilter(hours="range(sampled_h, now + 1)"), 0, "used twice"),
    Answer(
        "harvest-late", refilter(hours="range(sampled_h + 1, now)"), 0, "last reading is missing"
    ),
    Answer("harvest-late", refilter(hours="range(sampled_h + 2, now + 1)"), 0, "an hour too late"),
    Answer("harvest-late", refilter("correct(beliefs, sample)"), 0, "ValueError"),
]


def rule(line, before=""):
    """Return an answer to exercise 6."""
    return f"""
def harvest_rule(known, seen):
    hour = seen["hours_after_infection"].iloc[-1]
    record = harvest.hourly(seen)
    share = (record / record.loc[1:6].mean()).iloc[-2:].mean()
    volume, oxygen = share.to_numpy()
    {before}
    return {line}
"""


FILTER = """
def harvest_rule(known, seen):
    doses = harvest.foretold(known, seen).doses
    return bool(doses.iloc[0] >= 0.99 * doses.max())
"""

RULE = [
    Answer("harvest-rule", FILTER, 5),
    Answer(
        "harvest-rule",
        rule("bool(volume < 0.83) if volume == volume else bool(oxygen < 0.6 and hour > 40)"),
        5,
    ),
    Answer("harvest-rule", rule("bool(volume < 0.83)"), 4, "A comparison with NaN is False"),
    Answer(
        "harvest-rule",
        rule("bool(np.isnan(volume) or volume < 0.83)"),
        4,
        "so that is too early",
    ),
    Answer("harvest-rule", rule("True if volume < 0.83 else None"), 0, "Each way through it"),
    Answer("harvest-rule", rule("bool(hour >= 53.7)"), 0, "all batches at one hour"),
    Answer("harvest-rule", rule("True"), 0, "the first hour that it is asked"),
    Answer("harvest-rule", rule("False"), 0, "It never says True"),
    Answer("harvest-rule", rule("bool(volume < 0.5)"), 0, "too late"),
    Answer("harvest-rule", rule("bool(oxygen < 0.9)"), 0, "too early"),
    Answer("harvest-rule", rule("volume"), 0, "should give True"),
    Answer("harvest-rule", rule("None"), 0, "gives nothing back"),
    Answer("harvest-rule", "harvest_rule = harvest.foretold\n", 0, "should give True"),
    Answer(
        "harvest-rule",
        rule("bool(np.random.default_rng(int(1e6 * share.iloc[0])).random() < 0.06)"),
        0,
        "oracle adds",
    ),
]

ANSWERS = [*VERDICT, *FEATURES, *EKF, *PARTICLES, *LATE, *RULE]
