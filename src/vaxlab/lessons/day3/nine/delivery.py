"""What the notebook draws, and the learner's own answers at work: on practice plants, on doses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from vaxlab import figures, graphs
from vaxlab.errors import CourseError
from vaxlab.graphs.text import write
from vaxlab.lessons.day3.nine import material
from vaxlab.lessons.day3.nine.handed import Forward
from vaxlab.plant import campaign
from vaxlab.plant.deploy import deploy
from vaxlab.plant.rules import CONDUCTIVITY, Policy

Names = Mapping[str, Any]

PLANTS, HALVED_PLANTS = 200, 50
GREY = "#767676"
DEPLOYED, DEPLOY_SEED = 120, 11
SMALLEST_DRAWN = 1e-6
"""p-value that has the last place of a figure; smaller ones are drawn there."""
CONDUCTIVITY_COLUMN = "dsp_capture_conductivity_ms_per_cm"
_WHOSE = " (At work: the course's {}, for yours gives nothing that can be used here.)"

Work = tuple[go.Figure, str]


def _worked(work: Callable[..., Work], namespace: Names, **course: Callable[..., Any]) -> Work:
    """Do some work with the learner's functions, or with the course's where one does not answer."""
    try:
        return work(**{name: namespace.get(name) for name in course})
    except Exception:  # whatever an unfinished answer does
        figure, said = work(**course)
        return figure, said + _WHOSE.format(" and ".join(f"`{name}`" for name in course))


def _progress(numbers: Iterable[int], what: str) -> Iterable[int]:
    from tqdm import tqdm

    return tqdm(numbers, desc=what, delay=3, leave=False, file=sys.stdout)


# Two hundred columns -----------------------------------------------------------------------------


def best_fifteen() -> tuple[go.Figure, str]:
    """Draw the fifteen columns that go best with the released doses, and what kind each is."""
    r = _first_fifteen()
    kinds = [_kind(name) for name in r.index]
    styles = {
        "part or release test": (figures.VERMILLION, "/"),
        "symptom": (figures.ORANGE, "."),
        "candidate for a cause": (figures.BLUE, ""),
    }
    figure = go.Figure()
    for kind, (colour, pattern) in styles.items():
        mine = [name for name, own in zip(r.index, kinds, strict=True) if own == kind]
        marker = {"color": colour, "pattern": {"shape": pattern}}
        figure.add_bar(y=mine, x=r[mine], name=kind, orientation="h", marker=marker)
    figure.update_yaxes(categoryorder="array", categoryarray=list(r.index))
    figure.update_layout(
        title="The fifteen that go best with the doses",
        xaxis_title="size of the correlation with released doses",
        height=480,
    )
    causes = kinds.count("candidate for a cause")
    return figure, (
        f"Of the fifteen, {kinds.count('symptom')} are symptoms of the batch, "
        f"{kinds.count('part or release test')} are parts of the yield or its tests, and "
        f"{causes} could be a cause."
    )


def _first_fifteen() -> pd.Series:
    """Return the sizes of the fifteen largest correlations with the released doses, rising."""
    wide = material.history().everything
    numbers = wide.select_dtypes("number").drop(columns=["release_doses"])
    return numbers.corrwith(np.log1p(wide["release_doses"])).abs().dropna().sort_values()[-15:]


def _kind(name: str) -> str:
    if name.startswith(("release_", "dsp_antigen")) or name.endswith("recovery_percent"):
        return "part or release test"
    return "candidate for a cause" if material._is_candidate(name) else "symptom"


def blocks() -> tuple[go.Figure, str]:
    """Draw how much of the doses PLS foretells from each block of columns, for two kinds of new.

    Five folds: batches drawn at random, or stretches of the calendar, whose lots are new.
    """
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    some = material.history()
    y = some.witnesses["doses"].to_numpy()
    symptoms = [
        name
        for name in some.everything.select_dtypes("number")
        if _kind(name) == "symptom" and some.everything[name].notna().mean() > 0.9
    ]
    shown = some.everything[symptoms]
    tables = {"symptoms": shown.fillna(shown.median()).apply(material._scores)}
    for block in ("recipe", "seed", "coa", "calendar", "dsp"):
        tables[block] = some.x[[name for name in some.x if name.startswith(f"{block}_")]]
    folds = {
        "other batches of the same lots": KFold(5, shuffle=True, random_state=0),
        "other months, other lots": KFold(5),
    }
    figure = go.Figure()
    found = {}
    for k, (kind, fold) in enumerate(folds.items()):
        for block, table in tables.items():
            model = make_pipeline(StandardScaler(), PLSRegression(1))
            said = cross_val_predict(model, table.to_numpy(), y, cv=fold).ravel()
            found[kind, block] = 1 - float(np.mean((y - said) ** 2) / np.var(y))
        marker = {"color": figures.COLOURS[k], "pattern": {"shape": ["", "/"][k]}}
        values = [found[kind, block] for block in tables]
        figure.add_bar(x=list(tables), y=values, name=kind, marker=marker)
    figure.update_layout(
        title="What each block of columns foretells",
        yaxis_title="share of the doses' variance (R²)",
        xaxis_title="block of columns",
        height=400,
    )
    shown = {block: [found[kind, block] for kind in folds] for block in ("symptoms", "coa")}
    (seen, seen_new), (same, new) = shown.values()
    return figure, (
        f"Symptoms foretell {seen:.2f} and {seen_new:.2f} of the variance. Certificates seem to "
        f"foretell {same:.2f} for other batches of the same lots, and {new:.2f} when the lots are "
        "new. Below 0 is worse than the mean."
    )


# Practice plants ---------------------------------------------------------------------------------


def on_halves(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the shares of one practice plant, and count false columns on fifty.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `shares` and `bound` are put to work where they give an answer.
    """
    course = {"shares": material._shares, "bound": material._bound}
    return _worked(_on_halves, namespace, **course)


