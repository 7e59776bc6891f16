"""How the thresholds of day 2, notebook 2 were set, and that right answers meet them.

Measured by ``benchmarks/calibration_raman.py``: models that learnt from 24 batches of the history,
asked about twelve new batches of the history's seed and of nine drawn by
``default_rng(20261127).integers(10**12, 10**13, 9)``; prepared spectra but where raw is said:

===================================================  ==========================  ============
what                                                 seen                        threshold
===================================================  ==========================  ============
glucose, RMSE, g/L: PLS with 3, 4, 8 or 14, ridge    0.23 to 0.38, mean 0.30     at most 0.5
the same, PLS with 1 component                       0.57 to 0.65                (as above)
lactate, RMSE, g/L: PLS with 3, 4, 8 or 14, ridge    0.13 to 0.33, mean 0.21     at most 0.4
the same, PLS with 1 component                       0.46 to 0.53                (as above)
clock over sensor, glucose                           2.2 to 4.9                  at least 1.5
the same, PLS with 1 component                       1.4 to 2.1                  (as above)
clock over sensor, lactate, PLS with 4               0.77 to 2.6, mean 1.7       (reported)
glucose moved by two fifths less light, raw, g/L     0.47 to 0.60                at most 0.1
the same, prepared                                   0.000                       (as above)
glucose, raw counts, PLS with 8                      0.20 to 0.44, mean 0.33     (reported)
glucose after five readings, PLS with 4              mean 0.29                   (reported)
the same, bias of one reading, of five taken off     mean 0.34, mean 0.27        (reported)
four batches: PLS 14, three nearest, rows at random  0.26, 0.26                  (reported)
the same, twelve new batches                         0.45, 0.62                  (reported)
===================================================  ==========================  ============

The syllabus promised 0.65 and 0.48 g/L, and a clock beaten by 1.5 times for both. One component
nearly keeps the first two, so the marks are tighter. The third cannot be had for lactate: PLS with
4 components beats the clock 1.5 times on six plants of ten, and on some the clock is the better
one. Only glucose is judged so, and the notebook says it.

PLS against the network: ``benchmarks/race_raman.py``, kept as `delivery.RACES`.
"""

import numpy as np
import pytest
import torch
from answers.answer import run, typed
from answers.day2 import raman as bank

from vaxlab.errors import CourseError
from vaxlab.lessons.day2 import raman
from vaxlab.lessons.day2.raman import checks, delivery, material

CHECKS = (
    raman.prepare,
    raman.by_batch,
    raman.clock,
    raman.sensor,
    raman.augment,
    raman.online_report,
)


def straight_line(channels):
    return torch.nn.Linear(channels, 2)


@pytest.mark.parametrize("k", range(len(bank.ANSWERS)))
def test_an_answer_earns_what_it_is_worth(k):
    answer = bank.ANSWERS[k]
    result = run(bank.NOTEBOOK, answer)
    assert result.points == answer.points
    assert answer.says in str(result)


def test_each_check_is_worth_what_its_notebook_says():
    assert sum(check({}).out_of for check in CHECKS) == 27


def test_one_component_cannot_pass_for_a_sensor_on_other_plants():
    blind = next(a for a in bank.ANSWERS if "PLSRegression(1)" in a.source)
    for seed in (1, 2):
        assert raman.sensor(typed(blind), plant_seed=seed).points <= 1


def test_the_clock_is_no_sensor_for_glucose_and_nearly_one_for_lactate():
    new, true = material._exam(1)
    known = material.history()
    clock = [material._clock(known.hours, known.read[:, k], new.hours) for k in (0, 1)]
    error = material.rmse(np.column_stack(clock), true)
    ratio = error / material.rmse(material._fitted().predict(material._prepare(new.counts)), true)
    assert ratio[0] > checks.CLOCK_RATIO
    assert ratio[1] < ratio[0]


