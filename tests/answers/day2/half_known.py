"""Right and wrong answers to the exercises of day 2, notebook 4."""

from functools import cache

import numpy as np
import torch

from answers.answer import Answer
from vaxlab.lessons.day2.half_known import delivery, material

NOTEBOOK = "day2/4-hybrid"

IMPORTS = "import torch\nfrom torch import nn\n"


def balances(cells="growth * x", glucose="-used", lactate="1.75 * used", used="1e-6 * uptake * x"):
    """Return an answer to exercise 1."""
    return f"""{IMPORTS}
def balances(state, growth, uptake):
    x = state[:, 0]
    used = {used}
    return torch.stack([{cells}, {glucose}, {lactate}], dim=1)
"""


def step(end="state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)", k3="h / 2 * k2", k4="h * k3"):
    """Return an answer to exercise 2."""
    return f"""
def rk4_step(slope, state, h):
    k1 = slope(state)
    k2 = slope(state + h / 2 * k1)
    k3 = slope(state + {k3})
    k4 = slope(state + {k4})
    return {end}
"""


def seam(
    growth="0.06 * torch.sigmoid(raw[:, 0]) * features[:, 8] * fed * built",
    uptake="0.4 * torch.sigmoid(raw[:, 1]) * fed",
    fed="glucose / (glucose + 1)",
    medium="features[:, :2].clamp(min=0).T",
):
    """Return an answer to exercise 3."""
    return f"""{IMPORTS}
def seam(raw, features):
    glucose, glutamine = {medium}
    fed, built = {fed}, glutamine / (glutamine + 0.2)
    growth = {growth}
    uptake = {uptake}
    return growth, uptake
"""


def misfit(line="off[there].square().mean()", off="(predicted - measured) / scale"):
    """Return the first half of an answer to exercise 4."""
    return f"""{IMPORTS}
def misfit(predicted, measured, scale):
    there = ~torch.isnan(measured)
    off = {off}
    return {line}
"""


@cache
def taught(share_growth: float = 1.0, steps: int = 300) -> material.Hybrid:
    """Return a hybrid that was taught the plant's own rates: what good training ends in.

    Parameters
    ----------
    share_growth : float
        Of the true growth rate that it was taught.
    steps : int
        Of the optimizer.
    """
    hybrid = material.Hybrid(material._seam)
    some = material.runs()
    filled = material.Runs(some.recipes, some.hours, np.nan_to_num(some.values, nan=1.0))
    features = material._features(filled).reshape(-1, 9)
    features = features[np.isfinite(some.values).all(-1).ravel()]
    rates = torch.tensor(material._true_rates(features), dtype=torch.float32)
    rates = (rates * torch.tensor([share_growth, 1.0])).repeat(hybrid.members, 1)
    rows = torch.tensor(features, dtype=torch.float32).repeat(hybrid.members, 1)
    optimizer = torch.optim.Adam(hybrid.parameters(), lr=0.03)
    for _ in range(steps):
        off = (torch.stack(hybrid(rows), dim=1) - rates) / torch.tensor([0.02, 0.1])
        optimizer.zero_grad()
        off.square().mean().backward()
        optimizer.step()
    return hybrid


@cache
def seamless() -> torch.nn.Module:
    """Return rates that are right where there is glucose, and do not end where there is none."""

    class Seamless(torch.nn.Module):
        members = 1

        def forward(self, features):
            full = features.clone()
            full[:, 0] = full[:, 0].clamp(min=9.0)
            true = torch.tensor(material._true_rates(full.numpy()), dtype=torch.float32)
            return true[:, 0], true[:, 1]

    return Seamless()


@cache
def rough() -> material.Hybrid:
    """Return rates by differences, not trained through any integrator."""
    return delivery.rough({})


TAUGHT = "from answers.day2 import half_known as bank\n"


def hybrid(line, of_misfit=None):
    """Return an answer to exercise 4."""
    return f"{of_misfit or misfit()}{TAUGHT}hybrid = {line}\n"


# A module that a learner might write in place of the course's own.
OWN_MODULE = """
class Single(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = bank.taught()
    def forward(self, features):
        both = self.inner(features.repeat(6, 1))
        growth, uptake = (part.reshape(6, -1).mean(dim=0) for part in both)
        return {"growth": growth, "uptake": uptake[:, None][:, 0]}
hybrid = Single()
"""


