"""Ask the plant many recipes at once: the same lots, hands, faults and luck for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vaxlab.plant import campaign, faults, live, making
from vaxlab.plant.batch import Batches, Factors
from vaxlab.plant.deploy import LICENSED, LIVE_SHARES
from vaxlab.plant.integrate import SIDE_BY_SIDE, runge_kutta
from vaxlab.plant.kinetics import ARRAYS, INDEX, rates
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.phases import phase, start_of_growth, start_of_infection
from vaxlab.plant.recipe import Recipe

LONGEST_H = 96.0
AT_A_TIME = 60
DEVIATING = ("F7", "F16", "F17")
"""Virus seed weaker (or stronger) than its label, added late, temperature off."""
USUAL_H = {"growth_time_h": campaign.GROWTH_H, "infection_duration_h": campaign.INFECTION_H}

Changes = Mapping[str, float]


@dataclass(frozen=True)
class Season:
    """A stretch of batches that come after the history.

    Attributes
    ----------
    drawn : campaign.Drawn
    planned : tuple of Recipe
        As the history's policy has them, with the crew's lateness.
    """

    drawn: campaign.Drawn
    planned: tuple[Recipe, ...]

    @property
    def circumstances(self) -> Circumstances:
        """Lots, hands, faults and luck."""
        return self.drawn.circumstances

    def __len__(self) -> int:
        return len(self.planned)


def season(seed: int, n: int, shares: Mapping[str, float] | None = None) -> Season:
    """Draw n batches, as `vaxlab.plant.deploy.deploy` does."""
    days = max(1, round(n * campaign.DAYS_A_BATCH))
    drawn = campaign.draw(seed, n, days=days, first=campaign.DAYS, shares=shares)
    planned = campaign.recipes_meant(drawn.plan, drawn.growth_min / 60, drawn.infection_min / 60)
    return Season(drawn, tuple(planned))


def live_season(seed: int, n: int) -> Season:
    """Draw n batches of the live line."""
    return season(seed, n, LIVE_SHARES)


def without_faults(some: Season) -> Season:
    """Return the same batches, all of them sound."""
    sound = replace(some.circumstances, faults=faults.none(len(some)))
    return Season(replace(some.drawn, circumstances=sound), some.planned)


def changed(some: Season, changes: Changes) -> list[Recipe]:
    """Return the season's recipes with set points changed; the crew is as late as it was."""
    return [
        replace(
            recipe,
            **{
                name: float(value)
                + (getattr(recipe, name) - USUAL_H[name] if name in USUAL_H else 0.0)
                for name, value in changes.items()
            },
        )
        for recipe in some.planned
    ]


def made(some: Season, candidates: Sequence[Changes]) -> list[Made]:
    """Make the season once for each of several changes of its set points."""
    results: list[Made] = []
    n = len(some)
    for begin in range(0, len(candidates), AT_A_TIME):
        part = candidates[begin : begin + AT_A_TIME]
        recipes = [recipe for changes in part for recipe in changed(some, changes)]
        tiled = some.circumstances.of(np.tile(np.arange(n), len(part)))
        done = making.recipes_done(recipes, tiled)
        course = making.course(done, tiled)
        batches = making.run_batches(done, making.factors(tiled), course)
        hours = np.array([recipe.infection_duration_h for recipe in done])
        for k in range(len(part)):
            rows = slice(k * n, (k + 1) * n)
            at_harvest = {name: values[rows] for name, values in batches.at_harvest.items()}
            some_batches = Batches(tuple(done[rows]), batches.time_h, {}, {}, at_harvest, 0)
            results.append(making.finish(some_batches, at_harvest, some.circumstances, hours[rows]))
    return results


def released(one: Made) -> np.ndarray:
    """Return true doses of released batches, 0 for the others, (B,)."""
    return np.where(one.release.released, one.purified.doses, 0.0)


@dataclass(frozen=True)
class Curves:
    """What a harvest at each hour would give; arrays (H, B).

    Attributes
    ----------
    hours : array (H,)
        After infection.
    doses, released : array
        True doses of the inactivated vaccine, before the decision on release and after it.
    titre : array
        Infectious virions per mL.
    live_doses : array
        True doses of the live vaccine.
    """

    hours: np.ndarray
    doses: np.ndarray
    released: np.ndarray
    titre: np.ndarray
    live_doses: np.ndarray


