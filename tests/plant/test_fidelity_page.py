"""docs/fidelity.md is what the plant says today, and docs/decisions.md was written for it."""

import importlib
import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def fidelity():
    return importlib.import_module("fidelity")


def decisions():
    return importlib.import_module("decisions")


def test_the_page_of_published_and_plant_is_current():
    module = fidelity()
    assert module.PAGE.read_text(encoding="utf-8") == module.page()


def test_what_the_plant_was_tuned_on_is_met():
    for row in fidelity().TUNED:
        assert row.low <= row.plant() <= row.high, row.name


def test_at_least_three_figures_are_independent_and_misses_are_shown():
    module = fidelity()
    assert len(module.INDEPENDENT) >= 3
    assert module.page().count("**missed**") == sum(
        not row.low <= row.plant() <= row.high
        for row in (*module.TUNED, *module.INDEPENDENT, *module.DOWNSTREAM, *module.KNOWN)
    )


def test_the_page_of_decisions_was_written_for_these_numbers_and_bars():
    module = decisions()
    text = module.PAGE.read_text(encoding="utf-8")
    assert f"for the plant's numbers {module.fingerprint()};" in text
    rows = [line for line in text.splitlines() if re.search(r"\| (met|\*\*missed\*\*) \|$", line)]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [
        bar.asked for bar in module.BARS
    ]
    for row, bar in zip(rows, module.BARS, strict=True):
        assert f"| {module.must_be(bar)} |" in row


@pytest.mark.parametrize(
    "name",
    ["fixed", "live", "live-deviating", "live-sd", "half-life", "scale", "dips", "feed-pump"],
)
def test_what_is_asked_quickly_still_lies_within_its_bar(name):
    module = decisions()
    bar = next(bar for bar in module.BARS if bar.name == name)
    assert bar.low <= module.measures()[name](module.SEEDS[0]) <= bar.high
