"""How the thresholds of day 4, notebook 4 were set, and that right answers meet them.

Measured by ``benchmarks/calibration_monday.py`` on the history's seed and nine drawn by
``default_rng(20261127).integers(10**12, 10**13, 9)``, with twelve drifts on each:

==================================================  =====================  =====================
what                                                seen                   threshold
==================================================  =====================  =====================
sums of the gaps: drifts found within 10 batches    120 of 120             1 of 9 fewer, each check
the same: batches to the alarm                      5.5 to 6.6, mean 6.0   (reported)
the same: false alarms in 60 quiet batches          0 or 1, mean 0.4       3 in 180, or 2 more
a moving mean: found within 10; false alarms        92-100 %; 0 or 1       passes
one batch beyond 3 SD: the same                     83-100 %; 0 to 2       passes, or 2 of 4 points
the last ten by KS: the same                        58-92 %; 0             2 of 4 points
T² and SPE of all columns: the same                 83-100 %; 1 to 16      too many false alarms
sums of all columns: the same                       100 %; 2 to 18         more than 12 in 180: 0
sums of the gap of pH alone: found within 10        33 to 42 %             below half: 0
ADWIN: the same                                     8 to 50 %              (reported)
RMS miss on A and B: model of A                     .16-.23, .18-.29       (reported)
RMS miss on B: model of both; promoted              .17-.26; 6 of 10       (reported)
poor batches, %: all, let through                   10-22, 3-10            exact by the weights
forests too high, %: of all, let through, weighted  4, 12, 4 (means)       (reported)
gained by the alarm, % of the doses; at once        35-44, 35-45           (reported)
gained by a check every 10, every 20 batches        35-44, 33-42           (reported)
bad batches released: nobody looks, the alarm       136-188, 0-6           (reported)
==================================================  =====================  =====================

The promise is a drift raised within ten batches with at most one false alarm in 60. It is kept
where gaps to a witness are watched. A calendar with a check every ten batches gains as much in
doses, with 36 visits for nothing where the alarm makes 2 to 5: the notebook says so.
"""

import contextlib
import inspect
import os
import re
import socket
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from answers.answer import typed
from answers.day4 import monday as bank
from grading_sandbox.conftest import find_bubblewrap

from vaxlab.errors import CourseError
from vaxlab.lessons.day4 import monday
from vaxlab.lessons.day4.monday import cases, checks, delivery, elastic, handed, material, rivals

