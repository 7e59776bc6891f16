"""What a decision on the plant is worth: asked, found on two seeds, and what it must be.

    python benchmarks/decisions.py            # print the page (about five minutes)
    python benchmarks/decisions.py --write    # write docs/decisions.md
    python benchmarks/decisions.py --check    # fail where it was written for other numbers

The bars were written down and committed before the plant was tuned on them; the plant was tuned on
other seeds than the two below. What is missed stays printed. Writing it takes minutes, so the
page carries a fingerprint of the plant's numbers, which a test compares.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import detectives
import fidelity
import numpy as np
import seasons
import sensors
from seasons import Season
from tqdm import tqdm

from vaxlab.plant import campaign, faults, lots
from vaxlab.plant.deploy import LICENSED, LIVE_HARVEST_H, LIVE_SHARES
from vaxlab.plant.parameters import VALUES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "decisions.md"
SEEDS = (301, 302)
TUNED_ON = 1
RANDOM_RECIPES, OF_THESE = 100, 30
QUALITY = ("dna", "hcp", "potency", "infectivity")
INF = float("inf")


@dataclass(frozen=True)
class Bar:
    """What was asked, and the interval that the plant's answer must lie in.

    Attributes
    ----------
    name, asked : str
    low, high : float
        Interval, ends included.
    """

    name: str
    asked: str
    low: float
    high: float


BARS = (
    Bar("fixed", "best fixed harvest hour over the history's own, doses", 1.0, 1.08),
    Bar("oracle", "inactivated: oracle's harvest over the best fixed hour, doses", 1.0, INF),
    Bar("live", "live: oracle's harvest over the best fixed hour, doses", 1.06, INF),
    Bar("live-deviating", "the same in the tenth of the batches that deviate", 1.3, INF),
    Bar("live-sd", "SD of log10 titre at harvest, oracle over fixed hour", 0.0, 0.6),
    Bar("live-weak", "a thirtieth of the MOI at the fixed hour: share of its own peak", 0.0, 0.7),
    Bar("live-strong", "thirty times the MOI at the fixed hour: share of its own peak", 0.0, 0.7),
    Bar("half-life", "half-life of infectivity, 37 °C, h", 5.28, 7.92),
    Bar("random-good", "random recipes within the licence at +40 % or better", 0.0, 0.05),
    Bar("random-worse", "random recipes that are worse than the history", 0.40, 1.0),
    Bar("random-30", "best of 30 random recipes, gain", -1.0, 0.35),
    Bar("attainable", "attainable by coordinate search, gain", 0.50, 0.80),
    Bar("edge", "set points of it on the edge of the licence, of 15", 0, 5),
    Bar("random-breaks", "random recipes that break a release limit", 0.15, 0.40),
    Bar("recovery", "overall recovery, harvest to bulk, median", 0.30, 0.60),
    Bar("viability", "viability at harvest, median of the history, %", 20, 70),
    Bar("scale", "volume of a batch, L", 1000, 4000),
    Bar("concentrated", "harvest over bulk, volume", 10, 50),
    Bar("raman-glucose", "glucose from Raman by PLS on new batches, RMSEP, g/L", 0.0, 0.65),
    Bar("raman-lactate", "lactate from Raman by PLS on new batches, RMSEP, g/L", 0.0, 0.48),
    Bar("clock-glucose", "glucose from the clock alone, RMSEP over that of PLS", 1.5, INF),
    Bar("clock-lactate", "lactate from the clock alone, RMSEP over that of PLS", 1.5, INF),
    Bar("drivers", "seeds of 10 on which the intended way finds 7 of 9 drivers or more", 9, 10),
    Bar("drivers-naive", "drivers that the naive way finds, mean of 10 seeds", 0, 3),
    Bar("drivers-move", "doses that the weakest driver moves over its historical range", 0.05, 1.0),
    Bar("faults", "of F2-F5 and F11, the one found least often within 6 h, %", 85, 100),
    Bar("invisible", "of F1 and F6, the one found more often within 6 h, %", 0, 30),
    Bar("feed-pump", "what a stopped feed pump changes in glucose at harvest, mmol/L", 1, INF),
    Bar("dips", "oxygen dips of sound batches: lowest oxygen over that of F2", 2, INF),
    Bar("finite", "doses that are no number, of 2,000 batches all over the licence", 0, 0),
    Bar("lactate-costs", "doses that 80 mmol/L of lactate at infection take, share", 0.1, 1.0),
    Bar("seed-train", "doses that passage and culture age move over their range", 0.01, 1.0),
    Bar("nets", "seconds to make a history on which nets overtake trees at 24 h", 0, 20),
)

# A season --------------------------------------------------------------------------------------


@cache
def year(seed: int) -> Season:
    """Return 120 batches of the inactivated vaccine."""
    return seasons.season(seed, 120)


@cache
def year_curves(seed: int) -> seasons.Curves:
    """Return what they would give at each hour."""
    return seasons.curves(year(seed))


@cache
def live_line(seed: int) -> Season:
    """Return 240 batches of the live vaccine."""
    return seasons.live_season(seed, 240)


@cache
def live_curves(seed: int) -> seasons.Curves:
    """Return what they would give at each hour."""
    return seasons.curves(live_line(seed))


def fixed(seed: int) -> float:
    """Compare the best fixed hour with the history's own harvest."""
    history = seasons.released(seasons.made(year(seed), [{}])[0]).mean()
    return float(year_curves(seed).released.mean(axis=1).max() / history)


