"""What goes wrong: seventeen faults, when, how badly, and where they act.

Most happen to batches; a batch has one at the most. F14 and F15 happen to data and live in
`vaxlab.plant.dirt`. Rates: published surveys lose 2 to 8 % of batches (BioPlan reports
2008 to 2022); how the kinds share them is our own choice.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from vaxlab.errors import CourseError
from vaxlab.plant.course import Course
from vaxlab.plant.parameters import VALUES

COURSE, HANDLING, DOWNSTREAM, DATA = "course", "handling", "downstream", "data"


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes
    ----------
    name : str
    share : float
        Of all batches (of all rows, for faults of data).
    onset_h : tuple of float, optional
        Earliest and latest onset of faults of the course, h after infection.
    onset : str
        How it sets in.
    signature : str
        What the instruments show.
    detectability : str
    acts : str
        Where: course, handling, downstream or data.
    """

    name: str
    share: float
    onset_h: tuple[float, float] | None
    onset: str
    signature: str
    detectability: str
    acts: str


FAULTS: dict[str, Fault] = {
    "F1": Fault(
        "pH probe drifts",
        0.012,
        (-90, -60),
        "gradual, 0.02 to 0.1 a day",
        "base addition is off; the offline pH disagrees",
        "hard: the controller hides it",
        COURSE,
    ),
    "F2": Fault(
        "oxygen supply fails",
        0.007,
        (4, 28),
        "step, 6 to 16 h",
        "DO collapses while the supply is called for",
        "easy",
        COURSE,
    ),
    "F3": Fault(
        "base or feed pump stops",
        0.007,
        (-18, -6),
        "step, 12 to 36 h",
        "totaliser flat, pH sags",
        "medium",
        COURSE,
    ),
    "F4": Fault(
        "temperature excursion",
        0.007,
        (6, 24),
        "pulse of 1.5 to 3 C up, 4 to 12 h",
        "temperature off its set point",
        "easy to medium",
        COURSE,
    ),
    "F5": Fault(
        "bacterial contamination",
        0.006,
        (38, 54),
        "exponential, doubling in 0.5 to 1 h",
        "oxygen uptake and base jump, lactate rises, DO falls to 0",
        "easy late, hard early",
        COURSE,
    ),
    "F6": Fault(
        "mycoplasma",
        0.004,
        (-96, -95),
        "from the start, slow",
        "growth a fifth slower, ammonium a little higher",
        "very hard",
        COURSE,
    ),
    "F7": Fault(
        "MOI wrong",
        0.008,
        None,
        "at infection: a tenth to a fiftieth, or ten to fifty times",
        "cells die late or early",
        "medium, by capacitance",
        HANDLING,
    ),
    "F8": Fault(
        "trypsin inactive",
        0.006,
        None,
        "at infection",
        "virus spreads slowly",
        "by lot",
        HANDLING,
    ),
    "F9": Fault(
        "harvest late or early",
        0.014,
        None,
        "at the end, 8 to 12 h",
        "none upstream",
        "by the calendar",
        HANDLING,
    ),
    "F10": Fault(
        "incomplete wash",
        0.005,
        None,
        "at infection: serum inhibits trypsin",
        "as F8",
        "hard",
        HANDLING,
    ),
    "F11": Fault(
        "stirrer stops",
        0.004,
        (-60, 20),
        "step, 8 to 20 h",
        "noise of the capacitance, DO falls",
        "medium",
        COURSE,
    ),
    "F12": Fault(
        "conductivity off at capture",
        0.008,
        None,
        "downstream, 10 to 20 %",
        "recovery at capture falls; the tag is there and nobody looks",
        "easy once looked at",
        DOWNSTREAM,
    ),
    "F13": Fault(
        "sterile filter clogs or breaks",
        0.004,
        None,
        "downstream",
        "pressure; failed integrity test",
        "easy",
        DOWNSTREAM,
    ),
    "F14": Fault(
        "slip, swap or double entry",
        0.02,
        None,
        "single rows",
        "a pair that cannot be",
        "by rule",
        DATA,
    ),
    "F15": Fault(
        "clock kept summer time",
        0.006,
        None,
        "a range of weeks",
        "one hour between historian and LIMS",
        "by joining",
        DATA,
    ),
    "F16": Fault(
        "virus added late",
        0.004,
        (0, 0),
        "at infection: the medium is changed on time, virus comes 5 to 12 h later",
        "cells die hours later than usual",
        "medium, by capacitance; nobody notes it",
        COURSE,
    ),
    "F17": Fault(
        "temperature off after infection",
        0.004,
        (0, 0),
        "from infection on, 2 to 4 C too cold or 1.2 to 2.2 C too warm",
        "none of the temperature: jacket and Pt100 agree; virus spreads slowly, or decays",
        "very hard",
        COURSE,
    ),
}

