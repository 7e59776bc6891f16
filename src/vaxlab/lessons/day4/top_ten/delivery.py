"""What day 4, notebook 3 shows: lists beside each other, trade-offs, reasons, five years later."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from vaxlab import figures
from vaxlab.lessons.day4.top_ten import material, rivals
from vaxlab.lessons.day4.top_ten.material import AFFECTS, LIBRARY_SEED, TOP

if TYPE_CHECKING:
    from vaxlab.knowledge.explorer import Explorer

Names = Mapping[str, Any]
CANDIDATES = 40
"""Genes of the highest chance from which ten are picked by several objectives."""
MORE, LESS = ("chance", "genetics", "tractability", "novelty"), ("risk",)
HELD_OUT = 0.1
"""Share of the curated pairs that is taken out to be found again."""
BINS = np.array([0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
"""Edges of the classes in which promised chances are compared with what came."""
CHAINED = 150
"""Pairs that are found later, and others, of which the chains are counted."""
PAGE = 88
"""Letters that fit a line of a page."""
BAR = {"shape": "/"}


# Lists beside each other ------------------------------------------------------------------------


def popular() -> tuple[go.Figure, str]:
    """Draw how many of the ten best known genes are found to act on each disease later."""
    hits = rivals.hits(rivals.scores_of(material._degrees))
    counts = hits.value_counts().reindex(range(TOP + 1), fill_value=0)
    figure = go.Figure(go.Bar(x=counts.index, y=counts, marker={"color": figures.BLUE}))
    figure.update_layout(
        title="The ten best known genes, for each disease",
        xaxis_title="of the ten, found to act on the disease later",
        yaxis_title="diseases",
        height=360,
    )
    return figure, (
        f"On average {hits.mean():.1f} of the ten; for {int((hits == 0).sum())} of {len(hits)} "
        f"diseases none, and {int(hits.max())} at the most. Ten genes drawn by lot: "
        f"{TOP * rivals.chance():.1f}."
    )


def scores(namespace: Names) -> pd.DataFrame:
    """Return the learner's scores of the course's library, genes by diseases, mean 0 and SD 1.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `recommend` is put to work where it gives an answer.
    """
    table, _ = rivals.own_scores(namespace)
    values = table.to_numpy()
    return (table - values.mean()) / values.std()


def beside(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the precision of ways to recommend, the learner's own among them.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `recommend` is put to work where it gives an answer.
    """
    own, is_own = rivals.own_scores(namespace)
    share = {"by lot": rivals.chance()}
    share |= {name: rivals.hits(table).mean() / TOP for name, table in rivals.ways().items()}
    if is_own:
        share["yours"] = rivals.hits(own).mean() / TOP
    values = pd.Series(share)
    figure = go.Figure(go.Bar(x=values, y=values.index, orientation="h"))
    figure.update_traces(marker={"color": figures.BLUE, "pattern": BAR})
    figure.add_vline(x=0.5, line={"dash": "dash", "color": figures.VERMILLION})
    figure.update_layout(
        title="Found later, of the ten that are recommended",
        xaxis_title="precision at ten, mean of all diseases (dashed: half)",
        yaxis={"autorange": "reversed"},
        height=380,
    )
    told = ", ".join(f"{name} {value:.2f}" for name, value in values.items())
    return figure, f"Precision at ten: {told}."


def equals(namespace: Names) -> pd.DataFrame:
    """Return how often a pair that is found later scores above one that is not.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `recommend` is put to work where it gives an answer.

    Returns
    -------
    DataFrame
        One row a way: share of wins against all open genes of the same disease, and against those
        with as many known diseases.
    """
    own, is_own = rivals.own_scores(namespace)
    ways = {name: rivals.ways()[name] for name in ("degree list", "genetics alone")}
    ways["yours" if is_own else "the course's"] = own
    rows = {
        name: [rivals.wins(table, among_equals) for among_equals in (False, True)]
        for name, table in ways.items()
    }
    columns = ["against all", "against equally known ones"]
    return pd.DataFrame(rows, index=columns).T.round(2)


# A disease without a gene -----------------------------------------------------------------------


def lonely() -> list[str]:
    """Return the diseases of which the graph knows no gene."""
    known = {*rivals.known()["disease"]}
    return [disease for disease in rivals.today().diseases if disease not in known]