def apart(errors="np.sqrt(np.diag(c))", correlations="c / np.outer(e, e)", more=""):
    """Return an answer to exercise 5."""
    return f"""
def told_apart(slopes):
    c = np.linalg.inv(slopes.T @ slopes)
    e = np.sqrt(np.diag(c)){more}
    return {errors}, {correlations}
"""


def interval(half="q * spread", sizes="np.abs(misses) / spreads", place="int(np.ceil(level * (n + 1)))"):  # fmt: skip  # noqa: E501
    """Return an answer to exercise 6."""
    return f"""
def interval(predicted, spread, misses, spreads, level):
    sizes = np.sort({sizes})
    n = len(sizes)
    place = {place}
    q = sizes[place - 1] if place <= n else np.inf
    half = {half}
    return predicted - half, predicted + half
"""


BALANCES = [
    Answer("hybrid-balances", balances(), 4),
    # Written into an empty tensor, million cells in between.
    Answer(
        "hybrid-balances",
        """
import torch
def balances(state, growth, uptake):
    change = torch.empty_like(state)
    million = state[..., 0] / 1e6
    change[..., 0] = growth * state[..., 0]
    change[..., 1] = -uptake * million
    change[..., 2] = -change[..., 1] * 1.75
    return change
""",
        4,
    ),
    Answer(
        "hybrid-balances",
        """
import torch
def balances(state, growth, uptake):
    cells, glucose, lactate = state.T
    per_cell = torch.stack([growth, -uptake / 10**6, 1.75 * uptake / 10**6])
    return (per_cell * cells).T
""",
        4,
    ),
    Answer("hybrid-balances", balances(used="uptake * x"), 1, "a pmol/mL is a millionth"),
    Answer("hybrid-balances", balances(used="1e-9 * uptake * x"), 1, "factor of a thousand"),
    Answer("hybrid-balances", balances(glucose="used"), 2, "mind the sign"),
    Answer("hybrid-balances", balances(lactate="used"), 3, "A glucose gives 1.75 lactate"),
    Answer("hybrid-balances", balances(lactate="-1.75 * used"), 3, "Lactate falls here"),
    Answer("hybrid-balances", balances(cells="growth"), 3, "All cells of the mL divide"),
    Answer("hybrid-balances", balances(cells="x * (1 + growth)"), 3, "an hour later"),
    Answer("hybrid-balances", balances(used="1e-6 * uptake"), 1, "what one cell takes up"),
    Answer("hybrid-balances", balances().replace("dim=1", "dim=0"), 0, "tensor of shape (5, 3)"),
    Answer(
        "hybrid-balances",
        balances().replace("x = state[:, 0]", "x = state[:, 0].numpy()"),
        0,
        "Gradients end here",
    ),
    Answer(
        "hybrid-balances",
        "def balances(state, growth, uptake):\n    state[:, 0] *= growth\n    return state\n",
        0,
        "write into no tensor that came in",
    ),
    # Written into zeros of one's own.
    Answer(
        "hybrid-balances",
        """
import torch
def balances(state, growth, uptake):
    change = torch.zeros(len(state), 3, dtype=state.dtype)
    change[:, 0] = growth * state[:, 0]
    change[:, 1] -= uptake * state[:, 0] / 1e6
    change[:, 2].copy_(-1.75 * change[:, 1])
    return change
""",
        4,
    ),
    Answer(
        "hybrid-balances",
        """
import torch
def balances(state, growth, uptake):
    x, growth, uptake = (part.detach().numpy() for part in (state[:, 0], growth, uptake))
    used = 1e-6 * uptake * x
    return torch.tensor(np.column_stack([growth * x, -used, 1.75 * used]))
""",
        0,
        "does not let gradients through",
    ),
    Answer(
        "hybrid-balances",
        balances().replace("x = state[:, 0]", "x = state[:, 0].detach()"),
        0,
        "none for `state`",
    ),
]

