"""Twenty experiments before a season, in small vessels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.plant import campaign, deploy, making, rules
from vaxlab.plant.making import Circumstances, Made
from vaxlab.plant.recipe import Recipe
from vaxlab.season.asking import LICENCES, Asked, asked_recipe, refused
from vaxlab.season.chance import (
    ASKED,
    RUNS,
    USUAL_DOSES,
    USUAL_H,
    VESSELS,
    Season,
    paid_for,
)


def bench_recipe(product: str) -> Recipe:
    """Return what the laboratory runs where nothing else is said: the history's mean."""
    points = {}
    for name, choices in campaign.SET_POINTS.items():
        values, shares = np.array(choices).T
        log = name == "moi"
        mean = np.sum(shares * (np.log(values) if log else values))
        points[name] = float(np.exp(mean) if log else mean)
    return Recipe(**points, growth_time_h=campaign.GROWTH_H, infection_duration_h=USUAL_H[product])


def tried(asked: Asked, seasons: Sequence[Season]) -> list[pd.DataFrame]:
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
        raise refused("experiments", answer, where)
    wanted = []
    for one in answer:
        if not isinstance(one, Mapping) or one.get("product") not in LICENCES:
            products = " or ".join(map(repr, LICENCES))
            raise refused("experiments", one, where, f": 'product' should be {products}")
        points = {name: value for name, value in one.items() if name != "product"}
        product = one["product"]
        licence = deploy.LICENCES[product]
        recipe = asked_recipe("experiments", points, licence, bench_recipe(product), where)
        wanted.append((product, *recipe))
    return wanted


def _tested(wanted: Sequence[tuple[Season, int, list[Wanted]]]) -> list[list[dict]]:
    """Make the vessels of all seasons' experiments at once, and measure them."""
    parts, recipes = [], []
    for season, done, runs in wanted:
        rows = np.arange(VESSELS * done, VESSELS * (done + len(runs)))
        conductivity = np.repeat([c for _, _, c in runs], VESSELS)
        parts.append(deploy.with_conductivity(season.bench.of(rows), conductivity))
        recipes += [recipe for _, recipe, _ in runs for _ in range(VESSELS)]
    if not recipes:
        return [[] for _ in wanted]
    made = making.make(recipes, making.joined(parts))
    results, begin = [], 0
    for (_, done, runs), part in zip(wanted, parts, strict=True):
        table = []
        for k, (product, recipe, conductivity) in enumerate(runs):
            rows = np.arange(VESSELS * k, VESSELS * (k + 1))
            own = replace(part.of(rows), luck_seed=part.luck_seed + done + k)
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
    paid = paid_for(product, made, own)
    row = {"run": run, "product": product} | asdict(recipe)
    row |= {rules.CONDUCTIVITY: conductivity, "worth": paid["read"].mean() / USUAL_DOSES[product]}
    return row | {"released": paid["released"].mean()}


def _run_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    names = [field.name for field in fields(Recipe)]
    columns = ["run", "product", *names, rules.CONDUCTIVITY, "worth", "released"]
    return pd.DataFrame(list(rows), columns=columns)