def oracle(seed: int) -> float:
    """Compare a harvest at each batch's own best hour with the best fixed one."""
    doses = year_curves(seed).doses
    return float(doses.max(axis=0).mean() / doses.mean(axis=1).max())


def _live_fixed(seed: int) -> int:
    return int(live_curves(seed).titre.mean(axis=1).argmax())


def _deviating(seed: int) -> np.ndarray:
    return np.isin(live_line(seed).circumstances.faults.fault, seasons.DEVIATING)


def live(seed: int) -> float:
    """Do the same for the live vaccine."""
    doses = live_curves(seed).live_doses
    return float(doses.max(axis=0).mean() / doses.mean(axis=1).max())


def live_deviating(seed: int) -> float:
    """Do it for those that deviate, at the hour that is best for all."""
    doses, here = live_curves(seed).live_doses, _deviating(seed)
    hour = doses.mean(axis=1).argmax()
    return float(doses.max(axis=0)[here].mean() / doses[hour, here].mean())


def live_sd(seed: int) -> float:
    """Compare the spread of the titre, each batch at its peak and all at one hour."""
    titre = np.log10(live_curves(seed).titre)
    return float(titre.max(axis=0).std() / titre[_live_fixed(seed)].std())


def live_moi(seed: int, times: float) -> float:
    """Return the share of its own peak that a sound batch with another MOI keeps, mean."""
    titre = seasons.curves(seasons.without_faults(year(seed)), times).titre
    return float((titre[_live_fixed(seed)] / titre.max(axis=0)).mean())


# Recipes ---------------------------------------------------------------------------------------


@cache
def random_recipes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return gains over the history, and the share of batches that break a limit, (R,) each."""
    rng = np.random.default_rng(seed)
    some = year(seed)
    recipes = [seasons.within_licence(rng) for _ in range(RANDOM_RECIPES)]
    history, *made = seasons.made(some, [{}, *recipes])
    base = seasons.released(history).sum()
    gains = np.array([seasons.released(one).sum() / base - 1 for one in made])
    broken = np.array([np.isin(one.release.reason, QUALITY).mean() for one in made])
    return gains, broken


def best_of_30(seed: int) -> float:
    """Return the mean gain of the best of thirty, drawn from the hundred."""
    rng, gains = np.random.default_rng(seed), random_recipes(seed)[0]
    best = [rng.choice(gains, OF_THESE, replace=False).max() for _ in range(500)]
    return float(np.mean(best))


@cache
def optimum() -> dict[str, float]:
    """Return what a coordinate search finds, on the season that the plant was tuned on."""
    return seasons.coordinate_search(seasons.season(TUNED_ON, 40))


def attainable(seed: int) -> float:
    """Return its gain on a season that the search has not seen."""
    history, best = seasons.made(year(seed), [{}, optimum()])
    return float(seasons.released(best).sum() / seasons.released(history).sum() - 1)


# What single things do ---------------------------------------------------------------------------


def recovery(seed: int) -> float:
    """Return the median share of the harvest's antigen that reaches the bulk."""
    made = campaign.run(seed).made.purified
    return float(np.median(made.antigen_out_ug / made.antigen_in_ug))


