"""Let the plant run on somebody's policy, and count the doses."""

import math
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.plant import campaign, equipment, faults, instruments, lots, making
from vaxlab.plant.batch import checked_seed
from vaxlab.plant.downstream import REASONS
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import LIMITS, Recipe

LICENSED: dict[str, tuple[float, float]] = {
    "moi": (3e-5, 1e-3),
    "inoculum_cells_per_ml": (1.5e5, 4.5e5),
    "carrier_g_per_l": (1.5, 3.5),
    "growth_time_h": (72.0, 120.0),
    "infection_duration_h": (45.0, 66.0),
    "growth_temperature_c": (36.0, 38.0),
    "infection_temperature_c": (34.0, 37.5),
    "ph": (7.0, 7.4),
    "do_percent": (20.0, 90.0),
    "trypsin_bu_per_ml": (2.0, 9.0),
    "glucose_mmol_per_l": (20.0, 45.0),
    "glutamine_mmol_per_l": (2.0, 6.0),
    "agitation_rpm": (45.0, 75.0),
    "feed_mmol_per_l_h": (0.0, 0.5),
    "exchanged_share": (0.95, 1.0),
}
"""What the plant may do: field of `Recipe` → lowest and highest set point. Own choice."""

CONDUCTIVITY = "capture_conductivity_ms_per_cm"
LICENSED_CONDUCTIVITY = (4.5, 6.0)
"""A recipe rule may set this one, too: the feed at capture, mS/cm."""

ALARM_HOURS = (-72, -60, -48, -36, -24, -12, -1, 6, 9, 12, 15, 18, 21, 24, 30, 36, 48, 60)
"""When the alarm rule is asked, h after infection."""
HARVEST_HOURS = tuple(range(36, 85, 3))
"""When the harvest rule is asked, h after infection; the last one is a harvest in any case."""
MENDED_AFTER_H = 1.0
"""From the alarm to the mended plant."""
VISIT_LOSS = 0.01
"""Share of a batch that an alarm costs: samples, openings, a pause."""
TURNAROUND_H = 48.0
"""Cleaning of the reactor between batches."""
DAYS_A_BATCH = campaign.DAYS / 360
OFFLINE_HOURS = (-91.0, -72.0, -48.0, -24.0, -1.5, 24.0, 48.0)

ACT, STOP = "act", "stop"
STOPPED = "stopped by the alarm rule"

Known = dict[str, Any]
RecipeRule = Callable[[Known], Recipe | Mapping[str, float] | None]
AlarmRule = Callable[[Known, pd.DataFrame], "bool | str | None"]
HarvestRule = Callable[[Known, pd.DataFrame], bool]


@dataclass(frozen=True)
class Policy:
    """How the plant is to be run; what is None stays as in the history.

    Attributes
    ----------
    recipe : callable, optional
        Asked before every batch: ``recipe(known)`` returns a `Recipe`, or a dict of set points
        to change (fields of `Recipe`, or ``capture_conductivity_ms_per_cm``), or None.
    alarm : callable, optional
        Asked at `ALARM_HOURS`: ``alarm(known, seen)`` returns None or False to go on, True or
        ``"act"`` to call maintenance, ``"stop"`` to give the batch up. Maintenance mends what
        can be mended and calibrates the pH probe an hour later; it costs one batch in a hundred
        of the doses, whether or not there was anything to mend. It comes once a batch.
    harvest : callable, optional
        Asked at `HARVEST_HOURS`: ``harvest(known, seen)`` returns True to harvest now.

    Notes
    -----
    ``known`` is a dict of what is known before the batch, with the names of the data set
    ``variables``: ``recipe_…`` (the history's set points), ``coa_…``, ``calendar_…``,
    ``seed_hours_to_inoculation``, and the lots' numbers ``…_lot``. ``seen`` is a DataFrame with
    ``hours_after_infection``, the tags of the historian every 15 minutes up to now, and the
    columns ``offline_…``, NaN where no sample was drawn.
    """

    recipe: RecipeRule | None = None
    alarm: AlarmRule | None = None
    harvest: HarvestRule | None = None


