"""Paths between two nodes: all of them, the best first, and never too many."""

import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from vaxlab.knowledge.atlas import STANCES, Atlas
from vaxlab.knowledge.paths import BEST, DENIED, HELD, MOST_PATHS, OPEN, WORST, paths_between


def random_atlas(seed: int, n: int = 14, m: int = 34) -> Atlas:
    """A small graph with several relations, sources and sentences."""
    rng = np.random.default_rng(seed)
    ids = [f"N{k:02d}" for k in range(n)]
    nodes = pd.DataFrame({"entity": ids, "kind": rng.choice(["a", "b"], n), "name": ids})
    edges = pd.DataFrame(
        {
            "head": rng.choice(ids, m),
            "relation": rng.choice(["r", "s"], m),
            "tail": rng.choice(ids, m),
            "source": rng.choice(["curated", "public"], m),
        }
    )
    told = edges.iloc[rng.integers(0, m, 3 * m)].drop(columns="source").reset_index(drop=True)
    told = told.assign(
        document="A1", sentence=range(3 * m), text="…", stance=rng.choice(STANCES, 3 * m)
    )
    return Atlas(nodes, edges, told)


def as_networkx(atlas: Atlas, allowed: np.ndarray) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(atlas.ids)))
    pairs = zip(atlas.head[allowed], atlas.tail[allowed], strict=True)
    graph.add_edges_from((int(a), int(b)) for a, b in pairs if a != b)
    return graph


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("longest", [1, 2, 3, 4])
def test_all_simple_paths_are_found_as_networkx_finds_them(seed: int, longest: int):
    atlas = random_atlas(seed)
    allowed = atlas.allowed({"relation": {"s"}} if seed % 3 == 0 else {})
    found = paths_between(atlas, 0, 7, longest, allowed)
    expected = nx.all_simple_paths(as_networkx(atlas, allowed), 0, 7, cutoff=longest)
    assert found.is_complete
    assert sorted(path.nodes for path in found.paths) == sorted(map(tuple, expected))


@pytest.mark.parametrize("seed", range(12))
def test_shorter_paths_come_first_and_among_them_the_strongest(seed: int):
    atlas = random_atlas(seed)
    paths = paths_between(atlas, 0, 7, 4, atlas.allowed({})).paths
    keys = [(len(path.steps), -path.weakest) for path in paths]
    assert keys == sorted(keys)


@pytest.mark.parametrize("seed", range(12))
def test_each_verdict_says_what_its_steps_say_and_each_edge_is_tallied_once(seed: int):
    atlas = random_atlas(seed)
    found = paths_between(atlas, 0, 7, 3, atlas.allowed({}))
    for path in found.paths:
        assert (path.verdict == DENIED) == any(s.counts[1] > s.counts[0] for s in path.steps)
        if path.verdict == HELD:
            assert all(s.counts[1] <= s.counts[0] for s in path.steps)
        assert path.verdict in (HELD, DENIED, OPEN)
    edges = {edge for path in found.paths for step in path.steps for edge in step.edges}
    assert found.tally(atlas) == tuple(atlas.counts[:, sorted(edges)].sum(axis=1))


def test_ten_million_paths_are_bounded_in_time_and_number_and_told():
    n = 250  # all joined with all: 250 · 249 · 248 paths of four steps, more than ten million
    ids = [f"N{k}" for k in range(n)]
    head, tail = np.triu_indices(n, 1)
    nodes = pd.DataFrame({"entity": ids, "kind": "thing", "name": ids})
    edges = pd.DataFrame(
        {
            "head": np.array(ids)[head],
            "relation": "r",
            "tail": np.array(ids)[tail],
            "source": "public",
        }
    )
    columns = ["head", "relation", "tail", "document", "sentence", "text", "stance"]
    atlas = Atlas(nodes, edges, pd.DataFrame(columns=columns))
    begun = time.process_time()
    found = paths_between(atlas, 0, 1, 4, atlas.allowed({}))
    assert time.process_time() - begun < 2
    assert len(found.paths) == MOST_PATHS
    assert not found.is_complete
    assert len(found.paths[0].nodes) == 2


@pytest.mark.parametrize("seed", range(6))
def test_of_many_paths_the_worst_are_shown_as_well_as_the_best(seed: int):
    atlas = random_atlas(seed, m=70)
    found = paths_between(atlas, 0, 7, 4, atlas.allowed({}))
    shown = found.shown()
    assert len(shown) == min(len(found.paths), BEST + WORST)
    assert shown[:BEST] == found.paths[:BEST]
    assert min(path.weakest for path in found.paths[BEST:]) == min(p.weakest for p in shown[BEST:])
    assert len(set(path.nodes for path in shown)) == len(shown)
