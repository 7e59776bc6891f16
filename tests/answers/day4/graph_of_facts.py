"""Right and wrong answers to the exercises of day 4, notebook 2."""

from answers.answer import Answer

NOTEBOOK = "day4/2-graph"


# Exercise 1 -----------------------------------------------------------------------------------


def canonical(
    check="nunique() > 1", steps="while place in step:", refuse="raise ValueError(alias)"
):
    """Return an answer to exercise 1."""
    return f"""
def canonical(mappings):
    if (mappings.groupby("alias")["entity"].{check}).any():
        raise ValueError("two things")
    step = dict(zip(mappings["alias"], mappings["entity"]))
    last = {{}}
    for alias in step:
        place, steps = alias, 0
        {steps}
            place, steps = step[place], steps + 1
            if steps > len(step):
                {refuse}
        last[alias] = place
    return last
"""


ONCE = 'dict(zip(mappings["alias"], mappings["entity"]))'
IDS = [
    Answer("graph-ids", canonical(), 4),
    # By pandas: put the next id in the place of each, as often as there are rows.
    Answer(
        "graph-ids",
        """
def canonical(mappings):
    rows = mappings.drop_duplicates()
    if rows["alias"].duplicated().any():
        raise ValueError("an alias has two entities")
    step = rows.set_index("alias")["entity"]
    last = step.copy()
    for _ in range(len(step)):
        last = last.map(step).fillna(last)
    if last.isin(step.index).any():
        raise ValueError("a circle")
    return last
""",
        4,
    ),
    # By a graph.
    Answer(
        "graph-ids",
        """
import networkx as nx
def canonical(mappings):
    graph = nx.from_pandas_edgelist(mappings, "alias", "entity", create_using=nx.DiGraph)
    if not nx.is_directed_acyclic_graph(graph):
        raise ValueError("circle")
    if max(dict(graph.out_degree).values()) > 1:
        raise ValueError("two")
    ends = {n for n in graph if graph.out_degree(n) == 0}
    return {a: (nx.descendants(graph, a) & ends).pop() for a in graph if a not in ends}
""",
        4,
    ),
    # By the standard library, whose `CycleError` is a kind of ValueError.
    Answer(
        "graph-ids",
        f"""
from graphlib import TopologicalSorter
def canonical(mappings):
    if mappings.drop_duplicates()["alias"].duplicated().any():
        raise ValueError("two")
    step, last = {ONCE}, {{}}
    for place in TopologicalSorter({{a: {{e}} for a, e in step.items()}}).static_order():
        last[place] = last[step[place]] if place in step else place
    return {{alias: last[alias] for alias in step}}
""",
        4,
    ),
    # By errors of one's own, the last ids with themselves as their ids.
    Answer(
        "graph-ids",
        """
class RegistryError(ValueError):
    "Purchasing has to look into it."
class CircleError(RegistryError):
    def __init__(self, alias, seen):
        super().__init__(f"{alias}: {seen}")
def canonical(mappings):
    if mappings.groupby("alias")["entity"].nunique().max() > 1:
        raise RegistryError("two entities")
    step = mappings.set_index("alias")["entity"].to_dict()
    last = {}
    for alias in [*step, *step.values()]:
        place, seen = alias, []
        while place in step:
            if place in seen:
                raise CircleError(alias, seen)
            seen.append(place)
            place = step[place]
        last[alias] = place
    return last
""",
        4,
    ),
    # Invented aliases.
    Answer(
        "graph-ids",
        canonical().replace("    return last", "    return {**last, 'XX': 'YY', None: 3}"),
        0,
        "what no row names has no id",
    ),
    # Two entities are told only where they lead to two last ids.
    Answer(
        "graph-ids",
        """
def canonical(mappings):
    steps = mappings.groupby("alias")["entity"].agg(set).to_dict()
    def ends(place, before=()):
        if place in before:
            raise ValueError("circle")
        if place not in steps:
            return {place}
        return set().union(*(ends(entity, (*before, place)) for entity in steps[place]))
    last = {alias: ends(alias) for alias in steps}
    if max(map(len, last.values())) > 1:
        raise ValueError("two")
    return {alias: found.pop() for alias, found in last.items()}
""",
        3,
        "though both lead to one id",
    ),
    # No kind of ValueError, whatever its name says.
    Answer(
        "graph-ids",
        "class CircleError(LookupError):\n    pass\n"
        + canonical(refuse='raise CircleError("circle")'),
        3,
        "What came is CircleError",
    ),
    Answer("graph-ids", f"def canonical(mappings):\n    return {ONCE}\n", 0, "one step only"),
    Answer(
        "graph-ids",
        f"def canonical(mappings):\n    step = {ONCE}\n"
        "    return {a: step.get(e, e) for a, e in step.items()}\n",
        0,
        "two steps",
    ),
    Answer(
        "graph-ids",
        f"""
def canonical(mappings):
    last = {{}}
    for alias, entity in {ONCE}.items():
        last[alias] = last.get(entity, entity)
    return last
""",
        0,
        "order of the rows",
    ),
    Answer("graph-ids", canonical(check="nunique() > 9"), 3, "Raise a `ValueError`"),
    Answer("graph-ids", canonical(refuse="break"), 3, "This table holds a circle"),
    Answer("graph-ids", canonical(refuse='raise KeyError("circle")'), 3, "What came is KeyError"),
    Answer("graph-ids", canonical(check="size() > 1"), 0, "two things"),
    Answer("graph-ids", "def canonical(mappings):\n    return 'CPD:168'\n", 0, "dictionary"),
    Answer("graph-ids", "def canonical(mappings):\n    return {}\n", 0, "Not the last id"),
    Answer("graph-ids", "def canonical(mappings):\n    raise ValueError('no')\n", 0, "ValueError"),
]


