"""Networks in place of rates, and longer steps to train them with."""

import numpy as np
import pytest
import torch

from vaxlab.errors import CourseError
from vaxlab.plant import (
    HOOK_FEATURES,
    HOOK_RATES,
    Factors,
    Recipe,
    step_errors,
    tensors,
    trajectories,
)
from vaxlab.plant.integrate import SIDE_BY_SIDE
from vaxlab.plant.kinetics import INDEX

RECIPES = [Recipe(growth_time_h=24, infection_duration_h=6, moi=m) for m in (0.1, 1.0)]
DEVICES = ["cpu", *["cuda"] * torch.cuda.is_available()]
HEALTHY, GLUCOSE = INDEX["uninfected_cells_per_ml"], INDEX["glucose_mmol_per_l"]


def constant(value):
    return lambda features: torch.full_like(features[:, 0], value)


def hybrid(rates_by, recipes=RECIPES, device="cpu", **more):
    backend = tensors(torch.float64, device)
    paths = trajectories(recipes, Factors(), backend=backend, rates_by=rates_by, **more)
    return [torch.stack(path).detach().cpu().numpy() for path in paths]


def test_a_network_sees_the_named_features_in_the_units_of_their_names():
    seen = []

    def net(features):
        seen.append(features)
        return 0.0 * features[:, :1]

    hybrid({"death_rate_per_h": net})
    first = dict(zip(HOOK_FEATURES, seen[0].T, strict=True))
    assert set(first) == set(HOOK_FEATURES)
    for name, expected in {
        "glucose_mmol_per_l": 30,
        "glutamine_mmol_per_l": 4,
        "lactate_mmol_per_l": 0,
        "living_cells_per_ml": 0,
        "ph": 7.2,
        "do_percent": 60,
        "temperature_c": 37,
        "free_surface_share": 1,
    }.items():
        np.testing.assert_allclose(first[name].numpy(), expected, atol=0.01, err_msg=name)
    assert len(seen) == 4 * (24 + 6 * 4)  # every rate of every step, no more


@pytest.mark.parametrize("device", DEVICES)
def test_cells_grow_and_die_at_the_rates_that_networks_say(device):
    recipe = [Recipe(growth_time_h=60, infection_duration_h=6)] * 2
    grown, _ = hybrid(
        {"growth_rate_per_h": constant(0.05), "death_rate_per_h": constant(0.02)}, recipe, device
    )
    late = np.log(grown[-10:, HEALTHY])  # all that can attach has attached
    np.testing.assert_allclose(np.diff(late, axis=0), 0.03, rtol=1e-2)


@pytest.mark.parametrize("medium", ["glucose", "glutamine"])
def test_what_cells_take_up_is_what_the_network_says_per_cell(medium):
    grown, _ = hybrid({f"{medium}_uptake_pmol_per_cell_h": constant(0.5)})
    cell_hours = np.trapezoid(grown[:, HEALTHY], dx=1.0, axis=0)  # cells/mL h
    used = grown[0] - grown[-1]
    if medium == "glucose":
        found = used[GLUCOSE]
    else:  # some of it decays by itself, into ammonium
        plain, _ = hybrid({"glutamine_uptake_pmol_per_cell_h": constant(0.0)})
        found = plain[-1][INDEX["glutamine_mmol_per_l"]] - grown[-1][INDEX["glutamine_mmol_per_l"]]
    # pmol/cell × cells/mL = 1e-6 mmol/L
    np.testing.assert_allclose(found, 0.5e-6 * cell_hours, rtol=0.05)


def test_no_virus_is_released_where_a_network_says_so_and_more_where_it_says_more():
    recipe = [Recipe(growth_time_h=24, infection_duration_h=20, moi=20)] * 2
    total = INDEX["total_virions_per_ml"]
    none, some, twice = (
        hybrid({"virus_release_per_cell_h": constant(r)}, recipe)[1][:, total]
        for r in (0, 500, 1e3)
    )
    assert (none <= none[0]).all()
    np.testing.assert_allclose((twice - none)[-1], 2 * (some - none)[-1], rtol=0.05)


def test_the_growth_rate_is_asked_during_growth_and_the_release_after_infection_only():
    calls = {"growth_rate_per_h": 0, "virus_release_per_cell_h": 0}

    def counting(name):
        def net(features):
            calls[name] += 1
            return 0.01 * torch.ones_like(features[:, 0])

        return net

    hybrid({name: counting(name) for name in calls})
    assert calls == {"growth_rate_per_h": 4 * 24, "virus_release_per_cell_h": 4 * 24}


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (lambda f: f[:, 0] * torch.nan, r"nan 1/h for batch 0; expected a finite number"),
        (lambda f: f[:, 0] / 0, r"inf 1/h for batch 0; expected a finite number"),
        (lambda f: f[:, :2], r"shape \(2, 2\); expected \(2,\) or \(2, 1\) in 1/h"),
        (lambda f: f.sum(), r"shape \(\); expected"),
        (lambda f: 0.03, r"0\.03 \(float\); expected a tensor \(2,\) in 1/h"),
        (None, r"= None \(1/h\); expected a network"),
        (torch.nn.Linear(9, 1), r"parameters of torch\.float32 .* expected torch\.float64"),
    ],
)
def test_what_is_no_rate_is_refused_with_its_name_value_and_unit(net, says):
    with pytest.raises(CourseError, match=r"rates_by\['growth_rate_per_h'\].*" + says):
        hybrid({"growth_rate_per_h": net})