def without_genes(namespace: Names) -> pd.DataFrame:
    """Return the hits among ten genes for diseases of which no gene is known.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `cold_start` is put to work where it gives an answer.

    Returns
    -------
    DataFrame
        One row a disease: its known pathways, in brackets, and hits of ten by several ways.
    """
    now, rows = rivals.today(), {}
    degree, z = rivals.ways()["degree list"], rivals.by_genetics()
    driven = rivals.scores_of(material._driven)
    true = material._true(LIBRARY_SEED)
    for disease in lonely():
        genes = {*true.loc[true["disease"] == disease, "gene"]}
        given = (now.edges.copy(), z[disease].copy(), disease)
        answer = rivals.called(namespace, "cold_start", *given)
        own = isinstance(answer, list) and len({*map(str, answer)}) == TOP
        genes_named = [*map(str, answer)] if own else material._cold_start(*given)
        drives = now.edges[(now.edges["relation"] == "drives") & (now.edges["tail"] == disease)]
        ways = {
            "degree": list(degree[disease].nlargest(TOP).index),
            "genetics": list(z[disease].nlargest(TOP).index),
            "pathways": list(driven[disease].nlargest(TOP).index),
            "yours" if own else "the course's": genes_named,
        }
        row = {"(pathways known to the graph)": drives["head"].nunique()}
        rows[material.names_of([disease])[0]] = row | {
            name: len(genes & {*of_way}) for name, of_way in ways.items()
        }
    return pd.DataFrame(rows).T


# How sure, in per cent --------------------------------------------------------------------------


def reliability(scores: pd.DataFrame, chance: pd.DataFrame) -> tuple[go.Figure, str]:
    """Draw promised chances against the share that is found later.

    Parameters
    ----------
    scores : DataFrame
        Genes by diseases, of any scale.
    chance : DataFrame
        The same, as probabilities.
    """
    low, high = scores.to_numpy().min(), scores.to_numpy().max()
    ways = {"score, stretched to 0 … 1": (scores - low) / (high - low), "calibrated": chance}
    figure, off = go.Figure(), {}
    line = {"color": "#767676", "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="as promised", line=line)
    for k, (name, table) in enumerate(ways.items()):
        x, y, n = _classes(table.to_numpy())
        off[name] = float((n * np.abs(x - y)).sum() / n.sum())
        marker = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9}
        figure.add_scatter(x=x, y=y, mode="lines+markers", name=name, marker=marker)
    figure.update_layout(
        title="What is promised, and what comes",
        xaxis_title="promised chance (mean of the class)",
        yaxis_title="share that is found later",
        height=420,
    )
    tens = material._lists(scores, rivals.known())
    promised = np.mean([chance.loc[ten, disease].sum() for disease, ten in tens.items()])
    said = "; ".join(
        f"{name}, off by {100 * value:.1f} percentage points" for name, value in off.items()
    )
    return figure, (
        f"On average of all pairs: {said}. The calibrated chances promise {promised:.1f} hits "
        "in a list of ten."
    )