def viability(seed: int) -> float:
    """Return the median at harvest, %."""
    return float(np.median(campaign.run(seed).made.harvest.viability_percent))


def drivers_found(seed: int) -> float:
    """Return on how many of ten histories at least seven drivers are among the fifteen."""
    found = [
        len(detectives.drivers_among(detectives.intended(campaign.run(10 * seed + k))))
        for k in range(10)
    ]
    return float(sum(count >= 7 for count in found))


def drivers_naively(seed: int) -> float:
    """Return how many drivers are among the columns that go best with the doses, mean of ten."""
    found = [
        len(detectives.drivers_among(detectives.naive(campaign.run(10 * seed + k))))
        for k in range(10)
    ]
    return float(np.mean(found))


def weakest_driver(seed: int) -> float:
    """Return the least change of the doses, of nine, from the 5 % to the 95 % of a driver."""
    return min(abs(seasons.effect_of(year(seed), name)) for name in campaign.DRIVERS)


@cache
def detector(seed: int) -> detectives.Detector:
    """Return limits from 240 sound batches."""
    return detectives.Detector(campaign.run(seed, 240, sound=True))


def found(seed: int, names: tuple[str, ...]) -> list[float]:
    """Return how many of 60 forced faults of each kind are found within 6 h, %."""
    return [100 * detectives.found_within(detector(seed), name, 60, seed + 1000) for name in names]


def stopped_feed(seed: int) -> float:
    """Return what a feed pump that stops 60 h before infection changes in glucose, mmol/L."""
    stop = faults.Forced(batch=0, fault="F3", onset_h=-60.0, severity=0.5, hours=40.0, sign=-1.0)
    one = campaign.run(seed, 1, forced=(stop,), sound=True).made.batches
    other = campaign.run(seed, 1, sound=True).made.batches
    name = "glucose_mmol_per_l"
    return float((other.at_infection[name] - one.at_infection[name])[0])


def oxygen_left(seed: int) -> float:
    """Compare the lowest oxygen of sound batches' dips with that of failing supplies."""
    made = campaign.run(seed, 120, sound=True).made.batches
    after = made.time_h > 1
    sound = np.nanmin(made.states["do_percent"][:, after], axis=1)
    rng = np.random.default_rng(seed)
    forced = detectives.forced("F2", 30, rng)
    failing = campaign.run(seed, 30, forced=forced, sound=True).made.batches
    after = failing.time_h > 1
    return float(sound.min() / np.nanmedian(np.nanmin(failing.states["do_percent"][:, after], 1)))


def not_finite(seed: int) -> float:
    """Count doses that are no number, of 2,000 batches all over the licence."""
    rng = np.random.default_rng(seed)
    some = seasons.season(seed, 40)
    made = seasons.made(some, [seasons.within_licence(rng) for _ in range(50)])
    return float(sum((~np.isfinite(one.purified.doses)).sum() for one in made))


def lactate_costs(_seed: int) -> float:
    """Return the share of virions at harvest that 80 mmol/L of lactate at infection take."""
    return seasons.cost_of_lactate(80.0)


def seed_train_moves(seed: int) -> float:
    """Return what passage and culture age together move, from their good to their bad ends."""
    return abs(seasons.effect_of_seed_train(year(seed)))


