"""The course to read: what is on its pages, what is not, and that nothing comes from a network."""

import json
import logging
import os
import re
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from site_course import MODEL_ANSWER, OWN_ANSWER, SENTENCE, SENTINEL

from vaxlab.authoring import build as course_build
from vaxlab.authoring import execute
from vaxlab.errors import CourseError
from vaxlab.figures import STANDS_STILL
from vaxlab.grading.feedback import figure
from vaxlab.grading.feedback.outputs import Shown
from vaxlab.site import build, links, pages

PUMP, TANK = "day2/1-pump.html", "day1/1-tank.html"


def read(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def everything(site: Path) -> str:
    """All that a reader, or a search, can find."""
    texts = [path for path in site.rglob("*") if path.suffix in (".html", ".js", ".txt")]
    own = [path for path in texts if "_static" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in own)


def test_both_notebooks_and_the_other_pages_are_there(site):
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert pages == {
        *("index.html", "start.html", "search.html"),
        *("day1/index.html", TANK, "day2/index.html", PUMP, "docs/index.html", "docs/notes.html"),
    }
    front = read(site / "index.html")
    assert [row.get_text(" ", strip=True) for row in front.select("tbody tr")] == [
        "1-tank How full is the tank? 20 2",
        "1-pump How fast is the pump? 20 4",
    ]
    assert "Nobody has endorsed it." in front.get_text()
    assert "turn strokes into litres" in read(site / "day2/index.html").get_text()
    assert "opens it" in read(site / "start.html").get_text()


def test_nothing_is_loaded_from_a_network_and_no_link_leads_nowhere(site):
    assert links.faults(site) == []
    assert not re.search(r'<(script|link|img)[^>]*(src|href)="(https?:)?//', everything(site))


def test_an_answer_is_folded_and_below_what_a_learner_finds(site):
    page = read(site / PUMP)
    (fold,) = page.select("details.answer")
    assert not fold.has_attr("open")
    assert fold.summary.get_text() == "Show an answer"
    assert OWN_ANSWER in fold.get_text()
    assert "..." not in fold.get_text()
    assert "SOLUTION" not in page.get_text()
    stub = fold.find_all_previous("pre")[0].get_text()
    assert stub.startswith("flow_l_per_s = ...")
    fold.decompose()
    assert OWN_ANSWER not in page.get_text()


def test_checks_notes_and_answers_to_written_questions_are_nowhere(site):
    found = everything(site).lower()
    for word in ("flow_l_per_s == ", "3 / 4", "hidden tests", "at night", "quokka"):
        assert word not in found, word
    assert "quokka" in MODEL_ANSWER.lower()
    assert pages.WRITTEN.strip("*") in read(site / PUMP).get_text()


def test_each_figure_is_there_once_and_the_program_that_draws_it_once(site):
    page = read(site / PUMP)
    (data,) = page.select("script#figures")
    figures = json.loads(data.string)
    named = [int(place["data-figure"]) for place in page.select("[data-figure]")]
    assert named == list(range(len(figures))) == [0, 1, 2, 3]
    assert everything(site).count(str(SENTINEL)) == 2  # in the code, and in the figure
    assert len(list(site.rglob("plotly*.js"))) == 1
    loads = {path.name for path in site.rglob("*.html") if "plotly.min.js" in path.read_text()}
    assert loads == {"1-pump.html"}


def test_each_figure_is_said_in_words(site):
    places = read(site / PUMP).select("[data-figure]")
    for place in places:
        assert place["role"] == "img"
        assert len(place["aria-label"]) > 10
    first = places[0].find_parent("figure")
    assert first.figcaption.get_text() == places[0]["aria-label"] == SENTENCE


def test_a_widget_says_that_it_stands_still(site):
    outputs = [
        place.get_text(" ", strip=True) for place in read(site / PUMP).select(".cell_output")
    ]
    still = [said for said in outputs if STANDS_STILL in said]
    assert len(still) == 2
    assert "speed (1/s) 1.5" in still[0]
    assert "Speed points to flow." in still[1]


def test_formulas_are_drawn_without_a_program(site):
    (formula,) = read(site / PUMP).select("math")
    assert formula.select_one("mfrac")


def test_a_table_can_be_scrolled_by_the_keyboard(site):
    (place,) = [p for p in read(site / PUMP).select(".wide") if "a_long_name_29" in p.get_text()]
    assert place["tabindex"] == "0"


def test_what_has_run_is_not_run_again(site, course, monkeypatch):
    async def never(notebooks, root):
        raise AssertionError("it ran again")

    monkeypatch.setattr(execute, "_run_all", never)
    _, notebooks = course_build.read_all(course)
    again = execute.executed(notebooks, course)
    assert [len(cell.outputs) for cell in again[0].cells if cell.cell_type == "code"] == [0, 0, 1]


def test_a_run_is_forgotten_when_nobody_asks_for_it_any_more(site, course):
    memory = course / ".cache" / "lint"
    (memory / "old.ipynb.gz").touch()
    os.utime(memory / "old.ipynb.gz", (0, 0))
    before = set(memory.iterdir())
    _, notebooks = course_build.read_all(course)
    execute.executed(notebooks, course)
    assert before - set(memory.iterdir()) == {memory / "old.ipynb.gz"}


def test_the_linters_run_serves_the_site(course, monkeypatch):
    _, notebooks = course_build.read_all(course)
    surveyed = execute.surveyed(notebooks[0])
    execute.run([surveyed], course)
    (wanted,) = execute._solved_once(notebooks[:1], course)
    assert [cell.id for cell in wanted.cells] == [cell.id for cell in surveyed.cells]
    (ran,) = execute.executed(notebooks[:1], course)
    assert [cell.id for cell in ran.cells] == [c.id for c in execute.solved(notebooks[0]).cells]


def test_some_notebooks_make_a_site_of_their_own(course, tmp_path):
    page = build.build(course, tmp_path / "site", ["day1/1-tank"])
    assert page == tmp_path / "site" / "index.html"
    assert not (tmp_path / "site" / "day2").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_notebook_that_is_not_there_is_told(course, tmp_path):
    with pytest.raises(CourseError, match=r"no notebook day1/tank. There is: day1/1-tank, day2"):
        build.build(course, tmp_path / "site", ["day1/tank"])


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("docs/notes.md", "# Notes\n\n$\\unheard$\n", r"notes.md:\d+: WARNING: a formula"),
        ("docs/notes.md", "# Notes\n\n#### Deep\n", r"notes.md:\d+: WARNING: .*header level"),
        ("README.md", "# A course\n\n## What you learn\n", "no section `## For learners`"),
    ],
)
def test_what_is_wrong_is_told_and_the_old_site_stays(site, course, name, text, told):
    before, kept = everything(site), (course / name).read_text()
    (course / name).write_text(text)
    try:
        with pytest.raises(CourseError, match=told):
            build.build(course, site)
    finally:
        (course / name).write_text(kept)
    assert everything(site) == before
    assert not list((course / ".cache").glob("site-*"))


