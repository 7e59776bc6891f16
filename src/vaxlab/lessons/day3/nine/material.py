"""What day 3, notebook 1 lays out: 220 variables, what a batch shows on its way, practice plants.

No table here says what moves the yield. The course's own answers to the exercises are the
functions with an underscore.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import networkx as nx
import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.plant import campaign, equipment, lots
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.variables import MEANING

Values = np.ndarray
Selector = Callable[[Values, Values], Values]
"""Columns (N, P) and what they shall explain (N,) → numbers of the columns chosen."""

MATERIALS = tuple(lots.LOT_KINDS)
STAND_INS_OF_SUPPLY = ("trend_do_percent_infection_min", "trend_do_percent_infection_sd")
"""Trends that show what was done to a batch: the supply of oxygen."""
LEVEL, FALSE_SHARE = 0.05, 0.2
MOST_CALLED = 15
PAIRS, COUNT, SHARE_LEAST = 50, 12, 0.7
"""Of stability selection: pairs of halves, columns chosen in each half, least share."""

NODES = (
    "season",
    "team",
    "serum lot",
    "carrier lot",
    "conductivity",
    "virus",
    "recovery",
    "doses",
    "released",
)
"""Variables of the graph."""


# The history -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class History:
    """Six years, laid out for a search for causes; one row a batch in every table.

    Attributes
    ----------
    x : DataFrame (B, P)
        Candidates: numbers that are no symptom of the batch and no part of the yield. A gap is
        filled by the column's median.
    witnesses : DataFrame (B, 4)
        What a batch shows step by step: ``cells`` at infection, ``virus`` at harvest,
        ``recovery`` of the purification, ``doses`` (measured, also of rejected batches). Normal
        scores: ranks spread like a bell curve, which a few spoiled batches cannot pull.
    lots : DataFrame (B, 5)
        Lot number of each material.
    nodes : DataFrame (B, 9)
        `NODES` as numbers.
    everything : DataFrame (B, 223)
        The data set ``variables``.
    """

    x: pd.DataFrame
    witnesses: pd.DataFrame
    lots: pd.DataFrame
    nodes: pd.DataFrame
    everything: pd.DataFrame


@lru_cache(maxsize=4)
def history(plant_seed: int = HISTORY_SEED) -> History:
    """Lay out the history of a plant; some 5 s when it is first asked for."""
    made = campaign.run(plant_seed)
    wide, batches, release = (made.tables[k] for k in ("variables", "batches", "release"))
    numbers = wide.select_dtypes("number")
    filled = numbers.fillna(numbers.median()).astype(float)
    x = filled[[name for name in numbers if _is_candidate(name)]]
    doses = (release["potency_ug_per_ml"] * release["bulk_l"]).to_numpy()
    recoveries = [name for name in wide if name.endswith("recovery_percent")]
    counted = ["sample_viable_cells_24h_before", "sample_viable_cells_before"]
    virus = filled[["sample_ha_harvest", "dsp_antigen_in_mg"]].to_numpy().T
    cells = [batches["cells_at_infection_per_ml"], *filled[counted].to_numpy().T]
    witnesses = {
        "cells": _scores(sum(map(_scores, cells))),
        "virus": _scores(sum(map(_scores, virus))),
        "recovery": _scores(np.log(filled[recoveries]).sum(axis=1)),
        "doses": _scores(doses),
    }
    day = wide["calendar_started_day_of_year"].to_numpy()
    nodes = {
        "season": equipment.season(day),
        "team": (batches["operator"] <= equipment.OPERATORS[2]).astype(float),
        "serum lot": filled["coa_serum_growth_promotion"],
        "carrier lot": filled["coa_carrier_swelling_volume"],
        "conductivity": filled["dsp_capture_conductivity_ms_per_cm"],
        "virus": filled["sample_ha_harvest"],
        "recovery": np.log(filled["dsp_capture_recovery_percent"]),
        "doses": np.log(np.maximum(doses, np.quantile(doses, 0.02))),
        "released": (wide["release_decision"] == "released").astype(float),
    }
    return History(
        x=x,
        witnesses=pd.DataFrame(witnesses),
        lots=pd.DataFrame({name: batches[f"{name}_lot"] for name in MATERIALS}),
        nodes=pd.DataFrame(nodes),
        everything=wide,
    )


def _scores(values: Values) -> Values:
    from scipy import stats

    return stats.norm.ppf((stats.rankdata(values) - 0.5) / len(values))


_SYMPTOMS = ("trend_", "sample_viab", "sample_gluc", "sample_lact", "sample_ha", "sample_tcid50")
_PARTS = ("dsp_antigen", "release_")


def _is_candidate(name: str) -> bool:
    """Tell whether a column may say something about a cause."""
    late = name.startswith("dsp_") and name.endswith(("recovery_percent", "pressure_bar"))
    shown = late or name.startswith((*_SYMPTOMS, *_PARTS))
    return name in STAND_INS_OF_SUPPLY or not shown


def catalogue() -> pd.DataFrame:
    """Return all 222 columns: ``group``, the first word of the name, and ``what`` it holds."""
    names = [name for name in MEANING if name != "batch_id"]
    groups = [name.split("_")[0] for name in names]
    what = [MEANING[name] for name in names]
    return pd.DataFrame({"group": groups, "what": what}, index=pd.Index(names, name="column"))


# Tools -----------------------------------------------------------------------------------------


def within(table: pd.DataFrame | pd.Series, of: pd.DataFrame) -> pd.DataFrame | pd.Series:
    """Take out of a table what its lots explain: each column becomes a difference within lots.

    Parameters
    ----------
    table : DataFrame (N, P) or Series (N,)
    of : DataFrame (N, K)
        Lots: one column a material.

    Returns
    -------
    DataFrame or Series
        Of the same shape; 0 where a column is the same in all batches of a lot.

    Raises
    ------
    CourseError
        The table has gaps or another number of rows.
    """
    _expect_numbers("within", table)
    if len(table) != len(of):
        raise CourseError(f"within: {len(table)} rows in the table, {len(of)} in the lots.")
    dummies = pd.get_dummies(of.astype(str)).to_numpy(float)
    values = np.asarray(table, dtype=float)
    left = values - _explained(values, dummies)
    flat = np.abs(left) < 1e-9 * (1 + np.abs(values).max(axis=0))
    left = np.where(flat, 0.0, left)
    if isinstance(table, pd.Series):
        return pd.Series(left, table.index, name=table.name)
    return pd.DataFrame(left, table.index, table.columns)


def _explained(values: Values, by: Values) -> Values:
    """Return the part of columns (N,) or (N, P) that lies in the span of others (N, K)."""
    left, sizes, _ = np.linalg.svd(by, full_matrices=False)
    basis = left[:, sizes > 1e-9 * sizes[0]]
    return basis @ (basis.T @ values)


def _expect_numbers(who: str, table: pd.DataFrame | pd.Series | Values) -> None:
    values = np.asarray(table, dtype=float)
    if values.size == 0:
        raise CourseError(f"{who}: an empty table of shape {values.shape}; expected some columns.")
    gaps = np.isnan(values)
    if gaps.any():
        where = list(table.columns[gaps.any(axis=0)]) if hasattr(table, "columns") else []
        named = f", in {', '.join(map(str, where[:3]))}" if where else ""
        raise CourseError(f"{who}: {gaps.sum()} values are missing{named}. Fill or drop them.")


def one_by_one(x: pd.DataFrame, y: pd.Series, of: pd.DataFrame, most: int = 8) -> pd.DataFrame:
    """Take columns in one after the other, each time the one that explains most of what is left.

    All of it within lots, so lines of certificates never come in.

    Parameters
    ----------
    x : DataFrame (N, P)
    y : Series (N,)
    of : DataFrame (N, K)
        Lots.
    most : int
        Columns that are taken in.

    Returns
    -------
    DataFrame
        One row a column taken in, in that order: ``p`` (of its partial correlation) and ``sign``.

    Raises
    ------
    CourseError
        Gaps, an empty table, or columns that are all constant within lots.
    """
    from scipy import stats

    _expect_numbers("one_by_one", x)
    table, left = within(x, of), within(y, of).to_numpy()
    order, r = _steps(table.to_numpy(), left, most)
    if not order:
        raise CourseError("one_by_one: no column of the table differs within lots.")
    lost = np.linalg.matrix_rank(pd.get_dummies(of.astype(str)).to_numpy(float))
    free = len(x) - lost - 1 - np.arange(len(order))
    p = 2 * stats.t.sf(np.abs(r) * np.sqrt(free / (1 - r**2)), free)
    return pd.DataFrame({"p": p, "sign": np.sign(r).astype(int)}, index=x.columns[order])


_REPEATS = 0.3
"""A column of which less than this share is left repeats what is in already."""


def _steps(x: Values, y: Values, most: int) -> tuple[list[int], Values]:
    """Return columns by forward selection, and the partial correlation at which each came in."""
    x, y = x - x.mean(axis=0), y - y.mean()
    first = np.linalg.norm(x, axis=0)
    order: list[int] = []
    r: list[float] = []
    for _ in range(most):
        norm = np.linalg.norm(x, axis=0)
        open_ = (norm > _REPEATS * first) & (first > 1e-9 * max(first.max(), 1e-300))
        if not open_.any() or not np.linalg.norm(y) > 0:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            now = np.where(open_, x.T @ y / norm / np.linalg.norm(y), 0.0)
        best = int(np.abs(now).argmax())
        order.append(best)
        r.append(float(np.clip(now[best], -1 + 1e-12, 1 - 1e-12)))
        unit = x[:, best] / norm[best]
        x, y = x - np.outer(unit, unit @ x), y - unit * (unit @ y)
    return order, np.array(r)


# Practice plants -------------------------------------------------------------------------------

PRACTICE_BATCHES, PRACTICE_COLUMNS, PRACTICE_LINES, PRACTICE_CAUSES = 360, 60, 25, 9
_CHAIN, _FAMILY = 0.6, 6
"""Neighbours in a family of six columns go with each other by this correlation."""
_EFFECT, _LOT_SD = 0.33, 0.6


@dataclass(frozen=True)
class Practice:
    """A plant made of dice, whose causes are known.

    Attributes
    ----------
    x : array (360, 85)
        60 columns that differ from batch to batch, in families of six that go together; then 25
        lines of certificates, five for each of five materials.
    y : array (360,)
        Nine of the first sixty move it, so do lots; but no line tells anything about its lot.
    lots : int array (360, 5)
    causes : int array (9,)
        Numbers of the columns that move ``y``.
    """

    x: Values
    y: Values
    lots: Values
    causes: Values


@lru_cache(maxsize=256)
def practice(seed: int) -> Practice:
    """Draw a practice plant."""
    rng = np.random.default_rng([seed, 31])
    n = PRACTICE_BATCHES
    families = rng.standard_normal((n, PRACTICE_COLUMNS // _FAMILY, _FAMILY))
    for k in range(1, _FAMILY):
        own = np.sqrt(1 - _CHAIN**2) * families[..., k]
        families[..., k] = _CHAIN * families[..., k - 1] + own
    columns = families.reshape(n, -1)
    causes = np.sort(rng.choice(PRACTICE_COLUMNS, PRACTICE_CAUSES, replace=False))
    y = columns[:, causes] @ (_EFFECT * rng.choice([-1.0, 1.0], PRACTICE_CAUSES))
    of = np.empty((n, len(MATERIALS)), dtype=int)
    lines = []
    for k in range(len(MATERIALS)):
        changes = np.cumsum(rng.integers(12, 30, size=n))
        of[:, k] = np.searchsorted(changes, np.arange(n), side="right")
        count = of[-1, k] + 1
        y = y + _LOT_SD * rng.standard_normal(count)[of[:, k]]
        per_lot = rng.standard_normal((count, PRACTICE_LINES // len(MATERIALS)))
        lines.append(per_lot[of[:, k]])
    return Practice(np.hstack([columns, *lines]), y + rng.standard_normal(n), of, causes)


def practice_within(one: Practice) -> tuple[Values, Values]:
    """Return what differs within the lots of a practice plant: columns (M, 60) and ``y`` (M,).

    As many rows are lost as lots have levels of their own. The rows left are combinations of
    batches of which none holds a lot: as good as independent batches, which plain differences
    from the lots' means are not.
    """
    dummies = pd.get_dummies(pd.DataFrame(one.lots).astype(str)).to_numpy(float)
    basis = np.linalg.svd(dummies)[0]
    free = basis[:, np.linalg.matrix_rank(dummies) :]
    return free.T @ one.x[:, :PRACTICE_COLUMNS], free.T @ one.y


def contest(x: Values, copies: Values, y: Values) -> Values:
    """Let columns and their copies compete in one lasso: how much further each original comes.

    Returns
    -------
    array (P,)
        Size of the original's coefficient less that of its copy; 0 where neither came in.
    """
    from sklearn.linear_model import Lasso

    both = np.hstack([x, copies])
    both = both - both.mean(axis=0)
    spread = both.std(axis=0)
    both = both / np.where(spread > 0, spread, 1.0)
    target = (y - y.mean()) / y.std()
    alpha = 0.8 * np.sqrt(np.log(both.shape[1]) / len(y))
    sizes = np.abs(Lasso(alpha=alpha, max_iter=2000, tol=1e-3).fit(both, target).coef_)
    return sizes[: x.shape[1]] - sizes[x.shape[1] :]


# The course's own answers ------------------------------------------------------------------------


def _shares(select: Selector, x: Values, y: Values, pairs: int, rng: np.random.Generator) -> Values:
    n, half = len(y), len(y) // 2
    times = np.zeros(x.shape[1])
    for _ in range(pairs):
        order = rng.permutation(n)
        for rows in (order[:half], order[half : 2 * half]):
            times[np.asarray(select(x[rows], y[rows]), dtype=int)] += 1
    return times / (2 * pairs)


def _bound(count: float, columns: int, least: float) -> float:
    return count**2 / (columns * (2 * least - 1)) if least > 0.5 else np.inf


def _knockoffs(x: Values, rng: np.random.Generator) -> Values:
    from sklearn.covariance import ledoit_wolf

    mean, spread = x.mean(axis=0), x.std(axis=0)
    z = (x - mean) / spread
    covariance = ledoit_wolf(z, assume_centered=True)[0]
    s = 0.99 * min(1.0, 2 * np.linalg.eigvalsh(covariance)[0])
    pulled = s * np.linalg.inv(covariance)
    root = np.linalg.cholesky(2 * s * np.eye(len(z.T)) - s * pulled)
    return mean + spread * (z - z @ pulled + rng.standard_normal(z.shape) @ root.T)


def _chosen(w: Values, false_share: float) -> Values:
    for t in np.sort(np.abs(w[w != 0])):
        if (1 + (w <= -t).sum()) / max((w >= t).sum(), 1) <= false_share:
            return np.flatnonzero(w >= t)
    return np.array([], dtype=int)


def _lot_p_value(
    line: Values, y: Values, of: Values, rng: np.random.Generator, times: int = 999
) -> float:
    codes = pd.factorize(np.asarray(of))[0]
    value = pd.Series(np.asarray(line)).groupby(codes).first().to_numpy()
    shuffled = rng.permuted(np.tile(value, (times, 1)), axis=1)
    seen = _lot_correlations(value[None], y, codes)[0]
    return float((1 + (_lot_correlations(shuffled, y, codes) >= seen - 1e-12).sum()) / (1 + times))


def _lot_correlations(values: Values, y: Values, codes: Values) -> Values:
    """Return the sizes of correlations over batches of lots' values (R, L) with y (N,)."""
    sums = np.bincount(codes, y - np.mean(y))
    sizes = np.bincount(codes)
    centred = values - (values * sizes).sum(axis=1, keepdims=True) / len(y)
    spread = np.sqrt((centred**2 * sizes).sum(axis=1)) * np.std(y) * np.sqrt(len(y))
    return np.abs(centred @ sums) / np.where(spread > 0, spread, np.inf)