STEP = [
    Answer("hybrid-step", step(), 4),
    Answer(
        "hybrid-step",
        """
def rk4_step(slope, state, h):
    k1 = slope(state)
    s = state + h / 2 * k1
    k2 = slope(s)
    s = s + h / 2 * k2
    k3 = slope(s)
    s = s + h * k3
    return state + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(s))
""",
        0,
        "where the last one ended",
    ),
    # As a sum of weighted slopes, in a loop.
    Answer(
        "hybrid-step",
        """
def rk4_step(slope, state, h):
    total, k = 0, 0 * state
    for reach, weight in ((0, 1), (0.5, 2), (0.5, 2), (1, 1)):
        k = slope(state + reach * h * k)
        total = total + weight * k
    return state + total * h / 6
""",
        4,
    ),
    # The h is in the slopes.
    Answer(
        "hybrid-step",
        """
def rk4_step(slope, state, h):
    a = h * slope(state)
    b = h * slope(state + a / 2)
    c = h * slope(state + b / 2)
    d = h * slope(state + c)
    return state + a / 6 + b / 3 + c / 3 + d / 6
""",
        4,
    ),
    Answer("hybrid-step", step(end="state + h * k1"), 0, "a step of Euler's"),
    Answer("hybrid-step", step(end="state + h * k2"), 0, "the midpoint method"),
    Answer("hybrid-step", step(end="state + h * (k1 + k2 + k3 + k4) / 4"), 0, "weigh the same"),
    Answer("hybrid-step", step(k4="h / 2 * k3"), 0, "k4 is asked in the middle"),
    Answer("hybrid-step", step(k3="h / 2 * k1"), 0, "k3 starts from k1 again"),
    Answer("hybrid-step", step(end="h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)"), 0, "Add it to the"),
    Answer("hybrid-step", step(end="state + (k1 + 2 * k2 + 2 * k3 + k4) / 6"), 0, "lacks its h"),
    Answer(
        "hybrid-step",
        step().replace("state + h / 2 * k1", "(state + h / 2 * k1).detach()"),
        0,
        "lost its gradient",
    ),  # fmt: skip
]

SEAM = [
    Answer("hybrid-seam", seam(), 5),
    Answer(
        "hybrid-seam",
        seam(fed="1 - torch.exp(-glucose)", uptake="0.2 * (1 + torch.tanh(raw[:, 1])) * fed"),
        5,
    ),
    # In columns, with relu, and bounds of one's own.
    Answer(
        "hybrid-seam",
        """
import torch
def seam(raw, features):
    g, q = torch.relu(features[:, 0]), torch.relu(features[:, 1])
    both = torch.tensor([0.05, 0.45]) * torch.sigmoid(raw) * torch.tanh(g / 2)[:, None]
    return both[:, 0] * features[:, -1] * torch.minimum(q, torch.ones_like(q)), both[:, 1]
""",
        5,
    ),
    Answer("hybrid-seam", seam(fed="1 + 0 * glucose"), 2, "Without glucose there is still"),
    Answer(
        "hybrid-seam",
        seam(growth="0.06 * torch.sigmoid(raw[:, 0]) * features[:, 8] * fed"),
        2,
        "Without glutamine there is still growth",
    ),
    Answer(
        "hybrid-seam",
        seam(growth="0.06 * torch.sigmoid(raw[:, 0]) * fed * built"),
        4,
        "still grow on full carriers",
    ),
    Answer("hybrid-seam", seam(medium="features[:, :2].T"), 4, "takes care of it"),
    Answer(
        "hybrid-seam",
        seam(growth="0.06 * torch.sigmoid(raw[:, 0]) * features[:, 8] * built"),
        4,
        "there is still growth",
    ),
    Answer("hybrid-seam", seam(fed="(glucose > 0).float()"), 2, "falls to nothing at one blow"),
    Answer("hybrid-seam", seam(growth="raw[:, 0] * features[:, 8] * fed * built"), 2, "negative"),
    Answer(
        "hybrid-seam",
        seam(growth="0.03 * features[:, 8] * fed * built"),
        0,
        "the same whatever the network says",
    ),
    # The plain baseline: bounded, and no more.
    Answer(
        "hybrid-seam",
        seam(growth="0.06 * torch.sigmoid(raw[:, 0])", uptake="0.4 * torch.sigmoid(raw[:, 1])"),
        1,
        "still grow on full carriers",
    ),
    Answer(
        "hybrid-seam",
        "import torch\ndef seam(raw, features):\n    return torch.sigmoid(raw)\n",
        0,
        "should give two things",
    ),
    Answer(
        "hybrid-seam",
        "import torch\ndef seam(raw, features):\n    return raw, raw\n",
        0,
        "take one column of `raw`",
    ),
]

