"""Right and wrong answers to the exercises of day 4, notebook 3."""

from answers.answer import Answer

NOTEBOOK = "day4/3-top-ten"


def honest(free="g for g in ranked if (g, d) not in held", share="np.mean(hits) / 10",
           hit="(g, d) in later", held="set(zip(known.gene, known.disease))",
           ascending="False", cut="[:10]", diseases="scores.columns"):  # fmt: skip
    """Return an answer to exercise 1."""
    return f"""
def precision_at_10(scores, known, found):
    held = {held}
    later = set(zip(found.gene, found.disease))
    hits = []
    for d in {diseases}:
        ranked = scores[d].sort_values(ascending={ascending}).index
        free = [{free}]{cut}
        hits.append(sum({hit} for g in free))
    return {share}
"""


HONEST = [
    Answer("top-ten-honest", honest(), 4),
    Answer(
        "top-ten-honest",
        """
def precision_at_10(scores, known, found):
    def marked(pairs):
        table = pd.crosstab(pairs["gene"], pairs["disease"]) if len(pairs) else pd.DataFrame()
        return table.reindex(index=scores.index, columns=scores.columns).fillna(0).to_numpy() > 0
    open_ = np.where(marked(known), -np.inf, scores.to_numpy())
    top = np.argsort(-open_, axis=0)[:10]
    return np.take_along_axis(marked(found), top, axis=0).mean()
""",
        4,
    ),
    # By merging tables.
    Answer(
        "top-ten-honest",
        """
def precision_at_10(scores, known, found):
    pairs = ["gene", "disease"]
    long = scores.rename_axis("gene").reset_index().melt("gene", var_name="disease")
    long = long.merge(known[pairs].drop_duplicates().assign(old=1), how="left", on=pairs)
    long = long[long["old"].isna()].sort_values("value", ascending=False)
    ten = long.groupby("disease").head(10)
    hits = ten.merge(found[pairs].drop_duplicates(), on=pairs)
    return len(hits) / (10 * scores.shape[1])
""",
        4,
    ),
    Answer(
        "top-ten-honest",
        honest(free="g for g in ranked[:10] if (g, d) not in held"),
        1,
        "have taken their places",
    ),
    Answer(
        "top-ten-honest",
        """
def precision_at_10(scores, known, found):
    held = set(zip(known.gene, known.disease))
    later = set(zip(found.gene, found.disease))
    shares = []
    for d in scores.columns:
        ten = [g for g in scores[d].nlargest(10).index if (g, d) not in held]
        shares.append(np.mean([(g, d) in later for g in ten]) if ten else 0)
    return np.mean(shares)
""",
        1,
        "Take them out first",
    ),
    Answer("top-ten-honest", honest(free="g for g in ranked"), 1, "everybody knows them"),
    Answer(
        "top-ten-honest",
        honest(free="g for g in ranked", hit="(g, d) in later or (g, d) in held"),
        1,
        "Only what is *found later*",
    ),
    Answer("top-ten-honest", honest(ascending="True"), 0, "*lowest* scores"),
    Answer("top-ten-honest", honest(share="np.mean(hits)"), 0, "number of hits"),
    Answer("top-ten-honest", honest(share="10 * np.mean(hits)"), 0, "per cent"),
    Answer(
        "top-ten-honest",
        honest(
            share="np.mean([h / max((found.disease == d).sum(), 1)"
            " for h, d in zip(hits, scores.columns)])"
        ),  # fmt: skip
        0,
        "(recall)",
    ),
    Answer(
        "top-ten-honest",
        """
def precision_at_10(scores, known, found):
    long = scores.stack()
    held = pd.MultiIndex.from_frame(known[["gene", "disease"]])
    best = long[~long.index.isin(held)].nlargest(10).index
    return best.isin(pd.MultiIndex.from_frame(found[["gene", "disease"]])).mean()
""",
        0,
        "one list of ten for all",
    ),
    # Rows that come twice are counted twice.
    Answer(
        "top-ten-honest",
        """
def precision_at_10(scores, known, found):
    held = set(zip(known.gene, known.disease))
    hits = 0
    for d in scores.columns:
        ranked = scores[d].sort_values(ascending=False).index
        free = [g for g in ranked if (g, d) not in held][:10]
        hits += found[found.disease == d].gene.isin(free).sum()
    return hits / 10 / scores.shape[1]
""",
        3,
        "counts as two hits",
    ),
    # Somebody rounds.
    Answer("top-ten-honest", honest(share="round(np.mean(hits) / 10, 2)"), 4),
    Answer("top-ten-honest", honest(share="round(np.mean(hits) / 10, 1)"), 0, "Not the share"),
    # Not all columns.
    Answer("top-ten-honest", honest(diseases="found['disease'].unique()"), 3, "something is found"),
    Answer(
        "top-ten-honest",
        honest(diseases="known['disease'].unique()", share="np.mean(hits or [0]) / 10"),
        2,
        "something is known",
    ),
    # Pairs the other way round.
    Answer("top-ten-honest", honest(hit="(d, g) in later"), 0, "Nothing counts as a hit"),
    Answer(
        "top-ten-honest",
        "def precision_at_10(scores, known, found):\n    return 0.0\n",
        0,
        "Nothing counts as a hit",
    ),
    Answer(
        "top-ten-honest", "def precision_at_10(scores, known, found):\n    return 0.5\n", 0, "Not"
    ),
]


