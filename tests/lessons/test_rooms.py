"""The room of each notebook: what it lays out, and a half that is the judge's alone."""

import importlib
import subprocess
import sys

import pytest

from vaxlab import lessons
from vaxlab.checks.result import Outcome

ROOMS = sorted(lessons.rooms().values())


@pytest.mark.parametrize("room", ROOMS)
def test_all_that_a_room_names_is_there(room):
    module = importlib.import_module(room)
    for name in module.__all__:
        found = getattr(module, name)
        assert callable(found) or isinstance(found, tuple), name
    with pytest.raises(AttributeError, match="no_such_name"):
        module.no_such_name  # noqa: B018 (asked for on purpose)


def test_what_a_notebook_needs_imports_no_check():
    code = (
        "import importlib, sys\nfrom vaxlab import lessons\n"
        "for room in lessons.rooms().values(): importlib.import_module(room)\n"
        "allowed = {name.partition('.')[0] for name in lessons.LEARNERS_HALF}\n"
        "names = [m for m in sys.modules for room in lessons.rooms().values()\n"
        "         if m.startswith(room + '.') and m.rpartition('.')[2] not in allowed]\n"
        "print(names)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "[]", said


def test_where_there_is_no_check_it_says_so_and_gives_no_points():
    find = lessons.judged("vaxlab.lessons.day1.no_room", "late")
    with pytest.raises(ModuleNotFoundError):
        find("late")  # the room itself is missing: that is no room without checks
    result = lessons._judged_elsewhere({}, plant_seed=1)
    assert (result.points, result.outcome) == (0.0, Outcome.NOT_ATTEMPTED)
    assert repr(result) == "0"
    assert "elsewhere" in str(result)
