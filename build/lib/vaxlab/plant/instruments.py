"""What the probes show: lag, noise, drift, and probes that fail.

The true states come from `vaxlab.plant.batch.Batches`; nothing here changes them. A pH probe that
reads wrong does change the culture, because the controller believes it: that happens in
`vaxlab.plant.course.Course`, and the same course tells the historian what the probe showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vaxlab.plant.batch import Batches, step_hours
from vaxlab.plant.course import Course
from vaxlab.plant.parameters import VALUES

if TYPE_CHECKING:
    import pandas as pd

Values = np.ndarray | float

VOLUME_L, GAS_L_PER_MIN = VALUES["V_reactor"], VALUES["gas"]


@dataclass(frozen=True)
class Tag:
    """A tag of the historian.

    Attributes
    ----------
    name, meaning : str
        The name ends in its unit.
    step : float
        What the historian rounds to.
    low, high : float
        What the instrument can show at all.
    relative : bool
    """

    name: str
    meaning: str
    step: float
    low: float
    high: float
    relative: bool = False

    @property
    def sd(self) -> float:
        """SD of its noise from minute to minute; relative where `relative` says so."""
        return VALUES[f"sd_{self.name}"]

    @property
    def wander_sd(self) -> float:
        """SD of what comes and goes within an hour (mixing, control, bubbles), in those terms."""
        return VALUES[f"wander_{self.name}"]

    @property
    def lag_min(self) -> float:
        """Time constant of the probe, min."""
        return VALUES[f"lag_{self.name}"]


TAGS: dict[str, Tag] = {
    tag.name: tag
    for tag in (
        Tag("temperature_c", "Pt100 in the culture, °C", 0.01, 0, 60),
        Tag("ph", "glass probe, pH", 0.01, 3, 11),
        Tag("do_percent", "optical probe, % of air saturation", 0.1, 0, 300),
        Tag("stirrer_rpm", "stirrer, 1/min", 0.5, 0, 200),
        Tag("air_l_per_min", "mass flow of air, L/min", 0.05, 0, 50, True),
        Tag("o2_l_per_min", "mass flow of oxygen, L/min", 0.05, 0, 50, True),
        Tag("n2_l_per_min", "mass flow of nitrogen, L/min", 0.05, 0, 50, True),
        Tag("co2_l_per_min", "mass flow of carbon dioxide, L/min", 0.02, 0, 50, True),
        Tag("base_total_ml", "base added since the last medium, mL", 10.0, 0, 2_000_000),
        Tag("feed_total_ml", "feed added since the last medium, mL", 10.0, 0, 2_000_000),
        Tag("weight_kg", "reactor on its scale, tared empty, kg", 0.5, 0, 5_000),
        Tag("pressure_mbar", "head space above the air outside, mbar", 0.5, 0, 500),
        Tag("capacitance_pf_per_cm", "580 kHz, pF/cm", 0.005, -1, 20),
        Tag("offgas_o2_percent", "oxygen in the dry off-gas, %", 0.01, 0, 100),
        Tag("offgas_co2_percent", "carbon dioxide in the dry off-gas, %", 0.01, 0, 100),
    )
}


_NOISELESS = ("feed_total_ml",)
"""Not even a random number is drawn for it, so that the noise of the others is what it was."""


@dataclass(frozen=True)
class ProbeCondition:
    """In what state the probes of B batches are; numbers, or arrays with one element a batch.

    The default is a plant with new probes.

    Attributes
    ----------
    ph_error : number or array
        What the pH probe reads too high at the start of the batch.
    ph_drift_per_day : number or array
        What comes on top in a day.
    ph_age_days : number or array
        Since the probe was fitted; an old glass is slower: its lag doubles in a year.
    do_error_percent, do_drift_percent_per_day : number or array
        What the DO probe reads too low at the start, and more in a day, % of the reading.
    temperature_error_c : number or array
        What the Pt100 reads too high.
    recalibrated_h : number or array
        Hours after infection at which pH and DO probes were calibrated anew, which takes their
        errors to zero in one step; NaN where they were not.
    """

    ph_error: Values = 0.0
    ph_drift_per_day: Values = 0.0
    ph_age_days: Values = 0.0
    do_error_percent: Values = 0.0
    do_drift_percent_per_day: Values = 0.0
    temperature_error_c: Values = 0.0
    recalibrated_h: Values = np.nan

    def of(self, name: str, batches: int) -> np.ndarray:
        """Return a field as an array (B,).

        Raises
        ------
        ValueError
            It has another shape.
        """
        values = np.asarray(getattr(self, name), dtype=float)
        if values.shape not in ((), (batches,)):
            raise ValueError(
                f"ProbeCondition: {name} has shape {values.shape}; expected a number, or one for "
                f"each of {batches} batches."
            )
        return np.broadcast_to(values, (batches,))


@dataclass(frozen=True)
class Failure:
    """A tag that fails for a while.

    Attributes
    ----------
    batch : int
        Which, from 0.
    tag : str
        A key of `TAGS`.
    kind : str
        ``"stuck"`` at its last value, ``"spikes"`` (one minute in fifteen is off by `size`),
        ``"offset"`` (off by `size` throughout), or ``"missing"``.
    from_h, until_h : float
        Hours after infection.
    size : float
        In the tag's unit.
    """

    batch: int
    tag: str
    kind: str
    from_h: float
    until_h: float
    size: float = 0.0

    def __post_init__(self) -> None:
        for value, known in ((self.tag, tuple(TAGS)), (self.kind, FAILURES)):
            if value not in known:
                raise ValueError(f"Failure: {value!r} is unknown; expected one of {known}.")


FAILURES = ("stuck", "spikes", "offset", "missing")
_SPIKES_EVERY_MIN = 15


@dataclass(frozen=True)
class Plausible:
    """A failure that happens in plants.

    Attributes
    ----------
    tags : tuple of str
        Those that fail together.
    kind : str
        One of `FAILURES`.
    shortest_h, longest_h : float
    size : float
        The largest, in the tags' unit; half of it at least.
    why : str
    """

    tags: tuple[str, ...]
    kind: str
    shortest_h: float
    longest_h: float
    size: float
    why: str


OFFGAS = ("offgas_o2_percent", "offgas_co2_percent")
PLAUSIBLE = (
    Plausible(("ph",), "spikes", 2, 10, 0.6, "a loop in the earth of the pH probe"),
    Plausible(("ph",), "stuck", 3, 10, 0.0, "the pH transmitter hangs"),
    Plausible(("do_percent",), "spikes", 2, 8, 40.0, "bubbles at the DO membrane"),
    Plausible(("temperature_c",), "spikes", 1, 5, 3.0, "a loose contact of the Pt100"),
    Plausible(("temperature_c",), "stuck", 3, 12, 0.0, "the temperature transmitter hangs"),
    Plausible(("capacitance_pf_per_cm",), "spikes", 2, 8, 1.5, "carriers between the electrodes"),
    Plausible(("capacitance_pf_per_cm",), "missing", 4, 20, 0.0, "the amplifier is off"),
    Plausible(OFFGAS, "missing", 4, 16, 0.0, "water in the line to the analysers"),
    Plausible(OFFGAS, "stuck", 4, 14, 0.0, "the analysers' valve stays on another reactor"),
    Plausible(("weight_kg",), "offset", 1, 6, 60.0, "something lies on the scale"),
    Plausible(("pressure_mbar",), "spikes", 2, 10, 80.0, "the filter of the exhaust is wet"),
    Plausible(("air_l_per_min",), "stuck", 4, 14, 0.0, "the flow meter hangs"),
)
"""Only the record fails: controllers read their probes by a line of their own."""


def draw_failures(
    rng: np.random.Generator, started: np.ndarray, infected: np.ndarray, harvested: np.ndarray
) -> list[Failure]:
    """Draw what fails in a history: probes here and there, and the historian as a whole.

    Parameters
    ----------
    rng : Generator
    started, infected, harvested : datetime64 array (B,)

    Returns
    -------
    list of Failure
        One a tag and batch; of an outage one for every tag.
    """
    hour = np.timedelta64(60, "m")
    begin, end = (started - infected) / hour, (harvested - infected) / hour
    failures = []
    n = len(started)
    for b in np.sort(rng.choice(n, size=round(VALUES["failing"] * n), replace=False)):
        what = PLAUSIBLE[rng.integers(len(PLAUSIBLE))]
        length = min(rng.uniform(what.shortest_h, what.longest_h), (end[b] - begin[b]) / 2)
        first = round(rng.uniform(begin[b] + 1, end[b] - length), 2)
        size = round(what.size * rng.uniform(0.5, 1.0), 2)
        last = round(first + length, 2)
        failures += [Failure(int(b), tag, what.kind, first, last, size) for tag in what.tags]
    days = (harvested.max() - started.min()) / np.timedelta64(1440, "m")
    for _ in range(rng.poisson(VALUES["outages"] * days / 365)):
        stop = started.min() + np.timedelta64(int(1440 * days * rng.random()), "m")
        length = min(rng.exponential(VALUES["outage_mean"]), VALUES["outage_most"])
        for b in np.flatnonzero((started <= stop) & (stop < harvested)):
            first = round(float((stop - infected[b]) / hour), 2)
            last = round(first + length, 2)
            failures += [Failure(int(b), tag, "missing", first, last) for tag in TAGS]
    return failures


def drift(
    start: Values, per_day: Values, begun_h: Values, recalibrated_h: Values, hours: np.ndarray
) -> np.ndarray:
    """Return the error of a probe that drifts, and is calibrated anew on the way.

    Parameters
    ----------
    start, per_day : number or array
        Error at the start, and what comes on top in a day.
    begun_h, recalibrated_h : number or array
        Hours after infection of the start and of a recalibration (NaN: none).
    hours : array
        Hours after infection; all arguments broadcast.
    """
    anew = hours >= recalibrated_h
    since = np.where(anew, recalibrated_h, begun_h)
    return np.where(anew, 0.0, start) + np.asarray(per_day) / 24 * (hours - since)


def historian(
    batches: Batches,
    condition: ProbeCondition,
    rng: np.random.Generator,
    every_min: int = 15,
    *,
    course: Course | None = None,
    failures: Iterable[Failure] = (),
    only: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Record what the probes show.

    Every probe is read once a minute. A view of more minutes holds their mean, labelled with
    their first minute, as historians do.

    Parameters
    ----------
    batches : Batches
        B batches; `temperature_c`, `ph`, `do_percent`, `base_mmol_per_l`,
        `base_rate_mmol_per_l_h`, `feed_rate_mmol_per_l_h`, `our_mmol_per_l_h`,
        `cer_mmol_per_l_h`, `dissolved_co2_mmol_per_l`, `gas_o2_fraction` and
        `biovolume_ul_per_ml` are read.
    condition : ProbeCondition
    rng : Generator
        Every batch has a stream of its own: the same generator gives the same minutes, whatever
        `every_min` and `only` are.
    every_min : int
        1 for all that there is, 15 for the view that fits a laptop.
    course : Course, optional
        What the batches were run with. Its `ph_probe_error` is then what the pH probe reads too
        high, instead of the condition's, its `agitation_factor` what the stirrer does, and its
        `temperature_hidden_c` what the Pt100 does not show.
    failures : iterable of Failure
    only : sequence of int, optional
        Which batches to record; all by default.

    Returns
    -------
    DataFrame
        ``batch`` (from 0), ``minute`` (since the batch's start), and the tags; NaN only where a
        failure says so, in any of the row's minutes. Capacitance follows living volume: it rises
        while infected cells swell, and falls behind the cells that die.

    Raises
    ------
    ValueError
        every_min is no whole number of 1 or more; a condition has a wrong shape.
    """
    import pandas as pd

    if every_min != int(every_min) or every_min < 1:
        raise ValueError(f"historian: every_min = {every_min} min; expected 1, 2, 3 … min.")
    n = len(batches)
    streams = rng.spawn(n)
    failures = tuple(failures)
    state = {name: condition.of(name, n) for name in ProbeCondition.__dataclass_fields__}
    starts = step_hours(batches.recipes)
    inputs = course.checked(n, len(starts)) if course else None
    tables = []
    for b in range(n) if only is None else only:
        hours, truth = _true(batches, b)
        own = {name: values[b] for name, values in state.items()}
        if inputs is None:
            error = drift(
                own["ph_error"], own["ph_drift_per_day"], hours[0], own["recalibrated_h"], hours
            )
            stirring = np.ones(len(hours))
        else:
            step = np.searchsorted(starts, hours, side="right") - 1
            whole_course = {
                name: np.broadcast_to(inputs[name], (n, len(starts)))[b]
                for name in ("ph_probe_error", "agitation_factor", "temperature_hidden_c")
            }
            error = whole_course["ph_probe_error"][step]
            stirring = whole_course["agitation_factor"][step]
            hidden = whole_course["temperature_hidden_c"]
            if hidden.any():
                truth["temperature_c"] -= _followed(hidden, starts, batches.time_h, hours)
        # From a stream of its own, so that no other noise depends on it.
        gas, base = streams[b].spawn(1)[0].standard_normal(2)
        ideal = _ideal(
            truth,
            hours,
            stirring,
            off_balance=np.exp(VALUES["sd_gas_CO2"] * gas),
            base_strength=np.exp(VALUES["sd_base"] * base),
        )
        shown = _show(ideal, own, error, hours, streams[b])
        for failure in failures:
            if failure.batch == b:
                tag = TAGS[failure.tag]
                _fail(shown[failure.tag], failure, hours)
                np.clip(shown[failure.tag], tag.low, tag.high, out=shown[failure.tag])
        whole = len(hours) // every_min
        table = {"batch": np.full(whole, b), "minute": np.arange(whole) * every_min}
        for name, tag in TAGS.items():
            minutes = _rounded(shown[name], tag.step)
            blocks = minutes[: whole * every_min].reshape(whole, every_min)
            table[name] = _rounded(blocks.mean(axis=1), tag.step)
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def stamped(table: pd.DataFrame, batch_ids: Sequence[str], started_at: np.ndarray) -> pd.DataFrame:
    """Return the historian's table as the plant files it: names and times instead of numbers.

    Parameters
    ----------
    table : DataFrame
        From `historian`.
    batch_ids : sequence of str
        Of all its batches, (B,).
    started_at : datetime64 array (B,)
    """
    import pandas as pd

    batch = table["batch"].to_numpy()
    start = np.asarray(started_at, dtype="datetime64[s]")[batch]
    filed = table.drop(columns=["batch", "minute"])
    filed.insert(0, "batch_id", pd.array(np.asarray(batch_ids, dtype=object)[batch], dtype="str"))
    filed.insert(1, "recorded_at", start + table["minute"].to_numpy().astype("timedelta64[m]"))
    return filed


