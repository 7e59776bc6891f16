"""Checks of day 3, notebook 1: what a learner wrote is asked with numbers drawn for each plant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from vaxlab.lessons.day3.nine import contested, dice, material, truth, wrong
from vaxlab.lessons.day3.nine.handed import Forward, Rows
from vaxlab.plant import campaign
from vaxlab.plant.campaign import HISTORY_SEED

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
    said = {name: "stand-in" if _is_stand_in(word) else word for name, word in said.items()}
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


def _is_stand_in(word: str) -> bool:
    return "".join(word.replace("-", " ").replace("_", " ").split()) == "standin"


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
        if is_paired and np.allclose(2 * found, np.round(2 * found)):
            message = "Each pair gives the same two halves: draw an order anew for each pair."
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
    shifted = np.abs(copy.mean(axis=0)).max()
    if shifted > wrong.SHIFTED_MOST and np.abs(answer.mean(axis=0) / scale).max() > 0.15:
        said = "The copies have other means than the originals. Has each row noise of its own?"
    else:
        said = wrong.about_copies(true, among, beside, shifted, most_free)
    said = said or _turned(function, rng)
    if said:
        label = "copies"
        got = (
            f"SD {np.sqrt(np.diag(among)).mean():.2f} of the original's, correlation with it "
            f"{np.diag(beside).mean():.2f}"
        )
        yield not_yet(label, 3, said, got=got)
    else:
        free = f"A copy's correlation with its original is only {np.diag(beside).mean():.2f}."
        yield passed("copies", 3, free)


def _turned(function: Function, rng: np.random.Generator) -> str:
    """Say whether copies of columns that have nothing in common go against their originals."""
    x = rng.standard_normal((1000, _COLUMNS))
    own = np.random.default_rng(rng.integers(2**32))
    copy = _numbers(function(x.copy(), own, shown="x, rng"), "knockoffs", x.shape)
    r = float(np.mean([np.corrcoef(x[:, k], copy[:, k])[0, 1] for k in range(_COLUMNS)]))
    if r > -0.3:
        return ""
    return (
        "Of columns that have nothing to do with each other, each copy goes against its original: "
        f"correlation {r:.2f}. It is as easy to see as the original then. s is at most 1."
    )


def _chosen(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("chosen")
    rng = np.random.default_rng([plant_seed, 63])
    cases = [*contested.contests(rng), contested.tie(rng)]
    flat = rng.permutation(np.concatenate([rng.uniform(0.2, 1, 3), -rng.uniform(0.2, 1, 6)]))
    found = []
    for w, share in [*cases, (flat, 0.2)]:
        answer = function(w.copy(), share, shown=f"w, {share}")
        found.append(_columns(answer, len(w)))
    right = [material._chosen(w, share) for w, share in [*cases, (flat, 0.2)]]
    if found[:2] != [sorted(r.tolist()) for r in right[:2]]:
        said = wrong.about_chosen(cases[:2], found[:2])
    elif found[2] != sorted(right[2].tolist()):
        said = "One false in five is one fifth, which is allowed: at most the false share, `<=`."
    else:
        yield passed("three contests", 2)
        yield _nothing(found[3])
        return
    got = " and ".join(f"{len(f)} columns" for f in found[:3])
    look_at = "expected " + " and ".join(f"{len(r)} columns" for r in right[:3])
    yield not_yet("three contests", 2, said, got=got, look_at=look_at)
    yield not_yet("a contest that nobody wins", 1, "First the three contests.")


def _nothing(found: list[int]) -> Part:
    label = "a contest that nobody wins"
    if not found:
        return passed(label, 1)
    message = "Copies win more often than originals here: choose nothing, an empty array."
    return not_yet(label, 1, message, got=f"{len(found)} columns")


def _columns(answer: Any, columns: int) -> list[int]:
    """Read numbers of columns, or a mark for each column."""
    if isinstance(answer, set | frozenset):
        answer = list(answer)
    if isinstance(answer, tuple) and len(answer) == 1:  # of np.where
        answer = answer[0]
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
    cases = [
        contested.lot_case(rng),
        contested.lot_case(rng),
        contested.coarse_case(rng),
        contested.few_case(rng),
    ]
    found, right, shown = [], [], "line, y, lots, rng, 999"
    for line, y, of in cases:
        own = np.random.default_rng(rng.integers(2**32))
        answer = function(line.copy(), y.copy(), of.copy(), own, 999, shown=shown)
        found.append(number(answer, "lot_p_value"))
        right.append(material._lot_p_value(line, y, of, np.random.default_rng(5), 20_000))
    within = [*3 * [wrong.P_WITHIN], wrong.P_WITHIN_FEW]
    close = np.abs(np.subtract(found, right)) <= within
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
    y = line + 0.01 * rng.standard_normal(360)
    sure = number(function(line, y, of, own, 199, shown="…, times=199"), "lot_p_value")
    if np.isclose(sure, 1 / 200, rtol=0.3):
        yield passed("never zero", 1)
        return
    message = "The order that was seen is one of those possible: (1 + as large) / (1 + times)."
    if np.isclose(sure, 1 / 1000, rtol=0.3):
        message = "199 shuffles were asked for by `times`, and this is a p-value of 999."
    yield not_yet("never zero", 1, message, got=f"{sure:.4g}", look_at="expected 0.005")


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
FALSE_STATEMENTS, KEPT_LEAST, MANY_ARROWS = 2, 0.8, 24
"""Statements that may be wrong; share of the pairs without an arrow in the plant that must have
none; arrows, of 36, that are nearly all."""


@exercise("Exercise 5 · Your graph", points=5)
def graph(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``my_graph``, by what it implies, and ``adjusted``, by the plant's own graph."""
    yield from guarded("my_graph", 3, _graph(answers))
    yield from guarded("what is held fixed", 2, _adjusted(answers))


