"""Checks of day 4, notebook 4: fingerprints, a gate, verdicts, drifts, alarms, and a sweep."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks import border
from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day4.monday import cases, handed, material, wrong

# Calibrated on ten plants, see tests/lessons/day4/test_monday.py for the table.
PLANTS = 3
"""Plants that an alarm is tried on."""
FALSE_ALARMS, MORE_FALSE = 3, 2
"""In three times 60 quiet batches, or so many more than the reference has."""
FEWER = 1
"""Of nine drifts, how many fewer than the reference finds in time may be found."""
TOO_MANY = 12
"""False alarms from which on it is no alarm."""
HEX_DIGITS, MOST_DIGITS = 32, 256


@lru_cache(maxsize=16)
def _plants(plant_seed: int) -> tuple[int, ...]:
    """Return the plant itself, and others that are drawn by it."""
    more = np.random.default_rng([plant_seed, 45]).integers(10**12, 10**13, PLANTS - 1)
    return plant_seed, *(int(seed) for seed in more)


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · A fingerprint", points=5)
def fingerprints(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``fingerprint``: what changes it, and what must not."""
    function = answers.function("fingerprint")
    rng = np.random.default_rng([plant_seed, 46])
    table, settings, code = cases.recorded(plant_seed, rng)
    usual = _text(function, table, settings, code)
    label = "what it is made of"
    if any(_text(function, table, settings, code) != usual for _ in "12"):
        said = (
            "A second call with the same things gives another text. Time, `id`, `uuid` and random "
            "numbers tell nothing about the data: with them, nothing else can be told."
        )
        yield not_yet(label, 5, said, got=usual[:16] + "…")
        return
    changed = cases.changed(table, settings, code, rng)
    blind = [what for what, given in changed.items() if _text(function, *given) == usual]
    if blind:
        said = f"{_BLIND} {blind[0]}."
        if len(blind) == len(changed):
            said = f"{_BLIND} other data, other settings and other code."
        elif blind[0] == cases.MIDDLE:
            said += _why_middle(function, usual, table, settings, code)
        yield not_yet(label, 2, said, got=usual)
        said = "First the text must be another one for other data, settings and code, above."
        yield not_yet("what else is asked", 3, said)
        return
    yield passed(label, 2)
    label = "small changes"
    small = cases.small(table, settings, code, rng)
    blind = [what for what, given in small.items() if _text(function, *given) == usual]
    if blind:
        yield not_yet(label, 1, f"{_BLIND} {blind[0]}.{wrong.BLIND[blind[0]]}", got=usual)
    else:
        yield passed(label, 1)
    label = "the same, another way round"
    same = cases.same(table, settings, code, rng)
    moved = [what for what, given in same.items() if _text(function, *given) != usual]
    if moved:
        yield not_yet(label, 2, f"The text is another one after {moved[0]}.{wrong.MOVED[moved[0]]}")
    else:
        yield passed(label, 2)


_BLIND = "The text stays the same with"


def _why_middle(
    function: Function, usual: str, table: pd.DataFrame, settings: dict, code: str
) -> str:
    """Say more of a text that stays as it is with another value in the middle of the table."""
    first = table.copy()
    first.iloc[0, 0] += 0.01
    if _text(function, first, settings, code) == usual:
        return " Nor does a value in the first row change it."
    return (
        " A value in the first row does change it. `str` and `repr` of a long table leave its "
        "middle out: write all of it, as `to_csv` does."
    )


