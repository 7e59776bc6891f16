"""The same equations on torch: the same numbers, gradients, float32, a graphics card."""

import numpy as np
import pytest
import torch

from vaxlab.errors import CourseError
from vaxlab.plant import Recipe, gpu
from vaxlab.plant.batch import Factors, run, trajectories
from vaxlab.plant.integrate import SIDE_BY_SIDE, tensors
from vaxlab.plant.kinetics import INDEX

RECIPES = [
    Recipe(growth_time_h=48),
    Recipe(growth_time_h=48, moi=1e-3, infection_temperature_c=((0, 37), (6, 34))),
]
AWKWARD = [  # off the grid, set points that change, serum left behind
    Recipe(growth_time_h=30.3, infection_duration_h=20.37, exchanged_share=0.8),
    Recipe(growth_time_h=36, infection_duration_h=24, ph=((-30, 7.0), (10, 7.5)), moi=2),
]
TOTAL = INDEX["total_virions_per_ml"]
DEVICES = ["cpu", *["cuda"] * torch.cuda.is_available()]
# On the processor "replayed" uses the same buffers, without a recording.
WAYS = [("cpu", "eager"), ("cpu", "replayed")]
WAYS += [("cuda", how) for how in gpu.HOW] * torch.cuda.is_available()


@pytest.mark.parametrize(("device", "how"), WAYS)
@pytest.mark.parametrize("recipes", [RECIPES, AWKWARD, [Recipe()] * 3], ids=["two", "odd", "same"])
def test_torch_gives_the_numbers_of_numpy(recipes, device, how):
    for expected, found in zip(
        trajectories(recipes, Factors(), backend=SIDE_BY_SIDE),
        trajectories(recipes, Factors(), backend=tensors(None, device, how)),
        strict=True,
    ):
        found = torch.stack(found).cpu().numpy()
        most = np.abs(expected).max(axis=0) + 1e-9
        np.testing.assert_allclose(found / most, expected / most, rtol=0, atol=1e-9)


def test_trajectories_are_the_states_of_a_run():
    expected = run(RECIPES, Factors())
    _, infection = trajectories(RECIPES, Factors(), backend=tensors())
    found = torch.stack(infection).numpy()
    for name in ("total_virions_per_ml", "glucose_mmol_per_l", "bicarbonate_mmol_per_l"):
        after = expected.states[name][:, expected.time_h >= 0]
        np.testing.assert_allclose(found[:, INDEX[name]].T, after, rtol=1e-9)


@pytest.mark.parametrize(("device", "how"), WAYS)
def test_float32_is_right_to_a_thousandth(device, how):
    expected = run(RECIPES, Factors())
    backend = tensors(torch.float32, device, how)
    _, infection = trajectories(RECIPES, Factors(), backend=backend)
    found = torch.stack(infection).cpu()
    assert found.dtype == torch.float32
    for name in ("total_virions_per_ml", "infectious_virions_per_ml", "base_mmol_per_l"):
        after = expected.states[name][:, expected.time_h >= 0].max(axis=1)
        most = found[:, INDEX[name]].amax(dim=0)
        np.testing.assert_allclose(most.numpy(), after, rtol=1e-3)


def test_a_recorded_step_serves_other_batches_of_the_same_number_and_keeps_nothing_of_the_last():
    backend = tensors(how="replayed")
    first, _ = trajectories(RECIPES, Factors(), backend=backend)
    kept = first[-1].clone()
    trajectories(AWKWARD, Factors(growth=0.5), backend=backend)
    again, _ = trajectories(RECIPES, Factors(), backend=backend)
    assert torch.equal(first[-1], kept)
    assert torch.equal(again[-1], kept)


def test_where_a_gradient_is_wanted_nothing_is_recorded():
    entry = torch.ones(1, dtype=torch.float64, requires_grad=True)
    recipe = [Recipe(growth_time_h=12, infection_duration_h=6)]
    backend = tensors(how="replayed")
    _, infection = trajectories(recipe, Factors(entry=entry), backend=backend)
    assert infection[-1].requires_grad
    with torch.no_grad():
        _, infection = trajectories(recipe, Factors(entry=entry), backend=backend)
    assert not infection[-1].requires_grad


def test_an_unknown_way_to_run_steps_is_refused():
    with pytest.raises(CourseError, match="how = 'fast'; expected one of auto, fused"):
        tensors(how="fast")


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("field", ["entry", "growth", "release", "defective"])
def test_gradients_run_through_both_phases_and_agree_with_finite_differences(field, device):
    recipe = [Recipe(growth_time_h=24, infection_duration_h=24)]

    def log_virus(factor: torch.Tensor) -> torch.Tensor:
        _, infection = trajectories(
            recipe, Factors(**{field: factor}), backend=tensors(None, device)
        )
        return torch.log(infection[-1][TOTAL, 0])

    factor = torch.ones(1, dtype=torch.float64, device=device, requires_grad=True)
    (gradient,) = torch.autograd.grad(log_virus(factor), factor)
    with torch.no_grad():
        step = 1e-4
        difference = (log_virus(factor + step) - log_virus(factor - step)) / (2 * step)
    assert gradient.item() == pytest.approx(difference.item(), rel=1e-4, abs=1e-8)
    assert gradient.item() != 0