OF_BATCHES = tuple(name for name, fault in FAULTS.items() if fault.acts != DATA)
NEARLY_INVISIBLE = ("F1", "F6")
"""To T² and SPE on the historian: a controller, or slowness, hides them."""

_LASTS_H = {"F2": (6, 16), "F3": (12, 36), "F4": (4, 12), "F11": (8, 20), "F16": (8, 18)}
"""Shortest and longest; what is not here ends with the batch or its repair."""


@dataclass(frozen=True)
class Plan:
    """Which batch has which fault; arrays (B,).

    Attributes
    ----------
    fault : str array
        A key of `FAULTS`, empty for a sound batch.
    onset_h : array
        H after infection; NaN where nothing happens to the culture on its way.
    hours : array
        How long it lasts, infinite where nothing ends it but a repair.
    severity : array
        0 (mild) to 1.
    sign : array
        -1 or 1, where a fault can go two ways.
    """

    fault: np.ndarray
    onset_h: np.ndarray
    hours: np.ndarray
    severity: np.ndarray
    sign: np.ndarray


def draw(rng: np.random.Generator, n: int, shares: Mapping[str, float] | None = None) -> Plan:
    """Give faults to n batches, each kind as often as its share says, rounded by chance.

    Parameters
    ----------
    rng : Generator
    n : int
    shares : mapping of str to float, optional
        Kind (`OF_BATCHES`) to its share of all batches, for a line that has more or fewer of some;
        the others keep that of `FAULTS`.

    Raises
    ------
    CourseError
        A kind is unknown, or the shares are no shares.
    """
    table = {name: FAULTS[name].share for name in OF_BATCHES} | dict(shares or {})
    if set(table) != set(OF_BATCHES):
        raise CourseError(
            f"faults.draw: shares has {sorted(set(table) - set(OF_BATCHES))}; expected kinds of "
            f"faults that happen to batches: {', '.join(OF_BATCHES)}."
        )
    if not (min(table.values()) >= 0 and sum(table.values()) <= 1):  # NaN fails, too
        raise CourseError(
            f"faults.draw: shares = {dict(shares or {})} of all batches; expected 0 or more each, "
            "and 1 at the most for all kinds together. Lower some."
        )
    ends = np.concatenate([[0.0], np.cumsum(list(table.values())) * n]) + rng.random()
    counts = np.diff(np.floor(ends)).astype(int)
    fault = np.full(n, "", dtype="<U3")
    kinds = np.repeat(OF_BATCHES, counts)
    fault[rng.choice(n, size=len(kinds), replace=False)] = kinds
    place, severity = rng.random((2, n))
    length, sign = rng.random(n), np.where(rng.random(n) < 0.5, -1.0, 1.0)
    onset, hours = np.full(n, np.nan), np.full(n, np.inf)
    for name in OF_BATCHES:
        here, window = fault == name, FAULTS[name].onset_h
        if window is not None:
            onset[here] = window[0] + (window[1] - window[0]) * place[here]
        if name in _LASTS_H:
            short, long = _LASTS_H[name]
            # How late virus comes is how bad it is; other faults may be mild and long.
            share = severity if name == "F16" else length
            hours[here] = short + (long - short) * share[here]
    return Plan(fault, onset, hours, severity, sign)


