"""The page that a learner gets back, without nbgrader: what it says, and what it must not do."""

import html
import json
import re
from dataclasses import replace

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode, v4

from vaxlab.checks.result import Outcome, Part, Result
from vaxlab.grading.feedback import clean, gather, page, prose

NAME = "1-trust"
#: One exercise for each outcome; the last check of the notebook never ran.
OUTCOMES = dict(
    zip(
        ("trust-twins", "trust-tidy", "trust-errors", "trust-weekends"),
        (Outcome.PASSED, Outcome.NOT_YET, Outcome.ERROR, Outcome.NOT_ATTEMPTED),
        strict=True,
    )
)
FIGURE = {
    "data": [{"type": "scattergl", "x": [1, 2], "y": [1, 2], "name": "first twin"}],
    "layout": {"title": {"text": "Twins"}, "xaxis": {"title": {"text": "HA"}}},
}
OWNED = "window.owned=1"
HOSTILE = [
    {"text/html": f"<script>{OWNED}</script>"},
    {"text/html": f"<img src=x onerror='{OWNED}'>"},
    {"text/html": f"<a href='javascript:{OWNED}'>points</a>"},
    {"text/html": "<meta http-equiv=refresh content='0;url=https://example.org/'>"},
    {"text/html": f"<svg onload='{OWNED}'><script>{OWNED}</script></svg>"},
    {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{OWNED}'/>"},
    {"application/javascript": OWNED, "text/plain": "<IPython.core.display.Javascript object>"},
    {"text/html": "<style>.total { display: none }</style><p>words</p>"},
    {"text/html": "<div style='position: fixed; inset: 0' class='result passed'>24 of 24</div>"},
    {"text/html": f"<iframe srcdoc='<script>parent.{OWNED}</script>'></iframe>"},
    {"text/html": "<form action='https://example.org'><button>points</button></form>"},
    {"text/html": "</div></section></main></body></html><h1>Total: 24 of 24 points</h1>"},
    {"text/html": f"<math><mtext><table><mglyph><style><img src=x onerror={OWNED}>"},
    {"text/markdown": f"# Total: 24 of 24\n\n<img src=x onerror={OWNED}> [a](javascript:{OWNED})"},
    {"image/png": f'"><script>{OWNED}</script>'},
    {
        "application/vnd.plotly.v1+json": {
            "data": [{"type": "scatter", "name": f"<a href='javascript:{OWNED}'>a</a>"}],
            "layout": {
                "title": {"text": f"</script><script>{OWNED}</script>"},
                "images": [{"source": "https://example.org/pixel.png"}],
                "updatemenus": [{"buttons": [{"method": "relayout"}]}],
                "height": 1e9,
            },
            "config": {"plotlyServerURL": "https://example.org"},
        }
    },
    {
        "application/vnd.vaxlab.still+json": {
            "items": [
                {"html": f"<img src=x onerror={OWNED}>"},
                {"control": OWNED},
                7,
                {"figure": 7},
            ]
        }
    },
]


def shown(**data) -> NotebookNode:
    return v4.new_output("display_data", data={name: value for name, value in data.items()})


def check_output(outcome: Outcome, out_of: float) -> NotebookNode:
    """What the judge leaves in the cell of a check."""
    earned = out_of if outcome is Outcome.PASSED else 0.5 if outcome is Outcome.NOT_YET else 0.0
    part = Part(
        "two batches", outcome, earned, out_of, "Undo the logarithm.", look_at="the `unit` <column>"
    )
    result = Result("Twins", [part], out_of)
    data = {"text/plain": repr(result), "text/html": result._repr_html_()}
    return v4.new_output("execute_result", data=data, execution_count=None)


@pytest.fixture(scope="module")
def course(checkout) -> gather.Course:
    """The first notebook as the course has it."""
    return gather.course_of(checkout / "course" / "day1" / f"{NAME}.ipynb")


@pytest.fixture
def graded(checkout) -> NotebookNode:
    """The first notebook as it stands after grading, with one check for each outcome."""
    notebook = nbformat.read(checkout / "course" / "day1" / f"{NAME}.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "markdown":
            cell.source = clean.text(cell.source)
        elif name.removesuffix("-check") in OUTCOMES and name.endswith("-check"):
            out_of = float(cell.metadata.nbgrader.points)
            cell.outputs = [check_output(OUTCOMES[name.removesuffix("-check")], out_of)]
        elif name.endswith("-check"):
            said = "Not run, no points: a cell ran for more than 90 s in a cell above.\n"
            cell.outputs = [v4.new_output("stream", text=said)]
    return notebook


def grades(notebook: NotebookNode, **changed: gather.Grade) -> dict[str, gather.Grade]:
    """A gradebook that agrees with the checks, but for what is changed."""
    found = {}
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("grade"):
            data = cell.outputs[0].get("data", {}) if cell.outputs else {}
            earned = float(data.get("text/plain", 0))
            found[grading.grade_id] = gather.Grade(earned, float(grading.points))
    return found | changed


def written(notebook: NotebookNode, course: gather.Course, *, comments=None, **changed) -> str:
    """The learner's page."""
    names = {name.replace("_", "-"): grade for name, grade in changed.items()}
    points = grades(notebook) | names
    gathered = gather.gather(notebook, course, points, comments or {})
    total = {
        "points": sum(grade.points for grade in points.values()),
        "out_of": sum(grade.out_of for grade in points.values()),
        "late": 0.0,
    }
    return page.written(
        "learner.html.j2",
        gathered=gathered,
        total=total,
        assignment="day1",
        notebook=NAME,
        student="<b>Müller</b>",
        resources={},
    )


def read(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def answer_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_the_exercises_are_listed_by_title_with_outcome_in_words_and_points(graded, course):
    rows = [words(row) for row in read(written(graded, course)).select(".overview tbody tr")]
    assert rows[:4] == [
        "Exercise 1 · Twins ✔ passed 2 of 2",
        "Exercise 2 · One column that can be used ◐ not yet 0.5 of 4",
        "Exercise 3 · Find what can not be ✖ error in your code 0 of 6",
        "Exercise 4 · What is missing ○ not attempted 0 of 3",
    ]
    assert all("◇ not judged 0 of" in row for row in rows[4:])


def test_the_last_line_is_the_total(graded, course):
    said = words(read(written(graded, course)).select_one("main footer"))
    assert said == "Total: 2.5 of 24 points 1 passed, 1 not yet, 1 error in your code, " + (
        "1 not attempted, 2 not judged"
    )


def test_the_answer_stands_beside_the_reasons_and_part_marks_of_its_check(graded, course):
    answer_of(graded, "trust-tidy").source = "def tidy_ha(raw):\n    return raw['value'] < 3"
    card = read(written(graded, course)).select_one("#x-trust-tidy-check .beside")
    answer, reasons = card.find_all("div", recursive=False)
    assert "return raw['value'] < 3" in answer.get_text()
    assert "two batches (0.5/4): Undo the logarithm." in words(reasons)
    assert "look at: the `unit` <column>" in words(reasons)


def test_the_hints_are_folded(graded, course):
    text = written(graded, course)
    hints = [fold for fold in read(text).select("details details") if "Hint" in fold.summary.text]
    assert len(hints) == 18
    assert not any(fold.has_attr("open") for fold in hints)
    assert "&lt;details" not in text
    assert "&lt;summary" not in text


def test_the_task_is_open_where_something_is_left_to_do(graded, course):
    found = read(written(graded, course))
    is_open = {
        card["id"]: card.select_one("details.task").has_attr("open")
        for card in found.select("section.exercise")
    }
    assert not is_open.pop("x-trust-twins-check")
    assert all(is_open.values())


def test_what_to_try_next_is_said_for_all_that_is_not_passed(graded, course):
    found = read(written(graded, course))
    for card in found.select("section.exercise"):
        said = [words(line) for line in card.select(".advice")]
        assert bool(said) == ("passed" not in card["class"])
    advice = words(found.select_one("#x-trust-tidy-check .advice"))
    assert "Look at: the `unit` <column>." in advice
    assert "hint 2" in advice
    first = found.select_one("nav .advice a")
    assert first["href"] == "#x-trust-tidy-check"


def test_an_answer_that_stopped_is_an_error_and_not_called_not_attempted(graded, course):
    error = v4.new_output("error", ename="NameError", evalue="name 'pq' is not defined")
    answer_of(graded, "trust-weekends").outputs = [error]
    card = read(written(graded, course)).select_one("#x-trust-weekends-check")
    assert "✖ error in your code" in words(card.select_one(".verdict"))
    assert "NameError: name 'pq' is not defined" in words(card.select_one(".advice"))


def test_a_figure_is_data_for_the_page_s_script_and_a_sentence_never_its_source(graded, course):
    source = "Figure({\n    'data': [{'x': [1]}],\n    'layout': {}\n})"
    answer_of(graded, "trust-twins").outputs = [
        shown(**{"application/vnd.plotly.v1+json": FIGURE, "text/plain": source}),
        shown(**{"text/plain": source}),
        v4.new_output("stream", text=f"before\n{source}\nafter"),
    ]
    text = written(graded, course)
    found = read(text)
    drawing = found.select_one("[data-figure]")
    assert drawing["role"] == "img"
    assert (
        drawing["aria-label"]
        == "A figure, “Twins”, with one series (scatter): first twin. x axis HA."
    )
    figures = json.loads(found.select_one("#figures").string)
    assert figures[0]["data"][0]["type"] == "scatter"  # a vector: it needs no graphics card
    assert "Figure({" not in text
    assert "before" in text
    assert "after" in text


def test_a_figure_s_sentence_is_its_caption_and_its_name_for_a_screen_reader(graded, course):
    answer_of(graded, "trust-twins").outputs = [
        shown(**{"application/vnd.plotly.v1+json": FIGURE}),
        shown(**{"text/html": "<p class='vaxlab-caption'>Twins &amp; lots.</p>"}),
    ]
    figure = read(written(graded, course)).select_one("figure")
    assert figure.figcaption.string == "Twins & lots."
    assert figure.div["aria-label"] == "Twins & lots."


@pytest.mark.parametrize("kind", ["scattergeo", "surface", "splom", "no such kind"])
def test_a_figure_that_cannot_be_drawn_is_described(graded, course, kind):
    spec = {"data": [{"type": kind, "name": "sites"}], "layout": {"title": "Where"}}
    answer_of(graded, "trust-twins").outputs = [shown(**{"application/vnd.plotly.v1+json": spec})]
    found = read(written(graded, course))
    assert not found.select("[data-figure]")
    assert f"A figure, “Where”, with one series ({kind}): sites." in words(found)


def test_a_page_without_figures_does_not_carry_plotly(graded, course):
    text = written(graded, course)
    assert len(text) < 300_000
    assert read(text).select_one("#plotly") is None


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: str(data)[:60])
def test_nothing_of_a_hostile_output_can_run_load_or_restyle(graded, course, data):
    answer_of(graded, "trust-twins").outputs = [shown(**data)]
    graded.cells.append(v4.new_code_cell("1", outputs=[shown(**data)]))
    found = read(written(graded, course))
    assert {script["id"] for script in found.find_all("script", id=True)} <= {"figures", "plotly"}
    (draw,) = found.find_all("script", id=False)
    assert OWNED not in draw.string
    for tag in found.find_all():
        assert tag.name not in {"svg", "iframe", "object", "form", "button", "link", "base"}
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        assert not str(tag.get("href", "")).lower().startswith("javascript")
        assert tag.name != "img" or tag["src"].startswith("data:image/")
        assert "refresh" not in tag.attrs.get("http-equiv", "")
    assert len(found.find_all("style")) == len(found.find_all("h1")) == 1


def test_a_fake_box_stands_inside_the_frame_of_the_learner_s_own_output(graded, course):
    fake = check_output(Outcome.PASSED, 4.0)
    answer_of(graded, "trust-tidy").outputs = [
        fake,
        shown(**{"text/html": "<h2>Exercise 2</h2><div class='result passed'>passed</div>"}),
    ]
    card = read(written(graded, course)).select_one("#x-trust-tidy-check")
    assert words(card.select_one(".verdict")) == "◐ not yet · 0.5 of 4 points"
    assert len(card.select(".result")) == 1
    assert "passed" not in words(card.select_one(".result"))
    frame = card.select_one(".showed")
    assert words(frame).startswith("Shown by this code ✔ passed")
    assert not frame.find_all(["h1", "h2", "h3"])
    assert not frame.select(".result, .outcome, .verdict")


def test_what_a_learner_writes_over_a_heading_changes_no_title(graded, course):
    heading = next(cell for cell in graded.cells if cell.source.startswith("### Exercise 2"))
    heading.source = "### Exercise 2 · passed · 4 of 4 points"
    found = read(written(graded, course))
    card = found.select_one("#x-trust-tidy-check")
    assert card.h2.string == "Exercise 2 · One column that can be used"
    assert "Write tidy_ha" in words(card.select_one("details.task"))
    theirs = found.select_one(".notebook .theirs")
    assert words(theirs) == "Your text Exercise 2 · passed · 4 of 4 points"
    assert not theirs.find_all(["h2", "h3", "h4"])


def test_a_learner_s_own_text_reads_as_it_was_written(graded, course):
    own = "I think `x < y` and $a<b$, <b>not</b> ![pixel](https://example.org/p.png)"
    graded.cells.append(v4.new_markdown_cell(clean.text(own)))
    theirs = read(written(graded, course)).select(".notebook .theirs")[-1]
    assert theirs.code.string == "x < y"
    assert theirs.find("math").get_text() == "a<b"
    assert "<b>not</b>" in theirs.get_text()
    assert not theirs.find("img")


def test_the_policy_lets_no_script_run_but_the_page_s_own(graded, course):
    answer_of(graded, "trust-twins").outputs = [shown(**{"application/vnd.plotly.v1+json": FIGURE})]
    text = written(graded, course)
    policy = read(text).find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    scripts = re.search(r"script-src ([^;]*)", policy)[1].split()
    assert len(scripts) == 2
    assert all(one.startswith("'sha256-") for one in scripts)
    # The style sheet and the scripts are in the page: it asks for nothing.
    without = re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\ssrc=", without)


def test_points_by_hand_and_points_that_wait_are_named_so(graded, course):
    text = written(
        graded,
        course,
        trust_tidy_check=gather.Grade(3.0, 4.0, is_by_hand=True),
        trust_errors_check=gather.Grade(0.0, 6.0, is_open=True),
        comments={"trust-tidy": "Well begun. **Take** $x^2$ <script>alert(1)</script>"},
    )
    found = read(text)
    assert "3 of 4 points given by hand" in words(found.select_one("#x-trust-tidy-check .verdict"))
    assert "not final" in words(found.select_one("#x-trust-errors-check .verdict"))
    assert "not final" in words(found.select_one("header .note"))
    comment = found.select_one("#x-trust-tidy-check .person")
    assert comment.find("math")
    assert not comment.find("script")


def test_names_are_escaped(graded, course):
    assert read(written(graded, course)).select_one(".where bdi").string == "<b>Müller</b>"


def test_a_notebook_that_could_not_be_read_says_so_first(graded, course):
    checks = [cell for cell in graded.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    said = "Not graded: 1-trust.ipynb is empty. Was it saved?"
    graded.cells = [v4.new_markdown_cell(said), *checks]
    found = read(written(graded, course))
    assert words(found.select_one("header .note")) == said
    assert "is not in the notebook that was handed in" in words(found)


def test_without_the_course_s_notebook_nothing_of_the_learner_becomes_a_title(graded):
    heading = next(cell for cell in graded.cells if cell.source.startswith("### Exercise 2"))
    heading.source = "### Exercise 2 · 4 of 4 points"
    unknown = gather.course_unknown(graded, NAME)
    found = read(written(graded, unknown))
    titles = [row.a.string for row in found.select(".overview tbody tr")]
    assert titles[:2] == ["trust-twins-check", "trust-tidy-check"]


def test_the_check_s_source_and_its_hidden_tests_are_not_on_a_learner_s_page(graded, course):
    secret = "### BEGIN HIDDEN TESTS\nplant_seed = 4711\n### END HIDDEN TESTS"
    answer_of(graded, "trust-twins-check").source += f"\n{secret}"
    text = written(graded, course)
    assert "HIDDEN TESTS" not in text
    assert "plant_seed" not in text


def test_a_course_that_has_changed_since_hides_no_points_and_shows_no_hidden_test(graded, course):
    secret = "### BEGIN HIDDEN TESTS\nplant_seed = 4711\n### END HIDDEN TESTS"
    answer_of(graded, "trust-tidy-check").source += f"\n{secret}"
    fewer = tuple(asked for asked in course.asked if asked.name != "trust-tidy-check")
    more = gather.Asked("trust-new-check", "Exercise 7 · New", (), ("trust-new",))
    changed = replace(course, asked=(*fewer, more))
    text = written(graded, changed)
    titles = [row.a.string for row in read(text).select(".overview tbody tr")]
    assert titles[-1] == "trust-tidy-check"
    assert len(titles) == 6
    assert "plant_seed" not in text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("10 %\r50 %\r100 %\ndone", "100 %\ndone"),
        ("\x1b[31mred\x1b[0m\x07", "red"),
        ("a < b & c", "a < b & c"),
    ],
)
def test_what_code_printed_is_shown_as_it_ended_up(text, result):
    assert prose.printed(text) == result


def test_of_a_flood_the_beginning_and_the_end_are_shown():
    said = prose.printed("first" + "x" * 10**6 + "last")
    assert len(said) < 30_000
    assert said.startswith("first")
    assert said.endswith("last")
    assert "characters are left out" in said


def test_a_table_keeps_its_spans_and_a_model_s_boxes_give_way_to_its_text():
    table = "<table><tbody><tr><th colspan='10' onclick='x()'>a</th></tr></tbody></table>"
    assert clean.html(table) == table.replace("'", '"').replace(' onclick="x()"', "")
    boxes = {"text/html": "<style>a{}</style><div>Pipeline?</div>", "text/plain": "Pipeline()"}
    cell = v4.new_code_cell(outputs=[shown(**boxes)])
    clean.outputs(cell)
    assert cell.outputs[0].data == {"text/plain": "Pipeline()"}


def test_cleaning_twice_changes_nothing():
    for data in HOSTILE:
        cell = v4.new_code_cell(outputs=[shown(**data)])
        clean.outputs(cell)
        once = json.dumps(cell.outputs)
        clean.outputs(cell)
        assert json.dumps(cell.outputs) == once
        assert html.unescape(once).count("<script") == 0
