"""Ask the rules of a policy, and tell in a sentence when one misbehaves."""

import math
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.plant.recipe import LIMITS, PROFILES, Recipe

ACT, STOP = "act", "stop"
CONDUCTIVITY = "capture_conductivity_ms_per_cm"
"""Set point that a recipe rule may change though it is no field of `Recipe`, mS/cm."""

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
        to change (fields of `Recipe`, or ``capture_conductivity_ms_per_cm``, which does nothing
        to the live vaccine: it meets no column), or None. A `Recipe` says all, the duration of
        the infection, too.
    alarm : callable, optional
        Asked at `vaxlab.plant.deploy.ALARM_HOURS`: ``alarm(known, seen)`` returns None or False
        to go on, True or ``"act"`` to call maintenance, ``"stop"`` to give the batch up.
        Maintenance mends what can be mended and calibrates the pH probe an hour later; it costs
        one batch in a hundred of the doses, whether or not there was anything to mend. It comes
        once a batch.
    harvest : callable, optional
        Asked at `vaxlab.plant.deploy.HARVEST_HOURS` (live vaccine: ``LIVE_HARVEST_HOURS``):
        ``harvest(known, seen)`` returns True to harvest now.

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
class Licence:
    """What the plant may do to make a product, and when the rules are asked.

    Attributes
    ----------
    product : str
    set_points : mapping of str to (float, float)
        Field of `Recipe`, or `CONDUCTIVITY`, to the lowest and highest set point, in its unit.
    usual_h : mapping of str to float
        ``growth_time_h`` and ``infection_duration_h`` as the history means them, h.
    alarm_hours, harvest_hours : tuple of float
        H after infection; the last harvest hour is a harvest in any case.
    """

    product: str
    set_points: Mapping[str, tuple[float, float]]
    usual_h: Mapping[str, float]
    alarm_hours: tuple[float, ...]
    harvest_hours: tuple[float, ...]


def checked(policy: Policy) -> None:
    """Raise a `CourseError` about what is no policy."""
    if not isinstance(policy, Policy):
        raise CourseError(
            f"deploy: the policy is {short(policy)}; expected Policy(recipe=…, alarm=…, "
            "harvest=…), each a function or left out."
        )
    for field in fields(Policy):
        rule = getattr(policy, field.name)
        if rule is not None and not callable(rule):
            raise CourseError(
                f"deploy: the {field.name} rule is {short(rule)}; expected a function."
            )


def recipe(
    rule: RecipeRule | None, licence: Licence, known: Known, planned: Recipe, b: int
) -> tuple[Recipe, float]:
    """Return the recipe of a batch, and its conductivity at capture.

    Parameters
    ----------
    rule : callable, optional
    licence : Licence
    known : dict
        What is known before the batch.
    planned : Recipe
        Of the history, with the times of the clock.
    b : int
        The batch, for messages.

    Returns
    -------
    recipe : Recipe
        The crew is as early or late as it would have been.
    conductivity : float
        mS/cm; NaN: as it comes.

    Raises
    ------
    CourseError
        The rule stopped, or returned something else than it should or outside of the licence.
    """
    answer = None if rule is None else _ask("recipe", rule, b, dict(known))
    if answer is None:
        return planned, np.nan
    if isinstance(answer, Recipe):
        changes = {field.name: getattr(answer, field.name) for field in fields(Recipe)}
    elif isinstance(answer, Mapping):
        changes = dict(answer)
    else:
        raise _refuse("recipe", b, answer)
    for name, value in changes.items():
        if name == "product":
            why = ": the product is no set point, deploy(policy, product=…) chooses it for all"
            raise _refuse("recipe", b, answer, f"{why} batches")
        if name not in licence.set_points:
            raise _refuse("recipe", b, answer, f" with the unknown set point {name!r}")
        # A profile is pairs of (hour, value); what is no pair, `Recipe` refuses below.
        pairs = value if name in PROFILES and isinstance(value, tuple | list) else [(0, value)]
        for pair in pairs:
            if isinstance(pair, tuple | list) and len(pair) == 2:
                _inside(licence, b, name, pair[1])
    conductivity = float(changes.pop(CONDUCTIVITY, np.nan))
    for name, usual in licence.usual_h.items():
        if name in changes:
            # A crew that is very early still finds a batch.
            hours = float(changes[name]) + getattr(planned, name) - usual
            changes[name] = max(hours, LIMITS[name].low)
    try:
        return replace(planned, **changes), conductivity
    except (TypeError, ValueError) as error:
        raise _refuse("recipe", b, answer, f" ({error})") from None


def alarm(
    rule: AlarmRule, licence: Licence, known: Known, view: pd.DataFrame, b: int
) -> tuple[float, bool]:
    """Return when an alarm is raised, and whether it ends the batch.

    Parameters
    ----------
    rule : callable
    licence : Licence
    known : dict
        What is known before the batch.
    view : DataFrame
        What the instruments show, up to the batch's end.
    b : int
        The batch, for messages.

    Returns
    -------
    hour : float
        H after infection; infinite: never.
    stopped : bool

    Raises
    ------
    CourseError
        The rule stopped, or returned something else than it should.
    """
    last = view["hours_after_infection"].iloc[-1]
    for hour in licence.alarm_hours:
        if hour > last:
            break
        answer = _ask("alarm", rule, b, dict(known), _until(view, hour))
        if answer is None or (_is_flag(answer) and not answer):
            continue
        if _is_flag(answer) or (isinstance(answer, str) and answer in (ACT, STOP)):
            return float(hour), isinstance(answer, str) and answer == STOP
        raise _refuse("alarm", b, answer, f" at {hour} h")
    return math.inf, False


def harvest_h(
    rule: HarvestRule, licence: Licence, known: Known, view: pd.DataFrame, b: int
) -> float:
    """Return when the harvest rule says True, h after infection; the last hour if it never does.

    Takes and raises what `alarm` does.
    """
    for hour in licence.harvest_hours[:-1]:
        answer = _ask("harvest", rule, b, dict(known), _until(view, hour))
        if not _is_flag(answer):
            raise _refuse("harvest", b, answer, f" at {hour} h")
        if answer:
            return float(hour)
    return float(licence.harvest_hours[-1])


def short(value: Any) -> str:
    """Return a value as written, on one line of 80 characters at most."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


_EXPECTED = {
    "recipe": "a Recipe, a dict of set points to change, or None",
    "alarm": "None or False to go on, True or 'act' to call maintenance, 'stop' to give up",
    "harvest": "True to harvest now, False to go on",
}


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


def _refuse(name: str, b: int, answer: Any, why: str = "") -> CourseError:
    return CourseError(
        f"The {name} rule returned {short(answer)} for batch {b}{why}; expected {_EXPECTED[name]}."
    )


def _inside(licence: Licence, b: int, name: str, value: Any) -> None:
    low, high = licence.set_points[name]
    number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not number or not low <= value <= high:
        unit = LIMITS[name].unit if name in LIMITS else "mS/cm"
        raise CourseError(
            f"The recipe rule set {name} = {short(value)} {unit} for batch {b}; the plant is "
            f"licensed for {low:g} to {high:g} {unit} ({licence.product} vaccine). Keep set "
            "points inside, for example with min and max."
        )


def _is_flag(answer: Any) -> bool:
    return isinstance(answer, bool | np.bool_)


def _until(view: pd.DataFrame, hour: float) -> pd.DataFrame:
    rows = int(np.searchsorted(view["hours_after_infection"].to_numpy(), hour, side="right"))
    return view.iloc[:rows]
