"""The learning curve, measured by ``benchmarks/curve_trajectories.py``: 600 batches tested on."""

CURVE: tuple[tuple[int, str, int, float], ...] = (
    (120, "boosted trees", 0, 3.408),
    (120, "MLP", 0, 4.013),
    (120, "1-D CNN", 0, 3.19),
    (120, "GRU", 0, 3.18),
    (120, "boosted trees", 1, 3.566),
    (120, "MLP", 1, 3.695),
    (120, "1-D CNN", 1, 3.227),
    (120, "GRU", 1, 3.401),
    (120, "boosted trees", 2, 3.337),
    (120, "MLP", 2, 3.416),
    (120, "1-D CNN", 2, 3.872),
    (120, "GRU", 2, 2.964),
    (960, "boosted trees", 0, 2.988),
    (960, "MLP", 0, 2.911),
    (960, "1-D CNN", 0, 2.888),
    (960, "GRU", 0, 2.876),
    (960, "boosted trees", 1, 2.964),
    (960, "MLP", 1, 2.897),
    (960, "1-D CNN", 1, 2.997),
    (960, "GRU", 1, 2.922),
)
"""Batches learnt from, method, seed, root mean squared miss (h)."""
