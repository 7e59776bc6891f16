"""How the thresholds of notebook 1 were set, and what its monitors find on other plants.

Measured by ``benchmarks/calibration_normal.py`` on the history's seed, the hidden plant's, and
twenty drawn by ``default_rng(20261127).integers(10**12, 10**13, 20)``; a plant has 23 step faults
(fewer where a record failed) and 20 sound batches that are watched:

==============================================  =======================  ==================
what                                            seen                     promised, or asked
==============================================  =======================  ==================
step faults within 6 h, SPE, %                  86 to 100, mean 96       at least 85
the same, T²                                    48 to 76, mean 65        (reported)
the same, SPE, batches by the hour              86 to 100, mean 96       (reported)
the same, SPE, four faults among the golden     14 to 52, mean 33        (reported)
stopped base pump within 6 h, SPE, %            0 to 100, mean 68        (in the above)
false alarms, SPE, % of sound batches           0 to 19, mean 3.9        5, on average
false alarms, T²                                0 to 15, mean 5.2        (reported)
true tag named, SPE, %                          77 to 100, mean 94       (reported)
true tag named, T²                              45 to 71, mean 61        (reported)
the same, the autoencoder (ten plants)          mean 99                  (reported)
step faults within 6 h, the autoencoder (ten)   mean 96                  (reported)
delay of SPE, h                                 0.9 to 1.2               (reported)
probe drift within 6 h, SPE, %                  0                        admitted
probe drift before harvest, SPE, %              0 to 75, mean 25         admitted
the same, 24 batches (seven plants), SPE        12 to 25, mean 18        admitted
the same, T²                                    12 to 38, mean 26        admitted
mycoplasma, 24 batches (seven plants), SPE      0 to 8, mean 4           admitted
the same, T²                                    0 to 17, mean 6          admitted
drifts before infection: each bench sample, %   4 to 46, mean 24         (reported)
the same, CUSUM                                 0 to 33, mean 11         (the trap)
each sample, own start taken off                17 to 75, mean 46        (reported)
CUSUM, own start taken off                      38 to 88, mean 60        (reported)
three faults among 40 golden, 3 x the median    3 found, 0 to 15 % lost  3, at most 20 %
the same, 4 x and 5 x the median                3 found, 0 to 6 % lost   (as above)
the same, mean + 3 SD of SPE                    1 to 3 found, mean 1.6   (as above)
the same, 90 % quantile of SPE (12 plants)      3 found, 0 to 3 % lost   (as above)
five among 40 others, 3 to 5 x (12 plants)      5 found, 0 to 10 % lost  5, at most 20 %
the same, 4 x, with 3 to 10 components          5 found, 0 to 10 % lost  (as above)
the same, mean + 3 SD of SPE                    1 to 2 found, mean 1.6   (as above)
the same, 90 % quantile of SPE                  3 to 4 found             (as above)
doses gained by SPE (ten years of 60), %        0.1 to 2.2, mean 0.9     (reported)
the same, CUSUM of the bench                    0.2 to 6.8, mean 2.5     (reported)
the same, a visit to each batch                 0.6 to 5.7, mean 2.8     (reported)
==============================================  =======================  ==================

Faults: oxygen supply, base and feed pump, temperature, germs, stirrer; forced with random onset
and severity. Limits of 2.5 % of good batches in each phase, counted on peaks by models that had not
seen the batch: with 70 golden batches that is the largest peak. Alignment by maturity narrows the
spread of the capacitance by a third and that of the base flow by a sixth; what is found does not
change, for these faults are far larger than either band. The clock is a trap for comparing
batches here, not for finding step faults.
Values of Exercises 1, 2, 4, 5 and 6 are compared with our own on the same data to 1e-3 or closer,
which no luck moves.
"""

import numpy as np
import pandas as pd
import pytest
import torch
from answers.day2.normal import ANSWERS
from process_improve.batch import BatchPCA, load_nylon, resample_to_reference

from vaxlab.lessons.day2 import normal
from vaxlab.lessons.day2.normal import checks, delivery, material
from vaxlab.lessons.day2.normal.material import GROWTH, INFECTION, TAGS