def by_lots(
    x: pd.DataFrame, y: pd.Series, of: pd.DataFrame, known: list[str], times: int = 999
) -> pd.DataFrame:
    """Ask each line of a certificate for its p-value, with lots as what is shuffled.

    What other materials' lots and the known columns explain is taken out of ``y`` beforehand.

    Parameters
    ----------
    x : DataFrame (N, P)
        Lines are the columns ``coa_MATERIAL_…``.
    y : Series (N,)
    of : DataFrame (N, K)
        Lots, one column a material.
    known : list of str
        Columns of ``x`` that are known to move ``y``.
    times : int
        Shuffles.

    Returns
    -------
    DataFrame
        One row a line: ``p`` and ``sign``.
    """
    _expect_numbers("by_lots", x)
    found = {}
    rng = np.random.default_rng(0)
    for material in of:
        dummies = pd.get_dummies(of.drop(columns=material).astype(str)).to_numpy(float)
        others = np.column_stack([dummies, x[known].to_numpy()])
        left = y.to_numpy() - _explained(y.to_numpy(), others)
        for name in x.columns[x.columns.str.startswith(f"coa_{material}_")]:
            line = x[name].to_numpy()
            p = _lot_p_value(line, left, of[material].to_numpy(), rng, times)
            found[name] = (p, int(np.sign((line - line.mean()) @ left)))
    return pd.DataFrame.from_dict(found, orient="index", columns=["p", "sign"])