def test_the_clock_knows_lactate_and_little_of_glucose():
    known, (new, true) = material.history(), material._exam(material.HISTORY_SEED)
    share, fall = [], []
    for k in (0, 1):
        clock = material._clock(known.hours, known.read[:, k], new.hours)
        flat = np.full(len(true), known.read[:, k].mean())
        share.append(material.rmse(clock, true[:, k]) / material.rmse(flat, true[:, k]))
        growth = [known.read[(known.batch == b) & (known.hours < 0), k] for b in set(known.batch)]
        fall.append([read[:5].mean() - read[-5:].mean() for read in growth])
    assert share[0] > 0.9
    assert share[1] < 0.6
    assert max(fall[0]) == pytest.approx(3, abs=0.1)
    assert min(fall[0]) < 0 > max(fall[1])


def test_each_batch_has_as_many_spectra_as_the_notebook_says():
    _, sizes = np.unique(material.history().batch, return_counts=True)
    assert (sizes.min(), sizes.max()) == (74, 78)


def test_neighbours_of_the_same_batch_flatter_a_split_by_rows():
    split = material.row_split()
    assert (split["twelve new batches"] > 1.5 * split["rows at random"]).all()


def test_a_hidden_plant_has_other_batches():
    seen, other = material._exam(1)[0], material._exam(2)[0]
    assert not np.array_equal(seen.counts[:5], other.counts[:5])


class Odd:
    def __init__(self, says):
        self.says = says

    def predict(self, counts):
        return self.says(counts)


def raises(counts):
    raise ValueError("X has 551 features, but PLSRegression is expecting 541 features as input.")


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (raises, "541 features"),
        (lambda counts: np.full((len(counts), 2), np.nan), "NaN"),
        (lambda counts: np.zeros((len(counts), 1)), "array of shape"),
        (lambda counts: ["glucose"] * len(counts), "array of shape"),
        (lambda counts: None, "gives nothing back"),
    ],
)
def test_a_sensor_that_gives_no_numbers_is_told_so_in_a_sentence(says, told):
    result = raman.sensor({"sensor": Odd(says)}, plant_seed=1)
    assert result.points == 0
    assert told in str(result)
    assert "Traceback" not in str(result)


def test_a_sensor_never_fitted_is_told_so():
    assert "not fitted" in str(raman.sensor(typed(bank.Answer("", UNFITTED, 0)), plant_seed=1))


UNFITTED = "from sklearn.cross_decomposition import PLSRegression\nsensor = PLSRegression(8)\n"


def test_a_dead_probe_ends_in_a_sentence():
    class Careless:
        def predict(self, counts):
            return material._fitted().predict(material._prepare(counts * 0))

    result = raman.sensor({"sensor": Careless()}, plant_seed=1)
    assert result.points == 0
    assert "NaN" in str(result)


@pytest.mark.parametrize("broken", [..., None, lambda *a: 1 / 0, lambda *a: "text"])
def test_the_course_stands_in_where_a_learner_has_no_answer_yet(broken):
    names = dict.fromkeys(("prepare", "error_by_batch", "augment", "online_report"), broken)
    names["sensor"] = Odd(broken) if callable(broken) else broken
    few = material.history().counts[:30]
    assert np.array_equal(delivery.prepared(names, few), material._prepare(few))
    assert "the course's" in delivery.choose(names, (1,)).columns.name
    assert "The course's" in raman.at_work(names)[2]
    minutes = material.minutes()
    said = {"a": np.linspace(40, 0, len(minutes))}
    assert "the course's" in raman.reported(names, minutes, said, {"a": 1.0}).index.name


def test_a_learners_own_answers_are_put_to_work():
    first = {}
    for answer in bank.ANSWERS:
        if not answer.says:
            first.setdefault(answer.grade_id, typed(answer))
    names = {name: value for own in first.values() for name, value in own.items()}
    table, _, sentence = raman.at_work(names)
    assert "Your sensor" in sentence
    assert table.loc["the sensor", "glucose"] < table.loc["the clock", "glucose"] / 1.5
    chosen = delivery.choose(names, (1, 4))
    assert "your" in chosen.columns.name
    assert (chosen.loc[1] > chosen.loc[4]).all()