def measures() -> dict[str, Callable[[int], float]]:
    """Return how each bar is asked."""
    return {
        "fixed": fixed,
        "oracle": oracle,
        "live": live,
        "live-deviating": live_deviating,
        "live-sd": live_sd,
        "live-weak": lambda seed: live_moi(seed, 1 / 30),
        "live-strong": lambda seed: live_moi(seed, 30.0),
        "half-life": lambda _: fidelity.half_life(37.0),
        "random-good": lambda seed: float((random_recipes(seed)[0] >= 0.4).mean()),
        "random-worse": lambda seed: float((random_recipes(seed)[0] < 0).mean()),
        "random-30": best_of_30,
        "attainable": attainable,
        "edge": lambda _: float(len(seasons.on_the_edge(optimum()))),
        "random-breaks": lambda seed: float((random_recipes(seed)[1] > 0.5).mean()),
        "recovery": recovery,
        "viability": viability,
        "scale": lambda _: VALUES["V_reactor"],
        "concentrated": lambda _: VALUES["v_bulk"],
        "raman-glucose": lambda seed: sensors.errors(seed)["glucose"].pls,
        "raman-lactate": lambda seed: sensors.errors(seed)["lactate"].pls,
        "clock-glucose": lambda seed: sensors.errors(seed)["glucose"].clock_over_pls,
        "clock-lactate": lambda seed: sensors.errors(seed)["lactate"].clock_over_pls,
        "drivers": drivers_found,
        "drivers-naive": drivers_naively,
        "drivers-move": weakest_driver,
        "faults": lambda seed: min(found(seed, ("F2", "F3", "F4", "F5", "F11"))),
        "invisible": lambda seed: max(found(seed, ("F1", "F6"))),
        "feed-pump": stopped_feed,
        "dips": oxygen_left,
        "finite": not_finite,
        "lactate-costs": lactate_costs,
        "seed-train": seed_train_moves,
        "nets": sensors.seconds_to_the_crossover,
    }


# The page ----------------------------------------------------------------------------------------


def fingerprint() -> str:
    """Return a digest of the numbers that the page depends on."""
    numbers = (
        sorted(VALUES.items()),
        campaign.SET_POINTS,
        (campaign.GROWTH_H, campaign.INFECTION_H, LIVE_HARVEST_H),
        LICENSED,
        LIVE_SHARES,
        faults.FAULTS,
        lots.LOT_KINDS,
        BARS,
    )
    return hashlib.sha256(repr(numbers).encode()).hexdigest()[:16]


def shown(value: float) -> str:
    """Write a number briefly."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def must_be(bar: Bar) -> str:
    """Write an interval as people say it."""
    if bar.low == bar.high:
        return shown(bar.low)
    if bar.high == INF or (bar.high == 1.0 and bar.low > 0.0):
        return f"≥ {shown(bar.low)}"
    if bar.low in (0.0, -1.0) or (bar.name == "fixed"):
        return f"≤ {shown(bar.high)}"
    return f"{shown(bar.low)} to {shown(bar.high)}"


def table() -> str:
    """Ask every bar on both seeds, and return the answers as a Markdown table."""
    first, second = SEEDS
    lines = [
        f"| asked | seed {first} | seed {second} | must be | verdict |",
        "|---|---:|---:|---|---|",
    ]
    ask = measures()
    for bar in tqdm(BARS, desc="Asking the plant", delay=5):
        values = [ask[bar.name](seed) for seed in SEEDS]
        met = all(bar.low <= value <= bar.high for value in values)
        cells = " | ".join(map(shown, values))
        lines.append(
            f"| {bar.asked} | {cells} | {must_be(bar)} | {'met' if met else '**missed**'} |"
        )
    return "\n".join(lines)


def page() -> str:
    """Return the page."""
    return f"""# Is the plant worth deciding on?

Written by `benchmarks/decisions.py` for the plant's numbers {fingerprint()}; a test keeps it
current. The bars were committed before the plant was tuned, and the two seeds were not tuned on.
Doses are true ones, lots, hands, faults and luck the same for every policy. The attainable recipe
was searched for on another season (seed {TUNED_ON}) and is paid on these two.

{table()}

*An oracle* harvests every batch at its own best hour. *Deviate*: virus seed weaker than its label
or stronger, virus added late, temperature off after infection. *Breaks a limit*: more than half of
a recipe's batches are rejected for DNA, host-cell protein, potency or live virus. *The intended
way* and *a good method* are `benchmarks/detectives.py`, *PLS*, *the clock* and *nets* are
`benchmarks/sensors.py`.

The best recipe that was found: {", ".join(f"{n} {v:.4g}" for n, v in optimum().items())}.
"""


def main() -> None:
    """Print, write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/decisions.md")
    parser.add_argument("--check", action="store_true", help="fail where it is not current")
    options = parser.parse_args()
    if options.check:
        if fingerprint() not in PAGE.read_text(encoding="utf-8"):
            sys.exit(
                "docs/decisions.md is not current: run python benchmarks/decisions.py --write."
            )
        return
    text = page()
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
