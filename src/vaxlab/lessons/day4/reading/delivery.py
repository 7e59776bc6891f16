"""What day 4, notebook 1 shows: figures, and a plant that refuses lots by what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from vaxlab import figures
from vaxlab.lessons.day4.reading import epochs, material
from vaxlab.literature import LIBRARY_SEED, NO_RELATION, library
from vaxlab.plant import campaign, making
from vaxlab.plant.lots import LOT_KINDS

Names = Mapping[str, Any]
GREY = "#767676"
BATCHES = 360
"""Of the plant's history."""
LOTS = "compound lot"


def _called(namespace: Names, name: str, *given: Any) -> Any:
    """Return what a learner's function gives, or None where it does not work yet."""
    try:
        answer = namespace.get(name)(*given)
    except Exception:  # whatever an unfinished answer does
        return None
    return None if answer is ... else answer


def _whose(own: bool) -> str:
    return "your" if own else "the course’s"


# Named together -------------------------------------------------------------------------------


def together_figure() -> tuple[go.Figure, str]:
    """Draw, of the curators' pairs, how many state a relation, by the kinds of the two."""
    table = material.curated()
    states = (table["gold"] != NO_RELATION).rename("states")
    counts = pd.crosstab(table["kinds"], states)
    counts = counts.loc[counts.sum(axis=1).sort_values().index]  # the longest bar is at the top
    figure = go.Figure()
    names = {True: "state a relation", False: "only name the two"}
    for k, (value, name) in enumerate(names.items()):
        figure.add_bar(
            y=[pair.replace(" ", " and ") for pair in counts.index],
            x=counts[value],
            name=name,
            orientation="h",
            marker={"color": figures.COLOURS[k], "pattern": {"shape": ["", "/"][k]}},
        )
    figure.update_layout(
        barmode="stack",
        title=f"{len(table)} pairs, read by two curators",
        legend_traceorder="normal",  # as the parts of a bar, from left to right
        xaxis_title="pairs of names",
        height=380,
    )
    share = 100 * states.mean()
    return figure, (
        f"Of {len(table)} pairs that stand in one sentence, {share:.0f} of a hundred are said to "
        "have anything to do with each other."
    )


# Rules ----------------------------------------------------------------------------------------


def _rules_said(namespace: Names, rows: pd.DataFrame) -> tuple[list[str], bool]:
    """Return what the learner's rules read in rows, or the course's; and whose they are."""
    patterns = {kinds: material.patterns(kinds) for kinds in rows["kinds"].unique()}
    pairs = list(zip(rows["text"], rows["kinds"], strict=True))
    said = [_called(namespace, "relation", text, patterns[kinds]) for text, kinds in pairs]
    own = all(isinstance(one, str) for one in said)
    if not own:
        said = [material._relation(text, patterns[kinds]) for text, kinds in pairs]
    return said, own


def rules_table(namespace: Names) -> pd.DataFrame:
    """Return precision, recall and F1 of ways to read the last abstracts, in percent.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `relation` is put to work where it gives an answer.
    """
    rows = material._test_pairs()
    said, own = _rules_said(namespace, rows)
    share = 100 * (rows["gold"] != NO_RELATION).mean()
    found = {
        "named together": pd.Series({"precision": share, "recall": 100.0}),
        "the known graph": 100 * material.scores(rows["relation"], rows["gold"]),
        f"{_whose(own)} rules": 100 * material.scores(said, rows["gold"]),
    }
    found["named together"]["F1"] = 2 * share / (1 + share / 100)
    return pd.DataFrame(found).T.round(0).astype(int)


# Labels ---------------------------------------------------------------------------------------


