"""Day 1, notebook 1, *Can I trust the numbers?*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day1.trust.material import at_48h, delivery, with_dilutions

__getattr__ = judged(__name__, "ceiling", "errors", "promise", "tidy", "twins", "weekends")

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