GROWTH_OF, UPTAKE_OF = "{} * features[:, 8] * fed * built", "{} * fed"
NO_SLOPES = {
    "raw.clamp(0, 0.06)": "has no slope",
    "nn.functional.softplus(raw).clamp(max=0.06)": "has no slope",
    "torch.exp(raw).clamp(max=0.1)": "has no slope",
    "torch.relu(raw).clamp(max=0.1)": "has no slope",
    "0.06 * torch.sigmoid(raw.detach())": "does not let gradients through",
    "torch.tensor(0.06 / (1 + np.exp(-raw.detach().numpy())))": "does not let gradients through",
}
SEAM += [
    *(
        Answer("hybrid-seam", seam(growth=GROWTH_OF.format(f"{rate}[:, 0]")), 4, says)
        for rate, says in NO_SLOPES.items()
    ),
    Answer("hybrid-seam", seam(uptake="(5 * raw[:, 1]).clamp(0, 0.4) * fed"), 4, "has no slope"),
    Answer(
        "hybrid-seam",
        seam(uptake="0.4 * torch.sigmoid(raw[:, 1]) * fed * features[:, 8]"),
        4,
        "needs no free surface",
    ),
    Answer("hybrid-seam", seam(fed="glucose / (glucose + 5)"), 4, "fades out too early"),
    Answer(
        "hybrid-seam",
        seam(growth="0.1 * torch.sigmoid(raw[:, 0]) * features[:, 8] * fed * built"),
        5,
    ),  # fmt: skip  # noqa: E501
    Answer(
        "hybrid-seam",
        seam().replace("    glucose,", "    features[:, :2].clamp_(min=0)\n    glucose,"),
        0,
        "write into no tensor that came in",
    ),
]

TRAINED = [
    Answer("hybrid-trained", hybrid("bank.taught()"), 5),
    Answer(
        "hybrid-trained",
        f"{misfit('torch.nanmean(off[there] ** 2)')}{TAUGHT}{OWN_MODULE}",
        5,
    ),
    Answer(
        "hybrid-trained",
        hybrid(
            "bank.taught(steps=400)",
            misfit(
                "torch.where(there, off, torch.zeros_like(off)).square().sum() / there.sum()",
                "(predicted - torch.where(there, measured, predicted.detach())) / scale",
            ),
        ),  # fmt: skip
        5,
    ),
    Answer("hybrid-trained", hybrid("bank.rough()"), 2, "misses runs inside the range"),
    Answer("hybrid-trained", hybrid("bank.taught(0.8)"), 2, "misses runs inside the range"),
    Answer("hybrid-trained", hybrid("bank.seamless()"), 4, "outside the range"),
    Answer("hybrid-trained", hybrid("half_known.simulate"), 2, "hybrid"),
    Answer("hybrid-trained", hybrid("nn.Linear(9, 2)"), 2, "should give two things"),
    Answer("hybrid-trained", hybrid("bank.material.Networks"), 2, "is a class"),
    Answer(
        "hybrid-trained",
        hybrid("...", misfit("off.square().mean()")),
        1,
        "NaN comes of",
    ),
    Answer(
        "hybrid-trained",
        hybrid("...", misfit("torch.nan_to_num(off).square().mean()")),
        1,
        "divide by the number of those that are there",
    ),
    Answer(
        "hybrid-trained",
        hybrid(
            "...",
            misfit(
                off="(predicted - torch.nan_to_num(measured)) / scale", line="off.square().mean()"
            ),
        ),  # fmt: skip
        1,
        "count as zeros",
    ),
    Answer(
        "hybrid-trained",
        hybrid("...", misfit(off="predicted - measured")),
        0,
        "The scale is left out",
    ),
    Answer(
        "hybrid-trained",
        hybrid("...", misfit("off[there].square().sum()")),
        0,
        "This is the sum",
    ),
    Answer("hybrid-trained", hybrid("...", misfit("off[there].abs().mean()")), 0, "not squares"),
]

TRAINED += [
    Answer(
        "hybrid-trained",
        hybrid("...", misfit("torch.nanmean(off ** 2)")),
        1,
        "its gradient is NaN",
    ),
    Answer(
        "hybrid-trained",
        hybrid("...", misfit("off[there].square().mean().item()")),
        0,
        "does not let gradients through",
    ),
    Answer(
        "hybrid-trained",
        hybrid("bank.rough()") + seam(growth=GROWTH_OF.format("raw[:, 0].clamp(0, 0.06)")),
        2,
        "The seam is the cause",
    ),
]