def _read(value: Any) -> nx.DiGraph:
    if border.is_a(value, "vaxlab.graphs.drawing.Drawing"):
        value = value.text
    try:
        own = material.read_graph(value)
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
    apart = material.independences(plant)
    surplus = [a for a in apart if own.has_edge(*a[:2]) or own.has_edge(*a[1::-1])]
    if len(untrue) > FALSE_STATEMENTS:
        one, other, fixed = untrue[0]
        given = f" with {', '.join(fixed)} held fixed" if fixed else ""
        message = (
            f"Your graph says that {one} and {other} have nothing to do with each other{given}. "
            "In the plant they have: an arrow is missing."
        )
        return not_yet(label, 2, message, got=f"{len(untrue)} statements that do not hold")
    kept = len(apart) - len(surplus)
    if kept < KEPT_LEAST * len(apart):
        one, other, fixed = surplus[0]
        held = f" with {' and '.join(sorted(fixed))} held fixed" if fixed else ""
        many = "Where nearly everything points at everything, nothing is said. "
        message = (
            f"{many if len(own.edges) >= MANY_ARROWS else ''}Your graph rules out too little. By "
            f"it {one} and {other} still go together{held}. Ask the history whether they do, and "
            "take arrows away."
        )
        got = f"{kept} of {len(apart)} pairs without an arrow in the plant have none in yours"
        return not_yet(label, 2, message, got=got)
    return passed(label, 2, f"{len(untrue)} of its statements do not hold in the plant.")


def _adjusted(answers: Answers) -> Iterator[Part]:
    value = answers.value("adjusted")
    given = material.read_names(value)
    if given is None:
        message = '`adjusted` should be a list of variables, such as ["team"].'
        raise Stop(Outcome.NOT_YET, message, got=describe(value))
    fixed = set(given)
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
    some, (x, own) = material.history(plant_seed), dice.exchanged(plant_seed)
    given = x.copy(), some.witnesses.copy(), some.lots.copy()
    said = _called(function(*given, shown="x, witnesses, lots"), x.columns)
    called = {own[name]: sign for name, sign in said.items()}
    drivers = truth.drivers(called)
    asked = _asked(plant_seed)
    label = "drivers among the fifteen"
    columns = "1 column" if len(called) == 1 else f"{len(called)} columns"
    found = f"{len(drivers)} of 9 drivers by {columns}"
    if len(drivers) < asked:
        message = wrong.about_drivers(called)
        if len(truth.drivers(said)) >= asked and _by_heart(function, said, plant_seed):
            message = wrong.BY_HEART
        earned = 1.0 if len(drivers) >= asked - 1 else 0.0
        look_at = f"at least {asked}: the course's own way, less one"
        part = not_yet(label, 2, message, earned=earned, got=found, look_at=look_at)
    else:
        part = passed(label, 2, found)
    idle, diced = 0, None
    if part.earned:
        idle, diced = _on_dice(function, plant_seed)
        part = diced if diced and diced.earned <= part.earned else part
    right = sum(called[own[0]] == truth.SIGNS[own[0]] for own in drivers.values())
    if part.earned > 1 and 2 * right < len(drivers):
        message = "Most of what is named would be moved the wrong way, and doses lost."
        part = not_yet(label, 2, message, earned=1.0, got=found)
    yield part
    if not part.earned:
        yield not_yet("false ones, and signs", 2, "First the drivers.")
        return
    yield _false(called, plant_seed, idle)
    yield _signs(called, drivers)


