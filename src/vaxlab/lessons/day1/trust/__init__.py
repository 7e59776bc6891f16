"""Day 1, notebook 1, *Can I trust the numbers?*, as its notebook sees it."""

from vaxlab.lessons.day1.trust.checks import (
    ceiling,
    delivery,
    errors,
    promise,
    tidy,
    twins,
    weekends,
)

__all__ = [
    "ceiling",
    "delivery",
    "errors",
    "promise",
    "tidy",
    "twins",
    "weekends",
]