def _on_halves(shares: Callable[..., Any], bound: Callable[..., Any]) -> Work:
    select, seen, false, found = Forward(material.COUNT), [], [], []
    for seed in _progress(range(HALVED_PLANTS), "Practice plants"):
        one = material.practice(seed)
        x, y = material.practice_within(one)
        answer = shares(select, x, y, material.PAIRS, np.random.default_rng(seed))
        seen.append(np.asarray(answer, dtype=float).reshape(x.shape[1]))
        called = set(np.flatnonzero(seen[-1] >= material.SHARE_LEAST))
        false.append(len(called - set(one.causes)))
        found.append(len(called & set(one.causes)))
    most = float(bound(material.COUNT, material.PRACTICE_COLUMNS, material.SHARE_LEAST))
    return _shares_figure(seen[0], material.practice(0).causes), (
        f"Circles are causes. On {HALVED_PLANTS} practice plants, shares from "
        f"{material.SHARE_LEAST} on call {np.mean(found):.1f} of the nine causes, and "
        f"{np.mean(false):.2f} false ones. The bound says at most {most:.1f}."
    )


def _shares_figure(share: np.ndarray, causes: np.ndarray) -> go.Figure:
    order = np.argsort(-share)[:25]
    figure = go.Figure()
    kinds = {"cause": (figures.BLUE, "circle"), "no cause": (figures.VERMILLION, "x")}
    for kind, (colour, symbol) in kinds.items():
        there = np.isin(order, causes) == (kind == "cause")
        place = np.flatnonzero(there) + 1
        marker = {"color": colour, "symbol": symbol, "size": 9}
        figure.add_scatter(x=place, y=share[order[there]], mode="markers", name=kind, marker=marker)
    figure.add_hline(y=material.SHARE_LEAST, line={"color": GREY, "dash": "dash"})
    return figure.update_layout(
        title="One practice plant: how often each column is chosen",
        xaxis={"title": f"rank: the {len(order)} chosen most often, of {len(share)} columns"},
        xaxis_range=[0.5, len(order) + 0.5],
        yaxis_title="share of the halves",
        height=380,
    )