APART = [
    Answer("hybrid-apart", apart(), 4),
    Answer(
        "hybrid-apart",
        """
def told_apart(slopes):
    u, s, vt = np.linalg.svd(slopes, full_matrices=False)
    cov = vt.T / s**2 @ vt
    errors = cov.diagonal() ** 0.5
    return errors, cov / errors / errors[:, None]
""",
        4,
    ),
    Answer(
        "hybrid-apart",
        """
def told_apart(slopes):
    table = pd.DataFrame(np.linalg.pinv(slopes.T @ slopes))
    errors = pd.Series(np.sqrt(np.diag(table)))
    return {"errors": errors, "correlations": table.div(errors, axis=0).div(errors, axis=1)}
""",
        4,
    ),
    Answer("hybrid-apart", apart("1 / np.sqrt(np.diag(slopes.T @ slopes))"), 2, "all the other"),
    Answer("hybrid-apart", apart("np.diag(c)"), 2, "These are variances"),
    Answer("hybrid-apart", apart(correlations="np.corrcoef(slopes.T)"), 2, "slopes, centred"),
    Answer("hybrid-apart", apart(correlations="c / e"), 2, "one of the two errors only"),
    Answer("hybrid-apart", apart(correlations="c / e[:, None]"), 2, "one of the two errors only"),
    Answer("hybrid-apart", apart(correlations="c"), 2, "This is the covariance"),
    Answer(
        "hybrid-apart",
        apart().replace("np.linalg.inv(slopes.T @ slopes)", "slopes.T @ slopes"),
        0,
        "was not inverted",
    ),
    Answer(
        "hybrid-apart",
        apart().replace("slopes.T @ slopes", "slopes @ slopes.T"),
        0,
        "tensor of shape",
    ),
    Answer("hybrid-apart", "def told_apart(slopes):\n    return 0.3\n", 0, "two things"),
    Answer(
        "hybrid-apart",
        "def told_apart(slopes):\n    p = slopes.shape[1]\n    return np.ones(p), np.eye(p)\n",
        0,
        "Not what the inverse",
    ),
]

INTERVAL = [
    Answer("hybrid-interval", interval(), 4),
    Answer(
        "hybrid-interval",
        """
def interval(predicted, spread, misses, spreads, level):
    scores = np.abs(misses / spreads)
    share = np.ceil((len(scores) + 1) * level) / len(scores)
    q = np.quantile(scores, share, method="inverted_cdf") if share <= 1 else np.inf
    return predicted - q * spread, predicted + q * spread
""",
        4,
    ),
    # In plain Python.
    Answer(
        "hybrid-interval",
        """
import math
def interval(predicted, spread, misses, spreads, level):
    scores = sorted(abs(m) / s for m, s in zip(misses, spreads))
    place = math.ceil(level * (len(scores) + 1))
    q = scores[place - 1] if place <= len(scores) else math.inf
    return [p - q * s for p, s in zip(predicted, spread)], [
        p + q * s for p, s in zip(predicted, spread)]
""",
        4,
    ),
    Answer("hybrid-interval", interval("1.645 * spread"), 0, "agree too well"),
    Answer(
        "hybrid-interval",
        interval("q + 0 * spread", "np.abs(misses)"),
        0,
        "All intervals are of one width",
    ),
    Answer("hybrid-interval", interval("q + 0 * spread"), 0, "multiply by each new spread"),
    Answer("hybrid-interval", interval(sizes="np.abs(misses)"), 0, "not divided by their own"),
    Answer("hybrid-interval", interval(sizes="misses / spreads"), 0, "Signs were kept"),
    Answer(
        "hybrid-interval", interval(place="int(np.ceil(level * (n + 1))) + 1"), 0, "One place too"
    ),
    Answer(
        "hybrid-interval",
        interval().replace(
            "    half =", "    if place > n:\n        return -np.inf, np.inf\n    half ="
        ),
        3,
        "an array of shape",
    ),
    Answer(
        "hybrid-interval",
        interval().replace(
            "predicted - half", "np.where(np.isinf(half), np.inf, predicted - half)"
        ),
        3,
        "The lower is minus infinity",
    ),
    Answer("hybrid-interval", interval("2 * q * spread"), 0, "the whole width to each side"),
    Answer(
        "hybrid-interval",
        interval(place="min(int(np.ceil(level * (n + 1))), n)"),
        3,
        "Give infinity",
    ),
    Answer(
        "hybrid-interval",
        interval(place="int(np.ceil(level * n))"),
        0,
        "The new run has a place of its own",
    ),
    Answer(
        "hybrid-interval",
        "def interval(predicted, spread, misses, spreads, level):\n"
        "    return np.zeros_like(predicted), np.ones_like(predicted)\n",
        0,
        "not in the middle",
    ),
]

ANSWERS = [*BALANCES, *STEP, *SEAM, *TRAINED, *APART, *INTERVAL]