def table(score):
    """Return an answer to exercise 2: a matrix of known pairs `k`, and what is made of it."""
    return f"""
def recommend(edges, genes, diseases):
    pairs = edges[edges["relation"].isin(["promotes", "protects_from"])]
    k = pd.crosstab(pairs["head"], pairs["tail"]).clip(upper=1)
    k = k.reindex(index=genes, columns=diseases, fill_value=0).to_numpy(float)
    {score}
    return pd.DataFrame(s, index=genes, columns=diseases)
"""


def factors(rank, sign="", then=""):
    """Return an answer to exercise 2, by a factorisation."""
    return table(
        f"u, d, v = np.linalg.svd(k - k.mean(0), full_matrices=False)\n"
        f"    s = {sign}(u[:, :{rank}] * d[:{rank}]) @ v[:{rank}]\n"
        f"    {then}"
    )


ALIKE = """n = np.linalg.norm(k, axis=1, keepdims=True)
    a = k / np.where(n > 0, n, 1)
    c = a @ a.T
    np.fill_diagonal(c, 0)
    s = c @ k"""

WALK = """
def recommend(edges, genes, diseases):
    names = pd.Index(pd.unique(edges[["head", "tail"]].to_numpy().ravel()))
    names = names.union([*genes, *diseases])
    a = np.zeros((len(names), len(names)))
    h, t = names.get_indexer(edges["head"]), names.get_indexer(edges["tail"])
    a[h, t] = a[t, h] = 1
    degree = np.maximum(a.sum(1), 1)
    start = np.zeros((len(diseases), len(names)))
    start[range(len(diseases)), names.get_indexer(diseases)] = 1
    there = start
    for _ in range(10):
        there = 0.3 * start + 0.7 * (there / degree) @ a
    often = there[:, names.get_indexer(genes)] / np.sqrt(degree[names.get_indexer(genes)])
    return pd.DataFrame(often, index=diseases, columns=genes)
"""

CONTENT = """
def recommend(edges, genes, diseases):
    edges = edges.drop_duplicates(["head", "relation", "tail"])
    owner = edges[edges["relation"] == "encodes"].set_index("tail")["head"].to_dict()
    inside = edges[edges["relation"] == "takes_part_in"]
    p = pd.crosstab(inside["head"].map(owner), inside["tail"]).reindex(genes, fill_value=0)
    p = p.to_numpy(float)
    n = np.linalg.norm(p, axis=1, keepdims=True)
    p = p / np.where(n > 0, n, 1)
    alike = p @ p.T
    np.fill_diagonal(alike, 0)
    pairs = edges[edges["relation"].isin(["promotes", "protects_from"])]
    k = pd.crosstab(pairs["head"], pairs["tail"]).clip(upper=1)
    return alike @ k.reindex(index=genes, columns=diseases, fill_value=0).to_numpy()
"""

