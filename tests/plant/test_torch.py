"""The same equations on torch: the same numbers, gradients, float32, a graphics card."""

import numpy as np
import pytest
import torch

from vaxlab.plant import Recipe
from vaxlab.plant.batch import Factors, run, trajectories
from vaxlab.plant.integrate import tensors
from vaxlab.plant.kinetics import INDEX

RECIPES = [
    Recipe(growth_time_h=48),
    Recipe(growth_time_h=48, moi=1e-3, infection_temperature_c=((0, 37), (6, 34))),
]
TOTAL = INDEX["total_virions_per_ml"]
DEVICES = ["cpu", *["cuda"] * torch.cuda.is_available()]


def test_torch_gives_the_numbers_of_numpy():
    expected = run(RECIPES, Factors())
    _, infection = trajectories(RECIPES, Factors(), backend=tensors())
    found = torch.stack(infection).numpy()
    for name in ("total_virions_per_ml", "glucose_mmol_per_l", "bicarbonate_mmol_per_l"):
        after = expected.states[name][:, expected.time_h >= 0]
        np.testing.assert_allclose(found[:, INDEX[name]].T, after, rtol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
def test_float32_is_right_to_a_thousandth(device):
    expected = run(RECIPES, Factors())
    backend = tensors(torch.float32, device)
    _, infection = trajectories(RECIPES, Factors(), backend=backend)
    found = torch.stack(infection).cpu()
    assert found.dtype == torch.float32
    for name in ("total_virions_per_ml", "infectious_virions_per_ml", "base_mmol_per_l"):
        after = expected.states[name][:, expected.time_h >= 0].max(axis=1)
        most = found[:, INDEX[name]].amax(dim=0)
        np.testing.assert_allclose(most.numpy(), after, rtol=1e-3)


@pytest.mark.parametrize("field", ["entry", "growth", "release", "defective"])
def test_gradients_run_through_both_phases_and_agree_with_finite_differences(field):
    recipe = [Recipe(growth_time_h=24, infection_duration_h=24)]

    def log_virus(factor: torch.Tensor) -> torch.Tensor:
        _, infection = trajectories(recipe, Factors(**{field: factor}), backend=tensors())
        return torch.log(infection[-1][TOTAL, 0])

    factor = torch.ones(1, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(log_virus(factor), factor)
    with torch.no_grad():
        step = 1e-4
        difference = (log_virus(factor + step) - log_virus(factor - step)) / (2 * step)
    assert gradient.item() == pytest.approx(difference.item(), rel=1e-4, abs=1e-8)
    assert gradient.item() != 0