def _on_dice(function: Function, plant_seed: int) -> tuple[int, Part | None]:
    """Return false columns called on plants of dice beyond the course's, and what is short there.

    On one history luck may do: of the largest correlations seven drivers can be the catch.
    """
    tables, best, least_false = dice.plants(plant_seed)
    found = false = lines = early = 0
    for table in tables:
        given = table.x.copy(), table.witnesses.copy(), table.lots.copy()
        shown = "x, witnesses, lots of a plant of dice"
        called = _called(function(*given, shown=shown), table.x.columns)
        first, idle = table.judged(called)
        found, false = found + first, false + idle
        named_ = set(list(called)[: dice.FIRST])
        lines += sum(name in named_ for name in table.signs if name.startswith("coa_"))
        early += sum(name in named_ for name in list(table.signs)[:2])
    beyond = false - least_false
    short = best - found
    if short <= dice.FEWER:
        return beyond, None
    if lines == 0:
        missing = "no line of a certificate that tells of its lot"
    else:
        missing = f"{early} of {2 * len(tables)} that act on the cells, and are drowned later"
    message = (
        f"On plants of dice little of what acts stands among the first {dice.FIRST}: {missing}. "
        "Ask each witness, count lots for lines of certificates, and the surest stand first."
    )
    got = f"{found} of {8 * len(tables)} that act, and {false} that do not"
    look_at = f"at least {best - dice.FEWER}: the course's own way, less {dice.FEWER}"
    earned = 1.0 if short <= dice.FEWER_HALF else 0.0
    label = "drivers among the fifteen"
    return beyond, not_yet(label, 2, message, earned=earned, got=got, look_at=look_at)


def _by_heart(function: Function, said: Mapping[str, int], plant_seed: int) -> bool:
    """Tell whether other columns under the same names make no difference to what is named."""
    some = material.history(plant_seed)
    x, _ = dice.exchanged(plant_seed, 7)
    again = function(x.copy(), some.witnesses.copy(), some.lots.copy(), shown="x, witnesses, lots")
    return set(_called(again, x.columns)) == set(said)


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
    signs = {name: np.sign(_sign(name, sign)) for name, sign in pairs}
    return {name: int(sign) for name, sign in signs.items()}


def _sign(name: str, sign: Any) -> float:
    if isinstance(sign, str):
        written = {"+": 1.0, "-": -1.0, "−": -1.0}
        if sign.strip() not in written:
            message = f"The sign of {name} should be 1 or -1."
            raise Stop(Outcome.NOT_YET, message, got=describe(sign))
        return written[sign.strip()]
    return number(sign, f"the sign of {name}")


def the_nine(namespace: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return the nine drivers by name, once `find` calls most of them; until then say so.

    Returns
    -------
    DataFrame or None
        One row a driver: what more of it does to the doses, and which of its columns are called,
        or could have been.
    """
    some = material.history()
    try:
        function = Answers(namespace).function("find")
        given = some.x.copy(), some.witnesses.copy(), some.lots.copy()
        called = _called(function(*given, shown="x, witnesses, lots"), some.x.columns)
    except Stop as stop:
        print(f"Your own list comes first. {stop.message}")
        return None
    asked, own = _asked(HISTORY_SEED), truth.drivers(called)
    if len(own) < asked:
        print(f"Your own list comes first: it holds {len(own)} of the nine, {asked} are asked.")
        return None
    rows = {}
    for name, driver in campaign.DRIVERS.items():
        said = own.get(name, [])
        more = f" and {len(said) - 1} more" if len(said) > 1 else ""
        rows[driver.what.split(":")[0]] = {
            "more of it": "more doses" if driver.sign > 0 else "fewer doses",
            "you call": f"{said[0]}{more}" if said else f"not found: {driver.shows_in[0]}",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("driver")


@lru_cache(maxsize=4)
def _reference(plant_seed: int) -> dict[str, int]:
    """Return what the course's own way calls, by the columns' own names."""
    some, (x, own) = material.history(plant_seed), dice.exchanged(plant_seed)
    return {own[name]: sign for name, sign in material._find(x, some.witnesses, some.lots)}


def _asked(plant_seed: int) -> int:
    """Return how many drivers are enough: seven, or what the course's own way finds less one."""
    return min(DRIVERS_ASKED, len(truth.drivers(_reference(plant_seed))) - 1)


def _false(called: Mapping[str, int], plant_seed: int, beyond: int) -> Part:
    label, idle = "false ones", truth.false(called)
    most = max(FALSE_MOST, len(truth.false(_reference(plant_seed))) + 1)
    if len(idle) <= most and beyond > dice.FALSE_MORE:
        message = "Too many that do nothing on plants of dice. Ask for a smaller p-value."
        look_at = f"at most {dice.FALSE_MORE} more than the course's own way"
        return not_yet(label, 1, message, got=f"{beyond} more on both plants", look_at=look_at)
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
    return not_yet(label, 1, message, got=f"{len(off)} the wrong way, {off[0]} among them")
