"""Print what right and wrong ways give on many histories: the figures in notebook 3's tests.

``python benchmarks/calibration_next_month.py [PLANTS]`` takes about 15 s a plant.
"""

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from vaxlab.lessons.day1.next_month import checks
from vaxlab.lessons.day1.next_month import material as m
from vaxlab.lessons.day1.next_month.exams import exams, good_rules, nested

SHUFFLE = m.shuffled(11)


def scores(seed: int) -> dict[str, float]:
    """Return the scores of exercise 2 on its tables, by ways that no reference takes."""
    found = {}
    for exam in exams(seed):
        label = exam.name.removeprefix("the ")
        low, high = exam.right["random"]
        random = m.auc(exam.model, exam.known, exam.short, SHUFFLE)
        way = StratifiedGroupKFold(5, shuffle=True, random_state=5)
        grouped = m.auc(exam.model, exam.known, exam.short, way, groups=exam.lot)
        found |= {
            f"{label}: random": random,
            f"{label}: random, off": random - (low + high) / 2,
            f"{label}: grouped": grouped,
            f"{label}: stretches of time": m.auc(exam.model, exam.known, exam.short, KFold(5)),
        }
    low, high = exams(seed)[0].right["grouped"]
    return found | {"history: lowest grouped": low + 0.02, "history: highest grouped": high - 0.02}


def selections(seed: int) -> dict[str, float]:
    """Return what exercises 3 and 4 are judged by, in right and in wrong ways."""
    y = m.history(seed)["short"].reset_index(drop=True)
    nothing = [m.idle(seed, k) for k in range(m.EMPTY_TABLES)]
    something = [m.signal(seed, k) for k in range(m.SIGNAL_TABLES)]

    def mean(tables: list[pd.DataFrame], of_table: Callable[[pd.DataFrame], float]) -> float:
        return float(np.mean([of_table(table) for table in tables]))

    def area(*steps: object) -> Callable[[pd.DataFrame], float]:
        return lambda x: m.auc(make_pipeline(*steps), x, y, SHUFFLE)

    truth = m.chosen_inside(seed).found
    ten, scale, plain = SelectKBest(k=10), StandardScaler(), LogisticRegression()
    few, lucky = (
        y[: checks.FEW],
        [
            m.rules(m.history(seed)[: checks.FEW], 100 * seed + k)
            for k in range(checks.LUCKY_TABLES)
        ],
    )
    off = np.array([nested(one.rules, one.short, 11) - one.area for one in good_rules(seed)])
    return {
        "nothing: inside": mean(nothing, area(ten, scale, plain)),
        "nothing: before": mean(nothing, lambda x: area(scale, plain)(ten.fit_transform(x, y))),
        "something: inside, off": mean(something, area(ten, scale, plain)) - truth,
        "something: no choice, off": mean(something, area(scale, plain)) - truth,
        "something: share of right answers, off": mean(
            something,
            lambda x: cross_val_score(make_pipeline(ten, scale, plain), x, y, cv=SHUFFLE).mean(),
        )
        - truth,
        "lucky rules: nested": mean(lucky, lambda rules: nested(rules, few, 11)),
        "lucky rules: best of all": mean(lucky, lambda rules: m.areas(rules, few).max()),
        "good rule: nested, off by": float(np.sqrt(np.mean(off**2))),
    }


def promises(seed: int) -> dict[str, float]:
    """Return what promises by lot and by random split are off by, and what their sets lose."""
    found = {}
    for way in ("by lot", "by random split"):
        off, lost, large = [], [], []
        for case in m.cases(seed):
            scores = case.random
            if way == "by lot":
                scores = {
                    name: m.auc(
                        m.model(), case.known[columns], case.short, GroupKFold(5), groups=case.lot
                    )
                    for name, columns in case.sets.items()
                }
            name = max(scores, key=scores.get)
            off.append(abs(scores[name] - case.delivered[name]))
            lost.append(max(case.delivered.values()) - case.delivered[name])
            large.append(name == "everything")
        found |= {f"{way}: off": np.mean(off), f"{way}: lost": np.mean(lost)}
        found |= {f"{way}: takes everything on its own history": float(large[0])}
    own = m.cases(seed)[0]
    sets = {f"delivered with {name}": area for name, area in own.delivered.items()}
    return found | sets | {f"random score of {name}": area for name, area in own.random.items()}


if __name__ == "__main__":
    plants = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seeds = np.random.default_rng(20261126).integers(10**12, 10**13, plants).tolist()
    rows = [scores(seed) | selections(seed) | promises(seed) for seed in tqdm(seeds, disable=None)]
    print(pd.DataFrame(rows).agg(["mean", "std", "min", "max"]).T.round(3).to_string())
