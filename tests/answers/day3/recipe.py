"""Right and wrong answers to the exercises of day 3, notebook 3."""

from answers.answer import Answer

NOTEBOOK = "day3/3-recipe"

IMPORTS = "import itertools\nimport numpy as np\nfrom scipy.stats import norm\n"


def design(signs="itertools.product((-1, 1), repeat=k - 1)", last="s.prod(axis=1)",
           corners="corner * np.column_stack([s, last])", axial="np.eye(k)",
           rest="np.zeros((centres, k))"):  # fmt: skip
    """Return an answer to exercise 1."""
    return f"""{IMPORTS}
def central_composite(k, corner, centres):
    s = np.array(list({signs}), dtype=float)
    last = {last}
    return np.vstack([{corners}, {axial}, -({axial}), {rest}])
"""


DESIGN = [
    Answer("recipe-design", design(), 4),
    # Rows one by one, the other half, shuffled.
    Answer(
        "recipe-design",
        f"""{IMPORTS}
def central_composite(k, corner, centres):
    rows = [[0.0] * k for _ in range(centres)]
    for signs in itertools.product([-corner, corner], repeat=k):
        if sum(s < 0 for s in signs) % 2:
            rows.append(list(signs))
    for i in range(k):
        for end in (-1.0, 1.0):
            row = [0.0] * k
            row[i] = end
            rows.append(row)
    return np.random.default_rng(0).permutation(rows)
""",
        4,
    ),
    Answer("recipe-design", design(axial="2 * np.eye(k)"), 0, "not licensed"),
    Answer("recipe-design", design(last="np.ones(len(s))"), 2, "products of factors get mixed"),
    Answer("recipe-design", design(corners="np.column_stack([s, last])"), 2, "Corners should be"),
    Answer("recipe-design", design(axial="corner * np.eye(k)"), 2, "ends of the licence"),
    Answer(
        "recipe-design",
        design().replace("-(np.eye(k))", "np.eye(k)"),
        2,
        "Each of 5 axes has two points",
    ),
    # Each part is judged by itself.
    Answer(
        "recipe-design",
        design(signs="itertools.product((-1, 1), repeat=k)", corners="corner * s"),
        2,
        "there are 32 corners; half of 2^5 is 16",
    ),
    Answer("recipe-design", design(rest="np.zeros((1, k))"), 2, "Runs in the centre: 1"),
    Answer("recipe-design", design(rest="np.zeros((centres + 1, k))"), 2, "Runs in the centre: 5"),
    Answer("recipe-design", design().rstrip() + ".T\n", 0, "with 5 columns"),
    Answer("recipe-design", design(axial="np.eye(k)[:0]", rest="np.zeros((0, k))"), 2,
           "Runs in the centre: 0"),
    Answer("recipe-design", design(corners="np.zeros((0, k))"), 2, "there are 0 corners"),
    Answer("recipe-design", design(axial="np.vstack([np.eye(k), np.eye(k)])"), 2,
           "there are 20 axial points"),
    Answer("recipe-design", design(rest="np.zeros((centres, k)), np.eye(k)[:1] + np.eye(k)[1:2]"),
           2, "1 runs are neither corner nor axial point nor centre"),
    Answer("recipe-design", design().replace("return np.vstack(", "return 0.5 + 0.5 * np.vstack("),
           0, "in the unit cube"),
    Answer("recipe-design", design().replace("return np.vstack(", "return 0 * np.vstack("), 0,
           "there are 0 corners"),
]  # fmt: skip


