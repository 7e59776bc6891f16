"""What a judge has seen before the first submission, and who has not."""

import nbformat
import pytest
from hostile import bank, readers
from nbformat import v4

from vaxlab.grading import classroom, rehearsal

CAMPAIGN = "from vaxlab.plant import campaign; campaign.run(seed=90_210)"
#: To look through all memory of a kernel, on a busy machine.
SEARCH_S = 300


def judged(kernel, number: str) -> float:
    """Let the judge work out a number; nobody's answer would get it, as the control asks."""
    kernel.run("there = True")
    return kernel.check(f"float({number}) if 'there' in globals() else 0")["points"]


@pytest.fixture
def rehearsing(kernels, tmp_path_factory):
    """Start a kernel whose judge has rehearsed a notebook of these checks."""

    def start(*cells: str):
        source = tmp_path_factory.mktemp("course") / "source.ipynb"
        checks = [v4.new_code_cell(cell, metadata={"nbgrader": {"grade": True}}) for cell in cells]
        nbformat.write(v4.new_notebook(cells=checks), source)
        return kernels(rehearsal=str(source))

    return start


def test_what_the_rehearsal_made_is_there_for_the_judge(rehearsing):
    kept = "__import__('vaxlab.plant.campaign').plant.campaign.run.cache_info().currsize"
    assert judged(rehearsing(CAMPAIGN), kept) == judged(rehearsing("1 + 1"), kept) + 1


def test_a_rehearsal_leaves_out_what_no_check_needs():
    given = [
        "import numpy as np",
        "shown = np.zeros(3)",
        "table = {'a': 1}",
        "%matplotlib inline",
        "table['b'] = np.ones(3)",
        "print(table)",
    ]
    answer, check = "def mean():\n    return table['b'].mean()", "result = mean() == 1"
    cells = [v4.new_code_cell(code) for code in given]
    marks = {"nbgrader": {"grade_id": "mean"}}
    cells += [v4.new_code_cell(code, metadata=marks) for code in (answer, check)]
    assert rehearsal.needed(cells) == [given[0], given[2], given[4], answer, check]


def test_a_rehearsal_makes_only_what_the_grade_asks_for(rehearsing):
    asks = "import builtins\nbuiltins.asked = []\nresult = asked.append('shown')\n"
    kernel = rehearsing(asks + "result = asked.append('hidden')\nresult")
    assert judged(kernel, "__import__('builtins').asked == ['hidden']") == 1


def test_the_learner_s_kernel_has_not_heard_the_rehearsal(rehearsing):
    kernel = rehearsing("import builtins; builtins.secret = 42")
    assert judged(kernel, "__import__('builtins').secret") == 42
    assert kernel.run("import builtins; hasattr(builtins, 'secret')").value == "False"


def test_no_file_and_no_memory_of_a_kernel_holds_what_its_judge_has_rehearsed(rehearsing):
    hidden = "import builtins; builtins.hidden = ['plant_seed=4_829_020_353_282'] * 9"
    assert judged(rehearsing(hidden), "len(__import__('builtins').hidden)") == 9
    # The second one of a class: what the first one's order left behind would be there.
    said = rehearsing(hidden).run(readers.SEARCH, SEARCH_S)
    assert (said.text.strip(), said.error) == ("SEEN []", "")


def test_a_search_of_memory_finds_what_is_there(kernels):
    kernel = kernels()
    kernel.run("mine = 'plant_seed=4_829_020_353' + '_282'")
    assert "an object" in kernel.run(readers.SEARCH, SEARCH_S).text


def test_every_judge_starts_with_the_same_random_numbers(rehearsing):
    throw = "__import__('random').random() + __import__('numpy').random.random()"
    first = judged(rehearsing("import random; random.random()"), throw)
    assert judged(rehearsing("import numpy as np; np.random.random(9)"), throw) == first


@pytest.mark.parametrize(
    "cell",
    [
        "raise SystemExit",
        "import os; os._exit(3)",
        "1 / 0",
        "%matplotlib inline",
        "import signal, os; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_a_rehearsal_that_ends_badly_harms_nobody(rehearsing, cell):
    assert judged(rehearsing(cell), "1.5") == 1.5


def test_a_rehearsal_that_leaves_a_thread_is_not_forked(rehearsing):
    waits = "import builtins, threading; builtins.secret = 42; "
    waits += "threading.Thread(target=threading.Event().wait, daemon=True).start()"
    assert judged(rehearsing(waits), "hasattr(__import__('builtins'), 'secret')") == 0


def test_the_time_of_a_rehearsal_is_nobody_s_submission_s(bubblewrap, course):
    source = course.root / "solutions" / "day1" / f"{bank.NAME}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    slow = next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")
    )
    slow.source += "\n\n__import__('time').sleep(25)"
    nbformat.write(notebook, source)
    course.hand_in("ann", "right")
    limits = {"cell_wall_s": 15.0, "wall_s": 20.0}
    (row,) = classroom.grade(course.root, "day1", limits=limits, progress=False)
    assert (row.said, row.state, row.points) == ("", "graded", course.expected["ann"])


#: What a copy of the kernel does with the room's memory when it is asked by the judge.
HUNGRY = """

def antigen_ratio(*_):
    import os, time
    for _ in range(6):
        if not os.fork():
            x = b"x" * (150 * 2**20); time.sleep(60); os._exit(0)
    time.sleep(60)
"""


def test_a_room_that_is_ended_while_it_is_judged_is_said_with_its_limit(bubblewrap, course):
    path = course.hand_in("ann", "right") / f"{bank.NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[bank.place(notebook, "trust-twins")].source += HUNGRY
    nbformat.write(notebook, path)
    limits = {"memory_bytes": 512 * 2**20}
    (row,) = classroom.grade(course.root, "day1", limits=limits, progress=False)
    assert (row.state, row.points) == ("stopped", 0.0)
    assert "more than 512 MiB of memory" in row.said
