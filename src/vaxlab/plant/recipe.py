"""What the plant is asked to do: a recipe, checked when it is written down."""

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Limit:
    """Unit and physical range of a field of a recipe."""

    unit: str
    low: float
    high: float


LIMITS: dict[str, Limit] = {
    "moi": Limit("infectious virions per cell", 1e-6, 20.0),
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
}

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
    growth_temperature_c, infection_temperature_c : float
        Temperature before and after infection, °C.
    ph : float
        pH, held all the time.
    do_percent : float
        Dissolved oxygen, % of air saturation, held all the time.
    trypsin_bu_per_ml : float
        Trypsin during infection, BAEE U/mL.
    glucose_mmol_per_l, glutamine_mmol_per_l : float
        In fresh medium: at the start, and again after the exchange at infection, mmol/L.

    Raises
    ------
    ValueError
        A field is no finite number or out of its physical range; the message names field,
        value, unit and range, and guesses at the slip.

    Notes
    -----
    Source of the base case: Genzel et al. 2004, Vaccine 22:2202 (equine influenza in MDCK
    cells on microcarriers, MOI 0.025).
    """

    moi: float = 0.025
    inoculum_cells_per_ml: float = 2.5e5
    carrier_g_per_l: float = 2.0
    growth_time_h: float = 96.0
    infection_duration_h: float = 72.0
    growth_temperature_c: float = 37.0
    infection_temperature_c: float = 37.0
    ph: float = 7.2
    do_percent: float = 60.0
    trypsin_bu_per_ml: float = 5.0
    glucose_mmol_per_l: float = 30.0
    glutamine_mmol_per_l: float = 4.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            limit = LIMITS[field.name]
            says = f"Recipe: {field.name} = {value!r} {limit.unit}"
            try:
                number = float(value)
            except (TypeError, ValueError):
                number = math.nan
            if isinstance(value, bool | str) or not math.isfinite(number):
                raise ValueError(f"{says} is no finite number; {_expected(limit)}.")
            if not limit.low <= number <= limit.high:
                guess = _guess(field.name, number, limit)
                raise ValueError(f"{says} is out of range; {_expected(limit)}.{guess}")
            object.__setattr__(self, field.name, number)


def _expected(limit: Limit) -> str:
    return f"expected {limit.low:g} to {limit.high:g} {limit.unit}"


def _guess(name: str, value: float, limit: Limit) -> str:
    for names, undo, what in _SLIPS:
        if name in names and limit.low <= undo(value) <= limit.high:
            return f" {value:g} looks like {undo(value):g} {what}."
    return ""
