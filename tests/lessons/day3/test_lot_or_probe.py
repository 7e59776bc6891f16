"""How the thresholds of day 3, notebook 2 were set, and that right answers meet them.

Measured by ``benchmarks/calibration_lot_or_probe.py`` on the history's seed and nine drawn by
``default_rng(20261127).integers(10**12, 10**13, 9)``:

==================================================  =====================  =====================
what                                                seen                   threshold
==================================================  =====================  =====================
lots: r with the truth, crossed mixed model         0.82 to 0.96           0.8, told
lots: r of raw means, of serum alone                .72-.89, .76-.89         (reported)
lots: miss of raw means, over the crossed model's   1.28 to 2.07           named
the same of a mixed model of serum alone            1.05 to 1.91           named by r > 0.98
the same, carriers and seed as fixed effects        0.93 to 1.25           1.25, mean of three
the same, taking turns by hand                      0.92 to 1.26           1.25, mean of three
changes of R1 - R2 within 5 rounds, of 12 pairs     10 to 12, mean 11.3    2 fewer than those
the same in R1 alone                                7 to 11, mean 9.1      (reported)
verdicts right of 12, each kind of story            11 or 12               1 fewer, 10 at least
difference of differences: bad probe, bad lot       -.65 to -.44, .0 to .08 (reported)
R1 rises after three bad rounds, nothing done       0.09 to 0.45           (reported)
capture to blame: loss in all, at equal lysis       -.47-.42, -.40-.31     (reported)
culture to blame: loss in all, at equal lysis       -.22-.16, -.06-.01     (reported)
rise after three low batches, nothing done          0.22 to 0.34           (reported)
gained by verdicts, % of the doses; by the truth    35 to 48, 35 to 48     (reported)
gained by always the lot, always the probe, %       16-30, 13-22           (reported)
==================================================  =====================  =====================

The promise is r >= 0.8. With the lots of the plant's history the crossed model has 0.5 to 0.9: they
differ too little. So the lots of this line are small, and differ twice as much. The promise of
changes within five batches is kept in 94 of a hundred pairs; with the default of ruptures, at every
fifth place, the misses of up to four do not break it: it is told by clear changes, exactly.

Lots are asked for among carriers and seed that lie apart by 0.35 up or down. There a mixed model of
serum alone misses by 2.5 to 6 times what the crossed one does, and right ways by 0.9 to 1.15 times
(by hand with a guessed ratio up to 1.34 on one plant). Who reads half of a story (one reactor, one
side of the change, lysed cells without recovery) is right about 5 to 10 times of 12.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from answers.answer import typed
from answers.day3 import lot_or_probe as bank
from scipy import stats

from vaxlab.lessons.day3 import lot_or_probe
from vaxlab.lessons.day3.lot_or_probe import checks, delivery, drawn, material, wrong

# A fit on the edge warns; `doubts` says it in a sentence.
pytestmark = pytest.mark.filterwarnings(
    "ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning"
)
PLANT = 4_322_380_479_689
CHECKS = {
    "lot-or-probe-lots": lot_or_probe.lots,
    "lot-or-probe-change": lot_or_probe.change,
    "lot-or-probe-difference": lot_or_probe.difference,
    "lot-or-probe-rebound": lot_or_probe.way_back,
    "lot-or-probe-capture": lot_or_probe.at_capture,
    "lot-or-probe-verdicts": lot_or_probe.stories,
}
NAMES = (
    "lot_effects",
    "change_at",
    "probe_effect",
    "rebound",
    "capture_change",
    "blame_fall",
    "judge_action",
    "find_step",
)


@pytest.fixture(scope="module")
def own():
    """Return the names of somebody who has answered everything."""
    names, done = {}, set()
    for answer in bank.ANSWERS:
        if not answer.says and answer.grade_id not in done:
            done.add(answer.grade_id)
            names |= typed(answer)
    return names


# What the notebook claims -----------------------------------------------------------------------


def test_a_crossed_model_comes_nearer_to_the_truth_than_serum_alone_and_raw_means():
    misses = {"crossed": [], "alone": [], "raw": []}
    correlations = []
    for seed in checks._plants(PLANT):
        table, truth = material._lots(seed)
        effects = material._lot_effects(table, list(truth.index))
        correlations.append(np.corrcoef(effects, truth)[0, 1])
        misses["crossed"].append(checks._miss(effects, truth))
        raw, _, alone = wrong.lot_effects(table, list(truth.index))
        misses["alone"].append(checks._miss(alone[0], truth))
        misses["raw"].append(checks._miss(raw[0], truth))
    mean = {name: np.mean(values) for name, values in misses.items()}
    assert mean["crossed"] < mean["alone"] < mean["raw"]
    assert np.mean(correlations) >= 0.8


def test_changes_are_found_within_five_rounds_where_lots_cancel_and_less_often_in_one_reactor():
    pairs = material._changed(PLANT)
    both = [abs(material._change_at((t["R1"] - t["R2"]).to_numpy()) - p) for t, p in pairs]
    alone = [abs(material._change_at(t["R1"].to_numpy()) - p) for t, p in pairs]
    assert np.mean(np.array(both) <= 5) >= 0.8
    assert np.mean(alone) > np.mean(both)


def test_the_default_of_ruptures_finds_every_change_at_a_multiple_of_five():
    jumps = lot_or_probe.jumps()
    assert (jumps["jump=5"] % 5 == 0).all()
    off = jumps[["jump=1", "jump=5"]].sub(jumps["truth"], axis=0).abs().mean()
    assert off["jump=1"] < off["jump=5"]


@pytest.mark.parametrize("kind", material.ANSWERS)
def test_verdicts_are_right_and_neither_word_is_right_for_most_stories(kind):
    stories = material._stories(kind, PLANT)
    right = [material._VERDICTS[kind](table) == truth for table, truth in stories]
    assert sum(right) >= len(stories) - 1
    counts = pd.Series([truth for _, truth in stories]).value_counts()
    assert set(counts.index) == set(material.ANSWERS[kind])
    assert counts.max() <= len(stories) - 5


@pytest.mark.parametrize("kind", ["fall", "action"])
def test_which_reactor_gives_more_tells_nothing_of_the_verdict(kind):
    first = {word: [] for word in material.ANSWERS[kind]}
    for table, truth in material._stories(kind, PLANT):
        later = table["new"] if kind == "fall" else table["phase"] == "after"
        first[truth].append((table["R1"] - table["R2"])[later].mean())
    for gaps in first.values():
        assert np.ptp(gaps) > material.SIZES[0]


def test_more_cells_are_lysed_in_some_stories_of_the_column_too():
    rose = [
        table.groupby("after")["lysed_percent"].mean().diff().iloc[-1] > 1.5
        for table, truth in material._stories("capture", PLANT)
        if truth == "capture"
    ]
    assert 3 <= sum(rose) < len(rose)


def test_tables_that_a_check_hands_in_change_at_other_places_than_the_middle():
    tables = drawn.falls(PLANT)
    places = [int(table["new"].argmax()) for table in tables]
    assert len(set(places)) == len(places)
    assert all(place != len(table) // 2 for place, table in zip(places, tables, strict=True))


def test_a_probe_moves_one_reactor_and_a_lot_moves_both():
    for table, truth in material._stories("fall", PLANT):
        effect, error = material._probe_effect(table)
        assert (effect < -2.5 * error) == (truth == "probe") or abs(effect) < 3 * error


def test_after_three_bad_rounds_r1_catches_up_whether_anything_was_done_or_not():
    for table, _ in material._stories("action", PLANT):
        apart = (table["R1"] - table["R2"]).groupby(table["phase"]).mean()
        assert apart["after"] > apart["bad"]


def test_recovery_at_capture_falls_in_every_story_and_is_left_at_equal_lysis_in_some():
    left = {word: [] for word in material.ANSWERS["capture"]}
    for table, truth in material._stories("capture", PLANT):
        logs = np.log(table["capture_recovery_percent"]).groupby(table["after"]).mean()
        assert logs[True] < logs[False]
        left[truth].append(material._capture_change(table))
    assert np.mean(left["capture"]) < -0.12 < -0.08 < np.mean(left["culture"])


def test_nobody_did_anything_in_the_long_run_and_ten_batches_are_better_all_the_same():
    values, low = lot_or_probe.long_run(), lot_or_probe.low_limit()
    assert material._rebound(values.to_numpy(), low) > 0.15
    assert material._rebound(values.to_numpy(), low) < values.mean() - low + 0.1


def test_batches_of_a_round_share_their_lots_and_nothing_of_the_hands():
    rows = material._line(PLANT, 3, 40, pairs=True)
    for values in (*rows.met.lot_factors.values(), *rows.plan.lot_numbers.values()):
        np.testing.assert_array_equal(values[::2], values[1::2])
    for values in rows.met.handling.values():
        assert not np.isclose(values[::2], values[1::2]).all()


def test_the_plant_pays_for_right_verdicts_and_less_for_one_and_the_same(own):
    table, _, sentence = lot_or_probe.doses(own)
    gained = table["gained, %"]
    assert "your verdicts" in sentence
    assert gained["nothing is done"] == 0
    assert gained["your verdicts"] > max(gained["always the lot"], gained["always the probe"])
    assert gained["your verdicts"] <= gained["the truth"]
    assert table.loc["your verdicts", "from, %"] > 0


def test_what_is_left_for_the_probe_hardly_ever_speaks_for_the_wrong_one():
    spoken = []
    for table, truth in material._stories("fall", PLANT):
        halves = table.groupby("new")["R2"].agg(["mean", "var", "count"])
        r2 = (halves["mean"].diff().iloc[-1], np.sqrt((halves["var"] / halves["count"]).sum()))
        rows = pd.DataFrame([r2, r2, material._probe_effect(table)])
        said = lot_or_probe.left_for_the_probe(rows.set_axis(["change", "standard error"], axis=1))
        spoken += [word == truth for word in ("lot", "probe") if f"speaks for the {word}" in said]
    assert sum(spoken) >= len(spoken) - 1
    assert len(spoken) > len(material._stories("fall", PLANT)) / 2


@pytest.mark.parametrize("third", [(np.nan, 0.1), (0.1, np.nan), (0.1, 0.0)])
def test_an_effect_without_an_error_speaks_for_nobody(third):
    rows = pd.DataFrame([(-0.3, 0.1), (-0.3, 0.1), third], columns=["change", "standard error"])
    assert "no effect with an error" in lot_or_probe.left_for_the_probe(rows)


def test_the_fall_that_the_notebook_tells_is_one_of_r1():
    figure, sentence = lot_or_probe.fall_figure(lot_or_probe.story("fall"), "R1")
    assert "fewer doses" in sentence
    assert "R2" not in sentence
    assert len(figure.data) == 2


# Bad input --------------------------------------------------------------------------------------


def fitted(**changed):
    """Return what stands for a fit without fault, with something changed."""
    usual = {
        "fe_params": [9.6, 0.2],
        "cov_re": [[0.04]],
        "vcomp": [],
        "scale": 0.03,
        "converged": True,
        "model": SimpleNamespace(exog_names=["Intercept", "supplier"]),
    }
    return SimpleNamespace(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, ""),
        ({"fe_params": [9.6, 0.0]}, "effect of supplier is exactly 0.0"),
        ({"fe_params": [9.6, np.nan]}, "NaN"),
        ({"converged": False}, "has not converged"),
        ({"cov_re": [[1e-12]]}, "does not tell them apart"),
        ({"scale": np.inf}, "NaN"),
    ],
)
def test_a_fit_that_should_not_be_believed_is_doubted_in_a_sentence(changed, says):
    said = lot_or_probe.doubts(fitted(**changed))
    assert says in said
    assert bool(said) == bool(says)


def test_a_real_fit_leaves_no_doubt():
    import statsmodels.formula.api as smf

    fit = smf.mixedlm("log_doses ~ 1", lot_or_probe.batches().dropna(), groups="serum_lot").fit()
    assert lot_or_probe.doubts(fit) == ""


def test_a_lot_never_seen_has_no_effect_and_one_of_a_single_batch_a_small_one():
    table, truth = material._lots(PLANT)
    table = table.copy()
    table.loc[0, ["serum_lot", "log_doses"]] = ["SER-one", table["log_doses"].mean() + 1.0]
    found = material._lot_effects(table, ["SER-never", "SER-one", truth.index[2]])
    assert found["SER-never"] == 0
    assert 0 < found["SER-one"] < 0.8


@pytest.mark.parametrize("place", [3, 27])
def test_a_change_near_an_end_is_found(place):
    values = np.where(np.arange(30) < place, 0.0, 1.0) + 0.01 * np.sin(np.arange(30))
    assert material._change_at(values) == place


def test_clear_changes_are_what_least_squares_finds_whatever_the_seed():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        clear, places = drawn.clear(rng)
        assert [material._change_at(values) for values in clear] == places
        holed = [drawn.with_gaps(*pair, rng) for pair in zip(clear, places, strict=True)]
        assert [material._change_at(values) for values in holed] == places
        assert any(np.isnan(values).any() for values in holed)


def test_where_it_was_never_low_nothing_is_said():
    assert np.isnan(material._rebound(np.arange(40.0), -1.0))


@pytest.mark.parametrize("broken", [..., None, 3, lambda *a: 1 / 0, lambda *a: "text"])
def test_the_cells_of_an_unfinished_notebook_work_by_the_courses_functions(broken):
    names = dict.fromkeys(NAMES, broken)
    for cell in (
        lot_or_probe.lots_figure,
        lot_or_probe.change_figure,
        lot_or_probe.rebound_figure,
    ):
        assert "By the course's function" in cell(names)[1]
    assert "the course's" in lot_or_probe.before_after(names).index[-1]
    assert "the course's" in lot_or_probe.at_equal_lysis(names).index[-1]
    assert set(lot_or_probe.verdicts(names)["your verdicts"]) == {"0 right"}
    assert "the course’s verdicts" in lot_or_probe.doses(names)[2]


def test_it_is_said_whose_functions_are_at_work(own):
    for cell in (
        lot_or_probe.lots_figure,
        lot_or_probe.change_figure,
        lot_or_probe.rebound_figure,
    ):
        assert "By the course's function" not in cell(own)[1]
    assert lot_or_probe.before_after(own).index[-1] == "your probe_effect"
    assert set(lot_or_probe.verdicts(own)["your verdicts"]) <= {"11 right", "12 right"}


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("lots", lambda t, asked: {lot: "much" for lot in asked}, "one effect for each lot"),
        ("lots", lambda t, asked: pd.Series(1.0, index=asked[:2]), "is missing"),
        ("change", lambda values: 4.5, "whole number"),
        ("difference", lambda t: (0.1, np.nan), "finite number"),
        ("difference", lambda t: [0.1, 0.2, 0.3], "two numbers"),
        ("way_back", lambda values, low: values, "finite number"),
        ("at_capture", lambda t: None, "gives nothing back"),
        ("stories", lambda t: True, "should give 'lot' or 'probe'"),
        ("stories", lambda t: "the probe", "should give 'lot' or 'probe'"),
    ],
)
def test_an_answer_of_another_form_is_told_what_is_wanted(name, made, says):
    said = str(getattr(lot_or_probe, name)(dict.fromkeys(NAMES, made)))
    assert says in said
    assert "Traceback" not in said


def test_tables_are_the_learners_to_write_into():
    for make in (lot_or_probe.batches, lot_or_probe.rounds, lambda: lot_or_probe.story("fall")):
        table = make()
        table.loc[:, table.columns[-1]] = table.iloc[0, -1]
        assert make().iloc[:, -1].nunique() > 1
    series = lot_or_probe.long_run()
    series.iloc[:] = 0.0
    assert lot_or_probe.long_run().min() > 0


def test_two_plants_differ_and_one_is_always_the_same():
    first = material._lots.__wrapped__(PLANT)[0]
    pd.testing.assert_frame_equal(first, material._lots(PLANT)[0])
    other = material._lots(PLANT + 1)[0]["log_doses"]
    assert not np.allclose(first["log_doses"].dropna().iloc[:50], other.dropna().iloc[:50])


def test_what_is_planted_stays_within_what_was_said():
    rows, truth, planted = material._fall_rows(PLANT)
    per = len(rows.recipes) // material.STORIES
    for k, word in enumerate(truth):
        part = slice(k * per, (k + 1) * per)
        off, growth = planted["error"][part], planted["growth"][part]
        if word == "probe":
            assert material.PROBE_OFF[0] <= off.max() <= material.PROBE_OFF[1]
        else:
            assert off.max() == 0
            assert material.BAD_GROWTH[0] <= growth.min() <= material.BAD_GROWTH[1]


def test_the_interval_of_the_gain_is_students():
    assert stats.t.ppf(0.975, material.STORIES - 1) == pytest.approx(delivery.T_975, abs=1e-3)
