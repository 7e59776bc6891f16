"""Checks of day 4, notebook 4: fingerprints, a gate, verdicts, drifts, alarms, and a sweep."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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
HEX_DIGITS = 32
GAPS_SHARE = 0.3
"""Of the values of a column that are missing, in a third of the columns."""


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
    changed = cases.changed(table, settings, code, rng)
    blind = [what for what, given in changed.items() if _text(function, *given) == usual]
    if blind:
        yield not_yet(label, 2, f"{_BLIND} {blind[0]}.{_WHY_BLIND.get(blind[0], '')}", got=usual)
        yield not_yet("what else is asked", 3, "First it must see other data as other data.")
        return
    yield passed(label, 2)
    label = "small changes"
    small = cases.small(table, settings, code, rng)
    blind = [what for what, given in small.items() if _text(function, *given) == usual]
    if blind:
        yield not_yet(label, 1, f"{_BLIND} {blind[0]}.{_WHY_BLIND[blind[0]]}", got=usual)
    else:
        yield passed(label, 1)
    label = "the same, another way round"
    same = cases.same(table, settings, code, rng)
    moved = [what for what, given in same.items() if _text(function, *given) != usual]
    if moved:
        yield not_yet(label, 2, f"The text is another one after {moved[0]}.{_WHY_MOVED[moved[0]]}")
    else:
        yield passed(label, 2)


_BLIND = "The text stays the same with"
_WHY_BLIND = {
    "one value changed in the middle of the table": " `str` and `repr` of a long table leave its "
    "middle out: write all of it, as `to_csv` does.",
    "one value changed in its last digit": " Rounding hides it: `to_csv` without a format "
    "writes all digits.",
    "another name of one column": " Names of columns belong to the data.",
    "the names of two columns swapped": " Names of columns belong to the data.",
    "the names of two batches swapped": " The index, which names the batches, belongs to the data.",
    "the names of two settings swapped": " The keys of the settings belong to them.",
}
_WHY_MOVED = {
    "a second call with the same things": " Time, `id`, `uuid` and random numbers tell nothing "
    "about the data.",
    "another order of the batches": " `sort_index` brings them into one order.",
    "another order of the columns": " `sort_index(axis=1)` brings them into one order.",
    "another order of the settings": " `json.dumps(settings, sort_keys=True)` has one order.",
}


def _text(function: Function, table: pd.DataFrame, settings: dict, code: str) -> str:
    answer = function(table.copy(), dict(settings), code, shown="table, settings, code")
    text = answer.strip().lower() if isinstance(answer, str) else ""
    if len(text) >= HEX_DIGITS and set(text) <= set("0123456789abcdef"):
        return text
    said = f"Give the hexadecimal text of a hash, {HEX_DIGITS} digits or more."
    if isinstance(answer, int | np.integer) or text.lstrip("-").isdigit():
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
        if found != set(reasons):
            what = [f"{k} = {(own | results).get(k, 'not there')!r}" for k in changed | measured]
            limit = [f"{k} {' '.join(map(str, limits[k]))}" for k in measured if k in limits]
            yield not_yet(
                label,
                points,
                _wrong_reasons(found, set(reasons), measured, limits),
                got=f"{sorted(found)}",
                expected=f"{sorted(reasons)}",
                look_at="; ".join([*what, *limit]) or "all results at their limits or better",
            )
            return
    yield passed(label, points)


def _wrong_reasons(found: set, right: set, measured: dict, limits: Mapping) -> str:
    if any(isinstance(value, float) and math.isnan(value) for value in measured.values()):
        return "NaN is neither above nor below a limit: ask for what is good, and refuse the rest."
    if not right:
        return "What lies exactly at its limit keeps it, and a good model has no reasons."
    if found < right and len(right) > 1:
        return "Not all reasons are given. Who mends one should not meet the next a day later."
    if found <= right:
        return "This should have been refused."
    return "Something else was refused than what is wrong."


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
    said = recognised(found, wrong.shares(tables, limits), rtol=1e-4)
    if not said and np.allclose(np.array(found) / 100, right, rtol=0.2):
        said = "In per cent: give a share between 0 and 1."
    otherwise = "Not the share of poor batches, each finished one weighted by 1 / chance."
    yield not_yet("`fair_share`", 2, said or otherwise, got=f"{found[0]:.4f}",
                  expected=f"{right[0]:.4f}")  # fmt: skip


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · What has changed?", points=5)
def changes(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``psi`` and ``drifted``."""
    yield from guarded("`psi`", 2, _stability(answers, plant_seed))
    yield from guarded("`drifted`", 3, _columns(answers, plant_seed))


