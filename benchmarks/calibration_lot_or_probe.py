"""What day 3, notebook 2 promises, plant by plant.

Run ``python benchmarks/calibration_lot_or_probe.py``. Seeds of plants may be given; otherwise the
history's and nine drawn ones. About 8 s of CPU each.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from vaxlab.lessons.day3.lot_or_probe import material, wrong
from vaxlab.plant.campaign import HISTORY_SEED

Effects = Callable[[pd.DataFrame, list[str]], pd.Series]


def others_fixed(table: pd.DataFrame, asked: list[str]) -> pd.Series:
    """Return effects of serum lots, random, beside those of carriers and seed, fixed."""
    import statsmodels.formula.api as smf

    known = table.dropna(subset=["log_doses"])
    formula = "log_doses ~ C(carrier_lot) + C(seed_lot)"
    fit = smf.mixedlm(formula, known, groups="serum_lot").fit()
    return pd.Series({lot: found.iloc[0] for lot, found in fit.random_effects.items()})[asked]


def by_hand(table: pd.DataFrame, asked: list[str]) -> pd.Series:
    """Return effects by taking turns: each material's means of what the others leave, shrunk."""
    known = table.dropna(subset=["log_doses"])
    kinds = ["serum_lot", "carrier_lot", "seed_lot"]
    effects = {kind: pd.Series(0.0, index=known[kind].unique()) for kind in kinds}
    for _ in range(50):
        for kind in kinds:
            rest = known["log_doses"] - known["log_doses"].mean()
            rest = rest - sum(known[k].map(effects[k]) for k in kinds if k != kind)
            lots = rest.groupby(known[kind]).agg(["sum", "count"])
            effects[kind] = lots["sum"] / (lots["count"] + 1.5)
    return effects["serum_lot"].reindex(asked).fillna(0.0)


def lots(seed: int) -> dict[str, float]:
    """Return correlations with the truth, and misses over those of the crossed model."""
    table, truth = material._lots(seed)
    asked = list(truth.index)
    (raw, *_), _, (alone, *_) = wrong.lot_effects(table, asked)
    ways = {"crossed": material._lot_effects(table, asked), "raw means": raw, "serum alone": alone}
    ways |= {"others fixed": others_fixed(table, asked), "by hand": by_hand(table, asked)}
    row = {"lots": len(asked), "SD of the lots": truth.std()}
    misses = {}
    for name, effects in ways.items():
        misses[name] = np.sqrt(((effects - effects.mean() - truth) ** 2).mean())
        row[f"lots r: {name}"] = np.corrcoef(effects, truth)[0, 1]
        row[f"lots miss: {name} / crossed"] = misses[name] / misses["crossed"]
    return row | {"lots miss: crossed": misses["crossed"]}


def places(seed: int) -> dict[str, float]:
    """Return how far found changes are off."""
    import ruptures

    off: dict[str, list[int]] = {}
    for table, truth in material._changed(seed):
        apart = (table["R1"] - table["R2"]).to_numpy()
        found = {"R1 - R2": material._change_at(apart)}
        found["R1 alone"] = material._change_at(table["R1"].to_numpy())
        search = ruptures.Binseg(model="l2", min_size=3, jump=5).fit(apart)
        found["jump=5"] = search.predict(n_bkps=1)[0]
        found["l1"] = (
            ruptures.Binseg(model="l1", min_size=3, jump=1).fit(apart).predict(n_bkps=1)[0]
        )
        for name, place in found.items():
            off.setdefault(name, []).append(abs(place - truth))
    row = {f"within 5: {name}, %": 100 * np.mean(np.array(o) <= 5) for name, o in off.items()}
    return row | {f"off: {name}": np.mean(o) for name, o in off.items()}


def stories(seed: int) -> dict[str, float]:
    """Return right verdicts of twelve, and what the stories' differences are."""
    row = {}
    for kind, words in material.ANSWERS.items():
        drawn = material._stories(kind, seed)
        verdict = material._VERDICTS[kind]
        row[f"{kind}: right of 12"] = sum(verdict(table) == truth for table, truth in drawn)
        row[f"{kind}: '{words[0]}' of 12"] = sum(truth == words[0] for _, truth in drawn)
        for word in words:
            tables = [table for table, truth in drawn if truth == word]
            row |= {f"{kind} {word}: {k}": v for k, v in _seen(kind, tables).items()}
    return row


def _seen(kind: str, tables: list[pd.DataFrame]) -> dict[str, float]:
    if kind == "fall":
        r1 = [table.groupby("new")["R1"].mean().diff().iloc[-1] for table in tables]
        did = [material._probe_effect(table)[0] for table in tables]
        return {"R1 changes": np.mean(r1), "difference": np.mean(did)}
    if kind == "action":
        means = [table.groupby("phase")["R1"].mean() for table in tables]
        return {"R1 after less bad": np.mean([mean["after"] - mean["bad"] for mean in means])}
    logs = [table.assign(y=np.log(table["capture_recovery_percent"])) for table in tables]
    whole = [table.groupby("after")["y"].mean().diff().iloc[-1] for table in logs]
    left = [material._capture_change(table) for table in tables]
    return {"in all": np.mean(whole), "at equal lysis": np.mean(left)}


def way_back(seed: int) -> dict[str, float]:
    """Return the rise that comes of nothing."""
    values = material.long_run(seed)
    low = float(values.rolling(3).mean().iloc[2:-10].quantile(0.05))
    return {"rise after three low ones": material._rebound(values.to_numpy(), low)}


def paid(seed: int) -> dict[str, float]:
    """Return what verdicts gain over doing nothing, % of the doses."""
    from vaxlab.lessons.day3.lot_or_probe import delivery

    worlds, drawn = delivery._worlds(seed), material._stories("fall", seed)
    said = [material._blame_fall(table) for table, _ in drawn]
    ways = {"verdicts": said, "truth": [truth for _, truth in drawn]}
    ways |= {f"always {word}": [word] * len(drawn) for word in ("lot", "probe")}
    idle = worlds["nothing"].sum()
    return {
        f"gained, %: {who}": 100 * (sum(worlds[w][k] for k, w in enumerate(words)) / idle - 1)
        for who, words in ways.items()
    }


def measure(seed: int) -> dict[str, float]:
    """Return one row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fits on the edge are not news here
        row = lots(seed) | places(seed) | stories(seed) | way_back(seed) | paid(seed)
    return {name: float(value) for name, value in row.items()}


if __name__ == "__main__":
    drawn = np.random.default_rng(20261127).integers(10**12, 10**13, 9)
    seeds = [int(text) for text in sys.argv[1:]] or [HISTORY_SEED, *map(int, drawn)]
    rows = pd.DataFrame({seed: measure(seed) for seed in seeds}).T
    print(rows.T.round(3).to_string())
    print(rows.agg(["min", "max", "mean"]).round(3).T.to_string())
