"""How the thresholds of day 2, notebook 4 were set, and that right answers meet them.

Measured by ``benchmarks/calibration_half_known.py`` on the history's seed and nine drawn by
``default_rng(20261127).integers(10**12, 10**13, 9)``; each plant's hybrid was trained on its own
24 runs, and judged on 40 runs by the book inside the range and 40 outside:

==================================================  =====================  ==============
what                                                seen                   threshold
==================================================  =====================  ==============
hybrid's miss inside, over the pure network's       0.33 to 0.75           at most 0.8
the same over the best pure model (the GP)          0.37 to 0.94, mean .64 (reported)
rates by differences, over the pure network's       1.64 to 2.65           at most 0.8
hybrid's miss outside, over the best pure model     0.08 to 0.20           at most 0.6
growth rate, median off the plant's own             5 to 9 %, once 25 %    at most 15 %
uptake, median off the plant's own                  5 to 10 %              (reported)
lowest concentration in 80 runs, mmol/L             0.000                  -0.02
right formula: miss inside, outside (SD)            .03 to .05, .05 to .11 (reported)
formula without the surface: inside, outside        .16 to .20, .16 to .21 (reported)
relative error of K_lactate, of K_ammonium          24-66 %, 40-430 %      (reported)
their correlation                                   -0.80 to -0.57         (reported)
90 % by the networks' spread: inside, outside       18-38 %, 24-51 %       (reported)
90 % by counted misses, one width                   85-97 %, 72-89 %       (reported)
90 % by misses in units of spread                   84-96 %, 76-97 %       (reported)
==================================================  =====================  ==============

The promise was 0.8 of the *best* pure model inside. A Gaussian process comes nearer than that on
two of ten plants, so the threshold is set against the pure network, and check and notebook tell
both. A learner's hybrid is trained on the notebook's own 24 runs, whatever plant the check draws
its 40 runs from, and so are the pure models that it is compared with. On those 24 runs, over 9 to
20 plants' exams:

======================================  =====================  ========================
trained by 24 epochs, with              over the pure network  over the best pure model
======================================  =====================  ========================
the notebook's seam                     0.41 to 0.48           0.56 to 0.67
exp and tanh in it (bank's second)      0.42 to 0.54           0.56 to 0.83
other bounds (bank's third)             0.46 to 0.59           0.62 to 0.95
======================================  =====================  ========================
"""

from itertools import pairwise

import numpy as np
import pytest
import torch
from answers.answer import typed
from answers.day2 import half_known as bank

from vaxlab import training
from vaxlab.lessons.day2 import half_known
from vaxlab.lessons.day2.half_known import checks, delivery, material, rivals
from vaxlab.plant import HOOK_FEATURES, Factors, Recipe, step_errors, tensors, trajectories
from vaxlab.plant.kinetics import ARRAYS, INDEX, rates
from vaxlab.plant.parameters import VALUES
from vaxlab.plant.phases import phase

CHECKS = {
    "hybrid-balances": half_known.balances,
    "hybrid-step": half_known.step,
    "hybrid-seam": half_known.seam,
    "hybrid-trained": half_known.trained,
    "hybrid-apart": half_known.apart,
    "hybrid-interval": half_known.interval,
}


def first_right():
    first = {}
    for answer in bank.ANSWERS:
        if not answer.says:
            first.setdefault(answer.grade_id, answer)
    return first


@pytest.fixture(scope="module")
def own():
    """Return the names of somebody who has answered everything."""
    names = {}
    for answer in first_right().values():
        names |= typed(answer)
    return names


def test_the_true_rates_are_the_plants_own():
    recipes = [Recipe(inoculum_cells_per_ml=4e5, glutamine_mmol_per_l=2.0)] * 2
    now = phase(recipes, Factors(), infected=False).at(0, 0)
    y = [np.array([value] * 2) for value in _some_state()]
    seen = {}

    def note(living, y, around, free, k):
        medium = y[INDEX["glucose_mmol_per_l"] :][:4]
        row = [*medium, living, around.do_percent, around.ph, k.temperature, free]
        seen["features"] = np.stack(np.broadcast_arrays(*row), axis=-1)

    change = rates(y, now, VALUES, ARRAYS, note)
    resting = rates(y, now, VALUES, ARRAYS, lambda *a: {"growth_rate_per_h": 0.0})
    cells = y[INDEX["uninfected_cells_per_ml"]]
    growth, uptake = material._true_rates(seen["features"]).T
    row = INDEX["uninfected_cells_per_ml"]
    np.testing.assert_allclose((change[row] - resting[row]) / cells, growth, rtol=1e-9)
    used = -change[INDEX["glucose_mmol_per_l"]]
    np.testing.assert_allclose(1e6 * used / cells, uptake, rtol=1e-9)


