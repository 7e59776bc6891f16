"""What day 4, notebook 4 shows of whom to believe: a pair of models, and own decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day4.monday import material
from vaxlab.lessons.day4.monday.delivery import _whose
from vaxlab.plant.campaign import HISTORY_SEED

Names = Mapping[str, Any]


def pair_told(namespace: Names, champion: Any, challenger: Any, table: pd.DataFrame) -> str:
    """Say by how much a challenger misses less, with its interval, and what that decides.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `verdict` is put to work where it gives a word.
    champion, challenger : models
        As `material.model` makes them.
    table : DataFrame
        Batches of line B that neither has learned from.
    """
    from scipy.stats import ttest_rel

    old, new = (material.misses(model, table) for model in (champion, challenger))
    low, high = ttest_rel(old, new).confidence_interval(0.95)
    try:
        word = str(namespace.get("verdict")(old.copy(), new.copy()))
        own = word in ("promote", "keep")
    except Exception:  # whatever an unfinished answer does
        own = False
    if not own:
        word = material._verdict(old, new)
    gain = np.mean(old - new)
    return (
        f"On {len(table)} batches of line B the challenger misses ln(doses) by {gain:.4f} less on "
        "average\n(0.01 is about 1 % of the doses). "
        f"The 95 % interval goes from {low:.4f} to {high:.4f}: {word}.{_whose(own)}"
    )


def at_the_gate(
    namespace: Names, card: Mapping[str, str], results: Mapping[str, Any], limits: Mapping[str, Any]
) -> str:
    """Say what a model brings to the gate, and what stands against it.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `approve` is put to work where it gives a list of names.
    card, results, limits : mapping
        As the exercise has them.
    """
    try:
        reasons = namespace.get("approve")(dict(card), dict(results), dict(limits))
        own = isinstance(reasons, list) and all(isinstance(one, str) for one in reasons)
    except Exception:  # whatever an unfinished answer does
        own = False
    if not own:
        reasons = material._approve(card, results, limits)
    brought = [
        f"{name} is {results[name]:.3f}, and should be {kind} {limit}"
        for name, (kind, limit) in limits.items()
    ]
    against = f"Against it: {', '.join(reasons)}." if reasons else "Nothing stands against it."
    return f"{'; '.join(brought)}.\n{against}{_whose(own)}"


def own_decisions(namespace: Names) -> tuple[pd.DataFrame, str]:
    """Return the share of poor batches, as several people see it.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `fair_share` is put to work where it gives an answer.
    """
    table, limit = material._decided(HISTORY_SEED), material.poor_limit()
    poor = table[material.TARGET] < limit
    try:
        fair, own = float(namespace.get("fair_share")(material.decided(), limit)), True
        own = 0 <= fair <= 1
    except Exception:  # whatever an unfinished answer does
        own = False
    if not own:
        fair = material._fair_share(material.decided(), limit)
    rows = {
        "let through by the model": (int((table["chance"] == 1).sum()), poor[table["chance"] == 1]),
        "finished": (int(table["finished"].sum()), poor[table["finished"]]),
        "all, had all been finished": (len(table), poor),
    }
    shown = {who: (n, 100 * flags.mean()) for who, (n, flags) in rows.items()}
    shown["by fair_share" if own else "by the course's fair_share"] = (
        int(table["finished"].sum()),
        100 * fair,
    )
    found = pd.DataFrame(shown, index=["batches", "poor, %"]).T.round(1)
    found["batches"] = found["batches"].astype(int)
    return found, (
        f"Of the batches that the model let through, {shown['let through by the model'][1]:.0f} % "
        f"were poor; of all batches {100 * poor.mean():.0f} %. The weighted share says "
        f"{100 * fair:.0f} %.{_whose(own)}"
    )


def retrained(plants: int = 4) -> pd.DataFrame:
    """Return what forests miss on batches that the champion would give up, by what they learned.

    Returns
    -------
    DataFrame
        One row a forest, means over some plants: how many batches it learned from, and by how many
        per cent it predicts too many doses for later batches of which the champion expects little.
    """
    from tqdm.auto import tqdm

    seeds = np.random.default_rng(HISTORY_SEED).integers(10**12, 10**13, plants)
    rows = [_relearned(int(seed)) for seed in tqdm(seeds, desc="Plants")]
    means = pd.concat(rows).groupby(level=0, sort=False).mean().round(0).astype(int)
    return means.rename(columns={"learned from": f"learned from, mean of {plants} plants"})


def _relearned(plant_seed: int) -> pd.DataFrame:
    from sklearn.ensemble import RandomForestRegressor

    past = material._decided(plant_seed)
    later = material._stretch(plant_seed, 9, material.HISTORY)
    predicted = material.model(material.history(plant_seed)).predict(later[material.INPUTS])
    given_up = later[predicted < past.loc[past["chance"] == 1, "predicted"].min()]
    through, finished = past[past["chance"] == 1], past[past["finished"]]
    rows = {}
    for who, table, weight in (
        ("all batches", past, None),
        ("those let through", through, None),
        ("all finished, weighted", finished, 1 / finished["chance"]),
    ):
        forest = RandomForestRegressor(100, min_samples_leaf=3, random_state=1)
        forest.fit(table[material.INPUTS], table[material.TARGET], sample_weight=weight)
        off = forest.predict(given_up[material.INPUTS]) - given_up[material.TARGET]
        rows[who] = {"learned from": len(table), "too high by, %": 100 * np.expm1(off.mean())}
    return pd.DataFrame(rows).T
