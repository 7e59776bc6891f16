"""Day 2, notebook 2, *Glucose every 15 minutes*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day2.raman.delivery import (
    at_work,
    choose,
    online_figure,
    prepared,
    race,
    race_figure,
    races,
    reported,
    spectra_figure,
)
from vaxlab.lessons.day2.raman.material import (
    history,
    laboratory,
    minutes,
    online,
    row_split,
    usable,
)

__getattr__ = judged(__name__, "augment", "by_batch", "clock", "online_report", "prepare", "sensor")

__all__ = [
    "at_work",
    "augment",
    "by_batch",
    "choose",
    "clock",
    "history",
    "laboratory",
    "minutes",
    "online",
    "online_figure",
    "online_report",
    "prepare",
    "prepared",
    "race",
    "race_figure",
    "races",
    "reported",
    "row_split",
    "sensor",
    "spectra_figure",
    "usable",
]
