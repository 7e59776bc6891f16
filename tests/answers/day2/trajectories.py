"""Right and wrong answers to the exercises of day 2, notebook 3."""

from answers.answer import Answer

NOTEBOOK = "day2/3-trajectories"

SUMMARY = """
def summary(values, hours):
    seen = values[:, (hours >= -6) & (hours < 30)]
    numbers = [f(seen, axis=1) for f in (np.nanmean, np.nanstd, np.nanmin, np.nanmax)]
    numbers.append(np.nanmean(seen[:, -3:], axis=1))
    return np.concatenate(numbers, axis=1)
"""
SUMMARY_BY_PANDAS = """
import pandas as pd
def summary(values, hours):
    rows = []
    for batch in values:
        seen = pd.DataFrame(batch, index=hours).loc[-6:29]
        five = [seen.mean(), seen.std(ddof=0), seen.min(), seen.max(), seen.tail(3).mean()]
        rows.append(pd.concat(five, ignore_index=True))
    return pd.DataFrame(rows)
"""
SUMMARY_BY_PLACE = """
def summary(values, hours):
    first = int(np.flatnonzero(hours == -6)[0])
    v = values[:, first:first + 36]
    return np.hstack([np.nanmean(v, 1), np.nanstd(v, 1, ddof=1), np.nanmin(v, 1), np.nanmax(v, 1),
                      np.nanmean(v[:, 33:], 1)])
"""
SUMMARY_AT_THE_END = """
def summary(values, hours):
    seen = values[:, (hours >= -6) & (hours < 30)]
    numbers = [f(seen, axis=1) for f in (np.nanmean, np.nanstd, np.nanmin, np.nanmax)]
    last = []
    for batch in values:
        end = np.flatnonzero(np.isfinite(batch).any(axis=1))[-1] + 1
        last.append(np.nanmean(batch[end - 3:end], axis=0))
    return np.concatenate([*numbers, np.array(last)], axis=1)
"""

FILLED_FROM_AFTER = """
    import pandas as pd
    values = np.stack([pd.DataFrame(b).bfill().to_numpy() for b in values])
"""

MODULE = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {}
    def forward(self, x):
        return {}
def make_net():
    return Net()
"""
GRU = "self.a = nn.GRU(5, 16, batch_first=True); self.b = nn.Linear(16, 1)"
LSTM = "self.a = nn.LSTM(5, 12, batch_first=True); self.b = nn.Linear(12, 1)"
CNN = "self.a = nn.Conv1d(5, 12, 5, stride=2); self.b = nn.Linear(12 * 16, 1)"
CONV_FORWARD = "self.b(nn.functional.relu(self.a({})).flatten(1)).squeeze(1)"
SEQUENTIAL = """
import torch
def make_net():
    return torch.nn.Sequential({})
"""
MLP = "torch.nn.Flatten(), torch.nn.Linear(180, 16), torch.nn.ReLU(), torch.nn.Dropout(0.2), "

BESIDE_ITS_START = MODULE.format(
    GRU, "self.b(self.a(x - x[:, 8:14].mean(1, keepdim=True))[1][-1])[:, 0]"
)
TRANSFORMER = MODULE.format(
    "self.a = nn.Linear(5, 16); self.c = nn.Parameter(torch.randn(36, 16)); "
    "self.b = nn.Linear(16, 1); self.d = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)",
    "self.b(self.d(self.a(x) + self.c).mean(dim=1)).squeeze(1)",
).replace("from torch", "import torch\nfrom torch", 1)

ZEROS = """
from torch import nn
def make_net():
    net = nn.Sequential(nn.Flatten(), nn.Linear(180, 16), nn.Linear(16, 1), nn.Flatten(0))
    net.load_state_dict({name: 0 * held for name, held in net.state_dict().items()})
    return net
"""

PAIRED = """
def paired(trees, net):
    d = {}
    half = {}
    low, high = d.mean() - half, d.mean() + half
    return low, high, {}
"""
WORD = '"net" if high < 0 else "trees" if low > 0 else "undecided"'
HALF = "2.776 * d.std(ddof=1) / 5 ** 0.5"
PAIRED_BY_SCIPY = """
from scipy import stats
def paired(trees, net):
    found = stats.ttest_rel(net, trees).confidence_interval(0.95)
    word = "net" if found.high < 0 else "trees" if found.low > 0 else "undecided"
    return [found.low, found.high, word]
