"""What an epoch through our integrator costs, beside torchdiffeq: 24 batches, the growth phase.

The same equations, the same network and the same four samples a batch on both sides; torchdiffeq
gets the loosest tolerance at which its gradients are as near as ours to those of steps of 1 h, if
there is one. It is no part of the course: it is installed for this benchmark only, into a folder of
its own, and without it our side is timed alone. Processor time in one run, the sides taking turns.

Seen: 1.9 to 2.3 times against dopri5, where 3 were hoped for; against its adjoint 12 to 20 times,
whose gradients were never as near as ours in float32. The right-hand side, one for both, is what
costs: ours asks it 104 times a run, dopri5 some 200 times. Steps of 6 h would ask it less often,
but spoil the gradient (off by 60 %, of a trained network): the pH controller is too quick for them.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from vaxlab.errors import CourseError
from vaxlab.lessons.day2.half_known import material
from vaxlab.plant import Factors, tensors
from vaxlab.plant.hybrid import hook
from vaxlab.plant.kinetics import INDEX, rates
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.phases import phase, start_of_growth

ROUNDS = 3
LOOSEST, TIGHTEST = 0.02, 1e-6
"""Tolerances that are tried, halving."""
INSTALL = (
    "torchdiffeq is not installed. For the comparison: python -m pip install --no-deps --target "
    "/tmp/peer torchdiffeq, then PYTHONPATH=/tmp/peer python benchmarks/gradients.py"
)
SIZES = {"cells": 1e6, "virions": 1e6, "glucose": 10.0, "lactate": 10.0, "bicarbonate": 10.0}


class Culture(nn.Module):
    """The plant's growth phase as torchdiffeq wants it: dy/dt, states divided by their sizes."""

    def __init__(self, hybrid: material.Hybrid, recipes: list) -> None:
        super().__init__()
        self.hybrid = hybrid
        self.backend = tensors(torch.float32)
        self.k = phase(recipes, Factors(), infected=False, backend=self.backend).at(0, 0)
        named = {name: 1.0 for name in INDEX}
        for name in named:
            named[name] = next((size for part, size in SIZES.items() if part in name), 1.0)
        self.size = torch.tensor(list(named.values()))[:, None]
        self.latest: list = [None, None]
        self.by = hook(
            {
                "growth_rate_per_h": lambda features: self.both(features)[0],
                "glucose_uptake_pmol_per_cell_h": lambda features: self.both(features)[1],
            },
            self.backend,
        )
        self.start = torch.stack(start_of_growth(recipes, Factors(), self.backend)) / self.size

    def both(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return growth and uptake, asked once."""
        if self.latest[0] is not features:
            self.latest[:] = features, self.hybrid(features)
        return self.latest[1]

    def forward(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the change per hour."""
        rows = list(torch.unbind(y * self.size))
        return torch.stack(rates(rows, self.k, VALUES, self.backend.xp, self.by)) / self.size


@dataclass(frozen=True)
class Epoch:
    """A simulation and its gradients: the processor's time, s, and all gradients in a row."""

    seconds: float
    gradient: torch.Tensor


def epoch(simulated: Callable[[], torch.Tensor], hybrid: nn.Module) -> Epoch:
    """Go through all 24 batches, and back."""
    measured, scale = torch.tensor(material.runs(1).values), torch.tensor(material.scale(1))
    hybrid.zero_grad()
    begun = time.process_time()
    off = ((simulated() - measured) / scale)[~torch.isnan(measured)]
    off.square().mean().backward()
    spent = time.process_time() - begun
    return Epoch(spent, torch.cat([weight.grad.ravel() for weight in hybrid.parameters()]))


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    some = material.runs(1)
    hybrid = material.Hybrid(material._seam, members=1)
    culture = Culture(hybrid, material._recipes(some.recipes, material.INSIDE_H))
    hours = torch.tensor([0.0, *some.hours], dtype=torch.float32)

    def ours(step_h: float = material.TRAIN_STEP_H) -> torch.Tensor:
        return material.simulate(hybrid, some, step_h)[0]

    def theirs(solver: Callable[..., torch.Tensor], rtol: float) -> torch.Tensor:
        found = solver(culture, culture.start, hours, rtol=rtol, atol=rtol, method="dopri5")
        return (found * culture.size)[1:, material._ROWS].permute(2, 0, 1)

    exact = epoch(lambda: ours(1.0), hybrid).gradient

    def off(side: Callable[[], torch.Tensor]) -> float:
        try:
            return float((epoch(side, hybrid).gradient - exact).norm() / exact.norm())
        except CourseError:  # a step so long that the plant cannot follow
            return float("inf")

    sides: dict[str, Callable[[], torch.Tensor]] = {"our RK4, steps of 4 h": ours}
    errors = {"our RK4, steps of 4 h": off(ours)}
    if importlib.util.find_spec("torchdiffeq") is None:
        print(INSTALL)
    else:
        from torchdiffeq import odeint, odeint_adjoint

        for name, solver in (("dopri5", odeint), ("dopri5, adjoint", odeint_adjoint)):
            rtol = LOOSEST
            while off(lambda r=rtol, f=solver: theirs(f, r)) > errors["our RK4, steps of 4 h"]:
                rtol /= 2
                if rtol < TIGHTEST:
                    break
            name = f"torchdiffeq, {name}, rtol {rtol:.0e}"
            sides[name] = lambda r=rtol, f=solver: theirs(f, r)
            errors[name] = off(sides[name])
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            spent[name].append(epoch(side, hybrid).seconds)
    best = {name: min(times) for name, times in spent.items()}
    print(f"{'':44}{'gradient off by':>16}{'s an epoch':>12}{'over ours':>11}")
    for name, seconds in best.items():
        ratio = seconds / best["our RK4, steps of 4 h"]
        print(f"{name:44}{errors[name]:16.1e}{seconds:12.2f}{ratio:11.1f}")


if __name__ == "__main__":
    main()