@dataclass(frozen=True)
class Deployment:
    """What came of a policy.

    Attributes
    ----------
    batches : DataFrame
        One row a batch: ``batch`` (from 0), ``harvest_h`` (after infection; NaN if stopped),
        ``doses`` (true doses that were released), ``reason`` (why none were; empty otherwise),
        ``alarm_h`` (when maintenance or the stop was called, h after infection; NaN if never),
        ``false_alarm`` (no fault of the culture was going on), ``reactor_h`` (hours that the
        reactor was taken, cleaning included), and ``history_doses``, ``history_reason``,
        ``history_harvest_h``, ``history_reactor_h``: the same batch, lots and luck under the
        history's policy; ``gained`` (doses).
    truth : DataFrame
        ``batch``, ``fault_id``, ``fault_onset_h``.
    """

    batches: pd.DataFrame
    truth: pd.DataFrame

    def summary(self) -> dict[str, float]:
        """Return the comparison in numbers.

        Returns
        -------
        dict
            ``batches``; ``doses``, ``history_doses`` (sums); ``gained_percent`` with its 95 %
            interval ``low_percent`` to ``high_percent``, from the differences batch by batch;
            ``lost``, ``history_lost`` (batches without doses); ``false_alarms``;
            ``doses_per_reactor_day``, ``history_doses_per_reactor_day``.
        """
        table = self.batches
        n, gained = len(table), table["gained"].to_numpy()
        base = table["history_doses"].sum()
        half = _t_975(n - 1) * gained.std(ddof=1) * math.sqrt(n)
        return {
            "batches": n,
            "doses": float(table["doses"].sum()),
            "history_doses": float(base),
            "gained_percent": float(100 * gained.sum() / base),
            "low_percent": float(100 * (gained.sum() - half) / base),
            "high_percent": float(100 * (gained.sum() + half) / base),
            "lost": int((table["doses"] == 0).sum()),
            "history_lost": int((table["history_doses"] == 0).sum()),
            "false_alarms": int(table["false_alarm"].sum()),
            "doses_per_reactor_day": float(24 * table["doses"].sum() / table["reactor_h"].sum()),
            "history_doses_per_reactor_day": float(24 * base / table["history_reactor_h"].sum()),
        }


