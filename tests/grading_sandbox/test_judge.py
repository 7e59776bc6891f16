"""The judge gives points for answers, and for nothing else that a learner's code does."""

import contextlib
from collections.abc import Iterator

import pytest
from answers.day1 import trust

CHECK = "result = trust.twins(globals())\nresult"
RIGHT = next(a for a in trust.ANSWERS if a.grade_id == "trust-twins" and not a.says)


@pytest.fixture
def learner(kernels) -> Iterator:
    """A kernel of one's own, with the notebook's imports."""
    learner = kernels()
    learner.run("import numpy as np, pandas as pd\nfrom vaxlab.lessons.day1 import trust")
    yield learner
    learner.stop()


def test_a_right_answer_earns_its_points(learner):
    learner.run(RIGHT.source)
    assert learner.check(CHECK)["points"] == RIGHT.points


def test_no_answer_earns_nothing_and_is_told_so(learner):
    said = learner.check(CHECK)
    assert said["points"] == 0
    assert "not attempted" in said["text"]


def test_an_error_in_the_learners_code_shows_the_line_that_matters(learner):
    learner.run("def antigen_ratio(*args):\n    table = {}\n    return table['no such lot']")
    said = learner.check(CHECK)
    assert said["points"] == 0
    assert "KeyError" in said["text"]
    assert "return table['no such lot']" in said["text"]


def test_a_check_that_raises_or_gives_no_result_earns_nothing(learner):
    for source in ("1 / 0", "import os", "result = 2", "'2'", "[2]", "True", "sys.exit(2)"):
        said = learner.check(source)
        assert said["failed"]
        assert "points" not in said


def test_the_call_for_the_grade_is_the_only_one_that_the_judge_makes(learner):
    learner.run("calls = []\ndef antigen_ratio(*_):\n    calls.append(1)\n    return len(calls)")
    once = learner.check(CHECK)["text"]
    twice = CHECK.replace("\nresult", "\nresult = trust.twins(globals())\nresult")
    assert learner.check(twice)["text"] == once  # it counts its calls, and says how many


def test_what_a_later_line_reads_is_run_as_it_stands(learner):
    assert learner.check("points = 1\npoints = points + 1\npoints - 2")["points"] == 0
    assert learner.check("points = 5\nother = points\npoints = 0\nother * 0")["points"] == 0


def test_a_check_that_gives_points_to_nobody_is_reported(learner):
    assert learner.check("2")["tampered"]


CHEATS = {
    "a patched check": "trust.twins = lambda *a, **k: 2\nimport vaxlab.lessons.day1.trust as t\n"
    "t.twins = trust.twins",
    "a patched result": "from vaxlab.checks.result import Result\nResult.points = 2\n"
    "Result.__repr__ = lambda self: '2'",
    "patched builtins": "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.len = lambda x: 10",
    "patched numpy": "np.isclose = np.allclose = lambda *a, **k: True",
    "a display hook": "import sys\nsys.displayhook = lambda value: print(2)",
    "an AST transformer": "import ast\n"
    "class T(ast.NodeTransformer):\n"
    "    def visit_Module(self, node):\n"
    "        return ast.parse('2')\n"
    "get_ipython().ast_transformers.append(T())",
    "an input transformer": "get_ipython().input_transformers_post.append(lambda lines: ['2'])",
    "an object equal to everything": "class Any(float):\n"
    "    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True\n"
    "    __sub__ = __rsub__ = lambda self, other: Any(0)\n"
    "    __abs__ = lambda self: Any(0)\n"
    "    __hash__ = float.__hash__\n"
    "def antigen_ratio(*a):\n    return Any(1)",
    "a forged answer on the line": "import gc, socket\n"
    "from vaxlab.grading import wire\n"
    "for thing in gc.get_objects():\n"
    "    if isinstance(thing, socket.socket) and thing.fileno() >= 0:\n"
    "        try:\n"
    "            wire.send(thing, {'points': 2, 'text': '2', 'html': '', 'value': 2})\n"
    "        except (OSError, ValueError):\n"
    "            pass",
    "a wire of its own": "from vaxlab.grading import answers, wire\n"
    "answers.serve = lambda link, names: wire.send(link, {'value': 2, 'points': 2})",
    "an interpreter that has gone": "import os\nos._exit(0)",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_no_cheat_earns_a_point(learner, cheat):
    with contextlib.suppress(Exception):  # some break the kernel's own protocol
        learner.run(CHEATS[cheat], limit_s=3)
    said = learner.check(CHECK, limit_s=20)  # and some never answer
    assert said.get("points", 0) == 0
    assert "failed" in said or "twins" in said["text"].lower()


def test_no_check_is_ever_sent_to_the_learners_interpreter(learner):
    learner.run(RIGHT.source)
    learner.check(CHECK)
    assert learner.run("any('trust.twins(' in line for line in In[:-1])").value == "False"


def test_a_function_is_called_with_the_seeds_of_the_check(learner):
    learner.run("def antigen_ratio(*a):\n    seen.append(np.random.rand()); return 1.0\nseen = []")
    learner.check(CHECK)
    first = learner.run("seen[0]").value
    learner.run("seen.clear()")
    learner.check(CHECK)
    assert learner.run("seen[0]").value == first
