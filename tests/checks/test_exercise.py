# ruff: noqa: NPY002 (the global random state is what is looked at)
"""What every check promises, whatever the learner's code does."""

import logging
import random
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
import torch

from vaxlab import data
from vaxlab.checks.border import CALL_LIMIT_S
from vaxlab.checks.exercise import Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import number, series
from vaxlab.checks.result import Outcome, Part, Result
from vaxlab.errors import CourseError


@exercise("Double", points=2)
def double(answers, plant_seed):
    function = answers.function("double")
    value = function(21, shown="21")
    yield passed("a number", 1) if value == 42 else not_yet("a number", 1, "Not twice 21.")
    value = function(1, shown="1")
    yield passed("one", 1) if value == 2 else not_yet("one", 1, "Not twice 1.")


def outcome_of(function):
    return double({"double": function})


def test_a_right_answer_is_passed_with_all_points():
    result = outcome_of(lambda x: 2 * x)
    assert result.outcome is Outcome.PASSED
    assert repr(result) == "2"


def test_half_of_an_answer_earns_half_of_the_points():
    result = outcome_of(lambda x: 42)
    assert result.outcome is Outcome.NOT_YET
    assert repr(result) == "1"


@pytest.mark.parametrize(
    "namespace",
    [
        {},
        {"double": ...},
        {"double": lambda x: ...},
        {"double": lambda x: (..., ...)},
        {"double": lambda x: pd.DataFrame({"a": [..., ...], "b": [..., ...]})},
    ],
)
def test_three_dots_and_missing_names_are_not_attempted(namespace):
    result = double(namespace)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert repr(result) == "0"


def test_dots_that_are_used_in_a_sum_are_still_not_attempted():
    result = outcome_of(lambda x: ... + x)
    assert result.outcome is Outcome.NOT_ATTEMPTED


def test_an_index_that_is_none_leaves_no_dots():
    result = outcome_of(lambda x: np.arange(3)[float(x)])
    assert result.outcome is not Outcome.NOT_ATTEMPTED
    assert "only integers" in str(result)


def test_dots_in_a_number_are_not_attempted():
    with pytest.raises(Stop) as stopped:
        number(..., "seen")
    assert stopped.value.outcome is Outcome.NOT_ATTEMPTED


def test_a_function_that_reads_a_table_of_the_notebook_is_told_so():
    namespace = {"off": pd.Series([1.0])}
    exec("def double(x):\n    return [2 * x * y for y in off]", namespace)
    result = double(namespace)
    assert result.outcome is Outcome.NOT_YET
    assert "`off`, a table of the notebook" in str(result)


def test_a_group_that_stops_short_leaves_the_parts_after_it():
    def first():
        raise Stop(Outcome.NOT_YET, "No.")
        yield

    @exercise("Two groups", points=3)
    def check(answers, plant_seed):
        yield from guarded("first", 2, first())
        yield passed("second", 1)

    result = check({})
    assert repr(result) == "1"
    assert [part.out_of for part in result.parts] == [2, 1]


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("max(pd.Series([1, 2]), pd.Series([3, 4]))", "np.maximum"),
        ("10 ^ 0.5", "`**`"),
        ("pd.Series([True]) | 4.5 > 1", "brackets"),
        ("pd.Series([0.5]) > 3 | pd.Series([0.5]) < 0.3", "brackets"),
        ("pd.Series([0.5]) > 3 & pd.Series([0.5]) < 0.3", "brackets"),
        ("np.array([0.5]) > 3 | np.array([0.5]) < 0.3", "brackets"),
        ("pd.to_numeric(pd.Series(['<3']))", "mind blanks"),
    ],
)
def test_errors_that_beginners_meet_come_with_advice(source, advice):
    namespace = {"np": np, "pd": pd}
    exec(f"def double(x):\n    return {source}", namespace)
    assert advice in str(double(namespace))


@exercise("Half", points=1)
def half(answers, plant_seed):
    value = number(answers.function("half")(84, shown="84"), "half")
    yield passed("a number", 1) if value == 42 else not_yet("a number", 1, "Not half of 84.")


TABLE = pd.DataFrame({"a": [1, 2], "b": [3, 4]})


class Lazy:
    def compute(self):
        return 42


