"""Print what the thresholds of day 1, notebook 4 rest on, for some seeds of the plant.

One row a seed of the plant. Columns: how far the right answers get, and how far the wrong ones.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from vaxlab.lessons.day1.how_sure import checks, material, wrong
from vaxlab.plant import campaign

METHODS = {
    "linear": LinearRegression(),
    "PLS": PLSRegression(3),
    "MLP": MLPRegressor(
        hidden_layer_sizes=(12,), alpha=3, solver="lbfgs", max_iter=2000, random_state=0
    ),
    "boosted": GradientBoostingRegressor(
        n_estimators=100, learning_rate=0.06, subsample=0.7, random_state=0
    ),
    "forest": RandomForestRegressor(200, random_state=0),
    "tree": DecisionTreeRegressor(random_state=0),
    "mean": DummyRegressor(),
}


def whole_row(method, lots: bool = True):
    """Return a method behind numbers on one scale and, if asked, one column a seed lot."""
    columns = [(StandardScaler(), make_column_selector(dtype_include="number"))]
    if lots:
        columns.append((OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["seed_lot"]))
    return make_pipeline(make_column_transformer(*columns), method)


def gains(seed: int) -> dict[str, float]:
    """Return how far methods come below the race, over how far the course's own model comes."""
    X, y = material.split(material.history(seed))
    like = material.next_batches(False, seed)
    released = like["doses"] > 0
    like, foretold = like[released], material.foretold(seed)[released]
    race, ours = (checks._rmse(foretold[name], like) for name in ("race", "ours"))
    floor = material.noise_floor(like)
    row = {"race / floor": race / floor, "ours / floor": ours / floor}
    methods = {name: whole_row(method) for name, method in METHODS.items()}
    methods["numbers only"] = whole_row(RidgeCV(np.logspace(-1, 3, 9)), lots=False)
    methods["recipe and lot"] = make_pipeline(
        make_column_transformer(
            (StandardScaler(), material.RECIPE),
            (OneHotEncoder(handle_unknown="ignore"), ["seed_lot"]),
        ),
        RidgeCV(np.logspace(-1, 3, 9)),
    )
    for name, method in methods.items():
        rmse = checks._rmse(method.fit(X, y).predict(like[X.columns]), like)
        row[f"gain {name}"] = (race - rmse) / (race - ours)
    return row


def intervals(seed: int) -> dict[str, float]:
    """Return what intervals on released doses hold, and how alike ways to leave out lots are."""
    X, y = material.split(material.releases(seed))
    random_folds, by_lot = (material.our_misses(seed, apart) for apart in (False, True))
    row = {
        "rejected": 1 - len(y) / len(material._every_batch(seed)),
        "R2 doses": 1 - (random_folds**2).mean() / y.var(),
        "alike": np.corrcoef(random_folds, by_lot)[0, 1],
    }
    two = GroupKFold(2)
    folded = y - cross_val_predict(material._model(), X, y, groups=X["seed_lot"], cv=two)
    row["alike, two folds"] = np.corrcoef(folded, by_lot)[0, 1]
    model = material._model().fit(X, y)
    for name, is_new, misses in (
        ("like", False, random_folds),
        ("new", True, random_folds),
        ("mended", True, by_lot),
    ):
        batches = material.next_batches(is_new, seed)
        batches = batches[batches["doses"] > 0]
        off = np.abs(np.log10(batches["doses"]) - model.predict(batches[X.columns]))
        row[name] = float((off <= material._half_width(misses, checks.LEVEL)).mean())
    return row


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    together, same_hour = checks._slopes(material.pilot_series(seed))
    truth = campaign.run(seed).truth["batches"].set_index("batch_id")
    readings, said = material.four_readings(seed), material.predictions(seed)
    row = {
        "slope": together,
        "same hour": same_hour,
        "R2 one": wrong.r2(readings[1], said),
        "R2 four": wrong.r2(readings.mean(axis=1), said),
        "R2 truth": checks._r2_truth(said, readings),
        "R2 plant": wrong.r2(truth["ha_at_harvest_log10_per_100ul"].loc[said.index], said),
    }
    return row | gains(seed) | intervals(seed)


if __name__ == "__main__":
    drawn = np.random.default_rng(20261126).integers(10**12, 10**13, 20)
    seeds = [int(text) for text in sys.argv[1:]] or [campaign.HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).T.to_string())