def _as_nbgraders_database_does() -> None:
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("sphinx")]:
        logging.getLogger(name).disabled = True  # its alembic/env.py


@pytest.mark.parametrize("silence", [_as_nbgraders_database_does, logging.disable])
def test_sphinx_warns_where_the_process_was_silenced(site, course, silence):
    silence()
    level = logging.root.manager.disable
    try:
        test_what_is_wrong_is_told_and_the_old_site_stays(
            site, course, "docs/notes.md", "# Notes\n\n#### Deep\n", r"WARNING: .*header level"
        )
        assert logging.root.manager.disable == level
    finally:
        logging.disable(logging.NOTSET)


def test_a_machine_without_sphinx_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sphinx.application", None)
    with pytest.raises(CourseError, match=r"Sphinx is not installed.* `make setup`"):
        build._sphinx(tmp_path, "A course")


def test_a_figure_that_no_page_draws_stops_the_site():
    globe = {"data": [{"type": "scatter3d", "x": [1]}], "layout": {}}
    cell = v4.new_code_cell("turn()", outputs=[v4.new_output("display_data", {figure.MIME: globe})])
    with pytest.raises(CourseError, match=r"begins with `turn\(\)` is too large"):
        pages._code(cell, cell.source, Shown())


def test_an_answer_loses_its_markers_and_its_three_dots():
    source = (
        "def f(x):\n    a = ...\n    b = ...  # a number\n    ### BEGIN SOLUTION\n    a = [...]\n"
        "    c = ...\n    ### END SOLUTION\n    return a"
    )
    assert pages.answer_of(source) == "def f(x):\n    a = [...]\n    c = ...\n    return a"


def test_a_link_that_leads_off_the_site_becomes_words():
    text = "[a](b.md) [c](../x.py), [d](https://e.org), [f](#g), ![h](i.png), [`j` [k]](b.md#l)"
    assert links.kept(text, "docs/here.md", {"docs/b.md"}) == (
        "[a](b.md) c, [d](https://e.org), [f](#g), ![h](i.png), [`j` [k]](b.md#l)"
    )


def test_dead_links_and_whatever_comes_from_a_network_are_found(tmp_path):
    (tmp_path / "b.html").write_text("<p id='there'>b</p>")
    (tmp_path / "a.html").write_text(
        "<a href='b.html#there'>1</a> <a href='b.html#gone'>2</a> <a href='c.html'>3</a>"
        "<a href='https://example.org'>4</a> <a href='#here'>5</a>"
        "<script src='https://cdn.example.org/x.js'></script><img src='//x.org/y.png'>"
        "<link rel='stylesheet' href='d.css'><img src='data:image/png;base64,AA=='>"
    )
    assert [fault.partition(": ")[2] for fault in links.faults(tmp_path)] == [
        "<script> loads https://cdn.example.org/x.js from a network.",
        "<link> loads d.css, which is not there.",
        "<img> loads //x.org/y.png from a network.",
        "the link b.html#gone leads to no place of that page.",
        "the link c.html leads nowhere.",
        "the link #here leads to no place of that page.",
    ]


def test_the_whole_course_makes_pages_without_a_warning(checkout, tmp_path, monkeypatch):
    """Its prose: what the notebooks show is looked at in a browser, and costs minutes to make."""
    monkeypatch.setattr(
        execute, "executed", lambda sources, root: [execute.as_graded(one) for one in sources]
    )
    page = build.build(checkout, tmp_path / "site")
    _, notebooks = course_build.read_all(checkout)
    made = {
        path.relative_to(page.parent).with_suffix("").as_posix()
        for path in page.parent.rglob("*.html")
    }
    assert {f"{source.day}/{source.name}" for source in notebooks} <= made
    assert {f"docs/{path.stem}" for path in (checkout / "docs").glob("*.md")} <= made
    said = read(page.parent / "start.html").get_text()
    assert "make lab" in said
    assert "Handing in" in said