def _stability(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("psi")
    pairs = _samples(plant_seed)
    found = [number(function(*(v.copy() for v in p), shown="reference, new"), "psi") for p in pairs]
    right = [material._psi(*pair) for pair in pairs]
    if np.allclose(found, right, rtol=2e-3):
        yield passed("`psi`", 2)
        return
    said = recognised(found, wrong.indices(pairs), rtol=2e-3)
    otherwise = "Not the index by the deciles of the reference, half a batch more in each bin."
    yield not_yet("`psi`", 2, said or otherwise, got=f"{found[0]:.4f}", expected=f"{right[0]:.4f}")


def _samples(plant_seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return sensors of a plant, and the same in later batches, some of them moved."""
    rng = np.random.default_rng([plant_seed, 49])
    table = material._stretch(plant_seed, 3, material.LEARNED)
    later = material._stretch(plant_seed, 4, material.QUIET)
    pairs = []
    # Without ties: a value at the very edge of a bin may be counted on either side.
    smooth = [name for name in material.INPUTS if table[name].is_unique]
    for name in rng.choice(smooth, 4, replace=False):
        moved = later[name] + rng.uniform(0.3, 1.2) * table[name].std()
        pairs.append((table[name].to_numpy(), moved.to_numpy()))
    return pairs


def _columns(answers: Answers, plant_seed: int) -> Iterator[Part]:
    function = answers.function("drifted")
    tables = _moved(plant_seed)
    found = [_names(function, *pair) for pair in tables]
    right = [set(material._drifted(*pair)) for pair in tables]
    if found == right:
        yield passed("`drifted`", 2)
    else:
        said = next((said for sets, said in wrong.found(tables) if sets == found), "")
        said = said or "Not what Benjamini and Hochberg leave of the p-values, at 0.05."
        k = next(k for k in range(len(tables)) if found[k] != right[k])
        got, expected = (", ".join(sorted(names)) or "none" for names in (found[k], right[k]))
        yield not_yet("`drifted`", 2, said, got=got, expected=expected)
        yield not_yet("gaps", 1, "First the columns without gaps, above.")
        return
    rng = np.random.default_rng([plant_seed, 50])
    yield from guarded("gaps", 1, _with_gaps(function, tables, rng))


def _with_gaps(
    function: Function, tables: Sequence[tuple], rng: np.random.Generator
) -> Iterator[Part]:
    for reference, new in tables[:2]:
        holed = _holed(reference, new, rng)
        found, p = _names(function, reference, holed), material._p_values(reference, holed)
        if found != (right := set(material._discoveries(p))):
            said = "Where a value is missing, leave it out of its own column, and nothing else."
            got, expected = (", ".join(sorted(names)) or "none" for names in (found, right))
            yield not_yet("gaps", 1, said, got=got, expected=expected)
            return
    yield passed("gaps", 1)


def _holed(reference: pd.DataFrame, new: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make holes in a third of the columns, so that no p-value becomes a close call."""
    while True:
        holed = new.copy()
        for name in rng.choice(new.columns, len(new.columns) // 3, replace=False):
            holed[name] = new[name].where(rng.random(len(new)) > GAPS_SHARE)
        if _is_clear(material._p_values(reference, holed)):
            return holed


def _names(function: Function, reference: pd.DataFrame, new: pd.DataFrame) -> set[str]:
    answer = function(reference.copy(), new.copy(), shown="reference, new")
    if isinstance(answer, list | tuple | set | frozenset | np.ndarray | pd.Series | pd.Index):
        names = list(answer)
        if all(isinstance(name, str) and name in reference for name in names):
            return set(names)
    said = "Give a list of names of columns; an empty one where nothing has changed."
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))


@lru_cache(maxsize=4)
def _moved(plant_seed: int) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return tables dealt out of the same batches, of which a few columns are moved.

    So that each wrong procedure calls others than the right one, and no p-value is a close call.
    """
    rng = np.random.default_rng([plant_seed, 51])
    parts = [material._stretch(plant_seed, *which) for which in ((3, 120), (4, 60))]
    table = pd.concat(parts, ignore_index=True).drop(columns=material.TARGET)
    tables = []
    while len(tables) < 3:
        dealt = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
        reference, new = dealt.iloc[:120], dealt.iloc[120:].copy()
        for name in rng.choice(table.columns, 7, replace=False):
            new[name] += rng.uniform(0.3, 0.9) * table[name].std()
        p = material._p_values(reference, new)
        sets = [set(material._discoveries(p)), set(p.index[p <= 0.05]),
                set(p.index[p <= 0.05 / len(p)])]  # fmt: skip
        exact = material._p_values(reference, new, "auto")
        same = set(material._discoveries(exact)) == sets[0]
        if sets[2] < sets[0] < sets[1] and same and _is_clear(p):
            tables.append((reference, new))
    return tables


def _is_clear(p: pd.Series) -> bool:
    """Tell whether another way to count the same p-values leaves the discoveries as they are."""
    found = [set(material._discoveries(p * factor)) for factor in (0.8, 1.0, 1.25)]
    return found[0] == found[1] == found[2]


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · The alarm", points=6)
def alarms(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``alarm``: false ones in quiet batches, and drifts that are found in time."""
    function = answers.function("alarm")

    def alarm(reference: pd.DataFrame, seen: pd.DataFrame) -> bool:
        return _raised(function(reference, seen, shown="reference, seen"))

    plants, false = _plants(plant_seed), 0
    for seed in plants:
        raised = material._watch(alarm, material.reference(seed), material.quiet(seed))
        false += len(raised)
    usual_false, usual_found = _usual(plant_seed)
    quiet = f"{false} alarms in {PLANTS * material.QUIET} quiet batches"
    if false > TOO_MANY:
        said = (
            "Most of these alarms are false. Columns move with each new lot of serum; a gap "
            "between a probe and its witness does not. Watch the gaps."
        )
        yield not_yet("drifts and quiet", 6, said, got=quiet, expected=f"{FALSE_ALARMS} or fewer")
        return
    found, missed = _found(alarm, plants)
    some = found >= usual_found / 2
    yield _in_time(found, usual_found, missed)
    label, most = "quiet batches", max(FALSE_ALARMS, usual_false + MORE_FALSE)
    if not some:
        yield not_yet(label, 2, "An alarm that finds few drifts is quiet for nothing.", got=quiet)
    elif false <= most:
        yield passed(label, 2, quiet)
    else:
        said = "Too many false alarms: people stop looking. A higher limit has fewer of them."
        yield not_yet(label, 2, said, got=quiet, expected=f"{most} or fewer")


def _raised(answer: Any) -> bool:
    if isinstance(answer, bool | np.bool_):
        return bool(answer)
    said = "`alarm` should give True or False: whether to raise it after the last batch seen."
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))