def _some_state():
    state = np.zeros(len(INDEX))
    for name, value in {
        "uninfected_cells_per_ml": 8e5,
        "dead_cells_per_ml": 2e4,
        "glucose_mmol_per_l": 12.0,
        "glutamine_mmol_per_l": 1.2,
        "lactate_mmol_per_l": 18.0,
        "ammonium_mmol_per_l": 0.9,
        "bicarbonate_mmol_per_l": 20.0,
    }.items():
        state[INDEX[name]] = value
    return state


def test_the_plants_own_rates_in_the_hook_make_the_plants_own_course():
    def own_rates(features):
        both = torch.tensor(material._true_rates(features.numpy()), dtype=torch.float32)
        return both[:, 0], both[:, 1]

    exam = material.exam_runs(True, 1)
    assert material.miss(delivery.predicted(own_rates, exam)[0], exam, 1) < 0.01


def test_steps_of_training_are_right_to_half_a_hundredth_inside_the_range():
    recipes = material._recipes(material.runs().recipes, material.INSIDE_H)
    errors = step_errors(recipes, material.TRAIN_STEP_H, material._VIRUS_STEP_H)
    assert max(errors[state] for state in material.MEASURED.values()) < 0.005


def test_networks_side_by_side_are_what_each_one_is_alone():
    networks = material.Networks(3, seed=1)
    features = torch.rand(3 * 4, len(HOOK_FEATURES))
    together = networks(features)
    for k, part in enumerate(features.split(4)):
        alone = material.Networks(1)
        with torch.no_grad():
            for mine, theirs in zip(alone.parameters(), networks.parameters(), strict=True):
                mine.copy_(theirs[k : k + 1])
        torch.testing.assert_close(alone(part), together[4 * k : 4 * k + 4])


def test_every_run_is_left_out_by_one_network_and_seen_by_the_others():
    some = material.runs(1)
    hidden = torch.isnan(material.left_out(some)).all(dim=3).all(dim=2)
    assert (hidden.sum(dim=0) == 1).all()
    features, found = material.by_differences(some)
    assert features.shape[0] == found.shape[0]
    share = torch.isnan(found[:, 0]).float().mean()
    assert abs(float(share) - 1 / material.MEMBERS) < 0.02


def test_gradients_through_the_plant_are_those_of_trying_it_out():
    some = material.exam_runs(False, 1, 2)
    networks = material.Hybrid(material._seam, members=1)
    bias = networks.networks.last_bias

    def cells():
        return material.simulate(networks, some)[0, 0, -1, 0] / 1e6

    (slope,) = torch.autograd.grad(cells(), bias)
    tried = []
    with torch.no_grad():
        for sign in (1, -1):
            bias[0, 0, 0] += sign * 0.05
            tried.append(cells())
            bias[0, 0, 0] -= sign * 0.05
    assert float(slope[0, 0, 0]) == pytest.approx(float(tried[0] - tried[1]) / 0.1, rel=0.03)


def test_black_boxes_go_below_zero_outside_and_balances_do_not():
    for values in rivals.pure_predictions(material.exam_runs(True, 1), 1).values():
        assert (values[..., 1].min(axis=1) < 0).mean() > 0.9
    wild = material.Hybrid(material._seam, members=2, seed=3)
    with torch.no_grad():
        wild.networks.last *= 60
    lean = material.exam_runs(True, 1)
    assert delivery.predicted(wild, lean).min() > -material.ROUNDING


def test_a_few_epochs_through_the_integrator_lower_what_differences_leave(own):
    some, hybrid = material.runs(), delivery.rough({})
    measured = material.left_out(some)
    scale = torch.tensor(material.scale(), dtype=torch.float32)
    optimizer = torch.optim.Adam(hybrid.parameters(), lr=0.02, betas=(0.8, 0.95))
    losses = []
    for _ in range(4):
        loss = own["misfit"](material.simulate(hybrid, some), measured, scale)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0], losses