def _find(x: pd.DataFrame, witnesses: pd.DataFrame, of: pd.DataFrame) -> list[tuple[str, int]]:
    seen = []
    for name in witnesses:
        own = one_by_one(x, witnesses[name], of)
        seen += [own, by_lots(x, witnesses[name], of, list(own.index[own["p"] < 0.003]))]
    p = pd.concat(seen)["p"].sort_values() * witnesses.shape[1]
    called = p[(p < LEVEL) & ~p.index.duplicated()].index[:MOST_CALLED]
    return [(name, effect(x[name], witnesses["doses"], of)) for name in called]


def effect(column: pd.Series, doses: pd.Series, of: pd.DataFrame) -> int:
    """Return the sign with which a column goes with the doses: within lots where it can.

    Parameters
    ----------
    column, doses : Series (N,)
    of : DataFrame (N, K)
        Lots. A line of a certificate is the same in all batches of its lot: there only the
        other materials' lots are taken out.
    """
    left = within(column, of)
    if not left.any():
        own = [kind for kind in of if column.groupby(of[kind]).nunique().max() == 1]
        left = within(column, of.drop(columns=own))
    return 1 if float(left @ doses) > 0 else -1


def read_graph(value: object) -> nx.DiGraph:
    """Read a graph of `NODES` from text or a list of lines; ``serum_lot`` is the serum lot.

    Raises
    ------
    CourseError
        It cannot be read. An arrow that stands twice counts once.
    """
    from vaxlab import graphs
    from vaxlab.graphs.text import write

    if isinstance(value, list | tuple) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if isinstance(value, str):
        value = re.sub(r"\b(serum|carrier)_lot\b", r"\1 lot", value)
    try:
        return graphs.read(value, NODES)
    except CourseError as error:
        if "is there already" not in str(error):
            raise
    lines = [graphs.read(line, NODES) for line in value.splitlines()]
    return graphs.read(write(dict.fromkeys(edge for line in lines for edge in line.edges)), NODES)


def read_names(value: object) -> list[str] | None:
    """Read names of `NODES` from a list of any kind, or a text with commas; None if it is none."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple | set | frozenset | np.ndarray | pd.Series | pd.Index):
        return None
    return [" ".join(str(name).replace("_", " ").lower().split()) for name in value]


def independences(graph: nx.DiGraph) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what a graph says is independent: one statement for each pair without an arrow.

    Returns
    -------
    list of (str, str, tuple of str)
        Two variables, and the ones to hold fixed: the parents of the later of the two.
    """
    order = {node: k for k, node in enumerate(nx.lexicographical_topological_sort(graph))}
    found = []
    for k, one in enumerate(order):
        for other in list(order)[k + 1 :]:
            if not graph.has_edge(one, other):
                found.append((one, other, tuple(sorted(graph.predecessors(other)))))
    return found
