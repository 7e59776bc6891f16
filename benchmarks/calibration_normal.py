"""Measure what day 2, notebook 1 promises, and its thresholds, on plants that nobody chose.

    python benchmarks/calibration_normal.py                # twenty-two plants, some six minutes
    python benchmarks/calibration_normal.py 2033 7 --net   # these plants, the autoencoder too
    python benchmarks/calibration_normal.py --watch        # batches watched in real time on a core

Prints least, most and mean: the table in ``tests/lessons/day2/test_normal.py``.
"""  # noqa: E501

import argparse
import time

import numpy as np
import pandas as pd

from vaxlab.lessons.day2.normal import checks, delivery, material
from vaxlab.plant import campaign
from vaxlab.plant.deploy import deploy
from vaxlab.plant.rules import Policy

HIDDEN = 7_306_511_984_207
STEPS = ["F2", "F3 base", "F3 feed", "F4", "F5", "F11"]


def by_autoencoder(golden: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Do what the notebook's own cell does."""
    import torch
    from torch import nn

    from vaxlab import training

    rows, asked = (torch.tensor(part.to_numpy(), dtype=torch.float32) for part in (golden, new))
    training.seed_all(0)
    model = nn.Sequential(
        nn.Linear(15, 20), nn.Tanh(), nn.Linear(20, 4), nn.Linear(4, 20), nn.Tanh(),
        nn.Linear(20, 15),
    )  # fmt: skip
    training.fit(
        model, nn.functional.mse_loss, (rows, rows), epochs=30, batch_size=256, learning_rate=1e-2
    )
    with torch.no_grad():
        rest = asked - model(asked)
    return pd.DataFrame(rest.numpy() ** 2, index=new.index, columns=new.columns)


def charts(seed: int, net: bool) -> dict[str, float]:
    """Return what the charts find, ring and name on one plant."""
    some, row = material.line(seed), {}
    hidden = [batch for batch in some.golden if batch in some.faults]
    ways = {"net": by_autoencoder} if net else None
    races = {
        "": delivery.race(ways, plant_seed=seed),
        " by the hour": delivery.race(plant_seed=seed, by="hour"),
        " dirty": delivery.race(plant_seed=seed, also=hidden),
    }
    for how, race in races.items():
        told = delivery.summary(race)
        for name in told.index:
            row[f"{name}{how}: step faults found"] = told.loc[name, "step faults found, %"]
            row[f"{name}{how}: false alarms"] = told.loc[name, "false alarms, % of sound batches"]
            row[f"{name}{how}: true tag named"] = told.loc[name, "true tag named, %"]
            row[f"{name}{how}: delay, h"] = told.loc[name, "median delay, h"]
        spe = race[race["statistic"] == "SPE"]
        if how != " dirty":
            found = spe["found"][spe["fault"] == "F3 base"].astype(float)
            row[f"SPE{how}: base pump found"] = 100 * found.mean()
    drifts = races[""].query("fault == 'F1' and statistic == 'SPE'")
    row["SPE: probe drift within 6 h"] = 100 * drifts["found"].astype(float).mean()
    row["SPE: probe drift ever"] = 100 * drifts["alarm"].mean()
    return row


def bench(seed: int) -> dict[str, float]:
    """Return what bench samples find before infection, by four ways of looking."""
    found = delivery.bench_found(plant_seeds=[seed])["found before infection"]
    return {f"bench: {name.replace('<br>', ' ')}": 100 * share for name, share in found.items()}


def golden(seed: int) -> dict[str, float]:
    """Return what ways to clean find of three, and of five faulty batches among forty."""
    row = {}
    for made in (material.few, material.more):
        some, rows = made(seed), material.golden_rows_of(made, seed)
        found = {}
        for k in (3, material.COMPONENTS, 10):
            t2, spe = (c.groupby(level="batch").max() for c in material._t2_spe(rows, rows, k))
            for times in (3, 4, 5):
                out = (t2 > times * t2.median()) | (spe > times * spe.median())
                found[f"{times} x median, either, {k} components"] = out
            found[f"mean + 3 SD, SPE, {k} components"] = spe > spe.mean() + 3 * spe.std()
            found[f"90 % quantile, SPE, {k} components"] = spe > spe.quantile(0.9)
        for name, out in found.items():
            named, of = set(out.index[out]), f"golden, {len(some.faults)} faults, {name}"
            row[f"{of}: found"] = len(named & set(some.faults))
            lost = len(named & set(some.approved)) / len(some.approved)
            row[f"{of}: lost"] = 100 * lost
    return row


def always(seed: int) -> dict[str, float]:
    """Return the doses that a visit to each batch and the bench's CUSUM gain."""
    early = Policy(alarm=lambda known, seen: seen["hours_after_infection"].iloc[-1] > -1.5)
    ways = {
        "a visit to each": early,
        "bench CUSUM": Policy(alarm=delivery._bench_rule(material._cusum)),
        "SPE": Policy(alarm=delivery._spe_rule(delivery._our_spe)),
    }
    n = delivery.YEAR_BATCHES
    return {
        f"doses gained, {name}, %": deploy(way, n_batches=n, seed=seed).summary()["gained_percent"]
        for name, way in ways.items()
    }


def watch() -> None:
    """Say how many batches a core watches in real time, asked once an hour."""
    rule, some = delivery._spe_rule(delivery._our_spe), campaign.run(7, 10, sound=True)
    shown = some.tables["historian"]
    one = shown[shown["batch_id"] == "B001"].reset_index(drop=True)
    infected = some.tables["batches"]["infected_at"].iloc[0]
    hours = (one["recorded_at"] - infected).dt.total_seconds() / 3600
    seen = one.assign(hours_after_infection=hours)
    point = {f"recipe_{name}": values[0] for name, values in some.plan.set_points.items()}
    known = point | {"recipe_growth_h": -float(hours.iloc[0])}
    begun, asked = time.process_time(), 400
    for _ in range(asked):
        rule(known, seen)
    each = (time.process_time() - begun) / asked
    print(f"{1000 * each:.2f} ms a look at a whole batch: {3600 / each:,.0f} batches a core")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("seeds", nargs="*", type=int)
    parser.add_argument("--net", action="store_true", help="the autoencoder, too")
    parser.add_argument("--doses", action="store_true", help="years on the plant, too")
    parser.add_argument("--watch", action="store_true", help="only how fast a core watches")
    given = parser.parse_args()
    if given.watch:
        watch()
        raise SystemExit
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 20)
    seeds = given.seeds or [campaign.HISTORY_SEED, HIDDEN, *map(int, drawn)]
    rows = {}
    for k, seed in enumerate(seeds):
        rows[seed] = charts(seed, given.net) | bench(seed) | golden(seed)
        if given.doses:
            rows[seed] |= always(217 + k)
    table = pd.DataFrame(rows)
    print(table.T.agg(["min", "max", "mean"]).round(1).T.to_string())
    print(f"{checks.MOST_LOST:.0%} of the sound ones may be lost")
