"""Let the plant run on somebody's policy, and count the doses."""

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.plant import (
    campaign,
    downstream,
    equipment,
    faults,
    instruments,
    live,
    lots,
    making,
    rules,
)
from vaxlab.plant.batch import checked_seed
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import PROFILES, Recipe
from vaxlab.plant.rules import CONDUCTIVITY, Known, Licence, Policy

LICENSED: dict[str, tuple[float, float]] = {
    "moi": (1.5e-5, 1e-3),
    "inoculum_cells_per_ml": (1.5e5, 4.5e5),
    "carrier_g_per_l": (1.5, 3.5),
    "growth_time_h": (72.0, 120.0),
    "infection_duration_h": (46.0, 68.0),
    "growth_temperature_c": (36.0, 38.0),
    "infection_temperature_c": (34.0, 37.5),
    "ph": (7.0, 7.4),
    "do_percent": (25.0, 85.0),
    "trypsin_bu_per_ml": (3.0, 11.0),
    "glucose_mmol_per_l": (20.0, 45.0),
    "glutamine_mmol_per_l": (2.0, 6.0),
    "agitation_rpm": (45.0, 75.0),
    "feed_mmol_per_l_h": (0.0, 0.5),
    "exchanged_share": (0.97, 1.0),
}
"""What the plant may do: field of `Recipe` → lowest and highest set point. Own choice."""

LICENSED_CONDUCTIVITY = (4.5, 6.0)
"""A recipe rule may set this one, too: the feed at capture, mS/cm."""

ALARM_HOURS = (-72, -60, -48, -36, -24, -12, -1, 6, 9, 12, 15, 18, 21, 24, 30, 36, 48, 60)
"""When the alarm rule is asked, h after infection."""
HARVEST_HOURS = tuple(range(46, 69, 2))
"""When the harvest rule is asked, h after infection: as long as the licence allows. The last one is
a harvest in any case."""
MENDED_AFTER_H = 1.0
"""From the alarm to the mended plant."""
VISIT_LOSS = 0.01
"""Share of a batch that an alarm costs: samples, openings, a pause."""
TURNAROUND_H = 48.0
"""Cleaning of the reactor between batches."""
DAYS_A_BATCH = campaign.DAYS / 360
OFFLINE_HOURS = (-91.0, -72.0, -48.0, -24.0, -1.5, 24.0, 48.0)

STOPPED = "stopped by the alarm rule"

INACTIVATED, LIVE = "inactivated", "live"
LIVE_HARVEST_H = 54.0
"""When the history harvests the live vaccine, h after infection: the best fixed hour of the titre.
The crew is as early or late as with the inactivated one."""
LICENSED_LIVE_H = (24.0, 84.0)
"""Infection of the live vaccine, h; its other set points are those of `LICENSED`."""
LIVE_HARVEST_HOURS = tuple(range(24, 73, 2))
"""When the harvest rule is asked on the live line, h after infection."""
LIVE_SHARES = {"F7": 0.04, "F16": 0.05, "F17": 0.03}
"""Faults that the live line has more often: virus seed weaker than its label (or stronger), virus
added late, temperature off after infection. Own choice."""

LICENCES = {
    INACTIVATED: Licence(
        INACTIVATED,
        LICENSED | {CONDUCTIVITY: LICENSED_CONDUCTIVITY},
        {"growth_time_h": campaign.GROWTH_H, "infection_duration_h": campaign.INFECTION_H},
        ALARM_HOURS,
        HARVEST_HOURS,
    ),
    LIVE: Licence(
        LIVE,
        LICENSED | {CONDUCTIVITY: LICENSED_CONDUCTIVITY, "infection_duration_h": LICENSED_LIVE_H},
        {"growth_time_h": campaign.GROWTH_H, "infection_duration_h": LIVE_HARVEST_H},
        ALARM_HOURS,
        LIVE_HARVEST_HOURS,
    ),
}
"""Product to what the plant may do to make it."""

REASONS_OF = {INACTIVATED: downstream.REASONS, LIVE: live.REASONS}
"""Product to the reasons why a batch is rejected: key to words."""
QUALITY = ("dna", "hcp", "potency", "titre")
"""Limits on what is in a dose: keys of `REASONS_OF`."""