# Exercise 2 -----------------------------------------------------------------------------------


def edges(
    rows="assertions.drop_duplicates()",
    is_for="~hedged & ~negated",
    against="~hedged & negated",
    unsure="hedged",
    how='merge(documents[["document", "source"]], on="document")',
    last="",
):
    """Return an answer to exercise 2."""
    return f"""
def edges_from(assertions, documents):
    table = {rows}.{how}
    hedged, negated = table["certainty"] == "hedged", table["polarity"] == "negated"
    table["n_for"] = {is_for}
    table["n_against"] = {against}
    table["n_unsure"] = {unsure}
    edge, counts = ["head", "relation", "tail", "source"], ["n_for", "n_against", "n_unsure"]
    found = table.groupby(edge, as_index=False)[counts].sum()
    {last}
    return found
"""


EDGES = [
    Answer("graph-edges", edges(), 6),
    # One loop, no pandas but for the result, in another order.
    Answer(
        "graph-edges",
        """
def edges_from(assertions, documents):
    source = dict(zip(documents["document"], documents["source"]))
    counts = {}
    seen = set()
    for row in assertions.itertuples(index=False):
        if row in seen or row.document not in source:
            continue
        seen.add(row)
        key = (row.head, row.relation, row.tail, source[row.document])
        which = 2 if row.certainty == "hedged" else int(row.polarity == "negated")
        counts.setdefault(key, [0, 0, 0])[which] += 1
    columns = ["head", "relation", "tail", "source", "n_for", "n_against", "n_unsure"]
    rows = [(*k, *v) for k, v in sorted(counts.items(), reverse=True)]
    return pd.DataFrame(rows, columns=columns)
""",
        6,
    ),
    # A table of counts by stance, with the edge as its index.
    Answer(
        "graph-edges",
        """
def edges_from(assertions, documents):
    t = assertions.drop_duplicates()
    t = t[t["document"].isin(documents["document"])]
    t = t.assign(source=t["document"].map(documents.set_index("document")["source"]))
    t["stance"] = np.select([t["certainty"] == "hedged", t["polarity"] == "negated"],
                            ["n_unsure", "n_against"], "n_for")
    edge = ["head", "relation", "tail", "source"]
    return t.groupby(edge)["stance"].value_counts().unstack(fill_value=0)
""",
        6,
    ),
    # Head, relation, tail and source as the index.
    Answer("graph-edges", edges().replace("edge, as_index=False", "edge"), 6),
    Answer("graph-edges", edges(is_for="True"), 3, "those that deny it"),
    Answer(
        "graph-edges",
        edges(is_for="~hedged & negated", against="~hedged & ~negated"),
        2,
        "The two are exchanged",
    ),
    Answer(
        "graph-edges",
        edges(rows='assertions.drop_duplicates(["document", "sentence"])'),
        1,
        "one sentence may say several things",
    ),
    Answer(
        "graph-edges",
        edges(rows='assertions.drop_duplicates(["head", "relation", "tail"], keep="last")'),
        0,
        "an edge may have many sentences",
    ),
    Answer("graph-edges", edges(is_for="~negated"), 3, "A hedged sentence speaks neither"),
    Answer("graph-edges", edges(is_for="~hedged"), 3, "they speak against it"),
    Answer("graph-edges", edges(against="negated"), 4, "is unsure, not against"),
    Answer("graph-edges", edges(unsure="hedged & ~negated"), 4, "is unsure as well"),
    Answer(
        "graph-edges",
        edges(rows='assertions.drop_duplicates(["document", "head", "relation", "tail"])'),
        1,
        "may say the same in several sentences",
    ),
    Answer("graph-edges", edges(rows="assertions"), 5, "Count it once"),
    Answer(
        "graph-edges",
        edges(
            how='assign(source=assertions["document"].str[0].map({"A": "public", "D": "internal"}))'
        ),
        5,
        "was withdrawn",
    ),
    Answer(
        "graph-edges",
        edges(last='found = found[found["n_for"] > 0]'),
        0,
        "only denied or doubted are missing",
    ),
    Answer(
        "graph-edges",
        edges(last='found = found.drop(columns="source")'),
        0,
        "`source` is missing",
    ),
    Answer("graph-edges", edges(last='found["source"] = "public"'), 0, "Some edges have several"),
    Answer(
        "graph-edges",
        "def edges_from(assertions, documents):\n    return len(assertions)\n",
        0,
        "should give a DataFrame",
    ),
]


