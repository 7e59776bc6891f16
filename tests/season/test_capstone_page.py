"""docs/capstone.md was written for today's plant, policies and set points."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def capstone(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("capstone")


def test_the_page_was_written_for_these_numbers(capstone):
    text = capstone.PAGE.read_text(encoding="utf-8")
    assert f"for the plant's numbers {capstone.fingerprint()}." in text
    assert capstone._set_points() in text
    assert all(f"\n| {who} | " in text for who in capstone.policies())
