"""Print what the thresholds of day 1, notebook 4 rest on, for some seeds of the plant.

One row a seed of the plant. Columns: how far the right answers get, and how far the wrong ones.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

from vaxlab.lessons.day1 import how_sure
from vaxlab.plant import campaign


def trees(method):
    """Return a tree method behind one column a seed lot."""
    columns = make_column_transformer(
        ("passthrough", make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["seed_lot"]),
    )
    return make_pipeline(columns, method)


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    table = how_sure.history(seed)
    known = table.columns.drop("ha")
    like, new = how_sure.next_batches(False, seed), how_sure.next_batches(True, seed)
    sound = like[like["sound"]]
    together, same_hour = how_sure.checks._slopes(how_sure.pilot_series(seed))
    truth = campaign.run(seed).truth["batches"].set_index("batch_id")
    readings, said = how_sure.four_readings(seed), how_sure.predictions(seed)
    row = {
        "slope": together,
        "same hour": same_hour,
        "R2 one": how_sure.checks._r2(readings[1], said),
        "R2 four": how_sure.checks._r2(readings.mean(axis=1), said),
        "R2 true": how_sure.checks._r2(truth["ha_at_harvest_log10_per_100ul"], said),
    }
    methods = {
        "ridge": how_sure.ridge(),
        "boosted": trees(
            GradientBoostingRegressor(
                n_estimators=100, learning_rate=0.06, subsample=0.7, random_state=0
            )
        ),
        "tree": trees(DecisionTreeRegressor(random_state=0)),
        "mean": DummyRegressor(),
    }
    floor = how_sure.noise_floor(sound)
    for name, method in methods.items():
        method.fit(table[known], table["ha"])
        predicted = pd.Series(method.predict(sound[known]), index=sound.index)
        row[f"x {name}"] = how_sure.checks._rmse(predicted, sound) / floor
    naive = how_sure.half_width(table["ha"] - said, how_sure.LEVEL)
    by_lot = cross_val_predict(
        how_sure.ridge(),
        table[known],
        table["ha"],
        groups=table["seed_lot"],
        cv=LeaveOneGroupOut(),
    )
    mended = how_sure.half_width(table["ha"] - by_lot, how_sure.LEVEL)
    for name, batches, width in (
        ("like", like, naive),
        ("new", new, naive),
        ("mended", new, mended),
    ):
        off = (batches["ha"] - methods["ridge"].predict(batches[known])).abs()
        row[name] = float(np.mean(off <= width))
    return row


if __name__ == "__main__":
    seeds = [int(text) for text in sys.argv[1:]] or [campaign.HISTORY_SEED, 41, *range(1, 11)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).to_string())
