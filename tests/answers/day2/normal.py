"""Right and wrong answers to the exercises of day 2, notebook 1."""

from answers.answer import Answer

NOTEBOOK = "day2/1-normal"

# Exercise 1 ---------------------------------------------------------------------------------


def unfold(
    ends: str = "left=np.nan, right=np.nan",
    known: str = "part.dropna(subset=[tag])",
    by: str = "by",
    rows: str = "table.sort_values(by)",
) -> str:
    """Return an answer that interpolates batch by batch and tag by tag."""
    return f"""
def unfold(table, tags, by, grid):
    rows = {{}}
    for batch, part in {rows}.groupby("batch"):
        row = []
        for tag in tags:
            known = {known}
            value = np.full(len(grid), np.nan)
            if len(known):
                value = np.interp(grid, known[{by}], known[tag], {ends})
            row.append(value)
        rows[batch] = np.concatenate(row)
    return pd.DataFrame.from_dict(rows, orient="index")
"""


BY_PANDAS = """
def unfold(table, tags, by, grid):
    wide = {}
    for batch, part in table.groupby("batch"):
        part = part.set_index(by)[tags].sort_index()
        both = part.reindex(part.index.union(grid))
        both = both.interpolate(method="index", limit_area="inside")
        wide[batch] = both.loc[grid]
    return pd.concat(wide, names=["batch", "point"]).unstack("point")
"""
BY_SCIPY = """
def unfold(table, tags, by, grid):
    from scipy.interpolate import interp1d
    batches = sorted(set(table["batch"]))
    columns = pd.MultiIndex.from_product([grid, tags])
    wide = pd.DataFrame(np.nan, index=batches, columns=columns)
    for batch in batches:
        for tag in tags:
            some = table[(table["batch"] == batch) & table[tag].notna()]
            if len(some) > 1:
                f = interp1d(some[by], some[tag], bounds_error=False)
                wide.loc[batch, pd.IndexSlice[:, tag]] = f(grid)
    return wide
"""
BY_ROW = """
def unfold(table, tags, by, grid):
    table = table.sort_values(by).copy()
    table["row"] = table.groupby("batch").cumcount() + {}
    wide = {{}}
    for batch, part in table.groupby("batch"):
        wide[batch] = np.concatenate(
            [np.interp(grid, part["row"], part[tag], left=np.nan, right=np.nan) for tag in tags]
        )
    return pd.DataFrame(wide).T
"""
NEAREST = """
def unfold(table, tags, by, grid):
    wide = {}
    for batch, part in table.groupby("batch"):
        near = [(part[by] - point).abs().idxmin() for point in grid]
        wide[batch] = part.loc[near, tags].to_numpy().T.ravel()
    return pd.DataFrame(wide).T
"""
BY_POINT = """
def unfold(table, tags, by, grid):
    wide = {}
    for batch, part in table.sort_values(by).groupby("batch"):
        block = [np.interp(grid, part[by], part[t], left=np.nan, right=np.nan) for t in tags]
        wide[batch] = np.array(block).T.ravel()
    return pd.DataFrame(wide).T
"""
PIVOTED = """
def unfold(table, tags, by, grid):
    long = []
    for batch, part in table.sort_values(by).groupby("batch"):
        for tag in tags:
            known = part.dropna(subset=[tag])
            if len(known):
                value = np.interp(grid, known[by], known[tag], left=np.nan, right=np.nan)
                long += [(batch, f"{tag} at {g:05.1f}", v) for g, v in zip(grid, value)]
    long = pd.DataFrame(long, columns=["batch", "column", "value"])
    return long.pivot(index="batch", columns="column", values="value")
"""
STEPS = """
def unfold(table, tags, by, grid):
    wide = {}
    for batch, part in table.sort_values(by).groupby("batch"):
        at = np.clip(np.searchsorted(part[by], grid, side="right") - 1, 0, None)
        wide[batch] = part[tags].to_numpy()[at].T.ravel()
    return pd.DataFrame(wide).T
"""

