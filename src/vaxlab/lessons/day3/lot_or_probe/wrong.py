"""Answers to day 3, notebook 2 that go wrong in a way with a name: what they give, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vaxlab.lessons.day3.lot_or_probe import material

Known = list[tuple[Sequence[float], str]]


def lot_effects(table: pd.DataFrame, asked: Sequence[str]) -> list[tuple[pd.Series, str, float]]:
    """Return effects, what is wrong with them, and the points that they earn all the same."""
    import statsmodels.formula.api as smf

    known = table.dropna(subset=["log_doses"])
    doses = known["log_doses"]
    raw = doses.groupby(known["serum_lot"]).mean().reindex(asked).fillna(doses.mean())
    fit = smf.mixedlm("log_doses ~ 1", known, groups="serum_lot").fit()
    alone = pd.Series({lot: found.iloc[0] for lot, found in fit.random_effects.items()})
    means = (
        "These are the raw means of the lots, or all of them times one number. A lot of two "
        "batches has a mean as well, and it is mostly luck: a mixed model draws it further in than "
        "that of a lot of twenty."
    )
    inside = (
        "Lots of serum within lots of carriers, as if a lot met with two carriers were two lots. "
        "The parts are crossed: all rows stand in one group."
    )
    one = (
        "Serum alone: these effects are shrunk, but what carriers and seed of the same weeks did "
        "is in them. Give each of the three materials a part of its own."
    )
    return [
        (raw, means, 0.0),
        (_nested(known).reindex(asked).fillna(0.0), inside, 1.0),
        (alone.reindex(asked).fillna(0.0), one, 1.0),
    ]


def _nested(known: pd.DataFrame) -> pd.Series:
    """Return effects of serum within carriers, the mean over the carriers that a lot met with."""
    import statsmodels.formula.api as smf

    part = {"serum_lot": "0 + C(serum_lot)"}
    fit = smf.mixedlm("log_doses ~ 1", known, groups="carrier_lot", vc_formula=part).fit()
    found = pd.concat(list(fit.random_effects.values()))
    found = found[found.index.str.startswith("serum_lot[C(")]
    return found.groupby(found.index.str.extract(r"\[(SER[^\]]*)\]", expand=False)).mean()


def changes(places: Sequence[int], n: Sequence[int], steps: Sequence[Sequence[float]]) -> Known:
    """Return where a change is seen by those who count otherwise, and what to say."""
    jumped = [int(np.nanargmax(np.abs(np.diff(values)))) + 1 for values in steps]
    return [
        (np.array(places) - 1, "This is the last batch on the old level: give the first new one."),
        (np.array(places) + 1, "One too late: places are counted from 0."),
        (
            list(n),
            "This is the length of the series. ruptures puts the end into its list as well: take "
            "the first place of it.",
        ),
        (
            jumped,
            "This is the largest jump between two neighbours: one odd batch makes it. Compare "
            "all that lies before with all that lies after.",
        ),
    ]


GRID = (
    "Each of your places is a multiple of five: ruptures looks at every fifth place only, unless "
    "it is told `jump=1`."
)


def gaps(series: Sequence[np.ndarray]) -> Known:
    """Return the places that are counted after the gaps were thrown away."""
    short = [values[~np.isnan(values)] for values in series]
    said = (
        "Counted without the gaps: after `dropna` the places are others. Find the place among "
        "the batches that are there, then look up where it stood."
    )
    return [([material._change_at(values) for values in short], said)]


def effects(tables: Sequence[pd.DataFrame]) -> Known:
    """Return what other differences of the four means give."""
    means = [table.groupby("new")[["R1", "R2"]].mean() for table in tables]
    r1 = np.array([part.loc[True, "R1"] - part.loc[False, "R1"] for part in means])
    r2 = np.array([part.loc[True, "R2"] - part.loc[False, "R2"] for part in means])
    after = np.array([part.loc[True, "R1"] - part.loc[True, "R2"] for part in means])
    return [
        (
            r1,
            "This is R1 before and after: the new lot is in it. R2 had the same lot: take off "
            "what happened there.",
        ),
        (r2, "This is R2 before and after, which has no new probe."),
        (after, "This compares the reactors after the change only: they may have differed before."),
        (r2 - r1, "The sign: a bad probe in R1 makes the effect negative. R1 less R2."),
        (
            [_cut_at(table, len(table) // 2) for table in tables],
            "The first half of the table against the second: `new` says which rounds are which.",
        ),
        (
            [_cut_at(table, material.BEFORE) for table in tables],
            f"The first {material.BEFORE} rounds against the others: `new` says which are which.",
        ),
        (r1 + r2, "Added up in place of taken off: R2's change is what would have come anyway."),
    ]


def _cut_at(table: pd.DataFrame, k: int) -> float:
    """Return the change of R1 less R2 at a row of the table, whatever `new` says."""
    apart = table["R1"] - table["R2"]
    return float(apart.iloc[k:].mean() - apart.iloc[:k].mean())


def errors(tables: Sequence[pd.DataFrame]) -> Known:
    """Return what other ways to a standard error give."""
    apart = [(table["R1"] - table["R2"]).groupby(table["new"]).agg(["var", "count"])
             for table in tables]  # fmt: skip
    four = [table.groupby("new")[["R1", "R2"]].agg(["var", "count"]) for table in tables]
    rows = [
        np.sqrt(sum((part[r]["var"] / part[r]["count"]).sum() for r in ("R1", "R2")))
        for part in four
    ]
    only = [np.sqrt((part["R1"]["var"] / part["R1"]["count"]).sum()) for part in four]
    squares = [(part["var"] / part["count"]).sum() for part in apart]
    sds = [np.sqrt(part["var"].sum()) for part in apart]
    return [
        (
            rows,
            "Four groups of batches, as if R1 and R2 had nothing in common. They share their lots, "
            "round by round: take the spread of the differences R1 − R2.",
        ),
        (only, "This is the error of R1's change alone."),
        (squares, "This is the variance: the root is missing."),
        (sds, "Spread of single rounds: a mean of n rounds varies by the root of n less."),
    ]


def rebounds(values: np.ndarray, low: float) -> list[tuple[float, str]]:
    """Return what other ways to count the way back give."""
    n = len(values)
    low_threes = [k for k in range(3, n + 1) if values[k - 3 : k].mean() < low]
    full = [k for k in low_threes if k + 10 <= n]
    three = {k: values[k - 3 : k].mean() for k in low_threes}
    all_low = [k for k in range(3, n - 9) if (values[k - 3 : k] < low).all()]

    def mean(rises: list[float]) -> float:
        return float(np.mean(rises)) if rises else float("nan")

    def rises(first: int, end: int) -> float:
        """Return what a loop gives that begins and ends elsewhere."""
        places = [k for k in low_threes if first <= k < min(end, n)]
        return mean([values[k : k + 10].mean() - three[k] for k in places])

    begins = "The loop begins too late: the first three batches are such a run as well."
    ends = "The loop ends too early: a run that just ten batches follow counts."
    few = "At the end of the series fewer than ten batches follow: leave those threes out."
    return [
        (rises(4, n - 9), begins),
        (rises(4, n - 10), f"{begins} It ends too early, too."),
        *((rises(3, end), ends) for end in range(n - 13, n - 9)),
        *((rises(3, end), few) for end in range(n - 8, n + 1)),
        (
            mean([values[k : k + 3].mean() - three[k] for k in full]),
            "These are the next three batches; the exercise asks for the next ten.",
        ),
        (
            mean([values.mean() - three[k] for k in full]),
            "This is the way up to the mean of all. Lots stay for weeks: what really follows is "
            "less. Take the ten that follow.",
        ),
        (
            mean([values[k : k + 10].mean() - values[k - 3 : k].mean() for k in all_low]),
            "This counts threes of which each batch is low; their mean is what counts.",
        ),
        (
            mean([values[k - 1 : k + 9].mean() - three[k] for k in full]),
            "The third low batch is among your ten: begin after it.",
        ),
        (mean([values[k : k + 10].mean() for k in full]), "Take the mean of the three off."),
        (
            mean([three[k] - values[k : k + 10].mean() for k in full]),
            "The sign: later less earlier, so that a rise is positive.",
        ),
    ]


def capture(tables: Sequence[pd.DataFrame]) -> Known:
    """Return what other models of the recovery at capture give."""
    total, line, points, other = [], [], [], []
    for table in tables:
        known = table.dropna(subset=["capture_recovery_percent", "lysed_percent"])
        after, lysed = known["after"].to_numpy(float), known["lysed_percent"].to_numpy()
        recovery = known["capture_recovery_percent"].to_numpy()
        one = np.ones(len(known))

        def weight(y: np.ndarray, *columns: np.ndarray) -> float:
            return float(np.linalg.lstsq(np.column_stack(columns), y, rcond=None)[0][1])

        total.append(weight(np.log(recovery), one, after))
        line.append(weight(np.log(recovery), one, after, lysed))
        points.append(weight(recovery, one, after, lysed, lysed**2))
        other.append(weight(np.log10(recovery), one, after, lysed, lysed**2))
    return [
        (
            total,
            "This is the whole change. What the culture hands over is in it: put the lysed cells "
            "into the model.",
        ),
        (line, "A straight line of the lysed cells: their square acts as well. Put it in."),
        (
            [-material._capture_change(table) for table in tables],
            "The sign: after less before, so that a fall is negative.",
        ),
        (points, "In points of per cent. Take the logarithm of the recovery first."),
        (other, "In decades: take the natural logarithm, `np.log`."),
    ]