def _text(function: Function, table: pd.DataFrame, settings: dict, code: str) -> str:
    answer = function(table.copy(), dict(settings), code, shown="table, settings, code")
    text = answer.strip().lower() if isinstance(answer, str) else ""
    is_hex = len(text) >= HEX_DIGITS and set(text) <= set("0123456789abcdef")
    if is_hex and len(text) <= MOST_DIGITS:
        return text
    said = f"Give the hexadecimal text of a hash, {HEX_DIGITS} digits or more."
    if is_hex:
        said = f"This has {len(text)} digits. A hash is short, however long the text: hash it."
    elif isinstance(answer, int | np.integer) or text.lstrip("-").isdigit():
        said += (
            " Python's own `hash` of a text is another number in each process: use `hashlib`, and "
            "`.hexdigest()`."
        )
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · The gate", points=4)
def gate(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``approve``: limits, what is missing, and the card."""
    function = answers.function("approve")
    rng = np.random.default_rng([plant_seed, 47])
    limits, good = cases.limits(rng)
    card = {"purpose": "doses at harvest", "data": good["data"], "owner": "line A", "not_for": "B"}
    parts = {
        "results against their limits": (2, cases.by_limits(limits)),
        "what is missing": (1, cases.by_gaps(limits)),
        "the card": (1, cases.by_card(good)),
    }
    for label, (points, tried) in parts.items():
        part = _cases(function, label, points, tried, limits, card, good)
        yield from guarded(label, points, part)


def _cases(
    function: Function,
    label: str,
    points: int,
    tried: Sequence[cases.Case],
    limits: dict,
    card: dict,
    good: dict,
) -> Iterator[Part]:
    for changed, measured, reasons in tried:
        own = {k: v for k, v in (card | changed).items() if v is not None}
        results = {k: v for k, v in (good | measured).items() if v is not None}
        found = _reasons(function(own, results, dict(limits), shown="card, results, limits"))
        if label == "the card":  # judged alone: what stands against results was asked above
            found -= set(limits)
        if found != set(reasons):
            what = [f"{k} = {(own | results).get(k, 'not there')!r}" for k in changed | measured]
            limit = [f"{k} {' '.join(map(str, limits[k]))}" for k in measured if k in limits]
            yield not_yet(
                label,
                points,
                _wrong_reasons(found, set(reasons), measured, limits, own),
                got=f"{sorted(found)}",
                expected=f"{sorted(reasons)}",
                look_at="; ".join([*what, *limit]) or "all results within their limits",
            )
            return
    yield passed(label, points)


def _wrong_reasons(
    found: set, right: set, measured: Mapping, limits: Mapping, card: Mapping
) -> str:
    if odd := found - set(limits) - set(material.CARD) - set(card):
        return f"Give the bare names of limits and fields: {sorted(odd)[0][:60]!r} is none of them."
    nan = {k for k, v in measured.items() if isinstance(v, float) and math.isnan(v)}
    if nan - found:
        return "NaN is neither above nor below a limit: ask for what is good, and refuse the rest."
    if not right and measured:
        return "What lies exactly at its limit keeps it."
    if not right:
        return "Here nothing is wrong: a good model has no reasons."
    if found < right and len(right) > 1:
        return "Not all reasons are given. Who mends one should not meet the next a day later."
    if not right & found and found:
        return "Something else was refused than what is wrong."
    if found <= right:
        return "This should have been refused."
    return "More was refused than what is wrong."


def _reasons(answer: Any) -> set[str]:
    if isinstance(answer, dict):
        answer = list(answer)
    if isinstance(answer, list | tuple | set | frozenset | np.ndarray | pd.Series | pd.Index):
        names = list(answer)
        if all(isinstance(name, str) for name in names):
            return set(map(str, names))
    said = "Give a list with the names of what stands against it; an empty list lets it pass."
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · Whom to believe", points=4)
def believed(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``verdict`` and ``fair_share``."""
    yield from guarded("`verdict`", 2, _verdicts(answers, plant_seed))
    yield from guarded("`fair_share`", 2, _fair(answers, plant_seed))


def _verdicts(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("verdict")
    pairs = cases.misses(np.random.default_rng([plant_seed, 48]))
    found = [_word(function(*(part.copy() for part in p), shown="champion, challenger"))
             for p in pairs]  # fmt: skip
    right = [material._verdict(*pair) for pair in pairs]
    if found == right:
        yield passed("`verdict`", 2)
        return
    known = wrong.verdicts(pairs)
    said = next((said for words, said in known if words == found), "")
    said = said or "Not what the paired 95 % interval says."
    k = next(k for k in range(len(pairs)) if found[k] != right[k])
    gain = pairs[k][0] - pairs[k][1]
    shown = f"differences of {gain.mean():.3f} on average, SD {gain.std(ddof=1):.3f}"
    yield not_yet("`verdict`", 2, said, got=found[k], expected=right[k],
                  look_at=f"{len(gain)} batches, {shown}")  # fmt: skip


def _word(answer: Any) -> str:
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    word = str(answer).strip().lower() if isinstance(answer, str | np.str_) else ""
    if word not in ("promote", "keep"):
        said = "`verdict` should give 'promote' or 'keep'."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    return word


def _fair(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("fair_share")
    tables = [material.decided(seed) for seed in _plants(plant_seed)]
    limits = [material.poor_limit(seed) for seed in _plants(plant_seed)]
    found = [
        number(function(table.copy(), limit, shown="batches, limit"), "fair_share")
        for table, limit in zip(tables, limits, strict=True)
    ]
    right = [material._fair_share(*pair) for pair in zip(tables, limits, strict=True)]
    # The sum of the weights, or the number of batches that it stands for.
    weights = [(1 / t.loc[t["finished"], "chance"]).sum() / len(t) for t in tables]
    counted = np.array(right) * weights
    if np.allclose(found, right, rtol=1e-4) or np.allclose(found, counted, rtol=1e-4):
        yield passed("`fair_share`", 2)
        return
    k = _first_off(found, right, 1e-4)
    said = recognised(found, wrong.shares(tables, limits), rtol=1e-4)
    if not said and np.allclose(np.array(found) / 100, right, rtol=0.2):
        said = "In per cent: give a share between 0 and 1."
    otherwise = "Not the share of poor batches, each finished one weighted by 1 / chance."
    yield not_yet("`fair_share`", 2, said or otherwise, got=f"{found[k]:.4f}",
                  expected=f"{right[k]:.4f}", look_at=_which(k, found))  # fmt: skip


def _first_off(found: Sequence[float], right: Sequence[float], rtol: float) -> int:
    """Return the place of the first value that is not the right one."""
    pairs = zip(found, right, strict=True)
    return next((k for k, pair in enumerate(pairs) if not np.isclose(*pair, rtol=rtol)), 0)


def _which(k: int, cases_: Sequence[Any]) -> str:
    return f"case {k + 1} of {len(cases_)}, the first that is off"


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · What has changed?", points=5)
def changes(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``psi`` and ``drifted``."""
    yield from guarded("`psi`", 2, _stability(answers, plant_seed))
    yield from guarded("`drifted`", 3, _columns(answers, plant_seed))


def _stability(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("psi")
    pairs = cases.samples(plant_seed)
    found = [number(function(*(v.copy() for v in p), shown="reference, new"), "psi") for p in pairs]
    right = [material._psi(*pair) for pair in pairs]
    if np.allclose(found, right, rtol=2e-3):
        yield passed("`psi`", 2)
        return
    said = recognised(found, wrong.indices(pairs), rtol=2e-3)
    otherwise = "Not the index by the deciles of the reference, half a batch more in each bin."
    k = _first_off(found, right, 2e-3)
    got, expected = f"{found[k]:.4f}", f"{right[k]:.4f}"
    yield not_yet("`psi`", 2, said or otherwise, got=got, expected=expected,
                  look_at=_which(k, found))  # fmt: skip


def _columns(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("drifted")
    tables = cases.moved(plant_seed)
    found = [_names(function, *pair) for pair in tables]
    right = [set(material._drifted(*pair)) for pair in tables]
    if found == right:
        yield passed("`drifted`", 2)
    else:
        said = next((said for sets, said in wrong.found(tables) if sets == found), "")
        said = said or "Not what Benjamini and Hochberg leave of the p-values, at 0.05."
        k = next(k for k in range(len(tables)) if found[k] != right[k])
        got, expected = (", ".join(sorted(names)) or "none" for names in (found[k], right[k]))
        yield not_yet("`drifted`", 2, said, got=got, expected=expected, look_at=_which(k, found))
        yield not_yet("missing values", 1, "First the columns without missing values, above.")
        return
    rng = np.random.default_rng([plant_seed, 50])
    yield from guarded("missing values", 1, _with_gaps(function, tables, rng))


def _with_gaps(
    function: Function, tables: Sequence[tuple], rng: np.random.Generator
) -> Iterator[Part]:
    for reference, new in tables[:2]:
        holed = cases.holed(reference, new, rng)
        found, p = _names(function, reference, holed), material._p_values(reference, holed)
        if found != (right := set(material._discoveries(p))):
            said = "Where a value is missing, leave it out of its own column, and nothing else."
            got, expected = (", ".join(sorted(names)) or "none" for names in (found, right))
            yield not_yet("missing values", 1, said, got=got, expected=expected)
            return
    yield passed("missing values", 1)


def _names(function: Function, reference: pd.DataFrame, new: pd.DataFrame) -> set[str]:
    answer = function(reference.copy(), new.copy(), shown="reference, new")
    if isinstance(answer, list | tuple | set | frozenset | np.ndarray | pd.Series | pd.Index):
        names = list(answer)
        if all(isinstance(name, str) and name in reference for name in names):
            return set(names)
    said = "Give a list of names of columns; an empty one where nothing has changed."
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · The alarm", points=6)
def alarms(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``alarm``: false ones in quiet batches, and drifts that are found in time."""
    function = answers.function("alarm")

    def alarm(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
        return _raised(function(reference, seen, shown="reference, seen"))

    plants, false = _plants(plant_seed), 0
    for seed in plants:
        stretch = _renumbered(material.quiet(seed), seed)
        false += len(material._watch(alarm, material.reference(seed), stretch))
    usual_false, usual_found = _usual(plant_seed)
    most = max(FALSE_ALARMS, usual_false + MORE_FALSE)
    some_alarms = "1 alarm" if false == 1 else f"{false} alarms"
    quiet = f"{some_alarms} in {PLANTS * material.QUIET} quiet batches"
    if false > TOO_MANY:
        expected = f"{most} or fewer; more than {TOO_MANY} earn nothing"
        yield not_yet("drifts and quiet", 6, _why_false(alarm, plants), got=quiet,
                      expected=expected)  # fmt: skip
        return
    tried = _found(alarm, plants)
    yield _in_time(tried, usual_found, false <= most)
    label = "quiet batches"
    if sum(came for _, came in tried) < usual_found / 2:
        yield not_yet(label, 2, "An alarm that finds few drifts is quiet for nothing.", got=quiet)
    elif false <= most:
        yield passed(label, 2, quiet)
    else:
        said = "Too many false alarms: people stop looking. A higher limit has fewer of them."
        yield not_yet(label, 2, said, got=quiet, expected=f"{most} or fewer")


def _renumbered(stretch: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a stretch whose batches are numbered from some batch of the plant's life on."""
    first = int(np.random.default_rng([seed, 53, len(stretch)]).integers(200, 900))
    return stretch.set_axis(pd.RangeIndex(first, first + len(stretch), name=stretch.index.name))


def _why_false(alarm: Any, plants: Sequence[int]) -> str:
    """Tell whether most alarms in quiet batches go when all columns but the gaps are as usual."""
    reference = material.reference(plants[0])
    stretch = _renumbered(material.quiet(plants[0]), plants[0])
    calm = stretch.copy()
    others = [name for name in stretch if name not in material.GAPS]
    calm[others] = reference[others].mean().to_numpy()
    all_, left = (len(material._watch(alarm, reference, table)) for table in (stretch, calm))
    if all_ and left <= all_ / 2:
        return (
            "Most of these alarms are false, and come of other columns than the gaps. Columns "
            "move with each new lot of serum; a gap between a probe and its witness does not."
        )
    return (
        "Most of these alarms are false. They are raised as well where all columns but the gaps "
        "are as usual: how far off must a gap be, and for how long?"
    )


def _raised(answer: Any) -> bool:
    if isinstance(answer, bool | np.bool_):
        return bool(answer)
    said = "`alarm` should give True or False: whether to raise it after the last batch seen."
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))


def _found(alarm: Any, plants: Sequence[int]) -> list[tuple[material.Drift, bool]]:
    """Return each drift, and whether it is found within `WITHIN` batches."""
    tried = []
    for seed in plants:
        reference = material.reference(seed)
        for stretch, drift in material._drills(seed, 1):
            seen = _renumbered(stretch.iloc[: drift.start + material.WITHIN], seed)
            raised = material._watch(alarm, reference, seen, until=drift.start)
            came = bool(raised) and raised[-1] >= drift.start
            came = came and _is_by_drift(alarm, seed, seen, drift.start, raised)
            tried.append((drift, came))
    return tried


def _is_by_drift(
    alarm: Any, seed: int, seen: pd.DataFrame, start: int, raised: Sequence[int]
) -> bool:
    """Tell whether an alarm stays away where sound batches stand in place of those of a drift.

    An alarm that is raised by the calendar comes after the same batch, whatever is in it.
    """
    reference = material.reference(seed)
    last, begin = raised[-1], raised[-2] + 1 if len(raised) > 1 else 0
    rng = np.random.default_rng([seed, 54, start])
    sound = seen.copy()
    sound.iloc[start:] = reference.iloc[rng.permutation(len(reference))[: len(seen) - start]]
    before = sound.iloc[begin:last]
    comes = alarm(reference, sound.iloc[begin : last + 1])
    return not comes or (len(before) > 0 and alarm(reference, before))


@lru_cache(maxsize=8)
def _usual(plant_seed: int) -> tuple[int, int]:
    """Return the reference's false alarms, and the drifts that it finds in time."""
    plants = _plants(plant_seed)
    quiet = [material._watch(material._alarm, material.reference(seed), material.quiet(seed))
             for seed in plants]  # fmt: skip
    return sum(map(len, quiet)), sum(came for _, came in _found(material._alarm, plants))


def _in_time(tried: Sequence[tuple[material.Drift, bool]], usual: int, is_quiet: bool) -> Part:
    label = "drifts within ten batches"
    found = sum(came for _, came in tried)
    got = f"{found} of {len(tried)} found within {material.WITHIN} batches"
    if found >= usual - FEWER:
        return passed(label, 4, got)
    said = (
        "Too many drifts are found late, or never, or only where sound batches raise the alarm as "
        "well. Sums of what a gap is off find slow drifts; the lower their limit, the earlier."
    )
    sides, probes = _never(tried, _side), _never(tried, lambda drift: drift.probe)
    if sides and found:
        said = f"No drift is found that moves a gap {sides[0]}, others are."
    elif probes and found:
        said = f"Of these probes no drift is found at all: {', '.join(probes)}."
    # Half of the points are for an alarm, and not for one that is raised now and then by luck.
    earned = 2.0 if found >= usual / 2 and is_quiet else 0.0
    return not_yet(label, 4, said, earned=earned, got=got, expected=f"{usual - FEWER} or more")


def _side(drift: material.Drift) -> str:
    """Return the side to which a drift moves its gap."""
    up = drift.a_batch > 0 if drift.probe == "capacitance" else drift.a_batch < 0
    return "upward" if up else "downward"


def _never(
    tried: Sequence[tuple[material.Drift, bool]], of: Callable[[material.Drift], str]
) -> list[str]:
    """Return the kinds of drifts of which none is found."""
    found = {of(drift) for drift, came in tried if came}
    return [kind for kind in dict.fromkeys(of(drift) for drift, _ in tried) if kind not in found]


# Exercise 6 -------------------------------------------------------------------------------


@exercise("Exercise 6 · No job is lost", points=4)
def jobs(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``run_all``: order, lost workers, and jobs that fail by themselves."""
    function = answers.function("run_all")
    rng = np.random.default_rng([plant_seed, 52])
    numbers = [int(job) for job in rng.permutation(14)]
    numbers += [numbers[3], numbers[6]]  # the same job twice is two jobs
    results = {job: round(float(rng.uniform(0.1, 0.4)), 4) for job in numbers}
    usual = [results[job] for job in numbers]
    sound = _collected(function, numbers, results)
    label = "results in their order"
    if sound == usual:
        yield passed(label, 2)
    else:
        yield not_yet(label, 2, _why(sound, usual), **_shown(sound, usual))
        yield not_yet("what else is asked", 2, "First sound jobs on workers that stay, above.")
        return
    yield from guarded("workers are lost", 1, _lost(function, numbers, results))
    yield from guarded("jobs that fail", 1, _failing(function, numbers, results))


def _collected(function: Function, numbers: list[int], results: dict, **more: Any) -> list:
    pool = handed.Pool(len(numbers), results, tries=material.TRIES, **more)
    answer = function(list(numbers), pool, shown="jobs, submit")
    if isinstance(answer, np.ndarray | pd.Series | tuple):
        answer = list(answer)
    if not isinstance(answer, list):
        said = "Give a list with one result for each job."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    if any(isinstance(item, border.Far) for item in answer):
        said = "These are tickets, not results: `ticket.result()` waits for one and gives it."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer[0]))
    return [None if item is None or item != item else item for item in answer]


def _why(found: list, right: list) -> str:
    early = [item for item in found if _is_number(item) and handed.AGAIN < item < handed.ALONE]
    if early:
        jobs = round(handed.ALONE - early[0])
        if jobs == 1:
            return (
                "Each job was waited for before the next was handed in: one worker works, and all "
                "others idle. Hand all jobs in first, then collect."
            )
        return (
            f"When a result was first waited for, {jobs} of {len(right)} jobs were handed in. Hand "
            "all in first, then collect. Two of them are the same job: that makes two jobs."
        )
    if len(found) != len(right):
        return f"There are {len(found)} results of {len(right)} jobs; two of them are the same job."
    if None not in found and sorted(map(str, found)) == sorted(map(str, right)):
        return "All results are there, in another order than the jobs."
    return "Not the results of these jobs."


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float | np.number)


def _said(item: Any) -> str:
    """Return how a result is shown; what only the workers on paper give is put in words."""
    if _is_number(item) and item < handed.ALONE:
        return "no result: see above"
    return str(item)


def _apart(found: list, right: list) -> int:
    """Return the first place where results are not the right ones."""
    pairs = itertools.zip_longest(found, right, fillvalue="none")
    return next((k for k, (one, other) in enumerate(pairs) if one != other), 0)


def _shown(found: list, right: list) -> dict[str, str]:
    """Return what a message shows of results: the first that is not right."""
    k = _apart(found, right)
    got, expected = (_said(part[k]) if k < len(part) else "none" for part in (found, right))
    return {"got": got, "expected": expected, "look_at": f"job {k + 1} of {len(right)}"}


def _lost(function: Function, numbers: list[int], results: dict) -> Iterator[Part]:
    label = "workers are lost"
    lost = {numbers[1]: 1, numbers[4]: 2, numbers[9]: 5, numbers[11]: material.TRIES}
    right = [None if lost.get(job, 0) >= material.TRIES else results[job] for job in numbers]
    found = _collected(function, numbers, results, lost=lost)
    if found == right:
        yield passed(label, 1)
        return
    said = (
        "A job whose worker is lost should be handed in again, three times in all. A ticket whose "
        "worker is lost stays lost: take the new one."
    )
    if handed.TOO_OFTEN in found:
        said = "A job that has lost three workers was handed in a fourth time: give None instead."
    tries = lost.get(numbers[min(_apart(found, right), len(numbers) - 1)], 0)
    loses = "once" if tries == 1 else f"{tries} times"
    more = {"look_at": f"a job that loses its worker {loses}"} if tries else {}
    yield not_yet(label, 1, said, **_shown(found, right) | more)


def _failing(function: Function, numbers: list[int], results: dict) -> Iterator[Part]:
    label = "jobs that fail"
    bad = (numbers[0], numbers[8], numbers[12])
    found = _collected(function, numbers, results, wrong=bad)
    right = [None if job in bad else results[job] for job in numbers]
    if found == right:
        yield passed(label, 1)
        return
    said = "A job that raises an error of its own gives None; all others give their results."
    if handed.AGAIN in found:
        said = "A job that fails by itself was handed in again. It fails again, and costs again."
    yield not_yet(label, 1, said, **_shown(found, right))