def on_copies(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the share of false columns among those called, on two hundred practice plants.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `knockoffs` and `chosen` are put to work where they give an answer.
    """
    course = {"knockoffs": material._knockoffs, "chosen": material._chosen}
    return _worked(_on_copies, namespace, **course)


def _on_copies(knockoffs: Callable[..., Any], chosen: Callable[..., Any]) -> Work:
    rows = {"lots forgotten": [], "within lots": []}
    for seed in _progress(range(PLANTS), "Practice plants"):
        one = material.practice(seed)
        for kind, (x, y) in zip(rows, ((one.x, one.y), material.practice_within(one)), strict=True):
            copies = np.asarray(knockoffs(x.copy(), np.random.default_rng(seed)), dtype=float)
            w = material.contest(x, copies, y)
            found = set(np.arange(x.shape[1])[np.asarray(chosen(w, material.FALSE_SHARE))])
            right = len(found & set(one.causes))
            rows[kind].append(((len(found) - right) / max(len(found), 1), right))
    figure, said = go.Figure(), []
    for k, (kind, pairs) in enumerate(rows.items()):
        false, right = np.array(pairs).T
        figure.add_histogram(
            x=false,
            name=kind,
            xbins={"start": 0, "end": 1.0001, "size": 0.1},
            marker={"color": figures.COLOURS[1 - k], "pattern": {"shape": ["/", ""][k]}},
        )
        error = 1.96 * false.std(ddof=1) / np.sqrt(len(false))
        said.append(
            f"{kind.capitalize()}: {100 * false.mean():.0f} % of what is called is false "
            f"(± {100 * error:.0f}), and {right.mean():.1f} of 9 causes are found."
        )
    figure.update_layout(
        title=f"{PLANTS} practice plants, {100 * material.FALSE_SHARE:.0f} % allowed",
        xaxis={"title": "share of false columns among those called (bins of 0.1)", "dtick": 0.1},
        yaxis_title="practice plants",
        height=380,
    )
    return figure, " ".join(said)


# Lots ------------------------------------------------------------------------------------------


def certificates(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the p-value of each line of a certificate: batches shuffled, and lots shuffled.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `lot_p_value` is put to work where it gives an answer.
    """
    return _worked(_certificates, namespace, lot_p_value=material._lot_p_value)


def _certificates(lot_p_value: Callable[..., Any]) -> Work:
    from scipy import stats

    some = material.history()
    y = some.witnesses["cells"].to_numpy()
    rng, rows = np.random.default_rng(1), {}
    for kind in material.MATERIALS:
        for name in some.x.columns[some.x.columns.str.startswith(f"coa_{kind}_")]:
            line = some.x[name].to_numpy()
            by_lot = lot_p_value(line, y, some.lots[kind].to_numpy(), rng, 499)
            rows[name.removeprefix("coa_")] = (stats.pearsonr(line, y).pvalue, float(by_lot))
    table = pd.DataFrame(rows, index=["batches", "lots"]).T.sort_values("lots")
    figure = go.Figure()
    for k, kind in enumerate(table):
        marker = {"color": figures.COLOURS[1 - k], "symbol": ["x", "circle"][k], "size": 9}
        p = table[kind].clip(lower=SMALLEST_DRAWN)
        name = f"{kind} count"
        figure.add_scatter(x=p, y=table.index, mode="markers", name=name, marker=marker)
    figure.add_vline(x=material.LEVEL, line={"color": GREY, "dash": "dash"})
    figure.update_xaxes(
        type="log", title_text="p-value (below 10⁻⁶ drawn there)", exponentformat="power"
    )
    figure.update_yaxes(title_text="line of a certificate", autorange="reversed", dtick=1)
    figure.update_layout(title="28 lines against the cells at infection", height=760)
    few = (table < 0.05).sum()
    return figure, (
        f"Below 0.05: {few['batches']} of {len(table)} lines if batches count, {few['lots']} if "
        f"lots do. Chance alone puts {material.LEVEL * len(table):.1f} of so many there. "
        f"Smallest by lots: {', '.join(table.index[:3])}."
    )


# The graph --------------------------------------------------------------------------------------


def drawing(namespace: Names) -> graphs.Drawing:
    """Return the picture to draw in, with the learner's edges where `my_graph` can be read."""
    text = namespace.get("my_graph")
    try:
        own = material.read_graph(text)
        try:
            return graphs.Drawing(material.NODES, text=text)  # with its comments
        except Exception:  # a list of lines, an arrow that stands twice
            return graphs.Drawing(material.NODES, text=write(own.edges))
    except Exception:  # three dots, or a text that cannot be read: the check says why
        return graphs.Drawing(material.NODES)


def _own_graph(namespace: Names) -> nx.DiGraph | None:
    try:
        value = namespace.get("my_graph")
        return material.read_graph(value.text if isinstance(value, graphs.Drawing) else value)
    except CourseError:
        return None


LOT_NODES = {"serum lot": "serum", "carrier lot": "carrier"}


def tested(namespace: Names) -> pd.DataFrame:
    """Hold each independence that the learner's graph implies against the history.

    Returns
    -------
    DataFrame
        One row a statement: the pair, what is held fixed, the partial correlation, its p-value
        (lots are shuffled where a lot is in the pair), and whether the data object at 1 %.
    """
    graph = _own_graph(namespace)
    columns = ["no arrow between", "held fixed", "r", "p", "data object"]
    if graph is None or not graph.edges:
        return pd.DataFrame(columns=columns)
    some, rows = material.history(), []
    for one, other, fixed in material.independences(graph):
        r, p = independence(some, one, other, fixed)
        pair = f"{one}, {other}"
        rows.append((pair, ", ".join(fixed) or "nothing", r, p, "yes" if p < 0.01 else ""))
    return pd.DataFrame(rows, columns=columns).round({"r": 2, "p": 3})


def independence(
    some: material.History, one: str, other: str, fixed: Iterable[str]
) -> tuple[float, float]:
    """Return the partial correlation of two nodes given others, and its p-value."""
    from scipy import stats

    by = np.column_stack([np.ones(len(some.nodes)), some.nodes[list(fixed)].to_numpy()])
    both = some.nodes[[one, other]].to_numpy()
    left = both - material._explained(both, by)
    r = float(np.corrcoef(left.T)[0, 1])
    lot = next((node for node in (one, other) if node in LOT_NODES), None)
    if lot is None:
        free = len(both) - by.shape[1] - 1
        return r, float(2 * stats.t.sf(abs(r) * np.sqrt(free / (1 - r * r)), free))
    target = left[:, 1] if lot == one else left[:, 0]
    rng = np.random.default_rng(3)
    of = some.lots[LOT_NODES[lot]].to_numpy()
    return r, material._lot_p_value(some.nodes[lot].to_numpy(), target, of, rng)


ADJUSTMENTS = {
    "nothing": (),
    "season": ("season",),
    "season and virus": ("season", "virus"),
    "season and recovery": ("season", "recovery"),
}
ONLY_RELEASED = "season, only released batches"
ON_TEN_PLANTS = {
    "nothing": -3.6,
    "season": -3.9,
    "season and virus": -3.5,
    "season and recovery": -5.0,
    ONLY_RELEASED: -2.9,
}
TRUE_ON_TEN = -3.4
TEN_MEASURED_ON = "ef730394c911a60b"
"""Means by benchmarks/calibration_nine.py, and the plant's numbers that they were measured with."""


def estimates(namespace: Names) -> tuple[go.Figure, str]:
    """Draw what 0.1 mS/cm more seems to do to the doses, under several adjustments, and truly does.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `adjusted` is put to work where it names variables.
    """
    some = material.history()
    sets = dict(ADJUSTMENTS)
    own = namespace.get("adjusted")
    note = " (Yours is not there yet.)"
    own = material.read_names(own)
    if own is not None and set(own) <= set(material.NODES):
        sets["yours"], note = tuple(own), ""
    rows = {name: slope(some.nodes, by) for name, by in sets.items()}
    rows[ONLY_RELEASED] = slope(some.nodes[some.nodes["released"] == 1], ("season",))
    truth = true_slope()
    figure = go.Figure()
    figure.add_scatter(
        x=[value for value, _ in rows.values()],
        y=list(rows),
        error_x={"array": [error for _, error in rows.values()]},
        mode="markers",
        marker={"color": figures.BLUE, "size": 10},
        name="this history, 95 %",
    )
    figure.add_scatter(
        x=list(ON_TEN_PLANTS.values()),
        y=list(ON_TEN_PLANTS),
        mode="markers",
        marker={"color": figures.ORANGE, "symbol": "diamond", "size": 12},
        name="mean of ten plants",
    )
    line = {"color": figures.VERMILLION, "dash": "dash"}
    figure.add_vline(x=truth, line=line, name="the plant itself", showlegend=True)
    figure.update_layout(
        title="What 0.1 mS/cm more does to the doses",
        xaxis_title="change of the doses, %",
        yaxis_title="held fixed",
        height=420,
    )
    said = "; ".join(f"{name} {value:.1f} ± {error:.1f} %" for name, (value, error) in rows.items())
    ten = "; ".join(f"{name} {value:.1f} %" for name, value in ON_TEN_PLANTS.items())
    return figure, (
        f"The plant itself, run twice with the conductivity changed, says {truth:.1f} % (dashed "
        f"line). This history, by what is held fixed: {said}.{note} Means of ten plants, whose "
        f"truth is {TRUE_ON_TEN} %: {ten}."
    )


def slope(nodes: pd.DataFrame, fixed: Iterable[str]) -> tuple[float, float]:
    """Return by how many % the doses change for 0.1 mS/cm more, and half its 95 % interval."""
    names = [name for name in dict.fromkeys(fixed) if name not in ("conductivity", "doses")]
    by = np.column_stack([np.ones(len(nodes)), nodes[names].to_numpy()])
    both = nodes[["conductivity", "doses"]].to_numpy()
    k, y = (both - material._explained(both, by)).T
    b = k @ y / (k @ k)
    error = np.sqrt(np.sum((y - b * k) ** 2) / (len(y) - by.shape[1] - 1) / (k @ k))
    return 10 * float(b), 19.6 * float(error)


@cache
def true_slope(seed: int = DEPLOY_SEED) -> float:
    """Return the same from the plant itself: same batches, the conductivity a little changed."""
    usual = 5.3
    potency = []
    for by in (-0.1, 0.1):
        policy = Policy(recipe=lambda known, by=by: {CONDUCTIVITY: usual + by})
        made = deploy(policy, n_batches=DEPLOYED, seed=seed)
        potency.append(np.log(made.batches["potency_ug_per_ml"].to_numpy()))
    return float(50 * np.mean(potency[1] - potency[0]))


# What is found ----------------------------------------------------------------------------------


@cache
def _found_by_course() -> dict[str, int]:
    some = material.history()
    return dict(material._find(some.x, some.witnesses, some.lots))


def _own_find(namespace: Names) -> tuple[dict[str, int], str]:
    some = material.history()
    try:
        own = namespace.get("find")(some.x, some.witnesses, some.lots)
        own = {str(name): int(np.sign(sign)) for name, sign in dict(own).items()}
        if own and set(own) <= set(some.x):
            return own, ""
    except Exception:  # whatever an unfinished answer does
        pass
    return _found_by_course(), _WHOSE.format("`find`")


def found(namespace: Names) -> pd.DataFrame:
    """Return what `find` calls on the history: sign, and correlation within lots by witness."""
    some = material.history()
    called, note = _own_find(namespace)
    rows = {}
    for name, sign in called.items():
        left = material.within(some.x[name], some.lots)
        whole = left if left.any() else some.x[name] - some.x[name].mean()
        r = {w: float(np.corrcoef(whole, some.witnesses[w])[0, 1]) for w in some.witnesses}
        rows[name] = {"sign": "+" if sign > 0 else "−"} | r
    table = pd.DataFrame.from_dict(rows, orient="index").round(2)
    return table.rename_axis(columns="the course's, not yours" if note else "yours")


def handles(called: Mapping[str, int], some: material.History | None = None) -> dict[str, float]:
    """Return the set points that called columns name, each moved to the end that its sign says.

    No further than the history went: the conductivity to its 5 % or 95 % quantile, all others to
    their lowest or highest set point.
    """
    moved = {}
    for name, sign in called.items():
        field = name.removeprefix("recipe_")
        if name.startswith("recipe_") and field in campaign.SET_POINTS:
            values = [value for value, _ in campaign.SET_POINTS[field]]
            moved[field] = max(values) if sign > 0 else min(values)
        if name == CONDUCTIVITY_COLUMN:
            share = 0.95 if sign > 0 else 0.05
            moved[CONDUCTIVITY] = float((some or material.history()).x[name].quantile(share))
    return moved


def moved(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the plant run with the learner's set points moved, beside three other ways to move them.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `find` is put to work where it gives an answer.
    """
    some = material.history()
    called, note = _own_find(namespace)
    every = {name: 1 for name in some.x if handles({name: 1})}
    r = some.x[list(every)].corrwith(some.witnesses["doses"])
    whose = "the course's" if note else "yours"
    ways = {
        whose: called,
        "the other way": {name: -sign for name, sign in called.items()},
        "the first fifteen": dict.fromkeys(_first_fifteen().index, 1),
        "all eleven": {n: int(np.sign(v)) for n, v in r.items()},
    }
    rows = {}
    for name, signs in ways.items():
        changes = handles(signs)
        policy = Policy(recipe=lambda known, changes=changes: changes)
        said = deploy(policy, n_batches=DEPLOYED, seed=DEPLOY_SEED).summary()
        kept = [said[key] for key in ("gained_percent", "low_percent", "high_percent")]
        rows[name] = [len(changes), *np.round(kept, 1), said["lost"]]
    columns = ["moved", "doses, %", "from, %", "to, %", f"batches lost, of {DEPLOYED}"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    mine, owner = table.loc[whose], "the course's call" if note else "your call"
    turned = ", ".join(n.removeprefix("recipe_") for n in called if handles({n: 1})) or "none"
    return (
        table,
        _moved_figure(table),
        (
            f"What can be turned of {owner}: {turned}. Moved, no further than the history went: "
            f"{mine['doses, %']:+.0f} % doses on {DEPLOYED} new batches, 95 % interval "
            f"{mine['from, %']:.0f} to {mine['to, %']:.0f} %. The first fifteen columns "
            f"name {table.iloc[2, 0]:.0f} of these: {table.iloc[2, 1]:+.0f} %.{note}"
        ),
    )


def _moved_figure(table: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=table["doses, %"],
        y=table.index,
        error_x={
            "symmetric": False,
            "array": table["to, %"] - table["doses, %"],
            "arrayminus": table["doses, %"] - table["from, %"],
        },
        mode="markers",
        marker={"color": figures.BLUE, "size": 10},
    )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    return figure.update_layout(
        title="Set points moved: doses against the history's way",
        xaxis_title="doses gained, % (95 % interval)",
        height=340,
    )
