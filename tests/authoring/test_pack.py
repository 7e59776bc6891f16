"""The instructor's pack: what stands in notebooks stands on its pages, and they need nothing."""

import html
import re

import pytest

from vaxlab.authoring import build, guide, outline, pack
from vaxlab.authoring.pack import cheatsheet, mistakes, runsheet, slides
from vaxlab.authoring.source import parse
from vaxlab.errors import CourseError

# Documentation and the bank are read once for all.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def made(checkout) -> dict[str, str]:
    """The pack of the real course."""
    return pack.pages(checkout)


@pytest.fixture(scope="module")
def notebooks(checkout):
    return build.read_all(checkout)[1]


def words(page: str) -> str:
    """Return what a page says, without its marks."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_each_day_has_its_pages(made, notebooks):
    kinds = {"slides", "run-sheet", "cheat-sheet", "mistakes"}
    days = {source.day for source in notebooks}
    assert set(made) == {f"{d}/{k}.html" for d in days for k in kinds} | {
        "feedback.html",
        "index.html",
    }


def test_no_page_needs_a_network(made):
    for name, page in made.items():
        assert "default-src 'none'" in page, name
        loads = re.findall(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=[\"']?([^\"' >]+)", page)
        assert not loads, name


def test_links_of_the_pack_lead_to_its_pages(made):
    links = re.findall(r'href="([^"]+)"', made["index.html"])
    assert links
    assert set(links) <= set(made)


def test_the_run_sheet_keeps_the_minutes_of_the_notebooks(made, notebooks):
    for day in sorted({source.day for source in notebooks}):
        of_day = [source for source in notebooks if source.day == day]
        breaks = sum(minutes for _, minutes in runsheet.BREAKS[: len(of_day) - 1])
        end = runsheet.START_MIN + sum(source.minutes for source in of_day) + breaks
        said = words(made[f"{day}/run-sheet.html"])
        assert f"{runsheet.clock(end)} · questions" in said, day
        assert runsheet.clock(end + guide.SLACK_MIN) in said


def test_every_note_stands_on_the_run_sheet_with_its_figures(made, notebooks):
    for source in notebooks:
        said = made[f"{source.day}/run-sheet.html"]
        count = sum(
            len(runsheet.KINDS.findall(cell.text)) for cell in source.cells if cell.is_instructor
        )
        assert count, source.path
        assert "{{" not in said
    # The guides in solutions/ hold all figures, so none is left open.
    for page in (made[f"day{n}/run-sheet.html"] for n in (1, 2, 3, 4)):
        assert "What it shows</b><p>…" not in page


def test_a_figure_that_nobody_has_computed_is_left_open():
    text = "**Ask** Why {{ a }}?\n\n**What it shows** It is {{ b:.2f }} of {{ c }}."
    computed = "### There\n\n**Ask** Why 7?\n\n**What it shows** It is 0.12 of 9.\n\n### Next"
    assert runsheet.notes(text, computed) == [
        runsheet.Note("Ask", "Why 7?"),
        runsheet.Note("What it shows", "It is 0.12 of 9."),
    ]
    assert [note.text for note in runsheet.notes(text, "")] == ["Why …?", "It is … of …."]


def test_each_day_names_what_to_cut_and_what_to_show(made, notebooks):
    for day in {source.day for source in notebooks}:
        said = words(made[f"{day}/run-sheet.html"])
        late, live = said.split("When you are late")[1].split("To be shown live")
        assert "Nothing is noted" not in late
        exercises = [e for s in notebooks if s.day == day for e in outline.exercises(s)]
        assert all(exercise.title in late for exercise in exercises)
        assert "guess" in live.lower()
    assert "Move one slider" in made["day1/run-sheet.html"]


@pytest.mark.parametrize("call", runsheet.LIVE)
def test_each_figure_that_moves_is_in_a_notebook(notebooks, call):
    assert any(call in cell.text for source in notebooks for cell in source.cells)


def test_slides_follow_the_notebooks_and_hold_no_answer(made, notebooks):
    for source in notebooks:
        page = made[f"{source.day}/slides.html"]
        said = words(page)
        assert source.title in said
        for cell in source.cells:
            if cell.is_answer and cell.kind == "code":
                start = cell.text.index("### BEGIN SOLUTION")
                inside = cell.text[start:].split("\n")[1:-1]
                longest = max((line.strip() for line in inside), key=len, default="")
                assert len(longest) < 25 or longest not in html.unescape(
                    re.sub(r"<[^>]+>", "", page)
                ), f"{source.path}: {longest}"
        assert "Hint 1" not in said


def test_a_slide_is_cut_between_sentences_only():
    assert slides.gist("**Who asks.** The team. It is late.") == "**Who asks.** The team."
    assert slides.gist("See `a. b` first. Then that.") == "See `a. b` first."
    assert slides.gist("One. Two. **Guess:** how many? Four.") == "One. **Guess:** how many?"
    assert slides.gist("$a. b$ is one. Two.") == "$a. b$ is one."


def test_what_does_not_fit_goes_on_one_more_slide():
    deck = [slides.Slide("A title", "above")]
    for _ in range(4):
        slides._put(deck, "<p>text</p>", 4)
    assert [len(slide.parts) for slide in deck] == [2, 2]
    assert {slide.title for slide in deck} == {"A title"}


def test_mistakes_are_those_of_the_bank(made):
    known = mistakes.bank()
    for notebook, answers in known.items():
        said = words(made[f"{notebook.partition('/')[0]}/mistakes.html"])
        told = {" ".join(answer.says.split()) for answer in answers if answer.says}
        assert all(one in said for one in told), notebook


def test_a_mistake_is_shown_by_the_lines_that_differ():
    right = "import numpy as np\ndef f(a):\n    b = a + 1\n    return 10 ** b\n"
    assert mistakes.differing(right, right.replace("10 ** b", "b")) == "    return b"
    assert mistakes.differing(right, "def f(a):\n    return 10 ** b\n") == "# the line is missing"
    long = "\n".join(f"x{n} = {n}" for n in range(9))
    assert mistakes.differing(right, long).endswith("…")


def test_without_a_bank_the_pack_has_no_mistakes(notebooks, monkeypatch, tmp_path):
    monkeypatch.setattr(mistakes, "BANK", tmp_path)
    assert "<table" not in mistakes.sheet("Day 1", notebooks[:1])


def test_a_cheat_sheet_names_what_answers_use_in_a_line_each(made):
    for day in (1, 2, 3, 4):
        page = made[f"day{day}/cheat-sheet.html"]
        lines = re.findall(r"<dt><code>(.*?)</code></dt><dd>(.*?)</dd>", page)
        assert 20 <= len(lines) <= cheatsheet.NAMES_MOST
        assert all(name and 5 < len(html.unescape(line)) < 90 for name, line in lines)
    assert "GRU" in made["day2/cheat-sheet.html"]
    assert "DataFrame.groupby" in made["day1/cheat-sheet.html"]


def test_names_are_found_through_imports_and_methods(course):
    path = course / "solutions" / "day1" / "1-tank.py"
    text = path.read_text().replace(
        "volume_l = level_mm * 0.8",
        "import numpy as np\nfrom sklearn.linear_model import Ridge\n"
        "volume_l = np.where(1, Ridge(), 2).groupby('a')",
    )
    found = cheatsheet.names(parse(text, "solutions/day1/1-tank.py"))
    assert {"numpy.where", "sklearn.linear_model.Ridge", "pandas.DataFrame.groupby"} <= set(found)
    assert cheatsheet.shown("sklearn.linear_model.Ridge") == "Ridge"
    assert cheatsheet.shown("numpy.where") == "np.where"
    assert cheatsheet.shown("pandas.DataFrame.groupby") == "DataFrame.groupby"
    assert cheatsheet.one_line("no.such.thing") == ""


def test_a_course_without_guides_and_bank_has_a_pack(course, tmp_path):
    written = pack.write(course, tmp_path / "pack")
    assert all(path.is_file() for path in written)
    assert "The volume" in (tmp_path / "pack" / "day1" / "slides.html").read_text()


def test_a_folder_that_cannot_be_written_to_is_told(course, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="could not be written"):
        pack.write(course, tmp_path / "file")
