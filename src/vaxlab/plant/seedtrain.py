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
        Factors for `vaxlab.plant.batch.Factors`, 1 for young, well-timed cells.
    viability_percent : number or array
        When they are put into the reactor.
    """

    growth: Values
    attachment: Values
    inoculum: Values
    viability_percent: Values


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
        Time to inoculation: hours between detaching the cells and putting them to the carriers.
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
    alive = np.exp(-par["k_hold"] * np.asarray(hold_h, dtype=float))
    return Inoculum(
        growth=np.exp(-par["k_passage"] * further),
        attachment=1 - par["age_cost"] * (1 - np.exp(-0.5 * off**2)),
        inoculum=alive,
        viability_percent=par["viability_detached"] * alive,
    )


def expand(
    cells: Values,
    area_cm2: Values,
    hours: Values,
    *,
    growth: Values = 1.0,
    parameters: Mapping[str, float] = VALUES,
) -> np.ndarray:
    """Return the cells in a seed vessel after some time: logistic growth on its area.

    Parameters
    ----------
    cells : number or array (B,)
        Cells put in.
    area_cm2, hours : number or array (B,)
    growth : number or array (B,)
        Factor on the growth rate.
    parameters : mapping of symbol to value, optional

    Returns
    -------
    array (B,)
        Cells; never more than the area holds.
    """
    room = parameters["sigma"] * np.asarray(area_cm2, dtype=float)
    start = np.minimum(np.asarray(cells, dtype=float), room)
    grown = np.exp(parameters["mu_max"] * np.asarray(growth) * np.asarray(hours, dtype=float))
    return room / (1 + (room / start - 1) / grown)
