"""Right and wrong answers to the exercises of day 2, notebook 3."""

from answers.answer import Answer

NOTEBOOK = "day2/3-trajectories"


def _means(blocks: str, mean: str = "np.nanmean(values[:, b], axis=1)") -> str:
    return f"""
def summary(values, hours):
    blocks = {blocks}
    return np.concatenate([{mean} for b in blocks], axis=1)
"""


BLOCKS = "[(hours >= h) & (hours < h + 12) for h in range(-48, 24, 12)]"
BY_PANDAS = """
def summary(values, hours):
    parts = []
    for row in values:
        table = pd.DataFrame(row[hours < 24])
        table["block"] = (hours[hours < 24] + 48) // 12
        parts.append(table.groupby("block").mean().to_numpy().ravel())
    return np.array(parts)
"""
BY_SHAPE = """
def summary(values, hours):
    now = values[:, :72]
    return np.nanmean(now.reshape(len(now), 6, 12, -1), axis=2).reshape(len(now), -1)
"""

NET = """
import torch
def make_net(channels):
    return torch.nn.Sequential({})
"""
MODULE = """
import torch
class Net(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        {}
    def forward(self, x):
        {}
def make_net(channels):
    return Net(channels)
"""
GRU = "self.a = torch.nn.GRU(channels, 16, batch_first=True); self.b = torch.nn.Linear(16, 1)"
CNN = "self.a = torch.nn.Conv1d(channels, 12, 5); self.b = torch.nn.Linear(240, 1)"
MLP = "self.a = torch.nn.Linear(24 * channels, 16); self.b = torch.nn.Linear(16, 1)"

STOP = """
def stop_early(losses, patience):
    best, since = 0, 0
    for k, loss in enumerate(losses):
        if k == 0 or loss < losses[best]:
            best, since = k, 0
        else:
            since += 1
            if since >= patience:
                return {}
    return {}
"""
STOP_NUMPY = """
def stop_early(losses, patience):
    losses = np.array(losses)
    for last in range(1, len(losses) + 1):
        best = int(losses[:last].argmin()) + 1
        if last - best >= patience:
            break
    return last, best
"""
RISES = """
def stop_early(losses, patience):
    up = 0
    for k in range(1, len(losses)):
        up = up + 1 if losses[k] >= losses[k - 1] else 0
        if up >= patience:
            return k + 1, int(np.argmin(losses[:k + 1])) + 1
    return len(losses), int(np.argmin(losses)) + 1
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
BY_SCIPY = """
from scipy import stats
def paired(trees, net):
    found = stats.ttest_rel(net, trees).confidence_interval(0.95)
    word = "net" if found.high < 0 else "trees" if found.low > 0 else "undecided"
    return found.low, found.high, word
"""

TURNS = """
def turns_at(sizes, trees, net):
    {}
"""

ANSWERS = [
    Answer("trajectories-summary", _means(BLOCKS), 4),
    Answer("trajectories-summary", BY_PANDAS, 4),
    Answer("trajectories-summary", BY_SHAPE, 4),
    Answer("trajectories-summary", _means("np.array_split(np.arange(len(hours)), 6)"), 0, "leak"),
    Answer("trajectories-summary", _means(BLOCKS.replace("< h + 12", "<= h + 12")), 0, "share an"),
    Answer("trajectories-summary", _means(BLOCKS, "values[:, b].mean(axis=1)"), 2, "nanmean"),
    Answer(
        "trajectories-summary",
        _means(BLOCKS, "np.nan_to_num(np.nanmean(values[:, b], axis=1))"),
        2,
        "Leave NaN",
    ),
    Answer("trajectories-network", MODULE.format(GRU, "return self.b(self.a(x)[1][-1])[:, 0]"), 4),
    Answer(
        "trajectories-network",
        MODULE.format(
            CNN, "return self.b(torch.relu(self.a(x.transpose(1, 2))).flatten(1)).squeeze(1)"
        ),
        4,
    ),
    Answer(
        "trajectories-network",
        NET.format(
            "torch.nn.Flatten(), torch.nn.Linear(24 * channels, 16), torch.nn.ReLU(), "
            "torch.nn.Dropout(0.2), torch.nn.Linear(16, 1), torch.nn.Flatten(0)"
        ),
        4,
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "return self.b(self.a(x)[1][-1])"),
        0,
        "A column too many",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(GRU, "return self.b(self.a(x)[1][-1]).squeeze()"),
        0,
        "squeeze(1)",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(
            "self.a = torch.nn.Linear(channels, 16); self.b = torch.nn.Linear(16, 1)",
            "return self.b(torch.relu(self.a(x.mean(dim=1)))).squeeze(1)",
        ),
        3,
        "order is lost",
    ),
    Answer(
        "trajectories-network",
        MODULE.format(
            MLP.replace("channels", "23"),
            "return self.b(torch.relu(self.a(x.flatten(1)))).squeeze(1)",
        ).replace("__init__(self, 23)", "__init__(self, channels)"),
        3,
        "",
    ),
    Answer("trajectories-stopping", STOP.format("k + 1, best + 1", "len(losses), best + 1"), 4),
    Answer("trajectories-stopping", STOP_NUMPY, 4),
    Answer("trajectories-stopping", STOP.format("k, best", "len(losses) - 1, best"), 0, "from 1"),
    Answer(
        "trajectories-stopping", STOP.format("k + 1, k + 1", "len(losses), len(losses)"), 2, "last"
    ),
    Answer("trajectories-stopping", RISES, 0, "with the one before"),
    Answer("trajectories-verdict", PAIRED.format("net - trees", HALF, WORD), 5),
    Answer("trajectories-verdict", BY_SCIPY, 5),
    Answer("trajectories-verdict", PAIRED.format("trees - net", HALF, WORD), 0, "turned round"),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF.replace("2.776", "1.96"), WORD),
        0,
        "2.776",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF.replace("ddof=1", "ddof=0"), WORD),
        0,
        "ddof=1",
    ),
    Answer(
        "trajectories-verdict",
        PAIRED.format("net - trees", HALF, '"net" if d.mean() < 0 else "trees"'),
        3,
        "undecided",
    ),
    Answer(
        "trajectories-turning",
        TURNS.format(
            "behind = np.flatnonzero(net >= trees)\n"
            "    first = behind[-1] + 1 if len(behind) else 0\n"
            "    return sizes[first] if first < len(sizes) else np.inf"
        ),
        4,
    ),
    Answer(
        "trajectories-turning",
        TURNS.format(
            "ahead = np.minimum.accumulate((net < trees)[::-1])[::-1]\n"
            "    return float(sizes[ahead][0]) if ahead.any() else np.inf"
        ),
        4,
    ),
    Answer(
        "trajectories-turning",
        TURNS.format(
            "ahead = net < trees\n    return sizes[ahead.argmax()] if ahead.any() else np.inf"
        ),
        3,
        "luck",
    ),
    Answer(
        "trajectories-turning",
        TURNS.format(
            "ahead = trees < net\n    return sizes[ahead.argmax()] if ahead.any() else np.inf"
        ),
        0,
        "",
    ),
    Answer("trajectories-turning", TURNS.format("return sizes[-1]"), 0, "largest size"),
]
