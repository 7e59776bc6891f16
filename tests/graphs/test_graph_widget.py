"""The widget's Python half: what the page asks, and what a notebook without a page shows."""

import hashlib
import json
import re
from pathlib import Path

import nbclient
import nbformat
import pytest

from vaxlab import graphs
from vaxlab.errors import CourseError

NODES = ["season", "serum lot", "moi", "yield"]
BUNDLE = Path(graphs.__file__).with_name("static") / "graph.js"


@pytest.fixture
def drawing() -> graphs.Drawing:
    return graphs.Drawing(NODES, text="season -> serum lot  # winter")


def ask(drawing: graphs.Drawing, do: str, **more: object) -> str:
    """Ask what the page would, and return what is said."""
    drawing._answer(drawing, {"do": do, "id": "1:1", **more}, [])
    return drawing._said


def test_edges_are_added_removed_and_undone_and_the_comment_stays(drawing):
    ask(drawing, "add", edge=["serum lot", "yield"])
    assert drawing.text == "season -> serum lot  # winter\nserum lot -> yield"
    assert drawing.edges == [("season", "serum lot"), ("serum lot", "yield")]
    ask(drawing, "remove", edge=["season", "serum lot"])
    assert drawing.text == "# winter\nserum lot -> yield"
    ask(drawing, "undo")
    ask(drawing, "undo")
    assert drawing.text == "season -> serum lot  # winter"
    assert ask(drawing, "undo") == "There is nothing to undo."


def test_an_edge_that_cannot_be_is_refused_without_a_trace(drawing):
    before = drawing.text
    assert "the other way round" in ask(drawing, "add", edge=["serum lot", "season"])
    assert "its own cause" in ask(drawing, "add", edge=["moi", "moi"])
    assert (drawing.text, drawing.edges) == (before, [("season", "serum lot")])


def test_an_unreadable_text_stays_in_the_field_and_the_last_sound_graph_in_python(drawing):
    assert "Line 1: “seson”" in ask(drawing, "text", text="seson -> yield")
    assert drawing._draft == "seson -> yield"
    assert drawing.text == "season -> serum lot  # winter"
    assert "cannot be read" in ask(drawing, "add", edge=["moi", "yield"])
    ask(drawing, "undo")
    assert drawing._draft == drawing.text
    assert drawing.edges == [("season", "serum lot")]


def test_a_text_set_from_python_is_read_or_refused(drawing):
    drawing.text = "moi -> yield"
    assert drawing.edges == [("moi", "yield")]
    with pytest.raises(CourseError, match="Line 1"):
        drawing.text = "moi -> moi"
    assert drawing.text == "moi -> yield"
    with pytest.raises(CourseError, match="Line 1"):
        graphs.Drawing(NODES, text="moi -> moi")


def test_the_graph_handed_out_is_a_copy(drawing):
    drawing.graph.remove_node("season")
    assert drawing.nodes == NODES


def test_where_no_page_listens_the_picture_is_shown_and_no_program_kept():
    code = f"from vaxlab import graphs\ngraphs.Drawing({NODES!r}, text='season -> yield')"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    outputs = book.cells[0].outputs
    assert all(output.output_type != "stream" for output in outputs)
    shown = json.dumps(outputs)
    assert "application/vnd.plotly.v1+json" in shown
    assert "Season points to yield; without an edge: serum lot and moi." in shown
    assert "widgets" not in book.metadata


def test_the_bundle_is_made_from_the_sources_and_packages_that_lie_beside_it(checkout: Path):
    tools = checkout / "tools" / "graphs"
    banner = BUNDLE.read_text().partition("*/")[0]
    for name, version in json.loads((tools / "package.json").read_text())["dependencies"].items():
        assert f"\n{name} {version} (MIT)\n" in banner
    digest = hashlib.sha256()
    for source in re.search(r"^Sources: (.*), sha256", banner, re.MULTILINE)[1].split(", "):
        digest.update((tools / source).read_bytes())
    assert digest.hexdigest() in banner, "Run the command of tools/graphs/README.md."
    assert BUNDLE.stat().st_size < 700_000