@dataclass(frozen=True)
class Deployment:
    """What came of a policy.

    Attributes
    ----------
    batches : DataFrame
        One row a batch.

        Of both products: ``batch`` (from 0), ``harvest_h`` (after infection; NaN if stopped),
        ``doses`` (true doses that were released), ``reason`` (why none were, in words; empty
        otherwise), ``broke`` (all release limits that the batch broke, keys of `REASONS_OF` joined
        by "+"; empty if none, or if stopped), ``alarm_h`` (when maintenance or the stop was
        called, h after infection; NaN if never), ``false_alarm`` (no fault of the culture was
        going on), ``reactor_h`` (hours that the reactor was taken, cleaning included).

        Of the harvest, true: ``titre_log10_per_ml`` (infectious virions, log10/mL),
        ``viability_percent``, ``lactate_mmol_per_l``, and ``recovery`` (share of the antigen, or
        of the live vaccine's infectivity, that got from harvest to bulk, 0 to 1). Of the release
        tests, as read: ``dna_ng_per_dose``; for the inactivated vaccine ``hcp_ug_per_ug_ha``
        (host-cell protein) and ``potency_ug_per_ml`` (HA of the bulk); for the live one
        ``hcp_ug_per_dose`` and ``potency_doses_per_l`` (doses in a litre of harvest, by the
        bulk's titre). The other product's columns are NaN, and all of them where the batch was
        stopped.

        ``history_doses``, ``history_reason``, ``history_broke``, ``history_harvest_h``,
        ``history_reactor_h``: the same batch, lots and luck under the history's policy;
        ``gained`` (doses).
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
            ``lost``, ``history_lost`` (batches without doses); ``limits_broken``,
            ``history_limits_broken`` (batches that broke a limit of `QUALITY`);
            ``false_alarms``; ``doses_per_reactor_day``, ``history_doses_per_reactor_day``.
        """
        table = self.batches
        n, gained = len(table), table["gained"].to_numpy()
        base = table["history_doses"].sum()
        half = _t_975(n - 1) * gained.std(ddof=1) * math.sqrt(n)
        with np.errstate(divide="ignore", invalid="ignore"):  # a history may lose every batch
            percent = 100 * np.array([gained.sum(), gained.sum() - half, gained.sum() + half])
            percent = percent / base
        return {
            "batches": n,
            "doses": float(table["doses"].sum()),
            "history_doses": float(base),
            "gained_percent": float(percent[0]),
            "low_percent": float(percent[1]),
            "high_percent": float(percent[2]),
            "lost": int((table["doses"] == 0).sum()),
            "history_lost": int((table["history_doses"] == 0).sum()),
            "limits_broken": _limits_broken(table["broke"]),
            "history_limits_broken": _limits_broken(table["history_broke"]),
            "false_alarms": int(table["false_alarm"].sum()),
            "doses_per_reactor_day": float(24 * table["doses"].sum() / table["reactor_h"].sum()),
            "history_doses_per_reactor_day": float(24 * base / table["history_reactor_h"].sum()),
        }


def deploy(
    policy: Policy, *, n_batches: int = 60, seed: int = 1, product: str = INACTIVATED
) -> Deployment:
    """Run the plant on a policy, and again on the history's.

    Parameters
    ----------
    policy : Policy
    n_batches : int
        At least 10; 60 are a year. Lots, hands, faults and luck are new ones, not those of the
        history, and the same for both policies.
    seed : int
        Of all of that; from 0 on.
    product : str
        ``"inactivated"`` or ``"live"``: same cells, virus and lots, another purification. The
        live vaccine is harvested `LIVE_HARVEST_H` after infection in the history, may be
        infected for `LICENSED_LIVE_H`, and has some faults more often (`LIVE_SHARES`).

    Returns
    -------
    Deployment
        ``batches``, one row for every one of n_batches (hours after infection; doses of 15 ug
        HA, or of 10^7 infectious virions); ``summary()``, doses gained over the history's
        policy, in %, with an interval.

    Raises
    ------
    CourseError
        A rule stopped, returned something else than it should, or left `LICENSED`: the message
        names the rule, the batch, what came back (with its unit) and what is expected. Or
        n_batches or seed are no such numbers, or there is no such product.

    Notes
    -----
    Comparing both policies on common random numbers takes out the luck of lots and days: the
    interval of the gain is that of paired differences. Doses are true ones (see
    `vaxlab.plant.downstream` and `vaxlab.plant.live`); the decision on release goes by tests
    with errors of their own. Here no record fails: what rules are shown is what the controllers
    read. Sources: those of `vaxlab.plant.simulate`; lots, hands and rates of faults are our own
    choice (`vaxlab.plant.lots`, `vaxlab.plant.faults`).
    """
    licence = _checked(policy, n_batches, seed, product)
    drawn = _drawn(product, seed, n_batches)
    circumstances = drawn.circumstances
    planned = _planned(drawn, licence)
    known = known_before(drawn, planned, np.random.default_rng([seed, 1]))
    recipes, own = _asked(policy, licence, known, planned, circumstances)
    recipes, alarm_h, stopped = _watched(policy, licence, known, recipes, own, seed)
    ours = _came_of(product, recipes, own, alarm_h + MENDED_AFTER_H)
    theirs = _came_of(product, planned, circumstances)
    false_alarm = np.isfinite(alarm_h) & ~_something_wrong(circumstances, alarm_h)
    table = _table(ours, theirs, alarm_h, stopped, false_alarm)
    plan = circumstances.faults
    truth = {"batch": table["batch"], "fault_id": plan.fault, "fault_onset_h": plan.onset_h}
    return Deployment(table, pd.DataFrame(truth))


