"""Right and wrong answers to the exercises of day 2, notebook 2."""

from answers.answer import Answer

NOTEBOOK = "day2/2-spectra"

IMPORTS = """import numpy as np
import pandas as pd
from scipy.signal import savgol_filter
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
"""


def prepare(slope="savgol_filter(counts, 11, 2, deriv=1, axis=1)", axis=1, end="c / s"):
    """Return an answer to exercise 1."""
    return f"""{IMPORTS}
def prepare(counts):
    slope = {slope}
    c = slope - slope.mean(axis={axis}, keepdims=True)
    s = slope.std(axis={axis}, keepdims=True) + 1e-12
    return {end}
"""


PREPARE = [
    Answer("spectra-prepare", prepare(), 4),
    Answer(
        "spectra-prepare",
        """
from chemotools.derivative import SavitzkyGolay
from chemotools.scatter import StandardNormalVariate
from sklearn.pipeline import make_pipeline
def prepare(counts):
    steps = SavitzkyGolay(window_length=15, polyorder=2, deriv=1), StandardNormalVariate()
    return make_pipeline(*steps).fit_transform(counts)
""",
        4,
    ),
    # The second derivative, and the length of the vector in place of the SD.
    Answer(
        "spectra-prepare",
        IMPORTS
        + """
def prepare(counts):
    bend = savgol_filter(counts, 13, 3, deriv=2, axis=1)
    return bend / np.linalg.norm(bend, axis=1, keepdims=True)
""",
        4,
    ),
    Answer("spectra-prepare", prepare("counts"), 2, "background with a slope"),
    Answer("spectra-prepare", prepare(end="slope"), 1, "own SD"),
    Answer("spectra-prepare", prepare(end="counts"), 0, "own SD"),
    Answer("spectra-prepare", prepare(axis=0), 0, "one by one"),
    Answer("spectra-prepare", prepare(axis=0).replace(" + 1e-12", ""), 0, "one spectrum alone"),
    Answer("spectra-prepare", prepare(end="counts * 0"), 0, "can no longer be seen"),
    Answer("spectra-prepare", prepare(end="c.mean(axis=1)"), 0, "array of shape"),
]


def by_batch(folds="LeaveOneGroupOut()", end="np.sqrt(np.mean((said.ravel() - values) ** 2))"):
    """Return an answer to exercise 2."""
    return f"""{IMPORTS}
def error_by_batch(model, counts, values, batch):
    said = cross_val_predict(model, counts, values, groups=batch, cv={folds})
    return {end}
"""


BY_BATCH = [
    Answer("spectra-by-batch", by_batch(), 5),
    Answer("spectra-by-batch", by_batch("GroupKFold(min(5, len(np.unique(batch))))"), 5),
    Answer(
        "spectra-by-batch",
        IMPORTS
        + """
def error_by_batch(model, counts, values, batch):
    squares = []
    for b in set(batch):
        out = batch == b
        own = clone(model).fit(counts[~out], values[~out])
        squares.extend((own.predict(counts[out]) - values[out]) ** 2)
    return float(np.mean(squares) ** 0.5)
""",
        5,
    ),
    Answer(
        "spectra-by-batch",
        by_batch("KFold(5, shuffle=True, random_state=0)"),
        0,
        "both sides of the split",
    ),
    Answer("spectra-by-batch", by_batch(end="np.mean((said - values) ** 2)"), 0, "mean square"),
    Answer("spectra-by-batch", by_batch(end="np.mean(np.abs(said - values))"), 0, "mean of errors"),
    Answer("spectra-by-batch", by_batch("GroupKFold(5)"), 3, "n_splits"),
    Answer(
        "spectra-by-batch",
        IMPORTS
        + """
def error_by_batch(model, counts, values, batch):
    return np.sqrt(np.mean((model.fit(counts, values).predict(counts) - values) ** 2))
""",
        0,
        "both sides of the split",
    ),
]


