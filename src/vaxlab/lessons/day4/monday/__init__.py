"""Day 4, notebook 4, *Run it on Monday morning*, as its notebook sees it."""

from vaxlab.lessons import judged
from vaxlab.lessons.day4.monday.delivery import (
    alarm_figure,
    columns_figure,
    control_room,
    mark,
    open_shelf,
    seal,
    seasons,
    shelf,
    sweep,
    take,
    ways,
)
from vaxlab.lessons.day4.monday.handed import WorkerLost
from vaxlab.lessons.day4.monday.material import (
    arrays,
    decided,
    drifting,
    history,
    misses,
    model,
    other_line,
    poor_limit,
    quiet,
    reference,
)
from vaxlab.lessons.day4.monday.whom import at_the_gate, own_decisions, pair_told, retrained

__getattr__ = judged(__name__, "alarms", "believed", "changes", "fingerprints", "gate", "jobs")

__all__ = [
    "WorkerLost",
    "alarm_figure",
    "alarms",
    "arrays",
    "at_the_gate",
    "believed",
    "changes",
    "columns_figure",
    "control_room",
    "decided",
    "drifting",
    "fingerprints",
    "gate",
    "history",
    "jobs",
    "mark",
    "misses",
    "model",
    "open_shelf",
    "other_line",
    "own_decisions",
    "pair_told",
    "poor_limit",
    "quiet",
    "reference",
    "retrained",
    "seal",
    "seasons",
    "shelf",
    "sweep",
    "take",
    "ways",
]
