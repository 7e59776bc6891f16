"""Headings, sections and exercises are what a reader would take them for."""

from vaxlab.authoring import guide, outline, source

from .conftest import HEADER, TANK

NAME = "solutions/day1/1-tank.py"


def parse(body: str) -> source.Source:
    return source.parse(HEADER + "#     title: T\n#     minutes: 5\n# ---\n\n" + body, NAME)


def test_a_comment_in_a_code_fence_is_no_heading():
    read = parse("# %% [markdown]\n# ## One · 5 min\n# ```\n# ## no · 9 min\n# ```\n# ### Two\n")
    assert [heading.text for heading in outline.headings(read)] == ["One · 5 min", "Two"]


def test_a_heading_in_an_instructors_note_is_not_counted():
    read = parse('# %% [markdown] tags=["instructor"]\n# **Ask** x\n#\n# ## Me · 9 min\n')
    assert outline.headings(read) == []


def test_a_section_knows_its_minutes_and_its_line():
    lines = TANK.split("\n")
    sections = outline.sections(source.parse(TANK, NAME))
    assert [section.minutes for section in sections] == [15, 3, 2]
    assert all(lines[section.line - 1] == f"# ## {section.text}" for section in sections)


def test_an_exercise_reaches_to_the_next_heading_and_holds_its_cells():
    (exercise,) = outline.exercises(source.parse(TANK, NAME))
    assert (exercise.number, exercise.title, exercise.points, exercise.minutes) == (
        1,
        "The volume",
        2.0,
        8,
    )
    assert [cell.grade_id for cell in exercise.cells] == ["", "tank-volume", "tank-volume-check"]


def test_a_day_without_notebooks_is_said_to_be_in_the_making():
    table = guide.timetable({"day1": "Measure", "day2": "Decide"}, [source.parse(TANK, NAME)])
    assert table.endswith("### Day 2 · Decide\n\nBeing written.")


def test_the_clock_of_the_guide_runs_through_the_day():
    read = source.parse(TANK, NAME)
    text = guide.instructors_guide("day1", "Measure", [read, read], {})
    assert text.startswith("# Day 1 · Measure")
    assert "| 0:20 | 15 | 1-tank | From level to volume |" in text
    assert "| 0:40 | 20 | | slack: what took longer, and questions |" in text
    assert "| 1:00 | | | end |" in text