def clock(same="(hours >= 0) == (hour >= 0)", near="away <= max(1.5, away.min())"):
    """Return an answer to exercise 3."""
    return f"""{IMPORTS}
def clock(hours, read, asked):
    said = np.empty(len(asked))
    for k, hour in enumerate(asked):
        same = {same}
        away = np.abs(hours[same] - hour)
        said[k] = read[same][{near}].mean()
    return said
"""


CLOCK = [
    Answer("spectra-clock", clock(), 4),
    Answer(
        "spectra-clock",
        IMPORTS
        + """
def clock(hours, read, asked):
    said = np.zeros(len(asked))
    for after in (False, True):
        k, a = (hours >= 0) == after, (asked >= 0) == after
        mean = pd.Series(read[k]).groupby((hours[k] / 2).round() * 2).mean()
        said[a] = np.interp(asked[a], mean.index, mean.values)
    return said
""",
        4,
    ),
    # Nearest readings, however far away they lie.
    Answer(
        "spectra-clock",
        IMPORTS
        + """
def clock(hours, read, asked):
    hours, read = np.asarray(hours), np.asarray(read)
    out = []
    for a in asked:
        side = hours < 0 if a < 0 else hours >= 0
        nearest = np.argsort(np.abs(hours[side] - a))[:30]
        out.append(read[side][nearest].mean())
    return out
""",
        4,
    ),
    Answer("spectra-clock", clock("hours > -1e9", "away < 1e9"), 0, "one number for all"),
    Answer(
        "spectra-clock",
        "import numpy as np\ndef clock(hours, read, asked):\n"
        "    return np.interp(asked, hours, read)\n",
        0,
        "in no order",
    ),
    Answer("spectra-clock", clock("hours > -1e9"), 2, "must not be averaged together"),
    Answer("spectra-clock", clock("hours > -1e9", "away < 40"), 0, "Too far from the mean course"),
    Answer(
        "spectra-clock",
        IMPORTS
        + """
def clock(hours, read, asked):
    order = np.argsort(hours)
    return np.interp(asked, hours[order], read[order])
""",
        0,
        "reading of one batch",
    ),
    Answer("spectra-clock", clock(near="away < -1"), 0, "NaN"),
    Answer("spectra-clock", clock(near="away == 0"), 0, "exactly this hour"),
]


def sensor(model="PLSRegression(8, scale=False)", x="history.counts", y="history.read"):
    """Return an answer to exercise 4."""
    first = "FunctionTransformer(prepare), "
    return f"""{prepare()}
from vaxlab.lessons.day2 import raman
history = raman.history()
sensor = make_pipeline({first}{model}).fit({x}, {y})
"""


SENSOR = [
    Answer("spectra-sensor", sensor(), 5),
    Answer("spectra-sensor", sensor("PLSRegression(4, scale=False)"), 5),
    Answer("spectra-sensor", sensor("PLSRegression(7)"), 5),
    Answer("spectra-sensor", sensor("RidgeCV(np.logspace(-2, 4, 13))"), 5),
    Answer(
        "spectra-sensor",
        """
from chemotools.derivative import SavitzkyGolay
from chemotools.scatter import StandardNormalVariate
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from vaxlab.lessons.day2 import raman
import numpy as np
known = raman.history()
sensor = make_pipeline(
    SavitzkyGolay(window_length=9, polyorder=2, deriv=1),
    StandardNormalVariate(),
    RidgeCV(np.logspace(-2, 4, 13)),
).fit(known.counts, known.read)
""",
        5,
    ),
    # As good on the day, and blind to a laser that ages.
    Answer(
        "spectra-sensor",
        sensor().replace("FunctionTransformer(prepare), ", "StandardScaler(), "),
        4,
        "two fifths less light",
    ),
    Answer(
        "spectra-sensor",
        sensor()
        + """
class Batchwise:
    def predict(self, counts):
        return sensor_.predict(counts - counts.mean(axis=0) + centre)
centre, sensor_, sensor = history.counts.mean(axis=0), sensor, Batchwise()
""",
        3,
        "among others",
    ),
    Answer("spectra-sensor", sensor(y="history.read[:, ::-1]"), 0, "wrong way round"),
    Answer(
        "spectra-sensor",
        sensor(y="history.read / np.array([0.18016, 0.09008])"),
        0,
        "These are mmol",
    ),
    Answer(
        "spectra-sensor",
        sensor("PLSRegression(14)", "prepare(history.counts)").replace(
            "FunctionTransformer(prepare), ", ""
        ),
        0,
        "has to be inside",
    ),
    Answer("spectra-sensor", sensor("PLSRegression(1)"), 1, "too far off"),
    Answer("spectra-sensor", sensor("DummyRegressor()"), 0, "too far off"),
    Answer("spectra-sensor", sensor(y="history.read[:, 0]"), 0, "array of shape"),
    Answer("spectra-sensor", "sensor = 3.0\n", 0, "fitted model"),
]


