"""The training loop: same seed, same weights; the best ones are kept; what is wrong is said."""

import pickle
import random

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch
from torch import nn

from vaxlab import training
from vaxlab.errors import CourseError
from vaxlab.training import curve as curve_module

MSE = nn.functional.mse_loss
DICE = np.random.default_rng(0)
X = DICE.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * DICE.normal(size=60)
ROWS, HELD_BACK = (X[:40], Y[:40, None]), (X[40:], Y[40:, None])


def small(seed=0, inputs=3):
    training.seed_all(seed)
    return nn.Sequential(nn.Linear(inputs, 8), nn.Tanh(), nn.Linear(8, 1))


def weights(module):
    return torch.cat([part.detach().flatten() for part in module.parameters()])


def loss_on(module, rows):
    inputs, targets = (torch.tensor(part, dtype=torch.float32) for part in rows)
    with torch.no_grad():
        return MSE(module(inputs), targets).item()


def test_the_same_seed_gives_the_same_weights_and_another_one_others():
    same, again, other = small(), small(), small()
    for module, seed in ((same, 1), (again, 1), (other, 2)):
        training.fit(module, MSE, ROWS, epochs=3, seed=seed)
    assert torch.equal(weights(same), weights(again))
    assert not torch.equal(weights(same), weights(other))


def test_training_throws_no_dice_of_the_notebook():
    module = small()
    before = torch.get_rng_state(), random.getstate()
    training.fit(module, MSE, ROWS, epochs=2)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()


def test_the_loss_falls_and_numbers_of_64_bits_are_taken():
    history = training.fit(small(), MSE, ROWS, epochs=40, learning_rate=0.02)
    assert history.train_loss[-1] < 0.2 * history.train_loss[0]
    assert (history.stopped, len(history.train_loss)) == ("epochs", 40)


def test_the_module_keeps_the_weights_of_its_best_epoch():
    module = small()
    history = training.fit(
        module, MSE, ROWS, validation=HELD_BACK, epochs=30, learning_rate=0.3, seed=3
    )
    assert loss_on(module, HELD_BACK) == pytest.approx(min(history.validation_loss), rel=1e-5)
    assert history.validation_loss[history.best_epoch - 1] == min(history.validation_loss)


def test_training_ends_when_nothing_gets_better():
    history = training.fit(
        small(), MSE, ROWS, validation=HELD_BACK, epochs=500, learning_rate=0.1, patience=5
    )
    assert history.stopped == "patience"
    assert len(history.validation_loss) == history.best_epoch + 5


def test_a_curve_that_is_asked_to_stop_ends_the_training_and_the_best_weights_stay():
    class Impatient(training.LiveCurve):
        def show(self, history):
            if len(history.train_loss) == 4:
                self.stop()

    module = small()
    history = training.fit(
        module, MSE, ROWS, validation=HELD_BACK, epochs=50, learning_rate=0.3, curve=Impatient()
    )
    assert (history.stopped, len(history.train_loss)) == ("button", 4)
    assert loss_on(module, HELD_BACK) == pytest.approx(min(history.validation_loss), rel=1e-5)


def test_a_long_epoch_is_stopped_in_its_middle():
    class AtOnce(training.LiveCurve):
        def is_stopped(self):
            return True

    module = small()
    before = weights(module).clone()
    history = training.fit(module, MSE, ROWS, curve=AtOnce())
    assert (history.stopped, history.best_epoch, history.train_loss) == ("button", 0, [])
    assert torch.equal(before, weights(module))


def test_a_curve_can_be_used_again():
    curve = training.LiveCurve()
    curve.stop()
    assert training.fit(small(), MSE, ROWS, epochs=2, curve=curve).stopped == "epochs"


@pytest.mark.parametrize("page", [True, False])
def test_the_picture_holds_every_epoch_and_only_a_page_has_a_button(monkeypatch, page):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if page:
        monkeypatch.setenv("JPY_SESSION_NAME", "day2/1-normal.ipynb")
    curve = training.LiveCurve("Loss")
    history = training.fit(
        small(), MSE, ROWS, validation=HELD_BACK, epochs=4, learning_rate=0.1, curve=curve
    )
    train, held_back, best = curve.figure.data
    for line, losses in (train, history.train_loss), (held_back, history.validation_loss):
        assert list(line.x) == [1, 2, 3, 4]
        assert list(line.y) == losses
    assert list(best.x) == [history.best_epoch]
    assert list(best.y) == [min(history.validation_loss)]
    assert isinstance(curve.figure, go.FigureWidget) is page


