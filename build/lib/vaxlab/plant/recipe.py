"""What the plant is asked to do: a recipe, checked when it is written down."""

import difflib
import functools
import math
from dataclasses import dataclass, fields
from typing import Any

Profile = float | tuple[tuple[float, float], ...]
"""A set point: a number, or pairs of (hours after infection, value from then on)."""


@dataclass(frozen=True)
class Limit:
    """Unit and physical range of a field of a recipe."""

    unit: str
    low: float
    high: float


LIMITS: dict[str, Limit] = {
    "moi": Limit("infectious virions per cell", 1e-7, 20.0),
    "inoculum_cells_per_ml": Limit("cells/mL", 2e4, 2e6),
    "carrier_g_per_l": Limit("g/L", 0.2, 6.0),
    "growth_time_h": Limit("h", 12.0, 240.0),
    "infection_duration_h": Limit("h", 6.0, 168.0),
    "growth_temperature_c": Limit("°C", 29.0, 41.0),
    "infection_temperature_c": Limit("°C", 28.0, 41.0),
    "ph": Limit("pH", 6.2, 8.0),
    "do_percent": Limit("% air saturation", 2.0, 150.0),
    "trypsin_bu_per_ml": Limit("BAEE U/mL", 0.0, 30.0),
    "glucose_mmol_per_l": Limit("mmol/L", 5.0, 60.0),
    "glutamine_mmol_per_l": Limit("mmol/L", 0.5, 12.0),
    "agitation_rpm": Limit("1/min", 20.0, 150.0),
    "feed_mmol_per_l_h": Limit("mmol/L/h of glucose", 0.0, 3.0),
    "exchanged_share": Limit("of the medium", 0.3, 1.0),
}

PROFILES = ("growth_temperature_c", "infection_temperature_c", "ph", "do_percent")
"""Fields that may be a `Profile`."""

# Slips of the pen that have a name: (fields, how to undo it, its name).
_SLIPS = (
    (("growth_temperature_c", "infection_temperature_c"), lambda v: v - 273.15, "kelvin"),
    (
        ("growth_temperature_c", "infection_temperature_c"),
        lambda v: (v - 32) / 1.8,
        "degrees Fahrenheit",
    ),
    (("moi", "carrier_g_per_l"), lambda v: v / 1000, "× 1000"),
    (("inoculum_cells_per_ml",), lambda v: v * 1e6, "in millions"),
    (("inoculum_cells_per_ml",), lambda v: v * 1e5, "in units of 1e5"),
    (("inoculum_cells_per_ml",), lambda v: v / 1000, "per litre"),
    (("do_percent",), lambda v: v * 100, "as a fraction"),
    (("growth_time_h", "infection_duration_h"), lambda v: v * 24, "in days"),
    (("growth_time_h", "infection_duration_h"), lambda v: v / 60, "in minutes"),
    (("glucose_mmol_per_l",), lambda v: v / 0.180, "in g/L"),
    (("glutamine_mmol_per_l",), lambda v: v / 0.146, "in g/L"),
    (("exchanged_share",), lambda v: v / 100, "in percent"),
    (("agitation_rpm",), lambda v: v * 60, "per second"),
)


