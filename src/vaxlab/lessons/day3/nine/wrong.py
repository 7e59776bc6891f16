"""What a wrong answer to day 3, notebook 1 is told: one sentence a misconception."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import numpy as np
import pandas as pd

from vaxlab.lessons.day3.nine import truth

COVARIANCE_WITHIN, FREE_LEAST, FREE_MEAN, SHIFTED_MOST = 0.12, 0.5, 0.87, 0.15
"""Largest difference of a correlation, its SD is 0.016; least part of what the copies can be free
by (equicorrelated) that each must be, and all on average; largest shift of a mean, in SD."""
P_WITHIN, P_WITHIN_FEW = 0.08, 0.03
"""Largest difference of a p-value from the one of 20,000 shuffles: with 999 its SD is 0.016, and
0.006 where four lots are dealt out."""


def about_halves(there: np.ndarray) -> str:
    """Say what the shares of rows tell of how the halves were drawn."""
    if np.allclose(there, 1):
        return (
            "Each row counts as if it were in every half. Either all rows are given to `select`, "
            "or the count is divided by the pairs: there are two halves a pair."
        )
    if there.max() <= 0.3:
        return "Are the same rows taken of x and of y? Divide by two times the pairs."
    if there.max() > 1:
        return "These are counts: divide them by the number of halves."
    if abs(there.mean() - 0.5) < 0.02:
        return (
            "The halves are halves, but no pairs: the second half holds the rows that the first "
            "one left. Draw one order for each pair, and cut it in the middle."
        )
    if 0.34 < there.mean() < 0.44:
        return "Rows are drawn with replacement. A permutation takes each one once."
    if 0.58 < there.mean() < 0.68:
        return "This is a bootstrap, drawn with replacement. Take halves, each row once."
    return "Cut a random order of the rows in the middle, select on both parts, and count."


def about_copies(
    true: np.ndarray, among: np.ndarray, beside: np.ndarray, shifted: float, most_free: float
) -> str:
    """Say in what copies are no knockoffs, or nothing; correlations (P, P)."""
    off = ~np.eye(len(true), dtype=bool)
    gap = np.abs(true - among)
    if shifted > SHIFTED_MOST:
        return "The copies have other means than the originals: add the mean again at the end."
    if not np.allclose(np.diag(among), 1, atol=COVARIANCE_WITHIN):
        return (
            "The copies have another spread than the originals. Is the random part drawn with "
            "the covariance 2S − S Σ⁻¹ S, by its Cholesky root transposed, and the scale put back?"
        )
    if np.diag(beside).min() > 0.999:
        return "These are the originals themselves: a copy must be free to differ."
    like, apart = gap[off].max(), np.abs(true - beside)[off].max()
    if like <= COVARIANCE_WITHIN < apart:
        return (
            "Among themselves the copies are like the originals, but not beside them: rows were "
            "shuffled or drawn anew. Keep Σ off the diagonal between originals and copies."
        )
    if like > COVARIANCE_WITHIN:
        return (
            "The copies do not go with each other as the originals do. Columns shuffled each for "
            "itself lose that: draw all of a row together, with Σ, and the noise by the Cholesky "
            "root transposed."
        )
    if 1 - np.diag(beside).max() < FREE_LEAST * most_free:
        return (
            "The copies hardly differ from their originals, so no contest can be won. Take S as "
            "large as 2 · the smallest eigenvalue of Σ allows."
        )
    if 1 - np.diag(beside).mean() < FREE_MEAN * most_free:
        return (
            f"The copies differ from their originals by s = {1 - np.diag(beside).mean():.2f}, and "
            f"{0.99 * most_free:.2f} is allowed. So contests are lost that could be won."
        )
    return ""


def contests(cases: list[tuple[np.ndarray, float]]) -> dict[str, list[list[int]]]:
    """Return what each misconception calls: what to say of it to columns, contest by contest."""
    rules = {
        "The 1 in the counter is missing: without it the promise does not hold.": lambda w, q: (
            w >= limit(w, q, add=0)
        ),
        "This is the largest t that keeps the promise. The smallest one finds more.": lambda w, q: (
            w >= limit(w, q, order=-1)
        ),
        "These are all that won their contest. Some of them by luck: find t.": lambda w, q: w > 0,
        "Copies that won are among them: w ≥ t, without its absolute value.": lambda w, q: (
            np.abs(w) >= limit(w, q)
        ),
    }
    return {
        say: [np.flatnonzero(rule(*case)).tolist() for case in cases] for say, rule in rules.items()
    }


def about_chosen(cases: list[tuple[np.ndarray, float]], found: list[list[int]]) -> str:
    """Say by what misconception these columns were called."""
    otherwise = "Not the columns with w ≥ t, for the smallest t that keeps the promise."
    return next((say for say, columns in contests(cases).items() if columns == found), otherwise)


def limit(w: np.ndarray, share: float, *, add: int = 1, order: int = 1) -> float:
    """Return the first size of w, from below or from above, that keeps the promise."""
    for t in np.sort(np.abs(w[w != 0]))[::order]:
        if (add + (w <= -t).sum()) / max((w >= t).sum(), 1) <= share:
            return float(t)
    return np.inf


def about_p(cases: list[tuple], found: list[float], right: list[float]) -> str:
    from scipy import stats

    by_batch = [stats.pearsonr(line, y).pvalue for line, y, _ in cases]
    if np.allclose(found, by_batch, atol=0.03):
        return (
            "This is a p-value as if each of 300 batches had a lot of its own. Shuffle the lots' "
            "values, and give each batch the value of its lot."
        )
    means = [lot_means_p(*case) for case in cases]
    if np.allclose(found[:2], means[:2], atol=0.04):
        return (
            "This counts each lot once, however many batches it has. The correlation is one over "
            "batches: give each batch the value of its lot, and then correlate."
        )
    if np.allclose(found, 1 - np.array(right), atol=P_WITHIN):
        return "This is the share of shuffles that are weaker. Count those at least as strong."
    if np.allclose(found, 0.5 * np.array(right), atol=0.05):
        return "Only one direction counts here: compare sizes of correlations, `abs`."
    if all(value > 0.9 for value in found):
        return (
            "Nothing is as strong as what was seen? A line shuffled within its lot stays as it "
            "was, for all its batches have one value. Shuffle whole lots."
        )
    close = np.abs(np.subtract(found, right)) <= P_WITHIN
    if close[[0, 1, 3]].all() and not close[2]:
        return (
            "Wrong where several lots have the same value. Each is a lot of its own all the same: "
            "tell them apart by `lots`, not by `line`."
        )
    if close[:3].all():
        return (
            "Wrong where lots are few: four lots can be dealt out in 24 orders only, each value "
            "once, so p is never far below 1 / 24. Count the orders themselves."
        )
    return "Not the share of shuffles of whole lots whose correlation is at least as large."


def lot_means_p(line: np.ndarray, y: np.ndarray, of: np.ndarray) -> float:
    """Return the p-value of the correlation of lots' means, each lot counted once."""
    from scipy import stats

    means = pd.DataFrame({"line": line, "y": y}).groupby(np.asarray(of).astype(str)).mean()
    return float(stats.pearsonr(means["line"], means["y"]).pvalue)