@dataclass(frozen=True)
class Forced:
    """A fault that somebody wants a batch to have.

    Attributes
    ----------
    batch : int
        Which, from 0.
    fault : str
        One of `OF_BATCHES`.
    onset_h : float, optional
        H after infection, for faults of the course; None: in the middle of when the kind sets in.
    severity : float
        0 (mild) to 1.
    hours : float, optional
        How long it lasts, for faults of the course; None: as the kind does, by its severity.
    sign : float
        -1 or 1, where a fault can go two ways: F1 reads too low or too high, F3 stops the feed or
        the base pump, F7 gives a tenth or ten times the virus, F9 harvests early or late, F13
        breaks or clogs the filter, F17 is too cold or too warm.
    """

    batch: int
    fault: str
    onset_h: float | None
    severity: float
    hours: float | None = None
    sign: float = 1.0


def checked(forced: Iterable[Forced], n: int) -> tuple[Forced, ...]:
    """Return the faults that n batches shall have, as far as that can be said before their times.

    Raises
    ------
    CourseError
        The message names the fault, the field, its value and what is expected.
    """
    if not isinstance(forced, Iterable) or isinstance(forced, str):
        forced = [forced]
    forced = tuple(forced)
    for each in forced:
        if not isinstance(each, Forced):
            raise CourseError(
                f"campaign.run: forced holds {each!r}; expected faults.Forced objects, such as "
                'Forced(batch=3, fault="F2", onset_h=12.0, severity=0.5).'
            )
        wrong = _wrong(each, n)
        if wrong:
            raise CourseError(f"campaign.run: {_told(each)}: {wrong}.")
    batches = [each.batch for each in forced]
    twice = sorted({b for b in batches if batches.count(b) > 1})
    if twice:
        raise CourseError(
            f"campaign.run: forced gives more than one fault to batches {twice}; a batch has one "
            "at the most. Take the others out."
        )
    return tuple(replace(each, batch=int(each.batch)) for each in forced)


def force(
    plan: Plan,
    forced: Iterable[Forced],
    grown_h: np.ndarray,
    harvest_h: np.ndarray,
    fed: np.ndarray,
) -> Plan:
    """Give batches the faults that they shall have, instead of those that they had.

    Parameters
    ----------
    plan : Plan
        Of B batches.
    forced : iterable of Forced
        From `checked`.
    grown_h, harvest_h : array (B,)
        From inoculation to infection, and from there to harvest.
    fed : array (B,)
        What their recipes feed, mmol/L/h.

    Raises
    ------
    CourseError
        A fault begins outside of its batch, virus comes after the harvest, or a pump shall stop
        that does not run.
    """
    plan = Plan(**{name: values.copy() for name, values in vars(plan).items()})
    for each in forced:
        b, window = each.batch, FAULTS[each.fault].onset_h
        onset, hours = np.nan, np.inf
        if window is not None:
            usual = np.clip(np.mean(window), -grown_h[b], harvest_h[b])
            onset = usual if each.onset_h is None else each.onset_h
            if not -grown_h[b] <= onset < harvest_h[b]:
                raise CourseError(
                    f"campaign.run: {_told(each)}: onset_h = {onset:g} h after infection is "
                    f"outside of the batch; expected {-grown_h[b]:.1f} to {harvest_h[b]:.1f} h, "
                    "from its inoculation to its harvest."
                )
        if each.fault in _LASTS_H:
            short, long = _LASTS_H[each.fault]
            hours = short + (long - short) * each.severity
        hours = hours if each.hours is None else each.hours
        if each.fault == "F16" and hours >= harvest_h[b]:
            raise CourseError(
                f"campaign.run: {_told(each)}: the virus comes {hours:g} h late, after the "
                f"harvest at {harvest_h[b]:.1f} h; expected fewer hours."
            )
        if each.fault == "F3" and each.sign < 0 and fed[b] == 0:
            raise CourseError(
                f"campaign.run: {_told(each)}: with sign = -1 the feed pump stops, and this batch "
                "has no feed. Give it one, with set_points={'feed_mmol_per_l_h': 0.2}, or stop the "
                "base pump, with sign = 1."
            )
        plan.fault[b], plan.onset_h[b], plan.hours[b] = each.fault, onset, hours
        plan.severity[b], plan.sign[b] = each.severity, each.sign
    return plan