RECOMMENDERS = [
    Answer("top-ten-recommender", factors(12), 6),
    Answer("top-ten-recommender", table(ALIKE), 6),
    Answer("top-ten-recommender", WALK, 6),
    Answer("top-ten-recommender", CONTENT, 6),
    # What is known is left out already.
    Answer("top-ten-recommender", factors(12, then="s = np.where(k > 0, np.nan, s)"), 6),
    Answer("top-ten-recommender", factors(12, then="s = np.where(k > 0, -np.inf, s)"), 6),
    Answer("top-ten-recommender", factors(12, then="s = np.where(k > 0, s, np.nan)"), 0, "NaN"),
    Answer("top-ten-recommender", factors(12, "-"), 0, "Are higher scores better?"),
    Answer("top-ten-recommender", factors(1), 0, "popularity, by another name"),
    Answer(
        "top-ten-recommender",
        table("s = np.repeat(k.sum(1, keepdims=True), len(diseases), 1)"),
        0,
        "popularity, by another name",
    ),
    Answer("top-ten-recommender", table("s = k"), 0, "simply the first ones"),
    Answer("top-ten-recommender", table("s = k / k.sum(1, keepdims=True)"), 0, "NaN"),
    Answer(
        "top-ten-recommender",
        table("s = np.random.default_rng(1).random(k.shape)"),
        0,
        "chance or little more",
    ),
    # Genes that have no pair yet are forgotten.
    Answer(
        "top-ten-recommender",
        """
def recommend(edges, genes, diseases):
    pairs = edges[edges["relation"].isin(["promotes", "protects_from"])]
    k = pd.crosstab(pairs["head"], pairs["tail"])
    u, d, v = np.linalg.svd(k - k.mean(), full_matrices=False)
    return pd.DataFrame((u[:, :12] * d[:12]) @ v[:12], index=k.index, columns=k.columns)
""",
        0,
        "has no score",
    ),
    Answer(
        "top-ten-recommender",
        "def recommend(edges, genes, diseases):\n    return genes[:10]\n",
        0,
        "Give a table of scores",
    ),
]


def cold(score="shared + 0.5 * z", ten="list(score.nlargest(10).index)",
         drives='s["tail"] == disease'):  # fmt: skip
    """Return an answer to exercise 3."""
    return f"""
def cold_start(edges, z, disease):
    s = edges[["head", "relation", "tail"]].drop_duplicates()
    ways = s[(s["relation"] == "drives") & ({drives})]["head"]
    inside = s[(s["relation"] == "takes_part_in") & s["tail"].isin(ways)]
    owner = s[s["relation"] == "encodes"].drop_duplicates("tail").set_index("tail")["head"]
    shared = inside["head"].map(owner).value_counts().reindex(z.index, fill_value=0)
    score = {score}
    return {ten}
"""


COLD = [
    Answer("top-ten-cold", cold(), 4),
    Answer("top-ten-cold", cold("shared / max(shared.std(), 1e-9) + z / 2"), 4),
    # The graph first, genetics among equals only.
    Answer("top-ten-cold", cold("shared.rank() + z.rank() / 1000"), 4),
    Answer("top-ten-cold", cold("2 * (shared > 0) + z", ten="set(score.nlargest(10).index)"), 4),
    # By the ids: each protein has its gene's number.
    Answer(
        "top-ten-cold",
        """
def cold_start(edges, z, disease):
    ways = set(edges[(edges.relation == "drives") & (edges["tail"] == disease)]["head"])
    score = {gene: 0.4 * value for gene, value in z.items()}
    inside = edges[edges.relation == "takes_part_in"][["head", "tail"]].drop_duplicates()
    for protein, pathway in inside.to_numpy():
        if pathway in ways:
            score[protein.replace("PROT", "GENE")] += 1
    return sorted(score, key=score.get, reverse=True)[:10]
""",
        4,
    ),
    Answer("top-ten-cold", cold("shared"), 1, "Genetics"),
    # Genetics only where nothing else is there.
    Answer("top-ten-cold", cold("shared if shared.any() else z"), 2, "the same ones whatever"),
    # Any genes of the pathways.
    Answer(
        "top-ten-cold",
        cold("(shared > 0) * np.random.default_rng(3).random(len(z)) if shared.any() else z"),
        2,
        "the same ones whatever",
    ),
    Answer("top-ten-cold", cold("3 * shared + z.abs()"), 3, "without its sign"),
    Answer("top-ten-cold", cold("30 * shared - z"), 1, "*lowest*"),
    Answer("top-ten-cold", cold("z"), 0, "Pathways that drive the disease"),
    Answer("top-ten-cold", cold("-shared - 0.5 * z"), 0, "Too few of your genes"),
    Answer(
        "top-ten-cold",
        """
def cold_start(edges, z, disease):
    pairs = edges[edges["relation"].isin(["promotes", "protects_from"])]
    return list(pairs["head"].value_counts().index[:10])
""",
        0,
        "Too few of your genes",
    ),
    Answer("top-ten-cold", cold(ten="list(inside['head'])[:10]"), 0, "ten different genes"),
    Answer("top-ten-cold", cold(ten="list(score.nlargest(9).index)"), 0, "ten different genes"),
    Answer(
        "top-ten-cold",
        "def cold_start(edges, z, disease):\n    return list(z.index[:10])\n",
        0,
        "Too few of your genes",
    ),
]