def _checked(policy: Policy, n_batches: int, seed: int, product: str) -> Licence:
    rules.checked(policy)
    if isinstance(n_batches, bool) or not isinstance(n_batches, int) or n_batches < 10:
        raise CourseError(f"deploy: n_batches = {n_batches!r}; expected a whole number from 10 on.")
    try:
        checked_seed("deploy", seed)
    except ValueError as error:
        raise CourseError(str(error)) from None
    if not isinstance(product, str) or product not in LICENCES:
        known = " or ".join(map(repr, LICENCES))
        near = difflib.get_close_matches(str(product).lower(), LICENCES, n=1, cutoff=0.0)[0]
        raise CourseError(
            f"deploy: product = {rules.short(product)}; expected {known}; the nearest is {near!r}."
        )
    return LICENCES[product]


def _drawn(product: str, seed: int, n: int) -> campaign.Drawn:
    days = max(1, round(n * DAYS_A_BATCH))
    # The live line deviates in its own ways; the inactivated one as in the history.
    shares = LIVE_SHARES if product == LIVE else None
    return campaign.draw(seed, n, days=days, first=campaign.DAYS, shares=shares)


def _planned(drawn: campaign.Drawn, licence: Licence) -> list[Recipe]:
    """Return the history's recipes, with the times of the clock."""
    shift = licence.usual_h["infection_duration_h"] - campaign.INFECTION_H
    infection_h = drawn.infection_min / 60 + shift
    return campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, infection_h)


def _asked(
    policy: Policy,
    licence: Licence,
    known: list[Known],
    planned: list[Recipe],
    circumstances: Circumstances,
) -> tuple[Sequence[Recipe], Circumstances]:
    """Ask the rule for recipes: they, and the circumstances with the conductivity it set."""
    asked = [
        rules.recipe(policy.recipe, licence, known[b], recipe, b)
        for b, recipe in enumerate(planned)
    ]
    recipes, conductivity = zip(*asked, strict=True)
    return recipes, with_conductivity(circumstances, np.array(conductivity))


def _watched(
    policy: Policy,
    licence: Licence,
    known: list[Known],
    recipes: Sequence[Recipe],
    own: Circumstances,
    seed: int,
) -> tuple[Sequence[Recipe], np.ndarray, np.ndarray]:
    """Ask the rules that watch: recipes until harvest, alarms (h; infinite: never), stops."""
    n, last = len(recipes), float(licence.harvest_hours[-1])
    alarm_h, stopped = np.full(n, np.inf), np.zeros(n, dtype=bool)
    watched = [cut_at(r, last) for r in recipes] if policy.harvest else recipes
    if policy.alarm:
        views = _views(making.make(watched, own), own, np.inf, seed)
        for b, view in enumerate(views):
            alarm_h[b], stopped[b] = rules.alarm(policy.alarm, licence, known[b], view, b)
    mended_h = alarm_h + MENDED_AFTER_H
    if policy.harvest:
        views = _views(making.make(watched, own, mended_h), own, mended_h, seed)
        hours = [
            rules.harvest_h(policy.harvest, licence, known[b], view, b)
            for b, view in enumerate(views)
        ]
        recipes = [cut_at(r, hour) for r, hour in zip(recipes, hours, strict=True)]
    alarm_h[alarm_h >= _infection_h(recipes)] = np.inf  # the batch is over before
    return recipes, alarm_h, stopped & np.isfinite(alarm_h)


def cut_at(recipe: Recipe, hour: float) -> Recipe:
    """Return a recipe with another harvest; set points that would change after it never do."""
    cut = {}
    for name in PROFILES:
        pairs = getattr(recipe, name)
        if isinstance(pairs, tuple):
            cut[name] = tuple(pair for pair in pairs if pair[0] <= hour) or pairs[0][1]
    return replace(recipe, infection_duration_h=hour, **cut)


# What comes of it -------------------------------------------------------------------------