@dataclass(frozen=True)
class Recipe:
    """Set points of one batch; ``Recipe()`` is the published base case.

    Attributes
    ----------
    moi : float
        Infectious virions per cell at infection.
    inoculum_cells_per_ml : float
        Cells added to the carriers, cells/mL.
    carrier_g_per_l : float
        Microcarriers, g/L.
    growth_time_h : float
        From inoculation to infection, h.
    infection_duration_h : float
        From infection to harvest, h.
    growth_temperature_c, infection_temperature_c : float or profile
        Temperature before and after infection, °C; the culture follows with a lag of an hour.
    ph : float or profile
        pH, held within what carbon dioxide and base can do.
    do_percent : float or profile
        Dissolved oxygen, % of air saturation, held within what the gas can give.
    trypsin_bu_per_ml : float
        Trypsin during infection, BAEE U/mL.
    glucose_mmol_per_l, glutamine_mmol_per_l : float
        In fresh medium: at the start, and again after the exchange at infection, mmol/L.
    agitation_rpm : float
        Stirring, 1/min: it brings oxygen, and harms cells when it is fast.
    feed_mmol_per_l_h : float
        Glucose fed all the time, mmol/L/h.
    exchanged_share : float
        Share of the medium that the exchange at infection replaces; serum in the rest inhibits
        trypsin.

    Raises
    ------
    ValueError
        A field is unknown, no finite number or out of its physical range, or the times of a
        profile contradict each other or the batch; the message names field, value, unit and
        range, and guesses at the slip.

    Notes
    -----
    A profile is ``((time_h, value), …)``, in hours after infection (negative during growth):
    each value holds from its time on, the first also before it.

    Source of the base case: Genzel et al. 2004, Vaccine 22:2202 (equine influenza in MDCK
    cells on microcarriers, MOI 0.025).
    """

    moi: float = 0.025
    inoculum_cells_per_ml: float = 2.5e5
    carrier_g_per_l: float = 2.0
    growth_time_h: float = 96.0
    infection_duration_h: float = 72.0
    growth_temperature_c: Profile = 37.0
    infection_temperature_c: Profile = 37.0
    ph: Profile = 7.2
    do_percent: Profile = 60.0
    trypsin_bu_per_ml: float = 5.0
    glucose_mmol_per_l: float = 30.0
    glutamine_mmol_per_l: float = 4.0
    agitation_rpm: float = 60.0
    feed_mmol_per_l_h: float = 0.0
    exchanged_share: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in PROFILES and isinstance(value, list | tuple):
                checked = self._profile(field.name, value)
            else:
                checked = _number(field.name, value)
            object.__setattr__(self, field.name, checked)

    def _profile(self, name: str, pairs: list | tuple) -> tuple[tuple[float, float], ...]:
        says = f"Recipe: {name} = {pairs!r}"
        if not pairs or any(not isinstance(p, list | tuple) or len(p) != 2 for p in pairs):
            raise ValueError(
                f"{says} is no profile; expected a number or pairs (hours after infection, "
                f"value in {LIMITS[name].unit}), such as ((0, 37), (24, 35))."
            )
        first = 0.0 if name == "infection_temperature_c" else -self.growth_time_h
        last = 0.0 if name == "growth_temperature_c" else self.infection_duration_h
        before = -math.inf
        done = []
        for time, value in pairs:
            hour = _finite(time)
            if not (first <= hour <= last and hour > before):
                raise ValueError(
                    f"{says}: the time {time!r} h is out of order or of the batch; expected "
                    f"ascending hours after infection from {first:g} to {last:g} h."
                )
            before = hour
            done.append((hour, _number(name, value)))
        return tuple(done)


_generated = Recipe.__init__


@functools.wraps(_generated)
def _init(self: Recipe, *values: Any, **named: Any) -> None:
    for name in named.keys() - LIMITS.keys():
        near = difflib.get_close_matches(name, LIMITS, n=1, cutoff=0.0)[0]
        raise ValueError(
            f"Recipe: there is no field {name!r} (given: {named[name]!r}); the nearest one is "
            f"{near}, {_expected(LIMITS[near])}. All fields: {', '.join(LIMITS)}."
        )
    _generated(self, *values, **named)


# The generated one would answer a misspelt field with a TypeError that names no other field.
Recipe.__init__ = _init


def _finite(value: object) -> float:
    """Return a finite number as a float, and anything else as NaN."""
    try:
        number = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def _number(name: str, value: object) -> float:
    limit = LIMITS[name]
    says = f"Recipe: {name} = {value!r} {limit.unit}"
    number = _finite(value)
    if math.isnan(number):
        raise ValueError(f"{says} is no finite number; {_expected(limit)}.")
    if not limit.low <= number <= limit.high:
        raise ValueError(
            f"{says} is out of range; {_expected(limit)}.{_guess(name, number, limit)}"
        )
    return number


def _expected(limit: Limit) -> str:
    return f"expected {limit.low:g} to {limit.high:g} {limit.unit}"


def _guess(name: str, value: float, limit: Limit) -> str:
    for names, undo, what in _SLIPS:
        if name in names and limit.low <= undo(value) <= limit.high:
            return f" {value:g} looks like {undo(value):g} {what}."
    return ""