def labels_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw what share of the weak labels is wrong: of all, and by what they say.

    Parameters
    ----------
    namespace : mapping
        The learner's names: `weak_labels` and `share_wrong` are put to work.
    """
    table = material.curated()
    gold = table["gold"]
    labels = _called(namespace, "weak_labels", table.drop(columns="gold"), material.known())
    try:
        labels = pd.Series(list(labels), index=table.index, dtype=str)
    except (TypeError, ValueError):
        labels = pd.Series(material._weak_labels(table, material.known()), index=table.index)
    groups = {
        "all": labels == labels,
        "labelled as a relation": labels != NO_RELATION,
        "labelled none": labels == NO_RELATION,
    }
    rows = {
        name: _share(namespace, labels[one], gold[one]) for name, one in groups.items() if one.any()
    }
    shares = 100 * pd.DataFrame(rows, index=["share", "low", "high"]).T
    figure = go.Figure(
        go.Bar(
            x=list(shares.index),
            y=shares["share"],
            marker={
                "color": list(figures.COLOURS[:3]),
                "pattern": {"shape": ["", "/", "x"]},
                "opacity": 0.5,  # so that an interval shows where it lies on its bar
            },
            error_y={
                "array": shares["high"] - shares["share"],
                "arrayminus": shares["share"] - shares["low"],
                "color": GREY,
                "thickness": 3,
                "width": 8,
            },
        )
    )
    figure.update_layout(
        title=f"Wrong labels among the curators' {len(table)} pairs",
        yaxis_title="wrong labels, %, with 95 % interval",
        height=380,
    )
    every, related, none = (
        f"{shares.loc[name, 'share']:.0f} %" if name in rows else "none" for name in groups
    )
    return figure, (
        f"{every} of the graph's labels are wrong: {related} of those that name a relation, and "
        f"{none} of those that say none."
    )


def _share(namespace: Names, labels: pd.Series, gold: pd.Series) -> tuple[float, ...]:
    answer = _called(namespace, "share_wrong", labels, gold)
    try:
        low_to_high = tuple(float(value) for value in answer)
    except (TypeError, ValueError):
        low_to_high = ()
    right = material._share_wrong(labels, gold)
    is_one = len(low_to_high) == 3 and 0 <= low_to_high[0] <= 1  # of percents none is drawn
    return low_to_high if is_one and np.isfinite(low_to_high).all() else right


# Networks -------------------------------------------------------------------------------------


def numbers() -> tuple[Any, Any, dict[str, int], list[str]]:
    """Return what a network learns from: all pairs but those of the last abstracts.

    Returns
    -------
    x : Tensor (pairs, tokens)
        Numbers of tokens, 0 where there is none.
    y : Tensor (pairs,)
        Number of the weak label.
    words : dict
        Token to its number.
    labels : list of str
        Names of the classes, ``none`` first.
    """
    rows = material.training_pairs()
    words = material.vocabulary(rows["tokens"])
    x = material._encode(rows["tokens"], words)
    return x, epochs._numbers(rows["label"]), words, material.labels()


def network_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw F1 of the graph's labels, of rules and of the network, on the last abstracts.

    Parameters
    ----------
    namespace : mapping
        The learner's names: `relation` and `train` are put to work where they give an answer.
    """
    rows = material._test_pairs()
    said, own_rules = _rules_said(namespace, rows)
    x, y, words, names = numbers()
    asked = (x, y, len(words) + material.FIRST, len(names))
    net = _called(namespace, "train", *asked)
    test = material._encode(rows["tokens"], words)
    try:
        read, own = epochs._read(net, test), True
    except Exception:  # whatever an unfinished answer gives
        read, own = epochs._read(epochs._train(*asked), test), False
    ways = {
        "the known graph": material.scores(rows["relation"], rows["gold"]),
        f"{_whose(own_rules)} rules": material.scores(said, rows["gold"]),
        f"{_whose(own)} network": material.scores(read, rows["gold"]),
    }
    table = pd.DataFrame(ways)
    figure = go.Figure()
    for k, name in enumerate(table.index):
        figure.add_bar(
            x=list(table.columns),
            y=table.loc[name],
            name=name,
            marker={"color": figures.COLOURS[k], "pattern": {"shape": ["", "/", "x"][k]}},
        )
    figure.update_layout(
        barmode="group",
        title=f"{len(rows):,} pairs of {material.TEST_ABSTRACTS} abstracts that nobody learnt from",
        yaxis_title="score, 0 to 1",
        yaxis_range=[0, 1.05],
        height=400,
    )
    _, rules, reader = (ways[name] for name in ways)
    return figure, (
        f"Rules have a precision of {rules['precision']:.2f} and find {100 * rules['recall']:.0f} "
        f"of a hundred relations, F1 {rules['F1']:.2f}. The network finds "
        f"{100 * reader['recall']:.0f} at a precision of {reader['precision']:.2f}, "
        f"F1 {reader['F1']:.2f}."
    )


def circumstances_figure() -> tuple[go.Figure, str]:
    """Draw F1 of networks that learnt, or read, under other circumstances."""
    f1 = epochs._circumstances()["F1"]
    figure = go.Figure(
        go.Bar(
            y=list(f1.index[::-1]),
            x=f1[::-1],
            orientation="h",
            marker={"color": [figures.COLOURS["names" in name] for name in f1.index[::-1]]},
            text=[f"{value:.2f}" for value in f1[::-1]],
            textposition="outside",
            cliponaxis=False,
        )
    )
    figure.update_layout(
        title="One small network under many circumstances",
        xaxis_title="F1 on abstracts that it had not seen, or on reports",
        xaxis_range=[0, 1],
        margin={"l": 240},
        height=440,
    )
    usual, shuffled = f1["as it is"], f1["learnt from shuffled words"]
    return figure, (
        "Blue bars learnt from all names, orange-red ones from half of them. "
        f"The network has an F1 of {usual:.2f}, and of {shuffled:.2f} where it learnt from "
        f"shuffled words. On new names it has {f1['names blinded, new names']:.2f} if names were "
        f"blinded, and {f1['names left in, new names']:.2f} if they were left in."
    )