# Exercise 3 -----------------------------------------------------------------------------------

GOOD = {
    "transe": "-torch.cdist(h + r, t) ** 2",
    "distmult": "torch.einsum('nd,nd,md->nm', h, r, t)",
    "complex_": "((torch.complex(*h.chunk(2, 1)) * torch.complex(*r.chunk(2, 1)))"
    " @ torch.complex(*t.chunk(2, 1)).conj().T).real",
    "rotate": "-((torch.complex(*h.chunk(2, 1)) * torch.polar(torch.ones_like(r), r))[:, None]"
    " - torch.complex(*t.chunk(2, 1))[None]).abs().pow(2).sum(-1)",
}
HALVES = {
    "transe": "-(((h + r)**2).sum(1)[:, None] + (t**2).sum(1) - 2 * (h + r) @ t.T)",
    "distmult": "(h * r) @ t.T",
    "complex_": "(lambda a, b, c, d: (a*c - b*d) @ t[:, :3].T + (a*d + b*c) @ t[:, 3:].T)"
    "(h[:, :3], h[:, 3:], r[:, :3], r[:, 3:])",
    "rotate": "(lambda x: -((x**2).sum(1)[:, None] + (t**2).sum(1) - 2 * x @ t.T))(torch.cat(["
    "h[:, :3]*torch.cos(r) - h[:, 3:]*torch.sin(r), h[:, :3]*torch.sin(r) + h[:, 3:]*torch.cos(r)"
    "], 1))",
}


