"""Right and wrong answers to the exercises of day 3, notebook 1."""

from answers.answer import Answer
from vaxlab.lessons.day3.nine import checks, truth

NOTEBOOK = "day3/1-nine"


def roles(**changed):
    """Return an answer to exercise 1."""
    return f"roles = {dict(checks.ROLES) | changed!r}"


def shares(
    halves="(order[:half], order[half:2 * half])",
    order="rng.permutation(len(y))",
    end="times / (2 * pairs)",
    rows_of_y="rows",
):
    """Return the first half of an answer to exercise 2."""
    return f"""
def shares(select, x, y, pairs, rng):
    times, half = np.zeros(x.shape[1]), len(y) // 2
    for _ in range(pairs):
        order = {order}
        for rows in {halves}:
            times[select(x[rows], y[{rows_of_y}])] += 1
    return {end}
"""


def bound(line="count ** 2 / (columns * (2 * least - 1))"):
    """Return the second half of it."""
    return f"\ndef bound(count, columns, least):\n    return {line}\n"


def knockoffs(
    line="z - z @ inverse @ S + rng.standard_normal(z.shape) @ root.T",
    s="0.99 * min(1, 2 * np.linalg.eigvalsh(sigma)[0])",
    root="np.linalg.cholesky(2 * S - S @ inverse @ S)",
    back="mean + spread * copies",
):
    """Return the first half of an answer to exercise 3."""
    return f"""
from sklearn.covariance import ledoit_wolf
def knockoffs(x, rng):
    mean, spread = x.mean(axis=0), x.std(axis=0)
    z = (x - mean) / spread
    sigma, _ = ledoit_wolf(z)
    S = {s} * np.eye(len(sigma))
    inverse = np.linalg.inv(sigma)
    root = {root}
    copies = {line}
    return {back}
"""


def chosen(
    rule="(1 + (w <= -t).sum()) / max(1, (w >= t).sum())",
    sizes="np.sort(np.abs(w[w != 0]))",
    end="np.flatnonzero(w >= t)",
    otherwise="np.array([], dtype=int)",
):
    """Return the second half of it."""
    return f"""
def chosen(w, false_share):
    for t in {sizes}:
        if {rule} <= false_share:
            return {end}
    return {otherwise}
"""


def p_value(
    shuffled="rng.permutation(line[first])[code]",
    seen="abs(np.corrcoef(line, y)[0, 1])",
    now="abs(np.corrcoef(shuffled, y)[0, 1])",
    more=">= seen - 1e-12",
    end="(1 + strong) / (1 + times)",
):
    """Return an answer to exercise 4."""
    return f"""
def lot_p_value(line, y, lots, rng, times=999):
    names, first, code = np.unique(lots.astype(str), return_index=True, return_inverse=True)
    seen, strong = {seen}, 0
    for _ in range(times):
        shuffled = {shuffled}
        strong += {now} {more}
    return {end}
"""


GRAPH = """season -> team, serum lot, carrier lot, conductivity
serum lot, carrier lot -> virus
virus -> recovery, doses
conductivity -> recovery -> doses
doses -> released"""
SINGLE = GRAPH.replace(
    "serum lot, carrier lot -> virus", "serum lot -> virus\ncarrier lot -> virus"
)


def graph(text=SINGLE, adjusted='["season"]'):
    """Return an answer to exercise 5."""
    return f'my_graph = """\n{text}\n"""\nadjusted = {adjusted}\n'


def find(
    witnesses="witnesses",
    lines="nine.by_lots(x, witnesses[witness], lots, sure)",
    factor="witnesses.shape[1]",
    sign='nine.effect(x[name], witnesses["doses"], lots)',
    end="[(name, sign(name)) for name in names]",
):
    """Return an answer to exercise 6."""
    return f"""
def find(x, witnesses, lots):
    asked = []
    for witness in {witnesses}:
        own = nine.one_by_one(x, witnesses[witness], lots)
        sure = list(own.index[own["p"] < 0.003])
        asked += [own, {lines}]
    p = pd.concat(asked)["p"].groupby(level=0).min().sort_values()
    names = p.index[p * {factor} < 0.05][:15]
    sign = lambda name: {sign}
    return {end}
"""