def test_the_data_do_not_tell_the_two_inhibitions_apart():
    errors, correlations = material._told_apart(rivals.sensitivities(1).to_numpy())
    by_name = dict(zip(rivals.FORMULA, errors, strict=True))
    assert by_name["mu_max"] < 0.1
    assert min(by_name["K_lactate"], by_name["K_ammonium"]) > 0.2
    assert correlations[1, 2] < -0.2


def test_the_right_formula_wins_and_one_without_the_surface_misleads():
    fits = [rivals.fitted(with_surface, 1) for with_surface in (False, True)]
    exam = material.exam_runs(False, 1)
    wrong, right = (
        material.miss(delivery.predicted(fit.rates(), exam)[0], exam, 1) for fit in fits
    )
    assert right < 0.06 < 0.1 < wrong


def test_a_late_infection_outside_the_range_is_rejected():
    doses = delivery._doses_by_hour()
    mean = doses.mean(axis=0)
    best = int(mean.argmax())
    assert 48 <= delivery.INFECT_H[best] <= 78
    assert all(a >= b for a, b in pairwise(mean[best:]))
    assert mean[-1] < 0.1 * mean[best]


def test_the_plant_runs_on_the_learners_own_answers_where_they_work(own):
    rows, _, sentence = half_known.infections(own)
    assert "At work" not in sentence
    hybrid, usual = rows.loc["hybrid", "doses"], rows.loc["as usual", "doses"]
    assert rows.loc["PLS", "doses"] < usual < hybrid <= rows["doses"].iloc[-1]
    table = half_known.scores(own)
    assert table.loc["hybrid", "miss inside"] < table.loc["pure network", "miss inside"]
    assert table.loc["hybrid", "runs below zero, %"] == 0
    held = half_known.coverage(own)[0].data[0].y
    assert len(held) == 6
    assert not half_known.constants(own)["relative error, %"].isna().any()


@pytest.mark.parametrize("broken", [..., None, 3, lambda *a: 1 / 0, lambda *a: "text"])
def test_the_cells_of_an_unfinished_notebook_work_on_rates_by_differences(broken):
    names = ("seam", "hybrid", "balances", "rk4_step", "told_apart", "interval")
    namespace = dict.fromkeys(names, broken)
    for cell in (half_known.rates_figure, half_known.against_the_plant):
        assert "rates by differences" in cell(namespace)[1]
    assert len(half_known.gradient(namespace)) == 3
    assert half_known.constants(namespace)["relative error, %"].isna().all()


def test_a_hybrid_that_was_trained_on_is_put_to_work_anew():
    hybrid = delivery.rough({}, steps=2)
    before = half_known.unseen({"hybrid": hybrid})["predicted"]
    with torch.no_grad():
        hybrid.networks.last_bias += 0.3
    after = half_known.unseen({"hybrid": hybrid})["predicted"]
    assert not np.allclose(before, after)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda features: features, "should give two things"),
        (lambda features: (features, features), "one rate a row"),
        (lambda features: (features[:3, 0], features[:3, 1]), "one rate a row"),
        (lambda features: (features[:, 0] * torch.nan, features[:, 0]), "gives NaN"),
        (torch.nn.Linear(9, 1), "should give two things"),
        (torch.nn.Linear(4, 2), "RuntimeError"),
    ],
)
def test_a_module_whose_forward_is_another_is_told_what_it_gives(made, says):
    said = str(half_known.trained({"hybrid": made}))
    assert says in said
    assert "Traceback" not in said


def one_weight():
    module = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(module.weight)
    return module


def trained_on(module, values, most=9, more=1.0, times=1):
    """Raise the weight a little each epoch, with losses that somebody chose."""
    losses = [7.0]
    for epoch in half_known.epochs(module, losses, most):
        losses += times * [values[epoch]]
        with torch.no_grad():
            module.weight += more
    return losses


def test_epochs_keep_the_weights_that_the_lowest_loss_was_computed_with():
    module = one_weight()
    assert trained_on(module, [3.0, 2.0, 1.0, 2.0], most=4) == [3.0, 2.0, 1.0, 2.0]
    assert module.weight.item() == 2