def test_an_unknown_rate_is_told_with_the_nearest_one_and_numpy_with_what_to_do():
    with pytest.raises(CourseError, match=r"'growth_rate'.*nearest one is 'growth_rate_per_h'"):
        hybrid({"growth_rate": constant(0.0)})
    with pytest.raises(CourseError, match=r"backend=vaxlab\.plant\.tensors\(\)"):
        trajectories(
            RECIPES, Factors(), backend=SIDE_BY_SIDE, rates_by={"death_rate_per_h": constant(0.0)}
        )
    assert all(unit and meaning for unit, meaning in HOOK_RATES.values())


class GrowthNet(torch.nn.Module):
    """A growth rate between 0 and 0.1 per hour, from scaled features."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(9, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)
        ).double()
        scales = [30.0, 4.0, 30.0, 3.0, 1e6, 60.0, 7.0, 37.0, 1.0]
        self.register_buffer("scales", torch.tensor(scales, dtype=torch.float64))

    def forward(self, features):
        self.latest = 0.1 * torch.sigmoid(self.layers(features / self.scales))
        return self.latest


def test_a_small_network_learns_the_growth_rate_through_the_equations():
    recipes = [
        Recipe(growth_time_h=24, infection_duration_h=6, inoculum_cells_per_ml=n, carrier_g_per_l=c)
        for n, c in ((1e5, 2), (2e5, 2), (4e5, 3), (8e5, 4))
    ]
    steps = {"growth_step_h": 3, "infection_step_h": 1.5}

    def log_cells(grown):
        return torch.log(torch.stack(grown)[1:, HEALTHY])

    plain, _ = trajectories(recipes, Factors(), backend=tensors(), **steps)
    truth = log_cells(plain)
    rate = (truth[-1] - truth[-2]) / 3  # what cells attached by then grow at, less few deaths
    torch.manual_seed(0)
    net = GrowthNet()
    with torch.no_grad():
        net.layers[2].bias.fill_(-3.0)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    losses, errors = [], []
    for _ in range(8):
        grown, _ = trajectories(
            recipes, Factors(), backend=tensors(), rates_by={"growth_rate_per_h": net}, **steps
        )
        loss = ((log_cells(grown) - truth) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        errors.append((net.latest.detach()[:, 0] - rate).abs().mean().item())
    assert min(losses[1:]) < 0.5 * losses[0], losses
    assert errors[-1] < errors[0], errors


def test_steps_of_2_h_and_half_an_hour_are_right_to_a_hundredth_and_the_usual_ones_without_error():
    assert max(step_errors(Recipe(), 1.0, 0.25).values()) == 0
    errors = step_errors([Recipe(), Recipe(moi=1e-3)], 2.0, 0.5)
    assert set(errors) == set(INDEX)
    assert 0 < max(errors.values()) < 0.01, errors


def test_longer_steps_take_fewer_moments_and_the_phases_end_where_they_did():
    usual = trajectories(RECIPES, Factors(), backend=SIDE_BY_SIDE)
    longer = trajectories(
        RECIPES, Factors(), backend=SIDE_BY_SIDE, growth_step_h=3, infection_step_h=0.75
    )
    assert [len(path) for path in usual] == [25, 13]
    assert [len(path) for path in longer] == [9, 9]
    cells = [path[0][-1][HEALTHY] for path in (usual, longer)]
    np.testing.assert_allclose(*cells, rtol=1e-2)


@pytest.mark.parametrize("step", [0, -1, np.nan, 5, 25, "1", True])
def test_a_step_that_does_not_divide_its_phase_evenly_is_refused(step):
    with pytest.raises(CourseError, match=r"growth_step_h = .* h; expected a step that divides"):
        trajectories(RECIPES, Factors(), backend=SIDE_BY_SIDE, growth_step_h=step)


def test_steps_that_blow_up_are_refused_with_shorter_ones():
    dense = Recipe(
        carrier_g_per_l=6,
        inoculum_cells_per_ml=2e6,
        glucose_mmol_per_l=60,
        glutamine_mmol_per_l=12,
        moi=20,
    )
    with (
        np.errstate(all="ignore"),
        pytest.raises(CourseError, match="is no finite number at harvest.*Take shorter steps"),
    ):
        trajectories(
            [dense] * 2, Factors(), backend=SIDE_BY_SIDE, growth_step_h=96, infection_step_h=24
        )