def scores(formulas=GOOD, **changed):
    """Return an answer to exercise 3."""
    functions = [
        f"def {name}(h, r, t):\n    return {formula}\n"
        for name, formula in (formulas | changed).items()
    ]
    return "import torch\n" + "\n".join(functions)


SCORES = [
    Answer("graph-scores", scores(), 5),
    Answer("graph-scores", scores(HALVES), 5),
    # As arrays of numpy.
    Answer("graph-scores", scores(distmult="((h * r) @ t.T).numpy()"), 5),
    # All differences at once: large, and right.
    Answer(
        "graph-scores",
        scores(
            transe="-(((h + r)[:, None] - t[None]) ** 2).sum(-1)",
            distmult="((h * r)[:, None] * t[None]).sum(-1)",
        ),
        5,
    ),
    # Right in the first row, which has its own relation.
    Answer("graph-scores", scores(distmult="(h * r[:1]) @ t.T"), 4, "which is farthest off"),
    Answer("graph-scores", scores(transe="-torch.cdist(h + r, t)"), 4, "without the root"),
    Answer(
        "graph-scores", scores(transe="torch.cdist(h + r, t) ** 2"), 4, "take the distance with"
    ),
    Answer("graph-scores", scores(transe="-torch.cdist(h - r, t) ** 2"), 4, "added to the head"),
    Answer("graph-scores", scores(distmult="(h + r) @ t.T"), 4, "multiplied, not added"),
    Answer("graph-scores", scores(distmult="(h * r * t[:5]).sum(1)"), 4, "each entity: shape"),
    Answer(
        "graph-scores",
        scores(complex_=GOOD["complex_"].replace(".conj()", "")),
        3,
        "Take the conjugate of the tail",
    ),
    Answer("graph-scores", scores(complex_="(h * r) @ t.T"), 3, "This is DistMult"),
    Answer(
        "graph-scores",
        scores(rotate=GOOD["rotate"].replace("ones_like(r), r", "ones_like(r), -r")),
        4,
        "turns the wrong way",
    ),
    Answer("graph-scores", scores(rotate=GOOD["rotate"][1:]), 4, "take the distance with"),
    Answer(
        "graph-scores",
        scores(dict.fromkeys(GOOD, "torch.zeros(len(h), len(t))")),
        0,
        "Not the scores of the formula",
    ),
    Answer("graph-scores", scores(dict.fromkeys(GOOD, "h @ t.T")), 0, "The relation is left out"),
]


# Exercise 4 -----------------------------------------------------------------------------------


def ranks(above="s[k] > s[right]", same="0.5", mask="known + [right]", first="1"):
    """Return an answer to exercise 4."""
    return f"""
def ranks(scores, right, others):
    places = []
    for s, right, known in zip(scores, right, others):
        rivals = [k for k in range(len(s)) if k not in {mask}]
        above = sum({above} for k in rivals)
        same = sum(s[k] == s[right] for k in rivals)
        places.append({first} + above + {same} * same)
    return places
"""


