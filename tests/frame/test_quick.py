"""`make quick` finds the tests of what was changed."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def quick(checkout):
    """The tool, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("quick", checkout / "tools" / "quick.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("src/vaxlab/plant/lots.py", ["tests/plant/test_lots.py"]),
        ("src/vaxlab/data.py", ["tests/test_data.py"]),
        ("src/vaxlab/checks/result.py", ["tests/checks"]),
        ("src/vaxlab/lessons/day1/trust/checks.py", ["tests/lessons/day1/test_trust.py"]),
        ("tests/plant/test_lots.py", ["tests/plant/test_lots.py"]),
        ("solutions/day1/1-trust.py", ["tests/authoring"]),
        ("README.md", []),
    ],
)
def test_a_change_asks_for_the_tests_that_mirror_it(quick, changed, tests):
    assert quick.mirrored(changed) == tests
