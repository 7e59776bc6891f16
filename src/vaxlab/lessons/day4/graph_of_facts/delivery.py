"""What day 4, notebook 2 shows: figures, graphs completed, and the plant without certain lots."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from tqdm import tqdm

from vaxlab import data, figures
from vaxlab.knowledge import embed
from vaxlab.knowledge.store import Store
from vaxlab.lessons.day4.graph_of_facts import material
from vaxlab.plant import campaign, making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.lots import LOT_KINDS

Names = Mapping[str, Any]
GREY = "#767676"
SEEDS = 5
T_975 = 2.776
"""97.5 % quantile of Student's t with 4 degrees of freedom: five seeds."""
SMALL = {"dim": 32, "epochs": 10}
"""Settings of models that are trained many times."""
WIDE = 128
"""Complex numbers an entity: ComplEx keeps an MRR above 0.9 on UMLS with them, seed by seed; with
half as many it had 0.89 once in ten."""
LIVE_EPOCHS = 10
"""Of PyKEEN's run in the notebook."""
LATE_BATCHES = 0.5
"""Batches that are not made for each lot that goes back: its successor comes late. Own choice."""
STANCES = {"n_for": "found", "n_unsure": "suspected", "n_against": "denied"}

REAL = ("TransE", "DistMult")
"""Models of PyKEEN whose vectors are real: twice as many numbers make them equal."""
EQUAL: dict[tuple[str, str], tuple[float, float, float, float]] = {
    ("UMLS", "TransE"): (0.695, 1.9, 0.716, 17.0),
    ("UMLS", "DistMult"): (0.870, 1.3, 0.611, 15.0),
    ("UMLS", "ComplEx"): (0.902, 1.4, 0.866, 9.3),
    ("UMLS", "RotatE"): (0.829, 2.0, 0.736, 27.3),
    ("Kinships", "ComplEx"): (0.790, 1.9, 0.735, 11.6),
    ("Kinships", "RotatE"): (0.736, 2.9, 0.758, 35.4),
}
"""Graph and model to MRR and seconds of the course's training, then of PyKEEN's; means of two
seeds, by ``benchmarks/embeddings.py``."""


def _called(namespace: Names, name: str, *given: Any) -> Any:
    """Return what a learner's function gives, or None where it does not work yet."""
    try:
        answer = namespace.get(name)(*given)
    except Exception:  # whatever an unfinished answer does
        return None
    return None if answer is ... else answer


def _whose(own: bool) -> str:
    return "" if own else " (By the course's function, until yours answers.)"


# Edges ----------------------------------------------------------------------------------------


def edges(namespace: Names) -> tuple[pd.DataFrame, bool]:
    """Return the edges of all documents by the learner's function, and whether it is theirs."""
    assertions, documents = data.load("assertions"), data.load("documents")
    answer = _called(namespace, "edges_from", assertions.copy(), documents.copy())
    columns = [*material.EDGE, *material.COUNTS]
    try:
        if not set(material.EDGE) <= set(answer.columns):  # they are its index, as of a `groupby`
            answer = answer.reset_index()
        found = answer[columns]
        found = found.assign(**{name: found[name].astype(float) for name in material.COUNTS})
        if len(found):
            return found, True
    except Exception:  # whatever an unfinished answer gives
        pass
    return material._edges_from(assertions, documents), False