def _told(each: Forced) -> str:
    return f"the forced fault {each.fault!r} of batch {each.batch!r}"


def _wrong(each: Forced, n: int) -> str:
    """Say what is wrong about a fault that shall be, whatever its batch; empty if nothing is."""
    whole = isinstance(each.batch, int | np.integer) and not isinstance(each.batch, bool)
    if not whole or not 0 <= each.batch < n:
        return f"batch = {each.batch!r}; expected a whole number from 0 to {n - 1}"
    if each.fault not in OF_BATCHES:
        if each.fault in FAULTS:
            return (
                "it happens to data, not to batches, and the LIMS has it without being asked; "
                f"expected one of {', '.join(OF_BATCHES)}"
            )
        near = difflib.get_close_matches(str(each.fault), OF_BATCHES, n=1, cutoff=0.0)[0]
        return (
            f"there is no such fault; the nearest one is {near!r}, {FAULTS[near].name}. All of "
            f"them: {', '.join(OF_BATCHES)}"
        )
    if not (_is_number(each.severity) and 0 <= each.severity <= 1):
        return f"severity = {each.severity!r}; expected 0 (mild) to 1"
    if not (_is_number(each.sign) and abs(each.sign) == 1):
        return f"sign = {each.sign!r}; expected -1 or 1"
    if each.onset_h is not None and not (_is_number(each.onset_h) and np.isfinite(each.onset_h)):
        return f"onset_h = {each.onset_h!r}; expected hours after infection, or None"
    if each.hours is not None and not (_is_number(each.hours) and each.hours > 0):
        return f"hours = {each.hours!r}; expected more than 0 h, or None for what is usual"
    kind = FAULTS[each.fault]
    if kind.onset_h is None and not (each.onset_h is None and each.hours is None):
        return (
            f"onset_h = {each.onset_h!r} h and hours = {each.hours!r} h have no meaning for "
            f"{kind.name} ({kind.onset}); expected None for both"
        )
    if each.fault == "F16" and each.onset_h not in (None, 0):
        return (
            f"onset_h = {each.onset_h!r} h; virus is late from hour 0 on: expected 0 or None, and "
            "in hours how late it is"
        )
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def none(n: int) -> Plan:
    """Return n sound batches."""
    nothing = np.full(n, np.nan)
    return Plan(np.full(n, "", dtype="<U3"), nothing, nothing, np.zeros(n), np.ones(n))