def _classes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of each class of open pairs the mean promise, the share found, and its number."""
    open_ = ~rivals.held()
    promised, came = values[open_], rivals.found()[open_]
    place = np.clip(np.digitize(promised, BINS) - 1, 0, len(BINS) - 2)
    there = np.unique(place)
    parts = [(promised[place == k].mean(), came[place == k].mean(), (place == k).sum())
             for k in there]  # fmt: skip
    x, y, n = (np.array(part, dtype=float) for part in zip(*parts, strict=True))
    return x, y, n


# Several objectives -----------------------------------------------------------------------------


def candidates(chance: pd.DataFrame, disease: str) -> pd.DataFrame:
    """Return the forty genes of the highest chance, and what else is known of them.

    Parameters
    ----------
    chance : DataFrame
        Genes by diseases: probabilities, or scores of any scale.
    disease : str
        Its id.

    Returns
    -------
    DataFrame
        One row a gene: chance, genetics (z), tractability, novelty (more is better), and risk
        (less is better).
    """
    now = rivals.today()
    at = now.diseases.index(disease)
    order = np.argsort(
        np.where(rivals.held()[:, at], np.inf, -chance[disease].to_numpy()), kind="stable"
    )
    genes = [now.genes[k] for k in order[:CANDIDATES]]
    targets = now.targets.set_index("entity").loc[genes]
    return pd.DataFrame(
        {
            "chance": chance.loc[genes, disease].round(3),
            "genetics": rivals.by_genetics().loc[genes, disease],
            "tractability": targets["tractability"],
            "novelty": targets["novelty"],
            "risk": (1 - targets["safety"]).round(2),
        }
    )


def _own_layers(
    namespace: Names, table: pd.DataFrame, more: Sequence[str], less: Sequence[str]
) -> pd.Series:
    answer = rivals.called(namespace, "layers", table.copy(), list(more), list(less))
    try:
        found = pd.Series(answer).astype(float)
        if len(found) == len(table) and not set(found.index) & set(table.index):
            found.index = table.index  # by its place, as the check reads it
        found = found.reindex(table.index)
        if (found >= 1).all():
            return found.astype(int)
    except Exception:  # whatever an unfinished answer does
        pass
    return material._layers(table, more, less)


def trade_figure(namespace: Names, table: pd.DataFrame) -> tuple[go.Figure, str]:
    """Draw candidates by chance and tractability, with the first layers of two objectives.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `layers` is put to work where it gives an answer.
    table : DataFrame
        As `candidates` gives it.
    """
    layer = _own_layers(namespace, table, ["chance", "tractability"], [])
    figure = go.Figure()
    for k, (name, rows) in enumerate(
        (("front", layer == 1), ("layer 2", layer == 2), ("behind", layer > 2))
    ):
        part = table[rows].sort_values("chance")
        line = {"color": figures.COLOURS[k], "dash": figures.DASHES[k]}
        marker = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9}
        figure.add_scatter(
            x=part["chance"],
            y=part["tractability"],
            mode="markers" if name == "behind" else "lines+markers",
            name=name,
            text=material.names_of(part.index),
            marker=marker,
            line=line,
        )
    figure.update_layout(
        title="Two objectives of forty candidates",
        xaxis_title="chance to be found later",
        yaxis_title="tractability (0 to 1)",
        height=420,
    )
    sizes = [int((_own_layers(namespace, table, MORE[:n], LESS if n == 4 else ()) == 1).sum())
             for n in (2, 3, 4)]  # fmt: skip
    return figure, (
        f"In the front by chance and tractability (drawn) stand {int((layer == 1).sum())} of "
        f"{len(table)}. In that by chance and genetics stand {sizes[0]}; with tractability as a "
        f"third objective {sizes[1]}; with novelty and risk as well {sizes[2]}."
    )


def picked(namespace: Names, table: pd.DataFrame) -> list[str]:
    """Return ten candidates: layer by layer of all five objectives, in a layer by chance.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `layers` is put to work where it gives an answer.
    table : DataFrame
        As `candidates` gives it.
    """
    layer = _own_layers(namespace, table, MORE, LESS)
    order = pd.DataFrame({"layer": layer, "chance": -table["chance"]}).sort_values(
        ["layer", "chance"], kind="stable"
    )
    return list(order.index[:TOP])


def price(namespace: Names, chance: pd.DataFrame) -> pd.DataFrame:
    """Return what a list of ten holds, picked by chance alone or layer by layer, all diseases.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `layers` is put to work where it gives an answer.
    chance : DataFrame
        Genes by diseases.
    """
    rows: dict[str, list[pd.Series]] = {"by chance alone": [], "layer by layer": []}
    found = set(material._later(LIBRARY_SEED).itertuples(index=False, name=None))
    for disease in rivals.today().diseases:
        table = candidates(chance, disease)
        lists = (list(table.index[:TOP]), picked(namespace, table))
        for name, genes in zip(rows, lists, strict=True):
            means = table.loc[genes].drop(columns="chance").mean()
            hits = sum((gene, disease) in found for gene in genes)
            rows[name].append(pd.concat([pd.Series({"hits": hits}), means]))
    means = {name: pd.concat(parts, axis=1).mean(axis=1) for name, parts in rows.items()}
    return pd.DataFrame(means).T.round(2)


# Reasons ----------------------------------------------------------------------------------------


def leak() -> pd.DataFrame:
    """Return how many curated pairs, taken out, are found again: with their sentences, and without.

    Returns
    -------
    DataFrame
        Two rows: pairs taken out, those that the graph still holds, and the share in the tens of a
        factorisation and of the degree list.
    """
    now = rivals.today()
    rng = np.random.default_rng(3)
    is_pair = now.edges["relation"].isin(AFFECTS)
    curated = now.edges[is_pair & (now.edges["source"] == "curated")]
    out = curated.sample(frac=HELD_OUT, random_state=int(rng.integers(1000)))
    keys = set(zip(out["head"], out["tail"], strict=True))
    same = np.array([key in keys for key in zip(now.edges["head"], now.edges["tail"], strict=True)])
    kept = {
        "the curated entry is gone": now.edges.drop(out.index),
        "its sentences, too": now.edges[~same],
    }
    truth = out.rename(columns={"head": "gene", "tail": "disease"})[["gene", "disease"]]
    rows = {}
    for name, edges in kept.items():
        left = material._known(edges).itertuples(index=False, name=None)
        still = len(keys & {*left})
        row = [len(truth), still]
        for way in (material._recommend, material._degrees):
            guesses = way(edges, now.genes, now.diseases)
            lists = material._lists(guesses, material._known(now.edges[~same]))
            row.append(f"{100 * material._hits(lists, truth).sum() / len(truth):.0f} %")
        rows[name] = row
    columns = ["pairs taken out", "still in the graph", "found again, in a ten", "by degree list"]
    return pd.DataFrame(rows, index=columns).T


def chains_everywhere() -> str:
    """Say how long the shortest chains are, for pairs that are found later and for others."""
    import networkx as nx

    now = rivals.today()
    graph = nx.Graph(zip(now.edges["head"], now.edges["tail"], strict=True))
    rng = np.random.default_rng(4)
    said = []
    for name, pairs in (
        ("are found later", np.argwhere(rivals.found())),
        ("are not", np.argwhere(~rivals.found() & ~rivals.held())),
    ):
        drawn = rng.choice(pairs, CHAINED, replace=False)
        ends = [(now.genes[g], now.diseases[d]) for g, d in drawn]
        ends = [(g, d) for g, d in ends if g in graph and d in graph]
        steps = [nx.shortest_path_length(graph, g, d) for g, d in ends if nx.has_path(graph, g, d)]
        said.append(f"{100 * sum(n <= 3 for n in steps) / CHAINED:.0f} % of those that {name}")
    return f"A chain of three steps or fewer joins {' and '.join(said)}."


def _own_chain(namespace: Names, gene: str, disease: str) -> list[str]:
    evidence = rivals.today().evidence
    answer = rivals.called(namespace, "chain", evidence.copy(), gene, disease)
    if isinstance(answer, list | tuple) and answer and all(isinstance(one, str) for one in answer):
        return list(answer)
    return material._chain(evidence, gene, disease)


def ten(namespace: Names, chance: pd.DataFrame, disease: str) -> pd.DataFrame:
    """Return the ten targets for a disease, each with its chain of reasons.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `layers` and `chain` are put to work where they give an answer.
    chance : DataFrame
        Genes by diseases.
    disease : str
        Its id.

    Returns
    -------
    DataFrame
        One row a gene, by its id: name, chance, risk, what documents doubt or deny of the pair
        itself, and what stands between gene and disease in its chain.
    """
    table = candidates(chance, disease)
    genes = picked(namespace, table)
    between = [material.names_of(_own_chain(namespace, gene, disease)[1:-1]) for gene in genes]
    reasons = [" – ".join(names) or "no chain" for names in between]
    shown = table.loc[genes, ["chance", "risk"]].round(2)
    shown.insert(0, "gene", material.names_of(genes))
    shown["said"] = [_said(gene, disease) for gene in genes]
    return shown.assign(by=[textwrap.shorten(text, 44, placeholder=" …") for text in reasons])


def _said(gene: str, disease: str) -> str:
    """Return what documents say of a pair that the graph does not hold."""
    rows = rivals.today().evidence
    about = rows[(rows["head"] == gene) & (rows["tail"] == disease)]
    counts = about["stance"].value_counts()
    return ", ".join(f"{n} {stance}" for stance, n in counts.items()) or "nothing"


def reasons_for(namespace: Names, gene: str, disease: str) -> str:
    """Return the chain of a pair in words, with a sentence or an entry for each step.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `chain` is put to work where it gives an answer.
    gene, disease : str
        Ids.
    """
    chain = _own_chain(namespace, gene, disease)
    if not chain:
        return f"Nothing joins {gene} and {disease}."
    rows = material._admitted(rivals.today().evidence, gene, disease)
    lines = [" – ".join(material.names_of(chain))]
    for a, b in zip(chain, chain[1:], strict=False):
        here = rows[
            (rows["head"].eq(a) & rows["tail"].eq(b)) | (rows["head"].eq(b) & rows["tail"].eq(a))
        ]
        lines += _source(here, a, b)
    return "\n".join(lines)


def _source(rows: pd.DataFrame, a: str, b: str) -> list[str]:
    """Return one step of a chain: what is said, by how many, and a sentence that says it."""
    if rows.empty:
        return [f"  {a} – {b}: no source that may be used"]
    head, tail = material.names_of(rows.iloc[0][["head", "tail"]])
    told = rows[rows["text"] != material.ENTERED]
    papers, entries = told["document"].nunique(), len(rows) - len(told)
    relation = rows.iloc[0]["relation"].replace("_", " ")
    noun = "document" if papers == 1 else "documents"
    lines = [f"  {head} {relation} {tail}: {entries} curated, {papers} {noun}"]
    if len(told):
        quoted = f"“{told.iloc[0]['text']}” ({told.iloc[0]['document']})"
        lines += textwrap.wrap(quoted, PAGE - 6, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return lines


def explore(disease: str) -> Explorer:
    """Return an explorer of the graph that begins at a disease.

    Parameters
    ----------
    disease : str
        Its id.

    Raises
    ------
    CourseError
        There is no such entity.
    """
    from vaxlab.knowledge.explorer import Explorer

    now = rivals.today()
    return Explorer(now.nodes, now.edges, now.evidence, start=disease)


# Five years later -------------------------------------------------------------------------------


def five_years(
    namespace: Names, chance: pd.DataFrame, disease: str
) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let five years pass: which of the tens are confirmed, and which of the degree list's.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `layers` is put to work where it gives an answer.
    chance : DataFrame
        Genes by diseases.
    disease : str
        Whose ten are shown one by one.

    Returns
    -------
    table : DataFrame
        The disease's ten: gene, chance, confirmed.
    figure : Figure
    sentence : str
    """
    now, found = rivals.today(), material._later(LIBRARY_SEED)
    tables = {d: candidates(chance, d) for d in now.diseases}
    tens = {d: picked(namespace, table) for d, table in tables.items()}
    mine = material._hits(tens, found)
    degree = rivals.hits(rivals.ways()["degree list"])
    promised = np.mean([tables[d].loc[ten_, "chance"].sum() for d, ten_ in tens.items()])
    apart = (mine - degree).to_numpy(dtype=float)
    # Diseases share genes, so the interval is a little too narrow: the notebook says so.
    half = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart))
    pairs = set(found.itertuples(index=False, name=None))
    table = pd.DataFrame(
        {
            "gene": material.names_of(tens[disease]),
            "chance": tables[disease].loc[tens[disease], "chance"].round(2).to_numpy(),
            "confirmed": [(gene, disease) in pairs for gene in tens[disease]],
        }
    )
    sentence = (
        f"Of a ten {mine.mean():.1f} are confirmed on average, where {promised:.1f} were promised. "
        f"The degree list has {degree.mean():.1f}. Disease by disease that is {apart.mean():+.1f} "
        f"of ten, {apart.mean() - half:.1f} to {apart.mean() + half:.1f} (95 %). "
        f"Of {material.names_of([disease])[0]}: {int(mine[disease])} of ten."
    )
    return table, _counts_figure({"your tens": mine, "degree list": degree}), sentence


def _counts_figure(hits_of: dict[str, pd.Series]) -> go.Figure:
    """Draw for how many diseases so many of the ten are confirmed."""
    figure = go.Figure()
    for k, (name, hits) in enumerate(hits_of.items()):
        counts = hits.value_counts().reindex(range(TOP + 1), fill_value=0)
        bar = {"color": figures.COLOURS[k], "pattern": {"shape": ("", "/")[k]}}
        figure.add_bar(x=counts.index, y=counts, name=name, marker=bar)
    figure.update_layout(
        title="Five years later",
        xaxis_title="confirmed, of a disease's ten",
        yaxis_title="diseases",
        height=400,
    )
    return figure