# Of SQLAlchemy, by MLflow's own tables.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
PLANT = 4_322_380_479_689
NAMES = (
    "fingerprint",
    "approve",
    "verdict",
    "fair_share",
    "psi",
    "drifted",
    "alarm",
    "run_all",
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


@pytest.fixture
def shelf_client(monkeypatch):
    """Return a store of models in a folder of its own."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return monday.open_shelf()


def registered(client, model, name="ridge"):
    """Register a model as the notebook does, and seal it."""
    import mlflow

    with mlflow.start_run(run_name=name) as run:
        mlflow.log_metric("miss", 0.2)
        kept = mlflow.sklearn.log_model(model, name="model", pip_requirements=[])
    where = {"source": kept.model_uri, "model_id": kept.model_id, "run_id": run.info.run_id}
    version = client.create_model_version("doses", **where).version
    monday.seal(client, "doses", version)
    return version


# What the notebook claims -----------------------------------------------------------------------


def test_a_drift_is_found_within_ten_batches_and_quiet_batches_stay_quiet():
    reference, drills = material.reference(PLANT), material._drills(PLANT, 2)
    delays = [rivals.delay(material._alarm, reference, *drill) for drill in drills]
    assert np.mean(np.array(delays) <= material.WITHIN) >= 0.8
    assert len(material._watch(material._alarm, reference, material.quiet(PLANT))) <= 1


def test_the_sums_of_all_columns_take_lots_for_drifts():
    def of_all(reference, seen):
        gaps = list(reference.columns)
        off = ((seen[gaps] - reference.mean()) / reference.std()).to_numpy()
        up = down = np.zeros(off.shape[1])
        for row in off:
            up, down = np.maximum(0, up + row - 0.5), np.maximum(0, down - row - 0.5)
        return bool(max(up.max(), down.max()) > material.LIMIT)

    reference, quiet = material.reference(PLANT), material.quiet(PLANT)
    assert len(material._watch(of_all, reference, quiet)) >= 2


def test_columns_differ_from_their_reference_in_a_quiet_stretch_and_gaps_do_not():
    called = set(material._drifted(material.reference(), material.quiet().iloc[:20]))
    assert len(called - set(material.GAPS)) >= 5
    assert not called & set(material.GAPS)


def test_of_a_capacitance_probe_that_drifts_only_its_own_columns_are_called(own):
    called = material._drifted(material.reference(), material.drifting("capacitance").iloc[-20:])
    assert "capacitance_gap" in called
    assert all("capacitance" in name for name in called)
    said = monday.columns_figure(own, "capacitance")[1]
    assert "Of the gaps: capacitance_gap. Their PSI: ph_gap " in said
    by_lot = re.search(r"dealt out of the reference have a PSI of ([\d.]+) on average", said)[1]
    assert float(by_lot) > 0.25  # the usual mark of *much*, where nothing has changed


def test_a_drift_that_is_never_found_counts_as_the_notebook_says():
    drill = material._drills(PLANT, 1)[0]
    assert rivals.delay(lambda *a: False, material.reference(PLANT), *drill) == 17


def test_the_gate_says_what_the_champion_brings_and_what_stands_against_it(own):
    card, limits = dict.fromkeys(material.CARD, "x"), {"miss": ("at most", 0.25)}
    said = monday.at_the_gate(own, card, {"data": "x", "miss": 0.2}, limits)
    assert said == "miss is 0.200, and should be at most 0.25.\nNothing stands against it."
    said = monday.at_the_gate({}, card, {"data": "y", "miss": 0.3}, limits)
    assert "Against it: data, miss. (By the course's function" in said


def test_a_probe_that_drifts_shows_what_it_should_and_the_plant_does_not():
    drift = material.Drift("ph", 3, 0.05)
    rows = material._rows(PLANT, 90, 12)
    off = material._off(rows, drift.at(12))
    np.testing.assert_allclose(
        material._true_ph(rows) - material._true_ph(off), drift.at(12), atol=1e-12
    )
    assert list(drift.at(5)) == [0, 0, 0, 0.05, 0.1]


def test_the_same_plant_is_always_the_same_and_two_differ():
    first = material._stretch.__wrapped__(PLANT, 3, 20)
    pd.testing.assert_frame_equal(first, material._stretch(PLANT, 3, 20))
    assert not np.allclose(first, material._stretch(PLANT + 1, 3, 20))


def test_before_its_drift_a_stretch_is_as_without_one():
    drift = material.Drift("capacitance", 8, 0.04)
    quiet = material._stretch(PLANT, 91, 20)
    moved = material._stretch(PLANT, 91, 20, drift)
    pd.testing.assert_frame_equal(quiet.iloc[:8], moved.iloc[:8])
    assert (moved["capacitance_gap"] > quiet["capacitance_gap"]).iloc[8:].all()
    same = [name for name in quiet if "capacitance" not in name]
    pd.testing.assert_frame_equal(quiet[same], moved[same])


def test_of_own_decisions_the_share_of_poor_batches_looks_too_small_and_weights_mend_it():
    rows = []
    for seed in checks._plants(PLANT):
        truth, limit = material._decided(seed), material.poor_limit(seed)
        poor = truth[material.TARGET] < limit
        fair = material._fair_share(material.decided(seed), limit)
        rows.append((poor[truth["chance"] == 1].mean(), poor.mean(), fair))
    through, every, fair = np.mean(rows, axis=0)
    assert through < every - 0.04
    assert abs(fair - every) < 0.05


def test_what_was_not_finished_has_no_doses():
    table = monday.decided()
    assert (table["log_doses"].notna() == table["finished"]).all()
    assert set(table["chance"]) == {material.TRIED, 1.0}


def test_an_alarm_is_worth_more_than_nobody_looking(own):
    table, _, sentence = monday.seasons(own)
    assert "your alarm" in sentence
    assert table.loc["your alarm", "from, %"] > 0
    assert table.loc["your alarm", "bad released"] < table.loc["nobody looks", "bad released"] / 5
    assert table.loc["your alarm", "false alarms"] < table.loc["every 10 batches", "false alarms"]
    assert (table["gained, %"] <= table.loc["at once", "gained, %"]).all()


def test_a_season_in_which_nobody_looks_has_no_visits_and_goes_on_to_its_end():
    season = delivery._worlds(material.HISTORY_SEED)[0]
    came = delivery._season(season, [])
    assert (came["false"], came["batches"]) == (0, delivery.SEASON - season["start"])
    at_once = delivery._season(season, [season["start"]])
    assert (at_once["false"], at_once["batches"]) == (0, 1)
    early = delivery._season(season, [season["start"] - 1, season["start"]])
    assert early["false"] == 1
    assert early["doses"] < at_once["doses"]


def test_after_an_alarm_the_record_begins_anew():
    lengths = []

    def every_third(reference, seen):
        lengths.append(len(seen))
        return len(seen) == 3

    stretch = pd.DataFrame({"a": range(8)})
    assert material._watch(every_third, stretch, stretch) == [2, 5]
    assert lengths == [1, 2, 3, 1, 2, 3, 1, 2]


def test_pairs_of_misses_part_the_right_verdict_from_the_tempting_ones():
    from vaxlab.lessons.day4.monday import wrong

    for seed in range(40):
        pairs = cases.misses(np.random.default_rng(seed))
        right = [material._verdict(*pair) for pair in pairs]
        assert [word == "promote" for word in right] == [t > 2 for t, *_ in cases.PAIRS]
        assert all(words != right for words, _ in wrong.verdicts(pairs))
        assert all((miss >= 0).all() for pair in pairs for miss in pair)


def test_no_p_value_of_the_check_is_a_close_call_and_each_procedure_calls_others():
    tables = cases.moved(PLANT)
    ps = [material._p_values(*pair) for pair in tables]
    right = [set(material._discoveries(p)) for p in ps]
    assert [len(names) for names in right] == [9, 2, 0]
    for name in cases.procedures(ps[0]):
        assert [cases.procedures(p)[name] for p in ps] != right, name
    for pair, names in zip(tables, right, strict=True):
        assert names == set(material._discoveries(material._p_values(*pair, "auto")))


def test_distances_of_columns_are_those_of_kolmogorov_and_smirnov():
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(8)
    for shift in (0.0, 0.4, 2.0):
        old, new = np.sort(rng.normal(0, 1, 120)).round(1), rng.normal(shift, 1, 60).round(1)
        assert cases.distance(old, new) == round(120 * ks_2samp(old, new).statistic)


def test_an_alarm_by_the_calendar_finds_no_drift():
    for n in (15, 17, 19, 25):
        tried = checks._found(lambda reference, seen, n=n: len(seen) >= n, [PLANT])
        assert not any(came for _, came in tried)
    assert sum(came for _, came in checks._found(material._alarm, [PLANT])) >= 2


# The shelf ---------------------------------------------------------------------------------------


def test_a_model_comes_back_from_the_shelf_to_the_last_bit(shelf_client):
    table = monday.history()
    model = monday.model(table)
    version = registered(shelf_client, model)
    shelf_client.set_registered_model_alias("doses", "champion", version)
    found = monday.take(shelf_client, "doses", "champion")
    np.testing.assert_array_equal(monday.misses(found, table), monday.misses(model, table))
    shown = monday.shelf(shelf_client, "doses")
    assert list(shown["alias"]) == ["champion"]
    assert len(shown["files"].iloc[0]) == 8


def test_an_alias_moves_forth_and_back_and_files_stay_where_they_are(shelf_client):
    table = monday.history()
    versions = [registered(shelf_client, monday.model(table.iloc[:n])) for n in (80, 160)]
    for version in (*versions, versions[0]):
        shelf_client.set_registered_model_alias("doses", "champion", version)
        found = shelf_client.get_model_version_by_alias("doses", "champion")
        assert found.version == version
    assert list(monday.shelf(shelf_client, "doses")["alias"]) == ["champion", ""]


def test_files_that_are_not_those_that_were_sealed_are_not_loaded(shelf_client):
    import mlflow

    version = registered(shelf_client, monday.model(monday.history()))
    shelf_client.set_registered_model_alias("doses", "champion", version)
    folder = mlflow.artifacts.download_artifacts(f"models:/doses/{version}")
    with open(os.path.join(folder, "MLmodel"), "a") as file:
        file.write("\n# other\n")
    with pytest.raises(CourseError, match="not those that were approved"):
        monday.take(shelf_client, "doses", "champion")


def test_an_alias_that_nobody_set_is_told(shelf_client):
    with pytest.raises(CourseError, match="No version of 'doses' has the alias 'champion'"):
        monday.take(shelf_client, "doses", "champion")


def test_two_who_open_one_shelf_share_it(shelf_client, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.get_tracking_uri())
    registered(shelf_client, monday.model(monday.history()))
    again = monday.open_shelf()
    assert len(monday.shelf(again, "doses")) == 1


def test_a_server_that_is_down_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(CourseError, match="does not answer"):
        monday.open_shelf()


def test_a_disk_that_is_nearly_full_is_told_before_anything_is_written():
    walls = find_bubblewrap() or pytest.skip("bubblewrap makes the small disk; there is none")
    small = ["--dev-bind", "/", "/", "--size", str(20 * 2**20), "--tmpfs", "/mnt"]
    code = "from vaxlab.lessons.day4 import monday; monday.open_shelf()"
    done = subprocess.run(
        [walls, *small, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        # MLflow itself leaves an address in the environment of whoever has used it.
        env=os.environ | {"TMPDIR": "/mnt", "MLFLOW_TRACKING_URI": ""},
    )
    said = done.stderr.splitlines()[-1]
    assert re.search(r"/mnt has (19|20) MB left, and a shelf of models wants 50. Make room", said)
    assert said.endswith("Nothing was written.")


# The cluster -------------------------------------------------------------------------------------


def test_a_cluster_comes_from_nothing_loses_a_worker_and_goes_back_to_nothing(own, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)

    def score(job):
        import time

        time.sleep(0.15)
        return job**0.5

    with warnings.catch_warnings(), socket.socket() as neighbour:
        warnings.simplefilter("error", UserWarning)
        with contextlib.suppress(OSError):  # somebody has it already, which is as good
            neighbour.bind(("127.0.0.1", 8787))  # another learner's Dask, on the same machine
            neighbour.listen()
        figure, sentence = monday.sweep(own, score, list(range(1, 13)))
    assert "12 of 12 results equal the serial ones" in sentence
    assert "one was killed" in sentence
    assert "0 at the end" in sentence
    assert figure.data[0].y[0] == 0 == figure.data[0].y[-1]
    assert max(figure.data[0].y) <= 2


@pytest.mark.parametrize(("killed_s", "side"), [(2.0, "left"), (8.0, "right")])
def test_the_words_at_a_killed_worker_stand_where_the_figure_has_room(killed_s, side):
    cluster = elastic.Cluster(abs, 4)
    cluster.seen, cluster.killed_s = [(0.0, 2, 4), (killed_s, 2, 3)], killed_s
    cluster._redraw()
    cluster.seen.append((10.0, 0, 0))
    cluster._redraw()
    (words,) = cluster.figure.layout.annotations
    assert (words.xanchor, words.x) == (side, killed_s)


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(own, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    import dask

    with dask.config.set({"scheduler-address": "tcp://127.0.0.1:9"}):
        figure, sentence = monday.sweep(own, abs, [-1, 2])
    assert figure is None
    assert "No cluster could be started here" in sentence


def test_while_a_notebook_is_graded_no_cluster_is_started(own, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    figure, sentence = monday.sweep(own, abs, [-1, 2])
    assert figure is None
    assert "no cluster is started" in sentence


def test_workers_on_paper_do_what_is_said_of_them():
    pool = handed.Pool(2, {1: 0.5, 2: 0.25}, lost={2: 1}, wrong=(1,))
    first, second = pool(1), pool(2)
    with pytest.raises(ValueError, match="job 1"):
        first.result()
    for _ in range(3):  # a ticket that is lost stays lost
        with pytest.raises(monday.WorkerLost):
            second.result()
    assert second.done()
    assert pool(2).result() == 0.25
    pool(1)
    assert pool(2).result() == handed.AGAIN


def test_workers_on_paper_tell_who_waits_too_early_or_hands_in_too_often():
    pool = handed.Pool(3, {1: 0.5, 2: 0.25, 3: 0.1})
    tickets = [pool(1), pool(2)]
    assert tickets[0].result() == handed.ALONE - 2
    pool = handed.Pool(2, {1: 0.5, 2: 0.25}, lost={1: 9}, tries=2)
    tickets = [pool(1), pool(2), pool(1)]
    assert tickets[1].result() == 0.25
    pool(1)
    assert tickets[1].result() == handed.TOO_OFTEN


def test_a_fingerprint_goes_on_the_shelf_by_the_learners_function_or_the_courses(own):
    table = monday.history()
    code = inspect.getsource(material.model)
    assert own["fingerprint"](table, {"a": 1}, code).startswith(monday.mark(own, table, {"a": 1}))
    usual = material._fingerprint(table, {"a": 1}, code)
    for broken in ({}, {"fingerprint": lambda *a: ...}, {"fingerprint": lambda *a: 1 / 0}):
        assert usual.startswith(monday.mark(broken, table, {"a": 1}))


def test_of_the_real_pair_the_interval_and_the_word_are_told(own):
    table = monday.other_line()
    old, new = monday.model(monday.history()), monday.model(table)
    assert ": promote." in monday.pair_told(own, old, new, table)
    assert ": keep. (By the course's function" in monday.pair_told({}, new, old, table)


# Bad input ---------------------------------------------------------------------------------------


def test_what_is_missing_or_nan_stands_against_a_model():
    card = dict.fromkeys(material.CARD, "x")
    limits = {"miss": ("at most", 0.2), "r2": ("at least", 0.1)}
    assert material._approve(card, {"data": "x", "miss": 0.2, "r2": 0.1}, limits) == []
    assert material._approve(card, {"data": "x", "miss": np.nan}, limits) == ["miss", "r2"]
    assert material._approve({}, {"miss": 0.1, "r2": 1}, limits) == list(material.CARD)


def test_an_index_of_what_has_not_moved_is_near_zero_and_never_below():
    rng = np.random.default_rng(5)
    reference, same, other = rng.normal(0, 1, (3, 400))
    assert 0 <= material._psi(reference, same) < 0.1
    assert material._psi(reference, other + 5) > 2
    assert np.isfinite(material._psi(reference, other[:3]))


def test_nothing_is_called_where_all_p_values_are_large_and_all_where_all_are_small():
    p = pd.Series([0.9, 0.5, 0.2], index=["a", "b", "c"])
    assert material._discoveries(p) == []
    assert set(material._discoveries(p / 100)) == {"a", "b", "c"}
    # The last one below its limit counts, and all that lie before it.
    assert material._discoveries(pd.Series([0.04, 0.04], index=["a", "b"])) == ["a", "b"]


@pytest.mark.parametrize("broken", [..., None, 3, lambda *a: 1 / 0, lambda *a: "text"])
def test_the_cells_of_an_unfinished_notebook_work_by_the_courses_functions(broken):
    names = dict.fromkeys(NAMES, broken)
    assert "By the course's function" in monday.alarm_figure(names)[1]
    assert "By the course's function" in monday.own_decisions(names)[1]
    assert "the course’s alarm" in monday.seasons(names)[2]


def test_it_is_said_whose_functions_are_at_work(own):
    assert "By the course's function" not in monday.alarm_figure(own)[1]
    assert "By the course's function" not in monday.own_decisions(own)[1]
    assert "By the course's function" not in monday.columns_figure(own, "ph")[1]


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("fingerprints", lambda *a: 12, "hexadecimal text"),
        ("fingerprints", lambda *a: "abc", "hexadecimal text"),
        ("gate", lambda *a: True, "list with the names"),
        ("gate", lambda *a: [1, 2], "list with the names"),
        ("believed", lambda *a: "perhaps", "'promote' or 'keep'"),
        ("changes", lambda *a: [1.0, 2.0], "finite number"),
        ("changes", lambda *a: ["no such column"], "list of names"),
        ("alarms", lambda *a: None, "gives nothing back"),
        ("alarms", lambda *a: "act", "True or False"),
        ("jobs", lambda *a: 3.0, "list with one result"),
        ("jobs", lambda *a: [], "two of them are the same job"),
    ],
)
def test_an_answer_of_another_form_is_told_what_is_wanted(name, made, says):
    said = str(getattr(monday, name)(dict.fromkeys(NAMES, made)))
    assert says in said
    assert "Traceback" not in said


def test_tables_are_the_learners_to_write_into():
    for make in (monday.history, monday.reference, monday.quiet, monday.drifting, monday.decided):
        table = make()
        name = "ph_gap" if "ph_gap" in table else "temperature_c"
        table[name] = 0.0
        assert (make()[name] != 0).any()