def layered(values="pd.concat([table[more], -table[less]], axis=1)", first="1",
            beaten="(v >= v[k]).all(1) & (v > v[k]).any(1)"):  # fmt: skip
    """Return an answer to exercise 4."""
    return f"""
def layers(table, more, less):
    left = {values}
    number, found = {first}, pd.Series(0, index=table.index)
    while len(left):
        v = left.to_numpy()
        front = [k for k in range(len(v)) if not ({beaten}).any()]
        if not front:
            found[left.index] = number
            break
        found[left.index[front]] = number
        left = left.drop(left.index[front])
        number += 1
    return found
"""


LAYERS = [
    Answer("top-ten-layers", layered(), 4),
    Answer(
        "top-ten-layers",
        """
def layers(table, more, less):
    v = np.column_stack([table[more], -table[less]])
    beats = (v[:, None] >= v[None]).all(2) & (v[:, None] > v[None]).any(2)
    layer = np.ones(len(v), int)
    # The longest chain of ones that beat each other ends at a candidate's layer.
    for _ in range(len(v)):
        above = np.where(beats, layer[:, None], 0).max(0)
        layer = above + 1
    return dict(zip(table.index, layer.tolist()))
""",
        4,
    ),
    Answer(
        "top-ten-layers",
        """
def layers(table, more, less):
    rows = {g: [r[c] for c in more] + [-r[c] for c in less] for g, r in table.iterrows()}
    def beats(a, b):
        return a != b and all(x >= y for x, y in zip(a, b))
    layer, number = {}, 0
    while len(layer) < len(rows):
        number += 1
        left = [g for g in rows if g not in layer]
        layer |= {g: number for g in left if not any(beats(rows[o], rows[g]) for o in left)}
    return pd.Series(layer)
""",
        4,
    ),
    # By place, not by the table's index.
    Answer("top-ten-layers", layered().replace("return found", "return list(found)"), 4),
    Answer("top-ten-layers", layered(beaten="(v > v[k]).all(1)"), 2, "nowhere worse and somewhere"),
    Answer("top-ten-layers", layered("table[more + less]"), 1, "Of risk less is better"),
    Answer(
        "top-ten-layers",
        layered("pd.concat([-table[more], table[less]], axis=1)"),
        0,
        "Upside down",
    ),
    Answer(
        "top-ten-layers",
        layered(beaten="((v >= v[k]).all(1)) & (np.arange(len(v)) != k)"),
        3,
        "knocked each other out",
    ),  # fmt: skip
    Answer("top-ten-layers", layered(first="0"), 0, "begin at 0"),
    Answer(
        "top-ten-layers",
        """
def layers(table, more, less):
    score = (table[more].sum(axis=1) - table[less].sum(axis=1))
    return score.rank(ascending=False, method="first")
""",
        0,
        "ranking by one sum",
    ),
    # The front, and all else behind it.
    Answer(
        "top-ten-layers",
        """
def layers(table, more, less):
    v = np.column_stack([table[more], -table[less]])
    beats = (v[:, None] >= v[None]).all(2) & (v[:, None] > v[None]).any(2)
    return pd.Series(1 + beats.any(0), index=table.index)
""",
        2,
        "Take the front away",
    ),
    # By how many each is beaten.
    Answer(
        "top-ten-layers",
        """
def layers(table, more, less):
    v = np.column_stack([table[more], -table[less]])
    beats = (v[:, None] >= v[None]).all(2) & (v[:, None] > v[None]).any(2)
    return pd.Series(1 + beats.sum(0), index=table.index)
""",
        2,
        "Take the front away",
    ),
    # All columns of the table, objective or not.
    Answer("top-ten-layers", layered("table.assign(**-table[less])"), 0, "nobody dominates"),
    Answer(
        "top-ten-layers",
        "def layers(table, more, less):\n    return pd.Series(1, index=table.index)\n",
        0,
        "nobody dominates",
    ),
]


def chain(
    rows="evidence[~spoken & (evidence['stance'] == 'for')]",
    about="((h == gene) & (t == disease)) | ((h == disease) & (t == gene))",
    none="[]",
    kind="Graph",
    then="",
    way="nx.shortest_path(graph, gene, disease)",
):
    """Return an answer to exercise 5, by networkx."""
    return f"""
import networkx as nx
def chain(evidence, gene, disease):
    h, t = evidence["head"], evidence["tail"]
    d, n = evidence["document"], evidence["sentence"]
    about = {about}
    key = evidence["document"] + " " + evidence["sentence"].astype(str)
    spoken = key.isin(key[about])
    rows = {rows}
    graph = nx.{kind}(list(zip(rows["head"], rows["tail"])))
    {then}
    try:
        return {way}
    except (nx.NetworkXNoPath, nx.NodeNotFound, StopIteration):
        return {none}
"""