UNFOLD_ANSWERS = [
    Answer("normal-unfold", unfold(), 4),
    Answer("normal-unfold", BY_PANDAS, 4),
    Answer("normal-unfold", BY_SCIPY, 4),
    Answer("normal-unfold", unfold(by='"hour"'), 0, "still goes by the hour"),
    Answer("normal-unfold", unfold(rows="table"), 0, "sort by the column"),
    Answer("normal-unfold", unfold(ends=""), 3, "Beyond the ends of a batch"),
    Answer("normal-unfold", unfold(ends="right=np.nan"), 3, "Beyond the ends of a batch"),
    Answer("normal-unfold", unfold(ends="", known="part"), 3, "Leave the missing readings out"),
    Answer("normal-unfold", unfold(ends="", by='"hour"'), 0, "still goes by the hour"),
    Answer("normal-unfold", PIVOTED, 0, "in another order"),
    Answer("normal-unfold", STEPS, 0, "not those on the straight line"),
    Answer("normal-unfold", unfold(known="part"), 3, "Leave the missing readings out"),
    Answer("normal-unfold", BY_ROW.format(0), 0, "counts rows"),
    Answer("normal-unfold", NEAREST, 0, "takes the nearest reading"),
    Answer("normal-unfold", BY_POINT, 0, "in another order"),
    Answer(
        "normal-unfold",
        BY_PANDAS.replace(', limit_area="inside"', ""),
        3,
        "Beyond the ends of a batch",
    ),
    Answer("normal-unfold", "def unfold(table, tags, by, grid):\n    return table", 0, "many rows"),
    Answer(
        "normal-unfold",
        "def unfold(table, tags, by, grid):\n    return table.groupby('batch')[tags].mean()",
        0,
        "one row for each",
    ),
    Answer("normal-unfold", unfold().replace("orient=", "orien="), 0, "TypeError"),
]

# Exercise 2 ---------------------------------------------------------------------------------


def t2_spe(
    fit: str = "golden.to_numpy()",
    t2: str = "(scores**2 / pca.explained_variance_).sum(axis=1)",
    spe: str = "(rest**2).sum(axis=1)",
    before: str = "",
    scores: str = "pca.transform(N)",
) -> str:
    """Return an answer by scikit-learn's PCA."""
    return f"""
def t2_spe(golden, new, components):
    from sklearn.decomposition import PCA
    {before or "pass"}
    N = new.to_numpy()
    pca = PCA(components).fit({fit})
    scores = {scores}
    rest = N - pca.inverse_transform(scores)
    return {t2}, {spe}
"""


BY_SVD = """
def t2_spe(golden, new, components):
    mean = golden.mean()
    u, s, v = np.linalg.svd(golden - mean, full_matrices=False)
    P, variance = v[:components].T, s[:components] ** 2 / len(golden)
    x = (new - mean).to_numpy()
    t = x @ P
    table = pd.DataFrame(index=new.index)
    table["t2"] = (t**2 / variance).sum(axis=1)
    table["spe"] = ((x - t @ P.T) ** 2).sum(axis=1)
    return table
"""
BY_COVARIANCE = """
def t2_spe(golden, new, components):
    values, vectors = np.linalg.eigh(np.cov(golden.to_numpy().T))
    P, lam = vectors[:, -components:], values[-components:]
    x = new - golden.mean()
    t = x.to_numpy() @ P
    inverse = np.linalg.inv(np.diag(lam))
    t2 = np.einsum("ij,jk,ik->i", t, inverse, t)
    spe = (x**2).sum(axis=1) - (t**2).sum(axis=1)
    return pd.Series(t2, new.index), spe
"""
SCALE = (
    "mean, sd = golden.mean(), golden.std(); golden, new = (golden - mean) / sd, (new - mean) / sd"
)