ROLES = [
    Answer("nine-roles", roles(), 4),
    Answer("nine-roles", f"roles = pd.Series({dict(checks.ROLES)!r}).str.upper()", 4),
    Answer("nine-roles", roles(coa_serum_growth_promotion="Stand in"), 4),
    Answer("nine-roles", roles(coa_serum_growth_promotion="cause"), 3, "does nothing itself"),
    Answer("nine-roles", roles(dsp_antigen_in_mg="symptom"), 3, "The doses are made of it"),
    Answer("nine-roles", roles(sample_lactate_harvest="cause"), 3, "The batch shows it"),
    Answer(
        "nine-roles",
        roles(sample_lactate_harvest="effect", dsp_antigen_in_mg=...),
        2,
        "none of the four words",
    ),
    Answer("nine-roles", f"roles = dict.fromkeys({list(checks.ROLES)}, 'cause')", 0, "3 of 12"),
    Answer("nine-roles", "roles = ['cause'] * 12", 0, "should be a dict"),
    Answer("nine-roles", "roles = {}", 0, "Replace the three dots"),
]

HALVES = [
    Answer("nine-halves", shares() + bound(), 5),
    # A loop over columns that were chosen, and the halves by a mask.
    Answer(
        "nine-halves",
        """
def shares(select, x, y, pairs, rng):
    x, y = np.asarray(x), np.asarray(y)
    counts = dict.fromkeys(range(x.shape[1]), 0)
    for _ in range(pairs):
        left = np.zeros(len(y), dtype=bool)
        left[rng.choice(len(y), len(y) // 2, replace=False)] = True
        for rows in (left, ~left):
            for column in select(x[rows], y[rows]):
                counts[int(column)] += 1
    return [count / pairs / 2 for count in counts.values()]

def bound(count, columns, least):
    theta = count / columns
    return theta * count / (2 * least - 1)
""",
        5,
    ),
    # Two new halves each time.
    Answer(
        "nine-halves",
        shares("(rng.permutation(len(y))[:half], rng.permutation(len(y))[:half])") + bound(),
        3,
        "but no pairs",
    ),
    Answer(
        "nine-halves",
        shares(order="rng.integers(len(y), size=len(y))") + bound(),
        3,
        "with replacement",
    ),
    Answer("nine-halves", shares(end="times / pairs") + bound(), 2, "there are two halves a pair"),
    Answer("nine-halves", shares(end="times") + bound(), 2, "These are counts"),
    Answer("nine-halves", shares(halves="(order, order)") + bound(), 2, "all rows are given"),
    Answer("nine-halves", shares(rows_of_y="order[: len(rows)]") + bound(), 2, "half"),
    Answer(
        "nine-halves",
        "def shares(select, x, y, pairs, rng):\n    return np.full(x.shape[1], 0.5)\n" + bound(),
        2,
        "the same two halves",
    ),
    # One order for all pairs.
    Answer(
        "nine-halves", shares(order="np.arange(len(y))") + bound(), 2, "draw an order anew for each"
    ),
    Answer("nine-halves", shares() + bound("count / (columns * (2 * least - 1))"), 3, "squared"),
    Answer("nine-halves", shares() + bound("count ** 2 / columns"), 3, "least share is left out"),
    Answer("nine-halves", shares() + bound("count ** 2 / (columns * 2 * least)"), 3, "least - 1"),
    Answer(
        "nine-halves",
        shares() + bound("count ** 2 / columns ** 2 / (2 * least - 1)"),
        3,
        "a share of the columns",
    ),
    Answer("nine-halves", shares(end="...") + bound("..."), 0, "three dots"),
]

