"""Tables for exercises 3 and 4 of day 3, notebook 1, drawn so that wrong ways differ on them."""

from __future__ import annotations

import numpy as np

from vaxlab.lessons.day3.nine import material, wrong

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
"""A line of a certificate, what it might move, and the lots; one value a batch."""


def tie(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Draw a contest of five winners that no copy comes near: 1 / 5 is just what is allowed."""
    return rng.permutation(np.concatenate([rng.uniform(2, 5, 5), -rng.uniform(0.1, 1, 12)])), 0.2


def contests(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Draw two contests on which each misconception that has a name calls other columns."""
    for _ in range(50):
        clear = [rng.uniform(2, 5, 30), [-2.5], rng.normal(0, 0.7, 40), np.zeros(10)]
        cases = [(rng.permutation(np.concatenate(clear)), share) for share in (0.1, 0.2)]
        right = [material._chosen(*case).tolist() for case in cases]
        if right not in wrong.contests(cases).values():
            break
    return cases


def _dealt(
    rng: np.random.Generator, line: np.ndarray, level: np.ndarray, sizes: np.ndarray
) -> Case:
    """Make batches of lots: a line, what it might move, and the lots' names, in any order."""
    of = np.repeat(np.arange(len(line)), sizes)
    y = level[of] + rng.standard_normal(len(of))
    names = np.array([f"SER-{k:02d}" for k in rng.permutation(len(line))], dtype=object)
    order = rng.permutation(len(of))
    return line[of][order], y[order], names[of][order]


def lot_case(rng: np.random.Generator) -> Case:
    """Draw a line that says nothing; its p-value is not that of lots' means, near 0 or near 1."""
    for _ in range(200):
        sizes = rng.permutation(np.r_[rng.integers(3, 12, size=11), rng.integers(50, 90, size=3)])
        case = _dealt(rng, rng.standard_normal(14), rng.standard_normal(14), sizes)
        p = material._lot_p_value(*case, np.random.default_rng(5), 300)
        if 0.15 < p < 0.8 and abs(p - wrong.lot_means_p(*case)) > 0.2:
            break
    return case


def coarse_case(rng: np.random.Generator) -> Case:
    """Draw a line that says something, of three values, so that lots share one."""
    for _ in range(40):
        line = rng.permutation(np.arange(14) % 3 - 1.0)
        level = rng.standard_normal(14) + 1.5 * line
        case = _dealt(rng, line, level, rng.integers(8, 35, size=14))
        if material._lot_p_value(*case, np.random.default_rng(5), 300) < 0.05:
            break
    return case


def few_case(rng: np.random.Generator) -> Case:
    """Draw four lots whose levels are the line's values: of 24 orders one is as strong."""
    line = np.array([0.0, 1.0, 2.2, 4.5]) + 0.1 * rng.standard_normal(4)
    return _dealt(rng, line, 3 * line, rng.permutation([14, 30, 60, 110]))
