"""The seed train: what the cells went through before they reach the production reactor."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vaxlab.plant.parameters import VALUES

Values = np.ndarray | float


@dataclass(frozen=True)
class Inoculum:
    """What the seed train makes of the cells; numbers or arrays (B,).

    Attributes
    ----------
    growth, attachment, inoculum : number or array
        Factors for `vaxlab.plant.batch.Factors`, 1 for young, well-timed cells after the usual
        wait.
    viability_percent : number or array
        When they are put into the reactor.
    """

    growth: Values
    attachment: Values
    inoculum: Values
    viability_percent: Values


def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw what cells n batches get, in order of their start.

    Parameters
    ----------
    rng : Generator
    n : int

    Returns
    -------
    passage : int array (n,)
        A vial serves some batches, each a split after the one before; now and then the vials of
        some weeks come from an old bank.
    age_h : array (n,)
        Hours that the last seed vessel grew, in steps of five minutes.
    """
    batch = np.arange(n)
    vial, split = np.divmod(batch, int(VALUES["vial_batches"]))
    run = vial // int(VALUES["old_run"])
    runs = int(run[-1]) + 1 if n else 0
    count = int(VALUES["old_share"] * runs + rng.random())
    old = np.isin(run, rng.choice(runs, size=count, replace=False)) if count else batch < 0
    further = np.where(old, int(VALUES["old_passages"]), rng.integers(0, 2, size=n))
    late = np.clip(rng.standard_normal(n), -VALUES["age_widest"], VALUES["age_widest"])
    minutes = 5 * np.round((VALUES["age_best"] + VALUES["sd_age"] * late) * 60 / 5)
    return int(VALUES["passage_first"]) + split + further, minutes / 60


def of_old_bank(passage: np.ndarray) -> np.ndarray:
    """Tell which batches got cells of an old bank: no young vial is ever split as often."""
    return passage >= VALUES["passage_first"] + VALUES["old_passages"]


def inoculum(
    passage: Values,
    age_h: Values,
    hold_h: Values,
    *,
    parameters: Mapping[str, float] = VALUES,
) -> Inoculum:
    """Return the quality of an inoculum.

    Parameters
    ----------
    passage : int or array (B,)
        Splits since the cell bank: above a dozen, each further one costs growth.
    age_h : number or array (B,)
        Hours since the last split. Too short and the sheet is not grown; too long and the cells
        starve and clump: both attach badly.
    hold_h : number or array (B,)
        Time to inoculation: hours between detaching the cells and putting them to the carriers;
        factors are 1 at the usual ones (``hold_mean``).
    parameters : mapping of symbol to value, optional

    Returns
    -------
    Inoculum

    Raises
    ------
    ValueError
        A value that is negative or no number.

    Notes
    -----
    Own choice throughout, no claim about the world; that the time to inoculation drives the yield
    of a vaccine is told of a real plant (McKinsey 2014), without figures.
    """
    given = {"passage": passage, "age_h": age_h, "hold_h": hold_h}
    for name, values in given.items():
        if not np.all(np.asarray(values, dtype=float) >= 0):  # NaN fails, too
            raise ValueError(f"seedtrain: {name} = {values!r}; expected 0 or more.")
    par = parameters
    further = np.maximum(np.asarray(passage, dtype=float) - par["passage_young"], 0.0)
    off = (np.asarray(age_h, dtype=float) - par["age_best"]) / par["s_age"]
    wait = np.asarray(hold_h, dtype=float)
    late = wait - par["hold_mean"]
    young = np.exp(-par["k_passage"] * further)
    well_timed = 1 - par["age_cost"] * (1 - np.exp(-0.5 * off**2))
    return Inoculum(
        growth=young * np.exp(-par["hold_growth"] * late),
        attachment=well_timed * np.exp(-par["hold_attachment"] * late),
        inoculum=np.exp(-par["hold_inoculum"] * late),
        viability_percent=par["viability_detached"] * np.exp(-par["k_hold"] * wait),
    )
