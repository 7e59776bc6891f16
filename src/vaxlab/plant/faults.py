"""What goes wrong: fifteen faults, when, how badly, and where they act.

Faults F1 to F13 happen to batches; a batch has one at the most. F14 and F15 happen to data and
live in `vaxlab.plant.dirt`. Rates: published surveys lose 2 to 8 % of batches (BioPlan reports
2008 to 2022); how the kinds share them is our own choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vaxlab.plant.course import Course

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
        (-50, 10),
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
        (14, 50),
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
        "at infection: a tenth or ten times",
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
}

OF_BATCHES = tuple(name for name, fault in FAULTS.items() if fault.acts != DATA)
NEARLY_INVISIBLE = ("F1", "F6")
"""To T² and SPE on the historian: a controller, or slowness, hides them."""

_LONGEST_H = {"F2": (6, 16), "F3": (12, 36), "F4": (4, 12), "F11": (8, 20)}


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

    ``shares`` replaces the share of some kinds; kinds that are not in `FAULTS` do not happen.
    """
    own = shares or {}
    shares_of_all = np.array([own.get(name, FAULTS[name].share) for name in OF_BATCHES])
    ends = np.concatenate([[0.0], np.cumsum(shares_of_all) * n]) + rng.random()
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
        if name in _LONGEST_H:
            short, long = _LONGEST_H[name]
            hours[here] = short + (long - short) * length[here]
    return Plan(fault, onset, hours, severity, sign)


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
    return Course(
        temperature_offset_c=np.where(where("F4"), 1.5 + 1.5 * severity, 0.0),
        ph_probe_error=np.where(where("F1"), drift, 0.0),
        kla_factor=np.where(where("F2"), 0.25 * (1 - severity), 1.0),
        base_pump=np.where(stopped & base, 0.0, 1.0),
        feed_pump=np.where(stopped & ~base, 0.0, 1.0),
        contaminant_our_mmol_per_l_h=uptake,
        contaminant_acid_mmol_per_l_h=0.3 * uptake,
        growth_factor=np.where(where("F6", on), 0.85 - 0.1 * severity, 1.0),
        agitation_factor=np.where(where("F11"), 0.3 * (1 - severity), 1.0),
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
    return {
        "moi": np.where(fault == "F7", 10.0**plan.sign, 1.0),
        "trypsin_activity": np.where(fault == "F8", 0.45 - 0.2 * severity, 1.0),
        "exchange": np.where(fault == "F10", 0.8 - 0.3 * severity, 1.0),
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