def deploy(policy: Policy, *, n_batches: int = 60, seed: int = 1) -> Deployment:
    """Run the plant on a policy, and again on the history's.

    Parameters
    ----------
    policy : Policy
    n_batches : int
        At least 10; 60 are a year. Lots, hands, faults and luck are new ones, not those of the
        history, and the same for both policies.
    seed : int
        Of all of that; from 0 on.

    Returns
    -------
    Deployment
        ``batches``, one row for every one of n_batches (hours after infection, doses of 15 ug
        HA); ``summary()``, doses gained over the history's policy, in %, with an interval.

    Raises
    ------
    CourseError
        A rule stopped, returned something else than it should, or left `LICENSED`: the message
        names the rule, the batch, what came back (with its unit) and what is expected. Or
        n_batches or seed are no such numbers.

    Notes
    -----
    Comparing both policies on common random numbers takes out the luck of lots and days: the
    interval of the gain is that of paired differences. Doses are true ones (15 ug HA each, see
    `vaxlab.plant.downstream`); the decision on release goes by tests with errors of their own.
    Here no record fails: what rules are shown is what the controllers read. Sources: those of
    `vaxlab.plant.simulate`; lots, hands and rates of faults are our own choice
    (`vaxlab.plant.lots`, `vaxlab.plant.faults`).
    """
    _checked(policy, n_batches, seed)
    drawn = campaign.draw(
        seed, n_batches, days=max(1, round(n_batches * DAYS_A_BATCH)), first=campaign.DAYS
    )
    circumstances, n = drawn.circumstances, n_batches
    planned = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    known = _known(drawn, planned, np.random.default_rng([seed, 1]))

    recipes, conductivity = [], np.full(n, np.nan)
    for b in range(n):
        recipe, conductivity[b] = _recipe(policy, known[b], planned[b], b)
        recipes.append(recipe)
    own = _with_conductivity(circumstances, conductivity)

    alarm_h, stopped = np.full(n, np.inf), np.zeros(n, dtype=bool)
    longest = [replace(recipe, infection_duration_h=HARVEST_HOURS[-1]) for recipe in recipes]
    watched = longest if policy.harvest else recipes
    if policy.alarm:
        views = _views(making.make(watched, own), own, np.inf, seed)
        for b, view in enumerate(views):
            alarm_h[b], stopped[b] = _alarm(policy, known[b], view, b)
    mended_h = alarm_h + MENDED_AFTER_H
    if policy.harvest:
        views = _views(making.make(watched, own, mended_h), own, mended_h, seed)
        recipes = [
            replace(recipe, infection_duration_h=_harvest_h(policy, known[b], view, b))
            for b, (recipe, view) in enumerate(zip(recipes, views, strict=True))
        ]
    harvest_h = np.array([recipe.infection_duration_h for recipe in recipes])
    alarm_h[alarm_h >= harvest_h] = np.inf  # the batch is over before
    stopped &= np.isfinite(alarm_h)

    made = making.make(recipes, own, alarm_h + MENDED_AFTER_H)
    called = np.isfinite(alarm_h)
    doses = np.where(made.release.released, made.purified.doses, 0.0)
    doses = np.where(stopped, 0.0, doses * np.where(called, 1 - VISIT_LOSS, 1.0))
    reason = [
        STOPPED if s else REASONS.get(r, "")
        for s, r in zip(stopped, made.release.reason, strict=True)
    ]
    history = making.make(planned, circumstances)
    history_doses = np.where(history.release.released, history.purified.doses, 0.0)
    history_h = np.array([recipe.infection_duration_h for recipe in planned])
    table = pd.DataFrame(
        {
            "batch": np.arange(n),
            "harvest_h": np.where(stopped, np.nan, harvest_h),
            "doses": doses,
            "reason": reason,
            "alarm_h": np.where(called, alarm_h, np.nan),
            "false_alarm": called & ~_something_wrong(circumstances, alarm_h),
            "reactor_h": _growth_h(recipes) + np.where(stopped, alarm_h, harvest_h) + TURNAROUND_H,
            "history_doses": history_doses,
            "history_reason": [REASONS.get(r, "") for r in history.release.reason],
            "history_harvest_h": history_h,
            "history_reactor_h": _growth_h(planned) + history_h + TURNAROUND_H,
            "gained": doses - history_doses,
        }
    )
    plan = circumstances.faults
    truth = {"batch": np.arange(n), "fault_id": plan.fault, "fault_onset_h": plan.onset_h}
    return Deployment(table, pd.DataFrame(truth))


# Asking the rules -------------------------------------------------------------------------


def _checked(policy: Policy, n_batches: int, seed: int) -> None:
    if not isinstance(policy, Policy):
        raise CourseError(
            f"deploy: the policy is {_short(policy)}; expected Policy(recipe=…, alarm=…, "
            "harvest=…), each a function or left out."
        )
    for field in fields(Policy):
        rule = getattr(policy, field.name)
        if rule is not None and not callable(rule):
            raise CourseError(
                f"deploy: the {field.name} rule is {_short(rule)}; expected a function."
            )
    if isinstance(n_batches, bool) or not isinstance(n_batches, int) or n_batches < 10:
        raise CourseError(f"deploy: n_batches = {n_batches!r}; expected a whole number from 10 on.")
    try:
        checked_seed("deploy", seed)
    except ValueError as error:
        raise CourseError(str(error)) from None


def _ask(name: str, rule: Callable, b: int, *given: Any) -> Any:
    """Call a rule; whatever goes wrong in it becomes a sentence."""
    try:
        return rule(*given)
    except CourseError:
        raise
    except Exception as error:
        inside = traceback.extract_tb(error.__traceback__)[1:]
        where = f", line {inside[0].lineno} of its code" if inside else ""
        raise CourseError(
            f"The {name} rule stopped at batch {b}: {type(error).__name__}: {error}{where}. "
            f"Expected {_EXPECTED[name]}."
        ) from None


_EXPECTED = {
    "recipe": "a Recipe, a dict of set points to change, or None",
    "alarm": "None or False to go on, True or 'act' to call maintenance, 'stop' to give up",
    "harvest": "True to harvest now, False to go on",
}


def _refuse(name: str, b: int, answer: Any, why: str = "") -> CourseError:
    return CourseError(
        f"The {name} rule returned {_short(answer)} for batch {b}{why}; expected {_EXPECTED[name]}."
    )


