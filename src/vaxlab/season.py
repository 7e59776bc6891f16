"""Half a year of the plant on somebody's policy: three reactors, two products, sixty batches.

Nine days a round, twenty rounds. Reactors R1 and R2 make the inactivated vaccine, R3 the live one.
Four things differ from the history, and nobody says how much: the cells are of a new bank, the
trypsin is of a new supplier, part way a new lot of virus seed is opened, and in one reactor the
probe of pH begins to drift. A policy sees what a plant would show; truth and seed stay here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.errors import CourseError
from vaxlab.plant import campaign, deploy, equipment, faults, live, making, rules
from vaxlab.plant.batch import checked_seed
from vaxlab.plant.deploy import INACTIVATED, LIVE
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.recipe import Recipe

REACTORS = {"R1": INACTIVATED, "R2": INACTIVATED, "R3": LIVE}
"""Reactor to what it makes."""
ROUNDS, ROUND_DAYS = 20, 9
BATCHES = ROUNDS * len(REACTORS)
RUNS, ASKED, VESSELS = 20, 4, 3
"""Experiments before the season, how often the policy is asked for some, and vessels of each."""
USUAL_DOSES = {INACTIVATED: 15_000, LIVE: 2_400_000}
"""Doses of a usual batch of the history: what makes both products one number."""
USUAL_H = {INACTIVATED: 56.0, LIVE: deploy.LIVE_HARVEST_H}
"""When the history harvests, h after infection."""
VISIT = 0.1
"""What a visit of maintenance costs, in usual batches."""
ENTRY, TRYPSIN = (0.55, 1.2), (0.6, 1.5)
"""Least and most of what the new cells take up of virus, and of the new trypsin's activity, over
the history's; drawn evenly on a log scale. Own choice, as all that follows."""
SEED_LOT_ROUNDS, SEED_LOT = (7, 12), (3.0, 8.0)
"""First and last round that may open the new seed lot, and how many times weaker, or stronger,
than its label it is."""
DRIFT_ROUNDS, DRIFT = (3, 9), (0.03, 0.05)
"""First and last round with which the drift may begin, and what a round adds to it, pH."""
WORST = 0.4
"""Where the drift ends, pH."""
LOW_PH, HIGH_PH = deploy.LICENSED["ph"]
"""A batch whose true pH at infection lay outside is called back when the season is over."""
SEEN_FROM_H = -6
UPTAKE_GAIN_SD, UPTAKE_SD, CAPACITANCE_SD = 0.05, 0.04, 0.006
"""Oxygen uptake: gain of a batch and noise of an hour, relative; capacitance: noise of an hour,
pF/cm (its gain and zero are those of the plant's instruments)."""
LIMIT_S = 150.0
"""A policy may think for so long in one play, all seasons together, s on the clock."""

_HOURS = "infection_duration_h"
LICENCES = {
    product: replace(
        licence,
        set_points={name: ends for name, ends in licence.set_points.items() if name != _HOURS},
    )
    for product, licence in deploy.LICENCES.items()
}
"""What a recipe may set; when a batch is harvested is asked of its own."""

Batch = dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """How the season is to be run; what is None stays as in the history.

    Attributes
    ----------
    experiments : callable, optional
        Asked four times before the season: ``experiments(runs)`` returns a list of five recipes
        or fewer to try next, each a dict with ``"product"`` and set points. ``runs`` holds what
        was tried so far.
    recipe : callable, optional
        Asked before each batch: ``recipe(batch, record, runs)`` returns a dict of set points to
        change, empty for none.
    maintain : callable, optional
        Asked before each batch: ``maintain(batch, record)`` returns True to have the reactor's
        probe of pH checked, and mended if need be. It costs `VISIT`.
    harvest : callable, optional
        Asked every two hours: ``harvest(batch, seen)`` returns True to harvest now. At the last
        hour that is asked about the batch is harvested in any case.

    Notes
    -----
    ``batch``: a dict of what is known before the batch. ``record``: a table, one row a batch of
    the rounds before. ``seen``: capacitance and oxygen uptake of the batch, hour by hour up to
    now. A function keeps nothing in mind: several seasons may be played side by side.
    """

    experiments: Callable[..., Any] | None = None
    recipe: Callable[..., Any] | None = None
    maintain: Callable[..., Any] | None = None
    harvest: Callable[..., Any] | None = None


