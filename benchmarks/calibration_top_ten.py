"""What day 4, notebook 3 promises, library by library.

Run ``python benchmarks/calibration_top_ten.py``. Seeds of libraries may be given; otherwise the
course's and nine drawn ones. About 15 s of CPU each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from vaxlab.lessons.day4.top_ten import checks, material
from vaxlab.lessons.day4.top_ten.material import AFFECTS, TOP, Today
from vaxlab.literature import LIBRARY_SEED

Way = Callable[..., pd.DataFrame]
CHAINS = 60
"""Recommendations of a library for which a chain is looked for."""


def shared_diseases(edges: pd.DataFrame, genes: list[str], diseases: list[str]) -> pd.DataFrame:
    """Score by genes that share diseases, by cosine."""
    known = material._matrix(material._known(edges), genes, diseases).to_numpy(dtype=float)
    length = np.linalg.norm(known, axis=1, keepdims=True)
    rows = known / np.where(length > 0, length, 1)
    alike = rows @ rows.T
    np.fill_diagonal(alike, 0)
    return pd.DataFrame(alike @ known, index=genes, columns=diseases)


def shared_genes(edges: pd.DataFrame, genes: list[str], diseases: list[str]) -> pd.DataFrame:
    """Score by diseases that share genes, by cosine."""
    return shared_diseases(
        edges.rename(columns={"head": "tail", "tail": "head"}), diseases, genes
    ).T


def by_rank(rank: int) -> Way:
    """Return a factorisation of a rank."""

    def way(edges: pd.DataFrame, genes: list[str], diseases: list[str]) -> pd.DataFrame:
        table = material._matrix(material._known(edges), genes, diseases).astype(float)
        u, s, v = np.linalg.svd(table - table.mean(), full_matrices=False)
        return pd.DataFrame((u[:, :rank] * s[:rank]) @ v[:rank], index=genes, columns=diseases)

    return way


WAYS: dict[str, Way] = {
    "degree": material._degrees,
    "collaborative": material._recommend,
    "content": material._alike,
    "graph": material._walk,
    "genes that share diseases": shared_diseases,
    "diseases that share genes": shared_genes,
    "pathways that drive": material._driven,
    "rank 6": by_rank(6),
    "rank 20": by_rank(20),
}


def precision(seed: int) -> dict[str, float]:
    """Return the precision at ten of ways to recommend, by what is found later."""
    now, found = material._today(seed), material._later(seed)
    known = material._known(now.edges)
    row = {}
    for name, way in WAYS.items():
        scores = way(now.edges, now.genes, now.diseases)
        row[f"precision: {name}"] = material._precision_at_10(scores, known, found)
    row["precision: genetics"] = material._precision_at_10(_genetics(now), known, found)
    free = len(now.genes) * len(now.diseases) - len(known)
    return row | {"precision: by lot": len(found) / free}


def _genetics(now: Today) -> pd.DataFrame:
    table = now.genetics.pivot(index="gene", columns="disease", values="z")
    return table.loc[now.genes, now.diseases]


def cold(seed: int) -> dict[str, float]:
    """Return the share of tens that is true where no gene, or nothing at all, is known."""
    now, true, z = material._today(seed), material._true(seed), _genetics(material._today(seed))
    driven = set(now.edges.loc[now.edges["relation"] == "drives", "tail"])
    row = {}
    for name, everything in (("no gene", False), ("no edge", True)):
        hits: dict[str, list[int]] = {}
        for disease in now.diseases:
            if not everything and disease not in driven:
                continue
            gone = now.edges["tail"] == disease
            gone &= True if everything else now.edges["relation"].isin(AFFECTS)
            edges = now.edges[~gone]
            genes = set(true.loc[true["disease"] == disease, "gene"])
            pathways = material._driven(edges, now.genes, [disease])[disease]
            degree = material._degrees(edges, now.genes, now.diseases)[now.diseases[0]]
            ways = {
                "both": material._cold_start(edges, z[disease], disease),
                "pathways": list(pathways.nlargest(TOP).index),
                "genetics": list(z[disease].nlargest(TOP).index),
                "degree": list(degree.nlargest(TOP).index),
            }
            for way, ten in ways.items():
                hits.setdefault(way, []).append(len(genes & {*ten}))
        row |= {f"cold, {name}: {way}": np.mean(n) / TOP for way, n in hits.items()}
    return row


def larger_study(seed: int) -> dict[str, float]:
    """Return hits over those of the course's tens, where a larger study is given."""
    hits: dict[str, list[int]] = {}
    for case in checks._cases(seed):
        if case[0]:
            continue
        edges, z, genes, course = checks._asked(case, larger=True)
        pathways = material._driven(edges, list(z.index), [case[2]])[case[2]]
        dice = np.random.default_rng(7).random(len(z))
        ways = {
            "genetics among equals": pathways.rank() + z.rank() / 1000,
            "pathways": pathways,
            "any of their genes": (pathways > 0) * dice,
        }
        hits.setdefault("course", []).append(course)
        for way, score in ways.items():
            hits.setdefault(way, []).append(len(genes & {*score.nlargest(TOP).index}))
    course = np.mean(hits.pop("course"))
    return {f"larger study: {way}": np.mean(n) / course for way, n in hits.items()}