def surface(half="/ 2", point="-0.5 * np.linalg.solve(B, b)", bends="np.linalg.eigvalsh(B)",
            pairs="list(itertools.combinations(range(k), 2))"):  # fmt: skip
    """Return an answer to exercise 2."""
    return f"""{IMPORTS}
def stationary(x, y):
    k = x.shape[1]
    pairs = {pairs}
    A = np.column_stack([np.ones(len(x)), x, x**2, *[x[:, i] * x[:, j] for i, j in pairs]])
    c = np.linalg.lstsq(A, y, rcond=None)[0]
    b, B = c[1:k + 1], np.diag(c[k + 1:2 * k + 1])
    for (i, j), v in zip(pairs, c[2 * k + 1:]):
        B[i, j] = B[j, i] = v {half}
    return {point}, {bends}
"""


SURFACE = [
    Answer("recipe-surface", surface(), 4),
    # By scikit-learn's features, which come in another order.
    Answer(
        "recipe-surface",
        """
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PolynomialFeatures
def stationary(x, y):
    features = PolynomialFeatures(2, include_bias=False).fit(x)
    coef = LinearRegression().fit(features.transform(x), y).coef_
    k = x.shape[1]
    H = np.zeros((k, k))
    for powers, value in zip(features.powers_, coef):
        places = np.repeat(np.arange(k), powers)
        if len(places) == 2:
            H[places[0], places[1]] += value
            H[places[1], places[0]] += value
    return np.linalg.solve(H, -coef[:k]), np.sort(np.linalg.eigvals(H / 2).real)
""",
        4,
    ),
    # As one array, and rounded.
    Answer("recipe-surface", surface().replace("return ", "return np.array([").rstrip() + "])", 4),
    Answer(
        "recipe-surface",
        surface("/ 2", "np.linalg.solve(-2 * B, b).round(2)", "np.linalg.eigvalsh(B).round(2)"),
        4,
    ),
    Answer("recipe-surface", surface(point="np.linalg.solve(B, b)"), 2, "A factor of -2"),
    Answer("recipe-surface", surface(point="np.clip(np.linalg.solve(-2 * B, b), -1, 1)"), 2,
           "cut off at ±1."),
    Answer("recipe-surface", surface(point="np.clip(np.linalg.solve(-2 * B, b), -0.9, 0.9)"), 2,
           "cut off at ±0.9."),
    Answer("recipe-surface", surface().replace("    k = x.shape[1]\n",
           "    k = x.shape[1]\n    x = x - x.mean(axis=0)\n"), 2, "from the mean of the runs"),
    Answer("recipe-surface", surface(bends="np.linalg.eigvalsh(B) * (1 + (k == 3))"), 2, "k = 3"),
    Answer("recipe-surface", surface(half=""), 0, "each place gets half of them"),
    Answer("recipe-surface", surface(point="0.5 * np.linalg.solve(B, b)"), 2, "sign is turned"),
    Answer("recipe-surface", surface(point="-np.linalg.solve(B, b)"), 2, "A factor of two"),
    Answer("recipe-surface", surface(point="x[np.argmax(y)]"), 2, "the run that read best"),
    Answer("recipe-surface", surface(bends="np.linalg.eigvalsh(B)[::-1]"), 2, "ascending is asked"),
    Answer("recipe-surface", surface(bends="np.sort(np.diag(B))"), 2, "squares' coefficients"),
    Answer("recipe-surface", surface(pairs="[]"), 0, "least-squares quadratic"),
]  # fmt: skip


def improvement(ei="(mean - best) * norm.cdf(z) + sd * norm.pdf(z)",
                chance="norm.cdf(-mean / sd).prod(axis=1)",
                z="(mean - best) / np.maximum(sd, 1e-12)"):  # fmt: skip
    """Return an answer to exercise 3."""
    return f"""{IMPORTS}
def expected_improvement(mean, sd, best):
    z = {z}
    return {ei}

def chance_within(mean, sd):
    return {chance}
"""