COPIES = [
    Answer("nine-copies", knockoffs() + chosen(), 6),
    # Plain correlations, by numpy's own multivariate normal; marks instead of numbers.
    Answer(
        "nine-copies",
        """
def knockoffs(x, rng):
    centre = x.mean(axis=0)
    sigma = np.cov(x.T)
    scale = np.diag(np.diag(sigma))
    least = np.linalg.eigvalsh(np.corrcoef(x.T)).min()
    S = min(1.0, 1.9 * least) * scale
    A = np.linalg.solve(sigma, S)
    noise = rng.multivariate_normal(np.zeros(len(S)), 2 * S - S @ A, size=len(x))
    return x - (x - centre) @ A + noise

def chosen(w, false_share):
    w = np.asarray(w)
    sizes = sorted(set(np.abs(w)) - {0})
    good = [t for t in sizes if (1 + np.sum(w <= -t)) <= false_share * max(1, np.sum(w >= t))]
    return w >= min(good) if good else np.zeros(len(w), dtype=bool)
""",
        6,
    ),
    Answer("nine-copies", knockoffs() + chosen(end="set(np.flatnonzero(w >= t))"), 6),
    Answer("nine-copies", knockoffs() + chosen(end="np.where(w >= t)"), 6),
    Answer("nine-copies", knockoffs(s="0.8 * min(1, 2 * np.linalg.eigvalsh(sigma)[0])") + chosen(),
           3, "contests are lost that could be won"),
    Answer("nine-copies", knockoffs(s="0.99 * 2 * np.linalg.eigvalsh(sigma)[0]") + chosen(), 3,
           "goes against its original"),
    Answer(
        "nine-copies",
        knockoffs("z - z @ inverse @ S + rng.standard_normal(len(S)) @ root.T") + chosen(),
        3,
        "Has each row noise of its own",
    ),
    Answer("nine-copies",
           knockoffs() + chosen("1e-12 + (1 + (w <= -t).sum()) / max(1, (w >= t).sum())"),
           3, "one fifth, which is allowed"),
    Answer(
        "nine-copies",
        "def knockoffs(x, rng):\n    return rng.permuted(x, axis=0)\n" + chosen(),
        3,
        "Columns shuffled each for itself",
    ),
    Answer(
        "nine-copies",
        "def knockoffs(x, rng):\n    return x[rng.permutation(len(x))]\n" + chosen(),
        3,
        "rows were shuffled",
    ),
    Answer(
        "nine-copies",
        "def knockoffs(x, rng):\n    return x.copy()\n" + chosen(),
        3,
        "the originals themselves",
    ),
    Answer("nine-copies", knockoffs(s="0.01") + chosen(), 3, "hardly differ"),
    Answer("nine-copies", knockoffs(back="copies") + chosen(), 3, "other means"),
    Answer("nine-copies", knockoffs(root="np.eye(len(S))") + chosen(), 3, "another spread"),
    Answer("nine-copies", knockoffs(line="z - z @ inverse @ S") + chosen(), 3, "spread"),
    Answer("nine-copies", knockoffs() + chosen("(w <= -t).sum() / max(1, (w >= t).sum())"), 3,
           "The 1 in the counter"),
    Answer("nine-copies", knockoffs() + chosen(sizes="np.sort(np.abs(w[w != 0]))[::-1]"), 3,
           "largest t"),
    Answer("nine-copies", knockoffs() + chosen(end="np.flatnonzero(np.abs(w) >= t)"), 3,
           "without its absolute value"),
    Answer("nine-copies", knockoffs() + chosen(otherwise="np.flatnonzero(w > 0)"), 5,
           "choose nothing"),
    Answer(
        "nine-copies",
        knockoffs() + "def chosen(w, false_share):\n    return np.flatnonzero(w > 0)\n",
        3,
        "all that won their contest",
    ),
    Answer("nine-copies", knockoffs() + chosen(end="w[w >= t]"), 3, "numbers of columns"),
    Answer("nine-copies", knockoffs(back="...") + chosen(end="...", otherwise="..."), 0, "dots"),
]  # fmt: skip