"""
PAIRED_BY_PANDAS = """
import pandas as pd
def paired(trees, net):
    d = pd.Series(net - trees)
    ends = (d.mean() - 2.776 * d.sem(), d.mean() + 2.776 * d.sem())
    if ends[1] < 0:
        return *ends, "net"
    return *ends, "Trees" if ends[0] > 0 else "undecided"
"""
UNPAIRED = """
def paired(trees, net):
    middle = net.mean() - trees.mean()
    half = 2.776 * np.sqrt((net.var(ddof=1) + trees.var(ddof=1)) / 5)
    low, high = middle - half, middle + half
    return low, high, "net" if high < 0 else "trees" if low > 0 else "undecided"
"""

TURNS = """
def turns_at(sizes, low, high):
    until, start = 0, np.inf
    for size, end in zip(sizes, low):
        if not end > 0:
            break
        until = size
    for size, end in zip(sizes[::-1], high[::-1]):
        if not end < 0:
            break
        start = size
    return until, start
"""
TURNS_BY_NUMPY = """
def turns_at(sizes, low, high):
    trees = np.logical_and.accumulate(low > 0)
    net = np.logical_and.accumulate((high < 0)[::-1])[::-1]
    until = sizes[trees].max() if trees.any() else 0
    start = sizes[net].min() if net.any() else np.inf
    return np.array([until, start])
"""
TURNS_BY_PLACE = """
def turns_at(sizes, low, high):
    not_trees, not_net = np.flatnonzero(low <= 0), np.flatnonzero(high >= 0)
    k = not_trees[0] if len(not_trees) else len(sizes)
    j = not_net[-1] + 1 if len(not_net) else 0
    return {"until": sizes[k - 1] if k else 0.0, "start": sizes[j] if j < len(sizes) else np.inf}
"""
TURNS_ONCE = """
def turns_at(sizes, low, high):
    trees, net = low > 0, high < 0
    return (sizes[trees].max() if trees.any() else 0, sizes[net].min() if net.any() else np.inf)
"""

FEATURES = """
def features(values, hours):
    def mean(a, b):
        return np.nanmean(values[:, (hours >= a) & (hours < b)], axis=1)
    start = mean(2, 8)
    return np.concatenate([{}], axis=1)
"""
DIFFERENCES = "mean(-6, 30), mean(27, 30) - start, mean(24, 27) - start, mean(18, 24) - start"
RATIOS = "mean(-6, 30), mean(27, 30) / start, mean(24, 27) / start"
SCALED = """
def features(values, hours):
    def mean(a, b):
        return np.nanmean(values[:, (hours >= a) & (hours < b)], axis=1)
    table = np.concatenate([mean(-6, 30), mean(27, 30) / mean(2, 8), mean(2, 8)], axis=1)
    return (table - np.nanmean(table, axis=0)) / (np.nanstd(table, axis=0) + 1e-9)
"""
SLOPES = """
import pandas as pd
def features(values, hours):
    seen = values[:, (hours >= 2) & (hours < 30)]
    late = np.nan_to_num(seen[:, -8:] - np.nanmean(seen[:, :6], axis=1, keepdims=True))
    t = np.arange(8) - 3.5
    slope = np.einsum("bht,h->bt", late, t) / (t ** 2).sum()
    return pd.DataFrame(np.concatenate([slope, late.mean(axis=1), np.nanmean(seen, axis=1)], 1))
"""
WHOLE_COURSE = """
def features(values, hours):
    v = values[:, (hours >= 0) & (hours < 30)]
    logs = np.log(np.maximum(v[:, :, 4], 0.01))
    beside = logs - np.nanmean(logs[:, 2:8], axis=1, keepdims=True)
    blocks = np.nanmean(beside[:, 6:].reshape(len(v), 8, 3), axis=2)
    return np.hstack([blocks, np.nanmean(v, axis=1)])