def augment(end="counts + counts.mean(1, keepdims=True) * bent", many="(len(counts), 2)"):
    """Return an answer to exercise 5."""
    return f"""{IMPORTS}
def augment(counts, rng):
    x = np.linspace(-1, 1, counts.shape[1])
    bent = 0.15 * rng.standard_normal({many}) @ np.stack([x, x**2])
    return {end}
"""


AUGMENT = [
    Answer("spectra-augment", augment(), 4),
    # A slow wave, and noise as of the detector.
    Answer(
        "spectra-augment",
        IMPORTS
        + """
def augment(counts, rng):
    n, m = counts.shape
    wave = np.cos(np.pi * np.arange(m) / m + rng.uniform(0, 6, (n, 1)))
    wave = wave * rng.uniform(50, 500, (n, 1))
    return counts * rng.uniform(0.8, 1.2, (n, 1)) + wave + rng.normal(size=(n, m))
""",
        4,
    ),
    # Spectrum by spectrum.
    Answer(
        "spectra-augment",
        IMPORTS
        + """
def augment(counts, rng):
    copies = []
    for c in counts:
        p = rng.normal(0, 0.1, 4)
        copies.append(c + c.mean() * np.polyval(p, np.linspace(-1, 1, len(c))))
    return copies
""",
        4,
    ),
    Answer("spectra-augment", augment("counts.copy()"), 0, "Hardly anything"),
    # A hump of each spectrum's own; only a slope; a large one.
    Answer(
        "spectra-augment",
        augment(
            "counts + counts.mean(1, keepdims=True) * 0.2 * rng.uniform(0.3, 1, (len(counts), 1))"
            " * np.exp(-((x - rng.uniform(-1, 1, (len(counts), 1))) ** 2) / 0.125)"
        ),
        4,
    ),
    Answer("spectra-augment", augment("counts + counts.mean() * bent[:, :1] * x"), 4),
    Answer("spectra-augment", augment("counts + counts.mean(1, keepdims=True) * 2 * bent"), 4),
    Answer("spectra-augment", augment(many="(1, 2)"), 3, "same change"),
    # The same for all, whatever it is measured by.
    *(
        Answer("spectra-augment", augment(f"counts + {by} * bent", "(1, 2)"), 3, "same change")
        for by in ("100", "counts.mean()", "counts.std(1, keepdims=True)")
    ),
    Answer(
        "spectra-augment",
        augment("counts * rng.uniform(0.7, 1.3, (len(counts), 1)) + 200 * bent", "(1, 2)"),
        3,
        "same change",
    ),
    Answer(
        "spectra-augment",
        augment(
            "counts + 0.022 * counts.mean(1, keepdims=True) * rng.standard_normal(counts.shape)"
        ),
        3,
        "mostly noise",
    ),
    Answer(
        "spectra-augment",
        augment("0.7 * counts + 0.3 * rng.permutation(counts)"),
        0,
        "another glucose",
    ),
    Answer(
        "spectra-augment",
        augment("counts * rng.uniform(0.7, 1.3, (len(counts), 1))"),
        3,
        "Power and height",
    ),
    Answer(
        "spectra-augment",
        augment("counts * (1 + 0.1 * rng.standard_normal(counts.shape))"),
        0,
        "another glucose",
    ),
    Answer("spectra-augment", augment("rng.permutation(counts)"), 0, "another glucose"),
    Answer("spectra-augment", augment("np.roll(counts, 5, axis=1)"), 0, "same spectra"),
    Answer("spectra-augment", augment("(counts + bent)[:10]"), 0, "array of shape"),
]


