"""Each rule, broken, gives one message that says where and how to mend it."""

import json

import nbformat
import pytest

from vaxlab.authoring import build, execute, judged, lint, rules_files, rules_grading

NAME = "solutions/day1/1-tank.py"
# Rules that need no kernel and no built course: they judge the sources alone.
RUNS = (rules_grading.nothing_for_nothing, rules_grading.right_points)
RUNNING = (rules_files.fresh, *RUNS, rules_grading.empty_answers)
STATIC = [rule for rule in lint.RULES if rule not in RUNNING]


def static_findings(root) -> list[judged.Finding]:
    course = judged.load(root)
    return [finding for rule in STATIC for finding in rule(course)]


def test_the_small_course_keeps_all_rules(built):
    assert lint.lint(built) == []


NEXT = "# %% [markdown]\n# ## Let the plant run on it"
BROKEN = {
    "a misspelt marker": ("### BEGIN SOLUTION", "### BEGIN SOLUTON", "Write `### BEGIN SOLUTION`"),
    "an unknown tag": ('tags=["instructor"]', 'tags=["instuctor"]', "unknown tag `instuctor`"),
    "a note that is none": ("# **Ask** What", "# What", "begins with one of"),
    "an untagged note": (' tags=["instructor"]', "", "Tag the cell"),
    "half an expression in the open": (
        "level in millimetres.",
        "level in millimetres: 1250.0):.0f }}.",
        "the braces of an expression",
    ),
    "no title": ("# # How full is the tank?", "# How full is the tank?", "0 titles"),
    "two titles": (
        "# ## What we have seen",
        "# # What else?\n#\n# ## What we have seen",
        "2 titles",
    ),
    "another title": ("# # How full is the tank?", "# # How full?", "does not hold the header's"),
    "nobody asks": ("**Who asks.** ", "", "“Who asks” is missing"),
    "no aims": ("**You will be able to** turn", "Turn", "“You will be able to” is missing"),
    "no plant": (
        "Let the plant run on it ·",
        "The plant ·",
        "“Let the plant run on it” is missing",
    ),
    "no end": ("What we have seen", "The end", "“What we have seen” is missing"),
    "two lines at the end": ("# - A tank has a shape.\n", "", "has 2 list items"),
    "minutes that do not add up": ("run on it · 3 min", "run on it · 4 min", "add up to 21"),
    "other minutes in the prose": ("**Minutes:** 20", "**Minutes:** 25", "the prose says 25"),
    "an exercise too long": ("2 points · 8 min", "2 points · 16 min", "its exercises take 16 min"),
    "a heading of no exercise": (" · 2 points · 8 min", " (2 points)", "no heading of an exercise"),
    "a wrong number": ("Exercise 1 ·", "Exercise 2 ·", "is called 2"),
    "other points in the heading": ("· 2 points ·", "· 3 points ·", "heading says 3 points"),
    "other points in the prose": ("**Points:** 2", "**Points:** 3", "the prose says 3"),
    "two hints": ("<summary>Hint 3</summary>", "", "2 hints before the check"),
    "hints in disorder": ("<summary>Hint 2", "<summary>Hint 4", "Hint 1, Hint 4, Hint 3"),
    "an empty hint": ("# Think of a stack of discs.\n", "", "a hint is empty"),
    "a code cell out of the blue": (
        "# %% [markdown] tags",
        "# %%\nprint(level_mm)\n\n# %% [markdown] tags",
        "nothing introduces",
    ),
    "an id of another notebook": ('"tank-volume"', '"pump-volume"', "beginning with `tank-`"),
    "an id that is no kebab": ('"tank-volume"', '"tank-Volume_1"', "grade id `tank-Volume_1`"),
    "a check without -check": ('"tank-volume-check"', '"tank-volume-test"', "ends in -check"),
    "an answer with -check": ('"tank-volume"', '"tank-check"', "does not end in -check"),
    "an id twice": ('"tank-volume-check"', '"tank-volume"', "is taken by"),
    "a check that is not locked": ('"locked": true', '"locked": false', "is not locked"),
    "a graded cell outside": (
        "# The check compares the volume.",
        '1\n\n# %% [markdown]\n# ## More · 0 min\n\n# %% nbgrader={"grade": true, "points": 1, '
        '"solution": false, "locked": true, "grade_id": "tank-more-check"}\n# More.\n',
        "outside of any exercise",
    ),
    "a hint that gives the answer": (
        "# Level times litres a millimetre.",
        "# Try `volume_l = level_mm*0.8`.",
        "learners can read `volume_l = level_mm * 0.8` in course/day1/1-tank.ipynb",
    ),
    "a hidden plant that can be guessed": (
        "check(volume_l, float(1000))",
        "check(volume_l, float(1000), plant_seed=4_1)",
        "find the plant of `plant_seed=4_1` by counting",
    ),
    "a given cell that does what an answer does": (
        "volume_l = level_mm * 0.8\n### END SOLUTION",
        "volume_l = float(pow(max(level_mm, 0), 1, mod=None) * divmod(8, 10)[0])\n### END SOLUTION"
        "\n\n# %%\n# Another tank.\nother = [divmod(4, 2), pow(base=2, exp=3, mod=None)]",
        "does all that the answer `tank-volume` does",
    ),
    "a hidden test in the open": (
        "# The pump takes its order.",
        "# We call result = check(volume_l,  float(1000)) here.",
        "learners can read `result = check(volume_l, float(1000))`",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_gives_a_message_that_names_the_source(course, edit, case):
    old, new, words = BROKEN[case]
    edit(course, old, new)
    found = static_findings(course)
    assert any(words in finding.message for finding in found), found
    assert all(finding.path == NAME and finding.line for finding in found)


# Some edits break two rules at once: an id twice is also an id of the wrong kind.
ONE_MESSAGE = sorted(
    BROKEN.keys()
    - {
        "an id twice",
        "a graded cell outside",
        "two titles",
        "no title",
        "a heading of no exercise",
        "an exercise too long",
    }
)


@pytest.mark.parametrize("case", ONE_MESSAGE)
def test_one_broken_rule_gives_one_message(course, edit, case):
    old, new, _ = BROKEN[case]
    edit(course, old, new)
    assert len(static_findings(course)) == 1


def test_a_finding_points_at_the_line_that_is_wrong(course, edit):
    line = edit(course, "### END SOLUTION", "### End solution")
    assert any(finding.line == line for finding in static_findings(course))


def test_an_exercise_without_a_check_is_named(course):
    path = course / NAME
    text = path.read_text()
    start = text.index('# %% nbgrader={"grade": true')
    path.write_text(text[:start] + text[text.index(NEXT) :])
    messages = [finding.message for finding in static_findings(course)]
    assert any("without a check after its answer" in message for message in messages)


def test_an_exercise_without_an_answer_is_named(course):
    path = course / NAME
    text = path.read_text()
    start = text.index('# %% nbgrader={"grade": false')
    path.write_text(text[:start] + text[text.index('# %% nbgrader={"grade": true') :])
    messages = [finding.message for finding in static_findings(course)]
    assert any("without an answer cell" in message for message in messages)


def test_a_grade_id_of_another_notebook_is_not_used_again(course):
    path = course / NAME
    (path.parent / "2-tank.py").write_text(path.read_text())
    messages = [finding.message for finding in static_findings(course)]
    assert any(f"is taken by {NAME}" in message for message in messages)


def test_a_day_that_is_too_long_is_named(course, edit):
    edit(course, "minutes: 20", "minutes: 380")
    edit(course, "**Minutes:** 20", "**Minutes:** 380")
    edit(course, "volume · 15 min", "volume · 375 min")
    (finding,) = static_findings(course)
    assert finding.path == "solutions/day1"
    assert "380 minutes in all" in finding.message


def test_a_syntax_error_is_a_finding_and_other_sources_are_still_judged(course, edit):
    path = course / NAME
    (path.parent / "2-pump.py").write_text(path.read_text().replace("tank-", "pump-"))
    line = edit(course, "volume_l = level_mm * 0.8", "volume_l = = 1")
    (course / "solutions" / "day1" / "2-pump.py").write_text(
        (path.parent / "2-pump.py").read_text().replace("**Points:** 2", "**Points:** 7")
    )
    found = {finding.path: finding for finding in static_findings(course)}
    assert found[NAME].line == line
    assert "no Python" in found[NAME].message
    assert "the prose says 7" in found["solutions/day1/2-pump.py"].message


@pytest.mark.parametrize(
    "name", ["day1/answers.txt", "notes.md", "day1/data/levels.csv", "day1/3-x.ipynb", "day1/X.py"]
)
def test_a_stray_file_in_solutions_is_named(built, name):
    path = built / "solutions" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x = 1\n")
    found = rules_files.stray_files(judged.load(built))
    assert [finding.path for finding in found] == [f"solutions/{name}"]
    assert "Remove it" in found[0].message


def test_what_jupyterlab_leaves_is_no_stray_file(built):
    for folder in ("course/day1", "solutions/day1"):
        (built / folder / ".ipynb_checkpoints").mkdir()
        (built / folder / ".ipynb_checkpoints" / "x-checkpoint.ipynb").write_text("{}")
    course = judged.load(built)
    assert rules_files.stray_files(course) == rules_files.fresh(course) == []


def test_a_course_that_is_out_of_date_says_which_file_and_what_to_run(built, edit):
    edit(built, "# A float shows the level in millimetres.", "# A float shows the level.")
    found = rules_files.fresh(judged.load(built))
    assert [finding.path for finding in found] == [
        "course/day1/1-tank.ipynb",
        "solutions/day1/1-tank.ipynb",
    ]
    assert all("Run `vaxlab course build`" in finding.message for finding in found)


def test_an_answer_in_a_stray_file_of_course_is_a_leak(built):
    (built / "course" / "notes.txt").write_text("psst: volume_l   =level_mm*0.8")
    (finding,) = rules_grading.no_leaks(judged.load(built))
    assert "course/notes.txt" in finding.message


def test_an_answer_left_in_a_committed_notebook_is_a_leak(built):
    path = built / "course" / "day1" / "1-tank.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][-1]["source"] = ["text\n", "```python\n", "volume_l = level_mm * .8\n", "```"]
    path.write_text(json.dumps(notebook))
    (finding,) = rules_grading.no_leaks(judged.load(built))
    assert finding.line == 1 + (built / NAME).read_text().split("\n").index(
        "volume_l = level_mm * 0.8"
    )


EXECUTED = {
    "an untouched notebook that earns": (
        "0.0 if given is ...",
        "1.0 if given is ...",
        "earns 1 of 2",
    ),
    "an untouched notebook that stops": (
        "0.0 if given is ...",
        "1 / 0 if given is ...",
        "stops here",
    ),
    "a solution that earns too little": ("2.0 * (given", "1.5 * (given", "earns 1.5 of 2 points"),
    "a check above its points": ("2.0 * (given", "3.0 * (given", "greater than maximum points"),
    "a solution that warns": (
        "volume_l = level_mm * 0.8",
        'import warnings\n\nwarnings.warn("old")\nvolume_l = level_mm * 0.8',
        "writes to stderr",
    ),
    "a check without a number": ("2.0 * (given", "'full' * (given", "shows no number"),
}


@pytest.mark.parametrize("case", EXECUTED)
def test_a_notebook_that_earns_what_it_should_not_is_named_with_its_line(course, edit, case):
    old, new, words = EXECUTED[case]
    edit(course, old, new)
    found = [finding for rule in RUNS for finding in rule(judged.load(course))]
    assert any(words in finding.message for finding in found), found
    assert all(finding.path == NAME and finding.line for finding in found)


EMPTY = {
    "a check that any number passes": (
        "2.0 * (given == right)",
        "2.0 * isinstance(given, float)",
        "0, no and the first names",
    ),
    "a check that most random numbers pass": (
        "2.0 * (given == right)",
        "2.0 * (abs(given) > 1)",
        "random answers",
    ),
    "a name of the notebook that is the answer": (
        "level_mm = 1250",
        "level_mm = 1250\nlitres = {'tank': 1000.0}",
        "`volume_l` is `litres['tank']`",
    ),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_answer_that_earns_is_named_with_its_check(course, edit, case):
    old, new, words = EMPTY[case]
    edit(course, old, new)
    found = rules_grading.empty_answers(judged.load(course))
    assert any(words in finding.message for finding in found), found
    assert all("`tank-volume-check`" in finding.message and finding.line for finding in found)


WRITTEN = """# %% [markdown]
# ### Exercise 2 · In your own words · 2 points · 1 min
#
# Why is a level no volume?

# %% [markdown] nbgrader=OPTIONS
# Because of the bottom, which is round.

# %% [markdown] tags=["instructor"]
# **Rubric**
#
# - It names the shape.
# - It says what follows.
#
# **Strong** A round bottom holds less.
#
# **Weak** Because it is so.

""".replace(
    "OPTIONS",
    '{"grade": true, "grade_id": "tank-why", "locked": false, "points": 2, "solution": true}',
)


def write_in(course, edit):
    edit(
        course,
        "# %% [markdown]\n# ## Let the plant",
        WRITTEN + "# %% [markdown]\n# ## Let the plant",
    )
    edit(course, "**Points:** 2", "**Points:** 4")


def test_a_written_answer_is_released_without_its_model_answer(course, edit):
    write_in(course, edit)
    build.build(course)
    assert lint.lint(course) == []
    released = (course / "course" / "day1" / "1-tank.ipynb").read_text()
    assert "Write your answer here" in released
    assert "which is round" not in released


@pytest.mark.parametrize("part", ["# - It says what follows.\n", "**Weak** ", "**Strong** "])
def test_a_written_answer_without_rubric_or_examples_is_named(course, edit, part):
    write_in(course, edit)
    edit(course, part, "")
    (finding,) = static_findings(course)
    assert "a list of 2 lines, one a point" in finding.message


def test_a_cell_that_never_ends_is_named(course, edit, monkeypatch):
    monkeypatch.setattr(execute, "CELL_LIMIT_S", 2)
    edit(course, "level_mm = 1250", "import time\n\ntime.sleep(60)")
    found = rules_grading.right_points(judged.load(course))
    lines = (course / NAME).read_text().split("\n")
    assert {lines[finding.line - 1] for finding in found} == {"import time"}
    assert "ran for more than 2 s" in found[0].message


def test_a_second_lint_runs_nothing_and_a_changed_notebook_runs_again(built, edit, monkeypatch):
    assert lint.lint(built) == []

    async def forbidden(notebooks, root):
        raise AssertionError(f"{len(notebooks)} notebooks were run")

    monkeypatch.setattr(execute, "_run_all", forbidden)
    assert lint.lint(built) == []
    edit(built, "level_mm = 1250", "level_mm = 1250  # read at noon")
    build.build(built)
    with pytest.raises(AssertionError, match="1 notebooks"):
        lint.lint(built)


def test_a_run_that_failed_is_not_remembered(course, edit):
    edit(course, "2.0 * (given", "1 / 0 * (given")
    empty, full = execute.run(
        [nbformat.v4.new_notebook(), execute.solved(judged.load(course).notebooks[0])], course
    )
    assert full.errors
    assert not empty.errors
    assert len(list((course / ".cache" / "lint").glob("*.json"))) == 1
