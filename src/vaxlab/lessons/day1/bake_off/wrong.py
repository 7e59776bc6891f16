"""Answers to exercises 1 and 2 of notebook 2 that come of a misconception, and what to say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from vaxlab.lessons.day1.bake_off.material import WEAK_DOSES

CALLED_WEAK = {
    True: {
        1e3: "One litre has 1000 mL: the potency is in µg per mL, the volume in litres.",
        1e6: "You divide by 1000. One litre has 1000 mL: multiply the µg per mL by 1000.",
    },
    False: {
        1 / 15: "Compare doses, not µg of antigen: how many µg hold one dose?",
        1 / 15**2: "A dose holds 15 µg. Does the number of doses grow or shrink with that?",
    },
}
"""For flags that are all alike: times which potency they would be right, and why."""


def flags(release: pd.DataFrame, doses: np.ndarray) -> list[tuple[Any, str]]:
    """Return flags that come of a misconception, and what to say."""
    return [
        (
            release["doses"] < WEAK_DOSES,
            "You took the column `doses`. It is 0 for every rejected batch, also for one with "
            "germs and plenty of antigen. A model would learn germs as low yield.",
        ),
        (
            release["decision"] == "rejected",
            "These are the rejected batches. Some were rejected for germs, and some that were "
            "released held too little to pay.",
        ),
        (
            release["reason"] == "potency",
            "These are the batches below the limit of release. Those between the limit and "
            f"{WEAK_DOSES:,} doses are missing.",
        ),
        (doses >= WEAK_DOSES, "This is turned round: True should stand for the weak ones."),
    ]


def _shares(weak: pd.Series, alarm: pd.Series) -> tuple[float, float]:
    """Return recall and precision of an alarm."""
    hits = (alarm & weak).sum()
    return hits / weak.sum(), hits / alarm.sum() if alarm.any() else np.nan


def shares(weak: pd.Series, score: pd.Series) -> tuple[list, list[dict]]:
    """Return the three shares, and for each what comes of misconceptions, with its message."""
    rank = score.rank(ascending=False, method="first")
    tenth = rank <= len(score) // 10
    recall, precision = _shares(weak, tenth)
    of_the_good = rank <= rank[~weak].sort_values().iloc[round((~weak).sum() / 10) - 1]
    accuracy = "This is the accuracy of the alarms. It counts the many easy ones."
    none = "No weak batch is among your alarms: do these scores ever reach one half?"
    lowest = "You took the lowest scores: high means weak."
    good = "Your alarm is met by a tenth of the *good* batches. Asked is a tenth of all."
    count = "These are as many alarms as a tenth of the *good* batches. Asked is a tenth of all."
    fixed = "Count the batches that came in: these are 36 alarms, a tenth of 360."
    wrong = [{accuracy: (tenth == weak).mean(), none: 0.0}, {accuracy: (tenth == weak).mean()}]
    wrong[1] |= {none: np.nan, f"{none} ": 0.0}
    more = "This is what one alarm too many gives: the tenth, and the batch that comes next."
    fewer = "This is what one alarm too few gives: the last batch of the tenth is left out."
    for message, alarm in {
        more: rank <= len(score) // 10 + 1,
        fewer: rank <= len(score) // 10 - 1,
        lowest: rank > len(score) - len(score) // 10,
        good: of_the_good,
        count: rank <= round((~weak).sum() / 10),
        f"{count} ": rank <= (~weak).sum() // 10,
        fixed: rank <= 36,
    }.items():
        for position, value in enumerate(_shares(weak, alarm)):
            wrong[position][message] = value
    wrong[0]["This is the precision: of the alarms, how many were weak."] = precision
    wrong[1]["This is the recall: of the weak, how many were alarmed."] = recall
    idle = {
        "This is the share of weak batches. A model that is never alarmed is right about all "
        "the others.": weak.mean(),
        "This is the accuracy of your alarms. Asked is that of no alarm at all.": (
            tenth == weak
        ).mean(),
        "This is right for one table only: count how many of the batches are good.": 0.9,
        "This is one less the recall. A model that is never alarmed is right about all the good "
        "batches.": 1 - recall,
        "This is one less the precision. A model that is never alarmed is right about all the "
        "good batches.": 1 - precision,
    }
    return [recall, precision, 1 - weak.mean()], [*wrong, idle]
