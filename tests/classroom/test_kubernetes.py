"""The values for Kubernetes: what the chart would say of them, and what they promise learners."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
import yaml

from vaxlab.lab import THREAD_CAPS

CHART = Path(__file__).parent / "chart"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS = json.loads((CHART / "values.json").read_text())


@pytest.fixture
def ours(checkout) -> dict:
    return yaml.safe_load((checkout / "classroom" / "kubernetes" / "values.yaml").read_text())


def merged(below: Any, above: Any) -> Any:
    """Lay values over others, as Helm does."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: merged(below.get(key), value) for key, value in above.items()}
    return above


def faults(values: dict) -> list[str]:
    """What the chart's schema says of values, laid over the chart's own."""
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
    found = validator.iter_errors(merged(DEFAULTS, values))
    return [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in found]


def test_the_chart_takes_the_values(ours):
    assert faults(ours) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub": {"db": {"type": "postgresql"}}},
        {"singleuser": {"memory": {"most": "2G"}}},
        {"singeluser": {}},
        {"cull": {"timeout": "two hours"}},
    ],
)
def test_a_slip_in_the_values_is_found(ours, wrong):
    assert faults(merged(ours, wrong)) != []


def test_nobody_comes_in_who_is_not_on_the_list(ours):
    told = ours["hub"]["config"]
    assert told["Authenticator"]["allow_all"] is False
    assert told["JupyterHub"]["authenticator_class"] not in {"dummy", "shared-password"}
    assert "password" not in json.dumps(ours)


def test_each_learner_gets_a_number_of_their_own_and_keeps_it(ours):
    hub = SimpleNamespace(KubeSpawner=SimpleNamespace())
    exec(ours["hub"]["extraConfig"]["accounts"], {"c": hub})

    def number(name: str) -> int:
        spawner = SimpleNamespace(user=SimpleNamespace(name=name), environment={})
        asyncio.run(hub.KubeSpawner.pre_spawn_hook(spawner))
        return spawner.uid

    names = [f"learner-{k:04d}" for k in range(3000)]
    numbers = [number(name) for name in names]
    assert len(set(numbers)) == len(names)
    assert numbers == [number(name) for name in names]
    assert min(numbers) >= 100_000
    assert max(numbers) < 2**31


def test_kernels_have_the_threads_that_all_learners_have(ours):
    assert {name: ours["singleuser"]["extraEnv"][name] for name in THREAD_CAPS} == THREAD_CAPS


def test_the_page_on_costs_says_what_its_figures_give(checkout, monkeypatch):
    monkeypatch.syspath_prepend(checkout / "benchmarks")
    import cost

    text = cost.PAGE.read_text()
    assert cost.page(text) == text