def _found(alarm: Any, plants: Sequence[int]) -> tuple[int, list[str]]:
    """Return how many drifts are found within `WITHIN` batches, and the probes of the others."""
    found, missed = 0, []
    for seed in plants:
        reference = material.reference(seed)
        for stretch, drift in material._drills(seed, 1):
            last = drift.start + material.WITHIN
            raised = material._watch(alarm, reference, stretch.iloc[:last], until=drift.start)
            if any(k >= drift.start for k in raised):
                found += 1
            else:
                missed.append(drift.probe)
    return found, missed


@lru_cache(maxsize=8)
def _usual(plant_seed: int) -> tuple[int, int]:
    """Return the reference's false alarms, and the drifts that it finds in time."""
    plants = _plants(plant_seed)
    quiet = [material._watch(material._alarm, material.reference(seed), material.quiet(seed))
             for seed in plants]  # fmt: skip
    return sum(map(len, quiet)), _found(material._alarm, plants)[0]


def _in_time(found: int, usual: int, missed: list[str]) -> Part:
    label = "drifts within ten batches"
    drills = PLANTS * len(material.DRIFTS)
    got = f"{found} of {drills} found within {material.WITHIN} batches"
    if found >= usual - FEWER:
        return passed(label, 4, got)
    never = [probe for probe in material.DRIFTS if missed.count(probe) == PLANTS]
    said = "Too many drifts are found late, or never. Add up what a gap is off, batch by batch."
    if never and found:
        said = f"Of these probes no drift is found at all: {', '.join(never)}. Watch all gaps."
    earned = 2.0 if found >= usual / 2 else 0.0
    return not_yet(label, 4, said, earned=earned, got=got, expected=f"{usual - FEWER} or more")


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
        yield not_yet(label, 2, _why(sound, usual), got=f"{sound[:4]}…", expected=f"{usual[:4]}…")
        yield not_yet("what else is asked", 2, "First sound jobs on workers that stay, above.")
        return
    lost = {numbers[1]: 1, numbers[4]: 2, numbers[9]: 5}
    right = [None if lost.get(job, 0) >= material.TRIES else results[job] for job in numbers]
    yield from guarded("workers are lost", 1, _lost(function, numbers, results, lost, right))
    yield from guarded("jobs that fail", 1, _failing(function, numbers, results))


