"""docs/fidelity.md is what the plant says today."""

import importlib.util
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def fidelity():
    path = CHECKOUT / "benchmarks" / "fidelity.py"
    spec = importlib.util.spec_from_file_location("fidelity", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
        for row in (*module.TUNED, *module.INDEPENDENT, *module.KNOWN)
    )