MRR = "\ndef mrr(ranks):\n    return sum(1 / k for k in ranks) / len(ranks)\n"
RANKS = [
    Answer("graph-ranks", ranks() + MRR, 4),
    # By scipy's own ranks, of the rivals and the right one.
    Answer(
        "graph-ranks",
        """
from scipy.stats import rankdata
def ranks(scores, right, others):
    places = np.empty(len(right))
    for i, entity in enumerate(right):
        kept = [entity] + [k for k in range(scores.shape[1]) if k not in set(others[i]) | {entity}]
        places[i] = rankdata(-scores[i, kept], method="average")[0]
    return pd.Series(places)

def mrr(ranks):
    return np.mean(1 / np.asarray(ranks))
""",
        4,
    ),
    # By changing what it was given.
    Answer(
        "graph-ranks",
        """
def ranks(scores, right, others):
    places = []
    for row, entity, known in zip(scores, right, others):
        own = row[entity]
        row[[*known, entity]] = -np.inf
        places.append(1 + (row > own).sum() + (row == own).sum() / 2)
    return places
"""
        + MRR,
        4,
    ),
    Answer("graph-ranks", ranks(first="0") + MRR, 1, "counted from 1"),
    Answer("graph-ranks", ranks(above="s[k] < s[right]") + MRR, 1, "from the lowest score"),
    Answer("graph-ranks", ranks(mask="[right]") + MRR, 2, "leave out those in `others`"),
    Answer("graph-ranks", ranks(same="0") + MRR, 3, "the best place of those"),
    Answer("graph-ranks", ranks(same="1") + MRR, 3, "the last place of those"),
    Answer("graph-ranks", ranks(mask="known") + MRR, 3, "ties with itself"),
    Answer(
        "graph-ranks",
        """
def ranks(scores, right, others):
    return [int(np.argsort(-s).tolist().index(r)) + 1 for s, r in zip(scores, right)]
"""
        + MRR,
        2,
        "leave out those in `others`",
    ),
    Answer(
        "graph-ranks",
        ranks() + "\ndef mrr(ranks):\n    return 1 / np.mean(ranks)\n",
        3,
        "The mean comes last",
    ),
    Answer(
        "graph-ranks",
        "def ranks(scores, right, others):\n    return np.ones(len(right))\n"
        "def mrr(ranks):\n    return 1.0\n",
        0,
        "Not the place",
    ),
    Answer(
        "graph-ranks",
        "def ranks(scores, right, others):\n    return 3\ndef mrr(ranks):\n    return 'high'\n",
        0,
        "one value for each row",
    ),
]


# Exercise 5 -----------------------------------------------------------------------------------


def inverses(turned="(t, h)", least="0.8", fewest="20", of="min(len(edges[a]), len(edges[b]))"):
    """Return half an answer to exercise 5."""
    return f"""
def inverses(triples):
    edges = {{}}
    for h, r, t in triples[["head", "relation", "tail"]].itertuples(index=False):
        edges.setdefault(r, set()).add((h, t))
    return [
        (a, b) for a in edges for b in edges
        if a < b and min(len(edges[a]), len(edges[b])) >= {fewest}
        and len({{{turned} for h, t in edges[a]}} & edges[b]) >= {least} * {of}
    ]
"""


def listed(found):
    """Return half an answer that gives what it has found in another form."""
    return inverses().replace("return [", "found = [") + f"    return {found}\n"


def split(names='[" ".join(sorted(p)) for p in zip(triples["head"], triples["tail"])]',
          rng="np.random.default_rng(seed)", share="0.1", after=""):  # fmt: skip
    """Return the other half."""
    return f"""
def fair_split(triples, seed):
    unique, place = np.unique({names}, return_inverse=True)
    in_test = ({rng}.random(len(unique)) < {share})[place]
    {after}
    return in_test
"""