def test_a_pressed_button_ends_the_epochs_and_keeps_the_best(monkeypatch):
    pressed = iter([False, False, True])
    monkeypatch.setattr(training.LiveCurve, "is_stopped", lambda self: next(pressed))
    module = one_weight()
    assert trained_on(module, [3.0, 1.0, 2.0, 0.0]) == [3.0, 1.0, 2.0]
    assert module.weight.item() == 1


def test_a_loop_that_breaks_off_has_the_best_weights_so_far():
    module, losses = one_weight(), []
    for epoch in half_known.epochs(module, losses, 9):
        if epoch == 2:
            break
        losses.append(2.0 - epoch)
        with torch.no_grad():
            module.weight += 1
    assert module.weight.item() == 1


@pytest.mark.parametrize("at", [0, 2])
def test_nan_in_an_epoch_is_said_with_the_epoch_and_its_usual_cause(at):
    module, values = one_weight(), [3.0, 2.0, 1.0]
    values[at] = torch.tensor(float("nan"))
    with pytest.raises(training.TrainingError, match=rf"loss is NaN.* in epoch {at + 1}.*missing"):
        trained_on(module, values)
    assert module.weight.item() == max(at - 1, 0)


def test_nan_in_the_weights_alone_is_said_too_and_they_are_mended():
    module = one_weight()
    with pytest.raises(training.TrainingError, match=r"weights are NaN.*epoch 1"):
        trained_on(module, [1.0], more=torch.nan)
    assert module.weight.item() == 0


@pytest.mark.parametrize("times", [0, 2])
def test_who_does_not_append_one_loss_an_epoch_is_told_so(times):
    with pytest.raises(training.TrainingError, match="append"):
        trained_on(one_weight(), [1.0], times=times)


def test_the_prose_tells_the_run_that_is_drawn_and_the_leanest_of_the_24():
    b, exam = delivery._telling_run(), material.exam_runs(True)
    assert round(exam.recipes["glucose_mmol_per_l"].iloc[b]) == 18
    assert round(exam.values[b, 1, 1]) == 6
    assert round(np.nanmin(material.runs().values[..., 1]), 1) == 0.6


def test_correlations_are_shown_and_the_strongest_is_that_of_yield_and_maintenance(own):
    table = half_known.correlations(own)
    off_diagonal = table.abs().where(~np.eye(len(table), dtype=bool))
    assert set(off_diagonal.stack().idxmax()) == {"yield", "maintenance"}
    fitted = half_known.constants(own).loc["mu_max"]
    assert abs(fitted["fitted"] / fitted["plant"] - 1) > 3 * fitted["relative error, %"] / 100


def test_it_is_said_whose_functions_are_at_work(own):
    cut = typed(next(a for a in bank.SEAM if "numpy()" in a.source))
    assert "behind your seam" in repr(half_known.rough(own, steps=1))
    assert "the course's seam" in repr(half_known.rough(cut, steps=1))
    assert half_known.gradient(own).columns.name == "your functions"
    assert "not yours" in half_known.gradient({}).columns.name


def test_a_caption_does_not_praise_a_hybrid_that_is_off():
    said = [half_known.against_the_plant({"hybrid": h})[1] for h in (bank.taught(), bank.rough())]
    assert "hybrid follows the plant" in said[0]
    assert "does not follow the plant" in said[1]


def test_each_check_is_worth_what_its_notebook_says():
    assert sum(check({}).out_of for check in CHECKS.values()) == 26


def test_training_twice_gives_the_same(own):
    first, second = (list(delivery.rough({}, steps=20).parameters()) for _ in range(2))
    assert all(map(torch.equal, first, second))


def test_numpys_plant_and_the_simulation_of_the_notebook_agree():
    exam = material.exam_runs(False, 1, 2)
    recipes = material._recipes(exam.recipes, material.INSIDE_H)
    grown, _ = trajectories(recipes, Factors(), backend=tensors())
    last = np.array([grown[-1][row].numpy() for row in material._ROWS]).T
    np.testing.assert_allclose(last, exam.values[:, -1], rtol=1e-6)


def test_thresholds_are_the_promise_of_the_prompt():
    assert (checks.INSIDE_RATIO, checks.OUTSIDE_RATIO, checks.GROWTH_WITHIN) == (0.8, 0.6, 0.15)