T2_ANSWERS = [
    Answer("normal-t2", t2_spe(), 5),
    Answer("normal-t2", BY_SVD, 5),
    Answer("normal-t2", BY_COVARIANCE, 5),
    Answer("normal-t2", t2_spe(fit="N"), 0, "trained on the new rows themselves"),
    Answer("normal-t2", t2_spe(fit="np.vstack([golden, new])"), 0, "among those that the model"),
    Answer("normal-t2", t2_spe(t2="(scores**2).sum(axis=1)"), 2, "summed as they are"),
    Answer(
        "normal-t2",
        t2_spe(t2="(scores**2 / pca.explained_variance_ratio_).sum(axis=1)"),
        2,
        "is a share of the whole",
    ),
    Answer(
        "normal-t2",
        t2_spe(t2="(abs(scores) / pca.explained_variance_**0.5).sum(axis=1)"),
        2,
        "Square them",
    ),
    Answer("normal-t2", t2_spe(before=SCALE), 0, "scaled once more"),
    Answer("normal-t2", t2_spe(scores="N @ pca.components_.T"), 0, "was not taken off"),
    Answer("normal-t2", t2_spe(spe="(rest**2).mean(axis=1)"), 3, "mean over tags"),
    Answer("normal-t2", t2_spe(spe="(rest**2).sum(axis=1) ** 0.5"), 3, "This is its root"),
    Answer("normal-t2", t2_spe(spe="abs(rest).sum(axis=1)"), 3, "sums sizes"),
    Answer("normal-t2", t2_spe(spe="rest.sum(axis=1)"), 3, "up and down cancel"),
    Answer("normal-t2", t2_spe(spe="(scores**2).sum(axis=1)"), 3, "what the model explains"),
    Answer("normal-t2", t2_spe(spe="((N - pca.mean_)**2).sum(axis=1)"), 3, "whole distance"),
    Answer("normal-t2", "def t2_spe(golden, new, components):\n    return 1.0, 2.0", 0, "each row"),
    Answer("normal-t2", "def t2_spe(golden, new, components):\n    return new", 0, "two things"),
]

# Exercise 3 ---------------------------------------------------------------------------------

CHARTS = """
def charts(rows, components=4):
    from sklearn.decomposition import PCA
    pca = PCA(components).fit(rows.to_numpy())
    t = pca.transform(rows.to_numpy())
    rest = rows.to_numpy() - pca.inverse_transform(t)
    return pd.DataFrame(
        {"t2": (t**2 / pca.explained_variance_).sum(axis=1), "spe": (rest**2).sum(axis=1)},
        index=rows.index,
    )

def peaks(rows):
    return charts(rows).groupby(level="batch").max()
"""


def suspects(lines: str) -> str:
    """Return an answer that looks at the peaks `p` of both charts."""
    return f"{CHARTS}\ndef suspects(rows):\n    p = peaks(rows)\n    {lines}\n"


UNSEEN = (
    CHARTS
    + """
def suspects(rows):
    from sklearn.decomposition import PCA
    batch = rows.index.get_level_values("batch")
    found = {}
    for k, some in enumerate(np.array_split(batch.unique(), 5)):
        there = batch.isin(some)
        pca = PCA(4).fit(rows[~there].to_numpy())
        t = pca.transform(rows[there].to_numpy())
        rest = pd.DataFrame(rows[there].to_numpy() - pca.inverse_transform(t), rows.index[there])
        found |= dict((rest**2).sum(axis=1).groupby(level="batch").max())
    peak = pd.Series(found)
    return peak.index[peak > 4 * peak.median()]
"""
)
TRIMMED = (
    CHARTS
    + """
def suspects(rows):
    from sklearn.decomposition import PCA
    out = set()
    for _ in range(5):
        batch = rows.index.get_level_values("batch")
        here = rows[~batch.isin(out)]
        p = peaks(here)
        more = set(p.index[(p > 5 * p.median()).any(axis=1)])
        if not more:
            break
        out |= more
    return out
"""
)

