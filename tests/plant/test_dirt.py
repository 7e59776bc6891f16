"""Honest untidiness can be tidied, and planted errors can be found."""

import numpy as np
import pandas as pd
import pytest

from vaxlab.plant import campaign, dirt

pytestmark = pytest.mark.filterwarnings("error")

SEEDS = (campaign.HISTORY_SEED, 41, *range(10))

HARVEST = 3
# What somebody who knows the process calls possible, by analyte and day after infection; of the
# harvest, which may come on day 2 or 3, by itself.
POSSIBLE = {
    "viable_cells": {
        -4: (0.08, 0.55),
        -3: (0.13, 0.85),
        -2: (0.2, 1.3),
        -1: (0.28, 1.6),
        0: (0.38, 2.0),
        1: (0.38, 1.8),
        2: (0.1, 1.4),
        HARVEST: (0.008, 1.2),
    },
    "viability": {
        **{day: (90, 100) for day in range(-4, -1)},
        -1: (75, 99),
        0: (58, 98),
        1: (58, 97),
        2: (12, 94),
        HARVEST: (0.5, 94),
    },
    "glucose": {
        -4: (20, 42),
        -3: (18, 43),
        -2: (12, 45),
        -1: (7, 45),
        0: (0.1, 45),
        1: (14, 42),
        2: (10, 43),
        HARVEST: (8, 43),
    },
    "lactate": {
        -4: (0, 2),
        -3: (1.2, 13),
        -2: (3.2, 33),
        -1: (6, 52),
        0: (9, 63),
        1: (2.8, 19),
        2: (4.5, 34),
        HARVEST: (5.5, 37),
    },
    "ha": {0: (0.5, 0.5), 1: (0.5, 0.65), 2: (0.5, 2.8), HARVEST: (0.5, 2.8)},
    "tcid50": {0: (1.5, 1.5), 1: (2.5, 6.8), 2: (5.7, 9), HARVEST: (5.7, 9)},
}


def by_rules(tidy):
    """Flag what is impossible, entered twice, or analysed before it was sampled."""
    ranges = pd.DataFrame(
        [(a, day, *bounds) for a, days in POSSIBLE.items() for day, bounds in days.items()],
        columns=["analyte", "day", "low", "high"],
    )
    hours = tidy["hours_after_infection"]
    last = hours == hours.groupby(tidy["batch_id"]).transform("max")
    day = (hours / 24).round().clip(-4, 2).where(~last, HARVEST)
    known = tidy.assign(day=day).merge(ranges, on=["analyte", "day"], how="left")
    impossible = ~known["value"].between(known["low"], known["high"]).to_numpy()
    twice = tidy.sort_values("row_id").duplicated(["sample_id", "analyte"]).sort_index()
    return impossible | twice.to_numpy() | (tidy["analysed_at"] < tidy["sampled_at"]).to_numpy()


def by_z_score(tidy):
    """Flag what lies more than three SDs from its analyte's mean."""
    groups = tidy.groupby("analyte")["value"]
    z = (tidy["value"] - groups.transform("mean")) / groups.transform("std")
    return (z.abs() > 3).to_numpy()


def score(flagged, history):
    wrong = history.tables["samples_tidy"]["row_id"].isin(history.truth["errors"]["row_id"])
    return flagged[wrong].mean(), flagged[~wrong].mean()


def tidied(raw):
    """Tidy an export the way a careful reader of its card would."""
    text = raw["value"].str.strip().str.replace(",", ".", regex=False)
    censored = text.str.startswith("<")
    value = text.str.removeprefix("<").astype(float)
    value = value.mask(raw["unit"] == "1/mL", value / 1e6)
    value = value.mask(raw["unit"] == "HAU/100 uL", np.log10(value.clip(lower=0.01)).round(2))
    return value.mask(censored & (raw["unit"] == "HAU/100 uL"), 0.5), censored


@pytest.fixture(scope="module")
def histories():
    return [campaign.run(seed) for seed in SEEDS]


def test_rules_find_98_percent_of_the_planted_errors_with_half_a_percent_false_alarms(histories):
    scores = [score(by_rules(h.tables["samples_tidy"]), h) for h in histories]
    assert min(found for found, _ in scores) >= 0.98
    assert max(alarms for _, alarms in scores) <= 0.005


