"""What happens to a batch while it runs: inputs that vary in time, beside recipe and lots."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

Values = np.ndarray | float

_RANGES: dict[str, tuple[str, float, float]] = {
    "temperature_offset_c": ("°C", -15.0, 10.0),
    "temperature_hidden_c": ("°C", -15.0, 10.0),
    "ph_probe_error": ("pH", -2.0, 2.0),
    "do_factor": ("-", 0.0, 1.5),
    "kla_factor": ("-", 0.0, 3.0),
    "base_pump": ("-", 0.0, 1.0),
    "feed_pump": ("-", 0.0, 1.0),
    "contaminant_our_mmol_per_l_h": ("mmol/L/h", 0.0, 200.0),
    "contaminant_acid_mmol_per_l_h": ("mmol/L/h", 0.0, 200.0),
    "growth_factor": ("-", 0.0, 2.0),
    "agitation_factor": ("-", 0.0, 3.0),
    "entry_factor": ("-", 0.0, 3.0),
}


@dataclass(frozen=True)
class Course:
    """Inputs of the culture that may change from step to step; the default is a normal batch.

    Every field is a number, an array (B,) with one element a batch, or an array (B, S) with one
    element a batch and integration step: constant within a step, whose starts are
    `vaxlab.plant.batch.step_hours`.

    Attributes
    ----------
    temperature_offset_c : number or array
        The jacket drives the culture to its set point plus this, °C.
    temperature_hidden_c : number or array
        The part of it that the Pt100 does not show, °C; the culture does not ask for it.
    ph_probe_error : number or array
        What the probe reads too high: the controller holds the probe at the set point, so the
        true pH is held at the set point less this.
    do_factor : number or array
        On the dissolved oxygen that the controller can hold; 1 is its set point.
    kla_factor : number or array
        On the oxygen supply; 1 is normal, 0 is none.
    base_pump, feed_pump : number or array
        Share of its rate that a pump can deliver; 1 is normal, 0 is stopped.
    contaminant_our_mmol_per_l_h, contaminant_acid_mmol_per_l_h : number or array
        Oxygen that intruders take up where there is plenty, and acid that they form, mmol/L/h.
    growth_factor : number or array
        On the growth rate.
    agitation_factor : number or array
        On the speed of the stirrer.
    entry_factor : number or array
        On how well virus enters cells; 0 while it has not been added.
    """

    temperature_offset_c: Values = 0.0
    temperature_hidden_c: Values = 0.0
    ph_probe_error: Values = 0.0
    do_factor: Values = 1.0
    kla_factor: Values = 1.0
    base_pump: Values = 1.0
    feed_pump: Values = 1.0
    contaminant_our_mmol_per_l_h: Values = 0.0
    contaminant_acid_mmol_per_l_h: Values = 0.0
    growth_factor: Values = 1.0
    agitation_factor: Values = 1.0
    entry_factor: Values = 1.0

    def checked(self, batches: int, steps: int) -> Mapping[str, np.ndarray]:
        """Return every field as an array (B, 1) or (B, S).

        Parameters
        ----------
        batches, steps : int
            B and S.

        Raises
        ------
        ValueError
            A field has another shape, is not finite or out of its range; the message names it.
        """
        shapes = {(): (1, 1), (batches,): (batches, 1), (batches, steps): (batches, steps)}
        table = {}
        for field in fields(self):
            unit, low, high = _RANGES[field.name]
            values = np.asarray(getattr(self, field.name), dtype=float)
            if values.shape not in shapes:
                raise ValueError(
                    f"Course: {field.name} has shape {values.shape}; expected a number, "
                    f"({batches},) or ({batches}, {steps}): batches, integration steps."
                )
            wrong = ~((values >= low) & (values <= high))  # NaN is wrong, too
            if wrong.any():
                raise ValueError(
                    f"Course: {field.name} = {values[wrong].flat[0]!r} {unit}; "
                    f"expected {low:g} to {high:g} {unit}."
                )
            values = values.reshape(shapes[values.shape])
            table[field.name] = np.broadcast_to(values, (batches, values.shape[1]))
        return table
