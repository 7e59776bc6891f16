"""The learning curve, measured by ``benchmarks/curve_trajectories.py``."""

CURVE: tuple[tuple[int, str, int, float], ...] = ()
