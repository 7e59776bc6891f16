"""Checks of day 3, notebook 1: what a learner wrote is asked with numbers drawn for each plant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from vaxlab import graphs
from vaxlab.checks import border
from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number
from vaxlab.checks.result import Outcome, Part
from vaxlab.errors import CourseError
from vaxlab.figures import show
from vaxlab.lessons.day3.nine import material, truth, wrong
from vaxlab.lessons.day3.nine.handed import Forward, Rows

ROLES = {
    "recipe_infection_temperature_c": "cause",
    "seed_hours_to_inoculation": "cause",
    "dsp_capture_conductivity_ms_per_cm": "cause",
    "coa_serum_growth_promotion": "stand-in",
    "calendar_ph_calibrated_days": "stand-in",
    "trend_do_percent_infection_min": "stand-in",
    "sample_viability_harvest": "symptom",
    "trend_base_total_ml_infection_mean": "symptom",
    "sample_lactate_harvest": "symptom",
    "dsp_capture_recovery_percent": "part",
    "release_potency_ug_per_ml": "part",
    "dsp_antigen_in_mg": "part",
}
_WHY = {
    "cause": "It is done to the batch, and somebody could have done it otherwise.",
    "stand-in": "It does nothing itself: it tells of something that acts and that nobody wrote "
    "down, such as what a lot is good for, how wrong a probe is, how long the air failed.",
    "symptom": "The batch shows it: it is an effect of what was done, as the yield is.",
    "part": "The doses are made of it: antigen of the harvest times the recoveries.",
}
SHARES_WITHIN = 0.08
"""Largest mean difference of shares from those of other halves; by chance it is 0.02 to 0.035."""
DRIVERS_ASKED, FALSE_MOST = 7, 3


def _numbers(answer: Any, name: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Read an array of finite numbers, or say what came instead."""
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if shape is not None and values.shape != shape:
        message = f"`{name}` should give an array of shape {shape}."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if not np.isfinite(values).all():
        raise Stop(Outcome.NOT_YET, f"`{name}` gives values that are NaN.", got=describe(answer))
    return values


# Exercise 1 -------------------------------------------------------------------------------------