def lots_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw for each lot that a report names beside a compound what reports say of the two.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `edges_from` is put to work where it gives an answer.
    """
    table, own = edges(namespace)
    table = table[table["relation"] == "found_in"]
    lots = table.groupby("tail")[material.COUNTS].sum()
    lots = lots.sort_values(["n_for", "n_unsure", "n_against"], ascending=False)
    figure = go.Figure()
    for k, (column, word) in enumerate(STANCES.items()):
        figure.add_bar(
            y=lots[column],
            x=lots.index.str.removeprefix("LOT:"),
            name=word,
            marker={"color": figures.COLOURS[k], "pattern": {"shape": ["", "/", "."][k]}},
        )
    figure.update_layout(
        title="Lots of which the reader understood a sentence with a compound",
        # So many labels touch if they lean.
        xaxis={"title": "lot of raw material", "tickangle": -90},
        yaxis_title="sentences that name both",
        barmode="stack",
        height=420,
    )
    said = int((lots["n_for"] > 0).sum())
    return figure, (
        f"Of {len(lots)} lots the reader understood a sentence that names a compound as well. In "
        f"{said} of them the compound was found, by a sentence that neither doubts it nor denies "
        f"it.{_whose(own)}"
    )


def path_figure(store: Store, gene: str, batch: str) -> tuple[go.Figure, str]:
    """Draw all ways of four steps from a gene to a batch, from left to right by kind.

    An arrow leads from an edge's head to its tail, whichever way one walks.
    """
    steps = store.paths(gene, batch, most_steps=4, relations=material.WAY)
    graph = nx.DiGraph()
    named = store.nodes().set_index("entity")
    for row in steps.to_dict("records"):
        said = f"{row['relation']} ({row['sources']})"
        graph.add_edge(row["from"], row["to"], said=said, ends=(row["head"], row["tail"]))
    for node in graph:
        graph.nodes[node]["layer"] = nx.shortest_path_length(graph, gene, node)
    places = nx.multipartite_layout(graph, subset_key="layer")
    figure = go.Figure()
    for *_, edge in graph.edges(data=True):
        (x0, y0), (x1, y1) = (places[end] for end in edge["ends"])
        arrow = {"ax": x0, "ay": y0, "axref": "x", "ayref": "y", "arrowcolor": GREY}
        arrow |= {"arrowhead": 2, "arrowsize": 1.5, "arrowwidth": 2}
        figure.add_annotation(x=x1, y=y1, text="", **arrow, standoff=12, startstandoff=12)
        middle = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2}
        said = edge["said"].replace(" (", "<br>(")
        figure.add_annotation(**middle, text=said, showarrow=False, yshift=-28)
    for k, kind in enumerate(dict.fromkeys(named.loc[node, "kind"] for node in graph)):
        nodes = [node for node in graph if named.loc[node, "kind"] == kind]
        figure.add_scatter(
            x=[places[node][0] for node in nodes],
            y=[places[node][1] for node in nodes],
            mode="markers+text",
            text=[named.loc[node, "name"] for node in nodes],
            textposition="top center",
            name=kind,
            marker={"color": figures.COLOURS[k % 5], "symbol": figures.MARKERS[k % 5], "size": 16},
        )
    hidden = {"visible": False}
    figure.update_layout(
        title="From a gene to a batch", xaxis=hidden, yaxis=hidden | {"range": [-1, 1]}, height=280
    )
    return figure, _way_in_words(steps, named["name"])


def _way_in_words(steps: pd.DataFrame, names: pd.Series) -> str:
    """Return how many ways there are, and the edges of the first, by who knows them."""
    n = steps["path"].nunique()
    first = steps[steps["path"] == steps["path"].iloc[0]]
    edges = zip(first["head"].map(names), first["relation"], first["tail"].map(names), strict=True)
    said = pd.Series([" ".join(edge).replace("_", " ") for edge in edges])
    inside = first["sources"].to_numpy() == "internal"
    return (
        f"{'There is one such way' if n == 1 else f'The first of {n} such ways'}. Known outside "
        f"the plant as well: {'; '.join(said[~inside])}. Known to the plant alone: "
        f"{'; '.join(said[inside])}."
    )


# Scores and ranks -----------------------------------------------------------------------------


def two_ways() -> pd.DataFrame:
    """Time the squared distance of 400 questions to 1,000 entities, all at once and expanded.

    Returns
    -------
    DataFrame
        One row a way: seconds, and the megabytes of its largest array.
    """
    import torch

    a, b = torch.randn(400, 128), torch.randn(1000, 128)
    ways = {
        "all differences": lambda: ((a[:, None] - b[None]) ** 2).sum(-1),
        "expanded": lambda: (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T,
    }
    sizes = {"all differences": 400 * 1000 * 128, "expanded": 400 * 1000}
    rows = {}
    for name, way in ways.items():
        way()
        begun = time.process_time()
        for _ in range(3):
            way()
        rows[name] = ((time.process_time() - begun) / 3, sizes[name] * 4 / 1e6)
    return pd.DataFrame(rows, index=["seconds", "megabytes"]).T.round(4)


@cache
def _trained_umls() -> np.ndarray:
    """Return ComplEx's scores of the tails of UMLS's test."""
    graph = material.umls()
    net = embed.train("ComplEx", graph.train, graph.entities, graph.relations, dim=WIDE)
    return _scores(net, graph.test)


def _scores(net: Any, triples: np.ndarray) -> np.ndarray:
    import torch

    with torch.no_grad():
        return net(*torch.from_numpy(triples[:, :2].copy()).T).numpy()


def traps(namespace: Names) -> pd.DataFrame:
    """Return what the same scores of UMLS's test are worth, counted in different ways.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `ranks` is put to work where it gives an answer.
    """
    graph = material.umls()
    scores, right = _trained_umls(), graph.test[:, 2]
    equal = np.zeros_like(scores)
    others, nobody = graph.others(), [[] for _ in right]
    given = scores.copy(), right.copy(), [list(known) for known in others]  # theirs to change
    yours = _own_ranks(namespace, *given)
    whose = "your ranks" if yours is not None else "the course's function"
    yours = yours if yours is not None else material._ranks(scores, right, others)
    rows = {
        f"ComplEx, filtered (counted by {whose})": yours,
        "ComplEx, raw": embed.rank(scores, right, nobody),
        "how often the tail was seen": embed.rank(graph.counted(), right, others),
        "all equal, ties for me": embed.rank(equal, right, others, ties="optimistic"),
        "all equal, ties in the middle": embed.rank(equal, right, others),
    }
    table = pd.DataFrame({name: embed.metrics(ranks) for name, ranks in rows.items()}).T
    return table.round(3).rename_axis("scores, and how they are counted")


def _own_ranks(namespace: Names, *given: Any) -> np.ndarray | None:
    try:
        found = np.asarray(_called(namespace, "ranks", *given), dtype=float)
    except (TypeError, ValueError):
        return None
    return found if found.shape == given[1].shape and (found >= 1).all() else None


# The leak -------------------------------------------------------------------------------------


def leak(namespace: Names) -> pd.DataFrame:
    """Return what ComplEx and counting are worth on the known graph, split at random and by answer.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `fair_split` is put to work where it gives an answer.
    """
    known = data.load("known")
    answer = _called(namespace, "fair_split", known.copy(), 1)
    try:
        fair, whose = np.asarray(answer, dtype=bool), "your split"
        if fair.shape != (len(known),) or not 0.02 < fair.mean() < 0.5:
            raise ValueError
    except (TypeError, ValueError):
        fair, whose = material._fair_split(known, 1), "the course's split"
    rows = {}
    for name, part in {"at random": material.random_part(len(known), 1), whose: fair}.items():
        graph = material.Graph(known, part)
        rows[name] = {
            "same two entities in training, %": 100 * material.turned_in_training(known, part),
            "MRR of ComplEx": graph.mrr("ComplEx", epochs=30),
            "MRR of counting": graph.mrr_of_counting(),
        }
    table = pd.DataFrame(rows).T.rename_axis("split")
    return table.round(3).round({"same two entities in training, %": 0})


def leak_figure(table: pd.DataFrame) -> tuple[go.Figure, str]:
    """Draw the table of `leak`."""
    values = table["MRR of ComplEx"]
    figure = figures.bars(
        values, title="The same model, two ways to split", axis_title="MRR, filtered", height=340
    )
    return figure, (
        f"Split at random the model has an MRR of {values.iloc[0]:.2f}, split fairly of "
        f"{values.iloc[1]:.2f}. What went was the answer sheet."
    )


def real_graphs() -> pd.DataFrame:
    """Return how much of the test of three real graphs stands in training, under any name.

    Returns
    -------
    DataFrame
        One row a graph: entities, relations, triples, and the share of the test (%) whose two
        entities are joined in training as well.
    """
    rows = {}
    for name in embed.BENCHMARKS:
        parts = embed.benchmark(name)
        table = pd.concat(parts.values(), keys=parts.keys())
        in_test = np.asarray(table.index.get_level_values(0) == "test")
        index = embed.Index.of(table)
        joined = round(100 * material.turned_in_training(table, in_test))
        rows[name] = (len(index.entities), len(index.relations), len(table), joined)
    columns = ["entities", "relations", "triples", "same two entities in training, %"]
    return pd.DataFrame(rows, index=columns).T


# Which model is best? -------------------------------------------------------------------------


def _genes(split: int) -> material.Graph:
    """Return which genes affect which diseases, by the known graph, split at random."""
    known = data.load("known")
    table = known[known["relation"].isin(["promotes", "protects_from"])]
    return material.Graph(table, material.random_part(len(table), split))


def seeds_figure() -> tuple[go.Figure, str]:
    """Train four models with five seeds on three tasks, and draw their MRR with intervals."""
    tasks = {
        "UMLS": material.umls(),
        "genes and diseases, split 1": _genes(1),
        "the same, split 2": _genes(2),
    }
    runs = [
        (task, model, seed) for task in tasks for model in embed.MODELS for seed in range(SEEDS)
    ]
    bar = tqdm(runs, desc="Models trained", delay=5, leave=False, file=sys.stdout)
    rows = [(*run, tasks[run[0]].mrr(run[1], run[2], **SMALL)) for run in bar]
    table = pd.DataFrame(rows, columns=["task", "model", "seed", "MRR"])
    figure = make_subplots(1, len(tasks), subplot_titles=list(tasks))
    first = []
    for column, task in enumerate(tasks, 1):
        own = table[table["task"] == task]
        first.append(own.loc[own.groupby("seed")["MRR"].idxmax(), "model"].value_counts())
        for k, model in enumerate(embed.MODELS):
            values = own.loc[own["model"] == model, "MRR"]
            half = T_975 * values.std() / np.sqrt(SEEDS)
            marker = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 7}
            shared = {"row": 1, "col": column, "showlegend": False}
            dots = [k - 0.15] * SEEDS
            figure.add_scatter(x=dots, y=values, mode="markers", marker=marker, **shared)
            figure.add_scatter(
                x=[k + 0.15],
                y=[values.mean()],
                error_y={"array": [half]},
                mode="markers",
                marker=marker | {"size": 11},
                **shared,
            )
        ticks = {"tickvals": list(range(4)), "ticktext": list(embed.MODELS), "tickangle": -30}
        figure.update_xaxes(**ticks, row=1, col=column)
    figure.update_yaxes(title_text="MRR, filtered", row=1, col=1)
    figure.update_layout(title="Five seeds a model; bars: 95 % intervals of the mean", height=430)
    said = [
        f"{task}: " + ", ".join(f"{model} with {n} of {SEEDS} seeds" for model, n in best.items())
        for task, best in zip(tasks, first, strict=True)
    ]
    return figure, f"Which model came first? {'; '.join(said)}."


def beside_pykeen() -> pd.DataFrame:
    """Train ComplEx for ten epochs by the course and by PyKEEN, at the same settings, on UMLS.

    Returns
    -------
    DataFrame
        One row a library: MRR of the test, seconds of CPU (of PyKEEN with its evaluation).
    """
    graph = material.umls()
    begun = time.process_time()
    rows = {"this course": [graph.mrr("ComplEx", epochs=LIVE_EPOCHS)]}
    rows["this course"].append(time.process_time() - begun)
    begun = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            rows["PyKEEN"] = [pykeen("umls", "ComplEx", LIVE_EPOCHS)["MRR"]]
        finally:
            logging.disable(logging.NOTSET)
    rows["PyKEEN"].append(time.process_time() - begun)
    return pd.DataFrame(rows, index=["MRR", "seconds"]).T.round({"MRR": 3, "seconds": 1})


def pykeen(graph: str, model: str, epochs: int, seed: int = 0) -> dict[str, float]:
    """Train and rank a model of PyKEEN by the course's settings.

    Equal are split, ranks, inverse relations, numbers an entity, loss, optimiser, learning rate,
    initialiser (RotatE's turns have their own) and epochs.

    Returns
    -------
    dict of str to float
        MRR and Hits@10 of heads and tails, filtered, ties in the middle.
    """
    # PyKEEN makes a folder for downloads when it is imported: not in the learner's home.
    os.environ.setdefault("PYSTOW_HOME", tempfile.gettempdir())
    import torch
    from pykeen.pipeline import pipeline
    from pykeen.triples import TriplesFactory

    parts = embed.benchmark(graph)
    names = embed.Index.of(*parts.values())
    ids = {
        "entity_to_id": {name: k for k, name in enumerate(names.entities)},
        "relation_to_id": {name: k for k, name in enumerate(names.relations)},
    }
    made = {
        part: TriplesFactory.from_labeled_triples(
            table.to_numpy(dtype=str), create_inverse_triples=part == "train", **ids
        )
        for part, table in parts.items()
    }
    start = {"entity_initializer": "xavier_uniform"}
    if model != "RotatE":
        start["relation_initializer"] = "xavier_uniform"
    known = [torch.from_numpy(names.numbers(parts[part])) for part in ("train", "valid")]
    done = pipeline(
        training=made["train"],
        validation=made["valid"],
        testing=made["test"],
        model=model,
        model_kwargs={"embedding_dim": embed.DIM * (2 if model in REAL else 1), **start},
        loss="crossentropy",
        training_loop="lcwa",
        optimizer="Adam",
        optimizer_kwargs={"lr": embed.LEARNING_RATE},
        training_kwargs={"num_epochs": epochs, "batch_size": embed.BATCH, "use_tqdm": False},
        evaluation_kwargs={
            "use_tqdm": False,
            "batch_size": 256,
            "additional_filter_triples": known,
        },
        random_seed=seed,
        device="cpu",
    )
    return {
        "MRR": done.get_metric("both.realistic.inverse_harmonic_mean_rank"),
        "Hits@10": done.get_metric("both.realistic.hits_at_10"),
    }


def at_equal_settings() -> pd.DataFrame:
    """Return the course's trainings beside PyKEEN's, as ``benchmarks/embeddings.py`` saw them.

    Returns
    -------
    DataFrame
        One row a graph and model: MRR and seconds of CPU by the course and by PyKEEN.
    """
    columns = ["MRR, this course", "seconds, this course", "MRR, PyKEEN", "seconds, PyKEEN"]
    table = pd.DataFrame(list(EQUAL.values()), columns=columns)
    return table.set_index(pd.Index([f"{model} on {graph}" for graph, model in EQUAL]))


# The plant ------------------------------------------------------------------------------------


@cache
def _history(plant_seed: int) -> tuple[list[Any], Any, Any]:
    """Return recipes, circumstances and plan of six years."""
    n = len(data.load("genealogy"))
    drawn = campaign.draw(plant_seed, n, max(1, round(n * campaign.DAYS_A_BATCH)))
    recipes = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    return recipes, drawn.circumstances, drawn.plan


@cache
def _doses_without(lots: frozenset[str], plant_seed: int = HISTORY_SEED) -> np.ndarray:
    """Return the doses of each batch of six years, made with usual lots in place of these."""
    recipes, met, plan = _history(plant_seed)
    factors = dict(met.lot_factors)
    for kind, material_ in LOT_KINDS.items():
        numbers = plan.lot_numbers[kind]
        gone = np.array([f"LOT:{material_.prefix}-{k + 1:02d}" in lots for k in numbers])
        for name, values in plan.lot_effects[kind].items():
            factors[name] = np.where(gone, factors[name] / values[numbers], factors[name])
    return making.make(recipes, replace(met, lot_factors=factors)).purified.doses


def _gained(lots: list[str], plant_seed: int = HISTORY_SEED) -> list[float]:
    """Return what sending lots back gains, % of the doses, and its 95 % interval."""
    usual = _doses_without(frozenset(), plant_seed)
    late = LATE_BATCHES * len(lots) * usual.mean() / len(usual)
    gain = _doses_without(frozenset(lots), plant_seed) - usual - late
    half = 1.96 * gain.std(ddof=1) * np.sqrt(len(gain))
    return [
        100 * value / usual.sum() for value in (gain.sum(), gain.sum() - half, gain.sum() + half)
    ]


def sent_back(namespace: Names) -> dict[str, list[str]]:
    """Return which lots go back, by who decides.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `edges_from` is put to work where it gives an answer.
    """
    table, own = edges(namespace)
    whose = f"{'your' if own else 'the course’s'} edges"
    return _rules(data.load("assertions"), table, whose)


def _rules(assertions: pd.DataFrame, table: pd.DataFrame, whose: str) -> dict[str, list[str]]:
    """Return the lots that each rule sends back."""
    found = assertions[assertions["relation"] == "found_in"]
    internal = table[(table["relation"] == "found_in") & (table["source"] == "internal")]
    convinced = internal[internal["n_for"] > internal["n_against"]]
    return {
        "nothing": [],
        "named beside a compound": sorted(set(found["tail"])),
        "found or suspected": sorted(set(found.loc[found["polarity"] == "affirmed", "tail"])),
        whose: sorted(set(convinced["tail"])),
    }


def _gains(percent: float) -> str:
    return f"{'loses' if percent < 0 else 'gains'} {abs(percent)}"


def doses(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Make the six years again without certain lots, and count the doses.

    A usual lot takes the place of each that goes back, and comes late: `LATE_BATCHES` batches are
    not made. Recipes, hands, faults and luck are those of the history.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `edges_from` decides where it gives an answer.
    """
    rows, usual = {}, _doses_without(frozenset()).sum() / 1e3
    for who, lots in sent_back(namespace).items():
        percent = _gained(lots)
        rows[who] = [len(lots), usual * (1 + percent[0] / 100), *percent]
    columns = ["lots", "thousand doses", "gained, %", "from, %", "to, %"]
    table = pd.DataFrame(rows, index=columns).T.round(1).rename_axis("sent back")
    table[columns[:2]] = table[columns[:2]].round(0).astype(int)
    figure = figures.bars(
        table["gained, %"],
        title="Six years again: what sending lots back gains",
        axis_title="% of the doses, 95 % interval",
    )
    interval = {"array": table["to, %"] - table["gained, %"], "color": GREY, "thickness": 3}
    interval["arrayminus"] = table["gained, %"] - table["from, %"]
    # A number would lie on its interval, and an interval would not show on a strong colour.
    figure.update_traces(error_y=interval, text=None, marker_opacity=0.5)
    name = table.index[-1]
    return (
        table,
        figure,
        (
            f"Sending back the {table.loc[name, 'lots']} lots of {name} "
            f"{_gains(table.loc[name, 'gained, %'])} % of the doses ({table.loc[name, 'from, %']} "
            f"to {table.loc[name, 'to, %']} %); sending back all {table.iloc[1]['lots']:.0f} that "
            f"are named beside a compound {_gains(table.iloc[1]['gained, %'])} %."
        ),
    )