HISTORY = Policy()
"""What the plant has always done: no experiments, nobody checks, and the clock harvests."""


@dataclass(frozen=True)
class Drift:
    """Which probe of pH goes wrong, from which round on, and by how much a round."""

    reactor: str
    start: int
    a_round: float

    def at(self, round_: int) -> float:
        """Return what the probe reads too high in a round, pH."""
        return float(np.clip(self.a_round * max(0, round_ - self.start + 1), -WORST, WORST))


@dataclass(frozen=True)
class Season:
    """Sixty batches that can be made, and a laboratory.

    Attributes
    ----------
    met : Circumstances
        Of the batches, in order of rounds and reactors. Probes of pH are checked before the
        season: what is left is their offset.
    planned : tuple of Recipe
        The history's.
    known : tuple of dict
        What is known before each batch.
    drift : Drift
    bench : Circumstances
        Of the laboratory's vessels, three a run.
    noise : dict of str to array
        Standard normal scores of everything that is measured.
    """

    met: Circumstances
    planned: tuple[Recipe, ...]
    known: tuple[Batch, ...]
    drift: Drift
    bench: Circumstances
    noise: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Played:
    """What came of a policy in a season.

    Attributes
    ----------
    record : DataFrame
        What the plant showed, one row a batch, as the policy's functions see it.
    runs : DataFrame
        The experiments.
    truth : DataFrame
        One row a batch: ``worth`` (true doses that were released and not called back, in usual
        batches, less visits), ``recalled``, ``true_ph``, ``drifts``.
    """

    record: pd.DataFrame
    runs: pd.DataFrame
    truth: pd.DataFrame

    @property
    def score(self) -> float:
        """Return the season's worth, in usual batches."""
        return float(self.truth["worth"].sum())


# What chance gives ------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def drawn(seed: int) -> Season:
    """Draw a season; the same for every policy."""
    checked_seed("season", seed)
    days = ROUNDS * ROUND_DAYS
    drawn_ = campaign.draw(seed, BATCHES, days=days, first=campaign.DAYS)
    rng = np.random.default_rng([seed, 451])
    usual = np.arange(BATCHES) // len(REACTORS)
    opened = int(rng.integers(SEED_LOT_ROUNDS[0], SEED_LOT_ROUNDS[1] + 1))
    off = np.exp(_even(rng, SEED_LOT) * rng.choice([-1.0, 1.0]))
    cells = {"entry": np.exp(_even(rng, ENTRY)), "trypsin_activity": np.exp(_even(rng, TRYPSIN))}
    drift = Drift(
        str(rng.choice(list(REACTORS))),
        int(rng.integers(DRIFT_ROUNDS[0], DRIFT_ROUNDS[1] + 1)),
        float(rng.uniform(*DRIFT) * rng.choice([-1.0, 1.0])),
    )
    new_lot = usual >= opened
    met = drawn_.circumstances
    met = replace(
        met,
        lot_factors=_times(met.lot_factors, cells),
        handling=_times(met.handling, {"moi": np.where(new_lot, off, 1.0)}),
        faults=_with_live_faults(met.faults, rng),
        fitted=replace(met.fitted, ph_error=VALUES["sd_offset_pH"] * rng.standard_normal(BATCHES)),
    )
    planned = campaign.recipes_meant(drawn_.plan, drawn_.growth_min / 60, drawn_.infection_min / 60)
    known = deploy._known(drawn_, planned, rng)
    return Season(
        met,
        tuple(planned),
        tuple(_known(b, row, opened) for b, row in enumerate(known)),
        drift,
        _bench(seed, cells),
        {
            name: rng.standard_normal((BATCHES, *more))
            for name, more in (("ph", ()), ("cells", ()), ("gain", ()), ("zero", ()),
                               ("uptake", ()), ("hours", (2, 100)))
        },
    )  # fmt: skip


