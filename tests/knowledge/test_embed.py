"""Embeddings: the models score what they say, ranks are fair, UMLS is completed."""

import time

import numpy as np
import pandas as pd
import pytest
import torch

from vaxlab.errors import CourseError
from vaxlab.knowledge import embed

DIM = 3


def by_hand(model, h, r, t):
    """Return the score of one triple, by complex numbers."""
    complexes = [x[:DIM] + 1j * x[DIM:] for x in (h, r, t)]
    turn = np.exp(1j * r[:DIM])
    return {
        "TransE": -np.sum((h + r - t) ** 2),
        "DistMult": np.sum(h * r * t),
        "ComplEx": np.sum(complexes[0] * complexes[1] * complexes[2].conj()).real,
        "RotatE": -np.sum(np.abs(complexes[0] * turn - complexes[2]) ** 2),
    }[model]


@pytest.mark.parametrize("model", embed.MODELS)
def test_a_model_scores_all_tails_by_its_formula(model):
    torch.manual_seed(1)
    net = embed.modules()[model](5, 2, DIM)
    scores = net(torch.tensor([0, 4]), torch.tensor([3, 1])).detach().numpy()
    entity, relation = (x.detach().numpy().astype(float) for x in (net.entity, net.relation))
    for row, (head, r) in enumerate([(0, 3), (4, 1)]):
        expected = [by_hand(model, entity[head], relation[r], tail) for tail in entity]
        np.testing.assert_allclose(scores[row], expected, atol=1e-5)


def test_umls_is_completed_at_090_in_15_seconds_of_one_core():
    parts = embed.benchmark("umls")
    index = embed.Index.of(*parts.values())
    numbers = {name: index.numbers(table) for name, table in parts.items()}
    begun = time.process_time()
    sizes = len(index.entities), len(index.relations)
    net = embed.train("ComplEx", numbers["train"], *sizes, dim=128)
    assert time.process_time() - begun < 15
    known = np.concatenate(list(numbers.values()))
    filtered = embed.metrics(embed.ranks(net, numbers["test"], known))
    assert filtered["MRR"] >= 0.90
    assert filtered["Hits@10"] >= 0.98
    assert embed.metrics(embed.ranks(net, numbers["test"]))["MRR"] < filtered["MRR"]


def test_a_constant_scorer_is_first_only_where_ties_are_counted_its_way():
    scores, right = np.ones((4, 9)), np.arange(4)
    assert embed.metrics(embed.rank(scores, right, ties="optimistic"))["MRR"] == 1
    assert set(embed.rank(scores, right)) == {5}
    assert set(embed.rank(scores, right, ties="pessimistic")) == {9}


def test_other_right_answers_are_no_rivals_where_ranks_are_filtered():
    scores = np.array([[5.0, 4.0, 3.0, 2.0]])
    assert embed.rank(scores, np.array([3]))[0] == 4
    assert embed.rank(scores, np.array([3]), [[0, 1, 3]])[0] == 2


def test_nan_is_the_worst_score():
    assert embed.rank(np.array([[np.nan, 1.0, 2.0]]), np.array([0]))[0] == 3


def test_the_same_seed_gives_the_same_model_and_leaves_the_dice_alone():
    triples = np.array([[0, 0, 1], [1, 0, 2], [2, 1, 0]])
    state = torch.get_rng_state()
    first, again, other = (
        embed.train("RotatE", triples, 3, 2, dim=4, epochs=3, seed=seed).entity.detach()
        for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_ranks_are_of_tails_then_of_heads():
    triples = np.array([[0, 0, 1], [2, 0, 1]])
    net = embed.train("ComplEx", triples, 3, 1, dim=8, epochs=200)
    assert len(embed.ranks(net, triples)) == 4
    # The tail is sure, of the heads two are right: one of each pair comes first.
    assert list(embed.ranks(net, triples)[:2]) == [1, 1]
    assert set(embed.ranks(net, triples, triples)) == {1}


def test_names_get_numbers_by_the_alphabet_and_unknown_ones_a_sentence():
    table = pd.DataFrame([("b", "likes", "a")], columns=embed.TRIPLE)
    index = embed.Index.of(table)
    assert index.entities == ("a", "b")
    assert index.numbers(table).tolist() == [[1, 0, 0]]
    with pytest.raises(CourseError, match="tail 'c' is not in this index"):
        index.numbers(table.assign(tail="c"))


@pytest.mark.parametrize("name", embed.BENCHMARKS)
def test_the_real_graphs_lie_in_the_wheel(name):
    parts = embed.benchmark(name)
    assert {"train", "valid", "test"} == set(parts)
    together = pd.concat(parts.values())
    assert together.duplicated().sum() == 0
    assert together.notna().all(axis=None)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: embed.benchmark("hetionet"), "there are umls, kinships, nations"),
        (lambda: embed.train("TransX", np.zeros((1, 3), int), 1, 1), "model 'TransX'"),
        (lambda: embed.train("TransE", np.zeros((0, 3), int), 1, 1), "at least one"),
        (lambda: embed.train("TransE", np.array([[0, 0, 5]]), 3, 1), "beyond 3 entities"),
        (lambda: embed.rank(np.ones((1, 2)), np.array([0]), ties="best"), "ties = 'best'"),
    ],
)
def test_bad_input_is_told_in_a_sentence(call, says):
    with pytest.raises(CourseError, match=says):
        call()