@exercise("Exercise 1 · Sorted out", points=4)
def sorted_out(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``roles``: what twelve columns are, whatever they correlate with."""
    roles = answers.value("roles")
    if isinstance(roles, pd.Series):
        roles = roles.to_dict()
    if not isinstance(roles, dict):
        message = "`roles` should be a dict: column to one of the four words."
        raise Stop(Outcome.NOT_YET, message, got=describe(roles))
    left = [name for name in ROLES if roles.get(name, ...) is ...]
    if len(left) == len(ROLES):
        raise Stop(Outcome.NOT_ATTEMPTED, "Replace the three dots of each column by a word.")
    said = {name: str(roles.get(name, "")).strip().lower() for name in ROLES}
    missed = [name for name, word in said.items() if word != ROLES[name]]
    earned = max(0, 4 - len(missed))
    if not missed:
        yield passed("twelve columns", 4)
        return
    first = missed[0]
    if first in left:
        message = f"`{first}` has no word yet."
    elif said[first] not in _WHY:
        message = f"“{said[first]}” is none of the four words: {', '.join(_WHY)}."
    else:
        message = f"`{first}` is no {said[first]}. {_WHY[ROLES[first]]}"
    got = f"{len(ROLES) - len(missed)} of {len(ROLES)} right"
    yield not_yet("twelve columns", 4, message, earned=earned, got=got)


# Exercise 2 -------------------------------------------------------------------------------------


@exercise("Exercise 2 · Halves", points=5)
def halves(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``shares``, complementary pairs, and ``bound``."""
    yield from guarded("shares", 3, _shares(answers, plant_seed))
    yield from guarded("the bound", 2, _bound(answers, plant_seed))


def _shares(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("shares")
    rng = np.random.default_rng([plant_seed, 61])
    x, y = material.practice_within(material.practice(int(rng.integers(10**6))))
    select = Forward(material.COUNT)
    given = "Forward(12), x, y, 50, rng"
    answer = function(select, x, y, 50, np.random.default_rng(rng.integers(2**32)), shown=given)
    found = _numbers(answer, "shares", (x.shape[1],))
    right = material._shares(select, x, y, 50, np.random.default_rng(rng.integers(2**32)))
    off = float(np.abs(found - right).mean())
    of_plant, of_rows = "shares of a practice plant", "each row is in one half of each pair"
    there = _rows_in_halves(function, rng)
    is_paired = np.allclose(there, 0.5)
    if off <= SHARES_WITHIN:
        yield passed(of_plant, 1)
    else:
        message = "The shares are not those of halves: select on half the rows, both times."
        got = f"mean difference {off:.2f} from other halves"
        yield not_yet(of_plant, 1, message if is_paired else wrong.about_halves(there), got=got)
        yield not_yet(of_rows, 2, "First the shares.")
        return
    if is_paired:
        yield passed(of_rows, 2)
        return
    got = f"rows came in with a share of {there.min():.2f} to {there.max():.2f}"
    yield not_yet(
        of_rows, 2, wrong.about_halves(there), got=got, look_at="expected 0.50 for each row"
    )


def _rows_in_halves(function: Function, rng: np.random.Generator) -> np.ndarray:
    """Return how often each row came in, found by a selector of rows."""
    n, pairs = 24, 15
    numbers = np.arange(1.0, n + 1)[rng.permutation(n)]
    own = np.random.default_rng(rng.integers(2**32))
    shown = f"select, x, y, {pairs}, rng"
    answer = function(Rows(), np.diag(numbers), numbers, pairs, own, shown=shown)
    return _numbers(answer, "shares", (n,))


def _bound(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("bound")
    cases = [(12, 60, 0.7), (20, 220, 0.9), (8, 111, 0.6)]
    found = [number(function(*case, shown=", ".join(map(str, case))), "bound") for case in cases]
    count, columns, least = np.array(cases).T
    right = count**2 / (columns * (2 * least - 1))
    if np.allclose(found, right, rtol=0.01):
        yield passed("the bound", 2)
        return
    slips = {
        "The number chosen stands squared: count / columns, times count.": count
        / (columns * (2 * least - 1)),
        "The least share is left out: divide by 2 · least - 1.": count**2 / columns,
        "Divide by 2 · least - 1, not by 2 · least.": count**2 / (columns * 2 * least),
        "Divide by 2 · least - 1, not by the least share.": count**2 / (columns * least),
        "This is a share of the columns. The bound is a number of columns.": right / columns,
        "Divide by 2 · least - 1: do not multiply.": count**2 / columns * (2 * least - 1),
    }
    said = next((say for say, values in slips.items() if np.allclose(found, values, rtol=0.01)), "")
    otherwise = "Not count² over columns · (2 · least - 1)."
    got = ", ".join(f"{value:.3g}" for value in found)
    look_at = "expected " + ", ".join(f"{value:.3g}" for value in right)
    yield not_yet("the bound", 2, said or otherwise, got=got, look_at=look_at)


# Exercise 3 -------------------------------------------------------------------------------------


@exercise("Exercise 3 · Copies that know nothing", points=6)
def copies(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``knockoffs``, by their covariances, and ``chosen``."""
    yield from guarded("copies", 3, _knockoffs(answers, plant_seed))
    yield from guarded("which are chosen", 3, _chosen(answers, plant_seed))


_ROWS, _COLUMNS = 4000, 6


def _knockoffs(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("knockoffs")
    rng = np.random.default_rng([plant_seed, 62])
    mixed = np.eye(_COLUMNS) + 0.35 * np.tri(_COLUMNS, k=-1) * rng.choice([-1, 1], _COLUMNS)
    z = rng.standard_normal((_ROWS, _COLUMNS)) @ mixed.T
    mean, scale = rng.uniform(-40, 40, _COLUMNS), rng.uniform(0.2, 30, _COLUMNS)
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    x = mean + scale * z
    own = np.random.default_rng(rng.integers(2**32))
    answer = _numbers(function(x.copy(), own, shown="x, rng"), "knockoffs", x.shape)
    copy = (answer - mean) / scale
    true, among, beside = (a.T @ b / _ROWS for a, b in ((z, z), (copy, copy), (z, copy)))
    most_free = min(1.0, 2 * float(np.linalg.eigvalsh(true)[0]))
    said = wrong.about_copies(true, among, beside, np.abs(copy.mean(axis=0)).max(), most_free)
    if said:
        label = "copies"
        got = (
            f"SD {np.sqrt(np.diag(among)).mean():.2f} of the original's, correlation with it "
            f"{np.diag(beside).mean():.2f}"
        )
        yield not_yet(label, 3, said, got=got)
    else:
        free = f"Each copy goes with its original by {np.diag(beside).mean():.2f} only."
        yield passed("copies", 3, free)


def _chosen(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("chosen")
    rng = np.random.default_rng([plant_seed, 63])
    cases = _contests(rng)
    flat = rng.permutation(np.concatenate([rng.uniform(0.2, 1, 3), -rng.uniform(0.2, 1, 6)]))
    found = []
    for w, share in [*cases, (flat, 0.2)]:
        answer = function(w.copy(), share, shown=f"w, {share}")
        found.append(_columns(answer, len(w)))
    right = [material._chosen(w, share) for w, share in [*cases, (flat, 0.2)]]
    if found[:2] == [sorted(r.tolist()) for r in right[:2]]:
        yield passed("two contests", 2)
        yield _nothing(found[2])
        return
    said = wrong.about_chosen(cases, found[:2])
    got = " and ".join(f"{len(f)} columns" for f in found[:2])
    look_at = "expected " + " and ".join(f"{len(r)} columns" for r in right[:2])
    yield not_yet("two contests", 2, said, got=got, look_at=look_at)
    yield not_yet("a contest that nobody wins", 1, "First the two contests.")


def _contests(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Draw two contests on which each misconception that has a name calls other columns."""
    for _ in range(50):
        clear = [rng.uniform(2, 5, 30), [-2.5], rng.normal(0, 0.7, 40), np.zeros(10)]
        cases = [(rng.permutation(np.concatenate(clear)), share) for share in (0.1, 0.2)]
        right = [material._chosen(*case).tolist() for case in cases]
        if right not in wrong.contests(cases).values():
            break
    return cases


def _nothing(found: list[int]) -> Part:
    label = "a contest that nobody wins"
    if not found:
        return passed(label, 1)
    message = "Copies win more often than originals here: choose nothing, an empty array."
    return not_yet(label, 1, message, got=f"{len(found)} columns")


def _columns(answer: Any, columns: int) -> list[int]:
    """Read numbers of columns, or a mark for each column."""
    values = np.asarray(answer)
    if values.dtype == bool and values.shape == (columns,):
        return np.flatnonzero(values).tolist()
    numbers = _numbers(answer, "chosen")
    whole = numbers.size == 0 or (np.equal(numbers, np.round(numbers)).all() and numbers.ndim == 1)
    if not whole or (numbers.size and (numbers.min() < 0 or numbers.max() >= columns)):
        message = "`chosen` should give the numbers of columns, counted from 0."
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    return sorted(set(numbers.astype(int).tolist()))


# Exercise 4 -------------------------------------------------------------------------------------


@exercise("Exercise 4 · Lots are few", points=4)
def lots(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``lot_p_value``: whole lots are shuffled, and no p-value is zero."""
    function = answers.function("lot_p_value")
    rng = np.random.default_rng([plant_seed, 64])
    cases = [_lot_case(rng, effect) for effect in (0.0, 0.0, 0.6)]
    found, right, shown = [], [], "line, y, lots, rng, 999"
    for line, y, of in cases:
        own = np.random.default_rng(rng.integers(2**32))
        answer = function(line.copy(), y.copy(), of.copy(), own, 999, shown=shown)
        found.append(number(answer, "lot_p_value"))
        right.append(material._lot_p_value(line, y, of, np.random.default_rng(5), 20_000))
    close = np.abs(np.subtract(found, right)) <= wrong.P_WITHIN
    label = "lines that say something, and lines that say nothing"
    got = ", ".join(f"{value:.3f}" for value in found)
    look_at = "expected near " + ", ".join(f"{value:.3f}" for value in right)
    if not close.all():
        message = wrong.about_p(cases, found, right)
        yield not_yet(label, 3, message, got=got, look_at=look_at)
        yield not_yet("never zero", 1, "First the lots.")
        return
    yield passed(label, 3)
    of = np.repeat(np.arange(30), 12)
    line = rng.standard_normal(30)[of]
    own = np.random.default_rng(rng.integers(2**32))
    answer = function(line, line + 0.01 * rng.standard_normal(360), of, own, 999, shown="…")
    sure = number(answer, "lot_p_value")
    if np.isclose(sure, 1 / 1000, rtol=0.3):
        yield passed("never zero", 1)
    else:
        message = "The order that was seen is one of those possible: (1 + as large) / (1 + times)."
        yield not_yet("never zero", 1, message, got=f"{sure:.4g}", look_at="expected 0.001")


def _lot_case(rng: np.random.Generator, effect: float) -> tuple[np.ndarray, ...]:
    """Draw a line of a certificate, what it might move, and the lots; p is not near 0 or 1."""
    for _ in range(40):
        sizes = rng.integers(8, 35, size=14)
        of = np.repeat(np.arange(14), sizes)
        per_lot = rng.standard_normal(14)
        line = rng.standard_normal(14)
        y = (per_lot + effect * line)[of] + rng.standard_normal(len(of))
        names = np.array([f"SER-{k:02d}" for k in rng.permutation(14)], dtype=object)
        order = rng.permutation(len(of))
        case = line[of][order], y[order], names[of][order]
        p = material._lot_p_value(*case, np.random.default_rng(5), 500)
        if 0.15 < p < 0.8 or (effect and p < 0.8):
            break
    return case


# Exercise 5 -------------------------------------------------------------------------------------

LATE = {
    "season": 0,
    "team": 1,
    "serum lot": 1,
    "carrier lot": 1,
    "virus": 2,
    "conductivity": 2,
    "recovery": 3,
    "doses": 4,
    "released": 5,
}
"""When each variable of the graph is settled: no arrow goes back."""
WAYS = (
    ("season", "conductivity"),
    ("serum lot", "doses"),
    ("carrier lot", "doses"),
    ("conductivity", "doses"),
    ("virus", "doses"),
    ("doses", "released"),
)
APART = (
    ("team", "doses", {"season"}),
    ("team", "conductivity", {"season"}),
    ("conductivity", "virus", {"season"}),
    ("serum lot", "carrier lot", {"season"}),
    ("conductivity", "doses", {"recovery", "virus"}),
)
FALSE_STATEMENTS, APART_LEAST = 2, 3


@exercise("Exercise 5 · Your graph", points=5)
def graph(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``my_graph``, by what it implies, and ``adjusted``, by the plant's own graph."""
    yield from guarded("my_graph", 3, _graph(answers))
    yield from guarded("what is held fixed", 2, _adjusted(answers))


def _read(value: Any) -> nx.DiGraph:
    if border.is_a(value, "vaxlab.graphs.drawing.Drawing"):
        value = value.text
    try:
        own = graphs.read(value, material.NODES)
    except CourseError as error:
        raise Stop(Outcome.NOT_YET, f"`my_graph`: {error}", got=describe(value)) from None
    if not own.edges:
        raise Stop(Outcome.NOT_ATTEMPTED, "There is no arrow in `my_graph` yet.")
    return own


def _graph(answers: Answers) -> Iterator[Part]:
    own = _read(answers.value("my_graph"))
    label = "arrows run with time, and reach the doses"
    back = [edge for edge in own.edges if LATE[edge[0]] > LATE[edge[1]]]
    none = [way for way in WAYS if not nx.has_path(own, *way)]
    if back or none:
        if back:
            message = f"{' → '.join(back[0])} runs against time: the cause is settled later."
        else:
            message = f"There is no way from {none[0][0]} to {none[0][1]}, though one acts."
        yield not_yet(label, 1, message)
        yield not_yet("what the graph rules out", 2, "First the arrows.")
        return
    yield passed(label, 1)
    yield _ruled_out(own)


def _ruled_out(own: nx.DiGraph) -> Part:
    label, plant = "what the graph rules out", truth.graph()
    untrue = [
        (one, other, fixed)
        for one, other, fixed in material.independences(own)
        if not nx.is_d_separator(plant, {one}, {other}, set(fixed))
    ]
    kept = [nx.is_d_separator(own, {one}, {other}, fixed) for one, other, fixed in APART]
    if len(untrue) > FALSE_STATEMENTS:
        one, other, fixed = untrue[0]
        given = f" with {', '.join(fixed)} held fixed" if fixed else ""
        message = (
            f"Your graph says that {one} and {other} have nothing to do with each other{given}. "
            "In the plant they have: an arrow is missing."
        )
        return not_yet(label, 2, message, got=f"{len(untrue)} statements that do not hold")
    if sum(kept) < APART_LEAST:
        one, other, fixed = next(a for a, held in zip(APART, kept, strict=True) if not held)
        message = (
            "Where everything points at everything, nothing is said. By your graph "
            f"{one} and {other} still go together with {' and '.join(sorted(fixed))} held fixed. "
            "Ask the history whether they do, and take arrows away."
        )
        return not_yet(label, 2, message, got=f"{sum(kept)} of {len(APART)} kept apart")
    return passed(label, 2, f"{len(untrue)} of its statements do not hold in the plant.")


def _adjusted(answers: Answers) -> Iterator[Part]:
    value = answers.value("adjusted")
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list | tuple | set | frozenset | np.ndarray):
        message = '`adjusted` should be a list of variables, such as ["team"].'
        raise Stop(Outcome.NOT_YET, message, got=describe(value))
    fixed = {str(name) for name in value}
    unknown = fixed - set(material.NODES)
    if unknown:
        message = f"“{sorted(unknown)[0]}” is no variable of the graph."
        raise Stop(Outcome.NOT_YET, message, got=describe(value))
    said = wrong.about_adjusted(fixed)
    label = "what is held fixed"
    got = ", ".join(sorted(fixed)) or "nothing"
    yield not_yet(label, 2, said, got=got) if said else passed(label, 2)


def plants_graph(namespace: Mapping[str, Any]) -> None:
    """Show the plant's own graph, once there is one in `my_graph`."""
    try:
        own = _read(Answers(namespace).value("my_graph"))
    except Stop as stop:
        print(f"Your own graph comes first. {stop.message}")
        return
    plant = truth.graph()
    extra = [edge for edge in plant.edges if edge not in own.edges]
    show(*graphs.picture(plant, title="The plant's own graph", highlighted=extra))


# Exercise 6 -------------------------------------------------------------------------------------


@exercise("Exercise 6 · Name them", points=4)
def named(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``find``: drivers among fifteen columns, false ones, and signs."""
    function = answers.function("find")
    some, (x, own) = material.history(plant_seed), _exchanged(plant_seed)
    given = x.copy(), some.witnesses.copy(), some.lots.copy()
    said = _called(function(*given, shown="x, witnesses, lots"), x.columns)
    called = {own[name]: sign for name, sign in said.items()}
    drivers = truth.drivers(called)
    asked = min(DRIVERS_ASKED, len(truth.drivers(_reference(plant_seed))) - 1)
    label = "drivers among the fifteen"
    found = f"{len(drivers)} of 9 drivers by {len(called)} columns"
    if len(drivers) < asked:
        by_heart = len(truth.drivers(said)) >= asked
        message = _BY_HEART if by_heart else _about_drivers(called)
        earned = 1.0 if len(drivers) >= asked - 1 else 0.0
        look_at = f"at least {asked}: the course's own way, less one"
        yield not_yet(label, 2, message, earned=earned, got=found, look_at=look_at)
    else:
        yield passed(label, 2, found)
    if len(drivers) < asked - 1:
        yield not_yet("false ones, and signs", 2, "First the drivers.")
        return
    yield _false(called, plant_seed)
    yield _signs(called, drivers)


def _called(answer: Any, columns: pd.Index) -> dict[str, int]:
    if isinstance(answer, pd.Series):
        answer = answer.to_dict()
    pairs = list(answer.items()) if isinstance(answer, dict) else answer
    is_pairs = isinstance(pairs, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs
    )
    if not is_pairs:
        message = '`find` should give a list of pairs: ("a column", 1) or ("a column", -1).'
        raise Stop(Outcome.NOT_YET, message, got=describe(answer))
    if not pairs:
        raise Stop(Outcome.NOT_YET, "`find` names no column at all.", got="an empty list")
    if len(pairs) > material.MOST_CALLED:
        message = f"Name {material.MOST_CALLED} columns at the most, the surest ones."
        raise Stop(Outcome.NOT_YET, message, got=f"{len(pairs)} columns")
    unknown = [name for name, _ in pairs if not (isinstance(name, str) and name in columns)]
    if unknown:
        message = "`find` names a column that is not in `x`."
        raise Stop(Outcome.NOT_YET, message, got=describe(unknown[0]))
    signs = {name: np.sign(number(sign, f"the sign of {name}")) for name, sign in pairs}
    return {name: int(sign) for name, sign in signs.items()}


_BY_HEART = (
    "These names would be right for the plant's own table. Here names have been exchanged within "
    "their groups, and what a column holds must be found by its numbers."
)


@lru_cache(maxsize=4)
def _exchanged(plant_seed: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Exchange a plant's columns under their names, group by group; tell which is where.

    The nine are the same on every plant: under their own names a list learned by heart would do.
    """
    some = material.history(plant_seed)
    rng = np.random.default_rng([plant_seed, 6])
    groups = pd.Series([_group(name, some.lots) for name in some.x])
    own = groups.groupby(groups).transform(lambda group: rng.permutation(group.index))
    exchanged = some.x.iloc[:, own.astype(int)]
    names = dict(zip(some.x.columns, exchanged.columns, strict=True))
    return exchanged.set_axis(some.x.columns, axis=1), names


def _group(name: str, lots: pd.DataFrame) -> str:
    """Return whose columns a column may stand among: a material's lines, or its first word's."""
    lines = [f"coa_{kind}_" for kind in lots if name.startswith(f"coa_{kind}_")]
    return lines[0] if lines else name.split("_")[0]


@lru_cache(maxsize=4)
def _reference(plant_seed: int) -> dict[str, int]:
    """Return what the course's own way calls, by the columns' own names."""
    some, (x, own) = material.history(plant_seed), _exchanged(plant_seed)
    return {own[name]: sign for name, sign in material._find(x, some.witnesses, some.lots)}


def _about_drivers(called: Iterable[str]) -> str:
    groups = {name.split("_")[0] for name in called}
    if "coa" not in groups:
        return "No line of a certificate is among them. Ask `nine.by_lots` as well."
    if groups == {"coa"}:
        return "Only lines of certificates are among them: `nine.one_by_one` asks the others."
    return "Ask each of the four witnesses: what acts early is drowned by the time of the doses."


def _false(called: Mapping[str, int], plant_seed: int) -> Part:
    label, idle = "false ones", truth.false(called)
    most = max(FALSE_MOST, len(truth.false(_reference(plant_seed))) + 1)
    if len(idle) <= most:
        return passed(label, 1, f"{len(idle)} of them: {', '.join(idle)}." if idle else "None.")
    message = f"Too many that do nothing, such as `{idle[0]}`. Ask for a smaller p-value."
    return not_yet(label, 1, message, got=f"{len(idle)}", look_at=f"at most {most}")


def _signs(called: Mapping[str, int], drivers: Mapping[str, list[str]]) -> Part:
    """Judge the first column of each driver: a second one may only mend the first."""
    label = "signs"
    off = [own[0] for own in drivers.values() if called[own[0]] != truth.SIGNS[own[0]]]
    if len(off) <= 1:
        return passed(label, 1)
    message = "The sign is what more of it does to the doses: `nine.effect` says it."
    return not_yet(label, 1, message, got=f"{len(off)} the wrong way, `{off[0]}` among them")