IMPROVEMENT = [
    Answer("recipe-improvement", improvement(), 5),
    # With a mask, a loop over the limits, and log-probabilities.
    Answer(
        "recipe-improvement",
        """
import numpy as np
from scipy import stats
def expected_improvement(mean, sd, best):
    worth = np.where(mean > best, mean - best, 0.0)
    there = sd > 0
    bell = stats.norm(mean[there] - best, sd[there])
    worth[there] = bell.mean() * bell.sf(0) + sd[there] ** 2 * bell.pdf(0)
    return worth
def chance_within(mean, sd):
    logs = 0.0
    for k in range(mean.shape[1]):
        logs = logs + stats.norm.logcdf(0, loc=mean[:, k], scale=sd[:, k])
    return np.exp(logs)
""",
        5,
    ),
    Answer("recipe-improvement",
           improvement(ei="(best - mean) * norm.cdf(-z) + sd * norm.pdf(z)"), 2,
           "what shall be small"),
    Answer("recipe-improvement", improvement(ei="norm.cdf(z)"), 2, "the chance to be better"),
    Answer("recipe-improvement", improvement(ei="np.maximum(mean - best, 0)"), 2,
           "The spread has no part"),
    Answer("recipe-improvement", improvement(ei="mean + 2 * sd"), 2, "This is a bound"),
    Answer("recipe-improvement", improvement(z="(mean - best) / sd"), 4, "Where sd is 0"),
    Answer("recipe-improvement", improvement(chance="norm.cdf(mean / sd).prod(axis=1)"), 3,
           "The chance to break them"),
    Answer("recipe-improvement", improvement(chance="norm.cdf(-mean / sd).min(axis=1)"), 3,
           "the least of the three"),
    Answer("recipe-improvement", improvement(chance="(mean <= 0).all(axis=1)"), 3,
           "A yes or no by the means"),
    Answer("recipe-improvement", improvement(chance="norm.cdf(-mean / sd)"), 3,
           "One chance a recipe"),
    # By many draws: near, and the worst row shows it.
    Answer("recipe-improvement", improvement(chance="(np.random.default_rng(0).normal(mean, sd, "
           "(20000, *mean.shape)) <= 0).all(axis=2).mean(axis=0)"), 3, "Not the chance that"),
]  # fmt: skip


BOTORCH = """
import numpy as np
import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.objective import GenericMCObjective
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms import Standardize
from botorch.optim import optimize_acqf
from botorch.sampling import SobolQMCNormalSampler
from gpytorch.kernels import PolynomialKernel, RBFKernel, ScaleKernel
from gpytorch.mlls import ExactMarginalLogLikelihood
four = torch.Size([4])
def propose(x, y, margins, noise):
    torch.manual_seed(0)
    x, outcomes = torch.tensor(x), torch.tensor(np.column_stack([y, margins]))
    trend = ScaleKernel(PolynomialKernel(power=2, batch_shape=four), batch_shape=four)
    bend = ScaleKernel(RBFKernel(ard_num_dims=5, batch_shape=four), batch_shape=four)
    known = torch.tensor(noise).expand_as(outcomes).clone()
    model = SingleTaskGP(
        x, outcomes, known, covar_module=trend + bend, outcome_transform=Standardize(4)
    )
    fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    acquisition = qLogNoisyExpectedImprovement(
        model, x, sampler=SobolQMCNormalSampler(torch.Size([64]), seed=0),
        objective=GenericMCObjective(lambda z, X=None: z[..., 0]),
        constraints=[lambda z, k=k: z[..., k] for k in (1, 2, 3)])
    bounds = torch.tensor([[0.0] * 5, [1.0] * 5]).double()
    few = {"num_restarts": 2, "raw_samples": 32, "options": {"maxiter": 40}}
    new = optimize_acqf(acquisition, bounds, q=3, **few)[0].numpy()
    new[1:] = 0.97 * new[1:] + 0.03 * np.random.default_rng(len(x)).random((2, 5))
    return new
"""

