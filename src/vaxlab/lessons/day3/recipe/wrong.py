"""What wrong answers to this notebook's exercises come to, and what to say of each."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.stats import norm

from vaxlab.lessons.day3.recipe import rivals

Known = list[tuple[np.ndarray, str]]


def points(x: np.ndarray, y: np.ndarray) -> Known:
    """Return points that are not the stationary one."""
    k, found, bent = _fitted(x, y)
    slope = found[1 : 1 + k]
    halved = "The products stand off the diagonal twice, so each place gets half of them."
    whole = bent + bent - np.diag(np.diag(bent))
    top = x[np.argmax(y)]
    return [
        (-0.5 * np.linalg.solve(whole, slope), halved),
        (0.5 * np.linalg.solve(bent, slope), "The sign is turned round: b + 2 B x is zero there."),
        (-np.linalg.solve(bent, slope), "A factor of two: the slope of x' B x is 2 B x."),
        (
            -0.5 * slope / np.diag(bent),
            "This is each factor's own top, the others left at the centre: products are missing.",
        ),
        (
            np.linalg.solve(bent, slope),
            "A factor of -2: b + 2 B x is zero there, not b - B x.",
        ),
        (
            -0.5 * np.linalg.solve(bent, slope) - x.mean(axis=0),
            "This is measured from the mean of the runs. Add that mean to it.",
        ),
        (top, "This is the run that read best. The point of the fitted surface is asked."),
    ]


def cut_off(found: list[np.ndarray], right: list[np.ndarray]) -> str:
    """Return what to say if points are the right ones, cut off at some end; else nothing."""
    ends = [np.abs(values).max() for values in found]
    cut = [np.clip(values, -end, end) for values, end in zip(right, ends, strict=True)]
    if not np.allclose(np.concatenate(found), np.concatenate(cut), rtol=1e-3):
        return ""
    return f"It is cut off at ±{ends[0]:.3g}. Give it where it lies, also outside of the licence."


def curvatures(x: np.ndarray, y: np.ndarray) -> Known:
    """Return numbers that are not the eigenvalues, ascending."""
    _, _, bent = _fitted(x, y)
    whole = bent + bent - np.diag(np.diag(bent))
    right = np.linalg.eigvalsh(bent)
    return [
        (np.linalg.eigvalsh(whole), "Products count twice here: half of each in either place."),
        (right[::-1], "Nearly: ascending is asked, the most negative first."),
        (2 * right, "These are those of 2 B. B itself is asked."),
        (np.sort(np.diag(bent)), "These are the squares' coefficients: products bend it, too."),
    ]


def _fitted(x: np.ndarray, y: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    k = x.shape[1]
    found = np.linalg.lstsq(rivals.terms(x), y, rcond=None)[0]
    bent = np.diag(found[1 + k : 1 + 2 * k])
    pairs = itertools.combinations(range(k), 2)
    for (i, j), value in zip(pairs, found[1 + 2 * k :], strict=True):
        bent[i, j] = bent[j, i] = value / 2
    return k, found, bent


def improvements(mean: np.ndarray, sd: np.ndarray, best: float) -> Known:
    """Return what is not the expected improvement."""
    z = (mean - best) / sd
    right = (mean - best) * norm.cdf(z) + sd * norm.pdf(z)
    down = (best - mean) * norm.cdf(-z) + sd * norm.pdf(z)
    return [
        (down, "This is the formula for what shall be small. Doses shall be large: mean - best."),
        (norm.cdf(z), "This is the chance to be better. How much better counts, too."),
        (np.maximum(mean - best, 0), "The spread has no part in this: what is unsure may be good."),
        ((mean - best) * norm.cdf(z), "The second half is missing: sd times the density."),
        ((mean - best) * norm.cdf(z) + norm.pdf(z), "The density is not multiplied by sd."),
        (mean + sd, "This is a bound, not what is expected above the best."),
        (mean + 2 * sd, "This is a bound, not what is expected above the best."),
        (np.log(right), "This is its logarithm. The improvement itself is asked."),
        (
            (mean - best) * norm.pdf(z) + sd * norm.cdf(z),
            "Density and distribution have changed places.",
        ),
        (right * np.sqrt(1 / sd), "sd is a standard deviation already: no root, no square."),
    ]


def chances(mean: np.ndarray, sd: np.ndarray) -> Known:
    """Return what is not the chance that all limits are kept."""
    each = norm.cdf(-mean / sd)
    return [
        (
            norm.cdf(mean / sd).prod(axis=1),
            "The chance to break them: 0 or less is within.",
        ),
        (1 - each.prod(axis=1), "This is the chance to break at least one."),
        (each.min(axis=1), "This is the least of the three. All must be kept: multiply."),
        (each.mean(axis=1), "A mean of chances. All three must be kept: multiply."),
        (each.max(axis=1), "This is the largest of the three. All must be kept: multiply."),
        ((mean <= 0).all(axis=1), "A yes or no by the means. Close to a limit it is a chance."),
        (norm.cdf(-mean / sd**2).prod(axis=1), "sd is a standard deviation already, no variance."),
        (norm.cdf(-mean).prod(axis=1), "The standard deviation has no part in this."),
        (each[:, 0], "This is the first limit alone. All three must be kept."),
    ]


LUCK = (
    "How lucky the best one is depends as well on how many runs there are, and on how much they "
    "truly differ."
)


def promises(vessels: np.ndarray) -> list[tuple[float, str]]:
    """Return numbers that are no honest promise of the best run."""
    means = vessels.mean(axis=1)
    best = int(means.argmax())
    return [
        (means.max(), "This is what the best run read. It is best by luck as well: choose by some "
         "vessels, and read the others."),
        (means.mean(), "This is the mean of all runs. The best one is better than that."),
        (vessels.max(), "This is the luckiest vessel of all."),
        (float(np.median(vessels[best])), "The chosen run's middle vessel was lucky, too: the run "
         "was chosen by it."),
        (np.sort(means)[-2], "The second best was also chosen for its luck."),
        (vessels[best].min(), f"This is the lowest vessel of the chosen run. {LUCK}"),
        (vessels.min(axis=1).max(), f"This is the best of the runs' lowest vessels. {LUCK}"),
    ]  # fmt: skip


def spreads(vessels: np.ndarray) -> dict[str, float]:
    """Return what spread a share of which may be taken off the best mean, by its name."""
    best = vessels[vessels.mean(axis=1).argmax()]
    return {
        "standard deviations of the chosen run's vessels": float(best.std(ddof=1)),
        "standard deviations of all runs' vessels": float(
            vessels.var(axis=1, ddof=1).mean() ** 0.5
        ),
    }
