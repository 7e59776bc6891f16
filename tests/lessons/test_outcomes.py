"""docs/outcomes.md was written for today's plant, and shows each promise, the missed ones too."""

import importlib
import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def outcomes(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("outcomes")


def test_the_page_was_written_for_these_numbers_and_holds_each_promise(outcomes):
    text = outcomes.PAGE.read_text(encoding="utf-8")
    assert f"for the plant's numbers {outcomes.fingerprint()};" in text
    rows = [
        line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| \d-", line)
    ]
    assert [(row[0], row[1], row[5]) for row in rows] == [
        (one.notebook, one.asked, outcomes.must_be(one)) for one in outcomes.PROMISES
    ]


def test_a_promise_is_held_on_most_plants_and_its_misses_are_counted(outcomes):
    text = outcomes.PAGE.read_text(encoding="utf-8")
    held = [int(number) for number in re.findall(r"\| (\d+) of 10 \|", text)]
    assert len(held) == sum(outcomes.must_be(one) != "told" for one in outcomes.PROMISES)
    assert min(held) >= 5


def test_a_notebook_that_is_not_measured_keeps_its_rows(outcomes):
    assert outcomes.page([]) == outcomes.PAGE.read_text(encoding="utf-8")


def test_the_instructors_guide_shows_the_table(outcomes, checkout):
    for day, notebooks in outcomes.DAYS.items():
        guide = (checkout / "solutions" / day / "README.md").read_text(encoding="utf-8")
        for one in (one for name in notebooks for one in outcomes.of_notebook(name)):
            assert f"| {one.notebook} | {one.asked} |" in guide


def test_figures_are_found_by_one_key_or_by_two(outcomes):
    row = {"a": 6.0, "b": 3.0, "a / b": 7.0}
    assert outcomes.figure(row, "a / b") == 7.0
    assert outcomes.figure(row, "b / a") == 0.5
    assert outcomes.figure(row, "a - b") == 3.0
    with pytest.raises(KeyError, match="measured are a, b"):
        outcomes.figure(row, "c")