def test_a_loss_below_zero_is_drawn_too():
    curve = training.LiveCurve()
    training.fit(small(), lambda p, y: MSE(p, y) - 100, ROWS, epochs=2, curve=curve)
    assert curve.figure.layout.yaxis.type == "linear"
    training.fit(small(), MSE, ROWS, epochs=2, curve=curve)
    assert curve.figure.layout.yaxis.type == "log"


def test_a_picture_is_no_news_for_a_fifth_of_a_second(monkeypatch):
    drawn = []
    monkeypatch.setenv("JPY_SESSION_NAME", "day2/1-normal.ipynb")
    monkeypatch.setattr(curve_module, "REDRAW_S", 1e9)
    curve = training.LiveCurve()
    monkeypatch.setattr(curve, "_draw", lambda history: drawn.append(len(history.train_loss)))
    training.fit(small(), MSE, ROWS, epochs=30, curve=curve)
    assert drawn == [30]


def test_a_training_that_breaks_off_does_not_say_that_it_is_done(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "day2/1-normal.ipynb")
    curve = training.LiveCurve()
    with pytest.raises(training.TrainingError):
        training.fit(small(), MSE, ROWS, learning_rate=1e30, curve=curve)
    assert "Broken off by an error" in curve._words.value
    assert curve._button.disabled


def test_an_interrupt_keeps_the_best_weights_and_says_so(capsys):
    class Interrupted(training.LiveCurve):
        def show(self, history):
            if len(history.train_loss) == 3:
                raise KeyboardInterrupt

    module = small()
    history = training.fit(
        module, MSE, ROWS, validation=HELD_BACK, epochs=50, learning_rate=0.3, curve=Interrupted()
    )
    assert (history.stopped, len(history.train_loss)) == ("interrupt", 3)
    assert f"Interrupted: the model has the weights of epoch {history.best_epoch}" in (
        capsys.readouterr().out
    )
    assert loss_on(module, HELD_BACK) == pytest.approx(min(history.validation_loss), rel=1e-5)


def test_dropout_throws_the_dice_of_the_training_and_is_off_afterwards():
    def trained():
        module = nn.Sequential(small(), nn.Dropout(0.5), nn.Linear(1, 1))
        with torch.no_grad():
            module[2].weight.fill_(1.0), module[2].bias.fill_(0.0)
        torch.rand(np.random.default_rng().integers(1, 9))  # the notebook has gone on in between
        training.fit(module, MSE, ROWS, epochs=2, seed=5)
        return module

    one, two = trained(), trained()
    assert torch.equal(weights(one), weights(two))
    assert not one.training


class Later(nn.Module):
    """Fits as long as the rows are few."""

    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 1)

    def forward(self, x):
        return self.line(x[:10] if len(x) < 30 else x.view(2, 3))


class Cut(Later):
    def forward(self, x):
        return self.line(x).detach()


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 4)

    def forward(self, x):
        return self.gru(x)


def holed():
    rows = X[:40].copy()
    rows[3, 1] = np.nan
    return rows