def circumstances() -> pd.DataFrame:
    """Return the scores behind `circumstances_figure`."""
    return epochs._circumstances().copy()


def names_table() -> pd.DataFrame:
    """Return what dictionary and tagger find in abstracts that the tagger did not learn from."""
    table = 100 * epochs._names_found()
    table["unlisted names"] /= 100
    return table.round(0).astype(int).T


# The plant ------------------------------------------------------------------------------------


@cache
def _history() -> tuple[list, making.Circumstances, campaign.Plan, np.ndarray]:
    """Return recipes, circumstances and plan of the history, and the doses that it gave."""
    days = max(1, round(BATCHES * campaign.DAYS_A_BATCH))
    drawn = campaign.draw(campaign.HISTORY_SEED, BATCHES, days)
    recipes = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    made = making.make(recipes, drawn.circumstances)
    return recipes, drawn.circumstances, drawn.plan, made.purified.doses


def _doses_without(refused: frozenset[str]) -> np.ndarray:
    """Return the doses of each batch if the plant had refused some lots.

    Batches of a refused lot get an average one. The first of them is not made: the reactor waits.
    """
    recipes, met, plan, _ = _history()
    factors = dict(met.lot_factors)
    waits = np.zeros(BATCHES, dtype=bool)
    for kind, lot in LOT_KINDS.items():
        of_batch = np.array([f"{lot.prefix}-{int(n) + 1:02d}" for n in plan.lot_numbers[kind]])
        is_refused = np.isin(of_batch, sorted(refused))
        for effect, values in plan.lot_effects[kind].items():
            usual = factors[effect] / values[plan.lot_numbers[kind]]
            factors[effect] = np.where(is_refused, usual, factors[effect])
        for name in refused & set(of_batch):
            waits[np.argmax(of_batch == name)] = True
    doses = making.make(recipes, replace(met, lot_factors=factors)).purified.doses
    return np.where(waits, 0.0, doses)


def _impure() -> frozenset[str]:
    """Return the lots that truly hold an impurity."""
    edges = library(LIBRARY_SEED).truth.edges
    return frozenset(lot[4:] for lot in edges.loc[edges["relation"] == "found_in", "tail"])


def refused(namespace: Names) -> dict[str, frozenset[str]]:
    """Return which lots would be refused: by names that stand together, by rules, and by truth.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `relation` is put to work where it gives an answer.
    """
    rows = material.pairs("internal")
    rows = rows[rows["kinds"] == LOTS]
    said, own = _rules_said(namespace, rows)
    lots = rows["tail"].str[4:]
    found = [one == "found_in" for one in said]
    return {
        "nothing is read": frozenset(),
        "named with an impurity": frozenset(lots),
        f"{_whose(own)} rules": frozenset(lots[found]),
        "the truth": _impure(),
    }


def doses(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the plant make its six years once more, without the lots that were refused.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `relation` is put to work where it gives an answer.

    Returns
    -------
    DataFrame
        One row a way to read: lots refused, of these wrongly, impure ones missed, and the doses
        gained in percent with a 95 % interval from the differences batch by batch.
    """
    *_, usual = _history()
    impure, rows = _impure(), {}
    for who, lots in refused(namespace).items():
        gain = (_doses_without(lots) if lots else usual) - usual
        half = 1.96 * gain.std(ddof=1) * np.sqrt(BATCHES)
        share = 100 * np.array([gain.sum(), gain.sum() - half, gain.sum() + half]) / usual.sum()
        rows[who] = [len(lots), len(lots - impure), len(impure - lots), *share.round(1)]
    columns = ["refused", "of these good", "missed", "gained, %", "from, %", "to, %"]
    table = pd.DataFrame(rows, index=columns).T
    table[columns[:3]] = table[columns[:3]].astype(int)
    figure = figures.bars(
        table["gained, %"],
        title=f"{BATCHES} batches once more, without the lots that were refused",
        axis_title="doses gained, %, with 95 % interval",
    )
    interval = {"array": table["to, %"] - table["gained, %"], "color": GREY, "thickness": 3}
    interval["arrayminus"] = table["gained, %"] - table["from, %"]
    # A number would lie on its interval, and an interval would not show on a strong colour.
    figure.update_traces(error_y=interval, text=None, marker_opacity=0.5)
    mine, naive = table.iloc[2], table.iloc[1]
    return (
        table,
        figure,
        f"With {table.index[2]} the plant refuses {mine['refused']:.0f} lots and gains "
        f"{mine['gained, %']:+.1f} % doses ({mine['from, %']:+.1f} to {mine['to, %']:+.1f} %). If "
        f"it refuses whatever is named with an impurity, it refuses {naive['refused']:.0f} "
        f"lots, and the doses change by {naive['gained, %']:+.1f} %.",
    )