def test_a_race_asks_all_methods_of_the_learners_spectra(monkeypatch):
    monkeypatch.setattr(delivery, "UPDATES", 2)
    asked = []
    names = {
        "Network": straight_line,
        "prepare": lambda counts: material._prepare(counts)[:, ::8],
        "augment": lambda counts, rng: asked.append(len(counts)) or counts + 0.0,
    }
    table = raman.race(names, ((2, 6), (3, delivery.EACH)))
    assert len(asked) == 2 * delivery.COPIES
    assert set(table["method"]) == set(delivery.METHODS)
    assert np.isfinite(table[list(material.NAMES)]).all(axis=None)
    assert len(raman.race_figure(table).data) == 4 * len(delivery.METHODS)


def test_new_light_of_the_same_broth_is_no_other_glucose():
    # What a copy may be: the rule of exercise 5 holds for what the plant itself does.
    counts = material._exam(1)[0].counts[:40].astype(float)
    bent = counts + 0.1 * counts.mean(axis=1, keepdims=True) * np.linspace(-1, 1, 551) ** 2
    off = [material._fitted().predict(material._prepare(c))[:, 0] for c in (counts, bent)]
    assert np.abs(off[1] - off[0]).max() < checks.KEPT


# The real fermentation ------------------------------------------------------------------------


def calibrated(components):
    from chemotools.derivative import SavitzkyGolay
    from chemotools.feature_selection import RangeCut
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.model_selection import LeaveOneOut, cross_val_predict
    from sklearn.pipeline import make_pipeline

    lab, glucose = material.laboratory()
    spectra, samples = material.online()
    works = material.usable(spectra, lab.columns)
    model = make_pipeline(
        RangeCut(start=950, end=1550, x_axis=lab.columns.to_numpy()),
        SavitzkyGolay(window_length=15, polyorder=2, deriv=1),
        PLSRegression(components, scale=False),
    )
    out = cross_val_predict(model, lab.to_numpy(), glucose, cv=LeaveOneOut()).ravel()
    said = model.fit(lab.to_numpy(), glucose).predict(spectra.to_numpy()[works]).ravel()
    given = said, material.minutes()[works], samples["glucose"].to_numpy()
    left = {n: material._online_report(*given, samples["time"].to_numpy(), n) for n in (1, 5)}
    return material.rmse(out, glucose), left, said


@pytest.fixture(scope="module", params=[3, 6])
def real(request):
    return calibrated(request.param)


def test_a_real_calibration_is_good_at_home_and_biased_at_work(real):
    home, report, _ = real
    assert home < 2
    assert abs(report[1][0]) > 4 * home


def test_one_sample_does_not_mend_a_real_bias_and_five_do_better(real):
    home, report, _ = real
    assert report[1][2] > abs(report[1][0])
    assert 2 * home < report[5][2] < abs(report[5][0])


def test_the_first_hour_of_the_real_run_falls_in_the_spectra_and_not_in_the_samples(real):
    said, (_, samples) = real[2], material.online()
    minutes = material.minutes()
    fall = said[:5].mean() - said[(minutes[: len(said)] > 40) & (minutes[: len(said)] < 60)].mean()
    assert 12 < fall < 25
    early = samples["glucose"][samples["time"] < 2]
    assert np.ptp(early) < 0.5
    assert said[0] > early.iloc[0]


def test_the_lower_calibration_ends_below_no_glucose():
    assert calibrated(3)[2][-50:].mean() < -2


def test_one_sample_of_the_real_run_holds_a_tenth_more_of_all():
    samples = material.online()[1][["glucose", "xylose", "acetic_acid"]]
    more = samples.iloc[7] / samples.iloc[[6, 8]].mean()
    assert more.between(1.08, 1.13).all()


def test_the_bias_turns_its_sign_with_the_number_of_components():
    assert calibrated(3)[1][1][0] < 0 < calibrated(6)[1][1][0]


def test_spectra_with_gaps_or_without_light_are_marked():
    lab, _ = material.laboratory()
    broken = lab.iloc[:4].copy()
    broken.iloc[1] = 3.0
    broken.iloc[2, 5] = np.nan
    broken.iloc[3, 7] = np.inf
    assert material.usable(broken, lab.columns).tolist() == [True, False, False, False]