LOTS = [
    Answer("nine-lots", p_value(), 4),
    # By pandas, and all shuffles at once.
    Answer(
        "nine-lots",
        """
def lot_p_value(line, y, lots, rng, times=999):
    table = pd.DataFrame({"line": line, "lot": lots})
    values = table.groupby("lot")["line"].first()
    seen = np.corrcoef(line, y)[0, 1] ** 2
    squares = []
    for _ in range(times):
        dealt = dict(zip(values.index, rng.permutation(values.to_numpy())))
        squares.append(np.corrcoef(table["lot"].map(dealt), y)[0, 1] ** 2)
    return (1 + np.sum(np.array(squares) >= seen * (1 - 1e-9))) / (times + 1)
""",
        4,
    ),
    Answer("nine-lots", p_value("rng.permutation(line)"), 0, "as if each of 300 batches"),
    Answer(
        "nine-lots",
        "from scipy import stats\ndef lot_p_value(line, y, lots, rng, times=999):\n"
        "    return stats.pearsonr(line, y).pvalue\n",
        0,
        "as if each of 300 batches",
    ),
    Answer("nine-lots", p_value(more="< seen - 1e-12"), 0, "the share of shuffles that are weaker"),
    # No shuffle: the textbook's p-value of the lots' means, and those means shuffled.
    Answer(
        "nine-lots",
        """
def lot_p_value(line, y, lots, rng, times=999):
    from scipy import stats
    means = pd.DataFrame({"line": line, "y": y, "lot": lots}).groupby("lot").mean()
    return max(stats.pearsonr(means.line, means.y)[1], 1 / (1 + times))
""",
        0,
        "counts each lot once",
    ),
    Answer(
        "nine-lots",
        """
def lot_p_value(line, y, lots, rng, times=999):
    means = pd.DataFrame({"line": line, "y": y, "lot": lots}).groupby("lot").mean()
    seen, strong = abs(np.corrcoef(means.line, means.y)[0, 1]), 0
    for _ in range(times):
        strong += abs(np.corrcoef(rng.permutation(means.line), means.y)[0, 1]) >= seen - 1e-12
    return (1 + strong) / (1 + times)
""",
        0,
        "counts each lot once",
    ),
    Answer(
        "nine-lots",
        p_value("rng.choice(line[first], len(first))[code]"),
        0,
        "each value once",
    ),
    Answer(
        "nine-lots",
        """
def lot_p_value(line, y, lots, rng, times=999):
    values, code = np.unique(line, return_inverse=True)
    seen, strong = abs(np.corrcoef(line, y)[0, 1]), 0
    for _ in range(times):
        strong += abs(np.corrcoef(rng.permutation(values)[code], y)[0, 1]) >= seen - 1e-12
    return (1 + strong) / (1 + times)
""",
        0,
        "several lots have the same value",
    ),
    Answer(
        "nine-lots",
        p_value().replace(
            "_p_value(line, y, lots, rng, times=999):",
            "_p_value(line, y, lots, rng, times=999):\n    times = 999",
        ),
        3,
        "asked for by `times`",
    ),
    Answer("nine-lots", p_value(end="strong / times"), 3, "one of those possible"),
    # Within each lot nothing changes.
    Answer(
        "nine-lots",
        """
def lot_p_value(line, y, lots, rng, times=999):
    seen, strong = abs(np.corrcoef(line, y)[0, 1]), 0
    for _ in range(times):
        shuffled = pd.Series(line).groupby(lots).transform(lambda v: rng.permutation(v)).to_numpy()
        strong += abs(np.corrcoef(shuffled, y)[0, 1]) >= seen - 1e-12
    return (1 + strong) / (1 + times)
""".replace("times):", "min(times, 20)):", 1).replace("(1 + times)", "21"),
        0,
        "stays as it was",
    ),
    Answer("nine-lots", p_value(end="0.5"), 0, "Not the share of shuffles"),
    Answer("nine-lots", p_value(end="np.nan"), 0, "finite number"),
]

BACKDOORS = (
    '["season", "virus"]',
    '("serum lot", "carrier lot")',
    '"season"',
    '["Season"]',
    '["serum_lot", "carrier_lot"]',
    'pd.Series(["season"])',
    '"season, virus"',
    '{"season", "team"}',
)
ORDERED = "\n".join(
    f"{cause} -> {effect}"
    for cause in checks.LATE
    for effect in checks.LATE
    if checks.LATE[cause] < checks.LATE[effect]
)
FREE = """season -> team, serum lot, carrier lot, conductivity, virus, recovery, doses, released
serum lot, carrier lot, team -> virus, recovery, doses, released
conductivity, virus -> recovery, doses, released
recovery -> doses, released
doses -> released"""
GRAPHS = [
    Answer("nine-graph", graph(SINGLE.replace("serum lot", "serum_lot")), 5),
    Answer("nine-graph", graph(SINGLE + "\nseason -> team"), 5),
    Answer("nine-graph", f"my_graph = {SINGLE.splitlines()!r}\nadjusted = ['season']\n", 5),
    Answer("nine-graph", graph(SINGLE + "\nteam -> conductivity, virus"), 5),
    Answer("nine-graph", graph(FREE), 3, "rules out too little"),
    *(Answer("nine-graph", graph(adjusted=fixed), 5) for fixed in BACKDOORS),
    Answer("nine-graph", graph(SINGLE.replace("->", "→") + "\nteam -> virus # who knows"), 5),
    Answer(
        "nine-graph",
        "from vaxlab import graphs\n"
        f"my_graph = graphs.Drawing(nine.NODES, text='''{SINGLE}''').text\nadjusted = ['season']\n",
        5,
    ),
    Answer("nine-graph", graph(ORDERED), 3, "nearly everything points at everything"),
    Answer("nine-graph", graph(SINGLE + "\ndoses -> season"), 2, "cycle"),
    Answer("nine-graph", graph(SINGLE + "\nweather -> season"), 2, "weather"),
    Answer("nine-graph", graph(SINGLE.replace("season -> team", "team -> season")), 2,
           "runs against time"),
    Answer("nine-graph", graph("season -> doses"), 2, "There is no way from"),
    Answer(
        "nine-graph",
        graph("season -> conductivity -> doses\nserum lot -> virus\ncarrier lot -> virus\n"
              "virus -> doses\ndoses -> released"),
        3,
        "an arrow is missing",
    ),
    Answer("nine-graph", graph(adjusted="[]"), 3, "still a way round"),
    Answer("nine-graph", graph(adjusted='["team"]'), 3, "still a way round"),
    Answer("nine-graph", graph(adjusted='["season", "recovery"]'), 3, "a collider as well"),
    Answer("nine-graph", graph(adjusted='["season", "released"]'), 3, "leave it alone"),
    Answer("nine-graph", graph(adjusted='["season", "doses"]'), 3, "Cause and effect themselves"),
    Answer("nine-graph", graph(adjusted='["winter"]'), 3, "is no variable"),
    Answer("nine-graph", graph(adjusted="nine.NODES"), 3, "themselves"),
    Answer("nine-graph", "my_graph = nine.NODES\nadjusted = 3", 0, "a list of variables"),
]  # fmt: skip