def left_out(rows):
    """Return the rows of an answer to exercise 5 that takes these out, and what is doubted."""
    return f"evidence[~({rows}) & (evidence['stance'] == 'for')]"


CHAINS = [
    Answer("top-ten-chain", chain(), 6),
    # By hand, from both columns, a step at a time.
    Answer(
        "top-ten-chain",
        """
from collections import defaultdict, deque
def chain(evidence, gene, disease):
    rows = evidence[["head", "tail", "document", "sentence", "stance"]].to_numpy().tolist()
    spoken = {(d, s) for a, b, d, s, _ in rows if {a, b} == {gene, disease}}
    beside = defaultdict(set)
    for a, b, d, s, stance in rows:
        if stance == "for" and (d, s) not in spoken:
            beside[a].add(b)
            beside[b].add(a)
    came, queue = {gene: None}, deque([gene])
    while queue:
        at = queue.popleft()
        for other in sorted(beside[at]):
            if other not in came:
                came[other] = at
                queue.append(other)
    if disease not in came:
        return ()
    way = [disease]
    while way[-1] != gene:
        way.append(came[way[-1]])
    return tuple(way[::-1])
""",
        6,
    ),
    Answer("top-ten-chain", chain("evidence"), 0, "the very edge"),
    Answer("top-ten-chain", chain("evidence[evidence['stance'] == 'for']"), 0, "the very edge"),
    # Only the edge itself is taken out, its sentences stay.
    Answer(
        "top-ten-chain",
        chain("evidence[~about & (evidence['stance'] == 'for')]"),
        2,
        "rests on a sentence",
    ),
    Answer("top-ten-chain", chain("evidence[~spoken]"), 4, "denied or doubted"),
    # Claims in doubt are forgotten before anybody looks where the pair is spoken of.
    Answer(
        "top-ten-chain",
        chain(
            about="(((h == gene) & (t == disease)) | ((h == disease) & (t == gene)))"
            " & (evidence['stance'] == 'for')"
        ),  # fmt: skip
        5,
        "if only in doubt",
    ),
    # One direction only.
    Answer("top-ten-chain", chain(about="(h == gene) & (t == disease)"), 5, "the very edge"),
    # Too much is taken out: whole documents, or each sentence that has such a number.
    Answer("top-ten-chain", chain(left_out("d.isin(d[about])")), 3, "Mind what"),
    Answer(
        "top-ten-chain",
        chain(left_out("d.isin(d[about]) & n.isin(n[about])")),
        3,
        "same document, same number",
    ),
    # Sentences that name both, though no row joins them.
    Answer(
        "top-ten-chain",
        chain(
            left_out(
                "key.isin(key[h.eq(gene) | t.eq(gene)]) & key.isin(key[h.eq(disease) |"
                " t.eq(disease)])"
            )
        ),
        5,
        "only if a row joins them",
    ),
    # Edges are taken out, not rows.
    Answer(
        "top-ten-chain",
        chain(
            "evidence[evidence['stance'] == 'for']",
            then="graph.remove_edges_from(list(zip(h[spoken], t[spoken])))",
        ),
        4,
        "another row states as well",
    ),
    Answer(
        "top-ten-chain",
        chain(
            then="no = evidence['stance'] != 'for';"
            " graph.remove_edges_from(list(zip(h[no], t[no])))"
        ),  # fmt: skip
        4,
        "another one states is a step",
    ),
    Answer("top-ten-chain", chain(kind="DiGraph"), 4, "both directions"),
    Answer(
        "top-ten-chain",
        chain(way="next(nx.all_simple_paths(graph, gene, disease))"),
        4,
        "A shorter chain",
    ),
    Answer("top-ten-chain", chain(none="None"), 5, "give an empty list"),
    # The claim itself, where nothing else is there.
    Answer("top-ten-chain", chain(none="[gene, disease]"), 5, "the very edge"),
    Answer(
        "top-ten-chain", "def chain(evidence, gene, disease):\n    return []\n", 0, "found none"
    ),
    Answer(
        "top-ten-chain",
        "def chain(evidence, gene, disease):\n    return [gene, disease]\n",
        0,
        "the very edge",
    ),
]

ANSWERS = [*HONEST, *RECOMMENDERS, *COLD, *LAYERS, *CHAINS]