def curves(some: Season, moi_times: float = 1.0) -> Curves:
    """Let every batch of a season run on, and harvest it at each full hour."""
    recipes = [
        replace(recipe, infection_duration_h=LONGEST_H, moi=recipe.moi * moi_times)
        for recipe in some.planned
    ]
    circumstances = some.circumstances
    done = making.recipes_done(recipes, circumstances)
    course = making.course(done, circumstances)
    batches = making.run_batches(done, making.factors(circumstances), course)
    moments = [k for k in np.flatnonzero(batches.time_h >= 18) if batches.time_h[k] % 1 == 0]
    doses, kept, titre, live_doses = [], [], [], []
    for k in moments:
        state = {name: values[:, k] for name, values in batches.states.items()}
        hours = np.full(len(some), batches.time_h[k])
        one = making.finish(batches, state, circumstances, hours)
        doses.append(one.purified.doses)
        kept.append(released(one))
        titre.append(one.harvest.infectious_virions_per_ml)
        live_doses.append(live.purify(one.harvest, one.equipment).doses)
    hours = batches.time_h[moments]
    return Curves(hours, *map(np.array, (doses, kept, titre, live_doses)))


def middle() -> dict[str, float]:
    """Return the history's set points, each at its mean."""
    usual = Recipe()
    points = {name: getattr(usual, name) for name in LICENSED} | USUAL_H
    for name, choices in campaign.SET_POINTS.items():
        values, shares = np.array(choices).T
        log = name == "moi"
        mean = np.sum(shares * (np.log(values) if log else values))
        points[name] = float(np.exp(mean) if log else mean)
    return points


def within_licence(rng: np.random.Generator) -> dict[str, float]:
    """Draw set points anywhere in the licence; the MOI on a log scale."""
    drawn = {name: float(rng.uniform(low, high)) for name, (low, high) in LICENSED.items()}
    low, high = LICENSED["moi"]
    return drawn | {"moi": float(np.exp(rng.uniform(np.log(low), np.log(high))))}


def moved(point: Changes, name: str, share: float) -> dict[str, float]:
    """Return a point with one set point moved by a share of its licensed range, inside it."""
    low, high = LICENSED[name]
    if name == "moi":
        value = float(np.exp(np.log(point[name]) + share * np.log(high / low)))
    else:
        value = point[name] + share * (high - low)
    return dict(point) | {name: float(np.clip(value, low, high))}


def coordinate_search(some: Season, sweeps: int = 4, worth: float = 0.005) -> dict[str, float]:
    """Return set points that no single move betters by more than ``worth`` of the doses.

    Sweeps over all set points, two steps down and two up; the steps are halved from the second
    sweep on. It sees the season's own luck, so what it finds is asked again on another season.
    """
    point, step = middle(), 0.25
    history = released(made(some, [{}])[0]).sum()
    best = released(made(some, [point])[0]).sum() / history
    for sweep in range(sweeps):
        for name in LICENSED:
            tried = [moved(point, name, k * step) for k in (-2, -1, 1, 2)]
            tried = [one for one in tried if one[name] != point[name]]
            gains = [released(one).sum() / history for one in made(some, tried)]
            top = int(np.argmax(gains))
            if gains[top] > best + worth:
                best, point = gains[top], tried[top]
        if sweep:
            step /= 2
    return point


def on_the_edge(point: Changes) -> list[str]:
    """Return the set points within a fiftieth of an end of their licensed range."""
    return [
        name
        for name, (low, high) in LICENSED.items()
        if min(point[name] - low, high - point[name]) < 0.02 * (high - low)
    ]


def effect_of(some: Season, driver: str) -> float:
    """Return what a driver moves: doses at its 95 % quantile over those at its 5 %, less 1.

    Everything else stays as it is in each batch; true doses, before the decision on release.
    """
    low, high = (_with_driver(some, driver, share) for share in (0.05, 0.95))
    return float(_doses(*high) / _doses(*low) - 1)