LEFT = "np.sqrt(np.mean((off[first:] - off[:first].mean()) ** 2))"


def online(off="predicted[near] - measured", end="off.mean(), off.std(ddof=1)", left=LEFT):
    """Return an answer to exercise 6."""
    return f"""{IMPORTS}
def online_report(predicted, minutes, measured, hours, first):
    near = [np.abs(minutes - 60 * h).argmin() for h in hours]
    off = {off}
    return {end}, {left}
"""


ONLINE = [
    Answer("spectra-online", online(), 5),
    Answer(
        "spectra-online",
        IMPORTS
        + """
def online_report(predicted, minutes, measured, hours, first):
    off = np.interp(np.asarray(hours) * 60, minutes, predicted) - measured
    later = off[first:] - np.mean(off[:first])
    left = (later @ later / len(later)) ** 0.5
    return {"bias": np.mean(off), "scatter": np.std(off), "left": left}
""",
        5,
    ),
    Answer(
        "spectra-online",
        IMPORTS
        + """
def online_report(predicted, minutes, measured, hours, first):
    said = pd.DataFrame({"t": minutes, "said": predicted})
    lab = pd.DataFrame({"t": np.asarray(hours) * 60, "lab": measured})
    both = pd.merge_asof(lab, said, on="t", direction="nearest")
    off = both["said"] - both["lab"]
    left = off.iloc[first:] - off.iloc[:first].mean()
    return pd.Series([off.mean(), off.std(), np.sqrt((left**2).mean())])
""",
        5,
    ),
    Answer("spectra-online", online("measured - predicted[near]"), 3, "The sign"),
    Answer("spectra-online", online().replace("60 * h)", "h)"), 0, "spectra in minutes"),
    Answer("spectra-online", online("predicted[:len(hours)] - measured"), 0, "not spectrum k"),
    Answer(
        "spectra-online",
        online(end="off.mean(), np.sqrt((off ** 2).mean())"),
        4,
        "still holds the bias",
    ),
    Answer(
        "spectra-online",
        online().replace("np.abs(minutes - 60 * h).argmin()", "min(int(60 * h), len(minutes) - 1)"),
        0,
        "A minute is no place",
    ),
    Answer(
        "spectra-online", online(end="np.abs(off).mean(), off.std(ddof=1)"), 3, "keeps its sign"
    ),
    Answer("spectra-online", online(end="off.mean(), off.var(ddof=1)"), 4, "variance"),
    Answer(
        "spectra-online",
        online(left="np.sqrt(np.mean((off - off[:first].mean()) ** 2))"),
        3,
        "taken from themselves",
    ),
    Answer(
        "spectra-online",
        online(left="np.sqrt(np.mean((off[first:] - off.mean()) ** 2))"),
        3,
        "are not there yet",
    ),
    Answer("spectra-online", online(left="off[first:].std()"), 3, "not its SD"),
    Answer("spectra-online", online().replace(f", {LEFT}", ""), 0, "three numbers"),
]

ANSWERS = [*PREPARE, *BY_BATCH, *CLOCK, *SENSOR, *AUGMENT, *ONLINE]