def _recipe(policy: Policy, known: Known, planned: Recipe, b: int) -> tuple[Recipe, float]:
    """Return the recipe of a batch, and its conductivity at capture (NaN: as it comes)."""
    if policy.recipe is None:
        return planned, np.nan
    answer = _ask("recipe", policy.recipe, b, dict(known))
    if answer is None:
        return planned, np.nan
    conductivity = np.nan
    if isinstance(answer, Recipe):
        # The crew is as early or late as it would have been.
        changes = {field.name: getattr(answer, field.name) for field in fields(Recipe)}
    elif isinstance(answer, Mapping):
        changes = dict(answer)
        if CONDUCTIVITY in changes:
            conductivity = changes.pop(CONDUCTIVITY)
            _inside(b, CONDUCTIVITY, conductivity, LICENSED_CONDUCTIVITY)
    else:
        raise _refuse("recipe", b, answer)
    for name, value in changes.items():
        if name not in LICENSED:
            raise _refuse("recipe", b, answer, f" with the unknown set point {name!r}")
        # A profile is pairs of (hour, value); what is no pair, `Recipe` refuses below.
        pairs = value if isinstance(value, tuple | list) else [(0, value)]
        for pair in pairs:
            if isinstance(pair, tuple | list) and len(pair) == 2:
                _inside(b, name, pair[1], LICENSED[name])
    for name, usual in (
        ("growth_time_h", campaign.GROWTH_H),
        ("infection_duration_h", campaign.INFECTION_H),
    ):
        if name in changes:
            changes[name] = float(changes[name]) + getattr(planned, name) - usual
    try:
        return replace(planned, **changes), float(conductivity)
    except (TypeError, ValueError) as error:
        raise _refuse("recipe", b, answer, f" ({error})") from None


def _inside(b: int, name: str, value: Any, limits: tuple[float, float]) -> None:
    number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not number or not limits[0] <= value <= limits[1]:
        unit = LIMITS[name].unit if name in LIMITS else "mS/cm"
        raise CourseError(
            f"The recipe rule set {name} = {_short(value)} {unit} for batch {b}; the plant is "
            f"licensed for {limits[0]:g} to {limits[1]:g} {unit}. Keep set points inside, for "
            "example with min and max."
        )


def _alarm(policy: Policy, known: Known, view: pd.DataFrame, b: int) -> tuple[float, bool]:
    """Return when an alarm is raised (infinite: never), and whether it ends the batch."""
    last = view["hours_after_infection"].iloc[-1]
    for hour in ALARM_HOURS:
        if hour > last:
            break
        answer = _ask("alarm", policy.alarm, b, dict(known), _until(view, hour))
        if answer is None or (_is_flag(answer) and not answer):
            continue
        if _is_flag(answer) or (isinstance(answer, str) and answer in (ACT, STOP)):
            return float(hour), isinstance(answer, str) and answer == STOP
        raise _refuse("alarm", b, answer, f" at {hour} h")
    return math.inf, False


def _harvest_h(policy: Policy, known: Known, view: pd.DataFrame, b: int) -> float:
    for hour in HARVEST_HOURS[:-1]:
        answer = _ask("harvest", policy.harvest, b, dict(known), _until(view, hour))
        if not _is_flag(answer):
            raise _refuse("harvest", b, answer, f" at {hour} h")
        if answer:
            return float(hour)
    return float(HARVEST_HOURS[-1])


def _is_flag(answer: Any) -> bool:
    return isinstance(answer, bool | np.bool_)


def _until(view: pd.DataFrame, hour: float) -> pd.DataFrame:
    rows = int(np.searchsorted(view["hours_after_infection"].to_numpy(), hour, side="right"))
    return view.iloc[:rows]


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


# What the rules are given -----------------------------------------------------------------