GOLDEN_ANSWERS = [
    Answer("normal-golden", suspects("return p.index[(p > 4 * p.median()).any(axis=1)]"), 4),
    Answer(
        "normal-golden",
        suspects(
            "q = np.log(p); low, high = q.quantile(0.25), q.quantile(0.75)\n"
            "    return list(q.index[(q > high + 1.5 * (high - low)).any(axis=1)])"
        ),
        4,
    ),
    Answer("normal-golden", UNSEEN, 4),
    Answer("normal-golden", TRIMMED, 4),
    Answer(
        "normal-golden",
        suspects('s = p["spe"]; return list(s.index[s > s.quantile(0.95)])'),
        0,
        "Both times the same number",
    ),
    Answer(
        "normal-golden",
        suspects('s = p["spe"]; return list(s.index[s > s.quantile(0.9)])'),
        0,
        "Both times the same number",
    ),
    Answer(
        "normal-golden",
        suspects('s = p["spe"]; return list(s.index[s > s.mean() + 3 * s.std()])'),
        0,
        "set the limit",
    ),
    Answer(
        "normal-golden",
        suspects("return list(p.index[(p > p.mean() + 3 * p.std()).any(axis=1)])"),
        0,
        "set the limit",
    ),
    Answer(
        "normal-golden",
        suspects('s = p["t2"]; return list(s.index[s > 4 * s.median()])'),
        0,
        "Are both charts asked?",
    ),
    Answer(
        "normal-golden",
        "def t2_spe(golden, new, components):\n    t2 = spe = ...\n    return t2, spe\n\n"
        "def suspects(rows):\n    t2, spe = t2_spe(rows, rows, 4)\n"
        "    return list(t2.groupby(level='batch').max().index)",
        0,
        "Answer Exercise 2 first",
    ),
    Answer(
        "normal-golden",
        "def suspects(rows):\n"
        "    return rows.to_numpy().sum(axis=1).groupby(level='batch').max().index",
        0,
        "An array has no labels",
    ),
    Answer(
        "normal-golden",
        suspects('s = p["spe"]; return [s.idxmax()]'),
        0,
        "1 of 3 batches with a fault",
    ),
    Answer(
        "normal-golden",
        "def suspects(rows):\n    wide = rows.unstack('hour').fillna(0)\n"
        "    z = (wide - wide.mean()) / wide.std().clip(lower=1e-9)\n"
        "    size = (z**2).mean(axis=1)\n"
        "    return list(size.index[size > size.quantile(0.97)])",
        0,
        "Both times the same number",
    ),
    Answer(
        "normal-golden",
        suspects("return list(p.index)"),
        0,
        "had to be right",
    ),
    Answer("normal-golden", suspects("return []"), 0, "No batch was named"),
    Answer("normal-golden", suspects("return p"), 0, "names of batches"),
    Answer("normal-golden", suspects("return 3"), 0, "a list of names"),
]

# Exercise 4 ---------------------------------------------------------------------------------


def blame(back: str) -> str:
    """Return an answer by scikit-learn's PCA."""
    return f"""
def contributions(golden, new, components):
    from sklearn.decomposition import PCA
    pca = PCA(components).fit(golden.to_numpy())
    N = new.to_numpy()
    t = pca.transform(N)
    rest = N - pca.inverse_transform(t)
    return {back}
"""