def without_end(x):
    return without_end(x)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: None, "Is there a `return`"),
        (lambda x: "42", "This is text"),
        (lambda x: [42, 42], "This is 2 of them"),
        (lambda x: TABLE, "This is 4 of them"),
        (lambda x: float("nan"), "NaN comes of"),
        (lambda x: float("inf"), "Infinity comes of"),
        (lambda x: 42j, "a complex number"),
        (lambda x: pd.NA, "a missing value"),
        (lambda x: {42: 42}, "got: dict"),
        (lambda x: (number for number in [42]), "a generator, which has worked nothing out"),
        (lambda x: map(float, [42]), "a map, which has worked nothing out"),
        (lambda x: TABLE["a"].mean, "Are its brackets"),
        (lambda x: TABLE.groupby("a"), "rows in groups"),
        (lambda x: Lazy(), "a lazy Lazy"),
        (lambda x: TABLE["c"], "no column or label of this name"),
        (lambda x: 42 + "text", "TypeError"),
        (lambda x: float("1,5"), "mind blanks, commas and signs"),
        (lambda x: "a" < 4, "make a number of it first"),
        (lambda x: __import__("seaborne"), "does without this package"),
        (without_end, "calls itself without an end"),
    ],
)
def test_each_kind_of_bad_input_has_a_sentence_of_its_own(function, says):
    result = half({"half": function})
    assert says in str(result)
    assert result.points == 0


@pytest.mark.parametrize(
    "answer", [42, 42.0, np.int8(42), np.float32(42), [42], pd.Series([42]), torch.tensor([42.0])]
)
def test_a_number_of_any_type_is_a_number(answer):
    assert number(answer, "double") == 42


def test_a_tensor_that_could_be_differentiated_is_a_number():
    assert number(torch.tensor(42.0, requires_grad=True), "double") == 42


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (1.0, "a single one"),
        (TABLE, "take one of its columns"),
        ([1.0, 2.0], "1 rows are missing"),
        ([1.0] * 4, "one value for each row"),
    ],
)
def test_a_column_of_another_shape_is_told_so(answer, says):
    with pytest.raises(Stop) as stopped:
        series(answer, pd.RangeIndex(3))
    assert says in stopped.value.message


def test_what_the_code_prints_is_shown_to_the_learner_and_not_in_grading():
    namespace = {"double": lambda x: print("here <1>") or 2 * x}
    assert "here <1>" in str(double(namespace))
    assert "here &lt;1&gt;" in double(namespace)._repr_html_()
    assert "here" not in str(double(namespace, plant_seed=41))


def test_a_forgotten_return_is_named():
    result = outcome_of(lambda x: None)
    assert result.outcome is Outcome.NOT_YET
    assert "return" in str(result)


def test_a_name_that_is_no_function_is_named():
    assert "should be a function" in str(double({"double": 3}))


def test_an_error_shows_the_line_of_the_learners_cell_and_no_traceback():
    source = "def double(x):\n    y = x + 1\n    return undefined_name * y\n"
    namespace = {}
    exec(compile(source, "<cell 7>", "exec"), namespace)
    import linecache

    linecache.cache["<cell 7>"] = (len(source), None, source.splitlines(True), "<cell 7>")
    result = double(namespace)
    assert result.outcome is Outcome.ERROR
    assert "NameError" in str(result)
    assert "line 3 of your cell: return undefined_name * y" in str(result)
    assert "Traceback" not in str(result) + result._repr_html_()


def test_code_that_a_library_makes_is_no_line_of_the_learners_cell():
    import linecache

    made = {"__name__": "some.library"}
    exec(compile("def fail():\n    import gzip; raise ValueError('no')\n", "<made>", "exec"), made)
    linecache.cache["<made>"] = (9, None, ["def fail():\n", "    import gzip\n"], "<made>")
    source = "def double(x):\n    return fail(x)\n"
    namespace = {"__name__": "__main__", "fail": lambda x: made["fail"]()}
    exec(compile(source, "<cell 8>", "exec"), namespace)
    linecache.cache["<cell 8>"] = (len(source), None, source.splitlines(True), "<cell 8>")
    result = double(namespace)
    assert "line 2 of your cell: return fail(x)" in str(result)
    assert "gzip" not in str(result)


def test_a_file_of_the_course_that_is_missing_is_named_with_what_to_do():
    @exercise("Files", points=1)
    def check(answers, plant_seed):
        raise CourseError("No data sets here. Run `make datasets`.")
        yield

    result = check({})
    assert result.points == 0
    assert "the course's files" in str(result)
    assert "make datasets" in str(result)