def _known(drawn: campaign.Drawn, planned: list[Recipe], rng: np.random.Generator) -> list[Known]:
    plan, fitted = drawn.plan, drawn.circumstances.fitted
    n = len(planned)
    table: dict[str, Any] = {f"recipe_{name}": v for name, v in plan.set_points.items()}
    table["recipe_growth_h"] = np.array([recipe.growth_time_h for recipe in planned])
    table["seed_hours_to_inoculation"] = drawn.circumstances.hold_h
    for name in campaign.FITTED:
        table[f"calendar_{name}"] = getattr(fitted, name)
    table |= {"calendar_reactor": fitted.reactor, "calendar_operator": fitted.operator}
    table["calendar_started_day_of_year"] = campaign.day_of_year(plan.day + campaign.DAYS)
    printed = lots.certificates(rng, plan.lot_effects)
    for name, kind in lots.LOT_KINDS.items():
        numbers = plan.lot_numbers[name]
        # The history's lots are used up: these are new ones.
        table[f"{name}_lot"] = np.array([f"{kind.prefix}-N{k + 1:02d}" for k in numbers])
        table |= {f"coa_{name}_{key}": values[numbers] for key, values in printed[name].items()}
        if name in ("serum", "trypsin", "seed"):
            table[f"calendar_{name}_lot_days"] = campaign.lot_age_days(plan, name)
    return [{"batch": b} | {name: _plain(v[b]) for name, v in table.items()} for b in range(n)]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _views(
    made: Made, circumstances: Circumstances, mended_h: np.ndarray | float, seed: int
) -> list[pd.DataFrame]:
    """Return what the instruments show of every batch; the same noise whatever was mended."""
    recipes = made.batches.recipes
    shown = instruments.historian(
        made.batches,
        making.probes(circumstances),
        np.random.default_rng([seed, 2]),
        course=making.course(recipes, circumstances, mended_h),
    )
    rng = np.random.default_rng([seed, 3])
    truth = {
        "offline_ph": "ph",
        "offline_viable_cells_1e6_per_ml": "viable_cells_per_ml",
        "offline_viability_percent": "viability_percent",
        "offline_glucose_mmol_per_l": "glucose_mmol_per_l",
        "offline_lactate_mmol_per_l": "lactate_mmol_per_l",
    }
    views = []
    for b, view in shown.groupby("batch", sort=True):
        start = recipes[b].growth_time_h
        hours = view["minute"].to_numpy() / 60 - start
        view = view.drop(columns=["batch", "minute"]).reset_index(drop=True)
        view.insert(0, "hours_after_infection", hours.round(3))
        at = np.array([h for h in OFFLINE_HOURS if -start < h < hours[-1]])
        rows = np.searchsorted(hours, at)
        for column, name in truth.items():
            values = made.batches.at(name, np.full(len(at), b), at)
            read = np.full(len(hours), np.nan)
            read[rows] = _read(column, values, rng)
            view[column] = read
        views.append(view)
    return views


def _read(column: str, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # As many draws whenever the batch ends, for the noise to be the same.
    noise = rng.standard_normal(len(OFFLINE_HOURS))[: len(values)]
    if column == "offline_ph":
        return np.round(values + VALUES["bias_bench_pH"] + VALUES["sd_bench_pH"] * noise, 2)
    if column == "offline_viability_percent":
        return np.clip(values + VALUES["sd_viability"] * noise, 0, 100).round(1)
    sd = VALUES["sd_count" if "cells" in column else "sd_metabolite"]
    scale = 1e-6 if "cells" in column else 1.0
    return np.round(scale * values * np.exp(sd * noise), 3)


def _with_conductivity(circumstances: Circumstances, wanted: np.ndarray) -> Circumstances:
    fitted = circumstances.fitted
    usual = fitted.conductivity_ms_per_cm
    factor = np.where(np.isnan(wanted), 1.0, wanted / equipment.CONDUCTIVITY)
    return replace(circumstances, fitted=replace(fitted, conductivity_ms_per_cm=usual * factor))


def _something_wrong(circumstances: Circumstances, alarm_h: np.ndarray) -> np.ndarray:
    """Tell where something was going on when the alarm was raised."""
    plan = circumstances.faults
    of_course = np.array(
        [n in faults.FAULTS and faults.FAULTS[n].acts == faults.COURSE for n in plan.fault]
    )
    return of_course & (plan.onset_h <= alarm_h)


def _growth_h(recipes: list[Recipe]) -> np.ndarray:
    return np.array([recipe.growth_time_h for recipe in recipes])


def _t_975(degrees: int) -> float:
    """Return the 97.5 % quantile of Student's t (Cornish-Fisher, good to 0.01 from 9 on)."""
    z = 1.959964
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