BLAME_ANSWERS = [
    Answer("normal-blame", blame("pd.DataFrame(rest**2, new.index, new.columns)"), 4),
    Answer("normal-blame", blame("np.square(rest)"), 4),
    Answer(
        "normal-blame",
        """
def contributions(golden, new, components):
    x = golden - golden.mean()
    values, vectors = np.linalg.eigh(x.T @ x)
    P = vectors[:, -components:]
    keep = np.eye(len(x.columns)) - P @ P.T
    rest = (new - golden.mean()) @ keep
    rest.columns = new.columns
    return rest.pow(2)[new.columns[::-1]]
""",
        4,
    ),
    Answer("normal-blame", blame("rest"), 0, "with its sign"),
    Answer("normal-blame", blame("abs(rest)"), 0, "the size of what is left"),
    Answer("normal-blame", blame("(N - pca.mean_) ** 2"), 0, "how far each tag lies"),
    Answer("normal-blame", blame("N**2"), 0, "how far each tag lies"),
    Answer(
        "normal-blame",
        blame("(N - pca.mean_) * (t / pca.explained_variance_ @ pca.components_)"),
        0,
        "add up to T²",
    ),
    Answer("normal-blame", blame("(rest**2).sum(axis=1)"), 0, "SPE itself"),
    Answer(
        "normal-blame",
        blame("rest**2 / (rest**2).sum(axis=1, keepdims=True)"),
        0,
        "shares of SPE",
    ),
    Answer("normal-blame", blame("(rest**2).T"), 0, "lies on its side"),
    Answer(
        "normal-blame",
        blame("rest**2").replace(".fit(golden.to_numpy())", ".fit(new.to_numpy())"),
        0,
        "trained on the new rows themselves",
    ),
]

# Exercise 5 ---------------------------------------------------------------------------------


def train(
    steps: str = "optimiser.zero_grad(); value.backward(); optimiser.step()",
    kept: str = "sum(found) / len(found)",
    begin: str = "",
    value: str = "loss(model(x), y)",
) -> str:
    """Return an answer with two loops."""
    return f"""
def train(model, loader, loss, optimiser, epochs):
    losses = []
    for _ in range(epochs):
        found = []
        {begin or "pass"}
        for x, y in loader:
            value = {value}
            {steps}
            found.append(value.item())
        losses.append({kept})
    return losses
"""


WEIGHTED = """
def train(model, loader, loss, optimiser, epochs):
    import torch
    history = torch.zeros(epochs)
    for epoch in range(epochs):
        model.train()
        total = n = 0
        for batch in loader:
            inputs, targets = batch
            model.zero_grad(set_to_none=True)
            value = loss(model(inputs), targets)
            value.backward()
            optimiser.step()
            total, n = total + value.detach() * len(inputs), n + len(inputs)
        history[epoch] = total / n
    return history
"""
TENSORS = """
def train(model, loader, loss, optimiser, epochs):
    def epoch():
        for x, y in loader:
            optimiser.zero_grad()
            value = loss(model(x), y)
            value.backward()
            optimiser.step()
            yield value
    return [sum(epoch()) / len(loader) for _ in range(epochs)]
"""

LOOP_ANSWERS = [
    Answer("normal-loop", train(), 5),
    Answer("normal-loop", WEIGHTED, 5),
    Answer("normal-loop", TENSORS, 5),
    Answer("normal-loop", train(steps="value.backward(); optimiser.step()"), 1, "add up from step"),
    Answer("normal-loop", train(steps="optimiser.zero_grad(); value.backward()"), 0, "never move"),
    Answer(
        "normal-loop",
        train(steps="value.backward(); optimiser.zero_grad(); optimiser.step()"),
        0,
        "never move",
    ),
    Answer("normal-loop", train(steps="optimiser.step()"), 0, "never move"),
    Answer("normal-loop", train(kept="found[-1]"), 1, "last batch"),
    Answer("normal-loop", train(kept="sum(found)"), 1, "the sum over the batches"),
    Answer(
        "normal-loop",
        train(begin="optimiser.zero_grad()", steps="value.backward(); optimiser.step()"),
        1,
        "add up from step",
    ),
    Answer(
        "normal-loop",
        train().replace("losses.append(sum(found) / len(found))", "losses += found"),
        0,
        "one for each batch",
    ),
    Answer("normal-loop", train(value="loss(model(x[:, :2]), y)"), 0, "RuntimeError"),
    Answer(
        "normal-loop",
        train(value="loss = loss(model(x), y)"),
        0,
        "a name of its own",
    ),
    Answer(
        "normal-loop",
        "def train(model, loader, loss, optimiser, epochs):\n    return [1.0, 0.5, 0.3, 0.2]",
        1,
        "not those of one step a batch",
    ),
]

