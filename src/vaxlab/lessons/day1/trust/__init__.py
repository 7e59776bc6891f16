"""Day 1, notebook 1, *Can I trust the numbers?*, as its notebook sees it."""

from vaxlab.lessons.day1.trust.checks import ceiling, errors, promise, tidy, twins, weekends
from vaxlab.lessons.day1.trust.material import at_48h, delivery, with_dilutions

__all__ = [
    "at_48h",
    "ceiling",
    "delivery",
    "errors",
    "promise",
    "tidy",
    "twins",
    "weekends",
    "with_dilutions",
]