def test_three_sigmas_find_less_than_60_percent(histories):
    assert max(score(by_z_score(h.tables["samples_tidy"]), h)[0] for h in histories) < 0.6


def test_about_two_percent_of_the_rows_are_wrong_and_every_kind_occurs(histories):
    for history in histories:
        errors = history.truth["errors"]
        assert 0.015 <= len(errors) / len(history.tables["samples"]) <= 0.025
        counts = errors["kind"].value_counts()
        assert set(counts.index) == {"unit_slip", "decimal_slip", "duplicate", "swap", "clock"}
        assert counts.min() >= 20
        assert errors["row_id"].is_unique


def test_tidying_text_and_units_gives_the_tidy_table_errors_included(histories):
    for history in histories[:3]:
        raw, tidy = history.tables["samples"], history.tables["samples_tidy"]
        value, censored = tidied(raw)
        pd.testing.assert_series_equal(raw["row_id"], tidy["row_id"])
        np.testing.assert_allclose(value, tidy["value"], rtol=1e-9)
        np.testing.assert_array_equal(censored, tidy["censored"])


def test_every_kind_of_untidiness_occurs(histories):
    raw = histories[0].tables["samples"]
    value, unit = raw["value"], raw["unit"].str
    assert value.str.contains(",").any()
    assert (value != value.str.strip()).mean() == pytest.approx(dirt.BLANK_SHARE, rel=0.2)
    assert set(value[value.str.contains("<")].str.strip().str.replace(",", ".")) == {
        "<0.5",
        "<1.5",
        "<3",
    }
    assert set(raw.loc[raw["analyte"] == "ha", "unit"]) == {"HAU/100 uL", "log10 HAU/100 uL"}
    assert set(raw.loc[raw["analyte"] == "viable_cells", "unit"]) == {"1/mL", "1e6/mL"}
    assert (unit.strip() == raw["unit"]).all()


def test_a_duplicate_repeats_an_earlier_row(histories):
    for history in histories:
        tidy = history.tables["samples_tidy"].set_index("row_id")
        copies = history.truth["errors"].query("kind == 'duplicate'")
        later, first = tidy.loc[copies["row_id"]], tidy.loc[copies["original_row_id"]]
        assert (copies["row_id"] > copies["original_row_id"]).all()
        for name in ("sample_id", "analyte", "batch_id", "sampled_at"):
            assert (later[name].to_numpy() == first[name].to_numpy()).all()
        assert np.allclose(later["value"], first["value"], rtol=0.01)
        others = history.truth["errors"].query("kind != 'duplicate'")
        assert others["original_row_id"].isna().all()


def test_honest_results_are_entered_within_an_hour_and_never_before_the_sample(histories):
    for history in histories:
        tidy, errors = history.tables["samples_tidy"], history.truth["errors"]
        minutes = (tidy["analysed_at"] - tidy["sampled_at"]) / pd.Timedelta(minutes=1)
        clock = tidy["row_id"].isin(errors.query("kind == 'clock'")["row_id"])
        assert (minutes[clock] < 0).all()
        assert minutes[~clock].between(15, 60).all()
        assert set(tidy.loc[clock, "terminal"]) == {dirt.CLOCK_TERMINAL}
        weeks = tidy.loc[clock, "sampled_at"].agg(["min", "max"])
        assert weeks["max"] - weeks["min"] <= pd.Timedelta(days=7 * dirt.CLOCK_WEEKS)


def test_swapped_values_come_in_pairs_of_two_batches(histories):
    swaps = histories[0].truth["errors"].query("kind == 'swap'")
    assert len(swaps) % 2 == 0
    assert swaps["analyte"].isin(["viability", "ha", "tcid50"]).all()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.25, "log10 HAU/100 uL", "2.25"),
        (2.25, "HAU/100 uL", "178"),
        (0.75, "HAU/100 uL", "5.62"),
        (float("nan"), "HAU/100 uL", "<3"),
        (float("nan"), "log10 HAU/100 uL", "<0.5"),
        (float("nan"), "log10 TCID50/mL", "<1.5"),
        (0.987, "1/mL", "987000"),
        (0.987, "1e6/mL", "0.987"),
    ],
)
def test_a_value_is_written_in_its_unit_and_read_back(value, unit, text):
    assert dirt.text_of(value, unit) == text
    read, censored = dirt.value_of(text, unit)
    assert censored == np.isnan(value)
    if not censored:
        assert read == pytest.approx(value)