"""
FEATURES_PLAIN = SUMMARY.replace("summary", "features")

SUMMARY_ANSWERS = [
    Answer("trajectories-summary", SUMMARY, 4),
    Answer("trajectories-summary", SUMMARY_BY_PANDAS, 4),
    Answer("trajectories-summary", SUMMARY_BY_PLACE, 4),
    Answer("trajectories-summary", SUMMARY.replace(" & (hours < 30)", ""), 0, "a leak"),
    Answer(
        "trajectories-summary",
        SUMMARY.replace("values[:, (hours >= -6) & (hours < 30)]", "values"),
        0,
        "a leak",
    ),
    Answer("trajectories-summary", SUMMARY_AT_THE_END, 0, "a leak"),
    Answer(
        "trajectories-summary", SUMMARY.replace("seen[:, -3:]", "values[:, -3:]"), 0, "of the cut"
    ),
    Answer(
        "trajectories-summary",
        SUMMARY.replace("(hours >= -6) & (hours < 30)", "18:54"),
        2,
        "ask `hours`",
    ),
    Answer("trajectories-summary", SUMMARY.replace("< 30", "<= 30"), 0, "has only begun"),
    Answer("trajectories-summary", SUMMARY.replace("(hours >= -6) & ", ""), 0, "begins too early"),
    Answer("trajectories-summary", SUMMARY.replace(">= -6", "> -6"), 0, "Hour -6 is missing"),
    Answer("trajectories-summary", SUMMARY.replace(">= -6", ">= 0"), 0, "begins at infection"),
    Answer("trajectories-summary", SUMMARY.replace("np.nan", "np."), 2, "`np.nanmean`"),
    Answer("trajectories-summary", SUMMARY.replace("np.nanstd", "np.nanvar"), 0, "variances"),
    Answer(
        "trajectories-summary",
        SUMMARY.replace("return np", "return np.nan_to_num(np") + ")",
        2,
        "Leave NaN",
    ),
    Answer(
        "trajectories-summary",
        SUMMARY.replace("axis=1)\n", "axis=1)\n", 1).replace(
            "np.concatenate(numbers, axis=1)",
            "np.stack(numbers, axis=2).reshape(len(values), -1)",
        ),
        0,
        "tag after tag",
    ),
    # Gaps filled with what comes next, which at the cut is the future.
    Answer(
        "trajectories-summary",
        SUMMARY.replace("    seen =", FILLED_FROM_AFTER + "    seen ="),
        2,
        "gaps and a dead tag",
    ),
    Answer("trajectories-summary", "def summary(values, hours):\n    return 1.0", 0, "shape"),
]

NETWORK_ANSWERS = [
    Answer("trajectories-network", MODULE.format(GRU, "self.b(self.a(x)[1][-1])[:, 0]"), 4),
    Answer("trajectories-network", MODULE.format(LSTM, "self.b(self.a(x)[0][:, -1]).flatten()"), 4),
    Answer(
        "trajectories-network",
        MODULE.format(
            CNN, "self.b(nn.functional.relu(self.a(x.transpose(1, 2))).flatten(1)).squeeze(1)"
        ),
        4,
    ),
    Answer(
        "trajectories-network",
        SEQUENTIAL.format(MLP + "torch.nn.Linear(16, 1), torch.nn.Flatten(0)"),
        4,
    ),
    Answer("trajectories-network", BESIDE_ITS_START, 4),
    Answer("trajectories-network", TRANSFORMER, 4),
    # All values side by side may lie in any order: each has a weight of its own.
    Answer(
        "trajectories-network",
        MODULE.format(
            "self.b = nn.Sequential(nn.Linear(180, 16), nn.BatchNorm1d(16), nn.Tanh(), "
            "nn.Linear(16, 1), nn.Flatten(0))",
            "self.b(x.reshape(len(x), 5, 36).flatten(1))",
        ),
        4,
    ),
    # A GRU that takes the first axis for the hours, and is given them there.
    Answer(
        "trajectories-network",
        MODULE.format(
            GRU.replace(", batch_first=True", ""), "self.b(self.a(x.transpose(0, 1))[0][-1])[:, 0]"
        ),
        4,
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[1][-1])"),
        0,
        "A column too many",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[1][-1]).squeeze()"),
        0,
        "squeeze(1)",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[0])"),
        0,
        "a number for each hour",
    ),
    Answer("trajectories-network", MODULE.format(GRU, "self.a(x)"), 0, "A GRU gives two things"),
    Answer(
        "trajectories-network",
        MODULE.format(
            GRU.replace(", batch_first=True", ""), "self.b(self.a(x)[0][:, -1]).squeeze(1)"
        ),
        0,
        "batch_first",
    ),
    # Conv1d takes the hours for tags.
    Answer("trajectories-network", MODULE.format(CNN, "self.b(self.a(x))"), 0, "channels"),
    Answer(
        "trajectories-network",
        MODULE.format(
            "self.a = nn.Linear(5, 16); self.b = nn.Linear(16, 1)",
            "self.b(torch.relu(self.a(x.mean(dim=1)))).squeeze(1)",
        ).replace("from torch", "import torch\nfrom torch", 1),
        3,
        "their order is lost",
    ),
    # The memory of the first hour.
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[0][:, 0]).squeeze(1)"),
        3,
        "The last hours have no part",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU.replace("16", "64"), "self.b(self.a(x)[1][-1])[:, 0]"),
        3,
        "More weights than",
    ),
    # A linear rule of the last hour's tags.
    Answer(
        "trajectories-network",
        MODULE.format("self.b = nn.Linear(5, 1)", "self.b(x[:, -1]).squeeze(1)"),
        2,
        "by so few",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(
            "self.b = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))",
            "self.b(x[:, -1]).squeeze(1)",
        ),
        3,
        "Only the last hours",
    ),
    # Five rows of 36 numbers each, but no row is a tag.
    *(
        Answer("trajectories-network", MODULE.format(CNN, CONV_FORWARD.format(cut)), 3, "transpose")
        for cut in ("x.reshape(len(x), 5, 36)", "x.view(-1, 5, 36)")
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x.transpose(1, 2).reshape(x.shape))[1][-1])[:, 0]"),
        3,
        "transpose",
    ),
    # What can not be trained.
    *(
        Answer("trajectories-network", MODULE.format(GRU, forward), 3, "gradients end on the way")
        for forward in (
            "self.b(self.a(x)[1][-1])[:, 0].detach()",
            "self.b(self.a(x)[1][-1].detach())[:, 0]",
        )
    ),
    *(
        Answer("trajectories-network", MODULE.format(GRU, forward), 2, "says a number below 0")
        for forward in (
            "nn.functional.relu(self.b(self.a(x)[1][-1])[:, 0])",
            "nn.functional.softplus(self.b(self.a(x)[1][-1])[:, 0])",
            "nn.functional.sigmoid(self.b(self.a(x)[1][-1])[:, 0])",
        )
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[1][-1])[:, 0]").replace(
            "def make_net():\n    return Net()", "net = Net()\ndef make_net():\n    return net"
        ),
        3,
        "the same weights twice",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[1][-1])[:, 0]").replace(
            "    return Net()", "    import torch\n    torch.manual_seed(0)\n    return Net()"
        ),
        3,
        "set no seed there",
    ),
    Answer(
        "trajectories-network",
        MODULE.format("", "nn.Linear(180, 1)(x.flatten(1)).squeeze(1)").replace(
            "__()\n        ", "__()"
        ),
        0,
        "gives two answers",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(nn.functional.dropout(self.a(x)[1][-1], 0.3))[:, 0]"),
        0,
        "gives two answers",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(
            "self.a = nn.Sequential(nn.Conv1d(5, 16, 5, stride=2), nn.ReLU(), "
            "nn.Conv1d(16, 16, 5, stride=2)); self.b = nn.Linear(96, 1)",
            CONV_FORWARD.format("x.transpose(1, 2)"),
        ),
        3,
        "`padding`",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "..."),
        0,
        "`forward` still gives the three dots",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "x.sum() * 0 + self.b.bias.expand(len(x))"),
        0,
        "the same of each batch",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "self.b(self.a(x)[1][-1])[:, 0]").replace("Net()\n", "Net\n"),
        0,
        "Are brackets missing",
    ),
    Answer("trajectories-network", "def make_net():\n    return 3", 0, "a module of PyTorch"),
    Answer("trajectories-network", ZEROS, 0, "the same of each batch"),
]

VERDICT_ANSWERS = [
    Answer("trajectories-verdict", PAIRED.format("net - trees", HALF, WORD), 5),
    Answer("trajectories-verdict", PAIRED_BY_SCIPY, 5),
    Answer("trajectories-verdict", PAIRED_BY_PANDAS, 5),
    Answer("trajectories-verdict", PAIRED.format("trees - net", HALF, WORD), 0, "turned round"),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF.replace("2.776", "1.96"), WORD),
        0,
        "2.776",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF.replace("ddof=1", ""), WORD),
        0,
        "ddof=1",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF.replace(" / 5 ** 0.5", ""), WORD),
        0,
        "divide by √5",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF.replace(" ** 0.5", ""), WORD),
        0,
        "not s / 5",
    ),
    Answer("trajectories-verdict", UNPAIRED, 0, "Take the difference seed by seed"),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF, '"net" if d.mean() < 0 else "trees"'),
        3,
        "undecided",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF, WORD.replace("high < 0", "low > 0", 1)),
        3,
        "where the whole interval lies below 0",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF, WORD).replace("low, high, ", "high, low, "),
        0,
        "changed places",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF, WORD).replace("d.mean() - half", "-half"),
        0,
        "The upper end is right",
    ),
    # The luckiest seed of each.
    Answer(
        "trajectories-verdict",
        PAIRED.format("np.array([net.min() - trees.min()] * 5)", HALF, WORD),
        0,
        "Not mean",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", "0.2", WORD).replace("high, ", "high, ", 1),
        0,
        "Not mean",
    ),
    Answer("trajectories-verdict", "def paired(trees, net):\n    return 0.1", 0, "three things"),
]

TURNING_ANSWERS = [
    Answer("trajectories-turning", TURNS, 4),
    Answer("trajectories-turning", TURNS_BY_NUMPY, 4),
    Answer("trajectories-turning", TURNS_BY_PLACE, 4),
    Answer("trajectories-turning", TURNS_ONCE, 0, "It has to stay ahead"),
    Answer(
        "trajectories-turning",
        TURNS.replace("    until, start", "    low = high = (low + high) / 2\n    until, start", 1),
        0,
        "may be luck",
    ),
    Answer(
        "trajectories-turning",
        TURNS.replace("    until, start", "    low, high = high, low\n    until, start", 1),
        0,
        "The ends are mixed up",
    ),
    Answer(
        "trajectories-turning",
        TURNS.replace("    until, start", "    sizes = np.arange(6)\n    until, start", 1).replace(
            "until, start = 0", "until, start = 0.0"
        ),
        0,
        "Give the size",
    ),
    Answer("trajectories-turning", TURNS.replace("return until, start", "return start, until"), 0,
           "changed places"),
    Answer("trajectories-turning", TURNS.replace("until, start = 0, np.inf",
                                                 "until, start = 0, sizes[-1]"), 2, "np.inf"),
    Answer("trajectories-turning", TURNS.replace("until, start = 0,", "until, start = sizes[0],"),
           2, "Give 0 where"),
    Answer("trajectories-turning", "def turns_at(sizes, low, high):\n    return 0, np.inf", 0,
           "has to lie on one side"),
    Answer("trajectories-turning", "def turns_at(sizes, low, high):\n    return sizes[2]", 0,
           "two sizes"),
]  # fmt: skip

FEATURES_ANSWERS = [
    Answer("trajectories-features", FEATURES.format(RATIOS), 5),
    Answer("trajectories-features", FEATURES.format(DIFFERENCES), 5),
    Answer("trajectories-features", SLOPES, 5),
    Answer("trajectories-features", WHOLE_COURSE, 5),
    # Exercise 1 again.
    Answer("trajectories-features", FEATURES_PLAIN, 1, "beside its own first hours"),
    Answer("trajectories-features", FEATURES.format("mean(-6, 30)"), 1, "its own first hours"),
    # Later levels, without a start to hold them against.
    Answer(
        "trajectories-features",
        FEATURES.format("mean(18, 24), mean(24, 27), mean(27, 30)"),
        1,
        "its own first hours",
    ),
    Answer(
        "trajectories-features",
        FEATURES.format("start, mean(12, 18) / start, mean(8, 12) / start"),
        1,
        "its own first hours",
    ),
    Answer(
        "trajectories-features",
        FEATURES.format("mean(27, 33) / start, mean(-6, 30)"),
        0,
        "they look past 30 h",
    ),
    Answer(
        "trajectories-features",
        FEATURES.format(RATIOS + ", np.isfinite(values).any(axis=2).sum(axis=1)[:, None]"),
        0,
        "they look past 30 h",
    ),
    # One scale for all batches that happen to come along.
    Answer(
        "trajectories-features",
        SCALED,
        0,
        "when fewer batches come along",
    ),
    Answer(
        "trajectories-features",
        "def features(values, hours):\n    return np.ones((len(values), 3))",
        1,
        "says the same of all",
    ),
    Answer(
        "trajectories-features",
        "def features(values, hours):\n    return values[:, hours < 30]",
        0,
        "an axis too many",
    ),
    Answer(
        "trajectories-features",
        "def features(values, hours):\n    return np.nanmean(values)",
        0,
        "one row a batch",
    ),
]  # fmt: skip

ANSWERS = [
    *SUMMARY_ANSWERS,
    *NETWORK_ANSWERS,
    *VERDICT_ANSWERS,
    *TURNING_ANSWERS,
    *FEATURES_ANSWERS,
]