# By pandas alone: a merge with the turned table, and groups that are sampled.
OTHER = """
def inverses(triples):
    sizes = triples["relation"].value_counts()
    turned = triples.rename(columns={"head": "tail", "tail": "head"})
    both = triples.merge(turned, on=["head", "tail"], suffixes=("", "_turned"))
    counts = both.groupby(["relation", "relation_turned"]).size()
    return {
        frozenset(pair) for pair, n in counts.items()
        if pair[0] != pair[1] and sizes[list(pair)].min() >= 20
        and n >= 0.8 * sizes[list(pair)].min()
    }

def fair_split(triples, seed):
    pair = triples.apply(lambda row: tuple(sorted((row["head"], row["tail"]))), axis=1)
    unique = pair.drop_duplicates()
    return pair.isin(set(unique.sample(frac=0.1, random_state=seed)))
"""
LEAK = [
    Answer("graph-leak", inverses() + split(), 5),
    Answer("graph-leak", OTHER, 5),
    # Pairs as an array; the set of pairs in both orders.
    Answer("graph-leak", listed("np.array(found)") + split(), 5),
    Answer("graph-leak", listed("set(found) | {(b, a) for a, b in found}") + split(), 5),
    Answer(
        "graph-leak",
        listed("[(a, a) for a in triples['relation'].unique()] + found") + split(),
        4,
        "a relation stands beside itself",
    ),
    # "80 % of the rarer", read otherwise.
    *(
        Answer("graph-leak", inverses(**changed) + split(), 3, "of the rarer one's edges, and")
        for changed in (
            {"of": "max(len(edges[a]), len(edges[b]))"},
            {"of": "len({(t, h) for h, t in edges[a]} | edges[b])"},
            {"of": "len(edges[a])"},
            {"of": "len(edges[b])"},
            {"least": "0.95"},
            {"least": "1.0"},
            {"fewest": "50"},
        )
    ),
    # A test of entities in place of pairs: training knows none of them.
    Answer(
        "graph-leak",
        inverses()
        + """
def fair_split(triples, seed):
    names = np.unique(triples[["head", "tail"]].to_numpy().astype(str))
    drawn = names[np.random.default_rng(seed).random(len(names)) < 0.05]
    return triples["head"].isin(drawn) | triples["tail"].isin(drawn)
""",
        4,
        "entities that training never saw",
    ),
    # Rows of inverse relations together, others by row.
    Answer(
        "graph-leak",
        inverses()
        + """
def fair_split(triples, seed):
    other = dict(inverses(triples))
    pair = [
        (t, other[r], h) if r in other else (h, r, t)
        for h, r, t in triples[["head", "relation", "tail"]].itertuples(index=False)
    ]
    unique = {edge: None for edge in pair}
    marks = np.random.default_rng(seed).random(len(unique)) < 0.1
    drawn = dict(zip(unique, marks))
    return [drawn[edge] for edge in pair]
""",
        2,
        "whatever the relation",
    ),
    Answer("graph-leak", inverses(turned="(h, t)") + split(), 3, "copies, not inverses"),
    Answer("graph-leak", inverses(fewest="1") + split(), 3, "chance is enough"),
    Answer("graph-leak", inverses(least="0.5") + split(), 3, "Some of these are no inverses"),
    Answer(
        "graph-leak",
        inverses(of="max(len(edges[a]), len(edges[b]))", least="0.95") + split(),
        3,
        "pairs are missing",
    ),
    Answer(
        "graph-leak",
        inverses() + split(names="np.arange(len(triples)).astype(str)"),
        2,
        "All edges that join two entities belong on one side",
    ),
    Answer(
        "graph-leak",
        inverses() + split(names='(triples["head"] + " " + triples["tail"]).tolist()'),
        2,
        "the pair counts, either way",
    ),
    Answer(
        "graph-leak",
        inverses() + split(rng="np.random.default_rng(0)"),
        4,
        "Another seed should give another split",
    ),
    Answer(
        "graph-leak",
        inverses() + split(rng="np.random.default_rng()"),
        4,
        "The same seed should give the same split",
    ),
    Answer("graph-leak", inverses() + split(share="0.4"), 2, "about a tenth"),
    Answer(
        "graph-leak",
        inverses() + split(after="in_test = np.zeros(len(triples), dtype=bool)"),
        2,
        "about a tenth",
    ),
    Answer(
        "graph-leak",
        "def inverses(triples):\n    return []\n"
        "def fair_split(triples, seed):\n    return np.arange(0, len(triples), 10)\n",
        0,
        "are missing",
    ),
    Answer(
        "graph-leak",
        "def inverses(triples):\n    return 4\n"
        "def fair_split(triples, seed):\n"
        "    return np.random.default_rng(seed).random(len(triples)) < 0.1\n",
        0,
        "Give a list of pairs",
    ),
]


# Exercise 6 -----------------------------------------------------------------------------------