def about_adjusted(fixed: set[str]) -> str:
    plant = truth.graph()
    if fixed & {"conductivity", "doses"}:
        return "Cause and effect themselves are not held fixed: the slope between them is asked."
    if "released" in fixed:
        return (
            "“released” is an effect of the doses: among released batches a bad cause is made up "
            "for by a good one. That is a collider; leave it alone."
        )
    if "recovery" in fixed:
        return (
            "“recovery” is the way by which the conductivity acts. Held fixed, the effect is taken "
            "away that is asked for; and as virus acts on it, too, it is a collider as well."
        )
    without = plant.copy()
    without.remove_edges_from(list(plant.out_edges("conductivity")))
    if not nx.is_d_separator(without, {"conductivity"}, {"doses"}, fixed):
        return (
            "There is still a way round: conductivity ← season → a lot → virus → doses. Hold "
            "something on it fixed."
        )
    return ""


BY_HEART = (
    "These names would be right for the plant's own table. Here names have been exchanged within "
    "their groups, and what a column holds must be found by its numbers."
)


def about_drivers(called: Iterable[str]) -> str:
    groups = {name.split("_")[0] for name in called}
    if "coa" not in groups:
        return "No line of a certificate is among them. Ask `nine.by_lots` as well."
    if groups == {"coa"}:
        return "Only lines of certificates are among them: `nine.one_by_one` asks the others."
    return (
        "What acts early is drowned by the time of the doses, what acts late is not in the cells: "
        "each of the four witnesses tells of other columns, and within lots more clearly."
    )