CHECKS = {
    "normal-unfold": normal.unfolded,
    "normal-t2": normal.statistics,
    "normal-golden": normal.golden_faults,
    "normal-blame": normal.blame,
    "normal-loop": normal.loop,
    "normal-cusum": normal.summed,
}
PLANT = 11


def typed(*answers):
    namespace = {"__name__": "__main__", "np": np, "pd": pd, "normal": normal}
    for answer in answers:
        exec(answer.source, namespace)
    return namespace


def first_right():
    first = {}
    for answer in ANSWERS:
        if not answer.says:
            first.setdefault(answer.grade_id, answer)
    return first


# A second opinion ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nylon():
    batches = load_nylon()
    first = next(iter(batches))
    tags = list(batches[first].columns)
    aligned = resample_to_reference(batches, columns_to_align=tags, reference_batch=first)
    # A column that stands still but for rounding is scaled to noise by one, left by the other.
    stack = np.stack([part.to_numpy() for part in aligned.values()])
    moves = (stack.std(axis=0) > 1e-9 * np.abs(stack).mean(axis=0)).all(axis=0)
    assert moves.sum() >= 7
    return {name: part.loc[:, moves] for name, part in aligned.items()}


def unfolded(batches):
    """Unfold aligned batches by the notebook's own way."""
    parts = [
        part.reset_index(drop=True).assign(batch=name, hour=np.arange(len(part), dtype=float))
        for name, part in batches.items()
    ]
    tags = list(parts[0].columns[:-2])
    grid = parts[0]["hour"].to_numpy()
    return material._unfold(pd.concat(parts), "hour", grid, tags).loc[list(batches)]


def autoscaled(wide):
    """Centre each column and divide it by its SD, as is usual for whole batches; 0 counts as 1."""
    sd = wide.std()
    return (wide - wide.mean()) / sd.where(sd > 1e-9 * wide.abs().mean(), 1.0)