COMPLEX = """(a, b), (c, d) = e[heads].chunk(2, dim=1), r[relations].chunk(2, dim=1)
        return torch.cat([a * c - b * d, a * d + b * c], dim=1) @ e.T"""
LOSS = "torch.nn.functional.cross_entropy(score(heads, relation), tails)"


def complete(score=COMPLEX, loss=LOSS, epochs=20, batch=512):
    """Return an answer to exercise 6, in the frame that the notebook gives."""
    return f"""
import torch
def complete(triples, entities, relations, asked):
    torch.manual_seed(0)
    rows = torch.as_tensor(graph_of_facts.questions(np.asarray(triples), relations))
    e = torch.nn.Parameter(0.1 * torch.randn(entities, 128))
    r = torch.nn.Parameter(0.1 * torch.randn(2 * relations, 128))

    def score(heads, relations):
        {score}

    optimizer = torch.optim.Adam([e, r], lr=0.03)
    for _ in range({epochs}):
        for batch in torch.randperm(len(rows)).split({batch}):
            heads, relation, tails = rows[batch].T
            loss = {loss}
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return score(*torch.as_tensor(np.asarray(asked)).T)
"""


COUNTED = """
def complete(triples, entities, relations, asked):
    counts = np.zeros((relations, entities))
    np.add.at(counts, (triples[:, 1], triples[:, 2]), 1)
    return counts[asked[:, 1]]
"""
COMPLETE = [
    Answer("graph-complete", complete(), 4),
    # DistMult is near enough, with tails' questions alone, and modules of its own.
    Answer(
        "graph-complete",
        """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, entities, relations):
        super().__init__()
        self.e = nn.Embedding(entities, 256)
        self.r = nn.Embedding(relations, 256)
        nn.init.xavier_uniform_(self.e.weight)
        nn.init.xavier_uniform_(self.r.weight)
    def forward(self, h, r):
        a, b = self.e(h).view(-1, 128, 2).unbind(-1)
        c, d = self.r(r).view(-1, 128, 2).unbind(-1)
        x, y = self.e.weight.view(-1, 128, 2).unbind(-1)
        return (a * c - b * d) @ x.T + (a * d + b * c) @ y.T

def complete(triples, entities, relations, asked):
    torch.manual_seed(1)
    rows = torch.tensor(graph_of_facts.questions(triples, relations))
    net = Net(entities, 2 * relations)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    loader = torch.utils.data.DataLoader(rows, batch_size=1024, shuffle=True)
    for epoch in range(25):
        for batch in loader:
            loss = nn.functional.cross_entropy(net(batch[:, 0], batch[:, 1]), batch[:, 2])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net(torch.tensor(asked[:, 0]), torch.tensor(asked[:, 1])).detach().numpy()
""",
        4,
    ),
    Answer(
        "graph-complete",
        complete("return -torch.cdist(e[heads] + r[relations], e) ** 2", epochs=30),
        0,
        ": 0.08 is asked for",
    ),
    Answer("graph-complete", COUNTED, 0, "Just as good as counting"),
    Answer(
        "graph-complete",
        COUNTED.replace("return counts[asked[:, 1]]", "return np.ones((len(asked), entities))"),
        0,
        "All entities score the same",
    ),
    Answer(
        "graph-complete",
        COUNTED.replace(
            "return counts[asked[:, 1]]",
            "return np.random.default_rng(0).random((len(asked), entities))",
        ),
        0,
        "Worse than counting tails",
    ),
    Answer("graph-complete", complete(loss="-" + LOSS, epochs=3), 0, "Worse than counting tails"),
    Answer("graph-complete", complete(epochs=0), 0, "Worse than counting tails"),
    Answer("graph-complete", complete("return ..."), 0, "three dots"),
    Answer(
        "graph-complete",
        COUNTED.replace("counts[asked[:, 1]]", "counts"),
        0,
        "a score for each row of `asked`",
    ),
]

ANSWERS = [*IDS, *EDGES, *SCORES, *RANKS, *LEAK, *COMPLETE]
