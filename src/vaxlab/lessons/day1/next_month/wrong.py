"""What known wrong ways give in exercises 2 and 4 of notebook 3, and what to say of each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)

from vaxlab.lessons.day1.next_month import material
from vaxlab.lessons.day1.next_month.exams import Exam, exams
from vaxlab.lessons.day1.next_month.material import FOLDS, LAST

# Exercise 2 -------------------------------------------------------------------------------

_ACCURACY = (
    "This is the share of right answers, the default of scikit-learn's classifiers. Ask for the "
    'area: `scoring="roc_auc"`.'
)
_STRETCHES = (
    "These folds are not shuffled: each is a stretch of time. For the random split shuffle the "
    "batches, `KFold(5, shuffle=True, random_state=0)`."
)
_CUT = (
    "These folds cut right through the lots. Give the lots to `groups=`, with `GroupKFold`; "
    "`KFold` pays no heed to them."
)
_TRAINED = "These batches were in the training: the model has seen the answers."
# Where just half are short, both slips give the same number.
_YES_AND_NO = (
    "You ranked by yes and no, or counted right answers. The area needs the probability: "
    "`roc_auc_score` with `predict_proba(...)[:, 1]`."
)
_POOLED = (
    "You pooled the predictions of five models into one area. Each model has its own idea of what "
    "is high. Take the area of each fold, then the mean."
)
_OWN_MODEL = (
    "This is what the notebook's model gives. Use the model that it is given: the check brings "
    "another one for the table of names."
)
_BACKWARD = "You trained on the last batches and tested on the first: that is backward in time."


@lru_cache(maxsize=4)
def slips(plant_seed: int) -> dict[str, list[tuple[list[float], str]]]:
    """Return the areas that known slips give on all tables, and what to say to each."""
    of_tables = [_slips_on(exam) for exam in exams(plant_seed)]
    return {
        kind: [
            ([known[kind][k][0] for known in of_tables], message)
            for k, (_, message) in enumerate(of_tables[0][kind])
        ]
        for kind in of_tables[0]
    }


def _slips_on(exam: Exam) -> dict[str, list[tuple[float, str]]]:
    x, y, lot, model = exam.known, exam.short, exam.lot, exam.model

    def score(cv: Any, **more: Any) -> float:
        return float(cross_val_score(model, x, y, cv=cv, **more).mean())

    def area(trained: slice, tested: slice, estimator: BaseEstimator = model) -> float:
        fitted = clone(estimator).fit(x[trained], y[trained])
        return float(roc_auc_score(y[tested], fitted.predict_proba(x[tested])[:, 1]))

    whole, past, last = slice(None), slice(None, -LAST), slice(-LAST, None)
    early, later = slice(None, LAST), slice(LAST, None)
    first = clone(model).fit(x[past], y[past])
    yes_and_no = make_scorer(roc_auc_score)
    by_lot = {"cv": GroupKFold(FOLDS), "groups": lot}
    pooled = cross_val_predict(model, x, y, **by_lot, method="predict_proba")[:, 1]
    in_order = [material.auc(model, x, y, folds(FOLDS)) for folds in (KFold, StratifiedKFold)]
    return {
        "random": [
            *((value, _STRETCHES) for value in in_order),
            (score(material.shuffled()), _ACCURACY),
            (score(material.shuffled(), scoring=yes_and_no), _YES_AND_NO),
            (material.auc(material.model(), x, y, material.shuffled()), _OWN_MODEL),
            (area(whole, whole), _TRAINED),
        ],
        "grouped": [
            *((value, _CUT) for value in in_order),
            (score(**by_lot), _ACCURACY),
            (score(**by_lot, scoring=yes_and_no), _YES_AND_NO),
            (roc_auc_score(y, pooled), _POOLED),
        ],
        "forward": [
            (float(first.score(x[last], y[last])), _YES_AND_NO),
            (roc_auc_score(y[last], first.predict(x[last])), _YES_AND_NO),
            (area(whole, last), _TRAINED),
            (area(past, past), _TRAINED),
            (area(later, early), _BACKWARD),
            (area(past, last, material.model()), _OWN_MODEL),
        ],
    }


# Exercise 4 -------------------------------------------------------------------------------


def lucky_scores(lucky: list[pd.DataFrame], y: pd.Series) -> dict[float, str]:
    """Return what rules of luck seem to be worth in wrong ways, and what to say to each."""
    folds = list(material.shuffled().split(y))
    best = [material.areas(rules, y).max() for rules in lucky]
    seen = [
        np.mean([material.areas(rules.iloc[k], y.iloc[k]).max() for _, k in folds])
        for rules in lucky
    ]
    trained = [
        np.mean([material.areas(rules.iloc[k], y.iloc[k]).max() for k, _ in folds])
        for rules in lucky
    ]
    first = [
        np.mean([material.areas(rules.iloc[k], y.iloc[k])[chosen] for _, k in folds])
        for rules, chosen in zip(lucky, (material.areas(r, y).idxmax() for r in lucky), strict=True)
    ]
    inside = [
        max(
            material.areas(rules.iloc[test], y.iloc[test])[
                material.areas(rules.iloc[train], y.iloc[train]).idxmax()
            ]
            for train, test in folds
        )
        for rules in lucky
    ]
    before = (
        "You chose the rule on all batches, and took the folds only afterwards. Choose anew in "
        "each fold, on its four fifths."
    )
    return {
        float(np.mean(best)): "This is the best of forty areas. The highest of forty lucky numbers "
        "is a very lucky number. Choose on four fifths of the batches, judge on the fifth.",
        float(np.mean(seen)): "You chose on the test batches of each fold. Choose on the other "
        "four fifths; the test batches only judge.",
        float(np.mean(trained)): "You took the area on the four fifths that the rule was chosen "
        "on. Take its area on the fifth.",
        float(np.mean(first)): before,
        float(np.mean(inside)): "This is the highest of the five folds' areas. The highest of five "
        "is lucky once more: give their mean.",
    }