@pytest.mark.parametrize("other", [lambda axis: axis[:-10], lambda axis: axis + 4])
def test_spectra_with_another_axis_are_refused_in_a_sentence(other):
    lab, _ = material.laboratory()
    table = lab.iloc[:2, : len(other(lab.columns))].set_axis(other(lab.columns), axis=1)
    with pytest.raises(CourseError, match=r"channels from .* the calibration has 1047"):
        material.usable(table, lab.columns)


def test_the_real_run_is_part_of_what_is_judged():
    constant = {"online_report": lambda *run: (-7.055, 4.366, 3.409)}
    assert raman.online_report(constant).points <= 2
    right = next(a for a in bank.ONLINE if not a.says)
    assert "the real run" in str(raman.online_report(typed(right)))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("np.abs(minutes - h).argmin()", "spectra in minutes"),
        ("hours.tolist().index(h)", "not spectrum k"),
        ("min(np.searchsorted(minutes, 60 * h), len(minutes) - 1)", "the next spectrum"),
    ],
)
def test_where_samples_meet_other_spectra_no_formula_is_accused(place, told):
    source = bank.online().replace("np.abs(minutes - 60 * h).argmin()", place)
    result = raman.online_report(typed(bank.Answer("", source, 0)))
    assert result.points < result.out_of
    assert told in str(result)
    assert "Not the" not in str(result)


def test_spectra_a_minute_apart_do_not_meet_their_samples():
    spectra, samples = material.online()
    hours, measured = samples["time"].to_numpy(), samples["glucose"].to_numpy()
    works = spectra.std(axis=1).to_numpy() > 0
    said = np.interp(material.minutes() / 60, hours, measured)[works]
    by_the_clock = np.arange(len(spectra), dtype=float)[works]
    assert material._online_report(said, material.minutes()[works], measured, hours, 5)[1] < 0.5
    assert material._online_report(said, by_the_clock, measured, hours, 5)[1] > 3


# The race that was run beforehand ----------------------------------------------------------------


def raced(substance, each, column="mean"):
    """Return the stored race with so many spectra of each batch, as numbers."""
    cells = raman.races(substance).xs(each, level="spectra of each")
    numbers = cells.stack().str.extract(r"(?P<mean>[\d.]+)(?: \((?P<low>\S+) to (?P<high>\S+)\))?")
    return numbers.astype(float)[column].unstack()[list(delivery.METHODS)]


def test_as_many_spectra_of_more_batches_miss_much_less():
    assert 24 * 6 < 2 * 76
    ratio = raced("glucose", 6).loc[24] / raced("glucose", 76).loc[2]
    assert ratio.between(0.3, 0.55).all()


def test_the_race_is_written_as_it_was_run():
    for substance in material.NAMES:
        for each in (6, 76):
            low, high = (raced(substance, each, end) for end in ("low", "high"))
            mean = raced(substance, each)
            more = mean.sub(mean["PLS"], axis=0)
            inside = (more > low - 0.015) & (more < high + 0.015)
            assert inside[list(delivery.METHODS[1:])].all(axis=None)
            assert low["PLS"].isna().all()


def test_without_derivative_and_copies_a_network_is_lost_on_few_batches():
    glucose = raced("glucose", 76).loc[:8]
    others = glucose.drop(columns="network, SNV only").max(axis=1)
    assert (glucose["network, SNV only"] > 1.4 * others).all()


def test_copies_bring_a_network_as_far_as_the_derivative_does():
    for substance in material.NAMES:
        mean = raced(substance, 76)
        assert (mean["network, SNV and copies"] - mean["network"]).abs().max() < 0.05


def test_the_crossover_lies_where_the_notebook_says():
    for substance in material.NAMES:
        for each in (6, 76):
            assert not (raced(substance, each, "high").loc[:8] < 0).any(axis=None)
        few = raced(substance, 6)
        assert few.drop(columns="PLS").ge(few["PLS"], axis=0).all(axis=None)
    copies = {w: raced(w, 76, "high")["network, SNV and copies"] for w in material.NAMES}
    assert -0.001 < copies["lactate"].loc[24] < 0
    assert copies["lactate"].loc[96] <= -0.01
    assert copies["glucose"].loc[24] > 0.01 > 0.002 > copies["glucose"].loc[96] > 0
    others = raced("glucose", 76, "high").drop(columns="PLS")
    assert (others >= 0).all(axis=None)