def course(plan: Plan, time_h: np.ndarray, repaired_h: np.ndarray | float = np.inf) -> Course:
    """Return what the faults do to the culture while it runs.

    Parameters
    ----------
    plan : Plan
        Of B batches.
    time_h : array (S,)
        Starts of the integration steps, h after infection: `vaxlab.plant.batch.step_hours`.
    repaired_h : array (B,) or number
        From when on somebody has mended what can be mended.

    Returns
    -------
    Course
        Fields of shape (B, S).
    """
    n = len(plan.fault)
    since = time_h[None, :] - plan.onset_h[:, None]
    repaired = np.broadcast_to(np.asarray(repaired_h, dtype=float), (n,))[:, None]
    with np.errstate(invalid="ignore"):
        on = (since >= 0) & (since < plan.hours[:, None])
    mendable = on & (time_h[None, :] < repaired)
    severity, sign = plan.severity[:, None], plan.sign[:, None]

    def where(name: str, active: np.ndarray = mendable) -> np.ndarray:
        return (plan.fault == name)[:, None] & active

    drift = (0.02 + 0.08 * severity) / 24 * np.where(on, since, 0.0) * sign
    doubling = 1.0 - 0.5 * severity
    # No repair kills germs; 0.01 mmol/L/h is what nobody sees, 15 what a dense culture takes up.
    grown = np.where(where("F5", on), 0.01 * 2 ** np.minimum(since / doubling, 60), 0.0)
    uptake = np.minimum(grown, 15.0)
    stopped = where("F3")
    base = sign > 0
    off = np.where(sign > 0, 1.2 + 1.0 * severity, -2.0 - 2.0 * severity)
    unseen = np.where(where("F17"), off, 0.0)
    return Course(
        temperature_offset_c=np.where(where("F4"), 1.5 + 1.5 * severity, unseen),
        temperature_hidden_c=unseen,
        ph_probe_error=np.where(where("F1"), drift, 0.0),
        kla_factor=np.where(where("F2"), 0.08 * (1 - severity), 1.0),
        base_pump=np.where(stopped & base, 0.0, 1.0),
        feed_pump=np.where(stopped & ~base, 0.0, 1.0),
        contaminant_our_mmol_per_l_h=uptake,
        contaminant_acid_mmol_per_l_h=0.3 * uptake,
        growth_factor=np.where(where("F6", on), 0.85 - 0.1 * severity, 1.0),
        agitation_factor=np.where(where("F11"), 0.3 * (1 - severity), 1.0),
        # Maintenance has no virus: what is late stays late.
        entry_factor=np.where(where("F16", on), 0.0, 1.0),
    )


def handling(plan: Plan) -> dict[str, np.ndarray]:
    """Return the factors (B,) of faults of handling.

    Returns
    -------
    dict
        ``moi``, ``trypsin_activity``, ``exchange``, ``release`` (factors), ``harvest_h`` (hours
        late).
    """
    fault, severity = plan.fault, plan.severity
    # The equations have the virus in the reactor from hour 0 on, where it cannot enter yet but
    # decays. In truth it waits frozen: as much more of it leaves the usual dose when it comes.
    waits = np.where(fault == "F16", plan.hours, 0.0)
    return {
        "moi": np.where(
            fault == "F7",
            10.0 ** (plan.sign * (1 + 0.7 * severity)),
            np.exp(VALUES["k_Vi"] * waits),
        ),
        "trypsin_activity": np.where(fault == "F8", 0.5 - 0.2 * severity, 1.0),
        "exchange": np.where(fault == "F10", 0.97 - 0.05 * severity, 1.0),
        "release": np.where(fault == "F6", 0.85 - 0.1 * severity, 1.0),
        "harvest_h": np.where(fault == "F9", plan.sign * (8 + 4 * severity), 0.0),
    }


def downstream(plan: Plan) -> dict[str, np.ndarray]:
    """Return what faults do downstream, arrays (B,).

    Returns
    -------
    dict
        ``conductivity`` (a factor), ``filter_clogged``, ``filter_broken``, ``mycoplasma``
        (flags).
    """
    filters = plan.fault == "F13"
    return {
        "conductivity": np.where(plan.fault == "F12", 1.10 + 0.10 * plan.severity, 1.0),
        "filter_clogged": filters & (plan.sign > 0),
        "filter_broken": filters & (plan.sign < 0),
        "mycoplasma": plan.fault == "F6",
    }


def germs_per_100ml(plan: Plan, harvest_h: np.ndarray) -> np.ndarray:
    """Return the bacteria (B,) at harvest, CFU/100 mL after clarification.

    Parameters
    ----------
    plan : Plan
    harvest_h : array (B,)
        H after infection.
    """
    hours = np.where(plan.fault == "F5", harvest_h - plan.onset_h, -np.inf)
    doublings = np.clip(hours / (1.0 - 0.5 * plan.severity), -60, 30)
    return np.where(hours > 0, np.round(100 * 2.0**doublings), 0.0)


def take(plan: Plan, rows: np.ndarray) -> Plan:
    """Return the faults of some batches."""
    return Plan(**{name: values[rows] for name, values in vars(plan).items()})