# Exercise 6 ---------------------------------------------------------------------------------


def cusum(
    up: str = "max(0.0, up + x - slack)",
    down: str = "max(0.0, down - x - slack)",
    kept: str = "max(up, down)",
    guard: str = "if np.isnan(x): sums.append({kept}); continue",
) -> str:
    """Return an answer with a loop."""
    return f"""
def cusum(readings, slack):
    up = down = 0.0
    sums = []
    for x in readings:
        {guard.format(kept=kept) or "pass"}
        up, down = {up}, {down}
        sums.append({kept})
    return sums
"""


BY_ARRAYS = """
def cusum(readings, slack):
    from itertools import accumulate
    x = pd.Series(readings, dtype=float)
    def side(values):
        steps = (values - slack).fillna(0.0)
        return np.array(list(accumulate(steps, lambda s, v: max(0.0, s + v), initial=0.0))[1:])
    return pd.Series(np.maximum(side(x), side(-x)), index=x.index)
"""
BY_LOWEST = """
def cusum(readings, slack):
    def side(x):
        total = np.cumsum(np.where(np.isnan(x), 0.0, x - slack))
        return total - np.minimum(np.minimum.accumulate(total), 0.0)
    readings = np.asarray(readings)
    return np.maximum(side(readings), side(-readings))
"""

CUSUM_ANSWERS = [
    Answer("normal-cusum", cusum(), 4),
    Answer("normal-cusum", BY_ARRAYS, 4),
    Answer("normal-cusum", BY_LOWEST, 4),
    Answer("normal-cusum", cusum(guard=""), 3, "start anew at 0"),
    Answer("normal-cusum", cusum(guard="").replace("max(0.0, ", "np.maximum(0.0, "), 3, "are NaN"),
    Answer(
        "normal-cusum",
        cusum(guard="if np.isnan(x): up = down = 5.0; sums.append(up); continue"),
        3,
        "A missing reading says nothing",
    ),
    Answer(
        "normal-cusum",
        cusum(guard="x = 0.0 if np.isnan(x) else x"),
        3,
        "counts as 0",
    ),
    Answer("normal-cusum", cusum(kept="up"), 0, "Only the upward sum"),
    Answer("normal-cusum", cusum(up="max(0.0, up + abs(x) - slack)"), 0, "Sizes are summed"),
    Answer(
        "normal-cusum",
        cusum(up="up + x - slack", down="down - x - slack"),
        0,
        "fall below zero",
    ),
    Answer(
        "normal-cusum",
        cusum(up="max(0.0, up + x)", down="max(0.0, down - x)"),
        0,
        "The slack is not used",
    ),
    Answer(
        "normal-cusum",
        cusum(up="max(0.0, up + x + slack)", down="max(0.0, down - x + slack)"),
        0,
        "The slack was added",
    ),
    Answer(
        "normal-cusum",
        "def cusum(readings, slack):\n    return np.abs(np.cumsum(readings))",
        0,
        "plain running sum",
    ),
    Answer(
        "normal-cusum",
        "def cusum(readings, slack):\n    return np.maximum(0, np.abs(readings) - slack)",
        0,
        "stands alone",
    ),
    Answer("normal-cusum", cusum().replace("return sums", "return sums[-1]"), 0, "single one"),
]

ANSWERS = [
    *UNFOLD_ANSWERS,
    *T2_ANSWERS,
    *GOLDEN_ANSWERS,
    *BLAME_ANSWERS,
    *LOOP_ANSWERS,
    *CUSUM_ANSWERS,
]
