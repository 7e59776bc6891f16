"""Half a year of the plant on somebody's policy: three reactors, two products, sixty batches.

Nine days a round, twenty rounds. Reactors R1 and R2 make the inactivated vaccine, R3 the live one.
Four things differ from the history, and nobody says how much: the cells are of a new bank, the
trypsin is of a new supplier, part way a new lot of virus seed is opened, and in one reactor the
probe of pH begins to drift. A policy sees what a plant would show; truth and seed stay here.
"""

from vaxlab.season.asking import HISTORY, LICENCES, LIMIT_S, Policy
from vaxlab.season.chance import (
    BATCHES,
    REACTORS,
    ROUNDS,
    RUNS,
    USUAL_DOSES,
    USUAL_H,
    VISIT,
    Season,
    drawn,
)
from vaxlab.season.plant import RECORD, Played, play

__all__ = [
    "BATCHES",
    "HISTORY",
    "LICENCES",
    "LIMIT_S",
    "REACTORS",
    "RECORD",
    "ROUNDS",
    "RUNS",
    "USUAL_DOSES",
    "USUAL_H",
    "VISIT",
    "Played",
    "Policy",
    "Season",
    "drawn",
    "play",
]