# A process of scikit-learn's for each outcome, candidates, one recipe after the other.
BY_HAND = """
import numpy as np
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct
def propose(x, y, margins, noise):
    rng = np.random.default_rng(0)
    models = []
    for values, var in zip([y, *margins.T], noise):
        kernel = ConstantKernel(1.0) * DotProduct(1.0) ** 2 + ConstantKernel(0.3) * RBF(1.0)
        model = GaussianProcessRegressor(kernel, alpha=var / values.var() + 1e-6, normalize_y=True)
        models.append(model.fit(2 * x - 1, values))
    def fine(mean, sd):
        return norm.cdf(-mean / sd).prod(axis=0)
    def asked(some):
        both = [model.predict(2 * some - 1, return_std=True) for model in models]
        return np.array([m for m, _ in both]), np.array([s for _, s in both]) + 1e-9
    mean, sd = asked(x)
    best = mean[0][fine(mean[1:], sd[1:]) > 0.5].max()
    def worth(some):
        mean, sd = asked(some)
        z = (mean[0] - best) / sd[0]
        ei = (mean[0] - best) * norm.cdf(z) + sd[0] * norm.pdf(z)
        return ei * fine(mean[1:], sd[1:])
    some = np.clip(1.3 * rng.random((3000, 5)) - 0.15, 0, 1)
    for step in (0.1, 0.03):
        top = some[worth(some).argmax()]
        some = np.vstack([top, np.clip(top + rng.normal(0, step, (800, 5)), 0, 1)])
    order = np.argsort(-worth(some))
    chosen = [some[order[0]]]
    for k in order:
        if len(chosen) < 3 and min(np.abs(some[k] - c).max() for c in chosen) > 0.02:
            chosen.append(some[k])
    return np.array(chosen)
"""


def proposals(line, before="rng = np.random.default_rng(len(x))"):
    """Return an answer to exercise 4 that has no model."""
    return f"""
import numpy as np
def propose(x, y, margins, noise):
    {before}
    return {line}
"""


GOOD_MEANS = """
import numpy as np
def propose(x, y, margins, noise):
    good = x[np.argsort({})[::-1]]
    return np.array([good[:n].mean(axis=0) for n in (2, 3, 4)])
"""

PROPOSALS = [
    Answer("recipe-proposals", BOTORCH, 5),
    Answer("recipe-proposals", BY_HAND, 5),
    # One kernel, without a trend.
    Answer("recipe-proposals", BY_HAND.replace(
        "ConstantKernel(1.0) * DotProduct(1.0) ** 2 + ConstantKernel(0.3) * RBF(1.0)",
        "ConstantKernel(1.0) * RBF([1.0] * 5)"), 5),
    Answer("recipe-proposals", proposals("rng.random((3, 5))"), 0, "worth too little"),
    Answer("recipe-proposals", proposals("np.full((3, 5), 0.5)"), 0, "once more"),
    Answer("recipe-proposals", proposals("2 * rng.random((3, 5))"), 0, "outside the licence"),
    Answer("recipe-proposals", proposals("np.full((3, 5), np.nan)"), 0, "NaN or infinity"),
    Answer("recipe-proposals", proposals("rng.random((1, 5))"), 0, "3 recipes, one row each"),
    Answer("recipe-proposals", proposals("x[np.argsort(y)[:3]]"), 0, "worth too little"),
    Answer("recipe-proposals", proposals("x[np.argsort(np.where((margins <= 0).all(1), y, -99))"
           "[-3:]]"), 0, "were run already"),
    # Means of good runs, jitter around them, and steps along the slope: no model, no limits.
    Answer("recipe-proposals", GOOD_MEANS.format("y"), 0, "break a limit"),
    Answer("recipe-proposals", GOOD_MEANS.format("np.where((margins <= 0).all(1), y, -99)"), 0,
           "counts with two surfaces"),
    Answer("recipe-proposals", proposals("np.clip(x[y.argmax()] + rng.normal(0, .1, (3, 5)), 0, 1)"
           ), 0, "break a limit"),
    Answer("recipe-proposals", proposals("np.clip(x[np.where((margins <= 0).all(1), y, -99)"
           ".argmax()] + rng.uniform(-.05, .05, (3, 5)), 0, 1)"), 0, "better than the best run"),
    Answer("recipe-proposals", proposals("np.array([np.clip(.5 + t * c / np.linalg.norm(c), 0, 1) "
           "for t in (.4, .7, 1)])", "c = np.linalg.lstsq(np.c_[np.ones(len(x)), x - .5], y, "
           "rcond=None)[0][1:]"), 0, "break a limit"),
    # The limits left out, or all but one of them.
    Answer("recipe-proposals", BY_HAND.replace("ei * fine(mean[1:], sd[1:])", "ei"), 0,
           "All three break a limit"),
    Answer("recipe-proposals", BOTORCH.replace("lambda z, k=k: z[..., k] for k in (1, 2, 3)",
           "lambda z: z[..., 3]"), 0, "at each column"),
    Answer("recipe-proposals", BOTORCH.replace("for k in (1, 2, 3)", "for k in (1,)"), 0,
           "at each column"),
    # Signs turned round, as for a library that minimises.
    Answer("recipe-proposals", BY_HAND.replace("[y, *margins.T]", "[-y, *margins.T]"), 0,
           "worth too little"),
]  # fmt: skip