def _collected(function: Function, numbers: list[int], results: dict, **more: Any) -> list:
    pool = handed.Pool(len(numbers), results, **more)
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
    if handed.ALONE in found:
        return (
            "Each job was waited for before the next was handed in: one worker works, and all "
            "others idle. Hand all jobs in first, then collect."
        )
    if len(found) != len(right):
        return f"There are {len(found)} results of {len(right)} jobs; two of them are the same job."
    if None not in found and sorted(map(str, found)) == sorted(map(str, right)):
        return "All results are there, in another order than the jobs."
    return "Not the results of these jobs."


def _lost(
    function: Function, numbers: list[int], results: dict, lost: dict, right: list
) -> Iterator[Part]:
    label = "workers are lost"
    found = _collected(function, numbers, results, lost=lost)
    if found == right:
        yield passed(label, 1)
        return
    said = "A job whose worker is lost should be handed in again, three times in all."
    five = numbers.index(numbers[9])
    if len(found) == len(right) and found[five] == results[numbers[9]]:
        said = "A job that has lost three workers was handed in a fourth time: give None instead."
    wrong_at = next((k for k, pair in enumerate(zip(found, right, strict=False))
                     if pair[0] != pair[1]), 0)  # fmt: skip
    tries = lost.get(numbers[wrong_at], 0)
    yield not_yet(label, 1, said, got=f"{found[wrong_at]}", expected=f"{right[wrong_at]}",
                  look_at=f"a job that loses its worker {tries} times")  # fmt: skip


def _failing(function: Function, numbers: list[int], results: dict) -> Iterator[Part]:
    label = "jobs that fail"
    bad = (numbers[0], numbers[8])
    found = _collected(function, numbers, results, wrong=bad)
    right = [None if job in bad else results[job] for job in numbers]
    if found == right:
        yield passed(label, 1)
        return
    said = "A job that raises an error of its own gives None; all others give their results."
    if handed.AGAIN in found:
        said = "A job that fails by itself was handed in again. It fails again, and costs again."
    yield not_yet(label, 1, said, got=f"{found[0]}", expected="None")