def _came_of(
    product: str,
    recipes: Sequence[Recipe],
    circumstances: Circumstances,
    mended_h: np.ndarray | float = np.inf,
) -> pd.DataFrame:
    """Make batches of a product: columns of `Deployment.batches` as if none were stopped."""
    made = making.make(recipes, circumstances, mended_h)
    at_harvest = made.batches.at_harvest
    with np.errstate(divide="ignore"):
        titre = np.log10(made.harvest.infectious_virions_per_ml)
    measured = _live(made, circumstances) if product == LIVE else _inactivated(made)
    released = measured.pop("released")
    infection_h = _infection_h(recipes)
    growth_h = np.array([recipe.growth_time_h for recipe in recipes])
    table = {
        "harvest_h": infection_h,
        "doses": np.where(released, measured.pop("doses"), 0.0),
        "reason": [REASONS_OF[product].get(key, "") for key in measured.pop("reason")],
        "broke": measured.pop("broke"),
        "reactor_h": growth_h + infection_h + TURNAROUND_H,
        "titre_log10_per_ml": titre,
        "viability_percent": at_harvest["viability_percent"],
        "lactate_mmol_per_l": at_harvest["lactate_mmol_per_l"],
    }
    return pd.DataFrame(table | measured)


def _inactivated(made: Made) -> dict[str, np.ndarray]:
    purified, tests = made.purified, made.release
    nothing = np.full(len(purified.doses), np.nan)
    return {
        "released": tests.released,
        "doses": purified.doses,
        "reason": tests.reason,
        "broke": tests.broke,
        "recovery": purified.antigen_out_ug / purified.antigen_in_ug,
        "dna_ng_per_dose": tests.dna_ng_per_dose,
        "hcp_ug_per_ug_ha": tests.hcp_per_ha,
        "potency_ug_per_ml": tests.potency_ug_per_ml,
        "hcp_ug_per_dose": nothing,
        "potency_doses_per_l": nothing,
    }


def _live(made: Made, circumstances: Circumstances) -> dict[str, np.ndarray]:
    # The first two streams are those of the inactivated vaccine.
    steps, assays = np.random.default_rng(circumstances.luck_seed).spawn(4)[2:]
    bulk = live.purify(made.harvest, made.equipment, steps)
    tests = live.release(bulk, made.harvest, made.equipment, assays)
    nothing = np.full(len(bulk.doses), np.nan)
    return {
        "released": tests.released,
        "doses": bulk.doses,
        "reason": tests.reason,
        "broke": tests.broke,
        "recovery": bulk.recovered,
        "dna_ng_per_dose": tests.dna_ng_per_dose,
        "hcp_ug_per_ug_ha": nothing,
        "potency_ug_per_ml": nothing,
        "hcp_ug_per_dose": tests.hcp_ug_per_dose,
        "potency_doses_per_l": tests.doses_per_litre,
    }


def _table(
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    alarm_h: np.ndarray,
    stopped: np.ndarray,
    false_alarm: np.ndarray,
) -> pd.DataFrame:
    """Return `Deployment.batches`: a policy's batches beside the history's."""
    called = np.isfinite(alarm_h)
    doses = np.where(stopped, 0.0, ours["doses"] * np.where(called, 1 - VISIT_LOSS, 1.0))
    saved_h = np.where(stopped, ours["harvest_h"] - alarm_h, 0.0)
    first = {
        "batch": np.arange(len(ours)),
        "harvest_h": ours["harvest_h"].mask(stopped),
        "doses": doses,
        "reason": ours["reason"].mask(stopped, STOPPED),
        "broke": ours["broke"].mask(stopped, ""),
        "alarm_h": np.where(called, alarm_h, np.nan),
        "false_alarm": false_alarm,
        "reactor_h": ours["reactor_h"] - saved_h,
    }
    quality = {name: ours[name].mask(stopped) for name in ours if name not in first}
    history = {
        f"history_{name}": theirs[name]
        for name in ("doses", "reason", "broke", "harvest_h", "reactor_h")
    }
    return pd.DataFrame(first | quality | history | {"gained": doses - theirs["doses"]})


# What the rules are given -----------------------------------------------------------------


def known_before(
    drawn: campaign.Drawn, planned: list[Recipe], rng: np.random.Generator
) -> list[Known]:
    """Return what a rule is told of each batch before it begins; `rng` draws certificates."""
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


def with_conductivity(circumstances: Circumstances, wanted: np.ndarray) -> Circumstances:
    """Return what batches meet with other conductivities, mS/cm; NaN leaves the usual."""
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


def _infection_h(recipes: Sequence[Recipe]) -> np.ndarray:
    return np.array([recipe.infection_duration_h for recipe in recipes])


def _limits_broken(broke: pd.Series) -> int:
    return sum(not set(QUALITY).isdisjoint(keys.split("+")) for keys in broke)


def _t_975(degrees: int) -> float:
    """Return the 97.5 % quantile of Student's t (Cornish-Fisher, good to 0.01 from 9 on)."""
    z = 1.959964
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