def test_a_notebook_without_its_data_says_what_to_do_and_shows_no_traceback(monkeypatch, tmp_path):
    monkeypatch.setenv("VAXLAB_DATA", str(tmp_path))
    with pytest.raises(CourseError) as stopped:
        data.load("batches")
    (shown,) = stopped.value._render_traceback_()  # IPython shows this, and nothing else
    assert str(tmp_path) in shown
    assert "make datasets" in shown


def test_leaving_the_interpreter_is_an_error_in_the_code():
    result = outcome_of(lambda x: sys.exit(0))
    assert result.outcome is Outcome.ERROR


def test_a_loop_without_end_is_stopped_even_where_exceptions_are_swallowed(monkeypatch):
    monkeypatch.setattr("vaxlab.checks.border.CALL_LIMIT_S", 1)

    def forever(x):
        while True:
            try:
                while True:
                    x += 1
            except Exception:
                continue

    result = outcome_of(forever)
    assert result.outcome is Outcome.ERROR
    assert "never ends" in str(result)
    assert CALL_LIMIT_S > 1


def test_nothing_that_is_printed_warned_or_logged_gets_out(capfd):
    def noisy(x):
        print("out")
        print("err", file=sys.stderr)
        warnings.warn("old", DeprecationWarning, stacklevel=2)
        logging.warning("log")
        np.log(np.array([-1.0]))
        return 2 * x

    result = outcome_of(noisy)
    assert result.outcome is Outcome.PASSED
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_breaks_the_check_earns_nothing_and_does_not_raise():
    class Strange:
        def __eq__(self, other):
            raise RuntimeError("no comparison")

        __hash__ = None

    result = outcome_of(lambda x: Strange())
    assert repr(result) == "0"
    assert result.outcome is Outcome.NOT_YET


def test_a_check_leaves_the_learners_random_state_as_it_was():
    np.random.seed(5)
    expected = np.random.random(3)
    np.random.seed(5)
    outcome_of(lambda x: 2 * x + 0 * np.random.random())
    assert np.array_equal(np.random.random(3), expected)


def test_random_answers_are_the_same_in_every_run():
    seen = []
    for _ in range(2):
        outcome_of(lambda x: seen.append(np.random.random()))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_html_and_text_name_the_outcome_in_words(outcome):
    part = Part("label", outcome, 0, 1, "why <b>", called="f(1)", got="2", expected="3")
    result = Result("Title", (part,), 1)
    html, text = result._repr_html_(), str(result)
    for shown in (html, text):
        assert str(outcome) in shown
        assert "f(1)" in shown
    assert "<b>" not in html  # a learner's text is shown, never run
    assert repr(result) == "0"


def test_code_in_a_label_is_shown_as_code():
    html = Result("Title", (passed("`double` of <x>", 1),), 1)._repr_html_()
    assert ">double</code> of &lt;x&gt;" in html
    assert "`" not in html


def test_colours_come_from_the_theme_and_words_take_its_text_colour():
    html = Result("Title", (passed("label", 1),), 1)._repr_html_()
    assert "color: var(--jp-content-font-color1" in html
    assert "border-left: 6px solid var(--jp-success-color1" in html


def test_points_never_leave_the_range():
    parts = (Part("a", Outcome.PASSED, 7, 7), Part("b", Outcome.NOT_YET, -9, 1))
    assert repr(Result("T", parts[:1], 5)) == "5"
    assert repr(Result("T", parts[1:], 5)) == "0"


def test_random_states_tell_nothing_of_a_hidden_plants_seed():
    hidden, seen = 4_829_020_353_999, []

    def spy(x):
        numpy = np.random.get_state()  # noqa: NPY002 (learners use it)
        seen.append((random.getstate(), numpy[1].tolist(), torch.initial_seed()))
        return 2 * x

    for _ in range(2):
        double({"double": spy}, plant_seed=hidden)
    first, again = seen[0], seen[-1]
    assert first == again  # the same whenever it is graded
    for seed in (hidden, hidden % 2**32):
        dice = random.Random(seed)
        assert first[0] != dice.getstate()
        numbers = np.random.RandomState(seed % 2**32)  # noqa: NPY002 (of the global kind)
        assert first[1] != numbers.get_state()[1].tolist()
        assert first[2] != seed