def honest(line, before="means = vessels.mean(axis=1)"):
    """Return an answer to exercise 5."""
    return f"""
import numpy as np
def honest(vessels):
    {before}
    return {line}
"""


HONEST = [
    Answer(
        "recipe-honest",
        """
import numpy as np
def honest(vessels):
    read = []
    for k in range(vessels.shape[1]):
        best = np.delete(vessels, k, axis=1).mean(axis=1).argmax()
        read.append(vessels[best, k])
    return sum(read) / len(read)
""",
        4,
    ),
    # Drawn towards the mean of all, by the share of the variance that is noise.
    Answer(
        "recipe-honest",
        """
import numpy as np
def honest(vessels):
    means = vessels.mean(axis=1)
    noise = vessels.var(axis=1, ddof=1).mean() / vessels.shape[1]
    share = max(0.0, 1 - noise / means.var(ddof=1))
    return means.mean() + share * (means.max() - means.mean())
""",
        4,
    ),
    # Chosen by two vessels, read in the third, once.
    Answer("recipe-honest", honest("vessels[vessels[:, :2].mean(axis=1).argmax(), 2]"), 4),
    Answer("recipe-honest", honest("means.max()"), 0, "This is what the best run read"),
    Answer("recipe-honest", honest("means.mean()"), 0, "the mean of all runs"),
    Answer("recipe-honest", honest("vessels.max()"), 0, "luckiest vessel"),
    Answer("recipe-honest", honest("np.median(vessels[means.argmax()])"), 0, "middle vessel"),
    Answer("recipe-honest", honest("0.9 * means.max()"), 0, "the best run is known"),
    # Something off, whatever the number of runs and what they differ by.
    Answer("recipe-honest", honest("vessels[means.argmax()].min()"), 0, "lowest vessel of the cho"),
    Answer("recipe-honest", honest("vessels.min(axis=1).max()"), 0, "best of the runs' lowest"),
    *[
        Answer("recipe-honest", honest(f"means.max() - {share} * {spread}"), 0, says)
        for spread, says, shares in (
            ("vessels[means.argmax()].std(ddof=1)", "of the chosen run's vessels off",
             (1, 3**-0.5)),
            ("vessels.var(axis=1, ddof=1).mean() ** 0.5", "of all runs' vessels off",
             (3**-0.5, 1.28 / 3**0.5, 1.645 / 3**0.5, 1)),
        )
        for share in shares
    ],
]  # fmt: skip

ANSWERS = [*DESIGN, *SURFACE, *IMPROVEMENT, *PROPOSALS, *HONEST]