@pytest.mark.parametrize("components", [2, 4])
def test_t2_spe_and_limits_of_real_nylon_batches_are_those_of_another_library(nylon, components):
    theirs = BatchPCA(n_components=components).fit(nylon)
    wide = autoscaled(unfolded(nylon))
    t2, spe = material._t2_spe(wide, wide, components)
    told = theirs.diagnose(nylon)
    np.testing.assert_allclose(t2, told.hotellings_t2.iloc[:, -1], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(np.sqrt(spe), told.spe, rtol=1e-8, atol=1e-8)
    for level in (0.95, 0.99):
        ours = material.textbook_limits(len(wide), components, spe, level)
        assert ours[0] == pytest.approx(theirs.hotellings_t2_limit(level), rel=1e-8)
        assert np.sqrt(ours[1]) == pytest.approx(theirs.spe_limit(level), rel=1e-8)


def test_contributions_add_up_to_their_chart():
    golden, new = (material.rows_of(material.few, INFECTION, "maturity", PLANT),) * 2
    t2, spe = material._t2_spe(golden, new)
    scores = material._fitted(golden, new, 4)[2]
    variance = material._fitted(golden, new, 4)[0].explained_variance_
    np.testing.assert_allclose(t2, (scores**2 / variance).sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(spe, material._by_spe(golden, new).sum(axis=1))
    assert (material._by_spe(golden, new) >= 0).all(axis=None)


# The line -----------------------------------------------------------------------------------


def test_the_line_is_what_the_notebook_says():
    some = material.line(PLANT)
    assert len(some.golden) == 80
    assert sum(batch in some.faults for batch in some.golden) == 4
    assert "B217" in some.watched
    assert not set(some.approved) & (set(some.faults) | some.failing)
    grown = some.grown_h[some.golden]
    assert 70 < grown.min() < 82 < 105 < grown.max() < 122
    assert list(some.hours.columns[4:]) == TAGS
    assert set(some.hours["phase"]) == {GROWTH, INFECTION}


def test_maturity_never_falls_and_never_stands_still():
    hours = material.line(PLANT).hours
    steps = hours.groupby(["batch", "phase"])["maturity"].diff().dropna()
    assert (steps > 0).all()
    late = hours[(hours["phase"] == GROWTH)].groupby("batch").last()
    assert late["maturity"].std() < 0.8 * late["hour"].std()


def test_hours_of_a_running_batch_are_those_of_the_whole():
    # What a rule sees in the middle of a batch must be what the line's table had there.
    rng = np.random.default_rng(3)
    n, grown_h = 4 * 110, 60.0
    read = {name: 5 + rng.random(n) for name in material._READ.values()}
    points = dict.fromkeys(("growth_temperature_c", "infection_temperature_c", "ph"), 1.0)
    points |= {"do_percent": 1.0, "feed_mmol_per_l_h": 0.1}
    whole = material.hourly(read, np.zeros(n, int), np.arange(n) / 4, grown_h, points)
    for rows in (70, 4 * 59, 4 * 62, 4 * 90):
        cut = {name: values[:rows] for name, values in read.items()}
        part = material.hourly(cut, np.zeros(rows, int), np.arange(rows) / 4, grown_h, points)
        for name, values in part.items():
            np.testing.assert_array_equal(values, whole[name][: len(values)], err_msg=name)


def test_a_gap_uses_the_oxygen_of_the_hour_before_and_dead_sensors_are_as_usual():
    rate = np.array([1.0, np.nan, np.nan, 2.0, np.nan, 3.0])
    anew = np.array([True, False, False, False, True, False])
    np.testing.assert_allclose(material._used(rate, anew), [1, 2, 3, 5, 0, 3], atol=1e-4)
    hours = material.line(PLANT).hours
    table = hours[hours["phase"] == INFECTION]
    usual = material._usual(table)
    dead = table.assign(ph_off=np.nan)
    rows = material._in_spreads(dead, usual)
    assert (rows["ph_off"] == 0).all()
    assert np.isfinite(rows.to_numpy()).all()


def test_no_spread_is_smaller_than_what_the_historian_can_show():
    hours = material.line(PLANT).hours
    usual = material._usual(hours[hours["phase"] == GROWTH])
    assert (usual.spread >= np.array(list(material.STEP.values()))).all()


# What is promised ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raced():
    return delivery.race(plant_seed=PLANT)


def test_spe_finds_step_faults_within_six_hours_and_t2_misses_the_pumps(raced):
    told = delivery.summary(raced)
    assert told.loc["SPE", "step faults found, %"] >= 85
    assert told.loc["SPE", "median delay, h"] < 2
    pumps = raced[raced["fault"].str.startswith("F3") & (raced["statistic"] == "T²")]
    assert pumps["found"].astype(float).mean() < 0.4
    assert told.loc["SPE", "true tag named, %"] > told.loc["T²", "true tag named, %"]


def test_a_drifting_probe_is_not_seen_within_six_hours(raced):
    drifts = raced[raced["fault"] == "F1"]
    assert drifts["found"].astype(float).mean() <= 0.25


def test_two_faults_are_nearly_invisible_to_the_charts():
    told = delivery.nearly_invisible(PLANT)
    assert list(told["batches"]) == [material.DRIFTING] * 2
    assert set(told.index) == {"pH probe drifts", "mycoplasma"}
    assert (told["SPE rings, %"] <= 50).all()
    assert (told.loc["mycoplasma"].iloc[1:] <= 25).all()


def test_faults_among_the_golden_batches_blind_the_charts(raced):
    some = material.line(PLANT)
    hidden = [batch for batch in some.golden if batch in some.faults]
    dirty = delivery.summary(delivery.race(plant_seed=PLANT, also=hidden))
    clean = delivery.summary(raced)
    column = "step faults found, %"
    assert dirty.loc["SPE", column] < 0.7 * clean.loc["SPE", column]


def test_growing_batches_lie_closer_by_maturity_than_by_the_hour():
    ratio = delivery.spreads_apart()["ratio"]
    assert ratio["capacitance_pf_per_cm"] < 0.85
    assert ratio["base_ml_per_h"] < 0.95
    assert abs(ratio["temperature_off_c"] - 1) < 0.05


def test_a_limit_is_counted_with_the_next_batch_among_them():
    peaks = pd.Series(np.arange(1.0, 40.0))
    assert material.counted_limit(peaks, 0.05) == 38
    assert material.counted_limit(peaks, 0.025) == 39
    assert material.counted_limit(peaks[:30], 0.025) == np.inf


def test_each_peak_comes_from_a_model_that_had_not_seen_the_batch():
    rows = material.rows_of(material.few, INFECTION, "maturity", PLANT)
    pairs = []

    def noted(golden, new):
        pairs.append((set(golden.index.unique(0)), set(new.index.unique(0))))
        return new

    peaks = material.unseen_peaks(rows, noted)
    assert all(not golden & new for golden, new in pairs)
    assert list(peaks.index) == list(rows.index.unique(0))


def test_a_cusum_needs_the_batchs_own_start_taken_off():
    found = delivery.bench_found(plant_seeds=[PLANT])["found before infection"]
    raw, raw_sums, own, own_sums = found
    assert raw_sums < raw
    assert own_sums >= own
    assert own_sums > raw


def test_the_prose_tells_what_the_notebooks_own_plant_shows():
    some, tags = material.line(), len(TAGS)
    after = some.hours[some.hours["phase"] == INFECTION]
    assert tags == 15
    assert 48 <= after.groupby("batch").size().median() <= 53
    assert len(some.approved) == 70
    faulty, gaps = (set(some.golden) & set(one) for one in (some.faults, some.failing))
    assert [len(faulty), len(gaps), len(faulty & gaps)] == [4, 7, 1]
    rows = after[after["batch"].isin(some.approved)]
    low, high = (rows.groupby("hour")[TAGS].transform("quantile", q) for q in (0.005, 0.995))
    assert 0.02 < ((rows[TAGS] < low) | (rows[TAGS] > high)).to_numpy().mean() < 0.03
    assert 72 <= some.grown_h.min() < some.grown_h.max() <= 120
    assert material.counted_limit(pd.Series(range(70)), material.SHARE / 2) == 69
    hour, added = delivery.first_alarm("B217")
    assert hour == 15
    assert added.max() > 0.9 * added.sum()
    assert added.idxmax() in material.TRUE_TAGS[some.faults["B217"].fault]
    growth = some.hours[(some.hours["phase"] == GROWTH) & (some.hours["hour"] == 60)]
    cells = growth.loc[growth["batch"].isin(some.approved), "capacitance_pf_per_cm"]
    assert cells.max() > 3 * cells.min()
    limits = delivery.looks()
    assert (limits.iloc[:2, 1] > 25).all()
    assert (limits.iloc[2:, 1] <= 5).all()
    raw, raw_sums, own, own_sums = delivery.bench_found()["found before infection"]
    assert raw_sums < raw < own < own_sums
    assert own_sums > 0.5
    clean, dirty = (delivery.summary(delivery.race(also=also)) for also in ([], delivery.hidden()))
    assert clean.loc["SPE", "step faults found, %"] >= 85
    assert dirty.loc["SPE", "step faults found, %"] < 50
    assert clean.loc["T²", "true tag named, %"] < clean.loc["SPE", "true tag named, %"]


# The plant runs on it -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def short_year():
    years, batches = delivery.YEAR_SEED, delivery.YEAR_BATCHES
    delivery.YEAR_BATCHES = 12
    yield
    delivery.YEAR_SEED, delivery.YEAR_BATCHES = years, batches


def test_the_plant_runs_on_the_learners_own_answers_where_they_work(short_year):
    answers = first_right()
    names = typed(answers["normal-t2"], answers["normal-cusum"])
    asked, own = [], names["t2_spe"]
    names["t2_spe"] = lambda *given: asked.append(len(given[1])) or own(*given)
    rows, figure, sentence = normal.year(names)
    assert "your t2_spe and your cusum" in sentence
    assert len(asked) > 50
    assert len(figure.data[0].y) == 3
    assert rows["batches visited"].iloc[2] == 12


@pytest.mark.parametrize("broken", [None, lambda *a: "text"])
def test_the_plant_runs_on_the_courses_answers_where_there_are_none(short_year, broken):
    names = {"t2_spe": broken, "cusum": broken}
    answers = checks.Answers(names)
    assert delivery._answer(answers, delivery._sums) is None
    assert delivery._answer(answers, delivery._own_spe) is None
    assert normal.bench_figure(names)[1].startswith("Found before infection by each sample")


# Checks -------------------------------------------------------------------------------------


def test_each_check_is_worth_what_its_notebook_says():
    assert sum(check({}).out_of for check in CHECKS.values()) == 26


STUBS = {
    "normal-unfold": "def unfold(table, tags, by, grid):\n    return {}",
    "normal-t2": "def t2_spe(golden, new, components):\n    return {}",
    "normal-golden": "def suspects(rows):\n    return {}",
    "normal-blame": "def contributions(golden, new, components):\n    return {}",
    "normal-loop": "def train(model, loader, loss, optimiser, epochs):\n    return {}",
    "normal-cusum": "def cusum(readings, slack):\n    return {}",
}
EMPTY = {
    "normal-unfold": [
        "pd.DataFrame(1.0, index=sorted(set(table['batch'])), columns=range(195))",
        "normal.rows('growth')[0]",
    ],
    "normal-t2": [
        "np.ones(len(new)), np.ones(len(new))",
        "np.random.rand(len(new)), np.random.rand(len(new))",
        "(new**2).sum(axis=1), (new**2).sum(axis=1)",
    ],
    "normal-golden": [
        "list(set(rows.index.get_level_values(0)))[:8]",
        "list(np.random.default_rng(1).permutation(rows.index.unique(0))[:8])",
        "normal.hidden()",
        "list(rows.index.unique(0))",
    ],
    "normal-blame": ["new", "new**2", "np.ones(new.shape)", "np.random.rand(*new.shape)"],
    "normal-loop": ["[0.0] * epochs", "list(np.linspace(1, 0.1, epochs))", "list(range(epochs))"],
    "normal-cusum": ["readings * 0", "readings", "np.random.rand(len(readings))"],
}


@pytest.mark.parametrize(
    ("grade_id", "given"), [(name, one) for name, every in EMPTY.items() for one in every]
)
def test_what_is_no_answer_earns_a_fifth_at_most(grade_id, given):
    names = {"np": np, "pd": pd, "normal": normal}
    exec(STUBS[grade_id].format(given), names)
    result = CHECKS[grade_id](names, plant_seed=PLANT)
    assert result.points <= 0.2 * result.out_of, str(result)
    assert "Traceback" not in str(result)


def test_a_shuffled_guess_of_suspects_earns_little():
    earned = []
    for seed in range(60):
        names = {"np": np}
        exec(
            "def suspects(rows):\n    ids = list(rows.index.unique(0))\n"
            f"    rng = np.random.default_rng({seed})\n"
            "    return list(rng.permutation(ids)[: rng.integers(1, 41)])",
            names,
        )
        earned.append(normal.golden_faults(names, plant_seed=PLANT).points)
    assert np.mean(earned) <= 0.2 * 4


ODD = ["...", "None", "[]", "'text'", "float('nan')", "{}", "range(3)", "object()", "lambda: 1"]


@pytest.mark.parametrize("grade_id", list(STUBS))
@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_meet_a_sentence(grade_id, odd):
    names = {"np": np, "pd": pd}
    exec(STUBS[grade_id].replace("{}", "{0}").format(odd), names)
    result = CHECKS[grade_id](names)
    assert result.points == 0
    assert "Traceback" not in str(result)
    assert sum(part.out_of for part in result.parts) == pytest.approx(result.out_of)


def test_a_loop_whose_loss_is_no_number_meets_a_sentence():
    names = {"torch": torch}
    exec(
        "def train(model, loader, loss, optimiser, epochs):\n"
        "    return [torch.tensor(float('nan'), requires_grad=True)] * epochs",
        names,
    )
    result = normal.loop(names)
    assert result.points == 0
    assert "does not fall" in str(result)