def _even(rng: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(rng.uniform(*np.log(ends)))


def _times(
    factors: Mapping[str, np.ndarray], more: Mapping[str, np.ndarray | float]
) -> dict[str, np.ndarray]:
    """Multiply factors of batches; those that no lot has are 1."""
    n = len(next(iter(factors.values())))
    return dict(factors) | {k: factors.get(k, np.ones(n)) * v for k, v in more.items()}


def _with_live_faults(plan: faults.Plan, rng: np.random.Generator) -> faults.Plan:
    """Give the live batches the faults of their line."""
    rows = np.flatnonzero([product == LIVE for product in REACTORS.values()] * ROUNDS)
    there = faults.draw(rng, len(rows), deploy.LIVE_SHARES)
    table = {name: values.copy() for name, values in vars(plan).items()}
    for name, values in vars(there).items():
        table[name][rows] = values
    return faults.Plan(**table)


def _known(b: int, row: Batch, opened: int) -> Batch:
    """Return what is known before a batch; the new seed lot has a number of its own."""
    round_, place = divmod(b, len(REACTORS))
    reactor = list(REACTORS)[place]
    seed_lot = "SEED-N9" if round_ >= opened else "SEED-N1"
    head = {"batch": b, "round": round_, "reactor": reactor, "product": REACTORS[reactor]}
    return head | row | {"seed_lot": seed_lot}


def _bench(seed: int, cells: Mapping[str, float]) -> Circumstances:
    """Return the laboratory's vessels: new cells and trypsin, the old seed lot, average lots."""
    n = RUNS * VESSELS
    own = int(np.random.default_rng([seed, 452]).integers(2**32))
    hands = campaign.draw(own, n, days=60, first=campaign.DAYS, sound=True).circumstances
    return replace(
        hands,
        lot_factors=_times({name: np.ones(n) for name in hands.lot_factors}, cells),
        hold_h=np.full(n, float(np.median(hands.hold_h))),
        dips=np.zeros_like(hands.dips),
        fitted=replace(
            equipment.take(hands.fitted, np.zeros(n, dtype=int)),
            ph_error=np.zeros(n),
            ph_drift_per_day=np.zeros(n),
        ),
        passage=np.full(n, float(np.median(hands.passage))),
        age_h=np.full(n, float(VALUES["age_best"])),
    )


# Play -------------------------------------------------------------------------------------------


def play(policy: Policy, seeds: Sequence[int]) -> list[Played]:
    """Play seasons on a policy, side by side.

    Parameters
    ----------
    policy : Policy
    seeds : sequence of int
        Of the seasons. What comes of one does not depend on the others.

    Returns
    -------
    list of Played
        One for each seed.

    Raises
    ------
    CourseError
        A function of the policy stopped, returned something else than it should, or left the
        licence: the message names it, the batch, what came and what is expected. Or all of them
        together took more than `LIMIT_S`.
    """
    for name in (field.name for field in fields(Policy)):
        function = getattr(policy, name)
        if function is not None and not callable(function):
            raise CourseError(f"`{name}` is {rules.short(function)}; expected a function.")
    asked = _Asked(policy)
    seasons = [drawn(int(seed)) for seed in seeds]
    tries = _tried(asked, seasons)
    plants = [_Plant(season, runs) for season, runs in zip(seasons, tries, strict=True)]
    for round_ in range(ROUNDS):
        _played_round(asked, plants, round_)
    return [plant.played() for plant in plants]


class _Asked:
    """Asks a policy's functions, and keeps an eye on the clock."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self._spent_s = policy, 0.0

    def __call__(self, name: str, *given: Any, where: str) -> Any:
        """Return what a function gives; None where there is none."""
        function = getattr(self.policy, name)
        if function is None:
            return None
        begun = time.monotonic()
        try:
            return function(*given)
        except CourseError:
            raise
        except Exception as error:
            if getattr(error, "outcome", None) is not None:  # a check has words of its own for it
                raise
            raise CourseError(
                f"`{name}` stopped {where}: {type(error).__name__}: {error}. "
                f"Expected {_EXPECTED[name]}."
            ) from error
        finally:
            self._spent_s += time.monotonic() - begun
            if self._spent_s > LIMIT_S:
                raise CourseError(
                    f"The policy was stopped {where}: it has thought for more than {LIMIT_S:g} s. "
                    "Is something worked out again at each call?"
                )

    def flag(self, name: str, *given: Any, where: str) -> bool:
        """Return True or False, or raise a `CourseError`."""
        answer = self(name, *given, where=where)
        if not isinstance(answer, bool | np.bool_):
            raise _refused(name, answer, where)
        return bool(answer)


_EXPECTED = {
    "experiments": f"a list of up to {RUNS // ASKED} dicts with 'product' and set points",
    "recipe": "a dict of set points to change, empty for none",
    "maintain": "True to have the probe checked, or False",
    "harvest": "True to harvest now, or False to go on",
}


def _refused(name: str, answer: Any, where: str, why: str = "") -> CourseError:
    return CourseError(
        f"`{name}` gave {rules.short(answer)} {where}{why}; expected {_EXPECTED[name]}."
    )


def _recipe(
    name: str, answer: Any, licence: rules.Licence, planned: Recipe, where: str
) -> tuple[Recipe, float]:
    """Return recipe and conductivity (NaN: as it comes) of an answer that the licence allows."""
    if answer is None:
        return planned, np.nan
    if not isinstance(answer, Mapping):
        raise _refused(name, answer, where)
    for set_point, value in answer.items():
        if set_point not in licence.set_points:
            known = ", ".join(licence.set_points)
            raise _refused(name, answer, where, f": {set_point!r} is none of {known}")
        if isinstance(value, tuple | list):
            raise _refused(name, answer, where, f": {set_point} is one number here, no profile")
    try:
        return rules.recipe(lambda _: dict(answer), licence, {}, planned, 0)
    except CourseError as error:
        raise CourseError(str(error).replace("for batch 0", where)) from None


# The laboratory -----------------------------------------------------------------------------------


def bench_recipe(product: str) -> Recipe:
    """Return what the laboratory runs where nothing else is said: the history's mean."""
    points = {}
    for name, choices in campaign.SET_POINTS.items():
        values, shares = np.array(choices).T
        log = name == "moi"
        mean = np.sum(shares * (np.log(values) if log else values))
        points[name] = float(np.exp(mean) if log else mean)
    return Recipe(**points, growth_time_h=campaign.GROWTH_H, infection_duration_h=USUAL_H[product])


def _tried(asked: _Asked, seasons: Sequence[Season]) -> list[pd.DataFrame]:
    """Run the experiments of every season, side by side: one table each."""
    rows: list[list[dict]] = [[] for _ in seasons]
    for nth in _NTH if asked.policy.experiments else ():
        where = f"when asked the {nth} time"
        wanted = []
        for season, done in zip(seasons, rows, strict=True):
            answer = asked("experiments", _run_table(done), where=where)
            wanted.append((season, len(done), _experiments(answer, where)))
        for done, new in zip(rows, _tested(wanted), strict=True):
            done += new
    return [_run_table(done) for done in rows]


_NTH = ("first", "second", "third", "fourth")
Wanted = tuple[str, Recipe, float]
"""Product, recipe, and conductivity at capture."""


def _experiments(answer: Any, where: str) -> list[Wanted]:
    if isinstance(answer, pd.DataFrame):
        answer = answer.to_dict("records")
    if not isinstance(answer, list | tuple) or len(answer) > RUNS // ASKED:
        raise _refused("experiments", answer, where)
    wanted = []
    for one in answer:
        if not isinstance(one, Mapping) or one.get("product") not in LICENCES:
            products = " or ".join(map(repr, LICENCES))
            raise _refused("experiments", one, where, f": 'product' should be {products}")
        points = {name: value for name, value in one.items() if name != "product"}
        product = one["product"]
        licence = deploy.LICENCES[product]
        recipe = _recipe("experiments", points, licence, bench_recipe(product), where)
        wanted.append((product, *recipe))
    return wanted


def _tested(wanted: Sequence[tuple[Season, int, list[Wanted]]]) -> list[list[dict]]:
    """Make the vessels of all seasons' experiments at once, and measure them."""
    parts, recipes = [], []
    for season, done, runs in wanted:
        rows = np.arange(VESSELS * done, VESSELS * (done + len(runs)))
        conductivity = np.repeat([c for _, _, c in runs], VESSELS)
        parts.append(deploy._with_conductivity(_taken(season.bench, rows), conductivity))
        recipes += [recipe for _, recipe, _ in runs for _ in range(VESSELS)]
    if not recipes:
        return [[] for _ in wanted]
    made = making.make(recipes, _joined(parts))
    results, begin = [], 0
    for (_, done, runs), part in zip(wanted, parts, strict=True):
        table = []
        for k, (product, recipe, conductivity) in enumerate(runs):
            rows = np.arange(VESSELS * k, VESSELS * (k + 1))
            own = replace(_taken(part, rows), luck_seed=part.luck_seed + done + k)
            hours = np.full(VESSELS, recipe.infection_duration_h)
            ends = {name: values[begin + rows] for name, values in made.batches.at_harvest.items()}
            kept = [made.batches.recipes[begin + row] for row in rows]
            one = making.finish(replace(made.batches, recipes=tuple(kept)), ends, own, hours)
            table.append(_measured_run(done + k, product, recipe, conductivity, one, own))
        results.append(table)
        begin += VESSELS * len(runs)
    return results


def _measured_run(
    run: int, product: str, recipe: Recipe, conductivity: float, made: Made, own: Circumstances
) -> dict[str, Any]:
    paid = _paid(product, made, own)
    row = {"run": run, "product": product} | asdict(recipe)
    row |= {rules.CONDUCTIVITY: conductivity, "worth": paid["read"].mean() / USUAL_DOSES[product]}
    return row | {"released": paid["released"].mean()}


def _run_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    names = [field.name for field in fields(Recipe)]
    columns = ["run", "product", *names, rules.CONDUCTIVITY, "worth", "released"]
    return pd.DataFrame(list(rows), columns=columns)


# The plant ----------------------------------------------------------------------------------------


class _Plant:
    """A season on its way."""

    def __init__(self, season: Season, runs: pd.DataFrame) -> None:
        self.season, self.runs = season, runs
        self.rows: list[dict[str, Any]] = []
        self.truth: list[dict[str, Any]] = []
        self.mended = False

    def record(self) -> pd.DataFrame:
        """Return what the plant has shown of the rounds before."""
        return pd.DataFrame(self.rows, columns=RECORD)

    def played(self) -> Played:
        """Return what came of it all."""
        return Played(self.record(), self.runs, pd.DataFrame(self.truth))


RECORD = [
    "batch", "round", "reactor", "product", "seed_lot", "checked",
    *(field.name for field in fields(Recipe) if field.name != _HOURS), rules.CONDUCTIVITY,
    "harvest_h", "ph_gap", "cells_1e6_per_ml", "worth", "reason",
]  # fmt: skip
"""Columns of a record. ``checked``: whether the probe was before the batch; ``harvest_h``: after
infection; ``ph_gap``: pH on the bench less that of the probe, one sample at infection; ``worth``:
doses as the tests count them, over those of a usual batch, 0 if rejected; ``reason``: of that."""


@dataclass(frozen=True)
class _Wish:
    """A batch as the policy wants it."""

    recipe: Recipe
    conductivity: float
    checked: bool
    ph_error: float
    drifts: bool


def _played_round(asked: _Asked, plants: Sequence[_Plant], round_: int) -> None:
    """Ask for, make, harvest and test the three batches of a round in every season."""
    rows = np.arange(len(REACTORS)) + round_ * len(REACTORS)
    wanted = [[_wish(asked, plant, b) for b in rows] for plant in plants]
    parts, recipes = [], []
    for plant, batches in zip(plants, wanted, strict=True):
        met = _taken(plant.season.met, rows)
        error = np.array([one.ph_error for one in batches])
        met = replace(met, fitted=replace(met.fitted, ph_error=error))
        parts.append(deploy._with_conductivity(met, np.array([b.conductivity for b in batches])))
        recipes += [deploy._until(one.recipe, _LAST_H) for one in batches]
    made = making.make(recipes, _joined(parts))
    for p, (plant, batches) in enumerate(zip(plants, wanted, strict=True)):
        here = p * len(REACTORS) + np.arange(len(REACTORS))
        hours = [
            _harvest_h(asked, plant.season, made, int(row), int(b))
            for row, b in zip(here, rows, strict=True)
        ]
        _finished(plant, batches, made, here, np.array(hours), parts[p])


_LAST_H = float(max(max(licence.harvest_hours) for licence in LICENCES.values()))


def _wish(asked: _Asked, plant: _Plant, b: int) -> _Wish:
    """Ask about a batch, and say what its probe will read too high."""
    season, drift = plant.season, plant.season.drift
    known, where = season.known[b], f"for batch {b}"
    round_, reactor = known["round"], known["reactor"]
    checked = False
    if asked.policy.maintain is not None:
        checked = asked.flag("maintain", dict(known), plant.record(), where=where)
    off = drift.at(round_) if reactor == drift.reactor and not plant.mended else 0.0
    if checked and off:
        plant.mended, off = True, 0.0
    answer = asked("recipe", dict(known), plant.record(), plant.runs.copy(), where=where)
    licence = LICENCES[known["product"]]
    recipe, conductivity = _recipe("recipe", answer, licence, season.planned[b], where)
    error = float(season.met.fitted.ph_error[b]) + off
    return _Wish(recipe, conductivity, checked, error, bool(off))


def _harvest_h(asked: _Asked, season: Season, made: Made, row: int, b: int) -> float:
    """Return when the policy harvests a batch, h after infection."""
    known = season.known[b]
    if asked.policy.harvest is None:
        return USUAL_H[known["product"]]
    seen = _seen(season, made, row, b)
    hours = LICENCES[known["product"]].harvest_hours
    for hour in hours[:-1]:
        where = f"for batch {b} at {hour} h"
        if asked.flag("harvest", dict(known), seen.loc[:hour].copy(), where=where):
            return float(hour)
    return float(hours[-1])


def _seen(season: Season, made: Made, row: int, b: int) -> pd.DataFrame:
    """Return what the probes show of a batch, hour by hour to the last."""
    hours = np.arange(SEEN_FROM_H, int(_LAST_H) + 1)
    at = np.searchsorted(made.batches.time_h, hours - 1e-6)
    volume = made.batches.states["biovolume_ul_per_ml"][row, at]
    uptake = made.batches.states["our_mmol_per_l_h"][row, at]
    noise = season.noise
    gain = np.exp(VALUES["sd_pF_gain"] * noise["gain"][b])
    zero = VALUES["sd_pF_zero"] * noise["zero"][b]
    first, second = noise["hours"][b, :, : len(hours)]
    table = {
        "capacitance_pf_per_cm": VALUES["pF_biovolume"] * volume * gain
        + zero
        + CAPACITANCE_SD * first,
        "oxygen_uptake_mmol_per_l_h": uptake
        * np.exp(UPTAKE_GAIN_SD * noise["uptake"][b] + UPTAKE_SD * second),
    }
    return pd.DataFrame(table, index=pd.Index(hours, name="hour"))


def _finished(
    plant: _Plant,
    batches: Sequence[_Wish],
    made: Made,
    here: np.ndarray,
    hours: np.ndarray,
    met: Circumstances,
) -> None:
    """Harvest and test the three batches of a season's round, and write them down."""
    season, n = plant.season, len(here)
    at = np.searchsorted(made.batches.time_h, hours - 1e-6)
    state = {name: values[here, at] for name, values in made.batches.states.items()}
    kept = replace(made.batches, recipes=tuple(made.batches.recipes[row] for row in here))
    first = len(plant.rows)
    own = replace(met, luck_seed=met.luck_seed + first)
    one = making.finish(kept, state, own, hours)
    paid = {product: _paid(product, one, own) for product in set(REACTORS.values())}
    cells = made.batches.at_infection["attached_cells_per_ml"][here]
    for k in range(n):
        b = first + k
        known, wish = season.known[b], batches[k]
        product, recipe = known["product"], wish.recipe
        days = recipe.growth_time_h / 24
        true_ph = float(recipe.ph - wish.ph_error - met.fitted.ph_drift_per_day[k] * days)
        gap = true_ph - recipe.ph + VALUES["bias_bench_pH"]
        gap += VALUES["sd_bench_pH"] * season.noise["ph"][b]
        counted = 1e-6 * cells[k] * np.exp(VALUES["sd_count"] * season.noise["cells"][b])
        points = asdict(recipe)
        points.pop(_HOURS)
        row = {name: known[name] for name in ("batch", "round", "reactor", "product", "seed_lot")}
        row |= points | {"checked": wish.checked, rules.CONDUCTIVITY: wish.conductivity}
        read = paid[product]
        plant.rows.append(
            row
            | {
                "harvest_h": float(hours[k]),
                "ph_gap": round(float(gap), 2),
                "cells_1e6_per_ml": round(float(counted), 2),
                "worth": round(float(read["read"][k]) / USUAL_DOSES[product], 3),
                "reason": deploy.REASONS_OF[product].get(str(read["reason"][k]), ""),
            }
        )
        recalled = not LOW_PH <= true_ph <= HIGH_PH
        doses = 0.0 if recalled else float(read["true"][k])
        plant.truth.append(
            {
                "batch": b,
                "product": product,
                "worth": doses / USUAL_DOSES[product] - VISIT * wish.checked,
                "recalled": recalled and bool(read["released"][k]),
                "true_ph": true_ph,
                "drifts": wish.drifts,
            }
        )


def _paid(product: str, made: Made, met: Circumstances) -> dict[str, np.ndarray]:
    """Return doses as tests count them and true ones, both 0 if rejected; and the decision."""
    if product == LIVE:
        # The first two streams are those of the inactivated vaccine.
        steps, assays = np.random.default_rng(met.luck_seed).spawn(4)[2:]
        bulk = live.purify(made.harvest, made.equipment, steps)
        tests = live.release(bulk, made.harvest, made.equipment, assays)
        true = bulk.doses
    else:
        tests, true = made.release, made.purified.doses
    out = tests.released
    return {
        "read": np.where(out, tests.doses_filled, 0.0),
        "true": np.where(out, true, 0.0),
        "released": out,
        "reason": tests.reason,
    }


def _taken(c: Circumstances, rows: np.ndarray) -> Circumstances:
    """Return what some of the batches meet."""
    n = len(c)
    return Circumstances(
        lot_factors={name: values[rows] for name, values in c.lot_factors.items()},
        handling={name: values[rows] for name, values in c.handling.items()},
        hold_h=c.hold_h[rows],
        dips=c.dips[rows],
        fitted=equipment.take(c.fitted, rows),
        faults=faults.take(c.faults, rows),
        luck_seed=c.luck_seed,
        passage=np.broadcast_to(c.passage, n)[rows],
        age_h=np.broadcast_to(c.age_h, n)[rows],
    )


def _joined(parts: Sequence[Circumstances]) -> Circumstances:
    """Put what batches of several seasons meet side by side; luck stays with each season."""

    def tables(name: str) -> dict[str, np.ndarray]:
        first = getattr(parts[0], name)
        return {key: np.concatenate([getattr(c, name)[key] for c in parts]) for key in first}

    def all_of(things: Sequence[Any]) -> dict[str, np.ndarray]:
        return {key: np.concatenate([vars(one)[key] for one in things]) for key in vars(things[0])}

    return Circumstances(
        lot_factors=tables("lot_factors"),
        handling=tables("handling"),
        hold_h=np.concatenate([c.hold_h for c in parts]),
        dips=np.concatenate([c.dips for c in parts]),
        fitted=equipment.Fitted(**all_of([c.fitted for c in parts])),
        faults=faults.Plan(**all_of([c.faults for c in parts])),
        luck_seed=parts[0].luck_seed,
        passage=np.concatenate([c.passage for c in parts]),
        age_h=np.concatenate([c.age_h for c in parts]),
    )
