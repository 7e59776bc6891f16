"""The history: what its numbers promise, over ten seeds."""

import numpy as np
import pandas as pd
import pytest

from vaxlab.plant import campaign, downstream, faults, instruments, lots, variables
from vaxlab.plant.card import standardised_effects
from vaxlab.plant.parameters import VALUES

pytestmark = pytest.mark.filterwarnings("error")

SEEDS = (campaign.HISTORY_SEED, *range(10))


@pytest.fixture(scope="module")
def histories():
    return [campaign.run(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def history(histories):
    return histories[0]


def before_harvest(history):
    """Tell which rows of the samples are not of the harvest, which may come any hour."""
    tidy = history.tables["samples_tidy"]
    harvested = history.tables["batches"].set_index("batch_id")["harvested_at"]
    return tidy["sampled_at"] < harvested.loc[tidy["batch_id"]].to_numpy()


def clean_day_2(history):
    """HA of the samples 48 h after infection, planted errors taken out."""
    tidy, errors = history.tables["samples_tidy"], history.truth["errors"]
    return tidy[
        (tidy["analyte"] == "ha")
        & tidy["hours_after_infection"].between(47, 49)
        & before_harvest(history)
        & ~tidy["row_id"].isin(errors["row_id"])
    ]


def is_weekend(times):
    return times.dt.day_of_week >= 5


def weekend_gaps(history):
    """Week-end minus week-day: in the samples, in all harvests measured, and in truth."""
    day_2, truth = clean_day_2(history), history.truth["batches"].set_index("batch_id")
    weekend = is_weekend(day_2["sampled_at"])
    seen = day_2["value"][weekend].mean() - day_2["value"][~weekend].mean()
    infected = history.tables["batches"].set_index("batch_id")["infected_at"]
    due = is_weekend(infected + pd.Timedelta(hours=48))
    measured = history.tables["harvest_assays"].groupby("batch_id")["ha_log10_per_100ul"].mean()
    true_ha = truth["ha_at_harvest_log10_per_100ul"]
    return seen, *(values[due].mean() - values[~due].mean() for values in (measured, true_ha))


def test_a_history_is_the_same_for_the_same_seed_and_another_for_another(history):
    campaign.run.cache_clear()
    again = campaign.run(campaign.HISTORY_SEED)
    for name, table in history.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    other = campaign.run(11).tables["batches"]
    assert not other.equals(history.tables["batches"])


@pytest.mark.parametrize("length", [0, -3, 2.5, True, "60", None])
def test_what_is_no_length_is_refused(length):
    with pytest.raises(ValueError, match="n_batches = .* expected a whole number from 1 on"):
        campaign.run(0, length)


def test_a_short_history_has_all_tables_too():
    short = campaign.run(5, 60)
    assert len(short.tables["batches"]) == 60
    assert set(short.truth["errors"]["kind"]) >= {"unit_slip", "decimal_slip", "duplicate"}


def test_doses_of_sound_batches_differ_by_25_to_30_percent_and_harvests_by_a_factor_of_1_5(
    histories,
):
    """CV of 25 to 30 %: the aim that the syllabus's lessons need; own choice. With the faulty
    batches it is 29 to 31 %. SD of the true HA of sound batches: 0.16 to 0.20 over eleven
    histories, for at harvest it has hardly stopped rising."""
    sds, cvs, of_all = [], [], []
    for history in histories:
        truth = history.truth["batches"]
        doses = truth["true_doses_per_litre"]
        of_all.append(doses.std() / doses.mean())
        truth = truth[truth["fault_id"] == ""]
        sds.append(truth["ha_at_harvest_log10_per_100ul"].std())
        doses = truth["true_doses_per_litre"]
        cvs.append(doses.std() / doses.mean())
    assert 0.15 <= min(sds) <= max(sds) <= 0.21
    assert 0.25 <= cvs[0] <= 0.30
    assert 0.25 <= np.mean(cvs) <= 0.30
    assert (np.array(of_all) > cvs).all()
    assert np.mean(of_all) <= 0.33


def test_7_to_10_percent_of_the_batches_have_a_fault_and_every_kind_occurs(histories):
    for history in histories:
        fault = history.truth["batches"]["fault_id"]
        assert 0.07 <= (fault != "").mean() <= 0.10
        assert set(fault) - {""} == set(faults.OF_BATCHES)


def test_every_driver_moves_the_doses_and_in_the_direction_that_is_said(histories):
    """The least of a single history is that of the dips: 0.09; on average no driver is so weak."""
    effects = pd.DataFrame([standardised_effects(history) for history in histories])
    signed = effects[list(campaign.DRIVERS)] * [d.sign for d in campaign.DRIVERS.values()]
    assert (signed > 0.07).all(axis=None), signed.min()
    assert (signed.mean() > 0.15).all(), signed.mean()


def test_a_driver_stands_out_among_variables_that_move_nothing(history):
    """All 27 idle sheets of the batch record stand together with the nine."""
    truth, wide = history.truth["batches"], history.tables["variables"]
    sound = (truth["fault_id"] == "").to_numpy()
    idle = wide[list(variables.IDLE)]
    names = [f"recipe_{n}" for n in campaign.SET_POINTS if n != "infection_temperature_c"]
    recipe = wide[[*names, "recipe_infection_h"]].assign(recipe_moi=np.log(wide["recipe_moi"]))
    recipe = recipe.drop(columns=["recipe_ph", "recipe_trypsin_bu_per_ml"])  # in drivers
    seed = np.log(truth[["seed_lot_release_factor"]])
    drivers = history.truth["drivers"].drop(columns="batch_id")
    known = pd.concat([drivers, idle, recipe, seed], axis=1)[sound]
    x = ((known - known.mean()) / known.std()).to_numpy()
    y = np.log(truth["true_doses_per_litre"][sound]).to_numpy()
    beta = np.linalg.lstsq(x, (y - y.mean()) / y.std(), rcond=None)[0]
    effect = pd.Series(np.abs(beta), index=known.columns)
    assert effect[list(drivers)].min() > 1.5 * effect[list(idle)].max()


def test_what_shows_a_driver_stands_in_the_wide_table(history):
    wide = history.tables["variables"]
    assert len(variables.MEANING) == wide.shape[1]
    assert 200 <= wide.shape[1] <= 240
    for driver in campaign.DRIVERS.values():
        assert set(driver.shows_in) <= set(wide)


def test_a_team_looks_as_if_it_moved_what_the_season_moves(histories):
    winter, capture = [], []
    for history in histories:
        fitted = history.circumstances.fitted
        first_team = np.isin(fitted.operator, ["OP1", "OP2", "OP3"])
        winter.append(np.corrcoef(first_team, fitted.season)[0, 1])
        capture.append(np.corrcoef(first_team, fitted.conductivity_ms_per_cm)[0, 1])
    assert np.mean(winter) > 0.2
    assert np.mean(capture) < -0.05


def test_a_new_serum_lot_and_a_new_probe_come_close_together(history):
    table = history.tables["variables"]
    fresh = table["calendar_ph_probe_age_days"] < 40
    new_lot = table["calendar_serum_lot_days"] < 40
    assert fresh[new_lot].mean() > fresh[~new_lot].mean() + 0.15


def test_big_tables_are_made_when_asked_for_and_named_before(history):
    assert list(history.tables) == [
        "batches",
        "harvest_assays",
        "samples",
        "samples_tidy",
        "certificates",
        "genealogy",
        "seed_train",
        "downstream",
        "release",
        "deviations",
        "historian",
        "historian_minutes",
        "spectra",
        "variables",
    ]
    minutes = history.tables["historian_minutes"]
    assert minutes["batch_id"].nunique() == 6
    step = minutes.groupby("batch_id")["recorded_at"].diff().dropna().unique()
    assert list(step) == [pd.Timedelta(minutes=1)]


def test_no_tag_tells_the_true_ph_and_honest_samples_add_to_all_of_them_together(histories):
    """Three offline readings a batch, SD 0.06 each, leave an error of 0.032 to 0.035 in batches
    that they were not fitted on; all features of all tags together leave 0.025 to 0.032, samples
    and tags 0.020 to 0.026 (seven histories). The best feature alone, the SD of the CO2 flow in
    growth, has a Spearman correlation of 0.94 to 0.95. Without the lots' bicarbonate and the gas's
    balance it would be 0.998."""
    for history in histories[:3]:
        wide = history.tables["variables"]
        sound = (history.truth["batches"]["fault_id"] == "").to_numpy()
        wide, true_ph = wide[sound], history.truth["drivers"]["true_ph"][sound]
        trends, offline = wide.filter(like="trend_"), wide.filter(like="sample_ph_")
        alone = trends.rank().corrwith(true_ph.rank()).abs()
        assert alone.max() < 0.97, alone.nlargest(3)
        of_samples, of_tags, of_both = (
            error_on_new_batches(known, true_ph)
            for known in (offline, trends, pd.concat([offline, trends], axis=1))
        )
        assert of_samples == pytest.approx(0.034, abs=0.005)
        assert of_tags > 0.7 * of_samples
        assert of_both < 0.9 * of_tags


def error_on_new_batches(known, truth):
    """Return what a ridge regression leaves in batches that it was not fitted on."""
    x = known.fillna(known.mean())
    x = ((x - x.mean()) / x.std().replace(0, 1)).to_numpy()
    y, fold = (truth - truth.mean()).to_numpy(), np.arange(len(x)) % 10
    told = np.empty(len(y))
    for k in range(10):
        a, b = x[fold != k], y[fold != k]
        ridge = np.linalg.solve(a.T @ a + 3.0 * np.eye(a.shape[1]), a.T @ b)
        told[fold == k] = x[fold == k] @ ridge
    return np.sqrt(np.mean((told - y) ** 2))


def test_a_few_records_fail_and_the_historian_has_gaps(history):
    failures = history.truth["failures"]
    tags = failures.groupby(["batch_id", "failing_from_h"])["failing_tag"].size()
    whole = tags == len(instruments.TAGS)
    assert (~whole).sum() == round(VALUES["failing"] * 360)
    assert 5 <= whole.sum() <= 40
    assert set(failures["failing_kind"]) == set(instruments.FAILURES)


def test_cells_of_the_historian_are_empty_where_a_failure_says_so_and_nowhere_else(history):
    table = history.tables["historian"]
    infected = history.tables["batches"].set_index("batch_id")["infected_at"]
    hours = (table["recorded_at"] - infected.loc[table["batch_id"]].to_numpy()) / pd.Timedelta("1h")
    failures = history.truth["failures"].query("failing_kind == 'missing'")
    said = {tag: np.zeros(len(table), dtype=bool) for tag in instruments.TAGS}
    for row in failures.itertuples():
        # A row is empty if any of its 15 minutes is.
        inside = (hours > row.failing_from_h - 0.25) & (hours < row.failing_until_h)
        said[row.failing_tag] |= (inside & (table["batch_id"] == row.batch_id)).to_numpy()
    for tag, expected in said.items():
        empty = table[tag].isna().to_numpy()
        assert empty.any(), tag
        assert not (empty & ~expected).any(), tag
        assert (empty ^ expected).sum() <= 0.1 * expected.sum() + 2, tag


def test_failing_records_change_the_historian_and_nothing_else(monkeypatch):
    with_them = campaign.run(5, 60).tables
    monkeypatch.setattr(instruments, "draw_failures", lambda *_: [])
    campaign.run.cache_clear()
    without = campaign.run(5, 60).tables
    campaign.run.cache_clear()
    for name in with_them:
        same = with_them[name].equals(without[name])
        assert same == (name not in ("historian", "historian_minutes", "variables")) or (
            name == "historian_minutes"  # of six batches only, which may all be spared
        ), name


def test_what_fails_is_plausible():
    for what in instruments.PLAUSIBLE:
        assert set(what.tags) <= set(instruments.TAGS)
        assert what.kind in instruments.FAILURES
        assert 0 < what.shortest_h < what.longest_h
        assert (what.size > 0) == (what.kind in ("spikes", "offset"))


def test_the_record_of_purification_fits_the_release(history):
    tables = history.tables
    steps, release = tables["downstream"], tables["release"].set_index("batch_id")
    assert (steps.groupby("batch_id").size() == 8).all()
    out = steps[steps["step"] == 8].set_index("batch_id")["antigen_out_mg"]
    bulk = release["potency_ug_per_ml"] * release["bulk_l"]
    assert np.corrcoef(np.log(out), np.log(bulk[out.index]))[0, 1] > 0.85
    kept = release["decision"] == "released"
    assert (release.loc[~kept, "doses"] == 0).all()
    assert release.loc[kept, "reason"].isna().all()
    assert release.loc[~kept, "reason"].notna().all()


def test_a_rejected_batch_has_a_reason_and_a_few_are_rejected(histories):
    for history in histories:
        release = history.made.release
        assert ((release.reason == "") == release.released).all()
        assert set(release.reason) <= {"", *downstream.REASONS}
        assert 0.02 <= 1 - release.released.mean() <= 0.13


def test_four_replicates_give_the_assays_sd_and_the_ceiling_back(histories):
    """HA SD 0.15 log10; Bioprocessing of Viral Vaccines (CRC, 2022), table 6.1.

    Of sound batches: one reading tells a bit more than half of what differs. With the few faulty
    ones, some of which have hardly any HA, the ceiling is 0.61 to 0.74."""
    for history in histories:
        sound = history.truth["batches"].query("fault_id == ''").set_index("batch_id")
        assayed = history.tables["harvest_assays"].set_index("batch_id").loc[sound.index]
        groups = assayed.groupby("batch_id")["ha_log10_per_100ul"]
        within = groups.var().mean()
        between = groups.mean().var() - within / 4
        truth = sound["ha_at_harvest_log10_per_100ul"].var()
        assert np.sqrt(within) == pytest.approx(campaign.HA_SD_LOG10, rel=0.07)
        ceiling = truth / (truth + campaign.HA_SD_LOG10**2)
        assert 0.49 <= ceiling <= 0.66
        assert between / (between + within) == pytest.approx(ceiling, abs=0.06)


def test_replicate_1_is_the_reading_of_the_batch_record_and_of_the_lims(history):
    record = history.tables["batches"].set_index("batch_id")["ha_at_harvest_log10_per_100ul"]
    quality = history.tables["harvest_assays"].query("replicate == 1").set_index("batch_id")
    pd.testing.assert_series_equal(record, quality["ha_log10_per_100ul"], check_names=False)
    tidy, errors = history.tables["samples_tidy"], history.truth["errors"]
    lims = tidy[
        (tidy["analyte"] == "ha")
        & ~before_harvest(history)
        & ~tidy["row_id"].isin(errors["row_id"])
    ].set_index("batch_id")["value"]
    assert len(lims) > 340
    assert (lims - record[lims.index]).abs().max() < 1e-9


def test_the_weekend_shift_makes_batches_look_better_than_they_are(histories):
    """By 0.21 to 0.31 log10: two days after infection HA still rises steeply, so batches differ."""
    gaps = np.array([weekend_gaps(history) for history in histories])
    assert 0.20 <= gaps[0, 0] <= 0.32
    assert 0.20 <= gaps[:, 0].mean() <= 0.32
    assert (gaps[:, 0] > 0.1).all()
    assert (np.abs(gaps[:, 1:]) < 0.04).all()
    assert np.abs(gaps[:, 2]).max() < 0.011


def test_samples_are_complete_on_working_days_and_few_at_weekends(histories):
    for history in histories:
        taken = set(clean_day_2(history)["batch_id"])
        truth = history.truth["batches"]
        here = truth["batch_id"].isin(taken)
        due = truth["day_2_on_weekend"]
        assert here[~due].mean() > 0.94
        assert 0.25 < here[due].mean() < 0.65


def test_a_batch_has_one_day_2_sample_at_the_most_and_it_is_easily_told(history):
    """Harvests come from 42 h on where they are far too early: the last sample is the harvest's."""
    tidy = history.tables["samples_tidy"]
    samples = tidy[before_harvest(history)].groupby("sample_id")
    hours, batch = (samples[name].first() for name in ("hours_after_infection", "batch_id"))
    day_2 = hours[hours > 40]
    assert batch[day_2.index].is_unique
    assert day_2.between(46.2, 50).all()


def test_virus_is_only_looked_for_from_just_before_infection_on(history):
    tidy = history.tables["samples_tidy"]
    virus = tidy["analyte"].isin(["ha", "tcid50"])
    assert tidy.loc[virus, "hours_after_infection"].min() > -3.5
    wrong = tidy["row_id"].isin(history.truth["errors"]["row_id"])
    control = virus & (tidy["hours_after_infection"] < 0) & ~wrong
    assert control.sum() > 600
    assert tidy.loc[control, "censored"].all()


def test_samples_are_drawn_in_the_day_shift_and_at_harvest_whenever_that_is(history):
    tidy, errors = history.tables["samples_tidy"], history.truth["errors"]
    wrong = tidy["row_id"].isin(errors.query("kind == 'clock'")["row_id"])
    honest = tidy[before_harvest(history) & ~wrong]
    assert honest["sampled_at"].dt.hour.between(3, 18).all()


def test_the_times_of_a_batch_fit_each_other(history):
    record = history.tables["batches"]
    growth = (record["infected_at"] - record["started_at"]) / pd.Timedelta(hours=1)
    infection = (record["harvested_at"] - record["infected_at"]) / pd.Timedelta(hours=1)
    assert growth.between(94, 98).all()
    most = campaign.INFECTION_MOST_H
    off = infection - campaign.INFECTION_H
    assert off.between(-most - 12.1, most + 12.1).all()  # F9: 8 to 12 h more
    assert off.between(-most, most).mean() > 0.97
    assert record["started_at"].is_monotonic_increasing
    for _, one in record.groupby("reactor"):
        # Cleaned and sterilised in between.
        rest = one["started_at"].iloc[1:].to_numpy() - one["harvested_at"].iloc[:-1].to_numpy()
        assert rest.min() > np.timedelta64(2, "D")


def test_two_identical_batches_may_read_a_factor_of_two_apart(histories):
    names = [*campaign.SET_POINTS, *(f"{kind}_lot" for kind in lots.LOT_KINDS)]
    for history in histories:
        record = history.tables["batches"]
        week = record["started_at"].dt.isocalendar()[["year", "week"]]
        pairs = record.assign(**week).groupby([*names, "year", "week"])
        readings = pairs["ha_at_harvest_log10_per_100ul"].agg(["size", "min", "max"])
        twins = readings[readings["size"] == 2]
        assert len(twins) >= 12
        assert (twins["max"] - twins["min"] > 0.29).sum() >= 2


def test_lots_overlap_in_time(history):
    record = history.tables["batches"]
    for kind in lots.LOT_KINDS:
        spans = record.groupby(f"{kind}_lot")["started_at"].agg(["min", "max"]).sort_values("min")
        assert (spans["min"].iloc[1:].to_numpy() < spans["max"].iloc[:-1].to_numpy()).any()


def test_of_all_causes_the_seed_lot_matters_most(histories):
    """Beside all others, on average: 0.35 SD of the doses a SD; serum and the hold: 0.27."""
    effects = pd.DataFrame([standardised_effects(history) for history in histories]).mean().abs()
    assert effects.idxmax() == "seed"
    assert effects["seed"] > 1.1 * effects.drop("seed").max()


def test_batches_can_be_run_again_with_the_same_lots_and_other_hands(history):
    ids = list(history.tables["batches"]["batch_id"][::3])
    again = campaign.run_again(history, ids, n=3, seed=1)
    assert list(again.columns) == [
        "batch_id",
        "repeat",
        "ha_log10_per_100ul",
        "true_ha_log10_per_100ul",
    ]
    assert len(again) == 3 * len(ids)
    assert again.equals(campaign.run_again(history, ids, n=3, seed=1))
    assert not again.equals(campaign.run_again(history, ids, n=3, seed=2))
    means = again.groupby("batch_id", sort=False)["true_ha_log10_per_100ul"].mean()
    truth = history.truth["batches"].set_index("batch_id").loc[ids]
    sound = (truth["fault_id"] == "").to_numpy()  # a fault does not come again
    then = truth["ha_at_harvest_log10_per_100ul"]
    assert np.corrcoef(means[sound], then[sound])[0, 1] > 0.7
    error = again["ha_log10_per_100ul"] - again["true_ha_log10_per_100ul"]
    assert error.std() == pytest.approx(campaign.HA_SD_LOG10 / 2, rel=0.15)
    within = again.groupby("batch_id")["true_ha_log10_per_100ul"].std()
    assert (within > 0).all()


def test_running_an_unknown_batch_again_is_refused(history):
    with pytest.raises(ValueError, match="unknown batches .'B999'.*B001 to B360"):
        campaign.run_again(history, ["B001", "B999"], seed=0)
    with pytest.raises(ValueError, match="n = 0"):
        campaign.run_again(history, ["B001"], n=0, seed=0)