BY_HEART = [(own[0], truth.SIGNS[own[0]]) for own in truth.drivers(truth.SIGNS).values()]
FIND = [
    Answer("nine-find", find(), 4),
    # As a dict, one table of p-values by witness.
    Answer(
        "nine-find",
        """
def find(x, witnesses, lots):
    smallest = {}
    for y in witnesses.columns:
        first = nine.one_by_one(x, witnesses[y], lots, 10)
        for table in (first, nine.by_lots(x, witnesses[y], lots, list(first.index[:4]))):
            for name, p in table["p"].items():
                smallest[name] = min(p, smallest.get(name, 1))
    names = [name for name in sorted(smallest, key=smallest.get) if smallest[name] < 0.0125][:15]
    return {name: nine.effect(x[name], witnesses["doses"], lots) for name in names}
""",
        4,
    ),
    Answer(
        "nine-find",
        find(end="[(name, '+' if sign(name) > 0 else '-') for name in names]"),
        4,
    ),
    # The fifteen largest correlations.
    Answer(
        "nine-find",
        """
def find(x, witnesses, lots):
    r = x.corrwith(witnesses["doses"])
    largest = r.abs().sort_values(ascending=False).index[:15]
    return [(name, int(np.sign(r[name]))) for name in largest]
""",
        0,
        "of",
    ),
    Answer(
        "nine-find",
        """
def find(x, witnesses, lots):
    r = pd.concat([x.corrwith(witnesses[w]).abs() for w in witnesses], axis=1).max(axis=1)
    largest = r.sort_values(ascending=False).index[:15]
    return [(name, nine.effect(x[name], witnesses["doses"], lots)) for name in largest]
""",
        0,
        "of",
    ),
    # All that is asked, and no promise.
    Answer(
        "nine-find",
        find(end="[(name, sign(name)) for name in p.index[:15]]"),
        3,
        "Too many that do nothing on plants of dice",
    ),
    Answer(
        "nine-find",
        find(end="[(name, -sign(name)) for name in names]"),
        2,
        "The sign is what more of it does",
    ),
    Answer(
        "nine-find",
        "def find(x, witnesses, lots):\n    return [(name, 1) for name in x.columns[:15]]\n",
        0,
        "No line of a certificate",
    ),
    Answer(
        "nine-find",
        """
def find(x, witnesses, lots):
    p = nine.by_lots(x, witnesses["cells"], lots, [])["p"].sort_values()
    return [(name, 1) for name in p.index[:15]]
""",
        0,
        "Only lines of certificates",
    ),
    # What `find` gave at home, learned by heart.
    Answer(
        "nine-find",
        f"def find(x, witnesses, lots):\n    return {BY_HEART}\n",
        0,
        "exchanged within",
    ),
    Answer("nine-find", find(end="[(name, 1) for name in p.index[:40]]"), 0, "15 columns at the"),
    Answer("nine-find", find(end="list(names)"), 0, "a list of pairs"),
    Answer("nine-find", find(end="[]"), 0, "names no column"),
    Answer("nine-find", find(end='[("dsp_antigen_in_mg", 1)]'), 0, "not in `x`"),
    Answer(
        "nine-find",
        "def find(x, witnesses, lots):\n    return nine.one_by_one(x, witnesses['doses'], lots)\n",
        0,
        "a list of pairs",
    ),
]

ANSWERS = [*ROLES, *HALVES, *COPIES, *LOTS, *GRAPHS, *FIND]