@pytest.mark.parametrize(
    ("module", "train", "options", "says"),
    [
        (small(), (X[:40], Y[:40]), {}, "compare each prediction with each target"),
        (small(), (X[:40], (Y[:40] > 0).astype(int)), {}, "compare each prediction with each"),
        (nn.Linear(3, 2), (X[:40], Y[:40, None]), {}, "compare each prediction with each"),
        (nn.ReLU(), ROWS, {}, "no weights to train"),
        (small(), (pd.DataFrame(holed(), columns=list("abc")), ROWS[1]), {}, "in column b"),
        (small(), (X[:40], np.full((40, 1), np.inf)), {}, "targets of `train` hold 40"),
        (small(), ROWS, {"validation": (X[:0], Y[:0, None])}, "at least one"),
        (small(inputs=5), ROWS, {}, "cannot take 2 rows of shape (3,): mat1"),
        (Pair(), ROWS, {}, "`forward` should give one tensor, not tuple"),
        (small(), (holed(), ROWS[1]), {}, "in column 1"),
        (small(), (X[:40], ROWS[1][:39]), {}, "40 inputs and 39 targets"),
        (small(), (X[:0], Y[:0, None]), {}, "at least one"),
        (small(), X[:40], {}, "should be a pair"),
        (small(), (X[:40].astype(str), ROWS[1]), {}, "are no numbers"),
        (small(), ROWS, {"patience": 3}, "Hold some rows back"),
        (small(), ROWS, {"epochs": 0}, "epochs = 0: give a whole number, 1 or"),
        (small(), ROWS, {"epochs": 2.5}, "epochs = 2.5: give a whole number"),
        (small(), ROWS, {"batch_size": True}, "batch_size = True: give a whole number"),
        (small(), ROWS, {"validation": ROWS, "patience": 0}, "patience = 0: give"),
        (small(), ROWS, {"learning_rate": "1e-3"}, "learning_rate = '1e-3': give a number"),
        (small(), ROWS, {"learning_rate": np.nan}, "learning_rate = nan: give a number"),
        (small(), ROWS, {"learning_rate": 1e30}, "a tenth of `learning_rate`"),
        (nn.Linear(3, 1), (1e30 * X[:40], ROWS[1]), {}, "before the first step"),
        (nn.Linear, ROWS, {}, "a module that is made"),
        (small().requires_grad_(False), ROWS, {}, "no weight that can learn"),
        (Cut(), ROWS, {}, "no weight that can learn"),
        (Later(), ROWS, {}, "For 20 rows the module gives the shape (10, 1)"),
        (Later(), ROWS, {"batch_size": 40}, "at `return self.line(x[:10]"),
        (nn.Sequential(small(), nn.BatchNorm1d(1)), ROWS, {"batch_size": 1}, "more than 1 value"),
        (small(), (X[:40] + 1j, ROWS[1]), {}, "complex numbers"),
        (small(), (pd.DataFrame(holed()).convert_dtypes(), ROWS[1]), {}, "in column 1"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(module, train, options, says):
    with pytest.raises(training.TrainingError) as told:
        training.fit(module, MSE, train, **options)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (lambda p, y: (p - y) ** 2, "one number"),
        (lambda p, y: ((p - y) ** 2).mean().item(), "one number"),
        (nn.MSELoss, "`loss` cannot compare"),
        (lambda p, y: p @ y, "`loss` cannot compare"),
    ],
)
def test_a_loss_that_is_none_is_told_so(loss, says):
    with pytest.raises(training.TrainingError) as told:
        training.fit(small(), loss, ROWS)
    assert says in str(told.value)


def test_a_loss_that_is_no_number_itself_is_told_from_steps_that_are_too_long():
    with pytest.raises(training.TrainingError, match="first step. The predictions are ord"):
        training.fit(small(), lambda p, y: torch.log(-(p**2)).mean(), ROWS)


def test_weights_that_the_very_last_step_has_spoilt_are_not_kept():
    module = small()
    with pytest.raises(training.TrainingError, match="a root of 0"):
        training.fit(
            module,
            lambda p, y: MSE(p, y) + (0 * p).pow(2).sum().sqrt(),
            ROWS,
            epochs=1,
            batch_size=40,
        )
    assert weights(module).isfinite().all()


def test_what_is_broken_before_the_training_throws_no_dice_and_moves_no_weight():
    module, dice = small(), torch.get_rng_state()
    before = weights(module).clone()
    with pytest.raises(training.TrainingError):
        training.fit(module, MSE, ROWS, validation=(X[40:], Y[40:]))
    assert torch.equal(weights(module), before)
    assert torch.equal(torch.get_rng_state(), dice)


def test_whole_numbers_that_are_no_classes_are_targets_as_any():
    history = training.fit(small(), MSE, (X, np.round(Y).astype(int)[:, None]), epochs=3)
    assert history.train_loss[-1] < history.train_loss[0]


def test_a_module_of_64_bits_is_trained_in_64_bits():
    module = small().double()
    training.fit(module, MSE, ROWS, epochs=1)
    assert weights(module).dtype == torch.float64


@pytest.mark.parametrize("device", ["cpu", *["cuda"] * torch.cuda.is_available()])
def test_a_module_is_trained_where_it_lies(device):
    module = small().to(device)
    training.fit(module, MSE, ROWS, validation=HELD_BACK, epochs=3)
    assert weights(module).device.type == device


def test_classes_are_taken_as_whole_numbers():
    train = X, (Y > 0).astype(int)
    history = training.fit(
        nn.Linear(3, 2), nn.functional.cross_entropy, train, epochs=30, learning_rate=0.05
    )
    assert history.train_loss[-1] < history.train_loss[0]


def test_weights_come_back_with_what_was_remembered(tmp_path):
    there, here = small(1), small(2)
    training.save(there, tmp_path / "model.pt", seed=1, trained_on="40 rows")
    assert training.load(here, tmp_path / "model.pt") == {"seed": 1, "trained_on": "40 rows"}
    assert torch.equal(weights(there), weights(here))
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_numbers_of_numpy_and_lists_are_remembered_as_plain_ones(tmp_path):
    training.save(small(), tmp_path / "model.pt", loss=np.float64(0.5), tags=("pH", np.int64(2)))
    about = training.load(small(), tmp_path / "model.pt")
    assert about == {"loss": 0.5, "tags": ["pH", 2]}
    assert type(about["loss"]) is float


class Hostile:
    def __reduce__(self):
        return (open, ("run.txt", "w"))


def hostile(path):
    torch.save({"weights": Hostile(), "about": {}}, path)


def odd_weights(change):
    def write(path):
        weights = {name: change(value) for name, value in small().state_dict().items()}
        torch.save({"weights": weights, "about": {}}, path)

    return write


def plain_pickle(path):
    path.write_bytes(pickle.dumps(Hostile()))


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: None, "is not there"),
        (lambda path: path.write_text("weights"), "no file of weights"),
        (lambda path: path.touch(), "no file of weights"),
        (lambda path: path.mkdir(), "could not be read"),
        (hostile, "more than weights"),
        (lambda path: torch.save({"weights": 1, "about": {}}, path), "was not written by"),
        (lambda path: torch.save(small(), path), "more than weights"),
        (odd_weights(torch.Tensor.to_sparse), "was not written by"),
        (odd_weights(lambda weight: weight.to("meta")), "was not written by"),
        (odd_weights(lambda weight: weight + 1j), "was not written by"),
        (plain_pickle, "more than weights"),
        (lambda path: torch.save({"a": 1}, path), "was not written by `training.save`"),
        (lambda path: training.save(small(inputs=5), path), "another model's weights"),
        (lambda path: training.save(nn.Linear(3, 1), path), "another model's weights"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_runs_nothing(tmp_path, monkeypatch, write, says):
    monkeypatch.chdir(tmp_path)
    path, module = tmp_path / "model.pt", small()
    before = weights(module).clone()
    write(path)
    with pytest.raises(CourseError) as told:
        training.load(module, path)
    assert says in str(told.value)
    assert torch.equal(before, weights(module))
    assert not (tmp_path / "run.txt").exists()


def test_what_cannot_be_loaded_safely_is_not_saved(tmp_path):
    with pytest.raises(CourseError, match="`when`"):
        training.save(small(), tmp_path / "model.pt", when=np.datetime64("2026-01-01"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("span", [(1e-6, 1.0), (0.02, 0.9), (0.11, 0.19), (3.0, 9.5)])
def test_a_logarithmic_axis_bears_several_numbers_and_none_on_another(span):
    marks = curve_module._marks(np.geomspace(*span, 50))
    assert 3 <= len(marks) <= 12
    assert np.diff(np.log(marks)).min() > np.log(span[1] / span[0]) / 15


def test_an_axis_without_room_for_three_numbers_is_left_to_plotly():
    assert curve_module._marks(np.array([1.0, 1.02])) is None