def promised(seed: int) -> dict[str, float]:
    """Return how far calibrated chances are off, and hits that are promised and that come."""
    now, found = material._today(seed), material._later(seed)
    known = material._known(now.edges)
    scores = material._recommend(now.edges, now.genes, now.diseases)
    scores = (scores - scores.to_numpy().mean()) / scores.to_numpy().std()
    held, later = (
        material._matrix(pairs, now.genes, now.diseases).to_numpy() == 1 for pairs in (known, found)
    )
    x, y = scores.to_numpy()[~held], later[~held]
    drawn = np.random.default_rng(5).choice(len(x), material.SCREENED, replace=False)
    curve = LogisticRegression().fit(x[drawn, None], y[drawn])
    chance = scores.apply(lambda column: curve.predict_proba(column.to_numpy()[:, None])[:, 1])
    lists = material._lists(scores, known)
    p = chance.to_numpy()[~held]
    classes = np.digitize(p, [0.05, 0.1, 0.2, 0.4, 0.6, 0.8])
    off = sum(abs((p[classes == k] - y[classes == k]).sum()) for k in np.unique(classes)) / len(p)
    return {
        "hits that are promised": np.mean([chance.loc[ten, d].sum() for d, ten in lists.items()]),
        "hits that come": material._hits(lists, found).mean(),
        "chances are off": off,
    } | _several(now, chance, lists, found)


def _several(
    now: Today, chance: pd.DataFrame, lists: dict[str, list[str]], found: pd.DataFrame
) -> dict[str, float]:
    """Return what layers of five objectives change, and how large their fronts are."""
    z, targets = _genetics(now), now.targets.set_index("entity")
    known = material._matrix(material._known(now.edges), now.genes, now.diseases)
    tens, fronts = {}, {2: [], 5: []}
    for disease in now.diseases:
        order = chance[disease].mask(known[disease] == 1).nlargest(40).index
        table = targets.loc[order, ["tractability", "novelty", "safety"]]
        table = table.assign(chance=chance.loc[order, disease], genetics=z.loc[order, disease])
        layer = material._layers(table, list(table.columns), [])
        fronts[5].append((layer == 1).sum())
        fronts[2].append((material._layers(table, ["chance", "tractability"], []) == 1).sum())
        both = pd.DataFrame({"layer": layer, "chance": -table["chance"]})
        tens[disease] = list(both.sort_values(["layer", "chance"], kind="stable").index[:TOP])
    safe = {name: np.mean([targets.loc[ten, "safety"].mean() for ten in these.values()])
            for name, these in (("chance", lists), ("layers", tens))}  # fmt: skip
    return {
        "hits, layer by layer": material._hits(tens, found).mean(),
        "risk, by chance alone": 1 - safe["chance"],
        "risk, layer by layer": 1 - safe["layers"],
        "front of two objectives, of 40": np.mean(fronts[2]),
        "front of five objectives, of 40": np.mean(fronts[5]),
    }


def explained(seed: int) -> dict[str, float]:
    """Return the share of recommendations with a chain whose sources do not speak of the pair."""
    now = material._today(seed)
    scores = material._recommend(now.edges, now.genes, now.diseases)
    lists = material._lists(scores, material._known(now.edges))
    pairs = [(gene, disease) for disease, ten in lists.items() for gene in ten]
    drawn = np.random.default_rng(6).choice(len(pairs), CHAINS, replace=False)
    chains = [material._chain(now.evidence, *pairs[k]) for k in drawn]
    return {
        "recommendations with a chain": np.mean([bool(chain) for chain in chains]),
        "steps of a chain": np.mean([len(chain) - 1 for chain in chains if chain]),
    }


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    row = precision(seed) | cold(seed) | larger_study(seed) | promised(seed) | explained(seed)
    return {name: float(value) for name, value in row.items()}


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [LIBRARY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).T.to_string())