def effect_of_seed_train(some: Season) -> float:
    """Return what old cells at the wrong age give over young ones at the right age, less 1."""
    c = some.circumstances
    recipes, n = list(some.planned), len(some)
    good, bad = (
        replace(c, passage=np.full(n, passage), age_h=np.full(n, age_h))
        for passage, age_h in (
            (np.quantile(c.passage, 0.05), VALUES["age_best"]),
            (np.quantile(c.passage, 0.95), np.quantile(c.age_h, 0.95)),
        )
    )
    return float(_doses(recipes, bad) / _doses(recipes, good) - 1)


def cost_of_lactate(lactate_mmol_per_l: float) -> float:
    """Return the share of virions at harvest that lactate in the medium of infection takes."""
    usual = {k: v for k, v in middle().items() if k in Recipe.__dataclass_fields__}
    recipes = [Recipe(**usual)] * 2
    grown = _ran(recipes, False, start_of_growth(recipes, Factors()))
    start = start_of_infection(list(grown), recipes, Factors())
    start[INDEX["lactate_mmol_per_l"]] = np.array([0.0, lactate_mmol_per_l])
    without, with_it = _ran(recipes, True, start)[INDEX["total_virions_per_ml"]]
    return float(1 - with_it / without)


def _ran(recipes: Sequence[Recipe], infected: bool, start: Sequence[np.ndarray]) -> np.ndarray:
    one = phase(recipes, Factors(), infected=infected)
    return runge_kutta(
        lambda y, step, moment: rates(y, one.at(step, moment), VALUES, ARRAYS),
        start,
        one.steps,
        vanishing=INDEX["uninfected_cells_per_ml"] if infected else None,
        backend=SIDE_BY_SIDE,
    )[-1]


def _doses(recipes: Sequence[Recipe], circumstances: Circumstances) -> float:
    return float(making.make(recipes, circumstances).purified.doses.mean())


def _with_driver(some: Season, driver: str, share: float) -> tuple[list[Recipe], Circumstances]:
    """Return recipes and circumstances with a driver at a quantile of its own in all batches."""
    c, recipes, n = some.circumstances, list(some.planned), len(some)

    def at(values: np.ndarray) -> np.ndarray:
        return np.full(n, np.quantile(values, share))

    if driver == "hold_h":
        return recipes, replace(c, hold_h=at(c.hold_h))
    if driver == "seed_passage":
        return recipes, replace(c, passage=at(c.passage))
    if driver in ("carrier_area_factor", "serum_growth_factor"):
        kind, field = ("carrier", "area") if "area" in driver else ("serum", "growth")
        own = some.drawn.plan.lot_effects[kind][field][some.drawn.plan.lot_numbers[kind]]
        changed_lots = c.lot_factors[field] / own * at(own)
        return recipes, replace(c, lot_factors=dict(c.lot_factors) | {field: changed_lots})
    if driver == "infection_temperature_c":
        set_point = at(np.array([r.infection_temperature_c for r in recipes]))[0]
        return [replace(r, infection_temperature_c=float(set_point)) for r in recipes], c
    if driver == "true_ph":
        days = np.array([r.growth_time_h for r in recipes]) / 24
        off = c.fitted.ph_error + c.fitted.ph_drift_per_day * days
        true = at(np.array([r.ph for r in recipes]) - off)[0]
        exact = replace(c.fitted, ph_error=np.zeros(n), ph_drift_per_day=np.zeros(n))
        return [replace(r, ph=float(true)) for r in recipes], replace(c, fitted=exact)
    if driver == "dip_hours":
        hours = at(c.dips[:, :, 1].sum(axis=1))
        middle_h = (VALUES["dip_first"] + VALUES["dip_last"]) / 2
        one = np.zeros_like(c.dips)
        one[:, 0, 0], one[:, 0, 1] = middle_h - hours / 2, hours
        return recipes, replace(c, dips=one)
    if driver == "trypsin_activity":
        active = making.trypsin_activity(making.recipes_done(recipes, c))
        usual = Recipe().trypsin_bu_per_ml * at(active)[0]
        factor = dict(c.lot_factors) | {"trypsin_activity": np.ones(n)}
        return (
            [replace(r, trypsin_bu_per_ml=float(usual)) for r in recipes],
            replace(c, lot_factors=factor),
        )
    conductivity = at(c.fitted.conductivity_ms_per_cm)
    return recipes, replace(c, fitted=replace(c.fitted, conductivity_ms_per_cm=conductivity))