_READ = (
    "temperature_c",
    "ph",
    "do_percent",
    "base_mmol_per_l",
    "feed_rate_mmol_per_l_h",
    "our_mmol_per_l_h",
    "cer_mmol_per_l_h",
    "dissolved_co2_mmol_per_l",
    "gas_o2_fraction",
    "biovolume_ul_per_ml",
)


def _true(batches: Batches, b: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return every minute of a batch, hours after infection, and its true states then."""
    recipe = batches.recipes[b]
    last = int(round(60 * (recipe.growth_time_h + recipe.infection_duration_h)))
    hours = np.arange(last + 1) / 60 - recipe.growth_time_h
    which = np.full(len(hours), b)
    return hours, {name: batches.at(name, which, hours) for name in _READ}


def _followed(
    offset: np.ndarray, starts: np.ndarray, time_h: np.ndarray, hours: np.ndarray
) -> np.ndarray:
    """Return what the culture, with its lag, makes of an offset (S,) of its temperature, at hours.

    Between the same moments (T,) as the culture's own temperature is known at.
    """
    ends = np.append(starts[1:], time_h[-1])
    keep = np.exp(-(ends - starts) / VALUES["tau_T"])
    followed = np.full(len(starts) + 1, offset[0])
    for k, target in enumerate(offset):
        followed[k + 1] = target + (followed[k] - target) * keep[k]
    known = np.interp(time_h, np.append(starts, ends[-1]), followed)
    return np.interp(hours, time_h, known)


def _added(rate: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return the integral of a rate (per h) over every minute since the last medium."""
    each = np.append(0.0, 0.5 * (rate[1:] + rate[:-1]) * np.diff(hours))
    each[hours.searchsorted(0.0)] = 0.0  # the rate across the exchange is nobody's
    total = np.cumsum(each)
    before = hours < 0
    return np.where(before, total, total - total[before][-1])


def _ideal(
    truth: dict[str, np.ndarray],
    hours: np.ndarray,
    stirring: np.ndarray,
    *,
    off_balance: float,
    base_strength: float,
) -> dict[str, np.ndarray]:
    """Return what perfect instruments would show.

    The gas holds as much carbon dioxide as balances the medium, times ``off_balance``: bubbles
    leave before they are in balance, more or less so with foam and filling of a batch.
    """
    per_gas = VOLUME_L / (
        GAS_L_PER_MIN * 60 / VALUES["V_mol"] * 1000
    )  # mmol/L/h to a share of the gas
    o2 = np.clip(truth["gas_o2_fraction"], 0.0, 1.0)
    out_co2 = off_balance * truth["dissolved_co2_mmol_per_l"] / VALUES["S_CO2"] / VALUES["p_air"]
    in_co2 = np.clip(out_co2 - per_gas * truth["cer_mmol_per_l_h"], 0.0, 1.0)
    rest = np.clip(1 - in_co2, 0.0, 1.0)
    # Below what air holds nitrogen thins it, above oxygen is added.
    air = np.minimum(o2 / VALUES["O2_air"], (rest - o2) / (1 - VALUES["O2_air"]))
    air = np.clip(air, 0.0, rest)
    pure = np.clip(o2 - VALUES["O2_air"] * air, 0.0, rest - air)
    base_l = truth["base_mmol_per_l"] * VOLUME_L / 1000 / (VALUES["c_base"] * base_strength)
    fed = _added(truth["feed_rate_mmol_per_l_h"], hours)
    feed_l = fed * VOLUME_L / 1000 / VALUES["c_feed"]
    return {
        "temperature_c": truth["temperature_c"],
        "ph": truth["ph"],
        "do_percent": truth["do_percent"],
        "stirrer_rpm": VALUES["rpm_ref"] * stirring,
        "air_l_per_min": GAS_L_PER_MIN * air,
        "o2_l_per_min": GAS_L_PER_MIN * pure,
        "n2_l_per_min": GAS_L_PER_MIN * (rest - air - pure),
        "co2_l_per_min": GAS_L_PER_MIN * in_co2,
        "base_total_ml": 1000 * base_l,
        "feed_total_ml": 1000 * feed_l,
        "weight_kg": VOLUME_L + VALUES["tare"] + base_l + feed_l,
        "pressure_mbar": np.full(len(o2), VALUES["p_head"]),
        "capacitance_pf_per_cm": VALUES["pF_biovolume"] * truth["biovolume_ul_per_ml"],
        "offgas_o2_percent": 100 * (o2 - per_gas * truth["our_mmol_per_l_h"]),
        "offgas_co2_percent": 100 * out_co2,
    }


def _show(
    ideal: dict[str, np.ndarray],
    own: dict[str, float],
    ph_error: np.ndarray,
    hours: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Add what the probes are like: errors first, then lag, then noise."""
    lost = drift(
        own["do_error_percent"],
        own["do_drift_percent_per_day"],
        hours[0],
        own["recalibrated_h"],
        hours,
    )
    wrong = dict(ideal)
    wrong["ph"] = ideal["ph"] + ph_error
    wrong["do_percent"] = ideal["do_percent"] * (1 - lost / 100)
    wrong["temperature_c"] = ideal["temperature_c"] + own["temperature_error_c"]
    gain, zero, o2, co2 = rng.standard_normal(4)
    wrong["capacitance_pf_per_cm"] = (
        ideal["capacitance_pf_per_cm"] * np.exp(VALUES["sd_pF_gain"] * gain)
        + VALUES["sd_pF_zero"] * zero
    )
    wrong["offgas_o2_percent"] = ideal["offgas_o2_percent"] * np.exp(VALUES["sd_gain_O2"] * o2)
    wrong["offgas_co2_percent"] = ideal["offgas_co2_percent"] * np.exp(VALUES["sd_gain_CO2"] * co2)
    noisy = [name for name in TAGS if name not in _NOISELESS]
    noise = rng.standard_normal((2, len(noisy), len(hours)))
    # White noise through a slow filter is small, but for its start; both come back to SD 1.
    noise[1, :, 0] /= np.sqrt(2 * VALUES["tau_wander"])
    slow = _remember(noise[1], VALUES["tau_wander"]) * np.sqrt(2 * VALUES["tau_wander"])
    shown = {}
    for name in _NOISELESS:
        shown[name] = np.clip(wrong[name], TAGS[name].low, TAGS[name].high)
    for i, name in enumerate(noisy):
        tag = TAGS[name]
        lag = tag.lag_min * (
            1 + VALUES["lag_year"] * own["ph_age_days"] / 365 if name == "ph" else 1
        )
        value = _remember(wrong[name], lag)
        error = tag.sd * noise[0, i] + tag.wander_sd * slow[i]
        shown[name] = value * (1 + error) if tag.relative else value + error
        shown[name] = np.clip(shown[name], tag.low, tag.high)
    return shown


def _remember(values: np.ndarray, minutes: float) -> np.ndarray:
    """Follow values (…, T), one a minute, with a lag of first order; start in balance."""
    if minutes == 0:
        return values
    from scipy.signal import lfilter

    keep = np.exp(-1 / minutes)
    start = keep * values[..., :1]
    return lfilter([1 - keep], [1, -keep], values, axis=-1, zi=start)[0]


def _fail(values: np.ndarray, failure: Failure, hours: np.ndarray) -> None:
    """Let a tag fail, in place."""
    while_ = (hours >= failure.from_h) & (hours < failure.until_h)
    if not while_.any():
        return
    first = int(while_.argmax())
    if failure.kind == "stuck":
        values[while_] = values[max(first - 1, 0)]
    elif failure.kind == "missing":
        values[while_] = np.nan
    elif failure.kind == "offset":
        values[while_] += failure.size
    else:
        values[first : first + while_.sum() : _SPIKES_EVERY_MIN] += failure.size


def _rounded(values: np.ndarray, step: float) -> np.ndarray:
    """Round to steps; the second rounding makes 7.2 of 7.2000000000000002."""
    return np.round(np.round(values / step) * step, 4)
